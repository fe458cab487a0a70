"""
Colours of materials and dashes of modes, the same in every run.

The colours stay apart for people with normal, green-blind and red-blind sight (simulated after Machado, Oliveira and
Fernandes 2009): any two differ by at least 8 in CIE94, the first ten by 16 in CIELAB too, and all stand out from land,
sea and the grey of ways to disposal. Most of the first ten are those of Okabe and Ito; the others were searched for the
largest distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    "#28d2b4",  # turquoise
    "#004646",  # petrol
    "#c88c8c",  # old rose
    "#1e9696",  # teal
    "#8282c8",  # lavender
    "#8caa64",  # reed
    "#32aabe",  # lagoon
    "#5028f0",  # violet
    "#0a7864",  # fir
    "#6e143c",  # maroon
)
CLEAR = 10
"""How many of them, from the first, are the clearest."""

STEPS = (1, 3, 7, 9)
"""Steps that lead through all of ten colours, whichever one begins with: they share no factor with ten."""

CLEAR_WISHES = 2
"""
Clear colours that a material asks for before it takes one of the others. With more wishes more of the materials get
clear ones, and a material that comes or goes recolours more of the others: of eight 0.3 with one wish, 0.5 with two,
1.0 with ten, on average over 400 scenarios with random ids.
"""

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


def material_colours(materials: Iterable[str]) -> dict[str, str]:
    """
    Colour of every material.

    A material asks for the colour that its id gives it. Where two ask for the same one, their ids decide which of them
    has it; the other one takes the next that it asks for. So a material has its colour in most scenarios, whichever
    others there are and however much of them.

    Parameters
    ----------
    materials
        Ids of the materials of the scenario, in any order.

    Returns
    -------
    dict
        Colour (`#rrggbb`) by material.

    Examples
    --------
    >>> material_colours(["slag"]) == {"slag": material_colours(["ash", "slag"])["slag"]}
    True
    """
    uses = [0] * len(COLOURS)
    colours: dict[str, str] = {}
    for material in sorted(materials, key=lambda name: (crc32(f"{name} first".encode()), name)):
        chosen = min(_wishes(material), key=lambda place: uses[place])
        colours[material] = shade(COLOURS[chosen], SHADES[uses[chosen] % len(SHADES)])
        uses[chosen] += 1
    return colours


def _wishes(material: str) -> list[int]:
    """Every colour, in the order in which the material asks for it."""
    asked = crc32(material.encode())
    step = STEPS[asked // CLEAR % len(STEPS)]
    clear = [(asked + go * step) % CLEAR for go in range(CLEAR)]
    others = len(COLOURS) - CLEAR
    more = [CLEAR + (asked // 3 + go * step) % others for go in range(others)]
    return [*clear[:CLEAR_WISHES], *more, *clear[CLEAR_WISHES:]]


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
