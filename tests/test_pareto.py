"""Pareto fronts: every supported corner found and proven, nothing dominated, points between optimal at their level."""

from __future__ import annotations

import json
import signal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from lots import lots, plans_of
from scipy.optimize import linprog
from small import DISPOSAL, region, stream
from strategies import scenario_of, scenarios

import isopt
from isopt.errors import InputError
from isopt.formulation import build
from isopt.network import instance_of
from isopt.solution.store import read_solution
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form
from isopt.studies.fronts import Asked, key_of, lower_hull
from isopt.studies.pareto import pareto, write_front

KPIS = {"cost": "cost_total", "co2": "co2_total", "landfilled": "landfilled", "tonne_km": "tonne_km"}
ITEMS = [(100, 30, 10), (120, 25, 12), (200, 24, 8), (95, 6, 30), (300, 20, 15)]


def examples(count):
    """Bounded, without a deadline, the same each time."""
    phases = (Phase.explicit, Phase.generate)  # the first failure as it is: each example takes a second
    return settings(
        max_examples=count, deadline=None, derandomize=True, phases=phases, suppress_health_check=list(HealthCheck)
    )


def corners(vectors):
    """Extreme supported vectors by a linear program each: better than all others for some weights."""
    found = []
    vectors = np.unique(vectors, axis=0)
    if len(vectors) == 1:
        return [tuple(vectors[0])]
    for i, one in enumerate(vectors):
        others = np.delete(vectors, i, axis=0)
        n = len(one)
        answer = linprog(  # the most by which it can be better, over all weights that add up to 1
            [0.0] * n + [-1.0],
            A_ub=np.hstack([one - others, np.ones((len(others), 1))]),
            b_ub=np.zeros(len(others)),
            A_eq=[[1.0] * n + [0.0]],
            b_eq=[1.0],
            bounds=[(0, None)] * n + [(None, None)],
        )
        if -answer.fun > 1e-9:
            found.append(tuple(one))
    return sorted(found)


def vectors_of(front, *, supported=True):
    rows = front.points[front.points["supported"]] if supported else front.points
    return rows[[KPIS[name] for name in front.of]].to_numpy(dtype=float)


def least(scenario, weights):
    """The least weighted sum that any plan reaches, from a model of its own; infinite where there is none."""
    outcome = solve_form(standard_form(build(instance_of(scenario, prune=False), weights=weights)), gap=0.0)
    if outcome.status == "infeasible":
        return np.inf
    assert outcome.status == "optimal"
    return outcome.objective


# on paper


def four_ways():
    """
    100 t of ash with four ways out, a tonne at 10 EUR and 1 t of CO2, at 16 and 0.6, at 25 and 0.5, at 30 and none.

    The third is beaten by half of the second and half of the fourth, which is 23 and 0.3.
    """
    ways = [("tip", 10, 1000), ("kiln", 16, 600), ("sewer", 25, 500), ("wash", 30, 0)]
    return region(
        streams=[stream("ash", "A", 100, disposal=None)],
        disposals=[
            {"disposal": name, "facility": "C", "route": "other", "gate_fee_eur_per_unit": eur, "kgco2_per_unit": kg}
            for name, eur, kg in ways
        ],
    )


def test_three_of_four_ways_are_corners():
    """1000 EUR and 100 t, 1600 and 60 (15 EUR per t avoided), 3000 and 0 (1400 / 60): the middle one is the knee."""
    front = pareto(four_ways())

    assert (front.status, front.knee, front.error) == ("optimal", "P2", pytest.approx(0, abs=1e-7))
    assert vectors_of(front) == pytest.approx(np.array([[1000, 100], [1600, 60], [3000, 0]]))
    assert front.points["marginal_abatement_cost"].tolist()[1:] == pytest.approx([600 / 40, 1400 / 60])
    assert front.points["co2_price_low"].tolist() == pytest.approx([0, 15, 1400 / 60])
    assert front.points["co2_price_high"].tolist() == pytest.approx([15, 1400 / 60, np.inf])
    assert front.neighbours[["cost", "co2"]].to_numpy() == pytest.approx(np.array([[600, -40], [1400, -60]]))


def test_a_carbon_price_between_two_slopes_picks_the_corner_between_them():
    """At 14, 20 and 24 EUR per tonne of CO2 the cheapest plan is the first, the second and the third corner."""
    front = pareto(four_ways())

    for price, row in zip((14, 20, 24), vectors_of(front), strict=True):
        solved = isopt.solve(four_ways().with_(policy={"carbon_price_eur_per_t": price}), gap=0)
        assert solved.kpi("co2_total") == pytest.approx(row[1])


def test_mixes_of_two_corners_lie_on_the_front_and_are_no_corners():
    """Halfway from 100 to 60 t: half to the tip, half to the kiln, 1300 EUR; on the chord, so supported."""
    front = pareto(four_ways(), between=1)

    assert vectors_of(front, supported=False)[1] == pytest.approx([1300, 80])
    assert front.points["supported"].all()
    assert len(front.points) == 5
    assert "continuous pieces" in str(front)


def test_objectives_that_agree_have_one_best_plan():
    """The cheapest way out is the only one: one point, no knee, no price at which anything changes."""
    front = pareto(region(streams=[stream("ash", "A", 100)]), of=("cost", "co2", "landfilled"))

    assert (front.status, len(front.points), front.knee) == ("optimal", 1, None)
    assert front.points["cost_total"].tolist() == pytest.approx([1000])


def test_an_end_that_ties_is_the_better_plan():
    """Two exchanges for nothing avoid CO2: the cheapest end has both, whatever a solver would have returned."""
    front = pareto(lots([(0, 5, 10), (0, 7, 10), (50, 1, 10)]))

    assert vectors_of(front) == pytest.approx(np.array([[0, 1], [50, 0]]))


# against every plan


def test_a_jump_is_told_by_a_point_between():
    """With lots there are plans off the hull: each level has the plan that is cheapest of all that keep it."""
    front = pareto(lots(ITEMS), between=4)
    _, plans = plans_of(ITEMS)

    assert sorted(map(tuple, vectors_of(front).round(6))) == corners(plans[:, :2])
    between = front.points[~front.points["supported"]]
    assert len(between) >= 3
    for _, row in between.iterrows():
        keeping = plans[plans[:, 1] <= row["co2_total"] + 1e-9]
        assert row["cost_total"] == pytest.approx(keeping[:, 0].min())
        again = isopt.solve(lots(ITEMS, {"limits": {"co2_t_per_yr": row["co2_total"] + 1e-6}}), gap=0)
        assert again.kpi("cost_total") == pytest.approx(row["cost_total"])
        assert row["error"] == pytest.approx(0, abs=1e-6)


NUMBERS = st.tuples(st.integers(1, 400), st.integers(1, 40), st.integers(1, 30))


@examples(6)
@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_two_objectives_have_the_corners_of_all_plans(items):
    """Every extreme supported point of the list of all plans, and no other."""
    front = pareto(lots(items))

    assert front.status == "optimal"
    assert sorted(map(tuple, vectors_of(front).round(6))) == corners(plans_of(items)[1][:, :2])


@examples(4)
@given(st.lists(NUMBERS, min_size=2, max_size=5))
def test_three_objectives_have_the_corners_of_all_plans(items):
    """The same in three dimensions, and the hull's value is right on a fine grid of weights."""
    front = pareto(lots(items), of=("cost", "co2", "landfilled"))
    plans = plans_of(items)[1]

    assert front.status == "optimal"
    assert sorted(map(tuple, vectors_of(front).round(6))) == corners(plans)
    steps = 25
    grid = np.array([(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]) / steps
    assert (vectors_of(front) @ grid.T).min(axis=0) == pytest.approx((plans @ grid.T).min(axis=0))


@examples(2)
@given(st.lists(NUMBERS, min_size=4, max_size=5))
def test_points_between_three_objectives_keep_their_levels_and_are_not_dominated(items):
    """Each lies among the efficient plans of the list."""
    front = pareto(lots(items), of=("cost", "co2", "landfilled"), between=1)
    plans = plans_of(items)[1]

    for row in vectors_of(front, supported=False):
        better = (plans <= row + 1e-6).all(axis=1) & (plans < row - 1e-6).any(axis=1)
        assert not better.any()


@examples(30)
@given(st.integers(0, 2**20), st.integers(2, 3), st.integers(1, 40), st.booleans())
def test_the_hull_of_any_cloud_is_found_whatever_ties_and_noise(seed, objectives, count, rounded):
    """Points on coarse grids tie; answers that are off by what a solver leaves undecided change nothing."""
    random = np.random.default_rng(seed)
    cloud = random.random((count, objectives))
    cloud = cloud.round(1) if rounded else cloud

    def ask(weight):
        value = cloud @ weight
        return Asked(cloud[value.argmin()] + 1e-10 * random.random(objectives), float(value.min()))

    units = np.eye(objectives)
    start = [min(cloud.tolist(), key=lambda p: (p[k], sum(p))) for k in range(objectives)]
    bounds = {key_of(unit): float((cloud @ unit).min()) for unit in units}
    hull = lower_hull([np.array(point) for point in start], bounds, ask)

    assert hull.proven
    assert sorted(map(tuple, hull.points.round(8) + 0.0)) == [tuple(np.round(p, 8)) for p in corners(cloud)]


# any region


@examples(3)
@given(scenarios(most=5))
def test_no_weights_find_anything_below_the_front_of_a_random_region(scenario):
    """Five prices of CO2, solved each by itself, reach what the front says; and no point is dominated."""
    front = pareto(scenario)
    cheapest = least(scenario, {"cost": 1.0})
    if not np.isfinite(cheapest):
        assert front.status == "infeasible"
        assert front.reason
        return

    points = vectors_of(front)
    assert front.status == "optimal"
    for price in (0.0, 20.0, 90.0, 400.0, 1e4):
        value = (points @ [1.0, price]).min()
        assert value == pytest.approx(least(scenario, {"cost": 1.0, "co2": price}), rel=1e-6, abs=1e-3)
    steps = np.diff(points, axis=0)
    assert (steps[:, 0] > 0).all()
    assert (steps[:, 1] < 0).all()
    for solution in list(front.solutions.values())[-2:]:
        report = isopt.audit(solution)
        assert report.passed, report


@examples(3)
@given(scenarios(("setup", "lots", "two_modes", "plants", "disposals", "substitutions", "carbon"), most=4))
def test_a_point_between_is_the_least_cost_under_its_limit_in_a_random_region(scenario):
    """Solved again from the scenario with co2_t_per_yr at the point's CO2: the same cost."""
    front = pareto(scenario, between=1)
    assume(front.solutions)

    for _, row in front.points.iterrows():
        capped = scenario.with_(limits={"co2_t_per_yr": row["co2_total"] + 1e-6 * max(1.0, abs(row["co2_total"]))})
        assert least(capped, {"cost": 1.0}) == pytest.approx(row["cost_total"], rel=1e-4, abs=1e-2)
        assert least(capped, {"cost": 1.0}) <= row["cost_total"] + 1e-6 * max(1.0, abs(row["cost_total"]))


def test_noise_in_one_kind_of_amount_is_none_of_the_plan():
    """A plant whose only throughput is 5e-14 t beside flows of a hundred processes nothing."""
    front = pareto(scenario_of(65536, {"plants_count"}))

    assert front.status == "optimal"
    assert all(isopt.audit(solution).passed for solution in front.solutions.values())


def test_kalundborg_has_three_corners():
    """Cheapest, then 414 EUR per tonne of CO2 avoided, then nearly none to be had; each plan passes the audit."""
    front = pareto(isopt.read("scenarios/kalundborg"))

    assert (front.status, len(front.points), front.knee) == ("optimal", 3, "P2")
    assert front.points["marginal_abatement_cost"][1] == pytest.approx(413.69, abs=0.01)
    for name, solution in front.solutions.items():
        assert solution.status == "optimal"
        assert isopt.audit(solution).passed, name
    solved = isopt.solve(isopt.read("scenarios/kalundborg").with_(minimise={"weights": {"cost": 1, "co2": 500}}), gap=0)
    assert solved.kpi("cost_total") == pytest.approx(front.points["cost_total"][1])


# stopped, wrong or impossible


@pytest.mark.parametrize("after", [2, 3, 4, 5, 6, 8])
def test_a_front_that_was_stopped_says_how_far_it_may_be_off(after):
    """After some solves somebody says stop: the points are plans, and no weighted sum is better by more than told."""
    done = []

    def stop(_, progress):
        done.append(progress.stage == "done")
        return sum(done) >= after

    front = pareto(lots(ITEMS), on_progress=stop)
    plans = plans_of(ITEMS)[1][:, :2]

    assert front.interrupted
    assert front.status == "feasible"
    points = vectors_of(front, supported=False)
    assert {tuple(point) for point in points.round(6)} <= {tuple(plan) for plan in plans}
    if after < 3:
        assert np.isnan(front.error)  # an end is missing
        return
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    for weight in np.linspace(0, 1, 51):
        weights = np.array([weight, 1 - weight]) / span
        assert ((plans - low) @ weights).min() >= ((points - low) @ weights).min() - front.error - 1e-9


def test_ctrl_c_keeps_the_points_found():
    """A signal after the fifth solve: both ends and more are there, marked as interrupted."""
    done = []

    def press(_, progress):
        done.append(progress.stage == "done")
        if sum(done) == 5:
            done.clear()
            signal.raise_signal(signal.SIGINT)

    front = pareto(lots(ITEMS), on_progress=press)

    assert front.interrupted
    assert len(front.points) >= 2


def test_no_time_left_leaves_what_was_found():
    """A time limit that is over before the second end: no proof, and no invented error."""
    front = pareto(lots(ITEMS), time_limit=1e-9)

    assert front.interrupted
    assert front.status in {"feasible", "no_solution"}
    assert np.isnan(front.error)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": ("cost",)}, "two or three different objectives"),
        ({"of": ("cost", "cost")}, "two or three different objectives"),
        ({"of": ("cost", "co2", "landfilled", "tonne_km")}, "two or three different objectives"),
        ({"of": ("cost", "landfiled")}, '"landfiled" is no objective; did you mean "landfilled"'),
        ({"of": "cost"}, "two or three different objectives"),
        ({"between": -1}, "whole number of at least 0"),
        ({"between": 1.5}, "whole number of at least 0"),
        ({"between": float("nan")}, "whole number of at least 0"),
        ({"gap": -1}, "a gap is a share"),
        ({"time_limit": 0}, "a time limit is a number of seconds above 0"),
    ],
)
def test_arguments_without_sense_are_refused(options, message):
    """The message says what is wanted."""
    with pytest.raises(InputError, match=message):
        pareto(four_ways(), **options)


def test_a_region_without_a_plan_says_why():
    """Ash that must be placed and has no way out."""
    front = pareto(region(streams=[stream("ash", "A", 100, disposal=None)]))

    assert (front.status, len(front.points)) == ("infeasible", 0)
    assert 'stream "ash"' in front.reason
    assert "infeasible" in str(front)


# files


def test_files_have_the_columns_of_the_contract_and_full_solutions(tmp_path):
    """pareto.csv begins with the six columns; each network folder is a solution that reads back and passes the audit."""
    hostile = four_ways().with_(title='=cmd|"/c calc"!A1 <script>')
    front = pareto(hostile, of=("cost", "co2", "landfilled"), between=1)
    earlier = tmp_path / "networks"
    for name in ("P99", "mine"):
        (earlier / name).mkdir(parents=True)
        (earlier / name / "summary.json").touch()
    write_front(front, tmp_path)

    assert not (earlier / "P99").exists()  # of an earlier run with more points
    (earlier / "mine" / "summary.json").unlink()  # somebody's own folder stays
    (earlier / "mine").rmdir()
    table = pd.read_csv(tmp_path / "pareto.csv")
    assert list(table.columns[:6]) == ["point", "cost_total", "co2_total", "landfilled", "supported", "network"]
    assert table["network"].tolist() == sorted(path.name for path in (tmp_path / "networks").iterdir())
    for _, row in table.iterrows():
        solution = read_solution(tmp_path / "networks" / row["network"])
        assert solution.kpi("cost_total") == pytest.approx(row["cost_total"])
        assert isopt.audit(solution).passed
    told = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (told["status"], told["points"], told["knee"]) == ("optimal", len(table), front.knee)
    assert "continuous pieces" in told["note"]


def test_an_empty_front_is_written_too(tmp_path):
    """A table without rows and the reason in the summary."""
    write_front(pareto(region(streams=[stream("ash", "A", 100, disposal=None)])), tmp_path)

    assert pd.read_csv(tmp_path / "pareto.csv").empty
    assert 'stream "ash"' in json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["reason"]


def test_a_disposal_that_is_far_away_counts_in_tonne_km():
    """Own disposal at 10 EUR beside a tip 100 km off at 2 EUR: cheap and far, or dear and near, and mixes of both."""
    scenario = region(
        facilities=[{"facility": "A", "lat": 0.0, "lon": 0.0}, {"facility": "C", "lat": 0.0, "lon": 0.9}],
        streams=[stream("ash", "A", 50, disposal=10)],
        disposals=[{"disposal": DISPOSAL, "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 2}],
    )
    front = pareto(scenario, of=("cost", "tonne_km"))

    km = 0.9 * np.pi / 180 * 6371.0088
    assert vectors_of(front) == pytest.approx(np.array([[100, 50 * km], [500, 0]]), abs=1e-6)
