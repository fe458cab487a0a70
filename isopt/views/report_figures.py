"""The report's figures as files: SVG, and PNG for programs that don't know it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from isopt.solution.store import replace_file, replace_text
from isopt.views import caption
from isopt.views.sankey import sankey
from isopt.views.waterfall import CO2, COST, waterfall

if TYPE_CHECKING:
    from isopt.solution import Solution

__all__ = ["write_report_figures"]

#: Pixels of a PNG per unit of its drawing: sharp on paper up to a page's width.
ZOOM = 3
#: The fonts of the pages are those of the reader's system; a file has to bring its own, which is a little wider.
LOOKS = ".isopt-figure{font-family:'DejaVu Sans';font-size:10.8px}.isopt-figure .soft{font-size:9.8px}"
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")  # come with matplotlib


def write_report_figures(solution: Solution, folder: str | Path) -> list[Path]:
    """
    Write the diagrams of materials and the steps from the baseline to the plan, each as SVG and PNG.

    Parameters
    ----------
    solution
        Any solution; without a plan there is nothing to draw.
    folder
        Made where it does not exist; each file is put in place in one step.

    Returns
    -------
    paths
        What was written, in the language that is spoken.

    Examples
    --------
    >>> import isopt
    >>> solution = isopt.solve(isopt.read("scenarios/two_firms"))
    >>> [path.name for path in write_report_figures(solution, "out/figures")][:2]
    ['materials-t.svg', 'materials-t.png']
    """
    if not caption.has_plan(solution):
        return []
    drawn = {
        "materials-t": sankey(solution, unit="t", name="materials"),
        "materials-mwh": sankey(solution, unit="MWh", name="energy"),
        "steps-cost": waterfall(solution, COST, name="cost"),
        "steps-co2": waterfall(solution, CO2, name="co2"),
    }
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in drawn.items():
        if svg:
            written.append(replace_text(out / f"{name}.svg", svg + "\n"))
            picture = as_png(svg)
            written.append(replace_file(out / f"{name}.png", partial(Path.write_bytes, data=picture)))
    return written


def as_png(svg: str) -> bytes:
    """
    Draw one of our SVG figures as a PNG.

    Parameters
    ----------
    svg
        One ``svg`` element.
    """
    import matplotlib as mpl
    import resvg_py

    fonts = [str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name) for name in FONTS]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.replace("</style>", f"{LOOKS}</style>", 1), font_files=fonts, skip_system_fonts=True,
            font_family="DejaVu Sans", sans_serif_family="DejaVu Sans", zoom=ZOOM, background="white",
        )
    )  # fmt: skip
