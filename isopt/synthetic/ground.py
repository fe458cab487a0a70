"""Where firms stand: in towns by people, each sector crowded in some of them, in estates at the edge of the town."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isopt.geo.borders import borders, same_country
from isopt.geo.distance import haversine_km
from isopt.geo.gazetteer import town_radius_km, towns

__all__ = ["Ground", "Site"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_KM_PER_DEGREE = 111.195
_FAR_KM, _TIMES_SPREAD = 900.0, 4.0
"""Towns farther from the middle than both (the second times the median distance) are left out: islands overseas."""
_FIRMS_PER_ESTATE = 12
_ESTATE_KM = 0.4


@dataclass(frozen=True)
class Site:
    """
    Places of facilities.

    Parameters
    ----------
    town
        Index of the town of each, shape (places,).
    lat, lon
        Degrees in WGS84, five decimals, shape (places,).
    """

    town: Indices
    lat: Array
    lon: Array


class Ground:
    """
    The towns of a country and who stands in them.

    Parameters
    ----------
    country
        Two letters.
    rng
        Source of chance.
    """

    def __init__(self, country: str, rng: np.random.Generator) -> None:
        known = towns(country)
        assert known is not None
        rows = np.flatnonzero(known.people > 0)
        lat, lon, people = known.lat[rows], known.lon[rows], known.people[rows].astype(np.float64)
        order = np.argsort(lat, kind="stable")
        half = np.searchsorted(np.cumsum(people[order]), people.sum() / 2)
        middle_lon = np.interp(0.5, np.cumsum(people[np.argsort(lon)]) / people.sum(), np.sort(lon))
        km = haversine_km(lat, lon, float(lat[order[half]]), float(middle_lon))
        near = km <= max(_FAR_KM, _TIMES_SPREAD * float(np.median(km)))
        self.country = country
        self.left_out = int(np.count_nonzero(~near))
        self.lat, self.lon, self.people = lat[near], lon[near], people[near]
        self.name = np.array([known.names[row].split("\t", 1)[0] for row in rows[near]], dtype=object)
        self._rng = rng

    def settle(self, count: int, clustering: float) -> Site:
        """
        Place facilities of one sector.

        Parameters
        ----------
        count
            How many.
        clustering
            Of the sector: 0 spreads it like people, 1.5 crowds it in few towns. A town's pull beside its people is
            lognormal, with 1.5 times this as standard deviation of its logarithm.
        """
        pull = self.people ** (1 - clustering / 4) * np.exp(
            1.5 * clustering * self._rng.standard_normal(len(self.people))
        )
        return self.within(self._rng.choice(len(pull), count, p=pull / pull.sum()))

    def within(self, town: Indices) -> Site:
        """Place a facility in an estate of each of these towns."""
        estates, lat, lon = self._estates
        first = np.cumsum(estates) - estates
        chosen = first[town] + np.floor(self._rng.random(len(town)) ** 2 * estates[town]).astype(np.int64)
        return self.near(lat[chosen], lon[chosen], town, _ESTATE_KM)

    def near(self, lat: Array, lon: Array, town: Indices, km: float) -> Site:
        """Place a facility some way off each of these points, and on land of the country."""
        north, east = km * self._rng.standard_normal((2, len(lat)))
        at = self._dry(*_moved(lat, lon, north, east), town)
        return Site(town, at[0].round(5), at[1].round(5))

    @cached_property
    def _estates(self) -> tuple[Indices, Array, Array]:
        """How many estates each town has, and where they lie: within the half of the radius that works lie in."""
        count = 1 + (self.people / (1000 * _FIRMS_PER_ESTATE)).astype(np.int64).clip(0, 60)
        town = np.repeat(np.arange(len(count)), count)
        radius = np.array([town_radius_km(int(one)) for one in self.people])[town] / 2
        away = radius * np.sqrt(self._rng.random(len(town)))
        turn = 2 * np.pi * self._rng.random(len(town))
        lat, lon = _moved(self.lat[town], self.lon[town], away * np.sin(turn), away * np.cos(turn))
        return (count, *self._dry(lat, lon, town))

    def _dry(self, lat: Array, lon: Array, town: Indices) -> tuple[Array, Array]:
        """Move what lies at sea or abroad towards its town, and into it if need be."""
        lat, lon = lat.copy(), lon.copy()
        for share in (0.5, 0.5, 0.0):
            found = borders().country_of(lat, lon)
            own = {code for code in set(found.tolist()) if same_country(code, self.country)}
            wet = np.flatnonzero(~np.isin(found, list(own)))
            if not len(wet):
                break
            lat[wet] = self.lat[town[wet]] + share * (lat[wet] - self.lat[town[wet]])
            lon[wet] = self.lon[town[wet]] + share * (lon[wet] - self.lon[town[wet]])
        return lat, lon


def _moved(lat: Array, lon: Array, north_km: Array, east_km: Array) -> tuple[Array, Array]:
    return lat + north_km / _KM_PER_DEGREE, lon + east_km / (_KM_PER_DEGREE * np.cos(np.radians(lat)))
