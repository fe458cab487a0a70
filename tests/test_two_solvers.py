"""The sparse hand-over, Pyomo's own HiGHS interfaces and SCIP give one optimum on every known case."""

from __future__ import annotations

from functools import cache, partial

import pyscipopt
import pytest
from known import SHARED, balinski, california, contract, five_firms, orlib, relog
from pyomo.contrib.appsi.solvers import Highs
from pyomo.contrib.solver.common.factory import SolverFactory as NewSolverFactory
from pyomo.contrib.solver.common.results import TerminationCondition

from isopt.formulation import build
from isopt.network import instance_of
from isopt.scenario import read
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form, write_lp

INFEASIBLE = None
CLOSE = {"rel": 1e-6, "abs": 1e-6}
CONTRACT = {folder.name: partial(read, folder) for folder in contract.folders(SHARED)}
PUBLISHED = {
    "cap41": lambda: orlib.case(SHARED, "cap41").scenario(),
    "cap41 made at sites": lambda: orlib.case(SHARED, "cap41", made_at_sites=True).scenario(),
    "cap41 one site each": lambda: orlib.case(SHARED, "cap41", one_site_each=True).scenario(),
    "cap131": lambda: orlib.case(SHARED, "cap131").scenario(),
    "balinski": lambda: balinski.case(SHARED).scenario(),
    "relog s1": lambda: relog.s1(SHARED).scenario(),
    "relog storage": lambda: relog.storage(SHARED).scenario(),
    "relog boat": lambda: relog.boat(SHARED).scenario(),
    "relog simple": lambda: relog.simple(SHARED).scenario(),
    "five firms": lambda: five_firms.case(SHARED, 1.0).scenario(),
    "five firms, a tenth": lambda: five_firms.case(SHARED, 0.1).scenario(),
    "five firms, free links": lambda: five_firms.case(SHARED, 0.0).scenario(),
    "california": lambda: california.case(SHARED).scenario(),
    "california by distance": lambda: california.case(SHARED, what="tonne_km").scenario(),
    "california, one site": lambda: california.case(SHARED, sites=1).scenario(),
}
CASES = CONTRACT | PUBLISHED
#: Cases that SCIP checks: one or more of every constraint family.
BY_SCIP = [
    *(name for name in CONTRACT if name not in {"nearest", "reach", "not-within"}),
    "cap41", "balinski", "relog storage", "relog simple", "five firms", "california",
]  # fmt: skip


@cache
def by_hand_over(name):
    """Our own way: one sparse matrix."""
    outcome = solve_form(standard_form(build(instance_of(CASES[name]()))), gap=0.0, time_limit=120)
    assert outcome.status in {"optimal", "infeasible"}
    return outcome.objective


def by_appsi(model):
    """Pyomo's first HiGHS interface."""
    solver = Highs()
    solver.config.load_solution = False
    solver.config.time_limit = 120
    solver.highs_options = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    result = solver.solve(model)
    if result.termination_condition.name in {"infeasible", "infeasibleOrUnbounded"}:
        return INFEASIBLE
    assert result.termination_condition.name == "optimal"
    return result.best_feasible_objective


def by_new_interface(model):
    """Pyomo's new HiGHS interface."""
    result = NewSolverFactory("highs").solve(
        model,
        rel_gap=0.0,
        abs_gap=0.0,
        time_limit=120,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
    )
    if result.termination_condition in {
        TerminationCondition.provenInfeasible,
        TerminationCondition.infeasibleOrUnbounded,
    }:
        return INFEASIBLE
    assert result.termination_condition == TerminationCondition.convergenceCriteriaSatisfied
    return result.incumbent_objective


@pytest.mark.parametrize("interface", [by_appsi, by_new_interface], ids=["appsi", "new"])
@pytest.mark.parametrize("name", CASES)
def test_pyomos_own_interfaces_find_the_optimum_of_the_sparse_hand_over(shared, name, interface):
    """The arrays as Pyomo's interfaces see them, row by row, and as one matrix: one optimum, or none on both roads."""
    due, got = by_hand_over(name), interface(build(instance_of(CASES[name]())))

    assert got == (INFEASIBLE if due is INFEASIBLE else pytest.approx(due, **CLOSE))


@pytest.mark.parametrize("name", BY_SCIP)
def test_another_solver_finds_the_same_optimum(shared, name, tmp_path):
    """SCIP reads our LP text and agrees with HiGHS."""
    write_lp(build(instance_of(CASES[name]())), tmp_path / "model.lp")
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(tmp_path / "model.lp"))
    scip.setParam("limits/time", 120)
    scip.optimize()
    due = by_hand_over(name)

    assert scip.getStatus() == ("infeasible" if due is INFEASIBLE else "optimal")
    if due is not INFEASIBLE:
        assert scip.getObjVal() == pytest.approx(due, rel=1e-6, abs=1e-5)


def test_the_cases_are_there(shared):
    """The contract's examples and the published cases are all compared."""
    assert len(CONTRACT) >= 40
    assert set(BY_SCIP) <= set(CASES)
