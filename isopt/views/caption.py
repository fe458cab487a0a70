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
        reached = text("caption.cost" if unit == "EUR" else "caption.goal", objective=with_unit(solution.objective, unit))
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
    totals = solution.kpis[solution.kpis["year"].astype(str) == "total"].set_index("kpi")
    shown = []
    for name in HEADLINE:
        if name in totals.index and known_number(value := float(totals.loc[name, "value"])):
            if value or name in ("cost_saved", "exchanges"):
                unit = str(totals.loc[name, "unit"])
                shown.append((text(f"kpi.{name}"), with_unit(value, "" if unit == COUNT else unit)))
    return shown
