"""Straight lines over a range: the lowest of them, and the least concave function above some points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["lower_envelope", "upper_hull_at"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def lower_envelope(low: Array, high: Array, tolerance: float = 0.0) -> tuple[Indices, Array]:
    """
    Find which of several straight lines are the lowest somewhere between 0 and 1, and where they take turns.

    Parameters
    ----------
    low, high
        Values of each line at 0 and at 1, shape (lines,).
    tolerance
        A line that lies nowhere lower than the others by more than this is left out.

    Returns
    -------
    chosen, breaks
        Lines in the order in which they are lowest, and where each gives way to the next.

    Examples
    --------
    >>> lower_envelope(np.array([0.0, 5.0, 3.0]), np.array([8.0, 5.0, 5.5]))
    (array([0, 2, 1]), array([0.54545455, 0.8       ]))
    """
    slope = high - low
    stack: list[int] = []
    starts: list[float] = []
    for i in np.lexsort((low, -slope)):
        start = 0.0
        while stack:
            top = stack[-1]
            fall = slope[top] - slope[i]
            start = (low[i] - low[top]) / fall if fall > 0 else np.inf
            if start > starts[-1]:
                break
            stack.pop()
            starts.pop()
            start = 0.0
        if start < 1.0:
            stack.append(int(i))
            starts.append(start)
    while len(stack) > 1:
        depth = _depths(low[stack], slope[stack])
        least = int(np.argmin(depth))
        if depth[least] > tolerance:
            break
        del stack[least]
    chosen = np.array(stack, dtype=np.int64)
    a, s = low[chosen], slope[chosen]
    return chosen, np.diff(a) / -np.diff(s)


def _depths(low: Array, slope: Array) -> Array:
    """How far each line of an envelope goes below what is left without it, shape (lines,)."""
    depth = np.zeros(len(low))
    depth[0] = low[1] - low[0]
    depth[-1] = (low[-2] + slope[-2]) - (low[-1] + slope[-1])
    if depth[1:-1].size:
        at = (low[2:] - low[:-2]) / (slope[:-2] - slope[2:])
        depth[1:-1] = low[:-2] + slope[:-2] * at - (low[1:-1] + slope[1:-1] * at)
    return depth


def upper_hull_at(at: Array, bound: Array, steps: Array, close: float) -> Array:
    """
    Evaluate the least concave function above some points.

    Parameters
    ----------
    at, bound
        The points, in order, shape (points,).
    steps
        Where, shape (n,).
    close
        Points that lie closer together are one.

    Returns
    -------
    values
        Shape (n,); minus infinity outside of the points.

    Examples
    --------
    >>> upper_hull_at(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0]), np.array([1.0, 3.0]), 1e-9)
    array([  2., -inf])
    """
    kept: list[int] = []
    for i in range(len(at)):
        if kept and at[i] - at[kept[-1]] <= close:
            if bound[i] <= bound[kept[-1]]:
                continue
            kept.pop()
        while len(kept) > 1:
            one, two = kept[-2], kept[-1]
            over = bound[one] + (bound[i] - bound[one]) * (at[two] - at[one]) / (at[i] - at[one])
            if bound[two] >= over:
                break
            kept.pop()
        kept.append(i)
    inside = (steps >= at[kept[0]] - close) & (steps <= at[kept[-1]] + close)
    return np.where(inside, np.interp(steps, at[kept], bound[kept]), -np.inf)
