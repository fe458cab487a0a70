"""
Make the embedded network of sea lanes and ports of the wheel ``searoute``.

    python -m isopt.geo.data.build_sea SITE_PACKAGES

SITE_PACKAGES is a folder with searoute 1.6.0, unpacked: Eurostat's maritime network and the ports of UN/LOCODE. The
same package makes the same bytes. What was done to them stands in ``NETWORKS.md``.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.geo.data.joining import FERRY_DETOUR, Graph, densified, nearest_nodes
from isopt.geo.data.land import Land
from isopt.geo.distance import haversine_km
from isopt.geo.nearness import unit_vectors
from isopt.geo.packing import pack

HERE = Path(__file__).parent
STEP_KM = 25.0
"""Longest edge; longer ones get nodes in between, so that a port finds its lane."""
COAST_KM = 5.0
"""
A place that is not marked as a terminal counts as a port only this near to the sea: the list has Coventry and
Sheffield.
"""
APPROACH_KM = 150.0
"""Longest approach between a port and its lane."""
DRY = 3.0
"""A kilometre of approach over land counts so much more than one over water when the lane is chosen."""
DEGREES, PER_KM = 1000, 100
"""As for roads: a thousandth of a degree, and 10 m."""


def lanes(path: Path) -> tuple[Graph, list[str], NDArray[np.uint8]]:
    """Read the lanes; give also the names of passages and, for each edge, which it belongs to (0: none)."""
    places: dict[tuple[float, float], int] = {}
    edges: dict[tuple[int, int], str] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        geometry, passage = feature["geometry"], feature["properties"].get("passage") or ""
        lines = [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]
        for line in lines:
            at = [
                places.setdefault((round(lat, 3), round((lon + 180) % 360 - 180, 3)), len(places)) for lon, lat in line
            ]
            for a, b in pairwise(at):
                if a != b:
                    key = (min(a, b), max(a, b))
                    edges[key] = passage or edges.get(key, "")
    place, pair = np.array(list(places)), np.array(list(edges))
    names = sorted(set(edges.values()) - {""})
    code = np.array([names.index(name) + 1 if name else 0 for name in edges.values()], np.uint8)
    u, v = pair[:, 0], pair[:, 1]
    km = haversine_km(place[u, 0], place[u, 1], place[v, 0], place[v, 1])
    return Graph(place[:, 0], place[:, 1], u, v, km, code), names, code


def ports(path: Path, land: Land) -> list[dict[str, Any]]:
    """Read the ports that lie at the sea or are marked as terminals; of one code the first."""
    found: dict[str, dict[str, Any]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        told = feature["properties"]
        lon, lat = feature["geometry"]["coordinates"]
        if len(told["port"] or "") == 5 and told["port"] not in found:
            found[told["port"]] = {"lat": lat, "lon": lon, "name": told["name"], "terminal": told["t"] == 1}
    rows = [{"code": code, **row} for code, row in sorted(found.items())]
    lat, lon = (np.array([row[name] for row in rows]) for name in ("lat", "lon"))
    wet = np.zeros(len(rows), dtype=bool)
    for radius in (0.0, COAST_KM / 2, COAST_KM):
        for angle in np.arange(0, 2 * np.pi, np.pi / 8):
            north, east = np.cos(angle) * radius / 111.2, np.sin(angle) * radius / 111.2
            wet |= ~land.dry(lat + north, lon + east / np.cos(np.radians(lat)), lakes=False)
    return [row for row, near in zip(rows, wet, strict=True) if near or row["terminal"]]


def moored(graph: Graph, rows: list[dict[str, Any]], land: Land) -> tuple[Graph, list[dict[str, Any]]]:
    """Join each port to the lane that it reaches with the least way over land; drop ports that reach none."""
    tree = cKDTree(unit_vectors(graph.lat, graph.lon))
    place = np.array([[row["lat"], row["lon"]] for row in rows])
    km, near = nearest_nodes(tree, place, 30)
    port = np.repeat(np.arange(len(rows)), near.shape[1])
    over = np.repeat(place, near.shape[1], axis=0)
    lane = graph.place(near.reshape(-1))
    close = km.reshape(-1) <= APPROACH_KM
    wet = np.zeros(len(port))
    wet[close] = land.water_km(over[close], lane[close])
    toil = np.where(close, km.reshape(-1) + DRY * (km.reshape(-1) - wet), np.inf).reshape(km.shape)
    best = np.argmin(toil, axis=1)
    kept = np.flatnonzero(np.isfinite(toil.min(axis=1)))
    node = graph.nodes + np.arange(len(kept))
    whole = graph.with_nodes(place[kept, 0], place[kept, 1])
    way = km[kept, best[kept]] * FERRY_DETOUR
    return whole.with_edges(near[kept, best[kept]], node, way, 0), [rows[i] for i in kept]


def main(site_packages: Path) -> None:
    """Write the file beside this script and say what is in it."""
    package = site_packages / "searoute" / "data"
    land = Land(HERE.parents[1] / "views" / "data" / "basemap.npz.xz")
    graph, names, _ = lanes(package / "marnet_searoute.geojson")
    graph, rows = moored(densified(graph, STEP_KM), ports(package / "ports.geojson", land), land)
    lat, lon = (np.round(part * DEGREES).astype(np.int64) for part in (graph.lat, graph.lon))
    u, v = np.minimum(graph.u, graph.v), np.maximum(graph.u, graph.v)
    order = np.lexsort((v, u))
    graph = replace(graph, u=u[order], v=v[order], km=graph.km[order], flags=graph.flags[order])
    u, v = graph.u, graph.v
    circle = haversine_km(lat[u] / DEGREES, lon[u] / DEGREES, lat[v] / DEGREES, lon[v] / DEGREES)
    special = np.flatnonzero(graph.flags)
    packed = pack(
        {
            "lat": lat,
            "lon": lon,
            "last": np.cumsum(np.bincount(u, minlength=graph.nodes)),
            "step": v - u,
            "extra": np.maximum(np.round((graph.km - circle) * PER_KM), 0).astype(np.int64),
            "special": special,
            "flags": graph.flags[special].astype(np.int64),
            "passages": names,
            "port": [row["code"] for row in rows],
            "port_name": [" ".join(row["name"].split()) for row in rows],
        }
    )
    target = HERE / "sea.xz"
    whole = target.with_suffix(".part")
    whole.write_bytes(packed)
    whole.replace(target)
    sys.stdout.write(
        f"{target.name}: {target.stat().st_size / 1e6:.2f} MB, {graph.nodes} nodes, {len(u)} edges, {len(rows)} ports, "
        f"passages {', '.join(names)}\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
