"""How good the data are that a plan rests on, as a part of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.views import means
from isopt.views.evidence import GRADES, WEAK, row_keys
from isopt.views.numbers import share
from isopt.views.quality import CO2, COST, KEYS, TONNES, Quality
from isopt.views.quality_bars import quality_bars
from isopt.views.report_cells import Cell, Figure, Part, Row, Table, heads, number
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.scenario import Scenario

MOST = 12  # inputs that are named
BEGINNING = 160  # characters of a note that are shown
SHOWN = 0.001  # an input on which less of the cost rests is not worth a reader's time


def part(found: Quality, scenario: Scenario) -> Part:
    """Shares by how the numbers are known, and the weakest inputs that matter most."""
    note = text("report.quality_note" if found.against_baseline else "report.quality_note_plan")
    tables = [_shares(found), *_weightiest(found, scenario)]
    bars = quality_bars(found)
    return Part("quality", text("report.quality_title"), note, [Figure(bars)] if bars else [], tables)


def sentence(found: Quality, scenario: Scenario) -> list[str]:
    """How much of the result rests on weak numbers and which of them weighs most; nothing where nothing does."""
    weak = found.weak(COST)
    if weak < SHOWN or found.weightiest.empty:
        return []
    first = found.weightiest.iloc[0]
    name, _ = _named(str(first["table"]), str(first["key"]), scenario)
    kind = "report.rests" if found.against_baseline else "report.rests_plan"
    return [text(kind, share=share(weak), input=text(f"input.{first['table']}", name=name))]


def _shares(found: Quality) -> Table:
    rows = [
        Row(
            [
                Cell(text(f"grade.{grade}"), kind="weak" if grade in WEAK else ""),
                *(Cell(share(float(found.shares[measure][grade]))) for measure in (COST, CO2, TONNES)),
            ]
        )
        for grade in GRADES
        if (found.shares.loc[grade] > 0).any()
    ]
    weak = [Cell(share(found.weak(measure))) for measure in (COST, CO2, TONNES)]
    rows.append(Row([Cell(text("report.weak")), *weak], "total"))
    numbers = ("rests_cost", "rests_co2", "rests_tonnes")
    return Table("", heads("known", *numbers, numbers=numbers), rows)


def _weightiest(found: Quality, scenario: Scenario) -> list[Table]:
    some = found.weightiest[found.weightiest["share"] >= SHOWN].head(MOST)
    if some.empty:
        return []
    rows = []
    for row in some.to_dict("records"):
        name, detail = _named(str(row["table"]), str(row["key"]), scenario)
        note = str(row["note"])
        rows.append(
            Row(
                [
                    Cell(text(f"input.{row['table']}", name=name), detail),
                    Cell(text(f"grade.{row['grade']}")),
                    Cell(note if len(note) <= BEGINNING else f"{note[:BEGINNING].rstrip()}…"),
                    number(row["eur_per_yr"]),
                    Cell(share(row["share"])),
                ]
            )
        )
    numbers = ("rests_eur", "rests_share")
    columns = heads("input", "known", "says", *numbers, numbers=numbers)
    return [Table(text("report.weightiest_title"), columns, rows, text("report.weightiest_note"))]


def _named(table: str, key: str, scenario: Scenario) -> tuple[str, str]:
    """What a row is called, and where to find it in the tables."""
    rows = scenario.tables[table]
    row = rows[row_keys(rows, KEYS[table]) == key].iloc[0]
    where = f"{table}: {key}"
    if table in ("streams", "demands", "stocks"):
        place = means.facility_names(scenario).get(row["facility"]) or str(row["plant"])
        names = means.material_names(scenario)
        material = names[row["material"]]
        return text("input.of", material=material, place=place), where
    if table in ("plants", "disposals"):
        return means.facility_names(scenario)[row["facility"]], where
    return str(row.get("name") or key), where
