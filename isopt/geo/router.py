"""How far it is from one place to another over a network: one protocol, many routers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from isopt.geo.distance import haversine_km

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Routes:
    """
    What a router answers, pair by pair.

    Attributes
    ----------
    distance_km
        Kilometres, shape (pairs,); NaN where a coordinate is missing, infinity where there is no way.
    hours
        Driving time, shape (pairs,), or None where the router knows none (the mode's speed is used then).
    """

    distance_km: Array
    hours: Array | None = None


class Router(Protocol):
    """Anything that measures the way between pairs of points."""

    def routes(self, lat_from: Array, lon_from: Array, lat_to: Array, lon_to: Array) -> Routes:
        """Measure each pair; WGS84 degrees, shape (pairs,)."""
        ...


@dataclass(frozen=True)
class StraightRouter:
    """
    Great circle; the mode's detour factor is applied by whoever asks.

    Examples
    --------
    >>> import numpy as np
    >>> zero, one = np.zeros(1), np.ones(1)
    >>> StraightRouter().routes(zero, zero, zero, one).distance_km.round(2)
    array([111.2])
    """

    def routes(self, lat_from: Array, lon_from: Array, lat_to: Array, lon_to: Array) -> Routes:
        """Measure each pair along the great circle."""
        return Routes(haversine_km(lat_from, lon_from, lat_to, lon_to))
