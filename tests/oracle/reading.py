"""The scenario as the oracle reads it: rows as dictionaries, figures by period after `changes` and `[scale]`."""

from __future__ import annotations

import math
from typing import Any

KEYS = {
    "substitutions": ("from_material", "to_material"),
    "recipes": ("technology", "input", "output"),
    "mixes": ("technology", "input"),
    "links": ("from_facility", "to_facility", "material", "mode"),
}
FIRST = {
    "facilities": "facility",
    "materials": "material",
    "streams": "stream",
    "demands": "demand",
    "technologies": "technology",
    "plants": "plant",
    "disposals": "disposal",
    "modes": "mode",
}


def cell(value: Any) -> Any:
    """A table's cell as a plain Python value, None when empty."""
    if value is None or isinstance(value, (tuple, list)):
        return tuple(value) if value else None
    if isinstance(value, str):
        return value or None
    if value != value:  # NaN is the only value that differs from itself
        return None
    try:
        if math.isnan(value):
            return None
    except TypeError:
        return None  # pandas' NA
    if hasattr(value, "item"):
        value = value.item()
    return value


class Book:
    """
    All tables of one scenario, with every figure by period.

    `book.at(row, column, t)` is the figure of a row in period number t, `row[column]` its cell as written.
    """

    def __init__(self, scenario: Any) -> None:
        self.settings = scenario.settings
        self.tables: dict[str, list[dict[str, Any]]] = {}
        for name, frame in scenario.tables.items():
            records = frame.to_dict("records")
            self.tables[name] = [
                {"_table": name, "_row": i} | {column: self._cell(row[column]) for column in row}
                for i, row in enumerate(records)
            ]
        self.periods = self._periods(scenario)
        self.T = range(len(self.periods))
        self.year = [int(period["year"]) for period in self.periods]
        self.years = sorted(set(self.year))
        self.share = [float(period["share_of_year"] or 0.0) for period in self.periods]
        self.moves = self._moves()

    @staticmethod
    def _cell(value: Any) -> Any:
        try:
            return cell(value)
        except TypeError:
            return None

    def _periods(self, scenario: Any) -> list[dict[str, Any]]:
        frame = scenario.periods
        return [dict(row) for row in frame.to_dict("records")]

    def periods_of(self, year: int) -> list[int]:
        """Numbers of the periods of a year."""
        return [t for t in self.T if self.year[t] == year]

    def first_of(self, year: int) -> int:
        """Number of the first period of a year, where yearly figures are read."""
        return self.periods_of(year)[0]

    def _moves(self) -> dict[tuple[str, str, str], list[tuple[range | list[int], float | None, float | None]]]:
        """What `changes` does: (table, id, column) -> [(periods, value, factor)], in its order."""
        number = {period["period"]: t for t, period in enumerate(self.periods)}
        moves: dict[tuple[str, str, str], list[Any]] = {}
        for row in self.tables["changes"]:
            start = number[row["period"]]
            when = list(range(start, len(self.periods))) if row["onward"] else [start]
            key = (row["table"], row["id"], row["column"] or "")
            moves.setdefault(key, []).append((when, row["value"], row["factor"]))
        return moves

    def _moved(self, figure: float | None, key: tuple[str, str, str], t: int) -> float | None:
        for when, value, factor in self.moves.get(key, ()):
            if t in when:
                if value is not None:
                    figure = value
                elif figure is not None:
                    figure = figure * factor
        return figure

    def identity(self, row: dict[str, Any]) -> str:
        """How `changes` names a row."""
        table = row["_table"]
        if table in KEYS:
            return "|".join(row[column] or "" for column in KEYS[table])
        if table == "stocks":
            return f"{row['plant'] or row['facility']}|{row['material']}"
        return row[FIRST[table]] if table in FIRST else ""

    def at(self, row: dict[str, Any], column: str, t: int) -> float | None:
        """The figure of a row in period t, None where the cell is empty."""
        table = row["_table"]
        figure = self._moved(row[column], (table, self.identity(row), column), t)
        if figure is None:
            return None
        return float(figure) * self.settings.scale.get(f"{table}.{column}", 1.0)

    def number(self, row: dict[str, Any], column: str, t: int) -> float:
        """The figure of a row in period t, 0 where the cell is empty."""
        figure = self.at(row, column, t)
        return 0.0 if figure is None else figure

    def policy(self, key: str, t: int, disposal_class: str = "") -> float:
        """A policy figure in period t; rates by class are 0 where the class is not given."""
        figure = getattr(self.settings.policy, key)
        if key == "landfill_tax_eur_per_t":
            figure = figure.get(disposal_class, 0.0)
        figure = self._moved(figure, ("policy", key, disposal_class), t)
        return float(figure or 0.0) * self.settings.scale.get(f"policy.{key}", 1.0)

    def limit(self, key: str, year: int) -> float | None:
        """A limit in a year, None where there is none."""
        figure = getattr(self.settings.limits, key)
        return self._moved(figure, ("limits", key, ""), self.first_of(year))

    def row(self, table: str, name: str) -> dict[str, Any]:
        """The row of a table by its id."""
        return next(row for row in self.tables[table] if row[FIRST[table]] == name)

    def lag_lands(self, t: int, lag: int) -> int | None:
        """Period in which a lagged output arises: same season, `lag` years on; None past the horizon."""
        if lag == 0:
            return t
        season = self.periods_of(self.year[t]).index(t)
        there = self.periods_of(self.year[t] + lag)
        return there[season] if season < len(there) else None

    def t_per_unit(self, material: str) -> float:
        """Tonnes in one unit of a material."""
        row = self.row("materials", material)
        if row["t_per_unit"] is not None:
            return float(row["t_per_unit"])
        return {"t": 1.0, "MWh": 0.0}.get(row["unit"] or "t", 0.0)
