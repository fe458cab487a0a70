"""The router that ``[routing]`` chooses for a mode."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError, Problem, ScenarioError, did_you_mean, quoted
from isopt.geo.router import Router
from isopt.geo.straight import StraightRouter

if TYPE_CHECKING:
    from collections.abc import Callable

    from isopt.geo.vehicle import Vehicle
    from isopt.scenario import Scenario
    from isopt.scenario.settings import RouterChoice

__all__ = ["download_places", "router_of_mode"]

_USES = {"road": "road", "rail": "rail", "water": "water", "pipe": "pipe"}
"""Lines of a file that a mode of each network uses; the others use any."""
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
        networks = dict(zip(scenario.modes["mode"], scenario.modes["network"], strict=True))
        return _router(scenario, choice, detour, _USES.get(networks.get(mode, ""), "any"))
    except InputError as error:
        raise ScenarioError(scenario.name, [Problem("scenario.toml", None, f"routing.{mode}", str(error))]) from error


def _router(scenario: Scenario, choice: RouterChoice, detour: float, uses: str) -> Router:
    match choice.router:
        case "straight" | "geodesic":
            return StraightRouter(detour=choice.detour or detour, geodesic=choice.router == "geodesic")
        case "table":
            from isopt.geo.table import read_table_router

            return read_table_router(_path(scenario, choice.file))
        case "network" | "osm":
            return _own_network(scenario, choice, uses)
        case kind:
            from isopt.geo.embedded import embedded_router

            options: dict[str, Any] = {
                "max_access_km": choice.max_access_km,
                "closed": choice.closed or None,
                "detour": choice.detour,
            }
            return embedded_router(kind, **{name: value for name, value in options.items() if value is not None})


def _own_network(scenario: Scenario, choice: RouterChoice, uses: str) -> Router:
    from isopt.geo.osm_download import downloaded

    path = _path(scenario, choice.file) if choice.router == "network" else downloaded(choice.place, _folder(scenario))
    state = path.stat()
    seen = (state.st_mtime_ns, state.st_size)
    return _router_of_file(path, seen, choice.router, _vehicle(choice), choice.layer, uses, choice.max_access_km)


@lru_cache(maxsize=4)
def _router_of_file(
    path: Path, _seen: tuple[int, int], name: str, vehicle: Vehicle | None, layer: str, uses: str, most: float | None
) -> Router:
    """Read a network once, until its file changes."""
    from isopt.geo.network_file import network_from_file
    from isopt.geo.network_router import NetworkRouter

    network = network_from_file(path, vehicle=vehicle, layer=layer or None, uses=uses)
    # a detailed network is entered at its nearest node: a farther one could lie beyond a road shut to the vehicle
    options = {"entries": 1} if most is None else {"entries": 1, "max_access_km": most}
    return NetworkRouter(network, name=name, **options)


def download_places(scenario: Scenario, on_progress: Callable[[str], object] | None = None) -> list[Path]:
    """
    Download the streets of the places that ``[routing]`` names; those that are there already stay.

    Parameters
    ----------
    scenario
        Supplies ``[routing]`` and the folder to keep them in.
    on_progress
        Told what is being done.

    Returns
    -------
    files
        A network for each place.

    Raises
    ------
    InputError
        Where a place is not known, or the service does not answer.
    """
    from isopt.geo.osm_download import download_network

    places = dict.fromkeys(
        choice.place for choice in scenario.settings.routing.values() if choice.router == "osm" and choice.place
    )
    return [download_network(place, online=True, folder=_folder(scenario), on_progress=on_progress) for place in places]


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
