"""What a result rests on, what programmes count, how much is exchanged and when it pays: worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from made_solutions import town

import isopt
from isopt.views import flow_shares, payback, programme
from isopt.views.evidence import grade
from isopt.views.quality import items, quality
from isopt.views.quality_bars import quality_bars
from isopt.views.report import report_page
from isopt.views.waterfall import CO2, COST, steps, waterfall

approx = pytest.approx
SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


def two_firms(**parts):
    """100 t of concrete, 80 t of them useful 60 km away; the notes say how each number is known."""
    scenario = isopt.read(SCENARIOS / "two_firms")
    for table, note in (("streams", "measured"), ("demands", "assumed: need"), ("modes", "derived: from 2015")):
        scenario = scenario.with_(**{table: scenario.tables[table].assign(note=note, source="a source")})
    return isopt.solve(scenario.with_(**parts) if parts else scenario)


@pytest.fixture(scope="module")
def solution():
    return two_firms()


@pytest.fixture(scope="module")
def sotenas():
    return isopt.solve(isopt.read(SCENARIOS / "sotenas"))


# --- data quality -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "source", "found"),
    [
        ("documented: 80 kt", "IISD", "read"),
        ("", "a register", "read"),
        ("", "", "unstated"),
        ("laid out by hand", "", "unstated"),
        ("derived: 170 kt less bottom ash; price assumed: 12 EUR", "IISD", "assumed"),  # the weakest word counts
        ("second hand, so recalled", "x", "recalled"),
        ("Angenommen: Mittelwert", "x", "assumed"),
        ("hypothèse : moyenne", "", "assumed"),
        ("unassuming but documented", "x", "read"),  # a word, not a part of one
    ],
)
def test_a_row_is_as_well_known_as_its_weakest_word(note, source, found):
    """Notes and sources are read in three languages; a source alone was read, nothing at all is nothing."""
    assert grade(note, source) == found


def test_what_changes_is_traced_to_rates_and_amounts(solution):
    """80 t less at 45 + 50 EUR are measured, haulage 80 x 9.6 is derived, the purchase of 80 x 12 assumed."""
    found = quality(solution)
    whole = 80 * (45 + 50) + 80 * 9.6 + 80 * 12

    assert found.against_baseline
    assert found.shares["cost"].to_dict() == {
        "read": approx(80 * (45 + 50) / whole), "derived": approx(80 * 9.6 / whole), "second_hand": 0, "recalled": 0,
        "assumed": approx(80 * 12 / whole), "unstated": 0,
    }  # fmt: skip
    assert found.weak("cost") == approx(80 * 12 / whole)
    assert found.shares.loc["assumed", "tonnes"] == 1.0  # as well known as the need that takes them
    first = found.weightiest.iloc[0]
    assert (first["table"], first["key"], first["eur_per_yr"]) == ("demands", "stone_harbour", approx(960))


def test_without_a_baseline_the_plan_itself_is_traced(solution):
    """Of the plan's 20 x 95 + 80 x 9.6 EUR the first part is measured, the second derived; nothing is weak."""
    found = quality(replace(solution, baseline=None))

    assert not found.against_baseline
    assert found.shares.loc["read", "cost"] == approx(20 * 95 / (20 * 95 + 80 * 9.6))
    assert found.weak("cost") == 0
    assert found.weightiest.empty


def test_bars_are_as_long_as_the_shares(solution):
    """Each measure's bar is whole, and its first part as long as the share that was measured."""
    drawn = ET.fromstring(quality_bars(quality(solution), width=1000))
    bars = [bar for bar in drawn.iter("{http://www.w3.org/2000/svg}rect") if bar.get("height") == "18"]
    lengths = {}
    for bar in bars:
        lengths.setdefault(bar.get("y"), []).append(float(bar.get("width")))

    assert [len(parts) for parts in lengths.values()] == [3, 3, 1]
    assert [sum(parts) for parts in lengths.values()] == approx([842] * 3, abs=0.2)
    assert next(iter(lengths.values()))[0] == approx(842 * 7_600 / (7_600 + 768 + 960), abs=0.1)


@pytest.mark.parametrize("name", ["solution", "sotenas"])
def test_the_items_add_up_to_the_totals(name, request):
    """Double entry: every euro and every tonne of CO2 of the KPIs, in plan and baseline, has a row that it rests on."""
    made = request.getfixturevalue(name)
    for side in (made, made.baseline):
        sums = items(side).groupby("measure")["amount"].sum()

        assert sums["cost"] == approx(side.kpi("cost_total") + side.kpi("subsidies"), rel=1e-9)
        assert sums["co2"] == approx(side.kpi("co2_total"), rel=1e-9)


def test_carbon_rests_on_the_co2_that_pays_it():
    """With a price of 100 EUR/t on transport alone the items still add up, and carbon stands with mode and stream."""
    policy = {"carbon_price_eur_per_t": 100.0, "carbon_scope": ["transport"]}
    made = two_firms(policy=policy)
    table = items(made)
    carbon = table[(table["line"] == "carbon") & (table["amount"] > 0)]

    assert carbon["amount"].sum() == approx(80 * 60 * 0.095 / 1000 * 100)
    assert set(carbon["first_table"]) == {"modes"}
    assert table[table["measure"] == "cost"]["amount"].sum() == approx(made.kpi("cost_total"))


def test_what_a_stock_costs_rests_on_its_row():
    """30 t from summer kept for winter at 1 EUR/t and year: 15 EUR that rest on a stock which says nothing of itself."""
    scenario = two_firms().scenario
    seasons = [{"period": name, "year": 2025, "share_of_year": 0.5} for name in ("summer", "winter")]
    stock = [{"facility": "yard", "material": "concrete", "capacity": 30, "eur_per_unit_yr": 1}]
    need = [{"table": "demands", "id": "stone_harbour", "column": "need_per_yr", "period": "summer", "value": 0},
            {"table": "demands", "id": "stone_harbour", "column": "need_per_yr", "period": "winter", "value": 160}]  # fmt: skip
    made = isopt.solve(scenario.with_(periods=seasons, stocks=stock, changes=need))
    table = items(made)

    assert table[table["line"] == "stocks"]["amount"].sum() == approx(15)
    assert table[table["measure"] == "cost"]["amount"].sum() == approx(made.kpi("cost_total"))
    weak = quality(made).weightiest.set_index("key")
    assert weak.loc["|yard|concrete", "grade"] == "unstated"
    assert "stock Crushed concrete, Crushing yard" in report_page(made)


# --- programme --------------------------------------------------------------------------------------------------------


def test_benefits_persist_decay_and_are_attributed():
    """Over 3 years with a fifth lost each year a benefit counts 1 + 0.8 + 0.64 times; half of it is the programme's."""
    made = two_firms(programme={"persistence_years": 3, "yearly_decay": 0.2, "attribution_share": 0.5})
    found = {line.name: line for line in programme.lines(made)}

    assert found["nisp_landfill"].in_year == approx(80)
    assert found["nisp_landfill"].persisting == approx(80 * 2.44)
    assert found["nisp_landfill"].attributed == approx(80 * 1.22)
    assert found["nisp_virgin"].in_year == approx(80)
    assert found["nisp_cost"].in_year == approx(80 * (45 + 50) + 80 * 12 - 80 * 9.6)


def test_by_default_a_benefit_counts_five_times(solution):
    """Five years without decay, all of it attributed: what NISP's audits found, 30 Mt against 6.04 Mt."""
    found = {line.name: line for line in programme.lines(solution)}

    assert found["nisp_co2"].persisting == approx(5 * found["nisp_co2"].in_year)
    assert found["nisp_co2"].attributed == approx(found["nisp_co2"].persisting)
    assert abs(30 / 6.038059 - programme.persistence(5, 0.0)) < 0.05


def test_sales_are_known_where_streams_have_a_price(solution):
    """80 t at 5 EUR are 400 EUR of sales; without any price nothing is said of sales, and jobs are never invented."""
    unpriced = two_firms(streams=solution.scenario.streams.assign(price_eur_per_unit=0.0))

    assert programme.additional_sales(solution) == approx(400)
    assert programme.additional_sales(unpriced) is None
    assert "Additional sales" in programme.table(unpriced).more
    assert "jobs" in programme.table(solution).more
    assert "Additional sales" not in programme.table(solution).more


def test_without_a_baseline_only_what_needs_none_is_reported(solution):
    """No difference can be given, but sales can."""
    alone = replace(
        solution, baseline=None, kpis=solution.kpis[~solution.kpis["kpi"].isin(programme.KPI_LINES.values())]
    )

    assert [line.name for line in programme.lines(alone)] == ["nisp_sales", "nisp_investment"]


# --- shares of flows --------------------------------------------------------------------------------------------------


def test_flows_are_given_absolute_and_as_a_share(solution):
    """80 of 100 t of concrete go to another organisation; they meet all of the need for stone."""
    out, into = flow_shares.outgoing(solution), flow_shares.incoming(solution)

    assert out.to_dict("records") == [{"material": "concrete", "unit": "t", "exchanged": 80, "total": 100}]
    assert into.to_dict("records") == [{"material": "stone", "unit": "t", "exchanged": 80, "total": 80}]


def test_what_stays_in_one_organisation_is_no_exchange():
    """Slurry of both works of Enzymes Inc: 230 kt go to the Gas Coop's digester, the 30 kt to their own don't count."""
    out = flow_shares.outgoing(town()).set_index("material")

    assert out.loc["slurry", "exchanged"] == 170_000 + 60_000
    assert out.loc["slurry", "total"] == 260_000
    assert out.loc["digestate", "total"] == 234_000  # made by plants


# --- payback ----------------------------------------------------------------------------------------------------------


def test_a_pipe_pays_back_what_it_saves_before_its_annuity():
    """420,000 EUR against the saving plus the annuity that is paid in it already: over 20 years at 6 % 0.08718 a year."""
    made = town()
    table = payback.of_exchanges(made).set_index("exchange")
    water = table.loc["refinery>power|pipe|water"]
    annuity = 0.06 / (1 - 1.06**-20)

    assert water["payback_yr"] == approx(420_000 / (700_000 * 7.5 - 20_000 + annuity * 420_000))
    assert table.loc["power>board|truck|gypsum", "payback_yr"] == 0
    assert table["payback_yr"].is_monotonic_increasing


def test_grants_shorten_the_payback():
    """With half of the capital granted the firms have 210,000 EUR to earn back."""
    half = town(policy={"capex_grant_share": 0.5})
    table = payback.of_exchanges(half).set_index("exchange")

    assert table.loc["refinery>power|pipe|water", "capital_eur"] == 210_000


def test_an_exchange_that_brings_nothing_does_not_pay_back():
    """A pipe that costs more a year than it saves never does, nor does a lorry."""
    made = town()
    losing = made.exchanges.assign(saving_eur_per_yr=-1e6)
    table = payback.of_exchanges(replace(made, tables={**made.tables, "exchanges": losing}))

    assert {payback.said(years) for years in table["payback_yr"]} == {"not by itself"}


def test_a_plant_is_paid_by_all_exchanges_that_feed_it_or_carry_its_products():
    """The digester's 9 million EUR against the savings of slurry, digestate and gas, and its annuity of 8.7 %."""
    made = town()
    saving = made.exchanges.set_index("exchange")["saving_eur_per_yr"]
    touched = [name for name in saving.index if "biogas" in name.split("|")[0]]

    assert len(touched) == 4
    assert payback.of_plants(made) == {"digester": approx(9e6 / (saving[touched].sum() + 0.087 * 9e6))}


# --- waterfalls -------------------------------------------------------------------------------------------------------


def test_the_steps_lead_from_the_baseline_to_the_plan(solution):
    """10,460 EUR, less 960 purchased, less 3,600 fees, less 4,000 tax, plus 768 haulage: 2,668 EUR."""
    found = steps(solution, COST)

    assert [step.label for step in found] == [
        "Baseline", "Virgin purchases", "Disposal fees", "Landfill tax", "Haulage", "Plan",
    ]  # fmt: skip
    assert [step.end - step.start for step in found] == approx([10_460, -960, -3_600, -4_000, 768, 2_668])
    assert all(first.end == approx(second.start) for first, second in pairwise(found[:-1]))


def test_subsidies_lower_the_cost():
    """10 EUR for each of the 80 t exchanged are a step of 800 EUR down."""
    found = {step.label: step for step in steps(two_firms(policy={"subsidy_eur_per_t_exchanged": 10}), COST)}

    assert found["Subsidies received"].end - found["Subsidies received"].start == approx(-800)
    assert found["Plan"].end == approx(2_668 - 800)


def test_bars_that_begin_late_say_so(sotenas):
    """Where all bars are long the axis is cut with a remark; where one is short it begins at 0 without."""
    kpis = sotenas.kpis.copy()
    kpis.loc[kpis["kpi"] == "cost_virgin", "value"] += 1e9
    kpis.loc[kpis["kpi"] == "cost_total", "value"] += 1e9
    before = sotenas.baseline.kpis.copy()
    before.loc[before["kpi"].isin(["cost_virgin", "cost_total"]), "value"] += 1e9 + 5e7
    dear = replace(sotenas, kpis=kpis, baseline=replace(sotenas.baseline, kpis=before))

    assert "not at 0" in waterfall(dear, COST)
    assert "not at 0" not in waterfall(sotenas, COST)


def test_where_there_is_nothing_there_is_no_waterfall(solution):
    """Without any CO2 in plan and baseline nothing is drawn."""
    none = solution.kpis.assign(value=solution.kpis["value"].where(~solution.kpis["kpi"].str.startswith("co2"), 0.0))
    bare = replace(solution, kpis=none, baseline=replace(solution.baseline, kpis=none))

    assert waterfall(bare, CO2) == ""
    assert waterfall(bare, COST) != ""


@pytest.mark.parametrize("total", [COST, CO2])
def test_a_waterfall_is_well_formed_and_inside_its_frame(solution, total):
    """It parses, its bars lie inside, and without a baseline there is none."""
    root = ET.fromstring(waterfall(solution, total))
    _, _, width, height = (float(part) for part in root.get("viewBox").split())

    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, tall = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + tall <= height
    assert waterfall(replace(solution, baseline=None), total) == ""
