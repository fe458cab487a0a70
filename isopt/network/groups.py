"""Exchanges: what is set up or not, as groups of candidate links."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.errors import Problem, ScenarioError
from isopt.network.candidates import Candidates
from isopt.network.cells import Cells
from isopt.network.periods import Periods, slim
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Groups:
    """
    Exchanges, and ways to disposal taken together in the same manner.

    Attributes
    ----------
    of
        Group of each candidate, shape (candidates,).
    from_facility, to_facility, mode, material
        Indices, shape (groups,); -1 as the material of a shared one.
    way
        Whether it leads to a disposal (never counted as an exchange).
    status
        allowed, existing or required.
    setup_eur_per_yr
        Set-up without permits, shape (groups, years).
    capex_eur, life_yr
        Shape (groups,); 0 for existing ones.
    minimum, maximum
        Lot and capacity per year, on what is sent, shape (groups, years); 0 and infinity where none.
    eur_per_trip, vehicle_t
        Shape (groups, periods); a price of 0 means that no trips are counted.
    permit_eur_per_yr
        Permits that every flow of the group needs, shape (groups,).
    partial_permits
        (group, row of the rule, candidates that need it) where only some flows do, or where the group may stand idle.
    """

    of: Indices
    from_facility: Indices
    to_facility: Indices
    mode: Indices
    material: Indices
    way: Flags
    status: NDArray[np.object_]
    setup_eur_per_yr: Array
    permit_eur_per_yr: Array
    capex_eur: Array
    life_yr: Array
    minimum: Array
    maximum: Array
    eur_per_trip: Array
    vehicle_t: Array
    partial_permits: tuple[tuple[int, int, Indices], ...]

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.mode)

    @property
    def shared(self) -> Flags:
        """Whether all materials share it, shape (groups,)."""
        return self.material < 0


#: Life of a link's capital where the mode gives none (contract, *Cost*), in years.
DEFAULT_LIFE_YR = 20.0


def group_candidates(scenario: Scenario, found: Candidates, cells: Cells, periods: Periods) -> Groups:
    """
    Group candidates into exchanges: a pair, a mode and a material, or without the material where it is shared.

    Raises
    ------
    ScenarioError
        Where a shared exchange has a capacity over materials of several units, or priced trips have no vehicle size.
    """
    shared = cells.shared()
    cells = cells.of_exchanges(shared)
    material = np.where(shared, -1, found.material)
    n_fac, n_mat, n_mode = len(found.parties.facilities), len(found.parties.materials) + 1, len(found.parties.modes)
    key = (
        ((found.from_facility * n_fac + found.to_facility) * n_mode + found.mode) * n_mat + material + 1
    ) * 2 + found.to_disposal
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    count = len(first)
    way, mode = found.to_disposal[first], found.mode[first]
    first_year = periods.first_of_year

    named = np.zeros(count, dtype=bool)
    named[of[cells.candidate]] = True
    spoken = np.flatnonzero(named[of])  # members of the groups that the links table speaks of

    def by_strength(column: str) -> Array:
        """Cell of each group: of its strongest row. Shape (groups, 1 or periods)."""
        value, strength = cells.number(column)
        order = spoken[np.argsort(strength[spoken], kind="stable")]
        best = np.full((count, value.shape[1]), np.nan)
        best[of[order]] = value[order]
        return best

    def yearly(column: str, of_mode: Array | None) -> Array:
        """Cell of the links table, else the mode's (exchanges only). Shape (groups, years)."""
        cell = np.broadcast_to(by_strength(column), (count, periods.count))[:, first_year]
        if of_mode is None:
            return cell
        said = np.broadcast_to(of_mode, (count, periods.count))[:, first_year]
        return np.where(np.isnan(cell) & ~way[:, None], said, cell)

    def mode_number(column: str) -> Array:
        return slim(scenario.at("modes", column))[mode]

    status = _status(cells, of, count)
    exchange = key[first] // 2  # the key without its last bit, which says where the line leads: the exchange before
    of_exchange = way & (np.diff(exchange, prepend=-1) == 0)
    status[of_exchange & (status == "required")] = "allowed"  # a required row means the exchange, where there is one
    km = np.full(count, 0.0)
    km[of] = found.distance_km[:, 0]
    capex = by_strength("capex_eur")[:, 0]
    capex = np.where(np.isnan(capex) & ~way, mode_number("capex_eur_per_km")[:, 0] * km, capex)
    life = mode_number("life_yr")[:, 0]
    per_trip = np.broadcast_to(by_strength("eur_per_trip"), (count, periods.count))
    per_trip = np.where(np.isnan(per_trip), mode_number("eur_per_trip"), per_trip)
    setup = np.nan_to_num(yearly("setup_eur_per_yr", mode_number("setup_eur_per_yr")))
    idle = (
        (status == "required") | (setup < 0).any(axis=1) | (capex < 0)
    )  # may be open and carry nothing: needs no permit
    permit, partial = _permits(scenario, found, of, idle)
    groups = Groups(
        of=of.astype(np.int64),
        from_facility=found.from_facility[first],
        to_facility=found.to_facility[first],
        mode=mode,
        material=material[first],
        way=way,
        status=status,
        setup_eur_per_yr=setup,
        permit_eur_per_yr=permit,
        capex_eur=np.where(status == "existing", 0.0, np.nan_to_num(capex)),
        life_yr=np.where(np.isnan(life), DEFAULT_LIFE_YR, life),
        minimum=np.nan_to_num(yearly("min_per_yr", mode_number("min_per_yr"))),
        maximum=np.nan_to_num(yearly("max_per_yr", mode_number("max_per_yr")), nan=np.inf),
        eur_per_trip=np.nan_to_num(per_trip),
        vehicle_t=np.broadcast_to(mode_number("vehicle_t"), (count, periods.count)),
        partial_permits=partial,
    )
    problems = [*_mixed_units(scenario, found, groups), *_no_vehicle(found, groups)]
    if problems:
        raise ScenarioError(scenario.name, problems)
    return groups


def members_of(group: Indices, chosen: Flags) -> list[tuple[int, Indices]]:
    """
    Split what is chosen by its group.

    Parameters
    ----------
    group
        Group of each thing, shape (things,).
    chosen
        Shape (things,).

    Returns
    -------
    members
        Each group that has any, and its things.
    """
    which = np.flatnonzero(chosen)
    order = which[np.argsort(group[which], kind="stable")]
    names, start = np.unique(group[order], return_index=True)
    return (
        [(int(name), part) for name, part in zip(names, np.split(order, start[1:]), strict=True)] if len(names) else []
    )


def _status(cells: Cells, of: Indices, count: int) -> NDArray[np.object_]:
    """Status of each group: of a shared one, the strongest word of its links."""
    status = np.empty(count, dtype=object)
    status.fill("allowed")  # the one string for all; numpy.full would make one for each
    for word in ("existing", "required"):
        status[of[cells.says(word)]] = word
    return status


def _permits(
    scenario: Scenario, found: Candidates, of: Indices, idle: Flags
) -> tuple[Array, tuple[tuple[int, int, Indices], ...]]:
    """Permits that go with every flow of a group, added up, and those that only some flows or no idle group needs."""
    count = len(idle)
    price = scenario.at("rules", "permit_eur_per_yr")[:, 0]
    size = np.bincount(of, minlength=count)
    whole = np.zeros(count)
    partial: list[tuple[int, int, Indices]] = []
    for row, flags in found.permits.items():
        hit = np.bincount(of, weights=flags, minlength=count)
        every = (hit == size) & ~idle
        whole[every] += price[row]
        some = (hit > 0) & ~every
        partial += [(group, row, members) for group, members in members_of(of, flags & some[of])]
    return whole, tuple(partial)


def require_possible(scenario: Scenario, found: Candidates, groups: Groups) -> None:
    """
    Name the required links that no candidate stands for.

    Raises
    ------
    ScenarioError
        Where there is one.
    """
    problems = []
    links, parties = scenario.links, found.parties
    required = groups.status == "required"
    have = {
        (parties.facilities[a], parties.facilities[b], parties.modes[m], parties.materials[w] if w >= 0 else "")
        for a, b, m, w in zip(
            groups.from_facility[required],
            groups.to_facility[required],
            groups.mode[required],
            groups.material[required],
            strict=True,
        )
    }
    for row in np.flatnonzero((links["status"] == "required").to_numpy()):
        link = links.iloc[row]
        keys = {
            (link["from_facility"], link["to_facility"], link["mode"], material) for material in (link["material"], "")
        }
        if not keys & have:
            problems.append(
                Problem(
                    "links.csv",
                    int(row) + 2,
                    "status",
                    f"the required link {link['from_facility']} > {link['to_facility']} by {link['mode']} is not "
                    "possible: nothing that starts there is wanted at the other end, or the mode, a rule or another "
                    "row forbids it",
                )
            )
    if problems:
        raise ScenarioError(scenario.name, problems)


def _mixed_units(scenario: Scenario, found: Candidates, groups: Groups) -> list[Problem]:
    """Name the shared exchanges whose lot or capacity would add up different units."""
    bounded = groups.shared & ((groups.minimum > 0).any(axis=1) | np.isfinite(groups.maximum).any(axis=1))
    if not bounded.any():
        return []
    unit, unit_of = np.unique(scenario.materials["unit"].to_numpy().astype(str), return_inverse=True)
    of_unit, names = unit_of[found.material], found.parties.facilities
    low, high = np.full(groups.count, len(unit)), np.full(groups.count, -1)
    np.minimum.at(low, groups.of, of_unit)
    np.maximum.at(high, groups.of, of_unit)
    return [
        Problem(
            "links.csv",
            None,
            "shared",
            f"the shared link {names[groups.from_facility[g]]} > {names[groups.to_facility[g]]} has min_per_yr or "
            f"max_per_yr over materials in {unit[low[g]]} and {unit[high[g]]}: give the materials links of their own",
        )
        for g in np.flatnonzero(bounded & (low < high))
    ]


def _no_vehicle(found: Candidates, groups: Groups) -> list[Problem]:
    """Name the modes whose trips are priced by a link and whose vehicles have no size."""
    lost = ((groups.eur_per_trip != 0) & ~(groups.vehicle_t > 0)).any(axis=1)
    return [
        Problem(
            "modes.csv",
            int(m) + 2,
            "vehicle_t",
            f'trips by "{found.parties.modes[m]}" have a price (eur_per_trip): give the tonnes that one vehicle takes',
        )
        for m in np.unique(groups.mode[lost])
    ]
