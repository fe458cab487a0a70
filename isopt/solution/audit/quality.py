"""The blend that each receiver gets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence, about
from isopt.solution.audit.inputs import joined
from isopt.solution.audit.judge import Floats, Verdict, at_least, at_most, holds, row_slack


@about("quality_limits")
def a_blend_keeps_its_limits(evidence: Evidence) -> Verdict:
    """
    Hold each property of the blend received between its limits, in each period.

    "quality_limits: demand or technology ..., input, property, min, max (of the blend received)": the mean of the
    senders' values by what arrives. "A limit on a property that some sender has no value for is an error."
    """
    limits = evidence.inputs.table("quality_limits")[["demand", "technology", "input", "property"]]
    return sum((_one_limit(evidence, row, *limit) for row, limit in enumerate(limits.to_numpy())), Verdict())


def _one_limit(evidence: Evidence, row: int, demand: str, technology: str, taken: str, name: str) -> Verdict:
    flows = evidence.flows
    of_demand = (flows["receiver_kind"] == "demand") & (flows["receiver"] == demand)
    meant = of_demand if demand else flows["is_exchange"] & (flows["technology"] == technology)
    meant &= (taken == "") | (flows["material"] == taken) | (flows["takes"] == taken)
    some = flows[meant].reset_index(drop=True)
    value = _values(evidence, some, name)
    verdict = holds("flows", some, ("period", "origin", "receiver"), ~np.isnan(value), f"its {name} is known")
    some = some.assign(content=some["arriving"] * value, size=some["arriving"] * np.abs(value))
    blend = some.groupby(["receiver", "t", "period"], as_index=False)[["arriving", "content", "size"]].sum()
    for side, hold in (("min", at_least), ("max", at_most)):
        cell = evidence.inputs.number("quality_limits", side, np.full(len(blend), row), blend["t"])
        slack = row_slack(evidence.tolerance, blend["size"], cell * blend["arriving"])
        bound = cell * blend["arriving"].to_numpy()
        verdict += hold(
            "flows", blend, ("receiver", "period"), bound, blend["content"], slack, f"the blend keeps its {side} {name}"
        )
    return verdict


def _values(evidence: Evidence, flows: pd.DataFrame, name: str) -> Floats:
    """The property of what each flow sends, of its stream or its plant's output; NaN where none is given."""
    table = evidence.inputs.table("qualities")
    texts = {column: table[column] for column in ("stream", "plant", "material", "property")}
    of_stream, here = texts["stream"] != "", (texts["property"] == name).to_numpy()
    kind = pd.Series(np.where(of_stream, "stream", "plant"), dtype=object)
    ids = joined(kind, texts["stream"].where(of_stream, texts["plant"]), texts["material"])
    rows = pd.Series(np.arange(len(table))[here], index=ids[here]).groupby(level=0).last()
    origin = joined(flows["origin_kind"], flows["origin"])
    exact = pd.Series(joined(origin, flows["material"])).map(rows)  # a row that names the material is the better one
    found = exact.fillna(pd.Series(joined(origin, np.full(len(flows), ""))).map(rows)).fillna(-1)
    return evidence.inputs.number("qualities", "value", found.to_numpy(dtype=np.intp), flows["t"])
