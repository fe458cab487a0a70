"""
Plans solved on paper, as tables: what `audit` is shown in its tests.

A row states what matters of it; text left out is "", numbers left out are 0. The figures are written out, with their arithmetic, and
come from no function of isopt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from isopt.scenario import Scenario
from isopt.solution.audit.solution import COLUMNS

Rows = list[dict[str, Any]]
EMPTY = {"text": "", "number": 0.0, "flag": False}


@dataclass(frozen=True)
class Plan:
    """What an audit looks at."""

    scenario: Scenario
    tables: Mapping[str, pd.DataFrame]
    kpis: pd.DataFrame
    objective: float | None
    bound: float | None
    gap: float | None = 0.0
    gap_on_savings: float | None = 0.0
    status: str = "optimal"
    baseline: Plan | None = None
    baseline_reason: str | None = None
    notes: tuple[str, ...] = field(default=())


def table(name: str, rows: Rows) -> pd.DataFrame:
    """A results table with every column that it promises."""
    columns = COLUMNS[name]
    whole = [{column: EMPTY[kind] for column, kind in columns.items()} | row for row in rows]
    return pd.DataFrame(whole, columns=list(dict.fromkeys([*columns, *(key for row in rows for key in row)])))


def kpi_rows(by_year: Mapping[int, Mapping[str, float]], total: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Every KPI, 0 unless given; the total is the plain sum unless given."""
    names = [
        "cost_total",
        "cost_haulage",
        "cost_setup",
        "cost_treatment",
        "cost_plants",
        "cost_gate_fees",
        "cost_virgin",
        "landfill_tax",
        "carbon_payment",
        "subsidies",
        "co2_total",
        "co2_transport",
        "co2_treatment",
        "co2_disposal",
        "co2_virgin",
        "landfilled",
        "diverted",
        "exchanged",
        "virgin_saved",
        "hazardous_diverted",
        "water_saved",
        "heat_recovered",
        "exchanges",
        "plants_built",
        "capex",
        "tonne_km",
        "cost_saved",
        "co2_avoided",
    ]
    rows = []
    for name in names:
        values = {year: told.get(name, 0.0) for year, told in by_year.items()}
        rows.append((name, "total", (total or {}).get(name, sum(values.values())), ""))
        rows += [(name, year, value, "") for year, value in values.items()]
    return pd.DataFrame(rows, columns=["kpi", "year", "value", "unit"])


def plan(
    scenario: Scenario,
    rows: Mapping[str, Rows],
    kpis: pd.DataFrame,
    objective: float,
    baseline: Plan | None = None,
    **more: Any,
) -> Plan:
    """A plan of these rows; tables left out have none."""
    tables = {name: table(name, rows.get(name, [])) for name in COLUMNS if name != "kpis"}
    return Plan(scenario, tables, kpis, objective, objective, baseline=baseline, **more)


def with_cell(solution: Plan, name: str, row: int, column: str, value: object) -> Plan:
    """The same plan with one cell changed."""
    frame = solution.kpis if name == "kpis" else solution.tables[name]
    changed = frame.astype({column: object})
    changed.iloc[row, changed.columns.get_loc(column)] = value
    if name == "kpis":
        return replace(solution, kpis=changed)
    return replace(solution, tables={**solution.tables, name: changed})
