"""Coordinates for facilities that have an address only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isopt.errors import InputError
from isopt.geo.addresses import Address, default_problem, read_address
from isopt.geo.countries import country_code
from isopt.geo.lookup import Found, locate

if TYPE_CHECKING:
    import pandas as pd

    from isopt.geo.nominatim import Nominatim

__all__ = ["COLUMNS", "Geocoded", "geocode", "query_of", "radii_warnings", "stale"]

COLUMNS = (
    "facility", "lat", "lon", "geocode_level", "geocode_radius_km", "geocode_source", "query", "matched", "doubt",
    "alternatives",
)  # fmt: skip
"""Columns of ``geocodes.csv``."""
_ADDRESS = ("address", "postcode", "city", "country")
_CROWDS = 10
"""Shared points that a review names."""
_DIGITS = 5
"""Decimals of a degree that are kept: a metre, finer than anything here is known."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Geocoded:
    """
    Where facilities are, and how sure that is.

    Attributes
    ----------
    table
        A row per facility that was looked up, in the order of the facilities, with the columns `COLUMNS`; ``lat`` and
        ``lon`` are NaN where nothing was found.
    asked
        Questions that went over the network.
    interrupted
        Whether it was stopped before all were looked up; the rows that are there are complete.
    """

    table: pd.DataFrame
    asked: int = 0
    interrupted: bool = False

    @property
    def found(self) -> int:
        """Number of facilities that have a place now."""
        return int(self.table["lat"].notna().sum())

    @property
    def doubtful(self) -> pd.DataFrame:
        """Rows with a doubt, those without a place first, then the widest radius first."""
        rows = self.table[self.table["doubt"] != ""]
        radius = rows["geocode_radius_km"].fillna(np.inf)
        return rows.loc[radius.sort_values(ascending=False, kind="stable").index]

    def review(self, most: int = 50) -> str:
        """
        Return a list to read through: what was found how, and every doubt.

        Parameters
        ----------
        most
            Doubtful facilities that are listed; the rest are counted.
        """
        counts = self.table["geocode_level"].value_counts()
        levels = ", ".join(f"{int(counts[level])} by {level}" for level in counts.index if level != "none")
        missing = len(self.table) - self.found
        head = f"{self.found} of {len(self.table)} facilities placed{f' ({levels})' if levels else ''}"
        lines = [head + (f", {missing} not found" if missing else "")]
        doubtful = self.doubtful
        for row in doubtful.head(most).to_dict("records"):
            place = row["matched"] or "not found"
            radius = "" if np.isnan(row["geocode_radius_km"]) else f" within {row['geocode_radius_km']:.3g} km"
            lines += [f"  {_one_line(row['facility'])}: {_one_line(row['query']) or 'no address'}"]
            lines += [f"    -> {_one_line(place)}{radius}; {_one_line(row['doubt'])}"]
            if row["alternatives"]:
                lines.append(f"    or {_one_line(row['alternatives'])}")
        if len(doubtful) > most:
            lines.append(f"  ... and {len(doubtful) - most} more with a doubt")
        for count, matched in self._crowded():
            lines.append(f"  {count} facilities lie at one point ({matched}): how far apart they are is not known")
        return "\n".join(lines)

    def _crowded(self) -> list[tuple[int, str]]:
        """Points that several facilities share, the most crowded first."""
        there = self.table[self.table["lat"].notna()]
        counts = there.groupby(["lat", "lon"], sort=True)["matched"].agg(["size", "first"])
        crowded = counts[counts["size"] > 1].sort_values("size", ascending=False, kind="stable")
        return [(int(count), _one_line(name)) for count, name in crowded.head(_CROWDS).itertuples(index=False)]

    def __str__(self) -> str:
        return self.review()


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def geocode(
    facilities: pd.DataFrame,
    *,
    default_country: str = "",
    everything: bool = False,
    online: bool = False,
    endpoint: str = "",
    cache: str | Path | None = None,
    cap: int = 1000,
    client: Nominatim | None = None,
    on_progress: Progress | None = None,
) -> Geocoded:
    """
    Find coordinates for facilities from their addresses; offline unless told otherwise.

    Postcodes and towns come from tables of GeoNames that ship with isopt. A position is that of a postcode or a town,
    not of a gate: four in five facilities lie within ``geocode_radius_km`` of it.

    Parameters
    ----------
    facilities
        Columns ``facility`` and any of ``address``, ``postcode``, ``city``, ``country``; rows that have ``lat`` and
        ``lon`` are left out.
    default_country
        Country of the rows that name none.
    everything
        True looks up rows with coordinates too, to check them.
    online
        True asks Nominatim for each address, once a second; nothing goes over the network otherwise.
    endpoint
        Address of another Nominatim server.
    cache
        Folder for answers from the network; the platform's cache folder where None.
    cap
        Most questions to the network; what is left over is looked up offline.
    client
        A Nominatim client of one's own, instead of ``endpoint``, ``cache`` and ``cap``.
    on_progress
        Called with the number done and of all.

    Raises
    ------
    InputError
        ``facilities`` has no column ``facility``, or the default country is none.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame([{"facility": "works", "postcode": "D-67056", "city": "Ludwigshafen"}])
    >>> geocode(table).table.loc[0, ["geocode_level", "matched", "doubt"]].tolist()
    ['postcode', '67056 BASF SE, DE', '']
    """
    _checked(facilities, default_country)
    wanted = _wanted(facilities, everything)
    country = country_code(default_country)
    asker = client if client is not None else _client(endpoint, cache, cap) if online else None
    rows: list[dict[str, Any]] = []
    interrupted = False
    try:
        for done, (name, address) in enumerate(_addresses(facilities, wanted, country)):
            rows.append(_row(name, address, _locate(address, asker)))
            if on_progress is not None and (asker is not None or done % 200 == 199 or done + 1 == len(wanted)):
                on_progress(done + 1, len(wanted))
    except KeyboardInterrupt:
        interrupted = True
    return Geocoded(_frame(rows), asker.asked if asker else 0, interrupted)


def _client(endpoint: str, cache: str | Path | None, cap: int) -> Nominatim:
    from isopt.geo.nominatim import ENDPOINT, Nominatim

    return Nominatim(endpoint or ENDPOINT, cache=cache, cap=cap)


def _locate(address: Address, asker: Nominatim | None) -> Found:
    offline = locate(address)
    if asker is None:
        return offline
    from isopt.geo.nominatim import locate_online

    return locate_online(address, offline, asker)


def _checked(facilities: pd.DataFrame, default_country: str) -> None:
    if "facility" not in facilities.columns:
        raise InputError("the table has no column facility; geocode takes the facilities of a scenario")
    if problem := default_problem(default_country):
        raise InputError(problem)


def _wanted(facilities: pd.DataFrame, everything: bool) -> Sequence[int]:
    if everything or not {"lat", "lon"} <= set(facilities.columns):
        return range(len(facilities))
    import pandas as pd

    bare = facilities[["lat", "lon"]].apply(pd.to_numeric, errors="coerce").isna().any(axis=1)
    return [int(line) for line in np.flatnonzero(bare.to_numpy())]


def _addresses(
    facilities: pd.DataFrame, wanted: Sequence[int], default_country: str = ""
) -> Iterable[tuple[str, Address]]:
    columns = [
        facilities[name].astype(object).tolist() if name in facilities.columns else [""] * len(facilities)
        for name in _ADDRESS
    ]
    names = facilities["facility"].tolist()
    for line in wanted:
        yield str(names[line]), read_address(*(column[line] for column in columns), default_country=default_country)


def _row(name: str, address: Address, found: Found) -> dict[str, Any]:
    spot = found.spot
    others = "; ".join(
        f"{other.name}, {other.country} ({other.lat:.2f} {other.lon:.2f})" for other in found.alternatives
    )
    return {
        "facility": name,
        "lat": round(spot.lat, _DIGITS) if spot else np.nan,
        "lon": round(spot.lon, _DIGITS) if spot else np.nan,
        "geocode_level": found.level,
        "geocode_radius_km": round(spot.radius_km, 2) if spot else np.nan,
        "geocode_source": found.source,
        "query": address.text,
        "matched": found.matched,
        "doubt": "; ".join(found.doubts),
        "alternatives": others,
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = ("lat", "lon", "geocode_radius_km")
    return frame.astype({name: "float64" if name in numbers else object for name in COLUMNS})


def query_of(facilities: pd.DataFrame) -> list[str]:
    """
    Return the address of each facility as ``geocodes.csv`` remembers it.

    Parameters
    ----------
    facilities
        Any of the columns ``address``, ``postcode``, ``city``, ``country``, and ``facility``.
    """
    return [address.text for _, address in _addresses(facilities, range(len(facilities)))]


def stale(facilities: pd.DataFrame, geocodes: pd.DataFrame) -> pd.DataFrame:
    """
    Return the facilities whose address has changed since it was looked up.

    Parameters
    ----------
    facilities
        As they are now.
    geocodes
        What `geocode` found, with ``facility`` and ``query``.

    Returns
    -------
    changed
        Columns ``facility``, ``query`` (then) and ``now``; facilities that were never looked up are not in it, nor
        those that have coordinates of their own.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame([{"facility": "works", "postcode": "4400", "city": "Kalundborg", "country": "DK"}])
    >>> stale(table.assign(postcode="4450"), geocode(table).table)[["query", "now"]].values.tolist()
    [['4400 Kalundborg, DK', '4450 Kalundborg, DK']]
    """
    import pandas as pd

    bare = _wanted(facilities, everything=False)
    now = dict(zip(facilities["facility"].astype(str), query_of(facilities), strict=True))
    own = set(facilities["facility"].astype(str)) - {str(facilities["facility"].iloc[line]) for line in bare}
    rows = [
        {"facility": str(name), "query": str(query), "now": now[str(name)]}
        for name, query in zip(geocodes["facility"], geocodes["query"].fillna(""), strict=True)
        if str(name) in now and str(name) not in own and now[str(name)] != str(query)
    ]
    return pd.DataFrame(rows, columns=["facility", "query", "now"])


def radii_warnings(radius_km: dict[str, float], links: pd.DataFrame) -> list[str]:
    """
    Return a sentence for each link that is shorter than the radii of its ends together.

    Such a distance says little: both ends could be at one place or twice as far apart.

    Parameters
    ----------
    radius_km
        Radius of each facility that was geocoded; the others are taken to be exact.
    links
        Columns ``from_facility``, ``to_facility`` and ``distance_km``.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = ["from_facility", "to_facility", "distance_km"]
    >>> links = pd.DataFrame([("A", "B", 3.0), ("A", "C", 30.0)], columns=columns)
    >>> radii_warnings({"A": 2.0, "B": 1.5}, links)
    ['A > B is 3 km long, but both ends are known to 3.5 km together only: fill their coordinates']
    """
    ends = links["from_facility"].astype(str), links["to_facility"].astype(str)
    reach = sum(end.map(radius_km).fillna(0.0).to_numpy(dtype=np.float64) for end in ends)
    km = links["distance_km"].to_numpy(dtype=np.float64)
    short = np.flatnonzero((km < reach) & (ends[0] != ends[1]).to_numpy())
    said = {
        (
            ends[0].iloc[i],
            ends[1].iloc[i],
        ): f"{ends[0].iloc[i]} > {ends[1].iloc[i]} is {km[i]:.3g} km long, but both ends "
        f"are known to {np.asarray(reach)[i]:.3g} km together only: fill their coordinates"
        for i in short
    }
    return list(said.values())
