"""*Meaning*, "Landfill tax" and the KPIs that follow, with disposals, the ban and the fine print on savings."""

from __future__ import annotations

import pytest

import isopt
from meaning.small import (
    BURNING,
    DEMAND,
    KILN,
    LANDFILL,
    PLACES,
    STREAM,
    TRUCK,
    WASTE,
    approx,
    impossible,
    refused,
    sent,
    solved,
)

TAX = {"landfill_tax_eur_per_t": {"inert": 5, "non_hazardous": 95, "hazardous": 200}}
NO_OWN = {"s": {"own_disposal_eur_per_unit": None}}
REST = WASTE | {"material": "rest"}
TO_REST = {
    "materials": [WASTE, REST],
    "technologies": [{"technology": "burning"}],
    "recipes": [{"technology": "burning", "input": "w", "output": "rest", "yield": 0.2}],
    "plants": [KILN | {"status": "existing", "facility": "B"}],
    "disposals": [LANDFILL | {"accepts": "rest"}],
    "demands": [],
}
"""100 t of w burn at B and leave 20 t of rest for a tip at C."""


def test_the_tax_falls_on_landfilled_tonnes_own_disposal_too():
    """40 t of own disposal are landfilled (its route by default where the class is taxed): 95 EUR/t of tax."""
    solution = solved(policy=TAX)

    assert solution.kpi("landfill_tax") == approx(40 * 95)
    assert solution.kpi("landfilled") == approx(40)
    assert solution.disposal["route"].tolist() == ["landfill"]


@pytest.mark.parametrize("own", [True, False], ids=["own", "place"])
def test_other_routes_are_not_taxed_nor_counted(own):
    """Tax and landfilled fall on the route landfill only, be it a firm's own disposal or a place."""
    routes = ("landfill", "incineration", "sewer", "other")
    streams = [STREAM | {"stream": f"s{route}", "own_disposal_route": route} for route in routes]
    tips = []
    if not own:
        streams = [STREAM | {"supply_per_yr": 400, "own_disposal_eur_per_unit": None}]
        tips = [LANDFILL | {"disposal": route, "route": route, "capacity_per_yr": 100} for route in routes]
    solution = solved(policy=TAX, streams=streams, disposals=tips, demands=[])

    assert solution.kpi("landfilled") == approx(100)
    assert solution.kpi("landfill_tax") == approx(100 * 95)


def test_own_disposal_of_what_has_no_taxed_class_is_no_landfill():
    """own_disposal_route: landfill where the material has a taxed class, else other."""
    solution = solved(policy=TAX, materials=[WASTE | {"disposal_class": "none"}], demands=[])

    assert solution.kpi("landfilled") == 0
    assert solution.disposal["route"].tolist() == ["other"]


def test_the_class_is_that_of_the_place_else_of_the_material():
    """tax_class of a landfill (inert, 5 EUR/t) replaces that of the waste (non-hazardous, 95 EUR/t)."""
    tips = [LANDFILL | {"tax_class": "inert", "capacity_per_yr": 30}, LANDFILL | {"disposal": "plain"}]
    solution = solved(policy=TAX, streams=NO_OWN, demands=[], disposals=tips)

    assert solution.kpi("landfill_tax") == approx(30 * 5 + 70 * 95)


def test_none_is_never_taxed_and_counts_as_landfilled():
    """Class none on a landfill: no tax, though the tonnes are landfilled."""
    solution = solved(
        policy=TAX,
        streams=NO_OWN,
        demands=[],
        materials=[WASTE | {"disposal_class": "none"}],
        disposals=[LANDFILL],
    )

    assert solution.kpi("landfill_tax") == 0
    assert solution.kpi("landfilled") == approx(100)


def test_a_material_without_a_class_that_may_be_landfilled_is_a_warning():
    """A warning where a material has no class; nothing is taxed then (reading: none)."""
    solution = solved(materials=[{"material": "w"}], streams=NO_OWN, disposals=[LANDFILL], demands=[], policy=TAX)

    assert any(warning.column == "disposal_class" for warning in solution.scenario.warnings)
    assert solution.kpi("landfill_tax") == 0


def test_tonnes_are_taxed_not_units():
    """100 m3 of 1.5 t are 150 t of landfill."""
    solution = solved(policy=TAX, materials=[WASTE | {"unit": "m3", "t_per_unit": 1.5}], demands=[])

    assert solution.kpi("landfill_tax") == approx(150 * 95)
    assert solution.kpi("landfilled") == approx(150)


def test_the_ban_closes_landfill_to_its_classes_own_disposal_too():
    """A banned class finds only the dear incinerator; without it there is no plan."""
    ban = {"landfill_ban": ["non_hazardous"]}
    burner = LANDFILL | {"disposal": "burner", "route": "incineration", "gate_fee_eur_per_unit": 80}
    solution = solved(policy=ban, disposals=[LANDFILL, burner])

    assert sent(solution, "s", "burner") == approx(40)
    assert "has no way out" in impossible(policy=ban, disposals=[LANDFILL], demands=[])


def test_the_ban_goes_by_the_class_of_the_place_too():
    """A landfill whose tax_class is inert takes what is non-hazardous where only that class is banned."""
    solution = solved(
        policy={"landfill_ban": ["non_hazardous"]}, disposals=[LANDFILL | {"tax_class": "inert"}], demands=[]
    )

    assert sent(solution, "s", "tip") == approx(100)


def test_a_disposal_accepts_materials_waste_codes_and_classes():
    """accepts: materials, EWC prefixes or classes; empty: everything."""
    accepts = {"all": "", "id": "w", "code": "1001", "chapter": "10", "class": "non_hazardous", "either": "x;1001"}
    accepts |= {"other_code": "1002", "other_class": "inert", "other_id": "x"}
    solution = solved(
        materials=[WASTE | {"ewc": "10 01 02"}, {"material": "x"}],
        demands=[],
        disposals=[
            LANDFILL | {"disposal": name, "accepts": entry, "capacity_per_yr": 10} for name, entry in accepts.items()
        ],
    )

    taken = solution.disposal.set_index("outlet")["amount"].to_dict()
    assert taken == approx(dict.fromkeys(("all", "id", "code", "chapter", "class", "either"), 10) | {"own:s": 40})


def test_residues_of_plants_are_landfilled_and_taxed():
    """`landfilled` counts residues of plants too: 20 t of rest, which the plant's owner pays for."""
    solution = solved(**TO_REST, streams=NO_OWN, policy=TAX)

    assert solution.kpi("landfilled") == approx(20)
    assert solution.kpi("landfill_tax") == approx(20 * 95)
    firms = solution.firms.set_index("organisation")
    assert firms.loc["B", "landfill_tax_eur_per_yr"] == approx(20 * 95)


def test_exchanged_is_stream_tonnes_less_what_leaves_plants_for_disposals():
    """100 t reach the kiln, 20 t leave it for the tip: 80 t exchanged, and the subsidy pays for 80 t."""
    solution = solved(**TO_REST, streams=NO_OWN, policy={"subsidy_eur_per_t_exchanged": 3})

    assert solution.kpi("exchanged") == approx(100 - 20)
    assert solution.kpi("subsidies") == approx(80 * 3)


def test_exchanged_counts_streams_only_and_within_a_firm_too():
    """What a plant sends to a demand was counted when it came: 100 t to A's own kiln, 20 t of rest on to B: 100 t."""
    solution = solved(
        **TO_REST
        | {
            "plants": [KILN | {"status": "existing"}],
            "disposals": [],
            "demands": [DEMAND | {"material": "rest", "must_meet": False, "need_per_yr": 20}],
        }
    )

    assert sent(solution, "s", "kiln") == approx(100)
    assert sent(solution, "kiln", "d") == approx(20)
    assert solution.kpi("exchanged") == approx(100)


def test_diversion_share_is_of_the_tonnes_that_must_be_placed():
    """A share of 0.7 of 100 t that must be placed, residues included: 30 t of landfill; by-products are no denominator."""
    solution = solved(
        streams=[STREAM, STREAM | {"stream": "free", "must_place": False, "supply_per_yr": 900}],
        demands=[],
        **BURNING | {"technologies": [{"technology": "burning", "opex_eur_per_unit": 60}]},
        plants=[KILN | {"status": "existing"}],
        limits={"diversion_share": 0.7},
    )

    assert solution.kpi("landfilled") == approx(0.3 * 100)
    assert sent(solution, "s", "kiln") == approx(70)


def test_a_limit_on_landfill_counts_residues():
    """20 t of rest per 100 t burnt are more than a limit of 15 t: the reason says how little is possible."""
    told = impossible(**TO_REST, streams=NO_OWN, limits={"landfilled_t_per_yr": 15})

    assert "the least that any plan reaches is 20" in told


def test_diverted_is_landfilled_in_the_baseline_less_now():
    """100 t in the baseline, 40 t now."""
    solution = solved()

    assert solution.baseline.kpi("landfilled") == approx(100)
    assert solution.kpi("diverted") == approx(60)


def test_hazardous_diverted_is_hazardous_tonnes_landfilled_in_the_baseline_less_now():
    """60 t of hazardous waste and 60 t of other waste are diverted: 60 t of hazardous_diverted."""
    acid = {"material": "acid", "disposal_class": "hazardous", "hazardous": True}
    solution = solved(
        materials=[WASTE, acid],
        streams=[STREAM, STREAM | {"stream": "a", "material": "acid"}],
        demands=[DEMAND, DEMAND | {"demand": "e", "material": "acid"}],
    )

    assert solution.kpi("diverted") == approx(120)
    assert solution.kpi("hazardous_diverted") == approx(60)


def test_savings_are_purchases_in_the_baseline_less_purchases_now():
    """virgin_saved (t), water_saved (m3) and heat_recovered (MWh): 10 t, 20 m3 and 30 MWh are no longer bought."""
    needs = {"t": 10, "m3": 20, "MWh": 30}
    solution = solved(
        materials=[{"material": unit, "unit": unit} | ({"t_per_unit": 1} if unit == "m3" else {}) for unit in needs],
        streams=[STREAM | {"stream": unit, "material": unit} for unit in needs],
        demands=[
            DEMAND | {"demand": f"d{unit}", "material": unit, "need_per_yr": need} for unit, need in needs.items()
        ],
    )

    saved = [solution.kpi(name) for name in ("virgin_saved", "water_saved", "heat_recovered")]
    assert saved == approx(list(needs.values()))


def test_virgin_saved_counts_only_where_it_could_have_been_bought():
    """Unmet in the baseline is no purchase: a demand without price that need not be met saves nothing."""
    solution = solved(
        demands=[
            DEMAND | {"need_per_yr": 30},
            DEMAND | {"demand": "e", "need_per_yr": 20, "must_meet": False, "virgin_eur_per_unit": None},
        ]
    )

    assert solution.kpi("exchanged") == approx(50)
    assert solution.kpi("virgin_saved") == approx(30)


def test_cost_saved_and_co2_avoided_are_against_the_baseline():
    """cost_saved and co2_avoided: baseline less now, virgin CO2 included, transport's taken off."""
    solution = solved(
        streams={"s": {"own_disposal_kgco2_per_unit": 100}},
        demands={"d": {"virgin_kgco2_per_unit": 900}},
        modes={"truck": {"kgco2_per_tkm": 0.1}},
    )

    assert solution.kpi("cost_saved") == approx(6800 - 2300)
    assert solution.kpi("co2_avoided") == approx(60 * (100 + 900 - 0.1 * 10) / 1000)


def test_a_disposal_has_a_yearly_capacity_over_all_that_goes_there():
    """Two streams share 50 t of a free tip; the dearer disposal is avoided first."""
    solution = solved(
        streams=[STREAM, STREAM | {"stream": "t", "own_disposal_eur_per_unit": 80}],
        demands=[],
        disposals=[LANDFILL | {"capacity_per_yr": 50}],
    )

    assert (sent(solution, "s", "tip"), sent(solution, "t", "tip")) == approx((0, 50))


def test_disposal_is_told_by_outlet_material_and_year():
    """disposal.csv: what arrives, its fee, tax and CO2, own disposal as an outlet of its own."""
    solution = solved(
        disposals=[LANDFILL | {"capacity_per_yr": 10, "gate_fee_eur_per_unit": 2, "kgco2_per_unit": 30}], policy=TAX
    )
    table = solution.disposal.set_index("outlet")

    assert table["amount"].to_dict() == approx({"tip": 10, "own:s": 30})
    assert table.loc["tip", ["gate_fee_eur", "landfill_tax_eur", "co2_t"]].tolist() == approx([20, 950, 0.3])
    assert table.loc["own:s", ["gate_fee_eur", "landfill_tax_eur"]].tolist() == approx([1500, 2850])


def test_a_wrong_entry_of_accepts_is_an_error():
    """accepts names materials, waste codes or classes, nothing else."""
    assert "is no material, List of Waste code or disposal class" in refused(
        disposals=[LANDFILL | {"accepts": "non-hazardous"}]
    )


def test_heat_that_is_placed_is_no_tonne():
    """MWh weigh nothing: heat that must be placed neither dilutes nor burdens the diversion share."""
    solution = solved(
        materials=[WASTE, {"material": "heat", "unit": "MWh", "state": "heat"}],
        streams=[STREAM | {"supply_per_yr": 10}, STREAM | {"stream": "h", "material": "heat"}],
        facilities=PLACES,
        modes=[TRUCK],
    )

    assert isopt.audit(solution).passed
    assert solution.kpi("landfilled") == 0  # 10 t go to B, 100 MWh are let off: route other
