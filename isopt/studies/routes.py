"""Where the ways of a plan run: lines along roads, rails and sea lanes, for maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.errors import ScenarioError
from isopt.geo import PathRouter, Points, Router
from isopt.geo.choose import router_of_mode
from isopt.solution.store import replace_file

if TYPE_CHECKING:
    import geopandas

    from isopt.solution import Solution

__all__ = ["route_lines", "stored_route_lines"]

_PAIR = ["from_facility", "to_facility", "mode"]
_LAYER = "routes"
#: How far a drawn line may be from the way itself, in kilometres: less than a pixel on a map of a region.
TOLERANCE_KM = 0.1


def route_lines(
    solution: Solution, *, routers: Mapping[str, Router] | None = None, tolerance_km: float = TOLERANCE_KM
) -> geopandas.GeoDataFrame:
    """
    Draw the ways that a plan uses, exchanges and ways to disposal alike.

    Parameters
    ----------
    solution
        A solution with a plan.
    routers
        Routers by mode or network, before those of ``[routing]``.
    tolerance_km
        How far a line may be from its way; longer tolerances give fewer vertices.

    Returns
    -------
    lines
        A row per pair and mode that something is carried over by a router that knows where its ways run:
        ``from_facility, to_facility, mode, router, network_version``, the ``attribution`` that a map must show, and the
        line in WGS84, from start to end. Modes on straight lines are left out.
    """
    import geopandas

    scenario = solution.scenario
    places = scenario.facilities.set_index("facility")[["lat", "lon"]]
    detour = dict(zip(scenario.modes["mode"], scenario.at("modes", "detour")[:, 0], strict=True))
    networks = dict(zip(scenario.modes["mode"], scenario.modes["network"], strict=True))
    flows = solution.flows
    used = flows.loc[flows["from_facility"] != flows["to_facility"], _PAIR].drop_duplicates(ignore_index=True)
    rows, lines = [], []
    for mode, pairs in used[used["mode"] != ""].groupby("mode"):
        given = routers or {}
        router = given.get(str(mode), given.get(networks[mode])) or _chosen(solution, str(mode), float(detour[mode]))
        if not isinstance(router, PathRouter) or router.name in {"straight", "geodesic"}:
            continue
        start, end = (
            Points.of(
                places.loc[pairs[side], "lat"], places.loc[pairs[side], "lon"], pairs[side].to_numpy(dtype=object)
            )
            for side in ("from_facility", "to_facility")
        )
        paths = router.paths(start, end, tolerance_km)
        drawn = [i for i, path in enumerate(paths) if len(path) > 1]
        credit = getattr(getattr(router, "network", None), "attribution", "")
        stamp = {"router": router.name, "network_version": router.version, "attribution": credit}
        rows.append(pairs.iloc[drawn].assign(**stamp))
        lines += [_line(paths[i]) for i in drawn]
    none = pd.DataFrame(columns=[*_PAIR, "router", "network_version", "attribution"])
    table = pd.concat(rows, ignore_index=True) if rows else none
    return geopandas.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def stored_route_lines(solution: Solution, path: Path, *, tolerance_km: float = TOLERANCE_KM) -> geopandas.GeoDataFrame:
    """
    Return the lines of a stored solution's ways, drawn once and kept beside it.

    Parameters
    ----------
    solution
        A solution that was read back.
    path
        GeoPackage that keeps the lines; it is read where it holds all of them by the same routers, else written anew.
    tolerance_km
        As for `route_lines`.
    """
    import geopandas
    import pyogrio

    used = solution.flows.loc[solution.flows["from_facility"] != solution.flows["to_facility"], _PAIR].drop_duplicates()
    stamps = f"{solution.scenario.fingerprint} {tolerance_km:g} {pd.util.hash_pandas_object(used, index=False).sum()}"
    if path.is_file():
        try:
            kept = geopandas.read_file(path, layer=_LAYER)
            if len(kept) and set(kept["drawn_for"]) == {stamps}:
                return kept.drop(columns="drawn_for")
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError):
            pass  # a damaged or foreign file: drawn anew
    lines = route_lines(solution, tolerance_km=tolerance_km)
    if len(lines):

        def fill(draft: Path) -> None:
            draft.unlink()
            pyogrio.write_dataframe(lines.assign(drawn_for=stamps), draft, layer=_LAYER, driver="GPKG")

        replace_file(path, fill)
    return lines


def _chosen(solution: Solution, mode: str, detour: float) -> Router | None:
    """Return the router that the scenario chooses; None where it can't be had any more, as a file that is gone."""
    try:
        return router_of_mode(solution.scenario, mode, detour)
    except ScenarioError:
        return None


def _line(path: np.ndarray) -> object:
    import shapely

    return shapely.LineString(path[:, ::-1])
