"""The candidate links of a scenario, as a table with counts and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isopt.geo import Router
from isopt.network.build import instance_of
from isopt.network.candidates import REASONS
from isopt.network.nodes import Kind
from isopt.network.quality import origin_names
from isopt.scenario import Scenario


@dataclass(frozen=True)
class LinkReport:
    """
    Candidate links and what became of the others.

    Attributes
    ----------
    table
        A row per candidate link of an exchange: ends, material, mode, kilometres, cost and CO2 per unit sent, largest
        possible amount.
    counts
        ``tried``, what is left (``links``, ``ways_to_disposal``) and the drops by reason.
    """

    table: pd.DataFrame
    counts: Mapping[str, int]

    def __str__(self) -> str:
        lines = [f"{self.counts['tried']:>12,}  ways tried (origin, receiver, mode)"]
        for reason, words in REASONS.items():
            if self.counts.get(reason):
                lines.append(f"{-self.counts[reason]:>12,}  {words}")
        lines.append(f"{self.counts['links']:>12,}  candidate links in {self.counts['exchanges']:,} exchanges")
        lines.append(f"{self.counts['ways_to_disposal']:>12,}  ways to disposal")
        return "\n".join(lines)


def link_report(scenario: Scenario, *, prune: bool = True, routers: Mapping[str, Router] | None = None) -> LinkReport:
    """
    List the candidate links of a scenario, with the reasons for which others were dropped.

    Parameters
    ----------
    scenario
        A checked scenario.
    prune
        Drop what is proven useless, as `solve` does.
    routers
        Routers by mode or network, before those of ``[routing]``.

    Raises
    ------
    ScenarioError
        As `instance_of`.

    Examples
    --------
    >>> from isopt.scenario import read
    >>> link_report(read("scenarios/two_firms")).counts["links"]
    1
    """
    instance = instance_of(scenario, prune=prune, routers=routers)
    found, parties = instance.links, instance.parties
    receivers = parties.receivers
    names = np.full(receivers.count, "", dtype=object)
    for kind, column in ((Kind.DEMAND, scenario.demands["demand"]), (Kind.INPUT, scenario.plants["plant"])):
        here = receivers.of(kind)
        names[here] = column.to_numpy(dtype=object)[receivers.row[here]]
    unique, place = np.unique(found.origin, return_inverse=True)
    origins = origin_names(scenario, parties, unique)
    table = pd.DataFrame(
        {
            "origin": origins[place] if len(unique) else np.zeros(0, dtype=object),
            "receiver": names[found.receiver],
            "from_facility": np.array(parties.facilities, dtype=object)[found.from_facility],
            "to_facility": np.array(parties.facilities, dtype=object)[found.to_facility],
            "material": np.array(parties.materials, dtype=object)[found.material],
            "mode": np.array(parties.modes, dtype=object)[found.mode],
            "distance_km": found.distance_km[:, 0],
            "eur_per_unit": found.eur_per_unit[:, 0],
            "kgco2_per_unit": found.kgco2_per_unit[:, 0],
            "arrives": found.arrives[:, 0],
            "replaces": found.ratio[:, 0],
            "most": instance.link_upper.max(axis=1, initial=0.0),
        }
    )
    return LinkReport(table, instance.tally)
