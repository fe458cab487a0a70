"""Solving a standard form with HiGHS; the solver's public names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.solver.conflict import conflict
from isopt.solver.outcome import Listener, Outcome, Progress, relative_gap
from isopt.solver.plan import holds, relaxed_duals
from isopt.solver.session import FEASIBILITY, GAP, INTEGRALITY, TIME_LIMIT_S, Session
from isopt.solver.text import lp_text, write_lp

if TYPE_CHECKING:
    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm

__all__ = [
    "Listener",
    "Outcome",
    "Progress",
    "Session",
    "conflict",
    "holds",
    "lp_text",
    "relative_gap",
    "relaxed_duals",
    "solve_form",
    "write_lp",
]


def solve_form(
    form: StandardForm,
    *,
    gap: float = GAP,
    time_limit: float = TIME_LIMIT_S,
    threads: int | None = None,
    start: Array | None = None,
    near: bool = False,
    on_progress: Listener | None = None,
    feasibility_tolerance: float = FEASIBILITY,
    integrality_tolerance: float = INTEGRALITY,
) -> Outcome:
    """
    Solve a linear or mixed-integer model with HiGHS.

    Parameters
    ----------
    form
        The model.
    gap
        Stop when the plan is proven within this share of the best possible; 0 asks for the exact optimum.
    time_limit
        Wall-clock seconds.
    threads
        Threads that HiGHS may use; one, if not given.
    start
        A plan to start from, shape (columns,). It need not be feasible; if it is, it is what comes back at the worst.
    near
        Whether that plan is a good one, so that HiGHS proves instead of looking for better ones.
    on_progress
        Told about progress; returning True stops the solve and keeps its best plan, as Ctrl-C does.
    feasibility_tolerance, integrality_tolerance
        How far a row may be off, in its unit, and a whole number from whole while searching. The plan returned has
        whole numbers, and the flows that are cheapest with them.

    Returns
    -------
    outcome
        With an honest status: ``optimal`` only if the gap is proven for the plan returned.

    Raises
    ------
    InputError
        If HiGHS refuses the model.
    KeyboardInterrupt
        At the second Ctrl-C.
    """
    session = Session(
        form, threads=threads, feasibility_tolerance=feasibility_tolerance, integrality_tolerance=integrality_tolerance
    )
    return session.solve(gap=gap, time_limit=time_limit, start=start, near=near, on_progress=on_progress)
