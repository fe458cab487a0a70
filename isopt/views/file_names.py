"""File names made of what others call things: they work on every system and lead nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST = 60  # characters; a path on Windows has 260 in all
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{number}" for number in range(10)), *(f"lpt{number}" for number in range(10))]
)
"""Names that Windows keeps for devices, whatever follows after a dot."""


def file_names(names: Sequence[str], *, otherwise: str, taken: Iterable[str] = ()) -> list[str]:
    """
    Names of files, without a suffix: lower-case letters, digits and hyphens, each there once.

    Parameters
    ----------
    names
        What the things are called, whatever stands in it.
    otherwise
        What to call one of which nothing is left.
    taken
        Names that must not be used.

    Returns
    -------
    names
        In the same order; where two would be the same, the later ones get a number.

    Examples
    --------
    >>> file_names(["Asnæs Værk", "../../etc/passwd", "CON", "ASNÆS-VÆRK", "水"], otherwise="firm")
    ['asnaes-vaerk', 'etc-passwd', 'con-1', 'asnaes-vaerk-2', 'firm']
    """
    used = {name.lower() for name in taken}
    found = []
    for name in names:
        plain = _plain(name) or otherwise
        if plain in RESERVED:
            plain = f"{plain}-1"
        number, free = 1, plain
        while free in used:
            number += 1
            free = f"{plain}-{number}"
        used.add(free)
        found.append(free)
    return found


LETTERS = str.maketrans({"æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ß": "ss", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l"})
"""Letters that decomposition leaves as they are."""


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.translate(LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:LONGEST].rstrip("-")
