"""How the numbers of a scenario are known: the grade of each row, by what its note and source say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from isopt.scenario import Scenario

GRADES = ("read", "derived", "second_hand", "recalled", "assumed", "unstated")
"""From best to worst: read in a source, derived from such, read at second hand, recalled, assumed, nothing said."""
WEAK = ("recalled", "assumed", "unstated")
"""Grades of numbers that nobody has read in a source, as `isopt.knowledge.Factor.assumed` has it."""
WORDS = {
    "read": r"documented|measured|metered|invoiced|read|documenté\w*|mesuré\w*|relevé\w*|belegt|gemessen|gelesen",
    "derived": r"derived|calculated|computed|dérivé\w*|calculé\w*|déduit\w*|abgeleitet|berechnet",
    "second_hand": r"second[ -]hand|de seconde main|aus zweiter hand",
    "recalled": r"recalled|de mémoire|aus dem gedächtnis",
    "assumed": r"assum\w+|estimat\w+|guess\w*|invented|planning (?:value|range)"
    r"|hypothès\w+|supposé\w*|estimé\w*|inventé\w*|angenommen|annahme\w*|geschätzt|schätz\w+|erfunden|planwert\w*",
}
"""What notes and sources say of a number in the languages of the views; the weakest word that stands there counts."""
_PATTERNS = {grade: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for grade, words in WORDS.items()}


def grade(note: str, source: str) -> str:
    """
    How the numbers of a row are known.

    Parameters
    ----------
    note, source
        What the row says; see `WORDS`. Of several words the weakest counts; a source without any was read.

    Examples
    --------
    >>> grade("derived: 170 kt less bottom ash; price assumed", "IISD"), grade("", "IISD"), grade("", "")
    ('assumed', 'read', 'unstated')
    """
    words = f"{note} {source}"
    for name, pattern in reversed(_PATTERNS.items()):
        if pattern.search(words):
            return name
    return "read" if source.strip() else "unstated"


def row_keys(rows: pd.DataFrame, key: str | Sequence[str]) -> pd.Series[str]:
    """
    What names each row of a table.

    Parameters
    ----------
    rows
        The table.
    key
        A column, or several, whose cells are then joined by a vertical bar.
    """
    return rows[key].astype(str) if isinstance(key, str) else rows[list(key)].astype(str).agg("|".join, axis=1)


def grades(scenario: Scenario, table: str, key: str | Sequence[str]) -> pd.Series[int]:
    """
    Grade of each row of a table, as its place in `GRADES`.

    Parameters
    ----------
    scenario
        Any.
    table, key
        Name of the table and of what names its rows, as for `row_keys`.

    Returns
    -------
    places
        By key; of several rows with one key the weakest. A row that says nothing at all is unstated.
    """
    rows = scenario.tables[table]
    if rows.empty:
        return pd.Series(dtype=np.int64)
    pairs = pd.DataFrame({"note": rows["note"].astype(str), "source": rows["source"].astype(str)})
    known = {pair: GRADES.index(grade(*pair)) for pair in pairs.drop_duplicates().itertuples(index=False, name=None)}
    places = pd.Series(
        [known[pair] for pair in pairs.itertuples(index=False, name=None)], index=row_keys(rows, key).to_numpy()
    )
    return places.groupby(level=0).max()
