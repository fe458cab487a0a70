"""Switching prices: where each exchange is part of the best network, and what would bring in those that never are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.network import Instance
from isopt.solution.names import Ids
from isopt.solution.store import replace_text
from isopt.solver.progress import TerminalProgress
from isopt.solver.session import Session
from isopt.studies.independent import Component
from isopt.studies.parametric import Parametric
from isopt.studies.thresholds import Thresholds

__all__ = ["Switching", "switching", "write_switching"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Costs that differ by at most this share are the same.
SAME = 1e-9
#: Newton steps after which an exchange is given up; they close in faster than any bisection, so few are ever needed.
MOST_STEPS = 60
#: Columns of the table.
COLUMNS = (
    "exchange", "from_facility", "to_facility", "mode", "material", "unit", "low", "high", "status", "amount_per_yr",
    "at", "misses_by_eur", "rate_eur_per_unit", "falls_by_eur_per_unit", "switching_eur_per_unit",
)  # fmt: skip


@dataclass(frozen=True)
class Switching:
    """
    For each candidate exchange, where it is in the best network and what it lacks where it never is.

    Parameters
    ----------
    table
        A row per exchange and range of the lever; columns as in `COLUMNS`. The status is ``in`` or ``out`` of the best
        network in that range; for exchanges that are in none, ``tied`` (a network with it costs the same at ``at``),
        ``misses``, ``impossible`` (nothing can flow) or ``open`` (not worked out). Amounts are units sent a year, on
        average over the years and the range's networks.
    at
        Value of the lever at which misses are worked out.
    solves
        Models solved.
    interrupted
        Whether it ended before all exchanges were looked at.
    """

    table: pd.DataFrame
    at: float
    solves: int
    interrupted: bool = False


def switching(
    found: Thresholds,
    *,
    at: float | None = None,
    exchanges: Sequence[str] | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[int, int], bool | None] | None = None,
    quiet: bool = True,
) -> Switching:
    r"""
    Tell where each candidate exchange is part of the best network, and which rate would bring in those that never are.

    An exchange that is in no best network comes in when its own carriage rate falls by

    .. math:: r = \min_{x \in X,\; g x > 0} \frac{c x - v}{g x}

    with :math:`v` the least cost and :math:`g x` what is sent along it (discounted). The least ratio is found exactly
    by Newton's method for fractions (Dinkelbach): each step solves :math:`\min_x c x - r g x`, and ends when that is
    :math:`v` again. The plan that attains it costs :math:`c x - v` more than the best: that is by how much the exchange
    misses, at the amount given.

    Parameters
    ----------
    found
        From `isopt.studies.thresholds.thresholds`.
    at
        Value of the lever at which misses are worked out; today's where it lies in the range, else the lower end.
    exchanges
        Ids of the exchanges to look at; all candidates where not given.
    time_limit
        Seconds; exchanges that are not reached are ``open``.
    on_progress
        Told how many exchanges are done, of how many; returning True stops, as Ctrl-C does.
    quiet
        False shows live progress on a terminal.

    Raises
    ------
    InputError
        The value lies outside of the range, or there is no such exchange.

    References
    ----------
    W. Dinkelbach (1967), On nonlinear fractional programming, Management Science 13(7), 492-498.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.thresholds import thresholds
    >>> dear = isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 9.0}})
    >>> table = switching(thresholds(dear, "landfill_tax", 0, 100), at=0).table
    >>> float(table["switching_eur_per_unit"].iloc[0])  # the gate fee of 45 and 12 for the stone
    57.0
    """
    value = _value(found, at)
    problem = found.problem.whole  # also candidates that are of use nowhere
    instance = problem.instance
    ids = Ids(instance)
    chosen = _chosen(instance, ids, exchanges)
    place = found.in_place
    useful = {name: group for group, name in enumerate(Ids(found.problem.instance).groups)}
    here = {group: useful.get(ids.groups[group], -1) for group in chosen}
    never = [group for group in chosen if here[group] < 0 or not place[:, here[group]].any()]
    misses = _Misses(problem, value, time_limit, *_known(found, problem, value))
    lacks: dict[int, _Lack] = {}
    stopped = False
    with TerminalProgress(quiet=quiet) as terminal:
        try:
            for done, group in enumerate(never):
                terminal.count("switching prices", done, len(never))
                if misses.over or (on_progress is not None and on_progress(done, len(never))):
                    stopped = True
                    break
                lacks[group] = misses.of(group)
        except KeyboardInterrupt:
            stopped = True
    rows: list[dict[str, Any]] = []
    for group in chosen:
        known = _words(instance, ids, group)
        if group in never:
            lack = lacks.get(group, _Lack("open"))
            ends = {"low": problem.low[0], "high": problem.high[0], "at": value}
            rows.append(known | ends | lack.cells)
        else:
            rows += [known | cells for cells in _ranges(found, here[group])]
    return Switching(pd.DataFrame(rows, columns=list(COLUMNS)), value, misses.solves, stopped)


def _value(found: Thresholds, at: float | None) -> float:
    low, high = float(found.problem.low[0]), float(found.problem.high[0])
    if at is None:
        today = found.lever.today(found.problem.scenario)
        return today if today is not None and low <= today <= high else low
    if not low <= at <= high:
        raise InputError(f"{found.lever.name} was looked at from {low:g} to {high:g}, so not at {at:g}")
    return float(at)


def _known(found: Thresholds, problem: Parametric, value: float) -> tuple[Array, bool]:
    """The best plan at a value of the lever, in the columns of all candidates; and whether it is proven."""
    number = next(i for i, interval in enumerate(found.intervals) if value <= interval.high)
    values = found.values(number)
    if problem is not found.problem:
        of = dict(zip(found.problem.form.column_names(), values.tolist(), strict=True))
        values = np.array([of.get(name, 0.0) for name in problem.form.column_names()])
    return values, found.intervals[number].error == 0


def _chosen(instance: Instance, ids: Ids, exchanges: Sequence[str] | None) -> list[int]:
    """Groups between two organisations, which are what an exchange is."""
    groups = instance.groups
    foreign = np.zeros(groups.count, dtype=bool)
    foreign[instance.links.group[instance.links.foreign]] = True
    every = {ids.groups[group]: int(group) for group in np.flatnonzero(foreign & ~groups.way)}
    if exchanges is None:
        return list(every.values())
    for name in exchanges:
        if name not in every:
            raise InputError(f"{quoted(name)} is no candidate exchange{did_you_mean(name, every)}")
    return [every[name] for name in exchanges]


def _words(instance: Instance, ids: Ids, group: int) -> dict[str, Any]:
    """What an exchange is called; a shared one has the unit of its first material."""
    groups = instance.groups
    material = int(np.flatnonzero(groups.of == group)[0])
    return {
        "exchange": ids.groups[group],
        "from_facility": ids.facilities[groups.from_facility[group]],
        "to_facility": ids.facilities[groups.to_facility[group]],
        "mode": ids.modes[groups.mode[group]],
        "material": ids.materials[groups.material[group]],
        "unit": ids.units[instance.candidates.material[material]],
    }


def _ranges(found: Thresholds, group: int) -> list[dict[str, Any]]:
    """Ranges of the lever in which an exchange is in the best network or out of it, each as wide as it is."""
    place = found.in_place[:, group]
    starts = np.flatnonzero(np.diff(place, prepend=~place[:1]))
    rows = []
    for start, end in zip(starts, [*starts[1:], len(place)], strict=True):
        sent = [float(found.figures[i].sent[group]) for i in range(start, end)]
        rows.append(
            {
                "low": found.intervals[start].low,
                "high": found.intervals[end - 1].high,
                "status": "in" if place[start] else "out",
                "amount_per_yr": float(np.mean(sent)),
            }
        )
    return rows


@dataclass(frozen=True)
class _Lack:
    """What an exchange lacks to be in the best network."""

    status: str
    amount: float = np.nan
    cost: float = np.nan
    rate: float = np.nan
    fall: float = np.nan

    @property
    def cells(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "amount_per_yr": self.amount,
            "misses_by_eur": self.cost,
            "rate_eur_per_unit": self.rate,
            "falls_by_eur_per_unit": self.fall,
            "switching_eur_per_unit": self.rate - self.fall,
        }


@dataclass
class _Part:
    """A part of the model that stays in the solver, with its least cost."""

    component: Component
    session: Session
    cost: Array
    best: float


@dataclass
class _Misses:
    """Works out what exchanges lack at one value of the lever."""

    problem: Parametric
    value: float
    limit: float | None
    plan: Array
    proven: bool
    began: float = field(default_factory=time.perf_counter)
    solves: int = 0
    parts: dict[int, _Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.component_of = np.full(len(self.problem.form.cost), -1, dtype=np.int64)
        for number, component in enumerate(self.problem.components):
            self.component_of[component.columns] = number
        self.weight = float(self.problem.instance.minimise.get("cost", 0.0))

    @property
    def left(self) -> float:
        """Seconds left for one solve."""
        each = self.problem.scenario.settings.solver.time_limit_s
        return each if self.limit is None else min(each, self.limit - (time.perf_counter() - self.began))

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.left <= 0

    def of(self, group: int) -> _Lack:
        """What one exchange lacks: the least over the independent parts that its links lie in."""
        if self.weight <= 0:
            return _Lack("open")  # a rate moves nothing that is minimised
        instance = self.problem.instance
        periods = instance.periods
        links = np.flatnonzero((instance.links.group == group) & instance.links.foreign)
        columns = self.problem.form.columns["flow"].start + links[:, None] * periods.count + np.arange(periods.count)
        numbers = self.component_of[columns.ravel()]
        lacks = [self._in(int(number), links, columns) for number in np.unique(numbers)]
        order = {"tied": 0, "misses": 1, "open": 2, "impossible": 3}
        return min(lacks, key=lambda lack: (order[lack.status], np.nan_to_num(lack.fall, nan=np.inf)))

    def _in(self, number: int, links: Indices, columns: Indices) -> _Lack:
        """Find the least fall of the rate at which the exchange comes in, within one part."""
        part = self._part(number)
        if part is None:
            return _Lack("open")
        periods = self.problem.instance.periods
        discount = np.broadcast_to(periods.discount[periods.year_of], columns.shape)
        whole = np.zeros(len(self.problem.form.cost))
        whole[columns] = discount
        sent = whole[part.component.columns]
        plan = self._solve(part, -sent)
        if plan is None:
            return _Lack("open")
        most = float(sent @ plan)
        if most <= SAME * max(1.0, float(np.abs(plan).max())):
            return _Lack("impossible", amount=0.0)
        tolerance = SAME * max(1.0, abs(part.best))
        for _ in range(MOST_STEPS):
            fall = (float(part.cost @ plan) - part.best) / float(sent @ plan)
            new = self._solve(part, part.cost - fall * sent)
            if new is None:
                return _Lack("open")
            if float((part.cost - fall * sent) @ new) >= part.best - tolerance or float(sent @ new) <= 0:
                break
            plan = new
        return self._lack(part, plan, fall, links, columns)

    def _lack(self, part: _Part, plan: Array, fall: float, links: Indices, columns: Indices) -> _Lack:
        periods = self.problem.instance.periods
        whole = np.zeros(len(self.problem.form.cost))
        whole[part.component.columns] = plan
        flow = np.maximum(whole[columns], 0.0)
        weighed = flow * periods.discount[periods.year_of]
        rates = np.broadcast_to(self._rates[links], flow.shape)
        rate = float((weighed * rates).sum() / weighed.sum())
        cost = (float(part.cost @ plan) - part.best) / self.weight
        tied = cost <= SAME * max(1.0, abs(part.best))
        per_unit = max(fall / self.weight, 0.0)
        amount = float(flow.sum()) / len(periods.years)
        return _Lack("tied" if tied else "misses", amount, max(cost, 0.0), rate, 0.0 if tied else per_unit)

    @cached_property
    def _rates(self) -> Array:
        """Carriage rate of each link at the lever's value, shape (links, 1 or periods)."""
        moved = self.problem.levers[0].table in {"modes", "links", "materials"}
        instance = self.problem.instance_at([self.value]) if moved else self.problem.instance
        return instance.links.eur_per_unit

    def _part(self, number: int) -> _Part | None:
        """Keep a part in the solver with its least cost, solved unless it is known; None where it can't be proven."""
        if number not in self.parts:
            component = self.problem.components[number]
            step = np.array([self.value]) - self.problem.low
            cost = component.form.cost + step @ component.slopes
            session = Session(replace(component.form, cost=cost))
            plan = self.plan[component.columns]
            best = float(cost @ plan)
            if not self.proven:
                self.solves += 1
                outcome = session.solve(gap=0.0, time_limit=max(self.left, 0.01), start=plan)
                if outcome.status != "optimal" or outcome.objective is None:
                    return None
                best = outcome.objective
            self.parts[number] = _Part(component, session, cost, best)
        return self.parts[number]

    def _solve(self, part: _Part, cost: Array) -> Array | None:
        """Solve a part at other costs; None where that did not end in a proven optimum."""
        self.solves += 1
        part.session.change_cost(cost)
        outcome = part.session.solve(gap=0.0, time_limit=max(self.left, 0.01))
        if outcome.interrupted:
            raise KeyboardInterrupt
        return None if outcome.status != "optimal" else outcome.values  # noqa: PD011  no pandas


def write_switching(found: Switching, folder: str | Path) -> Path:
    """
    Write ``switching.csv``.

    Parameters
    ----------
    found
        From `switching`.
    folder
        Made where it does not exist.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    return replace_text(out / "switching.csv", found.table.to_csv(index=False, lineterminator="\n"))
