"""The register of Scotland's waste sites becomes a scenario: one rule, one test."""

from __future__ import annotations

import pytest

import isopt.scenario
from isopt.errors import InputError, ScenarioError
from isopt.importers.sepa import Assumptions, convert, import_sepa, read_sepa
from isopt.importers.sepa.prices import lookups
from isopt.importers.sepa.tables import TAXED

SITE = (
    "region,year,site-name,permit,status,latitude,longitude,operator,activities,accepts,"
    "tonnes-input,tonnes-treated-recovered,tonnes-output"
)
FLOW = "year,permit,io-direction,material,tonnes"

SITES = {
    "DEPOT": "Fife,2019,Depot,DEPOT,Operational,56.10,-3.2,FIFE SKIPS LTD,Transfer station,,,0,",
    "TIP": "Fife,2019,Tip,TIP,Operational,56.12,-3.2,FIFE COUNCIL,Landfill,,,0,",
    "COMPOST": "Falkirk,2019,Compost,COMPOST,Operational,56.00,-3.7,GREEN & SONS,Composting,,,900,",
    "CRUSHER": "Falkirk,2019,Crusher,CRUSHER,Operational,56.01,-3.7,Fife Skips Limited,Transfer station,,,300,",
}
FLOWS = [
    "2018,DEPOT,in,Soils,500",
    "2018,DEPOT,out,Soils,480",
    "2018,DEPOT,out,Vegetal wastes,60",
    "2018,TIP,in,Soils,1000",
    "2018,COMPOST,in,Vegetal wastes,900",
    "2018,COMPOST,out,Vegetal wastes,100",
    "2018,CRUSHER,in,Soils,400",
    "2018,CRUSHER,in,Mineral waste from construction and demolition,200",
]


@pytest.fixture
def register(tmp_path):
    """Write the two files from the rows of a small Scotland, some of them replaced or added."""

    def make(sites=(), flows=(), *, site_head=SITE, flow_head=FLOW, drop=()):
        rows = [row for name, row in SITES.items() if name not in drop]
        paths = tmp_path / "sites.csv", tmp_path / "flows.csv"
        paths[0].write_text("\n".join([site_head, *rows, *sites]) + "\n", encoding="utf-8")
        paths[1].write_text("\n".join([flow_head, *FLOWS, *flows]) + "\n", encoding="utf-8")
        return paths

    return make


def column(table, key, value):
    """One column of a table by the ids of another."""
    return dict(zip(table[key], table[value], strict=True))


def reasons(imported):
    """Rows left out, by reason."""
    return dict(zip(imported.summary["reason"], imported.summary["rows"], strict=True))


def test_what_a_site_sent_out_is_a_stream_that_must_be_placed(register):
    """Out rows become streams of the site, in full."""
    streams = read_sepa(*register(), year=2018).tables["streams"]

    assert column(streams, "stream", "supply_per_yr") == {
        "DEPOT-soils": 480,
        "DEPOT-vegetal": 60,
        "COMPOST-vegetal": 100,
    }
    assert streams["must_place"].all()


def test_a_treatment_site_receives_what_came_in_less_what_left_as_the_same_material(register):
    """900 t in and 100 t out of a composting site: 800 t end there and need not be met."""
    demands = read_sepa(*register(), year=2018).tables["demands"]

    assert column(demands, "demand", "need_per_yr")["COMPOST-vegetal"] == 900 - 100
    assert not demands["must_meet"].any()
    assert demands["virgin_eur_per_unit"].isna().all()


def test_a_transfer_station_receives_no_more_than_it_treats(register):
    """The depot treats nothing and takes nothing; the crusher treats 300 of the 600 t that end there, half of each."""
    demands = read_sepa(*register(), year=2018).tables["demands"]

    assert column(demands, "demand", "need_per_yr") == {
        "COMPOST-vegetal": 800,
        "CRUSHER-soils": pytest.approx(400 * 300 / 600),
        "CRUSHER-demolition": pytest.approx(200 * 300 / 600),
    }


def test_a_transfer_station_that_sends_on_most_of_a_material_does_not_receive_it(register):
    """Of 100 t in, 60 t leave again: a crusher next door may not swap its rubble for this one's."""
    site = "Fife,2019,Yard,YARD,Operational,56.1,-3.3,YARD,Transfer station,,,1000,"
    flows = [
        "2018,YARD,in,Soils,100",
        "2018,YARD,out,Soils,60",
        "2018,YARD,in,Glass wastes,100",
        "2018,YARD,out,Glass wastes,40",
    ]
    need = column(read_sepa(*register([site], flows), year=2018).tables["demands"], "demand", "need_per_yr")

    assert "YARD-soils" not in need
    assert need["YARD-glass"] == 100 - 40


def test_what_a_site_composts_is_taken_off_what_it_treats_otherwise(register):
    """A depot that composts 80 t and reports 100 t treated has 20 t left for the 50 t of soil that end there."""
    site = "Fife,2019,Yard,YARD,Operational,56.1,-3.3,YARD,Composting / Transfer station,,,100,"
    paths = register([site], ["2018,YARD,in,Vegetal wastes,80", "2018,YARD,in,Soils,50"])
    need = column(read_sepa(*paths, year=2018).tables["demands"], "demand", "need_per_yr")

    assert need["YARD-vegetal"] == 80
    assert need["YARD-soils"] == pytest.approx(100 - 80)


def test_an_operating_landfill_is_a_disposal_with_a_row_per_kind_of_waste(register):
    """Soils and household waste differ in gas and fee; household waste and sorting residues share one row."""
    paths = register([], ["2018,TIP,in,Household and similar wastes,70", "2018,TIP,in,Sorting residues,30"])
    disposals = read_sepa(*paths, year=2018).tables["disposals"]

    assert column(disposals, "disposal", "capacity_per_yr") == {
        "TIP-landfill-soil": 1000,
        "TIP-landfill-residual": 70 + 30,
    }
    assert column(disposals, "disposal", "accepts")["TIP-landfill-residual"] == ("household", "sorting_residues")
    assert set(disposals["route"]) == {"landfill"}


def test_a_landfill_that_composts_composts_the_organic_waste(register):
    """Garden waste of a landfill with a compost pad is a demand, its soil is landfilled."""
    site = "Fife,2019,Hill,HILL,Operational,56.1,-3.3,HILL,Civic amenity / Composting / Landfill,,,0,"
    paths = register([site], ["2018,HILL,in,Vegetal wastes,80", "2018,HILL,in,Soils,50"])
    tables = read_sepa(*paths, year=2018).tables

    assert column(tables["demands"], "demand", "need_per_yr")["HILL-vegetal"] == 80
    assert column(tables["disposals"], "disposal", "capacity_per_yr")["HILL-landfill-soil"] == 50


def test_a_closed_landfill_is_no_disposal(register):
    """Landfill (not operational) takes nothing unless it reports tonnes recovered; what it took is named as left."""
    site = "Fife,2019,Old tip,OLD,Operational,56.1,-3.3,OLD,Landfill (not operational),,,0,"
    imported = convert(*register([site], ["2018,OLD,in,Soils,50"]), year=2018)
    left = imported.left[imported.left["permit"] == "OLD"]

    assert "OLD" not in set(imported.scenario.tables["facilities"]["facility"])
    assert left["tonnes"].sum() == 50
    assert len(left) == 2  # the tonnes that count for nothing, and the site that is left with nothing


def test_burning_is_disposal_and_burning_as_fuel_is_an_exchange(register):
    """Incineration is a disposal with its own route; a biomass power station (co-incineration) is a demand for wood."""
    sites = [
        "Fife,2019,Burner,BURN,Operational,56.1,-3.3,BURN,Incineration / Other treatment,,,0,",
        "Fife,2019,Power,POWER,Operational,56.1,-3.3,POWER,Co-incineration,,,0,",
    ]
    flows = [
        "2018,BURN,in,Household and similar wastes,50",
        "2018,BURN,in,Wood wastes,5",
        "2018,POWER,in,Wood wastes,700",
    ]
    tables = read_sepa(*register(sites, flows), year=2018).tables
    burner = tables["disposals"].set_index("disposal").loc["BURN-incineration"]

    assert burner["route"] == "incineration"
    assert burner["capacity_per_yr"] == 50 + 5
    assert burner["accepts"] == ("household", "wood")
    assert column(tables["demands"], "demand", "need_per_yr")["POWER-wood"] == 700


def test_a_metal_recycler_uses_metals_and_vehicles_and_only_those(register):
    """Metals that end at a metal recycler are a demand; soil in the same yard is none unless treated."""
    site = "Fife,2019,Scrap,SCRAP,Operational,56.1,-3.3,SCRAP,Metal recycler,,,0,"
    flows = [
        "2018,SCRAP,in,Discarded vehicles,50",
        "2018,SCRAP,in,Soils,7",
        '2018,SCRAP,out,"Metallic wastes, ferrous",40',
    ]
    tables = read_sepa(*register([site], flows), year=2018).tables

    assert column(tables["demands"], "facility", "demand")["SCRAP"] == "SCRAP-vehicles"
    assert "SCRAP-ferrous" in set(tables["streams"]["stream"])


def test_an_unknown_activity_counts_as_a_transfer_station(register):
    """A word that the importer doesn't know gives no licence to receive more than what is treated."""
    site = "Fife,2019,New,NEW,Operational,56.1,-3.3,NEW,Plasma torch,,,5,"
    need = column(
        read_sepa(*register([site], ["2018,NEW,in,Soils,50"]), year=2018).tables["demands"], "demand", "need_per_yr"
    )

    assert need["NEW-soils"] == pytest.approx(5)


def test_operators_that_differ_in_legal_form_are_one_organisation(register):
    """FIFE SKIPS LTD and Fife Skips Limited are one firm: trade between its two yards is no exchange between firms."""
    organisation = column(read_sepa(*register(), year=2018).tables["facilities"], "facility", "organisation")

    assert organisation["DEPOT"] == organisation["CRUSHER"] == "FIFE SKIPS LTD"
    assert organisation["TIP"] == "FIFE COUNCIL"


def test_region_and_activities_are_kept(register):
    """The council area is the group on the map; what the site does stands in its note."""
    facilities = read_sepa(*register(), year=2018).tables["facilities"].set_index("facility")

    assert facilities.loc["COMPOST", "group"] == "Falkirk"
    assert facilities.loc["COMPOST", "note"] == "Composting (operational)"
    assert facilities.loc["COMPOST", "sector"] == "38.21"


def test_prices_are_of_one_year_in_euros(register):
    """Landfill tax of 2025; composting costs 24 GBP of 2012 (0.811 GBP/EUR, index 76.11), here or 350 km away."""
    scenario = read_sepa(*register(), year=2018)
    cost = column(scenario.tables["substitutions"], "from_material", "cost_eur_per_unit")
    own = column(scenario.tables["streams"], "stream", "own_disposal_eur_per_unit")
    composting, landfill = (gbp / 0.811 / 0.7611 for gbp in (24, 8))

    assert scenario.settings.policy.landfill_tax_eur_per_t == {"inert": 4.7, "non_hazardous": 147, "hazardous": 147}
    assert cost["vegetal"] == pytest.approx(composting, abs=0.01)
    assert own["DEPOT-vegetal"] == pytest.approx(composting + 3 + 0.11 * 350, abs=0.01)
    assert own["DEPOT-soils"] == pytest.approx(landfill + 3 + 0.11 * 350, abs=0.01)


def test_the_sender_pays_what_treatment_costs(register):
    """The fee is a cost of the receiver and a payment of the sender: in the ledger of firms the two meet."""
    tables = read_sepa(*register(), year=2018).tables
    cost = column(tables["substitutions"], "from_material", "cost_eur_per_unit")

    assert dict(zip(tables["streams"]["material"], tables["streams"]["price_eur_per_unit"], strict=True)) == {
        "soils": -cost["soils"],
        "vegetal": -cost["vegetal"],
    }


def test_the_last_resort_of_soil_is_a_taxed_landfill_and_of_garden_waste_a_treatment(register):
    """What finds no place counts as landfilled only where nobody would treat it elsewhere."""
    route = column(read_sepa(*register(), year=2018).tables["streams"], "stream", "own_disposal_route")

    assert route == {"DEPOT-soils": "landfill", "DEPOT-vegetal": "other", "COMPOST-vegetal": "other"}


def test_assumptions_can_be_replaced(register):
    """A nearer destination elsewhere is a cheaper last resort: 250 km less at 0.11 EUR/tkm; older prices are lower."""
    usual = read_sepa(*register(), year=2018)
    near = read_sepa(*register(), year=2018, assumptions=Assumptions(elsewhere_km=100, max_km=80, setup_eur_per_yr=500))
    before = read_sepa(*register(), year=2018, assumptions=Assumptions(price_year=2024))
    own = [column(s.tables["streams"], "stream", "own_disposal_eur_per_unit")["DEPOT-vegetal"] for s in (usual, near)]

    assert own[0] - own[1] == pytest.approx(0.11 * 250)
    assert set(near.tables["modes"]["max_km"]) == {80}
    assert set(near.tables["modes"]["setup_eur_per_yr"]) == {500}
    assert before.settings.policy.landfill_tax_eur_per_t["non_hazardous"] == 122  # 103.70 GBP/t


def test_a_box_and_regions_choose_sites(register):
    """Sites outside are counted with their flows; names of regions may differ in case."""
    paths = register()
    boxed = convert(*paths, year=2018, bbox=(56.05, -3.5, 56.2, -3.0))
    falkirk = convert(*paths, year=2018, regions=["falkirk"])

    assert sorted(boxed.scenario.tables["facilities"]["facility"]) == ["DEPOT", "TIP"]
    assert boxed.scenario.title == "Waste sites of Scotland from 56.05 to 56.2 N and 3.5 W to 3 W, 2018"
    assert falkirk.scenario.title == "Waste sites of falkirk, 2018"
    assert sorted(falkirk.scenario.tables["facilities"]["facility"]) == ["COMPOST", "CRUSHER"]
    assert reasons(boxed)["site outside the selection"] == 2
    assert reasons(boxed)["flow of a site that lies outside the selection"] == 4


DIRTY_FLOWS = [
    ("2017,DEPOT,out,Soils,5", "flow of another year"),
    ("2018,DEPOT,out,,5", "flow without a material"),
    ("2018,DEPOT,out,Moon dust,5", "flow of a material that the importer doesn't know"),
    ("2018,DEPOT,out,Glass wastes,", "flow without an amount"),
    ("2018,DEPOT,out,Glass wastes,-4", "flow of a negative amount"),
    ("2018,DEPOT,out,Glass wastes,0", "flow of nothing"),
    ("2018,DEPOT,out,Soils,480", "repeats an earlier row to the digit"),
    ("2018,GHOST,out,Soils,5", "flow of a permit without a row among the sites"),
]


@pytest.mark.parametrize(("row", "reason"), DIRTY_FLOWS)
def test_a_flow_that_cannot_be_used_is_left_and_named(register, row, reason):
    """The scenario is as without the row, and the row is counted under its reason."""
    clean, dirty = convert(*register(), year=2018), convert(*register(flows=[row]), year=2018)

    assert (
        dirty.scenario.tables["streams"]["supply_per_yr"].sum()
        == clean.scenario.tables["streams"]["supply_per_yr"].sum()
    )
    assert reasons(dirty) == {**reasons(clean), reason: 1}
    if "another year" not in reason:
        assert dirty.left[dirty.left["reason"] == reason]["row"].tolist() == [2 + len(FLOWS)]


def test_two_amounts_of_one_flow_are_added(register):
    """A site may report in parts: 480 and 20 t are 500 t, and the second row is named."""
    imported = convert(*register(flows=["2018,DEPOT,out,Soils,20"]), year=2018)

    assert column(imported.scenario.tables["streams"], "stream", "supply_per_yr")["DEPOT-soils"] == 480 + 20
    assert reasons(imported)["added to an earlier row of the same site, direction and material"] == 1


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        ("", "-3.2", "site without coordinates"),
        ("0", "0", "site with coordinates outside Scotland"),
        ("-3.2", "56.1", "site with coordinates outside Scotland"),
        ("51.5", "-0.6", "site with coordinates outside Scotland"),
    ],
)
def test_a_site_without_a_place_in_scotland_is_left_with_its_flows(register, latitude, longitude, reason):
    """Missing, zero, swapped and English coordinates: the site is named, and so are its flows."""
    site = f"Fife,2019,Lost,LOST,Operational,{latitude},{longitude},LOST,Composting,,,0,"
    imported = convert(*register([site], ["2018,LOST,in,Vegetal wastes,9"]), year=2018)

    assert reasons(imported)[reason] == 1
    assert reasons(imported)["flow of a site that has no coordinates in Scotland"] == 1
    assert "LOST" not in set(imported.scenario.tables["facilities"]["facility"])


def test_of_two_rows_of_a_permit_the_nearest_year_counts(register):
    """The row of the flows' own year beats that of a later one, wherever it stands."""
    sites = [
        "Fife,2018,Then,TWICE,Operational,56.1,-3.3,THEN LTD,Composting,,,0,",
        "Fife,2020,Now,TWICE,Operational,56.1,-3.3,NOW LTD,Landfill,,,0,",
    ]
    imported = convert(*register(sites, ["2018,TWICE,in,Vegetal wastes,9"]), year=2018)

    assert column(imported.scenario.tables["facilities"], "facility", "name")["TWICE"] == "Then"
    assert reasons(imported)["another row of the same permit, farther in year or earlier in the file"] == 1


def test_every_tonne_that_came_in_is_somewhere(register):
    """Inflow of the sites = capacities + what is named as left (passed on, not treated)."""
    imported = convert(*register(), year=2018)
    tables = imported.scenario.tables
    came = 500 + 1000 + 900 + 400 + 200
    room = tables["demands"]["need_per_yr"].sum() + tables["disposals"]["capacity_per_yr"].sum()
    left = imported.left[imported.left["direction"] == "in"]["tonnes"].sum()

    assert room + left == pytest.approx(came)


WRONG_CELLS = [
    (
        ["Fife,2019,X,X,Operational,fifty,-3.2,X,Composting,,,0,"],
        [],
        "sites.csv",
        6,
        "latitude",
        '"fifty" is not a number',
    ),
    (
        ["Fife,2019,X,X,Operational,56.1,inf,X,Composting,,,0,"],
        [],
        "sites.csv",
        6,
        "longitude",
        '"inf" is not a number',
    ),
    (
        ['Fife,2019,X,X,Operational,"56,1",-3.2,X,Composting,,,0,'],
        [],
        "sites.csv",
        6,
        "latitude",
        '"56,1" is not a number; write a decimal point',
    ),
    (
        ["Fife,2019,X,X,Operational,56.1,-3.2,X,Composting,,,lots,"],
        [],
        "sites.csv",
        6,
        "tonnes-treated-recovered",
        '"lots" is not a number',
    ),
    (
        ["Fife,last,X,X,Operational,56.1,-3.2,X,Composting,,,0,"],
        [],
        "sites.csv",
        6,
        "year",
        '"last" is not a whole number',
    ),
    (["Fife,2019,X,,Operational,56.1,-3.2,X,Composting,,,0,"], [], "sites.csv", 6, "permit", "is empty"),
    ([], ["2018,DEPOT,out,Soils,many"], "flows.csv", 10, "tonnes", '"many" is not a number'),
    ([], ["2018,DEPOT,sideways,Soils,1"], "flows.csv", 10, "io-direction", '"sideways" is neither in nor out'),
    ([], ["18/19,DEPOT,out,Soils,1"], "flows.csv", 10, "year", '"18/19" is not a whole number'),
]


@pytest.mark.parametrize(("sites", "flows", "file", "row", "cell", "message"), WRONG_CELLS)
def test_a_cell_that_cannot_be_read_is_named(register, sites, flows, file, row, cell, message):
    """File, row as a spreadsheet counts, column and value."""
    with pytest.raises(ScenarioError) as caught:
        convert(*register(sites, flows), year=2018)

    assert [(p.file, p.row, p.column, p.message) for p in caught.value.problems] == [(file, row, cell, message)]


def test_all_wrong_cells_are_named_at_once(register):
    """Two bad cells in one file and one in the other are three problems."""
    paths = register(["Fife,2019,X,X,Operational,a,b,X,Composting,,,0,"], ["2018,DEPOT,out,Soils,c"])

    with pytest.raises(ScenarioError) as caught:
        convert(*paths, year=2018)
    assert [(p.file, p.column) for p in caught.value.problems] == [
        ("flows.csv", "tonnes"),
        ("sites.csv", "latitude"),
        ("sites.csv", "longitude"),
    ]


def test_a_missing_column_is_named_with_the_nearest(register):
    """A renamed column is found again by its likeness."""
    paths = register(site_head=SITE.replace("latitude", "lattitude"))

    with pytest.raises(ScenarioError, match=r'latitude .*there is no such column; did you mean "lattitude"'):
        convert(*paths, year=2018)


def test_a_file_that_is_no_table_is_named(register, tmp_path):
    """No file, an empty file and a file in another encoding each get a sentence."""
    sites, flows = register()
    with pytest.raises(InputError, match=r"nowhere.csv is not a file"):
        convert(tmp_path / "nowhere.csv", flows, year=2018)
    flows.write_text("", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"flows.csv .*can't be read as a table"):
        convert(sites, flows, year=2018)
    sites.write_bytes(SITE.encode() + b"\nFife,2019,Caf\xe9,,,,,,,,,,\n")
    with pytest.raises(ScenarioError, match=r"sites.csv .*is not UTF-8 text"):
        convert(sites, flows, year=2018)


def test_a_byte_order_mark_and_windows_line_ends_are_read(register):
    """What Excel saves is read as if written by hand."""
    sites, flows = register()
    plain = read_sepa(sites, flows, year=2018)
    for path in (sites, flows):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    excel = read_sepa(sites, flows, year=2018)

    assert excel.tables["streams"].equals(plain.tables["streams"])
    assert excel.tables["facilities"].equals(plain.tables["facilities"])


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"year": 1999}, "flows.csv has no flow of 1999; it holds 2018 to 2018"),
        ({"year": 2018, "bbox": (56.2, -3.0, 56.0, -3.5)}, "south, west, north, east"),
        ({"year": 2018, "bbox": (58.0, -3.5, 59.0, -3.0)}, "no site lies between south 58.0 and north 59.0"),
        ({"year": 2018, "regions": ["Fyfe"]}, 'there is no region "Fyfe" in sites.csv; did you mean "Fife"'),
        (
            {"year": 2018, "regions": ["Fife"], "bbox": (55.9, -3.8, 56.05, -3.6)},
            "no site of these regions lies in the box",
        ),
    ],
)
def test_a_choice_that_finds_nothing_is_refused(register, choice, message):
    """Year, box and region are checked against what the files hold."""
    with pytest.raises(InputError, match=message):
        convert(*register(), **choice)


def test_a_selection_without_flows_is_refused(register):
    """A box around a site that reported nothing in the year finds no flow."""
    paths = register(["Fife,2019,Idle,IDLE,Operational,57.0,-4.0,IDLE,Composting,,,0,"])

    with pytest.raises(InputError, match="no flow of 2018 belongs to a site of the selection"):
        convert(*paths, year=2018, bbox=(56.9, -4.1, 57.1, -3.9))


def test_the_folder_holds_the_scenario_its_readme_and_what_was_left(register, tmp_path):
    """What is written reads back the same; the README names the permit without a site; the list has every row left."""
    imported = import_sepa(*register(flows=["2018,GHOST,out,Soils,5"]), tmp_path / "fife", year=2018)
    again = isopt.scenario.read(tmp_path / "fife")
    readme = (tmp_path / "fife" / "README.md").read_text(encoding="utf-8")

    for name in ("facilities", "materials", "streams", "demands", "disposals", "substitutions", "modes"):
        assert again.tables[name].equals(imported.scenario.tables[name]), name
    assert not again.warnings
    assert "GHOST" in readme
    assert "Open Government Licence" in readme
    assert "non_hazardous 147 EUR/t" in readme
    assert (tmp_path / "fife" / "import" / "left_out.csv").read_text(encoding="utf-8").count("\n") == 1 + len(
        imported.left
    )


def test_every_row_of_the_scenario_names_its_source(register):
    """No table is without a source, so that no assumption is taken for data."""
    tables = read_sepa(*register(), year=2018).tables

    for name in ("facilities", "materials", "streams", "demands", "disposals", "substitutions", "modes"):
        assert (tables[name]["source"] != "").all(), name


def test_the_lookup_tables_refer_to_each_other():
    """Every cell, fee, category, mode and activity that a row names is there, once."""
    known = lookups()

    assert known.materials["material"].is_unique
    assert known.materials["sepa_name"].is_unique
    assert set(known.materials["cell"]) <= set(known.outlets["cell"])
    assert set(known.materials["treatment_fee"]) | set(known.outlets["fee"]) <= set(known.fees["fee"])
    assert set(known.materials["elsewhere"]) == {"landfill", "treatment"}
    takes = {word for text in known.activities["takes"] for word in text.split(";") if word}
    assert takes <= set(known.materials["category"])
    assert set(known.materials["disposal_class"]) == {*TAXED, "none"}
    assert set(";".join(known.modes["states"]).split(";")) == set(known.materials["state"])


@pytest.fixture(scope="module")
def files(shared):
    """The published files."""
    folder = shared / "data" / "scotland_sepa"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}: the register's files are not part of this repository")
    return folder / "waste-site-io.csv", folder / "waste-site-material-io.csv"


@pytest.fixture(scope="module")
def scotland(files):
    """All Scotland in 2018, from the published files."""
    return convert(*files, year=2018)


def test_all_scotland_keeps_every_tonne(scotland):
    """The files hold 8,077,624 t out and 18,065,774 t in for 2018; what is in the scenario and what is left add up."""
    tables, left = scotland.scenario.tables, scotland.left
    of_year = left[left["row"].isna() | (left["file"] == "waste-site-material-io.csv")]
    out = tables["streams"]["supply_per_yr"].sum() + of_year[of_year["direction"] == "out"]["tonnes"].sum()
    room = tables["demands"]["need_per_yr"].sum() + tables["disposals"]["capacity_per_yr"].sum()
    came = room + of_year[of_year["direction"] == "in"]["tonnes"].sum()

    assert out == pytest.approx(8_077_624, abs=1)
    assert came == pytest.approx(18_065_774, abs=1)


def test_all_scotland_holds_the_sites_a_planner_knows(scotland):
    """Markinch burns wood as fuel, Avondale is a landfill, Dunbar an incinerator; transfer stations keep no inflow."""
    tables = scotland.scenario.tables
    name = column(tables["facilities"], "facility", "name")
    wood = {
        name[f]
        for f, m in zip(tables["demands"]["facility"], tables["demands"]["material"], strict=True)
        if m == "wood"
    }
    route = {(name[f], r) for f, r in zip(tables["disposals"]["facility"], tables["disposals"]["route"], strict=True)}

    assert any("Markinch" in site for site in wood)
    assert any("Avondale" in site and way == "landfill" for site, way in route)
    assert any("Dunbar ERF" in site and way == "incineration" for site, way in route)
    assert tables["demands"]["need_per_yr"].sum() < 9_000_000  # of 18 Mt that came in anywhere


def test_all_scotland_names_the_permits_without_a_site(scotland):
    """14 permits have no row among the sites; 70 of their 73 flows of 2018 name a material and an amount."""
    strays = scotland.left[scotland.left["reason"] == "flow of a permit without a row among the sites"]

    assert strays["permit"].nunique() == 14
    assert len(strays) == 70


def test_the_central_belt_is_a_part(scotland, files):
    """The box from Greenock to Dunbar holds about half of the streams."""
    belt = read_sepa(*files, year=2018, bbox=(55.6, -4.8, 56.2, -2.8))

    assert 0.3 < len(belt.tables["streams"]) / len(scotland.scenario.tables["streams"]) < 0.7
