"""Where a scenario lies on disk: its settings, its tables, its base."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError, Problem, did_you_mean, nearest, quoted
from isopt.scenario.contract import tables
from isopt.scenario.csvfile import decoded, read_csv
from isopt.scenario.document import merge

if TYPE_CHECKING:
    from isopt.scenario.frames import Raw

__all__ = ["DISTANCES_FILE", "SETTINGS_FILE", "WORKBOOK", "Source", "find_source", "known_first"]

SETTINGS_FILE = "scenario.toml"
WORKBOOK = "scenario.xlsx"
DISTANCES_FILE = "distances.parquet"
_LIKELY = 0.75
"""Likeness from which a file that is no table counts as a misspelt one."""


@dataclass
class Source:
    """
    What lies in a folder (and its bases), unchecked, while it is gathered.

    Parameters
    ----------
    folder
        The folder.
    settings
        Settings merged along the bases.
    settings_file
        How messages call the file of the settings.
    tables
        Tables found; those of the scenario replace those of its base.
    problems, warnings
        What is wrong or doubtful so far.
    inputs
        SHA-256 of each file, by the name messages use.
    broken
        Whether a file or base could not be read at all, so that what points to it can't be judged.
    distances
        Pinned distances: how messages call their file, and its content.
    """

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    settings_file: str = SETTINGS_FILE
    tables: dict[str, Raw] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    distances: tuple[str, bytes] | None = None

    def fail(self, file: str, message: str, *, row: int | None = None, column: str | None = None) -> None:
        """Note a file or base that can't be read at all."""
        self.problems.append(Problem(file, row, column, message))
        self.broken = True

    def take(self, path: Path, label: str) -> bytes:
        """Return the content of a file and note its digest."""
        data = path.read_bytes()
        self.inputs[label] = hashlib.sha256(data).hexdigest()
        return data

    def add(self, raw: Raw | None) -> None:
        """Add a table, unless another file of the same folder holds it already."""
        if raw is None:
            return
        if raw.name in self.tables:
            other = self.tables[raw.name].file
            self.problems.append(
                Problem(raw.file, None, None, f"holds the table {raw.name}, and so does {other}; keep one of them")
            )
            return
        self.tables[raw.name] = raw

    def table_name(self, file: str, name: str) -> str | None:
        """
        Return the table that a file, layer or sheet holds by its name, or None.

        A misspelt one is an error, and is read on as what it was meant to be; any other that is no table is left out
        with a warning.
        """
        if name in tables():
            return name
        likely = nearest(name, tables(), cutoff=_LIKELY)
        if likely and likely not in self.tables:
            self.problems.append(
                Problem(file, None, None, f"{quoted(name)} is no table; did you mean {quoted(likely)}?")
            )
            return likely
        self.warnings.append(Problem(file, None, None, f"{quoted(name)} is no table of a scenario and is left out"))
        return None


def known_first(name: str) -> tuple[bool, str]:
    """Return what to sort names by, so that the tables come before what may be misspelt ones."""
    return name not in tables(), name


def find_source(path: Path) -> Source:
    """
    Return what lies at a path, on top of its bases.

    Parameters
    ----------
    path
        A folder, a workbook or a GeoPackage.

    Raises
    ------
    InputError
        Nothing is there, or no scenario.
    """
    return _gather(path, path if path.is_dir() else path.parent, ())


def _gather(path: Path, root: Path, above: tuple[Path, ...]) -> Source:
    own = _read_one(path, root)
    base = own.settings.pop("base", None)
    if base is None or base == "":
        return own
    where = own.settings_file
    if not isinstance(base, str):
        own.fail(where, f"{base} is not a folder; write its path in quotes", column="base")
        return own
    target = own.folder / base
    chain = (*above, path.resolve())
    if target.resolve() in chain:
        own.fail(where, f"{quoted(base)} leads back to this scenario", column="base")
        return own
    try:
        below = _gather(target, root, chain)
    except InputError as error:
        own.fail(where, _no_base(own.folder, base, error), column="base")
        return own
    return Source(
        folder=own.folder,
        settings=merge(_moved(below.settings, below.folder, own.folder), own.settings),
        settings_file=own.settings_file,
        tables={**below.tables, **own.tables},
        problems=below.problems + own.problems,
        warnings=below.warnings + own.warnings,
        inputs={**below.inputs, **own.inputs},
        broken=below.broken or own.broken,
        distances=own.distances or below.distances,
    )


def _moved(settings: dict[str, Any], old: Path, new: Path) -> dict[str, Any]:
    """Return the settings of a base with the files that its routing names as seen from the scenario's own folder."""
    routing = settings.get("routing")
    if not isinstance(routing, dict):
        return settings
    moved = {
        mode: {**choice, "file": Path(os.path.relpath(old / choice["file"], new)).as_posix()}
        if isinstance(choice, dict) and isinstance(choice.get("file"), str) and choice["file"]
        else choice
        for mode, choice in routing.items()
    }
    return {**settings, "routing": moved}


def _routed_files(settings: dict[str, Any]) -> set[str]:
    """Return the names of the files that the routing of a scenario names: they are no tables."""
    routing = settings.get("routing")
    choices = routing.values() if isinstance(routing, dict) else ()
    return {choice["file"] for choice in choices if isinstance(choice, dict) and isinstance(choice.get("file"), str)}


def _no_base(folder: Path, base: str, error: InputError) -> str:
    target = folder / base
    if target.exists():
        return f"{quoted(base)}: {error}"
    siblings = [entry.name for entry in target.parent.iterdir() if entry.is_dir()] if target.parent.is_dir() else []
    likely = nearest(target.name, siblings)
    ending = "" if likely is None else f"; did you mean {quoted(base[: len(base) - len(target.name)] + likely)}?"
    return f"{quoted(base)} is not there (a base is a path from the scenario's folder){ending}"


def _read_one(path: Path, root: Path) -> Source:
    """Return what one folder, workbook or GeoPackage holds itself."""
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError(f"{path} is not there{did_you_mean(path.name, siblings)}")
    if path.is_dir():
        source = _read_folder(path, root)
    elif path.suffix.lower() in {".xlsx", ".gpkg"}:
        source = Source(path.parent)
        _read_settings(source, path.with_suffix(".toml"), root)
        _read_container(source, path, _label(path, root))
    else:
        raise InputError(f"{path} is no scenario: give a folder, a workbook (.xlsx) or a GeoPackage (.gpkg)")
    if not source.inputs:
        raise InputError(f"{path} holds no scenario: neither {SETTINGS_FILE} nor a table such as facilities.csv")
    return source


def _read_folder(folder: Path, root: Path) -> Source:
    source = Source(folder)
    _read_settings(source, folder / SETTINGS_FILE, root)
    beside = _routed_files(source.settings)
    for path in sorted(folder.iterdir(), key=lambda path: known_first(path.stem)):
        if path.name.startswith((".", "~")) or not path.is_file() or path.name in beside:
            continue
        label = _label(path, root)
        match path.suffix.lower():
            case ".csv":
                name = source.table_name(label, path.stem)
                if name:
                    raw, problems, warnings = read_csv(source.take(path, label), name, label)
                    source.problems += problems
                    source.warnings += warnings
                    source.broken |= raw is None
                    source.add(raw)
            case ".parquet" if path.name == DISTANCES_FILE:
                source.distances = (label, source.take(path, label))
            case ".gpkg":
                _read_container(source, path, label)
            case ".xlsx" if path.name == WORKBOOK:
                _read_container(source, path, label)
            case ".xlsx" | ".xls" | ".ods":
                source.warnings.append(
                    Problem(label, None, None, f"is left out; a workbook of a scenario is called {WORKBOOK}")
                )
    return source


def _read_container(source: Source, path: Path, label: str) -> None:
    """Read a workbook or a GeoPackage into the source."""
    from isopt.scenario.geopackage import read_geopackage
    from isopt.scenario.workbook import read_workbook

    data = source.take(path, label)
    if path.suffix.lower() == ".xlsx":
        read_workbook(source, data, label)
    else:
        read_geopackage(source, path, label)


def _read_settings(source: Source, path: Path, root: Path) -> None:
    if not path.is_file():
        return
    label = source.settings_file = _label(path, root)
    try:
        source.settings = tomllib.loads(decoded(source.take(path, label))[0])
    except tomllib.TOMLDecodeError as error:
        source.fail(label, f"is not valid TOML: {error}")
    except UnicodeDecodeError:
        source.fail(label, "is not text in UTF-8")


def _label(path: Path, root: Path) -> str:
    """Return how messages call a file: its path as seen from the scenario's folder."""
    return Path(os.path.relpath(path, root)).as_posix()
