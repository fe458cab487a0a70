"""Which country a point lies in, and how far it is from land."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.geo.distance import EARTH_RADIUS_KM
from isopt.geo.nearness import unit_vectors
from isopt.geo.packing import unpack

__all__ = ["ATTRIBUTION", "Borders", "borders", "joined", "same_country"]

#: Natural Earth asks for no mention; isopt makes one.
ATTRIBUTION = "Borders: Natural Earth, public domain"

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_DEGREE = 1000
"""Steps of a degree in which vertices are kept."""
_STEP_KM = 2.0
"""Spacing of points along coasts and borders; from 5 km away a distance to them is at most 0.1 km too long."""
_PARTS = {
    "AU": "CC CX NF", "CN": "HK MO", "DK": "FO GL", "FI": "AX", "FR": "BL GF GP MF MQ NC PF PM RE WF YT",
    "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG", "NL": "AW BQ CW SX", "NO": "BV SJ", "NZ": "CK NU TK",
    "US": "AS GU MP PR UM VI",
}  # fmt: skip
"""Areas with two letters of their own that people, or the map, count to another country."""
_WHOLE = {part: whole for whole, parts in _PARTS.items() for part in parts.split()}
_DISPUTED = {frozenset(pair) for pair in (("RU", "UA"), ("EH", "MA"), ("IL", "PS"), ("RS", "XK"), ("IN", "PK"))}
"""The map draws who holds the land; no facility is told that it lies in the wrong one of these two."""


def same_country(one: str, other: str) -> bool:
    """
    Tell whether two countries are one for a facility: a part and its whole are.

    Examples
    --------
    >>> same_country("RE", "FR"), same_country("DK", "DE")
    (True, False)
    """
    return _WHOLE.get(one, one) == _WHOLE.get(other, other) or frozenset((one, other)) in _DISPUTED


class Borders:
    """
    The countries of the world at 1:10 million, simplified to 0.4 km.

    Parameters
    ----------
    country
        Two letters of the country of each ring, shape (rings,); empty where it has none.
    polygon
        Number of the polygon of each ring, ascending; the first ring of a polygon is its shell.
    rings
        Longitude and latitude along each ring, closed.
    """

    def __init__(self, country: list[str], polygon: Indices, rings: list[Array]) -> None:
        self._country, self._polygon, self._rings = country, polygon, rings

    @cached_property
    def _polygons(self) -> tuple[NDArray[np.object_], list[str]]:
        import shapely

        lengths = [len(ring) for ring in self._rings]
        indices = np.repeat(np.arange(len(lengths)), lengths)
        whole = np.asarray(shapely.linearrings(np.concatenate(self._rings), indices=indices), dtype=object)
        first = np.flatnonzero(np.diff(self._polygon, prepend=-1))
        last = np.append(first[1:], len(whole))
        made = [shapely.polygons(whole[a], holes=whole[a + 1 : b]) for a, b in zip(first, last, strict=True)]
        return np.array(made, dtype=object), [self._country[a] for a in first]

    def country_of(self, lat: Array, lon: Array) -> NDArray[np.object_]:
        """
        Return the two letters of the country at each point; empty at sea.

        Parameters
        ----------
        lat, lon
            Degrees in WGS84, shape (points,); NaN gives nothing.

        Examples
        --------
        >>> borders().country_of(np.array([55.65, 48.2, 56.0]), np.array([12.1, 16.37, 4.0])).tolist()
        ['DK', 'AT', '']
        """
        import shapely

        polygons, countries = self._polygons
        found = np.full(len(lat), "", dtype=object)
        known = np.flatnonzero(~np.isnan(lat + lon))
        for turn in (-360.0, 360.0, 0.0):  # rings go on beyond the antimeridian
            tree = shapely.STRtree(np.asarray(shapely.points(lon[known] + turn, lat[known]), dtype=object))
            which, point = tree.query(polygons, predicate="covers")
            found[known[point]] = np.array(countries, dtype=object)[which]
        return found

    def km_to(self, lat: Array, lon: Array, country: str = "") -> Array:
        """
        Return how far each point is from a country's edge; from any land's where none is named.

        Parameters
        ----------
        lat, lon
            Degrees in WGS84, shape (points,).
        country
            Two letters.

        Returns
        -------
        km
            Kilometres to the coast or border, on either side of it; infinity where the map lacks the country or a
            coordinate is missing.
        """
        tree = self._edge(country)
        km, known = np.full(len(lat), np.inf), np.flatnonzero(~np.isnan(lat + lon))
        if tree is not None and known.size:
            chord, _ = tree.query(unit_vectors(lat[known], lon[known]))
            km[known] = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0, 1))
        return km

    def has(self, country: str) -> bool:
        """Tell whether the map shows a country, or the one that it is a part of."""
        return any(same_country(one, country) for one in set(self._country))

    def nearest_country(self, lat: Array, lon: Array) -> list[str]:
        """Return the country whose edge is nearest to each point."""
        tree = self._edge("")
        _, points, ring = self._dense
        if tree is None or not len(points):
            return [""] * len(lat)
        _, row = tree.query(unit_vectors(lat, lon))
        return [self._country[int(ring[i])] for i in np.atleast_1d(row)]

    @cached_property
    def _dense(self) -> tuple[Indices, Array, Indices]:
        """Points every few kilometres along all rings, and the ring of each."""
        whole = np.concatenate(self._rings)
        ring = np.repeat(np.arange(len(self._rings)), [len(one) for one in self._rings])
        step = np.diff(whole, axis=0)
        step[np.diff(ring) != 0] = 0.0
        per_degree = np.radians(1.0) * EARTH_RADIUS_KM
        km = np.hypot(step[:, 1], step[:, 0] * np.cos(np.radians(whole[:-1, 1]))) * per_degree
        count = np.maximum(np.ceil(km / _STEP_KM), 1).astype(np.int64)
        start = np.repeat(np.arange(len(step)), count)
        share = (np.arange(len(start)) - np.repeat(np.cumsum(count) - count, count)) / count[start]
        return start, whole[start] + step[start] * share[:, None], ring[start]

    def _edge(self, country: str) -> cKDTree | None:
        if country not in self._trees:
            _, points, ring = self._dense
            mine = np.array([not country or same_country(one, country) for one in self._country])
            kept = points[mine[ring]]
            self._trees[country] = cKDTree(unit_vectors(kept[:, 1], kept[:, 0])) if len(kept) else None
        return self._trees[country]

    @cached_property
    def _trees(self) -> dict[str, cKDTree | None]:
        return {}


def joined(arcs: Sequence[NDArray[Any]], members: Sequence[int], turn: float) -> Array:
    """
    Join arcs to a closed ring that goes on beyond the antimeridian instead of leaping to its other side.

    Parameters
    ----------
    arcs
        Longitude and latitude along each arc, shape (vertices, 2).
    members
        Arcs of the ring; ``~i`` is arc i backwards.
    turn
        A full turn in the unit of the coordinates.
    """
    parts = [arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in members]
    ring = np.concatenate([part[:-1] for part in parts] + [parts[0][:1]]).astype(np.float64)
    ring[:, 0] = np.unwrap(ring[:, 0], period=turn)
    if abs(ring[-1, 0] - ring[0, 0]) > turn / 2:  # Antarctica: around the pole
        pole = np.full(2, -turn / 4)
        ring = np.vstack([ring, np.column_stack([ring[[-1, 0], 0], pole]), ring[:1]])
    return ring


@cache
def borders() -> Borders:
    """Return the countries of the world; read at the first call."""
    with resources.files("isopt.geo").joinpath("data", "borders.xz").open("rb") as source:
        columns = unpack(source.read())
    numbers = {name: np.asarray(columns[name], np.int64) for name in ("lon", "lat", "length", "polygon", "arcs", "arc")}
    points = np.column_stack([numbers["lon"], numbers["lat"]]) / _DEGREE
    arcs = np.split(points, np.cumsum(numbers["length"])[:-1])
    members = np.split(numbers["arc"], np.cumsum(numbers["arcs"])[:-1])
    rings = [joined(arcs, ring.tolist(), 360.0) for ring in members]
    return Borders([str(code) for code in columns["country"]], numbers["polygon"], rings)
