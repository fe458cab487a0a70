"""Ways over any network: points are brought onto it, ways measured, nearest ones found and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.errors import InputError
from isopt.geo.distance import haversine_km
from isopt.geo.network import Network
from isopt.geo.router import Points, RouteFlag, Routes
from isopt.geo.snapping import Snapped, entry_tree, snap

if TYPE_CHECKING:
    from isopt.geo.nearest import Nearest

__all__ = ["LOCAL_DETOUR", "NetworkRouter"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Kilometres by road per kilometre as the crow flies where the network is not known in detail. Circuity of road travel
#: is 1.32 in Germany, 1.35 in Hungary, 1.40 in England, 1.46 over Europe. [1]_
#:
#: .. [1] R. H. Ballou, H. Rahardja and N. Sakai, "Selected country circuity factors for road travel distance
#:    estimation", Transportation Research A 36 (2002), 843-848.
LOCAL_DETOUR = 1.35

#: Speed on local roads to the network, km/h: the limit for lorries on single carriageways is 64 km/h (40 mph) in
#: Scotland and 60 km/h outside towns in Germany (section 3 StVO); half of the way is taken to lie in towns at 30 km/h.
_ACCESS_KMH = 40.0
_KEPT_PATHS = 20_000


@dataclass(frozen=True, eq=False)
class NetworkRouter:
    """
    Shortest ways over a network.

    A way is the access to one of the nearest nodes (straight line times a detour), the shortest way over the arcs, and
    the access at the other end; never shorter than the great circle, and zero between identical coordinates.

    Attributes
    ----------
    network
        Nodes and arcs.
    name
        What it is called in files, such as ``road``.
    detour
        Kilometres per kilometre as the crow flies, on the access and between near points.
    near_km
        Great-circle distance up to which the straight line times the detour counts instead of the network: a coarse
        network knows no local roads. Zero for a detailed one.
    blend_km
        Great-circle distance from which the network alone counts; between ``near_km`` and it both are mixed linearly,
        so that distance stays continuous.
    max_access_km
        Straight line from which on a point does not reach the network.
    far_km
        Access from which a way is flagged ``FAR``.
    entries
        Nearest nodes tried for each point; the one on the shortest way is used.
    access_kmh
        Speed on the access and between near points; counts only where the network knows hours.
    progress
        Told the share of a search done, from 0 to 1, a few times a second.
    entry_nodes
        The only nodes at which points may enter, such as ports; None leaves that to `entry_tree`.

    Raises
    ------
    InputError
        Where a parameter is out of range.

    Notes
    -----
    Near pairs are measured straight whatever lies between: on both banks of an estuary ``near_km`` is too kind.

    Examples
    --------
    Three towns on a line, 0.1 degree (11.1 km) apart, on roads of 15 and 20 km:

    >>> roads = Network.of_arcs(
    ...     np.zeros(3), np.array([0.0, 0.1, 0.2]), np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]),
    ...     np.array([15.0, 15.0, 20.0, 20.0]), name="towns", version="1",
    ... )  # fmt: skip
    >>> NetworkRouter(roads).routes(Points.of([0.0], [0.0]), Points.of([0.0], [0.2])).distance_km
    array([35.])
    """

    network: Network
    name: str = "road"
    detour: float = LOCAL_DETOUR
    near_km: float = 0.0
    blend_km: float = 0.0
    max_access_km: float = 50.0
    far_km: float = 10.0
    entries: int = 4
    access_kmh: float = _ACCESS_KMH
    progress: Callable[[float], None] | None = None
    entry_nodes: Indices | None = None
    _paths: dict[tuple[float, ...], Array] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        sound = {
            "detour": self.detour >= 1,
            "near_km": self.near_km >= 0,
            "blend_km": self.blend_km >= self.near_km,
            "max_access_km": self.max_access_km >= 0,
            "far_km": self.far_km >= 0,
            "entries": self.entries >= 1,
            "access_kmh": self.access_kmh > 0,
        }
        wrong = [f"{name} = {getattr(self, name)!r}" for name, fits in sound.items() if not fits]
        if wrong:
            raise InputError(
                f"the router of {self.network.name} can't work with {', '.join(wrong)}: distances and speeds are "
                "positive, detour and entries at least 1, and blend_km not below near_km"
            )

    @property
    def version(self) -> str:
        """Version of the network and the parameters that change distances."""
        parts = (self.detour, self.near_km, self.blend_km, self.max_access_km, self.far_km, self.entries)
        timed = () if self.network.hours is None else (self.access_kmh,)
        return f"{self.network.version} {'/'.join(f'{part:.10g}' for part in (*parts, *timed))}"

    @cached_property
    def _tree(self) -> tuple[cKDTree, Indices]:
        return entry_tree(self.network, self.entry_nodes)

    def snap(self, points: Points) -> Snapped:
        """Bring points onto the network."""
        return snap(
            self.network, points, tree=self._tree, entries=self.entries, detour=self.detour,
            max_access_km=self.max_access_km, access_kmh=self.access_kmh,
        )  # fmt: skip

    def unreached(self, points: Points) -> tuple[Indices, Array]:
        """
        Tell which points the network does not reach, and how far away it is.

        Returns
        -------
        index, access_km
            Points with coordinates whose nearest node is farther than ``max_access_km``, shape (unreached,), and the
            straight line to that node.
        """
        snapped = self.snap(points)
        index = np.flatnonzero(points.located & (snapped.piece < 0))
        return index, snapped.access_km[index]

    def routes(self, start: Points, end: Points, *, limit_km: float = np.inf) -> Routes:
        """
        Measure the way from each start to the end in the same place.

        Parameters
        ----------
        start, end
            Equally many, shape (pairs,); a place may occur in many pairs and is worked out once.
        limit_km
            Searches stop here; ways over the network that are longer come out as infinity, unflagged.

        Returns
        -------
        routes
            NaN where coordinates are missing; infinity and ``NO_WAY`` where the network does not join the ends.
        """
        places, back = _distinct(start, end)
        snapped = self.snap(places)
        return self.measure(snapped, snapped, back[: start.count], back[start.count :], limit_km=limit_km)

    def measure(
        self, starts: Snapped, ends: Snapped, a: Indices, b: Indices, *, limit_km: float = np.inf
    ) -> Routes:  # fmt: skip
        """
        Measure pairs of points that are on the network already.

        Parameters
        ----------
        starts, ends
            Points brought onto the network.
        a, b
            Start and end of each pair, indices into them, shape (pairs,).
        limit_km
            As for `routes`.
        """
        circle = _circle(starts, ends, a, b)
        located, same = ~np.isnan(circle), circle == 0
        joined = (starts.piece[a] == ends.piece[b]) & (starts.piece[a] >= 0)
        share = self._network_share(circle)
        km = np.where(located, np.where(same, 0.0, np.inf), np.nan)
        hours, flags = np.where(same, 0.0, np.nan), np.zeros(len(km), np.uint8)
        near, searched = joined & ~same & (share < 1), np.flatnonzero(joined & ~same & (share > 0))
        straight = circle * self.detour
        km[near], hours[near] = straight[near], straight[near] / self.access_kmh
        flags[near] = RouteFlag.NEAR
        found = self._search(starts, ends, a[searched], b[searched], limit_km)
        part = share[searched]
        with np.errstate(invalid="ignore"):
            mixed = np.where(part < 1, (1 - part) * straight[searched] + part * found.distance_km, found.distance_km)
        km[searched] = np.maximum(mixed, circle[searched])
        assert found.hours is not None
        assert found.flags is not None
        hours[searched] = np.where(
            part < 1, (1 - part) * straight[searched] / self.access_kmh + part * found.hours, found.hours
        )
        flags[searched] |= found.flags
        apart = located & ~same
        far = np.fmax(starts.access_km[a], ends.access_km[b]) > self.far_km
        flags[apart & far & np.isfinite(km)] |= np.uint8(RouteFlag.FAR)
        lost = apart & ~np.isfinite(km) & (~joined if np.isfinite(limit_km) else True)
        flags[lost] = RouteFlag.NO_WAY
        return Routes(km, None if self.network.hours is None else hours, flags)

    def nearest(
        self, sources: Points, sinks: Points, *, k: int | None = None, radius_km: float | None = None
    ) -> Nearest:
        """
        Find the nearest sinks of each source by this router's distance, the same as `routes` gives.

        Parameters
        ----------
        sources, sinks
            Shapes (sources,) and (sinks,).
        k
            Sinks wanted for each source, ties by index; None takes all within the radius.
        radius_km
            Longest way; None is unlimited. One of both must be given.

        Returns
        -------
        nearest
            By source, the nearest first.
        """
        from isopt.geo.nearest import find_nearest

        return find_nearest(self, sources, sinks, k, radius_km)

    def paths(self, start: Points, end: Points, tolerance_km: float = 0.1) -> list[Array]:
        """
        Return latitude and longitude along each way.

        Parameters
        ----------
        start, end
            Equally many, shape (pairs,).
        tolerance_km
            How far the line may be from the nodes of the way; fewer vertices stay where it is larger. [1]_

        Returns
        -------
        paths
            Shape (vertices, 2) each, both ends included; the two ends alone where only the straight line counts, no
            vertices where there is no way.

        Notes
        -----
        .. [1] D. H. Douglas and T. K. Peucker, "Algorithms for the reduction of the number of points required to
           represent a digitized line or its caricature", Cartographica 10 (1973), 112-122.
        """
        from isopt.geo.drawing import draw_paths

        keys = [(*pair, tolerance_km) for pair in np.column_stack([start.lat, start.lon, end.lat, end.lon]).tolist()]
        fresh = {key: i for i, key in enumerate(keys) if key not in self._paths}
        drawn = {}
        if fresh:
            index = np.fromiter(fresh.values(), np.int64, len(fresh))
            drawn = dict(zip(fresh, draw_paths(self, start.take(index), end.take(index), tolerance_km), strict=True))
        result = [drawn[key] if key in drawn else self._paths[key] for key in keys]
        if len(self._paths) + len(drawn) > _KEPT_PATHS:
            self._paths.clear()
        self._paths.update(list(drawn.items())[:_KEPT_PATHS])
        return result

    def _network_share(self, circle: Array) -> Array:
        """Share of the network's distance in what counts, from 0 up to ``near_km`` to 1 from ``blend_km`` on."""
        if self.blend_km > self.near_km:
            return np.asarray(np.clip((circle - self.near_km) / (self.blend_km - self.near_km), 0.0, 1.0))
        return (circle >= self.near_km).astype(np.float64)

    def _search(self, starts: Snapped, ends: Snapped, a: Indices, b: Indices, limit_km: float) -> Routes:
        if not len(a):
            return Routes(np.zeros(0), np.zeros(0), np.zeros(0, np.uint8))
        from isopt.geo.shortest import pair_ways

        ways = pair_ways(self.network, starts.ends, ends.ends, a, b, limit_km=limit_km, progress=self.progress)
        return Routes(ways.km, ways.hours, ways.flags)


def _circle(starts: Snapped, ends: Snapped, a: Indices, b: Indices) -> Array:
    return haversine_km(starts.points.lat[a], starts.points.lon[a], ends.points.lat[b], ends.points.lon[b])


def _distinct(start: Points, end: Points) -> tuple[Points, Indices]:
    """Give the different places of both, and which of them each is: starts first, then ends."""
    both = np.column_stack([np.append(start.lat, end.lat), np.append(start.lon, end.lon)])
    both[np.isnan(both).any(axis=1)] = np.nan
    unique, back = np.unique(both, axis=0, return_inverse=True)
    return Points(unique[:, 0].copy(), unique[:, 1].copy()), back.reshape(-1).astype(np.int64)
