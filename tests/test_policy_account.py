"""The economics of a policy: every account adds up, and on paper it comes out as it should."""

from __future__ import annotations

import functools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from small import DISPOSAL, demand, mill, plant, region, stream, two_years
from strategies import FEATURES, scenario_of, scenarios

import isopt
from isopt.errors import InputError
from isopt.studies.incidence import charge_bases, charged, incidence
from isopt.studies.policy_account import policy_account, write_policy_account

CLASSES = ("inert", "non_hazardous", "hazardous")
TIP = {"disposal": DISPOSAL, "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 8, "kgco2_per_unit": 50}
#: Without losses on the way, with which less is tipped than is sent.
LOSSLESS = sorted(set(FEATURES) - {"loss"})
OVEN = {
    "disposal": "oven",
    "facility": "C",
    "route": "incineration",
    "gate_fee_eur_per_unit": 30,
    "kgco2_per_unit": 400,
}


def taxed(rate, cls="non_hazardous", **policy):
    return {"policy": {"landfill_tax_eur_per_t": {cls: rate}, **policy}}


def three_ways(rate, **tables):
    """
    100 t of ash at A (tip 8 EUR/t, oven 30, D needs 40 t of it at 5 EUR/t instead of buying for 2) and 60 t at B.

    Using ash costs 10 EUR/t more than it saves and tipping costs 8: D takes ash from a tax of 5 EUR/t on
    (5 + 10 - 2 = 13 = 8 + 5), and the rest is burnt from 22 on (30 = 8 + 22).
    """
    rows = {
        "streams": [stream("ash", "A", 100, disposal=None), stream("more", "B", 60, disposal=None)],
        "demands": [demand("works", "D", 40, "sand", virgin=2)],
        "substitutions": [{"from_material": "ash", "to_material": "sand", "ratio": 1, "cost_eur_per_unit": 15}],
        "disposals": [TIP, OVEN],
        "links": [{"from_facility": "B", "to_facility": "D", "material": "ash", "eur_per_unit": 1}],
    }
    return region(taxed(rate), name=f"tax {rate}", **rows | tables)


@functools.cache
def solved(scenario):
    """A proven, audited plan; scenarios are values, so that each is solved once."""
    solution = isopt.solve(scenario, gap=0)
    assert solution.status == "optimal"
    assert isopt.audit(solution).passed
    return solution


def row(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    [only] = table.to_dict("records")
    return only


# on paper


def test_tax_that_switches_a_use_is_paid_avoided_and_costs_resources():
    """At 10 EUR/t D uses 40 t: 120 t pay 1,200, 400 are avoided, and 40 x (15 - 2 - 8) = 200 more resources are used."""
    found = policy_account(solved(three_ways(10)), solved(three_ways(0)))

    assert found.total("treasury", "landfill_tax") == pytest.approx((0, 120 * 10, 1200))
    assert found.total("cost", "resource_cost") == pytest.approx((160 * 8 + 40 * 2, 120 * 8 + 40 * 15, 200))
    assert found.total("cost", "cost_total")[2] == pytest.approx(1200 + 200)
    whole = found.abatement.iloc[0]
    assert (whole["diverted_t"], whole["eur_per_t_diverted"]) == pytest.approx((40, 15 - 2 - 8))
    assert found.incidence[["static_eur_per_yr", "paid_eur_per_yr", "avoided_eur_per_yr"]].sum().to_list() == (
        pytest.approx([160 * 10, 120 * 10, 40 * 10])
    )
    assert row(found.incidence, organisation="A")["static_eur_per_yr"] == pytest.approx(1000)
    assert row(found.incidence, organisation="A")["paid_eur_per_yr"] == pytest.approx(
        600
    )  # its way to D is the cheaper
    assert row(found.incidence, organisation="B")["paid_eur_per_yr"] == pytest.approx(600)


def test_leak_is_told_from_use_with_its_co2():
    """At 30 EUR/t 120 t are burnt and 40 used; burning adds 350 kg a tonne, use takes the landfill's 50 kg away."""
    found = policy_account(solved(three_ways(30)), solved(three_ways(0)))
    routes = found.leakage_by_route

    assert row(routes, route="incineration")["tonnes"] == pytest.approx(120)
    assert row(routes, route="incineration")["counts_as"] == "leak"
    assert row(routes, route="incineration")["co2_change_t"] == pytest.approx(120 * (0.4 - 0.05))
    assert row(routes, route="exchange") == {
        "route": "exchange", "counts_as": "use", "tonnes": pytest.approx(40), "co2_there_t": 0,
        "co2_at_landfill_t": pytest.approx(40 * 0.05), "co2_change_t": pytest.approx(-40 * 0.05),
    }  # fmt: skip
    assert found.total("treasury", "landfill_tax") == pytest.approx((0, 0, 0))
    assert found.abatement.iloc[0]["co2_avoided_t"] == pytest.approx(-120 * 0.35 + 40 * 0.05)
    assert np.isnan(found.abatement.iloc[0]["eur_per_t_co2_avoided"])  # the tax raises CO2: no price for avoiding it


@pytest.mark.parametrize(
    ("outlet", "route", "counts_as"),
    [
        (stream("ash", "A", 100, disposal=20, own_disposal_route="sewer"), "own_sewer", "leak"),
        (stream("ash", "A", 100, disposal=20, own_disposal_route="other"), "own_other", "leak"),
        (stream("ash", "A", 100, disposal=20, own_disposal_route="incineration"), "own_incineration", "leak"),
        ({**OVEN, "route": "landfill", "tax_class": "inert"}, "untaxed_landfill", "leak"),
        ({**OVEN, "route": "sewer"}, "sewer", "leak"),
        ({**OVEN, "route": "other"}, "other", "leak"),
        (stream("ash", "A", 100, disposal=None, must_place=False), "not_placed", "not_placed"),
        (plant("mill", "A", technology="mill"), "treatment", "use"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_way_out_of_the_tax_has_a_name(outlet, route, counts_as):
    """Whatever is cheaper than 8 + 50 EUR/t takes all 100 t."""
    rows = {"streams": [stream("ash", "A", 100, disposal=None)], "disposals": [{**TIP, "gate_fee_eur_per_unit": -1}]}
    if "stream" in outlet:
        rows["streams"] = [outlet]
    elif "plant" in outlet:
        kiln = {"technologies": [{"technology": "mill", "opex_eur_per_unit": 20}]}
        rows |= {"plants": [outlet], "recipes": [{"technology": "mill", "input": "ash"}]} | kiln
    else:
        rows["disposals"] = [*rows["disposals"], outlet]

    found = policy_account(solved(region(taxed(50), **rows)), solved(region(taxed(0), **rows)))

    assert found.leakage[["route", "counts_as", "tonnes"]].to_numpy().tolist() == [[route, counts_as, 100]]


def test_residues_of_plants_are_made_and_not_moved():
    """At 60 EUR/t ash is milled at 30: 70 t of slag are tipped instead of 100 t of ash, so 100 left and 70 came."""
    rows = {
        "streams": [stream("ash", "A", 100, disposal=None)], "plants": [plant("mill", "A")],
        "technologies": [{"technology": "mill", "opex_eur_per_unit": 30}], "disposals": [{**TIP, "gate_fee_eur_per_unit": 0}],
        "recipes": [{"technology": "mill", "input": "ash", "output": "slag", "yield": 0.4}],
    }  # fmt: skip
    found = policy_account(solved(region(taxed(60), **rows)), solved(region(taxed(0), **rows)))

    assert dict(zip(found.leakage["route"], found.leakage["tonnes"], strict=True)) == pytest.approx(
        {"treatment": 100, "residues": -40}
    )
    assert found.abatement.iloc[0]["diverted_t"] == pytest.approx(60)
    assert found.abatement.iloc[0]["eur_per_t_diverted"] == pytest.approx(100 * 30 / 60)


def test_tonnes_come_back_to_the_landfill_where_a_tax_is_lifted():
    """Read backwards the same figures have the other sign."""
    with_tax, without = solved(three_ways(30)), solved(three_ways(0))
    there, back = policy_account(with_tax, without), policy_account(without, with_tax)

    assert dict(zip(back.leakage_by_route["route"], back.leakage_by_route["tonnes"], strict=True)) == pytest.approx(
        {"incineration": -120, "exchange": -40}
    )
    assert back.leakage["co2_change_t"].sum() == pytest.approx(-there.leakage["co2_change_t"].sum())
    assert np.isnan(back.abatement.iloc[0]["eur_per_t_diverted"])


def test_payments_between_firms_move_gains_without_making_any():
    """D pays A 6 EUR/t for 40 t: A gains 240 of it, D loses 240, together they lose what the tax costs."""
    paid = stream("ash", "A", 100, disposal=None, price_eur_per_unit=6)
    rows = {"streams": [paid, stream("more", "B", 60, disposal=None)]}
    found = policy_account(solved(three_ways(10, **rows)), solved(three_ways(0, **rows)))
    a, b, d = (row(found.organisations, organisation=name) for name in "ABD")

    assert a["change_eur_per_yr"] == pytest.approx(60 * 10 - 40 * 8)
    assert a["change_after_payments_eur_per_yr"] == pytest.approx(60 * 10 - 40 * 8 - 240)
    assert (a["landfill_tax_change_eur_per_yr"], a["resource_change_eur_per_yr"]) == pytest.approx((600, -320))
    assert d["change_after_payments_eur_per_yr"] == pytest.approx(40 * (15 - 2) + 240)
    assert (b["outcome"], d["outcome"], row(found.organisations, organisation="C")["outcome"]) == (
        "loses", "loses", "unchanged",
    )  # fmt: skip
    assert found.organisations["change_after_payments_eur_per_yr"].is_monotonic_decreasing


def test_sectors_are_the_divisions_of_an_organisations_facilities():
    """A and B belong to one firm in two divisions, C has none, D is alone in its own."""
    facilities = [
        {"facility": f, "lat": 0.0, "lon": 0.0, "organisation": o, "sector": s}
        for f, o, s in [("A", "Both", "38.21"), ("B", "Both", "10"), ("C", "Tip", ""), ("D", "Works", "23.6")]
    ]
    found = policy_account(
        solved(three_ways(10, facilities=facilities)), solved(three_ways(0, facilities=facilities))
    ).sectors.set_index("sector")

    assert set(found.index) == {"10;38", "", "23"}
    assert found.loc["10;38", "change_eur_per_yr"] == pytest.approx(1200 - 40 * 8)
    assert found["organisations_that_lose"].to_dict() == {"23": 1, "10;38": 1, "": 0}


def test_treasury_pays_grants_and_subsidies_and_takes_carbon_by_source():
    """A mill of 1,000 EUR for 10 years at no interest is granted 40 %; 80 t reach it at 3 EUR/t; 2 kg/t pay 50 EUR/t."""
    rows = {
        "streams": [stream("ash", "A", 80, disposal=90)], "demands": [demand("works", "D", 80, "sand", virgin=50)],
        "plants": [plant("mill", "B", "candidate", capex_eur=1000, life_yr=10)],
        "modes": [{"mode": "truck", "kgco2_per_t": 2}],
        "links": [{"from_facility": "A", "to_facility": "B", "capex_eur": 500, "mode": "truck", "material": "ash"}],
    }  # fmt: skip
    policy = {"capex_grant_share": 0.4, "subsidy_eur_per_t_exchanged": 3, "carbon_price_eur_per_t": 50}
    found = policy_account(solved(region({"policy": policy}, **mill() | rows)))
    taken = {
        (account, item): amount
        for account, item, year, amount in found.treasury[["account", "item", "year", "after_eur"]].to_numpy()
        if year == "total"
    }

    carbon = 2 * 80 * 2 / 1000 * 50
    assert taken == pytest.approx({
        ("carbon_payment", "transport"): carbon, ("subsidy", "exchanged"): -240, ("grant", "plants"): -0.4 * 100,
        ("grant", "links"): -0.4 * 500 / 20, ("net", ""): carbon - 240 - 40 - 10,
    })  # fmt: skip


def test_years_are_booked_one_by_one_and_discounted_in_the_total():
    """10 EUR/t in 2030 and 30 in 2031 at 25 %: 120 t pay 1,200, then nothing; 40 t diverted, then 160."""
    rise = {"table": "policy", "id": "landfill_tax_eur_per_t", "column": "non_hazardous", "period": "2031", "value": 30}
    rate = {"economics": {"discount_rate": 0.25, "nominal": False}}
    free, dear = (three_ways(0, periods=two_years()), three_ways(10, periods=two_years(), changes=[rise]))
    found = policy_account(solved(dear.with_(**rate)), solved(free.with_(**rate)))
    tax = found.treasury[found.treasury["account"] == "landfill_tax"].set_index("year")["after_eur"].to_dict()

    assert tax == pytest.approx({"total": 1200, 2030: 1200, 2031: 0})
    table = found.abatement.set_index("year")
    second = 40 * (15 - 2 - 8) + 120 * (30 - 8)
    assert table["diverted_t"].to_dict() == pytest.approx({"total": 200, 2030: 40, 2031: 160})
    assert table["resource_cost_change_eur"].to_dict() == pytest.approx(
        {"total": 200 + second / 1.25, 2030: 200, 2031: second}
    )
    assert table.loc["total", "eur_per_t_diverted"] == pytest.approx((200 + second / 1.25) / (40 + 160 / 1.25))


def test_baseline_is_what_is_compared_with_where_nothing_else_is_given():
    """The stored baseline pays the same rates: what is avoided is avoided by exchange alone."""
    solution = solved(three_ways(10))
    found = policy_account(solution)

    assert found.total("treasury", "landfill_tax") == pytest.approx((1600, 1200, -400))
    assert found.incidence["burden_eur_per_yr"].to_list() == pytest.approx([0, 0])
    assert "nothing exchanged between organisations" in str(found)


# double entry


def holds(found, before, after):
    """Everything that can be added up in two ways comes to the same."""
    years = sorted({year for year in found.cost["year"] if year != "total"})
    for side, solution in (("before_eur", before), ("after_eur", after)):
        scale = 1e-7 * max(1.0, *(abs(solution.kpi("cost_total", year)) for year in years))
        for year in ["total", *years]:
            here = found.treasury[found.treasury["year"] == year].set_index("account")[side]
            net = here.get("net")
            assert here.drop("net").sum() == pytest.approx(net, abs=scale)
            for account in ("landfill_tax", "carbon_payment"):
                of = here.loc[[account]].sum() if account in here.index else 0.0
                assert of == pytest.approx(solution.kpi(account, year), abs=scale)
            cost = found.cost[found.cost["year"] == year].set_index("line")[side]
            assert cost["resource_cost"] + cost["transfers"] == pytest.approx(cost["cost_total"], abs=scale)
            assert cost["transfers"] == pytest.approx(net, abs=scale)
            assert cost["cost_total"] == pytest.approx(solution.kpi("cost_total", year), abs=scale)
    scale = 1e-7 * max(1.0, *(abs(x.kpi("cost_total", y)) for x in (before, after) for y in years))
    firms = found.organisations.drop(columns=["organisation", "sector", "outcome"]).sum()
    yearly = found.cost[found.cost["year"] != "total"].groupby("line")["change_eur"].sum() / len(years)
    assert firms["change_eur_per_yr"] == pytest.approx(yearly["cost_total"], abs=scale)
    assert firms["resource_change_eur_per_yr"] + firms["landfill_tax_change_eur_per_yr"] + firms[
        "carbon_change_eur_per_yr"
    ] - firms["subsidies_change_eur_per_yr"] == pytest.approx(firms["change_eur_per_yr"], abs=scale)
    assert firms["payments_change_eur_per_yr"] == pytest.approx(0, abs=scale)
    assert found.sectors["change_eur_per_yr"].sum() == pytest.approx(firms["change_eur_per_yr"], abs=scale)
    booked_by_firm(found, before, after, scale)


def booked_by_firm(found, before, after, scale):
    """What each organisation is charged by our own arithmetic is what the firms' ledger says."""
    for solution, paid in ((before, "before_eur_per_yr"), (after, "paid_eur_per_yr")):
        ours = found.incidence.groupby(["instrument", "organisation"])[paid].sum()
        for name, column in (("landfill_tax", "landfill_tax_eur_per_yr"), ("carbon_payment", "carbon_eur_per_yr")):
            of_firms = solution.firms.set_index("organisation")[column]
            mine = ours.get(name, pd.Series(dtype=float)).reindex(of_firms.index).fillna(0.0)
            assert mine.to_numpy() == pytest.approx(of_firms.to_numpy(), abs=scale)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(always=("landfill_tax", "disposals", "years")))
def test_every_account_adds_up(scenario):
    """Treasury, cost, firms and sectors agree with each other and with the KPIs, whatever a scenario has."""
    after = isopt.solve(scenario)
    if not after.has_plan or after.baseline is None:
        with pytest.raises(InputError):
            policy_account(after)
        return
    holds(policy_account(after), after.baseline, after)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(LOSSLESS, always=("landfill_tax", "disposals", "routes")))
def test_tonnes_that_left_the_landfill_are_all_somewhere(scenario):
    """Routes add up to the taxed tonnes before less those after; nothing is taxed twice."""
    free = isopt.solve(scenario.with_(policy={"landfill_tax_eur_per_t": dict.fromkeys(CLASSES, 0.0)}))
    after = isopt.solve(scenario)
    if not (after.has_plan and free.has_plan):
        return
    found = policy_account(after, free)
    tonnes = [0.0, 0.0]
    for side, solution in enumerate((free, after)):
        bases = charge_bases(solution)
        bases = bases[(bases["instrument"] == "landfill_tax")].reset_index(drop=True)
        paid = charged(bases, scenario) > 0
        tonnes[side] = float(bases.loc[paid, "tonnes"].sum())
    left = tonnes[0] - tonnes[1]
    assert found.leakage["tonnes"].sum() == pytest.approx(left, abs=1e-7 * max(1.0, *tonnes))
    holds(found, free, after)


# refusals and files


def test_account_needs_two_plans_over_the_same_periods():
    """No plan, no baseline, other years: each is said."""
    two = solved(three_ways(10, periods=two_years()))
    with pytest.raises(InputError, match="different periods"):
        policy_account(solved(three_ways(10)), two)
    stuck = isopt.solve(region(streams=[stream("ash", "A", 10, disposal=None)]))
    with pytest.raises(InputError, match="no plan"):
        policy_account(stuck)
    with pytest.raises(InputError, match="no plan"):
        policy_account(two, stuck)
    alone = isopt.solve(region(streams=[stream("ash", "A", 10, disposal=None)], demands=[demand("works", "D", 10)]))
    with pytest.raises(InputError, match="no baseline"):
        policy_account(alone)


def test_rates_for_periods_that_are_not_there_are_refused():
    """Bases of two years can't be priced by a scenario of one."""
    two = solved(three_ways(10, periods=two_years()))
    with pytest.raises(InputError, match="no rates for the period"):
        charged(charge_bases(two), three_ways(10))
    with pytest.raises(InputError, match="periods"):
        incidence(two, solved(three_ways(10)))


def test_files_hold_the_tables_and_the_totals(tmp_path):
    """Each table comes back as it was; the summary is JSON without NaN and knows the leak."""
    found = policy_account(solved(three_ways(30)), solved(three_ways(0)))
    paths = write_policy_account(found, tmp_path / "new" / "account")

    assert [path.name for path in paths] == [
        "treasury.csv", "cost.csv", "organisations.csv", "sectors.csv", "incidence.csv", "leakage.csv",
        "abatement.csv", "summary.json",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(pd.read_csv(paths[5]), found.leakage, check_dtype=False)
    said = json.loads(paths[-1].read_text(encoding="utf-8"))
    assert said["leaked_t"] == pytest.approx(120)
    assert said["treasury"]["net"]["after"] == 0
    assert said["abatement"]["eur_per_t_co2_avoided"] is None


def test_account_of_a_stored_solution_is_the_same(tmp_path):
    """It reads tables only: those from disk will do."""
    solution = solved(scenario_of(11, {"landfill_tax", "disposals", "carbon", "plants", "years", "substitutions"}))
    isopt.write(solution, tmp_path)
    first, second = policy_account(solution), policy_account(isopt.read_solution(tmp_path))

    pd.testing.assert_frame_equal(first.treasury, second.treasury)
    pd.testing.assert_frame_equal(first.organisations, second.organisations, check_dtype=False)
    pd.testing.assert_frame_equal(first.leakage, second.leakage, check_dtype=False)
    assert str(first).splitlines()[1:] == str(second).splitlines()[1:]
