"""The models of foresight, each solved from what the others have shown."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from isopt.formulation import build
from isopt.network import Instance, instance_of
from isopt.network.measure import with_distances
from isopt.scenario import Scenario
from isopt.solution import Plan, Solution, plan_of
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.outcome import Outcome, Progress, relative_gap
from isopt.solver.plan import holds
from isopt.solver.session import EXACT
from isopt.studies.decomposed import Decomposed
from isopt.studies.finding import (
    POLISH_S,
    Options,
    cheapest_of_the_best,
    is_large,
    require_numbers,
    searched,
    without_tiny_flows,
)
from isopt.studies.foresight_past import Past
from isopt.studies.solving import Answer, solve_baseline, written
from isopt.studies.wider import Known, from_wider, raised

__all__ = ["Found", "Solves", "View", "monotone"]

Array = NDArray[np.float64]
#: Told what is being solved and how far; returning True stops all.
Listener = Callable[[str, Progress], "bool | None"]


@dataclass(frozen=True)
class View:
    """
    How the region looks in a year: a model without a past.

    Attributes
    ----------
    instance, form
        The model; nothing is pruned, since what is useless today may be what a decision of the past asks for.
    parts
        Its independent parts in the solver; views that differ in costs and bounds only share them.
    answers
        What is known of the whole, where it is too large to be solved by parts.
    """

    instance: Instance
    form: StandardForm
    parts: Decomposed
    answers: list[Known] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """How a model under a past ended."""

    view: View
    form: StandardForm
    outcome: Outcome

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan."""
        return self.outcome.objective is not None

    @property
    def plan(self) -> Plan:
        """The plan, tidied."""
        values = self.outcome.values
        assert values is not None
        return plan_of(self.view.instance, {name: values[where] for name, where in self.form.columns.items()})


class Solves:
    """
    The models of one scenario, kept while what is known and what is decided changes.

    Parameters
    ----------
    scenario
        The scenario itself, with its whole path.
    gap, time_limit
        Of each solve, and seconds for all together; those of the scenario (seconds: for each) where not given.
    listener
        Told about everything.
    keeps_links
        Whether beliefs leave it as it is which links are possible.
    """

    def __init__(
        self,
        scenario: Scenario,
        gap: float | None,
        time_limit: float | None,
        listener: Listener,
        *,
        keeps_links: bool,
    ) -> None:
        require_numbers(gap, time_limit)
        self._began = time.perf_counter()
        solver = scenario.settings.solver
        self._limit, self._each = time_limit, solver.time_limit_s
        self.gap = solver.gap if gap is None else float(gap)
        self._listener = listener
        self._keeps_links = keeps_links
        self.stopped = False
        self._whole_solves = 0
        self._views: list[View] = []
        self._before: tuple[Answer | None, str | None] | None = None
        self.true = self.view(scenario)

    @property
    def solves(self) -> int:
        """Independent parts and whole models that were given to the solver."""
        seen = {id(view.parts): view.parts for view in self._views}
        return self._whole_solves + sum(parts.solves for parts in seen.values())

    def view(self, scenario: Scenario) -> View:
        """
        Make the model of a belief.

        Parameters
        ----------
        scenario
            As it looks; where only numbers differ from the true one, links and the models in the solver are shared.
        """
        first = self._views
        if first and self._keeps_links and len(scenario.periods) == len(first[0].instance.scenario.periods):
            known = first[0].instance.candidates
            measured = with_distances(scenario, known.scenario.distances)
            instance = instance_of(measured, prune=False, candidates=replace(known, scenario=measured))
        else:
            instance = instance_of(scenario, prune=False)
        form = standard_form(build(instance))
        for other in reversed(first):
            if _alike(other.form, form):
                made = View(instance, form, other.parts, other.answers)
                break
        else:
            made = View(instance, form, Decomposed(form))
        self._views = [*first, made]
        return made

    def solve(self, what: str, view: View, past: Past, starts: Sequence[Found], left: int) -> Found | None:
        """
        Solve a view under a past.

        Parameters
        ----------
        what
            Told with its progress.
        view, past
            The model.
        starts
            Answers of other models; the best of their plans that can be had here is where the search starts.
        left
            Solves that are still to come, this one included: they share the time.

        Returns
        -------
        found
            None where somebody stopped it.
        """
        lower, upper = past.bounds(view.instance, view.form)
        form = replace(view.form, col_lower=lower, col_upper=upper)

        def listen(progress: Progress) -> bool:
            self.stopped = bool(self._listener(what, progress)) or self.stopped
            return self.stopped

        options = Options(
            self.gap,
            self._budget(left),
            None,
            listen,
            start=lambda _: _start(form, starts),
            method=view.instance.scenario.settings.solver.method,
            workers=view.instance.scenario.settings.solver.threads or 1,
        )
        try:
            outcome = self._answered(view, form, options)
            if self._before is None and outcome.values is not None:
                self._before = solve_baseline(view.instance, replace(options, listen=lambda _: None))
            if outcome.values is not None:
                outcome = without_tiny_flows(form, outcome)
                if set(view.instance.minimise) != {"cost"}:
                    outcome = cheapest_of_the_best(view.instance, form, outcome, options)
        except KeyboardInterrupt:
            self.stopped = True
            return None
        self.stopped = self.stopped or outcome.interrupted
        return None if self.stopped else Found(view, form, outcome)

    def solutions(self, found: dict[int, Found]) -> dict[int, Solution]:
        """
        Write answers of the true view down as solutions, with one baseline for all.

        Parameters
        ----------
        found
            By the year of the announcement.
        """
        options = Options(self.gap, self._budget(1), None, lambda _: None)
        before, reason = self._before or (None, None)
        solutions: dict[int, Solution] = {}
        same: tuple[Found, Solution] | None = None
        for year, one in found.items():
            if same is not None and _same_plan(same[0].outcome, one.outcome):
                solutions[year] = same[1]
                continue
            plan = None if one.outcome.values is None else one.plan
            answer = Answer(one.view.instance, one.form, one.outcome, plan, {"solve": one.outcome.seconds})
            scenario = one.view.instance.scenario
            solutions[year] = written(scenario, answer, before, reason, options, time.perf_counter())
            same = one, solutions[year]
        return solutions

    def _budget(self, left: int) -> float:
        """Seconds for a solve, if so many are to come."""
        if self._limit is None:
            return self._each
        return max((self._limit - (time.perf_counter() - self._began)) / max(left, 1), 0.01)

    def _answered(self, view: View, form: StandardForm, options: Options) -> Outcome:
        """Answer from what is known, by parts, or as a whole."""
        if is_large(view.instance, options):
            return self._whole(view, form, options)
        outcome = view.parts.solve(
            form, [1.0], gap=options.gap, seconds=options.time_limit, listen=options.listen, patience=POLISH_S,
            start=None if options.start is None else options.start(form),
        )  # fmt: skip
        if outcome is None:  # the parts can't be told apart
            return self._whole(view, form, options)
        whole, count = int(form.integer.sum()), view.parts.count
        return replace(outcome, method=f"direct: HiGHS on {count:,} independent parts ({whole:,} whole numbers)")

    def _whole(self, view: View, form: StandardForm, options: Options) -> Outcome:
        """Answer from what is known of the whole, or solve it."""
        known, bound = from_wider(view.answers, form, lambda outcome: outcome.status == "optimal")
        if known is not None:
            options.listen(Progress(0.0, known.objective, known.bound, known.gap, 0, "done"))
            return known
        outcome = _judged(raised(searched(view.instance, form, options), bound), options.gap)
        self._whole_solves += 1
        if not outcome.interrupted:
            view.answers.append(Known(form.col_lower, form.col_upper, form.cost, outcome))
        return outcome


def monotone(found: dict[int, Found], gap: float) -> dict[int, Found]:
    """
    Let announcements learn from each other: what can be had later can be had earlier, and no later one beats a bound.

    Parameters
    ----------
    found
        Answers of one model under pasts of which each holds those before it, by the year of the announcement.
    gap
        Asked for.
    """
    years = sorted(found)
    better = dict(found)
    for early, late in reversed(list(itertools.pairwise(years))):
        one, two = better[early], better[late].outcome
        if two.objective is not None and (one.outcome.objective is None or two.objective < one.outcome.objective):
            outcome = replace(
                one.outcome,
                values=two.values,
                objective=two.objective,
                gap=relative_gap(two.objective, one.outcome.bound),
            )
            better[early] = replace(one, outcome=outcome)
    bound = -np.inf
    for year in years:
        outcome = raised(better[year].outcome, bound)
        bound = max(bound, -np.inf if outcome.bound is None else outcome.bound)
        better[year] = replace(better[year], outcome=_judged(outcome, gap))
    return better


def _judged(outcome: Outcome, gap: float) -> Outcome:
    """Call a plan optimal if the gap that was asked for is proven, and feasible if it is not."""
    if outcome.objective is None or outcome.bound is None:
        return outcome
    missing = abs(outcome.objective - outcome.bound)
    reached = missing <= max(gap * abs(outcome.objective), EXACT * max(1.0, abs(outcome.objective)))
    return replace(outcome, status="optimal" if reached else "feasible")


def _start(form: StandardForm, starts: Sequence[Found]) -> Array | None:
    """Of the plans that others have, the one that costs least here once what is decided is set, if any can be kept."""
    guesses = []
    for start in starts:
        values = start.outcome.values
        if values is None:
            continue
        if start.form.columns != form.columns:
            values = _by_name(start.form, form, values)
        guesses.append(np.clip(values, form.col_lower, form.col_upper))
    kept = [values for values in guesses if holds(form, values)]
    return min(kept, key=form.value) if kept else guesses[0] if guesses else None


def _by_name(old: StandardForm, new: StandardForm, values: Array) -> Array:
    """Values of columns by their names, 0 where there was no such column."""
    named = dict(zip(old.column_names(), values.tolist(), strict=True))
    return np.array([named.get(name, 0.0) for name in new.column_names()])


def _alike(one: StandardForm, two: StandardForm) -> bool:
    """Whether two models differ in nothing but costs and bounds."""
    if one.columns != two.columns or one.rows != two.rows or not np.array_equal(one.integer, two.integer):
        return False
    a, b = one.matrix, two.matrix
    return a.shape == b.shape and all(
        np.array_equal(x, y) for x, y in ((a.indptr, b.indptr), (a.indices, b.indices), (a.data, b.data))
    )


def _same_plan(one: Outcome, two: Outcome) -> bool:
    """Whether two answers are the same, plan, proof and all."""
    if one.values is None or two.values is None:
        return False
    told = (one.status, one.objective, one.bound, one.message) == (two.status, two.objective, two.bound, two.message)
    return told and np.array_equal(one.values, two.values)
