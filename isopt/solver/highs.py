"""Solving a standard form with HiGHS: once, or again and again after a change."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import numpy.typing as npt

from isopt.solver.conflict import conflict
from isopt.solver.engine import Ending, load, run
from isopt.solver.outcome import Listener, Outcome, Progress, Status, relative_gap
from isopt.solver.text import write_lp

if TYPE_CHECKING:
    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

GAP = 1e-4
TIME_LIMIT_S = 300.0
#: HiGHS's own tolerances: how far a row may be off, how far a whole number from whole.
FEASIBILITY, INTEGRALITY = 1e-7, 1e-6
#: A gap of zero means equal up to this share, what row tolerances of 1e-7 leave undecided.
EXACT = 1e-7
#: Seconds that the clean-up may take after a search that used up all its time.
_CLEAN_SHARE, _CLEAN_S = 0.02, 1.0

_MODEL = highspy.HighsModelStatus


def solve_form(
    form: StandardForm,
    *,
    gap: float = GAP,
    time_limit: float = TIME_LIMIT_S,
    threads: int | None = None,
    start: Array | None = None,
    on_progress: Listener | None = None,
    feasibility_tolerance: float = FEASIBILITY,
    integrality_tolerance: float = INTEGRALITY,
) -> Outcome:
    """
    Solve a linear or mixed-integer model with HiGHS.

    Parameters
    ----------
    form
        The model.
    gap
        Stop when the plan is proven within this share of the best possible; 0 asks for the exact optimum.
    time_limit
        Wall-clock seconds.
    threads
        Threads that HiGHS may use; one, if not given.
    start
        A plan to start from, shape (columns,); need not be feasible.
    on_progress
        Told about progress; returning True stops the solve and keeps its best plan, as Ctrl-C does.
    feasibility_tolerance, integrality_tolerance
        How far a row may be off, in its unit, and a whole number from whole while searching. The plan returned has
        whole numbers, and the flows that are cheapest with them.

    Returns
    -------
    outcome
        With an honest status: ``optimal`` only if the gap is proven for the plan returned.

    Raises
    ------
    InputError
        If HiGHS refuses the model.
    KeyboardInterrupt
        At the second Ctrl-C.
    """
    session = Session(
        form, threads=threads, feasibility_tolerance=feasibility_tolerance, integrality_tolerance=integrality_tolerance
    )
    return session.solve(gap=gap, time_limit=time_limit, start=start, on_progress=on_progress)


class Session:
    """
    A model that stays in HiGHS, to be changed and solved again from where it stood.

    Linear models go on from the last basis, mixed-integer ones start from the last plan.

    Parameters
    ----------
    form
        The model; the session's ``form`` is always the current one.
    threads
        Threads that HiGHS may use; one, if not given.
    feasibility_tolerance, integrality_tolerance
        As in :func:`solve_form`.
    """

    def __init__(
        self,
        form: StandardForm,
        *,
        threads: int | None = None,
        feasibility_tolerance: float = FEASIBILITY,
        integrality_tolerance: float = INTEGRALITY,
    ) -> None:
        self.form = form
        self._options: dict[str, Any] = {
            "threads": threads or 1,
            "primal_feasibility_tolerance": feasibility_tolerance,
            "dual_feasibility_tolerance": feasibility_tolerance,
            "mip_feasibility_tolerance": integrality_tolerance,
        }
        self._solver: Any = None
        self._last: Array | None = None

    def change_cost(self, cost: Array, *, offset: float | None = None) -> None:
        """
        Give every column another cost.

        Parameters
        ----------
        cost
            Shape (columns,).
        offset
            The objective's new constant; stays, if not given.
        """
        cost = np.array(cost, dtype=float)
        self.form = replace(self.form, cost=cost, offset=self.form.offset if offset is None else float(offset))
        if self._solver is not None:
            self._solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
            self._solver.changeObjectiveOffset(self.form.offset)

    def change_row_bounds(self, rows: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> None:
        """
        Give some rows other bounds.

        Parameters
        ----------
        rows
            Their numbers; ``form.rows["limits"]`` says where a family stands.
        lower, upper
            A number or one per row.
        """
        chosen, low, high = _bounds(rows, lower, upper)
        row_lower, row_upper = self.form.row_lower.copy(), self.form.row_upper.copy()
        row_lower[chosen], row_upper[chosen] = low, high
        self.form = replace(self.form, row_lower=row_lower, row_upper=row_upper)
        if self._solver is not None:
            self._solver.changeRowsBounds(len(chosen), chosen, low, high)

    def change_col_bounds(self, columns: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> None:
        """
        Give some columns other bounds.

        Parameters
        ----------
        columns
            Their numbers; ``form.columns["flow"]`` says where a variable stands.
        lower, upper
            A number or one per column.
        """
        chosen, low, high = _bounds(columns, lower, upper)
        col_lower, col_upper = self.form.col_lower.copy(), self.form.col_upper.copy()
        col_lower[chosen], col_upper[chosen] = low, high
        self.form = replace(self.form, col_lower=col_lower, col_upper=col_upper)
        if self._solver is not None:
            self._solver.changeColsBounds(len(chosen), chosen, low, high)

    def solve(
        self,
        *,
        gap: float = GAP,
        time_limit: float = TIME_LIMIT_S,
        start: Array | None = None,
        on_progress: Listener | None = None,
    ) -> Outcome:
        """
        Solve the model as it is now; arguments and result as in :func:`solve_form`.

        Without ``start``, a mixed-integer model starts from the plan that the last solve returned.
        """
        began = time.perf_counter()
        outcome = self._attempt(gap, time_limit, self._last if start is None else start, on_progress, began)
        left = time_limit - (time.perf_counter() - began)
        if outcome.status == "feasible" and not outcome.interrupted and left > 0:
            # HiGHS had proven the gap for whole numbers that were not quite whole: once more, with narrower tolerance.
            kept = self._options["mip_feasibility_tolerance"]
            self._options["mip_feasibility_tolerance"] = min(kept, 1e-9)
            outcome = self._attempt(gap, left, outcome.values, on_progress, began)
            self._options["mip_feasibility_tolerance"] = kept
        if outcome.values is not None:
            self._last = outcome.values
        if on_progress is not None:
            done = Progress(outcome.seconds, outcome.objective, outcome.bound, outcome.gap, outcome.nodes, "done")
            on_progress(done)
        return outcome

    def _attempt(
        self, gap: float, seconds: float, start: Array | None, listener: Listener | None, began: float
    ) -> Outcome:
        form = self.form
        if (form.row_lower > form.row_upper).any() or (form.col_lower > form.col_upper).any():
            return Outcome("infeasible", None, None, None, None, time.perf_counter() - began)
        solver = self._solver = load(form) if self._solver is None else self._solver
        whole = bool(form.integer.any())
        for option, value in self._options.items():
            solver.setOptionValue(option, value)
        solver.setOptionValue("mip_rel_gap", float(gap))
        solver.setOptionValue("mip_abs_gap", 0.0)  # HiGHS's own 1e-6 would overrule the gap of small objectives
        if whole and start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = np.asarray(start, dtype=float)
            solver.setSolution(solution)
        ending = run(solver, seconds=seconds, sense=form.sense, listener=listener, began=began)
        if not ending.finished:
            self._solver = None  # still busy in its thread
            return self._result(ending, None, gap, began, whole=whole, seconds=seconds)
        status = solver.getModelStatus()
        if status in (_MODEL.kUnbounded, _MODEL.kUnboundedOrInfeasible):
            return self._unbounded(seconds, began)
        info = solver.getInfo()
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            ending.values = np.array(solver.getSolution().col_value, dtype=float)
        if whole:
            ending.bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else ending.bound
            ending.nodes = max(ending.nodes, int(info.mip_node_count))
        elif status == _MODEL.kOptimal:
            ending.bound = float(info.objective_function_value)
        return self._result(ending, status, gap, began, whole=whole, seconds=seconds)

    def _result(self, ending: Ending, status: Any, gap: float, began: float, *, whole: bool, seconds: float) -> Outcome:
        """Judge what HiGHS says of the plan that is returned in the end."""
        form, values, bound = self.form, ending.values, ending.bound
        objective, found, message = None, "no_solution", ""
        if status == _MODEL.kInfeasible:
            return Outcome(
                "infeasible", None, None, None, None, time.perf_counter() - began, ending.stopped, ending.nodes
            )
        if values is not None:
            if whole:
                left = seconds - (time.perf_counter() - began)
                cleaned = clean(form, values, max(left, _CLEAN_SHARE * seconds + _CLEAN_S), self._options)
                message = "" if cleaned is not None else "flows are as the search left them"
                values = values if cleaned is None else cleaned
            objective = form.value(values)
            if bound is not None and (bound - objective) * form.sense > 0:
                bound = objective  # within tolerance the plan beats what was proven
            slack = max(gap * abs(objective), EXACT * max(1.0, abs(objective)))
            proven = status == _MODEL.kOptimal and bound is not None and abs(objective - bound) <= slack
            found = "optimal" if proven else "feasible"
        elif ending.finished and status not in (_MODEL.kTimeLimit, _MODEL.kInterrupt):
            message = f"HiGHS ended with: {self._solver.modelStatusToString(status)}"
        return Outcome(
            status=_status(found),
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            values=values,
            seconds=time.perf_counter() - began,
            interrupted=ending.stopped,
            nodes=ending.nodes,
            message=message,
        )

    def _unbounded(self, seconds: float, began: float) -> Outcome:
        """Tell unbounded from infeasible: without costs, only an infeasible model has no plan."""
        left = max(seconds - (time.perf_counter() - began), _CLEAN_S)
        free = replace(self.form, cost=np.zeros_like(self.form.cost), offset=0.0)
        outcome = Session(free).solve(time_limit=left)
        found = outcome.status if outcome.values is None else "unbounded"
        return Outcome(found, None, None, None, None, time.perf_counter() - began, outcome.interrupted)


def _status(name: str) -> Status:
    return name  # type: ignore[return-value]


def _bounds(
    where: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike
) -> tuple[npt.NDArray[np.int32], Array, Array]:
    chosen = np.atleast_1d(np.asarray(where, dtype=np.int32))
    low = np.array(np.broadcast_to(np.asarray(lower, dtype=float), chosen.shape))
    high = np.array(np.broadcast_to(np.asarray(upper, dtype=float), chosen.shape))
    return chosen, low, high


def _fixed(form: StandardForm, values: Array) -> StandardForm:
    """Fix the whole numbers at the nearest whole number."""
    at = np.clip(np.rint(values), form.col_lower, form.col_upper)
    return replace(
        form,
        col_lower=np.where(form.integer, at, form.col_lower),
        col_upper=np.where(form.integer, at, form.col_upper),
        integer=np.zeros_like(form.integer),
    )


def clean(form: StandardForm, values: Array, seconds: float, options: dict[str, Any] | None = None) -> Array | None:
    """
    Solve the flows again with the whole numbers fixed, so that they are an exact corner of what is allowed.

    Parameters
    ----------
    form
        The model.
    values
        A plan, shape (columns,), whole numbers within tolerance.
    seconds
        Time it may take.
    options
        Options for HiGHS.

    Returns
    -------
    values
        The plan with whole numbers exactly whole, or None if there is none with these or time is over.
    """
    fixed = _fixed(form, values)
    solver = load(fixed)
    for option, value in (options or {}).items():
        solver.setOptionValue(option, value)
    ending = run(solver, seconds=seconds, sense=form.sense)
    if not ending.finished or solver.getModelStatus() != _MODEL.kOptimal:
        return None
    cleaned = np.array(solver.getSolution().col_value, dtype=float)
    cleaned[form.integer] = fixed.col_lower[form.integer]
    within: Array = np.clip(cleaned, form.col_lower, form.col_upper)
    return within


def relaxed_duals(form: StandardForm, values: Array) -> Array:
    """
    Shadow prices of the rows with the whole numbers of a plan fixed.

    Parameters
    ----------
    form
        The model.
    values
        The plan, shape (columns,).

    Returns
    -------
    duals
        Change of the objective per unit by which the row's binding bound moves up, shape (rows,). NaN throughout, if
        the flows can't be solved with these whole numbers.
    """
    solver = load(_fixed(form, values))
    solver.setOptionValue("threads", 1)
    ending = run(solver, seconds=TIME_LIMIT_S, sense=form.sense)
    if not ending.finished or solver.getModelStatus() != _MODEL.kOptimal:
        return np.full(form.shape[0], np.nan)
    return np.array(solver.getSolution().row_dual, dtype=float)


__all__ = ["Listener", "Outcome", "Progress", "Session", "clean", "conflict", "relaxed_duals", "solve_form", "write_lp"]
