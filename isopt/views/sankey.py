"""Where materials come from and where they go: the balance of a plan as a Sankey diagram in SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isopt.errors import InputError
from isopt.views import means
from isopt.views.colours import colours_of
from isopt.views.sankey_drawing import drawn
from isopt.views.texts import counted, known, text

if TYPE_CHECKING:
    from isopt.scenario import Scenario
    from isopt.solution import Solution

SOURCE, MATERIAL, SINK = 0, 1, 2  # columns
SMALLEST = 0.001  # of the whole: half a pixel; smaller ones are put among the others
GREY = "#8a959d"  # what stands for several materials
TONNES = "t"


@dataclass(frozen=True)
class Node:
    """
    A place of the diagram where amounts come together.

    Attributes
    ----------
    column
        0: where it comes from, 1: material, 2: where it goes.
    kind
        source, plant, virgin, material, receiver, landfill, incineration, sewer or other (disposal).
    label
        What it is called.
    amount
        Per year, in the unit of the diagram.
    colour
        As ``#rrggbb``.
    last
        Whether it stands below the others: what is left of many, purchases, disposal.
    """

    column: int
    kind: str
    label: str
    amount: float
    colour: str
    last: bool = False


@dataclass(frozen=True)
class Balance:
    """
    Amounts between nodes.

    Attributes
    ----------
    nodes
        All nodes.
    ribbons
        Two nodes (by place in `nodes`), amount per year and the node of the material whose colour it has.
    unit
        Of the amounts.
    """

    nodes: tuple[Node, ...]
    ribbons: tuple[tuple[int, int, float, int], ...]
    unit: str

    @property
    def total(self) -> float:
        """All that comes in, per year."""
        return sum(node.amount for node in self.nodes if node.column == SOURCE)


KIND_COLOURS = {
    "source": "#5b6b77",
    "receiver": "#2b6c8f",
    "plant": "#2f6f4f",
    "virgin": "#9a7b4f",
    "landfill": "#8c3b2e",
    "incineration": "#b06a3b",
    "sewer": "#6b6f9c",
    "other": "#7d7f83",
}


def sankey(
    solution: Solution,
    *,
    width: int = 1100,
    height: int = 520,
    most: int = 10,
    unit: str = TONNES,
    name: str = "sankey",
) -> str:
    """
    Draw where materials come from and where they go, as an inline SVG that needs nothing else.

    Three columns: firms (by themselves, else by organisation, else by the group or the sector of their facilities),
    plants and purchases; materials; receivers, plants and ways of disposal. A plant stands on both sides, with what it
    takes in and what it gives.

    Parameters
    ----------
    solution
        One with a plan.
    width
        Of the drawing in pixels; on a page it is as wide as what holds it.
    height
        Likewise; it grows where nodes need more room.
    most
        Firms, materials and receivers that get a node of their own; smaller ones are put together as others.
    unit
        ``t``, ``m3`` or ``MWh``: tonnes of everything that weighs something, or only materials counted in that unit.
    name
        Begins the ids in the SVG; of its own for each figure of a page.

    Returns
    -------
    str
        SVG; empty where nothing moves in that unit.

    Raises
    ------
    InputError
        If `most` is below 1.

    Examples
    --------
    >>> import isopt
    >>> drawing = sankey(isopt.solve(isopt.read("scenarios/two_firms")))
    >>> drawing.startswith("<svg"), "<script" in drawing
    (True, False)
    """
    found = balance(solution, most=most, unit=unit)
    return drawn(found, width=width, height=height, name=name) if found.ribbons else ""


def balance(solution: Solution, *, most: int = 10, unit: str = TONNES) -> Balance:
    """
    Add up where materials come from and where they go.

    Parameters
    ----------
    solution
        One with a plan; amounts are yearly means.
    most, unit
        As in `sankey`.
    """
    return balance_of(amounts(solution, unit), solution.scenario, most=most, unit=unit)


def amounts(solution: Solution, unit: str = TONNES) -> pd.DataFrame:
    """
    List what moves and what is bought, with the kind and the key of both ends; nothing of it depends on a language.

    Parameters
    ----------
    solution, unit
        As in `balance`.
    """
    rows = pd.concat([_moved(solution, unit), _purchased(solution, unit)], ignore_index=True)
    return rows[rows["amount"] > 0]


def balance_of(rows: pd.DataFrame, scenario: Scenario, *, most: int = 10, unit: str = TONNES) -> Balance:
    """
    Add amounts up, and call their ends by name in the language that is spoken here.

    Parameters
    ----------
    rows
        From `amounts`.
    scenario
        Supplies the names.
    most, unit
        As in `sankey`.
    """
    if most < 1:
        raise InputError(f"a Sankey diagram shows at least 1 node of a kind, not {most}")
    if rows.empty:
        return Balance((), (), unit)
    rows = rows.copy()
    rows["source"], rows["source_last"] = _called(rows, "source", scenario, most)
    rows["sink"], rows["sink_last"] = _called(rows, "sink", scenario, most)
    rows["label"], rows["colour"] = _materials(rows, scenario, most)
    return _balance(rows, unit)


def _balance(rows: pd.DataFrame, unit: str) -> Balance:
    """Nodes and ribbons of rows that say how their ends and their material are called."""
    nodes: list[Node] = []
    place: dict[tuple[int, str, str], int] = {}
    rows = rows.assign(label_kind="material", label_last=rows["colour"] == GREY)
    for column, side in ((SOURCE, "source"), (MATERIAL, "label"), (SINK, "sink")):
        for (kind, label), group in rows.groupby([f"{side}_kind", side], sort=False):
            colour = str(group["colour"].iloc[0]) if column == MATERIAL else KIND_COLOURS[str(kind)]
            amount, last = float(group["amount"].sum()), bool(group[f"{side}_last"].any())
            place[column, str(kind), str(label)] = len(nodes)
            nodes.append(Node(column, str(kind), str(label), amount, colour, last))
    ribbons = []
    for column, side in ((SOURCE, "source"), (SINK, "sink")):
        sums = rows.groupby([f"{side}_kind", side, "label"], sort=False)["amount"].sum().reset_index()
        for kind, label, material, amount in sums.itertuples(index=False):
            end, middle = place[column, str(kind), str(label)], place[MATERIAL, "material", str(material)]
            ribbons.append((*((end, middle) if column == SOURCE else (middle, end)), float(amount), middle))
    return Balance(tuple(nodes), tuple(ribbons), unit)


def _moved(solution: Solution, unit: str) -> pd.DataFrame:
    """All that moves, with the kind and the key of both ends."""
    flows = means.flows(solution)
    scenario = solution.scenario
    flows = flows.assign(amount=flows["tonnes"] if unit == TONNES else flows["sent"])
    if unit != TONNES:
        flows = flows[flows["unit"] == unit]
    plant = scenario.tables["plants"].set_index("plant")["technology"]
    from_plant = flows["origin_kind"] == "plant"
    taker = flows["receiver_kind"]
    routes = scenario.tables["disposals"].set_index("disposal")["route"]
    own = scenario.tables["streams"].set_index("stream")["own_disposal_route"]
    # a table without rows has no texts for pandas to know its type by
    ways = flows["receiver"].map(routes).astype(object), flows["origin"].map(own).astype(object)
    route = ways[0].where(taker == "disposal", ways[1]).fillna("other")
    return pd.DataFrame(
        {
            "source_kind": np.where(from_plant, "plant", "source"),
            "source_key": flows["origin"].map(plant).where(from_plant, flows["from_facility"]),
            "material": flows["material"],
            "sink_kind": np.select([taker == "demand", taker == "plant"], ["receiver", "plant"], route),
            "sink_key": np.select(
                [taker == "demand", taker == "plant"],
                [flows["to_facility"], flows["receiver"].map(plant)],
                route,
            ),
            "amount": flows["amount"].astype(float),
        }
    )


def _purchased(solution: Solution, unit: str) -> pd.DataFrame:
    """Purchases, as far as they weigh something or are counted in the unit."""
    bought = means.purchases(solution)
    materials = solution.scenario.tables["materials"].set_index("material")
    counted_in = bought["material"].map(materials["unit"])
    if unit == TONNES:
        weight = bought["material"].map(materials["t_per_unit"]).astype(float)
        amount = bought["bought"] * weight.fillna((counted_in == TONNES).astype(float))
    else:
        amount = bought["bought"].where(counted_in == unit, 0.0)
    return pd.DataFrame(
        {
            "source_kind": "virgin",
            "source_key": "virgin",
            "material": bought["material"],
            "sink_kind": "receiver",
            "sink_key": bought["facility"],
            "amount": amount.astype(float),
        }
    )


def _called(rows: pd.DataFrame, side: str, scenario: Scenario, most: int) -> tuple[pd.Series[str], pd.Series[bool]]:
    """What the ends of one side are called, and which of them stand last."""
    kinds, keys = rows[f"{side}_kind"], rows[f"{side}_key"]
    technologies = scenario.tables["technologies"].set_index("technology")["name"].to_dict()
    firm = kinds.isin(["source", "receiver"])
    labels = pd.Series("", index=rows.index, dtype=object)
    labels[kinds == "plant"] = keys[kinds == "plant"].map(lambda key: technologies.get(key) or key)
    special = ~firm & (kinds != "plant")
    labels[special] = kinds[special].map(lambda kind: text(f"sankey.{kind}"))
    last = special.copy()
    named = _firm_names(keys[firm], rows.loc[firm, "amount"], scenario, most)
    others = _others(named, rows.loc[firm, "amount"], most)
    labels[firm] = named.where(~others, counted(named[others].nunique(), "other"))
    last[firm] = others
    return labels, last


def _firm_names(keys: pd.Series[str], amounts: pd.Series[float], scenario: Scenario, most: int) -> pd.Series[str]:
    """Firms by name where they are few, else by organisation, else by their group or sector where these are known."""
    table = scenario.tables["facilities"].set_index("facility")
    names = means.facility_names(scenario)
    organisation = keys.map(table["organisation"])
    for level in (keys.map(names), organisation.map(lambda one: names.get(one, one))):
        if level.nunique() <= most:
            return level.astype(object)
    sectors = {str(code): sector_name(str(code)) for code in pd.unique(table["sector"])}
    for label, none in ((keys.map(table["group"]), "no_group"), (keys.map(table["sector"]).map(sectors), "no_sector")):
        if amounts[label != ""].sum() > 0.5 * amounts.sum():
            return label.where(label != "", text(f"sankey.{none}")).astype(object)
    return keys.map(names).astype(object)


def sector_name(code: str) -> str:
    """
    Name of the division of a NACE code in the language that is spoken; the code itself where it is none.

    Parameters
    ----------
    code
        Such as ``38.21``.

    Examples
    --------
    >>> sector_name("23.62"), sector_name("")
    ('Glass, ceramics, cement and other minerals', '')
    """
    return known(f"sector.{code.strip()[:2]}", code)


def _materials(rows: pd.DataFrame, scenario: Scenario, most: int) -> tuple[pd.Series[str], pd.Series[str]]:
    """Name and colour of each row's material."""
    names, colours = means.material_names(scenario), colours_of(scenario)
    others = _others(rows["material"], rows["amount"], most)
    label = counted(rows.loc[others, "material"].nunique(), "other")
    return (
        rows["material"].map(names).astype(object).where(~others, label),
        rows["material"].map(colours).astype(object).where(~others, GREY),
    )


def _others(names: pd.Series[str], amounts: pd.Series[float], most: int) -> pd.Series[bool]:
    """Whether a row is of one that gets no node of its own: below the largest, or hardly visible; never just one."""
    sums = amounts.groupby(names.to_numpy()).sum().sort_values(ascending=False, kind="stable")
    small = sums.index[(np.arange(len(sums)) >= most) | (sums.to_numpy() < SMALLEST * sums.sum())]
    return names.isin(small if len(small) > 1 else [])
