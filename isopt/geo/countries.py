"""Countries in the many ways in which people write them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from isopt.errors import nearest, quoted
from isopt.geo.folding import fold, plain

__all__ = ["codes_by_number", "country_code", "country_name", "country_problem"]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with resources.files("isopt.geo").joinpath("data", "countries.csv").open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


@cache
def _spellings() -> Mapping[str, str]:
    """Code of each key; codes come last, so that no name of one country hides the code of another."""
    found: dict[str, str] = {}
    for row in _rows():
        for text in (row["name"], *row["spellings"].split(";")):
            for key in (fold(text), fold(text).removeprefix("the ")):
                if key:
                    found.setdefault(key, row["iso2"])
    for row in _rows():
        found[fold(row["iso3"])] = row["iso2"]
        found[fold(row["iso2"])] = row["iso2"]
    for key, code in list(found.items()):
        found.setdefault(plain(key), code)
    return found


@lru_cache(maxsize=10_000)
def country_code(text: str) -> str:
    """
    Return the two letters of ISO 3166 for a country as written, or nothing where it is none.

    Examples
    --------
    >>> [country_code(text) for text in ("Danmark", "dnk", "UK", "Scotland", "Deutschland", "Atlantis")]
    ['DK', 'DK', 'GB', 'GB', 'DE', '']
    """
    key = fold(text)
    spellings = _spellings()
    return (
        spellings.get(key)
        or spellings.get(key.removeprefix("the "))
        or spellings.get(key.replace(" ", ""))
        or spellings.get(plain(key), "")
    )


def country_name(code: str) -> str:
    """
    Return the English name of a country.

    Parameters
    ----------
    code
        Two letters; what is none is returned as it is.

    Examples
    --------
    >>> country_name("DK")
    'Denmark'
    """
    return _names().get(code, code)


def country_problem(text: str) -> str:
    """
    Return what is wrong with a country as written, or nothing.

    Examples
    --------
    >>> country_problem("Denmrak")
    '"Denmrak" is not a country that isopt knows; did you mean "Denmark"?'
    """
    if country_code(text):
        return ""
    like = nearest(text, _names().values(), cutoff=0.75)
    hint = f"; did you mean {quoted(like)}?" if like else ""
    return f"{quoted(text)} is not a country that isopt knows{hint}"


def codes_by_number() -> Mapping[str, str]:
    """Return the two letters of each country by its three digits of ISO 3166."""
    return {row["number"]: row["iso2"] for row in _rows()}


@cache
def _names() -> Mapping[str, str]:
    return {row["iso2"]: row["name"] for row in _rows()}
