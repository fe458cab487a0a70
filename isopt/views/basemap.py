"""
The ground that maps are drawn on: coast, lakes, borders and place names, without a network.

The outlines come from `data/basemap.npz.xz`, which `data/build.py` makes of Natural Earth (public domain) and
GeoNames (CC BY 4.0).
"""

from __future__ import annotations

import io
import lzma
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[Any]

STEPS_PER_DEGREE = 1000
SMALLEST_MARGIN = 0.35  # degrees around what is shown, about 40 km: what a planner of one town pans to
WIDEST, TALLEST = 2.4, 0.9  # width to height of the screens and windows that maps are opened in
PANNING = 1.4  # how much more than the opening view is drawn finely
MOST_POINTS = 30_000  # of the near outlines, some 150 kB in the page
MOST_PLACES = 400


@dataclass(frozen=True)
class BaseMap:
    """
    Outlines and places around the shown area, ready for the page.

    Lines are flat lists of whole thousandths of a degree: latitude and longitude of the first point, then the steps to
    each further point. The view's script undoes this.
    """

    box: tuple[float, float, float, float]
    land: list[list[int]]
    lakes: list[list[int]]
    borders: list[list[int]]
    world: list[list[int]]
    places: list[tuple[str, float, float]]


@cache
def _archive() -> dict[str, Array]:
    packed = resources.files("isopt.views").joinpath("data/basemap.npz.xz").read_bytes()
    with np.load(io.BytesIO(lzma.decompress(packed))) as stored:
        return {name: stored[name] for name in stored.files}


@cache
def _shapes(layer: str) -> Array:
    """Every line of one layer in degrees; those of land, lakes and world are closed and become areas."""
    stored = _archive()
    lengths = stored[f"{layer}_lengths"].astype(np.int64)
    planes = stored[f"{layer}_steps"]  # (axis, byte, step)
    steps = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(np.int16)[:, :, 0].astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    points = np.zeros((lengths.sum(), 2), np.int64)
    inner = np.ones(len(points), bool)
    inner[starts] = False
    points[inner] = steps.T
    # one running sum for all lines: each first point undoes what the lines before it summed up to
    ends = stored[f"{layer}_firsts"] + np.add.reduceat(points, starts, axis=0)
    points[starts] = stored[f"{layer}_firsts"]
    points[starts[1:]] -= ends[:-1]
    degrees = np.cumsum(points, axis=0) / STEPS_PER_DEGREE
    line_of_point = np.repeat(np.arange(len(lengths)), lengths)
    if layer == "borders":
        return np.asarray(shapely.linestrings(degrees, indices=line_of_point))
    return np.asarray(shapely.polygons(shapely.linearrings(degrees, indices=line_of_point)))


def _flat(line: Any) -> list[int]:
    grid = np.round(shapely.get_coordinates(line)[:, ::-1] * STEPS_PER_DEGREE).astype(np.int64)
    steps = np.diff(grid, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    return [int(number) for number in np.concatenate([grid[:1], steps]).ravel()]


def _written(shapes: Array) -> list[list[int]]:
    parts = shapely.get_parts(shapes)
    kinds = shapely.get_type_id(parts)
    rings = shapely.get_exterior_ring(parts[kinds == shapely.GeometryType.POLYGON])
    lines = parts[kinds == shapely.GeometryType.LINESTRING]
    return [flat for line in (*rings, *lines) if len(flat := _flat(line)) > 4]


def _near(layer: str, box: tuple[float, float, float, float]) -> Array:
    shapes = _shapes(layer)
    west, south, east, north = shapely.bounds(shapes).T
    seen = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return np.asarray(shapely.clip_by_rect(shapes[seen], *box))


def _places(box: tuple[float, float, float, float], lat: Array, lon: Array) -> list[tuple[str, float, float]]:
    """The largest places among the points, and the largest around them; the largest first."""
    stored = _archive()
    reach = SMALLEST_MARGIN / 2
    among = (float(lon.min()) - reach, float(lat.min()) - reach, float(lon.max()) + reach, float(lat.max()) + reach)
    chosen = np.union1d(_largest(stored, among, MOST_PLACES), _largest(stored, box, MOST_PLACES // 2))
    chosen = chosen[np.argsort(-stored["place_size"][chosen].astype(int), kind="stable")]
    names = stored["place_names"].tobytes().decode().split("\n")
    degrees = np.stack([stored["place_lat"], stored["place_lon"]], axis=1)[chosen] / STEPS_PER_DEGREE
    return [(names[row], *place) for row, place in zip(chosen.tolist(), degrees.tolist(), strict=True)]


def _largest(stored: dict[str, Array], box: tuple[float, float, float, float], most: int) -> Array:
    west, south, east, north = (edge * STEPS_PER_DEGREE for edge in box)
    lat, lon = stored["place_lat"], stored["place_lon"]
    inside = np.flatnonzero((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))
    order = np.argsort(-stored["place_size"][inside].astype(int), kind="stable")
    return np.asarray(inside[order][:most])


def _box(lat: Array, lon: Array) -> tuple[float, float, float, float]:
    """West, south, east and north of what a screen of any shape may show when the points fill it, and a little more."""
    south, north, west, east = float(lat.min()), float(lat.max()), float(lon.min()), float(lon.max())
    stretch = 1 / max(0.2, float(np.cos(np.radians((south + north) / 2))))  # degrees of longitude are shorter up north
    high, wide = north - south, (east - west) / stretch
    up = SMALLEST_MARGIN + 0.5 * PANNING * max(high, wide / TALLEST)
    aside = SMALLEST_MARGIN + 0.5 * PANNING * max(wide, high * WIDEST)
    middle = (south + north) / 2, (west + east) / 2
    return (
        max(-180.0, middle[1] - aside * stretch),
        max(-85.0, middle[0] - up),
        min(180.0, middle[1] + aside * stretch),
        min(85.0, middle[0] + up),
    )


def around(lat: Array, lon: Array) -> BaseMap:
    """
    Base map around some points: detailed near them, coarse in the rest of the world.

    Parameters
    ----------
    lat, lon
        Positions in degrees (WGS84), shape (points,), at least one.

    Returns
    -------
    BaseMap
        The near outlines are as fine as the source where they have at most 30,000 points, else as fine as that allows.

    Examples
    --------
    >>> "Kalundborg" in {name for name, lat, lon in around(np.array([55.68]), np.array([11.09])).places}
    True
    """
    box = _box(lat, lon)
    near = {layer: _near(layer, box) for layer in ("land", "lakes", "borders")}
    points = sum(int(shapely.get_num_coordinates(shapes).sum()) for shapes in near.values())
    tolerance = 1 / STEPS_PER_DEGREE * points / (4 * MOST_POINTS)  # too fine a first guess only costs time
    while points > MOST_POINTS:
        near = {layer: shapely.simplify(shapes, tolerance, preserve_topology=False) for layer, shapes in near.items()}
        points = sum(int(shapely.get_num_coordinates(shapes).sum()) for shapes in near.values())
        tolerance *= 1.6
    written = {layer: _written(shapes) for layer, shapes in near.items()}
    return BaseMap(
        box=box,
        land=written["land"],
        lakes=written["lakes"],
        borders=written["borders"],
        world=_written(_shapes("world")),
        places=_places(box, lat, lon),
    )
