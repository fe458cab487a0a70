"""Maps: a `folium.Map` of a solution for notebooks, and the same as one file that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import MacroElement
from jinja2 import Template

from isopt.views import caption
from isopt.views.layers import layers
from isopt.views.map_data import map_data
from isopt.views.offline import as_json, for_script, leaflet, template, write_page

if TYPE_CHECKING:
    import geopandas

    from isopt.solution import Solution

#: Scripts from which `isoptMap` comes, in order; a page that draws a map ends them with one of its own.
PARTS = [
    "words.js", "symbols.js", "plan.js", "groups.js", "flows.js", "names.js", "ground.js", "popup_parts.js",
    "group_popups.js", "popups.js", "keys.js", "search.js", "filters.js", "panel.js", "address.js", "print.js",
    "map.js",
]  # fmt: skip
SCRIPTS = [*PARTS, "start.js"]
MOST_FLOWS = 20_000
MOST_UNUSED = 1_000


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
    language: str = "en",
    online: bool = False,
    most_flows: int = MOST_FLOWS,
    most_unused: int = MOST_UNUSED,
    routes: geopandas.GeoDataFrame | None = None,
) -> folium.Map:
    """
    Draw a solution as a map; as the last line of a notebook's cell it is shown there.

    Parameters
    ----------
    solution
        Any solution. One without a plan shows where everything is, and why there is no plan.
    language
        In which the map opens: ``en``, ``fr`` or ``de``. All of them are in the page, its reader may change.
    online
        Offer street tiles as a further layer, which a browser fetches once the reader switches it on. Without it,
        nothing is ever fetched.
    most_flows
        How many flows are drawn, the largest first; the map says so where it leaves some out.
    most_unused
        How many candidate links that the plan leaves unused can be switched on, the largest first; 0 leaves out the
        search for them.
    routes
        Where the ways run, from `isopt.route_lines`: they are drawn there instead of as curves.

    Returns
    -------
    folium.Map
        Further folium elements may be added to it.

    Raises
    ------
    InputError
        If no view speaks the language.
    """
    content = layers(solution, most_flows, routes, most_unused)
    data = map_data(solution, content, language=language, online=online, routes=routes)
    return page(caption.title(solution), data, SCRIPTS)


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
    language: str = "en",
    online: bool = False,
    most_flows: int = MOST_FLOWS,
    most_unused: int = MOST_UNUSED,
    routes: geopandas.GeoDataFrame | None = None,
) -> Path:
    """
    Write a solution's map as one HTML file that opens without a network.

    Parameters
    ----------
    solution, language, online, most_flows, most_unused, routes
        As for `draw_map`.
    path
        File to write.

    Raises
    ------
    InputError
        If no view speaks the language.
    ExternalAddressError
        If opening the file would fetch anything.
    """
    drawn = draw_map(
        solution, language=language, online=online, most_flows=most_flows, most_unused=most_unused, routes=routes
    )
    return write_page(drawn.get_root().render(), path)
