"""What the explorer's script is given: straight lines between exact breakpoints, networks, texts in all languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.scenario import Scenario
from isopt.views import caption, means
from isopt.views.explorer_networks import Networks
from isopt.views.explorer_networks import Problem as Region
from isopt.views.map_data import in_each_language, spoken_in
from isopt.views.texts import group

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_NETWORKS", "Plane", "Thresholds", "explorer_data"]

Array = NDArray[np.float64]
Progress = Callable[[int, int], object]

#: Networks that fit on one page: each takes about 13 kB and 0.4 s (measured: 66 sites, 50 networks, 1.1 MB, 23 s).
MOST_NETWORKS = 400
#: Lines of account that a page shows as they are, with their unit; cost, revenue and counts come besides.
AMOUNTS = {"landfilled": "t", "co2_total": "t", "exchanged": "t"}


class Lever(Protocol):
    """A number of the scenario that moves."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    @property
    def unit(self) -> str:
        """Of a value; 1 for a factor."""

    @property
    def factor(self) -> bool:
        """Whether the value multiplies what is there."""

    def today(self, scenario: Scenario) -> float | None:
        """Value at which the scenario is as it is, where there is one."""


class Problem(Region, Protocol):
    """A scenario along its levers."""

    @property
    def levers(self) -> Sequence[Any]:
        """One or two."""


class Figures(Protocol):
    """Lines of account of one network."""

    @property
    def open(self) -> NDArray[np.bool_]:
        """Exchanges in place, shape (groups,)."""

    @property
    def sent(self) -> Array:
        """Units sent along each, a year on average, shape (groups,)."""

    def at(self, line: str, values: Array) -> Array:
        """A line at some values of the levers."""

    def revenue(self, lever: Any, values: Array) -> Array:
        """What a lever brings the treasury."""

    def resource_cost(self, values: Array) -> Array:
        """Cost without what passes through the treasury."""


class Study(Protocol):
    """What thresholds and planes have in common."""

    @property
    def problem(self) -> Any:
        """The scenario along its levers."""

    @property
    def figures(self) -> Sequence[Any]:
        """Of each network."""

    @property
    def table(self) -> pd.DataFrame:
        """A row per network."""

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it."""

    def values(self, i: int) -> Array:
        """Plan of a network."""


class Thresholds(Study, Protocol):
    """Intervals of one lever, from `isopt.thresholds`."""


class Plane(Study, Protocol):
    """Regions of two levers, from `isopt.studies.plane.plane`."""

    def polygon(self, i: int) -> Array:
        """Corners of a region."""

    def label(self, i: int) -> Array:
        """A point inside it."""


def explorer_data(
    found: Thresholds, plane: Plane | None = None, *, language: str = "en", on_progress: Progress | None = None
) -> dict[str, Any]:
    """
    Everything that the explorer's script shows.

    Parameters
    ----------
    found
        Thresholds of one lever.
    plane
        The plane of two levers.
    language
        In which the page opens.
    on_progress
        Told how many networks are written down, of how many.

    Raises
    ------
    InputError
        If no view speaks the language, or there are more networks than a page holds.
    """
    networks = Networks()
    many = len(found.table) + (len(plane.table) if plane is not None else 0)
    if many > MOST_NETWORKS:
        raise InputError(f"{many} networks are too many for one page, which holds {MOST_NETWORKS}: narrow the range")

    def done() -> None:
        if on_progress is not None:
            on_progress(len(networks.found), many)

    scenario = found.problem.scenario
    line = {"levers": _levers(found.problem), "cells": _intervals(found, networks, done)}
    studies = {"line": line | {"interrupted": found.interrupted}}
    if plane is not None:
        cells = {"levers": _levers(plane.problem), "cells": _regions(plane, networks, done)}
        studies["plane"] = cells | {"interrupted": plane.interrupted}
    told = spoken_in(language)
    for code, words in in_each_language(lambda: _named("explorer", "lever", "axis")).items():
        told["languages"][code]["texts"] |= words
    years = means.years(scenario)
    return {
        "title": scenario.title or scenario.name,
        "name": scenario.name,
        "lines": _lines(found.problem),
        "horizon": [years[0], years[-1]] if len(years) > 1 else None,
        "studies": studies,
        "map": networks.written(),
        **told,
    }


def _named(*groups: str) -> dict[str, str]:
    return {f"{start}.{name}": words for start in groups for name, words in group(start).items()}


def _levers(problem: Problem) -> list[dict[str, Any]]:
    """Names, units and ranges of the levers, and where they are today."""
    return [
        {
            "name": lever.name,
            "unit": "×" if lever.factor else "" if lever.unit == "1" else lever.unit,
            "low": float(low),
            "high": float(high),
            "today": lever.today(problem.scenario),
        }
        for lever, low, high in zip(problem.levers, problem.low, problem.high, strict=True)
    ]


def _lines(problem: Problem) -> list[dict[str, Any]]:
    """What is told of every network, with its unit: the goal of the scenario first."""
    goal = problem.scenario.settings.minimise
    cost = not goal.weights and goal.what == "cost"
    unit = "" if goal.weights else caption.GOAL_UNITS.get(goal.what, "")
    lines = [{"name": "cost" if cost else "goal", "unit": "EUR" if cost else unit}]
    lines += [] if cost else [{"name": "cost_total", "unit": "EUR"}]
    lines += [{"name": name, "unit": unit} for name, unit in AMOUNTS.items()]
    lines += [{"name": "revenue", "unit": "EUR"}, {"name": "resource_cost", "unit": "EUR"}]
    return [*lines, {"name": "exchanges", "unit": ""}, {"name": "plants_built", "unit": ""}]


def _intervals(found: Thresholds, networks: Networks, done: Callable[[], None]) -> list[dict[str, Any]]:
    """Intervals with their network and the lines above the lower end."""
    problem = found.problem
    lever = problem.levers[0]
    cells = []
    for i, row in enumerate(_rows(found.table)):
        figures = found.figures[i]
        network = _network(networks, found, i, row.error)
        done()
        told = _told(figures, np.array([row.low]), np.array([row.high - row.low]))
        told["revenue"] = _straight(partial(figures.revenue, lever), row.low, row.high - row.low)
        plants = len(networks.found[network]["plants"])
        lines = _in_order(problem, [row.cost_at_low, row.slope], told, row.exchanges, plants)
        cell = {"name": row.network, "low": float(row.low), "high": float(row.high), "origin": [float(row.low)]}
        cells.append(cell | {"network": network, "error": _error(row.error), "lines": lines})
    return cells


def _regions(found: Plane, networks: Networks, done: Callable[[], None]) -> list[dict[str, Any]]:
    """Regions with their polygon, their network and the planes above their label."""
    problem = found.problem
    span = problem.high - problem.low
    cells = []
    for i, row in enumerate(_rows(found.table)):
        figures = found.figures[i]
        network = _network(networks, found, i, row.error)
        done()
        at = np.array([row.label_x, row.label_y])
        told = _told(figures, at, span)
        cost, resources = told["cost_total"], told["resource_cost"]
        told["revenue"] = [float(one - other) for one, other in zip(cost, resources, strict=True)]
        plants = len(networks.found[network]["plants"])
        lines = _in_order(problem, [row.cost, row.slope_x, row.slope_y], told, row.exchanges, plants)
        cell = {"name": row.region, "corners": found.polygon(i).tolist(), "origin": at.tolist()}
        cells.append(cell | {"network": network, "error": _error(row.error), "lines": lines})
    return cells


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))


def _network(networks: Networks, found: Study, i: int, error: float) -> int:
    figures = found.figures[i]
    status = "optimal" if error == 0 else "feasible"
    return networks.add(found.problem, found.values(i), status, figures.open, figures.sent)


def _told(figures: Figures, origin: Array, span: Array) -> dict[str, list[float]]:
    """Lines of account as straight lines (planes): value at an origin and what a unit of each lever adds."""
    told = {name: _straight(partial(figures.at, name), origin, span) for name in (*AMOUNTS, "cost_total")}
    told["resource_cost"] = _straight(figures.resource_cost, origin, span)
    return told


def _straight(measure: Callable[[Array], Array], origin: Array | float, span: Array | float) -> list[float]:
    """Value of something that is straight along every lever at an origin, and its slopes."""
    start, width = np.atleast_1d(origin).astype(float), np.atleast_1d(span).astype(float)
    values = measure(np.vstack([start, start + np.diag(width)]))
    return [float(values[0]), *(float(slope) for slope in (values[1:] - values[0]) / width)]


def _in_order(
    problem: Problem, goal: Sequence[float], told: Mapping[str, list[float]], exchanges: int, plants: int
) -> list[list[float]]:
    """Lines in the order of `_lines`; counts do not depend on a lever."""
    counts = {"exchanges": int(exchanges), "plants_built": plants}
    flat = [0.0] * (len(goal) - 1)
    lines = []
    for line in _lines(problem):
        name = line["name"]
        if name in ("cost", "goal"):
            lines.append([float(value) for value in goal])
        elif name in counts:
            lines.append([counts[name], *flat])
        else:
            lines.append(told[name])
    return lines


def _error(error: float) -> float | None:
    """Null where nothing is proven: infinity is no JSON."""
    return float(error) if np.isfinite(error) else None
