"""Tables of foresight: a row per announcement, what each year holds, and which plants are built when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isopt.solution import Solution

__all__ = ["FIGURES", "announcements_table", "plants_table", "years_table"]

#: KPIs of each plan in the tables: over the horizon money is discounted and masses are summed.
FIGURES = ("cost_total", "landfill_tax", "landfilled", "exchanged", "co2_total", "capex", "exchanges", "plants_built")
#: Share of a plant's largest addition below which a capacity is the solver's tolerance and no decision.
NOISE = 1e-6
#: Share of the cost below which a difference of two is how the computer rounds.
ROUNDING = 1e-9


def announcements_table(solutions: Mapping[int, Solution], years: Sequence[int]) -> pd.DataFrame:
    """
    Put the plans side by side, a row per announcement; without a plan its figures are NaN.

    Parameters
    ----------
    solutions
        Plan by the year of its announcement.
    years
        All years of the scenario: announced in the first is foresight, in the last planning year by year.
    """
    best = next((one.kpi("cost_total") for year, one in solutions.items() if year == years[0] and one.has_plan), np.nan)
    rows = []
    for year, solution in solutions.items():
        how = "foresight" if year == years[0] else "year_by_year" if year == years[-1] else "announced"
        row: dict[str, Any] = {"announced": year, "how": how, "status": solution.status, "gap": solution.gap}
        if solution.has_plan:
            row |= {name: solution.kpi(name) for name in FIGURES}
            more = row["cost_total"] - best
            row["cost_of_not_knowing_eur"] = 0.0 if abs(more) <= ROUNDING * abs(best) else more
            row["error"] = _error(solution)
        row["plants"] = "; ".join(f"{name} {when}" for name, when, _, what in _decided(solution) if what == "built")
        rows.append(row | {"reason": solution.reason or ""})
    columns = ["announced", "how", "status", "gap", "error", *FIGURES, "cost_of_not_knowing_eur", "plants", "reason"]
    numbers = dict.fromkeys(["gap", "error", *FIGURES, "cost_of_not_knowing_eur"], float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def years_table(solutions: Mapping[int, Solution]) -> pd.DataFrame:
    """
    Tell what each plan does year by year.

    Parameters
    ----------
    solutions
        Plan by the year of its announcement.

    Returns
    -------
    years
        A row per announcement with a plan and year: ``announced, year`` and the KPIs of `FIGURES`, not discounted.
    """
    tables = []
    for announced, solution in solutions.items():
        if solution.has_plan:
            yearly = solution.kpis[solution.kpis["year"].astype(str) != "total"]
            by_kpi = dict(tuple(yearly.astype({"year": int}).set_index("year").groupby("kpi")["value"]))
            wide = pd.DataFrame({name: by_kpi[name] for name in FIGURES}).rename_axis("year").reset_index()
            wide.insert(0, "announced", announced)
            tables.append(wide)
    if not tables:
        return pd.DataFrame(columns=["announced", "year", *FIGURES])
    return pd.concat(tables, ignore_index=True)


def plants_table(solutions: Mapping[int, Solution]) -> pd.DataFrame:
    """
    Tell which plants each plan builds or enlarges, and when.

    Parameters
    ----------
    solutions
        Plan by the year of its announcement.

    Returns
    -------
    plants
        ``announced, plant, built_year`` (of an existing plant: in which it first grows), ``capacity_added`` in the end,
        ``what`` (built, enlarged).
    """
    rows = [(year, *decided) for year, solution in solutions.items() for decided in _decided(solution)]
    return pd.DataFrame(rows, columns=["announced", "plant", "built_year", "capacity_added", "what"])


def _decided(solution: Solution) -> list[tuple[str, int, float, str]]:
    """Plants built or enlarged: name, first year, the capacity added in the end and what, in the order of years."""
    if not len(solution.plants):
        return []
    rows = []
    for name, of in solution.plants.groupby("plant", sort=False):
        added = of["added_capacity"]
        most = float(added.max())
        begun = of["built"] if of["built"].any() else added > NOISE * max(1.0, most)
        if begun.any():
            what = "built" if of["built"].any() else "enlarged"
            rows.append((str(name), int(of["year"][begun].min()), most, what))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _error(solution: Solution) -> float:
    """By how much the cost may be too high in EUR; NaN where cost is not what is minimised, inf where not known."""
    chosen = solution.scenario.settings.minimise
    if set(chosen.weights or {chosen.what}) != {"cost"}:
        return float("nan")
    if solution.gap is None:
        return float("inf")
    return solution.gap * abs(solution.kpi("cost_total"))
