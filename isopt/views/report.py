"""The report: one HTML page in plain words, figures and tables, to read, print and file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, Template, select_autoescape

from isopt.views import caption, payback, programme, report_quality
from isopt.views.language import speaking, spoken
from isopt.views.offline import template, write_page
from isopt.views.quality import Quality, quality
from isopt.views.report_parts import PolicySection, parts
from isopt.views.routes import credits_of
from isopt.views.summary import sentences
from isopt.views.texts import counted, known, text

if TYPE_CHECKING:
    from isopt.solution import Solution
    from isopt.views.study_sections import Section

__all__ = ["PolicySection", "page_template", "report_page", "write_report"]


def report_page(solution: Solution, *, policy: Sequence[Section | tuple[Any, ...]] = (), sheets: str = "") -> str:
    """
    Say all that a solution says, as a page in the language that is spoken.

    Parameters
    ----------
    solution
        Any solution. One without a plan gives a page that says so, why, and what was asked.
    policy
        What studies found, each a section of its own: sections of `isopt.views.study_sections`, or tuples of title,
        note, figure (SVG, may be empty) and rows of a table, its heads first (may be empty).
    sheets
        Address of the index of the sheets for organisations, to be linked to; empty where there are none.

    Returns
    -------
    str
        HTML that needs nothing but itself.
    """
    plan = caption.has_plan(solution)
    found = quality(solution) if plan else None
    return page_template("report.html").render(
        language=spoken(),
        style=template("report.css"),
        title=caption.title(solution),
        kicker=text("report.kicker" if plan else "report.none_kicker"),
        status=solution.status,
        status_words=caption.status(solution),
        proof=caption.proof(solution) if plan else [],
        figures=caption.figures(solution),
        words_title=text("report.summary" if plan else "report.why"),
        words=_words(solution, found) if found else [solution.reason or text("report.why_unknown")],
        warnings_title=text("report.warnings"),
        warnings=[*([text("map.interrupted")] if solution.interrupted else []), *solution.warnings],
        contents=text("report.contents"),
        scroll=known("report.scroll", ""),
        scroll_figure=known("report.scroll_figure", ""),
        parts=parts(solution, policy, sheets, found),
        footer=" ".join([text("report.footer"), *(f"{words}." for words in credits_of(solution.scenario))]),
    )


def write_report(
    solution: Solution,
    path: str | Path,
    language: str | None = None,
    *,
    policy: Sequence[Section | tuple[Any, ...]] = (),
    sheets: str = "",
) -> Path:
    """
    Write the report of a solution as one HTML file that opens without a network and prints well.

    Parameters
    ----------
    solution
        Any solution.
    path
        File to write.
    language
        ``en``, ``fr`` or ``de``; without one, that of `isopt.views.language.speaking`, else English.
    policy
        Sections on what studies found, as in `report_page`.
    sheets
        Address of the index of the sheets for organisations, seen from the report, to be linked to.

    Raises
    ------
    InputError
        The views don't speak the language.
    """
    with speaking(language or spoken()):
        return write_page(report_page(solution, policy=policy, sheets=sheets), path)


def _words(solution: Solution, found: Quality) -> list[str]:
    """The summary: what the numbers say, when it pays, how long it lasts and how sure the numbers are."""
    lines = sentences(solution)
    exchanges = payback.of_exchanges(solution)
    at_once = 0
    if len(exchanges):
        at_once = int(((exchanges["payback_yr"] == 0) & exchanges["between_organisations"].astype(bool)).sum())
    if at_once:
        kind = "report.pay_at_once" if at_once > 1 else "report.pay_at_once_one"
        lines.append(text(kind, exchanges=counted(at_once, "exchange")))
    return [*lines, *programme.sentence(solution), *report_quality.sentence(found, solution.scenario)]


@cache
def page_template(name: str) -> Template:
    """
    One of our own page templates, in which every value is escaped.

    Parameters
    ----------
    name
        File in `isopt/views/templates`.
    """
    environment = Environment(
        loader=FunctionLoader(template), autoescape=select_autoescape(default=True), trim_blocks=True, auto_reload=False
    )
    return environment.get_template(name)
