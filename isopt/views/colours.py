"""The colours of a scenario's materials: the same in its map, its diagrams and its layers for QGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.views.palette import material_colours

if TYPE_CHECKING:
    from isopt.scenario import Scenario


def colours_of(scenario: Scenario) -> dict[str, str]:
    """
    Colour (``#rrggbb``) of every material, whatever a plan does with it.

    Parameters
    ----------
    scenario
        Where there are more materials than colours, those of the largest supplies get the clearest ones.

    Examples
    --------
    >>> import isopt
    >>> sorted(colours_of(isopt.read("scenarios/two_firms")))
    ['concrete', 'stone']
    """
    supply = np.nansum(scenario.at("streams", "supply_per_yr"), axis=1)
    supplies = pd.Series(supply, index=scenario.tables["streams"]["material"]).groupby(level=0).sum()
    listed = supplies.reindex(scenario.tables["materials"]["material"]).fillna(0.0)
    return material_colours({str(material): float(amount) for material, amount in listed.items()})
