"""
A valley that one can solve on paper: a kiln needs 200 t of stone, three quarries have 100, 50 and 20 t of rubble.

A truck takes 60 EUR a tonne, however far. A tonne that goes to the kiln saves 10 EUR of bought stone, its disposal (near 55,
middle 35, far 5 EUR) and the tax. So the near one is always worth it, the middle one from a tax of 60 - 45 = 15 EUR/t on,
the far one from 60 - 15 = 45 EUR/t on; least cost is 8850 + 70 tax, then 9600 + 20 tax, then 10500.
"""

from __future__ import annotations

from typing import Any

from small import demand, region, stream

from isopt.scenario import Scenario
from isopt.studies.plane import Plane, plane
from isopt.studies.thresholds import Thresholds, thresholds

PLACES = {"kiln": (57.0, 10.0), "near": (57.05, 10.1), "middle": (57.2, 10.3), "far": (57.4, 10.6)}
RUBBLE = {"near": (100.0, 55.0), "middle": (50.0, 35.0), "far": (20.0, 5.0)}
BREAKS = (15.0, 45.0)


def valley(
    names: dict[str, str] | None = None, *, settings: dict[str, Any] | None = None, **materials: Any
) -> Scenario:
    """
    The valley, with other names for its facilities, settings or names of materials.

    Parameters
    ----------
    names
        Name by facility.
    settings
        Of scenario.toml.
    materials
        Name by material, ``ash`` and ``sand``.
    """
    called = {place: place.capitalize() for place in PLACES} | (names or {})
    places = [
        {"facility": place, "name": called[place], "organisation": called[place], "lat": lat, "lon": lon}
        for place, (lat, lon) in PLACES.items()
    ]
    rubble = {"material": "ash", "name": materials.get("ash", "Rubble"), "state": "solid", "disposal_class": "inert"}
    stone = {"material": "sand", "name": materials.get("sand", "Stone"), "state": "solid"}
    return region(
        {"title": "The valley"} | (settings or {}),
        name="valley",
        facilities=places,
        materials=[rubble, stone],
        streams=[stream(place, place, amount, disposal=price) for place, (amount, price) in RUBBLE.items()],
        demands=[demand("kiln", "kiln", 200, "sand", virgin=10, virgin_kgco2_per_unit=7)],
        substitutions=[{"from_material": "ash", "to_material": "sand", "ratio": 1.0}],
        modes=[{"mode": "truck", "eur_per_t": 60.0, "kgco2_per_tkm": 0.1}],
    )


def along(scenario: Scenario | None = None) -> Thresholds:
    """The valley's landfill tax from 0 to 100."""
    return thresholds(scenario or valley(), "landfill_tax", 0, 100)


def across(scenario: Scenario | None = None) -> Plane:
    """Landfill tax and subsidy: networks change where both together are 15 and 45."""
    return plane(scenario or valley(), ["landfill_tax", "subsidy"], [(0, 100), (0, 50)])
