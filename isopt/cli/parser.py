"""What can be typed: the commands, their arguments, and an example of each."""

from __future__ import annotations

import argparse
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .pages_parser import add_language, add_pages, add_solution
from .policy_parser import add_studies

if TYPE_CHECKING:
    # argparse has no public name for it
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

EPILOG = """\
exit codes
  0    a solution was found (or: nothing is wrong)
  1    an audit found something wrong
  2    bad input; every problem is listed
  3    no plan can satisfy the scenario
  4    no plan found within the time limit
  130  interrupted; the best plan so far is written and marked so
"""


def parser() -> argparse.ArgumentParser:
    """
    Make the parser of the whole command line; the documentation page is drawn from it too.

    Examples
    --------
    >>> parser().parse_args(["solve", "scenarios/two_firms", "--gap", "0.01"]).gap
    0.01
    """
    top = argparse.ArgumentParser(
        prog="isopt",
        description="Find the exchanges of by-products, heat and water that cost a region least, with proof.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"isopt {_version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    places = (_geocode, _distances, _terminals)
    for add in (_new, _check, *places, _links, _solve, _audit, _pages, _transport, _studies, _account, _import):
        add(commands)
    return top


def _command(commands: Commands, name: str, help_: str, examples: str, *, json: bool = True) -> argparse.ArgumentParser:
    """Add a command with the options that all share."""
    command = commands.add_parser(
        name,
        help=help_,
        description=help_[0].upper() + help_[1:] + ".",
        epilog="examples\n" + "\n".join(f"  {line}" for line in examples.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if json:
        command.add_argument("--json", action="store_true", help="print JSON for machines instead of text for people")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return command


def _new(commands: Commands) -> None:
    command = _command(
        commands,
        "new",
        "write a scenario to fill in: all tables and columns, a few rows to overwrite, and what each column means",
        "isopt new humber\nisopt new humber --empty\nisopt new --synthetic 15000 --regime lean made-up",
        json=False,
    )
    command.add_argument("folder", type=Path, metavar="FOLDER", help="folder to make")
    command.add_argument("--empty", action="store_true", help="headers only, no rows of an example")
    made_up = command.add_argument_group("made-up countries, of any size: real towns, invented firms, cited prices")
    made_up.add_argument(
        "--synthetic", type=_count, metavar="FIRMS", help="write a country of so many firms (10 to 60000)"
    )
    made_up.add_argument("--country", metavar="CC", help="whose towns it has (GB)")
    made_up.add_argument("--regime", choices=("rich", "lean"), help="whether many exchanges pay or few (rich)")
    made_up.add_argument("--seed", type=int, metavar="N", help="another number makes another country (1)")
    made_up.add_argument(
        "--severity", type=float, metavar="SHARE", help="0 to 1: how much set-up cost, lots and capital bite (0.5)"
    )
    made_up.add_argument(
        "--extra", action="append", metavar="WHAT", help="trips (paid by the whole trip), seasons; may be repeated"
    )


def _check(commands: Commands) -> None:
    command = _command(
        commands,
        "check",
        "read a scenario and list every problem at once",
        "isopt check scenarios/kalundborg\nisopt check plans.xlsx --json",
    )
    _scenario(command)


def _geocode(commands: Commands) -> None:
    command = _command(
        commands,
        "geocode",
        "find coordinates for addresses, postcodes and towns, and pin them into the folder (offline unless --online)",
        "isopt geocode humber --country GB\nisopt geocode humber --again --review doubtful.csv\n"
        "isopt geocode humber --online --cap 200",
    )
    _scenario(command)
    command.add_argument("--country", default="", metavar="CC", help="country of facilities that name none (GB)")
    command.add_argument(
        "--again", action="store_true", help="look every address up anew; else only those not pinned or changed"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be pinned and write nothing")
    command.add_argument("--review", type=Path, metavar="FILE", help="write the doubtful ones to this CSV file")
    command.add_argument(
        "--online",
        action="store_true",
        help="ask a Nominatim service for exact addresses: one request a second, answers are kept on disk",
    )
    command.add_argument("--endpoint", metavar="URL", help="the service to ask (default: OpenStreetMap's own)")
    command.add_argument("--cap", type=_count, metavar="N", help="ask at most so many times (default: 1000)")
    command.add_argument("--cache", type=Path, metavar="DIR", help="where answers are kept (default: the user's cache)")


def _distances(commands: Commands) -> None:
    command = _command(
        commands,
        "distances",
        "measure the ways between facilities once and pin them into the folder; isopt solve uses them from then on",
        "isopt distances humber\nisopt distances humber --set routing.truck=road\nisopt distances humber --check",
    )
    _scenario(command)
    _set(command)
    command.add_argument(
        "--check",
        action="store_true",
        help="write nothing, say which pinned distances are different now; exit code 1 if any",
    )
    command.add_argument("--missing", action="store_true", help="keep pinned distances that still hold")
    command.add_argument(
        "--online",
        action="store_true",
        help='download the streets of a place that [routing] names with router = "osm" (OpenStreetMap)',
    )


def _terminals(commands: Commands) -> None:
    command = _command(
        commands,
        "terminals",
        "propose rail terminals or ports near the sites of a scenario, or open them in a copy of it",
        "isopt terminals humber --kind rail --within 40\n"
        "isopt terminals humber --kind port --open ship --into humber-by-ship",
    )
    _scenario(command)
    command.add_argument("--kind", choices=("rail", "port"), default="rail", help="what is looked for (default: rail)")
    command.add_argument("--nearest", type=_count, default=1, metavar="K", help="so many for each site (default: 1)")
    command.add_argument(
        "--within", type=_kilometres, default=50.0, metavar="KM", help="no farther from a site (default: 50)"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the proposals to this CSV file")
    command.add_argument(
        "--open", metavar="MODE", help="open them for this mode (added with cited rates where it is not there)"
    )
    command.add_argument("--into", type=Path, metavar="FOLDER", help="where the scenario with open terminals goes")
    command.add_argument("--handling", type=float, metavar="EUR", help="EUR per tonne and passage (default: cited)")
    command.add_argument("--capacity", type=float, metavar="T", help="tonnes per year through each (default: enough)")


def _pages(commands: Commands) -> None:
    add_pages(partial(_command, commands))


def _studies(commands: Commands) -> None:
    def add(name: str, help_: str, examples: str) -> argparse.ArgumentParser:
        command = _command(commands, name, help_, examples)
        _scenario(command)
        command.add_argument(
            "-o", "--output", type=Path, metavar="OUT", help=f"folder for the results (default: out/NAME-{name})"
        )
        command.add_argument("--time-limit", type=_seconds, metavar="S", help="seconds for all solves together")
        _set(command)
        add_language(command)
        return command

    add_studies(add)


def _account(commands: Commands) -> None:
    command = _command(
        commands,
        "account",
        "say what a policy brings the treasury, costs the region and whom, and where waste goes instead",
        "isopt account out/taxed out/untaxed\nisopt account out/taxed",
    )
    command.add_argument("solution", type=Path, metavar="OUT", help="results under the policy")
    command.add_argument(
        "before", type=Path, nargs="?", metavar="BEFORE", help="results without it (default: the stored baseline)"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where to write (default: OUT/policy)")
    add_language(command)


def _transport(commands: Commands) -> None:
    command = _command(
        commands,
        "transport",
        "solve a scenario under several transport scenarios and say what differs",
        "isopt transport humber transport.toml -o out/humber-transport",
    )
    _scenario(command)
    command.add_argument("changes", type=Path, metavar="FILE.toml", help="a section per transport scenario")
    command.add_argument("-o", "--output", type=Path, metavar="OUT", help="folder for a solution each, and the table")
    command.add_argument("--time-limit", type=_seconds, metavar="S", help="seconds for each solve")
    command.add_argument("--gap", type=_share, metavar="G", help="gap for each solve")


def _links(commands: Commands) -> None:
    command = _command(
        commands,
        "links",
        "count the candidate links, and those dropped, by reason",
        "isopt links scenarios/kalundborg\nisopt links scenarios/kalundborg -o links.csv --set reach.max_km=50",
    )
    _scenario(command)
    _set(command)
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the candidate links to this CSV file")


def _solve(commands: Commands) -> None:
    command = _command(
        commands,
        "solve",
        "find the plan that costs the region least and write tables, map and report",
        "isopt solve scenarios/kalundborg -o out/kalundborg\n"
        "isopt solve scenarios/kalundborg -o out/taxed --set policy.carbon_price_eur_per_t=90 \\\n"
        "    --set policy.landfill_tax_eur_per_t.non_hazardous=120 --gap 0.001 --time-limit 60",
    )
    _scenario(command)
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="folder for the results (default: out/ and the scenario's name)",
    )
    command.add_argument(
        "--gap", type=_share, metavar="G", help="stop when the plan is proven to be within this share of the best"
    )
    command.add_argument(
        "--time-limit", type=_seconds, metavar="S", help="stop after so many seconds and keep the best plan"
    )
    command.add_argument("--threads", type=_count, metavar="N", help="threads of the solver")
    command.add_argument(
        "--method",
        choices=("auto", "direct", "large"),
        help="direct: HiGHS on the whole model; large: parts of it in turn, with a bound; auto (the default): by size",
    )
    _set(command)
    add_language(command)
    command.add_argument("--quiet", action="store_true", help="no progress, no summary: only files and the exit code")


def _audit(commands: Commands) -> None:
    command = _command(
        commands,
        "audit",
        "recompute a solution from its tables alone: balances, capacities, every figure; exit code 1 if any is wrong",
        "isopt audit out/kalundborg",
    )
    add_solution(command)


def _import(commands: Commands) -> None:
    command = _command(
        commands,
        "import",
        "turn a public register into a scenario folder",
        "isopt import sepa sites.csv flows.csv --year 2018 --bbox 55.6 -4.6 56.2 -3.0 -o central-belt",
        json=False,
    )
    registers = command.add_subparsers(dest="register", metavar="REGISTER", required=True)
    _import_osm(registers)
    sepa = _command(
        registers,
        "sepa",
        "licensed waste sites in Scotland and what went in and out of them (Scottish Environment Protection Agency)",
        "isopt import sepa sites.csv flows.csv --year 2018 --bbox 55.6 -4.6 56.2 -3.0 -o central-belt",
        json=False,
    )
    sepa.add_argument("sites", type=Path, metavar="SITES.csv", help="the sites with their coordinates")
    sepa.add_argument("flows", type=Path, metavar="FLOWS.csv", help="tonnes in and out by site, waste and year")
    sepa.add_argument("--year", type=int, required=True, help="year of the flows")
    sepa.add_argument(
        "--bbox",
        type=float,
        nargs=4,
        metavar=("SOUTH", "WEST", "NORTH", "EAST"),
        help="only sites in this box, in degrees",
    )
    sepa.add_argument(
        "--region", action="append", default=[], metavar="NAME", help="only sites in this council area; may be repeated"
    )
    sepa.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="scenario folder to write")


def _import_osm(registers: Commands) -> None:
    osm = _command(
        registers,
        "osm",
        "landfills, industrial areas, works, waste-water plants and more of OpenStreetMap, as sites to complete",
        "isopt import osm zealand.osm.pbf -o zealand --kind landfill --kind works\n"
        'isopt import osm --place "Kalundborg, Denmark" --online -o kalundborg',
        json=False,
    )
    osm.add_argument("extract", type=Path, nargs="?", metavar="FILE.osm.pbf", help="an extract; nothing is downloaded")
    osm.add_argument("--place", metavar="NAME", help="a place, with --online")
    osm.add_argument(
        "--bbox",
        type=float,
        nargs=4,
        metavar=("SOUTH", "WEST", "NORTH", "EAST"),
        help="only sites in this box, in degrees (with --online: what is downloaded)",
    )
    osm.add_argument("--online", action="store_true", help="ask OpenStreetMap's Overpass service for the place or box")
    osm.add_argument("--kind", action="append", metavar="KIND", help="only this kind of site; may be repeated")
    osm.add_argument("--price-year", type=int, default=2025, metavar="YEAR", help="year of fees and taxes (2025)")
    osm.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="scenario folder to write")


def _scenario(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "scenario", type=Path, metavar="FOLDER", help="scenario: a folder, a workbook (.xlsx) or a GeoPackage (.gpkg)"
    )


def _set(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a setting (policy.carbon_price_eur_per_t=90) or a cell (modes.truck.eur_per_tkm=0.2);"
        " may be repeated",
    )


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share between 0 and 1 (0.01 is one per cent)")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def _kilometres(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of kilometres")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return value


def _version() -> str:
    try:
        return version("isopt")
    except PackageNotFoundError:  # run from a folder that is not installed
        return "(not installed)"
