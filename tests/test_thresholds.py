"""
Thresholds: held against grids of solved levels on random regions, against paper, and against time that is too short.

`ISOPT_EXAMPLES=52 pytest tests/test_thresholds.py` solves all 50 random regions at 1,000 levels each.
"""

from __future__ import annotations

import json
import os
import random

import numpy as np
import pandas as pd
import pytest
from small import demand, plant, region, stream, two_years
from strategies import FEATURES, scenario_of

import isopt
from isopt.errors import InputError
from isopt.formulation import build
from isopt.network import instance_of
from isopt.solution.store import read_solution
from isopt.solver.compile import standard_form
from isopt.solver.highs import Session, solve_form
from isopt.studies.lines import lower_envelope
from isopt.studies.thresholds import COLUMNS, Thresholds, thresholds
from isopt.studies.thresholds_files import write_thresholds

LOW, HIGH = 0.0, 250.0
#: Random regions (small ones first) of which all 1,000 levels are solved each time; the others are tried at a few.
FINE = int(os.environ.get("ISOPT_EXAMPLES", "2"))
REGIONS, LEVELS, FEW = 50, 1000, 4
QUICK = (35, 36)
#: Tens of regions that are looked at; all of them on request.
TENS = range(0, REGIONS, 10) if "ISOPT_EXAMPLES" in os.environ else (30,)
#: One in which the network changes at many levels, in one part.
MANY_TURNS = 26


def random_region(number):
    """A random region with a landfill tax, of up to six more features."""
    draw = random.Random(number)
    features = {*draw.sample([name for name in FEATURES if name != "minimise"], 6), "landfill_tax", "disposals"}
    return scenario_of(number, features)


def found_in(number):
    """Thresholds of a random region, None where it has no plan."""
    scenario = random_region(number)
    try:
        return thresholds(scenario, "landfill_tax", LOW, HIGH)
    except InputError:
        assert isopt.solve(scenario, gap=0).status == "infeasible"
        return None


def solved_at(found: Thresholds, levels):
    """Least cost at each level, solved one by one."""
    form = found.problem.form
    session = Session(form)
    costs = []
    for level in levels:
        session.change_cost(found.problem.cost_at([level]), offset=found.problem.constant_at([level]))
        outcome = session.solve(gap=0.0, time_limit=60)
        assert outcome.status == "optimal"
        costs.append(outcome.objective)
    return np.array(costs)


def rebuilt_at(found: Thresholds, level):
    """Least cost at a level of a model made anew, with what is useless there pruned."""
    scenario = found.lever.at(found.problem.scenario, level)
    outcome = solve_form(standard_form(build(instance_of(scenario))), gap=0.0, time_limit=60)
    assert outcome.status == "optimal"
    return outcome.objective


def dear_roads(**settings):
    """Two firms whose roads cost 123 EUR a tonne: 60 km at 2 EUR/tkm and 3 for loading."""
    return isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 2.0}}, **settings)


def test_the_tax_at_which_two_firms_begin_to_exchange():
    """Hauling a tonne costs 123, landfilling it 45 and the tax, stone 12: at 123 - 45 - 12 = 66 the exchange opens."""
    found = thresholds(dear_roads(), "landfill_tax", LOW, HIGH)
    table, proof = found.table, found.breakpoints.iloc[0]

    assert list(table["low"]) == pytest.approx([0, 66])
    assert list(table["high"]) == pytest.approx([66, 250])
    assert list(table["slope"]) == pytest.approx([100, 20])
    assert list(table["landfilled"]) == pytest.approx([100, 20])
    assert list(table["cost_at_low"]) == pytest.approx([100 * 45 + 80 * 12, 100 * (45 + 66) + 80 * 12])
    assert table["cost_at_high"].iloc[1] == pytest.approx(20 * (45 + 250) + 80 * 123)
    assert list(table["revenue_at_low"]) == pytest.approx([0, 20 * 66])
    assert list(table["revenue_at_high"]) == pytest.approx([100 * 66, 20 * 250])
    assert list(table["exchanges"]) == [0, 1]
    assert (table["error"] == 0).all()
    assert proof["cost_before"] == pytest.approx(proof["cost_after"]) == pytest.approx(12060)
    assert proof["landfilled_less"] == pytest.approx(80)
    assert proof["abatement_eur_per_t"] == pytest.approx(66)  # 123 - 45 - 12: what the tax has to pay for
    assert (proof["opened"], proof["closed"], proof["off_by"]) == (1, 0, 0)
    assert found.changes[["exchange", "change", "amount_after"]].iloc[0].tolist() == [
        "yard>harbour|truck|concrete",
        "opened",
        pytest.approx(80),
    ]
    assert found.solves == 3


def test_other_levers_open_the_same_exchange():
    """Without a tax, stone at 12 + 66 EUR opens it, a subsidy of 66 a tonne, or roads at 15.75 times the rate close it."""
    bare = dear_roads(policy={"landfill_tax_eur_per_t": {"inert": 0}})
    taxed = isopt.read("scenarios/two_firms")

    def turns(scenario, lever, low, high):
        return list(thresholds(scenario, lever, low, high).breakpoints["at"])

    assert turns(bare, "demands.stone_harbour.virgin_eur_per_unit", 0, 100) == pytest.approx([78])
    assert turns(bare, "subsidy", 0, 100) == pytest.approx([66])
    assert turns(taxed, "modes.truck.eur_per_tkm*", 0, 20) == pytest.approx([(45 + 50 + 12 - 3) / 60 / 0.11])


def test_a_subsidy_costs_the_treasury_what_it_pays():
    """80 tonnes exchanged at a subsidy of 66 to 100 EUR: the revenue is negative."""
    bare = dear_roads(policy={"landfill_tax_eur_per_t": {"inert": 0}})
    table = thresholds(bare, "subsidy", 0, 100).table

    assert list(table["revenue_at_low"]) == pytest.approx([0, -80 * 66])
    assert list(table["revenue_at_high"]) == pytest.approx([0, -80 * 100])


@pytest.mark.parametrize("start", TENS)
def test_random_regions_agree_with_levels_solved_one_by_one(start):
    """The least cost is the same at every level, no line is missing and none is one too many, at few solves."""
    for number in range(start, start + 10):
        found = found_in(number)
        if found is None:
            continue
        levels = np.linspace(LOW, HIGH, LEVELS if number in [*QUICK, *range(REGIONS)][:FINE] else FEW)
        assert found.exact
        assert found.cost(levels) == pytest.approx(solved_at(found, levels), rel=1e-6, abs=1e-4)
        assert found.cost([90.0])[0] == pytest.approx(rebuilt_at(found, 90.0), rel=1e-6, abs=1e-4)
        assert found.solves <= found.most_solves
        holds_together(found)


def holds_together(found: Thresholds):
    """Concave, without gaps, tonnes never rising, each network the cheapest inside its own interval only."""
    table = found.table
    assert table["low"].iloc[0] == LOW
    assert table["high"].iloc[-1] == HIGH
    assert list(table["low"].iloc[1:]) == list(table["high"].iloc[:-1])
    assert (np.diff(table["slope"]) < 0).all()
    costs = found.cost(np.linspace(LOW, HIGH, 101))
    assert (np.diff(costs, 2) <= 1e-9 * np.abs(costs).max()).all()
    if len(found.problem.instance.periods.years) == 1:
        assert (np.diff(table["landfilled"]) <= 1e-6).all()
    for row in found.breakpoints.itertuples():
        assert row.cost_before == pytest.approx(row.cost_after, rel=1e-9)
        assert row.cost_before == pytest.approx(found.cost([row.at])[0], rel=1e-9)
    middles = ((table["low"] + table["high"]) / 2).to_numpy()
    forms = [found.problem.form_at([middle]) for middle in middles]
    every = np.array([[form.value(found.values(i)) for i in range(len(middles))] for form in forms])
    own = np.diagonal(every)
    assert own == pytest.approx(found.cost(middles), rel=1e-9)
    assert (every + np.diag(np.full(len(own), np.inf)) > own[:, None]).all()


def test_a_network_is_a_whole_solution_at_its_level():
    """The full solution of an interval is the optimum of the scenario with the lever in its middle, and audits."""
    found = thresholds(dear_roads(), "landfill_tax", LOW, HIGH)
    for i in (0, 1):
        solution = found.solution(i)
        level = found.table[["low", "high"]].iloc[i].mean()
        alone = isopt.solve(found.lever.at(dear_roads(), level), gap=0)

        assert solution.status == "optimal"
        assert solution.objective == pytest.approx(alone.objective)
        assert solution.kpi("cost_saved") == pytest.approx(alone.kpi("cost_saved"))
        assert isopt.audit(solution).passed


def test_kalundborg_is_exact_and_agrees_with_single_solves():
    """Along the carbon price Kalundborg has one breakpoint below 1,000 EUR; along the landfill tax none."""
    scenario = isopt.read("scenarios/kalundborg")
    carbon, tax = thresholds(scenario, "carbon_price", 0, 1000), thresholds(scenario, "landfill_tax", LOW, HIGH)

    assert carbon.exact
    assert tax.exact
    levels = np.linspace(0, 1000, 21)
    assert carbon.cost(levels) == pytest.approx(solved_at(carbon, levels), rel=1e-6)
    assert carbon.cost([75.0])[0] == pytest.approx(isopt.solve(scenario, gap=0).objective, rel=1e-6)
    assert tax.cost([63.7])[0] == pytest.approx(isopt.solve(scenario, gap=0).objective, rel=1e-6)
    at = carbon.breakpoints["at"].to_numpy()
    assert carbon.breakpoints["abatement_eur_per_tco2"].to_numpy() == pytest.approx(at, rel=1e-6)


# ties, ends and parts


def outlets(tip=10.0, kiln=50.0, name="ash", at="A"):
    """A stream that is landfilled at one price or burnt at another, whose price has no tax."""
    return {
        "streams": [stream(name, at, 100, disposal=None)],
        "disposals": [
            {"disposal": "tip", "facility": "C", "accepts": "ash", "route": "landfill", "gate_fee_eur_per_unit": tip},
            {"disposal": "kiln", "facility": "D", "accepts": "ash", "route": "incineration",
             "gate_fee_eur_per_unit": kiln},
        ],
    }  # fmt: skip


def test_parts_that_turn_at_the_same_tax_turn_once():
    """Two streams leave the tip at a tax of 40 each: one breakpoint of 200 t."""
    parts = outlets()
    parts["streams"].append(stream("more", "B", 100, disposal=None))
    found = thresholds(region(**parts), "landfill_tax", LOW, HIGH)

    assert len(found.parts) == 2
    assert list(found.breakpoints["at"]) == pytest.approx([40])
    assert list(found.table["slope"]) == pytest.approx([200, 0])


@pytest.mark.parametrize(("low", "high", "slope"), [(40, 100, 0), (0, 40, 100)])
def test_a_tie_at_an_end_of_the_range_makes_no_interval(low, high, slope):
    """Where two outlets cost the same at the very end, one network holds in the whole range."""
    found = thresholds(region(**outlets()), "landfill_tax", low, high)

    assert list(found.table["slope"]) == pytest.approx([slope])
    assert found.exact
    assert found.solves <= found.most_solves


def test_networks_that_cost_the_same_everywhere_are_one():
    """Two tips at the same price and tax make no difference."""
    tables = outlets(kiln=10.0)
    tables["disposals"][1]["route"] = "landfill"
    found = thresholds(region(**tables), "landfill_tax", LOW, HIGH)

    assert len(found.intervals) == 1
    assert found.solves <= 2


def test_three_outlets_that_meet_in_one_point_make_one_breakpoint():
    """A mill that leaves half of what it takes for the tip costs 50 at a tax of 40 as tip and kiln do: one breakpoint."""
    tables = outlets()
    tables["plants"] = [plant("mill", "A", capacity_per_yr=100)]
    tables["technologies"] = [{"technology": "mill", "opex_eur_per_unit": 25}]
    tables["recipes"] = [{"technology": "mill", "input": "ash", "output": "slag", "yield": 0.5}]
    tables["disposals"][0]["accepts"] = "ash;slag"
    found = thresholds(region(**tables), "landfill_tax", LOW, HIGH)

    assert list(found.breakpoints["at"]) == pytest.approx([40])
    assert list(found.table["slope"]) == pytest.approx([100, 0])


def test_a_lever_that_moves_nothing_leaves_one_interval():
    """No landfill, no effect of its tax: one solve for each part."""
    tables = outlets()
    tables["disposals"] = tables["disposals"][1:]
    found = thresholds(region(**tables), "landfill_tax", LOW, HIGH)

    assert list(found.table["slope"]) == [0]
    assert found.solves == 1


def test_years_are_summed_and_discounted():
    """Two years at 10 %: the slope is the discounted tonnes, the tonnes are plain ones."""
    years = region({"economics": {"discount_rate": 0.1}}, periods=two_years(), **outlets())
    found = thresholds(years, "landfill_tax", LOW, HIGH)

    assert list(found.breakpoints["at"]) == pytest.approx([40])
    assert list(found.table["slope"]) == pytest.approx([100 + 100 / 1.1, 0])
    assert list(found.table["landfilled"]) == pytest.approx([200, 0])
    assert found.breakpoints["abatement_eur_per_t"].iloc[0] == pytest.approx(40 * (1 + 1 / 1.1) / 2)


def test_the_lowest_of_many_lines_is_what_sorting_finds():
    """Against the minimum of 40 random lines at 500 places; lines above all others are left out."""
    rng = np.random.default_rng(3)
    low, high = rng.normal(size=(2, 40))
    chosen, breaks = lower_envelope(low, high)
    at = np.linspace(0, 1, 500)
    values = low[:, None] + (high - low)[:, None] * at
    mine = chosen[np.searchsorted(breaks, at)]

    assert values[mine, np.arange(500)] == pytest.approx(values.min(axis=0))
    assert (np.diff(breaks) > 0).all()


# not enough time


@pytest.fixture(scope="module")
def exact():
    """A region in which the network changes at many levels, solved to the end."""
    found = found_in(MANY_TURNS)
    assert len(found.intervals) > 8
    return found


@pytest.mark.parametrize("solves", [2, 3, 6])
def test_what_is_left_open_is_bounded(exact, solves):
    """Stopped after some solves, the cost is above the least by no more than the error said, and says it is not exact."""
    stopped = thresholds(
        exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=lambda step: step.solves >= solves
    )
    assert stopped.interrupted
    assert not stopped.exact
    levels = np.linspace(LOW, HIGH, 400)
    above = stopped.cost(levels) - exact.cost(levels)
    table = stopped.table
    error = table["error"].to_numpy()[np.clip(np.searchsorted(table["high"], levels), 0, len(table) - 1)]

    assert (above >= -1e-6 * np.abs(exact.cost(levels))).all()
    assert (above <= error + 1e-6 * np.abs(exact.cost(levels))).all()
    assert above.max() > 0
    assert "not all of it proven" in str(stopped)


def test_more_solves_leave_less_open(exact):
    """The error falls from 2 solves to 6 to 12, and is nothing in the end."""
    errors = []
    for solves in (2, 6, 12, 10_000):
        found = thresholds(
            exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=lambda step, n=solves: step.solves >= n
        )
        errors.append(found.table["error"].max())

    assert errors == sorted(errors, reverse=True)
    assert errors[0] > errors[2] > errors[3] == 0


def test_a_gap_shows_as_an_error_that_bounds(exact):
    """Solved within 5 %, the table says what that may miss; the networks are then no better than that."""
    rough = thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, gap=0.05)
    levels = np.linspace(LOW, HIGH, 200)
    above = rough.cost(levels) - exact.cost(levels)

    assert (above <= rough.table["error"].max() + 1e-6 * np.abs(exact.cost(levels))).all()
    assert (rough.breakpoints["off_by"] >= 0).all()


def test_ctrl_c_keeps_what_is_proven(exact):
    """An interrupt in the middle ends the search with a table; before the first plan it says so."""

    def press(after):
        def listen(step):
            if step.solves >= after:
                raise KeyboardInterrupt

        return listen

    kept = thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=press(4))
    assert kept.interrupted
    assert len(kept.table) >= 1
    assert not kept.exact
    with pytest.raises(InputError, match="before there was a plan"):
        thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, time_limit=1e-9)


def test_one_end_alone_is_bounded_by_the_relaxation(exact):
    """With the lower end solved only, the error is large and finite, and bounds."""
    found = thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=lambda step: step.solves >= 1)
    levels = np.linspace(LOW, HIGH, 100)
    above = found.cost(levels) - exact.cost(levels)

    assert np.isfinite(found.table["error"]).all()
    assert 0 < above.max() <= found.table["error"].max()


def test_where_nothing_bounds_the_error_is_infinite(exact, monkeypatch):
    """Without time even for the relaxation, the table says that nothing is known."""
    monkeypatch.setattr("isopt.studies.searching.CLOSING_S", 0.0)
    found = thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=lambda step: step.solves >= 1)

    assert np.isinf(found.table["error"]).all()


def test_regions_without_a_plan_and_arguments_that_make_no_sense_are_refused():
    """No way out for ash; a gap or time below nothing."""
    with pytest.raises(InputError, match="no plan that meets all requirements"):
        thresholds(region(streams=[stream("ash", "A", 100, disposal=None)]), "landfill_tax")
    with pytest.raises(InputError, match="a gap is a share"):
        thresholds(dear_roads(), gap=-1)
    with pytest.raises(InputError, match="a time limit"):
        thresholds(dear_roads(), time_limit=0)
    endless = region(
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "B", 80, virgin=None, must_meet=False)],
        modes=[{"mode": "truck", "eur_per_t": 1}],
    )
    assert thresholds(endless, "landfill_tax").exact


# files


def test_thresholds_are_written_with_every_network(tmp_path):
    """The table has the contract's columns, each network reads back as a solution, an old network goes."""
    found = thresholds(dear_roads(), "landfill_tax", LOW, HIGH)
    stale = tmp_path / "networks" / "n7"
    stale.mkdir(parents=True)
    (stale / "summary.json").write_text("{}")
    (tmp_path / "networks" / "notes").mkdir()
    told = []
    write_thresholds(found, tmp_path, on_progress=lambda done, of: told.append((done, of)))
    table = pd.read_csv(tmp_path / "thresholds.csv")

    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2
    for row in table.itertuples():
        solution = read_solution(tmp_path / "networks" / row.network)
        assert solution.kpi("landfilled") == pytest.approx(row.landfilled)
        assert solution.kpi("co2_total") == pytest.approx(row.co2_total)
        assert solution.kpi("exchanges") == row.exchanges
        assert solution.objective == pytest.approx((row.cost_at_low + row.cost_at_high) / 2)
    said = json.loads((tmp_path / "summary.json").read_text())
    assert said["breakpoints"] == pytest.approx([66])
    assert said["solves"] <= said["most_solves"]
    assert told == [(1, 2), (2, 2)]
    assert sorted(path.name for path in (tmp_path / "networks").iterdir()) == ["n1", "n2", "notes"]
    assert pd.read_csv(tmp_path / "changes.csv")["change"].tolist() == ["opened"]
    assert pd.read_csv(tmp_path / "breakpoints.csv")["at"].tolist() == pytest.approx([66])


def test_an_unproven_table_is_valid_json_and_csv(tmp_path, exact, monkeypatch):
    """An error without bound is empty in JSON and infinite in the table."""
    monkeypatch.setattr("isopt.studies.searching.CLOSING_S", 0.0)
    found = thresholds(exact.problem.scenario, "landfill_tax", LOW, HIGH, on_progress=lambda step: step.solves >= 1)
    write_thresholds(found, tmp_path, write=None)

    assert json.loads((tmp_path / "summary.json").read_text())["error"] is None
    assert np.isinf(pd.read_csv(tmp_path / "thresholds.csv")["error"]).all()
