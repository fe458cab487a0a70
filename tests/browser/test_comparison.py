"""The page that compares plans, as a reader has it."""

from __future__ import annotations

from dataclasses import replace

from made_solutions import town
from pages import HOSTILE, barriers, settle

from isopt.views.comparison import write_comparison


def changed(solution):
    """The same with another gypsum flow."""
    flows = solution.flows.copy()
    flows.loc[flows["material"] == "gypsum", ["sent", "arrived", "tonnes"]] *= 2
    exchanges = solution.exchanges.assign(amount_per_yr=solution.exchanges["amount_per_yr"] * 2)
    return replace(solution, tables={**solution.tables, "flows": flows, "exchanges": exchanges})


def test_both_plans_and_the_map_of_changes_are_on_one_page(opened):
    """The map lives in its frame and can be used there; the page has no barriers; nothing is wider than the window."""
    browser = opened(town(), lambda solution, path: write_comparison([solution, changed(solution)], path))

    assert barriers(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    frame = browser.find_element("css selector", "iframe")
    browser.execute_script("arguments[0].scrollIntoView()", frame)
    browser.switch_to.frame(frame)
    settle(browser)
    shown = browser.execute_script("return isopt.layer.shown.length")
    browser.switch_to.default_content()
    assert shown > 0


def test_hostile_names_stay_text(opened):
    """Names of plans, firms and materials run neither on the page nor in the map inside it."""
    solution = town(
        facilities={name: {"name": HOSTILE, "organisation": HOSTILE} for name in ("power", "refinery")},
        materials={"gypsum": {"name": HOSTILE}}, title=HOSTILE,
    )  # fmt: skip
    write = lambda one, path: write_comparison([one, changed(one)], path, "fr", names=[HOSTILE, "</iframe>"])  # noqa: E731
    browser = opened(solution, write)

    browser.switch_to.frame(browser.find_element("css selector", "iframe"))
    settle(browser)
    ran = browser.execute_script("return window.ran")
    browser.switch_to.default_content()
    assert ran is None
    assert "onerror" in browser.find_element("css selector", "h1").text
