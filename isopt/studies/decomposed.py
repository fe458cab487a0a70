"""A model solved part by part: each independent part stays in the solver, and is solved again only where it must be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from isopt.solver.compile import StandardForm
from isopt.solver.outcome import Listener, Outcome, Progress, relative_gap
from isopt.solver.plan import holds
from isopt.solver.session import EXACT, FEASIBILITY, Session
from isopt.studies.independent import independent_parts, part_of
from isopt.studies.wider import SAME, Known, from_wider, raised

__all__ = ["Decomposed"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Answers that are kept of each part.
KEPT = 200
#: A row that parts share.
SHARED = -2


@dataclass(frozen=True)
class _Answer(Known):
    """What is known of a part: also under which bounds, those of its rows apart, and for which weights."""

    bounds: bytes
    rows: bytes
    weights: Array


@dataclass
class _Part:
    """A part in the solver, with its rows and columns in the whole model."""

    columns: Indices
    rows: Indices
    session: Session
    answers: list[_Answer] = field(default_factory=list)
    solves: int = 0

    def now(self, form: StandardForm) -> StandardForm:
        """Bounds and cost of now on the part."""
        rows, columns = self.rows, self.columns
        return replace(
            self.session.form,
            row_lower=form.row_lower[rows],
            row_upper=form.row_upper[rows],
            col_lower=form.col_lower[columns],
            col_upper=form.col_upper[columns],
            cost=form.cost[columns],
        )

    def known(self, bounds: bytes, ask: _Ask, cost: Array) -> Outcome | None:
        r"""
        Answer from what was solved before.

        The least cost of fixed plans is concave and homogeneous in the weights, so with :math:`w = \sum_i a_i w_i` and
        :math:`a \ge 0` it is at least :math:`\sum_i a_i v_i`; a plan that costs no more than that is proven.
        """
        same, weights = [answer for answer in self.answers if answer.bounds == bounds], ask.weights
        for answer in reversed(same):
            if np.array_equal(answer.cost, cost) and ask.settled(answer.outcome):
                return answer.outcome
        proven = [answer for answer in same if answer.outcome.status == "optimal" and answer.outcome.bound is not None]
        if len(proven) < len(weights) or len(weights) < 2:
            return None
        values = np.array([answer.outcome.values for answer in proven]) @ cost
        best = int(np.argmin(values))
        least = np.array([answer.outcome.bound for answer in proven])
        mixed = linprog(-least, A_eq=np.array([a.weights for a in proven]).T, b_eq=weights, method="highs")
        if mixed.status != 0 or values[best] + mixed.fun > SAME * max(1.0, abs(float(values[best]))):
            return None
        value = float(values[best])
        return Outcome("optimal", value, value, 0.0, proven[best].outcome.values, 0.0)

    def solve(self, form: StandardForm, ask: _Ask) -> Outcome:
        """Solve under the bounds and at the cost of now, unless the answer is known or follows from what is."""
        now = self.now(form)
        outcome, bound = self.remembered(now, ask)
        if outcome is not None:
            return outcome
        start = None if ask.start is None else ask.start[self.columns]
        outcome = ask.from_start(now, start, bound)
        if outcome is not None:
            self._keep(now, ask, outcome)
            return outcome
        session = self.session
        if len(self.rows):
            session.change_row_bounds(np.arange(len(self.rows)), now.row_lower, now.row_upper)
        session.change_col_bounds(np.arange(len(self.columns)), now.col_lower, now.col_upper)
        session.change_cost(now.cost)
        outcome = raised(ask.of(session, start), bound)
        self.solves += 1
        if not outcome.interrupted and (ask.settled(outcome) or (ask.share is not None and outcome.bound is not None)):
            self._keep(now, ask, outcome)
        return outcome

    def remembered(self, now: StandardForm, ask: _Ask) -> tuple[Outcome | None, float]:
        """Answer without solving; and what is proven in any case."""
        rows = now.row_lower.tobytes() + now.row_upper.tobytes()
        outcome = self.known(rows + now.col_lower.tobytes() + now.col_upper.tobytes(), ask, now.cost)
        if outcome is not None:
            return outcome, -np.inf
        outcome, bound = from_wider([answer for answer in self.answers if answer.rows == rows], now, ask.will_do)
        if outcome is not None:
            self._keep(now, ask, outcome)
        return outcome, bound

    def _keep(self, now: StandardForm, ask: _Ask, outcome: Outcome) -> None:
        rows = now.row_lower.tobytes() + now.row_upper.tobytes()
        bounds = rows + now.col_lower.tobytes() + now.col_upper.tobytes()
        answer = _Answer(now.col_lower, now.col_upper, now.cost, outcome, bounds, rows, ask.weights)
        self.answers = [*self.answers[1 - KEPT :], answer]


@dataclass(frozen=True)
class _Ask:
    """
    How to solve a part.

    Attributes
    ----------
    weights, gap, seconds, start, listen
        As for `Decomposed.solve`.
    share
        By how much a plan of a cost may be off, instead of the gap; None where the gap is each part's own.
    patience
        Seconds for which a part that may be off is searched on for the exact optimum.
    """

    weights: Array
    gap: float
    seconds: float
    start: Array | None
    listen: Listener | None
    share: Callable[[float], float] | None = None
    patience: float = 0.0

    def will_do(self, outcome: Outcome) -> bool:
        """Whether a plan is proven well enough."""
        if self.share is None:
            return outcome.status == "optimal"
        return self._near(outcome.objective, outcome.bound)

    def settled(self, outcome: Outcome) -> bool:
        """Whether there is nothing more to find out."""
        return outcome.status in ("infeasible", "unbounded") or self.will_do(outcome)

    def from_start(self, form: StandardForm, start: Array | None, bound: float) -> Outcome | None:
        """Take the plan to start from, where what is proven already says that it will do."""
        if self.share is None or start is None or bound == -np.inf or not holds(form, start, FEASIBILITY):
            return None
        objective = form.value(start)
        outcome = raised(Outcome("feasible", objective, None, None, start, 0.0), bound)
        return outcome if self.will_do(outcome) else None

    def of(self, session: Session, start: Array | None) -> Outcome:
        """Solve the model of a session."""
        near = False

        def watch(progress: Progress) -> bool | None:
            nonlocal near
            if self.listen is not None and self.listen(progress):
                near = False
                return True
            near = progress.seconds > self.patience and self._near(progress.incumbent, progress.bound)
            return near

        seconds = max(self.seconds, 0.01)
        if self.share is None:
            return session.solve(gap=self.gap, time_limit=seconds, start=start, on_progress=self.listen)
        outcome = session.solve(gap=0.0, time_limit=seconds, start=start, on_progress=watch)
        return replace(outcome, interrupted=outcome.interrupted and not near)

    def _near(self, objective: float | None, bound: float | None) -> bool:
        if objective is None or bound is None or self.share is None:
            return False
        return objective - bound <= max(self.share(objective), EXACT * max(1.0, abs(objective)))


class Decomposed:
    """
    Independent parts of a model that has rows which bound nothing for the time being.

    Parameters
    ----------
    form
        The model; rows without any bound connect nothing.
    """

    def __init__(self, form: StandardForm) -> None:
        self._size = form.shape
        bound = np.flatnonzero(np.isfinite(form.row_lower) | np.isfinite(form.row_upper))
        every = np.arange(form.shape[1])
        parts = independent_parts(part_of(form, bound, every), np.zeros((0, form.shape[1])))
        part_of_column = np.full(form.shape[1], -1, dtype=np.int64)
        for number, part in enumerate(parts):
            part_of_column[part.columns] = number
        self._part_of_row = _owner(form, part_of_column)
        self._parts: list[_Part] = []
        for number, part in enumerate(parts):
            rows = np.flatnonzero(self._part_of_row == number)
            self._parts.append(_Part(part.columns, rows, Session(part_of(form, rows, part.columns))))

    def solve(
        self,
        form: StandardForm,
        weights: Sequence[float],
        *,
        gap: float,
        seconds: float,
        start: Array | None = None,
        listen: Listener | None = None,
        patience: float | None = None,
    ) -> Outcome | None:
        """
        Solve all parts under the bounds and costs of now, small ones first.

        Parameters
        ----------
        form
            The model with other bounds and costs.
        weights
            Of which vectors the cost is made; they tell when one cost lies between others.
        gap, seconds, start, listen
            As for `Session.solve`; the gap is one of each part.
        patience
            Given, the gap is one of the whole: what small parts leave of it goes to large ones, and the exact optimum
            is searched for so many seconds before it counts.

        Returns
        -------
        outcome
            Of the whole; None where a row that is bound now connects several parts, so that they can't be told apart,
            or a row without columns can't be kept.
        """
        if self._connected(form):
            return None
        began = time.perf_counter()
        spare = None if patience is None else _Spare(gap, patience, form.offset)
        asked = _Ask(np.asarray(weights, dtype=np.float64), gap, seconds, start, _under_way(listen))
        known = None if spare is None else self._remembered(form, asked, gap)
        if known is not None:
            return _told(known, listen)
        values = np.zeros(self._size[1])
        ends: list[Outcome] = []
        stopped = False
        for left, part in zip(range(len(self._parts), 0, -1), reversed(self._parts), strict=True):
            elapsed = time.perf_counter() - began
            ask = replace(asked, seconds=0.0 if stopped else (seconds - elapsed) / left)
            outcome = part.solve(form, ask if spare is None else spare.ask(ask, left, elapsed))
            stopped = stopped or outcome.interrupted
            if outcome.values is None:
                outcome = replace(outcome, bound=None, interrupted=stopped)  # a part's bound says nothing of the whole
                return _told(outcome, listen)
            values[part.columns] = outcome.values
            ends.append(outcome)
            if spare is not None:
                spare.spend(outcome)
        return _told(_together(form, values, ends, gap, began, each=spare is None), listen)

    def _remembered(self, form: StandardForm, ask: _Ask, gap: float) -> Outcome | None:
        """Answer from what is known of all parts, however well, if that is within the gap together."""
        began = time.perf_counter()
        anything = replace(ask, share=lambda _: np.inf)
        values, ends = np.zeros(self._size[1]), []
        for part in self._parts:
            outcome = part.remembered(part.now(form), anything)[0]
            if outcome is None or outcome.values is None:
                return None
            values[part.columns] = outcome.values
            ends.append(outcome)
        told = _together(form, values, ends, gap, began, each=False)
        return told if told.status == "optimal" else None

    @property
    def solves(self) -> int:
        """How often a part had to be solved; the other answers followed from what was known."""
        return sum(part.solves for part in self._parts)

    @property
    def count(self) -> int:
        """Number of independent parts."""
        return len(self._parts)

    def _connected(self, form: StandardForm) -> bool:
        """Whether a row that bounds something has columns of several parts, or none and can't be kept."""
        bound = np.isfinite(form.row_lower) | np.isfinite(form.row_upper)
        broken = (form.row_lower > FEASIBILITY) | (form.row_upper < -FEASIBILITY)
        owner = self._part_of_row
        return bool((bound & (owner == SHARED)).any() or (broken & (owner == -1)).any())


def _owner(form: StandardForm, part_of_column: Indices) -> Indices:
    """Part of each row: -1 for an empty one, `SHARED` where it has columns of several, shape (rows,)."""
    matrix = form.matrix.tocoo()
    first = np.full(form.shape[0], np.iinfo(np.int64).max, dtype=np.int64)
    last = np.full(form.shape[0], -1, dtype=np.int64)
    np.minimum.at(first, matrix.row, part_of_column[matrix.col])
    np.maximum.at(last, matrix.row, part_of_column[matrix.col])
    return np.where(last < 0, -1, np.where(first == last, last, SHARED))


@dataclass
class _Spare:
    """What is left of the gap of the whole, and of the time for the exact optimum, while one part follows another."""

    gap: float
    patience: float
    objective: float
    used: float = 0.0

    def ask(self, ask: _Ask, left: int, elapsed: float) -> _Ask:
        """Give a part its share: of what those before have left, as many parts as there are to come."""
        before, used, gap = self.objective, self.used, self.gap
        return replace(
            ask,
            share=lambda objective: (gap * abs(before + objective) - used) / left,
            patience=max(self.patience - elapsed, 0.0) / left,
        )

    def spend(self, outcome: Outcome) -> None:
        """Take off what a part is off."""
        assert outcome.objective is not None
        self.objective += outcome.objective
        if outcome.bound is not None:
            self.used += max(outcome.objective - outcome.bound, 0.0)


def _under_way(listen: Listener | None) -> Listener:
    """Tell a listener all but that a part is done."""
    return lambda progress: None if listen is None or progress.stage == "done" else listen(progress)


def _told(outcome: Outcome, listen: Listener | None) -> Outcome:
    """Tell that all is done, once for all parts."""
    if listen is not None:
        listen(Progress(outcome.seconds, outcome.objective, outcome.bound, outcome.gap, outcome.nodes, "done"))
    return outcome


def _together(
    form: StandardForm, values: Array, ends: Sequence[Outcome], gap: float, began: float, *, each: bool
) -> Outcome:
    """Add up how the parts ended; the whole is proven if all are together, and each where that is asked for."""
    objective = form.value(values)
    bounds = [end.bound for end in ends]
    known = [bound for bound in bounds if bound is not None]
    bound = form.offset + float(sum(known)) if len(known) == len(bounds) else None
    tolerance = EXACT * max(1.0, abs(objective))
    if bound is not None and bound > objective - tolerance * SAME:
        bound = min(bound, objective)
    proven = bound is not None and objective - bound <= max(gap * abs(objective), tolerance)
    return Outcome(
        "optimal" if proven and not (each and any(end.status != "optimal" for end in ends)) else "feasible",
        objective,
        bound,
        relative_gap(objective, bound),
        values,
        time.perf_counter() - began,
        interrupted=any(end.interrupted for end in ends),
        nodes=sum(end.nodes for end in ends),
        message="; ".join(dict.fromkeys(end.message for end in ends if end.message)),
    )
