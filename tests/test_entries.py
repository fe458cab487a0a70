"""Coefficients by where they stand become the matrix that SciPy would make of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from isopt.formulation.entries import MOST, Entries, by_column, place, spread
from isopt.formulation.indexing import each_period, each_year, of_year, over_year
from isopt.formulation.rows import Rows
from isopt.network import Periods


@st.composite
def coefficients(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """Draw some coefficients, in any order, with places that occur more than once and empty rows and columns."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    count = draw(st.integers(0, 12))
    row, column = (
        np.array(draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count)), dtype=np.int32)
        for size in shape
    )
    value = np.array(draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), dtype=float)
    return row, column, value, shape


@settings(max_examples=60, deadline=None)
@given(coefficients())
def test_columns_are_sorted_as_scipy_sorts_them(drawn):
    """The matrix passes SciPy's full check, knows that it is sorted and adds up equal places, and computes."""
    row, column, value, shape = drawn
    ours, theirs = by_column(row, column, value, shape), sp.coo_array((value, (row, column)), shape=shape).tocsc()
    ours.check_format(full_check=True)

    made = sp.csc_array((theirs.data, theirs.indices, theirs.indptr), shape=shape)
    assert vars(ours).keys() >= vars(made).keys()
    for part in ("data", "indices", "indptr"):
        assert_array_equal(getattr(ours, part), getattr(theirs, part))
        assert getattr(ours, part).dtype == getattr(theirs, part).dtype
    again = sp.csc_array((ours.data, ours.indices, ours.indptr), shape=shape)
    assert (again.has_canonical_format, again.has_sorted_indices) == (True, True)
    assert (ours.has_canonical_format, ours.has_sorted_indices) == (True, True)
    assert_array_equal((ours @ np.arange(shape[1])), theirs.toarray() @ np.arange(shape[1]))
    assert_array_equal(ours[:1, :].T.toarray(), theirs[:1, :].T.toarray())


@settings(max_examples=60, deadline=None)
@given(coefficients())
def test_entries_rows_and_matrices_say_the_same(drawn):
    """A matrix written down and read again is itself; rows are taken, emptied and stacked as in the dense one."""
    row, column, value, shape = drawn
    dense = np.zeros(shape)
    np.add.at(dense, (row, column), value)
    block, rows = Entries(row, column, value, shape), np.arange(shape[0])[::-2]

    assert_array_equal(block.csr.toarray(), dense)
    for matrix in (dense, sp.coo_array(block.csr), sp.csc_array(block.csr)):
        assert_array_equal(Entries.of(matrix).csr.toarray(), dense)
    assert Entries.of(block) is block
    assert_array_equal(block.take(rows).csr.toarray(), dense[rows])
    kept = np.arange(shape[0]) % 2 == 0
    assert_array_equal(block.only(kept).csr.toarray(), dense * kept[:, None])
    stacked = Entries.stack([(1, block), (shape[0] + 1, block)], 2 * shape[0] + 2)
    nothing = np.zeros((1, shape[1]))
    assert_array_equal(stacked.csr.toarray(), np.vstack([nothing, dense, dense, nothing]))


@pytest.mark.parametrize(("row", "column"), [([2], [0]), ([-1], [0]), ([0], [3]), ([0, 0], [1, -2])])
def test_a_coefficient_outside_of_the_matrix_is_refused(row, column):
    """A slip in an index must not write over somebody else's memory."""
    with pytest.raises(ValueError, match="outside of the 2 rows and 3 columns"):
        by_column(np.array(row, np.int32), np.array(column, np.int32), np.ones(len(row)), (2, 3))


def test_more_than_the_solver_can_count_is_refused():
    """HiGHS numbers rows and columns with 32 bits."""
    none = np.zeros(0, dtype=np.int64)
    with pytest.raises(ValueError, match=f"{MOST + 1} rows over 1 columns are more than HiGHS can count"):
        Entries(none, none, np.zeros(0), (MOST + 1, 1))


def test_zeros_are_left_out_where_coefficients_are_placed():
    """A number counts for all, and a coefficient of nothing is none."""
    row, column = np.array([0, 1, 1]), np.array([2, 0, 1])

    assert place(row, column, 2, (2, 3)).csr.toarray().tolist() == [[0, 0, 2], [2, 2, 0]]
    some = place(row, column, [5.0, 0.0, -1.0], (2, 3))
    assert (some.row.tolist(), some.column.tolist(), some.value.tolist()) == ([0, 1], [2, 1], [5, -1])
    assert some.row.dtype == some.column.dtype == np.int32


def test_one_number_is_spread_and_many_are_taken_as_they_are():
    """Two numbers for three elements are a mistake."""
    assert spread(2, 3).tolist() == [2, 2, 2]
    assert spread([1, 2, 3], 3).tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match=re.escape("could not broadcast")):
        spread([1, 2], 3)


def calendar(years: int, seasons: int) -> Periods:
    """So many years of so many seasons."""
    count = years * seasons
    year_of = np.repeat(np.arange(years), seasons)
    return Periods(
        names=tuple(str(t) for t in range(count)),
        years=2030 + np.arange(years),
        year_of=year_of,
        share=np.full(count, 1 / seasons),
        season=np.tile(np.arange(seasons), years),
        first_of_year=np.arange(years) * seasons,
        discount=np.ones(years),
    )


@pytest.mark.parametrize(("years", "seasons"), [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_places_by_period_and_year_are_what_loops_would_find(years, seasons):
    """Row (r, t) and column (c, t), their years where one of them is yearly, in any calendar."""
    periods = calendar(years, seasons)
    count, row, column, shape = periods.count, np.array([1, 0, 1]), np.array([0, 2, 1]), (2, 3)
    by_period, by_year = (
        np.arange(1.0, 3 * count + 1).reshape(3, count),
        np.arange(1.0, 3 * years + 1).reshape(3, years),
    )
    for placed, value, tall, wide in (
        (each_period, by_period, count, count),
        (over_year, by_period, years, count),
        (of_year, by_period, count, years),
        (each_year, by_year, years, years),
    ):
        for figure in (value, value[:, :1], 2.0, value[0]):
            due = np.zeros((shape[0] * tall, shape[1] * wide))
            figures = np.broadcast_to(figure, value.shape)
            for k, (r, c) in enumerate(zip(row, column, strict=True)):
                for t in range(value.shape[1]):
                    year = t if placed is each_year else periods.year_of[t]
                    at, of = (year if size == years and size != count else t for size in (tall, wide))
                    due[r * tall + at, c * wide + of] += figures[k, t]
            found = placed(row, column, figure, shape, periods)

            assert found.shape == due.shape
            assert_array_equal(found.csr.toarray(), due, err_msg=placed.__name__)


def test_rows_without_coefficients_keep_their_number():
    """Twelve numbers to the right and nothing to the left are twelve rows; parts without rows leave no trace."""
    none = np.zeros(0, dtype=np.int64)
    empty = Rows(x=place(none, none, 1.0, (2, 3)), equals=0.0)
    nothing = Rows(x=place(none, none, 1.0, (0, 3)), equals=0.0)

    assert (empty.size, empty.blocks["x"].shape) == (2, (2, 3))
    assert Rows.stack([nothing, empty]).size == 2
    assert Rows.stack([nothing, nothing]).size == 0
    assert Rows.stack([empty, Rows(y=[[1]], equals=1)]).blocks["x"].shape == (3, 3)
