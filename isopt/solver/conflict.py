"""Which rows contradict each other, when nothing is feasible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isopt.solver.engine import load

if TYPE_CHECKING:
    from isopt.solver.compile import StandardForm

#: HiGHS's ``iis_strategy``: take the conflict from the linear relaxation (2) and shrink it until every row counts (4).
_FROM_RELAXATION_IRREDUCIBLE = 6


def conflict(form: StandardForm, *, seconds: float = 10.0) -> list[int]:
    """
    Find a small set of rows that no plan can satisfy together, whole numbers or not.

    Parameters
    ----------
    form
        An infeasible model.
    seconds
        Time it may take.

    Returns
    -------
    rows
        Row numbers, in ascending order; ``form.row_names()`` names them. Empty if the relaxation is feasible (then it
        is the whole numbers that contradict the rows), or if none was found in time.
    """
    crossed = np.flatnonzero(form.row_lower > form.row_upper)
    if len(crossed):
        return [int(crossed[0])]
    if (form.col_lower > form.col_upper).any():
        return []
    solver = load(form, relaxed=True)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("iis_strategy", _FROM_RELAXATION_IRREDUCIBLE)
    solver.setOptionValue("iis_time_limit", float(seconds))
    solver.setOptionValue("time_limit", float(seconds))
    _, found = solver.getIis()
    return sorted(int(row) for row in found.row_index_) if found.valid_ else []
