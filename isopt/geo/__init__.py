"""Where things are and how far apart: distances, the `Router` protocol and nearness search."""

from isopt.geo.distance import EARTH_RADIUS_KM, chord_km, geodesic_km, haversine_km
from isopt.geo.nearness import pairs_within, unit_vectors
from isopt.geo.network import Network
from isopt.geo.router import PathRouter, Points, RouteFlag, Router, Routes, flag_words
from isopt.geo.straight import StraightRouter

__all__ = [
    "EARTH_RADIUS_KM",
    "Network",
    "PathRouter",
    "Points",
    "RouteFlag",
    "Router",
    "Routes",
    "StraightRouter",
    "chord_km",
    "flag_words",
    "geodesic_km",
    "haversine_km",
    "pairs_within",
    "unit_vectors",
]
