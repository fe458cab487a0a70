"""The solution: tables, bound and gap, and the baseline beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from isopt.errors import InputError, did_you_mean
from isopt.network import ledger_of
from isopt.scenario import Scenario
from isopt.solution.exchanges import exchanges_table
from isopt.solution.firms import firms_table
from isopt.solution.kpis import kpi_table, yearly_lines
from isopt.solution.names import LONG, Ids, categorical
from isopt.solution.plan import Plan
from isopt.solution.tables import (
    disposal_table,
    flows_table,
    plants_table,
    stocks_table,
    throughput_table,
    virgin_table,
)

#: Tables of a solution, in the order in which they are written.
TABLES = ("exchanges", "plants", "disposal", "virgin", "firms", "flows", "throughput", "stocks")


@dataclass(frozen=True)
class Solution:
    """
    What the best plan found says, table by table.

    Attributes
    ----------
    scenario
        What was asked.
    status
        ``optimal`` (proven within the gap asked for), ``feasible``, ``infeasible`` or ``no_solution`` (none found in
        time).
    interrupted
        Whether somebody stopped the solve; the plan is the best found until then.
    objective, bound, gap
        Of what was minimised; None where there is no plan or nothing was proven.
    gap_on_savings
        Gap as a share of the saving against the baseline (on cost it flatters), where cost was minimised.
    seconds
        Time of each phase.
    kpis
        Columns ``kpi, year, value, unit``; the year is "total" for the horizon.
    tables
        See `TABLES`; columns in the documentation page *Results*.
    baseline
        The region without exchange between organisations; None where it is infeasible.
    baseline_reason
        Why there is no baseline.
    warnings
        What the user should know, in words.
    counts
        Candidate links tried, left and dropped, by reason.
    reason
        Why there is no plan, in words.
    method
        Which way it was solved, why, and what the bound rests on, in words.
    """

    scenario: Scenario
    status: str
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    gap_on_savings: float | None = None
    interrupted: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    kpis: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["kpi", "year", "value", "unit"]))
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    baseline: Solution | None = None
    baseline_reason: str | None = None
    warnings: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    reason: str | None = None
    method: str | None = None

    def kpi(self, name: str, year: int | str = "total") -> float:
        """
        Look a KPI up.

        Parameters
        ----------
        name
            A name of the contract, for example ``cost_total``.
        year
            A year of the scenario, or "total".

        Raises
        ------
        InputError
            Where there is no such KPI or year.
        """
        found = self.kpis[(self.kpis["kpi"] == name) & (self.kpis["year"].astype(str) == str(year))]
        if found.empty:
            known = list(dict.fromkeys(self.kpis["kpi"]))
            if name in known:
                years = ", ".join(dict.fromkeys(self.kpis["year"].astype(str)))
                raise InputError(f'the KPI "{name}" has no year {year}; there are {years}')
            raise InputError(f'there is no KPI "{name}" in this solution{did_you_mean(name, known)}')
        return float(found["value"].iloc[0])

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to speak of."""
        return self.status in {"optimal", "feasible"}

    @property
    def exchanges(self) -> pd.DataFrame:
        """Exchanges in place, a row each."""
        return self._table("exchanges")

    @property
    def plants(self) -> pd.DataFrame:
        """Plants, a row per year."""
        return self._table("plants")

    @property
    def disposal(self) -> pd.DataFrame:
        """What is disposed of, a row per outlet, material and year."""
        return self._table("disposal")

    @property
    def virgin(self) -> pd.DataFrame:
        """How demands are met, a row per demand and period."""
        return self._table("virgin")

    @property
    def firms(self) -> pd.DataFrame:
        """Costs of each organisation before and after."""
        return self._table("firms")

    @property
    def flows(self) -> pd.DataFrame:
        """Everything that moves, a row per link and period."""
        return self._table("flows")

    @property
    def throughput(self) -> pd.DataFrame:
        """What plants process, a row per plant, input and period."""
        return self._table("throughput")

    @property
    def stocks(self) -> pd.DataFrame:
        """What stocks hold, a row per stock and period."""
        return self._table("stocks")

    def _table(self, name: str) -> pd.DataFrame:
        return self.tables.get(name, pd.DataFrame())

    def __str__(self) -> str:
        title = self.scenario.title or self.scenario.name
        if not self.has_plan:
            return f"{title}: {self.status.replace('_', ' ')}" + (f"\n  {self.reason}" if self.reason else "")
        lines = [f"{title}: {self.status}" + (" (interrupted)" if self.interrupted else "")]
        gap = "unknown" if self.gap is None else f"{self.gap:.3%}"
        lines.append(f"  objective {self.objective:,.2f}, bound {_number(self.bound)}, gap {gap}")
        if self.gap_on_savings is not None:
            lines[-1] += f" ({self.gap_on_savings:.3%} of the saving)"
        for name, label in (
            ("cost_total", "cost"),
            ("cost_saved", "saved against the baseline"),
            ("exchanged", "exchanged"),
            ("landfilled", "landfilled"),
            ("co2_total", "CO2"),
            ("exchanges", "exchanges"),
        ):
            found = self.kpis[(self.kpis["kpi"] == name) & (self.kpis["year"].astype(str) == "total")]
            if not found.empty:
                unit = found["unit"].iloc[0]
                lines.append(f"  {label:<27}{found['value'].iloc[0]:>18,.1f} {'' if unit == '1' else unit}".rstrip())
        return "\n".join(lines)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f}"


def plan_tables(plan: Plan, baseline: Plan | None) -> dict[str, pd.DataFrame]:
    """Write a plan as tables, with what exchanges and firms save against a baseline's plan."""
    ids = Ids(plan.instance)
    tables = {
        "exchanges": exchanges_table(plan, ids, baseline),
        "plants": plants_table(plan),
        "disposal": disposal_table(plan, ids),
        "virgin": virgin_table(plan),
        "firms": firms_table(plan, baseline),
        "flows": flows_table(plan, ids),
        "throughput": throughput_table(plan, ids),
        "stocks": stocks_table(plan),
    }
    return {name: categorical(table) if name in LONG else table for name, table in tables.items()}


def plan_kpis(plan: Plan, baseline: Plan | None) -> pd.DataFrame:
    """Write the KPIs of a plan, against a baseline's plan where there is one."""
    lines = yearly_lines(ledger_of(plan.instance), plan)
    before = None if baseline is None else yearly_lines(ledger_of(baseline.instance), baseline)
    return kpi_table(plan.instance, lines, before, plan)


def plan_objective(plan: Plan) -> float:
    """Objective of a plan, from the ledger."""
    linear, constant = ledger_of(plan.instance).objective(plan.instance.minimise)
    return constant + float(sum(coefficients @ plan[name].ravel() for name, coefficients in linear.items()))
