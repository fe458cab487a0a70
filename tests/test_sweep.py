"""Sweeps: every run as a solve of its own, whoever does it; killed and resumed, nothing is lost or done twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import dask_cluster, deadly_point, faulty_point, slow_point
from small import demand, region, stream
from strategies import FEATURES, scenario_of

import isopt
from isopt.errors import InputError, IsoptError, ScenarioError
from isopt.network import instance_of
from isopt.solution.kpis import UNITS
from isopt.studies import sweep as sweeps
from isopt.studies.grid import read_grid
from isopt.studies.points import Point, variant_at
from isopt.studies.runs import Bench, Region, keeps_candidates, prepare, with_plan
from isopt.studies.sweep import sweep

TESTS = Path(__file__).parent
TAXES, PRICES = (0, 5, 10), (0, 50, 100)
NINE = {"axes": {"landfill_tax": list(TAXES), "carbon_price": list(PRICES)}}


def town(rules=None, **tables):
    """
    A landfills 100 t of ash at 10 EUR/t and the tax, 100 kg CO2/t; D takes 80 of them in place of what costs 2 EUR/t.

    The exchange costs 300 EUR a year and 14 EUR/t for the road, which emits 20 kg/t.
    """
    ash = stream("ash", "A", 100, own_disposal_route="landfill", own_disposal_kgco2_per_unit=100)
    truck = {"mode": "truck", "eur_per_t": 14, "kgco2_per_t": 20, "setup_eur_per_yr": 300}
    return region(
        rules, **{"modes": [truck], "streams": [ash], "demands": [demand("works", "D", 80, virgin=2)]} | tables
    )


def cost(tax, price):
    """Cost of the town: apart, or with the exchange, whichever is less."""
    apart = 100 * (10 + tax) + 80 * 2 + price * 100 * 0.1
    return min(apart, 80 * 14 + 300 + 20 * (10 + tax) + price * (80 * 0.02 + 20 * 0.1))


def answer(table):
    """What must not depend on how a sweep was done: all but the seconds."""
    return table.drop(columns="seconds")


@pytest.fixture(scope="module")
def nine(tmp_path_factory):
    """The town at three taxes and three carbon prices."""
    return sweep(town(), NINE, tmp_path_factory.mktemp("nine"), gap=0)


@pytest.fixture(scope="module")
def dask():
    """Address of a Dask cluster of two workers on this machine."""
    with dask_cluster() as address:
        yield address


# what comes out


def test_every_point_of_the_grid_is_a_row_with_its_cost(nine):
    """Nine runs, the last key varying fastest, each at the cost worked out on paper, with every KPI of the contract."""
    table = nine.table

    assert list(table["landfill_tax"]) == [tax for tax in TAXES for _ in PRICES]
    assert list(table["carbon_price"]) == list(PRICES) * 3
    assert list(table["cost_total"]) == pytest.approx([cost(tax, price) for tax in TAXES for price in PRICES])
    assert set(table["exchanges"]) == {0.0, 1.0}
    assert (table["status"] == "optimal").all()
    assert (table["gap"] == 0).all()
    assert set(UNITS) - {"landfill_tax"} | {"landfill_tax_eur"} <= set(table.columns)
    assert list(table["landfill_tax_eur"]) == pytest.approx(list(table["landfilled"] * table["landfill_tax"]))
    assert "9 runs, 9 optimal" in str(nine)


def test_a_run_is_what_solving_the_variant_gives(nine):
    """KPI by KPI what `isopt.solve` says of the same scenario."""
    taxes = {"landfill_tax_eur_per_t": dict.fromkeys(("inert", "non_hazardous", "hazardous"), 5)}
    alone = isopt.solve(town().with_(policy={**taxes, "carbon_price_eur_per_t": 50}), gap=0)
    row = nine.table.iloc[4]

    assert {kpi: row[kpi if kpi != "landfill_tax" else "landfill_tax_eur"] for kpi in UNITS} == pytest.approx(
        {kpi: alone.kpi(kpi) for kpi in UNITS}
    )


def test_files_hold_the_table(nine):
    """CSV and Parquet say what the table says, to the last digit; the summary counts."""
    as_csv = pd.read_csv(nine.folder / "sweep.csv", keep_default_na=False, na_values={"gap": ""})
    as_parquet = pd.read_parquet(nine.folder / "sweep.parquet")
    said = json.loads((nine.folder / "summary.json").read_text(encoding="utf-8"))

    pd.testing.assert_frame_equal(as_csv, nine.table, check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(as_parquet, nine.table, check_dtype=False, check_exact=True)
    assert (said["runs"], said["statuses"], said["reused"]) == (9, {"optimal": 9}, 0)
    assert said["keys"] == ["landfill_tax", "carbon_price"]


@pytest.mark.parametrize("how", ["processes", "dask"])
def test_the_table_is_the_same_wherever_it_is_worked_out(nine, tmp_path, how, request):
    """Two processes, or two workers of a Dask cluster, give the table of one process to the last digit."""
    where = {"workers": 2} if how == "processes" else {"dask": request.getfixturevalue("dask")}
    other = sweep(town(), NINE, tmp_path, gap=0, **where)

    pd.testing.assert_frame_equal(answer(other.table), answer(nine.table), check_exact=True)


def test_the_order_of_keys_and_values_does_not_matter(nine, tmp_path):
    """The same runs backwards: the same names and figures in another order."""
    backwards = {"axes": {"carbon_price": [100, 50, 0], "landfill_tax": [10.0, 5.0, 0.0]}}
    other = sweep(town(), backwards, tmp_path, gap=0)
    one, two = (answer(found.table).set_index("run").sort_index() for found in (nine, other))

    pd.testing.assert_frame_equal(two[one.columns], one, check_exact=True)


def test_axes_of_every_kind(tmp_path):
    """Settings, scales, cells, factors on levers and single runs; an empty cell is as it is in the scenario."""
    (tmp_path / "grid.toml").write_text(
        textwrap.dedent(
            """
            [axes]
            policy.landfill_tax_eur_per_t.non_hazardous = { from = 0, to = 0.3, step = 0.1 }
            scale."demands.need_per_yr" = { from = 0.5, to = 1, count = 2 }

            [[runs]]
            modes.truck.eur_per_t = 1.25
            policy.landfill_ban = ["inert", "hazardous"]

            [[runs]]
            "modes.truck.eur_per_t*" = 2
            reach.within_facility = false
            """
        ),
        encoding="utf-8",
    )
    table = sweep(town(), tmp_path / "grid.toml", tmp_path / "out", gap=0).table
    tax, need = "policy.landfill_tax_eur_per_t.non_hazardous", "scale.demands.need_per_yr"

    assert list(table[tax][:8]) == [0, 0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert list(table[need][:8]) == [0.5, 1] * 4
    assert table[[tax, need]][8:].isna().all(axis=None)
    assert list(table["policy.landfill_ban"]) == [""] * 8 + ["inert;hazardous", ""]
    assert list(table["reach.within_facility"]) == [""] * 9 + ["false"]
    apart = [100 * (10 + t) + 80 * share * 2 for t, share in zip(table[tax][:8], table[need][:8], strict=True)]
    assert list(table["cost_total"]) == pytest.approx([*apart, 80 * 1.25 + 300 + 200, 1160])


def test_transport_scenarios_are_an_axis(tmp_path):
    """A toll of 25 EUR/km closes the exchange of the two firms; a run by itself may name another."""
    (tmp_path / "transport.toml").write_text(
        "[as_today]\n[toll]\ntoll_eur_per_km = 25\n[tenth]\ntoll_eur_per_km = 0.1\n", encoding="utf-8"
    )
    (tmp_path / "grid.toml").write_text(
        '[transport]\nfile = "transport.toml"\nnames = ["as_today", "toll"]\n'
        "[axes]\ncarbon_price = [0, 10]\n[[runs]]\ntransport = 'tenth'\n",
        encoding="utf-8",
    )
    scenario = isopt.read(TESTS.parent / "scenarios" / "two_firms")
    table = sweep(scenario, tmp_path / "grid.toml", tmp_path / "out", gap=0).table

    assert list(table["transport"]) == ["as_today", "as_today", "toll", "toll", "tenth"]
    assert list(table["exchanges"]) == [1, 1, 0, 0, 1]
    alone = isopt.solve(isopt.transport_scenario(scenario, toll_eur_per_km=0.1), gap=0)
    assert table["cost_total"].iloc[-1] == pytest.approx(alone.kpi("cost_total"))


def test_solutions_are_kept_on_request(tmp_path):
    """Each plan in a folder of its own, read back with all tables and audited; on KPIs alone it is said to be absent."""
    grid = {"axes": {"landfill_tax": [0, 10]}, "runs": [{"limits.landfilled_t_per_yr": 10}]}
    first = sweep(town(), grid, tmp_path, gap=0)
    with pytest.raises(InputError, match="kept KPIs only"):
        first.solution(first.table["run"][0])
    found = sweep(town(), grid, tmp_path, gap=0, keep="solutions")

    assert found.summary["reused"] == 1  # the one without a plan
    pd.testing.assert_frame_equal(answer(found.table), answer(first.table), check_exact=True)
    for run, tax in zip(found.table["run"][:2], (0, 10), strict=True):
        solution = found.solution(run)
        assert solution.kpi("cost_total") == pytest.approx(cost(tax, 0))
        assert isopt.audit(solution).passed
    assert sweep(town(), grid, tmp_path, gap=0, keep="solutions").summary["reused"] == 3
    with pytest.raises(InputError, match="there is no run"):
        found.solution("0123")


# what goes wrong


def test_a_run_without_a_plan_says_why_and_is_never_a_zero(tmp_path):
    """No more than 10 t may be landfilled and 20 must: infeasible, with the reason; a supply of -5 t is no supply."""
    grid = {"axes": {"limits.landfilled_t_per_yr": [10, 50]}, "runs": [{"streams.ash.supply_per_yr": -5}]}
    found = sweep(town(), grid, tmp_path, gap=0)
    table = found.table

    assert list(table["status"]) == ["infeasible", "optimal", "failed"]
    assert "the least that any plan reaches is 20" in table["reason"][0]
    assert "supply_per_yr" in table["reason"][2]
    assert table.loc[[0, 2], ["gap", "cost_total", "exchanges", "landfilled"]].isna().all(axis=None)
    assert list(found.failed["run"]) == [table["run"][2]]
    assert "failed: " in str(found)
    again = sweep(town(), grid, tmp_path, gap=0)
    assert again.summary["reused"] == 3
    pd.testing.assert_frame_equal(again.table, table, check_exact=True)


@pytest.mark.parametrize(("point", "workers"), [(deadly_point, 2), (faulty_point, 1)])
def test_a_run_that_breaks_is_named_and_tried_again(tmp_path, monkeypatch, point, workers):
    """Killed or with a bug, the run at 50 EUR/t fails and the others go on; the next sweep does that one alone."""
    grid = {"axes": {"carbon_price": [0, 50, 100]}}
    monkeypatch.setattr(sweeps, "run_point", point)
    broken = sweep(town(), grid, tmp_path, gap=0, workers=workers).table

    assert list(broken["status"]) == ["optimal", "failed", "optimal"]
    assert ("its worker died" if point is deadly_point else "ZeroDivisionError: a bug") in broken["reason"][1]
    assert np.isnan(broken["cost_total"][1])
    monkeypatch.undo()
    mended = sweep(town(), grid, tmp_path, gap=0)
    assert mended.summary["reused"] == 2
    assert list(mended.table["cost_total"]) == pytest.approx([cost(0, price) for price in (0, 50, 100)])


def test_a_run_out_of_time_says_so_and_is_done_again_with_more(tmp_path):
    """A hundredth of a second is too short; the same again is not tried, more time is, and proves it."""
    rows = range(12)
    hard = region(
        facilities=[{"facility": f"{side}{i}", "lat": 0.02 * ((7 * i) % 12), "lon": 0.02 * i + (side == "T") * 0.1}
                    for side in "GT" for i in rows],
        modes=[{"mode": "truck", "eur_per_tkm": 0.2, "setup_eur_per_yr": 300}],
        streams=[stream(f"s{i}", f"G{i}", 30 + (13 * i) % 17) for i in rows],
        demands=[demand(f"d{i}", f"T{i}", 25 + (17 * i) % 19) for i in rows],
    )  # fmt: skip
    grid = {"axes": {"carbon_price": [0]}}
    short = sweep(hard, grid, tmp_path, gap=0, time_limit=0.01)
    same = sweep(hard, grid, tmp_path, gap=0, time_limit=0.01)
    more = sweep(hard, grid, tmp_path, gap=0.01, time_limit=60)

    assert short.table["status"][0] in {"no_solution", "feasible"}
    assert "within 0.01 s" in short.table["reason"][0]
    assert np.isnan(short.table["cost_total"][0]) == (short.table["status"][0] == "no_solution")
    assert same.summary["reused"] == 1
    assert (more.table["status"][0], more.summary["reused"]) == ("optimal", 0)
    assert sweep(hard, grid, tmp_path, gap=0.01, time_limit=1).summary["reused"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"keep": "all"}, 'keep is "kpis" or "solutions", not "all"'),
        ({"gap": -1}, "a gap is a share of at least 0"),
        ({"gap": float("nan")}, "a gap is a share of at least 0"),
        ({"time_limit": 0}, "a time limit is a number of seconds above 0"),
        ({"workers": 0}, "workers is a whole number of at least 1"),
    ],
)
def test_arguments_without_sense_are_refused(tmp_path, options, said):
    """Before anything is read or written."""
    with pytest.raises(InputError, match=said):
        sweep(town(), NINE, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    """The message names it."""
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="out can't be written to"):
        sweep(town(), NINE, tmp_path / "out")


BAD_GRIDS = {
    "no TOML": ("[axes", "is not valid TOML"),
    "nothing": ("", "holds no run"),
    "no key": ("[axes]", "holds no run"),
    "unknown section": ("[axis]\nlandfill_tax = [1]", 'axis is no part of a grid; did you mean "axes"?'),
    "unknown key": ("[axes]\npolicy.carbon_price = [1]", 'did you mean "carbon_price_eur_per_t"?'),
    "unknown lever": ("[axes]\nlandfil_tax = [1]", 'did you mean "landfill_tax"?'),
    "unknown class": ("[axes]\nlandfill_tax.inertt = [1]", 'did you mean "inert"?'),
    "unknown column": ("[axes]\nmodes.truck.eur_tkm = [1]", 'did you mean "eur_per_tkm"?'),
    "unknown row": ("[axes]\nmodes.trukc.eur_per_tkm = [1]", 'did you mean "truck"?'),
    "unknown scale": ("[axes.scale]\n'demands.ned_per_yr' = [1]", 'did you mean "need_per_yr"?'),
    "no list": ("[axes]\nlandfill_tax = 5", "is a list or a range"),
    "a word for a list": ("[axes]\ntitle = 'dear'", "is a list or a range"),
    "empty list": ("[axes]\nlandfill_tax = []", "is an empty list"),
    "no number": ("[axes]\nlandfill_tax = [nan]", "is set to a finite number"),
    "a date": ("[axes]\nlandfill_tax = [2030-01-01]", "is set to a finite number"),
    "a table": ("[axes]\nlandfill_tax = [{a = 1}]", "is set to a finite number"),
    "half a range": ("[axes]\nlandfill_tax = { from = 1, to = 2 }", "either step or count"),
    "two widths": ("[axes]\nlandfill_tax = { from = 1, to = 2, step = 1, count = 2 }", "either step or count"),
    "unknown part": ("[axes]\nlandfill_tax = { from = 1, to = 2, stepp = 1 }", 'did you mean "step"?'),
    "backwards": ("[axes]\nlandfill_tax = { from = 2, to = 1, step = 1 }", "runs from 2 up to 1"),
    "no step": ("[axes]\nlandfill_tax = { from = 1, to = 2, step = 0 }", "has a step of 0"),
    "half a count": ("[axes]\nlandfill_tax = { from = 1, to = 2, count = 1.5 }", "has a count of 1.5"),
    "a word in it": ("[axes]\nlandfill_tax = { from = 'low', to = 2, count = 2 }", "from is a number"),
    "endless": ("[axes]\nlandfill_tax = { from = 1, to = inf, step = 1 }", "to is a number"),
    "too many values": ("[axes]\nlandfill_tax = { from = 0, to = 1e9, step = 1e-9 }", "runs are the most"),
    "too many runs": (
        "[axes]\nlandfill_tax = { from = 1, to = 999, step = 1 }\ncarbon_price = { from = 1, to = 999, step = 1 }",
        "asks for 998,001 runs",
    ),
    "no axes": ("axes = 5", "is a section"),
    "no runs": ("runs = 5", "is a list"),
    "no run": ("runs = [5]", "is a table of keys and values"),
    "unknown key of a run": ("[[runs]]\ncarbon_prize = 5", 'did you mean "carbon_price"?'),
    "transport without a file": ("[[runs]]\ntransport = 'toll'", "names no file"),
    "no transport": ("transport = 5", "is a section"),
    "no file": ("[transport]\nnames = ['toll']", "names a file"),
    "no such file": ("[transport]\nfile = 'gone.toml'", "gone.toml can't be read"),
    "a file with a null": ("[transport]\nfile = \"a\\u0000b\"", "transport.file"),
    "unknown transport": ("[transport]\nfile = 'transport.toml'\nnames = ['tol']", 'did you mean "toll"?'),
    "unknown transport of a run": (
        "[transport]\nfile = 'transport.toml'\n[[runs]]\ntransport = 'tol'", 'did you mean "toll"?'
    ),
    "unknown part of transport": ("[transport]\nfiles = 'transport.toml'", 'did you mean "file"?'),
    "no names": ("[transport]\nfile = 'transport.toml'\nnames = 'toll'", "is a list of names"),
    "a bad transport": ("[transport]\nfile = 'bad.toml'", "bad.toml toll.tol_eur_per_km"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_GRIDS)
def test_a_wrong_grid_is_told_before_anything_runs(tmp_path, case):
    """The file, the key, what is wrong with it and the nearest that is right."""
    text, said = BAD_GRIDS[case]
    (tmp_path / "grid.toml").write_text(text, encoding="utf-8")
    (tmp_path / "transport.toml").write_text("[toll]\ntoll_eur_per_km = 1\n", encoding="utf-8")
    (tmp_path / "bad.toml").write_text("[toll]\ntol_eur_per_km = 1\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        sweep(town(), tmp_path / "grid.toml", tmp_path / "out")

    assert said in " ".join(str(refused.value).split())
    assert not (tmp_path / "out").exists()


def test_everything_wrong_in_a_grid_is_told_at_once(tmp_path):
    """Three wrong keys are three problems; a file that is not there, or no text, is told too."""
    with pytest.raises(ScenarioError) as refused:
        read_grid({"axes": {"landfil_tax": [1], "modes.trukc.eur_per_t": [1]}, "runs": [{"polisy.x": 1}]}, town())
    assert len(refused.value.problems) == 3
    with pytest.raises(InputError, match="can't be read"):
        read_grid(tmp_path / "gone.toml", town())
    (tmp_path / "grid.toml").write_bytes(b"\xff\xfe\xff\xfe\x00")
    with pytest.raises(ScenarioError):
        read_grid(tmp_path / "grid.toml", town())
    (tmp_path / "grid.toml").write_bytes(b"\xef\xbb\xbf[axes]\r\nlandfill_tax = [1]\r\n")  # as Excel's neighbours do
    assert read_grid(tmp_path / "grid.toml", town()).count == 1


HOSTILE = ('=cmd|"/c calc"!A1', "../../out", "<script>alert(1)</script>", "a;b, 1,5", "🚚\ttab", "two\nlines", "'", "")


def test_hostile_names_stay_what_they_are(tmp_path):
    """Values and rows with formulas, paths, scripts and quotes: in the table as given, no file but where it belongs."""
    mode = '=1+1;"x" <b>../🚚'
    scenario = town(modes=[{"mode": mode, "eur_per_t": 14, "setup_eur_per_yr": 300}])
    key = f"modes.{mode}.eur_per_t"
    found = sweep(scenario, {"axes": {"title": list(HOSTILE), key: [0.125]}}, tmp_path / "out", gap=0, keep="solutions")
    as_csv = pd.read_csv(tmp_path / "out" / "sweep.csv", keep_default_na=False)

    assert (found.table["status"] == "optimal").all()
    for table in (found.table, as_csv, pd.read_parquet(tmp_path / "out" / "sweep.parquet")):
        assert list(table["title"]) == list(HOSTILE)
        assert list(table[key]) == [0.125] * len(HOSTILE)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.parent.name in {"out", "runs"}}
    runs = set(found.table["run"])
    assert names == {"sweep.csv", "sweep.parquet", "summary.json", "runs"} | runs | {f"{run}.json" for run in runs}


# stopped, killed and resumed


def test_nothing_is_done_twice_and_a_change_is_done_anew(tmp_path):
    """The same again reuses all three; a longer axis does what is new; another scenario or gap does everything."""
    taxes = {"axes": {"landfill_tax": [0, 5, 10]}}
    first = sweep(town(), taxes, tmp_path, gap=0)
    same = sweep(town(), taxes, tmp_path, gap=0, workers=2)
    longer = sweep(town(), {"axes": {"landfill_tax": [0, 5, 10, 20]}}, tmp_path, gap=0)
    dearer = sweep(town(streams=[stream("ash", "A", 200, own_disposal_route="landfill")]), taxes, tmp_path, gap=0)

    assert [found.summary["reused"] for found in (first, same, longer, dearer)] == [0, 3, 3, 0]
    pd.testing.assert_frame_equal(same.table, first.table, check_exact=True)
    assert list(longer.table["cost_total"]) == pytest.approx([cost(tax, 0) for tax in (0, 5, 10, 20)])
    assert not set(dearer.table["run"]) & set(longer.table["run"])
    assert dearer.table["cost_total"].iloc[0] == pytest.approx(200 * 10 + 80 * 2)
    assert sweep(town(), taxes, tmp_path, gap=0.5).summary["reused"] == 0
    assert sweep(town(), taxes, tmp_path, gap=0).summary["reused"] == 3


def test_half_written_files_are_ignored(nine, tmp_path):
    """A record cut short, one of another run, one that is no record, and leftovers: done again, or removed."""
    sweep(town(), NINE, tmp_path, gap=0)
    runs = list(nine.table["run"])
    path = tmp_path / "runs" / f"{runs[0]}.json"
    path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")
    (tmp_path / "runs" / f"{runs[1]}.json").write_text((tmp_path / "runs" / f"{runs[2]}.json").read_text(), "utf-8")
    (tmp_path / "runs" / f"{runs[3]}.json").write_text("[]", encoding="utf-8")
    leftover = tmp_path / "runs" / f".{runs[4]}.x"
    leftover.mkdir()
    (tmp_path / "runs" / "notes.txt").write_text("mine", encoding="utf-8")
    again = sweep(town(), NINE, tmp_path, gap=0)

    assert again.summary["reused"] == 6
    pd.testing.assert_frame_equal(answer(again.table), answer(nine.table), check_exact=True)
    assert not leftover.exists()
    assert (tmp_path / "runs" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_listener_hears_how_far_it_is_and_may_stop_it(nine, tmp_path):
    """Stopped after three runs: they are kept, the others say that they were not run; resumed, the table is whole."""
    heard = []

    def stop(progress):
        heard.append(progress)
        return progress.done >= 3

    stopped = sweep(town(), NINE, tmp_path, gap=0, on_progress=stop)
    done = stopped.table["status"] == "optimal"

    assert stopped.interrupted
    assert stopped.summary["interrupted"]
    assert done.sum() == 3
    assert set(stopped.table.loc[~done, "status"]) == {"not_run"}
    assert (stopped.table.loc[~done, "reason"] != "").all()
    assert stopped.table.loc[~done, "cost_total"].isna().all()
    assert "stopped before all were run" in str(stopped)
    assert heard[0].left_s is None
    assert heard[-1].left_s > 0
    assert (heard[-1].done, heard[-1].total) == (3, 9)
    assert any("landfill_tax=0, carbon_price=" in told for progress in heard for told in progress.current)
    whole = sweep(town(), NINE, tmp_path, gap=0)
    assert whole.summary["reused"] == 3
    pd.testing.assert_frame_equal(answer(whole.table), answer(nine.table), check_exact=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done(nine, tmp_path, monkeypatch, workers):
    """Ctrl-C in the third run: two are kept, that one is marked, and nothing of it is reused."""
    monkeypatch.setenv("RUNS_BEGUN", str(tmp_path / "begun"))
    monkeypatch.setattr(sweeps, "run_point", slow_point)

    def press(progress):
        if progress.done == 2 and progress.current and not pressed:
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    pressed = []
    stopped = sweep(town(), NINE, tmp_path, gap=0, workers=workers, on_progress=press)
    statuses = Counter(stopped.table["status"])

    assert stopped.interrupted
    assert statuses["optimal"] == 2
    assert 1 <= statuses["interrupted"] <= workers
    assert statuses["optimal"] + statuses["interrupted"] + statuses["not_run"] == 9
    monkeypatch.undo()
    assert sweep(town(), NINE, tmp_path, gap=0).summary["reused"] == 2


SCRIPT = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from jobs import slow_point
from test_sweep import NINE, town
from isopt.studies import sweep as sweeps

if __name__ == "__main__":
    sweeps.run_point = slow_point
    sweeps.sweep(town(), NINE, sys.argv[1], gap=0, workers=int(sys.argv[2]), keep="solutions")
"""


def test_ctrl_c_in_a_terminal_meets_the_workers_too(tmp_path):
    """Sent to all processes while two of them start: no traceback, and a table of what was done until then."""
    script = SCRIPT.replace("    sweeps.run_point = slow_point", "    print('begun', flush=True)")
    (tmp_path / "main.py").write_text(script, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "main.py"), str(tmp_path / "out"), "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        process.stdout.readline()
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert (process.returncode, said) == (0, "")
    table = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert set(table["status"]) <= {"not_run", "interrupted", "optimal"}
    assert "not_run" in set(table["status"])


@pytest.mark.parametrize(("workers", "kills"), [(1, (1, 3)), (2, (3,))])
def test_killed_at_a_random_moment_and_resumed_nothing_is_lost_or_done_twice(
    nine, tmp_path, monkeypatch, workers, kills
):
    """SIGKILL: no run that had ended begins again, no other record is left, and the table is that of nine runs."""
    (tmp_path / "main.py").write_text(SCRIPT, encoding="utf-8")
    log, out = tmp_path / "begun", tmp_path / "out"
    monkeypatch.setenv("RUNS_BEGUN", str(log))
    log.touch()
    before: set[str] = set()
    for wanted in kills:
        begun = len(log.read_text(encoding="utf-8").split())
        with subprocess.Popen([sys.executable, str(tmp_path / "main.py"), str(out), str(workers)]) as process:
            while len(log.read_text(encoding="utf-8").split()) < begun + wanted and process.poll() is None:
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
        time.sleep(0.5)  # its workers go too
        again = log.read_text(encoding="utf-8").split()[begun:]
        assert not before & set(again)
        assert len(set(again)) == len(again)
        ended = {path.stem for path in (out / "runs").glob("[0-9a-f]*.json")}
        assert before <= ended
        before = ended
    monkeypatch.setattr(sweeps, "run_point", slow_point)
    begun = len(log.read_text(encoding="utf-8").split())
    whole = sweep(town(), NINE, out, gap=0, keep="solutions")
    last = log.read_text(encoding="utf-8").split()[begun:]

    assert whole.summary["reused"] == len(before)
    assert sorted([*before, *last]) == sorted(nine.table["run"])
    pd.testing.assert_frame_equal(answer(whole.table), answer(nine.table), check_exact=True)
    assert {path.name for path in (out / "runs").iterdir()} == {
        name for run in whole.table["run"] for name in (run, f"{run}.json")
    }


# warm and cold

#: A key of each kind that leaves the candidates as they are, and the values of ten runs.
PRICES_AND_AMOUNTS = {
    "landfill_tax": (0.0, 90.0),
    "carbon_price": (0.0, 150.0),
    "subsidy": (0.0, 9.0),
    "scale.streams.supply_per_yr": (0.5, 1.0),
    "scale.demands.need_per_yr": (0.5, 1.0),
    "scale.demands.virgin_eur_per_unit": (0.2, 2.0),
    "scale.modes.eur_per_tkm": (0.1, 5.0),
    "scale.modes.kgco2_per_tkm": (0.1, 5.0),
    "limits.exchanges_max": (1.0, 5.0),
    "economics.discount_rate": (0.0, 0.1),
}


@pytest.mark.parametrize("key", PRICES_AND_AMOUNTS)
def test_candidates_that_are_kept_are_those_that_would_be_found(key):
    """In a rich scenario drawn at random: with prices and amounts changed, a fresh search finds the links kept."""
    rng = random.Random(key)
    scenario = scenario_of(rng.randrange(2**16), {"disposals", "setup", *rng.sample(sorted(FEATURES), 7)} - {"scale"})
    low, high = PRICES_AND_AMOUNTS[key]
    value = rng.uniform(low, high)
    point = Point({key: round(value) if key.endswith("max") else value})
    assert keeps_candidates(key)
    bench = Bench(Region(scenario))
    variant = variant_at(scenario, point.at)
    fresh = instance_of(variant)
    kept = instance_of(variant, candidates=bench.candidates(point, variant))

    assert kept.tally == fresh.tally
    for one, other in ((kept.links, fresh.links), (kept.outlets, fresh.outlets), (kept.openings, fresh.openings)):
        for name, values in vars(one).items():
            np.testing.assert_array_equal(values, getattr(other, name))


@pytest.mark.parametrize(("gap", "warm"), [(0, False), (1e-6, True)])
def test_warm_runs_say_what_cold_ones_say(nine, tmp_path, monkeypatch, gap, warm):
    """Cold, or warm and from the plan of the town as it is: the statuses and KPIs of nine runs with candidates kept."""
    started = []
    monkeypatch.setattr(Bench, "start", lambda *given, start=Bench.start: started.append(start(*given)) or started[-1])
    other = sweep(town(), NINE, tmp_path, gap=gap, warm=warm).table

    assert list(other["status"]) == ["optimal"] * 9
    assert [plan is not None for plan in started] == [gap > 0] * 9
    numbers = [name for name in other.columns if name not in ("run", "status", "reason", "seconds", "gap")]
    pd.testing.assert_frame_equal(other[numbers], nine.table[numbers], rtol=1e-9)


def test_the_plan_to_start_from_is_a_plan_of_the_variant():
    """With another price the plan of the town as it is still holds: its value is known before anything is searched."""
    from isopt.formulation import build
    from isopt.solver.compile import standard_form
    from isopt.solver.highs import holds

    make = Bench(with_plan(Region(town(), gap=0.01, start=True), lambda: False)).start()
    dear = variant_at(town(), {"landfill_tax": 20})
    form = standard_form(build(instance_of(dear)))
    start = make(form)

    assert holds(form, start)
    assert form.value(start) == pytest.approx(100 * 30 + 80 * 2)  # apart, as without a tax


@pytest.mark.parametrize(
    "key",
    ["reach.max_km", "modes.truck.max_km", "scale.modes.detour", "policy.landfill_ban", "routing.truck", "reach.nearest",
     "streams.ash.material", "links.A|D||truck.status", "rules.x.permit_eur_per_yr", "modes.truck.states"],
)  # fmt: skip
def test_what_may_change_the_candidates_has_them_found_again(key):
    """Reach, ways, bans, routers and what things are."""
    assert not keeps_candidates(key)
    assert Bench(Region(town())).candidates(Point({key: 1}), town()) is None


def test_a_worker_of_another_version_refuses():
    """What it would say could be another answer."""
    with pytest.raises(IsoptError, match="install the same"):
        prepare(Region(town(), version="0.0.1"))
