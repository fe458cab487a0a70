"""Periods: seasons within years, their weight in money, and what one cell means in each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Periods:
    """
    The calendar of a scenario.

    Attributes
    ----------
    names
        Period ids, in order of time.
    years
        The years, rising, shape (years,).
    year_of
        Index of each period's year, shape (periods,).
    share
        Share of its year that each period is, shape (periods,).
    season
        Rank of each period within its year, shape (periods,).
    first_of_year
        Index of the first period of each year, shape (years,).
    discount
        Weight of a euro of each year in the sums, shape (years,).
    """

    names: tuple[str, ...]
    years: Indices
    year_of: Indices
    share: Array
    season: Indices
    first_of_year: Indices
    discount: Array

    @property
    def count(self) -> int:
        """Number of periods."""
        return len(self.names)

    def lagged(self, lag_yr: int) -> Indices:
        """
        Tell when each period's output arises that takes some years to come.

        Returns
        -------
        arises
            Index of the same season that many years on, shape (periods,); -1 past the horizon.
        """
        if not lag_yr:
            return np.arange(self.count)
        when = {(int(self.years[y]), int(s)): t for t, (y, s) in enumerate(zip(self.year_of, self.season, strict=True))}
        return np.array(
            [
                when.get((int(self.years[y]) + lag_yr, int(s)), -1)
                for y, s in zip(self.year_of, self.season, strict=True)
            ],
            dtype=np.int64,
        )


def periods_of(scenario: Scenario) -> Periods:
    """Read the calendar of a scenario; money of later years is discounted to the first one unless it is nominal."""
    table = scenario.periods
    year = table["year"].to_numpy(dtype=np.int64)
    years, first, year_of = np.unique(year, return_index=True, return_inverse=True)
    rate = 0.0 if scenario.settings.economics.nominal else scenario.settings.economics.discount_rate
    season = np.arange(len(year)) - first[year_of]
    return Periods(
        names=tuple(str(name) for name in table["period"]),
        years=years,
        year_of=year_of.astype(np.int64),
        share=table["share_of_year"].to_numpy(dtype=np.float64),
        season=season.astype(np.int64),
        first_of_year=first.astype(np.int64),
        discount=(1.0 + rate) ** -(years - years[0]).astype(np.float64),
    )


def slim(values: Array) -> Array:
    """
    Keep one column of a table by period where nothing changes from period to period.

    Parameters
    ----------
    values
        Shape (rows, periods).

    Returns
    -------
    values
        Shape (rows, 1) if every row is constant, else as it came; both broadcast against (rows, periods).
    """
    if values.shape[1] > 1 and np.array_equal(values, np.broadcast_to(values[:, :1], values.shape), equal_nan=True):
        return values[:, :1]
    return values
