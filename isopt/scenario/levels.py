"""Numbers over the periods: what ``changes`` and ``[scale]`` make of the tables and of policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.scenario.contract import settings_keys, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from isopt.scenario.settings import Settings

__all__ = ["Change", "Levels", "row_ids", "rows_by_id"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


def row_ids(name: str, frame: pd.DataFrame) -> list[str]:
    """
    Return the id of each row as ``changes`` writes it: its keys joined by a bar, empty ones kept.

    Parameters
    ----------
    name
        Name of the table.
    frame
        The table.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"technology": ["kiln"], "input": ["clay"], "output": [""]})
    >>> row_ids("recipes", frame)
    ['kiln|clay|']
    """
    parts = [map("".join, zip(*(frame[column] for column in part), strict=True)) for part in tables()[name].key]
    return ["|".join(keys) for keys in zip(*parts, strict=True)]


def rows_by_id(name: str, frame: pd.DataFrame) -> dict[str, list[int]]:
    """Return the rows of each id; rows that share their keys (links, recipes with several lags) come together."""
    found: dict[str, list[int]] = {}
    if tables()[name].key:
        for row, key in enumerate(row_ids(name, frame)):
            found.setdefault(key, []).append(row)
    return found


@dataclass(frozen=True)
class Change:
    """
    One row of ``changes``, resolved.

    Parameters
    ----------
    line
        Its line in the table, from 0.
    table
        Table that it changes, ``policy`` or ``limits``.
    column
        Column or key.
    cls
        Class of the landfill tax, "" otherwise.
    rows
        Rows that it changes; empty for policy and limits.
    periods
        Periods in which it counts.
    value
        New value, or NaN.
    factor
        Factor, or NaN.
    """

    line: int
    table: str
    column: str
    cls: str
    rows: tuple[int, ...]
    periods: slice
    value: float
    factor: float

    def apply(self, level: Floats) -> None:
        """Change the level of one row in place, shape (T,)."""
        level[self.periods] = level[self.periods] * self.factor if np.isnan(self.value) else self.value


class Levels:
    """
    The numbers of a scenario per period, worked out when asked for and kept.

    Parameters
    ----------
    frames
        The tables, before changes.
    settings
        The settings, with the factors of ``[scale]``.
    changes
        The resolved changes in the order of the table.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], settings: Settings, changes: tuple[Change, ...]) -> None:
        self.frames = frames
        self.settings = settings
        self.periods = len(frames["periods"])
        self._changes: dict[tuple[str, str, str], list[Change]] = {}
        for change in changes:
            self._changes.setdefault((change.table, change.column, change.cls), []).append(change)
        self._known: dict[tuple[str, str, str], Floats] = {}

    @property
    def touched(self) -> set[tuple[str, str]]:
        """Tables and columns that a change or a factor of ``[scale]`` touches."""
        scaled = {(table, column) for table, _, column in (key.partition(".") for key in self.settings.scale)}
        return scaled | {(table, column) for table, column, _ in self._changes}

    def at(self, table: str, column: str) -> Floats:
        """Return a numeric column per period, shape (rows, T), NaN where empty; it can't be written to."""
        key = (table, column, "")
        if key not in self._known:
            contract = tables()[table].by_name[column]
            if not contract.numeric:
                raise KeyError(f"{table}.{column} holds no numbers")
            start = self.frames[table][column].to_numpy(dtype=np.float64)
            self._known[key] = self._finished(start, key, self._factor(table, column))
        return self._known[key]

    def policy(self, key: str, cls: str = "") -> Floats:
        """Return a policy key per period, shape (T,)."""
        name = ("policy", key, cls)
        if name not in self._known:
            contract = settings_keys()["policy"][key].column
            if contract.kind not in {"number", "classes"}:
                raise KeyError(f"policy.{key} holds no number")
            if (contract.kind == "classes") != bool(cls):
                raise KeyError(f"policy.{key} is {'' if contract.kind == 'classes' else 'not '}given by class")
            found = getattr(self.settings.policy, key)
            start = float(found.get(cls, 0.0)) if cls else float(found)
            self._known[name] = self._finished(np.array([start]), name, self._factor("policy", key))[0]
        return self._known[name]

    def limit(self, key: str) -> Floats:
        """Return a yearly limit per period, shape (T,), NaN where there is none."""
        name = ("limits", key, "")
        if name not in self._known:
            limit = getattr(self.settings.limits, key)
            self._known[name] = self._finished(np.array([np.nan if limit is None else float(limit)]), name, 1.0)[0]
        return self._known[name]

    def _factor(self, table: str, column: str) -> float:
        return self.settings.scale.get(f"{table}.{column}", 1.0)

    def _finished(self, start: Floats, name: tuple[str, str, str], factor: float) -> Floats:
        changes = self._changes.get(name, [])
        if not changes:
            level: Floats = np.broadcast_to((start * factor)[:, None], (len(start), self.periods))
            return level
        level = np.repeat(start[:, None], self.periods, axis=1)
        for change in changes:
            for row in change.rows or (0,):
                change.apply(level[row])
        level *= factor
        level.flags.writeable = False
        return level
