"""
Solutions made by hand, without a solver: a harbour town with everything a view must show, and regions of any size.

The flows are given; the other tables follow from them, with prices that are easy to see: haulage 0.12 EUR/tkm,
gate fees 30 EUR, landfill tax 80 EUR/t.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isopt.scenario import Scenario, read
from isopt.solution import Solution

HERE = Path(__file__).resolve().parent
NONE = {"objective": None, "bound": None, "gap": None, "gap_on_savings": None}
PROVEN = {"objective": 1_900_000.0, "bound": 1_899_900.0, "gap": 0.0000526, "gap_on_savings": 0.00021}


def town(**parts: Any) -> Solution:
    """A harbour town with plants, pipes, a ship and a landfill; ``parts`` as for `Scenario.with_`."""
    if not parts:
        return _town()
    flows = pd.read_csv(HERE / "town_flows.csv", keep_default_na=False)
    return completed(read(HERE / "town").with_(**parts), flows, {"digester"})


@cache
def _town() -> Solution:
    """The town as it stands in its files, which dozens of tests look at and none changes."""
    flows = pd.read_csv(HERE / "town_flows.csv", keep_default_na=False)
    return completed(read(HERE / "town"), flows, {"digester"})


def region(facilities: int, flows: int, seed: int = 1) -> Solution:
    """A region of clustered firms whose streams go to receivers mostly of the same cluster, a fifth to landfill."""
    draw = np.random.default_rng(seed)
    centres = draw.uniform([55.6, -4.9], [57.4, -2.6], (12, 2))
    where = centres[np.sort(draw.integers(0, 12, facilities))] + draw.normal(0, 0.07, (facilities, 2)) * [1, 1.8]
    site = np.array([f"Site {number:05d}" for number in range(facilities)], dtype=object)
    waste = np.array([f"waste {number:02d}" for number in range(24)], dtype=object)
    landfills = site[::20]
    giver = draw.integers(0, facilities, flows)
    taker = (giver + np.minimum(draw.geometric(0.03, flows), facilities - 1)) % facilities
    gone = draw.random(flows) < 0.2
    taker[gone] = giver[gone] // 20 * 20
    material = waste[draw.integers(0, 24, flows)]
    sent = np.round(draw.lognormal(7.5, 1.4, flows))
    stream = np.array([f"s{number}" for number in range(flows)], dtype=object)
    demand = np.array([f"d{number}" for number in range(flows)], dtype=object)
    scenario = Scenario.of(
        {
            "facilities": pd.DataFrame({"facility": site, "name": site, "lat": where[:, 0], "lon": where[:, 1]}),
            "materials": [{"material": name, "disposal_class": "non_hazardous"} for name in waste],
            "streams": pd.DataFrame(
                {"stream": stream, "facility": site[giver], "material": material, "supply_per_yr": sent}
            ),
            "demands": pd.DataFrame(
                {"demand": demand, "facility": site[taker], "material": material, "need_per_yr": sent}
            ).assign(must_meet=False),
            "disposals": [
                {"disposal": f"landfill of {name}", "facility": name, "route": "landfill"} for name in landfills
            ],
            "modes": [{"mode": "truck", "network": "road", "eur_per_tkm": 0.12, "detour": 1.3}],
        },
        {"title": f"A region of {facilities:,} sites"},
        name="region",
    )
    table = pd.DataFrame(
        {
            "kind": np.where(gone, "disposal", "exchange"),
            "origin_kind": "stream",
            "origin": stream,
            "receiver_kind": np.where(gone, "disposal", "demand"),
            "receiver": np.where(gone, "landfill of " + site[taker], demand),
            "from_facility": site[giver],
            "to_facility": site[taker],
            "material": material,
            "received_as": material,
            "mode": "truck",
            "distance_km": np.hypot(*((where[giver] - where[taker]) * [111, 62]).T),
            "sent": sent,
        }
    )
    return completed(scenario, table, set())


def without_plan(status: str, reason: str | None, **parts: Any) -> Solution:
    """The town where nothing was found."""
    return Solution(town(**parts).scenario, status, reason=reason, **NONE)


def completed(scenario: Scenario, flows: pd.DataFrame, built: set[str], **changed: Any) -> Solution:
    """The solution whose flows of one year these are."""
    materials = scenario.tables["materials"].set_index("material")
    sent = flows["sent"].astype(float)
    weight = materials["t_per_unit"].fillna((materials["unit"] == "t").astype(float))
    tonnes = sent * flows["material"].map(weight)
    flows = flows.assign(
        period="year",
        year=2025,
        sent=sent,
        arrived=sent,
        unit=flows["material"].map(materials["unit"]),
        tonnes=tonnes,
        haulage_eur=tonnes * flows["distance_km"] * 0.12,
        co2_transport_t=tonnes * flows["distance_km"] * 0.00009,
    )
    named = flows["from_facility"] + ">" + flows["to_facility"] + "|" + flows["mode"] + "|" + flows["material"]
    flows["exchange"] = named.where(flows["kind"] == "exchange", "")
    exchanges = _exchanges(scenario, flows[flows["kind"] == "exchange"])
    tables = {
        "flows": flows,
        "exchanges": exchanges,
        "plants": _plants(scenario, flows, built),
        "disposal": _disposal(scenario, flows),
        "virgin": _virgin(scenario, flows),
        "firms": _firms(scenario, exchanges),
    }
    proven = {"seconds": {"build": 0.02, "solve": 0.4}, "counts": {"candidates": 40, "out of reach": 12}} | PROVEN
    before = Solution(scenario, "optimal", kpis=_kpis(tables, plan=False), tables=tables, **PROVEN)
    return Solution(
        scenario, "optimal", kpis=_kpis(tables, plan=True), tables=tables, **({"baseline": before} | proven | changed)
    )


def _exchanges(scenario: Scenario, flows: pd.DataFrame) -> pd.DataFrame:
    facilities = scenario.tables["facilities"].set_index("facility")
    keys = ["exchange", "from_facility", "to_facility", "mode", "material", "distance_km", "unit"]
    sums = {
        "sent": "amount_per_yr",
        "tonnes": "tonnes_per_yr",
        "haulage_eur": "haulage_eur_per_yr",
        "co2_transport_t": "co2_t_per_yr",
    }
    made = flows.groupby(keys, sort=False)[list(sums)].sum().reset_index().rename(columns=sums)
    for end in ("from", "to"):
        made[f"{end}_name"] = made[f"{end}_facility"].map(facilities["name"])
        made[f"{end}_organisation"] = made[f"{end}_facility"].map(facilities["organisation"])
    piped = made["mode"] == "pipe"
    return made.assign(
        shared=False,
        status="allowed",
        between_organisations=made["from_organisation"] != made["to_organisation"],
        opened_year=2025,
        trips_per_yr=0.0,
        setup_eur_per_yr=np.where(piped, 41_000.0, 0.0),
        treatment_eur_per_yr=0.0,
        capex_eur=np.where(piped, 420_000.0, 0.0),
        saving_eur_per_yr=made["amount_per_yr"] * 7.5 - 20_000,
        note="",
        source="",
    )


def _plants(scenario: Scenario, flows: pd.DataFrame, built: set[str]) -> pd.DataFrame:
    plants = scenario.tables["plants"].copy()
    inflow = flows[flows["receiver_kind"] == "plant"].groupby("receiver")["sent"].sum()
    through = plants["plant"].map(inflow).fillna(0.0).astype(float)
    new = plants["plant"].isin(built)
    return plants.assign(
        year=2025,
        stands=new | (plants["status"] == "existing"),
        built=new,
        added_capacity=0.0,
        capacity_now=plants["capacity_per_yr"],
        throughput=through,
        load_share=through / plants["capacity_per_yr"],
        opex_eur=through * 4,
        fixed_eur=0.0,
        annuity_eur=np.where(new, plants["capex_eur"] * 0.087, 0.0),
        capex_spent_eur=np.where(new, plants["capex_eur"], 0.0),
        co2_t=0.0,
    )


def _disposal(scenario: Scenario, flows: pd.DataFrame) -> pd.DataFrame:
    gone = flows[flows["kind"] != "exchange"]
    names = scenario.tables["facilities"].set_index("facility")["name"]
    outlet = gone["receiver"].where(gone["kind"] == "disposal", "own:" + gone["origin"])
    table = gone.assign(outlet=outlet, facility=gone["to_facility"], name=gone["to_facility"].map(names))
    keys = ["outlet", "facility", "name", "material", "unit", "year"]
    table = table.groupby(keys, sort=False)[["arrived", "tonnes"]].sum().reset_index()
    return table.rename(columns={"arrived": "amount"}).assign(
        route="landfill",
        tax_class="non_hazardous",
        gate_fee_eur=table["arrived"] * 30,
        landfill_tax_eur=table["tonnes"] * 80,
        co2_t=table["tonnes"] * 0.02,
    )


def _virgin(scenario: Scenario, flows: pd.DataFrame) -> pd.DataFrame:
    demands = scenario.tables["demands"].copy()
    received = demands["demand"].map(flows.groupby("receiver")["arrived"].sum()).fillna(0.0).astype(float)
    short = (demands["need_per_yr"] - received).clip(lower=0)
    bought = short.where(demands["virgin_eur_per_unit"].notna(), 0.0)
    return demands.assign(
        period="year",
        year=2025,
        need=demands["need_per_yr"],
        received=received,
        bought=bought,
        unmet=short - bought,
        cost_eur=bought * demands["virgin_eur_per_unit"].fillna(0),
        co2_t=bought * demands["virgin_kgco2_per_unit"] / 1000,
    )


def _firms(scenario: Scenario, exchanges: pd.DataFrame) -> pd.DataFrame:
    organisations = pd.unique(scenario.tables["facilities"]["organisation"])
    saved = exchanges.groupby("from_organisation")["saving_eur_per_yr"].sum()
    saving = pd.Series(organisations).map(saved).fillna(-1200.0)
    parts = ["haulage", "setup", "treatment", "plants", "gate_fees", "virgin", "landfill_tax", "carbon", "subsidies"]
    table = {
        "organisation": organisations,
        "cost_before_eur_per_yr": 500_000.0,
        "cost_after_eur_per_yr": 500_000.0 - saving,
        "saving_eur_per_yr": saving,
        "payments_received_eur_per_yr": 0.0,
        "payments_paid_eur_per_yr": 0.0,
        "cost_after_payments_eur_per_yr": 500_000.0 - saving,
    }
    return pd.DataFrame(table | {f"{part}_eur_per_yr": 0.0 for part in parts})


def _kpis(tables: dict[str, pd.DataFrame], plan: bool) -> pd.DataFrame:
    gone = float(tables["disposal"]["tonnes"].sum())
    exchanged = float(tables["exchanges"]["tonnes_per_yr"].sum())
    haulage = float(tables["exchanges"]["haulage_eur_per_yr"].sum())
    pairs: dict[str, tuple[float, float, str]] = {  # plan, baseline, unit
        "cost_total": (1_900_000, 4_900_000, "EUR"),
        "cost_haulage": (haulage, 90_000, "EUR"),
        "cost_setup": (120_000, 0, "EUR"),
        "cost_treatment": (40_000, 0, "EUR"),
        "cost_plants": (783_000, 0, "EUR"),
        "cost_gate_fees": (gone * 30, 2_100_000, "EUR"),
        "cost_virgin": (500_000, 1_900_000, "EUR"),
        "landfill_tax": (gone * 80, 800_000, "EUR"),
        "carbon_payment": (0, 0, "EUR"),
        "subsidies": (0, 0, "EUR"),
        "co2_total": (31_000, 88_000, "t"),
        "co2_transport": (2_100, 400, "t"),
        "co2_treatment": (0, 0, "t"),
        "co2_disposal": (900, 1_600, "t"),
        "co2_virgin": (28_000, 86_000, "t"),
        "landfilled": (gone, gone + exchanged, "t"),
        "diverted": (exchanged, 0, "t"),
        "exchanged": (exchanged, 0, "t"),
        "virgin_saved": (185_000, 0, "t"),
        "hazardous_diverted": (0, 0, "t"),
        "water_saved": (700_000, 0, "m3"),
        "heat_recovered": (225_000, 0, "MWh"),
        "exchanges": (len(tables["exchanges"]), 0, "1"),
        "plants_built": (1, 0, "1"),
        "capex": (9_840_000, 0, "EUR"),
        "tonne_km": (21_000_000, 4_000_000, "t-km"),
        "cost_saved": (3_000_000, 0, "EUR"),
        "co2_avoided": (57_000, 0, "t"),
    }
    return pd.DataFrame(
        [
            (kpi, year, float(values[0 if plan else 1]), values[2])
            for kpi, values in pairs.items()
            for year in ("total", 2025)
        ],
        columns=["kpi", "year", "value", "unit"],
    )
