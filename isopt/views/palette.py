"""
Colours of materials and dashes of modes, the same in every run.

The ten colours keep a distance of at least 16 in CIELAB from each other for people with normal, green-blind and
red-blind sight (simulated after Machado, Oliveira and Fernandes 2009) and stand out from the ground; most are those of
Okabe and Ito.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

COLOURS = (
    "#0072b2",  # blue
    "#d55e00",  # vermilion
    "#009e73",  # bluish green
    "#e69f00",  # orange
    "#882255",  # wine
    "#56b4e9",  # sky blue
    "#7a4b12",  # brown
    "#cc79a7",  # pink
    "#332288",  # indigo
    "#6b8e4e",  # sage
)

SHADES = (0.0, 0.45, -0.35)
"""What materials get once every colour is taken: paler ones, then darker ones; then colours repeat."""

SOLID: tuple[int, ...] = ()
DASHES: tuple[tuple[int, ...], ...] = (
    SOLID,
    (10, 5),
    (2, 4),
    (12, 4, 2, 4),
    (5, 4),
    (16, 4),
    (12, 4, 2, 4, 2, 4),
    (4, 2),
)
DASH_OF_NETWORK = {"road": 0, "straight": 0, "rail": 1, "water": 2, "sea": 4, "pipe": 3}


def material_colours(supplies: Mapping[str, float]) -> dict[str, str]:
    """
    Colour of every material.

    A material asks for the colour that its name gives it, so that it has the same one in most scenarios, and takes the
    next free one where that is gone. With more materials than colours the largest supplies are served first and the
    others get shades.

    Parameters
    ----------
    supplies
        Supply per year of every material of the scenario, in any unit; only the order matters.

    Returns
    -------
    dict
        Colour (`#rrggbb`) by material. Neither the order of the materials nor what a plan does with them changes it.

    Examples
    --------
    >>> material_colours({"slag": 100.0})["slag"] in COLOURS
    True
    """
    order = sorted(supplies)
    if len(order) > len(COLOURS):
        order.sort(key=lambda material: -supplies[material])
    uses = [0] * len(COLOURS)
    colours: dict[str, str] = {}
    for material in order:
        first = crc32(material.encode()) % len(COLOURS)
        wishes = [(first + step) % len(COLOURS) for step in range(len(COLOURS))]
        chosen = min(wishes, key=lambda place: uses[place])
        colours[material] = shade(COLOURS[chosen], SHADES[uses[chosen] % len(SHADES)])
        uses[chosen] += 1
    return colours


def shade(colour: str, towards: float) -> str:
    """
    A paler or darker shade.

    Parameters
    ----------
    colour
        As `#rrggbb`.
    towards
        Share of white (above 0) or black (below 0) that is mixed in.

    Examples
    --------
    >>> shade("#800000", 0.5), shade("#800000", -0.5)
    ('#c08080', '#400000')
    """
    end = 255 if towards > 0 else 0
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (end - part) * abs(towards)):02x}" for part in parts)


def mode_dashes(networks: Sequence[tuple[str, str]]) -> dict[str, tuple[int, ...]]:
    """
    Dash pattern of every mode, in pixels of line and gap; empty is a solid line.

    Parameters
    ----------
    networks
        Mode and its network, in the order of the modes table. The first mode of a network gets that network's pattern,
        a further one the next free pattern.

    Examples
    --------
    >>> mode_dashes([("truck", "road"), ("lorry", "road"), ("barge", "water")])
    {'truck': (), 'lorry': (10, 5), 'barge': (2, 4)}
    """
    taken: set[int] = set()
    dashes = {}
    for mode, network in networks:
        first = DASH_OF_NETWORK.get(network, 0)
        wishes = [(first + step) % len(DASHES) for step in range(len(DASHES))]
        chosen = next((place for place in wishes if place not in taken), first)
        taken.add(chosen)
        dashes[mode] = DASHES[chosen]
    return dashes
