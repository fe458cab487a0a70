"""The scenario as the audit reads it: what a cell says in a period, looked up by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from isopt.scenario import Scenario
from isopt.solution.audit.judge import Bools, Floats

Ints = NDArray[np.intp]
Texts = NDArray[np.object_]

IDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "facilities": ("facility",),
        "materials": ("material",),
        "streams": ("stream",),
        "demands": ("demand",),
        "substitutions": ("from_material", "to_material"),
        "technologies": ("technology",),
        "recipes": ("technology", "input", "output"),
        "mixes": ("technology", "input"),
        "plants": ("plant",),
        "disposals": ("disposal",),
        "modes": ("mode",),
        "stocks": ("plant", "facility", "material"),
    }
)


@dataclass(frozen=True)
class Inputs:
    """
    A scenario's cells, looked up by table, id and period.

    Parameters
    ----------
    scenario
        The scenario that was solved.
    """

    scenario: Scenario
    _memo: dict[tuple[str, str], Floats] = field(default_factory=dict, repr=False, compare=False)

    def table(self, name: str) -> pd.DataFrame:
        """A table of the scenario, rows numbered from 0."""
        return self.scenario.tables[name]

    @cached_property
    def distances(self) -> pd.DataFrame:
        """
        The ways that a router measured, by from_facility, to_facility and mode; columns distance_km and hours.

        Left out are those measured for a place where a facility no longer is.
        """
        pinned = self.scenario.distances
        if pinned is None:
            return pd.DataFrame(columns=["distance_km", "hours"])
        places = self.table("facilities").set_index("facility")[["lat", "lon"]]
        was = pd.DataFrame({"lat": pinned.lat, "lon": pinned.lon}, index=list(pinned.facilities))
        now = places.reindex(was.index)
        off = (was - now).abs().max(axis=1, skipna=False)
        stayed = set(was.index[(off <= 1e-5) | (was.isna() & now.isna()).all(axis=1)])
        table = pinned.table
        good = table["from_facility"].isin(stayed) & table["to_facility"].isin(stayed)
        return table[good].set_index(["from_facility", "to_facility", "mode"])[["distance_km", "hours"]]

    @cached_property
    def periods(self) -> pd.DataFrame:
        """A row per period: id, year, share of the year, place among its year's seasons, first of its year."""
        table = self.scenario.periods.reset_index(drop=True)
        frame = pd.DataFrame({"period": table["period"].astype(str).astype(object), "year": table["year"].astype(int)})
        frame["share"] = table["share_of_year"].astype(float)
        frame["season"] = frame.groupby("year").cumcount()
        frame["first"] = pd.Series(np.arange(len(frame))).groupby(frame["year"]).transform("min")
        return frame

    @cached_property
    def years(self) -> list[int]:
        """The years of the horizon, in order."""
        return sorted({int(year) for year in self.periods["year"]})

    @cached_property
    def first_period(self) -> Mapping[int, int]:
        """Position of the first period of each year: there stands what is said of the whole year."""
        return {int(year): int(first) for year, first in zip(self.periods["year"], self.periods["first"], strict=True)}

    @cached_property
    def discount(self) -> pd.Series:
        """Factor of each year: (1 + rate)^-(year - first year), 1 where years are summed without discounting."""
        economics = self.scenario.settings.economics
        rate = 0.0 if economics.nominal else economics.discount_rate
        return pd.Series({year: (1 + rate) ** -(year - self.years[0]) for year in self.years}, dtype=float)

    def at(self, table: str, column: str) -> Floats:
        """A column in each period, after changes and scale, shape (rows, periods)."""
        if (table, column) not in self._memo:
            self._memo[table, column] = np.asarray(self.scenario.at(table, column), dtype=np.float64)
        return self._memo[table, column]

    @cached_property
    def _rows(self) -> Mapping[str, pd.Index]:
        def ids(table: str) -> pd.Index:
            frame = self.table(table)
            return pd.Index(joined(*(frame[column] for column in IDS[table])), dtype=object)

        return {table: ids(table) for table in IDS}

    def row(self, table: str, *keys: ArrayLike) -> Ints:
        """Row number of each id (several keys joined), -1 where the table has none, shape (ids,)."""
        return np.asarray(self._rows[table].get_indexer(pd.Index(joined(*keys), dtype=object)), dtype=np.intp)

    def number(self, table: str, column: str, row: ArrayLike, period: ArrayLike, empty: float = np.nan) -> Floats:
        """
        What a column says of each row in its period.

        Parameters
        ----------
        table, column
            The column.
        row
            Row numbers, -1 for none, shape (n,).
        period
            Positions of the periods, shape (n,).
        empty
            What an empty cell, or none, stands for.
        """
        rows = np.asarray(row, dtype=np.intp)
        values = self.at(table, column)
        if not len(values):
            return np.full(len(rows), empty)
        said = np.where(rows >= 0, values[rows, np.asarray(period, dtype=np.intp)], np.nan)
        return np.asarray(np.where(np.isnan(said), empty, said), dtype=np.float64)

    def text(self, table: str, column: str, row: ArrayLike) -> Texts:
        """What a text column says of each row, "" for none, shape (n,)."""
        rows = np.asarray(row, dtype=np.intp)
        values = self.table(table)[column].to_numpy(dtype=object)
        if not len(values):
            return np.full(len(rows), "", dtype=object)
        return np.asarray(np.where(rows >= 0, values[rows], ""), dtype=object)

    def flag(self, table: str, column: str, row: ArrayLike) -> Bools:
        """What a column of yes and no says of each row, no for none, shape (n,)."""
        rows = np.asarray(row, dtype=np.intp)
        values = self.table(table)[column].astype(bool).to_numpy()
        return (
            np.asarray((rows >= 0) & values[rows], dtype=np.bool_) if len(values) else np.zeros(len(rows), dtype=bool)
        )

    def policy(self, key: str, cls: str = "") -> Floats:
        """A lever of policy in each period, shape (periods,)."""
        return np.asarray(self.scenario.policy_at(key, cls), dtype=np.float64)

    @cached_property
    def sectors(self) -> tuple[pd.Series, Ints]:
        """The different cells of sectors of the facilities, and which of them each facility has."""
        place, cells = pd.factorize(self.table("facilities")["sector"])
        return pd.Series(np.asarray(cells, dtype=object)), np.asarray(place, dtype=np.int64)

    @cached_property
    def t_per_unit(self) -> Floats:
        """
        Tonnes in a unit of each material, shape (materials, periods).

        "t_per_unit (t: 1; MWh: 0; needed for m3 where tonnes matter)".
        """
        by_unit = np.where(self.table("materials")["unit"] == "t", 1.0, 0.0)[:, None]
        said = self.at("materials", "t_per_unit")
        return np.asarray(np.where(np.isnan(said), by_unit, said), dtype=np.float64)

    def per_period(self, frame: pd.DataFrame, columns: Mapping[str, Floats]) -> pd.DataFrame:
        """
        A row per row of a table and period, with its `row` number and the period's position `t`.

        Parameters
        ----------
        frame
            The table, whose columns are repeated.
        columns
            Columns of shape (rows, periods) to add, unrolled.
        """
        count, periods = len(frame), len(self.periods)
        row, t = np.repeat(np.arange(count), periods), np.tile(np.arange(periods), count)
        when = self.periods.iloc[t].reset_index(drop=True)
        values = {name: value.reshape(-1) for name, value in columns.items()}
        long = frame.iloc[row].reset_index(drop=True).assign(row=row, t=t, **values)
        return long.assign(period=when["period"], year=when["year"], share=when["share"])


def joined(*keys: ArrayLike) -> Texts:
    """Ids of several keys, joined by a vertical bar, shape (ids,)."""
    ids = np.asarray(keys[0], dtype=object)
    for key in keys[1:]:
        ids = ids + "|" + np.asarray(key, dtype=object)
    return np.asarray(ids, dtype=object)
