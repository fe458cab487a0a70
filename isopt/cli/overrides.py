"""What ``--set KEY=VALUE`` means: a setting of ``scenario.toml`` or a cell of a table, checked as if it stood there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from isopt.scenario import Scenario


def overridden(scenario: Scenario, assignments: Sequence[str]) -> Scenario:
    """
    Read a scenario as if its files said something else.

    Parameters
    ----------
    scenario
        As it was read.
    assignments
        ``section.key=value`` or ``table.row.column=value``, the value as TOML would write it; quotes around a word may
        be left out.

    Returns
    -------
    scenario
        A new one, through the same checks.

    Raises
    ------
    InputError
        If a key is not known; it names the nearest one.
    ScenarioError
        If a value does not fit its key.
    """
    parts: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip() or not text.strip():
            raise InputError(
                f'--set "{assignment}" is not KEY=VALUE, for example --set policy.carbon_price_eur_per_t=90'
            )
        _place(parts, scenario, key.strip(), parse(text))
    return scenario.with_(**parts) if parts else scenario


def parse(text: str) -> Any:
    """
    Read a value as TOML does; what is no TOML is a word.

    Examples
    --------
    >>> parse("90"), parse("true"), parse('["inert"]'), parse(" none "), parse("1e-3")
    (90, True, ['inert'], 'none', 0.001)
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def _place(parts: dict[str, Any], scenario: Scenario, key: str, value: Any) -> None:
    """Put one assignment where ``Scenario.with_`` looks for it."""
    from isopt.scenario.contract import settings_keys, tables
    from isopt.scenario.settings import SECTIONS

    first, _, rest = key.partition(".")
    if first in SECTIONS:
        _place_setting(parts, scenario, first, rest, value)
    elif first in settings_keys()[""] and first != "base" and not rest:
        parts[first] = value
    elif first in tables():
        row, dot, column = rest.rpartition(".")
        if not dot:
            raise InputError(f"--set {key}: say which row and column, as in {first}.ID.COLUMN=VALUE")
        names = tables()[first].names
        if column not in names:
            raise InputError(f"--set {key}: {first} has no column {column}{_nearest(column, names)}")
        parts.setdefault(first, {}).setdefault(row, {})[column] = value
    else:
        known = [*SECTIONS, *(name for name in settings_keys()[""] if name != "base"), *tables()]
        raise InputError(f'--set {key}: there is no section or table "{first}"{_nearest(first, known)}')


def _place_setting(parts: dict[str, Any], scenario: Scenario, section: str, rest: str, value: Any) -> None:
    """Put one key of a section there; a key by class (landfill tax, weights) keeps the classes not spoken of."""
    from isopt.scenario.contract import settings_keys

    mine = parts.setdefault(section, {})
    if section == "scale":  # its keys are columns of tables and keys of the policy: the scenario checks them
        mine[rest] = value
        return
    if section == "routing":
        _place_router(mine, scenario, rest, value)
        return
    known = settings_keys()[section]
    name, _, entry = rest.partition(".")
    if not name:
        raise InputError(f"--set {section}: say which key of the section, as in {section}.{next(iter(known))}=VALUE")
    if name not in known:
        raise InputError(f'--set {section}.{rest}: [{section}] has no key "{name}"{_nearest(name, known)}')
    by_class = known[name].column.kind == "classes"
    if entry and not by_class:
        raise InputError(f"--set {section}.{rest}: {section}.{name} is one value and has no parts")
    classes = known[name].column.choices
    if entry and entry not in classes:
        raise InputError(f'--set {section}.{rest}: {section}.{name} has no "{entry}"{_nearest(entry, classes)}')
    if by_class and not entry and not isinstance(value, dict):
        example = f"{section}.{name}.{classes[0]}={value}"
        raise InputError(f"--set {section}.{rest}: {section}.{name} is given by class, as in {example}")
    before = getattr(getattr(scenario.settings, section), name) or {} if entry else {}
    mine[name] = {**before, **mine.get(name, {}), entry: value} if entry else value


def _place_router(mine: dict[str, Any], scenario: Scenario, rest: str, value: Any) -> None:
    """Put a router there for a mode, or one key of the router that the mode has."""
    from isopt.scenario.contract import settings_keys
    from isopt.scenario.document import settings_mapping

    mode, _, key = rest.rpartition(".")
    known = settings_keys()["routing"]
    if not mode or key not in known:
        if not rest:
            raise InputError("--set routing: say which mode, as in routing.truck=road")
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
