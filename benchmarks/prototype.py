"""The plainest compiled search for the k nearest by road, which isopt's own (with hours and flags) is held to."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True)
def k_nearest_plain(
    start: NDArray[np.int64], head: NDArray[np.int32], km: NDArray[np.float64], sinks: NDArray[np.int32], k: int
) -> Any:
    """
    Label every node with its k nearest sinks: distances and nodes only, each sink a node of its own.

    Parameters
    ----------
    start, head, km
        The network in compressed rows, turned round.
    sinks
        Different nodes.
    k
        Labels per node.

    Returns
    -------
    km, sink
        Shape (nodes, k), infinity and -1 where there are fewer.
    """
    nodes = len(start) - 1
    best, label = np.full((nodes, k), np.inf), np.full((nodes, k), -1, np.int32)
    count, size = np.zeros(nodes, np.int32), 0
    keys, at, of = np.empty(1 << 16), np.empty(1 << 16, np.int32), np.empty(1 << 16, np.int32)
    for sink in sinks:
        keys[size], at[size], of[size] = 0.0, sink, sink
        size += 1
    while size > 0:
        key, place, sink = keys[0], at[0], of[0]
        size -= 1
        last, last_at, last_of, i = keys[size], at[size], of[size], 0
        while True:
            below = 2 * i + 1
            if below >= size:
                break
            if below + 1 < size and keys[below + 1] < keys[below]:
                below += 1
            if keys[below] >= last:
                break
            keys[i], at[i], of[i] = keys[below], at[below], of[below]
            i = below
        keys[i], at[i], of[i] = last, last_at, last_of
        held = count[place]
        if held >= k or sink in label[place, :held]:
            continue
        best[place, held], label[place, held] = key, sink
        count[place] = held + 1
        for arc in range(start[place], start[place + 1]):
            other = head[arc]
            if count[other] >= k or sink in label[other, : count[other]]:
                continue
            if size >= len(keys):
                keys = np.concatenate((keys, np.empty_like(keys)))
                at, of = np.concatenate((at, np.empty_like(at))), np.concatenate((of, np.empty_like(of)))
            new, i = key + km[arc], size
            size += 1
            while i > 0:
                above = (i - 1) // 2
                if keys[above] <= new:
                    break
                keys[i], at[i], of[i] = keys[above], at[above], of[above]
                i = above
            keys[i], at[i], of[i] = new, other, sink
    return best, label
