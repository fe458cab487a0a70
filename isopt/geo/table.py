"""A user's own matrix of distances."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError, ScenarioError
from isopt.geo.router import Points, RouteFlag, Routes

if TYPE_CHECKING:
    from isopt.scenario.typed import Given

__all__ = ["TableRouter", "read_table_router"]


@dataclass(frozen=True, eq=False)
class TableRouter:
    """
    Distances that somebody wrote down, by names of facilities.

    A pair that is not listed, or has no kilometres, has no way; one place is 0 km.

    Attributes
    ----------
    index
        Pairs of names as they stand in the table, shape (rows,).
    km, hours
        Shape (rows,); NaN where empty.
    version
        Digest of the file.
    """

    index: pd.MultiIndex
    km: NDArray[np.float64]
    hours: NDArray[np.float64]
    version: str

    @property
    def name(self) -> str:
        """What it is called in files."""
        return "table"

    def routes(self, start: Points, end: Points) -> Routes:
        """
        Look each pair up.

        Raises
        ------
        InputError
            Where the points have no names.
        """
        if start.ids is None or end.ids is None:
            raise InputError("a table of distances needs the names of the places")
        place = self.index.get_indexer(pd.MultiIndex.from_arrays([start.ids, end.ids]))
        found = place >= 0
        km, hours = np.full(start.count, np.inf), np.full(start.count, np.nan)
        km[found], hours[found] = self.km[place[found]], self.hours[place[found]]
        km[np.isnan(km)] = np.inf
        km[np.asarray(start.ids == end.ids, dtype=bool)] = 0.0
        flags = np.where(np.isinf(km), np.uint8(RouteFlag.NO_WAY), np.uint8(0)).astype(np.uint8)
        return Routes(km, hours if np.isfinite(hours).any() else None, flags)


def read_table_router(path: Path) -> TableRouter:
    """
    Read a table of distances: a row per pair, or a square with the names in its first row and column.

    Parameters
    ----------
    path
        A CSV file as people save them (any usual encoding and separator). Rows have the columns ``from_facility``,
        ``to_facility``, ``distance_km`` and perhaps ``hours``; each direction is a row of its own. A square holds
        kilometres, from the name at the left to the name at the top; an empty cell is no way.

    Raises
    ------
    InputError
        With every cell that is wrong.
    """
    data = path.read_bytes()
    given = _given(data, path.name)
    frame = given.frame
    return TableRouter(
        pd.MultiIndex.from_arrays([frame["from_facility"], frame["to_facility"]]),
        frame["distance_km"].to_numpy(dtype=np.float64),
        frame["hours"].to_numpy(dtype=np.float64),
        hashlib.sha256(data).hexdigest()[:12],
    )


def _given(data: bytes, name: str) -> Given:
    """Return the rows of a table, checked."""
    from isopt.scenario.csvfile import read_csv
    from isopt.scenario.typed import typed_table

    raw, problems, _ = read_csv(_as_rows(data), "matrix", name)
    if raw is None:
        raise InputError(str(ScenarioError(name, problems)))
    given, wrong = typed_table(raw)
    problems = [*problems, *wrong]
    pairs = given.frame[["from_facility", "to_facility"]]
    for line in np.flatnonzero(pairs.duplicated().to_numpy()):
        problems.append(given.problem(int(line), "from_facility", f"{' > '.join(pairs.iloc[line])} stands twice"))
    if problems:
        raise InputError(str(ScenarioError(name, problems)))
    return given


def _as_rows(data: bytes) -> bytes:
    """Turn a square of kilometres into a row per pair; anything else stays as it is."""
    from isopt.scenario.csvfile import decoded

    try:
        text, _ = decoded(data)
    except UnicodeDecodeError:
        return data
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(";\t,", key=lines[0].count) if lines else ","
    grid = [[cell.strip() for cell in line] for line in csv.reader(lines, delimiter=separator)]
    if not grid or "from_facility" in grid[0] or len(grid[0]) < 2:
        return data
    names = grid[0][1:]
    if not {line[0] for line in grid[1:]} & set(names):
        return data
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(["from_facility", "to_facility", "distance_km"])
    for line in grid[1:]:
        rows.writerows([line[0], name, cell] for name, cell in zip(names, line[1:], strict=False) if line[0] != name)
    return out.getvalue().encode()
