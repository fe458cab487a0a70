"""What can be said of a plan: whether it holds, its exact corner, and the prices behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from isopt.solver.engine import load, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

#: A row or a bound holds if it is kept within this share of its size (or this much, if it is small).
HOLDS = 1e-6

_OPTIMAL = highspy.HighsModelStatus.kOptimal


def holds(form: StandardForm, values: Array, tolerance: float = HOLDS) -> bool:
    """
    Whether a plan keeps every row, every bound and every whole number.

    Parameters
    ----------
    form
        The model.
    values
        The plan, shape (columns,).
    tolerance
        Share by which a row may be off, and by which a whole number may differ from whole.
    """
    if values.shape != form.cost.shape or not np.isfinite(values).all():
        return False
    whole = values[form.integer]
    return (
        _within(form.matrix @ values, form.row_lower, form.row_upper, tolerance)
        and _within(values, form.col_lower, form.col_upper, tolerance)
        and bool((np.abs(whole - np.rint(whole)) <= tolerance).all())
    )


def _within(values: Array, lower: Array, upper: Array, tolerance: float) -> bool:
    slack = tolerance * np.maximum(1.0, np.abs(values))
    return bool(((values >= lower - slack) & (values <= upper + slack)).all())


def _fixed(form: StandardForm, values: Array) -> StandardForm:
    """Fix the whole numbers at the nearest whole number."""
    at = np.clip(np.rint(values), form.col_lower, form.col_upper)
    return replace(
        form,
        col_lower=np.where(form.integer, at, form.col_lower),
        col_upper=np.where(form.integer, at, form.col_upper),
        integer=np.zeros_like(form.integer),
    )


def clean(form: StandardForm, values: Array, seconds: float, options: Mapping[str, Any]) -> Array | None:
    """
    Solve the flows again with the whole numbers fixed, so that they are an exact corner of what is allowed.

    Parameters
    ----------
    form
        The model.
    values
        A plan, shape (columns,), whole numbers within tolerance.
    seconds
        Time it may take.
    options
        Options for HiGHS.

    Returns
    -------
    values
        The plan with whole numbers exactly whole, or None if there is none with these, or time is over.
    """
    fixed = _fixed(form, values)
    solver = load(fixed)
    for option, value in options.items():
        solver.setOptionValue(option, value)
    ending = run(solver, seconds=seconds, sense=form.sense)
    if not ending.finished or solver.getModelStatus() != _OPTIMAL:
        return None
    cleaned = np.array(solver.getSolution().col_value, dtype=float)
    within: Array = np.clip(cleaned, fixed.col_lower, fixed.col_upper)
    return within


def relaxed_duals(form: StandardForm, values: Array, *, seconds: float = 60.0) -> Array:
    """
    Shadow prices of the rows with the whole numbers of a plan fixed.

    Parameters
    ----------
    form
        The model.
    values
        The plan, shape (columns,).
    seconds
        Time it may take.

    Returns
    -------
    duals
        Change of the objective per unit by which the row's binding bound moves up, shape (rows,). NaN throughout, if
        there are no flows with these whole numbers or time is over.
    """
    solver = load(_fixed(form, values))
    ending = run(solver, seconds=seconds, sense=form.sense)
    if not ending.finished or solver.getModelStatus() != _OPTIMAL:
        return np.full(form.shape[0], np.nan)
    return np.array(solver.getSolution().row_dual, dtype=float)
