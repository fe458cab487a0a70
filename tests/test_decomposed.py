"""A model solved part by part: the whole's answer, and no part solved twice for the same."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from isopt.solver.compile import StandardForm
from isopt.solver.highs import Session, solve_form
from isopt.studies.decomposed import Decomposed


def three_knapsacks(seed, *, capped=np.inf):
    """Three choices of some of five things each, at least so much weight; a row over all that bounds nothing yet."""
    rng = np.random.default_rng(seed)
    weight, cost = rng.integers(1, 9, 15).astype(float), rng.integers(1, 9, 15).astype(float)
    own = sp.block_diag([weight[i : i + 5][None, :] for i in (0, 5, 10)])
    return StandardForm(
        matrix=sp.csc_array(sp.vstack([own, np.ones((1, 15))])),
        cost=cost,
        offset=7.0,
        col_lower=np.zeros(15),
        col_upper=np.ones(15),
        row_lower=np.array([11.0, 11.0, 11.0, -np.inf]),
        row_upper=np.array([np.inf, np.inf, np.inf, capped]),
        integer=np.ones(15, dtype=bool),
        columns={"x": slice(0, 15)},
        rows={"least": slice(0, 3), "all": slice(3, 4)},
    )


@pytest.fixture
def solves(monkeypatch):
    """Sizes of the models that were solved, in order."""
    sizes = []
    solve = Session.solve

    def counted(self, **how):
        sizes.append(len(self.form.cost))
        return solve(self, **how)

    monkeypatch.setattr(Session, "solve", counted)
    return sizes


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_add_up_to_the_whole(seed):
    """The same least cost, bound and status as the model solved at once."""
    form = three_knapsacks(seed)
    found = Decomposed(form).solve(form, [1.0], gap=0.0, seconds=60)
    whole = solve_form(form, gap=0.0)

    assert found.status == whole.status == "optimal"
    assert (found.objective, found.bound) == pytest.approx((whole.objective, whole.bound))
    assert form.value(found.values) == pytest.approx(found.objective)


def test_only_the_part_whose_bounds_changed_is_solved_again(solves):
    """Three solves for the three parts, none for the same question, one where one part has to do without a thing."""
    form = three_knapsacks(1)
    parts = Decomposed(form)
    first = parts.solve(form, [1.0], gap=0.0, seconds=60)
    parts.solve(form, [1.0], gap=0.0, seconds=60)
    assert solves == [5, 5, 5]

    without = three_knapsacks(1)
    without.col_upper[int(np.flatnonzero(first.values > 0.5)[0])] = 0.0
    again = parts.solve(without, [1.0], gap=0.0, seconds=60)
    assert solves == [5, 5, 5, 5]
    assert again.objective == pytest.approx(solve_form(without, gap=0.0).objective)


def test_between_two_weights_with_the_same_plan_nothing_is_solved(solves):
    """A cost between two others, of which either has the same best plan, has it too: the least cost is concave."""
    form = three_knapsacks(2)
    parts = Decomposed(form)
    other = form.cost + 0.01 * np.arange(15)

    def at(share):
        form.cost[:] = (1 - share) * three_knapsacks(2).cost + share * other
        return parts.solve(form, [1 - share, share], gap=0.0, seconds=60)

    ends = at(0.0), at(1.0)
    if any(not np.array_equal(ends[0].values, end.values) for end in ends):
        pytest.fail("the plans differ: choose another seed")
    before = len(solves)
    middle = at(0.3)
    assert len(solves) == before
    assert middle.objective == pytest.approx(solve_form(form, gap=0.0).objective)


def test_a_bound_on_all_parts_is_left_to_the_whole_model():
    """Once the row over all bounds something, the parts can't be told apart."""
    form = three_knapsacks(3)
    parts = Decomposed(form)

    assert parts.solve(form, [1.0], gap=0.0, seconds=60) is not None
    assert parts.solve(three_knapsacks(3, capped=8.0), [1.0], gap=0.0, seconds=60) is None


def test_a_part_without_a_plan_is_the_whole_without_one():
    """More weight asked for than there is: infeasible, and no bound."""
    form = three_knapsacks(4)
    parts = Decomposed(form)
    form.row_lower[1] = 1000.0
    outcome = parts.solve(form, [1.0], gap=0.0, seconds=60)

    assert outcome.status == "infeasible"
    assert outcome.bound is None
