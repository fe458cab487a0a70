"""*Meaning*, "Exchange", with links, trips, rules and the fine print on carriage."""

from __future__ import annotations

import pytest

from meaning.small import (
    BEST,
    BURNING,
    DEMAND,
    KILN,
    LANDFILL,
    LINK,
    PLACES,
    SEASONS,
    STREAM,
    TRUCK,
    WASTE,
    approx,
    by_year,
    candidates,
    change,
    place,
    refused,
    sent,
    solved,
    years,
)

LEAF = WASTE | {"material": "leaf"}
LEAVES = STREAM | {"stream": "leaves", "material": "leaf"}
TWO_WASTES = {
    "materials": [WASTE, LEAF],
    "streams": [STREAM, LEAVES],
    "demands": [DEMAND, DEMAND | {"demand": "e", "material": "leaf"}],
}
"""Twice the same story: 60 t of each go from A to B, 40 t of each are disposed of."""


# what an exchange is


def test_an_exchange_is_a_pair_a_mode_and_a_material():
    """Two streams of one material share an exchange and its set-up; another material is another exchange."""
    setup = {"truck": {"setup_eur_per_yr": 100}}
    one = solved(modes=setup, streams=[STREAM | {"supply_per_yr": 30}, STREAM | {"stream": "t"}])
    two = solved(**TWO_WASTES, modes=setup)

    assert (one.kpi("exchanges"), one.kpi("cost_setup")) == approx((1, 100))
    assert one.exchanges["exchange"].tolist() == ["A>B|truck|w"]
    assert (two.kpi("exchanges"), two.kpi("cost_setup")) == approx((2, 200))


def test_a_shared_exchange_has_no_material_and_its_fixed_cost_serves_all():
    """shared = true: one set-up of 100 EUR and one capacity of 90 t serve both materials."""
    solution = solved(**TWO_WASTES, links=[LINK | {"shared": True, "setup_eur_per_yr": 100, "max_per_yr": 90}])

    assert solution.exchanges["exchange"].tolist() == ["A>B|truck|"]
    assert solution.exchanges["material"].tolist() == ["w;leaf"]
    assert solution.kpi("exchanges") == 1
    assert solution.kpi("cost_setup") == approx(100)
    assert sent(solution, "s", "d") + sent(solution, "leaves", "e") == approx(90)


def test_without_shared_each_material_has_the_capacity_and_pays():
    """The same row without shared: 100 EUR and 50 t for each material."""
    solution = solved(**TWO_WASTES, links=[LINK | {"setup_eur_per_yr": 100, "max_per_yr": 50}])

    assert solution.kpi("cost_setup") == approx(200)
    assert (sent(solution, "s", "d"), sent(solution, "leaves", "e")) == approx((50, 50))


def test_a_lot_of_a_shared_exchange_is_filled_by_all_its_materials():
    """60 t and 60 t fill a lot of 100 t together; apart neither fills its own."""
    together = solved(**TWO_WASTES, links=[LINK | {"shared": True, "min_per_yr": 100}])
    apart = solved(**TWO_WASTES, links=[LINK | {"min_per_yr": 100}])

    assert together.kpi("exchanged") == approx(120)
    assert apart.kpi("exchanged") == 0


def test_a_row_of_one_material_gives_a_shared_exchange_no_capital_and_its_own_material_a_rate():
    """A shared exchange has no material: leaf's row says what carrying leaf costs, not what the exchange does (reading)."""
    solution = solved(
        **TWO_WASTES,
        links=[
            LINK | {"shared": True, "setup_eur_per_yr": 100},
            LINK | {"material": "leaf", "setup_eur_per_yr": 7, "status": "existing", "eur_per_unit": 1},
        ],
    )

    assert solution.kpi("cost_setup") == approx(100)
    assert solution.kpi("cost_haulage") == approx(60 * 5 + 60 * 1)
    assert solution.exchanges["status"].tolist() == ["allowed"]


def test_set_up_lots_and_capital_belong_to_an_exchange_inside_an_organisation_too():
    """A and B of one firm: the exchange pays set-up, permit and capital, and is not counted in exchanges."""
    places = [place("A", 0, organisation="firm"), place("B", 10, organisation="firm"), place("C", 20), place("D", 30)]
    solution = solved(
        facilities=places,
        modes={"truck": {"setup_eur_per_yr": 100, "min_per_yr": 20, "capex_eur_per_km": 20}},
        rules=[{"allowed": True, "permit_eur_per_yr": 30}],
    )

    assert sent(solution, "s", "d") == approx(60)
    assert solution.kpi("cost_setup") == approx(100 + 30 + 20 * 10 / 20)
    assert solution.kpi("exchanges") == 0
    assert solution.kpi("exchanged") == approx(60)
    assert solution.exchanges["between_organisations"].tolist() == [False]


def test_an_exchange_within_a_facility_pays_set_up_and_no_kilometres():
    """One place is 0 km; what is set up there costs all the same."""
    solution = solved(demands={"d": {"facility": "A"}}, modes={"truck": {"setup_eur_per_yr": 100, "eur_per_t": 2}})

    assert solution.kpi("cost_total") == approx(60 * 2 + 100 + 40 * 50)


def test_a_facilitys_organisation_is_itself_unless_filled():
    """organisation (default: the facility): two facilities without one are two organisations."""
    assert solved().kpi("exchanges") == 1


def test_an_exchange_is_foreign_if_any_of_its_ends_is_anothers():
    """From A to B goes waste to B's works and to a kiln there that A owns: one exchange, counted, for the works' sake."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"facility": "B", "owner": "A"}],
        modes={"truck": {"setup_eur_per_yr": 100}},
    )

    assert sent(solution, "s", "kiln") == approx(40)
    assert solution.kpi("exchanges") == 1
    assert solution.kpi("cost_setup") == approx(100)
    assert solution.exchanges["between_organisations"].tolist() == [True]


def test_an_exchange_counts_only_if_a_foreign_flow_is_there():
    """With B's works gone the same exchange only feeds A's own kiln at B: it costs, and is not counted."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"facility": "B", "owner": "A"}],
        demands=[],
        modes={"truck": {"setup_eur_per_yr": 100}},
        limits={"exchanges_max": 0},
    )

    assert sent(solution, "s", "kiln") == approx(100)
    assert (solution.kpi("exchanges"), solution.kpi("cost_setup")) == approx((0, 100))


@pytest.mark.parametrize("bound", [{"min_per_yr": 500}, {"max_per_yr": 10}], ids=["lot", "largest"])
def test_a_way_to_disposal_pays_carriage_only(bound):
    """Set-up, lot, largest amount and capital of the mode are nothing to it; rates and trips are."""
    solution = solved(
        streams={"s": {"own_disposal_eur_per_unit": None}},
        demands=[],
        disposals=[LANDFILL],
        modes={
            "truck": {"setup_eur_per_yr": 1000, "capex_eur_per_km": 500, "eur_per_t": 1}
            | {"eur_per_trip": 7, "vehicle_t": 30}
            | bound
        },
    )

    assert solution.kpi("cost_total") == approx(100 * (0.5 * 20 + 1) + 4 * 7)
    assert solution.kpi("exchanges") == 0


def test_a_cell_of_a_links_row_for_the_pair_gives_a_way_to_disposal_more():
    """A links row for A > C: 100 EUR of set-up, 400 EUR of capital over 20 years, at most 70 t and a rate of 3 EUR/t."""
    solution = solved(
        demands=[],
        disposals=[LANDFILL],
        links=[
            {"from_facility": "A", "to_facility": "C", "setup_eur_per_yr": 100, "capex_eur": 400, "max_per_yr": 70}
            | {"eur_per_unit": 3}
        ],
    )

    assert sent(solution, "s", "tip") == approx(70)
    assert solution.kpi("cost_setup") == approx(100 + 400 / 20)
    assert solution.kpi("cost_haulage") == approx(70 * 3)
    assert solution.kpi("capex") == approx(400)
    assert solution.kpi("exchanges") == 0


def test_a_way_to_disposal_may_have_a_lot():
    """A > C takes 80 t or nothing: 80 t for 10 EUR/t, though that leaves 20 t for B; a lot of 90 t is not worth it."""
    way = {"from_facility": "A", "to_facility": "C"}
    small_lot = solved(disposals=[LANDFILL], links=[way | {"min_per_yr": 80}])
    large_lot = solved(disposals=[LANDFILL], links=[way | {"min_per_yr": 90}])

    assert small_lot.kpi("cost_total") == approx(80 * 10 + 20 * 5 + 40 * 30)
    assert large_lot.kpi("cost_total") == approx(BEST)  # 90 x 10 + 10 x 5 + 50 x 30 is more


def test_a_way_to_disposal_may_be_required():
    """required with a lot of 10 t: they go to a tip that costs 60 + 10 EUR/t, 20 EUR/t more than own disposal."""
    solution = solved(
        disposals=[LANDFILL | {"gate_fee_eur_per_unit": 60}],
        links=[
            {"from_facility": "A", "to_facility": "C", "mode": "truck", "material": "w", "status": "required"}
            | {"min_per_yr": 10}
        ],
    )

    assert sent(solution, "s", "tip") == approx(10)
    assert solution.kpi("cost_total") == approx(BEST + 10 * (70 - 50))


# links


def test_a_filled_cell_replaces_what_the_mode_says_and_an_empty_one_leaves_it():
    """The row gives the rate (the whole of it) and the CO2; set-up and trips stay the mode's."""
    solution = solved(
        modes={
            "truck": {"eur_per_t": 9, "eur_per_unit_km": 9, "kgco2_per_tkm": 1, "kgco2_per_t": 1}
            | {"setup_eur_per_yr": 100, "eur_per_trip": 7, "vehicle_t": 25}
        },
        links=[LINK | {"eur_per_unit": 2, "kgco2_per_unit": 50}],
    )

    assert solution.kpi("cost_haulage") == approx(60 * 2 + 3 * 7)
    assert solution.kpi("co2_transport") == approx(60 * 50 / 1000)
    assert solution.kpi("cost_setup") == approx(100)


def test_a_zero_in_links_is_a_filled_cell():
    """0 replaces: no set-up, no trip price on this pair."""
    solution = solved(
        modes={"truck": {"setup_eur_per_yr": 100, "eur_per_trip": 7, "vehicle_t": 25}},
        links=[LINK | {"setup_eur_per_yr": 0, "eur_per_trip": 0}],
    )

    assert solution.kpi("cost_total") == approx(BEST)


def test_the_more_specific_links_row_wins_cell_by_cell():
    """Rate from the row of material and mode, set-up from that of the mode, kilometres from that of the pair."""
    solution = solved(
        modes={"truck": {"kgco2_per_tkm": 1}},
        links=[
            LINK | {"material": "w", "mode": "truck", "eur_per_unit": 1},
            LINK | {"mode": "truck", "eur_per_unit": 2, "setup_eur_per_yr": 20},
            LINK | {"eur_per_unit": 3, "setup_eur_per_yr": 30, "distance_km": 40},
        ],
    )

    assert solution.kpi("cost_haulage") == approx(60 * 1)
    assert solution.kpi("cost_setup") == approx(20)
    assert solution.kpi("tonne_km") == approx(60 * 40)
    assert solution.kpi("co2_transport") == approx(60 * 40 / 1000)


def test_of_equally_specific_links_rows_the_later_one_wins_cell_by_cell():
    """Links rows equally specific: the later one; a row of a material and a row of a mode are equally specific."""
    solution = solved(
        links=[
            LINK | {"mode": "truck", "eur_per_unit": 1, "setup_eur_per_yr": 10},
            LINK | {"material": "w", "eur_per_unit": 2},
        ]
    )

    assert solution.kpi("cost_haulage") == approx(60 * 2)
    assert solution.kpi("cost_setup") == approx(10)


def test_links_are_directed():
    """A row B > A says nothing of A > B (reading)."""
    solution = solved(links=[{"from_facility": "B", "to_facility": "A", "eur_per_unit": 1}])

    assert solution.kpi("cost_total") == approx(BEST)


def test_forbidden_pairs_are_no_links_and_a_more_specific_row_may_allow_one_again():
    """Forbidden for every mode, allowed for the belt: the belt carries."""
    modes, forbidden = [TRUCK, TRUCK | {"mode": "belt"}], LINK | {"status": "forbidden"}

    assert candidates(modes=modes, links=[forbidden]) == set()
    assert candidates(modes=modes, links=[forbidden, LINK | {"mode": "belt", "status": "allowed"}]) == {
        ("s", "d", "belt")
    }


def test_links_rows_beat_reach():
    """Within 5 km nothing is in reach; a links row brings A > B back, not the same waste to C."""
    solution = solved(
        demands=[DEMAND, DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 40}],
        links=[LINK | {"eur_per_trip": 0}],
        reach={"max_km": 5},
    )

    assert sent(solution, "s", "d") == approx(60)
    assert sent(solution, "s", "e") == 0


def test_an_existing_exchange_has_no_capital_and_pays_set_up_in_the_years_in_which_it_is_used():
    """existing: no capex, set-up if used: needed in 2030 and 2032, paid and counted in 2030 and 2032."""
    solution = solved(
        modes={"truck": {"setup_eur_per_yr": 100, "capex_eur_per_km": 500}},
        links=[LINK | {"status": "existing"}],
        periods=years(2030, 2031, 2032),
        changes=[change("demands", "d", "need_per_yr", "y2031", value=0, onward=False)],
    )

    assert by_year(solution, "cost_setup") == approx([100, 0, 100])
    assert by_year(solution, "exchanges") == approx([1, 0, 1])
    assert solution.kpi("exchanges") == 1
    assert solution.kpi("capex") == 0


def test_a_required_exchange_is_open_from_the_first_year_and_its_minimum_holds():
    """required: 20 t at least go from the first year on, though a tonne costs 90 EUR to save 80 EUR."""
    solution = solved(
        modes={"truck": {"eur_per_tkm": 9, "setup_eur_per_yr": 10}},
        links=[LINK | {"mode": "truck", "material": "w", "status": "required", "min_per_yr": 20}],
        periods=years(2030, 2031),
    )

    assert by_year(solution, "exchanged") == approx([20, 20])
    assert by_year(solution, "cost_setup") == approx([10, 10])
    assert solution.exchanges["opened_year"].tolist() == [2030]


def test_a_required_exchange_without_a_minimum_is_paid_for_though_it_carries_nothing():
    """required without min_per_yr: its set-up falls due, nothing need move; one that carries nothing is not counted."""
    solution = solved(
        modes={"truck": {"eur_per_tkm": 9, "setup_eur_per_yr": 10}},
        links=[LINK | {"mode": "truck", "material": "w", "status": "required"}],
    )

    assert solution.kpi("cost_setup") == approx(10)
    assert solution.kpi("exchanged") == 0
    assert solution.kpi("exchanges") == 0


def test_a_required_exchange_that_carries_nothing_leaves_the_number_of_exchanges_to_others():
    """exchanges_max = 1: A > C is required, idle and listed; A > B is the one exchange (reading: flows are counted)."""
    idle = {"from_facility": "A", "to_facility": "C", "mode": "truck", "material": "w", "status": "required"}
    solution = solved(
        demands=[DEMAND, DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 40}],
        links=[idle | {"eur_per_unit": 300}],
        limits={"exchanges_max": 1},
    )

    assert sent(solution, "s", "d") == approx(60)
    assert solution.kpi("exchanges") == 1
    opened = dict(zip(solution.exchanges["exchange"], solution.exchanges["opened_year"], strict=True))
    assert opened == {"A>B|truck|w": 2030, "A>C|truck|w": 2030}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"material": "w"}, "a required link needs one"),
        ({"mode": "truck"}, "needs one, or shared"),
        ({"mode": "truck", "material": "w", "to_facility": "C"}, "is not possible"),
    ],
    ids=["no_mode", "no_material", "impossible"],
)
def test_a_required_link_needs_a_mode_and_a_material_and_must_be_possible(link, words):
    """`required` needs a mode, and a material or `shared`, and must be possible."""
    assert words in refused(links=[LINK | {"status": "required"} | link])


def test_a_required_shared_link_needs_no_material():
    """shared stands for the material."""
    solution = solved(**TWO_WASTES, links=[LINK | {"mode": "truck", "status": "required", "shared": True}])

    assert solution.exchanges["status"].tolist() == ["required"]


def test_minimum_and_maximum_are_per_exchange_on_what_is_sent():
    """Minima and maxima are on what is sent: of 50 t that may be sent 40 arrive."""
    solution = solved(modes={"truck": {"loss_share_per_km": 0.02, "max_per_yr": 50}})

    assert sent(solution, "s", "d") == approx(50)
    assert solution.virgin["received"].tolist() == approx([40])


def test_a_lot_is_all_or_nothing():
    """A lot of 70 t is more than the need of 60 t: nothing is exchanged; a lot of 60 t is taken."""
    assert solved(modes={"truck": {"min_per_yr": 70}}).kpi("exchanges") == 0
    assert solved(modes={"truck": {"min_per_yr": 60}}).kpi("exchanges") == 1


# trips


def test_trips_are_whole_per_exchange_and_period():
    """60 t by 25 t are three trips; 30 t and 30 t in two seasons are two and two."""
    truck = {"truck": {"eur_per_trip": 20, "vehicle_t": 25}}
    year, seasons = solved(modes=truck), solved(modes=truck, periods=SEASONS)

    assert year.kpi("cost_haulage") == approx(60 * 5 + 3 * 20)
    assert year.exchanges["trips_per_yr"].tolist() == approx([3])
    assert seasons.kpi("cost_haulage") == approx(60 * 5 + 4 * 20)


def test_a_last_trip_that_does_not_pay_is_not_made():
    """A trip of 800 EUR pays for 25 t that save 75 EUR each, and not for the last 10 t, which save 750 EUR."""
    solution = solved(modes={"truck": {"eur_per_trip": 800, "vehicle_t": 25}})

    assert sent(solution, "s", "d") == approx(50)
    assert solution.kpi("cost_total") == approx(50 * 5 + 2 * 800 + 50 * 50 + 10 * 30)


def test_trips_are_by_mass_sent():
    """vehicle_t is in tonnes: 60 m3 of 1.5 t are 90 t, four trips of 25 t; what is lost on the way was loaded too."""
    solution = solved(
        materials=[WASTE | {"unit": "m3", "t_per_unit": 1.5}],
        modes={"truck": {"eur_per_tkm": 0.01, "eur_per_trip": 20, "vehicle_t": 25}},
    )

    assert solution.kpi("cost_haulage") == approx(90 * 0.1 + 4 * 20)


def test_a_shared_exchange_loads_its_materials_together():
    """Two materials of 60 t on one exchange: 120 t by 25 t are five trips; apart they are three and three."""
    truck = {"truck": {"eur_per_trip": 20, "vehicle_t": 25}}
    together = solved(**TWO_WASTES, modes=truck, links=[LINK | {"shared": True}])
    apart = solved(**TWO_WASTES, modes=truck)

    assert together.exchanges["trips_per_yr"].tolist() == approx([5])
    assert apart.exchanges["trips_per_yr"].tolist() == approx([3, 3])


def test_trips_need_a_vehicle():
    """`eur_per_trip` needs `vehicle_t`, be it the mode's or that of a links row."""
    assert "needs the load of a vehicle" in refused(modes={"truck": {"eur_per_trip": 20}})
    assert "needs vehicle_t of mode" in refused(links=[LINK | {"eur_per_trip": 20}])


# terminals


def test_a_trade_over_terminals_is_several_exchanges():
    """Truck to the terminal at B, rail to C, truck to D: plants that pass the waste on, three exchanges with set-ups."""
    passing = WASTE | {"material": "loaded"}
    arrived = WASTE | {"material": "unloaded"}
    solution = solved(
        materials=[WASTE, passing, arrived],
        technologies=[{"technology": "load"}, {"technology": "unload"}],
        recipes=[
            {"technology": "load", "input": "w", "output": "loaded", "yield": 1},
            {"technology": "unload", "input": "loaded", "output": "unloaded", "yield": 1},
        ],
        plants=[
            {"plant": "load", "facility": "B", "technology": "load", "status": "existing"},
            {"plant": "unload", "facility": "C", "technology": "unload", "status": "existing"},
        ],
        demands=[DEMAND | {"facility": "D", "material": "unloaded"}],
        modes=[TRUCK | {"setup_eur_per_yr": 10}, {"mode": "rail", "eur_per_tkm": 0.1, "setup_eur_per_yr": 50}],
        rules=[{"material": "loaded", "mode": "truck", "allowed": False}]
        + [{"material": name, "mode": "rail", "allowed": False} for name in ("w", "unloaded")],
    )

    assert solution.exchanges["exchange"].tolist() == ["A>B|truck|w", "B>C|rail|loaded", "C>D|truck|unloaded"]
    assert solution.kpi("cost_total") == approx(60 * (5 + 1 + 5) + 10 + 50 + 10 + 40 * 50)
    assert solution.kpi("exchanged") == approx(60)  # stream tonnes that reach a plant, once


# rules


SECTORS = [place("A", 0, sector="20.13"), place("B", 10, sector="23.61"), place("C", 20), place("D", 30)]
EWC = WASTE | {"ewc": "10 01 02"}


@pytest.mark.parametrize(
    ("cells", "forbids"),
    [
        ({"material": "w"}, True),
        ({"material": "1001"}, True),
        ({"material": "1002"}, False),
        ({"from_sector": "20"}, True),
        ({"from_sector": "20", "to_sector": "23.6"}, True),
        ({"from_sector": "20", "to_sector": "24"}, False),  # all filled cells match, or the rule is silent
        ({"mode": "truck"}, True),
        ({"technology": "burning"}, False),
    ],
    ids=lambda cell: " ".join(cell.values()) if isinstance(cell, dict) else "",
)
def test_a_rule_speaks_where_all_its_filled_cells_match(cells, forbids):
    """Rules: all filled cells match: material or EWC prefix, NACE prefixes, technology, mode."""
    left = candidates(**BURNING, facilities=SECTORS, materials=[EWC], rules=[cells | {"allowed": False}])

    assert left == (set() if forbids else {("s", "d", "truck")})


def test_the_rule_with_more_filled_cells_wins():
    """Forbidden from sector 20, allowed from 20 to 23: allowed, and the other way round."""
    broad, narrow = {"from_sector": "20"}, {"from_sector": "20", "to_sector": "23"}

    assert candidates(facilities=SECTORS, rules=[broad | {"allowed": False}, narrow | {"allowed": True}])
    assert not candidates(facilities=SECTORS, rules=[broad | {"allowed": True}, narrow | {"allowed": False}])


def test_forbidden_wins_ties_between_rules():
    """Two rules with as many filled cells: forbidden wins, whichever comes first."""
    rules = [{"to_sector": "23", "allowed": True}, {"from_sector": "20", "allowed": False}]

    assert not candidates(facilities=SECTORS, rules=rules)
    assert not candidates(facilities=SECTORS, rules=rules[::-1])


def test_permits_add_up():
    """Three allowing rules match: 10 + 20 + 30 EUR a year; one that does not match costs nothing."""
    solution = solved(
        facilities=SECTORS,
        rules=[
            {"allowed": True, "permit_eur_per_yr": 10},
            {"from_sector": "20", "allowed": True, "permit_eur_per_yr": 20},
            {"from_sector": "20", "to_sector": "23", "allowed": True, "permit_eur_per_yr": 30},
            {"from_sector": "21", "allowed": True, "permit_eur_per_yr": 40},
        ],
    )

    assert solution.kpi("cost_setup") == approx(10 + 20 + 30)


def test_rules_speak_of_exchanges_only():
    """A rule that forbids all forbids no way to disposal and asks no permit of it."""
    solution = solved(
        streams={"s": {"own_disposal_eur_per_unit": None}},
        disposals=[LANDFILL],
        rules=[{"allowed": False}, {"material": "w", "mode": "truck", "allowed": True, "permit_eur_per_yr": 9999}],
    )

    assert sent(solution, "s", "tip") == approx(100)
    assert solution.kpi("cost_setup") == 0


def test_a_permit_is_paid_once_per_exchange_if_any_of_its_flows_matches():
    """Shared A > B carries w and leaf; only leaf needs a permit: 30 EUR once, and none where only w moves."""
    links = [LINK | {"shared": True}]
    rules = [{"material": "leaf", "allowed": True, "permit_eur_per_yr": 30}]
    both = solved(**TWO_WASTES, links=links, rules=rules)
    one = solved(**TWO_WASTES | {"streams": [STREAM]}, links=links, rules=rules)

    assert both.kpi("cost_setup") == approx(30)
    assert one.kpi("cost_setup") == 0


def test_a_permit_that_costs_more_than_its_flow_saves_is_not_taken():
    """5,000 EUR for leaf are more than its 60 x 75 EUR: the shared exchange carries w alone."""
    solution = solved(
        **TWO_WASTES,
        links=[LINK | {"shared": True}],
        rules=[{"material": "leaf", "allowed": True, "permit_eur_per_yr": 5000}],
    )

    assert sent(solution, "s", "d") == approx(60)
    assert sent(solution, "leaves", "e") == 0
    assert solution.kpi("cost_setup") == 0


def test_a_technology_in_a_rule_is_that_of_the_receiving_plant():
    """Forbidden at burning plants: w goes to the works, not to the kiln of the same firm."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"facility": "B"}],
        rules=[{"technology": "burning", "allowed": False}],
        facilities=PLACES,
    )

    assert sent(solution, "s", "d") == approx(60)
    assert sent(solution, "s", "kiln") == 0
