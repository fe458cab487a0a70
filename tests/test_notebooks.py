"""The notebooks run from top to bottom, show what their text promises, and are stored without results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 300  # for one cell, on a machine that is busy with other tests; a whole notebook takes 15 s on a quiet one

#: What a notebook's names hold at its end, asked by a cell that is added to it.
FACTS = {
    "landfill_tax": """{
        "saved": solution.kpi("cost_saved"), "audit": audit.passed, "late": late.table.to_dict("list"),
        "classic": [len(classic.table), float(classic.table["landfilled"].max())], "exact": exact.table.to_dict("list"),
        "avoided": {name: free.kpi("co2_total") - plan.kpi("co2_total") for name, plan in plans.items()},
        "leaks": {name: float(account.leakage.query("counts_as == 'leak'")["tonnes"].sum())
                  for name, account in {**accounts, "both": against}.items()},
        "used": {name: float(account.leakage.query("counts_as == 'use'")["tonnes"].sum())
                 for name, account in accounts.items()},
        "sums": {name: [account.total("treasury", "net")[2] + account.total("cost", "resource_cost")[2],
                        account.total("cost", "cost_total")[2],
                        float(account.organisations["change_after_payments_eur_per_yr"].sum())]
                 for name, account in accounts.items()},
        "outcome": accounts["high"].organisations.set_index("organisation")["outcome"].to_dict(),
        "bearers": accounts["high"].incidence.set_index("organisation")[["before_eur_per_yr", "static_eur_per_yr",
                   "paid_eur_per_yr"]].to_dict("index"),
    }""",
    "first_plan": """{
        "saved": solution.kpi("cost_saved"), "rows": float(exchanges["saving_eur_per_yr"].sum()),
        "audit": audit.passed, "firms": float(firms["saving_after_payments"].sum()),
        "payments": float(firms["payments"].sum()), "losers": len(losers),
        "noted": int(sure.to_numpy().sum()),
        "notes": sum(int((t["note"] != "").sum()) for t in scenario.tables.values()),
        "by_weaker_end": float(by_weaker["saving_eur_per_yr"].sum()),
        "five": [five.kpi("exchanges"), five.kpi("cost_saved")], "closed": list(changed["change"]), "gone": len(gone),
        "written": sorted(path.name for path in out.iterdir()),
    }""",
    "own_data": """{
        "problems": [[p.file, p.row, p.column] for p in problems], "same": in_memory == scenario,
        "longest": float(longest.distance_km), "saved": solution.kpi("cost_saved"), "audit": audit.passed,
        "exchanges": [[*key, int(plan.kpi("exchanges"))] for key, plan in plans.items()],
        "revenue": [[*key, plan.kpi("landfill_tax"), plan.kpi("landfilled")] for key, plan in plans.items()],
        "gains_from_tax": list(results["cost_saved"].xs(0, level="carbon price")),
        "wood": [tax, carbon], "wish": [wish.status, wish.reason], "left_behind": folder.exists(),
    }""",
    "transport_scenarios": """{
        "saved": plan.kpi("cost_saved"), "audit": audit.passed, "in_scotland": in_scotland, "steady": steady,
        "statuses": sorted(set(compared.table["status"])), "gaps": float(compared.table["gap"].max()),
        "cost": table["cost_total"].to_dict(), "co2": table["co2_transport"].to_dict(), "worth": float(worth),
        "rail": steps["share_rail"].to_list(), "lifted": lifted.to_list(), "hubs": len(terminals),
    }""",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Each notebook with its results, and the facts of its end; run where nothing is left in our folders."""
    work = tmp_path_factory.mktemp("notebooks_run")
    (work / "notebooks").mkdir()
    (work / "scenarios").symlink_to(ROOT / "scenarios", target_is_directory=True)
    results = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(work / "ipython"))
        patch.setenv("ISOPT_SHARED", str(work / "nothing"))  # what is not part of the repository is not there
        for name, facts in FACTS.items():
            notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
            asked = nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({facts}))")
            notebook.cells.append(asked)
            where = {"metadata": {"path": str(work / "notebooks")}}
            nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
            answer = notebook.cells.pop()
            results[name] = notebook, json.loads(answer.outputs[0]["text"])
    return results


def printed(notebook: Any) -> str:
    """Collect what the cells of an executed notebook print."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return "".join(output["text"] for cell in cells for output in cell.outputs if output.output_type == "stream")


def shown(notebook: Any, call: str) -> str:
    """Return the HTML that the one cell holding a call shows."""
    [cell] = [cell for cell in notebook.cells if cell.cell_type == "code" and call in cell.source]
    [output] = [output for output in cell.outputs if output.output_type == "execute_result"]
    return output["data"]["text/html"]


# they are warned about things outside this project, by the kernel and its client
pytestmark = pytest.mark.filterwarnings("default")


@pytest.mark.slow
@pytest.mark.parametrize("name", FACTS)
def test_map_is_shown_inline_and_fetches_nothing(executed: dict[str, tuple[Any, dict[str, Any]]], name: str) -> None:
    """The cell of the map shows a frame with the page in it; neither script nor style has an address."""
    html = shown(executed[name][0], "isopt.draw_map(")
    assert "<iframe srcdoc=" in html
    assert "window.isopt" in html
    assert re.findall(r"&lt;(?:script|link)[^&]*(?:src|href)=", html) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FACTS)
def test_plan_saves_and_passes_its_audit(executed: dict[str, tuple[Any, dict[str, Any]]], name: str) -> None:
    """Savings are above 0, the audit passes and says so, and no cell writes to the error stream."""
    notebook, facts = executed[name]
    assert facts["saved"] > 0
    assert facts["audit"] is True
    assert "audit passed" in printed(notebook)
    streams = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs if "name" in o]
    assert [output["text"] for output in streams if output["name"] == "stderr"] == []


@pytest.mark.slow
def test_first_plan_says_what_is_so(executed: dict[str, tuple[Any, dict[str, Any]]]) -> None:
    """Exchanges, classes of doubt and firms each add up to the saving; payments cancel; variants save less."""
    facts = executed["first_plan"][1]
    for total in ("rows", "firms", "by_weaker_end"):
        assert facts[total] == pytest.approx(facts["saved"], rel=1e-6)
    assert facts["payments"] == pytest.approx(0, abs=1)
    assert facts["losers"] == 1  # "a firm that is worse off"
    assert facts["noted"] == facts["notes"]  # every note names one of the four origins
    assert facts["five"][0] == 5
    assert facts["saved"] / 2 < facts["five"][1] < facts["saved"]
    assert facts["closed"] == ["closed"] * facts["gone"]
    assert {"map.html", "report.html", "exchanges.csv", "solution.gpkg", "scenario"} <= set(facts["written"])


@pytest.mark.slow
def test_landfill_tax_says_what_is_so(executed: dict[str, tuple[Any, dict[str, Any]]]) -> None:
    """One plan for all rates in Kalundborg; elsewhere steps, a leak at the high rate, and a word that is worth something early."""
    notebook, facts = executed["landfill_tax"]
    exact, late = facts["exact"], facts["late"]
    assert facts["classic"] == [1, 0]
    assert max(exact["error"]) == 0
    assert len(exact["low"]) == 6
    assert exact["landfilled"] == sorted(exact["landfilled"], reverse=True)
    assert exact["co2_total"][:-1] == sorted(exact["co2_total"][:-1], reverse=True)
    assert exact["co2_total"][-1] > 3 * exact["co2_total"][0]  # "emits more than it did without any tax"
    drops = [high - low for high, low in zip(exact["revenue_at_high"][:-1], exact["revenue_at_low"][1:], strict=True)]
    assert min(drops) > 0  # "a saw"
    for left, total, firms in facts["sums"].values():
        assert left == pytest.approx(total)
        assert firms == pytest.approx(total)
    assert facts["leaks"]["moderate"] == facts["leaks"]["both"] == 0
    assert facts["leaks"]["high"] > 20_000
    assert facts["used"]["high"] == pytest.approx(facts["used"]["moderate"])  # "no new use is found for them"
    assert facts["avoided"]["moderate"] > 0 > facts["avoided"]["high"]
    users = ("Road works", "Brickworks", "Plasterboard works")
    assert [facts["outcome"][name] for name in users] == ["gains"] * 3  # "those who can use it gain"
    site = facts["bearers"]["Ash treatment"]
    assert (site["before_eur_per_yr"], site["static_eur_per_yr"]) == (0, 0)
    assert site["paid_eur_per_yr"] > 0  # "somebody pays who put nothing in the landfill before"
    assert late["plants"] == ["washer 2030", "washer 2030", "sieve 2028", "sieve 2028"]
    assert late["cost_total"][0] == pytest.approx(late["cost_total"][1])
    assert late["cost_total"][2] == pytest.approx(late["cost_total"][3])  # "no announcement helps any more"
    assert late["cost_total"][3] > late["cost_total"][0] + 500_000
    assert late["landfilled"][3] > late["landfilled"][0]
    figures = [
        o
        for cell in notebook.cells
        if cell.cell_type == "code"
        for o in cell.outputs
        if "image/png" in o.get("data", {})
    ]
    assert len(figures) == 4


@pytest.mark.slow
def test_own_data_says_what_is_so(executed: dict[str, tuple[Any, dict[str, Any]]]) -> None:
    """The checks name the wrong cells, swapped coordinates show as distance, the policies do what is said."""
    notebook, facts = executed["own_data"]
    assert facts["problems"] == [
        ["scenario.toml", None, "policy.carbon_price"],
        ["facilities.csv", 10, "lon"],
        ["materials.csv", 3, "state"],
        ["streams.csv", 2, "facility"],
        ["streams.csv", 3, "supply_per_yr"],
        ["demands.csv", 1, "virgin_price"],
        ["substitutions.csv", 5, "from_material"],
    ]
    assert facts["longest"] > 5000
    assert facts["same"] is True
    counts = {(tax, carbon): count for tax, carbon, count in facts["exchanges"]}
    assert counts == {(0, 0): 3, (0, 80): 3, (20, 0): 4, (20, 80): 4, (40, 0): 4, (40, 80): 5, (60, 0): 5, (60, 80): 6}
    for tax, _, revenue, landfilled in facts["revenue"]:  # all that is left is non-hazardous: the rubble has a taker
        assert revenue == pytest.approx(tax * landfilled)
    assert facts["gains_from_tax"] == sorted(facts["gains_from_tax"])
    assert facts["wood"] == [40, 80]
    assert "go to the incinerator instead" in printed(notebook)
    assert facts["wish"][0] == "infeasible"
    assert "CO2" in facts["wish"][1]
    assert facts["left_behind"] is False


def holds_for_transport(facts: dict[str, Any]) -> None:
    """What the text of the transport notebook says is so, in either region."""
    assert facts["statuses"] == ["optimal"]
    assert facts["gaps"] == pytest.approx(0, abs=1e-9)
    assert {"dear_diesel", "toll", "electric", "loads_for_the_way_back"} <= set(facts["steady"])
    cost, co2 = facts["cost"], facts["co2"]
    assert cost["dear_diesel"] > cost["as_it_is"] > cost["loads_for_the_way_back"]
    assert co2["electric"] < co2["as_it_is"] / 2
    assert facts["worth"] == pytest.approx(cost["as_it_is"] - cost["rail"], abs=1)
    assert facts["rail"] == sorted(facts["rail"])
    assert max(facts["lifted"]) > 0


@pytest.mark.slow
def test_transport_scenarios_say_what_is_so(executed: dict[str, tuple[Any, dict[str, Any]]]) -> None:
    """Without the register the bundled region answers, and says that it does; it sends most by train at once."""
    notebook, facts = executed["transport_scenarios"]
    holds_for_transport(facts)
    assert facts["in_scotland"] is False
    assert "the bundled region instead" in printed(notebook)
    assert facts["rail"][0] > 0.8
    assert facts["worth"] > 100_000
    assert facts["lifted"] == [100_000, 100_000]


@pytest.mark.slow
def test_transport_scenarios_of_the_central_belt(shared: Path, tmp_path: Path) -> None:
    """With the register beside the repository the Central Belt answers: terminals are worth nothing without a toll, and one brings little."""
    notebook = nbformat.read(ROOT / "notebooks" / "transport_scenarios.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({FACTS['transport_scenarios']}))"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        patch.setenv("ISOPT_SHARED", str(shared))
        where = {"metadata": {"path": str(ROOT / "notebooks")}}
        nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    facts = json.loads(notebook.cells[-1].outputs[0]["text"])
    holds_for_transport(facts)
    assert facts["in_scotland"] is True
    assert facts["hubs"] == 4
    assert 0 < facts["rail"][-1] < 0.05
    assert facts["worth"] == pytest.approx(0, abs=50_000)  # nearly nothing, of 400 million


def test_every_notebook_is_executed() -> None:
    """A notebook that is added is asked for its facts too."""
    assert [path.stem for path in NOTEBOOKS] == sorted(FACTS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_clean(path: Path) -> None:
    """No results, no counters, no trace of a machine, small; the kernel is the one that everybody has."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in notebook.cells if cell.metadata] == []
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert len(text) < 50_000
    assert re.findall(r"(?:/home/|/Users/|/work/|/tmp/|[A-Z]:\\\\)\S*", text) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_text_types_no_result(path: Path) -> None:
    """Amounts of money, mass or energy stand in cells that compute them, not in the text; links lead somewhere."""
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.findall(r"\d[\d,.]*\s*(?:EUR|t|tonnes?|MWh|m3|km|%)(?!\w)", text) == []
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    assert targets != []
    assert [target for target in targets if not (path.parent / target).exists()] == []
