"""What a study found, as sections of a page: a title, a sentence in plain words, a figure and the first rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.views import policy_charts, study_charts
from isopt.views.figures import figure_svg, write_figure
from isopt.views.language import digits
from isopt.views.numbers import plain, share, with_unit
from isopt.views.policy_charts import lever_name
from isopt.views.report_cells import NUMBER, Cell, Column, Row, Table
from isopt.views.texts import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FILES", "Section", "study_sections", "write_study_figures"]

#: Rows of a table on a page; the files hold them all.
MOST_ROWS = 40
#: Breakpoints that a sentence names one by one.
MOST_NAMED = 4


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


def study_sections(folder: str | Path) -> list[Section]:
    """
    Read what a study has written, and make sections of it in the language that is spoken.

    Parameters
    ----------
    folder
        ``-o`` of ``isopt thresholds``, ``plane``, ``pareto``, ``alternatives``, ``sweep`` or ``account``; it may hold
        several of them.

    Raises
    ------
    InputError
        There is no study in it, or a file of it is damaged.
    """
    place = Path(folder)
    found: list[Section] = []
    for file, make in FILES.items():
        if (place / file).is_file():
            found += make(_Folder(place))
    if not found:
        raise InputError(f"{place} holds no study: {', '.join(FILES)} are what studies write")
    return found


def write_study_figures(sections: Sequence[Section], folder: str | Path) -> list[Path]:
    """
    Write the figures of sections as SVG and PNG.

    Parameters
    ----------
    sections
        From `study_sections`.
    folder
        Made where it does not exist.
    """
    out = Path(folder)
    return [path for part in sections if part.figure is not None for path in write_figure(part.figure, out / part.name)]


@dataclass(frozen=True)
class _Folder:
    """A study's folder; what is wrong with a file is said with its name."""

    place: Path

    def table(self, name: str, needed: Sequence[str] = ()) -> pd.DataFrame:
        """Read one of its tables, which may be empty."""
        path = self.place / name
        try:
            table = pd.read_csv(path)
        except (OSError, ValueError, UnicodeDecodeError) as error:  # pandas raises ValueError for what it can't parse
            raise InputError(f"{path}: can't be read as a table ({error})") from None
        missing = [column for column in needed if column not in table.columns]
        if missing:
            raise InputError(f"{path}: there is no column {', '.join(missing)}; write the study again")
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


def _thresholds(folder: _Folder) -> list[Section]:
    told, table = folder.summary, folder.table("thresholds.csv", ["low", "high", "cost_at_low", "error"])
    lever, unit = str(told.get("lever", "landfill_tax")), str(told.get("unit", ""))
    title = text("study.thresholds", lever=lever_name(lever))
    if table.empty:
        return [_nothing("thresholds", title, told)]
    values = [plain(value) for value in table["low"].iloc[1:]]
    ends = {"low": plain(table["low"].iloc[0]), "high": plain(table["high"].iloc[-1]), "unit": unit}
    if not values:
        note = text("study.thresholds_never", **ends)
    elif len(values) <= MOST_NAMED:
        note = text("study.thresholds_at", values=_listed(values), **ends)
    else:
        note = text("study.thresholds_many", count=digits(len(values)), first=values[0], last=values[-1], **ends)
    # intervals that a missing proof separates are no breakpoints, which the sentence on errors says
    note = f"{note} {_error(table['error'])}"
    shown = _rows(
        table, "thresholds.csv",
        {"low": "from", "high": "to", "cost_at_low": "", "landfilled": "", "co2_total": "", "revenue_at_low": "",
         "exchanges": "", "network": ""},
    )  # fmt: skip
    yearly = len(told.get("years", [0])) <= 1
    figure = policy_charts.draw_lever(table, lever=lever, unit=unit, yearly=yearly)
    sections = [Section("thresholds", title, note, figure, shown)]
    return sections + (_switching(folder, lever, unit) if folder.has("switching.csv") else [])


def _switching(folder: _Folder, lever: str, unit: str) -> list[Section]:
    table = folder.table("switching.csv", ["exchange", "low", "high", "status", "misses_by_eur"])
    if table.empty:
        return []
    inside = table["status"].eq("in").groupby(table["exchange"], sort=False).mean()
    note = text(
        "study.switching_note",
        always=digits(int((inside == 1).sum())),
        sometimes=digits(int(((inside > 0) & (inside < 1)).sum())),
        never=digits(int((inside == 0).sum())),
    )
    nearest = table[table["misses_by_eur"].notna()].sort_values("misses_by_eur", kind="stable")
    shown = _rows(
        nearest, "switching.csv",
        {"exchange": "", "low": "from", "high": "to", "misses_by_eur": "misses_by",
         "switching_eur_per_unit": "switching_price"},
    )  # fmt: skip
    figure = study_charts.draw_switching(table, lever=lever, unit=unit)
    return [Section("switching", text("study.switching"), note, figure, shown)]


def _plane(folder: _Folder) -> list[Section]:
    told, table = folder.summary, folder.table("plane.csv", ["region", "wkt", "area_share", "error"])
    axes = [axis if isinstance(axis, dict) else {} for axis in told.get("levers", [{}, {}])]
    levers, units = [str(axis.get("lever", "")) for axis in axes], [str(axis.get("unit", "")) for axis in axes]
    title = text("study.plane", x=lever_name(levers[0]), y=lever_name(levers[1]))
    if table.empty:
        return [_nothing("plane", title, told)]
    note = text("study.plane_note", count=digits(len(table)), share=share(float(table["area_share"].max())))
    shown = _rows(
        table, "plane.csv",
        {"region": "", "area_share": "", "cost": "", "landfilled": "", "co2_total": "", "exchanges": "",
         "neighbours": ""},
        shares=("area_share",),
    )  # fmt: skip
    figure = study_charts.draw_plane(table, levers=levers, units=units)
    return [Section("plane", title, f"{note} {_error(table['error'])}", figure, shown)]


def _pareto(folder: _Folder) -> list[Section]:
    told, table = folder.summary, folder.table("pareto.csv", ["point", "supported"])
    if table.empty:
        return [_nothing("pareto", text("study.pareto"), told)]
    kpis = {"cost": "cost_total", "co2": "co2_total", "landfilled": "landfilled", "tonne_km": "tonne_km"}
    of = [kpis[name] for name in told.get("of", ["cost", "co2"]) if name in kpis]
    supported = table["supported"].astype(bool)
    note = text("study.pareto_note", supported=digits(supported.sum()), between=digits((~supported).sum()))
    columns = {"point": "", **dict.fromkeys(of, ""), "marginal_abatement_cost": "", "exchanges": ""}
    third = of[2] if len(of) > 2 else ""
    figure = policy_charts.draw_pareto(table, x=of[1], y=of[0], colour=third)
    return [Section("pareto", text("study.pareto"), note, figure, _rows(table, "pareto.csv", columns))]


def _alternatives(folder: _Folder) -> list[Section]:
    told, table = folder.summary, folder.table("alternatives.csv", ["exchange", "answer", "plans"])
    plans = folder.table("plans.csv", ["plan", "above_best"])
    if table.empty or plans.empty:
        return [_nothing("alternatives", text("study.alternatives"), told)]
    counts = table["answer"].value_counts()
    note = text(
        "study.alternatives_note",
        plans=digits(len(plans)),
        share=share(float(told.get("within", np.nan))),
        **{name: digits(int(counts.get(name, 0))) for name in ("every", "some", "none")},
    )
    shown = _rows(
        plans, "plans.csv",
        {"plan": "", "cost_total": "", "above_best": "", "co2_total": "", "landfilled": "", "exchanges": "",
         "differing": ""},
        shares=("above_best",),
    )  # fmt: skip
    figure = study_charts.draw_alternatives(table, plans)
    return [Section("alternatives", text("study.alternatives"), note, figure, shown)]


def _sweep(folder: _Folder) -> list[Section]:
    told, table = folder.summary, folder.table("sweep.csv", ["run", "status", "cost_total"])
    if table.empty:
        return [_nothing("sweep", text("study.sweep"), told)]
    keys = [str(key) for key in told.get("keys", []) if key in table.columns]
    keys += ["transport"] if "transport" in table.columns else []
    planned = int(table["cost_total"].notna().sum())
    note = text("study.sweep_note", count=digits(len(table)), planned=digits(planned))
    varied = any(len(table[key].drop_duplicates()) > 1 for key in keys)
    figure = study_charts.draw_sweep(table, keys) if planned and varied else None
    columns = {**{key: key for key in keys}, "status": "", "cost_total": "", "landfilled": "", "co2_total": ""}
    shown = _rows(table, "sweep.csv", {**columns, "exchanges": ""}, own=keys)
    return [Section("sweep", text("study.sweep"), note, figure, shown)]


def _account(folder: _Folder) -> list[Section]:
    table = folder.table("treasury.csv", ["account", "item", "year", "change_eur"])
    firms = folder.table("organisations.csv", ["organisation", "outcome", "change_after_payments_eur_per_yr"])
    note = text(
        "study.account_note",
        gain=digits(int(firms["outcome"].eq("gains").sum())),
        lose=digits(int(firms["outcome"].eq("loses").sum())),
    )
    change = "change_after_payments_eur_per_yr"
    ordered = firms.iloc[np.argsort(-firms[change].abs().to_numpy(), kind="stable")]
    shown = _rows(ordered, "organisations.csv", {"organisation": "", change: "change"})
    moved = bool((firms[change].abs() > 0).any())
    figure = policy_charts.draw_organisations(firms) if moved else None
    sections = [Section("organisations", text("study.account"), note, figure, shown)]
    bearing = folder.table("incidence.csv") if folder.has("incidence.csv") else pd.DataFrame()
    for instrument in dict.fromkeys(bearing.get("instrument", [])):
        drawn = policy_charts.draw_incidence(bearing, instrument=str(instrument))
        lines = table[(table["account"] == instrument) & (table["year"].astype(str) == "total")]
        money = _rows(lines, "treasury.csv", {"item": "", "change_eur": "amount"})
        sections.append(Section(f"incidence_{len(sections)}", lever_name(str(instrument)), "", drawn, money))
    return sections


#: The file that tells a study, and what makes sections of it.
FILES: Mapping[str, Callable[[_Folder], list[Section]]] = {
    "thresholds.csv": _thresholds,
    "plane.csv": _plane,
    "pareto.csv": _pareto,
    "alternatives.csv": _alternatives,
    "sweep.csv": _sweep,
    "treasury.csv": _account,
}


def _rows(
    table: pd.DataFrame,
    file: str,
    columns: Mapping[str, str],
    *,
    shares: Sequence[str] = (),
    own: Sequence[str] = (),
) -> Table | None:
    """Lay out first rows, columns by name in the file and, where it differs, in the catalogue; None without rows."""
    if table.empty:
        return None
    there = [name for name in columns if name in table.columns]
    numbers = {name for name in there if pd.api.types.is_numeric_dtype(table[name])}
    heads = [
        Column(lever_name(name) if name in own else text(f"column.{columns[name] or name}"), NUMBER * (name in numbers))
        for name in there
    ]
    rows = []
    for record in table.head(MOST_ROWS)[there].to_dict("records"):
        cells = []
        for name, value in record.items():
            if name in shares:
                cells.append(Cell(share(float(value))))
            elif name in numbers:
                cells.append(Cell(plain(float(value))))
            else:
                cells.append(Cell("" if pd.isna(value) else str(value)))
        rows.append(Row(cells))
    more = ""
    if len(table) > MOST_ROWS:
        more = text("study.more_rows", shown=digits(MOST_ROWS), all=digits(len(table)), file=file)
    return Table("", heads, rows, more=more)


def _nothing(name: str, title: str, told: Mapping[str, Any]) -> Section:
    reason = told.get("reason") or told.get("status") or text("number.none")
    return Section(name, title, text("study.nothing", reason=reason), None, None)


def _error(errors: pd.Series[Any]) -> str:
    """Say how much of it is proven."""
    worst = float(errors.max())
    if worst == 0:
        return text("study.exact")
    return text("study.error", error=with_unit(worst, "EUR")) if np.isfinite(worst) else text("study.error_unknown")


def _listed(values: Sequence[str]) -> str:
    if len(values) < 2:
        return "".join(values)
    return text("list.and", first="; ".join(values[:-1]), last=values[-1])
