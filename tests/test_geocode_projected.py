"""Coordinates in projected systems come out where geodesy says, to a few metres."""

from __future__ import annotations

import math

import pytest
from small import region, stream

from isopt.geo.distance import geodesic_km

GRS80 = (6378137.0, 298.257222101)
BESSEL = (6377397.155, 299.1528128)
CLARKE_IGN = (6378249.2, 293.466021)


def placed(system, northing, easting):
    """Latitude and longitude in WGS84 that a scenario gives a facility in a projected system."""
    place = {"facility": "A", "lat": northing, "lon": easting, "crs": system}
    scenario = region(facilities=[place], streams=[stream("ash", "A", 1)])
    return tuple(float(scenario.facilities[name].iloc[0]) for name in ("lat", "lon"))


def metres(one, other):
    """Metres between two points."""
    return float(geodesic_km(*one, *other)) * 1000


def dms(degrees, minutes, seconds):
    """Degrees of a sexagesimal angle."""
    return degrees + minutes / 60 + seconds / 3600


@pytest.mark.parametrize(
    ("system", "northing", "easting", "lat", "lon", "within_m"),
    [
        # Ordnance Survey, "Transformations and OSGM15 user guide": Caister water tower, ETRS89 and OSTN15
        ("EPSG:27700", 313177.450, 651409.804, dms(52, 39, 28.723), dms(1, 42, 57.787), 5),
        # EPSG Guidance Note 7-2, Lambert azimuthal equal area: the worked example for ETRS89-LAEA Europe
        ("EPSG:3035", 2999718.85, 3962799.45, 50.0, 5.0, 0.1),
        # the false origins by which IGN and the EEA define their systems
        ("EPSG:2154", 6600000.0, 700000.0, 46.5, 3.0, 0.1),
        ("EPSG:3035", 3210000.0, 4321000.0, 52.0, 10.0, 0.1),
    ],
)
def test_published_points_come_out_where_they_are(system, northing, easting, lat, lon, within_m):
    """Points whose coordinates in both systems are published."""
    assert metres(placed(system, northing, easting), (lat, lon)) < within_m


def gauss(lat, lon, ellipsoid, scale, central, false_easting):
    """
    Northing and easting of a transverse Mercator projection.

    Krueger's series to the fourth order, as in C. F. F. Karney, "Transverse Mercator with an accuracy of a few
    nanometers", Journal of Geodesy 85 (2011), equations 7 to 12 and 35.
    """
    a, f = ellipsoid[0], 1 / ellipsoid[1]
    n, e = f / (2 - f), math.sqrt(f * (2 - f))
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    tau = math.tan(math.radians(lat))
    sigma = math.sinh(e * math.atanh(e * tau / math.hypot(1, tau)))
    t = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
    along = math.radians(lon - central)
    xi, eta = math.atan2(t, math.cos(along)), math.asinh(math.sin(along) / math.hypot(t, math.cos(along)))
    north = xi + sum(k * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, k in enumerate(alpha, 1))
    east = eta + sum(k * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, k in enumerate(alpha, 1))
    radius = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    return scale * radius * north, false_easting + scale * radius * east


def geocentric(lat, lon, ellipsoid):
    """X, Y, Z of a point on an ellipsoid."""
    a, f = ellipsoid[0], 1 / ellipsoid[1]
    phi, lam, e2 = math.radians(lat), math.radians(lon), f * (2 - f)
    nu = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    return nu * math.cos(phi) * math.cos(lam), nu * math.cos(phi) * math.sin(lam), nu * (1 - e2) * math.sin(phi)


def geodetic(x, y, z, ellipsoid):
    """Latitude and longitude of X, Y, Z (Bowring's formula, good to a micrometre near the ground)."""
    a, f = ellipsoid[0], 1 / ellipsoid[1]
    e2, p = f * (2 - f), math.hypot(x, y)
    theta = math.atan2(z, p * (1 - f))
    above = z + e2 / (1 - e2) * a * (1 - f) * math.sin(theta) ** 3
    return math.degrees(math.atan2(above, p - e2 * a * math.cos(theta) ** 3)), math.degrees(math.atan2(y, x))


@pytest.mark.parametrize(("lat", "lon"), [(55.66, 11.08), (48.2, 8.1), (51.0, 13.9)])
def test_utm_agrees_with_kruegers_series(lat, lon):
    """EPSG:25832: ETRS89, central meridian 9 degrees, scale 0.9996."""
    northing, easting = gauss(lat, lon, GRS80, 0.9996, 9.0, 500000.0)

    assert metres(placed("EPSG:25832", northing, easting), (lat, lon)) < 0.1


@pytest.mark.parametrize(("lat", "lon"), [(51.3, 9.5), (49.8, 9.2), (48.4, 10.0)])
def test_gauss_krueger_agrees_with_series_and_published_shift(lat, lon):
    """EPSG:31467: Bessel's ellipsoid, 9 degrees; the seven parameters of EPSG:1777 (BKG, 3 m) bring DHDN to WGS84."""
    x, y, z = geocentric(lat, lon, BESSEL)
    second = math.pi / 648000
    rx, ry, rz, grow = 0.202 * second, 0.045 * second, -2.455 * second, 1 + 6.7e-6
    there = geodetic(
        598.1 + grow * (x - rz * y + ry * z),
        73.7 + grow * (rz * x + y - rx * z),
        418.2 + grow * (-ry * x + rx * y + z),
        GRS80,
    )
    northing, easting = gauss(lat, lon, BESSEL, 1.0, 9.0, 3_500_000.0)

    assert metres(placed("EPSG:31467", northing, easting), there) < 5


def test_extended_lambert_ii_begins_where_ign_says():
    """EPSG:27572: its false origin is 52 gon north on the meridian of Paris; IGN's shift to WGS84 is -168, -60, +320 m."""
    x, y, z = geocentric(52 * 0.9, dms(2, 20, 14.025), CLARKE_IGN)
    there = geodetic(x - 168, y - 60, z + 320, GRS80)

    assert metres(placed("EPSG:27572", 2_200_000.0, 600_000.0), there) < 5


def test_the_shift_between_datums_is_not_left_out():
    """Were the datum ignored, the same numbers would be off by about a hundred metres and more: the tests above see it."""
    assert metres((dms(52, 39, 27.253), dms(1, 43, 4.518)), (dms(52, 39, 28.723), dms(1, 42, 57.787))) > 100
