"""A browser without a network, shared by all tests of pages; they skip where there is no Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import settle

from isopt.views import write_map

webdriver = pytest.importorskip("selenium.webdriver", reason="pages are tested in a browser with selenium")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

Open = Callable[..., Any]
Written = Callable[[Any, Callable[..., Path], Path], Path]


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Any]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("no Chromium with its driver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--window-size=1300,900",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.add_experimental_option(
        "prefs",
        {"download.default_directory": str(tmp_path_factory.mktemp("downloads")), "safebrowsing.enabled": False},
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_script_timeout(20)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def written() -> Written:
    """Write a solution's page, or copy it where a test before has had the same solution and writer."""
    pages: dict[tuple[int, Any], tuple[Any, bytes]] = {}

    def page(solution: Any, write: Callable[..., Path], path: Path) -> Path:
        if not getattr(write, "__module__", "").startswith("isopt."):  # a test's own, and another each time
            return write(solution, path)
        key = id(solution), write
        if key not in pages:
            pages[key] = solution, write(solution, path).read_bytes()  # held, so that no other has its number
        path.write_bytes(pages[key][1])
        return path

    return page


@pytest.fixture
def opened(browser, written, tmp_path) -> Iterator[Open]:
    """Write a page, open it, and hold at the end that it said and fetched nothing."""

    def go(
        solution: Any, write: Callable[..., Path] = write_map, size: tuple[int, int] = (1300, 900), address: str = ""
    ) -> Any:
        browser.set_window_size(*size)
        browser.get("about:blank")  # else an address that differs by its fragment only would not load again
        browser.get(written(solution, write, tmp_path / "page.html").as_uri() + address)
        settle(browser)
        return browser

    browser.get_log("browser")
    yield go
    assert browser.get_log("browser") == []
    fetched = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in fetched if not name.startswith("data:")] == []
    assert browser.execute_script("return window.ran") is None
