"""A transport network as arrays: nodes, arcs, lengths, times and what is special about an arc."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from isopt.geo.nearness import unit_vectors

__all__ = ["Network"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """
    A directed graph on the globe, in compressed rows: the arcs that leave node i are ``start[i]`` to ``start[i + 1]``.

    Attributes
    ----------
    lat, lon
        Degrees in WGS84, shape (nodes,).
    start
        First arc of each node, shape (nodes + 1,), int64.
    head
        Node that each arc leads to, shape (arcs,), int32.
    km
        Length, shape (arcs,), at least 0.
    hours
        Driving time, shape (arcs,), NaN where no speed is known; None where the network knows no speeds at all.
    flags
        `RouteFlag` values, shape (arcs,), uint8.
    name, version
        Where it comes from and which state of it; equal versions have equal arcs.
    attribution
        What must be said where a map or a table made with it is shown.
    """

    lat: Array
    lon: Array
    start: Indices
    head: NDArray[np.int32]
    km: Array
    hours: Array | None
    flags: NDArray[np.uint8]
    name: str
    version: str
    attribution: str = ""

    @classmethod
    def of_arcs(
        cls,
        lat: Array,
        lon: Array,
        tail: Indices,
        head: Indices,
        km: Array,
        *,
        name: str,
        version: str,
        hours: Array | None = None,
        flags: NDArray[np.uint8] | None = None,
        attribution: str = "",
    ) -> Network:
        """
        Make a network of a list of arcs; of parallel arcs the shortest stays, loops are dropped.

        Parameters
        ----------
        lat, lon
            Degrees in WGS84, shape (nodes,).
        tail, head
            Nodes at both ends of each arc, shape (arcs,); a way that is used in both directions is two arcs.
        km, hours, flags
            As for the network, shape (arcs,).
        """
        tail, head, km = np.asarray(tail, np.int64), np.asarray(head, np.int64), np.asarray(km, np.float64)
        flags = np.zeros(len(km), np.uint8) if flags is None else np.asarray(flags, np.uint8)
        pair = tail * np.int64(len(lat)) + head
        order = np.argsort(pair, kind="stable")
        order = order[tail[order] != head[order]]
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(pair[order]) != 0
        among = ~first  # parallel arcs, few as a rule: sorting all arcs by four keys takes ten times as long
        among[:-1] |= ~first[1:]
        parallel = order[among]
        order[among] = parallel[np.lexsort((flags[parallel], km[parallel], pair[parallel]))]  # the shortest first
        kept = order[first]
        start = np.zeros(len(lat) + 1, np.int64)
        np.cumsum(np.bincount(tail[kept], minlength=len(lat)), out=start[1:])
        return cls(
            np.asarray(lat, np.float64), np.asarray(lon, np.float64), start, head[kept].astype(np.int32), km[kept],
            None if hours is None else np.asarray(hours, np.float64)[kept], flags[kept],
            name, version, attribution,
        )  # fmt: skip

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.lat)

    @property
    def arcs(self) -> int:
        """Number of arcs."""
        return len(self.head)

    @cached_property
    def tree(self) -> cKDTree:
        """Search tree over the nodes as points on the unit sphere."""
        return cKDTree(unit_vectors(self.lat, self.lon))

    @cached_property
    def piece(self) -> Indices:
        """Connected piece that each node belongs to, one-way arcs counting both ways, shape (nodes,)."""
        arcs = csr_matrix((np.ones(self.arcs, np.uint8), self.head, self.start), shape=(self.nodes, self.nodes))
        return np.asarray(connected_components(arcs, directed=False)[1], np.int64)

    @cached_property
    def reversed(self) -> Network:
        """The same network with every arc turned round."""
        tail = np.repeat(np.arange(self.nodes), np.diff(self.start))
        return Network.of_arcs(
            self.lat, self.lon, self.head.astype(np.int64), tail, self.km, hours=self.hours, flags=self.flags,
            name=self.name, version=self.version, attribution=self.attribution,
        )  # fmt: skip
