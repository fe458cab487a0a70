"""The document ``scenario.toml``: merged along the bases, read by contract, and written again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from isopt.errors import Problem, did_you_mean, nearest, quoted
from isopt.scenario.cells import CellError, choice
from isopt.scenario.contract import Column, settings_keys
from isopt.scenario.settings import SECTION_TYPES, SECTIONS, RouterChoice, Settings

__all__ = ["LIFT", "merge", "parse_settings", "settings_mapping"]

LIFT = "none"
"""What lifts a limit that comes from the base."""


def merge(base: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the settings of a scenario on its base, section by section and key by key; landfill tax class by class.

    Parameters
    ----------
    base
        Settings as TOML gives them.
    child
        What the scenario says itself.

    Examples
    --------
    >>> merge({"minimise": {"weights": {"co2": 1}}}, {"minimise": {"what": "cost"}})
    {'minimise': {'what': 'cost'}}
    """
    merged = dict(base)
    for name, value in child.items():
        below = merged.get(name)
        if not (isinstance(value, Mapping) and isinstance(below, Mapping)):
            merged[name] = value
            continue
        section = {key: old for key, old in below.items() if not _dropped(name, key, value)}
        for key, new in value.items():
            old = section.get(key)
            if name == "policy" and isinstance(new, Mapping) and isinstance(old, Mapping):
                section[key] = {**old, **new}
            else:
                section[key] = new
        merged[name] = section
    return merged


def _dropped(section: str, key: str, child: Mapping[str, Any]) -> bool:
    return section == "minimise" and key == "weights" and "what" in child


def parse_settings(found: Mapping[str, Any], file: str = "scenario.toml") -> tuple[Settings, list[Problem]]:
    """
    Return the settings that a TOML document stands for, and everything wrong with it.

    Parameters
    ----------
    found
        The document; sections of the base are merged already.
    file
        How messages call it.

    Examples
    --------
    >>> parse_settings({"reach": {"max_kms": 9}})[1][0].message
    '"max_kms" is no key of [reach]; did you mean "max_km"?'
    """
    reader = _Reader(file)
    known = settings_keys()
    top: dict[str, Any] = {}
    for name, value in found.items():
        if name in SECTIONS:
            if not isinstance(value, Mapping):
                reader.say(name, f"is a section; write [{name}] and its keys below it")
            elif name == "scale":
                top[name] = reader.factors(value)
            elif name == "routing":
                top[name] = reader.routing(value)
            else:
                section: Any = SECTION_TYPES[name]
                top[name] = section(**reader.section(name, value))
        elif name in known[""]:
            top |= reader.section("", {name: value})
        else:
            reader.unknown(name, value)
    return Settings(**top), reader.problems


class _Reader:
    """Reads values by contract and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def say(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, None, key, message))

    def unknown(self, name: str, value: Any) -> None:
        known = settings_keys()
        if isinstance(value, Mapping):
            likely = nearest(name, SECTIONS)
            self.say(f"[{name}]", f"is no section{f'; did you mean [{likely}]?' if likely else ''}")
            return
        homes = [section for section, keys in known.items() if name in keys]
        if homes:
            self.say(name, f"belongs into the section [{homes[0]}]")
            return
        self.say(name, f"{quoted(name)} is no key of the file{did_you_mean(name, (*known[''], *SECTIONS))}")

    def section(self, section: str, found: Mapping[str, Any], called: str = "") -> dict[str, Any]:
        known = settings_keys()[section]
        called = called or section
        values: dict[str, Any] = {}
        for key, value in found.items():
            path = f"{called}.{key}" if section else key
            if key not in known:
                others = [f"[{name}]" for name, keys in settings_keys().items() if name and key in keys]
                ending = f"; it belongs into {others[0]}" if others else did_you_mean(key, known)
                self.say(path, f"{quoted(key)} is no key of [{called}]{ending}")
                continue
            if section == "limits" and value == LIFT:
                values[key] = None
                continue
            if value is None:
                continue
            try:
                values[key] = _value(known[key].column, value)
            except CellError as error:
                self.say(path, str(error))
        return values

    def routing(self, found: Mapping[str, Any]) -> dict[str, RouterChoice]:
        """Read ``[routing]``: a router by its name, or a section of its own, for each mode."""
        choices: dict[str, RouterChoice] = {}
        for mode, value in found.items():
            if value is None:  # a variant takes the choice back
                continue
            said = {"router": value} if isinstance(value, str) else value
            if not isinstance(said, Mapping):
                self.say(f"routing.{mode}", f'{_shown(value)} is no router; write {mode} = "road" or [routing.{mode}]')
                continue
            choice_ = RouterChoice(**self.section("routing", said, f"routing.{mode}"))
            needed = {"network": "file", "table": "file", "osm": "place"}.get(choice_.router)
            if needed and not getattr(choice_, needed):
                self.say(f"routing.{mode}.{needed}", f"is missing; router {quoted(choice_.router)} needs it")
            choices[mode] = choice_
        return choices

    def factors(self, found: Mapping[str, Any]) -> dict[str, float]:
        factors: dict[str, float] = {}
        for key, value in _flat(found):
            if value is None:
                continue
            try:
                factors[key] = _real(value)
            except CellError as error:
                self.say(f"scale.{key}", str(error))
        return factors


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _value(column: Column, value: Any) -> Any:
    """Return a value as its contract wants it, or raise what is wrong with it."""
    match column.kind:
        case "text":
            if isinstance(value, str):
                return value.strip()
            raise CellError(f"{_shown(value)} is not text; put it in quotes")
        case "bool":
            if isinstance(value, bool):
                return value
            raise CellError(f"{_shown(value)} is not true or false")
        case "choice":
            return _choice(value, column.choices)
        case "list":
            if not isinstance(value, (list, tuple)):
                raise CellError(f"{_shown(value)} is not a list; write [{_shown(value)}]")
            if column.items == "text":
                return tuple(dict.fromkeys(str(item).strip() for item in value))
            return tuple(dict.fromkeys(_choice(item, column.choices) for item in value))
        case "classes":
            return _by_class(column, value)
    number = _real(value)
    if column.kind == "integer" and not number.is_integer():
        raise CellError(f"{value} is not a whole number")
    if column.bounds.excludes(np.array(number)):
        raise CellError(f"{value} must be {column.bounds}")
    return int(number) if column.kind == "integer" else number


def _by_class(column: Column, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise CellError(f"{_shown(value)} is not given by class; write {{ {column.choices[0]} = {_shown(value)} }}")
    return {_choice(name, column.choices): _real(item) for name, item in value.items()}


def _choice(value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise CellError(f"{_shown(value)} is not one of {', '.join(choices)}")
    return choice(value, choices)


def _real(value: Any) -> float:
    if isinstance(value, str):
        raise CellError(f"{quoted(value)} is text, not a number; leave the quotes away")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CellError(f"{_shown(value)} is not a number")
    if not math.isfinite(value):
        raise CellError(f"{value} is not a finite number")
    return float(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


def settings_mapping(settings: Settings) -> dict[str, Any]:
    """
    Return the keys that differ from the defaults, as a TOML document holds them.

    Examples
    --------
    >>> settings_mapping(parse_settings({"title": "Quay", "reach": {"max_km": 50, "nearest": 0}})[0])
    {'title': 'Quay', 'reach': {'max_km': 50.0}}
    """
    plain = asdict(settings)
    usual = asdict(Settings())
    document: dict[str, Any] = {}
    for item in fields(settings):
        value, default = plain[item.name], usual[item.name]
        if item.name in SECTION_TYPES:
            changed = {key: _plain(new) for key, new in value.items() if new != default[key]}
            if changed:
                document[item.name] = changed
        elif item.name == "routing":
            if value:
                document["routing"] = {mode: _router(choice_) for mode, choice_ in value.items()}
        elif value != default:
            document[item.name] = _plain(value)
    return document


def _router(choice_: Mapping[str, Any]) -> Any:
    """Return a router as a document holds it: by its name where nothing else is said."""
    usual = asdict(RouterChoice())
    said = {key: _plain(value) for key, value in choice_.items() if value != usual[key] or key == "router"}
    return said["router"] if len(said) == 1 else said


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
