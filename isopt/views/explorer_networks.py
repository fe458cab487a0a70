"""The networks of an explorer: each is a plan for the map; what several of them share is written once."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from isopt.network import Instance
from isopt.scenario import Scenario
from isopt.solution import Solution, plan_of
from isopt.solution.exchanges import exchanges_table
from isopt.solution.names import Ids
from isopt.solution.solution import plan_tables
from isopt.solution.tables import disposal_table, plants_table
from isopt.views import means
from isopt.views.language import LANGUAGES, Language, speaking
from isopt.views.layers import EXCHANGE_NUMBERS, EXCHANGE_TEXTS, Layers, layers, placed
from isopt.views.layers import columns as columns_of
from isopt.views.map_data import ground, in_each_language, left_out
from isopt.views.nodes import symbols
from isopt.views.routes import credits_of
from isopt.views.sankey import Balance, amounts, balance_of
from isopt.views.sankey_drawing import drawn

if TYPE_CHECKING:
    import pandas as pd

    from isopt.solution import Plan

__all__ = ["Form", "Networks", "Pool", "Problem"]

Array = NDArray[np.float64]

#: Flows of one network that the map draws at most, the largest first.
MOST_FLOWS = 5_000
#: What a map says of a symbol in every network alike.
SAME = ("kind", "id", "name", "place", "organisation", "sector", "lat", "lon")
#: Units in which a diagram of materials is drawn, the first one in which anything moves.
UNITS = ("t", "m3", "MWh")
SANKEY_WIDTH, SANKEY_HEIGHT = 1100, 460


class Form(Protocol):
    """The model of a study, as far as a page must know it."""

    @property
    def columns(self) -> Mapping[str, slice]:
        """Where each variable stands among all columns."""


class Problem(Protocol):
    """A scenario along one or two levers."""

    @property
    def scenario(self) -> Scenario:
        """As it was given."""

    @property
    def low(self) -> Array:
        """Lower end of each lever."""

    @property
    def high(self) -> Array:
        """Upper end of each lever."""

    @property
    def instance(self) -> Instance:
        """Of the lower corner."""

    @property
    def form(self) -> Form:
        """The model."""

    def instance_at(self, point: Sequence[float] | Array) -> Instance:
        """Instance with the levers at some values."""


class Pool:
    """
    Values that get a number each, the same value the same one.

    Examples
    --------
    >>> pool = Pool()
    >>> pool.add("a"), pool.add("b"), pool.add("a"), pool.listed
    (0, 1, 0, ['a', 'b'])
    """

    def __init__(self) -> None:
        self.listed: list[Any] = []
        self._number: dict[Hashable, int] = {}

    def add(self, value: Any) -> int:
        """Number of a value that JSON can write."""
        key = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        if key not in self._number:
            self._number[key] = len(self.listed)
            self.listed.append(value)
        return self._number[key]


class Networks:
    """
    Collects networks of one region.

    Numbers that depend on a lever, such as the tax that goes to a landfill, are straight lines for a network that
    stays: they are kept as the value at the lower corner and what a unit of each lever adds.
    """

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.content: Layers | None = None
        self.scenario: Scenario | None = None
        self.notes: dict[Language, list[str]] = {}
        self.pools = {name: Pool() for name in ("states", "flows", "own", "bought", "left", "exchanges", "moved")}
        self.groups, self.plants, self.tokens = Pool(), Pool(), Pool()
        self._ends: dict[int, list[tuple[Instance, float]]] = {}
        self._unit = UNITS[0]
        self._diagrams: dict[tuple[Language, Balance], list[int]] = {}

    def add(self, problem: Problem, values: Array, status: str, in_place: NDArray[np.bool_], sent: Array) -> int:
        """
        Add a network and return its number.

        Parameters
        ----------
        problem
            The scenario along its levers.
        values
            The plan, as values of the model's columns.
        status
            ``optimal`` or ``feasible``.
        in_place, sent
            Exchanges in place and units sent along each, by group of the instance.
        """
        if id(problem) not in self._ends:
            self._ends[id(problem)] = _ends(problem)
        columns = {name: values[where] for name, where in problem.form.columns.items()}

        plan = plan_of(problem.instance, columns)
        here = Solution(problem.instance.scenario, status, tables=plan_tables(plan, None))
        content = layers(here, MOST_FLOWS)
        flows = means.flows(here)
        ends = [_end(plan_of(instance, columns), content, flows, span) for instance, span in self._ends[id(problem)]]
        if self.content is None:
            self.content, self.scenario = content, here.scenario
        if not self.notes or len(content.flows) < content.flows_in_all:
            self.notes = in_each_language(lambda: left_out(content))
        ids = here.exchanges["exchange"].astype(str).tolist()
        exchange = self._exchanges(content, ends, problem.low, ids if ids and _listed(content) == len(ids) else None)
        add = self.pools
        drawn_flows = [[*row[:8], exchange[row[8]] if row[8] >= 0 else -1, *row[9:]] for row in content.flows]
        network = {
            "status": status,
            "states": self._states(content, ends, problem.low),
            "flows": [add["flows"].add(row) for row in drawn_flows],
            "own": [add["own"].add(row) for row in content.own],
            "bought": [add["bought"].add(row) for row in content.bought],
            "left": [add["left"].add(row) for row in content.left],
            "moved": self._moved(problem.instance, in_place, sent),
            "plants": self._plants(here),
            "sankey": self._sankey(here),
        }
        self.found.append(network)
        return len(self.found) - 1

    def written(self) -> dict[str, Any]:
        """All networks and what they share, for the page; at least one was added."""
        content, scenario = self.content, self.scenario
        assert content is not None
        assert scenario is not None
        ends = [row[:2] for row in self.pools["flows"].listed]
        exchanges, vary = _in_columns(self.pools["exchanges"].listed)
        return {
            "nodes": [{name: node[name] for name in SAME if name in node} for node in content.nodes],
            **{name: self.pools[name].listed for name in ("states", "flows", "own", "bought", "left", "moved")},
            "exchanges": exchanges,
            "exchanges_vary": vary,
            "widest": self._widest(content),
            "materials": content.materials,
            "modes": content.modes,
            "routes": content.routes,
            "years": len(means.years(scenario)),
            "said": {
                code: {"status": "", "caption": [], "notes": told, "figures": []} for code, told in self.notes.items()
            },
            "credits": credits_of(scenario, None),
            "groups": self.groups.listed,
            "plants": self.plants.listed,
            "tokens": self.tokens.listed,
            "networks": self.found,
            **ground(content.positions, ends, diagram=content.diagram),
        }

    def _widest(self, content: Layers) -> dict[str, float]:
        """Largest amount by unit in any network, so that a width means the same in all."""
        widest: dict[str, float] = {}
        for row in self.pools["flows"].listed:
            unit = content.materials[row[2]]["unit"]
            widest[unit] = max(widest.get(unit, 0.0), row[5])
        return widest

    def _exchanges(self, content: Layers, ends: list[_End], low: Array, ids: list[str] | None) -> list[int]:
        """Numbers of the exchanges of a network: their cells, and what a unit of each lever adds to those that vary."""
        rows = []
        for row in range(_listed(content)):
            cells = {name: cell[row] for name, cell in content.exchanges.items()}
            vary = {}
            for name, value in cells.items():
                others = [(end.exchanges.get(name, content.exchanges[name])[row], end.span) for end in ends]
                if slopes := _slopes(value, others):
                    vary[name] = slopes
            cells["id"] = "" if ids is None else ids[row]  # by which the list of changes finds its line on the map
            rows.append(self.pools["exchanges"].add([cells, vary, low.tolist() if vary else []]))
        return rows

    def _states(self, content: Layers, ends: list[_End], low: Array) -> list[int]:
        """Numbers of the states of all symbols."""
        states = []
        for row, node in enumerate(content.nodes):
            facts = node.get("facts", [])
            vary = []
            for place, fact in enumerate(facts):
                others = []
                for end in ends:
                    there = end.facts[row]
                    others.append((there[place][2] if len(there) == len(facts) else fact[2], end.span))
                if slopes := _slopes(fact[2], others):
                    vary.append([place, *slopes])
            said = [node["state"], node.get("size", 0.0), facts, vary, low.tolist() if vary else []]
            states.append(self.pools["states"].add(said))
        return states

    def _moved(self, instance: Instance, in_place: NDArray[np.bool_], sent: Array) -> list[int]:
        """Exchanges in place and what they carry, as numbers of rows `exchange, units a year, in place`."""
        assert self.content is not None
        names = means.facility_names(instance.scenario)
        material = {one["id"]: row for row, one in enumerate(self.content.materials)}
        ids, groups = Ids(instance), instance.groups
        rows = []
        for group in np.flatnonzero(in_place):
            label = [
                str(ids.groups[group]),
                names[str(ids.facilities[groups.from_facility[group]])],
                names[str(ids.facilities[groups.to_facility[group]])],
                material.get(str(ids.materials[groups.material[group]]), -1),
                str(ids.modes[groups.mode[group]]),
            ]
            amount = float(f"{sent[group]:.7g}")
            rows.append(self.pools["moved"].add([self.groups.add(label), amount]))
        return rows

    def _plants(self, solution: Solution) -> list[int]:
        """Plants that are built."""
        scenario, plants = solution.scenario, means.filled(solution.plants, ["plant", "built"])
        table = scenario.tables["plants"].set_index("plant")
        technologies = scenario.tables["technologies"].set_index("technology")["name"].to_dict()
        names = means.facility_names(scenario)
        built = plants.loc[plants["built"].astype(bool), "plant"].drop_duplicates()
        labels = []
        for plant in built:
            technology = str(table.loc[plant, "technology"])
            labels.append([plant, technologies.get(technology) or technology, names[str(table.loc[plant, "facility"])]])
        return [self.plants.add(label) for label in labels]

    def _sankey(self, solution: Solution) -> dict[Language, list[int]]:
        """The diagram of materials in every language, cut up at its tags: most pieces are those of other networks."""
        rows = amounts(solution, self._unit)
        for unit in UNITS:  # the first in which anything moves, which is the same one for most networks
            if not rows.empty:
                break
            self._unit, rows = unit, amounts(solution, unit)
        found: dict[Language, list[int]] = {}
        for language in LANGUAGES if len(rows) else ():
            with speaking(language):
                content = balance_of(rows, solution.scenario, unit=self._unit)
                if (language, content) not in self._diagrams:
                    picture = drawn(content, width=SANKEY_WIDTH, height=SANKEY_HEIGHT, name="sankey")
                    self._diagrams[language, content] = [self.tokens.add(piece) for piece in picture.split("<")[1:]]
                found[language] = self._diagrams[language, content]
        return found


@dataclass(frozen=True)
class _End:
    """Numbers of a network with one lever at its upper end: cells of exchanges by column, facts of symbols."""

    exchanges: Mapping[str, list[Any]]
    facts: list[list[Any]]
    span: float


def _end(plan: Plan, content: Layers, flows: pd.DataFrame, span: float) -> _End:
    """Work out what may depend on the lever; flows and symbols are those of the network's content."""
    ids = Ids(plan.instance)
    tables = {
        "exchanges": exchanges_table(plan, ids, None),
        "plants": plants_table(plan),
        "disposal": disposal_table(plan, ids),
    }
    solution = Solution(plan.instance.scenario, "feasible", tables=tables)
    if _listed(content) < len(tables["exchanges"]):  # the smallest are not drawn
        exchanges = layers(replace(solution, tables=plan_tables(plan, None)), MOST_FLOWS).exchanges
    else:
        exchanges = columns_of(tables["exchanges"], EXCHANGE_TEXTS, EXCHANGE_NUMBERS)
    facts = [node.get("facts", []) for node in placed(symbols(solution, flows)).records()]
    return _End(exchanges, facts, span)


def _listed(content: Layers) -> int:
    """Exchanges that the map knows."""
    return len(next(iter(content.exchanges.values()), []))


def _ends(problem: Problem) -> list[tuple[Instance, float]]:
    """Instances with one lever after the other at its upper end, and how far that is."""
    found = []
    for lever in range(len(problem.low)):
        point = problem.low.copy()
        point[lever] = problem.high[lever]
        found.append((problem.instance_at(point), float(problem.high[lever] - problem.low[lever])))
    return found


def _slopes(value: Any, ends: list[tuple[Any, float]]) -> list[float]:
    """What a unit of each lever adds to a number; nothing where none does, or where it is none."""
    if not _is_number(value) or all(other == value or not _is_number(other) for other, _ in ends):
        return []
    return [float(f"{(other - value) / span:.7g}") if _is_number(other) else 0.0 for other, span in ends]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_columns(exchanges: list[list[Any]]) -> tuple[dict[str, list[Any]], list[list[Any]]]:
    """Cells of all exchanges by column, and those that vary: row, column, origin, what a unit of each lever adds."""
    names = list(dict.fromkeys(name for cells, _, _ in exchanges for name in cells))
    columns = {name: [cells.get(name) for cells, _, _ in exchanges] for name in names}
    vary = [
        [row, name, low, slopes] for row, (_, varies, low) in enumerate(exchanges) for name, slopes in varies.items()
    ]
    return columns, vary
