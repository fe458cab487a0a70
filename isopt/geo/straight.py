"""Straight lines: great circle, and geodesic on the WGS84 ellipsoid, times a detour factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.geo.distance import geodesic_km, haversine_km
from isopt.geo.router import Points, Routes

__all__ = ["StraightRouter"]


@dataclass(frozen=True)
class StraightRouter:
    """
    Straight line times a detour factor.

    Attributes
    ----------
    detour
        Kilometres under way per kilometre as the crow flies.
    geodesic
        True measures on the WGS84 ellipsoid, False on the sphere (which differs by up to half a per cent).

    Examples
    --------
    >>> zero, one = Points.of([0.0], [0.0]), Points.of([0.0], [1.0])
    >>> StraightRouter(detour=1.3).routes(zero, one).distance_km.round(2)
    array([144.55])
    """

    detour: float = 1.0
    geodesic: bool = False

    @property
    def name(self) -> str:
        """What it is called in files."""
        return "geodesic" if self.geodesic else "straight"

    @property
    def version(self) -> str:
        """The detour factor: all that changes its answers."""
        return f"x{self.detour:.10g}"

    def routes(self, start: Points, end: Points) -> Routes:
        """Measure each pair along the straight line."""
        measure = geodesic_km if self.geodesic else haversine_km
        km = measure(start.lat, start.lon, end.lat, end.lon) * self.detour
        return Routes(km, flags=np.zeros(len(km), dtype=np.uint8))

    def paths(self, start: Points, end: Points, tolerance_km: float = 0.1) -> list[NDArray[np.float64]]:  # noqa: ARG002
        """Return both ends of each pair; a straight line needs no more, whatever the tolerance."""
        ends = np.stack([np.column_stack([p.lat, p.lon]) for p in (start, end)], axis=1)
        return [pair if not np.isnan(pair).any() else np.zeros((0, 2)) for pair in ends]
