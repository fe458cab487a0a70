"""Yearly means of a solution's tables: what maps, reports and layers for QGIS all show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.solution.names import spelled

if TYPE_CHECKING:
    from isopt.scenario import Scenario
    from isopt.solution import Solution

NEGLIGIBLE = 1e-6  # of the largest number of its kind: a difference of sums, not a flow


def years(scenario: Scenario) -> list[int]:
    """The years of the horizon, in order."""
    return [int(year) for year in pd.unique(scenario.periods["year"])]


def filled(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The table, or, where there is no plan, one without rows that has these columns."""
    return pd.DataFrame(columns=columns) if table.empty else table


def per_year(table: pd.DataFrame, by: list[str], sums: list[str], scenario: Scenario) -> pd.DataFrame:
    """
    Sums by key, divided by the number of years.

    Parameters
    ----------
    table
        Rows per period or year.
    by
        Columns that stay.
    sums
        Columns of amounts over a period or year; NaN counts nothing.
    scenario
        Supplies the number of years.

    Returns
    -------
    DataFrame
        The columns of `by` and `sums`, a row per key, in order of first appearance; words are text, for views put them
        together.
    """
    if table.empty:
        return spelled(table.reindex(columns=[*by, *sums]))
    summed = spelled(table.groupby(by, sort=False, dropna=False, observed=True)[sums].sum().reset_index())
    summed[sums] = summed[sums] / len(years(scenario))
    return summed


def flows(solution: Solution) -> pd.DataFrame:
    """
    Yearly means of all flows, the largest first.

    Returns
    -------
    DataFrame
        `kind, origin_kind, origin, receiver_kind, receiver, from_facility, to_facility, material, received_as, mode,
        exchange, unit, distance_km` and the yearly means `sent, arrived, tonnes, haulage_eur, co2_transport_t`.
    """
    by = [
        "kind", "origin_kind", "origin", "receiver_kind", "receiver", "from_facility", "to_facility",
        "material", "received_as", "mode", "exchange", "unit", "distance_km",
    ]  # fmt: skip
    sums = ["sent", "arrived", "tonnes", "haulage_eur", "co2_transport_t"]
    means = per_year(solution.flows, by, sums, solution.scenario)
    return means.sort_values("sent", ascending=False, kind="stable", ignore_index=True)


def purchases(solution: Solution) -> pd.DataFrame:
    """Yearly means of what each demand needs, receives, buys and goes without."""
    by = ["demand", "facility", "material"]
    sums = ["need", "received", "bought", "unmet", "cost_eur", "co2_t"]
    return per_year(solution.virgin, by, sums, solution.scenario)


def unused(solution: Solution) -> pd.DataFrame:
    """What of each stream is placed nowhere, per year: `stream, facility, material, unit, supply, left`."""
    scenario = solution.scenario
    streams = scenario.tables["streams"][["stream", "facility", "material"]].copy()
    share = scenario.periods["share_of_year"].to_numpy(float)
    streams["supply"] = np.nansum(scenario.at("streams", "supply_per_yr") * share, axis=1) / len(years(scenario))
    placed = flows(solution).query("origin_kind == 'stream'").groupby("origin")["sent"].sum()
    streams["left"] = streams["supply"] - streams["stream"].map(placed).fillna(0.0).to_numpy(float)
    streams.loc[streams["left"] <= NEGLIGIBLE * streams["supply"].max(), "left"] = 0.0
    return streams.assign(unit=streams["material"].map(units(scenario)))


def units(scenario: Scenario) -> pd.Series[str]:
    """Unit by material."""
    return scenario.tables["materials"].set_index("material")["unit"]


def facility_names(scenario: Scenario) -> dict[str, str]:
    """Name by facility, the id where it has none."""
    facilities = scenario.tables["facilities"]
    names = facilities["name"].where(facilities["name"] != "", facilities["facility"])
    return dict(zip(facilities["facility"], names, strict=True))


def material_names(scenario: Scenario) -> dict[str, str]:
    """Name by material, the id where it has none."""
    materials = scenario.tables["materials"]
    names = materials["name"].where(materials["name"] != "", materials["material"])
    return dict(zip(materials["material"], names, strict=True))


def technology_units(scenario: Scenario) -> dict[str, str]:
    """Unit of the throughput by technology: that of its inputs, or of its outputs where it needs none."""
    unit = units(scenario)
    recipes = scenario.tables["recipes"]
    of_recipe = recipes["input"].where(recipes["input"] != "", recipes["output"]).map(unit)
    found: dict[str, str] = {}
    for technology, name in zip(recipes["technology"], of_recipe, strict=True):
        found.setdefault(technology, name)
    return found
