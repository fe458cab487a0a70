"""Plants: which stand when, how large, how busy, and what `plants.csv` says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence, about, once
from isopt.solution.audit.judge import (
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
from isopt.solution.audit.lines import LIFE_YR, annuity_factor
from isopt.solution.audit.solution import KEYS
from isopt.solution.audit.sums import sum_over

NAME = KEYS["plants"]


@about("plants")
def what_is_built_stays(evidence: Evidence) -> Verdict:
    """
    Hold that existing plants stand, that a candidate once built stands on, and that added capacity does not shrink.

    "What is opened or built stays"; "`build_from` and `build_until` are the years in which a candidate can be built".
    """
    rows = plant_years(evidence)
    candidate = (rows["status"] == "candidate").to_numpy()
    verdict = holds("plants", rows, NAME, rows["told"], "each plant has a row for each year")
    verdict += holds("plants", rows, NAME, candidate | rows["stands"], "an existing plant stands")
    verdict += same_text(
        "plants", rows, NAME, candidate & rows["stands"], rows["built"], "built says that a candidate stands"
    )
    before = rows.groupby("row")[["stands", "added_capacity"]].shift().fillna({"stands": False, "added_capacity": 0.0})
    verdict += holds("plants", rows, NAME, ~before["stands"].astype(bool) | rows["stands"], "what is built stays")
    slack = row_slack(evidence.tolerance, rows["added_capacity"], before["added_capacity"])
    verdict += at_least(
        "plants", rows, NAME, before["added_capacity"], rows["added_capacity"], slack, "added capacity stays"
    )
    new = (candidate & rows["stands"] & ~before["stands"].astype(bool)).to_numpy()
    verdict += at_least(
        "plants", rows[new], NAME, rows["build_from"][new], rows["year"][new], 0.0, "it is not built before it can be"
    )
    return verdict + at_most(
        "plants", rows[new], NAME, rows["build_until"][new], rows["year"][new], 0.0, "it is not built after it can be"
    )


@about("plants")
def capacity_is_added_up_to_its_largest(evidence: Evidence) -> Verdict:
    """Hold added capacity between 0 and max_capacity_per_yr less capacity_per_yr, where the plant stands."""
    rows = plant_years(evidence)
    room = np.where(rows["stands"], np.nan_to_num(rows["largest"] - rows["capacity"], nan=0.0).clip(0.0), 0.0)
    slack = row_slack(evidence.tolerance, np.nan_to_num(rows["largest"]), rows["added_capacity"])
    return at_most("plants", rows, NAME, room, rows["added_capacity"], slack, "capacity is added up to its largest")


@about("plants")
def throughput_fits_the_capacity(evidence: Evidence) -> Verdict:
    """
    Hold the throughput of each plant in each period between its least load and its capacity.

    "Throughput is the sum of inputs"; capacity is "multiplied by `share_of_year`"; an existing plant "in a period in
    which it runs ... meets `min_load_share` of its capacity"; a candidate "meets it in every period in which it
    stands".
    """
    rows, keys = _plant_periods(evidence), ("plant", "period")
    room = np.where(rows["stands"], (rows["capacity"] + rows["added_capacity"]) * rows["share"], 0.0)
    slack = row_slack(evidence.tolerance, room, rows["throughput"])
    verdict = at_most("throughput", rows, keys, room, rows["throughput"], slack, "a plant stays within its capacity")
    must = rows["stands"] & ((rows["status"] == "candidate") | (rows["throughput"] > 0))
    least = np.where(must & (rows["load"] > 0), rows["load"] * room, 0.0)
    return verdict + at_least(
        "throughput", rows, keys, least, rows["throughput"], slack, "a plant meets its least load"
    )


@about("plants")
def one_plant_of_a_choice_is_built(evidence: Evidence) -> Verdict:
    """Hold "choose_one (label: at most one plant with it is built)"; it speaks "of candidates"."""
    rows = plant_years(evidence)
    built = rows[(rows["status"] == "candidate") & rows["stands"] & (rows["choose_one"] != "")]
    count = built.groupby("choose_one")["row"].nunique().reset_index()
    return at_most("plants", count, ("choose_one",), 1.0, count["row"], 0.0, "at most one plant of a choice is built")


@about("plants")
def plants_csv_says_what_they_do_and_cost(evidence: Evidence) -> Verdict:
    """
    Hold the figures of each plant and year.

    "annuity and fixed": capex x r / (1 - (1 + r)^-life) of capex_eur (candidates) and of capex_eur_per_unit of added
    capacity; fixed_eur_per_yr, "paid used or not", and fixed_eur_per_unit of added capacity; opex and CO2 "per unit
    of throughput".
    """
    rows, tolerance = plant_years(evidence), evidence.tolerance
    verdict = Verdict()
    for name in ("throughput", "opex_eur", "fixed_eur", "annuity_eur", "capex_spent_eur", "co2_t"):
        slack = figure_slack(tolerance, rows[f"own_{name}"], rows.get(f"gross_{name}", 0.0))
        verdict += equal(
            "plants", rows, NAME, rows[f"own_{name}"], rows[name], slack, f"its {name} follows from the rows below it"
        )
    now = (_capacity_over_the_year(evidence, rows) + rows["added_capacity"]).where(rows["stands"], 0.0)
    verdict += figures(
        "plants",
        rows,
        NAME,
        now,
        rows["capacity_now"],
        tolerance,
        "its capacity is what it had and what was added, while it stands",
    )
    sized = (now > 0).to_numpy() & rows["stands"].to_numpy()
    load = (rows["own_throughput"] / now)[sized]
    return verdict + figures(
        "plants",
        rows[sized],
        NAME,
        load,
        rows["load_share"][sized],
        tolerance,
        "its load is its throughput by its capacity",
    )


@once
def plant_years(evidence: Evidence) -> pd.DataFrame:
    """
    A row per plant and year.

    Returns
    -------
    plants
        The plants table's text columns; `row`, `year`, `t` (the year's first period); cells `capacity`, `largest`,
        `load`, ...; what `plants.csv` says (`stands`, `built`, `added_capacity`, ...) and what the audit works out
        (`own_...`, `owner`).
    """
    inputs = evidence.inputs
    table = inputs.table("plants")
    names = ("plant", "facility", "technology", "status", "choose_one", "owner")
    each = pd.DataFrame({name: table[name] for name in names}).assign(row=np.arange(len(table)))
    rows = each.merge(pd.DataFrame({"year": inputs.years}), how="cross")
    rows["t"] = rows["year"].map(inputs.first_period).astype(int)
    firm = inputs.text("facilities", "organisation", inputs.row("facilities", rows["facility"]))
    rows["owner"] = rows["owner"].where(rows["owner"] != "", pd.Series(firm, index=rows.index))
    told = evidence.tables["plants"].assign(told=True)
    rows = rows.merge(told, on=["plant", "year"], how="left")
    flags = {name: rows[name].eq(True) for name in ("told", "stands", "built")}
    rows = rows.assign(**flags).fillna({"added_capacity": 0.0})
    cells = {"capacity": "capacity_per_yr", "largest": "max_capacity_per_yr", "load": "min_load_share"}
    cells |= {name: name for name in ("build_from", "build_until")}
    rows = rows.assign(
        **{name: inputs.number("plants", column, rows["row"], rows["t"]) for name, column in cells.items()}
    )
    return _with_costs(evidence, rows)


def _capacity_over_the_year(evidence: Evidence, rows: pd.DataFrame) -> pd.Series:
    """What each plant has in a year per year: the mean of its seasons by their share, NaN if unlimited."""
    inputs = evidence.inputs
    capacity, periods = inputs.at("plants", "capacity_per_yr"), inputs.periods
    shares = np.array([np.where(periods["year"] == year, periods["share"], 0.0) for year in inputs.years])
    means = np.array([capacity[:, share > 0] @ share[share > 0] / share.sum() for share in shares])
    return pd.Series(means[rows["year"].map(inputs.years.index), rows["row"]], index=rows.index)


def _with_costs(evidence: Evidence, rows: pd.DataFrame) -> pd.DataFrame:
    """What each plant does and costs in each year, before grants."""
    inputs, done = evidence.inputs, evidence.throughput

    def cell(column: str, table: str = "plants", empty: float = 0.0) -> pd.Series:
        row = rows["row"] if table == "plants" else inputs.row("technologies", rows["technology"])
        return pd.Series(inputs.number(table, column, row, rows["t"], empty=empty), index=rows.index)

    technology = inputs.row("technologies", inputs.text("plants", "technology", done["row"]))
    for name, column in (("opex_eur", "opex_eur_per_unit"), ("co2_t", "kgco2_per_unit")):
        done = done.assign(
            **{name: done["amount"] * inputs.number("technologies", column, technology, done["t"], empty=0.0)}
        )
    done = done.assign(
        year=inputs.periods["year"].to_numpy()[done["t"]], co2_t=done["co2_t"] / 1000, gross=done["opex_eur"].abs()
    )
    sums = {name: sum_over(done, ["row", "year"], column, rows, ["row", "year"]) for name, column in _SUMS.items()}
    candidate, stands = rows["status"] == "candidate", rows["stands"]
    life = cell("life_yr", empty=np.nan).fillna(cell("life_yr", "technologies", np.nan)).fillna(LIFE_YR)
    bought = cell("capex_eur").where(candidate & stands, 0.0)
    added = cell("capex_eur_per_unit") * rows["added_capacity"]
    previous = rows.assign(bought=bought).groupby("row")[["added_capacity", "bought"]].shift().fillna(0.0)
    spent = bought.where(previous["bought"].eq(0), 0.0) + cell("capex_eur_per_unit") * (
        rows["added_capacity"] - previous["added_capacity"]
    )
    factor = annuity_factor(inputs, life.to_numpy())
    fixed = cell("fixed_eur_per_yr").where(~candidate | stands, 0.0)
    return rows.assign(
        **sums,
        own_fixed_eur=fixed + cell("fixed_eur_per_unit") * rows["added_capacity"],
        own_annuity_eur=(bought + added) * factor,
        own_capex_spent_eur=spent,
        standing_capex=bought + added,
    )


_SUMS = {"own_throughput": "amount", "own_opex_eur": "opex_eur", "gross_opex_eur": "gross", "own_co2_t": "co2_t"}


def _plant_periods(evidence: Evidence) -> pd.DataFrame:
    """A row per plant and period, with its throughput, its capacity then, and whether it stands."""
    inputs = evidence.inputs
    cells = {"capacity": inputs.at("plants", "capacity_per_yr"), "load": inputs.at("plants", "min_load_share")}
    names = {name: inputs.table("plants")[name] for name in ("plant", "status")}
    rows = inputs.per_period(pd.DataFrame(names), cells)
    rows["throughput"] = sum_over(evidence.throughput, ["row", "t"], "amount", rows, ["row", "t"])
    told = evidence.tables["plants"].assign(row=inputs.row("plants", evidence.tables["plants"]["plant"]))
    rows["added_capacity"] = sum_over(told, ["row", "year"], "added_capacity", rows, ["row", "year"])
    return rows.assign(stands=evidence.stands(rows["row"].to_numpy(), rows["year"]))
