"""The nearest sinks by a network router's own distance, near pairs and far ones alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.geo.distance import haversine_km
from isopt.geo.nearness import k_nearest, pairs_within
from isopt.geo.router import Points, RouteFlag, Routes
from isopt.geo.snapping import Snapped

if TYPE_CHECKING:
    from isopt.geo.network_router import NetworkRouter

__all__ = ["Nearest", "find_nearest"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Nearest:
    """
    Sinks found for each source, the nearest first.

    Attributes
    ----------
    source, sink
        Indices of the points, shape (found,).
    routes
        The way of each, shape (found,).
    """

    source: Indices
    sink: Indices
    routes: Routes


class _Found(NamedTuple):
    source: Indices
    sink: Indices
    km: Array
    hours: Array
    flags: NDArray[np.uint8]

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> _Found:
        return _Found(self.source[which], self.sink[which], self.km[which], self.hours[which], self.flags[which])

    def join(self, other: _Found) -> _Found:
        """Put both together; a pair that is in both stays once."""
        both = _Found(
            np.append(self.source, other.source), np.append(self.sink, other.sink), np.append(self.km, other.km),
            np.append(self.hours, other.hours), np.append(self.flags, other.flags),
        )  # fmt: skip
        order = np.lexsort((both.sink, both.km, both.source))
        pair = np.column_stack([both.source, both.sink])[order]
        _, first = np.unique(pair, axis=0, return_index=True)
        return both.take(order[np.sort(first)])


def find_nearest(
    router: NetworkRouter, sources: Points, sinks: Points, k: int | None, radius_km: float | None
) -> Nearest:
    """
    Find the k nearest sinks of each source, or all within a radius.

    The network's labels decide between pairs that are far enough for the network alone to count; nearer pairs are
    measured one by one. A source whose k-th distance leaves room for a pair that the labels could have missed is
    searched again up to that distance, so the answer is exact.

    Parameters
    ----------
    router
        Measures.
    sources, sinks, k, radius_km
        As for `NetworkRouter.nearest`.
    """
    if (k is None and radius_km is None) or (k is not None and k < 1) or (radius_km is not None and not radius_km >= 0):
        raise InputError(f"say how many (k = {k}) or how near (radius_km = {radius_km}): at least one, not negative")
    starts, ends = router.snap(sources), router.snap(sinks)
    radius = np.inf if radius_km is None else float(radius_km)
    near = _near(router, starts, ends, k, radius)
    far, reached = _far(router, starts, ends, k, radius)
    found = _ranked(near.join(far), k)
    if k is not None:
        last = np.full(sources.count, np.nan)
        rank = _rank(found.source)
        last[found.source[rank == k - 1]] = found.km[rank == k - 1]
        doubtful = np.flatnonzero(last > np.maximum(reached, router.blend_km))
        if doubtful.size:
            found = _ranked(found.join(_within(router, starts, ends, doubtful, last[doubtful])), k)
    hours = None if router.network.hours is None else found.hours
    return Nearest(found.source, found.sink, Routes(found.km, hours, found.flags))


def _near(router: NetworkRouter, starts: Snapped, ends: Snapped, k: int | None, radius: float) -> _Found:
    """Measure the pairs for which the straight line counts, or that lie in the same place."""
    a_parts, b_parts = [], []
    for piece in np.intersect1d(starts.piece, ends.piece):
        a, b = _near_of_piece(router, starts, ends, np.int64(piece), k, radius)
        a_parts.append(a)
        b_parts.append(b)
    nothing = np.zeros(0, np.int64)
    a, b = np.concatenate([nothing, *a_parts]), np.concatenate([nothing, *b_parts])
    routes = router.measure(starts, ends, a, b)
    assert routes.flags is not None
    hours = np.full(len(a), np.nan) if routes.hours is None else routes.hours
    found = _Found(a, b, routes.distance_km, hours, routes.flags)
    return found.take(np.isfinite(found.km) & (found.km <= radius))


def _near_of_piece(
    router: NetworkRouter, starts: Snapped, ends: Snapped, piece: np.int64, k: int | None, radius: float
) -> tuple[Indices, Indices]:
    own_a, own_b = np.flatnonzero(starts.piece == piece), np.flatnonzero(ends.piece == piece)
    here, there = starts.points.take(own_a), ends.points.take(own_b)
    if k is None or piece < 0:  # off the network only one and the same place is near
        reach = 0.0 if piece < 0 else min(radius, router.blend_km)
        a, b = pairs_within(here.lat, here.lon, there.lat, there.lon, reach)
        return own_a[a], own_b[b]
    # Up to near_km distance grows with the great circle: the k nearest by it are the k nearest.
    a, b, km = k_nearest(here, there, k, radius_km=router.near_km)
    count = np.bincount(a, minlength=here.count)
    last = np.zeros(here.count)
    np.maximum.at(last, a, km)
    # Between near_km and blend_km it need not; a source with k sinks whose detoured distance is less needs none there.
    open_ = np.flatnonzero((count < k) | (last * router.detour >= router.near_km))
    c, d = pairs_within(here.lat[open_], here.lon[open_], there.lat, there.lon, router.blend_km)
    return np.append(own_a[a], own_a[open_[c]]), np.append(own_b[b], own_b[d])


def _far(
    router: NetworkRouter, starts: Snapped, ends: Snapped, k: int | None, radius: float
) -> tuple[_Found, Array]:  # fmt: skip
    """Search the network; say also up to which distance each source has seen everything."""
    from isopt.geo.labels import nearest_labels

    if k is None:
        every = np.arange(starts.points.count)
        return _within(router, starts, ends, every, np.full(len(every), radius)), np.full(len(every), np.inf)
    labels = nearest_labels(
        router.network, starts.ends, ends.ends, k, radius_km=radius, progress=router.progress
    )  # fmt: skip
    found = _Found(*labels)
    reached = np.full(starts.points.count, np.inf)
    full = _rank(found.source) == k - 1
    reached[found.source[full]] = found.km[full]
    return _apart(router, starts, ends, found), reached


def _within(router: NetworkRouter, starts: Snapped, ends: Snapped, sources: Indices, limits: Array) -> _Found:
    """Find all far sinks of some sources up to a distance of each."""
    from isopt.geo.shortest import taken, within_labels

    labels = within_labels(router.network, taken(starts.ends, sources), ends.ends, limits, progress=router.progress)
    found = _Found(*labels)
    return _apart(router, starts, ends, found._replace(source=sources[found.source]))


def _apart(router: NetworkRouter, starts: Snapped, ends: Snapped, found: _Found) -> _Found:
    """Keep pairs for which the network alone counts, with the flags of their accesses."""
    circle = haversine_km(
        starts.points.lat[found.source], starts.points.lon[found.source],
        ends.points.lat[found.sink], ends.points.lon[found.sink],
    )  # fmt: skip
    far = np.fmax(starts.access_km[found.source], ends.access_km[found.sink]) > router.far_km
    flags = found.flags | np.where(far, RouteFlag.FAR, 0).astype(np.uint8)
    whole = found._replace(km=np.maximum(found.km, circle), flags=flags)
    return whole.take((circle >= router.blend_km) & (circle > 0))


def _rank(source: Indices) -> Indices:
    """Place of each in the list of its source; sources are sorted."""
    _, first, count = np.unique(source, return_index=True, return_counts=True)
    return np.arange(len(source)) - np.repeat(first, count)


def _ranked(found: _Found, k: int | None) -> _Found:
    found = found.take(np.lexsort((found.sink, found.km, found.source)))
    return found if k is None else found.take(_rank(found.source) < k)
