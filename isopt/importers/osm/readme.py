"""The README of a folder made of OpenStreetMap: what it holds, what it assumes, what is missing."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pandas as pd

from isopt.importers.osm.features import kinds
from isopt.importers.osm.tables import landfill_fee, landfill_taxes
from isopt.importers.report import markdown
from isopt.knowledge import citation

__all__ = ["readme"]


def readme(
    sites: pd.DataFrame,
    disposals: pd.DataFrame,
    left: pd.DataFrame,
    *,
    title: str,
    origin: str,
    country: str,
    price_year: int,
) -> str:
    """
    Write down what a folder holds, assumes and lacks.

    Parameters
    ----------
    sites
        What was taken.
    disposals
        The table of that name.
    left
        What was not taken.
    title
        Of the scenario.
    origin
        File, place or box, in words.
    country
        Two letters of the country in which most sites lie, whose landfill tax is in ``scenario.toml``; "": none.
    price_year
        Price level.

    Returns
    -------
    text
        In Markdown.
    """
    summary = left.groupby("reason", sort=False).agg(things=("rows", "sum")).reset_index()
    summary["reason"] = summary["reason"].str.replace(r"^the same as .*", "on the map twice", regex=True)
    summary = summary.groupby("reason", sort=False)["things"].sum().reset_index()
    countries = Counter(map(str, sites["country"])).most_common()
    text = files("isopt.importers.osm").joinpath("readme.md").read_text(encoding="utf-8")
    return text.format(
        title=_plain(title),
        count=f"{len(sites):,}",
        origin=_plain(origin),
        sites=markdown(_by_kind(sites)),
        operators=f"{int((sites['organisation'] != '').sum()):,} of {len(sites):,} sites have one",
        countries=", ".join(f"{code or 'unknown'} {times:,}" for code, times in countries),
        sectors=f"{int((sites['sector'] != '').sum()):,} of {len(sites):,} sites have one",
        disposals=f"{len(disposals):,}",
        price_year=price_year,
        tax=_tax(country, price_year),
        left=markdown(summary),
        sources=_sources(sites, country, price_year),
    )


def _by_kind(sites: pd.DataFrame) -> pd.DataFrame:
    """Count sites by kind, with the tags that make one."""
    tags: dict[str, list[str]] = {}
    for row in kinds().to_dict("records"):
        also = f", {row['also_key']}={row['also_value']}" if row["also_key"] else ""
        tags.setdefault(row["kind"], []).append(f"`{row['key']}={row['value']}{also}`")
    labels = dict(zip(kinds()["kind"], kinds()["label"], strict=True))
    counted = sites["kind"].value_counts()
    rows = [(labels[kind], " or ".join(words), int(counted.get(kind, 0))) for kind, words in tags.items()]
    return pd.DataFrame(rows, columns=["kind", "tags", "sites"])


def _tax(country: str, price_year: int) -> str:
    taxes = landfill_taxes(country, price_year)
    if not taxes:
        where = country or "this region"
        return f"isopt knows no landfill tax of {where} for {price_year}: none is set in `scenario.toml`."
    rates = ", ".join(f"{cls} {factor.value:g}" for cls, factor in taxes.items())
    return f"The landfill tax in `scenario.toml` is that of {country} in {price_year}, EUR/t: {rates}."


def _sources(sites: pd.DataFrame, country: str, price_year: int) -> str:
    fills = sites[sites["kind"] == "landfill"]
    keys = {landfill_fee(code, price_year)[0].source for code in fills["country"]}
    keys |= {factor.source for factor in landfill_taxes(country, price_year).values()}
    lines = [f"- `{key}`: {citation(key)}" for key in sorted(keys)]
    return "\n".join(["- Sites: OpenStreetMap contributors, https://www.openstreetmap.org", *lines])


def _plain(text: str) -> str:
    """Make text harmless in Markdown."""
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "\\|").replace("`", "'")
