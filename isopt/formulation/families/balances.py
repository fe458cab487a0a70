"""Balances: nothing vanishes and nothing comes from nowhere."""

from __future__ import annotations

import numpy as np

from isopt.formulation.entries import Entries, place
from isopt.formulation.indexing import each_period, of_year, positions, where
from isopt.formulation.names import Names
from isopt.formulation.rows import NO_ROWS, Rows
from isopt.network import Instance


def stream_balance(inst: Instance) -> Rows:
    r"""
    Every unit of a stream is exchanged, disposed of or stocked; of one that need not be placed, at most every unit.

    .. math::
        \sum_{l \in L^+(s)} x_{l,t} + \sum_{o \in O(s)} w_{o,t} - \sum_{k \in K(s)} r_{k,t} \;=\; (\le)\; Q_{s,t}
        \qquad \forall s, t

    ============  ==================================  ====
    symbol        meaning                             unit
    ============  ==================================  ====
    :math:`Q`     supply in the period                unit
    :math:`L^+`   links that leave the stream
    :math:`O`     outlets of the stream
    :math:`K`     its stock, where there is one
    ============  ==================================  ====
    """
    names = Names(inst)
    streams, links, outlets = len(inst.supply), inst.links, inst.outlets
    leave = where(links.origin < streams)
    out = where(outlets.origin < streams)
    stock = where(inst.stocks.stream >= 0)
    supply = inst.supply.ravel()
    must = np.repeat(inst.must_place, inst.periods.count)
    return Rows(
        flow=each_period(links.origin[leave], leave, 1.0, (streams, links.count), inst.periods),
        disposed=each_period(outlets.origin[out], out, 1.0, (streams, outlets.count), inst.periods),
        drawn=each_period(inst.stocks.stream[stock], stock, -1.0, (streams, inst.stocks.count), inst.periods),
        between=(np.where(must, supply, -np.inf), supply),
        labels=names.by_period(names.streams),
    )


def demand_balance(inst: Instance) -> Rows:
    r"""
    A demand that must be met is met by what arrives, weighted by what it replaces, and by purchase; another at most.

    .. math::
        \sum_{l \in L^-(d)} \rho_l a_l x_{l,t} + v_{d,t} + \sum_{k \in K(d)} r_{k,t} \;=\; (\le)\; D_{d,t} \qquad
        \forall d, t

    ============  ===========================================  ==========
    symbol        meaning                                      unit
    ============  ===========================================  ==========
    :math:`D`     need in the period                           unit
    :math:`\rho`  units replaced by one unit arrived           unit/unit
    :math:`a`     share of what is sent that arrives           1
    ============  ===========================================  ==========
    """
    names = Names(inst)
    demands, links = len(inst.need), inst.links
    arrive = where(links.receiver < demands)
    stock = where(inst.stocks.demand >= 0)
    bought = np.arange(len(inst.buyable))
    need = inst.need.ravel()
    must = np.repeat(inst.must_meet, inst.periods.count)
    return Rows(
        flow=each_period(
            links.receiver[arrive], arrive, links.factor.take(arrive, axis=0), (demands, links.count), inst.periods
        ),
        virgin=each_period(inst.buyable, bought, 1.0, (demands, len(bought)), inst.periods),
        drawn=each_period(inst.stocks.demand[stock], stock, 1.0, (demands, inst.stocks.count), inst.periods),
        between=(np.where(must, need, -np.inf), need),
        labels=names.by_period(names.demands),
    )


def plant_balance(inst: Instance) -> Rows:
    r"""
    A plant processes what arrives or waits in its stock, and places all that its yields make of it.

    .. math::
        \sum_{l \in L^-(i)} a_l x_{l,t} + \sum_{k \in K(i)} r_{k,t} &= g_{i,t} \qquad \forall i, t \\
        \sum_{i} \sum_{t' : t' + \lambda_{i,j} = t} \eta_{i,j,t'} \, g_{i,t'} &= \sum_{l \in L^+(j)} x_{l,t} + \sum_{o
        \in O(j)} w_{o,t} \qquad \forall j, t

    ===============  =====================================================  =========
    symbol           meaning                                                unit
    ===============  =====================================================  =========
    :math:`\eta`     units of output j per unit of input i                  unit/unit
    :math:`\lambda`  years until it arises, in the same season              yr
    ===============  =====================================================  =========
    """
    plants, links, outlets, periods = inst.plants, inst.links, inst.outlets, inst.periods
    if not plants.count:
        return NO_ROWS
    origins, streams, names = inst.parties.origins, len(inst.supply), Names(inst)
    fed = where(plants.input_node >= 0)
    row_of_node = positions(inst.parties.receivers.count, plants.input_node[fed])
    into = where(row_of_node[links.receiver] >= 0)
    stock_input = positions(plants.inputs, fed)
    stock = where(inst.stocks.input >= 0)
    arriving = Rows(
        flow=each_period(
            row_of_node[links.receiver[into]], into, links.arrives.take(into, axis=0), (len(fed), links.count), periods
        ),
        drawn=each_period(stock_input[inst.stocks.input[stock]], stock, 1.0, (len(fed), inst.stocks.count), periods),
        throughput=each_period(np.arange(len(fed)), fed, -1.0, (len(fed), plants.inputs), periods),
        equals=0.0,
        labels=names.by_period(lambda: [name for g, name in enumerate(names.inputs()) if plants.input_node[g] >= 0]),
    )
    made = origins.count - streams
    leave = where(links.origin >= streams)
    out = where(outlets.origin >= streams)
    leaving = Rows(
        throughput=_yields(inst),
        flow=each_period(links.origin[leave] - streams, leave, -1.0, (made, links.count), periods),
        disposed=each_period(outlets.origin[out] - streams, out, -1.0, (made, outlets.count), periods),
        equals=0.0,
        labels=names.by_period(names.outputs),
    )
    return Rows.stack([arriving, leaving])


def _yields(inst: Instance) -> Entries | None:
    """Outputs made of throughput: row (output, period it arises in), column (input, period it was processed in)."""
    plants, periods, streams = inst.plants, inst.periods, len(inst.supply)
    if not plants.yield_lag_yr.any():
        made = (inst.parties.origins.count - streams, plants.inputs)
        return each_period(plants.yield_origin - streams, plants.yield_input, plants.yield_factor, made, periods)
    rows, columns, values = [], [], []
    for years in sorted(set(plants.yield_lag_yr.tolist())):
        which = where(plants.yield_lag_yr == years)
        arises = periods.lagged(years)
        made_in = where(arises >= 0)
        rows.append(((plants.yield_origin[which] - streams)[:, None] * periods.count + arises[made_in]).ravel())
        columns.append((plants.yield_input[which][:, None] * periods.count + made_in).ravel())
        values.append(plants.yield_factor[which][:, made_in].ravel())
    shape = ((inst.parties.origins.count - streams) * periods.count, plants.inputs * periods.count)
    return place(np.concatenate(rows), np.concatenate(columns), np.concatenate(values), shape) if rows else None


def stock_balance(inst: Instance) -> Rows:
    r"""
    What a stock holds is what it held less what was drawn; it ends as it began.

    .. math:: q_{k,t} = q_{k,t-1} - r_{k,t}, \qquad q_{k,0} = q_{k,T} = q^0_k \qquad \forall k, t

    ===========  ===========================================================  ====
    symbol       meaning                                                      unit
    ===========  ===========================================================  ====
    :math:`q^0`  what it holds at first and at last (0 with a new plant)      unit
    ===========  ===========================================================  ====
    """
    stocks, count, names = inst.stocks.count, inst.periods.count, Names(inst)
    if not stocks:
        return NO_ROWS
    size = stocks * count
    every = np.arange(size)
    later = every[every % count > 0]
    held = np.concatenate([np.ones(size), np.full(len(later), -1.0)])
    start = np.zeros((stocks, count))
    start[:, :1] = inst.stocks.initial[:, None]
    return Rows(
        stock=Entries(np.concatenate([every, later]), np.concatenate([every, later - 1]), held, (size, size)),
        drawn=place(every, every, 1.0, (size, size)),
        equals=start.ravel(),
        labels=names.by_period(names.stocks),
    )


def stock_capacity(inst: Instance) -> Rows:
    r"""
    A candidate plant's stock exists while the plant stands.

    .. math:: q_{k,t} \le C_k \, z_{p(k),y(t)} \qquad \forall k : p(k) \text{ candidate}, t

    =========  ==============================================================  ====
    symbol     meaning                                                         unit
    =========  ==============================================================  ====
    :math:`C`  what the stock can hold (else what can ever arrive)             unit
    =========  ==============================================================  ====
    """
    stocks, plants, names = inst.stocks, inst.plants, Names(inst)
    which = where(stocks.plant >= 0)
    which = which[~plants.existing[stocks.plant[which]]]
    if not which.size:
        return NO_ROWS
    position = positions(plants.count, plants.candidates)
    ever = inst.bounds.throughput.sum(axis=1)[stocks.input[which]]
    capacity = np.minimum(stocks.capacity[which], ever[:, None])
    rows = np.arange(len(which))
    return Rows(
        stock=each_period(rows, which, 1.0, (len(which), stocks.count), inst.periods),
        built=of_year(
            rows, position[stocks.plant[which]], -capacity, (len(which), len(plants.candidates)), inst.periods
        ),
        at_most=0.0,
        labels=names.by_period(lambda: [names.stocks()[k] for k in which]),
    )
