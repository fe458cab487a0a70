"""What it is worth to know a path beforehand: foresight, year-by-year planning, and everything between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from isopt.errors import InputError, quoted
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solver.outcome import Progress
from isopt.solver.progress import TerminalProgress
from isopt.studies.foresight_files import write_foresight
from isopt.studies.foresight_past import Past
from isopt.studies.foresight_solves import Found, Listener, Solves, View, monotone
from isopt.studies.foresight_tables import announcements_table, plants_table, years_table
from isopt.studies.infeasible import explain
from isopt.studies.runs import keeps_candidates
from isopt.studies.tax_paths import held, lever_path

__all__ = ["Foresight", "foresight", "write_foresight"]

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
        How many independent parts had to be solved; all other answers followed from what was known.
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
    gap
        Of each solve, as in `isopt.solve`.
    time_limit
        Seconds for all solves together; the scenario's for each where it is not given.
    on_progress
        Told what is being solved and how far; returning True stops and keeps what is done.
    quiet
        False shows live progress on a terminal.

    Returns
    -------
    found
        A plan per announcement. There are about two models per year of the horizon; most answers follow from others,
        since an announcement a year later leaves fewer plans to choose from, the best of them often among them.

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

        def listen(what: str, progress: Progress) -> bool | None:
            terminal(replace(progress, stage=f"{what}: {progress.stage}"))
            return None if on_progress is None else on_progress(what, progress)

        terminal.stage("building the model")
        run = Solves(scenario, gap, time_limit, listen, keeps_links=keeps_candidates(lever.rstrip("*")))
        found, lost = _answers(run, scenario, lever, belief, years, wanted)
        terminal.stage("writing the plans down")
        solutions = run.solutions(monotone(found, run.gap))
    for year in wanted:
        if lost and year not in solutions:
            solutions[year] = Solution(scenario, "no_solution", reason=lost)
    return Foresight(scenario, lever, belief, solutions, run.stopped, run.solves)


def _answers(
    run: Solves, scenario: Scenario, lever: str, belief: str, years: list[int], wanted: list[int]
) -> tuple[dict[int, Found], str]:
    """Answer each announcement, the years in their order; and why there is nothing to decide on from some year on."""
    answers: dict[int, Found] = {}
    before: list[Found] = []  # the latest step and the latest announcement: what to start from
    past = Past()
    left = len(wanted) + years.index(max(wanted)) + 1
    for year in years:
        if year in wanted:
            found = run.solve(f"announced in {year}", run.true, past, before, left)
            if found is None:
                break
            answers[year], left = found, left - 1
            before = [*before[:1], found]
        if year == max(wanted):
            break
        step = run.solve(f"{year} as it looks in {year}", _view(run, scenario, lever, belief, year), past, before, left)
        if step is None:
            break
        left -= 1
        if not step.has_plan:
            why = explain(step.view.instance, step.form) if step.outcome.status == "infeasible" else step.outcome.status
            return answers, f"planning year by year ends in {year}: {why}"
        past, before = past.after(step.plan, year), [step, *before[-1:]]
    return answers, ""


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


def _view(run: Solves, scenario: Scenario, lever: str, belief: str, year: int) -> View:
    """Make the model of the scenario as it looks in a year, before anything is announced."""
    if belief == "held":
        believed = held(scenario, lever, year)
        return run.true if believed is scenario else run.view(believed)
    periods, changes = scenario.given["periods"].frame, scenario.given["changes"].frame
    kept = periods[periods["year"].astype(int) <= year].reset_index(drop=True)
    known = changes[changes["period"].isin(kept["period"])].reset_index(drop=True)
    return run.view(scenario.with_(periods=kept, changes=known))
