"""
What a planner would nod at, held against random regions with plants, modes, lots, trips, stocks, seasons and years.

The examples are the same in each run; `ISOPT_EXAMPLES=200 pytest tests/test_properties.py` draws so many new ones of
each property.
"""

from __future__ import annotations

import os
import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import FEATURES, NEEDS, tables_of

import isopt
from isopt.formulation import build
from isopt.network import COST_LINES, instance_of
from isopt.scenario import Scenario, read, write
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form

FEW, SOME = (int(os.environ.get("ISOPT_EXAMPLES", count)) for count in ("5", "8"))
CLOSE = {"rel": 1e-6, "abs": 1e-4}
#: Features of limits and wishes that a plan must meet and the baseline need not.
BINDING = {"co2_cap", "landfill_cap", "diversion", "budget", "exchanges_max", "plants_count", "plants_max", "required"}


def property_of(examples):
    """Bounded, without a deadline, and the same examples each time unless somebody asks for more."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize="ISOPT_EXAMPLES" not in os.environ,
    )


@st.composite
def regions(draw, *, without=(), always=(), most=7):
    """Features, tables and settings of a random region."""
    left = {name for name in FEATURES if not {name, *NEEDS[name]} & set(without)}
    drawn = draw(st.lists(st.sampled_from(sorted(left)), unique=True, min_size=2, max_size=most))
    seed = draw(st.integers(0, 2**16))
    features = {*drawn, *always}
    return features, *tables_of(seed, features)


def scenario_of(region):
    """The scenario of a region."""
    features, tables, said = region
    return Scenario.of(tables, said, " ".join(sorted(features)))


def optimum(scenario, *, prune=True):
    """The least that any plan reaches, proven; infinite where there is none."""
    outcome = solve_form(standard_form(build(instance_of(scenario, prune=prune))), gap=0.0, time_limit=60)
    assert outcome.status in {"optimal", "infeasible"}
    return np.inf if outcome.objective is None else outcome.objective


def slack(value):
    """What arithmetic may lose."""
    return 0.0 if np.isinf(value) else 1e-6 * abs(value) + 1e-4


@property_of(FEW)
@given(region=regions())
def test_books_balance_and_the_audit_passes(region):
    """The objective is what its lines add up to and at least its bound; the audit agrees; no plan, then a reason."""
    solution = isopt.solve(scenario_of(region), gap=0.0, time_limit=60)
    if not solution.has_plan:
        assert solution.status == "infeasible"
        assert solution.reason
        assert solution.objective is None
        return

    minimise = solution.scenario.settings.minimise
    weights = minimise.weights or {minimise.what: 1.0}
    names = {"cost": "cost_total", "co2": "co2_total"}
    lines = sum(sign * solution.kpi(line) for line, sign in COST_LINES.items())
    sources = sum(solution.kpi(f"co2_{source}") for source in ("transport", "treatment", "disposal", "virgin"))
    assert solution.kpi("cost_total") == pytest.approx(lines, **CLOSE)
    assert solution.kpi("co2_total") == pytest.approx(sources, **CLOSE)
    told = sum(weight * solution.kpi(names.get(name, name)) for name, weight in weights.items())
    assert solution.objective == pytest.approx(told, **CLOSE)
    assert solution.bound <= solution.objective
    years = len(set(solution.scenario.periods["year"]))
    firms = solution.firms["cost_after_eur_per_yr"].sum() * years
    undiscounted = sum(solution.kpi("cost_total", year=int(year)) for year in set(solution.scenario.periods["year"]))
    assert firms == pytest.approx(undiscounted, **CLOSE)
    report = isopt.audit(solution)
    assert report.passed, report


@property_of(FEW)
@given(region=regions(without={*BINDING, "minimise", "weights", "byproduct_shares", "keep_existing"}))
def test_exchange_never_costs_more_than_none(region):
    """Without limits and wishes the region pays at most what it pays without any exchange between its firms."""
    scenario = scenario_of(region)
    baseline = standard_form(build(instance_of(scenario, baseline=True)))
    outcome = solve_form(baseline, gap=0.0, time_limit=60)
    alone = np.inf if outcome.objective is None else outcome.objective

    assert optimum(scenario) <= alone + slack(alone)


@property_of(SOME)
@given(region=regions(without={"nearest", "required"}), pick=st.integers(0, 2**16))
def test_a_new_link_never_raises_the_optimum(region, pick):
    """What was best when a pair of firms could not exchange is still possible when they can."""
    features, tables, said = region
    pairs = sorted({(s["facility"], d["facility"]) for s in tables["streams"] for d in tables["demands"]})
    start, end = pairs[pick % len(pairs)]
    closed = {
        **tables,
        "links": [
            *(row for row in tables.get("links", []) if (row["from_facility"], row["to_facility"]) != (start, end)),
            {"from_facility": start, "to_facility": end, "status": "forbidden"},
        ],
    }
    without = optimum(scenario_of((features, closed, said)))

    assert optimum(scenario_of(region)) <= without + slack(without)


@property_of(SOME)
@given(
    region=regions(always={"co2_cap", "landfill_cap", "disposal_capacity", "exchanges_max"}),
    tighter=st.sampled_from([0.7, 0.9]),
)
def test_a_tighter_cap_never_lowers_the_optimum(region, tighter):
    """With less CO2, landfill, room at disposals or exchanges allowed, whatever is counted is at least what it was."""
    scenario = scenario_of(region)
    limits = scenario.settings.limits
    tight = scenario.with_(
        limits={
            "co2_t_per_yr": tighter * limits.co2_t_per_yr,
            "landfilled_t_per_yr": tighter * limits.landfilled_t_per_yr,
            "exchanges_max": limits.exchanges_max - 1,
        },
        scale={"disposals.capacity_per_yr": tighter},
    )
    loose = optimum(scenario)

    assert optimum(tight) >= loose - slack(loose)


@property_of(FEW)
@given(
    region=regions(without={"minimise", "weights", "heat", "water", "discount", "scale"}, always={"disposals"}),
    low=st.integers(0, 60),
    more=st.integers(20, 120),
)
def test_a_higher_tax_never_landfills_more(region, low, more):
    """Dearer landfill of every class leads to at most as many tonnes there."""
    scenario = scenario_of(region)
    landfilled = []
    for rate in (low, low + more):
        taxed = scenario.with_(
            policy={"landfill_tax_eur_per_t": dict.fromkeys(("inert", "non_hazardous", "hazardous"), float(rate))}
        )
        solution = isopt.solve(taxed, gap=0.0, time_limit=60)
        if not solution.has_plan:
            return
        assert solution.status == "optimal"
        landfilled.append(solution.kpi("landfilled"))

    assert landfilled[1] <= landfilled[0] + 1e-3


@property_of(SOME)
@given(region=regions(), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(region, shuffle):
    """Rows in any order give the same optimum (of links the later of equals wins, and periods are in order of time)."""
    features, tables, said = region
    mixed = {
        name: rows if name in {"links", "periods", "changes"} else shuffle.sample(rows, len(rows))
        for name, rows in tables.items()
    }

    assert optimum(scenario_of((features, mixed, said))) == pytest.approx(optimum(scenario_of(region)), **CLOSE)


@property_of(SOME)
@given(region=regions(without={"single_receiver"}), share=st.sampled_from([0.25, 0.6]))
def test_splitting_a_stream_and_a_demand_in_two_changes_nothing(region, share):
    """Two heaps of the same ash at the same firm, and two boilers that burn it, are one as far as a plan goes."""
    features, tables, said = region

    def split(table, name, key, amount):
        rows = []
        for row in tables[table]:
            if row[key] != name:
                rows.append(row)
                continue
            rows.append(row | {amount: share * row[amount]})
            rows.append(row | {key: f"{name}-rest", amount: (1 - share) * row[amount]})
        return rows

    said_of = {
        table: [*rows, *(row | {key: f"{name}-rest"} for row in rows if row.get(key) == name)]
        for table, key, name in (("qualities", "stream", "s1"), ("changes", "id", "d1"))
        if (rows := tables.get(table))
    }
    halves = {
        **tables,
        **said_of,
        "streams": split("streams", "s1", "stream", "supply_per_yr"),
        "demands": split("demands", "d1", "demand", "need_per_yr"),
    }

    assert optimum(scenario_of((features, halves, said))) == pytest.approx(optimum(scenario_of(region)), **CLOSE)


@property_of(2 * SOME)
@given(region=regions())
def test_pruning_changes_nothing(region):
    """Links that are dropped with a proof would not have improved any plan, whatever is minimised and for how long."""
    scenario = scenario_of(region)

    assert optimum(scenario, prune=True) == pytest.approx(optimum(scenario, prune=False), **CLOSE)


@property_of(SOME)
@given(region=regions())
def test_a_region_that_is_written_and_read_is_the_same_region(region):
    """Written as a folder and read back, or varied by nothing, a region is equal and has the same optimum."""
    scenario = scenario_of(region)
    with tempfile.TemporaryDirectory() as folder:
        write(scenario, folder)
        back = read(folder)
    varied = scenario.with_(streams={"s0": {"note": "seen"}}).with_(streams={"s0": {"note": ""}})

    assert back == scenario
    assert varied == scenario
    assert optimum(back) == pytest.approx(optimum(scenario), **CLOSE)
