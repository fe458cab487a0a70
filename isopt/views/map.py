"""Maps: a `folium.Map` of a solution for notebooks, and the same as one file that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import MacroElement
from jinja2 import Template

from isopt.views import basemap, caption
from isopt.views.language import digits
from isopt.views.layers import Layers, layers
from isopt.views.means import years
from isopt.views.offline import as_json, for_script, leaflet, template, write_page
from isopt.views.routes import credits_of
from isopt.views.texts import group, text

if TYPE_CHECKING:
    import geopandas
    from numpy.typing import NDArray

    from isopt.solution import Solution

SCRIPTS = ["words.js", "symbols.js", "flows.js", "popups.js", "panel.js", "map.js"]
STREETS = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
CLOSEST = 16  # zoom level to which a small park is fitted, about 2 m a pixel
SMALLEST_BOX = 0.004  # degrees around a single place
CROWDED = 4.0  # a place that many times farther off than most of them is left out of the opening view
MOST = 0.75  # share of the places that says how far apart they usually lie


class PlanView(MacroElement):
    """The plan as an element of a folium map: own style, script and data, and Leaflet itself; all inside the page."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{ this.title | e }}</title>
        <style>{{ this.style }}</style>
        <script>{{ this.leaflet }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        window.isopt = (function (map, data) {
        {{ this.code }}
        })({{ this._parent.get_name() }}, {{ this.data }});
        {% endmacro %}
        """
    )

    def __init__(self, title: str, data: dict[str, Any], scripts: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PlanView"
        style, script = leaflet()
        self.title = title
        self.style = style + template("map.css")
        self.leaflet = script
        self.code = for_script("\n".join(template(name) for name in scripts))
        self.data = as_json(data)


def draw_map(
    solution: Solution,
    *,
    online: bool = False,
    most_flows: int = 10_000,
    routes: geopandas.GeoDataFrame | None = None,
) -> folium.Map:
    """
    Draw a solution as a map; as the last line of a notebook's cell it is shown there.

    Parameters
    ----------
    solution
        Any solution. One without a plan shows where everything is, and why there is no plan.
    online
        Offer street tiles as a further layer, which a browser fetches once the reader switches it on. Without it,
        nothing is ever fetched.
    most_flows
        How many flows are drawn, the largest first; the map says so where it leaves some out.
    routes
        Where the ways run, from `isopt.route_lines`: they are drawn there instead of as curves.

    Returns
    -------
    folium.Map
        Further folium elements may be added to it.
    """
    content = layers(solution, most_flows, routes)
    return page(caption.title(solution), _data(solution, content, online, routes), SCRIPTS)


def page(title: str, data: dict[str, Any], scripts: Sequence[str]) -> folium.Map:
    """
    Put a map together whose page needs nothing but itself.

    Parameters
    ----------
    title
        Of the page.
    data
        What the scripts draw.
    scripts
        Template files, in the order in which they are needed.
    """
    view = folium.Map(location=[0, 0], zoom_start=2, tiles=None, control_scale=False, max_zoom=18, zoom_snap=0.25)
    # Leaflet is in the page; folium's further defaults (jQuery, Bootstrap, icons) would be fetched and aren't used
    view.default_js, view.default_css = [], []
    PlanView(title, data, scripts).add_to(view)
    return view


def write_map(
    solution: Solution,
    path: str | Path,
    *,
    online: bool = False,
    most_flows: int = 10_000,
    routes: geopandas.GeoDataFrame | None = None,
) -> Path:
    """
    Write a solution's map as one HTML file that opens without a network.

    Parameters
    ----------
    solution, online, most_flows, routes
        As for `draw_map`.
    path
        File to write.

    Raises
    ------
    ExternalAddressError
        If opening the file would fetch anything.
    """
    drawn = draw_map(solution, online=online, most_flows=most_flows, routes=routes)
    return write_page(drawn.get_root().render(), path)


def _data(solution: Solution, content: Layers, online: bool, routes: geopandas.GeoDataFrame | None) -> dict[str, Any]:
    return {
        "title": caption.title(solution),
        "status": solution.status,
        "status_words": caption.status(solution),
        "caption": caption.proof(solution),
        "notes": caption.notes(solution) + left_out(content),
        "figures": caption.figures(solution),
        "nodes": content.nodes,
        "flows": content.flows,
        "exchanges": content.exchanges,
        "own": content.own,
        "bought": content.bought,
        "left": content.left,
        "materials": content.materials,
        "modes": content.modes,
        "routes": content.routes,
        "credits": credits_of(solution.scenario, routes),
        "years": len(years(solution.scenario)),
        "texts": group("map") | group("number"),
    } | ground(content.positions, content.flows, diagram=content.diagram, online=online)


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
