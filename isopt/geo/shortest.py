"""
Shortest ways over networks of a million arcs: between pairs, to the k nearest, and where they run.

All of it is Dijkstra's algorithm with a binary heap, compiled by numba when first used (a few seconds, kept on disk).
Nothing here is dense: memory grows with the network and with what is asked, never with sources times sinks. [1]_

.. [1] E. W. Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik 1 (1959), 269-271.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from isopt.geo.network import Network
from isopt.geo.snapping import Ends

__all__ = ["Arcs", "Labels", "Ways", "compiled", "pair_paths", "pair_ways", "taken", "within_labels"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Nodes = NDArray[np.int32]
Flags = NDArray[np.uint8]
Progress = Callable[[float], None]
Function = TypeVar("Function", bound=Callable[..., object])

_BLOCK_S = 0.2
"""Seconds of work between two looks at Ctrl-C and the progress callback."""


def compiled(function: Function) -> Function:
    """Compile a function; where no folder can be written to, it is compiled afresh in each process."""
    try:
        return cast("Function", numba.njit(cache=True)(function))
    except RuntimeError:
        return cast("Function", numba.njit(function))


class Ways(NamedTuple):
    """Kilometres (infinity where there is none), hours and flags of ways, one each per pair."""

    km: Array
    hours: Array
    flags: Flags


class Labels(NamedTuple):
    """Which sinks were found from which sources, and the way between them; all of shape (found,)."""

    source: Indices
    sink: Indices
    km: Array
    hours: Array
    flags: Flags


class Arcs(NamedTuple):
    """The arrays of a network as the compiled code wants them: one kind of array, one compilation."""

    start: Indices
    head: Nodes
    km: Array
    hours: Array
    flags: Flags

    @classmethod
    def of(cls, network: Network) -> Arcs:
        """Take those of a network, with zero hours where it knows none."""
        hours = np.zeros(network.arcs) if network.hours is None else network.hours
        return cls(
            np.require(network.start, np.int64, ["C", "W"]),
            np.require(network.head, np.int32, ["C", "W"]),
            np.require(network.km, np.float64, ["C", "W"]),
            np.require(hours, np.float64, ["C", "W"]),
            np.require(network.flags, np.uint8, ["C", "W"]),
        )


class _State(NamedTuple):
    """What a search knows of each place (nodes, then targets); ``seen`` and ``done`` hold the number of the search."""

    km: Array
    hours: Array
    flags: Flags
    before: Nodes
    seen: Nodes
    done: Nodes
    wanted: Nodes
    found: Nodes
    keys: Array
    places: Nodes


# --- the heap: two arrays that grow together, the least key first


@compiled
def _push(keys: Array, places: Nodes, size: int, key: float, place: int) -> int:
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        places[at] = places[above]
        at = above
    keys[at] = key
    places[at] = place
    return size + 1


@compiled
def _pop(keys: Array, places: Nodes, size: int) -> int:
    """Drop the first; the caller has read it."""
    size -= 1
    key, place = keys[size], places[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        places[at] = places[below]
        at = below
    keys[at] = key
    places[at] = place
    return size


# What is called once per arc takes single arrays: numba counts references to every array of a tuple that is passed on.


@compiled
def _search(
    arcs: Arcs, starts: Ends, exits: Ends, state: _State, source: int, pending: int, everyone: bool, limit: float
) -> int:
    """Settle places from a source until no target is pending or the limit is passed; return the targets settled."""
    start, heads, lengths, times, marks = arcs
    exit_start, exit_target, exit_km, exit_hours = exits
    km, hours, flags, before, seen, done, wanted, order, keys, places = state
    nodes, mark, size, found = len(start) - 1, source + 1, 0, 0
    for e in range(starts.start[source], starts.start[source + 1]):
        place, length = starts.node[e], starts.km[e]
        if _shorter(km, seen, mark, place, length):
            hours[place], flags[place], before[place] = starts.hours[e], 0, -1
            size = _push(keys, places, size, length, place)
    while size > 0:
        length, place = keys[0], places[0]
        size = _pop(keys, places, size)
        if done[place] == mark:
            continue
        if length > limit:
            break
        done[place] = mark
        if place >= nodes:
            order[found] = place - nodes
            found += 1
            if found == pending:
                break
            continue
        for e in range(exit_start[place], exit_start[place + 1]):
            target = exit_target[e]
            if (everyone or wanted[target] == mark) and _shorter(km, seen, mark, nodes + target, length + exit_km[e]):
                target += nodes
                hours[target], flags[target], before[target] = hours[place] + exit_hours[e], flags[place], place
                size = _push(keys, places, size, length + exit_km[e], target)
        for a in range(start[place], start[place + 1]):
            head = heads[a]
            if _shorter(km, seen, mark, head, length + lengths[a]):
                hours[head], flags[head], before[head] = hours[place] + times[a], flags[place] | marks[a], place
                size = _push(keys, places, size, length + lengths[a], head)
    return found


@compiled
def _shorter(km: Array, seen: Nodes, mark: int, place: int, length: float) -> bool:
    """Tell whether a way is the shortest so far to a place, and note its length if so."""
    if seen[place] == mark and km[place] <= length:
        return False
    seen[place] = mark
    km[place] = length
    return True


@compiled
def _want(state: _State, source: int, wants: Indices, first: int, last: int) -> int:
    """Mark the targets that a source wants; return how many different ones."""
    count = 0
    for w in range(first, last):
        if state.wanted[wants[w]] != source + 1:
            state.wanted[wants[w]] = source + 1
            count += 1
    return count


@compiled
def _ways_of(
    arcs: Arcs, starts: Ends, exits: Ends, state: _State, first: int, last: int,
    want_start: Indices, wants: Indices, limit: float, out: Ways,
) -> None:  # fmt: skip
    nodes = len(arcs.start) - 1
    for source in range(first, last):
        begin, end = want_start[source], want_start[source + 1]
        pending = _want(state, source, wants, begin, end)
        _search(arcs, starts, exits, state, source, pending, False, limit)
        for w in range(begin, end):
            place = nodes + wants[w]
            if state.done[place] == source + 1:
                out.km[w] = state.km[place]
                out.hours[w] = state.hours[place]
                out.flags[w] = state.flags[place]


@compiled
def _paths_of(
    arcs: Arcs, starts: Ends, exits: Ends, state: _State, first: int, last: int,
    want_start: Indices, wants: Indices, length: Indices, buffer: Nodes,
) -> Nodes:  # fmt: skip
    """Nodes of each way from its end to its beginning, one way after the other; lengths say where each stops."""
    nodes, used = len(arcs.start) - 1, 0
    for source in range(first, last):
        begin, end = want_start[source], want_start[source + 1]
        pending = _want(state, source, wants, begin, end)
        _search(arcs, starts, exits, state, source, pending, False, np.inf)
        for w in range(begin, end):
            place = nodes + wants[w]
            if state.done[place] != source + 1:
                continue
            place = state.before[place]
            while place >= 0:
                if used == len(buffer):
                    buffer = np.concatenate((buffer, np.empty_like(buffer)))
                buffer[used] = place
                used += 1
                length[w] += 1
                place = state.before[place]
    return buffer[:used]


@compiled
def _within_of(
    arcs: Arcs, starts: Ends, exits: Ends, state: _State, first: int, last: int, limits: Array, count: Indices
) -> tuple[Nodes, Array, Array, Flags]:
    """Targets within the limit of each source, one source after the other, nearest first."""
    nodes, used, targets = len(arcs.start) - 1, 0, len(state.wanted)
    sink, km, hours, flags = np.empty(64, np.int32), np.empty(64), np.empty(64), np.empty(64, np.uint8)
    for source in range(first, last):
        found = _search(arcs, starts, exits, state, source, targets + 1, True, limits[source])
        count[source] = found
        while used + found > len(sink):
            sink, km = np.concatenate((sink, np.empty_like(sink))), np.concatenate((km, np.empty_like(km)))
            hours, flags = np.concatenate((hours, np.empty_like(hours))), np.concatenate((flags, np.empty_like(flags)))
        for i in range(found):
            place = nodes + state.found[i]
            sink[used], km[used] = state.found[i], state.km[place]
            hours[used], flags[used] = state.hours[place], state.flags[place]
            used += 1
    return sink[:used], km[:used], hours[:used], flags[:used]


# --- what the rest of isopt calls


def pair_ways(
    network: Network,
    starts: Ends,
    ends: Ends,
    a: Indices,
    b: Indices,
    *,
    limit_km: float = np.inf,
    progress: Progress | None = None,
) -> Ways:
    """
    Measure the shortest way of each pair.

    One bounded search runs per different start (or, backwards, per different end, whichever are fewer) and stops when
    all that is wanted from it is found or the limit is passed.

    Parameters
    ----------
    network
        Any; where it knows no hours they come out as those of the entries alone.
    starts, ends
        Where points enter and leave it.
    a, b
        Start and end of each pair, indices into ``starts`` and ``ends``, shape (pairs,).
    limit_km
        Ways longer than this are infinity.
    progress
        Told the share done, from 0 to 1, a few times a second.

    Returns
    -------
    ways
        Shape (pairs,).
    """
    out = Ways(np.full(len(a), np.inf), np.full(len(a), np.nan), np.zeros(len(a), np.uint8))
    if not len(a):
        return out
    task = _Pairs.of(network, starts, ends, a, b)

    def work(first: int, last: int) -> None:
        _ways_of(
            task.arcs, task.starts, task.exits, task.state, first, last, task.want_start, task.wants, limit_km, out
        )

    _in_blocks(len(task.want_start) - 1, work, progress)
    back = np.empty(len(a), np.int64)
    back[task.order] = np.arange(len(a))
    return Ways(out.km[back], out.hours[back], out.flags[back])


def pair_paths(
    network: Network, starts: Ends, ends: Ends, a: Indices, b: Indices, *, progress: Progress | None = None
) -> list[Nodes]:
    """Nodes along the shortest way of each pair, from start to end; none where there is no way (see `pair_ways`)."""
    if not len(a):
        return []
    task = _Pairs.of(network, starts, ends, a, b)
    length = np.zeros(len(a), np.int64)
    parts: list[Nodes] = []

    def work(first: int, last: int) -> None:
        parts.append(
            _paths_of(
                task.arcs, task.starts, task.exits, task.state, first, last,
                task.want_start, task.wants, length, np.empty(1024, np.int32),
            )
        )  # fmt: skip

    _in_blocks(len(task.want_start) - 1, work, progress)
    pieces = np.split(np.concatenate(parts), np.cumsum(length)[:-1])
    paths: list[Nodes] = [pieces[0]] * len(a)
    for place, piece in zip(task.order.tolist(), pieces, strict=True):
        paths[place] = piece if task.backwards else piece[::-1]
    return paths


def within_labels(
    network: Network, sources: Ends, sinks: Ends, limits_km: Array, *, progress: Progress | None = None
) -> Labels:
    """
    Find all sinks within a distance of each source.

    Parameters
    ----------
    network, sources, sinks, progress
        As for `pair_ways`.
    limits_km
        Longest way from each source, shape (sources,).

    Returns
    -------
    labels
        By source, nearest first.
    """
    exits, arcs = _exits(sinks, network.nodes), Arcs.of(network)
    state = _state(arcs, sources, exits, len(sinks.start) - 1)
    count = np.zeros(len(limits_km), np.int64)
    parts: list[tuple[Nodes, Array, Array, Flags]] = []

    def work(first: int, last: int) -> None:
        parts.append(_within_of(arcs, sources, exits, state, first, last, limits_km, count))

    _in_blocks(len(limits_km), work, progress)
    if not parts:
        return Labels(count, count, np.zeros(0), np.zeros(0), np.zeros(0, np.uint8))
    sink, km, hours, flags = (np.concatenate([part[i] for part in parts]) for i in range(4))
    return Labels(np.repeat(np.arange(len(count)), count), sink.astype(np.int64), km, hours, flags.astype(np.uint8))


class _Pairs(NamedTuple):
    """Pairs grouped by the end that the searches begin at."""

    arcs: Arcs
    starts: Ends
    exits: Ends
    state: _State
    want_start: Indices
    wants: Indices
    order: Indices
    backwards: bool

    @classmethod
    def of(cls, network: Network, starts: Ends, ends: Ends, a: Indices, b: Indices) -> _Pairs:
        backwards = len(np.unique(b)) < len(np.unique(a))
        if backwards:
            network, starts, ends, a, b = network.reversed, ends, starts, b, a
        arcs, exits = Arcs.of(network), _exits(ends, network.nodes)
        order = np.argsort(a, kind="stable")
        begin, group = np.unique(a[order], return_index=True)
        some = taken(starts, begin)
        state = _state(arcs, some, exits, len(ends.start) - 1)
        want_start = np.append(group, len(a)).astype(np.int64)
        return cls(arcs, some, exits, state, want_start, np.asarray(b, np.int64)[order], order, backwards)


def taken(ends: Ends, points: Indices) -> Ends:
    """Return the entries of some points, in their order."""
    count = (ends.start[1:] - ends.start[:-1])[points]
    start = np.zeros(len(points) + 1, np.int64)
    np.cumsum(count, out=start[1:])
    which = np.arange(start[-1]) - np.repeat(start[:-1] - ends.start[points], count)
    return Ends(start, ends.node[which], ends.km[which], ends.hours[which])


def _exits(ends: Ends, nodes: int) -> Ends:
    """Turn entries by point into exits by node: ``node`` then holds the point."""
    point = np.repeat(np.arange(len(ends.start) - 1, dtype=np.int32), np.diff(ends.start))
    order = np.argsort(ends.node, kind="stable")
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(ends.node, minlength=nodes), out=start[1:])
    return Ends(start, point[order], ends.km[order], ends.hours[order])


def _state(arcs: Arcs, starts: Ends, exits: Ends, targets: int) -> _State:
    places = len(arcs.start) - 1 + targets
    most = len(arcs.head) + len(exits.node) + len(starts.node) + 1  # each way is noted once per search at the most
    return _State(
        np.empty(places), np.empty(places), np.empty(places, np.uint8), np.empty(places, np.int32),
        np.zeros(places, np.int32), np.zeros(places, np.int32), np.zeros(targets, np.int32),
        np.empty(targets, np.int32), np.empty(most), np.empty(most, np.int32),
    )  # fmt: skip


def _in_blocks(count: int, work: Callable[[int, int], None], progress: Progress | None) -> None:
    """Do the work in blocks that take a fraction of a second, so that Ctrl-C and the callback get their turn."""
    first, block = 0, 1
    while first < count:
        last = min(first + block, count)
        began = time.perf_counter()
        work(first, last)
        if time.perf_counter() - began < _BLOCK_S / 2:
            block *= 2
        first = last
        if progress is not None:
            progress(first / count)
