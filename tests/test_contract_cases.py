"""The contract's own examples, folder by folder: status, objective, figures and baseline as worked out on paper."""

from __future__ import annotations

import pytest
from known import SHARED, contract

import isopt
from isopt.scenario import read

FOLDERS = contract.folders(SHARED) or [None]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name if folder else "none")
def test_a_case_of_the_contract_gives_the_answer_worked_out_on_paper(shared, folder):
    """Status, objective, figures and baseline are those worked out by hand, and the audit passes."""
    due = contract.expected(folder)
    solution = isopt.solve(read(folder), gap=0.0)

    assert solution.status == due["status"]
    assert solution.objective == pytest.approx(due["objective"], rel=1e-6, abs=1e-6)
    got = {name: solution.kpi(name) for name in due["kpis"]}
    assert got == pytest.approx(due["kpis"], rel=1e-6, abs=1e-6)
    if "baseline_cost_total" in due:
        assert solution.baseline.kpi("cost_total") == pytest.approx(due["baseline_cost_total"], rel=1e-6, abs=1e-6)
    report = isopt.audit(solution)
    assert report.passed, report
