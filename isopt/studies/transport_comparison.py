"""Several transport scenarios of one region, each solved, side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from isopt.errors import IsoptError
from isopt.geo import Router
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solution.comparison import compare
from isopt.solution.store import write_frames, write_solution
from isopt.solver.outcome import Progress
from isopt.studies.solving import solve
from isopt.studies.transport import TransportChange, change_of, transport_scenario

__all__ = ["TransportComparison", "compare_transport", "write_transport"]

#: Name of the region as it is.
AS_IT_IS = "as_it_is"
#: KPIs of the table, totals over the horizon.
FIGURES = (
    "cost_total", "cost_haulage", "cost_treatment", "co2_total", "co2_transport", "tonne_km", "exchanges", "exchanged",
    "landfilled", "plants_built",
)  # fmt: skip
UNFINISHED = "stopped before its turn"


@dataclass(frozen=True)
class TransportComparison:
    """
    What several transport scenarios of a region come to.

    Parameters
    ----------
    table
        A row per scenario, the first being what the others are held against: ``scenario, title, status, reason, gap``,
        KPIs as in `FIGURES`, ``cost_difference`` (EUR against the first), ``opened, closed`` (exchanges against the
        first), and ``tonne_km_MODE`` and ``share_MODE`` (of all tonne-kilometres) for every mode of any scenario. What
        has no plan is NaN throughout and says why.
    solutions
        By name; without those that failed.
    interrupted
        Whether somebody stopped before all were solved.
    """

    table: pd.DataFrame
    solutions: Mapping[str, Solution]
    interrupted: bool = False

    @property
    def modes(self) -> pd.DataFrame:
        """Modal split: a row per scenario with a plan and mode, columns ``scenario, mode, tonne_km, share``."""
        names = [name.removeprefix("tonne_km_") for name in self.table.columns if name.startswith("tonne_km_")]
        planned = self.table[self.table["tonne_km"].notna()]
        rows = [
            (row["scenario"], mode, row[f"tonne_km_{mode}"], row[f"share_{mode}"])
            for _, row in planned.iterrows()
            for mode in names
        ]
        return pd.DataFrame(rows, columns=["scenario", "mode", "tonne_km", "share"])

    def __str__(self) -> str:
        head = f"{'':<20}{'cost EUR':>16}{'haulage EUR':>14}{'CO2 transp. t':>15}{'t-km':>14}{'exchanges':>10}  modes"
        lines = [head]
        split: dict[str, list[str]] = {}
        for _, part in self.modes.iterrows():
            shares = split.setdefault(part["scenario"], [])
            if part["tonne_km"] > 0:
                shares.append(f"{part['mode']} {part['share']:.0%}")
        for _, row in self.table.iterrows():
            name = str(row["scenario"])
            if name not in split:
                lines.append(f"{name[:19]:<20}{row['status'].replace('_', ' ')}: {row['reason']}")
                continue
            lines.append(
                f"{name[:19]:<20}{row['cost_total']:>16,.0f}{row['cost_haulage']:>14,.0f}{row['co2_transport']:>15,.1f}"
                f"{row['tonne_km']:>14,.0f}{row['exchanges']:>10,.0f}  {', '.join(split[name])}"
                + (f" (+{row['opened']:.0f} -{row['closed']:.0f})" if row["opened"] or row["closed"] else "")
            )
        return "\n".join(lines + (["stopped before all were solved"] if self.interrupted else []))


def compare_transport(
    scenario: Scenario,
    changes: Mapping[str, TransportChange | Mapping[str, Any]],
    *,
    gap: float | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[str, Progress], bool | None] | None = None,
    on_solution: Callable[[str, Solution], object] | None = None,
    routers: Mapping[str, Router] | None = None,
    quiet: bool = True,
) -> TransportComparison:
    """
    Solve a region under several transport scenarios and put them side by side.

    Parameters
    ----------
    scenario
        The region.
    changes
        What is different, by name, such as from `read_transport_scenarios`. The region as it is comes first, as
        ``as_it_is``, unless the first change is an empty one: then that one is it.
    gap, time_limit, routers, quiet
        As for `isopt.solve`, for each of them.
    on_progress
        Told the name and the progress of the solve; returning True stops that solve, keeps its best plan and ends the
        comparison.
    on_solution
        Told the name and the solution as soon as there is one, so that it can be kept.

    Returns
    -------
    comparison
        Of all that were solved; Ctrl-C keeps what is done.

    Examples
    --------
    >>> import isopt
    >>> toll = {"toll": {"toll_eur_per_km": 25}}
    >>> found = compare_transport(isopt.read("scenarios/two_firms"), toll)
    >>> found.table[["scenario", "exchanges", "closed"]].values.tolist()
    [['as_it_is', 1.0, 0.0], ['toll', 0.0, 1.0]]
    """
    asked = _asked(changes)
    solutions: dict[str, Solution] = {}
    failed: dict[str, str] = {}
    interrupted = False
    for name, change in asked.items():
        if interrupted:
            break

        def listen(progress: Progress, name: str = name) -> bool | None:
            return on_progress(name, progress) if on_progress is not None else None

        try:
            variant = _variant(scenario, name, change)
            solution = solve(variant, gap=gap, time_limit=time_limit, on_progress=listen, quiet=quiet, routers=routers)
        except IsoptError as error:
            failed[name] = str(error)
            continue
        except KeyboardInterrupt:
            interrupted = True
            break
        solutions[name] = solution
        if on_solution is not None:
            on_solution(name, solution)
        interrupted = solution.interrupted
    table = _table(asked, solutions, failed)
    return TransportComparison(table, solutions, interrupted)


def _variant(scenario: Scenario, name: str, change: TransportChange | Mapping[str, Any]) -> Scenario:
    """Make the variant; one without a title of its own is called by the region and its name."""
    change = change if isinstance(change, TransportChange) else change_of(change)
    variant = transport_scenario(scenario, change)
    return variant if change.title or name == AS_IT_IS else variant.with_(title=f"{scenario.title}: {name}")


def _asked(
    changes: Mapping[str, TransportChange | Mapping[str, Any]],
) -> dict[str, TransportChange | Mapping[str, Any]]:
    """The scenarios to solve, with the region as it is in front."""
    asked = {str(name): change for name, change in changes.items()}
    first = next(iter(asked.values()), None)
    if first is not None and _empty(first):
        return asked
    return {AS_IT_IS: TransportChange(), **{name: change for name, change in asked.items() if name != AS_IT_IS}}


def _empty(change: TransportChange | Mapping[str, Any]) -> bool:
    """Whether nothing but the title is said."""
    if isinstance(change, TransportChange):
        return all(getattr(change, f.name) == f.default for f in fields(change) if f.name != "title")
    return set(change) <= {"title"}


def _table(asked: Mapping[str, Any], solutions: Mapping[str, Solution], failed: Mapping[str, str]) -> pd.DataFrame:
    """A row per scenario; without a plan its figures are NaN."""
    first = next(iter(asked))
    base = solutions.get(first)
    rows = []
    for name, change in asked.items():
        solution = solutions.get(name)
        row: dict[str, Any] = {"scenario": name}
        if solution is None:
            title = change.title if isinstance(change, TransportChange) else str(change.get("title", ""))
            status = "failed" if name in failed else "not_solved"
            rows.append(row | {"title": title, "status": status, "reason": failed.get(name, UNFINISHED)})
            continue
        row |= {"title": solution.scenario.title, "status": solution.status, "reason": solution.reason or ""}
        if solution.has_plan:
            row |= {"gap": solution.gap} | {figure: solution.kpi(figure) for figure in FIGURES} | _split(solution)
            if base is not None and base.has_plan:
                row |= _against(base, solution)
        rows.append(row)
    columns = ["scenario", "title", "status", "reason", "gap", *FIGURES, "cost_difference", "opened", "closed"]
    used = dict.fromkeys(str(mode) for solution in solutions.values() for mode in solution.scenario.modes["mode"])
    of_modes = [f"{what}_{mode}" for mode in used for what in ("tonne_km", "share")]
    table = pd.DataFrame(rows).reindex(columns=[*columns, *of_modes])
    planned = table["tonne_km"].notna()
    table.loc[planned, of_modes] = (
        table.loc[planned, of_modes].astype(float).fillna(0.0)
    )  # a mode it has not moves none
    numbers = [name for name in table.columns if name not in ("scenario", "title", "status", "reason")]
    return table.astype(dict.fromkeys(numbers, float))


def _split(solution: Solution) -> dict[str, float]:
    """Tonne-kilometres and their share by mode; what goes to disposal at the firm's own cost is carried by nobody."""
    flows = solution.flows[solution.flows["kind"] != "own_disposal"]
    work = (flows["tonnes"] * flows["distance_km"]).groupby(flows["mode"]).sum()
    total = float(work.sum())
    found: dict[str, float] = {}
    for mode in solution.scenario.modes["mode"]:
        amount = float(work.get(mode, 0.0))
        found |= {f"tonne_km_{mode}": amount, f"share_{mode}": amount / total if total > 0 else 0.0}
    return found


def _against(base: Solution, solution: Solution) -> dict[str, float]:
    changes = compare(base, solution).exchanges["change"].value_counts()
    return {
        "cost_difference": solution.kpi("cost_total") - base.kpi("cost_total"),
        "opened": float(changes.get("opened", 0)),
        "closed": float(changes.get("closed", 0)),
    }


def write_transport(
    comparison: TransportComparison,
    folder: str | Path,
    *,
    write: Callable[[Solution, Path], list[Path]] = write_solution,
    draw: Callable[[Solution, Solution, Path], Path] | None = None,
) -> list[Path]:
    """
    Write the comparison: ``transport.csv``, ``modal_split.csv`` and a folder for each solution.

    Parameters
    ----------
    comparison
        From `compare_transport`.
    folder
        Made where it does not exist. Names of scenarios that make no good folders are simplified.
    write
        Writes one solution, such as `isopt.write` (with map and report); tables and summary only without it.
    draw
        Draws the difference of two solutions into a file, such as `isopt.views.difference.write_difference`; each plan
        is then compared with the first in ``difference.html`` of its folder.

    Returns
    -------
    paths
        What was written.

    Examples
    --------
    >>> import isopt
    >>> found = compare_transport(isopt.read("scenarios/two_firms"), {"toll": {"toll_eur_per_km": 1}})
    >>> [path.name for path in write_transport(found, "out")][:2]
    ['transport.csv', 'modal_split.csv']
    """
    out = Path(folder)
    tables = {"transport": comparison.table, "modal_split": comparison.modes}
    written = write_frames(out, tables)
    places = _folders(list(comparison.solutions))
    base = next(iter(comparison.solutions.values()), None)
    for name, solution in comparison.solutions.items():
        place = out / places[name]
        written += write(solution, place)
        if draw is not None and base is not None and solution is not base and solution.has_plan and base.has_plan:
            written.append(draw(base, solution, place / "difference.html"))
    return written


def _folders(names: list[str]) -> dict[str, str]:
    """
    Name a folder for each scenario, whatever it is called.

    Examples
    --------
    >>> _folders(["../toll", "toll", "Toll", "🚆"])
    {'../toll': 'toll', 'toll': 'toll_2', 'Toll': 'Toll_3', '🚆': 'scenario'}
    """
    taken: set[str] = set()
    found = {}
    for name in names:
        plain = re.sub(r"[^\w+-]+", "_", name).strip("_") or "scenario"
        folder, number = plain[:60], 1
        while folder.casefold() in taken:
            number += 1
            folder = f"{plain[:60]}_{number}"
        taken.add(folder.casefold())
        found[name] = folder
    return found
