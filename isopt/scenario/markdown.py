"""The documentation of the format, written from its contract."""

from __future__ import annotations

from isopt.scenario.contract import EXTRA_COLUMNS, Column, Table, settings_keys, tables

__all__ = ["schema_markdown"]

_VARIES = {"period": "period", "year": "year", "no": "", "fixed": ""}


def schema_markdown(level: int = 2) -> str:
    """
    Return every table, column and key of the format as Markdown.

    Parameters
    ----------
    level
        Depth of the headings.

    Returns
    -------
    text
        One table of columns for each table and each section of the settings.

    Examples
    --------
    >>> "| `supply_per_yr`* | number at least 0 | unit/yr |" in schema_markdown()
    True
    """
    heading = "#" * level
    parts = [
        f"{heading} Tables",
        "",
        "`*` marks a required column. *Changes* says how often `changes` may set a number: in each period, or only in",
        "the first period of a year. `[scale]` may multiply every number but coordinates, years and shares of a year.",
        f"Every table may also have {' and '.join(f'`{name}`' for name in EXTRA_COLUMNS)}.",
        "",
    ]
    for contract in tables().values():
        parts += [f"{heading}# {contract.name}", "", *_table(contract), ""]
    parts += [f"{heading} Settings", "", "The keys of `scenario.toml`.", ""]
    for section, keys in settings_keys().items():
        parts += [f"{heading}# {_SECTIONS.get(section, f'[{section}]')}", ""]
        parts += ["| key | type | unit | default | meaning |", "|---|---|---|---|---|"]
        for name, key in keys.items():
            column = key.column
            cells = (f"`{name}`", _kind(column), column.unit, _code(column.default), column.description)
            parts.append(f"| {' | '.join(cells)} |")
        parts.append("")
    scale = 'Factors on numeric columns and policy keys, after `changes`: `"disposals.gate_fee_eur_per_unit" = 1.25`.'
    return "\n".join([*parts, f"{heading}# [scale]", "", scale, ""])


def _table(contract: Table) -> list[str]:
    intro = f"{contract.description}.{' Required.' if contract.required else ''}"
    if contract.key:
        key = "|".join(" or ".join(part) for part in contract.key)
        intro += f" Its rows are called `{key}` in `changes`."
    lines = [intro, "", "| column | type | unit | default | changes | meaning |", "|---|---|---|---|---|---|"]
    for column in contract.columns:
        if column.name not in EXTRA_COLUMNS:
            cells = (
                f"`{column.name}`{'*' if column.required else ''}",
                _kind(column),
                column.unit,
                _code(column.default),
                _VARIES[column.varies],
                column.description,
            )
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _kind(column: Column) -> str:
    """Return the type of a column in words."""
    choices = ", ".join(f"`{name}`" for name in column.choices)
    match column.kind:
        case "ref":
            return f"id of {column.target}"
        case "choice":
            return f"one of {choices}"
        case "classes":
            return f"a number for each of {choices}"
        case "list":
            return f"list of {choices or 'texts'}, separated by `;`" if column.name in _LISTS else f"list of {choices}"
        case "number" | "integer":
            words = ("whole number" if column.kind == "integer" else "number", str(column.bounds))
            return " ".join(word for word in words if word)
    return _WORDS.get(column.kind, column.kind)


_SECTIONS = {"": "Top of the file", "routing": "[routing.MODE] for a mode (or MODE = router in [routing])"}
_LISTS = {column.name for contract in tables().values() for column in contract.columns if column.kind == "list"}
_WORDS = {
    "bool": "true or false",
    "unit": "`t`, `m3` or `MWh`",
    "ewc": "List of Waste code",
    "crs": "WGS84 or a code",
    "table": "name of a table",
    "material_or_ewc": "id of materials or List of Waste prefix",
}


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
