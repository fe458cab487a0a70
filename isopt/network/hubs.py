"""
Terminals and quays: places where a material changes its way of transport.

A hub is nothing new to the model: a plant whose recipes turn each material into itself, at the cost of handling, within
a capacity. Lorry, train, lorry is then a chain of exchanges that comes out by itself where it pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.knowledge import transport_factor
from isopt.knowledge.trucking import handling
from isopt.network.hub_materials import hub_materials
from isopt.scenario import Scenario

__all__ = ["hubs_of", "propose_hubs", "with_hubs", "without_hubs"]

#: NACE class of cargo handling.
CARGO_HANDLING = "52.24"
#: Row of the table ``transport_cost`` that a network's rates come from where a scenario has no such mode yet.
USUAL_MODE = {"rail": "rail_bulk", "water": "inland_barge", "sea": "short_sea_bulk"}
#: Way over straight line where no router measures the ways of a mode that is added.
DETOUR = 1.3
#: Cells of a hub that go to its facility, and those that go to its plants.
PLACE_CELLS = ("facility", "name", "organisation", "lat", "lon", "city", "country", "group", "note", "source")
PLANT_CELLS = ("status", "capex_eur", "fixed_eur_per_yr", "build_from", "build_until", "choose_one")
OWN_CELLS = ("handling_eur_per_t", "capacity_t_per_yr")


@dataclass(frozen=True)
class _Goods:
    """Materials of one unit and mass, which one technology can handle."""

    unit: str
    t_per_unit: float
    materials: tuple[str, ...]


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
        terminals: its ``max_km`` is 0 and the pairs of terminals stand in ``links``, which beats reach.
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
        With facilities of NACE 52.24, a technology per unit, its recipes, a plant per terminal, the mode and the links.

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
    its own. ``reach.nearest`` counts a terminal as a receiving facility. In the results each leg is an exchange of its
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
    table = _hub_table(hubs)
    if scenario.settings.reach.only_listed:
        raise InputError("links.csv is the whole network (reach.only_listed): list the ways to the terminals there")
    added = mode not in set(scenario.modes["mode"])
    row = _added_mode(mode, network) if added else _row_of_mode(scenario, mode)
    goods = _goods(scenario, hub_materials(scenario, row["states"], materials))
    if not goods:
        raise InputError(f"nothing that {quoted(mode)} carries could go through a terminal")
    terminals = [*_terminals_of(scenario, mode), *table["facility"]]
    bound = added or row["max_km"] == 0
    if bound and len(set(terminals)) < 2:
        raise InputError(f"{quoted(mode)} would have one terminal only: a chain needs a second one at the other end")
    usual = handling(row["network"]).value if handling_eur_per_t is None else float(handling_eur_per_t)
    prices = [usual if np.isnan(price) else float(price) for price in table["handling_eur_per_t"]]
    technologies, recipes, plants = _handlers(scenario, table, goods, mode, prices, capacity_t_per_yr)
    new_places = table[~table["facility"].isin(scenario.facilities["facility"])]
    parts = {
        "facilities": _places(new_places),
        "technologies": technologies,
        "recipes": recipes,
        "plants": plants,
        "links": _lines(scenario, list(table["facility"]), list(new_places["facility"]), mode, bound),
    }
    if added:
        parts["modes"] = [row]
    return scenario.with_(**{name: appended(scenario, name, rows) for name, rows in parts.items() if rows})


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


def hubs_of(scenario: Scenario) -> pd.DataFrame:
    """
    List the hubs of a scenario: plants whose recipes turn each material into itself, without loss.

    Returns
    -------
    hubs
        Columns ``plant, facility, technology, materials`` (of the technology, a tuple).

    Examples
    --------
    >>> import isopt
    >>> len(hubs_of(isopt.read("scenarios/two_firms")))
    0
    """
    recipes = scenario.recipes
    same = (recipes["input"] == recipes["output"]) & (recipes["input"] != "") & (recipes["yield"] == 1)
    other = set(recipes.loc[~same, "technology"])
    handled = {
        str(technology): tuple(group["input"])
        for technology, group in recipes.groupby("technology", sort=False)
        if technology not in other
    }
    plants = scenario.plants[scenario.plants["technology"].isin(handled)]
    found = plants[["plant", "facility", "technology"]].reset_index(drop=True)
    return found.assign(materials=found["technology"].map(handled).astype(object))


def propose_hubs(scenario: Scenario, kind: str = "rail", k: int = 1, max_km: float = 50.0) -> pd.DataFrame:
    """
    Propose terminals for a region: those of the embedded table that lie nearest to its sites.

    Parameters
    ----------
    scenario
        Whose located facilities with a stream, demand, plant or disposal are served.
    kind
        Of terminal, as in `isopt.geo.terminals.nearest_terminals`.
    k
        How many terminals for each site.
    max_km
        No farther than this from it.

    Returns
    -------
    hubs
        Columns ``facility, name, lat, lon, kind``, the first three as `with_hubs` takes them, and ``serves``: how many
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
    found = nearest_terminals(Points.of(sites["lat"], sites["lon"], sites["facility"]), kind, k, max_km)
    if not len(found):
        raise InputError(f"no {kind} terminal lies within {max_km:g} km of a site; take a larger radius")
    serves = found.groupby("terminal", sort=False).size()
    hubs = found.drop_duplicates("terminal").rename(columns={"terminal": "facility"})
    hubs = hubs[["facility", "name", "lat", "lon", "kind"]].assign(serves=hubs["facility"].map(serves).to_numpy())
    ordered: pd.DataFrame = hubs.sort_values("serves", ascending=False, kind="stable").reset_index(drop=True)
    return ordered


def appended(scenario: Scenario, name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table of a scenario as it was given, with further rows."""
    frame = scenario.given[name].frame
    if frame.empty and len(scenario.tables[name]):
        frame = scenario.tables[name]  # the one mode that stands for an absent table stays
    new = pd.DataFrame(list(rows)).reindex(columns=frame.columns)
    return pd.DataFrame(
        {column: [*frame[column].astype(object), *new[column].astype(object)] for column in frame.columns},
        dtype=object,
    )


def _hub_table(hubs: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of the terminals with all columns, checked for what only they can have wrong."""
    table = pd.DataFrame(hubs) if isinstance(hubs, pd.DataFrame) else pd.DataFrame(list(hubs))
    known = (*PLACE_CELLS, *PLANT_CELLS, *OWN_CELLS)
    for column in table.columns:
        if column not in (*known, "kind", "serves"):
            raise InputError(f"{quoted(str(column))} is no column of terminals{did_you_mean(str(column), known)}")
    if "facility" not in table or table.empty:
        raise InputError("no terminal: give at least a facility with lat and lon")
    table = table.reindex(columns=list(known)).reset_index(drop=True)
    table["facility"] = table["facility"].astype(str)
    if table["facility"].duplicated().any():
        raise InputError(f"{quoted(table.loc[table['facility'].duplicated(), 'facility'].iloc[0])} stands there twice")
    for column in OWN_CELLS:
        try:
            table[column] = table[column].astype(float)
        except (TypeError, ValueError):
            raise InputError(f"{column} of a terminal is a number, not {quoted(str(table[column].tolist()))}") from None
        if (table[column] < 0).any() and column == "capacity_t_per_yr":
            raise InputError("the capacity of a terminal can't be below 0")
    return table


def _row_of_mode(scenario: Scenario, mode: str) -> dict[str, Any]:
    return dict(scenario.modes[scenario.modes["mode"] == mode].iloc[0])


def _added_mode(mode: str, network: str) -> dict[str, Any]:
    """Row of a mode with the cited rates of its network, handling left to the terminals."""
    if network not in USUAL_MODE:
        raise InputError(
            f"{quoted(network)} has no terminals{did_you_mean(network, USUAL_MODE)}; it is rail, water or sea"
        )
    rate = transport_factor(USUAL_MODE[network])
    emission = transport_factor(USUAL_MODE[network], "kgco2_per_tkm")
    return {
        "mode": mode,
        "network": network,
        "eur_per_tkm": rate.value,
        "kgco2_per_tkm": emission.value,
        "states": ("solid", "sludge", "liquid"),
        "max_km": 0.0,
        "detour": DETOUR,
        "note": f"{'assumed' if rate.assumed else 'cited'} rate, {emission.evidence} emission; between terminals only",
        "source": f"{rate.source}; {emission.source}",
    }


def _goods(scenario: Scenario, materials: Sequence[str]) -> list[_Goods]:
    """Materials by unit and mass: the inputs of a technology share one unit, and its cost is per unit."""
    chosen = scenario.materials[scenario.materials["material"].isin(materials)]
    mass = np.where(chosen["unit"] == "t", 1.0, chosen["t_per_unit"].to_numpy(dtype=np.float64))
    groups: dict[tuple[str, float], list[str]] = {}
    for material, unit, t in zip(chosen["material"], chosen["unit"], mass, strict=True):
        groups.setdefault((str(unit), float(t)), []).append(material)
    return [_Goods(unit, t, tuple(names)) for (unit, t), names in groups.items()]


def _handlers(
    scenario: Scenario,
    table: pd.DataFrame,
    goods: Sequence[_Goods],
    mode: str,
    prices: Sequence[float],
    capacity_t: float | None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Technologies (one per price and unit), their recipes, and a plant for each terminal and unit."""
    taken = set(scenario.technologies["technology"]) | set(scenario.plants["plant"])
    technologies, recipes, plants = [], [], []
    for one in goods:
        made: dict[float, str] = {}
        suffix = "" if one.unit == "t" else f"_{one.unit}"
        most = np.nan if capacity_t is not None else _most(scenario, one)
        for row, price in zip(table.to_dict("records"), prices, strict=True):
            if price not in made:
                made[price] = _free(f"{mode}_handling{suffix}", taken)
                technologies.append(
                    {"technology": made[price], "name": f"{mode} handling", "opex_eur_per_unit": price * one.t_per_unit}
                )
                recipes += [{"technology": made[price], "input": m, "output": m, "yield": 1.0} for m in one.materials]
            own = row["capacity_t_per_yr"] if not np.isnan(row["capacity_t_per_yr"]) else capacity_t
            capacity = most if own is None else own / one.t_per_unit
            cells = {name: row[name] for name in PLANT_CELLS if not _empty(row[name])}
            plants.append(
                {
                    "plant": _free(f"{row['facility']}_{mode}{suffix}", taken),
                    "facility": row["facility"],
                    "technology": made[price],
                    "status": "existing",
                    "capacity_per_yr": capacity,
                }
                | cells
            )
    return technologies, recipes, plants


def _most(scenario: Scenario, goods: _Goods) -> float:
    """What streams and plants can send of some materials in a year; NaN, unlimited, where a plant has no capacity."""
    streams = scenario.streams["material"].isin(goods.materials).to_numpy()
    total = float(np.nansum(scenario.at("streams", "supply_per_yr")[streams].max(axis=1, initial=0.0)))
    made = scenario.recipes[scenario.recipes["output"].isin(goods.materials)]
    best = made.groupby("technology")["yield"].max().to_dict()
    hubs = set(hubs_of(scenario)["plant"])
    for plant in scenario.plants[scenario.plants["technology"].isin(list(best))].to_dict("records"):
        if plant["plant"] not in hubs:
            size = np.nanmax([plant["capacity_per_yr"], plant["max_capacity_per_yr"], -np.inf])
            total += float(best[plant["technology"]]) * (size if size >= 0 else np.nan)
    return total


def _places(new: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"sector": CARGO_HANDLING, "crs": "WGS84"} | {name: row[name] for name in PLACE_CELLS if not _empty(row[name])}
        for row in new.to_dict("records")
    ]


def _lines(scenario: Scenario, hubs: list[str], new: list[str], mode: str, bound: bool) -> list[dict[str, Any]]:
    """
    Links rows: the pairs of terminals, and what must not happen at one place.

    A hub that hands over to itself moves nothing, and at 0 km even a mode bound to its terminals would be in reach.
    """
    rows = [{"from_facility": place, "to_facility": place, "status": "forbidden"} for place in new]
    if not bound:
        return rows
    old = [place for place in _terminals_of(scenario, mode) if place not in hubs]
    for a in (*old, *hubs):
        rows += [
            {"from_facility": a, "to_facility": b, "mode": mode}
            for b in (*old, *hubs)
            if a != b and not {a, b} <= set(old)
        ]
    tables = scenario.tables
    giving = {*tables["streams"]["facility"], *tables["plants"]["facility"], *hubs}
    taking = {*tables["demands"]["facility"], *tables["disposals"]["facility"], *tables["plants"]["facility"], *hubs}
    here = giving & taking - set(new)
    before = tables["links"]
    barred = set(before.loc[(before["mode"] == mode) & (before["status"] == "forbidden"), "from_facility"])
    rows += [
        {"from_facility": place, "to_facility": place, "mode": mode, "status": "forbidden"}
        for place in scenario.facilities["facility"]
        if place in here and place not in barred
    ]
    return rows


def _terminals_of(scenario: Scenario, mode: str) -> list[str]:
    """Facilities with a hub that a links row of the mode joins, in the order of the hubs."""
    links = scenario.links
    joined = links[(links["mode"] == mode) & (links["status"] != "forbidden")]
    ends = {*joined["from_facility"], *joined["to_facility"]}
    return [place for place in dict.fromkeys(hubs_of(scenario)["facility"]) if place in ends]


def _free(name: str, taken: set[str]) -> str:
    """Return a name that nobody has, and take it."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and np.isnan(value))
