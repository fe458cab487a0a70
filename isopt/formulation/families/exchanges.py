"""Exchanges: set up or not, in lots, within capacities, in whole trips, to one receiver."""

from __future__ import annotations

from typing import Any

import numpy as np

from isopt.formulation.entries import Entries, place
from isopt.formulation.indexing import Indices, each_period, each_year, of_year, over_year, positions, where
from isopt.formulation.names import Names
from isopt.formulation.rows import NO_ROWS, Rows
from isopt.network import Instance


def exchange_opening(inst: Instance) -> Rows:
    r"""
    Nothing moves along an exchange that is not in place; a row per link, since that is tighter than one per exchange.

    .. math:: x_{l,t} \le u_{l,t} \, o_{e(l),y(t)} \qquad \forall l, t

    The same holds for a permit that only some flows of an exchange need, and for ways to disposal that cost something
    to set up.

    =========  ==================================================  ====
    symbol     meaning                                             unit
    =========  ==================================================  ====
    :math:`u`  tightest provable bound of what the link sends      unit
    =========  ==================================================  ====
    """
    openings, periods, names = inst.openings, inst.periods, Names(inst)
    parts = []
    for variable, member, opening, upper, labels in (
        ("flow", openings.link, openings.link_opening, inst.link_upper, names.some_links),
        ("disposed", openings.outlet, openings.outlet_opening, inst.outlet_upper, names.some_outlets),
    ):
        rows = np.arange(len(member))
        size = (len(member), len(upper))
        blocks: dict[str, Any] = {
            variable: each_period(rows, member, 1.0, size, periods),
            "opened": of_year(rows, opening, -upper.take(member, axis=0), (len(member), openings.count), periods),
        }
        parts.append(Rows(at_most=0.0, labels=names.by_period(labels(member)), **blocks))
    return Rows.stack(parts)


def lot(inst: Instance) -> Rows:
    r"""
    An exchange in place moves at least its lot in each year.

    .. math:: \sum_{l \in e} \sum_{t \in y} x_{l,t} \ge m_{e,y} \, o_{e,y} \qquad \forall e, y

    =========  ==========================  =======
    symbol     meaning                     unit
    =========  ==========================  =======
    :math:`m`  least amount sent           unit/yr
    =========  ==========================  =======
    """
    groups, names = inst.groups, Names(inst)
    which = where((groups.minimum > 0).any(axis=1))
    if not which.size:
        return NO_ROWS
    flow, disposed = _sent(inst, which)
    opening = inst.openings.of_group[which]
    rows = np.arange(len(which))
    return Rows(
        flow=flow,
        disposed=disposed,
        opened=each_year(
            rows, opening, -groups.minimum.take(which, axis=0), (len(which), inst.openings.count), inst.periods
        ),
        at_least=0.0,
        labels=names.by_year(names.groups(which)),
    )


def exchange_capacity(inst: Instance) -> Rows:
    r"""
    An exchange moves at most its capacity in each year, all materials together where it is shared.

    .. math:: \sum_{l \in e} \sum_{t \in y} x_{l,t} \le M_{e,y} \, o_{e,y} \qquad \forall e, y

    with :math:`o = 1` where nothing needs a decision.

    =========  =========================  =======
    symbol     meaning                    unit
    =========  =========================  =======
    :math:`M`  most that is sent          unit/yr
    =========  =========================  =======
    """
    groups, openings, names = inst.groups, inst.openings, Names(inst)
    which = where(np.isfinite(groups.maximum).any(axis=1))
    if not which.size:
        return NO_ROWS
    flow, disposed = _sent(inst, which)
    opening = openings.of_group[which]
    decided = where(opening >= 0)
    most = groups.maximum[which]
    bounded = np.where(np.isfinite(most[decided]), most[decided], 0.0)
    right = np.where((opening >= 0)[:, None] & np.isfinite(most), 0.0, most)
    return Rows(
        flow=flow,
        disposed=disposed,
        opened=each_year(decided, opening[decided], -bounded, (len(which), openings.count), inst.periods),
        at_most=right.ravel(),
        labels=names.by_year(names.groups(which)),
    )


def whole_trips(inst: Instance) -> Rows:
    r"""
    Whole vehicles carry what is sent, all materials of a shared exchange together.

    .. math:: \sum_{l \in e} m_l \, x_{l,t} \le V_e \, n_{e,t} \qquad \forall e, t

    =========  =========================  ======
    symbol     meaning                    unit
    =========  =========================  ======
    :math:`m`  mass of one unit           t/unit
    :math:`V`  tonnes that one takes      t
    =========  =========================  ======
    """
    which = inst.trip_groups
    if not which.size:
        return NO_ROWS
    position = positions(inst.groups.count, which)
    links, outlets, names = inst.links, inst.outlets, Names(inst)
    carried = where(position[links.group] >= 0)
    grouped = where(outlets.group >= 0)
    hauled = grouped[position[outlets.group[grouped]] >= 0]
    rows = np.arange(len(which))
    return Rows(
        flow=each_period(
            position[links.group[carried]],
            carried,
            links.tonnes_per_unit[carried],
            (len(which), links.count),
            inst.periods,
        ),
        disposed=each_period(
            position[outlets.group[hauled]],
            hauled,
            outlets.tonnes_per_unit[hauled],
            (len(which), outlets.count),
            inst.periods,
        ),
        trips=each_period(rows, rows, -inst.groups.vehicle_t[which], (len(which), len(which)), inst.periods),
        at_most=0.0,
        labels=names.by_period(names.groups(which)),
    )


def single_receiver(inst: Instance) -> Rows:
    r"""
    A stream or output of a single receiver goes to one facility at most over the horizon, disposal not counted.

    .. math:: x_{l,t} \le u_{l,t} \, h_{s(l),f(l)} \quad \forall l, t, \qquad \sum_f h_{s,f} \le 1 \quad \forall s

    =========  ==================================================  ====
    symbol     meaning                                             unit
    =========  ==================================================  ====
    :math:`u`  tightest provable bound of what the link sends      unit
    =========  ==================================================  ====
    """
    origin, _, choice = inst.single
    if not origin.size:
        return NO_ROWS
    member = where(choice >= 0)
    count = inst.periods.count
    rows = np.arange(len(member) * count)
    flow = each_period(np.arange(len(member)), member, 1.0, (len(member), inst.links.count), inst.periods)
    size = (len(rows), len(origin))
    chosen = place(rows, np.repeat(choice[member], count), -inst.link_upper[member].ravel(), size)
    unique, row = np.unique(origin, return_inverse=True)
    one = place(row, np.arange(len(origin)), 1.0, (len(unique), len(origin)))
    names = Names(inst)
    return Rows.stack(
        [
            Rows(flow=flow, chosen=chosen, at_most=0.0, labels=names.by_period(names.some_links(member))),
            Rows(chosen=one, at_most=1.0, labels=names.origins(unique)),
        ]
    )


def disposal_capacity(inst: Instance) -> Rows:
    r"""
    A disposal takes at most its capacity in each year.

    .. math:: \sum_{o \in O(f)} \sum_{t \in y} a_o \, w_{o,t} \le C_{f,y} \qquad \forall f, y

    =========  ==================================  =======
    symbol     meaning                             unit
    =========  ==================================  =======
    :math:`C`  capacity                            unit/yr
    :math:`a`  share of what is sent that arrives  1
    =========  ==================================  =======
    """
    periods, outlets, names = inst.periods, inst.outlets, Names(inst)
    capacity = inst.scenario.at("disposals", "capacity_per_yr")[:, periods.first_of_year]
    which = where(~np.isnan(capacity).all(axis=1))
    if not which.size:
        return NO_ROWS
    position = positions(len(capacity) + 1, which)
    into = where(position[outlets.disposal] >= 0)
    return Rows(
        disposed=over_year(
            position[outlets.disposal[into]], into, outlets.arrives[into], (len(which), outlets.count), periods
        ),
        at_most=np.nan_to_num(capacity[which], nan=np.inf).ravel(),
        labels=names.by_year(names.disposals(which)),
    )


def _sent(inst: Instance, which: Indices) -> tuple[Entries, Entries]:
    """What the links, and the ways to disposal, of some groups send in each year."""
    links, outlets = inst.links, inst.outlets
    position = positions(inst.groups.count, which)
    carried = where(position[links.group] >= 0)
    grouped = where(outlets.group >= 0)
    hauled = grouped[position[outlets.group[grouped]] >= 0]
    return (
        over_year(position[links.group[carried]], carried, 1.0, (len(which), links.count), inst.periods),
        over_year(position[outlets.group[hauled]], hauled, 1.0, (len(which), outlets.count), inst.periods),
    )
