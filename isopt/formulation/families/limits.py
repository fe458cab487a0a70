"""Limits: what the user bounds for the region as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from isopt.formulation.entries import Entries, place
from isopt.formulation.indexing import Indices, sum_in_year, where
from isopt.formulation.rows import NO_ROWS, Array, Rows
from isopt.network import CO2_LINES, YEARLY_VARIABLES, Instance, ledger_of


def limits(inst: Instance) -> Rows:
    r"""
    The region keeps to the limits on amounts in each year, and to those on investment and numbers in the end.

    .. math::
        \sum_v \varepsilon_v \, v &\le \overline{E} \qquad \forall y && \text{CO2, all four sources} \\
        \sum_{o \in \text{landfill}} m_o a_o w_{o,t} &\le \min\left(\overline{L}, (1 - \delta) \sum_{s \text{ must}}
        m_s Q_{s,t}\right) \qquad \forall y && \text{landfill, diversion} \\
        \sum_e \kappa_e o_{e,Y} + \sum_p \left(\kappa_p z_{p,Y} + \kappa'_p k_{p,Y}\right) &\le \overline{K} &&
        \text{investment} \\
        \sum_p z_{p,Y} &= N, \quad \sum_p z_{p,Y} \le \overline{N}, \quad \sum_{e \text{ foreign}} o_{e,y} \le
        \overline{X} \quad \forall y && \text{numbers}

    =====================  =================================================  =======
    symbol                 meaning                                            unit
    =====================  =================================================  =======
    :math:`\varepsilon_v`  CO2 of one unit of variable v                      t/unit
    :math:`m, a`           mass of one unit; share that arrives               t/unit, 1
    :math:`\kappa`         investment before grants                           EUR
    :math:`\delta`         diversion share                                    1
    :math:`Y`              last year
    =====================  =================================================  =======
    """
    said = inst.limits
    amounts = [
        _per_year(inst, dict.fromkeys(CO2_LINES.values(), 1.0), said.co2_t, "co2"),
        _per_year(inst, {"landfilled": 1.0}, said.landfilled_t, "landfilled"),
    ]
    return Rows.stack([*amounts, *_in_the_end(inst), *_numbers(inst)])


def _in_the_end(inst: Instance) -> Iterator[Rows]:
    """Investment in what stands in the last year."""
    capex, last = inst.limits.capex_eur, np.array([len(inst.periods.years) - 1])
    if capex is not None:
        plants = inst.plants
        yield Rows(
            opened=_in_years(inst.openings.capex_eur, inst, last),
            built=_in_years(plants.capex_eur[plants.candidates], inst, last),
            added=_in_years(plants.capex_eur_per_unit[plants.expandable], inst, last),
            at_most=np.array([capex]),
            labels=["capex"],
        )


def _numbers(inst: Instance) -> Iterator[Rows]:
    """Numbers of plants in the last year and of exchanges in each."""
    said, years = inst.limits, np.arange(len(inst.periods.years))

    def standing() -> Entries:
        return _in_years(np.ones(len(inst.plants.candidates)), inst, years[-1:])

    if said.plants is not None:
        yield Rows(built=standing(), equals=np.array([float(said.plants)]), labels=["plants"])
    if said.plants_max is not None:
        yield Rows(built=standing(), at_most=np.array([float(said.plants_max)]), labels=["plants_max"])
    if said.exchanges_max is not None:
        yield Rows(
            opened=_in_years(inst.openings.counted.astype(np.float64), inst, years),
            at_most=float(said.exchanges_max),
            labels=[f"exchanges_max,{year}" for year in inst.periods.years],
        )


def _per_year(inst: Instance, lines: dict[str, float], most: Array, label: str) -> Rows:
    """Rows for the years in which some lines of account are bounded, over all variables that they speak of."""
    bounded = where(~np.isnan(most))
    if not bounded.size:
        return NO_ROWS
    blocks: dict[str, Any] = {}
    for variable, coefficients in ledger_of(inst).rows(lines).items():
        rows = sum_in_year(coefficients, inst.periods, yearly=variable in YEARLY_VARIABLES)
        blocks[variable] = rows.take(bounded)
    return Rows(at_most=most[bounded], labels=[f"{label},{inst.periods.years[y]}" for y in bounded], **blocks)


def _in_years(values: Array, inst: Instance, years: Indices) -> Entries:
    """A row for each of some years that weighs the decisions of that year, shape (those years, decisions x years)."""
    of_all = len(inst.periods.years)
    filled = where(values)
    row = np.repeat(np.arange(len(years)), len(filled))
    column = (filled * of_all + years[:, None]).ravel()
    return place(row, column, np.tile(values[filled], len(years)), (len(years), len(values) * of_all))
