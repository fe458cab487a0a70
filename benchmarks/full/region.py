"""Seeded regions that use the whole scenario format, so that every constraint family has rows at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks import regions
from isopt.scenario import Scenario

YEAR_FROM, YEAR_TO = 2030, 2035
"""Two years, the first of which has two seasons."""
FULL_LARGE = 250_000
"""Links from which their number grows about as the sources do."""
LEAST = 40
"""Streams; fewer would leave some families without rows."""


def full_region(sources: int, seed: int = 0, severity: float = 0.5) -> Scenario:
    """
    Make a region in which every constraint family has rows, and check it.

    Parameters
    ----------
    sources
        Streams, two at each facility.
    seed
        Of the random numbers; the same seed gives the same region.
    severity
        Twice this is the factor on set-up cost, lots and trips.

    Returns
    -------
    scenario
        In memory.
    """
    tables, settings = full_tables(sources, seed, severity)
    return Scenario.of(tables, settings=settings, name=f"full-{sources}-{seed}")


def full_tables(sources: int, seed: int = 0, severity: float = 0.5) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """
    Add to the tables of :func:`benchmarks.regions.tables_of` what the format knows beyond them.

    Two modes per pair (lorries in whole loads, barges with a capacity), listed exchanges that all materials share,
    substitutes with a share, plants with two inputs, two outputs, mixes, least loads and room to grow, landfills,
    qualities, stocks, two years and two seasons, and limits on CO2, landfill, investment and numbers.

    Parameters
    ----------
    sources
        Streams, two at each facility; made even, and 40 at least.
    seed, severity
        As there.

    Returns
    -------
    tables, settings
        As :meth:`isopt.scenario.Scenario.of` takes them.
    """
    sources = max(LEAST, sources + sources % 2)
    tables, settings = regions.tables_of(sources, seed, severity)
    rng = np.random.default_rng([seed, 1])
    kinds = len(tables["materials"])
    for name, key in (("streams", "stream"), ("demands", "demand")):
        tables[name] = _in_pairs(tables[name], key, tables["materials"]["material"].to_numpy())
    _streams_and_demands(tables, rng)
    tables["substitutions"] = _substitutes(tables["substitutions"], rng)
    _plants(tables, rng, kinds)
    tables["modes"] = _modes(tables["modes"], severity)
    tables["disposals"] = _landfills(tables, rng)
    tables["links"] = _listed(tables, rng)
    tables["demands"] = _least_shares(tables)
    _qualities(tables, rng)
    tables["stocks"] = _stocks(tables, rng)
    tables["periods"] = pd.DataFrame(
        {
            "period": ["summer", "winter", "later"],
            "year": [YEAR_FROM, YEAR_FROM, YEAR_TO],
            "share_of_year": [0.5, 0.5, 1.0],
        }
    )
    tables["changes"] = _changes(tables)
    settings["limits"] = {
        "co2_t_per_yr": 2500.0 * sources,
        "landfilled_t_per_yr": 4000.0 * sources,
        "diversion_share": 0.02,
        "capex_eur": 1e5 * sources,
        "plants_max": max(1, sources // 40),
        "exchanges_max": 2 * sources,
    }
    return tables, settings


def _in_pairs(table: pd.DataFrame, key: str, materials: np.ndarray) -> pd.DataFrame:
    """Two rows at each facility, the second of the next material."""
    number = {name: k for k, name in enumerate(materials)}
    material = table["material"].map(number).to_numpy()
    first = np.arange(len(table)) // 2 * 2
    paired = (material[first] + np.arange(len(table)) % 2) % len(materials)
    return table.assign(facility=table["facility"].to_numpy()[first], material=materials[paired], **{key: table[key]})


def _streams_and_demands(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    streams, demands = tables["streams"], tables["demands"]
    number = np.arange(len(streams))
    tables["streams"] = streams.assign(must_place=number % 20 != 3, single_receiver=number % 10 == 4)
    tables["demands"] = demands.assign(
        must_meet=number % 20 != 7,
        max_byproduct_share=np.where(number % 5 == 2, rng.uniform(0.6, 0.9, len(demands)), 1.0),
    )


def _substitutes(same: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Each material may replace the next one too, up to a share."""
    materials, count = same["from_material"].to_numpy(), len(same)
    following = pd.DataFrame(
        {
            "from_material": materials,
            "to_material": np.roll(materials, -1),
            "ratio": rng.uniform(0.5, 0.9, count).round(3),
            "cost_eur_per_unit": rng.uniform(2, 14, count).round(2),
            "max_share": rng.uniform(0.2, 0.5, count).round(3),
        }
    )
    return pd.concat([same.assign(max_share=np.nan), following], ignore_index=True)


def _plants(tables: dict[str, pd.DataFrame], rng: np.random.Generator, kinds: int) -> None:
    """Give each plant a second input, a second output, a mix and what else a plant can have."""
    first, plants = tables["recipes"], tables["plants"]
    count, number = len(plants), np.arange(len(plants))
    materials = tables["materials"]["material"].to_numpy()
    of = {name: k for k, name in enumerate(materials)}
    taken, made = first["input"].map(of).to_numpy(), first["output"].map(of).to_numpy()
    second = first.assign(
        input=materials[(taken + 1) % kinds], **{"yield": rng.uniform(0.4, 0.8, count).round(3)}
    )  # the same output of another input
    residue = first.assign(output=materials[(made + 1) % kinds], **{"yield": rng.uniform(0.05, 0.2, count).round(3)})
    tables["recipes"] = pd.concat([first, second, residue], ignore_index=True)
    tables["mixes"] = pd.DataFrame(
        {"technology": first["technology"], "input": first["input"], "min_share": 0.2, "max_share": 0.9}
    )
    existing = number % 4 == 1
    capacity = plants["capacity_per_yr"].to_numpy()
    tables["plants"] = plants.assign(
        status=np.where(existing, "existing", "candidate"),
        max_capacity_per_yr=np.where(number % 3 == 0, 1.5 * capacity, np.nan),
        capex_eur=np.where(existing, 0.0, (60 * capacity).round()),
        capex_eur_per_unit=np.where(number % 3 == 0, 70.0, 0.0),
        fixed_eur_per_unit=np.where(number % 3 == 0, 9.0, 0.0),
        min_load_share=np.where(number % 4 < 2, 0.3, 0.0),
        build_from=np.where(~existing & (number % 7 == 0), YEAR_FROM + 1, np.nan),
        build_until=np.where(~existing & (number % 7 == 3), YEAR_FROM, np.nan),
        choose_one=np.where(~existing & (number % 10 < 4), [f"site{k // 10}" for k in number], ""),
        single_receiver=number % 10 == 5,
    )


def _modes(truck: pd.DataFrame, severity: float) -> pd.DataFrame:
    """Lorries go in whole loads; barges are cheaper per kilometre, dearer to set up, and full at some point."""
    lorry = truck.assign(vehicle_t=25.0, eur_per_trip=2 * severity * 60.0, max_per_yr=np.nan)
    barge = truck.assign(
        mode="barge",
        network="water",
        eur_per_tkm=0.03,
        eur_per_t=7.0,
        kgco2_per_tkm=0.03,
        detour=1.5,
        setup_eur_per_yr=2 * severity * 9000.0,
        min_per_yr=2 * severity * 200.0,
        max_per_yr=9e4,
        vehicle_t=np.nan,
        eur_per_trip=0.0,
    )
    return pd.concat([lorry, barge], ignore_index=True)


def _landfills(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Six landfills, whatever the size: the ways there grow as the streams do."""
    facilities = tables["facilities"]
    lat, lon = (facilities[name].quantile([0.2, 0.5, 0.8]).to_numpy() for name in ("lat", "lon"))
    names = [f"L{k}" for k in range(6)]
    place = pd.DataFrame(
        {"facility": names, "lat": np.repeat(lat, 2).round(5), "lon": np.tile(lon[[0, 2]], 3).round(5)}
    )
    tables["facilities"] = pd.concat([facilities, place], ignore_index=True)
    return pd.DataFrame(
        {
            "disposal": names,
            "facility": names,
            "route": "landfill",
            "gate_fee_eur_per_unit": rng.uniform(30, 60, 6).round(1),
            "kgco2_per_unit": rng.uniform(100, 400, 6).round(1),
            "capacity_per_yr": 300.0 * len(tables["streams"]),
        }
    )


def _listed(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """List an exchange, shared by all materials, from every fourth facility; from some, a way to a landfill."""
    from scipy.spatial import cKDTree

    at = tables["facilities"].set_index("facility")[["lat", "lon"]]
    givers, takers = tables["streams"].iloc[::8], tables["demands"].iloc[::2]
    pairs = [pd.DataFrame({"from_facility": [], "to_facility": []}, dtype=object)]
    for material, some in givers.groupby("material", sort=True):
        there = takers[takers["material"] == material]["facility"].to_numpy()
        if there.size:
            _, nearest = cKDTree(at.loc[there].to_numpy()).query(at.loc[some["facility"]].to_numpy())
            pairs.append(pd.DataFrame({"from_facility": some["facility"].to_numpy(), "to_facility": there[nearest]}))
    listed = pd.concat(pairs, ignore_index=True)
    number = np.arange(len(listed))
    away = pd.DataFrame({"from_facility": tables["streams"]["facility"].to_numpy()[::32], "to_facility": "L0"})
    away = away.assign(mode="truck", shared=False, setup_eur_per_yr=2000.0, min_per_yr=10.0, max_per_yr=4e4, status="")
    exchanges = listed.assign(
        mode="truck",
        shared=True,
        setup_eur_per_yr=rng.uniform(3000, 9000, len(listed)).round(),
        capex_eur=np.where(number % 3 == 0, 50_000.0, 0.0),
        min_per_yr=20.0,
        max_per_yr=5e4,
        status=np.where(number % 4 == 2, "existing", np.where(number % 16 == 1, "required", "")),
    )
    return pd.concat([exchanges, away.assign(capex_eur=0.0)], ignore_index=True)


def _least_shares(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Let by-products cover a little of the needs to which an exchange is listed and whose quality is not limited."""
    demands = tables["demands"]
    reached = demands["facility"].isin(tables["links"]["to_facility"]).to_numpy()
    number = np.arange(len(demands))
    asked = reached & (number % 2 == 0) & (number % 20 != 0)
    return demands.assign(min_byproduct_share=np.where(asked, 1e-3, 0.0))


def _qualities(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    """All that is sent has a moisture; every twentieth demand and every tenth plant bounds that of its blend."""
    streams, plants = tables["streams"]["stream"].to_numpy(), tables["plants"]["plant"].to_numpy()
    demands, technologies = tables["demands"]["demand"].to_numpy()[::20], plants[::10]
    senders = len(streams) + len(plants)
    tables["qualities"] = pd.DataFrame(
        {
            "stream": np.concatenate([streams, np.full(len(plants), "")]),
            "plant": np.concatenate([np.full(len(streams), ""), plants]),
            "property": "moisture",
            "value": rng.uniform(0, 0.6, senders).round(3),
        }
    )
    places = len(demands) + len(technologies)
    tables["quality_limits"] = pd.DataFrame(
        {
            "demand": np.concatenate([demands, np.full(len(technologies), "")]),
            "technology": np.concatenate([np.full(len(demands), ""), technologies]),
            "property": "moisture",
            "min": np.where(np.arange(places) < len(demands), np.nan, 0.05),
            "max": 0.4,
        }
    )


def _stocks(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Stocks at some streams, demands and plants."""
    streams, demands = tables["streams"].iloc[::20], tables["demands"].iloc[::20]
    inputs = tables["recipes"].drop_duplicates("technology").iloc[::5]
    plants = inputs["technology"].to_numpy()
    at = np.concatenate([streams["facility"], demands["facility"], np.full(len(plants), "")])
    stocks = pd.DataFrame(
        {
            "plant": np.concatenate([np.full(len(at) - len(plants), ""), plants]),
            "facility": at,
            "material": np.concatenate([streams["material"], demands["material"], inputs["input"]]),
            "capacity": rng.uniform(100, 900, len(at)).round(),
            "eur_per_unit_yr": rng.uniform(1, 4, len(at)).round(2),
        }
    )
    stocks["initial"] = np.where(stocks["plant"] == "", (0.1 * stocks["capacity"]).round(), 0.0)
    return stocks


def _changes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """In the later year every tenth stream is larger, lorries are dearer and the tax is higher."""
    streams = tables["streams"]["stream"].to_numpy()[::10]
    return pd.DataFrame(
        {
            "table": ["streams"] * len(streams) + ["modes", "policy"],
            "id": [*streams, "truck", "landfill_tax_eur_per_t"],
            "column": ["supply_per_yr"] * len(streams) + ["eur_per_tkm", "non_hazardous"],
            "period": "later",
            "value": [np.nan] * (len(streams) + 1) + [70.0],
            "factor": [1.15] * len(streams) + [1.2, np.nan],
            "onward": True,
        }
    )
