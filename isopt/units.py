"""The three units of amounts, and how people write them."""

from __future__ import annotations

import re

from isopt.errors import InputError, did_you_mean

__all__ = ["UNITS", "parse_unit"]

UNITS = ("t", "m3", "MWh")
"""Metric tonne, cubic metre and megawatt-hour: a material is counted in one of them."""

_SPELLINGS = {
    "t": ("t", "ton", "tons", "tonne", "tonnes", "metric ton", "metric tons", "metric tonne", "metric tonnes", "mg"),
    "m3": ("m3", "m³", "m^3", "m**3", "cbm", "cubic metre", "cubic metres", "cubic meter", "cubic meters"),
    "MWh": ("mwh", "megawatt hour", "megawatt hours", "megawatt-hour", "megawatt-hours"),
}
_KNOWN = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}

# Factors from the SI brochure (9th edition): 1 GJ = 1/3.6 MWh; prefixes otherwise.
_CONVERSIONS = {
    "kg": ("t", "0.001"),
    "g": ("t", "0.000001"),
    "kt": ("t", "1000"),
    "l": ("m3", "0.001"),
    "litre": ("m3", "0.001"),
    "litres": ("m3", "0.001"),
    "hm3": ("m3", "1000000"),
    "kwh": ("MWh", "0.001"),
    "gwh": ("MWh", "1000"),
    "twh": ("MWh", "1000000"),
    "mj": ("MWh", "1/3600"),
    "gj": ("MWh", "1/3.6"),
    "tj": ("MWh", "1000/3.6"),
}
_PER_YEAR = re.compile(r"\s*(?:/|\bper\b)\s*(?:yr|y|a|year|annum)\.?$|\s*\bp\.?\s?a\.?$")


def parse_unit(text: str) -> str:
    """
    Return the canonical unit of a spelling; "per year" at its end is understood.

    Parameters
    ----------
    text
        A unit as people write it.

    Returns
    -------
    unit
        One of :data:`UNITS`.

    Raises
    ------
    InputError
        The unit is unknown or is another one, with the factor that leads to a known one.

    Examples
    --------
    >>> parse_unit("MWh/yr"), parse_unit("tonnes"), parse_unit("m³")
    ('MWh', 't', 'm3')
    """
    plain = _PER_YEAR.sub("", " ".join(text.strip().split()).lower())
    if plain in _KNOWN:
        return _KNOWN[plain]
    listed = ", ".join(UNITS)
    if plain in _CONVERSIONS:
        unit, factor = _CONVERSIONS[plain]
        raise InputError(f'"{text}" is not one of {listed}; write {unit} and multiply the amounts by {factor}')
    raise InputError(f'"{text}" is not one of {listed}{did_you_mean(plain, _KNOWN)}')
