"""Where coefficients stand: blocks over variables by period or year, prepared once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isopt.formulation.entries import Entries, Places, constant, place
from isopt.network import Periods

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_NOTHING = np.zeros(0)


def each_period(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods) -> Entries:
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
    count = periods.count
    if count == 1:
        return _place(row, column, value, shape, 1)
    every = np.arange(count)
    return _place(_at(row, every, count), _at(column, every, count), value, (shape[0] * count, shape[1] * count), count)


def over_year(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods) -> Entries:
    """Place coefficients summed over each year: row (r, y) has the columns (c, t) of its periods."""
    count, years = periods.count, len(periods.years)
    if count == 1:
        return _place(row, column, value, shape, 1)
    return _place(
        _at(row, periods.year_of, years),
        _at(column, np.arange(count), count),
        value,
        (shape[0] * years, shape[1] * count),
        count,
    )


def of_year(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods) -> Entries:
    """Place coefficients of yearly decisions in rows by period: row (r, t) has column (c, year of t)."""
    count, years = periods.count, len(periods.years)
    if count == 1:
        return _place(row, column, value, shape, 1)
    return _place(
        _at(row, np.arange(count), count),
        _at(column, periods.year_of, years),
        value,
        (shape[0] * count, shape[1] * years),
        count,
    )


def each_year(row: Indices, column: Indices, value: ArrayLike, shape: tuple[int, int], periods: Periods) -> Entries:
    """Place coefficients once per year: row (r, y) has column (c, y)."""
    years = len(periods.years)
    if years == 1:
        return _place(row, column, value, shape, 1)
    every = np.arange(years)
    return _place(_at(row, every, years), _at(column, every, years), value, (shape[0] * years, shape[1] * years), years)


def sum_in_year(coefficients: Array, periods: Periods, *, yearly: bool) -> Entries:
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
    return Entries(year[filled % width], filled, coefficients[filled], (len(periods.years), len(coefficients)))


def where(flags: Any) -> Indices:
    """Say which are true, shape (how many are,); ``numpy.flatnonzero`` without its detour through Python."""
    true: Indices = flags.nonzero()[0]
    return true


def positions(count: int, which: Indices) -> Indices:
    """Position of each row in a selection, -1 where it is not part of it, shape (count,)."""
    position = np.full(count, -1, dtype=np.int64)
    position[which] = np.arange(len(which))
    return position


def _at(thing: Indices, moment: Indices, width: int) -> Places:
    """Place of each thing at each moment, moments side by side, where a thing has so many places."""
    return (thing[:, None] * width + moment).astype(np.int32).ravel()


def _place(
    row: Indices | Places, column: Indices | Places, value: ArrayLike, shape: tuple[int, int], moments: int
) -> Entries:
    """Place coefficients, given as shape (entries, 1 or moments) or what broadcasts to it."""
    if not row.size:
        return Entries(row, column, _NOTHING, shape)
    values = np.asarray(value, dtype=np.float64)
    if not values.ndim:
        return Entries(row, column, constant(values, len(row)), shape)
    if values.size != row.size:
        values = np.broadcast_to(values, (len(row) // moments, moments))
    return place(row, column, values.ravel(), shape)
