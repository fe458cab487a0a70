"""From one address to one place, with the tables of postcodes and towns alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from isopt.errors import quoted
from isopt.geo.addresses import Address, Postcode, shape_country, table_code, town_spellings
from isopt.geo.countries import country_name
from isopt.geo.folding import fold
from isopt.geo.gazetteer import Postcodes, Spot, postcodes, town_countries, towns

__all__ = ["LEVELS", "Found", "locate"]

#: How exactly a place is known, the most exact first.
LEVELS = ("address", "street", "postcode", "postcode_area", "town", "none")

_SAME_KM = 10.0
"""Places of one name that lie nearer than this are taken for one."""
_SMALL_SHARE = 0.02
"""A place of the same name with less than this share of the weight of the likeliest is not worth a doubt."""
_APART_KM = 15.0
"""A postcode and a town agree where they are no farther apart than both radii and this: rural codes reach far."""
_MANY = 6
"""Alternatives that are named."""


@dataclass(frozen=True)
class Found:
    """
    Where an address is, as far as the tables know.

    Attributes
    ----------
    spot
        The place, or None where nothing was found.
    level
        One of `LEVELS`.
    source
        Table or service that knew it.
    matched
        What it was found as.
    doubts
        What is doubtful.
    alternatives
        What else it could be.
    """

    spot: Spot | None = None
    level: str = "none"
    source: str = ""
    matched: str = ""
    doubts: tuple[str, ...] = ()
    alternatives: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class _Town:
    """Places that a town's name may mean, the likeliest first, and the words that were understood."""

    spots: tuple[Spot, ...] = ()
    read: str = ""
    whole: bool = True


@dataclass(frozen=True)
class _Code:
    """Place of a postcode, or of what it shares with others."""

    spot: Spot
    code: str
    level: str


def locate(address: Address) -> Found:
    """
    Find an address in the tables of postcodes and towns.

    Of a postcode and a town inside it, the one with the smaller radius counts. Where they disagree the postcode counts
    and the doubt says so. Of several towns of one name the one nearest to the postcode counts, else the largest.

    Parameters
    ----------
    address
        What `read_address` made of the cells.

    Examples
    --------
    >>> from isopt.geo.addresses import read_address
    >>> found = locate(read_address("Carl-Bosch-Straße 38", "67056", "Ludwigshafen am Rhein", "DE"))
    >>> found.level, found.matched, round(found.spot.lat, 2), round(found.spot.lon, 2)
    ('postcode', '67056 BASF SE, DE', 49.49, 8.43)
    """
    if not address.country:
        return _without_country(address)
    code, odd = _code_place(address)
    town = _town_place(address.towns, address.country)
    found = _together(address, code, town)
    doubts = [*address.doubts, *odd, *found.doubts]
    if found.spot is None:
        doubts.append(_nothing(address))
    return replace(found, doubts=tuple(dict.fromkeys(doubts)))


def _nothing(address: Address) -> str:
    if not address.towns and address.postcode is None:
        return f"only the country ({country_name(address.country)}) is known; fill city or postcode"
    parts = [quoted(address.postcode.written)] if address.postcode else []
    parts += [quoted(name) for name in address.towns[:2]]
    return f"{' and '.join(parts)} not found in {country_name(address.country)}; check the spelling or fill lat and lon"


def _code_place(address: Address) -> tuple[_Code | None, list[str]]:
    """Return the place of the postcode and what is odd about it."""
    code, table = address.postcode, postcodes(address.country)
    if code is None:
        return None, []
    if table is None:
        return None, [f"there is no table of postcodes for {country_name(address.country)}"]
    odd = [f"postcode {code.written} was read as {code.code}: a leading zero got lost"] if code.repaired else []
    spot = table.find(code.code)
    if spot is not None:
        return _Code(spot, code.code, "postcode" if code.whole else "postcode_area"), odd
    return _area(code, table, odd)


def _area(code: Postcode, table: Postcodes, odd: list[str]) -> tuple[_Code | None, list[str]]:
    area = table.area(code.code)
    missing = f"postcode {quoted(code.written)} is not in the table"
    if area is None:
        return None, [*odd, missing]
    begin, spot = area
    return _Code(spot, begin, "postcode_area"), [*odd, missing]


def _town_place(names: Sequence[str], country: str) -> _Town:
    for name in names:
        found = _named(name, country)
        if found.spots:
            return found
    return _Town()


@lru_cache(maxsize=50_000)
def _named(name: str, country: str) -> _Town:
    """Return the places of a name in a country, of a state where it goes on with one: Springfield, IL."""
    found = _spelt(name, country)
    state = name.rpartition(",")[2].strip().upper()
    there = tuple(spot for spot in found.spots if spot.name.endswith(f", {state}"))
    return replace(found, spots=there) if there else found


def _spelt(name: str, country: str) -> _Town:
    table, codes = towns(country), postcodes(country)
    for spelling, whole in town_spellings(name):
        spots = table.find(spelling) if table else []
        if not spots and codes and (village := codes.named(spelling)):
            spots = [village]
        if not spots and table and whole:
            spots = table.beginning(spelling)
        if spots:
            return _Town(tuple(spots), spelling, whole)
    return _Town()


def _together(address: Address, code: _Code | None, town: _Town) -> Found:
    """Weigh postcode against town."""
    cedex = ("CEDEX names an office of delivery, not where the firm is",) if address.cedex else ()
    if code is None or (address.cedex and town.spots and code.level != "postcode"):
        return _with(_town_alone(address, town), cedex)
    if not town.spots:
        unknown = (f"town {quoted(address.towns[0])} is not known; only the postcode counts",) if address.towns else ()
        return _with(_of_code(address, code), unknown + cedex)
    near = min(town.spots, key=code.spot.km_to)
    apart = code.spot.km_to(near)
    if apart > code.spot.radius_km + near.radius_km + _APART_KM:
        return _with(_disagree(address, code, town, near, apart), cedex)
    if address.cedex or near.radius_km < code.spot.radius_km >= apart:
        found = _of_town(near)
        return _with(replace(found, matched=f"{_label(address, code)} {found.matched}"), cedex)
    return _with(_of_code(address, code), cedex)


def _disagree(address: Address, code: _Code, town: _Town, near: Spot, apart: float) -> Found:
    """A code that is in the table beats the town, a mere beginning of a code doesn't."""
    if address.postcode is None or address.postcode.code != code.code:
        return _town_alone(address, town)
    if not town.whole or fold(address.towns[0]).split()[0] in fold(code.spot.name).split():
        return _of_code(address, code)  # half a name that was found far away, while the code's own place is called so
    message = f"postcode and town disagree by {apart:.0f} km: {code.code} is {code.spot.name}; the postcode counts"
    return replace(_of_code(address, code), doubts=(message,), alternatives=(near,))


def _label(address: Address, code: _Code) -> str:
    return code.code if address.postcode is not None and address.postcode.code == code.code else f"{code.code}..."


def _of_code(address: Address, code: _Code) -> Found:
    label = _label(address, code)
    return Found(code.spot, code.level, code.spot.source, f"{label} {code.spot.name}, {code.spot.country}")


def _of_town(spot: Spot) -> Found:
    return Found(spot, "town", spot.source, f"{spot.name}, {spot.country}")


def _town_alone(address: Address, town: _Town) -> Found:
    """Take the largest town of the name and say what else it could be."""
    if not town.spots:
        return Found()
    first, *rest = town.spots
    others = tuple(spot for spot in rest if spot.km_to(first) > _SAME_KM and spot.weight >= _SMALL_SHARE * first.weight)
    doubts = []
    if address.postcode is not None:
        doubts.append("the town counts")
    if not town.whole:
        doubts.append(f"{quoted(address.towns[0])} was read as {quoted(town.read)}")
    if others:
        called = f"{len(others) + 1} places are called {quoted(town.read)} in {country_name(first.country)}"
        doubts.append(f"{called}; the largest counts")
    return replace(_of_town(first), doubts=tuple(doubts), alternatives=others[:_MANY])


def _with(found: Found, doubts: Sequence[str]) -> Found:
    return replace(found, doubts=(*found.doubts, *doubts))


def _without_country(address: Address) -> Found:
    """Find the country from postcode and town together, or from a postcode whose shape belongs to one country."""
    spots = next((spots for name in address.towns if (spots := _anywhere(name))), ())
    if address.postcode is None:
        return _largest_anywhere(address, spots)
    written = address.postcode.written
    fits: dict[str, Spot] = {}
    for spot in spots:
        table = postcodes(spot.country)
        code = table.find(table_code(spot.country, written, table).code) if table else None
        if code and code.km_to(spot) <= code.radius_km + spot.radius_km + _APART_KM:
            fits.setdefault(spot.country, spot)
    said = "no country is given"
    shaped = shape_country(written)
    if len(fits) == 1 or shaped:
        country = next(iter(fits), shaped) if len(fits) == 1 else shaped
        found = locate(replace(address, country=country, postcode=table_code(country, written)))
        why = "postcode and town fit only there" if len(fits) == 1 else "its postcode looks so"
        return _with(found, (f"{said}; {country_name(country)} is taken because {why}",))
    if fits:
        largest = max(fits.values(), key=lambda spot: spot.weight)
        found = locate(replace(address, country=largest.country, postcode=table_code(largest.country, written)))
        names = ", ".join(country_name(country) for country in sorted(fits))
        found = replace(found, alternatives=tuple(spot for spot in fits.values() if spot is not largest))
        return _with(found, (f"{said}; it could be in {names}; the largest town counts",))
    return _largest_anywhere(address, spots)


@lru_cache(maxsize=10_000)
def _anywhere(name: str) -> tuple[Spot, ...]:
    return next((tuple(spots) for spelling, _ in town_spellings(name) if (spots := town_countries(spelling))), ())


def _largest_anywhere(address: Address, spots: Sequence[Spot]) -> Found:
    if not spots:
        asked = [part for part in (address.postcode and address.postcode.written, *address.towns[:1]) if part]
        what = f"{' '.join(quoted(part) for part in asked)} can't be placed without a country; fill country"
        return Found(doubts=(*address.doubts, what if asked else "nothing to look up: fill city, postcode and country"))
    first, *rest = spots
    others = tuple(spot for spot in rest if spot.km_to(first) > _SAME_KM and spot.weight >= _SMALL_SHARE * first.weight)
    message = (
        f"no country is given; the largest {quoted(first.name)} of the world counts ({country_name(first.country)})"
    )
    unused = (f"its postcode {quoted(address.postcode.written)} does not fit",) if address.postcode else ()
    return replace(_of_town(first), doubts=(*address.doubts, message, *unused), alternatives=others[:_MANY])
