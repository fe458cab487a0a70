"""What may go through a terminal: what has a mass, is sent by somebody, and may be mixed there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from isopt.errors import InputError, did_you_mean, quoted
from isopt.network.matching import sector_matches
from isopt.scenario import Scenario
from isopt.waste import has_prefix

__all__ = ["hub_materials"]


def hub_materials(scenario: Scenario, states: Sequence[str], wanted: Sequence[str] | None = None) -> list[str]:
    """
    Name the materials that may pass a hub, in the order of their table.

    Parameters
    ----------
    scenario
        A checked scenario.
    states
        What the mode carries.
    wanted
        The user's own choice; what can't pass at all is then an error. Without it, also what is perishable and what a
        rule treats by the sector of its supplier stays out.

    Raises
    ------
    InputError
        A material that is wanted is unknown, has no mass, is not carried by the mode, or goes to a receiver with a
        limit on a quality.
    """
    table = scenario.materials
    mass = np.where(table["unit"] == "t", 1.0, table["t_per_unit"].to_numpy(dtype=np.float64))
    reasons = {
        "has no mass": set(table.loc[~(mass > 0), "material"]),
        "is in a state that the mode does not carry": set(
            table.loc[(table["state"] != "") & ~table["state"].isin(list(states)), "material"]
        ),
        "goes to a receiver with a limit on a quality, which is unknown behind a terminal": _limited(scenario),
    }
    if wanted is not None:
        for material in wanted:
            if material not in set(table["material"]):
                raise InputError(f"{quoted(material)} is not in materials{did_you_mean(material, table['material'])}")
            for reason, affected in reasons.items():
                if material in affected:
                    raise InputError(f"{quoted(material)} can't go through a terminal: it {reason}")
        return [material for material in table["material"] if material in set(wanted)]
    out = set().union(*reasons.values(), _known_by_sector(scenario))
    out |= set(table.loc[table["max_haul_h"].notna(), "material"])
    sent = {*scenario.streams["material"], *scenario.recipes["output"]}
    return [material for material in table["material"] if material in sent and material not in out]


def _limited(scenario: Scenario) -> set[str]:
    """Materials that could reach a demand or a technology whose blend is limited."""
    limits = scenario.quality_limits
    limited = set(scenario.demands.loc[scenario.demands["demand"].isin(limits["demand"]), "material"])
    subs = scenario.substitutions
    found = limited | set(subs.loc[subs["to_material"].isin(limited), "from_material"])
    of_technology = limits[limits["technology"] != ""]
    whole = set(of_technology.loc[of_technology["input"] == "", "technology"])
    found |= set(of_technology["input"]) | set(
        scenario.recipes.loc[scenario.recipes["technology"].isin(whole), "input"]
    )
    return found - {""}


def _known_by_sector(scenario: Scenario) -> set[str]:
    """Materials that arise in a sector for which a rule forbids something or asks for a permit."""
    found: set[str] = set()
    rules = scenario.rules
    rules = rules[(rules["from_sector"] != "") & (~rules["allowed"].astype(bool) | (rules["permit_eur_per_yr"] != 0))]
    codes = dict(zip(scenario.materials["material"], scenario.materials["ewc"], strict=True))
    made = scenario.plants[["facility", "technology"]].merge(
        scenario.recipes[["technology", "output"]], on="technology"
    )
    facility = [*scenario.streams["facility"], *made["facility"]]
    material = [*scenario.streams["material"], *made["output"]]
    for rule in rules.to_dict("records"):
        at = scenario.facilities["sector"]
        inside = set(scenario.facilities.loc[sector_matches(at, (rule["from_sector"],)), "facility"])
        for place, what in zip(facility, material, strict=True):
            named = (
                not rule["material"] or what == rule["material"] or has_prefix(codes.get(what, ""), rule["material"])
            )
            if place in inside and named:
                found.add(what)
    return found
