"""
Many solves of one region: a sweep over the landfill tax, and all the rates at which the best network changes.

The others do what one does without isopt: they build the model anew at each rate and solve it from nothing, to the same
gap. They do three of the rates, spread over the range, and the rest is extrapolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.inputs import sources_of
from benchmarks.phases.model import linopy_facts
from benchmarks.plain import Facts, linopy_model
from benchmarks.registry import Bench, phase

LEVELS, HIGH = 30, 120.0
"""Rates from 0 to so many EUR/t."""
SAMPLE = (0, LEVELS // 2, LEVELS - 1)
GAP = 0.01
"""Of each solve, on cost, for all."""
_TAX = 40.0
"""EUR/t that the region has by itself."""
_COUNT = "solves.txt"

study = phase("study", f"{LEVELS} rates of landfill tax", inputs=("region",), search=True, upto=20_000)
thresholds = phase(
    "thresholds", "all rates at which the network of some parks changes", inputs=("parks",), search=True, upto=20_000
)


def rates() -> list[float]:
    """Return the rates of the sweep."""
    return [round(HIGH * i / (LEVELS - 1), 3) for i in range(LEVELS)]


def _scenario(bench: Bench) -> None:
    import isopt.formulation
    import isopt.studies.sweep  # noqa: F401
    from benchmarks.regions import region

    bench.made["scenario"] = region(sources_of(bench.folder), bench.seed, bench.severity)


@study.does("isopt", ready=_scenario)
def _sweep(bench: Bench) -> dict[str, Any]:
    import tempfile

    from isopt.studies.sweep import sweep

    with tempfile.TemporaryDirectory(dir=bench.folder) as out:
        found = sweep(
            bench.made["scenario"],
            {"axes": {"landfill_tax": rates()}},
            out,
            gap=GAP,
            time_limit=bench.seconds,
        )
    table = found.table
    return {"runs": len(table), "objective": float(table["cost_total"].iloc[SAMPLE[1]]), "done": True}


def some_parks(bench: Bench) -> None:
    """Make the parks' scenario."""
    import isopt.formulation
    import isopt.studies.thresholds  # noqa: F401
    from benchmarks.inputs import parks

    bench.made["scenario"] = parks(bench)


@thresholds.does("isopt", ready=some_parks)
def _thresholds(bench: Bench) -> dict[str, Any]:
    from isopt.studies.thresholds import thresholds as find

    found = find(bench.made["scenario"], "landfill_tax", 0.0, HIGH, gap=0.0, time_limit=bench.seconds)
    (bench.folder / _COUNT).write_text(str(2 * len(found.table)), encoding="ascii")
    return {"rates": len(found.table), "solves": found.solves, "exact": found.exact, "done": found.exact or None}


def _instances(bench: Bench, ready: Callable[[Bench], None] = _scenario) -> None:
    """Instances at the rates of the sample: what the others begin with costs them nothing."""
    import pyomo.contrib.appsi.solvers  # noqa: F401

    from isopt.network import instance_of

    ready(bench)
    tables = [
        bench.made["scenario"].with_(policy={"landfill_tax_eur_per_t": {"non_hazardous": rates()[i]}}) for i in SAMPLE
    ]
    bench.made["instances"] = [instance_of(one) for one in tables]


def _park_instances(bench: Bench) -> None:
    _instances(bench, some_parks)


def _park_facts(bench: Bench) -> None:
    import linopy  # noqa: F401

    bench.made["facts"] = Facts.load(bench.folder / "parks.npz")


def _pyomo(bench: Bench, gap: float) -> dict[str, Any]:
    """Ordinary Pyomo models through Pyomo's HiGHS interface."""
    from pyomo.contrib.appsi.solvers import Highs

    from isopt.formulation import build

    costs = []
    for one in bench.made["instances"]:
        solver = Highs()
        solver.config.mip_gap, solver.config.time_limit = gap, bench.seconds
        solver.config.load_solution = False
        solver.highs_options = {"threads": 1}
        costs.append(solver.solve(build(one, eager=True)).best_feasible_objective)
    return _told(costs)


def _linopy(bench: Bench, gap: float) -> dict[str, Any]:
    """Models of linopy through its own HiGHS interface."""
    costs = []
    for i in SAMPLE:
        at = replace(bench.made["facts"], stream_eur=bench.made["facts"].stream_eur + rates()[i] - _TAX)
        model = linopy_model(at)
        model.solve("highs", io_api="direct", mip_rel_gap=gap, time_limit=bench.seconds, threads=1, output_flag=False)
        costs.append(model.objective.value)
    return _told(costs)


def _told(costs: list[float | None]) -> dict[str, Any]:
    found = all(cost is not None for cost in costs)
    return {"runs": len(costs), "objective": costs[1], "done": found or None}


def _of_levels(_: Bench) -> float:
    return len(SAMPLE) / LEVELS


def _of_solves(bench: Bench) -> float:
    """As many solves as the recursion takes of a whole region, two per rate and two: nobody knows them beforehand."""
    path = bench.folder / _COUNT
    return len(SAMPLE) / int(path.read_text(encoding="ascii")) if path.exists() else 1.0


study.does("pyomo", ready=_instances, sample=_of_levels)(lambda bench: _pyomo(bench, GAP))
study.does("linopy", ready=linopy_facts, sample=_of_levels)(lambda bench: _linopy(bench, GAP))
thresholds.does("pyomo", ready=_park_instances, sample=_of_solves)(lambda bench: _pyomo(bench, 1e-4))
thresholds.does("linopy", ready=_park_facts, sample=_of_solves)(lambda bench: _linopy(bench, 1e-4))
