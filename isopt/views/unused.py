"""Candidate links that a plan leaves unused: what else could be exchanged, for the map's layer on demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import IsoptError
from isopt.network import Instance, Kind, instance_of
from isopt.views.means import years

if TYPE_CHECKING:
    from isopt.scenario import Scenario
    from isopt.solution import Solution

#: Pairs of streams and demands that the search for candidates may have to try, about two seconds' worth: 1.5 million
#: took 4.0 s of CPU time.
MOST_PAIRS = 800_000
COLUMNS = [
    "origin_kind", "origin", "receiver_kind", "receiver", "from_facility", "to_facility", "material", "received_as",
    "mode", "distance_km", "most", "eur_per_unit", "kgco2_per_unit",
]  # fmt: skip
_KEY = ["from_facility", "to_facility", "material", "mode"]


@dataclass(frozen=True)
class Unused:
    """
    Candidate links that carry nothing.

    Attributes
    ----------
    table
        The largest of them, a row each: ``origin_kind, origin, receiver_kind, receiver, from_facility, to_facility,
        material, received_as, mode, distance_km, most`` (the largest amount that it could carry a year),
        ``eur_per_unit, kgco2_per_unit`` (of carriage, per unit sent).
    count
        How many there are in all.
    sought
        False where there are too many pairs to be searched in passing.
    """

    table: pd.DataFrame
    count: int
    sought: bool = True


def unused_links(solution: Solution, most: int) -> Unused:
    """
    List the candidate links that a plan does not use, the largest first.

    A solution keeps what its plan uses only, so the candidates are found again, as before the solve and without a
    solver; links that are proven to be useless are left out.

    Parameters
    ----------
    solution
        Any solution; without a plan nothing is used and nothing is listed.
    most
        How many are listed.

    Returns
    -------
    Unused
        Without rows, and not sought, where the search would take long.

    Examples
    --------
    >>> import isopt
    >>> unused_links(isopt.solve(isopt.read("scenarios/two_firms")), 10).count
    0
    """
    nothing = Unused(pd.DataFrame(columns=COLUMNS), 0)
    if not most or solution.flows.empty:
        return nothing
    if _pairs(solution.scenario) > MOST_PAIRS:
        return replace(nothing, sought=False)
    try:
        instance = instance_of(solution.scenario)
    except IsoptError:  # tables made by hand need no distances; the plan is drawn all the same
        return nothing
    table = _links(solution.scenario, instance)
    used = pd.MultiIndex.from_frame(solution.flows[_KEY].drop_duplicates())
    idle = ~pd.MultiIndex.from_frame(table[_KEY]).isin(used)
    away = (table["from_facility"] != table["to_facility"]).to_numpy()
    left = table[idle & away & (table["most"] > 0).to_numpy()]
    return Unused(left.sort_values("most", ascending=False, kind="stable").head(most).reset_index(drop=True), len(left))


def _pairs(scenario: Scenario) -> float:
    """Number of pairs of a stream and a demand that could take it, in all modes."""
    gives = scenario.tables["streams"]["material"].value_counts()
    takes = scenario.tables["demands"]["material"].value_counts()
    swaps = scenario.tables["substitutions"]
    swapped = swaps["from_material"].map(gives).fillna(0) * swaps["to_material"].map(takes).fillna(0)
    same = gives.mul(takes, fill_value=0).sum()
    return float(same + swapped.sum()) * max(1, len(scenario.tables["modes"]))


def _links(scenario: Scenario, instance: Instance) -> pd.DataFrame:
    """Every candidate link, by the nodes at its ends."""
    links, parties = instance.links, instance.parties
    facilities, materials, modes = (
        np.array(names, dtype=object) for names in (parties.facilities, parties.materials, parties.modes)
    )
    origins, receivers = parties.origins, parties.receivers
    as_material = receivers.material[links.receiver]
    upper = instance.link_upper.sum(axis=1) / len(years(scenario))
    return pd.DataFrame(
        {
            "origin_kind": np.where(origins.kind[links.origin] == Kind.STREAM, "stream", "plant").astype(object),
            "origin": _ids(scenario, origins, links.origin),
            "receiver_kind": np.where(receivers.kind[links.receiver] == Kind.DEMAND, "demand", "plant").astype(object),
            "receiver": _ids(scenario, receivers, links.receiver),
            "from_facility": facilities[links.from_facility],
            "to_facility": facilities[links.to_facility],
            "material": materials[links.material],
            "received_as": np.where(as_material < 0, materials[links.material], materials[as_material]).astype(object),
            "mode": modes[links.mode],
            "distance_km": links.distance_km[:, 0],
            "most": np.where(np.isfinite(upper), upper, 0.0),
            "eur_per_unit": links.eur_per_unit[:, 0],
            "kgco2_per_unit": links.kgco2_per_unit[:, 0],
        },
        columns=COLUMNS,
    )


def _ids(scenario: Scenario, nodes: Any, of: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[Any]]:
    """Id in its table of the node of each link."""
    names = np.full(nodes.count, "", dtype=object)
    tables = {Kind.STREAM: ("streams", "stream"), Kind.DEMAND: ("demands", "demand")}
    for kind in (Kind.STREAM, Kind.OUTPUT, Kind.DEMAND, Kind.INPUT):
        here = nodes.of(kind)
        table, column = tables.get(kind, ("plants", "plant"))
        names[here] = scenario.tables[table][column].to_numpy(dtype=object)[nodes.row[here]]
    named: np.ndarray[Any, np.dtype[Any]] = names[of]
    return named
