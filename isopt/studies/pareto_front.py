"""What a Pareto front says, as tables, solutions and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.scenario import Scenario
from isopt.solution import Plan, Solution
from isopt.solution.store import write_solution, write_study
from isopt.solver.outcome import Outcome
from isopt.studies.compiled import Before, Compiled, solution_of
from isopt.studies.fronts import SAME, Hull, knee_of
from isopt.studies.network_folders import write_plans

Array = NDArray[np.float64]

#: Objectives, and the KPI that each is.
OBJECTIVES: Mapping[str, str] = {
    "cost": "cost_total",
    "co2": "co2_total",
    "landfilled": "landfilled",
    "tonne_km": "tonne_km",
}
#: Limits of a scenario that say the same as a level of an objective, where there is one year.
LIMITS: Mapping[str, str] = {"co2": "co2_t_per_yr", "landfilled": "landfilled_t_per_yr"}
#: An objective that differs by less than this share of itself between the ends does not conflict with the others.
FLAT = 1e-9
CONTINUOUS = (
    "A plan has flows besides its yes-or-no decisions, so the front has continuous pieces between the points (and, "
    "with decisions, jumps): the supported corners are a complete list, the points between them are samples."
)


@dataclass(frozen=True)
class Front:
    """
    The best plans of two or three objectives.

    Attributes
    ----------
    scenario
        What was asked.
    of
        The objectives; the first is what the others are paid with.
    status
        ``optimal`` (every supported corner is found and proven), ``feasible`` (points, and `error`), ``infeasible`` or
        ``no_solution``.
    points
        A row per point, the first objective ascending: ``point, cost_total, co2_total, landfilled, supported, network,
        tonne_km, knee, error`` (by how much the first objective may be too high, at the level or the weights of the
        point), ``marginal_abatement_cost`` (two objectives: units of the first per unit of the second, against the
        point before), and for each other objective ``NAME_price_low, NAME_price_high``: the prices, in units of the
        first, between which a supported point is best (with three objectives, if the third's is right).
    neighbours
        Pairs of supported points whose prices meet: ``point, neighbour`` and the difference of each objective.
    solutions
        By point.
    knee
        Name of the point farthest below the chord (plane) through the ends, where ranges compare; None without one.
    error
        No weighted sum is better than the points' by more than this share of the objectives' ranges; NaN where the ends
        themselves are not known.
    solves
        Number of solves.
    interrupted
        Whether somebody stopped, or time was over.
    reason
        Why there is no point.
    """

    scenario: Scenario
    of: tuple[str, ...]
    status: str
    points: pd.DataFrame
    neighbours: pd.DataFrame
    solutions: Mapping[str, Solution]
    knee: str | None = None
    error: float = np.nan
    solves: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    reason: str | None = None

    def __str__(self) -> str:
        title = self.scenario.title or self.scenario.name
        head = f"{title}, {' against '.join(self.of)}: {self.status.replace('_', ' ')}"
        if self.reason:
            return f"{head}\n  {self.reason}"
        shown = [OBJECTIVES[name] for name in self.of]
        lines = [
            head + (" (stopped)" if self.interrupted else ""),
            f"{'point':<8}" + "".join(f"{s:>18}" for s in shown),
        ]
        for _, row in self.points.iterrows():
            figures = "".join(f"{row[kpi]:>18,.1f}" for kpi in shown)
            rate = row.get("marginal_abatement_cost", np.nan)
            lines.append(
                f"{row['point']:<8}{figures}"
                + ("" if np.isnan(rate) else f"{rate:>14,.2f} per unit")
                + ("" if row["supported"] else "  between")
                + ("  <- knee" if row["knee"] else "")
            )
        return "\n".join([*lines, CONTINUOUS])


@dataclass(frozen=True)
class Found:
    """
    A plan and its objectives.

    Attributes
    ----------
    plan
        The plan.
    amounts
        Its objectives in their own units, shape (objectives,).
    levels, bound
        For a plan between two corners: the levels it was sought at, and what is proven of the first objective there.
    """

    plan: Plan
    amounts: Array
    levels: Array | None = None
    bound: float = -np.inf


def nothing_found(scenario: Scenario, names: tuple[str, ...], outcome: Outcome, reason: str, seconds: float) -> Front:
    """Say that there is no point, and why."""
    status = "infeasible" if outcome.status == "infeasible" else "no_solution"
    columns = [*_FIRST, *_LAST]
    return Front(
        scenario,
        names,
        status,
        pd.DataFrame(columns=columns),
        pd.DataFrame(columns=["point", "neighbour", *names]),
        {},
        solves=1,
        seconds=seconds,
        interrupted=outcome.interrupted,
        reason=reason,
    )


_FIRST = ("point", "cost_total", "co2_total", "landfilled", "supported", "network")
_LAST = ("tonne_km", "knee", "error")


def front_of(
    compiled: Compiled,
    names: tuple[str, ...],
    corners: Sequence[Found],
    middle: Sequence[Found],
    hull: Hull | None,
    scale: tuple[Array, Array],
    before: Before,
    gap: float,
) -> Front:
    """
    Put the points of a search together.

    Parameters
    ----------
    compiled
        The model they come from.
    names
        The objectives.
    corners
        Plans of the hull's corners in its order, or the ends that are known where there is no hull.
    middle
        Plans between them.
    hull
        The hull; None where an end is missing.
    scale
        Least amount and range of each objective, each of shape (objectives,): the hull's points are shares of these.
    before
        The baseline.
    gap
        Gap asked for.
    """
    entries = [_corner(names, found, hull, i, scale) for i, found in enumerate(corners)]
    entries += [_sample(compiled, names, found, hull, scale) for found in middle]
    order = sorted(range(len(entries)), key=lambda i: tuple(entries[i].found.amounts))
    label = {i: f"P{place + 1}" for place, i in enumerate(order)}
    solutions = {label[i]: _solution(compiled, entries[i], label[i], before, gap) for i in order}
    knee = _knee(entries, hull, scale)
    rows = [_row(entries[i], label[i], solutions[label[i]], knee == i) for i in order]
    points = pd.DataFrame(rows)
    if len(names) == 2:
        steps = np.diff(points[[OBJECTIVES[name] for name in names]].to_numpy(dtype=float), axis=0)
        points["marginal_abatement_cost"] = np.append(np.nan, -steps[:, 0] / steps[:, 1])
    prices = pd.DataFrame([entries[i].prices for i in order])
    return Front(
        compiled.instance.scenario,
        names,
        "optimal" if hull is not None and hull.error <= max(2 * SAME, gap) and not hull.stopped else "feasible",
        pd.concat([points, prices], axis=1),
        _neighbours(names, corners, hull, label),
        solutions,
        knee=None if knee is None else label[knee],
        error=np.nan if hull is None else hull.error,
    )


@dataclass(frozen=True)
class _Entry:
    """A point on its way into the tables; parts are what is different in the scenario whose best plan it is."""

    found: Found
    parts: Mapping[str, Any]
    supported: bool
    bound: float
    error: float
    prices: Mapping[str, float]


def _corner(names: tuple[str, ...], found: Found, hull: Hull | None, i: int, scale: tuple[Array, Array]) -> _Entry:
    """A corner: the best plan of weights inside its cell, which make a scenario of its own."""
    if hull is None:
        return _Entry(found, _minimising({names[i]: 1.0}), supported=False, bound=-np.inf, error=np.nan, prices={})
    lowest, span = scale
    weight = hull.weights[i] / span
    weights = weight / weight[0]
    bound = hull.bound_of(i) / weight[0] + float(weights @ lowest)
    cell = hull.cells[i] / span
    prices: dict[str, float] = {}
    for k, name in enumerate(names[1:], start=1):
        told = (cell[:, 0] > 0) | (cell[:, k] > 0)  # where neither counts, there is no price
        with np.errstate(divide="ignore"):
            rates = cell[told, k] / cell[told, 0]
        prices |= {f"{name}_price_low": float(rates.min()), f"{name}_price_high": float(rates.max())}
    error = max(0.0, float(weights @ found.amounts) - bound)
    variant = _minimising(dict(zip(names, weights.tolist(), strict=True)))
    return _Entry(found, variant, supported=True, bound=bound, error=error, prices=prices)


def _sample(
    compiled: Compiled, names: tuple[str, ...], found: Found, hull: Hull | None, scale: tuple[Array, Array]
) -> _Entry:
    """A point between: the least of the first objective with the others at their levels, as limits where there are."""
    assert hull is not None
    assert found.levels is not None
    scenario = compiled.instance.scenario
    error = max(0.0, float(found.amounts[0]) - found.bound)
    supported = hull.supports((found.amounts - scale[0]) / scale[1])
    limits = {
        LIMITS[name]: float(level) for name, level in zip(names[1:], found.levels[1:], strict=True) if name in LIMITS
    }
    said = len(limits) == len(names) - 1 and len(compiled.instance.periods.years) == 1
    said = said and not any(("limits", key) in scenario.levels.touched for key in limits)
    variant = _minimising({names[0]: 1.0})
    if said:
        return _Entry(found, variant | {"limits": limits}, supported, found.bound, error, {})
    least = hull.bounds[tuple(1.0 if k == 0 else 0.0 for k in range(len(names)))]  # whatever the level
    return _Entry(found, variant, supported, float(scale[0][0] + scale[1][0] * least), error, {})


def _minimising(weights: Mapping[str, float]) -> dict[str, Any]:
    """What makes the same region have another objective."""
    said = {"what": next(iter(weights))} if len(weights) == 1 else {"weights": dict(weights)}
    return {"minimise": said}


def _solution(compiled: Compiled, entry: _Entry, label: str, before: Before, gap: float) -> Solution:
    scenario = compiled.instance.scenario
    variant = scenario.with_(**entry.parts, title=f"{scenario.title}: {label}")
    bound = entry.bound if np.isfinite(entry.bound) else None
    return solution_of(compiled, entry.found.plan, variant, bound, before, gap=max(gap, SAME))


def _row(entry: _Entry, label: str, solution: Solution, knee: bool) -> dict[str, Any]:
    figures = {kpi: solution.kpi(kpi) for kpi in OBJECTIVES.values()}
    values = {"point": label, "supported": entry.supported, "network": label, "knee": knee, "error": entry.error}
    return {column: (values | figures)[column] for column in (*_FIRST, *_LAST)}


def _knee(entries: Sequence[_Entry], hull: Hull | None, scale: tuple[Array, Array]) -> int | None:
    """The entry farthest below the chord through the ends."""
    if hull is None:
        return None
    points = np.array([(entry.found.amounts - scale[0]) / scale[1] for entry in entries])
    points = points[:, np.ptp(points, axis=0) > FLAT]  # an objective that never changes spans no plane
    ends = [min(points.tolist(), key=lambda p: (p[k], sum(p))) for k in range(points.shape[1])]
    return knee_of(points, np.array(ends))


def _neighbours(
    names: tuple[str, ...], corners: Sequence[Found], hull: Hull | None, label: Mapping[int, str]
) -> pd.DataFrame:
    """Pairs of corners with what one has more than the other, the first objective ascending."""
    rows = []
    for a, b in [] if hull is None else hull.neighbours():
        step = corners[b].amounts - corners[a].amounts
        rows.append({"point": label[a], "neighbour": label[b]} | dict(zip(names, step.tolist(), strict=True)))
    return pd.DataFrame(rows, columns=["point", "neighbour", *names])


def write_front(
    front: Front, folder: str | Path, *, write: Callable[[Solution, Path], list[Path]] = write_solution
) -> list[Path]:
    """
    Write a front: ``pareto.csv``, ``neighbours.csv``, ``summary.json`` and each point's solution in ``networks``.

    Parameters
    ----------
    front
        From `pareto`.
    folder
        Made where it does not exist; files of the same names are replaced.
    write
        Writes one solution, such as `isopt.write` (with map and report); tables and summary only without it.

    Returns
    -------
    paths
        What was written.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.pareto import pareto
    >>> front = pareto(isopt.read("scenarios/two_firms"), of=("cost", "landfilled"))
    >>> [path.name for path in write_front(front, "out/front")][:3]
    ['pareto.csv', 'neighbours.csv', 'summary.json']
    """
    out = Path(folder)
    tables = {"pareto": front.points, "neighbours": front.neighbours}
    return write_study(out, tables, _summary(front)) + write_plans(front.solutions, out, write)


def _summary(front: Front) -> dict[str, Any]:
    supported = int(front.points["supported"].sum()) if len(front.points) else 0
    return {
        "study": "pareto",
        "scenario": front.scenario.title or front.scenario.name,
        "of": list(front.of),
        "status": front.status,
        "interrupted": front.interrupted,
        "reason": front.reason,
        "points": len(front.points),
        "supported": supported,
        "knee": front.knee,
        "error": None if np.isnan(front.error) else front.error,
        "solves": front.solves,
        "seconds": round(front.seconds, 4),
        "note": CONTINUOUS,
    }
