"""A model as blocks that share columns: each has its own copy, and the copies share the cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags, Matrix
    from isopt.solver.compile import StandardForm
    from isopt.solver.large.certify import Certificate

    Indices = npt.NDArray[np.int64]

__all__ = ["Block", "cut", "cut_out"]

#: A row of more columns than this share of the largest block is kept by no block but priced.
_WIDE_SHARE = 0.5
#: A whole number that allows more flows than this (a plant with its links) is not copied along with one of them.
_FEW = 12


@dataclass(frozen=True)
class Block:
    """
    A part of a model that is solved by itself; what it gives is added to what the others give.

    Parameters
    ----------
    columns, rows
        Ascending numbers in the whole; columns of other blocks are among them as copies.
    cost
        Share of the cost that the block bears, in the sense of minimising, shape (columns,).
    least
        What the prices prove of it: its part of the whole's bound.
    """

    columns: Indices
    rows: Indices
    cost: Array
    least: float


def cut(form: StandardForm, proof: Certificate, parts: Sequence[Indices]) -> list[Block]:
    r"""
    Cut a model into blocks whose least costs add up to a bound.

    Each row belongs to the block that owns most of its columns; a column in rows of several blocks is copied into each,
    an opening with its flow and the rows that hold the two together. With prices :math:`\lambda`, block
    :math:`k` of the :math:`n_j` blocks that hold column :math:`j` bears

    .. math:: c_j^k = \sum_{r \in R_k} \lambda_r^k a_{rj} + \frac{1}{n_j} \left(c_j - \sum_r \lambda_r a_{rj}\right)

    where a row in several blocks has its price divided evenly, and a row in none only adds :math:`\lambda_r b_r` to the
    bound. Since the shares of a column add up to its cost (but for rows in no block), the sum of the blocks' least
    costs is at most the optimum; with fractions it is at least the bound of the prices, with whole numbers more.

    Parameters
    ----------
    form
        The whole model with finite bounds, as ``bounded(thin(form).whole)``.
    proof
        Prices of its rows and what they leave of the costs.
    parts
        Columns of each block, disjoint, all together.

    Returns
    -------
    blocks
        In the order of the parts; those without a whole number are left out, for the prices say all of them.
    """
    columns = form.shape[1]
    owner = np.empty(columns, dtype=np.int64)
    for number, part in enumerate(parts):
        owner[part] = number
    table = sp.csr_array(form.matrix)
    held = _holders(table, owner, _home(table, owner, parts), form.integer)
    inside = _inside(table, held)
    copies = np.diff(held.indptr)
    shared = np.maximum(np.bincount(inside.indices, minlength=form.shape[0]), 1)
    price = proof.prices / shared
    rest = proof.reduced / np.maximum(copies, 1)
    of_block = sp.csc_array(held)
    blocks = []
    for number in range(len(parts)):
        mine = of_block.indices[of_block.indptr[number] : of_block.indptr[number + 1]].astype(np.int64)
        rows = inside.indices[inside.indptr[number] : inside.indptr[number + 1]].astype(np.int64)
        if not form.integer[mine].any():
            continue
        cost = rest[mine] + cut_out(form.matrix, rows, mine).T @ price[rows]
        blocks.append(Block(mine, rows, cost, _least(form, mine, rows, price[rows], rest[mine])))
    return blocks


def cut_out(matrix: Matrix, rows: Indices, columns: Indices) -> Matrix:
    """
    Cut some rows and columns out of a sparse matrix.

    Parameters
    ----------
    matrix
        CSC.
    rows, columns
        Ascending numbers.
    """
    return sp.csc_array(sp.csc_array(matrix[:, columns])[rows, :])


def _home(table: Matrix, owner: Indices, parts: Sequence[Indices]) -> Indices:
    """Block of each row: the one that owns most of its columns; -1 for rows that count a great many."""
    rows = table.shape[0]
    row = np.repeat(np.arange(rows), np.diff(table.indptr))
    votes = sp.coo_array((np.ones(len(row)), (row, owner[table.indices])), shape=(rows, len(parts))).tocsr()
    votes.sum_duplicates()
    voter = np.repeat(np.arange(rows), np.diff(votes.indptr))
    order = np.lexsort((votes.indices, -votes.data, voter))
    first = order[np.flatnonzero(np.diff(voter[order], prepend=-1))]
    home = np.full(rows, -1, dtype=np.int64)
    home[voter[first]] = votes.indices[first]
    size = max((len(part) for part in parts), default=0)
    counts = np.diff(table.indptr)
    home[(counts > _WIDE_SHARE * size) & (counts > 2) & (np.diff(votes.indptr) > 1)] = -1
    return home


def _holders(table: Matrix, owner: Indices, home: Indices, whole: Flags) -> Matrix:
    """Which blocks hold which column, CSR of shape (columns, blocks)."""
    columns, blocks = len(owner), int(owner.max(initial=-1)) + 1
    row = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    kept = home[row] >= 0
    column, block = table.indices[kept], home[row[kept]]
    pairs = sp.coo_array(
        (
            np.ones(columns + len(column)),
            (np.concatenate([np.arange(columns), column]), np.concatenate([owner, block])),
        ),
        shape=(columns, blocks),
    ).tocsr()
    pairs.data = np.ones_like(pairs.data)
    held = sp.csr_array(pairs + _along(table, whole) @ pairs)
    held.data = np.ones_like(held.data)
    return held


def _along(table: Matrix, whole: Flags) -> Matrix:
    """Which whole numbers go along with which flow, since a row holds the two together; CSR, both sides columns."""
    two = np.flatnonzero(np.diff(table.indptr) == 2)
    ends = sp.csr_array(table[two, :]).indices.reshape(-1, 2)
    ends = ends[whole[ends[:, 0]] != whole[ends[:, 1]]]
    first = whole[ends[:, 0]]
    opening, flow = np.where(first, ends[:, 0], ends[:, 1]), np.where(first, ends[:, 1], ends[:, 0])
    few = np.bincount(opening, minlength=len(whole))[opening] <= _FEW
    shape = (len(whole), len(whole))
    return sp.coo_array((np.ones(int(few.sum())), (opening[few], flow[few])), shape=shape).tocsr()


def _inside(table: Matrix, held: Matrix) -> Matrix:
    """Rows that a block can keep, since it holds all their columns, CSR of shape (blocks, rows)."""
    pattern = sp.csr_array((np.ones_like(table.data), table.indices, table.indptr), shape=table.shape)
    present = sp.csr_array(pattern @ held)
    entries = np.diff(table.indptr)
    row = np.repeat(np.arange(table.shape[0]), np.diff(present.indptr))
    present.data = np.where(present.data >= entries[row] - 0.5, 1.0, 0.0)
    present.eliminate_zeros()
    inside = sp.csr_array(present.T)
    inside.sort_indices()
    return inside


def _least(form: StandardForm, columns: Indices, rows: Indices, price: Array, rest: Array) -> float:
    """What the prices prove of one block."""
    right = np.where(price > 0, form.row_lower[rows], np.where(price < 0, form.row_upper[rows], 0.0))
    at = np.where(rest > 0, form.col_lower[columns], np.where(rest < 0, form.col_upper[columns], 0.0))
    return float(price @ right + rest @ at)
