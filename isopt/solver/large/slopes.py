"""Slope scaling: relaxations whose costs say what an opening costs at the flow that it will carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import scipy.sparse as sp

from isopt.solver.engine import load, run
from isopt.solver.large.bound import Relaxation, proven
from isopt.solver.large.pieces import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from isopt.formulation.rows import Array, Flags
    from isopt.solver.large.thin import Thin

__all__ = ["Slopes"]

#: A flow of less carries nothing.
_NOISE = 1e-7
#: A row that rounding broke is tightened by this much more, so that the next rounding keeps it.
_MORE = 1.05

_OPTIMAL = highspy.HighsModelStatus.kOptimal


@dataclass
class Slopes:
    r"""
    A thin relaxation that stays in HiGHS and is solved again and again with other slopes.

    The relaxation spreads the cost :math:`F` of an opening over the largest flow :math:`u`; at the flow :math:`x` that
    it found, the opening really costs :math:`F / \max(x, m)` a unit, with :math:`m` its lot. Solved again with these
    slopes, the flows gather on fewer openings (dynamic slope scaling, Kim and Pardalos, Operations Research Letters 24
    (1999) 195-203). Rows that a rounding broke are tightened by as much.

    Parameters
    ----------
    thin
        The relaxation.
    """

    thin: Thin

    def __post_init__(self) -> None:
        self._solver: Any = None
        self._least = _lots(self.thin)
        self._amount = np.maximum(self.thin.amount, self._least)
        self.seen: Flags = np.zeros(self.thin.whole.shape[1], dtype=bool)
        self.relaxed: Relaxation | None = None
        self._shift = np.zeros(self.thin.form.shape[0])

    def solve(self, seconds: float, stop: Callable[[], bool] | None = None) -> Array | None:
        """
        Solve the relaxation with the slopes as they are.

        The first time they are those of the relaxation itself: ``relaxed`` is what it proves.

        Parameters
        ----------
        seconds
            Time that it may take.
        stop
            Asked now and then whether to give up.

        Returns
        -------
        values
            Of the whole relaxation, shape (columns of the whole,); None where there are none in time.
        """
        first = self._solver is None
        form = self.thin.form
        if first:
            self._solver = load(form)
            self._solver.setOptionValue("threads", 1)
            self._solver.setOptionValue("presolve", "off")  # takes longer than it saves, see `relaxation`
        ending = run(self._solver, seconds=seconds, sense=form.sense, listener=told(stop))
        if first:
            self.relaxed = proven(self.thin, self._solver, finished=ending.finished)
        if not ending.finished:
            self._solver = None
            return None
        if self._solver.getModelStatus() != _OPTIMAL:
            return None
        solution = self._solver.getSolution()
        values = np.clip(np.array(solution.col_value, dtype=float), form.col_lower, form.col_upper)
        self._follow(values)
        full = self.thin.expand(np.where(values > _NOISE, values, np.maximum(form.col_lower, np.minimum(values, 0.0))))
        self.seen |= full > 0
        return full

    def near(self) -> Flags:
        """
        Choose the columns that relaxations used, and as many openings again as cost least to use.

        Returns
        -------
        chosen
            Shape (columns of the whole,).
        """
        chosen = self.seen.copy()
        if self.relaxed is None:
            return chosen
        reduced = self.relaxed.proof.reduced
        loss = reduced[self.thin.carrier] * self.thin.amount + reduced[self.thin.opening]
        used = chosen[self.thin.carrier]
        fresh = np.flatnonzero(~used & (self.thin.whole.col_upper[self.thin.carrier] > 0))
        count = int(used.sum())
        chosen[self.thin.carrier[fresh[np.argsort(loss[fresh], kind="stable")[:count]]]] = True
        return chosen

    def tighten(self, broken: Array) -> None:
        """
        Leave less of the rows that a rounding broke, so that the next one keeps them.

        Parameters
        ----------
        broken
            As in :class:`isopt.solver.large.repair.Repaired`, shape (rows of the whole,).
        """
        form = self.thin.form
        mine = broken[self.thin.rows]
        which = np.flatnonzero(mine)
        if not len(which) or self._solver is None:
            return
        self._shift[which] += _MORE * mine[which]
        lower, upper = form.row_lower[which], form.row_upper[which]
        equal = lower == upper
        shift = np.where(equal, 0.0, self._shift[which])
        low = np.where(shift < 0, np.minimum(lower - shift, upper), lower)
        high = np.where(shift > 0, np.maximum(upper - shift, lower), upper)
        self._solver.changeRowsBounds(len(which), which.astype(np.int32), low, high)

    def _follow(self, values: Array) -> None:
        """Take the slopes at the flows that were found; where nothing flows, they stay."""
        flow = values[self.thin.place]
        self._amount = np.where(flow > _NOISE, np.maximum(flow, self._least), self._amount)
        cost = self.thin.cost_with(self._amount)
        self._solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)


def _lots(thin: Thin) -> Array:
    """Least flow that each opening needs (a lot), a noise's worth where there is none, shape (pairs,)."""
    form = thin.whole
    matrix = sp.csc_array(form.matrix[:, thin.opening])
    row, pair = matrix.indices, np.repeat(np.arange(len(thin.opening)), np.diff(matrix.indptr))
    counts = np.bincount(form.matrix.indices, minlength=form.shape[0])
    side = np.where(np.isfinite(form.row_lower[row]), -1.0, 1.0)
    bound = np.where(side < 0, form.row_lower[row], form.row_upper[row])
    lot = (counts[row] == 2) & (matrix.data * side > 0) & (bound == 0)
    table = sp.csr_array(form.matrix)
    first = table.indptr[row]
    two = np.minimum(first + 1, table.nnz - 1)
    own_first = form.integer[table.indices[first]]
    other = np.where(own_first, table.indices[two], table.indices[first])
    share = np.where(own_first, table.data[two], table.data[first])
    lot &= (other == thin.carrier[pair]) & (share * side < 0)
    least = np.full(len(thin.opening), 1e-3)
    np.maximum.at(least, pair[lot], matrix.data[lot] / -share[lot])
    lots: Array = np.minimum(least, thin.amount)
    return lots
