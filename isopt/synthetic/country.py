"""A synthetic country as a scenario, and as a folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.geo.gazetteer import ATTRIBUTION
from isopt.scenario import Scenario, write
from isopt.scenario.write import write_text
from isopt.synthetic.carriage import links_of, modes_of, rules_of
from isopt.synthetic.catalogue import PRICE_YEAR, Catalogue, catalogue, methane, priced, rates, taxes
from isopt.synthetic.dials import EXTRAS, VERSION, Dials
from isopt.synthetic.firms import demands_of, places_of, streams_of
from isopt.synthetic.ground import Ground
from isopt.synthetic.works import disposals_of, plants_of

__all__ = ["country_tables", "new_synthetic", "synthetic_country"]

_NEAREST, _MAX_KM = 22, 150.0
"""Receivers in reach of each stream and mode; 15,000 firms then have about half a million candidate links."""
_README = "README.md"

Tables = dict[str, pd.DataFrame]


def synthetic_country(
    firms: int,
    *,
    country: str = "GB",
    regime: str = "rich",
    seed: int = 1,
    severity: float = 0.5,
    extras: Collection[str] = (),
) -> Scenario:
    """
    Return a made-up national scenario: real towns, invented firms, cited prices; the same dials give the same one.

    Parameters
    ----------
    firms
        Facilities with streams or needs, 10 to 60,000; sites of plants and disposals come on top.
    country
        Two letters, or a name.
    regime
        rich (many exchanges pay) or lean (few do: small amounts, cheap untaxed landfill, dearer set-up, larger lots).
    seed
        Of the random numbers.
    severity
        0 to 1: how much set-up cost, lots, least loads and capital bite.
    extras
        trips (tankers paid by the whole trip), seasons (winter and summer).

    Returns
    -------
    scenario
        Checked.

    Raises
    ------
    InputError
        A dial is outside its range, or the gazetteer has no towns of the country.

    Examples
    --------
    >>> small = synthetic_country(40, country="DK", seed=3)
    >>> len(small.tables["facilities"]) > 40, small.title
    (True, 'Synthetic Denmark: 40 firms, rich, seed 3')
    """
    dials = Dials(firms, country, regime, seed, severity, tuple(extras))
    tables, settings = country_tables(dials)
    return Scenario.of(tables, settings=settings, name=f"synthetic-{dials.code.lower()}-{firms}")


def country_tables(dials: Dials) -> tuple[Tables, dict[str, Any]]:
    """
    Make the tables of a country, as :meth:`isopt.scenario.Scenario.of` takes them.

    Parameters
    ----------
    dials
        What it is made of.

    Returns
    -------
    tables, settings
        Rows, and the content of ``scenario.toml``.
    """
    rng = np.random.default_rng([VERSION, dials.seed, dials.firms])
    known, haul = catalogue(), rates(dials)
    ground = Ground(dials.code, rng)
    firms = places_of(dials, known, ground, rng)
    streams = streams_of(firms, known, dials, haul, rng)
    demands = demands_of(firms, known, dials, streams, rng)
    plants = plants_of(dials, known, ground, firms, streams, rng)
    outlets = disposals_of(dials, ground, rng)
    tables: Tables = {
        "facilities": pd.concat([firms.table, plants.facilities, outlets.facilities], ignore_index=True),
        "streams": streams.drop(columns="firm"),
        "demands": pd.concat([demands.drop(columns="firm"), plants.demands], ignore_index=True),
        "disposals": pd.concat([plants.disposals, outlets.disposals], ignore_index=True),
        "plants": plants.plants,
        "modes": modes_of(dials, haul),
        "rules": rules_of(dials),
        **_knowledge_tables(known),
    }
    tables["links"] = links_of(tables, dials, rng)
    if "seasons" in dials.extras:
        tables |= _seasons(tables)
    settings: dict[str, Any] = {
        "title": dials.title,
        "price_year": PRICE_YEAR,
        "policy": {"landfill_tax_eur_per_t": taxes(dials), "carbon_price_eur_per_t": haul["carbon"]},
        "reach": {"max_km": _MAX_KM, "nearest": _NEAREST},
    }
    if not settings["policy"]["landfill_tax_eur_per_t"]:
        del settings["policy"]["landfill_tax_eur_per_t"]
    return {name: _clean(frame) for name, frame in tables.items() if len(frame)}, settings


def new_synthetic(folder: str | Path, dials: Dials) -> Path:
    """
    Write a synthetic country as a scenario folder whose README says that, how and from what it was made.

    Parameters
    ----------
    folder
        Folder to make.
    dials
        What it is made of.

    Returns
    -------
    folder
        The folder.

    Raises
    ------
    InputError
        There is something at that place already; nothing is overwritten.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already, and nothing is overwritten; give another folder")
    scenario = synthetic_country(**asdict(dials))
    write(scenario, target)
    write_text(target / _README, _readme(scenario, dials))
    return target


def _knowledge_tables(known: Catalogue) -> Tables:
    """Materials, uses and technologies, in the columns of the contract."""
    kinds, recipes, uses = known.technologies, known.recipes, known.uses
    feedstock = recipes["feedstock"].to_numpy(object)
    yields = [methane(one) if one else share for one, share in zip(feedstock, recipes["yield"], strict=True)]
    opex = {
        str(row["technology"]): priced(str(row["opex_from"])) * float(row["opex_factor"]) for _, row in kinds.iterrows()
    }
    shares = recipes.dropna(subset=["max_share"])
    return {
        "materials": known.materials[
            [
                "material",
                "name",
                "unit",
                "t_per_unit",
                "ewc",
                "hazardous",
                "state",
                "disposal_class",
                "max_haul_h",
                "note",
            ]
        ].copy(),
        "substitutions": pd.DataFrame(
            {
                "from_material": uses["from_material"],
                "to_material": uses["to_material"],
                "ratio": uses["ratio"],
                "max_share": uses["max_share"],
                "cost_eur_per_unit": uses["cost_technology"].map(opex).fillna(0.0),
                "sectors": uses["sectors"],
                "note": [
                    " ".join(filter(None, (f"rule {rule};", note))).rstrip(";")
                    for rule, note in zip(uses["rule"], uses["note"], strict=True)
                ],
            }
        ),
        "technologies": pd.DataFrame(
            {
                "technology": kinds["technology"],
                "name": kinds["name"],
                "opex_eur_per_unit": kinds["technology"].map(opex).round(3),
                "life_yr": kinds["life_yr"],
                "maturity": kinds["maturity"],
                "note": kinds["note"],
            }
        ),
        "recipes": recipes[["technology", "input", "output"]].assign(**{"yield": yields}),
        "mixes": shares.loc[shares["max_share"] < 1, ["technology", "input", "max_share"]],
    }


def _seasons(tables: Tables) -> Tables:
    """A winter and a summer of half a year each; district heating needs four fifths of its fuel in winter."""
    heating = tables["facilities"].loc[tables["facilities"]["sector"] == "35.30", "facility"]
    rows = tables["demands"].loc[tables["demands"]["facility"].isin(heating), "demand"].tolist()
    changes = [
        {"table": "demands", "id": one, "column": "need_per_yr", "period": period, "factor": factor, "onward": "false"}
        for one in rows
        for period, factor in (("winter", 1.6), ("summer", 0.4))
    ]
    periods = pd.DataFrame({"period": ["winter", "summer"], "year": PRICE_YEAR, "share_of_year": 0.5})
    return {"periods": periods, "changes": pd.DataFrame(changes)}


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Empty cells are empty in text columns too."""
    text = [name for name in frame.columns if frame[name].dtype == object or frame[name].dtype == "str"]
    return frame.assign(**{name: frame[name].fillna("") for name in text})


def _readme(scenario: Scenario, dials: Dials) -> str:
    text = files("isopt.synthetic").joinpath("readme.md").read_text(encoding="utf-8")
    known = catalogue()
    assumed = known.materials.loc[known.materials["price"].str.startswith("="), "name"]
    rows = {name: len(table) for name, table in scenario.tables.items() if len(table)}
    return text.format(
        title=scenario.title,
        command=f"isopt new --synthetic {dials.firms} --country {dials.code} --regime {dials.regime} "
        f"--seed {dials.seed} --severity {dials.severity:g}" + "".join(f" --extra {one}" for one in dials.extras),
        version=VERSION,
        rows="\n".join(f"| {name} | {count:,} |" for name, count in rows.items()),
        extras="; ".join(f"{one}: {EXTRAS[one]}" for one in dials.extras) or "none",
        seed=dials.seed,
        severity=f"{dials.severity:g}",
        regime=dials.regime,
        price_year=PRICE_YEAR,
        assumed=", ".join(assumed),
        attribution=ATTRIBUTION,
    )
