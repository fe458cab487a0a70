"""The k nearest receiving facilities of each origin and mode, counted again over all that could receive."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from isopt.solution.audit import carriage, may
from isopt.solution.audit.cells import link_cells
from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.inputs import Inputs, Texts
from isopt.solution.audit.judge import Bools, Floats, Verdict, holds
from isopt.solution.audit.solution import KEYS

ORIGIN = ["origin_kind", "origin", "material", "mode", "t"]
_NO_WAYS = pd.DataFrame({name: np.zeros(0, dtype=object) for name in ("from_facility", "to_facility", "mode")})
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
    """Whether each exchange's receiver is at home, listed, or among the k nearest of its origin and mode."""
    free = ((flows["start"] == flows["end"]) | flows["listed"]).to_numpy()
    bound, receivers = flows[~free], _receivers(inputs)
    asked = bound.drop_duplicates(ORIGIN).reset_index(drop=True).assign(asked=lambda rows: np.arange(len(rows)))
    found = [
        _nearest_of(inputs, some, receivers[receivers["material"] == material], k)
        for material, some in asked.groupby("material")
    ]
    if not found:
        return free
    number = bound[ORIGIN].merge(asked[[*ORIGIN, "asked"]], on=ORIGIN, how="left")["asked"]
    near = pd.MultiIndex.from_frame(pd.concat(found, ignore_index=True))
    good = free.copy()
    good[~free] = pd.MultiIndex.from_arrays([number, bound["end"]]).isin(near)
    return good


def _nearest_of(inputs: Inputs, asked: pd.DataFrame, receivers: pd.DataFrame, k: int) -> pd.DataFrame:
    """
    The k nearest facilities of each origin and mode of one material: columns asked, end.

    Looked for among the places that are nearest as the crow flies, then among twice as many, until k candidates are
    nearer than the last place looked at, or that one is out of reach. Pairs of the links table, which may tell a
    distance of their own, and ways that a router measured are always looked at.
    """
    places = np.unique(receivers["end"].to_numpy(dtype=object))
    points = _points(inputs, places)
    places, points = places[~np.isnan(points).any(axis=1)], points[~np.isnan(points).any(axis=1)]
    tree = cKDTree(points) if len(places) else None
    open_, found, look = asked, [], 3 * k // 2 + 4  # few need more, and they get it: a fifth of a country's audit less
    while len(open_):
        pairs, radius = _pairs(inputs, open_, places, tree, look)
        candidates = _candidates(inputs, open_, pairs, receivers)
        inside = candidates[candidates["km"] <= candidates["asked"].map(radius)].groupby("asked")["end"].nunique()
        beyond = open_["asked"].map(radius) > _reach(inputs, open_)
        sure = (open_["asked"].map(inside).fillna(0) >= k) | beyond
        if look >= len(places):
            sure[:] = True
        found.append(_nearest(candidates[candidates["asked"].isin(open_.loc[sure, "asked"])], k))
        open_, look = open_[~sure], 2 * look
    return pd.concat(found, ignore_index=True)


def _reach(inputs: Inputs, asked: pd.DataFrame) -> Floats:
    """How far the mode of each asked goes, infinite without a limit: "modes.max_km replaces it for that mode"."""
    everywhere = inputs.scenario.settings.reach.max_km
    own = inputs.number("modes", "max_km", inputs.row("modes", asked["mode"]), asked["t"])
    return np.where(np.isnan(own), np.inf if everywhere is None else float(everywhere), own)


def _points(inputs: Inputs, places: Texts) -> Floats:
    """The places on the unit sphere, NaN without coordinates, shape (places, 3)."""
    facilities, row = inputs.table("facilities"), inputs.row("facilities", places)
    phi, lam = (np.radians(facilities[axis].to_numpy(dtype=float)[row]) for axis in ("lat", "lon"))
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _pairs(
    inputs: Inputs, asked: pd.DataFrame, places: Texts, tree: cKDTree | None, look: int
) -> tuple[pd.DataFrame, pd.Series]:
    """The pairs to look at (columns asked, end), and how many km of each asked are looked at in full."""
    links, points = inputs.table("links"), _points(inputs, asked["start"].to_numpy(dtype=object))
    linked = asked[["asked", "start"]].merge(
        links[["from_facility", "to_facility"]].rename(columns={"to_facility": "end"}),
        left_on="start",
        right_on="from_facility",
    )[["asked", "end"]]
    measured = inputs.distances.index.to_frame(index=False) if len(inputs.distances) else _NO_WAYS
    routed = asked["mode"].isin(measured["mode"].unique()).to_numpy()
    ways = asked[["asked", "start", "mode"]].merge(
        measured.rename(columns={"from_facility": "start", "to_facility": "end"}), on=["start", "mode"]
    )[["asked", "end"]]
    linked = pd.concat([linked, ways], ignore_index=True)
    placed = ~np.isnan(points).any(axis=1) & ~routed  # of a measured mode every way that there is stands in the table
    radius = np.full(len(asked), np.inf)
    if tree is None or not placed.any():
        return linked.drop_duplicates(), pd.Series(radius, index=asked["asked"])
    count = min(look, len(places))
    found = tree.query(points[placed], k=np.arange(1, count + 1))
    chord, nearest = np.asarray(found[0]), np.asarray(found[1])
    detour = inputs.number("modes", "detour", inputs.row("modes", asked["mode"]), asked["t"], empty=1.0)[placed]
    farthest = 2 * np.arcsin(np.minimum(chord[:, -1] / 2, 1.0)) * carriage.EARTH_RADIUS_KM * detour
    radius[placed] = farthest * (1 - 2 * NEAR)
    around = pd.DataFrame(
        {"asked": np.repeat(asked["asked"].to_numpy()[placed], count), "end": places[nearest.ravel()]}
    )
    pairs = pd.concat([linked, around], ignore_index=True).drop_duplicates()
    return pairs, pd.Series(radius, index=asked["asked"])


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


def _candidates(inputs: Inputs, asked: pd.DataFrame, pairs: pd.DataFrame, receivers: pd.DataFrame) -> pd.DataFrame:
    """The candidate links of each asked origin and mode at these facilities: columns asked, start, end, km."""
    origins = asked[["asked", "material", "mode", "t", "start", "stream", "source_plant"]]
    ways = origins.merge(pairs, on="asked").merge(receivers, on=["material", "end"])
    pair = ways[["material", "mode", "t"]].assign(from_facility=ways["start"], to_facility=ways["end"])
    cells = link_cells(inputs, pair)
    km = carriage.distance_km(inputs, pair, cells)
    row = np.where(ways["demand"] >= 0, inputs.row("substitutions", ways["material"], ways["takes"]), -1)
    ways = ways.assign(
        km=km, arriving=carriage.share_that_arrives(inputs, pair, km), sent=1.0, substitution=row, disposal=-1
    )
    ways = ways.assign(status=cells["status"], listed=cells["listed"], is_exchange=True, is_own=False)
    good = np.logical_and.reduce([statement(inputs, ways) for statement in may.STATEMENTS])
    return ways.loc[good, ["asked", "start", "end", "km"]]


def _nearest(candidates: pd.DataFrame, k: int) -> pd.DataFrame:
    """The k nearest other facilities of each asked origin: columns asked, end."""
    others = candidates[candidates["start"] != candidates["end"]]
    places = others.groupby(["asked", "end"])["km"].min().reset_index().sort_values(["asked", "km", "end"])
    gap = places["km"] - places.groupby("asked")["km"].shift()
    tie = gap.isna() | (gap <= NEAR * places["km"])
    places["step"] = (~tie).groupby(places["asked"]).cumsum()
    ranked = places.sort_values(["asked", "step", "end"])
    return ranked[ranked.groupby("asked").cumcount() < k][["asked", "end"]]
