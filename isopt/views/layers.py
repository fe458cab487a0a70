"""What a map shows, as plain numbers and texts: symbols, flows, exchanges and their colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.views import means, nodes
from isopt.views.colours import colours_of
from isopt.views.palette import mode_dashes
from isopt.views.routes import packed
from isopt.views.unused import Unused, unused_links

if TYPE_CHECKING:
    import geopandas

    from isopt.scenario import Scenario
    from isopt.solution import Solution

NODE_TEXTS = ["kind", "id", "name", "place", "state", "organisation", "group", "sector", "facts"]
EXCHANGE_TEXTS = ["status", "note", "source"]
EXCHANGE_NUMBERS = [
    "distance_km", "trips_per_yr", "haulage_eur_per_yr", "setup_eur_per_yr", "treatment_eur_per_yr",
    "co2_t_per_yr", "capex_eur", "saving_eur_per_yr", "opened_year",
]  # fmt: skip


@dataclass(frozen=True)
class Layers:
    """
    Content of a map; amounts are yearly means, in the unit of what is sent.

    Attributes
    ----------
    nodes
        Symbols, see `nodes.symbols`.
    flows
        Rows of `from node, to node, material, received as, mode, amount, arrived, tonnes, exchange` (a row number, -1
        for a way to disposal)`, route` (a row number, -1 where only both ends are known), the largest first.
    exchanges
        Money, CO2, trips and remarks of the exchanges that `flows` refers to, a list per column.
    own
        Rows of `node, material, amount, route`: what goes to disposal at the firm's own cost.
    bought
        Rows of `node, material, bought, unmet`.
    left
        Rows of `node, material, amount`: what of a stream is placed nowhere.
    materials
        `id, name, unit, colour`; the rows that others refer to.
    modes
        `id, name, dash`.
    routes
        Where the ways run, see `routes.packed`.
    positions
        Latitude and longitude of the symbols, shape (nodes, 2).
    diagram
        True if no facility has coordinates and the positions are made up.
    without_position
        Names of what can't be drawn.
    flows_in_all
        Number of flows before the smallest were left out.
    unused
        Candidate links that carry nothing: `rows` of `from node, to node, material, received as, mode, kilometres,
        largest amount, EUR per unit, kg of CO2 per unit`, the largest first; how many there are in `all`; and whether
        they were `sought`, which would take too long where there are very many.
    """

    nodes: list[dict[str, Any]]
    flows: list[list[Any]]
    exchanges: dict[str, list[Any]]
    own: list[list[Any]]
    bought: list[list[Any]]
    left: list[list[Any]]
    materials: list[dict[str, Any]]
    modes: list[dict[str, Any]]
    routes: list[list[int]]
    positions: np.ndarray[Any, np.dtype[np.float64]]
    diagram: bool
    without_position: list[str]
    flows_in_all: int
    unused: dict[str, Any]


def layers(
    solution: Solution, most_flows: int, routes: geopandas.GeoDataFrame | None = None, most_unused: int = 0
) -> Layers:
    """
    Symbols and flows of a solution.

    Parameters
    ----------
    solution
        Any solution; one without a plan gives symbols only.
    most_flows
        How many flows to keep, the largest first.
    routes
        Where the ways run, from `isopt.route_lines`.
    most_unused
        How many candidate links that carry nothing to list, the largest first.
    """
    scenario = solution.scenario
    flows = means.flows(solution)
    symbols = nodes.symbols(solution, flows)
    places = placed(symbols)
    materials = {material: row for row, material in enumerate(scenario.tables["materials"]["material"])}
    node = places.number
    carried = carried_between(flows, node)
    kept = carried.sort_values(["tonnes", "sent"], ascending=False, kind="stable").head(most_flows)
    exchanges = means.filled(solution.exchanges, ["exchange", *EXCHANGE_TEXTS, *EXCHANGE_NUMBERS])
    exchanges = exchanges[exchanges["exchange"].isin(kept["exchange"])].reset_index(drop=True)
    lines, line_of = packed(routes)
    modes = row_of(scenario.tables["modes"]["mode"])
    return Layers(
        nodes=places.records(),
        flows=[
            [*flow, line]
            for flow, line in zip(
                _flows(kept, materials, modes, row_of(exchanges["exchange"])),
                _lines_of(kept, places, line_of),
                strict=True,
            )
        ],
        exchanges=columns(exchanges, EXCHANGE_TEXTS, EXCHANGE_NUMBERS),
        own=_own(flows, scenario, node, materials),
        bought=_bought(means.purchases(solution), node, materials),
        left=[] if solution.flows.empty else _left(means.unused(solution), node, materials),
        materials=_materials(scenario),
        modes=_modes(scenario),
        routes=lines,
        positions=places.positions,
        diagram=places.diagram,
        without_position=places.without_position,
        flows_in_all=len(carried),
        unused=_unused(unused_links(solution, most_unused), node, materials, modes),
    )


@dataclass(frozen=True)
class Places:
    """
    Symbols that have a place on the map.

    Attributes
    ----------
    drawn
        The symbols, see `nodes.symbols`.
    diagram
        True if no facility has coordinates and the positions are made up.
    without_position
        Names of what can't be drawn.
    """

    drawn: pd.DataFrame
    diagram: bool
    without_position: list[str]

    @property
    def number(self) -> dict[tuple[str, str], int]:
        """Number of each symbol by its kind and id."""
        return {key: row for row, key in enumerate(zip(self.drawn["kind"], self.drawn["id"], strict=True))}

    @property
    def positions(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Latitude and longitude, shape (symbols, 2)."""
        return self.drawn[["lat", "lon"]].to_numpy(float)

    def records(self) -> list[dict[str, Any]]:
        """The symbols as mappings for the page."""
        return records(self.drawn, NODE_TEXTS, ["lat", "lon", "size"])


def placed(symbols: pd.DataFrame) -> Places:
    """Keep the symbols that have coordinates; where none has any, set them all around a circle."""
    diagram = bool(symbols["lat"].isna().all())
    if diagram:
        symbols = nodes.as_diagram(symbols)
    there = symbols["lat"].notna() & symbols["lon"].notna()
    lost = symbols.loc[~there, "name"].drop_duplicates().tolist()
    return Places(symbols[there].reset_index(drop=True), diagram, lost)


def _lines_of(kept: pd.DataFrame, places: Places, line_of: dict[tuple[str, str, str], int]) -> list[int]:
    """Number of the line of each flow, -1 where there is none."""
    facility = places.drawn["facility"].to_numpy()
    start, end = (facility[kept[side].to_numpy(dtype=int)] for side in ("start", "end"))
    return [line_of.get(key, -1) for key in zip(start, end, kept["mode"], strict=True)]


def row_of(ids: pd.Series[str]) -> dict[str, int]:
    """Row number of each id."""
    return {name: row for row, name in enumerate(ids)}


def carried_between(flows: pd.DataFrame, node: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Flows between two symbols, whose numbers are in `start` and `end`; those of several streams are added up."""
    carried = between(flows[flows["kind"] != "own_disposal"], node)
    by = ["start", "end", "material", "received_as", "mode", "exchange"]
    sums = ["sent", "arrived", "tonnes", "haulage_eur", "co2_transport_t"]
    return carried.groupby(by, sort=False, as_index=False)[sums].sum()


def between(ways: pd.DataFrame, node: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Ways whose ends both have a symbol, with the numbers of the symbols in `start` and `end`."""
    start_kind = ways["origin_kind"].where(ways["origin_kind"] == "plant", "facility")
    start_id = ways["origin"].where(ways["origin_kind"] == "plant", ways["from_facility"])
    end_kind = ways["receiver_kind"].where(ways["receiver_kind"] != "demand", "facility")
    end_id = ways["receiver"].where(ways["receiver_kind"] != "demand", ways["to_facility"])
    ends = ways.assign(start=_found(start_kind, start_id, node), end=_found(end_kind, end_id, node))
    return ends[(ends["start"] >= 0) & (ends["end"] >= 0)]


def _unused(
    found: Unused, node: dict[tuple[str, str], int], materials: dict[str, int], modes: dict[str, int]
) -> dict[str, Any]:
    """Candidate links between two symbols; several streams of one facility make one, with the largest amount."""
    by = ["start", "end", "material", "received_as", "mode"]
    links = between(found.table, node).drop_duplicates(by)
    cells: list[list[Any]] = [
        links["start"].tolist(),
        links["end"].tolist(),
        links["material"].map(materials).tolist(),
        links["received_as"].map(materials).tolist(),
        links["mode"].map(modes).fillna(0).astype(int).tolist(),
        *(rounded(links[name].astype(float)) for name in ("distance_km", "most", "eur_per_unit", "kgco2_per_unit")),
    ]
    return {"rows": [list(row) for row in zip(*cells, strict=True)], "all": found.count, "sought": found.sought}


def _found(kinds: pd.Series[str], ids: pd.Series[str], node: dict[tuple[str, str], int]) -> list[int]:
    return [node.get(key, -1) for key in zip(kinds, ids, strict=True)]


def _flows(
    kept: pd.DataFrame, materials: dict[str, int], modes: dict[str, int], exchanges: dict[str, int]
) -> list[list[Any]]:
    columns: list[list[Any]] = [
        kept["start"].tolist(),
        kept["end"].tolist(),
        kept["material"].map(materials).tolist(),
        kept["received_as"].map(materials).tolist(),
        kept["mode"].map(modes).fillna(0).astype(int).tolist(),
        rounded(kept["sent"]),
        rounded(kept["arrived"]),
        rounded(kept["tonnes"]),
        kept["exchange"].map(exchanges).fillna(-1).astype(int).tolist(),
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _own(
    flows: pd.DataFrame, scenario: Scenario, node: dict[tuple[str, str], int], materials: dict[str, int]
) -> list[list[Any]]:
    route = scenario.tables["streams"].set_index("stream")["own_disposal_route"]
    own = flows[flows["kind"] == "own_disposal"]
    rows = zip(own["from_facility"], own["material"], rounded(own["sent"]), own["origin"].map(route), strict=True)
    return [
        [node["facility", place], materials[material], amount, way]
        for place, material, amount, way in rows
        if ("facility", place) in node
    ]


def _bought(purchases: pd.DataFrame, node: dict[tuple[str, str], int], materials: dict[str, int]) -> list[list[Any]]:
    short = purchases[(purchases["bought"] > 0) | (purchases["unmet"] > 0)]
    rows = zip(short["facility"], short["material"], rounded(short["bought"]), rounded(short["unmet"]), strict=True)
    return [
        [node["facility", place], materials[material], bought, unmet]
        for place, material, bought, unmet in rows
        if ("facility", place) in node
    ]


def _left(unused: pd.DataFrame, node: dict[tuple[str, str], int], materials: dict[str, int]) -> list[list[Any]]:
    some = unused[unused["left"] > 0]
    return [
        [node["facility", place], materials[material], amount]
        for place, material, amount in zip(some["facility"], some["material"], rounded(some["left"]), strict=True)
        if ("facility", place) in node
    ]


def _materials(scenario: Scenario) -> list[dict[str, Any]]:
    table = scenario.tables["materials"]
    colours = colours_of(scenario)
    names = table["name"].where(table["name"] != "", table["material"])
    return [
        {"id": material, "name": name, "unit": unit, "colour": colours[material]}
        for material, name, unit in zip(table["material"], names, table["unit"], strict=True)
    ]


def _modes(scenario: Scenario) -> list[dict[str, Any]]:
    table = scenario.tables["modes"]
    dashes = mode_dashes(list(zip(table["mode"], table["network"], strict=True)))
    return [{"id": mode, "name": mode, "dash": list(dash)} for mode, dash in dashes.items()]


def rounded(column: pd.Series[float]) -> list[float]:
    """Six digits that matter: more than the map ever shows, less than a float is long."""
    return [float(f"{value:.6g}") for value in column.fillna(0.0)]


def records(table: pd.DataFrame, texts: list[str], numbers: list[str]) -> list[dict[str, Any]]:
    """Rows as mappings without empty cells."""
    columns = {name: table[name].tolist() for name in texts}
    columns |= {name: [float(f"{value:.7g}") for value in table[name]] for name in numbers}
    return [
        {name: value for name, value in zip(columns, row, strict=True) if _filled(value)}
        for row in zip(*columns.values(), strict=True)
    ]


def columns(table: pd.DataFrame, texts: list[str], numbers: list[str]) -> dict[str, list[Any]]:
    """Columns as lists, without those that are empty; an empty cell is null, or an empty text."""
    cells: dict[str, list[Any]] = {name: table[name].astype(str).fillna("").tolist() for name in texts}
    for name in numbers:
        column = table[name].astype(float)
        cells[name] = [None if np.isnan(value) else float(f"{value:.6g}") for value in column]
    return {name: cell for name, cell in cells.items() if any(value not in ("", None) for value in cell)}


def _filled(value: Any) -> bool:
    return not (value in ("", []) or (isinstance(value, float) and np.isnan(value)))
