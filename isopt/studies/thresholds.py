"""Thresholds: every value of a lever at which the best network changes, proven."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.geo import Router
from isopt.network import Instance
from isopt.scenario import Scenario
from isopt.solution import Plan, Solution, plan_of
from isopt.solution.names import Ids
from isopt.solver.progress import TerminalProgress
from isopt.solver.starting import load_ahead
from isopt.studies.clock import Clock, Step, StepListener
from isopt.studies.envelope import envelope_of, lower_bound, open_crossing
from isopt.studies.finding import require_numbers
from isopt.studies.lever_figures import Figures, abatement, figures_of
from isopt.studies.levers import Lever
from isopt.studies.parametric import Parametric, parametric
from isopt.studies.part import Line, Part
from isopt.studies.searching import search

__all__ = ["Thresholds", "thresholds"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Breakpoints of different parts that lie at most this share of the range apart are one.
TOGETHER = 1e-8
#: Columns of the table, in the contract's order.
COLUMNS = (
    "low", "high", "cost_at_low", "cost_at_high", "slope", "landfilled", "co2_total", "revenue_at_low",
    "revenue_at_high", "exchanges", "network", "error",
)  # fmt: skip
#: Columns of the certificate.
CERTIFICATE = (
    "at", "before", "after", "cost_before", "cost_after", "off_by", "landfilled_less", "co2_less",
    "resource_cost_more", "abatement_eur_per_t", "abatement_eur_per_tco2", "opened", "closed",
)  # fmt: skip


@dataclass(frozen=True)
class Interval:
    """A range of the lever with one best network: a plan for each independent part."""

    low: float
    high: float
    lines: tuple[Line, ...]
    error: float


@dataclass(frozen=True)
class Thresholds:
    """
    Where the best network changes along a lever.

    Parameters
    ----------
    problem
        The scenario along the lever.
    intervals
        Ranges with one best network each, in order.
    parts
        Independent parts of the model.
    solves
        Models solved.
    most_solves
        What the recursion takes at most: 2 per breakpoint of each part and 2 per part.
    seconds
        Of the search.
    interrupted
        Whether somebody stopped it; what is left open then shows in ``error``.
    """

    problem: Parametric = field(repr=False)
    intervals: tuple[Interval, ...] = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)
    solves: int
    most_solves: int
    seconds: float
    interrupted: bool = False

    @property
    def lever(self) -> Lever:
        """The lever."""
        return self.problem.levers[0]

    @property
    def exact(self) -> bool:
        """Whether all is proven within the solver's tolerance."""
        return all(interval.error == 0 for interval in self.intervals)

    def cost(self, values: Sequence[float] | Array) -> Array:
        """
        Least cost found at some values of the lever (what the scenario minimises, over its horizon).

        Parameters
        ----------
        values
            Within the range, shape (n,).
        """
        at = np.asarray(values, dtype=np.float64)
        steps = (at - self.problem.low[0])[:, None]
        constant = np.array([self.problem.constant_at([value]) for value in at])
        found = [part.values(steps) for part in self.parts]
        total: Array = constant + sum(found, np.zeros(len(at)))
        return total

    def name(self, i: int) -> str:
        """Name of the network of an interval, also that of its folder."""
        return f"n{i + 1:0{len(str(len(self.intervals)))}d}"

    def values(self, i: int) -> Array:
        """Plan of an interval as values of the model's columns, shape (columns,)."""
        values = np.zeros(len(self.problem.form.cost))
        for part, line in zip(self.parts, self.intervals[i].lines, strict=True):
            values[part.component.columns] = line.plan
        return values

    def plan(self, i: int, instance: Instance | None = None) -> Plan:
        """Plan of an interval, at the lower end of the lever unless another instance is given."""
        values = self.values(i)
        columns = {name: values[where] for name, where in self.problem.form.columns.items()}
        return plan_of(self.problem.instance if instance is None else instance, columns)

    def solution(self, i: int) -> Solution:
        """
        Return the whole solution of an interval, with the lever in its middle.

        Parameters
        ----------
        i
            Number of the interval, from 0.
        """
        interval = self.intervals[i]
        return self.problem.solution_at([(interval.low + interval.high) / 2], self.values(i), interval.error)

    @cached_property
    def figures(self) -> list[Figures]:
        """Lines of account and exchanges of each interval's network."""
        ends = self.problem.ledgers
        return [figures_of(self.plan(i), ends, self.problem) for i in range(len(self.intervals))]

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        A row per interval: columns as in `COLUMNS`.

        Cost and slope are what the scenario minimises, over its horizon; landfilled and CO2 in t; revenue is what the
        lever itself brings the treasury (tax, carbon payment, less subsidy), and all three together for a lever that is
        none of them. ``error`` says how far the cost may be above the least possible anywhere in the interval.
        """
        rows = []
        for i, (interval, figures) in enumerate(zip(self.intervals, self.figures, strict=True)):
            ends = np.array([interval.low, interval.high])
            cost, revenue = self._cost_of(i, ends), figures.revenue(self.lever, ends)
            slope = (cost[1] - cost[0]) / (ends[1] - ends[0])
            landfilled, co2 = (float(figures.at(name, ends).mean()) for name in ("landfilled", "co2_total"))
            outcome = (slope, landfilled, co2, *revenue, int(figures.open.sum()), self.name(i), interval.error)
            rows.append((*ends, *cost, *outcome))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def _cost_of(self, i: int, values: Array) -> Array:
        """Cost of an interval's network at some values of the lever."""
        steps = values - self.problem.low[0]
        lines = self.intervals[i].lines
        base, slope = sum(line.base for line in lines), sum(float(line.slopes[0]) for line in lines)
        cost: Array = base + slope * steps + np.array([self.problem.constant_at([value]) for value in values])
        return cost

    @cached_property
    def breakpoints(self) -> pd.DataFrame:
        """
        The certificate: a row per breakpoint with both networks and the value that they share.

        Columns ``at, before, after, cost_before, cost_after, off_by, landfilled_less, co2_less, resource_cost_more,
        abatement_eur_per_t, abatement_eur_per_tco2, opened, closed``. Both costs are worked out from the whole plans at
        the breakpoint; ``off_by`` is how far it may be off where something is not proven, 0 otherwise. The resource
        cost leaves tax, carbon payment and subsidies out; per tonne less landfilled (per tonne of CO2 less) it is the
        abatement cost, empty where there is not less.
        """
        slopes = self.table["slope"].to_numpy()
        rows = []
        for i in range(1, len(self.intervals)):
            at = self.intervals[i].low
            cost, constant = self.problem.cost_at([at]), self.problem.constant_at([at])
            both = [constant + float(cost @ self.values(k)) for k in (i - 1, i)]
            error = max(self.intervals[i - 1].error, self.intervals[i].error)
            turn = float(slopes[i - 1] - slopes[i])
            off = error / turn if turn > 0 and error > 0 else error
            abated = abatement(self.figures[i - 1], self.figures[i], at)
            rows.append((at, self.name(i - 1), self.name(i), *both, off, *abated))
        return pd.DataFrame(rows, columns=list(CERTIFICATE))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """
        Exchanges that open and close, a row each: ``at, network, exchange, change, amount_before, amount_after``.

        Amounts are units sent, a year on average.
        """
        ids = Ids(self.problem.instance).groups
        rows = []
        for i in range(1, len(self.intervals)):
            old, new = self.figures[i - 1], self.figures[i]
            for group in np.flatnonzero(old.open != new.open):
                change = "opened" if new.open[group] else "closed"
                sent = float(old.sent[group]), float(new.sent[group])
                rows.append((self.intervals[i].low, self.name(i), ids[group], change, *sent))
        return pd.DataFrame(rows, columns=["at", "network", "exchange", "change", "amount_before", "amount_after"])

    @property
    def in_place(self) -> Flags:
        """Exchanges in place in each interval, shape (intervals, groups of the instance)."""
        return np.array([figures.open for figures in self.figures])

    def __str__(self) -> str:
        unit = "" if self.lever.unit == "1" else f" {self.lever.unit}"
        head = f"{self.lever.name} from {self.problem.low[0]:g} to {self.problem.high[0]:g}{unit}: "
        state = "exact" if self.exact else "not all of it proven"
        head += f"{len(self.intervals) - 1} breakpoints, {self.solves} solves, {state}"
        lines = [head + (" (interrupted)" if self.interrupted else "")]
        lines.append(
            f"{'from':>12}{'to':>12}{'cost at from':>18}{'landfilled t':>14}{'CO2 t':>14}{'exchanges':>10}  error"
        )
        lines += [
            f"{row.low:>12,.4g}{row.high:>12,.4g}{row.cost_at_low:>18,.0f}{row.landfilled:>14,.1f}"
            f"{row.co2_total:>14,.1f}{row.exchanges:>10}  {row.error:,.6g}"
            for row in self.table.itertuples(index=False)
        ]
        return "\n".join(lines)


def thresholds(
    scenario: Scenario,
    lever: Lever | str = "landfill_tax",
    low: float = 0.0,
    high: float = 250.0,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    workers: int = 1,
    on_progress: StepListener | None = None,
    quiet: bool = True,
    routers: Mapping[str, Router] | None = None,
) -> Thresholds:
    """
    Find every value of a lever at which the best network changes.

    Parameters
    ----------
    scenario
        Any scenario.
    lever
        What moves, see `Lever.parse`; its unit is that of the number, or 1 for a factor.
    low, high
        Its range.
    gap
        Relative gap of each solve; above 0, ``error`` says what that leaves open.
    time_limit
        Seconds for everything; without it each solve has the scenario's ``solver.time_limit_s``.
    workers
        Processes of this machine that solve independent parts, and places along the lever, side by side.
    on_progress
        Told about each step; returning True stops the search and keeps what is proven, as Ctrl-C does.
    quiet
        False shows live progress on a terminal.
    routers
        Routers by mode or network, before those of ``[routing]``.

    Returns
    -------
    found
        Exact within the solver's tolerance (a share of 1e-7 of the cost) where ``error`` is 0. Two networks whose costs
        differ by less than a share of 1e-9 anywhere are one.

    Raises
    ------
    InputError
        The lever is unknown, changes what is possible or moves the cost in a curve; or there is no plan.

    Examples
    --------
    >>> import isopt
    >>> found = thresholds(isopt.read("scenarios/five_firms"), "landfill_tax", 0, 250)
    >>> found.exact, found.solves <= found.most_solves
    (True, True)
    """
    chosen = lever if isinstance(lever, Lever) else Lever.parse(lever)
    require_numbers(gap, time_limit)
    if workers > 1:
        load_ahead()
    with TerminalProgress(quiet=quiet) as terminal:
        terminal.stage("building the model")
        problem = parametric(scenario, [chosen], [(float(low), float(high))], routers=routers)

        def listen(step: Step) -> bool | None:
            terminal.stage(f"{step}   (Ctrl-C keeps what is proven)")
            return on_progress(step) if on_progress is not None else None

        clock = Clock(time_limit, problem.scenario.settings.solver.time_limit_s, listen)
        span = problem.high - problem.low
        parts = tuple(Part(component, span, float(gap)) for component in problem.components)
        search(parts, clock, open_crossing, workers=workers)
        terminal.stage("writing the networks down")
        return _merged(problem, parts, clock)


def _merged(problem: Parametric, parts: tuple[Part, ...], clock: Clock) -> Thresholds:
    """Put the parts side by side: wherever one of them changes, the network does."""
    span = float(problem.high[0] - problem.low[0])
    found = [envelope_of(part) for part in parts]
    every = np.sort(np.concatenate([np.zeros(0), *(breaks for _, breaks in found)]))
    inner = (every > TOGETHER * span) & (every < span * (1 - TOGETHER))
    every = every[inner]
    every = every[np.diff(every, prepend=-np.inf) > TOGETHER * span]
    edges = np.concatenate([[0.0], every, [span]])
    tolerance = sum(part.tolerance for part in parts)
    errors = _errors(parts, found, edges)
    intervals = []
    for (start, end), error in zip(itertools.pairwise(edges), errors, strict=True):
        middle = (start + end) / 2
        chosen = tuple(lines[int(np.searchsorted(breaks, middle))] for lines, breaks in found)
        low, high = problem.low[0] + start, problem.low[0] + end
        if end == span:
            high = problem.high[0]
        intervals.append(Interval(float(low), float(high), chosen, 0.0 if error <= tolerance else float(error)))
    most = sum(2 * (len(breaks) + _ties(part, lines)) + 2 for part, (lines, breaks) in zip(parts, found, strict=True))
    return Thresholds(problem, tuple(intervals), parts, clock.solves, most, clock.seconds, clock.stopped)


def _ties(part: Part, lines: Sequence[Line]) -> int:
    """Ends of the range at which the plan found there is as cheap as another one that goes on."""
    inner = {id(line) for line in lines}
    ends = (part.best(part.span * end) for end in (0.0, 1.0))
    return sum(id(line) not in inner for line in ends)


def _errors(parts: Sequence[Part], found: Sequence[tuple[list[Line], Array]], edges: Array) -> Array:
    """Most by which the plans may be dearer than the least cost in each interval: at a kink of either, summed up."""
    kinks = [edges, *(breaks for _, breaks in found)]
    kinks += [np.array([float(step[0]) for step, _ in part.points]) for part in parts]
    at = np.unique(np.concatenate(kinks))
    at = at[(at >= edges[0]) & (at <= edges[-1])]
    total = np.zeros(len(at))
    for part in parts:
        total += part.values(at[:, None]) - lower_bound(part, at)
    inside = [(at >= start) & (at <= end) for start, end in itertools.pairwise(edges)]
    return np.array([total[here].max(initial=0.0) for here in inside])
