"""One contender in a process of its own: arguments as JSON on the command line, results as JSON on the last line."""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.phases import CONTENDERS, PHASES, Bench, prepare


def run(contender: str, phases: list[str], repeat: int, bench: Bench, warm: Bench) -> list[dict[str, Any]]:
    """
    Run a contender through its phases.

    Parameters
    ----------
    contender
        One of :data:`benchmarks.phases.CONTENDERS`.
    phases
        Phases to report; those that they build upon run too.
    repeat
        Repetitions of the quick phases.
    bench
        Size, seed and files.
    warm
        A tiny region to begin with.

    Returns
    -------
    rows
        One per phase reported.
    """
    warm_up(contender, warm)
    prepare(contender, bench)
    parts = CONTENDERS[contender]
    last = max((place for place, phase in enumerate(PHASES) if phase in phases), default=-1)
    rows = []
    for phase in list(PHASES)[: last + 1]:
        if phase not in parts or (phase in {"relax", "solve"} and phase not in phases):
            continue
        work = parts[phase]
        times = 1 if phase in {"relax", "solve"} or phase not in phases else repeat
        bench.made[phase], cost = measure(lambda work=work: work(bench), times)
        if phase in phases:
            told = bench.made[phase] if phase in {"relax", "solve"} else {}
            rows.append({"contender": contender, "phase": phase, **asdict(cost), **told})
    return rows


def warm_up(contender: str, warm: Bench) -> None:
    """Go through a tiny region first: what is only loaded on use is then there."""
    prepare(contender, warm)
    for phase in PHASES:
        if phase in CONTENDERS[contender]:
            warm.made[phase] = CONTENDERS[contender][phase](warm)


def main() -> None:
    """Read the arguments, run, print."""
    warnings.simplefilter("ignore")
    told = json.loads(sys.argv[1])
    bench, warm = (
        Bench(told[sources], told["seed"], Path(told[facts]), told["seconds"])
        for sources, facts in (("sources", "facts"), ("tiny_sources", "tiny_facts"))
    )
    print("\n" + json.dumps(run(told["contender"], told["phases"], told["repeat"], bench, warm)))


if __name__ == "__main__":
    main()
