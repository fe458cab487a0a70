"""Solutions on disk: the OUT folder of `isopt solve`, file by file, so that nothing half-written is ever seen."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from isopt.errors import InputError
from isopt.scenario import Scenario, read, write
from isopt.solution.names import LONG, categorical
from isopt.solution.solution import TABLES, Solution

#: Packages whose versions decide an answer.
VERSIONED = ("isopt", "highspy", "pyomo", "numpy", "scipy", "pandas")
#: Folder of the scenario as it was solved, inside the OUT folder; the baseline's tables beside it.
SCENARIO, BASELINE = "scenario", "baseline"


def write_solution(solution: Solution, folder: str | Path) -> list[Path]:
    """
    Write the tables, KPIs and the summary of a solution, with the scenario as solved.

    Parameters
    ----------
    solution
        Any solution; one without a plan gets its summary and scenario only.
    folder
        Made where it does not exist; files of the same names are replaced, each in one step.

    Returns
    -------
    paths
        What was written.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    write(solution.scenario, out / SCENARIO)
    written = [out / SCENARIO]
    for stale in (*TABLES, "kpis"):
        (out / f"{stale}.csv").unlink(missing_ok=True)
    if solution.has_plan:
        written += _write_tables(solution, out)
        if solution.baseline is not None:
            written += _write_tables(solution.baseline, out / BASELINE)
    text = json.dumps(summary(solution), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    written.append(replace_text(out / "summary.json", text))
    return written


def _write_tables(solution: Solution, out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    tables = {"kpis": solution.kpis, **{name: solution.tables[name] for name in TABLES}}
    return [
        replace_text(out / f"{name}.csv", _plain(table).to_csv(index=False, lineterminator="\n"))
        for name, table in tables.items()
    ]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Lists as the contract writes them in a cell; everything else as it is."""
    lists = {
        name: table[name].map(lambda cell: ";".join(cell) if isinstance(cell, tuple) else cell)
        for name in table.columns
        if table[name].dtype == object
    }
    return table.assign(**lists)


def summary(solution: Solution) -> dict[str, Any]:
    """Sum a solution up as `summary.json` does; the contract names the keys."""
    baseline = solution.baseline
    return {
        "scenario": solution.scenario.title or solution.scenario.name,
        "name": solution.scenario.name,
        "status": solution.status,
        "interrupted": solution.interrupted,
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "gap_on_savings": solution.gap_on_savings,
        "reason": solution.reason,
        "method": solution.method,
        "seconds": {name: round(value, 4) for name, value in solution.seconds.items()},
        "kpis": _totals(solution.kpis),
        "baseline": None
        if baseline is None
        else {
            "status": baseline.status,
            "objective": baseline.objective,
            "bound": baseline.bound,
            "gap": baseline.gap,
            "kpis": _totals(baseline.kpis),
        },
        "baseline_reason": solution.baseline_reason,
        "links": dict(solution.counts),
        "warnings": list(solution.warnings),
        "versions": {**{name: _version(name) for name in VERSIONED}, "python": platform.python_version()},
        "inputs": dict(solution.scenario.inputs),
    }


def _totals(kpis: pd.DataFrame) -> dict[str, dict[str, float | str]]:
    totals = kpis[kpis["year"].astype(str) == "total"]
    return {
        str(name): {"value": float(value), "unit": str(unit)}
        for name, value, unit in zip(totals["kpi"], totals["value"], totals["unit"], strict=True)
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def read_solution(folder: str | Path) -> Solution:
    """
    Read a solution back that `write_solution` wrote.

    Parameters
    ----------
    folder
        The OUT folder of `isopt solve`.

    Raises
    ------
    InputError
        Where the folder holds no solution, or one of its files can't be read.
    """
    out = Path(folder)
    said = _load_summary(out)
    scenario = read(out / SCENARIO)
    has_plan = said["status"] in {"optimal", "feasible"}
    baseline = None
    if has_plan and said["baseline"] is not None:
        before = said["baseline"]
        baseline = Solution(
            scenario=scenario,
            status=before["status"],
            objective=before["objective"],
            bound=before["bound"],
            gap=before["gap"],
            kpis=_read_table(out / BASELINE, "kpis", scenario),
            tables={name: _read_table(out / BASELINE, name, scenario) for name in TABLES},
        )
    empty = Solution(scenario, said["status"])
    return Solution(
        scenario=scenario,
        status=said["status"],
        objective=said["objective"],
        bound=said["bound"],
        gap=said["gap"],
        gap_on_savings=said["gap_on_savings"],
        interrupted=said["interrupted"],
        seconds=said["seconds"],
        kpis=_read_table(out, "kpis", scenario) if has_plan else empty.kpis,
        tables={name: _read_table(out, name, scenario) for name in TABLES} if has_plan else {},
        baseline=baseline,
        baseline_reason=said["baseline_reason"],
        warnings=tuple(said["warnings"]),
        counts=said["links"],
        reason=said["reason"],
        method=said.get("method"),
    )


def _load_summary(out: Path) -> dict[str, Any]:
    path = out / "summary.json"
    if not path.is_file():
        raise InputError(f"{out} holds no solution (no summary.json): make one with isopt solve FOLDER -o {out}")
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read as JSON: {error}; solve again to write it anew") from error
    needed = {
        "status",
        "objective",
        "bound",
        "gap",
        "gap_on_savings",
        "interrupted",
        "seconds",
        "baseline",
        "baseline_reason",
    }
    if not isinstance(said, dict) or not needed | {"warnings", "links", "reason"} <= set(said):
        raise InputError(f"{path} is not a summary that isopt wrote; solve again to write it anew")
    return said


def _read_table(out: Path, name: str, scenario: Scenario) -> pd.DataFrame:
    """Read one table; columns are text, number or yes-and-no as they were written."""
    path = out / f"{name}.csv"
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read: {error}; solve again to write it anew") from error
    columns = {}
    for column in text.columns:
        try:
            columns[column] = _typed(text[column], name, column, scenario)
        except ValueError as error:
            raise InputError(f"{path}, column {column}: {error}; solve again to write it anew") from error
    table = pd.DataFrame(columns)
    return categorical(table) if name in LONG else table


def _typed(cells: pd.Series[str], table: str, column: str, scenario: Scenario) -> pd.Series[Any]:
    """Give a column of text its type."""
    rows = _ROWS_OF.get(table, table)
    if rows in scenario.tables and column in scenario.tables[rows].columns:
        like = scenario.tables[rows][column].dtype
        if pd.api.types.is_object_dtype(like):
            return cells.astype(object)
        if pd.api.types.is_bool_dtype(like):
            return _flags(cells)
    if column in _TEXT or (table == "kpis" and column != "value"):
        if table == "kpis" and column == "year":
            return cells.map(lambda year: year if year == "total" else int(year)).astype(object)
        return cells.astype(object)
    if column in _FLAGS:
        return _flags(cells)
    numbers = pd.to_numeric(cells.mask(cells == ""))
    return numbers.astype("int64") if column in _YEARS else numbers.astype("float64")


def _flags(cells: pd.Series[str]) -> pd.Series[Any]:
    """Yes and no as they were written."""
    lost = cells[~cells.isin(["True", "False"])]
    if len(lost):
        raise ValueError(f'"{lost.iloc[0]}" is neither True nor False')
    return cells == "True"


_TEXT = frozenset(
    [
        "kpi",
        "unit",
        "exchange",
        "from_facility",
        "to_facility",
        "from_name",
        "to_name",
        "from_organisation",
        "to_organisation",
        "mode",
        "material",
        "status",
        "note",
        "source",
        "outlet",
        "facility",
        "name",
        "route",
        "tax_class",
        "organisation",
        "period",
        "kind",
        "origin_kind",
        "origin",
        "receiver_kind",
        "receiver",
        "received_as",
        "plant",
        "input",
    ]
)
#: Tables that are the rows of another one plus columns.
_ROWS_OF = {"virgin": "demands"}
_FLAGS = frozenset({"shared", "between_organisations", "stands", "built"})
_YEARS = frozenset({"year", "opened_year"})


def write_frames(folder: Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write a CSV file for each table into a folder, which is made where it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        replace_text(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        for name, table in tables.items()
    ]


def write_study(folder: Path, tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> list[Path]:
    """
    Write what a study found: a CSV file for each table, and ``summary.json``.

    Parameters
    ----------
    folder
        Made where it does not exist; files of the same names are replaced, each in one step.
    tables
        By the name of the file.
    about
        Content of the summary.

    Returns
    -------
    paths
        The tables in their order, the summary last.
    """
    written = write_frames(folder, tables)
    text = json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return [*written, replace_text(folder / "summary.json", text)]


def replace_text(path: Path, text: str) -> Path:
    """Write a text file in one step: under another name first, then moved."""

    def fill(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8", newline="")

    return replace_file(path, fill)


def replace_file(path: Path, fill: Callable[[Path], object]) -> Path:
    """
    Write a file in one step.

    Parameters
    ----------
    path
        Where it goes.
    fill
        Writes the content to the path that it is given; on an error the old file stays.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        fill(temporary)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
