"""From cells to typed tables, by contract, with everything that is wrong in a single cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import Problem, did_you_mean, quoted
from isopt.scenario import cells
from isopt.scenario.contract import Column, Table, tables
from isopt.scenario.frames import Raw, cell_text, frame_of, text_column

__all__ = ["Given", "empty_table", "typed_table"]

_DATES_ALLOWED = {"text"}


@dataclass(frozen=True, eq=False)
class Given:
    """
    A table as it was given, typed: every column of the contract, nothing filled in from other tables.

    Parameters
    ----------
    frame
        The typed cells.
    file
        Where it stands, in the words of a message.
    rows
        Row of each line as a spreadsheet counts it, shape (lines,).
    """

    frame: pd.DataFrame
    file: str
    rows: np.ndarray[Any, np.dtype[np.int64]]

    def problem(self, line: int, column: str | None, message: str) -> Problem:
        """Return a problem of one of its lines."""
        return Problem(self.file, int(self.rows[line]), column, message)


def empty_table(name: str) -> Given:
    """Return a table of the contract without rows, as an absent one counts."""
    return typed_table(Raw(name, name, pd.DataFrame(), np.zeros(0, dtype=np.int64)))[0]


def typed_table(raw: Raw) -> tuple[Given, list[Problem]]:
    """
    Return the typed table and what is wrong with its headers and single cells.

    Parameters
    ----------
    raw
        The table as it was found.

    Returns
    -------
    given
        Text as Python strings ("" where empty), numbers as float64 (NaN where empty and without default), lists as tuples.
    problems
        In the order of the rows.
    """
    contract = tables()[raw.name]
    problems = _header_problems(raw, contract)
    length = len(raw.rows)
    columns: dict[str, Any] = {}
    for column in contract.columns:
        found = raw.cells[column.name] if column.name in raw.cells else text_column([""] * length)
        values, wrong = _typed(column, found, raw.decimal_comma)
        columns[column.name] = values
        if column.name in raw.cells:
            wrong |= _dates(raw, column)
            problems += [Problem(raw.file, int(raw.rows[line]), column.name, text) for line, text in wrong.items()]
    frame = frame_of(columns, length)
    problems.sort(key=lambda problem: (problem.row or 0))
    return Given(frame, raw.file, raw.rows), problems


def _header_problems(raw: Raw, contract: Table) -> list[Problem]:
    problems = []
    for header in raw.cells.columns:
        if header not in contract.by_name:
            message = f"{quoted(header)} is no column of {contract.name}{did_you_mean(header, contract.names)}"
            problems.append(Problem(raw.file, 1, header, message))
    if len(raw.rows) or len(raw.cells.columns):
        problems += [
            Problem(raw.file, 1, column.name, "is required and missing")
            for column in contract.columns
            if column.required and column.name not in raw.cells
        ]
    return problems


def _dates(raw: Raw, column: Column) -> dict[int, str]:
    """Return a message for each cell that a spreadsheet took for a date and that is no free text."""
    if not raw.dates or (column.kind in _DATES_ALLOWED and "sector" not in column.name):
        return {}
    wanted = "number" if column.numeric else "text"
    return {
        line: f"{quoted(cell_text(raw.cells[column.name].iloc[line]))} is a date; format the cell as {wanted} and write it again"
        for line, header in raw.dates
        if header == column.name
    }


def _typed(column: Column, found: pd.Series[Any], decimal_comma: bool) -> tuple[pd.Series[Any], dict[int, str]]:
    if column.numeric:
        return _numbers(column, found, decimal_comma)
    texts = [cell_text(value) for value in found] if found.dtype != object else found.tolist()
    if column.kind == "bool":
        return _flags(column, texts)
    default: Any = () if column.kind == "list" else column.default
    reader = _reader(column)
    if reader is None:
        wrong = {line: "is required and empty" for line, text in enumerate(texts) if not text} if column.required else {}
        return text_column(text or default for text in texts) if default else text_column(texts), wrong
    return _read_each(texts, reader, default, column.required)


def _reader(column: Column) -> Callable[[str], Any] | None:
    """Return what reads one text of the column; None where any text will do."""
    match column.kind:
        case "choice":
            return lambda text: cells.choice(text, column.choices)
        case "list":
            item = (lambda part: cells.choice(part, column.choices)) if column.items == "choice" else str
            return lambda text: cells.list_of(text, item)
        case "unit":
            return cells.unit
        case "ewc":
            return cells.waste_code
        case "crs":
            return cells.crs_code
        case _:
            return None


def _read_each(
    texts: Sequence[str], reader: Callable[[str], Any], default: Any, required: bool
) -> tuple[pd.Series[Any], dict[int, str]]:
    """Read each distinct text once."""
    values: dict[str, Any] = {"": default}
    messages: dict[str, str] = {"": "is required and empty"} if required else {}
    for text in dict.fromkeys(texts):
        if text:
            try:
                values[text] = reader(text)
            except cells.CellError as error:
                values[text], messages[text] = default, str(error)
    wrong = {line: messages[text] for line, text in enumerate(texts) if text in messages} if messages else {}
    return text_column(values[text] for text in texts), wrong


def _flags(column: Column, texts: Sequence[str]) -> tuple[pd.Series[Any], dict[int, str]]:
    default = {"true": True, "false": False}.get(column.default)
    values, wrong = _read_each(texts, cells.boolean, default, column.required)
    if default is None and not column.required:
        return values.astype("boolean"), wrong
    return values.fillna(False).astype(bool) if default is None else values.astype(bool), wrong


def _numbers(column: Column, found: pd.Series[Any], decimal_comma: bool) -> tuple[pd.Series[Any], dict[int, str]]:
    wrong: dict[int, str] = {}
    if found.dtype == object:
        numbers = np.full(len(found), np.nan)
        for line, text in enumerate(found):
            if text:
                try:
                    numbers[line] = cells.number(text, decimal_comma=decimal_comma)
                except cells.CellError as error:
                    wrong[line] = str(error)
    else:
        numbers = found.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        for line in np.flatnonzero(np.isinf(numbers)):
            wrong[int(line)] = f'"{numbers[line]}" is not a finite number; leave the cell empty where there is no limit'
    numbers[list(wrong)] = np.nan
    empty = np.isnan(numbers)
    if column.required:
        wrong |= {int(line): "is required and empty" for line in np.flatnonzero(empty) if int(line) not in wrong}
    bounds = column.bounds
    outside = (numbers < bounds.low) | (numbers > bounds.high)
    if bounds.low_open:
        outside |= numbers == bounds.low
    for line in np.flatnonzero(outside):
        wrong[int(line)] = f"{numbers[line]:g} must be {bounds}"
    if column.kind == "integer":
        for line in np.flatnonzero(numbers != np.floor(numbers)):
            if not np.isnan(numbers[line]):
                wrong[int(line)] = f"{numbers[line]:g} is not a whole number"
    if column.default:
        numbers[empty] = float(column.default)
    whole = column.kind == "integer" and (column.required or column.default)
    if whole:
        return pd.Series(np.nan_to_num(numbers).astype(np.int64)), wrong
    return pd.Series(numbers), wrong
