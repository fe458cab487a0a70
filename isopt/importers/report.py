"""What an importer hands back: the scenario, what it left out and why, and the README of the folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from isopt.scenario import Scenario, write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Imported", "markdown"]


@dataclass(frozen=True)
class Imported:
    """
    A scenario made from a public register.

    Parameters
    ----------
    scenario
        The scenario.
    left
        What is not in it, a row per cell, site or flow (or a count of many): ``file, row, permit, name, direction,
        material, tonnes, rows, reason``.
    readme
        Text of the README: sources, assumptions, and what was left.
    """

    scenario: Scenario
    left: pd.DataFrame
    readme: str

    @property
    def summary(self) -> pd.DataFrame:
        """What was left by reason: ``reason, file, rows, tonnes``, in the order in which the importer meets it."""
        grouped = self.left.groupby(["reason", "file"], sort=False)
        return grouped.agg(rows=("rows", "sum"), tonnes=("tonnes", "sum")).reset_index()

    def write(self, folder: Path) -> None:
        """
        Write the scenario, its README and the list of what was left (``import/left_out.csv``).

        Parameters
        ----------
        folder
            Made if it is not there; files of the same names are replaced.
        """
        write(self.scenario, folder)
        _replace(folder / "README.md", self.readme)
        _replace(folder / "import" / "left_out.csv", self.left.to_csv(index=False, lineterminator="\n"))


def markdown(table: pd.DataFrame) -> str:
    r"""
    Lay a table out in Markdown, numbers to the right and rounded to whole ones.

    Parameters
    ----------
    table
        Any table; bars and line breaks in its text are made harmless.

    Returns
    -------
    text
        With a line break at the end.

    Examples
    --------
    >>> print(markdown(pd.DataFrame({"what": ["a|b"], "t": [1234.6]})), end="")
    | what | t |
    | --- | ---: |
    | a\|b | 1,235 |
    """
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    head = [
        "| " + " | ".join(map(str, table.columns)) + " |",
        "| " + " | ".join("---:" if n else "---" for n in numeric) + " |",
    ]
    rows = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join([*head, *rows]) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return "" if value != value else f"{value:,.0f}"  # noqa: PLR0124 - a NaN differs from itself
    return " ".join(str(value).split()).replace("|", "\\|")


def _replace(path: Path, text: str) -> None:
    """Write to a temporary name in the same folder and move, so that no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
