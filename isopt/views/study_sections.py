"""What a study found, as sections of a page: a title, a sentence in plain words, a figure and the first rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.views import policy_charts, study_charts
from isopt.views.figures import write_figure
from isopt.views.foresight_sections import foresight_sections
from isopt.views.language import digits
from isopt.views.numbers import plain, share
from isopt.views.policy_charts import lever_name
from isopt.views.study_parts import Section, StudyFolder, listed, nothing, proven, rows_of
from isopt.views.texts import text

__all__ = ["FILES", "Section", "study_sections", "write_study_figures"]

#: Breakpoints that a sentence names one by one.
MOST_NAMED = 4


def study_sections(folder: str | Path) -> list[Section]:
    """
    Read what a study has written, and make sections of it in the language that is spoken.

    Parameters
    ----------
    folder
        ``-o`` of ``isopt thresholds``, ``plane``, ``pareto``, ``alternatives``, ``sweep``, ``foresight`` or
        ``account``; it may hold several of them.

    Raises
    ------
    InputError
        There is no study in it, or a file of it is damaged.
    """
    place = Path(folder)
    found: list[Section] = []
    for file, make in FILES.items():
        if (place / file).is_file():
            found += make(StudyFolder(place))
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


def _thresholds(folder: StudyFolder) -> list[Section]:
    told, table = folder.summary, folder.table("thresholds.csv", ["low", "high", "cost_at_low", "error"])
    lever, unit = str(told.get("lever", "landfill_tax")), str(told.get("unit", ""))
    title = text("study.thresholds", lever=lever_name(lever))
    if table.empty:
        return [nothing("thresholds", title, told)]
    values = [plain(value) for value in table["low"].iloc[1:]]
    ends = {"low": plain(table["low"].iloc[0]), "high": plain(table["high"].iloc[-1]), "unit": unit}
    if not values:
        note = text("study.thresholds_never", **ends)
    elif len(values) <= MOST_NAMED:
        note = text("study.thresholds_at", values=listed(values), **ends)
    else:
        note = text("study.thresholds_many", count=digits(len(values)), first=values[0], last=values[-1], **ends)
    # intervals that a missing proof separates are no breakpoints, which the sentence on errors says
    note = f"{note} {proven(table['error'])}"
    shown = rows_of(
        table, "thresholds.csv",
        {"low": "from", "high": "to", "cost_at_low": "", "landfilled": "", "co2_total": "", "revenue_at_low": "",
         "exchanges": "", "network": ""},
    )  # fmt: skip
    yearly = len(told.get("years", [0])) <= 1
    figure = policy_charts.draw_lever(table, lever=lever, unit=unit, yearly=yearly)
    sections = [Section("thresholds", title, note, figure, shown)]
    return sections + (_switching(folder, lever, unit) if folder.has("switching.csv") else [])


def _switching(folder: StudyFolder, lever: str, unit: str) -> list[Section]:
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
    shown = rows_of(
        nearest, "switching.csv",
        {"exchange": "", "low": "from", "high": "to", "misses_by_eur": "misses_by",
         "switching_eur_per_unit": "switching_price"},
    )  # fmt: skip
    figure = study_charts.draw_switching(table, lever=lever, unit=unit)
    return [Section("switching", text("study.switching"), note, figure, shown)]


def _plane(folder: StudyFolder) -> list[Section]:
    told, table = folder.summary, folder.table("plane.csv", ["region", "wkt", "area_share", "error"])
    axes = [axis if isinstance(axis, dict) else {} for axis in told.get("levers", [{}, {}])]
    levers, units = [str(axis.get("lever", "")) for axis in axes], [str(axis.get("unit", "")) for axis in axes]
    title = text("study.plane", x=lever_name(levers[0]), y=lever_name(levers[1]))
    if table.empty:
        return [nothing("plane", title, told)]
    note = text("study.plane_note", count=digits(len(table)), share=share(float(table["area_share"].max())))
    shown = rows_of(
        table, "plane.csv",
        {"region": "", "area_share": "", "cost": "", "landfilled": "", "co2_total": "", "exchanges": "",
         "neighbours": ""},
        shares=("area_share",),
    )  # fmt: skip
    figure = study_charts.draw_plane(table, levers=levers, units=units)
    return [Section("plane", title, f"{note} {proven(table['error'])}", figure, shown)]


def _pareto(folder: StudyFolder) -> list[Section]:
    told, table = folder.summary, folder.table("pareto.csv", ["point", "supported"])
    if table.empty:
        return [nothing("pareto", text("study.pareto"), told)]
    kpis = {"cost": "cost_total", "co2": "co2_total", "landfilled": "landfilled", "tonne_km": "tonne_km"}
    of = [kpis[name] for name in told.get("of", ["cost", "co2"]) if name in kpis]
    supported = table["supported"].astype(bool)
    note = text("study.pareto_note", supported=digits(supported.sum()), between=digits((~supported).sum()))
    columns = {"point": "", **dict.fromkeys(of, ""), "marginal_abatement_cost": "", "exchanges": ""}
    third = of[2] if len(of) > 2 else ""
    figure = policy_charts.draw_pareto(table, x=of[1], y=of[0], colour=third)
    return [Section("pareto", text("study.pareto"), note, figure, rows_of(table, "pareto.csv", columns))]


def _alternatives(folder: StudyFolder) -> list[Section]:
    told, table = folder.summary, folder.table("alternatives.csv", ["exchange", "answer", "plans"])
    plans = folder.table("plans.csv", ["plan", "above_best"])
    if table.empty or plans.empty:
        return [nothing("alternatives", text("study.alternatives"), told)]
    counts = table["answer"].value_counts()
    note = text(
        "study.alternatives_note",
        plans=digits(len(plans)),
        share=share(float(told.get("within", np.nan))),
        **{name: digits(int(counts.get(name, 0))) for name in ("every", "some", "none")},
    )
    shown = rows_of(
        plans, "plans.csv",
        {"plan": "", "cost_total": "", "above_best": "", "co2_total": "", "landfilled": "", "exchanges": "",
         "differing": ""},
        shares=("above_best",),
    )  # fmt: skip
    figure = study_charts.draw_alternatives(table, plans)
    return [Section("alternatives", text("study.alternatives"), note, figure, shown)]


def _sweep(folder: StudyFolder) -> list[Section]:
    told, table = folder.summary, folder.table("sweep.csv", ["run", "status", "cost_total"])
    if table.empty:
        return [nothing("sweep", text("study.sweep"), told)]
    keys = [str(key) for key in told.get("keys", []) if key in table.columns]
    keys += ["transport"] if "transport" in table.columns else []
    planned = int(table["cost_total"].notna().sum())
    note = text("study.sweep_note", count=digits(len(table)), planned=digits(planned))
    varied = any(len(table[key].drop_duplicates()) > 1 for key in keys)
    figure = study_charts.draw_sweep(table, keys) if planned and varied else None
    columns = {**{key: key for key in keys}, "status": "", "cost_total": "", "landfilled": "", "co2_total": ""}
    shown = rows_of(table, "sweep.csv", {**columns, "exchanges": ""}, own=keys)
    return [Section("sweep", text("study.sweep"), note, figure, shown)]


def _account(folder: StudyFolder) -> list[Section]:
    table = folder.table("treasury.csv", ["account", "item", "year", "change_eur"])
    firms = folder.table("organisations.csv", ["organisation", "outcome", "change_after_payments_eur_per_yr"])
    note = text(
        "study.account_note",
        gain=digits(int(firms["outcome"].eq("gains").sum())),
        lose=digits(int(firms["outcome"].eq("loses").sum())),
    )
    change = "change_after_payments_eur_per_yr"
    ordered = firms.iloc[np.argsort(-firms[change].abs().to_numpy(), kind="stable")]
    shown = rows_of(ordered, "organisations.csv", {"organisation": "", change: "change"})
    moved = bool((firms[change].abs() > 0).any())
    figure = policy_charts.draw_organisations(firms) if moved else None
    sections = [Section("organisations", text("study.account"), note, figure, shown)]
    bearing = folder.table("incidence.csv") if folder.has("incidence.csv") else pd.DataFrame()
    for instrument in dict.fromkeys(bearing.get("instrument", [])):
        drawn = policy_charts.draw_incidence(bearing, instrument=str(instrument))
        lines = table[(table["account"] == instrument) & (table["year"].astype(str) == "total")]
        money = rows_of(lines, "treasury.csv", {"item": "", "change_eur": "amount"})
        sections.append(Section(f"incidence_{len(sections)}", lever_name(str(instrument)), "", drawn, money))
    return sections


#: The file that tells a study, and what makes sections of it.
FILES: Mapping[str, Callable[[StudyFolder], list[Section]]] = {
    "thresholds.csv": _thresholds,
    "plane.csv": _plane,
    "pareto.csv": _pareto,
    "alternatives.csv": _alternatives,
    "sweep.csv": _sweep,
    "foresight.csv": foresight_sections,
    "treasury.csv": _account,
}
