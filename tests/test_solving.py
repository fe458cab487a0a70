"""How a solve ends, what can be added to it, and why there is no plan."""

from __future__ import annotations

import pyomo.environ as pyo
import pytest
from small import DISPOSAL, demand, mill, plant, region, stream, two_years

import isopt
from isopt.errors import InputError

TIP = {"disposal": DISPOSAL, "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 8}


def works(settings=None, **tables):
    """
    100 ash that costs 10 EUR/t to dispose of, and D that needs 80 t at 20 EUR/t; hauling costs 4.

    Apart 100 x 10 + 80 x 20 = 2600; together 80 x 4 + 20 x 10 = 520.
    """
    rows = {"modes": [{"mode": "truck", "eur_per_t": 4}], "streams": [stream("ash", "A", 100)]}
    return region(settings, **rows | {"demands": [demand("works", "D", 80)]} | tables)


def hard():
    """30 firms that give and 30 that take, each road with a price of its own: minutes to prove, a moment to plan."""
    rows = range(30)
    return region(
        facilities=[
            {
                "facility": f"{side}{i}",
                "lat": 0.02 * ((7 * i) % 30),
                "lon": 0.02 * ((11 * i) % 29) + (side == "T") * 0.1,
            }
            for side in "GT"
            for i in rows
        ],
        modes=[{"mode": "truck", "eur_per_tkm": 0.2, "setup_eur_per_yr": 300}],
        streams=[stream(f"s{i}", f"G{i}", 30 + (13 * i) % 17) for i in rows],
        demands=[demand(f"d{i}", f"T{i}", 25 + (17 * i) % 19) for i in rows],
    )


# how it ends


def test_two_firms_exchange_what_is_worth_it():
    """80 t go to D for 4 EUR/t each, 20 are disposed of: 520 EUR instead of 2600."""
    solution = isopt.solve(works(), gap=0)

    assert (solution.status, solution.gap, solution.gap_on_savings) == ("optimal", 0, 0)
    assert solution.objective == pytest.approx(80 * 4 + 20 * 10)
    assert solution.kpi("cost_saved") == pytest.approx(2600 - 520)
    assert set(solution.seconds) == {"build", "hand_over", "solve", "baseline", "total"}
    assert "saved against the baseline" in str(solution)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gap": -0.1}, "a gap is a share of at least 0"),
        ({"gap": float("nan")}, "a gap is a share of at least 0"),
        ({"time_limit": 0}, "a time limit is a number of seconds above 0"),
    ],
)
def test_arguments_without_sense_are_refused(options, message):
    """The message says what is wanted."""
    with pytest.raises(InputError, match=message):
        isopt.solve(works(), **options)


def test_a_listener_that_says_stop_keeps_the_best_plan():
    """Stopped at the first plan it is told of: feasible, interrupted, audited, and its bound honest."""
    heard = []

    def stop(progress):
        heard.append(progress)
        return progress.incumbent is not None

    solution = isopt.solve(hard(), gap=0, time_limit=30, on_progress=stop)

    assert solution.interrupted
    assert solution.status == "feasible"
    assert solution.bound < solution.objective
    assert 0 < solution.gap < solution.gap_on_savings
    assert heard[0].seconds >= 0
    assert "(interrupted)" in str(solution)
    report = isopt.audit(solution)
    assert report.passed, report


def test_a_time_limit_that_is_too_short_gives_an_honest_answer():
    """In a hundredth of a second there is no proof: a feasible plan with its bound, or no solution that says so."""
    solution = isopt.solve(hard(), gap=0, time_limit=0.01)

    assert solution.status in {"feasible", "no_solution"}
    assert not solution.interrupted
    if solution.status == "no_solution":
        assert solution.objective is None
        assert not solution.has_plan
        assert "no solution" in str(solution)


def test_a_listener_that_says_stop_at_once_leaves_no_solution():
    """Stopped before there was any plan: no_solution, interrupted, no tables and no KPI."""
    solution = isopt.solve(hard(), gap=0, time_limit=30, on_progress=lambda _: True)

    assert solution.interrupted
    if solution.has_plan:  # found before the first word was heard
        assert solution.status == "feasible"
        return
    assert solution.status == "no_solution"
    assert solution.exchanges.empty
    with pytest.raises(InputError, match='there is no KPI "cost_total"'):
        solution.kpi("cost_total")


@pytest.mark.parametrize("fee", [-3, -40])
def test_a_price_may_be_negative(fee):
    """A tip that pays 3 t leaves D its ash; one that pays 40 gets it all."""
    solution = isopt.solve(works(disposals=[TIP | {"gate_fee_eur_per_unit": fee}]), gap=0)

    to_works = 80 if fee == -3 else 0  # 4 for the road and no purchase of 20, against 4 for the road less what it pays
    assert solution.objective == pytest.approx(80 * 4 + 20 * (4 + fee) if to_works else 100 * (4 + fee) + 80 * 20)
    assert solution.kpi("exchanged") == pytest.approx(to_works)
    assert isopt.audit(solution).passed


def test_money_without_end_is_said_to_be_so():
    """A well that earns 5 EUR/t for what nobody bounds: the cost has no bottom, and that is no plan."""
    endless = region(
        technologies=[{"technology": "well", "opex_eur_per_unit": -5}],
        recipes=[{"technology": "well", "output": "sand", "yield": 1}],
        plants=[plant("well", "B", technology="well")],
        disposals=[TIP | {"gate_fee_eur_per_unit": 0}],
    )
    solution = isopt.solve(endless)

    assert solution.status == "no_solution"
    assert "the cost has no bottom" in solution.reason
    assert "negative price" in str(solution)
    assert isopt.solve(endless.with_(plants={"well": {"capacity_per_yr": 70}})).objective == pytest.approx(-350)


def test_a_gap_that_is_met_is_optimal():
    """With a gap of 60 % the first plan may do, and is called optimal as asked; the gap found stays in the answer."""
    solution = isopt.solve(hard(), gap=0.6, time_limit=60)

    assert solution.status == "optimal"
    assert solution.gap <= 0.6


# what can be added


def test_a_constraint_of_ones_own_holds_and_the_baseline_goes_without():
    """At most 50 t by any road: 50 x 4 + 50 x 10 + 30 x 20; the baseline is what it was."""

    def at_most_fifty(model, instance):
        assert instance.links.count == 1
        model.own = pyo.Constraint(expr=model.flow[0] <= 50)

    solution = isopt.solve(works(), gap=0, extra=[at_most_fifty])

    assert solution.objective == pytest.approx(50 * 4 + 50 * 10 + 30 * 20)
    assert solution.kpi("exchanged") == pytest.approx(50)
    assert solution.baseline.kpi("cost_total") == pytest.approx(2600)


def test_a_constraint_of_ones_own_may_need_what_pruning_would_drop():
    """At 40 EUR/t nobody would haul ash, but 10 t must: 10 x 40 + 90 x 10 + 70 x 20."""

    def at_least_ten(model, _):
        model.own = pyo.Constraint(expr=model.flow[0] >= 10)

    dear = works(modes=[{"mode": "truck", "eur_per_t": 40}])

    assert isopt.solve(dear, gap=0).counts["links"] == 0
    assert isopt.solve(dear, gap=0, extra=[at_least_ten]).objective == pytest.approx(10 * 40 + 90 * 10 + 70 * 20)


def test_a_constraint_of_ones_own_that_nothing_meets_is_infeasible():
    """More than there is can't be hauled."""

    def too_much(model, _):
        model.own = pyo.Constraint(expr=model.flow[0] >= 101)

    solution = isopt.solve(works(), extra=[too_much])

    assert solution.status == "infeasible"
    assert solution.reason


def test_the_cheapest_of_the_best_is_taken_where_something_else_is_minimised():
    """Ash may go to D or E for the same CO2; D is nearer to the purse."""
    scenario = works(
        {"minimise": {"what": "co2"}},
        modes=[{"mode": "truck", "kgco2_per_t": 2}],
        links=[{"from_facility": "A", "to_facility": "B", "eur_per_unit": 3},
               {"from_facility": "A", "to_facility": "C", "eur_per_unit": 1}],
        streams=[stream("ash", "A", 50, own_disposal_kgco2_per_unit=90)],
        demands=[demand("dear", "B", 50), demand("cheap", "C", 50)],
    )  # fmt: skip
    solution = isopt.solve(scenario, gap=0)

    assert solution.objective == pytest.approx(50 * 2 / 1000)
    assert solution.kpi("cost_total") == pytest.approx(50 * 1 + 50 * 20)
    assert solution.gap_on_savings is None


# why there is no plan


def reason(scenario):
    """Why a scenario has no plan."""
    solution = isopt.solve(scenario, gap=0)
    assert solution.status == "infeasible"
    assert solution.objective is None
    assert solution.bound is None
    assert str(solution).startswith("region: infeasible\n  ")
    return solution.reason


def test_a_stream_without_a_way_out_is_named():
    """Nobody takes clay, and it has no disposal."""
    told = reason(works(streams=[stream("ash", "A", 100), stream("clay", "B", 40, "clay", None)]))

    assert told == (
        'These can\'t hold together: stream "clay" must place 40 t of clay and has no way out: no exchange, plant, '
        "disposal or own disposal."
    )


def test_a_demand_that_nothing_meets_is_named():
    """Sand can't be bought, and nothing in reach replaces it."""
    told = reason(works(demands=[demand("bed", "D", 80, "sand", None)]))

    assert 'demand "bed" needs 80 t of sand, and it can\'t be bought (virgin_eur_per_unit is empty)' in told
    assert "nothing in reach replaces it" in told


def test_streams_that_exceed_the_room_of_a_disposal_are_named_with_it():
    """100 t must go to a tip of 60."""
    told = reason(region(streams=[stream("ash", "A", 100, disposal=None)], disposals=[TIP | {"capacity_per_yr": 60}]))

    assert 'stream "ash" must place 100 t of ash' in told
    assert 'disposal "tip" takes at most 60 a year' in told


def test_a_plant_that_cannot_place_its_output_is_named():
    """Ash has only the mill, whose slag nobody wants; the year is told where there are several."""
    told = reason(
        region(
            periods=two_years(),
            streams=[stream("ash", "A", 100, disposal=None)],
            plants=[plant("mill", "B", capacity_per_yr=900)],
            **mill(slag=0.5),
        )
    )

    assert 'plant "mill" must place all its slag in 2030, which has no way out' in told
    assert 'stream "ash" must place 100 t of ash in 2030' in told


def test_a_limit_that_no_plan_reaches_says_what_can_be_reached():
    """20 t can't avoid the landfill, 12 are asked for; 1.3 t of CO2 at least, against a limit of 1."""
    few = works(
        {"limits": {"landfilled_t_per_yr": 12}}, streams=[stream("ash", "A", 100, own_disposal_route="landfill")]
    )
    hot = works({"limits": {"co2_t_per_yr": 1}}, modes=[{"mode": "truck", "kgco2_per_t": 10}],
                streams=[stream("ash", "A", 100, own_disposal_kgco2_per_unit=25)])  # fmt: skip

    assert "at most 12 t landfilled a year" in reason(few)
    assert "the least that any plan reaches is 20" in reason(few)
    assert "the least that any plan reaches is 1.3" in reason(hot)  # 80 x 10 + 20 x 25


def test_more_plants_than_there_are_cannot_be_built():
    """Exactly three of two candidates: the most is two."""
    told = reason(
        works(
            {"limits": {"plants": 3}},
            plants=[plant(name, "B", "candidate", capacity_per_yr=50, capex_eur=9) for name in ("one", "two")],
            demands=[demand("works", "D", 80, "sand")],
            **mill(),
        )
    )

    assert "exactly 3 candidate plants built: the most that any plan reaches is 2" in told


def test_wishes_of_whole_numbers_are_named_with_what_to_give_up():
    """100 t are too much for one receiver of 80 and too little for two lots of 60: only whole numbers contradict."""
    told = reason(
        region(
            modes=[{"mode": "truck", "min_per_yr": 60}],
            streams=[stream("ash", "A", 100, disposal=None)],
            demands=[demand(f"d{place}", place, 80, must_meet=False) for place in ("B", "C")],
        )
    )

    assert told == (
        "No plan meets all requirements; a plan exists without the least amounts of exchanges (min_per_yr), or without "
        "that streams must be placed."
    )


def test_small_contradictions_name_the_wishes_in_them():
    """100 t don't go to one of two receivers of 60 alone, nor in a lot of 60 to whoever takes 50."""
    takers = [demand(f"d{place}", place, 60, must_meet=False) for place in ("B", "C")]
    ash = stream("ash", "A", 100, disposal=None)
    single = region(streams=[ash | {"single_receiver": True}], demands=takers)
    lots = region(
        modes=[{"mode": "truck", "min_per_yr": 60}],
        streams=[ash],
        demands=[taker | {"need_per_yr": 50} for taker in takers],
    )

    must = 'These can\'t hold together: stream "ash" must place 100 t of ash; '
    assert reason(single) == must + "the single receivers."
    assert reason(lots) == must + "the least amounts of exchanges (min_per_yr)."


def test_a_baseline_without_a_plan_says_why():
    """Ash has no disposal: without exchange there is no way out, with it there is."""
    solution = isopt.solve(works(streams=[stream("ash", "A", 80, disposal=None)]), gap=0)

    assert solution.status == "optimal"
    assert solution.baseline is None
    assert 'stream "ash" must place 80 t of ash' in solution.baseline_reason
    assert solution.gap_on_savings is None
    assert "cost_saved" not in set(solution.kpis["kpi"])
    assert solution.firms["cost_before_eur_per_yr"].isna().all()


# two answers side by side


def test_two_solutions_are_compared_exchange_by_exchange():
    """Dearer roads close the one to C, and D's supplier sends less once D needs less."""
    first = works(demands=[demand("works", "D", 60), demand("wall", "C", 20)])
    second = first.with_(
        title="dearer",
        demands={"works": {"need_per_yr": 30}},
        links=[{"from_facility": "A", "to_facility": "C", "eur_per_unit": 90}],
    )
    one, two = isopt.solve(first, gap=0), isopt.solve(second, gap=0)
    forth, back, same = isopt.compare(one, two), isopt.compare(two, one), isopt.compare(one, one)

    assert list(forth.exchanges["change"]) == ["shrank", "closed"]
    assert list(forth.exchanges["tonnes_difference"]) == pytest.approx([-30, -20])
    assert list(back.exchanges["change"]) == ["grew", "opened"]
    assert set(same.exchanges["change"]) == {"same"}
    cost = forth.kpis.set_index("kpi").loc["cost_total"]
    assert (cost["first"], cost["second"]) == pytest.approx((80 * 4 + 20 * 10, 30 * 4 + 70 * 10 + 20 * 20))
    assert cost["difference"] == pytest.approx(cost["second"] - cost["first"])
    text = str(forth)
    assert "exchanges: 0 opened, 1 closed, 0 grew, 1 shrank, 0 same" in text
    assert "closed  A>C|truck|ash: 20.0 -> 0.0 t/yr, saving -520 EUR/yr" in text
    assert forth.names == ("region", "dearer")
