"""Where a large solve stands: the best plan, the best bound, the time left, and who is told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from isopt.solver.highs import solve_form
from isopt.solver.outcome import Listener, Outcome, Progress, relative_gap
from isopt.solver.plan import holds
from isopt.solver.session import EXACT

if TYPE_CHECKING:
    import threading

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

__all__ = ["Standing"]

#: Seconds between two reports of progress.
_TELL_S = 0.1
#: What is kept of the time for the clean-up: a share of the limit, but no more than this.
_RESERVE_SHARE, _RESERVE_S = 0.03, 5.0
#: Share by which two plans that cost the same may differ.
_EVEN = 1e-9


@dataclass
class Standing:
    """
    The best plan and bound so far; plans that do not hold and bounds that are no better are not taken.

    Parameters
    ----------
    form
        The model.
    gap
        At which both are near enough.
    seconds
        Time limit.
    began
        By ``time.perf_counter``.
    pressed
        Set by Ctrl-C.
    listener
        Told about progress.
    baseline
        Cost of doing nothing, if known.
    """

    form: StandardForm
    gap: float
    seconds: float
    began: float
    pressed: threading.Event
    listener: Listener | None = None
    baseline: float | None = None
    stage: str = "presolve"
    plan: Array | None = None
    value: float | None = None
    bound: float | None = None
    nodes: int = 0
    interrupted: bool = False
    _told: float = field(default=-np.inf, repr=False)
    _best: float | None = field(default=None, repr=False)

    @property
    def reserve(self) -> float:
        """Seconds that are kept for the clean-up."""
        return min(_RESERVE_SHARE * self.seconds, _RESERVE_S)

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Seconds left before the clean-up."""
        return max(0.0, self.seconds - self.reserve - self.spent)

    @property
    def distance(self) -> float:
        """How far plan and bound are apart; infinite while one of them is missing."""
        if self.value is None or self.bound is None:
            return np.inf
        return abs(self.value - self.bound)

    @property
    def met(self) -> bool:
        """Whether the gap is reached."""
        if self.value is None:
            return False
        return self.distance <= max(self.gap * abs(self.value), EXACT * max(1.0, abs(self.value)))

    @property
    def over(self) -> bool:
        """Whether there is no reason to go on: proven, stopped, or out of time."""
        return self.met or self.left <= 0 or self.stop()

    def take(self, values: Array, *, even: bool = False) -> bool:
        """
        Take a plan if it holds and is better than the one there is.

        Parameters
        ----------
        values
            Shape (columns,).
        even
            Whether one that costs the same (within rounding) is taken too.
        """
        value = self.form.value(values)
        if self.value is not None:
            behind = (value - self.value) * self.form.sense
            if behind > (_EVEN * abs(self.value) if even else 0.0) or (behind == 0 and not even):
                return False
        if not holds(self.form, values):
            return False
        self.plan, self.value = values, value
        # a plan that costs the same may cost a rounding more, of which listeners are told nothing
        if self._best is None or (self._best - value) * self.form.sense > 0:
            self._best = value
        self.tell(force=True)
        return True

    def prove(self, bound: float) -> None:
        """Take a bound if it is one and better than the one there is."""
        if np.isfinite(bound) and (self.bound is None or (bound - self.bound) * self.form.sense > 0):
            self.bound = float(bound)
            self.tell(force=True)

    def stop(self) -> bool:
        """Tell about progress now and then, and say whether somebody wants to stop."""
        self.tell()
        return self.interrupted

    def tell(self, stage: str | None = None, *, force: bool = False) -> None:
        """Tell the listener where the solve stands."""
        if self.pressed.is_set():
            self.interrupted = True
        now = self.spent
        if self.listener is None or (not force and now - self._told < _TELL_S):
            return
        self._told = now
        if self.listener(self.progress(stage or self.stage)):
            self.interrupted = True

    def progress(self, stage: str) -> Progress:
        """Where the solve stands, as listeners are told."""
        value, on_savings = self._best, None
        if self.baseline is not None and value is not None and self.bound is not None:
            saved = (self.baseline - value) * self.form.sense
            on_savings = abs(value - self.bound) / saved if saved > 0 else None
        return Progress(self.spent, value, self.bound, relative_gap(value, self.bound), self.nodes, stage, on_savings)

    def search(self, seconds: float | None = None) -> Outcome:
        """Let HiGHS search the whole model from the plan there is, for some time or all that is left."""
        limit = max(self.left if seconds is None else seconds, 0.1)
        outcome = solve_form(
            self.form, gap=self.gap, time_limit=limit, start=self.plan, near=True, on_progress=self._passed_on
        )
        if outcome.values is not None:
            self.take(outcome.values)
        if outcome.bound is not None:
            self.prove(outcome.bound)
        self.nodes += outcome.nodes
        self.interrupted |= outcome.interrupted
        return outcome

    def by_highs(self, why: str) -> Outcome:
        """Leave everything to HiGHS, and say why."""
        self.stage = "search"
        outcome = self.search()
        told = f"large-scale path: HiGHS on the whole model, since {why}"
        if self.plan is None:
            bound = self.bound if outcome.status == "no_solution" else outcome.bound
            return replace(outcome, seconds=self.spent, bound=bound, method=told)
        return self.outcome(told)

    def outcome(self, method: str) -> Outcome:
        """Say how it ended."""
        bound, value = self.bound, self.value
        assert value is not None
        message = ""
        if bound is not None and (bound - value) * self.form.sense > 0:
            wrong = (bound - value) * self.form.sense > EXACT * max(1.0, abs(value))
            message = f"the plan beats the bound {bound} that was found, which proves nothing then" if wrong else ""
            bound = None if wrong else value
        proven = bound is not None and self.met
        return Outcome(
            status="optimal" if proven else "feasible",
            objective=value,
            bound=bound,
            gap=relative_gap(value, bound),
            values=self.plan,
            seconds=self.spent,
            interrupted=self.interrupted,
            nodes=self.nodes,
            message=message,
            method=method,
        )

    def _passed_on(self, progress: Progress) -> bool:
        """Tell what HiGHS says of its own search as part of this one."""
        self.stage = "search" if progress.stage == "done" else progress.stage
        if progress.bound is not None and np.isfinite(progress.bound):
            self.prove(progress.bound)
        return self.stop()
