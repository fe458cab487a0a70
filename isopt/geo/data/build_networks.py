"""
Make the embedded road and railway networks of the wheel ``scgraph_data``.

    python -m isopt.geo.data.build_networks SITE_PACKAGES

SITE_PACKAGES is a folder with scgraph_data 2.0.0, unpacked: world highways and railways, drawn from OpenStreetMap and
simplified. The same package and the same ``crossings.csv`` make the same bytes. The data are under the Open Database
License (``LICENSE-ODbL-1.0.txt``); what was done to them stands in ``NETWORKS.md``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isopt.geo.data.joining import Graph, close_gaps, cross, densified
from isopt.geo.data.land import Land
from isopt.geo.distance import haversine_km
from isopt.geo.packing import pack

HERE = Path(__file__).parent
SOURCES = {"road": "world_highways", "rail": "world_railways"}
STEP_KM = 10.0
"""Longest edge; longer ones get nodes in between."""
SMALLEST_PIECE = 5
"""Nodes of the smallest piece that is kept where it stays apart."""
DEGREES = 1000
"""Coordinates are whole numbers of a thousandth of a degree, as in the source."""
PER_KM = 100
"""Lengths are whole numbers of 10 m."""


def read(path: Path) -> Graph:
    """Read one module of the package as data, without running it; loops and double edges go."""
    lists = re.findall(r"^\w+\s*=\s*(\[.*\])\s*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ways = json.loads(re.sub(r"(\d+):", r'"\1":', lists[0]))
    place = np.array(json.loads(lists[1]), np.float64)
    u = np.repeat(np.arange(len(ways)), [len(way) for way in ways])
    v = np.fromiter((int(to) for way in ways for to in way), np.int64, len(u))
    km = np.fromiter((length for way in ways for length in way.values()), np.float64, len(u))
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((km, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    kept = order[first]
    flags = np.zeros(len(kept), np.uint8)
    return Graph(place[:, 0], place[:, 1], low[kept], high[kept], km[kept], flags)


def without_crumbs(graph: Graph) -> Graph:
    """Drop pieces of a few nodes."""
    piece = graph.pieces()
    kept = np.bincount(piece)[piece] >= SMALLEST_PIECE
    new = np.cumsum(kept) - 1
    edge = kept[graph.u]
    return Graph(
        graph.lat[kept], graph.lon[kept], new[graph.u[edge]], new[graph.v[edge]], graph.km[edge], graph.flags[edge]
    )


def packed(graph: Graph) -> bytes:
    """Order nodes along a space-filling curve, so that neighbours have near numbers, and pack nodes and edges."""
    lat = np.round(graph.lat * DEGREES).astype(np.int64)
    lon = np.round(graph.lon * DEGREES).astype(np.int64)
    order = np.argsort(_interleaved(lat + 90 * DEGREES, lon + 180 * DEGREES), kind="stable")
    new = np.empty(graph.nodes, np.int64)
    new[order] = np.arange(graph.nodes)
    lat, lon = lat[order], lon[order]
    u, v = np.minimum(new[graph.u], new[graph.v]), np.maximum(new[graph.u], new[graph.v])
    by = np.lexsort((graph.flags, graph.km, v, u))
    by = by[np.append(True, (np.diff(u[by]) != 0) | (np.diff(v[by]) != 0))]  # of parallel edges the shortest
    u, v, km, flags = u[by], v[by], graph.km[by], graph.flags[by]
    circle = haversine_km(lat[u] / DEGREES, lon[u] / DEGREES, lat[v] / DEGREES, lon[v] / DEGREES)
    special = np.flatnonzero(flags)
    return pack(
        {
            "lat": lat,
            "lon": lon,
            "last": np.cumsum(np.bincount(u, minlength=graph.nodes)),
            "step": v - u,
            "extra": np.maximum(np.round((km - circle) * PER_KM), 0).astype(np.int64),
            "special": special,
            "flags": flags[special].astype(np.int64),
        }
    )


def _interleaved(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bits of both in turn (Morton's curve)."""
    code = np.zeros(len(a), np.int64)
    for bit in range(20):
        code |= ((a >> bit) & 1) << (2 * bit) | ((b >> bit) & 1) << (2 * bit + 1)
    return code


def build(name: str, package: Path, land: Land) -> Graph:
    """Read, densify, mend and join one network."""
    graph = close_gaps(read(package / f"{SOURCES[name]}.py"), name, land)
    graph = densified(graph, STEP_KM)
    return without_crumbs(cross(graph, HERE / "crossings.csv", name, land))


def main(site_packages: Path) -> None:
    """Write both files beside this script and say what is in them."""
    land = Land(HERE.parents[1] / "views" / "data" / "basemap.npz.xz")
    for name in SOURCES:
        graph = build(name, site_packages / "scgraph_data", land)
        target = HERE / f"{name}.xz"
        whole = target.with_suffix(".part")
        whole.write_bytes(packed(graph))
        whole.replace(target)
        pieces = np.sort(np.bincount(graph.pieces()))[::-1]
        sys.stdout.write(
            f"{target.name}: {target.stat().st_size / 1e6:.2f} MB, {graph.nodes} nodes, {len(graph.u)} edges, "
            f"{np.bincount(graph.flags).tolist()} by flag, {len(pieces)} pieces, the largest {pieces[:6].tolist()}\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
