"""A solution as a workbook: formatted sheets with units, and a sheet that says what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.solution.store import replace_file
from isopt.views import caption
from isopt.views.language import digits
from isopt.views.means import years
from isopt.views.summary import sentences
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from isopt.solution import Solution

__all__ = ["unit_of", "write_workbook"]

#: Rows of a sheet, its two heads aside, and characters of a cell (Excel specifications and limits).
MOST_ROWS, MOST_CHARACTERS = 1_048_574, 32_767
#: Widths of columns in characters.
NARROW, WIDE = 8, 48
#: Rows that tell how wide a column is.
LOOKED_AT = 200
#: The unit that the end of a column's name says, longest ends first; "" where the row has a unit of its own.
UNITS = (
    ("_eur_per_unit_yr", "EUR/unit/yr"), ("_eur_per_unit", "EUR/unit"), ("_kgco2_per_unit", "kg CO2/unit"),
    ("_eur_per_yr", "EUR/yr"), ("_t_per_yr", "t/yr"), ("tonnes_per_yr", "t/yr"), ("trips_per_yr", "1/yr"),
    ("_eur", "EUR"), ("_km", "km"), ("_share", "share"), ("_yr", "yr"), ("_t", "t"), ("tonnes", "t"),
)  # fmt: skip
#: Amounts in the unit of the row.
OF_THE_ROW = {
    "amount", "amount_per_yr", "sent", "arrived", "need", "need_per_yr", "received", "bought", "unmet", "throughput",
    "capacity_per_yr", "max_capacity_per_yr", "added_capacity", "capacity_now", "level",
}  # fmt: skip
TABLES = ("exchanges", "flows", "plants", "disposal", "virgin", "firms")


def unit_of(column: str) -> str:
    """
    Unit of a result's column.

    Parameters
    ----------
    column
        As in the CSV files.

    Returns
    -------
    str
        Empty for what has none.

    Examples
    --------
    >>> [unit_of(name) for name in ("haulage_eur_per_yr", "distance_km", "material", "sent")]
    ['EUR/yr', 'km', '', "as the row's unit"]
    """
    if column in OF_THE_ROW:
        return text("workbook.row_unit")
    return next((unit for end, unit in UNITS if column.endswith(end)), "")


def write_workbook(solution: Solution, path: str | Path) -> Path:
    """
    Write a solution as one Excel workbook, in the language that is spoken.

    Texts stay texts: a cell that begins with ``=``, ``+``, ``-`` or ``@`` is marked as one, so that no program takes it
    for a formula, not even after the sheet was saved as CSV by hand and opened again.

    Parameters
    ----------
    solution
        Any solution; one without a plan has only the sheet that says why.
    path
        File to write; it is replaced at once, never seen half written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return replace_file(target, lambda draft: _fill(solution, draft))


def _fill(solution: Solution, draft: Path) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(draft), options) as file:
        # the same bytes in every run
        file.set_properties({"title": _clean(caption.title(solution)), "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = _Book(file)
        front = file.add_worksheet(text("tab.readme"))
        sheets = []
        if caption.has_plan(solution):
            sheets.append(book.sheet("kpis", _totals(solution)))
            if len(years(solution.scenario)) > 1:
                sheets.append(book.sheet("years", _years(solution)))
            for name in TABLES:
                table = solution.tables[name]
                if len(table):
                    sheets.append(book.sheet(name, table, [unit_of(column) for column in table.columns]))
        book.readme(front, solution, sheets)


@dataclass(frozen=True)
class _Sheet:
    """What the first sheet says of another one."""

    name: str
    rows: int
    note: str = ""


class _Book:
    """Writes sheets that look alike."""

    def __init__(self, file: Any) -> None:
        self.file = file
        line = {"valign": "top"}
        self.plain, self.title, self.wrap = (
            (file.add_format(look), file.add_format({**look, "quote_prefix": True}))
            for look in (line, {"bold": True, "font_size": 16}, {"text_wrap": True, "valign": "top"})
        )
        head = {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"}
        unit = {"italic": True, "font_color": "#555555", "bg_color": "#F5F7FA", "bottom": 1}
        self.head, self.head_of_numbers = file.add_format(head), file.add_format({**head, "align": "right"})
        self.unit, self.unit_of_numbers = file.add_format(unit), file.add_format({**unit, "align": "right"})
        self.numbers = {
            kind: file.add_format({**line, "num_format": kind}) for kind in ("#,##0", "#,##0.00", "0.0000", "0", "0.0%")
        }

    def sheet(self, name: str, table: pd.DataFrame, units: Sequence[str] | None = None) -> _Sheet:
        """Write a table: its columns, their units, its rows; the heads stay in sight."""
        title = text(f"tab.{name}")
        page = self.file.add_worksheet(title)
        shown, heads = table.head(MOST_ROWS), 1 if units is None or not any(units) else 2
        for place, column in enumerate(shown.columns):
            numeric = _holds_numbers(shown[column])
            page.write_string(0, place, _clean(column), self.head_of_numbers if numeric else self.head)
            if heads > 1 and units is not None:
                page.write_string(1, place, units[place], self.unit_of_numbers if numeric else self.unit)
            self._column(page, heads, place, shown[column], str(column))
        page.freeze_panes(heads, min(1, len(shown.columns)))
        page.autofilter(heads - 1, 0, heads - 1 + len(shown), max(len(shown.columns) - 1, 0))
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, heads - 1)
        note = ""
        if len(shown) < len(table):
            note = text("workbook.cut", shown=digits(len(shown)), all=digits(len(table)), file=f"{name}.csv")
        return _Sheet(name, len(table), note)

    def _column(self, page: Any, first: int, place: int, values: pd.Series[Any], name: str) -> None:
        """Write one column's cells and make it as wide as they are."""
        longest = len(name)
        if _holds_numbers(values):
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            look = self.numbers[_number_format(name, numbers)]
            for row, value in enumerate(numbers):
                if np.isfinite(value):
                    page.write_number(first + row, place, value, look)
            longest = max(longest, 12)
        else:
            for row, value in enumerate(values):
                longest = max(longest, self._cell(page, first + row, place, value) if row < LOOKED_AT else 0)
                if row >= LOOKED_AT:
                    self._cell(page, first + row, place, value)
        page.set_column(place, place, min(max(longest + 2, NARROW), WIDE))

    def _cell(self, page: Any, row: int, place: int, value: Any) -> int:
        """Write a cell that is no number; gives its length."""
        if isinstance(value, bool | np.bool_):
            page.write_boolean(row, place, bool(value), self.plain[0])
            return 5
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return 0
        return self._text(page, row, place, ";".join(map(str, value)) if isinstance(value, tuple | list) else value)

    def _text(self, page: Any, row: int, place: int, value: object, look: tuple[Any, Any] | None = None) -> int:
        """Write a text, marked as one where a program could take it for a formula; gives its length."""
        said, (usual, quoted) = _clean(value), look or self.plain
        if said:
            page.write_string(row, place, said, quoted if said[0] in "=+-@\t\r" else usual)
        return len(said)

    def readme(self, page: Any, solution: Solution, sheets: Sequence[_Sheet]) -> None:
        """Say what the book is about and what each sheet holds."""
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_column(0, 0, 28)
        page.set_column(1, 1, 12)
        page.set_column(2, 2, 90)
        self._text(page, 0, 0, caption.title(solution), self.title)
        row = 1
        words = [caption.status(solution), *caption.proof(solution), *solution.warnings]
        if caption.has_plan(solution):
            words += sentences(solution)
        for line in words:
            page.merge_range(row, 0, row, 2, "", self.wrap[0])
            self._text(page, row, 0, line, self.wrap)
            page.set_row(row, 15 * (1 + len(line) // 120))
            row += 1
        if sheets:
            page.merge_range(row + 1, 0, row + 1, 2, text("workbook.about"), self.wrap[0])
            row += 2
            for place, name in enumerate(("sheet", "rows", "holds")):
                page.write_string(row, place, text(f"workbook.{name}"), self.head)
            for sheet in sheets:
                row += 1
                page.write_url(row, 0, f"internal:'{text(f'tab.{sheet.name}')}'!A1", string=text(f"tab.{sheet.name}"))
                page.write_number(row, 1, sheet.rows, self.numbers["#,##0"])
                page.write_string(row, 2, " ".join([text(f"tab_about.{sheet.name}"), sheet.note]).strip(), self.wrap[0])
            row += 1
        page.merge_range(row + 1, 0, row + 1, 2, text("workbook.inputs"), self.head)
        for name, digest in solution.scenario.inputs.items():
            row += 1
            self._text(page, row + 1, 0, name)
            self._text(page, row + 1, 2, digest)
        self._text(page, row + 3, 0, text("workbook.made_by", version=metadata.version("isopt")))
        page.activate()


def _holds_numbers(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _totals(solution: Solution) -> pd.DataFrame:
    """Key figures over the horizon, of the plan and without exchanges."""
    plan = caption.kpi_totals(solution)
    before = {} if solution.baseline is None else caption.kpi_totals(solution.baseline)
    rows = [
        (known(f"kpi.{name}", name), unit, before[name][0] if name in before else np.nan, value)
        for name, (value, unit) in plan.items()
    ]
    names = [text(f"workbook.{name}") for name in ("figure", "unit", "baseline", "plan")]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(**{text("workbook.difference"): table[names[3]] - table[names[2]]})


def _years(solution: Solution) -> pd.DataFrame:
    """Key figures of each year, a column per year."""
    kpis = solution.kpis[solution.kpis["year"].astype(str) != "total"]
    wide = kpis.pivot_table(index=["kpi", "unit"], columns="year", values="value", sort=False).reset_index()
    wide["kpi"] = [known(f"kpi.{name}", str(name)) for name in wide["kpi"]]
    return wide.rename(columns={"kpi": text("workbook.figure"), "unit": text("workbook.unit")}).rename(columns=str)


def _number_format(name: str, numbers: Any) -> str:
    """As many decimals as matter."""
    if name == "year" or name.endswith("_year"):
        return "0"
    if name.endswith("_share"):
        return "0.0%"
    finite = numbers[np.isfinite(numbers)]
    largest = float(np.abs(finite).max()) if len(finite) else 0.0
    if largest and np.all(finite == np.rint(finite)):
        return "#,##0"
    return "#,##0" if largest >= 10_000 else "#,##0.00" if largest >= 1 else "0.0000"


def _clean(value: object) -> str:
    """What a cell can hold: a lone surrogate, which no encoding knows, is shown as its code; too long a text is cut."""
    said = str(value).encode("utf-8", errors="backslashreplace").decode("utf-8")
    return said if len(said) <= MOST_CHARACTERS else said[: MOST_CHARACTERS - 1] + "…"
