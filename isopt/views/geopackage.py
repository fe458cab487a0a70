"""The solution as layers that QGIS opens: points, lines and plain tables in one GeoPackage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely

from isopt.solution.names import spelled
from isopt.solution.store import replace_file
from isopt.views import means
from isopt.views.qgis_styles import add_styles, layer_styles

if TYPE_CHECKING:
    from isopt.solution import Solution

WGS84 = "EPSG:4326"


def write_geopackage(solution: Solution, path: str | Path) -> Path:
    """
    Write a solution as a GeoPackage.

    The layers are `facilities`, `exchanges` and `ways_to_disposal` (lines from giver to taker), `plants`, `disposal`
    and `virgin` (points where they are), `firms` and `kpis` (tables without geometry). Columns are those of the CSV
    files of the same name; amounts of `facilities` and `ways_to_disposal` are yearly means. What has no coordinates
    stays, without a geometry. Layers without rows are left out. QGIS draws the layers in the colours of the map, for
    their styles lie in the file (table `layer_styles`).

    Parameters
    ----------
    solution
        Any solution.
    path
        File to write; it is replaced at once, never seen half written.
    """
    layers = layers_of(solution)
    styles = layer_styles(solution, layers)

    def fill(draft: Path) -> None:
        draft.unlink()  # the driver makes the file itself
        for name, table in layers.items():
            if len(table):
                pyogrio.write_dataframe(_plain(table), draft, layer=name, driver="GPKG", append=draft.exists())
        if styles:
            add_styles(draft, styles)

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return replace_file(target, fill)


def layers_of(solution: Solution) -> dict[str, pd.DataFrame]:
    """
    The layers of a solution by name: points, lines, and tables without a geometry.

    Parameters
    ----------
    solution
        Any solution.
    """
    points = _points(solution)
    return {
        "facilities": _at(_facilities(solution), "facility", points),
        "exchanges": _between(solution.exchanges, points),
        "ways_to_disposal": _between(_ways(solution), points),
        "plants": _at(solution.plants, "facility", points),
        "disposal": _at(solution.disposal, "facility", points),
        "virgin": _at(solution.virgin, "facility", points),
        "firms": solution.firms,
        "kpis": solution.kpis.astype({"year": str}),
    }


def write_geojson(solution: Solution, folder: str | Path) -> list[Path]:
    """
    Write the layers that have a geometry as GeoJSON (RFC 7946: WGS 84), a file each.

    Parameters
    ----------
    solution
        Any solution.
    folder
        Made where it does not exist; each file is put in place in one step.

    Returns
    -------
    paths
        ``facilities.geojson``, ``exchanges.geojson`` and so on; layers without rows are left out.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in layers_of(solution).items():
        if not len(table) or "geometry" not in table:
            continue

        def fill(draft: Path, table: pd.DataFrame = table, name: str = name) -> None:
            draft.unlink()
            pyogrio.write_dataframe(
                _plain(table), draft, layer=name, driver="GeoJSON", layer_options={"RFC7946": "YES"}
            )

        written.append(replace_file(out / f"{name}.geojson", fill))
    return written


def _points(solution: Solution) -> pd.Series[Any]:
    facilities = solution.scenario.tables["facilities"]
    lon, lat = facilities["lon"].to_numpy(float), facilities["lat"].to_numpy(float)
    known = np.isfinite(lon) & np.isfinite(lat)
    shapes = np.full(len(facilities), None, dtype=object)
    shapes[known] = shapely.points(lon[known], lat[known])
    return pd.Series(shapes, index=facilities["facility"])


def _at(table: pd.DataFrame, column: str, points: pd.Series[Any]) -> pd.DataFrame:
    if table.empty:
        return table
    placed: pd.DataFrame = geopandas.GeoDataFrame(table, geometry=list(points.reindex(table[column])), crs=WGS84)
    return placed


def _between(table: pd.DataFrame, points: pd.Series[Any]) -> pd.DataFrame:
    """Straight lines; one inside a single place has no length and no geometry."""
    if table.empty:
        return table
    starts, ends = points.reindex(table["from_facility"]), points.reindex(table["to_facility"])
    lines = [
        None if start is None or end is None or start == end else shapely.LineString([start, end])
        for start, end in zip(starts, ends, strict=True)
    ]
    placed: pd.DataFrame = geopandas.GeoDataFrame(table, geometry=lines, crs=WGS84)
    return placed


def _facilities(solution: Solution) -> pd.DataFrame:
    """The facilities with what they give, receive and dispose of, in tonnes a year."""
    facilities = solution.scenario.tables["facilities"]
    flows = means.flows(solution)
    moved = flows[flows["kind"] == "exchange"]
    gone = flows[flows["kind"] != "exchange"]
    sums = {
        "gives_t_per_yr": moved.groupby("from_facility")["tonnes"].sum(),
        "receives_t_per_yr": moved.groupby("to_facility")["tonnes"].sum(),
        "disposes_t_per_yr": gone.groupby("from_facility")["tonnes"].sum(),
    }
    added = {name: facilities["facility"].map(column).fillna(0.0).astype(float) for name, column in sums.items()}
    return facilities.assign(**added)


def _ways(solution: Solution) -> pd.DataFrame:
    """Ways to disposal with their yearly means."""
    flows = means.flows(solution)
    ways = flows[flows["kind"] == "disposal"].rename(columns={"receiver": "disposal"})
    return ways.drop(columns=["kind", "receiver_kind", "exchange", "received_as"]).reset_index(drop=True)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Words as text, and cells with several values as the CSV files write them."""
    table = spelled(table)
    listed = [
        name
        for name in table.columns
        if name != "geometry" and table[name].map(lambda cell: isinstance(cell, tuple | list)).any()
    ]
    return table.assign(**{name: table[name].map(";".join) for name in listed})
