"""How far it is from one place to another over a network: one protocol, many routers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isopt.scenario.distances import RouteFlag, flag_words

__all__ = ["PathRouter", "Points", "RouteFlag", "Router", "Routes", "flag_words"]

Array = NDArray[np.float64]
Flags = NDArray[np.uint8]


@dataclass(frozen=True)
class Points:
    """
    Places, in WGS84 degrees.

    Attributes
    ----------
    lat, lon
        Shape (points,); NaN where a place has no coordinates.
    ids
        Name of each, shape (points,), for routers that know places by name; None where there are none.

    Examples
    --------
    >>> Points.of([0.0, 1.0], [0.0, 1.0]).count
    2
    """

    lat: Array
    lon: Array
    ids: NDArray[Any] | None = None

    @classmethod
    def of(cls, lat: ArrayLike, lon: ArrayLike, ids: ArrayLike | None = None) -> Points:
        """Make points of anything like arrays."""
        named = None if ids is None else np.asarray(ids, dtype=object)
        return cls(np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64), named)

    @property
    def count(self) -> int:
        """Number of points."""
        return len(self.lat)

    @property
    def located(self) -> NDArray[np.bool_]:
        """Whether each has coordinates, shape (points,)."""
        return ~np.isnan(self.lat + self.lon)

    def take(self, index: NDArray[np.int64]) -> Points:
        """Return some of the points, in the order of their indices."""
        return Points(self.lat[index], self.lon[index], None if self.ids is None else self.ids[index])


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
    flags
        `RouteFlag` values, shape (pairs,), or None where there is nothing to flag.
    """

    distance_km: Array
    hours: Array | None = None
    flags: Flags | None = None


@runtime_checkable
class Router(Protocol):
    """
    Anything that measures the way between pairs of points; no way is shorter than the great circle, but in a table.

    Attributes
    ----------
    name
        One word, such as ``road``; it stands in ``distances.parquet``.
    version
        Of the network and of whatever else changes the answer (closed passages, a vehicle, the digest of a file):
        equal versions give equal distances.
    """

    @property
    def name(self) -> str:
        """What it is called in files."""
        ...

    @property
    def version(self) -> str:
        """What its answers depend on."""
        ...

    def routes(self, start: Points, end: Points) -> Routes:
        """
        Measure the way from each start to the end in the same place.

        Parameters
        ----------
        start, end
            Equally many, shape (pairs,); a place may occur in many pairs and is worked out once.
        """
        ...


@runtime_checkable
class PathRouter(Router, Protocol):
    """A router that can also tell where its ways run."""

    def paths(self, start: Points, end: Points, tolerance_km: float = 0.1) -> list[NDArray[np.float64]]:
        """
        Draw each way.

        Parameters
        ----------
        start, end
            Equally many, shape (pairs,).
        tolerance_km
            How far a drawn line may be from the way.

        Returns
        -------
        paths
            Latitude and longitude along each way, shape (vertices, 2); no vertices where there is no way.
        """
        ...
