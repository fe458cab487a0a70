"""The variables: what is decided, with symbol, unit and meaning, under one name on the page and in the LP text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from isopt.formulation.names import Names
from isopt.formulation.rows import Array, Variable
from isopt.network import Instance


@dataclass(frozen=True)
class Symbol:
    """How a variable is written on the maths page."""

    latex: str
    domain: str
    unit: str
    meaning: str


SYMBOLS: Mapping[str, Symbol] = {
    "flow": Symbol(r"x_{l,t}", r"\ge 0", "unit", "sent along link l in period t"),
    "disposed": Symbol(
        r"w_{o,t}", r"\ge 0", "unit", "sent to outlet o (a way to disposal, or own disposal) in period t"
    ),
    "virgin": Symbol(r"v_{d,t}", r"\ge 0", "unit", "bought for demand d in period t"),
    "throughput": Symbol(r"g_{i,t}", r"\ge 0", "unit", "of input i processed by its plant in period t"),
    "opened": Symbol(r"o_{e,y}", r"\in \{0, 1\}", "1", "exchange e is in place (or a permit is held) in year y"),
    "built": Symbol(r"z_{p,y}", r"\in \{0, 1\}", "1", "candidate plant p stands in year y"),
    "added": Symbol(r"k_{p,y}", r"\ge 0", "unit/yr", "capacity added to plant p by year y"),
    "running": Symbol(r"r_{p,t}", r"\in \{0, 1\}", "1", "existing plant p with a least load runs in period t"),
    "trips": Symbol(r"n_{e,t}", r"\in \mathbb{N}", "1", "whole vehicle loads of e in period t, where a trip is priced"),
    "chosen": Symbol(r"h_{s,f}", r"\in \{0, 1\}", "1", "facility f is the one receiver of s"),
    "stock": Symbol(r"q_{k,t}", r"\ge 0", "unit", "held in stock k at the end of period t"),
    "drawn": Symbol(r"r_{k,t}", r"\in \mathbb{R}", "unit", "taken out of stock k (put in, where negative) in period t"),
}


def variables_of(inst: Instance) -> list[Variable]:
    """
    Make the variables of an instance.

    A yes-or-no variable exists only where a fixed cost, a lot, an exclusivity or a count needs one.

    Parameters
    ----------
    inst
        The instance.

    Returns
    -------
    variables
        In the order of the columns; a variable by period (year) holds its periods (years) side by side, row after row.
    """
    periods, plants, stocks = inst.periods, inst.plants, inst.stocks
    years = len(periods.years)
    expandable, candidates = plants.expandable, plants.candidates
    headroom = np.full((len(expandable), years), np.inf)
    np.minimum.at(headroom.T, periods.year_of, plants.headroom[expandable].T)
    buildable = np.maximum.accumulate(plants.can_build[candidates], axis=1)
    held = stocks.capacity.copy()
    lowest = np.zeros_like(held)
    if stocks.count:
        held[:, -1] = lowest[:, -1] = stocks.initial
    purchasable = np.where(np.isnan(inst.virgin_price[inst.buyable]), 0.0, np.inf)
    trips = inst.trip_groups
    choices = len(inst.single[0])
    names = Names(inst)
    return [
        _variable("flow", inst.link_upper, names.by_period(names.links)),
        _variable("disposed", inst.outlet_upper, names.by_period(names.outlets)),
        _variable("virgin", purchasable, names.by_period(names.purchases)),
        _variable("throughput", inst.bounds.throughput, names.by_period(names.inputs)),
        _variable(
            "opened",
            np.ones((inst.openings.count, years)),
            names.by_year(names.openings),
            lower=np.repeat(inst.openings.required.astype(float), years),
            integer=True,
        ),
        _variable("built", buildable.astype(float), names.by_year(names.plants(candidates)), integer=True),
        _variable("added", headroom, names.by_year(names.plants(expandable))),
        _variable(
            "running",
            np.ones((len(inst.running), periods.count)),
            names.by_period(names.plants(inst.running)),
            integer=True,
        ),
        _variable(
            "trips", np.full((len(trips), periods.count), np.inf), names.by_period(names.groups(trips)), integer=True
        ),
        _variable("chosen", np.ones((choices, 1)), names.choices, integer=True),
        _variable("stock", held, names.by_period(names.stocks), lower=lowest),
        _variable(
            "drawn", np.full_like(held, np.inf), names.by_period(names.stocks), lower=np.full_like(held, -np.inf)
        ),
    ]


def _variable(
    name: str,
    upper: Array,
    labels: Callable[[], list[str]],
    *,
    lower: Array | float = 0.0,
    integer: bool = False,
) -> Variable:
    symbol = SYMBOLS[name]
    low = lower.ravel() if isinstance(lower, np.ndarray) else lower
    return Variable(name, upper.size, low, upper.ravel(), integer, symbol.unit, symbol.meaning, labels)
