"""
Coefficients by where they stand: row, column and value, not yet sorted.

A family writes its coefficients down in the order in which they come to hand; the whole model is sorted once, when it
is compiled. A matrix of one family is made only where somebody reads a row. SciPy checks what it is given each time
that it makes a matrix, which at a thousand links costs ten times what the numbers cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse import _sparsetools

if TYPE_CHECKING:
    from collections.abc import Sequence

Array: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int32]
Matrix: TypeAlias = Any  # a SciPy sparse array: SciPy's stubs want a shape type that nobody can write for (m, n)

MOST = np.iinfo(np.int32).max
"""Rows or columns that HiGHS can count."""


class Entries:
    """
    A family's coefficients of one variable.

    Parameters
    ----------
    row, column
        Where each stands, shape (entries,); several may stand at one place and add up.
    value
        The coefficients, shape (entries,); none is 0.
    shape
        Rows of the family and size of the variable.

    Raises
    ------
    ValueError
        If there are more rows or columns than HiGHS can count.

    Examples
    --------
    >>> block = Entries(np.array([1, 0]), np.array([0, 2]), np.array([5.0, 7.0]), (2, 3))
    >>> block.csr.toarray()
    array([[0., 0., 7.],
           [5., 0., 0.]])
    """

    __slots__ = ("_csr", "column", "row", "shape", "value")

    row: Places
    column: Places
    value: Array
    shape: tuple[int, int]

    def __init__(
        self, row: npt.NDArray[np.integer], column: npt.NDArray[np.integer], value: Array, shape: tuple[int, int]
    ) -> None:
        if shape[0] > MOST or shape[1] > MOST:
            raise ValueError(f"{shape[0]} rows over {shape[1]} columns are more than HiGHS can count")
        self.row, self.column = row.astype(np.int32, copy=False), column.astype(np.int32, copy=False)
        self.value, self.shape = value, shape
        self._csr: Matrix = None

    @property
    def csr(self) -> Matrix:
        """The same as a CSR matrix: sorted and added up, made when it is first asked for."""
        if self._csr is None:
            self._csr = sp.csr_array((self.value, (self.row, self.column)), shape=self.shape)
        return self._csr

    def take(self, rows: npt.NDArray[np.integer]) -> Entries:
        """
        Keep some rows, in the order given.

        Parameters
        ----------
        rows
            Each at most once.
        """
        position = np.full(self.shape[0], -1, dtype=np.int32)
        position[rows] = np.arange(len(rows), dtype=np.int32)
        row = position[self.row]
        kept = row >= 0
        return Entries(row[kept], self.column[kept], self.value[kept], (len(rows), self.shape[1]))

    def only(self, kept: npt.NDArray[np.bool_]) -> Entries:
        """Leave rows empty that are not kept, shape (rows,)."""
        here = kept[self.row]
        return Entries(self.row[here], self.column[here], self.value[here], self.shape)

    @staticmethod
    def of(block: Any) -> Entries:
        """
        Write down what a matrix says, without its zeros.

        Parameters
        ----------
        block
            Entries (given back as they are), a SciPy matrix or anything that NumPy makes one of; it stays as it is.
        """
        if isinstance(block, Entries):
            return block
        matrix = _canonical(block)
        row = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
        return Entries(row, matrix.indices, matrix.data, (int(matrix.shape[0]), int(matrix.shape[1])))

    @staticmethod
    def stack(parts: Sequence[tuple[int, Entries]], height: int) -> Entries:
        """
        Put blocks over one variable below each other.

        Parameters
        ----------
        parts
            Each with its first row; at least one.
        height
            Rows altogether.
        """
        shape = (height, parts[0][1].shape[1])
        filled = [(np.int32(first), part) for first, part in parts if part.value.size] or parts[:1]
        rows = [part.row + first for first, part in filled]
        if len(filled) == 1:
            part = filled[0][1]
            return Entries(rows[0], part.column, part.value, shape)
        columns, values = [part.column for _, part in filled], [part.value for _, part in filled]
        return Entries(np.concatenate(rows), np.concatenate(columns), np.concatenate(values), shape)


def by_column(row: Places, column: Places, value: Array, shape: tuple[int, int]) -> Matrix:
    """
    Sort coefficients into a CSC matrix with rising rows in each column, equal places added up.

    It is what ``scipy.sparse.coo_array.tocsc`` does, by the same counting sort, with one look at the places instead of
    many.

    Parameters
    ----------
    row, column, value
        Where each stands and what it is, shape (entries,).
    shape
        Rows and columns.

    Raises
    ------
    ValueError
        If a place is outside of the matrix.

    Examples
    --------
    >>> by_column(np.array([1, 0], np.int32), np.array([0, 0], np.int32), np.array([5.0, 7.0]), (2, 1)).toarray()
    array([[7.],
           [5.]])
    """
    for places, end in ((row, shape[0]), (column, shape[1])):
        if places.size and places.view(np.uint32).max() >= end:  # a negative place is a large one here
            raise ValueError(f"there is a coefficient outside of the {shape[0]} rows and {shape[1]} columns")
    starts = np.empty(shape[1] + 1, np.int32)
    rows, values = np.empty_like(row), np.empty_like(value)
    _sparsetools.coo_tocsr(shape[1], shape[0], len(value), column, row, value, starts, rows, values)
    matrix = sp.csc_array.__new__(sp.csc_array)
    matrix.__dict__.update(_MADE_CSC, _shape=shape, data=values, indices=rows, indptr=starts)
    matrix.sum_duplicates()
    return matrix


#: What SciPy's constructor gives to any CSC matrix of numbers; it looks at ours so long that it is copied instead.
_MADE_CSC = vars(sp.csc_array((0, 0), dtype=np.float64))


def place(
    row: npt.NDArray[np.integer], column: npt.NDArray[np.integer], value: npt.ArrayLike, shape: tuple[int, int]
) -> Entries:
    """
    Place coefficients, those that are 0 left out.

    Parameters
    ----------
    row, column
        Where each stands, shape (entries,).
    value
        A number that is not 0 for all of them, or shape (entries,).
    shape
        Rows and columns.

    Examples
    --------
    >>> place(np.array([0, 1]), np.array([0, 0]), np.array([0.0, 3.0]), (2, 1)).value
    array([3.])
    """
    values = np.asarray(value, dtype=np.float64)
    if not values.ndim:
        return Entries(row, column, constant(values, len(row)), shape)
    if not values.all():
        filled = values != 0
        row, column, values = row[filled], column[filled], values[filled]
    return Entries(row, column, values, shape)


def spread(values: npt.ArrayLike, count: int) -> Array:
    """
    So many numbers out of one or as many.

    Parameters
    ----------
    values
        A number or shape (count,).
    count
        How many.

    Raises
    ------
    ValueError
        If it is neither.
    """
    array = np.asarray(values, dtype=np.float64)
    return array if array.shape == (count,) else constant(array, count)


def constant(value: npt.ArrayLike, count: int) -> Array:
    """One number so many times; ``numpy.full`` without its detour through Python."""
    array = np.empty(count)
    array[:] = value
    return array


def _canonical(block: Any) -> Matrix:
    """Turn any matrix into CSR with sorted columns, duplicates summed and no stored zeros; the input stays as it is."""
    if not sp.issparse(block):
        dense: Any = np.asarray(block, dtype=float)
        return sp.csr_array(np.atleast_2d(dense) if dense.size or dense.ndim > 1 else np.zeros((0, 0)))
    sparse: Matrix = block
    matrix: Matrix = sp.csr_array(sparse)
    if matrix.dtype != np.float64:
        matrix = matrix.astype(np.float64)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    if matrix.nnz and not matrix.data.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return matrix
