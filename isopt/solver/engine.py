"""
One HiGHS run that can always be left: on time, at Ctrl-C, or when a listener says so.

HiGHS looks at its clock and asks its callbacks only between steps, and at 100,000 links one step (clique search, cuts,
the root relaxation) can take ten seconds. So it runs in a thread of its own, which writes down each plan and bound it
reports; the caller waits, tells listeners, and if HiGHS does not stop soon after it was told to, leaves with the best
plan seen. The thread then ends by itself at its next step, at the latest when Python exits.

A fresh thread per run has a second use: HiGHS keeps one scheduler per thread that runs it, and refuses a run
("Not Set") whose ``threads`` option differs from the scheduler's.
"""

from __future__ import annotations

import atexit
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from highspy import cb

from isopt.errors import InputError, IsoptError
from isopt.solver.outcome import Listener, Progress, relative_gap
from isopt.solver.progress import interruptible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

_POLL_S = 0.1
#: How long HiGHS may take to come back once its time is over: a share of the limit, and seconds at least.
_GRACE_SHARE, _GRACE_S = 0.02, 0.3
#: How long it may take after Ctrl-C or a listener's word.
_STOP_GRACE_S = 2.0
#: How long Python waits at its exit for runs that were left.
_EXIT_S = 60.0

_KINDS = cb.HighsCallbackType
_LEFT: list[tuple[threading.Thread, threading.Event]] = []


#: HiGHS's helpers that solve models inside the model: they find plans, and prove nothing.
NO_HELPERS: Mapping[str, bool] = {
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}


def load(form: StandardForm, *, relaxed: bool = False) -> Any:
    """
    Give a model to a new, silent HiGHS.

    Parameters
    ----------
    form
        The model.
    relaxed
        Whether whole numbers may be fractions.

    Raises
    ------
    InputError
        If HiGHS refuses it.
    """
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("log_to_console", False)
    rows, columns = form.shape
    matrix = form.matrix
    whole = np.zeros(columns, np.int32) if relaxed else form.integer.astype(np.int32)
    status = solver.passModel(
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(form.sense),
        float(form.offset),
        form.cost,
        form.col_lower,
        form.col_upper,
        form.row_lower,
        form.row_upper,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        whole,
    )
    if status == highspy.HighsStatus.kError:
        largest = float(np.abs(matrix.data).max(initial=0))
        raise InputError(f"HiGHS refuses the model; its largest coefficient is {largest:g}")
    return solver


@dataclass
class Ending:
    """
    How a run ended: by itself, or left.

    Parameters
    ----------
    finished
        Whether HiGHS came back, so that it may be asked; otherwise only what follows is known.
    stopped
        Whether somebody stopped it before its time.
    incumbent, values, bound, nodes
        The best plan's objective and values, the bound and branches that HiGHS reported on its way.
    """

    finished: bool = False
    stopped: bool = False
    incumbent: float | None = None
    values: Array | None = None
    bound: float | None = None
    nodes: int = 0


@dataclass
class _Watch:
    """What the run's thread writes down and the caller reads."""

    sense: int
    stop: threading.Event = field(default_factory=threading.Event)
    ending: Ending = field(default_factory=Ending)
    stage: str = "presolve"
    failure: BaseException | None = None
    most_steps: int | None = None
    steps: int = 0

    def hear(self, kind: int, _message: str, out: Any, answer: Any, _data: Any) -> None:
        """Take in one report of HiGHS and answer whether it should stop; raising here would kill the process."""
        if kind == _SIMPLEX:
            self.stage = "relaxation" if self.stage == "presolve" else self.stage
        elif kind in (_IMPROVED, _INTERRUPT, _LOGGED):
            self._note(kind, out)
        self.steps += kind == _INTERRUPT
        over = self.most_steps is not None and self.steps >= self.most_steps
        if answer is not None and (over or self.stop.is_set()):
            answer.user_interrupt = True

    def _note(self, kind: int, out: Any) -> None:
        self.stage = "search"
        self.ending.nodes = max(self.ending.nodes, int(out.mip_node_count))
        bound, incumbent = float(out.mip_dual_bound), float(out.mip_primal_bound)
        if np.isfinite(bound) and (self.ending.bound is None or (bound - self.ending.bound) * self.sense > 0):
            self.ending.bound = bound
        if kind == _IMPROVED:
            self.ending.incumbent, self.ending.values = incumbent, np.array(out.mip_solution, dtype=float)


_SIMPLEX = int(_KINDS.kCallbackSimplexInterrupt)
_INTERRUPT = int(_KINDS.kCallbackMipInterrupt)
_IMPROVED = int(_KINDS.kCallbackMipImprovingSolution)
_LOGGED = int(_KINDS.kCallbackMipLogging)


def run(
    solver: Any,
    *,
    seconds: float,
    sense: int = 1,
    listener: Listener | None = None,
    began: float | None = None,
    pressed: threading.Event | None = None,
    most_steps: int | None = None,
) -> Ending:
    """
    Run HiGHS until it is done, its time is over or somebody stops it.

    Parameters
    ----------
    solver
        A loaded HiGHS. If ``finished`` is false in what comes back, it must not be used again.
    seconds
        Wall-clock time it has.
    sense
        1 to minimise, -1 to maximise.
    listener
        Told about progress ten times a second, in the caller's thread.
    began
        Start that progress counts from, by ``time.perf_counter``; now, if not given.
    pressed
        The event of the caller's own ``interruptible``, if the caller has one.
    most_steps
        Steps after which a search ends: one for each round of cuts, one or more for each branch. Unlike a time, it
        leads to the same bound on every machine.

    Raises
    ------
    KeyboardInterrupt
        At the second Ctrl-C; the first one stops the run and keeps its best plan.
    """
    start = time.perf_counter()
    watch = _Watch(sense, most_steps=most_steps)
    solver.setCallback(watch.hear, None)
    for kind in (_SIMPLEX, _INTERRUPT, _IMPROVED, _LOGGED, int(_KINDS.kCallbackIpmInterrupt)):
        solver.startCallback(_KINDS(kind))
    # The clock of linear runs goes on from run to run, that of integer runs starts anew: the callers' is what holds.
    solver.setOptionValue("time_limit", float(solver.getRunTime() + max(seconds, 0.0)))
    done = threading.Event()
    thread = threading.Thread(target=_work, args=(solver, watch, done), name="HiGHS", daemon=True)
    thread.start()
    leave = start + seconds + max(_GRACE_S, _GRACE_SHARE * seconds)
    try:
        with interruptible() if pressed is None else nullcontext(pressed) as stop:
            while not done.wait(_POLL_S):
                now = time.perf_counter()
                told = listener is not None and listener(_progress(watch, now - (began or start)))
                if (told or stop.is_set()) and not watch.ending.stopped:
                    watch.ending.stopped = True
                    watch.stop.set()
                    leave = min(leave, now + _STOP_GRACE_S)
                if now > start + seconds:
                    watch.stop.set()
                if now > leave:
                    break
    except BaseException:
        _leave(thread, watch)
        raise
    if not done.is_set():
        _leave(thread, watch)
        return Ending(**vars(watch.ending))
    thread.join()
    if watch.failure is not None:
        raise IsoptError(f"HiGHS failed: {watch.failure}") from watch.failure
    watch.ending.finished = True
    return watch.ending


def _work(solver: Any, watch: _Watch, done: threading.Event) -> None:
    try:
        solver.run()
        highspy.Highs.resetGlobalScheduler(False)
    except BaseException as failure:  # noqa: BLE001  raised again in the caller's thread
        watch.failure = failure
    finally:
        done.set()


def _progress(watch: _Watch, seconds: float) -> Progress:
    ending = watch.ending
    gap = relative_gap(ending.incumbent, ending.bound)
    return Progress(seconds, ending.incumbent, ending.bound, gap, ending.nodes, watch.stage)


def _leave(thread: threading.Thread, watch: _Watch) -> None:
    """Let a run end by itself at its next step."""
    watch.stop.set()
    _LEFT[:] = [(left, stop) for left, stop in _LEFT if left.is_alive()]
    _LEFT.append((thread, watch.stop))


@atexit.register
def _wait() -> None:
    """Python must not exit under a running HiGHS."""
    deadline = time.perf_counter() + _EXIT_S
    for thread, _ in _LEFT:
        thread.join(max(0.0, deadline - time.perf_counter()))
