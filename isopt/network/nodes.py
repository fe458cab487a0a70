"""Nodes: who gives and who takes, as index arrays over the scenario's tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network.lookup import index_of
from isopt.scenario import Scenario

Indices = NDArray[np.int64]


class Kind(IntEnum):
    """What a node is."""

    STREAM = 0
    OUTPUT = 1
    DEMAND = 2
    INPUT = 3
    DISPOSAL = 4


@dataclass(frozen=True)
class Nodes:
    """
    Nodes of one side, first one kind and then the next.

    Attributes
    ----------
    kind
        `Kind` of each node, shape (nodes,).
    row
        Row in the table of its kind (streams, plants, demands, plants, disposals), shape (nodes,).
    facility, material, organisation
        Index of each, shape (nodes,); -1 for the material of a disposal.
    """

    kind: Indices
    row: Indices
    facility: Indices
    material: Indices
    organisation: Indices

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.kind)

    def of(self, kind: Kind) -> Indices:
        """Indices of the nodes of a kind."""
        return np.flatnonzero(self.kind == kind)


@dataclass(frozen=True)
class Parties:
    """
    All nodes of a scenario and the names behind the indices.

    Attributes
    ----------
    origins
        Streams, then outputs of plants.
    receivers
        Demands, then inputs of plants, then disposals.
    facilities, materials, modes, organisations
        Ids, in the order of the indices.
    """

    origins: Nodes
    receivers: Nodes
    facilities: tuple[str, ...]
    materials: tuple[str, ...]
    modes: tuple[str, ...]
    organisations: tuple[str, ...]

    @cached_property
    def material_index(self) -> dict[str, int]:
        """Index of each material id."""
        return {name: i for i, name in enumerate(self.materials)}


def recipe_sides(scenario: Scenario) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    List what each plant takes and what it makes.

    Returns
    -------
    inputs, outputs
        Columns ``plant`` (row), ``material`` (id; "" for an input of nothing), once each, in the order of the plants
        and the recipes.
    """
    if scenario.plants.empty:  # joining tables to find that out takes a tenth of a small scenario's time
        nothing = pd.DataFrame({"plant": np.zeros(0, dtype=np.int64), "material": np.zeros(0, dtype=object)})
        return nothing, nothing
    plants = pd.DataFrame(
        {"plant": np.arange(len(scenario.plants)), "technology": scenario.plants["technology"].to_numpy()}
    )
    recipes = scenario.recipes[["technology", "input", "output"]]
    both = plants.merge(recipes, on="technology", how="inner")
    inputs = both[["plant", "input"]].rename(columns={"input": "material"}).drop_duplicates(ignore_index=True)
    made = both.loc[both["output"] != "", ["plant", "output"]]
    outputs = made.rename(columns={"output": "material"}).drop_duplicates(ignore_index=True)
    return inputs, outputs


def parties_of(scenario: Scenario) -> Parties:
    """Number all nodes of a scenario."""
    facilities, materials = scenario.facilities, scenario.materials
    both = pd.concat([facilities["organisation"], scenario.plants["owner"]], ignore_index=True)
    names = [str(name) for name in pd.unique(both)]
    facility_organisation = index_of(facilities["organisation"], names)
    inputs, outputs = recipe_sides(scenario)
    inputs = inputs[inputs["material"] != ""]

    plant_facility = index_of(scenario.plants["facility"], facilities["facility"])
    plant_organisation = index_of(scenario.plants["owner"], names)

    def at_facility(table: pd.DataFrame, kind: Kind) -> Nodes:
        place = index_of(table["facility"], facilities["facility"])
        material = (
            index_of(table["material"], materials["material"])
            if "material" in table.columns
            else np.full(len(table), -1, dtype=np.int64)
        )
        return Nodes(
            np.full(len(table), kind, dtype=np.int64),
            np.arange(len(table), dtype=np.int64),
            place,
            material,
            facility_organisation[place],
        )

    def at_plant(side: pd.DataFrame, kind: Kind) -> Nodes:
        plant = side["plant"].to_numpy(dtype=np.int64)
        return Nodes(
            np.full(len(side), kind, dtype=np.int64),
            plant,
            plant_facility[plant],
            index_of(side["material"], materials["material"]),
            plant_organisation[plant],
        )

    return Parties(
        origins=_join(at_facility(scenario.streams, Kind.STREAM), at_plant(outputs, Kind.OUTPUT)),
        receivers=_join(
            at_facility(scenario.demands, Kind.DEMAND),
            at_plant(inputs, Kind.INPUT),
            at_facility(scenario.disposals, Kind.DISPOSAL),
        ),
        facilities=tuple(facilities["facility"]),
        materials=tuple(materials["material"]),
        modes=tuple(scenario.modes["mode"]),
        organisations=tuple(names),
    )


def _join(*parts: Nodes) -> Nodes:
    """Put nodes of several kinds one after another."""
    return Nodes(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("kind", "row", "facility", "material", "organisation")
        )
    )
