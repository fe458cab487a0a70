"""What networks along a lever bring: tonnes, CO2, revenue, and what a tonne less costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.network import Ledger
from isopt.solution import Plan
from isopt.solution.kpis import exchanges_in_place, yearly_lines
from isopt.studies.levers import POLICY, Lever
from isopt.studies.parametric import Parametric

__all__ = ["Figures", "abatement", "figures_of"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: What passes through the treasury, and its sign as revenue.
TRANSFERS: Mapping[str, float] = {"landfill_tax": 1.0, "carbon_payment": 1.0, "subsidies": -1.0}
#: The line among them that a lever of ``[policy]`` moves.
REVENUE: Mapping[str, str] = {
    POLICY["landfill_tax"]: "landfill_tax",
    POLICY["carbon_price"]: "carbon_payment",
    POLICY["subsidy"]: "subsidies",
    POLICY["grant"]: "subsidies",
}
#: Lines in money, which are discounted over the years.
MONEY = frozenset({"cost_total", *TRANSFERS})
#: Tonnes below which nothing is abated: what the solver's tolerance leaves behind.
SMALLEST_T = 1e-6


@dataclass(frozen=True)
class Figures:
    """
    Lines of account of one network along the levers, and its exchanges.

    Parameters
    ----------
    corner
        Each line with all levers at their lower end: money discounted, tonnes summed over the horizon.
    slopes
        What one unit of each lever adds to each line, shape (levers,).
    origin
        Lower end of each lever, shape (levers,).
    open
        Exchanges in place, shape (groups,).
    sent
        Units sent along each exchange, a year on average, shape (groups,).
    """

    corner: Mapping[str, float]
    slopes: Mapping[str, Array]
    origin: Array
    open: Flags
    sent: Array

    def at(self, line: str, values: Array) -> Array:
        """
        A line at some values of the levers.

        Parameters
        ----------
        line
            Its name, as among the KPIs.
        values
            Shape (n,) for one lever, (n, levers) for several.
        """
        steps = np.asarray(values, dtype=np.float64).reshape(-1, len(self.origin)) - self.origin
        found: Array = self.corner[line] + steps @ self.slopes[line]
        return found

    def revenue(self, lever: Lever, values: Array) -> Array:
        """What the lever's instrument brings the treasury; all instruments together where the lever is none of them."""
        line = REVENUE.get(lever.column) if lever.table == "policy" else None
        signs = TRANSFERS if line is None else {line: TRANSFERS[line]}
        found: Array = sum((sign * self.at(name, values) for name, sign in signs.items()), np.zeros(len(values)))
        return found

    def resource_cost(self, values: Array) -> Array:
        """Cost without what passes through the treasury."""
        moved = sum((sign * self.at(name, values) for name, sign in TRANSFERS.items()), np.zeros(len(values)))
        found: Array = self.at("cost_total", values) - moved
        return found


def figures_of(plan: Plan, ledgers: Sequence[Ledger], problem: Parametric) -> Figures:
    """
    Add up a network's lines of account at the lower corner and along each lever.

    Parameters
    ----------
    plan
        The network.
    ledgers
        Of the lower corner, and of each corner in which one lever is at its upper end.
    problem
        The scenario along its levers.
    """
    instance = plan.instance
    corner, *ends = (_totals(ledger, plan) for ledger in ledgers)
    span = problem.high - problem.low
    slopes = {
        name: np.array([(end[name] - value) / width for end, width in zip(ends, span, strict=True)])
        for name, value in corner.items()
    }
    sent = np.bincount(instance.links.group, weights=plan["flow"].sum(axis=1), minlength=instance.groups.count)
    return Figures(corner, slopes, problem.low, exchanges_in_place(plan), sent / len(instance.periods.years))


def _totals(ledger: Ledger, plan: Plan) -> dict[str, float]:
    discount = plan.instance.periods.discount
    return {
        name: float(discount @ values if name in MONEY else values.sum())
        for name, values in yearly_lines(ledger, plan).items()
    }


def abatement(before: Figures, after: Figures, at: float) -> tuple[float, float, float, float, float, int, int]:
    """
    What changes from one network to the next.

    Parameters
    ----------
    before, after
        Networks on both sides of a breakpoint of one lever.
    at
        The breakpoint.

    Returns
    -------
    landfilled_less, co2_less, resource_cost_more, eur_per_t, eur_per_tco2, opened, closed
        Costs per tonne are NaN where there is no tonne less.
    """
    value = np.array([at])
    less = [float(before.at(name, value)[0] - after.at(name, value)[0]) for name in ("landfilled", "co2_total")]
    more = float(after.resource_cost(value)[0] - before.resource_cost(value)[0])
    per_t, per_tco2 = (more / tonnes if tonnes > SMALLEST_T else float("nan") for tonnes in less)
    opened, closed = int((after.open & ~before.open).sum()), int((before.open & ~after.open).sum())
    return less[0], less[1], more, per_t, per_tco2, opened, closed
