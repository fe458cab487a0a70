"""What every view says above its numbers: how good the plan is and what it comes to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeGuard

from isopt.views.means import years
from isopt.views.numbers import share, with_unit
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution

GOAL_UNITS = {"cost": "EUR", "co2": "t", "landfilled": "t", "tonne_km": "tkm"}
PROVEN = 1e-6  # a smaller gap is the rounding of the solver
COUNT = "1"  # the unit of numbers of things
HEADLINE = ["cost_saved", "co2_avoided", "diverted", "exchanges", "exchanged", "plants_built"]
ALWAYS = {"cost_saved", "exchanges"}  # said even if it is 0


def has_plan(solution: Solution) -> bool:
    """Whether there is a plan to show."""
    return solution.status in ("optimal", "feasible")


def title(solution: Solution) -> str:
    """Title of the scenario, its name where it has none."""
    return solution.scenario.settings.title or solution.scenario.name


def status(solution: Solution) -> str:
    """Status in words."""
    return text(f"status.{solution.status}")


def proof(solution: Solution) -> list[str]:
    """Sentences on how far the plan can be from the best one; for want of a plan, why there is none."""
    if not has_plan(solution):
        return [solution.reason] if solution.reason else []
    lines = []
    if known_number(solution.gap):
        savings = solution.gap_on_savings
        kind = "caption.gap_both" if known_number(savings) else "caption.gap"
        if max(solution.gap, savings or 0.0) < PROVEN:
            kind = "caption.gap_none"
        lines.append(text(kind, gap=share(solution.gap), savings=share(savings)))
    if known_number(solution.objective):
        goal = solution.scenario.settings.minimise
        unit = "" if goal.weights else GOAL_UNITS.get(goal.what, "")
        kind = "caption.cost" if unit == "EUR" else "caption.goal"
        reached = text(kind, objective=with_unit(solution.objective, unit))
        bound = solution.bound
        if known_number(bound) and with_unit(bound, unit) != with_unit(solution.objective, unit):
            lines.append(text("caption.bound", objective=reached, bound=with_unit(bound, unit)))
        else:
            lines.append(text("caption.sentence", words=reached))
    return lines


def known_number(value: float | None) -> TypeGuard[float]:
    """Whether there is a finite number."""
    return value is not None and math.isfinite(value)


def notes(solution: Solution) -> list[str]:
    """Remarks that a reader of any amount must know."""
    lines = []
    if solution.interrupted:
        lines.append(text("map.interrupted"))
    horizon = years(solution.scenario)
    if len(horizon) > 1:
        lines.append(text("map.mean_of_years", first=horizon[0], last=horizon[-1]))
    return lines


def figures(solution: Solution) -> list[tuple[str, str]]:
    """The few numbers that a planner asks for first: label and text."""
    if not has_plan(solution):
        return []
    totals = kpi_totals(solution)
    return [
        (text(f"kpi.{name}"), with_unit(*totals[name]))
        for name in HEADLINE
        if name in totals and known_number(totals[name][0]) and (totals[name][0] or name in ALWAYS)
    ]


def kpi_totals(solution: Solution) -> dict[str, tuple[float, str]]:
    """Value and unit by KPI over the horizon; a number of things has no unit."""
    totals = solution.kpis[solution.kpis["year"].astype(str) == "total"]
    return {
        str(kpi): (float(value), "" if unit == COUNT else str(unit))
        for kpi, value, unit in zip(totals["kpi"], totals["value"], totals["unit"], strict=True)
    }
