"""Where ways run, packed for the page: lines along roads, rails and sea lanes instead of curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from isopt.geo.embedded import OSM_ATTRIBUTION
from isopt.geo.gazetteer import ATTRIBUTION

if TYPE_CHECKING:
    import geopandas

    from isopt.scenario import Scenario

_OF_OSM = {"road", "rail", "osm"}
"""Routers whose networks are OpenStreetMap's."""

#: Steps per degree of a line in the page; one is about ten metres.
STEPS = 10_000


def packed(
    lines: geopandas.GeoDataFrame | None,
) -> tuple[list[list[int]], dict[tuple[str, str, str], int]]:
    """
    Write lines as the page holds them: whole steps, the first point and then the difference to the one before.

    Parameters
    ----------
    lines
        From `isopt.route_lines`; None where there are none.

    Returns
    -------
    routes
        Latitude and longitude of each point in turn, as steps.
    number
        Number of the route from one facility to another by a mode.

    Examples
    --------
    >>> import geopandas
    >>> line = shapely.LineString([(11.0, 55.0), (11.1, 55.2), (11.3, 55.2)])
    >>> rows = {"from_facility": ["A"], "to_facility": ["B"], "mode": ["truck"]}
    >>> packed(geopandas.GeoDataFrame(rows, geometry=[line]))
    ([[550000, 110000, 2000, 1000, 0, 2000]], {('A', 'B', 'truck'): 0})
    """
    if lines is None or lines.empty:
        return [], {}
    bent = lines[shapely.get_num_coordinates(lines.geometry.to_numpy()) > 2]  # of a straight one the map makes a curve
    routes = []
    for line in bent.geometry:
        steps = np.round(shapely.get_coordinates(line)[:, ::-1] * STEPS).astype(np.int64)
        routes.append(np.diff(steps, axis=0, prepend=0).ravel().tolist())
    keys = zip(bent["from_facility"], bent["to_facility"], bent["mode"], strict=True)
    return routes, {key: row for row, key in enumerate(keys)}


def credits_of(scenario: Scenario, lines: geopandas.GeoDataFrame | None = None) -> list[str]:
    """
    Return what must be said of the networks and tables that distances, places and lines come from.

    Parameters
    ----------
    scenario
        With the distances that were measured and the coordinates that were found.
    lines
        Lines that are drawn, from `isopt.route_lines`.
    """
    said = set() if lines is None or "attribution" not in lines else {str(words) for words in lines["attribution"]}
    stamps = () if scenario.distances is None else scenario.distances.stamps
    if any(stamp.router in _OF_OSM for stamp in stamps):
        said.add(OSM_ATTRIBUTION)
    found = set(scenario.geocodes["geocode_source"])
    said |= {ATTRIBUTION} if any("GeoNames" in source for source in found) else set()
    said |= {OSM_ATTRIBUTION} if any("Nominatim" in source for source in found) else set()
    return sorted(said - {""})
