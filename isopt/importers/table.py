"""A register's CSV file as a table of the types expected of it, with every wrong cell named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.errors import InputError, Problem, ScenarioError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["integers", "numbers", "read_text"]


def read_text(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """
    Read the named columns of a CSV file as text, stripped, with the row that a spreadsheet shows.

    Parameters
    ----------
    path
        The file: comma-separated, UTF-8, with or without a byte order mark.
    columns
        Columns that must be there; others are left aside.

    Returns
    -------
    table
        The columns as text ("" where empty) and ``row``, counted from 2 as the header is row 1.

    Raises
    ------
    InputError
        If there is no such file.
    ScenarioError
        If it can't be read as a table or lacks a column.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file")
    try:
        raw = pd.read_csv(path, dtype=object, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False)
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _unreadable(path, f"can't be read as a table: {str(error).strip()}") from error
    raw.columns = raw.columns.astype(str).str.strip()
    missing = [name for name in columns if name not in raw.columns]
    if missing:
        found = list(raw.columns)
        raise ScenarioError(
            path.name,
            [Problem(path.name, 1, name, f"there is no such column{did_you_mean(name, found)}") for name in missing],
        )
    text = {name: raw[name].fillna("").astype(str).str.strip() for name in columns}
    table = pd.DataFrame({**text, "row": np.arange(2, len(raw) + 2)})
    empty = np.logical_and.reduce([text[name].to_numpy() == "" for name in columns])
    kept: pd.DataFrame = table.loc[~empty].reset_index(drop=True)
    return kept


def numbers(table: pd.DataFrame, column: str, file: str, problems: list[Problem]) -> pd.Series[float]:
    """
    Turn a column of text into numbers, NaN where the cell is empty, and add a problem for each that is none.

    Parameters
    ----------
    table
        As from :func:`read_text`.
    column
        Which column.
    file
        Name of the file in the problems.
    problems
        Grows by one for each cell that is no finite number.

    Returns
    -------
    values
        The numbers, in the order of the table.

    Examples
    --------
    >>> problems = []
    >>> numbers(pd.DataFrame({"tonnes": ["1.5", "", "a lot"], "row": [2, 3, 4]}), "tonnes", "f.csv", problems).tolist()
    [1.5, nan, nan]
    >>> print(*problems)
    f.csv row 4 tonnes "a lot" is not a number
    """
    text = table[column]
    values = pd.to_numeric(text, errors="coerce").astype(float)
    wrong = (text != "") & ~np.isfinite(values)
    problems += [
        Problem(file, int(row), column, f'"{cell}" is not a number{_comma(cell)}')
        for row, cell in zip(table["row"][wrong], text[wrong], strict=True)
    ]
    return values.where(~wrong)


def integers(table: pd.DataFrame, column: str, file: str, problems: list[Problem]) -> pd.Series[int]:
    """
    Turn a column of text into whole numbers, -1 where a problem was added (an empty cell is one).

    Parameters
    ----------
    table
        As from :func:`read_text`.
    column
        Which column.
    file
        Name of the file in the problems.
    problems
        Grows by one for each cell that is no whole number.

    Returns
    -------
    values
        The numbers, in the order of the table.
    """
    text = table[column]
    good = text.str.fullmatch(r"\d{1,9}")
    problems += [
        Problem(file, int(row), column, f'"{cell}" is not a whole number')
        for row, cell in zip(table["row"][~good], text[~good], strict=True)
    ]
    return text.where(good, "-1").astype(int)


def _comma(cell: str) -> str:
    """Hint at a decimal comma."""
    return "; write a decimal point" if cell.replace(",", "", 1).lstrip("-").isdigit() and "," in cell else ""


def _unreadable(path: Path, message: str) -> ScenarioError:
    return ScenarioError(path.name, [Problem(path.name, None, None, message)])
