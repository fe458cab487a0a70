"""One function per command: read, make one public call, show. Each returns the exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import isopt
from isopt.errors import InputError

from . import explore, pages, places, policy, show, transport
from .overrides import overridden

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping


OK, AUDIT_FAILS, INFEASIBLE, NOT_FOUND, INTERRUPTED = 0, 1, 3, 4, 130
_DIALS = ("country", "regime", "seed", "severity", "extra")
EXIT_CODES = {"optimal": OK, "feasible": OK, "infeasible": INFEASIBLE, "no_solution": NOT_FOUND}


def run(arguments: Namespace) -> int:
    """Do what was typed and return the exit code."""
    return COMMANDS[arguments.command](arguments)


def exit_code(status: str, *, interrupted: bool) -> int:
    """
    Say how a solve went as the contract's exit code; a proof that nothing works outlives an interruption.

    Examples
    --------
    >>> exit_code("feasible", interrupted=False), exit_code("feasible", interrupted=True)
    (0, 130)
    """
    return INTERRUPTED if interrupted and status != "infeasible" else EXIT_CODES[status]


def new(arguments: Namespace) -> int:
    """Write a scenario to fill in, or a made-up country, and say what to do next."""
    if arguments.synthetic is not None:
        return _new_synthetic(arguments)
    told = [f"--{name}" for name in _DIALS if getattr(arguments, name) is not None]
    if told:
        raise InputError(f"{', '.join(told)}: only together with --synthetic FIRMS")
    isopt.new(arguments.folder, example=not arguments.empty)
    print(f"{arguments.folder}/README.md says what each column means")
    print(f"next: {'fill in' if arguments.empty else 'overwrite'} the rows, then isopt check {arguments.folder}")
    return OK


def _new_synthetic(arguments: Namespace) -> int:
    """Write a made-up country."""
    from isopt.synthetic import Dials, new_synthetic

    if arguments.empty:
        raise InputError("--empty and --synthetic exclude each other")
    told = {name.replace("extra", "extras"): getattr(arguments, name) for name in _DIALS}
    dials = Dials(arguments.synthetic, **{name: value for name, value in told.items() if value is not None})
    with show.working(f"making up {dials.firms:,} firms", quiet=False):
        new_synthetic(arguments.folder, dials)
    print(f"{arguments.folder}/README.md says what it is made of")
    print(f"next: isopt solve {arguments.folder}")
    return OK


def check(arguments: Namespace) -> int:
    """List everything wrong with a scenario, and what looks wrong."""
    scenario = isopt.read(arguments.scenario)
    with show.working("finding candidate links", quiet=arguments.json):
        candidates = len(
            isopt.links(scenario).table
        )  # some mistakes, as a missing distance, show only where things meet
    doubts = (*scenario.warnings, *isopt.place_doubts(scenario))
    sizes = {name: len(table) for name, table in scenario.tables.items() if len(table)}
    if arguments.json:
        found = {"rows": sizes, "candidates": candidates, "problems": [], "warnings": doubts}
        show.as_json({"scenario": scenario.name, **found})
        return OK
    print(f"{arguments.scenario} is in order")
    print(show.rows({f"  {name}": f"{size:>9,}" for name, size in (sizes | {"candidate links": candidates}).items()}))
    show.warnings(doubts)
    return OK


def links(arguments: Namespace) -> int:
    """Count candidate links and those dropped, by reason."""
    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    with show.working("finding candidate links", quiet=arguments.json):
        report = isopt.links(scenario)
    if arguments.output is not None:
        show.table(report.table, arguments.output)
    if arguments.json:
        show.as_json(
            {
                "scenario": scenario.name,
                "candidates": len(report.table),
                "counts": report.counts,
                "output": arguments.output,
            }
        )
        return OK
    print(report)
    if arguments.output is not None:
        print(f"\nlinks   {arguments.output}")
    return OK


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def solve(arguments: Namespace) -> int:
    """Find the least-cost plan, write everything about it, and sum it up."""
    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    out = arguments.output or Path("out") / scenario.name
    if out.is_file():
        raise InputError(f"{out} is a file: -o wants a folder")
    doubts = isopt.place_doubts(scenario)
    if not arguments.quiet and not arguments.json:
        show.warnings((*scenario.warnings, *doubts))
    solution = isopt.solve(
        scenario,
        gap=arguments.gap,
        time_limit=arguments.time_limit,
        threads=arguments.threads,
        method=arguments.method,
        workers=arguments.threads or scenario.settings.solver.threads or _cores(),
        quiet=arguments.quiet or arguments.json,
    )
    solution = replace(solution, warnings=(*solution.warnings, *map(str, doubts)))
    with show.working("drawing the map and writing the report", quiet=arguments.quiet or arguments.json):
        isopt.write(solution, out, language=arguments.language)
    if arguments.json:
        print((out / "summary.json").read_text(encoding="utf-8").rstrip())
    elif not arguments.quiet:
        print(show.summary(solution))
        told = {str(problem) for problem in (*scenario.warnings, *doubts)}
        for warning in solution.warnings:
            if warning not in told:
                print(f"note: {warning}", file=sys.stderr)
        print()
        print(show.rows({name: out / file for name, file in _written(out).items()}))
    return exit_code(solution.status, interrupted=solution.interrupted)


def audit(arguments: Namespace) -> int:
    """Recompute a stored solution and say what does not hold."""
    report = isopt.audit(isopt.read_solution(arguments.solution))
    if arguments.json:
        show.as_json({"passed": report.passed, "checks": report.checks, "problems": report.problems})
    else:
        print(report)
    return OK if report.passed else AUDIT_FAILS


def import_(arguments: Namespace) -> int:
    """Turn a public register into a scenario folder."""
    if arguments.register == "osm":
        return _import_osm(arguments)
    from isopt.importers.sepa import import_sepa

    with show.working("reading the register", quiet=False):
        imported = import_sepa(
            arguments.sites,
            arguments.flows,
            arguments.output,
            year=arguments.year,
            bbox=None if arguments.bbox is None else tuple(arguments.bbox),
            regions=arguments.region,
        )
    print(imported.scenario)
    print("\nleft out")
    print(imported.summary.to_string(index=False, na_rep="", float_format="{:,.0f}".format))
    print(f"\n{arguments.output}/README.md states every assumption; next: isopt solve {arguments.output}")
    return OK


def _import_osm(arguments: Namespace) -> int:
    """Turn sites of OpenStreetMap into a folder to complete."""
    from isopt.importers.osm import import_osm

    with show.working("reading OpenStreetMap", quiet=False):
        imported = import_osm(
            arguments.extract,
            arguments.output,
            place=arguments.place,
            bbox=None if arguments.bbox is None else tuple(arguments.bbox),
            online=arguments.online,
            kinds=arguments.kind,
            price_year=arguments.price_year,
        )
    print(f"{len(imported.facilities):,} facilities, {len(imported.disposals):,} disposals")
    if len(imported.summary):
        print("\nleft out")
        print(imported.summary.to_string(index=False))
    print(
        f"\n{arguments.output}/README.md says what is assumed and what to fill in; then isopt check {arguments.output}"
    )
    return OK


def _written(out: Path) -> dict[str, str]:
    """Name what a solve left for people to open."""
    files = {"map": "map.html", "report": "report.html", "tables": ""}
    return {name: file for name, file in files.items() if (out / file).exists()}


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "new": new,
    "check": check,
    "geocode": places.geocode,
    "distances": places.distances,
    "thresholds": policy.thresholds,
    "plane": policy.plane,
    "explore": explore.explore,
    "pareto": policy.pareto,
    "alternatives": policy.alternatives,
    "sweep": policy.sweep,
    "foresight": policy.foresight,
    "account": policy.account,
    "terminals": transport.terminals,
    "transport": transport.transport,
    "links": links,
    "solve": solve,
    "audit": audit,
    "map": pages.draw,
    "report": pages.report,
    "compare": pages.compare,
    "export": pages.export,
    "import": import_,
}
