"""A first plan: the relaxation rounded, rows that this breaks tightened, and at last the knot untied by HiGHS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from isopt.solver.highs import solve_form
from isopt.solver.large.neighbourhoods import promising
from isopt.solver.large.pieces import piece
from isopt.solver.large.repair import repair, rounded

if TYPE_CHECKING:
    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags
    from isopt.solver.compile import StandardForm
    from isopt.solver.large.slopes import Slopes
    from isopt.solver.large.standing import Standing

    Indices = npt.NDArray[np.int64]

__all__ = ["first_plan"]

#: Relaxations that are rounded before the broken rows are looked at more closely.
_TRIES = 6
#: Share of the time that a first plan may take before HiGHS is given the whole model.
_SHARE = 0.5
#: Columns around broken rows that are decided again: at first, and how many times more each time it was in vain.
_AROUND, _GROWTH = 500, 6


def first_plan(standing: Standing, slopes: Slopes, values: Array) -> Array:
    """
    Find a plan.

    Slope scaling and rounding do it as a rule. A limit of the region that counts what rounding opens is tightened by
    what was broken; rows that still stand in the way are untied by deciding what stands around them again, a wider and
    wider neighbourhood, with all the rest as rounded.

    Parameters
    ----------
    standing
        Takes the plan.
    slopes
        The relaxation, solved once.
    values
        Its solution, shape (columns,).

    Returns
    -------
    values
        The relaxation that was rounded last, shape (columns,).
    """
    form, last = standing.form, values
    broken = np.zeros(form.shape[0])
    for _ in range(_TRIES):
        repaired = repair(form, last, standing.left, standing.stop, passes=1)
        if repaired.values is not None:
            standing.take(repaired.values)  # known as soon as there is one
            again = None if standing.over else repair(form, repaired.values, standing.left, standing.stop).values
            if again is not None:
                standing.take(again)
            return last
        broken = repaired.broken
        if (
            standing.plan is None
            and (nothing := repair(form, np.zeros(form.shape[1]), standing.left).values) is not None
        ):
            standing.take(nothing)  # what opens nothing is a plan as a rule, and a start
        slopes.tighten(broken)
        if standing.over or standing.spent > _SHARE * standing.seconds:
            break
        again = slopes.solve(standing.left, standing.stop)
        if again is None:
            break
        last = again
    if standing.plan is None and broken.any():
        _untie(standing, slopes, last, broken)
    return last


def _untie(standing: Standing, slopes: Slopes, values: Array, broken: Array) -> None:
    """Decide again what stands around broken rows, then around those, until there is a plan."""
    form = standing.form
    guess = rounded(form, values)
    kernel = np.zeros(len(guess), dtype=bool)
    kernel[promising(slopes.thin, guess, slopes.seen | (guess != 0))] = True
    size = _AROUND
    while size < _GROWTH * form.shape[1] and not standing.over and standing.spent < _SHARE * standing.seconds:
        columns = _around(form, broken, kernel, size)
        part = piece(form, guess, columns)
        outcome = solve_form(
            part.form,
            gap=0.01,
            time_limit=max(0.1, standing.left * _SHARE),
            on_progress=lambda _: standing.stop(),
        )
        if outcome.values is not None:
            plan = guess.copy()
            plan[columns] = outcome.values
            if standing.take(plan):
                return
        size *= _GROWTH


def _around(form: StandardForm, broken: Array, kernel: Flags, size: int) -> Indices:
    """Columns nearest to broken rows, those of the kernel and continuous ones, about so many."""
    table = sp.csr_array(form.matrix)
    rows = broken != 0
    columns = np.zeros(form.shape[1], dtype=bool)
    allowed = kernel | ~form.integer if size < form.shape[1] else np.ones(form.shape[1], dtype=bool)
    while True:
        entries = table[np.flatnonzero(rows), :].indices
        wider = columns.copy()
        wider[entries] = True
        wider &= allowed
        if wider.sum() == columns.sum():
            return np.flatnonzero(columns)
        columns = wider
        if columns.sum() >= size:
            return np.flatnonzero(columns)
        rows = np.zeros(form.shape[0], dtype=bool)
        rows[form.matrix[:, np.flatnonzero(columns)].indices] = True
