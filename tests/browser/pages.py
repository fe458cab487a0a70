"""What a hand and an eye do with a page in the browser; and what axe-core finds wrong with it."""

from __future__ import annotations

import time
from importlib import resources
from typing import Any

HOSTILE = "<img src=x onerror='window.ran = 1'></script><script>window.ran = 1</script>\u2028'\""
"""A name that runs where a page forgets to escape it."""


def settle(browser: Any) -> None:
    """Wait until two frames have been painted."""
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def click_on(browser: Any, what: str) -> None:
    """Click at the place that a script names, as a hand would: through the page, not through the code."""
    from selenium.webdriver import ActionChains

    x, y = browser.execute_script(
        f"const p = (() => {{ {what} }})(), m = isopt.layer._map, c = m.layerPointToContainerPoint(p);"
        "const b = m.getContainer().getBoundingClientRect(); return [Math.round(b.x + c.x), Math.round(b.y + c.y)]"
    )
    actions = ActionChains(browser)
    actions.w3c_actions.pointer_action.move_to_location(x, y)
    actions.click().perform()
    time.sleep(0.4)  # the map waits a moment for a second click, then moves so that the popup fits
    settle(browser)


def popup(browser: Any) -> str:
    return str(browser.find_element("css selector", ".isopt-pop").get_attribute("innerText"))


def written(browser: Any, where: str) -> str:
    """What stands in a part of the page, whether or not it is still fading in: its `text` is what is seen of it."""
    return str(browser.find_element("css selector", where).get_attribute("textContent"))


def barriers(browser: Any, within: str = "body") -> list[str]:
    """Violations of WCAG 2.1 A and AA that axe-core finds (contrast, names, keyboard reach): rule and places of each."""
    if not browser.execute_script("return window.axe !== undefined"):
        browser.execute_script(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[1];"
        "axe.run(arguments[0], {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false,"
        "resultTypes: ['violations']}).then(told => done("  # what passes is looked at too, and not described
        "told.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target + ' ' + n.failureSummary)}`)),"
        "error => done([String(error)]))",
        within,
    )
    return list(found)
