"""Plants and stocks as arrays: what they take and make, how large they are, what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network.groups import DEFAULT_LIFE_YR
from isopt.network.lookup import index_of
from isopt.network.nodes import Kind, Parties, recipe_sides
from isopt.network.periods import Periods
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Plants:
    """
    Plants in the order of their table.

    Attributes
    ----------
    existing
        Shape (plants,).
    capacity, headroom
        Capacity per year and what can be added to it, shape (plants, periods); infinity where unlimited.
    min_load
        Least share of the capacity at which it runs, shape (plants, periods).
    capex_eur, capex_eur_per_unit, life_yr
        Shape (plants,); no investment for what stands already.
    fixed_eur_per_yr, fixed_eur_per_unit
        Shape (plants, years).
    can_build
        Years in which a candidate can be built, shape (plants, years).
    choice, choices
        Label of ``choose_one`` of each plant, -1 for none, shape (plants,), and the labels.
    opex_eur_per_unit, kgco2_per_unit
        Per unit of throughput, shape (plants, periods).
    input_plant, input_node, input_material
        Of each input: its plant, its receiver (-1 for an input of nothing) and its material (-1), shape (inputs,).
    mix_input, mix_min, mix_max
        Inputs whose share of the throughput is bounded, shape (mixes,), and the bounds, shape (mixes, periods).
    yield_input, yield_origin, yield_lag_yr, yield_factor
        One entry per plant and recipe with an output: the input, the origin node it feeds, the lag, shape (yields,),
        and units of
        output per unit of input, shape (yields, periods).
    """

    existing: Flags
    capacity: Array
    headroom: Array
    min_load: Array
    capex_eur: Array
    capex_eur_per_unit: Array
    life_yr: Array
    fixed_eur_per_yr: Array
    fixed_eur_per_unit: Array
    can_build: Flags
    choice: Indices
    choices: tuple[str, ...]
    opex_eur_per_unit: Array
    kgco2_per_unit: Array
    input_plant: Indices
    input_node: Indices
    input_material: Indices
    mix_input: Indices
    mix_min: Array
    mix_max: Array
    yield_input: Indices
    yield_origin: Indices
    yield_lag_yr: Indices
    yield_factor: Array

    @property
    def count(self) -> int:
        """Number of plants."""
        return len(self.existing)

    @property
    def inputs(self) -> int:
        """Number of inputs over all plants."""
        return len(self.input_plant)

    @cached_property
    def candidates(self) -> Indices:
        """Plants that may be built."""
        return np.flatnonzero(~self.existing)

    @cached_property
    def expandable(self) -> Indices:
        """Plants whose capacity can be added to."""
        return np.flatnonzero((self.headroom > 0).any(axis=1))


def plants_of(scenario: Scenario, parties: Parties, periods: Periods) -> Plants:
    """Gather the plants of a scenario."""
    table = scenario.plants
    count, years = len(table), periods.years
    first = periods.first_of_year
    technology = index_of(table["technology"], scenario.technologies["technology"])
    existing = (table["status"] == "existing").to_numpy(dtype=bool)
    capacity = scenario.at("plants", "capacity_per_yr")
    largest = scenario.at("plants", "max_capacity_per_yr")
    capacity = np.where(np.isnan(capacity), np.where(np.isnan(largest), np.inf, 0.0), capacity)
    with np.errstate(invalid="ignore"):
        headroom = np.where(np.isnan(largest), 0.0, np.maximum(largest - capacity, 0.0))
    own_life, life = scenario.at("plants", "life_yr")[:, 0], scenario.at("technologies", "life_yr")[technology, 0]
    life = np.where(np.isnan(own_life), np.where(np.isnan(life), DEFAULT_LIFE_YR, life), own_life)
    labels, choice = np.unique(table["choose_one"].to_numpy(dtype=object).astype(str), return_inverse=True)
    choices = tuple(labels.tolist())
    start, end = (table[name].to_numpy(dtype=np.float64)[:, None] for name in ("build_from", "build_until"))
    can_build = ~(years[None, :] < start) & ~(years[None, :] > end)

    inputs, _ = recipe_sides(scenario)
    input_plant = inputs["plant"].to_numpy(dtype=np.int64)
    material = index_of(inputs["material"], parties.materials)
    nodes = parties.receivers.of(Kind.INPUT)
    input_node = np.full(len(inputs), -1, dtype=np.int64)
    input_node[material >= 0] = nodes

    mixes, recipes = _mixes_and_yields(scenario, parties, inputs)
    mix_row = mixes["mix"].to_numpy(dtype=np.int64)
    recipe_row = recipes["recipe"].to_numpy(dtype=np.int64)
    lag = scenario.recipes["lag_yr"].to_numpy(dtype=np.float64)[recipe_row]
    return Plants(
        existing=existing,
        capacity=capacity,
        headroom=headroom,
        min_load=scenario.at("plants", "min_load_share"),
        capex_eur=np.where(existing, 0.0, scenario.at("plants", "capex_eur")[:, 0]),
        capex_eur_per_unit=scenario.at("plants", "capex_eur_per_unit")[:, 0],
        life_yr=life,
        fixed_eur_per_yr=scenario.at("plants", "fixed_eur_per_yr")[:, first],
        fixed_eur_per_unit=scenario.at("plants", "fixed_eur_per_unit")[:, first],
        can_build=np.broadcast_to(can_build, (count, len(years))),
        choice=choice.astype(np.int64) - (choices[:1] == ("",)),
        choices=choices[1:] if choices[:1] == ("",) else choices,
        opex_eur_per_unit=scenario.at("technologies", "opex_eur_per_unit")[technology],
        kgco2_per_unit=scenario.at("technologies", "kgco2_per_unit")[technology],
        input_plant=input_plant,
        input_node=input_node,
        input_material=material,
        mix_input=mixes["index"].to_numpy(dtype=np.int64),
        mix_min=np.nan_to_num(scenario.at("mixes", "min_share")[mix_row]),
        mix_max=np.nan_to_num(scenario.at("mixes", "max_share")[mix_row], nan=1.0),
        yield_input=recipes["index"].to_numpy(dtype=np.int64),
        yield_origin=recipes["origin"].to_numpy(dtype=np.int64),
        yield_lag_yr=lag.astype(np.int64),
        yield_factor=scenario.at("recipes", "yield")[recipe_row],
    )


def _mixes_and_yields(scenario: Scenario, parties: Parties, inputs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Join each plant's input with what the tables of mixes and recipes say of it.

    Columns: ``index`` (of the input), ``mix`` or ``recipe`` (row of the table), and of recipes ``origin``.
    """
    if inputs.empty:
        nothing = pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in ("index", "mix", "recipe", "origin")})
        return nothing, nothing
    of_input = inputs.assign(index=np.arange(len(inputs)))
    mixes = _per_plant(scenario.plants, scenario.mixes, "mix").merge(
        of_input, left_on=["plant", "input"], right_on=["plant", "material"]
    )
    recipes = _per_plant(scenario.plants, scenario.recipes, "recipe").merge(
        of_input, left_on=["plant", "input"], right_on=["plant", "material"]
    )
    recipes = recipes[recipes["output"] != ""]
    outputs = parties.origins.of(Kind.OUTPUT)
    origin_at = pd.DataFrame(
        {
            "plant": parties.origins.row[outputs],
            "output": np.array(parties.materials, dtype=object)[parties.origins.material[outputs]],
            "origin": outputs,
        }
    )
    return mixes, recipes.merge(origin_at, on=["plant", "output"])


def _per_plant(plants: pd.DataFrame, table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Repeat the rows of a technology's table for each of its plants, with the row number under a name."""
    left = pd.DataFrame({"plant": np.arange(len(plants)), "technology": plants["technology"].to_numpy()})
    right = table.assign(**{name: np.arange(len(table))})
    return left.merge(right, on="technology", how="inner")


@dataclass(frozen=True)
class Stocks:
    """
    Stocks in the order of their table.

    Attributes
    ----------
    stream, demand, input
        What each serves: index of a stream, a demand or a plant's input, -1 for the two others, shape (stocks,).
    plant
        Plant that it stands with, -1 at a facility, shape (stocks,).
    capacity
        Most that it holds, shape (stocks, periods); infinity where unlimited.
    initial
        What it holds before the first and after the last period, shape (stocks,); a candidate plant's begins empty.
    eur_per_unit_yr
        Shape (stocks, periods).
    """

    stream: Indices
    demand: Indices
    input: Indices
    plant: Indices
    capacity: Array
    initial: Array
    eur_per_unit_yr: Array

    @property
    def count(self) -> int:
        """Number of stocks."""
        return len(self.plant)


def stocks_of(scenario: Scenario, parties: Parties, plants: Plants) -> Stocks:
    """Find what each stock serves: its plant's input, or its facility's stream of the material, else its demand."""
    table = scenario.stocks
    streams, demands = (
        {key: row for row, key in enumerate(zip(t["facility"], t["material"], strict=True))}
        for t in (scenario.streams, scenario.demands)
    )
    plant_row = {name: row for row, name in enumerate(scenario.plants["plant"])}
    inputs = {
        (int(p), int(m)): g for g, (p, m) in enumerate(zip(plants.input_plant, plants.input_material, strict=True))
    }
    stream, demand, at_input, plant = (np.full(len(table), -1, dtype=np.int64) for _ in range(4))
    for row, (where, facility, material) in enumerate(
        zip(table["plant"], table["facility"], table["material"], strict=True)
    ):
        if where:
            plant[row] = plant_row[where]
            at_input[row] = inputs[plant_row[where], parties.material_index[material]]
        elif (facility, material) in streams:
            stream[row] = streams[facility, material]
        else:
            demand[row] = demands[facility, material]
    empty = np.zeros(len(table), dtype=bool)
    empty[plant >= 0] = ~plants.existing[plant[plant >= 0]]
    return Stocks(
        stream=stream,
        demand=demand,
        input=at_input,
        plant=plant,
        capacity=np.nan_to_num(scenario.at("stocks", "capacity"), nan=np.inf),
        initial=np.where(empty, 0.0, np.nan_to_num(scenario.at("stocks", "initial")[:, 0])),
        eur_per_unit_yr=np.nan_to_num(scenario.at("stocks", "eur_per_unit_yr")),
    )
