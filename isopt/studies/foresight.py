"""What it is worth to know a path beforehand: foresight, year-by-year planning, and everything between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, quoted
from isopt.network import Instance
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solution.names import Ids
from isopt.solver.outcome import Progress
from isopt.solver.progress import TerminalProgress
from isopt.studies.foresight_files import write_foresight
from isopt.studies.foresight_tables import announcements_table, plants_table, years_table
from isopt.studies.solving import solve
from isopt.studies.tax_paths import held, lever_path

__all__ = ["Foresight", "foresight", "write_foresight"]

Listener = Callable[[str, Progress], "bool | None"]

#: What somebody believes who has not been told the path.
BELIEFS = ("held", "this_year")


@dataclass(frozen=True)
class Foresight:
    """
    Plans by the year in which the path was announced.

    Attributes
    ----------
    scenario
        Whose path is announced.
    lever, belief
        What is not known before, and what is believed instead.
    solutions
        The plan of each announcement, on the scenario itself: each is audited, mapped and written like any other.
    interrupted
        Whether somebody stopped before all were solved.
    solves
        How many models were solved.
    """

    scenario: Scenario = field(repr=False)
    lever: str
    belief: str
    solutions: dict[int, Solution] = field(repr=False)
    interrupted: bool = False
    solves: int = 0

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        A row per announcement.

        ``announced`` (year), ``how`` (foresight: known from the first year; announced; year_by_year: never known
        beforehand), ``status, gap``, ``error`` (how much the cost may be too high, EUR; unknown where something else
        is minimised), the KPIs of `isopt.studies.foresight_tables.FIGURES` over the horizon (EUR discounted),
        ``cost_of_not_knowing_eur`` against foresight, ``plants`` in words, ``reason`` where there is no plan.
        """
        return announcements_table(self.solutions, _years(self.scenario))

    @cached_property
    def plants(self) -> pd.DataFrame:
        """A row per announcement and plant built or enlarged, as `isopt.studies.foresight_tables.plants_table` says."""
        return plants_table(self.solutions)

    @cached_property
    def years(self) -> pd.DataFrame:
        """A row per announcement and year: the KPIs of the year, not discounted."""
        return years_table(self.solutions)

    @cached_property
    def path(self) -> pd.DataFrame:
        """The lever's schedule, as `isopt.studies.tax_paths.lever_path` gives it."""
        return lever_path(self.scenario, self.lever)

    def __str__(self) -> str:
        lines = [
            f"{'announced':>9} {'how':<13}{'cost, discounted':>18}{'of not knowing':>16}{'landfilled':>13}  plants"
        ]
        for row in self.table.to_dict("records"):
            start = f"{row['announced']:>9} {row['how']:<13}"
            if np.isnan(row["cost_total"]):
                lines.append(f"{start}{row['status']}: {row['reason']}")
                continue
            lines.append(
                f"{start}{row['cost_total']:>14,.0f} EUR{row['cost_of_not_knowing_eur']:>+12,.0f} EUR"
                f"{row['landfilled']:>11,.0f} t  {row['plants']}"
            )
        return "\n".join(lines + (["stopped before all were solved"] if self.interrupted else []))


def foresight(
    scenario: Scenario,
    *,
    lever: str = "landfill_tax",
    announced: Sequence[int] | None = None,
    belief: str = "held",
    gap: float | None = None,
    time_limit: float | None = None,
    on_progress: Listener | None = None,
    quiet: bool = True,
) -> Foresight:
    r"""
    Tell what it is worth to announce a path early: plans by the year in which it becomes known.

    Until the announcement the region plans year by year: in each year it knows the lever's rate of that year and takes
    it for that of all years to come, decides, and is bound by what it has done when it learns more. What binds are the
    yes-or-no decisions of years past: plants that stand, capacity added, exchanges that are opened, the one receiver
    of a stream that may have only one. They can't be undone and go on costing what they cost; amounts are free in
    every year. From the announcement on it plans all years left with foresight. Everything else that changes over the
    years is known from the start, and nobody expects a change before it is announced.

    All plans are plans of the scenario itself, so that their costs compare: annuities of what stands are paid in each
    year, least loads hold. Announcing a year earlier never costs more (up to the gap), as what was decided year by year
    can still be decided:

    .. math:: v(y_1) \le v(y_2) \le \ldots \le v(y_n)

    where :math:`v(y)` is the least cost if announced in year y; :math:`v(y_1)` is perfect foresight, and
    :math:`v(y_n)` planning year by year, since in the last year there is nothing left to announce.

    Parameters
    ----------
    scenario
        With several years and a lever that changes, as from `isopt.studies.tax_paths.tax_path`.
    lever
        What is not known before it is announced.
    announced
        Years of the scenario; all where they are not given. The first is always among them, to compare with.
    belief
        ``held``: today's rate for ever. ``this_year``: the region looks no farther than the year itself.
    gap, time_limit
        Of each solve, as in `isopt.solve`.
    on_progress
        Told what is being solved and how far; returning True stops and keeps what is done.
    quiet
        False shows live progress on a terminal.

    Returns
    -------
    found
        A plan per announcement. About two solves per year of the horizon.

    Raises
    ------
    InputError
        A single year, an unknown year or belief, or a lever that can't change.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.tax_paths import tax_path
    >>> rising = tax_path(isopt.read("scenarios/two_firms"), path={2030: 0, 2032: 50}, years=[2030, 2031, 2032])
    >>> foresight(rising).table[["announced", "how", "status"]].to_numpy().tolist()
    [[2030, 'foresight', 'optimal'], [2031, 'announced', 'optimal'], [2032, 'year_by_year', 'optimal']]
    """
    years = _years(scenario)
    wanted = _wanted(scenario, years, announced, belief)
    held(scenario, lever, years[0])  # a wrong lever is told before anything is solved
    with TerminalProgress(quiet=quiet) as terminal:
        run = _Run(gap, time_limit, on_progress, terminal)
        found = _plans(run, scenario, lever, belief, years, wanted)
    return Foresight(scenario, lever, belief, found, run.stopped, run.solves)


def _plans(
    run: _Run, scenario: Scenario, lever: str, belief: str, years: list[int], wanted: list[int]
) -> dict[int, Solution]:
    """Find the plan of each announcement, the years in their order."""
    solutions: dict[int, Solution] = {}
    lost = ""
    past: _Decisions | None = None
    for place, year in enumerate(years):
        if year > max(wanted) or run.stopped:
            break
        if lost:
            solutions[year] = Solution(scenario, "no_solution", reason=lost)
            continue
        if year in wanted:
            solution = run.solve(f"announced in {year}", scenario, past)
            if solution is None:
                break
            solutions[year] = solution
        if year == max(wanted):
            break
        step = run.solve(f"{year} as it looks in {year}", _believed(scenario, lever, belief, year), past)
        if step is None:
            break
        if not step.has_plan:
            lost = f"planning year by year ends in {year}: {step.reason or step.status}"
        else:
            past = _decided(step, years[: place + 1])
    return {year: solution for year, solution in solutions.items() if year in wanted}


def _years(scenario: Scenario) -> list[int]:
    """Years of a scenario, each once."""
    return [int(year) for year in dict.fromkeys(scenario.periods["year"])]


def _wanted(scenario: Scenario, years: list[int], announced: Sequence[int] | None, belief: str) -> list[int]:
    """Years of announcement in order, the first one among them."""
    if len(years) < 2:
        raise InputError(f"{scenario.name} has one year only; foresight needs several (see tax_path)")
    if belief not in BELIEFS:
        raise InputError(f"a belief is held or this_year, not {quoted(str(belief))}")
    asked = years if announced is None else [int(year) for year in announced]
    unknown = [year for year in asked if year not in years]
    if unknown:
        raise InputError(f"{unknown[0]} is no year of {scenario.name}: {', '.join(map(str, years))}")
    return sorted({years[0], *asked})


def _believed(scenario: Scenario, lever: str, belief: str, year: int) -> Scenario:
    """The scenario as it looks in a year, before anything is announced."""
    if belief == "held":
        return held(scenario, lever, year)
    periods, changes = scenario.given["periods"].frame, scenario.given["changes"].frame
    kept = periods[periods["year"].astype(int) <= year].reset_index(drop=True)
    known = changes[changes["period"].isin(kept["period"])].reset_index(drop=True)
    return scenario.with_(periods=kept, changes=known)


class _Run:
    """Solves, one after the other, until somebody stops it."""

    def __init__(
        self, gap: float | None, time_limit: float | None, listener: Listener | None, terminal: TerminalProgress
    ) -> None:
        self.gap, self.time_limit, self.listener, self.terminal = gap, time_limit, listener, terminal
        self.stopped, self.solves = False, 0

    def solve(self, what: str, scenario: Scenario, past: _Decisions | None) -> Solution | None:
        """Solve with the past as it is; None where somebody stopped it."""
        self.terminal.stage(what)

        def listen(progress: Progress) -> bool | None:
            self.terminal(replace(progress, stage=f"{what}: {progress.stage}"))
            self.stopped = self.stopped or bool(self.listener is not None and self.listener(what, progress))
            return self.stopped

        self.solves += 1
        try:
            solution = solve(
                scenario,
                gap=self.gap,
                time_limit=self.time_limit,
                on_progress=listen,
                extra=() if past is None else (past.bind,),
            )
        except KeyboardInterrupt:
            self.stopped = True
            return None
        self.stopped = self.stopped or solution.interrupted
        return None if self.stopped else solution


@dataclass(frozen=True)
class _Decisions:
    """
    What was decided in the first years and can't be undone.

    Attributes
    ----------
    years
        The years past, from the first.
    stands, added
        By plant: whether it stands and what capacity was added, a value a year.
    opened
        First year of each exchange in place.
    receivers
        Facilities that each origin (kind, id, material) sends to; empty where it has sent nothing yet.
    """

    years: tuple[int, ...]
    stands: dict[str, list[bool]]
    added: dict[str, list[float]]
    opened: dict[str, int]
    receivers: dict[tuple[str, str, str], set[str]]

    def bind(self, model: Any, instance: Instance) -> None:
        """Fix the decisions of the years past on a model."""
        width, plants = len(instance.periods.years), instance.scenario.plants["plant"].tolist()
        for variable, which, said in (
            ("built", instance.plants.candidates, self.stands),
            ("added", instance.plants.expandable, self.added),
        ):
            for row, plant in enumerate(which):
                for year, value in enumerate(said[plants[plant]]):
                    getattr(model, variable)[row * width + year].fix(float(value))
        self._bind_openings(model, instance, width)
        self._bind_choices(model, instance)

    def _bind_openings(self, model: Any, instance: Instance, width: int) -> None:
        """An exchange that can't close is in place from its first year on, and was not before."""
        openings, names = instance.openings, Ids(instance).groups
        for row in np.flatnonzero(openings.whole & openings.stays & ~instance.groups.way[openings.group]):
            first = self.opened.get(str(names[openings.group[row]]), self.years[-1] + 1)
            for place, year in enumerate(self.years):
                model.opened[int(row) * width + place].fix(float(year >= first))

    def _bind_choices(self, model: Any, instance: Instance) -> None:
        """A stream that may have one receiver keeps the one that it has sent to."""
        origin, facility, _ = instance.single
        ids, origins = Ids(instance), instance.parties.origins
        of_streams = len(instance.supply)
        for row, (node, place) in enumerate(zip(origin, facility, strict=True)):
            kind = "stream" if node < of_streams else "plant"
            key = (kind, str(ids.origins[node]), str(ids.materials[origins.material[node]]))
            chosen = self.receivers.get(key)
            if chosen:
                model.chosen[row].fix(float(str(ids.facilities[place]) in chosen))


def _decided(solution: Solution, years: Sequence[int]) -> _Decisions:
    """Read from a plan's tables what was decided up to a year."""
    plants = solution.plants
    plants = plants[plants["year"].isin(years)].sort_values("year", kind="stable") if len(plants) else plants
    by_plant = dict(tuple(plants.groupby("plant"))) if len(plants) else {}
    exchanges = solution.exchanges
    first = dict(zip(exchanges["exchange"], exchanges["opened_year"].astype(int), strict=True))
    flows = solution.flows
    sent = flows[flows["year"].isin(years) & (flows["kind"] == "exchange")]
    receivers: dict[tuple[str, str, str], set[str]] = {}
    for kind, origin, material, place in zip(
        sent["origin_kind"], sent["origin"], sent["material"], sent["to_facility"], strict=True
    ):
        receivers.setdefault((kind, origin, material), set()).add(place)
    return _Decisions(
        years=tuple(years),
        stands={str(name): rows["stands"].tolist() for name, rows in by_plant.items()},
        added={str(name): rows["added_capacity"].tolist() for name, rows in by_plant.items()},
        opened={name: year for name, year in first.items() if year <= years[-1]},
        receivers=receivers,
    )
