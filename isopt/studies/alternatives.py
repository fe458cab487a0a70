"""Near-optimal alternatives: different plans inside a budget, and which exchanges every, some or no good plan has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.geo import Router
from isopt.network import Instance
from isopt.scenario import Scenario
from isopt.solution import Plan
from isopt.solver.compile import StandardForm
from isopt.solver.outcome import Outcome, Progress
from isopt.solver.progress import TerminalProgress
from isopt.studies.alternatives_found import (
    PLAN_COLUMNS,
    Alternatives,
    Verdicts,
    exchange_table,
    plan_table,
    write_alternatives,
)
from isopt.studies.compiled import Compiled, Listener, baseline_of, solution_of
from isopt.studies.differences import Exchanges, exchanges_of, most_different, rows_of
from isopt.studies.finding import require_numbers

__all__ = ["Alternatives", "alternatives", "write_alternatives"]

Array = NDArray[np.float64]

#: A plan keeps the budget within this share of it: noise of floating-point arithmetic.
NOISE = 1e-9
#: What is proven breaks the budget if it is above it by more than this share: a solver's exactness.
EXACT = 1e-7
#: Plans whose least difference from those known is smaller are the same.
SAME = 1e-4
#: Share of the most an exchange could send from which on it counts as part of a plan.
LEAST = 1e-6


@dataclass
class _Search:
    """Asks the model, keeps what is known of each exchange, the count and the clock."""

    compiled: Compiled
    exchanges: Exchanges
    gap: float
    deadline: float
    per_solve: float
    tell: Listener
    verdicts: Verdicts = field(init=False)
    solves: int = 0
    stopped: bool = False
    doing: str = ""

    def __post_init__(self) -> None:
        blank = np.full(self.exchanges.count, np.inf)
        self.verdicts = Verdicts(blank.copy(), blank.copy(), -blank, -blank)

    @property
    def over(self) -> bool:
        """Whether to end: somebody stopped, or there is no time left."""
        self.stopped = self.stopped or time.perf_counter() >= self.deadline
        return self.stopped

    @property
    def seconds(self) -> float:
        """Seconds for the next solve."""
        return min(self.per_solve, self.deadline - time.perf_counter())

    def listen(self, progress: Progress) -> bool | None:
        """Pass progress on; somebody who says stop ends the search, even between two solves."""
        asked = bool(self.tell(self.doing, progress))
        self.stopped = self.stopped or asked
        return asked

    def solve(self) -> tuple[Outcome, Plan | None, float]:
        """Find the cheapest plan within the bounds as they are; and its cost, tidied."""
        self.solves += 1
        outcome = self.compiled.minimise({"cost": 1.0}, gap=self.gap, seconds=self.seconds, listen=self.listen)
        self.stopped = self.stopped or outcome.interrupted
        if outcome.objective is None:
            return outcome, None, np.inf
        plan = self.compiled.plan(outcome)
        cost = self.compiled.measure(plan)["cost"]
        self.learn(plan, cost)
        return outcome, plan, cost

    def learn(self, plan: Plan, cost: float) -> None:
        """Take note of the exchanges that a plan has and does without."""
        inside, outside, known = self.exchanges.inside(plan), self.exchanges.outside(plan), self.verdicts
        known.cost_in[inside] = np.minimum(known.cost_in[inside], cost)
        known.cost_out[outside] = np.minimum(known.cost_out[outside], cost)


def alternatives(
    scenario: Scenario,
    within: float = 0.02,
    *,
    count: int = 5,
    least: float = LEAST,
    exact: bool = False,
    gap: float = 0.0,
    time_limit: float | None = None,
    on_progress: Listener | None = None,
    quiet: bool = True,
    routers: Mapping[str, Router] | None = None,
) -> Alternatives:
    r"""
    Find plans that cost nearly the least and look different, and the exchanges that all, some or none of these have.

    The budget is :math:`B = C^* + \beta\,|C^*|`, with :math:`C^*` the least cost and :math:`\beta` the share. Each
    further plan is one of at most that cost whose least difference from those before it is greatest (see
    `isopt.studies.differences.most_different`). That an exchange is in *no* plan of the budget is proven by forcing it
    in: what is then proven of the cost is above the budget; that it is in *every* one, by forcing it out; that it is in
    *some*, by a plan that has it and one that does without.

    Parameters
    ----------
    scenario
        The region; cost is what counts, whatever it minimises itself.
    within
        Share by which a plan may cost more than the best.
    count
        How many plans to list at most, the best among them.
    least
        Share of the most an exchange could send from which on it counts as part of a plan.
    exact
        Find the least cost with and without every exchange. Otherwise a solve is saved where two known plans settle the
        matter, and the costs of some exchanges are only known to lie between two figures.
    gap
        Gap of the solves for cost.
    time_limit
        Seconds for all solves together. Each of them gets the scenario's ``solver.time_limit_s`` at most.
    on_progress
        Told what is being looked for and the progress of the solve; returning True ends the search.
    quiet
        False shows live progress on a terminal.
    routers
        As for `isopt.solve`.

    Returns
    -------
    found
        Whatever was found and proven until time was over or somebody stopped (Ctrl-C); what was not is undecided.

    Raises
    ------
    InputError
        Where an argument makes no sense.
    ScenarioError
        As for `isopt.solve`.

    Examples
    --------
    >>> import isopt
    >>> found = alternatives(isopt.read("scenarios/two_firms"), within=0.01)
    >>> found.exchanges["answer"].tolist()
    ['every']
    """
    _require(within, count, least)
    require_numbers(gap, time_limit)
    began = time.perf_counter()
    with TerminalProgress(quiet=quiet) as terminal:

        def tell(doing: str, progress: Progress) -> bool | None:
            terminal(progress)
            return on_progress(doing, progress) if on_progress is not None else None

        terminal.stage("building the model")
        scenario = scenario.with_(minimise={"what": "cost"})
        compiled, exchanges = _compiled(scenario, least, routers)
        deadline = np.inf if time_limit is None else began + time_limit
        search = _Search(compiled, exchanges, gap, deadline, scenario.settings.solver.time_limit_s, tell)
        search.doing = "the best plan"
        outcome, best, cost = search.solve()
        if best is None:
            return _nothing(compiled, within, outcome, time.perf_counter() - began)
        proven = -np.inf if outcome.bound is None else min(outcome.bound, cost)
        budget = cost + within * abs(cost)
        plans, apart, complete = _different_plans(search, best, budget, count)
        _judge_all(search, proven, budget, exact=exact)
        terminal.stage("solving the baseline")
        before = baseline_of(compiled, max(gap, EXACT), search.per_solve)
        terminal.stage("writing the plans down")
        variant = compiled.instance.scenario
        solutions = {
            name: solution_of(
                compiled,
                plan,
                variant.with_(title=f"{variant.title}: {name}"),
                proven if np.isfinite(proven) else None,
                before,
                gap=max(gap, EXACT),
            )
            for name, plan in plans.items()
        }
        answers = search.verdicts.answers(budget, NOISE * max(1.0, abs(budget)), EXACT * max(1.0, abs(budget)))
        optimal = outcome.status == "optimal" and not (answers == "undecided").any()
        return Alternatives(
            variant,
            within,
            budget,
            "optimal" if optimal else "feasible",
            exchange_table(search.exchanges, search.verdicts, answers, plans, max(gap, EXACT)),
            plan_table(search.exchanges, plans, solutions, apart),
            solutions,
            measure=search.exchanges.measure,
            complete=complete,
            solves=search.solves,
            seconds=time.perf_counter() - began,
            interrupted=search.stopped,
        )


def _require(within: float, count: int, least: float) -> None:
    if not 0 <= within < np.inf:
        raise InputError(f"plans may cost more by a share of at least 0, such as 0.02 for 2 %, not {within}")
    if isinstance(count, bool) or not float(count).is_integer() or count < 1:
        raise InputError(f"the number of plans is a whole number of at least 1, not {count}")
    if not 0 < least <= 1:
        raise InputError(f"an exchange counts from a share above 0 and up to 1 of the most it could send, not {least}")


def _compiled(scenario: Scenario, least: float, routers: Mapping[str, Router] | None) -> tuple[Compiled, Exchanges]:
    """Make the model, with rows that say what each exchange sends and whether it is open."""
    kept: list[Exchanges] = []

    def rows(instance: Instance, form: StandardForm) -> Mapping[str, sp.csr_array]:
        kept.append(exchanges_of(instance, least))
        return rows_of(kept[0], form)

    compiled = Compiled(scenario, ("cost",), routers=routers, rows=rows)
    return compiled, kept[0]


def _nothing(compiled: Compiled, within: float, outcome: Outcome, seconds: float) -> Alternatives:
    """Say that there is no plan, and why."""
    return Alternatives(
        compiled.instance.scenario,
        within,
        np.nan,
        "infeasible" if outcome.status == "infeasible" else "no_solution",
        pd.DataFrame(columns=["exchange", "answer", "in_every", "in_some", "in_none"]),
        pd.DataFrame(columns=list(PLAN_COLUMNS)),
        {},
        solves=1,
        seconds=seconds,
        interrupted=outcome.interrupted,
        reason=compiled.reason(outcome),
    )


def _different_plans(
    search: _Search, best: Plan, budget: float, count: int
) -> tuple[dict[str, Plan], list[tuple[float, float]], bool]:
    """The best plan and those that differ most from it and each other, their differences, and whether that is all."""
    plans, apart = {"best": best}, [(0.0, 0.0)]
    search.compiled.cap("cost", budget)
    try:
        while len(plans) < count and not search.over:
            search.doing = f"alternative {len(plans)}"
            search.solves += 1
            found = most_different(
                search.compiled,
                search.exchanges,
                list(plans.values()),
                seconds=search.seconds,
                listen=search.listen,
            )
            search.stopped = search.stopped or found.outcome.interrupted
            if found.bound <= SAME:
                return plans, apart, True
            if found.plan is None or found.difference <= SAME:
                break
            cost = search.compiled.measure(found.plan)["cost"]
            search.learn(found.plan, cost)
            if cost > budget + EXACT * max(1.0, abs(budget)):
                break  # the solver's tolerance took it over the budget: it is no plan of these
            plans[f"A{len(plans)}"] = found.plan
            apart.append((found.difference, found.bound))
    except KeyboardInterrupt:
        search.stopped = True
    finally:
        search.compiled.cap("cost")
    return plans, apart, False


def _judge_all(search: _Search, proven: float, budget: float, *, exact: bool) -> None:
    """Force exchanges in and out until every one is decided, or time is over."""
    known = search.verdicts
    known.proven_in[:] = known.proven_out[:] = proven
    keeps = budget + NOISE * max(1.0, abs(budget))
    inside = known.cost_in <= keeps  # those of known plans first: forcing them out shows others
    try:
        for e in np.argsort(~inside, kind="stable"):
            for cost, bound, force in (
                (known.cost_in, known.proven_in, _force_in),
                (known.cost_out, known.proven_out, _force_out),
            ):
                settled = cost[e] <= keeps and (not exact or cost[e] - bound[e] <= EXACT * max(1.0, abs(cost[e])))
                if settled:
                    continue
                if search.over:
                    return
                search.doing = f"exchange {e + 1} of {search.exchanges.count}"
                outcome = force(search, int(e))
                if outcome.status == "infeasible":
                    bound[e] = np.inf
                elif outcome.bound is not None:
                    bound[e] = max(bound[e], min(outcome.bound, cost[e]))
    except KeyboardInterrupt:
        search.stopped = True


def _force_in(search: _Search, e: int) -> Outcome:
    """Solve with an exchange that sends its least amount."""
    session, rows = search.compiled.session, search.compiled
    sent, opened = rows.rows("sent").start + e, rows.rows("open").start + e
    try:
        session.change_row_bounds(sent, search.exchanges.least[e], np.inf)
        if search.exchanges.opening[e] >= 0:
            session.change_row_bounds(opened, 1.0, np.inf)
        return search.solve()[0]
    finally:
        session.change_row_bounds([sent, opened], -np.inf, np.inf)


def _force_out(search: _Search, e: int) -> Outcome:
    """Solve with an exchange that sends nothing."""
    session = search.compiled.session
    links, periods = search.exchanges.instance.links, search.exchanges.instance.periods.count
    links_of = np.flatnonzero(links.group == search.exchanges.group[e])
    columns = session.form.columns["flow"].start + (links_of[:, None] * periods + np.arange(periods)).ravel()
    upper = session.form.col_upper[columns].copy()
    try:
        session.change_col_bounds(columns, 0.0, 0.0)
        return search.solve()[0]
    finally:
        session.change_col_bounds(columns, 0.0, upper)
