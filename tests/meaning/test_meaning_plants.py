"""*Meaning*, "Plants", with recipes, mixes and the fine print on sites."""

from __future__ import annotations

from meaning.small import (
    BURNING,
    DEMAND,
    KILN,
    LANDFILL,
    PLACES,
    SEASONS,
    STREAM,
    WASTE,
    approx,
    by_year,
    change,
    impossible,
    place,
    refused,
    sent,
    solved,
    years,
)

GOOD, REST, LEAF = (WASTE | {"material": name} for name in ("good", "rest", "leaf"))
LEAVES = STREAM | {"stream": "leaves", "material": "leaf"}
MILL = {"plant": "p", "facility": "A", "technology": "mill", "status": "existing"}
WANTED = DEMAND | {"material": "good"}


def mill(*recipes: dict, **technology: float) -> dict:
    """A technology by its recipes."""
    return {
        "technologies": [{"technology": "mill"} | technology],
        "recipes": [{"technology": "mill"} | recipe for recipe in recipes],
    }


TO_GOOD = {"input": "w", "output": "good", "yield": 0.5}


def test_throughput_is_the_sum_of_inputs():
    """A mill of 120 t takes 100 t of w and 20 t of leaf; what it works costs by the throughput, both together."""
    solution = solved(
        **mill({"input": "w"}, {"input": "leaf"}, opex_eur_per_unit=2, kgco2_per_unit=5),
        materials=[WASTE, LEAF],
        streams=[STREAM | {"own_disposal_eur_per_unit": 60}, LEAVES],
        demands=[],
        plants=[MILL | {"capacity_per_yr": 120}],
    )

    assert dict(zip(solution.throughput["input"], solution.throughput["amount"], strict=True)) == approx(
        {"w": 100, "leaf": 20}
    )
    assert solution.kpi("cost_treatment") == approx(120 * 2)
    assert solution.kpi("co2_treatment") == approx(120 * 5 / 1000)


def test_inputs_of_a_technology_share_one_unit():
    """Inputs in t and m3 can't be added up: an error."""
    told = refused(
        **mill({"input": "w"}, {"input": "water"}),
        materials=[WASTE, {"material": "water", "unit": "m3", "t_per_unit": 1}],
        plants=[MILL],
    )

    assert "must share one unit" in told


def test_outputs_are_the_yields_in_equality_and_one_with_no_way_out_stops_the_plant():
    """Good would sell, but the rest that comes with it can go nowhere: nothing is milled."""
    parts = {
        **mill(TO_GOOD, {"input": "w", "output": "rest", "yield": 0.1}),
        "materials": [WASTE, GOOD, REST],
        "demands": [WANTED],
        "plants": [MILL],
    }
    stopped = solved(**parts)
    running = solved(**parts, disposals=[LANDFILL | {"facility": "A", "accepts": "rest"}])

    assert sent(stopped, "s", "p") == 0
    assert sent(running, "s", "p") == approx(100)
    assert sent(running, "p", "d") == approx(50)
    assert sent(running, "p", "tip") == approx(10)


def test_each_input_brings_its_own_yields():
    """Co-digestion is several rows: 100 t of w give 10 t, 100 t of leaf 40 t."""
    solution = solved(
        **mill(TO_GOOD | {"yield": 0.1}, TO_GOOD | {"input": "leaf", "yield": 0.4}),
        materials=[WASTE, LEAF, GOOD],
        streams=[STREAM, LEAVES],
        demands=[WANTED],
        plants=[MILL],
    )

    assert sent(solution, "p", "d") == approx(100 * 0.1 + 100 * 0.4)


def test_a_material_may_end_in_a_plant_and_a_plant_may_make_something_of_nothing():
    """An empty output: the material ends here; an empty input: the plant makes something of nothing, up to capacity."""
    solution = solved(
        technologies=[{"technology": "burning"}, {"technology": "well", "opex_eur_per_unit": 3}],
        recipes=[
            {"technology": "burning", "input": "w"},
            {"technology": "well", "output": "good", "yield": 1},
        ],
        materials=[WASTE, GOOD],
        demands=[WANTED | {"facility": "A"}],
        plants=[
            KILN | {"status": "existing"},
            MILL | {"technology": "well", "capacity_per_yr": 45},
        ],
    )

    assert sent(solution, "s", "kiln") == approx(100)
    assert sent(solution, "p", "d") == approx(45)
    assert solution.kpi("cost_total") == approx(45 * 3 + 15 * 30)


def test_something_of_nothing_needs_a_capacity_where_a_decision_hangs_on_it():
    """Nothing bounds a candidate well without capacity: an error that says what to fill."""
    told = refused(
        technologies=[{"technology": "well"}],
        recipes=[{"technology": "well", "output": "w", "yield": 1}],
        plants=[MILL | {"technology": "well", "status": "candidate"}],
    )

    assert "give its capacity" in told


def test_an_output_needs_a_yield():
    """Yield is needed with an output."""
    assert "an output needs one" in refused(**mill({"input": "w", "output": "w"}), plants=[MILL])


def test_a_loop_of_plants_runs_until_its_losses_have_used_it_up():
    """A washer returns half of what it takes; all 100 t go round until nothing is left: 200 t of throughput."""
    solution = solved(
        **mill({"input": "w", "output": "w", "yield": 0.5}, opex_eur_per_unit=1), demands=[], plants=[MILL]
    )

    assert solution.throughput["amount"].tolist() == approx([100 / (1 - 0.5)])
    assert solution.kpi("cost_total") == approx(200)


def test_an_existing_plant_stands_and_pays_its_fixed_cost_used_or_not_and_no_capital():
    """A kiln at D too far to be used costs its 40 EUR a year and no capital."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"facility": "D", "status": "existing", "capex_eur": 1000, "fixed_eur_per_yr": 40}],
        modes={"truck": {"eur_per_tkm": 2}},
    )

    assert sent(solution, "s", "kiln") == 0
    assert solution.kpi("cost_plants") == approx(40)
    assert solution.kpi("capex") == 0
    assert solution.kpi("plants_built") == 0


def test_an_existing_plant_meets_its_least_load_in_a_period_in_which_it_runs():
    """Least load 0.5 of 60 t in half a year is 15 t: with 20 t in summer it runs, with 10 t in winter it does not."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"status": "existing", "capacity_per_yr": 60, "min_load_share": 0.5}],
        streams={"s": {"supply_per_yr": 40}},
        demands=[],
        periods=SEASONS,
        changes=[change("streams", "s", "supply_per_yr", "winter", value=20)],
    )

    assert sent(solution, "s", "kiln", period="summer") == approx(20)
    assert sent(solution, "s", "own", period="winter") == approx(10)


def test_the_least_load_of_an_enlarged_existing_plant_speaks_of_its_whole_capacity():
    """20 t enlarged to 100 t has a least load of 80 t: with 100 t it runs; enlarging for 70 t is not worth 24 EUR/t."""
    enlarged = KILN | {"status": "existing", "capacity_per_yr": 20, "max_capacity_per_yr": 100, "min_load_share": 0.8}
    full = solved(**BURNING, plants=[enlarged | {"fixed_eur_per_unit": 24}], demands=[])
    dear = solved(**BURNING, plants=[enlarged | {"fixed_eur_per_unit": 51}], demands=[])

    assert full.plants["added_capacity"].tolist() == approx([80])
    assert full.kpi("cost_plants") == approx(80 * 24)
    assert sent(dear, "s", "kiln") == approx(20)
    assert sent(dear, "s", "own") == approx(80)


def test_an_idle_existing_plant_that_could_be_enlarged_need_not_load():
    """With 10 t of waste a plant of 20 t at a least load of 0.8 stays idle, enlargeable or not."""
    enlarged = KILN | {"status": "existing", "capacity_per_yr": 20, "max_capacity_per_yr": 100, "min_load_share": 0.8}
    solution = solved(**BURNING, streams={"s": {"supply_per_yr": 10}}, plants=[enlarged], demands=[])

    assert sent(solution, "s", "own") == approx(10)


def test_a_candidate_meets_its_least_load_in_every_period_in_which_it_stands():
    """Winter's 10 t do not fill half of 60 t in half a year: the kiln is not built, though summer would pay for it."""
    parts = {
        **BURNING,
        "streams": {"s": {"supply_per_yr": 60}},
        "demands": [],
        "periods": SEASONS,
        "changes": [change("streams", "s", "supply_per_yr", "winter", value=20)],
    }
    bound = solved(**parts, plants=[KILN | {"capacity_per_yr": 60, "min_load_share": 0.5}])
    free = solved(**parts, plants=[KILN | {"capacity_per_yr": 60}])

    assert bound.kpi("plants_built") == 0
    assert sent(free, "s", "kiln") == approx(30 + 10)


def test_an_empty_capacity_is_unlimited_or_0_up_to_the_largest():
    """Empty: unlimited; with max_capacity_per_yr: any size up to it, each unit of it at its price."""
    open_ended = solved(**BURNING, plants=[KILN | {"capex_eur": 100, "life_yr": 1}], demands=[])
    sized = solved(
        **BURNING,
        plants=[KILN | {"max_capacity_per_yr": 70, "capex_eur_per_unit": 80, "fixed_eur_per_unit": 3, "life_yr": 2}],
        demands=[],
    )

    assert sent(open_ended, "s", "kiln") == approx(100)
    assert sized.plants["capacity_now"].tolist() == approx([70])
    assert sized.kpi("cost_plants") == approx(70 * (80 / 2 + 3))
    assert sized.kpi("capex") == approx(70 * 80)
    assert sent(sized, "s", "own") == approx(30)


def test_capacity_above_capacity_per_yr_alone_is_paid_by_the_unit():
    """A candidate of 30 t enlarged to 100 t pays its capital, and 70 t by the unit; so does an existing one (reading)."""
    sizes = {"capacity_per_yr": 30, "max_capacity_per_yr": 200, "capex_eur": 50, "capex_eur_per_unit": 10, "life_yr": 1}
    new = solved(**BURNING, plants=[KILN | sizes], demands=[])
    old = solved(**BURNING, plants=[KILN | sizes | {"status": "existing"}], demands=[])

    assert new.kpi("cost_plants") == approx(50 + 70 * 10)
    assert old.kpi("cost_plants") == approx(70 * 10)


def test_a_mix_bounds_an_inputs_share_of_the_throughput_and_equal_shares_fix_it():
    """At least 20 % leaf: 25 t of leaf allow 100 t of w; exactly 50 %: 25 t and 25 t."""
    parts = {
        **mill({"input": "w"}, {"input": "leaf"}),
        "materials": [WASTE, LEAF],
        "streams": [STREAM | {"supply_per_yr": 200}, LEAVES | {"supply_per_yr": 25, "own_disposal_eur_per_unit": 0}],
        "demands": [],
        "plants": [MILL],
    }
    least = solved(**parts, mixes=[{"technology": "mill", "input": "leaf", "min_share": 0.2}])
    fixed = solved(**parts, mixes=[{"technology": "mill", "input": "leaf", "min_share": 0.5, "max_share": 0.5}])
    most = solved(**parts, mixes=[{"technology": "mill", "input": "w", "max_share": 0.6}])

    assert sent(least, "s", "p") == approx(100)
    assert (sent(fixed, "s", "p"), sent(fixed, "leaves", "p")) == approx((25, 25))
    assert sent(most, "s", "p") == approx(25 * 0.6 / 0.4)


def test_least_load_needs_a_capacity():
    """min_load_share needs a capacity: it is a share of it."""
    assert "needs a capacity" in refused(**BURNING, plants=[KILN | {"min_load_share": 0.5}])


def test_choose_one_builds_at_most_one_candidate_and_does_not_count_existing_ones():
    """Of two kilns of 40 t under one label one is built, beside the existing one with the same label."""
    label = {"choose_one": "kilns", "capacity_per_yr": 30}
    solution = solved(
        **BURNING,
        plants=[KILN | label, KILN | label | {"plant": "k2"}, KILN | label | {"plant": "k3", "status": "existing"}],
        demands=[],
    )

    assert solution.kpi("plants_built") == 1
    assert sent(solution, "s", "own") == approx(100 - 2 * 30)


def test_the_number_of_plants_is_exact_and_speaks_of_candidates():
    """plants = 2: two candidates are built though one would do, whatever exists already; plants_max = 0: none."""
    kilns = [KILN | {"plant": f"k{k}", "fixed_eur_per_yr": 10 * k} for k in (1, 2, 3)]
    exact = solved(**BURNING, plants=[*kilns, KILN | {"status": "existing"}], demands=[], limits={"plants": 2})
    most = solved(**BURNING, plants=kilns, demands=[], limits={"plants_max": 0})

    assert exact.kpi("plants_built") == 2
    assert exact.kpi("cost_plants") == approx(10 + 20)
    assert most.kpi("plants_built") == 0
    assert sent(most, "s", "own") == approx(100)


def test_build_from_and_build_until_are_the_years_in_which_a_candidate_can_be_built():
    """Waste from 2032 on: a kiln that may be built until 2031 is built then, a year early; one from 2033 on a year late."""
    parts = {
        **BURNING,
        "periods": years(2030, 2031, 2032, 2033),
        "changes": [
            change("streams", "s", "supply_per_yr", f"y{year}", value=0, onward=False) for year in (2030, 2031)
        ],
        "demands": [],
        "economics": {"discount_rate": 0.05},
    }
    until = solved(**parts, plants=[KILN | {"fixed_eur_per_yr": 10, "build_until": 2031}])
    late = solved(**parts, plants=[KILN | {"fixed_eur_per_yr": 10, "build_from": 2033}])

    assert by_year(until, "cost_plants") == approx([0, 10, 10, 10])
    assert by_year(late, "cost_plants") == approx([0, 0, 0, 10])
    assert sent(late, "s", "own", year=2032) == approx(100)


def test_a_single_receiver_of_a_plant_holds_per_output():
    """Good goes to one facility, rest to another one: each output to at most one; what is left goes to disposal."""
    solution = solved(
        **mill(TO_GOOD, {"input": "w", "output": "rest", "yield": 0.5}),
        materials=[WASTE, GOOD, REST],
        demands=[
            WANTED | {"demand": f"{material}{facility}", "facility": facility, "material": material, "need_per_yr": 30}
            for material in ("good", "rest")
            for facility in "BC"
        ],
        plants=[MILL | {"single_receiver": True}],
        disposals=[LANDFILL | {"facility": "A"}],
        links=[{"from_facility": "A", "to_facility": "B", "material": "rest", "eur_per_unit": 29}],
    )

    assert sent(solution, "p", "goodB") == approx(30)  # nearer
    assert sent(solution, "p", "restC") == approx(30)  # cheaper
    assert sent(solution, "p", "goodC") + sent(solution, "p", "restB") == 0
    assert sent(solution, "p", "tip") == approx(20 + 20)


def test_a_plant_belongs_to_its_owner():
    """A kiln of A's at D is A's: feeding it is no exchange between organisations; its costs are A's."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"facility": "D", "owner": "A", "fixed_eur_per_yr": 10}],
        demands=[],
        facilities=PLACES,
    )
    firms = solution.firms.set_index("organisation")["cost_after_eur_per_yr"]

    assert sent(solution, "s", "kiln") == approx(100)
    assert solution.kpi("exchanges") == 0
    assert solution.kpi("cost_saved") == 0  # the baseline may do the same
    assert firms["A"] == approx(100 * 0.5 * 30 + 10)
    assert firms["D"] == 0


def test_an_output_of_a_plant_that_is_sent_on_feeds_the_next_plant():
    """Chains: 100 t of w make 50 t of good, which a second plant turns into 25 t of rest, which has a buyer."""
    solution = solved(
        technologies=[{"technology": "mill"}, {"technology": "oven"}],
        recipes=[
            {"technology": "mill", **TO_GOOD},
            {"technology": "oven", "input": "good", "output": "rest", "yield": 0.5},
        ],
        facilities=[place("A", 0), place("B", 10), place("C", 20), place("D", 30)],
        materials=[WASTE, GOOD, REST],
        demands=[WANTED | {"facility": "C", "material": "rest"}],
        plants=[MILL, MILL | {"plant": "q", "facility": "B", "technology": "oven"}],
    )

    assert sent(solution, "q", "d") == approx(25)
    assert solution.kpi("cost_haulage") == approx(50 * 5 + 25 * 5)


def test_a_plant_whose_input_does_not_come_can_not_serve_what_must_be_met():
    """A demand that must be met from a plant without enough input is infeasible."""
    told = impossible(
        **mill(TO_GOOD),
        materials=[WASTE, GOOD],
        demands=[WANTED | {"virgin_eur_per_unit": None}],
        plants=[MILL],
    )

    assert 'demand "d" needs 60 t of good' in told
