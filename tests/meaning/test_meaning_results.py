"""The contract's "Results": files, names, statuses and exit codes of `isopt solve FOLDER -o OUT`."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

import isopt
from isopt.cli import main
from isopt.cli.commands import exit_code
from isopt.scenario import write
from meaning.small import BEFORE, BEST, STREAM, approx, small, solved

KPIS = """
    cost_total cost_haulage cost_setup cost_treatment cost_plants cost_gate_fees cost_virgin landfill_tax carbon_payment
    subsidies co2_total co2_transport co2_treatment co2_disposal co2_virgin landfilled diverted exchanged virgin_saved
    hazardous_diverted water_saved heat_recovered exchanges plants_built capex tonne_km cost_saved co2_avoided
"""
NAMED = {"scenario", "status", "objective", "bound", "gap", "gap_on_savings", "seconds", "kpis", "baseline"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The two firms as a folder."""
    where = tmp_path_factory.mktemp("results") / "two_firms"
    write(small(title="Two firms"), where)
    return where


@pytest.fixture(scope="module")
def out(folder):
    """What `isopt solve` writes."""
    where = folder.parent / "out"
    assert main(["solve", str(folder), "-o", str(where), "--quiet"]) == 0
    return where


@pytest.fixture(scope="module")
def summary(out):
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def test_kpis_have_the_names_of_the_contract():
    """KPI names, all of them and in order."""
    assert list(dict.fromkeys(solved().kpis["kpi"])) == KPIS.split()


def test_the_files_of_the_contract_are_written(out):
    """summary.json, seven tables, the layers, the map and the report."""
    tables = ("kpis", "exchanges", "plants", "disposal", "virgin", "firms")
    names = {"summary.json", "solution.gpkg", "map.html", "report.html", *(f"{table}.csv" for table in tables)}

    assert names <= {path.name for path in out.iterdir()}


def test_the_summary_has_the_keys_of_the_contract(summary):
    """scenario, status, objective, bound, gap, gap_on_savings, seconds, kpis, baseline, warnings, versions, inputs."""
    assert NAMED | {"warnings", "versions", "inputs"} <= set(summary)
    assert (summary["scenario"], summary["status"]) == ("Two firms", "optimal")
    assert summary["objective"] == approx(BEST)
    assert summary["bound"] <= summary["objective"] + 1e-6
    assert summary["kpis"]["cost_total"] == {"value": approx(BEST), "unit": "EUR"}
    assert summary["baseline"]["kpis"]["cost_total"]["value"] == approx(BEFORE)
    assert all(seconds >= 0 for seconds in summary["seconds"].values())
    assert "isopt" in summary["versions"]


def test_the_summary_names_every_input_with_its_sha256(folder, summary):
    """inputs{file: sha256}."""
    told = {Path(name).name: digest for name, digest in summary["inputs"].items()}
    due = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}

    assert told == due


def test_kpis_csv_has_a_year_column_beside_the_total(out):
    """kpis.csv: kpi, year, value, unit; a total and a row per year."""
    with (out / "kpis.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert list(rows[0]) == ["kpi", "year", "value", "unit"]
    assert [row["year"] for row in rows if row["kpi"] == "cost_total"] == ["total", "2030"]


def test_the_layers_are_the_tables(out):
    """solution.gpkg with the same as layers."""
    import pyogrio

    layers = {name for name, _ in pyogrio.list_layers(out / "solution.gpkg")}

    assert {"exchanges", "disposal", "virgin"} <= layers
    assert len(pyogrio.read_dataframe(out / "solution.gpkg", layer="exchanges")) == 1


def test_note_and_source_are_carried_into_results(tmp_path):
    """note and source are kept and carried into results."""
    links = [{"from_facility": "A", "to_facility": "B", "note": "by hand", "source": "a visit"}]
    solution = solved(links=links, demands={"d": {"note": "as of May"}})

    assert solution.exchanges[["note", "source"]].to_numpy().tolist() == [["by hand", "a visit"]]
    assert solution.virgin["note"].tolist() == ["as of May"]


@pytest.mark.parametrize(
    ("parts", "code", "status"),
    [
        ({}, 0, "optimal"),
        ({"streams": [STREAM | {"own_disposal_eur_per_unit": None}]}, 3, "infeasible"),
    ],
    ids=["solved", "infeasible"],
)
def test_exit_codes_of_answers(parts, code, status, tmp_path):
    """0: a solution; 3: infeasible."""
    write(small(**parts), tmp_path / "case")

    assert main(["solve", str(tmp_path / "case"), "-o", str(tmp_path / "out"), "--quiet"]) == code
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["status"] == status


@pytest.mark.parametrize(
    ("status", "interrupted", "code"),
    [("feasible", False, 0), ("no_solution", False, 4), ("feasible", True, 130), ("no_solution", True, 130)],
)
def test_exit_codes_of_searches_that_stop_early(status, interrupted, code):
    """0: a solution, proven or not; 4: none found in time; 130: interrupted."""
    assert exit_code(status, interrupted=interrupted) == code


def test_bad_input_is_exit_code_2(tmp_path, capsys):
    """2: bad input, said so."""
    write(small(), tmp_path / "case")
    (tmp_path / "case" / "modes.csv").write_text("mode,eur_per_km\ntruck,1\n", encoding="utf-8")

    assert main(["solve", str(tmp_path / "case"), "-o", str(tmp_path / "out")]) == 2
    assert "eur_per_km" in capsys.readouterr().err
    assert not (tmp_path / "out" / "summary.json").exists()


def test_an_unknown_column_is_an_error_that_names_the_nearest_known_one():
    """Other unknown columns are errors that name the nearest known one."""
    with pytest.raises(isopt.ScenarioError, match='did you mean "supply_per_yr"'):
        isopt.Scenario.of(
            {
                "facilities": [{"facility": "A"}],
                "materials": [{"material": "w"}],
                "streams": [{"stream": "s", "suply_per_yr": 1}],
            }
        )


def test_options_override_the_file(folder, tmp_path, monkeypatch):
    """--gap, --time-limit and --set override the file."""
    solve, asked = isopt.solve, {}
    monkeypatch.setattr(isopt, "solve", lambda scenario, **how: asked.update(how) or solve(scenario, **how))
    options = ["--gap", "0.01", "--time-limit", "20", "--set", "policy.subsidy_eur_per_t_exchanged=2"]

    assert main(["solve", str(folder), "-o", str(tmp_path / "out"), "--quiet", *options]) == 0
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert told["kpis"]["subsidies"]["value"] == approx(60 * 2)
    assert (asked["gap"], asked["time_limit"]) == (0.01, 20)


def test_the_bound_of_a_proven_plan_is_its_objective():
    """status optimal: bound and objective agree within the gap asked for."""
    solution = solved()

    assert solution.bound == approx(solution.objective)
    assert solution.gap == approx(0)


def test_an_infeasible_scenario_claims_no_numbers():
    """infeasible: no objective, no tables, a reason in words."""
    solution = isopt.solve(small(streams=[STREAM | {"own_disposal_eur_per_unit": None}]))

    assert (solution.status, solution.objective) == ("infeasible", None)
    assert solution.exchanges.empty
    assert solution.reason
