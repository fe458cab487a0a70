"""The networks that come with isopt, and the router of each kind of network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.distance import haversine_km
from isopt.geo.network import Array, Indices, Network
from isopt.geo.network_router import LOCAL_DETOUR, NetworkRouter
from isopt.geo.packing import Column, unpack
from isopt.geo.router import RouteFlag, Router
from isopt.geo.straight import StraightRouter

__all__ = ["KINDS", "OSM_ATTRIBUTION", "digest", "embedded_network", "embedded_router", "two_way", "unpacked_arcs"]

#: What `embedded_router` knows.
KINDS = ("road", "rail", "sea", "water", "pipe")
OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"

#: Published over measured distance, the median of the pairs marked ``calibration`` in
#: ``tests/known/road_distances.csv`` and ``rail_distances.csv``: curves that the source's simplified lines cut off, and
#: the difference between the shortest way and the one that signs, lorries and timetables follow.
LENGTHENING = {"road": 1.031, "rail": 1.0}

#: Kilometres by inland waterway per kilometre as the crow flies: the mean of Basel-Rotterdam (833 km by the kilometre
#: marks of the Rhine), Mannheim-Duisburg (355), Passau-Vienna (297 by those of the Danube) and Vienna-Budapest (282),
#: which lie 532, 249, 221 and 213 km apart. [1]_
#:
#: .. [1] UNECE, "Inventory of Main Standards and Parameters of the E Waterway Network" (Blue Book), lists kilometres.
WATER_DETOUR = 1.42

#: Kilometres of pipe per kilometre as the crow flies, before a route is known: assumed, between the straight line and
#: the roads (`LOCAL_DETOUR`), since pipes cross fields but go round towns and heights.
PIPE_DETOUR = 1.15

_DEGREES, _PER_KM = 1000, 100
_DEFAULTS: dict[str, dict[str, Any]] = {
    "road": {"near_km": 25.0, "blend_km": 30.0, "max_access_km": 50.0},
    "rail": {"max_access_km": 50.0},
}


@cache
def embedded_network(kind: str) -> Network:
    """
    Return the roads or railways of the world that come with isopt, read once.

    Parameters
    ----------
    kind
        ``road`` or ``rail``.

    Notes
    -----
    Motorways, trunk roads and main lines of OpenStreetMap, simplified, as packaged in ``scgraph_data`` 2.0.0; gaps
    closed, islands joined, ferries added as ``isopt/geo/data/NETWORKS.md`` tells. Coordinates are good to 100 m;
    between nodes the lines are straight.
    """
    content = (files("isopt.geo") / "data" / f"{kind}.xz").read_bytes()
    lat, lon, tail, head, km, flags = unpacked_arcs(unpack(content))
    km = km * np.where(flags & (RouteFlag.FERRY | RouteFlag.WATER), 1.0, LENGTHENING[kind])
    return two_way(
        lat, lon, tail, head, km, flags.astype(np.uint8), name=f"embedded {kind}",
        version=f"scgraph_data-2.0.0 {digest(content)} x{LENGTHENING[kind]:g}", attribution=OSM_ATTRIBUTION,
    )  # fmt: skip


def digest(content: bytes) -> str:
    """Tell one state of a file from another in eight letters."""
    return hashlib.sha256(content).hexdigest()[:8]


def unpacked_arcs(packed: Mapping[str, Column]) -> tuple[Array, Array, Indices, Indices, Array, Indices]:
    """Latitude and longitude of nodes; tail, head, kilometres and mark of edges, as the build scripts pack them."""
    column = {name: np.asarray(values) for name, values in packed.items() if isinstance(values, np.ndarray)}
    lat, lon = column["lat"] / _DEGREES, column["lon"] / _DEGREES
    tail = np.repeat(np.arange(len(lat)), np.diff(column["last"], prepend=0))
    head = tail + column["step"]
    marks = np.zeros(len(tail), np.int64)
    marks[column["special"]] = column["flags"]
    km = haversine_km(lat[tail], lon[tail], lat[head], lon[head]) + column["extra"] / _PER_KM
    return lat, lon, tail, head, km, marks


def two_way(
    lat: Array, lon: Array, tail: Indices, head: Indices, km: Array, flags: NDArray[np.uint8],
    *, name: str, version: str, attribution: str,
) -> Network:  # fmt: skip
    """Make a network of edges that are used both ways, no two of them parallel; faster than `Network.of_arcs`."""
    ends = np.append(tail, head).astype(np.int32), np.append(head, tail).astype(np.int32)
    rows = coo_array((np.arange(2 * len(km)), ends), shape=(len(lat), len(lat))).tocsr()
    edge = rows.data % len(km)
    return Network(
        lat, lon, rows.indptr.astype(np.int64), rows.indices.astype(np.int32), km[edge], None, flags[edge],
        name=name, version=version, attribution=attribution,
    )  # fmt: skip


def embedded_router(kind: str, **parameters: Any) -> Router:
    """
    Return the router of a kind of network, ready to use offline; equal calls give the same router.

    Parameters
    ----------
    kind
        ``road``, ``rail``, ``sea``, ``water`` (inland) or ``pipe``. The last two are straight lines times a detour: a
        user's own waterways and pipes are read from a file.
    **parameters
        Of `NetworkRouter` for road and rail, of `SeaRouter` for sea, ``detour`` for water and pipe.

    Raises
    ------
    InputError
        Where there is no such kind or parameter.

    Examples
    --------
    >>> from isopt.geo import Points
    >>> embedded_router("pipe").routes(Points.of([0.0], [0.0]), Points.of([0.0], [1.0])).distance_km.round(1)
    array([127.9])
    """
    if kind not in KINDS:
        raise InputError(f"no network {quoted(kind)}; there are {', '.join(KINDS)}{did_you_mean(kind, KINDS)}")
    known = _parameters(kind)
    for name in parameters:
        if name not in known:
            raise InputError(f"the router of {kind} knows no {quoted(name)}; it takes {', '.join(known)}")
    frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}
    return _router(kind, tuple(sorted(frozen.items())))


def _parameters(kind: str) -> tuple[str, ...]:
    if kind in {"water", "pipe"}:
        return ("detour",)
    if kind == "sea":
        return ("closed", "opened", "max_access_km", "detour", "far_km", "progress")
    return (
        "detour", "near_km", "blend_km", "max_access_km", "far_km", "entries", "access_kmh", "progress",
    )  # fmt: skip


@cache
def _router(kind: str, parameters: tuple[tuple[str, Any], ...]) -> Router:
    chosen = dict(parameters)
    if kind in {"water", "pipe"}:
        detour = float(chosen.get("detour", WATER_DETOUR if kind == "water" else PIPE_DETOUR))
        if not detour >= 1:
            raise InputError(f"the detour of {kind} is {detour:g}: no way is shorter than the straight line")
        return StraightRouter(detour=detour)
    if kind == "sea":
        from isopt.geo.sea import SeaRouter

        return SeaRouter(**chosen)
    defaults = _DEFAULTS[kind] | {"detour": LOCAL_DETOUR}
    return NetworkRouter(embedded_network(kind), **{"name": kind, **defaults, **chosen})
