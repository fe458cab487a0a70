"""One contender in a process of its own: arguments as JSON on the command line, results as JSON, a line each."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import benchmarks.phases  # noqa: F401  enters the phases
from benchmarks.measure import measure
from benchmarks.registry import PHASES, Bench, chain

REPEAT = 5
MARK = "result "
"""What a line begins with that is for the parent; libraries print too."""


def run(contender: str, wanted: list[str], bench: Bench, warm: Bench | None = None) -> list[dict[str, Any]]:
    """
    Run a contender through its phases, and tell of each as it ends.

    Parameters
    ----------
    contender
        Who.
    wanted
        Phases to report; those that they build upon run too.
    bench
        Size, seed and folder.
    warm
        A tiny instance to begin with: what is only loaded on use is then there.

    Returns
    -------
    rows
        One per phase reported.
    """
    if warm is not None:
        for name in chain(contender, [one for one in wanted if PHASES[one].warm], warm.size):
            with contextlib.suppress(Exception):  # what fails here fails below, and is named there
                _one(contender, name, warm, again=False)
    rows = []
    for name in chain(contender, wanted, bench.size):
        if any(need not in bench.made for need in PHASES[name].needs):
            continue  # it failed, and was named
        try:
            row = _one(contender, name, bench, again=name in wanted and not PHASES[name].search)
        except Exception:  # noqa: BLE001  the other phases go on
            print(f"{contender} failed in {name} at {bench.size:,} links", file=sys.stderr)
            traceback.print_exc()
            bench.failed.append(name)
            continue
        if name in wanted:
            rows.append(row)
            print(MARK + json.dumps(row), flush=True)
    return rows


def _one(contender: str, name: str, bench: Bench, *, again: bool) -> dict[str, Any]:
    phase = PHASES[name]
    entry = phase.entries[contender]
    if entry.ready is not None:
        entry.ready(bench)
    bench.made[name], cost = measure(lambda: entry.work(bench), REPEAT if again else 1)
    told = bench.made[name] if phase.search else {}
    taken = asdict(cost)
    if entry.sample is not None:
        share = entry.sample(bench)
        taken |= {clock: taken[clock] / share for clock in ("cpu_s", "wall_s")}
        told = {**told, "sample": share}
    return {"contender": contender, "phase": name, "seconds": taken[phase.clock], **taken, **told}


def main() -> None:
    """Read the arguments, run, print."""
    warnings.simplefilter("ignore")
    told = json.loads(sys.argv[1])
    benches = [
        Bench(size, told["seed"], told["severity"], told["seconds"], Path(folder))
        for size, folder in ((told["size"], told["folder"]), (told["warm_size"], told["warm_folder"]))
    ]
    run(told["contender"], told["phases"], benches[0], benches[1] if told["warm"] else None)
    sys.exit(1 if benches[0].failed else 0)


if __name__ == "__main__":
    main()
