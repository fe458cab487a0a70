"""
Cited factors for scenarios: taxes, fees, prices, emissions, yields, technologies, known uses of by-products.

Every row names its source, year, how it is known and how sure it is; ``SOURCES.md`` beside this file prints the
references and the attributions that their licences ask for. Nothing here enters a scenario by itself.
"""

from isopt.knowledge.carriage import pipe_cost, transport_factor
from isopt.knowledge.factor import Factor
from isopt.knowledge.matching import suggest_substitutions
from isopt.knowledge.materials import (
    biogas_methane,
    constant,
    disposal_emission,
    material_footprint,
    nace_name,
    technology,
    virgin_footprint,
    virgin_price,
)
from isopt.knowledge.money import to_eur
from isopt.knowledge.policy import carbon_price, gate_fee, landfill_tax
from isopt.knowledge.tables import EVIDENCE, citation, contents, names, table

__all__ = [
    "EVIDENCE",
    "Factor",
    "biogas_methane",
    "carbon_price",
    "citation",
    "constant",
    "contents",
    "disposal_emission",
    "gate_fee",
    "landfill_tax",
    "material_footprint",
    "nace_name",
    "names",
    "pipe_cost",
    "suggest_substitutions",
    "table",
    "technology",
    "to_eur",
    "transport_factor",
    "virgin_footprint",
    "virgin_price",
]
