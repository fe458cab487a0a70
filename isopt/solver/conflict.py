"""Which rows contradict each other, when nothing is feasible."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import scipy.sparse as sp

from isopt.solver.engine import load, run

if TYPE_CHECKING:
    import numpy.typing as npt

    from isopt.solver.compile import StandardForm

_INFEASIBLE = highspy.HighsModelStatus.kInfeasible
#: Weights of a proof below this share of the largest are rounding.
_WEIGHTLESS = 1e-9
#: A proof of more rows than this explains nothing to anybody.
_MOST_ROWS = 500


def conflict(form: StandardForm, *, seconds: float = 10.0) -> list[int]:
    """
    Find a small set of rows that no plan can satisfy together, whole numbers or not.

    HiGHS's own search for conflicts shrinks the whole model, columns too, which takes minutes on large ones, and
    listens to no clock. There is a short cut: an infeasible linear model has a dual ray, weights of rows so that their
    sum can't hold within the variables' bounds (Farkas). The rows with a weight contradict each other; leaving out one
    after the other, as long as the rest still does, takes a handful of small solves.

    Parameters
    ----------
    form
        An infeasible model.
    seconds
        Time it may take.

    Returns
    -------
    rows
        Row numbers, in ascending order; ``form.row_names()`` names them. Every one of them counts: without it, the
        others could hold. Empty if the relaxation is feasible (then it is the whole numbers that contradict the rows),
        if the bounds of a single variable do, or if no small conflict was found in time.
    """
    crossed = np.flatnonzero(form.row_lower > form.row_upper)
    if len(crossed):
        return [int(crossed[0])]
    bare = np.diff(sp.csr_array(form.matrix).indptr) == 0  # a row that no variable can help
    lost = np.flatnonzero(bare & ((form.row_lower > 0) | (form.row_upper < 0)))
    if len(lost):
        return [int(lost[0])]
    if (form.col_lower > form.col_upper).any() or not len(form.cost):
        return []
    proof = _weighted_rows(form, seconds)
    return [int(proof[row]) for row in _shrunk(form, proof, seconds)] if 0 < len(proof) <= _MOST_ROWS else []


def _weighted_rows(form: StandardForm, seconds: float) -> npt.NDArray[np.int64]:
    """Rows that have a weight in a proof of infeasibility."""
    solver = load(form, relaxed=True)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("presolve", "off")  # what presolve finds infeasible has no ray
    ending = run(solver, seconds=seconds)
    if not ending.finished or solver.getModelStatus() != _INFEASIBLE:
        return np.zeros(0, dtype=np.int64)
    _, found, ray = solver.getDualRay()
    weights = np.abs(np.asarray(ray, dtype=float)) if found else np.zeros(form.shape[0])
    return np.flatnonzero(weights > _WEIGHTLESS * weights.max(initial=0.0))


def _shrunk(form: StandardForm, rows: npt.NDArray[np.int64], seconds: float) -> npt.NDArray[np.int64]:
    """Leave out rows as long as the others still contradict each other."""
    matrix = sp.csr_array(form.matrix)[rows, :].tocsc()
    columns = np.flatnonzero(np.diff(matrix.indptr))
    if not len(columns):
        return np.arange(1)  # a row without variables that can't hold
    part = replace(
        form,
        matrix=matrix[:, columns],
        cost=np.zeros(len(columns)),
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
        integer=np.zeros(len(columns), dtype=bool),
    )
    solver = load(part)
    solver.setOptionValue("threads", 1)
    end = time.perf_counter() + seconds
    if not _infeasible(solver, seconds):
        return np.zeros(0, dtype=np.int64)
    kept = []
    for row, (lower, upper) in enumerate(zip(part.row_lower, part.row_upper, strict=True)):
        solver.changeRowBounds(row, -np.inf, np.inf)
        left = end - time.perf_counter()
        if left <= 0:
            return np.zeros(0, dtype=np.int64)
        if not _infeasible(solver, left):
            solver.changeRowBounds(row, lower, upper)
            kept.append(row)
    return np.array(kept, dtype=np.int64)


def _infeasible(solver: Any, seconds: float) -> bool:
    return run(solver, seconds=seconds).finished and solver.getModelStatus() == _INFEASIBLE
