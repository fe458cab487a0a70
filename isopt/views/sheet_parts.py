"""The parts of an organisation's sheet: figures, sentences and short tables that fit on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isopt.views import caption, means, payback
from isopt.views.caption import known_number
from isopt.views.evidence import WEAK
from isopt.views.numbers import share, with_unit
from isopt.views.organisation import LINES, Organisation
from isopt.views.report_cells import NUMBER, Cell, Column, Row, Table, number, signed, without_empty
from isopt.views.sheet_fit import ROOMS, Room, fitting
from isopt.views.summary import names as listed
from isopt.views.texts import counted, known, text

if TYPE_CHECKING:
    from isopt.solution import Solution

MOST = ROOMS[0].broad  # rows of a table on any page
LONGEST = 38  # characters of a name: two lines of a cell
SAME = 1e-9
MOVED = (
    "material", "received_as", "taker", "giver", "to_facility", "from_facility", "sent", "unit", "mode", "status",
    "distance_km", "haulage", "setup", "trips", "capital", "payback_yr", "saving",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """
    What all sheets of a solution share.

    Attributes
    ----------
    title, status
        Of the scenario and of the plan, in words.
    names
        Facility -> name; an organisation may go by the id of its only facility.
    materials, units
        Material -> name and unit.
    technologies
        Technology -> name.
    """

    title: str
    status: str
    names: Mapping[str, str]
    materials: Mapping[str, str]
    units: Mapping[str, str]
    technologies: Mapping[str, str]

    @staticmethod
    def of(solution: Solution) -> Facts:
        """Gather them."""
        scenario = solution.scenario
        technologies = scenario.tables["technologies"].set_index("technology")["name"].to_dict()
        return Facts(
            caption.title(solution),
            caption.status(solution),
            means.facility_names(scenario),
            means.material_names(scenario),
            {str(material): str(unit) for material, unit in means.units(scenario).items()},
            {str(key): str(name or key) for key, name in technologies.items()},
        )

    def firm(self, key: str) -> str:
        """Name of an organisation."""
        return self.names.get(key, key)


def where(one: Organisation) -> str:
    """Its sites in a line, with the towns as far as they are known."""
    sites = one.sites["name"].where(one.sites["name"] != "", one.sites["facility"])
    places = [
        ", ".join(dict.fromkeys(part for part in (str(name), str(city)) if part))
        for name, city in zip(sites, one.sites["city"], strict=True)
    ]
    return listed(places)


def figures(one: Organisation) -> list[tuple[str, str]]:
    """The numbers that a manager looks for first: label and text."""
    tonnes, money = text("unit.per_year", unit="t"), text("unit.per_year", unit="EUR")
    pairs = []
    if known_number(one.saving):
        pairs = [(text("sheet.saving" if one.saving >= 0 else "sheet.loss"), with_unit(abs(one.saving), money))]
    pairs += [
        (text("sheet.given"), with_unit(float(one.gives["tonnes"].sum()), tonnes)),
        (text("sheet.got"), with_unit(float(one.gets["tonnes"].sum()), tonnes)),
        (text("sheet.still_disposed"), with_unit(float(one.disposed["tonnes"].sum()), tonnes)),
    ]
    capital = float(one.gives["capital"].sum()) + float(one.plants.get("capex_spent_eur", pd.Series(dtype=float)).sum())
    if capital > 0:
        pairs.append((text("sheet.invests"), with_unit(capital, "EUR")))
    return pairs


def words(facts: Facts, one: Organisation) -> list[str]:
    """What to remember, in a few sentences."""
    if not one.concerned:
        return [text("sheet.unconcerned")]
    lines = [*_money(one)]
    to = list(dict.fromkeys(facts.firm(key) for key in one.gives["taker"] if key != one.key))
    of = list(dict.fromkeys(facts.firm(key) for key in one.gets["giver"]))
    if to:
        lines.append(text("sheet.gives_to", firms=listed(to)))
    if of:
        lines.append(text("sheet.gets_from", firms=listed(of)))
    both = pd.concat([one.gives, one.gets])["saving"].sum()
    if both > 0 and (to or of):
        lines.append(text("sheet.together", saving=with_unit(float(both), text("unit.per_year", unit="EUR"))))
    weak = one.inputs[one.inputs["grade"].isin(WEAK) & (one.inputs["amount"] > 0)]
    if len(weak):
        lines.append(text("sheet.check", numbers=counted(len(weak), "number")))
    return lines


def _money(one: Organisation) -> list[str]:
    before, after = float(one.ledger["cost_before_eur_per_yr"]), float(one.ledger["cost_after_eur_per_yr"])
    money = text("unit.per_year", unit="EUR")
    if not known_number(before):
        return [text("sheet.pays", after=with_unit(after, money))]
    if abs(one.saving) <= SAME * max(abs(before), abs(after)):
        return [text("sheet.same", after=with_unit(after, money))]
    kind = "sheet.less" if one.saving > 0 else "sheet.more"
    told = {"after": with_unit(after, money), "before": with_unit(before, money)}
    return [text(kind, difference=with_unit(abs(one.saving), money), **told)]


def tables(facts: Facts, one: Organisation) -> list[Table]:
    """Tables of the sheet, in reading order, with as many rows as fit on the page; what is empty is left out."""
    wide = {side: _moves(facts, one, side) for side in ("gives", "gets")}
    narrow = [_plants(facts, one), _costs(one), _inputs(facts, one), _disposed(facts, one), _demands(facts, one)]

    def made(room: Room) -> list[Table]:
        given, got = (0 if draft is None else draft.rows for draft in wide.values())
        shares = {
            "gives": max(room.broad - got, room.broad - room.broad // 2),
            "gets": max(room.broad - given, room.broad // 2),
        }
        cut = [draft.cut(shares[side]) for side, draft in wide.items() if draft is not None]
        return cut + [draft.cut(room.half) for draft in narrow if draft is not None]

    return fitting(made, words(facts, one))


@dataclass(frozen=True)
class Draft:
    """A table with more rows than the page may hold, how many there are in all and the file that has them."""

    table: Table
    rows: int
    file: str = ""

    def cut(self, most: int) -> Table:
        """The table with its first rows, and below it how many more there are and where."""
        if not self.file or self.rows <= most:
            return self.table
        more = text("sheet.more_rows", rows=counted(self.rows - most, "other"), file=self.file)
        return replace(self.table, rows=self.table.rows[:most], more=more)


def _largest(rows: pd.DataFrame, by: str, columns: tuple[str, ...]) -> list[dict[Any, Any]]:
    """The largest rows, as many as any page may show."""
    order = np.argsort(-rows[by].to_numpy(float), kind="stable")[:MOST]
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*(rows[name].to_numpy()[order] for name in columns), strict=True)
    ]


def _short(words: str) -> str:
    """A name that fits into a cell."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"


def _moves(facts: Facts, one: Organisation, side: str) -> Draft | None:
    table = one.gives if side == "gives" else one.gets
    if table.empty:
        return None
    rows = _largest(table, "saving", MOVED)
    other, place = ("taker", "to_facility") if side == "gives" else ("giver", "from_facility")
    cells = []
    for row in rows:
        firm, site = facts.firm(str(row[other])), facts.names[row[place]]
        partner = text("sheet.own_site", site=site) if row[other] == one.key else firm
        replaces = row["received_as"] != row["material"]
        small = text("sheet.replaces", material=facts.materials[row["received_as"]]) if replaces else ""
        status = "" if row["status"] == "allowed" else known(f"map.{row['status']}", str(row["status"]))
        cells.append(
            Row(
                [
                    Cell(_short(facts.materials[row["material"]]), _short(small)),
                    Cell(_short(partner), _short(site) if site not in partner else ""),
                    Cell(with_unit(float(row["sent"]), str(row["unit"]))),
                    Cell(str(row["mode"]), status),
                    number(row["distance_km"]),
                    number(row["haulage"]),
                    number(row["setup"]),
                    number(row["trips"] or np.nan),
                    number(row["capital"]),
                    Cell(payback.said(float(row["payback_yr"]))),
                    signed(row["saving"]),
                ]
            )
        )
    numbers = ("amount", "km", "haulage", "setup", "trips", "capital", "payback", "joint")
    first = ("what", "to_whom" if side == "gives" else "from_whom", "amount", "mode", "km")
    columns = _heads(*first, *numbers[2:], numbers=numbers)
    note = text(f"sheet.{side}_note")
    return Draft(Table(text(f"sheet.{side}"), *without_empty(columns, cells), note), len(table), "exchanges.csv")


def _heads(*names: str, numbers: tuple[str, ...]) -> list[Column]:
    kinds = {**dict.fromkeys(numbers, NUMBER), "mode": "mode"}
    return [Column(text(f"sheet.{name}"), kinds.get(name, "")) for name in names]


def _plants(facts: Facts, one: Organisation) -> Draft | None:
    if one.plants.empty:
        return None
    rows = _largest(one.plants, "capex_spent_eur", ("technology", "facility", "year", "throughput", "capex_spent_eur"))
    cells = [
        Row(
            [
                Cell(_short(facts.technologies[row["technology"]])),
                Cell(_short(facts.names[row["facility"]])),
                Cell(str(int(row["year"]))),
                number(row["throughput"]),
                number(row["capex_spent_eur"]),
            ]
        )
        for row in rows
    ]
    columns = _heads("plant", "site", "year", "throughput", "capital", numbers=("throughput", "capital"))
    return Draft(Table(text("sheet.plants"), columns, cells), len(one.plants), "plants.csv")


def _costs(one: Organisation) -> Draft:
    """The ledger line by line, before and after."""
    rows = []
    for line, kpi in LINES.items():
        column = f"{line}_eur_per_yr"
        after = float(one.ledger[column])
        before = float("nan") if one.before is None else float(one.before[column])
        if not after and (not before or np.isnan(before)):
            continue
        sign = -1.0 if line == "subsidies" else 1.0
        rows.append(Row([Cell(text(f"kpi.{kpi}")), number(sign * before), number(sign * after)]))
    before, after = float(one.ledger["cost_before_eur_per_yr"]), float(one.ledger["cost_after_eur_per_yr"])
    rows.append(Row([Cell(text("report.total")), number(before), number(after)], "total"))
    net = float(one.ledger["payments_received_eur_per_yr"]) - float(one.ledger["payments_paid_eur_per_yr"])
    if net:
        rows.append(Row([Cell(text("sheet.payments")), Cell(text("number.none")), number(-net)]))
    columns = _heads("line", "before", "after", numbers=("before", "after"))
    return Draft(Table(text("sheet.costs"), columns, rows, text("sheet.costs_note")), len(rows))


def _disposed(facts: Facts, one: Organisation) -> Draft | None:
    if one.disposed.empty:
        return None
    names = ("material", "own", "to_facility", "sent", "unit", "gate_fee_eur", "landfill_tax_eur")
    rows = _largest(one.disposed, "sent", names)
    cells = [
        Row(
            [
                Cell(_short(facts.materials[row["material"]])),
                Cell(text("sheet.own_disposal") if row["own"] else _short(facts.names[row["to_facility"]])),
                Cell(with_unit(float(row["sent"]), str(row["unit"]))),
                number(row["gate_fee_eur"] + row["landfill_tax_eur"]),
            ]
        )
        for row in rows
    ]
    columns = _heads("what", "to_whom", "amount", "fees", numbers=("amount", "fees"))
    return Draft(Table(text("sheet.disposed"), columns, cells), len(one.disposed), "disposal.csv")


def _demands(facts: Facts, one: Organisation) -> Draft | None:
    some = one.demands[one.demands["need"] > 0]
    if some.empty:
        return None
    rows = _largest(some, "cost_eur", ("material", "need", "received", "bought", "cost_eur"))
    cells = [
        Row(
            [
                Cell(_short(facts.materials[row["material"]])),
                Cell(with_unit(float(row["need"]), facts.units[row["material"]])),
                Cell(share(float(row["received"]) / float(row["need"]))),
                number(row["bought"]),
                number(row["cost_eur"]),
            ]
        )
        for row in rows
    ]
    numbers = ("need", "covered", "bought", "cost")
    table = Table(text("sheet.needs"), _heads("what", *numbers, numbers=numbers), cells)
    return Draft(table, len(some), "virgin.csv")


def _inputs(facts: Facts, one: Organisation) -> Draft | None:
    """The numbers that were used for it, the weakest first, for it to check."""
    some = one.inputs[one.inputs["amount"] > 0]
    if some.empty:
        return None
    some = some.assign(weak=some["grade"].isin(WEAK) * 1e18 + some["amount"])
    rows = _largest(some, "weak", ("table", "material", "facility", "amount", "grade"))
    several = len(one.sites) > 1
    cells = []
    for row in rows:
        which = text(f"sheet.{row['table']}")
        small = f"{which}, {_short(facts.names[row['facility']])}" if several else which
        known_as = Cell(text(f"grade.{row['grade']}"), kind="weak" if row["grade"] in WEAK else "")
        amount = with_unit(float(row["amount"]), facts.units[row["material"]])
        cells.append(Row([Cell(_short(facts.materials[row["material"]]), small), Cell(amount), known_as]))
    columns = _heads("what", "amount", "known", numbers=("amount",))
    table = Table(text("sheet.inputs"), columns, cells, text("sheet.inputs_note"))
    return Draft(table, len(some), "streams.csv, demands.csv")
