"""
The pictures of the documentation, taken from the pages themselves.

Each run takes them and holds them against what stands in ``docs/images``: as large, and not blank. With
``ISOPT_SCREENSHOTS=1`` they are written there. Those of Scotland need its register, and some minutes, so they are taken
only then.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from pages import settle
from PIL import Image

import isopt
from isopt.views.explorer import write_explorer
from isopt.views.map import write_map
from isopt.views.report import write_report

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
REGISTER = ROOT.parent / "shared" / "data" / "scotland_sepa"
WRITE = os.environ.get("ISOPT_SCREENSHOTS") == "1"
SIZE = (1400, 900)
COLOURS = 200
"""Of a picture as it is kept: enough for flat colours, a third of the size."""


def taken(browser, page, name):
    """Take a picture of a page, hold it against the one that is kept, or keep it."""
    browser.set_window_size(*SIZE)
    browser.get("about:blank")
    browser.get(page.as_uri())
    settle(browser)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    shades = picture.resize((140, 90)).getcolors(20_000)
    assert len(shades) > 150, "the page is nearly blank"
    path = IMAGES / f"{name}.png"
    if WRITE:
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    with Image.open(path) as kept:
        assert kept.width == picture.width
        assert abs(kept.height - picture.height) < 120  # the bar of the browser


@pytest.fixture(scope="module")
def kalundborg():
    """The bundled region, solved."""
    return isopt.solve(isopt.read(ROOT / "scenarios" / "kalundborg"))


@pytest.mark.parametrize(("name", "write"), [("map", write_map), ("report", write_report)])
def test_pages_of_kalundborg(browser, kalundborg, name, write, tmp_path):
    """Map and report as they open."""
    taken(browser, write(kalundborg, tmp_path / "page.html"), f"kalundborg-{name}")


def test_explorer_of_kalundborg(browser, tmp_path):
    """The explorer of the carbon price, at its lower end."""
    found = isopt.thresholds(isopt.read(ROOT / "scenarios" / "kalundborg"), "carbon_price", 0, 600)

    taken(browser, write_explorer(found, tmp_path / "page.html"), "kalundborg-explorer")


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """All licensed sites of Scotland in 2018, as a scenario."""
    if not WRITE:
        pytest.skip("pictures of Scotland are taken with ISOPT_SCREENSHOTS=1 only: solving takes minutes")
    if not REGISTER.is_dir():
        pytest.skip("the register of Scotland's waste sites is not here")
    from isopt.importers.sepa import import_sepa

    def scenario(name, bbox=None):
        out = tmp_path_factory.mktemp("sepa") / name
        files = (REGISTER / "waste-site-io.csv", REGISTER / "waste-site-material-io.csv")
        import_sepa(*files, out, year=2018, bbox=bbox)
        return isopt.read(out)

    return scenario


def test_pages_of_scotland(browser, register, tmp_path):
    """Map and report of 800 sites, best plan in two minutes."""
    solution = isopt.solve(register("scotland"), time_limit=120)

    taken(browser, write_map(solution, tmp_path / "map.html"), "scotland-map")
    taken(browser, write_report(solution, tmp_path / "report.html"), "scotland-report")


def test_explorer_of_a_part_of_scotland(browser, register, tmp_path):
    """The landfill tax on the east coast around Dundee, as far as is proven in two minutes."""
    found = isopt.thresholds(register("dundee", (56.3, -3.4, 56.7, -2.4)), "landfill_tax", 0, 250, time_limit=120)

    taken(browser, write_explorer(found, tmp_path / "page.html"), "scotland-explorer")
