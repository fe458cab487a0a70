"""A model solved part by part: each independent part stays in the solver, and is solved again only where it must be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from isopt.solver.compile import StandardForm
from isopt.solver.outcome import Listener, Outcome, Progress, relative_gap
from isopt.solver.session import EXACT, FEASIBILITY, Session
from isopt.studies.independent import independent_parts, part_of

__all__ = ["Decomposed"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Costs that differ by at most this share are the same.
SAME = 1e-9
#: Answers that are kept of each part.
KEPT = 200
#: A row that parts share.
SHARED = -2


@dataclass(frozen=True)
class _Answer:
    """What is known of a part: under which bounds, for which weights, and how it ended."""

    bounds: bytes
    weights: Array
    cost: Array
    outcome: Outcome


@dataclass
class _Part:
    """A part in the solver, with its rows and columns in the whole model."""

    columns: Indices
    rows: Indices
    session: Session
    answers: list[_Answer] = field(default_factory=list)

    def bounds(self, form: StandardForm) -> bytes:
        """What may differ between two answers besides the cost."""
        rows, columns = self.rows, self.columns
        return b"".join(
            part.tobytes()
            for part in (form.row_lower[rows], form.row_upper[rows], form.col_lower[columns], form.col_upper[columns])
        )

    def known(self, bounds: bytes, weights: Array, cost: Array) -> Outcome | None:
        r"""
        Answer from what was solved before.

        The least cost of fixed plans is concave and homogeneous in the weights, so with :math:`w = \sum_i a_i w_i` and
        :math:`a \ge 0` it is at least :math:`\sum_i a_i v_i`; a plan that costs no more than that is proven.
        """
        same = [answer for answer in self.answers if answer.bounds == bounds]
        for answer in same:
            if np.array_equal(answer.cost, cost):
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

    def solve(self, form: StandardForm, cost: Array, ask: _Ask) -> Outcome:
        """Solve under the bounds and at the cost of now, unless the answer is known."""
        bounds = self.bounds(form)
        outcome = self.known(bounds, ask.weights, cost)
        if outcome is not None:
            return outcome
        rows, columns = self.rows, self.columns
        session = self.session
        if len(rows):
            session.change_row_bounds(np.arange(len(rows)), form.row_lower[rows], form.row_upper[rows])
        session.change_col_bounds(np.arange(len(columns)), form.col_lower[columns], form.col_upper[columns])
        session.change_cost(cost)
        start = None if ask.start is None else ask.start[columns]
        outcome = session.solve(gap=ask.gap, time_limit=max(ask.seconds, 0.01), start=start, on_progress=ask.listen)
        if not outcome.interrupted and outcome.status in ("optimal", "infeasible", "unbounded"):
            self.answers = [*self.answers[1 - KEPT :], _Answer(bounds, ask.weights, cost, outcome)]
        return outcome


@dataclass(frozen=True)
class _Ask:
    """How to solve a part."""

    weights: Array
    gap: float
    seconds: float
    start: Array | None
    listen: Listener | None


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
            As for `Session.solve`.

        Returns
        -------
        outcome
            Of the whole; None where a row that is bound now connects several parts, so that they can't be told apart,
            or a row without columns can't be kept.
        """
        if self._connected(form):
            return None
        began = time.perf_counter()
        values = np.zeros(self._size[1])
        ends: list[Outcome] = []
        stopped = False

        def under_way(progress: Progress) -> bool | None:
            return None if listen is None or progress.stage == "done" else listen(progress)

        for left, part in zip(range(len(self._parts), 0, -1), reversed(self._parts), strict=True):
            share = 0.0 if stopped else (seconds - (time.perf_counter() - began)) / left
            ask = _Ask(np.asarray(weights, dtype=np.float64), gap, share, start, under_way)
            outcome = part.solve(form, form.cost[part.columns], ask)
            stopped = stopped or outcome.interrupted
            if outcome.values is None:
                outcome = replace(outcome, bound=None, interrupted=stopped)  # a part's bound says nothing of the whole
                return _told(outcome, listen)
            values[part.columns] = outcome.values
            ends.append(outcome)
        return _told(_together(form, values, ends, gap, time.perf_counter() - began), listen)

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


def _told(outcome: Outcome, listen: Listener | None) -> Outcome:
    """Tell that all is done, once for all parts."""
    if listen is not None:
        listen(Progress(outcome.seconds, outcome.objective, outcome.bound, outcome.gap, outcome.nodes, "done"))
    return outcome


def _together(form: StandardForm, values: Array, ends: Sequence[Outcome], gap: float, seconds: float) -> Outcome:
    """Add up how the parts ended."""
    objective = form.value(values)
    bounds = [end.bound for end in ends]
    known = [bound for bound in bounds if bound is not None]
    bound = form.offset + float(sum(known)) if len(known) == len(bounds) else None
    tolerance = EXACT * max(1.0, abs(objective))
    if bound is not None and bound > objective - tolerance * SAME:
        bound = min(bound, objective)
    proven = bound is not None and objective - bound <= max(gap * abs(objective), tolerance)
    return Outcome(
        "optimal" if proven and all(end.status == "optimal" for end in ends) else "feasible",
        objective,
        bound,
        relative_gap(objective, bound),
        values,
        seconds,
        interrupted=any(end.interrupted for end in ends),
        nodes=sum(end.nodes for end in ends),
        message="; ".join(dict.fromkeys(end.message for end in ends if end.message)),
    )
