"""Ids of everything in a plan, as arrays to put into tables."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isopt.network import Instance, Kind

Names = NDArray[np.object_]


class Ids:
    """
    Ids behind the indices of an instance.

    Parameters
    ----------
    instance
        The instance.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        parties = instance.parties
        self.facilities: Names = np.array(parties.facilities, dtype=object)
        self.materials: Names = np.array([*parties.materials, ""], dtype=object)  # index -1: none
        self.modes: Names = np.array([*parties.modes, ""], dtype=object)
        self.organisations: Names = np.array(parties.organisations, dtype=object)
        self.units: Names = instance.scenario.materials["unit"].to_numpy(dtype=object)

    @cached_property
    def origins(self) -> Names:
        """Stream or plant of each origin."""
        return self._of(self.instance.parties.origins.kind, self.instance.parties.origins.row)

    @cached_property
    def receivers(self) -> Names:
        """Demand, plant or disposal of each receiver."""
        return self._of(self.instance.parties.receivers.kind, self.instance.parties.receivers.row)

    def _of(self, kind: NDArray[np.int64], row: NDArray[np.int64]) -> Names:
        scenario = self.instance.scenario
        tables = {
            Kind.STREAM: scenario.streams["stream"],
            Kind.OUTPUT: scenario.plants["plant"],
            Kind.DEMAND: scenario.demands["demand"],
            Kind.INPUT: scenario.plants["plant"],
            Kind.DISPOSAL: scenario.disposals["disposal"],
        }
        names = np.full(len(kind), "", dtype=object)
        for which, column in tables.items():
            here = kind == which
            names[here] = column.to_numpy(dtype=object)[row[here]]
        return names

    @cached_property
    def groups(self) -> Names:
        """Id of each exchange: FROM>TO|MODE|MATERIAL."""
        return self.group_names(np.arange(self.instance.groups.count))

    def group_names(self, which: NDArray[np.int64]) -> Names:
        """Ids of some exchanges; only theirs are written, of half a million that are possible."""
        groups = self.instance.groups
        ends = (
            self.facilities[groups.from_facility[which]],
            self.facilities[groups.to_facility[which]],
            self.modes[groups.mode[which]],
            self.materials[groups.material[which]],
        )
        words = [f"{a}>{b}|{mode}|{material}" for a, b, mode, material in zip(*ends, strict=True)]
        names = np.empty(len(words), dtype=object)
        names[:] = words
        return names
