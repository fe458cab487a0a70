"""
Many parts searched at once: each solve is a job for whoever is free, and starts from the best plan known there.

What is solved next is decided here, with all that is known; a worker keeps its models in the solver.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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

#: Share of the time left that one solve may take when the corners are done.
SHARE = 0.25
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
    """

    number: int
    step: Array
    start: Array | None
    seconds: float


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
    sessions: OrderedDict[int, Session] = field(default_factory=OrderedDict)

    def session(self, number: int) -> Session:
        """Return the model of a part as it stands in the solver; the one not asked for longest leaves."""
        if number not in self.sessions:
            self.sessions[number] = Session(self.components[number].form)
        self.sessions.move_to_end(number)
        if len(self.sessions) > KEPT:
            self.sessions.popitem(last=False)
        return self.sessions[number]


def prepare(common: tuple[Sequence[Component], float]) -> Desk:
    """Make a worker ready."""
    return Desk(*common)


def solve_task(desk: Desk, task: Task, stop: Callable[[], bool]) -> Outcome:
    """Solve a part at a step."""
    component = desk.components[task.number]
    session = desk.session(task.number)
    session.change_cost(component.form.cost + task.step @ component.slopes)
    return session.solve(gap=desk.gap, time_limit=task.seconds, start=task.start, on_progress=lambda _: stop())


def search(parts: Sequence[Part], clock: Clock, following: Next, *, workers: int = 1) -> None:
    """
    Solve every part at the corners of the range, and then where it may matter most, until nothing is left to prove.

    Parts with least under way come first, and of these the one that may hide most, so that a search which has to stop
    leaves the least unproven. With several workers a part may be solved at two places at once; either could have been
    spared had the other's answer been known.

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
    agenda = _Agenda(parts, clock, following, large_first=workers > 1 and clock.limit is None)
    work = Work(([part.component for part in parts], parts[0].gap if parts else 0.0), prepare, solve_task)
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
    if any(not part.lines for part in parts):
        raise InputError("stopped before there was a plan: give it more time")
    if clock.over:
        _bound_corners(parts)


class _Agenda:
    """What is under way, and what comes next."""

    def __init__(self, parts: Sequence[Part], clock: Clock, following: Next, *, large_first: bool) -> None:
        self._parts, self._clock, self._following = parts, clock, following
        order = sorted(range(len(parts)), key=lambda number: len(parts[number].component.columns), reverse=large_first)
        self._corners: deque[tuple[int, Array]] = deque()
        for end in range(len(parts[0].corners) if parts else 0):
            self._corners += [(n, parts[n].corners[end]) for n in order if end == 0 or parts[n].component.moved]
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
        self._clock.solves += 1
        self._clock.lines += self._parts[task.number].learn(task.step, event.value, task.seconds)

    def _next(self) -> Task | None:
        if self._corners:
            seconds = self._clock.budget(1.0 / len(self._corners))
            return self._task(*self._corners.popleft(), seconds)
        seconds = self._clock.budget(SHARE)
        best: tuple[tuple[int, float], int, Array] | None = None
        for number in sorted(self._left):
            part = self._parts[number]
            found = self._open(number, seconds)
            if found is not None:
                rank = len(part.under_way), -found[0]
                if best is None or rank < best[0]:
                    best = rank, number, found[1]
            elif not part.under_way:
                self._left.discard(number)
        self._clock.parts_left = len(self._left)
        return None if best is None else self._task(best[1], best[2], seconds)

    def _open(self, number: int, seconds: float) -> tuple[float, Array] | None:
        """Where to solve a part next, worked out again when there is news of it."""
        part = self._parts[number]
        version = len(part.lines), len(part.tried), len(part.under_way)
        known = self._known.get(number)
        if known is None or known[0] != version or (known[1] is not None and part.is_done(known[1][1], seconds)):
            self._known[number] = version, self._following(part, seconds)
        return self._known[number][1]

    def _task(self, number: int, step: Array, seconds: float) -> Task:
        part = self._parts[number]
        return Task(number, step, part.best(step).plan if part.lines else None, seconds)


def _bound_corners(parts: Sequence[Part]) -> None:
    """Bound by the relaxation what a search that had to stop did not get to, so that the error is finite."""
    began = time.perf_counter()
    for part in parts:
        for corner in part.corners:
            left = CLOSING_S - (time.perf_counter() - began)
            if left > 0:
                part.relax(corner, left)
