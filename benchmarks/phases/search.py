"""A bound, a plan, a proof; on clocks, because a time limit is on the clock."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.plain import Facts
from benchmarks.registry import Bench, phase

if TYPE_CHECKING:
    from isopt.solver.outcome import Progress

PLAN_GAP, PROOF_GAP = 0.01, 1e-4
"""Share of cost at which a plan is good enough, and at which it counts as proven."""
Told = dict[str, float | str | None]

bound = phase("bound", "linear relaxation solved", needs=("hand_over",), inputs=("region",), search=True)
plan = phase(
    "plan", f"a plan within {PLAN_GAP:.0%} of its bound", needs=("hand_over",), inputs=("region",), search=True
)
prove = phase(
    "prove", f"a plan proven to {PROOF_GAP:.0e}", needs=("hand_over",), inputs=("region",), search=True, upto=20_000
)

race = phase(
    "race",
    "all the time for one search: when isopt has the gap that HiGHS alone ends with",
    needs=("hand_over",),
    inputs=("region",),
    search=True,
)
_TRACE = "trace.json"
"""Gap on savings after so many CPU seconds of isopt, for whoever ends later."""


@bound.does("isopt")
def _thin(bench: Bench) -> Told:
    """Leave out the openings that follow from their flow: the same optimum, of a smaller program, with a proof."""
    from isopt.solver.large.bound import relaxation
    from isopt.solver.large.thin import thin

    found = relaxation(thin(bench.made["hand_over"][0]), seconds=bench.seconds)
    return {"objective": found.bound if found.status == "optimal" else None}


@bound.does("numpy")
@bound.does("linopy")
def _relaxed(bench: Bench) -> Told:
    import highspy

    lp = bench.made["hand_over"].getLp()
    lp.integrality_ = []
    relaxed = highspy.Highs()
    relaxed.setOptionValue("output_flag", False)
    relaxed.passModel(lp)
    return _linear(relaxed, bench.seconds)


def _linear(solver: Any, seconds: float) -> Told:
    import highspy

    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return {"objective": solver.getInfo().objective_function_value if optimal else None}


def _isopt(bench: Bench, gap: float) -> Told:
    """Whatever isopt solve would do: it builds and hands over again, which is little beside the search."""
    from isopt.studies.finding import Options
    from isopt.studies.solving import solve_instance

    options = Options(gap, bench.seconds, threads=1, listen=lambda _: None, polish=False, method="auto")
    outcome = solve_instance(bench.made["instance"], options).outcome
    return _told(bench, outcome.objective, outcome.bound, gap)


def _highs(bench: Bench, gap: float) -> Told:
    """HiGHS by itself, once."""
    solver = bench.made["hand_over"]
    solver.clearSolver()
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("time_limit", bench.seconds)
    solver.setOptionValue("threads", 1)
    solver.run()
    info = solver.getInfo()
    found = np.isfinite(info.objective_function_value) and info.primal_solution_status == 2
    return _told(bench, info.objective_function_value if found else None, info.mip_dual_bound, gap)


def _alone(bench: Bench) -> float:
    """Cost without any exchange."""
    facts = bench.made.get("facts") or Facts.load(bench.folder / "facts.npz")
    carbon = facts.carbon_eur[0] / 1000
    alone = ((facts.stream_eur + carbon * facts.stream_kgco2) * facts.supply).sum()
    return float(alone + ((facts.demand_eur + carbon * facts.demand_kgco2) * facts.need).sum())


def _told(bench: Bench, objective: float | None, least: float | None, wanted: float) -> Told:
    """Objective, bound, and the gap on cost and on what is saved against no exchange at all."""
    alone = _alone(bench)
    if objective is None or least is None or not np.isfinite(least):
        return {"objective": objective, "bound": None, "gap": None, "gap_on_savings": None, "done": None}
    gap, saved = (objective - least) / abs(objective), alone - objective
    on_savings = (objective - least) / saved if saved > 0 else None
    return {
        "objective": objective,
        "bound": least,
        "gap": gap,
        "gap_on_savings": on_savings,
        "done": gap <= wanted * (1 + 1e-6) or None,
    }


plan.does("isopt")(lambda bench: _isopt(bench, PLAN_GAP))
plan.does("numpy")(lambda bench: _highs(bench, PLAN_GAP))
prove.does("isopt")(lambda bench: _isopt(bench, PROOF_GAP))
prove.does("numpy")(lambda bench: _highs(bench, PROOF_GAP))


@race.does("isopt")
def _traced(bench: Bench) -> Told:
    """Search as isopt solve does, and write down when it had which gap."""
    from isopt.studies.finding import Options
    from isopt.studies.solving import solve_instance

    alone, began = _alone(bench), time.process_time()
    trace: list[tuple[float, float]] = []

    def listen(progress: Progress) -> None:
        if progress.incumbent is not None and progress.bound is not None and progress.incumbent < alone:
            gap = (progress.incumbent - progress.bound) / (alone - progress.incumbent)
            if not trace or gap < trace[-1][1]:
                trace.append((time.process_time() - began, gap))

    options = Options(0.0, bench.seconds, threads=1, listen=listen, polish=False, method="auto")
    outcome = solve_instance(bench.made["instance"], options).outcome
    (bench.folder / _TRACE).write_text(json.dumps(trace), encoding="ascii")
    return _told(bench, outcome.objective, outcome.bound, 0.0)


@race.does("numpy", upto=200_000)
def _overtaken(bench: Bench) -> Told:
    """Let HiGHS search alone; tell when isopt had the gap that it ends with."""
    told = _highs(bench, 0.0)
    trace = json.loads((bench.folder / _TRACE).read_text(encoding="ascii"))
    reached = told["gap_on_savings"]
    there = [seconds for seconds, gap in trace if isinstance(reached, float) and gap <= reached]
    return {**told, "isopt_s": there[0] if there else None}
