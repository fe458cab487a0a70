"""From a scenario to an instance: candidates found, the useless ones dropped with proof, arrays made."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from isopt.errors import Problem, ScenarioError
from isopt.geo import Router
from isopt.network.candidates import Candidates, find_candidates
from isopt.network.instance import Instance, assemble
from isopt.network.nodes import Kind, parties_of
from isopt.network.prune import improving_links, improving_ways
from isopt.scenario import Scenario


def instance_of(
    scenario: Scenario,
    *,
    baseline: bool = False,
    prune: bool = True,
    routers: Mapping[str, Router] | None = None,
    candidates: Candidates | None = None,
) -> Instance:
    """
    Turn a scenario into arrays.

    Parameters
    ----------
    scenario
        A checked scenario.
    baseline
        Leave out what only exchange between organisations, limits, minimum shares and required links bring.
    prune
        Drop links that are proven not to improve any plan.
    routers
        Routers by mode or network, before those of ``[routing]``; great circle times detour where none is given.
    candidates
        Candidates found before for the same scenario, to save the search.

    Raises
    ------
    ScenarioError
        Where a distance or a mass is missing, a required link is impossible, or nothing bounds what a yes-or-no
        decision is about.
    """
    found = find_candidates(scenario, parties_of(scenario), routers) if candidates is None else candidates
    scenario = found.scenario  # with the distances that were measured
    if baseline:
        found = found.keep(~_released(scenario, found), "foreign")
    instance = assemble(scenario, found, baseline=baseline)
    if prune:
        kept_ways, kept_links = improving_ways(instance), improving_links(instance)
        if not (kept_ways.all() and kept_links.all()):
            left = found.keep(kept_ways, "dominated_way").keep(kept_links[kept_ways], "dominated")
            instance = assemble(scenario, left, baseline=baseline)
    _require_bounds(instance)
    return instance


def _released(scenario: Scenario, found: Candidates) -> NDArray[np.bool_]:
    """Links between organisations, which the baseline does without (existing ones stay on request)."""
    dropped = found.foreign & ~found.to_disposal
    if scenario.settings.baseline.keep_existing:
        dropped &= found.cells().status() != "existing"
    return dropped


def _require_bounds(instance: Instance) -> None:
    """Name the plants whose throughput nothing bounds where a decision needs a bound; none is invented."""
    plants, openings = instance.plants, instance.openings
    open_ended = np.any(np.isinf(instance.bounds.throughput), axis=1)
    if not open_ended.any():
        return
    needed = np.zeros(plants.count, dtype=bool)
    needed[plants.candidates] = True
    lost = np.zeros(plants.count, dtype=bool)
    lost[plants.input_plant[open_ended]] = True
    endless = np.any(np.isinf(instance.link_upper), axis=1)
    decided = np.zeros(instance.links.count, dtype=bool)
    decided[openings.link] = True
    decided |= instance.single[2] >= 0
    touched = np.flatnonzero(endless & decided)
    receivers = instance.parties.receivers
    at_plant = receivers.kind[instance.links.receiver[touched]] == Kind.INPUT
    needed[receivers.row[instance.links.receiver[touched[at_plant]]]] = True
    endless_out = np.any(np.isinf(instance.outlet_upper), axis=1)
    through = openings.outlet[endless_out[openings.outlet]]
    needed[instance.parties.origins.row[instance.outlets.origin[through]]] = True
    problems = [
        Problem(
            "plants.csv",
            int(plant) + 2,
            "capacity_per_yr",
            f'nothing bounds what "{instance.scenario.plants["plant"].iloc[plant]}" processes (it makes something '
            "of nothing, or feeds itself in a loop without loss): give its capacity",
        )
        for plant in np.flatnonzero(needed & lost)
    ]
    if problems:
        raise ScenarioError(instance.scenario.name, problems)
