"""
Ways over the roads and nearness by great circle.

Of so many links, a tenth are sources, each of which wants its ten nearest of a fifth as many sinks on the embedded
roads of Europe; and as many points as a tenth of the links, each with its ten nearest of as many others.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.registry import Bench, phase

K = 10
EUROPE = (35.0, 71.5, -11.0, 32.0)
SAMPLE = 12
"""Pairs that osmnx routes."""

distances = phase("distances", "sites to the ten nearest of each by road", search=True)
nearness = phase("nearness", "points to the ten nearest of each by great circle")


def ends_for(links: int, nodes: int) -> tuple[int, int]:
    """
    Return how many sources and sinks make so many pairs.

    Examples
    --------
    >>> ends_for(150_000, 162_261), ends_for(20, 162_261)
    ((15000, 3000), (10, 10))
    """
    sources = min(max(10, links // K), nodes // 2)
    return sources, max(K, sources // 5)


def _roads(bench: Bench) -> None:
    """Cut Europe out of the embedded roads and draw who asks."""
    from isopt.geo import Network
    from isopt.geo.embedded import embedded_network

    whole = embedded_network("road")
    south, north, west, east = EUROPE
    inside = (whole.lat > south) & (whole.lat < north) & (whole.lon > west) & (whole.lon < east)
    inside &= whole.piece == np.bincount(whole.piece).argmax()
    new = np.cumsum(inside) - 1
    tail = np.repeat(np.arange(whole.nodes), np.diff(whole.start))
    arc = inside[tail] & inside[whole.head]
    network = Network.of_arcs(
        whole.lat[inside], whole.lon[inside], new[tail[arc]], new[whole.head[arc]], whole.km[arc],
        flags=whole.flags[arc], name="Europe", version="1",
    )  # fmt: skip
    assert network.reversed.arcs == network.arcs  # made here, so that no contender pays for it
    rng = np.random.default_rng(bench.seed)
    largest = np.flatnonzero(network.piece == np.bincount(network.piece).argmax())
    counts = ends_for(bench.size, len(largest))
    sources, sinks = (np.sort(rng.choice(largest, count, replace=False)) for count in counts)
    bench.made |= {"network": network, "sources": sources, "sinks": sinks}


def _labels(bench: Bench) -> Any:
    from isopt.geo.labels import nearest_labels
    from isopt.geo.snapping import Ends

    return nearest_labels(bench.made["network"], Ends.at(bench.made["sources"]), Ends.at(bench.made["sinks"]), K)


def _compiled(bench: Bench) -> None:
    _roads(bench)
    _labels(bench)  # compiles


@distances.does("isopt", ready=_compiled)
def _isopt(bench: Bench) -> dict[str, float]:
    found = _labels(bench)
    return {"pairs": len(found.km), "km": float(found.km.sum())}


@distances.does("isopt from coordinates", ready=_compiled)
def _router(bench: Bench) -> dict[str, float]:
    """The same with snapping to the roads: what a scenario goes through."""
    from isopt.geo import Points
    from isopt.geo.network_router import NetworkRouter

    network = bench.made["network"]
    router = NetworkRouter(network, near_km=25, blend_km=30)
    ends = (bench.made["sources"], 0.01), (bench.made["sinks"], 0.0)
    sources, sinks = (Points(network.lat[nodes] + off, network.lon[nodes]) for nodes, off in ends)
    return {"pairs": len(router.nearest(sources, sinks, k=K).source)}


def _plain_compiled(bench: Bench) -> None:
    _roads(bench)
    _plain(bench)


def _plain(bench: Bench) -> dict[str, float]:
    from benchmarks.prototype import k_nearest_plain

    network = bench.made["network"].reversed
    km, _ = k_nearest_plain(network.start, network.head, network.km, bench.made["sinks"].astype(np.int32), K)
    km = km[bench.made["sources"]]
    return {"pairs": km.size, "km": float(km.sum())}


distances.does("plainest", ready=_plain_compiled)(_plain)


def _sampled(bench: Bench) -> None:
    """Draw some of the pairs that isopt finds, and make osmnx's kind of graph of the network."""
    import networkx as nx

    _roads(bench)
    network, labels = bench.made["network"], _labels(bench)
    rng = np.random.default_rng(bench.seed)
    which = rng.choice(len(labels.source), SAMPLE, replace=False)
    bench.made["pairs"] = np.column_stack(
        [bench.made["sources"][labels.source[which]], bench.made["sinks"][labels.sink[which]]]
    )
    bench.made["km"] = labels.km[which]
    tail = np.repeat(np.arange(network.nodes), np.diff(network.start))
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_edges_from(
        (u, v, {"length": km})
        for u, v, km in zip(tail.tolist(), network.head.tolist(), network.km.tolist(), strict=True)
    )
    bench.made["graph"] = graph


@distances.does("osmnx", ready=_sampled, sample=lambda bench: SAMPLE / (K * len(bench.made["sources"])))
def _osmnx(bench: Bench) -> dict[str, float]:
    """Route a sample of the pairs that were found, one by one; the graph is made before the clock starts."""
    import osmnx

    graph, pairs = bench.made["graph"], bench.made["pairs"]
    paths = osmnx.shortest_path(graph, pairs[:, 0].tolist(), pairs[:, 1].tolist(), weight="length", cpus=1)
    lengths = [sum(graph[u][v][0]["length"] for u, v in pairwise(path)) for path in paths]
    assert np.allclose(lengths, bench.made["km"], atol=1e-6)  # who is fast and wrong is out
    return {"pairs": len(paths)}


def _points(bench: Bench) -> None:
    from isopt.geo import Points

    rng = np.random.default_rng(bench.seed)
    count = max(2 * K, bench.size // K)
    bench.made["points"] = tuple(
        Points.of(np.degrees(np.arcsin(rng.uniform(0.5, 0.9, count))), rng.uniform(-10, 30, count)) for _ in range(2)
    )


@nearness.does("isopt", ready=_points)
def _circle(bench: Bench) -> Any:
    from isopt.geo.nearness import k_nearest

    return k_nearest(*bench.made["points"], K)


@nearness.does("scipy", ready=_points)
def _scipy(bench: Bench) -> Any:
    """A bare query of the tree: chords instead of kilometres, ties as they fall."""
    from scipy.spatial import cKDTree

    from isopt.geo.nearness import unit_vectors

    a, b = (unit_vectors(points.lat, points.lon) for points in bench.made["points"])
    return cKDTree(b).query(a, k=K)
