"""From what was found to a checked scenario: typing, filling in, checks, and all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, Problem, ScenarioError, did_you_mean, quoted
from isopt.scenario.changes import resolve_changes
from isopt.scenario.checks import Context, problems_of, warnings_of
from isopt.scenario.contract import tables
from isopt.scenario.distances import Distances, parse_distances
from isopt.scenario.document import LIFT, merge, parse_settings, settings_mapping
from isopt.scenario.frames import Raw, raw_of, text_column
from isopt.scenario.levels import Levels, rows_by_id
from isopt.scenario.resolve import resolve, resolve_routes
from isopt.scenario.scenario import Scenario
from isopt.scenario.settings import SECTIONS, Settings
from isopt.scenario.sources import SETTINGS_FILE, find_source
from isopt.scenario.typed import Given, empty_table, typed_table

__all__ = ["assemble_from_memory", "read", "variant"]

_TOP = ("title", "price_year")


def read(path: str | Path) -> Scenario:
    """
    Read a scenario and check all of it.

    Parameters
    ----------
    path
        A folder with ``scenario.toml`` and tables, a workbook or a GeoPackage.

    Returns
    -------
    scenario
        Checked; what is doubtful stands in its ``warnings``.

    Raises
    ------
    InputError
        Nothing is there, or no scenario.
    ScenarioError
        With every problem at once: file, row, column, value and the likely fix.
    """
    place = Path(path)
    if place.name == SETTINGS_FILE:
        place = place.parent
    source = find_source(place)
    name = place.resolve().name if place.is_dir() else place.stem
    problems = list(source.problems)
    given: dict[str, Given] = {}
    for table, raw in source.tables.items():
        given[table], wrong = typed_table(raw)
        problems += wrong
    settings, wrong = parse_settings(source.settings, source.settings_file)
    distances = None
    if source.distances is not None:
        file, data = source.distances
        distances, unread = parse_distances(data, file)
        problems += unread
    if source.broken:  # what points into a file that can't be read would be said to be missing
        raise ScenarioError(str(path), _in_order(_one_per_cell(problems + wrong), given))
    return _assembled(
        name, place if place.is_dir() else place.parent, settings, given,
        problems=problems + wrong, warnings=source.warnings, inputs=source.inputs,
        settings_file=source.settings_file, called=str(path), distances=distances,
    )  # fmt: skip


def assemble_from_memory(
    found: Mapping[str, pd.DataFrame | Sequence[Mapping[str, Any]]], settings: Mapping[str, Any], name: str
) -> Scenario:
    """Return a scenario of tables in memory; see :meth:`Scenario.of`."""
    problems: list[Problem] = []
    given: dict[str, Given] = {}
    for table, data in found.items():
        if table not in tables():
            problems.append(Problem(table, None, None, f"{quoted(table)} is no table{did_you_mean(table, tables())}"))
            continue
        given[table], wrong = typed_table(raw_of(table, data, table))
        problems += wrong
    parsed, wrong = parse_settings(settings, SETTINGS_FILE)
    if parsed.base:
        message = "can't be followed, as a scenario in memory has no folder; read the base and use with_"
        wrong.append(Problem(SETTINGS_FILE, None, "base", message))
    return _assembled(name, None, parsed, given, problems=problems + wrong, called=name)


def _assembled(
    name: str,
    folder: Path | None,
    settings: Settings,
    given: Mapping[str, Given],
    *,
    problems: Sequence[Problem],
    called: str,
    warnings: Sequence[Problem] = (),
    inputs: Mapping[str, str] | None = None,
    settings_file: str = SETTINGS_FILE,
    distances: Distances | None = None,
) -> Scenario:
    """Fill in, check, and either return the scenario or raise everything that is wrong with it."""
    suffix = ".csv" if folder else ""
    absent = {table: empty_table(table, f"{table}{suffix}") for table in tables() if table not in given}
    whole = {table: absent[table] if table in absent else given[table] for table in tables()}
    frames, found = resolve(whole, settings)
    changes, wrong = resolve_changes(whole["changes"], frames)
    levels = Levels(frames, settings, changes)
    priced = ~np.isnan(levels.at("streams", "own_disposal_eur_per_unit"))
    frames["streams"] = resolve_routes(frames["streams"], frames["materials"], priced)
    context = Context(whole, frames, settings, levels, changes, settings_file)
    every = _one_per_cell([*problems, *found, *wrong, *problems_of(context)])
    if every:
        raise ScenarioError(called, _in_order(every, whole))
    doubts = (*warnings, *warnings_of(context))
    return Scenario(name, folder, settings, frames, whole, doubts, dict(inputs or {}), levels, distances)


def _one_per_cell(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems without repetition; what is said of a cell that was wrong already only follows from that."""
    seen: set[object] = set()
    kept = []
    for problem in problems:
        cell = problem if problem.row is None else (problem.file, problem.row, problem.column)
        if cell not in seen:
            seen.add(cell)
            kept.append(problem)
    return kept


def _in_order(problems: Sequence[Problem], given: Mapping[str, Given]) -> list[Problem]:
    """Return the problems by file, those of tables in the order of the contract and after the others, and by row."""
    met = dict.fromkeys(problem.file for problem in problems)
    of_tables = [given[table].file for table in tables() if table in given]
    files = [file for file in met if file not in of_tables] + of_tables
    places = {file: place for place, file in enumerate(files)}
    return sorted(problems, key=lambda problem: (places[problem.file], problem.row or 0))


def variant(scenario: Scenario, parts: Mapping[str, Any]) -> Scenario:
    """Return a variant of a scenario; see :meth:`Scenario.with_`."""
    given = dict(scenario.given)
    document = settings_mapping(scenario.settings)
    problems: list[Problem] = []
    name = scenario.name
    for part, what in parts.items():
        if part in tables():
            raw = _edited(scenario, part, what) if isinstance(what, Mapping) else raw_of(part, what, part)
            given[part], wrong = typed_table(raw)
            problems += wrong
        elif part in SECTIONS:
            document = merge(document, {part: _lifted(part, what)})
        elif part in _TOP:
            document[part] = what
        elif part == "name":
            name = str(what)
        else:
            names = (*tables(), *SECTIONS, *_TOP, "name")
            raise InputError(f"{quoted(part)} is no table or section of a scenario{did_you_mean(part, names)}")
    settings, wrong = parse_settings(document)
    return _assembled(
        name, scenario.folder, settings, given, problems=problems + wrong, called=name, inputs=scenario.inputs,
        distances=scenario.distances,
        warnings=[warning for warning in scenario.warnings if warning.row is None],
    )  # fmt: skip


def _lifted(section: str, what: Any) -> Any:
    """Return the keys of a section with None written as TOML has to write it."""
    if not isinstance(what, Mapping):
        raise InputError(f"{section} is a section of the settings: give a mapping of its keys")
    return {key: LIFT if value is None and section == "limits" else value for key, value in what.items()}


def _edited(scenario: Scenario, table: str, cells: Mapping[Any, Any]) -> Raw:
    """Return a table with some cells replaced."""
    old = scenario.given[table]
    frame = old.frame
    if frame.empty and len(scenario.tables[table]):
        frame = scenario.tables[table]  # the one mode or period that stands for an absent table
        old = Given(frame, table, np.arange(2, len(frame) + 2))
    rows = rows_by_id(table, frame)
    if not rows and not tables()[table].key:
        raise InputError(f"rows of {table} have no id: give the whole table")
    edited = {column: frame[column].astype(object) for column in frame.columns}
    for key, values in cells.items():
        if str(key) not in rows:
            raise InputError(f"{quoted(str(key))} is not in {table}{did_you_mean(str(key), rows)}")
        for column, value in values.items():
            if column not in edited:
                raise InputError(
                    f"{quoted(column)} is no column of {table}{did_you_mean(column, tables()[table].names)}"
                )
            for row in rows[str(key)]:
                edited[column] = edited[column].copy()
                edited[column].iloc[row] = value
    raw = raw_of(table, pd.DataFrame({c: _plain(v, frame[c]) for c, v in edited.items()}, index=frame.index), old.file)
    return Raw(table, old.file, raw.cells, old.rows)


def _plain(values: pd.Series[Any], before: pd.Series[Any]) -> pd.Series[Any]:
    """Return an edited column of numbers as numbers again where it still holds nothing else."""
    if before.dtype == object:
        return text_column(values)
    try:
        return values.astype(before.dtype)
    except (TypeError, ValueError):
        return values
