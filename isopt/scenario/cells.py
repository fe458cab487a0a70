"""From the text of a cell to its value, or to a sentence that says what is wrong with it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from isopt import units, waste
from isopt.errors import InputError, did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "CellError",
    "boolean",
    "choice",
    "crs_code",
    "list_of",
    "number",
    "unit",
    "waste_code",
    "writes_decimal_commas",
]

NOT_FINITE = "is not a finite number; leave the cell empty where there is no limit"
"""What is said of an infinite number."""

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_COMMA_OR_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_DOT_OR_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_BLANKS = "  \u00a0\u202f\u2009'\u2019_"
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}(?:(?P<sep>[{_BLANKS}.,])\d{{3}})(?:(?P=sep)\d{{3}})*(?:[.,]\d+)?")
_WITH_WORDS = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*[^\d\s.,+-].*", re.DOTALL)
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*%")
_MISSING = {"nan", "na", "n/a", "#n/a", "-", "--", "null", "none", "?"}
_ENDLESS = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "∞", "-∞"}

# Besides English, the words that Excel writes into a CSV in German, French, Italian, Spanish, Dutch, Swedish, Danish.
_TRUE = {"true", "yes", "y", "1", "wahr", "vrai", "vero", "verdadero", "waar", "sant", "sand"}
_FALSE = {"false", "no", "n", "0", "falsch", "faux", "falso", "onwaar", "falskt", "falsk"}

WGS84 = "WGS84"
"""The system that coordinates are in when nothing else is said."""
_WGS84 = {"wgs84", "wgs 84", "epsg:4326", "4326", "wgs-84"}
_AUTHORITY = re.compile(r"(?:(EPSG|ESRI|IGNF|OGC)\s*:\s*)?([A-Za-z0-9]+)", re.IGNORECASE)


class CellError(ValueError):
    """What is wrong with the text of one cell, as the message of a problem."""


def writes_decimal_commas(texts: Iterable[str]) -> bool:
    """
    Return whether some number can only be read with a decimal comma.

    Examples
    --------
    >>> writes_decimal_commas(["1,234", "52,5"]), writes_decimal_commas(["1,234", "5.5"])
    (True, False)
    """
    return any("," in text and _COMMA.fullmatch(text) and not _COMMA_OR_THOUSANDS.fullmatch(text) for text in texts)


def number(text: str, *, decimal_comma: bool = False) -> float:
    """
    Return the number that a text stands for; what could be read in two ways is an error.

    Parameters
    ----------
    text
        Text of the cell, not empty.
    decimal_comma
        Whether the table is known to write decimal commas.

    Raises
    ------
    CellError
        The text is not a number, is not finite, or is ambiguous.

    Examples
    --------
    >>> number("1e-4"), number("12,5"), number("0,125")
    (0.0001, 12.5, 0.125)
    >>> number("1,234", decimal_comma=True)
    1.234
    """
    if _PLAIN.fullmatch(text) and not (decimal_comma and _DOT_OR_THOUSANDS.fullmatch(text)):
        value = float(text)
        if math.isinf(value):
            raise CellError(f"{quoted(text)} is too large a number")
        return value
    if _COMMA.fullmatch(text) and (decimal_comma or not _COMMA_OR_THOUSANDS.fullmatch(text)):
        return float(text.replace(",", "."))
    raise CellError(_why_no_number(text))


def _why_no_number(text: str) -> str:
    shown = quoted(text)
    if _COMMA_OR_THOUSANDS.fullmatch(text):
        return f"{shown} can be read in two ways; write {text.replace(',', '')} or {text.replace(',', '.')}"
    if _DOT_OR_THOUSANDS.fullmatch(text):
        return (
            f"{shown} can be read in two ways, as this table writes decimal commas; "
            f"write {text.replace('.', '')} or {text.replace('.', ',')}"
        )
    if grouped := _GROUPED.fullmatch(text):
        plain = text.replace(grouped["sep"], "").replace(",", ".")
        return f"{shown} has a thousands separator; write {plain}"
    if text.casefold() in _ENDLESS:
        return f"{shown} {NOT_FINITE}"
    if text.casefold() in _MISSING:
        return f"{shown} is not a number; leave the cell empty where there is none"
    if percent := _PERCENT.fullmatch(text):
        return f"{shown} is not a number; write {float(percent[1]) / 100:g}"
    if words := _WITH_WORDS.fullmatch(text):
        return f"{shown} is not a number; write {words[1]} alone"
    return f"{shown} is not a number"


def boolean(text: str) -> bool:
    """
    Return the truth value that a text stands for.

    Raises
    ------
    CellError
        The text is neither.

    Examples
    --------
    >>> boolean("TRUE"), boolean("0"), boolean("FALSCH")
    (True, False, False)
    """
    word = text.casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise CellError(f"{quoted(text)} is not true or false")


def choice(text: str, choices: Sequence[str]) -> str:
    """
    Return the choice that a text names; case, blanks and hyphens do not matter.

    Raises
    ------
    CellError
        It names none of them.

    Examples
    --------
    >>> choice("Non-hazardous", ["inert", "non_hazardous"])
    'non_hazardous'
    """
    if text in choices:
        return text
    plain = re.sub(r"[\s-]+", "_", text.casefold())
    for name in choices:
        if name.casefold() == plain:
            return name
    raise CellError(f"{quoted(text)} is not one of {', '.join(choices)}{did_you_mean(plain, choices)}")


def choice_in_list(text: str, choices: Sequence[str]) -> str:
    """
    Return the choice that one value of a list names.

    Raises
    ------
    CellError
        It names none of them, perhaps because a comma stands between several.
    """
    try:
        return choice(text, choices)
    except CellError:
        if "," in text and all(part.strip() in choices for part in text.split(",")):
            raise CellError(f"{quoted(text)} has commas; separate several values by ;") from None
        raise


def list_of(text: str, item: Callable[[str], str]) -> tuple[str, ...]:
    """
    Return the values of a cell that separates them by semicolons.

    Parameters
    ----------
    text
        Text of the cell.
    item
        Reads one value.

    Examples
    --------
    >>> list_of("slag; ash;", str)
    ('slag', 'ash')
    """
    return tuple(item(part.strip()) for part in text.split(";") if part.strip())


def unit(text: str) -> str:
    """
    Return the canonical unit of a spelling.

    Raises
    ------
    CellError
        It is not known.
    """
    try:
        return units.parse_unit(text)
    except InputError as error:
        raise CellError(str(error)) from None


def waste_code(text: str) -> str:
    """
    Return a List of Waste code as the law writes it.

    Raises
    ------
    CellError
        It is not in the list.

    Examples
    --------
    >>> waste_code("170601")
    '17 06 01*'
    """
    problem = waste.problem_with(text)
    if problem:
        raise CellError(problem)
    return waste.label(text)


def crs_code(text: str) -> str:
    """
    Return a coordinate reference system as AUTHORITY:CODE, or WGS84.

    Only codes are taken: a definition written out could name files.

    Raises
    ------
    CellError
        It is not written as a code.

    Examples
    --------
    >>> crs_code("wgs 84"), crs_code("27700"), crs_code("epsg:27700")
    ('WGS84', 'EPSG:27700', 'EPSG:27700')
    """
    if text.casefold() in _WGS84:
        return WGS84
    found = _AUTHORITY.fullmatch(text)
    if found is None or not (found[1] or found[2].isdigit()):
        raise CellError(
            f"{quoted(text)} is not a coordinate reference system; write WGS84 or a code such as EPSG:27700"
        )
    return f"{(found[1] or 'EPSG').upper()}:{found[2].upper()}"
