"""KPIs of a plan, year by year and over the horizon, in the names of the contract."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import CO2_LINES, COST_LINES, Instance, Ledger
from isopt.solution.plan import Plan

Array = NDArray[np.float64]

#: Every KPI of the contract, with its unit, in the order of the contract.
UNITS: Mapping[str, str] = {
    "cost_total": "EUR",
    "cost_haulage": "EUR",
    "cost_setup": "EUR",
    "cost_treatment": "EUR",
    "cost_plants": "EUR",
    "cost_gate_fees": "EUR",
    "cost_virgin": "EUR",
    "landfill_tax": "EUR",
    "carbon_payment": "EUR",
    "subsidies": "EUR",
    "co2_total": "t",
    "co2_transport": "t",
    "co2_treatment": "t",
    "co2_disposal": "t",
    "co2_virgin": "t",
    "landfilled": "t",
    "diverted": "t",
    "exchanged": "t",
    "virgin_saved": "t",
    "hazardous_diverted": "t",
    "water_saved": "m3",
    "heat_recovered": "MWh",
    "exchanges": "1",
    "plants_built": "1",
    "capex": "EUR",
    "tonne_km": "t-km",
    "cost_saved": "EUR",
    "co2_avoided": "t",
}
#: KPIs that compare with the baseline: baseline's line less the plan's.
AGAINST_BASELINE: Mapping[str, str] = {
    "diverted": "landfilled",
    "virgin_saved": "purchased_t",
    "water_saved": "purchased_m3",
    "heat_recovered": "purchased_mwh",
    "hazardous_diverted": "landfilled_hazardous",
    "cost_saved": "cost_total",
    "co2_avoided": "co2_total",
}


def yearly_lines(ledger: Ledger, plan: Plan) -> dict[str, Array]:
    """
    Add up every line of account in each year.

    Returns
    -------
    lines
        Line -> amounts, shape (years,), undiscounted.
    """
    written = [
        *COST_LINES, *CO2_LINES.values(), "landfilled", "landfilled_hazardous", "exchanged", "tonne_km",
        "purchased_t", "purchased_m3", "purchased_mwh",
    ]  # fmt: skip
    lines = {line: ledger.yearly(line, plan.values) for line in written}
    lines["cost_total"] = sum(
        (sign * lines[line] for line, sign in COST_LINES.items()), np.zeros_like(lines["landfilled"])
    )
    lines["co2_total"] = sum((lines[line] for line in CO2_LINES.values()), np.zeros_like(lines["landfilled"]))
    lines["capex"] = _capex(plan)
    lines["exchanges"] = _counted(plan)
    lines["plants_built"] = plan["built"].sum(axis=0)
    return lines


def kpi_table(
    instance: Instance, lines: Mapping[str, Array], baseline: Mapping[str, Array] | None, plan: Plan
) -> pd.DataFrame:
    """
    Write the KPIs down.

    Parameters
    ----------
    instance
        Supplies the years and their weight in money.
    lines
        Yearly lines of the plan, from `yearly_lines`.
    baseline
        Those of the baseline; None where there is none, and then what compares with it is left out.
    plan
        The plan, to count exchanges over the horizon.

    Returns
    -------
    kpis
        Columns ``kpi, year, value, unit``; the year is "total" for the horizon.
    """
    periods = instance.periods
    rows: list[tuple[str, str | int, float, str]] = []
    for name, unit in UNITS.items():
        if name in AGAINST_BASELINE:
            if baseline is None:
                continue
            line = AGAINST_BASELINE[name]
            values = baseline[line] - lines[line]
        else:
            values = lines[name]
        if name == "exchanges":
            total = float(exchanges_in_place(plan).sum())
        elif name == "plants_built":
            total = float(values[-1])
        elif unit == "EUR":
            total = float(periods.discount @ values)
        else:
            total = float(values.sum())
        rows.append((name, "total", total, unit))
        rows += [(name, int(year), float(value), unit) for year, value in zip(periods.years, values, strict=True)]
    return pd.DataFrame(rows, columns=["kpi", "year", "value", "unit"]).astype({"year": object})


def _capex(plan: Plan) -> Array:
    """Investment before grants in the year in which it is made, shape (years,)."""
    instance, plants = plan.instance, plan.instance.plants
    spent = np.zeros(len(instance.periods.years))
    for variable, price in (
        ("opened", instance.openings.capex_eur),
        ("built", plants.capex_eur[plants.candidates]),
        ("added", plants.capex_eur_per_unit[plants.expandable]),
    ):
        spent += price @ np.diff(plan[variable], axis=1, prepend=0.0)
    return spent


def exchanges_in_place(plan: Plan, year: int | None = None) -> NDArray[np.bool_]:
    """
    Tell which exchanges between organisations are in place.

    Parameters
    ----------
    plan
        The plan.
    year
        Index of a year; over the whole horizon where it is not given.

    Returns
    -------
    counted
        Shape (groups,). One that was opened stays in place; one that existed before counts in the years in which it
        is used.
    """
    instance = plan.instance
    links, groups, year_of = instance.links, instance.groups, instance.periods.year_of
    until = year_of <= (len(instance.periods.years) if year is None else year)
    at = until if year is None else year_of == year
    stays = groups.status != "existing"
    foreign = links.foreign[:, None] & (plan["flow"] > 0)
    active = np.where(stays[links.group], foreign[:, until].any(axis=1), foreign[:, at].any(axis=1))
    counted = np.zeros(groups.count, dtype=bool)
    counted[links.group[active]] = True
    return counted


def _counted(plan: Plan) -> Array:
    """Exchanges between organisations in place in each year, shape (years,)."""
    years = range(len(plan.instance.periods.years))
    return np.array([exchanges_in_place(plan, year).sum() for year in years], dtype=np.float64)
