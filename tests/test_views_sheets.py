"""A page for each organisation: complete, safe to write, in three languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_solutions import region, town, without_plan

import isopt
from isopt.errors import InputError
from isopt.views.file_names import RESERVED, file_names
from isopt.views.organisation import moves, organisations
from isopt.views.sheet_fit import PAGE, height
from isopt.views.sheet_parts import Facts, tables
from isopt.views.sheets import write_sheets

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
NASTY = "<img src=x onerror='window.ran = 1'></h1><script>window.ran = 1</script>"


@pytest.fixture(scope="module")
def solution():
    return town()


def by_name(solution):
    return {one.name: one for one in organisations(solution)}


def test_every_organisation_has_a_sheet_and_a_line_in_the_index(solution, tmp_path):
    """Eleven organisations, eleven files with one heading each, all linked to from the index."""
    index, *sheets = write_sheets(solution, tmp_path, report="../report.html")

    listed = index.read_text()
    assert len(sheets) == len(solution.firms)
    assert {path.name for path in sheets} == set(re.findall(r'<a href="([^."]+\.html)"', listed))
    assert 'href="../report.html"' in listed
    assert all(path.read_text().count("<h1>") == 1 for path in sheets)
    assert {path.name for path in tmp_path.iterdir()} == {index.name, *(path.name for path in sheets)}


def test_a_sheet_tells_what_is_given_got_and_still_disposed_of(solution):
    """Harbour Energy gives gypsum, ash by ship and truck, and heat; it gets water; 30 kt still go to landfill."""
    one = by_name(solution)["Harbour Energy"]

    assert one.gives.groupby("material")["sent"].sum().to_dict() == {"gypsum": 80_000, "ash": 105_000, "heat": 225_000}
    assert one.gets.groupby("material")["sent"].sum().to_dict() == {"water": 700_000}
    assert one.disposed["sent"].sum() == 30_000
    assert one.disposed["gate_fee_eur"].sum() == pytest.approx(30_000 * 30)
    assert one.demands["need"].sum() == 700_000


def test_what_an_organisation_moves_between_its_own_sites_is_not_got_from_others(solution):
    """The yeast works' own digester is among what Enzymes Inc gives, not among what it gets."""
    one = by_name(solution)["Enzymes Inc"]

    own = one.gives[one.gives["taker"] == "Enzymes Inc"]
    assert own["sent"].sum() == 30_000
    assert one.gets.empty


def test_costs_of_shared_exchanges_add_up():
    """Whatever organisations share an exchange: haulage, set-up, capital and savings of all moves are the table's."""
    made = isopt.solve(isopt.read(SCENARIOS / "sotenas"))
    moved = moves(made)

    for name, column in (("haulage", "haulage_eur_per_yr"), ("setup", "setup_eur_per_yr"), ("capital", "capex_eur"),
                         ("saving", "saving_eur_per_yr")):  # fmt: skip
        assert moved[name].sum() == pytest.approx(made.exchanges[column].sum())
    told = organisations(made)
    assert sum(one.gives["sent"].sum() for one in told) == pytest.approx(moved["sent"].sum())
    assert sum(len(one.plants) for one in told) == made.kpi("plants_built")
    assert sum(one.disposed["gate_fee_eur"].sum() for one in told) == pytest.approx(made.disposal["gate_fee_eur"].sum())


def test_who_is_not_concerned_is_told_so(solution, tmp_path):
    """The workshop gives and gets nothing: one sentence says so."""
    write_sheets(solution, tmp_path)

    assert "The plan changes nothing for you" in (tmp_path / "workshop.html").read_text()


def test_who_loses_is_told_to_ask_for_a_price(solution, tmp_path):
    """The farms pay 1,200 EUR more: the sheet says that a price is to be agreed on."""
    write_sheets(solution, tmp_path)
    words = (tmp_path / "farms-south-of-the-bay.html").read_text()

    assert "1,200 EUR/yr more. Agree with your partners on a price" in words
    assert "<b>1,200 EUR/yr</b>You pay more" in words


def test_numbers_to_check_are_named(tmp_path):
    """The crushing yard's 100 t are assumed; its sheet asks for a check."""
    write_sheets(isopt.solve(isopt.read(SCENARIOS / "two_firms")), tmp_path)
    words = (tmp_path / "odense-crushing.html").read_text()

    assert "Please check 1 number in the list below" in words
    assert re.search(r'100 t</td><td class="weak">Assumed', words)


@pytest.mark.parametrize(
    ("names", "safe"),
    [
        (["../../etc/passwd", "..", "a/b", "a\\b"], ["etc-passwd", "firm", "a-b", "a-b-2"]),
        (["CON", "nul", "Aux.", "com1"], ["con-1", "nul-1", "aux-1", "com1-1"]),
        (["Index", "index"], ["index-2", "index-3"]),
        (["Würth & Söhne", "Wurth & Sohne", "ŁÓDŹ"], ["wurth-sohne", "wurth-sohne-2", "lodz"]),
        (["水", "💥", "\x00", "x" * 300], ["firm", "firm-2", "firm-3", "x" * 60]),
        (["a-2", "a", "A"], ["a-2", "a", "a-3"]),
    ],
)
def test_file_names_lead_nowhere_else(names, safe):
    """Paths, devices, twins, signs of other scripts and endless names become short plain names, each once."""
    found = file_names(names, otherwise="firm", taken=["index"])

    assert found == safe
    assert not RESERVED & set(found)


def test_hostile_names_stay_text_and_inside_the_folder(tmp_path):
    """An organisation called like a path and made of markup gets a plain file, and its name is text in it."""
    solution = town(facilities={"power": {"organisation": f"../../{NASTY}", "name": NASTY}})
    paths = write_sheets(solution, tmp_path / "sheets")

    assert {path.parent for path in paths} == {tmp_path / "sheets"}
    assert not list(tmp_path.glob("*.html"))
    for path in paths:
        assert "<script" not in path.read_text()
        assert "<img" not in path.read_text()


def test_sheets_of_an_earlier_plan_are_removed_and_nothing_else(solution, tmp_path):
    """A sheet of a firm that is gone goes; a page of somebody else stays."""
    write_sheets(solution, tmp_path)
    mine = tmp_path / "mine.html"
    mine.write_text("<html>my own page</html>")
    renamed = solution.scenario.with_(facilities={"workshop": {"name": "Repair shop"}})
    write_sheets(replace(solution, scenario=renamed), tmp_path)

    assert mine.read_text() == "<html>my own page</html>"
    assert not (tmp_path / "workshop.html").exists()
    assert (tmp_path / "repair-shop.html").exists()


def test_without_a_plan_there_are_no_sheets(tmp_path):
    """The reason is told; nothing is written."""
    with pytest.raises(InputError, match="without a plan"):
        write_sheets(without_plan("infeasible", "Too little room."), tmp_path / "sheets")
    assert not (tmp_path / "sheets").exists()


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "What you give"), ("fr", "Ce que vous donnez"), ("de", "Was Sie abgeben")]
)
def test_sheets_speak_the_language_asked_for(solution, tmp_path, language, heading):
    """Heading, language of the page and numbers follow."""
    write_sheets(solution, tmp_path, language)
    page = (tmp_path / "harbour-energy.html").read_text()

    assert f'<html lang="{language}">' in page
    assert heading in page


def test_rows_are_cut_to_what_fits_on_a_page():
    """A firm with hundreds of exchanges gets the largest, and is told where the others are."""
    made = region(24, 500)
    facts = Facts.of(made)
    for one in organisations(made):
        shown = tables(facts, one)

        assert height(shown) <= PAGE
        gives = next(table for table in shown if table.title == "What you give")
        rest = len(one.gives) - len(gives.rows)
        assert rest <= 0 or gives.more.startswith(f"{rest} other")
        assert len(gives.rows) >= min(len(one.gives), 3)


def test_progress_is_told(solution, tmp_path):
    """Each sheet is counted."""
    told = []
    write_sheets(solution, tmp_path, progress=lambda done, of: told.append((done, of)))

    assert told == [(number, len(solution.firms)) for number in range(1, len(solution.firms) + 1)]
