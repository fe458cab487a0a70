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
    from isopt.views.explorer_data import MOST_NETWORKS

    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    folder, page = _places(arguments.output, scenario)
    second = None if arguments.second is None else axis_of(arguments.second)
    if second is not None:  # what is mistyped is told before anything is solved
        one, other = (Lever.parse(name) for name in (arguments.lever, second[0]))
        if (one.table, one.row, one.column, one.classes) == (other.table, other.row, other.column, other.classes):
            raise InputError(f"--and {other.name}: the two levers are the same one")
    if not arguments.json:
        show.warnings(scenario.warnings)
    found = isopt.thresholds(
        scenario, arguments.lever, arguments.low, arguments.high, time_limit=arguments.time_limit, quiet=arguments.json
    )
    files, told = {"page": page}, {"lever": found.lever.name, "intervals": found.table}
    if folder is not None:  # before the page, whose making may be stopped too
        write_thresholds(found, folder, write=None)
        files["intervals"] = folder / "thresholds.csv"
    both = None if second is None or found.interrupted else _plane(arguments, scenario, second)
    if both is not None:
        told["regions"] = both.table
        if folder is not None:
            write_plane(both, folder / "plane", write=None)
            files["regions"] = folder / "plane" / "plane.csv"
    shown = both if both is not None and len(found.intervals) + len(both.regions) <= MOST_NETWORKS else None
    with show.counting("writing networks down", quiet=arguments.json) as count:
        write_explorer(found, page, plane=shown, language=arguments.language, on_progress=count)
    if second is not None and shown is None:
        why = "was not reached" if both is None else f"has {len(both.regions)} networks, too many for a page"
        print(f"the plane of both levers {why}: the page has the first lever only", file=sys.stderr)
    interrupted = found.interrupted or (both is not None and both.interrupted)
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
