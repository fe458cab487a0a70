"""What a scenario must keep to beyond single cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.scenario.checks.context import Context
from isopt.scenario.checks.materials import material_problems, material_warnings
from isopt.scenario.checks.numbers import number_problems
from isopt.scenario.checks.places import place_problems, place_warnings
from isopt.scenario.checks.references import missing_tables, reference_problems, unique_problems
from isopt.scenario.checks.treatment import treatment_problems, treatment_warnings

if TYPE_CHECKING:
    from isopt.errors import Problem

__all__ = ["Context", "problems_of", "warnings_of"]


def problems_of(found: Context) -> list[Problem]:
    """
    Return everything wrong that concerns more than a single cell.

    Parameters
    ----------
    found
        The scenario.
    """
    return [
        *missing_tables(found),
        *unique_problems(found),
        *reference_problems(found),
        *number_problems(found),
        *material_problems(found),
        *treatment_problems(found),
        *place_problems(found),
    ]


def warnings_of(found: Context) -> list[Problem]:
    """
    Return what is allowed and yet looks wrong.

    Parameters
    ----------
    found
        The scenario.
    """
    return [*material_warnings(found), *treatment_warnings(found), *place_warnings(found)]
