"""What an empty cell stands for, and the types of the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from isopt.scenario import Scenario, tables

FACILITIES = [{"facility": "A", "organisation": "Group"}, {"facility": "B"}]
MATERIALS = [{"material": "ash", "disposal_class": "inert"}, {"material": "heat", "unit": "MWh"}]
STREAM = {"stream": "s", "facility": "A", "material": "ash", "supply_per_yr": 1}


def quay(**changed: Any) -> Scenario:
    """A facility of a group, one of its own, and a stream."""
    return Scenario.of({"facilities": FACILITIES, "materials": MATERIALS, "streams": [STREAM]} | changed)


def test_every_table_has_every_column_of_the_contract():
    """Absent tables are empty, absent columns are filled with their default; note and source are always there."""
    scenario = quay()

    assert list(scenario.tables) == list(tables())
    for name, contract in tables().items():
        assert tuple(scenario.tables[name].columns) == contract.names
        assert contract.names[-2:] == ("note", "source")
        assert scenario.tables[name].index.equals(pd.RangeIndex(len(scenario.tables[name])))
    assert len(scenario.tables) == 19


def test_columns_have_the_types_of_the_contract():
    """Text is Python text and empty text, numbers are floats or NaN, flags are booleans, lists are tuples."""
    scenario = quay(modes=[{"mode": "truck", "network": "road"}])
    row = scenario.streams.iloc[0]

    assert type(row["stream"]) is str
    assert row["note"] == ""
    assert scenario.streams["supply_per_yr"].dtype == np.float64
    assert scenario.streams["must_place"].dtype == np.bool_
    assert np.isnan(row["own_disposal_eur_per_unit"])
    assert row["own_disposal_kgco2_per_unit"] == 0
    assert scenario.modes["states"].iloc[0] == ("solid", "sludge", "liquid")
    assert scenario.periods["year"].dtype == np.int64
    assert {str(scenario.tables[name][column].dtype) for name, column in (("rules", "reason"), ("links", "mode"))} == {
        "object"
    }


def test_defaults_stand_where_the_contract_says_so():
    """Streams must be placed, demands must be met and may be met by by-products in full; the rest is 0 or unlimited."""
    scenario = quay(
        demands=[{"demand": "d", "facility": "B", "material": "ash", "need_per_yr": 1}],
        disposals=[{"disposal": "tip", "facility": "B"}],
    )

    assert scenario.streams[["must_place", "single_receiver"]].values.tolist() == [[True, False]]
    assert scenario.demands[["must_meet", "min_byproduct_share", "max_byproduct_share"]].values.tolist() == [
        [True, 0, 1]
    ]
    assert scenario.disposals[["route", "gate_fee_eur_per_unit"]].values.tolist() == [["other", 0]]
    assert np.isnan(scenario.disposals["capacity_per_yr"].iloc[0])


def test_without_modes_there_is_one_free_one():
    """Straight, free, for everything."""
    modes = quay().modes

    assert modes["mode"].tolist() == ["free"]
    assert modes["network"].tolist() == ["straight"]
    assert modes["states"].iloc[0] == ("solid", "sludge", "liquid", "gas", "heat", "power")
    assert modes["detour"].tolist() == [1]
    assert (modes[["eur_per_tkm", "eur_per_t", "setup_eur_per_yr", "eur_per_trip"]] == 0).all(axis=None)
    assert modes[["max_km", "max_per_yr", "vehicle_t", "life_yr", "speed_kmh"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("network", "states"),
    [
        ("rail", "solid sludge liquid"), ("water", "solid sludge liquid"), ("sea", "solid sludge liquid"),
        ("pipe", "liquid gas heat"), ("straight", "solid sludge liquid gas heat power"),
    ],
)  # fmt: skip
def test_a_mode_carries_what_its_network_can(network: str, states: str):
    """Solids do not go by pipe, heat does not go by road."""
    assert quay(modes=[{"mode": "m", "network": network}]).modes["states"].iloc[0] == tuple(states.split())


def test_without_periods_there_is_one_year():
    """The price year names it, else 2025."""
    scenario = quay()

    assert scenario.periods[["period", "year", "share_of_year"]].values.tolist() == [["year", 2025, 1.0]]
    assert scenario.with_(price_year=2030).periods["year"].tolist() == [2030]


def test_a_facility_is_its_own_organisation_and_owns_its_plants():
    """Organisation and owner follow the facility unless they are filled; a variant follows anew."""
    scenario = quay(
        technologies=[{"technology": "mill"}],
        recipes=[{"technology": "mill", "input": "ash"}],
        plants=[
            {"plant": "p", "facility": "A", "technology": "mill", "status": "existing"},
            {"plant": "q", "facility": "B", "technology": "mill", "status": "existing", "owner": "Group"},
        ],
    )

    assert scenario.facilities["organisation"].tolist() == ["Group", "B"]
    assert scenario.plants["owner"].tolist() == ["Group", "Group"]
    assert scenario.with_(facilities={"A": {"organisation": "New"}}).plants["owner"].tolist() == ["New", "Group"]


@pytest.mark.parametrize(
    ("cells", "capacity"),
    [({}, np.nan), ({"max_capacity_per_yr": 9}, 0), ({"capacity_per_yr": 5, "max_capacity_per_yr": 9}, 5)],
)
def test_an_empty_capacity_is_unlimited_or_zero_where_it_may_grow(cells: dict[str, float], capacity: float):
    """Empty is unlimited, or 0 where max_capacity_per_yr is filled."""
    plant = {"plant": "p", "facility": "A", "technology": "mill", "status": "candidate", **cells}
    scenario = quay(
        technologies=[{"technology": "mill"}], recipes=[{"technology": "mill", "input": "ash"}], plants=[plant]
    )

    assert scenario.at("plants", "capacity_per_yr")[0] == pytest.approx([capacity], nan_ok=True)


@pytest.mark.parametrize(
    ("disposal_class", "route"),
    [("inert", "landfill"), ("non_hazardous", "landfill"), ("hazardous", "landfill"), ("none", "other"), ("", "other")],
)
def test_own_disposal_goes_to_landfill_where_the_class_is_taxed(disposal_class: str, route: str):
    """A class that a tax can fall on means landfill; a price of 0 counts; no price means no disposal."""
    streams = [
        STREAM | {"own_disposal_eur_per_unit": 0},
        STREAM | {"stream": "t", "own_disposal_route": "landfill"},
        STREAM | {"stream": "u", "own_disposal_eur_per_unit": 5, "own_disposal_route": "sewer"},
    ]
    scenario = quay(materials=[{"material": "ash", "disposal_class": disposal_class}], streams=streams)

    assert scenario.streams["own_disposal_route"].tolist() == [route, "", "sewer"]


def test_units_beside_amounts_are_those_of_the_material():
    """The column is filled in, and 'tonnes' or 't/yr' may stand there."""
    scenario = quay(streams=[STREAM | {"unit": "tonnes"}, STREAM | {"stream": "t", "material": "heat"}])

    assert scenario.streams["unit"].tolist() == ["t", "MWh"]


def test_waste_codes_are_written_as_the_law_writes_them():
    """However a code was spelt, the table holds one spelling; a chapter is enough."""
    scenario = quay(materials=[{"material": "ash", "ewc": "100102"}, {"material": "oil", "ewc": "13.02.05"}])

    assert scenario.materials["ewc"].tolist() == ["10 01 02", "13 02 05*"]


def test_coordinates_of_any_system_become_wgs84():
    """Trafalgar Square in the British National Grid: northing in lat, easting in lon."""
    scenario = quay(
        facilities=[
            {"facility": "A", "lat": 180380, "lon": 530040, "crs": "EPSG:27700"},
            {"facility": "B", "lat": 51.5, "lon": -0.1},
            {"facility": "C"},
        ]
    )

    assert scenario.facilities["lat"].to_numpy() == pytest.approx([51.5074, 51.5, np.nan], abs=1e-3, nan_ok=True)
    assert scenario.facilities["lon"].to_numpy() == pytest.approx([-0.1275, -0.1, np.nan], abs=1e-3, nan_ok=True)
    assert scenario.facilities["crs"].tolist() == ["WGS84"] * 3


def test_cells_of_links_stay_empty_where_nothing_is_said():
    """An empty cell leaves what a less specific row or the mode says, so it is not filled."""
    pair = {"from_facility": "A", "to_facility": "B"}
    links = quay(links=[pair | {"shared": "yes"}, pair]).links

    assert links["shared"].iloc[0]
    assert links["shared"].iloc[1] is pd.NA
    assert links["status"].tolist() == ["", ""]
    assert links[["distance_km", "eur_per_unit", "setup_eur_per_yr", "min_per_yr"]].isna().all(axis=None)


def test_a_link_may_be_described_by_several_rows():
    """Rows for all materials and for one, even twice: the later one wins later, so none is an error."""
    link = {"from_facility": "A", "to_facility": "B"}

    assert len(quay(links=[link, link, link | {"material": "ash"}]).links) == 3


IDLE = "facilities row 3 facility has no stream, demand, plant or disposal"
UNCLASSED = "materials row 2 disposal_class is empty: no landfill tax or ban falls on it where it is landfilled"


@pytest.mark.parametrize(
    ("changed", "warnings"),
    [
        ({}, [IDLE]),
        ({"materials": [MATERIALS[0], {"material": "mud"}]}, ["materials row 3 material is used nowhere", IDLE]),
        (
            {"materials": [MATERIALS[0] | {"ewc": "17 06 01*"}]},
            ["materials row 2 hazardous is false though its List of Waste code is hazardous", IDLE],
        ),
        (
            {
                "materials": [{"material": "ash"}],
                "disposals": [{"disposal": "tip", "facility": "B", "route": "landfill"}],
            },
            [UNCLASSED],
        ),
        (
            {
                "materials": [{"material": "ash"}],
                "streams": [STREAM | {"own_disposal_eur_per_unit": 1, "own_disposal_route": "landfill"}],
            },
            [UNCLASSED, IDLE],
        ),
    ],
)
def test_what_looks_wrong_is_a_warning(changed: dict[str, Any], warnings: list[str]):
    """Allowed, and yet probably a slip."""
    scenario = quay(**({"materials": MATERIALS[:1]} | changed))

    assert [str(doubt) for doubt in scenario.warnings] == warnings


@pytest.mark.parametrize(
    ("accepts", "doubted"),
    [("", True), ("ash", True), ("10 01", True), ("17", False), ("stone", False), ("inert", False)],
)
def test_only_what_a_landfill_accepts_may_lack_a_class(accepts: str, doubted: bool):
    """Materials, List of Waste prefixes and everything; a landfill with a class of its own taxes by that."""
    found = {
        "materials": [{"material": "ash", "ewc": "10 01 02"}, {"material": "stone", "disposal_class": "inert"}],
        "disposals": [{"disposal": "t", "facility": "B", "route": "landfill", "accepts": accepts}],
        "demands": [{"demand": "d", "facility": "B", "material": "stone", "need_per_yr": 1}],
    }
    taxed = found | {"disposals": [found["disposals"][0] | {"tax_class": "inert"}]}

    assert [doubt.column for doubt in quay(**found).warnings] == ["disposal_class"] * doubted
    assert quay(**taxed).warnings == ()


def test_plants_that_can_never_be_built_or_run_are_warned_of():
    """A window outside the horizon, shares that can't fill the plant, an owner nobody has heard of."""
    plant = {"facility": "A", "technology": "mill", "status": "candidate"}
    scenario = quay(
        technologies=[{"technology": "mill"}],
        recipes=[{"technology": "mill", "input": "ash"}],
        mixes=[{"technology": "mill", "input": "ash", "max_share": 0.5}],
        plants=[
            {"plant": "late", "build_from": 2026, **plant},
            {"plant": "early", "build_until": 2024, **plant},
            {"plant": "strange", "owner": "Grup", **plant},
        ],
    )

    assert [str(doubt) for doubt in scenario.warnings if doubt.file in {"plants", "mixes"}] == [
        'mixes row 2 max_share the largest shares of "mill" add up to 0.5, below 1: it can\'t run',
        "plants row 2 build_from lies after the last year 2025: it is never built",
        "plants row 3 build_until lies before the first year 2025: it is never built",
        "plants row 4 owner is the organisation of no facility",
    ]
