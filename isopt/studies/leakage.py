"""Leakage: where the tonnes went that left the taxed landfill, and whether anybody uses them there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.studies.incidence import rates, traced_flows

__all__ = ["COUNTS_AS", "leakage"]

Array = NDArray[np.float64]

#: The taxed landfill itself.
LANDFILL = "taxed_landfill"
#: What is sent nowhere: a stream that need not be placed, or that got smaller.
NOT_PLACED = "not_placed"
#: What each route counts as; everything that is neither use nor ``not_placed`` is a leak.
COUNTS_AS = {
    "exchange": "use",
    "treatment": "use",
    "incineration": "leak",
    "sewer": "leak",
    "other": "leak",
    "untaxed_landfill": "leak",
    "own_incineration": "leak",
    "own_sewer": "leak",
    "own_other": "leak",
    NOT_PLACED: "not_placed",
    "residues": "residues",
}
_KEYS = ["origin_kind", "origin", "organisation", "material", "year"]
_COLUMNS = [*_KEYS, "route", "counts_as", "tonnes", "co2_there_t", "co2_at_landfill_t", "co2_change_t"]


def leakage(before: Solution, after: Solution) -> pd.DataFrame:
    """
    Tell where the tonnes went that no longer go to taxed landfill, and the CO2 of going there.

    A stream that landfills less sends more to one or several other routes; what left the landfill is shared among those
    in proportion to what each gained. A stream that landfills more is told the same way with negative tonnes: they came
    back from there. Plants' residues are made, not moved: their row says how many tonnes fewer (negative: more) of them
    are landfilled. So the tonnes add up to those landfilled and taxed before, less those after.

    Parameters
    ----------
    before, after
        Plans over the same years. Landfill is taxed where a rate above zero meets the waste's class in either of them.

    Returns
    -------
    leakage
        A row per origin, year and route: ``origin_kind, origin, organisation, material, year, route`` (exchange,
        treatment, incineration, sewer, other, untaxed_landfill, the same with ``own_`` at the firm's own cost,
        not_placed, residues), ``counts_as`` (use, leak, not_placed, residues), ``tonnes`` (sent a year),
        ``co2_there_t`` and ``co2_at_landfill_t`` (carriage and outlet at the mean of the route; neither a plant's own
        nor that of a purchase saved: those are in the KPIs) and their difference ``co2_change_t``.

    Examples
    --------
    >>> import isopt
    >>> solution = isopt.solve(isopt.read("scenarios/two_firms"))
    >>> leakage(solution.baseline, solution)[["origin", "route", "counts_as", "tonnes"]].values.tolist()
    [['concrete_yard', 'exchange', 'use', 80.0]]
    """
    taxed = _taxed(before.scenario, after.scenario)
    old, new = _by_route(before, taxed), _by_route(after, taxed)
    keys = old.index.union(new.index, sort=False)
    if not len(keys):
        return pd.DataFrame(columns=_COLUMNS)
    routes = [LANDFILL, *COUNTS_AS]
    columns = pd.MultiIndex.from_product([["tonnes", "co2"], routes])
    old, new = (table.reindex(index=keys, columns=columns, fill_value=0.0).fillna(0.0) for table in (old, new))
    plants = np.asarray(keys.get_level_values("origin_kind") == "plant")
    moved = _moved(old["tonnes"].to_numpy(), new["tonnes"].to_numpy(), plants)
    there, at_landfill = _intensities(old, new, moved)
    row, route = np.nonzero(moved)
    table = keys.to_frame(index=False).iloc[row].reset_index(drop=True)
    table["route"] = np.array(routes[1:], dtype=object)[route]
    table["counts_as"] = table["route"].map(COUNTS_AS)
    table["tonnes"] = moved[row, route]
    table["co2_there_t"] = (moved * there)[row, route] + 0.0  # no negative nought
    table["co2_at_landfill_t"] = (moved * at_landfill)[row, route] + 0.0
    table["co2_change_t"] = table["co2_there_t"] - table["co2_at_landfill_t"]
    return table[_COLUMNS].sort_values(["year", "origin", "route"], kind="stable").reset_index(drop=True)


def _moved(old: Array, new: Array, plants: NDArray[np.bool_]) -> Array:
    """
    Tonnes that left the taxed landfill, by where they went, shape (origins, routes without the landfill).

    Parameters
    ----------
    old, new
        Tonnes by route, the landfill first, ``not_placed`` and ``residues`` last, shape (origins, routes).
    plants
        Whether the origin is a plant, whose residues are made anew, shape (origins,).
    """
    change = new - old
    left = -change[:, 0]
    others = change[:, 1:].copy()
    places = list(COUNTS_AS)
    # supply that goes nowhere now, or did before
    others[:, places.index(NOT_PLACED)] = -change.sum(axis=1)
    gained = np.where(left[:, None] >= 0, np.maximum(others, 0.0), np.maximum(-others, 0.0))
    total = gained.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(total[:, None] > 0, left[:, None] * gained / total[:, None], 0.0)
    moved[plants] = 0.0
    moved[plants, places.index("residues")] = left[plants]
    return np.asarray(moved)


def _intensities(old: pd.DataFrame, new: pd.DataFrame, moved: Array) -> tuple[Array, Array]:
    """CO2 of a tonne where it went and at the landfill, shapes (origins, routes without the landfill)."""

    def per_tonne(table: pd.DataFrame) -> Array:
        tonnes, co2 = table["tonnes"].to_numpy(), table["co2"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(tonnes > 0, co2 / tonnes, 0.0)

    first, second = per_tonne(old), per_tonne(new)
    there = np.where(moved >= 0, second[:, 1:], first[:, 1:])
    at_landfill = np.where(moved >= 0, first[:, :1], second[:, :1])
    return there, np.broadcast_to(at_landfill, moved.shape)


def _by_route(solution: Solution, taxed: dict[tuple[str, str], bool]) -> pd.DataFrame:
    """Tonnes sent and CO2 of carriage and outlet by origin (rows) and route (columns)."""
    flows = traced_flows(solution)
    own = np.where(flows["kind"] == "own_disposal", "own_", "").astype(object)
    paid = np.array(
        [taxed.get(key, False) for key in zip(flows["period"].astype(str), flows["tax_class"], strict=True)], dtype=bool
    )
    landfill = (flows["route"] == "landfill").to_numpy()
    used = np.where(flows["receiver_kind"] == "plant", "treatment", "exchange").astype(object)
    route = np.where(flows["kind"] == "exchange", used, own + flows["route"].to_numpy(dtype=object))
    route[landfill] = np.where(paid[landfill], LANDFILL, "untaxed_landfill")
    rows = flows[["origin_kind", "origin", "material", "year"]].assign(
        organisation=flows["giver"],
        route=route,
        tonnes=np.nan_to_num(flows["tonnes"].to_numpy(dtype=np.float64)),
        co2=flows["co2_transport_t"] + flows["co2_outlet_t"],
    )
    return rows.pivot_table(index=_KEYS, columns="route", values=["tonnes", "co2"], aggfunc="sum", sort=False)


def _taxed(*scenarios: Scenario) -> dict[tuple[str, str], bool]:
    """Whether landfill of a class is taxed in a period, by any of the scenarios."""
    found: dict[tuple[str, str], bool] = {}
    for scenario in scenarios:
        classes = {*scenario.materials["disposal_class"], *scenario.disposals["tax_class"]}
        for name in classes:
            for period, rate in zip(
                scenario.periods["period"], rates(scenario, "landfill_tax", str(name)), strict=True
            ):
                key = (str(period), str(name))
                found[key] = found.get(key, False) or bool(rate > 0)
    return found
