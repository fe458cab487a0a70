"""Large models from end to end: a first plan, then better plans and better bounds in turn, until they meet."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from isopt.solver.crew import Crew
from isopt.solver.executors import executor
from isopt.solver.large.bound import BLOCK as BOUND_BLOCK
from isopt.solver.large.bound import EFFORTS, Ascent
from isopt.solver.large.first import first_plan
from isopt.solver.large.neighbourhoods import BLOCK, improved, promising
from isopt.solver.large.repair import flows, repair
from isopt.solver.large.slopes import Slopes
from isopt.solver.large.standing import Standing
from isopt.solver.large.thin import thin
from isopt.solver.outcome import Listener, Outcome
from isopt.solver.plan import holds
from isopt.solver.progress import interruptible
from isopt.solver.session import GAP, TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags
    from isopt.solver.compile import StandardForm
    from isopt.solver.executors import Executor
    from isopt.solver.large.thin import Thin

    Indices = npt.NDArray[np.int64]

__all__ = ["solve_large"]

#: A round of blocks that closes less of what is open between plan and bound is followed by a wider one.
_STALE = 0.02
#: Share of the time that the relaxation may take: a plan has to be found in the rest, if only one that opens nothing.
_RELAXING_SHARE = 0.8
#: Seconds per column that it takes to cut a model into blocks, with room for a busy machine: 5 s were seen at 1.15
#: million.
_CUT_S = 1e-5
#: Models of more columns are not handed to HiGHS whole at the end: it would not come back in time.
_WHOLE = 60_000


#: Rounds of blocks after which HiGHS gets a model of up to so many columns, with the plan: its own cuts on the whole
#: then raise the bound more than those of blocks.
_RIPE = 2
#: Share of what is then left of the time that this may take: after that the bound hardly rises.
_WHOLE_SHARE = 0.6


@dataclass(frozen=True)
class _Round:
    """
    What a round of blocks looks at.

    Parameters
    ----------
    columns
        ``new``: those of the plan and of one more relaxation; ``near``: of all relaxations so far, and as many again
        that cost least to use; ``all``.
    size
        Of a block, as a multiple of the usual one.
    gap, nodes
        When a block is good enough; the gap as a multiple of what the user asked for, but at least that.
    helped
        Whether HiGHS looks for plans with all that it has, however many branches it takes.
    """

    columns: str
    size: float
    gap: float
    nodes: int
    helped: bool = False


#: From narrow and quick to wide and thorough; the last one is repeated with more branches.
_ROUNDS = (
    _Round("new", 1.0, 1e-3, 20),
    _Round("near", 3.0, 2e-4, 500),
    _Round("all", 1.0, 5e-4, 50),
    _Round("near", 6.0, 1e-4, 2000),
    _Round("all", 3.0, 1e-4, 1000),
)

#: What a model that HiGHS is given whole later goes through first: all of its likely columns at once. In regions of ten
#: thousand links blocks stay where one plant too many is open, 0.15 % of the saving above; 9 s of this come within
#: 0.01 % of the best plan known.
_KERNEL = _Round("near", np.inf, 1e-5, 0, helped=True)
#: Share of the time left that this may take.
_KERNEL_SHARE = 0.25
#: The first pass of cuts halves what is open as a rule, in 2 s: it comes before all likely columns where no more than
#: so many times the gap that is asked for is open.
_NEAR = 3.0


def solve_large(
    form: StandardForm,
    *,
    gap: float = GAP,
    time_limit: float = TIME_LIMIT_S,
    workers: int = 1,
    start: Array | None = None,
    on_progress: Listener | None = None,
    baseline: float | None = None,
    size: int = BLOCK,
) -> Outcome:
    """
    Solve a model that is too large for HiGHS as a whole.

    The thin relaxation gives a bound and, by slope scaling and rounding, a first plan. Then rounds of blocks improve
    the plan (all else fixed) and passes of cuts improve the bound, whichever has lately closed more of the gap per
    second; of a model that is not too large HiGHS gets all likely columns for a better plan in between, and then the
    whole with the plan of then. A plan is only taken if it keeps every row; a bound only if prices prove it.

    Parameters
    ----------
    form
        The model.
    gap
        Stop when the plan is proven within this share of the best possible.
    time_limit
        Wall-clock seconds.
    workers
        Processes that solve blocks at the same time. The answer does not depend on how many there are, unless time
        runs out.
    start
        A plan to start from, shape (columns,), where there is one.
    on_progress
        Told about progress; returning True stops the solve and keeps its best plan, as Ctrl-C does.
    baseline
        Cost of doing nothing, for a gap on savings in what is told.
    size
        Columns of a block, about.

    Returns
    -------
    outcome
        As :func:`isopt.solver.highs.solve_form` gives it; ``method`` says which way the answer was found and proven.

    Raises
    ------
    KeyboardInterrupt
        At the second Ctrl-C.
    """
    began = time.perf_counter()
    with interruptible() as pressed:
        standing = Standing(form, gap, time_limit, began, pressed, on_progress, baseline)
        if not form.integer.any() or (form.col_lower > form.col_upper).any():
            return standing.by_highs("there is nothing to decide but flows")
        if start is not None and holds(form, np.asarray(start, dtype=float)):
            standing.take(np.where(form.integer, np.rint(start), start))
        with closing(Crew(workers)) as crew:
            outcome = _Search(standing, crew if workers > 1 else executor(stop=standing.stop), size).run()
    standing.tell("done", force=True)
    return outcome


@dataclass
class _Search:
    """The steps of one solve, over what it has so far."""

    standing: Standing
    executor: Executor
    size: int
    level: int = 0
    number: int = 0
    passes: int = 0
    ascent: Ascent | None = None
    exact: bool = False
    whole: bool = False
    settled: bool = False
    rates: dict[str, float] = field(default_factory=lambda: {"plan": np.inf, "bound": np.inf})

    def run(self) -> Outcome:
        """Go from step to step."""
        standing = self.standing
        standing.stage = "relaxation"
        made = thin(standing.form)
        slopes = Slopes(made)
        values = slopes.solve(_RELAXING_SHARE * standing.left, standing.stop)
        relaxed = slopes.relaxed
        assert relaxed is not None
        standing.prove(relaxed.bound)
        if relaxed.status in ("infeasible", "unbounded"):
            return standing.by_highs("the relaxation has no optimum")
        standing.stage = "first plan"
        if values is not None:
            values = first_plan(standing, slopes, values)
        elif standing.plan is None:  # nothing opened is a plan as a rule
            nothing = repair(standing.form, np.zeros(standing.form.shape[1]), standing.left + standing.reserve).values
            if nothing is not None:
                standing.take(nothing)
        if standing.plan is None:
            return standing.by_highs("rounding the relaxation gave no plan")
        if values is not None:
            self._alternate(made, slopes, values)
        self._finish()
        return standing.outcome(self._told(made))

    def _alternate(self, made: Thin, slopes: Slopes, values: Array) -> None:
        """Improve plan and bound in turn, by what each has lately closed of the gap per second."""
        standing = self.standing
        support = values > 0
        while not standing.over and max(self.rates.values()) > 0:
            if self.number == 1 and self._small and not self._near:
                support = self._plan_round(made, slopes, support, _KERNEL, _KERNEL_SHARE * standing.left)
                continue
            if self.number >= _RIPE and self._small and not self.whole:
                self._search_whole()
                continue
            side = "plan" if self.rates["plan"] >= self.rates["bound"] else "bound"
            before, clock = standing.distance, time.perf_counter()
            if side == "plan":
                support = self._plan_round(made, slopes, support)
            else:
                self._bound_pass(made, slopes)
            spent = max(time.perf_counter() - clock, 1e-3)
            self._judge(side, before, before - standing.distance, spent)

    @property
    def _small(self) -> bool:
        """Whether the model is not too large for HiGHS to go on from a good plan with all of it."""
        return self.standing.form.shape[1] <= _WHOLE

    @property
    def _near(self) -> bool:
        """Whether a first pass of cuts may well prove what was asked for."""
        standing = self.standing
        assert standing.value is not None
        return not self.passes and standing.distance <= _NEAR * standing.gap * abs(standing.value)

    def _search_whole(self) -> None:
        """Let HiGHS raise the bound of the whole model; the rest of the time is for better plans."""
        standing = self.standing
        standing.stage, self.whole, self.settled = "search", True, True
        standing.search(_WHOLE_SHARE * standing.left)
        self.rates["bound"] = 0.0

    def _plan_round(
        self, made: Thin, slopes: Slopes, support: Flags, kind: _Round | None = None, seconds: float = np.inf
    ) -> Flags:
        """Solve all blocks once."""
        standing = self.standing
        kind = kind or _ROUNDS[min(self.level, len(_ROUNDS) - 1)]
        standing.stage = f"plans, round {self.number + 1}"
        plan = standing.plan
        assert plan is not None
        if kind.columns == "new" and self.number:
            values = slopes.solve(standing.left, standing.stop)
            support = support if values is None else values > 0
        seen = support if kind.columns == "new" else slopes.near()
        columns = np.arange(len(plan)) if kind.columns == "all" else promising(made, plan, seen)
        more = max(0, self.level - len(_ROUNDS) + 1)
        for better in self._blocks(columns, kind, more, min(seconds, standing.left)):
            standing.take(better)
        self.number += 1
        return support

    def _blocks(self, columns: Indices, kind: _Round, more: int, seconds: float) -> Iterator[Array]:
        standing = self.standing
        assert standing.plan is not None
        return improved(
            standing.form,
            standing.plan,
            columns,
            self.executor,
            seconds=seconds,
            stop=standing.stop,
            size=max(1, int(min(self.size * kind.size, len(standing.plan)))),
            shift=self.number,
            gap=max(standing.gap / 2, kind.gap / 2**more),
            nodes=kind.nodes * 2**more,
            helped=kind.helped,
        )

    def _bound_pass(self, made: Thin, slopes: Slopes) -> None:
        """Raise the bound of all blocks once."""
        standing = self.standing
        assert slopes.relaxed is not None
        effort = EFFORTS[self.passes]
        standing.stage = f"bound, {effort} rounds of cuts"
        if self.ascent is None:
            if standing.left < _CUT_S * standing.form.shape[1]:
                self.settled = True  # time would be over before the first block is treated
                return
            size = max(1, BOUND_BLOCK * self.size // BLOCK) if self.size < BLOCK else None
            self.ascent = Ascent(made, slopes.relaxed, size=size)
        for bound in self.ascent.go(
            effort, seconds=standing.left, executor=self.executor, plan=standing.plan, stop=standing.stop
        ):
            standing.prove(bound.value)
            if standing.over:
                break
        self.exact = self.ascent.exact
        self.passes += 1

    def _judge(self, side: str, before: float, closed: float, spent: float) -> None:
        """Say how much a side promises next: as much as it just gave, for about twice the time."""
        promise = closed / spent / 2
        if side == "bound":
            done = self.settled or self.exact or self.passes >= len(EFFORTS)
            self.rates["bound"] = 0.0 if done else max(promise, 1e-12)
            return
        stale = closed < _STALE * before
        if stale:
            self.level += 1
        last = len(_ROUNDS) + 3
        self.rates["plan"] = 0.0 if self.level > last else max(promise, 1e-12)
        if stale and self.rates["bound"] > 0:
            self.rates["bound"] = max(self.rates["bound"], self.rates["plan"] * (1 + 1e-9))

    def _finish(self) -> None:
        """Give a model that is not too large to HiGHS for what is left, and make the plan an exact corner."""
        standing = self.standing
        if not standing.over and self._small:
            standing.stage, self.whole = "search", True
            standing.search()
        assert standing.plan is not None
        standing.stage = "clean-up"
        found = flows(standing.form, standing.plan, max(standing.left, 0.0) + standing.reserve)
        if found.values is not None:
            standing.take(found.values, even=True)

    def _told(self, made: Thin) -> str:
        """Say how the answer was found and proven."""
        told = (
            f"large-scale path: thin relaxation ({made.told()}); {self.number} rounds of blocks for the plan, "
            f"{self.passes} passes of cuts for the bound"
        )
        return f"{told}, HiGHS on the whole model from that plan" if self.whole else told
