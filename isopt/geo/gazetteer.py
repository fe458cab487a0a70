"""Postcodes and towns of the world, offline: where they are and how far they reach."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from isopt.geo.distance import haversine_km
from isopt.geo.folding import fold, plain
from isopt.geo.packing import read_member

__all__ = ["ATTRIBUTION", "Postcodes", "Spot", "Towns", "postcodes", "town_countries", "towns"]

#: What must be said where a place found in these tables is shown.
ATTRIBUTION = "Postcodes and towns: GeoNames (geonames.org), CC BY 4.0"

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_DEGREE = 1000
"""Steps of a degree in which the tables keep positions."""
_LEAST_RADIUS_KM = 0.5
"""Radius of a postcode at step 0; four steps double it."""
_REACH = 2.0
"""
How much farther than its inhabitants the works of a postcode or a town may lie: they stand at its edge. Of the sites
in tests/geocode_addresses.csv half lie within the radius of the places, four in five within twice as much.
"""
_SHORTEST_AREA = 0.5
"""Share of a postcode below which what it has in common with others says nothing."""
_PEOPLE_PER_KM2 = 1500
"""
Density from which a square kilometre belongs to an urban centre. [1]_

.. [1] European Union, FAO, UN-Habitat, OECD and World Bank, "Applying the Degree of Urbanisation" (2021), table 2.1.
"""
_LEAST_TOWN_KM, _LARGEST_TOWN_KM = 4.0, 30.0
_OWN_NAME, _BEGINNING, _OTHER_NAME = 1.0, 0.5, 0.1
"""
How much of a town's people speak for it where somebody writes its name, the beginning of its name (Frankfurt), or one
of its other names: Parkersburg was once Newport, but nobody means it.
"""
POSTCODE_TABLE, TOWN_TABLE = "GeoNames postcodes", "GeoNames towns"


@dataclass(frozen=True)
class Spot:
    """
    A place of the tables.

    Attributes
    ----------
    lat, lon
        Degrees in WGS84.
    radius_km
        Four in five works that are called so lie within this distance.
    name
        Its name.
    country
        Two letters.
    people
        Inhabitants, two digits that count; 0 where unknown.
    weight
        How much speaks for it among places that answer to one name: its people, fewer where the name is only the
        beginning of its own or one of its other names.
    source
        Table that knows it.
    """

    lat: float
    lon: float
    radius_km: float
    name: str
    country: str
    people: int = 0
    weight: float = 0.0
    source: str = ""

    def km_to(self, other: Spot) -> float:
        """Great-circle distance to another place in kilometres."""
        return float(haversine_km(self.lat, self.lon, other.lat, other.lon))


@dataclass(frozen=True, eq=False)
class Postcodes:
    """
    The postcodes of a country, sorted.

    Attributes
    ----------
    country
        Two letters.
    codes
        Capital letters and digits without anything between, shape (codes,), bytes.
    lat, lon
        Degrees in WGS84: the median of the places that share a code, shape (codes,).
    radius_km
        Twice the larger of two: within the first lie nine in ten of the places that share the code; the second is half
        the mean distance to the three nearest other positions. At least 1 km, in steps of a fourth root of two. Four in
        five works lie within it. Shape (codes,).
    place
        Index of the name of the main place of each code, shape (codes,).
    places
        Names.
    """

    country: str
    codes: NDArray[np.bytes_]
    lat: Array
    lon: Array
    radius_km: Array
    place: Indices
    places: list[str]

    @cached_property
    def width(self) -> int:
        """Characters that most codes have."""
        return int(np.bincount(np.char.str_len(self.codes)).argmax())

    def find(self, code: str) -> Spot | None:
        """Return the place of a code, or None."""
        row = int(np.searchsorted(self.codes, code.encode("ascii", "ignore")))
        if not code or row == len(self.codes) or self.codes[row].decode("ascii") != code:
            return None
        return self._spot(row)

    def _spot(self, row: int) -> Spot:
        lat, lon, radius = (float(column[row]) for column in (self.lat, self.lon, self.radius_km))
        return Spot(lat, lon, radius, self.places[int(self.place[row])], self.country, source=POSTCODE_TABLE)

    def area(self, code: str) -> tuple[str, Spot] | None:
        """
        Return what the codes that begin like this one share: the longest common beginning and a place over them.

        Parameters
        ----------
        code
            A code that is not in the table.
        """
        for length in range(len(code) - 1, math.ceil(_SHORTEST_AREA * len(code)) - 1, -1):
            begin = code[:length]
            rows = self._rows(begin)
            if rows.size:
                lat, lon = float(np.median(self.lat[rows])), float(np.median(self.lon[rows]))
                reach = haversine_km(self.lat[rows], self.lon[rows], lat, lon) + self.radius_km[rows]
                name = self.places[int(np.bincount(self.place[rows]).argmax())]
                radius = float(np.quantile(reach, 0.9))
                return begin, Spot(lat, lon, radius, name, self.country, source=POSTCODE_TABLE)
        return None

    def _rows(self, begin: str) -> Indices:
        low = int(np.searchsorted(self.codes, begin.encode("ascii", "ignore")))
        high = int(np.searchsorted(self.codes, begin.encode("ascii", "ignore") + b"~"))
        return np.arange(low, high)

    def named(self, name: str) -> Spot | None:
        """Return the place whose name is that of one or several codes, for villages that are not in the towns."""
        which = self._keys.get(fold(name))
        if not which:
            return None
        rows = np.flatnonzero(np.isin(self.place, which))
        lat, lon = float(np.median(self.lat[rows])), float(np.median(self.lon[rows]))
        reach = haversine_km(self.lat[rows], self.lon[rows], lat, lon) + self.radius_km[rows]
        radius = float(np.quantile(reach, 0.9))
        return Spot(lat, lon, radius, self.places[which[0]], self.country, source=POSTCODE_TABLE)

    @cached_property
    def _keys(self) -> dict[str, list[int]]:
        return _index(fold("\n".join(self.places)).split("\n"))


@dataclass(frozen=True, eq=False)
class Towns:
    """
    The towns of a country.

    Attributes
    ----------
    country
        Two letters.
    names
        Name of each town and its other names, separated by tabs.
    lat, lon
        Degrees in WGS84, shape (towns,).
    people
        Inhabitants, two digits that count; 0 where unknown. Shape (towns,).
    state
        State in the United States, else empty.
    """

    country: str
    names: list[str]
    lat: Array
    lon: Array
    people: Indices
    state: list[str]

    def find(self, name: str) -> list[Spot]:
        """Return the towns of that name, the likeliest first; spellings with ae, oe, ue and aa for one letter count."""
        return self.called(name) or self.spelt(name)

    def called(self, name: str) -> list[Spot]:
        """Return the towns of that name as the tables spell it, the likeliest first."""
        key = fold(name)
        return self._spots(self.keys.get(key, []), plain(key))

    def spelt(self, name: str) -> list[Spot]:
        """Return the towns of that name where ae, oe, ue and aa are one letter, the likeliest first."""
        key = plain(fold(name))
        return self._spots(self._plain_keys.get(key, []), key)

    def beginning(self, name: str) -> list[Spot]:
        """Return the towns whose name goes on after these words, the likeliest first."""
        key = fold(name)
        ordered = self._ordered_keys
        low, high = bisect_left(ordered, key + " "), bisect_left(ordered, key + "!")  # what comes after a space
        rows = {row for one in ordered[low:high] for row in self.keys[one]} if key else set()
        return self._spots(sorted(rows), plain(key))

    @cached_property
    def _ordered_keys(self) -> list[str]:
        return sorted(self.keys)

    def _spots(self, rows: list[int], key: str) -> list[Spot]:
        spots = [self._spot(row, key) for row in rows]
        return sorted(spots, key=lambda spot: (-spot.weight, spot.name, spot.lat, spot.lon))

    def _spot(self, row: int, key: str) -> Spot:
        people = int(self.people[row])
        name = self.names[row].split("\t", 1)[0]
        own = plain(fold(name))
        share = _OWN_NAME if own == key else _BEGINNING if own.startswith(key + " ") else _OTHER_NAME
        label = f"{name}, {self.state[row]}" if self.state and self.state[row] else name
        lat, lon = float(self.lat[row]), float(self.lon[row])
        return Spot(lat, lon, town_radius_km(people), label, self.country, people, share * max(people, 1), TOWN_TABLE)

    @cached_property
    def keys(self) -> dict[str, list[int]]:
        """Rows by folded name."""
        counts = [name.count("\t") + 1 for name in self.names]
        rows = np.repeat(np.arange(len(counts)), counts).tolist()
        index: dict[str, list[int]] = {}
        for key, row in zip(fold("\n".join(self.names).replace("\t", "\n")).split("\n"), rows, strict=True):
            found = index.setdefault(key, [])
            if key and (not found or found[-1] != row):
                found.append(row)
        index.pop("", None)
        return index

    @cached_property
    def _plain_keys(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for key, rows in self.keys.items():
            index.setdefault(plain(key), []).extend(rows)
        return {key: sorted(set(rows)) for key, rows in index.items()}


def town_radius_km(people: int) -> float:
    """
    Twice the radius of a disc that a town fills at the density of an urban centre, between 4 and 30 km.

    Examples
    --------
    >>> round(town_radius_km(160_000), 1)
    11.7
    """
    return float(np.clip(_REACH * np.sqrt(people / _PEOPLE_PER_KM2 / np.pi), _LEAST_TOWN_KM, _LARGEST_TOWN_KM))


def _index(keys: list[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if key:
            index.setdefault(key, []).append(row)
    return index


def _member(file: str, name: str) -> dict[str, NDArray[np.int64] | list[str]] | None:
    with resources.files("isopt.geo").joinpath("data", file).open("rb") as source:
        return read_member(source, name)


def _numbers(columns: dict[str, NDArray[np.int64] | list[str]], name: str) -> Indices:
    return np.asarray(columns[name], dtype=np.int64)


@cache
def postcodes(country: str) -> Postcodes | None:
    """
    Return the postcodes of a country, or None where the tables have none (Greece, for one).

    Parameters
    ----------
    country
        Two letters.

    Examples
    --------
    >>> postcodes("DE").find("01067").name
    'Dresden'
    """
    columns = _member("postcodes.zip", country)
    if columns is None:
        return None
    letters = [np.frombuffer(str(plane).encode("ascii"), dtype=np.uint8) for plane in columns["code"]]
    table = np.ascontiguousarray(np.column_stack(letters))
    table[table == ord(" ")] = 0
    return Postcodes(
        country,
        table.view(f"S{table.shape[1]}").ravel(),
        _numbers(columns, "lat") / _DEGREE,
        _numbers(columns, "lon") / _DEGREE,
        _REACH * _LEAST_RADIUS_KM * 2 ** (_numbers(columns, "radius") / 4),
        _numbers(columns, "place"),
        [str(place) for place in columns["places"]],
    )


@cache
def towns(country: str) -> Towns | None:
    """
    Return the towns of a country (500 people or more), or None where there are none.

    Parameters
    ----------
    country
        Two letters.

    Examples
    --------
    >>> [spot.name for spot in towns("DE").find("Frankfurt")][:2]
    ['Frankfurt am Main', 'Frankfurt (Oder)']
    """
    columns = _member("towns.zip", country)
    if columns is None:
        return None
    return Towns(
        country,
        [str(name) for name in columns["names"]],
        _numbers(columns, "lat") / _DEGREE,
        _numbers(columns, "lon") / _DEGREE,
        _numbers(columns, "people"),
        [str(state) for state in columns["state"]] if country == "US" else [],
    )


def town_countries(name: str) -> list[Spot]:
    """
    Return the towns of that name in all countries, the likeliest first; reads the whole table at its first call.

    Examples
    --------
    >>> [(spot.name, spot.country) for spot in town_countries("Kalundborg")]
    [('Kalundborg', 'DK')]
    """
    tables = [table for country in _countries() if (table := towns(country))]
    found = [spot for table in tables for spot in table.called(name)]
    found = found or [spot for table in tables for spot in table.spelt(name)]
    return sorted(found, key=lambda spot: (-spot.weight, spot.country, spot.name))


@cache
def _countries() -> tuple[str, ...]:
    import zipfile

    with (
        resources.files("isopt.geo").joinpath("data", "towns.zip").open("rb") as source,
        zipfile.ZipFile(source) as archive,
    ):
        return tuple(archive.namelist())
