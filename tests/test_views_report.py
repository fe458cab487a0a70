"""What reports and layers for QGIS say about a solution, and the numbers and texts of all views."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from made_solutions import region, town, without_plan

from isopt.errors import InputError
from isopt.solution.kpis import UNITS
from isopt.views import draw_map, write_geopackage, write_report
from isopt.views.numbers import plain, share
from isopt.views.report import report_page
from isopt.views.summary import sentences
from isopt.views.texts import catalogue, group

VIEWS = Path(__file__).resolve().parents[1] / "isopt" / "views"


@pytest.fixture(scope="module")
def solution():
    return town()


@pytest.fixture(scope="module")
def page(solution):
    return report_page(solution)


# --- the report -------------------------------------------------------------------------------------------------------


def test_the_summary_says_what_the_numbers_say(solution):
    """From 4.9 to 1.9 million is 3 million less, 61 %; from 88 to 31 kt of CO2 is 57 kt less, 65 %."""
    words = sentences(solution)

    assert "Together the firms pay 1.9 million EUR instead of 4.9 million EUR: 3 million EUR less (61 %)." in words
    assert "CO2 falls by 57,000 t (65 %) to 31,000 t." in words
    assert "All 6 streams find a use outside disposal." in words
    assert any(line.startswith("1 of 2 possible plants is built: Anaerobic digestion (Biogas site)") for line in words)


def test_the_summary_follows_the_numbers_when_they_turn(solution):
    """A plan that costs more and emits more than the baseline says so in plain words."""
    kpis = solution.kpis.copy()
    kpis.loc[kpis["kpi"] == "cost_total", "value"] = 5_390_000.0
    kpis.loc[kpis["kpi"] == "co2_total", "value"] = 96_800.0
    words = sentences(replace(solution, kpis=kpis))

    assert "Together the firms pay 5.39 million EUR instead of 4.9 million EUR: 490,000 EUR more (10 %)." in words
    assert "CO2 rises by 8,800 t (10 %) to 96,800 t." in words


def test_who_pays_more_is_named(solution):
    """One loser is named; of several the one who loses most."""
    saving = solution.firms["saving_eur_per_yr"].clip(lower=5.0)
    one, two = saving.copy(), saving.copy()
    one.iloc[-1] = two.iloc[-1] = -1200.0
    two.iloc[0] = -30.0

    def told(losses):
        firms = solution.firms.assign(saving_eur_per_yr=losses)
        return sentences(replace(solution, tables={**solution.tables, "firms": firms}))

    name = "Mobile crusher"
    assert f"1 organisation pays more than before ({name}: 1,200 EUR/yr), unless others pay for it." in told(one)
    assert any(f"2 organisations pay more than before ({name} the most: 1,200 EUR/yr)" in line for line in told(two))


def test_a_stream_that_only_goes_to_disposal_finds_no_use(solution):
    """Without the two ways to the cement works five of six streams find a use."""
    flows = solution.flows[solution.flows["material"] != "ash"]

    assert "5 of 6 streams find a use outside disposal." in sentences(
        replace(solution, tables={**solution.tables, "flows": flows})
    )


def test_without_a_baseline_the_report_says_why(solution):
    """Nothing is compared where there is nothing to compare with."""
    alone = replace(solution, baseline=None, baseline_reason="The furnace has no way out for its slag.")

    assert "There is nothing to compare with: The furnace has no way out for its slag." in sentences(alone)
    assert "instead of" not in report_page(alone)


def table_of(page: str, title: str) -> pd.DataFrame:
    """One table of the report: the first below its title."""
    start = re.search(rf"<h[23]>{re.escape(title)}</h[23]>", page).end()
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page[start : page.index("</table>", start)], re.DOTALL)
    cells = [
        [re.sub(r"<[^>]+>", "|", cell).strip("|") for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in rows
    ]
    return pd.DataFrame([row for row in cells[1:] if len(row) == len(cells[0])], columns=cells[0])


def test_key_figures_stand_beside_the_baseline_with_their_difference(page):
    """Total cost 4.9 before, 1.9 now: minus 3 million; landfilled tonnes likewise, in their units."""
    figures = table_of(page, "Key figures").set_index("Figure")

    assert list(figures.loc["Total cost"])[:4] == ["EUR", "4.9 million", "1.9 million", "−3 million"]
    assert figures.loc["Landfilled", "Unit"] == "t"
    assert set(figures.index) >= {catalogue()["en"][f"kpi.{name}"] for name in UNITS}


def test_exchanges_are_listed_in_the_order_in_which_one_would_begin(solution, page):
    """First those without capital, the largest saving first; then the pipes by payback; what brings nothing is last."""
    listed = table_of(page, "Exchanges, by payback")
    free = solution.exchanges[solution.exchanges["capex_eur"] == 0].sort_values("saving_eur_per_yr")

    assert len(listed) == len(solution.exchanges)
    assert listed["From"].iloc[0].split("|")[0] == free["from_name"].iloc[-1]
    assert listed["Saving EUR"].iloc[0] == plain(free["saving_eur_per_yr"].iloc[-1])
    kinds = ["at once" if words == "at once" else words.split()[-1] for words in listed["Payback"]]
    assert kinds == sorted(kinds, key=["at once", "years", "itself"].index)


def test_a_long_list_is_cut_and_says_where_the_rest_is():
    """Of some hundred exchanges the 300 that save most are in the report."""
    big = region(200, 700)
    page = report_page(big)

    assert len(table_of(page, "Exchanges, by payback")) == 300
    assert f"The largest 300 of {len(big.exchanges):,} rows; all are in exchanges.csv." in page


def test_the_ledger_of_organisations_adds_up(solution, page):
    """The last row is the sum of the others."""
    ledger = table_of(page, "Organisations: who gains").set_index("Organisation")

    assert ledger.loc["Total", "Gain"] == plain(solution.firms["saving_eur_per_yr"].sum())
    assert len(ledger) == len(solution.firms) + 1


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("infeasible", "At most 10 t/yr may be landfilled; 41 t/yr is the best attainable.", "No plan is possible"),
        ("no_solution", None, "No plan found in the time given"),
    ],
)
def test_a_report_without_a_plan_says_so_and_why(status, reason, words, tmp_path):
    """The page names the status and the reason, and shows no figures."""
    page = write_report(without_plan(status, reason), tmp_path / "report.html").read_text()

    assert words in page
    assert (reason or "The solver gave no reason.") in page
    assert "Key figures" not in page
    assert "landfill_tax_eur_per_t" in page  # what was asked is still there


def test_an_interrupted_plan_is_marked(solution):
    """Map and report both say that the plan is the best so far only."""
    stopped = replace(solution, status="feasible", interrupted=True)

    for page in (report_page(stopped), draw_map(stopped).get_root().render()):
        assert "Stopped early: the best plan found so far." in page
        assert "Best plan found" in page


def test_several_years_are_said_to_be_means(solution):
    """Over 2025 and 2030 the report names the horizon and shows a table by year."""
    periods = [{"period": str(year), "year": year, "share_of_year": 1} for year in (2025, 2030)]
    made = town(periods=periods)
    later = made.kpis[made.kpis["year"] == 2025].assign(year=2030)
    page = report_page(replace(made, kpis=pd.concat([made.kpis, later])))

    assert "All sums are over 2 years, 2025–2030; money in the sums is discounted at 6 % a year." in page
    assert list(table_of(page, "Key figures by year").columns) == ["Figure", "Unit", "2025", "2030"]
    assert "Amounts are yearly means over 2025–2030." in draw_map(made).get_root().render()


def test_the_report_is_read_by_its_contents(page):
    """Each part has an anchor that the contents lead to, and the summary tells when it pays and how long it lasts."""
    anchors = re.findall(r'<section id="([^"]+)"', page)

    assert re.findall(r'<li><a href="#([^"]+)"', page) == anchors
    assert {"figures", "materials", "programme", "flows", "exchanges", "quality", "proof", "versions"} <= set(anchors)
    assert "6 exchanges need no capital and pay at once." in page  # all but four pipes and one within a firm
    assert "Counted over 5 years, as programmes do, CO2 falls by 285,000 t." in page


def test_the_gap_is_said_in_euros(solution, page):
    """1.9 million with a bound of 1,899,900: the best plan could be better by 100 EUR; with the bound met, by none."""
    assert "could be better by 100 EUR at most" in page
    assert "has proven that no plan is better" in report_page(replace(solution, bound=solution.objective))
    assert "is not known" in report_page(replace(solution, bound=None))


def test_what_a_study_found_is_a_section(solution):
    """Title, note, picture and table stand in it; a figure is a picture, so that a script in it can't run."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>window.ran = 1</script></svg>'
    rows = [("Tax, EUR/t", "Exchanges", "What opens"), (95.5, 12, "<b>ash</b>"), (1_250_000, 13, "slag")]
    page = report_page(solution, policy=[("Landfill <tax>", "Two levels.", svg, rows)])
    table = table_of(page, "Landfill &lt;tax&gt;")

    assert table["Tax, EUR/t"].to_list() == ["95.5", "1.25 million"]
    assert table["What opens"].to_list() == ["&lt;b&gt;ash&lt;/b&gt;", "slag"]
    assert "<script" not in page
    assert 'alt="Landfill &lt;tax&gt;" src="data:image/svg+xml;base64,' in page
    assert "Two levels." in page
    assert '<section id="policy' not in report_page(solution)


def test_the_sheets_are_linked_to_where_they_are(solution, page):
    """The ledger of organisations leads to their sheets if there are any."""
    assert 'href="sheets/index.html"' in report_page(solution, sheets="sheets/index.html")
    assert "A sheet for each organisation" not in page


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_report_speaks_one_language(solution, tmp_path, language):
    """The page says its language, and no sentence of the catalogue stands there in another one."""
    page = write_report(solution, tmp_path / "report.html", language).read_text()
    body = re.sub(r"<(style|small)>.*?</(style|small)>", "", page, flags=re.DOTALL)
    words = {html.unescape(part).strip() for part in re.findall(r">([^<>]+)<", body)}
    texts = catalogue()
    own = set(texts[language].values())
    foreign = {
        said
        for other in {"en", "fr", "de"} - {language}
        for name, said in texts[other].items()
        if name.startswith(("report.", "sankey.", "waterfall.", "payback.", "grade.")) and said not in own
    }

    assert f'<html lang="{language}">' in page
    assert words & foreign == set()
    assert len(words & own) > 60


def test_an_unknown_language_is_refused(solution, tmp_path):
    """The languages that there are are named, and nothing is written."""
    with pytest.raises(InputError, match="en, fr, de"):
        write_report(solution, tmp_path / "report.html", "tlh")
    assert list(tmp_path.iterdir()) == []


# --- numbers and texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (0.0456, "0.0456"), (9.999, "10"), (99.95, "100"), (1234.5, "1,234"), (999_499, "999,499"),
     (999_500, "1 million"), (1_234_567, "1.23 million"), (-2.5e9, "−2.5 billion"), (float("nan"), "–"), (1e-12, "0")],
)  # fmt: skip
def test_numbers_are_short_and_grouped(value, words):
    """Three digits that matter, thousands apart, millions in words; rounding noise is nothing."""
    assert plain(value) == words


def test_a_tiny_gap_is_not_said_to_be_nothing():
    """A gap of 1e-9 is below 0.001 %, which is not the same as 0 %."""
    assert share(1e-9) == "below 0.001 %"
    assert share(0.0) == "0 %"


#: Texts whose name is put together when they are used, from a status, a state, a route, a remark.
PUT_TOGETHER = re.compile(
    r"(kpi|count|status|class|plant|sankey|grade|input|sector|lever|study)\.|report\.(true|false|sankey_t|sankey_mwh)$"
    r"|map\.(facility|plant|disposal|layer)_|sheet\.(gives|gets)_note$"
    r"|map\.(landfill|incineration|sewer|other|allowed|existing|required|haulage|setup|treatment|note|source)$"
    r"|map\.(inert|non_hazardous|hazardous)$|explorer\.(class|lever|exchange|plant|cost|goal)_"
)


def test_every_text_is_in_the_catalogue_and_every_text_is_used():
    """The pages' scripts ask for no text that isn't there, and no text lies about unused."""
    scripts = "\n".join(path.read_text() for path in (VIEWS / "templates").glob("*.js"))
    code = "\n".join(path.read_text() for path in VIEWS.glob("*.py") if "texts" not in path.name)
    asked = set(re.findall(r"TEXT\.(\w+)", scripts))
    words = set(re.findall(r'"([a-z_0-9.]+)"', code)) | set(re.findall(r"'([a-z_0-9.]+)'", scripts)) | asked

    assert asked <= set(group("map") | group("number") | group("difference") | group("explorer")) | {"language"}
    assert {
        name
        for name in catalogue()["en"]
        if not PUT_TOGETHER.match(name) and name not in words and name.partition(".")[2] not in words
    } == set()


# --- layers for QGIS --------------------------------------------------------------------------------------------------


def test_the_geopackage_has_the_layers_of_the_contract(solution, tmp_path):
    """Points, lines and plain tables, with as many rows as the solution's tables."""
    path = write_geopackage(solution, tmp_path / "solution.gpkg")

    kinds = dict(pyogrio.list_layers(path))
    assert kinds == {
        "facilities": "Point", "exchanges": "LineString", "ways_to_disposal": "LineString", "plants": "Point",
        "disposal": "Point", "virgin": "Point", "firms": None, "kpis": None, "layer_styles": None,
    }  # fmt: skip
    for name in ("exchanges", "plants", "disposal", "virgin", "firms"):
        assert pyogrio.read_info(path, layer=name)["features"] == len(solution.tables[name])


def test_exchanges_are_lines_from_giver_to_taker(solution, tmp_path):
    """The ash line begins at the power station and ends at the cement works; inside one place there is no line."""
    path = write_geopackage(solution, tmp_path / "s.gpkg")
    lines = pyogrio.read_dataframe(path, layer="exchanges").set_index("exchange")

    ash = lines.loc["power>cement|ship|ash"]
    assert ash.geometry.coords[0] == pytest.approx((11.079, 55.661))
    assert ash.geometry.coords[-1] == pytest.approx((9.9765, 57.0625))
    assert ash["amount_per_yr"] == 100_000
    assert lines.loc["yeast>yeast|truck|slurry"].geometry is None
    assert lines.crs.to_epsg() == 4326


def test_facilities_carry_what_they_give_receive_and_dispose_of(solution, tmp_path):
    """The power station gives 80 + 105 kt (heat weighs nothing), receives 700 kt of water, disposes of 15 + 15 kt."""
    path = write_geopackage(solution, tmp_path / "s.gpkg")
    table = pyogrio.read_dataframe(path, layer="facilities").set_index("facility")

    power = table.loc["power"]
    assert power["gives_t_per_yr"] == 80_000 + 105_000
    assert power["receives_t_per_yr"] == 700_000
    assert power["disposes_t_per_yr"] == 15_000 + 15_000
    assert table.loc["nowhere"].geometry is None


def test_a_new_geopackage_replaces_the_old_one(solution, tmp_path):
    """Nothing of an earlier file stays, not even layers that the new one lacks."""
    path = write_geopackage(solution, tmp_path / "s.gpkg")
    write_geopackage(without_plan("infeasible", None), path)

    assert [name for name, _ in pyogrio.list_layers(path)] == ["facilities", "layer_styles"]
    assert list(tmp_path.iterdir()) == [path]
