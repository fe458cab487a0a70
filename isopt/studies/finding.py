"""How a model is searched: as a whole or part by part, and what is tidied up afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.network import Instance, ledger_of
from isopt.solver.compile import StandardForm
from isopt.solver.highs import solve_form
from isopt.solver.large.driver import solve_large
from isopt.solver.large.repair import flows
from isopt.solver.outcome import Outcome, Progress, relative_gap

__all__ = [
    "METHODS",
    "Listener",
    "Options",
    "cheapest_of_the_best",
    "is_large",
    "require_numbers",
    "searched",
    "without_tiny_flows",
]

Array = NDArray[np.float64]
Listener = Callable[[Progress], "bool | None"]

#: A search that reaches its gap goes on to the exact optimum for this long: small scenarios come out to the last digit.
POLISH_S = 1.0
#: Flows of at most this share of the largest are solved again at zero: they are what the solver's tolerance leaves
#: behind.
TINY = 1e-8
#: The arithmetic's own noise, as a share of an objective. The tie-break by cost gives none of the first objective away:
#: whatever it might would be spent on tiny flows.
NOISE = 1e-9
METHODS = ("auto", "direct", "large")
"""How a model is solved: by size, as a whole, or part by part."""
#: Yes-or-no decisions above which ``auto`` solves part by part. On a synthetic region of 8,100 links, HiGHS alone had a
#: plan within 10 % of the saving for 45 s, the large-scale path one within 0.6 % after 12 s.
LARGE = 6000
#: Columns above which the flows are tidied up without those that are closed, and seconds that this may take.
LARGE_FORM, TIDY_S = 50_000, 20.0


@dataclass(frozen=True)
class Options:
    """
    How to solve.

    Attributes
    ----------
    gap, time_limit, threads, listen
        As for `solve`.
    polish
        Go on to the exact optimum where that takes no time; without it the clock plays no part in which plan is found.
    start
        Makes a plan to start from, shape (columns,), for the form that is solved; None where there is none.
    method
        ``direct``, ``large`` or ``auto``.
    workers
        Processes of the large method.
    baseline
        Cost of the baseline, for the gap on savings that is told on the way.
    tables
        Write the plan's tables too, not only its figures.
    """

    gap: float
    time_limit: float
    threads: int | None
    listen: Listener
    polish: bool = True
    start: Callable[[StandardForm], Array | None] | None = None
    method: str = "direct"
    workers: int = 1
    baseline: float | None = None
    tables: bool = True


def require_numbers(gap: float | None, time_limit: float | None) -> None:
    """
    Refuse a gap or a time limit without sense.

    Parameters
    ----------
    gap, time_limit
        A share and seconds; None where not given.

    Raises
    ------
    InputError
        Saying what is wanted.
    """
    if gap is not None and not gap >= 0:
        raise InputError(f"a gap is a share of at least 0, not {gap}")
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"a time limit is a number of seconds above 0, not {time_limit}")


def is_large(instance: Instance, options: Options) -> bool:
    """
    Whether an instance is solved part by part.

    Parameters
    ----------
    instance
        Its yes-or-no decisions are counted.
    options
        Whose method may say so.
    """
    decisions = instance.openings.count * len(instance.periods.years)
    return options.method == "large" or (options.method == "auto" and decisions > LARGE)


def searched(instance: Instance, form: StandardForm, options: Options) -> Outcome:
    """
    Solve a model in the way that its size or the user says.

    Parameters
    ----------
    instance
        What the model was built of.
    form
        The model.
    options
        How to solve.
    """
    return _in_parts(form, options) if is_large(instance, options) else _whole(form, options)


def _in_parts(form: StandardForm, options: Options) -> Outcome:
    """Decide parts of a large model in turn, as far as time goes."""
    return solve_large(
        form,
        gap=options.gap,
        time_limit=options.time_limit,
        workers=options.workers,
        start=None if options.start is None else options.start(form),
        on_progress=options.listen,
        baseline=options.baseline,
    )


def _whole(form: StandardForm, options: Options) -> Outcome:
    """Solve to the gap, and to the exact optimum where that takes no time."""
    done = False

    def listen(progress: Progress) -> bool | None:
        nonlocal done
        if options.listen(progress):
            return True
        if (
            options.polish
            and progress.stage != "done"
            and progress.gap is not None
            and progress.gap <= options.gap
            and progress.seconds > POLISH_S
        ):
            done = True
            return True
        return None

    outcome = solve_form(
        form,
        gap=0.0 if options.polish else options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
        start=None if options.start is None else options.start(form),
        on_progress=listen,
    )
    reached = outcome.gap is not None and outcome.gap <= options.gap
    if outcome.status == "feasible" and reached and not outcome.message:
        outcome = replace(outcome, status="optimal")
    whole = int(form.integer.sum())
    said = f"direct: HiGHS on the whole model ({whole:,} whole numbers)" if whole else "direct: HiGHS, a linear model"
    return replace(outcome, interrupted=outcome.interrupted and not (done and reached), method=said)


def without_tiny_flows(form: StandardForm, outcome: Outcome) -> Outcome:
    """
    Solve the flows again with tiny ones at zero, so that they neither show up as exchanges nor vanish from a balance.

    Where there is no such plan (they are real), the plan stays as it is.
    """
    values = outcome.values
    assert values is not None
    carried = np.zeros(len(values), dtype=bool)
    for name in ("flow", "disposed", "virgin", "throughput"):
        carried[form.columns.get(name, slice(0, 0))] = True
    tiny = carried & (values > 0) & (values <= TINY * values[carried].max(initial=0.0)) & (form.col_lower <= 0)
    if not tiny.any():
        return outcome
    if len(values) > LARGE_FORM:  # most columns are closed: what is left is solved in a fraction of the time
        found = flows(replace(form, col_upper=np.where(tiny, 0.0, form.col_upper)), values, TIDY_S).values
        if found is None:
            return outcome
        objective = form.value(found)
        return replace(outcome, values=found, objective=objective, gap=relative_gap(objective, outcome.bound))
    fixed = replace(
        form,
        col_lower=np.where(form.integer, values, form.col_lower),
        col_upper=np.where(form.integer, values, np.where(tiny, 0.0, form.col_upper)),
        integer=np.zeros_like(form.integer),
    )
    again = solve_form(fixed, gap=0.0, time_limit=60.0)
    if again.values is None:
        return outcome
    objective = form.value(again.values)
    return replace(outcome, values=again.values, objective=objective, gap=relative_gap(objective, outcome.bound))


def cheapest_of_the_best(instance: Instance, form: StandardForm, outcome: Outcome, options: Options) -> Outcome:
    """Of all plans as good as the one found, take the cheapest; objective and bound stay those of the first search."""
    values = outcome.values
    assert values is not None
    best = form.value(values)
    linear, constant = ledger_of(instance).objective({"cost": 1.0})
    cost = np.zeros(len(form.cost))
    for name, coefficients in linear.items():
        cost[form.columns[name]] = coefficients
    row = sp.csr_array(form.cost[None, :])
    tied = replace(
        form,
        matrix=sp.csc_array(sp.vstack([form.matrix, row])),
        row_lower=np.append(form.row_lower, -np.inf),
        row_upper=np.append(form.row_upper, best - form.offset),
        rows={**form.rows, "objective": slice(form.shape[0], form.shape[0] + 1)},
        cost=cost,
        offset=constant,
    )
    second = solve_form(
        tied,
        gap=min(options.gap, NOISE) if not form.integer.any() else options.gap / 10,
        time_limit=options.time_limit,
        threads=options.threads,
        start=values,
    )
    if second.values is None or second.objective is None or second.objective > tied.value(values):
        return outcome
    second = without_tiny_flows(tied, second)
    return replace(outcome, values=second.values)
