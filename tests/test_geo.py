"""Distances on the sphere, and who is near whom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from small import demand, region, stream

from isopt.errors import ScenarioError
from isopt.geo import (
    EARTH_RADIUS_KM,
    Points,
    Routes,
    StraightRouter,
    chord_km,
    geodesic_km,
    haversine_km,
    pairs_within,
)
from isopt.network import instance_of

R = EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("start", "end", "share_of_circle"),
    [
        ((0, 0), (0, 1), 1 / 360),  # a degree along the equator
        ((0, 0), (1, 0), 1 / 360),  # a degree along a meridian
        ((60, 0), (60, 0), 0),
        ((90, 0), (90, 123), 0),  # a pole is one point, whatever its longitude
        ((0, 179), (0, -179), 2 / 360),  # across the antimeridian
        ((89, 0), (89, 180), 2 / 360),  # over the pole
        ((0, 0), (0, 180), 1 / 2),  # antipodes
        ((90, 0), (-90, 0), 1 / 2),
    ],
)
def test_distance_is_a_share_of_a_great_circle(start, end, share_of_circle):
    """Along equator and meridians the way is the share of 2 pi R that the angle is."""
    assert haversine_km(*start, *end) == pytest.approx(share_of_circle * 2 * math.pi * R, abs=1e-6)


def test_distance_agrees_with_the_angle_between_unit_vectors():
    """For random points the half-angle formula gives the arc between their vectors, both ways alike."""
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-90, 90, (2, 200)), rng.uniform(-180, 180, (2, 200))
    phi, lam = np.radians(lat), np.radians(lon)
    x = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    arc = R * np.arctan2(np.linalg.norm(np.cross(x[:, 0], x[:, 1], axis=0), axis=0), (x[:, 0] * x[:, 1]).sum(axis=0))

    assert haversine_km(lat[0], lon[0], lat[1], lon[1]) == pytest.approx(arc, rel=1e-9)
    assert haversine_km(lat[1], lon[1], lat[0], lon[0]) == pytest.approx(arc, rel=1e-9)


@pytest.mark.parametrize(
    ("measure", "ends", "metres"),
    [
        (lambda *ends: haversine_km(*ends, radius_km=6371.009), (0, 0, 1, 1), 157249.6034),
        (geodesic_km, (0, 0, 1, 1), 156899.568),
        (geodesic_km, (0, 0, 0.5, 179.5), 19936288.579),  # nearly antipodal, where simpler formulas do not converge
        (chord_km, (41.866, -87.656, 39.764, -86.148), 265818.489),  # RELOG's Chicago to Indianapolis
        (haversine_km, (55.7, 11.1, 55.7, 11.1), 0.0),
        (geodesic_km, (55.7, 11.1, 55.7, 11.1), 0.0),
        (chord_km, (55.7, 11.1, 55.7, 11.1), 0.0),
    ],
)
def test_straight_lines_have_the_lengths_that_are_known(measure, ends, metres):
    """Great circle, geodesic and chord to the millimetre; two facilities at one place are no way apart."""
    assert float(measure(*ends)) * 1000 == pytest.approx(metres, abs=5e-4)


def test_geodesics_agree_with_the_circle_to_half_a_per_cent_and_skip_what_is_nowhere():
    """The ellipsoid differs from the sphere by at most 0.56 %; NaN stays NaN, shapes broadcast."""
    rng = np.random.default_rng(4)
    lat, lon = rng.uniform(-90, 90, (2, 500)), rng.uniform(-180, 180, (2, 500))

    ratio = geodesic_km(lat[0], lon[0], lat[1], lon[1]) / haversine_km(lat[0], lon[0], lat[1], lon[1])
    assert np.abs(ratio - 1).max() < 0.0057
    assert np.isnan(geodesic_km(np.array([np.nan, 0.0]), 0.0, np.zeros((3, 1)), 1.0)).tolist() == [[True, False]] * 3


def test_the_straight_router_measures_pairs_and_draws_both_ends():
    """Circle or geodesic times the detour; its version says which, so that pins follow it."""
    start, end = Points.of([0.0, np.nan], [0.0, 1.0]), Points.of([1.0, 0.0], [1.0, 0.0])
    circle, geodesic = StraightRouter(detour=1.3), StraightRouter(detour=1.3, geodesic=True)

    assert circle.routes(start, end).distance_km[0] == pytest.approx(1.3 * haversine_km(0, 0, 1, 1))
    assert geodesic.routes(start, end).distance_km[0] == pytest.approx(1.3 * 156.899568)
    assert np.isnan(circle.routes(start, end).distance_km[1])
    assert (circle.name, geodesic.name, circle.version) == ("straight", "geodesic", "x1.3")
    assert [path.tolist() for path in circle.paths(start, end)] == [[[0, 0], [1, 1]], []]


def test_a_place_without_coordinates_is_at_no_distance():
    """NaN stays NaN, and shapes broadcast."""
    km = haversine_km(np.array([0.0, np.nan]), 0.0, 0.0, np.array([[0.0], [1.0]]))

    assert km.shape == (2, 2)
    assert km[1, 0] == pytest.approx(2 * math.pi * R / 360)
    assert np.isnan(km[:, 1]).all()


def places(count, seed):
    """Points all over the globe, many of them at poles and on both sides of the antimeridian."""
    rng = np.random.default_rng(seed)
    lat = np.concatenate([rng.uniform(-90, 90, count), rng.uniform(88, 90, count), rng.uniform(-2, 2, count)])
    lon = np.concatenate([rng.uniform(-180, 180, 2 * count), (rng.uniform(178, 182, count) + 180) % 360 - 180])
    return np.append(lat, [90.0, -90.0, np.nan]), np.append(lon, [77.0, 0.0, 0.0])


@pytest.mark.parametrize("radius", [0.0, 50.0, 400.0, 5000.0, math.pi * R - 1, math.pi * R, math.inf])
def test_pairs_within_are_those_of_brute_force(radius):
    """The tree on unit vectors finds every pair within the radius, and none that is farther by more than a hair."""
    (lat_a, lon_a), (lat_b, lon_b) = places(40, 1), places(30, 2)
    km = haversine_km(lat_a[:, None], lon_a[:, None], lat_b[None, :], lon_b[None, :])

    a, b = pairs_within(lat_a, lon_a, lat_b, lon_b, radius)

    found = set(zip(a.tolist(), b.tolist(), strict=True))
    assert len(found) == len(a)
    assert list(zip(a, b, strict=True)) == sorted(found)
    assert set(zip(*(i.tolist() for i in np.nonzero(km <= radius)), strict=True)) <= found
    assert (km[a, b] <= radius * (1 + 1e-6) + 1e-4).all()


def test_nobody_is_near_where_nobody_has_coordinates():
    """No located point on one side: no pair, at any radius."""
    nowhere, here = np.array([np.nan]), np.array([0.0])

    for radius in (10.0, math.inf):
        assert [len(part) for part in pairs_within(nowhere, nowhere, here, here, radius)] == [0, 0]


class Ferry:
    """A router that knows ways over water: twice the circle, in four hours, and none to the north of 50 degrees."""

    name, version = "ferries", "of today"

    def routes(self, start, end):
        km = 2 * haversine_km(start.lat, start.lon, end.lat, end.lon)
        return Routes(np.where(end.lat > 50, np.inf, km), np.full(len(km), 4.0))


def coast(**cells):
    """Fish at A, wanted at B a degree east and at C in the north."""
    return region(
        facilities=[
            {"facility": f, "lat": lat, "lon": lon} for f, lat, lon in (("A", 0, 0), ("B", 0, 1), ("C", 60, 0))
        ],
        materials=[{"material": "ash", "state": "solid", "disposal_class": "none"} | cells],
        modes=[{"mode": "ferry", "network": "sea", "detour": 1.5, "eur_per_tkm": 0.1}],
        streams=[stream("fish", "A", 10)],
        demands=[demand("meal", "B", 10), demand("oil", "C", 10)],
    )


def test_a_router_says_the_distance_instead_of_circle_times_detour():
    """A degree by ferry is 2 x 111.2 km, the mode's detour left out; where no way leads nothing goes."""
    links = instance_of(coast(), prune=False, routers={"sea": Ferry()}).links

    assert links.distance_km == pytest.approx(np.array([[2 * 2 * math.pi * R / 360]]))
    assert links.eur_per_unit == pytest.approx(0.1 * links.distance_km)
    straight = instance_of(coast(), prune=False).links.distance_km
    assert straight[0] == pytest.approx([1.5 * 2 * math.pi * R / 360])


@pytest.mark.parametrize(("hours", "ways"), [(3.9, 0), (4.0, 1)])
def test_the_routers_hours_bound_what_spoils(hours, ways):
    """What keeps 3.9 hours doesn't go by a ferry of 4."""
    instance = instance_of(coast(max_haul_h=hours), prune=False, routers={"sea": Ferry()})

    assert instance.links.count == ways
    assert instance.tally.get("hours", 0) == 1 - ways


def test_a_pair_without_coordinates_or_a_distance_is_named():
    """B is nowhere; with kilometres in the links table it need not be anywhere."""
    lost = {
        "facilities": [{"facility": "A", "lat": 0, "lon": 0}, {"facility": "B"}],
        "streams": [stream("ash", "A", 10)],
        "demands": [demand("works", "B", 10)],
    }
    with pytest.raises(ScenarioError, match='"B" has no coordinates and the exchange A > B needs a distance'):
        instance_of(region(**lost))

    known = region(**lost, links=[{"from_facility": "A", "to_facility": "B", "distance_km": 7}])
    assert instance_of(known, prune=False).links.distance_km.tolist() == [[7]]
