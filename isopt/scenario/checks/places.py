"""Transport, qualities, stocks and periods fit together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from isopt.scenario.checks.context import Context, Flags

__all__ = ["place_problems", "place_warnings"]

_WHOLE_YEAR = 1e-6
"""How far the seasons of a year may add up from 1 (thirds written with six digits pass)."""


def place_problems(found: Context) -> list[Problem]:
    """
    Return what is wrong with modes, links, qualities, stocks and periods.

    Parameters
    ----------
    found
        The scenario.
    """
    return [
        *_trips(found),
        *_required(found),
        *_qualities(found),
        *_quality_limits(found),
        *_stocks(found),
        *_seasons(found),
        *_routed_modes(found),
    ]


def _trips(found: Context) -> list[Problem]:
    """A price per trip needs to know what a vehicle loads."""
    modes, links = found.frames["modes"], found.frames["links"]
    unknown = np.isnan(modes["vehicle_t"].to_numpy())
    priced = (found.levels.at("modes", "eur_per_trip") > 0).any(axis=1)
    given = len(found.given["modes"].rows) > 0
    problems = (
        found.say("modes", priced & unknown, "vehicle_t", "is empty; eur_per_trip needs the load of a vehicle")
        if given
        else []
    )
    unloaded = {mode: bare for mode, bare in zip(modes["mode"], unknown, strict=True) if bare}
    priced_links = (found.levels.at("links", "eur_per_trip") > 0).any(axis=1)
    for line in np.flatnonzero(priced_links):
        mode = links["mode"].iloc[line]
        bare = next(iter(unloaded), None) if not mode else mode if mode in unloaded else None
        if bare is not None:
            named = "" if mode else " (the row holds for every mode; name one)"
            message = f"needs vehicle_t of mode {quoted(bare)} in {found.given['modes'].file}{named}"
            problems.append(found.given["links"].problem(int(line), "eur_per_trip", message))
    return problems


def _required(found: Context) -> list[Problem]:
    links = found.frames["links"]
    required = (links["status"] == "required").to_numpy()
    unmoded = required & (links["mode"] == "").to_numpy()
    shared = links["shared"].fillna(False).to_numpy(dtype=bool)
    vague = required & (links["material"] == "").to_numpy() & ~shared
    return [
        *found.say("links", unmoded, "mode", "is empty; a required link needs one"),
        *found.say("links", vague, "material", "is empty; a required link needs one, or shared = true"),
    ]


def _one_of(found: Context, table: str, first: str, second: str) -> tuple[list[Problem], Flags]:
    """Return a problem for each row with not exactly one of two cells filled, and which rows are fine."""
    frame = found.frames[table]
    left, right = (frame[first] != "").to_numpy(), (frame[second] != "").to_numpy()
    problems = [
        *found.say(table, left & right, first, f"and {second} are both filled; fill one of them"),
        *found.say(table, ~left & ~right, first, f"and {second} are both empty; fill one of them"),
    ]
    return problems, left ^ right


def _outputs(found: Context, column: str) -> dict[str, set[str]]:
    """Return the inputs or outputs of each technology."""
    sets: dict[str, set[str]] = {}
    for technology, material in zip(found.texts("recipes", "technology"), found.texts("recipes", column), strict=True):
        sets.setdefault(technology, set()).add(material)
    return sets


def _qualities(found: Context) -> list[Problem]:
    problems, fine = _one_of(found, "qualities", "stream", "plant")
    frame = found.frames["qualities"]
    streams = dict(zip(found.texts("streams", "stream"), found.texts("streams", "material"), strict=True))
    technologies = dict(zip(found.texts("plants", "plant"), found.texts("plants", "technology"), strict=True))
    outputs = _outputs(found, "output")
    for line in np.flatnonzero(fine & (frame["material"] != "").to_numpy()):
        stream, plant, material = (frame[name].iloc[line] for name in ("stream", "plant", "material"))
        if stream in streams and material != streams[stream]:
            message = (
                f"{quoted(material)} is not the material of stream {quoted(stream)}, which is {quoted(streams[stream])}"
            )
        elif plant in technologies and material not in outputs.get(technologies[plant], ()):
            message = f"{quoted(material)} is no output of plant {quoted(plant)}"
        else:
            continue
        problems.append(found.given["qualities"].problem(int(line), "material", message))
    return problems


def _quality_limits(found: Context) -> list[Problem]:
    problems, fine = _one_of(found, "quality_limits", "demand", "technology")
    frame = found.frames["quality_limits"]
    unsaid = frame["min"].isna() & frame["max"].isna()
    problems += found.say(
        "quality_limits", unsaid.to_numpy(), "min", "and max are both empty; fill one of them or both"
    )
    inputs = _outputs(found, "input")
    for line in np.flatnonzero(fine & (frame["input"] != "").to_numpy() & (frame["technology"] != "").to_numpy()):
        technology, material = frame["technology"].iloc[line], frame["input"].iloc[line]
        if technology in inputs and material not in inputs[technology]:
            message = f"{quoted(material)} is no input of {quoted(technology)}"
            problems.append(found.given["quality_limits"].problem(int(line), "input", message))
    return problems


def _stocks(found: Context) -> list[Problem]:
    problems, fine = _one_of(found, "stocks", "plant", "facility")
    stocks = found.frames["stocks"]
    technologies = dict(zip(found.texts("plants", "plant"), found.texts("plants", "technology"), strict=True))
    inputs = _outputs(found, "input")
    served = {
        table: Counter(zip(found.texts(table, "facility"), found.texts(table, "material"), strict=True))
        for table in ("streams", "demands")
    }
    for line in np.flatnonzero(fine & (stocks["material"] != "").to_numpy()):
        plant, facility, material = (stocks[name].iloc[line] for name in ("plant", "facility", "material"))
        if plant:
            wrong = plant in technologies and material not in inputs.get(technologies[plant], ())
            message = f"{quoted(material)} is no input of plant {quoted(plant)}" if wrong else ""
        else:
            message = _stock_serves(facility, material, served)
        if message:
            problems.append(found.given["stocks"].problem(int(line), "material", message))
    return problems


def _stock_serves(facility: str, material: str, served: dict[str, Counter[tuple[str, str]]]) -> str:
    """Return what is wrong with a stock at a facility: it serves the one stream of its material, else the demand."""
    for table in ("streams", "demands"):
        count = served[table][facility, material]
        if count > 1:
            return f"{quoted(facility)} has {count} {table} of {quoted(material)}; a stock serves one, so merge them"
        if count == 1:
            return ""
    return f"{quoted(facility)} has no stream and no demand of {quoted(material)} that the stock could serve"


def _seasons(found: Context) -> list[Problem]:
    given = found.given["periods"]
    problems = []
    for year, shares in given.frame.groupby("year", sort=True)["share_of_year"]:
        total = shares.sum()
        if abs(total - 1) > _WHOLE_YEAR:
            message = f"the periods of {year} add up to {total:.10g} of a year, not 1"
            problems.append(given.problem(int(shares.index[-1]), "share_of_year", message))
    return problems


def _routed_modes(found: Context) -> list[Problem]:
    """``[routing]`` speaks of modes that are there."""
    modes = list(found.texts("modes", "mode"))
    return [
        Problem(
            found.settings_file, None, f"routing.{mode}", f"{quoted(mode)} is not in modes{did_you_mean(mode, modes)}"
        )
        for mode in found.settings.routing
        if mode not in modes
    ]


def place_warnings(found: Context) -> list[Problem]:
    """
    Return the facilities at which nothing happens.

    Parameters
    ----------
    found
        The scenario.
    """
    used = {name for table in ("streams", "demands", "plants", "disposals") for name in found.texts(table, "facility")}
    idle = ~found.frames["facilities"]["facility"].isin(used).to_numpy()
    return found.say("facilities", idle, "facility", "has no stream, demand, plant or disposal")
