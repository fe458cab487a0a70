"""Results as a table in Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks.registry import PHASES
from benchmarks.store import TOGETHER, Row, ratios, slopes


def text(rows: list[Row]) -> str:
    """
    Lay out all results of a run.

    Parameters
    ----------
    rows
        Of one run.

    Returns
    -------
    table
        A line per size, phase and contender, with isopt's seconds over the other's, and how isopt's phases grow.
    """
    lines = [
        "| links | phase | contender | s | MB | isopt / it | told |",
        "| ---: | --- | --- | ---: | ---: | ---: | --- |",
    ]
    against = {(one["phase"], one["size"], one["seed"], one["severity"], one["baseline"]): one for one in ratios(rows)}
    order = {name: i for i, name in enumerate(PHASES)}
    for row in sorted(
        rows, key=lambda row: (row["size"], order[row["phase"]], row["contender"] != "isopt", row["seed"])
    ):
        key = tuple(row[name] for name in ("phase", "size", "seed", "severity"))
        ratio = against.get((*key, row["contender"]), {}).get("ratio")
        lines.append(_line(row, ratio))
    for one in ratios(rows):
        if one["phase"] in TOGETHER.values() and one["ratio"] is not None:
            memory = "" if one["memory_ratio"] is None else f"{one['memory_ratio']:.2g} of its memory"
            lines.append(
                f"| {one['links']:,} | {one['phase']} | {one['baseline']} | {one['baseline_seconds']:.3f} | "
                f"| {one['ratio']:.2g} | {memory} |"
            )
    grow = slopes(rows, least=0.005)
    if grow:
        lines += ["", "seconds grow as links to the power of " + ", ".join(f"{p} {s:.2f}" for p, s in grow.items())]
    return "\n".join([*lines, ""])


def _line(row: Row, ratio: float | None) -> str:
    shown = "" if ratio is None else f"{ratio:.2g}"
    seconds = f"{row['seconds']:.3f}" + ("*" if "sample" in row else "")
    return (
        f"| {row['links']:,} | {row['phase']} | {row['contender']} | {seconds} | {row['peak_mb']:.1f} "
        f"| {shown} | {_told(row)} |"
    )


def _told(row: Row) -> str:
    """Say in a few words what a search found."""
    parts: list[str] = []
    if "objective" in row:
        parts.append("nothing in time" if row["objective"] is None else f"{row['objective']:,.0f}")
    for name, label in (("gap", "gap"), ("gap_on_savings", "of the saving")):
        if row.get(name) is not None:
            parts.append(f"{label} {100 * row[name]:.2f} %")
    parts += [f"{row[name]} {name}" for name in ("runs", "rates", "pairs") if name in row]
    if row.get("isopt_s") is not None:
        parts.append(f"isopt there after {row['isopt_s']:.1f} s, {row['seconds'] / row['isopt_s']:.1f} times sooner")
    if "same" in row:
        parts.append("same table" if row["same"] else "ANOTHER TABLE")
    parts += [f"{name} {100 * share:.0f} %" for name, share in row.get("shares", {}).items()]
    return ", ".join(parts)


def summary(rows: list[Row]) -> dict[str, Any]:
    """Return the growth of seconds and memory by phase."""
    return {"seconds": slopes(rows, least=0.005), "peak_mb": slopes(rows, "peak_mb", least=2.0)}
