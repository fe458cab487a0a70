"""Switching prices: on paper, and against solving again with the rate just above and just below."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small import demand, region, stream

import isopt
from isopt.errors import InputError
from isopt.studies.switching import COLUMNS, switching, write_switching
from isopt.studies.thresholds import thresholds


def roads(rate=2.0, **parts):
    """Two firms with a carriage rate per tonne-kilometre over 60 km, and 3 EUR a tonne for loading."""
    return isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": rate}}, **parts)


def rivals(**tables):
    """A hundred tonnes of ash, of which two works could use some, at carriage of 5 and of 60 EUR a tonne."""
    base = {
        "streams": [stream("ash", "A", 100, own_disposal_route="landfill")],
        "demands": [demand("near", "B", 80), demand("far", "C", 50)],
        "links": [
            {"from_facility": "A", "to_facility": "B", "eur_per_unit": 5},
            {"from_facility": "A", "to_facility": "C", "eur_per_unit": 60},
        ],
    }
    return region(**(base | tables))


def rows_of(found, exchange):
    """Rows of one exchange."""
    return found.table[found.table["exchange"] == exchange]


def test_an_exchange_is_in_the_network_above_the_tax_that_opens_it():
    """Hauling at 123 EUR pays from a tax of 66 on: out below, in above, 80 t of it."""
    table = switching(thresholds(roads(), "landfill_tax", 0, 250)).table

    assert list(table["status"]) == ["out", "in"]
    assert list(table["low"]) == pytest.approx([0, 66])
    assert list(table["high"]) == pytest.approx([66, 250])
    assert list(table["amount_per_yr"]) == pytest.approx([0, 80])
    assert tuple(table.columns) == COLUMNS


def test_an_exchange_that_is_never_in_misses_by_its_haulage():
    """At 9 EUR/tkm hauling costs 543; at a tax of 50 it saves 45 + 50 + 12 = 107: it misses by 436 a tonne, of 80."""
    row = switching(thresholds(roads(9.0), "landfill_tax.inert", 0, 100)).table.iloc[0]

    assert row["status"] == "misses"
    assert row["at"] == 50  # the scenario's own tax
    assert row["rate_eur_per_unit"] == pytest.approx(543)
    assert row["switching_eur_per_unit"] == pytest.approx(107)
    assert row["falls_by_eur_per_unit"] == pytest.approx(436)
    assert row["misses_by_eur"] == pytest.approx(436 * row["amount_per_yr"])


def test_an_exchange_with_a_fixed_cost_comes_in_at_full_size():
    """With a set-up of 800 EUR for 80 t, the rate has to fall by 10 more than without it."""
    found = switching(
        thresholds(roads(9.0).with_(modes={"truck": {"setup_eur_per_yr": 800}}), "landfill_tax.inert", 0, 100)
    )
    row = found.table.iloc[0]

    assert row["amount_per_yr"] == pytest.approx(80)
    assert row["switching_eur_per_unit"] == pytest.approx(107 - 10)
    assert row["misses_by_eur"] == pytest.approx(446 * 80)


def test_what_one_exchange_has_to_undercut_is_what_the_other_saves():
    """The far works gets the 20 t left over once its carriage falls from 60 to 10 + 20; no further than that."""
    found = switching(thresholds(rivals(), "landfill_tax", 0, 1), at=0)
    far = rows_of(found, "A>C|truck|ash").iloc[0]

    assert rows_of(found, "A>B|truck|ash")["status"].tolist() == ["in"]
    assert far["switching_eur_per_unit"] == pytest.approx(30)
    assert far["misses_by_eur"] == pytest.approx(30 * far["amount_per_yr"])


@pytest.mark.parametrize("rate", [2.2, 4.0, 9.0])
def test_just_below_the_switching_price_the_exchange_is_in(rate):
    """Solved again with the link's own rate a cent below it, the exchange is in place; a cent above, it is not."""
    scenario = roads(rate, policy={"landfill_tax_eur_per_t": {"inert": 10}})
    row = switching(thresholds(scenario, "landfill_tax.inert", 0, 20)).table.iloc[0]

    def exchanges(price):
        links = scenario.given["links"].frame.assign(eur_per_unit=price)
        return isopt.solve(scenario.with_(links=links), gap=0).kpi("exchanges")

    assert row["status"] == "misses"
    assert exchanges(row["switching_eur_per_unit"] - 0.01) == 1
    assert exchanges(row["switching_eur_per_unit"] + 0.01) == 0


def test_prices_of_kalundborg_bring_in_what_they_belong_to():
    """Each exchange that misses is in place once its rate is a little below its price, and not a little above."""
    scenario = isopt.read("scenarios/kalundborg")
    table = switching(thresholds(scenario, "landfill_tax", 60, 70)).table
    misses = table[table["status"] == "misses"]
    assert len(misses) > 5
    for row in misses.iloc[::4].itertuples():
        for step, there in ((-0.01, True), (0.01, False)):
            links = scenario.given["links"].frame
            cell = {"from_facility": row.from_facility, "to_facility": row.to_facility, "mode": row.mode,
                    "material": row.material, "eur_per_unit": row.switching_eur_per_unit + step}  # fmt: skip
            same = (links[list(cell)[:4]] == pd.Series(cell)[:4]).all(axis=1)
            changed = pd.concat([links[~same], links[same].assign(eur_per_unit=cell["eur_per_unit"])])
            if not same.any():
                changed = pd.concat([links, pd.DataFrame([cell])], ignore_index=True)
            solution = isopt.solve(scenario.with_(links=changed.reset_index(drop=True)), gap=0)
            assert (row.exchange in set(solution.exchanges["exchange"])) == there, row.exchange


def test_a_tie_and_an_impossible_exchange_are_called_so():
    """A works as dear as the tip is tied; one whose supply is nothing can't be."""
    tied = rivals(
        demands=[demand("near", "B", 50, virgin=None, must_meet=False)],
        links=[{"from_facility": "A", "to_facility": "B", "eur_per_unit": 10}],
    )
    empty = rivals(streams=[stream("ash", "A", 0)])

    assert set(switching(thresholds(tied, "landfill_tax", 0, 1), at=0).table["status"]) <= {"tied", "in", "out"}
    assert set(switching(thresholds(empty, "landfill_tax", 0, 1)).table["status"]) == {"impossible"}


def test_what_is_not_reached_stays_open():
    """Stopped at once, out of time, or not minimising cost: open, never a number."""
    found = thresholds(roads(9.0), "landfill_tax.inert", 0, 100)
    stopped = switching(found, on_progress=lambda done, of: True)
    late = switching(found, time_limit=1e-9)

    for result in (stopped, late):
        assert result.interrupted
        assert result.table["status"].tolist() == ["open"]
        assert np.isnan(result.table["misses_by_eur"]).all()


def test_names_and_values_that_are_not_there_are_refused():
    """An unknown exchange, a value outside of the range; one known exchange alone."""
    found = thresholds(rivals(), "landfill_tax", 0, 1)

    with pytest.raises(InputError, match=r'did you mean "A>C\|truck\|ash"'):
        switching(found, exchanges=["A>C|truk|ash"])
    with pytest.raises(InputError, match="so not at 5"):
        switching(found, at=5)
    assert set(switching(found, exchanges=["A>C|truck|ash"]).table["exchange"]) == {"A>C|truck|ash"}


def test_switching_is_written_as_a_table(tmp_path):
    """The file has the same columns and rows."""
    found = switching(thresholds(rivals(), "landfill_tax", 0, 1))
    write_switching(found, tmp_path)

    assert pd.read_csv(tmp_path / "switching.csv").shape == found.table.shape
