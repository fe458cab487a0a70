"""
The symbols of a map: facilities by what they do, plants by whether they stand, disposals by whether they are used.

A facility that only holds a plant or a disposal has no symbol of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.network.hubs import hubs_of
from isopt.views.means import facility_names, filled, per_year, technology_units

if TYPE_CHECKING:
    from isopt.scenario import Scenario
    from isopt.solution import Solution

DIAGRAM_RADIUS = 0.02  # degrees; in a diagram only the shape matters


def symbols(solution: Solution, flows: pd.DataFrame) -> pd.DataFrame:
    """
    Symbols of a solution.

    Parameters
    ----------
    solution
        Any solution.
    flows
        Its yearly means, see `means.flows`.

    Returns
    -------
    DataFrame
        `kind` (facility, plant, disposal), `id, facility, name, place` (the facility's name where that isn't the name),
        `state, organisation, sector, size` (t/yr, else units/yr, that pass through), `facts` (see below),
        `group` (the facility's label for maps),
        `lat, lon` (degrees, NaN where unknown).

    Notes
    -----
    A fact is a list that the page puts into words, in its reader's language: name of the label in the catalogue, kind
    and value; for the kind ``words`` the value is said as it is, for ``text`` it is the name of a text (behind it what
    its braces stand for), for ``share`` a share of one, for ``yearly`` and ``amount`` a number, with its unit behind.
    """
    scenario = solution.scenario
    facilities = scenario.tables["facilities"]
    columns = ["kind", "id", "facility", "name", "place", "state", "organisation", "sector", "size", "facts"]
    rows = pd.DataFrame([*_facilities(scenario, flows), *_plants(solution), *_disposals(solution)], columns=columns)
    rows["group"] = rows["facility"].map(facilities.set_index("facility")["group"])
    where = facilities.set_index("facility")[["lat", "lon"]]
    rows["lat"] = rows["facility"].map(where["lat"]).astype(float)
    rows["lon"] = rows["facility"].map(where["lon"]).astype(float)
    return rows


def as_diagram(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Symbols on a circle, for scenarios without any coordinates.

    Parameters
    ----------
    rows
        Symbols as from `symbols`.

    Returns
    -------
    DataFrame
        The same with made-up `lat` and `lon`; symbols of one facility share a place.
    """
    places = rows["facility"].drop_duplicates().tolist()
    angle = {place: 2 * np.pi * number / max(1, len(places)) for number, place in enumerate(places)}
    turns = rows["facility"].map(angle).to_numpy(float)
    return rows.assign(lat=DIAGRAM_RADIUS * np.cos(turns), lon=DIAGRAM_RADIUS * np.sin(turns))


def _facilities(scenario: Scenario, flows: pd.DataFrame) -> list[tuple[Any, ...]]:
    tables = scenario.tables
    holders = {*tables["plants"]["facility"], *tables["disposals"]["facility"]}
    traders = {*tables["streams"]["facility"], *tables["demands"]["facility"]}
    traded = flows[(flows["kind"] == "exchange") & (flows["from_facility"] != flows["to_facility"])]
    gives = {*traded.loc[traded["origin_kind"] == "stream", "from_facility"]}
    receives = {*traded.loc[traded["receiver_kind"] == "demand", "to_facility"]}
    weight = flows["tonnes"].where(flows["tonnes"] > 0, flows["sent"])
    handled = weight.groupby(flows["from_facility"]).sum().add(weight.groupby(flows["to_facility"]).sum(), fill_value=0)
    role = {(True, True): "both", (True, False): "gives", (False, True): "receives", (False, False): "idle"}
    names = facility_names(scenario)
    return [
        (
            "facility",
            row.facility,
            row.facility,
            names[row.facility],
            "",
            role[row.facility in gives, row.facility in receives],
            "" if row.organisation in (row.facility, row.name) else row.organisation,
            row.sector,
            float(handled.get(row.facility, 0.0)),
            [],
        )
        for row in _rows(tables["facilities"])
        if row.facility in traders or row.facility not in holders
    ]


def _plants(solution: Solution) -> list[tuple[Any, ...]]:
    scenario = solution.scenario
    named = scenario.tables["technologies"].set_index("technology")["name"].to_dict()
    units = technology_units(scenario)
    places = facility_names(scenario)
    hubs = set(hubs_of(scenario)["plant"])
    stories = dict(iter(filled(solution.plants, ["plant"]).groupby("plant", sort=False)))
    rows = []
    for plant in _rows(scenario.tables["plants"]):
        technology = named.get(plant.technology) or plant.technology
        story = stories.get(plant.plant)
        state = "existing" if plant.status == "existing" else "not_built"
        if story is not None and story["built"].any():
            state = "built"
        year = int(story.loc[story["stands"], "year"].min()) if story is not None and story["stands"].any() else ""
        facts = [
            ["plant.technology", "words", technology],
            ["plant.status", "text", f"plant.{state}", {"year": year}],
        ]
        size = 0.0
        if story is not None and state != "not_built":
            size = float(story["throughput"].mean())
            facts += _figures(story, units.get(plant.technology, ""))
        name, place = technology, places[plant.facility]
        if plant.plant in hubs:  # a terminal is known by its name, not by what all terminals do
            name, place = place, ""
        rows.append(("plant", plant.plant, plant.facility, name, place, state, plant.owner, "", size, facts))
    return rows


def _figures(story: pd.DataFrame, unit: str) -> list[list[Any]]:
    """Size, use and money of one plant over its years."""
    capacity = float(story["capacity_now"].iloc[-1])
    cost = float(story[["annuity_eur", "fixed_eur", "opex_eur"]].sum(axis=1).mean())
    unlimited = ["plant.capacity", "text", "plant.unlimited"]
    return [
        unlimited if np.isnan(capacity) else _number("plant.capacity", "yearly", capacity, unit),
        _number("plant.throughput", "yearly", float(story["throughput"].mean()), unit),
        _number("plant.load", "share", float(story["load_share"].mean())),
        _number("plant.cost", "yearly", cost, "EUR"),
        _number("plant.capex", "amount", float(story["capex_spent_eur"].sum()), "EUR"),
        _number("plant.co2", "yearly", float(story["co2_t"].mean()), "t"),
    ]


def _number(label: str, kind: str, value: float, unit: str = "") -> list[Any]:
    """A fact whose value is a number; null where there is none."""
    return [label, kind, float(f"{value:.6g}") if np.isfinite(value) else None, unit]


def _disposals(solution: Solution) -> list[tuple[Any, ...]]:
    scenario = solution.scenario
    names = facility_names(scenario)
    sums = ["amount", "tonnes", "gate_fee_eur", "landfill_tax_eur", "co2_t"]
    used = per_year(solution.disposal, ["outlet"], sums, scenario).set_index("outlet")
    rows = []
    for disposal in _rows(scenario.tables["disposals"]):
        facts: list[list[Any]] = [["disposal.route", "text", disposal.route]]
        if disposal.tax_class:
            facts.append(["disposal.tax_class", "text", disposal.tax_class])
        size = 0.0
        if disposal.disposal in used.index:
            row = used.loc[disposal.disposal]
            size = float(row["tonnes"] or row["amount"])
            facts += [
                _number("disposal.receives", "yearly", float(row["tonnes"]), "t"),
                _number("disposal.gate_fees", "yearly", float(row["gate_fee_eur"]), "EUR"),
                _number("disposal.tax", "yearly", float(row["landfill_tax_eur"]), "EUR"),
                _number("plant.co2", "yearly", float(row["co2_t"]), "t"),
            ]
        rows.append((
            "disposal", disposal.disposal, disposal.facility, names[disposal.facility], "",
            "used" if size > 0 else "unused", "", "", size, facts,
        ))  # fmt: skip
    return rows


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))
