"""The explorer as a policy officer has it: in a real browser, without a network, held against what Python computed."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pages import HOSTILE, barriers, popup, settle, written
from valley import BREAKS, across, along, valley

from isopt.studies.plane import Plane
from isopt.studies.thresholds import Thresholds, thresholds
from isopt.views.explorer import write_explorer

FORMULA = "=HYPERLINK(1)"
LEFT, RIGHT, UP, DOWN = "\ue012", "\ue014", "\ue013", "\ue015"
HOME, END, PAGE_UP, PAGE_DOWN, SHIFT = "\ue011", "\ue010", "\ue00e", "\ue00f", "\ue008"
ENTER = "\ue007"


@dataclass(frozen=True)
class Made:
    """The valley's thresholds, its plane, and the page of both: made once for all tests."""

    found: Thresholds
    plane: Plane
    page: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    found, plane = along(), across()
    page = write_explorer(found, tmp_path_factory.mktemp("explorer") / "page.html", plane=plane)
    return Made(found, plane, page)


@pytest.fixture
def explorer(opened, made) -> Iterator[Callable[..., Any]]:
    """Open the page, at an address if one is given."""

    def go(address: str = "", size: tuple[int, int] = (1300, 900)) -> Any:
        return opened(None, lambda _, path: made.page, size, address)

    return go


def value(browser: Any) -> list[float]:
    return list(browser.execute_script("return isopt.point"))


def figure(browser: Any, line: str) -> float:
    return float(browser.find_element("css selector", f".figure[data-line={line}]").get_attribute("data-value"))


def press(browser: Any, *keys: str) -> None:
    """Press keys on the first lever's slider."""
    browser.find_element("id", "isopt-lever-0").send_keys(*keys)
    settle(browser)


def type_in(browser: Any, words: str, number: int = 0) -> None:
    """Type a value into a lever's field, in place of the one that is there."""
    field = browser.find_element("id", f"isopt-lever-{number}-value")
    browser.execute_script("arguments[0].focus(); arguments[0].select()", field)
    field.send_keys(words + ENTER)
    settle(browser)


def click_at(browser: Any, picture: str, x: float, y: float, drag_to: float | None = None) -> None:
    """Click at a place of a picture, in its own units, as a hand would; or drag from there along x."""
    from selenium.webdriver import ActionChains

    svg = browser.find_element("css selector", picture)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", svg)
    settle(browser)
    left, top, scale = browser.execute_script(
        "const b = arguments[0].getBoundingClientRect();"
        "return [b.left, b.top, b.width / arguments[0].viewBox.baseVal.width]",
        svg,
    )
    actions = ActionChains(browser)
    pointer = actions.w3c_actions.pointer_action
    pointer.move_to_location(round(left + x * scale), round(top + y * scale))
    pointer.pointer_down()
    if drag_to is not None:
        pointer.move_to_location(round(left + drag_to * scale), round(top + y * scale))
    pointer.pointer_up()
    actions.perform()
    settle(browser)


def saved(browser: Any, folder: Path, button: int, ending: str) -> Path:
    """Press a button that saves a file, and wait until it lies there."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.find_elements("css selector", ".save")[button].click()
    end = time.monotonic() + 15
    while not (found := list(folder.glob(f"*{ending}"))) and time.monotonic() < end:
        time.sleep(0.05)
    return found[0]


def test_what_is_shown_is_what_python_found(explorer, made):
    """At several values, a hair below and above both breakpoints too, figures and map are those of the thresholds."""
    browser = explorer()
    table = made.found.table

    for tax in (0, 7.5, BREAKS[0] - 1e-4, BREAKS[0] + 1e-4, 33.3, BREAKS[1] - 1e-4, BREAKS[1] + 1e-4, 100):
        type_in(browser, repr(tax))
        row = table[table["low"] <= tax + 1e-9].iloc[-1]
        assert value(browser)[0] == pytest.approx(tax, abs=1e-12)
        assert figure(browser, "cost") == pytest.approx(made.found.cost([tax])[0])
        assert figure(browser, "landfilled") == pytest.approx(row["landfilled"], abs=1e-9)
        assert figure(browser, "co2_total") == pytest.approx(row["co2_total"])
        assert figure(browser, "revenue") == pytest.approx(row["landfilled"] * tax, abs=1e-9)
        assert figure(browser, "exchanges") == row["exchanges"]
        drawn = browser.execute_script("return isopt.view.plan.everyFlow.map(flow => flow.amount)")
        sent = made.found.figures[int(row.name)].sent
        assert sorted(drawn) == pytest.approx(sorted(sent[sent > 0]))


def test_crossing_a_breakpoint_tells_what_opens_and_closes(explorer):
    """Upwards past 15 the middle quarry opens, downwards it closes; the sentence names what comes next."""
    browser = explorer("#x=10")
    told = browser.find_element("css selector", ".told")

    assert told.text == "Below 15 EUR/t the best network has 1 exchange. At 15 EUR/t: Middle → Kiln opens."
    assert not browser.find_element("css selector", ".passed").is_displayed()
    type_in(browser, "20")
    assert (
        browser.find_element("css selector", ".passed").text == "Just crossed upwards at 15 EUR/t: Middle → Kiln opens."
    )
    assert told.text.startswith("Between 15 EUR/t and 45 EUR/t the best network has 2 exchanges.")
    crossed = browser.find_element("css selector", ".crossed").text.split("\n")
    assert crossed == ["Just crossed upwards at 15 EUR/t", "Opens", "Middle → Kiln", "Rubble, truck, 50 t/yr"]
    assert "Far → Kiln" in browser.find_element("css selector", ".coming").text
    browser.find_element("css selector", ".crossed button").click()
    assert "Middle → Kiln" in popup(browser)
    type_in(browser, "3")
    assert "downwards at 15 EUR/t: Middle → Kiln closes" in browser.find_element("css selector", ".passed").text


def test_the_slider_works_from_the_keyboard(explorer):
    """Steps of 0.2, ten at a time, the ends, and Shift to exactly the next and last breakpoint."""
    browser = explorer("#x=10")

    press(browser, RIGHT, RIGHT, UP)
    assert value(browser)[0] == pytest.approx(10.6)
    press(browser, LEFT, DOWN)
    assert value(browser)[0] == pytest.approx(10.2)
    press(browser, PAGE_UP)
    assert value(browser)[0] == pytest.approx(12)
    press(browser, PAGE_DOWN)
    assert value(browser)[0] == pytest.approx(10)
    press(browser, END)
    assert value(browser) == [100]
    press(browser, HOME)
    assert value(browser) == [0]
    press(browser, SHIFT + RIGHT)
    assert value(browser)[0] == pytest.approx(BREAKS[0])
    assert figure(browser, "exchanges") == 2
    press(browser, SHIFT + RIGHT)
    assert value(browser)[0] == pytest.approx(BREAKS[1])
    press(browser, SHIFT + LEFT)
    assert value(browser)[0] == pytest.approx(BREAKS[0])
    slider = browser.find_element("id", "isopt-lever-0")
    assert slider.get_attribute("aria-valuetext") == "15\u00a0EUR/t: 2 exchanges"
    jumps = browser.find_elements("css selector", ".jump")
    assert [jump.get_attribute("aria-label") for jump in jumps] == ["No change below", "On to 45\u00a0EUR/t"]
    jumps[1].click()
    assert value(browser)[0] == pytest.approx(BREAKS[1])


def test_nonsense_in_the_field_changes_nothing(explorer):
    """Words leave the value as it is, a number beyond the range goes to its end, a comma may stand for the point."""
    browser = explorer("#x=10")

    type_in(browser, "cheap")
    assert value(browser) == [10]
    type_in(browser, "1,234.5")
    assert value(browser) == [100]
    type_in(browser, "12,5 EUR/t")
    assert value(browser) == [12.5]


def test_the_chart_is_clicked_and_dragged(explorer):
    """A click in the middle of the chart goes to a tax of 50, a drag from there to its left end to 0."""
    browser = explorer("#x=10")
    left, right = browser.execute_script("return [+isopt.chart.dataset.left, +isopt.chart.dataset.right]")
    pixel = 100 / (right - left)

    click_at(browser, "svg.chart", (left + right) / 2, 60)
    assert value(browser)[0] == pytest.approx(50, abs=1.5 * pixel)
    assert figure(browser, "exchanges") == 3
    click_at(browser, "svg.chart", (left + right) / 2, 60, drag_to=left - 20)
    assert value(browser) == [0]
    corners = browser.execute_script(
        "return document.querySelector('path[data-line=cost]').getAttribute('d').slice(1).split('L').length"
    )
    assert corners == 2 * 3  # both ends of each straight piece


def test_the_plane_is_clicked(explorer, made, tmp_path):
    """Two levers: a click chooses tax and subsidy, and cost is that of the plane there; the cut moves its breakpoints."""
    browser = explorer()
    browser.find_element("css selector", "input[name=levers][value=plane]").click()
    settle(browser)

    width, height = browser.execute_script("const b = isopt.plane.viewBox.baseVal; return [b.width, b.height]")
    click_at(browser, "svg.plane", 54 + 0.1 * (width - 68), height - 40 - 0.2 * (height - 50))
    tax, subsidy = value(browser)
    assert (tax, subsidy) == (pytest.approx(10, abs=0.5), pytest.approx(10, abs=0.5))
    assert figure(browser, "cost") == pytest.approx(made.plane.cost([[tax, subsidy]])[0])
    assert figure(browser, "exchanges") == 2
    breaks = browser.execute_script("return isopt.cells.slice(1).map(cell => cell.low)")
    assert breaks == pytest.approx([at - subsidy for at in BREAKS])
    rows = list(csv.DictReader(io.StringIO(saved(browser, tmp_path, 1, ".csv").read_text("utf-8-sig"))))
    for row, wanted in zip(rows, made.plane.table.to_dict("records"), strict=True):
        assert row["region"] == wanted["region"]
        for name in ("cost", "slope_x", "slope_y", "landfilled", "exchanges"):
            assert float(row[name]) == pytest.approx(wanted[name], rel=1e-12, abs=1e-9)
        assert len(row["corners"].split(", ")) >= 3
    type_in(browser, "30", 1)
    assert browser.execute_script("return isopt.cells.map(cell => cell.low)") == pytest.approx([0, 15])
    browser.find_element("css selector", "input[name=levers][value=line]").click()
    assert value(browser)[0] == pytest.approx(tax)  # the first lever stays where it is


def test_the_page_speaks_three_languages(explorer):
    """Another language changes words, numbers, the map's legend and the diagram of materials, and may be typed in."""
    browser = explorer("#x=20.25")

    browser.find_element("css selector", "#isopt-page-language option[value=de]").click()
    settle(browser)
    assert browser.execute_script("return document.documentElement.lang") == "de"
    assert browser.find_element("id", "isopt-lever-0-value").get_attribute("value") == "20,25"
    assert browser.find_element("css selector", ".told").text.startswith(
        "Zwischen 15 EUR/t und 45 EUR/t hat das beste Netz 2"
    )
    assert browser.find_element("css selector", ".figure[data-line=cost] b").text.startswith("10.005")
    assert browser.execute_script("return isopt.view.language") == "de"
    assert "Woher" in browser.find_element("css selector", ".picture svg title").get_attribute("textContent")
    type_in(browser, "31,5")
    assert value(browser) == [31.5]
    browser.find_element("css selector", "#isopt-page-language option[value=fr]").click()
    settle(browser)
    assert browser.find_element("css selector", ".told").text.startswith("Entre 15 EUR/t et 45 EUR/t")


def test_the_address_holds_the_state_and_back_goes_back(explorer, made):
    """Value, language and layers come back from the address; back and forward undo and redo a step."""
    browser = explorer("#x=20&lang=fr&layers=-names")
    assert value(browser) == [20]
    assert browser.execute_script("return isopt.view.choice.layers.names") is False
    assert browser.find_element("css selector", ".told").text.startswith("Entre")

    def waited(script: str, wanted: Any) -> Any:
        end = time.monotonic() + 5
        while browser.execute_script(script) != wanted and time.monotonic() < end:
            time.sleep(0.05)
        return browser.execute_script(script)

    type_in(browser, "50")
    assert "x=50" in browser.current_url
    press(browser, HOME)
    assert "x=0" in browser.current_url
    browser.back()
    assert waited("return isopt.point[0]", 50) == 50
    browser.back()
    assert waited("return isopt.point[0]", 20) == 20
    browser.forward()
    assert waited("return isopt.point[0]", 50) == 50
    assert figure(browser, "exchanges") == 3
    browser.execute_script("location.hash = '#x=30&y=5'")
    assert waited("return isopt.mode", "plane") == "plane"
    assert value(browser) == [30, 5]
    assert "layers=-names" in browser.execute_script("return '#' + isopt.view.state()")


def test_the_view_is_saved_as_a_picture(explorer, tmp_path):
    """The PNG has the map and the chart in it: where they lie, many colours; and its name says the tax."""
    from matplotlib import image

    browser = explorer("#x=20")
    picture = saved(browser, tmp_path, 0, ".png")

    assert picture.name == "valley-landfill-tax-20.png"
    pixels = image.imread(picture)
    height, width = pixels.shape[:2]
    assert width == 3200
    body = pixels[int(height * 0.25) : int(height * 0.55)]
    for part in (body[:, : width // 2], body[:, width * 2 // 3 :]):
        colours = {tuple((pixel * 15).round()) for pixel in part[::7, ::7, :3].reshape(-1, 3)}
        assert len(colours) > 5


def test_the_data_is_saved_as_a_table(explorer, made, tmp_path):
    """The CSV has a row per interval, with the numbers of `thresholds.csv` to the last digits."""
    browser = explorer("#x=20")
    text = saved(browser, tmp_path, 1, ".csv").read_text("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    for row, wanted in zip(rows, made.found.table.to_dict("records"), strict=True):
        assert row["network"] == wanted["network"]
        for name in (
            "low",
            "high",
            "cost_at_low",
            "cost_at_high",
            "slope",
            "landfilled",
            "revenue_at_high",
            "exchanges",
            "error",
        ):
            told = row[name]
            assert float(told) == pytest.approx(wanted[name], rel=1e-12, abs=1e-9)
    assert [row["opened"] for row in rows] == ["", "Middle → Kiln (Rubble, truck)", "Far → Kiln (Rubble, truck)"]


def test_on_paper_the_map_stands_beside_the_chart(explorer):
    """Printing leaves the legend out and everything as it was afterwards; no part is wider than the page."""
    browser = explorer("#x=20")
    legend = "return isopt.view.panel !== null && isopt.view.panel.isConnected"

    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    settle(browser)
    wide = "return document.querySelector('.place').getBoundingClientRect().width / innerWidth"
    assert browser.execute_script(wide) < 0.7
    assert not browser.find_element("css selector", ".isopt-panel").is_displayed()
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    settle(browser)
    assert browser.execute_script(legend)
    browser.find_element("css selector", ".isopt-fold").click()
    assert browser.find_element("css selector", ".isopt-panel").is_displayed()


def test_what_is_not_proven_is_said_and_drawn(opened):
    """A search that was stopped: a notice says by how much the cost may be off, and the chart has a band."""
    found = thresholds(valley(), "landfill_tax", 0, 100, on_progress=lambda step: step.solves >= 2)
    browser = opened(found, write_explorer, address="#x=40")

    notice = browser.find_element("css selector", ".notices").text
    error = float(found.table.loc[found.table["low"] <= 40, "error"].iloc[-1])
    assert error > 0
    assert "The search was stopped early. Not proven to the end" in notice
    assert f"up to {error:,.0f}" in notice.replace("\u00a0", " ")
    assert browser.execute_script("return document.querySelectorAll('svg.chart .band').length") > 0


def test_hostile_names_run_nowhere(opened, tmp_path):
    """Names made of HTML or formulas are text in title, sentence, lists, map and diagram, and neutral in the table."""
    scenario = valley({"middle": HOSTILE, "far": FORMULA}, settings={"title": HOSTILE}, ash=HOSTILE)
    found = along(scenario)
    browser = opened(found, write_explorer, address="#x=30")

    assert written(browser, "h1").startswith("<img src=x")
    assert FORMULA in written(browser, ".told")
    type_in(browser, "50")
    assert f"{FORMULA} → Kiln" in written(browser, ".crossed")
    type_in(browser, "10")
    assert "<img src=x" in written(browser, ".coming")
    browser.execute_script("isopt.view.pick(isopt.view.plan.everyFlow[0], [57, 10])")
    assert "<img src=x" in popup(browser)
    assert "<img src=x" in browser.find_element("css selector", ".picture").get_attribute("textContent")
    assert browser.execute_script("return document.images.length") == 0
    rows = list(csv.DictReader(io.StringIO(saved(browser, tmp_path, 1, ".csv").read_text("utf-8-sig"))))
    assert rows[2]["opened"].startswith("'=HYPERLINK(1)")


@pytest.mark.parametrize(("address", "size"), [("#x=20", (1300, 900)), ("#x=20&y=10&lang=de", (500, 900))])
def test_nothing_keeps_anyone_out(explorer, address, size):
    """axe-core finds nothing, and nothing is wider than the window: on a desk, and on a phone with two levers."""
    browser = explorer(address, size)
    browser.execute_script("document.querySelector('.intervals').open = true")
    settle(browser)

    assert barriers(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
