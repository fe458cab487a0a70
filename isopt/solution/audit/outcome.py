"""What a solution claims as a whole: status, objective, bound, gaps, and its baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.judge import Verdict, holds, single
from isopt.solution.audit.kpis import TOTAL, figures
from isopt.solution.audit.solution import KEYS, Audited

TABLE = "summary"
SOLVED = ("optimal", "feasible")
UNSOLVED = ("infeasible", "no_solution")
KPI_OF = {"cost": "cost_total", "co2": "co2_total", "landfilled": "landfilled", "tonne_km": "tonne_km"}
NOTHING = 1e-9  # an objective or a saving below this share of what it adds up is rounding


def the_status_is_one_of_four(solution: Audited) -> Verdict:
    """Hold that "`status` is `optimal`, `feasible`, `infeasible` or `no_solution`"."""
    known = (*SOLVED, *UNSOLVED)
    return single(
        TABLE, "status", solution.status in known, " or ".join(known), solution.status, "the status is one of four"
    )


def without_a_plan_no_numbers_are_claimed(solution: Audited) -> Verdict:
    """Hold that a scenario without a plan has no objective, gap, KPI or row; a bound may be known without one."""
    claims = {"objective": solution.objective, "gap": solution.gap, "gap_on_savings": solution.gap_on_savings}
    if solution.status == "infeasible":
        claims["bound"] = solution.bound
    verdict = Verdict()
    for name, value in claims.items():
        verdict += single(TABLE, name, _none(value), "nothing", value, f"without a plan there is no {name}")
    for name, frame in solution.tables.items():
        verdict += single(name, "all", frame.empty, 0, len(frame), "without a plan there are no rows")
    values = solution.kpis["value"].dropna() if "value" in solution.kpis else solution.kpis
    return verdict + single("kpis", "all", values.empty, 0, len(values), "without a plan there are no KPIs")


def the_objective_is_what_is_minimised(solution: Audited, evidence: Evidence) -> Verdict:
    """
    Hold the objective against the KPIs worked out from the flows.

    "minimise what = cost, co2, landfilled, tonne_km", or the sum of `weights` times them; cost is discounted. The
    baseline is "at least cost".
    """
    want, gross = objective(evidence)
    return single(
        TABLE,
        "objective",
        _near(want, solution.objective, evidence.tolerance, gross),
        want,
        solution.objective,
        "the objective",
    )


def the_bound_is_no_more_than_the_objective(solution: Audited, evidence: Evidence) -> Verdict:
    """
    Hold the bound, the gap and what the status says of it.

    "Status, bound and gap travel with every number": bound <= objective, gap = (objective - bound) / |objective|, and
    an optimal plan is within the gap that was asked for.
    """
    value, bound, gap, tolerance = solution.objective, solution.bound, solution.gap, evidence.tolerance
    if value is None or _none(bound) or bound is None:
        verdict = single(TABLE, "gap", _none(gap), "nothing", gap, "without a bound there is no gap")
        return verdict + single(
            TABLE, "status", solution.status == "feasible", "feasible", solution.status, "optimal needs a bound"
        )
    _, gross = objective(evidence)
    room = tolerance * max(abs(value), abs(bound)) + NOTHING * gross
    verdict = single(
        TABLE, "bound", bound <= value + room, f"at most {value:.10g}", bound, "the bound is no more than the objective"
    )
    distance = max(value - bound, 0.0)
    if abs(value) > NOTHING * max(1.0, gross):
        wanted = distance / abs(value)
        good = gap is not None and abs(gap - wanted) <= tolerance * max(1.0, wanted)
    else:
        wanted = 0.0 if distance <= room else math.inf
        good = gap is not None and wanted in {gap, math.inf}
    verdict += single(TABLE, "gap", good, wanted, gap, "the gap is (objective - bound) / |objective|")
    asked = evidence.inputs.scenario.settings.solver.gap
    close = wanted <= asked + tolerance or distance <= room
    proven = solution.status != "optimal" or close
    return verdict + single(
        TABLE, "status", proven, f"gap <= {asked:g}", wanted, "an optimal plan is within the gap asked for"
    )


def the_gap_on_savings_is_that_of_cost(solution: Audited, evidence: Evidence, baseline: Evidence | None) -> Verdict:
    """
    Hold the gap on savings, where cost is minimised: (objective - bound) / (cost of the baseline - objective).

    "Gaps are reported on savings against the baseline as well as on cost."
    """
    told, value, bound = solution.gap_on_savings, solution.objective, solution.bound
    settings = evidence.inputs.scenario.settings.minimise
    costs = settings.weights is None and settings.what == "cost"
    if baseline is None or value is None or bound is None or _none(bound) or not costs:
        return single(
            TABLE, "gap_on_savings", _none(told), "nothing", told, "there are no savings in cost to compare with"
        )
    before, gross = objective(baseline)
    saved = before - value
    if saved <= NOTHING * gross + evidence.tolerance * abs(value):
        return Verdict()
    want = max(value - bound, 0.0) / saved
    room = evidence.tolerance * max(1.0, want) * max(1.0, abs(value) / saved)
    good = told is not None and abs(told - want) <= room
    return single(TABLE, "gap_on_savings", good, want, told, "the gap on savings is (objective - bound) / saved")


def a_missing_baseline_says_why(solution: Audited) -> Verdict:
    """Hold "each result stores it and reports against it; where it is infeasible it is null and says why"."""
    there = solution.baseline is not None and solution.baseline.status in SOLVED
    good = there or bool(solution.baseline_reason)
    return single(TABLE, "baseline", good, "a reason", solution.baseline_reason, "a missing baseline says why")


def the_baseline_has_no_exchange_between_organisations(evidence: Evidence) -> Verdict:
    """
    Hold that no flow of the baseline joins two organisations.

    "Baseline: the same scenario with no exchange between different organisations ... (`keep_existing = true` keeps
    existing links)". "An exchange is foreign if any of its ends is another organisation's (a plant's is its owner);
    the baseline drops only the foreign ends."
    """
    flows, keep = evidence.flows, evidence.inputs.scenario.settings.baseline.keep_existing
    own = ~flows["is_exchange"] | (flows["supplier"] == flows["taker"])
    kept = keep & (flows["status"] == "existing")
    return holds("flows", flows, KEYS["flows"], own | kept, "the baseline has no exchange between organisations")


def objective(evidence: Evidence) -> tuple[float, float]:
    """What the scenario minimises, and the gross of what it adds up: the KPI, or the sum of weights times KPIs."""
    rows = figures(evidence)
    total = rows[rows["year"] == TOTAL].set_index("figure")
    minimise = evidence.inputs.scenario.settings.minimise
    weights: Mapping[str, float] = {minimise.what: 1.0} if minimise.weights is None else minimise.weights
    weights = {"cost": 1.0} if evidence.is_baseline else weights
    some, sizes = total.loc[[KPI_OF[what] for what in weights]], np.array(list(weights.values()), dtype=float)
    return float(sizes @ some["amount"].to_numpy(dtype=float)), float(
        np.abs(sizes) @ some["gross"].to_numpy(dtype=float)
    )


def _none(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def _near(want: float, got: float | None, tolerance: float, gross: float) -> bool:
    return got is not None and abs(got - want) <= tolerance * max(abs(want), 1e-3 * gross)
