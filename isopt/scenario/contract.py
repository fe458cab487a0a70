"""The column contracts: what every table and every key of the settings may hold, read from ``schema/*.csv``."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["EXTRA_COLUMNS", "Column", "Key", "Table", "contracts", "settings_keys", "tables"]

EXTRA_COLUMNS = ("note", "source")
"""Text columns that every table may have; they are kept and carried into results."""


@dataclass(frozen=True)
class Bounds:
    """
    The range a number must lie in.

    Parameters
    ----------
    low
        Least value, -inf where there is none.
    high
        Largest value, inf where there is none.
    low_open
        Whether the least value itself is excluded.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False

    @classmethod
    def of(cls, minimum: str, maximum: str) -> Bounds:
        """Read the bounds of a schema row; a leading ``>`` excludes the value itself."""
        low_open = minimum.startswith(">")
        return cls(
            float(minimum.lstrip(">")) if minimum else -math.inf, float(maximum) if maximum else math.inf, low_open
        )

    def excludes(self, values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return which numbers lie outside; an empty one (NaN) never does."""
        outside: np.ndarray[Any, np.dtype[np.bool_]] = (values < self.low) | (values > self.high)
        return outside | (values == self.low) if self.low_open else outside

    def __str__(self) -> str:
        above = ""
        if self.low > -math.inf:
            above = f"above {self.low:g}" if self.low_open else f"at least {self.low:g}"
        below = f"at most {self.high:g}" if self.high < math.inf else ""
        return " and ".join(part for part in (above, below) if part)


@dataclass(frozen=True)
class Column:
    """
    The contract of one column.

    Parameters
    ----------
    name
        Header.
    kind
        ``id``, ``ref``, ``text``, ``number``, ``integer``, ``bool``, ``choice``, ``list``, ``unit``, ``ewc``, ``crs``,
        ``table`` or ``material_or_ewc``.
    target
        The table a ``ref`` points to, "" otherwise.
    choices
        What a ``choice`` (or each value of a list of choices) may be.
    items
        What a ``list`` holds: ``text``, ``choice`` or ``accepts`` (materials, List of Waste prefixes or classes); ""
        otherwise.
    unit
        Unit in words, for documentation.
    default
        Text that an empty cell stands for; "" where empty means empty.
    required
        Whether an empty cell is an error.
    bounds
        Range of a number.
    varies
        What ``changes`` may do: ``period``, ``year`` (only from the first period of a year), ``no`` (only ``[scale]``)
        or ``fixed`` (neither).
    description
        One line for documentation and templates.
    """

    name: str
    kind: str
    target: str = ""
    choices: tuple[str, ...] = ()
    items: str = ""
    unit: str = ""
    default: str = ""
    required: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    varies: str = "fixed"
    description: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.kind in {"number", "integer"}

    @property
    def scalable(self) -> bool:
        """Whether ``[scale]`` may multiply it."""
        return self.kind == "number" and self.varies != "fixed"


@dataclass(frozen=True)
class Table:
    """
    The contract of one table.

    Parameters
    ----------
    name
        Name of the file, layer or sheet.
    columns
        Its columns in the order of the contract, ``note`` and ``source`` last.
    key
        Parts of the id by which ``changes`` and ``Scenario.with_`` name a row; a part of several columns takes the
        filled one.
    unique
        Columns that together must differ between rows; empty: rows may repeat.
    required
        Whether a scenario must have it.
    description
        One line for documentation.
    holds
        ``scenario`` what people fill in, ``pinned`` what a command found out and wrote down, ``file`` what stands in a
        file of its own that the settings name.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[tuple[str, ...], ...]
    unique: tuple[str, ...]
    required: bool
    description: str
    holds: str = "scenario"

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by header."""
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """Headers in the order of the contract."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Key:
    """
    The contract of one key of ``scenario.toml``.

    Parameters
    ----------
    section
        Section it stands in, "" for the top of the file.
    column
        Name, kind, bounds, default and description, as for a column; kind ``classes`` is a number for each of its
        choices.
    example
        A value as TOML writes it, for templates.
    """

    section: str
    column: Column
    example: str


def _column(row: Mapping[str, str], name: str) -> Column:
    kind, _, rest = row["type"].partition(":")
    items = ""
    if kind == "list":
        items, _, rest = rest.partition(":")
    return Column(
        name=name,
        kind=kind,
        target=rest if kind == "ref" else "",
        choices=tuple(rest.split("|")) if rest and kind != "ref" else (),
        items=items,
        unit=row["unit"],
        default=row["default"],
        required=row.get("required") == "yes",
        bounds=Bounds.of(row["minimum"], row["maximum"]),
        varies=row["varies"] or "fixed",
        description=row["description"],
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("isopt.scenario").joinpath(f"schema/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_EXTRA = tuple(
    Column(name, "text", description=description)
    for name, description in zip(EXTRA_COLUMNS, ("Anything worth saying", "Where the row comes from"), strict=True)
)


@cache
def contracts() -> Mapping[str, Table]:
    """
    Return every contract, those of files beside the scenario included.

    Examples
    --------
    >>> sorted(set(contracts()) - set(tables()))
    ['matrix']
    """
    found: dict[str, Table] = {}
    for row in _rows("tables"):
        columns = tuple(_column(line, line["column"]) for line in _rows(row["table"]))
        found[row["table"]] = Table(
            name=row["table"],
            columns=columns + _EXTRA,
            key=tuple(tuple(part.split("+")) for part in row["key"].split("|")) if row["key"] else (),
            unique=tuple(row["unique"].split("|")) if row["unique"] else (),
            required=row["required"] == "yes",
            description=row["description"],
            holds=row["holds"],
        )
    return found


@cache
def tables() -> Mapping[str, Table]:
    """
    Return the contract of every table of a scenario, in the order of the documentation.

    Examples
    --------
    >>> tables()["streams"].by_name["supply_per_yr"].unit
    'unit/yr'
    """
    return {name: contract for name, contract in contracts().items() if contract.holds != "file"}


@cache
def settings_keys() -> Mapping[str, Mapping[str, Key]]:
    """
    Return the contract of every key of the settings by section ("" is the top of the file) and name.

    Examples
    --------
    >>> settings_keys()["economics"]["discount_rate"].column.default
    '0.06'
    """
    sections: dict[str, dict[str, Key]] = {}
    for row in _rows("settings"):
        key = Key(row["section"], _column(row, row["key"]), row["example"])
        sections.setdefault(row["section"], {})[row["key"]] = key
    return sections
