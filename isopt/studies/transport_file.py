"""Transport scenarios in a file: a TOML table for each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from isopt.errors import InputError, Problem, ScenarioError
from isopt.scenario.csvfile import decoded
from isopt.studies.transport import TransportChange, change_of, change_problems

__all__ = ["read_transport_scenarios"]

#: Bytes of a settings file that somebody writes by hand, and far more.
LARGEST = 1_000_000


def read_transport_scenarios(path: str | Path) -> dict[str, TransportChange]:
    r"""
    Read named transport scenarios.

    Parameters
    ----------
    path
        A TOML file with a table per scenario, whose keys are the parts of `TransportChange`; a table without keys is
        the region as it is.

    Returns
    -------
    changes
        By name, in the order of the file.

    Raises
    ------
    InputError
        There is no such file.
    ScenarioError
        With everything that is wrong in it, the nearest name beside each unknown one.

    Examples
    --------
    >>> text = '[as_today]\n[dear_diesel]\ntitle = "Diesel at 2 EUR"\ndiesel_eur_per_l = 2.0\n'
    >>> Path("out").mkdir(exist_ok=True)
    >>> _ = Path("out/transport.toml").write_text(text, encoding="utf-8")
    >>> list(read_transport_scenarios("out/transport.toml"))
    ['as_today', 'dear_diesel']
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST:
            raise InputError(f"{place} is too large for a list of transport scenarios")
        data = place.read_bytes()
    except OSError as error:
        raise InputError(f"{place} can't be read: {error.strerror or error}") from error
    problems: list[Problem] = []

    def wrong(key: str | None, message: str) -> None:
        problems.append(Problem(place.name, None, key, message))

    document: dict[str, Any] = {}
    try:
        document = tomllib.loads(decoded(data)[0])
    except tomllib.TOMLDecodeError as error:
        wrong(None, f"is not valid TOML: {error}")
    except UnicodeDecodeError:
        wrong(None, "is not text in UTF-8")
    else:
        if not document:
            wrong(None, "holds no scenario: write a table for each, such as [dear_diesel]")
    for name, parts in document.items():
        if not isinstance(parts, dict):
            wrong(name, "is no table: write what changes below a line [name_of_the_scenario]")
            continue
        for key, message in change_problems(parts):
            wrong(f"{name}.{key}", message)
    if problems:
        raise ScenarioError(str(place), problems)
    return {name: change_of(parts) for name, parts in document.items()}
