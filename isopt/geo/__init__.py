"""Where things are and how far apart: distances, the `Router` protocol and nearness search."""

from isopt.geo.distance import EARTH_RADIUS_KM, haversine_km
from isopt.geo.nearness import pairs_within
from isopt.geo.router import Router, Routes, StraightRouter

__all__ = ["EARTH_RADIUS_KM", "Router", "Routes", "StraightRouter", "haversine_km", "pairs_within"]
