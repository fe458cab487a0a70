"""
A sheet for each organisation: one A4 page on what a plan means for it, and an index of them all.

Each sheet is a file of its own, not a chapter of the report: a firm is sent its page and no other's figures, a region
of hundreds of firms opens as fast as one of five, and any browser prints it as one page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from isopt.errors import InputError
from isopt.views import caption, sheet_parts
from isopt.views.file_names import file_names
from isopt.views.language import speaking, spoken
from isopt.views.numbers import plain, with_unit
from isopt.views.offline import template, write_page
from isopt.views.organisation import Organisation, organisations
from isopt.views.report import page_template
from isopt.views.report_cells import Cell
from isopt.views.sheet_fit import broad
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.solution import Solution

INDEX = "index"
MARK = '<meta name="generator" content="isopt sheets">'
"""Stands in each page; only files that have it are removed when the sheets are written anew."""
HEAD = 400  # characters within which the mark stands


def write_sheets(
    solution: Solution,
    folder: str | Path,
    language: str | None = None,
    *,
    report: str = "",
    progress: Callable[[int, int], object] | None = None,
) -> list[Path]:
    """
    Write a page for each organisation and an index of them.

    Parameters
    ----------
    solution
        One with a plan.
    folder
        Made where it does not exist. Sheets of an earlier plan in it are removed, other files are left alone.
    language
        ``en``, ``fr`` or ``de``; without one, that of `isopt.views.language.speaking`, else English.
    report
        Address of the report, seen from the folder, to be linked to from the index; empty for none.
    progress
        Called with how many sheets are written and how many there are.

    Returns
    -------
    paths
        The index first, then the sheets in the order of `Solution.firms`. File names are made of the organisations'
        names and are safe on every system.

    Raises
    ------
    InputError
        There is no plan, or the views don't speak the language.

    Examples
    --------
    >>> import isopt, tempfile
    >>> solution = isopt.solve(isopt.read("scenarios/two_firms"))
    >>> [path.name for path in write_sheets(solution, tempfile.mkdtemp())]
    ['index.html', 'odense-crushing.html', 'fredericia-harbour.html']
    """
    if not caption.has_plan(solution):
        raise InputError("there are no sheets without a plan: the report says why there is none")
    place = Path(folder)
    with speaking(language or spoken()):
        told = organisations(solution)
        names = file_names([one.name for one in told], otherwise=text("sheet.file"), taken=[INDEX])
        place.mkdir(parents=True, exist_ok=True)
        _remove_stale(place, {f"{name}.html" for name in [INDEX, *names]})
        written = [write_page(index_page(solution, told, names, report), place / f"{INDEX}.html")]
        facts = sheet_parts.Facts.of(solution)
        for number, (one, name) in enumerate(zip(told, names, strict=True), 1):
            written.append(write_page(sheet_page(facts, one), place / f"{name}.html"))
            if progress is not None:
                progress(number, len(told))
    return written


def sheet_page(facts: sheet_parts.Facts, one: Organisation) -> str:
    """
    The page of one organisation, in the language that is spoken.

    Parameters
    ----------
    facts
        What all sheets of a solution share.
    one
        The organisation.

    Returns
    -------
    str
        HTML that needs nothing but itself and prints as one A4 page.
    """
    return page_template("sheet.html").render(
        language=spoken(),
        style=template("sheet.css"),
        mark=MARK,
        kicker=text("sheet.kicker", scenario=facts.title),
        title=one.name,
        where=sheet_parts.where(one),
        figures=sheet_parts.figures(one),
        words=sheet_parts.words(facts, one),
        tables=[(table, broad(table)) for table in sheet_parts.tables(facts, one)],
        footer=text("sheet.footer", status=facts.status),
    )


def index_page(solution: Solution, told: Sequence[Organisation], names: Sequence[str], report: str) -> str:
    """
    The list of all organisations with links to their sheets, those who gain most first.

    Parameters
    ----------
    solution
        One with a plan.
    told, names
        The organisations and the names of their files, without a suffix.
    report
        Address of the report; empty for none.
    """
    order = sorted(
        zip(told, names, strict=True),
        key=lambda pair: (not pair[0].concerned, -pair[0].saving if pair[0].saving == pair[0].saving else 0.0),
    )
    yearly = text("unit.per_year", unit="t")
    rows = [
        {
            "name": one.name,
            "file": f"{name}.html",
            "cells": [
                Cell(str(len({*one.gives["exchange"], *one.gets["exchange"]}))),
                Cell(with_unit(float(one.gives["tonnes"].sum()), yearly)),
                Cell(with_unit(float(one.gets["tonnes"].sum()), yearly)),
                Cell(plain(one.saving), kind="good" if one.saving > 0 else "bad" if one.saving < 0 else ""),
            ],
        }
        for one, name in order
    ]
    return page_template("sheets.html").render(
        language=spoken(),
        style=template("report.css"),
        mark=MARK,
        kicker=caption.title(solution),
        title=text("report.sheets"),
        note=text("sheet.index_note"),
        report=report,
        report_words=text("sheet.to_report"),
        heads=[text(f"sheet.{name}") for name in ("organisation", "exchanges", "gives_t", "gets_t", "saving_eur")],
        rows=rows,
    )


def _remove_stale(folder: Path, kept: set[str]) -> None:
    """Remove sheets of an earlier plan, and nothing else."""
    for path in folder.glob("*.html"):
        if path.name not in kept and path.is_file() and not path.is_symlink():
            with path.open(encoding="utf-8", errors="replace") as lines:
                ours = MARK in lines.read(HEAD)
            if ours:
                path.unlink()
