"""One run of a sweep: its name, how it is solved, its record and its place on disk."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from isopt.errors import IsoptError, ScenarioError
from isopt.network import instance_of
from isopt.network.candidates import Candidates, find_candidates
from isopt.network.measure import with_distances
from isopt.network.nodes import parties_of
from isopt.scenario import Scenario
from isopt.solution import Solution
from isopt.solution.store import replace_text, write_solution
from isopt.solver.compile import StandardForm
from isopt.studies.levers import SETTINGS, Lever
from isopt.studies.points import Point, is_lever, variant_at
from isopt.studies.solving import Array, Options, solution_of
from isopt.studies.transport import TransportChange, transport_scenario

__all__ = ["Bench", "Region", "Result", "Store", "keeps_candidates", "prepare", "run_id", "run_point", "with_plan"]

#: Statuses that stay whatever time another sweep allows.
SETTLED = frozenset({"optimal", "infeasible", "failed"})
#: Sections of the settings, and keys beside them, that say nothing of which links are possible.
OF_VALUE = frozenset({"limits", "economics", "minimise", "solver", "baseline", "title", "price_year"})
#: Tables whose prices, emissions and amounts say nothing of it either.
PRICED = frozenset({"streams", "demands", "modes", "plants", "technologies", "disposals", "substitutions", "links"})
AMOUNTS = frozenset({"supply_per_yr", "need_per_yr"})
#: Letters of a run's name: enough that no two runs of all sweeps there are share one.
ID_LENGTH = 16
#: Problems that the reason of a failed run repeats.
TOLD = 5


@dataclass(frozen=True)
class Region:
    """
    What all runs of a sweep share.

    Parameters
    ----------
    scenario
        What is swept.
    transports
        Transport scenarios by name.
    gap, time_limit
        As for `isopt.solve`.
    keep
        Whether solutions are sent back, with all their tables.
    warm
        Whether candidate links are kept from run to run where only prices and amounts change.
    start
        Whether runs start from the plan of the scenario as it is.
    version
        Of isopt; a worker that has another one refuses.
    plan
        That plan, by names of variables, once it is known (see `with_plan`).
    """

    scenario: Scenario
    transports: Mapping[str, TransportChange] = field(default_factory=dict)
    gap: float | None = None
    time_limit: float | None = None
    keep: bool = False
    warm: bool = True
    start: bool = False
    version: str = ""
    plan: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """
    What came of a run.

    Parameters
    ----------
    record
        Status, reason, gap, seconds and KPIs, as they are written.
    solution
        With all tables, where it is to be kept and has a plan.
    """

    record: Mapping[str, Any]
    solution: Solution | None = None


def run_id(fingerprint: str, point: Point, change: TransportChange | None, gap: float | None, version: str) -> str:
    """
    Name a run by everything that its answer depends on.

    Parameters
    ----------
    fingerprint
        Of the scenario.
    point
        What is set.
    change
        The transport scenario, if there is one.
    gap
        As for `isopt.solve`.
    version
        Of isopt.

    Examples
    --------
    >>> one, two = (run_id("f00", Point({"carbon_price": price}), None, None, "1") for price in (5, 5.0))
    >>> one == two, len(one)
    (True, 16)
    """
    said = {
        "scenario": fingerprint,
        "values": sorted((key, _canonical(value)) for key, value in point.at.items()),
        "transport": [point.transport, repr(change)],
        "gap": None if gap is None else float(gap),
        "isopt": version,
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _canonical(value: Any) -> Any:
    """Write a value so that equal ones look the same and others don't."""
    if isinstance(value, bool | str):
        return value
    return list(value) if isinstance(value, tuple) else ["number", repr(float(value))]


def keeps_candidates(key: str) -> bool:
    """
    Tell whether a key leaves it as it is which links are possible: a price, a rate of emission, an amount, a limit.

    Examples
    --------
    >>> keeps_candidates("landfill_tax"), keeps_candidates("modes.truck.eur_per_tkm"), keeps_candidates("reach.max_km")
    (True, True, False)
    >>> keeps_candidates("scale.demands.need_per_yr"), keeps_candidates("policy.landfill_ban")
    (True, False)
    """
    if is_lever(key):
        lever = Lever.parse(key)
        table, column = lever.table, lever.column
    else:
        table, _, rest = key.removeprefix("scale.").partition(".")
        column = rest.rpartition(".")[2]
        if table == SETTINGS:
            column = rest.partition(".")[0]
    if table == SETTINGS:
        return column != "landfill_ban"
    return table in OF_VALUE or (table in PRICED and ("eur" in column or "kgco2" in column or column in AMOUNTS))


class Bench:
    """
    What a worker keeps at hand between runs: the region under each transport and its candidate links.

    Parameters
    ----------
    region
        What all runs share.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self._scenarios: dict[str, Scenario] = {"": region.scenario}
        self._candidates: dict[str, Candidates] = {}

    def scenario(self, transport: str) -> Scenario:
        """Return the region under a transport."""
        if transport not in self._scenarios:
            self._scenarios[transport] = transport_scenario(self.region.scenario, self.region.transports[transport])
        return self._scenarios[transport]

    def candidates(self, point: Point, variant: Scenario) -> Candidates | None:
        """Return the candidate links of a variant that were found before, None where they have to be found."""
        if not self.region.warm or not all(keeps_candidates(key) for key in point.at):
            return None
        if point.transport not in self._candidates:
            base = self.scenario(point.transport)
            self._candidates[point.transport] = find_candidates(base, parties_of(base))
        found = self._candidates[point.transport]
        return replace(found, scenario=with_distances(variant, found.scenario.distances))

    def start(self) -> Callable[[StandardForm], Array | None] | None:
        """
        Return what makes a plan to start from.

        It is that of the region as it is, whatever was run before: so no run depends on which worker did which run
        before it.
        """
        plan = self.region.plan
        if not plan:
            return None
        return lambda form: np.array([plan.get(name, 0.0) for name in form.column_names()])


def with_plan(region: Region, stop: Callable[[], bool]) -> Region:
    """
    Return the region with the plan to start from, where there is to be one: once for all workers, as they start.

    Parameters
    ----------
    region
        What all runs share.
    stop
        Asked during the solve; what was stopped is no plan to start from.
    """
    if not region.start:
        return region
    try:
        answer = solution_of(instance_of(region.scenario), options_of(region, region.scenario, stop))[1]
    except IsoptError:  # the runs say why
        return region
    if answer.outcome.values is None or answer.outcome.interrupted:
        return region
    names, values = answer.form.column_names(), answer.outcome.values.tolist()
    return replace(region, plan={name: value for name, value in zip(names, values, strict=True) if value})


def prepare(region: Region) -> Bench:
    """
    Make a worker ready for the runs of a region.

    Raises
    ------
    IsoptError
        If this worker's isopt is another one than that of the sweep.
    """
    here = metadata.version("isopt")
    if region.version not in ("", here):
        raise IsoptError(f"a worker has isopt {here}, the sweep is one of isopt {region.version}: install the same")
    return Bench(region)


def run_point(bench: Bench, payload: tuple[str, Point], stop: Callable[[], bool]) -> Result:
    """
    Do one run.

    Parameters
    ----------
    bench
        What the worker keeps at hand.
    payload
        The run's name and what it sets.
    stop
        Asked during the solve.

    Returns
    -------
    result
        Whatever happened: a variant that is wrong or has no plan is a record with its reason.
    """
    name, point = payload
    region, began = bench.region, time.perf_counter()
    record: dict[str, Any] = {"id": name, "isopt": region.version, "transport": point.transport}
    record["values"] = {key: list(value) if isinstance(value, tuple) else value for key, value in point.at.items()}
    try:
        variant = variant_at(bench.scenario(point.transport), point.at)
        options = options_of(region, variant, stop)
        candidates = bench.candidates(point, variant)
        instance = instance_of(variant, candidates=candidates)
        solution, _ = solution_of(instance, replace(options, start=bench.start()))
    except IsoptError as error:
        return Result(record | _told("failed", _reason(error), began))
    record["time_limit_s"] = options.time_limit
    if solution.interrupted:
        return Result(record | _told("interrupted", "stopped by hand", began))
    told = _told(solution.status, _why(solution, options), began)
    if not solution.has_plan:
        return Result(record | told)
    totals = solution.kpis[solution.kpis["year"].astype(str) == "total"]
    told |= {
        "gap": solution.gap,
        "objective": solution.objective,
        "bound": solution.bound,
        "kpis": {str(kpi): float(value) for kpi, value in zip(totals["kpi"], totals["value"], strict=True)},
    }
    return Result(record | told, solution if region.keep else None)


def options_of(region: Region, variant: Scenario, stop: Callable[[], bool]) -> Options:
    """A gap that was asked for is all that is asked for; otherwise the run answers as `isopt.solve` would."""
    solver = variant.settings.solver
    gap = solver.gap if region.gap is None else region.gap
    limit = solver.time_limit_s if region.time_limit is None else region.time_limit
    return Options(gap, limit, 1, lambda _: stop(), polish=region.gap is None, tables=region.keep)


def _told(status: str, reason: str, began: float) -> dict[str, Any]:
    return {"status": status, "reason": reason, "seconds": round(time.perf_counter() - began, 4)}


def _why(solution: Solution, options: Options) -> str:
    """Say why there is no plan, or none that is proven."""
    if solution.status == "optimal":
        return ""
    if solution.reason:
        return " ".join(solution.reason.split())
    if solution.status == "feasible":
        return f"the gap of {options.gap:g} was not proven within {options.time_limit:g} s"
    return f"no plan was found within {options.time_limit:g} s"


def _reason(error: IsoptError) -> str:
    """Put an error on one line."""
    if not isinstance(error, ScenarioError):
        return " ".join(str(error).split())
    told = [" ".join(str(problem).split()) for problem in error.problems[:TOLD]]
    more = len(error.problems) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


class Store:
    """
    Runs on disk: ``runs/ID.json`` for each that has ended, ``runs/ID/`` for its solution.

    Both are made under another name and moved, the record last: what has a record is whole.

    Parameters
    ----------
    folder
        Of the sweep; made where it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "runs"
        self.folder.mkdir(parents=True, exist_ok=True)

    def clean(self) -> None:
        """Remove what a sweep left half-written when it was killed."""
        for path in self.folder.iterdir():
            if re.fullmatch(rf"\.[0-9a-f]{{{ID_LENGTH}}}\..*", path.name):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def load(self, name: str, *, time_limit: float, keep: bool) -> dict[str, Any] | None:
        """
        Read the record of a run that need not be done again.

        Parameters
        ----------
        name
            Of the run.
        time_limit
            Seconds it would have now; one that ended unproven for want of time is done again with more.
        keep
            Whether its solution has to be there too.
        """
        try:
            record = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("id") != name or "status" not in record or record.get("again"):
            return None
        if record["status"] not in SETTLED and not record.get("time_limit_s", 0.0) >= time_limit:
            return None
        if keep and "kpis" in record and not (self.folder / name / "summary.json").is_file():
            return None
        return record

    def save(self, result: Result) -> None:
        """Write a run that has ended."""
        name = str(result.record["id"])
        if result.solution is not None:
            temporary = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=self.folder))
            temporary.chmod(0o755)
            write_solution(result.solution, temporary)
            shutil.rmtree(self.folder / name, ignore_errors=True)
            os.replace(temporary, self.folder / name)
        text = json.dumps(result.record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        replace_text(self.folder / f"{name}.json", text)
