"""Candidate links: matching, listing, rules, distance and reach, each drop counted with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from isopt.errors import Problem, ScenarioError
from isopt.geo import Router
from isopt.network.cells import Cells, Ends, cells_of, listed_facilities
from isopt.network.lookup import ordered
from isopt.network.matching import Group, matching_groups, pairs_in_reach
from isopt.network.measure import Listener, measure, with_distances
from isopt.network.nodes import Kind, Parties
from isopt.network.periods import slim
from isopt.network.rings import among_nearest, settle
from isopt.network.rules import apply_rules
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Pairs of origins, receivers and modes that are looked at all at once where only the nearest are wanted; where there
#: are more, each origin's surroundings are searched ring by ring.
ALL_AT_ONCE = 1_000_000

#: Why a candidate left, in the order in which it is tried; the words are for the user.
REASONS = {
    "state": "the mode does not carry this state of matter",
    "forbidden": "forbidden in the links table",
    "not_listed": "not in the links table (reach.only_listed)",
    "within_facility": "a facility does not exchange with itself (reach.within_facility)",
    "rule": "forbidden by a rule",
    "ban": "banned from landfill",
    "reach": "out of reach (max_km)",
    "no_way": "no way over the network",
    "hours": "too long under way (max_haul_h)",
    "loss": "nothing would arrive",
    "nearest": "not among the nearest (reach.nearest)",
    "foreign": "between organisations (baseline)",
    "dominated": "can't beat what both ends do without it (proven)",
    "dominated_way": "another way out is at least as good (proven)",
}


@dataclass(frozen=True)
class Candidates:
    """
    Links that could carry something, exchanges and ways to disposal alike.

    Attributes
    ----------
    origin, receiver, mode, substitution
        Indices into the nodes, the modes and the substitutions (-1: none), shape (candidates,).
    distance_km
        Detour included, shape (candidates, 1 or periods).
    available
        Whether it is in reach, shape (candidates, 1 or periods).
    arrives
        Share of what is sent that arrives, shape (candidates, 1 or periods).
    listed
        Whether the links table speaks of it.
    permits
        Rows of the rules whose permit it needs: row -> flags.
    counts
        How many were tried (``tried``) and how many left, by reason.
    notes
        What the user should know of how they were measured.
    """

    scenario: Scenario
    parties: Parties
    origin: Indices
    receiver: Indices
    mode: Indices
    substitution: Indices
    distance_km: Array
    available: Flags
    arrives: Array
    listed: Flags
    permits: dict[int, Flags]
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of candidates."""
        return len(self.mode)

    @property
    def material(self) -> Indices:
        """Index of the material that moves, shape (candidates,)."""
        return self.parties.origins.material[self.origin]

    @property
    def from_facility(self) -> Indices:
        """Facility it starts at, shape (candidates,)."""
        return self.parties.origins.facility[self.origin]

    @property
    def to_facility(self) -> Indices:
        """Facility it ends at, shape (candidates,)."""
        return self.parties.receivers.facility[self.receiver]

    @property
    def to_disposal(self) -> Flags:
        """Whether it is a way to disposal, shape (candidates,)."""
        return np.asarray(self.parties.receivers.kind[self.receiver] == Kind.DISPOSAL)

    @property
    def foreign(self) -> Flags:
        """Whether its ends belong to different organisations, shape (candidates,)."""
        giver = self.parties.origins.organisation[self.origin]
        return np.asarray(giver != self.parties.receivers.organisation[self.receiver])

    def ends(self) -> Ends:
        """Ends as the links table sees them."""
        return Ends(self.from_facility, self.to_facility, self.material, self.mode)

    def cells(self) -> Cells:
        """What the links table says of each."""
        return cells_of(self.scenario, self.parties, self.ends())

    def keep(self, kept: Flags, reason: str) -> Candidates:
        """Drop those not kept, and count them under a reason."""
        counts = dict(self.counts)
        dropped = int(self.count - kept.sum())
        if not dropped:
            return self
        counts[reason] = counts.get(reason, 0) + dropped
        return replace(
            self,
            **{
                name: getattr(self, name)[kept]
                for name in (
                    "origin",
                    "receiver",
                    "mode",
                    "substitution",
                    "distance_km",
                    "available",
                    "arrives",
                    "listed",
                )
            },
            permits={row: flags[kept] for row, flags in self.permits.items()},
            counts=counts,
        )


@dataclass(frozen=True)
class _How:
    """How distances are found."""

    routers: Mapping[str, Router]
    pin_all: bool
    anew: bool
    on_progress: Listener | None


def find_candidates(
    scenario: Scenario,
    parties: Parties,
    routers: Mapping[str, Router] | None = None,
    *,
    pin_all: bool = False,
    anew: bool = False,
    on_progress: Listener | None = None,
) -> Candidates:
    """
    Find all links that could carry something.

    Parameters
    ----------
    scenario
        A checked scenario.
    parties
        Its nodes.
    routers
        Routers by mode or network, before those of ``[routing]``; great circle times the mode's detour where neither
        is given.
    pin_all, anew, on_progress
        As for `measure`.

    Returns
    -------
    candidates
        Its scenario holds the distances that were measured.

    Raises
    ------
    ScenarioError
        Where a pair needs a distance and has neither coordinates nor a distance in the links table.
    """
    how, k = _How(routers or {}, pin_all, anew, on_progress), scenario.settings.reach.nearest
    groups = list(matching_groups(scenario, parties))
    if not k:
        return _filtered(scenario, _match(scenario, parties, groups)[0], how)
    if _possible_pairs(parties, groups) <= ALL_AT_ONCE:
        found = _filtered(scenario, _match(scenario, parties, groups)[0], how)
    else:

        def ring(measured: Scenario, among: Flags, look: int) -> tuple[Candidates, Array]:
            matched, whole_km = _match(measured, parties, groups, among, look)
            return _filtered(measured, matched, how), whole_km

        wanted, limit_km = _carries(scenario).T[parties.origins.material], _limits_km(scenario).max(axis=1)
        found = settle(scenario, wanted, _least_detour(scenario, how), limit_km, k, ring)
    return found.keep(among_nearest(found, k), "nearest")


def _filtered(scenario: Scenario, found: Candidates, how: _How) -> Candidates:
    """Drop what is forbidden, banned, out of reach or brings nothing, and measure the rest."""
    parties = found.parties
    cells = found.cells()
    forbidden = cells.says("forbidden")
    found = replace(found, listed=cells.listed() & ~forbidden)
    found = found.keep(~forbidden, "forbidden")
    reach = scenario.settings.reach
    if reach.only_listed:
        found = found.keep(found.listed, "not_listed")
    if not reach.within_facility:
        inside = (found.from_facility == found.to_facility) & ~found.to_disposal & ~found.listed
        found = found.keep(~inside, "within_facility")
    verdict = apply_rules(scenario, parties, found.origin, found.receiver, found.mode)
    exchange = ~found.to_disposal
    found = replace(found, permits={row: fits & exchange for row, fits in verdict.permits.items()})
    found = found.keep(verdict.allowed | ~exchange, "rule")
    found = found.keep(~_banned(scenario, found), "ban")
    found = _measure(scenario, found, how)
    return found.keep(np.any(found.arrives > 0, axis=1), "loss")


def _possible_pairs(parties: Parties, groups: Sequence[Group]) -> int:
    """Count what a search over all pairs would hold at once, ways to disposal left aside."""
    disposal = parties.receivers.kind == Kind.DISPOSAL
    return sum(
        len(givers) * len(takers) * len(parties.modes)
        for _, givers, takers, _ in groups
        if len(takers) and not disposal[takers[0]]
    )


def _least_detour(scenario: Scenario, how: _How) -> Array:
    """Least kilometres by each mode per great-circle kilometre, 0 where a table may say anything, shape (modes,)."""
    detour = slim(scenario.at("modes", "detour")).min(axis=1)
    pinned = scenario.distances
    least = np.array(detour)
    for row, (mode, network) in enumerate(zip(scenario.modes["mode"], scenario.modes["network"], strict=True)):
        choice, given = scenario.settings.routing.get(mode), how.routers.get(mode, how.routers.get(network))
        names = {choice.router} if choice else set()
        names |= {given.name} if given else set()
        if pinned is not None and mode in pinned.modes:
            mine = pinned.mode == pinned.modes.index(mode)
            names |= {pinned.stamps[stamp].router for stamp in np.unique(pinned.stamp[mine])}
        if choice and choice.detour:
            least[row] = min(least[row], choice.detour)
        if names:  # a network's way is no shorter than the circle, a geodesic by less than a hundredth
            least[row] = 0.0 if "table" in names else min(least[row], 1.0) * 0.99
    return least


def _match(
    scenario: Scenario,
    parties: Parties,
    groups: Sequence[Group],
    among: Flags | None = None,
    look: int | None = None,
) -> tuple[Candidates, Array]:
    """
    Pair what matches by material and lies within the widest reach, once for each mode that carries its state.

    With ``look``, exchanges of the origins ``among`` are looked for among so many of the nearest facilities only; the
    second part says up to which great-circle radius none was left out, shape (origins,).
    """
    whole_km = np.full(parties.origins.count, np.inf)
    listed = listed_facilities(scenario, parties)
    lat, lon = (scenario.facilities[name].to_numpy(dtype=np.float64) for name in ("lat", "lon"))
    places = None if scenario.settings.reach.only_listed else (lat, lon)
    radius = _mode_radius(scenario)
    carries = _carries(scenario)
    columns: dict[str, list[Indices]] = {name: [] for name in ("origin", "receiver", "mode", "substitution")}
    tried = state = reach = 0
    for material, givers, takers, substitution in groups:
        able = np.flatnonzero(carries[:, material])
        total = len(givers) * len(takers) * len(parties.modes)
        tried += total
        state += len(givers) * len(takers) * (len(parties.modes) - len(able))
        if not able.size or not total:
            continue
        mine = givers if among is None else givers[among[givers]]
        nearest = None if parties.receivers.kind[takers[0]] == Kind.DISPOSAL else look
        group = material, mine, takers, substitution
        pairs = pairs_in_reach(places, parties, group, float(radius[able].max()), listed, nearest)
        np.minimum.at(whole_km, mine, pairs.whole_km)
        beyond = len(mine) * len(takers) * len(able) - len(pairs.origin) * len(able)
        reach += beyond
        columns["origin"].append(np.tile(pairs.origin, len(able)))
        columns["receiver"].append(np.tile(pairs.receiver, len(able)))
        columns["substitution"].append(np.tile(pairs.substitution, len(able)))
        columns["mode"].append(np.repeat(able, len(pairs.origin)))
    arrays = {
        name: np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
        for name, parts in columns.items()
    }
    order = ordered(*arrays.values())
    count = len(order)
    beyond_reason = "not_listed" if scenario.settings.reach.only_listed else "reach"
    found = Candidates(
        scenario,
        parties,
        origin=arrays["origin"][order],
        receiver=arrays["receiver"][order],
        mode=arrays["mode"][order],
        substitution=arrays["substitution"][order],
        distance_km=np.full((count, 1), np.nan),
        available=np.ones((count, 1), dtype=bool),
        arrives=np.ones((count, 1)),
        listed=np.zeros(count, dtype=bool),
        permits={},
        counts={"tried": tried, "state": state, beyond_reason: reach},
    )
    return found, whole_km


def _carries(scenario: Scenario) -> Flags:
    """Tell which mode carries which material; a material of no state goes anywhere. Shape (modes, materials)."""
    states = scenario.materials["state"].to_numpy()
    return np.array(
        [[not state or state in carried for state in states] for carried in scenario.modes["states"]], dtype=bool
    ).reshape(len(scenario.modes), len(states))


def _limits_km(scenario: Scenario) -> Array:
    """Longest haul of each mode: its own, else the scenario's, else unlimited. Shape (modes, 1 or periods)."""
    own = slim(scenario.at("modes", "max_km"))
    general = scenario.settings.reach.max_km
    return np.where(np.isnan(own), np.inf if general is None else float(general), own)


def _mode_radius(scenario: Scenario) -> Array:
    """
    Great-circle radius that each mode can't reach beyond, shape (modes,).

    No way is shorter than the circle, or than the detour factor makes of it, unless a table of distances says so.
    """
    detour = slim(scenario.at("modes", "detour"))
    radius = np.asarray((_limits_km(scenario) / np.minimum(detour, 1.0).clip(1e-9)).max(axis=1), dtype=np.float64)
    by_table = {mode for mode, choice in scenario.settings.routing.items() if choice.router == "table"}
    radius[scenario.modes["mode"].isin(by_table).to_numpy()] = np.inf  # what somebody wrote down may be any length
    return radius


def _banned(scenario: Scenario, found: Candidates) -> Flags:
    """Tell which ways lead waste of a banned class to a landfill."""
    ban = scenario.settings.policy.landfill_ban
    banned = np.zeros(found.count, dtype=bool)
    ways = np.flatnonzero(found.to_disposal)
    if ban and ways.size:
        row = found.parties.receivers.row[found.receiver[ways]]
        route = scenario.disposals["route"].to_numpy()[row]
        own_class = scenario.disposals["tax_class"].to_numpy()[row]
        material_class = scenario.materials["disposal_class"].to_numpy()[found.material[ways]]
        applies = np.where(own_class != "", own_class, material_class)
        banned[ways] = (route == "landfill") & np.isin(applies, list(ban))
    return banned


def _measure(scenario: Scenario, found: Candidates, how: _How) -> Candidates:
    """Fill distance, what arrives and what is in reach; drop what is never in reach."""
    cell, _ = found.cells().number("distance_km")
    told = ~np.isnan(cell).any(axis=1)
    ways = np.flatnonzero(~told)
    measured = measure(
        scenario, found.from_facility[ways], found.to_facility[ways], found.mode[ways],
        routers=how.routers, pin_all=how.pin_all, anew=how.anew, on_progress=how.on_progress,
    )  # fmt: skip
    km, hours, final = np.zeros(found.count), np.full(found.count, np.nan), np.ones(found.count, dtype=bool)
    km[ways], hours[ways], final[ways] = measured.km, measured.hours, measured.final
    found = replace(found, scenario=with_distances(scenario, measured.distances), notes=found.notes + measured.notes)
    detour = np.where(final[:, None], 1.0, slim(scenario.at("modes", "detour"))[found.mode])
    distance = np.where(np.isnan(cell), km[:, None] * detour, cell)
    _require_distance(found, distance)
    limit = _limits_km(scenario)[found.mode]
    joined = np.isfinite(distance)  # a router answers infinity where there is no way, which no listing makes
    near = joined & ((distance <= limit * (1 + 1e-12)) | found.listed[:, None])
    distance = np.where(joined, distance, 0.0)
    speed = slim(scenario.at("modes", "speed_kmh"))[found.mode]
    allowed_h = slim(scenario.at("materials", "max_haul_h"))[found.material]
    with np.errstate(divide="ignore", invalid="ignore"):
        spent = np.where(np.isnan(hours)[:, None], distance / np.where(speed > 0, speed, np.nan), hours[:, None])
    fresh = ~(spent > allowed_h * (1 + 1e-12)) | found.listed[:, None]
    loss = slim(scenario.at("modes", "loss_share_per_km"))[found.mode]
    arrives = np.maximum(0.0, 1.0 - loss * distance)
    found = replace(found, distance_km=slim(distance), available=near & fresh & (arrives > 0), arrives=slim(arrives))
    ever_near, ever_fresh = np.any(near, axis=1), np.any(fresh, axis=1)
    ever_joined = np.any(joined, axis=1)
    found = found.keep(ever_joined, "no_way")
    found = found.keep(ever_near[ever_joined], "reach")
    return found.keep(ever_fresh[ever_near], "hours")


def _require_distance(found: Candidates, distance: Array) -> None:
    """Name the pairs that have neither coordinates nor a distance."""
    missing = np.flatnonzero(np.isnan(distance).any(axis=1))
    if not missing.size:
        return
    facilities = found.parties.facilities
    located = found.scenario.facilities[["lat", "lon"]].notna().all(axis=1).to_numpy()
    lost: dict[int, tuple[str, str]] = {}
    for i in missing:
        pair = int(found.from_facility[i]), int(found.to_facility[i])
        for facility in pair:
            if not located[facility]:
                lost.setdefault(facility, (facilities[pair[0]], facilities[pair[1]]))
    raise ScenarioError(
        found.scenario.name,
        [
            Problem(
                "facilities.csv",
                facility + 2,
                "lat",
                f'"{facilities[facility]}" has no coordinates and the exchange {a} > {b} needs a distance: '
                "fill lat and lon, or give distance_km for the pair in links.csv",
            )
            for facility, (a, b) in sorted(lost.items())
        ],
    )
