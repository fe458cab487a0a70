"""*Meaning*, "Distance", with modes, reach and the fine print on carriage."""

from __future__ import annotations

import numpy as np
import pytest

import isopt
from isopt.geo.router import Points, Routes
from meaning.small import (
    BEST,
    BURNING,
    DEMAND,
    KILN,
    KM_PER_DEGREE,
    LANDFILL,
    LINK,
    PLACES,
    STREAM,
    TRUCK,
    WASTE,
    answer,
    approx,
    candidates,
    impossible,
    place,
    refused,
    sent,
    small,
    solved,
)

MILE = DEMAND | {"demand": "e", "facility": "C", "need_per_yr": 40}
"""A second demand, at C, 20 km away."""
HEAT = {"material": "w", "unit": "MWh", "state": "heat"}


def test_distance_is_haversine_on_the_contracts_sphere_times_detour():
    """From (50 N, 0 E) to (51 N, 1 E) by the haversine formula on R = 6371.0088 km, times a detour of 1.3."""
    places = [{"facility": "A", "lat": 50.0, "lon": 0.0}, {"facility": "B", "lat": 51.0, "lon": 1.0}]
    phi = np.radians([50.0, 51.0])
    half = np.sin(np.radians(0.5)) ** 2 * (1 + np.cos(phi[0]) * np.cos(phi[1]))
    km = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    solution = solved(facilities=places, modes={"truck": {"detour": 1.3, "eur_per_tkm": 0.4}})

    assert solution.exchanges["distance_km"].tolist() == approx([1.3 * km])
    assert solution.kpi("cost_haulage") == approx(60 * 0.4 * 1.3 * km)


def test_links_give_a_final_distance():
    """distance_km of links is final: the mode's detour is not added."""
    solution = solved(modes={"truck": {"detour": 1.5}}, links=[LINK | {"distance_km": 12}])

    assert solution.kpi("tonne_km") == approx(60 * 12)


class Rails:
    """A router on which every way is 17 km."""

    name, version = "rails", "1"

    def routes(self, start: Points, end: Points) -> Routes:
        return Routes(np.full(start.count, 17.0), None)


def test_a_router_of_the_network_gives_the_way_instead():
    """Distance is that of a router where there is one for the mode's network (without detour), else haversine x detour."""
    scenario = small(modes=[TRUCK | {"network": "rail", "detour": 1.4}])

    assert answer(scenario).kpi("tonne_km") == approx(60 * 14)
    told = isopt.solve(scenario, gap=0.0, routers={"rail": Rails()})
    assert isopt.audit(told).passed
    assert told.kpi("tonne_km") == approx(60 * 17)


def test_one_place_is_0_km_and_needs_no_coordinates():
    """Within a facility nothing is hauled, wherever it lies."""
    solution = solved(
        facilities=[{"facility": "A"}], demands={"d": {"facility": "A"}}, modes={"truck": {"eur_per_t": 2}}
    )

    assert solution.kpi("tonne_km") == 0
    assert solution.kpi("cost_haulage") == approx(60 * 2)


def test_a_pair_that_needs_a_distance_and_has_none_is_an_error():
    """Neither coordinates nor a distance: an error that names the facility; a links row cures it."""
    places = [place("A", 0), {"facility": "B"}]

    assert '"B" has no coordinates' in refused(facilities=places)
    assert solved(facilities=places, links=[LINK | {"distance_km": 10}]).kpi("cost_total") == approx(BEST)


def test_a_pair_without_coordinates_that_is_no_candidate_needs_no_distance():
    """Forbidden pairs, or pairs whose materials do not meet, need no distance."""
    places = [*PLACES, {"facility": "E"}]
    solution = solved(
        facilities=places,
        materials=[WASTE, WASTE | {"material": "other"}],
        demands=[DEMAND, DEMAND | {"demand": "o", "facility": "E", "material": "other", "need_per_yr": 1}],
    )

    assert solution.kpi("cost_total") == approx(BEST + 30)


def test_mass_based_rates_use_tonnes_per_unit_and_unit_rates_do_not():
    """60 m3 of 1.2 t over 10 km: (0.5 x 10 + 2) EUR/t and 0.3 EUR/(m3 km); CO2 likewise by mass."""
    solution = solved(
        materials=[WASTE | {"unit": "m3", "t_per_unit": 1.2}],
        modes={"truck": {"eur_per_t": 2, "eur_per_unit_km": 0.3, "kgco2_per_tkm": 0.1, "kgco2_per_t": 4}},
    )

    assert solution.kpi("cost_haulage") == approx(60 * 1.2 * (0.5 * 10 + 2) + 60 * 0.3 * 10)
    assert solution.kpi("co2_transport") == approx(60 * 1.2 * (0.1 * 10 + 4) / 1000)
    assert solution.kpi("tonne_km") == approx(60 * 1.2 * 10)


def test_a_cubic_metre_that_moves_needs_its_tonnes():
    """t_per_unit is needed for m3 that moves; one that is only bought needs none."""
    told = refused(materials=[{"material": "w", "unit": "m3", "state": "liquid"}])
    bought = solved(materials=[WASTE, {"material": "water", "unit": "m3"}], demands={"d": {"material": "water"}})

    assert "give its tonnes per m3" in told
    assert bought.kpi("cost_virgin") == approx(60 * 30)


def test_heat_weighs_nothing():
    """MWh: 0 t per unit; a pipe is paid by eur_per_unit_km."""
    solution = solved(materials=[HEAT], modes=[TRUCK | {"network": "pipe", "eur_per_unit_km": 0.2}])

    assert solution.kpi("cost_haulage") == approx(60 * 0.2 * 10)
    assert solution.kpi("tonne_km") == 0
    assert solution.kpi("exchanged") == 0


def test_what_arrives_is_what_is_sent_less_the_loss():
    """1 % per km over 10 km: 60 t arrive of 66.7 t sent; the rate is on what is sent, the virgin saved on what arrives."""
    solution = solved(modes={"truck": {"loss_share_per_km": 0.01}})

    assert sent(solution, "s", "d") == approx(60 / 0.9)
    assert solution.kpi("cost_haulage") == approx(60 / 0.9 * 5)
    assert solution.kpi("tonne_km") == approx(60 / 0.9 * 10)
    assert solution.kpi("exchanged") == approx(60)
    assert solution.kpi("virgin_saved") == approx(60)


def test_at_a_disposal_fees_and_counts_are_on_what_arrives():
    """80 % arrive at a tip 20 km away: fee, tax, CO2 and capacity see 80 t, haulage 100 t."""
    solution = solved(
        streams={"s": {"own_disposal_eur_per_unit": None}},
        demands=[],
        disposals=[LANDFILL | {"gate_fee_eur_per_unit": 7, "kgco2_per_unit": 50, "capacity_per_yr": 80}],
        modes={"truck": {"loss_share_per_km": 0.01}},
        policy={"landfill_tax_eur_per_t": {"non_hazardous": 95}},
    )

    assert solution.kpi("cost_haulage") == approx(100 * 10)
    assert solution.kpi("cost_gate_fees") == approx(80 * 7)
    assert solution.kpi("landfill_tax") == approx(80 * 95)
    assert solution.kpi("landfilled") == approx(80)
    assert solution.kpi("co2_disposal") == approx(80 * 50 / 1000)


def test_a_link_on_which_nothing_would_arrive_is_no_candidate():
    """10 % per km: at 10 km nothing is left; the stream can't be rid of that way."""
    told = impossible(
        streams={"s": {"own_disposal_eur_per_unit": None}},
        demands={"d": {"need_per_yr": 500}},
        modes={"truck": {"loss_share_per_km": 0.1}},
        disposals=[LANDFILL],
    )

    assert "has no way out" in told


def test_tonne_km_counts_all_carriage_ways_to_disposal_too():
    """60 t over 10 km to B and 40 t over 20 km to the tip."""
    solution = solved(disposals=[LANDFILL])

    assert solution.kpi("tonne_km") == approx(60 * 10 + 40 * 20)


# modes and reach


def test_a_mode_carries_its_states():
    """Heat does not go by road, sludge does; a material without a state goes anywhere; states may be said."""
    road = [TRUCK | {"network": "road"}]

    assert not candidates(materials=[HEAT], modes=road)
    assert candidates(materials=[WASTE | {"state": "sludge"}], modes=road)
    assert candidates(materials=[{"material": "w"}], modes=road)
    assert candidates(modes=[TRUCK | {"network": "pipe", "states": "solid;gas"}])


def test_states_of_a_mode_follow_from_its_network_unless_filled():
    """Default road, rail, water, sea: solid, sludge, liquid; pipe: liquid, gas, heat; straight: all."""
    states = ("solid", "sludge", "liquid", "gas", "heat", "power")
    networks = ("road", "rail", "water", "sea", "pipe", "straight")
    carried = candidates(
        materials=[{"material": state, "state": state} for state in states],
        streams=[STREAM | {"stream": state, "material": state} for state in states],
        demands=[DEMAND | {"demand": f"d{state}", "material": state} for state in states],
        modes=[TRUCK | {"mode": network, "network": network} for network in networks],
    )

    due = {network: {"solid", "sludge", "liquid"} for network in ("road", "rail", "water", "sea")}
    due |= {"pipe": {"liquid", "gas", "heat"}, "straight": set(states)}
    assert {network: {state for state, _, mode in carried if mode == network} for network in networks} == due


def test_without_modes_there_is_one_free_mode():
    """modes absent: one free mode of network straight."""
    solution = solved(modes=[])

    assert sent(solution, "s", "d", mode="free") == approx(60)
    assert solution.kpi("cost_haulage") == 0


def test_reach_bounds_every_mode_unless_the_mode_has_its_own():
    """max_km = 15 leaves B; modes.max_km replaces it for that mode, be it longer or shorter."""
    near, far = ("s", "d", "truck"), ("s", "e", "truck")
    parts = {"demands": [DEMAND, MILE]}

    assert candidates(**parts, reach={"max_km": 15}) == {near}
    assert candidates(**parts, reach={"max_km": 15}, modes={"truck": {"max_km": 25}}) == {near, far}
    assert candidates(**parts, reach={"max_km": 50}, modes={"truck": {"max_km": 15}}) == {near}


def test_reach_includes_the_kilometre_itself():
    """A pair exactly at max_km is in reach, detour included."""
    assert candidates(modes={"truck": {"detour": 1.25}}, reach={"max_km": 12.5})
    assert not candidates(modes={"truck": {"detour": 1.25}}, reach={"max_km": 12.4})


@pytest.mark.parametrize(
    "reach", [{"reach": {"max_km": 15}}, {"modes": {"truck": {"max_km": 15}}}], ids=["all", "mode"]
)
def test_max_km_binds_ways_to_disposal_too(reach):
    """The free tip at 20 km is out of reach: 40 t go to own disposal."""
    solution = solved(disposals=[LANDFILL], **reach)

    assert sent(solution, "s", "tip") == 0
    assert sent(solution, "s", "own") == approx(40)


def test_max_haul_h_binds_exchanges_and_ways_to_disposal():
    """0.3 h at 40 km/h reach 12 km: B, and neither C nor its tip."""
    solution = solved(
        materials=[WASTE | {"max_haul_h": 0.3}],
        demands=[DEMAND, MILE],
        disposals=[LANDFILL],
        modes={"truck": {"speed_kmh": 40}},
    )

    assert sent(solution, "s", "d") == approx(60)
    assert (sent(solution, "s", "e"), sent(solution, "s", "tip")) == (0, 0)


def test_listed_pairs_beat_hours_too():
    """Links rows beat reach (reading: hours are reach)."""
    late = {"materials": [WASTE | {"max_haul_h": 0.1}], "modes": {"truck": {"speed_kmh": 40}}}

    assert not candidates(**late)
    assert candidates(**late, links=[LINK | {"mode": "truck"}])


def test_nearest_counts_other_facilities_with_a_candidate_link_and_ties_go_by_id():
    """nearest = 1: of B and Bb, both at 10 km, B; A itself is no other facility, and its own demand stays."""
    places = [place("A", 0), place("B", 10), place("Bb", -10), place("C", 20)]
    solution = solved(
        facilities=places,
        demands=[DEMAND | {"demand": f"d{at}", "facility": at, "need_per_yr": 20} for at in ("Bb", "B", "C", "A")],
        reach={"nearest": 1},
    )

    assert sent(solution, "s", "dA") == approx(20)
    assert sent(solution, "s", "dB") == approx(20)
    assert (sent(solution, "s", "dBb"), sent(solution, "s", "dC")) == (0, 0)


def test_nearest_is_per_mode_and_skips_what_is_no_candidate():
    """B is forbidden to the truck by a rule: its nearest is C; the belt's is B."""
    left = candidates(
        demands=[DEMAND, MILE, MILE | {"demand": "f", "facility": "D"}],
        modes=[TRUCK, TRUCK | {"mode": "belt"}],
        rules=[{"mode": "truck", "to_sector": "23", "allowed": False}],
        facilities=[place("A", 0), place("B", 10, sector="23.5"), place("C", 20), place("D", 30)],
        reach={"nearest": 1},
    )

    assert left == {("s", "d", "belt"), ("s", "e", "truck")}


def test_nearest_is_per_stream_and_plant_output():
    """A's stream finds B, its kiln's ash finds C: each origin has its own nearest facility."""
    left = candidates(
        technologies=BURNING["technologies"],
        recipes=[{"technology": "burning", "input": "w", "output": "ash", "yield": 1}],
        materials=[WASTE, WASTE | {"material": "ash"}],
        plants=[KILN],
        demands=[
            DEMAND,
            MILE | {"demand": "f", "facility": "D"},
            MILE | {"material": "ash"},
            MILE | {"demand": "g", "facility": "D", "material": "ash"},
        ],
        reach={"nearest": 1},
    )

    assert left == {("s", "kiln", "truck"), ("s", "d", "truck"), ("kiln:ash", "e", "truck")}


def test_listed_pairs_count_among_the_nearest_and_stay():
    """nearest = 1 and A > B, A > D listed: B is the nearest, D stays because it is listed, C does not."""
    left = candidates(
        demands=[DEMAND | {"demand": at, "facility": at} for at in "BCD"],
        links=[LINK | {"eur_per_trip": 0}, {"from_facility": "A", "to_facility": "D", "eur_per_trip": 0}],
        reach={"nearest": 1},
    )

    assert left == {("s", "B", "truck"), ("s", "D", "truck")}


def test_nearest_does_not_bind_ways_to_disposal_nor_count_them():
    """nearest = 1 leaves B, though a tip at 5 km is nearer, and both tips."""
    solution = solved(
        facilities=[*PLACES, place("E", 5)],
        disposals=[
            LANDFILL | {"disposal": "near", "facility": "E", "capacity_per_yr": 10},
            LANDFILL | {"disposal": "far", "facility": "D"},
        ],
        reach={"nearest": 1},
    )

    assert sent(solution, "s", "d") == approx(60)
    assert sent(solution, "s", "near") == approx(10)
    assert sent(solution, "s", "far") == approx(30)


def test_only_listed_pairs_are_the_whole_network_disposals_included():
    """only_listed: A > C is listed, so its demand and its tip are there; B and the tip at D are not; own disposal is."""
    solution = solved(
        demands=[DEMAND, MILE],
        disposals=[LANDFILL | {"capacity_per_yr": 10}, LANDFILL | {"disposal": "far", "facility": "D"}],
        links=[{"from_facility": "A", "to_facility": "C", "eur_per_unit": 1}],
        reach={"only_listed": True},
    )

    assert sent(solution, "s", "d") == 0
    assert sent(solution, "s", "e") == approx(40)
    assert sent(solution, "s", "tip") == approx(10)
    assert sent(solution, "s", "far") == 0
    assert sent(solution, "s", "own") == approx(50)


def test_a_facility_does_not_exchange_with_itself_where_it_may_not():
    """within_facility = false: its own demand is not served, its own disposal site is; a listed pair is (reading)."""
    own = {"demands": {"d": {"facility": "A"}}, "reach": {"within_facility": False}}
    solution = solved(**own, disposals=[LANDFILL | {"facility": "A", "gate_fee_eur_per_unit": 1}])

    assert (sent(solution, "s", "d"), sent(solution, "s", "tip")) == approx((0, 100))
    assert candidates(**own, links=[{"from_facility": "A", "to_facility": "A", "eur_per_trip": 0}])


def test_within_facility_keeps_a_plant_from_its_own_site():
    """A kiln at A may not be fed by A where within_facility is false."""
    parts = {**BURNING, "plants": [KILN], "demands": []}

    assert candidates(**parts) == {("s", "kiln", "truck")}
    assert candidates(**parts, reach={"within_facility": False}) == set()


def test_coordinates_may_come_in_another_system():
    """crs: UTM northing and easting in metres, 10 km apart on the central meridian's scale of 0.9996."""
    places = [
        {"facility": "A", "lat": 5_000_000, "lon": 500_000, "crs": "EPSG:32632"},
        {"facility": "B", "lat": 5_009_996, "lon": 500_000, "crs": "EPSG:32632"},
    ]
    solution = solved(facilities=places)

    # 10 km on the ellipsoid; the sphere of the contract differs by up to 0.6 %
    assert solution.exchanges["distance_km"].iloc[0] == pytest.approx(10, rel=0.006)
    assert pytest.approx(111.195, abs=1e-3) == KM_PER_DEGREE
