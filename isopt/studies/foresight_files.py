"""Foresight on disk: the tables, and every plan as a full solution."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isopt.solution import Solution
from isopt.solution.store import write_solution, write_study
from isopt.studies.levers import Lever

if TYPE_CHECKING:
    from isopt.studies.foresight import Foresight

__all__ = ["write_foresight"]

#: What the folder of a plan is called, before the year of its announcement.
FOLDER = "announced_"


def write_foresight(
    found: Foresight,
    folder: str | Path,
    *,
    write: Callable[[Solution, Path], list[Path]] | None = write_solution,
    on_progress: Callable[[int, int], object] | None = None,
) -> list[Path]:
    """
    Write ``foresight.csv`` with its companions, ``summary.json`` and a folder with the plan of each announcement.

    Parameters
    ----------
    found
        From `isopt.studies.foresight.foresight`.
    folder
        Made where it does not exist; files of the same names are replaced, each in one step, and plans of an earlier
        run go.
    write
        Writes one plan, such as `isopt.write` (with map and report); tables and summary only without it; None leaves
        the plans out.
    on_progress
        Told how many plans are written, of how many.

    Returns
    -------
    paths
        What was written.

    Examples
    --------
    >>> import isopt
    >>> rising = isopt.tax_path(isopt.read("scenarios/two_firms"), path={2030: 0, 2031: 50})
    >>> [path.name for path in write_foresight(isopt.foresight(rising), "out/foresight", write=None)]
    ['foresight.csv', 'foresight_years.csv', 'foresight_plants.csv', 'foresight_path.csv', 'summary.json']
    """
    out = Path(folder)
    tables = {"foresight": found.table} | {
        f"foresight_{name}": table
        for name, table in (("years", found.years), ("plants", found.plants), ("path", found.path))
    }
    *written, about = write_study(out, tables, summary(found))
    if write is not None:
        for stale in out.glob(f"{FOLDER}*"):
            if _is_ours(stale) and int(stale.name.removeprefix(FOLDER)) not in found.solutions:
                shutil.rmtree(stale)
        for done, (year, solution) in enumerate(found.solutions.items(), 1):
            written += write(solution, out / f"{FOLDER}{year}")
            if on_progress is not None:
                on_progress(done, len(found.solutions))
    return [*written, about]


def summary(found: Foresight) -> dict[str, Any]:
    """Sum foresight up as ``summary.json`` does."""
    scenario = found.scenario
    chosen = scenario.settings.minimise
    return {
        "scenario": scenario.title,
        "name": scenario.name,
        "lever": found.lever,
        "unit": Lever.parse(found.lever.rstrip("*")).unit,
        "belief": found.belief,
        "years": [int(year) for year in dict.fromkeys(scenario.periods["year"])],
        "announced": list(found.solutions),
        "interrupted": found.interrupted,
        "solves": found.solves,
        "minimises": {chosen.what: 1.0} if chosen.weights is None else dict(chosen.weights),
        "inputs": dict(scenario.inputs),
    }


def _is_ours(folder: Path) -> bool:
    """Whether a folder is called like the plan of an announcement and holds a solution."""
    named = re.fullmatch(rf"{FOLDER}\d+", folder.name) is not None
    return named and folder.is_dir() and not folder.is_symlink() and (folder / "summary.json").is_file()
