"""What a change does, on a map: exchanges that open, close, grow and shrink between two plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.views import caption, means, nodes
from isopt.views.language import digits
from isopt.views.layers import Places, carried_between, columns, placed, rounded
from isopt.views.map import MOST_FLOWS, PARTS, page
from isopt.views.map_data import ground, in_each_language, spoken_in
from isopt.views.numbers import plain, share
from isopt.views.offline import write_page
from isopt.views.palette import COLOURS
from isopt.views.routes import credits_of
from isopt.views.texts import text

if TYPE_CHECKING:
    import folium

    from isopt.scenario import Scenario
    from isopt.solution import Solution

__all__ = ["draw_difference", "uncertain", "write_difference"]

SCRIPTS = [{"popups.js": "difference_popups.js"}.get(name, name) for name in PARTS] + ["start.js"]
#: Colour (of the palette that stays apart for every sight) and dashes of each change, in the order of the legend.
KINDS: dict[str, tuple[str, list[int]]] = {
    "opened": (COLOURS[2], []),
    "closed": (COLOURS[1], [2, 4]),
    "grown": (COLOURS[0], [16, 4]),
    "shrunk": (COLOURS[3], [6, 5]),
    "same": ("#9aa5ad", []),
}
#: An amount that changes by at most this share is the same.
SAME = 1e-6
#: KPIs whose difference the panel shows, where they differ.
FIGURES = (
    "cost_total", "cost_haulage", "co2_total", "co2_transport", "tonne_km", "exchanges", "exchanged", "landfilled",
    "plants_built",
)  # fmt: skip
AMOUNTS = ["sent", "tonnes", "haulage_eur", "co2_transport_t"]
DETAIL_TEXTS = ["material", "mode", "unit", "kind"]
DETAIL_NUMBERS = [
    "sent_before", "sent_after", "haulage_eur_before", "haulage_eur_after", "co2_transport_t_before",
    "co2_transport_t_after", "saving_before", "saving_after",
]  # fmt: skip


def draw_difference(
    one: Solution, other: Solution, *, language: str = "en", online: bool = False, most_flows: int = MOST_FLOWS
) -> folium.Map:
    """
    Draw what differs between two plans of a region; as the last line of a notebook's cell it is shown there.

    Parameters
    ----------
    one
        The plan before.
    other
        The plan after.
    language
        In which the map opens: ``en``, ``fr`` or ``de``. All of them are in the page, its reader may change.
    online
        Offer street tiles, which a browser fetches once the reader switches them on.
    most_flows
        How many flows are drawn, those that change most first; the map says so where it leaves some out.

    Returns
    -------
    folium.Map
        Lines by what happens to the flow, as wide as its yearly amount changes; unchanged flows are there to be
        switched on. A flow that changes its mode closes on one and opens on the other.

    Raises
    ------
    InputError
        One of them has no plan: nothing could be said of it. Or no view speaks the language.
    """
    for solution in (one, other):
        if not caption.has_plan(solution):
            raise InputError(
                text(
                    "difference.no_plan",
                    title=caption.title(solution),
                    status=solution.status.replace("_", " "),
                    reason=solution.reason or "",
                ).rstrip(": ")
            )
    title = text("difference.title", first=caption.title(one), second=_short(one, other))
    return page(title, _data(one, other, title, online, most_flows) | spoken_in(language, "difference"), SCRIPTS)


def write_difference(
    one: Solution,
    other: Solution,
    path: str | Path,
    *,
    language: str = "en",
    online: bool = False,
    most_flows: int = MOST_FLOWS,
) -> Path:
    """
    Write the map of what differs between two plans as one HTML file that opens without a network.

    Parameters
    ----------
    one, other, language, online, most_flows
        As for `draw_difference`.
    path
        File to write.

    Raises
    ------
    InputError
        One of them has no plan.
    ExternalAddressError
        If opening the file would fetch anything.
    """
    drawn = draw_difference(one, other, language=language, online=online, most_flows=most_flows)
    return write_page(drawn.get_root().render(), path)


def changed_flows(one: Solution, other: Solution, places: Places) -> pd.DataFrame:
    """
    Match the flows of two plans and say what becomes of each.

    Parameters
    ----------
    one, other
        The plans before and after.
    places
        Symbols of both.

    Returns
    -------
    flows
        A row per pair of symbols, material and mode, what changes most first: ``start, end`` (numbers of the symbols),
        ``material, mode, kind`` (of `KINDS`), and each of the yearly means ``sent, tonnes, haulage_eur,
        co2_transport_t`` and the ``saving`` of the exchange, ``_before`` and ``_after``.
    """
    key = ["start", "end", "material", "mode"]
    number = places.number
    sides = []
    for solution, name in ((one, "before"), (other, "after")):
        carried = carried_between(means.flows(solution), number)
        saving = means.filled(solution.exchanges, ["exchange", "saving_eur_per_yr"])
        of_exchange = dict(zip(saving["exchange"], saving["saving_eur_per_yr"], strict=True))
        side = carried.groupby(key, sort=False, as_index=False).agg(
            dict.fromkeys(AMOUNTS, "sum") | {"exchange": "first"}
        )
        side["saving"] = side.pop("exchange").map(of_exchange).astype(float)
        sides.append(side.rename(columns={column: f"{column}_{name}" for column in (*AMOUNTS, "saving")}))
    flows = sides[0].merge(sides[1], on=key, how="outer", sort=False)
    amounts = [f"{column}_{name}" for column in AMOUNTS for name in ("before", "after")]
    flows[amounts] = flows[amounts].astype(float).fillna(0.0)
    before, after = flows["sent_before"].to_numpy(float), flows["sent_after"].to_numpy(float)
    same = np.abs(after - before) <= SAME * np.maximum(before, after)
    flows["kind"] = np.select(
        [same, before <= 0, after <= 0, after > before], ["same", "opened", "closed", "grown"], "shrunk"
    ).astype(object)
    moved = np.maximum(np.abs(flows["tonnes_after"] - flows["tonnes_before"]), np.abs(after - before))
    weight = np.where(same, flows["sent_after"], moved)
    return flows.iloc[np.lexsort((-weight, same))].reset_index(drop=True)


def _data(one: Solution, other: Solution, title: str, online: bool, most_flows: int) -> dict[str, Any]:
    places = placed(_symbols(one, other))
    flows = changed_flows(one, other, places)
    shown = flows.head(most_flows)

    def said() -> dict[str, Any]:
        return {
            "status": _statuses(one, other),
            "caption": [
                _told(one, "first", caption.title(one)),
                _told(other, "second", _short(one, other)),
                text("difference.symbols"),
            ],
            "notes": _notes(one, other, flows, len(shown), places),
            "figures": _figures(one, other),
        }

    kinds, of_flow = _kinds(flows, shown, one.scenario, other.scenario)
    lines = _lines(shown, of_flow)
    plan = {
        "status": max((one.status, other.status), key=["optimal", "feasible"].index),
        "said": in_each_language(said),
        "nodes": places.records(),
        "flows": lines,
        "exchanges": _details(shown, one.scenario, other.scenario),
        "own": [],
        "bought": [],
        "left": [],
        "materials": kinds,
        "modes": [{"id": "", "name": "", "dash": []}],
        "routes": [],
        "changes": True,
        "hidden": [kind["id"] for kind in kinds if kind["kind"] == "same"],
        "years": len(means.years(other.scenario)),
    }
    below = ground(places.positions, lines, diagram=places.diagram, online=online)
    return {"title": title, "credits": credits_of(other.scenario), "plan": plan} | below


def _symbols(one: Solution, other: Solution) -> pd.DataFrame:
    """Symbols of the plan after, and those that only the plan before has."""
    after = nodes.symbols(other, means.flows(other))
    before = nodes.symbols(one, means.flows(one))
    there = set(zip(after["kind"], after["id"], strict=True))
    gone = np.array([key not in there for key in zip(before["kind"], before["id"], strict=True)], dtype=bool)
    # a place that was idle and now holds a plant is that plant
    idle = (before["state"] == "idle") & before["facility"].isin(after["facility"])
    return pd.concat([after, before[gone & ~idle.to_numpy(dtype=bool)]], ignore_index=True)


def _kinds(
    flows: pd.DataFrame, shown: pd.DataFrame, first: Scenario, second: Scenario
) -> tuple[list[dict[str, Any]], list[int]]:
    """Legend entries, one per kind of change and unit, and which of them each flow that is shown belongs to."""
    unit = means.units(first).to_dict() | means.units(second).to_dict()
    units = flows["material"].map(unit)
    change = np.where(flows["kind"] == "same", flows["sent_after"], flows["sent_after"] - flows["sent_before"])
    entries: dict[tuple[str, str], int] = {}
    legend: list[dict[str, Any]] = []
    for kind, (colour, dash) in KINDS.items():
        for one_unit in dict.fromkeys(units[flows["kind"] == kind]):
            rows = ((flows["kind"] == kind) & (units == one_unit)).to_numpy()
            entries[kind, one_unit] = len(legend)
            told = [int(rows.sum()), float(f"{np.abs(change[rows]).sum():.6g}")]
            name = f"{kind} {one_unit}"
            legend.append({"id": name, "kind": kind, "unit": one_unit, "colour": colour, "dash": dash, "told": told})
    keys = zip(shown["kind"], shown["material"].map(unit), strict=True)
    return legend, [entries[key] for key in keys]


def _lines(shown: pd.DataFrame, of_flow: list[int]) -> list[list[Any]]:
    """Rows as the map's script takes them, the amount being what changes."""
    amount = rounded((shown["sent_after"] - shown["sent_before"]).abs())
    tonnes = rounded((shown["tonnes_after"] - shown["tonnes_before"]).abs())
    columns = (shown["start"], shown["end"], of_flow, of_flow, [0] * len(shown), amount, amount, tonnes)
    return [[*row, number] for number, row in enumerate(zip(*(list(column) for column in columns), strict=True))]


def _details(shown: pd.DataFrame, first: Scenario, second: Scenario) -> dict[str, list[Any]]:
    """What a click on a line tells."""
    words: dict[str, tuple[str, str]] = {}
    for scenario in (first, second):
        table = scenario.materials
        names = table["name"].where(table["name"] != "", table["material"])
        words |= dict(zip(table["material"], zip(names, table["unit"], strict=True), strict=True))
    named = shown.assign(
        material=[words[material][0] for material in shown["material"]],
        unit=[words[material][1] for material in shown["material"]],
    )
    return columns(named, DETAIL_TEXTS, DETAIL_NUMBERS)


def _short(one: Solution, other: Solution) -> str:
    """Title of the plan after, without what it has in common with the plan before."""
    return caption.title(other).removeprefix(f"{caption.title(one)}: ") or caption.title(other)


def _told(solution: Solution, which: str, title: str) -> str:
    gap = solution.gap
    known = text("difference.gap", gap=share(gap)) if caption.known_number(gap) else text("difference.no_gap")
    status = caption.status(solution)
    return text(f"difference.{which}", title=title, status=status, gap=known)


def _statuses(one: Solution, other: Solution) -> str:
    if one.status == other.status:
        return text("difference.both_optimal" if other.status == "optimal" else "difference.both_feasible")
    return text("difference.statuses", first=caption.status(one), second=caption.status(other))


def _notes(one: Solution, other: Solution, flows: pd.DataFrame, shown: int, places: Places) -> list[str]:
    lines = [line for line in caption.notes(one) + caption.notes(other) if line]
    lines = list(dict.fromkeys(lines))
    if not (flows["kind"] != "same").any():
        lines.append(text("difference.nothing_changed"))
    elif uncertain(one, other):
        lines.append(text("difference.uncertain"))
    if shown < len(flows):
        lines.append(text("difference.drawn_short", drawn=digits(shown), all=digits(len(flows))))
    if places.diagram:
        lines.append(text("map.schematic"))
    return lines


def uncertain(one: Solution, other: Solution) -> bool:
    """
    Whether the objectives of two plans differ by less than what both may be away from their best.

    Parameters
    ----------
    one, other
        The plans.
    """
    away = 0.0
    for solution in (one, other):
        if not (caption.known_number(solution.objective) and caption.known_number(solution.bound)):
            return True
        away += max(solution.objective - solution.bound, 0.0)
    assert one.objective is not None
    assert other.objective is not None
    noise = caption.PROVEN * max(abs(one.objective), abs(other.objective))
    return away > noise and abs(one.objective - other.objective) <= away


def _figures(one: Solution, other: Solution) -> list[tuple[str, str]]:
    """What the change does to the sums that a planner asks for first."""
    before, after = caption.kpi_totals(one), caption.kpi_totals(other)
    figures = []
    for name in FIGURES:
        (first, unit), (second, _) = before.get(name, (0.0, "")), after.get(name, (0.0, ""))
        change = second - first
        if abs(change) > caption.PROVEN * max(abs(first), abs(second)):
            amount = f"{plain(change)} {unit}".strip()
            figures.append((text(f"kpi.{name}"), text("difference.plus", amount=amount) if change > 0 else amount))
    return figures
