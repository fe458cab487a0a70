"""Candidate links, the links table, rules, exchanges and bounds, each on a region that fits on paper."""

from __future__ import annotations

import numpy as np
import pytest
from small import DISPOSAL, demand, mill, plant, region, seasons, stream

import isopt
from isopt.errors import ScenarioError
from isopt.network import REASONS, instance_of
from isopt.network.lookup import index_of
from isopt.network.nodes import parties_of
from isopt.network.periods import periods_of, slim

APART = [{"facility": place, "lat": 0.0, "lon": lon} for place, lon in (("A", 0), ("B", 1), ("C", 2), ("D", 4))]
DEGREE_KM = 111.195


def ways(instance):
    """Receiver of each link of an exchange, by mode."""
    receivers = instance.parties.receivers
    names = [*instance.scenario.demands["demand"], *instance.scenario.plants["plant"]]
    demands = len(instance.scenario.demands)
    index = [
        row if kind == 2 else demands + row
        for kind, row in zip(
            receivers.kind[instance.links.receiver], receivers.row[instance.links.receiver], strict=True
        )
    ]
    return sorted((names[i], instance.parties.modes[mode]) for i, mode in zip(index, instance.links.mode, strict=True))


def of(instance, reason):
    """How many candidates left for a reason."""
    return instance.tally.get(reason, 0)


def table(scenario, **options):
    """The report of candidates, unpruned unless said."""
    return isopt.links(scenario, **{"prune": False} | options)


# the links table


def listed(*rows, **tables):
    """Ash from A to D by truck at 9 EUR/t, or rail at 7, with rows of the links table."""
    return region(
        modes=[{"mode": "truck", "eur_per_t": 9}, {"mode": "rail", "network": "rail", "eur_per_t": 7}],
        links=[{"from_facility": "A", "to_facility": "D"} | row for row in rows],
        **{
            "streams": [stream("ash", "A", 100), stream("clay", "A", 40, "clay")],
            "demands": [demand("works", "D", 80), demand("bricks", "D", 30, "clay")],
        }
        | tables,
    )


@pytest.mark.parametrize(
    ("rows", "price"),
    [
        ([], 9),
        ([{"eur_per_unit": 1}], 1),
        ([{"eur_per_unit": 1}, {"material": "ash", "eur_per_unit": 2}], 2),
        ([{"material": "ash", "eur_per_unit": 2}, {"eur_per_unit": 1}], 2),  # whatever their order
        ([{"material": "ash", "eur_per_unit": 2}, {"mode": "truck", "eur_per_unit": 3}], 3),  # equals: the later one
        ([{"mode": "truck", "eur_per_unit": 3}, {"material": "ash", "eur_per_unit": 2}], 2),
        ([{"material": "ash", "mode": "truck", "eur_per_unit": 4}, {"mode": "truck", "eur_per_unit": 3}], 4),
        ([{"material": "ash", "mode": "truck", "distance_km": 5}, {"eur_per_unit": 1}], 1),  # cell by cell
        ([{"material": "clay", "eur_per_unit": 5}, {"mode": "rail", "eur_per_unit": 6}], 9),  # of others
    ],
)
def test_the_more_specific_row_fills_a_cell(rows, price):
    """Of the rows that speak of ash by truck, the one that names more wins each cell it fills, of equals the later."""
    report = table(listed(*rows)).table.set_index(["material", "mode"])

    assert report.loc[("ash", "truck"), "eur_per_unit"] == price


def test_pairs_in_the_links_table_are_directed():
    """A row from D to A says nothing of the way from A to D."""
    report = table(listed({"from_facility": "D", "to_facility": "A", "eur_per_unit": 1}))

    assert set(report.table["eur_per_unit"]) == {7, 9}


def test_a_more_specific_row_takes_a_ban_back():
    """All is forbidden between A and D but ash by rail."""
    scenario = listed({"status": "forbidden"}, {"material": "ash", "mode": "rail", "status": "allowed"})
    report = table(scenario)

    assert list(zip(report.table["material"], report.table["mode"], strict=True)) == [("ash", "rail")]
    assert report.counts["forbidden"] == 3
    assert f"-3  {REASONS['forbidden']}" in str(report)


def test_a_network_that_is_all_listed_has_no_other_ways():
    """With only_listed, B's ash has no way to D and A's none to the tip, in reach or not."""
    scenario = region(
        {"reach": {"only_listed": True}},
        links=[{"from_facility": "A", "to_facility": "D"}],
        streams=[stream("ash", "A", 100), stream("more", "B", 100)],
        demands=[demand("works", "D", 80)],
        disposals=[{"disposal": DISPOSAL, "facility": "C", "route": "landfill"}],
    )
    instance = instance_of(scenario, prune=False)

    assert instance.tally["links"] == 1
    assert instance.tally["ways_to_disposal"] == 0
    assert instance.tally["own_disposal"] == 2
    assert of(instance, "not_listed") == 3


# reach


def reach(said, **cells):
    """Ash at A (0 degrees), wanted at B, C and D (1, 2 and 4 degrees east)."""
    return region(
        {"reach": said},
        facilities=APART,
        modes=[{"mode": "truck", "eur_per_tkm": 0.1} | cells],
        streams=[stream("ash", "A", 100)],
        demands=[demand(place.lower(), place, 80) for place in "BCD"],
    )


@pytest.mark.parametrize(
    ("said", "cells", "left"),
    [
        ({}, {}, "bcd"),
        ({"max_km": 2.01 * DEGREE_KM}, {}, "bc"),
        ({"max_km": 2.01 * DEGREE_KM}, {"detour": 1.5}, "b"),
        ({"max_km": 2.01 * DEGREE_KM}, {"max_km": 500}, "bcd"),  # the mode's own replaces it
        ({"max_km": 2.01 * DEGREE_KM}, {"max_km": 1.01 * DEGREE_KM}, "b"),
        ({}, {"loss_share_per_km": 1 / (3 * DEGREE_KM)}, "bc"),  # nothing of it would arrive at D
        ({"nearest": 1}, {}, "b"),
        ({"nearest": 2}, {}, "bc"),
    ],
)
def test_reach_is_by_distance_detour_loss_and_rank(said, cells, left):
    """What is too far, would be lost or is not among the nearest is no candidate, and is counted."""
    instance = instance_of(reach(said, **cells), prune=False)

    assert [name for name, _ in ways(instance)] == list(left)
    assert sum(of(instance, reason) for reason in ("reach", "loss", "nearest")) == 3 - len(left)


def test_the_nearest_are_counted_by_facility_and_ties_go_by_id():
    """Two demands at one place count once; of two places as far the first by id; its own facility never counts."""
    scenario = region(
        {"reach": {"nearest": 1}},
        facilities=[
            {"facility": "A", "lat": 0, "lon": 0},
            {"facility": "Z", "lat": 0, "lon": 1},
            {"facility": "E", "lat": 0, "lon": -1},
        ],
        streams=[stream("ash", "A", 100)],
        demands=[
            demand("own", "A", 5), demand("west", "E", 80), demand("west2", "E", 80), demand("east", "Z", 80),
        ],
    )  # fmt: skip

    assert [name for name, _ in ways(instance_of(scenario, prune=False))] == ["own", "west", "west2"]


def test_a_listed_pair_beats_reach_and_counts_among_the_nearest():
    """D is listed: it stays although it is farther, out of max_km, and not among the nearest."""
    scenario = reach({"nearest": 1, "max_km": 2.01 * DEGREE_KM}).with_(
        links=[{"from_facility": "A", "to_facility": "D", "eur_per_unit": 1}]
    )

    assert [name for name, _ in ways(instance_of(scenario, prune=False))] == ["b", "d"]


@pytest.mark.parametrize(("inside", "links"), [(True, 2), (False, 1)])
def test_a_facility_exchanges_with_itself_unless_told_otherwise(inside, links):
    """within_facility = false drops ash for A's own works, its way to a tip next door stays."""
    scenario = region(
        {"reach": {"within_facility": inside}},
        streams=[stream("ash", "A", 100)],
        demands=[demand("own", "A", 5), demand("works", "D", 80)],
        disposals=[{"disposal": DISPOSAL, "facility": "A", "route": "landfill"}],
    )
    instance = instance_of(scenario, prune=False)

    assert (instance.tally["links"], instance.tally["ways_to_disposal"]) == (links, 1)


# rules


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ([], ["bricks", "works"]),
        ([{"material": "ash", "allowed": False}], ["bricks"]),
        ([{"material": "10", "allowed": False}], ["bricks"]),  # an EWC prefix
        ([{"to_sector": "23", "allowed": False}], []),
        ([{"to_sector": "23", "allowed": False}, {"material": "ash", "to_sector": "23", "allowed": True}], ["works"]),
        ([{"material": "ash", "allowed": True}, {"from_sector": "35", "allowed": False}], []),  # forbidden wins ties
        ([{"from_sector": "36", "allowed": False}], ["bricks", "works"]),
        ([{"mode": "truck", "allowed": False}], []),
    ],
)
def test_the_rule_with_more_filled_cells_wins(rules, left):
    """All filled cells match; of equally specific rules the one that forbids wins."""
    scenario = region(
        facilities=[
            {"facility": "A", "lat": 0, "lon": 0, "sector": "35.11"},
            {"facility": "D", "lat": 0, "lon": 0, "sector": "23.51;42"},
        ],
        materials=[
            {"material": "ash", "state": "solid", "ewc": "10 01 02"},
            {"material": "clay", "state": "solid", "ewc": "01 04 09"},
        ],
        streams=[stream("ash", "A", 100), stream("clay", "A", 40, "clay")],
        demands=[demand("works", "D", 80), demand("bricks", "D", 30, "clay")],
        rules=[{"allowed": True} | rule for rule in rules],
    )
    instance = instance_of(scenario, prune=False)

    assert [name for name, _ in ways(instance)] == left
    assert of(instance, "rule") == 2 - len(left)


def test_permits_of_all_matching_rules_add_up():
    """Ash needs the permits of 30 and 12, clay that of 12, rail another 5; forbidden ways need none."""
    scenario = listed(
        rules=[
            {"material": "ash", "allowed": True, "permit_eur_per_yr": 30},
            {"allowed": True, "permit_eur_per_yr": 12},
            {"mode": "rail", "allowed": True, "permit_eur_per_yr": 5},
        ]
    )
    instance = instance_of(scenario, prune=False)
    groups, parties = instance.groups, instance.parties
    paid = {
        (parties.materials[m], parties.modes[v]): price
        for m, v, price in zip(groups.material, groups.mode, groups.permit_eur_per_yr, strict=True)
    }

    assert paid == {("ash", "truck"): 42, ("ash", "rail"): 47, ("clay", "truck"): 12, ("clay", "rail"): 17}


def test_a_permit_that_only_some_flows_need_is_a_decision_of_its_own():
    """On a shared road only ash needs the permit of 30: the road has one opening and the permit another."""
    scenario = listed(
        {"mode": "truck", "shared": True, "setup_eur_per_yr": 100},
        {"mode": "rail", "status": "forbidden"},
        rules=[{"material": "ash", "allowed": True, "permit_eur_per_yr": 30}],
    )
    openings = instance_of(scenario, prune=False).openings

    assert openings.whole.tolist() == [True, False]
    assert openings.fixed_eur_per_yr.tolist() == [[100], [30]]
    assert [int((openings.link_opening == k).sum()) for k in (0, 1)] == [2, 1]

    # clay alone pays the road, ash pays both
    only_clay = isopt.solve(scenario.with_(streams={"ash": {"supply_per_yr": 0}}), gap=0)
    both = isopt.solve(scenario, gap=0)
    assert only_clay.kpi("cost_setup") == 100
    assert both.kpi("cost_setup") == 130


# exchanges


def test_an_exchange_is_a_pair_a_mode_and_a_material_unless_shared():
    """Truck and rail, ash and clay are four exchanges; with a shared truck they are three."""
    assert instance_of(listed(), prune=False).tally["exchanges"] == 4
    assert instance_of(listed({"mode": "truck", "shared": True}), prune=False).tally["exchanges"] == 3


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (
            lambda: listed(
                {"mode": "truck", "shared": True, "max_per_yr": 90},
                materials=[
                    {"material": "ash", "state": "solid"},
                    {"material": "clay", "state": "solid", "unit": "m3", "t_per_unit": 2},
                ],
            ),
            "over materials in m3 and t: give the materials links of their own",
        ),
        (
            lambda: listed({"mode": "truck", "material": "sand", "status": "required"}),
            "the required link A > D by truck is not possible",
        ),
        (
            lambda: listed(
                {"mode": "truck", "material": "clay", "status": "required"},
                rules=[{"material": "clay", "allowed": False}],
            ),
            "the required link A > D by truck is not possible",
        ),
        (
            lambda: listed(
                materials=[{"material": "ash", "unit": "m3", "state": "solid"}, {"material": "clay", "state": "solid"}]
            ),
            '"ash" is measured in m3 and moves: give its tonnes per m3',
        ),
        (
            lambda: listed(
                qualities=[{"stream": "clay", "property": "lead", "value": 2}],
                quality_limits=[{"demand": "works", "property": "lead", "max": 5}],
            ),
            '"lead" is limited at "works", but its sender ash has no value for it',
        ),
        (
            lambda: region(
                technologies=[{"technology": "well"}],
                recipes=[{"technology": "well", "output": "sand", "yield": 1}],
                plants=[plant("well", "B", "candidate", "well", capex_eur=500)],
                demands=[demand("works", "D", 80, "sand")],
            ),
            'nothing bounds what "well" processes',
        ),
    ],
)
def test_what_makes_no_sense_is_named(scenario, message):
    """The message says what is wrong and what to give."""
    with pytest.raises(ScenarioError) as caught:
        instance_of(scenario(), prune=False)

    assert message in str(caught.value)


def test_an_opening_exists_only_where_something_needs_a_decision():
    """A free road is a plain flow; set-up, capital, a lot, a requirement or a count make a decision of it."""
    free = listed({"mode": "rail", "status": "forbidden"}, {"material": "clay", "status": "forbidden"})

    def openings(scenario):
        return instance_of(scenario, prune=False).openings.count

    def with_cell(**cells):
        return free.with_(
            links=[
                *free.links[["from_facility", "to_facility", "material", "mode", "status"]].to_dict("records"),
                {"from_facility": "A", "to_facility": "D", "material": "ash", "mode": "truck"} | cells,
            ]
        )

    assert openings(free) == 0
    assert openings(with_cell(max_per_yr=50)) == 0
    for cells in ({"setup_eur_per_yr": 5}, {"capex_eur": 5}, {"min_per_yr": 5}, {"status": "required"}):
        assert openings(with_cell(**cells)) == 1
    assert openings(with_cell(capex_eur=5, status="existing")) == 0
    assert openings(free.with_(limits={"exchanges_max": 1})) == 1


# bounds


def chain(capacity=None, **tables):
    """100 ash, of which a mill makes 0.5 sand each, of which a kiln makes 2 slag each."""
    return region(
        streams=[stream("ash", "A", 100)],
        technologies=[{"technology": "mill"}, {"technology": "kiln"}],
        recipes=[
            {"technology": "mill", "input": "ash", "output": "sand", "yield": 0.5},
            {"technology": "kiln", "input": "sand", "output": "slag", "yield": 2},
        ],
        plants=[plant("mill", "B", capacity_per_yr=capacity), plant("kiln", "C", technology="kiln")],
        demands=[demand("road", "D", 500, "slag")],
        **tables,
    )


@pytest.mark.parametrize(("capacity", "milled"), [(None, 100), (60, 60), (600, 100)])
def test_bounds_run_down_a_chain_of_plants(capacity, milled):
    """The mill gets the 100 there are or what it takes; half of it reaches the kiln, twice that the road."""
    instance = instance_of(chain(capacity), prune=False)

    assert instance.bounds.throughput.ravel().tolist() == [milled, milled / 2]
    assert instance.link_upper.ravel().tolist() == [milled, milled / 2, milled]


@pytest.mark.parametrize(("comes_back", "passes"), [(0.5, 100 / (1 - 0.5)), (0.9, 100 / (1 - 0.9)), (1.0, np.inf)])
def test_a_loop_of_plants_is_bounded_by_what_it_loses(comes_back, passes):
    """A washer gives a share of its ash back: a hundred passes 1 / (1 - share) times, and for ever without loss."""
    scenario = region(
        streams=[stream("ash", "A", 100)],
        technologies=[{"technology": "mill"}, {"technology": "washer"}],
        recipes=[
            {"technology": "mill", "input": "ash", "output": "sand", "yield": 1},
            {"technology": "washer", "input": "sand", "output": "ash", "yield": comes_back},
        ],
        plants=[plant("mill", "B"), plant("washer", "C", technology="washer")],
        demands=[demand("works", "D", 80, "sand")],
    )

    assert instance_of(scenario, prune=False).bounds.throughput[0, 0] == pytest.approx(passes, rel=1e-6)


def test_a_link_sends_no_more_than_its_end_can_use():
    """Ash at 0.5 for 80 sand, at most a quarter of it: 40 ash; 160 without a share; the road's own 30 is less."""

    def upper(link=None, **cells):
        scenario = region(
            modes=[{"mode": "truck", "loss_share_per_km": 0.1}],
            links=[{"from_facility": "A", "to_facility": "D", "distance_km": 5} | (link or {})],
            streams=[stream("ash", "A", 1000)],
            demands=[demand("works", "D", 80, "sand")],
            substitutions=[{"from_material": "ash", "to_material": "sand", "ratio": 0.5} | cells],
        )
        return instance_of(scenario, prune=False).link_upper.item()

    assert upper() == pytest.approx(80 / 0.5 / 0.5)  # half of what is sent is lost
    assert upper(max_share=0.25) == pytest.approx(20 / 0.5 / 0.5)
    assert upper({"max_per_yr": 30}) == 30
    assert upper({"distance_km": 0}) == 160


def test_stocks_let_more_leave_and_arrive_than_a_period_brings():
    """A heap of 20 beside 25 in winter: 25 + its 5 at first; 75 + 20 later; never more than all there is."""
    scenario = region(
        periods=seasons(),
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 400)],
        stocks=[{"facility": "A", "material": "ash", "capacity": 20, "initial": 5}],
    )

    assert instance_of(scenario, prune=False).bounds.origin.tolist() == [[30, 95]]


# nodes and calendars


def test_ids_become_positions():
    """What is not in the list is -1."""
    assert index_of(["b", "", "a"], ["a", "b"]).tolist() == [1, -1, 0]


def test_a_plant_may_belong_to_another_than_its_place():
    """A mill at B run by D: D's works are no stranger to it, its supplier A is."""
    scenario = region(
        streams=[stream("ash", "A", 100)],
        plants=[plant("mill", "B", owner="D", capacity_per_yr=90)],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )
    found = instance_of(scenario, prune=False).links

    assert found.foreign.tolist() == [True, False]
    assert parties_of(scenario).organisations == ("A", "B", "C", "D")


def test_a_lagged_output_arises_in_the_same_season_of_a_later_year():
    """Winter's goes to the next winter, the last year's is lost."""
    periods = periods_of(
        region(
            {"economics": {"discount_rate": 0.1, "nominal": False}},
            periods=[
                {"period": f"{season}{year}", "year": year, "share_of_year": 0.5}
                for year in (2030, 2031, 2033) for season in ("w", "s")
            ],
            streams=[stream("ash", "A", 100)],
        )
    )  # fmt: skip

    assert periods.lagged(0).tolist() == [0, 1, 2, 3, 4, 5]
    assert periods.lagged(1).tolist() == [2, 3, -1, -1, -1, -1]
    assert periods.lagged(2).tolist() == [-1, -1, 4, 5, -1, -1]
    assert periods.discount.tolist() == pytest.approx([1, 1 / 1.1, 1 / 1.1**3])
    assert (periods.season.tolist(), periods.first_of_year.tolist()) == ([0, 1] * 3, [0, 2, 4])


def test_a_table_that_never_changes_keeps_one_column():
    """NaN equals NaN here; what changes keeps its periods."""
    still = np.array([[1.0, 1.0], [np.nan, np.nan]])

    assert slim(still).shape == (2, 1)
    assert slim(np.array([[1.0, 2.0]])).shape == (1, 2)


# what goes where


@pytest.mark.parametrize(
    ("accepts", "taken"),
    [
        ("", {"ash", "clay", "solvent"}),
        ("ash", {"ash"}),
        ("10;solvent", {"ash", "solvent"}),  # an EWC prefix and an id
        ("10 01 02", {"ash"}),
        ("hazardous", {"solvent"}),
        ("inert;hazardous", {"clay", "solvent"}),
        ("19", set()),
    ],
)
def test_a_disposal_takes_what_it_accepts(accepts, taken):
    """By id, by the beginning of a code of the List of Waste, or by class; an empty cell is everything."""
    classes = {
        "ash": ("10 01 02", "non_hazardous"),
        "clay": ("01 04 09", "inert"),
        "solvent": ("14 06 03*", "hazardous"),
    }
    scenario = region(
        materials=[
            {"material": name, "state": "solid", "ewc": code, "disposal_class": cls, "hazardous": cls == "hazardous"}
            for name, (code, cls) in classes.items()
        ],
        streams=[stream(name, "A", 10, name) for name in classes],
        disposals=[{"disposal": DISPOSAL, "facility": "C", "route": "incineration", "accepts": accepts}],
    )
    outlets = instance_of(scenario, prune=False).outlets
    parties = parties_of(scenario)

    assert {parties.materials[m] for m in outlets.material[outlets.disposal >= 0]} == taken


@pytest.mark.parametrize(
    ("route", "tax_class", "ways"),
    [("landfill", "", 1), ("landfill", "inert", 2), ("incineration", "", 2), ("landfill", "non_hazardous", 0)],
)
def test_a_ban_closes_landfills_to_its_class(route, tax_class, ways):
    """Banned is the disposal's class, else the material's, on the way to a landfill alone."""
    scenario = region(
        {"policy": {"landfill_ban": ["non_hazardous"]}},
        materials=[
            {"material": "ash", "state": "solid", "disposal_class": "non_hazardous"},
            {"material": "clay", "state": "solid", "disposal_class": "inert"},
        ],
        streams=[stream("ash", "A", 10, own_disposal_route="other"), stream("clay", "A", 10, "clay", None)],
        disposals=[
            {"disposal": DISPOSAL, "facility": "C", "route": route, "tax_class": tax_class},
        ],
    )
    instance = instance_of(scenario, prune=False)

    assert instance.tally["ways_to_disposal"] == ways
    assert of(instance, "ban") == 2 - ways


@pytest.mark.parametrize(
    ("said", "ash", "most"),
    [
        ([{"plant": "mill", "property": "lead", "value": 8}], 100, 30 * 3 / 3),
        (
            [
                {"plant": "mill", "property": "lead", "value": 0},
                {"plant": "mill", "material": "sand", "property": "lead", "value": 8},  # beats the plant's own
            ],
            100,
            30 * 3 / 3,
        ),
        ([{"plant": "mill", "property": "lead", "value": 5}], 100, 70),
    ],
)
def test_the_quality_of_what_a_plant_makes_is_its_own_or_its_outputs(said, ash, most):
    """30 clean sand of 2 thin the mill's sand of 8 to 5: 3 parts above to 3 below, so 30 t; at 5 the need is full."""
    scenario = region(
        streams=[stream("ash", "A", ash), stream("clean", "C", 30, "sand", 500)],
        plants=[plant("mill", "B", capacity_per_yr=90)],
        demands=[demand("works", "D", 100, "sand", 400)],
        qualities=[{"stream": "clean", "property": "lead", "value": 2}, *said],
        quality_limits=[{"demand": "works", "property": "lead", "max": 5}],
        **mill(),
    )
    flows = isopt.solve(scenario, gap=0).flows

    assert flows.loc[flows["origin"] == "mill", "arrived"].sum() == pytest.approx(most)


def test_a_technology_keeps_the_quality_of_each_input():
    """A mill takes ash of at most 20 % moisture: 60 wet (30 %) need as much dry (10 %), of which there are 40."""
    scenario = region(
        streams=[stream("wet", "A", 60, disposal=50), stream("dry", "B", 40, disposal=0)],
        plants=[plant("mill", "C", capacity_per_yr=90)],
        demands=[demand("works", "D", 200, "sand")],
        qualities=[
            {"stream": "wet", "property": "moisture", "value": 30},
            {"stream": "dry", "property": "moisture", "value": 10},
        ],
        quality_limits=[{"technology": "mill", "input": "ash", "property": "moisture", "max": 20}],
        **mill(),
    )
    flows = isopt.solve(scenario, gap=0).flows
    milled = flows[flows["receiver"] == "mill"].set_index("origin")["arrived"]

    assert milled.to_dict() == pytest.approx({"wet": 40, "dry": 40})


def test_the_status_of_groups_is_one_string_for_all_that_share_it():
    """Half a million groups that are simply allowed hold one word, not half a million."""
    instance = instance_of(
        region(streams=[stream("ash", "A", 100)], demands=[demand("x", "C", 9), demand("y", "D", 9)])
    )
    status = instance.groups.status

    assert len(status) >= 2
    assert len({id(word) for word in status}) == len(set(status)) == 1
