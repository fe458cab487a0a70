"""What it takes to carry a unit along a way: the distance, what is lost, what it costs and emits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.inputs import Inputs
from isopt.solution.audit.judge import Floats

EARTH_RADIUS_KM = 6371.0088  # the contract's, under "Distance"; the mean radius of the IUGG


def distance_km(inputs: Inputs, ways: pd.DataFrame, cells: pd.DataFrame) -> Floats:
    """
    Kilometres of each way, NaN where neither coordinates nor the links table tell.

    "Distance: haversine on R = 6371.0088 km x detour, unless `links` or a router says. One place is 0 km."

    Parameters
    ----------
    inputs
        The scenario's cells.
    ways
        Columns from_facility, to_facility, mode and t, one row per way.
    cells
        The links table's cells of each way.
    """
    start, end = (inputs.row("facilities", ways[end]) for end in ("from_facility", "to_facility"))
    lat, lon = (inputs.table("facilities")[axis].to_numpy(dtype=float) for axis in ("lat", "lon"))
    phi1, phi2 = np.radians(lat[start]), np.radians(lat[end])
    half_lat, half_lon = (phi2 - phi1) / 2, np.radians(lon[end] - lon[start]) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lon) ** 2
    arc = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    detour = inputs.number("modes", "detour", inputs.row("modes", ways["mode"]), ways["t"], empty=1.0)
    pinned = measured(inputs, ways)
    way = np.where(pinned["known"], pinned["distance_km"], arc * detour)
    said = cells["distance_km"].to_numpy(dtype=float)
    return np.asarray(np.where(np.isnan(said), np.where(start == end, 0.0, way), said), dtype=np.float64)


def measured(inputs: Inputs, ways: pd.DataFrame) -> pd.DataFrame:
    """
    What a router measured of each way: columns known, distance_km (NaN: no way) and hours.

    Only what was measured for the places where the facilities are counts.
    """
    distances = inputs.distances
    asked = pd.MultiIndex.from_frame(ways[["from_facility", "to_facility", "mode"]])
    place = distances.index.get_indexer(asked) if len(distances) else np.full(len(ways), -1)
    found = distances.iloc[place].reset_index(drop=True) if len(distances) else pd.DataFrame(index=range(len(ways)))
    known = place >= 0
    return pd.DataFrame(
        {name: np.where(known, found[name], np.nan) if len(distances) else np.nan for name in ("distance_km", "hours")},
        index=range(len(ways)),
    ).assign(known=known)


def share_that_arrives(inputs: Inputs, ways: pd.DataFrame, km: Floats) -> Floats:
    """
    Units that arrive of each unit sent.

    "With `loss_share_per_km`, what arrives is what is sent x max(0, 1 - loss x km)."
    """
    loss = inputs.number("modes", "loss_share_per_km", inputs.row("modes", ways["mode"]), ways["t"], empty=0.0)
    return np.asarray(np.maximum(0.0, 1.0 - loss * km), dtype=np.float64)


def eur_per_unit(inputs: Inputs, ways: pd.DataFrame, cells: pd.DataFrame, km: Floats) -> Floats:
    """
    Cost of carrying a unit along each way, without trips.

    eur_per_tkm and eur_per_t on its tonnes ("mass-based rates use `t_per_unit`"), eur_per_unit_km on its units,
    unless the links table gives `eur_per_unit`.
    """
    by_mode = _per_tonne(inputs, ways, km, "eur") + _of_mode(inputs, ways, "eur_per_unit_km") * km
    said = cells["eur_per_unit"].to_numpy(dtype=float)
    return np.asarray(np.where(np.isnan(said), by_mode, said), dtype=np.float64)


def tco2_per_unit(inputs: Inputs, ways: pd.DataFrame, cells: pd.DataFrame, km: Floats) -> Floats:
    """Tonnes of CO2 from carrying a unit along each way: kgco2_per_tkm and kgco2_per_t, unless the links table says."""
    by_mode = _per_tonne(inputs, ways, km, "kgco2")
    said = cells["kgco2_per_unit"].to_numpy(dtype=float)
    return np.asarray(np.where(np.isnan(said), by_mode, said) / 1000, dtype=np.float64)


def t_per_unit(inputs: Inputs, ways: pd.DataFrame) -> Floats:
    """Tonnes in a unit of what each way carries; 0 of a material that the scenario does not know."""
    row = inputs.row("materials", ways["material"])
    return np.asarray(np.where(row >= 0, inputs.t_per_unit[row, ways["t"].to_numpy()], 0.0), dtype=np.float64)


def _of_mode(inputs: Inputs, ways: pd.DataFrame, column: str) -> Floats:
    return inputs.number("modes", column, inputs.row("modes", ways["mode"]), ways["t"], empty=0.0)


def _per_tonne(inputs: Inputs, ways: pd.DataFrame, km: Floats, what: str) -> Floats:
    rate = _of_mode(inputs, ways, f"{what}_per_tkm") * km + _of_mode(inputs, ways, f"{what}_per_t")
    return np.asarray(rate * t_per_unit(inputs, ways), dtype=np.float64)
