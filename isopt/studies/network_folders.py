"""Folders of a study's plans, each a full solution."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from isopt.solution import Solution

#: Folder that holds them, and what studies call their plans: those of an earlier run go.
NETWORKS = "networks"
OURS = re.compile(r"(P|A)\d+|best")


def write_plans(
    solutions: Mapping[str, Solution], out: Path, write: Callable[[Solution, Path], list[Path]]
) -> list[Path]:
    """
    Write each plan into a folder of its own; those of an earlier run, which would look like part of this one, go.

    Parameters
    ----------
    solutions
        By name, which is the folder's.
    out
        Folder of the study; the plans lie in ``networks`` inside it.
    write
        Writes one solution.

    Returns
    -------
    paths
        What was written.
    """
    place = out / NETWORKS
    for stale in place.iterdir() if place.is_dir() else ():
        ours = OURS.fullmatch(stale.name) is not None and stale.name not in solutions and not stale.is_symlink()
        if ours and (stale / "summary.json").is_file():
            shutil.rmtree(stale)
    written: list[Path] = []
    for name, solution in solutions.items():
        written += write(solution, place / name)
    return written
