"""What every figure shares: style, names that can't break it, axes with units, files that stay the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.solution.store import replace_file
from isopt.views.language import localised, marks
from isopt.views.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["INK", "PALE", "bars", "checked", "figure_svg", "label_of", "name_axis", "styled", "write_figure"]

#: Text and axes, pale lines.
INK, PALE = "#333333", "#bbbbbb"
#: What a figure looks like, whatever the user's own settings: text stays text in SVG, and its ids are the same in every
#: run.
STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that text is as wide everywhere
    "font.size": 9,
    "grid.color": "#e5e5e5",
    "legend.frameon": False,
    "savefig.dpi": 150,
    "svg.fonttype": "none",
    "svg.hashsalt": "isopt",
    "text.parse_math": False,  # a name may hold dollar signs
    "xtick.color": INK,
    "ytick.color": INK,
}
#: Characters of a name that a label shows.
LONGEST_NAME = 34
#: What an amount is divided by from which size on, and the name of the word for it.
SIZES = ((2e9, 1e9, "axis.billion"), (2e6, 1e6, "axis.million"), (2e4, 1e3, "axis.thousand"))


@contextmanager
def styled() -> Iterator[Callable[[tuple[float, float]], Figure]]:
    """Draw in our style, whatever the user's own is; gives a maker of figures of a size in inches."""
    import warnings

    import matplotlib as mpl
    from matplotlib.figure import Figure

    # a character that the font lacks is drawn as a box in PNG; in SVG it stays what it is
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield lambda size: Figure(figsize=size, layout="constrained")


def checked(table: pd.DataFrame, needed: Sequence[str]) -> None:
    """Refuse a table with nothing in it, or without a column."""
    for name in needed:
        if name not in table.columns:
            raise InputError(f"the table has no column {quoted(name)}{did_you_mean(name, list(table.columns))}")
    if table.empty:
        raise InputError("the table is empty: there is nothing to draw")


def label_of(text: object, longest: int = LONGEST_NAME) -> str:
    r"""
    A name as a label shows it: on one line, without characters that can't be written, cut where it is long.

    Examples
    --------
    >>> label_of("Mill\n\x00 No. 1")
    'Mill No. 1'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _size(largest: float) -> tuple[float, str]:
    """What to divide amounts by, and the name of the word for it; empty for none."""
    return next(((by, word) for least, by, word in SIZES if largest >= least), (1.0, ""))


def name_axis(axes: Axes, unit: str, label: str, colour: str = INK, *, which: Literal["x", "y"] = "y") -> None:
    """Name an axis with its unit, in thousands, millions or billions."""
    from matplotlib.ticker import FuncFormatter

    axis = axes.yaxis if which == "y" else axes.xaxis
    low, high = axes.get_ylim() if which == "y" else axes.get_xlim()
    by, word = _size(max(abs(low), abs(high)))
    told = marks()  # of now: the axis may be drawn when another language is spoken
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: localised(f"{value / by:,.10g}", told).replace("-", "\N{MINUS SIGN}"))
    )
    inside = text(word, unit=unit).strip() if word else unit
    axis.set_label_text(text("axis.with_unit", label=label, unit=inside) if inside else label, color=colour)
    if colour != INK:
        axes.tick_params(axis=which, colors=colour)


def bars(new_figure: Callable[[tuple[float, float]], Figure], names: Iterable[object]) -> tuple[Figure, Axes]:
    """Lay out a figure of horizontal bars, a name each, the first on top."""
    labels = [label_of(name) or text("chart.none") for name in names]
    figure = new_figure((7.0, 1.4 + 0.32 * max(len(labels), 2)))
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.grid(axis="x", visible=True)
    axes.set_yticks(np.arange(len(labels)), labels)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # the style may be another one when a notebook draws
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def figure_svg(figure: Figure, prefix: str, title: str) -> str:
    """
    Give a figure as an element for a page, as wide as there is room.

    Parameters
    ----------
    figure
        Any of ours.
    prefix
        Stands before every id in it, so that several figures on one page don't share one.
    title
        What it shows, for readers who don't see it.

    Returns
    -------
    str
        One ``svg`` element.
    """
    import io

    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    written = buffer.getvalue()
    written = written[written.index("<svg") :]
    written = re.sub(r'(?<=\bid=")|(?<=url\(#)|(?<=href="#)', f"{prefix}-", written)
    head, _, rest = written.partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{escape(title, quote=True)}">{rest}'


def write_figure(figure: Figure, path: str | Path) -> list[Path]:
    """
    Write a figure as SVG and PNG, the same bytes in every run.

    Parameters
    ----------
    figure
        From one of the functions above.
    path
        Where to, without a suffix; the folder is made where it does not exist, each file is put in place in one step.

    Returns
    -------
    paths
        The SVG and the PNG.

    Examples
    --------
    >>> from isopt.views.policy_charts import draw_organisations
    >>> table = pd.DataFrame({"organisation": ["Mill", "Works"], "change_after_payments_eur_per_yr": [-200.0, 90.0]})
    >>> [written.name for written in write_figure(draw_organisations(table), "out/organisations")]
    ['organisations.svg', 'organisations.png']
    """
    base = Path(path)
    base.parent.mkdir(parents=True, exist_ok=True)
    dateless: dict[str, dict[str, Any]] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
    written = []
    with styled():
        for kind, metadata in dateless.items():

            def fill(temporary: Path, kind: str = kind, metadata: dict[str, Any] = metadata) -> None:
                figure.savefig(temporary, format=kind, metadata=metadata)

            written.append(replace_file(base.with_name(f"{base.name}.{kind}"), fill))
    return written
