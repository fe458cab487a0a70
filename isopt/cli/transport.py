"""The commands about how things move: terminals and transport scenarios."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import isopt
from isopt.errors import InputError

from . import show

if TYPE_CHECKING:
    from argparse import Namespace

OK, INTERRUPTED = 0, 130


def terminals(arguments: Namespace) -> int:
    """Propose terminals, and open them in a copy of the scenario on request."""
    if (arguments.open is None) != (arguments.into is None):
        raise InputError("--open MODE and --into FOLDER go together: which mode, and where the new scenario goes")
    scenario = isopt.read(arguments.scenario)
    found = isopt.propose_hubs(scenario, kind=arguments.kind, k=arguments.nearest, max_km=arguments.within)
    if arguments.output is not None:
        show.table(found, arguments.output)
    if arguments.into is not None:
        _open(scenario, found, arguments)
    if arguments.json:
        show.as_json({"scenario": scenario.name, "terminals": found, "written": arguments.into})
        return OK
    print(found.to_string(index=False, float_format="{:.4f}".format))
    files = {"terminals": arguments.output, "scenario": arguments.into}
    print()
    print(show.rows({name: file for name, file in files.items() if file is not None}) or "nothing written")
    return OK


def _open(scenario: isopt.Scenario, found: object, arguments: Namespace) -> None:
    """Write the scenario with its terminals open."""
    from isopt.scenario import write

    if arguments.into.exists() and any(arguments.into.iterdir()):
        raise InputError(f"{arguments.into} is not empty, and nothing is overwritten: give another folder")
    opened = isopt.with_hubs(
        scenario,
        found.drop(columns=["kind", "serves"]),  # type: ignore[attr-defined]
        mode=arguments.open,
        network={"rail": "rail", "port": "sea"}[arguments.kind],
        handling_eur_per_t=arguments.handling,
        capacity_t_per_yr=arguments.capacity,
    )
    write(opened, arguments.into)


def transport(arguments: Namespace) -> int:
    """Solve a scenario under several transport scenarios and put them side by side."""
    from isopt.views.difference import write_difference

    scenario = isopt.read(arguments.scenario)
    changes = isopt.read_transport_scenarios(arguments.changes)
    out = arguments.output or Path("out") / f"{scenario.name}-transport"
    if out.is_file():
        raise InputError(f"{out} is a file: -o wants a folder")

    def tell(name: str, solution: isopt.Solution) -> None:
        if not arguments.json:
            print(f"{name}: {solution.status}", file=sys.stderr)

    found = isopt.compare_transport(
        scenario, changes, gap=arguments.gap, time_limit=arguments.time_limit, on_solution=tell, quiet=arguments.json
    )
    with show.working("drawing maps and writing reports", quiet=arguments.json):
        isopt.write_transport(found, out, write=isopt.write, draw=write_difference)
    if arguments.json:
        show.as_json({"scenario": scenario.name, "output": out, "interrupted": found.interrupted, "table": found.table})
    else:
        print(found)
        print()
        print(show.rows({"table": out / "transport.csv", "solutions": out}))
    return INTERRUPTED if found.interrupted else OK
