"""The ledger of firms: who pays what, before and after, before any payment between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import CO2_LINES, COST_LINES, Kind, ledger_of
from isopt.network.lookup import index_of
from isopt.solution.exchanges import setup_grants, setup_per_year
from isopt.solution.plan import Plan

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Columns of the ledger by line of account.
COLUMNS = {
    "cost_haulage": "haulage_eur_per_yr",
    "cost_setup": "setup_eur_per_yr",
    "cost_treatment": "treatment_eur_per_yr",
    "cost_plants": "plants_eur_per_yr",
    "cost_gate_fees": "gate_fees_eur_per_yr",
    "cost_virgin": "virgin_eur_per_yr",
    "landfill_tax": "landfill_tax_eur_per_yr",
    "carbon_payment": "carbon_eur_per_yr",
    "subsidies": "subsidies_eur_per_yr",
}


def firms_table(plan: Plan, baseline: Plan | None) -> pd.DataFrame:
    """
    Book every cost to an organisation.

    Haulage and the exchange itself are the supplier's, the use of a substitute the receiver's, a plant and its
    residues its owner's, disposal the
    stream's, a purchase the demand's; carbon is paid by whoever pays for its source; the subsidy goes to the supplier.

    Parameters
    ----------
    plan
        The plan.
    baseline
        Plan of the baseline; None where there is none (costs before are then empty).

    Returns
    -------
    firms
        A row per organisation, yearly means over the horizon, undiscounted.
    """
    after = _booked(plan)
    before = None if baseline is None else _total(_booked(baseline))
    received, paid = _payments(plan)
    total = _total(after)
    table = pd.DataFrame({"organisation": list(plan.instance.parties.organisations)})
    table["cost_before_eur_per_yr"] = np.nan if before is None else before
    table["cost_after_eur_per_yr"] = total
    table["saving_eur_per_yr"] = np.nan if before is None else before - total
    table["payments_received_eur_per_yr"] = received
    table["payments_paid_eur_per_yr"] = paid
    table["cost_after_payments_eur_per_yr"] = total - received + paid
    for line, column in COLUMNS.items():
        table[column] = after[line]
    return table


def _total(booked: dict[str, Array]) -> Array:
    return np.asarray(sum(sign * booked[line] for line, sign in COST_LINES.items()))


def _booked(plan: Plan) -> dict[str, Array]:
    """Yearly mean of each line of account by organisation, line -> shape (organisations,)."""
    instance = plan.instance
    parties, links, outlets, plants = instance.parties, instance.links, instance.outlets, instance.plants
    organisations, years = len(parties.organisations), len(instance.periods.years)
    ledger = ledger_of(instance)
    plant_owner = index_of(instance.scenario.plants["owner"], parties.organisations)
    supplier = parties.origins.organisation[links.origin]
    receiver = parties.receivers.organisation[links.receiver]
    disposer = parties.origins.organisation[outlets.origin]
    buyer = parties.receivers.organisation[parties.receivers.of(Kind.DEMAND)[instance.buyable]]
    payer = {
        "flow": supplier,
        "disposed": disposer,
        "virgin": buyer,
        "throughput": plant_owner[plants.input_plant],
        "built": plant_owner[plants.candidates],
        "added": plant_owner[plants.expandable],
        "stock": _stock_owner(plan, plant_owner),
    }
    shares = _supplier_shares(plan, supplier, disposer)
    booked = {line: np.zeros(organisations) for line in COST_LINES}

    def book(line: str, variable: str, coefficients: Array, who: Indices) -> None:
        amount = (coefficients * plan[variable]).sum(axis=1) / years
        booked[line] += np.bincount(who, weights=amount, minlength=organisations)

    def book_groups(line: str, amount: Array) -> None:
        group, who, share = shares
        booked[line] += np.bincount(who, weights=share * amount[group], minlength=organisations)

    for line, account in ledger.lines.items():
        if line not in COST_LINES or line == "carbon_payment":
            continue
        for variable, coefficients in account.items():
            if variable in {"opened", "trips"}:
                continue
            uses = line == "cost_treatment" and variable == "flow"
            book(line, variable, coefficients, receiver if uses else payer[variable])
    carbon = instance.scenario.policy_at("carbon_price_eur_per_t")
    for source in instance.scenario.settings.policy.carbon_scope:
        for variable, coefficients in ledger.lines.get(CO2_LINES[source], {}).items():
            uses = source == "treatment" and variable == "flow"
            book("carbon_payment", variable, coefficients * carbon, receiver if uses else payer[variable])
    existing = plants.existing
    booked["cost_plants"] += np.bincount(
        plant_owner[existing], weights=plants.fixed_eur_per_yr[existing].mean(axis=1), minlength=organisations
    )
    book_groups("cost_setup", setup_per_year(plan).mean(axis=1))
    book_groups("subsidies", setup_grants(plan).mean(axis=1))
    trips = np.zeros(instance.groups.count)
    which = instance.trip_groups
    trips[which] = (plan["trips"] * instance.groups.eur_per_trip[which]).sum(axis=1) / years
    book_groups("cost_haulage", trips)
    return booked


def _stock_owner(plan: Plan, plant_owner: Indices) -> Indices:
    """Organisation of each stock, shape (stocks,)."""
    stocks, parties = plan.instance.stocks, plan.instance.parties
    demands = parties.receivers.organisation[parties.receivers.of(Kind.DEMAND)]
    owner = np.zeros(stocks.count, dtype=np.int64)
    for index, of_kind in (
        (stocks.stream, parties.origins.organisation),
        (stocks.demand, demands),
        (stocks.plant, plant_owner),
    ):
        here = index >= 0
        owner[here] = of_kind[index[here]]
    return owner


def _supplier_shares(plan: Plan, supplier: Indices, disposer: Indices) -> tuple[Indices, Indices, Array]:
    """
    Share of each organisation in what a group sends: group, organisation and share, one entry per link and way.

    Several organisations at one place share in proportion to what they send; where nothing is sent, link by link.
    """
    instance, links, outlets = plan.instance, plan.instance.links, plan.instance.outlets
    way = np.flatnonzero(outlets.group >= 0)
    group = np.concatenate([links.group, outlets.group[way]])
    sent = np.concatenate([plan["flow"].sum(axis=1), plan["disposed"].sum(axis=1)[way]])
    idle = np.bincount(group, weights=sent, minlength=instance.groups.count)[group] <= 0
    weight = np.where(idle, 1.0, sent)
    total = np.bincount(group, weights=weight, minlength=instance.groups.count)[group]
    return group, np.concatenate([supplier, disposer[way]]), weight / total


def _payments(plan: Plan) -> tuple[Array, Array]:
    """What receivers pay for streams, on what arrives: received and paid by organisation, yearly means."""
    instance, links = plan.instance, plan.instance.links
    parties, periods = instance.parties, instance.periods
    price = np.nan_to_num(instance.scenario.at("streams", "price_eur_per_unit"))
    count, years = len(parties.organisations), len(periods.years)
    which = np.flatnonzero(parties.origins.kind[links.origin] == Kind.STREAM)
    amount = (links.arrives * plan["flow"])[which] * price[links.origin[which]]
    yearly = amount.sum(axis=1) / years
    supplier = parties.origins.organisation[links.origin[which]]
    receiver = parties.receivers.organisation[links.receiver[which]]
    yearly = np.where(supplier == receiver, 0.0, yearly)
    return (
        np.bincount(supplier, weights=yearly, minlength=count).astype(np.float64),
        np.bincount(receiver, weights=yearly, minlength=count).astype(np.float64),
    )
