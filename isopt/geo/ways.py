"""Lines with their vertices become a network: who shares a vertex is joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.geo.distance import haversine_km
from isopt.geo.network import Network

__all__ = ["KEEP_ALL", "SPACING_KM", "Ways", "drop_fragments", "network_of", "places"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Bools = NDArray[np.bool_]

KEEP_ALL = 1_000_000
"""
Vertices up to which every one becomes a node, so that a place snaps to the nearest point of a bend; of more, those
between junctions are thinned out.
"""
SPACING_KM = 0.1
"""Distance of the vertices kept between two junctions where they are thinned out; lengths follow all of them."""
_FRAGMENT_KM = 10.0
_FRAGMENT_SHARE = 0.01
"""A part of a network below both lengths (kilometres; share of the largest part) is a fragment."""
_GRID = 1e7
"""Coordinates are equal when they agree to seven decimals, the precision of OpenStreetMap: about a centimetre."""


@dataclass(frozen=True)
class Ways:
    """
    Lines along which one can go.

    Attributes
    ----------
    lat, lon
        Degrees in WGS84 of the vertices of all ways, one way after the other, shape (vertices,).
    place
        Number of the place of each vertex: ways meet where it is the same, shape (vertices,).
    first
        First vertex of each way, and the end: shape (ways + 1,); each way has two vertices or more.
    forward, backward
        Whether one can go with and against the order of the vertices, shape (ways,).
    km
        Length, NaN where it is measured along the vertices, shape (ways,).
    hours
        Time from end to end, NaN where not known, shape (ways,).
    flags
        `RouteFlag` values, shape (ways,).
    """

    lat: Array
    lon: Array
    place: Indices
    first: Indices
    forward: Bools
    backward: Bools
    km: Array
    hours: Array
    flags: NDArray[np.uint8]

    @property
    def count(self) -> int:
        """Number of ways."""
        return len(self.first) - 1

    def take(self, kept: Bools) -> Ways:
        """Return some of the ways, in their order."""
        length = np.diff(self.first)
        vertices = np.repeat(kept, length)
        first = np.concatenate([[0], np.cumsum(length[kept])]).astype(np.int64)
        return Ways(
            self.lat[vertices], self.lon[vertices], self.place[vertices], first,
            *(getattr(self, name)[kept] for name in ("forward", "backward", "km", "hours", "flags")),
        )  # fmt: skip

    def segments(self) -> tuple[Indices, Indices, Array]:
        """Return the first vertex and the way of each segment, and its length in kilometres (as measured)."""
        follows = np.ones(len(self.lat), dtype=bool)
        follows[self.first[1:] - 1] = False
        here = np.flatnonzero(follows)
        way = np.repeat(np.arange(self.count), np.diff(self.first) - 1)
        return here, way, haversine_km(self.lat[here], self.lon[here], self.lat[here + 1], self.lon[here + 1])

    def measured_km(self) -> Array:
        """Return the length of each way along its vertices, shape (ways,)."""
        _, way, km = self.segments()
        return np.bincount(way, km, minlength=self.count).astype(np.float64)


def places(lat: Array, lon: Array) -> Indices:
    """
    Number vertices so that equal coordinates have equal numbers.

    Parameters
    ----------
    lat, lon
        Degrees in WGS84; they count as equal when they agree to seven decimals.

    Returns
    -------
    place
        Shape (vertices,), from 0 without gaps.

    Examples
    --------
    >>> places(np.array([50.0, 51.0, 50.0]), np.array([180.0, 8.0, -180.0])).tolist()
    [0, 1, 0]
    """
    north = np.round(lat * _GRID).astype(np.int64)
    east = np.round((lon + 180.0) % 360.0 * _GRID).astype(np.int64)
    return np.asarray(np.unique((north << 32) + east, return_inverse=True)[1], dtype=np.int64)


def network_of(
    ways: Ways,
    *,
    name: str,
    version: str,
    attribution: str = "",
    keep_all: int = KEEP_ALL,
    spacing_km: float = SPACING_KM,
) -> Network:
    """
    Join ways where they share a place.

    Parameters
    ----------
    ways
        What to join.
    name, version, attribution
        Of the network.
    keep_all
        With more places than this, vertices between junctions are kept only every ``spacing_km``.
    spacing_km
        Kilometres.

    Returns
    -------
    network
        Its nodes are the places in order of their numbers; lengths are great circles along all vertices, or the known
        length of a way spread over them. Hours are None where no way knows its time.
    """
    place = ways.place
    here, way, km = ways.segments()
    whole = np.bincount(way, km, minlength=ways.count)
    known = np.where(np.isnan(ways.km) | (whole == 0), 1.0, ways.km / np.where(whole == 0, 1.0, whole))
    along = np.zeros(len(ways.lat))
    along[here + 1] = km  # length of the step that ends at each vertex
    along = np.cumsum(along)
    kept = np.ones(len(ways.lat), dtype=bool)
    if len(ways.lat) > keep_all:
        kept = _thinned(ways, along, spacing_km)
    vertex = np.flatnonzero(kept)
    line = np.repeat(np.arange(ways.count), np.diff(ways.first))[vertex]
    joined = np.flatnonzero(line[1:] == line[:-1])
    start, end, way = vertex[joined], vertex[joined + 1], line[joined]
    raw = km if kept.all() else along[end] - along[start]
    length = raw * known[way]
    share = np.divide(raw, whole[way], out=np.zeros(len(raw)), where=whole[way] > 0)
    hours = ways.hours[way] * share
    fore, back = ways.forward[way], ways.backward[way]

    used, node = np.unique(place[vertex], return_inverse=True)
    place_of = np.full(int(place.max(initial=-1)) + 1, -1, dtype=np.int64)
    place_of[used] = np.arange(len(used))
    first = np.zeros(len(used), dtype=np.int64)
    first[node[::-1]] = vertex[::-1]  # the first vertex at each place gives its coordinates
    tail, head = place_of[place[start]], place_of[place[end]]
    return Network.of_arcs(
        ways.lat[first], ways.lon[first],
        np.concatenate([tail[fore], head[back]]), np.concatenate([head[fore], tail[back]]),
        np.concatenate([length[fore], length[back]]),
        hours=None if np.isnan(ways.hours).all() else np.concatenate([hours[fore], hours[back]]),
        flags=np.concatenate([ways.flags[way][fore], ways.flags[way][back]]),
        name=name, version=version, attribution=attribution,
    )  # fmt: skip


def drop_fragments(network: Network) -> tuple[Network, int]:
    """
    Keep the parts of a network in which one can get about, so that no place snaps to a dead end of a one-way street.

    Parameters
    ----------
    network
        Of roads, tracks or waters. A part is a set of nodes each of which can be reached from each.

    Returns
    -------
    network
        Without nodes of parts that have less than 10 km of arcs and less than a hundredth of the arcs of the largest.
    dropped
        Number of nodes left out.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if not network.arcs:
        return network, 0
    tail = np.repeat(np.arange(network.nodes), np.diff(network.start))
    graph = csr_array((np.ones(network.arcs, np.int8), network.head, network.start), shape=(network.nodes,) * 2)
    count, part = connected_components(graph, connection="strong")
    inside = part[tail] == part[network.head]
    size = np.bincount(part[tail][inside], network.km[inside], minlength=count)
    kept = ((size >= min(_FRAGMENT_KM, size.max())) | (size >= _FRAGMENT_SHARE * size.max()))[part]
    if kept.all():
        return network, 0
    number = np.cumsum(kept) - 1
    arc = kept[tail] & kept[network.head]
    smaller = Network.of_arcs(
        network.lat[kept], network.lon[kept], number[tail[arc]], number[network.head[arc]], network.km[arc],
        hours=None if network.hours is None else network.hours[arc], flags=network.flags[arc],
        name=network.name, version=network.version, attribution=network.attribution,
    )  # fmt: skip
    return smaller, int((~kept).sum())


def _thinned(ways: Ways, along: Array, spacing_km: float) -> Bools:
    """Keep ends, vertices that occur twice, and of the others one per stretch."""
    kept = np.bincount(ways.place)[ways.place] > 1
    kept[ways.first[:-1]] = kept[ways.first[1:] - 1] = True
    since = along - np.repeat(along[ways.first[:-1]], np.diff(ways.first))
    stretch = np.floor(since / spacing_km)
    kept[1:] |= stretch[1:] != stretch[:-1]
    return kept
