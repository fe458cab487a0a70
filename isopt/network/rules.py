"""Rules: what may be exchanged with whom, and which permits it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.network.matching import sector_matches
from isopt.network.nodes import Kind, Parties
from isopt.scenario import Scenario
from isopt.waste import has_prefix

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """
    What the rules say of each candidate.

    Attributes
    ----------
    allowed
        Shape (candidates,).
    permits
        Rows of the rules whose permit is needed, and for which candidates: row -> flags of shape (candidates,).
    """

    allowed: Flags
    permits: dict[int, Flags]


def apply_rules(scenario: Scenario, parties: Parties, origin: Indices, receiver: Indices, mode: Indices) -> Verdict:
    """
    Judge candidate exchanges by the rules.

    A rule speaks of a candidate if all its filled cells match. The rule with more filled cells wins, a forbidding one
    wins ties, and the permits
    of all allowing rules that match add up.

    Parameters
    ----------
    scenario, parties
        The rules, and the nodes behind the indices.
    origin, receiver, mode
        Shape (candidates,).
    """
    rules, count = scenario.rules, len(mode)
    allowed, best = np.ones(count, dtype=bool), np.full(count, -1)
    permits: dict[int, Flags] = {}
    if not len(rules):
        return Verdict(allowed, permits)
    sector = scenario.facilities["sector"]
    from_sector = sector.iloc[parties.origins.facility].reset_index(drop=True)
    to_sector = sector.iloc[parties.receivers.facility].reset_index(drop=True)
    material = parties.origins.material[origin]
    technology = np.full(parties.receivers.count, "", dtype=object)
    inputs = parties.receivers.of(Kind.INPUT)
    technology[inputs] = scenario.plants["technology"].to_numpy(dtype=object)[parties.receivers.row[inputs]]
    codes = scenario.materials["ewc"].to_numpy()
    for row, rule in enumerate(rules.to_dict("records")):
        fits, filled = np.ones(count, dtype=bool), 0
        if rule["material"]:
            filled += 1
            fits &= _material_matches(rule["material"], parties.material_index, codes)[material]
        if rule["from_sector"]:
            filled += 1
            fits &= sector_matches(from_sector, (rule["from_sector"],))[origin]
        if rule["to_sector"]:
            filled += 1
            fits &= sector_matches(to_sector, (rule["to_sector"],))[receiver]
        if rule["technology"]:
            filled += 1
            fits &= (technology == rule["technology"])[receiver]
        if rule["mode"]:
            filled += 1
            fits &= mode == parties.modes.index(rule["mode"])
        wins = fits & (filled > best)
        ties = fits & (filled == best)
        allowed = np.where(wins, bool(rule["allowed"]), allowed & ~(ties & (not rule["allowed"])))
        best = np.where(wins, filled, best)
        if rule["allowed"] and rule["permit_eur_per_yr"] != 0 and fits.any():
            permits[row] = fits
    return Verdict(allowed, permits)


def _material_matches(entry: str, index: dict[str, int], codes: NDArray[np.object_]) -> Flags:
    """Tell which materials a rule speaks of: one id, or an EWC prefix."""
    if entry in index:
        return np.asarray(np.arange(len(codes)) == index[entry])
    return np.fromiter((has_prefix(code, entry) for code in codes), dtype=bool, count=len(codes))
