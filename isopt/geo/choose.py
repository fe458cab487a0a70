"""The router that ``[routing]`` chooses for a mode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError, Problem, ScenarioError, did_you_mean, quoted
from isopt.geo.router import Router
from isopt.geo.straight import StraightRouter

if TYPE_CHECKING:
    from isopt.geo.vehicle import Vehicle
    from isopt.scenario import Scenario
    from isopt.scenario.settings import RouterChoice

__all__ = ["router_of_mode"]

_VEHICLE = ("height_m", "weight_t", "width_m", "length_m", "axle_load_t")


def router_of_mode(scenario: Scenario, mode: str, detour: float) -> Router | None:
    """
    Return the router that ``[routing]`` chooses for a mode, None where it names none.

    Parameters
    ----------
    scenario
        Supplies ``[routing]`` and its folder.
    mode
        Id of the mode.
    detour
        The mode's own detour factor, for straight lines.

    Raises
    ------
    ScenarioError
        Where the choice can't be followed: a file is missing, or a network has to be downloaded first.
    """
    choice = scenario.settings.routing.get(mode)
    if choice is None:
        return None
    try:
        return _router(scenario, choice, detour)
    except InputError as error:
        raise ScenarioError(scenario.name, [Problem("scenario.toml", None, f"routing.{mode}", str(error))]) from error


def _router(scenario: Scenario, choice: RouterChoice, detour: float) -> Router:
    match choice.router:
        case "straight" | "geodesic":
            return StraightRouter(detour=choice.detour or detour, geodesic=choice.router == "geodesic")
        case "table":
            from isopt.geo.table import read_table_router

            return read_table_router(_path(scenario, choice.file))
        case "network" | "osm":
            return _own_network(scenario, choice)
        case kind:
            from isopt.geo.embedded import embedded_router

            options: dict[str, Any] = {
                "max_access_km": choice.max_access_km,
                "closed": choice.closed or None,
                "detour": choice.detour,
            }
            return embedded_router(kind, **{name: value for name, value in options.items() if value is not None})


def _own_network(scenario: Scenario, choice: RouterChoice) -> Router:
    from isopt.geo.network_file import network_from_file
    from isopt.geo.network_router import NetworkRouter
    from isopt.geo.osm_download import downloaded

    path = _path(scenario, choice.file) if choice.router == "network" else downloaded(choice.place, _folder(scenario))
    network = network_from_file(path, vehicle=_vehicle(choice), layer=choice.layer or None)
    if choice.max_access_km is None:
        return NetworkRouter(network)
    return NetworkRouter(network, max_access_km=choice.max_access_km)


def _vehicle(choice: RouterChoice) -> Vehicle | None:
    """Return the vehicle where the choice says anything of it."""
    from isopt.geo.vehicle import Vehicle

    said = {name: getattr(choice, name) for name in _VEHICLE if getattr(choice, name) is not None}
    return Vehicle(**said, hazmat=choice.hazmat) if said or choice.hazmat else None


def _folder(scenario: Scenario) -> Path:
    return scenario.folder or Path()


def _path(scenario: Scenario, file: str) -> Path:
    path = _folder(scenario) / file
    if not path.is_file():
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError(f"{quoted(file)} is not there{did_you_mean(path.name, beside)}")
    return path
