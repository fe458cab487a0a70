"""A plan: the value of every decision, tidied so that nothing tiny pretends to be an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.network import YEARLY_VARIABLES, Instance

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Amounts of at most this share of the largest amount in the plan are noise of floating-point arithmetic.
NOISE = 1e-12
#: A vehicle counts as full, and no further one is sent, within this share of its load: noise of floating-point
#: arithmetic again.
LOAD_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Plan:
    """
    Values of the decisions.

    Attributes
    ----------
    values
        Variable -> values, shape (rows, periods or years).
    """

    instance: Instance
    values: Mapping[str, Array]

    def __getitem__(self, variable: str) -> Array:
        return self.values[variable]

    def used(self) -> Flags:
        """Links that carry something at some time, shape (links,)."""
        return np.asarray((self.values["flow"] > 0).any(axis=1))


def plan_of(instance: Instance, values: Mapping[str, Array]) -> Plan:
    """
    Tidy what the solver returned.

    Noise becomes zero, vehicles are counted whole, and what costs something to keep open is open only from its first
    use (or from the first year, where it is required); none of this makes a plan dearer.

    Parameters
    ----------
    instance
        What was solved.
    values
        Flat values by variable, in the model's order; a variable of no size may be missing.
    """
    periods = instance.periods
    widths = {"chosen": 1}
    shaped = {
        name: np.array(flat, dtype=np.float64).reshape(
            -1, widths.get(name, len(periods.years) if name in YEARLY_VARIABLES else periods.count)
        )
        for name, flat in values.items()
    }
    carried = ("flow", "disposed", "virgin", "throughput", "stock", "drawn", "added")
    largest = max(float(np.abs(shaped[name]).max(initial=0.0)) for name in carried)
    for name in carried:
        amounts = shaped[name]
        amounts[np.abs(amounts) <= NOISE * largest] = 0.0
        if name != "drawn":
            np.maximum(amounts, 0.0, out=amounts)
    for name in ("opened", "built", "running", "chosen"):
        shaped[name] = np.round(shaped[name])
    shaped["opened"] = _opened(instance, shaped)
    shaped["trips"] = _trips(instance, shaped)
    return Plan(instance, {name: _frozen(amounts) for name, amounts in shaped.items()})


def _frozen(values: Array) -> Array:
    values.setflags(write=False)
    return values


def _opened(instance: Instance, values: Mapping[str, Array]) -> Array:
    """Open from the first use where that is cheapest; what pays for being open stays as the solver left it."""
    openings, periods = instance.openings, instance.periods
    decided = values["opened"]
    used = np.zeros((openings.count, periods.count), dtype=bool)
    np.logical_or.at(used, openings.link_opening, values["flow"][openings.link] > 0)
    np.logical_or.at(used, openings.outlet_opening, values["disposed"][openings.outlet] > 0)
    by_year = np.zeros(decided.shape, dtype=bool)
    np.logical_or.at(by_year.T, periods.year_of, used.T)
    by_year |= openings.required[:, None]
    stays = np.where(openings.stays[:, None], np.maximum.accumulate(by_year, axis=1), by_year)
    costs = (openings.fixed_eur_per_yr >= 0).all(axis=1) & (openings.capex_eur >= 0)
    return np.where(costs[:, None], stays.astype(np.float64), decided)


def _trips(instance: Instance, values: Mapping[str, Array]) -> Array:
    """Whole vehicles for what is sent, shape (trip groups, periods)."""
    which = instance.trip_groups
    load = group_tonnes(instance, values)[which]
    vehicle = instance.groups.vehicle_t[which]
    return np.ceil(load / vehicle - LOAD_TOLERANCE * np.maximum(1.0, load / vehicle)).clip(min=0.0)


def group_tonnes(instance: Instance, values: Mapping[str, Array]) -> Array:
    """Tonnes sent along each exchange (or way to disposal), shape (groups, periods)."""
    load = np.zeros((instance.groups.count, instance.periods.count))
    links, outlets = instance.links, instance.outlets
    np.add.at(load, links.group, links.tonnes_per_unit * values["flow"])
    way = outlets.group >= 0
    np.add.at(load, outlets.group[way], (outlets.tonnes_per_unit * values["disposed"])[way])
    return load
