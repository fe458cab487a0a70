"""Provable upper bounds of every flow: what can be there to send, and what can be taken at the other end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

from isopt.network.nodes import Kind, Parties
from isopt.network.periods import Periods
from isopt.network.plants import Plants, Stocks

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Bounds:
    """
    The most that can happen in a period, whatever is decided.

    Attributes
    ----------
    origin
        Units that an origin can send, shape (origins, periods).
    receiver
        Units that a demand or input can take (a demand's own unit), shape (receivers, periods); infinity at disposals.
    throughput
        Units of each input that its plant can process, shape (inputs, periods).
    """

    origin: Array
    receiver: Array
    throughput: Array


@dataclass(frozen=True)
class Ways:
    """The links: their nodes, shape (links,), and the receiver's units per unit sent, shape (links, periods)."""

    origin: Indices
    receiver: Indices
    factor: Array


def bounds_of(
    parties: Parties,
    periods: Periods,
    plants: Plants,
    stocks: Stocks,
    ways: Ways,
    supply: Array,
    taken: Array,
) -> Bounds:
    """
    Propagate bounds through the chains of plants until nothing changes.

    Supply, need and capacity bound the ends; a plant takes no more than can arrive and makes no more than its yields
    allow. A loop of plants
    without capacities is bounded by a linear program over the whole horizon.

    Parameters
    ----------
    parties, periods, plants, stocks
        The instance so far.
    ways
        Candidate exchanges.
    supply
        Units that arise, shape (streams, periods).
    taken
        Units that each demand takes at most, shape (demands, periods).

    Notes
    -----
    What nothing bounds (a plant that makes something of nothing, a loop without loss) stays infinite; whoever needs a
    bound there must say so.
    """
    origins, receivers = parties.origins, parties.receivers
    streams = len(supply)
    origin = np.full((origins.count, periods.count), np.inf)
    origin[:streams] = supply
    receiver = np.full((receivers.count, periods.count), np.inf)
    demands = receivers.of(Kind.DEMAND)
    receiver[demands] = taken
    _add_stocks(origin, receiver, demands, stocks, supply, taken)

    size = (plants.capacity + plants.headroom) * periods.share
    throughput = size[plants.input_plant]
    lag = {int(years): periods.lagged(int(years)) for years in np.unique(plants.yield_lag_yr)}
    stock_of_input = _stock_room(stocks, plants.inputs, periods.count)
    pair_key = ways.origin * np.int64(receivers.count) + ways.receiver
    pairs, pair_of = np.unique(pair_key, return_inverse=True)
    best = np.zeros((len(pairs), periods.count))
    np.maximum.at(best, pair_of, np.broadcast_to(ways.factor, (len(pair_key), periods.count)))
    giver, taker = pairs // receivers.count, pairs % receivers.count
    for _ in range(2 * plants.count + 2):
        before = throughput
        origin[streams:] = _made(plants, lag, throughput, origins.count)[streams:]
        inflow = np.zeros((receivers.count, periods.count))
        np.add.at(inflow, taker, _times(best, origin[giver]))
        has_node = plants.input_node >= 0
        arriving = np.where(has_node[:, None], inflow[plants.input_node] + stock_of_input, np.inf)
        throughput = np.minimum(throughput, arriving)
        if np.array_equal(before, throughput):
            break
    if np.isinf(throughput).any():
        throughput = _by_program(parties, periods, plants, stocks, ways, supply, taken, throughput)
        origin[streams:] = _made(plants, lag, throughput, origins.count)[streams:]
    nodes = plants.input_node[plants.input_node >= 0]
    receiver[nodes] = (throughput + stock_of_input)[plants.input_node >= 0]
    return Bounds(origin, receiver, throughput)


def _made(plants: Plants, lag: dict[int, Indices], throughput: Array, origins: int) -> Array:
    """Most that each plant output can amount to in the period in which it arises, shape (origins, periods)."""
    made = np.zeros((origins, throughput.shape[1]))
    for years, arises in lag.items():
        which, on = plants.yield_lag_yr == years, arises >= 0
        amount = _times(plants.yield_factor[which], throughput[plants.yield_input[which]])
        np.add.at(made, (plants.yield_origin[which][:, None], arises[on][None, :]), amount[:, on])
    return made


def _times(factor: Array, amount: Array) -> Array:
    """Multiply, with nothing times infinity being nothing."""
    with np.errstate(invalid="ignore"):
        return np.where(factor == 0, 0.0, factor * np.where(factor == 0, 0.0, amount))


def _add_stocks(origin: Array, receiver: Array, demands: Indices, stocks: Stocks, supply: Array, taken: Array) -> None:
    """Let what a stock can hold be sent or taken beside what the period itself brings."""
    for q in range(stocks.count):
        if stocks.stream[q] >= 0:
            s = stocks.stream[q]
            room = np.minimum(_previous(stocks, q), supply[s].sum() + stocks.initial[q])
            origin[s] = np.minimum(supply[s] + room, supply[s].sum() + stocks.initial[q])
        elif stocks.demand[q] >= 0:
            d = stocks.demand[q]
            receiver[demands[d]] = np.minimum(taken[d] + stocks.capacity[q], taken[d].sum() + stocks.initial[q])


def _previous(stocks: Stocks, q: int) -> Array:
    """Most that a stock can hold at the beginning of each period."""
    return np.concatenate([[stocks.initial[q]], stocks.capacity[q, :-1]])


def _stock_room(stocks: Stocks, inputs: int, periods: int) -> Array:
    """What the stock of each input can add to a period's arrivals (or take of them), shape (inputs, periods)."""
    room = np.zeros((inputs, periods))
    for q in range(stocks.count):
        if stocks.input[q] >= 0:
            room[stocks.input[q]] = np.maximum(_previous(stocks, q), stocks.capacity[q])
    return room


def _by_program(
    parties: Parties,
    periods: Periods,
    plants: Plants,
    stocks: Stocks,
    ways: Ways,
    supply: Array,
    taken: Array,
    throughput: Array,
) -> Array:
    """
    Bound the inputs that the chains leave open by the most that they could process over the whole horizon.

    The program keeps the balances of the sums over all periods (no amount is negative, so a period never exceeds the
    sum): origins send no more than
    arises, inputs process no more than arrives. Its optimum is an upper bound, since everything else is left out.
    """
    origins, receivers = parties.origins.count, parties.receivers.count
    links, inputs = len(ways.origin), plants.inputs
    column = np.arange(links)
    send = sp.csr_array((np.ones(links), (ways.origin, column)), shape=(origins, links))
    make = sp.csr_array(
        (plants.yield_factor.max(axis=1), (plants.yield_origin, plants.yield_input)), shape=(origins, inputs)
    )
    best = np.broadcast_to(ways.factor, (links, periods.count)).max(axis=1)
    arrive = sp.csr_array((best, (ways.receiver, column)), shape=(receivers, links))
    fed = np.flatnonzero(plants.input_node >= 0)
    use = sp.csr_array((np.ones(len(fed)), (plants.input_node[fed], fed)), shape=(receivers, inputs))
    demand = parties.receivers.of(Kind.DEMAND)
    node = plants.input_node[fed]
    available = np.zeros(origins)
    available[: len(supply)] = supply.sum(axis=1)
    kept, held = np.zeros(receivers), stocks.initial
    for q in range(stocks.count):
        if stocks.stream[q] >= 0:
            available[stocks.stream[q]] += held[q]
        elif stocks.input[q] >= 0:
            kept[plants.input_node[stocks.input[q]]] += held[q]
    matrix = sp.vstack(
        [
            sp.hstack([send, -make]),
            sp.hstack([-arrive[node], use[node]]),
            sp.hstack([arrive[demand], sp.csr_array((len(demand), inputs))]),
        ]
    )
    right = np.concatenate([available, kept[node], taken.sum(axis=1)])
    finite = np.isfinite(throughput).all(axis=1)
    most = np.where(finite, np.where(np.isfinite(throughput), throughput, 0.0).sum(axis=1), np.inf)
    limits = [(0.0, None)] * links + [(0.0, None if np.isinf(m) else float(m)) for m in most]
    known = np.isfinite(right)
    found = throughput.copy()
    for g in np.flatnonzero(~finite):
        goal = np.zeros(links + inputs)
        goal[links + g] = -1.0
        answer = linprog(goal, A_ub=matrix[known], b_ub=right[known], bounds=limits, method="highs")
        if answer.status == 0 and answer.fun is not None:
            found[g] = np.minimum(found[g], -answer.fun * (1 + 1e-9))
    return found
