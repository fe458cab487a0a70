"""Where facilities are: addresses looked up and pinned, and what is doubtful about coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from isopt.errors import Problem
from isopt.scenario.contract import tables
from isopt.scenario.frames import cell_text
from isopt.scenario.write import folder_to_pin, write_text

if TYPE_CHECKING:
    from isopt.geo.geocode import Geocoded
    from isopt.scenario import Scenario

__all__ = ["GEOCODES_FILE", "Located", "geocode", "pin_geocodes", "place_doubts", "radius_notes"]

GEOCODES_FILE = "geocodes.csv"
#: Exchanges that a note on radii names.
NAMED = 10


@dataclass(frozen=True, eq=False)
class Located:
    """
    Coordinates found for the addresses of a scenario.

    Attributes
    ----------
    table
        All that is to be pinned, kept rows and new ones, in the order of the facilities: columns of ``geocodes``.
    looked_up
        What was looked up this time, with its review list.
    kept
        Facilities whose pinned row still holds.
    """

    table: pd.DataFrame
    looked_up: Geocoded
    kept: int

    @property
    def doubtful(self) -> pd.DataFrame:
        """The rows to review: not found, or with a doubt."""
        return self.table[self.table["doubt"] != ""].reset_index(drop=True)

    def __str__(self) -> str:
        lines = [str(self.looked_up)] if len(self.looked_up.table) or not self.kept else []
        if self.kept:
            lines.append(f"{self.kept:,} pinned before and unchanged")
        return "\n".join(lines)


def geocode(
    scenario: Scenario,
    *,
    country: str = "",
    again: bool = False,
    online: bool = False,
    endpoint: str = "",
    cache: str | Path | None = None,
    cap: int = 1000,
    on_progress: Callable[[int, int], None] | None = None,
) -> Located:
    """
    Find coordinates for the facilities that have none, from address, postcode, city and country.

    Parameters
    ----------
    scenario
        From `isopt.read`.
    country
        Country of the facilities that name none.
    again
        Look up all of them; else only those that are not pinned, or whose address has changed since.
    online
        Ask a Nominatim service; without it nothing leaves the machine.
    endpoint, cache, cap
        Address of the service, folder for its answers, and most questions.
    on_progress
        Told how many of how many are done.

    Examples
    --------
    >>> import isopt
    >>> works = {"facility": "Works", "postcode": "4400", "city": "Kalundborg", "country": "DK"}
    >>> scenario = isopt.read("scenarios/two_firms").with_(facilities=[works, works | {"facility": "Yard"}],
    ...     streams=[], demands=[{"demand": "d", "facility": "Yard", "material": "stone", "need_per_yr": 1,
    ...     "virgin_eur_per_unit": 1}], links=[], disposals=[])
    >>> isopt.geocode(scenario).table["geocode_level"].tolist()
    ['town', 'town']
    """
    from isopt.geo.geocode import geocode as look_up
    from isopt.geo.geocode import stale

    facilities = scenario.given["facilities"].frame
    pinned = scenario.geocodes
    changed = set(stale(facilities, pinned)["facility"])
    known = set(pinned.loc[pinned["lat"].notna(), "facility"]) - changed
    open_ = facilities if again else facilities[~facilities["facility"].isin(known)]
    found = look_up(
        open_.reset_index(drop=True), default_country=country, online=online, endpoint=endpoint, cache=cache, cap=cap,
        on_progress=on_progress,
    )  # fmt: skip
    fresh = set(found.table["facility"])
    kept = pinned[pinned["facility"].isin(set(facilities["facility"]) - fresh)]
    kept = kept[kept["facility"].isin(known) | again | found.interrupted]
    place = {name: row for row, name in enumerate(facilities["facility"])}
    columns = list(found.table.columns)
    table = pd.concat([kept[columns], found.table], ignore_index=True) if len(kept) else found.table
    order = table["facility"].map(place).argsort(kind="stable")
    return Located(table.iloc[order].reset_index(drop=True), found, len(kept))


def pin_geocodes(table: pd.DataFrame, folder: str | Path) -> Path:
    """
    Write ``geocodes.csv`` into a folder; `isopt.read` takes coordinates from there where facilities has none.

    Parameters
    ----------
    table
        Columns of the table ``geocodes``.
    folder
        Folder of the scenario.

    Raises
    ------
    InputError
        The path is no folder.
    """
    target = folder_to_pin(folder, "coordinates")
    columns = {name: table[name].map(cell_text) for name in tables()["geocodes"].names if name in table}
    path = target / GEOCODES_FILE
    write_text(path, pd.DataFrame(columns).to_csv(index=False, lineterminator="\n"))
    return path


def place_doubts(scenario: Scenario) -> tuple[Problem, ...]:
    """
    Return what is doubtful about where facilities are.

    Coordinates exchanged, at (0, 0), at sea, in another country than named, away from their address or far from all
    others; addresses that have changed since they were looked up.

    Parameters
    ----------
    scenario
        From `isopt.read`.
    """
    from isopt.geo.geocode import geocode as look_up
    from isopt.geo.geocode import stale
    from isopt.geo.plausible import address_doubts
    from isopt.geo.plausible import place_doubts as doubts_of

    given = scenario.given["facilities"]
    places = scenario.facilities
    doubts = list(doubts_of(places, rows=given.rows.tolist(), file=given.file))
    row_of = dict(zip(places["facility"], given.rows.tolist(), strict=True))
    known = given.frame["lat"].notna() & (given.frame[["postcode", "city"]] != "").any(axis=1)
    if known.any():
        there = places[known.to_numpy()]
        found = look_up(there, everything=True).table
        doubts += address_doubts(there, found, rows=given.rows[known.to_numpy()].tolist(), file=given.file)
    for change in stale(given.frame, scenario.geocodes).to_dict("records"):
        message = (
            f'"{change["facility"]}" was looked up as "{change["query"]}" and is "{change["now"]}" now: '
            "isopt geocode looks it up again"
        )
        doubts.append(Problem(given.file, row_of.get(str(change["facility"])), "address", message))
    return tuple(doubts)


def radius_notes(scenario: Scenario, exchanges: pd.DataFrame) -> tuple[str, ...]:
    """
    Return a note on each exchange that is shorter than its ends are known.

    Parameters
    ----------
    scenario
        Supplies the radii of pinned coordinates; coordinates of the facilities table are taken to be exact.
    exchanges
        Columns ``from_facility, to_facility, distance_km``.
    """
    from isopt.geo.geocode import radii_warnings

    bare = scenario.given["facilities"].frame
    bare = bare[bare["lat"].isna()]
    pinned = scenario.geocodes[scenario.geocodes["facility"].isin(bare["facility"])]
    if pinned.empty or exchanges.empty:
        return ()
    radius = dict(zip(pinned["facility"], pinned["geocode_radius_km"].fillna(0.0), strict=True))
    notes = radii_warnings(radius, exchanges)
    more = len(notes) - NAMED
    return (*notes[:NAMED], *([f"... and {more} more exchanges shorter than their ends are known"] if more > 0 else []))
