"""The colours of a scenario's materials: the same in its map, its diagrams and its layers for QGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.views.palette import material_colours

if TYPE_CHECKING:
    from isopt.scenario import Scenario


def colours_of(scenario: Scenario) -> dict[str, str]:
    """
    Colour (``#rrggbb``) of every material, whatever a plan does with it.

    Parameters
    ----------
    scenario
        Only the ids of its materials matter.

    Examples
    --------
    >>> import isopt
    >>> sorted(colours_of(isopt.read("scenarios/two_firms")))
    ['concrete', 'stone']
    """
    return material_colours(scenario.tables["materials"]["material"])
