"""From files to a checked scenario, from places to coordinates."""

from __future__ import annotations

from typing import Any

from benchmarks.registry import Bench, phase

read = phase("read", "folder to a checked scenario", inputs=("country",))
geocode = phase("geocode", "town and country to coordinates, offline", inputs=("country",))


def _imports(_: Bench) -> None:
    import isopt.scenario  # noqa: F401


@read.does("isopt", ready=_imports)
def _read(bench: Bench) -> Any:
    from isopt.scenario import read as read_scenario

    return read_scenario(bench.folder / "country")


@read.does("pandas")
def _pandas(bench: Bench) -> Any:
    """Read the same files without looking at them."""
    import pandas as pd

    return {path.stem: pd.read_csv(path) for path in sorted((bench.folder / "country").glob("*.csv"))}


def _places(bench: Bench) -> None:
    """Town and country of every facility, and the gazetteer in memory for those who bring none."""
    import pandas as pd

    from isopt.geo.gazetteer import towns

    table = pd.read_csv(bench.folder / "country" / "facilities.csv", dtype=str, keep_default_na=False)
    bench.made["places"] = table[["facility", "city", "country"]]
    known = towns("GB")
    assert known is not None
    names = [(name, row) for row, cell in enumerate(known.names) for name in cell.split("\t")]
    rows = [row for _, row in names]
    bench.made["gazetteer"] = pd.DataFrame(
        {
            "city": [name for name, _ in names],
            "lat": known.lat[rows],
            "lon": known.lon[rows],
            "people": known.people[rows],
        }
    )


@geocode.does("isopt", ready=_places)
def _geocode(bench: Bench) -> Any:
    from isopt.geo.geocode import geocode as find

    return find(bench.made["places"])


@geocode.does("pandas", ready=_places)
def _join(bench: Bench) -> Any:
    """Join by the exact name, the largest town of that name: no spelling, no radius, no doubt told."""
    best = bench.made["gazetteer"].sort_values("people", ascending=False).drop_duplicates("city")
    return bench.made["places"].merge(best, on="city", how="left")
