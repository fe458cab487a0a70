"""The exchange table: what each exchange moves, costs and saves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import Instance, Kind, annuity_factor, ledger_of
from isopt.network.groups import members_of
from isopt.network.ledger import KG_PER_T
from isopt.solution.kpis import exchanges_in_place
from isopt.solution.names import Ids
from isopt.solution.plan import Plan
from isopt.solution.tables import per_year

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


def exchanges_table(plan: Plan, ids: Ids, baseline: Plan | None) -> pd.DataFrame:
    """
    List the exchanges in place, with yearly means over the horizon (undiscounted).

    Parameters
    ----------
    plan
        The plan.
    ids
        Names behind its indices.
    baseline
        Plan of the baseline, whose disposal prices value what an exchange avoids.

    Returns
    -------
    exchanges
        A row per exchange that moves something, is paid for or is required; ``saving_eur_per_yr`` as in `savings`.
    """
    instance, links, groups = plan.instance, plan.instance.links, plan.instance.groups
    years = len(instance.periods.years)
    flow = plan["flow"]

    def mean(values: Array) -> Array:
        return np.bincount(links.group, weights=values.sum(axis=1), minlength=groups.count) / years

    sent, setup = mean(flow), setup_per_year(plan)
    trips = np.zeros(groups.count)
    trips[instance.trip_groups] = plan["trips"].sum(axis=1) / years
    trip_cost = np.zeros(groups.count)
    trip_cost[instance.trip_groups] = (plan["trips"] * groups.eur_per_trip[instance.trip_groups]).sum(axis=1) / years
    first = _first_year(plan)
    shown = np.flatnonzero(~groups.way & ((sent > 0) | setup.any(axis=1) | (groups.status == "required")))
    capex = np.zeros(groups.count)
    opened = np.flatnonzero(instance.openings.whole)
    capex[instance.openings.group[opened]] = instance.openings.capex_eur[opened] * plan["opened"][opened].max(
        axis=1, initial=0
    )
    km = np.zeros(groups.count)
    km[links.group] = links.distance_km[:, 0]
    transport = mean(links.kgco2_per_unit * flow) / KG_PER_T
    use = mean(links.use_kgco2_per_unit * links.arrives * flow) / KG_PER_T
    cells = instance.candidates.cells()
    note, source = _words(instance, cells.text("note")), _words(instance, cells.text("source"))
    names = instance.scenario.facilities["name"].to_numpy(dtype=object)
    giver, taker = _organisations(plan, ids)
    carried, unit = _materials(plan, ids)
    a, b = groups.from_facility[shown], groups.to_facility[shown]
    return pd.DataFrame(
        {
            "exchange": ids.group_names(shown),
            "from_facility": ids.facilities[a],
            "to_facility": ids.facilities[b],
            "from_name": names[a],
            "to_name": names[b],
            "from_organisation": giver[shown],
            "to_organisation": taker[shown],
            "mode": ids.modes[groups.mode[shown]],
            "material": carried[shown],
            "shared": groups.shared[shown],
            "status": groups.status[shown],
            "between_organisations": exchanges_in_place(plan)[shown],
            "opened_year": instance.periods.years[first[shown]],
            "distance_km": km[shown],
            "unit": unit[shown],
            "amount_per_yr": sent[shown],
            "tonnes_per_yr": mean(links.tonnes_per_unit * flow)[shown],
            "trips_per_yr": trips[shown],
            "haulage_eur_per_yr": (mean(links.eur_per_unit * flow) + trip_cost)[shown],
            "setup_eur_per_yr": setup.mean(axis=1)[shown],
            "treatment_eur_per_yr": mean(links.use_eur_per_unit * links.arrives * flow)[shown],
            "co2_t_per_yr": (transport + use)[shown],
            "capex_eur": capex[shown],
            "saving_eur_per_yr": savings(plan, baseline)[shown],
            "note": note[shown],
            "source": source[shown],
        }
    ).reset_index(drop=True)


def setup_per_year(plan: Plan) -> Array:
    """Set-up, permits and annuity of each group, gross of grants, shape (groups, years)."""
    instance, openings = plan.instance, plan.instance.openings
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, openings.life_yr) * openings.capex_eur
    total = np.zeros((instance.groups.count, len(instance.periods.years)))
    np.add.at(total, openings.group, (openings.fixed_eur_per_yr + annuity[:, None]) * plan["opened"])
    return total


def savings(plan: Plan, baseline: Plan | None) -> Array:
    """
    Value each exchange: what it avoids less what it costs, shape (groups,), in euros a year.

    A unit that leaves a stream avoids what its disposal costs in the baseline (else its cheapest outlet); a unit that
    reaches a demand avoids the
    purchase; haulage, set-up, use, carbon and subsidy are the exchange's own; what a plant costs, its residues
    included, is borne by the exchanges
    that feed it, in proportion to what they bring. So the savings of a network of exchanges add up to what it saves.
    """
    instance, links = plan.instance, plan.instance.links
    periods, parties = instance.periods, instance.parties
    years = len(periods.years)
    ledger = ledger_of(instance)
    shape = {name: (rows.shape[0], periods.count) for name, rows in plan.values.items()}  # noqa: PD011  a mapping
    cost = {
        name: np.broadcast_to(values, shape[name])
        for name, values in ledger.cost().items()
        if name in {"flow", "disposed", "virgin", "throughput"}
    }
    nothing = np.zeros((1, 1))
    worth = -plan["flow"] * cost.get("flow", nothing)
    avoided = avoided_per_unit(plan if baseline is None else baseline)
    streams = parties.origins.kind[links.origin] == Kind.STREAM
    worth[streams] += (
        (plan["flow"] * avoided[np.minimum(links.origin, len(avoided) - 1)])[streams] if len(avoided) else 0.0
    )
    bought = np.zeros((parties.receivers.count, periods.count))
    demands = parties.receivers.of(Kind.DEMAND)
    bought[demands[instance.buyable]] = cost.get("virgin", nothing)
    worth += links.factor * plan["flow"] * bought[links.receiver]
    worth -= _borne(plan, cost)
    saving = np.bincount(links.group, weights=worth.sum(axis=1), minlength=instance.groups.count) / years
    trips = np.zeros(instance.groups.count)
    trips[instance.trip_groups] = (plan["trips"] * instance.groups.eur_per_trip[instance.trip_groups]).sum(
        axis=1
    ) / years
    grants = setup_grants(plan).mean(axis=1)
    return np.asarray(saving - trips - setup_per_year(plan).mean(axis=1) + grants)


def setup_grants(plan: Plan) -> Array:
    """Grants on the capital of each group, shape (groups, years)."""
    instance, openings = plan.instance, plan.instance.openings
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, openings.life_yr) * openings.capex_eur
    total = np.zeros((instance.groups.count, len(instance.periods.years)))
    np.add.at(total, openings.group, instance.grant_share * annuity[:, None] * plan["opened"])
    return total


def avoided_per_unit(plan: Plan) -> Array:
    """What a unit of each stream costs to dispose of, in the plan or at its best outlet, shape (streams, periods)."""
    instance, outlets = plan.instance, plan.instance.outlets
    streams = len(instance.supply)
    cost = np.broadcast_to(ledger_of(instance).cost().get("disposed", np.zeros((1, 1))), plan["disposed"].shape)
    of_stream = np.flatnonzero(outlets.origin < streams)
    paid, amount = np.zeros((streams, instance.periods.count)), np.zeros((streams, instance.periods.count))
    np.add.at(paid, outlets.origin[of_stream], (cost * plan["disposed"])[of_stream])
    np.add.at(amount, outlets.origin[of_stream], plan["disposed"][of_stream])
    cheapest = np.full_like(paid, np.inf)
    np.minimum.at(cheapest, outlets.origin[of_stream], np.where(outlets.available, cost, np.inf)[of_stream])
    cheapest[~instance.must_place] = np.minimum(cheapest[~instance.must_place], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(amount > 0, paid / amount, cheapest)
    return np.where(np.isfinite(price), price, 0.0)


def _borne(plan: Plan, cost: dict[str, Array]) -> Array:
    """What each link bears of the cost of the plant it feeds, shape (links, periods)."""
    instance, plants, links = plan.instance, plan.instance.plants, plan.instance.links
    periods, outlets = instance.periods, instance.outlets
    if not plants.count:
        return np.zeros_like(plan["flow"])
    total = np.zeros((plants.count, periods.count))
    processed = np.zeros((plants.count, periods.count))
    np.add.at(processed, plants.input_plant, plan["throughput"])
    np.add.at(total, plants.input_plant, plan["throughput"] * cost.get("throughput", np.zeros((1, 1))))
    residues = np.flatnonzero(instance.parties.origins.kind[outlets.origin] == Kind.OUTPUT)
    plant = instance.parties.origins.row[outlets.origin[residues]]
    np.add.at(total, plant, (plan["disposed"] * cost.get("disposed", np.zeros((1, 1))))[residues])
    total += plant_cost_per_year(plan)[:, periods.year_of] * periods.share
    receivers = instance.parties.receivers
    into = np.flatnonzero(receivers.kind[links.receiver] == Kind.INPUT)
    arrived = (links.arrives * plan["flow"])[into]
    of_plant = receivers.row[links.receiver[into]]
    brought = np.zeros((plants.count, periods.count))
    np.add.at(brought, of_plant, arrived)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(brought[of_plant] > 0, arrived / brought[of_plant], 0.0)
    borne = np.zeros_like(plan["flow"])
    borne[into] = share * total[of_plant]
    return borne


def plant_cost_per_year(plan: Plan) -> Array:
    """Fixed cost and annuity of candidates and additions, less grants, shape (plants, years)."""
    instance, plants = plan.instance, plan.instance.plants
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, plants.life_yr)[:, None]
    paid = (1.0 - instance.grant_share) * annuity
    total = np.zeros((plants.count, len(instance.periods.years)))
    built, grown = plants.candidates, plants.expandable
    total[built] += (plants.fixed_eur_per_yr + paid * plants.capex_eur[:, None])[built] * plan["built"]
    total[grown] += (plants.fixed_eur_per_unit + paid * plants.capex_eur_per_unit[:, None])[grown] * plan["added"]
    return total


def _first_year(plan: Plan) -> Indices:
    """Index of the year in which each group is first open or used, shape (groups,)."""
    instance = plan.instance
    years = len(instance.periods.years)
    on = np.zeros((instance.groups.count, years), dtype=bool)
    np.logical_or.at(on, instance.links.group, per_year(plan["flow"], instance.periods.year_of, years) > 0)
    np.logical_or.at(on, instance.openings.group, plan["opened"] > 0)
    return np.asarray(np.argmax(on, axis=1), dtype=np.int64)


def _words(instance: Instance, of_candidate: NDArray[np.object_]) -> NDArray[np.object_]:
    """A note or source of each group, shape (groups,)."""
    words = np.full(instance.groups.count, "", dtype=object)
    said = of_candidate != ""
    words[instance.groups.of[said]] = of_candidate[said]
    return words


def _organisations(plan: Plan, ids: Ids) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Organisations at both ends of each group, several separated by ";", those with flows only where there are any."""
    links, parties = plan.instance.links, plan.instance.parties
    used = plan.used()
    idle = np.bincount(links.group, weights=used, minlength=plan.instance.groups.count) == 0
    told = np.flatnonzero(used | idle[links.group])
    count = plan.instance.groups.count
    return (
        _joined(links.group[told], parties.origins.organisation[links.origin[told]], ids.organisations, count),
        _joined(links.group[told], parties.receivers.organisation[links.receiver[told]], ids.organisations, count),
    )


def _materials(plan: Plan, ids: Ids) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Material and unit of each group; of a shared one, what it carries, and its unit where there is only one."""
    links, groups = plan.instance.links, plan.instance.groups
    names, unit = ids.materials[groups.material].copy(), np.full(groups.count, "", dtype=object)
    own = groups.material >= 0
    unit[own] = ids.units[groups.material[own]]
    shared = groups.shared & ~groups.way
    told = np.flatnonzero(shared[links.group] & plan.used())
    told = told[np.argsort(links.material[told], kind="stable")]
    group, material = links.group[told], links.material[told]
    names[shared] = _joined(group, material, ids.materials, groups.count)[shared]
    units, of_material = np.unique(ids.units.astype(str), return_inverse=True)
    several = _joined(group, of_material[material], units.astype(object), groups.count)
    alone = np.array([";" not in word for word in several[shared]], dtype=bool)
    unit[shared] = np.where(alone, several[shared], "")
    return names, unit


def _joined(group: Indices, thing: Indices, names: NDArray[np.object_], count: int) -> NDArray[np.object_]:
    """
    Names of the different things of each group, in the order in which they come, separated by ";".

    Parameters
    ----------
    group, thing
        Pairs, shape (pairs,); the same one may come several times.
    names
        Of the things.
    count
        Number of groups; one without things gets an empty text.

    Examples
    --------
    >>> names = np.array(["Smelter", "Port"], dtype=object)
    >>> _joined(np.array([2, 0, 2, 2]), np.array([1, 1, 0, 1]), names, 3).tolist()
    ['Port', '', 'Port;Smelter']
    """
    _, first = np.unique(group * np.int64(len(names)) + thing, return_index=True)
    first.sort()
    group, thing = group[first], thing[first]
    found = np.full(count, "", dtype=object)
    found[group] = names[thing]
    many = np.bincount(group, minlength=count) > 1
    for one, members in members_of(group, many[group]):
        found[one] = ";".join(names[thing[members]])
    return found
