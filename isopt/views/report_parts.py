"""The parts of a report, in the order in which it is read: each with its title, figures and tables."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from isopt.views import caption, flow_shares, programme, report_ledgers, report_quality, report_tables
from isopt.views.numbers import plain
from isopt.views.report_cells import NUMBER, Cell, Column, Figure, Part, Row, Table
from isopt.views.sankey import sankey
from isopt.views.svg import said
from isopt.views.texts import text
from isopt.views.waterfall import CO2, COST, waterfall

if TYPE_CHECKING:
    from isopt.solution import Solution
    from isopt.views.quality import Quality
    from isopt.views.study_sections import Section

ENERGY = "MWh"


class PolicySection(NamedTuple):
    """
    What a study found, as a section of the report; an ordinary tuple of the four does as well.

    Attributes
    ----------
    title
        Of the section.
    note
        What the reader should know of it, in a sentence or two.
    svg
        A figure, from anywhere: it is shown as a picture, in which nothing can run; empty for none.
    rows
        A table, its heads in the first row; numbers are written as all numbers of the report.
    """

    title: str
    note: str = ""
    svg: str = ""
    rows: Sequence[Sequence[str | float]] = ()


def parts(
    solution: Solution, policy: Sequence[Section | tuple[Any, ...]], sheets: str, found: Quality | None
) -> list[Part]:
    """
    All that a report has below its summary.

    Parameters
    ----------
    solution
        Any; without a plan only what was asked is left.
    policy
        What studies found.
    sheets
        Address of the index of the sheets for organisations, empty where there are none.
    found
        What the plan rests on; None without a plan.
    """
    made: list[Part] = []
    if caption.has_plan(solution):
        made = [
            _figures(solution),
            _materials(solution),
            *_of("programme", programme.table, solution),
            *_of("flows", flow_shares.table, solution),
            *_of("exchanges", report_tables.exchanges, solution),
            *_of("plants", report_tables.plants, solution),
            *_of("disposal", report_ledgers.disposal, solution),
            *_of("demands", report_ledgers.demands, solution),
            *_firms(solution, sheets),
            *(policy_part(number, section) for number, section in enumerate(policy, 1)),
            *([] if found is None else [report_quality.part(found, solution.scenario)]),
        ]
    made += [
        *_of("proof", report_ledgers.proof, solution),
        *_of("assumptions", report_ledgers.assumptions, solution),
        *_of("sources", report_ledgers.sources, solution),
        Part("versions", text("report.versions"), tables=report_ledgers.versions(solution)),
    ]
    return [part for part in made if part.tables or part.figures]


def _of(key: str, make: Callable[[Solution], Table | None], solution: Solution) -> list[Part]:
    """A part of one table, if there is one."""
    table = make(solution)
    return [] if table is None else [Part(key, table.title, table.note, tables=[table])]


def _figures(solution: Solution) -> Part:
    tables = [report_tables.key_figures(solution), report_tables.by_year(solution)]
    drawn = [
        Figure(picture, text("report.steps", what=text(f"kpi.{total}")), half=True)
        for total, picture in ((total, waterfall(solution, total, name=f"steps-{total}")) for total in (COST, CO2))
        if picture
    ]
    there = [table for table in tables if table is not None]
    return Part("figures", there[0].title, there[0].note, drawn, there)


def _materials(solution: Solution) -> Part:
    drawn = [
        Figure(picture, text(f"report.sankey_{unit.lower()}"))
        for unit, picture in ((unit, sankey(solution, unit=unit, name=f"sankey-{unit}")) for unit in ("t", ENERGY))
        if picture
    ]
    return Part("materials", text("sankey.title"), text("report.sankey_note"), drawn)


def _firms(solution: Solution, sheets: str) -> list[Part]:
    table = report_ledgers.firms(solution)
    if table is None:
        return []
    link = (sheets, text("report.sheets")) if sheets else None
    return [Part("firms", table.title, table.note, tables=[table], link=link)]


def policy_part(number: int, section: Section | tuple[Any, ...]) -> Part:
    """
    A study's section as a part of the report.

    Parameters
    ----------
    number
        Its place among them, for its anchor.
    section
        From `isopt.views.study_sections`, or what a `PolicySection` holds. Its figure is shown as a picture, in which
        nothing can run and whose ids meet no others.
    """
    if isinstance(section, tuple):
        told = PolicySection(*section)
        title, note, svg, table = told.title, told.note, told.svg, _table_of(told)
    else:
        title, note, svg, table = section.title, section.note, section.svg, section.table
    drawn = []
    if svg:
        coded = base64.b64encode(svg.encode("utf-8", errors="replace")).decode()
        drawn = [Figure(f'<img class="drawn" alt="{said(title)}" src="data:image/svg+xml;base64,{coded}">')]
    return Part(f"policy-{number}", title, note, drawn, [] if table is None else [table])


def _table_of(section: PolicySection) -> Table | None:
    """The rows of a section as a table; a column of numbers only is one of numbers."""
    if not section.rows:
        return None
    head, *body = section.rows
    columns = [
        Column(str(label), NUMBER if body and all(isinstance(row[place], int | float) for row in body) else "")
        for place, label in enumerate(head)
    ]
    rows = [Row([Cell(plain(cell) if isinstance(cell, int | float) else str(cell)) for cell in row]) for row in body]
    return Table(section.title, columns, rows)
