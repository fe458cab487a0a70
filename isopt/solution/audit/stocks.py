"""What lies in stock at streams, demands and plants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence, about, once
from isopt.solution.audit.inputs import Inputs, Ints
from isopt.solution.audit.judge import Floats, Verdict, at_most, equal, figures, row_slack
from isopt.solution.audit.solution import KEYS
from isopt.solution.audit.sums import sum_over

NAME = list(KEYS["stocks"])


@about("stocks")
def a_stock_ends_at_its_initial(evidence: Evidence) -> Verdict:
    """
    Hold each stock within its capacity, and back where it began at the end of the horizon.

    "A stock ends at its `initial`; at a plant it exists while the plant stands, and a candidate begins empty."
    """
    rows = stock_rows(evidence)
    capacity = rows["capacity"].to_numpy()
    slack = row_slack(evidence.tolerance, rows["initial"], rows["level"], capacity)
    last = (rows["t"] == len(evidence.inputs.periods) - 1).to_numpy()
    ended = rows[last]
    verdict = equal("stocks", ended, NAME, ended["initial"], ended["level"], slack[last], "a stock ends at its initial")
    room = np.where(rows["stands"], capacity, 0.0)
    return verdict + at_most(
        "stocks", rows, NAME, room, rows["level"], slack, "a stock fits its place, while that stands"
    )


@about("stocks")
def a_stock_costs_by_what_lies_at_the_end(evidence: Evidence) -> Verdict:
    """Hold the cost of each stock: "its cost is on the stock at the end of the period x share of the year"."""
    rows = stock_rows(evidence).merge(evidence.tables["stocks"][[*NAME, "cost_eur"]], on=NAME, how="inner")
    return figures("stocks", rows, NAME, rows["cost"], rows["cost_eur"], evidence.tolerance, "a stock's cost")


@once
def stock_rows(evidence: Evidence) -> pd.DataFrame:
    """
    A row per stock and period, with its level and whose it is.

    "At a facility the stock serves its one stream of the material, else its one demand, at a plant its input's side."

    Returns
    -------
    stocks
        The stocks table's columns and `t`, `year`, `capacity`, `initial`, `level`, `before` (the level when the
        period began), `cost`, `stands`, `serves` (stream, demand or plant) and `owner` (row number in that table).
    """
    inputs = evidence.inputs
    initial = np.repeat(inputs.at("stocks", "initial")[:, :1], len(inputs.periods), axis=1)
    cells = {
        "capacity": inputs.at("stocks", "capacity"),
        "rate": inputs.at("stocks", "eur_per_unit_yr"),
        "initial": initial,
    }
    rows = inputs.per_period(inputs.table("stocks"), cells)
    rows = rows.merge(evidence.tables["stocks"][[*NAME, "level"]], on=NAME, how="left")
    rows = rows.fillna({"level": 0.0, "initial": 0.0, "rate": 0.0})
    at_plant = (rows["plant"] != "").to_numpy()
    plant = np.where(at_plant, inputs.row("plants", rows["plant"]), -1)
    rows["initial"] = rows["initial"].where(inputs.text("plants", "status", plant) != "candidate", 0.0)
    rows["before"] = rows.groupby("row")["level"].shift().fillna(rows["initial"])
    rows["stands"] = ~at_plant | evidence.stands(plant, rows["year"])
    rows["cost"] = rows["level"] * rows["rate"] * rows["share"]
    stream, demand = (_the_one(inputs, table, rows) for table in ("streams", "demands"))
    serves = np.select([at_plant, stream >= 0], ["plant", "stream"], default="demand").astype(object)
    return rows.assign(serves=serves, owner=np.select([at_plant, stream >= 0], [plant, stream], default=demand))


def stock_change(evidence: Evidence, serves: str, rows: pd.DataFrame, *, material: bool = False) -> Floats:
    """
    What goes into stock (what comes out: negative) at each stream, demand or plant and period.

    Parameters
    ----------
    evidence
        The plan.
    serves
        "stream", "demand" or "plant".
    rows
        Columns `row` (row number in that table), `t`, and `material` if asked for.
    material
        Whether the stocks of one place are told apart by material, as a plant's inputs are.
    """
    if evidence.inputs.table("stocks").empty:
        return np.zeros(len(rows))
    stocks = stock_rows(evidence)
    stocks = stocks[stocks["serves"] == serves].assign(change=stocks["level"] - stocks["before"])
    also = ["material"] if material else []
    return sum_over(stocks, ["owner", "t", *also], "change", rows, ["row", "t", *also])


def _the_one(inputs: Inputs, table: str, rows: pd.DataFrame) -> Ints:
    """Row number of the stream (demand) of each row's material at its facility, -1 for none."""
    frame = inputs.table(table)
    places = pd.DataFrame({name: frame[name] for name in ("facility", "material")}).assign(at=np.arange(len(frame)))
    found = rows[["facility", "material"]].merge(
        places.drop_duplicates(["facility", "material"]), on=["facility", "material"], how="left"
    )
    return np.asarray(found["at"].fillna(-1), dtype=np.intp)
