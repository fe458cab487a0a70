"""A bound that no plan can beat: the thin relaxation's, then raised block by block."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import IsoptError
from isopt.solver.executors import Ended, Job, Work, in_turn
from isopt.solver.large.blocks import Block, cut
from isopt.solver.large.partition import partition
from isopt.solver.large.relaxation import Relaxation, proven, relaxation
from isopt.solver.large.search import Found, least_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm
    from isopt.solver.executors import Executor
    from isopt.solver.large.thin import Thin

__all__ = ["BLOCK", "EFFORTS", "Ascent", "Bound", "Relaxation", "proven", "relaxation"]

#: Columns of a block: on a synthetic region of 8,700 links, 12 rounds of cuts on blocks of 500, 1,000, 2,000 and 5,000
#: columns raise the bound by 0.11, 0.15, 0.16 and 0.17 % of the savings, all in 1.6 s.
BLOCK = 5000
#: Blocks are made larger until no more than this share of their columns are copies, but not larger than that.
_COPIES, _LARGEST = 0.1, 40_000
#: Columns of a model that is cut only once, into larger blocks: at 1.2 million a cut takes 5 s.
_MANY = 300_000
#: Rounds of cuts and branches in each pass over the blocks; a pass costs more than all before it together.
EFFORTS = (12, 30, 80, 300, 2000, 20000)
#: A plan of a block shows its bound wrong if it costs less by this share.
_WRONG = 1e-7
#: What an opening must be away from 0 and 1 in the relaxation to promise something.
_FRACTION = 1e-6


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


class Ascent:
    """
    A bound that is raised pass by pass, and keeps what each block has proven.

    The model is cut into blocks; with the relaxation's prices the blocks' least costs add up to a bound of the whole.
    Each block is given to HiGHS for some rounds of cuts and branches; its bound when it stops is what counts, and a
    block that was not reached counts with its share of the relaxation's bound.

    Parameters
    ----------
    made
        The thin form.
    relaxed
        Its solution.
    size
        Columns of a block, about; if not given, the smallest of 5,000, 10,000, ... with few copies at the borders, or
        20,000 at once where a cut takes long.
    shift
        Another number gives other borders.
    """

    def __init__(self, made: Thin, relaxed: Relaxation, *, size: int | None = None, shift: int = 0) -> None:
        self._relaxed, form = relaxed, relaxed.form
        able = np.isfinite(relaxed.proof.value) and relaxed.values is not None and form.integer.any()
        self._blocks = _cut(made, relaxed, size, shift) if able else []
        self._rise = np.zeros(len(self._blocks))
        self._done = np.zeros(len(self._blocks), dtype=bool)
        self._failed: set[int] = set()
        self._seen = False
        #: Whether somebody stopped the last pass: Ctrl-C, or whoever was asked.
        self.stopped = False

    @property
    def columns(self) -> int:
        """Columns of all blocks, copies counted."""
        return sum(len(block.columns) for block in self._blocks)

    @property
    def exact(self) -> bool:
        """Whether every block is solved to its end, so that more effort on them is of no use."""
        return bool(self._done.all()) and (bool(self._blocks) or not self._relaxed.form.integer.any())

    @property
    def value(self) -> float:
        """What is proven of the whole, in the model's own sense."""
        return self._relaxed.bound + self._relaxed.form.sense * float(self._rise.sum())

    def go(
        self,
        steps: int,
        *,
        seconds: float,
        executor: Executor | None = None,
        plan: Array | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Generator[Bound]:
        """
        Pass once over the blocks that are not solved to their end, those first that promise most.

        Parameters
        ----------
        steps
            Rounds of cuts and branches for each.
        seconds
            Wall-clock time that the pass may take.
        executor
            How blocks are solved; one after another in this process, if not given.
        plan
            A plan that keeps all rows, shape (columns,): no block's bound may be above what it costs there.
        stop
            Asked now and then whether to give up.

        Yields
        ------
        bound
            After each block; never worse than the one before.

        Raises
        ------
        IsoptError
            If a worker can't be started, or none of the blocks could be treated.
        """
        began = time.perf_counter()
        until = began + seconds
        jobs = [Job(str(number), (self._blocks[number], steps, _epoch(until))) for number in self._order()]
        if not jobs:
            return
        spread = executor or (lambda work, jobs: in_turn(work, jobs, stop))
        most = [np.inf if plan is None else float(block.cost @ plan[block.columns]) for block in self._blocks]
        treated = 0
        with closing(spread(Work(self._relaxed.form, _kept, _searched), jobs)) as events:
            for event in events:
                if isinstance(event, Ended):
                    treated += 1
                    number = int(event.name)
                    self._note(number, event.value, event.failure, most[number])
                    now = time.perf_counter() - began
                    yield Bound(self.value, now, f"{steps} rounds", treated, len(jobs), exact=self.exact)
                    self.stopped = event.value is not None and event.value.stopped
                self.stopped = self.stopped or (stop is not None and stop())
                if self.stopped or time.perf_counter() >= until:
                    return

    def _note(self, number: int, found: Found | None, failure: str | None, most: float) -> None:
        """Take in what was found of a block, unless a plan shows it wrong, or why nothing was."""
        self._seen = True
        if found is None:
            self._failed.add(number)
            if len(self._failed) == len(self._blocks):
                raise IsoptError(f"no block could be treated: {failure}")
            return
        self._done[number] |= found.done
        if found.least <= most + _WRONG * max(1.0, abs(most)):
            self._rise[number] = max(self._rise[number], min(found.least, most) - self._blocks[number].least)

    def _order(self) -> list[int]:
        """Blocks that more effort may raise, those first that promise most for their size."""
        form, values = self._relaxed.form, self._relaxed.values
        promise = self._rise
        if not self._seen and values is not None:
            promise = np.array([_promise(form, block, values) for block in self._blocks])
        sizes = np.array([len(block.columns) for block in self._blocks])
        order = np.argsort(-promise / sizes, kind="stable")
        return [int(number) for number in order if not self._done[number]]


def _cut(made: Thin, relaxed: Relaxation, size: int | None, shift: int) -> list[Block]:
    """Cut into blocks of a size, or of the smallest one with few copies."""
    form = made.whole
    usual = BLOCK if form.shape[1] <= _MANY else 4 * BLOCK
    chosen = usual if size is None else size
    while True:
        blocks = cut(relaxed.form, relaxed.proof, partition(form, chosen, shift))
        copied = sum(len(block.columns) for block in blocks) - form.shape[1]
        few = copied <= _COPIES * form.shape[1]
        if size is not None or few or 2 * chosen > _LARGEST or form.shape[1] > _MANY:
            return blocks
        chosen *= 2


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


def _promise(form: StandardForm, block: Block, values: Array) -> float:
    """What the block's openings would cost more if each that is a little open were open."""
    whole = form.integer[block.columns]
    at = values[block.columns][whole]
    missing = np.ceil(at - _FRACTION) - at
    return float(np.maximum(block.cost[whole], 0.0) @ np.maximum(missing, 0.0))
