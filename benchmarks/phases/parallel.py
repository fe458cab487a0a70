"""One process, two processes, two workers of a Dask cluster: the same tables in less time on the clock."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from benchmarks.inputs import sources_of
from benchmarks.phases.study import some_parks
from benchmarks.registry import Bench, phase

if TYPE_CHECKING:
    from isopt.studies.sweep import SweepProgress

PROCESSES = 2
RUNS = 100
_SEVERITY = 0.1
"""Runs that end: what is measured is the sharing out and no search."""

parallel = phase(
    "parallel", f"{RUNS} runs of a sweep in two processes", inputs=("region",), clock="wall_s", search=True, warm=False
)
components = phase(
    "components",
    "rates of independent parks in two processes",
    inputs=("parks",),
    clock="wall_s",
    search=True,
    warm=False,
)


def runs() -> int:
    """Return how many runs the sweep has; ``RUNS=`` in the environment changes it."""
    return int(os.environ.get("RUNS", RUNS))


def _scenario(bench: Bench) -> None:
    import isopt.studies.sweep  # noqa: F401
    from benchmarks.regions import region

    bench.made["scenario"] = region(sources_of(bench.folder), bench.seed, _SEVERITY)


def _sweep(bench: Bench, **how: Any) -> dict[str, Any]:
    """Sweep, and hold the table against the one that another contender left."""
    import tempfile

    from isopt.studies.sweep import sweep

    count = runs()
    axis = [round(120.0 * i / max(count - 1, 1), 3) for i in range(count)]
    clock = Clock()
    with tempfile.TemporaryDirectory(dir=bench.folder) as out:
        found = sweep(
            bench.made["scenario"],
            {"axes": {"landfill_tax": axis}},
            out,
            gap=1e-3,
            time_limit=bench.seconds,
            on_progress=clock.hear,
            **how,
        )
    busy = float(found.table["seconds"].sum())
    table = found.table.drop(columns=[name for name in found.table if name.endswith("seconds")])
    return {"runs": len(table), "same": _same(bench, "sweep", table), "done": True, **clock.told(busy)}


class Clock:
    """Where the seconds of a sweep go: what no worker shares, and how many work at a time in between."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._first = self._last = self._began

    def hear(self, progress: SweepProgress) -> None:
        """Note when the first run began and the last one ended."""
        now = time.perf_counter()
        if self._first == self._began and progress.current:
            self._first = now
        self._last = now

    def told(self, busy: float) -> dict[str, float]:
        """
        Say it in the words of the results.

        Parameters
        ----------
        busy
            Seconds of all runs, each by the clock of its process.

        Returns
        -------
        seconds
            ``before_s`` until the first run began, ``after_s`` since the last one ended, and how many processes were
            ``at_work`` in between, on average.
        """
        between = max(self._last - self._first, 1e-9)
        after = time.perf_counter() - self._last
        return {
            "before_s": round(self._first - self._began, 3),
            "after_s": round(after, 3),
            "at_work": round(busy / between, 3),
        }


def _same(bench: Bench, name: str, table: Any) -> bool:
    """Tell whether a table is that of the contenders before, digit by digit; the first leaves it there."""
    path = bench.folder / f"{name}.csv"
    text = table.to_csv(index=False)
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    return bool(path.read_text(encoding="utf-8") == text)


def _cluster(bench: Bench) -> None:
    import distributed

    _scenario(bench)
    bench.made["cluster"] = distributed.LocalCluster(
        n_workers=PROCESSES, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )


def _dask(bench: Bench) -> dict[str, Any]:
    with bench.made.pop("cluster") as cluster:
        return _sweep(bench, dask=cluster.scheduler_address)


parallel.does("isopt", ready=_scenario)(lambda bench: _sweep(bench, workers=PROCESSES))
parallel.does("one process", ready=_scenario)(lambda bench: _sweep(bench, workers=1))
parallel.does("dask", ready=_cluster)(_dask)


def _rates(bench: Bench, workers: int) -> dict[str, Any]:
    """All rates of all parks: each independent part has its own, and they are merged."""
    from isopt.studies.thresholds import thresholds

    found = thresholds(bench.made["scenario"], "landfill_tax", 0, 120, gap=0, time_limit=bench.seconds, workers=workers)
    return {"rates": len(found.table), "same": _same(bench, "rates", found.table.round(6)), "done": found.exact or None}


components.does("isopt", ready=some_parks)(lambda bench: _rates(bench, PROCESSES))
components.does("one process", ready=some_parks)(lambda bench: _rates(bench, 1))
