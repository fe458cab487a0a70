"""
Codes of the European List of Waste: spelling, meaning, prefixes.

The table beside this module holds the 842 entries of Commission Decision 2000/532/EC as amended, as published by Defra
in waste-movement-external-api (Open Government Licence v3.0).
"""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WasteCode", "codes", "digits", "has_prefix", "is_code", "is_prefix", "label", "problem_with", "suggest"]

_WRITTEN = re.compile(r"\d{2}([\s.\-]*\d{2}){0,2}\s*\*?")
_LOOKALIKES = str.maketrans({"l": "1", "I": "1", "i": "1", "O": "0", "o": "0", "S": "5", "B": "8"})
_LOST_ZERO = (3, 5)
"""Lengths left of a code that a spreadsheet took for a number: 010101 becomes 10101."""


@dataclass(frozen=True)
class WasteCode:
    """
    One entry of the List of Waste.

    Parameters
    ----------
    code
        Six digits.
    hazardous
        Whether the entry carries the asterisk.
    mirror
        Whether the same waste has an entry of the other kind, so that its content decides.
    description
        The text of the entry.
    """

    code: str
    hazardous: bool
    mirror: bool
    description: str

    def __str__(self) -> str:
        return label(self.code)


@cache
def codes() -> Mapping[str, WasteCode]:
    """
    Return the whole List of Waste by six-digit code.

    Examples
    --------
    >>> codes()["170601"].hazardous
    True
    """
    text = resources.files("isopt").joinpath("list_of_waste.csv").read_text(encoding="utf-8")
    return {
        row["code"]: WasteCode(row["code"], row["hazardous"] == "yes", row["entry"] == "mirror", row["description"])
        for row in csv.DictReader(text.splitlines())
    }


@cache
def _prefixes() -> frozenset[str]:
    return frozenset(code[:length] for code in codes() for length in (2, 4, 6))


@cache
def digits(text: str) -> str:
    """
    Return the bare digits of a code, or "" where the text can't be one.

    Parameters
    ----------
    text
        A code or the beginning of one; blanks, dots, hyphens and the asterisk do not matter. A leading zero that a
        spreadsheet took away is put back.

    Examples
    --------
    >>> digits("17 06 01*"), digits("17.06"), digits("10101"), digits("17 06 0l")
    ('170601', '1706', '010101', '')
    """
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) in _LOST_ZERO:
        plain = "0" + plain
    if not plain.isascii() or not _WRITTEN.fullmatch(plain):
        return ""
    return re.sub(r"\D", "", plain)


def is_code(text: str) -> bool:
    """
    Return whether the text is an entry of the List of Waste.

    Examples
    --------
    >>> is_code("17 06 01*"), is_code("17 06")
    (True, False)
    """
    return digits(text) in codes()


def is_prefix(text: str) -> bool:
    """
    Return whether the text is an entry, a sub-chapter or a chapter of the List of Waste.

    Examples
    --------
    >>> is_prefix("17 06"), is_prefix("21")
    (True, False)
    """
    return digits(text) in _prefixes()


def has_prefix(code: str, prefix: str) -> bool:
    """
    Return whether a code belongs to a prefix, however the two are written.

    Examples
    --------
    >>> has_prefix("17 06 01*", "1706"), has_prefix("17 06 01", "17 05"), has_prefix("", "17")
    (True, False, False)
    """
    start = digits(prefix)
    return bool(start) and digits(code).startswith(start)


def label(text: str) -> str:
    """
    Return the code as the law writes it; a text that is no code comes back as it is.

    Examples
    --------
    >>> label("170601"), label("1706")
    ('17 06 01*', '17 06')
    """
    plain = digits(text)
    if not plain:
        return text
    entry = codes().get(plain)
    written = " ".join(plain[i : i + 2] for i in range(0, len(plain), 2))
    return written + "*" if entry is not None and entry.hazardous else written


def suggest(text: str) -> str | None:
    """
    Return the code that was most likely meant, or None.

    Letters that look like digits count as these; else the most similar code is taken.

    Examples
    --------
    >>> suggest("17 06 0l"), suggest("17 06 99"), suggest("steel")
    ('17 06 01*', '17 06 05*', None)
    """
    read = re.sub(r"\D", "", text.translate(_LOOKALIKES)) if re.search(r"\d", text) else ""
    if not read:
        return None
    if read in _prefixes():
        return label(read)
    siblings = [code for code in codes() if code.startswith(read[:4])] or [
        code for code in codes() if code.startswith(read[:2])
    ]
    found = difflib.get_close_matches(read, siblings, n=1, cutoff=0.5)
    return label(found[0]) if found else None


def problem_with(text: str) -> str:
    """
    Return what is wrong with a code (or chapter or sub-chapter), with the likely fix; "" where nothing is.

    Examples
    --------
    >>> problem_with("17 06 0l")
    '"17 06 0l" is not a List of Waste code; did you mean "17 06 01*"?'
    """
    if is_prefix(text):
        return ""
    likely = suggest(text)
    ending = "" if likely is None else f'; did you mean "{likely}"?'
    return f'"{text}" is not a List of Waste code{ending}'
