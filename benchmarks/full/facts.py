"""What the instance of a full region knows, as plain arrays and no coefficient of the model."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from isopt.network import Instance

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Indices = NDArray[np.int64]


@dataclass(frozen=True)
class FullFacts:
    """
    Facts of a region of :func:`benchmarks.full.region.full_region`.

    Parameters
    ----------
    share, year_of, discount
        Of the calendar: per period, per period, per year. What follows is per period or per year where it may change.
    supply, must_place
        Per stream.
    need, must_meet, min_share, max_share, virgin_eur, virgin_kgco2
        Per demand.
    most_of_need
        Per substitution, NaN where it may cover all of a need.
    link_*
        Origin (a stream, or streams + output), receiver (a demand, or demands + input), group, substitution, choice of
        a single receiver (-1 for none), most that it sends, share that arrives, units replaced, carriage, tonnes, use.
    outlet_*
        The same of ways to disposal and own disposal (disposal and group -1).
    disposal_capacity
        Per disposal and year.
    plant_*, input_*, mix_*, yield_*
        Plants, their inputs (with the most that each can process), bounded inputs, and what is made.
    group_*
        Lot and capacity per year, price and load of a trip per period, and opening (-1 for none) of each exchange.
    opening_*
        Whether it stays, is there from the first year, counts; its cost per year, investment and life.
    part_link, part_opening
        Links that need an opening beside that of their whole exchange.
    choice_origin
        Origin of each choice of a single receiver.
    stock_*, blend_*
        Stocks; which link brings what quality into which blend, and the blends' bounds.
    limit_*, tax_eur, carbon_eur, rate
        Of the region: limits, per year or one; tax per tonne and price per tonne of CO2 per period; discount rate.
    """

    share: Array
    year_of: Indices
    discount: Array
    supply: Array
    must_place: Flags
    need: Array
    must_meet: Flags
    min_share: Array
    max_share: Array
    virgin_eur: Array
    virgin_kgco2: Array
    most_of_need: Array
    link_from: Indices
    link_to: Indices
    link_group: Indices
    link_substitution: Indices
    link_choice: Indices
    link_upper: Array
    link_arrives: Array
    link_ratio: Array
    link_eur: Array
    link_kgco2: Array
    link_t: Array
    link_use_eur: Array
    link_use_kgco2: Array
    outlet_from: Indices
    outlet_disposal: Indices
    outlet_group: Indices
    outlet_upper: Array
    outlet_arrives: Array
    outlet_eur: Array
    outlet_kgco2: Array
    outlet_t: Array
    outlet_gate_eur: Array
    outlet_gate_kgco2: Array
    outlet_landfill: Flags
    disposal_capacity: Array
    plant_existing: Flags
    plant_capacity: Array
    plant_headroom: Array
    plant_min_load: Array
    plant_capex_eur: Array
    plant_capex_eur_per_unit: Array
    plant_life_yr: Array
    plant_fixed_eur: Array
    plant_fixed_eur_per_unit: Array
    plant_can_build: Flags
    plant_choice: Indices
    plant_opex_eur: Array
    plant_kgco2: Array
    input_plant: Indices
    input_upper: Array
    mix_input: Indices
    mix_min: Array
    mix_max: Array
    yield_input: Indices
    yield_output: Indices
    yield_factor: Array
    group_min: Array
    group_max: Array
    group_trip_eur: Array
    group_vehicle_t: Array
    group_opening: Indices
    opening_stays: Flags
    opening_required: Flags
    opening_counted: Flags
    opening_fixed_eur: Array
    opening_capex_eur: Array
    opening_life_yr: Array
    part_link: Indices
    part_opening: Indices
    choice_origin: Indices
    stock_stream: Indices
    stock_demand: Indices
    stock_input: Indices
    stock_plant: Indices
    stock_capacity: Array
    stock_initial: Array
    stock_eur: Array
    blend_link: Indices
    blend_of: Indices
    blend_value: Array
    blend_min: Array
    blend_max: Array
    limit_co2_t: Array
    limit_landfilled_t: Array
    limit_capex_eur: Array
    limit_plants: Array
    limit_exchanges: Array
    tax_eur: Array
    carbon_eur: Array
    rate: Array

    def save(self, path: Path) -> None:
        """Write to a file that needs no isopt to be read."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @staticmethod
    def load(path: Path) -> FullFacts:
        """Read what :meth:`save` wrote."""
        with np.load(path) as stored:
            return FullFacts(**{name: stored[name] for name in stored.files})


def full_facts_of(instance: Instance) -> FullFacts:
    """
    Take the facts out of an instance of :func:`benchmarks.full.region.full_region`.

    Parameters
    ----------
    instance
        The region's.

    Raises
    ------
    ValueError
        If it knows something that these facts have no place for: lags, inputs of nothing, demands that can't be bought.
    """
    plants, scenario = instance.plants, instance.scenario
    if plants.yield_lag_yr.any() or (plants.input_node < 0).any():
        raise ValueError("the facts have no place for lags and inputs of nothing")
    if len(instance.buyable) < len(instance.need) or np.isnan(instance.virgin_price).any():
        raise ValueError("the facts take it that every demand can be bought")
    periods, said = instance.periods, instance.limits
    return FullFacts(
        share=periods.share,
        year_of=periods.year_of,
        discount=periods.discount,
        supply=instance.supply,
        must_place=instance.must_place,
        need=instance.need,
        must_meet=instance.must_meet,
        min_share=instance.min_share,
        max_share=instance.max_share,
        virgin_eur=instance.virgin_price,
        virgin_kgco2=scenario.at("demands", "virgin_kgco2_per_unit"),
        most_of_need=scenario.at("substitutions", "max_share"),
        **_of_ways(instance),
        disposal_capacity=scenario.at("disposals", "capacity_per_yr")[:, periods.first_of_year],
        **_of_plants(instance),
        **_of_exchanges(instance),
        choice_origin=instance.single[0],
        **_of_stocks_and_blends(instance),
        limit_co2_t=said.co2_t,
        limit_landfilled_t=said.landfilled_t,
        limit_capex_eur=np.array([said.capex_eur], dtype=np.float64),
        limit_plants=np.array([said.plants_max], dtype=np.float64),
        limit_exchanges=np.array([said.exchanges_max], dtype=np.float64),
        tax_eur=scenario.policy_at("landfill_tax_eur_per_t", "non_hazardous"),
        carbon_eur=scenario.policy_at("carbon_price_eur_per_t"),
        rate=np.array([scenario.settings.economics.discount_rate]),
    )


def _of_ways(instance: Instance) -> dict[str, Any]:
    links, outlets = instance.links, instance.outlets
    return {
        "link_from": links.origin,
        "link_to": links.receiver,
        "link_group": links.group,
        "link_substitution": links.substitution,
        "link_choice": instance.single[2],
        "link_upper": instance.link_upper,
        "link_arrives": links.arrives,
        "link_ratio": links.ratio,
        "link_eur": links.eur_per_unit,
        "link_kgco2": links.kgco2_per_unit,
        "link_t": links.tonnes_per_unit,
        "link_use_eur": links.use_eur_per_unit,
        "link_use_kgco2": links.use_kgco2_per_unit,
        "outlet_from": outlets.origin,
        "outlet_disposal": outlets.disposal,
        "outlet_group": outlets.group,
        "outlet_upper": instance.outlet_upper,
        "outlet_arrives": outlets.arrives,
        "outlet_eur": outlets.eur_per_unit,
        "outlet_kgco2": outlets.kgco2_per_unit,
        "outlet_t": outlets.tonnes_per_unit,
        "outlet_gate_eur": outlets.gate_eur_per_unit,
        "outlet_gate_kgco2": outlets.gate_kgco2_per_unit,
        "outlet_landfill": outlets.landfill,
    }


def _of_plants(instance: Instance) -> dict[str, Any]:
    plants = instance.plants
    return {
        "plant_existing": plants.existing,
        "plant_capacity": plants.capacity,
        "plant_headroom": plants.headroom,
        "plant_min_load": plants.min_load,
        "plant_capex_eur": plants.capex_eur,
        "plant_capex_eur_per_unit": plants.capex_eur_per_unit,
        "plant_life_yr": plants.life_yr,
        "plant_fixed_eur": plants.fixed_eur_per_yr,
        "plant_fixed_eur_per_unit": plants.fixed_eur_per_unit,
        "plant_can_build": plants.can_build,
        "plant_choice": plants.choice,
        "plant_opex_eur": plants.opex_eur_per_unit,
        "plant_kgco2": plants.kgco2_per_unit,
        "input_plant": plants.input_plant,
        "input_upper": instance.bounds.throughput,
        "mix_input": plants.mix_input,
        "mix_min": plants.mix_min,
        "mix_max": plants.mix_max,
        "yield_input": plants.yield_input,
        "yield_output": plants.yield_origin - len(instance.supply),
        "yield_factor": plants.yield_factor,
    }


def _of_exchanges(instance: Instance) -> dict[str, Any]:
    groups, openings = instance.groups, instance.openings
    part = ~openings.whole[openings.link_opening]
    return {
        "group_min": groups.minimum,
        "group_max": groups.maximum,
        "group_trip_eur": groups.eur_per_trip,
        "group_vehicle_t": groups.vehicle_t,
        "group_opening": openings.of_group,
        "opening_stays": openings.stays,
        "opening_required": openings.required,
        "opening_counted": openings.counted,
        "opening_fixed_eur": openings.fixed_eur_per_yr,
        "opening_capex_eur": openings.capex_eur,
        "opening_life_yr": openings.life_yr,
        "part_link": openings.link[part],
        "part_opening": openings.link_opening[part],
    }


def _of_stocks_and_blends(instance: Instance) -> dict[str, Any]:
    stocks, blends = instance.stocks, instance.blends
    return {
        "stock_stream": stocks.stream,
        "stock_demand": stocks.demand,
        "stock_input": stocks.input,
        "stock_plant": stocks.plant,
        "stock_capacity": stocks.capacity,
        "stock_initial": stocks.initial,
        "stock_eur": stocks.eur_per_unit_yr,
        "blend_link": blends.link,
        "blend_of": blends.blend,
        "blend_value": blends.value,
        "blend_min": blends.lowest,
        "blend_max": blends.highest,
    }
