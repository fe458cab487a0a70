"""How far it is between the ends of each candidate: pinned distances first, then routers, then the great circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from isopt.geo import Points, RouteFlag, Router, StraightRouter, haversine_km
from isopt.geo.choose import router_of_mode
from isopt.network.lookup import distinct
from isopt.scenario import Distances, Scenario, Stamp

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Listener = Callable[[int, int], None]

#: Pairs that a router is given at once: enough to share the search from one start, few enough to stop soon.
BLOCK = 100_000
#: Facilities that a note names.
NAMED = 12


class MeasuringStopped(KeyboardInterrupt):
    """Ctrl-C while distances were measured; what was measured until then is in ``distances``."""

    def __init__(self, distances: Distances) -> None:
        super().__init__("measuring was interrupted")
        self.distances = distances


@dataclass(frozen=True)
class Measured:
    """
    Distances of pairs of facilities by mode.

    Attributes
    ----------
    distances
        What was pinned before and still holds, and what was measured now; None where no mode has a router.
    km
        Kilometres, infinite where there is no way, NaN where a coordinate is missing, shape (candidates,).
    hours
        Time under way, NaN where only the mode's speed can tell, shape (candidates,).
    final
        Whether the kilometres are the way itself; elsewhere the mode's detour is still to come. Shape (candidates,).
    notes
        What the user should know.
    """

    distances: Distances | None
    km: Array
    hours: Array
    final: Flags
    notes: tuple[str, ...]


@dataclass
class _Known:
    """Ways known so far by key (mode, from, to), sorted by key; facilities are those of the scenario."""

    key: Indices
    km: Array
    hours: Array
    flags: NDArray[np.uint8]
    stamp: Indices

    def find(self, key: Indices) -> Indices:
        """Return the place of each key, -1 where it is not known."""
        if not len(self.key):
            return np.full(len(key), -1, dtype=np.int64)
        place = np.searchsorted(self.key, key).clip(max=len(self.key) - 1)
        return np.where(self.key[place] == key, place, -1)

    def merged(self, other: _Known) -> _Known:
        """Return both; of ways that both know, the other's."""
        key = np.concatenate([other.key, self.key])
        _, first = np.unique(key, return_index=True)

        def both(name: str) -> NDArray[np.generic]:
            joined: NDArray[np.generic] = np.concatenate([getattr(other, name), getattr(self, name)])[first]
            return joined

        return _Known(key[first], *(both(name) for name in ("km", "hours", "flags", "stamp")))  # type: ignore[arg-type]


def measure(
    scenario: Scenario,
    from_facility: Indices,
    to_facility: Indices,
    mode: Indices,
    *,
    routers: Mapping[str, Router] | None = None,
    pin_all: bool = False,
    anew: bool = False,
    on_progress: Listener | None = None,
) -> Measured:
    """
    Measure pairs of facilities, each once.

    Parameters
    ----------
    scenario
        Supplies places, modes, ``[routing]`` and pinned distances.
    from_facility, to_facility, mode
        Indices, shape (candidates,).
    routers
        Routers by mode or network; they go before ``[routing]``.
    pin_all
        Put the ways of modes without a router among the distances too, as straight lines.
    anew
        Leave pinned distances aside.
    on_progress
        Told how many of how many ways are measured.

    Raises
    ------
    MeasuringStopped
        On Ctrl-C, with what was measured.
    """
    task = _Task(scenario, routers or {}, pin_all=pin_all, anew=anew)
    key = task.key(mode, from_facility, to_facility)
    apart = from_facility != to_facility
    km, hours = np.zeros(len(key)), np.full(len(key), np.nan)
    final = ~apart
    plain = apart & ~task.routed[mode]
    points = task.points
    a, b = from_facility[plain], to_facility[plain]
    km[plain] = haversine_km(points.lat[a], points.lon[a], points.lat[b], points.lon[b])
    which = np.flatnonzero(apart & task.routed[mode])
    if which.size:
        task.learn(distinct(key[which]), on_progress)
        place = task.known.find(key[which])
        km[which], hours[which], final[which] = task.known.km[place], task.known.hours[place], True
        unknown = np.isinf(task.known.km[place]) & ((task.known.flags[place] & RouteFlag.NO_WAY) == 0)
        km[which[unknown]] = np.nan  # the router could not say, for want of coordinates
    return Measured(task.distances(), km, hours, final, task.notes())


class _Task:
    """The ways of one scenario, while they are measured."""

    def __init__(self, scenario: Scenario, routers: Mapping[str, Router], *, pin_all: bool, anew: bool) -> None:
        self.scenario = scenario
        facilities = scenario.facilities
        self.points = Points.of(facilities["lat"], facilities["lon"], facilities["facility"].to_numpy(dtype=object))
        self.modes = scenario.modes["mode"].to_numpy(dtype=object)
        self.detour = scenario.at("modes", "detour")[:, 0]
        self.stamps: list[Stamp] = []
        self.router: list[Router | None] = []
        for row, name in enumerate(self.modes):
            found = routers.get(str(name), routers.get(str(scenario.modes["network"].iloc[row])))
            found = found or router_of_mode(scenario, str(name), float(self.detour[row]))
            if found is None and pin_all:
                found = StraightRouter(detour=float(self.detour[row]))
            self.router.append(found)
        self.wanted = [None if r is None else Stamp(r.name, r.version) for r in self.router]
        pinned = None if anew else scenario.distances
        self.pinned_modes = set() if pinned is None else set(pinned.modes)
        self.known = self._pinned(pinned)
        self.before = len(self.known.key)
        self.routed = np.array(
            [r is not None or self._holds(row) for row, r in enumerate(self.router)], dtype=bool
        ).reshape(len(self.modes))
        self.missing: dict[str, tuple[int, int]] = {}

    def key(self, mode: Indices, start: Indices, end: Indices) -> Indices:
        """Return one number for each way."""
        n = np.int64(self.points.count)
        return (mode.astype(np.int64) * n + start) * n + end

    def ends(self, key: Indices) -> tuple[Indices, Indices, Indices]:
        """Return mode and ends of each way."""
        n = np.int64(self.points.count)
        return key // (n * n), key // n % n, key % n

    def _holds(self, row: int) -> bool:
        mode, _, _ = self.ends(self.known.key)
        return bool((mode == row).any())

    def _pinned(self, pinned: Distances | None) -> _Known:
        """Return the pinned ways that still hold: same places, same router."""
        empty = np.zeros(0, dtype=np.int64)
        if pinned is None or not pinned.count:
            return _Known(empty, np.zeros(0), np.zeros(0), np.zeros(0, np.uint8), empty)
        place = pinned.standing(self.points.ids.tolist() if self.points.ids is not None else [], *self._where())
        rows = {str(name): row for row, name in enumerate(self.modes)}
        mode_of = np.array([rows.get(name, -1) for name in pinned.modes], dtype=np.int64)
        fits = np.zeros((len(pinned.modes), len(pinned.stamps)), dtype=bool)
        for i, row in enumerate(mode_of):
            fits[i] = [row >= 0 and self._fits(int(row), stamp) for stamp in pinned.stamps]
        start, end = place[pinned.from_facility], place[pinned.to_facility]
        good = np.flatnonzero((start >= 0) & (end >= 0) & fits[pinned.mode, pinned.stamp])
        self.stamps = list(pinned.stamps)
        key = self.key(mode_of[pinned.mode[good]], start[good], end[good])
        order = np.argsort(key, kind="stable")
        good = good[order]
        return _Known(key[order], pinned.distance_km[good], pinned.hours[good], pinned.flags[good], pinned.stamp[good])

    def _where(self) -> tuple[Array, Array]:
        return self.points.lat, self.points.lon

    def _fits(self, row: int, stamp: Stamp) -> bool:
        """Tell whether a pinned way of a mode is what would be measured now."""
        wanted = self.wanted[row]
        if wanted is not None:
            return stamp == wanted
        usual = StraightRouter(detour=float(self.detour[row]))
        return stamp.router != usual.name or stamp.version == usual.version

    def learn(self, key: Indices, on_progress: Listener | None) -> None:
        """Measure the ways that are not known, those of one router together."""
        missing = key[self.known.find(key) < 0]
        mode, _, _ = self.ends(missing)
        by_stamp: dict[Stamp, tuple[Router, list[int]]] = {}
        for row in np.unique(mode).tolist():
            router = self.router[row] or StraightRouter(detour=float(self.detour[row]))
            by_stamp.setdefault(Stamp(router.name, router.version), (router, []))[1].append(row)
            if str(self.modes[row]) in self.pinned_modes:
                total = int((self.ends(key)[0] == row).sum())
                self.missing[str(self.modes[row])] = (int((mode == row).sum()), total)
        done, total = 0, len(missing)
        n = np.int64(self.points.count)
        try:
            for stamp, (router, rows) in by_stamp.items():
                of_router = missing[np.isin(mode, rows)]
                pair = distinct(of_router % (n * n))
                for first in range(0, len(pair), BLOCK):
                    block = pair[first : first + BLOCK]
                    ways = of_router[np.isin(of_router % (n * n), block)]
                    self.known = self.known.merged(self._measured(router, stamp, block, ways))
                    done += len(ways)
                    if on_progress is not None:
                        on_progress(done, total)
        except KeyboardInterrupt as stop:
            found = self.distances()
            if found is None:
                raise
            raise MeasuringStopped(found) from stop

    def _measured(self, router: Router, stamp: Stamp, pair: Indices, ways: Indices) -> _Known:
        """Ask a router for pairs, and write the answer down for each way (the pair by one of its modes)."""
        n = np.int64(self.points.count)
        answer = router.routes(self.points.take(pair // n), self.points.take(pair % n))
        if stamp not in self.stamps:
            self.stamps.append(stamp)
        place = np.searchsorted(pair, ways % (n * n))
        km = np.where(np.isnan(answer.distance_km), np.inf, answer.distance_km)
        hours = np.full(len(pair), np.nan) if answer.hours is None else answer.hours
        flags = np.zeros(len(pair), np.uint8) if answer.flags is None else answer.flags
        flags = flags | np.where(np.isinf(answer.distance_km), np.uint8(RouteFlag.NO_WAY), np.uint8(0))
        of_stamp = np.full(len(ways), self.stamps.index(stamp), dtype=np.int64)
        return _Known(ways, km[place], hours[place], flags[place].astype(np.uint8), of_stamp)

    def distances(self) -> Distances | None:
        """Return everything known as pinned distances."""
        if not len(self.known.key) and self.scenario.distances is None:
            return None
        mode, start, end = self.ends(self.known.key)
        return Distances(
            tuple(str(name) for name in self.scenario.facilities["facility"]), *self._where(),
            tuple(str(name) for name in self.modes), tuple(self.stamps), start, end, mode, self.known.stamp,
            self.known.km, self.known.hours, self.known.flags,
        )  # fmt: skip

    def notes(self) -> tuple[str, ...]:
        """Say what was not pinned, and which facilities no way reaches."""
        notes = []
        for mode, (count, total) in self.missing.items():
            notes.append(
                f"{count:,} of {total:,} distances of mode {mode} are not pinned, or were pinned for another place or "
                "router, and were measured now: isopt distances pins them"
            )
        for row, router in enumerate(self.router):
            if router is not None:
                notes += self._unreached(row, router)
        return tuple(notes)

    def _unreached(self, row: int, router: Router) -> list[str]:
        """Name the facilities that no way of a mode reaches."""
        mode, start, end = self.ends(self.known.key)
        mine = mode == row
        both = np.concatenate([start[mine], end[mine]])
        ways = np.bincount(both, minlength=self.points.count)
        joined = np.isfinite(self.known.km[mine])
        reached = np.bincount(both[np.concatenate([joined, joined])], minlength=self.points.count)
        lost = np.flatnonzero((ways > 0) & (reached == 0) & self.points.located)
        if not lost.size or self.points.ids is None:
            return []
        shown = ", ".join(f'"{self.points.ids[i]}"' for i in lost[:NAMED])
        more = f" and {lost.size - NAMED} more" if lost.size > NAMED else ""
        return [f"no way of mode {self.modes[row]} (router {router.name}) reaches {shown}{more}"]


def with_distances(scenario: Scenario, distances: Distances | None) -> Scenario:
    """Return the scenario with other pinned distances."""
    return scenario if distances is scenario.distances else replace(scenario, distances=distances)
