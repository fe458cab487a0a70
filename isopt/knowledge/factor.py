"""A number that carries where it comes from, and the way to find one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError
from isopt.knowledge.tables import citation, rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Factor", "factor", "year_row"]


@dataclass(frozen=True)
class Factor:
    """
    A number that carries where it comes from.

    Parameters
    ----------
    value
        The number.
    unit
        Its unit.
    year
        Year it speaks of (price level, validity or publication).
    source
        Key of :func:`isopt.knowledge.citation`.
    evidence
        How it is known, one of :data:`isopt.knowledge.EVIDENCE`.
    confidence
        high, medium or low.
    note
        What else must be known to use it.
    """

    value: float
    unit: str
    year: int
    source: str
    evidence: str
    confidence: str
    note: str = ""

    def __float__(self) -> float:
        return self.value

    @property
    def assumed(self) -> bool:
        """Whether nobody has read the number in a source: it must be shown as assumed."""
        return self.evidence in {"recalled", "assumed"}

    def __str__(self) -> str:
        label = "assumed" if self.assumed else self.evidence
        return f"{self.value:g} {self.unit} ({self.year}, {label}, {self.confidence}): {citation(self.source)}"


def factor(row: pd.Series[Any], value: float, unit: str, note: str = "", year: int | None = None) -> Factor:
    """
    Return a value taken from a row of a table as a factor.

    Parameters
    ----------
    row
        The row, for its year, source, evidence, confidence and note.
    value
        The number, in ``unit``.
    unit
        Its unit.
    note
        Added to the note of the row.
    year
        Replaces the year of the row.
    """
    return Factor(
        value=float(value),
        unit=unit,
        year=int(row["year"]) if year is None else year,
        source=str(row["source"]),
        evidence=str(row["evidence"]),
        confidence=str(row["confidence"]),
        note="; ".join(part for part in (str(row.get("note", "")), note) if part),
    )


def year_row(name: str, year: int, **where: str) -> pd.Series[Any]:
    """
    Return the row of a table that speaks of a year.

    Parameters
    ----------
    name
        One of :func:`isopt.knowledge.names`.
    year
        The year.
    where
        Column and value that must hold besides.

    Raises
    ------
    InputError
        No such row; the message lists the years there are.
    """
    found = rows(name, **where)
    kept = found[found["year"] == year]
    if kept.empty:
        have = ", ".join(str(known) for known in sorted(set(found["year"])))
        what = " ".join(where.values())
        raise InputError(f"{name}{f' of {what}' if what else ''} has no year {year}; it has {have}")
    return kept.iloc[0]
