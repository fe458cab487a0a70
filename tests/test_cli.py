"""The command line: exit codes, messages, JSON and files, as a planner and a script meet them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isopt.cli import main, parser
from isopt.cli.overrides import overridden, parse
from isopt.cli.parser import parser as make_parser
from isopt.errors import InputError, ScenarioError
from isopt.scenario import Scenario, read, write

ROOT = Path(__file__).resolve().parents[1]

FILES = {
    "facilities.csv": "facility,name,lat,lon\nA,Mill,0,0\nB,Works,0,1\n",
    "materials.csv": "material,unit,state,disposal_class\nw,t,solid,non_hazardous\n",
    "streams.csv": "stream,facility,material,supply_per_yr,own_disposal_eur_per_unit\ns,A,w,100,50\n",
    "demands.csv": "demand,facility,material,need_per_yr,virgin_eur_per_unit\nd,B,w,60,30\n",
    "modes.csv": "mode,network,eur_per_tkm,detour\ntruck,straight,0.1,1.2\n",
    "scenario.toml": 'title = "Two firms"\n[policy]\nlandfill_tax_eur_per_t = { non_hazardous = 95 }\n',
}


def folder(where: Path, **changed: str) -> Path:
    """Write the scenario of two firms, some of its files (name with an underscore for the dot) written otherwise."""
    files = FILES | {name.replace("__", "."): text for name, text in changed.items()}
    where.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (where / name).write_text(text, encoding="utf-8")
    return where


@pytest.fixture
def two_firms(tmp_path: Path) -> Path:
    """A mill with 100 t to landfill and a works that buys 60 t, a degree of longitude apart."""
    return folder(tmp_path / "two_firms")


@pytest.fixture
def solved(two_firms: Path, tmp_path: Path) -> Path:
    """Results of the two firms."""
    assert main(["solve", str(two_firms), "-o", str(tmp_path / "out"), "--quiet"]) == 0
    return tmp_path / "out"


# help


def commands() -> list[list[str]]:
    """Every command, with those below `import`."""
    return [[c] for c in ("new", "check", "links", "solve", "audit", "map", "compare", "import")] + [["import", "sepa"]]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_of_every_command_holds_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`isopt COMMAND --help` ends with a line that can be typed, and that line is understood."""
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    examples = shown[shown.index("examples\n") + 9 :].replace("\\\n", " ").splitlines()
    typed = [line.split()[1:] for line in examples if line.strip().startswith("isopt ")]
    assert typed
    for arguments in typed:
        assert make_parser().parse_args(arguments).command == command[0]


def test_help_does_not_load_the_engine() -> None:
    """`isopt --help` answers without pandas, Pyomo or folium in memory."""
    heavy = ["pandas", "numpy", "scipy", "pyomo", "highspy", "folium", "geopandas"]
    code = (
        "import sys\nfrom isopt.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({heavy}) & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stderr.strip() == "[]"
    assert "exit codes" in ran.stdout


def test_unknown_command_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    """A word that is no command ends with code 2 and the list of commands."""
    with pytest.raises(SystemExit) as ended:
        main(["sovle", "x"])
    assert ended.value.code == 2
    assert "solve" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"), [("--gap", "2"), ("--gap", "x"), ("--time-limit", "0"), ("--threads", "0")]
)
def test_numbers_out_of_range_are_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A gap above 1 or a time of 0 s is a slip, not a wish."""
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["solve", "x", option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err


# solve


def test_solve_ends_with_a_summary_and_the_paths(
    two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last lines say how it went, what is saved against the baseline, and what to open."""
    out = tmp_path / "out"

    assert main(["solve", str(two_firms), "-o", str(out)]) == 0

    shown = capsys.readouterr().out
    # before: 100 t disposed of at 50 + 95, 60 t bought at 30; now 40 t disposed of, 60 t hauled 133.4 km at 0.1
    for words in ("optimal", "6,601", "16,300", "9,699", str(out / "map.html"), str(out / "report.html")):
        assert words in shown
    assert all((out / name).is_file() for name in ("map.html", "report.html", "summary.json", "kpis.csv", "firms.csv"))


def test_solve_json_is_one_document_and_nothing_else(
    two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--json` prints what stands in summary.json."""
    assert main(["solve", str(two_firms), "-o", str(tmp_path / "out"), "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert document["status"] == "optimal"
    assert document["kpis"]["landfilled"] == {"value": pytest.approx(40), "unit": "t"}


def test_quiet_prints_nothing(two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--quiet` the files and the exit code are the answer."""
    assert main(["solve", str(two_firms), "-o", str(tmp_path / "out"), "--quiet"]) == 0

    assert capsys.readouterr() == ("", "")


def test_results_go_to_a_folder_of_the_scenarios_name(
    two_firms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `-o`, `isopt solve two_firms` writes out/two_firms."""
    monkeypatch.chdir(tmp_path)

    assert main(["solve", str(two_firms), "--quiet"]) == 0

    assert (tmp_path / "out" / "two_firms" / "summary.json").is_file()


def test_infeasible_is_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit nobody can keep ends with code 3 and says so in the planner's words."""
    strict = folder(tmp_path / "strict", scenario__toml="[limits]\nlandfilled_t_per_yr = 1\n")

    assert main(["solve", str(strict), "-o", str(tmp_path / "out")]) == 3

    assert "infeasible" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["status"] == "infeasible"


def test_options_override_the_file(two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--set` on a setting by class and on a cell, both in one solve."""
    without = ["--set", "policy.landfill_tax_eur_per_t.non_hazardous=0", "--set", "modes.truck.eur_per_tkm=0.2"]

    assert main(["solve", str(two_firms), "-o", str(tmp_path / "out"), "--json", *without]) == 0

    kpis = json.loads(capsys.readouterr().out)["kpis"]
    # own disposal 50 and purchase 30 saved per tonne, haulage 0.2 x 133.4 = 26.7: the exchange still pays
    assert kpis["landfill_tax"]["value"] == 0
    assert kpis["cost_haulage"]["value"] == pytest.approx(2 * 800.6045776814369)


def test_exit_codes_are_those_of_the_contract() -> None:
    """0 a solution, 3 infeasible, 4 none in time, 130 interrupted, unless it is proven that nothing works."""
    from isopt.cli.commands import exit_code

    codes = {
        (status, stopped): exit_code(status, interrupted=stopped) for status in STATUSES for stopped in (False, True)
    }
    assert codes == {
        ("optimal", False): 0,
        ("optimal", True): 130,
        ("feasible", False): 0,
        ("feasible", True): 130,
        ("infeasible", False): 3,
        ("infeasible", True): 3,
        ("no_solution", False): 4,
        ("no_solution", True): 130,
    }


STATUSES = ("optimal", "feasible", "infeasible", "no_solution")


# bad input


def test_every_problem_is_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two files with a mistake each: both are named with row, column and the likely fix, and no traceback is seen."""
    broken = folder(
        tmp_path / "broken",
        streams__csv="stream,facility,material,supply_per_yr\ns,a,w,lots\n",
        demands__csv="demand,facility,material,need\nd,B,w,60\n",
    )

    assert main(["check", str(broken)]) == 2

    said = capsys.readouterr().err
    assert "broken has 3 problems" in said or "broken has 4 problems" in said
    assert "streams.csv row 2" in said
    assert '"lots" is not a number' in said
    assert 'did you mean "A"?' in said
    assert "need_per_yr" in said
    assert "Traceback" not in said


def test_problems_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script gets file, row, column and message of each problem."""
    broken = folder(tmp_path / "broken", streams__csv="stream,facility,material,supply_per_yr\ns,A,w,lots\n")

    assert main(["check", str(broken), "--json"]) == 2

    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("streams.csv", 2, "supply_per_yr")


@pytest.mark.parametrize(
    "command", [["check"], ["links"], ["solve"], ["audit"], ["map"], ["compare", "nowhere"]], ids=str
)
def test_a_folder_that_is_not_there_is_bad_input(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command names the folder it was given."""
    assert main([*command, "nowhere"]) == 2

    said = capsys.readouterr()
    assert "nowhere" in said.err
    assert said.out == ""


def test_results_do_not_replace_a_file(two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`-o` that names a file is refused before any solving."""
    (tmp_path / "taken").write_text("mine", encoding="utf-8")

    assert main(["solve", str(two_firms), "-o", str(tmp_path / "taken")]) == 2

    assert "taken is a file" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_a_bug_is_not_blamed_on_the_input(
    two_firms: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of isopt's own has an exit code of its own, and `--debug` shows where it arose."""

    def broken(_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("isopt.read", broken)

    assert main(["check", str(two_firms)]) == 70
    assert "isopt has a bug" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        main(["check", str(two_firms), "--debug"])


# check, links


def test_check_counts_rows_and_candidates(two_firms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario in order: rows of each table, and how many links it gives rise to."""
    assert main(["check", str(two_firms), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["rows"]["facilities"] == 2
    assert found["candidates"] == 1
    assert found["problems"] == []


def test_check_finds_what_shows_only_between_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A firm without coordinates is found out when its distance is needed."""
    nowhere = folder(tmp_path / "x", facilities__csv="facility,name,lat,lon\nA,Mill,0,0\nB,Works,,\n")

    assert main(["check", str(nowhere)]) == 2
    assert "B" in capsys.readouterr().err


def test_links_are_counted_and_written(two_firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table of candidates has a row per link, with its distance: a degree of longitude x 1.2."""
    target = tmp_path / "deep" / "links.csv"

    assert main(["links", str(two_firms), "-o", str(target), "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["candidates"] == 1
    table = pd.read_csv(target)
    assert table["distance_km"].tolist() == [pytest.approx(111.19508 * 1.2, rel=1e-6)]
    assert [path.name for path in target.parent.iterdir()] == ["links.csv"]


def test_links_say_why_a_pair_is_no_candidate(two_firms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Out of reach is a reason that is counted."""
    assert main(["links", str(two_firms), "--set", "reach.max_km=50"]) == 0

    assert "0" in (shown := capsys.readouterr().out)
    assert "max_km" in shown or "reach" in shown


# audit, map, compare


def test_audit_of_what_solve_wrote_passes(solved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder is enough to check every figure again."""
    assert main(["audit", str(solved)]) == 0
    assert "passed" in capsys.readouterr().out


def test_audit_names_a_figure_that_was_changed(solved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tonne more in one table is found, with code 1."""
    flows = pd.read_csv(solved / "flows.csv")
    flows.loc[0, ["sent", "arrived"]] += 1
    flows.to_csv(solved / "flows.csv", index=False)

    assert main(["audit", str(solved), "--json"]) == 1

    report = json.loads(capsys.readouterr().out)
    assert report["passed"] is False
    assert report["problems"]


def test_map_is_drawn_again_where_asked(solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`isopt map OUT -o FILE` writes one page and says where."""
    assert main(["map", str(solved), "-o", str(tmp_path / "again.html")]) == 0

    assert capsys.readouterr().out.strip() == str(tmp_path / "again.html")
    assert "Two firms" in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_compare_names_the_exchange_that_closed(
    two_firms: Path, solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 3 EUR per t-km haulage costs 400 EUR/t against 175 saved: it closes, and 60 t more are landfilled."""
    assert (
        main(["solve", str(two_firms), "-o", str(tmp_path / "dear"), "--quiet", "--set", "modes.truck.eur_per_tkm=3"])
        == 0
    )

    assert main(["compare", str(solved), str(tmp_path / "dear"), "--json", "-o", str(tmp_path / "differ.csv")]) == 0

    found = json.loads(capsys.readouterr().out)
    landfilled = next(
        row for row in found["kpis"] if row["kpi"] == "landfilled" and row.get("year", "total") == "total"
    )
    assert landfilled["difference"] == pytest.approx(60)
    assert [(row["exchange"], row["change"]) for row in found["exchanges"]] == [("A>B|truck|w", "closed")]
    assert len(pd.read_csv(tmp_path / "differ.csv")) == 1


# new, import


def test_new_writes_a_scenario_that_solves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The template is in order as it stands, so that a first solve needs no editing."""
    assert main(["new", str(tmp_path / "mine")]) == 0
    assert main(["check", str(tmp_path / "mine")]) == 0
    assert main(["solve", str(tmp_path / "mine"), "-o", str(tmp_path / "out"), "--quiet"]) == 0


def test_new_can_leave_the_rows_to_the_user(tmp_path: Path) -> None:
    """`--empty` writes headers only."""
    assert main(["new", str(tmp_path / "mine"), "--empty"]) == 0

    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (tmp_path / "mine").glob("*.csv")
    }
    assert set(lines.values()) == {1}
    assert "streams.csv" in lines


def test_new_does_not_overwrite(two_firms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with files in it stays as it is."""
    assert main(["new", str(two_firms)]) == 2
    assert (two_firms / "streams.csv").read_text(encoding="utf-8") == FILES["streams.csv"]


def test_import_sepa_makes_a_folder_that_solves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sites and flows around Falkirk become a scenario with a README that states the assumptions."""
    shared = ROOT.parent / "shared" / "data" / "scotland_sepa"
    if not shared.is_dir():
        pytest.skip("shared/data/scotland_sepa is not beside the repository")
    sites, flows = shared / "waste-site-io.csv", shared / "waste-site-material-io.csv"
    box = ["55.95", "-3.85", "56.05", "-3.65"]
    made = tmp_path / "falkirk"

    assert main(["import", "sepa", str(sites), str(flows), "--year", "2018", "--bbox", *box, "-o", str(made)]) == 0

    assert (made / "README.md").is_file()
    assert main(["check", str(made)]) == 0


# --set


@pytest.fixture
def scenario(two_firms: Path) -> Scenario:
    """The two firms as read."""
    return read(two_firms)


@pytest.mark.parametrize(
    ("assignment", "holds"),
    [
        ("policy.carbon_price_eur_per_t=90", lambda s: s.settings.policy.carbon_price_eur_per_t == 90),
        ("policy.landfill_tax_eur_per_t.inert=5", lambda s: dict(s.settings.policy.landfill_tax_eur_per_t) == TAXES),
        ("policy.carbon_scope=['virgin']", lambda s: s.settings.policy.carbon_scope == ("virgin",)),
        ("reach.only_listed = true", lambda s: s.settings.reach.only_listed),
        ("limits.landfilled_t_per_yr=1e3", lambda s: s.settings.limits.landfilled_t_per_yr == 1000),
        ("limits.landfilled_t_per_yr=none", lambda s: s.settings.limits.landfilled_t_per_yr is None),
        ("minimise.what=co2", lambda s: s.settings.minimise.what == "co2"),
        ("minimise.weights.co2=75", lambda s: dict(s.settings.minimise.weights) == {"co2": 75}),
        ("scale.streams.supply_per_yr=1.5", lambda s: s.at("streams", "supply_per_yr").tolist() == [[150.0]]),
        ("streams.s.supply_per_yr=80", lambda s: s.at("streams", "supply_per_yr").tolist() == [[80.0]]),
        ("title=Dear haulage", lambda s: s.title == "Dear haulage"),
        ("price_year=2030", lambda s: s.settings.price_year == 2030),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_set_reaches_every_kind_of_key(scenario: Scenario, assignment: str, holds: object) -> None:
    """Settings, taxes by class, lists, switches, limits, factors and cells."""
    assert holds(overridden(scenario, [assignment]))


TAXES = {"non_hazardous": 95, "inert": 5}


def test_later_assignments_add_to_earlier_ones(scenario: Scenario) -> None:
    """Two classes of one tax, then the first again: all are kept, the last wins."""
    key = "policy.landfill_tax_eur_per_t"
    taxed = overridden(scenario, [f"{key}.inert=5", f"{key}.hazardous=200", f"{key}.inert=6"])

    assert dict(taxed.settings.policy.landfill_tax_eur_per_t) == {"non_hazardous": 95, "inert": 6, "hazardous": 200}


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("carbon=90", 'no section or table "carbon"'),
        ("polisy.carbon_price_eur_per_t=90", 'did you mean "policy"?'),
        ("policy.carbon_price=90", 'did you mean "carbon_price_eur_per_t"?'),
        ("policy=90", "say which key"),
        ("policy.landfill_tax_eur_per_t=90", "by class, as in policy.landfill_tax_eur_per_t.inert=90"),
        ("policy.landfill_tax_eur_per_t.inertt=90", 'did you mean "inert"?'),
        ("policy.carbon_price_eur_per_t.inert=90", "is one value"),
        ("base=../other", "no section or table"),
        ("modes.eur_per_tkm=1", "modes.ID.COLUMN"),
        ("modes.truck.eur_tkm=1", 'did you mean "eur_per_tkm"?'),
        ("modes.trucks.eur_per_tkm=1", "truck"),
        ("policy.carbon_price_eur_per_t", "KEY=VALUE"),
        ("policy.carbon_price_eur_per_t=", "KEY=VALUE"),
        ("=90", "KEY=VALUE"),
    ],
)
def test_a_wrong_set_names_the_nearest_key(scenario: Scenario, assignment: str, said: str) -> None:
    """What is not known is named with what was likely meant."""
    with pytest.raises(InputError, match=r".+") as refused:
        overridden(scenario, [assignment])
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "assignment", ["policy.carbon_price_eur_per_t=dear", "solver.gap=-1", "streams.s.supply_per_yr=x"]
)
def test_a_value_is_checked_as_if_it_stood_in_the_file(scenario: Scenario, assignment: str) -> None:
    """A word for a number, or a number out of range, is a problem of the scenario."""
    with pytest.raises(ScenarioError) as refused:
        overridden(scenario, [assignment])
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "value"), [("1_000", 1000), ("inf", float("inf")), ('"90"', "90"), ("dear diesel", "dear diesel")]
)
def test_values_are_read_as_toml_or_as_words(text: str, value: object) -> None:
    """Quotes make a number a word; a bare word needs none."""
    assert parse(text) == value


# interrupting


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_no_traceback(two_firms: Path, tmp_path: Path) -> None:
    """A process that is interrupted says so in one line at most."""
    code = (
        "import signal, time, isopt, sys\nfrom isopt.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background begins deaf to Ctrl-C
        "isopt.read = lambda path: time.sleep(60)\nsys.exit(main(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "check", str(two_firms)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)

    assert process.returncode == 130
    assert said == "interrupted\n"


PRESS = """
import os, signal, sys
import isopt
from isopt.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
solve, pressed = isopt.solve, []


def stopped(scenario, **options):
    def press(progress):
        if progress.incumbent is not None and progress.seconds > 1 and not pressed:
            pressed.append(progress)
            os.kill(os.getpid(), signal.SIGINT)

    return solve(scenario, on_progress=press, **options)


isopt.solve = stopped
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_ctrl_c_during_a_search_writes_the_best_plan_so_far(tmp_path: Path) -> None:
    """Thirty firms each way with a price on every pair take minutes; the plan at Ctrl-C is whole and marked."""
    rng = np.random.default_rng(7)
    places = [
        {"facility": f"{kind}{i}", "lat": y, "lon": x} for kind in "SD" for i, (y, x) in enumerate(rng.random((30, 2)))
    ]
    firms = {
        "facilities": places,
        "materials": [{"material": "w"}],
        "streams": [{"stream": f"s{i}", "facility": f"S{i}", "material": "w", "supply_per_yr": 100} for i in range(30)],
        "demands": [{"demand": f"d{i}", "facility": f"D{i}", "material": "w", "need_per_yr": 100} for i in range(30)],
        "modes": [{"mode": "truck", "eur_per_tkm": 0.1, "setup_eur_per_yr": 400, "max_per_yr": 45}],
    }
    write(Scenario.of(firms), tmp_path / "many")

    ran = subprocess.run(
        [sys.executable, "-c", PRESS, "solve", str(tmp_path / "many"), "-o", str(tmp_path / "out"), "--gap", "0"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 130, ran.stderr
    assert "stopped early" in ran.stdout
    found = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert found["interrupted"] is True
    assert found["status"] == "feasible"
    assert found["bound"] < found["objective"]
    assert main(["audit", str(tmp_path / "out")]) == 0


def test_import_osm_makes_a_folder_to_complete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sites of an extract become facilities; check then names just what is left to fill in."""
    from osm_extract import Extract

    extract = Extract()
    extract.area((0, 0), 0.3, man_made="works", name="Portland Works", product="cement")
    extract.area((2, 1), 0.5, landuse="landfill", name="Tip")
    file = extract.write(tmp_path / "region.osm.pbf")

    assert main(["import", "osm", str(file), "-o", str(tmp_path / "region")]) == 0
    said = capsys.readouterr().out
    assert "2 facilities, 1 disposals" in said
    assert "left out" not in said
    assert main(["check", str(tmp_path / "region")]) == 2
    problems = capsys.readouterr().err
    assert "materials.csv" in problems
    assert "facilities.csv" not in problems


def test_terminals_are_proposed_and_opened_in_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ports near Sotenäs stand in a table; the copy reads, with a mode between them."""
    folder, copy = str(ROOT / "scenarios" / "sotenas"), tmp_path / "by-sea"

    assert main(["terminals", folder, "--kind", "port", "--within", "90", "-o", str(tmp_path / "ports.csv")]) == 0
    assert "lat" in capsys.readouterr().out
    assert (tmp_path / "ports.csv").read_text(encoding="utf-8").startswith("facility,")
    assert main(["terminals", folder, "--kind", "port", "--open", "ship"]) == 2
    assert "go together" in capsys.readouterr().err
    wide = ["--kind", "port", "--within", "120", "--nearest", "3"]
    assert main(["terminals", folder, *wide, "--open", "coaster", "--into", str(copy)]) == 0
    assert "coaster" in set(read(copy).modes["mode"])
    assert main(["terminals", folder, *wide, "--open", "coaster", "--into", str(copy)]) == 2


def test_transport_scenarios_are_solved_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A toll and the region as it is: a table, a folder each, and what differs as a map."""
    changes = tmp_path / "transport.toml"
    changes.write_text("[today]\n[toll]\ntoll_eur_per_km = 25\n", encoding="utf-8")
    out = tmp_path / "out"

    assert main(["transport", str(ROOT / "scenarios" / "two_firms"), str(changes), "-o", str(out)]) == 0
    assert "today" in capsys.readouterr().out
    assert (out / "toll" / "difference.html").exists()
    assert (out / "transport.csv").read_text(encoding="utf-8").count("\n") == 3
    assert main(["compare", str(out / "today"), str(out / "toll"), "--map", str(tmp_path / "d.html")]) == 0
    assert (tmp_path / "d.html").stat().st_size > 100_000


TWO_FIRMS = str(ROOT / "scenarios" / "two_firms")
DEAR = ["--set", "modes.truck.eur_per_tkm=2"]


def test_thresholds_are_found_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At 2 EUR/t-km the exchange pays from a tax of 60 x 2 + 3 - 45 - 12 = 66 EUR/t on."""
    out = tmp_path / "tax"

    assert main(["thresholds", TWO_FIRMS, *DEAR, "--to", "150", "--switching", "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["at"] for row in told["breakpoints"]] == [pytest.approx(66)]
    assert {path.name for path in out.iterdir()} >= {"thresholds.csv", "switching.csv", "networks", "summary.json"}
    assert main(["audit", str(out / "networks" / "n2")]) == 0
    assert main(["map", str(out / "networks" / "n2")]) == 0
    assert (out / "networks" / "n2" / "map.html").exists()
    assert main(["thresholds", TWO_FIRMS, "--lever", "landfill_taxes"]) == 2
    assert 'did you mean "landfill_tax"?' in capsys.readouterr().err


def test_the_plane_of_two_levers_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two networks share the box of tax and carbon price; a range that is none is named."""
    out = tmp_path / "plane"

    assert main(["plane", TWO_FIRMS, *DEAR, "--x", "landfill_tax", "0", "150", "-o", str(out)]) == 0
    assert "2 networks" in capsys.readouterr().out
    assert (out / "plane.gpkg").exists()
    assert main(["plane", TWO_FIRMS, "--x", "landfill_tax", "low", "high"]) == 2
    assert "two numbers" in capsys.readouterr().err


def test_fronts_alternatives_and_accounts_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each study ends with the paths of its tables."""
    assert main(["pareto", TWO_FIRMS, *DEAR, "-o", str(tmp_path / "front")]) == 0
    assert main(["alternatives", TWO_FIRMS, *DEAR, "--within", "5%", "-o", str(tmp_path / "near")]) == 0
    assert main(["solve", TWO_FIRMS, "-o", str(tmp_path / "plan"), "--quiet"]) == 0
    assert main(["account", str(tmp_path / "plan")]) == 0
    said = capsys.readouterr().out
    for file in ("front/pareto.csv", "near/alternatives.csv", "plan/policy"):
        assert str(tmp_path / file) in said
        assert (tmp_path / file).exists()


def test_a_sweep_is_run_and_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three taxes, three rows; a second call runs none of them again; a wrong key is named before anything runs."""
    grid = tmp_path / "grid.toml"
    grid.write_text("[axes]\nlandfill_tax = [0, 50, 100]\n", encoding="utf-8")
    call = ["sweep", TWO_FIRMS, str(grid), "-o", str(tmp_path / "out"), *DEAR]

    assert main(call) == 0
    assert (tmp_path / "out" / "sweep.csv").read_text(encoding="utf-8").count("\n") == 4
    capsys.readouterr()
    assert main(call) == 0
    assert "3 done before" in capsys.readouterr().out
    grid.write_text("[axes]\nlandfil_tax = [0]\n", encoding="utf-8")
    assert main(call) == 2
    assert "landfill_tax" in capsys.readouterr().err
