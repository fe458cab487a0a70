"""The README of an imported folder: what it holds, what it assumes, what it leaves out."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from isopt.importers.report import markdown
from isopt.importers.sepa.prices import fees, lookups, modes, outlets
from isopt.importers.sepa.tables import TAXED
from isopt.knowledge import citation, landfill_tax, transport_factor

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from isopt.importers.sepa.files import Box, Register
    from isopt.importers.sepa.prices import Assumptions
    from isopt.scenario import Scenario

__all__ = ["readme"]

NAMED = 40
"""Sites named in the README under one reason; more of them stand in the list of what was left."""


def readme(
    scenario: Scenario,
    register: Register,
    taken: pd.DataFrame,
    left: pd.DataFrame,
    assumed: Assumptions,
    *,
    year: int,
    bbox: Box | None,
    regions: Collection[str],
) -> str:
    """
    Write down what the scenario holds, assumes and leaves out.

    Parameters
    ----------
    scenario
        As imported.
    register
        The sites and flows it was made of.
    taken
        What each site takes, by material and role.
    left
        What is not in it.
    assumed
        The numbers that the register doesn't hold.
    year
        Year of the flows.
    bbox
        The box, or None.
    regions
        The regions, or none.

    Returns
    -------
    text
        In Markdown.
    """
    tables = scenario.tables
    known = lookups()
    used = known.materials[known.materials["material"].isin(tables["materials"]["material"])]
    elsewhere = used[used["elsewhere"] == "landfill"]["sepa_name"].str.lower()
    summary = (
        left.groupby(["reason", "file"], sort=False).agg(rows=("rows", "sum"), tonnes=("tonnes", "sum")).reset_index()
    )
    text = files("isopt.importers.sepa").joinpath("readme.md").read_text(encoding="utf-8")
    return text.format(
        title=scenario.title,
        facilities=f"{len(tables['facilities']):,}",
        organisations=f"{tables['facilities']['organisation'].nunique():,}",
        streams=f"{len(tables['streams']):,}",
        supply=tables["streams"]["supply_per_yr"].sum(),
        demands=f"{len(tables['demands']):,}",
        need=tables["demands"]["need_per_yr"].sum(),
        disposals=f"{len(tables['disposals']):,}",
        room=tables["disposals"]["capacity_per_yr"].sum(),
        sites_file=register.files[0],
        flows_file=register.files[1],
        selection=_selection(bbox, regions),
        year=year,
        site_years=", ".join(map(str, sorted(set(register.sites["year"])))),
        receivers=", ".join(known.activities.loc[known.activities["role"] == "receiver", "activity"].str.lower()),
        tax=", ".join(
            f"{name} {rate:g} EUR/t" for name, rate in scenario.settings.policy.landfill_tax_eur_per_t.items()
        ),
        price_year=assumed.price_year,
        inert=_words(used[used["disposal_class"] == "inert"]["sepa_name"].str.lower()),
        traded=_words(used[used["treatment_fee"] == "none"]["sepa_name"].str.lower()),
        haulage=_haulage(modes(assumed)),
        max_km=assumed.max_km,
        setup=assumed.setup_eur_per_yr,
        elsewhere_km=assumed.elsewhere_km,
        elsewhere=_words(elsewhere),
        fees=markdown(_fees(assumed)),
        sources=_sources(assumed),
        balance=markdown(_balance(taken)),
        left=markdown(summary),
        names=_names(left),
    )


def _fees(assumed: Assumptions) -> pd.DataFrame:
    """What each treatment and outlet costs, and the source in words."""
    priced = fees(assumed.price_year).reset_index()[["fee", "eur", "source"]]
    return priced.assign(eur=priced["eur"].map("{:.2f}".format)).rename(columns={"eur": "EUR/t"})


def _haulage(way: pd.DataFrame) -> str:
    """Rates in words."""
    return "; ".join(
        f"{mode} ({states.replace(';', ', ')}): {ends:g} EUR/t + {rate:g} EUR/tkm, {emission:g} kg CO2/tkm"
        for mode, states, ends, rate, emission in zip(
            way["mode"], way["states"], way["eur_per_t"], way["eur_per_tkm"], way["kgco2_per_tkm"], strict=True
        )
    )


def _sources(assumed: Assumptions) -> str:
    """The references behind the keys in the notes."""
    keys = {*fees(assumed.price_year)["cited"], *outlets(assumed.price_year)["cited"]}
    keys |= {landfill_tax("GB", name, assumed.price_year).source for name in TAXED}
    keys |= {
        transport_factor(rate, what).source
        for rate in lookups().modes["rate"]
        for what in ("eur_per_tkm", "kgco2_per_tkm")
    }
    return "\n".join(f"- `{key}`: {citation(key)}" for key in sorted(keys - {""}))


def _balance(taken: pd.DataFrame) -> pd.DataFrame:
    """Tonnes by material: out, in, and what of the inflow is capacity in which role."""
    by_role = taken.pivot_table(index="material", columns="role", values="capacity", aggfunc="sum")
    table = taken.groupby("material").agg(out=("out", "sum"), came=("in", "sum")).join(by_role).reset_index()
    columns = {
        "material": "material",
        "out": "streams, t",
        "came": "came in, t",
        "receiver": "demands, t",
        "incineration": "incineration, t",
        "landfill": "landfill, t",
    }
    return table.reindex(columns=list(columns)).fillna(0.0).rename(columns=columns)


def _names(left: pd.DataFrame) -> str:
    """Name the sites behind the reasons that ask for somebody's attention, unless there are too many to read."""
    dull = "outside the selection|passed on|not treated|farther in year"
    named = left[(left["permit"] != "") & ~left["reason"].str.contains(dull)]
    parts = []
    for reason, rows in named.groupby("reason", sort=False):
        sites = rows.drop_duplicates("permit")
        words = [f"{permit} {name}".strip() for permit, name in zip(sites["permit"], sites["name"], strict=True)]
        if len(words) <= NAMED:
            parts.append(f"**{reason}** ({len(words)}): {'; '.join(words)}\n")
    return "\n".join(parts)


def _selection(bbox: Box | None, regions: Collection[str]) -> str:
    parts = []
    if bbox is not None:
        parts.append(f"within {bbox[0]:g} to {bbox[2]:g} N, {bbox[1]:g} to {bbox[3]:g} E")
    if regions:
        parts.append("in " + ", ".join(regions))
    return "" if not parts else ": sites " + " and ".join(parts)


def _words(names: pd.Series[str]) -> str:
    return "; ".join(names) if len(names) else "none"
