"""What OpenStreetMap knows of industry: points and areas with their tags, from an extract or online."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from isopt.errors import InputError, did_you_mean
from isopt.geo.addresses import clean
from isopt.geo.osm_download import Box, polite
from isopt.geo.osm_driver import opened

__all__ = ["TAGS", "from_extract", "kinds", "online_features", "sectors"]

TAGS = (
    "name", "operator", "owner", "landuse", "man_made", "amenity", "recycling_type", "power", "industrial", "harbour",
    "leisure", "product", "resource", "plant:source", "plant:method", "plant:output:electricity", "landfill:waste",
    "disused", "abandoned", "demolished", "operational_status", "addr:street", "addr:housenumber", "addr:place",
    "addr:postcode", "addr:city", "addr:country", "capacity", "website", "wikidata",
)  # fmt: skip
"""Keys that are looked at."""
_AREAS = ("landuse", "man_made", "amenity", "power", "industrial", "harbour")
_CONFIGURATION = (
    "attribute_name_laundering=no\nclosed_ways_are_polygons={areas}\n[points]\nosm_id=yes\nattributes={keys}\n"
    "other_tags=no\n[lines]\n[multipolygons]\nosm_id=yes\nattributes={keys}\nother_tags=no\n[multilinestrings]\n"
    "[other_relations]\n"
)


@cache
def kinds() -> pd.DataFrame:
    """
    Return which tags make which kind of site, in order of precedence, with the sector it has unless a tag says more.

    Examples
    --------
    >>> kinds().set_index("kind").loc["landfill", "sector"]
    '38.21'
    """
    return _table("kinds")


@cache
def sectors() -> pd.DataFrame:
    """
    Return which tag speaks for which NACE class, and why: ``key, value, sector, reason``, the first that fits counts.

    Examples
    --------
    >>> sectors().set_index("value").loc["cement_works", "sector"]
    '23.51'
    """
    return _table("sectors")


def chosen_kinds(wanted: Any) -> pd.DataFrame:
    """
    Return the rows of :func:`kinds` that are wanted.

    Parameters
    ----------
    wanted
        Names of kinds; None: all.

    Raises
    ------
    InputError
        One is none.
    """
    names = list(dict.fromkeys(kinds()["kind"]))
    asked = names if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)
    for name in asked:
        if name not in names:
            raise InputError(f'"{name}" is no kind of site{did_you_mean(str(name), names)} ({", ".join(names)})')
    return kinds()[kinds()["kind"].isin(asked)]


def from_extract(path: Path, rows: pd.DataFrame, box: Box | None, tell: Callable[[str], object]) -> Any:
    """
    Read points and areas of an extract.

    Parameters
    ----------
    path
        ``.pbf`` or ``.osm``.
    rows
        Of :func:`kinds`: what to look for.
    box
        South, west, north, east; None: everywhere.
    tell
        Told what is being read.

    Returns
    -------
    features
        GeoDataFrame in WGS84: ``id`` (``node/1``, ``way/1``, ``relation/1``) and :data:`TAGS`, "" where empty.

    Raises
    ------
    InputError
        The file is not there, or damaged.
    """
    import geopandas as gpd
    import pyogrio

    if not path.is_file():
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError(f"{path} is not a file{did_you_mean(path.name, beside)}")
    if path.suffix.lower() not in {".pbf", ".osm"} or not path.stat().st_size:
        raise InputError(f"{path} is no OpenStreetMap extract (.osm.pbf or .osm)")
    pairs = dict.fromkeys(zip(rows["key"], rows["value"], strict=True))
    where = " OR ".join(f"{key} = '{value}'" for key, value in pairs)
    bounds = None if box is None else (box[1], box[0], box[3], box[2])
    parts = []
    with opened(path, _CONFIGURATION.format(areas=",".join(_AREAS), keys=",".join(TAGS)), tell) as file:
        for layer in ("points", "multipolygons"):
            tell(f"reading the {'points' if layer == 'points' else 'areas'} of {path.name}")
            sql = f"SELECT * FROM {layer} WHERE {where}"  # noqa: S608 - words of our own table
            frame = pyogrio.read_dataframe(path, sql=sql, bbox=bounds, **file.options)
            ways = frame["osm_way_id"] if "osm_way_id" in frame else pd.Series(None, index=frame.index)
            own = ("node/" if layer == "points" else "relation/") + frame["osm_id"].astype(str)
            parts.append(frame.assign(id=own.where(ways.isna(), "way/" + ways.astype(str))))
    found = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]
    return _tidy(gpd.GeoDataFrame(found, geometry="geometry", crs="EPSG:4326"))


def online_features(
    place: str | None, box: Box | None, rows: pd.DataFrame, cache_folder: Path, tell: Callable[[str], object]
) -> Any:
    """
    Ask OpenStreetMap for points and areas, through osmnx.

    Parameters
    ----------
    place
        Name as Nominatim knows it, or None.
    box
        South, west, north, east, where there is no place.
    rows
        Of :func:`kinds`: what to look for.
    cache_folder
        Where answers are kept while the questions go on.
    tell
        Told what is being asked.

    Returns
    -------
    features
        As :func:`from_extract`.

    Raises
    ------
    InputError
        The service does not answer, or knows nothing there.
    """
    wanted: dict[str, list[str]] = {}
    for key, value in zip(rows["key"], rows["value"], strict=True):
        wanted.setdefault(key, []).append(value)
    tags: Mapping[str, bool | str | list[str]] = dict(wanted)
    tell(f"asking OpenStreetMap for {', '.join(dict.fromkeys(rows['kind']))}")
    with polite(cache_folder) as osmnx:
        try:
            if place is not None:
                found = osmnx.features_from_place(place, tags)
            elif box is not None:
                found = osmnx.features_from_bbox((box[1], box[0], box[3], box[2]), tags)
            else:
                raise InputError("online a place or a box is needed")
        except (ValueError, TypeError, OSError) as error:
            raise InputError(f"OpenStreetMap gives no sites: {clean(error)}") from error
    ids = [f"{element}/{number}" for element, number in found.index]
    return _tidy(found.to_crs("EPSG:4326").reset_index(drop=True).assign(id=ids))


def _tidy(found: Any) -> Any:
    """Keep points and areas, the known keys as clean text, and one row per thing."""
    columns = {key: [clean(cell) for cell in found[key]] if key in found else "" for key in TAGS}
    import geopandas as gpd

    frame = gpd.GeoDataFrame({"id": found["id"].astype(str), **columns}, geometry=found.geometry, crs=found.crs)
    there = frame.geometry.geom_type.isin(["Point", "Polygon", "MultiPolygon"]) & ~frame.geometry.is_empty
    return frame[there].drop_duplicates("id").reset_index(drop=True)


def _table(name: str) -> pd.DataFrame:
    text = files("isopt.importers.osm").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
