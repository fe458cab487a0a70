"""The fine print on quality, changes, scale, limits, objectives and inheritance."""

from __future__ import annotations

from pathlib import Path

import pytest

import isopt
from meaning.small import (
    BEST,
    BURNING,
    DEMAND,
    KILN,
    LANDFILL,
    LINK,
    SEASONS,
    STREAM,
    TRUCK,
    WASTE,
    approx,
    by_year,
    change,
    impossible,
    refused,
    sent,
    small,
    solved,
    years,
)

LEAF = WASTE | {"material": "leaf"}


# quality


WET_AND_DRY = {
    "streams": [
        STREAM | {"stream": "wet", "own_disposal_eur_per_unit": 90},
        STREAM | {"stream": "dry", "supply_per_yr": 20},
    ],
    "qualities": [
        {"stream": "wet", "property": "moisture", "value": 0.6},
        {"stream": "dry", "property": "moisture", "value": 0.2},
    ],
}
"""100 t at 60 % and 20 t at 20 % of moisture."""


def test_a_largest_value_holds_for_the_blend_that_a_demand_receives():
    """At most 50 % of moisture: 20 t of dry carry (0.5 - 0.2) / (0.6 - 0.5) times as much wet."""
    solution = solved(
        **WET_AND_DRY,
        demands={"d": {"need_per_yr": 500, "virgin_eur_per_unit": 60}},
        quality_limits=[{"demand": "d", "property": "moisture", "max": 0.5}],
    )

    assert sent(solution, "dry", "d") == approx(20)
    assert sent(solution, "wet", "d") == approx(20 * 0.3 / 0.1)


def test_a_least_value_holds_for_the_blend_that_a_plant_receives():
    """At least 55 % of moisture at a kiln: 7 t of wet carry 1 t of dry ((0.55 - 0.2) / (0.6 - 0.55))."""
    solution = solved(
        **WET_AND_DRY | BURNING,
        demands=[],
        plants=[KILN | {"status": "existing"}],
        quality_limits=[{"technology": "burning", "property": "moisture", "min": 0.55}],
    )

    assert sent(solution, "wet", "kiln") == approx(100)
    assert sent(solution, "dry", "kiln") == approx(100 / 7)


def test_quality_is_that_of_what_arrives():
    """Half of the dry is lost on its 10 km: 20 t sent are 10 t of the blend, which carry 30 t of wet arriving."""
    solution = solved(
        streams=[
            STREAM | {"stream": "wet", "own_disposal_eur_per_unit": 90},
            STREAM | {"stream": "dry", "facility": "C", "supply_per_yr": 20},
        ],
        qualities=WET_AND_DRY["qualities"],
        demands={"d": {"need_per_yr": 500, "virgin_eur_per_unit": 160}},
        modes=[TRUCK, TRUCK | {"mode": "leaky", "loss_share_per_km": 0.05}],
        links=[
            LINK | {"mode": "leaky", "status": "forbidden"},
            {"from_facility": "C", "to_facility": "B", "mode": "truck", "status": "forbidden"},
        ],
        quality_limits=[{"demand": "d", "property": "moisture", "max": 0.5}],
    )

    assert sent(solution, "dry", "d") == approx(20)
    assert sent(solution, "wet", "d") == approx(10 * 0.3 / 0.1)


def test_a_quality_limit_may_speak_of_one_input_only():
    """Of a kiln that takes w and leaf the limit is on leaf: wet w is none of its business."""
    solution = solved(
        materials=[WASTE, LEAF],
        streams=[STREAM, STREAM | {"stream": "leaves", "material": "leaf"}],
        demands=[],
        technologies=BURNING["technologies"],
        recipes=[{"technology": "burning", "input": "w"}, {"technology": "burning", "input": "leaf"}],
        plants=[KILN | {"status": "existing"}],
        qualities=[{"stream": "leaves", "property": "moisture", "value": 0.7}],
        quality_limits=[{"technology": "burning", "input": "leaf", "property": "moisture", "max": 0.5}],
    )

    assert sent(solution, "s", "kiln") == approx(100)
    assert sent(solution, "leaves", "kiln") == 0


def test_a_plants_output_has_qualities_too():
    """The mill's good is at 60 % where 50 % are asked: it is not taken."""
    parts = {
        "materials": [WASTE, WASTE | {"material": "good"}],
        "demands": [DEMAND | {"material": "good"}],
        "technologies": BURNING["technologies"],
        "recipes": [{"technology": "burning", "input": "w", "output": "good", "yield": 1}],
        "plants": [KILN | {"status": "existing"}],
        "quality_limits": [{"demand": "d", "property": "ash", "max": 0.5}],
    }
    bad = solved(**parts, qualities=[{"plant": "kiln", "property": "ash", "value": 0.6}])
    good = solved(**parts, qualities=[{"plant": "kiln", "material": "good", "property": "ash", "value": 0.5}])

    assert sent(bad, "kiln", "d") == 0
    assert sent(good, "kiln", "d") == approx(60)


def test_a_limit_on_a_property_that_some_sender_has_no_value_for_is_an_error():
    """dry says nothing of moisture: an error that names the sender."""
    told = refused(
        streams=WET_AND_DRY["streams"],
        qualities=WET_AND_DRY["qualities"][:1],
        quality_limits=[{"demand": "d", "property": "moisture", "max": 0.5}],
    )

    assert "its sender dry has no value for it" in told


# changes and scale


def test_a_change_holds_in_its_period_only_unless_onward():
    """value from 2031 on (onward = true); a factor in 2032 only (reading: false is the default)."""
    solution = solved(
        periods=years(2030, 2031, 2032, 2033),
        changes=[
            change("demands", "d", "need_per_yr", "y2031", value=40, onward=True),
            change("demands", "d", "need_per_yr", "y2032", factor=0.5),
        ],
    )

    assert by_year(solution, "exchanged") == approx([60, 40, 20, 40])


def test_policy_may_change_by_key_and_class():
    """A carbon price, a tax on a class that paid none before, a subsidy and a grant from 2031 on."""
    solution = solved(
        streams={"s": {"own_disposal_kgco2_per_unit": 1000}},
        links=[LINK | {"capex_eur": 600}],
        periods=years(2030, 2031),
        changes=[
            change("policy", "carbon_price_eur_per_t", "", "y2031", value=7),
            change("policy", "landfill_tax_eur_per_t", "non_hazardous", "y2031", value=30),
            change("policy", "subsidy_eur_per_t_exchanged", "", "y2031", value=2),
            change("policy", "capex_grant_share", "", "y2031", value=0.5),
        ],
    )

    assert by_year(solution, "carbon_payment") == approx([0, 40 * 7])
    assert by_year(solution, "landfill_tax") == approx([0, 40 * 30])
    assert by_year(solution, "subsidies") == approx([0, 60 * 2 + 0.5 * 600 / 20])


def test_the_id_of_a_change_is_the_rows_keys_joined_by_bars_empties_kept():
    """substitutions from|to; recipes technology|input|output; mixes technology|input; links from|to|material|mode; stocks place|material."""
    solution = solved(
        materials=[WASTE, WASTE | {"material": "stone"}],
        demands={"d": {"material": "stone"}},
        substitutions=[{"from_material": "w", "to_material": "stone", "ratio": 1}],
        technologies=BURNING["technologies"],
        recipes=BURNING["recipes"] + [{"technology": "burning", "input": "w", "output": "stone", "yield": 0.5}],
        mixes=[{"technology": "burning", "input": "w", "min_share": 0}],
        plants=[KILN | {"status": "existing", "capacity_per_yr": 20, "facility": "B"}],
        links=[LINK],
        stocks=[{"facility": "A", "material": "w", "capacity": 0}],
        periods=years(2030, 2031),
        changes=[
            change("substitutions", "w|stone", "ratio", "y2031", value=2),
            change("recipes", "burning|w|stone", "yield", "y2031", value=0),
            change("mixes", "burning|w", "min_share", "y2031", value=0.1),
            change("links", "A|B||", "eur_per_unit", "y2031", value=1),
            change("stocks", "A|w", "capacity", "y2031", value=1),
        ],
    )

    # 2030: 20 t into the kiln at B (10 t of stone), 50 t as they are; 2031: 20 t burnt for nothing, 30 t count double
    assert [sent(solution, "s", "d", year=year) for year in (2030, 2031)] == approx([50, 30])
    assert [sent(solution, "s", "kiln", year=year) for year in (2030, 2031)] == approx([20, 20])
    assert by_year(solution, "cost_haulage") == approx([70 * 5, 50 * 1])


def test_an_empty_part_of_an_id_is_kept():
    """The recipe whose output is empty is "burning|w|"; without its bar it is not found."""
    told = refused(
        **BURNING,
        plants=[KILN],
        periods=years(2030, 2031),
        changes=[change("recipes", "burning|w", "yield", "y2031", value=1)],
    )

    assert '"burning|w" is not in recipes' in told


def test_scale_multiplies_after_changes():
    """Scale 1.5 on a price that a change has made 4 gives 6."""
    solution = solved(
        disposals=[LANDFILL | {"facility": "A", "gate_fee_eur_per_unit": 2}],
        periods=years(2030, 2031),
        changes=[change("disposals", "tip", "gate_fee_eur_per_unit", "y2031", value=4)],
        scale={"disposals.gate_fee_eur_per_unit": 1.5},
    )

    assert by_year(solution, "cost_gate_fees") == approx([40 * 3, 40 * 6])


def test_scale_reaches_any_numeric_column_and_policy_key():
    """[scale]: capital, lives, permits and prices of policy, as well as supplies."""
    solution = solved(
        **BURNING | {"technologies": [{"technology": "burning", "life_yr": 5}]},
        plants=[KILN | {"capex_eur": 1000}],
        links=[LINK | {"capex_eur": 600}],
        rules=[{"mode": "truck", "allowed": True, "permit_eur_per_yr": 10}],
        policy={"capex_grant_share": 0.1},
        scale={
            "plants.capex_eur": 1.5,
            "technologies.life_yr": 2,
            "links.capex_eur": 2,
            "rules.permit_eur_per_yr": 3,
            "policy.capex_grant_share": 2,
        },
    )

    assert solution.kpi("capex") == approx(1500 + 1200)
    assert solution.kpi("cost_plants") == approx(1500 / 10)
    assert solution.kpi("cost_setup") == approx(1200 / 20 + 2 * 30)  # the kiln's feed needs its permit too
    assert solution.kpi("subsidies") == approx(0.2 * (150 + 60))


def test_scale_reaches_what_a_stock_holds_and_what_a_stream_is_like():
    """Initial stocks and qualities are numeric columns too."""
    solution = solved(
        stocks=[{"facility": "A", "material": "w", "initial": 10}],
        qualities=[{"stream": "s", "property": "moisture", "value": 0.4}],
        quality_limits=[{"demand": "d", "property": "moisture", "max": 0.5}],
        periods=SEASONS,
        scale={"stocks.initial": 2, "qualities.value": 1.5},
    )

    assert solution.stocks["level"].iloc[-1] == approx(20)
    assert sent(solution, "s", "d") == 0


# limits


def test_the_limit_on_co2_speaks_of_all_four_sources_whatever_the_scope():
    """9 t: exchange emits 6 t, own disposal 0.15 t/t and a kiln 0.05 t/t; that the price spares them changes nothing."""
    solution = solved(
        streams={"s": {"own_disposal_kgco2_per_unit": 150}},
        modes={"truck": {"kgco2_per_tkm": 10}},
        technologies=[{"technology": "burning", "opex_eur_per_unit": 70, "kgco2_per_unit": 50}],
        recipes=BURNING["recipes"],
        plants=[KILN | {"status": "existing"}],
        policy={"carbon_scope": []},
        limits={"co2_t_per_yr": 9},
    )

    # of 40 t, x burnt: 150 (40 - x) + 50 x = 3000 kg
    assert sent(solution, "s", "kiln") == approx(30)
    assert solution.kpi("co2_total") == approx(9)


def test_the_limit_on_capital_is_before_grants_and_counts_links_and_plants():
    """1,000 EUR allow the link of 600 EUR or the kiln of 900 EUR, not both, though half is granted."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"capex_eur": 900}],
        links=[LINK | {"capex_eur": 600}],
        policy={"capex_grant_share": 0.5},
        limits={"capex_eur": 1000},
    )

    # the kiln saves 100 x 50, the link 60 x 75
    assert solution.kpi("capex") == approx(900)
    assert solution.kpi("exchanges") == 0


def test_the_limit_on_capital_counts_what_is_added():
    """1,000 EUR at 25 EUR/t add 40 t."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"max_capacity_per_yr": 100, "capex_eur_per_unit": 25}],
        demands=[],
        limits={"capex_eur": 1000},
    )

    assert sent(solution, "s", "kiln") == approx(40)


def test_the_number_of_exchanges_is_of_those_between_organisations():
    """exchanges_max = 1: the better of two, beside one within the firm that does not count."""
    solution = solved(
        demands=[
            DEMAND | {"need_per_yr": 30},
            DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 50},
            DEMAND | {"demand": "own", "facility": "A", "need_per_yr": 10},
        ],
        limits={"exchanges_max": 1},
    )

    assert sent(solution, "s", "own") == approx(100 - 50 - 10)
    assert (sent(solution, "s", "d"), sent(solution, "s", "e")) == approx((0, 50))
    assert solution.kpi("exchanges") == 1


def test_limits_hold_in_each_year():
    """landfilled_t_per_yr is a yearly limit: a year below it does not lend to the next."""
    told = impossible(
        periods=years(2030, 2031),
        changes=[change("demands", "d", "need_per_yr", "y2031", value=30)],
        limits={"landfilled_t_per_yr": 60},
    )

    assert "70" in told


def test_a_limit_may_change_from_year_to_year():
    """Stricter from 2031 on: 30 t of landfill, the rest burns at 70 EUR/t."""
    solution = solved(
        technologies=[{"technology": "burning", "opex_eur_per_unit": 70}],
        recipes=BURNING["recipes"],
        plants=[KILN | {"status": "existing"}],
        periods=years(2030, 2031),
        limits={"landfilled_t_per_yr": 50},
        changes=[change("limits", "landfilled_t_per_yr", "", "y2031", value=30)],
    )

    assert by_year(solution, "landfilled") == approx([40, 30])


# what is minimised


CHOICE = {
    "technologies": [{"technology": "burning", "opex_eur_per_unit": 10}],
    "recipes": BURNING["recipes"],
    "plants": [KILN | {"status": "existing"}],
    "streams": {"s": {"own_disposal_kgco2_per_unit": 100}},
    "demands": {"d": {"virgin_kgco2_per_unit": 100}},
    "modes": {"truck": {"kgco2_per_tkm": 20}},
}
"""Exchange emits 200 kg/t, 100 kg/t more than purchase; burning emits nothing."""


@pytest.mark.parametrize(
    ("what", "least", "exchanged"),
    [("cost", 60 * 5 + 40 * 10, 60), ("co2", 6, 0), ("landfilled", 0, 60), ("tonne_km", 0, 0)],
)
def test_something_else_may_be_minimised_and_ties_are_broken_by_cost(what, least, exchanged):
    """minimise: cost, co2, landfilled or tonne_km; of plans that are equally good the cheapest."""
    solution = solved(**CHOICE, minimise={"what": what})

    assert solution.objective == approx(least)
    assert sent(solution, "s", "d") == approx(exchanged)
    assert sent(solution, "s", "own") == 0  # burning is cheaper than own disposal and as good in every respect


def test_objectives_other_than_cost_are_plain_sums_over_the_years():
    """Two years of 6 t of CO2 are 12 t, whatever the discount rate."""
    solution = solved(**CHOICE, minimise={"what": "co2"}, periods=years(2030, 2031), economics={"discount_rate": 0.1})

    assert solution.objective == approx(12)


def test_weights_add_up_euros_and_tonnes():
    """weights = {cost = 1, co2 = w}: exchange saves 25 EUR/t and emits 0.1 t more: at 260 EUR/t it is not worth it."""
    cheap = solved(**CHOICE, minimise={"weights": {"cost": 1, "co2": 240}})
    dear = solved(**CHOICE, minimise={"weights": {"cost": 1, "co2": 460}})

    # exchange 5 + 0.2 w against burning 10, purchase 30 and 0.1 w: 35 EUR less, 0.1 t more
    assert sent(cheap, "s", "d") == approx(60)
    assert cheap.objective == approx(60 * 5 + 40 * 10 + 240 * 60 * 0.2)
    assert sent(dear, "s", "d") == 0
    assert dear.objective == approx(100 * 10 + 60 * 30 + 460 * 60 * 0.1)


# inheritance


def child(folder: Path, text: str) -> isopt.Scenario:
    """A scenario on top of the two firms, whose settings minimise CO2 with weights and limit landfill."""
    from isopt.scenario import write

    base = small(minimise={"weights": {"cost": 1, "co2": 9}}, limits={"landfilled_t_per_yr": 90})
    write(base, folder / "base")
    (folder / "child").mkdir()
    (folder / "child" / "scenario.toml").write_text(f'base = "../base"\n{text}', encoding="utf-8")
    return isopt.read(folder / "child")


def test_a_child_says_what_it_says_and_inherits_the_rest(tmp_path):
    """Everything not said here comes from the base; a table here replaces the whole table there."""
    scenario = child(tmp_path, "[limits]\nlandfilled_t_per_yr = 80\n")

    assert scenario.settings.limits.landfilled_t_per_yr == 80
    assert scenario.settings.minimise.weights == {"cost": 1, "co2": 9}
    assert scenario.streams["stream"].tolist() == ["s"]
    (tmp_path / "child" / "demands.csv").write_text(
        "demand,facility,material,need_per_yr,virgin_eur_per_unit\nonly,C,w,10,30\n", encoding="utf-8"
    )
    assert isopt.read(tmp_path / "child").demands["demand"].tolist() == ["only"]


def test_none_lifts_a_limit_of_the_base(tmp_path):
    """In [limits], "none" lifts a limit that comes from the base."""
    assert child(tmp_path, '[limits]\nlandfilled_t_per_yr = "none"\n').settings.limits.landfilled_t_per_yr is None


def test_what_in_a_child_drops_the_weights_of_its_base(tmp_path):
    """Inheritance: `what` in a child drops the `weights` of its base."""
    minimise = child(tmp_path, '[minimise]\nwhat = "co2"\n').settings.minimise

    assert (minimise.what, minimise.weights) == ("co2", None)


def test_defaults_are_nought_empty_and_unlimited_but_for_five():
    """Defaults: discount_rate 0.06, carbon_scope all four, minimise cost, gap 1e-4, time limit 300; the rest says nothing."""
    settings = isopt.Scenario.of(
        {"facilities": [{"facility": "A"}], "materials": [WASTE], "demands": [DEMAND | {"facility": "A"}]}
    ).settings

    assert settings.economics.discount_rate == 0.06
    assert settings.policy.carbon_scope == ("transport", "disposal", "virgin", "treatment")
    assert (settings.minimise.what, settings.minimise.weights) == ("cost", None)
    assert (settings.solver.gap, settings.solver.time_limit_s) == (1e-4, 300)
    assert (settings.policy.carbon_price_eur_per_t, settings.policy.capex_grant_share) == (0, 0)
    assert (settings.reach.max_km, settings.reach.nearest, settings.reach.within_facility) == (None, 0, True)
    assert set(vars(settings.limits).values()) == {None}
    assert BEST == 2300
