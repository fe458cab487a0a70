"""A scenario's model made once and asked many times: other costs, other bounds, the same plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.formulation import build
from isopt.geo import Router
from isopt.network import Instance, Ledger, instance_of, ledger_of
from isopt.scenario import Scenario
from isopt.solution import Plan, Solution, plan_of
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.highs import Session
from isopt.solver.outcome import Outcome, Progress
from isopt.studies.decomposed import Decomposed
from isopt.studies.finding import NOISE, Options, without_tiny_flows
from isopt.studies.infeasible import explain
from isopt.studies.solving import Answer, gap_on_savings, plain_solution, solve_baseline

Array = NDArray[np.float64]
#: Told what is being looked for and how that solve stands; returning True stops the study and keeps what is proven.
Listener = Callable[[str, Progress], "bool | None"]


@dataclass(frozen=True)
class Amount:
    """
    An objective as a row of the model.

    Attributes
    ----------
    cost, constant
        Coefficients in its own unit, shape (columns,), and what is there whatever is decided.
    row
        Its row in the model, whose coefficients are divided by `scale`.
    scale
        Typical coefficient, so that the row is neither huge nor tiny.
    """

    cost: Array
    constant: float
    row: int
    scale: float


class Compiled:
    """
    A scenario's model in HiGHS, with a row for each objective that can be bounded.

    No candidate is pruned: what is useless for one objective is of use for another, or in the second-best plan.

    Parameters
    ----------
    scenario
        The scenario.
    objectives
        Names such as ``cost`` and ``co2``.
    routers
        As for `isopt.solve`.
    rows
        Makes further rows (of free bounds) of the instance and where its variables stand; by name.

    Raises
    ------
    ScenarioError
        As `isopt.solve` does.
    """

    def __init__(
        self,
        scenario: Scenario,
        objectives: Sequence[str],
        *,
        routers: Mapping[str, Router] | None = None,
        rows: Callable[[Instance, StandardForm], Mapping[str, sp.csr_array]] | None = None,
    ) -> None:
        self.instance: Instance = instance_of(scenario, prune=False, routers=routers)
        self.ledger: Ledger = ledger_of(self.instance)
        form = standard_form(build(self.instance, weights={"cost": 1.0}))
        self.amounts: dict[str, Amount] = {}
        added = {} if rows is None else dict(rows(self.instance, form))
        for name in objectives:
            cost, constant = self._vector(form, {name: 1.0})
            scale = typical(cost)
            self.amounts[name] = Amount(cost, constant, form.shape[0] + len(self.amounts), scale)
        own = {f"amount_{name}": sp.csr_array(one.cost[None, :] / one.scale) for name, one in self.amounts.items()}
        self.session = Session(_with_rows(form, own | added))
        self._parts = Decomposed(self.session.form)

    def _vector(self, form: StandardForm, weights: Mapping[str, float]) -> tuple[Array, float]:
        linear, constant = self.ledger.objective(weights)
        cost = np.zeros(len(form.cost))
        for name, coefficients in linear.items():
            cost[form.columns[name]] = coefficients
        return cost, constant

    def rows(self, family: str) -> slice:
        """Where a family of rows stands."""
        return self.session.form.rows[family]

    def cap(self, name: str, most: float = np.inf) -> None:
        """Bound an objective from above, in its own unit; without a bound, lift it."""
        amount = self.amounts[name]
        self.session.change_row_bounds(amount.row, -np.inf, (most - amount.constant) / amount.scale)

    def minimise(
        self,
        weights: Mapping[str, float],
        *,
        against: Mapping[str, float] | None = None,
        gap: float,
        seconds: float,
        listen: Callable[[Progress], bool | None] | None = None,
        start: Array | None = None,
    ) -> Outcome:
        """
        Solve for a weighted sum of objectives, from the plan before.

        As long as no bound on an objective connects them, independent parts are solved one by one, and only those for
        which the answer does not follow from those before.

        Parameters
        ----------
        weights
            Per unit of each objective; the others count nothing.
        against
            Amounts that are taken off, so that the objective is small where differences are.
        gap, seconds, listen, start
            As for `Session.solve`.

        Returns
        -------
        outcome
            Objective and bound of the weighted sum, less what is taken off.
        """
        cost = np.zeros(len(self.session.form.cost))
        offset = 0.0
        for name, weight in weights.items():
            amount = self.amounts[name]
            cost += weight * amount.cost
            offset += weight * (amount.constant - (0.0 if against is None else against[name]))
        scale = typical(cost)  # HiGHS's tolerances are absolute: its costs are to be around 1
        self.session.change_cost(cost / scale, offset=offset / scale)
        told = [weights.get(name, 0.0) / scale for name in self.amounts]
        outcome = self._parts.solve(self.session.form, told, gap=gap, seconds=seconds, start=start, listen=listen)
        if outcome is None:
            outcome = self.session.solve(gap=gap, time_limit=max(seconds, 0.01), start=start, on_progress=listen)
        return replace(
            outcome,
            objective=None if outcome.objective is None else scale * outcome.objective,
            bound=None if outcome.bound is None else scale * outcome.bound,
        )

    def plan(self, outcome: Outcome, form: StandardForm | None = None) -> Plan:
        """Tidy the plan of an outcome: of the model as it is now, or of another form of the same first columns."""
        form = self.session.form if form is None else form
        tidy = without_tiny_flows(form, outcome)
        # a bound that the plan just keeps may need even tiny flows
        outcome = without_tiny_flows(self._looser(form), outcome) if tidy is outcome else tidy
        assert outcome.values is not None
        values = outcome.values
        return plan_of(self.instance, {name: values[where] for name, where in self.session.form.columns.items()})

    def _looser(self, form: StandardForm) -> StandardForm:
        """The same with the bounds of objectives loosened by as much as arithmetic leaves undecided."""
        upper = form.row_upper.copy()
        rows = [amount.row for amount in self.amounts.values() if np.isfinite(upper[amount.row])]
        upper[rows] += NOISE * np.maximum(1.0, np.abs(upper[rows]))
        return replace(form, row_upper=upper)

    def measure(self, plan: Plan) -> dict[str, float]:
        """Each objective of a plan in its own unit."""
        found = {}
        for name in self.amounts:
            linear, constant = self.ledger.objective({name: 1.0})
            found[name] = constant + float(sum(c @ plan[variable].ravel() for variable, c in linear.items()))
        return found

    def reason(self, outcome: Outcome) -> str:
        """Why there is no plan, in words."""
        if outcome.status == "infeasible":
            return explain(self.instance, self.session.form)
        if outcome.status == "unbounded":
            return "an objective has no bottom: something earns money, or saves tonnes, without end"
        return "no plan was found in time" if not outcome.interrupted else "stopped before a plan was found"


@dataclass(frozen=True)
class Before:
    """The baseline beside all plans of a study: how it ended, its solution, and why there is none."""

    answer: Answer | None
    solution: Solution | None
    reason: str | None


def baseline_of(compiled: Compiled, gap: float, seconds: float) -> Before:
    """Solve the region without exchange between organisations, once for all plans."""
    answer, reason = solve_baseline(compiled.instance, Options(gap, max(seconds, 0.01), None, lambda _: None))
    return Before(answer, None if answer is None else plain_solution(answer, None, gap), reason)


def solution_of(
    compiled: Compiled, plan: Plan, scenario: Scenario, bound: float | None, before: Before, *, gap: float = 1e-7
) -> Solution:
    """
    Write a plan down as the solution of a scenario that has the same plans and another objective or limit.

    Parameters
    ----------
    compiled
        Where the plan comes from.
    plan
        The plan.
    scenario
        Whose objective it is held against.
    bound
        What is proven of that objective.
    before
        The baseline.
    gap
        Share of the objective from which on it is not proven.
    """
    instance = replace(compiled.instance, scenario=scenario)
    outcome = Outcome("optimal", None, bound, None, None, 0.0)
    answer = Answer(instance, compiled.session.form, outcome, Plan(instance, plan.values), {})
    found = plain_solution(answer, None if before.answer is None else before.answer.plan, gap)
    warnings = tuple(str(problem) for problem in scenario.warnings) + instance.candidates.notes
    return replace(
        found,
        gap_on_savings=gap_on_savings(instance, found, before.solution),
        baseline=before.solution,
        baseline_reason=before.reason,
        warnings=warnings,
        counts=instance.tally,
    )


def typical(coefficients: Array) -> float:
    """Geometric mean of what is not zero; 1 where everything is."""
    some = np.abs(coefficients[coefficients != 0])
    return float(np.exp(np.log(some).mean())) if some.size else 1.0


def _with_rows(form: StandardForm, blocks: Mapping[str, sp.csr_array]) -> StandardForm:
    """Append rows that bound nothing yet."""
    rows, first = dict(form.rows), form.shape[0]
    for name, block in blocks.items():
        rows[name] = slice(first, first + block.shape[0])
        first += block.shape[0]
    free = np.full(first - form.shape[0], np.inf)
    return replace(
        form,
        matrix=sp.csc_array(sp.vstack([form.matrix, *blocks.values()])),
        row_lower=np.concatenate([form.row_lower, -free]),
        row_upper=np.concatenate([form.row_upper, free]),
        rows=rows,
    )
