"""
Measure ways and nearness: ``python -m benchmarks.routing``.

The 10 nearest of 3,000 sinks by road for 15,000 sources in Europe, beside the plainest compiled search and beside
osmnx's own routing (networkx) of a sample of the pairs found, extrapolated to all of them; and the 30 nearest of
100,000 points for each of 100,000 by great circle, beside a bare query of SciPy's tree.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Cost, measure
from isopt.geo import Network, Points
from isopt.geo.embedded import embedded_network

RESULTS = Path(__file__).resolve().parent / "routing.json"
EUROPE = (35.0, 71.5, -11.0, 32.0)
SOURCES, SINKS, K = 15_000, 3_000, 10
POINTS, NEIGHBOURS = 100_000, 30
SAMPLE = 12
"""Pairs that osmnx routes."""
LIBRARIES = ("numpy", "scipy", "numba", "networkx", "osmnx")


@dataclass
class Bench:
    """
    What is measured on, and what was found so far.

    Parameters
    ----------
    network
        Roads of Europe.
    sources, sinks
        Nodes, all different.
    points
        Two sets of points on land and sea.
    found
        Results by contender.
    """

    network: Network
    sources: np.ndarray
    sinks: np.ndarray
    points: tuple[Points, Points]
    found: dict[str, Any] = field(default_factory=dict)


Work = Callable[[Bench], Any]
PHASES: dict[str, dict[str, Work]] = {"nearest by road": {}, "nearest by circle": {}}
"""Who does what in each phase."""


def does(phase: str, contender: str) -> Callable[[Work], Work]:
    """Enter a function as a contender's part in a phase."""

    def enter(work: Work) -> Work:
        PHASES[phase][contender] = work
        return work

    return enter


def prepared(seed: int) -> Bench:
    """Cut Europe out of the embedded roads and draw who asks."""
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
    rng = np.random.default_rng(seed)
    largest = np.flatnonzero(network.piece == np.bincount(network.piece).argmax())
    sources, sinks = (np.sort(rng.choice(largest, count, replace=False)) for count in (SOURCES, SINKS))
    sets = [
        Points.of(np.degrees(np.arcsin(rng.uniform(0.5, 0.9, POINTS))), rng.uniform(-10, 30, POINTS)) for _ in range(2)
    ]
    return Bench(network, sources, sinks, (sets[0], sets[1]))


@does("nearest by road", "isopt")
def _isopt(bench: Bench) -> Any:
    from isopt.geo.labels import nearest_labels
    from isopt.geo.snapping import Ends

    return nearest_labels(bench.network, Ends.at(bench.sources), Ends.at(bench.sinks), K)


@does("nearest by road", "isopt, from coordinates")
def _router(bench: Bench) -> Any:
    from isopt.geo.network_router import NetworkRouter

    lat, lon = bench.network.lat, bench.network.lon
    router = NetworkRouter(bench.network, near_km=25, blend_km=30)
    sources, sinks = (Points(lat[nodes] + 0.01, lon[nodes]) for nodes in (bench.sources, bench.sinks))
    return router.nearest(sources, sinks, k=K)


@does("nearest by road", "plainest")
def _plainest(bench: Bench) -> Any:
    from benchmarks.prototype import k_nearest_plain

    network = bench.network.reversed
    return k_nearest_plain(network.start, network.head, network.km, bench.sinks.astype(np.int32), K)


@does("nearest by road", "osmnx, sample")
def _osmnx(bench: Bench) -> Any:
    """Route a sample of the pairs that were found; the graph is made before the clock starts."""
    import osmnx

    graph, pairs = bench.found["graph"], bench.found["pairs"]
    return osmnx.shortest_path(graph, pairs[:, 0].tolist(), pairs[:, 1].tolist(), weight="length", cpus=1)


@does("nearest by circle", "isopt")
def _circle(bench: Bench) -> Any:
    from isopt.geo.nearness import k_nearest

    return k_nearest(*bench.points, NEIGHBOURS)


@does("nearest by circle", "scipy, bare query")
def _scipy(bench: Bench) -> Any:
    from scipy.spatial import cKDTree

    from isopt.geo.nearness import unit_vectors

    a, b = (unit_vectors(points.lat, points.lon) for points in bench.points)
    return cKDTree(b).query(a, k=NEIGHBOURS)


def sampled(bench: Bench, labels: Any, seed: int) -> None:
    """Draw some of the pairs found, and make osmnx's kind of graph of the network."""
    import networkx as nx

    network = bench.network
    rng = np.random.default_rng(seed)
    which = rng.choice(len(labels.source), SAMPLE, replace=False)
    bench.found["pairs"] = np.column_stack([bench.sources[labels.source[which]], bench.sinks[labels.sink[which]]])
    bench.found["km"] = labels.km[which]
    tail = np.repeat(np.arange(network.nodes), np.diff(network.start))
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_edges_from(
        (u, v, {"length": km})
        for u, v, km in zip(tail.tolist(), network.head.tolist(), network.km.tolist(), strict=True)
    )
    bench.found["graph"] = graph


def agree(bench: Bench) -> None:
    """Hold the contenders' answers against each other: who is fast and wrong is out."""
    labels, plain = bench.found["isopt"], bench.found["plainest"]
    assert np.allclose(labels.km.reshape(SOURCES, K), plain[0][bench.sources], atol=1e-6)
    graph = bench.found["graph"]
    for path, km in zip(bench.found["osmnx, sample"], bench.found["km"], strict=True):
        length = sum(graph[u][v][0]["length"] for u, v in pairwise(path))
        assert abs(length - km) < 1e-6


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """
    Measure, print a table and write the results.

    Parameters
    ----------
    arguments
        Of the command line; None takes those of this process.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of who asks")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="where the results go")
    told = parser.parse_args(arguments)
    bench = prepared(told.seed)
    rows = []
    for phase, contenders in PHASES.items():
        for contender, work in contenders.items():
            if contender == "osmnx, sample":
                sampled(bench, bench.found["isopt"], told.seed)
            else:
                work(bench)  # compiles and fills caches
            result, cost = measure(lambda work=work: work(bench), 1 if contender == "osmnx, sample" else 3)
            if phase == "nearest by road":
                bench.found[contender] = result
            rows.append({"phase": phase, "contender": contender, **asdict(cost), **_extrapolated(contender, cost)})
            print(rows[-1], flush=True)
    agree(bench)
    found = {(row["phase"], row["contender"]): row.get("cpu_s_all", row["cpu_s"]) for row in rows}
    ratios = {
        f"{phase}: {contender} / isopt": seconds / found[phase, "isopt"]
        for (phase, contender), seconds in found.items()
    }
    results = {
        "what": f"{SOURCES} sources, {K} nearest of {SINKS} sinks, {bench.network.nodes} nodes, {bench.network.arcs} "
        f"arcs; "
        f"{POINTS} points, {NEIGHBOURS} nearest of {POINTS}; CPU seconds (least of three), peak memory above the "
        f"start; osmnx routed {SAMPLE} of the {SOURCES * K} pairs, cpu_s_all is extrapolated",
        "seed": told.seed,
        "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in LIBRARIES},
        "rows": rows,
        "ratios": ratios,
    }
    whole = told.output.with_name(f".{told.output.name}.{os.getpid()}")
    whole.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    whole.replace(told.output)
    print(json.dumps(ratios, indent=1))
    return results


def _extrapolated(contender: str, cost: Cost) -> dict[str, float]:
    return {"cpu_s_all": cost.cpu_s / SAMPLE * SOURCES * K} if contender == "osmnx, sample" else {}


if __name__ == "__main__":
    main(sys.argv[1:])
