"""Two roads to one answer: the engine against a plain second implementation of the contract."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from known import SHARED, contract
from oracle import solve_oracle
from strategies import FEATURES, scenario_of, scenarios

import isopt
from isopt.scenario import read

EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "12"))  # of any mix, on top of one per few features
TOGETHER = 4
FOLDERS = contract.folders(SHARED) or [None]
CLOSE = {"rel": 1e-6, "abs": 1e-4}


def plan_of(solution):
    """Amounts sent by (origin, receiver, material, mode, period), without own disposal."""
    flows = solution.flows[solution.flows["kind"] != "own_disposal"]
    keys = ["origin", "receiver", "material", "mode", "period"]
    return flows.groupby(keys)["sent"].sum().to_dict()


def agree(scenario):
    """Hold the engine against the oracle: status, optimum, baseline, and every figure that follows from its flows."""
    solution = isopt.solve(scenario, gap=0.0, time_limit=60)
    oracle = solve_oracle(scenario)

    assert solution.status == oracle.status
    if oracle.status != "optimal":
        assert solution.reason
        return
    before = None if solution.baseline is None else solution.baseline.kpi("cost_total")
    assert before == (None if oracle.baseline_cost is None else pytest.approx(oracle.baseline_cost, **CLOSE))
    report = isopt.audit(solution)
    assert report.passed, report
    assert solution.objective == pytest.approx(oracle.objective, **CLOSE)
    if scenario.settings.minimise.weights is None:  # ties are broken by cost
        assert solution.kpi("cost_total") == pytest.approx(oracle.kpis["cost_total"], rel=1e-5, abs=1e-2)
    told = solve_oracle(scenario, flows=plan_of(solution))
    known = set(solution.kpis["kpi"])
    due = {name: figure for name, figure in told.kpis.items() if name in known}
    got = {name: solution.kpi(name) for name in due}
    assert got == pytest.approx(due, rel=1e-5, abs=1e-2)  # the flows are held to six digits


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name if folder else "none")
def test_the_plain_implementation_gives_the_contracts_answers(shared, folder):
    """The second implementation is itself held against the answers worked out on paper."""
    due = contract.expected(folder)
    result = solve_oracle(read(folder))

    assert result.status == due["status"]
    assert result.objective == pytest.approx(due["objective"], rel=1e-6, abs=1e-6)
    assert {name: result.kpis[name] for name in due["kpis"]} == pytest.approx(due["kpis"], rel=1e-6, abs=1e-6)
    if "baseline_cost_total" in due:
        assert result.baseline_cost == pytest.approx(due["baseline_cost_total"], rel=1e-6, abs=1e-6)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="ISOPT_EXAMPLES" not in os.environ,
)
@given(scenario=scenarios())
def test_engine_and_plain_implementation_agree_on_any_scenario(scenario):
    """Whatever features a small scenario mixes, both roads find the same status, optimum, baseline and figures."""
    agree(scenario)


@pytest.mark.parametrize("start", range(0, len(FEATURES), TOGETHER))
def test_engine_and_plain_implementation_agree_on_each_feature(start):
    """A few features that stand together in the list, and what they need, at a time: none is left to chance."""
    agree(scenario_of(start, FEATURES[start : start + TOGETHER]))
