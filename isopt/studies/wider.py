"""What an answer says of the same model with narrower bounds: often all that there is to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isopt.solver.compile import StandardForm
from isopt.solver.outcome import Outcome, relative_gap
from isopt.solver.plan import holds
from isopt.solver.session import FEASIBILITY

__all__ = ["SAME", "Known", "from_wider", "raised"]

Array = NDArray[np.float64]

#: Costs that differ by at most this share are the same.
SAME = 1e-9


@dataclass(frozen=True)
class Known:
    """How a model ended under some bounds of its columns and at some cost."""

    lower: Array
    upper: Array
    cost: Array
    outcome: Outcome


def from_wider(
    answers: Sequence[Known], form: StandardForm, will_do: Callable[[Outcome], bool]
) -> tuple[Outcome | None, float]:
    """
    Answer from models that are the same but for wider bounds of the columns.

    What was best among more plans is best among fewer if it is still one of them; what had no plan has none now; and no
    plan beats what none could beat before.

    Parameters
    ----------
    answers
        Of models with the same rows; those of another cost, or with a bound that is narrower, say nothing.
    form
        The model as it is now, to be minimised.
    will_do
        Whether an answer with a plan is proven well enough.

    Returns
    -------
    outcome, bound
        The answer, None where it does not follow; and what is proven in any case, minus infinity if nothing is.
    """
    wider = [
        answer
        for answer in answers
        if (answer.lower <= form.col_lower).all()
        and (answer.upper >= form.col_upper).all()
        and np.array_equal(answer.cost, form.cost)
    ]
    proven = [answer.outcome.bound for answer in wider if answer.outcome.bound is not None]
    bound = max(proven, default=-np.inf)
    for answer in reversed(wider):
        outcome = answer.outcome
        if outcome.status == "infeasible":
            return outcome, bound
        if outcome.values is None or outcome.objective is None or not will_do(outcome):
            continue
        values = np.clip(outcome.values, form.col_lower, form.col_upper)  # what is open and idle may be closed
        objective = form.value(values)
        if objective - outcome.objective <= SAME * max(1.0, abs(objective)) and holds(form, values, FEASIBILITY):
            return raised(replace(outcome, values=values, objective=objective), bound), bound
    return None, bound


def raised(outcome: Outcome, bound: float) -> Outcome:
    """
    Raise the bound of a plan to what was proven before.

    Parameters
    ----------
    outcome
        Of a model to be minimised.
    bound
        What no plan can beat; minus infinity if nothing is known.
    """
    if outcome.objective is None:
        return outcome
    least = max(bound, -np.inf if outcome.bound is None else outcome.bound)
    if least == -np.inf:
        return outcome
    least = min(least, outcome.objective)
    return replace(outcome, bound=least, gap=relative_gap(outcome.objective, least))
