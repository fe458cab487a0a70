"""What a command prints: tables as JSON for machines, a few aligned lines for people."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

    from isopt.errors import Problem
    from isopt.solution import Solution


@contextmanager
def working(name: str, *, quiet: bool) -> Iterator[None]:
    """Show in a terminal what takes longer than a moment, and for how long it has."""
    from isopt.solver.progress import TerminalProgress

    with TerminalProgress(quiet=quiet) as terminal:
        terminal.stage(name)
        yield


@contextmanager
def counting(name: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show in a terminal how much of a long task is done; what is yielded is told so."""
    from isopt.solver.progress import TerminalProgress

    with TerminalProgress(quiet=quiet) as terminal:
        terminal.stage(name)
        yield lambda done, total: terminal.count(name, done, total)


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
    from isopt.solution.store import replace_text

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, frame.to_csv(index=False, lineterminator="\n"))


#: A gap below this is the arithmetic's own noise.
EXACT = 1e-7

#: What the summary shows of a plan, and in which words.
FIGURES = {
    "cost_total": "cost",
    "co2_total": "CO2",
    "landfilled": "landfilled",
    "exchanged": "exchanged",
    "exchanges": "exchanges",
    "plants_built": "plants built",
}


def summary(solution: Solution) -> str:
    """Sum up how sure a plan is, and what it changes against the baseline."""
    if not solution.has_plan:
        return str(solution)
    before = solution.baseline
    lines = [("", "now", "baseline", "difference")] if before else [("", "now", "", "")]
    for kpi, words in FIGURES.items():
        found = solution.kpis[(solution.kpis["kpi"] == kpi) & (solution.kpis["year"] == "total")]
        now, unit = float(found["value"].iloc[0]), str(found["unit"].iloc[0])
        was = before.kpi(kpi) if before else None
        against = ("", "") if was is None else (number(was), number(now - was, signed=True))
        lines.append((f"{words} {'' if unit == '1' else unit}".rstrip(), number(now), *against))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    text = [f"{solution.scenario.title}: {_proven(solution)}"]
    text += [
        f"  {name:<{widths[0]}}  {now:>{widths[1]}}  {was:>{widths[2]}}  {more:>{widths[3]}}"
        for name, now, was, more in lines
    ]
    if before is None:
        text.append(f"  no baseline: {solution.baseline_reason}")
    if solution.method is not None and not solution.method.startswith("direct"):
        text.append(f"  {solution.method}")
    return "\n".join(line.rstrip() for line in text)


def _proven(solution: Solution) -> str:
    """Say the status, and how far the plan may be from the best."""
    status = solution.status + (", stopped early" if solution.interrupted else "")
    if solution.gap is None:
        return f"{status}, nothing proven"
    if solution.gap < EXACT:
        return f"{status}, proven exactly"
    savings = "" if solution.gap_on_savings is None else f", {solution.gap_on_savings:.2%} of the saving"
    return f"{status}, proven to within {solution.gap:.2%}{savings}".replace("%", " %")


def number(value: float, *, signed: bool = False) -> str:
    """
    Write a number with the digits that matter.

    Examples
    --------
    >>> number(16300.4), number(3.14159), number(-0.0), number(60, signed=True)
    ('16,300', '3.14', '0', '+60')
    """
    value += 0.0  # no negative zero
    size = abs(value)
    digits = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2
    return f"{value:{'+' if signed and value else ''},.{digits}f}"


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
