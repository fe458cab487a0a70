"""The Sankey diagram of materials: nothing is lost, it stays readable, and no name can break it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from made_solutions import region, town, without_plan

import isopt
from isopt.errors import InputError
from isopt.views.language import speaking
from isopt.views.palette import COLOURS
from isopt.views.sankey import MATERIAL, SINK, SOURCE, balance, sankey


@pytest.fixture(scope="module")
def solution():
    return town()


def amounts(solution, **parts):
    """Amount by column and label."""
    return {(node.column, node.label): node.amount for node in balance(solution, **parts).nodes}


def test_what_comes_in_goes_out_column_by_column(solution):
    """All tonnes that move and all that are bought stand in each of the three columns, and in the ribbons between."""
    found = balance(solution)
    weighed = solution.scenario.materials.set_index("material")["unit"] == "t"
    bought = solution.virgin[solution.virgin["material"].map(weighed)]["bought"].sum()
    moved = solution.flows["tonnes"].sum() + bought

    for column in (SOURCE, MATERIAL, SINK):
        assert sum(node.amount for node in found.nodes if node.column == column) == pytest.approx(moved)
    assert sum(amount for *_, amount, _ in found.ribbons) == pytest.approx(2 * moved)


def test_a_plant_stands_on_both_sides(solution):
    """The digesters take in 260 kt of slurry, a plant of each technology once, and give 234 kt of digestate."""
    found = amounts(solution)

    assert found[SINK, "Anaerobic digestion"] == 170_000 + 30_000 + 60_000
    assert found[SOURCE, "Anaerobic digestion"] == 200_000 + 7_000 + 27_000  # gas weighs nothing
    assert found[SINK, "Landfill"] == 15_000 + 15_000 + 7_000 + 27_000


def test_energy_has_a_diagram_of_its_own(solution):
    """In MWh there are heat and gas, with what is bought of them; no tonne of slurry."""
    found = amounts(solution, unit="MWh")

    assert found[MATERIAL, "Hot water heat"] == 225_000
    assert found[MATERIAL, "Biogas"] == 50_000  # 46,800 from the digesters, the rest of the need is bought
    assert not any(label == "Yeast slurry" for _, label in found)


def test_many_firms_and_materials_stay_readable():
    """Of 200 sites and 24 wastes each column names five, and the rest together with how many they are."""
    big = region(200, 900)
    found = balance(big, most=5)
    columns = [[node for node in found.nodes if node.column == column] for column in range(3)]

    assert [len(column) for column in columns] == [6, 6, 7]  # the last: five, the others, the landfill
    assert [node.label for node in columns[1] if node.last] == ["19 others"]
    assert found.total == pytest.approx(big.flows["tonnes"].sum())


def test_the_groups_that_the_tables_name_are_the_nodes_where_sites_are_too_many():
    """200 sites in two named districts are two sources."""
    big = region(200, 900)
    districts = ["North" if place % 2 else "South" for place in range(200)]
    scenario = big.scenario.with_(facilities=big.scenario.tables["facilities"].assign(group=districts))
    found = amounts(replace(big, scenario=scenario), most=5)

    assert {label for column, label in found if column == SOURCE} == {"North", "South"}


def test_sectors_are_the_nodes_where_no_group_is_given():
    """200 sites of two trades are two sources, named in the language that is spoken."""
    big = region(200, 900)
    trades = ["23.51" if place % 2 else "38.21" for place in range(200)]
    scenario = big.scenario.with_(facilities=big.scenario.tables["facilities"].assign(sector=trades))
    with speaking("de"):
        found = amounts(replace(big, scenario=scenario), most=5)

    sources = {label for column, label in found if column == SOURCE}
    assert sources == {"Glas, Keramik, Zement, Steine und Erden", "Abfallentsorgung und Rückgewinnung"}


def test_the_drawing_is_well_formed_whatever_the_names(solution):
    """Names made of markup, quotes and control characters are text; it parses as XML and holds no element of theirs."""
    nasty = "</svg><script>window.ran = 1</script>\x00\u2028'\"&<"
    facilities = solution.scenario.facilities.assign(name=nasty)
    hostile = replace(solution, scenario=solution.scenario.with_(facilities=facilities))
    root = ET.fromstring(sankey(hostile))

    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "path", "rect", "text"}
    assert any("window.ran" in (element.text or "") for element in root.iter())


def test_the_drawing_is_named_and_told_to_those_who_do_not_see_it(solution):
    """Title and description are tied to the picture by ids of its own; the largest flow is told in words."""
    root = ET.fromstring(sankey(solution, name="a b"))

    assert root.get("role") == "img"
    title, about = root.get("aria-labelledby").split()
    told = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert told[title] == "Where materials come from and where they go"
    assert "700,000 t/yr" in told[about]


def test_bars_stay_inside_and_apart(solution):
    """No bar leaves the drawing and none lies on another of its column, at any size asked for."""
    for height in (100, 900):
        root = ET.fromstring(sankey(solution, width=800, height=height))
        bottom = float(root.get("viewBox").split()[3])
        bars = [
            [float(bar.get(name)) for name in ("x", "y", "height")]
            for bar in root.iter("{http://www.w3.org/2000/svg}rect")
        ]
        for column in {x for x, *_ in bars}:
            ends = sorted((y, y + tall) for x, y, tall in bars if x == column)
            assert ends[0][0] >= 0
            assert ends[-1][1] <= bottom
            assert all(first[1] + 10 < second[0] for first, second in pairwise(ends))


def test_colours_are_those_of_the_map(solution):
    """A material has one of the ten colours, everything of it in the same one."""
    found = balance(solution)
    colours = {node.label: node.colour for node in found.nodes if node.column == MATERIAL}

    assert colours["FGD gypsum"] in COLOURS
    assert len(set(colours.values())) == len(colours)


def test_it_speaks_the_language_asked_for(solution):
    """In German the landfill is a Deponie and 700 thousand has a point."""
    with speaking("de"):
        drawing = sankey(solution)

    assert "Deponie" in drawing
    assert re.search(r">700\.000 t/", drawing)


def test_without_flows_there_is_nothing_to_draw():
    """No plan, no drawing; a number of nodes below one is refused."""
    assert sankey(without_plan("infeasible", None)) == ""
    with pytest.raises(InputError, match="at least 1"):
        sankey(town(), most=0)


def test_a_region_in_which_everything_is_thrown_away_is_drawn():
    """Without an exchange and without a disposal of others' the tonnes go to each firm's own."""
    scenario = isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 20}})
    found = balance(isopt.solve(scenario))

    assert {node.label for node in found.nodes if node.column == SINK} == {"Landfill", "Harbour works"}
