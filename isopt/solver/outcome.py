"""What a solve reports, while it runs and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from isopt.formulation.rows import Array

Status: TypeAlias = Literal["optimal", "feasible", "infeasible", "unbounded", "no_solution"]

#: Below this, an objective counts as zero when a gap is divided by it.
SMALLEST_OBJECTIVE = 1e-9


@dataclass(frozen=True)
class Progress:
    """
    Where a solve stands.

    Parameters
    ----------
    seconds
        Wall-clock time since it began.
    incumbent
        Objective of the best plan so far, if there is one.
    bound
        What no plan can beat, if known yet.
    gap
        Their relative distance, if both are known.
    nodes
        Branches looked at.
    stage
        What the solver does: ``presolve``, ``relaxation``, ``search``, ``clean-up`` or ``done``; on the large-scale
        path also ``first plan``, ``plans, ...`` and ``bound, ...``.
    savings_gap
        Distance of plan and bound as a share of what the plan saves, where the cost of doing nothing is known.
    """

    seconds: float
    incumbent: float | None
    bound: float | None
    gap: float | None
    nodes: int
    stage: str
    savings_gap: float | None = None


#: Told about progress now and then; returning True asks the solver to stop and keep its best plan.
Listener: TypeAlias = Callable[[Progress], bool | None]


@dataclass(frozen=True)
class Outcome:
    """
    How a solve ended.

    Parameters
    ----------
    status
        ``optimal`` (the gap asked for is proven), ``feasible`` (a plan, not proven so far), ``infeasible``,
        ``unbounded``, or ``no_solution`` (none found in time, and none excluded).
    objective
        Of the plan returned, in the model's own sense; None without a plan.
    bound
        What no plan can beat, if anything was proven.
    gap
        ``relative_gap(objective, bound)``, if both are known.
    values
        The plan, shape (columns,), whole numbers exactly whole; None without one.
    seconds
        Wall-clock time, clean-up included.
    interrupted
        Whether somebody stopped it: Ctrl-C, or a listener.
    nodes
        Branches looked at.
    message
        What else is worth knowing, in words; often empty.
    method
        Which way was taken, why, and what it rests on, in words.
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    values: Array | None
    seconds: float
    interrupted: bool = False
    nodes: int = 0
    message: str = ""
    method: str = ""


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """
    Distance of a plan from what is proven, relative to the plan.

    Parameters
    ----------
    objective
        Of the plan.
    bound
        What no plan can beat.

    Returns
    -------
    gap
        |objective - bound| / |objective|, None if one of them is unknown.

    Examples
    --------
    >>> relative_gap(200.0, 198.0)
    0.01
    """
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), SMALLEST_OBJECTIVE)
