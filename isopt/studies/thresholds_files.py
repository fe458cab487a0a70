"""Thresholds on disk: the table, its certificate, what opens and closes, and every network as a full solution."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from isopt.solution import Solution
from isopt.solution.store import write_solution, write_study
from isopt.studies.thresholds import Thresholds

__all__ = ["write_networks", "write_thresholds"]

#: Folder of the full solutions.
NETWORKS = "networks"


def write_thresholds(
    found: Thresholds,
    folder: str | Path,
    *,
    write: Callable[[Solution, Path], list[Path]] | None = write_solution,
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Path]:
    """
    Write thresholds: ``thresholds.csv``, ``breakpoints.csv``, ``changes.csv``, ``networks/ID``, ``summary.json``.

    Parameters
    ----------
    found
        From `thresholds`.
    folder
        Made where it does not exist; files of the same names are replaced, and networks of an earlier run go.
    write
        Writes one network's solution, such as `isopt.write` (with map and report); tables and summary only without it;
        None leaves the networks out.
    on_progress
        Told how many networks are written, of how many.

    Returns
    -------
    paths
        What was written.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.thresholds import thresholds
    >>> found = thresholds(isopt.read("scenarios/two_firms"), "modes.truck.eur_per_tkm*", 0, 20)
    >>> [path.name for path in write_thresholds(found, "out/thresholds", write=None)]
    ['thresholds.csv', 'breakpoints.csv', 'changes.csv', 'summary.json']
    """
    out = Path(folder)
    tables = {"thresholds": found.table, "breakpoints": found.breakpoints, "changes": found.changes}
    *written, about = write_study(out, tables, summary(found))
    if write is not None:
        names = [found.name(i) for i in range(len(found.intervals))]
        written += write_networks(names, found.solution, out / NETWORKS, write, on_progress)
    return [*written, about]


def write_networks(
    names: Sequence[str],
    solution: Callable[[int], Solution],
    place: Path,
    write: Callable[[Solution, Path], list[Path]],
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Path]:
    """
    Write a folder for each network; those of an earlier run, which would look like part of this one, go.

    Parameters
    ----------
    names
        Of the networks, also those of their folders.
    solution
        Makes the solution of each.
    place
        Folder that holds them all.
    write
        Writes one solution.
    on_progress
        Told how many are written, of how many.
    """
    if place.is_dir():
        for stale in place.iterdir():
            if stale.is_dir() and not stale.is_symlink() and stale.name not in names and _is_ours(stale):
                shutil.rmtree(stale)
    written = []
    for i, name in enumerate(names):
        written += write(solution(i), place / name)
        if on_progress is not None:
            on_progress(i + 1, len(names))
    return written


def _is_ours(folder: Path) -> bool:
    """Whether a folder is called like a network and holds a solution."""
    return folder.name[:1] in {"n", "r"} and folder.name[1:].isdigit() and (folder / "summary.json").is_file()


def summary(found: Thresholds) -> dict[str, Any]:
    """Sum thresholds up as ``summary.json`` does."""
    table, lever = found.table, found.lever
    return {
        "scenario": found.problem.scenario.title,
        "name": found.problem.scenario.name,
        "lever": lever.name,
        "unit": lever.unit,
        "low": float(found.problem.low[0]),
        "high": float(found.problem.high[0]),
        "exact": found.exact,
        "error": _number(table["error"].max()),
        "interrupted": found.interrupted,
        "breakpoints": [_number(at) for at in found.breakpoints["at"]],
        "networks": list(table["network"]),
        "parts": len(found.parts),
        "solves": found.solves,
        "most_solves": found.most_solves,
        "seconds": round(found.seconds, 4),
        "minimises": _plain(found.problem.instance.minimise),
        "inputs": dict(found.problem.scenario.inputs),
    }


def _number(value: float) -> float | None:
    """Infinity is no JSON: nothing is known."""
    return float(value) if np.isfinite(value) else None


def _plain(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: float(weight) for name, weight in weights.items()}
