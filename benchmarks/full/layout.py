"""Where the full model's columns stand, and its rows as they are written down with NumPy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from benchmarks.full.facts import FullFacts

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]
    Places = NDArray[np.int32]


class Layout:
    """
    Sizes and first columns of the variables.

    Parameters
    ----------
    facts
        The region's.

    Attributes
    ----------
    flow, disposed, virgin, throughput, opened, built, added, running, trips, chosen, stock, drawn, width
        First column of each variable, in isopt's order, and the number of columns.
    candidates, expandable, runs, with_trips
        Plants and groups that have the variables ``built``, ``added``, ``running`` and ``trips``.
    """

    def __init__(self, facts: FullFacts) -> None:
        self.periods, self.years = len(facts.share), len(facts.discount)
        self.moment, self.year = np.arange(self.periods, dtype=np.int32), np.arange(self.years, dtype=np.int32)
        self.year_of = facts.year_of.astype(np.int32)
        self.links, self.outlets = len(facts.link_from), len(facts.outlet_from)
        self.streams, self.demands = len(facts.supply), len(facts.need)
        self.plants, self.inputs = len(facts.plant_existing), len(facts.input_plant)
        self.outputs = int(facts.yield_output.max(initial=-1)) + 1
        self.openings, self.stocks = len(facts.opening_stays), len(facts.stock_plant)
        self.choices = len(facts.choice_origin)
        self.candidates = np.flatnonzero(~facts.plant_existing)
        self.expandable = np.flatnonzero((facts.plant_headroom > 0).any(axis=1))
        self.runs = np.flatnonzero(facts.plant_existing & (facts.plant_min_load > 0).any(axis=1))
        self.with_trips = np.flatnonzero((facts.group_trip_eur != 0).any(axis=1))
        by_period, by_year = self.periods, self.years
        self.flow = 0
        self.disposed = self.flow + self.links * by_period
        self.virgin = self.disposed + self.outlets * by_period
        self.throughput = self.virgin + self.demands * by_period
        self.opened = self.throughput + self.inputs * by_period
        self.built = self.opened + self.openings * by_year
        self.added = self.built + len(self.candidates) * by_year
        self.running = self.added + len(self.expandable) * by_year
        self.trips = self.running + len(self.runs) * by_period
        self.chosen = self.trips + len(self.with_trips) * by_period
        self.stock = self.chosen + self.choices
        self.drawn = self.stock + self.stocks * by_period
        self.width = self.drawn + self.stocks * by_period

    def at(self, thing: Indices) -> Places:
        """Places of things in each period."""
        return _spread(thing, self.periods, self.moment)

    def in_year_of(self, thing: Indices) -> Places:
        """Places of things by year, once for each period."""
        return _spread(thing, self.years, self.year_of)

    def yearly(self, thing: Indices) -> Places:
        """Places of things in each year."""
        return _spread(thing, self.years, self.year)

    def each(self, values: Array, which: Indices | slice = slice(None)) -> Array:
        """Values in each period, of some things."""
        some = values[which]
        return np.broadcast_to(some, (len(some), self.periods)).ravel()


class Sheet:
    """Rows as they are written down: where coefficients stand and between which bounds rows are."""

    def __init__(self) -> None:
        self.rows: list[Places] = []
        self.columns: list[Places] = []
        self.values: list[Array] = []
        self.lower: list[Array] = []
        self.upper: list[Array] = []
        self.height = 0

    def put(self, row: Indices, column: Indices, value: float | Array) -> None:
        """Write coefficients into the family that comes next, rows counted from its first."""
        self.rows.append(row.astype(np.int32, copy=False) + np.int32(self.height))
        self.columns.append(column.astype(np.int32, copy=False))
        self.values.append(value if isinstance(value, np.ndarray) else np.full(len(row), float(value)))

    def end(self, count: int, lower: ArrayLike, upper: ArrayLike) -> None:
        """Close a family of so many rows."""
        self.lower.append(np.broadcast_to(lower, (count,)))
        self.upper.append(np.broadcast_to(upper, (count,)))
        self.height += count


def position(count: int, which: Indices) -> Indices:
    """Place of each thing among some, -1 where it is none of them."""
    found = np.full(count, -1)
    found[which] = np.arange(len(which))
    return found


def _spread(thing: Indices, width: int, moment: Places) -> Places:
    return (thing.astype(np.int32)[:, None] * np.int32(width) + moment).ravel()
