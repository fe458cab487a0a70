"""
Terminals and quays: places where a material changes its way of transport.

A hub is nothing new to the model: a plant whose recipes turn each material into itself, at the cost of handling, within
a capacity. Lorry, train, lorry is then a chain of exchanges that comes out by itself where it pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.distance import haversine_km
from isopt.knowledge.trucking import handling
from isopt.network.hub_materials import hub_materials
from isopt.network.hub_rows import (
    added_mode,
    appended,
    facility_rows,
    goods_of,
    handlers,
    handles_cargo,
    hub_table,
    hubs_of,
    link_rows,
    row_of_mode,
    rule_rows,
    terminals_of,
    way_back_rows,
)
from isopt.scenario import Scenario

__all__ = ["hubs_of", "propose_hubs", "with_hubs", "without_hubs"]


def with_hubs(
    scenario: Scenario,
    hubs: pd.DataFrame | Sequence[Mapping[str, Any]],
    *,
    mode: str = "rail",
    network: str = "rail",
    handling_eur_per_t: float | None = None,
    capacity_t_per_yr: float | None = None,
    materials: Sequence[str] | None = None,
) -> Scenario:
    """
    Open terminals: a variant of the scenario in which goods can change onto a train or ship and back.

    Parameters
    ----------
    scenario
        Any scenario whose links table is not its whole network.
    hubs
        A row per terminal: ``facility``, ``lat`` and ``lon``, or the id of a facility that is there; on request
        ``name``, ``organisation`` and other cells of facilities, ``status`` (existing; candidate: it is decided
        whether it is built), ``capex_eur``, ``fixed_eur_per_yr``, ``handling_eur_per_t`` and ``capacity_t_per_yr`` of
        its own.
    mode
        What runs between them. One that the scenario has keeps its rates and its reach. One that it has not is added
        with the cited rates of its network, without handling (the terminals ask for that), and runs only between
        terminals: its ``max_km`` is 0, the pairs of terminals stand in ``links``, which beats reach, and two ``rules``
        keep it to NACE 52.24. A mode with a ``max_km`` of 0 that the scenario has gets these rows too.
    network
        rail, water or sea: what a mode that is added runs on.
    handling_eur_per_t
        EUR per tonne and passage; the cited figure for bulk (`isopt.knowledge.trucking.handling`) where it is not
        given. A chain over two terminals pays it twice, and the lorry's loading costs on both of its legs.
    capacity_t_per_yr
        Tonnes per year through each terminal, for each unit of material by itself; where it is not given, what all
        streams and plants of the scenario can send: no plan needs more.
    materials
        What may go through. Without it: all solids, sludges and liquids with a mass that a stream or a plant sends,
        but not what must be under way for a limited time only (``max_haul_h`` would begin anew at a terminal), nor
        what a rule treats by the sector it comes from (behind a terminal nobody knows that sector any more).

    Returns
    -------
    scenario
        With facilities of NACE 52.24, a technology per unit, its recipes, a plant per terminal, the mode, links and
        rules.

    Raises
    ------
    InputError
        A column or material is unknown, the network has no figures, nothing could go through, fewer than two
        terminals would be joined, or ``links`` is the whole network.
    ScenarioError
        Cells of the terminals are wrong.

    Notes
    -----
    Materials that go to a receiver with a limit on a quality never pass a hub: what is mixed there has no quality of
    its own. Where ``reach.within_facility`` is false, a site that could take what it sends uses terminals in one
    direction only. ``reach.nearest`` counts a terminal as a receiving facility, ``max_km`` binds each leg, and a links
    row that forbids a pair says nothing of the way over a terminal.

    In the results each leg is an exchange of its
    own: `exchanges` counts them, `exchanged`, subsidies and `diverted` count a tonne once, `tonne_km` adds up the legs,
    and the handling is `cost_treatment`, paid by the owner of the terminal as long as nobody pays him for it.

    Examples
    --------
    >>> import isopt
    >>> scenario = isopt.read("scenarios/two_firms")
    >>> opened = with_hubs(scenario, [
    ...     {"facility": "west", "lat": 55.7, "lon": 11.1}, {"facility": "east", "lat": 55.7, "lon": 12.4}])
    >>> hubs_of(opened)[["plant", "facility"]].values.tolist()
    [['west_rail', 'west'], ['east_rail', 'east']]
    """
    table = hub_table(hubs)
    if scenario.settings.reach.only_listed:
        raise InputError("links.csv is the whole network (reach.only_listed): list the ways to the terminals there")
    added = mode not in set(scenario.modes["mode"])
    row = added_mode(mode, network) if added else row_of_mode(scenario, mode)
    goods = goods_of(scenario, hub_materials(scenario, row["states"], materials))
    if not goods:
        raise InputError(f"nothing that {quoted(mode)} carries could go through a terminal")
    terminals = [*terminals_of(scenario, mode), *table["facility"]]
    bound = added or row["max_km"] == 0
    if bound and len(set(terminals)) < 2:
        raise InputError(f"{quoted(mode)} would have one terminal only: a chain needs a second one at the other end")
    usual = handling(row["network"]).value if handling_eur_per_t is None else float(handling_eur_per_t)
    prices = [usual if np.isnan(price) else float(price) for price in table["handling_eur_per_t"]]
    technologies, recipes, plants = handlers(scenario, table, goods, mode, prices, capacity_t_per_yr)
    new_places = table[~table["facility"].isin(scenario.facilities["facility"])]
    parts: dict[str, list[dict[str, Any]]] = {
        "rules": rule_rows(scenario, mode) if bound else [],
        "technologies": technologies,
        "recipes": recipes,
        "plants": plants,
        "links": [
            *link_rows(scenario, list(table["facility"]), list(new_places["facility"]), mode, bound),
            *way_back_rows(scenario, list(table["facility"]), [name for one in goods for name in one.materials]),
        ],
    }
    if added:
        parts["modes"] = [row]
    frames = {name: appended(scenario, name, rows) for name, rows in parts.items() if rows}
    facilities = appended(scenario, "facilities", facility_rows(new_places))
    here = facilities["facility"].isin(table["facility"])
    facilities.loc[here, "sector"] = facilities.loc[here, "sector"].map(handles_cargo)
    return scenario.with_(facilities=facilities, **frames)


def without_hubs(scenario: Scenario, facilities: Sequence[str]) -> Scenario:
    """
    Close terminals: a variant without the hubs at some facilities.

    Parameters
    ----------
    scenario
        With hubs.
    facilities
        Where the terminals are.

    Raises
    ------
    InputError
        There is no hub at a place.

    Examples
    --------
    >>> import isopt
    >>> scenario = with_hubs(isopt.read("scenarios/two_firms"), [
    ...     {"facility": "west", "lat": 55.7, "lon": 11.1}, {"facility": "east", "lat": 55.7, "lon": 12.4}])
    >>> list(hubs_of(without_hubs(scenario, ["west"]))["facility"])
    ['east']
    """
    hubs = hubs_of(scenario)
    for place in facilities:
        if place not in set(hubs["facility"]):
            raise InputError(f"there is no terminal at {quoted(place)}{did_you_mean(place, hubs['facility'])}")
    closed = set(hubs.loc[hubs["facility"].isin(facilities), "plant"])
    given = {name: scenario.given[name].frame for name in ("plants", "qualities", "stocks", "changes")}
    kept = {name: ~frame["plant"].isin(closed) for name, frame in given.items() if name != "changes"}
    kept["changes"] = ~((given["changes"]["table"] == "plants") & given["changes"]["id"].isin(closed))
    return scenario.with_(
        **{name: given[name][rows].reset_index(drop=True) for name, rows in kept.items() if not rows.all()}
    )


def propose_hubs(
    scenario: Scenario, kind: str = "rail", k: int = 1, max_km: float = 50.0, *, apart_km: float = 10.0
) -> pd.DataFrame:
    """
    Propose terminals for a region: of those that lie nearest to its sites, the ones that serve most, well apart.

    Parameters
    ----------
    scenario
        Whose located facilities with a stream, demand, plant or disposal are served.
    kind
        Of terminal, as in `isopt.geo.terminals.nearest_terminals`: for the railway these are junctions and ends of
        lines, of which the planner strikes out those that handle no freight.
    k
        How many terminals for each site.
    max_km
        No farther than this from it.
    apart_km
        A terminal this near to one that serves more is left out.

    Returns
    -------
    hubs
        Columns ``facility, name, lat, lon, kind``, the first four as `with_hubs` takes them, and ``serves``: how many
        sites have it among their nearest, the most first.

    Raises
    ------
    InputError
        No terminal lies that near.
    """
    from isopt.geo.router import Points
    from isopt.geo.terminals import nearest_terminals

    tables = scenario.tables
    active = pd.concat([tables[name]["facility"] for name in ("streams", "demands", "plants", "disposals")])
    sites = tables["facilities"][tables["facilities"]["facility"].isin(set(active))]
    sites = sites[sites["lat"].notna() & sites["lon"].notna()]
    found = nearest_terminals(Points.of(sites["lat"], sites["lon"], sites["facility"]), kind=kind, k=k, max_km=max_km)
    if not len(found):
        raise InputError(f"no {kind} terminal lies within {max_km:g} km of a site; take a larger radius")
    serves = found.groupby("terminal", sort=False).size()
    hubs = found.drop_duplicates("terminal").rename(columns={"terminal": "facility"})
    hubs = hubs[["facility", "name", "lat", "lon", "kind"]].assign(serves=hubs["facility"].map(serves).to_numpy())
    ordered: pd.DataFrame = hubs.sort_values("serves", ascending=False, kind="stable").reset_index(drop=True)
    lat, lon = ordered["lat"].to_numpy(dtype=float), ordered["lon"].to_numpy(dtype=float)
    kept: list[int] = []
    for row in range(len(ordered)):
        if not kept or haversine_km(lat[kept], lon[kept], lat[row], lon[row]).min() > apart_km:
            kept.append(row)
    return ordered.iloc[kept].reset_index(drop=True)
