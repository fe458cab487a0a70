"""Two or more plans side by side on one page: key figures, a map of what changes, and each change by its effect."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isopt.errors import InputError
from isopt.solution.comparison import compare
from isopt.views import caption
from isopt.views.difference import draw_difference, uncertain
from isopt.views.language import digits, speaking, spoken
from isopt.views.means import material_names
from isopt.views.numbers import plain, share
from isopt.views.offline import template, write_page
from isopt.views.report import page_template
from isopt.views.report_cells import NUMBER, Cell, Column, Figure, Part, Row, Table, signed
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from isopt.solution import Solution

__all__ = ["comparison_page", "write_comparison"]

#: Rows of changes on the page, and plans that can be told apart by a letter.
MOST_CHANGES, MOST_PLANS = 200, 26
#: How `isopt.solution.comparison` calls what the catalogue calls otherwise.
CHANGES = {"opened": "opened", "closed": "closed", "grew": "grown", "shrank": "shrunk", "same": "same"}
#: KPIs of which less is better begin so, but for some; and those of which neither is.
LESS = ("cost", "co2_", "landfill", "carbon", "capex")
MORE, NEITHER = ("cost_saved", "co2_avoided"), ("exchanges", "plants_built", "tonne_km", "subsidies")


def write_comparison(
    solutions: Sequence[Solution],
    path: str | Path,
    language: str | None = None,
    *,
    names: Sequence[str] = (),
    maps: bool = True,
) -> Path:
    """
    Write a page that compares plans, as one HTML file that opens without a network.

    Parameters
    ----------
    solutions
        Two or more with a plan; all are held against the first.
    path
        File to write.
    language
        ``en``, ``fr`` or ``de``; without one, that of `isopt.views.language.speaking`, else English.
    names
        What the plans are called, one for each; their titles, if not given.
    maps
        Whether a map of what changes is in it, one for each plan after the first.

    Raises
    ------
    InputError
        There are fewer than two plans or too many, one of them has no plan, or no view speaks the language.
    """
    with speaking(language or spoken()):
        return write_page(comparison_page(solutions, names=names, maps=maps), path)


def comparison_page(solutions: Sequence[Solution], *, names: Sequence[str] = (), maps: bool = True) -> str:
    """
    Compare plans on a page, in the language that is spoken.

    Parameters
    ----------
    solutions, names, maps
        As for `write_comparison`.

    Returns
    -------
    str
        HTML that needs nothing but itself.
    """
    if not 2 <= len(solutions) <= MOST_PLANS:
        raise InputError(f"compare 2 to {MOST_PLANS} plans, not {len(solutions)}")
    for solution in solutions:
        if not caption.has_plan(solution):
            raise InputError(f"{caption.title(solution)}: there is no plan to compare ({solution.status})")
    first, others = solutions[0], solutions[1:]
    called = list(names) or [caption.title(solution) for solution in solutions]
    if len(called) != len(solutions):
        raise InputError(f"{len(solutions)} plans have {len(solutions)} names, not {len(called)}")
    title = text("comparison.title_two", first=called[0], second=called[1])
    if len(others) > 1:
        title = text("comparison.title", first=called[0], count=len(others))
    parts = [_figures(solutions)]
    parts += [_changes(first, other, _letter(place), maps) for place, other in enumerate(others, 1)]
    return page_template("report.html").render(
        language=spoken(),
        style=template("report.css"),
        title=title,
        kicker=text("comparison.kicker"),
        status="",
        status_words="",
        proof=[_told(solution, _letter(place), called[place]) for place, solution in enumerate(solutions)],
        figures=[],
        words=[],
        words_title="",
        warnings=[text("difference.uncertain")] if any(uncertain(first, other) for other in others) else [],
        warnings_title=text("report.warnings"),
        contents=text("report.contents"),
        scroll=known("report.scroll", ""),
        scroll_figure=known("report.scroll_figure", ""),
        parts=parts,
        footer=text("report.footer"),
    )


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _told(solution: Solution, letter: str, name: str) -> str:
    return text(
        "comparison.plan_told",
        letter=letter,
        title=name,
        status=caption.status(solution),
        gap=share(solution.gap),
    )


def _figures(solutions: Sequence[Solution]) -> Part:
    """Key figures of all plans, and what differs from the first."""
    totals = [caption.kpi_totals(solution) for solution in solutions]
    letters = [_letter(place) for place in range(len(solutions))]
    heads = [Column(text("report.kpi")), Column(text("report.unit"))]
    heads += [Column(letter, NUMBER) for letter in letters]
    heads += [Column(text("comparison.against", other=letter, first="A"), NUMBER) for letter in letters[1:]]
    rows = []
    for name in dict.fromkeys(name for total in totals for name in total):
        values = [total.get(name, (np.nan, ""))[0] for total in totals]
        unit = next(total[name][1] for total in totals if name in total)
        if not any(value for value in values if not np.isnan(value)):
            continue
        cells = [Cell(known(f"kpi.{name}", name)), Cell(unit), *(Cell(plain(value)) for value in values)]
        rows.append(Row(cells + [_difference(name, values[0], value) for value in values[1:]]))
    title, note = text("comparison.figures"), text("comparison.figures_note", letter="A")
    return Part("figures", title, note, tables=[Table(title, heads, rows, note)])


def _difference(kpi: str, first: float, other: float) -> Cell:
    """A difference, and whether it is for the better."""
    change = other - first
    if np.isnan(change):
        return Cell(text("number.none"))
    if abs(change) <= caption.PROVEN * max(abs(first), abs(other)):
        return Cell(plain(0.0))
    less_is_better = kpi.startswith(LESS) and kpi not in MORE
    kind = "" if kpi in NEITHER else "good" if (change < 0) == less_is_better else "bad"
    return Cell(f"{'+' if change > 0 else ''}{plain(change)}", kind=kind)


def _changes(first: Solution, other: Solution, letter: str, maps: bool) -> Part:
    """What opens, closes, grows and shrinks, on a map and in a table."""
    table = compare(first, other).exchanges
    counts = table["change"].value_counts()
    note = text("comparison.counts", **{word: digits(int(counts.get(change, 0))) for change, word in CHANGES.items()})
    changed = table[table["change"] != "same"]
    title = text("comparison.changes", first="A", other=letter)
    figures = []
    if maps:
        page = draw_difference(first, other, language=spoken()).get_root().render()
        about = text("comparison.map", first="A", other=letter)
        # a page in the page, and alone in it: what it does with its address or names stays inside
        looks = "width: 100%; height: 680px; border: 1px solid #d5dde3"
        framed = f'<iframe title="{escape(about)}" style="{looks}" srcdoc="{escape(page)}"></iframe>'
        figures.append(Figure(framed, about))
    if changed.empty:
        return Part(f"plan-{letter.lower()}", title, text("comparison.nothing"), figures)
    names = material_names(first.scenario) | material_names(other.scenario)
    heads = [Column(text(f"comparison.{name}")) for name in ("change", "from", "to", "material", "mode")]
    heads += [Column(text(f"comparison.{name}"), NUMBER) for name in ("before", "after", "saving")]
    rows = [
        Row([
            Cell(text(f"difference.{CHANGES[record['change']]}")),
            Cell(str(record["from_name"])),
            Cell(str(record["to_name"])),
            Cell("; ".join(names.get(one, one) for one in str(record["material"]).split(";"))),
            Cell(str(record["mode"])),
            Cell(f"{plain(record['amount_first'])} {record['unit']}"),
            Cell(f"{plain(record['amount_second'])} {record['unit']}"),
            signed(record["saving_difference"]),
        ])
        for record in changed.head(MOST_CHANGES).to_dict("records")
    ]  # fmt: skip
    more = ""
    if len(changed) > MOST_CHANGES:
        more = text("comparison.more", shown=digits(MOST_CHANGES), all=digits(len(changed)))
    return Part(f"plan-{letter.lower()}", title, note, figures, [Table(title, heads, rows, note, more)])
