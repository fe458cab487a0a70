"""Points of a sweep: keys at values, and the scenario that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from isopt.errors import InputError, quoted
from isopt.scenario import Scenario
from isopt.scenario.keys import parts_of
from isopt.studies.levers import EVERY, POLICY, Lever

__all__ = ["Point", "Value", "is_lever", "shown", "variant_at"]

#: What a key can be set to.
Value: TypeAlias = "float | str | bool | tuple[str, ...]"


@dataclass(frozen=True)
class Point:
    """
    One run of a grid.

    Parameters
    ----------
    at
        Value of each key that is set.
    transport
        Name of its transport scenario, empty for the region as it is.
    """

    at: Mapping[str, Value]
    transport: str = ""

    def __str__(self) -> str:
        told = [f"{key}={shown(value)}" for key, value in self.at.items()]
        return ", ".join(([self.transport] if self.transport else []) + told) or "as it is"


def shown(value: Value) -> str:
    """
    Write a value as tables and messages show it.

    Examples
    --------
    >>> shown(0.1), shown(("inert", "hazardous")), shown(True)
    ('0.1', 'inert;hazardous', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, tuple) else str(value)


def is_lever(key: str) -> bool:
    """
    Tell whether a key is a lever (one that moves several numbers at once) and no single setting or cell.

    Examples
    --------
    >>> is_lever("landfill_tax"), is_lever("carbon_price*"), is_lever("policy.carbon_price_eur_per_t")
    (True, True, False)
    """
    first, _, rest = key.rstrip(EVERY).partition(".")
    return first in POLICY or key.endswith(EVERY) or rest.startswith(f"{EVERY}.")


def variant_at(scenario: Scenario, values: Mapping[str, Value]) -> Scenario:
    """
    Return the scenario with keys at values, through the same checks as a file.

    Parameters
    ----------
    scenario
        Any scenario.
    values
        Settings and cells as `isopt.scenario.keys.parts_of` names them are set first, then levers as
        `isopt.studies.levers.Lever` names them.

    Raises
    ------
    InputError
        A key or row is not there; the nearest name is given.
    ScenarioError
        With everything that is wrong with the values.

    Examples
    --------
    >>> import isopt
    >>> dear = variant_at(isopt.read("scenarios/two_firms"), {"landfill_tax": 80, "scale.modes.eur_per_tkm": 2})
    >>> dear.policy_at("landfill_tax_eur_per_t", "inert")
    array([80.])
    """
    plain = [
        (key, list(value) if isinstance(value, tuple) else value) for key, value in values.items() if not is_lever(key)
    ]
    parts = parts_of(scenario, plain)
    variant = scenario.with_(**parts) if parts else scenario
    for key, value in values.items():
        if is_lever(key):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"{key} is set to a number, not {quoted(shown(value))}")
            variant = Lever.parse(key).at(variant, value)
    return variant
