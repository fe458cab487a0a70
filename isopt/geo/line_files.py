"""The user's own lines (roads, waterways, pipes) from a GeoPackage, GeoJSON or Shapefile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.distance import EARTH_RADIUS_KM
from isopt.geo.nearness import unit_vectors
from isopt.geo.osm_network import KEYS, OSM_IDS, TaggedWays
from isopt.geo.osm_tags import Tags, hstore
from isopt.geo.ways import places

__all__ = ["TOLERANCE_M", "read_own_lines", "touching"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Ends of lines within this distance of another line's vertex or segment count as touching it, in metres: what drawing
#: by hand leaves open, and less than what lies apart on purpose.
TOLERANCE_M = 1.0
_METRES_PER_DEGREE = EARTH_RADIUS_KM * 1000 * np.pi / 180
_LINES = ("LineString", "MultiLineString", "LinearRing")
_FASTEST_KMH = 1000.0


def read_own_lines(
    path: Path, layer: str | None, tell: Callable[[str], object], note: Callable[[str], object]
) -> TaggedWays:
    """
    Read lines that meet at shared vertices, and where an end touches another line.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, FlatGeobuf or Shapefile in any coordinate system.
    layer
        Which layer; None: the only one that holds lines (of a graph by osmnx: its edges).
    tell
        Told how much was read.
    note
        Told what is left out.

    Returns
    -------
    lines
        With the columns ``oneway``, ``maxspeed``, ``speed_kmh``, ``length_km`` and the tags of OpenStreetMap, if any.

    Raises
    ------
    InputError
        The file can't be read, has no coordinate system or no lines, or a number in it is none.
    """
    import shapely

    frame, graph = _frame(path, layer)
    table = frame.drop(columns=frame.geometry.name)
    table.columns = [str(name).strip().casefold() for name in table.columns]
    table = table.loc[:, ~table.columns.duplicated()]
    shapes, row = _line_strings(frame.geometry, path, note)
    wanted = {*KEYS, *OSM_IDS, "other_tags", "length_km", "length", "speed_kmh"}
    columns = {name: _flat(table[name].to_numpy(dtype=object)[row]) for name in table if name in wanted}
    if "other_tags" in columns:
        columns = _unpacked(columns)
    coordinates = shapely.get_coordinates(shapes)
    first = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))]).astype(np.int64)
    lat, lon = coordinates[:, 1], coordinates[:, 0]
    km = _numbers(columns, "length_km", path)
    metres = _numbers(columns, "length", path) if graph else None
    tags = {name: values for name, values in columns.items() if name in {*KEYS, *OSM_IDS}}
    lines = TaggedWays(
        lat, lon, places(lat, lon), first, Tags.of(tags, len(shapes)),
        km if metres is None else metres / 1000.0, _numbers(columns, "speed_kmh", path),
    )  # fmt: skip
    tell(f"{len(shapes):,} lines read from {path.name}")
    return lines if graph else touching(lines)


def touching(lines: TaggedWays, tolerance_m: float = TOLERANCE_M) -> TaggedWays:
    """
    Join lines whose ends come near another line.

    Parameters
    ----------
    lines
        Lines that meet at equal coordinates so far.
    tolerance_m
        How near an end has to be to another line's vertex, or to any point of it (which becomes a vertex), in metres.

    Returns
    -------
    lines
        Vertices within the tolerance of an end have the number of its place. Lines that cross without a vertex stay
        apart: they may be bridges.
    """
    lines = _with_junctions(lines, tolerance_m)
    return replace(lines, place=_merged(lines, tolerance_m))


def _frame(path: Path, layer: str | None) -> tuple[Any, bool]:
    """Return the lines of a file in WGS84, and whether they are the edges of a graph."""
    import pyogrio
    import pyproj

    try:
        layers = {str(name): str(kind) for name, kind in pyogrio.list_layers(path)}
        if layer is not None and layer not in layers:
            raise InputError(f"{path} has no layer {quoted(layer)}{did_you_mean(layer, layers)}")
        graph = {"nodes", "edges"} <= set(layers) and layer in {None, "edges"}
        lines = [name for name, kind in layers.items() if "Line" in kind or kind in {"Unknown", "Geometry Collection"}]
        if layer is None and not graph and len(lines) > 1:
            raise InputError(f"{path} has several layers with lines; say which: {', '.join(map(quoted, lines))}")
        chosen = layer or ("edges" if graph else lines[0] if lines else next(iter(layers), None))
        frame = pyogrio.read_dataframe(path, layer=chosen, force_2d=True) if chosen is not None else None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, ValueError, UnicodeError) as error:
        raise InputError(f"{path} can't be read: {' '.join(str(error).split())}") from error
    if frame is None or "geometry" not in frame or not len(frame):
        raise InputError(f"{path} holds no lines")
    if frame.crs is None:
        raise InputError(
            f"{path} has no coordinate reference system; set it in QGIS (a Shapefile keeps it in {path.stem}.prj)"
        )
    try:
        frame = frame.to_crs("EPSG:4326")
    except (pyproj.exceptions.ProjError, ValueError) as error:
        raise InputError(
            f"{path}: its coordinate reference system has no place on the globe ({frame.crs.name}); set it in QGIS"
        ) from error
    if np.isnan(frame.total_bounds).any():
        raise InputError(f"{path} holds no lines")
    west, south, east, north = frame.total_bounds
    if not (-90 <= south <= north <= 90 and -360 <= west <= east <= 360):
        raise InputError(
            f"{path}: its coordinates are no degrees on the globe ({west:g} to {east:g} E, {south:g} to {north:g} N); "
            "its coordinate reference system is wrong or missing"
        )
    return frame, graph and {"u", "v", "length"} <= set(frame.columns)


def _line_strings(geometry: Any, path: Path, note: Callable[[str], object]) -> tuple[Any, Indices]:
    """Take lines of several parts apart, and leave out what is no line."""
    import shapely

    is_line = geometry.geom_type.isin(_LINES).to_numpy() & ~geometry.is_empty.to_numpy()
    if not is_line.any():
        kinds_there = ", ".join(sorted({str(kind) for kind in geometry.geom_type.dropna()})) or "nothing"
        raise InputError(f"{path} holds no lines, but {kinds_there}")
    if not is_line.all():
        note(f"left out, for they are no lines: {int((~is_line).sum()):,} features of {path.name}")
    shapes, row = shapely.get_parts(geometry.to_numpy()[is_line], return_index=True)
    return shapes, np.flatnonzero(is_line)[row]


def _unpacked(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Add the keys that GDAL packed into one column; columns of their own win."""
    pairs = [hstore(text) if isinstance(text, str) else {} for text in columns["other_tags"]]
    keys = {key for pair in pairs for key in pair}.intersection(KEYS) - set(columns)
    return columns | {key: np.array([pair.get(key, "") for pair in pairs], dtype=object) for key in sorted(keys)}


def _flat(cells: NDArray[Any]) -> NDArray[Any]:
    """Write lists in cells as text, as osmnx does."""
    flat = cells.copy()
    for place, cell in enumerate(cells):
        if isinstance(cell, list | tuple | np.ndarray):
            flat[place] = str([str(part) for part in cell])
    return flat


def _numbers(columns: dict[str, NDArray[Any]], name: str, path: Path) -> Array | None:
    """Return a column of numbers above 0, NaN where empty."""
    import pandas as pd

    if name not in columns:
        return None
    raw = pd.Series(columns[name], dtype=object)
    values = pd.to_numeric(raw, errors="coerce").astype(float).to_numpy()
    filled = (raw.notna() & (raw.astype(str).str.strip() != "")).to_numpy()
    wrong = filled & ~(np.isfinite(values) & (values >= 0))
    if name == "speed_kmh":
        wrong |= filled & ~((values > 0) & (values <= _FASTEST_KMH))
    if wrong.any():
        example = str(raw[np.flatnonzero(wrong)[0]])
        raise InputError(f"{path}: {name} {quoted(example)} is no number it can be ({int(wrong.sum())} such lines)")
    return np.where(filled, values, np.nan)


def _ends(lines: TaggedWays) -> Indices:
    """Return the vertices at both ends of each line."""
    return np.concatenate([lines.first[:-1], lines.first[1:] - 1])


def _with_junctions(lines: TaggedWays, tolerance_m: float) -> TaggedWays:
    """Add a vertex to each segment that the end of another line comes near."""
    import shapely

    follows = np.ones(len(lines.lat), dtype=bool)
    follows[lines.first[1:] - 1] = False
    here = np.flatnonzero(follows)
    _, pick = np.unique(lines.place[_ends(lines)], return_index=True)
    end = _ends(lines)[pick]
    xy = np.column_stack([lines.lon, lines.lat])
    segments: Any = shapely.linestrings(np.stack([xy[here], xy[here + 1]], axis=1))
    shrink = np.maximum(np.cos(np.radians(lines.lat[end])), 1e-3)
    radius = tolerance_m / _METRES_PER_DEGREE / shrink
    which, near = shapely.STRtree(segments).query(shapely.points(xy[end]), predicate="dwithin", distance=radius)
    start, stop, point = here[near], here[near] + 1, end[which]
    place = lines.place
    apart = (place[point] != place[start]) & (place[point] != place[stop])
    scale = np.column_stack([shrink[which], np.ones(len(which))]) * _METRES_PER_DEGREE
    along, off = (xy[stop] - xy[start]) * scale, (xy[point] - xy[start]) * scale
    square = (along**2).sum(axis=1)
    share = np.divide((along * off).sum(axis=1), square, out=np.zeros(len(square)), where=square > 0)
    gap = np.hypot(*(off - share[:, None] * along).T)
    apart &= np.abs(xy[stop, 0] - xy[start, 0]) < 180  # else it crosses the antimeridian, not the whole globe
    kept = apart & (share > 0) & (share < 1) & (gap <= tolerance_m)
    order = np.lexsort((share[kept], start[kept]))
    before, point = (start[kept] + 1)[order], point[kept][order]
    first = lines.first + np.searchsorted(before, lines.first, side="right")
    return replace(
        lines,
        lat=np.insert(lines.lat, before, lines.lat[point]),
        lon=np.insert(lines.lon, before, lines.lon[point]),
        place=np.insert(lines.place, before, lines.place[point]),
        first=first,
    )


def _merged(lines: TaggedWays, tolerance_m: float) -> Indices:
    """Number places so that those within the tolerance of an end have its number; no line shrinks at its own end."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    place = lines.place
    count = int(place.max()) + 1
    vertex = np.zeros(count, dtype=np.int64)
    vertex[place] = np.arange(len(place))
    points = unit_vectors(lines.lat[vertex], lines.lon[vertex])
    end = np.unique(place[_ends(lines)])
    near = cKDTree(points[end]).sparse_distance_matrix(
        cKDTree(points), tolerance_m / (EARTH_RADIUS_KM * 1000), output_type="ndarray"
    )
    a, b = end[near["i"]], near["j"].astype(np.int64)
    free = ~_of_one_line(lines, a, b)
    graph = coo_array((np.ones(int(free.sum()), np.int8), (a[free], b[free])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1][place], dtype=np.int64)


def _of_one_line(lines: TaggedWays, a: Indices, b: Indices) -> NDArray[np.bool_]:
    """Tell which pairs of places are neighbours on a line, or an end and an inner vertex of its own line."""
    place, count = lines.place, int(lines.place.max()) + 1
    line = np.repeat(np.arange(len(lines.first) - 1), np.diff(lines.first))
    here = np.flatnonzero(line[1:] == line[:-1])
    steps = np.sort(np.column_stack([place[here], place[here + 1]]), axis=1) @ np.array([count, 1])
    pairs = np.sort(np.column_stack([a, b]), axis=1) @ np.array([count, 1])
    inner = np.bincount(place, minlength=count) == 1
    inner[place[_ends(lines)]] = False
    line_of = np.zeros(count, dtype=np.int64)
    line_of[place] = line
    lines_at = np.unique(place * len(lines.first) + line)
    own = inner[b] & np.isin(a * len(lines.first) + line_of[b], lines_at)
    return np.asarray(np.isin(pairs, steps) | own)
