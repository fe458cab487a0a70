"""Large models: plans that hold, bounds that hold, and the way between them."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from family_cases import CASES
from test_large_bound import form_of

import isopt
from benchmarks.regions import region
from isopt.cli import main
from isopt.errors import InputError
from isopt.formulation import build
from isopt.network import instance_of
from isopt.solution.store import write_solution
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form
from isopt.solver.large.driver import _Search, solve_large
from isopt.solver.large.neighbourhoods import better
from isopt.solver.large.partition import partition
from isopt.solver.large.pieces import piece, shared_room
from isopt.solver.large.repair import repair, rounded
from isopt.solver.large.slopes import Slopes
from isopt.solver.large.thin import thin
from isopt.solver.plan import holds

ROOT = Path(__file__).resolve().parents[1]
#: Random scenarios; a hundred of them with `ISOPT_EXAMPLES=100`.
EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "6"))
#: What a plan may cost less than the optimum, or a bound be above it, as a share: tolerances of rows.
SAME = 1e-6


def optimum(form):
    """The exact optimum, straight from HiGHS."""
    return solve_form(form, gap=0.0, time_limit=60)


@pytest.mark.parametrize("name", [*CASES, *range(1000, 1000 + EXAMPLES)])
def test_plans_and_bounds_enclose_the_optimum(name):
    """With blocks of some ten columns, whatever the model holds: the plan holds, and the optimum is between it and the bound."""
    form = form_of(name)
    exact, found = optimum(form), solve_large(form, gap=1e-4, time_limit=20, size=12)

    assert found.status == exact.status
    if exact.values is None:
        assert found.values is None
        return
    small = SAME * max(1.0, abs(exact.objective))
    assert holds(form, found.values)
    assert form.value(found.values) == pytest.approx(found.objective, rel=1e-12)
    assert found.objective >= exact.objective - small
    assert found.bound <= exact.objective + small
    assert found.objective - exact.objective <= 1e-4 * abs(found.objective) + small
    assert found.method


@pytest.fixture(scope="module")
def middle():
    """A region of some 500 links."""
    return standard_form(build(instance_of(region(60, 0))))


def without_highs(monkeypatch):
    """Leave the last step out, in which HiGHS searches the whole model."""
    monkeypatch.setattr("isopt.solver.large.driver._WHOLE", 0)


@pytest.mark.parametrize("number", range(2000, 2000 + EXAMPLES))
def test_blocks_alone_claim_no_more_than_is_true(number, monkeypatch):
    """Without HiGHS on the whole model at the end, the plan may be worse, but what is said of it stays right."""
    without_highs(monkeypatch)
    form = form_of(number)
    exact, found = optimum(form), solve_large(form, gap=1e-4, time_limit=20, size=12)

    if exact.values is None:
        assert found.values is None
        return
    small = SAME * max(1.0, abs(exact.objective))
    assert holds(form, found.values)
    assert found.bound <= exact.objective + small <= found.objective + 2 * small
    assert found.gap == pytest.approx(abs(found.objective - found.bound) / max(abs(found.objective), 1e-9))
    if found.status == "optimal":
        assert found.objective - exact.objective <= 1e-4 * abs(found.objective) + small


def test_the_plan_is_the_same_with_one_and_two_processes(monkeypatch):
    """Blocks are decided apart from each other, so it does not matter who solves them and in which order they end."""
    without_highs(monkeypatch)
    small = standard_form(build(instance_of(region(35, 0))))
    monkeypatch.setattr("isopt.solver.large.driver.EFFORTS", (2,))
    monkeypatch.setattr("isopt.solver.large.driver._Search._judge", one_round_each)
    one, two = (solve_large(small, gap=0.0, time_limit=120, size=80, workers=count) for count in (1, 2))

    assert one.objective < solve_large(small, gap=1.0, size=80).objective  # the rounds did something
    assert np.array_equal(one.values, two.values)
    assert one.bound == two.bound


def one_round_each(search, side, *_):
    """Let each side have one turn: how often it has one depends on the clock."""
    search.rates[side] = 0.0


def test_time_is_kept_and_the_plan_holds(middle):
    """A gap of zero takes minutes; after two seconds, and a twentieth of it, there is a plan with its bound."""
    began = time.perf_counter()
    found = solve_large(middle, gap=0.0, time_limit=2.0, size=300)

    assert time.perf_counter() - began <= 2.0 * 1.05 + 0.5  # half a second for a machine with other work to do
    assert found.status == "feasible"
    assert not found.interrupted
    assert holds(middle, found.values)
    assert found.bound < found.objective


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_the_best_plan_and_the_bound(middle, workers):
    """Somebody who presses Ctrl-C once there is a plan gets the best one there is at that moment."""
    heard = []

    def press(progress):
        if progress.stage.startswith("plans") and not any(one.stage == progress.stage for one in heard):
            heard.append(progress)
            signal.raise_signal(signal.SIGINT)
        heard.append(progress)

    found = solve_large(middle, gap=0.0, time_limit=60, size=300, workers=workers, on_progress=press)

    assert found.interrupted
    assert found.seconds < 30
    assert holds(middle, found.values)
    assert found.objective <= min(one.incumbent for one in heard if one.incumbent is not None) + 1e-6
    assert found.bound == max(one.bound for one in heard if one.bound is not None)


def test_progress_tells_every_stage_and_never_gets_worse(middle):
    """First the relaxation, then a first plan, then plans and bounds in turn, with the gap as a share of the saving."""
    heard = []
    nothing = 3e7
    solve_large(middle, gap=0.02, time_limit=60, size=300, on_progress=heard.append, baseline=nothing)
    stages = list(dict.fromkeys(one.stage for one in heard))

    assert stages[:3] == ["relaxation", "first plan", "plans, round 1"]
    assert stages[-1] == "done"
    assert any(stage.startswith("bound") for stage in stages)
    told = [one for one in heard if one.savings_gap is not None]
    assert told[-1].savings_gap == pytest.approx((told[-1].incumbent - told[-1].bound) / (nothing - told[-1].incumbent))
    for earlier, later in itertools.pairwise(told):
        assert later.incumbent <= earlier.incumbent
        assert later.bound >= earlier.bound


def test_a_start_is_used_and_not_lost(middle):
    """A plan that is given is what comes back at the worst."""
    best = solve_form(middle, gap=0.02, time_limit=10)
    found = solve_large(middle, gap=0.05, time_limit=10, start=best.values)

    assert found.objective <= best.objective + 1e-6 * abs(best.objective)


def test_blocks_that_share_a_row_share_what_it_has_left(middle):
    """Each block may move on its own, all at once, and every row still holds."""
    rng = np.random.default_rng(1)
    plan = repair(middle, Slopes(thin(middle)).solve(60), 60).values
    blocks = partition(middle, 150, 1)
    room = shared_room(middle, middle.matrix @ plan, blocks)
    moved = plan.copy()
    for block in blocks:
        part = piece(middle, plan, block, room=room)
        other = replace(part.form, cost=rng.normal(size=len(block)))
        values = solve_form(other, gap=0.5, time_limit=10, start=part.start).values
        moved[block] = values

    assert not np.allclose(moved, plan)
    assert holds(middle, moved)


def test_rounding_opens_what_carries_and_closes_what_is_below_its_lot(middle):
    """At 0, just below, and at the lot of 45 t: closed, closed, open; nothing else is open."""
    made = thin(middle)
    flow, opened = middle.columns["flow"], middle.columns["opened"]
    values = np.zeros(middle.shape[1])
    values[flow.start + 1], values[flow.start + 2] = 44.0, 45.0
    plan = rounded(middle, values)

    assert plan[opened][:4].tolist() == [0, 0, 1, 0]
    assert plan[opened].sum() == 1
    assert plan[flow][1] == 0
    assert made.exact > 0


def test_a_limit_on_numbers_is_met_though_rounding_opens_more():
    """Twelve exchanges at most: the relaxation spreads over fractions of many, and the plan keeps to twelve."""
    scenario = region(60, 0)
    unlimited = standard_form(build(instance_of(scenario)))
    limited = standard_form(build(instance_of(scenario.with_(limits={"exchanges_max": 12}))))
    plan = solve_form(limited, gap=0.02, time_limit=20)
    found = solve_large(limited, gap=0.02, time_limit=20, size=300)

    assert holds(limited, found.values)
    assert found.values[limited.columns["opened"]].sum() <= 12
    assert (
        found.values[limited.columns["opened"]].sum()
        < solve_large(unlimited, gap=0.05).values[opened_of(unlimited)].sum()
    )
    assert found.objective <= plan.objective * 1.05


def opened_of(form):
    """Where openings stand."""
    return form.columns["opened"]


def test_a_stop_before_the_relaxation_is_solved_still_leaves_a_plan(middle):
    """Somebody stops at once: opening nothing is a plan, and what it says of itself is true."""
    found = solve_large(middle, time_limit=60, on_progress=lambda _: True)

    assert found.interrupted
    assert found.values is None or holds(middle, found.values)
    assert found.bound is None or found.bound <= 11_391_000  # the best plan that HiGHS knows costs as much


def test_solve_says_which_way_it_went_and_writes_it_down(tmp_path):
    """The method can be asked for, by argument or in scenario.toml; what it rests on is in the summary."""
    scenario = region(20, 0)
    direct = isopt.solve(scenario, time_limit=10)
    asked = isopt.solve(scenario, method="large", time_limit=10)
    written = isopt.solve(scenario.with_(solver={"method": "large"}), time_limit=10)

    assert direct.method.startswith("direct: HiGHS on the whole model")
    assert asked.method.startswith("large-scale path: thin relaxation")
    assert written.method.startswith("large-scale path")
    assert asked.objective == pytest.approx(direct.objective, rel=1e-4)
    assert isopt.audit(asked).passed
    write_solution(asked, tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["method"] == asked.method
    assert isopt.read_solution(tmp_path).method == asked.method


def test_an_unknown_method_is_refused():
    """The words are listed."""
    with pytest.raises(InputError, match='a method is one of auto, direct, large, not "fast"'):
        isopt.solve(region(20, 0), method="fast")


def test_size_decides_where_nothing_is_said(monkeypatch):
    """With the threshold at thirty decisions, a region of forty links is solved part by part."""
    monkeypatch.setattr("isopt.studies.finding.LARGE", 30)

    assert isopt.solve(region(20, 0), time_limit=10).method.startswith("large-scale path")
    assert isopt.solve(region(20, 0), time_limit=10, method="direct").method.startswith("direct")


def test_the_command_takes_a_method_and_prints_what_it_did(tmp_path, capsys):
    """`isopt solve --method large` says in its summary which way it went, and writes it down."""
    code = main(["solve", str(ROOT / "scenarios" / "two_firms"), "--method", "large", "-o", str(tmp_path / "out")])

    assert code == 0
    assert "large-scale path" in capsys.readouterr().out
    assert "large-scale path" in json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["method"]


def test_a_country_has_a_plan_as_soon_as_it_is_relaxed():
    """Choices of one receiver, least loads and lots stand in the way of rounding; those least used give way."""
    from isopt.synthetic import synthetic_country

    form = standard_form(build(instance_of(synthetic_country(300, seed=3))))
    slopes = Slopes(thin(form))
    found = repair(form, slopes.solve(60.0), 60.0)
    nothing = repair(form, np.zeros(form.shape[1]), 60.0)

    assert holds(form, found.values)
    assert form.value(found.values) < form.value(nothing.values)
    saved = form.value(nothing.values) - slopes.relaxed.bound
    assert form.value(found.values) - slopes.relaxed.bound < 0.2 * saved


@pytest.mark.parametrize(
    ("settings", "passes", "whole"),
    [
        ({"_WHOLE": 0, "_CUT_S": 1e9}, " 0 passes", False),
        ({"_WHOLE": 0}, " 1 passes", False),
        ({"_RIPE": 0}, " 0 passes", True),
    ],
)
def test_what_is_said_of_the_way_is_what_was_done(settings, passes, whole, monkeypatch):
    """Passes of cuts that there was no time for are not counted; HiGHS on the whole is told where it was asked."""
    driver = "isopt.solver.large.driver"
    monkeypatch.setattr(f"{driver}.EFFORTS", (2,))
    asked = []
    monkeypatch.setattr(f"{driver}.Standing.search", lambda *_: asked.append(1))
    for name, value in settings.items():
        monkeypatch.setattr(f"{driver}.{name}", value)
    found = solve_large(standard_form(build(instance_of(region(12)))), gap=0.0, time_limit=20, size=30)

    assert passes in found.method
    assert bool(asked) == whole == ("HiGHS on the whole" in found.method)


def test_a_middling_model_goes_whole_through_its_likely_columns(middle, monkeypatch):
    """After the first blocks comes one block of all likely columns, in a share of the time, unless a bound may do."""
    seen = []
    blocks = _Search._blocks

    def watched(search, columns, kind, more, seconds):
        seen.append((kind, len(columns), seconds, search.passes))
        return blocks(search, columns, kind, more, seconds)

    monkeypatch.setattr(_Search, "_blocks", watched)
    found = solve_large(middle, gap=0.0, time_limit=4.0, size=100)

    assert [kind.helped for kind, *_ in seen[:2]] == [False, True]
    assert not any(kind.helped for kind, *_ in seen[2:])
    assert seen[1][1] < middle.shape[1]
    assert seen[1][2] <= 0.25 * 4.0
    assert seen[1][3] == 0
    assert found.bound <= found.objective

    seen.clear()
    found = solve_large(middle, gap=0.02, time_limit=20, size=100)
    assert found.status == "optimal"
    assert [passes for kind, *_, passes in seen if kind.helped] == [1]


def test_all_likely_columns_at_once_leave_what_blocks_are_stuck_in(middle):
    """With its helpers HiGHS finds a better plan in one large block than without them in the same one."""
    first = solve_large(middle, gap=1.0, size=100).values
    part = piece(middle, first, np.arange(middle.shape[1]), activity=middle.matrix @ first)
    how = {"gap": 1e-5, "nodes": 0, "seconds": 5.0, "stop": lambda: False}
    plain, helped = (better(part, helped=which, **how) for which in (False, True))

    assert helped is not None
    cost = part.form.cost @ (part.start if plain is None else plain)
    assert part.form.cost @ helped < cost
