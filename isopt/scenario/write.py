"""A scenario as a folder again."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from isopt.errors import InputError
from isopt.scenario.contract import Column, tables
from isopt.scenario.document import settings_mapping
from isopt.scenario.frames import cell_text
from isopt.scenario.sources import DISTANCES_FILE, SETTINGS_FILE

if TYPE_CHECKING:
    import pandas as pd

    from isopt.scenario.scenario import Scenario

__all__ = ["folder_to_pin", "write", "write_bytes", "write_text"]


def write(scenario: Scenario, folder: str | Path) -> Path:
    """
    Write a scenario as ``scenario.toml`` and one CSV for each table that has rows.

    The folder stands on its own, without a base; reading it gives an equal scenario. Tables of an earlier scenario that
    this one does not have are removed.

    Parameters
    ----------
    scenario
        What to write, as it was given: ``changes`` and ``[scale]`` stay apart from the numbers they change.
    folder
        Where to; it is made where it is missing.

    Returns
    -------
    folder
        The folder.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, contract in tables().items():
        frame = scenario.given[name].frame
        path = target / f"{name}.csv"
        if frame.empty:
            path.unlink(missing_ok=True)
            continue
        shown = [column for column in contract.columns if column.required or _filled(column, frame[column.name])]
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(column.name for column in shown)
        lines.writerows(zip(*(_texts(frame[column.name]) for column in shown), strict=True))
        write_text(path, text.getvalue())
    _write_distances(scenario, target / DISTANCES_FILE)
    write_text(target / SETTINGS_FILE, tomli_w.dumps(_settings(scenario, target)))
    return target


def _settings(scenario: Scenario, target: Path) -> dict[str, Any]:
    """Return the settings as a document, the files that its routing names as seen from the new folder."""
    document = settings_mapping(scenario.settings)
    for choice in document.get("routing", {}).values():
        if isinstance(choice, dict) and "file" in choice and scenario.folder is not None:
            file = os.path.relpath(scenario.folder / choice["file"], target)
            choice["file"] = Path(file).as_posix()
    return document


def folder_to_pin(path: str | Path, what: str) -> Path:
    """
    Return the folder that something is pinned into, beside the tables of a scenario.

    Parameters
    ----------
    path
        What the user named: a folder, or its ``scenario.toml``.
    what
        What is pinned, for the message.

    Raises
    ------
    InputError
        It is a single file, such as a workbook.
    """
    place = Path(path)
    if place.name == SETTINGS_FILE:
        place = place.parent
    if not place.is_dir():
        raise InputError(
            f"{place} is no folder: {what} are pinned beside the tables; put the workbook into a folder of its own as "
            "scenario.xlsx, or the GeoPackage under any name"
        )
    return place


def _write_distances(scenario: Scenario, path: Path) -> None:
    """Write the pinned distances, or remove those of an earlier scenario."""
    if scenario.distances is None:
        path.unlink(missing_ok=True)
    else:
        write_bytes(path, scenario.distances.to_bytes())


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name and move it into place, so that nobody ever sees half of it."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and move it into place, so that nobody ever sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _texts(values: pd.Series[Any]) -> list[str]:
    return [cell_text(value) for value in values.tolist()]


def _filled(column: Column, values: pd.Series[Any]) -> bool:
    """Return whether any cell says something else than the default."""
    usual = {"", column.default.lower()}
    return any(cell_text(value) not in usual for value in values.tolist())
