"""Sums over what rows have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isopt.solution.audit.judge import Floats


def sum_over(frame: pd.DataFrame, by: Sequence[str], column: str, rows: pd.DataFrame, keys: Sequence[str]) -> Floats:
    """
    Sum of a column over the rows of a frame that share each asked row's keys; 0 where none does.

    Parameters
    ----------
    frame
        What is added up.
    by
        Its columns that tell where a row belongs.
    column
        What is added up.
    rows
        One row per sum.
    keys
        The columns of `rows` that are compared with `by`, in the same order.

    Returns
    -------
    sums
        Shape (rows,).

    Examples
    --------
    >>> flows = pd.DataFrame({"stream": [0, 0, 1], "sent": [1.0, 2.0, 5.0]})
    >>> sum_over(flows, ["stream"], "sent", pd.DataFrame({"row": [0, 2]}), ["row"])
    array([3., 0.])
    """
    if frame.empty or rows.empty:
        return np.zeros(len(rows))
    sums = frame.groupby(list(by), as_index=False)[column].sum()
    asked = rows[list(keys)].set_axis(list(by), axis=1)
    return np.asarray(asked.merge(sums, on=list(by), how="left")[column].fillna(0.0), dtype=np.float64)
