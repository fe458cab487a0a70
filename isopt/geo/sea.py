"""Ways by sea: lanes, straits and canals that can be closed, and the ports of UN/LOCODE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.embedded import digest, two_way, unpacked_arcs
from isopt.geo.network import Network
from isopt.geo.network_router import LOCAL_DETOUR, NetworkRouter
from isopt.geo.packing import unpack
from isopt.geo.router import Points

__all__ = ["PASSAGES", "Ports", "SeaRouter", "sea_network", "sea_ports"]

#: Straits and canals that can be closed.
PASSAGES = (
    "babalmandab", "bering", "bosporus", "chili", "dardanelles", "gibraltar", "malacca", "northwest", "ormuz", "panama",
    "south_africa", "suez", "sunda",
)  # fmt: skip

#: Closed unless opened: ice leaves the Northwest Passage navigable for some weeks of the year and not to cargo lines.
CLOSED = ("northwest",)

#: A facility whose nearest port is farther than this has no way by sea. Ports are given as the centre of their place,
#: and port areas reach some 20 km from it (Europoort lies 20 km from Rotterdam's, Tilbury 20 km from London's).
MAX_ACCESS_KM = 25.0
_ATTRIBUTION = "Sea lanes: Eurostat SeaRoute, searoute 1.6 (Apache 2.0); ports: UN/LOCODE, UNECE"


@dataclass(frozen=True)
class Ports:
    """
    Seaports.

    Attributes
    ----------
    code
        UN/LOCODE, shape (ports,).
    name
        As UN/LOCODE writes it.
    points
        Where they are.
    """

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    points: Points


@cache
def _content() -> tuple[Network, NDArray[np.int64], Ports]:
    """All lanes, the passage of each arc (0: none, else from 1), and the ports: the last nodes."""
    content = (files("isopt.geo") / "data" / "sea.xz").read_bytes()
    packed = unpack(content)
    lat, lon, tail, head, km, marks = unpacked_arcs(packed)
    network = two_way(
        lat, lon, tail, head, km, marks.astype(np.uint8),
        name="embedded sea", version=f"searoute-1.6.0 {digest(content)}",
        attribution=_ATTRIBUTION,
    )  # fmt: skip
    codes, names = (np.array(packed[name], dtype=object) for name in ("port", "port_name"))
    last = slice(len(lat) - len(codes), len(lat))
    return network, network.flags.astype(np.int64), Ports(codes, names, Points(lat[last], lon[last], codes))


def sea_ports() -> Ports:
    """Return the ports that come with isopt: places of UN/LOCODE at the sea, the world over."""
    return _content()[2]


@cache
def sea_network(closed: frozenset[str] = frozenset(CLOSED)) -> Network:
    """Return the sea lanes without those through some passages; the last nodes are the ports, in their order."""
    network, passage, _ = _content()
    shut = np.isin(passage, [PASSAGES.index(name) + 1 for name in closed])
    tail = np.repeat(np.arange(network.nodes), np.diff(network.start))
    start = np.zeros_like(network.start)
    np.cumsum(np.bincount(tail[~shut], minlength=network.nodes), out=start[1:])
    return Network(
        network.lat, network.lon, start, network.head[~shut], network.km[~shut], None,
        np.zeros(int((~shut).sum()), np.uint8), name=network.name,
        version=f"{network.version} closed={','.join(sorted(closed))}", attribution=network.attribution,
    )  # fmt: skip


class SeaRouter(NetworkRouter):
    """
    Ways from port to port by sea, with the way between a facility and its nearest port.

    Parameters
    ----------
    closed
        Passages that no ship takes, beside the Northwest Passage: any of `PASSAGES`.
    opened
        Passages that ships do take: ``("northwest",)`` opens the only one that is closed otherwise.
    max_access_km
        Straight line to the nearest port from which on a facility has no way by sea.
    detour
        Kilometres on the way to the port per kilometre as the crow flies.
    far_km, progress
        As for `NetworkRouter`.

    Raises
    ------
    InputError
        Where there is no such passage.
    """

    def __init__(
        self,
        *,
        closed: Iterable[str] = (),
        opened: Iterable[str] = (),
        max_access_km: float = MAX_ACCESS_KM,
        detour: float = LOCAL_DETOUR,
        far_km: float = 10.0,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        closed, opened = ({part} if isinstance(part, str) else set(part) for part in (closed, opened))
        for name in sorted(closed | opened):
            if name not in PASSAGES:
                raise InputError(
                    f"no passage {quoted(name)}; there are {', '.join(PASSAGES)}{did_you_mean(name, PASSAGES)}"
                )
        network = sea_network(frozenset((closed | set(CLOSED)) - opened))
        count = len(sea_ports().code)
        super().__init__(
            network, name="sea", detour=detour, max_access_km=max_access_km, far_km=far_km, entries=1,
            progress=progress, entry_nodes=np.arange(network.nodes - count, network.nodes),
        )  # fmt: skip
