"""A model as LP text that a person can read and other solvers too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from isopt.solver.compile import StandardForm, standard_form

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from pyomo.environ import ConcreteModel

    from isopt.formulation.rows import Array

_WIDTH = 110
_SWAP = str.maketrans({"[": "(", "]": ")", "|": ",", ">": "~", " ": "_"})
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_.,;()~#$%&!?@{}'`]")


def lp_text(form: StandardForm) -> str:
    """
    Write a model in CPLEX's LP format, a heading per family and readable names.

    Parameters
    ----------
    form
        The model.

    Returns
    -------
    text
        Rows in the model's order; a row between two bounds is written twice, with suffixes ``.low`` and ``.high``.
    """
    return "\n".join(_lines(form)) + "\n"


def write_lp(form: StandardForm | ConcreteModel, path: str | os.PathLike[str]) -> None:
    """
    Write a model's LP text to a file.

    Parameters
    ----------
    form
        The model, compiled or not.
    path
        File to write; it appears only once it is complete.
    """
    compiled = form if isinstance(form, StandardForm) else standard_form(form)
    target = Path(path)
    scratch = target.with_name(f".{target.name}.part")
    scratch.write_text(lp_text(compiled), encoding="utf-8")
    scratch.replace(target)


def _lines(form: StandardForm) -> Iterator[str]:
    columns, rows = _unique(form.column_names()), _unique(form.row_names())
    yield "maximize" if form.sense < 0 else "minimize"
    costly = np.flatnonzero(form.cost)
    constant = _terms(np.array([form.offset]), ["one"]) if form.offset else []
    yield from _wrapped(" objective:", _terms(form.cost[costly], [columns[j] for j in costly]) + constant)
    yield "subject to"
    matrix = sp.csr_array(form.matrix)
    for family, where in form.rows.items():
        if where.stop > where.start:
            yield f"\\ {family}"
        for row in range(where.start, where.stop):
            yield from _row(form, matrix, row, rows[row], columns)
    if form.offset:
        yield " constant: one = 1"
    yield "bounds"
    for name, lower, upper in zip(columns, form.col_lower.tolist(), form.col_upper.tolist(), strict=True):
        if lower == upper:
            yield f" {name} = {_number(lower)}"
        elif np.isfinite(upper):
            yield f" {name} <= {_number(upper)}" if lower == 0 else f" {_number(lower)} <= {name} <= {_number(upper)}"
        elif np.isinf(lower):
            yield f" {name} free"
        elif lower != 0:
            yield f" {name} >= {_number(lower)}"
    binary = form.integer & (form.col_lower == 0) & (form.col_upper == 1)
    for heading, chosen in (("binary", binary), ("general", form.integer & ~binary)):
        if chosen.any():
            yield heading
            yield from _wrapped("", [columns[j] for j in np.flatnonzero(chosen)])
    yield "end"


def _row(form: StandardForm, matrix: sp.csr_array, row: int, name: str, columns: list[str]) -> Iterator[str]:
    start, end = matrix.indptr[row], matrix.indptr[row + 1]
    terms = _terms(matrix.data[start:end], [columns[j] for j in matrix.indices[start:end]])
    terms = terms or [f"0 {columns[0]}"]
    lower, upper = float(form.row_lower[row]), float(form.row_upper[row])
    if lower == upper:
        yield from _wrapped(f" {name}:", [*terms, f"= {_number(lower)}"])
        return
    ranged = np.isfinite(lower) and np.isfinite(upper)
    if np.isfinite(lower):
        yield from _wrapped(f" {name}{'.low' if ranged else ''}:", [*terms, f">= {_number(lower)}"])
    if np.isfinite(upper):
        yield from _wrapped(f" {name}{'.high' if ranged else ''}:", [*terms, f"<= {_number(upper)}"])


def _terms(coefficients: Array, names: list[str]) -> list[str]:
    return [
        f"{'-' if c < 0 else '+'} {name}" if abs(c) == 1 else f"{'-' if c < 0 else '+'} {_number(abs(c))} {name}"
        for c, name in zip(coefficients.tolist(), names, strict=True)
    ]


def _number(value: float) -> str:
    """Shortest text that reads back as the same number; integers without a point."""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else str(value)


def _wrapped(head: str, words: list[str]) -> Iterator[str]:
    line = head
    for word in words:
        if len(line) + len(word) + 1 > _WIDTH:
            yield line
            line = "  "
        line = f"{line} {word}"
    yield line


def _unique(names: list[str]) -> list[str]:
    """Make names that every LP reader takes, each of them once."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        plain = _FORBIDDEN.sub("_", name.translate(_SWAP))
        seen[plain] = seen.get(plain, 0) + 1
        result.append(plain if seen[plain] == 1 else f"{plain}#{seen[plain]}")
    return result
