"""What every maker of tables has: figures drawn from a seed, and the tables being written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Settings = dict[str, dict[str, Any]]


class Desk:
    """A random generator, the features asked for, and the tables so far."""

    def __init__(self, seed: int, features: Collection[str]) -> None:
        self.rng = np.random.default_rng(seed)
        self.has = set(features).__contains__
        self.tables: Tables = {}
        self.settings: Settings = {"policy": {}, "reach": {}, "economics": {}, "limits": {}, "minimise": {}}

    def n(self, low: float, high: float, decimals: int = 3) -> float:
        """A figure."""
        return round(float(self.rng.uniform(low, high)), decimals)

    def one(self, names: Collection[str]) -> str:
        """One of some names."""
        names = list(names)
        return names[int(self.rng.integers(len(names)))]

    def chance(self, p: float = 0.5) -> bool:
        """True in that share of cases."""
        return bool(self.rng.random() < p)

    def add(self, table: str, /, **cells: Any) -> Row:
        """A row."""
        self.tables.setdefault(table, []).append(cells)
        return cells
