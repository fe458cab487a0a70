"""Blends: whose quality a limit speaks of, link by link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import Problem, ScenarioError
from isopt.network.links import Links
from isopt.network.nodes import Kind, Parties
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Blends:
    """
    Everything that is blended under one limit at one receiver.

    Attributes
    ----------
    limit
        Row of the limit that each blend is under, shape (blends,).
    place
        Demand or plant id of each blend, shape (blends,).
    link, blend, value
        Which link carries what quality into which blend, shape (entries,).
    lowest, highest
        Bounds of each blend, NaN where none, shape (blends, periods).
    """

    limit: Indices
    place: NDArray[np.object_]
    link: Indices
    blend: Indices
    value: Array
    lowest: Array
    highest: Array

    @property
    def count(self) -> int:
        """Number of blends."""
        return len(self.limit)


def blends_of(scenario: Scenario, parties: Parties, links: Links) -> Blends:
    """
    Find the senders of every blend and their qualities.

    Raises
    ------
    ScenarioError
        Where a sender has no value for a limited property.
    """
    limits = scenario.quality_limits
    value_of = _values(scenario, parties)
    rows: list[tuple[int, str, Indices]] = []
    receiver_table = {Kind.DEMAND: scenario.demands["demand"], Kind.INPUT: scenario.plants["plant"]}
    for row, limit in enumerate(limits.to_dict("records")):
        kind = Kind.DEMAND if limit["demand"] else Kind.INPUT
        nodes = parties.receivers.of(kind)
        names = receiver_table[kind].to_numpy(dtype=object)[parties.receivers.row[nodes]]
        if kind is Kind.DEMAND:
            of_limit = names == limit["demand"]
        else:
            technology = scenario.plants["technology"].to_numpy(dtype=object)[parties.receivers.row[nodes]]
            of_limit = technology == limit["technology"]
        for place in pd.unique(names[of_limit]):
            here = nodes[of_limit & (names == place)]
            into = np.flatnonzero(np.isin(links.receiver, here))
            if limit["input"]:
                into = into[links.material[into] == parties.material_index[limit["input"]]]
            if into.size:
                rows.append((row, str(place), into))
    link, blend, value, problems = [], [], [], {}
    for number, (row, place, into) in enumerate(rows):
        prop = limits["property"].iloc[row]
        for index in into:
            found = value_of.get((int(links.origin[index]), prop))
            if found is None:
                problems[int(links.origin[index]), prop] = (row, place)
                continue
            link.append(index)
            blend.append(number)
            value.append(found)
    if problems:
        raise ScenarioError(
            scenario.name,
            [
                Problem(
                    "quality_limits.csv",
                    row + 2,
                    "property",
                    f'"{prop}" is limited at "{place}", but its sender {origin_name(scenario, parties, origin)} has '
                    "no value for it in qualities.csv",
                )
                for (origin, prop), (row, place) in problems.items()
            ],
        )
    which = np.array([row for row, _, _ in rows], dtype=np.int64)
    return Blends(
        limit=which,
        place=np.array([place for _, place, _ in rows], dtype=object),
        link=np.array(link, dtype=np.int64),
        blend=np.array(blend, dtype=np.int64),
        value=np.array(value, dtype=np.float64),
        lowest=scenario.at("quality_limits", "min")[which],
        highest=scenario.at("quality_limits", "max")[which],
    )


def origin_name(scenario: Scenario, parties: Parties, origin: int) -> str:
    """Name an origin: the stream's id, or the plant's id and its output."""
    row = int(parties.origins.row[origin])
    if parties.origins.kind[origin] == Kind.STREAM:
        return str(scenario.streams["stream"].iloc[row])
    return f"{scenario.plants['plant'].iloc[row]}:{parties.materials[parties.origins.material[origin]]}"


def origin_names(scenario: Scenario, parties: Parties, origins: NDArray[np.int64]) -> NDArray[np.object_]:
    """Name origins as :func:`origin_name` does, all at once."""
    row, streams = parties.origins.row[origins], parties.origins.kind[origins] == Kind.STREAM
    names = np.full(len(origins), "", dtype=object)
    names[streams] = scenario.streams["stream"].to_numpy(dtype=object)[row[streams]]
    for i in np.flatnonzero(~streams).tolist():
        names[i] = origin_name(scenario, parties, int(origins[i]))
    return names


def _values(scenario: Scenario, parties: Parties) -> dict[tuple[int, str], float]:
    """Quality of each origin by property; a row without a material speaks of all that its plant makes."""
    said: dict[tuple[int, str], float] = {}
    streams = {name: i for i, name in enumerate(scenario.streams["stream"])}
    outputs = parties.origins.of(Kind.OUTPUT)
    plant = scenario.plants["plant"].to_numpy(dtype=object)[parties.origins.row[outputs]]
    material = np.array(parties.materials, dtype=object)[parties.origins.material[outputs]]
    table = scenario.qualities.assign(value=scenario.at("qualities", "value")[:, 0])
    for specific in (False, True):
        for quality in table[(table["material"] != "") == specific].to_dict("records"):
            if quality["stream"]:
                said[streams[quality["stream"]], quality["property"]] = quality["value"]
                continue
            fits = (plant == quality["plant"]) & ((material == quality["material"]) | (quality["material"] == ""))
            for node in outputs[fits]:
                said[int(node), quality["property"]] = quality["value"]
    return said
