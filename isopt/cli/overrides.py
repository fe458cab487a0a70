"""What ``--set KEY=VALUE`` means: a setting of ``scenario.toml`` or a cell of a table, checked as if it stood there."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError

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
    from isopt.scenario.keys import parts_of

    given: list[tuple[str, Any]] = []
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip() or not text.strip():
            raise InputError(
                f'--set "{assignment}" is not KEY=VALUE, for example --set policy.carbon_price_eur_per_t=90'
            )
        given.append((key.strip(), parse(text)))
    parts = parts_of(scenario, given, said="--set ")
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
