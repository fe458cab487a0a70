"""The OUT folder of a solution: tables, summary, layers for QGIS, map and report."""

from __future__ import annotations

from pathlib import Path

from isopt.solution import Solution
from isopt.solution.store import write_solution


def write(solution: Solution, folder: str | Path, *, language: str = "en") -> list[Path]:
    """
    Write everything about a solution into a folder.

    Parameters
    ----------
    solution
        Any solution; one without a plan gets its summary and a report that says why.
    folder
        Made where it does not exist; files of the same names are replaced, each in one step.
    language
        Of map, report and the legends in the GeoPackage: ``en``, ``fr`` or ``de``; that of the tables never changes.

    Returns
    -------
    paths
        What was written.

    Raises
    ------
    InputError
        No view speaks the language.

    Examples
    --------
    >>> import isopt
    >>> solution = isopt.solve(isopt.read("scenarios/two_firms"))
    >>> "map.html" in {path.name for path in isopt.write(solution, "out/two_firms")}
    True
    """
    from isopt.views.geopackage import write_geopackage
    from isopt.views.language import speaking
    from isopt.views.map import write_map
    from isopt.views.report import write_report

    out = Path(folder)
    with speaking(language):
        written = write_solution(solution, out)
        if solution.has_plan:
            written.append(write_geopackage(solution, out / "solution.gpkg"))
            written.append(write_map(solution, out / "map.html", language=language))
        else:
            for stale in ("solution.gpkg", "map.html"):
                (out / stale).unlink(missing_ok=True)
        written.append(write_report(solution, out / "report.html"))
    return written
