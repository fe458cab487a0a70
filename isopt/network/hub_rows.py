"""Rows of a scenario's tables that open terminals, and the hubs that a scenario has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.knowledge import transport_factor
from isopt.scenario import Scenario

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


def terminals_of(scenario: Scenario, mode: str) -> list[str]:
    """Facilities with a hub that a links row of the mode joins, in the order of the hubs."""
    links = scenario.links
    joined = links[(links["mode"] == mode) & (links["status"] != "forbidden")]
    ends = {*joined["from_facility"], *joined["to_facility"]}
    return [place for place in dict.fromkeys(hubs_of(scenario)["facility"]) if place in ends]


@dataclass(frozen=True)
class Goods:
    """Materials of one unit and mass, which one technology can handle."""

    unit: str
    t_per_unit: float
    materials: tuple[str, ...]


def row_of_mode(scenario: Scenario, mode: str) -> dict[str, Any]:
    """Return the row of a mode that the scenario has."""
    return dict(scenario.modes[scenario.modes["mode"] == mode].iloc[0])


def added_mode(mode: str, network: str) -> dict[str, Any]:
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


def goods_of(scenario: Scenario, materials: Sequence[str]) -> list[Goods]:
    """Materials by unit and mass: the inputs of a technology share one unit, and its cost is per unit."""
    chosen = scenario.materials[scenario.materials["material"].isin(materials)]
    mass = np.where(chosen["unit"] == "t", 1.0, chosen["t_per_unit"].to_numpy(dtype=np.float64))
    groups: dict[tuple[str, float], list[str]] = {}
    for material, unit, t in zip(chosen["material"], chosen["unit"], mass, strict=True):
        groups.setdefault((str(unit), float(t)), []).append(material)
    return [Goods(unit, t, tuple(names)) for (unit, t), names in groups.items()]


def handlers(
    scenario: Scenario,
    table: pd.DataFrame,
    goods: Sequence[Goods],
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
                    {
                        "technology": made[price],
                        "name": f"Terminal ({mode})",
                        "opex_eur_per_unit": price * one.t_per_unit,
                    }
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


def _most(scenario: Scenario, goods: Goods) -> float:
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


def handles_cargo(sector: str) -> str:
    """Add cargo handling to what a facility does."""
    codes = [code.strip() for code in sector.split(";") if code.strip()]
    return ";".join(codes if CARGO_HANDLING in codes else [*codes, CARGO_HANDLING])


def facility_rows(new: pd.DataFrame) -> list[dict[str, Any]]:
    """Facilities of the terminals that are new."""
    return [
        {"sector": "", "crs": "WGS84"} | {name: row[name] for name in PLACE_CELLS if not _empty(row[name])}
        for row in new.to_dict("records")
    ]


def link_rows(scenario: Scenario, hubs: list[str], new: list[str], mode: str, bound: bool) -> list[dict[str, Any]]:
    """
    Links rows: the pairs of terminals, and what must not happen at one place.

    A hub that hands over to itself moves nothing. Rules speak of exchanges only, and at 0 km even a mode bound to its
    terminals would be in reach: a disposal on the spot gets nothing by train.
    """
    rows = [{"from_facility": place, "to_facility": place, "status": "forbidden"} for place in new]
    if not bound:
        return rows
    old = [place for place in terminals_of(scenario, mode) if place not in hubs]
    for a in (*old, *hubs):
        rows += [
            {"from_facility": a, "to_facility": b, "mode": mode}
            for b in (*old, *hubs)
            if a != b and not {a, b} <= set(old)
        ]
    links = scenario.links
    barred = links[(links["mode"] == mode) & (links["status"] == "forbidden")]
    known = set(zip(barred["from_facility"], barred["to_facility"], strict=True))
    return rows + [
        {"from_facility": a, "to_facility": b, "mode": mode, "status": "forbidden"}
        for a, b in _on_the_spot(scenario)
        if (a, b) not in known
    ]


def _on_the_spot(scenario: Scenario) -> list[tuple[str, str]]:
    """Pairs of facilities at one place, of which the first has something to send and the second a disposal."""
    tables = scenario.tables
    places = tables["facilities"][["facility", "lat", "lon"]]
    giving = places[places["facility"].isin({*tables["streams"]["facility"], *tables["plants"]["facility"]})]
    taking = places[places["facility"].isin(set(tables["disposals"]["facility"]))]
    both = giving.merge(taking, on=["lat", "lon"], suffixes=("", "_to")).dropna()
    same = sorted({*giving["facility"]} & {*taking["facility"]})
    pairs = zip([*both["facility"], *same], [*both["facility_to"], *same], strict=True)
    return list(dict.fromkeys((str(a), str(b)) for a, b in pairs))


def way_back_rows(scenario: Scenario, hubs: Sequence[str], materials: Sequence[str]) -> list[dict[str, Any]]:
    """
    Links rows that keep a site from sending itself something over a terminal where it may not exchange with itself.

    Behind a terminal nobody knows whose material it was: so a site that could take what it sends uses terminals in one
    direction only, the one of the larger amount.
    """
    if scenario.settings.reach.within_facility:
        return []
    tables = scenario.tables
    own = tables["plants"][~tables["plants"]["plant"].isin(hubs_of(scenario)["plant"])][["facility", "technology"]]
    made = own.merge(tables["recipes"].rename(columns={"output": "material"}), on="technology")
    used = own.merge(tables["recipes"].rename(columns={"input": "material"}), on="technology")
    replaces = tables["substitutions"][["from_material", "to_material"]]
    kept = tables["demands"][["facility", "material"]].assign(amount=scenario.at("demands", "need_per_yr").max(axis=1))
    instead = kept.merge(replaces, left_on="material", right_on="to_material")
    instead = instead.assign(material=instead["from_material"])[["facility", "material", "amount"]]
    supply = scenario.at("streams", "supply_per_yr").max(axis=1)
    sent = [tables["streams"][["facility", "material"]].assign(amount=supply), made.assign(amount=np.inf)]
    taken = [kept, instead, used.assign(amount=np.inf)]
    keys = ["facility", "material"]
    out, back = (
        pd.concat(parts)[[*keys, "amount"]].groupby(keys, sort=False)["amount"].sum() for parts in (sent, taken)
    )
    both = pd.DataFrame({"out": out, "back": back}).dropna()
    rows = []
    for (place, material), outward in zip(both.index, both["out"] > both["back"], strict=True):
        if material in set(materials):
            ends = [(hub, place) if outward else (place, hub) for hub in hubs if hub != place]
            rows += [
                {"from_facility": a, "to_facility": b, "material": material, "status": "forbidden"} for a, b in ends
            ]
    return rows


def rule_rows(scenario: Scenario, mode: str) -> list[dict[str, Any]]:
    """Exchanges by a mode that is bound to terminals: none but from terminal to terminal, unless rules say already."""
    if mode in set(scenario.rules["mode"]):
        return []
    between = {"mode": mode, "from_sector": CARGO_HANDLING, "to_sector": CARGO_HANDLING, "allowed": True}
    reason = f"{mode} runs between terminals"
    return [{"mode": mode, "allowed": False, "reason": reason}, between | {"reason": reason}]


def hub_table(hubs: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
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
