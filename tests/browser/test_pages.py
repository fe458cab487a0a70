"""The pages as a reader has them: in a real browser without a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made_solutions import town, without_plan
from pages import HOSTILE, click_on, popup, settle
from test_routes import bay, solved

from isopt.studies import route_lines
from isopt.views import write_map, write_report
from isopt.views.difference import write_difference


def test_a_click_on_a_facility_tells_its_balance(opened):
    """The power station gives ash, gypsum and heat, receives water, disposes of gypsum, and leaves heat unused."""
    browser = opened(town())

    click_on(browser, "return isopt.plan.nodes.find(node => node.id === 'power').p")
    words = popup(browser).split("\n")
    assert words[0] == "Harbour power station"
    for line in ("Gives", "Receives", "Sends to disposal", "Leaves unused"):
        assert line in words
    whole = popup(browser).replace("\t", " ")
    for amount in ("100,000 t/yr", "80,000 t/yr", "225,000 MWh/yr", "700,000 m3/yr", "15,000 t/yr", "175,000 MWh/yr"):
        assert amount in whole
    assert "at its own cost (landfill)" in whole


def test_a_click_on_a_line_tells_the_exchange(opened):
    """The gypsum line tells amount, what it replaces, haulage and saving: 80 kt x 7.50 EUR less 20,000 EUR."""
    browser = opened(town())

    click_on(
        browser,
        "const c = isopt.layer.shown.find(flow => isopt.plan.materials[flow.material].name === 'FGD gypsum').curve;"
        "return L.point((c[0] + 2 * c[2] + c[4]) / 4, (c[1] + 2 * c[3] + c[5]) / 4)",
    )
    words = popup(browser)
    assert words.startswith("FGD gypsum\n")
    assert "Harbour power station → Plasterboard works" in words
    for part in ("80,000 t/yr", "Gypsum rock", "truck", "3 km", "28,800 EUR/yr", "580,000 EUR/yr"):
        assert part in words


def doubled(solution: Any) -> Any:
    """The town whose gypsum doubles and whose ash stays at home."""
    flows = solution.flows.copy()
    gypsum = flows["material"] == "gypsum"
    flows.loc[gypsum, ["sent", "arrived", "tonnes", "haulage_eur"]] *= 2
    return replace(solution, tables={**solution.tables, "flows": flows[flows["material"] != "ash"]})


def test_a_click_on_a_difference_tells_before_and_after(opened):
    """The gypsum line has grown from 80 to 160 kt; the power station lists it first; unchanged lines are off."""
    before = town()
    browser = opened(before, lambda solution, path: write_difference(solution, doubled(solution), path))

    shown = browser.execute_script("return isopt.layer.shown.map(flow => isopt.plan.exchange(flow.exchange).kind)")
    assert set(shown) == {"grown", "closed"}
    click_on(
        browser,
        "const c = isopt.layer.shown.find(flow => isopt.plan.exchange(flow.exchange).sent_after === 160000).curve;"
        "return L.point((c[0] + 2 * c[2] + c[4]) / 4, (c[1] + 2 * c[3] + c[5]) / 4)",
    )
    words = popup(browser).replace("\t", " ")
    assert words.startswith("FGD gypsum: grown\n")
    assert "Mode: truck" in words
    for line in ("Before After Change", "Amount, t/yr 80,000 160,000 +80,000", "Haulage, EUR/yr 28,800 57,600 +28,800"):
        assert line in words
    click_on(browser, "return isopt.plan.nodes.find(node => node.id === 'power').p")
    words = popup(browser)
    assert "Changes here" in words
    assert "closed, to " in words
    assert "+80,000 t/yr" in words


def test_materials_and_layers_can_be_switched_off(opened):
    """Without ash three lines fewer are drawn, without ways to disposal two more; "none" hides all the rest."""
    browser = opened(town())
    count = "return isopt.layer.shown.length"

    browser.find_element("css selector", "#isopt-layers summary").click()

    def switch(words: str) -> int:
        labels = browser.find_elements("css selector", ".isopt-panel label")
        next(label for label in labels if label.text.startswith(words)).click()
        settle(browser)
        return int(browser.execute_script(count))

    everything = browser.execute_script(count)
    assert switch("Fly ash") == everything - 3  # a ship, a truck, a way to landfill
    assert switch("Ways to disposal") == everything - 3 - 2
    next(button for button in browser.find_elements("css selector", "button.link") if button.text == "none").click()
    settle(browser)
    assert browser.execute_script(count) == 0


def test_a_facility_is_found_by_a_part_of_its_name(opened):
    """Typing "cement" and Enter moves the map there and opens its popup, from the keyboard alone."""
    browser = opened(town())
    field = browser.find_element("css selector", ".isopt-panel input[type=search]")

    field.send_keys("cement\n")
    settle(browser)
    assert popup(browser).startswith("Cement works over the water")


def test_symbols_at_one_place_stand_apart(opened):
    """Landfill and kiln share a site, as digester and dryer do; on the screen each has room of its own."""
    browser = opened(town())

    far = browser.execute_script(
        "const at = id => isopt.plan.nodes.find(node => node.id === id);"
        "return [['county cell', 'old kiln'], ['digester', 'dryer']]"
        ".map(([a, b]) => at(a).p.distanceTo(at(b).p) - at(a).r - at(b).r)"
    )
    assert min(far) > 0


def test_the_opening_view_holds_the_town_and_a_button_shows_all(opened):
    """Cement works 170 km away would shrink the town to a dot: it opens on the town, one button shows all."""
    browser = opened(town())
    far = "return isopt.layer._map.getBounds().contains([57.0625, 9.9765])"

    assert not browser.execute_script(far)
    browser.find_element("css selector", ".isopt-zoom button").click()
    settle(browser)
    assert browser.execute_script(far)


def test_hostile_names_run_nowhere(opened):
    """Names, notes and materials made of HTML are shown as they are typed: in panel, popups, tooltips and labels."""
    solution = town(
        facilities={name: {"name": HOSTILE, "organisation": HOSTILE} for name in ("power", "refinery")},
        materials={"water": {"name": HOSTILE}},
        title=HOSTILE,
    )
    exchanges = solution.exchanges.assign(note=HOSTILE, source=HOSTILE)
    browser = opened(replace(solution, tables={**solution.tables, "exchanges": exchanges}))

    click_on(browser, "return isopt.plan.nodes.find(node => node.id === 'power').p")
    assert popup(browser).startswith("<img src=x")
    browser.execute_script("isopt.pick(isopt.plan.everyFlow[0], [55.66, 11.08])")
    assert "Note: <img src=x" in popup(browser)
    assert browser.execute_script("return document.images.length") == 0
    assert browser.find_element("css selector", ".isopt-panel h1").text.startswith("<img src=x")


def test_a_hostile_difference_runs_nothing(opened):
    """On a map of differences too: title, names and materials made of HTML are text in panel, popup and tooltip."""
    solution = town(
        facilities={name: {"name": HOSTILE, "organisation": HOSTILE} for name in ("power", "refinery")},
        materials={"gypsum": {"name": HOSTILE}},
        title=HOSTILE,
    )
    browser = opened(solution, lambda one, path: write_difference(one, doubled(one), path))

    for row in range(2):
        browser.execute_script("isopt.pick(isopt.plan.everyFlow[arguments[0]], [55.66, 11.08])", row)
        assert "<img src=x" in popup(browser)
    click_on(browser, "return isopt.plan.nodes.find(node => node.id === 'power').p")
    assert popup(browser).startswith("<img src=x")
    assert browser.execute_script("return document.images.length") == 0
    assert browser.find_element("css selector", ".isopt-panel h1").text.startswith("<img src=x")


def test_a_hostile_report_runs_nothing(opened):
    """The report shows hostile names and warnings as text."""
    solution = town(facilities={"power": {"name": HOSTILE}}, title=HOSTILE)
    browser = opened(replace(solution, warnings=(HOSTILE,)), write_report)

    assert browser.execute_script("return document.images.length + document.scripts.length") == 0
    assert browser.find_element("css selector", "h1").text.startswith("<img src=x")


@pytest.mark.parametrize("write", [write_map, write_report])
def test_pages_without_a_plan_open(opened, write):
    """Infeasible wishes give pages that say so."""
    browser = opened(without_plan("infeasible", "Too little room."), write)

    shown = browser.find_element("tag name", "body").text
    assert "No plan is possible" in shown
    assert "Too little room." in shown


@pytest.mark.parametrize("write", [write_map, write_report])
@pytest.mark.parametrize("size", [(500, 800), (1300, 900)])
def test_nothing_is_wider_than_the_window(opened, write, size):
    """On a phone and on a desk no page scrolls sideways; on a phone the map's legend is folded away first."""
    browser = opened(town(), write, size)

    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    if write is write_map:
        panel = browser.find_element("css selector", ".isopt-panel")
        assert panel.is_displayed() == (size[0] > 700)


def test_ways_run_along_the_network_until_they_are_switched_off(opened):
    """With the layer on, the flow follows the bay; off, it is a curve again."""
    lines = route_lines(solved(), routers={"train": bay()})
    page = opened(solved(), lambda solution, path: write_map(solution, path, routes=lines))

    assert page.execute_script("return isopt.layer.shown[0].line.length") >= 3
    assert page.execute_script("return isopt.layer.shown[0].path") == [[0, 0], [0.5, 0.5], [0, 1]]
    page.execute_script("document.querySelector('[data-layer=routes] input').click();")
    settle(page)
    assert page.execute_script("return isopt.layer.shown[0].line") is None
