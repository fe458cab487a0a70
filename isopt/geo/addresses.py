"""Addresses as people write them: which part is the postcode, the town and the country."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from isopt.geo.countries import country_code, country_problem
from isopt.geo.folding import fold
from isopt.geo.gazetteer import Postcodes, postcodes

__all__ = ["Address", "Postcode", "read_address", "shape_country", "town_spellings"]

_LONGEST_CELL = 300
"""Characters of a cell that are looked at: no address is longer."""
_PREFIXES = {
    "A": "AT", "AT": "AT", "B": "BE", "BE": "BE", "BG": "BG", "CH": "CH", "CY": "CY", "CZ": "CZ", "D": "DE", "DE": "DE",
    "DK": "DK", "E": "ES", "ES": "ES", "EST": "EE", "EE": "EE", "F": "FR", "FR": "FR", "FI": "FI", "FIN": "FI",
    "GB": "GB", "UK": "GB", "GR": "GR", "EL": "GR", "H": "HU", "HU": "HU", "HR": "HR", "I": "IT", "IT": "IT",
    "IE": "IE", "IRL": "IE", "L": "LU", "LU": "LU", "LT": "LT", "LV": "LV", "MC": "MC", "MD": "MD", "MT": "MT",
    "N": "NO", "NO": "NO", "NL": "NL", "P": "PT", "PT": "PT", "PL": "PL", "RO": "RO", "RS": "RS", "S": "SE", "SE": "SE",
    "SF": "FI", "SI": "SI", "SLO": "SI", "SK": "SK", "UA": "UA",
}  # fmt: skip
"""
What stands before a postcode in international mail: the sign of the country's cars or its two letters. [1]_

.. [1] CEPT recommendation of 1966 on postal codes; Universal Postal Union, "Addressing systems".
"""
_PREFIXED = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,3})\s?[-–]\s?(?=\d)")
_CEDEX = re.compile(r"\bcedex\b\s*\d{0,2}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_GB = r"(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})"
_SHAPES = {
    "GB": rf"\b(?:{_GB}|[A-Z]{{1,2}}\d[A-Z\d]?)\b",
    "IE": r"\b(?:[AC-FHKNPRTV-Y]\d[0-9W])(?:\s?[0-9AC-FHKNPRTV-Y]{4})?\b",
    "CA": r"\b[A-Z]\d[A-Z](?:\s?\d[A-Z]\d)?\b",
    "NL": r"\b\d{4}\s?[A-Z]{2}\b|\b\d{4}\b",
    "PL": r"\b\d{2}-?\s?\d{3}\b",
    "PT": r"\b\d{4}(?:[-\s]\d{3})?\b",
    "JP": r"\b\d{3}-?\d{4}\b",
    "BR": r"\b\d{5}-?\d{3}\b",
    "US": r"\b\d{5}(?:-\d{4})?\b",
    "SE": r"\b\d{3}\s?\d{2}\b", "CZ": r"\b\d{3}\s?\d{2}\b", "SK": r"\b\d{3}\s?\d{2}\b", "GR": r"\b\d{3}\s?\d{2}\b",
    "LV": r"\b(?:LV-?\s?)?\d{4}\b", "MD": r"\b(?:MD-?\s?)?\d{4}\b", "MT": r"\b[A-Z]{3}\s?\d{4}\b",
    "AR": r"\b[A-Z]?\d{4}(?:[A-Z]{3})?\b",
}  # fmt: skip
"""How postcodes are written where they are not just digits; elsewhere they are as many digits as the table's. [2]_

.. [2] Universal Postal Union, "Addressing systems", country sheets; Eircode routing keys: Eircode address database.
"""
_ANYWHERE = (_GB, r"\d{4}\s?[A-Z]{2}", r"\d{2}-\d{3}", r"\d{4}-\d{3}", r"\d{3}\s\d{2}", r"\d{4,6}")
"""Shapes that are looked for where the country is not known."""
_UNIQUE = {
    "GB": re.compile(_GB),
    "NL": re.compile(r"\d{4}\s?[A-Z]{2}"),
    "IE": re.compile(r"[AC-FHKNPRTV-Y]\d[0-9W]\s?[0-9AC-FHKNPRTV-Y]{4}"),
    "CA": re.compile(r"[A-Z]\d[A-Z]\s?\d[A-Z]\d"),
    "PT": re.compile(r"\d{4}-\d{3}"),
}
"""Shapes that belong to one country alone."""
_OVERSEAS = {
    ("FR", "971"): "GP", ("FR", "972"): "MQ", ("FR", "973"): "GF", ("FR", "974"): "RE", ("FR", "976"): "YT",
    ("US", "006"): "PR", ("US", "007"): "PR", ("US", "008"): "VI", ("US", "009"): "PR", ("US", "969"): "GU",
}  # fmt: skip
"""Beginnings of postcodes that lie in a part of a country with two letters, and a table, of its own."""
_KEPT = {"GB": re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}$"), "NL": re.compile(r"^(\d{4})[A-Z]{2}$")}
_FIRST = {"IE": 3, "CA": 3, "MT": 3, "US": 5}
"""Characters that the table keeps of longer codes."""
_ZIP_LAST = {"US", "CA", "AU"}
"""Where the postcode ends an address, and numbers before it are those of houses."""
_WORDS_DROPPED = {"cedex", "bp", "cs", "postfach", "city", "of", "ville", "stadt", "gemeinde", "gem", "bei", "near"}


@dataclass(frozen=True)
class Postcode:
    """
    A postcode as the tables keep it.

    Attributes
    ----------
    written
        As it was written, without a country before it.
    code
        Capital letters and digits as the table of its country keeps them.
    whole
        Whether the table's code is all of what was written, not only its first part (an outward code, a routing key).
    repaired
        Whether a leading zero that got lost was put back.
    """

    written: str
    code: str
    whole: bool = True
    repaired: bool = False


@dataclass(frozen=True)
class Address:
    """
    What an address says, part by part.

    Attributes
    ----------
    text
        All of it on one line, as it stands in ``geocodes.csv``.
    street
        The cell ``address`` as it is.
    country
        Two letters, empty where it is not known.
    postcode
        As the tables keep it, or None.
    towns
        What may be the town, the likeliest first.
    cedex
        Whether it is the address of a French office of delivery: its number says little about where the firm is.
    doubts
        What is odd about it.
    """

    text: str
    street: str
    country: str
    postcode: Postcode | None
    towns: tuple[str, ...]
    cedex: bool
    doubts: tuple[str, ...]


def clean(cell: object) -> str:
    r"""
    Return a cell as one line of text, without what can't be seen.

    Examples
    --------
    >>> clean("  67056\u200b  Ludwigshafen "), clean(float("nan"))
    ('67056 Ludwigshafen', '')
    """
    if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124 (NaN differs from itself)
        return ""
    return " ".join(_CONTROL.sub(" ", str(cell)[:_LONGEST_CELL]).split())


def read_address(
    address: object = "", postcode: object = "", city: object = "", country: object = "", *, default_country: str = ""
) -> Address:
    """
    Take an address apart.

    Parameters
    ----------
    address, postcode, city, country
        The cells as they are; anything may be empty or stand in a neighbouring cell.
    default_country
        Country where none is said, in two letters.

    Examples
    --------
    >>> found = read_address("Carl-Bosch-Str. 38", "", "D-67056 Ludwigshafen", "")
    >>> found.country, found.postcode.code, found.towns
    ('DE', '67056', ('Ludwigshafen',))
    """
    street, number, town, land = (clean(cell) for cell in (address, postcode, city, country))
    doubts = [country_problem(land)] if land else []
    text = ", ".join(part for part in (street, " ".join(filter(None, (number, town))), land) if part)
    cedex = bool(_CEDEX.search(f"{number} {town} {street}"))
    line, number, town = (_CEDEX.sub("", cell).strip(" ,;-") for cell in (street, number, town))
    code = country_code(land)
    prefixed = next((sign for cell in (number, town, line) if (sign := _prefix(cell))), "")
    if not code and prefixed:
        code = prefixed
    if not code:
        line, town, code = _country_inside(line, town)
    code = code or default_country
    number, town, line = (_PREFIXED.sub("", cell) if _prefix(cell) else cell for cell in (number, town, line))
    found, town, line = _find_postcode(code, number, town, line)
    part = _OVERSEAS.get((code, found.code[:3])) if found else None
    if found and part:
        code, found = part, table_code(part, found.written)
    towns = tuple(dict.fromkeys(_towns(town, line, found.written if found else "")))
    return Address(text, street, code, found, towns, cedex, tuple(filter(None, doubts)))


def _prefix(cell: str) -> str:
    found = _PREFIXED.search(cell)
    return _PREFIXES.get(found[1], "") if found else ""


def _country_inside(line: str, town: str) -> tuple[str, str, str]:
    """Look for a country as the last part of the town or the street; two letters alone could be anything."""
    for which, cell in enumerate((town, line)):
        head, comma, last = cell.rpartition(",")
        if comma and len(last.strip()) > 3 and (code := country_code(last.strip())):
            return (line, head.strip(), code) if which == 0 else (head.strip(), town, code)
    return line, town, ""


def _find_postcode(country: str, number: str, town: str, line: str) -> tuple[Postcode | None, str, str]:
    """Return the postcode, and town and street without it."""
    table = postcodes(country) if country else None
    shape = re.compile(_shape(country, table))
    if number:
        inside = next((one for one in shape.finditer(number.upper())), None)
        if inside is None or fold(number[: inside.start()] + number[inside.end() :]).isdigit():
            return table_code(country, number, table), town, line
        rest = (number[: inside.start()] + " " + number[inside.end() :]).strip(" ,;-")
        letters = any(letter.isalpha() for letter in rest) and len(rest) > 3
        return table_code(country, inside[0], table), (town or rest) if letters else town, line
    for which, cell in enumerate((town, line)):
        for one in reversed(list(shape.finditer(cell.upper()))):
            found = table_code(country, one[0], table)
            before, after = cell[: one.start()].strip(" ,;-"), cell[one.end() :].strip(" ,;-")
            if country in _ZIP_LAST and any(letter.isalpha() for letter in after):
                continue  # the number of a house
            listed = table is not None and table.find(found.code) is not None
            opens = cell[: one.start()].rstrip()[-1:] in {"", ","} and after[:1].isalpha()
            closes = not after and not (country and one[0].isdigit())  # behind a street it could be that of a house
            if which == 0 or listed or opens or closes:
                return (
                    (found, after or before, line) if which == 0 else (found, town or after, before if after else line)
                )
    return None, town, line


def _shape(country: str, table: Postcodes | None) -> str:
    if country in _SHAPES:
        return _SHAPES[country]
    if not country:
        return "|".join(rf"\b(?:{shape})\b" for shape in _ANYWHERE)
    width = table.width if table else 5
    return rf"\b\d{{{width}}}\b"


def table_code(country: str, written: str, table: Postcodes | None = None) -> Postcode:
    """
    Return a postcode as the table of its country keeps it.

    Parameters
    ----------
    country
        Two letters.
    written
        As it was written.
    table
        The country's postcodes, where they are at hand.

    Examples
    --------
    >>> table_code("GB", "eh54 8af").code, table_code("NL", "1012 AB").code, table_code("DE", "1067").code
    ('EH54', '1012', '01067')
    """
    table = table or (postcodes(country) if country else None)
    plainly = re.sub(r"\.0$", "", written.strip()).upper()
    code = re.sub(r"[^A-Z0-9]", "", plainly)
    if country in {"LV", "MD", "AZ", "LT", "LU"}:
        code = code.removeprefix(country).removeprefix("L" if country == "LU" else "\n")
    repaired = False
    if table and code.isdigit() and len(code) < table.width and not table.find(code):
        filled = code.zfill(table.width)
        repaired = len(code) >= table.width - 2 and table.find(filled) is not None
        code = filled if repaired else code
    short = code
    if (kept := _KEPT.get(country)) and (found := kept.match(code)):
        short = found[1]
    elif country in _FIRST:
        short = code[: _FIRST[country]]
    elif country == "AR":
        short = re.sub(r"[A-Z]", "", code)
    elif country in {"PT", "JP", "SG"} and table:
        short = next((code[:n] for n in range(len(code), 1, -1) if table.find(code[:n])), code)
        return Postcode(plainly, short, True, repaired)
    whole = short == code or country in {"US", "AR"}
    return Postcode(plainly, short, whole, repaired)


def _towns(town: str, line: str, written: str) -> Iterator[str]:
    """Yield what may be the town: the cell, then the parts of the street from behind that hold no number."""
    if town:
        yield town
        return
    for part in reversed(re.split(r"[,;|\n]", line)):
        name = part.replace(written, "").strip(" -") if written else part.strip(" -")
        if name and not any(letter.isdigit() for letter in name):
            yield name


def town_spellings(name: str) -> Iterator[tuple[str, bool]]:
    """
    Yield ways to read the name of a town, and whether each is all of it.

    Examples
    --------
    >>> list(town_spellings("Paris La Défense 4"))[:3]
    [('Paris La Défense 4', True), ('Paris La Défense', True), ('Paris La', False)]
    """
    yield name, True
    short = re.sub(r"\(.*?\)|\b\d+(?:er|e|ème)?\b", " ", _CEDEX.sub(" ", name))
    parts = [part.strip() for part in re.split(r"[,/;()]| - ", short) if part.strip()]
    for part in parts:
        words = [word for word in part.split() if fold(word) not in _WORDS_DROPPED]
        words = words[:-1] if len(words) > 1 and len(words[-1]) == 1 else words  # København K
        if words and " ".join(words) != name:
            yield " ".join(words), part == parts[0]
    words = re.split(r"[\s\-]+", parts[0]) if parts else []
    for count in range(len(words) - 1, 0, -1):
        if len("".join(words[:count])) > 3:
            yield " ".join(words[:count]), False
    for start in range(1, len(words)):
        if len("".join(words[start:])) > 3:
            yield " ".join(words[start:]), False


def shape_country(written: str) -> str:
    """
    Return the country whose postcodes alone look like this, or nothing.

    Examples
    --------
    >>> shape_country("EH54 8AF"), shape_country("1012 AB"), shape_country("67056")
    ('GB', 'NL', '')
    """
    fits = [country for country, shape in _UNIQUE.items() if shape.fullmatch(written.upper())]
    return fits[0] if len(fits) == 1 else ""


def default_problem(text: str) -> str:
    """Return what is wrong with a default country, or nothing."""
    return f"default_country: {country_problem(text)}" if text and not country_code(text) else ""
