"""Figures of the policy lab: what they show, and that nothing in a name can break them."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from small import demand, plant, region, stream

import isopt
from isopt.errors import InputError
from isopt.studies.foresight import foresight
from isopt.studies.policy_account import policy_account
from isopt.studies.tax_paths import tax_path
from isopt.studies.thresholds import thresholds
from isopt.views.figures import write_figure
from isopt.views.policy_charts import (
    BLUE,
    GREEN,
    MOST_BARS,
    VERMILION,
    draw_incidence,
    draw_lever,
    draw_organisations,
    draw_pareto,
    draw_tax_path,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../etc",
    "$\\frac{$",
    "Øre 🐟 中",
    "a\n\x00\x1b b",
    '&amp; "q"',
    "x" * 300,
]


def intervals():
    """Two switches, at 20 and 60 EUR/t; revenue is the rate times the tonnes."""
    low, high, tonnes = np.array([0, 20, 60.0]), np.array([20, 60, 100.0]), np.array([100, 40, 0.0])
    cost = 5e6 + np.cumsum([0, 20 * 100, 40 * 40])
    return pd.DataFrame({
        "low": low, "high": high, "cost_at_low": cost, "cost_at_high": cost + (high - low) * tonnes, "landfilled": tonnes,
        "co2_total": [9.0, 7, 12], "revenue_at_low": low * tonnes, "revenue_at_high": high * tonnes,
    })  # fmt: skip


def bearing(names, static, paid, instrument="landfill_tax"):
    return pd.DataFrame(
        {"instrument": instrument, "organisation": names, "static_eur_per_yr": static, "paid_eur_per_yr": paid}
    )


def texts(path):
    """All text of an SVG."""
    return [" ".join(node.itertext()) for node in ET.parse(path).iter() if node.tag.endswith("}text")]


def test_lever_is_drawn_interval_by_interval():
    """The line of the cost goes through both ends of every interval; a fine line stands at 20 and at 60."""
    table = intervals()
    cost, tonnes, revenue, co2 = draw_lever(table.iloc[::-1]).axes

    curve = cost.get_lines()[0].get_xydata()
    assert curve.tolist() == [
        [x, y] for row in table.itertuples() for x, y in ((row.low, row.cost_at_low), (row.high, row.cost_at_high))
    ]
    assert sorted({line.get_xdata()[0] for line in cost.get_lines()[1:]}) == [20, 60]
    assert tonnes.get_lines()[0].get_ydata().tolist() == [100, 100, 40, 40, 0, 0]
    assert co2.get_lines()[0].get_ydata().tolist() == [9, 9, 7, 7, 12, 12]
    assert revenue.get_lines()[0].get_ydata().tolist() == [0, 2000, 800, 2400, 0, 0]
    assert [axes.get_ylabel() for axes in (cost, tonnes, revenue, co2)] == [
        "cost of all firms (million EUR/yr)", "landfilled (t/yr)", "revenue (EUR/yr)", "CO2, dashed (t/yr)",
    ]  # fmt: skip
    assert revenue.get_xlabel() == "landfill tax (EUR/t)"
    assert "at 2 values" in cost.get_title(loc="left")


def test_error_of_a_threshold_table_is_a_band_and_no_line():
    """Where cost may be 500 EUR too high in the middle interval, a band of that height hangs below the line."""
    exact, doubtful = (draw_lever(intervals().assign(error=[0, error, 0])).axes[0] for error in (0, 500.0))

    assert len(exact.collections) == 0
    [band] = doubtful.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(5e6)
    assert {*np.round(heights - 5e6, 6)} >= {2000 - 500, 3600 - 500}
    assert [text.get_text() for text in doubtful.get_legend().get_texts()] == ["may be lower"]


def test_thresholds_of_a_scenario_can_be_drawn_as_they_are():
    """The table of a study fits the figure: 40 t switch at 12 EUR/t."""
    scenario = region(
        streams=[stream("ash", "A", 40, disposal=0)], demands=[demand("works", "D", 40, virgin=0)],
        modes=[{"mode": "truck", "eur_per_t": 12}],
    )  # fmt: skip
    figure = draw_lever(thresholds(scenario, lever="landfill_tax", low=0, high=100).table)

    assert figure.axes[1].get_lines()[0].get_xydata().tolist() == pytest.approx(
        np.array([[0, 40], [12, 40], [12, 0], [100, 0]])
    )


def test_front_joins_what_is_supported_and_circles_the_knee():
    """Three supported points in the order of CO2, one between them that is hollow."""
    table = pd.DataFrame({
        "cost_total": [10, 40, 18, 30.0], "co2_total": [9, 1, 4, 3.0], "supported": [True, True, True, False],
        "knee": [False, False, True, False],
    })  # fmt: skip
    axes = draw_pareto(table).axes[0]
    joined, solid, hollow, ring = axes.get_lines()

    assert joined.get_xydata().tolist() == solid.get_xydata().tolist() == [[1, 40], [4, 18], [9, 10]]
    assert hollow.get_xydata().tolist() == [[3, 30]]
    assert to_hex(hollow.get_markerfacecolor()) == "#ffffff"
    assert ring.get_xydata().tolist() == [[4, 18]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("CO2 (t)", "cost (EUR)")


def test_third_objective_is_colour():
    """Its values are those of the points, its name is on the bar."""
    table = pd.DataFrame({"cost_total": [10, 40.0], "co2_total": [9, 1.0], "landfilled": [5, 7.0], "supported": True})
    axes, bar = draw_pareto(table, colour="landfilled").axes

    assert axes.collections[0].get_array().tolist() == [7, 5]
    assert bar.get_ylabel() == "landfilled (t)"


def test_incidence_splits_what_would_be_paid():
    """A pays 30 of 100, B 20 more than before, C is not charged this."""
    table = pd.concat([bearing(["A", "B"], [100, 10], [30, 30]), bearing(["C"], [1], [1], "carbon_payment")])
    axes = draw_incidence(table).axes[0]
    bars = {bar.get_label(): [(patch.get_x(), patch.get_width()) for patch in bar] for bar in axes.containers}

    assert bars == {
        "paid": [(0, 30), (0, 10)],
        "avoided": [(30, 70), (10, 0)],
        "paid on more than before": [(30, 0), (10, 20)],
    }
    assert [text.get_text() for text in axes.get_yticklabels()] == ["A", "B"]


def test_many_bars_end_in_one_for_the_others():
    """Of 20 organisations 13 stand alone and 7 together: nothing is left out of the sum."""
    table = bearing([f"F{i}" for i in range(20)], np.arange(20.0), np.zeros(20))
    axes = draw_incidence(table).axes[0]

    assert [text.get_text() for text in axes.get_yticklabels()][-2:] == ["F7", "7 others"]
    assert len(axes.get_yticks()) == MOST_BARS
    avoided = axes.containers[1]
    assert sum(patch.get_width() for patch in avoided) == pytest.approx(sum(range(20)))


def test_losses_go_right_and_gains_left_in_colours_that_differ_for_everybody():
    """The largest loss on top; who is not touched is not drawn; both colours are from the tested palette."""
    table = pd.DataFrame({"organisation": list("ABC"), "change_after_payments_eur_per_yr": [-50.0, 0, 20]})
    axes = draw_organisations(table).axes[0]
    [bars] = axes.containers

    assert [text.get_text() for text in axes.get_yticklabels()] == ["C", "A"]
    assert [(bar.get_width(), to_hex(bar.get_facecolor())) for bar in bars] == [(20, VERMILION), (-50, GREEN)]
    assert [text.get_text() for text in axes.texts] == ["20", "−50"]
    assert len({BLUE, VERMILION, GREEN}) == 3


def test_sectors_are_drawn_like_organisations():
    """The table of sectors has another name for its rows; one without a sector is said to have none."""
    table = pd.DataFrame({"sector": ["10", ""], "change_after_payments_eur_per_yr": [5.0, 3]})

    assert [text.get_text() for text in draw_organisations(table).axes[0].get_yticklabels()] == ["10", "(none)"]


def test_tax_path_shows_rates_tonnes_plants_and_what_not_knowing_costs():
    """30 EUR/t and then 1: who knows tips (3000 + 100), who does not builds an oven of 2000 EUR a year."""
    oven = plant("oven", "B", "candidate", "burn", capex_eur=200_000, life_yr=100)
    scenario = tax_path(
        region(
            streams=[stream("ash", "A", 100, disposal=0)], plants=[oven], technologies=[{"technology": "burn"}],
            recipes=[{"technology": "burn", "input": "ash"}],
        ),
        path={2030: 30, 2031: 1},
    )  # fmt: skip
    figure = draw_tax_path(foresight(scenario, gap=0).solutions, {2030: 30, 2031: 1})
    rate, tonnes, cost = figure.axes

    assert rate.patches[0].get_data().values.tolist() == [30, 1]
    assert [step.get_data().values.tolist() for step in tonnes.patches] == [[100, 100], [0, 0]]
    assert tonnes.patches[0].get_data().edges.tolist() == [2029.5, 2030.5, 2031.5]
    assert [line.get_xydata().tolist() for line in tonnes.get_lines()] == [[[2030, 0]]]
    assert [bar.get_height() for bar in cost.patches] == pytest.approx([0, 4000 - 3100])
    assert [text.get_text() for text in tonnes.get_legend().get_texts()] == ["announced 2030", "announced 2031"]


# files and names


def test_files_are_the_same_in_every_run_and_whatever_the_users_style(tmp_path):
    """Two figures, the second with a style of the user's own: the same bytes; his settings are as he left them."""
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "text.usetex": False}):
        first = write_figure(draw_lever(intervals()), tmp_path / "a" / "lever")
        assert (mpl.rcParams["font.size"], mpl.rcParams["axes.facecolor"]) == (20, "black")
    second = write_figure(draw_lever(intervals()), tmp_path / "b" / "lever")

    assert [path.name for path in first] == ["lever.svg", "lever.png"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert first[1].read_bytes().startswith(b"\x89PNG")
    assert "landfill tax (EUR/t)" in texts(first[0])
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["lever.png", "lever.svg"]


def test_hostile_names_stay_text(tmp_path):
    """Markup, formulas, paths, mathematics, emoji, control characters and long names end up as text of the SVG."""
    table = bearing(HOSTILE, np.arange(8, 0, -1.0) * 1e6, np.zeros(8))
    [svg, _] = write_figure(draw_incidence(table), tmp_path / "names")
    shown = texts(svg)

    for name in HOSTILE[:5]:
        assert name in shown
    assert "a b" in shown
    assert "x" * 33 + "…" in shown
    assert all("script" not in node.tag for node in ET.parse(svg).iter())


def test_hostile_names_stay_text_in_a_notebook_too():
    """Drawn with the user's own settings, where dollar signs begin mathematics, the labels are still text."""
    figure = draw_organisations(
        pd.DataFrame({"organisation": ["$\\frac{$", "B"], "change_after_payments_eur_per_yr": [1.0, -1]})
    )
    figure.canvas.draw()

    assert figure.axes[0].get_yticklabels()[0].get_text() == "$\\frac{$"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: draw_lever(intervals().rename(columns={"landfilled": "landfiled"})), 'did you mean "landfiled"'),
        (lambda: draw_lever(intervals().iloc[:0]), "empty"),
        (lambda: draw_pareto(pd.DataFrame({"cost_total": [1.0]})), 'no column "co2_total"'),
        (lambda: draw_incidence(bearing(["A"], [1], [1]), instrument="landfil_tax"), 'did you mean "landfill_tax"'),
        (lambda: draw_organisations(pd.DataFrame({"firm": ["A"]})), 'no column "organisation"'),
        (lambda: draw_tax_path({}, {2030: 5}), "no plan"),
    ],
)
def test_tables_that_do_not_fit_are_refused(draw, message):
    """In words, with the nearest name."""
    with pytest.raises(InputError, match=message):
        draw()


def test_account_of_a_plan_can_be_drawn_as_it_is(tmp_path):
    """Tables of the study fit the figures."""
    found = policy_account(isopt.solve(isopt.read("scenarios/two_firms")))

    assert write_figure(draw_incidence(found.incidence), tmp_path / "incidence")[0].exists()
    assert write_figure(draw_organisations(found.sectors), tmp_path / "sectors")[0].exists()


def test_drawing_is_imported_when_something_is_drawn():
    """Neither the package nor its figures load matplotlib before they need it."""
    code = "import sys, isopt.views.policy_charts, isopt.views.figures; print('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
