"""Small OpenStreetMap extracts, written as the real ones are: nodes, ways and relations in a PBF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

ORIGIN = (53.0, 8.0)
STEP = 0.01
"""Degrees between neighbouring points of the grid that towns are drawn on."""


def at(north: float, east: float) -> tuple[float, float]:
    """Latitude and longitude of a point of the grid, as OpenStreetMap rounds them."""
    return round(ORIGIN[0] + north * STEP, 7), round(ORIGIN[1] + east * STEP, 7)


@dataclass
class Extract:
    """
    Nodes at points of a grid (or anywhere), ways through them.

    A node is named by its place; ``nodes`` keeps which number it got.
    """

    nodes: dict[tuple[float, float], int] = field(default_factory=dict)
    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=list)

    def node(self, place: tuple[float, float], **tags: str) -> int:
        """Number of the node at (north, east) of the grid."""
        number = self.nodes.setdefault(place, len(self.nodes) + 1)
        if tags:
            self.tags.setdefault(number, {}).update(tags)
        return number

    def way(self, places: Iterable[tuple[float, float]], tags: Mapping[str, str] | None = None, **more: str) -> int:
        """Number of a new way through places; ``tags`` holds the keys that are no Python names."""
        number = len(self.ways) + 1
        self.ways.append((number, [self.node(place) for place in places], {**(tags or {}), **more}))
        return number

    def area(self, corner: tuple[float, float], side: float, tags: Mapping[str, str] | None = None, **more: str) -> int:
        """Number of a closed way: a square with this south-west corner."""
        north, east = corner
        ring = [(north, east), (north, east + side), (north + side, east + side), (north + side, east), (north, east)]
        return self.way(ring, tags, **more)

    def relation(self, members: Iterable[tuple[int, str]], **tags: str) -> int:
        """Number of a new relation of ways with their roles."""
        number = len(self.relations) + 1
        self.relations.append((number, [("w", way, role) for way, role in members], tags))
        return number

    def write(self, path: Path) -> Path:
        """Write the file anew, its ending says in which format."""
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path)) as writer:
            for place, number in self.nodes.items():
                lat, lon = at(*place)
                writer.add_node(Node(id=number, location=(lon, lat), tags=self.tags.get(number, {}), version=1))
            for number, refs, tags in self.ways:
                writer.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
            for number, members, tags in self.relations:
                writer.add_relation(Relation(id=number, members=members, tags=tags, version=1))
        return path
