"""What a scenario must keep to beyond single cells."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from isopt.errors import Problem
from isopt.scenario.checks.references import reference_problems, unique_problems
from isopt.scenario.levels import Change, Levels
from isopt.scenario.settings import Settings
from isopt.scenario.typed import Given

__all__ = ["check"]


def check(
    given: Mapping[str, Given],
    frames: Mapping[str, pd.DataFrame],
    settings: Settings,
    levels: Levels,
    changes: tuple[Change, ...],
    settings_file: str,
) -> tuple[list[Problem], list[Problem]]:
    """Return all problems and all warnings that concern more than one cell."""
    return [*unique_problems(given), *reference_problems(given, frames)], []
