"""Dropping what can't improve any plan, only where that is proven."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from isopt.network.instance import Instance
from isopt.network.ledger import ledger_of
from isopt.network.nodes import Kind

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


def improving_ways(instance: Instance) -> Flags:
    r"""
    Tell which candidates to keep when another way out of the same origin is at least as good.

    A way :math:`w` leaves if its origin has another way :math:`w'` that nothing bounds, with

    .. math:: c_{w',t} \le c_{w,t} \quad \forall t

    where :math:`c` holds all that the objective counts: whatever a plan sends along :math:`w` may go along :math:`w'`
    instead. The first of equal ways stays. This needs that no limit on CO2, landfill or diversion tells the ways
    apart, that the other way has neither a capacity, a fixed cost nor whole trips, and that the links table does not
    require the way. Where cost breaks the ties of another objective, the other way has to be as good in both.

    Returns
    -------
    kept
        Shape (candidates,).
    """
    outlets, found = instance.outlets, instance.candidates
    kept = np.ones(found.count, dtype=bool)
    if not outlets.count or _physical_limits(instance):
        return kept
    costs = _coefficients(instance, "disposed", outlets.count)
    free = _unbounded(instance)
    position = np.flatnonzero(found.to_disposal)
    group = outlets.group[: len(position)]
    kept[position] = ~_beaten(costs, outlets.origin, free)[: len(position)] | (
        instance.groups.status[group] == "required"
    )
    return kept


def improving_links(instance: Instance) -> Flags:
    r"""
    Tell which candidates to keep when both ends do at least as well without an exchange.

    A link :math:`l` from stream :math:`s` to demand :math:`d` leaves if in every period what it costs is at least
    what it avoids,

    .. math:: c_{l,t} \ge a_{s,t} + \rho_{l,t} b_{d,t} \quad \forall t

    with :math:`a` the best unbounded way out of the stream (nothing, if it need not be placed) and :math:`b` the
    purchase (nothing, if the demand may
    stay unmet): the same amounts, disposed of and bought, cost no more. A link that is alone in its exchange also
    leaves if its best saving can't pay
    the fixed cost, :math:`\sum_t \sigma_{l,t} u_{l,t} \le \sum_y F_{e,y}`. The proof needs that the link serves
    nothing else: no limit on CO2, landfill or diversion, no least share of by-products, no lot that it helps to fill,
    no blend that it helps to thin, no stock that moves it to another period, no required exchange, and none that is
    paid for being there.

    Returns
    -------
    kept
        Shape (candidates,).
    """
    links, found, parties = instance.links, instance.candidates, instance.parties
    kept = np.ones(found.count, dtype=bool)
    streams = parties.origins.kind[links.origin] == Kind.STREAM
    demands = parties.receivers.kind[links.receiver] == Kind.DEMAND
    direct = np.flatnonzero(streams & demands)
    if not direct.size or _physical_limits(instance):
        return kept
    dominated = np.ones(direct.size, dtype=bool)
    for avoided, bought, cost in zip(
        _avoided(instance), _bought(instance), _coefficients(instance, "flow", links.count), strict=True
    ):
        factor = np.broadcast_to(links.factor, (links.count, instance.periods.count))[direct]
        with np.errstate(invalid="ignore"):  # no way out and nothing arriving: not a number, and so not dominated
            saving = avoided[links.origin[direct]] - cost[direct] + factor * bought[links.receiver[direct]]
        useless = (saving <= 0).all(axis=1)
        dominated &= useless | _cannot_pay(instance, direct, saving)
    position = np.flatnonzero(~found.to_disposal)
    kept[position[direct]] = ~(dominated & _serves_nothing_else(instance, direct))
    return kept


def _physical_limits(instance: Instance) -> bool:
    """Whether a limit on amounts makes a dearer way useful."""
    limits = instance.limits
    return not (np.isnan(limits.co2_t).all() and np.isnan(limits.landfilled_t).all())


def _coefficients(instance: Instance, variable: str, rows: int) -> list[Array]:
    """What the objective counts of a variable, and the cost that breaks its ties; each of shape (rows, periods)."""
    ledger, shape = ledger_of(instance), (rows, instance.periods.count)
    goals = [instance.minimise] if set(instance.minimise) == {"cost"} else [instance.minimise, {"cost": 1.0}]
    return [ledger.objective(goal)[0].get(variable, np.zeros(shape)).reshape(shape) for goal in goals]


def _unbounded(instance: Instance) -> Flags:
    """Outlets that take anything at a price per unit alone, in every period. Shape (outlets,)."""
    outlets, groups = instance.outlets, instance.groups
    capacity = np.full(len(instance.scenario.disposals) + 1, np.nan)
    capacity[:-1] = np.nan_to_num(instance.scenario.at("disposals", "capacity_per_yr"), nan=np.inf).min(
        axis=1, initial=np.inf
    )
    capacity[-1] = np.inf  # own disposal, index -1
    free = np.isinf(capacity[outlets.disposal]) & outlets.available.all(axis=1) & (outlets.arrives > 0).all(axis=1)
    grouped = outlets.group >= 0
    simple = (
        (instance.openings.of_group < 0) & np.isinf(groups.maximum).all(axis=1) & (groups.eur_per_trip == 0).all(axis=1)
    )
    free[grouped] &= simple[outlets.group[grouped]]
    return np.asarray(free, dtype=bool)


def _beaten(costs: list[Array], owner: Indices, free: Flags) -> Flags:
    """Mark rows for which a free row of the same owner is nowhere dearer; of equals the first stays."""
    beaten = np.zeros(len(owner), dtype=bool)
    total = np.hstack(costs)
    champion = np.full(int(owner.max(initial=-1)) + 1, -1, dtype=np.int64)
    order = np.lexsort((np.arange(len(owner)), total.sum(axis=1)))
    dearest_first = order[free[order]][::-1]
    champion[owner[dearest_first]] = dearest_first  # the last one written, the cheapest, stays
    best = champion[owner]
    rival = (best >= 0) & (best != np.arange(len(owner)))
    beaten[rival] = (total[best[rival]] <= total[rival]).all(axis=1)
    return beaten


def _avoided(instance: Instance) -> list[Array]:
    """What placing a unit of each origin elsewhere costs, shape (origins, periods); infinity where it can't be."""
    outlets, result = instance.outlets, []
    streams = instance.parties.origins.of(Kind.STREAM)
    for cost in _coefficients(instance, "disposed", outlets.count):
        price = np.full((instance.parties.origins.count, instance.periods.count), np.inf)
        free = np.flatnonzero(_unbounded(instance))
        np.minimum.at(price, outlets.origin[free], cost[free])
        optional = streams[~instance.must_place]
        price[optional] = np.minimum(price[optional], 0.0)
        result.append(price)
    return result


def _bought(instance: Instance) -> list[Array]:
    """What a unit of each demand costs without exchange, shape (receivers, periods); infinity where it can't be."""
    result = []
    for cost in _coefficients(instance, "virgin", len(instance.buyable)):
        price = np.full((instance.parties.receivers.count, instance.periods.count), np.inf)
        demands = instance.parties.receivers.of(Kind.DEMAND)
        price[demands[instance.buyable]] = np.where(np.isnan(instance.virgin_price[instance.buyable]), np.inf, cost)
        optional = demands[~instance.must_meet]
        price[optional] = np.minimum(price[optional], 0.0)
        result.append(price)
    return result


def _cannot_pay(instance: Instance, direct: Indices, saving: Array) -> Flags:
    """Whether the best saving of a link that is alone in its exchange stays below its fixed cost."""
    links, openings, periods = instance.links, instance.openings, instance.periods
    alone = np.bincount(links.group, minlength=instance.groups.count)[links.group[direct]] == 1
    opening = openings.of_group[links.group[direct]]
    fixed = np.zeros(direct.size)
    if set(instance.minimise) == {"cost"} and openings.count and len(periods.years) == 1:
        ledger, _ = ledger_of(instance).objective(instance.minimise)
        price = ledger.get("opened", np.zeros(openings.count))
        fixed = np.where(opening >= 0, price[opening], 0.0)
    with np.errstate(invalid="ignore"):
        best = (np.maximum(saving, 0.0) * instance.link_upper[direct]).sum(axis=1)
    return np.asarray(alone & (fixed > 0) & (best <= fixed), dtype=bool)


def _serves_nothing_else(instance: Instance, direct: Indices) -> Flags:
    """Whether a link has no use besides what it saves at its two ends."""
    links, scenario = instance.links, instance.scenario
    group, stream, receiver = links.group[direct], links.origin[direct], links.receiver[direct]
    demand = instance.parties.receivers.row[receiver]
    plain = (instance.groups.status[group] == "allowed") & (instance.groups.minimum[group] <= 0).all(axis=1)
    plain &= (instance.min_share[demand] <= 0).all(axis=1)
    blended = set(scenario.quality_limits["demand"])
    plain &= ~np.isin(scenario.demands["demand"].to_numpy().astype(str)[demand], list(blended))
    plain &= ~np.isin(stream, instance.stocks.stream) & ~np.isin(demand, instance.stocks.demand)
    plain &= ~_earns_by_being_there(instance)[group]
    return np.asarray(plain, dtype=bool)


def _earns_by_being_there(instance: Instance) -> Flags:
    """Groups that a negative set-up, permit or capital makes worth opening, whatever they carry. Shape (groups,)."""
    openings, earns = instance.openings, np.zeros(instance.groups.count, dtype=bool)
    earns[openings.group[(openings.fixed_eur_per_yr < 0).any(axis=1) | (openings.capex_eur < 0)]] = True
    return earns
