"""Technologies, recipes, mixes and plants fit together."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import Problem, quoted

if TYPE_CHECKING:
    from isopt.scenario.checks.context import Context

__all__ = ["treatment_problems", "treatment_warnings"]

_ROUNDING = 1e-9
"""How far shares may add up from 1: three times 1/3 is not 1 in binary."""


def treatment_problems(found: Context) -> list[Problem]:
    """
    Return what is wrong with recipes, mixes and plants.

    Parameters
    ----------
    found
        The scenario.
    """
    return [*_recipes(found), *_input_units(found), *_lags(found), *_mixes(found), *_plants(found)]


def _recipes(found: Context) -> list[Problem]:
    inputs, outputs = found.texts("recipes", "input"), found.texts("recipes", "output")
    unsaid = np.isnan(found.levels.at("recipes", "yield")).any(axis=1)
    return [
        *found.say("recipes", (outputs != "") & unsaid, "yield", "is empty; an output needs one"),
        *found.say("recipes", (outputs == "") & (inputs == ""), "input", "and output are both empty"),
    ]


def _input_units(found: Context) -> list[Problem]:
    """Inputs of a technology are added up, so they share one unit."""
    units = dict(zip(found.texts("materials", "material"), found.texts("materials", "unit"), strict=True))
    first: dict[str, tuple[str, str]] = {}
    problems = []
    for line, (technology, material) in enumerate(
        zip(found.texts("recipes", "technology"), found.texts("recipes", "input"), strict=True)
    ):
        unit = units.get(material)
        if unit is None:
            continue
        other, expected = first.setdefault(technology, (material, unit))
        if unit != expected:
            message = (
                f"{quoted(material)} is measured in {unit} and {quoted(other)} in {expected}; "
                f"the inputs of {quoted(technology)} must share one unit"
            )
            problems.append(found.given["recipes"].problem(line, "input", message))
    return problems


def _lags(found: Context) -> list[Problem]:
    """A lagged output arises in the same season: each year of the horizon that it reaches has as many."""
    years = [int(year) for year in found.frames["periods"]["year"]]
    seasons = Counter(years)
    problems = []
    for line, lag in enumerate(found.frames["recipes"]["lag_yr"]):
        if not lag:
            continue
        for year in sorted(seasons):
            later = year + lag
            if later <= max(years) and seasons[later] != seasons[year]:
                there = seasons[later]
                way = f"{lag} leads from {year} with {_periods(seasons[year])} to {later} with {_periods(there)}"
                problem = found.given["recipes"].problem(line, "lag_yr", f"{way}; it needs the same season there")
                problems.append(problem)
                break
    return problems


def _periods(count: int) -> str:
    return {0: "none", 1: "one period"}.get(count, f"{count} periods")


def _inputs(found: Context) -> dict[str, list[str]]:
    """Return the inputs of each technology in the order of the recipes."""
    inputs: dict[str, list[str]] = defaultdict(list)
    for technology, material in zip(found.texts("recipes", "technology"), found.texts("recipes", "input"), strict=True):
        if material not in inputs[technology]:
            inputs[technology].append(material)
    return dict(inputs)


def _mixes(found: Context) -> list[Problem]:
    problems = []
    inputs = _inputs(found)
    technologies, materials = found.texts("mixes", "technology"), found.texts("mixes", "input")
    known = set(found.texts("technologies", "technology"))
    for line, (technology, material) in enumerate(zip(technologies, materials, strict=True)):
        if technology in known and material and material not in inputs.get(technology, ()):
            its = _listed(inputs.get(technology, []))
            message = f"{quoted(material)} is no input of {quoted(technology)}; its inputs are {its}"
            problems.append(found.given["mixes"].problem(line, "input", message))
    least = found.levels.at("mixes", "min_share")
    for technology in dict.fromkeys(technologies):
        lines = np.flatnonzero(technologies == technology)
        sums = least[lines].sum(axis=0)
        if (sums > 1 + _ROUNDING).any():
            when = found.when(sums > 1 + _ROUNDING)
            message = f"the least shares of {quoted(technology)} add up to {sums.max():.10g}, above 1{when}"
            problems.append(found.given["mixes"].problem(int(lines[-1]), "min_share", message))
    return problems


def _listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names if name) or "none"


def _plants(found: Context) -> list[Problem]:
    plants = found.frames["plants"]
    load = found.levels.at("plants", "min_load_share")
    unlimited = np.isnan(found.levels.at("plants", "capacity_per_yr")) & np.isnan(
        found.levels.at("plants", "max_capacity_per_yr")
    )
    loaded = np.asarray(((load > 0) & unlimited).any(axis=1))
    recipes = set(found.texts("recipes", "technology"))
    known = plants["technology"].isin(found.frames["technologies"]["technology"]).to_numpy()
    idle = known & ~plants["technology"].isin(recipes).to_numpy()
    problems = found.say(
        "plants", loaded, "min_load_share", "needs a capacity: fill capacity_per_yr or max_capacity_per_yr"
    )
    for line in np.flatnonzero(idle):
        message = f"{quoted(plants['technology'].iloc[line])} has no recipe in {found.given['recipes'].file}"
        problems.append(found.given["plants"].problem(int(line), "technology", message))
    return problems


def treatment_warnings(found: Context) -> list[Problem]:
    """
    Return what looks wrong about mixes and plants: shares that fill no plant, years outside the horizon, odd owners.

    Parameters
    ----------
    found
        The scenario.
    """
    warnings = []
    technologies, materials = found.texts("mixes", "technology"), found.texts("mixes", "input")
    most = found.levels.at("mixes", "max_share")
    for technology, inputs in _inputs(found).items():
        lines = np.flatnonzero(technologies == technology)
        if set(inputs) <= set(materials[lines]) and (most[lines].sum(axis=0) < 1 - _ROUNDING).any():
            total = most[lines].sum(axis=0).min()
            message = f"the largest shares of {quoted(technology)} add up to {total:.10g}, below 1: it can't run"
            warnings.append(found.given["mixes"].problem(int(lines[-1]), "max_share", message))
    plants, years = found.frames["plants"], found.frames["periods"]["year"].to_numpy()
    candidate = (plants["status"] == "candidate").to_numpy()
    late = np.asarray(plants["build_from"].to_numpy() > years.max())
    early = np.asarray(plants["build_until"].to_numpy() < years.min())
    owned = found.given["plants"].frame["owner"]
    unknown = (owned != "").to_numpy() & ~owned.isin(found.frames["facilities"]["organisation"]).to_numpy()
    return [
        *warnings,
        *found.say(
            "plants", candidate & late, "build_from", f"lies after the last year {years.max()}: it is never built"
        ),
        *found.say(
            "plants", candidate & early, "build_until", f"lies before the first year {years.min()}: it is never built"
        ),
        *found.say("plants", unknown, "owner", "is the organisation of no facility"),
    ]
