"""Which parts of a straight line lie over water, by the outlines of Natural Earth; for building networks only."""

from __future__ import annotations

import io
import lzma
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from isopt.geo.distance import haversine_km

__all__ = ["Land"]

Array = NDArray[np.float64]

_STEPS_PER_DEGREE = 1000
_STEP_KM = 0.25
"""Spacing of the points that are looked up along a line."""


class Land:
    """
    Land and lakes at 1:10 million, from the file of the maps' outlines (``isopt/views/data/basemap.npz.xz``).

    Parameters
    ----------
    outlines
        That file.
    """

    def __init__(self, outlines: Path) -> None:
        self._arrays = dict(np.load(io.BytesIO(lzma.decompress(outlines.read_bytes()))))

    def _areas(self, layer: str) -> NDArray[np.object_]:
        lengths, firsts, planes = (self._arrays[f"{layer}_{part}"] for part in ("lengths", "firsts", "steps"))
        steps = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(np.int16).reshape(2, -1).T.astype(np.int64)
        areas: list[Any] = []
        at = 0
        for length, first in zip(lengths.tolist(), firsts, strict=True):
            ring = np.cumsum(np.vstack([first, steps[at : at + length - 1]]), axis=0) / _STEPS_PER_DEGREE
            at += length - 1
            if len(ring) >= 4:
                areas.append(shapely.make_valid(shapely.polygons(ring)))
        shapely.prepare(areas)
        return np.array(areas, dtype=object)

    @cached_property
    def _land(self) -> shapely.STRtree:
        return shapely.STRtree(self._areas("land"))

    @cached_property
    def _lakes(self) -> shapely.STRtree:
        return shapely.STRtree(self._areas("lakes"))

    def dry(self, lat: Array, lon: Array, *, lakes: bool = True) -> NDArray[np.bool_]:
        """Tell which points lie on land and, where lakes count as water, in no lake; shape (points,)."""
        on_land = _covered(self._land, lat, lon)
        return on_land & ~_covered(self._lakes, lat, lon) if lakes else on_land

    def water_km(self, a: Array, b: Array) -> Array:
        """
        Kilometres over water on the straight line between points.

        Parameters
        ----------
        a, b
            Latitude and longitude of the ends, shape (lines, 2).
        """
        km = haversine_km(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
        count = np.maximum(np.ceil(km / _STEP_KM), 1).astype(np.int64)
        line = np.repeat(np.arange(len(km)), count)
        share = (np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[line]
        at = a[line] + share[:, None] * (b - a)[line]
        wet = ~self.dry(at[:, 0], at[:, 1])
        return np.asarray(np.bincount(line, wet, minlength=len(km)) / count * km, dtype=np.float64)


def _covered(areas: shapely.STRtree, lat: Array, lon: Array) -> NDArray[np.bool_]:
    """Tell which points lie in any area; the areas are prepared, for the outline of Eurasia has 100,000 points."""
    covered = np.zeros(len(lat), dtype=bool)
    point, area = areas.query(shapely.points(lon, lat))
    order = np.argsort(area, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(area[order])) + 1):
        if len(some):
            one, which = areas.geometries[area[some[0]]], point[some]
            covered[which] |= shapely.contains_xy(one, lon[which], lat[which])
    return covered
