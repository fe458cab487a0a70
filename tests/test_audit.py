"""The audit: right plans pass, and a plan with one wrong number does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from paper_plans import Plan, kpi_rows, plan, with_cell

from isopt.scenario import Scenario
from isopt.solution.audit import audit

KM = 6371.0088 * 3.141592653589793 / 180 * 1.2  # one degree along the equator, detour 1.2


def two_firms(**parts: Any) -> Scenario:
    """100 t of waste at A, a need of 60 t at B, a degree apart; own disposal 50 EUR/t and 95 EUR/t of landfill tax."""
    tables: dict[str, Any] = {
        "facilities": [{"facility": "A", "lat": 0.0, "lon": 0.0}, {"facility": "B", "lat": 0.0, "lon": 1.0}],
        "materials": [{"material": "w", "state": "solid", "disposal_class": "non_hazardous"}],
        "streams": [{"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100, "own_disposal_eur_per_unit": 50}],
        "demands": [{"demand": "d", "facility": "B", "material": "w", "need_per_yr": 60, "virgin_eur_per_unit": 30}],
        "modes": [{"mode": "truck", "eur_per_tkm": 0.1, "detour": 1.2, "states": "solid"}],
    }
    settings = {"price_year": 2025, "policy": {"landfill_tax_eur_per_t": {"non_hazardous": 95}}, "economics": {"discount_rate": 0}}
    return Scenario.of(tables, settings).with_(**parts)


def taxed() -> Plan:
    """The plan of `two_firms`: 60 t go to B for 6 EUR per tonne and thousand km, 40 t to own disposal for 145 EUR/t."""
    scenario = two_firms()
    year = {"period": "year", "year": 2025}
    way = year | {"origin_kind": "stream", "origin": "s", "from_facility": "A", "material": "w", "received_as": "w", "unit": "t"}
    own = way | {"kind": "own_disposal", "receiver_kind": "own", "to_facility": "A"}
    before = plan(
        scenario,
        {
            "flows": [own | {"sent": 100.0, "arrived": 100.0, "tonnes": 100.0}],
            "disposal": [
                {"outlet": "own:s", "facility": "A", "route": "landfill", "tax_class": "non_hazardous", "material": "w", "unit": "t"}
                | {"year": 2025, "amount": 100.0, "tonnes": 100.0, "gate_fee_eur": 5000.0, "landfill_tax_eur": 9500.0}
            ],
            "virgin": [year | {"demand": "d", "need": 60.0, "bought": 60.0, "cost_eur": 1800.0}],
            "firms": [
                {"organisation": "A", "cost_after_eur_per_yr": 14500.0, "cost_after_payments_eur_per_yr": 14500.0}
                | {"cost_before_eur_per_yr": 14500.0, "gate_fees_eur_per_yr": 5000.0, "landfill_tax_eur_per_yr": 9500.0},
                {"organisation": "B", "cost_after_eur_per_yr": 1800.0, "cost_after_payments_eur_per_yr": 1800.0}
                | {"cost_before_eur_per_yr": 1800.0, "virgin_eur_per_yr": 1800.0},
            ],
        },
        kpi_rows({2025: {"cost_total": 16300.0, "cost_gate_fees": 5000.0, "landfill_tax": 9500.0, "cost_virgin": 1800.0, "landfilled": 100.0}}),
        16300.0,
        gap_on_savings=None,
    )
    haulage = 60 * 0.1 * KM
    cost = haulage + 40 * 50 + 40 * 95
    exchange = {"exchange": "A>B|truck|w", "from_facility": "A", "to_facility": "B", "mode": "truck"}
    return plan(
        scenario,
        {
            "flows": [
                way
                | {"kind": "exchange", "receiver_kind": "demand", "receiver": "d", "to_facility": "B", "mode": "truck"}
                | {"exchange": "A>B|truck|w", "distance_km": KM, "sent": 60.0, "arrived": 60.0, "tonnes": 60.0, "haulage_eur": haulage},
                own | {"sent": 40.0, "arrived": 40.0, "tonnes": 40.0},
            ],
            "exchanges": [
                exchange
                | {"from_name": "A", "to_name": "B", "from_organisation": "A", "to_organisation": "B", "material": "w", "status": "allowed"}
                | {"between_organisations": True, "opened_year": 2025, "distance_km": KM, "unit": "t", "amount_per_yr": 60.0}
                | {"tonnes_per_yr": 60.0, "haulage_eur_per_yr": haulage}
            ],
            "disposal": [
                {"outlet": "own:s", "facility": "A", "route": "landfill", "tax_class": "non_hazardous", "material": "w", "unit": "t"}
                | {"year": 2025, "amount": 40.0, "tonnes": 40.0, "gate_fee_eur": 2000.0, "landfill_tax_eur": 3800.0}
            ],
            "virgin": [year | {"demand": "d", "need": 60.0, "received": 60.0}],
            "firms": [
                {"organisation": "A", "cost_after_eur_per_yr": cost, "cost_after_payments_eur_per_yr": cost, "haulage_eur_per_yr": haulage}
                | {"cost_before_eur_per_yr": 14500.0, "gate_fees_eur_per_yr": 2000.0, "landfill_tax_eur_per_yr": 3800.0}
                | {"saving_eur_per_yr": 14500.0 - cost},
                {"organisation": "B", "cost_before_eur_per_yr": 1800.0, "saving_eur_per_yr": 1800.0},
            ],
        },
        kpi_rows(
            {
                2025: {"cost_total": cost, "cost_haulage": haulage, "cost_gate_fees": 2000.0, "landfill_tax": 3800.0, "landfilled": 40.0}
                | {"diverted": 60.0, "exchanged": 60.0, "virgin_saved": 60.0, "exchanges": 1.0, "tonne_km": 60 * KM, "cost_saved": 16300 - cost}
            }
        ),
        cost,
        baseline=before,
    )


def test_a_right_plan_passes():
    """A plan worked out on paper breaks no rule, and rules are held on rows."""
    report = audit(taxed())

    assert report.passed, str(report)
    assert report.checks["a_stream_that_must_be_placed_goes_out_in_full"] == 1
