"""Ids are unique, and what points to a row finds it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from isopt.errors import Problem, did_you_mean, quoted
from isopt.scenario.contract import tables
from isopt.scenario.typed import Given

__all__ = ["reference_problems", "unique_problems"]

_SUGGESTIONS = 40
"""Distinct wrong names per table that get a suggestion: each costs a comparison with every valid one."""


def unique_problems(given: Mapping[str, Given]) -> list[Problem]:
    """
    Return a problem for every row that repeats another one's id or keys.

    Parameters
    ----------
    given
        All tables.
    """
    problems = []
    for name, contract in tables().items():
        table = given[name]
        unique = list(contract.unique)
        if not unique or table.frame.empty:
            continue
        # "" marks an id that is missing and said to be so
        filled = table.frame[unique[0]].to_numpy() != "" if len(unique) == 1 else np.ones(len(table.frame), dtype=bool)
        for line in np.flatnonzero(table.frame.duplicated(unique).to_numpy() & filled):
            keys = table.frame[unique].iloc[line]
            first = table.rows[np.flatnonzero((table.frame[unique] == keys).all(axis=1).to_numpy())[0]]
            told = ", ".join(quoted(_told(key)) for key in keys)
            what = "is" if len(unique) == 1 else f"({', '.join(unique)}) are"
            problems.append(table.problem(int(line), unique[0], f"{told} {what} in row {first} already"))
    return problems


def _told(key: object) -> str:
    return ";".join(key) if isinstance(key, tuple) else str(key)


def reference_problems(given: Mapping[str, Given], frames: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """
    Return a problem for every cell that names a row of another table which is not there.

    Parameters
    ----------
    given
        All tables, for the place of each problem.
    frames
        All tables, filled in: what may be named.
    """
    problems = []
    for name, contract in tables().items():
        table = given[name]
        for column in contract.columns:
            if column.kind != "ref" or table.frame.empty or (name, column.name) == ("changes", "period"):
                continue  # periods of changes are checked with the changes
            ids = frames[column.target].iloc[:, 0]
            values = table.frame[column.name]
            wrong = np.flatnonzero(~values.isin(ids).to_numpy() & (values != "").to_numpy())
            if not len(wrong):
                continue
            where = given[column.target].file
            for value in dict.fromkeys(values.iloc[wrong]):
                ending = did_you_mean(value, ids) if len(problems) < _SUGGESTIONS else ""
                message = f"{quoted(value)} is not in {where}{ending}"
                problems += [table.problem(int(line), column.name, message) for line in wrong if values.iloc[line] == value]
    return problems
