"""*Meaning*, first paragraph: what cost is, over the years, with capital and grants."""

from __future__ import annotations

import pytest

from meaning.small import (
    BEST,
    BURNING,
    KILN,
    LANDFILL,
    LINK,
    TRUCK,
    WASTE,
    approx,
    by_year,
    change,
    sent,
    solved,
    years,
)

CHAIN = {
    "materials": [WASTE, WASTE | {"material": "good"}, WASTE | {"material": "rest"}],
    "streams": {"s": {"own_disposal_eur_per_unit": None}},
    "demands": [
        {"demand": "d", "facility": "C", "material": "good", "need_per_yr": 80}
        | {"virgin_eur_per_unit": 30, "virgin_kgco2_per_unit": 200}
    ],
    "technologies": [{"technology": "mill", "opex_eur_per_unit": 2, "kgco2_per_unit": 10}],
    "recipes": [
        {"technology": "mill", "input": "w", "output": "good", "yield": 0.5},
        {"technology": "mill", "input": "w", "output": "rest", "yield": 0.1},
    ],
    "plants": [
        {"plant": "p", "facility": "B", "technology": "mill", "status": "candidate", "capex_eur": 1000}
        | {"life_yr": 10, "fixed_eur_per_yr": 40}
    ],
    "disposals": [LANDFILL | {"facility": "D", "accepts": "rest", "gate_fee_eur_per_unit": 20, "kgco2_per_unit": 100}],
    "modes": [TRUCK | {"eur_per_t": 1, "kgco2_per_tkm": 0.1, "setup_eur_per_yr": 7}],
    "rules": [{"technology": "mill", "allowed": True, "permit_eur_per_yr": 11}],
    "policy": {
        "landfill_tax_eur_per_t": {"non_hazardous": 95},
        "carbon_price_eur_per_t": 75,
        "subsidy_eur_per_t_exchanged": 3,
        "capex_grant_share": 0.2,
    },
}
"""100 t of w go to a mill at B, 50 t of good on to C, 10 t of rest to a landfill at D: there is no other way."""
CHAIN_KG = {"transport": 100 + 50 + 20, "treatment": 1000, "disposal": 1000, "virgin": 30 * 200}


def test_cost_adds_up_all_that_firms_pay_less_subsidies():
    """Cost is haulage, handling, set-up and permits, treatment, plants, gate fees, purchase, tax, carbon, less subsidies."""
    solution = solved(**CHAIN)
    parts = {
        "cost_haulage": 100 * (0.5 * 10 + 1) + 50 * (0.5 * 10 + 1) + 10 * (0.5 * 20 + 1),
        "cost_setup": 2 * 7 + 11,
        "cost_treatment": 100 * 2,
        "cost_plants": 1000 / 10 + 40,
        "cost_gate_fees": 10 * 20,
        "cost_virgin": (80 - 50) * 30,
        "landfill_tax": 10 * 95,
        "carbon_payment": 75 * sum(CHAIN_KG.values()) / 1000,
    }
    subsidies = 3 * (100 - 10) + 0.2 * 1000 / 10

    assert {name: solution.kpi(name) for name in parts} == approx(parts)
    assert solution.kpi("subsidies") == approx(subsidies)
    assert solution.kpi("cost_total") == approx(sum(parts.values()) - subsidies)
    assert solution.objective == approx(sum(parts.values()) - subsidies)


def test_carbon_is_paid_on_the_co2_in_scope():
    """The carbon price falls on the sources in scope alone; all four are reported and added up."""
    solution = solved(**CHAIN | {"policy": {"carbon_price_eur_per_t": 75, "carbon_scope": ["transport", "virgin"]}})

    assert solution.kpi("carbon_payment") == approx(75 * (CHAIN_KG["transport"] + CHAIN_KG["virgin"]) / 1000)
    for source, kg in CHAIN_KG.items():
        assert solution.kpi(f"co2_{source}") == approx(kg / 1000)
    assert solution.kpi("co2_total") == approx(sum(CHAIN_KG.values()) / 1000)


@pytest.mark.parametrize(
    ("parts", "cost"),
    [
        # 40 t go 20 km for 10 EUR/t to a tip that pays 20 EUR/t
        ({"disposals": [LANDFILL | {"gate_fee_eur_per_unit": -20}]}, 60 * 5 + 40 * (10 - 20)),
        ({"links": [LINK | {"eur_per_unit": -3}]}, 60 * -3 + 40 * 50),
        # the purchase earns more than the exchange
        ({"demands": {"d": {"virgin_eur_per_unit": -60}}}, 100 * 50 - 60 * 60),
        (
            {
                "modes": {"truck": {"setup_eur_per_yr": -100}},
                "rules": [{"allowed": True, "permit_eur_per_yr": -20}],
                "policy": {"landfill_tax_eur_per_t": {"non_hazardous": -60}, "subsidy_eur_per_t_exchanged": -10},
            },
            60 * (5 + 10) - 100 - 20 + 40 * (50 - 60),
        ),
        # a kiln at A that earns 4 EUR/t takes what is not exchanged
        (
            BURNING | {"technologies": [{"technology": "burning", "opex_eur_per_unit": -4}], "plants": [KILN]},
            60 * 5 - 40 * 4,
        ),
    ],
    ids=["gate_fee", "haulage", "purchase", "policy", "opex"],
)
def test_any_price_or_cost_may_be_negative(parts, cost):
    """A negative price is revenue."""
    assert solved(**parts).kpi("cost_total") == approx(cost)


def test_an_exchange_that_is_paid_for_being_there_is_kept_though_nothing_else_speaks_for_it():
    """A negative set-up makes worth opening what hauling alone would not (reading: set-up is paid while it is open)."""
    solution = solved(
        modes={"truck": {"eur_per_tkm": 9, "setup_eur_per_yr": -100, "min_per_yr": 1}}
    )  # 90 EUR/t is 10 more than the 80 avoided

    assert solution.kpi("cost_total") == approx(100 * 50 + 60 * 30 + 1 * (90 - 80) - 100)


def test_money_of_later_years_is_discounted_and_amounts_are_not():
    """The objective and the money KPIs are sums of yearly cost x (1 + r)^-(year - first year); tonnes are plain sums."""
    solution = solved(periods=years(2030, 2032), economics={"discount_rate": 0.1})

    assert solution.objective == approx(BEST * (1 + 1.1**-2))
    assert solution.kpi("cost_total") == approx(BEST * (1 + 1.1**-2))
    assert solution.kpi("cost_haulage") == approx(300 * (1 + 1.1**-2))
    assert solution.kpi("cost_saved") == approx((6800 - BEST) * (1 + 1.1**-2))
    assert solution.kpi("exchanged") == approx(2 * 60)


def test_kpis_have_a_row_per_year_beside_the_total():
    """kpis.csv has a year column: figures of a year are those of the year, undiscounted."""
    solution = solved(
        periods=years(2030, 2031),
        changes=[change("demands", "d", "need_per_yr", "y2031", value=30)],
        economics={"discount_rate": 0.1},
    )

    assert list(solution.kpis.columns) == ["kpi", "year", "value", "unit"]
    assert set(solution.kpis["year"]) == {"total", 2030, 2031}
    assert by_year(solution, "exchanged") == approx([60, 30])
    assert by_year(solution, "cost_total") == approx([BEST, 30 * 5 + 70 * 50])


def test_nominal_sums_years_without_discounting_and_keeps_the_annuity():
    """nominal = true: years are summed as they are; the discount rate still makes the annuity of capital."""
    solution = solved(
        periods=years(2030, 2031),
        links=[LINK | {"capex_eur": 1000}],
        economics={"discount_rate": 0.1, "nominal": True},
    )

    assert solution.kpi("cost_total") == approx(2 * (BEST + 1000 * 0.1 / (1 - 1.1**-20)))


def test_capital_is_paid_as_an_annuity_in_each_year_in_which_the_thing_stands():
    """Capex x r / (1 - (1 + r)^-life) falls due in the years from building on; capex itself is told when it is spent."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"capex_eur": 1000, "life_yr": 10, "build_from": 2031}],
        periods=years(2030, 2031, 2032),
        economics={"discount_rate": 0.06},
    )
    annuity = 1000 * 0.06 / (1 - 1.06**-10)

    assert by_year(solution, "cost_plants") == approx([0, annuity, annuity])
    assert solution.kpi("cost_plants") == approx(annuity * (1.06**-1 + 1.06**-2))
    assert by_year(solution, "capex") == approx([0, 1000, 0])
    assert solution.kpi("capex") == approx(1000 / 1.06)


def test_what_reaches_the_end_of_its_life_is_replaced():
    """A kiln of one year's life costs its capital in each of three years (capex / life at r = 0)."""
    solution = solved(**BURNING, plants=[KILN | {"capex_eur": 1000, "life_yr": 1}], periods=years(2030, 2031, 2032))

    assert by_year(solution, "cost_plants") == approx([1000, 1000, 1000])
    assert by_year(solution, "capex") == approx([1000, 0, 0])


def test_the_life_of_a_plant_is_its_own_else_its_technologys_else_20_years():
    """Life: plants, else technologies, else 20."""
    solution = solved(
        technologies=[{"technology": "burning", "life_yr": 10}, {"technology": "dumping"}],
        recipes=[{"technology": "burning", "input": "w"}, {"technology": "dumping", "input": "w"}],
        plants=[
            KILN | {"plant": "own", "capex_eur": 1000, "life_yr": 5},
            KILN | {"plant": "technologys", "capex_eur": 1000},
            KILN | {"plant": "usual", "technology": "dumping", "capex_eur": 1000},
        ],
        limits={"plants": 3},
    )

    assert solution.kpi("cost_plants") == approx(1000 / 5 + 1000 / 10 + 1000 / 20)
    annuity = solution.plants.set_index("plant")["annuity_eur"].to_dict()
    assert annuity == approx({"own": 200, "technologys": 100, "usual": 50})


def test_the_life_of_a_link_is_its_modes_else_20_years():
    """Life: links, modes, else 20; the capital of a link is capex_eur_per_km x km."""
    modes = [TRUCK | {"capex_eur_per_km": 100, "life_yr": 5}, TRUCK | {"mode": "belt", "capex_eur_per_km": 100}]
    required = [LINK | {"mode": mode, "material": "w", "status": "required"} for mode in ("truck", "belt")]
    solution = solved(modes=modes, links=required)

    assert solution.kpi("cost_setup") == approx(100 * 10 / 5 + 100 * 10 / 20)
    assert solution.kpi("capex") == approx(2 * 100 * 10)


def test_grants_lower_what_is_paid_for_plants_and_links_and_are_subsidies():
    """Grants are a share of the capital of plants and links, booked in subsidies; costs and capex stay gross."""
    solution = solved(
        **BURNING,
        plants=[KILN | {"capex_eur": 1000, "life_yr": 10, "fixed_eur_per_yr": 40}],
        links=[LINK | {"capex_eur": 600}],
        policy={"capex_grant_share": 0.25},
    )

    assert solution.kpi("cost_plants") == approx(1000 / 10 + 40)
    assert solution.kpi("cost_setup") == approx(600 / 20)
    assert solution.kpi("subsidies") == approx(0.25 * (1000 / 10 + 600 / 20))
    assert solution.kpi("capex") == approx(1600)
    assert solution.kpi("cost_total") == approx(60 * 5 + 100 + 40 + 30 - 0.25 * 130)


def test_a_grant_can_make_the_difference():
    """A kiln of 2,100 EUR a year saves 40 x 50 and is not built, unless a tenth of it is granted."""
    plants = [KILN | {"capex_eur": 2100, "life_yr": 1}]
    without = solved(**BURNING, plants=plants)
    granted = solved(**BURNING, plants=plants, policy={"capex_grant_share": 0.1})

    assert without.kpi("plants_built") == 0
    assert sent(without, "s", "own") == approx(40)
    assert granted.kpi("plants_built") == 1
    assert granted.kpi("cost_total") == approx(60 * 5 + 2100 - 210)
