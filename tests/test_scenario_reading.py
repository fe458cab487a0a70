"""Files are read as people save them: encodings, separators, workbooks, GeoPackages."""

from __future__ import annotations

import shutil
import warnings
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from scenario_files import FILES, lay
from shapely import Point

from isopt.errors import InputError, Problem, ScenarioError
from isopt.scenario import Scenario, read
from isopt.scenario.cells import CellError, number

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plain(tmp_path: Path) -> Scenario:
    """The scenario as isopt itself would write it."""
    return read(lay(tmp_path / "plain"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_give_the_same_scenario(tmp_path: Path, plain: Scenario, encoding: str):
    """UTF-8 and UTF-16, with and without a byte order mark, are recognised."""
    folder = lay(tmp_path / "other", facilities_csv=FILES["facilities.csv"].encode(encoding))

    assert read(folder) == plain
    assert read(folder).warnings == ()


def test_windows_1252_is_read_with_a_warning(tmp_path: Path, plain: Scenario):
    """A file in the old Windows encoding keeps its letters, and the user is told to look at them."""
    other = read(lay(tmp_path / "other", facilities_csv=FILES["facilities.csv"].encode("cp1252")))

    assert other == plain
    message = 'is not UTF-8 and was read as Windows-1252; check the accents (such as "A,Øster")'
    assert other.warnings == (Problem("facilities.csv", None, None, message),)


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_do_not_matter(tmp_path: Path, plain: Scenario, separator: str, end: str):
    """Semicolons and tabs, Windows and old Macintosh line ends give the same scenario."""
    changed = {
        name.replace(".", "_"): text.replace(",", separator).replace("\n", end).encode()
        for name, text in FILES.items()
        if name.endswith(".csv")
    }

    assert read(lay(tmp_path / "other", **changed)) == plain


def test_a_german_spreadsheet_gives_the_same_scenario(tmp_path: Path, plain: Scenario):
    """Semicolons, decimal commas, FALSCH, Excel's own first line and columns left empty at the end are understood."""
    lines = ["sep=;", *FILES["periods.csv"].replace(",", ";").replace("0.5", "0,5;;").splitlines()]
    text = "\r\n".join(lines)
    streams = "stream;facility;material;supply_per_yr;single_receiver\ns1;A;ash;100;FALSCH\ns2;A;heat;50,0;FALSCH\n"

    assert read(lay(tmp_path / "other", periods_csv=text, streams_csv=streams)) == plain


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path):
    """Blank lines, a quoted line break and Excel's first line keep their rows."""
    streams = 'sep=,\n\nstream,facility,material,supply_per_yr,note\n\ns1,A,ash,100,"two\nlines"\ns2,A,heat,fifty,\n'

    with pytest.raises(ScenarioError) as caught:
        read(lay(tmp_path / "quay", streams_csv=streams))

    assert caught.value.problems == (Problem("streams.csv", 6, "supply_per_yr", '"fifty" is not a number'),)


def test_quoted_fields_keep_their_text(tmp_path: Path):
    """Separators, quotation marks and line breaks inside quotes belong to the text."""
    facilities = 'facility,name\nA,"Smith, ""Old"" & Co\nQuay 3"\nB,\nC,\n'

    scenario = read(lay(tmp_path / "quay", facilities_csv=facilities))

    assert scenario.facilities["name"].iloc[0] == 'Smith, "Old" & Co\nQuay 3'


def test_hostile_text_is_only_text(tmp_path: Path):
    """Paths, formulas and markup in ids and names are kept as they are and lead nowhere."""
    hostile = "../../etc/passwd"
    scenario = read(
        lay(
            tmp_path / "quay",
            facilities_csv=f'facility,name\n{hostile},"=HYPERLINK(""x"")"\nB,<script>alert(1)</script>\nC,\n',
            streams_csv=f"stream,facility,material,supply_per_yr\ns1,{hostile},ash,100\n",
        )
    )

    assert scenario.facilities["facility"].iloc[0] == hostile
    assert list(scenario.facilities["name"]) == ['=HYPERLINK("x")', "<script>alert(1)</script>", ""]


def test_the_error_shows_all_problems_in_aligned_lines(tmp_path: Path):
    """Problems of several files come together, each with file, row, column and the likely fix."""
    folder = lay(
        tmp_path / "quay",
        materials_csv="material,unit,ewc\nash,t,17 06 0l\ndust,t,\nstone,t,\nheat,MWh,\n",
        demands_csv="demand,facility,material,need_per_yr\nd1,F-B,stone,80\n",
        disposals_csv="disposal,facility,route,gate_fee_eur_per_unit\ntip,C,landfill,forty\n",
    )  # fmt: skip

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    no_code = "is not a List of Waste code"
    assert str(caught.value).splitlines() == [
        f"{folder} has 3 problems",
        f'  materials.csv row 2 ewc                    "17 06 0l" {no_code}; did you mean "17 06 01*"?',
        '  demands.csv row 2   facility               "F-B" is not in facilities.csv',
        '  disposals.csv row 2 gate_fee_eur_per_unit  "forty" is not a number',
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1234,5", 1234.5),
        ("+7", 7),
    ],
)
def test_numbers_that_can_be_read_in_one_way_are_read(text: str, value: float):
    """Decimal points, exponents and unambiguous decimal commas."""
    assert number(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_was_written(value: float):
    """What Python writes for a number is read as that number, to the last bit."""
    assert number(repr(value)) == value


@given(st.text(max_size=12))
def test_no_text_makes_a_number_by_accident_or_breaks_the_reader(text: str):
    """Any text is either a finite number or a CellError with a message."""
    try:
        value = number(text.strip())
    except CellError as error:
        message = str(error)
    else:
        message = "" if np.isfinite(value) else "inf or nan"

    assert message == "" or message.startswith('"')


def workbook(folder: Path, **changed: list[list[object]]) -> Path:
    """Write the scenario as one workbook beside its settings."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(FILES["scenario.toml"])
    book = xlsxwriter.Workbook(folder / "scenario.xlsx")
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, text in FILES.items():
        if name.endswith(".csv"):
            rows = changed.get(name.removesuffix(".csv"))
            lines = rows or [[_cell(cell) for cell in line.split(",")] for line in text.splitlines()]
            sheet = book.add_worksheet(name.removesuffix(".csv"))
            for row, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, pd.Timestamp):
                        sheet.write_datetime(row, column, cell, dated)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(row, column, cell, None, "#DIV/0!")
                    elif cell is not None:
                        sheet.write(row, column, cell)
    book.add_worksheet("Sheet1")  # blank, as a spreadsheet program adds it
    book.close()
    return folder


def _cell(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text or None


def test_a_workbook_gives_the_same_scenario(tmp_path: Path, plain: Scenario):
    """A sheet per table, numbers as numbers: the folder, or the workbook itself, is read like the CSV files."""
    folder = workbook(tmp_path / "book")

    assert read(folder) == plain
    assert read(folder / "scenario.xlsx") == plain


def test_ids_that_a_spreadsheet_took_for_numbers_stay_ids(tmp_path: Path):
    """A facility called 7 is a number in a cell and yet is no 7.0; truth values are cells of their own."""
    scenario = read(
        workbook(
            tmp_path / "book",
            facilities=[["facility", "postcode"], [7, "01067"], ["B", None], ["C", None]],
            streams=[["stream", "facility", "material", "supply_per_yr", "must_place"], [1, 7, "ash", 100, False]],
        )
    )

    assert list(scenario.facilities["facility"]) == ["7", "B", "C"]
    assert list(scenario.facilities["postcode"]) == ["01067", "", ""]
    assert scenario.streams[["stream", "facility", "must_place"]].values.tolist() == [["1", "7", False]]


def test_dates_and_errors_in_a_workbook_are_named(tmp_path: Path):
    """A NACE code that became a date, and a formula that failed, are said to be so; a date in a note is fine."""
    folder = workbook(
        tmp_path / "book",
        facilities=[
            ["facility", "sector", "note"],
            ["A", pd.Timestamp(2026, 1, 20), pd.Timestamp(2026, 3, 1)],
            ["B"],
            ["C"],
        ],
        streams=[["stream", "facility", "material", "supply_per_yr"], ["s1", "A", "ash", "=1/0"]],
    )

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    again = "format the cell as text or number and write it again"
    assert [str(problem) for problem in caught.value.problems] == [
        f'scenario.xlsx sheet facilities row 2 sector "2026-01-20" is a date; {again}',
        'scenario.xlsx sheet streams row 2 supply_per_yr "#DIV/0!" is an error of the spreadsheet; mend the formula',
    ]


def test_a_misspelt_sheet_is_an_error_and_a_foreign_one_is_left_out(tmp_path: Path):
    """'stream' is meant to be 'streams'; 'Readme' is nobody's table."""
    folder = workbook(tmp_path / "book")
    book = openpyxl.load_workbook(folder / "scenario.xlsx")
    book["streams"].title = "stream"
    book.create_sheet("Readme").append(["hello"])
    book.save(folder / "scenario.xlsx")

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    problem = Problem("scenario.xlsx sheet stream", None, None, '"stream" is no table; did you mean "streams"?')
    assert caught.value.problems == (problem,)


def test_a_workbook_that_openpyxl_wrote_is_read_too(tmp_path: Path, plain: Scenario):
    """The file's inner layout differs between programs; the scenario does not."""
    folder = workbook(tmp_path / "book")
    book = openpyxl.load_workbook(folder / "scenario.xlsx")
    book["streams"]["E1"], book["streams"]["E3"] = "must_place", "#N/A"
    book.save(folder / "scenario.xlsx")

    with pytest.raises(
        ScenarioError, match=r'streams row 3 must_place +"#N/A" is an error of the spreadsheet'
    ) as caught:
        read(folder)
    assert len(caught.value.problems) == 1


def package(folder: Path) -> Path:
    """Write the scenario as one GeoPackage beside its settings; the facilities are points and have no lat and lon."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(FILES["scenario.toml"])
    source = lay(folder.parent / "source")
    for name in FILES:
        if name.endswith(".csv"):
            frame = pd.read_csv(source / name)
            if name == "facilities.csv":
                points = geopandas.points_from_xy(frame.pop("lon"), frame.pop("lat"), crs="EPSG:4326")
                geopandas.GeoDataFrame(frame, geometry=points).to_file(folder / "quay.gpkg", layer="facilities")
            else:
                pyogrio.write_dataframe(frame, folder / "quay.gpkg", layer=name.removesuffix(".csv"))
    shutil.rmtree(source)
    return folder


def test_a_geopackage_gives_the_same_scenario(tmp_path: Path, plain: Scenario):
    """A layer per table; the points of the facilities are their coordinates."""
    folder = package(tmp_path / "package")

    sector = plain.facilities["sector"]
    assert list(sector) == ["10.61", "23.52", "38.21"]  # a layer holds them as numbers, which keep these digits
    assert read(folder) == plain
    assert read(folder / "quay.gpkg").facilities.equals(plain.facilities)


def test_points_in_a_projected_system_become_wgs84(tmp_path: Path, plain: Scenario):
    """Web Mercator metres come back as degrees; filled coordinates win over the point."""
    folder = lay(tmp_path / "package", facilities_csv=None)
    points = geopandas.points_from_xy([11.1, 11.2, 0.0], [55.7, 55.7, 0.0], crs="EPSG:4326").to_crs("EPSG:3857")
    frame = geopandas.GeoDataFrame(
        {"facility": ["A", "B", "C"], "lat": [np.nan, np.nan, 55.8], "lon": [np.nan, np.nan, 11.1]}, geometry=points
    )
    frame.to_file(folder / "facilities.gpkg")

    facilities = read(folder).facilities

    assert facilities["lat"].to_numpy() == pytest.approx([55.7, 55.7, 55.8])
    assert facilities["lon"].to_numpy() == pytest.approx([11.1, 11.2, 11.1])


def test_a_facility_is_a_point(tmp_path: Path):
    """A polygon is named by its row; no place is invented for it."""
    folder = lay(tmp_path / "package", facilities_csv=None)
    points = geopandas.GeoSeries.from_xy([11.1, 11.2, 11.3], [55.7, 55.7, 55.7], crs="EPSG:4326")
    frame = geopandas.GeoDataFrame({"facility": ["A", "B", "C"]}, geometry=points)
    frame.loc[1, "geometry"] = frame.geometry.iloc[1].buffer(0.1)
    frame.to_file(folder / "facilities.gpkg", layer="facilities")

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    place = "facilities.gpkg layer facilities"
    assert caught.value.problems == (Problem(place, 3, "geometry", "is a Polygon; a facility is a point"),)


def test_a_geopackage_of_one_table_may_call_its_layer_anything(tmp_path: Path, plain: Scenario):
    """streams.gpkg holds the streams; what QGIS keeps beside a layer for itself is no table."""
    folder = lay(tmp_path / "package", streams_csv=None, demands_csv=None)
    source = lay(tmp_path / "source")
    pyogrio.write_dataframe(pd.read_csv(source / "streams.csv"), folder / "streams.gpkg", layer="export 7")
    pyogrio.write_dataframe(pd.read_csv(source / "demands.csv"), folder / "quay.gpkg", layer="demands")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["red"]}), folder / "quay.gpkg", layer="layer_styles")
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), folder / "quay.gpkg", layer="sketch")

    scenario = read(folder)

    assert scenario == plain
    message = '"sketch" is no table of a scenario and is left out'
    assert scenario.warnings == (Problem("quay.gpkg layer sketch", None, None, message),)


def test_places_may_come_from_points_lines_and_nothing(tmp_path: Path):
    """Streams drawn on a map keep their geometry to themselves; a facility without a point has no place."""
    folder = lay(tmp_path / "package", facilities_csv=None, streams_csv=None)
    places = geopandas.GeoDataFrame(
        {"facility": ["A", "B", "C"], "crs": ["EPSG:25832", "", ""]},
        geometry=[Point(11.1, 55.7), None, Point(11.2, 55.7)],
        crs="EPSG:4326",
    )
    places.to_file(folder / "facilities.gpkg")
    streams = geopandas.GeoDataFrame(
        {"stream": ["s1"], "facility": ["A"], "material": ["ash"], "supply_per_yr": [100.0]},
        geometry=[Point(0, 0)],
        crs="EPSG:4326",
    )
    streams.to_file(folder / "streams.gpkg")

    scenario = read(folder)

    assert scenario.facilities["lat"].to_numpy() == pytest.approx([55.7, np.nan, 55.7], nan_ok=True)
    assert scenario.streams["stream"].tolist() == ["s1"]


def test_points_need_a_coordinate_system(tmp_path: Path):
    """Without one, nobody knows where they are."""
    folder = lay(tmp_path / "package", facilities_csv=None)
    places = geopandas.GeoDataFrame({"facility": ["A", "B", "C"]}, geometry=[Point(11, 55)] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the writer says the same
        places.to_file(folder / "facilities.gpkg", engine="pyogrio")

    with pytest.raises(ScenarioError, match=r"geometry +has no coordinate reference system; set it in QGIS"):
        read(folder)


@pytest.mark.parametrize("name", ["scenario.xlsx", "quay.gpkg"])
def test_a_broken_container_is_named(tmp_path: Path, name: str):
    """A file that is no workbook and no GeoPackage gives one problem and no traceback."""
    folder = lay(tmp_path / "quay", streams_csv=None)
    (folder / name).write_bytes(b"neither one nor the other")

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    (problem,) = caught.value.problems
    assert problem.file == name
    assert problem.message.startswith("can't be read as a ")


def test_a_table_stands_in_one_place_only(tmp_path: Path):
    """The same table as CSV and as a layer is an error, not a choice."""
    folder = lay(tmp_path / "quay")
    pyogrio.write_dataframe(pd.read_csv(folder / "streams.csv"), folder / "quay.gpkg", layer="streams")

    with pytest.raises(ScenarioError) as caught:
        read(folder)

    message = "holds the table streams, and so does streams.csv; keep one of them"
    assert caught.value.problems == (Problem("quay.gpkg layer streams", None, None, message),)


def test_foreign_files_are_left_out_with_a_warning(tmp_path: Path):
    """Another CSV or workbook in the folder does no harm and is mentioned; hidden and lock files are not."""
    folder = lay(tmp_path / "quay", raw_sources_csv="a,b\n1,2\n")
    (folder / ".~lock.streams.csv#").write_text("")
    (folder / "~$plan.xlsx").write_text("")
    (folder / "plan.xlsx").write_text("")

    assert [str(warning) for warning in read(folder).warnings] == [
        "plan.xlsx is left out; a workbook of a scenario is called scenario.xlsx",
        'raw_sources.csv "raw_sources" is no table of a scenario and is left out',
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("quai", 'quai is not there; did you mean "quay"?'),
        ("nothing", "nothing holds no scenario: neither scenario.toml nor a table such as facilities.csv"),
        (
            "quay/streams.csv",
            "quay/streams.csv is no scenario: give a folder, a workbook (.xlsx) or a GeoPackage (.gpkg)",
        ),
    ],
)
def test_what_is_no_scenario_is_refused_with_the_likely_one(tmp_path: Path, path: str, message: str):
    """A wrong path is the user's slip and no problem of a scenario."""
    lay(tmp_path / "quay")
    (tmp_path / "nothing").mkdir()

    with pytest.raises(InputError) as caught:
        read(tmp_path / path)

    assert str(caught.value) == f"{tmp_path}/{message}"


def test_the_settings_file_stands_for_its_folder(tmp_path: Path, plain: Scenario):
    """Giving scenario.toml means its folder."""
    assert read(lay(tmp_path / "quay") / "scenario.toml") == plain


def test_digests_tell_which_files_were_read(tmp_path: Path, plain: Scenario):
    """Each file stands among the inputs with its SHA-256."""
    assert set(plain.inputs) == set(FILES)
    assert all(len(digest) == 64 for digest in plain.inputs.values())
