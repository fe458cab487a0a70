"""A grid of texts, as a CSV file or a sheet holds it, becomes a table with a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.errors import Problem, quoted
from isopt.scenario.cells import writes_decimal_commas
from isopt.scenario.contract import contracts
from isopt.scenario.frames import Raw, text_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["grid_to_raw"]


def grid_to_raw(
    grid: Sequence[Sequence[str]],
    name: str,
    file: str,
    odd: Mapping[tuple[int, int], str] | None = None,
) -> tuple[Raw | None, list[Problem]]:
    """
    Return the table in a grid of texts whose first filled line is the header.

    Parameters
    ----------
    grid
        Cells of each line; blank lines count as rows and are left out.
    name
        Name of the table.
    file
        How messages call it.
    odd
        What is odd about single cells, by row as a spreadsheet counts it and position in the line.

    Returns
    -------
    raw
        The table, None where there is no header.
    problems
        Columns without a name, repeated names, cells beyond the header.
    """
    filled = [(row, [cell.strip() for cell in line]) for row, line in enumerate(grid, start=1)]
    filled = [(row, line) for row, line in filled if any(line)]
    if not filled:
        return None, []
    (header_row, headers), body = filled[0], filled[1:]
    problems = _left_over(body, len(headers), file)
    columns: dict[str, list[str]] = {}
    positions: dict[int, str] = {}
    for position, header in enumerate(headers):
        values = [line[position] if position < len(line) else "" for _, line in body]
        if header in columns:
            problems.append(Problem(file, header_row, header, "stands twice in the header"))
        elif header:
            columns[header], positions[position] = values, header
        elif any(values):
            first = next(value for value in values if value)
            message = f"column {position + 1} has values (such as {quoted(first)}) but no name"
            problems.append(Problem(file, header_row, None, message))
    contract = contracts()[name].by_name
    numeric = [values for header, values in columns.items() if header in contract and contract[header].numeric]
    lines = {row: line for line, (row, _) in enumerate(body)}
    raw = Raw(
        name,
        file,
        pd.DataFrame(
            {header: text_column(values) for header, values in columns.items()}, index=pd.RangeIndex(len(body))
        ),
        np.array([row for row, _ in body], dtype=np.int64),
        odd={
            (lines[row], positions[position]): message
            for (row, position), message in (odd or {}).items()
            if row in lines and position in positions
        },
        decimal_comma=any(writes_decimal_commas(values) for values in numeric),
    )
    return raw, problems


def _left_over(body: Sequence[tuple[int, list[str]]], width: int, file: str) -> list[Problem]:
    """Return a problem for each line with a filled cell beyond the header."""
    problems = []
    for row, line in body:
        extra = next((cell for cell in line[width:] if cell), None)
        if extra is not None:
            message = f"has more cells than the header has columns: {quoted(extra)} is left over"
            problems.append(Problem(file, row, None, message))
    return problems
