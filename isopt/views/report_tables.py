"""What the plan is, as tables of the report: key figures, exchanges, plants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.views import means, payback
from isopt.views.caption import kpi_totals
from isopt.views.numbers import plain, share, with_unit
from isopt.views.report_cells import (
    NUMBER,
    Cell,
    Column,
    Row,
    Table,
    heads,
    mean_words,
    number,
    shown,
    signed,
    without_empty,
)
from isopt.views.summary import material_names
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from isopt.solution import Solution

GROUPS = {
    "money": [
        "cost_total", "cost_haulage", "cost_setup", "cost_treatment", "cost_plants", "cost_gate_fees", "cost_virgin",
        "landfill_tax", "carbon_payment", "subsidies", "cost_saved", "capex",
    ],
    "co2": ["co2_total", "co2_transport", "co2_treatment", "co2_disposal", "co2_virgin", "co2_avoided"],
    "materials": [
        "landfilled", "diverted", "exchanged", "virgin_saved", "hazardous_diverted", "water_saved", "heat_recovered",
    ],
    "network": ["exchanges", "plants_built", "tonne_km"],
}  # fmt: skip
AGAINST_BASELINE = {
    "cost_saved", "co2_avoided", "diverted", "virgin_saved", "hazardous_diverted", "water_saved", "heat_recovered",
}  # fmt: skip
BARS = {*GROUPS["money"], *GROUPS["co2"], "landfilled"} - AGAINST_BASELINE - {"capex"}
LESS_IS_BETTER = {"cost_total", "co2_total", "landfilled"}
BY_YEAR = ["cost_total", "co2_total", "landfilled", "exchanged", "exchanges", "plants_built", "capex"]


def key_figures(solution: Solution) -> Table:
    """Every KPI beside the baseline's, with bars."""
    plan = kpi_totals(solution)
    before = kpi_totals(solution.baseline) if solution.baseline is not None else {}
    rows = []
    for group, members in GROUPS.items():
        there = [name for name in members if name in plan]
        if not there:
            continue
        rows.append(Row([Cell(text(f"report.{group}"))], "group"))
        compared = [name for name in there if name in BARS]
        longest = max((abs(side[name][0]) for side in (plan, before) for name in compared if name in side), default=0.0)
        rows += [_key_figure(name, plan, before, longest if name in compared else 0.0) for name in there]
    columns = heads("kpi", "unit", "baseline", "plan", "difference", numbers=("baseline", "plan", "difference"))
    return Table(
        text("report.kpis"),
        [*columns, Column(text("report.bars_head"), "bars")],
        rows,
        text("report.kpis_note") if before else "",
    )


def _key_figure(
    name: str, plan: dict[str, tuple[float, str]], before: dict[str, tuple[float, str]], longest: float
) -> Row:
    value, unit = plan[name]
    compared = name in before and name not in AGAINST_BASELINE
    change = value - before[name][0] if compared else float("nan")
    sign = "+" if change > 0 else ""
    good = name in LESS_IS_BETTER and abs(change) > 1e-9 * abs(value)
    bars = []
    for kind, side in (("before", before), ("", plan)):
        if longest > 0 and name in side:
            length = abs(side[name][0]) / longest * 100
            bars.append({"kind": "minus" if side[name][0] < 0 else kind, "percent": f"{length:.1f}"})
    return Row(
        [
            Cell(known(f"kpi.{name}", name)),
            Cell(unit),
            number(before[name][0] if compared else float("nan")),
            number(value),
            Cell(sign + plain(change), kind=("good" if change < 0 else "bad") if good else ""),
            Cell("", bars=bars),
        ]
    )


def by_year(solution: Solution) -> Table | None:
    """The main KPIs of each year; None where there is only one."""
    horizon = means.years(solution.scenario)
    if len(horizon) < 2:
        return None
    kpis = solution.kpis.assign(year=solution.kpis["year"].astype(str))
    wide = kpis.pivot_table(index="kpi", columns="year", values="value", aggfunc="first")
    units = kpi_totals(solution)
    rows = [
        Row(
            [Cell(known(f"kpi.{name}", name)), Cell(units[name][1]), *(number(wide.loc[name, str(y)]) for y in horizon)]
        )
        for name in BY_YEAR
        if name in wide.index
    ]
    columns = [*heads("kpi", "unit"), *(Column(str(year), NUMBER) for year in horizon)]
    return Table(text("report.by_year"), columns, rows, text("report.by_year_note"))


def exchanges(solution: Solution) -> Table:
    """The list of exchanges in the order in which one would begin: by payback, then by what they save."""
    numbers = ("distance", "amount", "trips", "haulage", "setup", "treatment", "capex", "co2_t", "saving", "payback")
    table = solution.exchanges
    if table.empty:
        return Table(text("report.exchanges_title"), [], note=text("report.no_exchanges_title"))
    table, more = shown(payback.of_exchanges(solution), "exchanges.csv")
    several = len(means.years(solution.scenario)) > 1
    rows = []
    for row in table.to_dict("records"):
        tags = [] if row["status"] == "allowed" else [known(f"map.{row['status']}", str(row["status"]))]
        if not row["between_organisations"]:
            tags.append(text("report.inside"))
        if several and pd.notna(row["opened_year"]):
            tags.append(text("report.opened", year=int(row["opened_year"])))
        rows.append(Row([
            Cell(row["from_name"] or row["from_facility"], _other(row["from_organisation"], row, "from")),
            Cell(row["to_name"] or row["to_facility"], _other(row["to_organisation"], row, "to")),
            Cell(material_names(solution, row["material"]), "; ".join(tags)),
            Cell(str(row["mode"])),
            number(row["distance_km"]),
            Cell(with_unit(float(row["amount_per_yr"]), str(row["unit"]))),
            number(row["trips_per_yr"] or np.nan),
            number(row["haulage_eur_per_yr"]),
            number(row["setup_eur_per_yr"]),
            number(row["treatment_eur_per_yr"]),
            number(row["capex_eur"]),
            number(row["co2_t_per_yr"]),
            signed(row["saving_eur_per_yr"]),
            Cell(payback.said(row["payback_yr"])),
        ]))  # fmt: skip
    columns = heads("from", "to", "material", "mode", *numbers, numbers=numbers)
    note = text("report.exchanges_note", mean=mean_words(solution))
    return Table(text("report.exchanges_title"), *without_empty(columns, rows), note, more)


def _other(organisation: Any, row: dict[Any, Any], end: str) -> str:
    """The organisation, where it is not just the facility itself."""
    return "" if organisation in (row[f"{end}_facility"], row[f"{end}_name"]) else str(organisation)


def plants(solution: Solution) -> Table | None:
    """Plants by what became of them."""
    table = solution.plants
    if table.empty:
        return None
    technologies = solution.scenario.tables["technologies"].set_index("technology")["name"].to_dict()
    places = means.facility_names(solution.scenario)
    units = means.technology_units(solution.scenario)
    paid = payback.of_plants(solution)
    rows = []
    for plant, story in table.groupby("plant", sort=False):
        last = story.iloc[-1]
        stands = story[story["stands"].astype(bool)]
        state = "existing" if last["status"] == "existing" else "built" if len(stands) else "not_built"
        unit = text("unit.per_year", unit=units.get(last["technology"], ""))
        capacity = last["capacity_now"]
        yearly = story[["annuity_eur", "fixed_eur", "opex_eur"]].sum(axis=1).mean()
        figures = [
            Cell(text("plant.unlimited") if pd.isna(capacity) else with_unit(float(capacity), unit)),
            Cell(with_unit(float(story["throughput"].mean()), unit)),
            Cell(share(float(story["load_share"].mean()))),
            number(story["capex_spent_eur"].sum()),
            number(yearly),
            Cell(payback.said(paid[str(plant)]) if str(plant) in paid else text("number.none")),
        ]
        when = int(stands["year"].min()) if len(stands) else ""
        rows.append(Row([
            Cell(technologies.get(last["technology"]) or str(last["technology"]), str(plant)),
            Cell(places[last["facility"]], "" if last["owner"] == last["facility"] else str(last["owner"])),
            Cell(text(f"plant.{state}", year=when)),
            *(figures if state != "not_built" else [Cell(text("number.none"))] * len(figures)),
        ]))  # fmt: skip
    numbers = ("capacity", "throughput", "load", "capex", "yearly_cost", "payback")
    columns = heads("plant", "place", "state", *numbers, numbers=numbers)
    return Table(text("report.plants_title"), columns, rows, text("report.plants_note"))
