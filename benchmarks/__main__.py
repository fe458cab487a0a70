"""Run the benchmarks: ``python -m benchmarks`` or ``make bench SIZES=1e3,1e4 PHASES=build,hand_over``."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import benchmarks.phases  # noqa: F401  enters the phases
from benchmarks.inputs import links_of, provide
from benchmarks.plot import draw
from benchmarks.registry import PHASES, SEVERITY, Bench, chain, contenders
from benchmarks.store import Row, Store
from benchmarks.table import text
from benchmarks.worker import MARK

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
FAILED: list[str] = []
"""Contenders of this process that did not come to the end of a phase; their other phases count."""
TINY = 120
"""Links of the instance that each contender warms up with."""
USUAL = [name for name, one in PHASES.items() if not (one.search and name in {"parallel", "components", "country"})]
"""What runs where nothing is chosen; the others take minutes and are asked for by name."""


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    """
    Measure, print a table, write the results and draw them.

    Parameters
    ----------
    arguments
        Of the command line; None takes those of this process.

    Returns
    -------
    rows
        Of this run; the file holds those of earlier ones too.
    """
    told = _parser().parse_args(arguments)
    if told.list:
        print("\n".join(f"{name:12} {one.what}; {', '.join(one.entries)}" for name, one in PHASES.items()))
        return []
    wanted = _known(_words(told.phases), PHASES, "phase")
    who = _known(_words(told.contenders), contenders(), "contender")
    if not 0 < told.severity <= 1:
        raise SystemExit("severity is above 0, and 1 at most")
    store = Store(told.output, fresh=told.fresh)
    run = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    rows: list[Row] = []
    try:
        for size in map(int, map(float, _words(told.sizes))):
            for seed in map(int, _words(told.seeds)):
                bench = Bench(size, seed, told.severity, told.seconds, Path())
                for row in measured(bench, wanted, who):
                    row["run"] = run
                    rows.append(row)
                    store.add(row)
    except KeyboardInterrupt:
        print("interrupted; what was measured is kept", file=sys.stderr)
    print(text(rows), flush=True)
    if FAILED:
        print("failed: " + "; ".join(FAILED), file=sys.stderr)
    picture = draw(list(store.rows.values()), told.output.with_suffix(".svg"))
    print(f"written to {told.output.name}" + (f" and {picture.name}" if picture else ""))
    return rows


def measured(bench: Bench, wanted: Sequence[str], who: Sequence[str]) -> Iterator[Row]:
    """
    Measure all contenders at one size and seed.

    Parameters
    ----------
    bench
        Size, seed, severity and time limit; its folder is made here.
    wanted
        Phases.
    who
        Contenders.

    Yields
    ------
    row
        As soon as it is measured.
    """
    with tempfile.TemporaryDirectory() as place:
        bench.folder = Path(place) / "bench"
        warm = Bench(TINY, bench.seed, bench.severity, bench.seconds, Path(place) / "warm")
        for contender in who:
            mine = [name for name in wanted if PHASES[name].takes(contender, bench.size)]
            inputs = {one for name in chain(contender, mine, bench.size) for one in PHASES[name].inputs}
            if not mine:
                continue
            for one in (bench, warm):
                provide(one, inputs)
            asked = {
                "contender": contender, "phases": mine, "size": bench.size, "seed": bench.seed,
                "severity": bench.severity, "seconds": bench.seconds, "folder": str(bench.folder),
                "warm": any(PHASES[name].warm for name in mine), "warm_size": TINY, "warm_folder": str(warm.folder),
            }  # fmt: skip
            for row in _worker(asked):
                yield {
                    "size": bench.size,
                    "links": links_of(bench.folder, PHASES[row["phase"]].inputs, bench.size),
                    "seed": bench.seed,
                    "severity": bench.severity,
                    "clock": PHASES[row["phase"]].clock,
                    **row,
                }


def _worker(asked: dict[str, Any]) -> Iterator[Row]:
    """Start a contender and pass on its rows; one that fails is named and the others go on."""
    command = [sys.executable, "-m", "benchmarks.worker", json.dumps(asked)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent) as process:
        try:
            for line in process.stdout or ():
                if line.startswith(MARK):
                    yield json.loads(line.removeprefix(MARK))
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        FAILED.append(f"{asked['contender']} at {asked['size']:,} links")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("SIZES", "1e3,1e4,1e5"), help="candidate links (or SIZES)")
    parser.add_argument("--phases", default=os.environ.get("PHASES", ",".join(USUAL)), help="what (or PHASES)")
    parser.add_argument("--contenders", default=",".join(contenders()), help="who takes part")
    parser.add_argument("--seeds", default="0", help="of the instances")
    parser.add_argument("--severity", type=float, default=SEVERITY, help="of the instances: share of set-up and lots")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of each search")
    parser.add_argument("--fresh", action="store_true", help="forget what the file holds")
    parser.add_argument("--list", action="store_true", help="name the phases and who takes part in each")
    parser.add_argument(
        "-o", "--output", type=Path, default=RESULTS, help="where the results go; the picture beside it"
    )
    return parser


def _words(told: str) -> list[str]:
    return [word.strip() for word in told.split(",") if word.strip()]


def _known(words: list[str], there: Sequence[str] | dict[str, Any], what: str) -> list[str]:
    unknown = [word for word in words if word not in there]
    if unknown:
        raise SystemExit(f"no {what} {', '.join(unknown)}; there are {', '.join(there)}")
    return words


if __name__ == "__main__":
    main()
