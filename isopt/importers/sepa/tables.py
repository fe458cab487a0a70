"""Scenario tables from the register's sites and flows and from the assumptions beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.importers.sepa.roles import first_activity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Assumptions", "Lookups", "build", "lookups"]

LEGAL_FORM = re.compile(r"\b(LIMITED|LTD|PLC|LLP|LTP|INC|COMPANY|CO)\b")


@dataclass(frozen=True)
class Assumptions:
    """
    Numbers that the register does not hold; all can be changed in the scenario afterwards.

    Parameters
    ----------
    eur_per_gbp
        Exchange rate, EUR per GBP. The default is the one at which the landfill tax of 126.15 GBP/t is listed as 147
        EUR/t.
    landfill_tax_gbp_per_t
        Standard rate, GBP/t. The default is that of April 2025 to March 2026: the tonnes of a past year at the prices
        of today.
    landfill_tax_inert_gbp_per_t
        Lower rate, GBP/t, of the same year.
    setup_eur_per_yr
        Fixed cost of an exchange, EUR/yr: contract, duty-of-care papers, sampling. The default is five days a year of
        somebody who costs 90,000 EUR a year of 220 days.
    max_km
        Reach of truck and tanker by road, km.
    elsewhere_km
        Road distance to a destination outside the selection, km. The default is about that from Glasgow to Liverpool
        or Manchester.
    price_year
        Year of the prices.
    """

    eur_per_gbp: float = 1.165
    landfill_tax_gbp_per_t: float = 126.15
    landfill_tax_inert_gbp_per_t: float = 4.05
    setup_eur_per_yr: float = 2000.0
    max_km: float = 150.0
    elsewhere_km: float = 350.0
    price_year: int = 2025


@dataclass(frozen=True)
class Lookups:
    """
    What is known of the register's words: one table per CSV file beside this module.

    Parameters
    ----------
    materials
        Per name of the register: id, state, tax class, category, landfill cell, fee of treatment, destination
        elsewhere.
    activities
        Per activity, in order of precedence: role, categories it takes, sector.
    outlets
        Per landfill cell, and incineration: fee and emission.
    fees
        Per kind of treatment or disposal: amount, currency, source.
    modes
        Ways of transport.
    """

    materials: pd.DataFrame
    activities: pd.DataFrame
    outlets: pd.DataFrame
    fees: pd.DataFrame
    modes: pd.DataFrame


@cache
def lookups() -> Lookups:
    """
    Read the tables beside this module.

    Returns
    -------
    lookups
        As text and numbers.

    Examples
    --------
    >>> lookups().materials.set_index("sepa_name").loc["Glass wastes", "material"]
    'glass'
    """
    return Lookups(**{name: _read(name) for name in ("materials", "activities", "outlets", "fees", "modes")})


def build(
    sites: pd.DataFrame, flows: pd.DataFrame, taken: pd.DataFrame, assumed: Assumptions, *, year: int, origin: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """
    Make the tables and settings of the scenario.

    Parameters
    ----------
    sites
        Sites of the selection.
    flows
        Their flows, with ``material`` as the register names it.
    taken
        From :func:`isopt.importers.sepa.roles.capacities`: what each site takes, and how much of it.
    assumed
        What the register doesn't say.
    year
        Year of the flows.
    origin
        What stands in the column ``source``.

    Returns
    -------
    tables, settings
        As :meth:`isopt.scenario.Scenario.of` takes them.
    """
    known = lookups()
    priced = _prices(known, assumed)
    out = flows[flows["direction"] == "out"].merge(
        priced, left_on="material", right_on="sepa_name", suffixes=("", "_id")
    )
    into = taken[taken["capacity"] > 0].merge(priced, left_on="material", right_on="sepa_name", suffixes=("", "_id"))
    out, into = (table.assign(id=table["material_id"]) for table in (out, into))
    tables = {
        "streams": _streams(out, year, origin),
        "demands": _demands(into[into["role"] == "receiver"], year, origin),
        "disposals": pd.concat(
            [_landfills(into, known, assumed, year, origin), _incinerators(into, known, assumed, year, origin)],
            ignore_index=True,
        ),
        "modes": known.modes.assign(
            max_km=assumed.max_km, setup_eur_per_yr=assumed.setup_eur_per_yr, note="set-up: " + SETUP
        ),
    }
    here = set().union(*(set(tables[name]["facility"]) for name in ("streams", "demands", "disposals")))
    used = set(out["id"]) | set(into["id"])
    present = priced[priced["material"].isin(used)]
    tables["facilities"] = _facilities(sites[sites["permit"].isin(here)], known.activities, origin)
    tables["materials"] = present.assign(
        name=present["sepa_name"], unit="t", source="SEPA material names; class, state and hazard assumed"
    )[["material", "name", "unit", "hazardous", "state", "disposal_class", "note", "source"]]
    received = present[present["material"].isin(tables["demands"]["material"])]
    tables["substitutions"] = pd.DataFrame(
        {
            "from_material": received["material"],
            "to_material": received["material"],
            "ratio": 1.0,
            "cost_eur_per_unit": received["treatment_eur"].round(2),
            "note": "what treatment costs, or fetches, at the receiver",
            "source": received["treatment_source"],
        }
    )
    settings = {
        "price_year": assumed.price_year,
        "policy": {
            "landfill_tax_eur_per_t": {
                "inert": round(assumed.landfill_tax_inert_gbp_per_t * assumed.eur_per_gbp, 2),
                "non_hazardous": round(assumed.landfill_tax_gbp_per_t * assumed.eur_per_gbp, 2),
                "hazardous": round(assumed.landfill_tax_gbp_per_t * assumed.eur_per_gbp, 2),
            }
        },
        "reach": {"within_facility": False},
    }
    order = ("facilities", "materials", "streams", "demands", "disposals", "substitutions", "modes")
    return {name: tables[name].reset_index(drop=True) for name in order}, settings


SETUP = "assumed: five working days a year of one who costs 90,000 EUR (contract, duty-of-care papers, sampling)"


def organisations(operators: pd.Series[str]) -> pd.Series[str]:
    """
    Give one name to operators that differ only in case, punctuation or legal form.

    Parameters
    ----------
    operators
        Names as the register spells them.

    Returns
    -------
    names
        The commonest spelling of each (the first in the alphabet of equally common ones), "" where there is none.

    Examples
    --------
    >>> organisations(pd.Series(["NWH LTD", "NWH Limited.", "NWH LTD", "BARR & SONS", "BARR AND SONS LTD"])).tolist()
    ['NWH LTD', 'NWH LTD', 'NWH LTD', 'BARR & SONS', 'BARR & SONS']
    """
    tidy = operators.str.split().str.join(" ")
    key = (
        tidy.str.upper()
        .str.replace("&", " AND ")
        .str.replace(r"[^\w\s]", " ", regex=True)
        .str.replace(LEGAL_FORM, " ", regex=True)
    )
    key = key.str.split().str.join(" ").where(lambda text: text != "", tidy.str.upper())
    counted = pd.DataFrame({"key": key, "tidy": tidy}).value_counts().reset_index(name="times")
    best = counted.sort_values(["times", "tidy"], ascending=[False, True], kind="stable").drop_duplicates("key")
    return key.map(best.set_index("key")["tidy"])


def _read(name: str) -> pd.DataFrame:
    text = files("isopt.importers.sepa").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    table = pd.read_csv(StringIO(text), dtype=object, keep_default_na=False)
    for column in ("amount", "kgco2_per_t", "eur_per_tkm", "eur_per_t", "kgco2_per_tkm", "detour"):
        if column in table:
            table[column] = pd.to_numeric(table[column])
    if "hazardous" in table:
        table["hazardous"] = table["hazardous"] == "true"
    return table


def _fees(known: Lookups, assumed: Assumptions) -> pd.DataFrame:
    """Fees in EUR per tonne by kind, with a source that says how they were converted."""
    fees = known.fees.set_index("fee")
    pounds = fees["currency"] == "GBP"
    rate = f" x {assumed.eur_per_gbp:g} EUR/GBP, not indexed"
    return pd.DataFrame(
        {
            "eur": np.where(pounds, fees["amount"] * assumed.eur_per_gbp, fees["amount"]).round(2),
            "source": fees["source"] + np.where(pounds, fees["amount"].map("; {:g} GBP/t".format) + rate, ""),
        },
        index=fees.index,
    )


def _prices(known: Lookups, assumed: Assumptions) -> pd.DataFrame:
    """The table of materials with the price of treatment here and of the way out elsewhere, EUR/t and kg CO2/t."""
    table = known.materials.copy()
    fees = _fees(known, assumed)
    outlet = known.outlets.set_index("cell").loc[table["cell"]]
    liquid = table["state"].isin(["sludge", "liquid"]).to_numpy()
    mode = known.modes.set_index("mode").loc[np.where(liquid, "tanker", "truck")]
    haul = (mode["eur_per_t"] + mode["eur_per_tkm"] * assumed.elsewhere_km).to_numpy()
    landfilled = (table["elsewhere"] == "landfill").to_numpy()
    treatment = fees.loc[table["treatment_fee"]]
    landfill = fees.loc[outlet["fee"]]
    table["treatment_eur"] = treatment["eur"].to_numpy()
    table["treatment_source"] = treatment["source"].to_numpy()
    table["elsewhere_eur"] = (haul + np.where(landfilled, landfill["eur"], treatment["eur"])).round(2)
    transport = (mode["kgco2_per_tkm"] * assumed.elsewhere_km).to_numpy()
    table["elsewhere_kgco2"] = (transport + np.where(landfilled, outlet["kgco2_per_t"], 0.0)).round(3)
    table["elsewhere_route"] = np.where(landfilled, "landfill", "other")
    way = np.where(landfilled, "a landfill", "the same use or treatment")
    table["elsewhere_note"] = [
        f"last resort: {place} outside the selection, {assumed.elsewhere_km:g} km away" for place in way
    ]
    return table


def _streams(out: pd.DataFrame, year: int, origin: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stream": out["permit"] + "-" + out["id"],
            "facility": out["permit"],
            "material": out["id"],
            "supply_per_yr": out["tonnes"].round(6),
            "own_disposal_eur_per_unit": out["elsewhere_eur"],
            "own_disposal_kgco2_per_unit": out["elsewhere_kgco2"],
            "own_disposal_route": out["elsewhere_route"],
            "note": out["elsewhere_note"],
            "source": f"{origin}: out in {year}",
        }
    )


def _demands(into: pd.DataFrame, year: int, origin: str) -> pd.DataFrame:
    partly = (into["capacity"] < into["in"]).to_numpy()
    note = [
        f"{tonnes:,.2f} t came in" + (", the rest was passed on or not treated" if less else "")
        for tonnes, less in zip(into["in"], partly, strict=True)
    ]
    return pd.DataFrame(
        {
            "demand": into["permit"] + "-" + into["id"],
            "facility": into["permit"],
            "material": into["id"],
            "need_per_yr": into["capacity"].round(6),
            "must_meet": False,
            "note": note,
            "source": f"{origin}: in less out in {year}",
        }
    )


def _landfills(into: pd.DataFrame, known: Lookups, assumed: Assumptions, year: int, origin: str) -> pd.DataFrame:
    """One row per landfill and kind of waste, with the sum of what it took of it."""
    rows = into[into["role"] == "landfill"]
    return _outlets(
        rows.assign(outlet=rows["permit"] + "-landfill-" + rows["cell"]),
        "landfill",
        known,
        assumed,
        f"{origin}: in less out in {year}",
    )


def _incinerators(into: pd.DataFrame, known: Lookups, assumed: Assumptions, year: int, origin: str) -> pd.DataFrame:
    """One row per incinerator, with the sum of what it burnt."""
    rows = into[into["role"] == "incineration"]
    return _outlets(
        rows.assign(cell="incineration", outlet=rows["permit"] + "-incineration"),
        "incineration",
        known,
        assumed,
        f"{origin}: in less out in {year}",
    )


def _outlets(rows: pd.DataFrame, route: str, known: Lookups, assumed: Assumptions, source: str) -> pd.DataFrame:
    grouped = rows.groupby("outlet", sort=False)
    table = grouped.agg(
        facility=("permit", "first"),
        cell=("cell", "first"),
        accepts=("id", lambda ids: ";".join(sorted(ids))),
        capacity_per_yr=("capacity", "sum"),
    ).reset_index(names="disposal")
    outlet = known.outlets.set_index("cell").loc[table["cell"]]
    fee = _fees(known, assumed).loc[outlet["fee"]]
    return pd.DataFrame(
        {
            "disposal": table["disposal"],
            "facility": table["facility"],
            "route": route,
            "accepts": table["accepts"],
            "gate_fee_eur_per_unit": fee["eur"].to_numpy(),
            "kgco2_per_unit": outlet["kgco2_per_t"].to_numpy(),
            "capacity_per_yr": table["capacity_per_yr"].round(6),
            "note": (
                outlet["name"] + "; gate fee: " + fee["source"].to_numpy() + "; CO2: " + outlet["source"]
            ).to_numpy(),
            "source": source,
        }
    )


def _facilities(sites: pd.DataFrame, activities: pd.DataFrame, origin: str) -> pd.DataFrame:
    sector: Mapping[str, str] = dict(zip(activities["activity"], activities["sector"], strict=True))
    return pd.DataFrame(
        {
            "facility": sites["permit"],
            "name": sites["name"],
            "organisation": organisations(sites["operator"]),
            "sector": first_activity(sites, activities).map(sector).fillna(""),
            "lat": sites["lat"],
            "lon": sites["lon"],
            "country": "GB",
            "group": sites["region"],
            "note": sites["activities"] + sites["status"].map(lambda text: f" ({text.lower()})" if text else ""),
            "source": origin,
        }
    )
