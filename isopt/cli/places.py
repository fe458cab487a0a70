"""The commands about where things are: geocode and distances."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import isopt
from isopt.scenario.write import folder_to_pin

from . import show
from .overrides import overridden

if TYPE_CHECKING:
    from argparse import Namespace

OK, MOVED, INTERRUPTED = 0, 1, 130
#: Rows that a terminal is shown; all of them stand in the files and in --json.
SHOWN = 20


def geocode(arguments: Namespace) -> int:
    """Look addresses up and pin what was found."""
    scenario = isopt.read(arguments.scenario)
    folder = None if arguments.dry_run else folder_to_pin(arguments.scenario, "coordinates")
    with show.counting("looking addresses up", quiet=False) as tell:
        found = isopt.geocode(
            scenario, country=arguments.country, again=arguments.again, online=arguments.online,
            endpoint=arguments.endpoint or "", cache=arguments.cache, cap=arguments.cap or 1000, on_progress=tell,
        )  # fmt: skip
    path = None if folder is None else isopt.pin_geocodes(found.table, folder)
    if arguments.review is not None:
        show.table(found.doubtful, arguments.review)
    if arguments.json:
        told = {"output": path, "kept": found.kept, "asked": found.looked_up.asked, "geocodes": found.table}
        show.as_json({"scenario": scenario.name, **told})
    else:
        print(found)
        if path is not None:
            show.warnings(isopt.place_doubts(isopt.read(arguments.scenario)))
        files = {"geocodes": path, "review": arguments.review}
        print()
        print(show.rows({name: file for name, file in files.items() if file is not None} or {"written": "nothing"}))
    return INTERRUPTED if found.looked_up.interrupted else OK


def distances(arguments: Namespace) -> int:
    """Measure ways and pin them, or say which pinned ones have moved."""
    from isopt.network.measure import MeasuringStopped

    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    if arguments.online:
        _download(scenario)
    if arguments.check:
        return _check(scenario, arguments)
    folder = folder_to_pin(arguments.scenario, "distances")
    stopped = False
    try:
        with show.counting("measuring distances", quiet=arguments.json) as tell:
            found = isopt.distances(scenario, anew=not arguments.missing, on_progress=tell)
        pinned, notes, summary = found.distances, found.notes, found.summary
    except MeasuringStopped as stop:
        stopped = True
        pinned, notes, summary = stop.distances, ("interrupted: what was measured until then is pinned",), None
    path = isopt.pin_distances(pinned, folder)
    if arguments.json:
        told = {"output": path, "ways": pinned.count, "summary": summary, "notes": notes}
        show.as_json({"scenario": scenario.name, **told})
    else:
        print(found if not stopped else notes[0])
        print()
        print(show.rows({"distances": path}))
    return INTERRUPTED if stopped else OK


def _check(scenario: isopt.Scenario, arguments: Namespace) -> int:
    """Say what has moved."""
    with show.counting("measuring distances again", quiet=arguments.json) as tell:
        moved = isopt.moved_distances(scenario, on_progress=tell)
    changed = moved[moved["change"] != "not needed any more"]
    if arguments.json:
        show.as_json({"scenario": scenario.name, "moved": moved})
    elif moved.empty:
        print("all pinned distances are as they were")
    else:
        print(moved["change"].value_counts().to_string(header=False))
        print()
        print(moved.head(SHOWN).to_string(index=False, na_rep="", float_format="{:,.3f}".format))
        if len(moved) > SHOWN:
            print(f"... and {len(moved) - SHOWN:,} more (--json has all)")
    return MOVED if len(changed) else OK


def _download(scenario: isopt.Scenario) -> None:
    """Fetch the street networks that [routing] names by place."""
    from isopt.geo.choose import download_places

    with show.working("downloading streets from OpenStreetMap", quiet=False):
        for path in download_places(scenario):
            print(f"downloaded {path}", file=sys.stderr)
