"""Rows of cells that the report's template lays out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from isopt.knowledge import citation
from isopt.views import means
from isopt.views.language import digits
from isopt.views.numbers import plain
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution

MOST_ROWS = 300
NUMBER = "number"


@dataclass(frozen=True)
class Cell:
    """Text of a cell, with a second line, a kind for its looks, or bars (kind and length in per cent) instead."""

    text: str
    small: str = ""
    kind: str = ""
    bars: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class Column:
    """Head of a column and its kind."""

    label: str
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """Cells and the kind of the row: "" or group (one cell over all columns) or total."""

    cells: list[Cell]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its title and what to say above and below it."""

    title: str
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)
    note: str = ""
    more: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure as HTML, what stands below it, and whether it takes half the width where there is room."""

    html: str
    caption: str = ""
    half: bool = False


@dataclass(frozen=True)
class Part:
    """A section with an anchor; tables after the first have titles of their own."""

    key: str
    title: str
    note: str = ""
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    link: tuple[str, str] | None = None


def cited(source: str) -> str:
    """A method's reference, without the licence of its text, of which nothing is shown."""
    return citation(source).rpartition(" [")[0]


def heads(*names: str, numbers: tuple[str, ...] = ()) -> list[Column]:
    """Columns by their names in the catalogue."""
    return [Column(text(f"report.{name}"), NUMBER if name in numbers else "") for name in names]


def number(value: Any) -> Cell:
    """Cell of a number."""
    return Cell(plain(float(value)) if pd.notna(value) else text("number.none"))


def shown(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, str]:
    """The first rows of a long table, and what to say about the others."""
    if len(table) <= MOST_ROWS:
        return table, ""
    return table.head(MOST_ROWS), text("report.more_rows", shown=digits(MOST_ROWS), all=digits(len(table)), file=file)


def mean_words(solution: Solution) -> str:
    """What to add to "per year" where there are several."""
    return text("report.mean") if len(means.years(solution.scenario)) > 1 else ""


def signed(value: Any) -> Cell:
    """Cell of a gain or a loss."""
    if pd.isna(value):
        return number(value)
    return Cell(plain(float(value)), kind="good" if value > 0 else "bad" if value < 0 else "")


def without_empty(columns: list[Column], rows: list[Row]) -> tuple[list[Column], list[Row]]:
    """Leave out number columns in which nothing but zeros and dashes stands."""
    idle = {"0", text("number.none")}
    kept = [
        place
        for place, column in enumerate(columns)
        if column.kind != NUMBER or any(row.cells[place].text not in idle for row in rows)
    ]
    return [columns[place] for place in kept], [Row([row.cells[place] for place in kept], row.kind) for row in rows]
