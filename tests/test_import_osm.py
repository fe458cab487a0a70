"""Industry on OpenStreetMap becomes a scenario to complete: one rule, one test."""

from __future__ import annotations

import csv
import tomllib

import geopandas as gpd
import osmnx
import pandas as pd
import pytest
import shapely
from osm_extract import Extract, at

import isopt.scenario
from isopt.errors import InputError, ScenarioError
from isopt.importers.osm import facilities_from_osm, import_osm
from isopt.importers.osm.features import TAGS, kinds, sectors
from isopt.knowledge import gate_fee, landfill_tax, table

HOSTILE = "=cmd|' /C calc'!A0; <script>alert(\"x\")</script> | ../../etc \N{FACTORY}"


def works(extract):
    """A works drawn as an area, with everything a mapper can say of it."""
    return extract.area(
        (0, 0), 0.3, man_made="works", landuse="industrial", name="Portland Works", operator="Cement AG",
        product="cement", tags={
            "addr:street": "Kiln Road", "addr:housenumber": "7", "addr:postcode": "01067", "addr:city": "Stade",
            "addr:country": "DE",
        },
    )  # fmt: skip


@pytest.fixture
def extract():
    """An empty extract whose nodes lie inland near Bremen."""
    return Extract()


@pytest.fixture
def read(extract, tmp_path):
    """Write the extract and return its facilities by id."""

    def take(**options):
        frame = facilities_from_osm(extract.write(tmp_path / "region.osm.pbf"), **options)
        return frame.set_index("facility")

    return take


def test_a_works_is_a_facility_with_operator_address_and_sector(extract, read):
    """The more special kind counts, the product tells the sector, and a postcode keeps its zero."""
    number = works(extract)
    site = read().loc[f"way/{number}"]

    assert site["name"] == "Portland Works"
    assert site["organisation"] == "Cement AG"
    assert (site["sector"], site["group"]) == ("23.51", "works")
    assert (site["address"], site["postcode"], site["city"], site["country"]) == ("Kiln Road 7", "01067", "Stade", "DE")
    assert at(0, 0)[0] < site["lat"] < at(0.3, 0)[0]
    assert at(0, 0)[1] < site["lon"] < at(0, 0.3)[1]
    assert "product=cement; sector guessed: makes cement" in site["note"]
    assert "OpenStreetMap" in site["source"]


def test_the_note_tells_the_area(extract, read):
    """0.003 degrees squared at 53 degrees north: 334 m by 201 m, 6.7 ha."""
    number = works(extract)

    assert "; 6.7 ha;" in read().loc[f"way/{number}", "note"]


@pytest.mark.parametrize(
    ("tags", "group", "sector"),
    [
        ({"landuse": "landfill"}, "landfill", "38.21"),
        ({"landuse": "landfill", "landfill:waste": "hazardous"}, "landfill", "38.22"),
        ({"man_made": "wastewater_plant"}, "waste-water plant", "37.00"),
        ({"amenity": "recycling", "recycling_type": "centre"}, "recycling centre", "38.11"),
        ({"amenity": "recycling", "recycling_type": "container"}, None, None),
        ({"amenity": "recycling"}, None, None),
        ({"amenity": "waste_transfer_station"}, "waste transfer station", "38.11"),
        ({"power": "plant", "plant:source": "gas"}, "power plant", "35.11"),
        ({"power": "plant", "plant:source": "waste"}, "power plant", "38.21"),
        ({"power": "plant", "plant:source": "biomass;solar"}, "power plant", "35.11"),
        ({"power": "plant", "plant:source": "solar"}, None, None),
        ({"power": "plant", "plant:source": "wind; solar"}, None, None),
        ({"landuse": "quarry"}, "quarry", "08.12"),
        ({"landuse": "quarry", "resource": "limestone"}, "quarry", "08.11"),
        ({"man_made": "works", "product": "Pig iron"}, "works", "24.10"),
        ({"man_made": "works", "product": "unobtainium"}, "works", ""),
        ({"man_made": "works", "industrial": "brickyard"}, "works", "23.32"),
        (
            {"man_made": "works", "product": "steel", "industrial": "sawmill"},
            "works",
            "24.10",
        ),  # product before industrial
        ({"landuse": "industrial", "name": "Estate"}, "industrial area", ""),
        ({"landuse": "industrial", "industrial": "refinery", "name": "R"}, "industrial area", "19.20"),
        ({"landuse": "industrial", "industrial": "port"}, "port", "52.22"),
        ({"landuse": "harbour"}, "port", "52.22"),
        ({"harbour": "yes", "leisure": "marina"}, None, None),
        ({"man_made": "water_works"}, "water works", "36.00"),
        ({"landuse": "landfill", "disused": "yes"}, None, None),
        ({"man_made": "works", "operational_status": "closed"}, None, None),
        ({"building": "industrial"}, None, None),
        ({"highway": "services"}, None, None),
    ],
)
def test_tags_decide_what_a_site_is(extract, read, tags, group, sector):
    """Area or node alike, beside a works that is always there, so that nothing found is no error."""
    works(extract)
    drawn = [f"way/{extract.area((5, 5), 0.3, tags)}", f"node/{extract.node((9, 9), **tags)}"]
    sites = read()
    found = [(sites.loc[name, "group"], sites.loc[name, "sector"]) for name in drawn if name in sites.index]

    assert found == ([] if group is None else [(group, sector)] * 2)


@pytest.mark.parametrize(("side", "name", "there"), [(0.2, "", False), (0.5, "", True), (0.05, "Estate", True)])
def test_an_industrial_area_needs_a_name_or_five_hectares(extract, read, side, name, there):
    """0.2 steps are 3 ha, 0.5 are 18.6."""
    works(extract)
    number = extract.area((5, 5), side, landuse="industrial", **({"name": name} if name else {}))

    assert (f"way/{number}" in read().index) is there
    assert f"way/{number}" in read(min_ha=1).index


def test_a_relation_with_a_hole_is_one_site_with_a_point_inside(extract, read):
    """The representative point lies in the ring, not in the hole in its middle."""
    outer, inner = extract.area((0, 0), 1), extract.area((0.2, 0.2), 0.6)
    number = extract.relation(
        [(outer, "outer"), (inner, "inner")], type="multipolygon", landuse="landfill", name="Ring"
    )
    site = read().loc[f"relation/{number}"]
    (south, west), (north, east) = at(0.2, 0.2), at(0.8, 0.8)

    assert not (south < site["lat"] < north and west < site["lon"] < east)
    assert "; 47.8 ha;" in site["note"]  # 1113 m by 671 m, of which the hole takes 0.6 x 0.6


def test_what_is_on_the_map_twice_is_one_site_with_the_tags_of_both(extract, tmp_path):
    """A node inside the area with the same name, in another case; the works outranks the area around it."""
    area = extract.area((0, 0), 1, landuse="industrial", name="Nordic Steel", operator="Nordic AB")
    node = extract.node((0.5, 0.5), man_made="works", product="steel", name="NORDIC STEEL")
    other = extract.node((3, 3), man_made="works", name="Nordic Steel")  # another place: another works
    plain = extract.node((0.6, 0.6), man_made="works")  # no name: may be anything
    imported = import_osm(extract.write(tmp_path / "x.osm.pbf"), tmp_path / "out")
    sites = imported.facilities.set_index("facility")

    assert set(sites.index) == {f"node/{node}", f"node/{other}", f"node/{plain}"}
    assert sites.loc[f"node/{node}", "organisation"] == "Nordic AB"
    assert " ha;" in sites.loc[f"node/{node}", "note"]
    assert imported.left["permit"].tolist() == [f"way/{area}"]
    assert imported.left["reason"].tolist() == [f"the same as node/{node}"]


def test_three_of_a_name_on_one_another_become_one(extract, read):
    """A works in an area in a larger area: the least fills the next, and all tags arrive."""
    extract.area((0, 0), 2, landuse="industrial", name="Chem", tags={"addr:city": "Bremen"})
    extract.area((0, 0), 1, landuse="industrial", name="Chem", operator="Chem AG")
    node = extract.node((0.5, 0.5), man_made="works", name="Chem", product="fertilizer")
    sites = read()

    assert list(sites.index) == [f"node/{node}"]
    assert tuple(sites.loc[f"node/{node}", ["organisation", "city", "sector"]]) == ("Chem AG", "Bremen", "20.15")


def test_without_a_tag_the_country_is_the_one_on_the_map(extract, read):
    """53 N 8 E is in Germany; a country in words becomes two letters."""
    here = extract.node((0.5, 8), man_made="works")
    said = extract.node((0.5, 9), man_made="works", **{"addr:country": "Danmark"})
    sites = read()

    assert sites.loc[f"node/{here}", "country"] == "DE"
    assert sites.loc[f"node/{said}", "country"] == "DK"


def test_a_landfill_is_a_way_to_disposal_at_the_fee_of_its_country(extract, tmp_path):
    """British fees are known; German ones aren't, and the planning range is marked as assumed."""
    british = extract.area((0, 0), 1, landuse="landfill", name="Tip", tags={"addr:country": "GB"})
    german = extract.area((3, 3), 1, landuse="landfill", tags={"landfill:waste": "hazardous"})
    rows = import_osm(extract.write(tmp_path / "x.osm.pbf"), tmp_path / "out").disposals.set_index("disposal")

    assert rows.loc[f"way/{british}", "gate_fee_eur_per_unit"] == pytest.approx(
        gate_fee("GB", "landfill_non_hazardous", price_year=2025).value, abs=0.005
    )
    assert "assumed" not in rows.loc[f"way/{british}", "note"]
    assert rows.loc[f"way/{german}", "gate_fee_eur_per_unit"] == pytest.approx(
        gate_fee("EU", "landfill_planning_range", price_year=2025).value, abs=0.005
    )
    assert "assumed: " in rows.loc[f"way/{german}", "note"]
    assert rows["accepts"].tolist() == ["", "hazardous"]
    assert rows["source"].str.endswith(("gate fee: wrap_2013", "gate fee: planning")).all()
    assert set(rows["route"]) == {"landfill"}


def test_the_check_names_just_what_is_on_no_map(extract, tmp_path):
    """Materials, and one of streams, demands or plants; nothing else is wrong with the folder."""
    works(extract)
    extract.area((3, 3), 1, landuse="landfill", name=HOSTILE, operator="a;b,c\n=d")
    extract.node((4, 4), man_made="works", name="  ", operator="'")
    import_osm(extract.write(tmp_path / "x.osm.pbf"), tmp_path / "out")
    with pytest.raises(ScenarioError) as caught:
        isopt.scenario.read(tmp_path / "out")

    assert [problem.file for problem in caught.value.problems] == ["materials.csv", "streams.csv"]
    assert all("has no rows" in problem.message for problem in caught.value.problems)


def test_once_filled_in_the_folder_is_a_scenario(extract, tmp_path):
    """A material and a stream are enough: the landfill takes it at the fee of the import, and the tax is the country's."""
    number = works(extract)
    tip = extract.area((3, 3), 1, landuse="landfill", name=HOSTILE, tags={"addr:country": "GB"})
    extract.node((4, 4), man_made="works", **{"addr:country": "GB"})
    import_osm(extract.write(tmp_path / "x.osm.pbf"), tmp_path / "out")
    (tmp_path / "out" / "materials.csv").write_text("material,disposal_class\ndust,non_hazardous\n", encoding="utf-8")
    (tmp_path / "out" / "streams.csv").write_text(
        f"stream,facility,material,supply_per_yr\ns,way/{number},dust,100\n", encoding="utf-8"
    )
    scenario = isopt.scenario.read(tmp_path / "out")
    names = dict(zip(scenario.tables["facilities"]["facility"], scenario.tables["facilities"]["name"], strict=True))

    assert names[f"way/{tip}"] == HOSTILE
    assert scenario.tables["disposals"]["facility"].tolist() == [f"way/{tip}"]
    assert scenario.settings.policy.landfill_tax_eur_per_t["non_hazardous"] == pytest.approx(
        landfill_tax("GB", "non_hazardous", 2025).value, abs=0.005
    )
    assert scenario.title == "Sites of x"


def test_hostile_names_stay_text_in_every_file(extract, tmp_path):
    """The name is one cell of the table, and no markup of the README or the list of what was left."""
    extract.area((0, 0), 1, man_made="works", name=HOSTILE)
    extract.area((0.2, 0.2), 0.1, landuse="industrial", name=HOSTILE)
    import_osm(extract.write(tmp_path / "x.osm.pbf"), tmp_path / "out")
    with (tmp_path / "out" / "facilities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["name"] for row in rows] == [HOSTILE]
    assert "<script>" not in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert HOSTILE in pd.read_csv(tmp_path / "out" / "import" / "left_out.csv")["name"].tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "x.osm.pbf"]


def test_the_readme_says_licence_counts_and_what_is_left(extract, tmp_path):
    """Two works, one landfill, one solar park left out."""
    works(extract)
    extract.node((2, 2), man_made="works")
    extract.area((3, 3), 1, landuse="landfill")
    extract.area((5, 5), 1, power="plant", tags={"plant:source": "solar"})
    import_osm(extract.write(tmp_path / "region.osm.pbf"), tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    settings = tomllib.loads((tmp_path / "out" / "scenario.toml").read_text(encoding="utf-8"))

    assert "© OpenStreetMap contributors" in text
    assert "Open Database License" in text
    assert "| works | `man_made=works` | 2 |" in text
    assert "| landfill | `landuse=landfill` | 1 |" in text
    assert "| power of sun, wind or water: no material in or out | 1 |" in text
    assert "- 1 landfills are rows of `disposals.csv`" in text
    assert "{" not in text
    assert settings == {"title": "Sites of region", "price_year": 2025, "policy": settings["policy"]} | {
        key: value for key, value in settings.items() if key not in {"title", "price_year", "policy"}
    }


def test_a_box_and_kinds_narrow_the_choice(extract, read, tmp_path):
    """South, west, north, east; and works only."""
    near, far = extract.node((1, 1), man_made="works"), extract.node((50, 50), man_made="works")
    tip = extract.area((1, 2), 0.1, landuse="landfill")
    box = (*at(0, 0), *at(10, 10))

    assert set(read(bbox=box).index) == {f"node/{near}", f"way/{tip}"}
    assert set(facilities_from_osm(tmp_path / "region.osm.pbf", kinds=["works"])["facility"]) == {
        f"node/{near}",
        f"node/{far}",
    }
    assert set(facilities_from_osm(tmp_path / "region.osm.pbf", bbox=box, kinds=["works"])["facility"]) == {
        f"node/{near}"
    }


def test_a_folder_that_holds_a_scenario_is_not_touched(extract, tmp_path):
    """What somebody filled in is not lost to a second import."""
    works(extract)
    path = extract.write(tmp_path / "x.osm.pbf")
    import_osm(path, tmp_path / "out")
    (tmp_path / "out" / "streams.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds scenario\.toml already"):
        import_osm(path, tmp_path / "out")

    assert (tmp_path / "out" / "streams.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": None}, "give an extract"),
        ({"source": None, "place": "Bremen"}, "needs online=True"),
        ({"source": None, "bbox": (52, 8, 53, 9)}, "needs online=True"),
        ({"source": "x.osm.pbf", "place": "Bremen"}, "a place is for asking online"),
        ({"source": "missing.osm.pbf"}, "is not a file"),
        ({"source": "x.osm.pbf", "bbox": (53, 8, 52, 9)}, "south, west, north, east"),
        ({"source": "x.osm.pbf", "kinds": ["landfil"]}, '"landfil" is no kind of site; did you mean "landfill"'),
        ({"source": "x.osm.pbf", "kinds": "quarry"}, r"no sites were found \(quarry\)"),
        ({"source": "x.osm.pbf", "bbox": (10, 8, 11, 9)}, r"no sites were found .* within the box"),
        ({"source": "notes.txt"}, "no OpenStreetMap extract"),
        ({"source": "cut.osm.pbf"}, "damaged or cut off"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_written(extract, tmp_path, monkeypatch, arguments, words):
    """In words, before anything is made."""
    works(extract)
    extract.write(tmp_path / "x.osm.pbf")
    (tmp_path / "cut.osm.pbf").write_bytes((tmp_path / "x.osm.pbf").read_bytes()[:-20])
    (tmp_path / "notes.txt").write_text("no map", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        import_osm(output=tmp_path / "out", **arguments)

    assert not (tmp_path / "out").exists()


def test_online_the_same_rules_hold(tmp_path, monkeypatch):
    """osmnx answers with a frame by element and number; its box is west, south, east, north."""
    asked = []

    def answer(where, tags):
        asked.append((where, tags, osmnx.settings.http_user_agent))
        index = pd.MultiIndex.from_tuples([("node", 5), ("way", 7), ("way", 9)], names=["element", "id"])
        square = shapely.box(8.0, 53.0, 8.01, 53.01)
        return gpd.GeoDataFrame(
            {
                "man_made": ["works", None, None],
                "landuse": [None, "landfill", "industrial"],
                "product": ["sugar", None, None],
                "name": ["Mill", "Tip", None],
            },
            geometry=[shapely.Point(8.5, 53.0), square, shapely.LineString([(8, 53), (9, 53)])],
            index=index, crs=4326,
        )  # fmt: skip

    monkeypatch.setattr(osmnx, "features_from_place", answer)
    monkeypatch.setattr(osmnx, "features_from_bbox", answer)
    told = []
    imported = import_osm(None, tmp_path / "out", place="Bremen", online=True, on_progress=told.append)
    boxed = facilities_from_osm(bbox=(52.9, 7.9, 53.1, 8.1), online=True)
    sites = imported.facilities.set_index("facility")

    assert sites["sector"].to_dict() == {"way/7": "38.21", "node/5": "10.81"}
    assert boxed["facility"].tolist() == ["way/7"]
    assert [where for where, _, _ in asked] == ["Bremen", (7.9, 52.9, 8.1, 53.1)]
    assert asked[0][1]["landuse"] == ["landfill", "quarry", "port", "harbour", "industrial"]
    assert asked[0][2].startswith("isopt/")
    assert told == ["asking OpenStreetMap for " + ", ".join(dict.fromkeys(kinds()["kind"])), "2 sites of 2 features"]
    assert "Bremen" in imported.readme


def test_online_and_offline_give_the_same_sites(extract, tmp_path, monkeypatch):
    """The region once read by GDAL and once by osmnx: the same rows, areas, holes and doubles included."""
    works(extract)
    extract.node((0.1, 0.1), man_made="works", name="PORTLAND works", website="https://example.org")
    outer, inner = extract.area((3, 3), 1), extract.area((3.2, 3.2), 0.6)
    extract.relation([(outer, "outer"), (inner, "inner")], type="multipolygon", landuse="landfill", name=HOSTILE)
    extract.area((5, 5), 0.5, landuse="industrial")
    extract.area((6, 6), 0.1, landuse="industrial")
    extract.area((7, 7), 0.1, power="plant", tags={"plant:source": "biogas"})
    extract.area((8, 8), 0.1, power="plant", tags={"plant:source": "solar"})
    extract.node((9, 9), amenity="recycling", recycling_type="centre", name="Yard")
    extract.way([(0, 5), (0, 6), (0, 7)], man_made="works")  # a line is no site
    path = extract.write(tmp_path / "region.osm")
    monkeypatch.setattr(osmnx, "features_from_place", lambda _, tags: osmnx.features_from_xml(path, tags=tags))
    offline, online = facilities_from_osm(path), facilities_from_osm(place="Bremen", online=True)

    assert len(offline) == 5
    assert offline.drop(columns=["lat", "lon"]).to_dict("records") == online.drop(columns=["lat", "lon"]).to_dict(
        "records"
    )
    assert online["lat"].to_numpy() == pytest.approx(offline["lat"].to_numpy(), abs=0.01)


def test_a_service_that_does_not_answer_leaves_no_folder(tmp_path, monkeypatch):
    """The error of the network in one sentence."""

    def fail(*_):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(osmnx, "features_from_place", fail)
    with pytest.raises(InputError, match="gives no sites: no route to host"):
        import_osm(None, tmp_path / "out", place="Bremen", online=True)
    assert not (tmp_path / "out").exists()


def test_every_guess_of_a_sector_is_a_class_of_nace_with_a_reason():
    """No code is made up, no row without why, and every tag that is looked up is read."""
    codes = set(table("nace")["code"])

    assert set(sectors()["sector"]) <= codes
    assert set(kinds()["sector"]) <= codes | {""}
    assert (sectors()["reason"] != "").all()
    assert (kinds()["reason"] != "").all()
    assert set(sectors()["key"]) | set(kinds()["key"]) | set(kinds()["also_key"]) <= {*TAGS, ""}
    assert not sectors().duplicated(["key", "value"]).any()
