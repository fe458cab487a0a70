"""The least cost of one block, as far as a few rounds of cuts and branches prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np

from isopt.solver.compile import StandardForm
from isopt.solver.engine import NO_HELPERS, load, run
from isopt.solver.large.blocks import cut_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from isopt.formulation.rows import Array
    from isopt.solver.large.blocks import Block

__all__ = ["Found", "least_cost"]

#: What takes time and does not raise the bound: on blocks of 5,000 columns of a synthetic region, switching it off
#: halves the CPU time to the same bound; nine tenths of the rise come within the first 20 rounds of cuts.
_OPTIONS: Mapping[str, Any] = {
    "threads": 1,
    "mip_rel_gap": 1e-6,
    "mip_heuristic_effort": 0.0,
    **NO_HELPERS,
    "mip_heuristic_run_rins": False,
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
}
#: HiGHS's tolerance of reduced costs: what a column could earn per unit without being noticed.
_UNNOTICED = 1e-7
#: Share of the block's cost that counts as rounding.
_ROUNDING = 1e-9

_MODEL = highspy.HighsModelStatus


@dataclass(frozen=True)
class Found:
    """
    What is proven of a block.

    Parameters
    ----------
    least
        What its plans can't be below, the solver's tolerances taken off; minus infinity where nothing is proven.
    done
        Whether more effort is of no use.
    values
        The best plan of the block that was met, if one was, shape (columns of the block,).
    stopped
        Whether somebody stopped it: Ctrl-C, or whoever was asked.
    """

    least: float
    done: bool
    values: Array | None = None
    stopped: bool = False


def least_cost(
    form: StandardForm, block: Block, *, steps: int, seconds: float, stop: Callable[[], bool] | None = None
) -> Found:
    """
    Bound the least cost of a block from below.

    The bound is the solver's own at the moment at which it stops, whatever stops it.

    Parameters
    ----------
    form
        The whole model with finite bounds.
    block
        Which part of it, and at which cost.
    steps
        Rounds of cuts and branches at most.
    seconds
        Wall-clock time at most.
    stop
        Asked now and then whether to give up.
    """
    part = _part(form, block)
    solver = load(part)
    for option, value in _OPTIONS.items():
        solver.setOptionValue(option, value)
    listener = None if stop is None else lambda _: stop()
    ending = run(solver, seconds=seconds, listener=listener, most_steps=steps)
    if not ending.finished:
        least = -np.inf if ending.bound is None else ending.bound - _slack(part, ending.bound)
        return Found(least, done=False, stopped=ending.stopped)
    status = solver.getModelStatus()
    if status in (_MODEL.kInfeasible, _MODEL.kUnbounded, _MODEL.kUnboundedOrInfeasible):
        return Found(-np.inf, done=True)
    info = solver.getInfo()
    bound = float(info.mip_dual_bound)
    if ending.bound is not None:
        bound = max(bound, ending.bound) if np.isfinite(bound) else ending.bound
    if not np.isfinite(bound):
        return Found(-np.inf, done=status == _MODEL.kOptimal, stopped=ending.stopped)
    values = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.array(solver.getSolution().col_value, dtype=float)
        bound = min(bound, float(info.objective_function_value))
    return Found(bound - _slack(part, bound), status == _MODEL.kOptimal, values, ending.stopped)


def _slack(part: StandardForm, bound: float) -> float:
    """What the solver's tolerances may have added to a bound."""
    width = part.col_upper - part.col_lower
    return _UNNOTICED * float(width[np.isfinite(width)].sum()) + _ROUNDING * abs(bound)


def _part(form: StandardForm, block: Block) -> StandardForm:
    """The block as a model of its own."""
    columns, rows = block.columns, block.rows
    return StandardForm(
        matrix=cut_out(form.matrix, rows, columns),
        cost=block.cost,
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
        integer=form.integer[columns],
        columns={},
        rows={},
    )
