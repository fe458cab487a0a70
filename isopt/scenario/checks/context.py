"""What the checks look at, and how they word what they find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from isopt.scenario.levels import Change, Levels
    from isopt.scenario.settings import Settings
    from isopt.scenario.typed import Given

__all__ = ["Context", "Flags", "Floats"]

Flags = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Context:
    """
    A scenario while it is checked.

    Parameters
    ----------
    given
        The tables as they were given; a problem is placed by them.
    frames
        The tables with everything filled in; periods may stand in another order there.
    settings
        The settings.
    levels
        Numbers per period.
    changes
        The resolved changes.
    settings_file
        How messages call the file of the settings.
    """

    given: Mapping[str, Given]
    frames: Mapping[str, pd.DataFrame]
    settings: Settings
    levels: Levels
    changes: tuple[Change, ...]
    settings_file: str

    def texts(self, table: str, column: str) -> np.ndarray[Any, Any]:
        """Return a column of texts, filled in, shape (rows,)."""
        return self.frames[table][column].to_numpy()

    def say(self, table: str, lines: Flags, column: str | None, message: str) -> list[Problem]:
        """Return the same problem for each line that is marked, shape (rows,)."""
        return [self.given[table].problem(int(line), column, message) for line in np.flatnonzero(lines)]

    def when(self, periods: Flags) -> str:
        """Return the end of a message that names the first of some periods; nothing where it is all of them."""
        if periods.all():
            return ""
        return f" in period {self.frames['periods']['period'].iloc[int(np.flatnonzero(periods)[0])]}"

    def ordered(self, table: str, low: str, high: str) -> list[Problem]:
        """Return a problem for each line in which the lower of two numbers is above the higher one in some period."""
        least, most = self.levels.at(table, low), self.levels.at(table, high)
        wrong = least > most
        problems = []
        for line in np.flatnonzero(wrong.any(axis=1)):
            first = int(np.flatnonzero(wrong[line])[0])
            message = f"{least[line, first]:.10g} is above {high} {most[line, first]:.10g}{self.when(wrong[line])}"
            problems.append(self._problem(table, int(line), low, message))
        return problems

    def _problem(self, table: str, line: int, column: str, message: str) -> Problem:
        given = self.given[table]
        if line < len(given.rows):
            return given.problem(line, column, message)
        return Problem(given.file, None, column, message)  # the mode that stands for an absent table
