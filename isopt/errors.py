"""What went wrong, in words a planner can act on."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["InputError", "IsoptError", "Problem", "ScenarioError", "did_you_mean", "nearest", "quoted"]

_LINES_SHOWN = 200
"""Problems printed with an error; all of them stay in `ScenarioError.problems`."""
_SHORTEST_BEGINNING = 4
"""Letters from which a word counts as the beginning of a name."""
_LONGEST_VALUE = 60
"""Characters of a wrong value that a message repeats."""


class IsoptError(Exception):
    """Anything that isopt refuses to do, with the reason."""


class InputError(IsoptError):
    """Something the user gave is wrong and is no cell of a scenario: an argument, a lever, a file that is not there."""


@dataclass(frozen=True, order=True)
class Problem:
    """
    One thing that is wrong in a scenario, and where.

    Parameters
    ----------
    file
        Name of the file as the user knows it, such as ``streams.csv``.
    row
        Row as a spreadsheet counts it (the header is row 1), or None where no single row is to blame.
    column
        Column, or key of a settings file, or None.
    message
        The value, what is wrong with it, and the likely fix.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    @property
    def place(self) -> str:
        """File and row in words."""
        return self.file if self.row is None else f"{self.file} row {self.row}"

    def __str__(self) -> str:
        return " ".join(part for part in (self.place, self.column or "", self.message) if part)


class ScenarioError(IsoptError):
    """
    All the problems of a scenario at once.

    Parameters
    ----------
    name
        Name of the scenario, as a rule the path the user gave.
    problems
        Everything found, in the order of the files and rows.

    Examples
    --------
    >>> print(ScenarioError("two_firms", [Problem("streams.csv", 3, "facility", '"C" is not in facilities.csv')]))
    two_firms has 1 problem
      streams.csv row 3 facility  "C" is not in facilities.csv
    """

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        super().__init__(name, tuple(problems))
        self.name = name
        self.problems = tuple(problems)

    def __str__(self) -> str:
        count = len(self.problems)
        shown = self.problems[:_LINES_SHOWN]
        place = max((len(problem.place) for problem in shown), default=0)
        column = max((len(problem.column or "") for problem in shown), default=0)
        lines = [f"{self.name} has {count} problem{'' if count == 1 else 's'}"]
        lines += [f"  {p.place:<{place}} {p.column or '':<{column}}  {p.message}" for p in shown]
        if count > len(shown):
            lines.append(f"  ... and {count - len(shown)} more")
        return "\n".join(lines)


def quoted(text: str) -> str:
    """
    Return a value as messages show it: in quotes, on one line, cut where it is long.

    Examples
    --------
    >>> quoted("forty  ")
    '"forty"'
    """
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= _LONGEST_VALUE else f'"{line[:_LONGEST_VALUE]}..."'


def nearest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """
    Return the name that the user most likely meant, or None.

    Parameters
    ----------
    word
        What was written.
    names
        What could have been written.
    cutoff
        Least likeness, from 0 to 1 (that of :func:`difflib.get_close_matches`).

    Returns
    -------
    name
        One of the names: first one that differs only in case, then the only one that the word begins, then a like one.

    Examples
    --------
    >>> nearest("need_mwh_per_yr", ["facility", "need_per_yr"])
    'need_per_yr'
    >>> nearest("gate_fee", ["capacity_per_yr", "gate_fee_eur_per_unit"])
    'gate_fee_eur_per_unit'
    """
    choices = list(names)
    folded = word.strip().casefold()
    for name in choices:
        if name.casefold() == folded:
            return name
    begun = [name for name in choices if len(folded) >= _SHORTEST_BEGINNING and name.casefold().startswith(folded)]
    if len(begun) == 1:
        return begun[0]
    found = difflib.get_close_matches(word, choices, n=1, cutoff=cutoff)
    return found[0] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """
    Return the end of a message that names the nearest valid name, or nothing where none is near.

    Parameters
    ----------
    word
        What was written.
    names
        What could have been written.

    Returns
    -------
    ending
        Begins with a semicolon, so that it can follow any sentence.

    Examples
    --------
    >>> did_you_mean("F-210", ["F-201", "Quay"])
    '; did you mean "F-201"?'
    """
    name = nearest(word, names)
    return "" if name is None else f"; did you mean {quoted(name)}?"
