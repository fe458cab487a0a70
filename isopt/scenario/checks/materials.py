"""Units, waste codes and what is accepted where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from isopt import waste
from isopt.errors import Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from isopt.scenario.checks.context import Context, Flags

__all__ = ["material_problems", "material_warnings"]

_CLASSES = ("inert", "non_hazardous", "hazardous", "none")
_NEVER_LANDFILLED = {"gas", "heat", "power"}


def material_problems(found: Context) -> list[Problem]:
    """
    Return what is wrong with units, accepted materials and rules about materials.

    Parameters
    ----------
    found
        The scenario.
    """
    return [*_masses(found), *_units(found), *_accepted(found), *_ruled(found)]


def _masses(found: Context) -> list[Problem]:
    mass = found.frames["materials"]["t_per_unit"].to_numpy()
    wrong = (found.texts("materials", "unit") == "t") & ~np.isnan(mass) & (mass != 1)
    return found.say("materials", wrong, "t_per_unit", "must be 1, or empty, for a material measured in t")


def _units(found: Context) -> list[Problem]:
    """A unit beside an amount must be that of its material."""
    problems = []
    units = dict(zip(found.texts("materials", "material"), found.texts("materials", "unit"), strict=True))
    for table in ("streams", "demands"):
        frame = found.frames[table]
        for line, (material, unit) in enumerate(zip(frame["material"], frame["unit"], strict=True)):
            known = units.get(material, unit)
            if unit != known:
                message = f"{unit} is not the unit of {quoted(material)}, which is measured in {known}"
                problems.append(found.given[table].problem(line, "unit", message))
    return problems


def _accepted(found: Context) -> list[Problem]:
    ids = set(found.texts("materials", "material"))
    problems = []
    for line, accepts in enumerate(found.frames["disposals"]["accepts"]):
        for entry in accepts:
            if entry not in ids and entry not in _CLASSES and not waste.is_prefix(entry):
                message = f"{quoted(entry)} is no material, List of Waste code or disposal class"
                ending = _likely(entry, [*ids, *_CLASSES])
                problems.append(found.given["disposals"].problem(line, "accepts", message + ending))
    return problems


def _ruled(found: Context) -> list[Problem]:
    ids = set(found.texts("materials", "material"))
    problems = []
    for line, entry in enumerate(found.frames["rules"]["material"]):
        if entry and entry not in ids and not waste.is_prefix(entry):
            message = f"{quoted(entry)} is no material and no List of Waste code{_likely(entry, list(ids))}"
            problems.append(found.given["rules"].problem(line, "material", message))
    return problems


def _likely(entry: str, names: list[str]) -> str:
    """Return the end of a message that names the likely material, class or code."""
    if "," in entry:
        return "; separate several by ;"
    ending = did_you_mean(entry, names)
    if ending:
        return ending
    code = waste.suggest(entry)
    return f"; did you mean {quoted(code)}?" if code else ""


def material_warnings(found: Context) -> list[Problem]:
    """
    Return what looks wrong about materials: no class where one may be landfilled, a hazardous code denied, no use.

    Parameters
    ----------
    found
        The scenario.
    """
    materials = found.frames["materials"]
    landfilled = _landfilled(found) & (materials["disposal_class"] == "").to_numpy()
    hazardous = (
        np.array([_hazardous(code) for code in materials["ewc"]], dtype=bool) & ~materials["hazardous"].to_numpy()
    )
    used = {name for table, column in _USES for name in found.texts(table, column)}
    used |= {entry for accepts in found.frames["disposals"]["accepts"] for entry in accepts}
    idle = ~materials["material"].isin(used).to_numpy()
    return [
        *found.say(
            "materials",
            landfilled,
            "disposal_class",
            "is empty: no landfill tax or ban falls on it where it is landfilled",
        ),
        *found.say("materials", hazardous, "hazardous", "is false though its List of Waste code is hazardous"),
        *found.say("materials", idle, "material", "is used nowhere"),
    ]


_USES = (
    ("streams", "material"),
    ("demands", "material"),
    ("substitutions", "from_material"),
    ("substitutions", "to_material"),
    ("recipes", "input"),
    ("recipes", "output"),
)


def _hazardous(code: str) -> bool:
    entry = waste.codes().get(waste.digits(code))
    return entry is not None and entry.hazardous


def _landfilled(found: Context) -> Flags:
    """Return which materials may end in a landfill without a class of its own, shape (materials,)."""
    materials, streams, disposals = found.frames["materials"], found.frames["streams"], found.frames["disposals"]
    own = set(streams["material"][streams["own_disposal_route"] == "landfill"])
    arising = {*streams["material"], *found.texts("recipes", "output")}
    solid = ~materials["state"].isin(_NEVER_LANDFILLED).to_numpy() & (materials["unit"] != "MWh").to_numpy()
    ids = materials["material"].to_numpy()
    marked = np.isin(ids, list(own))
    candidates = np.isin(ids, list(arising)) & solid
    for accepts in disposals["accepts"][(disposals["route"] == "landfill") & (disposals["tax_class"] == "")]:
        if not accepts:
            marked |= candidates
        else:
            named = materials["material"].isin(accepts).to_numpy()
            coded = [
                any(waste.has_prefix(code, entry) for entry in accepts if entry not in ids) for code in materials["ewc"]
            ]
            marked |= candidates & (named | np.array(coded, dtype=bool))
    return marked
