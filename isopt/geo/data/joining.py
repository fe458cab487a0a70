"""Joining what a network built from extracts holds apart: dead ends, known crossings, islands; for building only."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from isopt.geo.data.land import Land
from isopt.geo.distance import EARTH_RADIUS_KM, haversine_km
from isopt.geo.nearness import unit_vectors
from isopt.geo.network import Network
from isopt.geo.router import RouteFlag
from isopt.geo.shortest import pair_ways
from isopt.geo.snapping import Ends

__all__ = ["Graph", "close_gaps", "cross", "densified", "join_pieces", "nearest_nodes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

LAND_DETOUR = 1.35
"""Of a joint over land, as for access to the network (`isopt.geo.network_router.LOCAL_DETOUR`)."""
FERRY_DETOUR = 1.06
"""
Length of a ferry's way per kilometre of great circle where the table gives none. Published lengths over great circles
between berths: Aberdeen-Lerwick 354 km / 338, Holyhead-Dublin 111 / 105, Ullapool-Stornoway 84 / 81, Dover-Calais
42 / 41, Helsinki-Tallinn 82 / 80.
"""
SHORE_KM = 0.75
"""Water on a straight line between nodes that the coarse coast may only pretend."""
END_TO_END_KM = {"road": 3.0, "rail": 6.0}
END_TO_ROAD_KM, ROADS_KM = 0.5, 0.2
"""
Longest gaps between dead ends, a dead end and a road, and two roads that are taken for lost road. Two railways that end
facing each other are rarer than two trunk roads, so more is believed of them.
"""
WAY_ROUND_KM = 30.0
"""A gap is lost road only where the way round is longer than this."""
CLOSE_BY_KM = 3.0
"""Of gaps so close together one is closed at a time."""
BOARDING_KM, FERRY_KM = 70.0, 2.0
"""
A ferry is kept where the way round is longer than this many kilometres plus so many per kilometre of ferry: boarding
takes an hour, and a ferry makes 35 km/h (19 knots) where a lorry makes 70.
"""
LAND_KM, BRIDGE_KM, WATER_KM = 60.0, 5.0, 40.0
"""Longest joints that are assumed between pieces: over land, over water before ferries are known, and after."""
STUB_KM = 1.0
"""Road at a port that no road of the network comes near to."""
SEAM_KM, SEAM_SPACING_KM = 3.0, 15.0
"""Pieces that touch over land along a seam are joined at every gap up to this, one per so many kilometres."""
ATTACH_KM = 20.0
"""Way over land from the end of a known crossing to the network."""
CLOSED = ((37.6, 38.7, 126.4, 128.5),)
"""South, north, west, east of where no joint is made: the demilitarised zone of Korea."""


@dataclass(frozen=True)
class Graph:
    """Nodes and two-way edges of a network that is being built; ``flags`` are those of `RouteFlag`."""

    lat: Array
    lon: Array
    u: Indices
    v: Indices
    km: Array
    flags: NDArray[np.uint8]

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.lat)

    def pieces(self) -> Indices:
        """Connected piece of each node."""
        edges = coo_array((np.ones(len(self.u)), (self.u, self.v)), shape=(self.nodes, self.nodes))
        return np.asarray(connected_components(edges, directed=False)[1], np.int64)

    def circle(self, u: Indices, v: Indices) -> Array:
        """Great circle between nodes."""
        return haversine_km(self.lat[u], self.lon[u], self.lat[v], self.lon[v])

    def place(self, nodes: Indices) -> Array:
        """Latitude and longitude, shape (nodes, 2)."""
        return np.column_stack([self.lat[nodes], self.lon[nodes]])

    def with_edges(self, u: Indices, v: Indices, km: Array, flags: NDArray[np.uint8] | int) -> Graph:
        """Add edges."""
        more = np.broadcast_to(np.asarray(flags, np.uint8), len(u))
        return replace(
            self, u=np.append(self.u, u), v=np.append(self.v, v), km=np.append(self.km, km),
            flags=np.append(self.flags, more),
        )  # fmt: skip

    def with_nodes(self, lat: Array, lon: Array) -> Graph:
        """Add nodes."""
        return replace(self, lat=np.append(self.lat, lat), lon=np.append(self.lon, lon))

    def network(self) -> Network:
        """Both directions of every edge."""
        return Network.of_arcs(
            self.lat, self.lon, np.append(self.u, self.v), np.append(self.v, self.u), np.tile(self.km, 2),
            flags=np.tile(self.flags, 2), name="building", version="0",
        )  # fmt: skip


def densified(graph: Graph, step_km: float) -> Graph:
    """Put nodes along edges longer than a step, evenly on the straight line, so that points between can join them."""
    parts = np.maximum(np.ceil(graph.km / step_km), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(parts)), parts - 1)
    rank = np.arange(len(edge)) - np.repeat(np.cumsum(parts - 1) - (parts - 1), parts - 1) + 1
    share = rank / parts[edge]
    u, v = graph.u[edge], graph.v[edge]
    turn = (graph.lon[v] - graph.lon[u] + 180.0) % 360.0 - 180.0  # the short way round
    lat = graph.lat[u] + share * (graph.lat[v] - graph.lat[u])
    lon = (graph.lon[u] + share * turn + 180.0) % 360.0 - 180.0
    new = graph.nodes + np.arange(len(edge))
    whole, split = parts == 1, np.flatnonzero(parts > 1)
    last = np.append(new[rank == parts[edge] - 1], graph.v[:0])
    before = np.where(rank == 1, u, new - 1)
    piece = graph.km / parts
    grown = replace(graph, u=graph.u[whole], v=graph.v[whole], km=graph.km[whole], flags=graph.flags[whole])
    grown = grown.with_nodes(lat, lon).with_edges(before, new, piece[edge], graph.flags[edge])
    return grown.with_edges(last, graph.v[split], piece[split], graph.flags[split])


def close_gaps(graph: Graph, name: str, land: Land) -> Graph:
    """
    Join nodes that lie close together while the way round is long: bridges and slip roads that the extract lost.

    Two dead ends may lie farther apart than a dead end and a road, and these farther than two roads. The shortest gaps
    are closed first; one nearby may then no longer be a gap.
    """
    while True:
        u, v, gap = _near_pairs(graph, END_TO_END_KM[name])
        ends, back = np.unique(np.append(u, v), return_inverse=True)
        way = pair_ways(
            graph.network(), Ends.at(ends), Ends.at(ends), back[: len(u)], back[len(u) :], limit_km=WAY_ROUND_KM
        ).km
        lost = np.flatnonzero(np.isinf(way))
        if not len(lost):
            return graph
        chosen = _apart(graph, u, lost[np.lexsort((v[lost], u[lost], gap[lost]))])
        graph = _joined(graph, u[chosen], v[chosen], land)


def _near_pairs(graph: Graph, end_to_end_km: float) -> tuple[Indices, Indices, Array]:
    """Pairs of nodes that are near enough to be joined, and how far apart."""
    dead = np.bincount(np.append(graph.u, graph.v), minlength=graph.nodes) == 1
    tree = cKDTree(unit_vectors(graph.lat, graph.lon))
    every, ends = np.arange(graph.nodes), np.flatnonzero(dead)
    found = [np.zeros((0, 2), np.int64), tree.query_pairs(ROADS_KM / EARTH_RADIUS_KM, output_type="ndarray")]
    for others, reach in ((every, END_TO_ROAD_KM), (ends, end_to_end_km)):
        own = cKDTree(unit_vectors(graph.lat[ends], graph.lon[ends]))
        near = own.sparse_distance_matrix(
            cKDTree(unit_vectors(graph.lat[others], graph.lon[others])), reach / EARTH_RADIUS_KM, output_type="ndarray"
        )
        found.append(np.column_stack([ends[near["i"]], others[near["j"]]]))
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pairs[:, 0], pairs[:, 1], graph.circle(pairs[:, 0], pairs[:, 1])


def _apart(graph: Graph, node: Indices, candidates: Indices) -> Indices:
    """Of pairs in order of preference keep those with no kept one close by, judged by their first nodes."""
    vectors = unit_vectors(graph.lat[node[candidates]], graph.lon[node[candidates]])
    near: list[list[int]] = list(cKDTree(vectors).query_ball_point(vectors, CLOSE_BY_KM / EARTH_RADIUS_KM))  # type: ignore[arg-type]
    kept = np.ones(len(candidates), dtype=bool)
    for i, others in enumerate(near):
        if kept[i]:
            kept[[j for j in others if j > i]] = False
    return candidates[kept]


def cross(graph: Graph, table: Path, name: str, land: Land) -> Graph:
    """
    Add the crossings of a table and join what is still apart.

    Bridges and roads come first, then joints between neighbouring pieces, then the ferries that save enough, then
    joints over wider water.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["network"] == name]
    tree = cKDTree(unit_vectors(graph.lat, graph.lon))
    old = graph
    places: dict[str, int] = {}
    for row in rows:
        for end in ("from", "to"):
            if row[f"{end}_place"] in places:
                continue
            lat, lon = float(row[f"{end}_lat"]), float(row[f"{end}_lon"])
            places[row[f"{end}_place"]] = graph.nodes
            graph = graph.with_nodes(np.array([lat]), np.array([lon]))
            graph = _attached(graph, old, tree, land)
    u, v = (np.array([places[row[f"{end}_place"]] for row in rows]) for end in ("from", "to"))
    km = np.array([float(row["km"] or "nan") for row in rows])
    km = np.where(np.isnan(km), graph.circle(u, v) * FERRY_DETOUR, np.maximum(km, graph.circle(u, v)))
    afloat = np.array([row["kind"] == "ferry" for row in rows])
    graph = join_pieces(graph.with_edges(u[~afloat], v[~afloat], km[~afloat], 0), land, BRIDGE_KM)
    for i in np.flatnonzero(afloat)[np.argsort(km[afloat], kind="stable")]:
        one = slice(i, i + 1)
        limit = BOARDING_KM + FERRY_KM * km[i]
        way = pair_ways(
            graph.network(), Ends.at(u[one]), Ends.at(v[one]), np.array([0]), np.array([0]), limit_km=limit
        ).km
        if np.isinf(way[0]):
            graph = graph.with_edges(u[one], v[one], km[one], RouteFlag.FERRY)
    return join_pieces(graph, land, WATER_KM)


def _attached(graph: Graph, old: Graph, tree: cKDTree, land: Land) -> Graph:
    """Join the last node to the nearest old one that can be reached over land, or give it a stub of road of its own."""
    node = np.array([graph.nodes - 1])
    km, found = nearest_nodes(tree, graph.place(node), 50)
    near = found[0, km[0] <= ATTACH_KM]
    wet = land.water_km(np.repeat(graph.place(node), len(near), axis=0), old.place(near))
    dry = near[wet <= SHORE_KM][:1]
    if not len(dry):
        dry = node + 1
        graph = graph.with_nodes(graph.lat[node] + STUB_KM / 111.2, graph.lon[node])
    return graph.with_edges(node, dry, graph.circle(node, dry) * LAND_DETOUR, RouteFlag.JOINT)


def join_pieces(graph: Graph, land: Land, wet_km: float) -> Graph:
    """Join each piece to its nearest neighbour, again and again until all that remain apart are too far apart."""
    while True:
        piece = graph.pieces()
        sizes = np.bincount(piece)
        found = [_gaps(graph, piece, int(one)) for one in np.argsort(sizes, kind="stable")[:-1]]
        pairs = np.unique(np.sort(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=1), axis=0)
        u, v = pairs[:, 0], pairs[:, 1]
        wet = land.water_km(graph.place(u), graph.place(v)) > SHORE_KM
        gap = graph.circle(u, v)
        open_ = ~np.any([_inside(graph.place(u), box) & _inside(graph.place(v), box) for box in CLOSED], axis=0)
        kept = open_ & (gap <= np.where(wet, wet_km, LAND_KM))
        # of the seam's many gaps only dry ones count; the nearest gap of a piece counts in any case
        nearest = np.isin(np.arange(len(pairs)), _shortest_of_each(piece[pairs], gap))
        kept &= nearest | ~wet
        if not kept.any():
            return graph
        graph = _joined(graph, u[kept], v[kept], land)


def _gaps(graph: Graph, piece: Indices, one: int) -> Indices:
    """Pairs of nodes across the nearest gap of a piece, and across the gaps of its seams, thinned."""
    own = np.flatnonzero(piece == one)
    margin = LAND_KM / 111.0
    wide = margin / max(np.cos(np.radians(min(np.abs(graph.lat[own]).max() + margin, 85.0))), 0.05)
    near = (
        (piece != one)
        & (graph.lat > graph.lat[own].min() - margin) & (graph.lat < graph.lat[own].max() + margin)
        & (graph.lon > graph.lon[own].min() - wide) & (graph.lon < graph.lon[own].max() + wide)
    )  # fmt: skip
    other = np.flatnonzero(near)
    if not len(other):
        return np.zeros((0, 2), np.int64)
    tree = cKDTree(unit_vectors(graph.lat[other], graph.lon[other]))
    km, found = (part[:, 0] for part in nearest_nodes(tree, graph.place(own), 1))
    order = np.argsort(km, kind="stable")
    chosen = [order[0]]
    vectors = unit_vectors(graph.lat[own], graph.lon[own])
    for i in order[1:][km[order[1:]] <= SEAM_KM]:
        if (np.linalg.norm(vectors[chosen] - vectors[i], axis=1) * EARTH_RADIUS_KM > SEAM_SPACING_KM).all():
            chosen.append(i)
    return np.column_stack([own[chosen], other[found[chosen]]])


def nearest_nodes(tree: cKDTree, place: Array, k: int) -> tuple[Array, Indices]:
    """Kilometres to the k nearest points of a tree, and which they are, shapes (places, k)."""
    length, found = tree.query(unit_vectors(place[:, 0], place[:, 1]), k=list(range(1, k + 1)))
    return np.asarray(length, np.float64) * EARTH_RADIUS_KM, np.asarray(found, np.int64)


def _shortest_of_each(ends: Indices, gap: Array) -> Indices:
    """Index of the shortest gap of each piece."""
    order = np.argsort(np.tile(gap, 2), kind="stable")
    _, first = np.unique(ends.T.reshape(-1)[order], return_index=True)
    return np.unique(order[first] % len(gap)) if len(gap) else np.zeros(0, np.int64)


def _inside(place: Array, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    south, north, west, east = box
    return np.asarray(
        (place[:, 0] > south) & (place[:, 0] < north) & (place[:, 1] > west) & (place[:, 1] < east), dtype=bool
    )


def _joined(graph: Graph, u: Indices, v: Indices, land: Land) -> Graph:
    gap = graph.circle(u, v)
    wet = land.water_km(graph.place(u), graph.place(v)) > SHORE_KM
    km = gap * np.where(wet, FERRY_DETOUR, np.where(gap <= SEAM_KM, 1.0, LAND_DETOUR))
    return graph.with_edges(u, v, km, np.where(wet, RouteFlag.WATER, RouteFlag.JOINT).astype(np.uint8))
