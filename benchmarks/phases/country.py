"""A country from nothing to its map: what each step takes of the whole."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.inputs import firms_for
from benchmarks.registry import Bench, phase

GAP, WORKERS = 0.01, 2

country = phase("country", "made-up country from folder to map", clock="wall_s", search=True, warm=False)


@country.does("isopt")
def _whole(bench: Bench) -> dict[str, Any]:
    """Do what one would type, one after the other, and take the time of each."""
    import tempfile
    from pathlib import Path

    import isopt
    from isopt.solution.store import write_solution
    from isopt.synthetic import Dials, new_synthetic
    from isopt.views.geopackage import write_geopackage
    from isopt.views.map import write_map
    from isopt.views.report import write_report

    clock = Clock()
    with tempfile.TemporaryDirectory(dir=bench.folder) as place:
        folder, out = Path(place) / "country", Path(place) / "out"
        new_synthetic(folder, Dials(firms_for(bench.size), seed=bench.seed, severity=bench.severity))
        clock.lap("new")
        scenario = isopt.read(folder)
        clock.lap("read")
        doubts = isopt.place_doubts(scenario)
        clock.lap("check")
        solution = isopt.solve(scenario, gap=GAP, time_limit=bench.seconds, workers=WORKERS)
        clock.laps |= parts_of_solving(clock.lap("solve"), solution.seconds)
        del clock.laps["solve"]
        write_solution(solution, out)
        clock.lap("write")
        if solution.has_plan:
            write_geopackage(solution, out / "solution.gpkg")
            clock.lap("layers")
            write_map(solution, out / "map.html")
            clock.lap("map")
        write_report(solution, out / "report.html")
        clock.lap("report")
        passed = isopt.audit(solution).passed if solution.has_plan else None
        clock.lap("audit")
    return {
        "steps": clock.laps,
        "shares": clock.shares(),
        "status": solution.status,
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "gap_on_savings": solution.gap_on_savings,
        "audited": passed,
        "doubts": len(doubts),
        "done": passed,
    }


def parts_of_solving(whole: float, seconds: Mapping[str, float]) -> dict[str, float]:
    """
    Take a solve apart.

    Parameters
    ----------
    whole
        Seconds from the scenario to the solution.
    seconds
        What the solution says of it: its own phases, and ``total`` until the tables are written.

    Examples
    --------
    >>> parts_of_solving(20.0, {"build": 1.0, "hand_over": 1.0, "solve": 10.0, "baseline": 2.0, "total": 17.0})
    {'links': 3.0, 'build': 1.0, 'hand_over': 1.0, 'search': 10.0, 'baseline': 2.0, 'tables': 3.0}
    """
    own = {("search" if name == "solve" else name): value for name, value in seconds.items() if name != "total"}
    return {"links": seconds["total"] - sum(own.values()), **own, "tables": whole - seconds["total"]}


class Clock:
    """Seconds of each step of a run."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> float:
        """Book the time since the last lap, and return it."""
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now
        return self.laps[name]

    def shares(self) -> dict[str, float]:
        """Return each step's share of the whole."""
        whole = sum(self.laps.values())
        return {name: seconds / whole for name, seconds in self.laps.items()}
