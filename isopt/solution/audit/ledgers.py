"""The tables that repeat what the flows say: the columns of flows, disposal and virgin."""

from __future__ import annotations

import pandas as pd

from isopt.solution.audit import journal
from isopt.solution.audit.balances import demand_rows
from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.flows import KINDS
from isopt.solution.audit.judge import Verdict, at_most, equal, figure_slack, figures, holds, row_slack, same_text
from isopt.solution.audit.solution import KEYS


def a_flow_says_where_it_goes(evidence: Evidence) -> Verdict:
    """Hold the words of each flow: its kind, facilities, unit, exchange, and what it is received as."""
    flows, inputs = evidence.flows, evidence.inputs
    keys = KEYS["flows"]
    unit = inputs.text("materials", "unit", inputs.row("materials", flows["material"]))
    exchange = flows["line"].where(flows["is_exchange"], "")
    verdict = same_text("flows", flows, keys, flows["receiver_kind"].map(KINDS), flows["kind"], "its kind")
    verdict += same_text(
        "flows", flows, keys, flows["start"], flows["from_facility"], "its from_facility is its origin's"
    )
    elsewhere = ~flows["is_own"]
    there = flows[elsewhere]
    verdict += same_text("flows", there, keys, there["end"], there["to_facility"], "its to_facility is its receiver's")
    verdict += same_text("flows", flows, keys, flows["takes"], flows["received_as"], "what it is received as")
    verdict += same_text("flows", flows, keys, unit, flows["unit"], "its unit is its material's")
    verdict += same_text("flows", flows, keys, exchange, flows["exchange"], "its exchange")
    verdict += figures("flows", flows, keys, flows["year_of_period"], flows["year"], 0.0, "its year is its period's")
    return verdict + holds("flows", flows, keys, ~flows.duplicated(list(keys)), "it has one row in a period")


def a_flow_s_figures_follow_from_what_is_sent(evidence: Evidence) -> Verdict:
    """
    Hold the figures of each flow: distance, what arrives, tonnes, haulage, CO2.

    "Rates, emissions ... are on what is sent"; "what arrives is what is sent x max(0, 1 - loss x km)".
    """
    flows, verdict = evidence.flows, Verdict()
    pairs = {
        "km": "distance_km",
        "arriving": "arrived",
        "t_sent": "tonnes",
        "haulage": "haulage_eur",
        "tco2": "co2_transport_t",
    }
    for own, told in pairs.items():
        verdict += figures("flows", flows, KEYS["flows"], flows[own], flows[told], evidence.tolerance, f"its {told}")
    return verdict


def disposal_csv_says_what_comes_out(evidence: Evidence) -> Verdict:
    """Hold each outlet, material and year: its amount, tonnes, fee, tax and CO2, of what arrives; its words."""
    out = journal.ends(evidence)
    own = out["is_own"]
    out = out.assign(
        outlet=out["receiver"].where(~own, "own:" + out["origin"].astype(object)),
        year=out["year_of_period"].astype(float),
    )
    out = out.assign(size_fee=out["fee"].abs(), size_tax=out["tax"].abs(), size_gas=out["gas"].abs())
    keys = list(KEYS["disposal"])
    names = {
        "amount": "arriving",
        "tonnes": "t_arriving",
        "gate_fee_eur": "fee",
        "landfill_tax_eur": "tax",
        "co2_t": "gas",
    }
    sums = out.groupby(keys, as_index=False).agg(
        **{f"own_{name}": (column, "sum") for name, column in names.items()},
        **{f"size_{name}": (f"size_{column}", "sum") for name, column in names.items() if f"size_{column}" in out},
        **{f"own_{name}": (name, "first") for name in ("route", "tax_class")},
        own_facility=("end", "first"),
    )
    rows = sums.merge(evidence.tables["disposal"], on=keys, how="outer")
    rows = rows.fillna({f"{prefix}{name}": 0.0 for name in names for prefix in ("own_", "")})
    verdict = Verdict()
    for name in names:
        slack = figure_slack(
            evidence.tolerance, rows[f"own_{name}"], rows.get(f"size_{name}", pd.Series(0.0, rows.index)).fillna(0.0)
        )
        verdict += equal(
            "disposal", rows, keys, rows[f"own_{name}"], rows[name], slack, f"its {name} is that of the flows to it"
        )
    some = rows[(rows["own_amount"] > 0) & (rows["amount"] > 0)]
    verdict += same_text("disposal", some, keys, some["own_route"], some["route"], "its route")
    verdict += same_text("disposal", some, keys, some["own_facility"], some["facility"], "its facility")
    inputs = evidence.inputs
    unit = inputs.text("materials", "unit", inputs.row("materials", some["material"]))
    verdict += same_text("disposal", some, keys, unit, some["unit"], "its unit is its material's")
    place = inputs.text("facilities", "name", inputs.row("facilities", some["own_facility"]))
    good = (some["name"] == place) | ((place == "") & some["name"].eq(some["own_facility"]))
    verdict += holds("disposal", some, keys, good, "its name is that of the facility where it is")
    taxed = some[some["own_route"] == "landfill"]
    return verdict + same_text("disposal", taxed, keys, taxed["own_tax_class"], taxed["tax_class"], "its class for tax")


def a_disposal_takes_no_more_than_its_capacity(evidence: Evidence) -> Verdict:
    """Hold each disposal's capacity_per_yr: it holds "for the sum over the year", of what arrives."""
    inputs, flows = evidence.inputs, evidence.flows
    there = flows[flows["disposal"] >= 0]
    rows = there.groupby(["receiver", "disposal", "year_of_period"])["arriving"].sum().reset_index()
    room = inputs.number(
        "disposals",
        "capacity_per_yr",
        rows["disposal"],
        rows["year_of_period"].map(inputs.first_period).to_numpy(dtype=int),
    )
    slack = row_slack(evidence.tolerance, room, rows["arriving"])
    message = "a disposal takes no more than its capacity"
    return at_most("flows", rows, ("receiver", "year_of_period"), room, rows["arriving"], slack, message)


def virgin_csv_says_what_is_bought(evidence: Evidence) -> Verdict:
    """Hold each demand and period: need, received, and the cost and CO2 of what is bought."""
    rows = demand_rows(evidence).drop(columns=["bought", "unmet"])
    told = evidence.tables["virgin"][["demand", "period", "year", "need", "received", "bought", "cost_eur", "co2_t"]]
    rows = rows.merge(told, on=["demand", "period"], how="left", suffixes=("", "_told"), indicator="there")
    keys = KEYS["virgin"]
    verdict = holds("virgin", rows, keys, rows["there"] == "both", "each demand has a row for each period")
    rows = rows[rows["there"] == "both"]
    want = {"year": rows["year"], "need": rows["need"], "received": rows["received"]}
    tolerance = evidence.tolerance
    for name, value in want.items():
        verdict += figures("virgin", rows, keys, value, rows[f"{name}_told"], tolerance, f"its {name}")
    cost = rows["bought"] * rows["price"].fillna(0.0)
    gas = rows["bought"] * rows["kgco2"].fillna(0.0) / 1000
    verdict += figures("virgin", rows, keys, cost, rows["cost_eur"], tolerance, "the cost of what is bought")
    return verdict + figures("virgin", rows, keys, gas, rows["co2_t"], tolerance, "the CO2 of what is bought")
