"""What the map's script is given: the plan in numbers, the ground, and every text in all languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.errors import InputError
from isopt.views import basemap, caption
from isopt.views.language import LANGUAGES, MARKS, Language, digits, speaking
from isopt.views.layers import Layers
from isopt.views.means import years
from isopt.views.routes import credits_of
from isopt.views.texts import group, text

if TYPE_CHECKING:
    import geopandas
    from numpy.typing import NDArray

    from isopt.solution import Solution

STREETS = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
CLOSEST = 16  # zoom level to which a small park is fitted, about 2 m a pixel
SMALLEST_BOX = 0.004  # degrees around a single place
CROWDED = 4.0  # a place that many times farther off than most of them is left out of the opening view
MOST = 0.75  # share of the places that says how far apart they usually lie


def map_data(
    solution: Solution,
    content: Layers,
    *,
    language: str = "en",
    online: bool = False,
    routes: geopandas.GeoDataFrame | None = None,
) -> dict[str, Any]:
    """
    Everything that `isoptMap` of the page's script draws.

    Parameters
    ----------
    solution
        Any solution.
    content
        Its layers.
    language
        Language in which the page opens.
    online
        Offer street tiles.
    routes
        Where the ways run, for their credits.

    Raises
    ------
    InputError
        If no view speaks the language.
    """
    return {
        "title": caption.title(solution),
        "credits": credits_of(solution.scenario, routes),
        "plan": plan_part(solution, content),
        **spoken_in(language),
        **ground(content.positions, content.flows, diagram=content.diagram, online=online),
    }


def plan_part(solution: Solution, content: Layers) -> dict[str, Any]:
    """
    What the map shows of one plan: the argument of the script's `show`.

    Parameters
    ----------
    solution
        Any solution.
    content
        Its layers.
    """
    return {
        "status": solution.status,
        "said": in_each_language(lambda: _said(solution, content)),
        "nodes": content.nodes,
        "flows": content.flows,
        "exchanges": content.exchanges,
        "own": content.own,
        "bought": content.bought,
        "left": content.left,
        "unused": content.unused,
        "materials": content.materials,
        "modes": content.modes,
        "routes": content.routes,
        "years": len(years(solution.scenario)),
    }


def in_each_language(make: Callable[[], Any]) -> dict[Language, Any]:
    """
    What a function says, by language.

    Parameters
    ----------
    make
        Takes its words from the catalogue.

    Examples
    --------
    >>> in_each_language(lambda: digits(1234))["de"]
    '1.234'
    """
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = make()
    return said


def spoken_in(language: str, *groups: str) -> dict[str, Any]:
    """
    The languages of a page that shows a map, and the one in which it opens.

    Parameters
    ----------
    language
        Language in which the page opens.
    groups
        Further groups of texts that the page's script needs; a text of theirs replaces the map's of the same name.

    Raises
    ------
    InputError
        If no view speaks the language.
    """
    if language not in LANGUAGES:
        raise InputError(f"no view speaks {language!r}; they speak {', '.join(LANGUAGES)}")

    def texts() -> dict[str, str]:
        found = group("map") | group("number")
        for name in groups:
            found |= group(name)
        for name in ("plant", "disposal"):
            found |= {f"{name}.{key}": words for key, words in group(name).items()}
        return found

    told = in_each_language(texts)
    return {
        "language": language,
        "languages": {
            code: {"name": MARKS[code].name, "locale": MARKS[code].locale, "texts": words}
            for code, words in told.items()
        },
    }


def _said(solution: Solution, content: Layers) -> dict[str, Any]:
    return {
        "status": caption.status(solution),
        "caption": caption.proof(solution),
        "notes": caption.notes(solution) + left_out(content),
        "figures": caption.figures(solution),
    }


def ground(
    positions: NDArray[np.float64], flows: list[list[Any]], *, diagram: bool, online: bool = False
) -> dict[str, Any]:
    """
    What lies below the symbols, and the views that the map opens with.

    Parameters
    ----------
    positions
        Latitude and longitude of the symbols, shape (nodes, 2).
    flows
        Rows that begin with the numbers of the symbols at both ends.
    diagram
        Whether the positions are made up: then there is no ground.
    online
        Offer street tiles.
    """
    base = None
    if len(positions) and not diagram:
        base = basemap.around(positions[:, 0], positions[:, 1])
    return {
        "base": None if base is None else vars(base),
        "bounds": _box(positions),
        "centre": _centre(positions, flows),
        "closest": CLOSEST,
        "streets": STREETS if online and base is not None else None,
    }


def left_out(content: Layers) -> list[str]:
    """Say what the map does not show."""
    lines = []
    if content.flows_in_all > len(content.flows):
        lines.append(text("map.drawn_short", drawn=digits(len(content.flows)), all=digits(content.flows_in_all)))
    if content.diagram:
        lines.append(text("map.schematic"))
    elif content.without_position:
        lines.append(text("map.no_position", names=_some(content.without_position)))
    return lines


def _some(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else text("list.more", shown=shown, count=len(names) - most)


def _box(positions: NDArray[np.float64]) -> list[list[float]]:
    """South-west and north-east corner, never smaller than a few hundred metres."""
    if not len(positions):
        return [[-60.0, -170.0], [75.0, 170.0]]
    low, high = positions.min(axis=0), positions.max(axis=0)
    grow = np.maximum(0, SMALLEST_BOX - (high - low)) / 2
    return [[float(x) for x in low - grow], [float(x) for x in high + grow]]


def _centre(positions: NDArray[np.float64], flows: list[list[Any]]) -> list[list[float]] | None:
    """Box of the places where most flows begin or end, if some others lie so far off that these would be crowded."""
    joined = sorted({place for flow in flows for place in flow[:2]})
    places = positions[joined] if len(joined) > 3 else positions
    if len(places) < 4:
        return None
    middle = np.median(places, axis=0)
    offsets = (places - middle) * [1, np.cos(np.radians(middle[0]))]
    distances = np.hypot(offsets[:, 0], offsets[:, 1])
    core = float(np.quantile(distances, MOST))
    if distances.max() <= CROWDED * max(core, 1e-9):
        return None
    return _box(places[distances <= CROWDED * core])
