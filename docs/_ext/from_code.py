"""Writes the pages whose content lives in the code: the scenario's tables, the equations and the command line."""

from __future__ import annotations

import argparse
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]


def command_line() -> str:
    """Write what ``--help`` says of every command."""
    from isopt.cli import parser

    os.environ["COLUMNS"] = "110"
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
    """Write every variable, and every constraint family from the docstring of the function that adds it."""
    from isopt.formulation import FAMILIES, SYMBOLS

    rows = [f"| `{name}` | ${s.latex} {s.domain}$ | {s.unit} | {s.meaning} |" for name, s in SYMBOLS.items()]
    parts = [
        "## Variables",
        "",
        "| name | symbol | unit | meaning |",
        "|---|---|---|---|",
        *rows,
        "",
        "## Constraints",
        "",
    ]
    for name, family in FAMILIES.items():
        parts += [f"### {name}", "", "```{eval-rst}", inspect.getdoc(family) or "", "```", ""]
    return "\n".join(parts)


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
