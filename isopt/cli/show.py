"""What a command prints: tables as JSON for machines, a few aligned lines for people."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

    from isopt.errors import Problem


def as_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False))


def plain(value: Any) -> Any:
    """
    Turn tables, arrays and frozen values into what JSON knows; what is not a finite number becomes null.

    Examples
    --------
    >>> plain({"gap": float("nan"), "path": Path("a"), "years": (2030, 2035)})
    {'gap': None, 'path': 'a', 'years': [2030, 2035]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [plain(record) for record in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # arrays and NumPy's own numbers
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    from pandas import isna

    return None if isna(value) else str(value)


def table(frame: DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    frame.to_csv(part, index=False, lineterminator="\n")
    os.replace(part, path)


def warnings(problems: Sequence[Problem]) -> None:
    """List warnings on standard error, aligned as errors are."""
    if not problems:
        return
    from isopt.errors import ScenarioError

    count = len(problems)
    lines = str(ScenarioError("", problems)).splitlines()[1:]
    print(f"{count} warning{'' if count == 1 else 's'}", *lines, sep="\n", file=sys.stderr)


def rows(pairs: Mapping[str, object]) -> str:
    """
    Align names and values in two columns.

    Examples
    --------
    >>> print(rows({"status": "optimal", "gap": "0.01 %"}))
    status  optimal
    gap     0.01 %
    """
    width = max((len(name) for name in pairs), default=0)
    return "\n".join(f"{name:<{width}}  {value}".rstrip() for name, value in pairs.items())
