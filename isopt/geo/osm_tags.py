"""What OpenStreetMap's tags say in numbers: speeds, heights, weights and durations, however mappers write them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tags", "duration_h", "hstore", "length_m", "plain_word", "speed_kmh", "weight_t"]

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_PLAIN = re.compile(rf"{_NUMBER}\s*([a-z/'\"]*)")
_FEET = re.compile(rf"(\d+)\s*(?:'|ft|feet)\s*{_NUMBER}\s*(?:''|\"|in|inches)?")
_ZONE = re.compile(r"(?:[a-z]{2}:)?(?:zone:?|bicycle_road:)?(\d{1,3})")
_CLOCK = re.compile(r"(\d{1,4})(?::(\d{2}))?(?::(\d{2}))?")
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_PERIOD = re.compile(r"p(?:(\d{1,3})d)?(?:t(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?)?")

#: Words with which a mapper says that there is no limit of its own. https://wiki.openstreetmap.org/wiki/Key:maxheight
_FREE = frozenset({"none", "default", "no", "no_sign", "no_indications", "unsigned", "unlimited", "unspecified"})
#: International foot, inch, pound, mile and nautical mile, and the short ton of 2,000 pounds.
#: https://wiki.openstreetmap.org/wiki/Map_features/Units
_METRES = {"": 1.0, "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "cm": 0.01, "mm": 0.001} | {
    "'": 0.3048, "ft": 0.3048, "feet": 0.3048, '"': 0.0254, "''": 0.0254, "in": 0.0254, "inches": 0.0254,
}  # fmt: skip
_TONNES = {"": 1.0, "t": 1.0, "ton": 1.0, "tons": 1.0, "tonne": 1.0, "tonnes": 1.0, "kg": 1e-3} | {
    "lb": 0.45359237e-3, "lbs": 0.45359237e-3, "st": 0.90718474, "lt": 1.0160469, "cwt": 0.0508023,
}  # fmt: skip
_KMH = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852, "knot": 1.852}
#: Speeds behind words, by their ending, as GraphHopper reads them (OSMValueExtractor.stringToKmh, Apache 2.0).
_WORDS = {"walk": 6.0, ":living_street": 6.0, ":urban": 50.0, ":rural": 80.0, ":trunk": 80.0}


@dataclass(frozen=True)
class Tags:
    """
    Tags of many ways, each distinct value once.

    Attributes
    ----------
    count
        Number of ways.
    codes
        By key: place of each way's value among the words, -1 where it has none; shape (ways,).
    words
        By key: the distinct values, in lower case and without blanks around them.

    Examples
    --------
    >>> tags = Tags.of({"maxspeed": ["50", "", "30 mph"]}, 3)
    >>> tags.numbers("maxspeed", speed_kmh).round(1)
    array([50. ,  nan, 48.3])
    """

    count: int
    codes: Mapping[str, NDArray[np.int64]]
    words: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, columns: Mapping[str, Iterable[Any]], count: int) -> Tags:
        """
        Make tags of a column of anything per key; None, NaN and "" are no value.

        Parameters
        ----------
        columns
            Values of each key, one per way.
        count
            Number of ways.
        """
        import pandas as pd

        coded = {}
        for key, values in columns.items():
            codes, known = pd.factorize(np.asarray(list(values), dtype=object))
            coded[key] = codes, list(known)
        return cls.coded(coded, count)

    @classmethod
    def coded(cls, columns: Mapping[str, tuple[NDArray[Any], Sequence[Any]]], count: int) -> Tags:
        """
        Make tags of columns that hold each distinct value once already.

        Parameters
        ----------
        columns
            By key: place of each way's value among the values, -1 where it has none; and the values.
        count
            Number of ways.
        """
        codes, words = {}, {}
        for key, (raw, values) in columns.items():
            text = [plain_word(value) for value in values]
            place = {word: number for number, word in enumerate(dict.fromkeys(filter(None, text)))}
            codes[key] = np.array([*(place.get(word, -1) for word in text), -1], dtype=np.int64)[raw]
            words[key] = tuple(place)
        return cls(count, codes, words)

    def has(self, key: str) -> NDArray[np.bool_]:
        """Return which ways have the key, shape (ways,)."""
        there: NDArray[np.bool_] = self.codes[key] >= 0 if key in self.codes else np.zeros(self.count, dtype=bool)
        return there

    def numbers(self, key: str, read: Callable[[str], float]) -> NDArray[np.float64]:
        """Return a number per way, NaN where the key is not there or ``read`` can't read its value."""
        if key not in self.codes:
            return np.full(self.count, np.nan)
        values = np.array([*(read(word) for word in self.words[key]), np.nan])
        return np.asarray(values[self.codes[key]], dtype=np.float64)

    def among(self, key: str, words: Iterable[str]) -> NDArray[np.bool_]:
        """
        Return for which ways the value is one of the words.

        Of a list by OpenStreetMap (``agricultural;destination``: alternatives) all have to be, of a list by osmnx
        (``['no', 'yes']``: stretches of one way) any.
        """
        wanted = set(words)

        def fits(word: str) -> float:
            return float((any if word.startswith("[") else all)(part in wanted for part in _parts(word)))

        return np.asarray(self.numbers(key, fits) == 1.0)


def hstore(text: str) -> dict[str, str]:
    r"""
    Read the column ``other_tags`` that GDAL writes of OpenStreetMap data; what is no pair is passed over.

    Examples
    --------
    >>> hstore(r'"oneway"=>"yes","name"=>"The \"Old\" Road, \\ West=>East"')
    {'oneway': 'yes', 'name': 'The "Old" Road, \\ West=>East'}
    """
    return {_ESCAPED.sub(r"\1", key): _ESCAPED.sub(r"\1", value) for key, value in _PAIR.findall(text)}


def plain_word(value: object) -> str:
    """
    Return a value as text in lower case, "" for what is no value.

    Examples
    --------
    >>> plain_word(float("nan")), plain_word(" Yes"), plain_word(True), plain_word(50.0)
    ('', 'yes', 'yes', '50')
    """
    if value is None or value != value:  # noqa: PLR0124 - a NaN differs from itself
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    return " ".join(str(value).split()).casefold()


def speed_kmh(text: str) -> float:
    """
    Read a speed limit; of a list the lowest.

    Parameters
    ----------
    text
        In lower case: a number, with a unit or not, or a word that implies one.

    Returns
    -------
    kmh
        Infinity for ``none``; NaN where it can't be read, and for signs that change.

    Examples
    --------
    >>> [speed_kmh(text) for text in ("50", "30 mph", "de:urban", "de:zone:30", "walk", "none", "70;50", "signals")]
    [50.0, 48.28032, 50.0, 30.0, 6.0, inf, 50.0, nan]
    """
    values = [_one_speed(part) for part in _parts(text)]
    return min(values) if values and not any(map(math.isnan, values)) else math.nan


def _one_speed(text: str) -> float:
    if text == "none":
        return math.inf
    for ending, kmh in _WORDS.items():
        if text.endswith(ending):
            return kmh
    zone = _ZONE.fullmatch(text)
    kmh = float(zone[1]) if zone else _measure(text, _KMH)
    return kmh if kmh > 0 else math.nan


def length_m(text: str) -> float:
    r"""
    Read a limit of height, width or length; of a list the lowest.

    Parameters
    ----------
    text
        In lower case; metres where no unit is given.

    Returns
    -------
    metres
        Infinity where it says that there is no limit; NaN where it can't be read.

    Examples
    --------
    >>> [round(length_m(text), 3) for text in ("3.5", "3,8 m", "12'6\"", "12 ft", "350 cm", "default", "low")]
    [3.5, 3.8, 3.81, 3.658, 3.5, inf, nan]
    """
    return _limit(text, _METRES)


def weight_t(text: str) -> float:
    """
    Read a limit of weight; of a list the lowest.

    Parameters
    ----------
    text
        In lower case; tonnes where no unit is given.

    Returns
    -------
    tonnes
        Infinity where it says that there is no limit; NaN where it can't be read.

    Examples
    --------
    >>> [round(weight_t(text), 2) for text in ("7.5", "3.5 t", "16500 lbs", "7500 kg", "none", "18 st", "lorries")]
    [7.5, 3.5, 7.48, 7.5, inf, 16.33, nan]
    """
    return _limit(text, _TONNES)


def duration_h(text: str) -> float:
    """
    Read how long a ferry takes.

    Parameters
    ----------
    text
        In lower case: minutes, ``hh:mm``, ``hh:mm:ss`` or an ISO 8601 period.

    Returns
    -------
    hours
        NaN where it can't be read or is 0.

    Examples
    --------
    >>> [duration_h(text) for text in ("30", "01:30", "00:45:00", "pt1h15m", "soon")]
    [0.5, 1.5, 0.75, 1.25, nan]
    """
    hours = math.nan
    if clock := _CLOCK.fullmatch(text):
        first, second, third = (int(part or 0) for part in clock.groups())
        hours = first / 60 if clock[2] is None else first + second / 60 + third / 3600
    elif period := _PERIOD.fullmatch(text):
        days, whole, minutes, seconds = (int(part or 0) for part in period.groups())
        hours = 24 * days + whole + minutes / 60 + seconds / 3600
    return hours if hours > 0 else math.nan


def _limit(text: str, units: Mapping[str, float]) -> float:
    if text in _FREE:
        return math.inf
    values = [_feet(part) if units is _METRES and _FEET.fullmatch(part) else _measure(part, units)
              for part in _parts(text)]  # fmt: skip
    return min(values) if values and min(values) > 0 and not any(map(math.isnan, values)) else math.nan


def _feet(text: str) -> float:
    found = _FEET.fullmatch(text)
    return math.nan if found is None else float(found[1]) * 0.3048 + float(found[2].replace(",", ".")) * 0.0254


def _measure(text: str, units: Mapping[str, float]) -> float:
    found = _PLAIN.fullmatch(text)
    if found is None or found[2] not in units:
        return math.nan
    return float(found[1].replace(",", ".")) * units[found[2]]


def _parts(text: str) -> list[str]:
    """Split a list as OpenStreetMap (``a;b``, lanes ``a|b``) or as osmnx (``['a', 'b']``) writes it."""
    if text.startswith("["):
        pieces = [piece.strip().strip("'\"") for piece in text.strip("[]").split(",")]
    else:
        pieces = [piece.strip() for piece in re.split(r"[;|]", text)]
    return [piece for piece in pieces if piece]
