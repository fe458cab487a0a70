"""Terminals: lorry, train, lorry comes out where it pays, each tonne is counted once, and nothing slips through."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

import isopt
from isopt.errors import InputError
from isopt.knowledge import transport_factor
from isopt.knowledge.trucking import handling
from isopt.network.hubs import hubs_of, propose_hubs, with_hubs, without_hubs
from isopt.scenario import Scenario
from isopt.solution import Solution

ROOT = Path(__file__).resolve().parents[1]
KM_PER_DEGREE = 6371.0088 * 3.141592653589793 / 180  # along the equator, on the contract's sphere
LORRY, TRAIN, LIFT = 0.11, 0.03, 3.0  # EUR/t-km, EUR/t-km, EUR/t
DRAY = 5.0  # km from a firm to its terminal
BREAK_EVEN = 10 + 2 * LIFT / (LORRY - TRAIN)  # the km that both have in common, and those that pay for two lifts
CHAIN = ["A>T1|truck|w", "T1>T2|rail|w", "T2>B|truck|w"]


def approx(figure: Any) -> Any:
    return pytest.approx(figure, rel=1e-9, abs=1e-6)


def place(facility: str, km: float, **cells: Any) -> dict[str, Any]:
    """A place on the equator, so many kilometres east of A."""
    return {"facility": facility, "lat": 0.0, "lon": km / KM_PER_DEGREE} | cells


def valley(km: float, settings: dict[str, Any] | None = None, **tables: Any) -> Scenario:
    """A gives off 100 t that cost it 500 EUR/t, B so many km away takes them: a lorry, and a train without terminals."""
    base: dict[str, Any] = {
        "facilities": [place("A", 0), place("B", km)],
        "materials": [{"material": "w", "state": "solid", "disposal_class": "non_hazardous"}],
        "streams": [
            {"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100, "own_disposal_eur_per_unit": 500}
        ],
        "demands": [{"demand": "d", "facility": "B", "material": "w", "need_per_yr": 100, "virgin_eur_per_unit": 30}],
        "modes": [
            {"mode": "truck", "network": "road", "eur_per_tkm": LORRY},
            {"mode": "rail", "network": "rail", "eur_per_tkm": TRAIN, "max_km": 0},
        ],
    }
    return Scenario.of(base | tables, {"economics": {"discount_rate": 0}} | (settings or {}), "valley")


def ends(km: float) -> list[dict[str, Any]]:
    """A terminal 5 km from either firm."""
    return [place("T1", DRAY), place("T2", km - DRAY)]


def joined(km: float, settings: dict[str, Any] | None = None, *, lift: float = LIFT, **tables: Any) -> Scenario:
    """The valley with a terminal at either end."""
    return with_hubs(valley(km, settings, **tables), ends(km), handling_eur_per_t=lift)


def solved(scenario: Scenario) -> Solution:
    """The optimum, proven and audited."""
    solution = isopt.solve(scenario, gap=0.0)
    report = isopt.audit(solution)
    assert solution.status == "optimal", solution.reason
    assert report.passed, str(report)
    return solution


def by_train(km: float) -> float:
    """What a tonne costs over both terminals."""
    return 2 * DRAY * LORRY + (km - 2 * DRAY) * TRAIN + 2 * LIFT


def legs(solution: Solution) -> list[str]:
    return list(solution.exchanges["exchange"])


def test_lorry_alone_below_the_break_even_distance_and_train_above():
    """Two lifts of 3 EUR pay from 75 km of train that is 0.08 EUR/t-km cheaper, so from 85 km in all."""
    assert approx(85) == BREAK_EVEN
    below, above = solved(joined(BREAK_EVEN - 0.1)), solved(joined(BREAK_EVEN + 0.1))

    assert legs(below) == ["A>B|truck|w"]
    assert below.kpi("cost_total") == approx(100 * (BREAK_EVEN - 0.1) * LORRY)
    assert legs(above) == CHAIN
    assert above.kpi("cost_total") == approx(100 * by_train(BREAK_EVEN + 0.1))


def test_a_chain_counts_legs_as_exchanges_and_tonnes_once():
    """Three exchanges, one tonne exchanged per tonne, tonne-km of all legs, handling under treatment."""
    solution = solved(joined(300))

    assert solution.kpi("exchanges") == 3
    assert solution.kpi("exchanged") == approx(100)
    assert solution.kpi("virgin_saved") == approx(100)
    assert solution.kpi("diverted") == approx(100)
    assert solution.kpi("tonne_km") == approx(100 * 300)
    assert solution.kpi("cost_treatment") == approx(100 * 2 * LIFT)
    assert solution.kpi("cost_haulage") == approx(100 * (2 * DRAY * LORRY + 290 * TRAIN))
    assert solution.exchanges["saving_eur_per_yr"].sum() == approx(solution.kpi("cost_saved"))
    assert solution.firms["saving_eur_per_yr"].sum() == approx(solution.kpi("cost_saved"))
    paid = solution.firms.set_index("organisation")["treatment_eur_per_yr"]
    assert paid[["T1", "T2"]].tolist() == approx([100 * LIFT, 100 * LIFT])


def test_a_subsidy_is_paid_once_and_circling_earns_nothing():
    """A tonne over two terminals draws the subsidy of one tonne, and no train runs in circles for it."""
    solution = solved(joined(300, {"policy": {"subsidy_eur_per_t_exchanged": 1000}}))

    assert solution.kpi("subsidies") == approx(100 * 1000)
    assert solution.throughput["amount"].tolist() == approx([100, 100])


def test_a_full_terminal_leaves_the_rest_to_the_lorry():
    """With 40 t of capacity at one end 40 t go by train and 60 t by lorry."""
    hubs = [place("T1", DRAY, capacity_t_per_yr=40), place("T2", 300 - DRAY)]
    solution = solved(with_hubs(valley(300), hubs, handling_eur_per_t=LIFT))

    assert solution.kpi("cost_total") == approx(40 * by_train(300) + 60 * 300 * LORRY)


def test_a_closed_terminal_sends_everything_back_to_the_road():
    """Without its other end a terminal is of no use."""
    solution = solved(without_hubs(joined(300), ["T2"]))

    assert legs(solution) == ["A>B|truck|w"]
    assert solution.kpi("cost_total") == approx(100 * 300 * LORRY)


def test_dear_handling_never_pays():
    """At 50 EUR a lift the train would have to be 1,250 km long."""
    assert legs(solved(joined(1000, lift=50))) == ["A>B|truck|w"]


def test_train_and_ship_in_one_chain_are_lifted_three_times():
    """Lorry, train, ship, lorry: the port at T2 lifts from train to ship once."""
    valley_by_sea = valley(1000, modes=[
        {"mode": "truck", "network": "road", "eur_per_tkm": LORRY},
        {"mode": "rail", "network": "rail", "eur_per_tkm": TRAIN, "max_km": 0},
        {"mode": "ship", "network": "sea", "eur_per_tkm": 0.01, "max_km": 0},
    ])  # fmt: skip
    by_rail = with_hubs(valley_by_sea, [place("T1", 5), place("T2", 200)], handling_eur_per_t=LIFT)
    port = {"facility": "T2", "handling_eur_per_t": 4.0}
    scenario = with_hubs(by_rail, [port, place("T3", 990)], mode="ship", network="sea", handling_eur_per_t=2.0)
    solution = solved(scenario)

    assert legs(solution) == ["A>T1|truck|w", "T1>T2|rail|w", "T2>T3|ship|w", "T3>B|truck|w"]
    # the port's own plant or the rail terminal lifts at T2: the cheaper one does
    assert solution.kpi("cost_treatment") == approx(100 * (3 + 3 + 2))
    assert solution.kpi("cost_haulage") == approx(100 * (5 * LORRY + 195 * TRAIN + 790 * 0.01 + 10 * LORRY))
    assert solution.kpi("exchanged") == approx(100)


def landfill(km: float, **cells: Any) -> dict[str, Any]:
    """A way to disposal instead of a demand: everything is landfilled at B for 20 EUR/t."""
    return {
        "streams": [{"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100}],
        "demands": [],
        "disposals": [{"disposal": "tip", "facility": "B", "route": "landfill", "gate_fee_eur_per_unit": 20} | cells],
    }


def test_waste_goes_to_landfill_by_train_and_is_no_exchange():
    """Two legs are exchanges, the last is a way to disposal: landfilled, not exchanged, not subsidised, not diverted."""
    solution = solved(joined(300, {"policy": {"subsidy_eur_per_t_exchanged": 30}}, **landfill(300)))

    assert legs(solution) == CHAIN[:2]
    assert solution.kpi("landfilled") == approx(100)
    assert [solution.kpi(name) for name in ("exchanged", "diverted", "subsidies")] == approx([0, 0, 0])
    assert solution.kpi("cost_total") == approx(100 * (by_train(300) + 20))
    # the baseline has no exchange with a terminal: what the train saves on the way to landfill counts as saving
    assert solution.kpi("cost_saved") == approx(100 * (300 * LORRY - by_train(300)))


def test_trains_run_between_terminals_only():
    """No train leaves from a firm, to a landfill or a demand, not even within one site or to a neighbour at 0 km."""
    tables = landfill(300)
    tables["streams"].append({"stream": "leachate", "facility": "B", "material": "w", "supply_per_yr": 10})
    tables["streams"].append({"stream": "neighbour", "facility": "N", "material": "w", "supply_per_yr": 10})
    tables["demands"] = [{"demand": "d", "facility": "B", "material": "w", "need_per_yr": 5, "virgin_eur_per_unit": 30}]
    tables["facilities"] = [place("A", 0), place("B", 300), place("N", 300)]
    trucks = {"mode": "truck", "network": "road", "eur_per_tkm": LORRY, "eur_per_t": 4}
    scenario = joined(300, **tables, modes=[trucks, {"mode": "rail", "network": "rail", "max_km": 0}])
    solution = solved(scenario)

    flows = solution.flows[solution.flows["mode"] == "rail"]
    assert set(zip(flows["from_facility"], flows["to_facility"], strict=True)) == {("T1", "T2")}
    links = isopt.instance_of(scenario, prune=False).candidates
    rail = links.mode == 1
    pairs = {(links.parties.facilities[a], links.parties.facilities[b]) for a, b in zip(links.from_facility[rail], links.to_facility[rail], strict=True)}  # fmt: skip
    assert pairs == {("T1", "T2"), ("T2", "T1")}


def test_a_terminal_at_a_firm_keeps_what_the_firm_does():
    """A quay at a firm that is there adds cargo handling to its sectors and leaves its own exchanges alone."""
    firms = [place("A", 0), place("B", 300, sector="20.13")]
    scenario = with_hubs(valley(300, facilities=firms), [place("T1", DRAY), {"facility": "B"}], handling_eur_per_t=LIFT)

    assert scenario.facilities["sector"].tolist() == ["", "20.13;52.24", "52.24"]
    assert solved(scenario).kpi("cost_total") == approx(100 * (DRAY * LORRY + 295 * TRAIN + LIFT))  # B lifts nothing


def test_an_added_mode_has_cited_rates_and_leaves_handling_to_the_terminals():
    """Rail at the planning rate of the cited table, no cost per tonne on top of the terminal's lift."""
    road = [{"mode": "truck", "network": "road", "eur_per_tkm": LORRY}]
    scenario = with_hubs(valley(300, modes=road), ends(300))
    mode = scenario.modes.set_index("mode").loc["rail"]

    assert mode["eur_per_tkm"] == transport_factor("rail_bulk").value
    assert mode["kgco2_per_tkm"] == transport_factor("rail_bulk", "kgco2_per_tkm").value
    assert (mode["eur_per_t"], mode["max_km"]) == (0, 0)
    assert scenario.technologies["opex_eur_per_unit"].tolist() == [handling("rail").value]
    assert scenario.modes["mode"].tolist() == ["truck", "rail"]


def test_the_one_free_mode_of_a_scenario_without_modes_stays():
    """A table that is absent stands for one free mode; a train beside it does not take it away."""
    scenario = with_hubs(valley(300, modes=[]), ends(300))

    assert scenario.modes["mode"].tolist() == ["free", "rail"]


def test_cubic_metres_are_lifted_by_their_tonnes():
    """3 EUR/t are 3.6 EUR for a cubic metre of 1.2 t, and 120 t of capacity are 100 m3."""
    slurry = {"material": "w", "unit": "m3", "t_per_unit": 1.2, "state": "liquid", "disposal_class": "none"}
    scenario = with_hubs(valley(300, materials=[slurry]), ends(300), handling_eur_per_t=3, capacity_t_per_yr=120)

    assert scenario.technologies["opex_eur_per_unit"].tolist() == approx([3.6])
    assert scenario.plants["capacity_per_yr"].tolist() == approx([100, 100])
    assert solved(scenario).kpi("cost_total") == approx(100 * 1.2 * by_train(300))


def test_further_terminals_are_joined_with_those_that_stand():
    """A third terminal opened later is in reach of the first two, and old pairs are not listed again."""
    scenario = with_hubs(joined(300), [place("T3", 150)], handling_eur_per_t=LIFT)
    pairs = scenario.links[(scenario.links["mode"] == "rail") & (scenario.links["status"] != "forbidden")]

    found = sorted(zip(pairs["from_facility"], pairs["to_facility"], strict=True))
    assert found == [(a, b) for a in ("T1", "T2", "T3") for b in ("T1", "T2", "T3") if a != b]
    assert solved(scenario).kpi("cost_total") == approx(100 * by_train(300))


@pytest.mark.parametrize(("capex", "built"), [(4_000, 2), (40_000, 0)])
def test_a_candidate_terminal_is_built_where_it_pays(capex, built):
    """The train saves 1,720 EUR a year: terminals of 4,000 EUR over 20 years are built, those of 40,000 not."""
    assert 100 * (300 * LORRY - by_train(300)) == approx(1_720)
    hubs = [hub | {"status": "candidate", "capex_eur": capex} for hub in ends(300)]
    solution = solved(with_hubs(valley(300), hubs, handling_eur_per_t=LIFT))

    assert solution.kpi("plants_built") == built
    assert solution.kpi("cost_total") == approx(min(100 * 300 * LORRY, 100 * by_train(300) + 2 * capex / 20))


def test_set_up_costs_of_trains_are_bounded_without_a_capacity():
    """Terminals that could hand goods back and forth without end are held by what arises in a year."""
    scenario = joined(300).with_(modes={"rail": {"setup_eur_per_yr": 100}})

    assert scenario.plants["capacity_per_yr"].tolist() == [100, 100]
    assert solved(scenario).kpi("cost_total") == approx(100 * by_train(300) + 100)


@pytest.mark.parametrize(("need", "from_a", "to_a"), [(40, True, False), (400, False, True)])
def test_no_site_sends_itself_something_over_a_terminal(need, from_a, to_a):
    """Where a site may not exchange with itself, the terminal is no way round it: it sends or receives, the larger."""
    tables = {
        "demands": [
            {"demand": "a", "facility": "A", "material": "w", "need_per_yr": need, "virgin_eur_per_unit": 900},
            {"demand": "b", "facility": "B", "material": "w", "need_per_yr": 100, "virgin_eur_per_unit": 30},
        ]
    }
    apart = {"reach": {"within_facility": False}}
    scenario = joined(300, apart, **tables)
    solution = solved(scenario)
    links = isopt.instance_of(scenario, prune=False).candidates
    pairs = {(links.parties.facilities[a], links.parties.facilities[b]) for a, b in zip(links.from_facility, links.to_facility, strict=True)}  # fmt: skip

    assert (("A", "T1") in pairs, ("T1", "A") in pairs) == (from_a, to_a)
    assert solution.virgin.set_index("demand").loc["a", "received"] == 0
    assert solved(joined(300, **tables)).virgin.set_index("demand").loc["a", "received"] == min(need, 100)


MATERIALS = [
    {"material": "ash", "state": "solid"},
    {"material": "fish", "state": "solid", "max_haul_h": 5},
    {"material": "gas", "state": "gas", "unit": "m3", "t_per_unit": 0.001},
    {"material": "steam", "state": "heat", "unit": "MWh"},
    {"material": "clinker", "state": "solid"},
    {"material": "slag", "state": "solid"},
    {"material": "bone", "state": "solid"},
    {"material": "sand", "state": "solid"},
]


def yard(**tables: Any) -> Scenario:
    """Streams of all kinds of materials; what a cement works takes is tested for chlorine, bone is a butcher's."""
    names = [str(row["material"]) for row in MATERIALS if row["material"] != "sand"]
    base: dict[str, Any] = {
        "facilities": [place("A", 0, sector="10.11"), place("B", 300)],
        "materials": MATERIALS,
        "streams": [
            {"stream": name, "facility": "A" if name == "bone" else "B", "material": name, "supply_per_yr": 1, "own_disposal_eur_per_unit": 1}
            for name in names
        ],
        "demands": [{"demand": "d", "facility": "B", "material": "clinker", "need_per_yr": 1, "virgin_eur_per_unit": 9}],
        "substitutions": [{"from_material": "slag", "to_material": "clinker", "ratio": 1}],
        "qualities": [{"stream": name, "material": name, "property": "Cl", "value": 1} for name in ("slag", "clinker")],
        "quality_limits": [{"demand": "d", "property": "Cl", "max": 2}],
        "rules": [{"material": "bone", "from_sector": "10", "to_sector": "23", "allowed": False}],
    }  # fmt: skip
    return Scenario.of(base | tables, name="yard")


def test_what_must_not_be_mixed_or_wait_stays_on_the_lorry():
    """Only ash goes through: the others spoil, have no mass, are no cargo, or would lose their quality or origin."""
    scenario = with_hubs(yard(), ends(300))

    assert set(hubs_of(scenario)["materials"]) == {("ash",)}


def test_the_user_may_send_what_spoils_but_not_what_is_tested():
    """Naming materials overrides caution, not what makes no sense."""
    chosen = with_hubs(yard(), ends(300), materials=["fish", "bone"])
    assert set(hubs_of(chosen)["materials"]) == {("fish", "bone")}
    for wrong, words in {"slag": "quality", "steam": "no mass", "gas": "state", "ashh": 'did you mean "ash"'}.items():
        with pytest.raises(InputError, match=words):
            with_hubs(yard(), ends(300), materials=[wrong])


@pytest.mark.parametrize(
    ("hubs", "options", "words"),
    [
        ([], {}, "no terminal"),
        ([{"facility": "T1", "fasility": 1}], {}, 'did you mean "facility"'),
        ([place("T1", 1), place("T1", 2)], {}, "twice"),
        ([place("T1", 1)], {}, "one terminal only"),
        ([place("T1", 1), place("T2", 9)], {"mode": "tram", "network": "rails"}, 'did you mean "rail"'),
        ([place("T1", 1), place("T2", 9, capacity_t_per_yr="big")], {}, "number"),
        ([place("T1", 1), place("T2", 9, capacity_t_per_yr=-1)], {}, "below 0"),
    ],
)
def test_wrong_terminals_are_named(hubs, options, words):
    """Each mistake ends in one sentence that says what to mend."""
    with pytest.raises(InputError, match=words):
        with_hubs(valley(300), hubs, **options)


def test_a_listed_network_needs_listed_ways_to_terminals():
    """Where links.csv is the whole network, terminals would stand alone: that is said, not done."""
    listed = valley(300, {"reach": {"only_listed": True}}, links=[{"from_facility": "A", "to_facility": "B"}])
    with pytest.raises(InputError, match="only_listed"):
        with_hubs(listed, ends(300))
    with pytest.raises(InputError, match='no terminal at "T3"'):
        without_hubs(joined(300), ["T3"])


def test_hostile_names_stay_names():
    """Ids and names from a register that try to be markup or formulas come out as they went in."""
    hubs = [place("<script>", DRAY, name="=cmd()"), place("../T2; 🚆", 295, name="a;b")]
    scenario = with_hubs(valley(300), hubs, handling_eur_per_t=LIFT)

    assert list(hubs_of(scenario)["facility"]) == ["<script>", "../T2; 🚆"]
    assert solved(scenario).kpi("cost_total") == approx(100 * by_train(300))


def test_proposed_terminals_are_those_that_most_sites_have_near(monkeypatch):
    """The nearest terminals of all active sites, once each, the busiest first, in the columns that with_hubs takes."""
    asked = []

    def nearest(points: Any, kind: str, k: int, max_km: float) -> pd.DataFrame:
        asked.append((list(points.ids), kind, k, max_km))
        rows = [(0, "Z", 7.0), (0, "X", 5.0), (1, "Y", 25.0), (2, "X", 5.0)]
        return pd.DataFrame(
            [{"point": p, "terminal": t, "name": t, "lat": 0.0, "lon": km / KM_PER_DEGREE, "kind": kind} for p, t, km in rows]
        )  # fmt: skip

    stand_in = ModuleType("isopt.geo.terminals")
    stand_in.nearest_terminals = nearest  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "isopt.geo.terminals", stand_in)
    hubs = propose_hubs(valley(300), "rail", 2, 40)

    assert asked == [(["A", "B"], "rail", 2, 40)]
    assert hubs[["facility", "serves"]].to_numpy().tolist() == [["X", 2], ["Y", 1]]  # Z is 2 km from X
    assert list(hubs_of(with_hubs(valley(300), hubs))["facility"]) == ["X", "Y"]


def test_terminals_of_the_embedded_railway_can_be_opened():
    """Around the two firms of the bundled region: proposals well apart that with_hubs takes as they are; none at sea."""
    pytest.importorskip("isopt.geo.terminals")
    scenario = isopt.read(ROOT / "scenarios" / "two_firms")
    hubs = propose_hubs(scenario, "rail", 3, 80, apart_km=5)

    assert len(hubs) >= 2
    opened = with_hubs(scenario, hubs)
    assert list(hubs_of(opened)["facility"]) == list(hubs["facility"])
    assert solved(opened).kpi("cost_total") <= solved(scenario).kpi("cost_total") + 1e-6
    with pytest.raises(InputError, match="larger radius"):
        propose_hubs(valley(300), "rail", 1, 50)


@pytest.mark.parametrize("km", [60, 300])
@pytest.mark.parametrize("tables", [{}, landfill(60), landfill(300)], ids=["demand", "landfill_60", "landfill_300"])
def test_pruning_changes_nothing_with_terminals(km, tables):
    """What is dropped with a proof is useless with terminals too, on the way to a demand and to a landfill."""
    scenario = joined(km, **tables)

    pruned, whole = isopt.solve(scenario, gap=0.0), isopt.solve(scenario, gap=0.0, prune=False)
    assert pruned.kpi("cost_total") == approx(whole.kpi("cost_total"))


def test_more_terminals_never_cost_more_and_dearer_lifts_never_less():
    """A planner would nod: a third terminal can only help, and each cent on the lift can only hurt."""
    costs = [solved(joined(300, lift=lift)).kpi("cost_total") for lift in (0, 3, 6, 12, 24)]
    third = with_hubs(joined(300), [place("T3", 290)], handling_eur_per_t=LIFT)

    assert costs == sorted(costs)
    assert solved(third).kpi("cost_total") <= costs[1] + 1e-6


def test_seasons_share_the_capacity_of_a_terminal():
    """A terminal of 40 t a year lifts 10 t in a winter quarter, whatever arises then."""
    winter = [
        {"period": "winter", "year": 2030, "share_of_year": 0.25},
        {"period": "rest", "year": 2030, "share_of_year": 0.75},
    ]
    hubs = [place("T1", DRAY, capacity_t_per_yr=40), place("T2", 295)]
    solution = solved(with_hubs(valley(300, periods=winter), hubs, handling_eur_per_t=LIFT))
    lifted = solution.throughput[solution.throughput["plant"] == "T1_rail"].set_index("period")["amount"]

    assert lifted.to_dict() == approx({"winter": 10, "rest": 30})
