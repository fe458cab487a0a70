"""Every unit is somewhere: what streams send, what demands get."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence, once
from isopt.solution.audit.inputs import Inputs
from isopt.solution.audit.judge import Floats, Verdict, at_least, at_most, equal, holds, row_slack
from isopt.solution.audit.solution import KEYS
from isopt.solution.audit.stocks import stock_change
from isopt.solution.audit.sums import sum_over

AMOUNTS = {
    "flows": ("sent",),
    "virgin": ("bought", "unmet"),
    "throughput": ("amount",),
    "stocks": ("level",),
    "plants": ("added_capacity",),
}


def no_amount_is_negative(evidence: Evidence) -> Verdict:
    """Hold that amounts, purchases, unmet needs, throughput, stocks and added capacity are numbers from zero up."""
    verdict = Verdict()
    for table, names in AMOUNTS.items():
        frame = evidence.tables[table]
        for name in names:
            good = np.isfinite(frame[name]) & (frame[name] >= 0)
            verdict += holds(table, frame, KEYS[table], good, f"its {name} is a number from 0 up")
    return verdict


def a_stream_that_must_be_placed_goes_out_in_full(evidence: Evidence) -> Verdict:
    """
    Hold the balance of each stream in each period.

    "A stream that must be placed goes out in full (exchange, plant, disposal); ... the rest of one that need not be
    placed vanishes free." Its supply is that of the year x `share_of_year`, less what goes into its stock.
    """
    inputs = evidence.inputs
    rows = inputs.per_period(inputs.table("streams"), {"supply": inputs.at("streams", "supply_per_yr")})
    supply = rows["supply"].to_numpy() * rows["share"].to_numpy()
    sent = sum_over(evidence.flows, ["stream", "t"], "sent", rows, ["row", "t"])
    change = stock_change(evidence, "stream", rows)
    slack = row_slack(evidence.tolerance, supply, sent, change)
    must = inputs.flag("streams", "must_place", rows["row"])
    keys, have = ("stream", "period"), supply - change
    full = equal(
        "flows", rows[must], keys, have[must], sent[must], slack[must], "a stream that must be placed goes out in full"
    )
    rest = ~must
    return full + at_most(
        "flows", rows[rest], keys, have[rest], sent[rest], slack[rest], "a stream sends no more than its supply"
    )


def a_demand_is_met_by_exchange_or_purchase(evidence: Evidence) -> Verdict:
    """
    Hold the balance of each demand in each period.

    "Demands that must be met are met by exchange or purchase; others may stay unmet at no cost." What arrives counts
    `ratio` times; "virgin_eur_per_unit (empty: it can't be bought)".
    """
    rows = demand_rows(evidence)
    change = stock_change(evidence, "demand", rows)
    slack = row_slack(evidence.tolerance, rows["need"], rows["received"], change)
    keys, met = ("demand", "period"), rows["received"] + rows["bought"] + rows["unmet"] - change
    verdict = equal("virgin", rows, keys, rows["need"], met, slack, "received, bought and unmet make up the need")
    must, closed = evidence.inputs.flag("demands", "must_meet", rows["row"]), np.isnan(rows["price"].to_numpy())
    verdict += at_most(
        "virgin", rows[must], keys, 0.0, rows["unmet"][must], slack[must], "a demand that must be met is met"
    )
    return verdict + at_most(
        "virgin", rows[closed], keys, 0.0, rows["bought"][closed], slack[closed], "what has no price is not bought"
    )


def shares_hold_in_each_period(evidence: Evidence) -> Verdict:
    """
    Hold the by-product share of each demand, and the share of each substitution in it.

    "Shares hold in each period"; they "are of the need, in the demand's unit (ratio x arrived)". A share of 1 is no
    limit beyond the need itself. The baseline has no minimum shares.
    """
    inputs, flows = evidence.inputs, evidence.flows
    rows, keys = demand_rows(evidence), ("demand", "period")
    slack = row_slack(evidence.tolerance, rows["need"], rows["received"])
    most = np.where(rows["most"] < 1, rows["most"] * rows["need"], np.nan)
    verdict = at_most("virgin", rows, keys, most, rows["received"], slack, "by-products stay below their largest share")
    if not evidence.is_baseline:
        least = rows["least"].fillna(0.0) * rows["need"]
        verdict += at_least(
            "virgin", rows, keys, least, rows["received"], slack, "by-products reach their smallest share"
        )
    some = flows[flows["substitution"] >= 0]
    if some.empty:
        return verdict
    some = some.assign(replaced=replaced(inputs, some), row=some["demand"])
    keys_of_row = ["row", "t", "substitution", "receiver", "material", "period"]
    by_row = some.groupby(keys_of_row)["replaced"].sum().reset_index()
    need = by_row[["row", "t"]].merge(rows[["row", "t", "need"]], on=["row", "t"], how="left")["need"].to_numpy()
    limit = inputs.number("substitutions", "max_share", by_row["substitution"], by_row["t"]) * need
    slack = row_slack(evidence.tolerance, need, by_row["replaced"])
    names = ("receiver", "material", "period")
    return verdict + at_most(
        "flows", by_row, names, limit, by_row["replaced"], slack, "a substitution stays below its largest share"
    )


@once
def demand_rows(evidence: Evidence) -> pd.DataFrame:
    """
    A row per demand and period.

    Columns need, received (ratio x arrived), price (NaN: not for sale), kgco2, bought, unmet, least and most
    (shares).
    """
    inputs = evidence.inputs
    cells = {
        "need": "need_per_yr",
        "price": "virgin_eur_per_unit",
        "least": "min_byproduct_share",
        "most": "max_byproduct_share",
    }
    cells["kgco2"] = "virgin_kgco2_per_unit"
    rows = inputs.per_period(
        inputs.table("demands"), {name: inputs.at("demands", column) for name, column in cells.items()}
    )
    rows["need"] = rows["need"] * rows["share"]
    flows = evidence.flows.assign(replaced=replaced(inputs, evidence.flows))
    rows["received"] = sum_over(flows, ["demand", "t"], "replaced", rows, ["row", "t"])
    told = evidence.tables["virgin"][["demand", "period", "bought", "unmet"]]
    return rows.merge(told, on=["demand", "period"], how="left").fillna({"bought": 0.0, "unmet": 0.0})


def replaced(inputs: Inputs, flows: pd.DataFrame) -> Floats:
    """Units of its demand that each flow replaces: ratio x what arrives, "in the demand's unit"."""
    ratio = inputs.number("substitutions", "ratio", flows["substitution"], flows["t"], empty=1.0)
    return np.asarray(ratio * flows["arriving"], dtype=np.float64)
