"""Supported points of a front: a lower hull, and for each of its corners the weights for which nothing is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: A weight as a key: rounded, so that the same corner reached from two cells is asked about once.
Key = tuple[float, ...]

#: Points that lie below the hull by at most this (objectives have a range of about 1) are not told apart: it is what
#: the solver's tolerances leave undecided.
SAME = 1e-7
#: Digits of a weight that tell corners apart.
DIGITS = 10
#: Rounding of a scalar product.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Asked:
    """
    The answer for one weight.

    Attributes
    ----------
    point
        Objectives of the plan found, shape (objectives,); None where there is none.
    bound
        What no plan's weighted sum can beat.
    """

    point: Array | None
    bound: float


@dataclass(frozen=True)
class Hull:
    """
    Corners of the lower hull.

    Attributes
    ----------
    points
        Objectives of the corners, shape (corners, objectives).
    cells
        For each corner the polygon (interval, for two objectives) of weights for which it is best, each of shape
        (vertices, objectives).
    bounds
        What is proven at each weight that was asked.
    proven
        Whether every vertex of every cell was asked and its value proven.
    error
        No plan's weighted sum (weights that add up to 1) is better than the hull's by more than this.
    stopped
        Whether there was no answer for a weight any more: somebody stopped, or time was over.
    """

    points: Array
    cells: tuple[Array, ...]
    bounds: Mapping[Key, float]
    proven: bool
    error: float
    stopped: bool

    @property
    def weights(self) -> Array:
        """A weight inside each cell, all objectives in it, shape (corners, objectives)."""
        return np.array([cell.mean(axis=0) for cell in self.cells]).reshape(self.points.shape)

    def bound_of(self, corner: int) -> float:
        """What no plan's sum can beat at the weight inside a cell: the value is concave in the weights."""
        return float(np.mean([_floor(vertex, self.bounds) for vertex in self.cells[corner]]))

    def supports(self, point: Array, same: float = 2 * SAME) -> bool:
        """Whether a point lies on the hull for some weights that count every objective."""
        for cell in self.cells:
            above = cell @ point - (cell @ self.points.T).min(axis=1)
            on = cell[above <= same]
            if len(on) and (on.mean(axis=0) > SAME).all():
                return True
        return False

    def neighbours(self) -> list[tuple[int, int]]:
        """Corners whose cells have a side (an end, for two objectives) in common."""
        pairs = []
        for i, cell in enumerate(self.cells):
            for j in range(i + 1, len(self.cells)):
                shared = cell[np.abs(cell @ (self.points[j] - self.points[i])) <= SAME]
                if len({key_of(vertex) for vertex in shared}) >= self.points.shape[1] - 1:
                    pairs.append((i, j))
        return pairs


def lower_hull(
    start: Sequence[Array], bounds: Mapping[Key, float], ask: Callable[[Array], Asked | None], *, same: float = SAME
) -> Hull:
    r"""
    Find every corner of the lower hull of all plans, each proven by a question.

    For weights :math:`\lambda` from the simplex let :math:`v(\lambda) = \min_x \lambda^\top f(x)`, a concave function.
    The points found so far give an upper bound, :math:`\min_i \lambda^\top y_i`, linear on cells that are intervals
    (two objectives) or polygons (three). Where :math:`v` equals it at all vertices of a cell, it equals it on the whole
    cell; where it does not, the answer is a new point. For two objectives this is the dichotomic search of Aneja and
    Nair (1979), for three the search of the weight space (Przybylski, Gandibleux and Ehrgott 2010). It takes a question
    per corner of the hull and one per vertex of the cells.

    Parameters
    ----------
    start
        Objectives of some plans, each shape (objectives,), with a range of about 1.
    bounds
        What is proven already: of the weights that count one objective alone at least.
    ask
        Finds the best plan for a weight, shape (objectives,), and what is proven; None ends the search.
    same
        Points that are better than the hull by at most this are not told apart.

    Returns
    -------
    hull
        With what is proven, also where the search was ended.

    Examples
    --------
    >>> plans = np.array([[0.0, 1.0], [0.3, 0.3], [0.6, 0.35], [1.0, 0.0]])
    >>> def best(weight):
    ...     value = plans @ weight
    ...     return Asked(plans[value.argmin()], float(value.min()))
    >>> lower_hull([plans[0], plans[3]], {(1.0, 0.0): 0.0, (0.0, 1.0): 0.0}, best).points
    array([[0. , 1. ],
           [0.3, 0.3],
           [1. , 0. ]])
    """
    points: list[Array] = []
    cells: list[Array] = []
    for point in start:
        _add(points, cells, point)
    known = dict(bounds)
    stopped = False
    while (vertex := _most_promising(points, cells, known)) is not None:
        answer = ask(vertex)
        if answer is None:
            stopped = True
            break
        known[key_of(vertex)] = answer.bound
        value = float((np.array(points) @ vertex).min())
        if answer.point is not None and float(vertex @ answer.point) < value - same:
            _add(points, cells, answer.point)
    points, cells = _corners(points, cells, same)
    order = sorted(range(len(points)), key=lambda i: tuple(points[i]))
    vertices = np.vstack(cells)
    above = (vertices @ np.array(points).T).min(axis=1) - np.array([_floor(vertex, known) for vertex in vertices])
    error = max(0.0, float(above.max()))
    return Hull(
        np.array([points[i] for i in order]),
        tuple(cells[i] for i in order),
        known,
        proven=error <= 2 * same,
        error=error,
        stopped=stopped,
    )


def key_of(weight: Array) -> Key:
    """Round a weight to a key."""
    return tuple((np.round(weight, DIGITS) + 0.0).tolist())


def knee_of(points: Array, ends: Array) -> int | None:
    """
    Find the point farthest from the chord (the plane, for three objectives) through the ends, on its better side.

    Parameters
    ----------
    points
        In units in which objectives compare, shape (points, objectives).
    ends
        The best of each objective by itself, shape (objectives, objectives).

    Returns
    -------
    knee
        Its index; None where no point lies below, or the ends don't span a chord or a plane that rises to both sides.

    Examples
    --------
    >>> knee_of(np.array([[0.0, 1.0], [0.2, 0.3], [0.5, 0.2], [1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    1
    """
    if not len(points) or len(ends) < 2:
        return None
    steps = ends[1:] - ends[0]
    _, sizes, rows = np.linalg.svd(steps)
    if sizes.min(initial=np.inf) <= SAME:
        return None
    normal = rows[-1] * np.sign(rows[-1].sum())
    if (normal <= SAME).any():
        return None
    depth = (ends[0] - points) @ normal
    best = int(np.argmax(depth))
    return best if depth[best] > SAME else None


def _simplex(objectives: int) -> Array:
    return np.eye(objectives)


def _add(points: list[Array], cells: list[Array], point: Array) -> None:
    """Take a point in: its cell is cut out of the others."""
    own = _simplex(len(point))
    for i, other in enumerate(points):
        own = _clip(own, other - point)
        cells[i] = _clip(cells[i], point - other)
    points.append(point)
    cells.append(own)


def _clip(corners: Array, normal: Array) -> Array:
    """Keep the part of a convex polygon (or interval) on which the scalar product with a vector is not negative."""
    if not len(corners):
        return corners
    side = corners @ normal
    side[np.abs(side) <= ROUNDING * max(1.0, float(np.abs(normal).max()))] = 0.0
    if (side >= 0).all():
        return corners
    kept: list[Array] = []
    for i in range(len(corners)):
        j = (i + 1) % len(corners)
        if side[i] >= 0:
            kept.append(corners[i])
        if side[i] * side[j] < 0:
            kept.append(corners[i] + side[i] / (side[i] - side[j]) * (corners[j] - corners[i]))
    found = {key_of(vertex): vertex for vertex in kept}
    return np.array(list(found.values())).reshape(-1, corners.shape[1])


def _floor(vertex: Array, known: Mapping[Key, float]) -> float:
    """
    What is proven at a weight.

    Its own answer, or, the value being concave in the weights, what lies between two answers (two objectives) or
    between those of the single objectives.
    """
    own = known.get(key_of(vertex), -np.inf)
    if len(vertex) == 2:
        asked = sorted((key[0], bound) for key, bound in known.items() if np.isfinite(bound))
        if len(asked) >= 2 and asked[0][0] <= vertex[0] <= asked[-1][0]:
            at, bounds = np.array(asked, dtype=np.float64).T
            own = max(own, float(np.interp(float(vertex[0]), at, bounds)))
    units = [(w, known[key_of(row)]) for w, row in zip(vertex, np.eye(len(vertex)), strict=True) if w > 0]
    return max(own, float(sum(w * bound for w, bound in units)))


def _most_promising(points: list[Array], cells: list[Array], known: Mapping[Key, float]) -> Array | None:
    """The vertex not asked about yet at which a new point could lie deepest below the hull; None if there is none."""
    open_ones = {key_of(vertex): vertex for cell in cells for vertex in cell if key_of(vertex) not in known}
    if not open_ones:
        return None
    vertices = np.array(list(open_ones.values()))
    room = (vertices @ np.array(points).T).min(axis=1) - np.array([_floor(vertex, known) for vertex in vertices])
    return np.asarray(vertices[int(np.argmax(room))])


def _corners(points: list[Array], cells: list[Array], same: float) -> tuple[list[Array], list[Array]]:
    """Drop the points without which the hull is the same: those between others, and those others replaced."""
    kept = [i for i, cell in enumerate(cells) if len(cell)]
    points, cells = [points[i] for i in kept], [cells[i] for i in kept]
    for point in sorted(points, key=tuple, reverse=True):
        i = next(k for k, one in enumerate(points) if one is point)
        if len(points) > 1 and _depth(points, cells, i) <= same:
            rest = [one for one in points if one is not point]
            points, cells = [], []
            for one in rest:
                _add(points, cells, one)
    return points, cells


def _depth(points: list[Array], cells: list[Array], i: int) -> float:
    """How far the hull would rise at most without a point."""
    cell = cells[i]
    if len({key_of(vertex) for vertex in cell}) < len(points[i]):
        return 0.0
    around = [j for j, other in enumerate(cells) if j != i and len(other) and _touch(cell, points[j] - points[i])]
    deepest = 0.0
    for j in around:
        part = cell
        for k in around:
            if k != j:
                part = _clip(part, points[k] - points[j])
        if len(part):
            deepest = max(deepest, float((part @ (points[j] - points[i])).max()))
    return deepest


def _touch(cell: Array, step: Array) -> bool:
    """Whether another point is as good somewhere in a cell."""
    return bool((np.abs(cell @ step) <= SAME).any())
