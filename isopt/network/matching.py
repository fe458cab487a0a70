"""Matching: which origin could serve which receiver, by material, sector, reach and listing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.geo import Points, pairs_within
from isopt.geo.nearness import k_nearest
from isopt.network.lookup import distinct
from isopt.network.nodes import Kind, Nodes, Parties
from isopt.scenario import Scenario
from isopt.waste import has_prefix

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Material, origins, receivers and substitution of nodes that match.
Group = tuple[int, Indices, Indices, int]
#: Classes of waste at disposal, as the contract names them.
DISPOSAL_CLASSES = ("inert", "non_hazardous", "hazardous", "none")


@dataclass(frozen=True)
class Pairs:
    """
    Origins and receivers that match.

    Attributes
    ----------
    origin, receiver
        Indices into the origins and receivers, shape (pairs,).
    substitution
        Row of the substitution that makes them match, -1 where the material itself is taken, shape (pairs,).
    whole_km
        Great-circle radius within which no receiver is left out, for each origin of the group; infinite where none is
        left out at all.
    """

    origin: Indices
    receiver: Indices
    substitution: Indices
    whole_km: Array


def sector_matches(sectors: pd.Series, prefixes: tuple[str, ...]) -> NDArray[np.bool_]:
    """
    Tell which sectors begin with one of some NACE prefixes.

    Parameters
    ----------
    sectors
        NACE codes, one or several separated by ";", shape (rows,).
    prefixes
        NACE prefixes; none means that every sector matches.
    """
    if not prefixes:
        return np.ones(len(sectors), dtype=bool)
    if sectors.empty:
        return np.zeros(0, dtype=bool)

    def fits(cell: str) -> bool:
        return any(code.strip().startswith(prefixes) for code in cell.split(";") if code.strip())

    codes, place = np.unique(sectors.to_numpy(dtype=str), return_inverse=True)
    return np.array([fits(code) for code in codes.tolist()], dtype=bool)[place]


def accepted_materials(scenario: Scenario) -> NDArray[np.bool_]:
    """
    Tell which disposal accepts which material: by id, class or EWC prefix; an empty cell accepts everything.

    Returns
    -------
    accepted
        Shape (disposals, materials).
    """
    ids = scenario.materials["material"].to_numpy()
    classes = scenario.materials["disposal_class"].to_numpy()
    codes = scenario.materials["ewc"].to_numpy()
    accepted = np.zeros((len(scenario.disposals), len(ids)), dtype=bool)
    for row, accepts in enumerate(scenario.disposals["accepts"]):
        if not accepts:
            accepted[row] = True
        for entry in accepts:
            if entry in set(ids):
                accepted[row] |= ids == entry
            elif entry in DISPOSAL_CLASSES:
                accepted[row] |= classes == entry
            else:
                accepted[row] |= np.array([has_prefix(code, entry) for code in codes], dtype=bool)
    return accepted


def matching_groups(scenario: Scenario, parties: Parties) -> Iterator[Group]:
    """
    Go through the groups of nodes whose materials match, whatever lies between them.

    Yields
    ------
    material, origins, receivers, substitution
        Index of the material that moves, the nodes on both sides, and the row of the substitution (-1 for the
        material itself).
    """
    index = parties.material_index
    origins, receivers = parties.origins, parties.receivers
    moving = [int(m) for m in np.unique(origins.material)]
    origins_of = {m: np.flatnonzero(origins.material == m) for m in moving}

    demands, inputs, disposals = (receivers.of(kind) for kind in (Kind.DEMAND, Kind.INPUT, Kind.DISPOSAL))
    demand_sector = scenario.facilities["sector"].iloc[receivers.facility[demands]].reset_index(drop=True)
    subs = scenario.substitutions
    replaced = set(subs.loc[subs["from_material"] == subs["to_material"], "from_material"])
    for m in moving:
        if parties.materials[m] not in replaced:
            yield m, origins_of[m], demands[receivers.material[demands] == m], -1
        yield m, origins_of[m], inputs[receivers.material[inputs] == m], -1
    for row, (source, target, sectors) in enumerate(
        zip(subs["from_material"], subs["to_material"], subs["sectors"], strict=True)
    ):
        m = index[source]
        if m in origins_of:
            fits = (receivers.material[demands] == index[target]) & sector_matches(demand_sector, sectors)
            yield m, origins_of[m], demands[fits], row
    accepted = accepted_materials(scenario)
    for m in moving:
        yield m, origins_of[m], disposals[accepted[receivers.row[disposals], m]], -1


def pairs_in_reach(
    places: tuple[Array, Array] | None,
    parties: Parties,
    group: tuple[int, Indices, Indices, int],
    radius_km: float,
    listed: pd.DataFrame,
    look: int | None = None,
) -> Pairs:
    """
    Find the pairs of a matching group that lie within a radius, at one place, or in the links table.

    Parameters
    ----------
    places
        Latitude and longitude of all facilities in degrees, NaN where unknown, shape (facilities,) both; None where
        only pairs of the links table count.
    parties
        All nodes.
    group
        A group from `matching_groups`.
    radius_km
        Great-circle radius that no mode of the material reaches beyond.
    listed
        Columns ``from`` and ``to``: facility indices of the pairs in the links table, once each.
    look
        Look at so many of the nearest facilities only; None looks at all.

    Notes
    -----
    Facilities without coordinates are kept beside every facility of the other side: whether a distance is needed is
    known only later.
    """
    _, givers, takers, substitution = group
    origins, receivers = parties.origins, parties.receivers
    found = [_listed_pairs(origins, receivers, givers, takers, listed)]
    whole_km = np.full(len(givers), np.inf)
    if places is not None and givers.size and takers.size:
        from_facility, to_facility = origins.facility[givers], receivers.facility[takers]
        facilities_a, node_a = np.unique(from_facility, return_inverse=True)
        facilities_b, node_b = np.unique(to_facility, return_inverse=True)
        near, whole = _near_facilities(places, facilities_a, facilities_b, radius_km, look)
        whole_km = whole[node_a]
        found.append(_expand(near, node_a, node_b, givers, takers))
    origin, receiver = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    key = distinct(origin * np.int64(receivers.count + 1) + receiver)
    origin, receiver = key // (receivers.count + 1), key % (receivers.count + 1)
    return Pairs(origin, receiver, np.full(len(key), substitution, dtype=np.int64), whole_km)


def _near_facilities(
    places: tuple[Array, Array], a: Indices, b: Indices, radius_km: float, look: int | None
) -> tuple[tuple[Indices, Indices], Array]:
    """
    Pairs of positions in two lists of facilities: in the radius, the same one, or one without coordinates.

    With them the radius around each facility of the first list within which none is left out.
    """
    lat, lon = places
    whole_km = np.full(a.size, np.inf)
    if look is None or look >= b.size:
        near_a, near_b = pairs_within(lat[a], lon[a], lat[b], lon[b], radius_km)
    else:
        near_a, near_b, km = k_nearest(Points.of(lat[a], lon[a]), Points.of(lat[b], lon[b]), look)
        full = np.bincount(near_a, minlength=a.size) >= look  # further ones were left out: whole up to the farthest
        farthest = np.zeros(a.size)
        np.maximum.at(farthest, near_a, km)
        whole_km[full] = farthest[full]
        inside = km <= radius_km * (1 + 1e-9)
        near_a, near_b = near_a[inside], near_b[inside]
        whole_km[whole_km > radius_km * (1 + 1e-9)] = np.inf  # what is farther is out of reach anyway
    _, same_a, same_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    lost_a, lost_b = np.flatnonzero(np.isnan(lat[a] + lon[a])), np.flatnonzero(np.isnan(lat[b] + lon[b]))
    first = np.concatenate([near_a, same_a, np.repeat(lost_a, b.size), np.tile(np.arange(a.size), lost_b.size)])
    second = np.concatenate([near_b, same_b, np.tile(np.arange(b.size), lost_a.size), np.repeat(lost_b, a.size)])
    key = distinct(first.astype(np.int64) * b.size + second)
    return (key // b.size, key % b.size), whole_km


def _expand(
    near: tuple[Indices, Indices], node_a: Indices, node_b: Indices, givers: Indices, takers: Indices
) -> tuple[Indices, Indices]:
    """Turn pairs of facilities into pairs of the nodes that stand there."""
    pair, origin = _members(near[0], node_a, givers)
    row, receiver = _members(near[1][pair], node_b, takers)
    return origin[row], receiver


def _listed_pairs(
    origins: Nodes, receivers: Nodes, givers: Indices, takers: Indices, listed: pd.DataFrame
) -> tuple[Indices, Indices]:
    """Pairs of nodes whose facilities stand in the links table."""
    if listed.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    start, end = (listed[name].to_numpy(dtype=np.int64) for name in ("from", "to"))
    row, origin = _members(start, origins.facility[givers], givers)
    pair, receiver = _members(end[row], receivers.facility[takers], takers)
    return origin[pair], receiver


def _members(asked: Indices, key: Indices, value: Indices) -> tuple[Indices, Indices]:
    """Return every value whose key is asked for: the position of the asker and the value, in the askers' order."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    first = np.searchsorted(ordered, asked, "left")
    count = np.searchsorted(ordered, asked, "right") - first
    asker = np.repeat(np.arange(len(asked)), count)
    within = np.arange(len(asker)) - np.repeat(np.cumsum(count) - count, count)
    return asker, value[order[first[asker] + within]]
