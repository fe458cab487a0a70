"""Three units, many spellings, and no silent conversion."""

from __future__ import annotations

import pytest

from isopt.errors import InputError
from isopt.units import UNITS, parse_unit


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("t", "t"), ("tonnes", "t"), (" Tonne ", "t"), ("t/yr", "t"), ("t per year", "t"), ("Mg", "t"),
        ("tonnes p.a.", "t"),
        ("m3", "m3"), ("m³/a", "m3"), ("m^3", "m3"), ("cubic metres", "m3"),
        ("MWh", "MWh"), ("mwh/yr", "MWh"), ("megawatt-hours", "MWh"),
    ],
)  # fmt: skip
def test_spellings_of_a_known_unit_are_read(spelling: str, unit: str):
    """A unit is known by its usual spellings, with or without 'per year'."""
    assert parse_unit(spelling) == unit


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("kg", '"kg" is not one of t, m3, MWh; write t and multiply the amounts by 0.001'),
        ("GJ/yr", '"GJ/yr" is not one of t, m3, MWh; write MWh and multiply the amounts by 1/3.6'),
        ("GWh", '"GWh" is not one of t, m3, MWh; write MWh and multiply the amounts by 1000'),
        ("tonns", '"tonns" is not one of t, m3, MWh; did you mean "tonnes"?'),
        ("bushel", '"bushel" is not one of t, m3, MWh'),
    ],
)
def test_another_unit_is_refused_with_the_way_to_a_known_one(spelling: str, message: str):
    """Amounts are never converted behind the user's back; the factor is told."""
    with pytest.raises(InputError) as caught:
        parse_unit(spelling)

    assert str(caught.value) == message


def test_units_read_as_themselves():
    """The canonical names are spellings too."""
    assert [parse_unit(unit) for unit in UNITS] == list(UNITS)
