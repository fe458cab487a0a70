"""What a solution looks like in other people's tools: the workbook, the styles of QGIS, GeoJSON."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import openpyxl
import pyogrio
import pytest
from made_solutions import town, without_plan

from isopt.views import write_geopackage, write_map
from isopt.views.colours import colours_of
from isopt.views.geopackage import write_geojson
from isopt.views.language import LANGUAGES, speaking
from isopt.views.workbook import unit_of, write_workbook

HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2",
    "<img src=x onerror=alert(1)>",
    "\ud800\x01;",
]


@pytest.fixture(scope="module")
def solution():
    return town()


@pytest.fixture(scope="module")
def hostile():
    """The town with facilities, materials, organisations and notes that programs would run."""
    made = town(
        facilities={"power": {"name": HOSTILE[0], "organisation": HOSTILE[1]}, "refinery": {"name": HOSTILE[4]}},
        materials={"gypsum": {"name": HOSTILE[0]}, "ash": {"name": "\x01 ash"}},
        title=HOSTILE[0],
    )
    exchanges = made.exchanges.assign(note=(HOSTILE[:5] * 10)[: len(made.exchanges)], from_name=HOSTILE[0])
    return replace(made, tables={**made.tables, "exchanges": exchanges}, warnings=(HOSTILE[5],))


def test_the_workbook_holds_the_tables_with_units(solution, tmp_path):
    """A sheet per table: names of columns, units, then the numbers of the table; the first sheet lists the others."""
    book = openpyxl.load_workbook(write_workbook(solution, tmp_path / "s.xlsx"))

    assert book.sheetnames[:3] == ["Read me", "Key figures", "Exchanges"]
    sheet = book["Exchanges"]
    assert [cell.value for cell in sheet[1]] == list(solution.exchanges.columns)
    units = dict(zip(solution.exchanges.columns, (cell.value for cell in sheet[2]), strict=True))
    assert (units["haulage_eur_per_yr"], units["distance_km"], units["amount_per_yr"]) == (
        "EUR/yr",
        "km",
        "as the row's unit",
    )
    place = list(solution.exchanges.columns).index("amount_per_yr") + 1
    amounts = [sheet.cell(3 + row, place).value for row in range(len(solution.exchanges))]
    np.testing.assert_array_equal(amounts, solution.exchanges["amount_per_yr"])
    assert sheet.freeze_panes == "B3"
    listed = [cell.value for cell in book["Read me"]["A"]]
    assert set(book.sheetnames[1:]) <= set(listed)


def test_key_figures_stand_beside_the_baseline(solution, tmp_path):
    """Plan less baseline is the difference, for every figure that both have."""
    sheet = openpyxl.load_workbook(write_workbook(solution, tmp_path / "s.xlsx"))["Key figures"]

    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    cost = next(row for row in rows if row[0] == "Total cost")
    assert cost[1:] == ["EUR", 4_900_000, 1_900_000, -3_000_000]
    assert all(abs(row[3] - row[2] - row[4]) < 1e-6 for row in rows if row[2] is not None)


def test_no_cell_is_a_formula(hostile, tmp_path):
    """Whatever begins like a formula is a text that is marked as one, and nothing is a link to elsewhere."""
    book = openpyxl.load_workbook(write_workbook(hostile, tmp_path / "s.xlsx"))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    risky = [cell for cell in cells if cell.data_type == "s" and cell.value[:1] in set("=+-@")]
    assert len(risky) > 10
    assert all(cell.quotePrefix for cell in risky)
    assert {cell.hyperlink.target for cell in cells if cell.hyperlink} == {None}
    assert any(HOSTILE[4] in str(cell.value) for cell in cells)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_speaks_three_languages(solution, language, tmp_path):
    """Sheets are called as the language does, and its first sheet speaks it."""
    with speaking(language):
        book = openpyxl.load_workbook(write_workbook(solution, tmp_path / "s.xlsx"))

    assert book.sheetnames[0] == {"en": "Read me", "fr": "Lisez-moi", "de": "Lies mich"}[language]
    assert len(book.sheetnames) == 8


def test_without_a_plan_the_workbook_says_why(tmp_path):
    """One sheet with the reason."""
    book = openpyxl.load_workbook(
        write_workbook(without_plan("infeasible", "not enough landfill"), tmp_path / "s.xlsx")
    )

    assert book.sheetnames == ["Read me"]
    assert any("not enough landfill" in str(cell.value) for cell in book["Read me"]["A"])


def test_the_workbook_is_the_same_in_every_run(solution, tmp_path):
    """Byte by byte."""
    first, second = (write_workbook(solution, tmp_path / f"{n}.xlsx").read_bytes() for n in "ab")

    assert first == second


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("co2_t_per_yr", "t/yr"),
        ("tonnes", "t"),
        ("load_share", "share"),
        ("life_yr", "yr"),
        ("exchange", ""),
        ("trips_per_yr", "1/yr"),
    ],
)
def test_units_follow_the_ends_of_names(column, unit):
    """The longest end that fits."""
    assert unit_of(column) == unit


# --- QGIS -------------------------------------------------------------------------------------------------------------


def styles_of(path):
    with sqlite3.connect(path) as database:
        found = database.execute(
            "SELECT f_table_name, styleQML, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
        columns = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
    assert all(default == 1 and geometry == columns[layer] for layer, _, default, geometry in found)
    return {layer: ET.fromstring(qml.partition(">")[2]) for layer, qml, *_ in found}


def test_exchanges_have_the_colours_of_the_map_in_qgis(solution, tmp_path):
    """A category per material in its colour, with name and unit in the legend; widths come from the amounts."""
    style = styles_of(write_geopackage(solution, tmp_path / "s.gpkg"))["exchanges"]

    colours, symbols = colours_of(solution.scenario), {symbol.get("name"): symbol for symbol in style.iter("symbol")}
    categories = {one.get("value"): one for one in style.iter("category")}
    assert set(categories) == set(solution.exchanges["material"])
    for material, category in categories.items():
        options = {o.get("name"): o.get("value") for o in symbols[category.get("symbol")].iter("Option")}
        red, green, blue, _ = options["line_color"].split(",")
        assert f"#{int(red):02x}{int(green):02x}{int(blue):02x}" == colours[material]
        assert '"amount_per_yr"' in options["expression"]
    assert categories["gypsum"].get("label") == "FGD gypsum (t/yr)"


def test_every_layer_with_places_has_a_style(solution, tmp_path):
    """QGIS finds one for each of the six layers, and tables have none."""
    path = write_geopackage(solution, tmp_path / "s.gpkg")

    drawn = {name for name, kind in pyogrio.list_layers(path) if kind is not None}
    assert (
        set(styles_of(path)) == drawn == {"facilities", "exchanges", "ways_to_disposal", "plants", "disposal", "virgin"}
    )


def test_hostile_names_stay_text_in_styles(hostile, tmp_path):
    """Names in legends are escaped: the styles stay well-formed and say the names."""
    style = styles_of(write_geopackage(hostile, tmp_path / "s.gpkg"))["exchanges"]

    assert f"{HOSTILE[0]} (t/yr)" in {one.get("label") for one in style.iter("category")}


# --- GeoJSON ----------------------------------------------------------------------------------------------------------


def test_geojson_says_the_same_as_the_tables(solution, tmp_path):
    """A feature per row, longitude first, the columns as properties; what has no place has no geometry."""
    written = {path.stem: json.loads(path.read_text()) for path in write_geojson(solution, tmp_path)}

    assert set(written) == {"facilities", "exchanges", "ways_to_disposal", "plants", "disposal", "virgin"}
    lines = {one["properties"]["exchange"]: one for one in written["exchanges"]["features"]}
    assert len(lines) == len(solution.exchanges)
    ash = lines["power>cement|ship|ash"]
    assert ash["geometry"]["coordinates"][0] == pytest.approx([11.079, 55.661])
    assert ash["properties"]["amount_per_yr"] == 100_000
    assert lines["yeast>yeast|truck|slurry"]["geometry"] is None


def test_the_map_has_the_same_colours(solution, tmp_path):
    """What is blue in the map is blue everywhere."""
    page = write_map(solution, tmp_path / "map.html").read_text()

    assert all(f'"{colour}"' in page for colour in colours_of(solution.scenario).values())
