"""Numbers stay in their range and in order, also after changes and factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import Problem, did_you_mean, quoted
from isopt.scenario.contract import Bounds, settings_keys, tables

if TYPE_CHECKING:
    from isopt.scenario.checks.context import Context, Floats

__all__ = ["number_problems"]

_ORDERED = (
    ("demands", "min_byproduct_share", "max_byproduct_share"),
    ("mixes", "min_share", "max_share"),
    ("plants", "capacity_per_yr", "max_capacity_per_yr"),
    ("modes", "min_per_yr", "max_per_yr"),
    ("links", "min_per_yr", "max_per_yr"),
    ("stocks", "initial", "capacity"),
)
"""Pairs of columns of which the first is never above the second."""
_ORDERED_ONCE = (("plants", "build_from", "build_until"), ("quality_limits", "min", "max"))


def number_problems(found: Context) -> list[Problem]:
    """
    Return what is wrong with factors of ``[scale]``, with numbers that leave their range, and with pairs out of order.

    Parameters
    ----------
    found
        The scenario.
    """
    scale, usable = _scale_problems(found)
    if not usable:
        return scale
    problems = scale + _bounds_after_changes(found)
    for table, low, high in (*_ORDERED, *_ORDERED_ONCE):
        problems += found.ordered(table, low, high)
    return problems


def _scale_problems(found: Context) -> tuple[list[Problem], bool]:
    problems = []
    for key in found.settings.scale:
        table, _, column = key.partition(".")
        message = _scale_message(table, column)
        if message:
            problems.append(Problem(found.settings_file, None, f"scale.{key}", message))
    return problems, not problems


def _scale_message(table: str, column: str) -> str:
    """Return what is wrong with the name of a factor, "" where nothing is."""
    if not column:
        return 'is not of the form "table.column" or "policy.key"'
    if table == "policy":
        known = {name: item.column for name, item in settings_keys()["policy"].items() if item.column.varies != "fixed"}
    elif table in tables():
        known = {name: item for name, item in tables()[table].by_name.items() if item.scalable}
    else:
        return f"{quoted(table)} is no table{did_you_mean(table, (*tables(), 'policy'))}"
    if column in known:
        return ""
    there = column in (settings_keys()["policy"] if table == "policy" else tables()[table].by_name)
    why = (
        "is nothing that a factor can change"
        if there
        else f"is no column of {table}"
        if table != "policy"
        else "is no key of [policy]"
    )
    return f"{quoted(column)} {why}{did_you_mean(column, known)}"


def _bounds_after_changes(found: Context) -> list[Problem]:
    """Return a problem for each change or factor that takes a number out of its range."""
    problems = []
    for table, column in sorted(found.levels.touched):
        if table in {"policy", "limits"}:
            bounds = settings_keys()[table][column].column.bounds
            level = found.levels.limit(column) if table == "limits" else _policy_level(found, column)
            level = level.reshape(1, -1)
        else:
            bounds = tables()[table].by_name[column].bounds
            level = found.levels.at(table, column)
        wrong = bounds.excludes(level)
        if wrong.any():
            row, period = (int(place[0]) for place in np.nonzero(wrong))
            problems.append(_blamed(found, table, column, row, f"{level[row, period]:.10g}", bounds))
    return problems


def _policy_level(found: Context, key: str) -> Floats:
    column = settings_keys()["policy"][key].column
    if column.kind != "classes":
        return found.levels.policy(key)
    return np.concatenate([found.levels.policy(key, cls) for cls in column.choices])


def _blamed(found: Context, table: str, column: str, row: int, value: str, bounds: Bounds) -> Problem:
    what = f"makes {value} of {table}.{column}, which must be {bounds}"
    key = f"{table}.{column}"
    changed = [c for c in found.changes if (c.table, c.column) == (table, column) and (not c.rows or row in c.rows)]
    if changed:
        place = "factor" if np.isnan(changed[-1].value) else "value"
        return found.given["changes"].problem(changed[-1].line, place, what)
    return Problem(found.settings_file, None, f"scale.{key}", what)
