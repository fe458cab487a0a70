"""Roads, railways, waterways or pipelines of an OpenStreetMap extract, read with the driver that GDAL brings along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.geo.osm_driver import Opened, opened
from isopt.geo.osm_tags import Tags, duration_h, speed_kmh
from isopt.geo.router import RouteFlag
from isopt.geo.vehicle import VEHICLE_KEYS, Barred, Vehicle, barred, denied
from isopt.geo.ways import Ways, places

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ATTRIBUTION",
    "KEYS",
    "OSM_IDS",
    "USES",
    "TaggedWays",
    "kinds",
    "of_kind",
    "one_way",
    "read_lines",
    "ways_of",
]

Bools = NDArray[np.bool_]
Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ATTRIBUTION = "© OpenStreetMap contributors, ODbL"
USES = ("road", "rail", "water", "pipe")

#: A car goes at nine tenths of the limit, a lorry at nine tenths of a car: GraphHopper, CarAverageSpeedParser and the
#: model truck.json (Apache 2.0), from which the speeds by class in ``osm_ways.csv`` are too; that of ferries without a
#: duration is from OSRM's car.lua (BSD 2-clause).
_OF_LIMIT, _OF_CAR = 0.9, 0.9
#: Speed limiters of goods vehicles above 3.5 t: Directive 92/6/EEC as amended by 2002/85/EC.
_LIMITER_KMH = 90.0
_CARRIED = ("ferry", "shuttle_train")
"""Routes on which vehicles are carried: they go by the timetable."""

KEYS = (
    "highway", "railway", "waterway", "route", "man_made", "junction", "oneway", "maxspeed", "maxspeed:hgv", "duration",
    "area", "railway:traffic_mode", "boat", "motorboat", "ship", *VEHICLE_KEYS,
)  # fmt: skip
"""Tags that decide about a way."""
OSM_IDS = ("osm_id", "osmid")
"""Columns by which an export of OpenStreetMap is known."""
_BATCH = 20_000
#: GDAL's driver takes its list of keys from such a file; without polygons all closed ways are lines, roundabouts too.
_CONFIGURATION = (
    "attribute_name_laundering=no\nclosed_ways_are_polygons=\n[points]\n[lines]\nosm_id=yes\nattributes={keys}\n"
    "other_tags=no\n[multipolygons]\n[multilinestrings]\n[other_relations]\n"
)


@dataclass(frozen=True, eq=False)
class TaggedWays:
    """
    Lines with what a file says of them.

    Attributes
    ----------
    lat, lon
        Degrees in WGS84 of the vertices of all lines, one after the other, shape (vertices,).
    place
        Number of the place of each vertex: lines meet where it is the same, shape (vertices,).
    first
        First vertex of each line, and the end: shape (lines + 1,).
    tags
        Of the lines.
    km, kmh
        Length and speed of each line that the file gives as numbers, NaN elsewhere; None where it gives none.
    """

    lat: Array
    lon: Array
    place: Indices
    first: Indices
    tags: Tags
    km: Array | None = None
    kmh: Array | None = None


@cache
def kinds() -> pd.DataFrame:
    """
    Return which ways are roads, railways, waterways and pipelines: ``uses, key, value, kmh, source``.

    Examples
    --------
    >>> kinds().query("value == 'motorway'")["kmh"].item()
    100.0
    """
    import pandas as pd

    with resources.files("isopt.geo").joinpath("osm_ways.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines, keep_default_na=False, na_values={"kmh": [""]}, dtype={"kmh": float})


def read_lines(path: Path, uses: str, tell: Callable[[str], object]) -> TaggedWays:
    """
    Read the ways of one kind from an extract.

    Parameters
    ----------
    path
        File of OpenStreetMap, ``.pbf`` or ``.osm``.
    uses
        One of :data:`USES`.
    tell
        Told after every batch how many ways have been read.

    Returns
    -------
    ways
        With the tags that matter for routing.

    Raises
    ------
    InputError
        It is damaged or none.

    Notes
    -----
    The driver knows no numbers of nodes: ways are joined later where their vertices coincide, which in OpenStreetMap
    means the same node but for duplicates. Nodes that an extract cut off are left out of their ways.
    """
    rows = kinds()[kinds()["uses"] == uses]
    words: dict[str, list[str]] = {}
    for key, value in zip(rows["key"], rows["value"], strict=True):
        words.setdefault(str(key), []).append(str(value))
    where = " OR ".join(f"{key} IN ({', '.join(map(repr, group))})" for key, group in words.items())
    with opened(path, _CONFIGURATION.format(keys=",".join(KEYS)), tell) as file:
        read = _in_batches if file.in_order else _at_once
        coordinates, sizes, tags = read(file, f"SELECT * FROM lines WHERE {where}", tell)  # noqa: S608 - our own words
    if not len(sizes):
        looked = "; ".join(f"{key} = {', '.join(group)}" for key, group in words.items())
        raise InputError(f"{path} holds no way of the kind {uses} ({looked})")
    lat, lon = coordinates[:, 1], coordinates[:, 0]
    return TaggedWays(lat, lon, places(lat, lon), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), tags)


def _in_batches(file: Opened, sql: str, tell: Callable[[str], object]) -> tuple[Array, Indices, Tags]:
    """Read lines through Arrow, which can be watched and interrupted, and tells of no error."""
    import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]
    import pyogrio
    import shapely

    coordinates, sizes, tables = [np.zeros((0, 2))], [np.zeros(0, np.int64)], []
    count = 0
    with pyogrio.open_arrow(file.path, sql=sql, batch_size=_BATCH, use_pyarrow=True, **file.options) as (_, batches):
        for batch in batches:
            shapes = shapely.from_wkb(batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False))
            coordinates.append(shapely.get_coordinates(shapes))
            sizes.append(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64))
            tables.append(batch.drop_columns([batch.schema.names[-1], "osm_id"]))
            count += batch.num_rows
            tell(f"{count:,} ways read from {file.path.name}")
    names = tables[0].schema.names if tables else []
    columns = {name: _encoded(pa.chunked_array([table.column(name) for table in tables])) for name in names}
    return np.concatenate(coordinates), np.concatenate(sizes), Tags.coded(columns, count)


def _at_once(file: Opened, sql: str, tell: Callable[[str], object]) -> tuple[Array, Indices, Tags]:
    """Read lines in one go, with all errors."""
    import pyogrio
    import shapely

    tell(f"reading the ways of {file.path.name}, whose nodes are not in order")
    meta, _, geometry, values = pyogrio.raw.read(file.path, sql=sql, **file.options)
    shapes = shapely.from_wkb(geometry)
    columns = {str(name): column for name, column in zip(meta["fields"], values, strict=True) if name != "osm_id"}
    tell(f"{len(shapes):,} ways read from {file.path.name}")
    sizes = np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)
    return shapely.get_coordinates(shapes), sizes, Tags.of(columns, len(shapes))


def of_kind(tags: Tags, uses: str) -> Bools:
    """
    Tell which ways are of a kind.

    Parameters
    ----------
    tags
        Of the ways. Without OpenStreetMap's key for the kind (``highway``, ``railway``, ``waterway``, ``man_made``),
        all of them are.
    uses
        One of :data:`USES`, or ``any``.

    Examples
    --------
    >>> of_kind(Tags.of({"highway": ["primary", "footway"]}, 2), "road").tolist()
    [True, False]
    """
    rows = kinds()[kinds()["uses"] == uses]
    if rows.empty or rows["key"].iloc[0] not in tags.codes:
        return np.ones(tags.count, dtype=bool)
    fits = np.zeros(tags.count, dtype=bool)
    for key, value in zip(rows["key"], rows["value"], strict=True):
        fits |= tags.among(str(key), {str(value)})
    return fits


def ways_of(lines: TaggedWays, uses: str, vehicle: Vehicle | None) -> tuple[Ways, Barred]:
    """
    Apply the rules of the road: who may use which way in which direction, and how fast.

    Parameters
    ----------
    lines
        Ways with their tags.
    uses
        One of :data:`USES`, or ``any``; speeds are known for roads only.
    vehicle
        What has to fit, on roads; None: any motor vehicle.

    Returns
    -------
    ways
        Those that are open.
    barred
        What was shut, and limits that can't be read.
    """
    tags = lines.tags
    road = uses in {"road", "any"}
    shut = barred(tags, vehicle) if road else Barred(_shut_to_others(tags), {}, known=True)
    forward, backward = one_way(tags)
    ferry = tags.among("route", {"ferry"})
    nothing = np.full(tags.count, np.nan)
    ways = Ways(
        lines.lat, lines.lon, lines.place, lines.first, forward, backward,
        nothing if lines.km is None else lines.km, nothing,
        np.where(ferry & road, RouteFlag.FERRY, 0).astype(np.uint8),
    )  # fmt: skip
    ways = replace(ways, hours=_hours(ways, lines, vehicle, road=road))
    closed = ~of_kind(tags, uses) | shut.shut | ~(forward | backward) | (road & tags.among("area", {"yes"}))
    return ways.take(~closed & (np.diff(lines.first) > 1)), shut


def one_way(tags: Tags) -> tuple[Bools, Bools]:
    """
    Tell in which directions ways may be used.

    Parameters
    ----------
    tags
        The key ``oneway`` decides (``-1`` and the T of some shapefiles: against the line); without it motorways,
        roundabouts and ``junction=circular`` are one-way; what changes with the hour (``reversible``) is shut.

    Returns
    -------
    forward, backward
        Shape (ways,).

    Examples
    --------
    >>> forward, backward = one_way(Tags.of({"oneway": ["yes", "-1", "", "reversible"]}, 4))
    >>> forward.tolist(), backward.tolist()
    ([True, False, True, False], [False, True, True, False])
    """
    changes = tags.among("oneway", {"reversible"})
    against = tags.among("oneway", {"-1", "reverse", "t"})
    along = tags.among("oneway", {"yes", "true", "1", "f"})
    silent = ~tags.has("oneway")
    implied = tags.among("highway", {"motorway"}) | tags.among("junction", {"roundabout", "circular"})
    along |= silent & implied
    return ~against & ~changes, ~along & ~changes


def _hours(ways: Ways, lines: TaggedWays, vehicle: Vehicle | None, *, road: bool) -> Array:
    """Time over each way: by its own speed, else by its limit and class, else by its duration as a ferry."""
    tags = lines.tags
    speed = _speeds(tags, vehicle) if road else np.full(tags.count, np.nan)
    if lines.kmh is not None:
        speed = np.where(np.isnan(lines.kmh), speed, lines.kmh)
    km = np.where(np.isnan(ways.km), ways.measured_km(), ways.km)
    hours = np.divide(km, speed, out=np.full(tags.count, np.nan), where=speed > 0)
    if not road:
        return np.asarray(hours, dtype=np.float64)
    taken = tags.numbers("duration", duration_h)
    timed = tags.among("route", _CARRIED) & ~np.isnan(taken)
    return np.asarray(np.where(timed, taken, hours), dtype=np.float64)


def _speeds(tags: Tags, vehicle: Vehicle | None) -> Array:
    """Kilometres an hour on roads; NaN where neither class nor limit is known."""
    usual = np.full(tags.count, np.nan)
    for row in kinds().query("uses == 'road'").itertuples():
        usual[tags.among(str(row.key), {str(row.value)})] = row.kmh
    limit = tags.numbers("maxspeed", speed_kmh)
    hgv = vehicle is not None and vehicle.hgv
    if hgv:
        own = tags.numbers("maxspeed:hgv", speed_kmh)
        limit = np.where(np.isnan(own), limit, own)
    carried = tags.among("route", _CARRIED)
    speed = np.where(np.isfinite(limit) & ~carried, _OF_LIMIT * limit, usual)
    lorry = np.where(carried, speed, np.minimum(_OF_CAR * speed, _LIMITER_KMH))
    return np.asarray(lorry if hgv else speed, dtype=np.float64)


def _shut_to_others(tags: Tags) -> Bools:
    """Waters without boats, tracks without freight trains."""
    water = denied(tags, ("access", "boat", "motorboat", "ship"))
    return water | tags.among("railway:traffic_mode", {"passenger"})


def _encoded(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    coded = column.combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, coded.dictionary.to_pylist()
