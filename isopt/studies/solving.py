"""Solving: from a scenario to a plan with its bound, and the baseline beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.formulation import build
from isopt.formulation.model import Extra
from isopt.geo import Router
from isopt.network import Instance, instance_of
from isopt.scenario import Scenario
from isopt.solution import Plan, Solution, plan_kpis, plan_objective, plan_of, plan_tables
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.outcome import Outcome, Progress, relative_gap
from isopt.solver.progress import TerminalProgress
from isopt.studies.finding import (
    METHODS,
    NOISE,
    TINY,
    Listener,
    Options,
    cheapest_of_the_best,
    is_large,
    require_numbers,
    searched,
    without_tiny_flows,
)
from isopt.studies.infeasible import explain
from isopt.studies.measuring import way_notes
from isopt.studies.places import radius_notes

__all__ = [
    "NOISE",
    "Answer",
    "Array",
    "Listener",
    "Options",
    "gap_on_savings",
    "plain_solution",
    "solution_of",
    "solve",
    "solve_baseline",
    "solve_instance",
    "without_tiny_flows",
    "written",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """A solved instance: how the solver ended, and the plan where there is one."""

    instance: Instance
    form: StandardForm
    outcome: Outcome
    plan: Plan | None
    seconds: Mapping[str, float]


def solve(
    scenario: Scenario,
    *,
    gap: float | None = None,
    time_limit: float | None = None,
    threads: int | None = None,
    method: str | None = None,
    workers: int | None = None,
    on_progress: Listener | None = None,
    quiet: bool = True,
    prune: bool = True,
    extra: Sequence[Extra] = (),
    routers: Mapping[str, Router] | None = None,
) -> Solution:
    """
    Find the best plan of a scenario, with its bound, and compare it with the baseline.

    Parameters
    ----------
    scenario
        From `isopt.read` or `Scenario.of`.
    gap
        Relative gap at which to stop; the scenario's ``solver.gap`` where it is not given.
    time_limit
        Seconds for the plan and its proof; the scenario's ``solver.time_limit_s`` where it is not given.
    threads
        Threads of the solver.
    method
        ``direct`` gives the whole model to HiGHS, ``large`` decides parts of it in turn and proves a bound, ``auto``
        chooses by size; the scenario's ``solver.method`` where it is not given.
    workers
        Processes of the large method; the scenario's ``solver.threads`` (or one) where it is not given.
    on_progress
        Told about time, incumbent, bound and gap; returning True stops the search and keeps the best plan.
    quiet
        False shows live progress on a terminal.
    prune
        Drop candidate links that are proven useless before solving.
    extra
        Functions of the Pyomo model and the instance that add constraints of one's own (not applied to the baseline).
    routers
        Routers by mode or network, before those of ``[routing]``.

    Returns
    -------
    solution
        Whatever the status; `Solution.reason` says why where there is no plan.

    Raises
    ------
    ScenarioError
        Where a distance or a mass is missing, a required link is impossible, or nothing bounds a decision.
    InputError
        Where an argument makes no sense.

    Examples
    --------
    >>> import isopt
    >>> isopt.solve(isopt.read("scenarios/two_firms")).status
    'optimal'
    """
    gap = scenario.settings.solver.gap if gap is None else float(gap)
    limit = scenario.settings.solver.time_limit_s if time_limit is None else float(time_limit)
    require_numbers(gap, limit)
    method = scenario.settings.solver.method if method is None else method
    if method not in METHODS:
        raise InputError(f'a method is one of {", ".join(METHODS)}, not "{method}"')
    workers = workers or scenario.settings.solver.threads or 1
    began = time.perf_counter()
    with TerminalProgress(quiet=quiet) as terminal:

        def listen(progress: Progress) -> bool | None:
            terminal(progress)
            return on_progress(progress) if on_progress is not None else None

        options = Options(gap, limit, threads, listen, method=method, workers=workers)
        proven = prune and not extra  # a constraint of one's own may need what the proofs call useless
        terminal.stage("finding candidate links")
        instance = instance_of(scenario, prune=proven, routers=routers)
        return solution_of(instance, options, extra, stage=terminal.stage, began=began)[0]


def solution_of(
    instance: Instance,
    options: Options,
    extra: Sequence[Extra] = (),
    *,
    stage: Callable[[str], object] | None = None,
    began: float | None = None,
) -> tuple[Solution, Answer]:
    """
    Solve an instance and its baseline and write the plan down as a solution.

    Parameters
    ----------
    instance
        From `isopt.network.instance_of`.
    options
        How to solve.
    extra
        As for `solve`.
    stage
        Told what is being done.
    began
        When it all began, by ``time.perf_counter``; now, if not given.

    Returns
    -------
    solution, answer
        The solution, and what the solver said of the instance.
    """
    began = time.perf_counter() if began is None else began
    tell = stage or _ignore
    tell("building the model")
    before, reason = None, None
    large = is_large(instance, options)
    if large:  # a gap on savings is told from the first plan on
        before, reason = _baseline_of(instance, options, tell)
        if before is not None and set(instance.minimise) == {"cost"}:
            options = replace(options, baseline=before.outcome.objective)
    answer = solve_instance(instance, options, extra)
    if not large:
        before, reason = _baseline_of(answer.instance, options, tell)
    tell("writing the plan down")
    return written(answer.instance.scenario, answer, before, reason, options, began), answer


def _baseline_of(
    instance: Instance, options: Options, tell: Callable[[str], object]
) -> tuple[Answer | None, str | None]:
    """Solve the baseline, and say so."""
    tell("solving the baseline")
    return solve_baseline(instance, options)


def solve_instance(instance: Instance, options: Options, extra: Sequence[Extra] = ()) -> Answer:
    """Build the model, hand it over and take the plan back."""
    clock = _Clock()
    model = build(instance, extra)
    clock.lap("build")
    form = standard_form(model)
    clock.lap("hand_over")
    outcome = searched(instance, form, options)
    if outcome.values is not None:
        outcome = without_tiny_flows(form, outcome)
        if set(instance.minimise) != {"cost"}:
            outcome = cheapest_of_the_best(instance, form, outcome, options)
    clock.lap("solve")
    plan = None
    if outcome.values is not None:
        columns = {name: outcome.values[where] for name, where in form.columns.items()}
        plan = plan_of(instance, columns)
    return Answer(instance, form, outcome, plan, clock.laps)


def solve_baseline(solved: Instance, options: Options) -> tuple[Answer | None, str | None]:
    """Solve the region without exchange between organisations; say why where that can't be done."""
    instance = instance_of(solved.scenario, baseline=True, candidates=solved.candidates)
    answer = solve_instance(instance, replace(options, listen=_ignore, start=None))
    if answer.plan is not None:
        return answer, None
    if answer.outcome.status == "infeasible":
        return None, "without exchange between organisations there is no plan: " + explain(instance, answer.form)
    return None, f"the baseline was not solved in time ({answer.outcome.status.replace('_', ' ')})"


def written(
    scenario: Scenario, answer: Answer, before: Answer | None, reason: str | None, options: Options, began: float
) -> Solution:
    """
    Write an answer down as a solution, whatever its status.

    Parameters
    ----------
    scenario
        What was asked.
    answer
        What the solver said.
    before, reason
        The baseline's answer, or why there is none.
    options
        How it was solved.
    began
        When, by ``time.perf_counter``.
    """
    seconds = time.perf_counter() - began
    times = {
        **answer.seconds,
        **({} if before is None else {"baseline": sum(before.seconds.values())}),
        "total": seconds,
    }
    counts = answer.instance.tally
    warnings = tuple(str(problem) for problem in scenario.warnings) + answer.instance.candidates.notes
    if answer.outcome.message:
        warnings += (answer.outcome.message,)
    if answer.plan is None:
        status = answer.outcome.status
        why = None
        if status == "infeasible":
            why = explain(answer.instance, answer.form)
        elif status == "unbounded":
            why = _UNBOUNDED
        return Solution(
            _asked(scenario, options.gap),
            "no_solution" if status == "unbounded" else status,
            bound=None if status == "infeasible" else answer.outcome.bound,
            interrupted=answer.outcome.interrupted,
            seconds=times,
            baseline_reason=reason,
            warnings=warnings,
            counts=counts,
            reason=why,
            method=answer.outcome.method or None,
        )
    gap, tables = options.gap, options.tables
    baseline = None if before is None else plain_solution(before, None, gap, tables=tables)
    base_plan = None if before is None else before.plan
    found = plain_solution(answer, base_plan, gap, tables=tables)
    if tables:
        warnings += radius_notes(scenario, found.exchanges) + way_notes(scenario, found.flows)
    return replace(
        found,
        gap_on_savings=gap_on_savings(answer.instance, found, baseline),
        seconds=times,
        baseline=baseline,
        baseline_reason=reason,
        warnings=warnings,
        counts=counts,
        method=answer.outcome.method or None,
    )


_UNBOUNDED = (
    "the cost has no bottom: something earns money without end. Look for a negative price (a fee, a rate or an "
    "operating cost) on something that neither a supply, a need nor a capacity bounds."
)


def plain_solution(answer: Answer, baseline: Plan | None, gap: float, *, tables: bool = True) -> Solution:
    """Write an answer's plan as a solution, with what it saves against a baseline's plan; on request without tables."""
    plan = answer.plan
    assert plan is not None
    objective = plan_objective(plan)
    bound = answer.outcome.bound
    if bound is not None and answer.outcome.status == "optimal":
        # both are the optimum: the rest is rounding, which around 0 would look like a gap
        bound = objective if abs(objective - bound) <= NOISE * max(1.0, abs(objective)) else min(bound, objective)
    found = relative_gap(objective, bound)
    status = (
        "optimal" if answer.outcome.status == "optimal" and (found is None or found <= max(gap, TINY)) else "feasible"
    )
    return Solution(
        _asked(plan.instance.scenario, gap),
        status,
        objective=objective,
        bound=bound,
        gap=found,
        interrupted=answer.outcome.interrupted,
        seconds=answer.seconds,
        kpis=plan_kpis(plan, baseline),
        tables=plan_tables(plan, baseline) if tables else {},
        counts=plan.instance.tally,
    )


def _asked(scenario: Scenario, gap: float) -> Scenario:
    """The scenario with the gap that was asked for, so that a solution says itself what its status means."""
    solver = scenario.settings.solver
    if solver.gap == gap:
        return scenario
    return replace(scenario, settings=replace(scenario.settings, solver=replace(solver, gap=gap)))


def gap_on_savings(instance: Instance, found: Solution, baseline: Solution | None) -> float | None:
    """Gap as a share of the saving: on cost it flatters, since doing nothing costs most of it."""
    if baseline is None or found.objective is None or found.bound is None or set(instance.minimise) != {"cost"}:
        return None
    saved = baseline.kpi("cost_total") - found.objective
    missing = found.objective - found.bound
    if missing <= 0:
        return 0.0
    return missing / saved if saved > 0 else None


def _ignore(_: object) -> None:
    """Hear nothing, such as of the baseline: it is not what the user waits for."""


class _Clock:
    """Wall-clock seconds of each phase."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End a phase."""
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now
