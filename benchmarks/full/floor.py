"""The full model with NumPy alone: the floor that the modelling layer is measured against with all families there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.full import families
from benchmarks.full.layout import Layout, Sheet
from benchmarks.plain import Matrix

if TYPE_CHECKING:
    from benchmarks.full.facts import FullFacts
    from benchmarks.full.layout import Array, Indices

KG_PER_T = 1000.0


def assemble_full(facts: FullFacts) -> Matrix:
    """
    Assemble the model of a full region.

    Parameters
    ----------
    facts
        The region's.

    Returns
    -------
    matrix
        Columns and rows in isopt's order.
    """
    import scipy.sparse as sp

    at, sheet = Layout(facts), Sheet()
    for write in (
        families.balances,
        families.qualities,
        families.processing,
        families.loads,
        families.exchanges,
        families.receivers,
        families.horizon,
        _limits,
    ):
        write(facts, at, sheet)
    where = np.concatenate(sheet.rows), np.concatenate(sheet.columns)
    matrix = sp.csc_array((np.concatenate(sheet.values), where), shape=(sheet.height, at.width))
    lower, upper, integer = _bounds(facts, at)
    cost, offset = _cost(facts, at)
    return Matrix(
        cost=cost,
        lower=lower,
        upper=upper,
        row_lower=np.concatenate(sheet.lower),
        row_upper=np.concatenate(sheet.upper),
        start=matrix.indptr.astype(np.int32, copy=False),
        index=matrix.indices.astype(np.int32, copy=False),
        value=matrix.data,
        integer=integer,
        offset=offset,
    )


def _bounds(f: FullFacts, at: Layout) -> tuple[Array, Array, np.ndarray]:
    """Bounds of the columns, and which are whole numbers."""
    lower, upper = np.zeros(at.width), np.full(at.width, np.inf)
    integer = np.zeros(at.width, np.int32)
    upper[at.flow : at.disposed] = f.link_upper.ravel()
    upper[at.disposed : at.virgin] = f.outlet_upper.ravel()
    upper[at.throughput : at.opened] = f.input_upper.ravel()
    upper[at.opened : at.built] = 1.0
    lower[at.opened : at.built] = np.repeat(f.opening_required, at.years)
    upper[at.built : at.added] = np.logical_or.accumulate(f.plant_can_build[at.candidates], axis=1).ravel()
    upper[at.added : at.running] = families.room_of(f, at, at.expandable).ravel()
    upper[at.running : at.trips] = 1.0
    upper[at.chosen : at.stock] = 1.0
    held = f.stock_capacity.copy()
    held[:, -1] = f.stock_initial
    upper[at.stock : at.drawn] = held.ravel()
    lower[at.stock : at.drawn].reshape(held.shape)[:, -1] = f.stock_initial
    lower[at.drawn :] = -np.inf
    integer[at.opened : at.added] = 1
    integer[at.running : at.stock] = 1
    return lower, upper, integer


def costs_of(f: FullFacts, at: Layout) -> dict[str, Array]:
    """Discounted cost of each variable's elements, shape (things, periods or years)."""
    weight, carbon = f.discount[f.year_of], f.carbon_eur / KG_PER_T
    links = f.link_eur + f.link_use_eur * f.link_arrives + carbon * (f.link_kgco2 + f.link_use_kgco2 * f.link_arrives)
    landfilled = f.outlet_t * f.outlet_arrives * f.outlet_landfill[:, None]
    outlets = f.outlet_eur + f.outlet_gate_eur * f.outlet_arrives + landfilled * f.tax_eur
    outlets = outlets + carbon * (f.outlet_kgco2 + f.outlet_gate_kgco2 * f.outlet_arrives)
    inputs = (f.plant_opex_eur + carbon * f.plant_kgco2)[f.input_plant]
    opened = f.opening_fixed_eur + _yearly(f, f.opening_life_yr, f.opening_capex_eur)
    built = f.plant_fixed_eur + _yearly(f, f.plant_life_yr, f.plant_capex_eur)
    added = f.plant_fixed_eur_per_unit + _yearly(f, f.plant_life_yr, f.plant_capex_eur_per_unit)
    return {
        "flow": links * weight,
        "disposed": outlets * weight,
        "virgin": (f.virgin_eur + carbon * f.virgin_kgco2) * weight,
        "throughput": inputs * weight,
        "opened": opened * f.discount,
        "built": built[at.candidates] * f.discount,
        "added": added[at.expandable] * f.discount,
        "trips": f.group_trip_eur[at.with_trips] * weight,
        "stock": f.stock_eur * f.share * weight,
    }


def _cost(f: FullFacts, at: Layout) -> tuple[Array, float]:
    """Cost of each column, and what is paid whatever is decided."""
    cost = np.zeros(at.width)
    for name, of_variable in costs_of(f, at).items():
        first = getattr(at, name)
        cost[first : first + of_variable.size] = of_variable.ravel()
    return cost, float(f.plant_fixed_eur[f.plant_existing].sum(axis=0) @ f.discount)


def _yearly(f: FullFacts, life_yr: Array, capex_eur: Array) -> Array:
    """Annuity of investments, shape (investments, 1)."""
    rate = f.rate[0]
    payment = np.zeros(len(capex_eur))
    some = np.flatnonzero(capex_eur)
    payment[some] = capex_eur[some] * rate / (1.0 - (1.0 + rate) ** -life_yr[some])
    return payment[:, None]


def _limits(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """CO2 and landfill per year, investment and plants in the last year, exchanges per year."""
    links = (f.link_kgco2 + f.link_use_kgco2 * f.link_arrives) / KG_PER_T
    outlets = (f.outlet_kgco2 + f.outlet_gate_kgco2 * f.outlet_arrives) / KG_PER_T
    emitted = (
        (at.flow, at.links, links),
        (at.disposed, at.outlets, outlets),
        (at.virgin, at.demands, f.virgin_kgco2 / KG_PER_T),
        (at.throughput, at.inputs, (f.plant_kgco2 / KG_PER_T)[f.input_plant]),
    )
    landfilled = ((at.disposed, at.outlets, f.outlet_t * f.outlet_arrives * f.outlet_landfill[:, None]),)
    for most, parts in ((f.limit_co2_t, emitted), (f.limit_landfilled_t, landfilled)):
        for first, count, values in parts:
            if values.any():
                column = np.arange(count * at.periods, dtype=np.int32)
                sheet.put(np.tile(at.year_of, count), first + column, at.each(values))
        sheet.end(at.years, -np.inf, most)
    last = at.years - 1
    candidates, expandable = at.candidates, at.expandable
    for first, values in (
        (at.opened, f.opening_capex_eur),
        (at.built, f.plant_capex_eur[candidates]),
        (at.added, f.plant_capex_eur_per_unit[expandable]),
    ):
        some = np.flatnonzero(values)
        sheet.put(_zeros(some), first + some * at.years + last, values[some])
    sheet.end(1, -np.inf, f.limit_capex_eur)
    every = np.arange(len(candidates))
    sheet.put(_zeros(every), at.built + every * at.years + last, 1)
    sheet.end(1, -np.inf, f.limit_plants)
    counted = np.flatnonzero(f.opening_counted)
    sheet.put(np.tile(at.year, len(counted)), at.opened + at.yearly(counted), 1)
    sheet.end(at.years, -np.inf, f.limit_exchanges)


def _zeros(some: Indices) -> Indices:
    return np.zeros(len(some), dtype=np.int64)
