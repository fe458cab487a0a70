"""Pareto fronts: every plan that is best for some weights of cost, CO2 and tonnes, proven, and plans between them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean
from isopt.geo import Router
from isopt.scenario import Scenario
from isopt.solver.outcome import Outcome, Progress
from isopt.solver.progress import TerminalProgress
from isopt.studies.compiled import Compiled, Listener, baseline_of
from isopt.studies.finding import require_numbers
from isopt.studies.fronts import SAME, Asked, Hull, key_of, lower_hull
from isopt.studies.pareto_front import FLAT, OBJECTIVES, Found, Front, front_of, nothing_found, write_front

__all__ = ["Front", "pareto", "write_front"]

Array = NDArray[np.float64]


@dataclass
class _Search:
    """Asks the model, keeps count and the clock."""

    compiled: Compiled
    names: tuple[str, ...]
    gap: float
    deadline: float
    per_solve: float
    tell: Listener
    solves: int = 0
    stopped: bool = False
    doing: str = ""
    known: dict[tuple[float, ...], Found] = field(default_factory=dict)
    lowest: Array = field(default_factory=lambda: np.zeros(0))
    span: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def over(self) -> bool:
        """Whether to end: somebody stopped, or there is no time left."""
        self.stopped = self.stopped or time.perf_counter() >= self.deadline
        return self.stopped

    def solve(self, weights: Mapping[str, float], against: Mapping[str, float] | None = None) -> Outcome:
        """Solve once."""
        self.solves += 1
        seconds = min(self.per_solve, self.deadline - time.perf_counter())

        def listen(progress: Progress) -> bool | None:
            asked = bool(self.tell(self.doing, progress))
            self.stopped = self.stopped or asked
            return asked

        outcome = self.compiled.minimise(weights, against=against, gap=self.gap, seconds=seconds, listen=listen)
        self.stopped = self.stopped or outcome.interrupted
        return outcome

    def found(self, outcome: Outcome) -> Found:
        plan = self.compiled.plan(outcome)
        amounts = self.compiled.measure(plan)
        return Found(plan, np.array([amounts[name] for name in self.names]))

    def efficient(self, found: Found, kept: Sequence[str]) -> Found:
        """Of all plans as good in what is kept, take one that nothing beats in the others."""
        others = [name for name in self.names if name not in kept]
        if not others or self.over:
            return found
        at = dict(zip(self.names, found.amounts, strict=True))
        for name in kept:
            self.compiled.cap(name, at[name])
        size = dict(
            zip(self.names, self.span if self.span.size else np.maximum(1.0, np.abs(found.amounts)), strict=True)
        )
        outcome = self.solve({name: 1.0 / size[name] for name in others}, at)
        better = self.found(outcome) if outcome.values is not None else found
        for name in kept:
            self.compiled.cap(name)
        return better

    def normal(self, amounts: Array) -> Array:
        """Amounts as shares of the range between the ends."""
        return (amounts - self.lowest) / self.span

    def ask(self, weight: Array) -> Asked | None:
        """Answer the hull's question."""
        if self.over:
            return None
        self.doing = f"{len(self.known)} points"
        kept = [name for name, share in zip(self.names, weight, strict=True) if share > 0]
        lowest = dict(zip(self.names, self.lowest, strict=True))
        weights = dict(zip(self.names, weight / self.span, strict=True))
        try:
            outcome = self.solve({name: weights[name] for name in kept}, lowest)
            bound = -np.inf if outcome.bound is None else outcome.bound
            if outcome.values is None:
                return Asked(None, bound)
            found = self.found(outcome)
            hull = min(float(weight @ np.array(point)) for point in self.known)
            if len(kept) < len(self.names) and float(weight @ self.normal(found.amounts)) < hull - SAME:
                found = self.efficient(found, kept)
        except KeyboardInterrupt:
            self.stopped = True
            return None
        point = self.normal(found.amounts)
        self.known.setdefault(tuple(point.tolist()), found)
        return Asked(point, bound)


def pareto(
    scenario: Scenario,
    of: Sequence[str] = ("cost", "co2"),
    *,
    between: int = 0,
    gap: float = 0.0,
    time_limit: float | None = None,
    on_progress: Listener | None = None,
    quiet: bool = True,
    routers: Mapping[str, Router] | None = None,
) -> Front:
    r"""
    Find every plan that is best for some weights of two or three objectives, and plans between them.

    A supported corner minimises :math:`\sum_i w_i f_i(x)` for weights :math:`w > 0` and is no mix of others. All of
    them are found by a recursion over the weights whose end is a proof (see `isopt.studies.fronts.lower_hull`). Points
    between two of them need a level: :math:`\min f_1(x)` with :math:`f_i(x) \le \varepsilon_i` for the others, and
    among the best those that nothing beats in the others (augmented epsilon-constraint, Mavrotas 2009; here the
    augmentation is a second solve rather than a small weight, so that the first objective is exact).

    Parameters
    ----------
    scenario
        The region; what it minimises itself is not looked at.
    of
        Two or three of ``cost``, ``co2``, ``landfilled`` and ``tonne_km``.
    between
        How many levels to solve for between each two neighbours, evenly spaced.
    gap
        Gap of each solve; 0 makes the list of supported corners exact.
    time_limit
        Seconds for all solves together. Each of them gets the scenario's ``solver.time_limit_s`` at most.
    on_progress
        Told what is being looked for and the progress of the solve; returning True ends the search.
    quiet
        False shows live progress on a terminal.
    routers
        As for `isopt.solve`.

    Returns
    -------
    front
        Whatever was found and proven until time was over or somebody stopped (Ctrl-C).

    Raises
    ------
    InputError
        Where an argument makes no sense.
    ScenarioError
        As for `isopt.solve`.

    Examples
    --------
    >>> import isopt
    >>> front = pareto(isopt.read("scenarios/slag_train"), of=("cost", "tonne_km"))
    >>> front.status, len(front.points) > 1
    ('optimal', True)
    """
    names = _asked_for(of, between)
    require_numbers(gap, time_limit)
    began = time.perf_counter()
    with TerminalProgress(quiet=quiet) as terminal:

        def tell(doing: str, progress: Progress) -> bool | None:
            terminal(progress)
            return on_progress(doing, progress) if on_progress is not None else None

        terminal.stage("building the model")
        compiled = Compiled(scenario, names, routers=routers)
        deadline = np.inf if time_limit is None else began + time_limit
        search = _Search(compiled, names, gap, deadline, scenario.settings.solver.time_limit_s, tell)
        ends, bounds, failed = _ends(search)
        if failed is not None and not ends:
            return nothing_found(
                compiled.instance.scenario, names, failed, compiled.reason(failed), time.perf_counter() - began
            )
        hull = _hull(search, ends, bounds)
        middle = [] if hull is None or between == 0 else _between(search, hull, between)
        terminal.stage("solving the baseline")
        before = baseline_of(compiled, max(gap, SAME), search.per_solve)
        terminal.stage("writing the plans down")
        corners = ends if hull is None else [search.known[tuple(point.tolist())] for point in hull.points]
        front = front_of(compiled, names, corners, middle, hull, (search.lowest, search.span), before, gap)
        return replace(front, solves=search.solves, seconds=time.perf_counter() - began, interrupted=search.stopped)


def _asked_for(of: Sequence[str], between: int) -> tuple[str, ...]:
    names = (of,) if isinstance(of, str) else tuple(of)
    for name in names:
        if name not in OBJECTIVES:
            known = ", ".join(OBJECTIVES)
            raise InputError(f'"{name}" is no objective{did_you_mean(str(name), OBJECTIVES)}; there are {known}')
    if not 2 <= len(set(names)) == len(names) <= 3:
        raise InputError(f"a front has two or three different objectives, not {' '.join(names) or 'none'}")
    if isinstance(between, bool) or not float(between).is_integer() or between < 0:
        raise InputError(f"the number of points between two others is a whole number of at least 0, not {between}")
    return names


def _ends(search: _Search) -> tuple[list[Found], list[float], Outcome | None]:
    """The best of each objective by itself, and of those plans one that nothing beats; and what is proven."""
    ends: list[Found] = []
    bounds: list[float] = []
    for name in search.names:
        if ends and search.over:
            break
        search.doing = f"least {name}"
        try:
            outcome = search.solve({name: 1.0})
            if outcome.objective is None:
                return ends, bounds, outcome
            end = search.efficient(search.found(outcome), [name])
        except KeyboardInterrupt:
            if not ends:
                raise
            search.stopped = True
            break
        bounds.append(-np.inf if outcome.bound is None else outcome.bound)
        ends.append(end)
    return ends, bounds, None


def _hull(search: _Search, ends: Sequence[Found], bounds: Sequence[float]) -> Hull | None:
    """Find the supported corners; None where an end is missing."""
    if len(ends) < len(search.names):
        return None
    amounts = np.array([end.amounts for end in ends])
    search.lowest = amounts.min(axis=0)
    span = np.ptp(amounts, axis=0)
    size = np.maximum(1.0, np.abs(search.lowest))
    search.span = np.where(span > FLAT * size, span, size)
    for end in ends:
        search.known.setdefault(tuple(search.normal(end.amounts).tolist()), end)
    proven = {
        key_of(unit): (bound - low) / span
        for unit, bound, low, span in zip(np.eye(len(ends)), bounds, search.lowest, search.span, strict=True)
    }
    return lower_hull([np.array(point) for point in search.known], proven, search.ask)


def _between(search: _Search, hull: Hull, count: int) -> list[Found]:
    """Points at levels between neighbours: the first objective least, the others at most at their level."""
    taken = [np.asarray(point) for point in hull.points]
    found: list[Found] = []
    for a, b in hull.neighbours():
        for step in range(1, count + 1):
            if search.over:
                return found
            share = step / (count + 1)
            levels = search.lowest + search.span * ((1 - share) * hull.points[a] + share * hull.points[b])
            one = _at_level(search, levels)
            if one is None or any(np.abs(search.normal(one.amounts) - other).max() <= 2 * SAME for other in taken):
                continue
            taken.append(search.normal(one.amounts))
            found.append(one)
    return found


def _at_level(search: _Search, levels: Array) -> Found | None:
    """Least of the first objective with all others at most at their levels, and of those plans an efficient one."""
    first, others = search.names[0], search.names[1:]
    search.doing = "between, at " + ", ".join(f"{n} {x:,.6g}" for n, x in zip(others, levels[1:], strict=True))
    caps = dict(zip(search.names, levels, strict=True))
    try:
        for name in others:
            search.compiled.cap(name, caps[name])
        outcome = search.solve({first: 1.0}, {first: float(search.lowest[0])})
        if outcome.values is None:
            return None
        found = search.found(outcome)
        bound = -np.inf if outcome.bound is None else outcome.bound + float(search.lowest[0])
        if not search.over:
            search.compiled.cap(first, float(found.amounts[0]))
            at = dict(zip(search.names, found.amounts, strict=True))
            span = dict(zip(search.names, search.span, strict=True))
            outcome = search.solve({name: 1.0 / span[name] for name in others}, at)
            found = found if outcome.values is None else search.found(outcome)
        return replace(found, levels=levels, bound=bound)
    except KeyboardInterrupt:
        search.stopped = True
        return None
    finally:
        for name in search.names:
            search.compiled.cap(name)
