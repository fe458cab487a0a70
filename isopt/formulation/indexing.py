"""Where coefficients stand: sparse blocks over variables by period or year, prepared once."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from isopt.network import Periods

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def each_period(
    row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods
) -> sp.csr_array:
    """
    Place coefficients once per period: row (r, t) has column (c, t).

    Parameters
    ----------
    row, column
        Indices without the period, shape (entries,).
    value
        Coefficients, shape (entries, 1 or periods) or what broadcasts to it.
    shape
        Rows and columns without the period.
    periods
        The calendar.
    """
    t = np.arange(periods.count)
    return _place(
        row[:, None] * periods.count + t,
        column[:, None] * periods.count + t,
        value,
        (shape[0] * periods.count, shape[1] * periods.count),
    )


def over_year(
    row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods
) -> sp.csr_array:
    """Place coefficients summed over each year: row (r, y) has the columns (c, t) of its periods."""
    t = np.arange(periods.count)
    years = len(periods.years)
    return _place(
        row[:, None] * years + periods.year_of,
        column[:, None] * periods.count + t,
        value,
        (shape[0] * years, shape[1] * periods.count),
    )


def of_year(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods) -> sp.csr_array:
    """Place coefficients of yearly decisions in rows by period: row (r, t) has column (c, year of t)."""
    t = np.arange(periods.count)
    years = len(periods.years)
    return _place(
        row[:, None] * periods.count + t,
        column[:, None] * years + periods.year_of,
        value,
        (shape[0] * periods.count, shape[1] * years),
    )


def each_year(
    row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods
) -> sp.csr_array:
    """Place coefficients once per year: row (r, y) has column (c, y)."""
    years = len(periods.years)
    y = np.arange(years)
    return _place(row[:, None] * years + y, column[:, None] * years + y, value, (shape[0] * years, shape[1] * years))


def sum_in_year(coefficients: Array, periods: Periods, *, yearly: bool) -> sp.csr_array:
    """
    Add a variable up within each year.

    Parameters
    ----------
    coefficients
        Flat, in the model's order, of a variable by year or by period.
    periods
        The calendar.
    yearly
        Whether the variable has a value a year (else one a period).

    Returns
    -------
    rows
        Shape (years, size of the variable).
    """
    width = len(periods.years) if yearly else periods.count
    year = np.arange(width) if yearly else periods.year_of
    filled = np.flatnonzero(coefficients)
    return sp.csr_array(
        (coefficients[filled], (year[filled % width], filled)), shape=(len(periods.years), len(coefficients))
    )


def positions(count: int, which: Indices) -> Indices:
    """Position of each row in a selection, -1 where it is not part of it, shape (count,)."""
    position = np.full(count, -1, dtype=np.int64)
    position[which] = np.arange(len(which))
    return position


def _place(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int]) -> sp.csr_array:
    """Make a sparse block, without the zeros."""
    values = np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape).ravel()
    filled = values != 0
    return sp.csr_array((values[filled], (row.ravel()[filled], column.ravel()[filled])), shape=shape)
