"""Which points lie within a radius of which, without a dense matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.geo.distance import EARTH_RADIUS_KM
from isopt.geo.router import Points

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_BLOCK = 8192
"""Points searched at once."""


def pairs_within(lat_a: Array, lon_a: Array, lat_b: Array, lon_b: Array, radius_km: float) -> tuple[Indices, Indices]:
    """
    Find all pairs (a, b) whose great-circle distance is at most a radius.

    Points become unit vectors, on which a straight-line tree is exact (a tree in degrees misses pairs). A hair is
    added to the radius, so that
    the caller's own comparison of distances decides at the edge.

    Parameters
    ----------
    lat_a, lon_a, lat_b, lon_b
        Degrees in WGS84, shapes (a,) and (b,). Points with NaN are in no pair.
    radius_km
        Radius in kilometres; infinity gives every pair of located points.

    Returns
    -------
    a, b
        Indices of the pairs, sorted by a and then b.
    """
    ok_a, ok_b = np.flatnonzero(~np.isnan(lat_a + lon_a)), np.flatnonzero(~np.isnan(lat_b + lon_b))
    if not ok_a.size or not ok_b.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if radius_km >= np.pi * EARTH_RADIUS_KM:
        return np.repeat(ok_a, ok_b.size), np.tile(ok_b, ok_a.size)
    chord = 2 * np.sin(radius_km / EARTH_RADIUS_KM / 2) * (1 + 1e-9) + 1e-12
    near = cKDTree(unit_vectors(lat_a[ok_a], lon_a[ok_a])).sparse_distance_matrix(
        cKDTree(unit_vectors(lat_b[ok_b], lon_b[ok_b])), chord, output_type="ndarray"
    )
    a, b = ok_a[near["i"]], ok_b[near["j"]]
    order = np.lexsort((b, a))
    return a[order], b[order]


def k_nearest(a: Points, b: Points, k: int, *, radius_km: float = np.inf) -> tuple[Indices, Indices, Array]:
    """
    Find the k points of one set that are nearest to each point of another by great circle.

    Works in blocks: memory is about 100 bytes per pair found, whatever the product of the sizes.

    Parameters
    ----------
    a, b
        Shapes (a,) and (b,); points without coordinates are in no pair.
    k
        Neighbours wanted; fewer where there are fewer within the radius.
    radius_km
        Longest distance.

    Returns
    -------
    a, b, distance_km
        Indices of the pairs and their great-circle distance, by a and then the nearest first, ties by b.

    Examples
    --------
    >>> towns = Points.of([0.0, 0.0, 0.0], [0.0, 1.0, 5.0])
    >>> k_nearest(towns, towns, 2)[1]
    array([0, 1, 1, 0, 2, 1])
    """
    ok_a, ok_b = np.flatnonzero(a.located), np.flatnonzero(b.located)
    k = min(k, len(ok_b))
    if not ok_a.size or k < 1:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    tree = cKDTree(unit_vectors(b.lat[ok_b], b.lon[ok_b]))
    chord = 2.0 if radius_km >= np.pi * EARTH_RADIUS_KM else 2 * np.sin(radius_km / EARTH_RADIUS_KM / 2)
    ranks = list(range(1, k + 1))  # a list keeps the answer two-dimensional
    parts: list[tuple[Indices, Indices, Array]] = []
    for some in np.split(ok_a, np.arange(_BLOCK, len(ok_a), _BLOCK)):
        length, found = tree.query(
            unit_vectors(a.lat[some], a.lon[some]),
            k=ranks,
            distance_upper_bound=chord * (1 + 1e-9) + 1e-12,
        )
        theirs = np.append(ok_b, -1)[np.asarray(found)]
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(length / 2, 1.0))  # infinity, where there are fewer, stays last
        km[np.isinf(length)] = np.inf
        tied = np.flatnonzero(((km[:, 1:] <= km[:, :-1]) & np.isfinite(km[:, 1:])).any(axis=1))
        order = np.lexsort((theirs[tied], km[tied]), axis=1)
        for part in (theirs, km):
            part[tied] = np.take_along_axis(part[tied], order, axis=1)
        row, column = np.nonzero(np.isfinite(km) & (km <= radius_km))
        parts.append((some[row], theirs[row, column], km[row, column]))
    first, second, distance = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return first, second, distance


def unit_vectors(lat: Array, lon: Array) -> Array:
    """
    Turn degrees into points on the unit sphere, on which straight-line search is exact.

    Parameters
    ----------
    lat, lon
        WGS84 degrees, shape (points,).

    Returns
    -------
    vectors
        Shape (points, 3).
    """
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
