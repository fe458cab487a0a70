"""Levers that follow a schedule, and what it is worth to know it beforehand."""

from __future__ import annotations

import functools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from small import demand, plant, region, stream, two_years
from strategies import FEATURES, scenarios

import isopt
from isopt.cli import main
from isopt.errors import InputError
from isopt.studies.foresight import foresight, write_foresight
from isopt.studies.tax_paths import held, lever_levels, lever_path, tax_path

TAX = "landfill_tax_eur_per_t"


def works(settings=None, **tables):
    """100 t of ash a year that A tips for nothing but the tax; whatever else is there is in the tables."""
    rows = {"streams": [stream("ash", "A", 100, disposal=0)]}
    return region(settings, **rows | tables)


def kilns(**tables):
    """
    A small kiln (40 t, 300 EUR a year) and a big one (100 t, 2000 EUR a year), of which at most one may be built.

    They cost 30 and 200 thousand, live 100 years and there is no interest. At 10 EUR/t a year costs 1000 with none, 900
    with the small one (60 x 10 + 300) and 2000 with the big one; at 100 EUR/t 10000, 6300 (60 x 100 + 300) and 2000.
    """
    kiln = {"choose_one": "kiln", "life_yr": 100}
    rows = {
        "plants": [
            plant("small", "B", "candidate", "burn", capacity_per_yr=40, capex_eur=30_000, **kiln),
            plant("big", "B", "candidate", "burn", capacity_per_yr=100, capex_eur=200_000, **kiln),
        ],
        "technologies": [{"technology": "burn"}],
        "recipes": [{"technology": "burn", "input": "ash"}],
    }
    return works(**rows | tables)


@functools.cache
def found(scenario, **options):
    """Foresight with every plan proven, and the one that is bound by the most audited."""
    result = foresight(scenario, gap=0, **options)
    assert {solution.status for solution in result.solutions.values()} == {"optimal"}
    assert isopt.audit(list(result.solutions.values())[-1]).passed
    return result


def costs(result):
    return dict(zip(result.table["announced"], result.table["cost_total"], strict=True))


# paths


@pytest.mark.parametrize(
    ("lever", "path", "options", "key", "levels"),
    [
        ("landfill_tax", {2030: 50, 2032: 90}, {}, (TAX, "inert"), [7, 50, 50, 90]),
        ("landfill_tax", {2030: 50, 2032: 90}, {}, (TAX, "hazardous"), [7, 50, 50, 90]),
        ("landfill_tax", {2030: 50, 2032: 90}, {"between": "linear"}, (TAX, "inert"), [7, 50, 70, 90]),
        ("landfill_tax", {2029: 0, 2033: 80}, {"between": "linear"}, (TAX, "inert"), [0, 20, 40, 60]),
        ("landfill_tax.inert", {2031: 50}, {}, (TAX, "inert"), [7, 7, 50, 50]),
        ("landfill_tax.inert", {2031: 50}, {}, (TAX, "hazardous"), [7, 7, 7, 7]),
        ("landfill_tax*", {2030: 2, 2032: 3}, {}, (TAX, "inert"), [7, 14, 14, 21]),
        ("carbon_price", {2020: 75, 2031: 100}, {}, ("carbon_price_eur_per_t",), [75, 75, 100, 100]),
        ("subsidy", {2029: 5, 2030: 0}, {}, ("subsidy_eur_per_t_exchanged",), [5, 0, 0, 0]),
    ],
)
def test_lever_follows_its_schedule(lever, path, options, key, levels):
    """Before the first year it is as it was (7 EUR/t), then each value holds, or a line joins them."""
    years = [{"period": f"p{year}", "year": year} for year in range(2029, 2033)]
    scenario = works({"policy": {TAX: dict.fromkeys(("inert", "non_hazardous", "hazardous"), 7)}}, periods=years)

    assert tax_path(scenario, lever, path, **options).policy_at(*key).tolist() == levels


def test_columns_of_tables_follow_a_schedule_too():
    """The virgin price of one demand, and every gate fee by a factor."""
    tip = [
        {"disposal": d, "facility": "C", "route": "other", "gate_fee_eur_per_unit": fee}
        for d, fee in (("x", 4), ("y", 6))
    ]
    scenario = works(demands=[demand("works", "D", 5), demand("other", "D", 5)], disposals=tip)
    dear = tax_path(scenario, "demands.works.virgin_eur_per_unit", {2030: 20, 2031: 30})
    fees = tax_path(scenario, "disposals.*.gate_fee_eur_per_unit*", {2030: 1, 2031: 1.5})

    assert dear.at("demands", "virgin_eur_per_unit").tolist() == [[20, 30], [20, 20]]
    assert fees.at("disposals", "gate_fee_eur_per_unit").tolist() == [[4, 6], [6, 9]]
    assert lever_levels(fees, "disposals.*.gate_fee_eur_per_unit").tolist() == [[4, 6], [6, 9]]


def test_path_counts_over_what_changes_said_and_after_scale():
    """An older change is overruled from the path's first year on; a value is what is paid in the end."""
    old = {"table": "policy", "id": TAX, "column": "inert", "period": "2030", "value": 30, "onward": True}
    scenario = works({"scale": {f"policy.{TAX}": 2.0}}, periods=two_years(), changes=[old])

    assert scenario.policy_at(TAX, "inert").tolist() == [60, 60]
    assert tax_path(scenario, "landfill_tax", {2031: 80}).policy_at(TAX, "inert").tolist() == [60, 80]


def test_every_season_of_a_year_has_its_rate():
    """Two seasons a year: the rate is that of the year."""
    seasons = [
        {"period": f"{year}{s}", "year": year, "share_of_year": share}
        for year in (2030, 2031) for s, share in (("w", 0.25), ("s", 0.75))
    ]  # fmt: skip
    rising = tax_path(works(periods=seasons), "landfill_tax", {2030: 5, 2031: 9})

    assert rising.policy_at(TAX, "inert").tolist() == [5, 5, 9, 9]
    assert held(rising, "landfill_tax", 2030).policy_at(TAX, "inert").tolist() == [5, 5, 5, 5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("landfil_tax", {2030: 5}), "did you mean"),
        (("landfill_tax", {}), "at least one year"),
        (("landfill_tax", None), "at least one year"),
        (("landfill_tax", {2030: "dear"}), "a number by year"),
        (("landfill_tax", {2030: float("nan")}), "finite number"),
        (("landfill_tax", {2030.5: 5}), "finite number"),
        (("landfill_tax", {2040: 5}), "ends in 2031"),
        (("grant", {2030: 0.5}), "can't change over the years"),
        (("disposals.tip.gate_fee_eur_per_unit", {2030: 5}), "not in disposals"),
    ],
)
def test_wrong_paths_are_refused(arguments, message):
    """What is wrong is said in words."""
    with pytest.raises(InputError, match=message):
        tax_path(works(periods=two_years()), *arguments)


def test_wrong_ways_and_years_are_refused():
    """A path goes by step or linear; a belief of a year needs that year; a scale of nothing can't be set."""
    with pytest.raises(InputError, match="step or linear"):
        tax_path(works(), path={2030: 5}, between="curve")
    with pytest.raises(InputError, match="no year"):
        held(works(periods=two_years()), "landfill_tax", 2035)
    with pytest.raises(InputError, match="by 0"):
        tax_path(works({"scale": {f"policy.{TAX}": 0}}), path={2030: 5})


# foresight on paper


def test_small_kiln_is_a_trap_for_those_who_do_not_know_what_comes():
    """
    0, 10, 100 EUR/t: the small kiln pays in 2031 and bars the big one in 2032.

    Known by 2031: 0 + 1000 + 2000. Year by year: 0 + (60 x 10 + 300) + (60 x 100 + 300).
    """
    result = found(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}))

    assert costs(result) == pytest.approx({2030: 3000, 2031: 3000, 2032: 900 + 6300})
    assert result.table["cost_of_not_knowing_eur"].to_list() == pytest.approx([0, 0, 4200])
    assert result.table["plants"].to_list() == ["big 2032", "big 2032", "small 2031"]
    assert result.table["landfilled"].to_list() == pytest.approx([200, 200, 100 + 60 + 60])
    assert result.table["how"].to_list() == ["foresight", "announced", "year_by_year"]
    assert result.plants.to_numpy().tolist() == [
        [2030, "big", 2032, 0, "built"],
        [2031, "big", 2032, 0, "built"],
        [2032, "small", 2031, 0, "built"],
    ]
    assert "year_by_year" in str(result)


def test_annuity_of_what_was_built_is_paid_for_when_the_tax_is_gone():
    """30 EUR/t in 2030, nothing in 2031: the big kiln (2000 a year) is built for ever and idles; waiting costs 3000 once."""
    gone = tax_path(
        kilns(plants=[plant("big", "B", "candidate", "burn", capex_eur=200_000, life_yr=100)]), path={2030: 30, 2031: 0}
    )
    result = found(gone)

    assert costs(result) == pytest.approx({2030: 3000, 2031: 2 * 2000})
    assert result.solutions[2031].kpi("cost_plants", 2031) == pytest.approx(2000)
    assert result.solutions[2031].kpi("capex") == pytest.approx(200_000)


def test_discounting_weighs_the_years():
    """At 25 % and lives of one year (annuity 125 % of capital): 2030 costs 3000; built, 2000 + 2000 / 1.25."""
    one = plant("big", "B", "candidate", "burn", capex_eur=1600, life_yr=1)
    scenario = kilns(plants=[one], settings={"economics": {"discount_rate": 0.25, "nominal": False}})

    assert costs(found(tax_path(scenario, path={2030: 30, 2031: 0}))) == pytest.approx(
        {2030: 3000, 2031: 2000 + 2000 / 1.25}
    )


def test_exchange_once_opened_is_kept_up():
    """A pipe of 2000 EUR a year is laid for a tax of 30 and stays when it goes."""
    scenario = works(modes=[{"mode": "truck", "setup_eur_per_yr": 2000}], demands=[demand("works", "D", 100, virgin=0)])
    result = found(tax_path(scenario, path={2030: 30, 2031: 0}))

    assert costs(result) == pytest.approx({2030: 3000, 2031: 4000})
    assert result.table["exchanges"].to_list() == [0, 1]


def test_single_receiver_is_chosen_for_good():
    """D takes 40 t for nothing, C takes all for 12 EUR/t: whoever sends to D at 10 EUR/t is bound to it at 100."""
    scenario = works(
        streams=[stream("ash", "A", 100, disposal=0, single_receiver=True)],
        demands=[demand("near", "D", 40, virgin=0), demand("far", "C", 100, virgin=0)],
        links=[{"from_facility": "A", "to_facility": "C", "eur_per_unit": 12}],
    )
    result = found(tax_path(scenario, path={2030: 10, 2031: 100}))

    assert costs(result) == pytest.approx({2030: 1000 + 1200, 2031: 600 + 6000})


def test_added_capacity_stays_as_large_as_it_was():
    """At 30 EUR/t an oven grows to 100 t for 20 EUR/t a year; at nothing it still costs that."""
    grows = plant("oven", "B", "existing", "burn", max_capacity_per_yr=100, capex_eur_per_unit=2000, life_yr=100)
    result = found(tax_path(kilns(plants=[grows]), path={2030: 30, 2031: 0}))

    assert costs(result) == pytest.approx({2030: 3000, 2031: 2000 + 2000})
    assert result.solutions[2031].plants["added_capacity"].to_list() == pytest.approx([100, 100])


def test_looking_no_farther_than_the_year_builds_what_a_year_pays():
    """A least load and a rate that is known to stay make no difference here; a known fall of the need does."""
    fall = {"table": "streams", "id": "ash", "column": "supply_per_yr", "period": "2031", "value": 20}
    scenario = tax_path(
        kilns(plants=[plant("big", "B", "candidate", "burn", capex_eur=200_000, life_yr=100)]),
        path={2030: 30, 2031: 31},
    )
    scenario = scenario.with_(changes=[*scenario.changes.to_dict("records"), fall])

    # with 100 t: 2000 < 3000; with 20 t: 2000 > 620. Both years: 4000 built, 3620 not
    assert costs(found(scenario, belief="held")) == pytest.approx({2030: 3620, 2031: 3620})
    assert costs(found(scenario, belief="this_year")) == pytest.approx({2030: 3620, 2031: 4000})


def test_nothing_is_lost_where_the_rate_does_not_change():
    """A constant tax holds no surprise: all announcements cost the same."""
    result = found(tax_path(kilns(), path={2030: 25}, years=(2030, 2031, 2032)))

    assert result.table["cost_of_not_knowing_eur"].to_list() == pytest.approx([0, 0, 0], abs=1e-6)


SOME = sorted(set(FEATURES) - {"minimise", "weights"})


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(SOME, always=("landfill_tax", "disposals", "years", "candidates"), most=6))
def test_announcing_earlier_never_costs_more(scenario):
    """Whatever was decided year by year could be decided with foresight."""
    years = scenario.periods["year"].unique().tolist()
    path = {years[0]: 0.0, years[-1]: 120.0}
    result = foresight(tax_path(scenario, path=path, between="linear"), gap=1e-7)
    cost = result.table["cost_total"].dropna().to_numpy()

    assert (np.diff(cost) >= -2e-6 * np.maximum(1.0, np.abs(cost[:-1]))).all()
    if len(cost):
        direct = isopt.solve(tax_path(scenario, path=path, between="linear"), gap=1e-7)
        assert cost[0] == pytest.approx(direct.kpi("cost_total"), rel=2e-6, abs=1e-6)


# interruptions, refusals, files


def test_stopping_keeps_what_is_done():
    """The listener stops when the second announcement is looked at; the first plan stays."""
    heard = []

    def listen(what, progress):
        heard.append(what)
        return what.startswith("announced in 2031")

    result = foresight(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}), gap=0, on_progress=listen)

    assert result.interrupted
    assert list(result.solutions) == [2030]
    assert list(dict.fromkeys(heard)) == ["announced in 2030", "2030 as it looks in 2030", "announced in 2031"]
    assert "stopped before all" in str(result)


def test_keyboard_interrupt_keeps_what_is_done(monkeypatch):
    """Ctrl-C between two solves ends the study, not the program."""
    from isopt.studies.decomposed import Decomposed

    real, calls = Decomposed.solve, []

    def once(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(Decomposed, "solve", once)
    result = foresight(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}))

    assert (result.interrupted, list(result.solutions)) == (True, [2030])


def test_plan_that_year_by_year_does_not_exist_is_named_and_not_a_zero():
    """Landfill is capped at 50 t from 2031: who built the small kiln in 2030 can't keep to it."""
    cap = {"table": "limits", "id": "landfilled_t_per_yr", "period": "2031", "value": 50}
    capped = kilns(settings={"limits": {"landfilled_t_per_yr": 1000}}, periods=two_years(), changes=[cap])
    result = foresight(tax_path(capped, path={2030: 10}), gap=0, belief="this_year")

    assert result.table["status"].to_list() == ["optimal", "infeasible"]
    assert np.isnan(result.table["cost_total"].iloc[1])
    assert result.table["reason"].iloc[1]
    assert "infeasible" in str(result)


@pytest.mark.parametrize(
    ("scenario", "options", "message"),
    [
        (works(), {}, "one year only"),
        (works(periods=two_years()), {"announced": [2035]}, "2035 is no year"),
        (works(periods=two_years()), {"belief": "hope"}, "held or this_year"),
        (works(periods=two_years()), {"lever": "grant"}, "can't change"),
    ],
    ids=lambda value: "",
)
def test_wrong_questions_are_refused(scenario, options, message):
    """Before anything is solved."""
    with pytest.raises(InputError, match=message):
        foresight(scenario, **options)


def test_files_hold_the_table_and_every_plan(tmp_path):
    """The table comes back as it was, each plan as a solution that passes its audit."""
    result = found(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}))
    write_foresight(result, tmp_path)
    table = pd.read_csv(tmp_path / "foresight.csv", keep_default_na=False)

    assert table["cost_total"].to_list() == pytest.approx(result.table["cost_total"].to_list())
    assert pd.read_csv(tmp_path / "foresight_plants.csv").to_numpy().tolist() == result.plants.to_numpy().tolist()
    assert isopt.audit(isopt.read_solution(tmp_path / "announced_2032")).passed


def test_earlier_plans_go_and_what_is_not_ours_stays(tmp_path):
    """A second study of fewer announcements leaves no plan of the first; a folder of the user's own is left alone."""
    result = found(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}))
    write_foresight(result, tmp_path)
    mine = tmp_path / "announced_2031_draft"
    mine.mkdir()
    write_foresight(replace(result, solutions={2030: result.solutions[2030]}), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["announced_2030", mine.name]


def test_years_and_schedule_are_tables_of_their_own(tmp_path):
    """What is landfilled each year, undiscounted, and the rates of each class, are in the files."""
    result = found(tax_path(kilns(), path={2030: 0, 2031: 10, 2032: 100}))
    write_foresight(result, tmp_path, write=None)
    years, path = (pd.read_csv(tmp_path / f"foresight_{name}.csv") for name in ("years", "path"))

    late = years[years["announced"] == 2032]
    assert late["landfilled"].to_list() == pytest.approx([100, 60, 60])
    assert late["capex"].to_list() == pytest.approx([0, 30_000, 0])
    assert path[path["id"] == "inert"]["value"].to_list() == [0, 10, 100]
    told = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (told["lever"], told["unit"], told["announced"]) == ("landfill_tax", "EUR/t", [2030, 2031, 2032])


def test_plants_that_grow_are_told_apart_from_those_that_are_built():
    """An oven that stands and grows to 100 t is enlarged."""
    grows = plant("oven", "B", "existing", "burn", max_capacity_per_yr=100, capex_eur_per_unit=2000, life_yr=100)
    result = found(tax_path(kilns(plants=[grows]), path={2030: 30, 2031: 0}))

    assert result.plants.to_numpy().tolist() == [[2031, "oven", 2030, pytest.approx(100), "enlarged"]]


def test_path_of_a_factor_is_that_of_the_number():
    """Twice 7 EUR/t is 14."""
    rates = dict.fromkeys(("inert", "non_hazardous", "hazardous"), 7)
    doubled = tax_path(works({"policy": {TAX: rates}}), "landfill_tax*", {2030: 1, 2031: 2})

    assert lever_path(doubled, "landfill_tax*").query("id == 'inert'")["value"].to_list() == [7, 14]


# the command


def test_command_writes_page_plans_and_a_part_of_the_report(tmp_path, capsys):
    """A schedule is typed, the page and the plans are there, and a plan's report takes the study in."""
    out = tmp_path / "rising"
    call = ["foresight", "scenarios/two_firms", "--schedule", "2030=0", "2032=50", "--linear", "--years", "2030-2032"]

    assert main([*call, "--announced", "2031", "-o", str(out), "--json", "--debug"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["announced"] for row in told["announcements"]] == [2030, 2031]
    assert pd.read_csv(out / "foresight_path.csv")["value"].to_list()[:3] == [0, 25, 50]
    assert "What it is worth to know the schedule early" in (out / "study.html").read_text(encoding="utf-8")
    plan = out / "announced_2031"
    assert main(["report", str(plan), "--policy", str(out), "--debug"]) == 0
    assert "The schedule, and what is done year by year" in (plan / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--schedule", "2030"], "give YEAR=VALUE"),
        (["--schedule", "2030=dear"], "give YEAR=VALUE"),
        (["--schedule", "2030=1", "--years", "2035-2030"], "are no years"),
        (["--schedule", "2030=1", "--years", "2030-9999"], "are no years"),
        (["--schedule", "2030=1", "--years", "2030-2032/0"], "are no years"),
        (["--years", "2030"], "which years a --schedule plans"),
        (["--schedule", "2030=1", "2031=2", "--lever", "landfil_tax"], "did you mean"),
        ([], "one year only"),
    ],
)
def test_wrong_schedules_are_refused_by_the_command(arguments, words, tmp_path, capsys):
    """In a sentence, with exit code 2."""
    assert main(["foresight", "scenarios/two_firms", "-o", str(tmp_path / "out"), *arguments]) == 2
    assert words in capsys.readouterr().err
