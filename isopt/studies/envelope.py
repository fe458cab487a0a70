"""The least of many straight lines: found exactly with few solves, or as far as time allows, with what is proven."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.solver.outcome import Outcome, Progress
from isopt.solver.progress import interruptible
from isopt.solver.session import Session
from isopt.studies.lines import lower_envelope, upper_hull_at
from isopt.studies.parametric import NO_PLAN, Component

__all__ = ["Clock", "Part", "Step", "StepListener", "bound_corners", "search"]

Array = NDArray[np.float64]

#: Values that differ by at most this share are the same.
SAME = 1e-9
#: Points of the range that lie at most this share of it apart are the same.
CLOSE = 1e-9
#: Share of the time left that one solve may take when the ends are done, and seconds that it gets in any case.
SHARE, LEAST_S = 0.25, 0.2
#: Seconds at the end of a search that had to stop, for bounds at the corners of the range.
CLOSING_S = 5.0


@dataclass(frozen=True)
class Step:
    """
    Where the search for thresholds stands.

    Parameters
    ----------
    seconds
        Since it began.
    solves
        Models solved so far.
    lines
        Different plans found so far, over all independent parts.
    left
        Parts with something left to prove.
    """

    seconds: float
    solves: int
    lines: int
    left: int

    def __str__(self) -> str:
        return f"{self.solves} solves, {self.lines} plans, {self.left} parts left"


#: Told about each step; returning True stops the search and keeps what is proven.
StepListener = Callable[[Step], "bool | None"]


@dataclass(frozen=True)
class Line:
    """
    A plan of a part, and what it costs along the levers.

    Parameters
    ----------
    base
        Cost at the lower corner.
    slopes
        What one unit of each lever adds, shape (levers,).
    plan
        Values of the part's columns, shape (columns of the part,).
    """

    base: float
    slopes: Array
    plan: Array

    def at(self, step: Array) -> float:
        """Cost at a step from the lower corner, shape (levers,)."""
        return self.base + float(self.slopes @ step)


@dataclass
class Clock:
    """
    Time, the listener and Ctrl-C of one search.

    Parameters
    ----------
    limit
        Seconds for everything, None for no limit.
    each
        Seconds for one solve where there is no limit.
    listener
        Told about each step.
    pressed
        Says whether Ctrl-C was pressed.
    """

    limit: float | None
    each: float
    listener: StepListener | None = None
    pressed: Callable[[], bool] = bool
    began: float = field(default_factory=time.perf_counter)
    solves: int = 0
    lines: int = 0
    parts_left: int = 0
    stopped: bool = False

    @property
    def left(self) -> float:
        """Seconds left."""
        return np.inf if self.limit is None else self.limit - self.seconds

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self.began

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.stopped or self.left <= 0

    def budget(self, share: float) -> float:
        """Seconds for the next solve, which may take a share of what is left."""
        return self.each if self.limit is None else min(max(self.left * share, LEAST_S), max(self.left, LEAST_S))

    def tell(self, _: Progress | None = None) -> bool:
        """Tell the listener, and say whether to stop."""
        step = Step(self.seconds, self.solves, self.lines, self.parts_left)
        if self.pressed() or (self.listener is not None and self.listener(step)):
            self.stopped = True
        return self.stopped


class Part:
    """
    An independent part of the model, with the plans found for it so far and what is proven.

    Parameters
    ----------
    component
        Its model.
    span
        Width of each lever's range, shape (levers,).
    gap
        Relative gap of each solve.
    """

    def __init__(self, component: Component, span: Array, gap: float) -> None:
        self.component = component
        self.span = span
        self.gap = gap
        self.lines: list[Line] = []
        self.points: list[tuple[Array, float]] = []
        self.tried: list[Array] = []
        self._session: Session | None = None

    def value(self, step: Array) -> float:
        """Least cost of the plans found at a step from the lower corner."""
        return min(line.at(step) for line in self.lines)

    def best(self, step: Array) -> Line:
        """Cheapest of the plans found at a step from the lower corner."""
        return min(self.lines, key=lambda line: line.at(step))

    @property
    def tolerance(self) -> float:
        """Difference of cost that is none."""
        corners = (abs(line.at(self.span * end)) for line in self.lines for end in (0.0, 1.0))
        return SAME * max(1.0, max(corners, default=1.0))

    def is_tried(self, step: Array) -> bool:
        """Whether this point was solved before."""
        return any((np.abs(step - other) <= CLOSE * self.span).all() for other in self.tried)

    def solve(self, step: Array, clock: Clock, seconds: float) -> bool:
        """
        Solve at a step from the lower corner, starting from the best plan known there.

        Returns
        -------
        new
            Whether that gave a plan cheaper there than all found before.

        Raises
        ------
        InputError
            There is no plan at all, or one that earns money without end.
        """
        form = self.component.form
        if self._session is None:
            self._session = Session(form)
        cost = form.cost + step @ self.component.slopes
        self._session.change_cost(cost)
        start = self.best(step).plan if self.lines else None
        outcome = self._session.solve(gap=self.gap, time_limit=seconds, start=start, on_progress=clock.tell)
        clock.solves += 1
        self.tried.append(step)
        _require_plan(outcome)
        new = outcome.values is not None and self._add(step, outcome.values)
        clock.lines += new
        bound = outcome.bound
        if outcome.status == "optimal" and self.gap == 0:
            bound = outcome.objective
        if bound is not None:
            self.points.append((step, min(bound, self.value(step)) if self.lines else bound))
        return new

    def relax(self, step: Array, seconds: float) -> None:
        """Bound the least cost at a step by the relaxation, where nothing is proven so far."""
        if any((np.abs(step - known) <= CLOSE * self.span).all() for known, _ in self.points):
            return
        form = self.component.form
        cost = form.cost + step @ self.component.slopes
        loose = Session(replace(form, cost=cost, integer=np.zeros_like(form.integer)))
        bound = loose.solve(gap=0.0, time_limit=seconds).bound
        if bound is not None:
            self.points.append((step, min(bound, self.value(step)) if self.lines else bound))

    def _add(self, step: Array, values: Array) -> bool:
        line = Line(float(self.component.form.cost @ values), self.component.slopes @ values, values)
        if self.lines and line.at(step) >= self.value(step) - self.tolerance:
            return False
        self.lines.append(line)
        return True

    def release(self) -> None:
        """Let go of the solver's memory."""
        self._session = None


def _require_plan(outcome: Outcome) -> None:
    if outcome.status == "infeasible":
        raise InputError(NO_PLAN)
    if outcome.status == "unbounded":
        raise InputError("something earns money without end at some value of the lever: isopt solve says more")


def envelope_of(part: Part) -> tuple[list[Line], Array]:
    """Plans of a part that are the cheapest somewhere along its one lever, and the steps at which they take turns."""
    low = np.array([line.base for line in part.lines])
    high = np.array([line.at(part.span) for line in part.lines])
    chosen, breaks = lower_envelope(low, high, part.tolerance)
    return [part.lines[i] for i in chosen], breaks * part.span[0]


def search(parts: Sequence[Part], clock: Clock) -> None:
    r"""
    Find all lines of the lower envelope of every part, by the recursion of Eisner and Severance.

    The ends of the range are solved first. Where the cheapest plans known of two neighbouring solved points cross, the
    part is solved: either that gives a cheaper plan, a new line, or the crossing is proven a breakpoint. So a part with
    :math:`k` breakpoints takes at most :math:`2k + 2` solves (an end at which two plans tie counts as a breakpoint).
    The crossing that may hide most is taken first, so that a search which has to stop leaves the least unproven.

    Parameters
    ----------
    parts
        Of one lever.
    clock
        Says when to stop; what is proven until then stays in the parts.

    Raises
    ------
    InputError
        There is no plan at all, or none was found in time.

    References
    ----------
    M. J. Eisner and D. G. Severance (1976), Mathematical techniques for efficient record segmentation in large shared
    databases, Journal of the ACM 23(4), 619-635.
    """
    try:
        with interruptible() as pressed:
            clock.pressed = pressed.is_set
            _solve_ends(parts, clock)
            _refine(parts, clock)
        if clock.over:
            bound_corners(parts, np.array([[0.0], [1.0]]))
    except KeyboardInterrupt:
        clock.stopped = True
    if any(not part.lines for part in parts):
        raise InputError("stopped before there was a plan: give it more time")


def bound_corners(parts: Sequence[Part], corners: Array) -> None:
    """
    Bound by the relaxation what a search that had to stop did not get to, so that the error is finite.

    Parameters
    ----------
    parts
        Of any number of levers.
    corners
        Of the range, as shares, shape (corners, levers).
    """
    began = time.perf_counter()
    for part in parts:
        for corner in corners:
            left = CLOSING_S - (time.perf_counter() - began)
            if left > 0:
                part.relax(part.span * corner, left)


def _solve_ends(parts: Sequence[Part], clock: Clock) -> None:
    """Solve at both ends of the range, small parts first; a part that the lever does not move at one end only."""
    ordered = sorted(parts, key=lambda part: len(part.component.columns))
    tasks = [(part, 0.0) for part in ordered] + [(part, 1.0) for part in ordered if part.component.moved]
    clock.parts_left = len(parts)
    for number, (part, end) in enumerate(tasks):
        if clock.over:
            return
        part.solve(part.span * end, clock, clock.budget(1.0 / (len(tasks) - number)))
        if not part.component.moved:
            part.points += [(part.span, bound) for _, bound in part.points[:1]]
            clock.parts_left -= 1
        clock.tell()


def _refine(parts: Sequence[Part], clock: Clock) -> None:
    """Solve at crossings until there is none left to prove, the one that may hide most first."""
    heap: list[tuple[float, int, float]] = []

    def push(number: int) -> None:
        found = _open_crossing(parts[number])
        if found is not None:
            heapq.heappush(heap, (-found[0], number, found[1]))
        else:
            parts[number].release()

    for number, part in enumerate(parts):
        if part.lines and part.component.moved and not clock.over:
            push(number)
    while heap and not clock.over:
        clock.parts_left = len(heap)
        _, number, at = heapq.heappop(heap)
        parts[number].solve(np.array([at]), clock, clock.budget(SHARE))
        push(number)
        clock.tell()
    clock.parts_left = len(heap)


def _open_crossing(part: Part) -> tuple[float, float] | None:
    """Crossing of a part that is not proven and may hide most: by how much, and where; None if all are proven."""
    _, breaks = envelope_of(part)
    solved = np.array(sorted({float(step[0]) for step in part.tried}))
    values = np.array([part.value(np.array([at])) for at in solved])
    best: tuple[float, float] | None = None
    for at in breaks:
        step = np.array([at])
        hidden = part.value(step) - float(np.interp(at, solved, values))
        if hidden > part.tolerance and not part.is_tried(step) and (best is None or hidden > best[0]):
            best = (hidden, float(at))
    return best


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
