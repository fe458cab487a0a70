"""*Meaning*, "Time", and the fine print on time: seasons, years, what stays, stocks, lags."""

from __future__ import annotations

import pytest

from meaning.small import (
    BEST,
    BURNING,
    KILN,
    LANDFILL,
    LINK,
    SEASONS,
    STREAM,
    WASTE,
    approx,
    by_year,
    change,
    impossible,
    refused,
    sent,
    solved,
    years,
)

OUT_IN_SUMMER = [change("streams", "s", "supply_per_yr", "winter", value=0)]
"""50 t arise in summer, none in winter."""
NEED_IN_WINTER = [change("demands", "d", "need_per_yr", "summer", value=0)]
"""30 t are needed in winter, none in summer."""


def test_flows_are_amounts_in_the_period():
    """Supply and need are multiplied by the share of the year: a quarter of the year brings a quarter."""
    solution = solved(
        periods=[
            {"period": "winter", "year": 2030, "share_of_year": 0.25},
            {"period": "rest", "year": 2030, "share_of_year": 0.75},
        ]
    )

    assert sent(solution, "s", "d", period="winter") == approx(0.25 * 60)
    assert sent(solution, "s", "own", period="rest") == approx(0.75 * 40)
    assert solution.kpi("cost_total") == approx(BEST)


def test_a_plants_capacity_is_that_of_the_season():
    """Plant capacity is multiplied by share_of_year: half the year burns half of 40 t, the idle half is lost."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"status": "existing", "capacity_per_yr": 40}],
        demands=[],
        periods=SEASONS,
        changes=OUT_IN_SUMMER,
    )

    assert sent(solution, "s", "kiln") == approx(20)
    assert sent(solution, "s", "own") == approx(50 - 20)


def test_a_stock_costs_by_the_share_of_the_year_and_holds_what_it_holds():
    """Stock cost is multiplied by share_of_year, on what lies at the end of the period; capacity is not."""
    solution = solved(
        stocks=[{"facility": "A", "material": "w", "capacity": 25, "eur_per_unit_yr": 8}],
        periods=SEASONS,
        changes=OUT_IN_SUMMER + NEED_IN_WINTER,
    )

    assert sent(solution, "s", "d", period="winter") == approx(25)
    assert solution.stocks["level"].tolist() == approx([25, 0])
    assert solution.kpi("cost_treatment") == approx(25 * 8 * 0.5)
    assert solution.kpi("cost_total") == approx(25 * 5 + 25 * 8 * 0.5 + 25 * 50 + 5 * 30)


def test_capacities_and_limits_of_the_year_may_be_used_up_in_one_season():
    """Disposal capacity and link maxima hold for the sum over the year, not for half of it in half a year."""
    solution = solved(
        disposals=[LANDFILL | {"capacity_per_yr": 20}],
        links=[LINK | {"max_per_yr": 30}],
        periods=SEASONS,
        changes=OUT_IN_SUMMER,
        demands={"d": {"need_per_yr": 120}},
    )

    assert sent(solution, "s", "d") == approx(30)
    assert sent(solution, "s", "tip") == approx(20)


def test_a_lot_and_a_set_up_are_the_years():
    """Link minima and set-up hold for the year: a lot of 30 t moves in winter alone, and is set up once."""
    solution = solved(
        modes={"truck": {"min_per_yr": 30, "setup_eur_per_yr": 7}}, periods=SEASONS, changes=NEED_IN_WINTER
    )

    assert sent(solution, "s", "d", period="winter") == approx(30)
    assert solution.kpi("cost_setup") == approx(7)


def test_limits_hold_for_the_sum_over_the_year():
    """All of the 30 t that may be landfilled in a year may go in summer; the rest burns at 80 EUR/t."""
    solution = solved(
        **BURNING | {"technologies": [{"technology": "burning", "opex_eur_per_unit": 80}]},
        plants=[KILN],
        demands=[],
        periods=SEASONS,
        changes=OUT_IN_SUMMER,
        limits={"landfilled_t_per_yr": 30},
    )

    assert by_year(solution, "landfilled") == approx([30])
    assert sent(solution, "s", "kiln") == approx(20)


def test_what_is_opened_stays_and_is_paid_for():
    """An exchange opened in 2030 pays its set-up in 2031 too, when nothing is needed any more, and is still counted."""
    solution = solved(
        modes={"truck": {"setup_eur_per_yr": 100}},
        periods=years(2030, 2031),
        changes=[change("demands", "d", "need_per_yr", "y2031", value=0)],
    )

    assert by_year(solution, "exchanged") == approx([60, 0])
    assert by_year(solution, "cost_setup") == approx([100, 100])
    assert by_year(solution, "exchanges") == approx([1, 1])
    assert solution.kpi("exchanges") == 1


def test_what_is_built_or_added_stays_and_is_paid_for():
    """A kiln and the 40 t it was enlarged by in 2030 cost the same in 2031, when nothing is left to burn."""
    solution = solved(
        **BURNING,
        plants=[
            KILN
            | {"max_capacity_per_yr": 60, "fixed_eur_per_yr": 10, "fixed_eur_per_unit": 2, "capex_eur_per_unit": 30}
            | {"life_yr": 10}
        ],
        periods=years(2030, 2031),
        changes=[change("streams", "s", "supply_per_yr", "y2031", value=60)],
    )

    assert solution.plants["added_capacity"].tolist() == approx([40, 40])
    assert solution.plants["throughput"].tolist() == approx([40, 0])
    assert by_year(solution, "cost_plants") == approx([10 + 40 * (2 + 3)] * 2)
    assert by_year(solution, "capex") == approx([40 * 30, 0])
    assert by_year(solution, "plants_built") == approx([1, 1])


def test_a_stock_ends_at_its_initial():
    """20 t lie there at first and at last: they lend winter's need in between."""
    solution = solved(
        streams={"s": {"supply_per_yr": 40}},
        demands={"d": {"need_per_yr": 40}},
        stocks=[{"facility": "A", "material": "w", "initial": 20}],
        periods=SEASONS,
        changes=[
            change("streams", "s", "supply_per_yr", "summer", value=0),
            change("demands", "d", "need_per_yr", "winter", value=0),
        ],
    )

    assert sent(solution, "s", "d", period="summer") == approx(20)
    assert solution.stocks["level"].tolist() == approx([0, 20])
    assert solution.kpi("cost_total") == approx(20 * 5)


def test_a_stock_at_an_existing_plant_is_on_its_inputs_side():
    """Waste arrives in summer and is burnt half in summer, half in winter: 10 t lie at the kiln, which wants both."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"status": "existing", "capacity_per_yr": 100}],
        streams={"s": {"supply_per_yr": 140}},
        demands=[],
        stocks=[{"plant": "kiln", "material": "w", "capacity": 10, "eur_per_unit_yr": 4}],
        periods=SEASONS,
        changes=OUT_IN_SUMMER,
    )

    assert sent(solution, "s", "kiln", period="summer") == approx(60)
    assert solution.throughput["amount"].tolist() == approx([50, 10])
    assert solution.kpi("cost_total") == approx(10 * 50 + 10 * 4 * 0.5)


def test_a_candidates_stock_begins_empty_and_exists_while_it_stands():
    """At a candidate initial stands for nothing (reading: it begins and ends empty), and before building nothing is kept."""
    stock = {"plant": "kiln", "material": "w", "initial": 10}
    late = solved(
        **BURNING,
        plants=[KILN | {"build_from": 2031}],
        demands=[],
        stocks=[stock],
        periods=years(2030, 2031),
        changes=[change("streams", "s", "supply_per_yr", "y2031", value=0)],
    )
    early = solved(**BURNING, plants=[KILN], demands=[], stocks=[stock])

    assert sent(late, "s", "own") == approx(100)
    assert early.throughput["amount"].tolist() == approx([100])
    assert early.stocks["level"].tolist() == approx([0])


def test_a_lagged_output_arises_in_the_same_season_years_on_and_is_lost_past_the_horizon():
    """What is put to ripen in summer 2030 can be sold in summer 2031; that of 2031 never."""
    summers = [
        {"period": f"{season}{year}", "year": year, "share_of_year": 0.5}
        for year in (2030, 2031)
        for season in ("summer", "winter")
    ]
    solution = solved(
        materials=[WASTE, WASTE | {"material": "soil"}],
        demands=[{"demand": "d", "facility": "A", "material": "soil", "need_per_yr": 100, "virgin_eur_per_unit": 80}],
        technologies=[{"technology": "heap"}],
        recipes=[{"technology": "heap", "input": "w", "output": "soil", "yield": 0.5, "lag_yr": 1}],
        plants=[{"plant": "p", "facility": "A", "technology": "heap", "status": "existing"}],
        periods=summers,
        changes=[change("streams", "s", "supply_per_yr", "winter2030", value=0)],
    )

    assert sent(solution, "p", "d", period="summer2031") == approx(25)
    assert sent(solution, "p", "d") == approx(25)
    assert sent(solution, "s", "p") == approx(50 + 50 + 50)  # free, whether it ripens in time or not
    assert solution.kpi("cost_virgin") == approx((200 - 25) * 80)


@pytest.mark.parametrize(
    ("stock", "parts", "words"),
    [
        ({"facility": "C", "material": "w"}, {}, "no stream and no demand"),
        ({"facility": "A", "material": "w"}, {"streams": [STREAM, STREAM | {"stream": "s2"}]}, "2 streams"),
    ],
    ids=["none", "several"],
)
def test_a_stock_at_a_facility_serves_one_stream_else_one_demand(stock, parts, words):
    """At a facility the stock serves its one stream of the material, else its one demand; several are an error."""
    assert words in refused(stocks=[stock], **parts)


def test_a_stock_at_a_facility_without_a_stream_serves_its_demand():
    """B takes 50 t in summer for 30 t of need in winter: 30 t lie there, the rest is disposed of."""
    solution = solved(
        stocks=[{"facility": "B", "material": "w"}], periods=SEASONS, changes=OUT_IN_SUMMER + NEED_IN_WINTER
    )

    assert sent(solution, "s", "d", period="summer") == approx(30)
    assert solution.kpi("cost_total") == approx(30 * 5 + 20 * 50)


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("disposals", "tip", "capacity_per_yr"),
        ("modes", "truck", "setup_eur_per_yr"),
        ("limits", "landfilled_t_per_yr", ""),
    ],
)
def test_a_yearly_figure_changes_at_the_first_period_of_its_year_only(table, row, column):
    """A yearly figure (capacity of a disposal, set-up, limits) may change only at the first period of its year."""
    parts = {"disposals": [LANDFILL | {"capacity_per_yr": 20}], "limits": {"landfilled_t_per_yr": 200}}
    told = refused(periods=SEASONS, changes=[change(table, row, column, "winter", value=10)], **parts)

    assert "not the first period of 2030" in told


@pytest.mark.parametrize(("table", "row"), [("plants", "kiln"), ("links", "A|B||")])
def test_capital_does_not_change(table, row):
    """Capex may not change at all."""
    told = refused(
        **BURNING,
        plants=[KILN],
        links=[LINK | {"capex_eur": 5}],
        periods=years(2030, 2031),
        changes=[change(table, row, "capex_eur", "y2031", value=10)],
    )

    assert "can't change" in told


def test_a_yearly_figure_that_changes_holds_for_its_year():
    """The tip takes 20 t in 2030 and 30 t in 2031, whatever the seasons."""
    solution = solved(
        streams={"s": {"own_disposal_eur_per_unit": 60}},
        demands=[],
        disposals=[LANDFILL | {"capacity_per_yr": 20}],
        periods=years(2030, 2031),
        changes=[change("disposals", "tip", "capacity_per_yr", "y2031", value=30)],
    )

    assert [sent(solution, "s", "tip", year=year) for year in (2030, 2031)] == approx([20, 30])


def test_without_a_stock_a_season_can_not_lend_to_another():
    """What arises in winter serves no need of summer: such a demand is not met."""
    told = impossible(
        demands={"d": {"virgin_eur_per_unit": None}},
        periods=SEASONS,
        changes=[change("streams", "s", "supply_per_yr", "summer", value=0)],
    )

    assert '"d" needs 30 t of w in summer' in told
