"""CSV files as people save them: any usual encoding, separator and line end, rows counted as a spreadsheet does."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.errors import Problem, quoted
from isopt.scenario.contract import contracts
from isopt.scenario.frames import Raw
from isopt.scenario.grid import grid_to_raw

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["decoded", "read_csv"]

_SEPARATORS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZEROS = 0.2
"""Share of zero bytes at odd or even places from which a file counts as UTF-16 without a mark."""


def decoded(data: bytes) -> tuple[str, str]:
    """
    Return the text of a file and the encoding it was in; raises UnicodeDecodeError where it is none of the usual ones.

    Examples
    --------
    >>> decoded("Sotenäs".encode("cp1252"))
    ('Sotenäs', 'cp1252')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding), encoding
    if data.count(0) > _ZEROS * len(data):
        encoding = "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
        return data.decode(encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252"), "cp1252"


def read_csv(data: bytes, name: str, file: str) -> tuple[Raw | None, list[Problem], list[Problem]]:
    """
    Return a table of CSV text, what is wrong with it, and what is doubtful.

    Parameters
    ----------
    data
        Content of the file.
    name
        Name of the table.
    file
        How messages call it.

    Returns
    -------
    raw
        The table; None where it can't be read at all.
    problems, warnings
        With rows as a spreadsheet counts them.
    """
    try:
        text, encoding = decoded(data)
    except UnicodeDecodeError:
        return (
            None,
            [Problem(file, None, None, "is not text in UTF-8, UTF-16 or Windows-1252; save it as CSV UTF-8")],
            [],
        )
    warnings = []
    if encoding == "cp1252":
        foreign = re.search(r"\S*[^\x00-\x7f]\S*", text)
        example = f" (such as {quoted(foreign[0])})" if foreign else ""
        warnings.append(
            Problem(file, None, None, f"is not UTF-8 and was read as Windows-1252; check the accents{example}")
        )
    grid: list[list[str]] = []
    try:
        grid.extend(_lines(text, name))
    except csv.Error as error:
        message = f"can't be read as CSV ({error}); is a quotation mark left open?"
        return None, [Problem(file, len(grid) + 1, None, message)], warnings
    raw, problems = grid_to_raw(grid, name, file)
    return raw or _no_rows(name, file), problems, warnings


def _no_rows(name: str, file: str) -> Raw:
    """Return what a blank file holds: a table without rows, which replaces that of a base."""
    return Raw(name, file, pd.DataFrame(), np.zeros(0, dtype=np.int64))


def _lines(text: str, name: str) -> Iterator[list[str]]:
    """Go through the cells of all lines; the first line that is not blank names the columns and shows the separator."""
    if "\0" in text:
        raise csv.Error("it contains NUL characters")
    separator = ""
    marked = re.match(r"sep=(.)\r?\n", text)
    if marked:  # Excel's own first line; it stays a row, so that rows are counted as Excel shows them
        separator, text = marked[1], "\n" + text[marked.end() :]
    header = next((line for line in text.splitlines() if line.strip()), "")
    known = set(contracts()[name].names)

    def hits(candidate: str) -> tuple[int, int]:
        headers = [part.strip(' "') for part in header.split(candidate)]
        return sum(part in known for part in headers), len(headers)

    separator = separator or max(_SEPARATORS, key=hits)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
