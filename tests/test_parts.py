"""Independent parts: their sum is the whole, to the last digit and whatever happens on the way."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from isopt.formulation.arrays import assemble
from isopt.formulation.rows import Objective, Rows, Variable
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.highs import solve_form
from isopt.solver.parts import solve_parts, split
from transport import fixed_charge


def blocks(*forms: StandardForm) -> StandardForm:
    """Several models side by side, as one that falls apart again."""
    return StandardForm(
        matrix=sp.csc_array(sp.block_diag([form.matrix for form in forms])),
        cost=np.concatenate([form.cost for form in forms]),
        offset=sum(form.offset for form in forms),
        col_lower=np.concatenate([form.col_lower for form in forms]),
        col_upper=np.concatenate([form.col_upper for form in forms]),
        row_lower=np.concatenate([form.row_lower for form in forms]),
        row_upper=np.concatenate([form.row_upper for form in forms]),
        integer=np.concatenate([form.integer for form in forms]),
        columns={},
        rows={},
    )


def knapsack(worth: list[float], room: float, offset: float = 0.0) -> StandardForm:
    """Choose what is worth most while each thing takes one unit of room."""
    things = Variable("taken", len(worth), upper=1.0, integer=True)
    rows = {"room": Rows(taken=np.ones((1, len(worth))), at_most=room)}
    return standard_form(assemble("knapsack", [things], rows, Objective({"taken": -np.array(worth)}, offset)))


def test_what_never_meets_in_a_row_comes_apart():
    """Two knapsacks and a column that stands in no row are three parts; what has no whole numbers comes first."""
    loose = Variable("loose", 1, upper=5.0)
    alone = standard_form(assemble("alone", [loose], {}, Objective({"loose": np.array([-2.0])})))
    parts = split(blocks(knapsack([3, 2], 1), knapsack([5, 4, 1], 2), alone))

    assert [part.columns.tolist() for part in parts] == [[5], [0, 1], [2, 3, 4]]
    assert [part.weight for part in parts] == [0, 2, 3]


def test_the_parts_add_up_to_the_whole():
    """3 + (5 + 4) + 2 x 5 = 22 earned, plus what is paid in any case: 100 + 7."""
    loose = Variable("loose", 1, upper=5.0)
    alone = standard_form(assemble("alone", [loose], {}, Objective({"loose": np.array([-2.0])})))
    outcome = solve_parts(blocks(knapsack([3, 2], 1, 100.0), knapsack([5, 4, 1], 2, 7.0), alone), gap=0.0)

    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(107 - 22)
    assert outcome.bound == pytest.approx(107 - 22)
    assert outcome.values is not None
    assert outcome.values.tolist() == [1, 0, 1, 1, 0, 5]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.integers(0, 4)), min_size=1, max_size=5))
def test_parts_and_whole_agree(models):
    """Solving the parts and solving the whole give the same optimum."""
    form = blocks(*(knapsack([float(worth) for worth in worths], room) for worths, room in models))

    assert solve_parts(form, gap=0.0).objective == pytest.approx(solve_form(form, gap=0.0).objective)


def test_one_part_without_a_plan_means_none_at_all():
    """A knapsack that must hold three of two things is infeasible, and so is the region."""
    must = knapsack([3, 2], 1)
    must = StandardForm(**{**vars(must), "row_lower": np.array([3.0]), "row_upper": np.array([9.0])})

    assert solve_parts(blocks(knapsack([5, 4, 1], 2), must)).status == "infeasible"


def test_a_part_without_bottom_is_named_so():
    """A column that earns without end makes the whole unbounded."""
    endless = Variable("endless", 1)
    alone = standard_form(assemble("alone", [endless], {}, Objective({"endless": np.array([-1.0])})))

    assert solve_parts(blocks(knapsack([3, 2], 1), alone)).status == "unbounded"


def test_stopping_keeps_a_plan_of_every_part():
    """Who stops the search in its first part still gets a plan for all of them, marked as stopped."""
    form = blocks(fixed_charge(20, 20), fixed_charge(24, 24))
    heard = []

    def stop(progress):
        heard.append(progress)
        return progress.stage.startswith("search")

    outcome = solve_parts(form, gap=0.0, time_limit=60.0, on_progress=stop)

    assert outcome.status == "feasible"
    assert outcome.interrupted
    assert outcome.values is not None
    assert outcome.bound is not None
    assert outcome.bound <= outcome.objective
    assert heard[-1].stage == "done"


def test_the_time_limit_is_shared_and_kept():
    """Two hard parts in two seconds: both have a plan, the bound is honest, the limit is kept."""
    outcome = solve_parts(blocks(fixed_charge(30, 30), fixed_charge(40, 40)), gap=0.0, time_limit=4.0)

    assert outcome.status == "feasible"
    assert not outcome.interrupted
    assert outcome.objective is not None
    assert outcome.bound is not None
    assert outcome.bound < outcome.objective
    assert outcome.seconds < 4.0 * 1.5 + 2.0


def test_a_gap_is_met_over_all_parts():
    """With 5 % asked for, the whole is within 5 % and says so."""
    outcome = solve_parts(blocks(fixed_charge(12, 12), fixed_charge(14, 14)), gap=0.05, time_limit=60.0)

    assert outcome.status == "optimal"
    assert outcome.gap is not None
    assert outcome.gap <= 0.05
