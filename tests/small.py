"""Small scenarios that one can solve on paper: everything lies at one place, so that only what a test says costs."""

from __future__ import annotations

from typing import Any

from isopt.scenario import Scenario

FACILITIES = ("A", "B", "C", "D")
MATERIALS = ("ash", "sand", "clay", "slag")
DISPOSAL = "tip"


def region(settings: dict[str, Any] | None = None, *, name: str = "region", **tables: list[dict[str, Any]]) -> Scenario:
    """
    Four firms A to D at one place, four solid materials in tonnes (non-hazardous) and a truck that costs nothing.

    Parameters
    ----------
    settings
        Content of scenario.toml; euros are not discounted unless it says so.
    name
        The scenario's name.
    **tables
        Rows of the other tables, or of these instead.
    """
    base: dict[str, list[dict[str, Any]]] = {
        "facilities": [{"facility": place, "lat": 0.0, "lon": 0.0} for place in FACILITIES],
        "materials": [{"material": one, "state": "solid", "disposal_class": "non_hazardous"} for one in MATERIALS],
        "modes": [{"mode": "truck"}],
    }
    return Scenario.of(base | tables, {"economics": {"discount_rate": 0.0, "nominal": True}} | (settings or {}), name)


def stream(name: str, at: str, amount: float, material: str = "ash", disposal: float | None = 10, **cells: Any) -> dict:
    """A stream with a price of its own disposal (None: it has none)."""
    row = {"stream": name, "facility": at, "material": material, "supply_per_yr": amount}
    return row | {"own_disposal_eur_per_unit": disposal} | cells


def demand(name: str, at: str, amount: float, material: str = "ash", virgin: float | None = 20, **cells: Any) -> dict:
    """A demand with a price of virgin material (None: it can't be bought)."""
    row = {"demand": name, "facility": at, "material": material, "need_per_yr": amount}
    return row | {"virgin_eur_per_unit": virgin} | cells


def plant(name: str, at: str, status: str = "existing", technology: str = "mill", **cells: Any) -> dict:
    """A plant."""
    return {"plant": name, "facility": at, "technology": technology, "status": status} | cells


def mill(**yields: float) -> dict[str, list[dict[str, Any]]]:
    """A technology that turns ash into what is said, units per unit of ash; into sand, one to one, by default."""
    recipes = [
        {"technology": "mill", "input": "ash", "output": output, "yield": units}
        for output, units in (yields or {"sand": 1.0}).items()
    ]
    return {"technologies": [{"technology": "mill"}], "recipes": recipes}


def two_years(**cells: Any) -> list[dict[str, Any]]:
    """The years 2030 and 2031, a period each."""
    return [{"period": str(year), "year": year} | cells for year in (2030, 2031)]


def seasons() -> list[dict[str, Any]]:
    """A winter of a quarter of the year and the rest of it."""
    return [
        {"period": "winter", "year": 2030, "share_of_year": 0.25},
        {"period": "rest", "year": 2030, "share_of_year": 0.75},
    ]
