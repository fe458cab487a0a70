"""The least of many straight lines: found exactly with few solves, or as far as time allows, with what is proven."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from isopt.studies.lines import lower_envelope, upper_hull_at
from isopt.studies.part import CLOSE, Line, Part

__all__ = ["envelope_of", "lower_bound", "open_crossing"]

Array = NDArray[np.float64]


def envelope_of(part: Part) -> tuple[list[Line], Array]:
    """Plans of a part that are the cheapest somewhere along its one lever, and the steps at which they take turns."""
    low = np.array([line.base for line in part.lines])
    high = np.array([line.at(part.span) for line in part.lines])
    chosen, breaks = lower_envelope(low, high, part.tolerance)
    return [part.lines[i] for i in chosen], breaks * part.span[0]


def open_crossing(part: Part, seconds: float) -> tuple[float, Array] | None:
    r"""
    Find where to solve a part of one lever next, by the recursion of Eisner and Severance.

    The ends of the range come first. Where the cheapest plans known cross, solving gives either a cheaper plan, a new
    line, or the proof that there is none; what is proven at two points bounds the concave least cost between them. So a
    part with :math:`k` breakpoints takes at most :math:`2k + 2` solves (an end at which two plans tie counts as a
    breakpoint). The crossing at which the best plan known may be too dear by most is taken first.

    Parameters
    ----------
    part
        With what is known of it.
    seconds
        That a solve would get: what ran out of time before is tried again with at least twice as much only.

    Returns
    -------
    hidden, step
        By how much the best plan known may be too dear, and where; None where nothing is left to prove, or to try.

    References
    ----------
    M. J. Eisner and D. G. Severance (1976), Mathematical techniques for efficient record segmentation in large shared
    databases, Journal of the ACM 23(4), 619-635.
    """
    ends = part.corners if part.component.moved else part.corners[:1]
    if not part.lines:
        return next(((np.inf, end) for end in ends if not part.is_done(end, seconds)), None)
    steps = np.concatenate([ends[:, 0], envelope_of(part)[1]])
    value = part.values(steps[:, None])
    hidden = value - lower_bound(part, steps)
    allowed = np.maximum(part.tolerance, part.gap * np.abs(value))
    for i in np.argsort(-hidden, kind="stable"):
        if hidden[i] <= allowed[i]:
            return None
        step = steps[i : i + 1]
        if not part.is_done(step, seconds):
            return float(hidden[i]), step
    return None


def lower_bound(part: Part, steps: Array) -> Array:
    """
    What no plan of a part can undercut, by concavity between the points at which something is proven.

    Parameters
    ----------
    part
        Of one lever.
    steps
        Where, shape (n,).

    Returns
    -------
    bound
        Shape (n,); minus infinity outside of what is proven.
    """
    if not part.points:
        return np.full(len(steps), -np.inf)
    at = np.array([step[0] for step, _ in part.points])
    bound = np.array([value for _, value in part.points])
    order = np.argsort(at, kind="stable")
    return upper_hull_at(at[order], bound[order], steps, CLOSE * float(part.span[0]))
