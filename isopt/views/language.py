"""The language in which views speak, and how it writes numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, get_args

from isopt.errors import InputError

Language = Literal["en", "fr", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Marks:
    """
    How a language writes numbers and counts things.

    Attributes
    ----------
    name
        The language's name in itself.
    locale
        What browsers call it (BCP 47), for their own formats of numbers and dates.
    thousands, decimal
        Between groups of three digits and before decimals: Unicode CLDR, as browsers do it.
    one_up_to
        Numbers whose size is below this take the singular: "0 échange", but "0 exchanges" (CLDR plural rules).
    """

    name: str
    locale: str
    thousands: str
    decimal: str
    one_up_to: int


MARKS: dict[Language, Marks] = {
    "en": Marks("English", "en-GB", ",", ".", 0),
    "fr": Marks("Français", "fr-FR", "\u202f", ",", 2),
    "de": Marks("Deutsch", "de-DE", ".", ",", 0),
}

_spoken: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """
    Let all views that are made inside speak a language.

    Parameters
    ----------
    language
        ``en``, ``fr`` or ``de``.

    Raises
    ------
    InputError
        If the catalogue does not have it.

    Examples
    --------
    >>> with speaking("de"):
    ...     digits(1234.5, 1)
    '1.234,5'
    """
    known = {name: name for name in LANGUAGES}
    if language not in known:
        raise InputError(f"no view speaks {language!r}; they speak {', '.join(LANGUAGES)}")
    before = _spoken.set(known[language])
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> Language:
    """Language that views speak here; English, if nobody asked for another."""
    return _spoken.get()


def marks() -> Marks:
    """How the language that is spoken here writes numbers."""
    return MARKS[spoken()]


def digits(value: float, decimals: int = 0) -> str:
    """
    A number's digits in groups of three.

    Parameters
    ----------
    value
        Any finite number.
    decimals
        How many.

    Examples
    --------
    >>> digits(1234567), digits(0.25, 2)
    ('1,234,567', '0.25')
    """
    told = marks()
    return localised(f"{value:,.{decimals}f}", told)


def localised(written: str, told: Marks | None = None) -> str:
    """
    Digits written the English way, as the language that is spoken here writes them.

    Parameters
    ----------
    written
        Such as ``1,234.5``.
    told
        The language's marks, if they are at hand.
    """
    told = told or marks()
    return written.translate({ord(","): told.thousands, ord("."): told.decimal})


def is_one(number: float) -> bool:
    """
    Whether a thing stands in the singular after a number.

    Parameters
    ----------
    number
        How many.

    Examples
    --------
    >>> is_one(1), is_one(0)
    (True, False)
    """
    return number == 1 or 0 <= number < marks().one_up_to
