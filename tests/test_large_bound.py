"""Large models: the thin relaxation is the relaxation, and no bound is above the optimum."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from family_cases import CASES
from known import SHARED, contract
from strategies import FEATURES, scenario_of

from benchmarks.regions import region
from isopt.formulation import build
from isopt.network import instance_of
from isopt.scenario import read
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form
from isopt.solver.large.bound import improve, relaxation
from isopt.solver.large.partition import partition
from isopt.solver.large.thin import thin

#: Random scenarios for each property; all of them with `ISOPT_EXAMPLES=500`.
EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "20"))
#: Cases of the contract that are large.
SLOW = {"nearest", "reach", "not-within"}
KNOWN = {
    **CASES,
    **{
        f"contract {folder.name}": partial(read, folder)
        for folder in contract.folders(SHARED)
        if folder.name not in SLOW
    },
}


@cache
def form_of(name):
    """Model of a known case, or of a random scenario with some features, by its number."""
    return standard_form(build(instance_of(KNOWN[name]() if isinstance(name, str) else random_scenario(name))))


def random_scenario(number):
    """A scenario with up to eleven features, the same for the same number."""
    rng = np.random.default_rng(number)
    return scenario_of(number, {str(name) for name in rng.choice(FEATURES, rng.integers(1, 12), replace=False)})


def relaxed(form):
    """The linear relaxation's outcome."""
    return solve_form(replace(form, integer=np.zeros_like(form.integer)), gap=0.0)


@pytest.mark.parametrize("name", [*KNOWN, *range(EXAMPLES)])
def test_thin_program_has_the_optimum_of_the_relaxation(name):
    """Openings that are replaced by their flows leave the relaxation's optimum as it is, and its solution can be read off."""
    form = form_of(name)
    made = thin(form)
    whole, less = relaxed(form), relaxed(made.form)

    assert less.status == whole.status
    assert made.form.shape[1] + made.exact == form.shape[1]
    if whole.values is not None:
        assert less.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-6)
        full = made.expand(less.values)
        assert form.value(full) == pytest.approx(less.objective, rel=1e-7, abs=1e-6)
        assert violation(form, full) <= 1e-6


def violation(form, values):
    """By how much a plan breaks the row or bound that it breaks most, relative to its size."""
    rows = form.matrix @ values
    size = 1 + abs(form.matrix) @ np.abs(values)
    return max(
        np.max((form.row_lower - rows) / size, initial=0.0),
        np.max((rows - form.row_upper) / size, initial=0.0),
        np.max((form.col_lower - values) / (1 + np.abs(values)), initial=0.0),
        np.max((values - form.col_upper) / (1 + np.abs(values)), initial=0.0),
    )


@pytest.mark.parametrize("number", range(EXAMPLES))
def test_blocks_hold_each_column_once_and_whole_numbers_with_their_flows(number):
    """Whatever the size and the shift, blocks are disjoint and complete, and no opening leaves the flow that it allows."""
    form, rng = form_of(number), np.random.default_rng(number)
    size, shift = int(rng.integers(1, 40)), int(rng.integers(0, 3))
    blocks = partition(form, size, shift)

    assert np.array_equal(np.sort(np.concatenate(blocks)), np.arange(form.shape[1]))
    assert all((np.diff(block) > 0).all() for block in blocks)
    home = home_of(form, blocks)
    made = thin(form)
    assert np.array_equal(home[made.opening], home[made.carrier])
    again = partition(form, size, shift)
    assert len(again) == len(blocks)
    assert all(np.array_equal(one, other) for one, other in zip(again, blocks, strict=True))


def test_borders_of_a_region_are_few_and_another_shift_has_others():
    """In a region of 1,700 links, nine in ten columns lie wholly inside their block of about 500, whose size is kept."""
    form = standard_form(build(instance_of(region(130, 1))))
    blocks = partition(form, 500)
    home = home_of(form, blocks)
    entries = form.matrix.tocsr()
    inside = np.ones(form.shape[1], dtype=bool)
    for row in range(form.shape[0]):
        columns = entries.indices[entries.indptr[row] : entries.indptr[row + 1]]
        owner = np.bincount(home[columns]).argmax()
        inside[columns[home[columns] != owner]] = False

    assert max(len(block) for block in blocks) <= 700
    assert 5 <= len(blocks) <= 15
    assert inside.mean() >= 0.85
    assert not np.array_equal(home, home_of(form, partition(form, 500, shift=1)))


def home_of(form, blocks):
    """Block of each column."""
    home = np.full(form.shape[1], -1)
    for number, block in enumerate(blocks):
        home[block] = number
    return home


def best_of(form):
    """The exact optimum, None where there is none."""
    return solve_form(form, gap=0.0, time_limit=60)


@pytest.mark.parametrize("name", [*CASES, *range(EXAMPLES)])
def test_no_bound_is_above_the_optimum_and_none_below_the_relaxation(name):
    """Blocks of any size, few rounds or many: each bound is at least the relaxation's and at most what is best."""
    form = form_of(name)
    best = best_of(form)
    if best.status != "optimal":
        pytest.skip(f"no optimum to hold it against: {best.status}")
    made = thin(form)
    relaxed_ = relaxation(made)
    slack = 1e-6 * max(1.0, abs(best.objective))
    number = name if isinstance(name, int) else len(name)
    sizes = np.random.default_rng(number).integers(2, max(3, form.shape[1]), 2)
    for size, plan in zip([*sizes, form.shape[1]], [None, best.values, None], strict=True):
        bounds = [
            one.value * form.sense
            for one in improve(
                made, relaxed_, seconds=20, size=int(size), shift=number % 3, efforts=(3, 500), plan=plan
            )
        ]
        assert (np.diff(bounds) >= 0).all()
        assert bounds[-1] <= best.objective * form.sense + slack
        least = relaxed(form)
        if least.status == "optimal":
            assert bounds[0] == pytest.approx(least.objective * form.sense, rel=1e-6, abs=1e-4)
            assert bounds[0] <= least.objective * form.sense + slack


@pytest.mark.parametrize("number", range(max(3, EXAMPLES // 10)))
def test_one_block_solved_to_its_end_proves_the_optimum(number):
    """With a single block nothing is lost at borders: the bound is the optimum itself."""
    form = form_of(number)
    best = best_of(form)
    made = thin(form)
    *_, last = improve(made, relaxation(made), seconds=60, size=form.shape[1])

    assert last.exact
    assert last.value == pytest.approx(best.objective, rel=1e-5)
