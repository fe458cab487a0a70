"""Terminals worth a look: the nearest ports and places on the railway, as a table to edit and keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.embedded import embedded_network
from isopt.geo.nearness import k_nearest
from isopt.geo.network import Network
from isopt.geo.router import Points
from isopt.geo.sea import sea_ports

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "nearest_terminals"]

#: Of the table, in order.
COLUMNS = ("point", "terminal", "name", "lat", "lon", "kind", "distance_km")
_KINDS = ("rail", "port")
_DECIMALS = 3
"""Of coordinates in names: as many as the network has."""


def nearest_terminals(points: Points, kind: str = "rail", *, k: int = 3, max_km: float = 100.0) -> pd.DataFrame:
    """
    Propose terminals near some points: seaports, or junctions and ends of the railway.

    Whether one handles freight, and which, is not known here: the table is for the planner to strike out and complete.

    Parameters
    ----------
    points
        Shape (points,); those without coordinates get none.
    kind
        ``rail`` or ``port``.
    k
        Terminals proposed for each point.
    max_km
        Longest straight line to one.

    Returns
    -------
    terminals
        A row per point and terminal, nearest first: ``point`` (its id, else its index), ``terminal`` (UN/LOCODE of a
        port; for the railway ``rail`` with the coordinates), ``name``, ``lat``, ``lon``, ``kind``, ``distance_km``
        (straight).

    Raises
    ------
    InputError
        Where there is no such kind, or fewer than one terminal is asked for.

    Examples
    --------
    >>> leith = Points.of([55.98], [-3.17], ["mill"])
    >>> nearest_terminals(leith, "port", k=1)[["point", "terminal", "name"]].to_numpy().tolist()
    [['mill', 'GBLEI', 'Leith']]
    """
    import pandas as pd

    if kind not in _KINDS:
        raise InputError(
            f"no terminals of kind {quoted(kind)}; there are {', '.join(_KINDS)}{did_you_mean(kind, _KINDS)}"
        )
    if k < 1 or not max_km >= 0:
        raise InputError(f"k = {k} and max_km = {max_km:g}: at least one terminal, at no negative distance")
    places, codes, names = _ports() if kind == "port" else _rail(embedded_network("rail"))
    point, place, km = k_nearest(points, places, k, radius_km=max_km)
    ids = np.arange(points.count).astype(object) if points.ids is None else points.ids
    columns = (ids[point], codes[place], names[place], places.lat[place], places.lon[place], kind, km.round(2))
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), columns=list(COLUMNS))


def _ports() -> tuple[Points, NDArray[np.object_], NDArray[np.object_]]:
    ports = sea_ports()
    return ports.points, ports.code, ports.name


def _rail(network: Network) -> tuple[Points, NDArray[np.object_], NDArray[np.object_]]:
    """Nodes where lines meet or end, one for each spot of the coordinates' precision."""
    degree = np.diff(network.start)
    nodes = np.flatnonzero((degree >= 3) | (degree == 1))
    spot = np.column_stack([network.lat[nodes], network.lon[nodes]]).round(_DECIMALS)
    nodes = nodes[np.sort(np.unique(spot, axis=0, return_index=True)[1])]
    lat, lon, branches = network.lat[nodes], network.lon[nodes], degree[nodes]
    codes = np.array([f"rail {a:.3f} {b:.3f}" for a, b in zip(lat, lon, strict=True)], dtype=object)
    names = np.where(branches == 1, "end of the line", "junction").astype(object)
    return Points(lat, lon, codes), codes, names
