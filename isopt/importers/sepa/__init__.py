"""Scotland's waste sites and what went in and out of them (Scottish Environment Protection Agency) as a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from isopt.errors import InputError
from isopt.importers.report import Imported
from isopt.importers.sepa.files import Box, Register, read_register
from isopt.importers.sepa.prices import Assumptions, lookups
from isopt.importers.sepa.readme import readme
from isopt.importers.sepa.roles import PASSED_ON, UNTREATED, balance, capacities
from isopt.importers.sepa.tables import build
from isopt.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Assumptions", "Box", "convert", "import_sepa", "read_sepa"]

ORIGIN = "SEPA waste sites and flows (OGL v2.0), Data Commons Scotland (CC BY 4.0)"


def convert(
    sites_csv: str | Path,
    flows_csv: str | Path,
    *,
    year: int,
    bbox: Box | None = None,
    regions: Collection[str] = (),
    assumptions: Assumptions | None = None,
) -> Imported:
    """
    Turn the register's two files into a scenario.

    What a site sent out is a stream; what ended at a site that treats waste (in less out of the same material) is a
    demand that need not be met; what ended at an operating landfill or an incinerator is a way to disposal with that
    capacity.

    Parameters
    ----------
    sites_csv
        Sites: columns region, year, site-name, permit, status, latitude, longitude, operator, activities,
        tonnes-treated-recovered.
    flows_csv
        Flows in tonnes: columns year, permit, io-direction, material, tonnes.
    year
        Year of the flows.
    bbox
        Only sites within (south, west, north, east), degrees.
    regions
        Only sites in these council areas; empty: all.
    assumptions
        Prices and distances that the register doesn't hold; None: the defaults.

    Returns
    -------
    imported
        The scenario, what was taken, what was left and why, and the text of its README.

    Raises
    ------
    ScenarioError
        Naming every cell that can't be read, with file, row and column.
    InputError
        If a file is not there, or the year, box or region finds nothing.
    """
    if bbox is not None and not (bbox[0] < bbox[2] and bbox[1] < bbox[3]):
        raise InputError("a box is south, west, north, east in degrees, with south below north and west below east")
    assumed = assumptions or Assumptions()
    known = lookups()
    register = read_register(
        Path(sites_csv),
        Path(flows_csv),
        year=year,
        materials=set(known.materials["sepa_name"]),
        bbox=bbox,
        regions=regions,
    )
    category = known.materials.set_index("sepa_name")["category"]
    balanced = balance(register.flows)
    taken = capacities(balanced.assign(category=balanced["material"].map(category)), register.sites, known.activities)
    tables, settings = build(register.sites, register.flows, taken, assumed, year=year, origin=ORIGIN)
    title = f"Waste sites of {_place(bbox, regions)}, {year}"
    scenario = Scenario.of(tables, settings={"title": title, **settings}, name=f"sepa-{year}")
    left = pd.concat(
        [register.left, _unused_inflow(taken, register), _idle(register, tables["facilities"])], ignore_index=True
    )
    return Imported(
        scenario, left, readme(scenario, register, taken, left, assumed, year=year, bbox=bbox, regions=regions)
    )


def read_sepa(
    sites_csv: str | Path,
    flows_csv: str | Path,
    *,
    year: int,
    bbox: Box | None = None,
    regions: Collection[str] = (),
    assumptions: Assumptions | None = None,
) -> Scenario:
    """
    Return the scenario of :func:`convert` alone.

    Parameters
    ----------
    sites_csv
        Sites of the register.
    flows_csv
        Flows of the register.
    year
        Year of the flows.
    bbox
        Only sites within (south, west, north, east), degrees.
    regions
        Only sites in these council areas; empty: all.
    assumptions
        Prices and distances that the register doesn't hold; None: the defaults.

    Returns
    -------
    scenario
        Not written anywhere.

    Raises
    ------
    ScenarioError
        Naming every cell that can't be read.
    InputError
        If a file is not there, or the year, box or region finds nothing.
    """
    return convert(sites_csv, flows_csv, year=year, bbox=bbox, regions=regions, assumptions=assumptions).scenario


def import_sepa(
    sites_csv: str | Path,
    flows_csv: str | Path,
    folder: str | Path,
    *,
    year: int,
    bbox: Box | None = None,
    regions: Collection[str] = (),
    assumptions: Assumptions | None = None,
) -> Imported:
    """
    Write what :func:`convert` makes to a folder, with a README that states every assumption and everything left out.

    Parameters
    ----------
    sites_csv
        Sites of the register.
    flows_csv
        Flows of the register.
    folder
        Folder to write; made if it is not there.
    year
        Year of the flows.
    bbox
        Only sites within (south, west, north, east), degrees.
    regions
        Only sites in these council areas; empty: all.
    assumptions
        Prices and distances that the register doesn't hold; None: the defaults.

    Returns
    -------
    imported
        As written.

    Raises
    ------
    ScenarioError
        Naming every cell that can't be read.
    InputError
        If a file is not there, or the year, box or region finds nothing.
    """
    imported = convert(sites_csv, flows_csv, year=year, bbox=bbox, regions=regions, assumptions=assumptions)
    imported.write(Path(folder))
    return imported


def _place(bbox: Box | None, regions: Collection[str]) -> str:
    """Name the selection in words: places west of Greenwich are so many degrees west."""
    if regions:
        return ", ".join(regions)
    if bbox is None:
        return "Scotland"
    west, east = (f"{abs(degrees):g} {'W' if degrees < 0 else 'E'}" for degrees in (bbox[1], bbox[3]))
    return f"Scotland from {bbox[0]:g} to {bbox[2]:g} N and {west} to {east}"


def _unused_inflow(taken: pd.DataFrame, register: Register) -> pd.DataFrame:
    """The tonnes that came in and are no capacity: passed on, or only held."""
    names = taken["permit"].map(register.sites.set_index("permit")["name"])
    frame = taken.assign(file=register.files[1], row=float("nan"), name=names, direction="in", rows=1)
    passed = frame.assign(tonnes=frame["in"] - frame["net"], reason=PASSED_ON)
    untreated = frame.assign(tonnes=frame["net"] - frame["capacity"], reason=UNTREATED)
    both = pd.concat([passed, untreated], ignore_index=True)
    return both.loc[both["tonnes"] > 0, list(register.left.columns)]


def _idle(register: Register, facilities: pd.DataFrame) -> pd.DataFrame:
    """Name the sites that neither send nor take anything in the scenario."""
    sites = register.sites
    idle = sites[~sites["permit"].isin(facilities["facility"])]
    frame = idle.assign(file=register.files[0], direction="", material="", tonnes=float("nan"), rows=1)
    return frame.assign(reason="site that sends nothing and of whose inflow nothing counts as treated")[
        list(register.left.columns)
    ]
