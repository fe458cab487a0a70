"""What the plan rests on and who pays, as tables of the report, from disposal and demands to versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from isopt.solution.store import summary
from isopt.views import means
from isopt.views.caption import GOAL_UNITS, PROVEN, has_plan, known_number
from isopt.views.language import digits
from isopt.views.numbers import share, with_unit
from isopt.views.report_cells import (
    Cell,
    Column,
    Row,
    Table,
    heads,
    mean_words,
    number,
    shown,
    signed,
    without_empty,
)
from isopt.views.summary import material_names
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from isopt.solution import Solution

OWN = "own:"  # begins the outlet's name where a stream goes to its firm's own disposal
SECTIONS = ("policy", "reach", "economics", "limits", "minimise", "baseline", "programme", "solver")


def disposal(solution: Solution) -> Table | None:
    """What still goes to disposal, the most first."""
    if solution.disposal.empty:
        return None
    by = ["outlet", "name", "route", "tax_class", "material", "unit"]
    sums = ["amount", "tonnes", "gate_fee_eur", "landfill_tax_eur", "co2_t"]
    table = means.per_year(solution.disposal, by, sums, solution.scenario)
    table, more = shown(table.sort_values(["tonnes", "amount"], ascending=False, kind="stable"), "disposal.csv")
    rows = []
    for row in table.to_dict("records"):
        own = str(row["outlet"]).startswith(OWN)
        rows.append(
            Row(
                [
                    Cell(text("report.own_outlet", name=row["name"]) if own else str(row["name"] or row["outlet"])),
                    Cell(known(f"map.{row['route']}", str(row["route"])), known(f"class.{row['tax_class']}", "")),
                    Cell(material_names(solution, str(row["material"]))),
                    Cell(with_unit(float(row["amount"]), str(row["unit"]))),
                    *(number(row[name]) for name in sums[1:]),
                ]
            )
        )
    numbers = ("amount", "tonnes", "gate_fees", "tax", "co2_t")
    columns = heads("outlet", "route", "material", *numbers, numbers=numbers)
    note = text("report.disposal_note", mean=mean_words(solution))
    return Table(text("report.disposal_title"), *without_empty(columns, rows), note, more)


def demands(solution: Solution) -> Table | None:
    """How demands are met, the largest purchase first."""
    table = means.purchases(solution)
    if table.empty:
        return None
    table, more = shown(table.sort_values(["cost_eur", "need"], ascending=False, kind="stable"), "virgin.csv")
    names = means.facility_names(solution.scenario)
    unit = means.units(solution.scenario).to_dict()
    rows = [
        Row(
            [
                Cell(names[row["facility"]], str(row["demand"])),
                Cell(material_names(solution, str(row["material"]))),
                Cell(with_unit(float(row["need"]), str(unit[row["material"]]))),
                number(row["received"]),
                Cell(share(row["received"] / row["need"]) if row["need"] else text("number.none")),
                *(number(row[name]) for name in ("bought", "unmet", "cost_eur", "co2_t")),
            ]
        )
        for row in table.to_dict("records")
    ]
    numbers = ("need", "received", "share_received", "bought", "unmet", "cost", "co2_t")
    columns = heads("demand", "material", *numbers, numbers=numbers)
    note = text("report.virgin_note", mean=mean_words(solution))
    return Table(text("report.virgin_title"), *without_empty(columns, rows), note, more)


def firms(solution: Solution) -> Table | None:
    """The ledger of the organisations, the largest gain first, with a total."""
    table = solution.firms
    if table.empty:
        return None
    table = table.sort_values("saving_eur_per_yr", ascending=False, kind="stable")
    some, more = shown(table, "firms.csv")
    columns = ["cost_before_eur_per_yr", "cost_after_eur_per_yr", "saving_eur_per_yr"]
    net = table["payments_received_eur_per_yr"] - table["payments_paid_eur_per_yr"]
    names = dict(means.facility_names(solution.scenario))
    rows = [
        Row(
            [
                Cell(names.get(row["organisation"], row["organisation"])),
                number(row[columns[0]]),
                number(row[columns[1]]),
                signed(row[columns[2]]),
                number(paid),
                number(row["cost_after_payments_eur_per_yr"]),
            ]
        )
        for row, paid in zip(some.to_dict("records"), net, strict=False)
    ]
    sums = [table[name].sum(min_count=1) for name in columns]
    rows.append(
        Row(
            [
                Cell(text("report.total")),
                *(number(value) for value in sums),
                number(net.sum()),
                number(table["cost_after_payments_eur_per_yr"].sum(min_count=1)),
            ],
            "total",
        )
    )
    numbers = ("before", "after", "gain", "payments", "after_payments")
    note = text("report.firms_note", mean=mean_words(solution))
    return Table(text("report.firms_title"), heads("organisation", *numbers, numbers=numbers), rows, note, more)


def assumptions(solution: Solution) -> Table:
    """The settings that the plan was made under, named as in `scenario.toml`."""
    settings = solution.scenario.settings
    rows = [Row([Cell("price_year"), Cell(_said(settings.price_year))])]
    for section in SECTIONS:
        said = asdict(getattr(settings, section)).items()
        rows += [Row([Cell(f"{section}.{key}"), Cell(_said(value))]) for key, value in said if value is not None]
    rows += [Row([Cell(f"scale: {key}"), Cell(_said(value))]) for key, value in settings.scale.items()]
    return Table(text("report.assumptions"), heads("setting", "value"), rows, text("report.assumptions_note"))


def _said(value: Any) -> str:
    if value is None or value in ((), {}, ""):
        return text("report.unlimited")
    if isinstance(value, bool):
        return known(f"report.{str(value).lower()}", str(value).lower())
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def sources(solution: Solution) -> Table | None:
    """Where the rows of the tables come from, as their column `source` says, the most used first."""
    said = [
        table["source"].replace("", text("report.no_source"))
        for table in solution.scenario.tables.values()
        if len(table) and "source" in table
    ]
    counts = pd.concat(said).value_counts(sort=True) if said else pd.Series(dtype=int)
    if set(counts.index) <= {text("report.no_source")}:
        return None
    rows = [Row([Cell(str(source)), Cell(str(count))]) for source, count in counts.head(100).items()]
    return Table(text("report.sources"), heads("source", "rows", numbers=("rows",)), rows)


def proof(solution: Solution) -> Table:
    """Status, bound and gap, what was tried and how long it took."""
    pairs: list[tuple[str, str]] = [(text("report.status"), text(f"status.{solution.status}"))]
    for name, value in (("objective", solution.objective), ("bound", solution.bound)):
        pairs += [(text(f"report.{name}"), digits(value, 2))] if known_number(value) else []
    for name, value in (("gap", solution.gap), ("gap_on_savings", solution.gap_on_savings)):
        pairs += [(text(f"report.{name}"), share(value))] if known_number(value) else []
    pairs += [(text("report.links", name=name), digits(count)) for name, count in solution.counts.items()]
    pairs += [(text("report.seconds", name=name), digits(seconds, 2)) for name, seconds in solution.seconds.items()]
    rows = [Row([Cell(label), Cell(value)]) for label, value in pairs]
    note = _proven(solution)
    return Table(text("report.proof"), heads("kpi", "value", numbers=("value",)), rows, note)


def _proven(solution: Solution) -> str:
    """How far the plan can be from the best one, in words and in the unit of what is minimised."""
    if not has_plan(solution) or not known_number(solution.objective):
        return ""
    if not known_number(solution.bound):
        return text("report.proof_none")
    goal = solution.scenario.settings.minimise
    most = abs(solution.objective - solution.bound)
    if most <= PROVEN * abs(solution.objective):
        return text("report.proof_exact")
    return text("report.proof_gap", amount=with_unit(most, "" if goal.weights else GOAL_UNITS.get(goal.what, "")))


def versions(solution: Solution) -> list[Table]:
    """What computed the plan, and the fingerprints of what it was computed from."""
    facts = summary(solution)
    rows = [Row([Cell(name), Cell(version)]) for name, version in facts["versions"].items()]
    tables = [Table(text("report.versions"), heads("program", "version"), rows)]
    if facts["inputs"]:
        files = [Row([Cell(file), Cell(digest)]) for file, digest in facts["inputs"].items()]
        tables.append(
            Table(text("report.inputs"), [Column(text("report.file")), Column(text("report.hash"), "hash")], files)
        )
    return tables
