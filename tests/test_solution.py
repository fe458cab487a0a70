"""What a plan's tables say: figures of paper in every ledger, nothing tiny, and the same again from the disk."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from small import DISPOSAL, demand, mill, plant, region, seasons, stream, two_years

import isopt
from benchmarks import regions
from isopt.errors import InputError
from isopt.network import annuity_factor, instance_of, ledger_of
from isopt.solution import plan_objective, plan_of
from isopt.solution.names import Ids, categorical
from isopt.solution.store import read_solution, write_solution
from isopt.solution.tables import flows_table

TIP = {"disposal": DISPOSAL, "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 8}


def books():
    """
    Two years with everything that costs: a mill built for capital, a road set up, trips, tax, carbon and a subsidy.

    100 ash at A; a mill at B (capital 1000 over 10 years at 10 %, half of it granted; 3 EUR and 20 kg CO2 a unit) makes
    0.8 sand and 0.2 slag of each; D needs 60 sand (90 EUR, 50 kg CO2 virgin); slag goes to the tip at C (8 EUR) and is
    taxed 10 EUR/t. A truck takes 2 EUR/t and emits 1 kg/t; B's road to D costs 100 a year. CO2 costs 100 EUR/t. Own
    disposal of ash costs 40.
    """
    tables = mill(sand=0.8, slag=0.2)
    tables["technologies"] = [{"technology": "mill", "opex_eur_per_unit": 3, "kgco2_per_unit": 20, "life_yr": 10}]
    return region(
        {
            "policy": {
                "landfill_tax_eur_per_t": {"non_hazardous": 10}, "carbon_price_eur_per_t": 100,
                "subsidy_eur_per_t_exchanged": 1, "capex_grant_share": 0.5,
            },
            "economics": {"discount_rate": 0.1, "nominal": False},
        },
        periods=two_years(),
        modes=[{"mode": "truck", "eur_per_t": 2, "kgco2_per_t": 1}],
        links=[{"from_facility": "B", "to_facility": "D", "setup_eur_per_yr": 100, "note": "new road"}],
        streams=[stream("ash", "A", 100, disposal=40, own_disposal_route="other", price_eur_per_unit=5)],
        plants=[plant("mill", "B", "candidate", capacity_per_yr=90, capex_eur=1000, fixed_eur_per_yr=50)],
        demands=[demand("works", "D", 60, "sand", 90, virgin_kgco2_per_unit=50)],
        disposals=[TIP | {"accepts": "slag"}],
        **tables,
    )  # fmt: skip


@pytest.fixture(scope="module")
def told():
    """The solution of `books`: 75 ash are milled each year into 60 sand and 15 slag, 25 are disposed of."""
    solution = isopt.solve(books(), gap=0)
    assert solution.throughput["amount"].tolist() == pytest.approx([75, 75])
    return solution


ANNUITY = 1000 * 0.1 / (1 - 1.1**-10)
CARRIED = 75 + 60 + 15  # tonnes on trucks a year
YEARLY = {
    "cost_haulage": 2 * CARRIED,
    "cost_setup": 100,
    "cost_treatment": 3 * 75,
    "cost_plants": ANNUITY + 50,
    "cost_gate_fees": 40 * 25 + 8 * 15,
    "cost_virgin": 0,
    "landfill_tax": 10 * 15,
    "carbon_payment": 100 * (CARRIED * 1 + 75 * 20) / 1000,
    "subsidies": 1 * (75 - 15) + ANNUITY / 2,
}
COST = sum(YEARLY.values()) - 2 * YEARLY["subsidies"]
BEFORE = 40 * 100 + 90 * 60 + 100 * 60 * 50 / 1000


def test_every_line_of_account_is_booked_in_each_year(told):
    """Each line is the arithmetic of the opening sentences, in both years; capital is spent in the first."""
    for year in (2030, 2031):
        assert {line: told.kpi(line, year=year) for line in YEARLY} == pytest.approx(YEARLY)
        assert told.kpi("cost_total", year=year) == pytest.approx(COST)
        assert told.kpi("cost_saved", year=year) == pytest.approx(BEFORE - COST)
        assert told.kpi("plants_built", year=year) == 1
    assert [told.kpi("capex", year=year) for year in (2030, 2031)] == [1000, 0]


def test_money_is_discounted_over_the_years_and_tonnes_are_not(told):
    """A euro of 2031 weighs 1 / 1.1, a tonne weighs a tonne, and what stands twice counts once."""
    assert told.objective == pytest.approx(COST * (1 + 1 / 1.1))
    assert told.kpi("cost_total") == pytest.approx(told.objective)
    assert told.kpi("landfilled") == pytest.approx(2 * 15)
    assert told.kpi("diverted") == pytest.approx(-2 * 15)  # nothing was landfilled before
    assert told.kpi("exchanged") == pytest.approx(2 * (75 - 15))
    assert told.kpi("virgin_saved") == pytest.approx(2 * 60)
    assert told.kpi("co2_total") == pytest.approx(2 * (CARRIED + 75 * 20) / 1000)
    assert told.kpi("co2_avoided") == pytest.approx(2 * (60 * 50 - CARRIED - 75 * 20) / 1000)
    assert (told.kpi("exchanges"), told.kpi("plants_built")) == (2, 1)


def test_firms_costs_sum_to_the_undiscounted_total(told):
    """A hauls and disposes, B (the mill's owner) treats, hauls on and dumps; D pays nothing any more."""
    firms = told.firms.set_index("organisation")

    assert firms["cost_after_eur_per_yr"].sum() == pytest.approx(COST)
    assert firms["cost_before_eur_per_yr"].to_dict() == pytest.approx(
        {"A": 4000, "B": 0, "C": 0, "D": 90 * 60 + 100 * 60 * 50 / 1000}
    )
    assert firms.loc["A", "cost_after_eur_per_yr"] == pytest.approx(75 * 2 + 25 * 40 + 100 * 75 / 1000 - 75)
    assert firms.loc["D", "cost_after_eur_per_yr"] == 0
    assert firms.loc["B", "setup_eur_per_yr"] == 100
    assert firms["saving_eur_per_yr"].sum() == pytest.approx(BEFORE - COST)
    lines = [
        column
        for column in firms.columns
        if column.endswith("_eur_per_yr")
        and column.split("_eur")[0]
        in {"haulage", "setup", "treatment", "plants", "gate_fees", "virgin", "landfill_tax", "carbon"}
    ]
    assert firms[lines].to_numpy().sum() - firms["subsidies_eur_per_yr"].sum() == pytest.approx(COST)


def test_payments_move_money_between_firms_only(told):
    """B pays A 5 EUR for each of 75 t: what one receives another pays."""
    firms = told.firms.set_index("organisation")

    assert firms["payments_received_eur_per_yr"].to_dict() == pytest.approx({"A": 375, "B": 0, "C": 0, "D": 0})
    assert firms["payments_paid_eur_per_yr"].to_dict() == pytest.approx({"A": 0, "B": 375, "C": 0, "D": 0})
    assert firms["cost_after_payments_eur_per_yr"].sum() == pytest.approx(COST)


def test_the_savings_of_exchanges_add_up_to_what_the_network_saves(told):
    """What the two exchanges save is what the region saves, plants and residues borne by those that feed them."""
    exchanges = told.exchanges.set_index("exchange")

    assert set(exchanges.index) == {"A>B|truck|ash", "B>D|truck|sand"}
    assert exchanges["saving_eur_per_yr"].sum() == pytest.approx(BEFORE - COST)
    road = exchanges.loc["B>D|truck|sand"]
    assert road["saving_eur_per_yr"] == pytest.approx(60 * 90 + 60 * 5 - 60 * 2 - 100 - 100 * 60 / 1000)
    assert (road["note"], road["opened_year"], road["setup_eur_per_yr"]) == ("new road", 2030, 100)
    assert (road["amount_per_yr"], road["haulage_eur_per_yr"]) == pytest.approx((60, 120))


def test_tables_of_plants_disposal_and_purchase_agree_with_paper(told):
    """A row per plant and year, outlet and year, demand and period."""
    plants = told.plants.set_index("year")
    assert plants["load_share"].tolist() == pytest.approx([75 / 90] * 2)
    assert plants["annuity_eur"].tolist() == pytest.approx([ANNUITY] * 2)
    assert plants["capex_spent_eur"].tolist() == [1000, 0]
    assert plants["co2_t"].tolist() == pytest.approx([1.5] * 2)
    assert plants["stands"].all()
    disposal = told.disposal.set_index(["outlet", "year"])
    assert disposal.loc[("tip", 2030), ["amount", "gate_fee_eur", "landfill_tax_eur"]].tolist() == pytest.approx(
        [15, 120, 150]
    )
    assert disposal.loc[("own:ash", 2031), ["amount", "gate_fee_eur", "landfill_tax_eur"]].tolist() == pytest.approx(
        [25, 1000, 0]
    )
    virgin = told.virgin
    assert (virgin["need"].tolist(), virgin["received"].tolist()) == ([60, 60], pytest.approx([60, 60]))
    assert virgin["bought"].tolist() == pytest.approx([0, 0])


def test_an_unknown_kpi_or_year_is_named_with_what_there_is(told):
    """A slip of the pen gets the nearest name, a year outside the horizon those inside."""
    with pytest.raises(InputError, match='no KPI "cost_totl" in this solution; did you mean "cost_total"'):
        told.kpi("cost_totl")
    with pytest.raises(InputError, match='"cost_total" has no year 2040; there are total, 2030, 2031'):
        told.kpi("cost_total", year=2040)


def test_capital_is_paid_in_equal_yearly_parts():
    """0.1 / (1 - 1.1^-10) of it a year; at no interest a tenth."""
    assert annuity_factor(0.1, np.array([10.0])) == pytest.approx([ANNUITY / 1000])
    assert annuity_factor(0.0, np.array([10.0, 4.0])) == pytest.approx([0.1, 0.25])


def test_the_ledger_gives_objective_and_yearly_sums_from_one_set_of_columns():
    """Cost is discounted and weighted, tonnes are plain; a line that nobody books is nothing."""
    instance = instance_of(books(), prune=False)
    ledger = ledger_of(instance)
    cost, _ = ledger.objective({"cost": 1.0})
    mixed, _ = ledger.objective({"cost": 2.0, "landfilled": 7.0})
    landfilled = ledger.rows({"landfilled": 1.0})

    assert set(mixed) == set(cost)
    assert mixed["disposed"] == pytest.approx(2 * cost["disposed"] + 7 * landfilled["disposed"])
    assert cost["built"] == pytest.approx((ANNUITY / 2 + 50) * np.array([1, 1 / 1.1]))
    assert ledger.yearly("no such line", {}).tolist() == [0, 0]


def test_stocks_and_seasons_are_told_period_by_period():
    """A heap of 20 carries ash from winter (25 made, none needed) to the rest of the year, at 4 EUR a unit and year."""
    scenario = region(
        periods=seasons(),
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 0)],
        stocks=[{"facility": "A", "material": "ash", "capacity": 20, "eur_per_unit_yr": 4}],
        changes=[{"table": "demands", "id": "works", "column": "need_per_yr", "period": "rest", "value": 160}],
    )
    solution = isopt.solve(scenario, gap=0)
    stocks = solution.stocks.set_index("period")

    assert stocks["level"].to_dict() == pytest.approx({"winter": 20, "rest": 0})
    assert stocks["cost_eur"].to_dict() == pytest.approx({"winter": 20 * 4 * 0.25, "rest": 0})
    assert solution.objective == pytest.approx(5 * 10 + 20 + (120 - 95) * 20)  # 5 disposed of in winter, 25 bought
    assert solution.virgin.set_index("period")["need"].to_dict() == {"winter": 0, "rest": 120}


# nothing tiny


def roads():
    """100 ash for D, its road set up for 50 a year, in trucks of 10 t."""
    return region(
        modes=[{"mode": "truck", "setup_eur_per_yr": 50, "eur_per_trip": 30, "vehicle_t": 10}],
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 80), demand("wall", "C", 30)],
    )


def tidied(scenario, **amounts):
    """A plan of what a solver might return, variable by variable; the rest is nothing."""
    instance = instance_of(scenario, prune=False)
    sizes = {variable.name: variable.size for variable in isopt.formulation.variables_of(instance)}
    return plan_of(instance, {name: np.array(amounts.get(name, np.zeros(size)), float) for name, size in sizes.items()})


def test_words_of_long_tables_are_held_once(told):
    """Numbers and categories: words that come again are numbers too, sorted as words are; ends can be compared."""
    for name in ("flows", "exchanges", "disposal"):
        table = told.tables[name]
        free = {"exchange", "outlet", "origin", "receiver"}  # ids: a word of its own in every few rows
        kinds = {str(table[column].dtype) for column in table.columns if column not in free}

        assert kinds <= {"category", "float64", "int64", "bool"}, name
        assert table.groupby("material")["tonnes" if "tonnes" in table else "tonnes_per_yr"].sum().gt(0).all()
    flows = told.flows
    assert flows["from_facility"].dtype == flows["to_facility"].dtype
    assert (flows["from_facility"] != flows["to_facility"]).any()
    assert flows.sort_values("material")["material"].tolist() == sorted(flows["material"])


def test_a_table_with_categories_is_smaller_and_says_the_same():
    """Forty names in forty thousand rows take a byte or two each; written to a file, nothing tells them apart."""
    names = np.array([f"facility number {number}" for number in range(40)], dtype=object)
    table = pd.DataFrame({"from_facility": np.tile(names, 1000), "to_facility": np.repeat(names, 1000), "sent": 1.0})
    compact = categorical(table)

    assert compact.to_csv() == table.to_csv()
    assert compact.columns.tolist() == table.columns.tolist()
    assert compact.memory_usage(deep=True).sum() < table.memory_usage(deep=True).sum() / 3
    assert categorical(table.head(0)).empty


def test_noise_becomes_nothing_and_what_it_opened_closes():
    """80 t and 1e-13 t, both roads open: one exchange, eight trips, 50 EUR."""
    plan = tidied(roads(), flow=[80, 1e-13], disposed=[20 - 1e-12], opened=[0.9999999, 1], trips=[8.0000001, 1])

    assert plan["flow"].ravel().tolist() == [80, 0]
    assert sorted(plan["opened"].ravel().tolist()) == [0, 1]
    assert sorted(plan["trips"].ravel().tolist()) == [0, 8]
    assert len(flows_table(plan, Ids(plan.instance))) == 2
    assert not plan["flow"].flags.writeable


def test_a_vehicle_is_full_within_arithmetics_noise():
    """80.000000001 t are eight trips, 80.1 t nine."""
    full, more = (tidied(roads(), flow=[amount, 0])["trips"].max() for amount in (80 + 1e-9, 80.1))

    assert (full, more) == (8, 9)


def test_a_flow_below_zero_by_noise_is_none():
    """-1e-9 t of ash goes nowhere."""
    plan = tidied(roads(), flow=[80, -1e-9], disposed=[20])

    assert plan["flow"].min() == 0
    assert plan.used().sum() == 1


def test_the_objective_of_a_plan_is_worked_out_from_what_is_left():
    """80 t over one road: 50 for it, 8 trips of 30, 20 t disposed of, 30 bought."""
    plan = tidied(roads(), flow=[80, 0], disposed=[20], virgin=[0, 30], opened=[1, 1])

    assert plan_objective(plan) == pytest.approx(50 + 8 * 30 + 20 * 10 + 30 * 20)


@pytest.mark.parametrize("amount", [1e-6, 1e-4])
def test_what_really_is_tiny_stays(amount):
    """A stream of a gram must go out too, beside one of 1e5 t; the audit passes."""
    scenario = region(
        streams=[stream("ash", "A", 1e5), stream("trace", "B", amount, "clay", disposal=10)],
        demands=[demand("works", "D", 8e4)],
    )
    solution = isopt.solve(scenario, gap=0)

    assert solution.objective == pytest.approx(2e4 * 10 + 10 * amount)
    assert isopt.audit(solution).passed


# on the disk


@pytest.fixture
def kept(told, tmp_path):
    """`books` solved and written."""
    write_solution(told, tmp_path / "out")
    return tmp_path / "out"


def test_a_solution_is_the_same_again_from_the_disk(told, kept):
    """Every table, KPI and figure of the summary, the baseline's too; and the audit of what was read passes."""
    back = read_solution(kept)

    for one, other in ((told, back), (told.baseline, back.baseline)):
        pd.testing.assert_frame_equal(one.kpis, other.kpis, check_dtype=False)
        for name, table in one.tables.items():
            pd.testing.assert_frame_equal(table, other.tables[name], check_dtype=False)
        assert (one.status, one.objective, one.bound, one.gap) == (
            other.status,
            other.objective,
            other.bound,
            other.gap,
        )
    assert back.scenario == told.scenario
    assert back.kpi("cost_total", year=2031) == told.kpi("cost_total", year=2031)
    report = isopt.audit(back)
    assert report.passed, report


def test_a_solution_says_which_gap_was_asked_for(tmp_path):
    """Optimal within 10 % is optimal only for who knows of the 10 %: from the folder, the audit does."""
    found = isopt.solve(regions.region(100, seed=1), gap=0.1)
    write_solution(found, tmp_path / "out")
    back = read_solution(tmp_path / "out")

    assert found.status == "optimal"
    assert 1e-4 < found.gap <= 0.1
    for one in (found, back):
        assert one.scenario.settings.solver.gap == 0.1
        report = isopt.audit(one)
        assert report.passed, report


def test_a_second_answer_replaces_the_first_without_leftovers(kept):
    """An infeasible answer in the same folder leaves no table of the old one beside it."""
    stuck = isopt.solve(region(streams=[stream("ash", "A", 100, disposal=None)]))
    write_solution(stuck, kept)
    back = read_solution(kept)

    assert not list(kept.glob("*.csv"))
    assert (back.status, back.objective, back.baseline) == ("infeasible", None, None)
    assert back.reason == stuck.reason
    assert back.kpis.empty
    assert back.exchanges.empty
    summary = json.loads((kept / "summary.json").read_text(encoding="utf-8"))
    assert summary["kpis"] == {}
    assert summary["baseline_reason"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("summary.json", None, "holds no solution"),
        ("summary.json", "{", "can't be read as JSON"),
        ("summary.json", "[1]", "is not a summary that isopt wrote"),
        ("summary.json", '{"status": "optimal"}', "is not a summary that isopt wrote"),
        ("flows.csv", None, "can't be read"),
        ("flows.csv", 'a,b\n"1', "can't be read"),
        ("kpis.csv", "", "can't be read"),
        ("baseline/firms.csv", None, "can't be read"),
        ("exchanges.csv", b"\xff\xfe\x00", "can't be read"),
        ("flows.csv", "period,sent\n2030,many\n", "flows.csv"),
        ("kpis.csv", "kpi,year,value,unit\ncost_total,soon,5,EUR\n", "kpis.csv"),
        ("plants.csv", "plant,stands\nmill,perhaps\n", "plants.csv"),
        ("scenario/facilities.csv", None, "facilities"),
    ],
)
def test_a_damaged_folder_is_an_error_of_the_users(kept, name, content, message):
    """What is missing or is no table ends in a message that names the file, not in a traceback."""
    path = kept / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(isopt.IsoptError) as caught:
        read_solution(kept)
    assert message in str(caught.value)


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path):
    """A table appears when it is complete, or not at all."""
    from isopt.solution.store import replace_file

    path = tmp_path / "table.csv"
    path.write_text("old")

    def fail(temporary):
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_file(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# the public names


def test_every_public_name_is_there_and_is_found_when_it_is_wanted():
    """`isopt` offers what it lists, and says so of what it doesn't."""
    for name in isopt.__all__:
        assert getattr(isopt, name) is not None
    assert set(isopt.__all__) <= set(dir(isopt))
    assert isopt.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="has no attribute 'sovle'"):
        _ = isopt.sovle
