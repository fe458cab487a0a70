"""Openings: the yes-or-no decisions that a fixed cost, a lot, a permit or a count makes necessary, and only those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.network.groups import Groups, members_of
from isopt.network.links import Links, Outlets
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Openings:
    """
    Decisions on exchanges.

    Whether one is in place, whether a permit that only some of its flows need is held, and, where exchanges are
    counted, whether its foreign flows are used.

    Attributes
    ----------
    group
        Group that each speaks of, shape (openings,).
    whole
        Whether it speaks of all flows of the group; those carry its lot, capacity and capital.
    stays
        Whether it can't close again, shape (openings,).
    required
        Whether it is open from the first year, shape (openings,).
    counted
        Whether it counts towards `limits.exchanges_max`, shape (openings,).
    fixed_eur_per_yr
        Set-up and permits while open, shape (openings, years).
    capex_eur, life_yr
        Shape (openings,).
    link, link_opening, outlet, outlet_opening
        Which link (outlet) needs which opening, pairs of shape (memberships,).
    of_group
        Opening of the whole of each group, -1 where it needs none, shape (groups,).
    """

    group: Indices
    whole: Flags
    stays: Flags
    required: Flags
    counted: Flags
    fixed_eur_per_yr: Array
    capex_eur: Array
    life_yr: Array
    link: Indices
    link_opening: Indices
    outlet: Indices
    outlet_opening: Indices
    of_group: Indices

    @property
    def count(self) -> int:
        """Number of openings."""
        return len(self.group)


def openings_of(
    scenario: Scenario, groups: Groups, links: Links, outlets: Outlets, candidate_link: Indices, *, baseline: bool
) -> Openings:
    """
    Decide which groups need a yes or no.

    Parameters
    ----------
    scenario, groups, links, outlets
        The instance so far.
    candidate_link
        Link of each candidate (-1 for a way to disposal), shape (candidates,): the groups' permits speak of candidates.
    baseline
        Whether required links are released and limits left out.
    """
    fixed = groups.setup_eur_per_yr + groups.permit_eur_per_yr[:, None]
    required = (groups.status == "required") & (not baseline)
    stays = groups.status != "existing"
    counting = scenario.settings.limits.exchanges_max is not None and not baseline
    foreign = np.bincount(links.group, weights=links.foreign, minlength=groups.count)
    size = np.bincount(links.group, minlength=groups.count)
    idle = required | (fixed < 0).any(axis=1) | (groups.capex_eur < 0)  # may be open and carry nothing: not counted
    all_foreign = (foreign == size) & (foreign > 0) & ~idle
    needed = (
        (fixed != 0).any(axis=1)
        | (groups.capex_eur != 0)
        | (groups.minimum > 0).any(axis=1)
        | required
        | (counting & all_foreign)
    )
    whole = np.flatnonzero(needed)
    of_group = np.full(groups.count, -1, dtype=np.int64)
    of_group[whole] = np.arange(len(whole))
    price = scenario.at("rules", "permit_eur_per_yr")[:, 0]
    years = fixed.shape[1]
    partial = [(g, np.full(years, price[row]), candidate_link[members]) for g, row, members in groups.partial_permits]
    mixed = (foreign > 0) & ~all_foreign & counting
    crossing = members_of(links.group, links.foreign & mixed[links.group])
    part_links = [members for _, _, members in partial] + [members for _, members in crossing]
    part_group = np.array([g for g, _, _ in partial] + [g for g, _ in crossing], dtype=np.int64)
    part_fixed = np.array([f for _, f, _ in partial] + [np.zeros(years)] * len(crossing)).reshape(-1, years)
    group = np.concatenate([whole, part_group])
    parts, start = len(part_links), len(whole)
    in_link, in_outlet = np.flatnonzero(of_group[links.group] >= 0), np.flatnonzero(outlets.group >= 0)
    in_outlet = in_outlet[of_group[outlets.group[in_outlet]] >= 0]
    return Openings(
        group=group,
        whole=np.arange(len(group)) < start,
        stays=stays[group],
        required=np.concatenate([required[whole], np.zeros(parts, dtype=bool)]),
        counted=np.concatenate([all_foreign[whole] & counting, np.arange(parts) >= len(partial)]).astype(bool),
        fixed_eur_per_yr=np.vstack([fixed[whole], part_fixed]),
        capex_eur=np.concatenate([groups.capex_eur[whole], np.zeros(parts)]),
        life_yr=groups.life_yr[group],
        link=np.concatenate([in_link, *part_links]).astype(np.int64),
        link_opening=np.concatenate(
            [of_group[links.group[in_link]], *(np.full(len(m), start + k) for k, m in enumerate(part_links))]
        ).astype(np.int64),
        outlet=in_outlet,
        outlet_opening=of_group[outlets.group[in_outlet]],
        of_group=of_group,
    )
