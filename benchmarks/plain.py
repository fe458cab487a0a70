"""
The same model without isopt: its facts as plain arrays, assembled with NumPy alone or with linopy.

The facts are what an instance knows and no coefficient of the model: where each link begins and ends, amounts, prices.
Rows and columns of the NumPy matrix stand in isopt's order, so that the two can be compared entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from isopt.network import Instance

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """
    What a synthetic region's instance knows; one period, one input and one output per plant.

    Parameters
    ----------
    supply, need, capacity
        Per stream, demand and plant.
    link_from, link_to
        Stream (or streams + plant) and demand (or demands + plant) of each link.
    link_upper, link_ratio, link_eur, link_kgco2
        Most that it sends, units replaced per unit sent, carriage and use per unit.
    stream_eur, stream_kgco2, stream_upper
        Own disposal of each stream, tax included.
    demand_eur, demand_kgco2
        Purchase for each demand.
    plant_yield, plant_eur, plant_fixed_eur, plant_upper
        Units out per unit in, cost per unit in and per year, most that can arrive.
    setup_eur, lot
        Of each link's exchange.
    carbon_eur
        Per tonne of CO2.
    """

    supply: Array
    need: Array
    capacity: Array
    link_from: Indices
    link_to: Indices
    link_upper: Array
    link_ratio: Array
    link_eur: Array
    link_kgco2: Array
    stream_eur: Array
    stream_kgco2: Array
    stream_upper: Array
    demand_eur: Array
    demand_kgco2: Array
    plant_yield: Array
    plant_eur: Array
    plant_fixed_eur: Array
    plant_upper: Array
    setup_eur: Array
    lot: Array
    carbon_eur: Array

    def save(self, path: Path) -> None:
        """Write to a file that needs no isopt to be read."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @staticmethod
    def load(path: Path) -> Facts:
        """Read what :meth:`save` wrote."""
        with np.load(path) as stored:
            return Facts(**{name: stored[name] for name in stored.files})


@dataclass(frozen=True)
class Matrix:
    """A model as HiGHS takes it: columns compressed."""

    cost: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Array
    integer: NDArray[np.int32]
    offset: float = 0.0


def facts_of(instance: Instance) -> Facts:
    """
    Take the facts out of an instance of :func:`benchmarks.regions.region`.

    Parameters
    ----------
    instance
        The region's.

    Returns
    -------
    facts
        Plain arrays.
    """
    links, outlets, plants, scenario = instance.links, instance.outlets, instance.plants, instance.scenario
    demands = len(instance.need)
    receivers = instance.parties.receivers
    order = np.argsort(outlets.origin)
    tax = scenario.policy_at("landfill_tax_eur_per_t", "non_hazardous")[0]
    group = links.group
    return Facts(
        supply=instance.supply[:, 0],
        need=instance.need[:, 0],
        capacity=plants.capacity[:, 0],
        link_from=links.origin,
        link_to=np.where(
            links.receiver < demands, receivers.row[links.receiver], demands + receivers.row[links.receiver]
        ),
        link_upper=instance.link_upper[:, 0],
        link_ratio=np.broadcast_to(links.factor, (links.count, 1))[:, 0],
        link_eur=(links.eur_per_unit + links.use_eur_per_unit * links.arrives)[:, 0],
        link_kgco2=(links.kgco2_per_unit + links.use_kgco2_per_unit * links.arrives)[:, 0],
        stream_eur=outlets.gate_eur_per_unit[order, 0] + tax,
        stream_kgco2=outlets.gate_kgco2_per_unit[order, 0],
        stream_upper=instance.outlet_upper[order, 0],
        demand_eur=scenario.at("demands", "virgin_eur_per_unit")[:, 0],
        demand_kgco2=scenario.at("demands", "virgin_kgco2_per_unit")[:, 0],
        plant_yield=plants.yield_factor[np.argsort(plants.yield_origin), 0],
        plant_eur=plants.opex_eur_per_unit[:, 0],
        plant_fixed_eur=plants.fixed_eur_per_yr[:, 0],
        plant_upper=instance.bounds.throughput[:, 0],
        setup_eur=instance.openings.fixed_eur_per_yr[instance.openings.of_group[group], 0],
        lot=instance.groups.minimum[group, 0],
        carbon_eur=np.array([scenario.policy_at("carbon_price_eur_per_t")[0]]),
    )


def assemble(facts: Facts) -> Matrix:
    """
    Assemble the model with NumPy: the floor that any modelling layer is measured against.

    Parameters
    ----------
    facts
        The region's.

    Returns
    -------
    matrix
        Variables flow, disposed, virgin, throughput, opened, built; rows of the streams, the demands, the plants
        (inputs, outputs, capacities), the links into them, the openings and the lots.
    """
    import scipy.sparse as sp

    streams, demands, plants, links = len(facts.supply), len(facts.need), len(facts.capacity), len(facts.link_from)
    link, stream, demand, plant = (np.arange(count) for count in (links, streams, demands, plants))
    disposed, virgin = links, links + streams
    throughput = virgin + demands
    opened = throughput + plants
    built = opened + links
    into = np.flatnonzero(facts.link_to >= demands)
    met = np.flatnonzero(facts.link_to < demands)
    leave = np.flatnonzero(facts.link_from < streams)
    made = np.flatnonzero(facts.link_from >= streams)
    fed = facts.link_to[into] - demands
    size = np.minimum(facts.capacity, facts.plant_upper)
    balance, arrive = streams, streams + demands
    yielded = arrive + plants
    hold = yielded + plants
    guard = hold + plants
    opening = guard + len(into)
    least = opening + links
    rows = [
        facts.link_from[leave], stream,
        balance + facts.link_to[met], balance + demand,
        arrive + fed, arrive + plant,
        yielded + plant, yielded + facts.link_from[made] - streams,
        hold + plant, hold + plant,
        guard + np.arange(len(into)), guard + np.arange(len(into)),
        opening + link, opening + link,
        least + link, least + link,
    ]  # fmt: skip
    columns = [
        leave, disposed + stream,
        met, virgin + demand,
        into, throughput + plant,
        throughput + plant, made,
        throughput + plant, built + plant,
        into, built + fed,
        link, opened + link,
        link, opened + link,
    ]  # fmt: skip
    one, minus = np.ones, lambda count: np.full(count, -1.0)
    values = [
        one(len(leave)), one(streams),
        facts.link_ratio[met], one(demands),
        one(len(into)), minus(plants),
        facts.plant_yield, minus(len(made)),
        one(plants), -size,
        one(len(into)), -facts.link_upper[into],
        one(links), -facts.link_upper,
        one(links), -facts.lot,
    ]  # fmt: skip
    equal = np.concatenate([facts.supply, facts.need, np.zeros(2 * plants)])
    below = np.zeros(plants + len(into) + links)
    shape = (least + links, built + plants)
    matrix = sp.csc_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    carbon = facts.carbon_eur[0] / 1000
    integer = np.zeros(shape[1], np.int32)
    integer[opened:] = 1
    return Matrix(
        cost=np.concatenate(
            [
                facts.link_eur + carbon * facts.link_kgco2,
                facts.stream_eur + carbon * facts.stream_kgco2,
                facts.demand_eur + carbon * facts.demand_kgco2,
                facts.plant_eur,
                facts.setup_eur,
                facts.plant_fixed_eur,
            ]
        ),
        lower=np.zeros(shape[1]),
        upper=np.concatenate(
            [facts.link_upper, facts.stream_upper, np.full(demands, np.inf), facts.plant_upper, np.ones(links + plants)]
        ),
        row_lower=np.concatenate([equal, np.full(len(below), -np.inf), np.zeros(links)]),
        row_upper=np.concatenate([equal, below, np.full(links, np.inf)]),
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data,
        integer=integer,
    )


def pass_on(matrix: Matrix) -> Any:
    """
    Give a matrix to a new, silent HiGHS.

    Parameters
    ----------
    matrix
        From :func:`assemble`.

    Returns
    -------
    solver
        A ``highspy.Highs``.
    """
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    rows, columns = len(matrix.row_lower), len(matrix.cost)
    solver.passModel(
        columns, rows, len(matrix.value), int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize),
        matrix.offset,
        matrix.cost, matrix.lower, matrix.upper, matrix.row_lower, matrix.row_upper,
        matrix.start, matrix.index, matrix.value, matrix.integer,
    )  # fmt: skip
    return solver


def linopy_model(facts: Facts) -> Any:
    """
    Write the model as a user of linopy would: labelled variables, sums by group.

    Parameters
    ----------
    facts
        The region's.

    Returns
    -------
    model
        A ``linopy.Model``.
    """
    import linopy
    import pandas as pd
    import xarray as xr

    streams, demands, plants = len(facts.supply), len(facts.need), len(facts.capacity)
    on_link = pd.RangeIndex(len(facts.link_from), name="link")
    on_stream, on_demand = pd.RangeIndex(streams, name="stream"), pd.RangeIndex(demands, name="demand")
    on_plant = pd.RangeIndex(plants, name="plant")

    def along(index: pd.Index, values: Any) -> xr.DataArray:
        return xr.DataArray(values, coords={index.name: index})

    model = linopy.Model()
    flow = model.add_variables(lower=0, upper=along(on_link, facts.link_upper), name="flow")
    disposed = model.add_variables(lower=0, upper=along(on_stream, facts.stream_upper), name="disposed")
    virgin = model.add_variables(lower=0, coords=[on_demand], name="virgin")
    throughput = model.add_variables(lower=0, upper=along(on_plant, facts.plant_upper), name="throughput")
    opened = model.add_variables(coords=[on_link], binary=True, name="opened")
    built = model.add_variables(coords=[on_plant], binary=True, name="built")

    def summed(terms: Any, members: Any, groups: Any, index: pd.Index) -> Any:
        chosen = terms.isel(link=members)
        key = xr.DataArray(groups, coords={"link": on_link[members]}, name=index.name)
        return chosen.groupby(key).sum().reindex({index.name: index}).fillna(0)

    leave = np.flatnonzero(facts.link_from < streams)
    met = np.flatnonzero(facts.link_to < demands)
    into = np.flatnonzero(facts.link_to >= demands)
    made = np.flatnonzero(facts.link_from >= streams)
    weighted = along(on_link, facts.link_ratio) * flow
    sent = summed(1 * flow, leave, facts.link_from[leave], on_stream)
    model.add_constraints(sent + disposed == along(on_stream, facts.supply), name="stream_balance")
    got = summed(weighted, met, facts.link_to[met], on_demand)
    model.add_constraints(got + virgin == along(on_demand, facts.need), name="demand_balance")
    arrived = summed(1 * flow, into, facts.link_to[into] - demands, on_plant)
    model.add_constraints(arrived - throughput == 0, name="plant_input")
    out = summed(1 * flow, made, facts.link_from[made] - streams, on_plant)
    model.add_constraints(along(on_plant, facts.plant_yield) * throughput - out == 0, name="plant_output")
    size = along(on_plant, np.minimum(facts.capacity, facts.plant_upper))
    model.add_constraints(throughput - size * built <= 0, name="plant_capacity")
    guarded = (1 * flow).isel(link=into) - along(on_link, facts.link_upper).isel(link=into) * built.sel(
        plant=xr.DataArray(facts.link_to[into] - demands, coords={"link": on_link[into]})
    )
    model.add_constraints(guarded <= 0, name="plant_opening")
    model.add_constraints(flow - along(on_link, facts.link_upper) * opened <= 0, name="exchange_opening")
    model.add_constraints(flow - along(on_link, facts.lot) * opened >= 0, name="lot")
    carbon = facts.carbon_eur[0] / 1000
    model.add_objective(
        (along(on_link, facts.link_eur + carbon * facts.link_kgco2) * flow).sum()
        + (along(on_stream, facts.stream_eur + carbon * facts.stream_kgco2) * disposed).sum()
        + (along(on_demand, facts.demand_eur + carbon * facts.demand_kgco2) * virgin).sum()
        + (along(on_plant, facts.plant_eur) * throughput).sum()
        + (along(on_link, facts.setup_eur) * opened).sum()
        + (along(on_plant, facts.plant_fixed_eur) * built).sum()
    )
    return model
