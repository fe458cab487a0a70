"""The vehicle that has to fit: its size and weight, and the ways that bar it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.geo.osm_tags import Tags, length_m, weight_t

__all__ = ["ARTICULATED", "VEHICLE_KEYS", "Barred", "Vehicle", "barred"]

Bools = NDArray[np.bool_]

#: Keys that limit each dimension. https://wiki.openstreetmap.org/wiki/Key:maxheight and its sister pages
_LIMITS: dict[str, tuple[Callable[[str], float], tuple[str, ...], tuple[str, ...]]] = {
    "height_m": (length_m, ("maxheight", "maxheight:physical"), ()),
    "weight_t": (weight_t, ("maxweight", "maxweightrating"), ("maxweight:hgv", "maxweightrating:hgv")),
    "width_m": (length_m, ("maxwidth", "maxwidth:physical"), ()),
    "length_m": (length_m, ("maxlength",), ("maxlength:hgv",)),
    "axle_load_t": (weight_t, ("maxaxleload",), ()),
}
"""By attribute of the vehicle: how to read it, keys for all vehicles, keys for goods vehicles alone."""
#: Who may use a way, from the general to the special key. https://wiki.openstreetmap.org/wiki/Key:access
_ACCESS = ("access", "vehicle", "motor_vehicle")
_SHUT = frozenset({
    "no", "private", "permit", "residents", "military", "emergency", "agricultural", "forestry", "bus", "psv", "taxi",
    "bicycle", "foot", "use_sidepath",
})  # fmt: skip
"""Values that keep a lorry on business out; ``destination``, ``delivery`` and ``customers`` let it in."""
#: Tunnel categories of the ADR (8.6.4 and 1.9.5); A is without restrictions. https://wiki.openstreetmap.org/wiki/Key:hazmat
_TUNNEL_KEYS = ("hazmat:adr_tunnel_cat", "tunnel:category")
_TUNNELS = ("b", "c", "d", "e")

VEHICLE_KEYS = (
    *_ACCESS, "hgv", "hazmat", *_TUNNEL_KEYS, *(key for _, every, heavy in _LIMITS.values() for key in every + heavy),
)  # fmt: skip
"""Tags that decide whether a vehicle may pass."""


@dataclass(frozen=True)
class Vehicle:
    """
    What has to fit under bridges and through tunnels; a size that is None is not looked at.

    Attributes
    ----------
    height_m, width_m, length_m
        Metres.
    weight_t, axle_load_t
        Actual weight with its load, and the load of the heaviest axle, tonnes.
    hazmat
        Whether it carries dangerous goods: ways that bar them, and tunnels of the categories B to E, are shut.
    hgv
        Whether it is a heavy goods vehicle: ways that bar those are shut, and it goes at most 90 km/h.

    Examples
    --------
    >>> Vehicle(height_m=4, weight_t=40).version
    'hgv-h4-w40'
    """

    height_m: float | None = None
    weight_t: float | None = None
    width_m: float | None = None
    length_m: float | None = None
    axle_load_t: float | None = None
    hazmat: bool = False
    hgv: bool = True

    def __post_init__(self) -> None:
        """Refuse a size that is none."""
        for name in _LIMITS:
            size = getattr(self, name)
            if size is not None and not (isinstance(size, int | float) and math.isfinite(size) and size > 0):
                raise InputError(f"{name} of a vehicle is a number above 0, not {size}")

    @property
    def version(self) -> str:
        """All that changes which ways are open to it, in a word."""
        letters = dict(zip(_LIMITS, "hwbla", strict=True))
        sizes = [f"{letters[f.name]}{getattr(self, f.name):.10g}" for f in fields(self)
                 if f.name in letters and getattr(self, f.name) is not None]  # fmt: skip
        return "-".join([*(["hgv"] if self.hgv else ["any"]), *sizes, *(["hazmat"] if self.hazmat else [])])


#: Articulated vehicle with semi-trailer at the limits of international traffic in the Union: Directive 96/53/EC,
#: Annex I (1.1 length 16.5 m, 1.2 width 2.55 m, 1.3 height 4 m, 2.2.2 weight 40 t, 3.4 driving axle 11.5 t).
ARTICULATED = Vehicle(height_m=4.0, weight_t=40.0, width_m=2.55, length_m=16.5, axle_load_t=11.5)


@dataclass(frozen=True)
class Barred:
    """
    Which ways a vehicle can't use.

    Attributes
    ----------
    shut
        Shape (ways,).
    unreadable
        Limits that can't be read, by key: how many ways and an example; those ways are open.
    known
        Whether any way says anything of the sizes and dangers that the vehicle asks about.
    """

    shut: Bools
    unreadable: dict[str, tuple[int, str]]
    known: bool


def barred(tags: Tags, vehicle: Vehicle | None) -> Barred:
    """
    Tell which ways a vehicle can't use: too low, too weak, too narrow, or not allowed.

    Parameters
    ----------
    tags
        Of the ways. The more special of the access keys decides: ``hgv=yes`` opens what ``access=no`` shuts.
    vehicle
        None: any motor vehicle, of no size.

    Returns
    -------
    barred
        Conditional limits (``maxweight:conditional``) and barriers at single points aren't known.
    """
    hgv = vehicle is not None and vehicle.hgv
    shut = denied(tags, (*_ACCESS, "hgv") if hgv else _ACCESS)
    unreadable: dict[str, tuple[int, str]] = {}
    asked = ["hgv"] if hgv else []
    for name, (read, every, heavy) in _LIMITS.items() if vehicle is not None else ():
        size = getattr(vehicle, name)
        for key in () if size is None else (every + heavy if hgv else every):
            limit = tags.numbers(key, read)
            shut |= limit < size  # NaN is no limit
            odd = np.flatnonzero(tags.has(key) & np.isnan(limit))
            if odd.size:
                unreadable[key] = int(odd.size), tags.words[key][tags.codes[key][odd[0]]]
            asked.append(key)
    if vehicle is not None and vehicle.hazmat:
        shut |= tags.among("hazmat", {"no"})
        for key in _TUNNEL_KEYS:
            shut |= tags.among(key, _TUNNELS)
        asked += ["hazmat", *_TUNNEL_KEYS]
    return Barred(shut, unreadable, not asked or any(tags.has(key).any() for key in asked))


def denied(tags: Tags, keys: tuple[str, ...]) -> Bools:
    """
    Tell which ways are shut by access tags.

    Parameters
    ----------
    tags
        Of the ways.
    keys
        From the general to the special one; the last that a way has decides.

    Examples
    --------
    >>> denied(Tags.of({"access": ["no", "no", ""], "hgv": ["", "yes", "no"]}, 3), ("access", "hgv")).tolist()
    [True, False, True]
    """
    shut = np.zeros(tags.count, dtype=bool)
    for key in keys:
        shut = np.where(tags.has(key), tags.among(key, _SHUT), shut)
    return shut
