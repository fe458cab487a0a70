"""Run the benchmarks: ``python -m benchmarks`` or ``make bench SIZES=1000,10000 PHASES=build,hand_over``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.phases import CONTENDERS, PHASES
from benchmarks.plain import facts_of
from benchmarks.regions import region, sources_for
from benchmarks.table import ratios, text
from isopt.network import instance_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
TINY = 12
"""Sources of the region that each contender warms up with."""
LIBRARIES = ("numpy", "scipy", "pyomo", "highspy", "linopy")


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """
    Measure, print a table and write the results.

    Parameters
    ----------
    arguments
        Of the command line; None takes those of this process.

    Returns
    -------
    results
        As written.
    """
    told = _parser().parse_args(arguments)
    sizes, phases = [int(float(size)) for size in _words(told.sizes)], _words(told.phases)
    unknown = [phase for phase in phases if phase not in PHASES]
    if unknown:
        raise SystemExit(f"no phase {', '.join(unknown)}; there are {', '.join(PHASES)}")
    rows: list[dict[str, Any]] = []
    for size in sizes:
        rows += measured(size, phases, seed=told.seed, seconds=told.seconds, contenders=_words(told.contenders))
        print(text([row for row in rows if row["size"] == size]), flush=True)
    results = {
        "what": "CPU seconds (least of some runs), peak memory above the start of the phase; one process per contender",
        "seed": told.seed,
        "time_limit_s": told.seconds,
        "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in LIBRARIES if find_spec(name)},
        "rows": rows,
        "ratios": ratios(rows),
    }
    _write(told.output, json.dumps(results, indent=1) + "\n")
    print(f"written to {told.output.name}")
    return results


def measured(
    size: int, phases: Sequence[str], *, seed: int, seconds: float, contenders: Sequence[str]
) -> list[dict[str, Any]]:
    """
    Measure all contenders at one size.

    Parameters
    ----------
    size
        Links wanted in the model.
    phases
        What to measure.
    seed
        Of the region.
    seconds
        Time limit of each solve.
    contenders
        Who takes part.

    Returns
    -------
    rows
        One per contender and phase.
    """
    sources = sources_for(size, seed)
    instance = instance_of(region(sources, seed))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        facts, tiny = Path(folder) / "facts.npz", Path(folder) / "tiny.npz"
        facts_of(instance).save(facts)
        facts_of(instance_of(region(TINY, seed))).save(tiny)
        for contender in contenders:
            mine = [phase for phase in phases if phase in CONTENDERS[contender]]
            asked = {
                "contender": contender, "phases": mine, "repeat": 5 if 500 < size < 20_000 else 3,
                "sources": sources, "facts": str(facts), "tiny_sources": TINY, "tiny_facts": str(tiny),
                "seed": seed, "seconds": seconds,
            }  # fmt: skip
            told = subprocess.run(
                [sys.executable, "-m", "benchmarks.worker", json.dumps(asked)],
                check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parent,
            )  # fmt: skip
            rows += [
                {"size": size, "links": instance.links.count, **row} for row in json.loads(told.stdout.splitlines()[-1])
            ]
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("SIZES", "1e3,1e4,1e5"), help="links in the model (or SIZES)")
    parser.add_argument(
        "--phases", default=os.environ.get("PHASES", ",".join(PHASES)), help="what to measure (or PHASES)"
    )
    parser.add_argument("--contenders", default=",".join(CONTENDERS), help="who takes part")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of each solve")
    parser.add_argument("--seed", type=int, default=0, help="of the synthetic regions")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS, help="where the results go")
    return parser


def _words(text_: str) -> list[str]:
    return [word for word in text_.replace(",", " ").split() if word]


def _write(path: Path, content: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    main()
