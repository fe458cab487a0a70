"""Seeded synthetic regions in the terms of the scenario format: clustered cities, lognormal streams, some plants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from isopt.network import instance_of
from isopt.scenario import Scenario

WIDTH_KM, HEIGHT_KM = 900.0, 700.0
SOUTH, WEST, KM_PER_DEGREE = 48.0, 5.0, 111.195
LARGE = 80_000
"""Links from which their number grows about in proportion to the sources: there are sixty materials by then."""
NEAREST = 18
"""Receiving facilities that each stream can reach; with the plants' links it makes about 17 links per stream."""


def region(sources: int, seed: int = 0, severity: float = 0.5) -> Scenario:
    """
    Make a region and check it.

    Parameters
    ----------
    sources
        Streams, each at a facility of its own.
    seed
        Of the random numbers; the same seed gives the same region.
    severity
        0 to 1, see :func:`tables_of`.

    Returns
    -------
    scenario
        In memory.
    """
    tables, settings = tables_of(sources, seed, severity)
    return Scenario.of(tables, settings=settings, name=f"region-{sources}-{seed}")


def archipelago(sources: int, islands: int, seed: int = 0, severity: float = 0.5) -> Scenario:
    """
    Make several regions with materials and places of their own one scenario: nothing can be exchanged between them.

    Parameters
    ----------
    sources
        Streams of each region.
    islands
        Regions; the first one is ``region(sources, seed, severity)`` but for the names.
    seed, severity
        As of :func:`region`; each region after the first has the next seed.

    Returns
    -------
    scenario
        In memory.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    settings: dict[str, Any] = {}
    for island in range(islands):
        tables, settings = tables_of(sources, seed + island, severity)
        for name, table in tables.items():
            if name == "modes":
                parts[name] = [table]
                continue
            ids = table.select_dtypes(["object", "str"]).columns.difference(["state", "disposal_class", "status"])
            parts.setdefault(name, []).append(table.assign(**{one: table[one] + f"_{island}" for one in ids}))
    whole = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
    return Scenario.of(whole, settings=settings, name=f"archipelago-{islands}x{sources}-{seed}")


def tables_of(sources: int, seed: int = 0, severity: float = 0.5) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """
    Make the tables of a region with as many receivers as sources and one candidate plant for every twenty of them.

    Tonnages are lognormal with a median of 1,300 t/yr (streams) and 930 t/yr (demands), firms crowd in cities of very
    different sizes, an exchange costs 5,400 EUR a year and moves at least 45 t, a plant costs 6-18 EUR a year per tonne
    of capacity: sizes at which most decisions are close.

    Parameters
    ----------
    sources
        Streams, each at a facility of its own.
    seed
        Of the random numbers; the same seed gives the same region.
    severity
        Twice this is the factor on set-up cost and lots: at 0 an exchange costs nothing and may be of any size.

    Returns
    -------
    tables, settings
        As :meth:`isopt.scenario.Scenario.of` takes them.
    """
    rng = np.random.default_rng(seed)
    plants = max(1, sources // 20)
    kinds = int(min(60, max(4, sources // 60)))
    share = rng.dirichlet(np.full(kinds, 2.0))
    supplied, needed, taken = (rng.choice(kinds, count, p=share) for count in (sources, sources, plants))
    made = (taken + 1 + rng.integers(0, kinds - 1, plants)) % kinds
    capacity = np.round(np.clip(rng.lognormal(9.3, 0.6, plants), 2e3, 1e5))
    gate, virgin = rng.uniform(35, 110, kinds), rng.lognormal(3.6, 0.8, kinds)
    lat, lon = _places(rng, 2 * sources + plants)
    names = [f"{what}{i}" for what, count in (("S", sources), ("D", sources), ("P", plants)) for i in range(count)]
    facilities = np.array(names, dtype=object)
    materials = np.array([f"M{i}" for i in range(kinds)], dtype=object)
    tables: dict[str, pd.DataFrame] = {
        "facilities": pd.DataFrame({"facility": facilities, "lat": lat.round(5), "lon": lon.round(5)}),
        "materials": pd.DataFrame({"material": materials, "state": "solid", "disposal_class": "non_hazardous"}),
        "streams": pd.DataFrame(
            {
                "stream": facilities[:sources],
                "facility": facilities[:sources],
                "material": materials[supplied],
                "supply_per_yr": np.clip(rng.lognormal(7.2, 1.2, sources), 40, 2e5).round(1),
                "own_disposal_eur_per_unit": (gate[supplied] * rng.uniform(0.9, 1.1, sources)).round(2),
                "own_disposal_kgco2_per_unit": rng.uniform(20, 500, kinds)[supplied].round(1),
            }
        ),
        "demands": pd.DataFrame(
            {
                "demand": facilities[sources : 2 * sources],
                "facility": facilities[sources : 2 * sources],
                "material": materials[needed],
                "need_per_yr": np.clip(0.85 * rng.lognormal(7.0, 1.2, sources), 40, 2e5).round(1),
                "virgin_eur_per_unit": (virgin[needed] * rng.uniform(0.9, 1.1, sources)).round(2),
                "virgin_kgco2_per_unit": rng.lognormal(5.3, 1.0, kinds)[needed].round(1),
            }
        ),
        "substitutions": pd.DataFrame(
            {
                "from_material": materials,
                "to_material": materials,
                "ratio": rng.uniform(0.75, 1.0, kinds).round(3),
                "cost_eur_per_unit": rng.uniform(0, 12, kinds).round(2),
            }
        ),
        "technologies": pd.DataFrame(
            {"technology": facilities[2 * sources :], "opex_eur_per_unit": rng.uniform(8, 30, plants).round(2)}
        ),
        "recipes": pd.DataFrame(
            {
                "technology": facilities[2 * sources :],
                "input": materials[taken],
                "output": materials[made],
                "yield": rng.uniform(0.55, 0.95, plants).round(3),
            }
        ),
        "plants": pd.DataFrame(
            {
                "plant": facilities[2 * sources :],
                "facility": facilities[2 * sources :],
                "technology": facilities[2 * sources :],
                "status": "candidate",
                "capacity_per_yr": capacity,
                "fixed_eur_per_yr": (capacity * rng.uniform(6, 18, plants)).round(),
            }
        ),
        "modes": pd.DataFrame(
            {
                "mode": ["truck"],
                "network": ["road"],
                "eur_per_tkm": [0.11],
                "eur_per_t": [4.0],
                "kgco2_per_tkm": [0.09],
                "detour": [1.3],
                "max_km": [220.0],
                "setup_eur_per_yr": [2 * severity * 5400.0],
                "min_per_yr": [2 * severity * 45.0],
            }
        ),
    }
    settings: dict[str, Any] = {
        "title": f"Synthetic region of {sources} sources",
        "policy": {"landfill_tax_eur_per_t": {"non_hazardous": 40.0}, "carbon_price_eur_per_t": 60.0},
        "reach": {"nearest": NEAREST},
    }
    return tables, settings


def sources_for(
    links: int,
    seed: int = 0,
    severity: float = 0.5,
    make: Callable[[int, int, float], Scenario] = region,
    large: int = LARGE,
) -> int:
    """
    Find how many sources make about so many links, within five in a hundred where that is possible.

    Parameters
    ----------
    links
        Links wanted in the model, after pruning.
    seed, severity
        Of the region.
    make
        Makes a region of sources, seed and severity.
    large
        Links from which their number grows about in proportion to the sources.

    Returns
    -------
    sources
        At least 8.
    """
    far = links > large  # links per source change slowly from here on
    first = round(links / large * sources_for(large, seed, severity, make, large)) if far else links // 16
    sources, best = max(8, first), (float("inf"), 8)
    for _ in range(6):
        off = instance_of(make(sources, seed, severity)).links.count / links
        best = min(best, (abs(off - 1), sources))
        if best[0] <= 0.05:
            break
        sources = max(8, round(sources / max(off, 0.25) ** (1.0 if far else 0.8)))
    return best[1]


def _places(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Scatter places around cities of Pareto sizes; latitude and longitude in degrees."""
    cities = int(max(3, min(120, count // 30)))
    centre = rng.uniform([0, 0], [WIDTH_KM, HEIGHT_KM], (cities, 2))
    size = rng.pareto(1.2, cities) + 1
    km = centre[rng.choice(cities, count, p=size / size.sum())] + rng.normal(0, 18, (count, 2))
    lat = SOUTH + km[:, 1] / KM_PER_DEGREE
    return lat, WEST + km[:, 0] / (KM_PER_DEGREE * np.cos(np.radians(SOUTH + HEIGHT_KM / 2 / KM_PER_DEGREE)))
