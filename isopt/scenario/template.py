"""A scenario to begin with: every table with its columns, every key with its meaning, and a small example."""

from __future__ import annotations

import csv
import io
from importlib import resources
from pathlib import Path

from isopt.errors import InputError
from isopt.scenario.contract import Table, settings_keys, tables
from isopt.scenario.markdown import schema_markdown
from isopt.scenario.sources import SETTINGS_FILE
from isopt.scenario.write import write_text

__all__ = ["new"]

_LIVE = ("title", "price_year")
"""Keys that a template sets; the others stand there as comments."""
_LIVE_IN_EXAMPLE = (*_LIVE, "landfill_tax_eur_per_t", "carbon_price_eur_per_t")
_README = "README.md"


def new(folder: str | Path, *, example: bool = True) -> Path:
    """
    Write a scenario to fill in: ``scenario.toml``, a CSV for each table, and a README with the meaning of every column.

    Parameters
    ----------
    folder
        Folder to make.
    example
        Whether the tables hold a few rows that solve, to be overwritten, or only their headers.

    Returns
    -------
    folder
        The folder.

    Raises
    ------
    InputError
        A file of a scenario is there already; nothing is overwritten.
    """
    target = Path(folder)
    files = {SETTINGS_FILE: _settings(_LIVE_IN_EXAMPLE if example else _LIVE), _README: _readme(target.resolve().name)}
    files |= {
        f"{name}.csv": _table(contract, example) for name, contract in tables().items() if contract.holds == "scenario"
    }
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; give the name of a folder to make")
    there = [name for name in files if (target / name).exists()]
    if there:
        raise InputError(f"{target} holds {there[0]} already, and nothing is overwritten; give another folder")
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_text(target / name, text)
    return target


def _table(contract: Table, example: bool) -> str:
    """Return a table as text: all columns of the contract, and the rows of the example that fill some of them."""
    text = io.StringIO()
    lines = csv.DictWriter(text, contract.names, restval="", lineterminator="\n")
    lines.writeheader()
    found = resources.files("isopt.scenario").joinpath(f"example/{contract.name}.csv")
    if example and found.is_file():
        lines.writerows(csv.DictReader(found.read_text(encoding="utf-8").splitlines()))
    return text.getvalue()


def _settings(live: tuple[str, ...]) -> str:
    lines: list[str] = []
    for section, keys in settings_keys().items():
        if section == "routing":
            lines += ["", "# [routing.truck]  # a section for each mode whose ways are measured over a network"]
        elif section:
            lines += ["", f"[{section}]"]
        for name, key in keys.items():
            unit = f" ({key.column.unit})" if key.column.unit else ""
            mark = "" if name in live else "# "
            lines.append(f"{mark}{name} = {key.example}  # {key.column.description}{unit}")
    lines += ["", "[scale]", '# "disposals.gate_fee_eur_per_unit" = 1.25  # Factor on any numeric column or policy key']
    return "\n".join(lines) + "\n"


def _readme(name: str) -> str:
    return (
        f"# {name}\n\n"
        "A scenario of isopt: `scenario.toml` and one table per kind of thing. Fill in what you know; tables that\n"
        "stay without rows count as absent, columns that stay empty as their default. Only facilities, materials\n"
        "and one of streams, demands or plants must have rows. Then:\n\n"
        f"    isopt check {name}\n    isopt solve {name} -o out/{name}\n\n" + schema_markdown(level=2)
    )
