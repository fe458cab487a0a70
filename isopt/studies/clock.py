"""Time, listeners and Ctrl-C of a search over the values of levers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from isopt.solver.outcome import Progress

__all__ = ["Clock", "Step", "StepListener"]

#: Seconds that a solve gets in any case.
LEAST_S = 0.2


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
