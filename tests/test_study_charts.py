"""Figures and pages of studies: they show what the files say, whatever the names in them."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from small import plant
from test_policy_charts import HOSTILE, intervals, texts
from test_tax_paths import kilns

import isopt
from isopt.errors import InputError
from isopt.solution import Solution
from isopt.studies.alternatives import write_alternatives
from isopt.studies.foresight import Foresight, foresight, write_foresight
from isopt.studies.pareto import write_front
from isopt.studies.plane import plane, write_plane
from isopt.studies.policy_account import policy_account, write_policy_account
from isopt.studies.switching import switching, write_switching
from isopt.studies.tax_paths import tax_path
from isopt.studies.thresholds_files import write_thresholds
from isopt.views.figures import figure_svg, write_figure
from isopt.views.foresight_charts import draw_announcements, draw_building, draw_years, same_plans
from isopt.views.language import LANGUAGES, speaking
from isopt.views.study_charts import MOST_ROWS, draw_alternatives, draw_plane, draw_sweep, draw_switching
from isopt.views.study_page import write_study_page
from isopt.views.study_sections import study_sections, write_study_figures

SQUARE = "POLYGON ((0 0, 10 0, 10 4, 0 4, 0 0))"


def regions():
    """A plane of three regions; the third is a sliver without room for a label."""
    return pd.DataFrame({
        "region": ["r1", "r2", "r3"], "label_x": [5.0, 5, 9.99], "label_y": [2.0, 7, 7], "area_share": [0.4, 0.599, 0.001],
        "exchanges": [3.0, 4, 5], "landfilled": [9.0, 2, 1], "co2_total": [1.0, 1, 1], "error": 0.0,
        "wkt": [SQUARE, "POLYGON ((0 4, 9.98 4, 9.98 10, 0 10, 0 4))", "POLYGON ((9.98 4, 10 4, 10 10, 9.98 10, 9.98 4))"],
    })  # fmt: skip


def ranges(names=("a", "b", "c", "d")):
    """Four exchanges over 0 to 10: one comes in at 4, one is always in, one never, one goes at 6."""
    rows = [(0, 0, 4, "out"), (0, 4, 10, "in"), (1, 0, 10, "in"), (2, 0, 10, "out"), (3, 0, 6, "in"), (3, 6, 10, "out")]
    return pd.DataFrame([
        {"exchange": names[i], "from_facility": names[i], "to_facility": "t", "material": "m", "low": low, "high": high,
         "status": status, "misses_by_eur": np.nan if status == "in" else 7.0}
        for i, low, high, status in rows
    ])  # fmt: skip


def test_plane_shows_every_region_and_labels_those_with_room():
    """Three polygons in three colours by the tonnes landfilled, two labels where the table says."""
    axes, _ = draw_plane(regions(), levers=["landfill_tax", "carbon_price"]).axes

    polygons = axes.collections[0]
    assert [len(path.vertices) for path in polygons.get_paths()] == [6, 6, 6]  # closed twice
    assert polygons.get_array().tolist() == [9, 2, 1]
    assert [(label.get_text(), label.get_position()) for label in axes.texts] == [
        ("r1: 3 exchanges", (5, 2)), ("r2: 4 exchanges", (5, 7)),
    ]  # fmt: skip
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 10), (0, 10))


def test_a_plane_of_one_colour_needs_no_scale():
    """Where all regions are alike in what colours stand for, they get colours of their own."""
    figure = draw_plane(regions().assign(landfilled=3.0), levers=["subsidy", "carbon_price"])

    assert len(figure.axes) == 1
    assert len({tuple(colour) for colour in figure.axes[0].collections[0].get_facecolor()}) == 3


def test_exchanges_that_the_lever_brings_stand_on_top():
    """The one that is there from the start and goes at 6, then the one that comes at 4, then always, then never."""
    axes = draw_switching(ranges()).axes[0]

    assert [label.get_text()[0] for label in axes.get_yticklabels()] == ["d", "a", "b", "c"]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 6), (4, 6), (0, 10)]


def test_a_figure_with_too_many_exchanges_says_so():
    """The title names how many of how many are shown."""
    many = pd.concat([ranges([f"{i}{letter}" for letter in "abcd"]) for i in range(10)])

    axes = draw_switching(many).axes[0]
    assert len(axes.get_yticklabels()) == MOST_ROWS
    assert axes.get_title(loc="left").endswith(f"({MOST_ROWS}/40)")


def test_good_plans_stand_side_by_side():
    """A dot for each plan that has the exchange, and whether every, some or no good plan has it."""
    exchanges = pd.DataFrame({
        "from_facility": ["a", "b", "c"], "to_facility": "t", "material": "m", "answer": ["none", "some", "every"],
        "plans": ["", "A1", "best;A1"],
    })  # fmt: skip
    axes = draw_alternatives(exchanges, pd.DataFrame({"plan": ["best", "A1"], "above_best": [0.0, 0.013]})).axes[0]

    assert [label.get_text()[0] for label in axes.get_yticklabels()] == ["c", "b", "a"]
    large = [line.get_xdata().tolist() for line in axes.get_lines() if line.get_markersize() > 5]
    assert large == [[0, 1], [1], []]
    assert [label.get_text() for label in axes.texts] == ["in every", "in some", "in none"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["best", "A1\n+1.3 %"]


def runs():
    """Two keys; the run at 20 and 1 has no plan."""
    table = pd.DataFrame(
        [(tax, price) for price in (0, 1) for tax in (0, 10, 20)], columns=["landfill_tax", "carbon_price"]
    )
    table["cost_total"] = 100.0 + table["landfill_tax"] + 10 * table["carbon_price"]
    table = table.assign(landfilled=5.0, co2_total=1.0, status="optimal")
    table.loc[5, ["cost_total", "landfilled", "co2_total", "status"]] = [np.nan, np.nan, np.nan, "infeasible"]
    return table


def test_a_sweep_is_drawn_along_its_longest_key():
    """A line for each carbon price over the tax; the run without a plan leaves a gap and a cross, never a zero."""
    axes = draw_sweep(runs(), ["landfill_tax", "carbon_price"]).axes[0]

    lines = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata()[:2].tolist() for line in lines] == [[100, 110], [110, 120]]
    assert np.isnan(lines[1].get_ydata()[2])
    crosses = [line.get_xdata().tolist() for line in axes.get_lines() if line.get_marker() == "x"]
    assert crosses == [[], [20]]
    assert axes.get_title(loc="left") == "6 runs, 1 without a plan (crosses)"


def test_runs_told_apart_by_words_are_bars():
    """Transport scenarios have no order: a bar each."""
    table = runs().iloc[:3].assign(transport=["today", "toll", "electric"])

    cost, *_, lowest = draw_sweep(table, ["transport"]).axes
    assert [bar.get_height() for bar in cost.patches] == [100, 110, 120]
    assert [label.get_text() for label in lowest.get_xticklabels()] == ["today", "toll", "electric"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_break_no_figure_in_any_language(language, tmp_path):
    """Names of any kind stay text: the SVG is well-formed, holds no element of theirs, and no id twice."""
    names = HOSTILE[:4]
    with speaking(language):
        figures = [
            draw_switching(ranges(names), lever=HOSTILE[0], unit=HOSTILE[3]),
            draw_plane(regions().assign(region=HOSTILE[:3]), levers=HOSTILE[:2]),
            draw_sweep(runs().assign(**{HOSTILE[0]: HOSTILE[:6]}), ["landfill_tax", HOSTILE[0]]),
        ]
        page = "".join(figure_svg(figure, f"f{i}", HOSTILE[0]) for i, figure in enumerate(figures))
        write_figure(figures[0], tmp_path / "figure")

    root = ET.fromstring(f"<div>{page}</div>")
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    found = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(found) == len(set(found)) > 100


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: draw_plane(regions().drop(columns="wkt"), levers=["a", "b"]), 'no column "wkt"'),
        (lambda: draw_switching(ranges().iloc[:0]), "empty"),
        (lambda: draw_sweep(runs().iloc[:1], ["landfill_tax"]), "no key varies"),
        (lambda: draw_alternatives(pd.DataFrame({"answer": ["some"]}), pd.DataFrame()), "no column"),
    ],
)
def test_tables_that_can_not_be_drawn_are_refused(draw, words):
    """The message says what is missing."""
    with pytest.raises(InputError, match=words):
        draw()


@functools.cache
def trap(names=("small", "big")):
    """Whoever does not know builds the small kiln in 2031, which bars the big one in 2032: 7200 instead of 3000 EUR."""
    kiln = {"choose_one": "kiln", "life_yr": 100}
    plants = [
        plant(names[0], "B", "candidate", "burn", capacity_per_yr=40, capex_eur=30_000, **kiln),
        plant(names[1], "B", "candidate", "burn", capacity_per_yr=100, capex_eur=200_000, **kiln),
    ]
    return foresight(tax_path(kilns(plants=plants), path={2030: 0, 2031: 10, 2032: 100}), gap=0)


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """All studies of the two firms, as their commands write them into one folder each."""
    scenario, out = isopt.read("scenarios/two_firms"), tmp_path_factory.mktemp("studies")
    found = isopt.thresholds(scenario, "landfill_tax", 0, 250)
    write_thresholds(found, out / "thresholds", write=None)
    write_switching(switching(found), out / "thresholds")
    write_plane(plane(scenario, ["landfill_tax", "subsidy"], [(0, 9), (0, 9)]), out / "plane", write=None)
    write_front(isopt.pareto(scenario, ("cost", "co2")), out / "pareto")
    write_alternatives(isopt.alternatives(scenario, 0.5), out / "alternatives")
    isopt.sweep(scenario, {"axes": {"landfill_tax": [0, 50, 500]}}, out / "sweep", gap=0)
    write_policy_account(policy_account(isopt.solve(scenario)), out / "account")
    write_foresight(trap(), out / "foresight", write=None)
    return out


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_study_has_sections_in_every_language(studied, language):
    """A title, a sentence, a table; the figure is there wherever there is something to draw."""
    with speaking(language):
        for folder in sorted(studied.iterdir()):
            for section in study_sections(folder):
                assert section.title
                assert "{" not in section.note
                assert (section.table is None) == (section.name == "switching")  # nothing that is out anywhere
                assert section.svg.startswith("<svg")


def test_sections_say_what_was_found(studied, tmp_path):
    """The sentence on thresholds names the breakpoint of the file; the figures are written beside it."""
    table = pd.read_csv(studied / "thresholds" / "thresholds.csv")
    sections = study_sections(studied / "thresholds")

    assert [section.name for section in sections] == ["thresholds", "switching"]
    assert sections[0].note.endswith("All is proven exactly.")
    assert len(sections[0].table.rows) == len(table)
    written = write_study_figures(sections, tmp_path)
    assert [path.name for path in written] == ["thresholds.svg", "thresholds.png", "switching.svg", "switching.png"]


def test_what_is_not_proven_is_said(tmp_path):
    """An error above zero, finite or not, stands in the sentence."""
    for error, words in ((500.0, "500 EUR"), (np.inf, "is not known")):
        intervals().assign(error=[0, error, 0], exchanges=1.0, network="n").to_csv(
            tmp_path / "thresholds.csv", index=False
        )
        (tmp_path / "summary.json").write_text('{"lever": "landfill_tax", "unit": "EUR/t"}')

        assert words in study_sections(tmp_path)[0].note


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds no study"),
        ({"thresholds.csv": "low,high\n1,2\n", "summary.json": "{}"}, "there is no column cost_at_low"),
        ({"plane.csv": "region,wkt,area_share,error\n"}, "summary.json: can't be read"),
        ({"sweep.csv": "", "summary.json": "{}"}, "can't be read as a table"),
        ({"sweep.csv": "run,status,cost_total\n", "summary.json": "{"}, "can't be read"),
    ],
)
def test_damaged_folders_are_refused(files, words, tmp_path):
    """Never a traceback: the file and what to do."""
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    with pytest.raises(InputError, match=words):
        study_sections(tmp_path)


# foresight


def test_announcements_that_lead_to_the_same_plan_share_a_colour_and_a_line():
    """2030 and 2031 lead to the big kiln, 2032 to the small one: two groups."""
    found = trap()

    groups = same_plans(found.years, found.plants)
    assert [group.years for group in groups] == [(2030, 2031), (2032,)]
    assert [group.label for group in groups] == ["announced 2030–2031", "announced 2032"]
    assert groups[0].colour != groups[1].colour
    other = found.plants.assign(built_year=[2032, 2031, 2031])  # the figures are the same, the plants are not
    assert len(same_plans(found.years, other)) == 3


def test_bars_say_what_a_late_word_costs():
    """4200 EUR more, 160 t instead of 200 t landfilled, a kiln of 30 instead of 200 thousand EUR."""
    found = trap()
    cost, tonnes, capital = draw_announcements(found.table, same_plans(found.years, found.plants)).axes

    assert [bar.get_height() for bar in cost.patches] == pytest.approx([0, 0, 4200])
    assert [bar.get_height() for bar in tonnes.patches] == pytest.approx([200, 200, 220])
    assert [bar.get_height() for bar in capital.patches] == pytest.approx([200_000, 200_000, 30_000])
    assert [label.get_text() for label in cost.get_xticklabels()] == ["2030", "2031", "2032"]
    assert (cost.get_ylabel(), capital.get_ylabel()) == ("EUR", "thousand EUR")
    assert not cost.collections  # all is proven: no whiskers


def test_what_is_not_proven_has_whiskers_and_what_has_no_plan_a_cross():
    """Costs of 100, 130 and none, of which 5 and 10 are not proven: not knowing costs 30, at least 20, at most 35."""
    table = pd.DataFrame({
        "announced": [2030, 2031, 2032], "cost_of_not_knowing_eur": [0, 30.0, np.nan], "error": [5.0, 10, np.nan],
        "landfilled": [1.0, 1, np.nan], "capex": [0.0, 0, np.nan],
    })  # fmt: skip
    cost, _, capital = draw_announcements(table, []).axes

    assert capital.get_yticks().tolist() == [0]  # nothing is invested: no amount is named
    assert len(cost.get_yticks()) > 1
    [cross, *_] = [line for line in cost.get_lines() if line.get_marker() == "x"]
    assert cross.get_xdata().tolist() == [2]
    [whiskers] = cost.collections
    assert whiskers.get_segments()[1].tolist() == [[1, 20], [1, 35]]


def test_years_show_the_schedule_the_tonnes_and_what_is_invested():
    """Rates 0, 10, 100; whoever knows tips 100 t for two years, who does not 60 t from 2031 on."""
    found = trap()
    groups = same_plans(found.years, found.plants)
    rate, tonnes, spent = draw_years(found.path, found.years, groups, lever="landfill_tax", unit="EUR/t").axes

    assert [line.get_data().values.tolist() for line in rate.patches] == [[0, 10, 100]]  # three classes, one schedule
    assert (rate.get_title(loc="left"), rate.get_ylabel()) == ("landfill tax", "EUR/t")
    assert [line.get_data().values.tolist() for line in tonnes.patches] == [
        pytest.approx([100, 100, 0]), pytest.approx([100, 60, 60]),
    ]  # fmt: skip
    assert [line.get_data().values.tolist() for line in spent.patches] == [
        pytest.approx([0, 0, 200_000]), pytest.approx([0, 30_000, 30_000]),
    ]  # fmt: skip
    assert tonnes.patches[0].get_linewidth() > tonnes.patches[1].get_linewidth()  # where they agree, both are seen


def test_schedules_that_differ_have_a_line_each_and_seasons_their_part_of_the_year():
    """Two rows with other rates; winter is a quarter of the year."""
    path = pd.DataFrame([
        {"period": f"{year}{season}", "year": year, "share_of_year": share, "id": name, "value": year + level}
        for name, level in (("x", 0), ("y", 5), ("z", 0))
        for year in (2030, 2031) for season, share in (("w", 0.25), ("s", 0.75))
    ])  # fmt: skip
    years = pd.DataFrame({"announced": 2030, "year": [2030, 2031], "landfilled": 1.0, "capex": 0.0})
    plants = pd.DataFrame({"announced": [], "plant": [], "built_year": []})
    rate, tonnes, spent = draw_years(path, years, same_plans(years, plants)).axes

    assert spent.get_yticks().tolist() == [0]  # nothing is invested: no amount is named
    assert len(tonnes.get_yticks()) > 1
    assert [line.get_label() for line in rate.patches] == ["x, z", "y"]
    assert rate.patches[0].get_data().edges.tolist() == [2029.5, 2029.75, 2030.5, 2030.75, 2031.5]
    with pytest.raises(InputError, match="every row in every period"):
        draw_years(path.iloc[:-1], years, same_plans(years, plants))


def test_plants_have_a_bar_from_the_year_in_which_they_are_built():
    """The small kiln in 2031 by who does not know, the big one in 2032 by who does; enlarged is hatched."""
    found = trap()
    groups = same_plans(found.years, found.plants)
    axes = draw_building(found.plants, [2030, 2031, 2032], groups).axes[0]

    assert [label.get_text() for label in axes.get_yticklabels()] == ["small", "big"]
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(2030.5, 2), (2031.5, 1)]
    assert [label.get_text() for label in axes.texts] == ["2031", "2032"]
    pale = [line for line in axes.get_lines() if line.get_xdata()[0] == 2029.5]
    assert len(pale) == 2  # each kiln has a group that does not build it
    enlarged = draw_building(found.plants.assign(what="enlarged"), [2030, 2032], groups).axes[0]
    assert {bar.get_hatch() for bar in enlarged.patches} == {"///"}


def test_many_plants_are_cut_and_the_title_says_so():
    """100 plants of two groups: 30 are drawn, those built first."""
    plants = pd.DataFrame([
        {"announced": announced, "plant": f"p{i}", "built_year": 2030 + (i >= 30), "what": "built"}
        for announced in (2030, 2031) for i in reversed(range(100))
    ])  # fmt: skip
    years = pd.DataFrame({"announced": [2030, 2031], "year": 2030, "landfilled": [1.0, 2.0]})
    axes = draw_building(plants, [2030, 2031], same_plans(years, plants)).axes[0]

    assert {label.get_text() for label in axes.get_yticklabels()} == {f"p{i}" for i in range(30)}
    assert axes.get_title(loc="left").endswith("(30/100)")


def test_page_of_foresight_says_what_was_found(studied):
    """Cost, what a late word costs, the last announcement in time; the schedule in a table; what is built when."""
    worth, years, built = study_sections(studied / "foresight")

    assert "Announced in 2030, the schedule costs the region 3,000 EUR" in worth.note
    assert "only in that year, it costs 4,200 EUR more (140 %)" in worth.note
    assert "An announcement in 2031 still comes in time" in worth.note
    assert worth.note.endswith("All is proven exactly.")
    assert [[cell.text for cell in row.cells[:4]] for row in worth.table.rows] == [
        ["2030", "from the start", "3,000", "0"], ["2031", "announced", "3,000", "0"],
        ["2032", "year by year", "7,200", "4,200"],
    ]  # fmt: skip
    assert years.note.startswith("Landfill tax: from 0 EUR/t in 2030 to 100 EUR/t in 2032.")
    assert [column.label for column in years.table.columns] == ["year", "landfill tax (EUR/t)"]
    assert [[cell.text for cell in row.cells] for row in years.table.rows] == [
        ["2030", "0"], ["2031", "10"], ["2032", "100"],
    ]  # fmt: skip
    assert "in the same year: 0; only at some announcements, or in different years: 2." in built.note


def test_foresight_without_a_plan_or_without_plants_still_has_a_page(tmp_path):
    """Years that have no plan are named with the reason; nothing to build is said."""
    found = trap()
    lost = {2030: found.solutions[2030], 2031: Solution(found.scenario, "infeasible", reason="too <b>little</b>")}
    write_foresight(Foresight(found.scenario, "landfill_tax", "held", lost), tmp_path / "lost", write=None)
    none = {2030: Solution(found.scenario, "infeasible", reason="nothing fits")}
    write_foresight(Foresight(found.scenario, "landfill_tax", "held", none), tmp_path / "none", write=None)
    idle = tax_path(isopt.read("scenarios/two_firms"), path={2030: 0, 2031: 1})
    write_foresight(foresight(idle), tmp_path / "idle", write=None)

    assert "no plan (crosses): 2031." in study_sections(tmp_path / "lost")[0].note
    page = write_study_page(tmp_path / "lost")[0].read_text(encoding="utf-8")
    assert "too &lt;b&gt;little&lt;/b&gt;" in page
    [section] = study_sections(tmp_path / "none")
    assert section.table.rows[0].cells[-1].text == "nothing fits"
    assert write_study_page(tmp_path / "none")[0].exists()
    worth, _, built = study_sections(tmp_path / "idle")
    assert "makes no difference" in worth.note
    assert {row.cells[-1].text for row in worth.table.rows} == {""}  # no plants, and no dash
    assert (built.figure, built.table) == (None, None)
    assert "No plant is built" in built.note


def test_hostile_names_of_plants_are_text_of_the_page(tmp_path):
    """Markup, formulas and names that look like numbers or nothing stay what they are, in page, table and figure."""
    names = (HOSTILE[0], "NA")
    found = trap(names)
    hostile = found.scenario.with_(title=HOSTILE[0])
    write_foresight(Foresight(hostile, "landfill_tax", "held", found.solutions), tmp_path / "study", write=None)
    page, *figures = write_study_page(tmp_path / "study", "de")
    text = page.read_text(encoding="utf-8")

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 2031" in text
    assert re.search(r">NA 2032<", text)
    assert re.search(r">NA</td>", text)  # in the table of plants
    assert "NA" in texts(figures[-2])
    assert [figure.name for figure in figures if figure.suffix == ".svg"] == [
        "foresight.svg", "foresight_years.svg", "building.svg",
    ]  # fmt: skip
    for figure in figures[::2]:
        root = ET.parse(figure).getroot()
        assert not [node for node in root.iter() if node.tag.endswith("script")]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("foresight.csv", "announced,how\n", "no column status"),
        ("foresight_years.csv", "announced,year,landfilled,capex\nlate,2030,1,1\n", "not all of announced is a number"),
        ("foresight_path.csv", "", "can't be read as a table"),
        ("foresight_plants.csv", None, "can't be read as a table"),
    ],
)
def test_damaged_foresight_is_refused(file, content, words, tmp_path):
    """The file is named, and what is wrong with it."""
    write_foresight(trap(), tmp_path, write=None)
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_text(content)

    with pytest.raises(InputError, match=words):
        study_sections(tmp_path)
