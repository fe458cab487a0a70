"""Ids are unique, and what points to a row finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import Problem, did_you_mean, quoted
from isopt.scenario.contract import tables

if TYPE_CHECKING:
    from isopt.scenario.checks.context import Context

__all__ = ["missing_tables", "reference_problems", "unique_problems"]

_SUGGESTIONS = 40
"""Distinct wrong names that get a suggestion: each costs a comparison with every valid one."""


_ACTIVE = ("streams", "demands", "plants")
"""Tables of which a scenario has at least one."""


def missing_tables(found: Context) -> list[Problem]:
    """
    Return a problem for each table that a scenario can't do without and that has no rows.

    Parameters
    ----------
    found
        The scenario.
    """
    empty = {name for name, table in found.given.items() if table.frame.empty}
    problems = []
    for name, contract in tables().items():
        if contract.required and name in empty:
            problems.append(
                Problem(found.given[name].file, None, None, "is missing or has no rows; every scenario needs it")
            )
    if empty >= set(_ACTIVE):
        message = "is missing or has no rows, and so are demands and plants; a scenario needs one of them"
        problems.append(Problem(found.given["streams"].file, None, None, message))
    return problems


def unique_problems(found: Context) -> list[Problem]:
    """
    Return a problem for every row that repeats another one's id or keys.

    Parameters
    ----------
    found
        The scenario.
    """
    problems = []
    for name, contract in tables().items():
        table = found.given[name]
        unique = list(contract.unique)
        if not unique or table.frame.empty:
            continue
        first: dict[tuple[object, ...], int] = {}
        for line, keys in enumerate(zip(*(table.frame[column] for column in unique), strict=True)):
            seen = first.setdefault(keys, line)
            if seen != line and any(keys):  # an id that is empty is said to be so
                filled = {name: quoted(_told(key)) for name, key in zip(unique, keys, strict=True) if _told(key)}
                told = ", ".join(filled.values())
                what = "is" if len(unique) == 1 else f"({', '.join(filled)}) are"
                problems.append(table.problem(line, unique[0], f"{told} {what} in row {table.rows[seen]} already"))
    return problems


def _told(key: object) -> str:
    return ";".join(key) if isinstance(key, tuple) else str(key or "")


def reference_problems(found: Context) -> list[Problem]:
    """
    Return a problem for every cell that names a row of another table which is not there.

    Parameters
    ----------
    found
        The scenario.
    """
    problems: list[Problem] = []
    suggested = 0
    for name, contract in tables().items():
        table = found.given[name]
        for column in contract.columns:
            if column.kind != "ref" or table.frame.empty or (name, column.name) == ("changes", "period"):
                continue  # periods of changes are checked with the changes
            if tables()[column.target].required and found.frames[column.target].empty:
                continue  # the whole table is said to be missing
            ids = found.frames[column.target].iloc[:, 0]
            values = table.frame[column.name]
            wrong = np.flatnonzero(~values.isin(ids).to_numpy() & (values != "").to_numpy())
            if not len(wrong):
                continue
            where = found.given[column.target].file
            messages: dict[str, str] = {}
            for line in wrong:
                value = values.iloc[line]
                if value not in messages:
                    suggested += 1
                    ending = did_you_mean(value, ids) if suggested <= _SUGGESTIONS else ""
                    messages[value] = f"{quoted(value)} is not in {where}{ending}"
                problems.append(table.problem(int(line), column.name, messages[value]))
    return problems
