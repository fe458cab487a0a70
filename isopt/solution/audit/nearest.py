"""The k nearest receiving facilities of each origin and mode, counted again over all that could receive."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from isopt.solution.audit import carriage, may
from isopt.solution.audit.cells import link_cells
from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.inputs import Inputs
from isopt.solution.audit.judge import Bools, Verdict, holds
from isopt.solution.audit.solution import KEYS

ORIGIN = ["origin_kind", "origin", "material", "mode", "t"]
BLOCK = 2_000_000  # pairs looked at together
NEAR = 1e-9  # two distances closer than this share of themselves tie


def a_flow_goes_to_one_of_the_nearest(evidence: Evidence) -> Verdict:
    """
    Hold that each exchange ends at one of the k nearest facilities, at home, or at a listed pair.

    "`nearest` counts other facilities with a candidate link, per stream or plant output and mode, ties by id; listed
    pairs count and stay."
    """
    inputs, flows = evidence.inputs, evidence.flows
    k = inputs.scenario.settings.reach.nearest
    bound = flows[flows["is_exchange"].to_numpy()].reset_index(drop=True)
    if not k or bound.empty:
        return Verdict()
    return holds("flows", bound, KEYS["flows"], _is_near(inputs, bound, k), f"its receiver is one of the {k} nearest")


def _is_near(inputs: Inputs, flows: pd.DataFrame, k: int) -> Bools:
    asked = flows.drop_duplicates(ORIGIN).reset_index(drop=True).assign(asked=lambda rows: np.arange(len(rows)))
    receivers = _receivers(inputs)
    near = [_nearest(_candidates(inputs, block, receivers), k) for block in _blocks(asked, len(receivers))]
    chosen = pd.MultiIndex.from_frame(pd.concat(near, ignore_index=True))
    number = flows[ORIGIN].merge(asked[[*ORIGIN, "asked"]], on=ORIGIN, how="left")["asked"]
    is_chosen = pd.MultiIndex.from_arrays([number, flows["end"]]).isin(chosen)
    return np.asarray(is_chosen | (flows["start"] == flows["end"]) | flows["listed"], dtype=np.bool_)


def _blocks(asked: pd.DataFrame, receivers: int) -> Iterator[pd.DataFrame]:
    size = max(1, BLOCK // max(1, receivers))
    return (asked.iloc[start : start + size] for start in range(0, len(asked), size))


def _receivers(inputs: Inputs) -> pd.DataFrame:
    """Every demand and every plant's input: where it is, what it is and which materials it could take."""
    demands, plants = inputs.table("demands"), inputs.table("plants")
    substitutions, recipes = inputs.table("substitutions"), inputs.table("recipes")
    takes = pd.DataFrame({"takes": demands["material"], "end": demands["facility"], "demand": range(len(demands))})
    takes["sink_plant"], takes["technology"] = -1, ""
    pairs = pd.DataFrame({"material": substitutions["from_material"], "takes": substitutions["to_material"]})
    own = pd.DataFrame({"material": demands["material"], "takes": demands["material"]})
    to_demand = takes.merge(pd.concat([pairs, own], ignore_index=True).drop_duplicates(), on="takes")
    at = pd.DataFrame(
        {
            "technology": plants["technology"],
            "end": plants["facility"],
            "sink_plant": range(len(plants)),
        }
    )
    inputs_of = pd.DataFrame({"technology": recipes["technology"], "material": recipes["input"]})
    to_plant = at.merge(inputs_of[inputs_of["material"] != ""].drop_duplicates(), on="technology")
    to_plant = to_plant.assign(demand=-1, takes=to_plant["material"])
    return pd.concat([to_demand, to_plant], ignore_index=True)


def _candidates(inputs: Inputs, asked: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """The candidate links of each asked origin and mode: columns asked, start, end, km, listed."""
    origins = asked[["asked", "material", "mode", "t", "start", "stream", "source_plant"]]
    ways = origins.merge(receivers, on="material")
    pair = ways[["material", "mode", "t"]].assign(from_facility=ways["start"], to_facility=ways["end"])
    cells = link_cells(inputs, pair)
    km = carriage.distance_km(inputs, pair, cells)
    row = np.where(ways["demand"] >= 0, inputs.row("substitutions", ways["material"], ways["takes"]), -1)
    ways = ways.assign(
        km=km, arriving=carriage.share_that_arrives(inputs, pair, km), sent=1.0, substitution=row, disposal=-1
    )
    ways = ways.assign(status=cells["status"], listed=cells["listed"], is_exchange=True, is_own=False)
    good = np.logical_and.reduce([statement(inputs, ways) for statement in may.STATEMENTS])
    return ways.loc[good, ["asked", "start", "end", "km", "listed"]]


def _nearest(candidates: pd.DataFrame, k: int) -> pd.DataFrame:
    """The k nearest other facilities of each asked origin: columns asked, end."""
    others = candidates[candidates["start"] != candidates["end"]]
    places = others.groupby(["asked", "end"])["km"].min().reset_index().sort_values(["asked", "km", "end"])
    gap = places["km"] - places.groupby("asked")["km"].shift()
    tie = gap.isna() | (gap <= NEAR * places["km"])
    places["step"] = (~tie).groupby(places["asked"]).cumsum()
    ranked = places.sort_values(["asked", "step", "end"])
    return ranked[ranked.groupby("asked").cumcount() < k][["asked", "end"]]
