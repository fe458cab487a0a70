"""Where ways over a network run, as lines that are short enough to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from isopt.geo.distance import EARTH_RADIUS_KM, haversine_km
from isopt.geo.router import Points

if TYPE_CHECKING:
    from isopt.geo.network_router import NetworkRouter

__all__ = ["draw_paths", "simplified"]

Array = NDArray[np.float64]


def draw_paths(router: NetworkRouter, start: Points, end: Points, tolerance_km: float) -> list[Array]:
    """
    Draw the way of each pair.

    Parameters
    ----------
    router
        Says which pairs go by the network at all.
    start, end
        Shape (pairs,).
    tolerance_km
        As for `simplified`.
    """
    from isopt.geo.shortest import pair_paths

    starts, ends = router.snap(start), router.snap(end)
    joined = (starts.piece == ends.piece) & (starts.piece >= 0)
    circle = haversine_km(start.lat, start.lon, end.lat, end.lon)
    straight = np.column_stack([start.lat, start.lon, end.lat, end.lon]).reshape(-1, 2, 2)
    paths = [np.zeros((0, 2))] * start.count
    for i in np.flatnonzero((joined & (circle < router.near_km)) | (circle == 0)):
        paths[i] = straight[i]
    far = np.flatnonzero(joined & (circle > 0) & (circle >= router.near_km))
    network = router.network
    for i, nodes in zip(
        far, pair_paths(network, starts.ends, ends.ends, far, far, progress=router.progress), strict=True
    ):
        if len(nodes):
            along = np.column_stack([network.lat[nodes], network.lon[nodes]])
            paths[i] = simplified(np.concatenate([straight[i, :1], along, straight[i, 1:]]), tolerance_km)
    return paths


def simplified(line: Array, tolerance_km: float) -> Array:
    """
    Leave out vertices of a line as long as it stays within a tolerance; the ends stay.

    Parameters
    ----------
    line
        Latitude and longitude, shape (vertices, 2), at least two; it may cross the antimeridian.
    tolerance_km
        Largest distance between the old line and the new one, on a map that is true to scale at the middle latitude.

    Examples
    --------
    >>> simplified(np.array([[0.0, 0.0], [0.001, 0.5], [0.0, 1.0]]), tolerance_km=1.0)
    array([[0., 0.],
           [0., 1.]])
    """
    import shapely

    if tolerance_km <= 0 or len(line) <= 2:
        return line
    lat, lon = line[:, 0], np.unwrap(line[:, 1], period=360.0)
    scale = np.cos(np.radians(np.clip((lat.min() + lat.max()) / 2, -89.0, 89.0)))
    flat = shapely.linestrings(np.column_stack([lon * scale, lat]))
    kept = shapely.get_coordinates(shapely.simplify(flat, np.degrees(tolerance_km / EARTH_RADIUS_KM)))
    lon = (kept[:, 0] / scale + 180.0) % 360.0 - 180.0
    result = np.column_stack([kept[:, 1], lon])
    result[0], result[-1] = line[0], line[-1]
    return result
