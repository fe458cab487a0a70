"""The scenario format: column contracts, reading, checks, variants and writing."""

from isopt.scenario.assemble import read
from isopt.scenario.contract import settings_keys, tables
from isopt.scenario.distances import Distances, Stamp, distances_of
from isopt.scenario.markdown import schema_markdown
from isopt.scenario.scenario import Scenario
from isopt.scenario.settings import Settings
from isopt.scenario.template import new
from isopt.scenario.write import write

__all__ = [
    "Distances",
    "Scenario",
    "Settings",
    "Stamp",
    "distances_of",
    "new",
    "read",
    "schema_markdown",
    "settings_keys",
    "tables",
    "write",
]
