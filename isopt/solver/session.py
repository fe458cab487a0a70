"""A model that stays in HiGHS, to be changed and solved again; and the judgement of what HiGHS says."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import numpy.typing as npt

from isopt.solver.engine import NO_HELPERS, load, run
from isopt.solver.outcome import Listener, Outcome, Progress, Status, relative_gap
from isopt.solver.plan import clean, holds
from isopt.solver.progress import interruptible

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm
    from isopt.solver.engine import Ending

GAP = 1e-4
TIME_LIMIT_S = 300.0
#: HiGHS's own tolerances: how far a row may be off, how far a whole number from whole.
FEASIBILITY, INTEGRALITY = 1e-7, 1e-6
#: What a search gets that has been misled by whole numbers that were not quite whole.
_NARROW_INTEGRALITY = 1e-9
#: A gap of zero means equal up to this share, which is what row tolerances of 1e-7 leave undecided.
EXACT = 1e-7
#: Share of the time that the search gets; the rest is for the clean-up.
_SEARCH_SHARE = 0.98
#: What the clean-up may take of a search that used up all its time: a share of its limit, and seconds.
_CLEAN_SHARE, _CLEAN_S = 0.02, 0.5
#: And after somebody stopped the search.
_CLEAN_STOPPED_S = 5.0

#: A plan within this share of what is proven is near: from there on, branching proves more than a search for better
#: plans does. HiGHS goes on with heuristics, which on the regions of Scotland's Central Belt took 17 of 18.6 s; without
#: most of them the same proof took 4-5 s where it had taken 21 (14,670 columns, from a neighbouring tax level's plan).
_NEAR = 1e-3
#: Models with fewer whole numbers are solved before that matters.
_NEAR_FROM = 250
#: What HiGHS does by itself, and near the end: branches. Sub-models around the best plan (RINS) find plans there that
#: branching finds too: without them, parts of the Central Belt of 10,534 and 3,895 columns are proven in 8.1 and 384 s
#: where they took 11.3 s and were open after 1,000 s; a third one is even.
_FAR: Mapping[str, Any] = {
    "mip_heuristic_effort": 0.05, "mip_heuristic_run_rins": True, **dict.fromkeys(NO_HELPERS, True),
}  # fmt: skip
_CLOSE: Mapping[str, Any] = {"mip_heuristic_effort": 0.0, "mip_heuristic_run_rins": False, **NO_HELPERS}

_MODEL = highspy.HighsModelStatus


@dataclass(frozen=True)
class _Task:
    """What one call of ``solve`` asks for."""

    gap: float
    seconds: float
    listener: Listener | None
    began: float
    pressed: threading.Event
    near: bool = False
    known: float | None = None  # a bound that is proven already

    @property
    def spent(self) -> float:
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        return self.seconds - self.spent

    def for_cleaning(self, *, stopped: bool) -> float:
        """Seconds for the clean-up: what is left, a little in any case, and a little only for someone who waits."""
        return _CLEAN_STOPPED_S if stopped else max(self.left, _CLEAN_SHARE * self.seconds + _CLEAN_S)

    def without_plan(self, status: Status, ending: Ending | None = None, message: str = "") -> Outcome:
        stopped, nodes, bound = (False, 0, None) if ending is None else (ending.stopped, ending.nodes, ending.bound)
        bound = bound if status == "no_solution" else None
        return Outcome(status, None, bound, None, None, self.spent, stopped, nodes, message)


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
        self._options = {
            "threads": threads or 1,
            "primal_feasibility_tolerance": feasibility_tolerance,
            "dual_feasibility_tolerance": feasibility_tolerance,
            "mip_feasibility_tolerance": integrality_tolerance,
            "mip_abs_gap": 0.0,  # HiGHS's own 1e-6 would overrule the gap of small objectives
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
        near: bool = False,
        on_progress: Listener | None = None,
    ) -> Outcome:
        """
        Solve the model as it is now; arguments and result as in :func:`isopt.solver.highs.solve_form`.

        Without ``start``, a mixed-integer model starts from the plan that the last solve returned.
        """
        with interruptible() as pressed:
            task = _Task(gap, time_limit, on_progress, time.perf_counter(), pressed, near and start is not None)
            outcome = self._solve(task, self._last if start is None else np.asarray(start, dtype=float))
        if on_progress is not None:
            on_progress(Progress(outcome.seconds, outcome.objective, outcome.bound, outcome.gap, outcome.nodes, "done"))
        return outcome

    def _solve(self, task: _Task, start: Array | None) -> Outcome:
        outcome, claimed = self._search(task, start)
        if claimed and outcome.status == "feasible" and not outcome.interrupted and task.left > 0:
            narrow = {**self._options, **_CLOSE, "mip_feasibility_tolerance": _NARROW_INTEGRALITY}
            again, _ = self._attempt(task, outcome.values, narrow)
            outcome = outcome if again.values is None else again
        if outcome.values is not None:
            self._last = outcome.values
        return outcome

    def _search(self, task: _Task, start: Array | None) -> tuple[Outcome, bool]:
        """Look for a plan that is near, then prove it: with other means, see `_NEAR`."""
        if task.near:
            return self._attempt(task, start, {**self._options, **_CLOSE})
        if task.gap >= _NEAR or int(self.form.integer.sum()) < _NEAR_FROM:
            return self._attempt(task, start, {**self._options, **_FAR})
        near, claimed = self._attempt(replace(task, gap=_NEAR), start, {**self._options, **_FAR})
        if near.values is None or (
            near.status == "optimal" and near.gap is not None and near.gap <= max(task.gap, EXACT)
        ):
            return near, claimed
        if near.interrupted or not claimed or task.left <= 0:
            return replace(near, status="feasible"), claimed
        further = replace(task, known=near.bound, listener=self._lasting(task.listener, near.bound))
        outcome, claimed = self._attempt(further, near.values, {**self._options, **_CLOSE})
        if outcome.values is None:
            return replace(near, status="feasible"), False
        return replace(outcome, nodes=outcome.nodes + near.nodes), claimed

    def _lasting(self, listener: Listener | None, known: float | None) -> Listener | None:
        """What is proven stays proven for who listens, though HiGHS begins anew."""
        if listener is None or known is None:
            return listener

        def listen(progress: Progress) -> bool | None:
            bound = self._better(known, progress.bound)
            return listener(replace(progress, bound=bound, gap=relative_gap(progress.incumbent, bound)))

        return listen

    def _better(self, known: float, other: float | None) -> float:
        """Of two bounds the one that says more."""
        sense = self.form.sense
        return known if other is None else max(known * sense, other * sense) * sense

    def _attempt(self, task: _Task, start: Array | None, options: dict[str, Any]) -> tuple[Outcome, bool]:
        """Run HiGHS once; give the outcome, and whether HiGHS claimed to have proven it."""
        form = self.form
        if (form.row_lower > form.row_upper).any() or (form.col_lower > form.col_upper).any():
            return task.without_plan("infeasible"), True
        if not len(form.cost):
            return _nothing_to_decide(form, task), True
        solver = self._solver = load(form) if self._solver is None else self._solver
        for option, value in {**options, "mip_rel_gap": float(task.gap)}.items():
            solver.setOptionValue(option, value)
        if form.integer.any() and start is not None and start.shape == form.cost.shape:
            solution = highspy.HighsSolution()
            solution.col_value = start
            solver.setSolution(solution)
        ending = run(
            solver,
            seconds=_SEARCH_SHARE * task.left,
            sense=form.sense,
            listener=task.listener,
            began=task.began,
            pressed=task.pressed,
        )
        status = solver.getModelStatus() if ending.finished else None
        if status in (_MODEL.kUnbounded, _MODEL.kUnboundedOrInfeasible):
            return self._unbounded(task), True
        if status == _MODEL.kInfeasible:
            return task.without_plan("infeasible", ending), True
        if ending.finished:
            _read(solver, form, ending, status)
        else:
            self._solver = None  # still busy in its thread
        if task.known is not None:
            ending.bound = self._better(task.known, ending.bound)
        given_back = False
        if ending.values is None and start is not None and holds(form, start):
            given_back = True
            ending.values = np.where(form.integer, np.rint(start), start)
        if ending.values is None:
            ordinary = status in (None, _MODEL.kTimeLimit, _MODEL.kInterrupt)
            message = "" if ordinary else f"HiGHS ended with: {solver.modelStatusToString(status)}"
            return task.without_plan("no_solution", ending, message), False
        claimed = status == _MODEL.kOptimal
        return _judged(form, ending, task, None if given_back else options, claimed=claimed), claimed

    def _unbounded(self, task: _Task) -> Outcome:
        """Tell unbounded from infeasible: without costs, only an infeasible model has no plan."""
        free = replace(self.form, cost=np.zeros_like(self.form.cost), offset=0.0)
        outcome = Session(free).solve(time_limit=max(task.left, _CLEAN_S))
        return task.without_plan(outcome.status if outcome.values is None else "unbounded")


def _nothing_to_decide(form: StandardForm, task: _Task) -> Outcome:
    """Judge a model without variables, which HiGHS calls empty."""
    values = np.zeros(0)
    if not holds(form, values):
        return task.without_plan("infeasible")
    return Outcome("optimal", form.offset, form.offset, 0.0, values, task.spent)


def _read(solver: Any, form: StandardForm, ending: Ending, status: Any) -> None:
    """Read plan, bound and branches from a HiGHS that came back."""
    info = solver.getInfo()
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        ending.values = np.array(solver.getSolution().col_value, dtype=float)
    if form.integer.any():
        ending.bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else ending.bound
        ending.nodes = max(ending.nodes, int(info.mip_node_count))
    else:
        ending.bound = float(info.objective_function_value) if status == _MODEL.kOptimal else None


def _judged(
    form: StandardForm, ending: Ending, task: _Task, options: dict[str, Any] | None, *, claimed: bool
) -> Outcome:
    """Clean a plan up with HiGHS's options, if there are any, and say what is proven of the result."""
    values, bound, message = ending.values, ending.bound, ""
    assert values is not None
    if options is not None and form.integer.any():
        cleaned = clean(form, values, task.for_cleaning(stopped=ending.stopped), options)
        if cleaned is None:
            claimed, message = False, "the flows are as the search left them, within its tolerance"
        else:
            values = cleaned
    objective = form.value(values)
    tolerance = EXACT * max(1.0, abs(objective))
    ahead = 0.0 if bound is None else (bound - objective) * form.sense
    if ahead > tolerance:
        bound, message = None, f"the plan beats the bound {bound} that HiGHS reported, which proves nothing then"
    elif ahead > 0:
        bound = objective  # equal within tolerance
    proven = claimed and bound is not None and abs(objective - bound) <= max(task.gap * abs(objective), tolerance)
    return Outcome(
        status="optimal" if proven else "feasible",
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        values=values,
        seconds=task.spent,
        interrupted=ending.stopped or task.pressed.is_set(),
        nodes=ending.nodes,
        message=message,
    )


def _bounds(
    where: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike
) -> tuple[npt.NDArray[np.int32], Array, Array]:
    chosen = np.atleast_1d(np.asarray(where, dtype=np.int32))
    low = np.array(np.broadcast_to(np.asarray(lower, dtype=float), chosen.shape))
    high = np.array(np.broadcast_to(np.asarray(upper, dtype=float), chosen.shape))
    return chosen, low, high
