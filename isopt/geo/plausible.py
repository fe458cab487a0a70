"""Coordinates that can't be right, each with the likely fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from isopt.errors import Problem, quoted
from isopt.geo.borders import Borders, borders, same_country
from isopt.geo.countries import country_code, country_name
from isopt.geo.distance import haversine_km

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["address_doubts", "place_doubts"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NULL_ISLAND_KM = 10.0
"""Around 0, 0, in the Gulf of Guinea, 550 km from land: nothing stands there but a buoy."""
_CENTRE_OF = 4
"""Facilities from which one of them can be far away from the others."""
_TIMES_SPREAD = 5.0
"""Times the median distance from the centre beyond which a facility is far away."""


@dataclass(frozen=True)
class _Places:
    """Facilities with coordinates."""

    rows: NDArray[np.int64]
    names: NDArray[np.object_]
    lat: Array
    lon: Array
    named: NDArray[np.object_]
    found: NDArray[np.object_]
    land: Borders

    def off(self, lat: Array, lon: Array, tolerance_km: float) -> Flags:
        """Tell which would lie outside the country they name, by more than a tolerance, were they at these points."""
        found = self.land.country_of(lat, lon)
        wrong = np.array([bool(a) and not same_country(a, b) for a, b in zip(self.named, found, strict=True)], bool)
        for country in sorted(set(self.named[wrong])):
            which = np.flatnonzero(wrong & (self.named == country))
            wrong[which] = (self.land.km_to(lat[which], lon[which], country) > tolerance_km) & self.land.has(country)
        return wrong


def place_doubts(
    facilities: pd.DataFrame,
    *,
    rows: Sequence[int] | None = None,
    file: str = "facilities.csv",
    sea_km: float = 5.0,
    border_km: float = 5.0,
    far_km: float = 1000.0,
) -> list[Problem]:
    r"""
    Return what is odd about the coordinates of facilities: at 0, 0, exchanged, at sea, in another country, far away.

    Parameters
    ----------
    facilities
        Columns ``facility``, ``lat`` and ``lon`` in degrees of WGS84, and ``country`` in any spelling.
    rows
        Row of each facility as a spreadsheet counts it; from 2 on where None.
    file
        Name of the file that the messages point to.
    sea_km
        A facility at sea is told if it is farther from land than this; the map knows no new land (Jurong: 4 km).
    border_km
        A facility in another country is told if it is farther from its own than this.
    far_km
        A facility is told if it is farther from the middle of all than this and than five times the median.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame([{"facility": "works", "lat": 11.09, "lon": 55.68, "country": "DK"}])
    >>> print(*place_doubts(table), sep="\n")
    facilities.csv row 2 lat "works" lies at sea or in no country; lat and lon are exchanged: 55.68, 11.09 is in Denmark
    """
    places = _located(facilities, rows)
    if not places.rows.size:
        return []
    said = np.zeros(len(places.rows), dtype=bool)
    doubts: list[tuple[int, str, str]] = []
    for check in (_null_island, _fixable):
        new = check(places, said, border_km)
        said[[i for i, _, _ in new]] = True
        doubts += new
    doubts += _at_sea(places, ~said, sea_km)
    doubts += _abroad(places, ~said, border_km)
    doubts += _far_away(places, ~said, far_km)
    doubts += _round(places, ~said)
    doubts.sort(key=lambda one: (int(places.rows[one[0]]), one[1], one[2]))
    return [Problem(file, int(places.rows[i]), column, message) for i, column, message in doubts]


def _located(facilities: pd.DataFrame, rows: Sequence[int] | None) -> _Places:
    lat, lon = (facilities[name].to_numpy(dtype=np.float64) for name in ("lat", "lon"))
    line = np.arange(2, len(facilities) + 2) if rows is None else np.asarray(rows, dtype=np.int64)
    kept = np.flatnonzero((np.abs(lat) <= 90) & (np.abs(lon) <= 180))  # NaN is neither
    countries = facilities["country"].tolist() if "country" in facilities.columns else [""] * len(facilities)
    named = np.array([country_code(one) if isinstance(one, str) else "" for one in countries], dtype=object)
    names = np.array([str(one) for one in facilities["facility"]], dtype=object)
    land = borders()
    found = land.country_of(lat[kept], lon[kept])
    return _Places(line[kept], names[kept], lat[kept], lon[kept], named[kept], found, land)


def _null_island(places: _Places, said: Flags, _: float) -> list[tuple[int, str, str]]:
    near = (haversine_km(places.lat, places.lon, 0.0, 0.0) < _NULL_ISLAND_KM) & ~said
    fix = "in the Gulf of Guinea, where nothing stands: leave lat and lon empty where they are not known"
    return [(int(i), "lat", f"{_name_at(places, i)} {fix}") for i in np.flatnonzero(near).tolist()]


def _name_at(places: _Places, i: int) -> str:
    return f"{quoted(places.names[i])} lies at {_point(places.lat[i], places.lon[i])}"


def _fixable(places: _Places, said: Flags, border_km: float) -> list[tuple[int, str, str]]:
    """Coordinates that are wrong as they stand, and right when exchanged or with the other sign."""
    wrong = places.off(places.lat, places.lon, border_km) & ~said
    lost = _lost(places) & ~said
    fixes = (
        ("lat and lon are exchanged", places.lon, places.lat),
        ("the sign of lon is wrong", places.lat, -places.lon),
        ("the sign of lat is wrong", -places.lat, places.lon),
    )
    doubts = []
    for words, lat, lon in fixes:
        possible = (np.abs(lat) <= 90) & (wrong | lost)
        if not possible.any():
            continue
        there_lat, there_lon = np.where(possible, lat, np.nan), np.where(possible, lon, np.nan)
        known = places.named != ""
        home = possible & known & ~places.off(there_lat, there_lon, 0.0)
        among = possible & ~known & _among(places, there_lat, there_lon, ~lost)
        for i in np.flatnonzero(home | among):
            where = country_name(places.named[i]) if known[i] else "among the others"
            fix = f"{words}: {_point(lat[i], lon[i])} is {'in ' if known[i] else ''}{where}"
            doubts.append((int(i), "lat", f"{quoted(places.names[i])} lies {_where(places.found[i])}; {fix}"))
        wrong, lost = wrong & ~(home | among), lost & ~(home | among)
    return doubts


def _where(country: str) -> str:
    return f"in {country_name(country)}" if country else "at sea or in no country"


def _point(lat: float, lon: float) -> str:
    return f"{lat:.6g}, {lon:.6g}"


def _lost(places: _Places) -> Flags:
    """Tell which facilities that name no country are far from the others, and at sea or alone in a country."""
    middle, spread = _middle(places)
    far = haversine_km(places.lat, places.lon, *middle) > np.maximum(_TIMES_SPREAD * spread, 500.0)
    counts = Counter(places.found.tolist())
    alone = np.array([not one or counts[one] == 1 for one in places.found], dtype=bool)
    return np.asarray((places.named == "") & far & alone & (len(places.rows) >= _CENTRE_OF), dtype=bool)


def _among(places: _Places, lat: Array, lon: Array, others: Flags) -> Flags:
    """Tell which points lie among the other facilities."""
    if np.count_nonzero(others) < _CENTRE_OF - 1:
        return np.zeros(len(lat), dtype=bool)
    middle, spread = _middle(places, others)
    return np.asarray(haversine_km(lat, lon, *middle) < np.maximum(3 * spread, 100.0))


def _middle(places: _Places, which: Flags | None = None) -> tuple[tuple[float, float], float]:
    lat, lon = (places.lat, places.lon) if which is None else (places.lat[which], places.lon[which])
    middle = float(np.median(lat)), float(np.median(lon))
    return middle, float(np.median(haversine_km(lat, lon, *middle)))


def _at_sea(places: _Places, open_: Flags, sea_km: float) -> list[tuple[int, str, str]]:
    wet = np.flatnonzero(open_ & (places.found == ""))
    if not wet.size:
        return []
    km = places.land.km_to(places.lat[wet], places.lon[wet])
    far = km > sea_km
    nearest = places.land.nearest_country(places.lat[wet[far]], places.lon[wet[far]]) if far.any() else []
    doubts = []
    for i, away, country in zip(wet[far], km[far], nearest, strict=True):
        coast = country_name(country) or "a reef"
        message = f"{quoted(places.names[i])} lies at sea, {away:.0f} km from the coast of {coast}"
        doubts.append((int(i), "lat", f"{message}; check lat and lon"))
    return doubts


def _abroad(places: _Places, open_: Flags, border_km: float) -> list[tuple[int, str, str]]:
    which = np.flatnonzero(open_ & places.off(places.lat, places.lon, border_km) & (places.found != ""))
    km = np.full(len(places.rows), np.inf)
    for country in sorted(set(places.named[which])):
        mine = which[places.named[which] == country]
        km[mine] = places.land.km_to(places.lat[mine], places.lon[mine], country)
    doubts = []
    for i in which:
        lies = f"{quoted(places.names[i])} lies in {country_name(places.found[i])}"
        own = country_name(places.named[i])
        doubts.append((int(i), "country", f"{lies}, {km[i]:.0f} km from {own}, which country names; check both"))
    return doubts


def _far_away(places: _Places, open_: Flags, far_km: float) -> list[tuple[int, str, str]]:
    if len(places.rows) < _CENTRE_OF:
        return []
    middle, spread = _middle(places)
    km = haversine_km(places.lat, places.lon, *middle)
    far = open_ & (km > far_km) & (km > _TIMES_SPREAD * spread)
    half = f"from the middle of all facilities, of which half lie within {spread:.0f} km; check lat and lon"
    return [(int(i), "lat", f"{quoted(places.names[i])} lies {km[i]:.0f} km {half}") for i in np.flatnonzero(far)]


def _round(places: _Places, open_: Flags) -> list[tuple[int, str, str]]:
    whole = open_ & (places.lat == np.round(places.lat)) & (places.lon == np.round(places.lon))
    fix = "whole degrees, which says where it is to about 50 km; give four decimals"
    return [(int(i), "lat", f"{_name_at(places, i)}, {fix}") for i in np.flatnonzero(whole).tolist()]


def address_doubts(
    facilities: pd.DataFrame,
    geocodes: pd.DataFrame,
    *,
    rows: Sequence[int] | None = None,
    file: str = "facilities.csv",
    tolerance_km: float = 10.0,
) -> list[Problem]:
    """
    Return the facilities whose coordinates are not where their address is.

    Parameters
    ----------
    facilities
        Columns ``facility``, ``lat`` and ``lon`` in degrees of WGS84, as they were given.
    geocodes
        What `isopt.geo.geocode.geocode` finds for them with ``everything=True``. Rows with a doubt of their own prove
        nothing and are passed over.
    rows, file
        As for `place_doubts`.
    tolerance_km
        A facility is told if it lies farther from its address than twice the radius and this.

    Examples
    --------
    >>> import pandas as pd
    >>> from isopt.geo.geocode import geocode
    >>> table = pd.DataFrame([{"facility": "works", "lat": 56.1, "lon": 10.2, "postcode": "4400", "country": "DK"}])
    >>> print(*address_doubts(table, geocode(table, everything=True).table))
    facilities.csv row 2 lat "works" lies 72 km from its address (4400 Kalundborg, DK); check lat, lon and address
    """
    line = list(range(2, len(facilities) + 2)) if rows is None else list(rows)
    sure = geocodes[(geocodes["doubt"] == "") & geocodes["lat"].notna()].drop_duplicates("facility")
    found = sure.set_index("facility").reindex(facilities["facility"])
    here = [facilities[name].to_numpy(dtype=np.float64) for name in ("lat", "lon")]
    there = [found[name].to_numpy(dtype=np.float64) for name in ("lat", "lon")]
    km = haversine_km(*here, *there)
    far = km > 2 * found["geocode_radius_km"].to_numpy(dtype=np.float64) + tolerance_km  # NaN is never farther
    doubts = []
    for i in np.flatnonzero(far).tolist():
        lies = f"{quoted(str(facilities['facility'].iloc[i]))} lies {km[i]:.0f} km from its address"
        message = f"{lies} ({found['matched'].iloc[i]}); check lat, lon and address"
        doubts.append(Problem(file, line[i], "lat", message))
    return doubts
