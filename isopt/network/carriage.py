"""What carriage costs and emits per unit sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isopt.errors import Problem, ScenarioError
from isopt.network.candidates import Candidates
from isopt.network.cells import Cells
from isopt.network.periods import slim
from isopt.scenario import Scenario

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Carriage:
    """
    Rates of each candidate, per unit sent.

    Attributes
    ----------
    eur_per_unit
        Haulage and handling, without trips, shape (candidates, 1 or periods).
    kgco2_per_unit
        Emissions of transport, shape (candidates, 1 or periods).
    tonnes_per_unit
        Mass, shape (candidates, 1 or periods).
    """

    eur_per_unit: Array
    kgco2_per_unit: Array
    tonnes_per_unit: Array


def tonnes_per_unit(scenario: Scenario) -> Array:
    """
    Mass of one unit of each material: 1 for tonnes and 0 for MWh unless the table says otherwise.

    Returns
    -------
    tonnes
        Shape (materials, 1 or periods); NaN where a material in m3 gives none.
    """
    said = slim(scenario.at("materials", "t_per_unit"))
    unit = scenario.materials["unit"].to_numpy()
    usual = np.select([unit == "t", unit == "MWh"], [1.0, 0.0], np.nan)
    return np.where(np.isnan(said), usual[:, None], said)


def carriage_of(scenario: Scenario, found: Candidates, cells: Cells) -> Carriage:
    r"""
    Compute the rates of carriage.

    .. math:: c_l = m \, (r^{tkm} d_l + r^{t}) + r^{u} d_l

    with :math:`m` the mass per unit, :math:`d_l` the distance and the rates of the mode; a filled cell of the links
    table replaces the whole.

    Raises
    ------
    ScenarioError
        Where a material in m3 moves and has no ``t_per_unit``.
    """
    mass = tonnes_per_unit(scenario)
    require_mass(scenario, mass, np.unique(found.material))
    mass = mass[found.material]
    km = found.distance_km

    def mode(column: str) -> Array:
        return slim(scenario.at("modes", column))[found.mode]

    eur = (mode("eur_per_tkm") * km + mode("eur_per_t")) * mass + mode("eur_per_unit_km") * km
    kgco2 = (mode("kgco2_per_tkm") * km + mode("kgco2_per_t")) * mass
    eur_cell, _ = cells.number("eur_per_unit")
    kgco2_cell, _ = cells.number("kgco2_per_unit")
    return Carriage(
        slim(np.where(np.isnan(eur_cell), eur, eur_cell)), slim(np.where(np.isnan(kgco2_cell), kgco2, kgco2_cell)), mass
    )


def require_mass(scenario: Scenario, mass: Array, materials: NDArray[np.int64]) -> None:
    """Name the materials in m3 whose tonnes matter and are not known."""
    lost = [int(m) for m in materials if np.isnan(mass[m]).any()]
    if lost:
        raise ScenarioError(
            scenario.name,
            [
                Problem(
                    "materials.csv",
                    m + 2,
                    "t_per_unit",
                    f'"{scenario.materials["material"].iloc[m]}" is measured in m3 and moves: '
                    "give its tonnes per m3 (water: 1)",
                )
                for m in lost
            ],
        )
