"""The page that compares plans: figures with differences, changes by effect, whatever the plans are called."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from made_solutions import town, without_plan

from isopt.errors import InputError
from isopt.views.comparison import comparison_page, write_comparison
from isopt.views.language import LANGUAGES, speaking


def changed():
    """The town whose gypsum doubles in amount and saving and whose ash stays at home."""
    made = town()
    flows, exchanges = made.flows.copy(), made.exchanges.copy()
    gypsum = flows["material"] == "gypsum"
    flows.loc[gypsum, ["sent", "arrived", "tonnes", "haulage_eur"]] *= 2
    rows = exchanges["material"] == "gypsum"
    exchanges.loc[rows, ["amount_per_yr", "tonnes_per_yr", "saving_eur_per_yr"]] *= 2
    kpis = made.kpis.copy()
    kpis.loc[kpis["kpi"] == "cost_total", "value"] = 1_000_000.0
    tables = {"flows": flows[flows["material"] != "ash"], "exchanges": exchanges[exchanges["material"] != "ash"]}
    return replace(made, kpis=kpis, tables=made.tables | tables)


def text_of(markup):
    """What a reader sees of it."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def section(page, key):
    """One part of the page."""
    return re.search(rf'<section id="{key}">(.*?)</section>', page, re.DOTALL)[1]


def rows(page, key):
    """Cells of the last table of a part, its heads first."""
    table = section(page, key).rpartition("<table>")[2]
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    ]


def test_key_figures_stand_side_by_side_with_differences():
    """1.9 million against 1 million: 900,000 less, which is better; what is the same differs by 0."""
    page = comparison_page([town(), changed()], maps=False)

    head, *lines = rows(page, "figures")
    assert head[-3:] == ["A", "B", "B − A"]
    told = {line[0]: line[1:] for line in lines}
    assert told["Total cost"] == ["EUR", "1.9 million", "1 million", "−900,000"]
    assert {line[-1] for name, line in told.items() if name != "Total cost"} == {"0"}
    assert re.findall(r'<td class="good number">(.*?)</td>', section(page, "figures")) == ["−900,000"]


def test_changes_come_by_their_effect_on_savings():
    """Gypsum has grown and saves more; the ash has closed; the largest effect stands first."""
    page = comparison_page([town(), changed()], maps=False)

    _, *lines = rows(page, "plan-b")
    effects = {line[3]: (line[0], line[5], line[6]) for line in lines}
    assert effects["FGD gypsum"] == ("grown", "80,000 t", "160,000 t")
    assert [word for word, *_ in effects.values() if word == "closed"]
    saved = town().exchanges.set_index("material")["saving_eur_per_yr"]
    first = "FGD gypsum" if saved["gypsum"] > saved["ash"].max() else lines[0][3]
    assert lines[0][3] == first


def test_three_plans_are_all_held_against_the_first():
    """A column and a part for each of them."""
    page = comparison_page([town(), changed(), town()], names=["today", "tax", "again"], maps=False)

    assert rows(page, "figures")[0][-5:] == ["A", "B", "C", "B − A", "C − A"]
    assert "No exchange changes." in section(page, "plan-c")
    assert "No exchange changes." not in section(page, "plan-b")
    assert "C: again." in text_of(page)


def test_the_map_of_differences_is_in_the_page(tmp_path):
    """One frame for each other plan, with the whole map in it; the file needs nothing else."""
    page = write_comparison([town(), changed()], tmp_path / "c.html").read_text()

    [(title, inside)] = re.findall(r'<iframe title="([^"]*)" style="[^"]*" srcdoc="([^"]*)"', page)
    assert title == "Map of what changes from A to B"
    assert html.unescape(inside).count("window.isopt") >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_every_language(language):
    """No text is left unfilled, and the page says its language."""
    with speaking(language):
        page = comparison_page([town(), changed()], maps=False)

    assert f'<html lang="{language}">' in page
    assert "{" not in text_of(page[page.index("<main>") :])


@pytest.mark.parametrize(
    ("solutions", "names", "words"),
    [
        ([town()], [], "2 to 26 plans, not 1"),
        ([town(), without_plan("infeasible", None)], [], "there is no plan to compare"),
        ([town(), town()], ["one"], "2 names, not 1"),
    ],
)
def test_what_can_not_be_compared_is_refused(solutions, names, words):
    """The message says why."""
    with pytest.raises(InputError, match=words):
        comparison_page(solutions, names=names)
