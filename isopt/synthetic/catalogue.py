"""Who gives off and needs what: the tables beside this module, with prices and factors of the cited tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from isopt.errors import InputError
from isopt.knowledge import (
    biogas_methane,
    carbon_price,
    disposal_emission,
    landfill_tax,
    pipe_cost,
    table,
    technology,
    to_eur,
    transport_factor,
    virgin_footprint,
)
from isopt.synthetic.dials import Dials

__all__ = ["PRICE_YEAR", "Catalogue", "Price", "catalogue", "methane", "price_of", "priced", "rates", "taxes"]

PRICE_YEAR = 2025
_FEES = {
    "landfill": ("landfill_non_hazardous", "landfill_planning_range"),
    "inert": ("landfill_non_hazardous", "landfill_planning_range"),
    "efw": ("efw_post2000", ""),
    "digestion": ("anaerobic_digestion", ""),
    "hazardous": ("hazardous_170503_soil", ""),
}
"""Treatment whose fee a way out costs in the country, and in the EU where the country is not in the table."""
_NUMBERS = [
    "t_per_unit",
    "firms_per_1000",
    "clustering",
    "share",
    "median_per_yr",
    "sigma",
    "ratio",
    "max_share",
    "opex_factor",
    "capex_factor",
    "capacity_median",
    "per_1000_firms",
    "existing_share",
    "min_load_share",
    "life_yr",
    "yield",
]


@dataclass(frozen=True)
class Price:
    """
    Price and footprint of what is bought.

    Parameters
    ----------
    eur
        EUR per unit.
    kgco2
        kg CO2e per unit.
    """

    eur: float
    kgco2: float


@dataclass(frozen=True)
class Catalogue:
    """
    The tables beside this module, one frame each.

    Parameters
    ----------
    materials, sectors, supplies, needs, uses, technologies, recipes
        Text is "" where empty, numbers are NaN.
    """

    materials: pd.DataFrame
    sectors: pd.DataFrame
    supplies: pd.DataFrame
    needs: pd.DataFrame
    uses: pd.DataFrame
    technologies: pd.DataFrame
    recipes: pd.DataFrame


@cache
def catalogue() -> Catalogue:
    """
    Read the tables beside this module, uses completed from the rules that they name.

    Examples
    --------
    >>> catalogue().uses.set_index("from_material").loc["gypsum_fgd", "sectors"]
    '23.62'
    """
    frames = {name: _read(name) for name in Catalogue.__dataclass_fields__}
    rules = table("substitution_rules").set_index("rule")
    uses = frames["uses"]
    uses["ratio"] = uses["ratio"].fillna(uses["rule"].map(rules["ratio"]))
    uses["max_share"] = uses["max_share"].fillna(uses["rule"].map(rules["max_share"]))
    uses["sectors"] = uses["sectors"].where(uses["sectors"] != "", uses["rule"].map(rules["receiver_nace"]))
    return Catalogue(**frames)


def _read(name: str) -> pd.DataFrame:
    with files("isopt.synthetic").joinpath("data", f"{name}.csv").open(encoding="utf-8") as lines:
        frame = pd.read_csv(lines, dtype=str, keep_default_na=False).astype(object)
    for column in frame.columns.intersection(_NUMBERS):
        frame[column] = pd.to_numeric(frame[column].where(frame[column] != "")).astype(float)
    return frame


def price_of(reference: str, quantile: str = "value") -> Price:
    """
    Return what a bought material costs and emits.

    Parameters
    ----------
    reference
        A material of the table ``virgin_material``, or ``=price/footprint`` where that table has none.
    quantile
        value, or low for the low end of its range (an assumed price has none).

    Examples
    --------
    >>> price_of("natural gas"), price_of("clinker", "low").kgco2
    (Price(eur=42.9, kgco2=198.0), 830.0)
    """
    if reference.startswith("="):
        eur, kgco2 = map(float, reference[1:].split("/"))
        return Price(eur, kgco2)
    known = table("virgin_material").query("material == @reference and quantity == 'price'").iloc[0]
    eur = to_eur(float(known[quantile]), str(known["currency"]), int(known["year"]), price_year=PRICE_YEAR)
    return Price(round(eur, 2), virgin_footprint(reference).value)


def fee_of(way: str, dials: Dials) -> float:
    """
    Return what disposing of a unit costs at the gate, tax excluded.

    Parameters
    ----------
    way
        Column ``fee`` of the materials: landfill, inert (the low end of landfill), efw, digestion, hazardous, none.
    dials
        Country and regime. Where the table has no fee of the country, the planning range of the EU holds, else the
        British one.
    """
    if way not in _FEES:
        return 0.0
    own, planned = _FEES[way]
    fees = table("gate_fees")
    for country, treatment in ((dials.code, own), ("EU", planned), ("GB", own)):
        found = fees[(fees["country"] == country) & (fees["treatment"] == treatment)].dropna(subset=["low", "median"])
        if len(found):
            row = found.sort_values("year").iloc[0]
            low = way == "inert" or dials.economy.quantile == "low"
            eur = float(row["low" if low else "median"])
            return round(to_eur(eur, str(row["currency"]), int(row["year"]), price_year=PRICE_YEAR), 2)
    raise AssertionError(way)


def landfill_kgco2(material: str) -> float:
    """Return the emission of landfilling a tonne, kg CO2e; 0 for what is not landfilled."""
    return round(disposal_emission(material).value, 2) if material else 0.0


def priced(reference: str) -> float:
    """
    Return a parameter of a technology in EUR.

    Parameters
    ----------
    reference
        ``technology|parameter`` of the table ``technologies``, or ``=number`` where that table has none.

    Examples
    --------
    >>> priced("crushing / screening mineral waste|opex"), priced("=14")
    (5.0, 14.0)
    """
    if reference.startswith("="):
        return float(reference[1:])
    return technology(*reference.split("|")).value


def methane(feedstock: str) -> float:
    """Return the biogas of a tonne of feedstock, MWh."""
    return round(biogas_methane(feedstock).value, 3)


def taxes(dials: Dials) -> dict[str, float]:
    """
    Return the landfill tax by class, EUR/t; nothing in a regime without it or where the tables know none.

    Examples
    --------
    >>> taxes(Dials(100))["non_hazardous"], taxes(Dials(100, regime="lean"))
    (147.0, {})
    """
    found: dict[str, float] = {}
    for cls in ("inert", "non_hazardous", "hazardous") if dials.economy.taxed else ():
        try:
            found[cls] = landfill_tax(dials.code, cls, PRICE_YEAR).value
        except InputError:
            continue
    return found


def rates(dials: Dials) -> dict[str, float]:
    """
    Return rates of carriage and of pipes: cited, the truck's those of the country where the table has it.

    Returns
    -------
    rates
        ``MODE.QUANTITY`` and ``carbon``, EUR or kg CO2e per t, t-km or km.
    """
    modes = {"truck": "road_truck_40t", "tanker": "road_tanker_sludge", "rail": "rail_bulk"}
    found = {"carbon": carbon_price(PRICE_YEAR).value}
    for mode, name in modes.items():
        for what in ("eur_per_tkm", "eur_per_t", "kgco2_per_tkm"):
            found[f"{mode}.{what}"] = transport_factor(name, what).value
    try:
        national = transport_factor("road_truck_40t", country=dials.code).value
        found["tanker.eur_per_tkm"] *= national / found["truck.eur_per_tkm"]
        found["truck.eur_per_tkm"] = national
    except InputError:  # the European rate holds
        pass
    for pipe in ("heat_dh", "water_da250", "gas_da200"):
        found[f"{pipe}.capex_eur_per_km"] = round(pipe_cost(pipe, price_year=PRICE_YEAR).value, -2)
    return {name: round(value, 5) for name, value in found.items()}
