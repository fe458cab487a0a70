"""What was measured, in one file that only grows: an interrupted run keeps what is done."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Row = dict[str, Any]
KEY = ("phase", "contender", "size", "seed", "severity")
LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "pyomo",
    "highspy",
    "linopy",
    "numba",
    "networkx",
    "osmnx",
    "folium",
    "distributed",
)
TOGETHER = {"build": "build + hand_over", "build_full": "build_full + hand_over_full"}
"""What building and handing over are called as one step, by the phase that builds."""
_FIRST = {"hand_over": "build", "hand_over_full": "build_full"}


class Store:
    """
    Rows of all runs, the newest for each phase, contender, size, seed and severity.

    Parameters
    ----------
    path
        The file; what it holds is kept.
    fresh
        Whether to forget what it holds.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        self.rows: dict[tuple[Any, ...], Row] = {}
        if path.exists() and not fresh:
            for row in json.loads(path.read_text(encoding="utf-8")).get("rows", []):
                if all(name in row for name in KEY):
                    self.rows[tuple(row[name] for name in KEY)] = row

    def add(self, row: Row) -> None:
        """Keep a row and write the file, under a temporary name first."""
        self.rows[tuple(row[name] for name in KEY)] = row
        rows = sorted(self.rows.values(), key=lambda one: (one["size"], one["seed"], one["severity"]))
        content = {
            "what": "seconds of the processor (least of some) or of the clock where 'clock' says so; peak memory above "
            "the start of the phase; one process per contender; ratio: isopt over the baseline in the same run",
            "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
            "versions": {name: version(name) for name in LIBRARIES if find_spec(name)},
            "results": ratios(rows),
            "rows": rows,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        whole.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        whole.replace(self.path)


def ratios(rows: Iterable[Row]) -> list[Row]:
    """
    Set isopt's seconds and memory against each baseline's of the same run.

    Parameters
    ----------
    rows
        Of any phases, sizes and seeds.

    Returns
    -------
    results
        ``phase, size, links, seed, severity, seconds, peak_mb, baseline, baseline_seconds, ratio, memory_ratio``; one
        without a baseline where nobody else does the phase. What the clock cut short gives no ratio.

    Examples
    --------
    >>> same = {"size": 10, "links": 9, "seed": 0, "severity": 0.5, "run": "a", "phase": "build", "peak_mb": 1}
    >>> rows = [{**same, "contender": "isopt", "seconds": 3}, {**same, "contender": "numpy", "seconds": 2}]
    >>> [(row["baseline"], row["ratio"], row["memory_ratio"]) for row in ratios(rows)]
    [('numpy', 1.5, 1.0)]
    """
    grouped: dict[tuple[Any, ...], dict[str, Row]] = {}
    everything = list(rows)
    for row in [*everything, *_together(everything)]:
        grouped.setdefault(tuple(row[n] for n in ("phase", "size", "seed", "severity", "run")), {})[
            row["contender"]
        ] = row
    results = []
    for found in grouped.values():
        ours = found.get("isopt")
        if ours is None:
            continue
        mine = {name: ours[name] for name in ("phase", "size", "links", "seed", "severity", "seconds", "peak_mb")}
        others = [row for name, row in found.items() if name != "isopt"]
        results += [{**mine, **_against(ours, row)} for row in others]
        if not others:
            results.append({**mine, "baseline": None, "baseline_seconds": None, "ratio": None, "memory_ratio": None})
    return results


def _against(ours: Row, row: Row) -> Row:
    comparable = done(ours) and done(row) and row["seconds"] > 0
    heavy = comparable and row["peak_mb"] > 0 and "sample" not in row
    return {
        "baseline": row["contender"],
        "baseline_seconds": row["seconds"],
        "ratio": ours["seconds"] / row["seconds"] if comparable else None,
        "memory_ratio": ours["peak_mb"] / row["peak_mb"] if heavy else None,
    }


def done(row: Row) -> bool:
    """
    Tell whether the work was finished: what the clock cut short took no time that could be compared.

    Examples
    --------
    >>> done({}), done({"done": None}), done({"objective": None})
    (True, False, False)
    """
    return all(row[name] is not None for name in ("done", "objective") if name in row)


def _together(rows: Iterable[Row]) -> list[Row]:
    """Building and handing over as one step: some libraries do in the one what others do in the other."""
    both: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        first = _FIRST.get(row["phase"], row["phase"])
        if first in TOGETHER:
            both.setdefault((first, *(row[n] for n in ("contender", "size", "seed", "severity", "run"))), []).append(
                row
            )
    return [
        {
            **parts[0],
            "phase": TOGETHER[first],
            "seconds": sum(row["seconds"] for row in parts),
            "peak_mb": max(row["peak_mb"] for row in parts),
        }
        for (first, *_), parts in both.items()
        if len(parts) == 2
    ]


def slopes(rows: Iterable[Row], what: str = "seconds", least: float = 0.0) -> dict[str, float]:
    """
    Return how isopt's seconds or memory grow with the links in each phase: the exponent of a power fitted to all.

    Parameters
    ----------
    rows
        Of any sizes; those below a thousand links and the larger figures only count.
    what
        ``seconds`` or ``peak_mb``.
    least
        Figures below this are noise and are left out.

    Examples
    --------
    >>> point = {"phase": "read", "contender": "isopt"}
    >>> slopes([{**point, "links": 1_000, "seconds": 1.0}, {**point, "links": 100_000, "seconds": 100.0}])
    {'read': 1.0}
    """
    import numpy as np

    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["contender"] == "isopt" and row["links"] >= 900 and row[what] > least and done(row):
            points.setdefault(row["phase"], []).append((row["links"], row[what]))
    found = {}
    for name, pairs in points.items():
        links, figure = np.log(np.array(pairs, dtype=float)).T
        if np.ptp(links) > np.log(5):
            found[name] = round(float(np.polyfit(links, figure, 1)[0]), 3)
    return found
