"""
Scenarios small enough for paper: places on a line, one firm with waste, one that needs it.

A at 0 km gives off 100 t of w, which it can dispose of for 50 EUR/t; B at 10 km needs 60 t of it, or buys them for
30 EUR/t; a truck takes 0.5 EUR/t-km. So 60 t go to B for 5 EUR/t each and 40 t are disposed of: 2,300 EUR, against
6,800 EUR without exchange. C at 20 km and D at 30 km are free for what a test adds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import isopt
from isopt.errors import ScenarioError
from isopt.scenario import Scenario
from isopt.solution import Solution

Row = dict[str, Any]

KM_PER_DEGREE = 6371.0088 * 3.141592653589793 / 180  # along the equator, on the contract's sphere
BEST, BEFORE = 60 * 5 + 40 * 50, 100 * 50 + 60 * 30

STREAM: Row = {"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100, "own_disposal_eur_per_unit": 50}
DEMAND: Row = {"demand": "d", "facility": "B", "material": "w", "need_per_yr": 60, "virgin_eur_per_unit": 30}
WASTE: Row = {"material": "w", "state": "solid", "disposal_class": "non_hazardous"}
TRUCK: Row = {"mode": "truck", "eur_per_tkm": 0.5}
LINK: Row = {"from_facility": "A", "to_facility": "B"}
LANDFILL: Row = {"disposal": "tip", "facility": "C", "route": "landfill"}
KILN: Row = {"plant": "kiln", "facility": "A", "technology": "burning", "status": "candidate"}
BURNING: dict[str, list[Row]] = {
    "technologies": [{"technology": "burning"}],
    "recipes": [{"technology": "burning", "input": "w"}],  # what is burnt is gone
}


def approx(figure: Any) -> Any:
    """A figure from paper, to nine digits."""
    return pytest.approx(figure, rel=1e-9, abs=1e-6)


def place(facility: str, km: float, **cells: Any) -> Row:
    """A facility on the line, so many kilometres east of A."""
    return {"facility": facility, "lat": 0.0, "lon": km / KM_PER_DEGREE} | cells


PLACES = [place("A", 0), place("B", 10), place("C", 20), place("D", 30)]


@cache
def two_firms() -> Scenario:
    """The scenario of the opening sentences, without discounting."""
    tables: dict[str, Any] = {
        "facilities": PLACES,
        "materials": [WASTE],
        "streams": [STREAM],
        "demands": [DEMAND],
        "modes": [TRUCK],
    }
    return Scenario.of(tables, {"price_year": 2030, "economics": {"discount_rate": 0}}, "two_firms")


def small(**parts: Any) -> Scenario:
    """The two firms with some tables replaced (lists), rows changed (by id) or settings merged in."""
    return two_firms().with_(**parts)


def solved(**parts: Any) -> Solution:
    """The optimum of a small scenario, audited."""
    return answer(small(**parts))


def answer(scenario: Scenario, **options: Any) -> Solution:
    """The optimum of a scenario, proven and audited."""
    solution = isopt.solve(scenario, gap=0.0, **options)
    report = isopt.audit(solution)
    assert solution.status == "optimal", solution.reason
    assert report.passed, str(report)
    return solution


def candidates(**parts: Any) -> set[tuple[str, str, str]]:
    """Origin, receiver and mode of every exchange that a small scenario admits, whether it would pay or not."""
    table = isopt.links(small(**parts), prune=False).table
    return set(zip(table["origin"], table["receiver"], table["mode"], strict=True))


def impossible(**parts: Any) -> str:
    """Why a small scenario has no plan, in the engine's words."""
    solution = isopt.solve(small(**parts), gap=0.0)
    assert solution.status == "infeasible"
    assert isopt.audit(solution).passed
    assert solution.reason
    return solution.reason


def refused(**parts: Any) -> str:
    """What is wrong with a small scenario, whether it is found on reading or when its links are made."""
    with pytest.raises(ScenarioError) as caught:
        isopt.solve(small(**parts))
    return str(caught.value)


def sent(solution: Solution, origin: str = "", receiver: str = "", **cells: Any) -> float:
    """What a plan sends from an origin to a receiver ("own" is own disposal), over all periods or in one."""
    flows = solution.flows
    if origin:
        flows = flows[flows["origin"] == origin]
    if receiver == "own":
        flows = flows[flows["kind"] == "own_disposal"]
    elif receiver:
        flows = flows[flows["receiver"] == receiver]
    for column, value in cells.items():
        flows = flows[flows[column] == value]
    return float(flows["sent"].sum())


def by_year(solution: Solution, kpi: str) -> list[float]:
    """A KPI in each year of the horizon."""
    rows = solution.kpis[(solution.kpis["kpi"] == kpi) & (solution.kpis["year"].astype(str) != "total")]
    return [float(value) for value in rows["value"]]


def years(*which: int) -> list[Row]:
    """Whole years, one period each."""
    return [{"period": f"y{year}", "year": year} for year in which]


SEASONS = [
    {"period": "summer", "year": 2030, "share_of_year": 0.5},
    {"period": "winter", "year": 2030, "share_of_year": 0.5},
]


def change(table: str, row: str, column: str, period: str, **how: Any) -> Row:
    """A row of the table of changes."""
    return {"table": table, "id": row, "column": column, "period": period} | how
