"""The two files of the register, checked cell by cell, and the sites and flows that can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from isopt.errors import InputError, Problem, ScenarioError, did_you_mean
from isopt.importers.table import integers, numbers, read_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Box", "Register", "read_register"]

Box: TypeAlias = tuple[float, float, float, float]
"""South, west, north, east, in degrees."""

SITE_COLUMNS = (
    "region", "year", "site-name", "permit", "status", "latitude", "longitude", "operator", "activities",
    "tonnes-treated-recovered",
)  # fmt: skip
FLOW_COLUMNS = ("year", "permit", "io-direction", "material", "tonnes")
SCOTLAND: Box = (54.5, -9.0, 61.0, -0.5)
"""A box around Scotland with its islands: Mull of Galloway 54.6 N, St Kilda 8.7 W, Out Stack 60.9 N, Skerries 0.7 W."""


@dataclass(frozen=True)
class Register:
    """
    What a selection of the register holds, and what was left out of it.

    Parameters
    ----------
    sites
        One row per permit: ``permit, name, operator, region, status, activities, lat, lon, treated, year``.
    flows
        One row per permit, direction (in, out) and material: ``permit, direction, material, tonnes``.
    left
        One row per cell or group of cells that is not in them: ``file, row, permit, material, tonnes, reason``.
    files
        Names of the two files.
    """

    sites: pd.DataFrame
    flows: pd.DataFrame
    left: pd.DataFrame
    files: tuple[str, str]


def read_register(
    sites_csv: Path,
    flows_csv: Path,
    *,
    year: int,
    materials: Collection[str],
    bbox: Box | None,
    regions: Collection[str],
) -> Register:
    """
    Read both files and keep what belongs to a year and a part of Scotland.

    Parameters
    ----------
    sites_csv
        Sites with their coordinates, one row per permit (and year).
    flows_csv
        Tonnes in and out by site, material and year.
    year
        Year of the flows.
    materials
        Names of materials that can be imported.
    bbox
        Only sites in this box; None: all.
    regions
        Only sites in these regions; empty: all.

    Returns
    -------
    register
        Sites with at least one flow, their flows, and what was left out.

    Raises
    ------
    ScenarioError
        Naming every cell that can't be read.
    InputError
        If a file is not there, or the year, the box or a region finds nothing.
    """
    problems: list[Problem] = []
    sites, repeated = _sites(sites_csv, year, problems)
    flows, other = _flows(flows_csv, year, problems)
    if problems:
        raise ScenarioError(
            f"{sites_csv.name} and {flows_csv.name}", sorted(problems, key=lambda p: (p.file, p.row or 0))
        )
    placed, unplaced = _placed(sites, sites_csv.name)
    chosen, outside = _chosen(placed, bbox, regions, sites_csv.name)
    usable, unusable = _usable(flows, materials, flows_csv.name)
    taken, strays = _of_sites(
        usable,
        chosen,
        {"has no coordinates in Scotland": unplaced, "lies outside the selection": outside},
        flows_csv.name,
    )
    idle = ~chosen["permit"].isin(taken["permit"])
    still = _left(chosen[idle], sites_csv.name, f"site without a usable flow in {year}")
    left = pd.concat([repeated, unplaced, outside, still, other, unusable, strays], ignore_index=True)
    if taken.empty:
        raise InputError(f"no flow of {year} belongs to a site of the selection")
    return Register(chosen[~idle].reset_index(drop=True), taken, left, (sites_csv.name, flows_csv.name))


def _sites(path: Path, year: int, problems: list[Problem]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the sites; of several rows of a permit the one nearest in year stays, the last of these."""
    raw = read_text(path, SITE_COLUMNS)
    raw["lat"] = numbers(raw, "latitude", path.name, problems)
    raw["lon"] = numbers(raw, "longitude", path.name, problems)
    raw["treated"] = numbers(raw, "tonnes-treated-recovered", path.name, problems).fillna(0.0)
    raw["year"] = integers(raw, "year", path.name, problems)
    problems += [Problem(path.name, int(row), "permit", "is empty") for row in raw["row"][raw["permit"] == ""]]
    sites = raw.rename(columns={"site-name": "name"})
    away = (sites["year"] - year).abs()
    order = sites.assign(away=away).sort_values(["permit", "away", "row"], ascending=[True, False, True], kind="stable")
    repeated = order.duplicated("permit", keep="last")
    left = _left(order[repeated], path.name, "another row of the same permit, farther in year or earlier in the file")
    return order[~repeated].drop(columns="away").sort_values("row").reset_index(drop=True), left


def _flows(path: Path, year: int, problems: list[Problem]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the flows of a year; count the rows of the others."""
    raw = read_text(path, FLOW_COLUMNS)
    raw["year"] = integers(raw, "year", path.name, problems)
    of_year = raw["year"] == year
    flows = raw[of_year].copy()
    flows["amount"] = numbers(flows, "tonnes", path.name, problems)
    flows["direction"] = flows["io-direction"].str.lower()
    wrong = ~flows["direction"].isin(["in", "out"])
    problems += [
        Problem(path.name, int(row), "io-direction", f'"{cell}" is neither in nor out')
        for row, cell in zip(flows["row"][wrong], flows["io-direction"][wrong], strict=True)
    ]
    if not problems and flows.empty:
        years = sorted(set(raw["year"]))
        raise InputError(
            f"{path.name} has no flow of {year}" + (f"; it holds {years[0]} to {years[-1]}" if years else "")
        )
    return flows.assign(tonnes=flows["amount"]), _count(int((~of_year).sum()), path.name, "flow of another year")


def _placed(sites: pd.DataFrame, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the sites with coordinates in Scotland."""
    missing = sites["lat"].isna() | sites["lon"].isna()
    abroad = ~missing & ~_within(sites, SCOTLAND)
    left = pd.concat(
        [
            _left(sites[missing], file, "site without coordinates"),
            _left(sites[abroad], file, "site with coordinates outside Scotland"),
        ],
        ignore_index=True,
    )
    return sites[~(missing | abroad)], left


def _chosen(
    sites: pd.DataFrame, bbox: Box | None, regions: Collection[str], file: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the sites of a box and of regions."""
    keep = np.ones(len(sites), dtype=bool)
    if bbox is not None:
        keep &= _within(sites, bbox).to_numpy()
        if not keep.any():
            raise InputError(
                f"no site lies between south {bbox[0]} and north {bbox[2]}, west {bbox[1]} and east {bbox[3]}"
            )
    if regions:
        names = sorted(set(sites["region"]))
        folded = {name.casefold(): name for name in names}
        unknown = [region for region in regions if region.casefold() not in folded]
        if unknown:
            raise InputError(
                "\n".join(f'there is no region "{name}" in {file}{did_you_mean(name, names)}' for name in unknown)
            )
        keep &= sites["region"].isin([folded[region.casefold()] for region in regions]).to_numpy()
        if not keep.any():
            raise InputError("no site of these regions lies in the box")
    return sites[keep].reset_index(drop=True), _left(sites[~keep], file, "site outside the selection")


def _usable(flows: pd.DataFrame, materials: Collection[str], file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the flows of a known material and a positive amount, each once; amounts of one key are added."""
    key = ["permit", "direction", "material"]
    reasons = [
        ("flow without a material", flows["material"] == ""),
        ("flow of a material that the importer doesn't know", ~flows["material"].isin(list(materials))),
        ("flow without an amount", flows["tonnes"].isna()),
        ("flow of a negative amount", flows["tonnes"] < 0),
        ("flow of nothing", flows["tonnes"] == 0),
        ("repeats an earlier row to the digit", flows.duplicated([*key, "tonnes"])),
    ]
    reason = pd.Series(
        np.select([mask for _, mask in reasons], [text for text, _ in reasons], default=""), index=flows.index
    )
    left = pd.concat([_left(flows[reason == text], file, text) for text, _ in reasons], ignore_index=True)
    good = flows[reason == ""]
    added = good.duplicated(key)
    note = _left(good[added], file, "added to an earlier row of the same site, direction and material")
    summed = good.groupby(key, sort=False, as_index=False).agg(tonnes=("tonnes", "sum"), row=("row", "first"))
    return summed, pd.concat([left, note], ignore_index=True)


def _of_sites(
    flows: pd.DataFrame, sites: pd.DataFrame, others: dict[str, pd.DataFrame], file: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the flows of the chosen sites and say of each other what its site lacks."""
    here = flows["permit"].isin(sites["permit"])
    rest = flows[~here]
    left = []
    for why, table in others.items():
        mine = rest["permit"].isin(table["permit"])
        left.append(_left(rest[mine], file, f"flow of a site that {why}"))
        rest = rest[~mine]
    left.append(_left(rest, file, "flow of a permit without a row among the sites"))
    return flows[here].reset_index(drop=True), pd.concat(left, ignore_index=True)


def _within(sites: pd.DataFrame, box: Box) -> pd.Series[bool]:
    south, west, north, east = box
    return sites["lat"].between(south, north) & sites["lon"].between(west, east)


def _left(rows: pd.DataFrame, file: str, reason: str) -> pd.DataFrame:
    """Name rows that are left out, with the reason."""
    return pd.DataFrame(
        {
            "file": file,
            "row": rows["row"].to_numpy(dtype=float),
            "permit": rows["permit"].to_numpy(dtype=object),
            "name": rows["name"].to_numpy(dtype=object) if "name" in rows else "",
            "direction": rows["direction"].to_numpy(dtype=object) if "direction" in rows else "",
            "material": rows["material"].to_numpy(dtype=object) if "material" in rows else "",
            "tonnes": rows["tonnes"].to_numpy(dtype=float) if "tonnes" in rows else np.nan,
            "rows": 1,
            "reason": reason,
        },
    )


def _count(rows: int, file: str, reason: str) -> pd.DataFrame:
    """Stand for many rows that need no names."""
    one = {
        "file": file,
        "row": np.nan,
        "permit": "",
        "name": "",
        "direction": "",
        "material": "",
        "tonnes": np.nan,
        "rows": rows,
        "reason": reason,
    }
    return pd.DataFrame([one] if rows else [], columns=list(one))
