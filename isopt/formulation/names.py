"""Readable names of columns and rows, made only when somebody reads the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from isopt.formulation.indexing import Indices
from isopt.network import Instance, Kind
from isopt.network.quality import origin_names

#: Gives names when somebody asks.
Labels = Callable[[], list[str]]


@dataclass(frozen=True)
class Names:
    """
    Names of everything in an instance.

    Parameters
    ----------
    inst
        The instance.
    """

    inst: Instance

    def by_period(self, names: Labels) -> Labels:
        """Name things period by period; with a single period its name is left out."""
        return lambda: _times(names(), list(self.inst.periods.names))

    def by_year(self, names: Labels) -> Labels:
        """Name things year by year; with a single year it is left out."""
        return lambda: _times(names(), [str(year) for year in self.inst.periods.years])

    def streams(self) -> list[str]:
        """Ids of the streams."""
        return list(self.inst.scenario.streams["stream"])

    def demands(self) -> list[str]:
        """Ids of the demands."""
        return list(self.inst.scenario.demands["demand"])

    def purchases(self) -> list[str]:
        """Ids of the demands that can be bought."""
        return list(self.inst.scenario.demands["demand"].iloc[self.inst.buyable])

    def inputs(self) -> list[str]:
        """Plant and material of each input."""
        plants, materials = self.inst.plants, self.inst.parties.materials
        ids = self.inst.scenario.plants["plant"]
        return [
            f"{ids.iloc[p]}:{materials[m] if m >= 0 else ''}"
            for p, m in zip(plants.input_plant, plants.input_material, strict=True)
        ]

    def outputs(self) -> list[str]:
        """Plant and material of each output."""
        return [self._origins[node] for node in self.inst.parties.origins.of(Kind.OUTPUT).tolist()]

    def plants(self, rows: Indices, suffix: str = "") -> Labels:
        """Ids of some plants, with a suffix that says what is meant."""
        return lambda: [f"{plant}{suffix}" for plant in self.inst.scenario.plants["plant"].iloc[rows]]

    def links(self) -> list[str]:
        """Origin, receiver and mode of each link."""
        return self.some_links(np.arange(self.inst.links.count))()

    def some_links(self, which: Indices) -> Labels:
        """Origin, receiver and mode of some links."""

        def names() -> list[str]:
            links, modes = self.inst.links, self.inst.parties.modes
            ends = links.origin[which].tolist(), links.receiver[which].tolist(), links.mode[which].tolist()
            return [f"{self._origins[o]}>{self._receivers[r]}|{modes[m]}" for o, r, m in zip(*ends, strict=True)]

        return names

    def outlets(self) -> list[str]:
        """Origin, disposal and mode of each outlet."""
        return self.some_outlets(np.arange(self.inst.outlets.count))()

    def some_outlets(self, which: Indices) -> Labels:
        """Origin, disposal and mode of some outlets."""

        def names() -> list[str]:
            outlets, modes = self.inst.outlets, self.inst.parties.modes
            places = self.inst.scenario.disposals["disposal"].tolist()
            ends = outlets.origin[which].tolist(), outlets.disposal[which].tolist(), outlets.mode[which].tolist()
            return [
                f"{self._origins[o]}>" + (f"{places[d]}|{modes[m]}" if d >= 0 else "own")
                for o, d, m in zip(*ends, strict=True)
            ]

        return names

    def groups(self, which: Indices) -> Labels:
        """Ends, mode and material of some exchanges."""
        return lambda: [self._group(int(index)) for index in which]

    def openings(self) -> list[str]:
        """Exchange of each opening; parts of one are numbered."""
        openings = self.inst.openings
        return [
            self._group(int(g)) + ("" if whole else f"|part{k}")
            for k, (g, whole) in enumerate(zip(openings.group, openings.whole, strict=True))
        ]

    def choices(self) -> list[str]:
        """Origin and facility of each choice of a single receiver."""
        origin, facility, _ = self.inst.single
        names = self.inst.parties.facilities
        return [f"{self._origins[o]}@{names[f]}" for o, f in zip(origin, facility, strict=True)]

    def origins(self, which: Indices) -> Labels:
        """Names of some origins."""
        return lambda: [self._origins[index] for index in which.tolist()]

    def stocks(self) -> list[str]:
        """Place and material of each stock."""
        table = self.inst.scenario.stocks
        places = np.where(table["plant"] != "", table["plant"], table["facility"])
        return [f"{place}:{material}" for place, material in zip(places, table["material"], strict=True)]

    def disposals(self, rows: Indices) -> Labels:
        """Ids of some disposals."""
        return lambda: list(self.inst.scenario.disposals["disposal"].iloc[rows])

    @cached_property
    def _origins(self) -> list[str]:
        parties = self.inst.parties
        return [str(name) for name in origin_names(self.inst.scenario, parties, np.arange(len(parties.origins.row)))]

    @cached_property
    def _receivers(self) -> list[str]:
        receivers, scenario = self.inst.parties.receivers, self.inst.scenario
        ids = {
            int(Kind.DEMAND): scenario.demands["demand"].tolist(),
            int(Kind.INPUT): scenario.plants["plant"].tolist(),
            int(Kind.DISPOSAL): scenario.disposals["disposal"].tolist(),
        }
        rows = zip(receivers.kind.tolist(), receivers.row.tolist(), strict=True)
        return [str(ids[kind][row]) for kind, row in rows]

    def _group(self, index: int) -> str:
        groups, parties = self.inst.groups, self.inst.parties
        ends = f"{parties.facilities[groups.from_facility[index]]}>{parties.facilities[groups.to_facility[index]]}"
        material = groups.material[index]
        return f"{ends}|{parties.modes[groups.mode[index]]}|{parties.materials[material] if material >= 0 else ''}"


def _times(names: list[str], when: list[str]) -> list[str]:
    """Each name at each time, times side by side; one time goes without saying."""
    if len(when) == 1:
        return names
    return [f"{name},{moment}" for name in names for moment in when]
