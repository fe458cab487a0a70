"""The rules table: which rule speaks of which flow. Codes are compared here on their own: EWC and NACE by prefix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from isopt.solution.audit.inputs import Inputs
from isopt.solution.audit.judge import Bools

CONDITIONS = ("material", "from_sector", "to_sector", "technology", "mode")


def plain_code(text: str) -> str:
    """
    A code without the blanks and dots that people write in it.

    Examples
    --------
    >>> plain_code("17 06 01*"), plain_code("20.14")
    ('170601*', '2014')
    """
    return "".join(sign for sign in text if not sign.isspace() and sign != ".").upper()


def with_prefix(codes: Iterable[str], prefix: str) -> Bools:
    """Whether each code begins with a prefix; an empty code begins with none, shape (codes,)."""
    wanted = plain_code(prefix)
    return np.asarray([bool(code) and plain_code(code).startswith(wanted) for code in codes], dtype=np.bool_)


def materials_meant(inputs: Inputs, cell: str) -> Bools:
    """Which materials a cell speaks of that has an id or an EWC prefix, shape (materials,)."""
    materials = inputs.table("materials")
    by_id = materials["material"] == cell
    return np.asarray(by_id, dtype=np.bool_) if by_id.any() else with_prefix(materials["ewc"], cell)


def facilities_meant(inputs: Inputs, sector: str) -> Bools:
    """Which facilities a NACE prefix speaks of, any of whose codes (separated by ";") begins with it; (facilities,)."""
    cells, place = inputs.sectors
    meant = [bool(with_prefix([code.strip() for code in cell.split(";")], sector).any()) for cell in cells]
    return np.asarray(meant, dtype=np.bool_)[place]


def rules_that_match(inputs: Inputs, ways: pd.DataFrame) -> pd.DataFrame:
    """
    Each pair of a rule and a way of which "all filled cells match".

    Parameters
    ----------
    inputs
        The scenario's cells.
    ways
        Columns material, start, end, technology (of the receiving plant, "" for a demand) and mode, one row per way.

    Returns
    -------
    matches
        Columns `way` (position), `rule` (row number), `filled` (how many of the rule's conditions are filled),
        `allowed`.
    """
    table = inputs.table("rules")
    said = pd.DataFrame({name: table[name] for name in CONDITIONS})
    allowed = table["allowed"].to_numpy(dtype=bool)
    material = inputs.row("materials", ways["material"])
    place = {end: inputs.row("facilities", ways[end]) for end in ("start", "end")}
    parts = []
    for rule, (_, row) in enumerate(said.iterrows()):
        match = np.ones(len(ways), dtype=bool)
        if row["material"]:
            match &= materials_meant(inputs, row["material"])[material]
        if row["from_sector"]:
            match &= facilities_meant(inputs, row["from_sector"])[place["start"]]
        if row["to_sector"]:
            match &= facilities_meant(inputs, row["to_sector"])[place["end"]]
        for name in ("technology", "mode"):
            if row[name]:
                match &= (ways[name] == row[name]).to_numpy()
        way = np.flatnonzero(match)
        parts.append(
            pd.DataFrame({"way": way, "rule": rule, "filled": int((row != "").sum()), "allowed": bool(allowed[rule])})
        )
    columns = {"way": np.intp, "rule": np.intp, "filled": int, "allowed": bool}
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns)).astype(columns)
