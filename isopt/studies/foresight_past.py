"""What was decided in years past and can't be undone, as bounds of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from isopt.network import Instance
from isopt.solution import Plan
from isopt.solution.names import Ids
from isopt.solver.compile import StandardForm

__all__ = ["Past"]

Array = NDArray[np.float64]
#: Kind, id and material of what sends.
Origin = tuple[str, str, str]


@dataclass(frozen=True)
class Past:
    """
    Decisions of the first years, by names: they bind the models of other beliefs and horizons too.

    Attributes
    ----------
    years
        The years past, from the first.
    built, added
        By plant: whether a candidate stands, and what capacity was added, a value a year.
    opened
        First year of each exchange in place.
    receivers
        Facilities that each origin sends to; none where it has sent nothing yet.
    """

    years: tuple[int, ...] = ()
    built: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    opened: Mapping[str, int] = field(default_factory=dict)
    receivers: Mapping[Origin, frozenset[str]] = field(default_factory=dict)

    def after(self, plan: Plan, year: int) -> Past:
        """
        Return the past one year later.

        Parameters
        ----------
        plan
            Made under this past; what it decides in the year is added, what was decided before stays.
        year
            The year that is over now.
        """
        instance = plan.instance
        place = int(np.flatnonzero(instance.periods.years == year)[0])
        names, plants = Ids(instance), instance.plants
        ids = instance.scenario.plants["plant"].tolist()
        first = np.where(plan["opened"] > 0.5, instance.periods.years, np.iinfo(np.int64).max).min(axis=1, initial=9999)
        opened = {
            str(names.groups[instance.openings.group[row]]): int(first[row])
            for row in self._lasting(instance)
            if first[row] <= year
        }
        return Past(
            years=(*self.years, year),
            built={
                ids[plant]: (*self.built.get(ids[plant], ()), float(plan["built"][row, place] > 0.5))
                for row, plant in enumerate(plants.candidates)
            },
            added={
                ids[plant]: (*self.added.get(ids[plant], ()), float(plan["added"][row, place]))
                for row, plant in enumerate(plants.expandable)
            },
            opened={**opened, **self.opened},
            receivers={**self._sent(plan, year), **self.receivers},
        )

    def bounds(self, instance: Instance, form: StandardForm) -> tuple[Array, Array]:
        """
        Return the bounds of a model's columns under this past.

        Parameters
        ----------
        instance, form
            The model: of another belief, or of fewer years.

        Returns
        -------
        lower, upper
            Equal where something is decided, shape (columns,) each.
        """
        lower, upper = form.col_lower.copy(), form.col_upper.copy()
        if not self.years:
            return lower, upper
        width, ids = len(instance.periods.years), instance.scenario.plants["plant"].tolist()

        def fix(variable: str, row: int, values: tuple[float, ...], wide: int = width) -> None:
            start = form.columns[variable].start + row * wide
            lower[start : start + len(values)] = upper[start : start + len(values)] = values

        for row, plant in enumerate(instance.plants.candidates):
            fix("built", row, self.built[ids[plant]])
        for row, plant in enumerate(instance.plants.expandable):
            fix("added", row, self.added[ids[plant]])
        groups = Ids(instance).groups
        for row in self._lasting(instance):
            first = self.opened.get(str(groups[instance.openings.group[row]]), self.years[-1] + 1)
            fix("opened", int(row), tuple(float(year >= first) for year in self.years))
        for row, (origin, facility) in enumerate(_choices(instance)):
            chosen = self.receivers.get(origin)
            if chosen:
                fix("chosen", row, (float(facility in chosen),), 1)
        return lower, upper

    @staticmethod
    def _lasting(instance: Instance) -> NDArray[np.int64]:
        """Openings of exchanges that can't close again."""
        openings = instance.openings
        return np.flatnonzero(openings.whole & openings.stays & ~instance.groups.way[openings.group])

    @staticmethod
    def _sent(plan: Plan, year: int) -> dict[Origin, frozenset[str]]:
        """Facilities to which each origin with a choice sends something up to a year."""
        choices, of_link = _choices(plan.instance), plan.instance.single[2]
        until = plan.instance.periods.years[plan.instance.periods.year_of] <= year
        links = np.flatnonzero((of_link >= 0) & (plan["flow"][:, until] > 0).any(axis=1))
        found: dict[Origin, frozenset[str]] = {}
        for choice in np.unique(of_link[links]):
            origin, facility = choices[int(choice)]
            found[origin] = found.get(origin, frozenset()) | {facility}
        return found


def _choices(instance: Instance) -> list[tuple[Origin, str]]:
    """Origin and facility of each choice of a single receiver."""
    origin, facility, _ = instance.single
    ids, materials, streams = Ids(instance), instance.parties.origins.material, len(instance.supply)
    return [
        (
            ("stream" if node < streams else "plant", str(ids.origins[node]), str(ids.materials[materials[node]])),
            str(ids.facilities[place]),
        )
        for node, place in zip(origin, facility, strict=True)
    ]
