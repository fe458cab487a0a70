"""Near-optimal alternatives: plans that differ most inside a budget, and what every, some or no good plan has."""

from __future__ import annotations

import json
import signal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lots import lots, plans_of
from small import demand, region, stream, two_years
from strategies import scenarios

import isopt
from isopt.errors import InputError
from isopt.solution.store import read_solution
from isopt.studies.alternatives import alternatives, write_alternatives

#: Set-up and what the exchange saves are one figure here: all demands and disposals cost something, see `paid`.
ITEMS = [(100, 1, 10), (180, 1, 10), (195, 1, 10), (205, 1, 10), (300, 1, 10)]


def examples(count):
    """Bounded, without a deadline, the same each time; the first failure as it is."""
    phases = (Phase.explicit, Phase.generate)
    return settings(
        max_examples=count, deadline=None, derandomize=True, phases=phases, suppress_health_check=list(HealthCheck)
    )


def paid(items):
    """All-or-nothing exchanges of 10 t each that cost their set-up; without one, 10 t are bought at 20 EUR."""
    scenario = lots(items)
    return scenario.with_(demands={f"d{i}": {"virgin_eur_per_unit": 200 / t} for i, (_, _, t) in enumerate(items)})


def costs_of(items):
    """Every plan of such a region and its cost."""
    chosen, _ = plans_of(items)
    setup = np.array([eur for eur, _, _ in items], dtype=float)
    return chosen, chosen @ setup + (1 - chosen).sum(axis=1) * 200


def answers_of(items, within):
    """In every, some or no plan of the budget, by counting them all; with the least cost with and without each."""
    chosen, cost = costs_of(items)
    budget = cost.min() + within * abs(cost.min())
    good = chosen[cost <= budget + 1e-9]
    words = []
    for e in range(len(items)):
        words.append("every" if good[:, e].all() else "some" if good[:, e].any() else "none")
    with_it = [cost[chosen[:, e] == 1].min() for e in range(len(items))]
    without = [cost[chosen[:, e] == 0].min() for e in range(len(items))]
    return words, with_it, without


def test_five_exchanges_fall_into_every_some_and_none():
    """
    The best plan has the three below 200 EUR and costs 100 + 180 + 195 + 200 + 200 = 875.

    Within 2 % (17.50 EUR) the third may go (+5) and the fourth come (+5); the first (+100) and second (+20) stay, the
    fifth (+100) stays out.
    """
    found = alternatives(paid(ITEMS), within=0.02, exact=True)

    assert found.status == "optimal"
    assert found.budget == pytest.approx(875 * 1.02)
    assert found.exchanges["answer"].tolist() == ["every", "every", "some", "some", "none"]
    assert found.exchanges["cost_if_forced_in"].tolist() == pytest.approx([875, 875, 875, 880, 975])
    assert found.exchanges["cost_if_forced_out"].tolist() == pytest.approx([975, 895, 880, 875, 875])
    assert found.exchanges[["in_every", "in_some", "in_none"]].sum(axis=1).tolist() == [1] * 5


def test_the_second_plan_differs_in_all_that_may_differ():
    """Without the third and with the fourth: 885 EUR, two exchanges differ; then one of each; then there is no other."""
    found = alternatives(paid(ITEMS), within=0.02, count=9)

    assert found.plans["plan"].tolist() == ["best", "A1", "A2", "A3"]
    assert found.plans["cost_total"].tolist()[:2] == pytest.approx([875, 885])
    assert found.plans["differing"].tolist()[:2] == [0, 2]
    assert sorted(found.plans["cost_total"][2:]) == pytest.approx([880, 880])
    assert found.plans["difference"].tolist()[1:] == pytest.approx([2, 1, 1])
    assert found.complete
    assert "Hamming" in found.measure


def test_solves_are_saved_where_two_plans_settle_the_matter():
    """The best plan and its opposite settle the third and fourth exchange: fewer solves, the same answers."""
    few, all_of_them = alternatives(paid(ITEMS)), alternatives(paid(ITEMS), exact=True)

    assert few.solves < all_of_them.solves
    assert few.exchanges["answer"].tolist() == all_of_them.exchanges["answer"].tolist()
    known = few.exchanges["known_with"].to_numpy(dtype=float)
    assert (
        few.exchanges["proven_with"].to_numpy(dtype=float) <= all_of_them.exchanges["cost_if_forced_in"] + 1e-6
    ).all()
    assert (known >= all_of_them.exchanges["cost_if_forced_in"].to_numpy(dtype=float) - 1e-6).all()


NUMBERS = st.tuples(st.integers(100, 300), st.just(1), st.just(10))


@examples(6)
@given(st.lists(NUMBERS, min_size=1, max_size=5), st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_answers_are_those_of_all_plans(items, within):
    """Every plan written down and counted: the same answers, the same costs, and the first plan differs the most."""
    found = alternatives(paid(items), within=within, exact=True, count=3)
    words, with_it, without = answers_of(items, within)

    assert found.exchanges["answer"].tolist() == words
    assert found.exchanges["cost_if_forced_in"].tolist() == pytest.approx(with_it)
    assert found.exchanges["cost_if_forced_out"].tolist() == pytest.approx(without)
    chosen, cost = costs_of(items)
    good = chosen[cost <= found.budget + 1e-9]
    best = np.array([f"m{i}" in "".join(found.solutions["best"].exchanges["material"]) for i in range(len(items))])
    most = np.abs(good - best).sum(axis=1).max()
    if len(found.plans) > 1:
        assert found.plans["differing"][1] == most
        assert (found.plans["cost_total"] <= found.budget * (1 + 1e-6)).all()
    else:
        assert found.complete
        assert most == 0


def least_cost(scenario):
    """Of a scenario solved by itself, infinite where there is no plan."""
    solution = isopt.solve(scenario, gap=0)
    assert solution.status in {"optimal", "infeasible"}
    return solution.kpi("cost_total") if solution.has_plan else np.inf


@examples(3)
@given(scenarios(("setup", "lots", "two_modes", "plants", "disposals", "carbon", "organisations"), most=4))
def test_a_forbidden_link_costs_what_forcing_the_exchange_out_says(scenario):
    """Two exchanges of a random region, each forbidden in the links table and solved again: the same least cost."""
    found = alternatives(scenario, within=0.02, exact=True, count=2)
    if found.status == "infeasible":
        assert found.reason
        return

    assert found.status == "optimal"
    table = found.exchanges
    for _, row in pd.concat([table[table["in_every"]].head(1), table[table["in_some"]].head(1)]).iterrows():
        keys = ("from_facility", "to_facility", "mode", "material")
        forbidden = {key: row[key] for key in keys if row[key]} | {"status": "forbidden"}
        given_rows = [
            {
                name: cell
                for name, cell in link.items()
                if not (isinstance(cell, float) and np.isnan(cell)) and cell != ""
            }
            for link in scenario.links.to_dict("records")
        ]
        without = least_cost(scenario.with_(links=[*given_rows, forbidden], minimise={"what": "cost"}))
        cost = row["cost_if_forced_out"]
        assert (np.inf if np.isnan(cost) else cost) == pytest.approx(without, rel=1e-6, abs=1e-4)
    for solution in found.solutions.values():
        assert solution.kpi("cost_total") <= found.budget * (1 + 1e-6) + 1e-6
        report = isopt.audit(solution)
        assert report.passed, report


def test_without_decisions_flows_are_what_differs():
    """
    Two firms could give D its 50 t, at 4 and 4.10 EUR a tonne in place of 20: the second plan moves as much as it may.

    Best: 200 EUR + 30 t of B disposed of at 10 (300) = 500. Within 0.5 % (2.50 EUR) 25 t may change over.
    """
    scenario = region(
        modes=[{"mode": "truck", "eur_per_t": 4}],
        streams=[stream("a", "A", 50), stream("b", "B", 30)],
        demands=[demand("d", "D", 50)],
        links=[{"from_facility": "B", "to_facility": "D", "material": "ash", "eur_per_unit": 4.1}],
    )
    found = alternatives(scenario, within=0.005, count=2)

    assert found.exchanges["answer"].tolist() == ["every", "some"]
    assert "Hop, Skip, Jump" in found.measure
    flows = found.solutions["A1"].exchanges.set_index("from_facility")["amount_per_yr"]
    assert flows["B"] == pytest.approx(25, rel=1e-3)
    assert found.plans["difference"][1] == pytest.approx(25 / 50 + 25 / 30, rel=1e-3)


def test_what_cannot_be_is_in_no_plan_and_what_must_be_in_every():
    """C's ash has nowhere else to go, so that its exchange is in every plan and leaving it out is impossible."""
    scenario = region(
        streams=[stream("a", "A", 50, disposal=1), stream("c", "C", 20, disposal=None)],
        demands=[demand("d", "D", 60, virgin=5)],
    )
    found = alternatives(scenario, within=30.0)  # the best costs 10 EUR, one without A's 250

    row = found.exchanges.set_index("from_facility").loc["C"]
    assert (row["answer"], row["proven_without"]) == ("every", np.inf)
    assert np.isnan(row["cost_if_forced_out"])
    assert found.exchanges.set_index("from_facility").loc["A", "answer"] == "some"


def test_years_count_as_shares_of_a_difference():
    """
    One exchange with a set-up in two years, worth it by 1 EUR a year of 400: the other plan does without.

    And then there is the one that begins a year later, half as different from both.
    """
    scenario = paid([(199, 1, 10)]).with_(periods=two_years())
    found = alternatives(scenario, within=0.02, exact=True)

    assert found.exchanges["answer"].tolist() == ["some"]
    assert found.exchanges["cost_if_forced_out"].tolist() == pytest.approx([400])
    assert found.plans["difference"].tolist() == pytest.approx([0, 1, 0.5])


def test_kalundborg_has_links_that_every_good_plan_has():
    """Within 2 %: five exchanges in every plan and five in none, all proven; each plan passes the audit."""
    found = alternatives(isopt.read("scenarios/kalundborg"), within=0.02, count=3)

    assert found.status == "optimal"
    assert found.exchanges["answer"].value_counts().to_dict() == {"some": 19, "every": 5, "none": 5}
    for name, solution in found.solutions.items():
        assert isopt.audit(solution).passed, name
    every = set(found.exchanges["exchange"][found.exchanges["in_every"]])
    assert all(every <= set(solution.exchanges["exchange"]) for solution in found.solutions.values())


# stopped, wrong or impossible


@pytest.mark.parametrize("after", [1, 2, 3, 5])
def test_what_was_not_proven_before_the_stop_is_undecided(after):
    """Somebody says stop after some solves: no answer differs from the true one, the rest is undecided."""
    done = []

    def stop(_, progress):
        done.append(progress.stage == "done")
        return sum(done) >= after

    found = alternatives(paid(ITEMS), exact=True, count=2, on_progress=stop)
    words, _, _ = answers_of(ITEMS, 0.02)

    assert found.interrupted
    told = found.exchanges["answer"].tolist()
    assert all(a in {b, "undecided"} for a, b in zip(told, words, strict=True))
    assert (found.status == "feasible") == ("undecided" in told)
    if after <= 3:
        assert "undecided" in told


def test_ctrl_c_keeps_what_is_proven():
    """A signal after the fourth solve: the plans are there, marked as interrupted."""
    done = []

    def press(_, progress):
        done.append(progress.stage == "done")
        if sum(done) == 4:
            done.clear()
            signal.raise_signal(signal.SIGINT)

    found = alternatives(paid(ITEMS), on_progress=press)

    assert found.interrupted
    assert len(found.plans) >= 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"within": -0.1}, "share of at least 0"),
        ({"within": float("nan")}, "share of at least 0"),
        ({"within": float("inf")}, "share of at least 0"),
        ({"count": 0}, "whole number of at least 1"),
        ({"count": float("nan")}, "whole number of at least 1"),
        ({"least": 0}, "a share above 0"),
        ({"gap": -1}, "a gap is a share"),
        ({"time_limit": 0}, "a time limit is a number of seconds above 0"),
    ],
)
def test_arguments_without_sense_are_refused(options, message):
    """The message says what is wanted."""
    with pytest.raises(InputError, match=message):
        alternatives(paid(ITEMS), **options)


def test_a_region_without_a_plan_says_why(tmp_path):
    """Ash that must be placed and has no way out; the files say so too."""
    found = alternatives(region(streams=[stream("ash", "A", 100, disposal=None)]))
    write_alternatives(found, tmp_path)

    assert (found.status, len(found.exchanges)) == ("infeasible", 0)
    assert 'stream "ash"' in str(found)
    assert 'stream "ash"' in json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["reason"]


def test_a_region_without_exchanges_has_one_plan():
    """Nothing can differ, and that is the whole list."""
    found = alternatives(region(streams=[stream("ash", "A", 100)]))

    assert (found.status, len(found.plans), found.complete) == ("optimal", 1, True)
    assert found.measure == "there is no exchange"


def test_files_have_the_columns_of_the_contract(tmp_path):
    """alternatives.csv names the exchange and the five columns; each network folder reads back and passes the audit."""
    found = alternatives(paid(ITEMS), exact=True)
    write_alternatives(found, tmp_path)

    table = pd.read_csv(tmp_path / "alternatives.csv")
    wanted = ["exchange", "in_every", "in_some", "in_none", "cost_if_forced_in", "cost_if_forced_out"]
    assert [name for name in table.columns if name in wanted] == wanted
    assert table["cost_if_forced_in"].tolist() == pytest.approx([875, 875, 875, 880, 975])
    for _, row in pd.read_csv(tmp_path / "plans.csv").iterrows():
        solution = read_solution(tmp_path / "networks" / row["network"])
        assert solution.kpi("cost_total") == pytest.approx(row["cost_total"])
        assert isopt.audit(solution).passed
    told = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert told["exchanges"] == {"every": 2, "some": 2, "none": 1, "undecided": 0}
