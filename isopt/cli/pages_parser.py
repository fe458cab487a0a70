"""What can be typed of pages: the map, the report, comparisons, and files for other people's tools."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[..., argparse.ArgumentParser]


LANGUAGES = ("en", "fr", "de")
FORMATS = ("xlsx", "geojson", "gpkg", "figures")


def add_pages(add: Add) -> None:
    """
    Add the commands.

    Parameters
    ----------
    add
        Makes a command of its name, help and examples.
    """
    for one in (_map, _report, _compare, _export):
        one(add)


def add_language(command: argparse.ArgumentParser) -> None:
    """
    Let a command be told the language of what it makes.

    Parameters
    ----------
    command
        Gets ``--language``.
    """
    command.add_argument(
        "--language", choices=LANGUAGES, default="en", metavar="CODE", help="of pages: en, fr or de (default: en)"
    )


def add_solution(command: argparse.ArgumentParser) -> None:
    """
    Let a command be told the results that it is about.

    Parameters
    ----------
    command
        Gets the folder.
    """
    command.add_argument("solution", type=Path, metavar="OUT", help="folder of results, as isopt solve -o wrote it")


def _map(add: Add) -> None:
    command = add(
        "map",
        "draw the map of a solution again: one file that opens offline",
        "isopt map out/kalundborg\nisopt map out/kalundborg --language de -o kalundborg.html",
        json=False,
    )
    add_solution(command)
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it (default: OUT/map.html)")
    command.add_argument(
        "--routes",
        action="store_true",
        help="draw ways along roads, rails and sea lanes (kept in OUT/routes.gpkg), where a network measured them",
    )
    command.add_argument(
        "--flows", type=int, default=20_000, metavar="N", help="draw at most so many, the largest (default: 20000)"
    )
    command.add_argument(
        "--possible", type=int, default=1_000, metavar="N",
        help="offer at most so many links that the plan leaves unused (default: 1000; 0 does not look for them)",
    )  # fmt: skip
    command.add_argument(
        "--online", action="store_true", help="offer street tiles, which the reader's browser fetches once switched on"
    )
    add_language(command)


def _report(add: Add) -> None:
    command = add(
        "report",
        "write the report of a solution again, with what studies found, and a sheet for each organisation",
        "isopt report out/kalundborg --language fr\n"
        "isopt report out/kalundborg --policy out/kalundborg-thresholds --policy out/kalundborg-pareto\n"
        "isopt report out/kalundborg --sheets",
        json=False,
    )
    add_solution(command)
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (default: OUT/report.html)"
    )
    command.add_argument(
        "--policy",
        type=Path,
        action="append",
        default=[],
        metavar="STUDY",
        help="folder of isopt thresholds, plane, pareto, alternatives, sweep, foresight or account to report on; may be"
        " repeated",
    )
    command.add_argument(
        "--sheets",
        action="store_true",
        help="also a page for each organisation to print, in the folder sheets beside it",
    )
    add_language(command)


def _compare(add: Add) -> None:
    command = add(
        "compare",
        "say what differs between solutions: every figure, and the exchanges opened, closed, grown or shrunk",
        "isopt compare out/kalundborg out/taxed\n"
        "isopt compare out/kalundborg out/taxed out/trucks --page comparison.html\n"
        "isopt compare out/kalundborg out/taxed -o difference.csv",
    )
    command.add_argument("one", type=Path, metavar="OUT1", help="folder of results to compare from")
    command.add_argument("others", type=Path, nargs="+", metavar="OUT2", help="folders of results to compare with")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write the exchanges that differ to this CSV file (two plans)"
    )
    command.add_argument(
        "--map", type=Path, metavar="FILE", help="draw what differs as a map into this HTML file (two plans)"
    )
    command.add_argument(
        "--page", type=Path, metavar="FILE", help="write figures, maps and changes side by side into this HTML file"
    )
    add_language(command)


def _export(add: Add) -> None:
    command = add(
        "export",
        "write a solution for other people's tools: a workbook, GeoJSON, a GeoPackage that QGIS draws, figures",
        "isopt export out/kalundborg\nisopt export out/kalundborg --to xlsx figures --language de",
        json=False,
    )
    add_solution(command)
    command.add_argument(
        "--to", nargs="+", choices=FORMATS, default=list(FORMATS), metavar="FORMAT",
        help=f"some of {', '.join(FORMATS)} (default: all)",
    )  # fmt: skip
    command.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="where to write them (default: OUT/export)"
    )
    add_language(command)
