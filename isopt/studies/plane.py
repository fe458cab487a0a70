"""The plane of two levers: which network is best where, as polygons that are found and proven, not sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from isopt.errors import InputError
from isopt.geo import Router
from isopt.scenario import Scenario
from isopt.solution import Solution, plan_of
from isopt.solver.progress import TerminalProgress
from isopt.solver.starting import load_ahead
from isopt.studies.clock import Clock, Step, StepListener
from isopt.studies.convex import AREA, UNIT_BOX, area_of, centroid_of, clip, neighbours_of
from isopt.studies.finding import require_numbers
from isopt.studies.lever_figures import Figures, figures_of
from isopt.studies.levers import Lever
from isopt.studies.parametric import Parametric, parametric
from isopt.studies.part import Line, Part
from isopt.studies.plane_files import write_plane
from isopt.studies.searching import search

__all__ = ["Plane", "Region", "plane", "write_plane"]

Array = NDArray[np.float64]

#: Columns of the table.
COLUMNS = (
    "region", "label_x", "label_y", "area_share", "cost", "slope_x", "slope_y", "landfilled", "co2_total",
    "exchanges", "neighbours", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Region:
    """
    Where one network is the best.

    Parameters
    ----------
    corners
        Of its convex polygon, anticlockwise, as shares of the levers' ranges, shape (corners, 2).
    lines
        A plan for each independent part.
    error
        How far its cost may be above the least possible anywhere in it.
    """

    corners: Array
    lines: tuple[Line, ...]
    error: float


@dataclass(frozen=True)
class Plane:
    """
    The best network for every pair of values of two levers.

    Parameters
    ----------
    problem
        The scenario along its levers.
    regions
        They cover the whole box without overlap; the largest comes first.
    parts
        Independent parts of the model.
    solves
        Models solved.
    seconds
        Of the search.
    interrupted
        Whether it ended before everything was proven; ``error`` then says what is left open.
    """

    problem: Parametric = field(repr=False)
    regions: tuple[Region, ...] = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)
    solves: int
    seconds: float
    interrupted: bool = False

    @property
    def exact(self) -> bool:
        """Whether all is proven within the solver's tolerance."""
        return all(region.error == 0 for region in self.regions)

    def name(self, i: int) -> str:
        """Name of a region, also that of its network's folder."""
        return f"r{i + 1:0{len(str(len(self.regions)))}d}"

    def polygon(self, i: int) -> Array:
        """Corners of a region in the levers' units, anticlockwise, shape (corners, 2)."""
        problem = self.problem
        corners: Array = problem.low + self.regions[i].corners * (problem.high - problem.low)
        return corners

    def cost(self, points: Sequence[Sequence[float]] | Array) -> Array:
        """
        Least cost found at some points.

        Parameters
        ----------
        points
            Values of both levers, shape (n, 2).
        """
        total = np.array([self.problem.constant_at(point) for point in points])
        for part in self.parts:
            total += [part.value(np.asarray(point, dtype=np.float64) - self.problem.low) for point in points]
        return total

    def values(self, i: int) -> Array:
        """Plan of a region as values of the model's columns, shape (columns,)."""
        values = np.zeros(len(self.problem.form.cost))
        for part, line in zip(self.parts, self.regions[i].lines, strict=True):
            values[part.component.columns] = line.plan
        return values

    def label(self, i: int) -> Array:
        """Where a region's label stands, in the levers' units: its centre of gravity, which is inside."""
        problem = self.problem
        centre: Array = problem.low + centroid_of(self.regions[i].corners) * (problem.high - problem.low)
        return centre

    def solution(self, i: int) -> Solution:
        """
        Return the whole solution of a region, with the levers where its label stands.

        Parameters
        ----------
        i
            Number of the region, from 0.
        """
        return self.problem.solution_at(self.label(i), self.values(i), self.regions[i].error)

    @cached_property
    def figures(self) -> list[Figures]:
        """Lines of account and exchanges of each region's network."""
        found = []
        for i in range(len(self.regions)):
            values = self.values(i)
            columns = {name: values[where] for name, where in self.problem.form.columns.items()}
            found.append(figures_of(plan_of(self.problem.instance, columns), self.problem.ledgers, self.problem))
        return found

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """Regions that share a piece of border with each region."""
        return neighbours_of([region.corners for region in self.regions])

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        A row per region, columns as in `COLUMNS`.

        Cost, landfilled and CO2 are those at the label; slopes are what one unit of either lever adds to the cost
        (tonnes, where it is a tax); the names of neighbours are parted by semicolons.
        """
        rows = []
        for i, (region, figures) in enumerate(zip(self.regions, self.figures, strict=True)):
            at = self.label(i)
            step = at - self.problem.low
            cost = self.problem.constant_at(at) + sum(line.at(step) for line in region.lines)
            slope = self.problem.constants + sum((line.slopes for line in region.lines), np.zeros(2))
            landfilled, co2 = (float(figures.at(name, at)[0]) for name in ("landfilled", "co2_total"))
            near = ";".join(self.name(k) for k in self.neighbours[i])
            share = area_of(region.corners)
            outcome = (landfilled, co2, int(figures.open.sum()), near, region.error)
            rows.append((self.name(i), *at, share, cost, *slope, *outcome))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def __str__(self) -> str:
        one, two = self.problem.levers
        state = "exact" if self.exact else "not all of it proven"
        return f"{one.name} x {two.name}: {len(self.regions)} networks, {self.solves} solves, {state}"


def plane(
    scenario: Scenario,
    levers: Sequence[Lever | str],
    box: Sequence[tuple[float, float]],
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    workers: int = 1,
    on_progress: StepListener | None = None,
    quiet: bool = True,
    routers: Mapping[str, Router] | None = None,
) -> Plane:
    r"""
    Map the plane of two levers: the polygons in which one network is the best.

    The least cost is the lower envelope of planes, :math:`v(\lambda) = \min_x c x + \lambda_1 g^1 x + \lambda_2 g^2 x`.
    Each part of the model is solved at the box's corners and then at every corner of a cell of the envelope of the
    plans known: either that gives a cheaper plan, whose plane cuts new cells, or the corner is proven. Once all corners
    are, so is the inside of every cell, since :math:`v` is concave and the envelope flat between them. The cells of all
    parts laid over one another are the map.

    Parameters
    ----------
    scenario
        Any scenario.
    levers
        Two, or their names.
    box
        Lower and upper end of each.
    gap
        Relative gap of each solve; above 0, ``error`` says what that leaves open.
    time_limit
        Seconds for everything; without it each solve has the scenario's ``solver.time_limit_s``.
    workers
        Processes of this machine that solve independent parts, and corners, side by side.
    on_progress
        Told about each step; returning True stops the search and keeps what is proven, as Ctrl-C does.
    quiet
        False shows live progress on a terminal.
    routers
        Routers by mode or network, before those of ``[routing]``.

    Raises
    ------
    InputError
        Not two levers, or one that is unknown, changes what is possible or moves the cost in a curve; or no plan.

    Examples
    --------
    >>> import isopt
    >>> dear = isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 2.0}})
    >>> found = plane(dear, ["landfill_tax", "subsidy"], [(0, 100), (0, 100)])
    >>> found.exact, found.table["area_share"].round(4).tolist()  # tax and subsidy of 66 together open the exchange
    (True, [0.7822, 0.2178])
    """
    if len(levers) != len(UNIT_BOX[0]):
        raise InputError(f"a plane has two levers, not {len(levers)}")
    require_numbers(gap, time_limit)
    if workers > 1:
        load_ahead()
    with TerminalProgress(quiet=quiet) as terminal:
        terminal.stage("building the model")
        problem = parametric(scenario, levers, box, routers=routers)

        def listen(step: Step) -> bool | None:
            terminal.stage(f"{step}   (Ctrl-C keeps what is proven)")
            return on_progress(step) if on_progress is not None else None

        clock = Clock(time_limit, problem.scenario.settings.solver.time_limit_s, listen)
        span = problem.high - problem.low
        parts = tuple(Part(component, span, float(gap)) for component in problem.components)
        search(parts, clock, _open_corner, workers=workers)
        terminal.stage("laying the parts over one another")
        regions = _overlay(parts)
        return Plane(problem, regions, parts, clock.solves, clock.seconds, clock.over)


def _open_corner(part: Part, seconds: float) -> tuple[float, Array] | None:
    """Find a corner of a part's cells to solve at next, large cells first; None where all are proven or done."""
    if not part.component.moved or not part.lines:
        ends = part.corners if part.component.moved else part.corners[:1]
        steps = [(np.inf, end) for end in ends]
    else:
        steps = [(area_of(corners), corner * part.span) for corners, _ in _cells(part, UNIT_BOX) for corner in corners]
        steps.sort(key=lambda found: -found[0])
    open_ones = (found for found in steps if not part.is_proven(found[1]) and not part.is_done(found[1], seconds))
    return next(open_ones, None)


def _proven(part: Part) -> bool:
    """Whether every corner of a part's cells is proven, and so is all inside."""
    if not part.component.moved:
        return part.is_proven(part.corners[0])
    return all(part.is_proven(corner * part.span) for corners, _ in _cells(part, UNIT_BOX) for corner in corners)


def _cells(part: Part, within: Array) -> list[tuple[Array, Line]]:
    """Cells of a part's envelope inside a convex polygon: where each of its plans is the cheapest of those known."""
    base = np.array([line.base for line in part.lines])
    tilt = np.array([line.slopes * part.span for line in part.lines])
    found = []
    for i, line in enumerate(part.lines):
        corners = within
        for j in np.argsort(np.abs(base - base[i]), kind="stable"):
            if j != i and len(corners):
                corners = clip(corners, tilt[i] - tilt[j], base[j] - base[i])
        if len(corners) and area_of(corners) > AREA:
            found.append((corners, line))
    return found


def _overlay(parts: Sequence[Part]) -> tuple[Region, ...]:
    """Lay the cells of all parts over one another, the largest region first."""
    open_parts = [part for part in parts if not _proven(part)]
    cells: list[tuple[Array, tuple[Line, ...]]] = [(UNIT_BOX, ())]
    for part in parts:
        cells = [(inner, (*lines, line)) for corners, lines in cells for inner, line in _cells(part, corners)]
    cells.sort(key=lambda cell: -area_of(cell[0]))
    tolerance = sum(part.tolerance for part in parts)
    regions = []
    for corners, lines in cells:
        error = sum((_error(part, corners) for part in open_parts), np.zeros(len(corners))).max()
        regions.append(Region(corners, lines, 0.0 if error <= tolerance else float(error)))
    return tuple(regions)


def _error(part: Part, corners: Array) -> Array:
    """
    How far the best plan known may be above the least cost at some corners, shape (corners,).

    What is proven at some points bounds the concave least cost between them: at each corner, the best mean of proven
    values whose points have their mean there. The difference is convex in a cell, so its corners tell the most.
    """
    found = np.full(len(corners), np.inf)
    if not part.points:
        return found
    points = np.array([step / part.span for step, _ in part.points])
    bounds = np.array([bound for _, bound in part.points])
    sums = np.vstack([points.T, np.ones(len(points))])
    if not part.component.moved:
        return np.full(len(corners), part.value(part.span) - bounds.max())
    for k, corner in enumerate(corners):
        best = linprog(-bounds, A_eq=sums, b_eq=np.array([*corner, 1.0]), bounds=(0, None), method="highs")
        if best.status == 0 and best.fun is not None:
            found[k] = max(0.0, part.value(corner * part.span) + float(best.fun))
    return found
