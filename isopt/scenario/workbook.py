"""A workbook whose sheets are tables."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from typing import Any

import python_calamine

from isopt.errors import quoted
from isopt.scenario.frames import cell_text
from isopt.scenario.grid import grid_to_raw
from isopt.scenario.sources import Source, known_first

__all__ = ["read_workbook"]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_PART = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)


def read_workbook(source: Source, data: bytes, file: str) -> None:
    """
    Add the tables of a workbook to a source: a sheet each, called like the table.

    Parameters
    ----------
    source
        What is gathered.
    data
        Content of the workbook.
    file
        How messages call it.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        errors = _error_cells(data)
    except (python_calamine.CalamineError, zipfile.BadZipFile, KeyError) as error:
        source.fail(file, f"can't be read as a workbook: {error}")
        return
    for name, grid in sorted(grids.items(), key=lambda item: known_first(item[0])):
        if not any(any(cell_text(cell) for cell in line) for line in grid):
            continue
        place = f"{file} sheet {name}"
        table = source.table_name(place, name.strip())
        if table is None:
            continue
        odd = {
            (row, position): _spoken_date(cell)
            for row, line in enumerate(grid, start=1)
            for position, cell in enumerate(line)
            if isinstance(cell, (dt.date, dt.time, dt.timedelta))
        }
        texts = [[cell_text(cell) for cell in line] for line in grid]
        for (row, position), shown in errors.get(name, {}).items():
            odd[row, position] = f"{quoted(shown)} is an error of the spreadsheet; mend the formula"
            texts[row - 1][position] = shown
        raw, problems = grid_to_raw(texts, table, place, odd)
        source.problems += problems
        source.add(raw)


def _spoken_date(cell: Any) -> str:
    what = "date" if isinstance(cell, dt.date) else "time"
    return f"{quoted(cell_text(cell))} is a {what}; format the cell as text or number and write it again"


def _error_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """
    Return the cells that hold an error such as #REF!, by sheet, row and position.

    The reader gives them as empty cells, and an empty cell has a meaning of its own here.
    """
    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {}
        for entry in _PART.findall(archive.read("xl/_rels/workbook.xml.rels")):
            said = dict(_ATTRIBUTE.findall(entry))
            parts[said[b"Id"]] = said[b"Target"].decode().lstrip("/").removeprefix("xl/")
        for entry in _SHEET.findall(archive.read("xl/workbook.xml")):
            said = dict(_ATTRIBUTE.findall(entry))
            sheet = archive.read(f"xl/{parts[said[b'id']]}")
            if b't="e"' in sheet:
                found[html.unescape(said[b"name"].decode())] = {
                    (int(row), _position(letters)): value.decode() for letters, row, value in _ERROR_CELL.findall(sheet)
                }
    return found


def _position(letters: bytes) -> int:
    """Return the place of a column in its line: A is 0."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1
