"""A GeoPackage whose layers are tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import Problem
from isopt.scenario.contract import tables
from isopt.scenario.frames import Raw, raw_of, text_column
from isopt.scenario.sources import Source, known_first

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_geopackage"]

_OF_QGIS = {"layer_styles", "qgis_projects"}
"""Tables that QGIS keeps in a GeoPackage for itself."""


def read_geopackage(source: Source, path: Path, file: str) -> None:
    """
    Add the tables of a GeoPackage to a source: a layer each; the points of ``facilities`` are their coordinates.

    Parameters
    ----------
    source
        What is gathered.
    path
        Where the file lies.
    file
        How messages call it.
    """
    import pyogrio

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        for layer in sorted(layers, key=known_first):
            if layer in _OF_QGIS:
                continue
            place = f"{file} layer {layer}"
            alone = len(layers) == 1 and path.stem in tables()
            name = path.stem if alone else source.table_name(place, layer)
            if name is None:
                continue
            frame = pyogrio.read_dataframe(path, layer=layer)
            raw, problems = _located(frame, name, place) if "geometry" in frame else (raw_of(name, frame, place), [])
            source.problems += problems
            source.add(raw)
    except pyogrio.errors.DataSourceError as error:
        source.fail(file, f"can't be read as a GeoPackage: {error}")


def _located(frame: Any, name: str, place: str) -> tuple[Raw, list[Problem]]:
    """Return a layer with geometry as a table; where a facility has no coordinates, its point gives them in WGS84."""
    plain = raw_of(name, pd.DataFrame(frame.drop(columns="geometry")), place)
    if name != "facilities":
        return plain, []
    points = frame.geometry
    there = ~(points.isna() | points.is_empty).to_numpy()
    odd = np.flatnonzero(there & (points.geom_type != "Point").to_numpy())
    problems = [
        Problem(place, int(plain.rows[line]), "geometry", f"is a {points.geom_type.iloc[line]}; a facility is a point")
        for line in odd
    ]
    there[odd] = False
    if not there.any():
        return plain, problems
    if points.crs is None:
        return plain, [
            *problems,
            Problem(place, None, "geometry", "has no coordinate reference system; set it in QGIS"),
        ]
    points = points[there].to_crs("EPSG:4326")
    cells = plain.cells.copy()
    filled = there.copy()
    for column in ("lat", "lon"):
        if column in cells:
            filled &= (cells[column].isna() | (cells[column] == "")).to_numpy()
    chosen = filled[there]
    for column, values in (("lat", points.y), ("lon", points.x)):
        old = cells[column].astype(object).to_numpy() if column in cells else np.full(len(cells), "", dtype=object)
        new = old.copy()
        new[filled] = [repr(float(value)) for value in values[chosen]]
        new[[isinstance(value, float) and np.isnan(value) for value in new]] = ""
        cells[column] = text_column(str(value) for value in new)
    if "crs" in cells:
        cells["crs"] = text_column("" if taken else text for taken, text in zip(filled, cells["crs"], strict=True))
    return Raw(name, place, cells, plain.rows), problems
