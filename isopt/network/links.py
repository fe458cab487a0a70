"""Links and outlets with their cost and CO2 columns: everything that can carry an amount away from where it arises."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isopt.network.candidates import Candidates
from isopt.network.carriage import Carriage, require_mass, tonnes_per_unit
from isopt.network.groups import Groups
from isopt.network.periods import slim
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Links:
    """
    Candidate links of exchanges.

    Attributes
    ----------
    origin, receiver, mode, substitution, material, group, from_facility, to_facility
        Indices, shape (links,).
    foreign
        Whether its ends belong to different organisations, shape (links,).
    distance_km
        Shape (links, 1 or periods), as are all that follow.
    arrives
        Share of what is sent that arrives.
    ratio
        Units of the demand's material that one unit arrived replaces; 1 at plants.
    eur_per_unit, kgco2_per_unit, tonnes_per_unit
        Carriage and mass per unit sent.
    use_eur_per_unit, use_kgco2_per_unit
        Cost and emissions of using a substitute, per unit arrived.
    available
        Whether it is in reach.
    """

    origin: Indices
    receiver: Indices
    mode: Indices
    substitution: Indices
    material: Indices
    group: Indices
    from_facility: Indices
    to_facility: Indices
    foreign: Flags
    distance_km: Array
    arrives: Array
    ratio: Array
    eur_per_unit: Array
    kgco2_per_unit: Array
    tonnes_per_unit: Array
    use_eur_per_unit: Array
    use_kgco2_per_unit: Array
    available: Flags

    @property
    def count(self) -> int:
        """Number of links."""
        return len(self.origin)

    @property
    def factor(self) -> Array:
        """Receiver's units per unit sent, shape (links, 1 or periods)."""
        return self.ratio * self.arrives


@dataclass(frozen=True)
class Outlets:
    """
    Ways to disposal, and the streams' own disposal after them.

    Attributes
    ----------
    origin, disposal, mode, group, material, from_facility, to_facility
        Indices, shape (outlets,); disposal, mode and group are -1 for own disposal.
    distance_km, arrives, eur_per_unit, kgco2_per_unit, tonnes_per_unit, available
        As for links; own disposal has no carriage.
    gate_eur_per_unit, gate_kgco2_per_unit
        Fee (or price of own disposal) and emissions, per unit arrived.
    route, tax_class
        Text, shape (outlets,); the class is the disposal's, else the material's.
    """

    origin: Indices
    disposal: Indices
    mode: Indices
    group: Indices
    material: Indices
    from_facility: Indices
    to_facility: Indices
    distance_km: Array
    arrives: Array
    eur_per_unit: Array
    kgco2_per_unit: Array
    tonnes_per_unit: Array
    gate_eur_per_unit: Array
    gate_kgco2_per_unit: Array
    route: NDArray[np.object_]
    tax_class: NDArray[np.object_]
    available: Flags

    @property
    def count(self) -> int:
        """Number of outlets."""
        return len(self.origin)

    @cached_property
    def landfill(self) -> Flags:
        """Whether it ends in a landfill, shape (outlets,)."""
        return np.asarray(self.route == "landfill", dtype=bool)


def links_of(scenario: Scenario, found: Candidates, carriage: Carriage, groups: Groups) -> Links:
    """Take the exchanges among the candidates, with what substitution costs at their end."""
    which = np.flatnonzero(~found.to_disposal)
    substitution = found.substitution[which]
    replaced = substitution >= 0

    def of_substitution(column: str, otherwise: float) -> Array:
        table = slim(scenario.at("substitutions", column))
        values = np.full((len(which), table.shape[1]), otherwise)
        values[replaced] = table[substitution[replaced]]
        return values

    return Links(
        origin=found.origin[which],
        receiver=found.receiver[which],
        mode=found.mode[which],
        substitution=substitution,
        material=found.material[which],
        group=groups.of[which],
        from_facility=found.from_facility[which],
        to_facility=found.to_facility[which],
        foreign=found.foreign[which],
        distance_km=found.distance_km[which],
        arrives=found.arrives[which],
        ratio=of_substitution("ratio", 1.0),
        eur_per_unit=carriage.eur_per_unit[which],
        kgco2_per_unit=carriage.kgco2_per_unit[which],
        tonnes_per_unit=carriage.tonnes_per_unit[which],
        use_eur_per_unit=of_substitution("cost_eur_per_unit", 0.0),
        use_kgco2_per_unit=of_substitution("kgco2_per_unit", 0.0),
        available=found.available[which],
    )


def outlets_of(scenario: Scenario, found: Candidates, carriage: Carriage, groups: Groups) -> Outlets:
    """Take the ways to disposal among the candidates, and add each stream's own disposal."""
    ways = np.flatnonzero(found.to_disposal)
    disposal = found.parties.receivers.row[found.receiver[ways]]
    streams = scenario.streams
    own_price = slim(scenario.at("streams", "own_disposal_eur_per_unit"))
    own = np.flatnonzero(~np.isnan(own_price).all(axis=1))
    own_material = found.parties.origins.material[own]
    own_route = streams["own_disposal_route"].to_numpy(dtype=object)[own]
    material_class = scenario.materials["disposal_class"].to_numpy(dtype=object)
    ban = np.array(scenario.settings.policy.landfill_ban, dtype=str)
    legal = ~((own_route == "landfill") & np.isin(material_class[own_material].astype(str), ban))
    own, own_material, own_route = own[legal], own_material[legal], own_route[legal]

    mass = tonnes_per_unit(scenario)
    require_mass(scenario, mass, np.unique(own_material[own_route == "landfill"]))
    of_place = scenario.disposals["tax_class"].to_numpy(dtype=object)[disposal]
    facility = found.parties.origins.facility[own]
    nothing, whole = np.zeros((len(own), 1)), np.ones((len(own), 1))
    priced = ~np.isnan(own_price[own])  # a change may fill an empty price: from then on the firm has a disposal

    def both(of_ways: Array, of_own: Array) -> Array:
        width = max(of_ways.shape[1], of_own.shape[1])
        return np.vstack([np.broadcast_to(part, (len(part), width)) for part in (of_ways, of_own)])

    def ids(of_ways: Indices, of_own: Indices | int) -> Indices:
        return np.concatenate([of_ways, np.broadcast_to(np.asarray(of_own, dtype=np.int64), (len(own),))])

    return Outlets(
        origin=ids(found.origin[ways], own),
        disposal=ids(disposal, -1),
        mode=ids(found.mode[ways], -1),
        group=ids(groups.of[ways], -1),
        material=ids(found.material[ways], own_material),
        from_facility=ids(found.from_facility[ways], facility),
        to_facility=ids(found.to_facility[ways], facility),
        distance_km=both(found.distance_km[ways], nothing),
        arrives=both(found.arrives[ways], whole),
        eur_per_unit=both(carriage.eur_per_unit[ways], nothing),
        kgco2_per_unit=both(carriage.kgco2_per_unit[ways], nothing),
        tonnes_per_unit=both(carriage.tonnes_per_unit[ways], np.nan_to_num(mass[own_material])),
        gate_eur_per_unit=both(
            slim(scenario.at("disposals", "gate_fee_eur_per_unit"))[disposal],
            np.nan_to_num(own_price[own]),
        ),
        gate_kgco2_per_unit=both(
            slim(scenario.at("disposals", "kgco2_per_unit"))[disposal],
            slim(scenario.at("streams", "own_disposal_kgco2_per_unit"))[own],
        ),
        route=np.concatenate([scenario.disposals["route"].to_numpy(dtype=object)[disposal], own_route]),
        tax_class=np.concatenate(
            [np.where(of_place != "", of_place, material_class[found.material[ways]]), material_class[own_material]]
        ),
        available=both(found.available[ways].astype(float), priced.astype(float)) > 0,
    )
