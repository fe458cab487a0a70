"""The rows of ``changes``: which cells they change, in which periods, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.errors import Problem, did_you_mean, quoted
from isopt.scenario.contract import Column, settings_keys, tables
from isopt.scenario.levels import Change, rows_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from isopt.scenario.typed import Given

__all__ = ["resolve_changes"]

_SECTIONS = ("policy", "limits")
"""Sections of the settings whose numbers may change like those of a table."""


class _ChangeError(ValueError):
    """What is wrong with a row: the column to blame and the message."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class _Horizon:
    """The periods by name, and the years they belong to."""

    places: Mapping[str, int]
    years: tuple[int, ...]

    def affected(self, period: str, onward: bool, yearly: bool) -> slice:
        """Return the periods in which a change counts; a yearly figure changes for its whole year."""
        start = self.places[period]
        if yearly and start and self.years[start - 1] == self.years[start]:
            first = next(name for name, place in self.places.items() if self.years[place] == self.years[start])
            when = f"{quoted(period)} is not the first period of {self.years[start]}"
            raise _ChangeError("period", f"{when}; a yearly figure changes in {quoted(first)}")
        if onward:
            return slice(start, len(self.years))
        stop = start + 1
        while yearly and stop < len(self.years) and self.years[stop] == self.years[start]:
            stop += 1
        return slice(start, stop)


def resolve_changes(changes: Given, frames: Mapping[str, pd.DataFrame]) -> tuple[tuple[Change, ...], list[Problem]]:
    """
    Return the changes in the order of the table, and what is wrong with the others.

    Parameters
    ----------
    changes
        The table.
    frames
        All tables, filled in.
    """
    if changes.frame.empty:
        return (), []
    periods = frames["periods"]
    places = {name: place for place, name in enumerate(periods["period"])}
    horizon = _Horizon(places, tuple(int(year) for year in periods["year"]))
    rows = _Rows(frames)
    found: list[Change] = []
    problems: list[Problem] = []
    for line, row in enumerate(changes.frame.to_dict("records")):
        if not (row["table"] and row["id"] and row["period"]):
            continue  # said already: they are required
        try:
            found.append(_change(line, row, horizon, rows))
        except _ChangeError as error:
            problems.append(changes.problem(line, error.column, str(error)))
    return tuple(found), problems


class _Rows:
    """Finds the rows of an id, table by table, each indexed once."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self.frames = frames
        self.known: dict[str, dict[str, list[int]]] = {}

    def of(self, table: str, key: str) -> tuple[int, ...]:
        if table not in self.known:
            self.known[table] = rows_by_id(table, self.frames[table])
        if key not in self.known[table]:
            keys = " | ".join(" or ".join(part) for part in tables()[table].key)
            form = f" (its keys are {keys})" if len(tables()[table].key) > 1 else ""
            raise _ChangeError("id", f"{quoted(key)} is not in {table}{form}{did_you_mean(key, self.known[table])}")
        return tuple(self.known[table][key])


def _change(line: int, row: Mapping[Any, Any], horizon: _Horizon, rows: _Rows) -> Change:
    """Return one change, or raise what is wrong with it."""
    table, key, name = row["table"], row["id"], row["column"]
    found: tuple[int, ...] = ()
    cls = ""
    if table in _SECTIONS:
        column = _setting(table, key)
        cls = _class_of(column, name)
    elif table in tables():
        if not tables()[table].key:
            raise _ChangeError("table", f"rows of {table} have no id, so they can't change")
        column = _column(table, name)
        found = rows.of(table, key)
    else:
        raise _ChangeError("table", f"{quoted(table)} is no table{did_you_mean(table, (*tables(), *_SECTIONS))}")
    if row["period"] not in horizon.places:
        message = f"{quoted(row['period'])} is not in periods{did_you_mean(row['period'], horizon.places)}"
        raise _ChangeError("period", message)
    value, factor = float(row["value"]), float(row["factor"])
    if np.isnan(value) == np.isnan(factor):
        raise _ChangeError("value", f"and factor are both {'empty' if np.isnan(value) else 'filled'}; fill one of them")
    if column.bounds.excludes(np.array(value)):
        raise _ChangeError("value", f"{value:.10g} must be {column.bounds}, as {table}.{column.name} must")
    affected = horizon.affected(row["period"], bool(row["onward"]), column.varies == "year")
    return Change(line, table, column.name, cls, found, affected, value, factor)


def _setting(section: str, key: str) -> Column:
    known = {name: item.column for name, item in settings_keys()[section].items() if item.column.varies != "fixed"}
    if key not in known:
        why = "can't change" if key in settings_keys()[section] else f"is no key of [{section}]"
        raise _ChangeError("id", f"{quoted(key)} {why}{did_you_mean(key, known)}")
    return known[key]


def _class_of(column: Column, name: str) -> str:
    if column.kind != "classes":
        if name and name != column.name:
            raise _ChangeError("column", f"{quoted(name)}: {column.name} has no classes; leave the cell empty")
        return ""
    if name not in column.choices:
        start = f"{quoted(name)} is not a class" if name else "is empty"
        message = (
            f"{start}; {column.name} is given by class: {', '.join(column.choices)}{did_you_mean(name, column.choices)}"
        )
        raise _ChangeError("column", message)
    return name


def _column(table: str, name: str) -> Column:
    contract = tables()[table].by_name
    can = [column.name for column in contract.values() if column.varies in {"year", "period"}]
    if not name:
        raise _ChangeError("column", f"is empty; it names a column of {table}: {', '.join(can)}")
    if name not in contract:
        raise _ChangeError("column", f"{quoted(name)} is no column of {table}{did_you_mean(name, can)}")
    if name not in can:
        why = "holds no numbers" if not contract[name].numeric else "can't change from period to period"
        raise _ChangeError("column", f"{quoted(name)} of {table} {why}{did_you_mean(name, can)}")
    return contract[name]
