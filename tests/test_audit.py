"""The audit: right plans pass, and a plan with one wrong number does not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from paper_plans import Plan, kpi_rows, plan, with_cell

from isopt.scenario import Scenario
from isopt.solution.audit import audit, nearest

KM = 6371.0088 * 3.141592653589793 / 180 * 1.2  # one degree along the equator, detour 1.2


def two_firms(**parts: Any) -> Scenario:
    """100 t of waste at A, a need of 60 t at B, a degree apart; own disposal 50 EUR/t and 95 EUR/t of landfill tax."""
    tables: dict[str, Any] = {
        "facilities": [{"facility": "A", "lat": 0.0, "lon": 0.0}, {"facility": "B", "lat": 0.0, "lon": 1.0}],
        "materials": [{"material": "w", "state": "solid", "disposal_class": "non_hazardous"}],
        "streams": [
            {"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100, "own_disposal_eur_per_unit": 50}
        ],
        "demands": [{"demand": "d", "facility": "B", "material": "w", "need_per_yr": 60, "virgin_eur_per_unit": 30}],
        "modes": [{"mode": "truck", "eur_per_tkm": 0.1, "detour": 1.2, "states": "solid"}],
    }
    settings = {
        "price_year": 2025,
        "policy": {"landfill_tax_eur_per_t": {"non_hazardous": 95}},
        "economics": {"discount_rate": 0},
    }
    return Scenario.of(tables, settings).with_(**parts)


@cache
def taxed() -> Plan:
    """The plan of `two_firms`: 60 t go to B for 6 EUR per tonne and thousand km, 40 t to own disposal for 145 EUR/t."""
    scenario = two_firms()
    year = {"period": "year", "year": 2025}
    way = year | {
        "origin_kind": "stream",
        "origin": "s",
        "from_facility": "A",
        "material": "w",
        "received_as": "w",
        "unit": "t",
    }
    own = way | {"kind": "own_disposal", "receiver_kind": "own", "to_facility": "A"}
    before = plan(
        scenario,
        {
            "flows": [own | {"sent": 100.0, "arrived": 100.0, "tonnes": 100.0}],
            "disposal": [
                {
                    "outlet": "own:s",
                    "facility": "A",
                    "route": "landfill",
                    "tax_class": "non_hazardous",
                    "material": "w",
                    "unit": "t",
                }
                | {"year": 2025, "amount": 100.0, "tonnes": 100.0, "gate_fee_eur": 5000.0, "landfill_tax_eur": 9500.0}
            ],
            "virgin": [year | {"demand": "d", "need": 60.0, "bought": 60.0, "cost_eur": 1800.0}],
            "firms": [
                {"organisation": "A", "cost_after_eur_per_yr": 14500.0, "cost_after_payments_eur_per_yr": 14500.0}
                | {
                    "cost_before_eur_per_yr": 14500.0,
                    "gate_fees_eur_per_yr": 5000.0,
                    "landfill_tax_eur_per_yr": 9500.0,
                },
                {"organisation": "B", "cost_after_eur_per_yr": 1800.0, "cost_after_payments_eur_per_yr": 1800.0}
                | {"cost_before_eur_per_yr": 1800.0, "virgin_eur_per_yr": 1800.0},
            ],
        },
        kpi_rows(
            {
                2025: {
                    "cost_total": 16300.0,
                    "cost_gate_fees": 5000.0,
                    "landfill_tax": 9500.0,
                    "cost_virgin": 1800.0,
                    "landfilled": 100.0,
                }
            }
        ),
        16300.0,
        gap_on_savings=None,
    )
    haulage = 60 * 0.1 * KM
    cost = haulage + 40 * 50 + 40 * 95
    exchange = {"exchange": "A>B|truck|w", "from_facility": "A", "to_facility": "B", "mode": "truck"}
    return plan(
        scenario,
        {
            "flows": [
                way
                | {"kind": "exchange", "receiver_kind": "demand", "receiver": "d", "to_facility": "B", "mode": "truck"}
                | {
                    "exchange": "A>B|truck|w",
                    "distance_km": KM,
                    "sent": 60.0,
                    "arrived": 60.0,
                    "tonnes": 60.0,
                    "haulage_eur": haulage,
                },
                own | {"sent": 40.0, "arrived": 40.0, "tonnes": 40.0},
            ],
            "exchanges": [
                exchange
                | {
                    "from_name": "A",
                    "to_name": "B",
                    "from_organisation": "A",
                    "to_organisation": "B",
                    "material": "w",
                    "status": "allowed",
                }
                | {
                    "between_organisations": True,
                    "opened_year": 2025,
                    "distance_km": KM,
                    "unit": "t",
                    "amount_per_yr": 60.0,
                }
                | {"tonnes_per_yr": 60.0, "haulage_eur_per_yr": haulage}
            ],
            "disposal": [
                {
                    "outlet": "own:s",
                    "facility": "A",
                    "route": "landfill",
                    "tax_class": "non_hazardous",
                    "material": "w",
                    "unit": "t",
                }
                | {"year": 2025, "amount": 40.0, "tonnes": 40.0, "gate_fee_eur": 2000.0, "landfill_tax_eur": 3800.0}
            ],
            "virgin": [year | {"demand": "d", "need": 60.0, "received": 60.0}],
            "firms": [
                {
                    "organisation": "A",
                    "cost_after_eur_per_yr": cost,
                    "cost_after_payments_eur_per_yr": cost,
                    "haulage_eur_per_yr": haulage,
                }
                | {"cost_before_eur_per_yr": 14500.0, "gate_fees_eur_per_yr": 2000.0, "landfill_tax_eur_per_yr": 3800.0}
                | {"saving_eur_per_yr": 14500.0 - cost},
                {"organisation": "B", "cost_before_eur_per_yr": 1800.0, "saving_eur_per_yr": 1800.0},
            ],
        },
        kpi_rows(
            {
                2025: {
                    "cost_total": cost,
                    "cost_haulage": haulage,
                    "cost_gate_fees": 2000.0,
                    "landfill_tax": 3800.0,
                    "landfilled": 40.0,
                }
                | {
                    "diverted": 60.0,
                    "exchanged": 60.0,
                    "virgin_saved": 60.0,
                    "exchanges": 1.0,
                    "tonne_km": 60 * KM,
                    "cost_saved": 16300 - cost,
                }
            }
        ),
        cost,
        baseline=before,
    )


def test_a_right_plan_passes():
    """A plan worked out on paper breaks no rule, and rules are held on rows."""
    report = audit(taxed())

    assert report.passed, str(report)
    assert report.checks["a_stream_that_must_be_placed_goes_out_in_full"] == 1


# What is changed in the plan of `two_firms`, by table, row and column; what the finding's table is; what it names.
WRONG = [
    ("flows", 0, "sent", 61.0, "stream s"),
    ("flows", 0, "arrived", 59.0, "origin s"),
    ("flows", 0, "distance_km", 100.0, "origin s"),
    ("flows", 0, "haulage_eur", 801.0, "receiver d"),
    ("flows", 0, "tonnes", 61.0, "receiver d"),
    ("flows", 0, "co2_transport_t", 1.0, "receiver d"),
    ("flows", 0, "mode", "mule", "mode mule"),
    ("flows", 0, "exchange", "A>B|truck", "receiver d"),
    ("flows", 1, "kind", "exchange", "receiver_kind own"),
    ("flows", 1, "sent", -40.0, "receiver_kind own"),
    ("flows", 1, "sent", float("nan"), "receiver_kind own"),
    ("exchanges", 0, "exchange", "B>A|truck|w", "B>A|truck|w"),
    ("exchanges", 0, "opened_year", 2024, "A>B|truck|w"),
    ("exchanges", 0, "setup_eur_per_yr", 5.0, "A>B|truck|w"),
    ("exchanges", 0, "haulage_eur_per_yr", 5.0, "A>B|truck|w"),
    ("exchanges", 0, "amount_per_yr", 5.0, "A>B|truck|w"),
    ("exchanges", 0, "capex_eur", 5.0, "A>B|truck|w"),
    ("exchanges", 0, "status", "existing", "A>B|truck|w"),
    ("exchanges", 0, "between_organisations", False, "A>B|truck|w"),
    ("exchanges", 0, "to_organisation", "A", "A>B|truck|w"),
    ("disposal", 0, "amount", 41.0, "outlet own:s"),
    ("disposal", 0, "landfill_tax_eur", 3801.0, "outlet own:s"),
    ("disposal", 0, "gate_fee_eur", 1999.0, "outlet own:s"),
    ("disposal", 0, "route", "other", "outlet own:s"),
    ("disposal", 0, "tax_class", "inert", "outlet own:s"),
    ("disposal", 0, "unit", "m3", "outlet own:s"),
    ("disposal", 0, "name", "Elsewhere", "outlet own:s"),
    ("exchanges", 0, "unit", "m3", "A>B|truck|w"),
    ("virgin", 0, "bought", 1.0, "demand d"),
    ("virgin", 0, "received", 59.0, "demand d"),
    ("virgin", 0, "cost_eur", 1.0, "demand d"),
    ("firms", 0, "haulage_eur_per_yr", 0.0, "organisation A"),
    ("firms", 0, "cost_after_eur_per_yr", 0.0, "organisation A"),
    ("firms", 1, "cost_before_eur_per_yr", 1801.0, "organisation B"),
    ("firms", 1, "saving_eur_per_yr", 1801.0, "organisation B"),
    ("firms", 1, "payments_paid_eur_per_yr", 1.0, "organisation B"),
    ("kpis", 0, "value", 6600.0, "kpi cost_total, year total"),
    ("kpis", 1, "year", 2026, "kpi cost_total, year 2025"),
]


@pytest.mark.parametrize(("name", "row", "column", "value", "named"), WRONG)
def test_a_wrong_cell_is_named_by_table_and_row(name, row, column, value, named):
    """One changed cell makes the audit fail, and the row that it stands in is among those named."""
    report = audit(with_cell(taxed(), name, row, column, value))

    assert not report.passed
    assert any(finding.table == name and named in finding.row for finding in report.problems), str(report)


def test_each_kpi_is_worked_out_again():
    """Every KPI that is off by a thousandth, or by 0.01 where it is 0, is named, in total and by year, and nothing else."""
    right = taxed()
    wrong = replace(right, kpis=right.kpis.assign(value=right.kpis["value"] * 1.001 + 0.01))

    named = {(finding.table, finding.row) for finding in audit(wrong).problems}
    assert named == {("kpis", f"kpi {kpi}, year {year}") for kpi, year in right.kpis[["kpi", "year"]].to_numpy()}


@pytest.mark.parametrize(
    ("claims", "row"),
    [
        ({"objective": 6600.0}, "objective"),
        ({"bound": 6700.0}, "bound"),
        ({"bound": 6000.0}, "gap"),
        ({"gap": 0.1}, "gap"),
        ({"bound": 6000.0, "gap": 0.0909919, "gap_on_savings": 0.0619}, "status"),
        ({"gap_on_savings": 0.1}, "gap_on_savings"),
        ({"gap": None}, "gap"),
        ({"status": "proven"}, "status"),
        ({"baseline": None}, "baseline"),
    ],
)
def test_what_is_claimed_of_the_whole_is_held(claims, row):
    """Objective, bound, gaps, status and baseline hang together."""
    report = audit(replace(taxed(), **claims))

    assert ("summary", row) in [(finding.table, finding.row) for finding in report.problems]


def test_the_stored_baseline_is_audited_too():
    """A baseline in which a firm exchanges with another, or whose numbers are wrong, is named as the baseline's."""
    right = taxed()
    traded = replace(right, baseline=replace(right, baseline=None, gap_on_savings=None))
    priced = replace(right, baseline=with_cell(right.baseline, "disposal", 0, "gate_fee_eur", 1.0))

    rules = {finding.rule for finding in audit(traded).problems}
    assert "baseline/the_baseline_has_no_exchange_between_organisations" in rules
    assert [finding.table for finding in audit(priced).problems] == ["baseline/disposal"]


def test_without_a_plan_nothing_is_claimed():
    """An infeasible scenario has no rows, no KPIs, no objective and no bound; with one of them it fails."""
    bare = plan(two_firms(), {}, kpi_rows({}), 0.0)
    bare = replace(
        bare, kpis=bare.kpis.iloc[:0], objective=None, bound=None, gap=None, gap_on_savings=None, status="infeasible"
    )

    assert audit(bare).passed
    assert not audit(replace(bare, objective=1.0)).passed
    assert not audit(replace(bare, bound=1.0)).passed
    assert audit(replace(bare, bound=1.0, status="no_solution")).passed
    assert not audit(replace(bare, tables=taxed().tables)).passed


def test_missing_columns_and_unknown_names_are_said_and_nothing_else():
    """A table that can't be read is named before any arithmetic is tried on it."""
    right = taxed()
    narrow = replace(right, tables={**right.tables, "flows": right.tables["flows"].drop(columns="sent")})
    stranger = with_cell(right, "flows", 0, "receiver", "nobody")

    assert [(finding.table, finding.found) for finding in audit(narrow).problems] == [("flows", "without sent")]
    assert {finding.rule for finding in audit(stranger).problems} == {"flows_name_what_the_scenario_has"}


def test_rounding_is_forgiven_and_a_millionth_is_not():
    """A figure may miss by a millionth of itself, not by two; the tolerance is the caller's to tighten."""
    right = taxed()
    cost = right.objective
    near = replace(right, objective=cost * (1 + 0.9e-6))

    assert audit(near).passed
    assert not audit(replace(right, objective=cost * (1 + 2e-6))).passed
    assert not audit(near, tolerance=1e-7).passed


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"reach": {"max_km": 100}}, "it_is_within_reach"),
        ({"reach": {"only_listed": True}}, "only_listed_pairs_are_links"),
        ({"modes": {"truck": {"states": "liquid"}}}, "the_mode_carries_the_state"),
        ({"modes": {"truck": {"loss_share_per_km": 1.0}}}, "something_arrives"),
        ({"rules": [{"material": "w", "allowed": False}]}, "no_rule_forbids_it"),
        ({"links": [{"from_facility": "A", "to_facility": "B", "status": "forbidden"}]}, "no_links_row_forbids_it"),
        (
            {"substitutions": [{"from_material": "w", "to_material": "w", "ratio": 1, "sectors": "20"}]},
            "a_substitution_is_for_its_sectors",
        ),
        ({"policy": {"landfill_ban": ["non_hazardous"]}}, "a_banned_class_is_not_landfilled"),
        ({"limits": {"landfilled_t_per_yr": 39}}, "limits_hold_in_each_year"),
        ({"limits": {"diversion_share": 0.61}}, "limits_hold_in_each_year"),
        ({"limits": {"exchanges_max": 0}}, "limits_hold_for_what_stands_at_the_end"),
        ({"demands": {"d": {"max_byproduct_share": 0.9}}}, "shares_hold_in_each_period"),
        ({"modes": {"truck": {"min_per_yr": 61}}}, "an_exchange_carries_its_lot_and_no_more"),
        ({"modes": {"truck": {"max_per_yr": 59}}}, "an_exchange_carries_its_lot_and_no_more"),
        ({"modes": {"truck": {"setup_eur_per_yr": 1}}}, "exchanges_csv_says_what_they_carry_and_cost"),
    ],
)
def test_what_the_scenario_forbids_is_found(parts, rule):
    """The plan of `two_firms`, held against a scenario that does not allow it, breaks the rule that forbids it."""
    report = audit(replace(taxed(), scenario=two_firms(**parts)))

    assert rule in {finding.rule for finding in report.problems}, str(report)


def test_a_plan_read_back_from_csv_passes(tmp_path):
    """Tables that have been through files, where all is text and empty cells are empty, are read as they were."""
    right = taxed()

    def through_files(solution: Plan) -> Plan:
        read = {}
        for name, frame in {**solution.tables, "kpis": solution.kpis}.items():
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
            read[name] = pd.read_csv(tmp_path / f"{name}.csv", dtype=str)
        return replace(solution, kpis=read.pop("kpis"), tables=read)

    back = replace(through_files(right), baseline=through_files(right.baseline))

    report = audit(back)
    assert report.passed, str(report)


def test_the_nearest_are_counted_as_one_would_by_hand():
    """With k = 2, of five places on a line the third is too far; a place without a need does not count."""
    places = [{"facility": name, "lat": 0.0, "lon": float(at)} for at, name in enumerate("ABCDE")]
    demands = [
        {"demand": f"d{name}", "facility": name, "material": "w", "need_per_yr": 60, "virgin_eur_per_unit": 30}
        for name in "CDE"
    ]
    scenario = two_firms(facilities=places, demands=demands, reach={"nearest": 2})
    right = taxed()

    def near(receiver: str, scenario: Scenario) -> bool:
        tables = {**right.tables, "virgin": right.tables["virgin"].iloc[:0]}
        moved = with_cell(replace(right, scenario=scenario, tables=tables), "flows", 0, "receiver", receiver)
        report = audit(moved)
        assert report.checks["a_flow_goes_to_one_of_the_nearest"] == 1
        return "a_flow_goes_to_one_of_the_nearest" not in {finding.rule for finding in report.problems}

    assert near("dC", scenario)
    assert near("dD", scenario)
    assert not near("dE", scenario)
    assert near("dE", scenario.with_(links=[{"from_facility": "A", "to_facility": "E"}]))


def test_places_out_of_reach_are_not_looked_at(monkeypatch):
    """Of two hundred places on a line 107 km of road apart three lie within 400 km, fewer than k = 5: one look is enough."""
    places = [{"facility": f"A{at:03d}", "lat": 0.0, "lon": 0.8 * at} for at in range(200)]
    places[0]["facility"], places[1]["facility"] = "A", "B"
    demands = [
        {
            "demand": f"d{at}",
            "facility": place["facility"],
            "material": "w",
            "need_per_yr": 60,
            "virgin_eur_per_unit": 30,
        }
        for at, place in enumerate(places[1:])
    ]
    right = taxed()
    scenario = two_firms(facilities=places, demands=demands, reach={"nearest": 5, "max_km": 400.0})
    looks, pairs = [], nearest._pairs
    monkeypatch.setattr(nearest, "_pairs", lambda *told: looks.append(told[-1]) or pairs(*told))

    def near(receiver: str) -> bool:
        tables = {**right.tables, "virgin": right.tables["virgin"].iloc[:0]}
        report = audit(with_cell(replace(right, scenario=scenario, tables=tables), "flows", 0, "receiver", receiver))
        assert report.checks["a_flow_goes_to_one_of_the_nearest"] == 1
        return "a_flow_goes_to_one_of_the_nearest" not in {finding.rule for finding in report.problems}

    assert near("d2")
    assert not near("d3")
    assert looks == [3 * 5 // 2 + 4] * 2


def test_a_thousand_times_the_plan_is_audited_in_seconds():
    """Five thousand copies of the two firms' flow take seconds: no rule loops over rows."""
    many, right = 5_000, taxed()
    names = [f"s{number}" for number in range(many)]
    one = right.scenario.streams.iloc[[0]]
    streams = pd.concat([one] * many, ignore_index=True).assign(stream=names)
    scenario = right.scenario.with_(streams=streams)
    flow = right.tables["flows"].iloc[[1]]
    flows = pd.concat([flow] * many, ignore_index=True).assign(origin=names)

    report = audit(replace(right, scenario=scenario, tables={**right.tables, "flows": flows}))

    assert report.checks["a_stream_that_must_be_placed_goes_out_in_full"] == many
