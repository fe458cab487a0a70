"""What plants take in and give out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence, about
from isopt.solution.audit.judge import Verdict, at_least, at_most, equal, holds, row_slack
from isopt.solution.audit.solution import KEYS
from isopt.solution.audit.stocks import stock_change
from isopt.solution.audit.sums import sum_over

PLANT = ["row", "material", "t"]


@about("plants")
def a_plant_processes_what_arrives(evidence: Evidence) -> Verdict:
    """Hold that what arrives at a plant of each input, less what goes into its stock, is its throughput of it."""
    inputs, throughput = evidence.inputs, evidence.throughput
    rows = _sides(evidence, "input")
    came = sum_over(evidence.flows, ["sink_plant", "material", "t"], "arriving", rows, PLANT)
    done = sum_over(throughput, ["row", "input", "t"], "amount", rows, PLANT)
    change = stock_change(evidence, "plant", rows, material=True)
    slack = row_slack(evidence.tolerance, came, done, change)
    verdict = equal(
        "throughput",
        rows,
        ("plant", "material", "period"),
        came - change,
        done,
        slack,
        "a plant processes what arrives",
    )
    recipes = inputs.table("recipes")
    known = pd.MultiIndex.from_arrays([recipes["technology"], recipes["input"]])
    asked = pd.MultiIndex.from_arrays([inputs.text("plants", "technology", throughput["row"]), throughput["input"]])
    return verdict + holds(
        "throughput", throughput, KEYS["throughput"], asked.isin(known), "the input is in the plant's recipes"
    )


@about("plants")
def a_plant_sends_out_its_yields(evidence: Evidence) -> Verdict:
    """
    Hold the balance of each output of each plant in each period.

    "Outputs are the yields, in equality: an output with no way out stops the plant"; "a lagged output arises in the
    same season `lag_yr` years on and is lost past the horizon".
    """
    rows = _sides(evidence, "output")
    sent = sum_over(evidence.flows, ["source_plant", "material", "t"], "sent", rows, PLANT)
    made = sum_over(_yields(evidence), ["row", "output", "t"], "made", rows, PLANT)
    slack = row_slack(evidence.tolerance, made, sent)
    return equal(
        "flows", rows, ("plant", "material", "period"), made, sent, slack, "what a plant sends out is what it makes"
    )


@about("mixes")
def a_mix_keeps_its_shares(evidence: Evidence) -> Verdict:
    """Hold each input's share: "mixes ... min_share, max_share (of throughput ...)", in each period."""
    inputs, throughput = evidence.inputs, evidence.throughput
    rows = _sides(evidence, "input", unnamed=True)
    amount = sum_over(throughput, ["row", "input", "t"], "amount", rows, PLANT)
    total = sum_over(throughput, ["row", "t"], "amount", rows, ["row", "t"])
    mix = inputs.row("mixes", rows["technology"], rows["material"])
    keys, slack = ("plant", "material", "period"), row_slack(evidence.tolerance, total)
    most, least = (inputs.number("mixes", name, mix, rows["t"]) * total for name in ("max_share", "min_share"))
    verdict = at_most(
        "throughput", rows, keys, most, amount, slack, "an input stays below its largest share of the throughput"
    )
    return verdict + at_least(
        "throughput", rows, keys, least, amount, slack, "an input reaches its smallest share of the throughput"
    )


def _sides(evidence: Evidence, side: str, *, unnamed: bool = False) -> pd.DataFrame:
    """A row per plant, material on that side of its recipes (`unnamed`: also of nothing), and period."""
    inputs = evidence.inputs
    recipes, plants = inputs.table("recipes"), inputs.table("plants")
    materials = pd.DataFrame({"technology": recipes["technology"], "material": recipes[side]}).drop_duplicates()
    materials = materials if unnamed else materials[materials["material"] != ""]
    each = pd.DataFrame(
        {
            "plant": plants["plant"],
            "technology": plants["technology"],
            "plant_row": range(len(plants)),
        }
    )
    rows = inputs.per_period(each.merge(materials, on="technology"), {})
    return rows.assign(row=rows["plant_row"])


def _yields(evidence: Evidence) -> pd.DataFrame:
    """What each plant makes, when it arises: columns row (of the plant), output, t, made."""
    inputs, recipes, periods = evidence.inputs, evidence.inputs.table("recipes"), evidence.inputs.periods
    ways = pd.DataFrame({name: recipes[name] for name in ("technology", "input", "output")}).assign(
        recipe=np.arange(len(recipes))
    )
    done = evidence.throughput[["row", "t", "input", "amount"]]
    done = done.assign(technology=inputs.text("plants", "technology", done["row"]))
    rows = done.merge(ways[ways["output"] != ""], on=["technology", "input"])
    rows["made"] = rows["amount"] * inputs.number("recipes", "yield", rows["recipe"], rows["t"], empty=0.0)
    later = inputs.number("recipes", "lag_yr", rows["recipe"], rows["t"], empty=0.0).astype(int)
    when = pd.MultiIndex.from_arrays(
        [periods["year"].to_numpy()[rows["t"]] + later, periods["season"].to_numpy()[rows["t"]]]
    )
    rows["t"] = pd.MultiIndex.from_frame(periods[["year", "season"]]).get_indexer(when)
    return rows[rows["t"] >= 0]
