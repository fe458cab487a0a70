"""Bounds that hold whatever a solver's tolerances are: computed from prices, with the rounding taken off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    import numpy.typing as npt

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

    Indices = npt.NDArray[np.int64]

__all__ = ["Certificate", "bounded", "certify", "priced"]

#: Times that bounds are passed on from row to row.
_PASSES = 4
#: Share by which bounds derived from rows are widened for rounding.
_WIDENED = 1e-9
#: Rounding of one sum of products is below this share of the sum of their sizes (four units in the last place).
_ROUNDING = 4 * float(np.finfo(np.float64).eps)
#: Times that a price is changed for the sake of columns without a bound.
_REPAIRS = 5


@dataclass(frozen=True)
class Certificate:
    """
    A bound, and what it is made of; all in the sense of minimising.

    Parameters
    ----------
    value
        What no plan can be below; minus infinity where nothing is proven. Without the model's constant.
    prices
        Prices that prove it, those of inequalities with the right sign, shape (rows,).
    reduced
        What each column costs at these prices, shape (columns,).
    """

    value: float
    prices: Array
    reduced: Array


def bounded(form: StandardForm) -> StandardForm:
    """
    Give columns without a bound the one that the rows imply, where they do.

    Parameters
    ----------
    form
        Any model.

    Returns
    -------
    form
        With the same plans.

    Examples
    --------
    >>> import isopt
    >>> from isopt.formulation import build
    >>> from isopt.network import instance_of
    >>> from isopt.solver.compile import standard_form
    >>> form = standard_form(build(instance_of(isopt.read("scenarios/two_firms"))))
    >>> form.col_upper[form.columns["virgin"]], bounded(form).col_upper[form.columns["virgin"]].round()
    (array([inf]), array([80.]))
    """
    lower, upper = form.col_lower.copy(), form.col_upper.copy()
    table = sp.csr_array(form.matrix)
    row: Indices = np.repeat(np.arange(form.shape[0], dtype=np.int64), np.diff(table.indptr))
    column, value = table.indices, table.data
    for _ in range(_PASSES):
        open_ = (np.isinf(lower) | np.isinf(upper))[column] & (value != 0)
        if not open_.any():
            break
        least, most = _sides(value, lower[column], upper[column])
        rest_least, rest_most = _rest(row, least, form.shape[0])[open_], _rest(row, most, form.shape[0])[open_]
        high, low = form.row_upper[row[open_]] - rest_least, form.row_lower[row[open_]] - rest_most
        factor, places = value[open_], column[open_]
        with np.errstate(invalid="ignore"):
            above, below = np.where(factor > 0, high, low) / factor, np.where(factor > 0, low, high) / factor
        before = lower.copy(), upper.copy()
        _take(np.minimum, upper, places, above, before[1], 1.0)
        _take(np.maximum, lower, places, below, before[0], -1.0)
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            break
    return replace(form, col_lower=lower, col_upper=upper)


def _sides(value: Array, lower: Array, upper: Array) -> tuple[Array, Array]:
    """Least and most of each term."""
    with np.errstate(invalid="ignore"):
        one, other = value * lower, value * upper
    return np.fmin(one, other), np.fmax(one, other)


def _rest(row: Indices, term: Array, rows: int) -> Array:
    """Sum of the other terms of each entry's row, infinite where one of them is."""
    finite = np.isfinite(term)
    total = np.bincount(row, weights=np.where(finite, term, 0.0), minlength=rows)
    endless = np.bincount(row, weights=~finite, minlength=rows)
    others = endless[row] - ~finite
    sign = np.bincount(row, weights=np.where(finite, 0.0, np.sign(term)), minlength=rows)
    rest = total[row] - np.where(finite, term, 0.0)
    found: Array = np.where(others > 0, np.where(sign[row] < 0, -np.inf, np.inf), rest)
    return found


def _take(better: np.ufunc, bound: Array, places: Array, new: Array, old: Array, outward: float) -> None:
    """Take new bounds where there was none."""
    usable = np.isfinite(new) & np.isinf(old[places])
    wide = new[usable] + outward * _WIDENED * (1.0 + np.abs(new[usable]))
    better.at(bound, places[usable], wide)


def priced(form: StandardForm, duals: Array) -> Array:
    """
    Make prices of a solver's duals: in the sense of minimising, and none of the wrong sign.

    Parameters
    ----------
    form
        The model.
    duals
        As HiGHS gives them, shape (rows,).
    """
    prices = np.nan_to_num(form.sense * duals, nan=0.0, posinf=0.0, neginf=0.0)
    prices[np.isinf(form.row_upper) & (prices < 0)] = 0.0
    prices[np.isinf(form.row_lower) & (prices > 0)] = 0.0
    return prices


def certify(form: StandardForm, duals: Array, cost: Array | None = None) -> Certificate:
    r"""
    Prove a lower bound from prices of the rows, whatever their origin.

    .. math::
        \min_{\ell \le x \le u,\; b^- \le A x \le b^+} c x \;\ge\; \sum_r \left(\lambda_r^+ b^-_r - \lambda_r^- b^+_r
        \right) + \sum_j \min\left(d_j \ell_j, d_j u_j\right), \qquad d = c - A^\top \lambda

    which holds for any :math:`\lambda`, so for those of a solver that stopped early or was not exact. Rounding is taken
    off. A column without a bound on the side where it earns makes the prices of its rows give way.

    Parameters
    ----------
    form
        The model; whole numbers count as fractions.
    duals
        As HiGHS gives them, shape (rows,).
    cost
        Another cost of each column, in the sense of minimising, shape (columns,).

    References
    ----------
    Neumaier, A. and Shcherbina, O. (2004). Safe bounds in linear and mixed-integer linear programming. Mathematical
    Programming 99, 283-296.
    """
    matrix = form.matrix
    costs = form.sense * form.cost if cost is None else cost
    prices = priced(form, duals)
    reduced: Array = costs - matrix.T @ prices
    for _ in range(_REPAIRS):
        loose = _endless(form, reduced)
        if not len(loose):
            break
        prices = _given_way(form, prices, reduced, loose)
        reduced = costs - matrix.T @ prices
    return Certificate(_value(form, costs, prices, reduced), prices, reduced)


def _endless(form: StandardForm, reduced: Array) -> Indices:
    """Columns that earn without end at these prices."""
    return np.flatnonzero(((reduced < 0) & np.isinf(form.col_upper)) | ((reduced > 0) & np.isinf(form.col_lower)))


def _given_way(form: StandardForm, prices: Array, reduced: Array, loose: Indices) -> Array:
    """Change one price for each column so that it earns nothing: the one that changes least of those that may."""
    prices, matrix = prices.copy(), form.matrix
    for column in loose.tolist():
        entries = slice(matrix.indptr[column], matrix.indptr[column + 1])
        rows, values = matrix.indices[entries], matrix.data[entries]
        if not len(rows):
            continue
        new = prices[rows] + reduced[column] / values
        allowed = ~((new < 0) & np.isinf(form.row_upper[rows])) & ~((new > 0) & np.isinf(form.row_lower[rows]))
        if allowed.any():
            best = np.flatnonzero(allowed)[np.argmax(np.abs(values[allowed]))]
            prices[rows[best]] = new[best]
    return prices


def _value(form: StandardForm, costs: Array, prices: Array, reduced: Array) -> float:
    """Evaluate the bound and take the rounding off."""
    if len(_endless(form, reduced)):
        return -np.inf
    right = np.where(prices > 0, form.row_lower, np.where(prices < 0, form.row_upper, 0.0))
    at = np.where(reduced > 0, form.col_lower, np.where(reduced < 0, form.col_upper, 0.0))
    value = float(prices @ right + reduced @ at)
    sizes = np.abs(costs) + abs(form.matrix).T @ np.abs(prices)
    reach = np.maximum(_finite(form.col_lower), _finite(form.col_upper))
    longest = 1 + int(np.diff(form.matrix.indptr).max(initial=0))
    spread = float(sizes @ reach) * longest + float(np.abs(prices) @ np.abs(right))
    return value - _ROUNDING * (spread + abs(value)) if np.isfinite(value) else -np.inf


def _finite(bound: Array) -> Array:
    return np.where(np.isfinite(bound), np.abs(bound), 0.0)
