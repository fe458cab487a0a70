"""Industrial sites, landfills and other facilities of OpenStreetMap as a scenario to complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from isopt.errors import InputError
from isopt.geo.osm_download import Box
from isopt.importers.osm.features import chosen_kinds, from_extract, online_features
from isopt.importers.osm.readme import readme
from isopt.importers.osm.sites import sites_of
from isopt.importers.osm.tables import disposals, facilities, landfill_taxes
from isopt.scenario import new, tables
from isopt.scenario.write import write_text

__all__ = ["ImportedSites", "facilities_from_osm", "import_osm"]

Listener = Callable[[str], object]

MIN_HA = 5.0
"""Hectares from which an industrial area without a name counts: about seven football pitches."""


@dataclass(frozen=True)
class ImportedSites:
    """
    Sites for a scenario whose streams and demands somebody has to fill in.

    Attributes
    ----------
    facilities, disposals
        Rows of these tables.
    left
        What was not taken: ``file, row, permit`` (the id), ``name, direction, material, tonnes, rows, reason``.
    readme
        Text of the README: sources, assumptions, and what is missing.
    title
        Of the scenario.
    policy
        Landfill tax by class, EUR/t.
    price_year
        Price level.
    """

    facilities: pd.DataFrame
    disposals: pd.DataFrame
    left: pd.DataFrame
    readme: str
    title: str
    policy: dict[str, float]
    price_year: int

    @property
    def summary(self) -> pd.DataFrame:
        """What was left out by reason: ``reason, file, rows``."""
        return self.left.groupby(["reason", "file"], sort=False).agg(rows=("rows", "sum")).reset_index()

    def write(self, folder: str | Path) -> Path:
        """
        Write a folder to complete: the two tables, the headers of all others, settings and the README.

        Parameters
        ----------
        folder
            Made if it is not there.

        Returns
        -------
        folder
            The folder.

        Raises
        ------
        InputError
            It holds a scenario already; nothing is overwritten.
        """
        target = new(folder, example=False)
        for name, table in (("facilities", self.facilities), ("disposals", self.disposals)):
            columns = [column for column in (*tables()[name].names, "note", "source") if column in table]
            text = table[list(dict.fromkeys(columns))].to_csv(index=False, lineterminator="\n")
            write_text(target / f"{name}.csv", text)
        write_text(target / "scenario.toml", self._settings((target / "scenario.toml").read_text(encoding="utf-8")))
        write_text(target / "README.md", self.readme)
        (target / "import").mkdir(exist_ok=True)
        write_text(target / "import" / "left_out.csv", self.left.to_csv(index=False, lineterminator="\n"))
        return target

    def _settings(self, template: str) -> str:
        """Fill title, price year and landfill tax into the template."""
        import tomli_w

        lines = []
        for line in template.splitlines():
            key = line.removeprefix("# ").partition(" = ")[0]
            if key == "title" and not line.startswith("#"):
                lines.append(tomli_w.dumps({"title": self.title}).strip())
            elif key == "price_year" and not line.startswith("#"):
                lines.append(f"price_year = {self.price_year}")
            elif key == "landfill_tax_eur_per_t" and self.policy:
                rates = ", ".join(f"{cls} = {rate:g}" for cls, rate in self.policy.items())
                lines.append(f"landfill_tax_eur_per_t = {{ {rates} }}")
            else:
                lines.append(line)
        return "\n".join(lines) + "\n"


def import_osm(
    source: str | Path | None,
    output: str | Path,
    *,
    place: str | None = None,
    bbox: Box | None = None,
    online: bool = False,
    kinds: Iterable[str] | None = None,
    min_ha: float = MIN_HA,
    price_year: int = 2025,
    on_progress: Listener | None = None,
) -> ImportedSites:
    """
    Write a scenario to complete: facilities and landfills from OpenStreetMap, headers for what is on no map.

    Parameters
    ----------
    source
        An extract (``.osm.pbf`` or ``.osm``); None: ask OpenStreetMap, which ``online`` has to allow.
    output
        Folder to make.
    place
        Name of a place to ask about (online only).
    bbox
        South, west, north, east in degrees: only sites within.
    online
        True allows asking OpenStreetMap.
    kinds
        Which kinds of site (landfill, wastewater, recycling, transfer, power, works, waterworks, quarry, port,
        industrial); None: all.
    min_ha
        Hectares from which an industrial area without a name counts.
    price_year
        Price level of gate fees, and year of the landfill tax.
    on_progress
        Told in a sentence what is being done.

    Returns
    -------
    imported
        What was written; ``isopt check`` names what is left to fill in.

    Raises
    ------
    InputError
        The extract can't be read, nothing is found, being online is not allowed, or the folder holds a scenario.
    """
    target = Path(output)
    there = [name for name in ("scenario.toml", *(f"{name}.csv" for name in tables())) if (target / name).exists()]
    if there:
        raise InputError(f"{target} holds {there[0]} already, and nothing is overwritten; give another folder")
    imported = _imported(
        source, place=place, bbox=bbox, online=online, kinds=kinds, min_ha=min_ha, price_year=price_year,
        on_progress=on_progress,
    )  # fmt: skip
    imported.write(target)
    return imported


def facilities_from_osm(
    source: str | Path | None = None,
    *,
    place: str | None = None,
    bbox: Box | None = None,
    online: bool = False,
    kinds: Iterable[str] | None = None,
    min_ha: float = MIN_HA,
    on_progress: Listener | None = None,
) -> pd.DataFrame:
    """
    Return the sites of an extract, a place or a box as rows of the table ``facilities``.

    Parameters
    ----------
    source, place, bbox, online, kinds, min_ha, on_progress
        As for :func:`import_osm`.

    Returns
    -------
    facilities
        ``facility, name, organisation, sector, lat, lon, address, postcode, city, country, group, note, source``;
        ``group`` is the kind of site. OpenStreetMap has to be named where it is shown (ODbL).

    Raises
    ------
    InputError
        As there.

    Examples
    --------
    >>> import tempfile
    >>> tags = '<tag k="man_made" v="works"/><tag k="product" v="cement"/>'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "region.osm"
    ...     _ = path.write_text(f'<osm version="0.6"><node id="1" lat="53" lon="8" version="1">{tags}</node></osm>')
    ...     sites = facilities_from_osm(path)
    >>> sites[["facility", "name", "sector", "country"]].values.tolist()
    [['node/1', 'works node/1', '23.51', 'DE']]
    """
    return _imported(
        source, place=place, bbox=bbox, online=online, kinds=kinds, min_ha=min_ha, on_progress=on_progress
    ).facilities


def _imported(
    source: str | Path | None,
    *,
    place: str | None,
    bbox: Box | None,
    online: bool,
    kinds: Iterable[str] | None,
    min_ha: float,
    price_year: int = 2025,
    on_progress: Listener | None,
) -> ImportedSites:
    tell = on_progress or (lambda _: None)
    rows = chosen_kinds(kinds)
    _check(source, place, bbox, online)
    if source is not None:
        features = from_extract(Path(source), rows, bbox, tell)
        origin, where = f"`{Path(source).name}`", Path(source).name.partition(".")[0]
    else:
        with TemporaryDirectory() as cache:
            features = online_features(place, bbox, rows, Path(cache), tell)
        where = place or "a box"
        origin = f"OpenStreetMap online: {place or ', '.join(f'{value:g}' for value in bbox or ())}"
    sites, left = sites_of(features, rows, box=bbox, min_ha=min_ha, tell=tell)
    if sites.empty:
        asked = ", ".join(dict.fromkeys(rows["kind"]))
        raise InputError(f"no sites were found ({asked}){' within the box' if bbox is not None else ''}")
    located = sites.loc[sites["country"] != "", "country"]
    country = str(located.mode().iloc[0]) if len(located) else ""
    fills = disposals(sites, price_year)
    title = f"Sites of {where}"
    return ImportedSites(
        facilities(sites),
        fills,
        left,
        readme(sites, fills, left, title=title, origin=origin, country=country, price_year=price_year),
        title,
        {cls: round(factor.value, 2) for cls, factor in landfill_taxes(country, price_year).items()},
        price_year,
    )


def _check(source: str | Path | None, place: str | None, bbox: Box | None, online: bool) -> None:
    """Refuse questions that can't be answered."""
    if bbox is not None and not (-90 <= bbox[0] < bbox[2] <= 90 and -180 <= bbox[1] < bbox[3] <= 180):
        raise InputError("a box is south, west, north, east in degrees, with south below north and west below east")
    if source is not None and place is not None:
        raise InputError("a place is for asking online; of an extract, give a box (south, west, north, east)")
    if source is None and place is None and bbox is None:
        raise InputError("give an extract (.osm.pbf), or a place or a box with --online")
    if source is None and not online:
        raise InputError(
            "asking OpenStreetMap needs online=True (--online); without it, give an extract (.osm.pbf), such as one of "
            "https://download.geofabrik.de"
        )
