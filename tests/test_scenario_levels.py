"""Numbers over the periods: changes apply in order, then factors; nothing else moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopt.scenario import Scenario

PERIODS = [
    {"period": "summer", "year": 2030, "share_of_year": 0.5},
    {"period": "winter", "year": 2030, "share_of_year": 0.5},
    {"period": "a", "year": 2031},
    {"period": "b", "year": 2032},
]


def quay(
    changes: list[dict[str, Any]] | None = None, settings: dict[str, Any] | None = None, **tables: Any
) -> Scenario:
    """Two streams over two seasons and two more years."""
    found = {
        "facilities": [{"facility": "A"}, {"facility": "B"}],
        "materials": [{"material": "ash"}, {"material": "dust"}],
        "streams": [
            {"stream": "s1", "facility": "A", "material": "ash", "supply_per_yr": 100, "own_disposal_eur_per_unit": 20},
            {"stream": "s2", "facility": "B", "material": "dust", "supply_per_yr": 60},
        ],
        "disposals": [{"disposal": "tip", "facility": "B", "capacity_per_yr": 500}],
        "periods": PERIODS,
        "changes": changes or [],
    }
    return Scenario.of(found | tables, settings)


def change(cell: str, period: str, **what: Any) -> dict[str, Any]:
    """A row of changes: table, id and column parted by blanks."""
    table, key, *column = cell.split(" ")
    return {"table": table, "id": key, "column": "".join(column), "period": period, **what}


def test_without_changes_a_number_holds_in_all_periods():
    """Each row has its value once per period."""
    assert quay().at("streams", "supply_per_yr").tolist() == [[100.0] * 4, [60.0] * 4]


def test_a_change_counts_in_its_period_only():
    """Without onward the old number comes back."""
    scenario = quay([change("streams s1 supply_per_yr", "winter", value=10)])

    assert scenario.at("streams", "supply_per_yr").tolist() == [[100, 10, 100, 100], [60] * 4]
    assert scenario.streams["supply_per_yr"].tolist() == [100, 60]  # the table stays as it was given


def test_an_onward_change_counts_until_the_end():
    """From its period on."""
    scenario = quay([change("streams s1 supply_per_yr", "a", factor=0.5, onward=True)])

    assert scenario.at("streams", "supply_per_yr")[0].tolist() == [100, 100, 50, 50]


def test_changes_of_one_cell_apply_in_the_order_of_the_table():
    """A factor after a value multiplies the value; a value after a factor replaces it."""
    first = quay(
        [
            change("streams s1 supply_per_yr", "winter", value=10, onward=True),
            change("streams s1 supply_per_yr", "a", factor=3),
        ]
    )
    second = quay(
        [
            change("streams s1 supply_per_yr", "a", factor=3),
            change("streams s1 supply_per_yr", "winter", value=10, onward=True),
        ]
    )

    assert first.at("streams", "supply_per_yr")[0].tolist() == [100, 10, 3 * 10, 10]
    assert second.at("streams", "supply_per_yr")[0].tolist() == [100, 10, 10, 10]


def test_a_factor_of_scale_comes_after_the_changes():
    """(a change to 10) x 1.5, and 100 x 1.5 elsewhere."""
    scenario = quay([change("streams s1 supply_per_yr", "winter", value=10)], {"scale": {"streams.supply_per_yr": 1.5}})

    assert scenario.at("streams", "supply_per_yr")[0].tolist() == [150, 15, 150, 150]


def test_only_a_value_fills_an_empty_cell():
    """An empty price stays empty under factors; a value makes it exist in its period."""
    scenario = quay(
        [
            change("streams s2 own_disposal_eur_per_unit", "winter", factor=2),
            change("streams s2 own_disposal_eur_per_unit", "a", value=7),
        ],
        {"scale": {"streams.own_disposal_eur_per_unit": 2}},
    )

    prices = scenario.at("streams", "own_disposal_eur_per_unit")
    assert prices[0].tolist() == [40] * 4
    assert np.isnan(prices[1]).tolist() == [True, True, False, True]
    assert prices[1, 2] == 7 * 2
    assert scenario.streams["own_disposal_route"].tolist() == ["other", "other"]  # both have one in some period


def test_a_yearly_figure_changes_for_the_whole_of_its_year():
    """A change at the first season of 2030 holds in its second season too, and not in 2031."""
    scenario = quay([change("disposals tip capacity_per_yr", "summer", value=80)])

    assert scenario.at("disposals", "capacity_per_yr").tolist() == [[80, 80, 500, 500]]


def test_policy_changes_and_scales_like_a_table():
    """The landfill tax of one class rises from 2031 on; the factor multiplies every class; a class not given pays 0."""
    scenario = quay(
        [
            change("policy landfill_tax_eur_per_t non_hazardous", "a", value=100, onward=True),
            change("policy carbon_price_eur_per_t", "b", factor=2),
        ],
        {
            "policy": {"landfill_tax_eur_per_t": {"non_hazardous": 50, "inert": 5}, "carbon_price_eur_per_t": 75},
            "scale": {"policy.landfill_tax_eur_per_t": 1.1},
        },
    )

    assert scenario.policy_at("landfill_tax_eur_per_t", "non_hazardous") == pytest.approx([55, 55, 110, 110])
    assert scenario.policy_at("landfill_tax_eur_per_t", "inert") == pytest.approx([5.5] * 4)
    assert scenario.policy_at("landfill_tax_eur_per_t", "hazardous").tolist() == [0] * 4
    assert scenario.policy_at("carbon_price_eur_per_t").tolist() == [75, 75, 75, 150]


def test_limits_change_from_year_to_year():
    """A cap that begins in 2031, and one that is there and tightens."""
    scenario = quay(
        [
            change("limits landfilled_t_per_yr", "a", value=30, onward=True),
            change("limits co2_t_per_yr", "b", factor=0.5),
        ],
        {"limits": {"co2_t_per_yr": 1000}},
    )

    assert np.isnan(scenario.limit_at("landfilled_t_per_yr")).tolist() == [True, True, False, False]
    assert scenario.limit_at("landfilled_t_per_yr")[2:].tolist() == [30, 30]
    assert scenario.limit_at("co2_t_per_yr").tolist() == [1000, 1000, 1000, 500]
    assert np.isnan(scenario.limit_at("diversion_share")).all()


def test_rows_are_named_by_all_their_keys_with_empty_ones_kept():
    """from|to|material|mode, place|material, technology|input|output."""
    scenario = quay(
        [
            change("links A|B||truck eur_per_unit", "a", value=3),
            change("links A|B|ash| eur_per_unit", "a", value=4),
            change("stocks A|ash eur_per_unit_yr", "a", value=2),
            change("stocks p|ash eur_per_unit_yr", "b", value=5),
            change("recipes mill|ash| yield", "a", value=0),
            change("recipes mill|ash|dust yield", "a", value=0.6),
            change("substitutions ash|dust ratio", "a", value=0.4),
        ],
        modes=[{"mode": "truck"}],
        links=[
            {"from_facility": "A", "to_facility": "B", "mode": "truck"},
            {"from_facility": "A", "to_facility": "B", "material": "ash"},
        ],
        technologies=[{"technology": "mill"}],
        plants=[{"plant": "p", "facility": "B", "technology": "mill", "status": "existing"}],
        recipes=[
            {"technology": "mill", "input": "ash", "output": "dust", "yield": 0.8},
            {"technology": "mill", "input": "ash"},
        ],
        stocks=[{"facility": "A", "material": "ash"}, {"plant": "p", "material": "ash"}],
        substitutions=[{"from_material": "ash", "to_material": "dust", "ratio": 0.5}],
    )

    assert scenario.at("links", "eur_per_unit")[:, 2].tolist() == [3, 4]
    assert scenario.at("stocks", "eur_per_unit_yr").tolist() == [[0, 0, 2, 0], [0, 0, 0, 5]]
    assert scenario.at("recipes", "yield")[:, 2].tolist() == [0.6, 0]
    assert scenario.at("substitutions", "ratio")[0].tolist() == [0.5, 0.5, 0.4, 0.5]


def test_a_change_speaks_of_all_rows_with_its_keys():
    """Two recipes that differ only in their lag share an id, and change together."""
    scenario = quay(
        [change("recipes mill|ash|dust yield", "b", factor=0.5)],
        technologies=[{"technology": "mill"}],
        recipes=[
            {"technology": "mill", "input": "ash", "output": "dust", "yield": 0.8},
            {"technology": "mill", "input": "ash", "output": "dust", "yield": 0.1, "lag_yr": 1},
        ],
        periods=PERIODS[2:],
    )

    assert scenario.at("recipes", "yield").tolist() == [[0.8, 0.4], [0.1, 0.05]]


def test_periods_are_put_in_the_order_of_their_years():
    """Rows of one year keep their order; a change finds its period by name."""
    scenario = quay(
        [change("streams s1 supply_per_yr", "winter", value=1)],
        periods=[PERIODS[3], PERIODS[0], PERIODS[2], PERIODS[1]],
    )

    assert scenario.periods["period"].tolist() == ["summer", "winter", "a", "b"]
    assert scenario.at("streams", "supply_per_yr")[0].tolist() == [100, 1, 100, 100]


def test_levels_are_worked_out_once_and_cannot_be_written_to():
    """The same array comes back, and it is read-only."""
    scenario = quay([change("streams s1 supply_per_yr", "winter", value=10)])
    level = scenario.at("streams", "supply_per_yr")

    assert scenario.at("streams", "supply_per_yr") is level
    for array in (level, scenario.at("disposals", "capacity_per_yr"), scenario.policy_at("carbon_price_eur_per_t")):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda s: s.at("streams", "facility"), "streams.facility holds no numbers"),
        (lambda s: s.policy_at("landfill_tax_eur_per_t"), "policy.landfill_tax_eur_per_t is given by class"),
        (
            lambda s: s.policy_at("carbon_price_eur_per_t", "inert"),
            "policy.carbon_price_eur_per_t is not given by class",
        ),
        (lambda s: s.policy_at("landfill_ban"), "policy.landfill_ban holds no number"),
    ],
)
def test_asking_for_what_is_no_number_is_a_mistake_of_the_caller(ask: Any, message: str):
    """Levels are numbers; a wrong question has its reason."""
    with pytest.raises(KeyError, match=message):
        ask(quay())


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["s1", "s2"]),
            st.sampled_from(range(4)),
            st.booleans(),
            st.floats(0, 100),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.floats(0.1, 10),
)
@settings(max_examples=50, deadline=None)
def test_changes_follow_the_words_of_the_contract(rows: list[tuple[str, int, bool, float, bool]], factor: float):
    """Going through the rows one by one, period by period, gives the same numbers."""
    expected = {"s1": [100.0] * 4, "s2": [60.0] * 4}
    changes = []
    for stream, period, is_value, number, onward in rows:
        for t in range(period, 4 if onward else period + 1):
            expected[stream][t] = number if is_value else expected[stream][t] * number
        what = {"value" if is_value else "factor": number, "onward": onward}
        changes.append(change(f"streams {stream} supply_per_yr", str(PERIODS[period]["period"]), **what))

    scenario = quay(changes, {"scale": {"streams.supply_per_yr": factor}})

    wanted = [[value * factor for value in expected[stream]] for stream in ("s1", "s2")]
    assert scenario.at("streams", "supply_per_yr") == pytest.approx(np.array(wanted))
