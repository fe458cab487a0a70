"""
isopt: which exchanges of by-products, heat and water between firms should exist, over which way, at what cost, proven.

>>> import isopt
>>> scenario = isopt.read("scenarios/two_firms")
>>> solution = isopt.solve(scenario)
>>> isopt.audit(solution).passed
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isopt.errors import InputError, IsoptError, ScenarioError
    from isopt.formulation import build
    from isopt.network import instance_of
    from isopt.network import link_report as links
    from isopt.network.hubs import propose_hubs, with_hubs, without_hubs
    from isopt.scenario import Scenario, read
    from isopt.scenario.template import new
    from isopt.solution import Solution
    from isopt.solution.audit import audit
    from isopt.solution.store import read_solution
    from isopt.studies import (
        compare,
        compare_transport,
        distances,
        geocode,
        moved_distances,
        pin_distances,
        pin_geocodes,
        place_doubts,
        read_transport_scenarios,
        route_lines,
        solve,
        transport_scenario,
        write_transport,
    )
    from isopt.studies.alternatives import alternatives
    from isopt.studies.foresight import foresight
    from isopt.studies.grid import read_grid
    from isopt.studies.levers import Lever
    from isopt.studies.pareto import pareto
    from isopt.studies.plane import plane
    from isopt.studies.policy_account import policy_account
    from isopt.studies.sweep import sweep
    from isopt.studies.switching import switching
    from isopt.studies.tax_paths import tax_path
    from isopt.studies.thresholds import thresholds
    from isopt.synthetic import synthetic_country
    from isopt.views import draw_map, write_map
    from isopt.views.comparison import write_comparison
    from isopt.views.difference import draw_difference
    from isopt.views.explorer import write_explorer
    from isopt.views.geopackage import write_geojson
    from isopt.views.publish import write
    from isopt.views.report import write_report
    from isopt.views.sheets import write_sheets
    from isopt.views.study_page import write_study_page
    from isopt.views.workbook import write_workbook

#: Where each public name lives (and under which name, where it is another); it is imported when first used, so that
#: ``isopt --help`` need not wait for a solver.
_HOMES = {
    "InputError": "isopt.errors",
    "IsoptError": "isopt.errors",
    "ScenarioError": "isopt.errors",
    "Scenario": "isopt.scenario",
    "read": "isopt.scenario",
    "new": "isopt.scenario.template",
    "links": "isopt.network:link_report",
    "instance_of": "isopt.network",
    "build": "isopt.formulation",
    "Solution": "isopt.solution",
    "audit": "isopt.solution.audit",
    "read_solution": "isopt.solution.store",
    "distances": "isopt.studies",
    "moved_distances": "isopt.studies",
    "geocode": "isopt.studies",
    "pin_distances": "isopt.studies",
    "pin_geocodes": "isopt.studies",
    "place_doubts": "isopt.studies",
    "route_lines": "isopt.studies",
    "compare_transport": "isopt.studies",
    "read_transport_scenarios": "isopt.studies",
    "transport_scenario": "isopt.studies",
    "write_transport": "isopt.studies",
    "propose_hubs": "isopt.network.hubs",
    "with_hubs": "isopt.network.hubs",
    "without_hubs": "isopt.network.hubs",
    "thresholds": "isopt.studies.thresholds",
    "pareto": "isopt.studies.pareto",
    "alternatives": "isopt.studies.alternatives",
    "sweep": "isopt.studies.sweep",
    "policy_account": "isopt.studies.policy_account",
    "tax_path": "isopt.studies.tax_paths",
    "foresight": "isopt.studies.foresight",
    "Lever": "isopt.studies.levers",
    "plane": "isopt.studies.plane",
    "switching": "isopt.studies.switching",
    "synthetic_country": "isopt.synthetic",
    "read_grid": "isopt.studies.grid",
    "solve": "isopt.studies",
    "compare": "isopt.studies",
    "draw_map": "isopt.views",
    "draw_difference": "isopt.views.difference",
    "write_comparison": "isopt.views.comparison",
    "write_explorer": "isopt.views.explorer",
    "write_geojson": "isopt.views.geopackage",
    "write_map": "isopt.views",
    "write_report": "isopt.views.report",
    "write_sheets": "isopt.views.sheets",
    "write_study_page": "isopt.views.study_page",
    "write_workbook": "isopt.views.workbook",
    "write": "isopt.views.publish",
}

__all__ = [
    "InputError",
    "IsoptError",
    "Lever",
    "Scenario",
    "ScenarioError",
    "Solution",
    "alternatives",
    "audit",
    "build",
    "compare",
    "compare_transport",
    "distances",
    "draw_difference",
    "draw_map",
    "foresight",
    "geocode",
    "instance_of",
    "links",
    "moved_distances",
    "new",
    "pareto",
    "pin_distances",
    "pin_geocodes",
    "place_doubts",
    "plane",
    "policy_account",
    "propose_hubs",
    "read",
    "read_grid",
    "read_solution",
    "read_transport_scenarios",
    "route_lines",
    "solve",
    "sweep",
    "switching",
    "synthetic_country",
    "tax_path",
    "thresholds",
    "transport_scenario",
    "with_hubs",
    "without_hubs",
    "write",
    "write_comparison",
    "write_explorer",
    "write_geojson",
    "write_map",
    "write_report",
    "write_sheets",
    "write_study_page",
    "write_transport",
    "write_workbook",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("isopt")
    if name not in _HOMES:
        raise AttributeError(f"module 'isopt' has no attribute {name!r}")
    module, _, other_name = _HOMES[name].partition(":")
    value = getattr(import_module(module), other_name or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
