"""From cells to typed tables, by contract, with everything that is wrong in a single cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import Problem, did_you_mean, nearest, quoted
from isopt.scenario import cells
from isopt.scenario.contract import EXTRA_COLUMNS, Column, Table, contracts
from isopt.scenario.frames import Raw, cell_text, frame_of, text_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Given", "empty_table", "typed_table"]

_PLAIN = re.compile(r"[0-9.eE+\-\n]*")
"""Characters of plain numbers: no word such as nan, no comma, no underscore."""
_FREE = {*EXTRA_COLUMNS, "name", "reason", "address"}
"""Columns in which a date is as good as any other text."""


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


@cache
def empty_table(name: str, file: str) -> Given:
    """Return a table of the contract without rows, as an absent one counts."""
    return typed_table(Raw(name, file, pd.DataFrame(), np.zeros(0, dtype=np.int64)))[0]


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
        Text as Python strings ("" where empty), numbers as float64 (NaN where empty and without default), lists as
        tuples.
    problems
        In the order of the rows.
    """
    contract = contracts()[raw.name]
    raw, problems = _known_headers(raw, contract)
    length = len(raw.rows)
    columns: dict[str, Any] = {}
    for column in contract.columns:
        found = raw.cells[column.name] if column.name in raw.cells else text_column([""] * length)
        values, wrong = _typed(column, found, raw.decimal_comma)
        columns[column.name] = values
        if column.name in raw.cells:
            wrong |= _odd(raw, column)
            problems += [Problem(raw.file, int(raw.rows[line]), column.name, text) for line, text in wrong.items()]
    frame = frame_of(columns, length)
    problems.sort(key=lambda problem: problem.row or 0)
    return Given(frame, raw.file, raw.rows), problems


def _known_headers(raw: Raw, contract: Table) -> tuple[Raw, list[Problem]]:
    """
    Return the table with known headers, and a problem for each unknown one and each that is missing.

    A header close to a missing one is read as that one, so that its error does not draw others after it.
    """
    problems = []
    meant: dict[str, str] = {}
    for header in raw.cells.columns:
        if header in contract.by_name:
            continue
        message = f"{quoted(header)} is no column of {contract.name}{did_you_mean(header, contract.names)}"
        problems.append(Problem(raw.file, 1, header, message))
        likely = nearest(header, contract.names)
        if likely and likely not in raw.cells and likely not in meant.values():
            meant[header] = likely
    if meant:
        odd = {(line, meant.get(header, header)): message for (line, header), message in raw.odd.items()}
        raw = replace(raw, cells=raw.cells.rename(columns=meant), odd=odd)
    if len(raw.rows) or len(raw.cells.columns):
        problems += [
            Problem(raw.file, 1, column.name, "is required and missing")
            for column in contract.columns
            if column.required and column.name not in raw.cells
        ]
    return raw, problems


def _odd(raw: Raw, column: Column) -> dict[int, str]:
    """Return what is odd about cells of a column, unless any text will do in it."""
    if column.name in _FREE:
        return {}
    return {line: message for (line, header), message in raw.odd.items() if header == column.name}


def _typed(column: Column, found: pd.Series[Any], decimal_comma: bool) -> tuple[pd.Series[Any], dict[int, str]]:
    if column.numeric:
        return _numbers(column, found, decimal_comma)
    texts = [cell_text(value) for value in found] if found.dtype != object else found.tolist()
    if column.kind == "bool":
        return _flags(column, texts)
    default: Any = () if column.kind == "list" else column.default
    reader = _reader(column)
    if reader is None:
        wrong = (
            {line: "is required and empty" for line, text in enumerate(texts) if not text} if column.required else {}
        )
        return text_column(text or default for text in texts) if default else text_column(texts), wrong
    return _read_each(texts, reader, default, column.required)


def _reader(column: Column) -> Callable[[str], Any] | None:
    """Return what reads one text of the column; None where any text will do."""
    match column.kind:
        case "choice":
            return lambda text: cells.choice(text, column.choices)
        case "list":
            item = (lambda part: cells.choice_in_list(part, column.choices)) if column.items == "choice" else str
            return lambda text: cells.list_of(text, item)
        case "unit":
            return cells.unit
        case "ewc":
            return cells.waste_code
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
    return pd.Series([bool(value) for value in values], dtype=bool), wrong


def _numbers(column: Column, found: pd.Series[Any], decimal_comma: bool) -> tuple[pd.Series[Any], dict[int, str]]:
    if found.dtype == object:
        numbers, wrong = _parsed(found, decimal_comma)
    else:
        numbers = found.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        wrong = {line: f'"{numbers[line]}" {cells.NOT_FINITE}' for line in _lines(np.isinf(numbers))}
    numbers[list(wrong)] = np.nan
    empty = np.isnan(numbers)
    if column.required:
        wrong |= {line: "is required and empty" for line in _lines(empty) if line not in wrong}
    for line in _lines(column.bounds.excludes(numbers)):
        wrong[line] = f"{numbers[line]:.10g} must be {column.bounds}"
    if column.kind == "integer":
        for line in _lines(~empty & (numbers != np.floor(numbers))):
            wrong[line] = f"{numbers[line]:.10g} is not a whole number"
    if column.default:
        numbers[empty] = float(column.default)
    if column.kind == "integer" and (column.required or column.default):
        return pd.Series(np.nan_to_num(numbers).astype(np.int64)), wrong
    return pd.Series(numbers), wrong


def _parsed(texts: pd.Series[Any], decimal_comma: bool) -> tuple[np.ndarray[Any, np.dtype[np.float64]], dict[int, str]]:
    if not decimal_comma:
        plain = _plain_numbers(texts.tolist())
        if plain is not None:
            return plain, {}
    numbers = np.full(len(texts), np.nan)
    wrong: dict[int, str] = {}
    for line, text in enumerate(texts):
        if text:
            try:
                numbers[line] = cells.number(text, decimal_comma=decimal_comma)
            except cells.CellError as error:
                wrong[line] = str(error)
    return numbers, wrong


def _plain_numbers(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return the numbers of a column at once where all of them are written plainly, else None."""
    if not _PLAIN.fullmatch("\n".join(texts)):
        return None
    try:
        numbers = np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return None
    return None if np.isinf(numbers).any() else numbers


def _lines(marked: np.ndarray[Any, np.dtype[np.bool_]]) -> list[int]:
    return [int(line) for line in np.flatnonzero(marked)]
