"""The grid of a sweep: which values of which keys, under which transport, are run."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from isopt.errors import InputError, IsoptError, Problem, ScenarioError, did_you_mean, nearest, quoted
from isopt.scenario import Scenario
from isopt.scenario.contract import tables
from isopt.scenario.csvfile import decoded
from isopt.scenario.settings import SECTIONS as SETTINGS
from isopt.studies.levers import POLICY
from isopt.studies.points import Point, Value, is_lever, variant_at
from isopt.studies.transport import TransportChange, transport_scenario
from isopt.studies.transport_file import read_transport_scenarios

__all__ = ["Grid", "read_grid"]

#: Sections of a grid.
SECTIONS = ("axes", "runs", "transport")
#: Key of a single run that names its transport scenario, and column of the table.
TRANSPORT = "transport"
#: Keys of a range.
RANGE = ("from", "to", "step", "count")
#: Bytes of a grid that somebody writes by hand, and far more.
LARGEST = 1_000_000
#: Runs of a grid at most: at a second each they take more than a day.
MOST_RUNS = 100_000
#: Whole numbers that a float holds exactly.
EXACT_INTEGERS = 2**53


@dataclass(frozen=True)
class Grid:
    """
    What a sweep runs.

    Parameters
    ----------
    axes
        Values of each key; every combination is run.
    runs
        Single runs besides.
    transports
        Transport scenarios by name.
    names
        Those that are combined with the axes.
    """

    axes: Mapping[str, tuple[Value, ...]]
    runs: tuple[Point, ...] = ()
    transports: Mapping[str, TransportChange] | None = None
    names: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that some run sets, in the order of the file."""
        return tuple(dict.fromkeys([*self.axes, *(key for run in self.runs for key in run.at)]))

    @property
    def count(self) -> int:
        """Number of runs, those that are asked for twice counted twice."""
        combined = math.prod(len(values) for values in self.axes.values()) * max(1, len(self.names))
        return (combined if self.axes or self.names else 0) + len(self.runs)

    def points(self) -> Iterator[Point]:
        """Give all runs: transport by transport, the last key varying fastest, the single ones last."""
        if self.axes or self.names:
            for name in self.names or ("",):
                for values in itertools.product(*self.axes.values()):
                    yield Point(dict(zip(self.axes, values, strict=True)), name)
        yield from self.runs


def read_grid(source: str | Path | Mapping[str, Any], scenario: Scenario) -> Grid:
    r"""
    Read the grid of a sweep and check that the scenario knows its keys.

    Parameters
    ----------
    source
        A TOML file, or its content as a mapping. ``[axes]`` gives each key a list of values or a range ``{ from, to,
        step }`` or ``{ from, to, count }``; ``[[runs]]`` are single runs besides; ``[transport]`` names a ``file`` of
        transport scenarios (from the grid's folder) and, under ``names``, those to combine with the axes (all, if not
        given). Keys are settings (``policy.carbon_price_eur_per_t``, ``scale."demands.need_per_yr"``), cells
        (``modes.truck.eur_per_tkm``) or levers (``landfill_tax``, ``carbon_price``); in ``[[runs]]``, ``transport``
        names a transport scenario.
    scenario
        What is swept.

    Raises
    ------
    InputError
        There is no such file.
    ScenarioError
        With everything that is wrong in it, the nearest name beside each unknown one.

    Examples
    --------
    >>> import isopt
    >>> grid = read_grid(
    ...     {"axes": {"landfill_tax": {"from": 0, "to": 100, "step": 50}}, "runs": [{"carbon_price": 80}]},
    ...     isopt.read("scenarios/two_firms"),
    ... )
    >>> [str(point) for point in grid.points()]
    ['landfill_tax=0', 'landfill_tax=50', 'landfill_tax=100', 'carbon_price=80']
    """
    if isinstance(source, Mapping):
        return _Reader("grid", Path()).grid(source, scenario)
    place = Path(source)
    try:
        if place.stat().st_size > LARGEST:
            raise InputError(f"{place} is too large for a grid")
        data = place.read_bytes()
    except OSError as error:
        raise InputError(f"{place} can't be read: {error.strerror or error}") from error
    try:
        document = tomllib.loads(decoded(data)[0], parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        told = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else f"is not valid TOML: {error}"
        raise ScenarioError(str(place), [Problem(place.name, None, None, told)]) from error
    return _Reader(str(place), place.parent).grid(document, scenario)


class _Reader:
    """Reads a grid and collects what is wrong with it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.problems: list[Problem] = []

    def say(self, key: str | None, message: str) -> None:
        self.problems.append(Problem(Path(self.name).name, None, key, message))

    def grid(self, document: Mapping[str, Any], scenario: Scenario) -> Grid:
        """Read the whole document."""
        for name in document:
            if name not in SECTIONS:
                self.say(str(name), f"is no part of a grid{did_you_mean(str(name), SECTIONS) or _known(SECTIONS)}")
        transports, names = self.transport(document.get("transport", {}))
        axes = self.axes(document.get("axes", {}))
        runs = self.runs(document.get("runs", []), transports)
        grid = Grid(axes, runs, transports, names)
        if not self.problems:
            self.keys(grid, scenario)
            if not grid.count:
                self.say(None, 'holds no run: give a key a list of values, as in [axes] "landfill_tax" = [0, 50, 100]')
            elif grid.count > MOST_RUNS:
                self.say(None, f"asks for {grid.count:,} runs; {MOST_RUNS:,} are the most")
        if self.problems:
            raise ScenarioError(self.name, self.problems)
        return grid

    def axes(self, found: Any) -> dict[str, tuple[Value, ...]]:
        """Read ``[axes]``: a list or a range for each key."""
        if not isinstance(found, Mapping):
            self.say("axes", "is a section; write [axes] and its keys below it")
            return {}
        axes: dict[str, tuple[Value, ...]] = {}
        for key, value in _flat(found, ranges=True):
            where = f"axes.{key}"
            if isinstance(value, Mapping):
                values: list[Value] = self.range(where, value)
            elif isinstance(value, str) or not hasattr(value, "__iter__"):
                self.say(where, f"is a list or a range, not {quoted(str(value))}: write [{value}]")
                continue
            else:
                read = [self.value(where, one) for one in value]
                values = [one for one in read if one is not None]
                if not read:
                    self.say(where, "is an empty list, which leaves nothing to run")
            axes[key] = tuple(dict.fromkeys(values))
        return axes

    def range(self, where: str, said: Mapping[str, Any]) -> list[Value]:
        """Read a range; decimal arithmetic, so that 0.1 three times on is 0.3."""
        for name in said:
            if name not in RANGE:
                self.say(f"{where}.{name}", f"is no part of a range{did_you_mean(str(name), RANGE) or _known(RANGE)}")
        numbers = {name: _decimal(said[name]) for name in RANGE if name in said}
        wrong = [name for name, number in numbers.items() if number is None]
        for name in wrong:
            self.say(f"{where}.{name}", f"is a number, not {quoted(str(said[name]))}")
        if wrong or set(said) - set(RANGE):
            return []
        low, high, step, count = (numbers.get(name) for name in RANGE)
        if low is None or high is None or (step is None) == (count is None):
            self.say(where, "is a range, which has from, to, and either step or count")
        elif high < low:
            self.say(where, f"runs from {low} up to {high}, which is below it")
        elif step is not None and step <= 0:
            self.say(where, f"has a step of {step}; it is above 0")
        elif count is not None and (count < 2 or count != int(count)):
            self.say(where, f"has a count of {count}; it is a whole number of at least 2")
        else:
            steps = int(count) - 1 if count is not None else int((high - low) / step)  # type: ignore[operator]
            if steps >= MOST_RUNS:
                self.say(where, f"has {steps + 1:,} values; {MOST_RUNS:,} runs are the most")
                return []
            width = step if step is not None else (high - low) / steps
            return [_plain(low + i * width if i < steps or step is not None else high) for i in range(steps + 1)]
        return []

    def value(self, where: str, value: Any) -> Value | None:
        """Read one value of a list."""
        if isinstance(value, str | bool):
            return value
        if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
            return tuple(value)
        number = _decimal(value)
        if number is None:
            self.say(where, f"is set to a finite number, a text, true or false, or a list of texts, not {_told(value)}")
            return None
        return _plain(number)

    def runs(self, found: Any, transports: Mapping[str, TransportChange]) -> tuple[Point, ...]:
        """Read ``[[runs]]``: a table of keys and values each."""
        if isinstance(found, str | Mapping) or not hasattr(found, "__iter__"):
            self.say("runs", "is a list; write [[runs]] above each of them")
            return ()
        points = []
        for number, run in enumerate(found, start=1):
            where = f"runs {number}"
            if not isinstance(run, Mapping):
                self.say(where, f"is a table of keys and values, not {_told(run)}")
                continue
            name = run.get(TRANSPORT, "")
            if name not in transports and name != "":
                self.say(f"{where}.{TRANSPORT}", f"{_told(name)} is no transport scenario{_near(name, transports)}")
            rest = {key: value for key, value in run.items() if key != TRANSPORT}
            read = {key: self.value(f"{where}.{key}", value) for key, value in _flat(rest)}
            points.append(Point({key: value for key, value in read.items() if value is not None}, str(name)))
        return tuple(points)

    def transport(self, said: Any) -> tuple[dict[str, TransportChange], tuple[str, ...]]:
        """Read ``[transport]``: the file with the scenarios, and the names of those to combine."""
        if not isinstance(said, Mapping):
            self.say("transport", "is a section; write [transport] and its keys below it")
            return {}, ()
        for key in said:
            if key not in ("file", "names"):
                near = did_you_mean(str(key), ("file", "names"))
                self.say(f"transport.{key}", f"is no key of [transport]{near or _known(('file', 'names'))}")
        if not said:
            return {}, ()
        file, names = said.get("file"), said.get("names")
        if not isinstance(file, str):
            self.say("transport.file", 'names a file of transport scenarios, as in file = "transport.toml"')
            return {}, ()
        try:
            transports = read_transport_scenarios(self.folder / file)
        except ScenarioError as error:
            self.problems += error.problems
            return {}, ()
        except (InputError, ValueError) as error:  # a path may hold a null
            self.say("transport.file", str(error))
            return {}, ()
        if names is None:
            return transports, tuple(transports)
        if isinstance(names, str | Mapping) or not hasattr(names, "__iter__"):
            self.say("transport.names", f"is a list of names, not {_told(names)}")
            return transports, ()
        for name in names:
            if name not in transports:
                self.say("transport.names", f"{_told(name)} is not in {file}{_near(name, transports)}")
        return transports, tuple(dict.fromkeys(str(name) for name in names))

    def keys(self, grid: Grid, scenario: Scenario) -> None:
        """Name the keys that the scenario does not know, under no transport that is asked for."""
        first = {key: values[0] for key, values in grid.axes.items()}
        for run in grid.runs:
            first = {**run.at, **first}
        regions = [scenario, *_regions(scenario, grid)]
        for key, value in first.items():
            told = [problem for region in regions if (problem := _unknown(region, key, value))]
            if len(told) == len(regions):
                self.say(key, told[0].removeprefix(f"{key}: "))


def _regions(scenario: Scenario, grid: Grid) -> Iterator[Scenario]:
    """The region under each transport that can be made; the others fail by themselves, each run on its own."""
    for name in dict.fromkeys([*grid.names, *(run.transport for run in grid.runs if run.transport)]):
        assert grid.transports is not None
        try:
            yield transport_scenario(scenario, grid.transports[name])
        except IsoptError:
            continue


def _unknown(scenario: Scenario, key: str, value: Value) -> str:
    """Say why a key is none, or nothing; a value that does not fit its key is the failure of its run."""
    section, _, column = key.partition(".")
    try:
        if section == "scale":
            scenario.with_(scale={column.strip('"'): 1.0})
        else:
            variant_at(scenario, {key: value})
    except InputError as error:
        lever = None if is_lever(key) or section in (*SETTINGS, *tables()) else nearest(key, POLICY)
        return f"is no key of a scenario; did you mean {quoted(lever)}?" if lever else str(error)
    except ScenarioError as error:
        return error.problems[0].message if section == "scale" else ""
    return ""


def _flat(found: Mapping[str, Any], *, ranges: bool = False) -> Iterator[tuple[str, Any]]:
    """Give keys in dots: a table within a table is a longer key, unless it is a range."""
    for key, value in found.items():
        name = str(key).strip()
        if name.startswith('scale."') and name.endswith('"'):
            name = name.replace('"', "")
        if isinstance(value, Mapping) and not (ranges and value and any(part in RANGE for part in value)):
            yield from ((f"{name}.{rest}", one) for rest, one in _flat(value, ranges=ranges))
        else:
            yield name, value


def _decimal(value: Any) -> Decimal | None:
    """Read a finite number exactly as it is written, None for anything else."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(repr(getattr(value, "item", lambda: value)()))
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() and math.isfinite(float(number)) else None


def _plain(number: Decimal) -> float:
    """A whole number as such, any other as the nearest float."""
    whole = abs(number) <= EXACT_INTEGERS and number == number.to_integral_value()
    return int(number) if whole else float(number)


def _told(value: Any) -> str:
    return quoted(str(value))


def _known(names: Sequence[str]) -> str:
    return f"; known are {', '.join(names)}"


def _near(name: Any, known: Mapping[str, Any]) -> str:
    return did_you_mean(str(name), known) or (_known(tuple(known)) if known else "; [transport] names no file")
