"""Every KPI of the contract, from the flows up, by year and in total."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from isopt.solution.audit import journal
from isopt.solution.audit.evidence import Evidence, once
from isopt.solution.audit.judge import Verdict, equal, figure_slack, holds
from isopt.solution.audit.plants import plant_years
from isopt.solution.audit.solution import KEYS

# The account of each KPI of money, in the order of `cost_total`; subsidies are subtracted.
COSTS = {
    "cost_haulage": "haulage",
    "cost_setup": "setup",
    "cost_treatment": "treatment",
    "cost_plants": "plants",
    "cost_gate_fees": "gate_fees",
    "cost_virgin": "virgin",
    "landfill_tax": "landfill_tax",
    "carbon_payment": "carbon",
    "subsidies": "subsidies",
}
EMITTED = {f"co2_{source}": source for source in journal.SOURCES}
# KPIs that are a figure of the baseline less the plan's; what is bought is told apart by the material's unit.
LESS = {
    "diverted": "landfilled",
    "hazardous_diverted": "hazardous_landfilled",
    "virgin_saved": "bought_t",
    "water_saved": "bought_m3",
    "heat_recovered": "bought_MWh",
    "cost_saved": "cost_total",
    "co2_avoided": "co2_total",
}
MONEY = {"cost_total", "capex", *COSTS}
COUNTS = ("exchanges", "plants_built")
OWN = (*COSTS, "cost_total", *EMITTED, "co2_total", "landfilled", "exchanged", "tonne_km", "capex", *COUNTS)
TOTAL = "total"


@once
def figures(evidence: Evidence) -> pd.DataFrame:
    """
    Every figure that needs no baseline, by year (not discounted) and in total.

    "Several years: the objective and the money KPIs are the sum of yearly cost x (1 + rate)^-(year - first year);
    physical KPIs are plain sums." A count's total is of distinct things.

    Returns
    -------
    figures
        Columns figure (a KPI, or what another one compares, see `LESS`), year (as text, or "total"), amount, and
        gross: the sum of the sizes of what is added up.
    """
    inputs, names = evidence.inputs, sorted({*OWN, *LESS.values()})
    rows = pd.concat(_parts(evidence), ignore_index=True)
    rows["year"], rows["gross"] = inputs.periods["year"].to_numpy()[rows["t"]], rows["amount"].abs()
    every = pd.MultiIndex.from_product([names, inputs.years], names=["figure", "year"])
    by_year = rows.groupby(["figure", "year"])[["amount", "gross"]].sum().reindex(every).fillna(0.0).reset_index()
    weight = by_year["year"].map(inputs.discount).where(by_year["figure"].isin(MONEY), 1.0)
    weighted = by_year.assign(amount=by_year["amount"] * weight, gross=by_year["gross"] * weight)
    total = weighted.groupby("figure", as_index=False)[["amount", "gross"]].sum().assign(year=TOTAL)
    for name in COUNTS:
        things = rows[(rows["figure"] == name) & (rows["amount"] > 0)]
        total.loc[total["figure"] == name, "amount"] = float(things["thing"].nunique())
    return pd.concat([by_year.astype({"year": str}), total], ignore_index=True)


def of(evidence: Evidence, figure: str) -> pd.DataFrame:
    """One figure by year: columns amount and gross, in the order of the years."""
    rows = figures(evidence)
    return rows[(rows["figure"] == figure) & (rows["year"] != TOTAL)].reset_index(drop=True)


def kpis_csv_says_what_the_flows_add_up_to(evidence: Evidence, baseline: Evidence | None) -> Verdict:
    """
    Hold every KPI of the contract, by year and in total, against the flows, the plants and the baseline's own tables.

    "`diverted` = landfilled in the baseline - landfilled"; "savings ... are purchases in the baseline less purchases
    now".
    """
    rows = figures(evidence)
    own = rows[rows["figure"].isin(OWN)].rename(columns={"figure": "kpi"})
    if baseline is None:
        return _held(evidence, own)
    both = rows.merge(figures(baseline), on=["figure", "year"], suffixes=("", "_before"))
    both = both.merge(pd.DataFrame({"kpi": list(LESS), "figure": list(LESS.values())}), on="figure")
    less = both.assign(amount=both["amount_before"] - both["amount"], gross=both["gross_before"] + both["gross"])
    return _held(evidence, pd.concat([own, less[["kpi", "year", "amount", "gross"]]], ignore_index=True))


def kpis_of_the_baseline(evidence: Evidence) -> Verdict:
    """Hold the KPIs of the baseline itself, less those that compare with it."""
    return kpis_csv_says_what_the_flows_add_up_to(evidence, None)


def tonnes_to_place(evidence: Evidence) -> pd.Series:
    """Tonnes of the streams that must be placed, by year."""
    inputs = evidence.inputs
    rows = inputs.per_period(inputs.table("streams"), {"supply": inputs.at("streams", "supply_per_yr")})
    rows = rows[inputs.flag("streams", "must_place", rows["row"])]
    material = inputs.row("materials", rows["material"])
    tonnes = rows["supply"] * rows["share"] * inputs.t_per_unit[material, rows["t"]]
    return tonnes.groupby(rows["year"]).sum().reindex(inputs.years).fillna(0.0)


def _held(evidence: Evidence, rows: pd.DataFrame) -> Verdict:
    """Hold that each of these KPIs has its row, with its value."""
    told = evidence.tables["kpis"][["kpi", "year", "value"]]
    told = told.assign(year=told["year"].str.removesuffix(".0"))
    rows, keys = rows.merge(told, on=["kpi", "year"], how="left", indicator="there"), KEYS["kpis"]
    verdict = holds("kpis", rows, keys, rows["there"] == "both", "each KPI has a row for each year and the total")
    rows = rows[rows["there"] == "both"]
    slack = figure_slack(evidence.tolerance, rows["amount"], rows["gross"])
    return verdict + equal("kpis", rows, keys, rows["amount"], rows["value"], slack, "it is what the rows add up to")


def _parts(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """
    What each figure adds up.

    Columns figure, t (a period, the first of the year for what is yearly), amount, and thing, which is counted.
    """
    costs, gases = journal.costs(evidence), journal.emissions(evidence)
    sign = np.where(costs["account"] == "subsidies", -1.0, 1.0)
    yield _part(costs, costs["account"].map({account: name for name, account in COSTS.items()}), costs["amount"])
    yield _part(costs, "cost_total", costs["amount"] * sign)
    yield _part(gases, "co2_" + gases["account"].astype(object), gases["amount"])
    yield _part(gases, "co2_total", gases["amount"])
    yield from _physical(evidence)
    yield from _counted(evidence)


def _physical(evidence: Evidence) -> Iterator[pd.DataFrame]:
    inputs, flows = evidence.inputs, evidence.flows
    out, bill, exchanged = journal.ends(evidence), journal.bought(evidence), journal.exchanged(evidence)
    hazardous = inputs.flag("materials", "hazardous", inputs.row("materials", out["material"]))
    yield _part(out, "landfilled", out["landfilled"])
    yield _part(out, "hazardous_landfilled", out["landfilled"].where(hazardous, 0.0))
    yield _part(exchanged, "exchanged", exchanged["amount"])
    yield _part(flows, "tonne_km", flows["t_sent"] * flows["km"])
    weight = pd.Series(np.where(bill["unit"] == "t", bill["t_per_unit"], 1.0), index=bill.index)
    yield _part(bill, "bought_" + bill["unit"].astype(object), bill["bought"] * weight)


def _counted(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """
    Exchanges and plants in place, and capital spent in the year.

    "It is counted in `exchanges` if the organisations differ"; "`plants_built` speak of candidates".
    """
    lines = evidence.line_years
    yield _part(lines, "capex", lines["spent"])
    counted = lines["is_exchange"].astype(bool) & lines["foreign"] & lines["in_place"]
    yield _part(lines, "exchanges", counted.astype(float), lines["line"])
    if evidence.inputs.table("plants").empty:
        return
    plants = plant_years(evidence)
    yield _part(plants, "capex", plants["own_capex_spent_eur"])
    built = (plants["status"] == "candidate") & plants["stands"]
    yield _part(plants, "plants_built", built.astype(float), plants["plant"])


def _part(rows: pd.DataFrame, figure: str | pd.Series, amount: pd.Series, thing: str | pd.Series = "") -> pd.DataFrame:
    return pd.DataFrame({"t": rows["t"], "amount": amount.astype(float)}).assign(figure=figure, thing=thing)
