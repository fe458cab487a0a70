"""*Meaning*, "Streams" and "Demands", with the columns of streams, demands and substitutions."""

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
    change,
    impossible,
    place,
    refused,
    sent,
    solved,
    years,
)

OTHER = WASTE | {"material": "stone"}
"""What the demand needs where w is only a substitute."""
STONE = DEMAND | {"material": "stone"}


def test_a_stream_that_must_be_placed_goes_out_in_full_by_exchange_plant_and_disposal():
    """100 t: 60 to the demand, 15 to the kiln that holds no more, the rest to the tip, though that costs 50 + 10 EUR/t."""
    solution = solved(
        **BURNING,
        streams={"s": {"own_disposal_eur_per_unit": None}},
        plants=[KILN | {"status": "existing", "capacity_per_yr": 15}],
        disposals=[LANDFILL | {"gate_fee_eur_per_unit": 50}],
    )

    assert sent(solution, "s", "d") == approx(60)
    assert sent(solution, "s", "kiln") == approx(15)
    assert sent(solution, "s", "tip") == approx(25)


def test_a_stream_without_any_way_makes_the_scenario_infeasible():
    """Without own disposal 40 t have nowhere to go; the reason names the stream."""
    assert 'stream "s" must place 100 t of w' in impossible(streams={"s": {"own_disposal_eur_per_unit": None}})


def test_the_rest_of_a_stream_that_need_not_be_placed_vanishes_free():
    """By-product that nobody wants is no waste: 60 t are exchanged, 40 t cost nothing."""
    solution = solved(streams={"s": {"must_place": False, "own_disposal_eur_per_unit": None}})

    assert sent(solution, "s") == approx(60)
    assert solution.kpi("cost_total") == approx(60 * 5)


def test_own_disposal_exists_where_its_price_is_filled_and_0_counts():
    """Free own disposal takes what the exchange does not pay for."""
    solution = solved(streams={"s": {"own_disposal_eur_per_unit": 0}}, demands={"d": {"virgin_eur_per_unit": 4}})

    assert sent(solution, "s", "own") == approx(100)
    assert solution.kpi("cost_total") == approx(60 * 4)


def test_own_disposal_exists_from_the_period_in_which_a_change_fills_its_price():
    """An empty price is no disposal until a change gives it a value (reading: only a value fills an empty cell)."""
    solution = solved(
        streams={"s": {"own_disposal_eur_per_unit": None}},
        disposals=[LANDFILL | {"gate_fee_eur_per_unit": 90}],
        periods=years(2030, 2031),
        changes=[change("streams", "s", "own_disposal_eur_per_unit", "y2031", value=50)],
    )

    assert [sent(solution, "s", "tip", year=year) for year in (2030, 2031)] == approx([40, 0])
    assert sent(solution, "s", "own") == approx(40)


def test_a_purchase_exists_from_the_period_in_which_a_change_fills_its_price():
    """What can't be bought in 2030 stays unmet then and is bought in 2031."""
    solution = solved(
        demands={"d": {"need_per_yr": 110, "virgin_eur_per_unit": None, "must_meet": False}},
        periods=years(2030, 2031),
        changes=[change("demands", "d", "virgin_eur_per_unit", "y2031", value=-1)],
    )

    assert solution.virgin["bought"].tolist() == approx([0, 10])
    assert solution.virgin["unmet"].tolist() == approx([10, 0])


def test_a_single_receiver_is_one_facility_over_the_horizon_and_the_rest_may_be_disposed_of():
    """B wants 60 t in 2030, C 50 t in 2031: only one of them is served; disposal is not counted."""
    solution = solved(
        streams={"s": {"single_receiver": True}},
        demands=[DEMAND, DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 50}],
        periods=years(2030, 2031),
        changes=[
            change("demands", "d", "need_per_yr", "y2031", value=0),
            change("demands", "e", "need_per_yr", "y2030", value=0),
        ],
    )

    assert sent(solution, "s", "d") == approx(60)  # saves 75 EUR/t of 60 t, C 70 EUR/t of 50 t
    assert sent(solution, "s", "e") == approx(0)
    assert sent(solution, "s", "own") == approx(40 + 100)


def test_a_single_receiver_may_serve_all_that_its_facility_wants():
    """The one receiver is a facility: two demands there are one receiver."""
    solution = solved(
        streams={"s": {"single_receiver": True}}, demands=[DEMAND, DEMAND | {"demand": "e", "need_per_yr": 30}]
    )

    assert sent(solution, "s", "d") + sent(solution, "s", "e") == approx(90)


def test_a_demand_that_must_be_met_is_met_by_exchange_or_purchase():
    """130 t are needed: 100 t by exchange, 30 t bought."""
    solution = solved(demands={"d": {"need_per_yr": 130}})

    assert sent(solution, "s", "d") == approx(100)
    assert solution.virgin["bought"].tolist() == approx([30])
    assert solution.kpi("cost_total") == approx(100 * 5 + 30 * 30)


def test_what_must_be_met_and_can_not_be_bought_makes_the_scenario_infeasible():
    """An empty purchase price: it can't be bought; the reason says so."""
    told = impossible(demands={"d": {"need_per_yr": 130, "virgin_eur_per_unit": None}})

    assert 'demand "d" needs 130 t of w, and it can\'t be bought' in told


def test_other_demands_may_stay_unmet_at_no_cost():
    """A demand that need not be met takes what pays: 5 EUR/t of haulage for 50 EUR/t of disposal, and buys nothing."""
    solution = solved(demands={"d": {"need_per_yr": 130, "must_meet": False}})

    assert solution.virgin["unmet"].tolist() == approx([30])
    assert solution.kpi("cost_total") == approx(100 * 5)


def test_shares_of_by_products_hold_in_each_period():
    """At most half of the need of each season is by-product, though the year's mean would allow more in summer."""
    solution = solved(
        demands={"d": {"max_byproduct_share": 0.5}},
        periods=SEASONS,
        changes=[change("streams", "s", "supply_per_yr", "winter", value=20)],
    )

    assert sent(solution, "s", "d", period="summer") == approx(15)
    assert sent(solution, "s", "d", period="winter") == approx(10)


def test_a_least_share_of_by_products_is_met_though_it_costs_more():
    """At least 80 % of the need is by-product, which at 90 EUR/t costs 10 EUR/t more than it avoids."""
    solution = solved(modes={"truck": {"eur_per_tkm": 9}}, demands={"d": {"min_byproduct_share": 0.8}})

    assert sent(solution, "s", "d") == approx(48)
    assert solution.kpi("cost_total") == approx(48 * 90 + 52 * 50 + 12 * 30)


def test_a_substitute_replaces_ratio_times_its_amount_and_shares_are_in_the_demands_unit():
    """Shares are of the need, in the demand's unit (ratio x arrived): half of 60 t of stone is 30 t, 20 t of w at 1.5."""
    solution = solved(
        materials=[WASTE, OTHER],
        demands=[STONE],
        substitutions=[
            {"from_material": "w", "to_material": "stone", "ratio": 1.5, "max_share": 0.5}
            | {"cost_eur_per_unit": 4, "kgco2_per_unit": 100}
        ],
    )

    assert sent(solution, "s", "d") == approx(30 / 1.5)
    assert solution.virgin["received"].tolist() == approx([30])
    assert solution.kpi("cost_treatment") == approx(20 * 4)
    assert solution.kpi("co2_treatment") == approx(20 * 100 / 1000)
    assert solution.kpi("cost_virgin") == approx(30 * 30)


def test_the_cost_of_a_substitute_is_on_what_arrives():
    """Of 50 t sent 40 t arrive (2 % lost per km): substitution costs 40 x 4 EUR, haulage 50 x 5 (reading: on what arrives)."""
    solution = solved(
        materials=[WASTE, OTHER],
        demands=[STONE | {"need_per_yr": 40}],
        modes={"truck": {"loss_share_per_km": 0.02}},
        substitutions=[{"from_material": "w", "to_material": "stone", "ratio": 1, "cost_eur_per_unit": 4}],
    )

    assert sent(solution, "s", "d") == approx(50)
    assert solution.kpi("cost_treatment") == approx(40 * 4)
    assert solution.kpi("cost_haulage") == approx(50 * 5)


def test_a_share_is_of_the_demand_for_each_substitute():
    """max_share bounds each substitute by itself: w up to 30 %, the other up to 20 % of 60 t."""
    solution = solved(
        materials=[WASTE, OTHER, WASTE | {"material": "x"}],
        streams=[STREAM, STREAM | {"stream": "x", "material": "x"}],
        demands=[STONE],
        substitutions=[
            {"from_material": "w", "to_material": "stone", "ratio": 1, "max_share": 0.3},
            {"from_material": "x", "to_material": "stone", "ratio": 1, "max_share": 0.2},
        ],
    )

    assert sent(solution, "s", "d") == approx(18)
    assert sent(solution, "x", "d") == approx(12)


def test_a_material_always_replaces_itself_one_to_one():
    """A substitution row for another material takes nothing from the 1:1 rule."""
    solution = solved(
        materials=[WASTE, OTHER],
        substitutions=[{"from_material": "stone", "to_material": "w", "ratio": 2}],
    )

    assert sent(solution, "s", "d") == approx(60)


def test_a_row_of_a_material_with_itself_replaces_the_one_to_one_rule():
    """Used w counts for 0.8 of new w and covers at most 40 % of the need: 24 t of need, 30 t sent."""
    solution = solved(substitutions=[{"from_material": "w", "to_material": "w", "ratio": 0.8, "max_share": 0.4}])

    assert sent(solution, "s", "d") == approx(0.4 * 60 / 0.8)
    assert solution.virgin["bought"].tolist() == approx([36])


def test_a_substitution_is_for_the_sectors_of_its_receivers():
    """Only receivers whose NACE code begins with one of the prefixes may take it, a row with itself included."""
    places = [place("A", 0), place("B", 10, sector="10.5"), place("C", 20, sector="23.61"), place("D", 30)]
    solution = solved(
        facilities=places,
        demands=[DEMAND, DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 20}],
        substitutions=[{"from_material": "w", "to_material": "w", "ratio": 1, "sectors": "23;42"}],
    )

    assert sent(solution, "s", "d") == 0
    assert sent(solution, "s", "e") == approx(20)


def test_a_unit_beside_an_amount_is_that_of_its_material():
    """Amounts are in the material's own unit: another one beside them is an error."""
    assert "m3 is not the unit of" in refused(streams={"s": {"unit": "m3"}})


def test_a_price_between_firms_moves_money_in_firms_csv_only():
    """B pays A 7 EUR for each tonne that arrives; the region's cost does not know it, nor does what is chosen."""
    solution = solved(streams={"s": {"price_eur_per_unit": 7}})
    firms = solution.firms.set_index("organisation")

    assert solution.kpi("cost_total") == approx(60 * 5 + 40 * 50)
    assert firms.loc["A", "payments_received_eur_per_yr"] == approx(60 * 7)
    assert firms.loc["B", "payments_paid_eur_per_yr"] == approx(60 * 7)
    assert firms.loc["A", "cost_after_eur_per_yr"] == approx(60 * 5 + 40 * 50)
    assert firms.loc["A", "cost_after_payments_eur_per_yr"] == approx(60 * 5 + 40 * 50 - 60 * 7)
    assert firms.loc["B", "cost_after_payments_eur_per_yr"] == approx(60 * 7)


def test_several_streams_and_demands_at_one_place_are_each_their_own():
    """Two streams of A serve one demand; each is placed in full."""
    solution = solved(
        streams=[STREAM | {"supply_per_yr": 50}, STREAM | {"stream": "t", "own_disposal_eur_per_unit": 80}],
        facilities=PLACES,
    )

    assert sent(solution, "t", "d") == approx(60)  # the dearer disposal is avoided first
    assert sent(solution, "t", "own") == approx(40)
    assert sent(solution, "s", "own") == approx(50)
