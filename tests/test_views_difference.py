"""The map of what differs between two plans: each flow named by what becomes of it, with amounts before and after."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_solutions import region, town, without_plan
from test_views import HOSTILE, SIGHTS, hostile_town, lab

import isopt
from isopt.errors import InputError
from isopt.solution import Solution
from isopt.studies.transport import transport_scenario
from isopt.views.difference import KINDS, changed_flows, draw_difference, write_difference
from isopt.views.layers import placed
from isopt.views.means import flows
from isopt.views.nodes import symbols
from isopt.views.offline import external_addresses
from isopt.views.palette import COLOURS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def before() -> Solution:
    return town()


def edited(solution: Solution, edit: Any) -> Solution:
    """The same plan with other flows."""
    return replace(solution, tables={**solution.tables, "flows": edit(solution.flows.copy())})


@pytest.fixture(scope="module")
def after(before: Solution) -> Solution:
    """One flow gone, one half as large, one twice, one by another mode; the rest as before."""

    def edit(table: Any) -> Any:
        exchanges = table.index[table["kind"] == "exchange"]
        gone, less, more, other = exchanges[:4]
        amounts = ["sent", "arrived", "tonnes", "haulage_eur"]
        table.loc[less, amounts] *= 0.5
        table.loc[more, amounts] *= 2.0
        modes = list(before.scenario.modes["mode"])
        table.loc[other, "mode"] = next(mode for mode in modes if mode != table.loc[other, "mode"])
        return table.drop(index=gone)

    return edited(before, edit)


def matched(one: Solution, other: Solution) -> Any:
    return changed_flows(one, other, placed(symbols(other, flows(other))))


def data_of(page: str) -> str:
    return page[page.index("window.isopt") :]


def test_each_change_has_its_name(before, after):
    """A flow that changes its mode closes on one and opens on the other; what stays is the same."""
    found = matched(before, after)
    count = found["kind"].value_counts()

    assert count[["opened", "closed", "grown", "shrunk"]].tolist() == [1, 2, 1, 1]
    assert count["same"] == len(matched(before, before)) - 4
    grown = found[found["kind"] == "grown"].iloc[0]
    assert grown["sent_after"] == pytest.approx(2 * grown["sent_before"])
    assert grown["haulage_eur_after"] == pytest.approx(2 * grown["haulage_eur_before"])
    closed = found[found["kind"] == "closed"]
    assert (closed["sent_after"] == 0).all()
    assert (closed["sent_before"] > 0).all()


def test_the_other_way_round_everything_is_turned(before, after):
    """What opened has closed and what grew has shrunk when the plans are exchanged."""
    there, back = (matched(*pair)["kind"].value_counts() for pair in ((before, after), (after, before)))

    assert [there[name] for name in ("opened", "closed", "grown", "shrunk", "same")] == [
        back[name] for name in ("closed", "opened", "shrunk", "grown", "same")
    ]


def test_equal_plans_say_so(before):
    """Between a plan and itself nothing changes, and the map says it."""
    page = draw_difference(before, before).get_root().render()

    assert set(matched(before, before)["kind"]) == {"same"}
    assert "Nothing changed" in page


def test_what_is_only_in_the_plan_before_keeps_its_place(before):
    """A facility that the variant no longer has is still on the map, with its closed flow."""
    gone = str(before.flows.loc[before.flows["kind"] == "exchange", "from_facility"].iloc[0])
    smaller = before.scenario
    kept = smaller.facilities["facility"] != gone
    tables = {**smaller.tables, "facilities": smaller.facilities[kept].reset_index(drop=True)}
    for name in ("streams", "demands", "plants", "disposals"):
        tables[name] = tables[name][tables[name]["facility"] != gone].reset_index(drop=True)
    fewer = edited(before, lambda t: t[(t["from_facility"] != gone) & (t["to_facility"] != gone)])
    page = data_of(
        draw_difference(before, replace(fewer, scenario=replace(smaller, tables=tables))).get_root().render()
    )

    assert f'"id":"{gone}"' in page
    assert '"kind":"closed"' in page


def test_a_terminal_is_known_by_its_name():
    """A terminal opened at an idle place is one symbol with the name of the place, not two with that of all terminals."""
    scenario = isopt.read(ROOT / "scenarios" / "slag_train")
    bare = transport_scenario(scenario, close_modes=["rail"], close_terminals=["east", "west"])
    opened = transport_scenario(bare, open_terminals=[{"facility": "east"}, {"facility": "west"}])
    page = data_of(draw_difference(isopt.solve(bare), isopt.solve(opened)).get_root().render())

    named = re.findall(r'"kind":"(\w+)","id":"[^"]*","name":"(Terminal \w+)"', page)
    assert sorted(named) == [("plant", "Terminal East"), ("plant", "Terminal West")]


def test_changes_have_colours_and_lines_of_their_own():
    """Four colours of the palette that stays apart for every sight, and four patterns: either alone would do."""
    changes = [KINDS[kind] for kind in ("opened", "closed", "grown", "shrunk")]

    assert len({colour for colour, _ in changes}) == 4
    assert {colour for colour, _ in changes} <= set(COLOURS)
    assert len({tuple(dash) for _, dash in changes}) == 4
    for sight in SIGHTS.values():
        grey = lab(KINDS["same"][0], sight)
        assert all(sum((lab(colour, sight) - grey) ** 2) ** 0.5 > 16 for colour, _ in changes)


def test_the_panel_names_both_plans_and_what_the_change_costs(before, after):
    """Titles, status and gap of both; sums that differ stand with their sign and unit."""
    dearer = after.kpis.copy()
    total = (dearer["kpi"] == "cost_total") & (dearer["year"].astype(str) == "total")
    dearer.loc[total, "value"] += 1234.0
    scenario = after.scenario.with_(title=f"{before.scenario.title}: toll")
    page = data_of(draw_difference(before, replace(after, kpis=dearer, scenario=scenario)).get_root().render())

    assert f"{before.scenario.title} → toll" in page
    assert f"Before: {before.scenario.title}." in page
    assert "After: toll." in page
    assert '"+1,234 EUR"' in page
    assert "flows · amount per year" in page


def test_a_difference_smaller_than_the_gaps_is_doubted(before, after):
    """Two plans a euro apart whose gaps leave 100 EUR each: the change may be no effect; proven ones are not doubted."""
    close = replace(after, objective=before.objective + 1, bound=before.objective - 99)
    proven = [replace(s, bound=s.objective) for s in (before, replace(after, objective=before.objective + 1))]
    words = "may be no effect of the change"

    assert words in draw_difference(before, close).get_root().render().split("window.isopt")[1].split('"texts"')[0]
    assert words not in draw_difference(*proven).get_root().render().split("window.isopt")[1].split('"texts"')[0]


def test_a_plan_is_needed_on_both_sides(before):
    """Without a plan everything would seem closed: it is refused, with the reason."""
    with pytest.raises(InputError, match=r"no plan to compare .infeasible.: too little room"):
        draw_difference(before, without_plan("infeasible", "too little room"))


def test_names_that_are_attacks_stay_text(before, tmp_path):
    """Hostile names of facilities, materials, organisations and titles add no element to the page."""

    def tags(html: str) -> list[str]:
        return re.findall(r"<(script|img|iframe|svg|style|link)\b", html)

    attacked = hostile_town()
    page = draw_difference(attacked, edited(attacked, lambda t: t.iloc[1:])).get_root().render()
    assert tags(page) == tags(draw_difference(before, before).get_root().render())
    assert HOSTILE[:28].replace("<", "\\u003c") in page


def test_the_file_opens_offline_and_is_written_at_once(before, after, tmp_path):
    """One file, nothing to fetch; without coordinates it is a diagram and says so."""
    target = tmp_path / "deep" / "difference.html"

    assert write_difference(before, after, target) == target
    assert [path.name for path in target.parent.iterdir()] == ["difference.html"]
    assert external_addresses(Path(target).read_text(encoding="utf-8")) == []


def test_only_the_largest_changes_are_drawn_and_the_map_says_so():
    """Of two thousand flows that all double, the 100 largest are drawn; unchanged ones would come last."""
    one = region(100, 400)
    other = edited(one, lambda t: t.assign(sent=t["sent"] * 2, arrived=t["arrived"] * 2, tonnes=t["tonnes"] * 2))
    page = data_of(draw_difference(one, other, most_flows=100).get_root().render())

    assert re.search(r"Only the 100 largest of \d+ changes are drawn", page)
    assert len(json.loads(re.search(r'"sent_before":(\[[^]]*\])', page)[1])) == 100
