"""The map of two levers: on paper, against solved points, and against the clock."""

from __future__ import annotations

import json
import random

import geopandas
import numpy as np
import pandas as pd
import pytest
from small import demand, region, stream
from strategies import FEATURES, scenario_of

import isopt
from isopt.errors import InputError
from isopt.solution.store import read_solution
from isopt.solver.highs import Session
from isopt.studies.convex import UNIT_BOX, area_of, clip
from isopt.studies.plane import COLUMNS, plane
from isopt.studies.plane_files import write_plane
from isopt.studies.thresholds import thresholds

LEVERS, BOX = ["landfill_tax", "carbon_price"], [(0.0, 250.0), (0.0, 200.0)]


def roads():
    """Two firms whose roads cost 123 EUR a tonne, against 57 and the tax."""
    return isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 2.0}})


def outlets():
    """100 t of ash: landfilled at 10 EUR with 0.5 t of CO2 each, burnt at 50 with 1 t, or hauled at 90 with none."""
    return region(
        streams=[stream("ash", "A", 100, disposal=None)],
        demands=[demand("works", "B", 100, virgin=None, must_meet=False)],
        links=[{"from_facility": "A", "to_facility": "B", "eur_per_unit": 90}],
        disposals=[
            {"disposal": "tip", "facility": "C", "accepts": "ash", "route": "landfill", "gate_fee_eur_per_unit": 10,
             "kgco2_per_unit": 500},
            {"disposal": "kiln", "facility": "D", "accepts": "ash", "route": "incineration",
             "gate_fee_eur_per_unit": 50, "kgco2_per_unit": 1000},
        ],
    )  # fmt: skip


def random_region(number):
    """A random region with landfill and carbon."""
    draw = random.Random(number)
    features = {*draw.sample([name for name in FEATURES if name != "minimise"], 5), "landfill_tax", "disposals"}
    return scenario_of(number, features)


def solved_at(found, points):
    """Least cost at each point, solved one by one."""
    session, costs = Session(found.problem.form), []
    for point in points:
        session.change_cost(found.problem.cost_at(point), offset=found.problem.constant_at(point))
        outcome = session.solve(gap=0.0, time_limit=60)
        assert outcome.status == "optimal"
        costs.append(outcome.objective)
    return np.array(costs)


def inside(rng, corners, count):
    """Random points inside a convex polygon."""
    return rng.dirichlet(np.ones(len(corners)), count) @ corners


def tiles(found):
    """The polygons cover the box without overlap."""
    areas = [area_of(one.corners) for one in found.regions]
    assert sum(areas) == pytest.approx(1.0, abs=1e-9)
    assert min(areas) > 0
    for one in found.regions:
        for other in found.regions:
            if one is not other:
                assert overlap(one.corners, other.corners) < 1e-9


def overlap(one, other):
    """Area that two convex polygons share: one cut by every side of the other."""
    rest = one
    for start, end in zip(other, np.roll(other, -1, axis=0), strict=True):
        side = end - start
        outward = np.array([side[1], -side[0]])
        rest = clip(rest, outward, float(outward @ start))
        if not len(rest):
            return 0.0
    return area_of(rest)


def test_tax_and_subsidy_open_an_exchange_together():
    """The exchange opens where tax and subsidy add up to 66: below that line lies a triangle of 66 x 66 / 2."""
    found = plane(roads(), ["landfill_tax", "subsidy"], [(0, 100), (0, 100)])
    table = found.table

    assert found.exact
    assert list(table["area_share"]) == pytest.approx([1 - 0.66**2 / 2, 0.66**2 / 2])
    assert list(table["exchanges"]) == [1, 0]
    assert list(table["landfilled"]) == pytest.approx([20, 100])
    assert list(table["slope_x"]) == pytest.approx([20, 100])
    assert list(table["slope_y"]) == pytest.approx([-80, 0])
    assert list(table["neighbours"]) == ["r2", "r1"]
    assert tuple(table.columns) == COLUMNS
    assert sorted(map(tuple, found.polygon(1).round(6).tolist())) == [(0, 0), (0, 66), (66, 0)]


def test_three_outlets_share_the_plane_on_paper():
    """Tip against kiln: 40 = tax - 0.5 carbon; tip against works: 80 = tax + 0.5 carbon; kiln against works: 40."""
    found = plane(outlets(), LEVERS, [(0, 100), (0, 100)])
    by_tonnes = {(round(row.slope_x), round(row.slope_y)): row for row in found.table.itertuples()}

    # the three meet at tax 60, carbon 40; the kiln's is a trapezium below carbon 40 and right of the tip
    assert set(by_tonnes) == {(100, 50), (0, 100), (0, 0)}
    assert by_tonnes[0, 100].area_share == pytest.approx(((100 - 40) + (100 - 60)) / 2 * 40 / 1e4)
    tip = (40 + 60) / 2 * 40 + (60 + 30) / 2 * 60
    assert by_tonnes[100, 50].area_share == pytest.approx(tip / 1e4)
    assert all(len(row.neighbours.split(";")) == 2 for row in found.table.itertuples())
    tiles(found)


@pytest.mark.parametrize("number", [28, 33, 35, 46])
def test_random_maps_tile_the_plane_and_are_right_inside(number):
    """Areas add up, nothing overlaps, and points inside each region re-solve to its network's cost."""
    found = plane(random_region(number), LEVERS, BOX)
    rng = np.random.default_rng(number)
    assert found.exact
    tiles(found)
    for i, one in enumerate(found.regions[:12]):
        points = inside(rng, found.polygon(i), 2)
        own = [found.problem.form_at(point).value(found.values(i)) for point in points]
        assert own == pytest.approx(solved_at(found, points), rel=1e-6, abs=1e-4)
        assert one.error == 0


def test_a_cut_through_the_map_is_the_thresholds_of_one_lever():
    """Along a carbon price of 70, the map's borders are where the tax's own thresholds lie."""
    scenario = outlets()
    found = plane(scenario, LEVERS, BOX)
    line = thresholds(scenario.with_(policy={"carbon_price_eur_per_t": 70}), "landfill_tax", *BOX[0])
    taxes = np.linspace(*BOX[0], 60)

    assert found.cost([(tax, 70.0) for tax in taxes]) == pytest.approx(line.cost(taxes), rel=1e-9)
    assert list(line.breakpoints["at"]) == pytest.approx([80 - 35])


def test_neighbours_are_mutual_and_share_a_border_in_kalundborg():
    """Whoever is a neighbour has one; a carbon price with a factor on roads makes seven regions."""
    scenario = isopt.read("scenarios/kalundborg")
    found = plane(scenario, ["carbon_price", "modes.*.eur_per_tkm*"], [(0, 1000), (0, 20)])
    near = found.neighbours

    assert found.exact
    assert all(i in near[k] for i in range(len(near)) for k in near[i])
    assert all(near)
    tiles(found)
    assert found.cost([(75, 1)])[0] == pytest.approx(isopt.solve(scenario, gap=0).objective, rel=1e-6)


@pytest.fixture(scope="module")
def exact():
    """A random region's map, found to the end."""
    found = plane(random_region(26), LEVERS, BOX)
    tiles(found)
    return found


@pytest.mark.parametrize("solves", [2, 9])
def test_what_is_left_open_is_bounded(exact, solves):
    """Stopped after some solves, no point is dearer than the least by more than its region's error."""
    stopped = plane(exact.problem.scenario, LEVERS, BOX, on_progress=lambda step: step.solves >= solves)
    rng = np.random.default_rng(1)

    assert exact.solves > 9
    assert stopped.interrupted
    assert not stopped.exact
    assert np.isfinite(stopped.table["error"]).all()
    for i, one in enumerate(stopped.regions):
        points = inside(rng, stopped.polygon(i), 20)
        above = stopped.cost(points) - exact.cost(points)
        assert (above <= one.error + 1e-6 * np.abs(exact.cost(points))).all()
        assert (above >= -1e-6 * np.abs(exact.cost(points))).all()
    tiles(stopped)


def test_a_gap_shows_as_an_error_that_bounds(exact):
    """Solved within 5 %, no point is dearer than the least cost by more than its region's error; no gap is below 0."""
    rough = plane(exact.problem.scenario, LEVERS, BOX, gap=0.05)
    rng = np.random.default_rng(5)

    for i, one in enumerate(rough.regions):
        points = inside(rng, rough.polygon(i), 4)
        above = rough.cost(points) - exact.cost(points)
        assert (above <= one.error + 1e-6 * np.abs(exact.cost(points))).all()
    assert rough.table["error"].max() > 0
    with pytest.raises(InputError, match="a gap is a share"):
        plane(exact.problem.scenario, LEVERS, BOX, gap=-1)


def test_a_plane_without_two_levers_time_or_plan_is_refused():
    """One lever, the same lever twice, no time, no way out."""
    with pytest.raises(InputError, match="two levers, not 1"):
        plane(roads(), ["landfill_tax"], [(0, 1)])
    with pytest.raises(InputError, match="the same one"):
        plane(roads(), ["landfill_tax", "landfill_tax"], [(0, 1), (0, 1)])
    with pytest.raises(InputError, match="a time limit"):
        plane(roads(), LEVERS, BOX, time_limit=0)
    with pytest.raises(InputError, match="before there was a plan"):
        plane(roads(), LEVERS, BOX, time_limit=1e-9)
    with pytest.raises(InputError, match="no plan"):
        plane(region(streams=[stream("ash", "A", 100, disposal=None)]), LEVERS, BOX)


def test_cutting_a_square_twice_leaves_what_geometry_says():
    """A corner of a half by a half, and nothing beyond it."""
    half = clip(UNIT_BOX, np.array([1.0, 0.0]), 0.5)

    assert area_of(clip(half, np.array([0.0, -1.0]), -0.5)) == pytest.approx(0.25)
    assert len(clip(half, np.array([-1.0, 0.0]), -0.7)) == 0


def test_the_map_is_written_with_polygons_table_and_networks(tmp_path):
    """The GeoPackage's polygons have the table's areas, in units of the levers, and each network reads back."""
    found = plane(roads(), ["landfill_tax", "subsidy"], [(0, 100), (0, 50)])
    write_plane(found, tmp_path)
    polygons, table = geopandas.read_file(tmp_path / "plane.gpkg"), pd.read_csv(tmp_path / "plane.csv")

    assert polygons.area.sum() == pytest.approx(100 * 50)
    assert (polygons.area / 5000).tolist() == pytest.approx(table["area_share"].tolist())
    assert table["region"].tolist() == polygons["region"].tolist() == ["r1", "r2"]
    for row in table.itertuples():
        solution = read_solution(tmp_path / "networks" / row.region)
        assert solution.objective == pytest.approx(row.cost)
        assert solution.kpi("landfilled") == pytest.approx(row.landfilled)
    said = json.loads((tmp_path / "summary.json").read_text())
    assert [lever["high"] for lever in said["levers"]] == [100, 50]
    assert said["exact"] is True
