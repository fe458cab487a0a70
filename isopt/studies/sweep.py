"""Sweeps: a grid of runs, each written as it ends, so that nothing is lost or done twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from isopt.errors import InputError, IsoptError, did_you_mean
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solution.store import read_solution
from isopt.solver.executors import Beat, Begun, Event, Job, Work, executor
from isopt.solver.progress import TerminalProgress, interruptible
from isopt.studies.finding import require_numbers
from isopt.studies.grid import Grid, read_grid
from isopt.studies.points import Point
from isopt.studies.runs import Region, Result, Store, prepare, run_id, run_point, with_plan
from isopt.studies.sweep_table import sweep_table, write_sweep

__all__ = ["Sweep", "SweepProgress", "sweep"]

#: Runs from which on it pays that each worker first solves the region as it is, to start the others from its plan.
START_FROM = 8
#: What a run that was not begun says.
UNFINISHED = "stopped before its turn"
#: Seconds between two words from within a run.
TELL_S = 0.5
#: Reasons that ``str`` of a sweep repeats.
SHOWN = 20


@dataclass(frozen=True)
class SweepProgress:
    """
    Where a sweep stands.

    Parameters
    ----------
    done, total
        Runs that have ended, those of an earlier sweep included, and all.
    seconds
        Since it began.
    left_s
        Likely seconds until it is done; None before the first run has ended.
    current
        What is under way.
    """

    done: int
    total: int
    seconds: float
    left_s: float | None
    current: tuple[str, ...]


#: Told where a sweep stands; returning True stops it and keeps what is done, as Ctrl-C does.
Listener = Callable[[SweepProgress], "bool | None"]


@dataclass(frozen=True)
class Sweep:
    """
    What the runs of a grid came to.

    Parameters
    ----------
    table
        A row per run in the order of the grid: ``run`` (its name), ``transport`` where there are transport scenarios, a
        column per key, ``status, gap, seconds, reason``, and a column per KPI (total of the horizon). An empty cell of
        a key means that the run leaves it as it is. The status is that of a solution, or ``failed``, ``interrupted``
        (while it ran) or ``not_run``; without a plan every KPI is NaN. A KPI that is called as a key is has its unit
        behind it (``landfill_tax_eur``).
    summary
        As in ``summary.json``.
    folder
        Where it was written.
    interrupted
        Whether somebody stopped it.
    """

    table: pd.DataFrame
    summary: Mapping[str, Any]
    folder: Path
    interrupted: bool = False

    @property
    def failed(self) -> pd.DataFrame:
        """Runs that failed, with their reasons."""
        return self.table[self.table["status"] == "failed"]

    def solution(self, run: str) -> Solution:
        """
        Read the solution of a run back.

        Parameters
        ----------
        run
            Its name in the table.

        Raises
        ------
        InputError
            There is no such run, it has no plan, or the sweep kept KPIs only.
        """
        if run not in set(self.table["run"]):
            raise InputError(f'there is no run "{run}" in this sweep{did_you_mean(run, self.table["run"])}')
        place = self.folder / "runs" / run
        if not (place / "summary.json").is_file():
            raise InputError(f'no solution of run "{run}" was kept: it has no plan, or the sweep kept KPIs only')
        return read_solution(place)

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in self.summary["statuses"].items())
        lines = [f"{self.summary['scenario']}: {len(self.table)} runs, {counts}"]
        if self.summary["reused"]:
            lines[0] += f" ({self.summary['reused']} done before)"
        told = self.table[self.table["reason"] != ""]
        told = told[told["status"] != "not_run"]
        for _, row in told.head(SHOWN).iterrows():
            lines.append(f"  {row['run']}  {row['status'].replace('_', ' ')}: {row['reason']}")
        if len(told) > SHOWN:
            lines.append(f"  ... and {len(told) - SHOWN} more")
        return "\n".join(lines + (["stopped before all were run"] if self.interrupted else []))


def sweep(
    scenario: Scenario,
    grid: str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    workers: int = 1,
    dask: str | None = None,
    keep: str = "kpis",
    gap: float | None = None,
    time_limit: float | None = None,
    warm: bool = True,
    on_progress: Listener | None = None,
    quiet: bool = True,
) -> Sweep:
    """
    Solve a scenario at every point of a grid, and write each run as it ends.

    A sweep that was stopped or killed goes on where it was: what has ended is not done again, as long as scenario,
    values, transport scenario, gap and isopt are the same. Runs that another scenario or grid left in the folder stay
    there and are not used.

    Parameters
    ----------
    scenario
        What is swept.
    grid
        A TOML file or its content, see `isopt.studies.grid.read_grid`.
    out
        Folder for ``sweep.csv``, ``sweep.parquet``, ``summary.json`` and ``runs/``; made where it does not exist.
    workers
        Processes of this machine, each of one thread; with one, runs are done in this process.
    dask
        Address of the scheduler of a Dask cluster that does the runs instead.
    keep
        ``kpis``, or ``solutions`` for a folder with all tables of each run.
    gap
        Relative gap of each run; the scenario's, and the exact optimum where that takes no time, if not given. With a
        gap of 0 a run's optimum does not depend on how and where it is done; with one that is given, nor does its plan,
        unless it runs out of time.
    time_limit
        Seconds of each run; the scenario's if not given.
    warm
        Keep candidate links from run to run where only prices and amounts change and, with a gap above 0, start from
        the plan of the scenario as it is. It saves time and decides between plans that are equally good at most.
    on_progress
        Told where the sweep stands; returning True stops it.
    quiet
        False shows live progress on a terminal.

    Returns
    -------
    sweep
        Of all runs; those that failed, were stopped or not begun say so and why. Ctrl-C keeps what is done.

    Raises
    ------
    InputError
        An argument makes no sense, a file can't be read, or no cluster answers.
    ScenarioError
        With everything that is wrong in the grid, before anything is run.

    Examples
    --------
    >>> import isopt
    >>> found = sweep(isopt.read("scenarios/two_firms"), {"axes": {"landfill_tax": [0, 50]}}, "out/sweep", gap=0)
    >>> found.table[["landfill_tax", "status", "cost_total"]].values.tolist()
    [[0, 'optimal', 1668.0], [50, 'optimal', 2668.0]]
    """
    _require(keep, gap, time_limit)
    executor(workers)  # refuses a number without sense before anything is read
    read = read_grid(grid, scenario)
    began = time.perf_counter()
    asked = _Asked(scenario, read, keep, gap, time_limit, warm=warm)
    points = asked.points()
    folder = Path(out)
    store = _store(folder)
    records: dict[str, Mapping[str, Any]] = {}
    for name in points:
        if (record := store.load(name, time_limit=asked.limit, keep=keep == "solutions")) is not None:
            records[name] = record
    reused = len(records)
    jobs = [Job(name, (name, point)) for name, point in points.items() if name not in records]
    with TerminalProgress(quiet=quiet) as terminal, interruptible() as pressed:
        watch = _Watch(points, records, store, terminal, on_progress, pressed.is_set)
        work = Work(asked.region(len(points)), prepare, run_point, share=with_plan)
        events = executor(workers, dask, stop=watch.beat)(work, jobs)
        try:
            for event in events:
                watch.hear(event)
                if watch.stopped:
                    break
        except KeyboardInterrupt:  # the second Ctrl-C, or the first one where the program handles it by itself
            watch.stopped = True
        except IsoptError:  # a worker that Ctrl-C has met as well
            if not watch.stopped:
                raise
        finally:
            events.close()
    interrupted = watch.stopped and len(records) < len(points)
    table = sweep_table(read, points, {**watch.unfinished(), **records})
    summary = asked.summary(table) | {
        "reused": reused,
        "workers": dask or workers,
        "interrupted": interrupted,
        "seconds": round(time.perf_counter() - began, 3),
    }
    write_sweep(folder, table, summary)
    return Sweep(table, summary, folder, interrupted)


@dataclass(frozen=True)
class _Asked:
    """What a sweep is asked for."""

    scenario: Scenario
    grid: Grid
    keep: str
    gap: float | None
    time_limit: float | None
    warm: bool
    version: str = field(default_factory=lambda: metadata.version("isopt"))

    @property
    def limit(self) -> float:
        """Seconds of each run."""
        return self.scenario.settings.solver.time_limit_s if self.time_limit is None else float(self.time_limit)

    def points(self) -> dict[str, Point]:
        """All runs by name; what is asked for twice is done once."""
        fingerprint, transports = self.scenario.fingerprint, self.grid.transports or {}
        named: dict[str, Point] = {}
        for point in self.grid.points():
            name = run_id(fingerprint, point, transports.get(point.transport), self.gap, self.version)
            named.setdefault(name, point)
        return named

    def region(self, runs: int) -> Region:
        """What all runs share; starting from a plan only misleads a search for the very optimum (measured)."""
        gap = self.scenario.settings.solver.gap if self.gap is None else self.gap
        return Region(
            self.scenario,
            self.grid.transports or {},
            self.gap,
            self.time_limit,
            keep=self.keep == "solutions",
            warm=self.warm,
            start=self.warm and runs >= START_FROM and gap > 0,
            version=self.version,
        )

    def summary(self, table: pd.DataFrame) -> dict[str, Any]:
        """What was asked, and how the runs ended."""
        return {
            "scenario": self.scenario.title,
            "name": self.scenario.name,
            "fingerprint": self.scenario.fingerprint,
            "isopt": self.version,
            "runs": len(table),
            "statuses": {str(status): int(n) for status, n in table["status"].value_counts(sort=False).items()},
            "keys": list(self.grid.keys),
            "transport": list(self.grid.names),
            "gap": self.gap,
            "time_limit_s": self.limit,
            "kept": self.keep,
            "inputs": dict(self.scenario.inputs),
        }


def _require(keep: str, gap: float | None, time_limit: float | None) -> None:
    """Refuse arguments without sense."""
    if keep not in ("kpis", "solutions"):
        raise InputError(f'keep is "kpis" or "solutions", not "{keep}"{did_you_mean(keep, ("kpis", "solutions"))}')
    require_numbers(gap, time_limit)


def _store(folder: Path) -> Store:
    try:
        store = Store(folder)
        store.clean()
    except OSError as error:
        raise InputError(f"{folder} can't be written to: {error.strerror or error}") from error
    return store


class _Watch:
    """Takes in what happens, writes runs as they end, and tells how far it is."""

    def __init__(
        self,
        points: Mapping[str, Point],
        records: dict[str, Mapping[str, Any]],
        store: Store,
        terminal: TerminalProgress,
        listener: Listener | None,
        pressed: Callable[[], bool],
    ) -> None:
        self._points, self._records, self._store = points, records, store
        self._terminal, self._listener, self._pressed = terminal, listener, pressed
        self._began = self._told_at = time.perf_counter()
        self._before = len(records)
        self._running: dict[str, float] = {}
        self._told: dict[str, Mapping[str, Any]] = {}
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._stopped or self._pressed()

    @stopped.setter
    def stopped(self, value: bool) -> None:
        self._stopped = value

    def beat(self) -> bool:
        """Look up from within a run, and say whether to stop."""
        if time.perf_counter() - self._told_at > TELL_S:
            self._tell()
        return self.stopped

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Begun):
            self._running[event.name] = time.perf_counter()
        elif not isinstance(event, Beat):
            since = self._running.pop(event.name)
            result = event.value if event.failure is None else self._lost(event.name, event.failure, since)
            if result.record["status"] == "interrupted":
                self._told[event.name] = result.record
                self._stopped = True
            else:
                self._store.save(result)
                self._records[event.name] = result.record
        self._tell()

    def _lost(self, name: str, failure: str, since: float) -> Result:
        """The record of a run that has none of its own: the next sweep tries it again."""
        seconds = round(time.perf_counter() - since, 4)
        reason = " ".join(failure.split())
        return Result({"id": name, "status": "failed", "reason": reason, "seconds": seconds, "again": True})

    def _tell(self) -> None:
        self._told_at = time.perf_counter()
        done, total = len(self._records), len(self._points)
        spent = time.perf_counter() - self._began
        ended = done - self._before
        left = spent / ended * (total - done) if ended else None
        current = tuple(str(self._points[name]) for name in self._running)
        self._terminal.count(f"run {current[0]}" if current else "run", ended, total - self._before)
        if self._listener is not None and self._listener(SweepProgress(done, total, spent, left, current)):
            self._stopped = True

    def unfinished(self) -> dict[str, Mapping[str, Any]]:
        """What is known of the runs that have no record."""
        rows: dict[str, Mapping[str, Any]] = {}
        for name in self._points:
            status, reason = (
                ("not_run", UNFINISHED) if name not in self._running else ("interrupted", "stopped by hand")
            )
            rows[name] = {"status": status, "reason": reason}
        return rows | self._told
