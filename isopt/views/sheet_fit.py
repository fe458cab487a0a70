"""How many rows of its tables a sheet has room for on one A4 page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isopt.views.report_cells import NUMBER, Row, Table
from isopt.views.svg import wide

PAGE = 715.0
"""Height for words and tables in points: A4 less margins, title, figures and footer, a tenth less for other faces."""
BODY, SMALL = 7.1, 6.6  # sizes of the characters of cells, in points, as in sheet.css
LEADING, RULE = 1.24, 2.3  # height of a line over the size of its characters; room between rows, in points
HEAD, MORE = 45.0, 9.0  # title, note and heads of a table; the line below it, in points
WORDS, WORDS_WIDTH = 8.2, 500.0  # size and width of the sentences, in points
ACROSS, HALF = 527.0, 250.0  # widths of a table over the page and of one of two side by side, in points
NUMERIC = 46.0  # width of a column of numbers, in points
BROAD_FROM = 7  # columns from which on a table takes the whole width


@dataclass(frozen=True)
class Room:
    """Rows of the tables over the whole width together, and of each of the others."""

    broad: int
    half: int


ROOMS = (Room(18, 10), Room(15, 9), Room(13, 8), Room(11, 7), Room(10, 6), Room(9, 5), Room(8, 4), Room(7, 4),
         Room(6, 3), Room(5, 3), Room(4, 2), Room(3, 1))  # fmt: skip
"""From the most that a page with short names holds to what any page does."""


def fitting(make: Callable[[Room], list[Table]], words: Sequence[str]) -> list[Table]:
    """
    The tables with as many rows as fit on the page.

    Parameters
    ----------
    make
        Gives the tables for some room.
    words
        Sentences above them.

    Returns
    -------
    tables
        The longest that fit; the shortest, where none do.
    """
    above = sum(WORDS * 1.3 * _lines(line, WORDS, WORDS_WIDTH) for line in words)

    def fits(tables: list[Table]) -> bool:
        return above + height(tables) <= PAGE

    tables = make(ROOMS[0])
    if fits(tables):
        return tables
    first, last = 1, len(ROOMS) - 1  # of the rooms that may be the largest that fits; more room is never less height
    while first < last:
        middle = (first + last) // 2
        if fits(make(ROOMS[middle])):
            last = middle
        else:
            first = middle + 1
    return make(ROOMS[last])


def broad(table: Table) -> bool:
    """Whether a table takes the whole width; the others stand two in a row."""
    return len(table.columns) >= BROAD_FROM


def height(tables: Sequence[Table]) -> float:
    """
    Height of tables as they are printed, in points.

    Parameters
    ----------
    tables
        In reading order; two that follow each other and are not `broad` stand side by side.
    """
    total, waiting = 0.0, 0.0
    for table in tables:
        own = _height(table)
        if broad(table):
            total, waiting = total + waiting + own, 0.0
        elif waiting:
            total, waiting = total + max(waiting, own), 0.0
        else:
            waiting = own
    return total + waiting


def _height(table: Table) -> float:
    numbers = sum(column.kind == NUMBER for column in table.columns)
    texts = max(1, len(table.columns) - numbers)
    width = max(40.0, ((ACROSS if broad(table) else HALF) - NUMERIC * numbers) / texts - 5.0)
    return HEAD + (MORE if table.more else 0.0) + sum(_row(row, width) for row in table.rows)


def _row(row: Row, width: float) -> float:
    tallest = max(
        BODY * LEADING * _lines(cell.text, BODY, width)
        + (SMALL * LEADING * _lines(cell.small, SMALL, width) if cell.small else 0.0)
        for cell in row.cells
    )
    return tallest + RULE


def _lines(words: str, size: float, width: float) -> int:
    """Lines that words take; broken between words, they leave some room at the ends."""
    return max(1, math.ceil(wide(words, size) / (0.88 * width)))
