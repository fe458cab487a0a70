"""Where points meet a network: the few nearest nodes worth entering it at, and the way to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.geo.distance import EARTH_RADIUS_KM
from isopt.geo.nearness import unit_vectors
from isopt.geo.network import Network
from isopt.geo.router import Points, RouteFlag

__all__ = ["Ends", "Snapped", "entry_tree", "snap"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: A piece of network with fewer nodes is no place to enter at (a ramp cut off, a private road), unless the whole
#: network is not much larger.
_SMALLEST_PIECE = 20

#: Kilometres counted per kilometre by which a node lies farther than the nearest one, in place of the detour: a way
#: must not leave the network early only because a straight line is shorter than a winding road.
_ASIDE = 2.0


class Ends(NamedTuple):
    """
    Where points enter or leave a network: those of point p are ``start[p]`` to ``start[p + 1]``.

    Attributes
    ----------
    start
        Shape (points + 1,), int64.
    node
        Node entered at, shape (entries,), int32.
    km, hours
        Way between the point and the node, shape (entries,).
    """

    start: Indices
    node: NDArray[np.int32]
    km: Array
    hours: Array

    @classmethod
    def at(cls, nodes: Indices) -> Ends:
        """Let each point be a node itself."""
        nothing = np.zeros(len(nodes))
        return cls(np.arange(len(nodes) + 1, dtype=np.int64), np.asarray(nodes, np.int32), nothing, nothing)


@dataclass(frozen=True)
class Snapped:
    """
    Points on a network.

    Attributes
    ----------
    points
        As they were.
    ends
        Nodes that each may enter at; none where the network is out of reach.
    piece
        Connected piece of the network, shape (points,), -1 where it is out of reach or the point has no coordinates.
    access_km
        Straight line to the nearest node worth entering at, shape (points,); NaN where a point has no coordinates.
    """

    points: Points
    ends: Ends
    piece: NDArray[np.int64]
    access_km: Array


def entry_tree(network: Network, only: Indices | None = None) -> tuple[cKDTree, Indices]:
    """
    Search tree over the nodes worth entering a network at, and which nodes these are.

    Left out are pieces of a few nodes beside a network of many, and nodes on which nothing but ferries call; or all but
    those named.
    """
    if only is not None:
        return cKDTree(unit_vectors(network.lat[only], network.lon[only])), np.asarray(only, np.int64)
    piece = network.piece
    sizes = np.bincount(piece)
    large = sizes[piece] >= min(_SMALLEST_PIECE, sizes.max(initial=0) // 10)
    ashore = (network.flags & RouteFlag.FERRY) == 0
    tail = np.repeat(np.arange(network.nodes), np.diff(network.start))
    landed = np.zeros(network.nodes, dtype=bool)
    landed[tail[ashore]] = landed[network.head[ashore]] = True
    if network.arcs == 0:
        landed[:] = True
    nodes = np.flatnonzero(large & landed)
    # an unbalanced tree is built in a third of the time, and points are searched only once
    tree = cKDTree(unit_vectors(network.lat[nodes], network.lon[nodes]), balanced_tree=False, compact_nodes=False)
    return tree, nodes.astype(np.int64)


def snap(
    network: Network,
    points: Points,
    *,
    tree: tuple[cKDTree, Indices],
    entries: int,
    detour: float,
    max_access_km: float,
    access_kmh: float,
) -> Snapped:
    """
    Find the nodes at which points enter a network.

    Parameters
    ----------
    network
        Any.
    points
        Shape (points,).
    tree
        As `entry_tree` gives it.
    entries
        Nearest nodes tried for each point; all of them belong to the piece of the very nearest.
    detour
        Kilometres on the way to a node per kilometre as the crow flies.
    max_access_km
        Straight line from which on a point does not reach the network.
    access_kmh
        Speed on the way to a node.
    """
    located = np.flatnonzero(points.located)
    count = min(entries, len(tree[1]))
    piece = np.full(points.count, -1, np.int64)
    access = np.where(points.located, np.inf, np.nan)
    if not located.size or not count:
        return Snapped(points, _ends(points.count, piece[:0], piece[:0], access[:0], access_kmh), piece, access)
    chord, found = tree[0].query(unit_vectors(points.lat[located], points.lon[located]), k=np.arange(1, count + 1))
    straight = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0.0, 1.0))
    node = tree[1][found]
    access[located] = straight[:, 0]
    usable = (straight <= max_access_km) & (network.piece[node] == network.piece[node[:, :1]])
    piece[located[usable[:, 0]]] = network.piece[node[usable[:, 0], 0]]
    row, column = np.nonzero(usable)
    km = detour * straight[:, :1] + max(detour, _ASIDE) * (straight - straight[:, :1])
    ends = _ends(points.count, located[row], node[row, column], km[row, column], access_kmh)
    return Snapped(points, ends, piece, access)


def _ends(points: int, point: Indices, node: Indices, km: Array, access_kmh: float) -> Ends:
    start = np.zeros(points + 1, np.int64)
    np.cumsum(np.bincount(point, minlength=points), out=start[1:])
    return Ends(start, node.astype(np.int32), km, km / access_kmh)
