"""The map's controls as a reader uses them: languages, filters, layers, search, groups, paper, and another plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_solutions import region, town
from pages import HOSTILE, barriers, popup, settle

from isopt.views import draw_map, write_map
from isopt.views.layers import layers
from isopt.views.map_data import plan_part

LINES = "return isopt.layer.shown.length"


def find(browser: Any, what: str) -> Any:
    return browser.find_element("css selector", what)


def change(browser: Any, what: str, value: str, event: str = "input") -> None:
    """Give a control a value, as if it had been chosen."""
    browser.execute_script(
        "const one = document.querySelector(arguments[0]); one.value = arguments[1];"
        "one.dispatchEvent(new Event(arguments[2], {bubbles: true}))",
        what, value, event,
    )  # fmt: skip
    settle(browser)


def test_nothing_bars_a_reader(opened):
    """With every part of the panel open and a popup shown, axe-core finds no barrier."""
    browser = opened(town())
    for part in ("#isopt-filter", "#isopt-layers"):
        find(browser, f"{part} summary").click()
    find(browser, "#isopt-search").send_keys("power\n")
    settle(browser)

    assert popup(browser).startswith("Harbour power station")
    assert barriers(browser) == []


def test_the_language_changes_texts_and_numbers_and_stays_in_the_address(opened):
    """German shows "Stoffströme" and 260.000 t; the address keeps it, and opens the page again as it was left."""
    browser = opened(town(), address="#lang=fr&view=9/55.5/11.25&of=Harbour&least=1000&layers=-names")

    assert browser.execute_script("return document.documentElement.lang") == "fr"
    assert "exploitation" not in find(browser, ".isopt-panel").text
    assert "260\u202f000 t" in find(browser, ".isopt-panel").text
    state = "return [isopt.map.getZoom(), isopt.choice.organisation, isopt.choice.least, isopt.choice.layers.names]"
    assert browser.execute_script(state) == [9, "Harbour", 1000, False]
    change(browser, "#isopt-language", "de", "change")
    assert "260.000 t" in find(browser, ".isopt-panel").text
    assert find(browser, "#isopt-layers summary").text == "Ebenen"
    browser.execute_async_script("isopt.map.setZoom(10, {animate: false}); setTimeout(arguments[0], 400)")
    assert "#lang=de&view=10/55.5" in browser.current_url
    kept = browser.current_url
    browser.get("about:blank")
    browser.get(kept)
    settle(browser)
    assert browser.execute_script(state) == [10, "Harbour", 1000, False]
    assert find(browser, ".isopt-panel .status").text == "Optimaler Plan"


def test_filters_leave_what_was_asked_for(opened):
    """By mode the ship's one flow; by organisation the refinery's; by group the works of the quay; by amount the largest."""
    browser = opened(town(facilities={"board": {"group": "North quay"}}))
    find(browser, "#isopt-filter summary").click()
    flows = (
        "return isopt.layer.detail.lines.map(flow => [isopt.plan.nodes[flow.from].id, isopt.plan.nodes[flow.to].id])"
    )
    everything = len(browser.execute_script(flows))

    for label in browser.find_elements("css selector", ".isopt-panel label"):
        if label.text in ("truck", "pipe"):
            label.click()
    settle(browser)
    assert browser.execute_script(flows) == [["power", "cement"]]
    find(browser, "#isopt-filter button").click()
    settle(browser)
    assert len(browser.execute_script(flows)) == everything
    change(browser, "#isopt-organisation", "bay refinery")
    assert all("refinery" in ends for ends in browser.execute_script(flows))
    assert (
        find(browser, ".isopt-panel .shown").text
        == f"{len(browser.execute_script(flows))} of {everything} flows pass the filters."
    )
    hidden = "return isopt.layer.detail.marks.some(node => node.id === 'workshop')"
    assert not browser.execute_script(hidden)  # takes no part in what is left
    change(browser, "#isopt-organisation", "north")
    assert browser.execute_script(flows) == [["power", "board"]]
    find(browser, "#isopt-filter button").click()
    steps = int(find(browser, "#isopt-least").get_attribute("max"))
    change(browser, "#isopt-least", str(steps))
    least = browser.execute_script("return isopt.choice.least")
    amounts = browser.execute_script("return isopt.layer.detail.lines.map(flow => flow.amount)")
    assert amounts
    assert min(amounts) >= least > 100_000


def test_possible_links_are_shown_on_demand(opened):
    """Candidates that carry nothing are off at first; switched on they are lines whose popup tells distance and cost."""
    browser = opened(town())
    before = browser.execute_script(LINES)

    find(browser, "#isopt-layers summary").click()
    find(browser, "[data-layer=unused] input").click()
    settle(browser)
    lines = "isopt.layer.shown.filter(flow => flow.unused)"
    assert browser.execute_script(f"return {lines}.length") == browser.execute_script(LINES) - before > 0
    browser.execute_script(f"isopt.pick({lines}[0], [55.66, 11.08])")
    words = popup(browser)
    for part in ("Possible, but not used in this plan.", "Largest amount", "Distance", "km", "EUR/"):
        assert part in words


def test_search_lists_and_opens_from_the_keyboard(opened):
    """Arrow and Enter choose from the list; focus moves to the popup, and Escape closes it and brings it back."""
    from selenium.webdriver.common.keys import Keys

    browser = opened(town())
    field = find(browser, "#isopt-search")
    field.send_keys("works")
    found = [line.text for line in browser.find_elements("css selector", "#isopt-found li")]
    field.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    settle(browser)

    assert len(found) >= 3
    assert popup(browser).split("\n")[0] == found[1].split("\n")[0]
    active = browser.switch_to.active_element
    assert active.get_attribute("class") == "isopt-pop"
    active.send_keys(Keys.ESCAPE)
    settle(browser)
    assert browser.switch_to.active_element == field
    assert browser.execute_script("return isopt.picked") is None


def test_another_plan_comes_on_the_same_ground(opened):
    """`show` replaces flows and figures; view, language, a filter and the canvas of the ground stay."""
    first = town()
    flows = first.flows[first.flows["material"] != "gypsum"]
    second = replace(first, status="feasible", tables={**first.tables, "flows": flows})
    browser = opened(first)
    browser.execute_script(
        "isopt.speak('de'); isopt.map.setZoom(11, {animate: false}); isopt.choice.materials.add('ash'); isopt.changed();"
        "window.before = document.querySelector('.leaflet-ground-pane canvas')"
    )
    browser.execute_script("isopt.show(arguments[0])", plan_part(second, layers(second, 100)))
    settle(browser)

    shown = browser.execute_script("return isopt.layer.shown.map(flow => isopt.plan.materials[flow.material].id)")
    assert shown
    assert {"gypsum", "ash"}.isdisjoint(shown)
    assert browser.execute_script("return [isopt.map.getZoom(), isopt.language]") == [11, "de"]
    assert find(browser, ".isopt-panel .status").text == "Bester gefundener Plan"
    assert browser.execute_script("return document.querySelector('.leaflet-ground-pane canvas') === window.before")


def test_on_paper_the_legend_stands_beside_the_map(opened):
    """Printing puts map and legend on one landscape sheet without controls, and takes nothing from the screen."""
    browser = opened(town())
    size = "const size = isopt.map.getSize(); return [size.x, size.y, isopt.map.getZoom()]"
    before = browser.execute_script(size)

    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    wide, high, _ = browser.execute_script(size)
    assert (wide, high) == (1062, 732)  # A4 less margins of 8 mm, at 96 pixels an inch
    assert not find(browser, "#isopt-search").is_displayed()
    lowest = "return document.querySelector('.isopt-panel').getBoundingClientRect().bottom"
    assert browser.execute_script(lowest) <= high
    for words in ("Fly ash", "truck", "gives", "Line width"):
        assert words in find(browser, ".isopt-panel").text
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(size) == before


def cpu_seconds(browser: Any) -> float:
    """CPU time that the page's main thread has spent on tasks so far; a busy machine does not change it."""
    told = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(one["value"]) for one in told if one["name"] == "TaskDuration")


def test_a_country_pans_without_stalls(opened):
    """Of 20,000 flows between 5,000 sites some hundred bundles are drawn, none is lost, and a pan takes little time."""
    browser = opened(region(5_000, 20_000))
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    groups, marks, lines = browser.execute_script(
        "const {groups, marks} = isopt.layer.detail; return [groups.length, marks.length, isopt.layer.shown.length]"
    )
    assert 20 < groups <= marks < 300
    assert lines <= 1000
    lost = browser.execute_script(
        "const {lines, groups} = isopt.layer.detail, flows = lines.flatMap(line => line.flows || [line]);"
        "const kept = new Set([...flows, ...groups.flatMap(group => group.inside)]);"
        "return isopt.plan.everyFlow.filter(flow => !kept.has(flow) && flow.from !== flow.to).length"
    )
    assert lost == 0
    took = []
    for step in (150, -150, 150, -150, 150):
        before = cpu_seconds(browser)
        browser.execute_script("isopt.map.panBy([arguments[0], 40], {animate: false})", step)
        settle(browser)
        took.append(cpu_seconds(browser) - before)
    assert sorted(took)[2] < 0.1
    browser.execute_script("isopt.map.setZoom(14, {animate: false})")
    settle(browser)
    assert browser.execute_script("return isopt.layer.detail.groups.length") == 0
    assert browser.execute_script("return isopt.layer.shown.every(line => !line.flows)")


def in_a_notebook(solution: Any, path: Path) -> Path:
    """The page that shows what a notebook's cell would show."""
    path.write_text(f"<!DOCTYPE html><title>Notebook</title>{draw_map(solution)._repr_html_()}", encoding="utf-8")
    return path


def test_the_map_is_shown_in_a_notebook(opened):
    """As the last line of a cell it stands in a frame of its own, and draws; its frame has no address to write to."""
    browser = opened(town(), in_a_notebook)
    browser.switch_to.frame(find(browser, "iframe"))
    settle(browser)

    assert browser.execute_script(LINES) > 5
    browser.execute_async_script("isopt.speak('de'); setTimeout(arguments[0], 400)")
    assert find(browser, ".status").get_attribute("textContent") == "Optimaler Plan"
    browser.switch_to.default_content()


def test_on_a_phone_the_panel_makes_room_for_what_was_found(opened):
    """The panel is folded at first; opened for a search, it folds again so that the popup can be read."""
    browser = opened(town(), size=(500, 800))
    find(browser, ".isopt-fold").click()
    find(browser, "#isopt-search").send_keys("power\n")
    settle(browser)

    assert popup(browser).startswith("Harbour power station")
    assert not find(browser, ".isopt-panel").is_displayed()
    edges = browser.execute_script(
        "const {left, right} = document.querySelector('.leaflet-popup').getBoundingClientRect(); return [left, right]"
    )
    assert 0 <= edges[0] < edges[1] <= browser.execute_script("return innerWidth")


def attacked_region() -> Any:
    """A crowd of sites in which every name is an attack."""
    solution = region(300, 900)
    facilities = {name: {"name": HOSTILE, "organisation": HOSTILE} for name in solution.scenario.facilities["facility"]}
    materials = {name: {"name": HOSTILE} for name in solution.scenario.materials["material"]}
    return replace(solution, scenario=solution.scenario.with_(facilities=facilities, materials=materials))


def test_hostile_names_run_nowhere_in_lists_groups_and_address(opened):
    """Filters, search list, group and bundle popups and an address made by somebody else show HTML as text."""
    browser = opened(
        attacked_region(), address="#lang=<b>&of=%3Cimg%20src%3Dx%20onerror%3D'window.ran%3D1'%3E&without=%&view=9/x/y"
    )

    assert find(browser, "#isopt-organisation").get_attribute("value").startswith("<img src=x")
    find(browser, "#isopt-filter summary").click()
    find(browser, "#isopt-filter button").click()
    find(browser, "#isopt-search").send_keys("<img")
    settle(browser)
    assert "<img src=x" in find(browser, "#isopt-found").text
    names = browser.execute_script("return [...document.querySelectorAll('datalist option')].map(one => one.value)")
    assert names == [HOSTILE]
    for thing in ("isopt.layer.detail.groups[0]", "isopt.layer.shown.find(line => line.flows)"):
        browser.execute_script(f"isopt.pick({thing}, isopt.map.getCenter())")
        assert "<img src=x" in popup(browser)
    assert browser.execute_script("return document.images.length") == 0


@pytest.mark.parametrize("language", ["fr", "de"])
def test_a_map_opens_in_the_language_asked_for(opened, language):
    """Written for a language, it opens in it: no text of the panel is left in English."""
    browser = opened(town(), lambda solution, path: write_map(solution, path, language=language))

    assert browser.execute_script("return document.documentElement.lang") == language
    words = find(browser, ".isopt-panel").text
    for english in ("Optimal plan", "Materials", "Line width", "Layers", "gives", "Cost saved", "receives"):
        assert english not in words
