"""Measuring distances once, so that they can be pinned, and saying later what has moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.geo import RouteFlag, Router
from isopt.network.candidates import find_candidates
from isopt.network.nodes import parties_of
from isopt.scenario import Distances, Scenario
from isopt.scenario.sources import DISTANCES_FILE
from isopt.scenario.write import folder_to_pin, write_bytes

__all__ = ["Measurement", "distances", "moved_distances", "pin_distances"]

#: Kilometres by which a way may differ without having moved, beside this share of it: the rounding of a file.
SAME_KM, SAME_SHARE = 1e-6, 1e-9


@dataclass(frozen=True, eq=False)
class Measurement:
    """
    The ways between the facilities of a scenario that could exchange something.

    Attributes
    ----------
    scenario
        The scenario with these distances pinned.
    distances
        The ways, as arrays.
    notes
        What the user should know: which facilities no way reaches.
    """

    scenario: Scenario
    distances: Distances
    notes: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row per pair and mode: kilometres (empty: no way), hours, flags, router and version of its network."""
        return self.distances.table

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row per mode and router: ways, those of each flag, and the median of kilometres over the great circle."""
        found = self.distances
        rows = []
        for mode, name in enumerate(found.modes):
            for stamp, who in enumerate(found.stamps):
                mine = (found.mode == mode) & (found.stamp == stamp)
                if mine.any():
                    rows.append(
                        {"mode": name, "router": who.router, "network_version": who.version, "ways": int(mine.sum())}
                        | {(flag.name or "").lower(): int((found.flags[mine] & flag > 0).sum()) for flag in RouteFlag}
                        | {"detour": self._detour(mine)}
                    )
        return pd.DataFrame(rows)

    def _detour(self, mine: np.ndarray) -> float:
        """Median of the way over the great circle, NaN where there is none."""
        from isopt.geo import haversine_km

        found = self.distances
        a, b = found.from_facility[mine], found.to_facility[mine]
        circle = haversine_km(found.lat[a], found.lon[a], found.lat[b], found.lon[b])
        km = found.distance_km[mine]
        good = np.isfinite(km) & (circle > 0)
        return float(np.median(km[good] / circle[good])) if good.any() else float("nan")

    def __str__(self) -> str:
        if self.summary.empty:
            return "nothing to measure: no pair of facilities could exchange anything"
        lines = []
        for row in self.summary.to_dict("records"):
            parts = [f"{row['mode']}: {row['ways']:,} ways by {row['router']} ({row['network_version']})"]
            if not np.isnan(row["detour"]):
                parts.append(f"median {row['detour']:.2f} x great circle")
            parts += [f"{row[flag]:,} {words}" for flag, words in _FLAG_WORDS.items() if row[flag]]
            lines.append(", ".join(parts))
        return "\n".join([*lines, *self.notes])


_FLAG_WORDS = {
    "ferry": "by ferry",
    "water": "over an assumed crossing",
    "joint": "over an assumed joint",
    "near": "so near that the straight line counts",
    "far": "with an end far from the network",
    "no_way": "without a way",
}


#: What a planner should know of a way that is used, and how a note words it.
_NOTED = {
    RouteFlag.FERRY: "on a ferry",
    RouteFlag.WATER: "over a crossing that is assumed",
    RouteFlag.FAR: "from or to a place far from the network",
}
#: Ways that a note names.
_NAMED = 4


def way_notes(scenario: Scenario, flows: pd.DataFrame) -> tuple[str, ...]:
    """
    Say which ways of a plan lead over a ferry, an assumed crossing, or to places far from the network.

    Parameters
    ----------
    scenario
        With the distances that were measured.
    flows
        Columns ``from_facility, to_facility, mode``.
    """
    if scenario.distances is None or flows.empty:
        return ()
    keys = ["from_facility", "to_facility", "mode"]
    table = scenario.distances.table.assign(flag=scenario.distances.flags)
    used = flows[keys].drop_duplicates().merge(table[[*keys, "flag"]], on=keys)
    notes = []
    for flag, words in _NOTED.items():
        rows = used[(used["flag"].to_numpy() & flag) > 0]
        if len(rows):
            named = [f"{a} > {b} ({mode})" for a, b, mode in rows[keys].head(_NAMED).itertuples(index=False)]
            more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
            count = f"{len(rows):,} way{'s' if len(rows) > 1 else ''} of the plan lead{'' if len(rows) > 1 else 's'}"
            notes.append(f"{count} {words}: {', '.join(named)}{more}")
    return tuple(notes)


def distances(
    scenario: Scenario,
    *,
    routers: Mapping[str, Router] | None = None,
    anew: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> Measurement:
    """
    Measure the ways between all facilities that could exchange something or dispose of it, by every mode.

    Parameters
    ----------
    scenario
        From `isopt.read`; ``[routing]`` says how the ways of each mode are measured.
    routers
        Routers by mode or network, before those of ``[routing]``.
    anew
        False keeps pinned ways that still hold.
    on_progress
        Told how many of how many ways are measured.

    Raises
    ------
    ScenarioError
        Where a file of a router is missing, or a pair has neither coordinates nor a distance.
    MeasuringStopped
        On Ctrl-C, with what was measured until then.

    Examples
    --------
    >>> import isopt
    >>> print(sorted(set(isopt.distances(isopt.read("scenarios/sotenas").with_(links=[])).table["router"])))
    ['straight']
    """
    found = find_candidates(scenario, parties_of(scenario), routers, pin_all=True, anew=anew, on_progress=on_progress)
    measured = found.scenario.distances
    if measured is None:
        none = np.zeros(0, np.int64)
        measured = Distances(
            (),
            np.zeros(0),
            np.zeros(0),
            (),
            (),
            none,
            none,
            none,
            none,
            np.zeros(0),
            np.zeros(0),
            none.astype(np.uint8),
        )
    return Measurement(found.scenario, measured, found.notes)


def pin_distances(found: Distances, folder: str | Path) -> Path:
    """
    Write ``distances.parquet`` into a scenario's folder; `isopt.read` takes it from there.

    Parameters
    ----------
    found
        The ways.
    folder
        Folder of the scenario.

    Raises
    ------
    InputError
        The path is no folder.
    """
    path = folder_to_pin(folder, "distances") / DISTANCES_FILE
    write_bytes(path, found.to_bytes())
    return path


def moved_distances(
    scenario: Scenario,
    *,
    routers: Mapping[str, Router] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """
    Measure again and say which pinned ways differ.

    Parameters
    ----------
    scenario
        A scenario with pinned distances.
    routers, on_progress
        As for `distances`.

    Returns
    -------
    moved
        A row per way that differs: ``from_facility, to_facility, mode, pinned_km, now_km, change`` (``longer``,
        ``shorter``, ``no way any more``, ``a way now``, ``new``, ``not needed any more``), the largest changes first.

    Raises
    ------
    InputError
        Nothing is pinned.
    """
    if scenario.distances is None:
        raise InputError(f"{scenario.name} has no {DISTANCES_FILE}: isopt distances {scenario.name} writes it")
    now = distances(scenario, routers=routers, on_progress=on_progress).table
    keys = ["from_facility", "to_facility", "mode"]
    both = scenario.distances.table.merge(now, on=keys, how="outer", suffixes=("_was", "_now"), indicator="found")
    was, is_now = both["distance_km_was"], both["distance_km_now"]
    same = (was - is_now).abs() <= SAME_KM + SAME_SHARE * was
    same |= was.isna() & is_now.isna() & (both["found"] == "both")
    both["change"] = np.select(
        [
            both["found"] == "left_only", both["found"] == "right_only", is_now.isna(), was.isna(), is_now > was,
        ],
        ["not needed any more", "new", "no way any more", "a way now", "longer"],
        "shorter",
    )  # fmt: skip
    moved = both[~same].rename(columns={"distance_km_was": "pinned_km", "distance_km_now": "now_km"})
    size = (moved["now_km"] - moved["pinned_km"]).abs().fillna(np.inf)
    order = np.lexsort((moved["to_facility"], moved["from_facility"], -size.to_numpy()))
    return moved.iloc[order][[*keys, "pinned_km", "now_km", "change"]].reset_index(drop=True)
