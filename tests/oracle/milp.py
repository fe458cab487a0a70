"""A mixed-integer programme as rows of dictionaries, solved by `scipy.optimize.milp` without a gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

INF = float("inf")
Terms = Mapping[int, float]
INFEASIBLE = 2  # SciPy's status codes
UNBOUNDED_OR_INFEASIBLE = 4


@dataclass
class Programme:
    """Variables and rows, in the order in which they are stated."""

    names: list[str] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float, str]] = field(default_factory=list)

    def variable(self, name: str, low: float = 0.0, high: float = INF, *, whole: bool = False) -> int:
        """A new variable; its number."""
        self.names.append(name)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.names) - 1

    def binary(self, name: str) -> int:
        """A new variable that is 0 or 1."""
        return self.variable(name, 0.0, 1.0, whole=True)

    def row(self, name: str, terms: Terms, low: float = -INF, high: float = INF) -> None:
        """`low <= sum of terms <= high`."""
        self.rows.append(({k: v for k, v in terms.items() if v != 0.0}, low, high, name))

    def solve(self, cost: Terms) -> tuple[str, np.ndarray | None]:
        """
        Least cost, then once more with the whole numbers fixed so that no tolerance is left in them.

        Returns
        -------
        status
            "optimal", "infeasible" or what SciPy says.
        values
            One per variable, None unless optimal.
        """
        c = np.zeros(len(self.names))
        for k, v in cost.items():
            c[k] += v
        low, high = np.array(self.low), np.array(self.high)
        result = self._milp(c, low, high, np.array(self.whole, dtype=int))
        if result.status in (INFEASIBLE, UNBOUNDED_OR_INFEASIBLE):
            # SciPy says "unbounded or infeasible" together: without a cost only the second is left.
            blank = self._milp(0 * c, low, high, np.array(self.whole, dtype=int))
            return ("infeasible" if blank.status == INFEASIBLE else "unbounded"), None
        if result.x is None:
            return f"SciPy status {result.status}: {result.message}", None
        whole = np.array(self.whole)
        low[whole] = high[whole] = np.round(result.x[whole])
        fixed = self._milp(c, low, high, np.zeros(len(c), dtype=int))
        return "optimal", (result.x if fixed.x is None else fixed.x)

    def _milp(self, c: np.ndarray, low: np.ndarray, high: np.ndarray, whole: np.ndarray):
        indptr, indices, data = [0], [], []
        for terms, _, _, _ in self.rows:
            indices += list(terms)
            data += list(terms.values())
            indptr.append(len(indices))
        matrix = csr_array((data, indices, indptr), shape=(len(self.rows), len(c)))
        limits = LinearConstraint(matrix, [r[1] for r in self.rows], [r[2] for r in self.rows])
        return milp(
            c,
            constraints=limits if self.rows else None,
            bounds=Bounds(low, high),
            integrality=whole,
            options={"mip_rel_gap": 0.0, "presolve": True},
        )


def add(terms: dict[int, float], *more: tuple[int, float]) -> dict[int, float]:
    """Add coefficients to a row in place."""
    for k, v in more:
        terms[k] = terms.get(k, 0.0) + v
    return terms
