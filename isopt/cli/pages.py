"""The commands that make pages and files of stored solutions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import isopt
from isopt.errors import InputError

from . import show

if TYPE_CHECKING:
    from argparse import Namespace

    from isopt.solution import Solution

OK = 0


def draw(arguments: Namespace) -> int:
    """Draw the map of a stored solution."""
    from isopt.views import write_map

    if min(arguments.flows, arguments.possible) < 0:
        raise InputError("--flows and --possible count things: give a number of at least 0")
    solution = isopt.read_solution(arguments.solution)
    target = arguments.output or arguments.solution / "map.html"
    routes = None
    if arguments.routes:
        from isopt.studies.routes import stored_route_lines

        with show.working("finding where the ways run", quiet=False):
            routes = stored_route_lines(solution, arguments.solution / "routes.gpkg")
    with show.working("drawing the map", quiet=False):
        write_map(
            solution, target, routes=routes, online=arguments.online, language=arguments.language,
            most_flows=arguments.flows, most_unused=arguments.possible,
        )  # fmt: skip
    print(target)
    return OK


def report(arguments: Namespace) -> int:
    """Write the report of a stored solution."""
    from isopt.views.language import speaking
    from isopt.views.report import write_report
    from isopt.views.study_sections import study_sections

    solution = isopt.read_solution(arguments.solution)
    target = arguments.output or arguments.solution / "report.html"
    with speaking(arguments.language), show.working("writing the report", quiet=False):
        sections = [section for folder in arguments.policy for section in study_sections(folder)]
        link = ""
        if arguments.sheets:
            from isopt.views.sheets import write_sheets

            sheets = write_sheets(solution, target.parent / "sheets", language=arguments.language)
            link = sheets[0].relative_to(target.parent).as_posix() if sheets else ""
        write_report(solution, target, policy=sections, sheets=link)
    print(target)
    if link:
        print(target.parent / link)
    return OK


def compare(arguments: Namespace) -> int:
    """Say what differs between stored solutions."""
    folders = [arguments.one, *arguments.others]
    solutions = [isopt.read_solution(folder) for folder in folders]
    if len(solutions) > 2 and (arguments.map or arguments.output or arguments.json):
        raise InputError("--map, -o and --json are about two solutions; --page compares more")
    if arguments.page is not None:
        from isopt.views.comparison import write_comparison

        with show.working("writing the comparison", quiet=arguments.json):
            write_comparison(solutions, arguments.page, arguments.language, names=_names(folders, solutions))
    if arguments.map is not None:
        from isopt.views.difference import write_difference

        write_difference(solutions[0], solutions[1], arguments.map, language=arguments.language)
    comparisons = [isopt.compare(solutions[0], other) for other in solutions[1:]]
    if arguments.output is not None:
        show.table(comparisons[0].exchanges, arguments.output)
    if arguments.json:
        show.as_json({"kpis": comparisons[0].kpis, "exchanges": comparisons[0].exchanges})
    else:
        print("\n\n".join(map(str, comparisons)))
        if arguments.page is not None:
            print(f"\n{arguments.page}")
    return OK


def export(arguments: Namespace) -> int:
    """Write a stored solution for other people's tools."""
    from isopt.views import write_geopackage
    from isopt.views.geopackage import write_geojson
    from isopt.views.language import speaking
    from isopt.views.report_figures import write_report_figures
    from isopt.views.workbook import write_workbook

    solution, out = isopt.read_solution(arguments.solution), arguments.output or arguments.solution / "export"
    if out.is_file():
        raise InputError(f"{out} is a file: -o wants a folder")
    makers = {
        "xlsx": lambda: [write_workbook(solution, out / "solution.xlsx")],
        "geojson": lambda: write_geojson(solution, out / "geojson"),
        "gpkg": lambda: [write_geopackage(solution, out / "solution.gpkg")],
        "figures": lambda: write_report_figures(solution, out / "figures"),
    }
    with speaking(arguments.language):
        for kind in dict.fromkeys(arguments.to):
            with show.working(f"writing {kind}", quiet=False):
                written = makers[kind]()
            print("\n".join(map(str, written)))
    return OK


def _names(folders: Sequence[Path], solutions: Sequence[Solution]) -> list[str]:
    """Titles of the plans, with their folder where two are called the same."""
    titles = [solution.scenario.title or solution.scenario.name for solution in solutions]
    if len(set(titles)) == len(titles):
        return titles
    return [f"{title} ({folder.resolve().name})" for title, folder in zip(titles, folders, strict=True)]
