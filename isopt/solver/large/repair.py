"""From a relaxed solution to a plan: whole numbers follow from the flows, then the flows from the whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np
import scipy.sparse as sp

from isopt.solver.engine import load, run
from isopt.solver.large.pieces import entries_of, piece, told
from isopt.solver.plan import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags
    from isopt.solver.compile import StandardForm

    Indices = npt.NDArray[np.int64]

__all__ = ["Repaired", "flows", "repair", "rounded"]

#: A flow of less, as a share of its size or absolutely, is the solver's noise and opens nothing.
_NOISE = 1e-7
#: How often whole numbers are corrected by rows that they still break: chains of years and shared limits need a few.
_SWEEPS = 12
#: How often whole numbers are closed that leave no flows, such as plants that can't be filled to their least load.
_CLOSINGS = 8
#: How often flows and whole numbers follow from each other: the second time drops what the first one left idle.
_PASSES = 2

_OPTIMAL = highspy.HighsModelStatus.kOptimal


@dataclass(frozen=True)
class Repaired:
    """
    What became of a relaxed solution.

    Parameters
    ----------
    values
        A plan that holds, shape (columns,); None where the whole numbers leave none.
    broken
        By how much each row has to be broken with them, shape (rows,): above its upper bound, or (negative) below
        its lower one. Zero where there is a plan, or time was over.
    """

    values: Array | None
    broken: Array


def repair(
    form: StandardForm,
    values: Array,
    seconds: float,
    stop: Callable[[], bool] | None = None,
    *,
    passes: int = _PASSES,
) -> Repaired:
    """
    Make a plan of a solution of the relaxation.

    What carries is opened, a plant that is used is built, loads are rounded up to whole vehicles, and what is below its
    lot is closed; then the flows are solved again with the whole numbers fixed, which finds what is idle now. Where
    that leaves no flows, whole numbers that broken rows could do with less of are closed, and it is tried again.

    Parameters
    ----------
    form
        The model.
    values
        Of its relaxation (or any guess), shape (columns,).
    seconds
        Time that it may take.
    stop
        Asked now and then whether to give up.
    passes
        How often flows and whole numbers follow from each other at most.

    Returns
    -------
    repaired
        The plan, or which rows stand in its way.
    """
    best: Array | None = None
    broken = np.zeros(form.shape[0])
    rows = _Rows.of(form)
    for _ in range(passes):
        shut = np.zeros(form.shape[1], dtype=bool)
        for _ in range(_CLOSINGS):
            guess = rows.rounded(values, shut)
            if best is not None and np.array_equal(guess[form.integer], best[form.integer]):
                return Repaired(best, broken)  # nothing is idle: the flows would be the same
            found = flows(form, guess, seconds / passes, stop)
            if found.values is not None or not rows.close(guess, shut, found.broken, values):
                break
        if found.values is None:
            broken = found.broken if best is None else broken
            break
        better = best is None or (form.value(found.values) - form.value(best)) * form.sense < -_NOISE * abs(
            form.value(best)
        )
        if not better:
            break
        best = values = found.values
    return Repaired(best, broken)


def rounded(form: StandardForm, values: Array) -> Array:
    """
    Let whole numbers follow from flows.

    From their lower bounds up, each is raised as far as the rows ask that have room for it: the least that carries the
    flows. Where a row can only be kept by less of its whole numbers (a lot, a choice of one receiver), those that the
    relaxation uses least are closed for good, and with them the flows that they allowed.

    Parameters
    ----------
    form
        The model.
    values
        Of its relaxation, shape (columns,).

    Returns
    -------
    values
        Whole numbers whole; flows as they were, or 0 where closed. They need not be a plan yet.
    """
    return _Rows.of(form).rounded(values, np.zeros(form.shape[1], dtype=bool))


@dataclass(frozen=True)
class _Rows:
    """The rows in which whole numbers stand: their entries, and where each row's sum has to be."""

    form: StandardForm
    number: Indices
    matrix: sp.csr_array
    lower: Array
    upper: Array
    row: Indices
    column: Indices
    value: Array
    whole: Flags

    @staticmethod
    def of(form: StandardForm) -> _Rows:
        counts = np.zeros(form.shape[0], dtype=bool)
        counts[sp.csc_array(form.matrix[:, np.flatnonzero(form.integer)]).indices] = True
        rows = np.flatnonzero(counts)
        matrix = sp.csr_array(sp.csr_array(form.matrix)[rows, :])
        row = np.repeat(np.arange(len(rows)), np.diff(matrix.indptr))
        column = matrix.indices.astype(np.int64)
        whole = form.integer[column]
        return _Rows(form, rows, matrix, form.row_lower[rows], form.row_upper[rows], row, column, matrix.data, whole)

    def rounded(self, values: Array, shut: Flags) -> Array:
        """Let whole numbers follow from flows, those that are ``shut`` staying so; more may be shut, in place."""
        form = self.form
        if not form.integer.any():
            return values
        plan = np.clip(values, form.col_lower, form.col_upper)
        plan[~form.integer & (np.abs(plan) <= _NOISE * np.maximum(1.0, np.abs(plan).max(initial=0.0) * _NOISE))] = 0.0
        plan = np.clip(plan, form.col_lower, form.col_upper)
        plan[form.integer] = np.ceil(form.col_lower[form.integer] - _NOISE)
        for _ in range(_SWEEPS):
            if not self.correct(plan, shut, values):
                break
        return plan

    def close(self, plan: Array, shut: Flags, broken: Array, used: Array) -> bool:
        """Shut, in place, whole numbers of which broken rows could do with less; say whether there are any."""
        off = broken[self.number]
        entry = entries_of(self.matrix.indptr, np.flatnonzero(off))
        row, column, value = self.row[entry], self.column[entry], self.value[entry]
        hurts = np.where(off[row] > 0, value > 0, value < 0)
        could = hurts & self.whole[entry] & (plan[column] > self.form.col_lower[column]) & ~shut[column]
        closing = self.column[self._least(entry[could], plan, np.abs(off), used)]
        shut[closing] = True
        return bool(len(closing))

    def correct(self, plan: Array, shut: Flags, used: Array) -> bool:
        """
        Raise or close whole numbers, in place, that broken rows ask for; say whether anything was changed.

        Of several that could close, those with the least of ``used`` do.
        """
        activity = self.matrix @ plan
        size = _NOISE * np.maximum(1.0, np.abs(activity))
        over = np.where(activity > self.upper + size, activity - self.upper, 0.0)
        under = np.where(activity < self.lower - size, self.lower - activity, 0.0)
        off = over + under
        if not off.any():
            return False
        entry = entries_of(self.matrix.indptr, np.flatnonzero(off))
        row, column, value, whole = self.row[entry], self.column[entry], self.value[entry], self.whole[entry]
        low = self.form.col_lower[column]
        hurts = np.where(over[row] > 0, value > 0, value < 0)
        room = np.floor(self.form.col_upper[column] + _NOISE) - plan[column]
        raised = np.flatnonzero(~hurts & (value != 0) & whole & ~shut[column] & (room > 0))
        can = np.zeros(len(off), dtype=bool)
        if len(raised):
            can[row[raised]] = True
            more = np.ceil(off[row[raised]] / np.abs(value[raised]) - _NOISE)
            target = plan[column[raised]] + np.minimum(more, room[raised])
            np.maximum.at(plan, column[raised], target)
        stuck = (off > 0) & ~can
        lowered = self._least(entry[hurts & whole & stuck[row] & (plan[column] > low)], plan, off, used)
        closing = self.column[lowered]
        plan[closing] = self.form.col_lower[closing]
        shut[closing] = True
        # what a closed whole number no longer allows
        still = stuck
        still[self.row[lowered]] = False
        ends = np.flatnonzero(hurts & ~whole & still[row] & (plan[column] > low))
        plan[column[ends]] = np.where(np.isfinite(low[ends]), low[ends], plan[column[ends]])
        return bool(len(raised) or len(closing) or len(ends))

    def _least(self, entries: Indices, plan: Array, off: Array, used: Array) -> Indices:
        """Of the entries that could close, as few as mend each row, the least used ones first."""
        entries = entries[np.lexsort((used[self.column[entries]], self.row[entries]))]
        row, column = self.row[entries], self.column[entries]
        worth = np.abs(self.value[entries]) * (plan[column] - self.form.col_lower[column])
        before = np.cumsum(worth) - worth
        starts = np.diff(row, prepend=-1) > 0
        within = before - np.maximum.accumulate(np.where(starts, before, 0.0))
        return entries[within < off[row]]


def flows(form: StandardForm, plan: Array, seconds: float, stop: Callable[[], bool] | None = None) -> Repaired:
    """
    Solve the flows with the whole numbers fixed.

    Parameters
    ----------
    form
        The model.
    plan
        Its whole numbers are taken, shape (columns,).
    seconds
        Time that it may take.
    stop
        Asked now and then whether to give up.
    """
    none = np.zeros(form.shape[0])
    whole = np.where(form.integer, np.clip(np.rint(plan), form.col_lower, form.col_upper), 0.0)
    base, free = _free(form, whole)
    activity = form.matrix @ base
    part = piece(form, base, free, activity=activity)
    fixed = np.ones(form.shape[0], dtype=bool)
    fixed[form.matrix[:, free].indices] = False
    size = _NOISE * np.maximum(1.0, np.abs(activity))
    off = np.where(fixed, np.maximum(activity - form.row_upper, 0) - np.maximum(form.row_lower - activity, 0), 0.0)
    if (np.abs(off) > size).any():
        return Repaired(None, off)
    solver = load(part.form)
    solver.setOptionValue("threads", 1)
    ending = run(solver, seconds=seconds, sense=form.sense, listener=told(stop))
    if not ending.finished:
        return Repaired(None, none)
    if solver.getModelStatus() == _OPTIMAL:
        values = base.copy()
        values[free] = np.clip(np.array(solver.getSolution().col_value), part.form.col_lower, part.form.col_upper)
        return Repaired(values if holds(form, values) else None, none)
    if solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return Repaired(None, none)
    broken = none.copy()
    rows = np.flatnonzero(~fixed)
    broken[rows] = _least_broken(part.form, seconds, stop)
    return Repaired(None, broken)


def _free(form: StandardForm, whole: Array) -> tuple[Array, Indices]:
    """Lower bounds with the whole numbers in, shape (columns,), and the flows that these leave any choice."""
    at = np.where(form.integer, whole, np.where(np.isfinite(form.col_lower), form.col_lower, 0.0))
    flow = ~form.integer & (form.col_upper > form.col_lower)
    count = np.diff(form.matrix.indptr)
    row, value = form.matrix.indices, form.matrix.data
    of_flow, rising = np.repeat(flow, count), value > 0
    least = form.matrix @ at
    bottomless = np.zeros(form.shape[0], dtype=bool)
    bottomless[row[of_flow & (~rising | np.repeat(~np.isfinite(form.col_lower), count)) & (value != 0)]] = True
    full = ~bottomless & (least >= form.row_upper - _NOISE * np.maximum(1.0, np.abs(least)))
    entries = np.flatnonzero(of_flow & rising)
    entries = entries[full[row[entries]]]
    held = np.zeros(form.shape[1], dtype=bool)
    held[np.searchsorted(form.matrix.indptr, entries, side="right") - 1] = True
    return at, np.flatnonzero(flow & ~held)


def _least_broken(form: StandardForm, seconds: float, stop: Callable[[], bool] | None) -> Array:
    """Find by how much the rows of a linear model have to be broken, in sum of shares of their size, shape (rows,)."""
    rows, columns = form.shape
    finite = np.where(np.isfinite(form.row_upper), np.abs(form.row_upper), 0.0)
    finite = np.maximum(finite, np.where(np.isfinite(form.row_lower), np.abs(form.row_lower), 0.0))
    size = np.maximum(1.0, finite)
    eye = sp.eye_array(rows, format="csc")
    elastic = replace(
        form,
        matrix=sp.csc_array(sp.hstack([form.matrix, eye, -eye])),
        cost=np.concatenate([np.zeros(columns), 1 / size, 1 / size]) * form.sense,
        col_lower=np.concatenate([form.col_lower, np.zeros(2 * rows)]),
        col_upper=np.concatenate([form.col_upper, np.full(2 * rows, np.inf)]),
        integer=np.zeros(columns + 2 * rows, dtype=bool),
    )
    solver = load(elastic)
    solver.setOptionValue("threads", 1)
    ending = run(solver, seconds=seconds, sense=form.sense, listener=told(stop))
    if not ending.finished or solver.getModelStatus() != _OPTIMAL:
        return np.zeros(rows)
    values = np.array(solver.getSolution().col_value)
    below, above = values[columns : columns + rows], values[columns + rows :]
    broken: Array = np.where(np.abs(above - below) > _NOISE * size, above - below, 0.0)
    return broken
