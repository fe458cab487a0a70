"""What pruning proves useless, and, proof by proof, where it must not."""

from __future__ import annotations

import pytest
from small import DISPOSAL, demand, mill, plant, region, seasons, stream, two_years

import isopt
from isopt.network import instance_of

TIP = {"disposal": DISPOSAL, "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 8}


def links_left(scenario):
    """Links that stay, after a check that the optimum stays too."""
    assert isopt.solve(scenario, gap=0).objective == pytest.approx(isopt.solve(scenario, gap=0, prune=False).objective)
    return instance_of(scenario).tally["links"]


def dear(settings=None, *, link=None, ash=None, works=None, **tables):
    """Ash that costs 10 EUR/t to dispose of, for a works that pays 20 for virgin; hauling costs 31, a euro too many."""
    return region(
        settings,
        links=[{"from_facility": "A", "to_facility": "D", "mode": "truck", "material": "ash", "eur_per_unit": 31}
               | (link or {})],
        **{
            "streams": [stream("ash", "A", **{"amount": 100} | (ash or {}))],
            "demands": [demand("works", "D", **{"amount": 80} | (works or {}))],
        }
        | tables,
    )  # fmt: skip


@pytest.mark.parametrize(("rate", "left"), [(31, 0), (30, 0), (29, 1)])
def test_a_link_that_saves_nothing_leaves(rate, left):
    """Disposal of 10 and purchase of 20 are avoided: at 30 EUR/t and more the link can't beat doing both."""
    assert links_left(dear(link={"eur_per_unit": rate})) == left


@pytest.mark.parametrize(("fee", "left"), [(800, 1), (1599, 1), (1600, 0)])
def test_a_link_that_cannot_pay_its_set_up_leaves(fee, left):
    """At 10 EUR/t the 80 t that D takes save 80 x 20 = 1600 at most; a set-up of as much is never worth it."""
    assert links_left(dear(link={"eur_per_unit": 10, "setup_eur_per_yr": fee})) == left


# each of these makes the dear link useful, or might: it must stay


KEPT = {
    "a CO2 limit that only exchange meets": lambda: dear(
        {"limits": {"co2_t_per_yr": 1}}, ash={"own_disposal_kgco2_per_unit": 50}
    ),
    "a landfill limit": lambda: dear({"limits": {"landfilled_t_per_yr": 40}}, ash={"own_disposal_route": "landfill"}),
    "a diversion share": lambda: dear({"limits": {"diversion_share": 0.5}}, ash={"own_disposal_route": "landfill"}),
    "a least share of by-products": lambda: dear(works={"min_byproduct_share": 0.5}),
    "a required exchange": lambda: dear(link={"status": "required", "min_per_yr": 10}),
    "no way out but this": lambda: dear(ash={"disposal": None}, works={"amount": 100}),
    "a demand that can't be bought": lambda: dear(works={"virgin": None}),
    "a disposal with room for 60 only": lambda: dear(
        ash={"disposal": None}, disposals=[TIP | {"capacity_per_yr": 60, "gate_fee_eur_per_unit": 10}]
    ),
    "a disposal whose road must be set up": lambda: dear(
        link={"eur_per_unit": 31},
        ash={"disposal": None},
        disposals=[TIP | {"gate_fee_eur_per_unit": 10}],
    ).with_(
        links=[
            {"from_facility": "A", "to_facility": "D", "eur_per_unit": 31},
            {"from_facility": "A", "to_facility": "C", "setup_eur_per_yr": 5000},
        ]
    ),
    "wet ash that dry ash makes fit": lambda: dear(
        link={"eur_per_unit": 0},
        streams=[stream("ash", "A", 60), stream("dry", "B", 40)],
        qualities=[
            {"stream": "ash", "property": "moisture", "value": 30},
            {"stream": "dry", "property": "moisture", "value": 10},
        ],
        quality_limits=[{"demand": "works", "property": "moisture", "max": 20}],
        modes=[{"mode": "truck", "eur_per_t": 31}],
    ),
    "a lot that two streams fill": lambda: dear(
        link={"eur_per_unit": None, "min_per_yr": 60},
        streams=[stream("ash", "A", 50, disposal=40), stream("more", "A", 20, disposal=1)],
        modes=[{"mode": "truck", "eur_per_t": 22}],
    ),
    "a stock that carries ash to a dearer season": lambda: dear(
        link={"eur_per_unit": 25},
        periods=seasons(),
        stocks=[{"facility": "D", "material": "ash", "capacity": 20}],
        changes=[
            {"table": "demands", "id": "works", "column": "virgin_eur_per_unit", "period": "winter", "value": 5},
            {"table": "demands", "id": "works", "column": "virgin_eur_per_unit", "period": "rest", "value": 60},
        ],
    ),
    "a later year in which it pays": lambda: dear(
        periods=two_years(),
        changes=[{"table": "demands", "id": "works", "column": "virgin_eur_per_unit", "period": "2031", "value": 60}],
    ),
}


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_a_link_stays_where_the_proof_does_not_hold(case):
    """Something besides what its ends save makes use of the link, or might: it is no candidate for dropping."""
    scenario = case()
    direct = len(scenario.streams) * len(scenario.demands)

    assert links_left(scenario) == direct


def test_a_link_into_a_plant_is_never_judged_by_its_price():
    """Dear ash may feed a mill whose sand is dearer still."""
    scenario = region(
        modes=[{"mode": "truck", "eur_per_t": 50}],
        streams=[stream("ash", "A", 100)],
        plants=[plant("mill", "B", capacity_per_yr=90)],
        demands=[demand("works", "D", 80, "sand", 500)],
        **mill(),
    )

    assert links_left(scenario) == 2
    assert isopt.solve(scenario, gap=0).kpi("cost_total") == pytest.approx(80 * (50 + 50) + 20 * 10)


@pytest.mark.parametrize("what", ["co2", "landfilled", "tonne_km"])
def test_a_dear_link_stays_where_something_else_is_minimised(what):
    """What saves CO2 or landfill is worth any price then; of what does neither the tie goes by cost."""
    scenario = dear({"minimise": {"what": what}}, ash={"own_disposal_kgco2_per_unit": 50,
                                                      "own_disposal_route": "landfill"}, )  # fmt: skip

    assert links_left(scenario) == (0 if what == "tonne_km" else 1)


# ways to disposal


def ways_left(scenario):
    """Ways to disposal that stay, after a check that the optimum stays too."""
    assert isopt.solve(scenario, gap=0).objective == pytest.approx(isopt.solve(scenario, gap=0, prune=False).objective)
    return instance_of(scenario).tally["ways_to_disposal"]


def outlets(settings=None, *tips, **tables):
    """100 ash without a disposal of its own and some tips at C."""
    rows = [TIP | {"disposal": f"tip{k}"} | cells for k, cells in enumerate(tips)]
    return region(settings, **{"streams": [stream("ash", "A", 100, disposal=None)]} | tables, disposals=rows)


CHEAP, DEAR = {"gate_fee_eur_per_unit": 5}, {"gate_fee_eur_per_unit": 9}


@pytest.mark.parametrize(
    ("scenario", "left"),
    [
        (lambda: outlets(None, CHEAP, DEAR), 1),
        (lambda: outlets(None, CHEAP, CHEAP), 1),  # of equals one
        (lambda: outlets(None, CHEAP | {"capacity_per_yr": 60}, DEAR), 2),  # the cheap one may be full
        (lambda: outlets(None, CHEAP, DEAR | {"capacity_per_yr": 60}), 1),
        (lambda: outlets(None, CHEAP, DEAR, streams=[stream("ash", "A", 100, disposal=4)]), 0),
        (lambda: outlets(None, CHEAP, DEAR, modes=[{"mode": "truck", "eur_per_trip": 9, "vehicle_t": 30}]), 2),
        (lambda: outlets({"policy": {"landfill_tax_eur_per_t": {"non_hazardous": 3}}}, CHEAP,
                         {"route": "incineration", "gate_fee_eur_per_unit": 7}), 1),  # 5 + 3 tax against 7
        (lambda: outlets({"limits": {"co2_t_per_yr": 1}}, CHEAP | {"kgco2_per_unit": 20}, DEAR), 2),
        (lambda: outlets({"minimise": {"what": "co2"}}, CHEAP | {"kgco2_per_unit": 20}, DEAR), 2),
        (lambda: outlets({"minimise": {"what": "co2"}}, CHEAP, DEAR), 1),  # as good in CO2, cheaper
        (lambda: outlets(None, CHEAP, DEAR, links=[{"from_facility": "A", "to_facility": "C", "max_per_yr": 60}],
                         streams=[stream("ash", "A", 100)]), 2),  # both are A > C by truck
        (lambda: outlets(None, CHEAP, DEAR, periods=two_years(), changes=[
            {"table": "disposals", "id": "tip0", "column": "gate_fee_eur_per_unit", "period": "2031", "value": 20},
        ]), 2),  # each is cheaper in one year
    ],
)  # fmt: skip
def test_a_dearer_way_out_leaves_only_where_the_cheaper_one_takes_everything(scenario, left):
    """Another way has to be at least as good in every period, without a capacity, a fixed cost or trips."""
    assert ways_left(scenario()) == left


def test_the_answer_counts_what_was_dropped_and_why():
    """The counts of a solution name both proofs."""
    scenario = dear(disposals=[TIP | {"gate_fee_eur_per_unit": 50}])
    counts = isopt.solve(scenario, gap=0).counts

    assert (counts["dominated"], counts["dominated_way"]) == (1, 1)
    assert (counts["links"], counts["ways_to_disposal"], counts["own_disposal"]) == (0, 0, 1)
    assert isopt.solve(scenario, gap=0, prune=False).counts["links"] == 1
