"""Solving: from a scenario to a plan with its bound, and the baseline beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.formulation import build
from isopt.formulation.model import Extra
from isopt.geo import Router
from isopt.network import Instance, instance_of, ledger_of
from isopt.scenario import Scenario
from isopt.solution import Plan, Solution, plan_kpis, plan_objective, plan_of, plan_tables
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.highs import solve_form
from isopt.solver.outcome import Outcome, Progress, relative_gap
from isopt.solver.progress import TerminalProgress
from isopt.studies.infeasible import explain
from isopt.studies.measuring import way_notes
from isopt.studies.places import radius_notes

Array = NDArray[np.float64]
Listener = Callable[[Progress], "bool | None"]

#: A search that reaches its gap goes on to the exact optimum for this long: small scenarios come out to the last digit.
POLISH_S = 1.0
#: Flows of at most this share of the largest are solved again at zero: they are what the solver's tolerance leaves
#: behind.
TINY = 1e-8
#: The arithmetic's own noise, as a share of an objective. The tie-break by cost gives none of the first objective away:
#: whatever it might would be spent on tiny flows.
NOISE = 1e-9


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
    if not gap >= 0:
        raise InputError(f"a gap is a share of at least 0, not {gap}")
    if not limit > 0:
        raise InputError(f"a time limit is a number of seconds above 0, not {limit}")
    began = time.perf_counter()
    with TerminalProgress(quiet=quiet) as terminal:

        def listen(progress: Progress) -> bool | None:
            terminal(progress)
            return on_progress(progress) if on_progress is not None else None

        options = Options(gap, limit, threads, listen)
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
    answer = solve_instance(instance, options, extra)
    tell("solving the baseline")
    before, reason = solve_baseline(answer.instance, options)
    tell("writing the plan down")
    return _solution(answer.instance.scenario, answer, before, reason, options.gap, began), answer


@dataclass(frozen=True)
class Options:
    """
    How to solve.

    Attributes
    ----------
    gap, time_limit, threads, listen
        As for `solve`.
    polish
        Go on to the exact optimum where that takes no time; without it the clock plays no part in which plan is found.
    start
        Makes a plan to start from, shape (columns,), for the form that is solved; None where there is none.
    """

    gap: float
    time_limit: float
    threads: int | None
    listen: Listener
    polish: bool = True
    start: Callable[[StandardForm], Array | None] | None = None


def solve_instance(instance: Instance, options: Options, extra: Sequence[Extra] = ()) -> Answer:
    """Build the model, hand it over and take the plan back."""
    clock = _Clock()
    model = build(instance, extra)
    clock.lap("build")
    form = standard_form(model)
    clock.lap("hand_over")
    outcome = _search(form, options)
    if outcome.values is not None:
        outcome = without_tiny_flows(form, outcome)
        if set(instance.minimise) != {"cost"}:
            outcome = _cheapest_of_the_best(instance, form, outcome, options)
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


def _search(form: StandardForm, options: Options) -> Outcome:
    """Solve to the gap, and to the exact optimum where that takes no time."""
    done = False

    def listen(progress: Progress) -> bool | None:
        nonlocal done
        if options.listen(progress):
            return True
        if (
            options.polish
            and progress.stage != "done"
            and progress.gap is not None
            and progress.gap <= options.gap
            and progress.seconds > POLISH_S
        ):
            done = True
            return True
        return None

    outcome = solve_form(
        form,
        gap=0.0 if options.polish else options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
        start=None if options.start is None else options.start(form),
        on_progress=listen,
    )
    reached = outcome.gap is not None and outcome.gap <= options.gap
    if outcome.status == "feasible" and reached and not outcome.message:
        outcome = replace(outcome, status="optimal")
    return replace(outcome, interrupted=outcome.interrupted and not (done and reached))


def without_tiny_flows(form: StandardForm, outcome: Outcome) -> Outcome:
    """
    Solve the flows again with tiny ones at zero, so that they neither show up as exchanges nor vanish from a balance.

    Where there is no such plan (they are real), the plan stays as it is.
    """
    values = outcome.values
    assert values is not None
    carried = np.zeros(len(values), dtype=bool)
    for name in ("flow", "disposed", "virgin", "throughput"):
        carried[form.columns.get(name, slice(0, 0))] = True
    tiny = carried & (values > 0) & (values <= TINY * values[carried].max(initial=0.0)) & (form.col_lower <= 0)
    if not tiny.any():
        return outcome
    fixed = replace(
        form,
        col_lower=np.where(form.integer, values, form.col_lower),
        col_upper=np.where(form.integer, values, np.where(tiny, 0.0, form.col_upper)),
        integer=np.zeros_like(form.integer),
    )
    again = solve_form(fixed, gap=0.0, time_limit=60.0)
    if again.values is None:
        return outcome
    objective = form.value(again.values)
    return replace(outcome, values=again.values, objective=objective, gap=relative_gap(objective, outcome.bound))


def _cheapest_of_the_best(instance: Instance, form: StandardForm, outcome: Outcome, options: Options) -> Outcome:
    """Of all plans as good as the one found, take the cheapest; objective and bound stay those of the first search."""
    values = outcome.values
    assert values is not None
    best = form.value(values)
    linear, constant = ledger_of(instance).objective({"cost": 1.0})
    cost = np.zeros(len(form.cost))
    for name, coefficients in linear.items():
        cost[form.columns[name]] = coefficients
    row = sp.csr_array(form.cost[None, :])
    tied = replace(
        form,
        matrix=sp.csc_array(sp.vstack([form.matrix, row])),
        row_lower=np.append(form.row_lower, -np.inf),
        row_upper=np.append(form.row_upper, best - form.offset),
        rows={**form.rows, "objective": slice(form.shape[0], form.shape[0] + 1)},
        cost=cost,
        offset=constant,
    )
    second = solve_form(
        tied,
        gap=min(options.gap, NOISE) if not form.integer.any() else options.gap / 10,
        time_limit=options.time_limit,
        threads=options.threads,
        start=values,
    )
    if second.values is None or second.objective is None or second.objective > tied.value(values):
        return outcome
    second = without_tiny_flows(tied, second)
    return replace(outcome, values=second.values)


def _solution(
    scenario: Scenario, answer: Answer, before: Answer | None, reason: str | None, gap: float, began: float
) -> Solution:
    """Put everything together."""
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
            scenario,
            "no_solution" if status == "unbounded" else status,
            bound=None if status == "infeasible" else answer.outcome.bound,
            interrupted=answer.outcome.interrupted,
            seconds=times,
            baseline_reason=reason,
            warnings=warnings,
            counts=counts,
            reason=why,
        )
    baseline = None if before is None else plain_solution(before, None, gap)
    base_plan = None if before is None else before.plan
    found = plain_solution(answer, base_plan, gap)
    warnings += radius_notes(scenario, found.exchanges) + way_notes(scenario, found.flows)
    return replace(
        found,
        gap_on_savings=gap_on_savings(answer.instance, found, baseline),
        seconds=times,
        baseline=baseline,
        baseline_reason=reason,
        warnings=warnings,
        counts=counts,
    )


_UNBOUNDED = (
    "the cost has no bottom: something earns money without end. Look for a negative price (a fee, a rate or an "
    "operating cost) on something that neither a supply, a need nor a capacity bounds."
)


def plain_solution(answer: Answer, baseline: Plan | None, gap: float) -> Solution:
    """Write an answer's plan as a solution, with what it saves against a baseline's plan."""
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
        plan.instance.scenario,
        status,
        objective=objective,
        bound=bound,
        gap=found,
        interrupted=answer.outcome.interrupted,
        seconds=answer.seconds,
        kpis=plan_kpis(plan, baseline),
        tables=plan_tables(plan, baseline),
        counts=plan.instance.tally,
    )


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
