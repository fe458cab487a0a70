"""
Thresholds at size: what may be left out, parts side by side, little time, and waste of Scotland as it was reported.

`ISOPT_EXAMPLES=50 pytest tests/test_thresholds_at_size.py` tries all 50 random regions, and 60 rates in Scotland.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from small import demand, region, stream
from test_thresholds import HIGH, LOW, found_in

import isopt
from isopt.importers.sepa import read_sepa
from isopt.solver.highs import Session
from isopt.studies.thresholds import thresholds

MANY = "ISOPT_EXAMPLES" in os.environ
#: Random regions with candidates that are of use nowhere.
RICH = range(50) if MANY else (3, 8, 36)
#: Rates of landfill tax in Scotland that are solved one by one.
RATES = np.linspace(0, 250, 60 if MANY else 5)


def test_what_is_left_out_is_of_use_nowhere_in_the_range():
    """The model of the useful candidates and that of all have the same least cost at every level tried."""
    left = 0
    for number in RICH:
        found = found_in(number)
        whole = found.problem.whole
        left += whole.instance.links.count - found.problem.instance.links.count
        session = Session(whole.form)
        for level in np.linspace(LOW, HIGH, 9):
            session.change_cost(whole.cost_at([level]), offset=whole.constant_at([level]))
            assert session.solve(gap=0.0, time_limit=60).objective == pytest.approx(found.cost([level])[0], rel=1e-7)

    assert left > 0


def test_a_link_that_pays_between_two_ways_out_stays():
    """A tip at 10 and half a tax, a kiln at 50: at a tax of 80 both cost 50, and only there a works at 45 is better."""
    tables = {
        "streams": [stream("ash", "A", 100, disposal=None)],
        "demands": [demand("works", "B", 100, virgin=None, must_meet=False)],
        "disposals": [
            {"disposal": "tip", "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 10,
             "tax_class": "non_hazardous"},
            {"disposal": "kiln", "facility": "C", "route": "incineration", "gate_fee_eur_per_unit": 50},
        ],
    }  # fmt: skip

    def links_left(rate, low, high):
        scenario = region(modes=[{"mode": "truck", "eur_per_t": 0}],
                          links=[{"from_facility": "A", "to_facility": "B", "eur_per_unit": rate}], **tables)  # fmt: skip
        return thresholds(scenario, "landfill_tax", low, high).problem.instance.links.count

    assert links_left(45, 0, 250) == 1  # the least way out costs up to 50
    assert links_left(55, 0, 250) == 0  # dearer than the kiln, though at a tax of 250 far below the tip
    assert links_left(45, 0, 30) == 0  # the tip costs 40 at most


def two_tips():
    """Two materials with a tip and a kiln each, and works that take some of either: two parts that turn at two taxes."""
    return region(
        streams=[stream("ash", "A", 100, disposal=None), stream("mud", "B", 60, disposal=None)],
        demands=[
            demand("ash_works", "C", 30, material="ash", virgin=5),
            demand("mud_works", "D", 40, material="mud", virgin=2),
        ],
        materials=[{"material": name, "state": "solid", "disposal_class": "inert"} for name in ("ash", "mud")],
        disposals=[
            {"disposal": "tip", "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 10},
            {"disposal": "kiln", "facility": "D", "route": "incineration", "gate_fee_eur_per_unit": 60},
        ],
        modes=[{"mode": "truck", "eur_per_t": 20, "setup_eur_per_yr": 900}],
    )


@pytest.fixture(scope="module")
def lothian(shared):
    """Waste sites between Livingston and Edinburgh, as they reported in 2018."""
    folder = shared / "data" / "scotland_sepa"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}")
    return read_sepa(
        folder / "waste-site-io.csv",
        folder / "waste-site-material-io.csv",
        year=2018,
        bbox=(55.85, -3.6, 56.0, -3.1),
    )


def test_the_tax_in_lothian_agrees_with_rates_solved_one_by_one(lothian):
    """Some hundred useful links: exact, few solves, and each rate solved from nothing costs the same."""
    found = thresholds(lothian, "landfill_tax", LOW, HIGH)

    assert found.exact
    assert len(found.intervals) > 10
    assert found.solves <= found.most_solves
    for rate in RATES:
        alone = isopt.solve(found.lever.at(lothian, float(rate)), gap=0.0)
        assert alone.status == "optimal"
        assert found.cost([rate])[0] == pytest.approx(alone.objective, rel=1e-6)


def test_two_workers_find_what_one_finds():
    """The same intervals, costs and proofs; a part may be solved at two places at once."""
    one = thresholds(two_tips(), "landfill_tax", LOW, HIGH)
    two = thresholds(two_tips(), "landfill_tax", LOW, HIGH, workers=2)

    assert len(one.intervals) > 2
    assert two.exact
    for column in ("low", "high", "cost_at_low", "cost_at_high", "landfilled", "error"):
        assert two.table[column].to_numpy() == pytest.approx(one.table[column].to_numpy())


def test_little_time_bounds_by_the_relaxation_and_says_so(lothian):
    """Stopped when the ends are done, no rate is dearer than the least cost by more than is said."""
    exact = thresholds(lothian, "landfill_tax", LOW, HIGH)
    ends = 4 * len(exact.parts)  # the relaxation and the model at both ends
    rough = thresholds(lothian, "landfill_tax", LOW, HIGH, time_limit=600, on_progress=lambda step: step.solves >= ends)
    rates = np.linspace(LOW, HIGH, 101)
    above = rough.cost(rates) - exact.cost(rates)
    table = rough.table
    error = table["error"].to_numpy()[np.clip(np.searchsorted(table["high"], rates), 0, len(table) - 1)]

    barely = thresholds(lothian, "landfill_tax", LOW, HIGH, time_limit=600, on_progress=lambda step: step.solves >= 2)

    assert (barely.cost(rates) >= exact.cost(rates) * (1 - 1e-6)).all()  # a plan for each part all the same
    assert barely.table["error"].max() >= (barely.cost(rates) - exact.cost(rates)).max() - 1e-6
    assert rough.interrupted
    assert (above >= -1e-6 * exact.cost(rates)).all()
    assert (above <= error + 1e-6 * exact.cost(rates)).all()
