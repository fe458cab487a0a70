"""An independent part of a model along levers: the plans found for it so far, and what is proven."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.solver.outcome import Outcome
from isopt.solver.session import Session
from isopt.studies.independent import Component

__all__ = ["CLOSE", "NO_PLAN", "Line", "Part", "Tried"]

Array = NDArray[np.float64]

#: What is said where no value of a lever leaves a plan.
NO_PLAN = "there is no plan that meets all requirements, whatever the lever: isopt solve says why"
#: Values that differ by at most this share are the same.
SAME = 1e-9
#: Points of the range that lie at most this share of it apart are the same.
CLOSE = 1e-9
#: A point that was not settled in its time is tried again with this many times as much only.
LONGER = 2.0


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


@dataclass(frozen=True)
class Tried:
    """
    A point at which a part was solved.

    Parameters
    ----------
    step
        From the lower corner, shape (levers,).
    seconds
        That the solver had.
    settled
        Whether it ended by itself: at the optimum, or at the gap.
    """

    step: Array
    seconds: float
    settled: bool


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

    Attributes
    ----------
    lines
        Plans, each the cheapest of those known where it was found.
    points
        Steps and what no plan can undercut there.
    tried
        Where it was solved.
    relaxed
        Steps at which the relaxation was solved.
    under_way
        Steps at which it is being solved just now.
    """

    def __init__(self, component: Component, span: Array, gap: float) -> None:
        self.component = component
        self.span = span
        self.gap = gap
        self.lines: list[Line] = []
        self.points: list[tuple[Array, float]] = []
        self.tried: list[Tried] = []
        self.relaxed: list[Array] = []
        self.under_way: list[Array] = []

    @property
    def corners(self) -> Array:
        """Corners of the range as steps, shape (corners, levers)."""
        return np.array(list(itertools.product((0.0, 1.0), repeat=len(self.span)))) * self.span

    @property
    def has_decisions(self) -> bool:
        """Whether the relaxation is another model."""
        return bool(self.component.form.integer.any())

    def value(self, step: Array) -> float:
        """Least cost of the plans found at a step from the lower corner."""
        return min(line.at(step) for line in self.lines)

    def values(self, steps: Array) -> Array:
        """Least cost of the plans found at many steps, shape (steps, levers); shape (steps,)."""
        base = np.array([line.base for line in self.lines])
        slopes = np.array([line.slopes for line in self.lines])
        least: Array = (base + steps @ slopes.T).min(axis=1)
        return least

    def best(self, step: Array) -> Line:
        """Cheapest of the plans found at a step from the lower corner."""
        return min(self.lines, key=lambda line: line.at(step))

    @property
    def tolerance(self) -> float:
        """Difference of cost that is none."""
        corners = (abs(line.at(self.span * end)) for line in self.lines for end in (0.0, 1.0))
        return SAME * max(1.0, max(corners, default=1.0))

    def near(self, one: Array, other: Array) -> bool:
        """Whether two steps are the same."""
        return bool((np.abs(one - other) <= CLOSE * self.span).all())

    def is_done(self, step: Array, seconds: float = 0.0) -> bool:
        """Whether a point was settled before or is under way, or so much time would hardly get any further."""
        if any(self.near(step, other) for other in self.under_way):
            return True
        tries = [tried for tried in self.tried if self.near(step, tried.step)]
        return any(tried.settled or tried.seconds * LONGER > seconds for tried in tries)

    def is_relaxed(self, step: Array) -> bool:
        """Whether the relaxation was solved at a point before, or there is no need to."""
        return any(self.near(step, other) for other in (*self.relaxed, *(tried.step for tried in self.tried)))

    def next_seconds(self, step: Array) -> float:
        """Seconds that a point which ran out of time before needs now, 0 for a new one."""
        return LONGER * max((tried.seconds for tried in self.tried if self.near(step, tried.step)), default=0.0)

    def is_proven(self, step: Array) -> bool:
        """Whether what is proven at a point is what the best plan known costs there."""
        bounds = [bound for known, bound in self.points if self.near(step, known)]
        return bool(self.lines) and max(bounds, default=-np.inf) >= self.value(step) - self.tolerance

    def cost(self, step: Array) -> Array:
        """Cost of each column at a step, shape (columns,)."""
        cost: Array = self.component.form.cost + step @ self.component.slopes
        return cost

    def learn(self, step: Array, outcome: Outcome, seconds: float) -> bool:
        """
        Take in how a solve at a step ended, and what it proves.

        Returns
        -------
        new
            Whether that gave a plan cheaper there than all found before.

        Raises
        ------
        InputError
            There is no plan at all, or one that earns money without end.
        """
        if outcome.status == "infeasible":
            raise InputError(NO_PLAN)
        if outcome.status == "unbounded":
            raise InputError("something earns money without end at some value of the lever: isopt solve says more")
        self._came_back(step)
        self.tried.append(Tried(step, seconds, outcome.status == "optimal"))
        new = outcome.values is not None and self._add(step, outcome.values)
        bound = outcome.bound
        if outcome.status == "optimal" and self.gap == 0:
            bound = outcome.objective
        if bound is not None:
            self._prove(step, bound)
        return new

    def bound(self, step: Array, outcome: Outcome) -> None:
        """Take in what the relaxation at a step proves; that it has no plan is left to the model itself to say."""
        self._came_back(step)
        self.relaxed.append(step)
        if outcome.status == "optimal" and outcome.bound is not None:
            self._prove(step, outcome.bound)

    def _came_back(self, step: Array) -> None:
        self.under_way = [other for other in self.under_way if not self.near(step, other)]

    def relax(self, step: Array, seconds: float) -> None:
        """Bound the least cost at a step by the relaxation, where nothing is proven so far."""
        if any(self.near(step, known) for known, _ in self.points):
            return
        form = self.component.form
        loose = Session(replace(form, cost=self.cost(step), integer=np.zeros_like(form.integer)))
        bound = loose.solve(gap=0.0, time_limit=seconds).bound
        if bound is not None:
            self._prove(step, bound)

    def _prove(self, step: Array, bound: float) -> None:
        """Write a bound down; where the lever can't change the plan, it holds along the line of that plan."""
        bound = min(bound, self.value(step)) if self.lines else bound
        self.points.append((step, bound))
        if not self.component.moved and (self.lines or not self.component.settled):
            slopes = self.best(step).slopes if self.lines else np.zeros(len(step))
            self.points += [(corner, bound + float(slopes @ (corner - step))) for corner in self.corners]

    def _add(self, step: Array, values: Array) -> bool:
        line = Line(float(self.component.form.cost @ values), self.component.slopes @ values, values)
        if self.lines and line.at(step) >= self.value(step) - self.tolerance:
            return False
        self.lines.append(line)
        return True
