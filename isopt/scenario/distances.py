"""Pinned distances: what routers measured once, kept beside the tables so that tomorrow's answer is today's."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import Problem, did_you_mean, quoted

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "Distances", "RouteFlag", "Stamp", "distances_of", "flag_words", "parse_distances"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

COLUMNS = ("from_facility", "to_facility", "mode", "distance_km", "hours", "flags", "router", "network_version")
"""Columns of ``distances.parquet``."""
_KEY = b"isopt"
"""Where the provenance stands in the file's metadata."""
_SAME_PLACE_DEG = 1e-5
"""A facility that has moved by less (about a metre) is where it was."""


class RouteFlag(IntFlag):
    """What is worth knowing of a way, beside its length; the words in files are the names in lower case."""

    FERRY = 1
    """Part of it is on a ferry."""
    WATER = 2
    """Part of it crosses water over a joint that the network did not hold: a ferry or a fixed link that is assumed."""
    JOINT = 4
    """Part of it runs over land on a joint that the network did not hold."""
    NEAR = 8
    """The ends are so near that the straight line counts, wholly or in part."""
    FAR = 16
    """An end lies far from the network; the way to it is a straight line times a detour."""
    NO_WAY = 32
    """The network does not join the ends, or does not reach one of them."""


def flag_words(flags: int) -> str:
    """
    Write flags as files hold them.

    Examples
    --------
    >>> flag_words(RouteFlag.FERRY | RouteFlag.FAR)
    'ferry;far'
    """
    return ";".join((flag.name or "").lower() for flag in RouteFlag if flags & flag)


@dataclass(frozen=True, order=True)
class Stamp:
    """
    Who measured a way.

    Attributes
    ----------
    router
        Name of the router.
    version
        Version of its network and settings: equal stamps give equal distances.
    """

    router: str
    version: str


@dataclass(frozen=True, eq=False)
class Distances:
    """
    Measured ways between facilities.

    Attributes
    ----------
    facilities
        Ids of the facilities, shape (facilities,).
    lat, lon
        Where they were when they were measured, WGS84 degrees, shape (facilities,).
    modes
        Modes, shape (modes,).
    stamps
        Who measured; rows point to them.
    from_facility, to_facility, mode, stamp
        Indices, shape (rows,).
    distance_km
        Final kilometres, infinite where there is no way, shape (rows,).
    hours
        Time under way, NaN where it is not known, shape (rows,).
    flags
        `RouteFlag` values, shape (rows,).
    """

    facilities: tuple[str, ...]
    lat: Floats
    lon: Floats
    modes: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    from_facility: Indices
    to_facility: Indices
    mode: Indices
    stamp: Indices
    distance_km: Floats
    hours: Floats
    flags: NDArray[np.uint8]

    @property
    def count(self) -> int:
        """Number of ways."""
        return len(self.distance_km)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The ways as ``distances.parquet`` holds them; no kilometres where there is no way."""
        ids, modes = (np.array(names, dtype=object) for names in (self.facilities, self.modes))
        used, place = np.unique(self.flags, return_inverse=True)
        words = np.array([flag_words(int(flags)) for flags in used], dtype=object)
        router, version = (
            np.array([getattr(stamp, name) for stamp in self.stamps], dtype=object) for name in ("router", "version")
        )
        empty = np.zeros(0, dtype=object)
        columns = (
            ids[self.from_facility] if self.count else empty, ids[self.to_facility] if self.count else empty,
            modes[self.mode] if self.count else empty, np.where(np.isinf(self.distance_km), np.nan, self.distance_km),
            self.hours, words[place] if self.count else empty, router[self.stamp] if self.count else empty,
            version[self.stamp] if self.count else empty,
        )  # fmt: skip
        return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))

    def standing(self, ids: Iterable[str], lat: Floats, lon: Floats) -> Indices:
        """
        Find the facilities that are still where they were measured.

        Parameters
        ----------
        ids, lat, lon
            Facilities of a scenario, shape (scenario's facilities,).

        Returns
        -------
        index
            For each facility of these distances its place in the scenario, -1 where it is gone or has moved; shape
            (facilities,).
        """
        place = pd.Index(list(ids), dtype=object).get_indexer(pd.Index(list(self.facilities), dtype=object))
        there = np.flatnonzero(place >= 0)
        off = np.maximum(np.abs(lat[place[there]] - self.lat[there]), np.abs(lon[place[there]] - self.lon[there]))
        unknown = np.isnan(lat[place[there]]) & np.isnan(self.lat[there])
        place[there[~((off <= _SAME_PLACE_DEG) | unknown)]] = -1
        return place.astype(np.int64)

    def to_bytes(self) -> bytes:
        """Return the content of ``distances.parquet``; equal distances give equal bytes."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        frame = self.table.sort_values(["mode", "from_facility", "to_facility"], kind="stable")
        texts = {name for name in COLUMNS if name not in {"distance_km", "hours"}}
        arrays = [
            pa.array(frame[name], type=pa.string()).dictionary_encode()
            if name in texts
            else pa.array(frame[name].to_numpy(), from_pandas=True)
            for name in COLUMNS
        ]
        positions = {
            facility: [None if np.isnan(y) else float(y), None if np.isnan(x) else float(x)]
            for facility, y, x in zip(self.facilities, self.lat, self.lon, strict=True)
        }
        about = {"format": 1, "positions": positions}
        table = pa.table(dict(zip(COLUMNS, arrays, strict=True)))
        table = table.replace_schema_metadata({_KEY: json.dumps(about, ensure_ascii=False).encode()})
        out = io.BytesIO()
        pq.write_table(table, out, compression="zstd")
        return out.getvalue()


def distances_of(
    table: pd.DataFrame, positions: Mapping[str, tuple[float, float]], order: Iterable[str] = ()
) -> Distances:
    """
    Make distances of a table.

    Parameters
    ----------
    table
        Columns as in `COLUMNS`; no kilometres where there is no way.
    positions
        Latitude and longitude of the facilities when they were measured, NaN where they have none.
    order
        Facilities in the order in which they shall be listed; others come after them by name.
    """
    flag_of = {flag.name.lower(): int(flag) for flag in RouteFlag if flag.name}
    named = {*table["from_facility"], *table["to_facility"]}
    first = [facility for facility in order if facility in named]
    facilities = (*first, *sorted(named - set(first)))
    ids = pd.Index(facilities, dtype=object)
    modes = pd.Index(sorted(set(table["mode"])), dtype=object)
    stamps = sorted({Stamp(*pair) for pair in zip(table["router"], table["network_version"], strict=True)})
    stamp_of = {(stamp.router, stamp.version): i for i, stamp in enumerate(stamps)}
    words = {text: sum(flag_of.get(word, 0) for word in text.split(";")) for text in set(table["flags"])}
    lat, lon = (
        np.array([positions.get(facility, (np.nan, np.nan))[axis] for facility in facilities], dtype=np.float64)
        for axis in (0, 1)
    )
    km = table["distance_km"].to_numpy(dtype=np.float64)
    stamp = [stamp_of[pair] for pair in zip(table["router"], table["network_version"], strict=True)]
    return Distances(
        facilities, lat, lon, tuple(modes), tuple(stamps),
        ids.get_indexer(table["from_facility"]).astype(np.int64),
        ids.get_indexer(table["to_facility"]).astype(np.int64),
        modes.get_indexer(table["mode"]).astype(np.int64), np.array(stamp, dtype=np.int64),
        np.where(np.isnan(km), np.inf, km), table["hours"].to_numpy(dtype=np.float64),
        table["flags"].map(words).to_numpy(dtype=np.uint8),
    )  # fmt: skip


def parse_distances(data: bytes, file: str) -> tuple[Distances | None, list[Problem]]:
    """
    Read ``distances.parquet``.

    Parameters
    ----------
    data
        Its content.
    file
        How messages call it.

    Returns
    -------
    distances
        None where something is wrong.
    problems
        What is wrong.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    again = "; remove it, or measure again with isopt distances"
    try:
        found = pq.read_table(io.BytesIO(data))
    except (pa.ArrowInvalid, OSError) as error:
        return None, [Problem(file, None, None, f"can't be read as Parquet: {str(error).splitlines()[0]}{again}")]
    lost = [name for name in COLUMNS if name not in found.column_names]
    if lost:
        ending = did_you_mean(lost[0], found.column_names) or again
        return None, [Problem(file, None, lost[0], f"is missing{ending}")]
    frame, problems = _frame(found, file)
    if problems:
        return None, problems
    try:
        about = json.loads((found.schema.metadata or {}).get(_KEY, b"{}"))
        said = about.get("positions", {})
        positions = {
            str(name): (float("nan") if y is None else float(y), float("nan") if x is None else float(x))
            for name, (y, x) in said.items()
        }
    except (ValueError, TypeError, AttributeError):
        return None, [Problem(file, None, None, f"does not say where the facilities were{again}")]
    return distances_of(frame, positions, positions), []


def _frame(found: pa.Table, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the columns with their types, and the first cell of each column that does not fit."""
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in COLUMNS:
        values = found.column(name).to_pandas()
        if name in {"distance_km", "hours"}:
            numbers = pd.to_numeric(values.astype(object), errors="coerce").astype(np.float64)
            wrong = (numbers < 0) | (numbers.isna() & values.notna())
            columns[name] = numbers
        else:
            texts = values.astype(object).where(values.notna(), "")
            wrong = (texts == "") & (name not in {"flags", "network_version"})
            columns[name] = texts.map(str)
        if wrong.any():
            line = int(np.flatnonzero(wrong.to_numpy())[0])
            message = f"{quoted(str(values.iloc[line]))} is no {'length' if name == 'distance_km' else 'value'} for it"
            problems.append(Problem(file, line + 1, name, message))
    frame = pd.DataFrame(columns)
    twice = frame.duplicated(["from_facility", "to_facility", "mode"])
    if twice.any():
        line = int(np.flatnonzero(twice.to_numpy())[0])
        pair = f"{frame['from_facility'].iloc[line]} > {frame['to_facility'].iloc[line]}"
        problems.append(Problem(file, line + 1, "from_facility", f"{pair} by {frame['mode'].iloc[line]} stands twice"))
    return frame, problems
