"""Convex polygons in the unit square: cut, measured, and which of them touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREA", "UNIT_BOX", "area_of", "centroid_of", "clip", "neighbours_of"]

Array = NDArray[np.float64]

#: Corners of the unit square, anticlockwise.
UNIT_BOX: Array = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
#: Share of the square below which a polygon is nothing but rounding.
AREA = 1e-10
#: Distance within which borders are the same, and the shortest border that two neighbours share.
TOUCHING, SHORTEST = 1e-8, 1e-5
#: Corners that lie closer together are one.
SAME_CORNER = 1e-12


def clip(corners: Array, normal: Array, limit: float) -> Array:
    """
    Cut a convex polygon with a straight line and keep what lies on one side.

    Parameters
    ----------
    corners
        Shape (corners, 2), anticlockwise.
    normal, limit
        What is kept has ``normal @ point <= limit``.

    Returns
    -------
    corners
        Of the rest; empty where nothing is left.

    References
    ----------
    I. E. Sutherland and G. W. Hodgman (1974), Reentrant polygon clipping, Communications of the ACM 17(1), 32-42.

    Examples
    --------
    >>> clip(UNIT_BOX, np.array([1.0, 1.0]), 1.0).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    over = corners @ normal - limit
    if (over <= 0).all():
        return corners
    kept: list[Array] = []
    for i in range(len(corners)):
        k = (i + 1) % len(corners)
        if over[i] <= 0:
            kept.append(corners[i])
        if (over[i] < 0 < over[k]) or (over[k] < 0 < over[i]):
            kept.append(corners[i] + (corners[k] - corners[i]) * (over[i] / (over[i] - over[k])))
    if not kept:
        return np.zeros((0, 2))
    found = np.array(kept)
    apart = np.abs(found - np.roll(found, 1, axis=0)).max(axis=1) > SAME_CORNER
    rest: Array = found[apart]
    return rest


def area_of(corners: Array) -> float:
    """
    Area of a polygon given anticlockwise, by the shoelace formula.

    Examples
    --------
    >>> area_of(UNIT_BOX)
    1.0
    """
    x, y = corners.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def centroid_of(corners: Array) -> Array:
    """
    Centre of gravity of a convex polygon, which lies inside it.

    Examples
    --------
    >>> centroid_of(UNIT_BOX)
    array([0.5, 0.5])
    """
    first = corners[0]
    x, y = (corners - first).T  # near the origin, so that small polygons keep their digits
    across = x * np.roll(y, -1) - np.roll(x, -1) * y
    sums = np.array([((x + np.roll(x, -1)) * across).sum(), ((y + np.roll(y, -1)) * across).sum()])
    centre: Array = first + sums / (3 * across.sum())
    return centre


def neighbours_of(polygons: Sequence[Array]) -> list[list[int]]:
    """
    Find which polygons share a piece of border; a common corner is not enough.

    Parameters
    ----------
    polygons
        Corners of each, shape (corners, 2).

    Examples
    --------
    >>> left, right = clip(UNIT_BOX, np.array([1.0, 0.0]), 0.5), clip(UNIT_BOX, np.array([-1.0, 0.0]), -0.5)
    >>> neighbours_of([left, right])
    [[1], [0]]
    """
    import shapely

    shapes = np.array([shapely.Polygon(corners) for corners in polygons])
    grown = shapely.buffer(shapes, TOUCHING)
    one, two = shapely.STRtree(grown).query(grown, predicate="intersects")
    pairs = one != two
    one, two = one[pairs], two[pairs]
    shared = shapely.area(shapely.intersection(grown[one], shapes[two])) > TOUCHING * SHORTEST
    found: list[list[int]] = [[] for _ in polygons]
    for i, k in zip(one[shared], two[shared], strict=True):
        if int(k) not in found[i]:
            found[i].append(int(k))
            if int(i) not in found[k]:
                found[k].append(int(i))
    return [sorted(near) for near in found]
