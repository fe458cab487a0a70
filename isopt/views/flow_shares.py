"""What goes through exchanges, in absolute amounts and as a share of all there is, in the manner of CircLean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from isopt.views import means
from isopt.views.numbers import share, with_unit
from isopt.views.programme import ends
from isopt.views.report_cells import Cell, Row, Table, cited, heads
from isopt.views.texts import counted, text

if TYPE_CHECKING:
    from isopt.solution import Solution

MOST = 6  # materials of each direction and unit that get a row of their own
UNITS = ["t", "m3", "MWh"]
COLUMNS = ["material", "unit", "exchanged", "total"]


def outgoing(solution: Solution) -> pd.DataFrame:
    """
    By-products given to other organisations, and all that arise.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    shares
        ``material, unit, exchanged, total``, yearly means in the material's unit, the largest total first. What plants
        give out counts as arising too.
    """
    flows = means.flows(solution)
    giver, taker = ends(solution.scenario, flows)
    foreign = (flows["kind"] == "exchange") & (giver != taker)
    given = flows[foreign].groupby("material")["sent"].sum()
    arising = means.unused(solution).groupby("material")["supply"].sum()
    made = flows[flows["origin_kind"] == "plant"].groupby("material")["sent"].sum()
    total = arising.add(made, fill_value=0.0)
    return _joined(given, total, solution)


def incoming(solution: Solution) -> pd.DataFrame:
    """
    What others' by-products cover of the demands, and all that is needed.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    shares
        As `outgoing`, in the unit of the material that is needed: what replaces it counts for what it replaces.
    """
    flows = means.flows(solution)
    into = flows[flows["receiver_kind"] == "demand"]
    giver, taker = ends(solution.scenario, into)
    arrived = into.groupby("receiver")["arrived"].sum()
    part = into[giver != taker].groupby("receiver")["arrived"].sum() / arrived
    needs = means.purchases(solution)
    foreign = needs["received"] * needs["demand"].map(part).fillna(0.0).to_numpy(float)
    sums = needs.assign(foreign=foreign).groupby("material")[["foreign", "need"]].sum()
    return _joined(sums["foreign"], sums["need"], solution)


def _joined(exchanged: pd.Series[float], total: pd.Series[float], solution: Solution) -> pd.DataFrame:
    """Both amounts by material, the largest total first."""
    both = pd.DataFrame({"exchanged": exchanged, "total": total}).fillna(0.0)
    both = both[both["total"] > 0]
    both["unit"] = both.index.map(means.units(solution.scenario).to_dict())
    both = both.sort_values("total", ascending=False, kind="stable")
    return both.rename_axis("material").reset_index()[COLUMNS]


def table(solution: Solution) -> Table | None:
    """Both directions as one table of the report; None where nothing arises and nothing is needed."""
    rows: list[Row] = []
    for name, found in (("outgoing", outgoing(solution)), ("incoming", incoming(solution))):
        if found.empty:
            continue
        rows.append(Row([Cell(text(f"report.{name}"))], "group"))
        for unit, group in sorted(found.groupby("unit", sort=False), key=lambda pair: _rank(str(pair[0]))):
            if len(group) > 1:
                rows.append(_row(text("report.all_in", unit=unit), str(unit), group, "sum"))
            names = means.material_names(solution.scenario)
            rows += [
                _row(names[material], str(unit), group[group["material"] == material], "")
                for material in group["material"].head(MOST)
            ]
            if len(group) > MOST:
                rest = group.iloc[MOST:]
                rows.append(_row(counted(len(rest), "other"), str(unit), rest, ""))
    if not rows:
        return None
    numbers = ("in_exchanges", "of_all", "share_of_all")
    columns = heads("flow", *numbers, numbers=numbers)
    note = text("report.flows_note")
    more = text("report.method", sources=cited("circlean"))
    return Table(text("report.flows_title"), columns, rows, note, more)


def _rank(unit: str) -> tuple[int, str]:
    """Place of a unit: tonnes, water, energy."""
    return (UNITS.index(unit), "") if unit in UNITS else (len(UNITS), unit)


def _row(name: str, unit: str, group: pd.DataFrame, kind: str) -> Row:
    exchanged, total = float(group["exchanged"].sum()), float(group["total"].sum())
    yearly = text("unit.per_year", unit=unit)
    return Row(
        [
            Cell(name),
            Cell(with_unit(exchanged, yearly)),
            Cell(with_unit(total, yearly)),
            Cell(share(exchanged / total)),
        ],
        kind,
    )
