"""The plane of two levers on disk: polygons, the table, and every network as a full solution."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.solution import Solution
from isopt.solution.store import replace_file, replace_text, write_solution
from isopt.studies.thresholds_files import NETWORKS, write_networks

if TYPE_CHECKING:
    import geopandas

    from isopt.studies.plane import Plane

__all__ = ["plane_polygons", "write_plane"]

#: Coordinates of the file: values of two levers, which lie nowhere on Earth.
LEVERS_CRS = (
    'ENGCRS["plane of two levers",EDATUM["levers"],CS[Cartesian,2],'
    'AXIS["first lever (x)",east,ORDER[1]],AXIS["second lever (y)",north,ORDER[2]],LENGTHUNIT["unit",1]]'
)


def plane_polygons(found: Plane) -> geopandas.GeoDataFrame:
    """
    Return the table of regions with their polygons, whose coordinates are values of the two levers.

    Parameters
    ----------
    found
        From `isopt.studies.plane.plane`.
    """
    import geopandas
    import shapely

    shapes = [shapely.Polygon(found.polygon(i)) for i in range(len(found.regions))]
    return geopandas.GeoDataFrame(found.table, geometry=shapes, crs=LEVERS_CRS)


def write_plane(
    found: Plane,
    folder: str | Path,
    *,
    write: Callable[[Solution, Path], list[Path]] | None = write_solution,
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Path]:
    """
    Write the map of two levers: ``plane.csv``, ``plane.gpkg``, ``networks/ID`` and ``summary.json``.

    Parameters
    ----------
    found
        From `isopt.studies.plane.plane`.
    folder
        Made where it does not exist; files of the same names are replaced, and networks of an earlier run go.
    write
        Writes one network's solution, such as `isopt.write`; None leaves the networks out.
    on_progress
        Told how many networks are written, of how many.

    Returns
    -------
    paths
        What was written.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.plane import plane
    >>> found = plane(isopt.read("scenarios/two_firms"), ["landfill_tax", "subsidy"], [(0, 9), (0, 9)])
    >>> [path.name for path in write_plane(found, "out/plane", write=None)]
    ['plane.csv', 'plane.gpkg', 'summary.json']
    """
    import pyogrio

    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    polygons = plane_polygons(found)

    def fill(draft: Path) -> None:
        draft.unlink()  # the driver makes the file itself
        pyogrio.write_dataframe(polygons, draft, layer="plane", driver="GPKG")

    table = found.table.assign(wkt=polygons.geometry.to_wkt())
    written = [
        replace_text(out / "plane.csv", table.to_csv(index=False, lineterminator="\n")),
        replace_file(out / "plane.gpkg", fill),
    ]
    if write is not None:
        names = [found.name(i) for i in range(len(found.regions))]
        written += write_networks(names, found.solution, out / NETWORKS, write, on_progress)
    text = json.dumps(summary(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return [*written, replace_text(out / "summary.json", text)]


def summary(found: Plane) -> dict[str, Any]:
    """Sum the map up as ``summary.json`` does."""
    problem, error = found.problem, float(found.table["error"].max())
    ends = zip(problem.levers, problem.low, problem.high, strict=True)
    return {
        "scenario": problem.scenario.title,
        "name": problem.scenario.name,
        "levers": [
            {"lever": lever.name, "unit": lever.unit, "low": float(low), "high": float(high)}
            for lever, low, high in ends
        ],
        "exact": found.exact,
        "error": error if np.isfinite(error) else None,
        "interrupted": found.interrupted,
        "networks": list(found.table["region"]),
        "parts": len(found.parts),
        "solves": found.solves,
        "seconds": round(found.seconds, 4),
        "inputs": dict(problem.scenario.inputs),
    }
