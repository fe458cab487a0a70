"""What an empty cell stands for where that depends on other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.errors import Problem, quoted
from isopt.scenario.cells import WGS84, CellError, crs_code
from isopt.scenario.frames import text_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from isopt.scenario.settings import Settings
    from isopt.scenario.typed import Given

__all__ = ["TAXED_CLASSES", "in_wgs84", "resolve", "resolve_routes"]

TAXED_CLASSES = ("inert", "non_hazardous", "hazardous")
"""Disposal classes that a landfill tax can fall on."""
DEFAULT_YEAR = 2025
"""Year of the one period of a scenario that names neither periods nor a price year."""
_STATES = {
    "road": ("solid", "sludge", "liquid"),
    "rail": ("solid", "sludge", "liquid"),
    "water": ("solid", "sludge", "liquid"),
    "sea": ("solid", "sludge", "liquid"),
    "pipe": ("liquid", "gas", "heat"),
    "straight": ("solid", "sludge", "liquid", "gas", "heat", "power"),
}


def resolve(given: Mapping[str, Given], settings: Settings) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """
    Return the tables with everything filled in that other tables decide, except the routes of own disposal.

    Parameters
    ----------
    given
        The typed tables.
    settings
        The settings; the price year names the year of the one period where there is no table of periods.

    Returns
    -------
    frames
        New frames where something was filled in, else those given.
    problems
        Coordinates that can't be read.
    """
    frames = {name: table.frame for name, table in given.items()}
    frames["facilities"], problems = in_wgs84(given["facilities"])
    facilities = _geocoded(frames["facilities"], given["geocodes"].frame)
    facilities = facilities.assign(organisation=_filled(facilities["organisation"], facilities["facility"]))
    frames["facilities"] = facilities

    owners = dict(zip(facilities["facility"], facilities["organisation"], strict=True))
    plants = frames["plants"]
    capacity = plants["capacity_per_yr"].to_numpy()
    enlarged = ~np.isnan(plants["max_capacity_per_yr"].to_numpy())
    frames["plants"] = plants.assign(
        owner=_filled(plants["owner"], [owners.get(name, name) for name in plants["facility"]]),
        capacity_per_yr=np.where(np.isnan(capacity) & enlarged, 0.0, capacity),
    )

    units = dict(zip(frames["materials"]["material"], frames["materials"]["unit"], strict=True))
    for name in ("streams", "demands"):
        frame = frames[name]
        frames[name] = frame.assign(unit=_filled(frame["unit"], [units.get(key, "") for key in frame["material"]]))

    frames["modes"] = _modes(given["modes"].frame)
    frames["periods"] = _periods(given["periods"].frame, settings)
    return frames, problems


def resolve_routes(streams: pd.DataFrame, materials: pd.DataFrame, priced: np.ndarray[Any, Any]) -> pd.DataFrame:
    """
    Return the streams with the route of each own disposal: landfill where the material has a taxed class, else other.

    Parameters
    ----------
    streams, materials
        The tables.
    priced
        In which periods each stream has a disposal of its own, shape (streams, periods).
    """
    taxed = {
        material: "landfill" if cls in TAXED_CLASSES else "other"
        for material, cls in zip(materials["material"], materials["disposal_class"], strict=True)
    }
    usual = [taxed.get(material, "other") for material in streams["material"]]
    routes = _filled(streams["own_disposal_route"], usual)
    return streams.assign(
        own_disposal_route=text_column(
            r if e else "" for r, e in zip(routes, np.asarray(priced.any(axis=1)), strict=True)
        )
    )


def _geocoded(facilities: pd.DataFrame, geocodes: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities with the pinned coordinates where they have none themselves."""
    if geocodes.empty:
        return facilities
    found = geocodes.drop_duplicates("facility").set_index("facility")[["lat", "lon"]]
    pinned = found.reindex(facilities["facility"]).to_numpy(dtype=np.float64)
    bare = facilities[["lat", "lon"]].isna().all(axis=1).to_numpy()
    return facilities.assign(
        lat=np.where(bare, pinned[:, 0], facilities["lat"]), lon=np.where(bare, pinned[:, 1], facilities["lon"])
    )


def _filled(column: pd.Series[Any], otherwise: Any) -> pd.Series[Any]:
    return text_column(value or other for value, other in zip(column, otherwise, strict=True))


def _modes(modes: pd.DataFrame) -> pd.DataFrame:
    if modes.empty:
        blank = {
            name: text_column([()]) if name == "states" else text_column([""]) if modes[name].dtype == object else [0.0]
            for name in modes.columns
        }
        unlimited = {name: [np.nan] for name in ("max_km", "speed_kmh", "vehicle_t", "max_per_yr", "life_yr")}
        modes = pd.DataFrame(blank | unlimited, index=pd.RangeIndex(1))
        modes = modes.assign(mode=text_column(["free"]), network=text_column(["straight"]), detour=1.0)
    states = [found or _STATES[network] for found, network in zip(modes["states"], modes["network"], strict=True)]
    return modes.assign(states=text_column(states))


def _periods(periods: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    if periods.empty:
        return pd.DataFrame(
            {
                "period": text_column(["year"]),
                "year": np.array([settings.price_year or DEFAULT_YEAR], dtype=np.int64),
                "share_of_year": [1.0],
                "note": text_column([""]),
                "source": text_column([""]),
            }
        )
    if periods["year"].is_monotonic_increasing:
        return periods
    return periods.sort_values("year", kind="stable", ignore_index=True)


def in_wgs84(facilities: Given) -> tuple[pd.DataFrame, list[Problem]]:
    """
    Return the facilities with latitude and longitude in WGS84, whatever system they were given in.

    Parameters
    ----------
    facilities
        The table; ``lat`` is the northing and ``lon`` the easting of a projected system.

    Returns
    -------
    frame
        The table with ``crs`` WGS84 throughout.
    problems
        Unknown systems, half a pair of coordinates, and places off the globe.
    """
    frame, problems = facilities.frame, []
    lat, lon = frame["lat"].to_numpy().copy(), frame["lon"].to_numpy().copy()
    systems = frame["crs"].to_numpy()
    for text in dict.fromkeys(systems):
        lines = np.flatnonzero(systems == text)
        try:
            system = crs_code(text)
            if system != WGS84:
                lat[lines], lon[lines] = _transformed(system, lat[lines], lon[lines])
        except CellError as error:
            lat[lines] = lon[lines] = np.nan
            problems += [facilities.problem(int(line), "crs", str(error)) for line in lines]
    for line in np.flatnonzero(np.isnan(frame["lat"].to_numpy()) != np.isnan(frame["lon"].to_numpy())):
        missing = "lat" if np.isnan(frame["lat"].iloc[line]) else "lon"
        problems.append(facilities.problem(int(line), missing, "is empty though the other coordinate is filled"))
    for name, values, bound in (("lat", lat, 90), ("lon", lon, 180)):
        for line in np.flatnonzero(np.abs(values) > bound):
            problems.append(facilities.problem(int(line), name, _off_the_globe(frame, int(line), name, bound)))
    return frame.assign(lat=lat, lon=lon, crs=text_column([WGS84] * len(frame))), problems


def _off_the_globe(frame: pd.DataFrame, line: int, name: str, bound: int) -> str:
    value = frame[name].iloc[line]
    other = frame["lon" if name == "lat" else "lat"].iloc[line]
    if crs_code(frame["crs"].iloc[line]) != WGS84:
        return f"{value:.10g} lies outside the area of {frame['crs'].iloc[line]}"
    hint = ""
    if name == "lat" and abs(other) <= 90 and abs(value) <= 180:
        hint = "; are lat and lon exchanged?"
    elif abs(value) > 1000:
        hint = "; is it in a projected system? Then fill crs"
    return f"{value:.10g} must be between -{bound} and {bound}{hint}"


def _transformed(system: str, northing: Any, easting: Any) -> tuple[Any, Any]:
    """Return latitude and longitude; raises CellError where the system is not known."""
    import pyproj

    try:
        transformer = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(system), "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError as error:
        message = (
            f"{quoted(system)} is not a known coordinate reference system; write WGS84 or a code such as EPSG:27700"
        )
        raise CellError(message) from error
    lon, lat = transformer.transform(easting, northing)
    return lat, lon
