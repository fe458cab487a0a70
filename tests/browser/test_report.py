"""Report and sheets as a reader has them: in a browser without a network, on a phone, at the keyboard and on paper."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from made_solutions import region, town
from pages import HOSTILE, barriers, settle

from isopt.views.language import speaking
from isopt.views.offline import write_page
from isopt.views.organisation import organisations
from isopt.views.report import write_report
from isopt.views.sheet_parts import Facts
from isopt.views.sheets import sheet_page, write_sheets

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>parent.ran = 1</script><rect width="9" height="9"/></svg>'
STUDY = [("Landfill tax", "One level.", SVG, [("Tax, EUR/t", "Exchanges"), (95, 12)])]


def one_sheet(name, language="en"):
    """Writes the sheet of one organisation, and no other."""

    def write(solution, path):
        with speaking(language):
            one = next(one for one in organisations(solution) if one.name == name)
            return write_page(sheet_page(Facts.of(solution), one), path)

    return write


def index(solution, path):
    """Writes all sheets of which the first is the list of them."""
    return write_sheets(solution, path.parent, "fr")[0]


def printed(browser) -> bytes:
    """The page as its print style lays it out, as PDF."""
    made = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    return base64.b64decode(made["data"])


def sheets_of_paper(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in points."""
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == len(re.findall(rb"/MediaBox", pdf))
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", pdf)
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_nothing_bars_the_way_in_the_report(opened, language):
    """Contrast, names, languages and keyboard reach hold what WCAG 2.1 AA asks, in each language."""
    browser = opened(town(), lambda solution, path: write_report(solution, path, language, policy=STUDY))

    assert barriers(browser) == []
    assert browser.execute_script("return document.documentElement.lang") == language


def test_nothing_bars_the_way_in_a_sheet_and_the_index(opened):
    """Likewise the page that a firm is sent, and the list of all of them."""
    assert barriers(opened(town(), one_sheet("Harbour Energy"))) == []
    assert barriers(opened(town(), index)) == []


def test_the_contents_lead_to_the_parts_from_the_keyboard(opened):
    """Enter on the third entry shows the third part; tables that are wider than a phone scroll from the keyboard."""
    browser = opened(town(), write_report, (420, 800))
    link = browser.find_elements("css selector", "nav a")[2]

    link.send_keys("\ue007")
    settle(browser)
    part = link.get_attribute("href").rpartition("#")[2]
    top = browser.execute_script(f"return document.getElementById('{part}').getBoundingClientRect().top")
    assert abs(top) < 40
    table = browser.find_element("css selector", "#exchanges .wide")
    browser.execute_script("arguments[0].focus()", table)
    table.send_keys("\ue014" * 5)
    settle(browser)
    assert browser.execute_script("return document.activeElement === arguments[0]", table)
    assert browser.execute_script("return arguments[0].scrollWidth > arguments[0].clientWidth", table)


@pytest.mark.parametrize("size", [(420, 800), (1300, 900)])
def test_report_and_sheets_fit_the_window(opened, size):
    """On a phone and on a desk neither scrolls sideways as a whole, and figures keep a size that can be read."""
    for write in (write_report, one_sheet("Harbour Energy", "de"), index):
        browser = opened(town(), write, size)

        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        wide = browser.execute_script("return [...document.querySelectorAll('.isopt-figure')].map(f => f.clientWidth)")
        assert all(width >= 440 for width in wide)


def test_hostile_names_run_nowhere_in_report_and_sheets(opened):
    """Names, organisations, materials, notes, sources and studies made of HTML are shown as they are typed."""
    solution = town(
        facilities={
            name: {"name": HOSTILE, "organisation": HOSTILE, "group": HOSTILE} for name in ("power", "refinery")
        },
        materials={"water": {"name": HOSTILE}},
        title=HOSTILE,
    )
    scenario = solution.scenario
    streams = scenario.streams.assign(note=f"assumed {HOSTILE}", source=HOSTILE)
    solution = replace(solution, scenario=scenario.with_(streams=streams), warnings=(HOSTILE,), baseline=None)
    study = [(HOSTILE, HOSTILE, SVG, [(HOSTILE, "a"), (HOSTILE, 1)])]

    browser = opened(solution, lambda made, path: write_report(made, path, policy=study))
    assert browser.execute_script("return document.scripts.length") == 0
    assert browser.execute_script("return document.images.length") == 1  # the study's figure
    assert browser.find_element("css selector", "#quality").text.count("<img src=x") >= 1
    assert browser.find_element("css selector", "#materials svg").get_attribute("innerHTML").count("&lt;img src=x") >= 2
    for sheet in write_sheets(solution, _folder(browser)):
        browser.get(sheet.as_uri())
        assert browser.execute_script("return document.scripts.length + document.images.length") == 0


def _folder(browser):
    from pathlib import Path
    from urllib.parse import unquote, urlparse

    return Path(unquote(urlparse(browser.current_url).path)).parent / "sheets"


def test_a_sheet_prints_as_one_page(opened):
    """The fullest sheets of a region of 40 sites and 900 flows, in the language with the longest words: one A4 page."""
    made = region(40, 900)
    long = made.scenario.facilities.assign(name=[f"Werk für Aufbereitung und Verwertung Nr. {n}" for n in range(40)])
    solution = replace(made, scenario=made.scenario.with_(facilities=long))
    for site in solution.flows["from_facility"].value_counts().index[:2]:
        name = f"Werk für Aufbereitung und Verwertung Nr. {int(site.split()[1])}"
        pages = sheets_of_paper(printed(opened(solution, one_sheet(name, "de"))))
        assert pages == [pytest.approx((595, 842), abs=1)]


def test_the_report_prints_on_a4_with_nothing_cut(opened):
    """Landscape pages; laid out for paper no table is wider than the page and no figure taller."""
    browser = opened(town(), lambda solution, path: write_report(solution, path, policy=STUDY))
    pages = sheets_of_paper(printed(browser))

    assert 4 <= len(pages) <= 16
    assert set(pages) == {pages[0]}
    assert pages[0] == pytest.approx((842, 595), abs=1)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1032, "height": 703, "deviceScaleFactor": 1, "mobile": False},  # 273 x 186 mm at 96 dpi
    )
    try:
        settle(browser)
        assert browser.execute_script("return document.documentElement.scrollWidth <= 1032")
        tall = browser.execute_script("return [...document.querySelectorAll('figure')].map(f => f.offsetHeight)")
        assert max(tall) < 703
        assert browser.execute_script("return getComputedStyle(document.querySelector('thead')).display") == (
            "table-header-group"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
