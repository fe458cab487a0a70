"""From the baseline to the plan, step by step: what each line of account adds or takes away, as a waterfall in SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from isopt.views.caption import kpi_totals
from isopt.views.numbers import plain, with_unit
from isopt.views.svg import at, figure, fitted, line, said
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution

COST, CO2 = "cost_total", "co2_total"
LINES = {
    COST: (
        "cost_virgin", "cost_gate_fees", "landfill_tax", "carbon_payment", "cost_haulage", "cost_setup",
        "cost_treatment", "cost_plants", "subsidies",
    ),
    CO2: ("co2_virgin", "co2_disposal", "co2_transport", "co2_treatment"),
}  # fmt: skip
"""The lines that add up to a total; subsidies are what lowers it."""
LOWERING = {"subsidies"}
SMALLEST = 0.002  # of the longest bar: what is shorter would not be seen
FAR = 0.6  # where no bar comes below this share of the largest, the axis begins later and says so
ROW, BAR, SIDE, VALUE, TOP = 27.0, 15.0, 186.0, 96.0, 8.0
COLOURS = {"total": "#5b6b77", "less": "#2f6f4f", "more": "#b3471d"}
STYLE = (
    ".isopt-figure{font:12px/1.2 system-ui,'Segoe UI',Roboto,Arial,sans-serif;fill:#1d2b36}"
    ".isopt-figure .soft{fill:#55646f;font-size:11px}.isopt-figure .bold{font-weight:650}"
    ".isopt-figure .tie{stroke:#8a959d;stroke-width:1;stroke-dasharray:2 2}"
    ".isopt-figure rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
)


@dataclass(frozen=True)
class Step:
    """
    A bar of a waterfall.

    Attributes
    ----------
    label
        What it is.
    start, end
        Levels between which it hangs; a total starts at 0.
    kind
        total, less or more.
    """

    label: str
    start: float
    end: float
    kind: str


def steps(solution: Solution, total: str) -> list[Step]:
    """
    What leads from the baseline's total to the plan's.

    Parameters
    ----------
    solution
        One with a plan.
    total
        ``cost_total`` or ``co2_total``.

    Returns
    -------
    steps
        The baseline, each line that changes, in the order of `LINES`, and the plan; empty without a baseline, or where
        both are nothing.
    """
    if solution.baseline is None:
        return []
    before, after = kpi_totals(solution.baseline), kpi_totals(solution)
    if total not in before or total not in after:
        return []
    level = before[total][0]
    found = [Step(text("report.baseline"), 0.0, level, "total")]
    longest = max(abs(level), abs(after[total][0]))
    if longest == 0.0:
        return []
    rest = 0.0
    for name in LINES[total]:
        change = (after.get(name, (0.0,))[0] - before.get(name, (0.0,))[0]) * (-1.0 if name in LOWERING else 1.0)
        if abs(change) < SMALLEST * longest:
            rest += change
            continue
        label = text(f"kpi.{name}")
        found.append(Step(label, level, level + change, "less" if change < 0 else "more"))
        level += change
    if abs(rest) >= SMALLEST * longest:
        found.append(Step(text("waterfall.rest"), level, level + rest, "less" if rest < 0 else "more"))
    found.append(Step(text("report.plan"), 0.0, after[total][0], "total"))
    return found


def waterfall(solution: Solution, total: str = COST, *, width: int = 560, name: str = "waterfall") -> str:
    """
    Draw how a total comes down from the baseline to the plan, as an inline SVG.

    Parameters
    ----------
    solution
        One with a plan and a baseline.
    total
        ``cost_total`` (EUR over the horizon, as the KPI) or ``co2_total`` (t).
    width
        Of the drawing in pixels; on a page it is as wide as what holds it.
    name
        Begins the ids in the SVG; of its own for each figure of a page.

    Returns
    -------
    str
        SVG; empty where there is no baseline.

    Examples
    --------
    >>> import isopt
    >>> waterfall(isopt.solve(isopt.read("scenarios/two_firms"))).count("<rect") >= 3
    True
    """
    found = steps(solution, total)
    if not found:
        return ""
    unit = kpi_totals(solution)[total][1]
    levels = [level for step in found for level in (step.start, step.end) if step.kind != "total" or level != 0.0]
    low, high = min(0.0, *levels), max(0.0, *levels)
    cut = min(levels) > FAR * high > 0
    if cut:
        low = min(levels) - 0.25 * (high - min(levels) or high)
    scale = (width - SIDE - VALUE) / (high - low or 1.0)

    def x(level: float) -> float:
        return SIDE + (max(level, low) - low) * scale

    parts: list[str] = []
    for row, step in enumerate(found):
        y = TOP + row * ROW
        left, right = sorted((x(step.start), x(step.end)))
        written = plain(step.end - step.start)
        if step.kind != "total":
            written = f"+{written}" if step.end > step.start else written
        told = f"{step.label}: {written} {unit}"
        heavy = "bold" if step.kind == "total" else ""
        parts.append(line(SIDE - 8, y + BAR / 2, fitted(step.label, SIDE - 10, 12), anchor="end", kind=heavy))
        parts.append(
            f'<rect x="{at(left)}" y="{at(y)}" width="{at(max(right - left, 0.8))}" height="{at(BAR)}" '
            f'fill="{COLOURS[step.kind]}"><title>{said(told)}</title></rect>'
        )
        parts.append(line(right + 6, y + BAR / 2, written, kind=heavy))
        if row + 1 < len(found):
            tie = at(x(step.end))
            parts.append(f'<path class="tie" d="M{tie} {at(y + BAR)}V{at(y + ROW)}"/>')
    height = TOP + len(found) * ROW
    if cut:
        words = text("waterfall.cut", begin=with_unit(low, unit))
        parts.append(line(SIDE, height + 4, words, kind="soft"))
        height += 16
    title = text("waterfall.title", what=text(f"kpi.{total}"), unit=unit)
    about = "; ".join(f"{step.label} {plain(step.end - step.start)} {unit}" for step in found)
    return figure(parts, width=width, height=height, name=name, title=title, about=about, style=STYLE)
