"""What a plan means for one organisation: what it gives and gets, pays and saves, sets up and should check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from isopt.views import means, payback
from isopt.views.evidence import GRADES, grades
from isopt.views.programme import ends
from isopt.views.quality import disposed

if TYPE_CHECKING:
    from isopt.solution import Solution

SHARED = {
    "haulage_eur_per_yr": "haulage", "setup_eur_per_yr": "setup", "trips_per_yr": "trips",
    "capital_eur": "capital", "saving_eur_per_yr": "saving",
}  # fmt: skip
LINES = {
    "haulage": "cost_haulage", "setup": "cost_setup", "treatment": "cost_treatment", "plants": "cost_plants",
    "gate_fees": "cost_gate_fees", "virgin": "cost_virgin", "landfill_tax": "landfill_tax",
    "carbon": "carbon_payment", "subsidies": "subsidies",
}  # fmt: skip
"""Columns of the ledger of organisations, without ``_eur_per_yr``, and the KPI that each is."""


@dataclass(frozen=True)
class Organisation:
    """
    All that a plan says of one organisation; amounts are yearly means.

    Attributes
    ----------
    name
        What it is called; an organisation may go by the id of its only facility.
    key
        As in the tables.
    sites
        Rows of its facilities.
    gives, gets
        Rows of `moves` that leave it or reach it from others; what it moves between its own sites is among the former.
    disposed
        What it still disposes of, with fees and taxes.
    demands
        What it needs, receives and buys.
    plants
        Plants that it owns and that are built, a row each.
    ledger
        Its row of `Solution.firms`.
    before
        Its row in the baseline, None where there is none.
    inputs
        The numbers of its streams and demands: ``table, key, material, facility, amount, grade``.
    """

    name: str
    key: str
    sites: pd.DataFrame
    gives: pd.DataFrame
    gets: pd.DataFrame
    disposed: pd.DataFrame
    demands: pd.DataFrame
    plants: pd.DataFrame
    ledger: pd.Series
    before: pd.Series | None
    inputs: pd.DataFrame

    @property
    def saving(self) -> float:
        """EUR a year, before any payment between firms; NaN without a baseline."""
        return float(self.ledger["saving_eur_per_yr"])

    @property
    def concerned(self) -> bool:
        """Whether the plan changes anything for it: an exchange or a plant of its own."""
        return bool(len(self.gives) or len(self.gets) or len(self.plants))


def organisations(solution: Solution) -> list[Organisation]:
    """
    Say of every organisation what the plan means for it.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    organisations
        In the order of `Solution.firms`.
    """
    scenario = solution.scenario
    names = means.facility_names(scenario)
    facilities = scenario.tables["facilities"]
    owner = dict(zip(facilities["facility"], facilities["organisation"], strict=True))
    moved = moves(solution)
    gone = disposed(solution, means.flows(solution))
    gone = gone.assign(giver=ends(scenario, gone)[0])
    needs = means.purchases(solution)
    inputs = _inputs(solution)
    plants = means.filled(solution.plants, ["plant", "built", "owner"])
    built = plants[plants["built"].astype(bool)].drop_duplicates("plant")
    groups = {
        "sites": _by(facilities, facilities["organisation"]),
        "gives": _by(moved, moved["giver"]),
        "gets": _by(moved[moved["giver"] != moved["taker"]], moved["taker"]),
        "disposed": _by(gone, gone["giver"]),
        "demands": _by(needs, needs["facility"].map(owner)),
        "plants": _by(built, built["owner"]),
        "inputs": _by(inputs, inputs["facility"].map(owner)),
    }
    none = {
        "sites": facilities.head(0), "gives": moved.head(0), "gets": moved.head(0), "disposed": gone.head(0),
        "demands": needs.head(0), "plants": built.head(0), "inputs": inputs.head(0),
    }  # fmt: skip
    earlier: dict[str, pd.Series] = {}
    if solution.baseline is not None:
        earlier = {str(row["organisation"]): row for _, row in solution.baseline.firms.iterrows()}
    made = []
    for _, row in solution.firms.iterrows():
        key = str(row["organisation"])
        told = {part: groups[part].get(key, none[part]) for part in none}
        made.append(Organisation(name=names.get(key, key), key=key, ledger=row, before=earlier.get(key), **told))
    return made


def moves(solution: Solution) -> pd.DataFrame:
    """
    All that goes through exchanges, a row per exchange, material and pair of organisations.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    moves
        ``exchange, giver, taker, from_facility, to_facility, material, received_as, mode, unit, distance_km, sent,
        tonnes`` and the exchange's ``haulage, setup, trips, capital, saving`` in proportion to what is sent, and its
        ``payback_yr``, ``status`` and ``opened_year``.
    """
    flows = means.flows(solution)
    flows = flows[flows["kind"] == "exchange"]
    giver, taker = ends(solution.scenario, flows)
    by = [
        "exchange", "giver", "taker", "from_facility", "to_facility", "material", "received_as", "mode", "unit",
        "distance_km",
    ]  # fmt: skip
    moved = flows.assign(giver=giver, taker=taker).groupby(by, sort=False)[["sent", "tonnes"]].sum().reset_index()
    part = moved["sent"] / moved.groupby("exchange")["sent"].transform("sum")
    listed = means.filled(payback.of_exchanges(solution), ["exchange", *SHARED, "payback_yr", "status", "opened_year"])
    told = listed.drop_duplicates("exchange").set_index("exchange")
    for column, name in SHARED.items():
        moved[name] = moved["exchange"].map(told[column]).fillna(0.0).astype(float) * part
    for name in ("payback_yr", "status", "opened_year"):
        moved[name] = moved["exchange"].map(told[name])
    return moved


def _by(table: pd.DataFrame, key: pd.Series) -> dict[str, pd.DataFrame]:
    """Rows by organisation."""
    return {str(name): rows for name, rows in table.groupby(key, sort=False)}


def _inputs(solution: Solution) -> pd.DataFrame:
    """Amounts that the tables give for streams and demands, and how each is known."""
    streams = means.unused(solution)[["stream", "facility", "material", "supply"]].set_axis(
        ["key", "facility", "material", "amount"], axis="columns"
    )
    needs = means.purchases(solution)[["demand", "facility", "material", "need"]].set_axis(
        ["key", "facility", "material", "amount"], axis="columns"
    )
    both = [
        table.assign(table=name, grade=table["key"].map(grades(solution.scenario, name, key)).fillna(len(GRADES) - 1))
        for name, key, table in (("streams", "stream", streams), ("demands", "demand", needs))
    ]
    joined = pd.concat(both, ignore_index=True)
    return joined.assign(grade=[GRADES[int(place)] for place in joined["grade"]])
