"""Which cells of the links table speak for a way from one facility to another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit.inputs import Inputs

NUMBERS = (
    "distance_km",
    "eur_per_unit",
    "kgco2_per_unit",
    "eur_per_trip",
    "setup_eur_per_yr",
    "capex_eur",
    "min_per_yr",
    "max_per_yr",
)


def link_cells(inputs: Inputs, ways: pd.DataFrame) -> pd.DataFrame:
    """
    What the links table says of each way.

    "A filled cell in `links` replaces what the mode says, an empty one leaves it; the more specific row wins cell by
    cell." "Links rows equally specific: the later one." Specific is a row with more of material and mode filled.

    Parameters
    ----------
    inputs
        The scenario's cells.
    ways
        Columns from_facility, to_facility, mode, material ("" for a shared exchange, which has none) and t, a row per
        way.

    Returns
    -------
    cells
        A row per way: the numbers (NaN where no row fills them), `status` ("" if none), `shared`, and `listed`:
        whether a row that does not forbid speaks of the pair, the material and the mode.
    """
    cells = pd.DataFrame({name: np.full(len(ways), np.nan) for name in NUMBERS})
    status = np.full(len(ways), "", dtype=object)
    shared, listed = np.zeros(len(ways), dtype=bool), np.zeros(len(ways), dtype=bool)
    if len(inputs.table("links")):
        rows = _matching_rows(inputs, ways)
        for name in NUMBERS:
            value = inputs.at("links", name)[rows["link"], rows["t"]]
            last = rows.assign(value=value)[~np.isnan(value)].drop_duplicates("way", keep="last")
            cells.loc[last["way"].to_numpy(), name] = last["value"].to_numpy()
        last = rows[rows["status_said"] != ""].drop_duplicates("way", keep="last")
        status[last["way"]] = last["status_said"]
        last = rows[rows["shared_filled"]].drop_duplicates("way", keep="last")
        shared[last["way"]] = last["shared_said"]
        listed[rows.loc[rows["status_said"] != "forbidden", "way"]] = True
    return cells.assign(status=status, shared=shared, listed=listed)


def _matching_rows(inputs: Inputs, ways: pd.DataFrame) -> pd.DataFrame:
    """Each pair of a way and a links row that speaks of it, the row that wins last."""
    table = inputs.table("links")
    said = table[["from_facility", "to_facility"]].assign(link=np.arange(len(table)))
    for key in ("material", "mode", "status"):
        said[f"{key}_said"] = table[key]
    said["shared_filled"] = table["shared"].notna().to_numpy()
    said["shared_said"] = table["shared"].fillna(False).to_numpy(dtype=bool)
    asked = ways[["from_facility", "to_facility", "material", "mode", "t"]].assign(way=np.arange(len(ways)))
    rows = asked.merge(said, on=["from_facility", "to_facility"])
    same_mode = (rows["mode_said"] == "") | (rows["mode_said"] == rows["mode"])
    of_shared = (rows["material"] == "") & rows["shared_said"]
    same_material = (rows["material_said"] == "") | (rows["material_said"] == rows["material"]) | of_shared
    rows = rows[same_mode & same_material]
    filled = (rows["material_said"] != "").astype(int) + (rows["mode_said"] != "").astype(int)
    return rows.assign(filled=filled).sort_values(["way", "filled", "link"], kind="stable")
