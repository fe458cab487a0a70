"""
Many parts searched at once: each solve is a job for whoever is free, and starts from the best plan known there.

What is solved next is decided here, with all that is known; a worker keeps its models in the solver.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, IsoptError
from isopt.solver.executors import Ended, Job, Work, executor
from isopt.solver.outcome import Outcome
from isopt.solver.progress import interruptible
from isopt.solver.session import Session
from isopt.studies.clock import Clock
from isopt.studies.independent import Component
from isopt.studies.part import Part

__all__ = ["Next", "search"]

Array = NDArray[np.float64]

#: Given a part and the seconds that a solve would get: where to solve next, and by how much it may matter; None where
#: all is proven, or nothing more can be done in that time.
Next = Callable[[Part, float], "tuple[float, Array] | None"]

#: Share of the time left that a relaxation may take, which ends long before, and a solve that ran out of time before.
MOST = 0.9
#: What the corners of the range get of the time left, all of them together.
CORNERS = 0.5
#: What the parts with something left to prove get of the time left, all of them together, in their next solve.
NEXT = 0.25
#: Seconds at the end of a search that had to stop, for bounds at the corners of the range.
CLOSING_S = 5.0
#: Models that a worker keeps in the solver.
KEPT = 12


@dataclass(frozen=True)
class Task:
    """
    One solve.

    Parameters
    ----------
    number
        Of the part.
    step
        From the lower corner, shape (levers,).
    start
        The best plan known there, shape (columns,).
    seconds
        That it may take.
    relaxed
        Whether whole numbers may be fractions: that bounds the cost, and takes a fraction of the time.
    """

    number: int
    step: Array
    start: Array | None
    seconds: float
    relaxed: bool = False


@dataclass
class Desk:
    """
    What a worker keeps at hand.

    Parameters
    ----------
    components
        Models of all parts.
    gap
        Relative gap of each solve.
    """

    components: Sequence[Component]
    gap: float
    sessions: OrderedDict[tuple[int, bool], Session] = field(default_factory=OrderedDict)

    def session(self, number: int, *, relaxed: bool) -> Session:
        """Return the model of a part as it stands in the solver; the one not asked for longest leaves."""
        key = number, relaxed
        if key not in self.sessions:
            form = self.components[number].form
            self.sessions[key] = Session(replace(form, integer=np.zeros_like(form.integer)) if relaxed else form)
        self.sessions.move_to_end(key)
        if len(self.sessions) > KEPT:
            self.sessions.popitem(last=False)
        return self.sessions[key]


def prepare(common: tuple[Sequence[Component], float]) -> Desk:
    """Make a worker ready."""
    return Desk(*common)


def solve_task(desk: Desk, task: Task, stop: Callable[[], bool]) -> Outcome:
    """Solve a part at a step."""
    component = desk.components[task.number]
    session = desk.session(task.number, relaxed=task.relaxed)
    session.change_cost(component.form.cost + task.step @ component.slopes)
    return session.solve(gap=desk.gap, time_limit=task.seconds, start=task.start, on_progress=lambda _: stop())


def search(parts: Sequence[Part], clock: Clock, following: Next, *, workers: int = 1) -> None:
    """
    Solve every part at the corners of the range, and then where it may matter most, until nothing is left to prove.

    Parts with least under way come first, and of these the one that may hide most. Where time is limited, the part that
    may hide most for its size comes first, so that a search which has to stop leaves little unproven; each place is
    bounded by the relaxation before it is solved, and what ran out of time is tried again with twice as much. With
    several workers a part may be solved at two places at once; either could have been spared had the other's answer
    been known.

    Parameters
    ----------
    parts
        Over the same levers.
    clock
        Says when to stop; what is proven until then stays in the parts.
    following
        Where to solve next.
    workers
        Processes.

    Raises
    ------
    InputError
        There is no plan at all, or none was found in time.
    """
    agenda = _Agenda(parts, clock, following, workers)
    common = [part.component for part in parts], parts[0].gap if parts else 0.0
    work = Work(common, prepare, solve_task, here=True)
    events = executor(workers, stop=clock.tell)(work, agenda.jobs())
    try:
        with interruptible() as pressed:
            clock.pressed = pressed.is_set
            for event in events:
                if isinstance(event, Ended):
                    agenda.take(event)
                if clock.tell():
                    break
    except KeyboardInterrupt:
        clock.stopped = True
    finally:
        events.close()
    if clock.solves and clock.over:
        _first_plans(parts)
    if any(not part.lines for part in parts):
        raise InputError("stopped before there was a plan: give it more time")
    if clock.over:
        _bound_corners(parts)


class _Agenda:
    """What is under way, and what comes next."""

    def __init__(self, parts: Sequence[Part], clock: Clock, following: Next, workers: int) -> None:
        self._parts, self._clock, self._following, self._workers = parts, clock, following, workers
        large_first = workers > 1 and clock.limit is None
        order = sorted(range(len(parts)), key=lambda number: len(parts[number].component.columns), reverse=large_first)
        corners: list[tuple[int, Array]] = []
        for end in range(len(parts[0].corners) if parts else 0):
            corners += [(n, parts[n].corners[end]) for n in order if end == 0 or parts[n].component.moved]
        hard = [
            (n, step, True) for n, step in corners if clock.limit is not None and parts[n].component.form.integer.any()
        ]
        self._corners = deque([*hard, *((n, step, False) for n, step in corners)])
        self._left = set(order)
        self._known: dict[int, tuple[tuple[int, ...], tuple[float, Array] | None]] = {}
        self._under_way: dict[str, Task] = {}
        self._count = 0
        clock.parts_left = len(parts)

    def jobs(self) -> Iterator[Job | None]:
        """One job after another; None as long as the next one depends on those under way."""
        while not self._clock.over:
            task = self._next()
            if task is not None:
                name = str(self._count)
                self._count += 1
                self._under_way[name] = task
                self._parts[task.number].under_way.append(task.step)
                yield Job(name, task)
            elif self._under_way:
                yield None
            else:
                return

    def take(self, event: Ended) -> None:
        """Take in how a job ended."""
        task = self._under_way.pop(event.name)
        if event.failure is not None:
            raise IsoptError(event.failure)
        part = self._parts[task.number]
        self._clock.solves += 1
        if task.relaxed:
            part.bound(task.step, event.value)
        else:
            self._clock.lines += part.learn(task.step, event.value, task.seconds)

    def _next(self) -> Task | None:
        clock = self._clock
        if self._corners:
            share = CORNERS / len(self._corners)
            number, step, relaxed = self._corners.popleft()
            return self._task(number, step, clock.budget(NEXT if relaxed else share), relaxed=relaxed)
        most = clock.budget(MOST)
        best: tuple[tuple[float, float], int, Array] | None = None
        for number in sorted(self._left):
            part = self._parts[number]
            found = self._open(number, most)
            if found is not None:
                rank = self._rank(part, found[0])
                if best is None or rank < best[0]:
                    best = rank, number, found[1]
            elif not part.under_way:
                self._left.discard(number)
        clock.parts_left = len(self._left)
        if best is None:
            return None
        part, step = self._parts[best[1]], best[2]
        relaxed = clock.limit is not None and part.has_decisions and not part.is_relaxed(step)
        share = min(MOST, NEXT * self._workers / len(self._left))
        seconds = most if relaxed else min(max(clock.budget(share), part.next_seconds(step)), most)
        return self._task(best[1], step, seconds, relaxed=relaxed)

    def _rank(self, part: Part, hidden: float) -> tuple[float, float]:
        """The less, the sooner; with limited time, what may hide most for its effort, which outgrows the size."""
        if self._clock.limit is None:
            return len(part.under_way), -hidden
        return -hidden / len(part.component.columns) ** 2, len(part.under_way)

    def _open(self, number: int, seconds: float) -> tuple[float, Array] | None:
        """Where to solve a part next, worked out again when there is news of it."""
        part = self._parts[number]
        version = len(part.lines), len(part.tried), len(part.relaxed), len(part.under_way)
        known = self._known.get(number)
        if known is None or known[0] != version or (known[1] is not None and part.is_done(known[1][1], seconds)):
            self._known[number] = version, self._following(part, seconds)
        return self._known[number][1]

    def _task(self, number: int, step: Array, seconds: float, *, relaxed: bool) -> Task:
        part = self._parts[number]
        return Task(number, step, part.best(step).plan if part.lines and not relaxed else None, seconds, relaxed)


def _first_plans(parts: Sequence[Part]) -> None:
    """Give those parts any plan that the search did not get to before it had to stop."""
    began = time.perf_counter()
    waiting = [part for part in parts if not part.lines]
    for left, part in zip(range(len(waiting), 0, -1), waiting, strict=True):
        seconds = max(CLOSING_S - (time.perf_counter() - began), 0.0) / left
        step = part.span * 0.0
        outcome = Session(replace(part.component.form, cost=part.cost(step))).solve(gap=1.0, time_limit=seconds)
        part.learn(step, replace(outcome, status="feasible") if outcome.status == "optimal" else outcome, seconds)


def _bound_corners(parts: Sequence[Part]) -> None:
    """Bound by the relaxation what a search that had to stop did not get to, so that the error is finite."""
    began = time.perf_counter()
    for part in parts:
        for corner in part.corners:
            left = CLOSING_S - (time.perf_counter() - began)
            if left > 0:
                part.relax(corner, left)
