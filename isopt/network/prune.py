"""Dropping what can't improve any plan, only where that is proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from isopt.network.instance import Instance
from isopt.network.ledger import ledger_of
from isopt.network.nodes import Kind

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: What one unit of each variable costs, flat, as `Ledger.objective` gives it.
Prices = Mapping[str, Array]
#: Boxes, each by the prices at its corners; inside of one, each price is a mean of those at the corners.
Cells = Sequence[Sequence[Prices]]


def improving_ways(instance: Instance, cells: Cells | None = None) -> Flags:
    r"""
    Tell which candidates to keep when another way out of the same origin is at least as good.

    A way :math:`w` leaves if its origin has another way :math:`w'` that nothing bounds, with

    .. math:: c_{w',t} \le c_{w,t} \quad \forall t

    where :math:`c` holds all that the objective counts: whatever a plan sends along :math:`w` may go along :math:`w'`
    instead. The first of equal ways stays. This needs that no limit on CO2, landfill or diversion tells the ways
    apart, that the other way has neither a capacity, a fixed cost nor whole trips, and that the links table does not
    require the way. Where cost breaks the ties of another objective, the other way has to be as good in both. Prices
    that move in straight lines keep the order that they have at all corners of a box.

    Parameters
    ----------
    instance
        With all its candidates.
    cells
        Boxes in which the prices may lie; those of the instance alone, if not given.

    Returns
    -------
    kept
        Shape (candidates,).
    """
    outlets, found = instance.outlets, instance.candidates
    kept = np.ones(found.count, dtype=bool)
    if not outlets.count or _physical_limits(instance):
        return kept
    costs = _at_corners(instance, _own(instance) if cells is None else cells, "disposed", outlets.count)
    free = _unbounded(instance)
    position = np.flatnonzero(found.to_disposal)
    group = outlets.group[: len(position)]
    kept[position] = ~_beaten(costs, outlets.origin, free)[: len(position)] | (
        instance.groups.status[group] == "required"
    )
    return kept


def improving_links(instance: Instance, cells: Cells | None = None) -> Flags:
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

    Where prices may lie anywhere in a box, what a link saves against one alternative :math:`o` (a way out and the
    purchase, or nothing in place of either) is largest at a corner, and what it saves is at most the least of these:

    .. math:: \max_\lambda \min_o s_o(\lambda) \le \min_o \max_k s_o(\lambda_k)

    That the link saves nothing at all corners proves nothing: against two ways out that cross it may pay in between.

    Parameters
    ----------
    instance
        With all its candidates.
    cells
        Boxes in which the prices may lie; those of the instance alone, if not given. Many small boxes prove more than a
        large one.

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
    free = _unbounded(instance)
    for cell in _own(instance) if cells is None else cells:
        saving = _most_saved(instance, direct, free, cell)
        useless = (saving <= 0).all(axis=1)
        dominated &= useless | _cannot_pay(instance, direct, saving, cell)
    position = np.flatnonzero(~found.to_disposal)
    kept[position[direct]] = ~(dominated & _serves_nothing_else(instance, direct))
    return kept


def _physical_limits(instance: Instance) -> bool:
    """Whether a limit on amounts makes a dearer way useful."""
    limits = instance.limits
    return not (np.isnan(limits.co2_t).all() and np.isnan(limits.landfilled_t).all())


def _own(instance: Instance) -> Cells:
    """What the objective counts, and the cost that breaks its ties: each a box of one point."""
    goals = [instance.minimise] if set(instance.minimise) == {"cost"} else [instance.minimise, {"cost": 1.0}]
    ledger = ledger_of(instance)
    return [[ledger.objective(goal)[0]] for goal in goals]


def _at_corners(instance: Instance, cells: Cells, variable: str, rows: int) -> list[Array]:
    """Prices of a variable at all corners of some boxes, each of shape (rows, periods)."""
    shape = rows, instance.periods.count
    return [prices.get(variable, np.zeros(shape)).reshape(shape) for cell in cells for prices in cell]


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


def _most_saved(instance: Instance, direct: Indices, free: Flags, cell: Sequence[Prices]) -> Array:
    """Most that a unit on each direct link saves anywhere in a box, shape (direct links, periods)."""
    links, periods = instance.links, instance.periods.count
    factor = np.broadcast_to(links.factor, (links.count, periods))[direct]
    cost = [price[direct] for price in _at_corners(instance, [cell], "flow", links.count)]
    most = np.full((direct.size, periods), np.inf)
    purchases = _purchases(instance, cell)
    for avoided in _ways_out(instance, free, cell):
        for bought in purchases:
            with np.errstate(invalid="ignore"):  # no purchase and nothing arriving: not a number, and so no alternative
                at_corners = [
                    out[links.origin[direct]] - carried + factor * price[links.receiver[direct]]
                    for out, carried, price in zip(avoided, cost, bought, strict=True)
                ]
            most = np.fmin(most, np.maximum.reduce(at_corners))
    return most


def _ways_out(instance: Instance, free: Flags, cell: Sequence[Prices]) -> list[list[Array]]:
    """
    What placing a unit of each origin elsewhere costs at each corner of a box, shape (origins, periods).

    Each list has one way out for every origin, infinite where it has no further one.
    """
    outlets, shape = instance.outlets, (instance.parties.origins.count, instance.periods.count)
    costs = _at_corners(instance, [cell], "disposed", outlets.count)
    optional = instance.parties.origins.of(Kind.STREAM)[~instance.must_place]
    nothing = np.full(shape, np.inf)
    nothing[optional] = 0.0
    found = [[nothing] * len(costs)] if optional.size else []
    useful = np.flatnonzero(free & ~_beaten(costs, outlets.origin, free)) if outlets.count else np.zeros(0, np.int64)
    useful = useful[np.argsort(outlets.origin[useful], kind="stable")]
    owner = outlets.origin[useful]
    rank = np.arange(len(useful)) - np.searchsorted(owner, owner)
    for place in range(int(rank.max(initial=-1)) + 1):
        chosen = rank == place
        corners = []
        for cost in costs:
            price = np.full(shape, np.inf)
            price[owner[chosen]] = cost[useful[chosen]]
            corners.append(price)
        found.append(corners)
    return found


def _purchases(instance: Instance, cell: Sequence[Prices]) -> list[list[Array]]:
    """What a unit of each demand costs without exchange at each corner: bought, or nothing where it may stay unmet."""
    shape = instance.parties.receivers.count, instance.periods.count
    demands = instance.parties.receivers.of(Kind.DEMAND)
    bought = []
    for cost in _at_corners(instance, [cell], "virgin", len(instance.buyable)):
        price = np.full(shape, np.inf)
        price[demands[instance.buyable]] = np.where(np.isnan(instance.virgin_price[instance.buyable]), np.inf, cost)
        bought.append(price)
    nothing = np.full(shape, np.inf)
    nothing[demands[~instance.must_meet]] = 0.0
    return [bought, [nothing] * len(bought)]


def _cannot_pay(instance: Instance, direct: Indices, saving: Array, cell: Sequence[Prices]) -> Flags:
    """Whether the best saving of a link that is alone in its exchange stays below its fixed cost."""
    links, openings, periods = instance.links, instance.openings, instance.periods
    alone = np.bincount(links.group, minlength=instance.groups.count)[links.group[direct]] == 1
    opening = openings.of_group[links.group[direct]]
    fixed = np.zeros(direct.size)
    if set(instance.minimise) == {"cost"} and openings.count and len(periods.years) == 1:
        price = np.minimum.reduce([prices.get("opened", np.zeros(openings.count)) for prices in cell])
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
    plain &= ~np.isin(scenario.demands["demand"].to_numpy().astype(str), list(blended))[demand]
    plain &= ~np.isin(np.arange(instance.parties.origins.count), instance.stocks.stream)[stream]
    plain &= ~np.isin(np.arange(len(scenario.demands)), instance.stocks.demand)[demand]
    plain &= ~_earns_by_being_there(instance)[group]
    return np.asarray(plain, dtype=bool)


def _earns_by_being_there(instance: Instance) -> Flags:
    """Groups that a negative set-up, permit or capital makes worth opening, whatever they carry. Shape (groups,)."""
    openings, earns = instance.openings, np.zeros(instance.groups.count, dtype=bool)
    earns[openings.group[(openings.fixed_eur_per_yr < 0).any(axis=1) | (openings.capex_eur < 0)]] = True
    return earns
