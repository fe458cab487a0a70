"""Writes the pages whose content lives in the code: the scenario's tables, the equations and the command line."""

from __future__ import annotations

import argparse
import inspect
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sphinx.application import Sphinx

SECTION = re.compile(r"^(?:Parameters|Returns|Raises|Examples)\n-+$", re.MULTILINE)
DOCS = Path(__file__).resolve().parents[1]


def command_line() -> str:
    """Write what ``--help`` says of every command."""
    from isopt.cli import parser

    os.environ["COLUMNS"] = "84"
    parts = [f"```text\n{parser().format_help()}```\n"]
    parts += [f"## {command.prog}\n\n```text\n{command.format_help()}```\n" for command in _subcommands(parser())]
    return "\n".join(parts)


def _subcommands(command: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in command._actions:  # noqa: SLF001 - argparse has no public way to ask
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for sub in action.choices.values():
                yield sub
                yield from _subcommands(sub)


def scenario_format() -> str:
    """Write every table, column and key of the scenario format, from its contract."""
    from isopt.scenario import schema_markdown

    return schema_markdown()


def maths() -> str:
    """Write every variable, and each equation from the docstring of the function that adds it."""
    from isopt.formulation import FAMILIES, SYMBOLS
    from isopt.network.carriage import carriage_of
    from isopt.network.ledger import Ledger, annuity_factor
    from isopt.network.prune import improving_links, improving_ways

    rows = [f"| `{name}` | ${s.latex} {s.domain}$ | {s.unit} | {s.meaning} |" for name, s in SYMBOLS.items()]
    parts = ["## Variables", "", "| name | symbol | unit | meaning |", "|---|---|---|---|", *rows, ""]
    parts += ["## What is minimised", ""]
    parts += _equations({"objective": Ledger.objective, "carriage": carriage_of, "annuity": annuity_factor})
    parts += ["## Constraints", "", *_equations(FAMILIES)]
    parts += ["## Candidates dropped with a proof", ""]
    parts += _equations({"links": improving_links, "ways to disposal": improving_ways})
    return "\n".join(parts)


def _equations(functions: Mapping[str, Callable[..., object]]) -> list[str]:
    """Take what each docstring says before it turns to parameters."""
    parts: list[str] = []
    for name, function in functions.items():
        said = re.split(
            r"^(?:Parameters|Returns|Raises|Examples)\n-+$", inspect.getdoc(function) or "", flags=re.MULTILINE
        )[0]
        parts += [f"### {name}", "", "```{eval-rst}", said.strip(), "```", ""]
    return parts


PAGES = {"command-line": command_line, "format": scenario_format, "maths": maths}


def write(_: Sphinx) -> None:
    """Write the generated parts where the pages include them from; unchanged ones are left alone."""
    folder = DOCS / "_generated"
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        path, text = folder / f"{name}.md", make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write before Sphinx reads."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
