"""Great-circle distance."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pyproj

#: Mean radius of the Earth, (2a + b) / 3 of the WGS84 ellipsoid rounded as by the IUGG, in kilometres. [1]_
#:
#: .. [1] H. Moritz, "Geodetic Reference System 1980", Journal of Geodesy 74 (2000), 128-133.
EARTH_RADIUS_KM = 6371.0088


def haversine_km(
    lat_from: ArrayLike,
    lon_from: ArrayLike,
    lat_to: ArrayLike,
    lon_to: ArrayLike,
    *,
    radius_km: float = EARTH_RADIUS_KM,
) -> NDArray[np.float64]:
    """
    Great-circle distance between points, element by element.

    Parameters
    ----------
    lat_from, lon_from, lat_to, lon_to
        Degrees in WGS84; shapes that broadcast together.
    radius_km
        Radius of the sphere.

    Returns
    -------
    distance_km
        Kilometres, in the broadcast shape; NaN where a coordinate is NaN.

    Notes
    -----
    The half-angle form is accurate for near points; the square root is clipped at 1 for antipodes. [1]_

    .. [1] R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984), 159.

    Examples
    --------
    >>> round(float(haversine_km(0.0, 0.0, 0.0, 1.0)), 4)
    111.1951
    """
    phi_1, phi_2 = np.radians(lat_from), np.radians(lat_to)
    half_lat = (phi_2 - phi_1) / 2
    half_lon = (np.radians(lon_to) - np.radians(lon_from)) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_lon) ** 2
    return np.asarray(2 * radius_km * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))), dtype=np.float64)


def geodesic_km(lat_from: ArrayLike, lon_from: ArrayLike, lat_to: ArrayLike, lon_to: ArrayLike) -> NDArray[np.float64]:
    """
    Length of the shortest line on the WGS84 ellipsoid between points, element by element.

    Parameters
    ----------
    lat_from, lon_from, lat_to, lon_to
        Degrees in WGS84; shapes that broadcast together.

    Returns
    -------
    distance_km
        Kilometres, in the broadcast shape; NaN where a coordinate is NaN.

    Notes
    -----
    PROJ's implementation of Karney's algorithm, accurate to nanometres and for nearly antipodal points too. [1]_

    .. [1] C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013), 43-55.

    Examples
    --------
    >>> round(float(geodesic_km(0.0, 0.0, 1.0, 1.0)), 6)
    156.899568
    """
    parts = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (lon_from, lat_from, lon_to, lat_to)))
    known = ~np.isnan(sum(parts))
    km = np.full(parts[0].shape, np.nan)
    if known.any():
        lon_a, lat_a, lon_b, lat_b = (part[known] for part in parts)
        km[known] = _wgs84().inv(lon_a, lat_a, lon_b, lat_b)[2] / 1000.0
    return km


def chord_km(lat_from: ArrayLike, lon_from: ArrayLike, lat_to: ArrayLike, lon_to: ArrayLike) -> NDArray[np.float64]:
    """
    Length of the straight line through the Earth between points of the WGS84 ellipsoid, element by element.

    What RELOG measures between its places: shorter than the way over the surface, by a thousandth at 1,000 km. [1]_

    Parameters
    ----------
    lat_from, lon_from, lat_to, lon_to
        Degrees in WGS84; shapes that broadcast together.

    Returns
    -------
    distance_km
        Kilometres, in the broadcast shape; NaN where a coordinate is NaN.

    Notes
    -----
    Semi-axis and flattening are those of WGS84. [2]_

    .. [1] A. S. Xavier et al., "RELOG: Reverse Logistics Optimization", Argonne National Laboratory (2020).
    .. [2] NGA.STND.0036, "World Geodetic System 1984" (2014), table 3.1.

    Examples
    --------
    >>> round(float(chord_km(41.866, -87.656, 39.764, -86.148)), 3)
    265.818
    """
    start, end = _on_ellipsoid(lat_from, lon_from), _on_ellipsoid(lat_to, lon_to)
    return np.asarray(np.sqrt(sum((a - b) ** 2 for a, b in zip(start, end, strict=True))), dtype=np.float64)


def _on_ellipsoid(lat: ArrayLike, lon: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Turn degrees into kilometres from the centre of the Earth, along three axes."""
    axis_km, flattening = 6378.137, 1 / 298.257223563
    eccentricity_2 = flattening * (2 - flattening)
    phi, lam = np.radians(lat), np.radians(lon)
    normal = axis_km / np.sqrt(1 - eccentricity_2 * np.sin(phi) ** 2)
    x, y = normal * np.cos(phi) * np.cos(lam), normal * np.cos(phi) * np.sin(lam)
    return x, y, normal * (1 - eccentricity_2) * np.sin(phi)


@cache
def _wgs84() -> pyproj.Geod:
    import pyproj

    return pyproj.Geod(ellps="WGS84")
