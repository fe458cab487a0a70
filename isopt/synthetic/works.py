"""Plants, existing and candidate, and ways to dispose of things, with the sites that they stand at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.knowledge import to_eur
from isopt.synthetic.catalogue import PRICE_YEAR, Catalogue, fee_of, landfill_kgco2, price_of, priced
from isopt.synthetic.dials import Dials
from isopt.synthetic.firms import Firms
from isopt.synthetic.ground import Ground, Site

__all__ = ["Works", "disposals_of", "plants_of"]

_DIGESTION, _UPGRADING = "digestion", "upgrading"
_GAS_SECTOR, _PLANT_SECTOR, _DISPOSAL_SECTOR = "35.21", "38.32", "38.21"
_SCALE = (6.0e6, 40_000.0, 0.48, 2021, "GBP")
"""Digester: GBP at so many tonnes a year, exponent of the cost curve (technologies: AD food waste, AD cost curve)."""
_FIXED_SHARE = 0.03
"""Yearly fixed cost of a plant as a share of its capital cost: maintenance, assumed."""
_TWIN, _EXTENSIBLE = 0.15, 0.2
"""Shares of candidates with an alternative of another size, and of plants that can be enlarged."""
_LARGEST_SHARE = 0.6
"""Of all that a technology could take in the country, that one plant is designed for."""
_SITE_KM = 3.0
_GRID_MWH_PER_T = 1.0
"""Gas sold behind a digester, MWh per tonne of capacity."""
_LAND_EUR = 5.0
"""Fee of spreading digestate, EUR/t, assumed."""
_OUTLETS = {
    # ways out beside a firm's own: firms per site, what they accept, route, fee (column of the materials), capacity
    "landfill": (400, "inert", "landfill", "inert", 200_000.0),
    "energy from waste": (750, "waste_wood;sawdust;food_waste", "incineration", "efw", 150_000.0),
    "acid treatment": (1500, "spent_acid", "other", "hazardous", 20_000.0),
}


@dataclass(frozen=True)
class Works:
    """
    Rows that plants or disposals add to a scenario.

    Parameters
    ----------
    facilities, plants, demands, disposals
        Rows of the tables.
    """

    facilities: pd.DataFrame
    plants: pd.DataFrame
    demands: pd.DataFrame
    disposals: pd.DataFrame


def plants_of(
    dials: Dials, known: Catalogue, ground: Ground, firms: Firms, streams: pd.DataFrame, rng: np.random.Generator
) -> Works:
    """
    Site plants near firms that have what they take.

    Each digester has an upgrading plant, gas customers and land for its digestate beside it. Some candidates have a
    twin of twice the size, and one of the two is built at most; some plants can be enlarged.

    Parameters
    ----------
    dials
        Size and severity: with it, fewer plants stand already and candidates cost more.
    known
        Technologies and recipes.
    ground
        Towns.
    firms
        From :func:`isopt.synthetic.firms.places_of`.
    streams
        From :func:`isopt.synthetic.firms.streams_of`.
    rng
        Source of chance.
    """
    facilities, plants, demands, disposals = [], [], [], []
    gas = price_of("natural gas", dials.economy.quantile)
    for _, kind in known.technologies.iterrows():
        name = str(kind["technology"])
        if name == _UPGRADING:  # one beside each digester
            continue
        taken = known.recipes.loc[known.recipes["technology"] == name, "input"].unique()
        fed = streams[streams["material"].isin(taken)]
        if fed.empty:
            continue
        count = max(1, round(dials.firms * float(kind["per_1000_firms"]) / 1000))
        site = _near_supply(fed, count, firms, ground, rng)
        sector = _GAS_SECTOR if name == _DIGESTION else _PLANT_SECTOR
        ids = [f"{name.upper()}{i + 1}" for i in range(count)]
        facilities.append(_sites(ids, str(kind["name"]), sector, site, ground, dials))
        size = _sizes(kind, float(fed["supply_per_yr"].sum()), count, dials, rng)
        stands = rng.random(count) < float(kind["existing_share"]) * (1.5 - dials.severity)
        plants.append(_rows(ids, kind, size, stands, dials, rng))
        if name == _DIGESTION:
            up = known.technologies[known.technologies["technology"] == _UPGRADING].iloc[0]
            plants.append(_rows(ids, up, (size / 2).round(-2).clip(100, None), stands, dials, rng))
            demands.append(_gas_customers(ids, size * _GRID_MWH_PER_T, gas.eur, gas.kgco2))
            disposals.append(_land(ids))
    return Works(*(_together(parts) for parts in (facilities, plants, demands, disposals)))


def disposals_of(dials: Dials, ground: Ground, rng: np.random.Generator) -> Works:
    """
    Site landfills, energy-from-waste plants and treatment works for acids, open to all.

    Parameters
    ----------
    dials
        Size, country and regime.
    ground
        Towns.
    rng
        Source of chance.
    """
    facilities, disposals = [], []
    for kind, (per, accepts, route, fee, capacity) in _OUTLETS.items():
        count = max(1, round(dials.firms / per))
        ids = [f"{kind.replace(' ', '-').upper()}{i + 1}" for i in range(count)]
        facilities.append(_sites(ids, kind.capitalize(), _DISPOSAL_SECTOR, ground.settle(count, 0.2), ground, dials))
        disposals.append(
            pd.DataFrame(
                {
                    "disposal": ids,
                    "facility": ids,
                    "route": route,
                    "accepts": accepts,
                    "gate_fee_eur_per_unit": (fee_of(fee, dials) * rng.uniform(0.85, 1.15, count)).round(2),
                    "kgco2_per_unit": landfill_kgco2("Aggregates") if route == "landfill" else 0.0,
                    "capacity_per_yr": (capacity * dials.economy.amounts * rng.uniform(0.6, 1.6, count)).round(-2),
                }
            )
        )
    empty = pd.DataFrame()
    return Works(_together(facilities), empty, empty, _together(disposals))


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _near_supply(fed: pd.DataFrame, count: int, firms: Firms, ground: Ground, rng: np.random.Generator) -> Site:
    """Choose firms by the root of what they could bring, and a site some kilometres off each."""
    pull = np.sqrt(fed["supply_per_yr"].to_numpy(np.float64))
    host = fed["firm"].to_numpy()[rng.choice(len(fed), count, p=pull / pull.sum())]
    lat, lon = (firms.table[name].to_numpy(np.float64)[host] for name in ("lat", "lon"))
    return ground.near(lat, lon, firms.town[host], _SITE_KM)


def _sites(ids: list[str], label: str, sector: str, site: Site, ground: Ground, dials: Dials) -> pd.DataFrame:
    city = ground.name[site.town]
    return pd.DataFrame(
        {
            "facility": ids,
            "name": [f"{label}, {where}" for where in city],
            "sector": sector,
            "lat": site.lat,
            "lon": site.lon,
            "city": city,
            "country": dials.code,
            "group": label,
        }
    )


def _sizes(
    kind: pd.Series, available: float, count: int, dials: Dials, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw capacities, in units a year: lognormal, none larger than a share of what there is."""
    size = float(kind["capacity_median"]) * dials.economy.amounts
    drawn = size * np.exp(float(kind["sigma"]) * rng.standard_normal(count))
    return drawn.clip(20, max(_LARGEST_SHARE * available, 100)).round(-1)


def _rows(
    ids: list[str],
    kind: pd.Series,
    size: NDArray[np.float64],
    stands: NDArray[np.bool_],
    dials: Dials,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Make the plants of a technology, twins after them."""
    name = str(kind["technology"])
    code = name[:2].upper()
    capex = _capital(kind, size) * (0.5 + dials.severity)
    grows = rng.random(len(ids)) < _EXTENSIBLE
    single = pd.DataFrame(
        {
            "plant": [f"{one}-{code}" for one in ids],
            "facility": ids,
            "technology": name,
            "status": np.where(stands, "existing", "candidate"),
            "capacity_per_yr": size,
            "max_capacity_per_yr": np.where(grows, (1.5 * size).round(-1), np.nan),
            "capex_eur": np.where(stands, np.nan, capex.round(-3)),
            "capex_eur_per_unit": np.where(grows, (0.8 * capex / size).round(2), np.nan),
            "fixed_eur_per_yr": (_FIXED_SHARE * capex).round(-2),
            "min_load_share": float(kind["min_load_share"]) if dials.severity > 0 else np.nan,
            "choose_one": "",
        }
    )
    twins = np.flatnonzero(~stands & ~grows & (rng.random(len(ids)) < _TWIN))
    larger = single.iloc[twins].copy()
    larger["capacity_per_yr"] *= 2
    larger["capex_eur"] = (larger["capex_eur"] * 2**0.7).round(-3)  # cheaper per tonne, as the digesters' curve
    larger["fixed_eur_per_yr"] = (larger["fixed_eur_per_yr"] * 2**0.7).round(-2)
    label = larger["plant"].to_numpy(object)
    larger["plant"], larger["choose_one"] = label + "-large", label
    single.loc[twins, "choose_one"] = label
    return pd.concat([single, larger], ignore_index=True)


def _capital(kind: pd.Series, size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Capital cost in EUR: in proportion to the size, for digesters along their curve."""
    if kind["technology"] != _DIGESTION:
        return priced(str(kind["capex_from"])) * float(kind["capex_factor"]) * size
    amount, tonnes, exponent, year, currency = _SCALE
    return to_eur(amount, currency, year, price_year=PRICE_YEAR) * (size / tonnes) ** exponent


def _gas_customers(ids: list[str], need: NDArray[np.float64], eur: float, kgco2: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "demand": [f"{one}-gas" for one in ids],
            "facility": ids,
            "material": "gas",
            "need_per_yr": need.round(),
            "virgin_eur_per_unit": eur,
            "virgin_kgco2_per_unit": kgco2,
        }
    )


def _land(ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "disposal": [f"{one}-land" for one in ids],
            "facility": ids,
            "route": "other",
            "accepts": "digestate",
            "gate_fee_eur_per_unit": _LAND_EUR,
            "kgco2_per_unit": 0.0,
            "capacity_per_yr": np.nan,
        }
    )
