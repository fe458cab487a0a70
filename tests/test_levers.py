"""Levers: names, values, factors, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from small import demand, region, stream, two_years

from isopt.errors import InputError, ScenarioError
from isopt.formulation import build
from isopt.solver.compile import standard_form
from isopt.studies.levers import Lever
from isopt.studies.parametric import parametric


def ashes(settings=None, **tables):
    """A hundred tonnes of ash that a works 50 km away could use."""
    base = {
        "modes": [{"mode": "truck", "eur_per_tkm": 0.2}, {"mode": "barge", "eur_per_tkm": 0.05, "eur_per_t": 6}],
        "streams": [stream("ash", "A", 100, own_disposal_route="landfill")],
        "demands": [demand("works", "B", 80)],
        "disposals": [{"disposal": "tip", "facility": "C", "accepts": "ash", "gate_fee_eur_per_unit": 30}],
    }
    return region(settings, **(base | tables))


def number(scenario, table, row, column):
    """A cell's value in every period."""
    ids = list(scenario.tables[table][scenario.tables[table].columns[0]])
    return scenario.at(table, column)[ids.index(row)].tolist()


def test_one_rate_is_set_for_all_classes_or_for_one():
    """Landfill tax at 80 in all three classes; of one class, the others stay."""
    scenario = ashes({"policy": {"landfill_tax_eur_per_t": {"inert": 5}}})
    every, one = Lever.parse("landfill_tax").at(scenario, 80), Lever.parse("landfill_tax.hazardous").at(scenario, 80)

    assert every.settings.policy.landfill_tax_eur_per_t == {"inert": 80, "non_hazardous": 80, "hazardous": 80}
    assert one.settings.policy.landfill_tax_eur_per_t == {"inert": 5, "hazardous": 80}
    assert scenario.settings.policy.landfill_tax_eur_per_t == {"inert": 5}


def test_a_factor_multiplies_what_is_there_in_every_period():
    """Twice the tax of 5, and of 20 from the second year on; a change by a factor of its own stays one."""
    settings = {"policy": {"landfill_tax_eur_per_t": {"inert": 5}, "carbon_price_eur_per_t": 40}}
    changes = [
        {"table": "policy", "id": "landfill_tax_eur_per_t", "column": "inert", "period": "2031", "value": 20},
        {"table": "policy", "id": "carbon_price_eur_per_t", "period": "2031", "factor": 1.5},
    ]
    scenario = ashes(settings, periods=two_years(), changes=changes)
    taxed, priced = Lever.parse("landfill_tax*").at(scenario, 2), Lever.parse("carbon_price*").at(scenario, 2)

    assert taxed.policy_at("landfill_tax_eur_per_t", "inert").tolist() == [10, 40]
    assert priced.policy_at("carbon_price_eur_per_t").tolist() == [80, 120]


def test_a_value_holds_in_every_period_and_after_scaling():
    """30 is 30 in both years, although a change raises it and a scale would double it."""
    changes = [{"table": "disposals", "id": "tip", "column": "gate_fee_eur_per_unit", "period": "2031", "value": 90}]
    scenario = ashes({"scale": {"disposals.gate_fee_eur_per_unit": 2}}, periods=two_years(), changes=changes)
    lever = Lever.parse("disposals.tip.gate_fee_eur_per_unit")

    assert number(scenario, "disposals", "tip", "gate_fee_eur_per_unit") == [60, 180]
    assert number(lever.at(scenario, 30), "disposals", "tip", "gate_fee_eur_per_unit") == [30, 30]


def test_a_cell_a_row_and_a_column_can_be_moved():
    """One mode's rate, a factor on it, a factor on all modes; an empty cell stays empty under a factor."""
    scenario = ashes()
    one = Lever.parse("modes.truck.eur_per_tkm").at(scenario, 1)
    half = Lever.parse("modes.truck.eur_per_tkm*").at(scenario, 0.5)
    every = Lever.parse("modes.*.eur_per_tkm*").at(scenario, 3)
    empty = Lever.parse("modes.*.max_km*").at(scenario, 3)

    assert one.at("modes", "eur_per_tkm").ravel().tolist() == [1, 0.05]
    assert half.at("modes", "eur_per_tkm").ravel().tolist() == [0.1, 0.05]
    assert every.at("modes", "eur_per_tkm").ravel().tolist() == pytest.approx([0.6, 0.15])
    assert np.isnan(empty.at("modes", "max_km")).all()


def test_a_region_without_modes_has_one_to_move():
    """The mode that stands for an absent table can be moved as well."""
    bare = ashes(modes=[])
    name = bare.modes["mode"].iloc[0]

    assert Lever.parse(f"modes.{name}.eur_per_t").at(bare, 7).at("modes", "eur_per_t").ravel().tolist() == [7]


def test_a_lever_says_where_the_scenario_stands():
    """Today's value where there is one; a factor stands at 1."""
    scenario = ashes({"policy": {"landfill_tax_eur_per_t": {"inert": 5}, "carbon_price_eur_per_t": 75}})

    assert Lever.parse("carbon_price").today(scenario) == 75
    assert Lever.parse("landfill_tax").today(scenario) is None  # 5 for one class, 0 for the others
    assert Lever.parse("modes.*.eur_per_tkm*").today(scenario) == 1
    assert Lever.parse("demands.works.virgin_eur_per_unit").today(scenario) == 20
    assert Lever.parse("subsidy").unit == "EUR/t"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("landfil_tax", 'did you mean "landfill_tax"?'),
        ("landfill_tax.inart", '"inart" is no class; did you mean "inert"?'),
        ("carbon_price.inert", "has no classes"),
        ("modes.truck.eur_per_km", 'no numbers called "eur_per_km"'),
        ("modes.truck", "write modes.ID.COLUMN"),
        ("streams.ash.material", 'no numbers called "material"'),
        ("", "is no lever"),
        ("../../etc/passwd", "is no lever"),
    ],
)
def test_an_unknown_lever_is_refused_with_the_nearest_name(name, told):
    """A lever that is none is refused."""
    with pytest.raises(InputError) as error:
        Lever.parse(name)

    assert told in str(error.value)


def test_values_that_cannot_be_are_refused():
    """An unknown row, no number, a share above one, what a scale of nothing hides."""
    scenario = ashes({"scale": {"disposals.gate_fee_eur_per_unit": 0}})

    with pytest.raises(InputError, match='"truk" is not in modes; did you mean "truck"'):
        Lever.parse("modes.truk.eur_per_tkm").at(scenario, 1)
    with pytest.raises(InputError, match="finite number"):
        Lever.parse("landfill_tax").at(scenario, float("nan"))
    with pytest.raises(ScenarioError, match="capex_grant_share"):
        Lever.parse("grant").at(scenario, 1.5)
    with pytest.raises(InputError, match=r"by 0, so disposals\.tip\.gate_fee_eur_per_unit can't be set"):
        Lever.parse("disposals.tip.gate_fee_eur_per_unit").at(scenario, 5)


def test_the_cost_at_any_value_is_that_of_the_scenario_made_for_it():
    """Costs and constant interpolated are those of the variant's own model, with two levers at once."""
    scenario = ashes(streams=[stream("ash", "A", 100, own_disposal_route="landfill", own_disposal_kgco2_per_unit=40)])
    problem = parametric(scenario, ["landfill_tax", "carbon_price"], [(0, 200), (10, 90)])
    point = (123.0, 77.0)
    own = standard_form(build(problem.instance_at(point)))
    assert problem.cost_at(point) == pytest.approx(own.cost)
    assert problem.constant_at(point) == pytest.approx(own.offset)
    assert problem.cost_at(point)[problem.form.columns["disposed"]].max() == pytest.approx(10 + 123 + 0.04 * 77)


@pytest.mark.parametrize(
    ("levers", "box"),
    [
        (["streams.ash.supply_per_yr*"], [(1, 2)]),  # amounts are bounds
        (["modes.truck.max_km"], [(10, 6000)]),  # decides which links there are
        (["modes.truck.setup_eur_per_yr"], [(0, 10)]),  # from nothing to a decision
        (["facilities.B.lat"], [(0, 1)]),
    ],
)
def test_a_lever_that_changes_what_is_possible_is_refused(levers, box):
    """What moves rows, bounds or links is for a sweep."""
    scenario = ashes(
        facilities=[{"facility": place, "lat": 0.0, "lon": lon} for place, lon in (("A", 0), ("B", 1), ("C", 1))]
    )

    with pytest.raises(InputError, match=r"changes what is possible, not only what it costs.*a sweep"):
        parametric(scenario, levers, box)


def test_a_set_up_above_nothing_is_a_lever():
    """From 1 to 10 a set-up is a decision everywhere, and moves the cost only."""
    assert parametric(ashes(), ["modes.truck.setup_eur_per_yr"], [(1, 10)]).slopes.any()


def test_levers_that_multiply_one_another_are_refused():
    """Emissions per tonne times the price of them is no plane."""
    scenario = ashes(modes=[{"mode": "truck", "kgco2_per_t": 9}])

    with pytest.raises(InputError, match="in a curve"):
        parametric(scenario, ["carbon_price", "modes.truck.kgco2_per_t"], [(0, 100), (0, 20)])


@pytest.mark.parametrize("box", [[(1, 1)], [(2, 1)], [(0, float("inf"))], [(0, 1), (0, 1)]])
def test_a_range_that_is_none_is_refused(box):
    """A range goes from a lower to a higher value."""
    with pytest.raises(InputError):
        parametric(ashes(), ["landfill_tax"], box)


def test_the_same_lever_twice_and_one_that_moves_nothing_minimised_are_refused():
    """Two levers are two; where CO2 is minimised, a tax moves nothing."""
    with pytest.raises(InputError, match="the same one"):
        parametric(ashes(), ["landfill_tax", "landfill_tax"], [(0, 1), (0, 1)])
    with pytest.raises(InputError, match="does not minimise cost"):
        parametric(ashes({"minimise": {"what": "co2"}}), ["landfill_tax"], [(0, 100)])


def test_parts_that_share_nothing_are_told_apart():
    """Two pairs that trade different materials are two parts; a limit on the region's landfill makes them one."""
    tables = {
        "streams": [stream("ash", "A", 100), stream("clay", "C", 50, "clay")],
        "demands": [demand("works", "B", 80), demand("kiln", "D", 50, "clay")],
        "disposals": [],
    }
    apart = parametric(ashes(**tables), ["landfill_tax"], [(0, 100)])
    together = parametric(ashes({"limits": {"exchanges_max": 1}}, **tables), ["landfill_tax"], [(0, 100)])

    assert len(apart.components) == 2
    assert len(together.components) == 1
    assert sum(len(part.columns) for part in apart.components) == len(apart.form.cost)
    assert sorted(np.concatenate([part.columns for part in apart.components])) == list(range(len(apart.form.cost)))
