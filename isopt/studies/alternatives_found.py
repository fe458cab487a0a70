"""What near-optimal alternatives say, as tables, solutions and files."""

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
from isopt.solution.kpis import exchanges_in_place
from isopt.solution.names import Ids
from isopt.solution.store import write_solution, write_study
from isopt.studies.differences import Exchanges
from isopt.studies.network_folders import write_plans

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Columns of the plans, in order.
PLAN_COLUMNS = (
    "plan", "cost_total", "above_best", "co2_total", "landfilled", "tonne_km", "exchanges", "differing", "difference",
    "difference_bound", "network",
)  # fmt: skip


@dataclass(frozen=True)
class Alternatives:
    """
    Plans that cost nearly the least, and what they have in common.

    Attributes
    ----------
    scenario
        What was asked, cost being minimised.
    within, budget
        Share by which a plan may be dearer than the best, and the cost in EUR that it may have.
    status
        ``optimal`` (the best plan and every exchange's answer are proven), ``feasible``, ``infeasible`` or
        ``no_solution``.
    exchanges
        A row per candidate exchange: ``exchange, from_facility, to_facility, mode, material, between_organisations,
        answer`` (every, some, none, undecided), ``in_every, in_some, in_none`` (at most one is true; none where time
        ran out, or a cost is nearer to the budget than the solver is exact), ``cost_if_forced_in, cost_if_forced_out``
        (least cost in EUR of a plan that has it, or does without; empty where that is impossible, or was not looked
        for), ``known_with, known_without`` (the cheapest such plan known), ``proven_with, proven_without`` (no such
        plan costs less; infinite where there can be none) and ``plans`` that have it.
    plans
        A row per plan, the best first: ``plan, cost_total, above_best`` (share), KPIs, ``differing`` (exchanges in one
        of it and the best, not in both), ``difference`` (least difference from the plans before it, as `measure`),
        ``difference_bound`` (no plan in the budget differs more) and ``network``.
    solutions
        By plan.
    measure
        What a difference counts, in words.
    complete
        Whether the list of plans ended because no plan in the budget differs from those listed.
    solves, seconds, interrupted, reason
        Number of solves, time, whether somebody stopped or time was over, and why there is no plan.
    """

    scenario: Scenario
    within: float
    budget: float
    status: str
    exchanges: pd.DataFrame
    plans: pd.DataFrame
    solutions: Mapping[str, Solution]
    measure: str = ""
    complete: bool = False
    solves: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    reason: str | None = None

    def __str__(self) -> str:
        title = self.scenario.title or self.scenario.name
        head = f"{title}, plans within {self.within:.2%} of the least cost: {self.status.replace('_', ' ')}"
        if self.reason:
            return f"{head}\n  {self.reason}"
        lines = [head + (" (stopped)" if self.interrupted else ""), f"  budget {self.budget:,.2f} EUR"]
        lines += [
            f"  {row['plan']:<6}{row['cost_total']:>18,.2f} EUR  {row['above_best']:>+8.3%}  "
            f"{row['exchanges']:.0f} exchanges, {row['differing']:.0f} differ from the best"
            for _, row in self.plans.iterrows()
        ]
        counts = self.exchanges["answer"].value_counts()
        told = ", ".join(f"{counts.get(word, 0)} {words}" for word, words in _ANSWERS.items())
        return "\n".join([*lines, f"  exchanges: {told}"])


_ANSWERS = {
    "every": "in every good plan",
    "some": "in some",
    "none": "in none",
    "undecided": "undecided",
}


@dataclass(frozen=True)
class Verdicts:
    """
    What is known of each exchange, each of shape (exchanges,).

    Attributes
    ----------
    cost_in, cost_out
        Cost of the cheapest plan known that has it, or does without it; infinite where none is known.
    proven_in, proven_out
        What no plan that has it, or does without it, can beat; infinite where there is none.
    """

    cost_in: Array
    cost_out: Array
    proven_in: Array
    proven_out: Array

    def answers(self, budget: float, noise: float, exact: float) -> NDArray[np.object_]:
        """
        Hold what is known against the budget.

        Parameters
        ----------
        budget
            In EUR.
        noise
            A plan keeps the budget if it costs at most this much more: noise of floating-point arithmetic.
        exact
            What is proven breaks the budget if it is above it by more than this: the solver's own exactness.
        """
        can, can_not = self.cost_in <= budget + noise, self.proven_in > budget + exact
        may_lack, must = self.cost_out <= budget + noise, self.proven_out > budget + exact
        return np.select([can & may_lack, can_not, must], ["some", "none", "every"], "undecided").astype(object)


def exchange_table(
    exchanges: Exchanges, verdicts: Verdicts, answers: NDArray[np.object_], plans: Mapping[str, Plan], gap: float
) -> pd.DataFrame:
    """List the exchanges with their answers, the costs that are proven within a gap, and the plans that have each."""
    instance, group = exchanges.instance, exchanges.group
    ids, groups = Ids(instance), instance.groups
    foreign = np.zeros(groups.count, dtype=bool)
    foreign[instance.links.group[instance.links.foreign]] = True
    inside = {name: exchanges.inside(plan) for name, plan in plans.items()}
    having = [";".join(name for name, flags in inside.items() if flags[e]) for e in range(exchanges.count)]
    return pd.DataFrame(
        {
            "exchange": ids.groups[group],
            "from_facility": ids.facilities[groups.from_facility[group]],
            "to_facility": ids.facilities[groups.to_facility[group]],
            "mode": ids.modes[groups.mode[group]],
            "material": ids.materials[groups.material[group]],
            "between_organisations": foreign[group],
            "answer": answers,
            "in_every": answers == "every",
            "in_some": answers == "some",
            "in_none": answers == "none",
            "cost_if_forced_in": _least(verdicts.cost_in, verdicts.proven_in, gap),
            "cost_if_forced_out": _least(verdicts.cost_out, verdicts.proven_out, gap),
            "known_with": np.where(np.isfinite(verdicts.cost_in), verdicts.cost_in, np.nan),
            "known_without": np.where(np.isfinite(verdicts.cost_out), verdicts.cost_out, np.nan),
            "proven_with": verdicts.proven_in,
            "proven_without": verdicts.proven_out,
            "plans": np.array(having, dtype=object),
        }
    )


def _least(cost: Array, proven: Array, gap: float) -> Array:
    """Costs that are proven to be the least, NaN for the others."""
    finite = np.isfinite(cost) & np.isfinite(proven)
    apart = np.where(finite, cost, 0.0) - np.where(finite, proven, 0.0)
    return np.where(finite & (apart <= gap * np.maximum(1.0, np.abs(cost))), cost, np.nan)


def plan_table(
    exchanges: Exchanges, plans: Mapping[str, Plan], solutions: Mapping[str, Solution], apart: Sequence[Sequence[float]]
) -> pd.DataFrame:
    """List the plans, the best first, with how much each differs from those before it."""
    rows: list[dict[str, Any]] = []
    first = next(iter(plans.values()))
    least = next(iter(solutions.values())).kpi("cost_total")
    for (name, plan), (difference, bound) in zip(plans.items(), apart, strict=True):
        solution = solutions[name]
        figures = {kpi: solution.kpi(kpi) for kpi in ("cost_total", "co2_total", "landfilled", "tonne_km")}
        above = figures["cost_total"] - least
        rows.append(
            {"plan": name, "network": name, "difference": difference, "difference_bound": bound}
            | figures
            | {
                "above_best": above / abs(least) if least else 0.0,
                "exchanges": float(exchanges_in_place(plan).sum()),
                "differing": float((exchanges.inside(plan) != exchanges.inside(first)).sum()),
            }
        )
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def write_alternatives(
    found: Alternatives, folder: str | Path, *, write: Callable[[Solution, Path], list[Path]] = write_solution
) -> list[Path]:
    """
    Write alternatives: ``alternatives.csv``, ``plans.csv``, ``summary.json`` and the plans' solutions in ``networks``.

    Parameters
    ----------
    found
        From `alternatives`.
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
    >>> from isopt.studies.alternatives import alternatives
    >>> found = alternatives(isopt.read("scenarios/two_firms"), within=0.1)
    >>> [path.name for path in write_alternatives(found, "out/alternatives")][:3]
    ['alternatives.csv', 'plans.csv', 'summary.json']
    """
    out = Path(folder)
    tables = {"alternatives": found.exchanges, "plans": found.plans}
    return write_study(out, tables, _summary(found)) + write_plans(found.solutions, out, write)


def _summary(found: Alternatives) -> dict[str, Any]:
    counts: Any = found.exchanges["answer"].value_counts() if len(found.exchanges) else {}
    return {
        "study": "alternatives",
        "scenario": found.scenario.title or found.scenario.name,
        "status": found.status,
        "interrupted": found.interrupted,
        "reason": found.reason,
        "within": found.within,
        "budget": found.budget if np.isfinite(found.budget) else None,
        "plans": len(found.plans),
        "complete": found.complete,
        "measure": found.measure,
        "exchanges": {word: int(counts.get(word, 0)) for word in _ANSWERS},
        "solves": found.solves,
        "seconds": round(found.seconds, 4),
    }
