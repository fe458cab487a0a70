"""The explorer: the exact thresholds of a lever as one page with a slider, a map, key figures and a chart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, Template, select_autoescape

from isopt.views.explorer_data import explorer_data
from isopt.views.language import speaking
from isopt.views.map import PARTS
from isopt.views.offline import as_json, for_script, leaflet, template, write_page
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.views.explorer_data import Plane, Progress, Thresholds

__all__ = ["explorer_page", "write_explorer"]

#: Scripts of the page, after those of the map.
SCRIPTS = [
    "explorer_cells.js", "explorer_words.js", "explorer_lever.js", "explorer_figures.js", "explorer_chart.js",
    "explorer_plane.js", "explorer_map.js", "explorer_address.js", "explorer_export.js", "explorer.js",
]  # fmt: skip


def explorer_page(
    found: Thresholds, *, plane: Plane | None = None, language: str = "en", on_progress: Progress | None = None
) -> str:
    """
    Put thresholds together as a page on which the reader moves the lever.

    Parameters
    ----------
    found
        From `isopt.thresholds`.
    plane
        From `isopt.studies.plane.plane`, of two levers; the page then has a map of both to click on.
    language
        In which the page opens: ``en``, ``fr`` or ``de``. All of them are in the page, its reader may change.
    on_progress
        Told how many networks are written down, of how many.

    Returns
    -------
    str
        HTML that needs nothing but itself.

    Raises
    ------
    InputError
        If no view speaks the language, or there are more networks than a page holds (400).
    """
    with speaking(language):
        data = explorer_data(found, plane, language=language, on_progress=on_progress)
        style, script = leaflet()
        return _template().render(
            language=language,
            title=data["title"],
            no_script=text("explorer.no_script"),
            style="\n".join([style, template("map.css"), template("explorer.css")]),
            leaflet=script,
            map_script=for_script("\n".join(template(name) for name in PARTS)),
            script=for_script("\n".join(template(name) for name in SCRIPTS)),
            data=as_json(data),
        )


def write_explorer(
    found: Thresholds,
    path: str | Path,
    *,
    plane: Plane | None = None,
    language: str = "en",
    on_progress: Progress | None = None,
) -> Path:
    """
    Write the explorer of a lever as one HTML file that opens without a network.

    The slider takes any value, not points of a grid: map, figures and diagram change at the true breakpoints, and cost
    is what `isopt.thresholds` found there. The page speaks all languages, works from the keyboard, keeps its state in
    the address, and saves the view as PNG and the data as CSV.

    Parameters
    ----------
    found, plane, language, on_progress
        As for `explorer_page`.
    path
        File to write.

    Returns
    -------
    path
        The same.

    Raises
    ------
    InputError
        If no view speaks the language, or there are more networks than a page holds (400).
    ExternalAddressError
        If opening the file would fetch anything.

    Examples
    --------
    >>> import isopt
    >>> dear = isopt.read("scenarios/two_firms").with_(modes={"truck": {"eur_per_tkm": 2.0}})
    >>> write_explorer(isopt.thresholds(dear, "landfill_tax", 0, 150), "out/explorer.html").name
    'explorer.html'
    """
    return write_page(explorer_page(found, plane=plane, language=language, on_progress=on_progress), path)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(template), autoescape=select_autoescape(default=True), trim_blocks=True, auto_reload=False
    )
    return environment.get_template("explorer.html")
