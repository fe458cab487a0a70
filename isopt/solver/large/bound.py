"""A bound that no plan can beat: the thin relaxation's, then raised block by block."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.errors import IsoptError
from isopt.solver.engine import load, run
from isopt.solver.executors import Ended, Job, Work, in_turn
from isopt.solver.large.blocks import Block, cut
from isopt.solver.large.certify import Certificate, bounded, certify
from isopt.solver.large.partition import partition
from isopt.solver.large.search import Found, least_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm
    from isopt.solver.executors import Executor
    from isopt.solver.large.thin import Thin

__all__ = ["BLOCK", "EFFORTS", "Bound", "Relaxation", "improve", "proven", "relaxation"]

#: Columns of a block: on a synthetic region of 8,700 links, 12 rounds of cuts on blocks of 500, 1,000, 2,000 and 5,000
#: columns raise the bound by 0.11, 0.15, 0.16 and 0.17 % of the savings, all in 1.6 s.
BLOCK = 5000
#: Rounds of cuts and branches in each pass over the blocks; a pass costs more than all before it together.
EFFORTS = (12, 30, 80, 300, 2000, 20000)
#: CPU seconds per column of a pass with so many rounds (regions of 8,700 to 90,000 links).
_SECONDS_PER_COLUMN = {12: 0.13e-3, 30: 0.35e-3, 80: 0.9e-3}
#: Share of the time that the first pass may take: what it proves, a later one has to prove again.
_FIRST_SHARE = 0.3
#: A plan of a block shows its bound wrong if it costs less by this share.
_WRONG = 1e-7
#: What an opening must be away from 0 and 1 in the relaxation to promise something.
_FRACTION = 1e-6


@dataclass(frozen=True)
class Relaxation:
    """
    The thin relaxation, solved.

    Parameters
    ----------
    values
        Its solution as columns of the whole, openings as fractions, shape (columns,); None where it was not finished.
    duals
        Shadow prices of the rows of the whole, shape (rows,).
    bound
        What no plan can beat, in the model's own sense; proven from the prices, so safe from tolerances. Infinite on
        the wrong side where nothing is proven.
    status
        ``optimal``, ``infeasible``, ``unbounded`` or ``unfinished``.
    form
        The whole model with finite bounds, on which the proof stands.
    proof
        The proof.
    """

    values: Array | None
    duals: Array
    bound: float
    status: str
    form: StandardForm = field(repr=False)
    proof: Certificate = field(repr=False)


@dataclass(frozen=True)
class Bound:
    """
    What no plan can beat, as known now.

    Parameters
    ----------
    value
        In the model's own sense.
    seconds
        Wall-clock time since the improvement began.
    stage
        What proved it: ``relaxation``, or how many rounds of cuts the blocks had.
    done, blocks
        Blocks that this pass has treated, and has to treat.
    exact
        Whether every block is solved to its end, so that more effort on them is of no use.
    """

    value: float
    seconds: float
    stage: str
    done: int
    blocks: int
    exact: bool = False


def relaxation(made: Thin, *, seconds: float = np.inf, stop: Callable[[], bool] | None = None) -> Relaxation:
    """
    Solve the thin relaxation and prove its bound.

    Parameters
    ----------
    made
        The thin form.
    seconds
        Wall-clock time that HiGHS has.
    stop
        Asked now and then whether to give up.

    Returns
    -------
    relaxation
        With a bound even if time was over, as good as the prices that were found.
    """
    solver = load(made.form)
    solver.setOptionValue("threads", 1)
    # presolve takes longer than it saves: 0.9 s against 0.6 s at 100,000 links
    solver.setOptionValue("presolve", "off")
    listener = None if stop is None else lambda _: stop()
    ending = run(solver, seconds=min(seconds, 1e9), sense=made.form.sense, listener=listener)
    return proven(made, solver, finished=ending.finished)


def proven(made: Thin, solver: Any, *, finished: bool) -> Relaxation:
    """
    Prove what a HiGHS that has solved the thin relaxation says of the bound.

    Parameters
    ----------
    made
        The thin form.
    solver
        Which was given ``made.form``.
    finished
        Whether it came back, so that it may be asked.
    """
    form = bounded(made.whole)
    duals, values, status = np.zeros(form.shape[0]), None, "unfinished"
    if finished:
        status = _STATUS.get(solver.modelStatusToString(solver.getModelStatus()), "unfinished")
        solution = solver.getSolution()
        if solution.dual_valid:
            duals = made.prices(np.array(solution.row_dual, dtype=float))
        if status == "optimal":
            values = made.expand(np.array(solution.col_value, dtype=float))
    proof = certify(form, duals)
    return Relaxation(values, duals, form.offset + form.sense * proof.value, status, form, proof)


_STATUS = {"Optimal": "optimal", "Infeasible": "infeasible", "Unbounded": "unbounded"}


def improve(
    made: Thin,
    relaxed: Relaxation,
    *,
    seconds: float,
    executor: Executor | None = None,
    size: int = BLOCK,
    shift: int = 0,
    efforts: Sequence[int] = EFFORTS,
    plan: Array | None = None,
    stop: Callable[[], bool] | None = None,
) -> Generator[Bound]:
    """
    Raise the bound of the relaxation, block by block.

    The model is cut into blocks; with the relaxation's prices the blocks' least costs add up to a bound of the whole.
    Each block is given to HiGHS for some rounds of cuts and branches; its bound when it stops is what counts, and a
    block that was not reached counts with its share of the relaxation's bound. A pass over all blocks is followed by
    one with more rounds; passes that are sure to leave time for a longer one are passed over. The bounds after each
    pass are the same whatever the machine, the executor and the order in which blocks end; only how far one gets
    depends on the time.

    Parameters
    ----------
    made
        The thin form.
    relaxed
        Its solution.
    seconds
        Wall-clock time it may take.
    executor
        How blocks are solved; one after another in this process, if not given.
    size, shift
        As :func:`isopt.solver.large.partition.partition` takes them.
    efforts
        Rounds of cuts and branches in each pass.
    plan
        A plan that keeps all rows, shape (columns,): no block's bound may be above what it costs there.
    stop
        Asked now and then whether to give up.

    Yields
    ------
    bound
        Never worse than the one before; the first one is the relaxation's. It ends when time is over, somebody says
        stop, or every block is solved to its end.

    Raises
    ------
    IsoptError
        If a worker can't be started, or none of the blocks could be treated.
    """
    began = time.perf_counter()
    form, proof = relaxed.form, relaxed.proof
    yield Bound(relaxed.bound, 0.0, "relaxation", 0, 0, exact=not form.integer.any())
    if not np.isfinite(proof.value) or not form.integer.any() or relaxed.values is None:
        return
    blocks = cut(made, form, proof, partition(made.whole, size, shift))
    spread = executor or (lambda work, jobs: in_turn(work, jobs, stop))
    ledger = _Ledger(form, proof, blocks, plan)
    until = began + seconds
    for steps in _worthwhile(efforts, sum(len(block.columns) for block in blocks), seconds):
        waiting = ledger.order(relaxed.values)
        if not waiting:
            return
        stage = f"{steps} rounds"
        jobs = [Job(str(number), (blocks[number], steps, _epoch(until))) for number in waiting]
        with closing(spread(Work(form, _kept, _searched), jobs)) as events:
            treated = 0
            for event in events:
                if isinstance(event, Ended):
                    treated += 1
                    ledger.note(int(event.name), event.value, event.failure)
                    now = time.perf_counter() - began
                    yield Bound(ledger.bound(), now, stage, treated, len(jobs), exact=ledger.exact)
                if time.perf_counter() >= until or (stop is not None and stop()):
                    return


def _worthwhile(efforts: Sequence[int], columns: int, seconds: float) -> Sequence[int]:
    """Leave out first passes that are short for the time there is."""
    known = [k for k, steps in enumerate(efforts) if steps in _SECONDS_PER_COLUMN]
    fits = [k for k in known if _SECONDS_PER_COLUMN[efforts[k]] * columns <= _FIRST_SHARE * seconds]
    return efforts[max(fits, default=0) :]


def _epoch(until: float) -> float:
    """The same moment by the clock that all processes share."""
    return time.time() + until - time.perf_counter()


def _kept(form: StandardForm) -> StandardForm:
    """What a worker keeps at hand."""
    return form


def _searched(form: StandardForm, payload: tuple[Block, int, float], stop: Callable[[], bool]) -> Found:
    """Solve one block within its rounds and what is left of the time."""
    block, steps, until = payload
    left = until - time.time()
    if left <= 0:
        return Found(-np.inf, done=False)
    return least_cost(form, block, steps=steps, seconds=left, stop=stop)


class _Ledger:
    """What each block adds to the relaxation's bound."""

    def __init__(self, form: StandardForm, proof: Certificate, blocks: Sequence[Block], plan: Array | None) -> None:
        self._form, self._proof, self._blocks = form, proof, blocks
        self._most = [np.inf if plan is None else float(block.cost @ plan[block.columns]) for block in blocks]
        self._rise = np.zeros(len(blocks))
        self._done = np.zeros(len(blocks), dtype=bool)
        self._failed: set[int] = set()
        self._seen = False

    @property
    def exact(self) -> bool:
        """Whether every block is solved to its end."""
        return bool(self._done.all())

    def note(self, number: int, found: Found | None, failure: str | None) -> None:
        """Take in what was found of a block, unless a plan shows it wrong, or why nothing was."""
        self._seen = True
        if found is None:
            self._failed.add(number)
            if len(self._failed) == len(self._blocks):
                raise IsoptError(f"no block could be treated: {failure}")
            return
        block, most = self._blocks[number], self._most[number]
        self._done[number] |= found.done
        if found.least <= most + _WRONG * max(1.0, abs(most)):
            self._rise[number] = max(self._rise[number], min(found.least, most) - block.least)

    def bound(self) -> float:
        """What is proven of the whole, in the model's own sense."""
        return self._form.offset + self._form.sense * (self._proof.value + float(self._rise.sum()))

    def order(self, values: Array) -> list[int]:
        """Blocks that more effort may raise, those first that promise most for their size."""
        if self._seen:
            promise = self._rise
        else:
            promise = np.array([_promise(self._form, block, values) for block in self._blocks])
        sizes = np.array([len(block.columns) for block in self._blocks])
        order = np.argsort(-promise / sizes, kind="stable")
        return [int(number) for number in order if not self._done[number]]


def _promise(form: StandardForm, block: Block, values: Array) -> float:
    """What the block's openings would cost more if each that is a little open were open."""
    whole = form.integer[block.columns]
    at = values[block.columns][whole]
    missing = np.ceil(at - _FRACTION) - at
    return float(np.maximum(block.cost[whole], 0.0) @ np.maximum(missing, 0.0))
