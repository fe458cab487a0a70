"""Better plans: part of the model is solved again while the rest stays as it is, many parts at a time."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from isopt.solver.engine import NO_HELPERS, load, run
from isopt.solver.executors import Ended, Job, Work
from isopt.solver.large.partition import partition
from isopt.solver.large.pieces import Piece, piece, shared_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags
    from isopt.solver.compile import StandardForm
    from isopt.solver.executors import Executor
    from isopt.solver.large.thin import Thin

    Indices = npt.NDArray[np.int64]

__all__ = ["BLOCK", "better", "improved", "promising"]

#: Columns of a block. On a synthetic region of 8,100 links, one pass over the columns that the relaxation and the plan
#: use takes 5.0, 5.4 and 5.4 % of the saving's gap per CPU second with 300, 800 and 2,000 columns; larger ones are
#: freer, and slower where they are hard.
BLOCK = 2000
#: A block's plan is good enough within this share of the block's cost.
GAP = 1e-3
#: Branches in a block at most, so that what comes of it does not hang on the clock.
NODES = 20
#: Without HiGHS's helpers a block takes a third of the time (0.23 s in place of 0.79 s for eight blocks of 300 columns)
#: and ends at the same plan. RINS stays: it is what improves the start.
_OPTIONS: Mapping[str, Any] = {"threads": 1, **NO_HELPERS}
#: A block of thousands of columns, with all helpers: what finds plans are sub-models at the end of the root, and HiGHS
#: is there after 8 s in place of 11 if it does not presolve (two regions of ten thousand links).
_HELPED: Mapping[str, Any] = {"threads": 1, "presolve": "off"}
#: Rounds of cuts and branches at most: blocks of 2,000 columns take 20 to 60 as a rule, a hard one 400 in 2.7 s, of
#: which the last 150 gain nothing.
_STEPS, _STEPS_PER_NODE = 150, 6
#: Improvements of less than this share of a block's cost are the solver's tolerance.
_NOISE = 1e-9
_FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible


def promising(made: Thin, plan: Array, support: Flags) -> Indices:
    """
    Choose the columns that are worth a decision: those of the plan and of a relaxation, and all that nothing opens.

    Parameters
    ----------
    made
        The thin form.
    plan
        Shape (columns,).
    support
        Columns that a relaxation uses, shape (columns,).

    Returns
    -------
    columns
        Ascending.
    """
    chosen = np.ones(len(plan), dtype=bool)
    chosen[made.carrier] = chosen[made.opening] = False
    chosen |= (plan != 0) | support
    chosen[made.opening] |= chosen[made.carrier]
    pairs = chosen[made.opening]
    chosen[made.carrier[pairs]] = True
    chosen[made.opening] |= chosen[made.carrier]
    return np.flatnonzero(chosen)


def better(
    part: Piece, *, gap: float, nodes: int, seconds: float, stop: Callable[[], bool], helped: bool = False
) -> Array | None:
    """
    Solve a block from where the plan stands.

    Parameters
    ----------
    part
        The block.
    gap, nodes, seconds
        When to stop.
    stop
        Asked now and then whether to give up.
    helped
        Whether HiGHS's helpers look for plans too, and cuts and branches are not counted.

    Returns
    -------
    values
        If they cost less than the start, shape (columns of the block,).
    """
    form = part.form
    solver = load(form)
    options = _HELPED if helped else {**_OPTIONS, "mip_max_nodes": nodes}
    for option, value in {**options, "mip_rel_gap": gap}.items():
        solver.setOptionValue(option, value)
    solution = highspy.HighsSolution()
    solution.col_value = part.start
    solver.setSolution(solution)
    most = None if helped else _STEPS + _STEPS_PER_NODE * nodes
    ending = run(solver, seconds=seconds, sense=form.sense, listener=lambda _: stop(), most_steps=most)
    values = ending.values
    if ending.finished and solver.getInfo().primal_solution_status == _FEASIBLE:
        values = np.array(solver.getSolution().col_value, dtype=float)
    if values is None:
        return None
    values = np.clip(np.where(form.integer, np.rint(values), values), form.col_lower, form.col_upper)
    gain = (form.cost @ part.start - form.cost @ values) * form.sense
    return values if gain > _NOISE * abs(float(form.cost @ part.start)) else None


def improved(
    form: StandardForm,
    plan: Array,
    columns: Indices,
    executor: Executor,
    *,
    seconds: float,
    stop: Callable[[], bool],
    size: int = BLOCK,
    shift: int = 0,
    gap: float = GAP,
    nodes: int = NODES,
    helped: bool = False,
) -> Iterator[Array]:
    """
    Improve a plan block by block, all blocks at once.

    What a row has left is shared among the blocks that stand in it, so that whatever they do fits together; what comes
    of one does not depend on the others, nor on the order in which they end.

    Parameters
    ----------
    form
        The model.
    plan
        A plan of it, shape (columns,).
    columns
        Those that may change, ascending.
    executor
        How blocks are solved.
    seconds
        Wall-clock time for all.
    stop
        Asked now and then whether to give up.
    size, shift
        As :func:`isopt.solver.large.partition.partition` takes them.
    gap, nodes, helped
        As :func:`better` takes them.

    Yields
    ------
    plan
        After each block that became better.
    """
    until = time.time() + seconds
    activity = form.matrix @ plan
    kernel = piece(form, plan, columns, activity=activity)
    blocks = [columns[block] for block in partition(kernel.form, size, shift)]
    blocks = [block for block in blocks if form.integer[block].any()]
    room = shared_room(form, activity, blocks)
    jobs = []
    for number in sorted(range(len(blocks)), key=lambda number: (-len(blocks[number]), number)):
        part = piece(form, plan, blocks[number], activity=activity, room=room)
        jobs.append(Job(str(number), (part, gap, nodes, until, helped)))
    now = plan.copy()
    with closing(executor(Work(None, _nothing, _solved), jobs)) as events:
        for event in events:
            if isinstance(event, Ended) and event.value is not None:
                now[blocks[int(event.name)]] = event.value
                yield now.copy()
            if time.time() >= until or stop():
                return


def _nothing(_: object) -> None:
    """Workers of blocks keep nothing: a block is a model of its own."""


def _solved(_: None, payload: tuple[Piece, float, int, float, bool], stop: Callable[[], bool]) -> Array | None:
    """Solve one block within what is left of the time, by the clock that all processes share."""
    part, gap, nodes, until, helped = payload
    left = until - time.time()
    return None if left <= 0 else better(part, gap=gap, nodes=nodes, seconds=left, stop=stop, helped=helped)
