"""The explorer's data and file: what Python writes into the page, held against thresholds worked out on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from small import demand, region, stream
from valley import BREAKS, across, along, valley

import isopt
from isopt.cli import main
from isopt.errors import InputError
from isopt.studies.thresholds import Thresholds
from isopt.views.explorer import explorer_page, write_explorer
from isopt.views.explorer_data import explorer_data
from isopt.views.language import LANGUAGES
from isopt.views.offline import as_json, external_addresses
from isopt.views.texts import catalogue

TWO_FIRMS = "scenarios/two_firms"
DEAR = ["--set", "modes.truck.eur_per_tkm=2"]


@pytest.fixture(scope="module")
def found() -> Thresholds:
    return along()


@pytest.fixture(scope="module")
def data(found):
    """What the page of the valley is given."""
    return explorer_data(found)


def line_at(cell, data, name, point):
    """A line of account of a cell at a point, as the page's script works it out."""
    start, *slopes = cell["lines"][[line["name"] for line in data["lines"]].index(name)]
    return start + sum(slope * (at - origin) for slope, at, origin in zip(slopes, point, cell["origin"], strict=True))


def test_lines_of_the_page_are_those_on_paper(data):
    """Cost 8850 + 70 tax, then 9600 + 20 tax, then 10500; revenue is what is landfilled times the tax."""
    first, second, third = data["studies"]["line"]["cells"]

    assert (first["high"], second["high"]) == pytest.approx(BREAKS)
    assert line_at(first, data, "cost", [10]) == pytest.approx(8850 + 70 * 10)
    assert line_at(second, data, "cost", [20]) == pytest.approx(9600 + 20 * 20)
    assert line_at(third, data, "cost", [80]) == pytest.approx(10500)
    assert line_at(first, data, "revenue", [10]) == pytest.approx(70 * 10)
    assert line_at(first, data, "resource_cost", [10]) == pytest.approx(8850)
    assert [line_at(cell, data, "landfilled", [50]) for cell in (first, second, third)] == pytest.approx([70, 20, 0])
    assert [line_at(cell, data, "exchanges", [50]) for cell in (first, second, third)] == [1, 2, 3]


def test_networks_share_symbols_and_flows(data):
    """Three networks of four symbols: 1 + 2 + 3 flows to the kiln are written as three rows."""
    shared = data["map"]

    assert [node["name"] for node in shared["nodes"]] == ["Kiln", "Near", "Middle", "Far"]
    assert [len(network["flows"]) for network in shared["networks"]] == [1, 2, 3]
    assert len(shared["flows"]) == 3
    assert shared["widest"] == {"t": 100.0}
    assert [len(network["own"]) for network in shared["networks"]] == [2, 1, 0]
    states = [[shared["states"][row][0] for row in network["states"]] for network in shared["networks"]]
    assert states[0] == ["receives", "gives", "idle", "idle"]
    assert states[2] == ["receives", "gives", "gives", "gives"]


def test_what_an_exchange_saves_follows_the_tax(data):
    """The near exchange saves 5 EUR a tonne and the tax: 500 EUR at none, 100 EUR more with each euro of it."""
    shared = data["map"]
    vary = {row: (low, slopes) for row, name, low, slopes in shared["exchanges_vary"] if name == "saving_eur_per_yr"}
    near = shared["exchanges"]["saving_eur_per_yr"].index(500.0)

    assert vary[near] == ([0.0], [100.0])


def test_what_opens_is_named(data):
    """Rows of exchanges in place name both ends, material and mode."""
    shared = data["map"]

    ends = [group[1:] for group in shared["groups"]]
    assert ends == [[name, "Kiln", 0, "truck"] for name in ("Near", "Middle", "Far")]
    moved = [[shared["moved"][row] for row in network["moved"]] for network in shared["networks"]]
    assert moved[1] == [[0, 100.0], [1, 50.0]]


def test_regions_of_the_plane_hold_their_planes(found):
    """With a subsidy, what changes is at tax + subsidy of 15 and 45; cost at (10, 20): 2 exchanges, 150 t x 20 less."""
    plane = across()
    data = explorer_data(found, plane)
    cells = {len(data["map"]["networks"][cell["network"]]["moved"]): cell for cell in data["studies"]["plane"]["cells"]}

    assert sorted(cells) == [1, 2, 3]
    assert line_at(cells[2], data, "cost", [10, 20]) == pytest.approx(9600 + 20 * 10 - 150 * 20)
    assert line_at(cells[2], data, "revenue", [10, 20]) == pytest.approx(20 * 10 - 150 * 20)
    corners = np.array(cells[1]["corners"]).sum(axis=1)
    assert corners.max() == pytest.approx(15)


def test_what_is_not_proven_is_said():
    """A search that is stopped at its first step leaves an error, and the page has it with the cell."""
    stopped = isopt.thresholds(valley(), "landfill_tax", 0, 100, on_progress=lambda step: step.solves >= 2)
    line = explorer_data(stopped)["studies"]["line"]

    assert line["interrupted"] is True
    assert max(cell["error"] for cell in line["cells"]) == pytest.approx(stopped.table["error"].max())
    assert stopped.table["error"].max() > 0


def test_a_scenario_that_minimises_something_else_names_its_goal():
    """Where CO2 counts 50 EUR a tonne besides cost, the goal is above the cost by that, and both are on the page."""
    found = along(valley(settings={"minimise": {"weights": {"cost": 1.0, "co2": 50.0}}}))
    data = explorer_data(found)

    assert [line["name"] for line in data["lines"]][:2] == ["goal", "cost_total"]
    cell = data["studies"]["line"]["cells"][0]
    assert line_at(cell, data, "goal", [0]) > line_at(cell, data, "cost_total", [0])


def test_page_needs_no_network_and_speaks_three_languages(found, data):
    """Nothing is fetched; all texts are there in each language, with the same gaps to fill."""
    page = explorer_page(found, language="de")

    assert external_addresses(page) == []
    assert '<html lang="de">' in page
    assert '"language":"de"' in page
    gaps = re.compile(r"\{(\w+)\}")
    for name in [name for name in catalogue()["en"] if name.startswith("explorer.")]:
        said = [catalogue()[language][name] for language in LANGUAGES]
        assert len({frozenset(gaps.findall(words)) for words in said}) == 1, name
    assert set(data["languages"]) == set(LANGUAGES)


def test_hostile_names_end_no_script(tmp_path):
    """A name may hold the end of a script: the page has exactly the two scripts that are ours."""
    scenario = valley({"near": "</script><script>alert(1)</script>", "far": "=HYPERLINK(1)"}, settings={"title": "<b>"})
    page = write_explorer(along(scenario), tmp_path / "page.html").read_text("utf-8")

    assert len(re.findall(r"</script", page)) == 2
    assert "<title>&lt;b&gt;</title>" in page


def test_unknown_languages_are_refused(found, tmp_path):
    """An unknown language is named, and no file is left behind."""
    with pytest.raises(InputError, match="no view speaks 'xx'"):
        write_explorer(found, tmp_path / "page.html", language="xx")
    assert list(tmp_path.iterdir()) == []


def test_many_networks_stay_small():
    """Ten quarries open one after the other: each network adds a few kilobytes, so that fifty stay below a megabyte."""
    many = 10
    places = [{"facility": f"q{i}", "lat": 57 + i / 100, "lon": 10.0} for i in range(many)]
    scenario = region(
        facilities=[*places, {"facility": "kiln", "lat": 56.9, "lon": 10.0}],
        streams=[stream(f"q{i}", f"q{i}", 10 + i, disposal=49 - i) for i in range(many)],
        demands=[demand("kiln", "kiln", 5000, virgin=10)],
        modes=[{"mode": "truck", "eur_per_t": 60.0}],
    )
    found = isopt.thresholds(scenario, "landfill_tax", 0, 20)
    seen: list[int] = []
    data = explorer_data(found, on_progress=lambda done, total: seen.append(done))

    assert len(found.intervals) == many + 1
    assert seen == list(range(1, many + 2))
    networks = len(as_json({name: part for name, part in data["map"].items() if name != "base"}))
    assert networks / (many + 1) < 20_000


def test_too_many_networks_are_told(found, monkeypatch, tmp_path, capsys):
    """More networks than a page holds are refused; the command then shows the first lever alone, and says so."""
    monkeypatch.setattr("isopt.views.explorer_data.MOST_NETWORKS", 2)
    with pytest.raises(InputError, match="3 networks are too many"):
        explorer_data(found)
    arguments = ["explore", TWO_FIRMS, *DEAR, "--to", "150", "--and", "subsidy", "0", "100"]
    assert main([*arguments, "-o", str(tmp_path / "page.html")]) == 0
    assert "has 2 networks, too many for a page" in capsys.readouterr().err
    assert '"plane":{' not in (tmp_path / "page.html").read_text("utf-8")


def test_command_writes_page_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`isopt explore` leaves the page, the intervals and the regions; a name that ends in .html is the page alone."""
    arguments = ["explore", TWO_FIRMS, *DEAR, "--to", "150", "--language", "fr"]
    folder = tmp_path / "out"
    assert main([*arguments, "--and", "subsidy", "0", "100", "-o", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["intervals"][0]["high"] == pytest.approx(66)
    assert {path.name for path in folder.iterdir()} >= {"explorer.html", "thresholds.csv", "breakpoints.csv", "plane"}
    assert (folder / "plane" / "plane.csv").is_file()
    assert 'lang="fr"' in (folder / "explorer.html").read_text("utf-8")

    assert main([*arguments, "-o", str(tmp_path / "alone.html")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"out", "alone.html"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--and", "subsidy", "a", "3"], "give a lever and two numbers"),
        (["--and", "subsidies", "0", "3"], 'did you mean "subsidy"'),
        (["--and", "landfill_tax", "0", "3"], "the same one"),
        (["--lever", "landfil_tax"], 'did you mean "landfill_tax"'),
        (["--to", "-3"], "from a lower to a higher value"),
    ],
)
def test_wrong_levers_are_told(more, words, tmp_path, capsys):
    """A mistake in either lever ends the command with words, and leaves nothing behind."""
    assert main(["explore", TWO_FIRMS, *more, "-o", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path, capsys):
    """-o that names a file which is no page is refused."""
    (tmp_path / "out").write_text("mine")
    assert main(["explore", TWO_FIRMS, "-o", str(tmp_path / "out")]) == 2
    assert "-o wants a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"
