"""
Hypothesis strategies for small, rich scenarios that are valid by the checks.

Hypothesis draws which features a scenario has and a seed; the figures come from the seed, with decimals that make
near-ties unlikely. A failing example therefore shrinks to the few features that disagree. `tables_of(seed, features)`
gives the same tables without Hypothesis.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st
from makers import Maker, Settings, Tables

from isopt.scenario import Scenario

FEATURES_AND_NEEDS = """
plants
candidates: plants
expansion: candidates
existing_expansion: plants
min_load: plants
choose_one: candidates
plants_count: candidates
plants_max: candidates
chain: plants
mix: plants
fixed_mix: plants
lag: years plants
build_window: years candidates
residue: plants
plant_single: plants
plant_stock: plants seasons
opex_revenue: plants
makes_of_nothing
owner: plants organisations
loop: plants
two_modes
setup
lots
max_flow
link_capex
trips
loss
states
haul_hours
links_cells
required
existing
forbidden
shared
single_receiver
rules
technology_rules: rules plants
permits: rules
permit_only
nearest
reach
organisations
only_listed
not_within
way_cells: disposals
substitutions
max_share: substitutions
optional
byproduct_shares
heat
water
quality
stocks: seasons
demand_stock: seasons
disposals
disposal_capacity: disposals
negative
routes
same_place
landfill_tax
ban: disposals
carbon
subsidy
grants: candidates link_capex
co2_cap
landfill_cap
diversion
budget: candidates link_capex
exchanges_max
keep_existing: existing
minimise
weights
years
seasons
changes
onward: changes
deep_changes: changes years
scale
discount
"""
NEEDS = {
    name: tuple(needs.split())
    for name, _, needs in (line.partition(":") for line in FEATURES_AND_NEEDS.split("\n"))
    if name
}
FEATURES = tuple(NEEDS)


def scenarios(
    features: Collection[str] = FEATURES, *, always: Collection[str] = (), most: int = 9
) -> st.SearchStrategy[Any]:
    """
    Scenarios with some of the features.

    Parameters
    ----------
    features
        Those that may be drawn.
    always
        Those that every scenario has.
    most
        How many may be drawn at once.
    """
    drawn = st.lists(st.sampled_from(sorted(features)), unique=True, max_size=most)
    return st.builds(
        lambda seed, names: scenario_of(seed, {*names, *always}), st.integers(min_value=0, max_value=2**16), drawn
    )


def scenario_of(seed: int, features: Collection[str]) -> Any:
    """The scenario of a seed and a set of features, through the same checks as a folder."""
    tables, settings = tables_of(seed, features)
    return Scenario.of(tables, settings, f"seed {seed}: {' '.join(sorted(features))}")


def tables_of(seed: int, features: Collection[str]) -> tuple[Tables, Settings]:
    """Tables and settings of a seed and a set of features (with those they need)."""
    chosen = set(features)
    while more := {need for name in chosen for need in NEEDS[name]} - chosen:
        chosen |= more
    return Maker(seed, chosen).make()
