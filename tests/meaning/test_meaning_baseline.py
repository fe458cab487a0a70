"""*Meaning*, "Baseline", and what results report against it."""

from __future__ import annotations

import isopt
from meaning.small import (
    BEFORE,
    BURNING,
    DEMAND,
    KILN,
    LINK,
    STREAM,
    WASTE,
    approx,
    place,
    sent,
    small,
    solved,
)

ONE_FIRM = [place("A", 0, organisation="firm"), place("B", 10), place("C", 20, organisation="firm"), place("D", 30)]


def test_the_baseline_has_no_exchange_between_organisations():
    """The same scenario with no exchange between different organisations: all is disposed of and bought."""
    baseline = solved().baseline

    assert baseline.kpi("exchanges") == 0
    assert baseline.kpi("cost_total") == approx(BEFORE)


def test_the_baseline_keeps_exchange_within_an_organisation():
    """A and C are one firm: its 40 t go to C in the baseline too, B's 60 t are what the plan adds."""
    solution = solved(
        facilities=ONE_FIRM, demands=[DEMAND, DEMAND | {"demand": "own", "facility": "C", "need_per_yr": 40}]
    )

    assert sent(solution.baseline, "s", "own") == approx(60)
    assert sent(solution.baseline, "s", "d") == 0
    assert solution.baseline.flows.query("receiver == 'own' and kind == 'exchange'")["sent"].sum() == approx(40)
    assert solution.kpi("cost_saved") == approx(60 * (50 + 30 - 5))


def test_the_baseline_drops_only_the_foreign_ends_of_an_exchange():
    """A > B serves B's works and a kiln of A's there: in the baseline the exchange goes on for the kiln."""
    solution = solved(**BURNING, plants=[KILN | {"facility": "B", "owner": "A"}])

    assert sent(solution.baseline, "s", "kiln") == approx(100)
    assert sent(solution.baseline, "s", "d") == 0


def test_the_baseline_is_at_least_cost_whatever_is_minimised():
    """Minimising CO2 the plan buys nothing dearer than need be in its baseline: that is the cheapest one."""
    kiln = [KILN | {"status": "existing"}]
    burning = {
        "technologies": [{"technology": "burning", "opex_eur_per_unit": 200}],
        "recipes": BURNING["recipes"],
        "plants": kiln,
    }
    solution = solved(**burning, streams={"s": {"own_disposal_kgco2_per_unit": 100}}, minimise={"what": "co2"})

    assert sent(solution, "s", "kiln") == approx(40)
    assert sent(solution.baseline, "s", "own") == approx(100)
    assert solution.baseline.objective == approx(BEFORE)


def test_the_baseline_has_no_limits():
    """A limit of 50 t of landfill binds the plan, not the baseline's 100 t; nor does a number of plants."""
    solution = solved(
        **BURNING, plants=[KILN | {"fixed_eur_per_yr": 9}], limits={"landfilled_t_per_yr": 50, "plants": 0}
    )

    assert solution.kpi("landfilled") == approx(40)
    assert solution.baseline.kpi("plants_built") == 1  # 9 EUR a year instead of 100 x 50
    assert solution.baseline.kpi("landfilled") == 0


def test_the_baseline_has_no_minimum_shares():
    """Minimum shares are min_byproduct_share: without exchange the demand is bought."""
    solution = solved(demands={"d": {"min_byproduct_share": 0.5}})

    assert solution.baseline.virgin["bought"].tolist() == approx([60])


def test_the_baseline_keeps_least_loads():
    """min_load_share is no minimum share: a kiln of A's below its least load stays idle in the baseline too."""
    solution = solved(
        **BURNING, plants=[KILN | {"status": "existing", "capacity_per_yr": 200, "min_load_share": 0.6}], demands=[]
    )

    assert sent(solution.baseline, "s", "own") == approx(100)


def test_the_baseline_has_no_required_links():
    """Not even within a firm is a required link kept that does not pay: 90 EUR/t for 80 EUR/t."""
    solution = solved(
        facilities=[place("A", 0, organisation="firm"), place("B", 10, organisation="firm"), place("C", 20)],
        modes={"truck": {"eur_per_tkm": 9}},
        links=[LINK | {"mode": "truck", "material": "w", "status": "required", "min_per_yr": 20}],
    )

    assert solution.kpi("cost_total") == approx(BEFORE + 20 * 10)
    assert solution.baseline.kpi("cost_total") == approx(BEFORE)


def test_keep_existing_keeps_existing_links():
    """[baseline] keep_existing = true: the exchange that exists is in the baseline, the new one is the saving."""
    solution = solved(
        demands=[DEMAND, DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 40}],
        links=[LINK | {"status": "existing"}],
        baseline={"keep_existing": True},
    )

    assert solution.baseline.kpi("exchanges") == 1
    assert solution.kpi("cost_saved") == approx(40 * (50 + 30 - 10))


def test_an_infeasible_baseline_is_null_and_says_why():
    """Without exchange A's waste has no way out: no baseline, the reason names the stream, nothing is compared."""
    solution = solved(streams=[STREAM | {"own_disposal_eur_per_unit": None, "supply_per_yr": 60}])

    assert solution.baseline is None
    assert 'stream "s"' in solution.baseline_reason
    assert "cost_saved" not in set(solution.kpis["kpi"])
    assert "cost_total" in set(solution.kpis["kpi"])


def test_firms_are_told_before_and_after():
    """firms.csv: what A and B pay in the baseline and now; their savings add up to the region's."""
    firms = solved().firms.set_index("organisation")

    assert firms["cost_before_eur_per_yr"].to_dict() == approx({"A": 5000, "B": 1800, "C": 0, "D": 0})
    assert firms["cost_after_eur_per_yr"].to_dict() == approx({"A": 300 + 2000, "B": 0, "C": 0, "D": 0})
    assert firms["saving_eur_per_yr"].sum() == approx(BEFORE - 2300)


def test_the_supplier_hauls_and_sets_up_and_the_receiver_uses():
    """firms.csv (reading): haulage, trips and set-up are the supplier's, substitution the receiver's."""
    solution = solved(
        materials=[WASTE, WASTE | {"material": "stone"}],
        demands={"d": {"material": "stone"}},
        substitutions=[{"from_material": "w", "to_material": "stone", "ratio": 1, "cost_eur_per_unit": 4}],
        modes={"truck": {"setup_eur_per_yr": 10, "eur_per_trip": 20, "vehicle_t": 25}},
    )
    firms = solution.firms.set_index("organisation")

    assert firms.loc["A", "haulage_eur_per_yr"] == approx(60 * 5 + 3 * 20)
    assert firms.loc["A", "setup_eur_per_yr"] == approx(10)
    assert firms.loc["B", "treatment_eur_per_yr"] == approx(60 * 4)
    assert firms["cost_after_eur_per_yr"].sum() == approx(solution.kpi("cost_total"))


def test_the_gap_is_told_on_savings_too():
    """Each result says how far it may be from the optimum, as a share of cost and of what it saves: proven, 0."""
    solution = isopt.solve(small())

    assert solution.gap_on_savings == approx(0)
    assert solution.gap == approx(0)
