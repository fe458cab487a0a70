"""
The k nearest sinks of every source in one pass over the network.

Searches start at all sinks together, on the network turned round; each node keeps the first k different sinks that
reach it and lets no more through. A pass costs about k searches, however many sources and sinks there are. [1]_

.. [1] D. Papadias, J. Zhang, N. Mamoulis and Y. Tao, "Query processing in spatial network databases", VLDB 2003,
   802-813: nearest neighbours on networks by expansion of the network, here of all at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from isopt.geo.network import Network
from isopt.geo.shortest import Arcs, Array, Flags, Labels, Nodes, Progress, compiled
from isopt.geo.snapping import Ends

__all__ = ["nearest_labels"]

_POPS = 200_000
"""Labels settled between two looks at Ctrl-C and the progress callback: about a tenth of a second."""


class _Table(NamedTuple):
    """Labels of each node, the nearest first: ``held`` of them, the rest of each row is undefined."""

    held: Nodes
    sink: Nodes
    km: Array
    hours: Array
    flags: Flags


class _Heap(NamedTuple):
    """
    Labels under way, the least first, ties by sink.

    ``slots`` is a permutation: what lies beyond the heap's size are the free slots of the pool.
    """

    keys: Array
    slots: Nodes
    place: Nodes
    sink: Nodes
    hours: Array
    flags: Flags


@compiled
def _grown(heap: _Heap) -> _Heap:
    old = len(heap.keys)
    return _Heap(
        np.concatenate((heap.keys, np.empty(old))),
        np.concatenate((heap.slots, np.arange(old, 2 * old).astype(np.int32))),
        np.concatenate((heap.place, np.empty(old, np.int32))),
        np.concatenate((heap.sink, np.empty(old, np.int32))),
        np.concatenate((heap.hours, np.empty(old))),
        np.concatenate((heap.flags, np.empty(old, np.uint8))),
    )


# The compiled functions below take single arrays: numba counts references to every array of a tuple that is passed on,
# which made the search nine times slower.


@compiled
def _lift(keys: Array, slots: Nodes, sinks: Nodes, at: int, key: float, sink: int, slot: int) -> None:
    """Put a label at a free position of the heap, and up from there to where it belongs."""
    while at > 0:
        above = (at - 1) >> 1
        first = keys[above]
        if first < key or (first == key and sinks[slots[above]] <= sink):
            break
        keys[at] = first
        slots[at] = slots[above]
        at = above
    keys[at] = key
    slots[at] = slot


@compiled
def _drop(keys: Array, slots: Nodes, sinks: Nodes, size: int) -> None:
    """Drop the first label of a heap of a size; its slot becomes the first free one."""
    size -= 1
    key, slot, free, at = keys[size], slots[size], slots[0], 0
    sink = sinks[slot]
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        beside = below + 1
        if beside < size and (
            keys[beside] < keys[below] or (keys[beside] == keys[below] and sinks[slots[beside]] < sinks[slots[below]])
        ):
            below = beside
        if key < keys[below] or (key == keys[below] and sink < sinks[slots[below]]):
            break
        keys[at] = keys[below]
        slots[at] = slots[below]
        at = below
    keys[at] = key
    slots[at] = slot
    slots[size] = free


@compiled
def _holds(held: Nodes, sinks: Nodes, place: int, sink: int) -> bool:
    for i in range(held[place]):  # noqa: SIM110 - a generator can't be compiled
        if sinks[place, i] == sink:
            return True
    return False


@compiled
def _spread(
    arcs: Arcs, table: _Table, heap: _Heap, size: int, asked: Flags, missing: int, limit: float, pops: int
) -> tuple[_Heap, int, int]:
    """Settle labels until none is left, every place asked for is full, the limit is passed or the pops are used up."""
    start, heads, lengths, times, marks = arcs
    held, label, label_km, label_hours, label_flags = table
    keys, slots, places, sinks, hours, flags = heap
    k = label.shape[1]
    while size > 0 and missing > 0 and pops > 0:
        pops -= 1
        key, slot = keys[0], slots[0]
        if key > limit:
            size = 0
            break
        place, sink, spent, mark = places[slot], sinks[slot], hours[slot], flags[slot]
        _drop(keys, slots, sinks, size)
        size -= 1
        at = held[place]
        if at >= k or _holds(held, label, place, sink):
            continue
        label[place, at], label_km[place, at] = sink, key
        label_hours[place, at], label_flags[place, at] = spent, mark
        held[place] = at + 1
        missing -= at + 1 == k and asked[place] != 0
        for a in range(start[place], start[place + 1]):
            head = heads[a]
            if held[head] >= k or _holds(held, label, head, sink):
                continue
            if size == len(keys):
                keys, slots, places, sinks, hours, flags = _grown(_Heap(keys, slots, places, sinks, hours, flags))
            slot = slots[size]
            places[slot], sinks[slot], hours[slot], flags[slot] = head, sink, spent + times[a], mark | marks[a]
            _lift(keys, slots, sinks, size, key + lengths[a], sink, slot)
            size += 1
    return _Heap(keys, slots, places, sinks, hours, flags), size, missing


@compiled
def _seeded(sinks: Ends) -> _Heap:
    """Put every sink's entries into a heap."""
    count = len(sinks.node)
    room = max(count, 1024)
    heap = _Heap(
        np.empty(room), np.arange(room).astype(np.int32), np.empty(room, np.int32), np.empty(room, np.int32),
        np.empty(room), np.empty(room, np.uint8),
    )  # fmt: skip
    for sink in range(len(sinks.start) - 1):
        for e in range(sinks.start[sink], sinks.start[sink + 1]):
            heap.place[e], heap.sink[e], heap.hours[e], heap.flags[e] = sinks.node[e], sink, sinks.hours[e], 0
            _lift(heap.keys, heap.slots, heap.sink, e, sinks.km[e], sink, e)
    return heap


@compiled
def _gather(sources: Ends, table: _Table, limit: float, out: _Table) -> None:
    """Merge the labels of each source's entries into its own k nearest, ties by sink."""
    k = out.sink.shape[1]
    for source in range(len(sources.start) - 1):
        held = 0
        for e in range(sources.start[source], sources.start[source + 1]):
            place = sources.node[e]
            for i in range(table.held[place]):
                km, sink = table.km[place, i] + sources.km[e], table.sink[place, i]
                if km > limit:
                    break
                held = _insert(
                    out, source, held, k, sink, km,
                    table.hours[place, i] + sources.hours[e], table.flags[place, i],
                )  # fmt: skip
        out.held[source] = held


@compiled
def _insert(out: _Table, row: int, held: int, k: int, sink: int, km: float, hours: float, flags: int) -> int:
    """Put a label into a sorted row of at most k different sinks; return how many it holds."""
    last = held
    for i in range(held):
        if out.sink[row, i] == sink:
            if out.km[row, i] <= km:
                return held
            last = i  # a shorter way to a sink that is there: what lies before it moves on
            break
    if last == held:
        if held == k:
            if (km, sink) >= (out.km[row, k - 1], out.sink[row, k - 1]):
                return held
            last = k - 1
        else:
            held += 1
    at = last
    while at > 0 and (km, sink) < (out.km[row, at - 1], out.sink[row, at - 1]):
        out.sink[row, at], out.km[row, at] = out.sink[row, at - 1], out.km[row, at - 1]
        out.hours[row, at], out.flags[row, at] = out.hours[row, at - 1], out.flags[row, at - 1]
        at -= 1
    out.sink[row, at], out.km[row, at], out.hours[row, at], out.flags[row, at] = sink, km, hours, flags
    return held


def _table(rows: int, k: int) -> _Table:
    return _Table(
        np.zeros(rows, np.int32), np.empty((rows, k), np.int32), np.empty((rows, k)), np.empty((rows, k)),
        np.empty((rows, k), np.uint8),
    )  # fmt: skip


def nearest_labels(
    network: Network,
    sources: Ends,
    sinks: Ends,
    k: int,
    *,
    radius_km: float = np.inf,
    progress: Progress | None = None,
) -> Labels:
    """
    Find the k nearest sinks of every source.

    Parameters
    ----------
    network
        Any; where it knows no hours they come out as those of the entries alone.
    sources, sinks
        Where points enter and leave it; sinks that share a node count each for itself.
    k
        Sinks wanted per source; where fewer can be reached there are fewer.
    radius_km
        Longest way.
    progress
        Told the share done, from 0 to 1, a few times a second.

    Returns
    -------
    labels
        By source, the nearest first, ties by the index of the sink. Memory is about 21 bytes times k per node.
    """
    k = min(k, len(sinks.start) - 1)
    arcs, table = Arcs.of(network.reversed), _table(network.nodes, max(k, 1))
    asked = np.zeros(network.nodes, np.uint8)
    asked[sources.node] = 1
    missing = everyone = int(asked.sum()) if k else 0
    heap, size = _seeded(sinks), len(sinks.node)
    while size > 0 and missing > 0:
        heap, size, missing = _spread(arcs, table, heap, size, asked, missing, radius_km, _POPS)
        if progress is not None:
            progress(1 - missing / everyone)
    out = _table(len(sources.start) - 1, max(k, 1))
    _gather(sources, table, radius_km, out)
    held = np.arange(out.sink.shape[1]) < out.held[:, None]
    source = np.repeat(np.arange(len(out.held)), out.held)
    return Labels(source, out.sink[held].astype(np.int64), out.km[held], out.hours[held], out.flags[held])
