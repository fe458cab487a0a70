"""Published cases, written as scenarios, give the published answers."""

from __future__ import annotations

import csv
import json

import pytest
from known import balinski, california, five_firms, orlib, relog

import isopt

REL = 1e-6


def solved(case):
    """The audited optimum of a case."""
    solution = isopt.solve(case.scenario(), gap=0.0, time_limit=120)
    assert solution.status == "optimal"
    report = isopt.audit(solution)
    assert report.passed, report
    return solution


def contradiction(case):
    """Why a case has no plan, in the engine's words."""
    solution = isopt.solve(case.scenario(), gap=0.0, time_limit=120)
    assert solution.status == "infeasible"
    assert solution.objective is None
    return solution.reason


@pytest.mark.parametrize("made_at_sites", [False, True], ids=["customers send", "sites make"])
@pytest.mark.parametrize("name", ["cap41", "cap131"])
def test_plant_siting_of_the_or_library_costs_what_is_published(shared, name, made_at_sites):
    """Told with streams that end at sites or demands that sites serve, the optimum is the published one."""
    solution = solved(orlib.case(shared, name, made_at_sites=made_at_sites))

    assert solution.objective == pytest.approx(orlib.ANSWERS[name], abs=0.002)


def test_customers_too_large_for_any_one_site_cannot_be_served_from_one(shared):
    """The sites of cap41 have room for all customers together, but not for each customer at one site."""
    reason = contradiction(orlib.case(shared, "cap41", one_site_each=True))

    assert 'stream "s33" must place 12,912 t of goods; the single receivers' in reason  # a site takes 5,000


def test_transport_with_a_charge_per_link_costs_what_balinski_found(shared):
    """Balinski's 8 x 12 case costs 471.55: rates times flows and one charge per link used."""
    solution = solved(balinski.case(shared))

    assert solution.objective == pytest.approx(balinski.ANSWER, rel=REL)
    assert solution.kpi("cost_haulage") + solution.kpi("cost_setup") == pytest.approx(balinski.ANSWER, rel=REL)
    assert solution.flows["sent"].sum() == pytest.approx(210)


def test_reverse_logistics_over_two_years_costs_what_relog_found(shared):
    """RELOG's s1: the total and its parts are the published ones, and CO2 counts the distance."""
    solution = solved(relog.s1(shared))
    costs = json.loads((shared / "cases" / "relog" / "s1_expected.json").read_text(encoding="utf-8"))["Costs"]

    def published(*names: str) -> float:
        return sum(sum(costs[f"{name} ($)"]) for name in names)

    assert solution.objective == pytest.approx(relog.S1_TOTAL, rel=REL)
    assert solution.kpi("cost_haulage") == pytest.approx(published("Transportation"), rel=REL)
    assert solution.kpi("cost_treatment") == pytest.approx(published("Variable operating"), rel=REL)
    assert solution.kpi("cost_gate_fees") == pytest.approx(published("Disposal"), rel=REL)
    assert solution.kpi("cost_plants") == pytest.approx(published("Fixed operating", "Opening", "Expansion"), rel=REL)
    years = [relog.FIRST_YEAR, relog.FIRST_YEAR + 1]
    assert [solution.kpi("co2_transport", year=year) for year in years] == pytest.approx(
        list(relog.S1_CO2_TRANSPORT), rel=REL
    )


def test_a_stock_carries_batteries_from_a_full_year_to_an_empty_one(shared):
    """RELOG's storage: 50 at once, 50 held for two years until processing is cheap: 600 + 75 + 100."""
    solution = solved(relog.storage(shared))
    throughput = solution.throughput.groupby("year")["amount"].sum()
    level = solution.stocks.set_index("year")["level"]
    years = [relog.FIRST_YEAR + i for i in range(3)]

    assert solution.objective == pytest.approx(relog.STORAGE_TOTAL, rel=REL)
    assert [throughput.get(year, 0.0) for year in years] == pytest.approx([50, 0, 50])
    assert [level[year] for year in years] == pytest.approx([50, 50, 0])
    assert [solution.kpi("cost_total", year=year) for year in years] == pytest.approx([600, 75, 100])


def test_boats_go_round_for_five_years_as_relog_found(shared):
    """RELOG's boat: the total is the published one, and so are all 40 flows."""
    solution = solved(relog.boat(shared))
    with (shared / "cases" / "relog" / "boat_expected" / "transportation.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        published = {
            (row["source"], row["destination"], row["product"], int(row["year"])): float(row["amount sent (tonne)"])
            for row in csv.DictReader(file)
        }
    flows = solution.flows[solution.flows["kind"] == "exchange"]
    ends = ["from_facility", "to_facility", "material", "year"]
    sent = {
        (start, end, material, year - relog.FIRST_YEAR + 1): amount
        for (start, end, material, year), amount in flows.groupby(ends)["sent"].sum().items()
    }

    assert solution.objective == pytest.approx(relog.BOAT_TOTAL, rel=REL)
    assert len(published) == 40
    assert sent == pytest.approx(published, abs=1e-5)  # the tables round to five decimals


def test_what_nobody_takes_and_no_disposal_has_room_for_is_named(shared):
    """RELOG's simple case: a centre's 20 t of P3 exceed the 5 t that may be disposed of, and nobody takes it."""
    reason = contradiction(relog.simple(shared))

    assert 'stream "C1 P3" must place 20 t of P3' in reason
    assert 'disposal "disposal of P3" takes at most 5 a year' in reason


@pytest.mark.parametrize("activation", [1.0, 0.1, 0.0])
def test_five_firms_exchange_what_is_worth_its_link(shared, activation):
    """With links at full price, a tenth and nothing they pay 4390.39, 3276.17 and 3016.16; without exchange 4573."""
    solution = solved(five_firms.case(shared, activation))

    assert solution.objective == pytest.approx(five_firms.ANSWERS[activation], rel=REL)
    assert solution.baseline.kpi("cost_total") == pytest.approx(five_firms.BASELINE, rel=REL)


@pytest.mark.parametrize(
    ("what", "answer", "sites"),
    [
        ("cost", california.COST, {"FC02", "FC05"}),
        ("tonne_km", california.UNIT_MILES * california.KM_PER_MILE, {"FC01", "FC02"}),
    ],
)
def test_two_californian_sites_are_the_published_ones(shared, what, answer, sites):
    """At least cost the returns go to Ontario and Reno, at least distance to Fremont and Ontario."""
    solution = solved(california.case(shared, what=what))
    plants = solution.plants

    assert solution.objective == pytest.approx(answer, rel=REL)
    assert set(plants.loc[plants["stands"], "facility"]) == sites


def test_one_californian_site_is_too_small_for_all_returns(shared):
    """28,140 returns exceed the largest site, which takes 25,000."""
    reason = contradiction(california.case(shared, sites=1))

    assert "exactly 1 candidate plants built: the least that any plan reaches is 2" in reason
