"""Exchanges: opened and kept, lots, what is required, and what `exchanges.csv` says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.cells import link_cells
from isopt.solution.audit.evidence import Evidence, about
from isopt.solution.audit.inputs import joined
from isopt.solution.audit.judge import (
    Bools,
    Floats,
    Verdict,
    at_least,
    at_most,
    equal,
    figure_slack,
    figures,
    holds,
    row_slack,
    same_text,
)
from isopt.solution.audit.solution import KEYS

NAME = KEYS["exchanges"]
FIGURES = (
    "amount_per_yr",
    "tonnes_per_yr",
    "haulage_eur_per_yr",
    "setup_eur_per_yr",
    "treatment_eur_per_yr",
    "co2_t_per_yr",
    "capex_eur",
)


def an_exchange_is_open_when_it_is_used(evidence: Evidence) -> Verdict:
    """
    Hold that each exchange that carries something has a row, and is in place from its first use.

    "What is opened or built stays."
    """
    told, rows = evidence.tables["exchanges"], evidence.line_years
    used = rows[rows["is_exchange"] & rows["used"]].drop_duplicates("line").rename(columns={"line": "exchange"})
    verdict = holds(
        "exchanges", used, NAME, used["exchange"].isin(told["exchange"]), "an exchange that carries something has a row"
    )
    opened = used["exchange"].map(told.drop_duplicates("exchange").set_index("exchange")["opened_year"])
    verdict += at_most(
        "exchanges", used, NAME, used["year"], opened.fillna(np.inf), 0.0, "it is opened before it is used"
    )
    in_horizon = told["opened_year"].isin(evidence.inputs.years)
    return verdict + holds("exchanges", told, NAME, in_horizon, "it is opened in a year of the horizon")


@about("links")
def a_required_exchange_is_open_from_the_first_year(evidence: Evidence) -> Verdict:
    """
    Hold that each required links row has its exchange, opened in the first year.

    "*required*: opened from the first year, its minimum holds"; it "needs a mode, and a material or `shared`".
    """
    if evidence.is_baseline:
        return Verdict()
    table = evidence.inputs.table("links")
    text = {name: table[name] for name in ("from_facility", "to_facility", "mode", "material", "status", "shared")}
    rows = pd.DataFrame(text)[text["status"] == "required"]
    cells = link_cells(evidence.inputs, rows.assign(t=0))
    rows = rows[(cells["status"] == "required").to_numpy()]
    shared = cells.loc[(cells["status"] == "required").to_numpy(), "shared"].to_numpy()
    pair = rows["from_facility"] + ">" + rows["to_facility"]
    rows["exchange"] = joined(pair, rows["mode"], np.where(shared, "", rows["material"]))
    rows = rows[~_leads_to_disposal_only(evidence, rows)]
    told = evidence.tables["exchanges"].drop_duplicates("exchange").set_index("exchange")["opened_year"]
    first, opened = evidence.inputs.years[0], rows["exchange"].map(told)
    return equal("exchanges", rows, NAME, float(first), opened, 0.0, "a required exchange is open from the first year")


def _leads_to_disposal_only(evidence: Evidence, rows: pd.DataFrame) -> Bools:
    """Links rows to a place that disposes and takes nothing else: a way to disposal is no exchange, but has a lot."""
    ends = {name: evidence.inputs.table(name)["facility"] for name in ("disposals", "demands", "plants")}
    takes = pd.concat([ends["demands"], ends["plants"]])
    yes = rows["to_facility"].isin(ends["disposals"]) & ~rows["to_facility"].isin(takes)
    return np.asarray(yes, dtype=np.bool_)


def an_exchange_carries_its_lot_and_no_more(evidence: Evidence) -> Verdict:
    """
    Hold what each line carries in a year between min_per_yr and max_per_yr, in each year in which it is in place.

    "min_per_yr and max_per_yr (per exchange)"; "link minima, maxima ... hold for the sum over the year"; "`shared`:
    capacity and fixed cost serve all materials".
    """
    rows = evidence.line_years
    slack, keys = row_slack(evidence.tolerance, rows["sent"], rows["minimum"], rows["maximum"]), ("line", "year")
    verdict = at_most(
        "flows", rows, keys, rows["maximum"], rows["sent"], slack, "it carries no more than its max_per_yr"
    )
    least = rows["minimum"].where(rows["in_place"])
    return verdict + at_least("flows", rows, keys, least, rows["sent"], slack, "in place, it carries its min_per_yr")


def a_single_receiver_is_one_facility(evidence: Evidence) -> Verdict:
    """
    Hold single_receiver of streams, and of plants per output.

    "`single_receiver`: at most one receiving facility over the horizon, disposal not counted"; "of a plant holds per
    output".
    """
    inputs, flows = evidence.inputs, evidence.flows
    sent = flows[flows["is_exchange"] & (flows["sent"] > 0)]
    single = inputs.flag("streams", "single_receiver", sent["stream"]) | inputs.flag(
        "plants", "single_receiver", sent["source_plant"]
    )
    if not single.any():
        return Verdict()
    count = sent[single].groupby(["origin_kind", "origin", "material"])["end"].nunique().reset_index()
    keys = ("origin_kind", "origin", "material")
    return at_most("flows", count, keys, 1.0, count["end"], 0.0, "it goes to at most one facility")


def exchanges_csv_names_the_exchange(evidence: Evidence) -> Verdict:
    """Hold the words of each exchange: its name, ends, organisations, status, and whether it is shared."""
    inputs, told = evidence.inputs, evidence.tables["exchanges"]
    rows = evidence.line_years.drop_duplicates("line").set_index("line").reindex(told["exchange"]).reset_index()
    known = rows["year"].notna().to_numpy()
    verdict = holds("exchanges", told, NAME, known, "its name is FROM>TO|MODE|MATERIAL, of its own columns")
    told, rows = told[known], rows[known]
    verdict += same_text("exchanges", told, NAME, rows["shared"], told["shared"], "shared is what links says")
    verdict += same_text("exchanges", told, NAME, rows["status"], told["status"], "its status is what links says")
    for end in ("from", "to"):
        row = inputs.row("facilities", told[f"{end}_facility"])
        name, written = inputs.text("facilities", "name", row), told[f"{end}_name"].to_numpy()
        good = (written == name) | ((name == "") & (written == told[f"{end}_facility"].to_numpy()))
        verdict += holds("exchanges", told, NAME, good, f"its {end}_name is the facility's")
    carried = rows["carried"].to_numpy(dtype=bool)
    foreign, told = rows["foreign"].to_numpy(dtype=bool)[carried], told[carried]
    verdict += same_text("exchanges", told, NAME, foreign, told["between_organisations"], "it joins two organisations")
    units = inputs.text("materials", "unit", inputs.row("materials", told["material"]))
    alone = (units != "").astype(bool)  # a shared one names several materials
    verdict += same_text(
        "exchanges", told[alone], NAME, units[alone], told["unit"][alone], "its unit is its material's"
    )
    for end, who in (("from", "supplier"), ("to", "taker")):
        firms = _firms_of_lines(evidence.flows, who).reindex(told["exchange"])
        firms, said = _in_order(firms), _in_order(told[f"{end}_organisation"])
        message = f"its {end}_organisation is who its flows {end} there belong to"
        verdict += same_text("exchanges", told, NAME, firms, said, message)
    return verdict


def _in_order(names: pd.Series) -> pd.Series:
    """Names joined by semicolons in one order, however they were joined; a name may hold a semicolon itself."""
    return names.map(lambda joined: ";".join(sorted(joined.split(";"))), na_action="ignore")


def _firms_of_lines(flows: pd.DataFrame, who: str) -> pd.Series:
    """Organisations at one end of each line's flows, in order, joined by semicolons."""
    pairs = flows.loc[flows["sent"] > 0, ["line", who]].drop_duplicates().sort_values(["line", who])
    several = pairs["line"].duplicated(keep=False)  # few: joining texts group by group is slow
    if not several.any():
        return pairs.set_index("line")[who]
    joint = pairs[several].groupby("line", as_index=False).agg({who: ";".join})
    return pd.concat([pairs[~several], joint]).set_index("line")[who]


def exchanges_csv_says_what_they_carry_and_cost(evidence: Evidence) -> Verdict:
    """
    Hold the figures of each exchange, means over the years.

    Amount and tonnes are what is sent; haulage with its trips; set-up, permits and the annuity of capital in the
    years in which it is in place; the cost of substitution; the CO2 of its carriage and substitution.
    """
    told, tolerance = evidence.tables["exchanges"], evidence.tolerance
    want = exchange_figures(evidence).reindex(told["exchange"]).fillna(0.0)
    verdict = Verdict()
    for name in FIGURES:
        slack = figure_slack(tolerance, want[name], want[f"gross_{name}"])
        verdict += equal("exchanges", told, NAME, want[name], told[name], slack, f"its {name} follows from its flows")
    trips = evidence.trips.groupby("line")["trips"].sum(min_count=1).reindex(told["exchange"]) / len(
        evidence.inputs.years
    )
    priced = (
        evidence.trips[evidence.trips["trip_price"] != 0]
        .groupby("line")
        .size()
        .reindex(told["exchange"])
        .notna()
        .to_numpy()
    )
    where = told[priced]
    verdict += figures(
        "exchanges", where, NAME, trips[priced], where["trips_per_yr"], tolerance, "its trips are whole loads"
    )
    first = evidence.line_years.drop_duplicates("line").set_index("line").reindex(told["exchange"])
    return verdict + figures("exchanges", told, NAME, first["km"], told["distance_km"], tolerance, "its distance")


def exchange_figures(evidence: Evidence) -> pd.DataFrame:
    """What each line carries and costs, means over the years; `gross_...`: of the sizes of what is added up."""
    flows, lines, trips = evidence.flows, evidence.line_years, evidence.trips
    treatment, gas = substitution(evidence)
    parts = {
        "amount_per_yr": (flows, flows["sent"]),
        "tonnes_per_yr": (flows, flows["t_sent"]),
        "haulage_eur_per_yr": (flows, flows["haulage"]),
        "trips": (trips, trips["eur"]),
        "setup_eur_per_yr": (lines, lines["setup"] + lines["permit"] + lines["annuity"]),
        "treatment_eur_per_yr": (flows, treatment),
        "co2_t_per_yr": (flows, flows["tco2"]),
        "substitution": (flows, gas),
    }
    index = pd.Index(lines["line"].unique())
    years = len(evidence.inputs.years)

    def mean(frame: pd.DataFrame, amount: pd.Series) -> Floats:
        at = index.get_indexer(pd.Index(frame["line"]))
        weights = np.where(at >= 0, amount.to_numpy(dtype=float), 0.0)
        return np.asarray(np.bincount(at.clip(0), weights=weights, minlength=len(index)) / years, dtype=np.float64)

    means = {name: mean(frame, amount) for name, (frame, amount) in parts.items()}
    means |= {f"gross_{name}": mean(frame, amount.abs()) for name, (frame, amount) in parts.items()}
    all_ = pd.DataFrame(means, index=index)
    for prefix in ("", "gross_"):
        all_[f"{prefix}haulage_eur_per_yr"] += all_[f"{prefix}trips"]
        all_[f"{prefix}co2_t_per_yr"] += all_[f"{prefix}substitution"]
    capex = lines.drop_duplicates("line").set_index("line")["capex"]
    return all_.assign(capex_eur=capex, gross_capex_eur=capex.abs())


def substitution(evidence: Evidence) -> tuple[pd.Series, pd.Series]:
    """
    Cost (EUR) and CO2 (t) of substituting by each flow.

    "cost_eur_per_unit (of `from`), kgco2_per_unit", on what arrives.
    """
    inputs, flows = evidence.inputs, evidence.flows
    cells = (
        inputs.number("substitutions", name, flows["substitution"], flows["t"], empty=0.0)
        for name in ("cost_eur_per_unit", "kgco2_per_unit")
    )
    cost, kgco2 = (flows["arriving"] * cell for cell in cells)
    return cost, kgco2 / 1000
