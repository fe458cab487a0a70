"""In how many years the capital of exchanges and plants comes back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import annuity_factor
from isopt.network.groups import DEFAULT_LIFE_YR
from isopt.views import means
from isopt.views.numbers import plain
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution

Array = NDArray[np.float64]
NOTHING = 1e-6  # EUR: what rounding leaves


def of_exchanges(solution: Solution) -> pd.DataFrame:
    r"""
    Say when each exchange has paid its own capital back.

    .. math:: \text{payback} = \frac{(1 - g)\, C}{s + (1 - g)\, a\, C}

    with the capital :math:`C` of the link, the granted share :math:`g`, the annuity factor :math:`a` and the yearly
    saving :math:`s`, in which set-up, permits and the annuity are paid already. Without discounting: the usual simple
    payback.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    exchanges
        The rows of `Solution.exchanges` with ``capital_eur`` (less grants), ``before_capital_eur_per_yr`` (the saving
        of a full year without the annuity) and ``payback_yr``: 0 where nothing has to be invested, infinite where the
        saving does not cover it. In the order in which one would begin: those that pay at once by what they save, then
        by payback, then those that bring nothing themselves.
    """
    table = solution.exchanges
    if table.empty:
        return table
    scenario = solution.scenario
    granted = scenario.settings.policy.capex_grant_share
    modes = scenario.tables["modes"].set_index("mode")["life_yr"]
    life: Array = table["mode"].astype("str").map(modes).fillna(DEFAULT_LIFE_YR).to_numpy(np.float64)
    yearly = annuity_factor(scenario.settings.economics.discount_rate, life)
    capital = (1.0 - granted) * table["capex_eur"].to_numpy(float)
    years = np.array(means.years(scenario))
    paid_in = np.array([(years >= first).mean() for first in table["opened_year"]])  # share of the years it is paid in
    saving = table["saving_eur_per_yr"].to_numpy(float)
    before = (saving + yearly * capital * paid_in) / np.maximum(paid_in, 1.0 / len(years))
    found = table.assign(
        capital_eur=capital, before_capital_eur_per_yr=before, payback_yr=_years_to_pay(capital, before)
    )
    return found.sort_values(["payback_yr", "saving_eur_per_yr"], ascending=[True, False], kind="stable")


def of_plants(solution: Solution) -> dict[str, float]:
    """
    Say when each plant that is built has paid its capital back.

    What a plant earns is what all exchanges save that feed it or carry its products, which bear its cost.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    years
        By plant; infinite where what it brings does not cover it.
    """
    plants = solution.plants
    if plants.empty or solution.exchanges.empty:
        return {}
    scenario = solution.scenario
    paid = 1.0 - scenario.settings.policy.capex_grant_share
    saving = solution.exchanges.set_index("exchange")["saving_eur_per_yr"].groupby(level=0).sum()
    flows = solution.flows[solution.flows["kind"] == "exchange"]
    found = {}
    for plant, story in plants.groupby("plant", sort=False):
        capital = paid * float(story["capex_spent_eur"].sum())
        if capital <= NOTHING:
            continue
        feeds = (flows["receiver_kind"] == "plant") & (flows["receiver"] == plant)
        carries = (flows["origin_kind"] == "plant") & (flows["origin"] == plant)
        worth = float(saving.reindex(pd.unique(flows.loc[feeds | carries, "exchange"])).sum())
        before = worth + paid * float(story["annuity_eur"].mean())
        found[str(plant)] = float(_years_to_pay(np.array([capital]), np.array([before]))[0])
    return found


def _years_to_pay(capital: Array, before: Array) -> Array:
    """Years until yearly amounts come up to a capital."""
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(before > NOTHING, capital / before, np.inf)
    return np.where(capital <= NOTHING, np.where(before < -NOTHING, np.inf, 0.0), years)


def said(years: float) -> str:
    """
    A payback in words.

    Parameters
    ----------
    years
        0 for nothing to invest, infinite for never.

    Examples
    --------
    >>> said(0.0), said(2.34), said(float("inf"))
    ('at once', '2.3 years', 'not by itself')
    """
    if math.isinf(years):
        return text("payback.never")
    if years == 0:
        return text("payback.at_once")
    return text("payback.years", number=plain(round(years, 1) if years >= 0.1 else years))
