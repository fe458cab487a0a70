"""Keys: a setting of ``scenario.toml`` or a cell of a table by its name, and what `Scenario.with_` makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from isopt.errors import InputError, did_you_mean
from isopt.scenario.contract import settings_keys, tables
from isopt.scenario.document import settings_mapping
from isopt.scenario.scenario import Scenario
from isopt.scenario.settings import SECTIONS

__all__ = ["parts_of"]


def parts_of(scenario: Scenario, values: Iterable[tuple[str, Any]], *, said: str = "") -> dict[str, Any]:
    """
    Read keys and values as the parts of a variant.

    Parameters
    ----------
    scenario
        What is changed.
    values
        Pairs of a key, ``section.key``, ``section.key.class``, ``scale.table.column`` or ``table.row.column``, and its
        value; later ones add to earlier ones. A column behind ``scale`` may stand in quotes, as in TOML.
    said
        What messages put before a key, such as the option that it was given with.

    Returns
    -------
    parts
        As `Scenario.with_` takes them; rows and values are checked there.

    Raises
    ------
    InputError
        If a key is not known; it names the nearest one.

    Examples
    --------
    >>> scenario = Scenario.of({"facilities": [{"facility": "A"}], "materials": [{"material": "ash"}],
    ...                         "streams": [{"stream": "s", "facility": "A", "material": "ash", "supply_per_yr": 1}]})
    >>> parts_of(scenario, [("policy.carbon_price_eur_per_t", 90), ("streams.s.supply_per_yr", 5)])
    {'policy': {'carbon_price_eur_per_t': 90}, 'streams': {'s': {'supply_per_yr': 5}}}
    """
    parts: dict[str, Any] = {}
    for key, value in values:
        _place(parts, scenario, key, value, said)
    return parts


def _place(parts: dict[str, Any], scenario: Scenario, key: str, value: Any, said: str) -> None:
    """Put one assignment where ``Scenario.with_`` looks for it."""
    first, _, rest = key.partition(".")
    if first in SECTIONS:
        _place_setting(parts, scenario, first, rest, value, said)
    elif first in settings_keys()[""] and first != "base" and not rest:
        parts[first] = value
    elif first in tables():
        row, dot, column = rest.rpartition(".")
        if not dot:
            raise InputError(f"{said}{key}: say which row and column, as in {first}.ID.COLUMN=VALUE")
        names = tables()[first].names
        if column not in names:
            raise InputError(f"{said}{key}: {first} has no column {column}{_nearest(column, names)}")
        parts.setdefault(first, {}).setdefault(row, {})[column] = value
    else:
        known = [*SECTIONS, *(name for name in settings_keys()[""] if name != "base"), *tables()]
        raise InputError(f'{said}{key}: there is no section or table "{first}"{_nearest(first, known)}')


def _place_setting(parts: dict[str, Any], scenario: Scenario, section: str, rest: str, value: Any, said: str) -> None:
    """Put one key of a section there; a key by class (landfill tax, weights) keeps the classes not spoken of."""
    mine = parts.setdefault(section, {})
    if section == "scale":  # its keys are columns of tables and keys of the policy: the scenario checks them
        mine[rest.strip('"')] = value
        return
    if section == "routing":
        _place_router(mine, scenario, rest, value, said)
        return
    known = settings_keys()[section]
    name, _, entry = rest.partition(".")
    if not name:
        raise InputError(f"{said}{section}: say which key of the section, as in {section}.{next(iter(known))}=VALUE")
    if name not in known:
        raise InputError(f'{said}{section}.{rest}: [{section}] has no key "{name}"{_nearest(name, known)}')
    by_class = known[name].column.kind == "classes"
    if entry and not by_class:
        raise InputError(f"{said}{section}.{rest}: {section}.{name} is one value and has no parts")
    classes = known[name].column.choices
    if entry and entry not in classes:
        raise InputError(f'{said}{section}.{rest}: {section}.{name} has no "{entry}"{_nearest(entry, classes)}')
    if by_class and not entry and not isinstance(value, dict):
        example = f"{section}.{name}.{classes[0]}={value}"
        raise InputError(f"{said}{section}.{rest}: {section}.{name} is given by class, as in {example}")
    before = getattr(getattr(scenario.settings, section), name) or {} if entry else {}
    mine[name] = {**before, **mine.get(name, {}), entry: value} if entry else value


def _place_router(mine: dict[str, Any], scenario: Scenario, rest: str, value: Any, said: str) -> None:
    """Put a router there for a mode, or one key of the router that the mode has."""
    mode, _, key = rest.rpartition(".")
    known = settings_keys()["routing"]
    if not mode or key not in known:
        if not rest:
            raise InputError(f"{said}routing: say which mode, as in routing.truck=road")
        mine[rest] = value
        return
    before = mine.get(mode, settings_mapping(scenario.settings).get("routing", {}).get(mode, {}))
    mine[mode] = {**({"router": before} if isinstance(before, str) else before), key: value}


def _nearest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    begun = [name for name in names if word and name.startswith(word)]  # a unit left out: carbon_price
    if len(begun) == 1:
        return f'; did you mean "{begun[0]}"?'
    return did_you_mean(word, names) or f"; known are {', '.join(names)}"
