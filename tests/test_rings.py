"""The k nearest ring by ring: the same candidates as a search over all pairs gives."""

from __future__ import annotations

import numpy as np
import pytest
from small import region
from test_distances import Tripled

from isopt.network import candidates as search
from isopt.network import instance_of
from isopt.network.rings import SPARE
from isopt.scenario import Scenario


def country(seed: int, k: int, **reach) -> Scenario:
    """Sixty makers of two wastes in clusters, seventy takers, a rule, listed pairs, two modes and a landfill."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(-2, 2, (6, 2))
    spots = towns[rng.integers(0, 6, 131)] + rng.normal(0, 0.1, (131, 2))
    spots[100] = spots[101]  # two takers at one place
    places = [
        {"facility": f"F{i:03d}", "lat": y, "lon": x, "sector": "08" if i % 7 == 0 else "23"}
        for i, (y, x) in enumerate(spots)
    ]
    return region(
        facilities=places,
        materials=[
            {"material": "ash", "state": "solid", "disposal_class": "none"},
            {"material": "slag", "state": "solid", "disposal_class": "none"},
        ],
        modes=[
            {"mode": "truck", "eur_per_tkm": 0.1, "detour": 1.3},
            {"mode": "train", "network": "rail", "eur_per_tkm": 0.05, "max_km": 150},
        ],
        streams=[
            {"stream": f"s{i}", "facility": f"F{i:03d}", "material": ("ash", "slag")[i % 2], "supply_per_yr": 9}
            for i in range(60)
        ],
        demands=[
            {
                "demand": f"d{i}",
                "facility": f"F{i:03d}",
                "material": ("ash", "slag")[i % 3 == 0],
                "need_per_yr": 5,
                "virgin_eur_per_unit": 30,
            }
            for i in range(60, 130)
        ],
        substitutions=[{"from_material": "slag", "to_material": "ash", "ratio": 1, "sectors": "23"}],
        rules=[{"material": "ash", "to_sector": "08", "allowed": False}],
        links=[{"from_facility": "F000", "to_facility": "F129"}, {"from_facility": "F002", "to_facility": "F061"}],
        disposals=[{"disposal": "tip", "facility": "F130", "gate_fee_eur_per_unit": 50}],
    ).with_(reach={"nearest": k, **reach})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 3, 9])
@pytest.mark.parametrize("routed", [False, True])
def test_rings_find_what_all_pairs_give(monkeypatch, seed: int, k: int, routed: bool):
    """Links, ways to disposal and permits are the same to the last one, also over a router three times as long."""
    scenario = country(seed, k)
    routers = {"train": Tripled(1.5)} if routed else {}
    whole = instance_of(scenario, prune=False, routers=routers)
    monkeypatch.setattr(search, "ALL_AT_ONCE", 0)
    monkeypatch.setattr(search, "settle", small_rings(search.settle))

    ringed = instance_of(scenario, prune=False, routers=routers)

    for name in ("origin", "receiver", "mode", "substitution", "distance_km", "group"):
        assert np.array_equal(getattr(ringed.links, name), getattr(whole.links, name)), name
    assert np.array_equal(ringed.outlets.origin, whole.outlets.origin)
    assert ringed.tally["tried"] == whole.tally["tried"]
    dropped = sum(count for name, count in ringed.counts.items() if name != "tried")
    assert ringed.counts["tried"] - dropped == ringed.candidates.count


def small_rings(settle):
    """Begin with two facilities instead of 4 k + 16, so that small cases need several rings."""

    def begin(scenario, wanted, factor, limit_km, k, ring):
        def small(measured, among, look):
            return ring(measured, among, max(2, look // (4 * k + 16)))

        return settle(scenario, wanted, factor, limit_km, k, small)

    return begin


def test_a_search_over_few_pairs_needs_few_rings(monkeypatch):
    """The router is asked for a small part of all pairs, and each pair once."""
    monkeypatch.setattr(search, "ALL_AT_ONCE", 0)
    monkeypatch.setattr(search, "settle", small_rings(search.settle))
    router = Tripled(1.0)

    found = instance_of(
        country(1, 2).with_(rules=[], links=[]), prune=False, routers={"truck": router, "train": router}
    )

    assert found.candidates.scenario.distances.count >= 60 * 2
    assert router.asked < 0.5 * 60 * 71


def test_a_mode_that_cannot_carry_or_reach_keeps_no_origin_open(monkeypatch):
    """Three makers with 200 takers near by: one ring is enough, though no pipe carries ash and no train goes so far."""
    rng = np.random.default_rng(5)
    spots = rng.normal(0, 0.3, (203, 2))
    scenario = region(
        facilities=[{"facility": f"F{i:03d}", "lat": y, "lon": x} for i, (y, x) in enumerate(spots)],
        materials=[{"material": "ash", "state": "solid", "disposal_class": "none"}],
        modes=[
            {"mode": "truck", "eur_per_tkm": 0.1, "detour": 1.3},
            {"mode": "pipe", "network": "pipe", "eur_per_tkm": 0.01},
            {"mode": "tram", "network": "rail", "eur_per_tkm": 0.05, "max_km": 1},
        ],
        streams=[{"stream": f"s{i}", "facility": f"F{i:03d}", "material": "ash", "supply_per_yr": 9} for i in range(3)],
        demands=[
            {"demand": f"d{i}", "facility": f"F{i:03d}", "material": "ash", "need_per_yr": 5, "virgin_eur_per_unit": 30}
            for i in range(3, 203)
        ],
    ).with_(reach={"nearest": 2})
    whole = instance_of(scenario)
    looks = []

    def counted(*arguments):
        looks.append(arguments[-1])
        return matched(*arguments)

    matched = search._match
    monkeypatch.setattr(search, "_match", counted)
    monkeypatch.setattr(search, "ALL_AT_ONCE", 0)
    ringed = instance_of(scenario)

    assert looks == [2 + SPARE]
    np.testing.assert_array_equal(ringed.links.receiver, whole.links.receiver)
    np.testing.assert_array_equal(ringed.links.mode, whole.links.mode)
