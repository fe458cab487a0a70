"""How much plans differ, exchange by exchange, and the plan that differs most from those known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.network import Instance
from isopt.solution import Plan
from isopt.solver.compile import StandardForm
from isopt.solver.highs import solve_form
from isopt.solver.outcome import Outcome, Progress
from isopt.studies.compiled import Compiled

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

#: Least amount that an exchange is forced to carry, in its unit: well above the solver's row tolerance of 1e-7.
LEAST_AMOUNT = 1e-5
#: Share of a difference that is given away when the flows behind it are made as cheap as they can be.
GIVEN_AWAY = 1e-6
#: Gap of the search for the most different plan; both the difference and what is proven of it are told.
DIFFERENCE_GAP = 0.01


@dataclass(frozen=True)
class Exchanges:
    """
    Candidate exchanges, as groups of links, with the amount from which on one counts as part of a plan.

    Attributes
    ----------
    instance
        The instance.
    group
        Group of each, shape (exchanges,).
    most
        Most that it could send over the horizon, infinite where nothing bounds it, shape (exchanges,).
    least
        Amount from which on it is part of a plan, shape (exchanges,).
    opening
        Its yes-or-no decision where it has one that only costs, -1 otherwise, shape (exchanges,).
    """

    instance: Instance
    group: Indices
    most: Array
    least: Array
    opening: Indices

    @property
    def count(self) -> int:
        """Number of exchanges."""
        return len(self.group)

    def sent(self, plan: Plan) -> Array:
        """What each sends over the horizon, shape (exchanges,)."""
        links = self.instance.links
        total = np.bincount(links.group, weights=plan["flow"].sum(axis=1), minlength=self.instance.groups.count)
        return np.asarray(total[self.group], dtype=np.float64)

    def inside(self, plan: Plan) -> Flags:
        """Which are part of a plan, shape (exchanges,)."""
        return np.asarray(self.sent(plan) >= self.least * (1 - 1e-6), dtype=bool)

    def outside(self, plan: Plan) -> Flags:
        """Which send nothing, shape (exchanges,)."""
        return np.asarray(self.sent(plan) <= 0.0, dtype=bool)

    @property
    def measure(self) -> str:
        """What a difference counts, in words."""
        decided = int((self.opening >= 0).sum())
        flows = int(((self.opening < 0) & np.isfinite(self.most)).sum())
        parts = []
        if decided:
            parts.append(f"{decided} exchanges with a yes-or-no decision count 1 each where it differs (Hamming)")
        if flows:
            parts.append(
                f"{flows} without one count the share of the most they could send by which one in use falls or one "
                "out of use rises (Hop, Skip, Jump)"
            )
        if left := self.count - decided - flows:
            parts.append(f"{left} that nothing bounds are not counted")
        return "; ".join(parts) if parts else "there is no exchange"


def exchanges_of(instance: Instance, least: float) -> Exchanges:
    """
    List the candidate exchanges.

    Parameters
    ----------
    instance
        The instance.
    least
        Share of the most that an exchange could send from which on it is part of a plan.
    """
    links, groups, openings = instance.links, instance.groups, instance.openings
    size = np.bincount(links.group, minlength=groups.count)
    group = np.flatnonzero(~groups.way & (size > 0))
    upper = instance.link_upper.sum(axis=1)
    most = np.bincount(links.group, weights=upper, minlength=groups.count)[group].astype(np.float64)
    finite = most[np.isfinite(most)]
    base = np.where(np.isfinite(most), most, finite.max(initial=1.0))
    decided = openings.of_group[group].astype(np.int64)
    plain = np.zeros(openings.count + 1, dtype=bool)
    plain[:-1] = ~openings.required & (openings.fixed_eur_per_yr >= 0).all(axis=1) & (openings.capex_eur >= 0)
    return Exchanges(
        instance,
        group,
        most,
        np.minimum(np.maximum(least * base, LEAST_AMOUNT), np.where(most > 0, most, np.inf)),
        np.where(plain[decided], decided, -1),
    )


def rows_of(exchanges: Exchanges, form: StandardForm) -> Mapping[str, sp.csr_array]:
    """What each exchange sends over the horizon, and how many years it is open, as rows of the model."""
    instance = exchanges.instance
    place = np.full(instance.groups.count, -1, dtype=np.int64)
    place[exchanges.group] = np.arange(exchanges.count)
    periods, years = instance.periods.count, len(instance.periods.years)
    row = np.repeat(place[instance.links.group], periods)
    column = form.columns["flow"].start + np.arange(len(row))
    shape = (exchanges.count, len(form.cost))
    sent = sp.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    with_one = np.flatnonzero(exchanges.opening >= 0)
    row = np.repeat(with_one, years)
    first = form.columns["opened"].start if "opened" in form.columns else 0
    column = first + (exchanges.opening[with_one][:, None] * years + np.arange(years)).ravel()
    return {"sent": sent, "open": sp.csr_array((np.ones(len(row)), (row, column)), shape=shape)}


@dataclass(frozen=True)
class Different:
    """The plan that differs most: None where there is none; its difference, what is proven of it, and how it ended."""

    plan: Plan | None
    difference: float
    bound: float
    outcome: Outcome


def most_different(
    compiled: Compiled,
    exchanges: Exchanges,
    plans: Sequence[Plan],
    *,
    seconds: float,
    listen: Callable[[Progress], bool | None] | None = None,
) -> Different:
    r"""
    Find the plan within the model's bounds whose least difference from some plans is greatest.

    .. math::
        \max z \quad \text{with} \quad z \le \sum_{e \in E_o} \tfrac{1}{|Y|} \sum_y |o_{e,y} - \bar o^p_{e,y}|
        + \sum_{e \in E_x} \pm \frac{x_e - \bar x^p_e}{u_e} \quad \forall p

    where the sign is minus for exchanges in use in plan p and plus for the others (Hop, Skip, Jump: Brill, Chang and
    Hopkins 1982; the sum over decisions is the Hamming distance). An exchange that is opened sends something. Of the
    plans with that difference and those decisions, the cheapest is taken.

    Parameters
    ----------
    compiled
        The model, its cost bounded; with rows from `rows_of`.
    exchanges
        Its exchanges.
    plans
        Plans to differ from.
    seconds
        Time for the search.
    listen
        Told about its progress.
    """
    form = _form(compiled, exchanges, plans)
    outcome = solve_form(form, gap=DIFFERENCE_GAP, time_limit=max(seconds, 0.01), on_progress=listen)
    if outcome.values is None:
        return Different(None, 0.0, 0.0 if outcome.status == "infeasible" else np.inf, outcome)
    reached = float(outcome.values[-1])
    bound = np.inf if outcome.bound is None else -outcome.bound
    opened = np.zeros(len(form.cost), dtype=bool)
    opened[form.columns.get("opened", slice(0, 0))] = True
    cost = np.append(compiled.amounts["cost"].cost, 0.0)
    lower = np.where(opened, np.rint(outcome.values), form.col_lower)
    lower[-1] = reached - GIVEN_AWAY * max(1.0, reached)
    cheap = replace(form, cost=cost, col_lower=lower, col_upper=np.where(opened, lower, form.col_upper))
    again = solve_form(cheap, gap=DIFFERENCE_GAP, time_limit=max(seconds, 1.0), start=outcome.values)
    if again.values is None:
        again, cheap = outcome, form
    return Different(compiled.plan(again, cheap), reached, max(bound, reached), outcome)


def _form(compiled: Compiled, exchanges: Exchanges, plans: Sequence[Plan]) -> StandardForm:
    """The model with the least difference as a last column, its rows, and that what is opened sends something."""
    form = compiled.session.form
    years = len(exchanges.instance.periods.years)
    matrix = form.matrix.tocsr()
    sent = matrix[compiled.rows("sent")]
    flows = np.flatnonzero((exchanges.opening < 0) & np.isfinite(exchanges.most) & (exchanges.most > 0))
    decided = np.flatnonzero(exchanges.opening >= 0)
    first = form.columns["opened"].start if "opened" in form.columns else 0
    columns = (first + exchanges.opening[decided][:, None] * years + np.arange(years)).ravel()
    coefficients, at_least = [], []
    for plan in plans:
        before = plan["opened"][exchanges.opening[decided]].ravel() if decided.size else np.zeros(0)
        amount, used = exchanges.sent(plan)[flows], exchanges.inside(plan)[flows]
        sign = np.where(used, -1.0, 1.0) / exchanges.most[flows]
        row = np.asarray(sign @ sent[flows]).ravel() if flows.size else np.zeros(len(form.cost))
        row[columns] += (1.0 - 2.0 * before) / years
        coefficients.append(row)
        at_least.append(float(sign @ amount) - float(before.sum()) / years)
    apart = sp.hstack([sp.csr_array(np.array(coefficients)), sp.csr_array(-np.ones((len(plans), 1)))])
    repeated = np.repeat(decided, years)
    count = len(repeated)
    shape = (count, len(form.cost))
    opened = sp.csr_array((exchanges.least[repeated], (np.arange(count), columns)), shape=shape)
    real = sp.hstack([sent[repeated] - opened, sp.csr_array((count, 1))])
    whole = sp.hstack([matrix, sp.csr_array((form.shape[0], 1))])
    end = form.shape[0]
    return replace(
        form,
        matrix=sp.csc_array(sp.vstack([whole, apart, real])),
        cost=np.append(np.zeros(len(form.cost)), -1.0),
        offset=0.0,
        col_lower=np.append(form.col_lower, -np.inf),
        col_upper=np.append(form.col_upper, float(exchanges.count) + 1.0),
        row_lower=np.concatenate([form.row_lower, at_least, np.zeros(count)]),
        row_upper=np.concatenate([form.row_upper, np.full(len(plans) + count, np.inf)]),
        integer=np.append(form.integer, [False]),
        columns={**form.columns, "difference": slice(len(form.cost), len(form.cost) + 1)},
        rows={
            **form.rows,
            "apart": slice(end, end + len(plans)),
            "in_use": slice(end + len(plans), end + len(plans) + count),
        },
    )
