"""Pieces: some columns of a model, the others fixed at a plan; small models of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm
    from isopt.solver.outcome import Listener

    Indices = npt.NDArray[np.int64]

__all__ = ["Piece", "entries_of", "piece", "shared_room", "told"]


@dataclass(frozen=True)
class Piece:
    """
    A small model cut out of a large one.

    Parameters
    ----------
    form
        The columns that are free, with the rows that they stand in; no constant.
    columns
        Where they stand in the whole, ascending, shape (piece's columns,).
    start
        The plan's values of them, shape (piece's columns,).
    """

    form: StandardForm
    columns: Indices
    start: Array


def piece(
    form: StandardForm,
    values: Array,
    columns: Indices,
    *,
    activity: Array | None = None,
    room: tuple[Array, Array] | None = None,
) -> Piece:
    """
    Cut out some columns, with all others fixed where they are.

    Parameters
    ----------
    form
        The whole.
    values
        Where the others are fixed, shape (columns,).
    columns
        Those that stay free, ascending.
    activity
        ``form.matrix @ values``, where it is at hand, shape (rows,).
    room
        How far each row may go down and up from where it is, shape (rows,) both; as far as its bounds, if not given.

    Returns
    -------
    piece
        Any plan of it, put in the place of ``start``, leaves the whole as feasible as it was.
    """
    activity = form.matrix @ values if activity is None else activity
    matrix = sp.csc_array(form.matrix[:, columns])
    touched = np.zeros(form.shape[0], dtype=bool)
    touched[matrix.indices] = True
    rows = np.flatnonzero(touched)
    number = np.cumsum(touched, dtype=np.int32) - np.int32(1)
    own = sp.csc_array((matrix.data, number[matrix.indices], matrix.indptr), shape=(len(rows), len(columns)))
    start = values[columns]
    here = own @ start
    if room is None:
        rest = activity[rows] - here
        lower, upper = form.row_lower[rows] - rest, form.row_upper[rows] - rest
    else:
        lower, upper = here - room[0][rows], here + room[1][rows]
    small = replace(
        form,
        matrix=own,
        cost=form.cost[columns],
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=lower,
        row_upper=upper,
        integer=form.integer[columns],
        columns={},
        rows={},
        column_labels={},
        row_labels={},
    )
    return Piece(small, columns, start)


def shared_room(form: StandardForm, activity: Array, blocks: Sequence[Indices]) -> tuple[Array, Array]:
    """
    Share what each row has left among the blocks that stand in it, so that all may move at once.

    Parameters
    ----------
    form
        The whole.
    activity
        Of a plan, shape (rows,).
    blocks
        Disjoint sets of columns.

    Returns
    -------
    down, up
        How far each block may take each row, shape (rows,) both; nowhere for an equation that several blocks share.
    """
    rows = form.shape[0]
    block_of = np.full(form.shape[1], -1, dtype=np.int64)
    for number, block in enumerate(blocks):
        block_of[block] = number
    entry_block = np.repeat(block_of, np.diff(form.matrix.indptr))
    inside = entry_block >= 0
    keys = np.unique(entry_block[inside] * np.int64(rows) + form.matrix.indices[inside])
    sharing = np.maximum(np.bincount(keys % rows, minlength=rows), 1)
    down = np.maximum(activity - form.row_lower, 0.0) / sharing
    up = np.maximum(form.row_upper - activity, 0.0) / sharing
    return down, up


def told(stop: Callable[[], bool] | None) -> Listener | None:
    """Make a listener of a question: HiGHS is asked to stop when the answer is yes."""
    return None if stop is None else lambda _: stop()


def entries_of(indptr: npt.NDArray[np.integer], which: Indices) -> Indices:
    """
    Places of the entries of some columns (or rows) of a compressed matrix.

    Parameters
    ----------
    indptr
        Where each column begins, shape (columns + 1,).
    which
        Columns.

    Returns
    -------
    places
        One column after the other, shape (entries,).

    Examples
    --------
    >>> entries_of(np.array([0, 2, 2, 5]), np.array([2, 0]))
    array([2, 3, 4, 0, 1])
    """
    first = indptr[which].astype(np.int64)
    count = indptr[which + 1].astype(np.int64) - first
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(np.repeat(first, count) + within, dtype=np.int64)
