"""Graphs that osmnx or networkx wrote as GraphML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, quoted
from isopt.geo.distance import haversine_km
from isopt.geo.osm_network import TaggedWays
from isopt.geo.osm_tags import Tags, duration_h, plain_word
from isopt.geo.ways import places

__all__ = ["read_graph"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_COORDINATES = (("y", "x"), ("lat", "lon"), ("latitude", "longitude"))
_TAGS_LEFT = {"geometry", "length", "name", "duration", "u", "v", "key", "from", "to"}
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_graph(path: Path, tell: Callable[[str], object]) -> TaggedWays:
    """
    Read a graph: each edge is a line from node to node.

    Parameters
    ----------
    path
        GraphML whose nodes have x and y (or lon and lat) and whose edges have, if possible, ``length`` in metres,
        ``geometry`` as WKT and OpenStreetMap's tags. An edge of a directed graph goes one way, whatever its tag
        ``oneway`` says.
    tell
        Told how much was read.

    Returns
    -------
    lines
        Lines meet at the nodes; bends of the geometry are vertices.

    Raises
    ------
    InputError
        The file is no GraphML, or nodes lack coordinates, or lengths aren't in metres.
    """
    graph = _parsed(path)
    names = {node: number for number, node in enumerate(graph.nodes)}
    lat, lon = _located(graph, path)
    edges = [edge for edge in graph.edges(data=True) if not _against_motorway(edge[2])]
    if not edges:
        raise InputError(f"{path} holds no edges")
    tell(f"{len(names):,} nodes and {len(edges):,} edges read from {path.name}")
    tail = np.array([names[u] for u, _, _ in edges], dtype=np.int64)
    head = np.array([names[v] for _, v, _ in edges], dtype=np.int64)
    straight = haversine_km(lat[tail], lon[tail], lat[head], lon[head])
    km = _lengths([data.get("length") for _, _, data in edges], straight, path)
    bends = _bends([data.get("geometry") for _, _, data in edges], graph, path)
    vertices = np.array([len(bend) + 2 for bend in bends], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(vertices)]).astype(np.int64)
    inner = np.ones(first[-1], dtype=bool)
    inner[first[:-1]] = inner[first[1:] - 1] = False
    all_lat, all_lon, place = np.empty(first[-1]), np.empty(first[-1]), np.empty(first[-1], dtype=np.int64)
    for ends, nodes in ((first[:-1], tail), (first[1:] - 1, head)):
        all_lat[ends], all_lon[ends], place[ends] = lat[nodes], lon[nodes], nodes
    if inner.any():
        bent = np.concatenate([bend for bend in bends if len(bend)])
        all_lon[inner], all_lat[inner] = bent[:, 0], bent[:, 1]
        place[inner] = len(names) + places(all_lat[inner], all_lon[inner])
    directed = graph.is_directed()
    keys = sorted({str(key) for _, _, data in edges for key in data} - _TAGS_LEFT - ({"oneway"} if directed else set()))
    columns: dict[str, Iterable[Any]] = {key: [data.get(key) for _, _, data in edges] for key in keys}
    if directed:
        columns["oneway"] = ["yes"] * len(edges)
    kmh = _carried_kmh([data for _, _, data in edges], tail, head, np.where(np.isnan(km), straight, km))
    return TaggedWays(all_lat, all_lon, place, first, Tags.of(columns, len(edges)), km, kmh)


def _parsed(path: Path) -> Any:
    import xml.etree.ElementTree as ET

    import networkx as nx

    content = path.read_bytes()
    if _DOCTYPE.search(content[:4096]):
        raise InputError(f"{path} declares entities of its own, which no graph needs; it isn't read")
    try:
        return nx.parse_graphml(content.decode("utf-8-sig"), node_type=str, force_multigraph=True)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except (ET.ParseError, nx.NetworkXException, ValueError, KeyError, StopIteration) as error:
        raise InputError(f"{path} is no GraphML: {' '.join(str(error).split()) or 'it holds no graph'}") from error


def _against_motorway(data: Mapping[str, Any]) -> bool:
    """Tell whether osmnx made an edge against a motorway, which it takes as two-way where nobody wrote one-way."""
    turned = plain_word(data.get("reversed")) in {"yes", "true"}
    return (
        turned and plain_word(data.get("highway")) == "motorway" and plain_word(data.get("oneway")) in {"no", "false"}
    )


def _located(graph: Any, path: Path) -> tuple[Array, Array]:
    """Return the coordinates of the nodes in WGS84."""
    nodes = [data for _, data in graph.nodes(data=True)]
    for y, x in _COORDINATES:
        if any(y in data or x in data for data in nodes):
            break
    else:
        raise InputError(f"{path}: its nodes have no coordinates (x and y, or lon and lat)")
    lat, lon = (_column([data.get(name) for data in nodes], name, path) for name in (y, x))
    missing = np.flatnonzero(np.isnan(lat + lon))
    if missing.size:
        name = list(graph.nodes)[missing[0]]
        raise InputError(f"{path}: node {quoted(str(name))} has no coordinates ({missing.size} such nodes)")
    lon, lat = _to_wgs84(np.column_stack([lon, lat]), graph, path).T
    return lat, lon


def _to_wgs84(xy: Array, graph: Any, path: Path) -> Array:
    import pyproj

    crs = graph.graph.get("crs")
    if crs:
        try:
            system = pyproj.CRS.from_user_input(str(crs))
        except pyproj.exceptions.CRSError as error:
            raise InputError(f"{path}: {quoted(str(crs))} is no coordinate reference system") from error
        xy = np.column_stack(pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform(*xy.T))
    if not (np.isfinite(xy).all() and (np.abs(xy[:, 1]) <= 90).all() and (np.abs(xy[:, 0]) <= 360).all()):
        raise InputError(f"{path}: its coordinates are no degrees on the globe, and it names no other system (crs)")
    return xy


def _lengths(values: list[Any], straight_km: Array, path: Path) -> Array:
    """Return kilometres of edges, NaN where the file gives none."""
    metres = _column(values, "length", path)
    known = ~np.isnan(metres) & (straight_km > 0.001)
    if (metres < 0).any():
        raise InputError(f"{path}: an edge has a length below 0")
    if known.any() and np.median(metres[known] / 1000 / straight_km[known]) < 0.5:
        raise InputError(
            f"{path}: most edges are shorter than the straight line between their ends; length has to be in metres"
        )
    return metres / 1000.0


def _carried_kmh(edges: list[Any], tail: Indices, head: Indices, km: Array) -> Array:
    """Return the speed of ferries: their duration holds for the whole way, of which an edge may be a piece."""
    import pandas as pd

    hours = np.array([duration_h(plain_word(data.get("duration"))) for data in edges], dtype=np.float64)
    kmh = np.full(len(edges), np.nan)
    timed = np.flatnonzero(~np.isnan(hours))
    pieces = pd.DataFrame(
        {
            "way": [plain_word(edges[place].get("osmid", place)) for place in timed],
            "a": np.minimum(tail, head)[timed],
            "b": np.maximum(tail, head)[timed],
            "km": km[timed],
        }
    )
    whole = pieces.drop_duplicates(["way", "a", "b"]).groupby("way")["km"].sum()  # there and back are one
    kmh[timed] = pieces["way"].map(whole).to_numpy(dtype=np.float64) / hours[timed]
    return kmh


def _column(values: list[Any], name: str, path: Path) -> Array:
    import pandas as pd

    raw = pd.Series(values, dtype=object)
    numbers = pd.to_numeric(raw, errors="coerce").astype(float)
    wrong = np.flatnonzero(raw.notna() & ~np.isfinite(numbers))
    if wrong.size:
        raise InputError(f"{path}: {name} {quoted(str(raw[wrong[0]]))} is not a number")
    return np.asarray(numbers, dtype=np.float64)


def _bends(values: list[Any], graph: Any, path: Path) -> list[Array]:
    """Return the vertices between the ends of each edge in WGS84, shape (vertices, 2)."""
    import shapely

    texts = np.array([value if isinstance(value, str) else None for value in values], dtype=object)
    shapes: Any = shapely.from_wkt(texts, on_invalid="ignore")
    given = np.array([text is not None for text in texts])
    lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    odd = np.flatnonzero(given & ~lines)
    if odd.size:
        raise InputError(f"{path}: geometry {quoted(str(texts[odd[0]]))} is no line as WKT")
    xy, edge = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return [xy] * len(values)
    xy = _to_wgs84(xy, graph, path)
    return [part[1:-1] for part in np.split(xy, np.searchsorted(edge, np.arange(1, len(values))))]
