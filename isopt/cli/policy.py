"""The commands of the policy lab: questions that take several solves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import isopt
from isopt.errors import InputError
from isopt.solution.store import write_solution

from . import show
from .overrides import overridden

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from isopt.scenario import Scenario

OK, INFEASIBLE, NOT_FOUND, INTERRUPTED = 0, 3, 4, 130
#: Years that one range may have: more is a slip of the pen.
MOST_YEARS = 200


def thresholds(arguments: Namespace) -> int:
    """Find every value of a lever at which the best network changes."""
    from isopt.studies.thresholds_files import write_thresholds

    scenario, out = _asked(arguments, "thresholds")
    found = isopt.thresholds(
        scenario, arguments.lever, arguments.low, arguments.high, gap=arguments.gap or 0.0,
        time_limit=arguments.time_limit, workers=arguments.workers, quiet=arguments.json,
    )  # fmt: skip
    with show.working("writing the networks", quiet=arguments.json):
        write_thresholds(found, out, write=write_solution)
    files = {"intervals": out / "thresholds.csv", "networks": out / "networks"}
    if arguments.switching:
        from isopt.studies.switching import switching, write_switching

        with show.working("forcing exchanges in", quiet=arguments.json):
            ranges = switching(found)
            write_switching(ranges, out)
        files["switching"] = out / "switching.csv"
    told = {
        "lever": found.lever.name,
        "intervals": found.table,
        "breakpoints": found.breakpoints,
        "solves": found.solves,
    }
    return _end(arguments, found, told, files, out, interrupted=found.interrupted)


def plane(arguments: Namespace) -> int:
    """Draw the exact map of two levers."""
    from isopt.studies.plane import plane as map_of
    from isopt.studies.plane_files import write_plane

    scenario, out = _asked(arguments, "plane")
    axes = [axis_of(words) for words in (arguments.x, arguments.y)]
    found = map_of(
        scenario, (axes[0][0], axes[1][0]), (axes[0][1:], axes[1][1:]), gap=arguments.gap or 0.0,
        time_limit=arguments.time_limit, workers=arguments.workers, quiet=arguments.json,
    )  # fmt: skip
    with show.working("writing the networks", quiet=arguments.json):
        write_plane(found, out, write=write_solution)
    files = {"regions": out / "plane.csv", "map": out / "plane.gpkg"}
    return _end(arguments, found, {"regions": found.table}, files, out, interrupted=found.interrupted)


def pareto(arguments: Namespace) -> int:
    """Find every plan that is best for some weights of two or three objectives."""
    from isopt.studies.pareto_front import write_front

    scenario, out = _asked(arguments, "pareto")
    found = isopt.pareto(
        scenario, tuple(arguments.of), between=arguments.between, gap=arguments.gap or 0.0,
        time_limit=arguments.time_limit, quiet=arguments.json,
    )  # fmt: skip
    with show.working("writing the plans", quiet=arguments.json):
        write_front(found, out, write=write_solution)
    told = {"status": found.status, "points": found.points, "knee": found.knee, "solves": found.solves}
    code = {"infeasible": INFEASIBLE, "no_solution": NOT_FOUND}.get(found.status, OK)
    files = {"points": out / "pareto.csv", "plans": out / "networks"}
    return _end(arguments, found, told, files, out, interrupted=found.interrupted) or code


def alternatives(arguments: Namespace) -> int:
    """Find plans that cost nearly the least and look different."""
    from isopt.studies.alternatives_found import write_alternatives

    scenario, out = _asked(arguments, "alternatives")
    found = isopt.alternatives(
        scenario, arguments.within, count=arguments.count, exact=arguments.exact, time_limit=arguments.time_limit,
        quiet=arguments.json,
    )  # fmt: skip
    with show.working("writing the plans", quiet=arguments.json):
        write_alternatives(found, out, write=write_solution)
    told = {"status": found.status, "exchanges": found.exchanges}
    files = {"exchanges": out / "alternatives.csv", "plans": out / "networks"}
    return _end(arguments, found, told, files, out, interrupted=found.interrupted)


def sweep(arguments: Namespace) -> int:
    """Solve a scenario at every point of a grid."""
    scenario, out = _asked(arguments, "sweep")
    found = isopt.sweep(
        scenario, arguments.grid, out, workers=arguments.workers, dask=arguments.dask,
        keep="solutions" if arguments.solutions else "kpis", gap=arguments.gap, time_limit=arguments.time_limit,
        quiet=arguments.json,
    )  # fmt: skip
    files = {"table": out / "sweep.csv", "parquet": out / "sweep.parquet"}
    return _end(arguments, found, {"table": found.table}, files, out, interrupted=found.interrupted)


def foresight(arguments: Namespace) -> int:
    """Plan under a schedule that becomes known sooner or later."""
    from isopt.studies.foresight import foresight as plans_of
    from isopt.studies.foresight_files import write_foresight

    scenario, out = _asked(arguments, "foresight")
    path = dict(schedule_of(words) for words in arguments.schedule)
    years = [year for words in arguments.years for year in years_of(words)]
    if years and not path:
        raise InputError("--years says which years a --schedule plans: give one, as in --schedule 2030=50 2035=100")
    if years and len(scenario.given["periods"].frame):
        raise InputError(f"{scenario.name} has periods of its own: --years is for a scenario without")
    if path:
        between = "linear" if arguments.linear else "step"
        scenario = isopt.tax_path(scenario, arguments.lever, path, between=between, years=years)
    found = plans_of(
        scenario, lever=arguments.lever, announced=arguments.announced, belief=arguments.belief, gap=arguments.gap,
        time_limit=arguments.time_limit, quiet=arguments.json,
    )  # fmt: skip
    with show.counting("writing the plans", quiet=arguments.json) as count:
        write_foresight(found, out, write=write_solution, on_progress=count)
    told = {"lever": found.lever, "announcements": found.table, "plants": found.plants, "solves": found.solves}
    files = {"announcements": out / "foresight.csv", "plans": out / "announced_YEAR"}
    planned = any(solution.has_plan for solution in found.solutions.values())
    statuses = {solution.status for solution in found.solutions.values()}
    code = _end(arguments, found, told, files, out, interrupted=found.interrupted)
    return code or (OK if planned else INFEASIBLE if "infeasible" in statuses else NOT_FOUND)


def account(arguments: Namespace) -> int:
    """Say what a policy brings and costs, and whom."""
    from isopt.studies.policy_account import write_policy_account

    before = None if arguments.before is None else isopt.read_solution(arguments.before)
    found = isopt.policy_account(isopt.read_solution(arguments.solution), before)
    out = arguments.output or arguments.solution / "policy"
    write_policy_account(found, out)
    told = {"treasury": found.treasury, "organisations": found.organisations, "leakage": found.leakage}
    return _end(arguments, found, told, {"tables": out}, out, interrupted=False)


def _asked(arguments: Namespace, study: str) -> tuple[Scenario, Path]:
    """Read the scenario with what --set says, and name the folder for the results."""
    scenario = overridden(isopt.read(arguments.scenario), arguments.set)
    out = arguments.output or Path("out") / f"{scenario.name}-{study}"
    if out.is_file():
        raise InputError(f"{out} is a file: -o wants a folder")
    if not arguments.json:
        show.warnings(scenario.warnings)
    return scenario, out


def axis_of(words: list[str]) -> tuple[str, float, float]:
    """Read a lever with its range."""
    lever, low, high = words
    try:
        return lever, float(low), float(high)
    except ValueError:
        raise InputError(f"{' '.join(words)}: give a lever and two numbers, as in landfill_tax 0 250") from None


def schedule_of(words: str) -> tuple[int, float]:
    """
    Read a year with its value.

    Examples
    --------
    >>> schedule_of("2030=55.5")
    (2030, 55.5)
    """
    year, _, value = words.partition("=")
    try:
        return int(year), float(value)
    except ValueError:
        raise InputError(f"{words} is no step of a schedule: give YEAR=VALUE, as in 2030=50") from None


def years_of(words: str) -> list[int]:
    """
    Read a year, or a range of years with a step.

    Examples
    --------
    >>> years_of("2030"), years_of("2030-2032"), years_of("2030-2040/5")
    ([2030], [2030, 2031, 2032], [2030, 2035, 2040])
    """
    ends, _, step = words.partition("/")
    first, _, last = ends.partition("-")
    try:
        years = list(range(int(first), int(last or first) + 1, int(step or 1)))
    except ValueError:
        years = []
    if not years or len(years) > MOST_YEARS:
        raise InputError(f"{words} are no years: give them as in 2030, 2030-2040 or 2030-2040/5")
    return years


def _end(
    arguments: Namespace,
    found: object,
    told: Mapping[str, object],
    files: Mapping[str, Path],
    out: Path,
    *,
    interrupted: bool,
) -> int:
    """Draw what was found, show it, and say where it lies."""
    from isopt.views.study_page import write_study_page

    with show.working("drawing the figures", quiet=arguments.json):
        page = write_study_page(out, arguments.language)[0]
    files = {**files, "page": page, "figures": out / "figures"}
    if arguments.json:
        show.as_json({**told, "interrupted": interrupted, "files": dict(files)})
    else:
        print(found)
        print()
        print(show.rows(dict(files)))
        if interrupted:
            print("stopped before the end: what is proven until then is written", file=sys.stderr)
    return INTERRUPTED if interrupted else OK
