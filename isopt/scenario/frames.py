"""Tables on their way in: cells as they were found, and where they stood."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Raw", "cell_text", "frame_of", "raw_of", "text_column"]


@dataclass(frozen=True, eq=False)
class Raw:
    """
    A table as it was found: cells are text (or whole columns of numbers, where it came from memory).

    Parameters
    ----------
    name
        Name of the table.
    file
        Where it stands, in the words of a message.
    cells
        One column per header; blank lines are left out.
    rows
        Row of each line as a spreadsheet counts it, shape (lines,).
    odd
        What is odd about single cells (line, header), such as a date where a spreadsheet guessed one.
    decimal_comma
        Whether the table writes decimal commas, so that a dot before three digits could part thousands.
    """

    name: str
    file: str
    cells: pd.DataFrame
    rows: np.ndarray[Any, np.dtype[np.int64]]
    odd: Mapping[tuple[int, str], str] = field(default_factory=dict)
    decimal_comma: bool = False


def text_column(values: Iterable[Any]) -> pd.Series[Any]:
    """Return a column of Python objects; pandas would otherwise make its own string type of text."""
    return pd.Series(list(values), dtype=object)


def frame_of(columns: Mapping[str, Any], length: int) -> pd.DataFrame:
    """Return a frame of the columns in order with a plain index; a column that is a list keeps its objects."""
    return pd.DataFrame(dict(columns), index=pd.RangeIndex(length))


def cell_text(value: Any) -> str:
    """
    Return the text of a cell of any kind, without surrounding blanks.

    Examples
    --------
    >>> cell_text(7.0), cell_text(None), cell_text(True), cell_text(("a", "b")), cell_text(" x ")
    ('7', '', 'true', 'a;b', 'x')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, (tuple, list, set, frozenset)):
        return ";".join(cell_text(item) for item in value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()


def raw_of(name: str, data: pd.DataFrame | Sequence[Mapping[str, Any]], file: str) -> Raw:
    """
    Return a table given in memory as a raw one; columns of numbers stay as they are.

    Parameters
    ----------
    name
        Name of the table.
    data
        A frame, or a mapping of columns to values per row.
    file
        How messages call it.
    """
    if not isinstance(data, pd.DataFrame):
        headers = list(dict.fromkeys(str(header) for line in data for header in line))
        data = pd.DataFrame(
            {header: text_column(line.get(header) for line in data) for header in headers},
            index=pd.RangeIndex(len(data)),
        )
    columns: dict[str, Any] = {}
    for position, header in enumerate(data.columns):
        values = data.iloc[:, position]
        if pd.api.types.is_float_dtype(values.dtype) or (
            pd.api.types.is_integer_dtype(values.dtype) and isinstance(values.dtype, np.dtype)
        ):
            columns[str(header)] = values.reset_index(drop=True)
        else:
            columns[str(header)] = text_column(cell_text(value) for value in values)
    return Raw(name, file, frame_of(columns, len(data)), np.arange(2, len(data) + 2, dtype=np.int64))
