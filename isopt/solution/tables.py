"""The tables of a solution: the input's rows plus columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import Instance, Kind, annuity_factor
from isopt.network.ledger import KG_PER_T, tax_rate
from isopt.network.links import Links, Outlets
from isopt.solution.names import Ids
from isopt.solution.plan import Plan

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def flows_table(plan: Plan, ids: Ids) -> pd.DataFrame:
    """List every amount that moves: a row per link, way to disposal or own disposal, and period."""
    return pd.concat([_exchange_flows(plan, ids), _disposal_flows(plan, ids)], ignore_index=True)


def _exchange_flows(plan: Plan, ids: Ids) -> pd.DataFrame:
    links, receivers = plan.instance.links, plan.instance.parties.receivers
    row, t = np.nonzero(plan["flow"] > 0)
    taker = links.receiver[row]
    kinds = np.where(receivers.kind[taker] == Kind.DEMAND, "demand", "plant").astype(object)
    used, of_row = np.unique(links.group[row], return_inverse=True)
    ends: dict[str, Any] = {
        "kind": "exchange",
        "receiver_kind": kinds,
        "receiver": ids.receivers[taker],
        "received_as": ids.materials[receivers.material[taker]],
        "exchange": ids.group_names(used)[of_row],
    }
    return _carried(plan, ids, links, "flow", row, t).assign(**ends)[FLOW_COLUMNS]


def _disposal_flows(plan: Plan, ids: Ids) -> pd.DataFrame:
    outlets = plan.instance.outlets
    row, t = np.nonzero(plan["disposed"] > 0)
    own = outlets.disposal[row] < 0
    places = np.append(plan.instance.scenario.disposals["disposal"].to_numpy(dtype=object), "")
    ends: dict[str, Any] = {
        "kind": np.where(own, "own_disposal", "disposal").astype(object),
        "receiver_kind": np.where(own, "own", "disposal").astype(object),
        "receiver": places[outlets.disposal[row]],
        "received_as": ids.materials[outlets.material[row]],
        "exchange": "",
    }
    return _carried(plan, ids, outlets, "disposed", row, t).assign(**ends)[FLOW_COLUMNS]


#: Columns of the table of flows, in the order in which they are written.
FLOW_COLUMNS = [
    "period", "year", "kind", "origin_kind", "origin", "receiver_kind", "receiver", "from_facility", "to_facility",
    "material", "received_as",
    "mode", "exchange", "distance_km", "sent", "arrived", "unit", "tonnes", "haulage_eur", "co2_transport_t",
]  # fmt: skip


def _carried(plan: Plan, ids: Ids, ways: Links | Outlets, variable: str, row: Indices, t: Indices) -> pd.DataFrame:
    """Say what links or outlets carry in some periods, whatever is at their end."""
    sent = plan[variable][row, t]
    kinds = np.array(["stream", "plant"], dtype=object)
    return pd.DataFrame(
        {
            **_when(plan.instance, t),
            "origin_kind": kinds[plan.instance.parties.origins.kind[ways.origin[row]]],
            "origin": ids.origins[ways.origin[row]],
            "from_facility": ids.facilities[ways.from_facility[row]],
            "to_facility": ids.facilities[ways.to_facility[row]],
            "material": ids.materials[ways.material[row]],
            "mode": ids.modes[ways.mode[row]],
            "distance_km": _at(ways.distance_km, row, t),
            "sent": sent,
            "arrived": sent * _at(ways.arrives, row, t),
            "unit": ids.units[ways.material[row]],
            "tonnes": sent * _at(ways.tonnes_per_unit, row, t),
            "haulage_eur": sent * _at(ways.eur_per_unit, row, t),
            "co2_transport_t": sent * _at(ways.kgco2_per_unit, row, t) / KG_PER_T,
        }
    )


def plants_table(plan: Plan) -> pd.DataFrame:
    """List the plants year by year: whether they stand, how large they are, what they process and cost."""
    instance, plants, periods = plan.instance, plan.instance.plants, plan.instance.periods
    count, years = plants.count, len(periods.years)
    stands = np.ones((count, years), dtype=bool)
    stands[plants.candidates] = plan["built"] > 0.5
    added = np.zeros((count, years))
    added[plants.expandable] = plan["added"]
    new = np.zeros((count, years))
    new[plants.candidates] = np.diff(plan["built"], axis=1, prepend=0.0)
    processed = np.zeros((count, periods.count))
    np.add.at(processed, plants.input_plant, plan["throughput"])
    throughput = per_year(processed, periods.year_of, years)
    capacity = per_year(plants.capacity * periods.share, periods.year_of, years)
    now = np.where(stands, capacity + added, 0.0)
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, plants.life_yr)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where((now > 0) & np.isfinite(now), throughput / now, np.nan)
    table = instance.scenario.plants
    row, year = np.repeat(np.arange(count), years), np.tile(np.arange(years), count)
    capital = (
        plants.capex_eur[:, None] * (stands & ~plants.existing[:, None]) + plants.capex_eur_per_unit[:, None] * added
    )
    fixed = plants.fixed_eur_per_yr * stands + plants.fixed_eur_per_unit * added
    growth = np.diff(added, axis=1, prepend=0.0)
    columns = {
        "year": np.tile(periods.years, count),
        "stands": stands,
        "built": stands & ~plants.existing[:, None],
        "added_capacity": added,
        "capacity_now": np.where(np.isinf(now), np.nan, now),
        "throughput": throughput,
        "load_share": load,
        "opex_eur": per_year(processed * plants.opex_eur_per_unit, periods.year_of, years),
        "fixed_eur": fixed,
        "annuity_eur": annuity * capital,
        "capex_spent_eur": plants.capex_eur[:, None] * new + plants.capex_eur_per_unit[:, None] * growth,
        "co2_t": per_year(processed * plants.kgco2_per_unit, periods.year_of, years) / KG_PER_T,
    }
    result = table.iloc[row].reset_index(drop=True)
    for name, values in columns.items():
        result[name] = values[row, year] if np.ndim(values) > 1 else values
    return result


def throughput_table(plan: Plan, ids: Ids) -> pd.DataFrame:
    """List what each plant processes: a row per plant, input and period."""
    instance, plants = plan.instance, plan.instance.plants
    row, t = np.nonzero(plan["throughput"] > 0)
    return pd.DataFrame(
        {
            "plant": instance.scenario.plants["plant"].to_numpy(dtype=object)[plants.input_plant[row]],
            **_when(instance, t),
            "input": ids.materials[plants.input_material[row]],
            "amount": plan["throughput"][row, t],
        }
    )


def disposal_table(plan: Plan, ids: Ids) -> pd.DataFrame:
    """List what is disposed of: a row per outlet, material and year."""
    instance, outlets = plan.instance, plan.instance.outlets
    row, t = np.nonzero(plan["disposed"] > 0)
    own = outlets.disposal[row] < 0
    places = instance.scenario.disposals
    facility_name = instance.scenario.facilities["name"].to_numpy(dtype=object)
    arrived = plan["disposed"][row, t] * _at(outlets.arrives, row, t)
    tonnes = arrived * _at(outlets.tonnes_per_unit, row, t)
    place = np.append(places["disposal"].to_numpy(dtype=object), "")
    table = pd.DataFrame(
        {
            "outlet": np.where(own, "own:" + ids.origins[outlets.origin[row]], place[outlets.disposal[row]]),
            "facility": ids.facilities[outlets.to_facility[row]],
            "name": facility_name[outlets.to_facility[row]],
            "route": outlets.route[row],
            "tax_class": outlets.tax_class[row],
            "material": ids.materials[outlets.material[row]],
            "unit": ids.units[outlets.material[row]],
            "year": instance.periods.years[instance.periods.year_of[t]],
            "amount": arrived,
            "tonnes": tonnes,
            "gate_fee_eur": arrived * _at(outlets.gate_eur_per_unit, row, t),
            "landfill_tax_eur": tonnes * outlets.landfill[row] * _at(tax_rate(instance), row, t),
            "co2_t": arrived * _at(outlets.gate_kgco2_per_unit, row, t) / KG_PER_T,
        }
    )
    keys = ["outlet", "facility", "name", "route", "tax_class", "material", "unit", "year"]
    return table.groupby(keys, sort=False, as_index=False).sum()


def virgin_table(plan: Plan) -> pd.DataFrame:
    """List how each demand is met: a row per demand and period."""
    instance, periods, links = plan.instance, plan.instance.periods, plan.instance.links
    demands = instance.scenario.demands
    count = len(demands)
    received = np.zeros((count, periods.count))
    receivers = instance.parties.receivers
    into = np.flatnonzero(receivers.kind[links.receiver] == Kind.DEMAND)
    np.add.at(received, receivers.row[links.receiver[into]], (links.factor * plan["flow"])[into])
    bought = np.zeros((count, periods.count))
    bought[instance.buyable] = plan["virgin"]
    drawn = np.zeros((count, periods.count))
    of_stock = instance.stocks.demand >= 0
    np.add.at(drawn, instance.stocks.demand[of_stock], plan["drawn"][of_stock])
    unmet = np.where(instance.must_meet[:, None], 0.0, np.maximum(instance.need - received - bought - drawn, 0.0))
    price = np.nan_to_num(instance.scenario.at("demands", "virgin_eur_per_unit"))
    kgco2 = np.nan_to_num(instance.scenario.at("demands", "virgin_kgco2_per_unit"))
    row = np.repeat(np.arange(count), periods.count)
    table = demands.iloc[row].reset_index(drop=True)
    for name, values in _when(instance, np.tile(np.arange(periods.count), count)).items():
        table[name] = values
    for name, amounts in {
        "need": instance.need,
        "received": received,
        "bought": bought,
        "unmet": unmet,
        "cost_eur": bought * price,
        "co2_t": bought * kgco2 / KG_PER_T,
    }.items():
        table[name] = amounts.ravel()
    return table


def stocks_table(plan: Plan) -> pd.DataFrame:
    """List what each stock holds: a row per stock and period."""
    instance, stocks, periods = plan.instance, plan.instance.stocks, plan.instance.periods
    row = np.repeat(np.arange(stocks.count), periods.count)
    table = instance.scenario.stocks.iloc[row].reset_index(drop=True)
    for name, values in _when(instance, np.tile(np.arange(periods.count), stocks.count)).items():
        table[name] = values
    table["level"] = plan["stock"].ravel()
    table["cost_eur"] = (plan["stock"] * stocks.eur_per_unit_yr * periods.share).ravel()
    return table


def per_year(values: Array, year_of: Indices, years: int) -> Array:
    """Add periods up to years, shape (rows, years)."""
    total = np.zeros((len(values), years))
    np.add.at(total.T, year_of, values.T)
    return total


def _at(values: Array, row: Indices, t: Indices) -> Array:
    """Pick cells of an array whose second axis may be a single column for all periods."""
    return np.asarray(values[row, t if values.shape[1] > 1 else np.zeros_like(t)])


def _when(instance: Instance, t: Indices) -> dict[str, NDArray[np.generic]]:
    """Columns that say when: period id and year."""
    periods = instance.periods
    return {
        "period": np.array(periods.names, dtype=object)[t],
        "year": periods.years[periods.year_of[t]],
    }
