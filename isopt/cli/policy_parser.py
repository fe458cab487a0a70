"""What can be typed of the policy lab: arguments of the studies that take several solves."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[[str, str, str], argparse.ArgumentParser]

OBJECTIVES = ("cost", "co2", "landfilled", "tonne_km")


def add_studies(add: Add) -> None:
    """
    Add the commands.

    Parameters
    ----------
    add
        Makes a command of its name, help and examples, with the scenario, ``--set``, ``--time-limit`` and ``-o``.
    """
    _thresholds(add)
    _plane(add)
    _explore(add)
    _pareto(add)
    _alternatives(add)
    _sweep(add)
    _foresight(add)


def _thresholds(add: Add) -> None:
    command = add(
        "thresholds",
        "find every value of a lever at which the best network changes, proven: no grid, no value between is missed",
        "isopt thresholds scenarios/kalundborg --lever landfill_tax --from 0 --to 250 -o out/tax\n"
        "isopt thresholds scenarios/kalundborg --lever carbon_price --to 200 --switching\n"
        "isopt thresholds scenarios/kalundborg --lever 'modes.truck.eur_per_tkm*' --from 0.5 --to 3",
    )
    _range(command)
    _gap(command)
    _workers(command)
    command.add_argument(
        "--switching",
        action="store_true",
        help="also say for each candidate exchange where it is part of a best network, and what it misses by elsewhere",
    )


def _range(command: argparse.ArgumentParser) -> None:
    """Let a command be told a lever and its range."""
    command.add_argument(
        "--lever",
        default="landfill_tax",
        metavar="LEVER",
        help="landfill_tax (one rate for all taxed classes), landfill_tax.CLASS, carbon_price, subsidy, or a cell"
        " table.ID.column; with * at its end a factor (default: landfill_tax)",
    )
    command.add_argument("--from", dest="low", type=float, default=0.0, metavar="LOW", help="least value (default: 0)")
    command.add_argument("--to", dest="high", type=float, default=250.0, metavar="HIGH", help="largest (default: 250)")


def _explore(add: Add) -> None:
    command = add(
        "explore",
        "write a page on which a reader moves a lever, or two: map, figures and chart change at the exact breakpoints;"
        " the output may also be named as a file that ends in .html",
        "isopt explore scenarios/kalundborg --lever carbon_price --to 600 -o out/explore\n"
        "isopt explore scenarios/sotenas --lever carbon_price --to 600 --and landfill_tax 0 250 -o explorer.html\n"
        "isopt explore scenarios/sotenas --language fr",
    )
    _range(command)
    command.add_argument(
        "--and",
        dest="second",
        nargs=3,
        metavar=("LEVER", "LOW", "HIGH"),
        help="a second lever and its range, beside it",
    )


def _plane(add: Add) -> None:
    command = add(
        "plane",
        "draw the exact map of two levers: regions with one best network each",
        "isopt plane scenarios/kalundborg --x landfill_tax 0 250 --y carbon_price 0 200 -o out/plane",
    )
    for axis, usual in (("x", ["landfill_tax", "0", "250"]), ("y", ["carbon_price", "0", "200"])):
        command.add_argument(
            f"--{axis}",
            nargs=3,
            default=usual,
            metavar=("LEVER", "LOW", "HIGH"),
            help=f"lever along {axis} and its range (default: {' '.join(usual)})",
        )
    _gap(command)
    _workers(command)


def _pareto(add: Add) -> None:
    command = add(
        "pareto",
        "find every plan that is best for some weights of two or three objectives, and on request plans between them",
        "isopt pareto scenarios/kalundborg --of cost co2 -o out/front\n"
        "isopt pareto scenarios/kalundborg --of cost co2 landfilled --between 3",
    )
    command.add_argument(
        "--of", nargs="+", choices=OBJECTIVES, default=["cost", "co2"], metavar="OBJECTIVE",
        help=f"two or three of {', '.join(OBJECTIVES)} (default: cost co2)",
    )  # fmt: skip
    command.add_argument("--between", type=int, default=0, metavar="N", help="plans between neighbours (default: 0)")
    _gap(command)


def _alternatives(add: Add) -> None:
    command = add(
        "alternatives",
        "find plans that cost nearly the least and look different, and which exchanges all, some or none of them have",
        "isopt alternatives scenarios/kalundborg --within 2% -o out/alternatives",
    )
    command.add_argument(
        "--within", type=_percentage, default=0.02, metavar="SHARE", help="may cost so much more, as 2%% or 0.02"
    )
    command.add_argument("--count", type=int, default=5, metavar="N", help="plans to list at most (default: 5)")
    command.add_argument("--exact", action="store_true", help="least cost with and without every exchange")


def _sweep(add: Add) -> None:
    command = add(
        "sweep",
        "solve a scenario at every point of a grid of levers, settings, cells and transport scenarios; a killed sweep"
        " goes on where it was",
        "isopt sweep scenarios/kalundborg grid.toml -o out/sweep --workers 2\n"
        "isopt sweep scenarios/kalundborg grid.toml -o out/sweep --dask tcp://127.0.0.1:8786",
    )
    command.add_argument("grid", type=Path, metavar="GRID.toml", help="the axes: a list or a range for each key")
    _workers(command)
    command.add_argument("--dask", metavar="ADDRESS", help="an existing Dask cluster instead")
    command.add_argument("--solutions", action="store_true", help="keep a folder with the whole solution of each run")
    command.add_argument("--gap", type=float, metavar="G", help="gap of each solve")


def _foresight(add: Add) -> None:
    command = add(
        "foresight",
        "say what it is worth to announce a rising lever early: plans with foresight, with a late announcement and year"
        " by year, each bound by what was built before",
        "isopt foresight scenarios/sotenas --lever carbon_price --schedule 2026=75 2030=300 --years 2026-2035\n"
        "isopt foresight scenarios/two_firms --schedule 2030=0 2034=200 --linear --years 2030-2034 -o out/rising\n"
        "isopt foresight my-scenario --lever landfill_tax --announced 2030 2033",
    )
    command.add_argument(
        "--lever",
        default="landfill_tax",
        metavar="LEVER",
        help="what is not known before it is announced: landfill_tax, landfill_tax.CLASS, carbon_price, subsidy, or a"
        " cell table.ID.column; with * at its end the schedule is one of factors (default: landfill_tax)",
    )
    command.add_argument(
        "--schedule",
        nargs="+",
        default=[],
        metavar="YEAR=VALUE",
        help="each value holds from its year on (default: what changes.csv of the scenario says)",
    )
    command.add_argument("--linear", action="store_true", help="go from value to value in a straight line instead")
    command.add_argument(
        "--years",
        nargs="+",
        default=[],
        metavar="YEARS",
        help="years to plan, as 2030-2040 or 2030-2050/5, where the scenario has no periods of its own"
        " (default: those of the schedule)",
    )
    command.add_argument(
        "--announced", nargs="+", type=int, metavar="YEAR", help="years of announcement (default: every year)"
    )
    command.add_argument(
        "--belief",
        choices=("held", "this_year"),
        default="held",
        help="before it: held takes the rate of the year for that of all years to come, this_year looks no farther than"
        " the year itself (default: held)",
    )
    command.add_argument("--gap", type=float, metavar="G", help="gap of each solve (default: the scenario's)")


def _gap(command: argparse.ArgumentParser) -> None:
    command.add_argument("--gap", type=float, metavar="G", help="gap of each solve; 0 is exact (default: 0)")


def _workers(command: argparse.ArgumentParser) -> None:
    command.add_argument("--workers", type=int, default=1, metavar="N", help="processes on this machine (default: 1)")


def _percentage(text: str) -> float:
    """
    Read a share.

    Examples
    --------
    >>> _percentage("2%"), _percentage("0.02")
    (0.02, 0.02)
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no share: write 2% or 0.02") from None
    if not 0 <= value < 10:
        raise argparse.ArgumentTypeError(f"{text} is no share that makes sense: write 2% or 0.02")
    return value
