"""Levers: numbers of a scenario that a policy can move, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.scenario import Scenario
from isopt.scenario.contract import Column, settings_keys, tables
from isopt.scenario.levels import rows_by_id

__all__ = ["POLICY", "Lever"]

#: Short names of the policy levers.
POLICY = {
    "landfill_tax": "landfill_tax_eur_per_t",
    "carbon_price": "carbon_price_eur_per_t",
    "subsidy": "subsidy_eur_per_t_exchanged",
    "grant": "capex_grant_share",
}
#: Name of the table that stands for ``[policy]``, as in ``changes``.
SETTINGS = "policy"
#: Id that stands for every row.
EVERY = "*"


@dataclass(frozen=True)
class Lever:
    """
    A number of a scenario that can be set to any value, or a factor on it, in all periods.

    Parameters
    ----------
    name
        As the user wrote it.
    table
        Table that holds it, or ``policy``.
    row
        Row's id, ``*`` for every row, empty for policy.
    column
        Column of the table or key of ``[policy]``.
    classes
        Disposal classes of a landfill tax; empty otherwise.
    factor
        Whether the value multiplies what is there; it replaces it otherwise.

    Examples
    --------
    >>> Lever.parse("landfill_tax").classes
    ('inert', 'non_hazardous', 'hazardous')
    >>> Lever.parse("modes.truck.eur_per_tkm*")
    Lever('modes.truck.eur_per_tkm*')
    """

    name: str
    table: str
    row: str
    column: str
    classes: tuple[str, ...] = ()
    factor: bool = False

    def __repr__(self) -> str:
        return f"Lever({self.name!r})"

    @staticmethod
    def parse(text: str) -> Lever:
        """
        Read the name of a lever.

        Parameters
        ----------
        text
            ``landfill_tax`` (one rate for all three classes), ``landfill_tax.CLASS``, ``carbon_price``, ``subsidy``
            (per tonne exchanged), ``grant`` (share of capital) or a numeric column as ``TABLE.ID.COLUMN``, where the id
            may be ``*`` for every row; a ``*`` at the end makes it a factor on what is there.

        Raises
        ------
        InputError
            There is no such lever; the nearest name is given.
        """
        name = text.strip()
        factor = name.endswith("*")
        path = name[:-1].rstrip() if factor else name
        first, _, rest = path.partition(".")
        if first == SETTINGS:
            first, _, rest = rest.partition(".")
        key = POLICY.get(first, first)
        if key in POLICY.values():
            return Lever(name, SETTINGS, "", key, _classes(name, key, rest), factor)
        if first not in tables():
            known = (*POLICY, *tables())
            raise InputError(f"{quoted(name)} is no lever: there is no {quoted(first)}{did_you_mean(first, known)}")
        row, _, column = rest.rpartition(".")
        columns = [known.name for known in tables()[first].by_name.values() if known.numeric]
        if not row or column not in columns:
            why = f"{first} has no numbers called {quoted(column)}" if row else f"write {first}.ID.COLUMN"
            raise InputError(f"{quoted(name)} is no lever: {why}{did_you_mean(column, columns)}")
        return Lever(name, first, row, column, (), factor)

    @property
    def contract(self) -> Column:
        """What the number may be."""
        if self.table == SETTINGS:
            return settings_keys()[SETTINGS][self.column].column
        return tables()[self.table].by_name[self.column]

    @property
    def unit(self) -> str:
        """Unit of a value: that of the number, 1 for a factor."""
        return "1" if self.factor else self.contract.unit or "1"

    def today(self, scenario: Scenario) -> float | None:
        """
        Return the value at which the scenario is as it is: 1 for a factor, None where the rows or periods differ.

        Examples
        --------
        >>> import isopt
        >>> Lever.parse("landfill_tax.inert").today(isopt.read("scenarios/two_firms"))
        50.0
        """
        if self.factor:
            return 1.0
        if self.table == SETTINGS:
            levels = np.array([scenario.policy_at(self.column, cls) for cls in self.classes or ("",)])
        else:
            levels = scenario.at(self.table, self.column)[self._rows(scenario)]
        values = np.unique(levels[~np.isnan(levels)])
        return float(values[0]) if len(values) == 1 else None

    def at(self, scenario: Scenario, value: float) -> Scenario:
        """
        Return the scenario with the lever at a value, through the same checks.

        What ``changes`` says of the number in later periods goes with it: a factor multiplies it, a value replaces it.
        A value is what counts in the end, after ``[scale]``.

        Parameters
        ----------
        scenario
            Any scenario.
        value
            The number, or the factor.

        Raises
        ------
        InputError
            The row is not there, the value is no finite number, or ``[scale]`` multiplies by 0 what is to be set.
        ScenarioError
            The value is not allowed there.

        Examples
        --------
        >>> import isopt
        >>> dear = Lever.parse("landfill_tax").at(isopt.read("scenarios/two_firms"), 80)
        >>> dear.policy_at("landfill_tax_eur_per_t", "hazardous")
        array([80.])
        """
        if not np.isfinite(value):
            raise InputError(f"{self.name} is set to a finite number, not {value}")
        scale = scenario.settings.scale.get(f"{self.table}.{self.column}", 1.0)
        if scale == 0 and not self.factor:
            raise InputError(f"[scale] multiplies {self.table}.{self.column} by 0, so {self.name} can't be set")
        told = float(value) if self.factor else float(value) / scale
        parts: dict[str, Any] = {}
        ids: set[str] = set()
        if self.table == SETTINGS:
            parts[SETTINGS] = {self.column: self._policy(scenario, told)}
        else:
            frame = _frame(scenario, self.table)
            rows = self._rows(scenario)
            ids = {key for key, of in rows_by_id(self.table, frame).items() if set(of) & set(rows)}
            parts[self.table] = self._edited(scenario, frame, rows, told)
        changes = self._changes(scenario, ids, told)
        if changes is not None:
            parts["changes"] = changes
        return scenario.with_(**parts)

    def _policy(self, scenario: Scenario, told: float) -> float | dict[str, float]:
        found = getattr(scenario.settings.policy, self.column)
        if not self.classes:
            return told * float(found) if self.factor else told
        return {cls: told * float(found.get(cls, 0.0)) if self.factor else told for cls in self.classes}

    def _rows(self, scenario: Scenario) -> list[int]:
        """Rows of the table that the lever moves."""
        frame = scenario.tables[self.table]
        if self.row == EVERY:
            return list(range(len(frame)))
        known = rows_by_id(self.table, frame)
        if self.row not in known:
            raise InputError(f"{quoted(self.row)} is not in {self.table}{did_you_mean(self.row, known)}")
        return known[self.row]

    def _edited(self, scenario: Scenario, frame: pd.DataFrame, rows: list[int], told: float) -> pd.DataFrame:
        """Write the lever's cells; an empty cell has nothing that a factor could multiply."""
        values = scenario.tables[self.table][self.column].to_numpy(dtype=np.float64).copy()
        if self.factor:
            values[rows] *= told
        else:
            values[rows] = told
        given = frame[self.column].to_numpy(dtype=np.float64).copy()
        given[rows] = values[rows]
        return frame.assign(**{self.column: given})

    def _changes(self, scenario: Scenario, ids: set[str], told: float) -> pd.DataFrame | None:
        """What ``changes`` says of the number: multiplied, or without it; None where it says nothing of it."""
        frame = scenario.given["changes"].frame
        if frame.empty:
            return None
        mine = frame["table"] == self.table
        if self.table == SETTINGS:
            mine &= frame["id"] == self.column
            if self.classes:
                mine &= frame["column"].isin(self.classes)
        else:
            mine &= (frame["column"] == self.column) & frame["id"].isin(ids)
        if not mine.any():
            return None
        if not self.factor:
            return frame[~mine].reset_index(drop=True)
        values = frame["value"].to_numpy(dtype=np.float64)
        return frame.assign(value=np.where(mine, values * told, values))


def _classes(name: str, key: str, rest: str) -> tuple[str, ...]:
    """Classes of a policy key that a lever moves."""
    known = settings_keys()[SETTINGS][key].column.choices if key == POLICY["landfill_tax"] else ()
    if not rest:
        return tuple(known)
    if rest not in known:
        why = f"{quoted(rest)} is no class" if known else f"{key} has no classes"
        raise InputError(f"{quoted(name)} is no lever: {why}{did_you_mean(rest, known)}")
    return (rest,)


def _frame(scenario: Scenario, table: str) -> pd.DataFrame:
    """Return the table as it was given; the one row that stands for an absent table where there is none."""
    frame = scenario.given[table].frame
    return scenario.tables[table] if frame.empty and len(scenario.tables[table]) else frame
