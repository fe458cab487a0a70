"""What sections of studies are made of: a study's folder, rows for a page, and sentences that many need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.views.figures import figure_svg
from isopt.views.language import digits
from isopt.views.numbers import plain, share, with_unit
from isopt.views.policy_charts import lever_name
from isopt.views.report_cells import NUMBER, Cell, Column, Row, Table
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MOST_ROWS", "Section", "StudyFolder", "listed", "nothing", "proven", "rows_of"]

#: Rows of a table on a page; the files hold them all.
MOST_ROWS = 40


@dataclass(frozen=True)
class Section:
    """
    Part of a page.

    Attributes
    ----------
    name
        Of its figure's file.
    title, note
        Over the figure, and the sentence below the title.
    figure
        From `isopt.views.policy_charts` or `isopt.views.study_charts`; None where there is nothing to draw.
    table
        First rows of what was found.
    """

    name: str
    title: str
    note: str
    figure: Figure | None
    table: Table | None

    @property
    def svg(self) -> str:
        """The figure as an element of a page; empty where there is none."""
        return "" if self.figure is None else figure_svg(self.figure, self.name, self.title)


@dataclass(frozen=True)
class StudyFolder:
    """A study's folder; what is wrong with a file is said with its name."""

    place: Path

    def table(
        self, name: str, needed: Sequence[str] = (), *, words: Sequence[str] = (), numbers: Sequence[str] = ()
    ) -> pd.DataFrame:
        """
        Read one of its tables, which may be empty.

        Parameters
        ----------
        name
            Of the file.
        needed
            Columns that it must have.
        words
            Columns that it must have too, read as they are written though they may look like numbers or like nothing.
        numbers
            Columns that it must have too, with nothing but numbers.

        Raises
        ------
        InputError
            The file can't be read, lacks a column, or has something else where a number should be.
        """
        path = self.place / name
        try:
            table = pd.read_csv(path)
            as_written = pd.read_csv(path, dtype=str, keep_default_na=False) if words else table
        except (OSError, ValueError, UnicodeDecodeError) as error:  # pandas raises ValueError for what it can't parse
            raise InputError(f"{path}: can't be read as a table ({error})") from None
        table = table.assign(**{name: as_written[name] for name in words if name in table.columns})
        missing = [column for column in (*needed, *words, *numbers) if column not in table.columns]
        if missing:
            raise InputError(f"{path}: there is no column {', '.join(missing)}; write the study again")
        lost = [column for column in numbers if not _is_number(table[column])]
        if lost:
            raise InputError(f"{path}: not all of {', '.join(lost)} is a number; write the study again")
        return table

    @property
    def summary(self) -> Mapping[str, Any]:
        """Its ``summary.json``."""
        path = self.place / "summary.json"
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: can't be read ({error}); write the study again") from None
        return told if isinstance(told, dict) else {}

    def has(self, name: str) -> bool:
        """Whether it has that file."""
        return (self.place / name).is_file()


def _is_number(values: pd.Series[Any]) -> bool:
    return values.empty or pd.api.types.is_numeric_dtype(values)


def rows_of(
    table: pd.DataFrame,
    file: str,
    columns: Mapping[str, str],
    *,
    shares: Sequence[str] = (),
    own: Sequence[str] = (),
    years: Sequence[str] = (),
    coded: Mapping[str, str] | None = None,
) -> Table | None:
    """
    Lay out the first rows of a table for a page.

    Parameters
    ----------
    table, file
        What was found, and the file that holds all of it.
    columns
        Columns to show by name in the file, and their names in the catalogue where these differ.
    shares, own, years
        Columns that are shares, that the user named, and that are years, which are written as they are.
    coded
        Columns whose values are words of the catalogue, and the first part of their names there.

    Returns
    -------
    table
        None without rows.
    """
    if table.empty:
        return None
    there = [name for name in columns if name in table.columns]
    numbers = {name for name in there if pd.api.types.is_numeric_dtype(table[name])}
    heads = [
        Column(lever_name(name) if name in own else text(f"column.{columns[name] or name}"), NUMBER * (name in numbers))
        for name in there
    ]
    rows, groups = [], {} if coded is None else coded
    for record in table.head(MOST_ROWS)[there].to_dict("records"):
        cells = []
        for name, value in zip(there, record.values(), strict=True):
            if name in shares:
                cells.append(Cell(share(float(value))))
            elif name in years:
                cells.append(Cell(str(int(value))))
            elif name in groups:
                cells.append(Cell(known(f"{groups[name]}.{value}", str(value))))
            elif name in numbers:
                cells.append(Cell(plain(float(value))))
            else:
                cells.append(Cell("" if pd.isna(value) else str(value)))
        rows.append(Row(cells))
    more = ""
    if len(table) > MOST_ROWS:
        more = text("study.more_rows", shown=digits(MOST_ROWS), all=digits(len(table)), file=file)
    return Table("", heads, rows, more=more)


def nothing(name: str, title: str, told: Mapping[str, Any]) -> Section:
    """Make a section that says why nothing was found."""
    reason = told.get("reason") or told.get("status") or text("number.none")
    return Section(name, title, text("study.nothing", reason=reason), None, None)


def proven(errors: pd.Series[Any]) -> str:
    """Say how much of it is proven."""
    worst = float(errors.max())
    if worst == 0:
        return text("study.exact")
    return text("study.error", error=with_unit(worst, "EUR")) if np.isfinite(worst) else text("study.error_unknown")


def listed(values: Sequence[str]) -> str:
    """Name values one after the other."""
    if len(values) < 2:
        return "".join(values)
    return text("list.and", first="; ".join(values[:-1]), last=values[-1])
