"""The thin relaxation: openings that follow from their flow are replaced by it, without loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from isopt.solver.large.pieces import entries_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags, Matrix
    from isopt.solver.compile import StandardForm

    Indices = npt.NDArray[np.int64]

__all__ = ["Thin", "places", "thin"]

#: What is left of coefficients that cancel each other is rounding, below this share of their sizes.
_CANCELLED = 1e-12


@dataclass(frozen=True)
class Thin:
    r"""
    The linear relaxation of a model with fewer columns and rows, and the way back.

    A yes-or-no column :math:`y` that only its cost and rows of the kind :math:`x \le u y` speak for is worth
    :math:`y = x / u` in an optimal solution of the relaxation, so that

    .. math:: c_x x + F y \quad\text{becomes}\quad \left(c_x + \frac{F}{u}\right) x

    and :math:`y` leaves together with the rows that it fulfils.

    Parameters
    ----------
    form
        The linear program that is left, without whole numbers.
    whole
        The model that it was made of, with the upper bounds of flows that their openings imply.
    columns, rows
        Which columns and rows of the whole are left, ascending, shape (thin columns,) and (thin rows,).
    opening
        Columns of the whole that were replaced, ascending, shape (pairs,).
    carrier
        Column of the whole that each follows, shape (pairs,).
    amount
        Flow :math:`u` at which the opening is 1, shape (pairs,).
    row
        Row of the whole that makes it follow, shape (pairs,).
    reasons
        How many whole numbers stay, by the reason.
    """

    form: StandardForm
    whole: StandardForm
    columns: Indices
    rows: Indices
    opening: Indices
    carrier: Indices
    amount: Array
    row: Indices
    reasons: Mapping[str, int]

    @property
    def place(self) -> Indices:
        """Column of the thin form that carries each pair, shape (pairs,)."""
        return np.searchsorted(self.columns, self.carrier)

    @property
    def exact(self) -> int:
        """Whole numbers that were replaced."""
        return len(self.opening)

    def expand(self, values: Array) -> Array:
        """
        Give a solution of the thin form as one of the whole relaxation.

        Parameters
        ----------
        values
            Shape (thin columns,).

        Returns
        -------
        values
            Shape (columns of the whole,); openings may be fractions.
        """
        full = np.zeros(self.whole.shape[1])
        full[self.columns] = values
        full[self.opening] = full[self.carrier] / self.amount
        return full

    def cost_with(self, amount: Array) -> Array:
        """
        Spread the cost of each opening over another amount of its flow than the largest possible.

        With the flow of the last plan in place of :math:`u` this is what slope scaling solves next.

        Parameters
        ----------
        amount
            Shape (pairs,), above 0.

        Returns
        -------
        cost
            In the order of ``form.cost``, shape (thin columns,).
        """
        fixed = self.whole.cost[self.opening]
        spread = np.bincount(self.place, weights=fixed / amount, minlength=len(self.columns))
        return self.whole.cost[self.columns] + spread

    def prices(self, duals: Array) -> Array:
        """
        Give shadow prices of the thin form's rows as those of the whole relaxation.

        Rows that were dropped since nothing can break them have a price of 0; a row that ties an opening to its flow
        has the one at which the opening neither gains nor loses.

        Parameters
        ----------
        duals
            Shape (thin rows,).

        Returns
        -------
        duals
            Shape (rows of the whole,).
        """
        full = np.zeros(self.whole.shape[0])
        full[self.rows] = duals
        matrix = sp.csc_array(self.whole.matrix[:, self.opening])
        left = self.whole.cost[self.opening] - matrix.T @ full
        tied = matrix.indices == np.repeat(self.row, np.diff(matrix.indptr))
        full[self.row] = left / matrix.data[tied]
        return full

    def told(self) -> str:
        """
        Say in a sentence what was replaced and what was not.

        Examples
        --------
        >>> from isopt.solver.large.thin import thin
        >>> import isopt
        >>> from isopt.formulation import build
        >>> from isopt.network import instance_of
        >>> from isopt.solver.compile import standard_form
        >>> thin(standard_form(build(instance_of(isopt.read("scenarios/two_firms"))))).told()
        'no whole numbers'
        """
        stay = sum(self.reasons.values())
        if not self.exact + stay:
            return "no whole numbers"
        said = f"{self.exact:,} of {self.exact + stay:,} whole numbers follow from their flow exactly"
        if not stay:
            return said
        return f"{said}; {stay:,} stay: " + ", ".join(f"{count:,} {why}" for why, count in self.reasons.items())


def thin(form: StandardForm) -> Thin:
    r"""
    Replace all openings that follow from one flow each in the linear relaxation.

    A column is replaced if it is a whole number from 0 up, costs at least nothing, every row that asks for more of it
    is :math:`a x - b y \le 0` with one and the same flow :math:`x \ge 0` (then :math:`y = x / \min b/a` at the best),
    and every other row is at ease the less of it there is. The optimum is that of the relaxation of the whole model,
    exactly. All other whole numbers stay as columns, with their rows. A flow that can't reach its lot stays as a column
    at 0 without entries: of a country of 15,000 firms that is two links in five, and a third of the time.

    Parameters
    ----------
    form
        Any model.

    Returns
    -------
    thin
        The program and the way back.
    """
    found = _pairs(form)
    opening, carrier, share, row = found.opening, found.carrier, found.share, found.row
    rows, columns = form.shape
    upper = form.col_upper.copy()
    np.minimum.at(upper, carrier, form.col_upper[opening] / share)
    kept = np.ones(columns, dtype=bool)
    kept[opening] = False
    left = np.flatnonzero(kept)
    place = np.searchsorted(left, carrier)
    here = np.ones(rows, dtype=bool)
    here[found.tied] = False
    matrix = _merged(_of_rows(form.matrix, here), left, opening, place, share)
    touched = np.zeros(rows, dtype=bool)
    touched[form.matrix[:, opening].indices] = True
    idle = _idle(matrix, touched, form, left)
    upper[left[idle]] = 0.0
    touched[sp.csc_array(matrix[:, idle]).indices] = True
    matrix.data[entries_of(matrix.indptr, idle)] = 0.0
    matrix.eliminate_zeros()
    whole = replace(form, col_upper=upper)
    low, high = _activity(matrix, form.col_lower[left], upper[left])
    here &= ~(touched & (low >= form.row_lower) & (high <= form.row_upper))
    staying = np.flatnonzero(here)
    cost = form.cost[left] + np.bincount(place, weights=form.cost[opening] * share, minlength=len(left))
    linear = replace(
        form,
        matrix=sp.csc_array(matrix[staying, :]),
        cost=cost,
        col_lower=form.col_lower[left],
        col_upper=upper[left],
        row_lower=form.row_lower[staying],
        row_upper=form.row_upper[staying],
        integer=np.zeros(len(left), dtype=bool),
        columns=places(form.columns, left),
        rows=places(form.rows, staying),
        column_labels={},
        row_labels={},
    )
    return Thin(linear, whole, left, staying, opening, carrier, 1.0 / share, row, found.reasons)


def places(of: Mapping[str, slice], chosen: Indices) -> dict[str, slice]:
    """
    Say where each variable (or family) stands among some columns (or rows) of a model.

    Parameters
    ----------
    of
        Where it stands in the whole.
    chosen
        Columns or rows, ascending.

    Examples
    --------
    >>> places({"flow": slice(0, 3), "opened": slice(3, 5)}, np.array([0, 2, 3]))
    {'flow': slice(0, 2, None), 'opened': slice(2, 3, None)}
    """
    return {
        name: slice(*(int(place) for place in np.searchsorted(chosen, (where.start, where.stop))))
        for name, where in of.items()
    }


@dataclass(frozen=True)
class _Pairs:
    """Openings that follow from one flow, ``tied`` being the rows that say so."""

    opening: Indices
    carrier: Indices
    share: Array
    row: Indices
    tied: Indices
    reasons: Mapping[str, int]


def _pairs(form: StandardForm) -> _Pairs:
    """Find the openings that are replaced, and why the others are not."""
    rows, columns = form.shape
    whole_numbers = np.flatnonzero(form.integer)
    own = sp.csc_array(form.matrix[:, whole_numbers])
    entry_row = own.indices.astype(np.int64)
    entry_column = np.repeat(whole_numbers, np.diff(own.indptr))
    most, least = np.isfinite(form.row_upper), np.isfinite(form.row_lower)
    side = np.where(most, 1.0, -1.0)
    value = own.data * side[entry_row]
    on = value != 0
    two_sided = on & (most & least)[entry_row]
    asks = on & (most ^ least)[entry_row] & (value < 0)

    # of rows with two entries, the other one
    counts = np.bincount(form.matrix.indices, minlength=rows)
    column_of = np.repeat(np.arange(columns, dtype=float), np.diff(form.matrix.indptr))
    sum_of = np.bincount(form.matrix.indices, weights=column_of, minlength=rows)
    other = sum_of[entry_row] - entry_column
    values_of = np.bincount(form.matrix.indices, weights=form.matrix.data, minlength=rows)
    other_value = (values_of * side)[entry_row] - value
    tying = asks & (counts == 2)[entry_row]
    right = np.where(most, form.row_upper, form.row_lower)
    flow = np.where(tying, other, 0.0).astype(np.int64)
    tying &= (right[entry_row] == 0) & ~form.integer[flow] & (form.col_lower[flow] >= 0) & (other_value > 0)

    def holds(entries: Flags) -> Flags:
        return np.bincount(entry_column[entries], minlength=columns) > 0

    one = np.full(columns, np.iinfo(np.int64).max)
    last = np.full(columns, -1, dtype=np.int64)
    np.minimum.at(one, entry_column[tying], flow[tying])
    np.maximum.at(last, entry_column[tying], flow[tying])
    why = (
        ("must be open", form.integer & (form.col_lower != 0)),
        ("earn money by being open", form.integer & (form.cost * form.sense < 0)),
        ("have a number to meet", holds(two_sided)),
        ("no row asks for", form.integer & ~holds(asks)),
        ("are asked for by more than a single flow", holds(asks & ~tying)),
        ("serve several flows", form.integer & holds(tying) & (one != last)),
    )
    stays, reasons = ~form.integer, {}
    for words, which in why:
        count = int((which & ~stays).sum())
        stays = stays | which
        if count:
            reasons[words] = count
    opening = np.flatnonzero(~stays)
    ties = np.flatnonzero(tying & ~stays[entry_column])
    share = other_value[ties] / -value[ties]
    order = np.lexsort((-share, entry_column[ties]))
    first = order[np.flatnonzero(np.diff(entry_column[ties][order], prepend=-1))]
    return _Pairs(opening, one[opening], share[first], entry_row[ties[first]], entry_row[ties], reasons)


def _of_rows(matrix: Matrix, kept: Flags) -> Matrix:
    """Leave the entries of some rows only, which keep their numbers."""
    of_entry = kept[matrix.indices]
    before = np.concatenate([[0], np.cumsum(of_entry)])
    entries = matrix.data[of_entry], matrix.indices[of_entry], before[matrix.indptr].astype(matrix.indptr.dtype)
    return sp.csc_array(entries, shape=matrix.shape)


def _merged(matrix: Matrix, left: Indices, opening: Indices, place: Indices, share: Array) -> Matrix:
    """Move the coefficients of openings onto their flows, shape (rows, columns left)."""
    move = sp.csc_array((share, (np.arange(len(opening)), place)), shape=(len(opening), len(left)))
    stay = sp.csc_array(matrix[:, left])
    moved = sp.csc_array(matrix[:, opening]) @ move
    total = sp.csc_array(stay + moved)
    sizes = sp.csc_array(abs(stay) + abs(moved))
    total.sort_indices()
    sizes.sort_indices()
    if total.nnz == sizes.nnz and np.array_equal(total.indices, sizes.indices):
        total.data[np.abs(total.data) <= _CANCELLED * sizes.data] = 0.0
        total.eliminate_zeros()
        return total
    noise = sizes.copy()
    noise.data *= _CANCELLED
    kept = sp.csc_array(total.multiply(abs(total) > noise))
    kept.eliminate_zeros()
    return kept


def _idle(matrix: Matrix, touched: Flags, form: StandardForm, left: Indices) -> Indices:
    """Columns left that a row about nothing else holds at 0, such as a lot above all that can flow; ascending."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[0])
    alone = np.flatnonzero((touched & (counts == 1))[matrix.indices])
    row, value = matrix.indices[alone], matrix.data[alone]
    column = np.searchsorted(matrix.indptr, alone, side="right") - 1
    bound = ((value > 0) & (form.row_upper[row] == 0)) | ((value < 0) & (form.row_lower[row] == 0))
    held = np.zeros(matrix.shape[1], dtype=bool)
    held[column[bound & (form.col_lower[left[column]] == 0)]] = True
    return np.flatnonzero(held)


def _activity(matrix: Matrix, lower: Array, upper: Array) -> tuple[Array, Array]:
    """Least and most that each row can come to within the columns' bounds, shape (rows,) both."""
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    with np.errstate(invalid="ignore"):
        one, other = matrix.data * lower[column], matrix.data * upper[column]
        least = np.asarray(
            np.bincount(matrix.indices, weights=np.minimum(one, other), minlength=matrix.shape[0]), dtype=np.float64
        )
        most = np.asarray(
            np.bincount(matrix.indices, weights=np.maximum(one, other), minlength=matrix.shape[0]), dtype=np.float64
        )
    return least, most
