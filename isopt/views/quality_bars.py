"""What a result rests on, as bars: how much of cost, CO2 and tonnes is as well known as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.views.evidence import GRADES
from isopt.views.numbers import share
from isopt.views.quality import CO2, COST, TONNES
from isopt.views.svg import at, figure, line, said, wide
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.views.quality import Quality

COLOURS = {
    "read": "#1b6e53", "derived": "#5fa98a", "second_hand": "#b9c9a4", "recalled": "#e3b04b", "assumed": "#b4501c",
    "unstated": "#6b6f76",
}  # fmt: skip
ROW, BAR, SIDE, TOP, SIZE = 28.0, 18.0, 150.0, 6.0, 12.0
WRITTEN = 0.07  # share of a bar from which on its number stands in it
DARK = {"read", "assumed", "unstated"}  # on which white is read
STYLE = (
    ".isopt-figure{font:12px/1.2 system-ui,'Segoe UI',Roboto,Arial,sans-serif;fill:#1d2b36}"
    ".isopt-figure .light{fill:#fff}"
    ".isopt-figure rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
)


def quality_bars(found: Quality, *, width: int = 1100, name: str = "quality-bars") -> str:
    """
    Draw a bar each for cost, CO2 and tonnes, divided by how the numbers are known that they rest on.

    Parameters
    ----------
    found
        From `isopt.views.quality.quality`.
    width
        Of the drawing in pixels; on a page it is as wide as what holds it.
    name
        Begins the ids in the SVG.

    Returns
    -------
    str
        SVG; empty where nothing is known to divide.
    """
    measures = [measure for measure in (COST, CO2, TONNES) if found.shares[measure].sum() > 0]
    if not measures:
        return ""
    parts: list[str] = []
    about = []
    length = width - SIDE - 8.0
    for row, measure in enumerate(measures):
        label, x, y = text(f"report.rests_{measure}"), SIDE, TOP + row * ROW
        parts.append(line(SIDE - 8, y + BAR / 2, label, anchor="end"))
        for grade in GRADES:
            part = float(found.shares[measure][grade])
            if part <= 0:
                continue
            told = f"{label}, {text(f'grade.{grade}')}: {share(part)}"
            about.append(told)
            parts.append(
                f'<rect x="{at(x)}" y="{at(y)}" width="{at(max(part * length, 0.5))}" height="{at(BAR)}" '
                f'fill="{COLOURS[grade]}"><title>{said(told)}</title></rect>'
            )
            if part >= WRITTEN:
                middle = x + part * length / 2
                parts.append(
                    line(middle, y + BAR / 2, share(part), anchor="middle", kind="light" if grade in DARK else "")
                )
            x += part * length
    height = TOP + len(measures) * ROW
    legend, height = _legend(found, measures, width, height)
    title = text("report.quality_title")
    return figure(
        parts + legend, width=width, height=height, name=name, title=title, about="; ".join(about), style=STYLE
    )


def _legend(found: Quality, measures: list[str], width: float, top: float) -> tuple[list[str], float]:
    """Colours and what they stand for, in as many lines as they need, and where they end."""
    parts: list[str] = []
    x, y = SIDE, top + 6.0
    for grade in GRADES:
        if not (found.shares.loc[grade, measures] > 0).any():
            continue
        words = text(f"grade.{grade}")
        room = 22.0 + wide(words, SIZE) + 18.0
        if x + room > width and x > SIDE:
            x, y = SIDE, y + 20.0
        parts.append(f'<rect x="{at(x)}" y="{at(y)}" width="14" height="12" fill="{COLOURS[grade]}"/>')
        parts.append(line(x + 20, y + 6, words))
        x += room
    return parts, y + 20.0
