"""Two solutions side by side: KPIs with units, and what opened, closed, grew and shrank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from isopt.solution import Solution

#: An amount that changes by at most this share is the same.
SAME = 1e-6


#: Changes that are printed; the table holds them all.
MOST_SHOWN = 15


@dataclass(frozen=True)
class Comparison:
    """
    What differs between two solutions.

    Attributes
    ----------
    names
        Titles of both.
    kpis
        Columns ``kpi, unit, first, second, difference``, totals over the horizon.
    exchanges
        A row per exchange of either, with ``change`` (opened, closed, grew, shrank, same), amounts and savings,
        largest effect first.
    """

    names: tuple[str, str]
    kpis: pd.DataFrame
    exchanges: pd.DataFrame

    def __str__(self) -> str:
        head = f"{'':<22}{_cut(self.names[0]):>18}{_cut(self.names[1]):>18}{'difference':>18}"
        lines = [head]
        lines += [
            f"{row.kpi:<22}{row.first:>18,.1f}{row.second:>18,.1f}{row.difference:>+18,.1f}"
            + ("" if row.unit == "1" else f" {row.unit}")
            for row in self.kpis.itertuples(index=False)
            if row.first != 0 or row.second != 0
        ]
        count = self.exchanges["change"].value_counts()
        told = ", ".join(f"{count.get(word, 0)} {word}" for word in ("opened", "closed", "grew", "shrank", "same"))
        lines.append(f"exchanges: {told}")
        lines += [
            f"  {row.change:<7} {row.exchange}: {row.amount_first:,.1f} -> {row.amount_second:,.1f} {row.unit}/yr, "
            f"saving {row.saving_difference:+,.0f} EUR/yr"
            for row in self.exchanges[self.exchanges["change"] != "same"].head(MOST_SHOWN).itertuples(index=False)
        ]
        return "\n".join(lines)


def compare(first: Solution, second: Solution) -> Comparison:
    """
    Compare two solutions.

    Parameters
    ----------
    first, second
        Any two solutions; exchanges are matched by their ids.

    Examples
    --------
    >>> import isopt
    >>> scenario = isopt.read("scenarios/two_firms")
    >>> dearer = scenario.with_(modes={"truck": {"eur_per_tkm": 9.9}})
    >>> list(isopt.compare(isopt.solve(scenario), isopt.solve(dearer)).exchanges["change"])
    ['closed']
    """
    totals = [_totals(solution) for solution in (first, second)]
    kpis = totals[0].merge(totals[1], on=["kpi", "unit"], how="outer", suffixes=("_a", "_b"), sort=False)
    kpis = kpis.rename(columns={"value_a": "first", "value_b": "second"})
    kpis["difference"] = kpis["second"] - kpis["first"]
    order = {name: place for place, name in enumerate(dict.fromkeys([*totals[0]["kpi"], *totals[1]["kpi"]]))}
    kpis = kpis.sort_values("kpi", key=lambda names: names.map(order)).reset_index(drop=True)
    return Comparison(
        (first.scenario.title or first.scenario.name, second.scenario.title or second.scenario.name),
        kpis[["kpi", "unit", "first", "second", "difference"]],
        _exchanges(first, second),
    )


def _totals(solution: Solution) -> pd.DataFrame:
    totals = solution.kpis[solution.kpis["year"].astype(str) == "total"]
    return totals[["kpi", "unit", "value"]].astype({"value": float})


_COLUMNS = [
    "exchange",
    "from_name",
    "to_name",
    "material",
    "mode",
    "unit",
    "amount_per_yr",
    "tonnes_per_yr",
    "saving_eur_per_yr",
]


def _exchanges(first: Solution, second: Solution) -> pd.DataFrame:
    """Match the exchanges of both and name the change."""
    one, two = (solution.exchanges.reindex(columns=_COLUMNS) for solution in (first, second))
    words = pd.concat([one, two], ignore_index=True)[_COLUMNS[:6]].drop_duplicates("exchange", ignore_index=True)
    table = words
    for suffix, side in (("first", one), ("second", two)):
        amounts = side[["exchange", *_COLUMNS[6:]]].rename(
            columns={
                "amount_per_yr": f"amount_{suffix}",
                "tonnes_per_yr": f"tonnes_{suffix}",
                "saving_eur_per_yr": f"saving_{suffix}",
            }
        )
        table = table.merge(amounts, on="exchange", how="left", sort=False)
    numbers = [name for name in table.columns if name.startswith(("amount_", "tonnes_", "saving_"))]
    table[numbers] = table[numbers].astype(float).fillna(0.0)
    before, after = table["amount_first"].to_numpy(dtype=float), table["amount_second"].to_numpy(dtype=float)
    same = np.abs(after - before) <= SAME * np.maximum(np.abs(before), np.abs(after))
    table["change"] = np.select(
        [same, before <= 0, after <= 0, after > before], ["same", "opened", "closed", "grew"], "shrank"
    )
    table["tonnes_difference"] = table["tonnes_second"] - table["tonnes_first"]
    table["saving_difference"] = table["saving_second"] - table["saving_first"]
    effect = table["saving_difference"].abs()
    return table.iloc[np.argsort(-effect.to_numpy(dtype=float), kind="stable")].reset_index(drop=True)


def _cut(title: str, width: int = 16) -> str:
    return title if len(title) <= width else title[: width - 1] + "…"
