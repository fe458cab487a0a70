"""Scenario tables from the register's sites and flows, and from prices that it does not hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from isopt.importers.sepa.prices import lookups, modes, outlets, priced_materials
from isopt.importers.sepa.roles import first_activity
from isopt.knowledge import landfill_tax

if TYPE_CHECKING:
    from isopt.importers.sepa.prices import Assumptions

__all__ = ["TAXED", "build", "organisations"]

LEGAL_FORM = re.compile(r"\b(LIMITED|LTD|PLC|LLP|LTP|INC|COMPANY|CO)\b")
TAXED = ("inert", "non_hazardous", "hazardous")
"""Classes with a landfill tax; the British lower rate is that of the inert one."""


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
    priced = priced_materials(assumed)
    known = priced.rename(columns={"material": "id"}).drop(columns=["category", "note"])
    out = flows[flows["direction"] == "out"].merge(known, left_on="material", right_on="sepa_name")
    into = taken[taken["capacity"] > 0].merge(known, left_on="material", right_on="sepa_name")
    ended = f"{origin}: in less out in {year}"
    disposals = [_disposals(into, role, assumed, ended) for role in ("landfill", "incineration")]
    tables = {
        "streams": _streams(out, f"{origin}: out in {year}"),
        "demands": _demands(into[into["role"] == "receiver"], ended),
        "disposals": pd.concat(disposals, ignore_index=True),
        "modes": modes(assumed),
    }
    here = set().union(*(set(tables[name]["facility"]) for name in ("streams", "demands", "disposals")))
    present = priced[priced["material"].isin(set(out["id"]) | set(into["id"]))]
    tables["facilities"] = _facilities(sites[sites["permit"].isin(here)], origin)
    tables["materials"] = _materials(present)
    tables["substitutions"] = _treatments(present[present["material"].isin(tables["demands"]["material"])])
    tax = {name: landfill_tax("GB", name, assumed.price_year).value for name in TAXED}
    settings = {
        "price_year": assumed.price_year,
        "policy": {"landfill_tax_eur_per_t": tax},
        "reach": {"within_facility": False},
    }
    order = ("facilities", "materials", "streams", "demands", "disposals", "substitutions", "modes")
    return {name: tables[name].reset_index(drop=True) for name in order}, settings


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


def _streams(out: pd.DataFrame, source: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stream": out["permit"] + "-" + out["id"],
            "facility": out["permit"],
            "material": out["id"],
            "supply_per_yr": out["tonnes"].round(6),
            "own_disposal_eur_per_unit": out["elsewhere_eur"],
            "own_disposal_kgco2_per_unit": out["elsewhere_kgco2"],
            "own_disposal_route": out["elsewhere_route"],
            "price_eur_per_unit": 0.0 - out["treatment_eur"],  # the sender pays the fee; 0.0 - 0 is no negative zero
            "note": out["elsewhere_note"],
            "source": source,
        }
    )


def _demands(into: pd.DataFrame, source: str) -> pd.DataFrame:
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
            "source": source,
        }
    )


def _disposals(into: pd.DataFrame, role: str, assumed: Assumptions, source: str) -> pd.DataFrame:
    """One row per landfill and kind of waste, or per incinerator, with the sum of what it took."""
    rows = into[into["role"] == role]
    if role == "landfill":
        rows = rows.assign(disposal=rows["permit"] + "-landfill-" + rows["cell"])
    else:
        rows = rows.assign(disposal=rows["permit"] + "-" + role, cell=role)
    table = (
        rows.groupby("disposal", sort=False)
        .agg(
            facility=("permit", "first"),
            cell=("cell", "first"),
            accepts=("id", lambda ids: ";".join(sorted(ids))),
            capacity_per_yr=("capacity", "sum"),
        )
        .reset_index()
    )
    outlet = outlets(assumed.price_year).loc[table["cell"]]
    return pd.DataFrame(
        {
            "disposal": table["disposal"],
            "facility": table["facility"],
            "route": role,
            "accepts": table["accepts"],
            "gate_fee_eur_per_unit": outlet["gate_fee"].to_numpy(),
            "kgco2_per_unit": outlet["kgco2"].to_numpy(),
            "capacity_per_yr": table["capacity_per_yr"].round(6),
            "note": outlet["note"].to_numpy(),
            "source": source,
        }
    )


def _materials(present: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "material": present["material"],
            "name": present["sepa_name"],
            "unit": "t",
            "hazardous": present["hazardous"] == "true",
            "state": present["state"],
            "disposal_class": present["disposal_class"],
            "note": present["note"],
            "source": "SEPA material names (EWC-Stat); state, class and hazard assumed",
        }
    )


def _treatments(received: pd.DataFrame) -> pd.DataFrame:
    """A row of each material with itself carries the cost of treating it."""
    return pd.DataFrame(
        {
            "from_material": received["material"],
            "to_material": received["material"],
            "ratio": 1.0,
            "cost_eur_per_unit": received["treatment_eur"],
            "note": "what treatment at the receiver costs (negative: fetches)",
            "source": received["treatment_source"],
        }
    )


def _facilities(sites: pd.DataFrame, origin: str) -> pd.DataFrame:
    activities = lookups().activities
    sector = dict(zip(activities["activity"], activities["sector"], strict=True))
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
