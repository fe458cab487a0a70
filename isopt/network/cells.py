"""What the links table says of each candidate: the more specific row wins, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network.lookup import index_of
from isopt.network.nodes import Parties
from isopt.network.periods import slim
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Ends:
    """
    Where candidates go, as far as the links table can tell them apart.

    Attributes
    ----------
    from_facility, to_facility, material, mode
        Indices, shape (candidates,).
    """

    from_facility: Indices
    to_facility: Indices
    material: Indices
    mode: Indices


@dataclass(frozen=True)
class Cells:
    """
    The rows of the links table that speak of each candidate, the strongest last.

    Attributes
    ----------
    candidate, row
        Pairs of candidate and links row, sorted so that later ones win, shape (matches,).
    rank
        Strength of each links row: specificity first, then the order of the table, shape (links rows,).
    count
        Number of candidates.
    """

    scenario: Scenario
    candidate: Indices
    row: Indices
    rank: Indices
    count: int

    def number(self, column: str) -> tuple[Array, Indices]:
        """
        Read a numeric column.

        Returns
        -------
        value
            Shape (candidates, 1 or periods); NaN where no row fills the cell.
        strength
            Rank of the row that filled it in the first period, -1 where none did, shape (candidates,).
        """
        values = slim(self.scenario.at("links", column)) if len(self.rank) else np.zeros((0, 1))
        found = np.full((self.count, values.shape[1]), np.nan)
        strength = np.full(self.count, -1, dtype=np.int64)
        for t in range(values.shape[1]):
            filled = ~np.isnan(values[self.row, t])
            found[self.candidate[filled], t] = values[self.row[filled], t]
            if t == 0:
                strength[self.candidate[filled]] = self.rank[self.row[filled]]
        return found, strength

    def status(self) -> NDArray[np.object_]:
        """Status of each candidate, "" where no row gives one, shape (candidates,)."""
        values = self.scenario.links["status"].to_numpy(dtype=object)
        found = np.full(self.count, "", dtype=object)
        filled = values[self.row] != ""
        found[self.candidate[filled]] = values[self.row[filled]]
        return found

    def says(self, status: str) -> Flags:
        """Whether it has a status, shape (candidates,)."""
        values = self.scenario.links["status"].to_numpy(dtype=object)
        found = np.zeros(self.count, dtype=bool)
        filled = values[self.row] != ""
        found[self.candidate[filled]] = values[self.row[filled]] == status
        return found

    def shared(self) -> Flags:
        """Whether all materials share the exchange, shape (candidates,)."""
        values = self.scenario.links["shared"]
        known = values.notna().to_numpy(dtype=bool)
        said = values.fillna(False).to_numpy(dtype=bool)
        found = np.zeros(self.count, dtype=bool)
        filled = known[self.row]
        found[self.candidate[filled]] = said[self.row[filled]]
        return found

    def of_exchanges(self, shared: Flags) -> Cells:
        """
        Leave the rows that speak of whole exchanges: of a shared one, which has no material, those that name none.

        Parameters
        ----------
        shared
            From `shared`; a row that names a material and says itself that it is shared speaks, too.
        """
        links = self.scenario.links
        whole = (links["material"] == "").to_numpy(dtype=bool) | links["shared"].fillna(False).to_numpy(dtype=bool)
        kept = ~shared[self.candidate] | whole[self.row]
        return replace(self, candidate=self.candidate[kept], row=self.row[kept])

    def listed(self) -> Flags:
        """Whether any row speaks of the candidate, shape (candidates,)."""
        found = np.zeros(self.count, dtype=bool)
        found[self.candidate] = True
        return found

    def text(self, column: str) -> NDArray[np.object_]:
        """Read a text column ("note", "source") of the strongest row that fills it, shape (candidates,)."""
        values = self.scenario.links[column].to_numpy(dtype=object)
        found = np.full(self.count, "", dtype=object)
        filled = values[self.row] != ""
        found[self.candidate[filled]] = values[self.row[filled]]
        return found


def listed_facilities(scenario: Scenario, parties: Parties) -> pd.DataFrame:
    """List the pairs of facilities in the links table once each, columns ``from`` and ``to`` (indices)."""
    links = scenario.links
    pairs = pd.DataFrame(
        {
            "from": index_of(links["from_facility"], parties.facilities),
            "to": index_of(links["to_facility"], parties.facilities),
        }
    )
    return pairs.drop_duplicates(ignore_index=True)


def cells_of(scenario: Scenario, parties: Parties, ends: Ends) -> Cells:
    """Match the rows of the links table with candidates: pairs are directed, an empty material or mode means all."""
    links, count = scenario.links, len(ends.mode)
    rows = pd.DataFrame(
        {
            "row": np.arange(len(links)),
            "from": index_of(links["from_facility"], parties.facilities),
            "to": index_of(links["to_facility"], parties.facilities),
            "material": index_of(links["material"], parties.materials),
            "mode": index_of(links["mode"], parties.modes),
        }
    )
    specificity = (rows["material"] >= 0).to_numpy(dtype=np.int64) + (rows["mode"] >= 0).to_numpy(dtype=np.int64)
    rank = np.empty(len(links), dtype=np.int64)
    rank[np.lexsort((np.arange(len(links)), specificity))] = np.arange(len(links))
    if len(links):
        begins, leads = (np.zeros(len(parties.facilities) + 1, dtype=bool) for _ in range(2))
        begins[rows["from"]] = leads[rows["to"]] = (
            True  # most facilities stand in no row: a table look-up leaves them out
        )
        some = np.flatnonzero(begins[ends.from_facility] & leads[ends.to_facility])
        candidates = pd.DataFrame({"candidate": some, "from": ends.from_facility[some], "to": ends.to_facility[some]})
        both = candidates.merge(rows, on=["from", "to"], how="inner")
        candidate, row = both["candidate"].to_numpy(dtype=np.int64), both["row"].to_numpy(dtype=np.int64)
        of_material, of_mode = both["material"].to_numpy(), both["mode"].to_numpy()
        fits = ((of_material < 0) | (of_material == ends.material[candidate])) & (
            (of_mode < 0) | (of_mode == ends.mode[candidate])
        )
        candidate, row = candidate[fits], row[fits]
        order = np.argsort(rank[row], kind="stable")
        candidate, row = candidate[order], row[order]
    else:
        candidate = row = np.zeros(0, dtype=np.int64)
    return Cells(scenario, candidate, row, rank, count)
