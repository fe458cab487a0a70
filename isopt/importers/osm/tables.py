"""Tables of a scenario from sites: facilities, landfills as ways to disposal, and their prices."""

from __future__ import annotations

import pandas as pd

from isopt.errors import InputError
from isopt.knowledge import gate_fee, landfill_tax
from isopt.knowledge.factor import Factor

__all__ = ["disposals", "facilities", "landfill_fee", "landfill_taxes"]

SOURCE = "OpenStreetMap contributors (ODbL)"
_TREATMENTS = ("landfill_non_hazardous", "landfill")
_PLANNING = ("EU", "landfill_planning_range")
_CLASSES = ("inert", "non_hazardous", "hazardous")
_ACCEPTS = {"hazardous": "hazardous", "hazardous_waste": "hazardous", "inert": "inert", "inert_waste": "inert"}
"""What a landfill takes, by its tag ``landfill:waste``; others take everything."""


def facilities(sites: pd.DataFrame, source: str = SOURCE) -> pd.DataFrame:
    """
    Lay sites out as the table ``facilities``.

    Parameters
    ----------
    sites
        From :func:`isopt.importers.osm.sites.sites_of`.
    source
        What stands in the column ``source``.
    """
    columns = ("name", "organisation", "sector", "lat", "lon", "address", "postcode", "city", "country")
    table = pd.DataFrame({"facility": sites["id"], **{name: sites[name] for name in columns}})
    return table.assign(group=sites["label"], note=sites["note"], source=source)


def disposals(sites: pd.DataFrame, price_year: int) -> pd.DataFrame:
    """
    Make a way to disposal of each landfill, at the gate fee of its country.

    Parameters
    ----------
    sites
        From :func:`isopt.importers.osm.sites.sites_of`.
    price_year
        Price level of the fees.
    """
    fills = sites[sites["kind"] == "landfill"].reset_index(drop=True)
    fees = [landfill_fee(country, price_year) for country in fills["country"]]
    assumed = [
        f"gate fee without tax, {'assumed: ' if fee.assumed or foreign else ''}{fee.note}" for fee, foreign in fees
    ]
    return pd.DataFrame(
        {
            "disposal": fills["id"],
            "facility": fills["id"],
            "route": "landfill",
            "accepts": fills["waste"].map(_ACCEPTS).fillna(""),
            "gate_fee_eur_per_unit": [round(fee.value, 2) for fee, _ in fees],
            "note": pd.Series(assumed, dtype=object),
            "source": pd.Series([f"{SOURCE}; gate fee: {fee.source}" for fee, _ in fees], dtype=object),
        }
    )


def landfill_fee(country: str, price_year: int) -> tuple[Factor, bool]:
    """
    Return what a landfill charges per tonne without tax, and whether that is not the country's own figure.

    Parameters
    ----------
    country
        Two letters, or "" where it isn't known.
    price_year
        Price level wanted.

    Examples
    --------
    >>> fee, foreign = landfill_fee("GB", 2025)
    >>> fee.source, foreign
    ('wrap_2013', False)
    >>> landfill_fee("DK", 2025)[1]
    True
    """
    for treatment in _TREATMENTS:
        try:
            return gate_fee(country, treatment, price_year=price_year), False
        except InputError:
            continue
    return gate_fee(*_PLANNING, price_year=price_year), True


def landfill_taxes(country: str, year: int) -> dict[str, Factor]:
    """
    Return the landfill taxes of a country that isopt knows for a year, by disposal class.

    Parameters
    ----------
    country
        Two letters, or "".
    year
        Calendar year.

    Examples
    --------
    >>> landfill_taxes("GB", 2025)["inert"].unit
    'EUR/t'
    >>> landfill_taxes("", 2025)
    {}
    """
    known = {}
    for cls in _CLASSES:
        try:
            known[cls] = landfill_tax(country, cls, year)
        except InputError:
            continue
    return known
