"""What studies found, as a page of its own: for each a sentence, a figure and the first rows of its table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from isopt.views.language import speaking, spoken
from isopt.views.offline import template, write_page
from isopt.views.report import page_template
from isopt.views.report_parts import policy_part
from isopt.views.study_sections import Section, study_sections, write_study_figures
from isopt.views.texts import known, text

__all__ = ["study_page", "write_study_page"]


def study_page(title: str, sections: Sequence[Section]) -> str:
    """
    Show sections on a page, in the language that is spoken.

    Parameters
    ----------
    title
        Of the scenario.
    sections
        From `isopt.views.study_sections.study_sections`.

    Returns
    -------
    str
        HTML that needs nothing but itself.
    """
    return page_template("report.html").render(
        language=spoken(),
        style=template("report.css"),
        title=title,
        kicker=text("study.page"),
        status="",
        status_words="",
        proof=[],
        figures=[],
        words=[],
        words_title="",
        warnings=[],
        warnings_title="",
        contents=text("report.contents"),
        scroll=known("report.scroll", ""),
        scroll_figure=known("report.scroll_figure", ""),
        parts=[policy_part(number, section) for number, section in enumerate(sections, 1)],
        footer=text("study.footer"),
    )


def write_study_page(folder: str | Path, language: str | None = None) -> list[Path]:
    """
    Write what a study found as ``study.html``, and its figures as SVG and PNG into ``figures``, beside its tables.

    Parameters
    ----------
    folder
        ``-o`` of a study.
    language
        ``en``, ``fr`` or ``de``; without one, that of `isopt.views.language.speaking`, else English.

    Returns
    -------
    paths
        The page, then the figures.

    Raises
    ------
    InputError
        There is no study in it, a file of it is damaged, or no view speaks the language.

    Examples
    --------
    >>> import isopt
    >>> from isopt.studies.thresholds_files import write_thresholds
    >>> found = isopt.thresholds(isopt.read("scenarios/two_firms"), "landfill_tax", 0, 250)
    >>> _ = write_thresholds(found, "out/tax", write=None)
    >>> [path.name for path in write_study_page("out/tax")]
    ['study.html', 'thresholds.svg', 'thresholds.png']
    """
    place = Path(folder)
    with speaking(language or spoken()):
        sections = study_sections(place)
        page = write_page(study_page(_title(place), sections), place / "study.html")
        return [page, *write_study_figures(sections, place / "figures")]


def _title(folder: Path) -> str:
    """Title of the scenario that was studied, or the folder's name."""
    try:
        told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    return str(told.get("scenario") or folder.resolve().name) if isinstance(told, dict) else folder.resolve().name
