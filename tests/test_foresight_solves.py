"""Answers of foresight that follow from each other are those that a solver finds from nothing."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import FEATURES, scenarios
from test_tax_paths import kilns, works

from isopt.solver.highs import Session, solve_form
from isopt.solver.outcome import Outcome
from isopt.studies.decomposed import Decomposed
from isopt.studies.foresight import _view, foresight
from isopt.studies.foresight_past import Past
from isopt.studies.foresight_solves import Found, Solves, monotone
from isopt.studies.tax_paths import tax_path
from isopt.studies.wider import Known, from_wider

#: Random scenarios for each belief; a hundred of them with `ISOPT_EXAMPLES=100`.
EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "2"))
SOME = sorted(set(FEATURES) - {"minimise", "weights"})
TRAP = {2030: 0, 2031: 10, 2032: 100}


def solves(scenario, gap=0.0, **options):
    return Solves(scenario, gap, None, lambda what, progress: None, **({"keeps_links": True} | options))


def optimal(outcome):
    return outcome.status == "optimal"


def walked(run, scenario, belief):
    """Every model on the way: what was found warm, in the order in which it is asked."""
    years, past, starts = scenario.periods["year"].unique().tolist(), Past(), []
    for year in years:
        found = run.solve(f"announced in {year}", run.true, past, starts, 9)
        yield found
        step = run.solve("step", _view(run, scenario, "landfill_tax", belief, year), past, [*starts[:1], found], 9)
        yield step
        if not step.has_plan:
            return
        past, starts = past.after(step.plan, year), [step, found]


@pytest.mark.parametrize("belief", ["held", "this_year"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(SOME, always=("landfill_tax", "disposals", "years", "candidates"), most=6))
def test_every_answer_is_that_of_a_solver_that_knows_nothing(belief, scenario):
    """Each model, with its past as bounds, solved from nothing has the same optimum, or none either."""
    years = scenario.periods["year"].unique().tolist()
    rising = tax_path(scenario, path={years[0]: 0.0, years[-1]: 120.0}, between="linear")
    for found in walked(solves(rising), rising, belief):
        cold = solve_form(found.form, gap=0.0)
        assert (cold.objective is None) == (found.outcome.objective is None)
        if cold.objective is not None:
            assert found.outcome.objective == pytest.approx(cold.objective, rel=2e-6, abs=1e-5)
            assert found.outcome.bound <= cold.objective + 2e-6 * max(1, abs(cold.objective))


def test_most_answers_follow_from_those_before():
    """A constant tax holds no surprise: one model is solved, all other answers follow."""
    same = tax_path(kilns(), path={2030: 25}, years=range(2030, 2036))
    run = solves(same)
    first, *rest = [found.outcome.objective for found in walked(run, same, "held")]

    assert run.solves == run.true.parts.count == 1
    assert rest == pytest.approx([first] * 11)


def test_models_of_beliefs_share_what_is_in_the_solver():
    """Rates differ, rows do not; a shorter horizon has rows of its own."""
    scenario = tax_path(kilns(), path=TRAP)
    run = solves(scenario)

    assert _view(run, scenario, "landfill_tax", "held", 2031).parts is run.true.parts
    assert _view(run, scenario, "landfill_tax", "this_year", 2031).parts is not run.true.parts
    supply = tax_path(works(), "streams.ash.supply_per_yr", {2030: 100, 2031: 50})
    other = solves(supply, keeps_links=False)
    assert _view(other, supply, "streams.ash.supply_per_yr", "held", 2030).form.row_upper.max() == 100


@pytest.mark.parametrize("belief", ["held", "this_year"])
def test_large_models_are_answered_alike(belief):
    """Part by part, as countries are: the same costs, and answers follow there too."""
    large = tax_path(kilns(settings={"solver": {"method": "large"}}), path=TRAP)
    direct = tax_path(kilns(), path=TRAP)
    one, two = (foresight(scenario, gap=1e-6, belief=belief) for scenario in (large, direct))

    assert one.table["cost_total"].to_list() == pytest.approx(two.table["cost_total"].to_list(), rel=1e-5)
    assert one.table["status"].to_list() == ["optimal"] * 3
    assert one.solves < 6  # of six models


def test_time_is_one_for_all_solves():
    """A limit that leaves each solve next to nothing ends with what could be found, and says so."""
    found = foresight(tax_path(kilns(), path=TRAP), gap=0, time_limit=1e-3)

    assert set(found.table["status"]) <= {"optimal", "feasible", "no_solution"}
    assert len(found.table) == 3


# what follows from wider bounds


def box(cost, lower, upper):
    """Two whole numbers that add up to at least 3."""
    import scipy.sparse as sp

    from isopt.solver.compile import StandardForm

    return StandardForm(
        matrix=sp.csc_array(np.array([[1.0, 1.0]])), cost=np.array(cost, dtype=float), offset=0.0,
        col_lower=np.array(lower, dtype=float), col_upper=np.array(upper, dtype=float), row_lower=np.array([3.0]),
        row_upper=np.array([np.inf]), integer=np.array([True, True]), columns={"x": slice(0, 2)},
        rows={"sum": slice(0, 1)},
    )  # fmt: skip


def known(form):
    return Known(form.col_lower, form.col_upper, form.cost, solve_form(form, gap=0.0))


def test_best_of_more_is_best_of_fewer_if_it_is_among_them():
    """3 x 1 of the cheap one: still there where it may be at most 3, not where it may be at most 2."""
    wide = known(box([1, 5], [0, 0], [9, 9]))

    outcome, bound = from_wider([wide], box([1, 5], [0, 0], [3, 9]), optimal)
    assert (outcome.objective, outcome.bound, bound) == pytest.approx((3, 3, 3))
    outcome, bound = from_wider([wide], box([1, 5], [0, 0], [2, 9]), optimal)
    assert (outcome, bound) == (None, pytest.approx(3))  # no plan beats 3, though none is known


def test_other_costs_and_narrower_bounds_say_nothing():
    """What was asked under other costs, or of fewer plans, proves nothing."""
    narrow = known(box([1, 5], [0, 0], [2, 9]))

    assert from_wider([narrow], box([1, 5], [0, 0], [9, 9]), optimal) == (None, -np.inf)
    assert from_wider([narrow], box([1, 4], [0, 0], [2, 9]), optimal) == (None, -np.inf)


def test_what_had_no_plan_has_none_with_less():
    """At most 1 + 1 never makes 3."""
    none = known(box([1, 5], [0, 0], [1, 1]))

    assert none.outcome.status == "infeasible"
    assert from_wider([none], box([1, 5], [0, 1], [1, 1]), optimal)[0].status == "infeasible"


def test_parts_share_the_gap_of_the_whole():
    """Whatever is left of the gap, all parts together keep to it, and the plan is one of the whole."""
    rising = tax_path(kilns(), path=TRAP)
    form = solves(rising).true.form
    exact = solve_form(form, gap=0.0)
    for gap in (0.0, 0.05, 0.5):
        outcome = Decomposed(form).solve(form, [1.0], gap=gap, seconds=60, patience=0.0)
        assert outcome.status == "optimal"
        assert outcome.objective - outcome.bound <= gap * abs(outcome.objective) + 1e-6
        assert outcome.bound <= exact.objective + 1e-6 <= outcome.objective + 2e-6


def test_stopping_a_part_stops_the_whole():
    """A listener that says stop is heard, though a part may also be left when it is good enough."""
    form = solves(tax_path(kilns(), path=TRAP)).true.form
    session = Session(form)
    assert session.solve(gap=0.0, on_progress=lambda progress: True).status in {"optimal", "feasible", "no_solution"}

    run = solves(tax_path(kilns(), path=TRAP))
    run._listener = lambda what, progress: True
    assert run.solve("anything", run.true, Past(), [], 1) is None
    assert run.stopped


def test_announcements_learn_from_each_other():
    """A plan found later is one for earlier announcements; what is proven early holds later."""
    form = box([1, 5], [0, 0], [9, 9])

    def found(objective, bound):
        values = np.array([objective, 0.0])
        outcome = Outcome("feasible", objective, bound, (objective - bound) / objective, values, 0.0)
        return Found(None, form, outcome)

    better = monotone({2030: found(5.0, 2.9), 2031: found(4.0, 2.0), 2032: found(3.0, 2.99)}, 0.05)

    assert [one.outcome.objective for one in better.values()] == [3, 3, 3]
    assert [one.outcome.bound for one in better.values()] == [2.9, 2.9, 2.99]
    assert [one.outcome.status for one in better.values()] == ["optimal"] * 3
    none = Found(None, form, Outcome("infeasible", None, None, None, None, 0.0))
    assert monotone({2030: found(5.0, 2.9), 2031: none}, 0.05)[2031].outcome.status == "infeasible"


def test_decisions_of_the_past_outlive_a_plan_that_no_longer_uses_them():
    """Who has built the small kiln in 2031 can't have built another one, whatever the next plan says."""
    scenario = tax_path(kilns(), path=TRAP)
    run = solves(scenario)
    *_, last = list(walked(run, scenario, "held"))
    past = Past().after(last.plan, 2030).after(last.plan, 2031)

    assert past.years == (2030, 2031)
    assert (past.built["small"], past.built["big"]) == ((0.0, 1.0), (0.0, 0.0))
    lower, upper = past.bounds(run.true.instance, run.true.form)
    built = run.true.form.columns["built"]
    assert (lower[built][:2].tolist(), upper[built][:2].tolist()) == ([0, 1], [0, 1])  # small kiln, two years
    assert upper[built][2] == 1  # the third is open
    assert replace(past, years=()).bounds(run.true.instance, run.true.form)[0].tolist() == (
        run.true.form.col_lower.tolist()
    )
