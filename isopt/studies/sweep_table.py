"""The table of a sweep: a row per run, a column per key and KPI; in CSV and Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from isopt.solution.kpis import UNITS
from isopt.solution.store import replace_file, replace_text
from isopt.studies.grid import TRANSPORT, Grid
from isopt.studies.points import Point, Value, shown

__all__ = ["sweep_table", "write_sweep"]


def sweep_table(grid: Grid, points: Mapping[str, Point], records: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """
    Write runs as a table, one row each; without a plan its KPIs are NaN.

    Parameters
    ----------
    grid
        Supplies the keys in their order, and whether there are transport scenarios.
    points
        What each run sets, by its name.
    records
        Status, gap, seconds, reason and KPIs of each run, by its name.
    """
    columns: dict[str, Any] = {"run": pd.array(list(points), dtype=object)}
    if grid.transports:
        columns[TRANSPORT] = pd.array([point.transport for point in points.values()], dtype=object)
    for key in grid.keys:
        columns[key] = _column([point.at.get(key) for point in points.values()])
    told = [records[name] for name in points]
    columns["status"] = pd.array([record["status"] for record in told], dtype=object)
    for name in ("gap", "seconds"):
        columns[name] = pd.array([_number(record.get(name)) for record in told], dtype="float64")
    columns["reason"] = pd.array([record.get("reason", "") for record in told], dtype=object)
    for kpi, unit in UNITS.items():
        name = kpi if kpi not in columns else f"{kpi}_{unit.lower()}"
        columns[name] = pd.array([_number(record.get("kpis", {}).get(kpi)) for record in told], dtype="float64")
    return pd.DataFrame(columns)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _column(values: list[Value | None]) -> Any:
    """Values of a key: whole numbers, numbers or text."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values if value is not None):
        whole = all(isinstance(value, int) for value in values)
        return pd.array([_number(value) for value in values], dtype="int64" if whole else "float64")  # type: ignore[arg-type]
    return pd.array(["" if value is None else shown(value) for value in values], dtype=object)


def write_sweep(folder: Path, table: pd.DataFrame, summary: Mapping[str, Any]) -> None:
    """Write ``sweep.csv``, ``sweep.parquet`` and ``summary.json``, each in one step."""
    replace_text(folder / "sweep.csv", table.to_csv(index=False, lineterminator="\n"))
    replace_file(folder / "sweep.parquet", lambda path: table.to_parquet(path, index=False))
    text = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    replace_text(folder / "summary.json", text)
