"""The thin relaxation, solved: the first bound, from prices that prove it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.solver.engine import load, run
from isopt.solver.large.certify import Certificate, bounded, certify

if TYPE_CHECKING:
    from collections.abc import Callable

    from isopt.formulation.rows import Array
    from isopt.solver.compile import StandardForm
    from isopt.solver.large.thin import Thin

__all__ = ["Relaxation", "proven", "relaxation"]


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
