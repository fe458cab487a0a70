"""Results as a table, and as ratios between contenders of the same run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.phases import GAP, PHASES

TOGETHER = "build + hand_over"
Row = dict[str, Any]


def ratios(rows: Iterable[Row]) -> list[Row]:
    """
    Set isopt's CPU time and memory against the others', size by size and phase by phase.

    Parameters
    ----------
    rows
        Of one or several sizes.

    Returns
    -------
    ratios
        ``size, phase, against, cpu`` and, where memory was measured, ``memory``: isopt's figure over the other's.

    Examples
    --------
    >>> shared = {"size": 10, "phase": "build", "peak_mb": 1}
    >>> ratios([{**shared, "contender": "isopt", "cpu_s": 3}, {**shared, "contender": "numpy", "cpu_s": 2}])
    [{'size': 10, 'phase': 'build', 'against': 'numpy', 'cpu': 1.5, 'memory': 1.0}]
    """
    found = {(row["size"], row["phase"], row["contender"]): row for row in [*rows, *_together(rows)]}
    result = []
    for (size, phase, contender), row in found.items():
        ours = found.get((size, phase, "isopt"))
        if contender == "isopt" or ours is None or row["cpu_s"] <= 0 or not (_done(row) and _done(ours)):
            continue
        one = {"size": size, "phase": phase, "against": contender, "cpu": ours["cpu_s"] / row["cpu_s"]}
        if row["peak_mb"] > 0:
            one["memory"] = ours["peak_mb"] / row["peak_mb"]
        result.append(one)
    return result


def text(rows: list[Row]) -> str:
    """
    Lay out one size as a Markdown table.

    Parameters
    ----------
    rows
        Of one size.

    Returns
    -------
    table
        A line per phase and contender, with isopt's CPU time over the other's.
    """
    against = {(one["phase"], one["against"]): one["cpu"] for one in ratios(rows)}
    lines = [f"{rows[0]['links']:,} links" if rows else "nothing measured", ""]
    lines += ["| phase | contender | CPU s | MB | isopt / it | found |", "| --- | --- | ---: | ---: | ---: | --- |"]
    order = {phase: place for place, phase in enumerate([*list(PHASES)[:4], TOGETHER, *list(PHASES)[4:]])}
    for row in sorted([*rows, *_together(rows)], key=lambda row: order[row["phase"]]):
        ratio = against.get((row["phase"], row["contender"]))
        lines.append(
            f"| {row['phase']} | {row['contender']} | {row['cpu_s']:.3f} | {row['peak_mb']:.1f} "
            f"| {'' if ratio is None else format(ratio, '.2g')} | {_found(row)} |"
        )
    return "\n".join([*lines, ""])


def _together(rows: Iterable[Row]) -> list[Row]:
    """Building and handing over as one step: some libraries do in the one what others do in the other."""
    both: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        if row["phase"] in {"build", "hand_over"}:
            both.setdefault((row["size"], row["contender"]), []).append(row)
    return [
        {
            "size": size,
            "contender": contender,
            "phase": TOGETHER,
            "cpu_s": sum(row["cpu_s"] for row in parts),
            "peak_mb": max(row["peak_mb"] for row in parts),
        }
        for (size, contender), parts in both.items()
        if len(parts) == 2
    ]


def _done(row: Row) -> bool:
    """Tell whether the work was finished: what the clock cut short took no time that could be compared."""
    if row["phase"] == "solve":
        return row.get("gap") is not None and row["gap"] <= GAP
    return row["phase"] != "relax" or row.get("objective") is not None


def _found(row: Row) -> str:
    if row["phase"] not in {"relax", "solve"}:
        return ""
    if row.get("objective") is None:
        return "nothing in time"
    gap = row.get("gap")
    return f"{row['objective']:,.0f}" + ("" if gap is None else f", gap {100 * gap:.2f} %")
