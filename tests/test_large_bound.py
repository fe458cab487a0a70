"""Large models: the thin relaxation is the relaxation, and no bound is above the optimum."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pyscipopt
import pytest
import scipy.sparse as sp
from family_cases import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from known import SHARED, contract
from strategies import FEATURES, scenario_of

from benchmarks.regions import region
from isopt.formulation import build
from isopt.network import instance_of
from isopt.scenario import read
from isopt.solver.compile import standard_form
from isopt.solver.engine import run
from isopt.solver.executors import executor
from isopt.solver.highs import solve_form
from isopt.solver.large.bound import EFFORTS, Ascent, Bound, relaxation
from isopt.solver.large.certify import bounded, certify
from isopt.solver.large.partition import partition
from isopt.solver.large.search import Found
from isopt.solver.large.thin import thin

#: Random scenarios for each property; all of them with `ISOPT_EXAMPLES=500`.
EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "8"))
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


def improve(made, relaxed, *, seconds, efforts=EFFORTS, size=None, shift=0, executor=None, plan=None, stop=None):
    """Pass after pass with more effort, as the driver does, from the relaxation's bound on."""
    began = time.perf_counter()
    yield Bound(relaxed.bound, 0.0, "relaxation", 0, 0, exact=not relaxed.form.integer.any())
    ascent = Ascent(made, relaxed, size=size, shift=shift)
    for steps in efforts:
        spent = time.perf_counter() - began
        if spent >= seconds or ascent.stopped or (stop is not None and stop()):
            return
        for bound in ascent.go(steps, seconds=seconds - spent, executor=executor, plan=plan, stop=stop):
            yield replace(bound, seconds=bound.seconds + spent)


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


def test_what_is_fixed_ties_nothing():
    """Two regions that only closed links have in common are cut as if those links were not there; open ones join them."""
    form = standard_form(build(instance_of(region(30, 3))))
    rows, columns = form.shape
    busy = np.flatnonzero(np.bincount(form.matrix.indices, minlength=rows) > 3)
    other = np.random.default_rng(0).permutation(busy)
    place = np.arange(len(busy))
    ends = (np.ones(2 * len(busy)), (np.concatenate([busy, rows + other]), np.concatenate([place, place])))
    between = sp.csc_array(ends, shape=(2 * rows, len(busy)))

    def homes(links, upper=0.0):
        more = links.shape[1]
        both = {
            name: np.concatenate([getattr(form, name), getattr(form, name), np.full(more, value)])
            for name, value in (("cost", 1.0), ("col_lower", 0.0), ("col_upper", upper), ("integer", False))
        }
        both |= {name: np.tile(getattr(form, name), 2) for name in ("row_lower", "row_upper")}
        matrix = sp.csc_array(sp.hstack([sp.block_diag([form.matrix, form.matrix]), links]))
        whole = replace(form, matrix=matrix, **both)
        return home_of(whole, partition(whole, int(1.2 * columns)))[: 2 * columns]

    apart = homes(between[:, :0])
    assert np.array_equal(homes(between), apart)
    assert not np.array_equal(homes(between, upper=1.0), apart)


def test_a_flow_that_can_not_reach_its_lot_is_no_part_of_the_relaxation():
    """Where a lot is larger than what can flow, the link stays at nothing, has no rows, and the bound is as before."""
    instance = instance_of(region(60, 1).with_(modes={"truck": {"min_per_yr": 500.0}}))
    form = standard_form(build(instance))
    made = thin(form)
    flow = form.columns["flow"]
    short = np.flatnonzero(instance.link_upper[:, 0] < 500.0 * (1 - 1e-9)) + flow.start
    short = np.intersect1d(short, made.carrier)

    assert len(short) > 100
    assert (made.whole.col_upper[short] == 0).all()
    entries = np.diff(made.form.matrix.indptr)
    place = np.searchsorted(made.columns, short)
    assert not entries[place].any()
    assert entries[made.place].sum() == made.form.matrix[:, made.place].nnz > 0
    assert relaxation(made).bound == pytest.approx(relaxed(form).objective, rel=1e-6)


def home_of(form, blocks):
    """Block of each column."""
    home = np.full(form.shape[1], -1)
    for number, block in enumerate(blocks):
        home[block] = number
    return home


def best_of(form):
    """The exact optimum, if there is one."""
    return solve_form(form, gap=0.0, time_limit=60)


def best_by_scip(form):
    """The optimum that another solver finds."""
    model = pyscipopt.Model()
    model.hideOutput()
    columns = [
        model.addVar(vtype="I" if whole else "C", lb=None if low == -np.inf else low, ub=None if up == np.inf else up)
        for whole, low, up in zip(form.integer, form.col_lower, form.col_upper, strict=True)
    ]
    table = form.matrix.tocsr()
    for row, (low, high) in enumerate(zip(form.row_lower, form.row_upper, strict=True)):
        entries = slice(table.indptr[row], table.indptr[row + 1])
        total = pyscipopt.quicksum(
            value * columns[column] for column, value in zip(table.indices[entries], table.data[entries], strict=True)
        )
        if low == high:
            model.addCons(total == low)
            continue
        if np.isfinite(high):
            model.addCons(total <= high)
        if np.isfinite(low):
            model.addCons(total >= low)
    cost = pyscipopt.quicksum(price * column for price, column in zip(form.cost, columns, strict=True))
    model.setObjective(cost, "minimize" if form.sense > 0 else "maximize")
    model.setParam("limits/time", 60)
    model.setParam("limits/gap", 0.0)
    model.optimize()
    return model.getObjVal() + form.offset


@pytest.mark.parametrize("name", [*CASES, *range(EXAMPLES)])
def test_no_bound_is_above_the_optimum_and_none_below_the_relaxation(name):
    """Blocks of any size, few rounds or many: each bound is at least the relaxation's and at most what is best."""
    form = form_of(name)
    made = thin(form)
    relaxed_ = relaxation(made)
    best = best_of(form)
    if best.status != "optimal":
        assert list(improve(made, relaxed_, seconds=20, size=20, efforts=(3,)))  # goes through, whatever it is worth
        return
    slack = 1e-6 * max(1.0, abs(best.objective))
    other = best_by_scip(form) * form.sense
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
        assert bounds[-1] <= other + slack
        least = relaxed(form)
        if least.status == "optimal":
            assert bounds[0] == pytest.approx(least.objective * form.sense, rel=1e-6, abs=1e-4)
            assert bounds[0] <= least.objective * form.sense + slack


@pytest.mark.parametrize("number", range(max(3, EXAMPLES // 10)))
def test_one_block_solved_to_its_end_proves_the_optimum(number):
    """With a single block nothing is lost at borders: the bound is the optimum itself."""
    form = form_of(number)
    best = best_of(form)
    if best.status == "infeasible":
        return  # proves nothing, and need not
    made = thin(form)
    *_, last = improve(made, relaxation(made), seconds=60, size=form.shape[1])

    assert last.exact
    assert last.value == pytest.approx(best.objective, rel=1e-5)


def test_a_model_that_maximises_is_bounded_from_above():
    """With every cost negated and the sense turned round, the bound is the negative of what it was."""
    form = standard_form(build(instance_of(region(40, 1))))
    turned = replace(form, cost=-form.cost, offset=-form.offset, sense=-form.sense)
    made, back = thin(form), thin(turned)
    *_, least = improve(made, relaxation(made), seconds=20, size=200, efforts=(12,))
    *_, most = improve(back, relaxation(back), seconds=20, size=200, efforts=(12,))

    assert made.exact == back.exact > 0
    assert most.value == pytest.approx(-least.value, rel=1e-9)
    assert least.value > relaxation(made).bound


def test_bounds_are_the_same_in_one_process_and_in_two():
    """After the same rounds the bound of a region of 500 links is the same to the last digit, however it is computed."""
    form = standard_form(build(instance_of(region(60, 2))))
    made = thin(form)
    known = relaxation(made)
    *_, one = improve(made, known, seconds=60, size=300, efforts=(12,))
    *_, two = improve(made, known, seconds=60, size=300, efforts=(12,), executor=executor(2))

    assert one.value == two.value > known.bound
    assert one.blocks == two.blocks >= 3


def test_a_wrong_bound_of_a_block_is_seen_by_the_plan_and_left_out(monkeypatch):
    """If the solver claimed more of a block than a plan costs there, the claim would not count."""
    form = standard_form(build(instance_of(region(40, 1))))
    plan = solve_form(form, gap=1e-3, time_limit=20).values
    made = thin(form)
    known = relaxation(made)
    monkeypatch.setattr("isopt.solver.large.bound.least_cost", lambda *_, **__: Found(1e12, done=True))
    *_, last = improve(made, known, seconds=20, size=200, plan=plan)

    assert last.value == known.bound


def test_improvement_keeps_its_time_and_hears_a_stop():
    """Half a second is enough for the relaxation of 1,700 links; a stop ends the improvement at the next block."""
    form = standard_form(build(instance_of(region(130, 1))))
    made = thin(form)
    known = relaxation(made)
    began = time.perf_counter()
    bounds = list(improve(made, known, seconds=0.5, size=2000))
    spent = time.perf_counter() - began
    stopped = list(improve(made, known, seconds=60, size=300, stop=lambda: True))

    assert spent <= 0.5 + 0.5  # one grace period of the engine
    assert bounds[0].value == known.bound
    assert len(stopped) <= 2


@given(number=st.integers(0, 10_000))
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_any_prices_prove_a_bound(number):
    """Prices out of the blue prove little, but never too much."""
    form = form_of(number % EXAMPLES)
    least = relaxed(form)
    if least.status != "optimal":
        return
    duals = np.random.default_rng(number).normal(0, 1, form.shape[0]) * np.abs(form.cost).max()
    for prices in (duals, np.zeros_like(duals)):
        assert certify(
            bounded(form), prices
        ).value + form.sense * form.offset <= least.objective * form.sense + 1e-6 * (1 + abs(least.objective))


def test_ctrl_c_ends_the_improvement_and_keeps_what_is_proven(monkeypatch):
    """The first Ctrl-C during a block ends all passes; the bound so far stands."""
    form = standard_form(build(instance_of(region(130, 1))))
    made = thin(form)
    known = relaxation(made)

    def interrupted(solver, **options):
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        return run(solver, **options)

    monkeypatch.setattr("isopt.solver.large.search.run", interrupted)
    bounds = list(improve(made, known, seconds=60, size=2000, efforts=(100_000, 200_000)))

    assert len(bounds) == 2  # the relaxation's, and the one of the block that was stopped
    assert bounds[1].value >= known.bound
    assert not bounds[1].exact
