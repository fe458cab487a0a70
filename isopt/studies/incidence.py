"""Who bears a tax: what each organisation is charged for, and what it would pay at any rates without doing anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solution.names import spelled

__all__ = ["charge_bases", "charged", "incidence", "rates", "traced_flows"]

Array = NDArray[np.float64]

#: Charges per tonne, in the order in which they are listed; a subsidy is a charge that is paid out.
INSTRUMENTS = ("landfill_tax", "carbon_payment", "subsidy")
#: Columns that say what is charged, whom and when.
_KEYS = ["instrument", "item", "organisation", "year", "period"]
_KG_PER_T = 1000.0


def charge_bases(solution: Solution) -> pd.DataFrame:
    """
    List the tonnes that charges fall on, by organisation, whether a rate is above zero or not.

    Landfill tax falls on tonnes that arrive at a landfill, by tax class; carbon payments on tonnes of CO2, by source;
    the subsidy on tonnes exchanged (less what plants send to disposal). The one charged is the one to whom
    `isopt.solve` books it: the origin for carriage and disposal, the user of a substitute for its use, the owner of a
    plant, the buyer of virgin material.

    Parameters
    ----------
    solution
        With a plan. Only its tables are read.

    Returns
    -------
    bases
        Columns ``instrument`` (landfill_tax, carbon_payment, subsidy), ``item`` (tax class, source of CO2, or
        exchanged), ``organisation, year, period, tonnes``; a row each, none twice.

    Examples
    --------
    >>> import isopt
    >>> bases = charge_bases(isopt.solve(isopt.read("scenarios/two_firms")).baseline)
    >>> bases[bases["instrument"] == "landfill_tax"][["item", "organisation", "tonnes"]].values.tolist()
    [['inert', 'Odense Crushing', 100.0]]
    """
    scenario = solution.scenario
    flows = traced_flows(solution)
    out = flows[flows["kind"] != "exchange"]
    exchanged = flows[(flows["kind"] == "exchange") & (flows["origin_kind"] == "stream")]
    residues = out[out["origin_kind"] == "plant"]
    landfilled = out[out["route"] == "landfill"]
    parts = [
        _rows("landfill_tax", landfilled["tax_class"], landfilled["giver"], landfilled, landfilled["arrived_t"]),
        _rows("carbon_payment", "transport", flows["giver"], flows, flows["co2_transport_t"]),
        _rows("carbon_payment", "disposal", out["giver"], out, out["co2_outlet_t"]),
        _use(flows, scenario),
        _throughput(solution),
        _purchases(solution),
        _rows("subsidy", "exchanged", exchanged["giver"], exchanged, exchanged["arrived_t"]),
        _rows("subsidy", "exchanged", residues["giver"], residues, -residues["tonnes"]),
    ]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = table[table["tonnes"] != 0]
    return table.groupby(_KEYS, sort=False)[["tonnes"]].sum().reset_index()


def charged(bases: pd.DataFrame, scenario: Scenario) -> Array:
    """
    Price tonnes at the rates of a scenario.

    Parameters
    ----------
    bases
        From `charge_bases`, of this scenario's plan or of another's over the same periods.
    scenario
        Supplies rates, and the sources of CO2 that pay.

    Returns
    -------
    eur
        What each row pays, and receives where it is a subsidy, shape (rows,), undiscounted.

    Raises
    ------
    InputError
        Where the scenario has not the periods of the rows.
    """
    places = {str(name): place for place, name in enumerate(scenario.periods["period"])}
    unknown = sorted(set(bases["period"].astype(str)) - set(places))
    if unknown:
        raise InputError(
            f'there are no rates for the period "{unknown[0]}" in {scenario.name}; compare plans over the same periods'
        )
    when = bases["period"].astype(str).map(places).to_numpy(dtype=np.int64)
    rate = np.zeros(len(bases))
    instruments, items = bases["instrument"].to_numpy(dtype=object), bases["item"].to_numpy(dtype=object)
    for instrument, item in set(zip(instruments, items, strict=True)):
        here = np.flatnonzero((instruments == instrument) & (items == item))
        rate[here] = rates(scenario, instrument, item)[when[here]]
    return np.asarray(rate * bases["tonnes"].to_numpy(dtype=np.float64))


def rates(scenario: Scenario, instrument: str, item: str) -> Array:
    """
    Rate of one charge in each period.

    Parameters
    ----------
    scenario
        Supplies the policy.
    instrument, item
        As in `charge_bases`.

    Returns
    -------
    eur_per_t
        Shape (periods,); nothing for waste of no class and for a source of CO2 that does not pay.
    """
    if instrument == "landfill_tax":
        free = item in {"", "none"}
        return np.zeros(len(scenario.periods)) if free else scenario.policy_at("landfill_tax_eur_per_t", item)
    if instrument == "subsidy":
        return scenario.policy_at("subsidy_eur_per_t_exchanged")
    pays = item in scenario.settings.policy.carbon_scope
    return scenario.policy_at("carbon_price_eur_per_t") if pays else np.zeros(len(scenario.periods))


def incidence(before: Solution, after: Solution) -> pd.DataFrame:
    """
    Tell who would bear the charges if nothing changed hands, and how much of that behaviour avoids.

    Parameters
    ----------
    before
        The plan without the policy.
    after
        The plan with it, over the same periods; its scenario supplies the new rates.

    Returns
    -------
    incidence
        A row per instrument, item and organisation, in EUR a year (mean over the horizon, undiscounted; a subsidy
        counts as negative): ``before`` is the old plan at the old rates, ``static`` the old plan at the new rates,
        ``paid`` the new plan at the new rates; ``avoided`` = static - paid, ``burden`` = static - before; with the
        tonnes of both plans a year. So paid = before + burden - avoided, row by row.

    Raises
    ------
    InputError
        Where the plans are over different periods.
    """
    years = after.scenario.periods["year"].nunique()
    old, new = charge_bases(before), charge_bases(after)
    parts = [
        (old, charged(old, before.scenario), "before_eur_per_yr"),
        (old, charged(old, after.scenario), "static_eur_per_yr"),
        (new, charged(new, after.scenario), "paid_eur_per_yr"),
        (old, old["tonnes"].to_numpy(), "tonnes_before_per_yr"),
        (new, new["tonnes"].to_numpy(), "tonnes_after_per_yr"),
    ]
    keys = _KEYS[:3]
    columns = {}
    for table, values, name in parts:
        sign = np.where(name.endswith("eur_per_yr") & (table["instrument"] == "subsidy"), -1.0, 1.0)
        columns[name] = table[keys].assign(value=sign * values / years).groupby(keys, sort=False)["value"].sum()
    found = pd.DataFrame(columns).fillna(0.0)
    found["avoided_eur_per_yr"] = found["static_eur_per_yr"] - found["paid_eur_per_yr"]
    found["burden_eur_per_yr"] = found["static_eur_per_yr"] - found["before_eur_per_yr"]
    money = [name for name in found.columns if name.endswith("eur_per_yr")]
    found = found[(found[money] != 0).any(axis=1)].reset_index()
    rank = found["instrument"].map({name: place for place, name in enumerate(INSTRUMENTS)})
    order = found.assign(rank=rank, size=-found["static_eur_per_yr"].abs())
    order = order.sort_values(["rank", "item", "size", "organisation"], kind="stable")
    return found.loc[order.index].reset_index(drop=True)


def traced_flows(solution: Solution) -> pd.DataFrame:
    """
    Say of all that moves who sends and who receives it, and what becomes of it.

    Parameters
    ----------
    solution
        With a plan.

    Returns
    -------
    flows
        Its table of flows and ``giver, taker`` (organisations, "" for an outlet), ``arrived_t`` (tonnes), ``route,
        tax_class`` and ``co2_outlet_t`` (of what is disposed of; empty and 0 for exchanges).
    """
    scenario = solution.scenario
    flows = spelled(solution.flows).reset_index(drop=True)
    of_facility = scenario.facilities.set_index("facility")["organisation"]
    giver = {("stream", s): of_facility[f] for s, f in _pairs(scenario.streams, "stream", "facility")}
    giver |= {("plant", p): owner for p, owner in _pairs(scenario.plants, "plant", "owner")}
    taker = {("demand", d): of_facility[f] for d, f in _pairs(scenario.demands, "demand", "facility")}
    taker |= {key: owner for key, owner in giver.items() if key[0] == "plant"}
    sent, arrived = flows["sent"].to_numpy(dtype=np.float64), flows["arrived"].to_numpy(dtype=np.float64)
    flows["arrived_t"] = np.nan_to_num(flows["tonnes"].to_numpy(dtype=np.float64)) * arrived / sent
    flows["giver"] = [giver[key] for key in zip(flows["origin_kind"], flows["origin"], strict=True)]
    flows["taker"] = [taker.get(key, "") for key in zip(flows["receiver_kind"], flows["receiver"], strict=True)]
    return _outlets(flows, scenario)


def _outlets(flows: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Route, tax class and CO2 at the outlet of what is disposed of; empty and 0 for exchanges."""
    when = _when(flows, scenario)
    streams, disposals = scenario.streams, scenario.disposals
    place = {name: row for row, name in enumerate(disposals["disposal"])}
    stream = {name: row for row, name in enumerate(streams["stream"])}
    material_class = dict(zip(scenario.materials["material"], scenario.materials["disposal_class"], strict=True))
    route, tax_class, kg = [], [], np.zeros(len(flows))
    at_place, own = scenario.at("disposals", "kgco2_per_unit"), scenario.at("streams", "own_disposal_kgco2_per_unit")
    rows = zip(flows["kind"], flows["origin"], flows["receiver"], flows["material"], strict=True)
    for at, (kind, origin, receiver, material) in enumerate(rows):
        of_material = material_class[material]
        if kind == "disposal":
            row = place[receiver]
            route.append(disposals["route"].iloc[row])
            tax_class.append(disposals["tax_class"].iloc[row] or of_material)
            kg[at] = np.nan_to_num(at_place[row, when[at]])
        elif kind == "own_disposal":
            row = stream[origin]
            route.append(streams["own_disposal_route"].iloc[row])
            tax_class.append(of_material)
            kg[at] = np.nan_to_num(own[row, when[at]])
        else:
            route.append("")
            tax_class.append("")
    return flows.assign(route=route, tax_class=tax_class, co2_outlet_t=kg * flows["arrived"] / _KG_PER_T)


def _use(flows: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """CO2 of using what is received in place of something else: the receiver's."""
    pairs = zip(scenario.substitutions["from_material"], scenario.substitutions["to_material"], strict=True)
    rule = {pair: row for row, pair in enumerate(pairs)}
    used = flows[flows["receiver_kind"] == "demand"]
    row = np.array(
        [rule.get(pair, -1) for pair in zip(used["material"], used["received_as"], strict=True)], dtype=np.int64
    )
    used, row = used[row >= 0], row[row >= 0]
    kg = np.nan_to_num(scenario.at("substitutions", "kgco2_per_unit")[row, _when(used, scenario)])
    return _rows("carbon_payment", "treatment", used["taker"], used, kg * used["arrived"] / _KG_PER_T)


def _throughput(solution: Solution) -> pd.DataFrame:
    """CO2 of what plants process: the owner's."""
    scenario, table = solution.scenario, solution.throughput
    technology = {name: row for row, name in enumerate(scenario.technologies["technology"])}
    of_plant = {p: technology[t] for p, t in _pairs(scenario.plants, "plant", "technology")}
    owner = table["plant"].map(dict(_pairs(scenario.plants, "plant", "owner")))
    row = table["plant"].map(of_plant).to_numpy(dtype=np.int64)
    kg = np.nan_to_num(scenario.at("technologies", "kgco2_per_unit")[row, _when(table, scenario)])
    return _rows("carbon_payment", "treatment", owner, table, kg * table["amount"] / _KG_PER_T)


def _purchases(solution: Solution) -> pd.DataFrame:
    """CO2 of what is bought: the buyer's."""
    bought = solution.virgin
    facilities = dict(_pairs(solution.scenario.facilities, "facility", "organisation"))
    return _rows("carbon_payment", "virgin", bought["facility"].map(facilities), bought, bought["co2_t"])


def _rows(instrument: str, item: Any, organisation: Any, of: pd.DataFrame, tonnes: Any) -> pd.DataFrame:
    """Rows of one charge."""
    columns = {"instrument": instrument, "item": item, "organisation": organisation, "tonnes": tonnes}
    return of[["year", "period"]].assign(**columns).astype({"tonnes": float})


def _when(table: pd.DataFrame, scenario: Scenario) -> NDArray[np.int64]:
    """Index of the period of each row, shape (rows,)."""
    places = {str(name): place for place, name in enumerate(scenario.periods["period"])}
    return np.asarray(table["period"].astype(str).map(places), dtype=np.int64)


def _pairs(table: pd.DataFrame, key: str, value: str) -> list[tuple[str, str]]:
    return list(zip(table[key], table[value], strict=True))
