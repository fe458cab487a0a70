"""The command that makes an explorer: thresholds, on request the plane of two levers, and the page that shows them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import isopt
from isopt.errors import InputError

from . import show
from .overrides import overridden
from .policy import axis_of

if TYPE_CHECKING:
    from argparse import Namespace

    from isopt.scenario import Scenario
    from isopt.studies.plane import Plane

OK, INTERRUPTED = 0, 130
PAGE = "explorer.html"


def explore(arguments: Namespace) -> int:
    """Write a page on which a reader moves one lever, or two."""
    from isopt.studies.levers import Lever
    from isopt.studies.plane_files import write_plane
    from isopt.studies.thresholds_files import write_thresholds
    from isopt.views.explorer import write_explorer

    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    folder, page = _places(arguments.output, scenario)
    second = None if arguments.second is None else axis_of(arguments.second)
    if second is not None:
        Lever.parse(second[0])  # a mistyped name is told before anything is solved
    if not arguments.json:
        show.warnings(scenario.warnings)
    found = isopt.thresholds(
        scenario, arguments.lever, arguments.low, arguments.high, time_limit=arguments.time_limit, quiet=arguments.json
    )
    both = None
    if second is not None and not found.interrupted:
        both = _plane(arguments, scenario, second)
    with show.counting("writing networks down", quiet=arguments.json) as count:
        write_explorer(found, page, plane=both, language=arguments.language, on_progress=count)
    files = {"page": page}
    if folder is not None:
        write_thresholds(found, folder, write=None)
        files["intervals"] = folder / "thresholds.csv"
        if both is not None:
            write_plane(both, folder / "plane", write=None)
            files["regions"] = folder / "plane" / "plane.csv"
    interrupted = found.interrupted or (both is not None and both.interrupted)
    told = {"lever": found.lever.name, "intervals": found.table, "regions": None if both is None else both.table}
    if arguments.json:
        show.as_json({**told, "interrupted": interrupted, "files": files})
    else:
        print(found, *([] if both is None else [both]), "", show.rows(files), sep="\n")
        if interrupted:
            print("stopped before the end: what is proven until then is on the page", file=sys.stderr)
    return INTERRUPTED if interrupted else OK


def _plane(arguments: Namespace, scenario: Scenario, second: tuple[str, float, float]) -> Plane:
    """Map both levers."""
    from isopt.studies.plane import plane

    lever, low, high = second
    box = ((arguments.low, arguments.high), (low, high))
    return plane(scenario, (arguments.lever, lever), box, time_limit=arguments.time_limit, quiet=arguments.json)


def _places(output: Path | None, scenario: Scenario) -> tuple[Path | None, Path]:
    """Folder for tables, if any, and the page: a name that ends in .html is the page alone."""
    if output is not None and output.suffix.lower() in {".html", ".htm"}:
        return None, output
    folder = output or Path("out") / f"{scenario.name}-explore"
    if folder.is_file():
        raise InputError(f"{folder} is a file: -o wants a folder, or a name that ends in .html")
    return folder, folder / PAGE
