"""The report: one HTML page in plain words and tables, to read, print and file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, Template, select_autoescape

from isopt.views import caption, report_ledgers, report_tables
from isopt.views.offline import template, write_page
from isopt.views.routes import credits_of
from isopt.views.summary import sentences
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution
    from isopt.views.report_cells import Table


def report_page(solution: Solution) -> str:
    """
    Say all that a solution says, as a page.

    Parameters
    ----------
    solution
        Any solution. One without a plan gives a page that says so, why, and what was asked.

    Returns
    -------
    str
        HTML that needs nothing but itself.
    """
    plan = caption.has_plan(solution)
    return _template().render(
        style=template("report.css"),
        title=caption.title(solution),
        kicker=text("report.kicker" if plan else "report.none_kicker"),
        status=solution.status,
        status_words=caption.status(solution),
        proof=caption.proof(solution) if plan else [],
        figures=caption.figures(solution),
        words_title=text("report.summary" if plan else "report.why"),
        words=sentences(solution) if plan else [solution.reason or text("report.why_unknown")],
        warnings_title=text("report.warnings"),
        warnings=[*([text("map.interrupted")] if solution.interrupted else []), *solution.warnings],
        tables=_tables(solution),
        footer=" ".join([text("report.footer"), *(f"{words}." for words in credits_of(solution.scenario))]),
    )


def write_report(solution: Solution, path: str | Path) -> Path:
    """
    Write the report of a solution as one HTML file that opens without a network and prints well.

    Parameters
    ----------
    solution
        Any solution.
    path
        File to write.
    """
    return write_page(report_page(solution), path)


def _tables(solution: Solution) -> list[Table]:
    tables: list[Table | None] = []
    if caption.has_plan(solution):
        tables = [
            report_tables.key_figures(solution),
            report_tables.by_year(solution),
            report_tables.exchanges(solution),
            report_tables.plants(solution),
            report_ledgers.disposal(solution),
            report_ledgers.demands(solution),
            report_ledgers.firms(solution),
        ]
    tables += [
        report_ledgers.proof(solution),
        report_ledgers.assumptions(solution),
        report_ledgers.sources(solution),
        *report_ledgers.versions(solution),
    ]
    return [table for table in tables if table is not None]


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(template), autoescape=select_autoescape(default=True), trim_blocks=True, auto_reload=False
    )
    return environment.get_template("report.html")
