"""
The yardsticks of the audit: equal, at most, true.

Two tolerances, both relative, and no other:

* a *constraint* row (a balance, a capacity) was met by a solver: it may miss by `tolerance` times the largest amount
  on that row;
* a *figure* (a cost, a KPI) is arithmetic on the rows below it: it may miss by `tolerance` times itself, and by a
  thousandth of `tolerance` times the gross of what it adds up, which is what rounding can do where costs and
  revenues cancel.

A comparison with an empty cell (NaN) never holds, unless both sides are empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from isopt.solution.audit.report import Finding

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """How many rows a rule was held against and which of them break it; the rule's name is filled in by `named`."""

    rows: int = 0
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(self.rows + other.rows, self.findings + other.findings)

    def named(self, rule: str, prefix: str = "") -> Verdict:
        """The same verdict with the rule's name on each finding, and `prefix` before its table."""
        findings = (replace(each, rule=rule, table=prefix + each.table) for each in self.findings)
        return Verdict(self.rows, tuple(findings))


def row_slack(tolerance: float, *terms: ArrayLike) -> Floats:
    """What a constraint row may miss by: `tolerance` times the largest of its terms (empty ones left out)."""
    sizes = [np.nan_to_num(np.abs(np.asarray(term, dtype=float)), nan=0.0, posinf=0.0) for term in terms]
    return np.asarray(tolerance * np.maximum.reduce(np.broadcast_arrays(*sizes)), dtype=np.float64)


def figure_slack(tolerance: float, figure: ArrayLike, gross: ArrayLike = 0.0) -> Floats:
    """What a figure may miss by: `tolerance` of itself, or a thousandth of that of the gross of what it adds up."""
    return row_slack(tolerance, figure, 1e-3 * np.abs(np.asarray(gross, dtype=float)))


def equal(
    table: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    expected: ArrayLike,
    found: ArrayLike,
    slack: ArrayLike,
    message: str,
) -> Verdict:
    """
    Hold that each row's figure is the expected one.

    Parameters
    ----------
    table
        The results' table that the rows belong to.
    frame
        One row per comparison.
    keys
        Columns of `frame` that name a row.
    expected, found
        The two figures, shape (rows,).
    slack
        What they may differ by, shape (rows,).
    message
        The rule in the reader's words.
    """
    want, got = _pair(frame, expected, found)
    same = np.abs(want - got) <= np.asarray(slack, dtype=np.float64)
    return _verdict(table, frame, keys, same | (np.isnan(want) & np.isnan(got)), want, got, message)


def figures(
    table: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    expected: ArrayLike,
    found: ArrayLike,
    tolerance: float,
    message: str,
) -> Verdict:
    """Hold that a figure worked out from its own row is the expected one, as `equal` with the slack of a figure."""
    return equal(table, frame, keys, expected, found, figure_slack(tolerance, expected), message)


def at_most(
    table: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    limit: ArrayLike,
    found: ArrayLike,
    slack: ArrayLike,
    message: str,
) -> Verdict:
    """Hold that each row's figure is no more than its limit; an empty limit (NaN) is none."""
    want, got = _pair(frame, limit, found)
    return _verdict(
        table, frame, keys, np.isnan(want) | (got <= want + np.asarray(slack, dtype=np.float64)), want, got, message
    )


def at_least(
    table: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    limit: ArrayLike,
    found: ArrayLike,
    slack: ArrayLike,
    message: str,
) -> Verdict:
    """Hold that each row's figure is no less than its limit; an empty limit (NaN) is none."""
    want, got = _pair(frame, limit, found)
    return _verdict(
        table, frame, keys, np.isnan(want) | (got >= want - np.asarray(slack, dtype=np.float64)), want, got, message
    )


def same_text(
    table: str, frame: pd.DataFrame, keys: Sequence[str], expected: ArrayLike, found: ArrayLike, message: str
) -> Verdict:
    """Hold that each row's text (or yes and no) is the expected one."""
    want, got = np.asarray(expected, dtype=object), np.asarray(found, dtype=object)
    return _verdict(table, frame, keys, np.asarray(want == got, dtype=bool), want, got, message)


def holds(table: str, frame: pd.DataFrame, keys: Sequence[str], true: ArrayLike, message: str) -> Verdict:
    """Hold that a statement is true of each row."""
    yes = np.asarray(true, dtype=bool)
    return _verdict(table, frame, keys, yes, np.full(len(frame), True), yes, message)


def single(table: str, row: str, true: bool, expected: object, found: object, message: str) -> Verdict:
    """Hold that one statement about one row is true."""
    return Verdict(1, () if true else (Finding(table, row, "", expected, found, message),))


def _pair(frame: pd.DataFrame, expected: ArrayLike, found: ArrayLike) -> tuple[Floats, Floats]:
    shape = (len(frame),)
    want = np.broadcast_to(np.asarray(expected, dtype=np.float64), shape)
    return want, np.broadcast_to(np.asarray(found, dtype=np.float64), shape)


def _verdict(
    table: str, frame: pd.DataFrame, keys: Sequence[str], good: Any, want: NDArray[Any], got: NDArray[Any], message: str
) -> Verdict:
    if frame.empty:
        return Verdict()
    bad = np.flatnonzero(~np.asarray(good, dtype=bool))
    if not len(bad):
        return Verdict(len(frame))
    names = frame.iloc[bad][list(keys)].astype(object).to_numpy()
    findings = []
    for at, name in zip(bad, names, strict=True):
        row = ", ".join(f"{key} {value}" for key, value in zip(keys, name, strict=True) if str(value))
        findings.append(Finding(table, row or f"row {at + 2}", "", _plain(want[at]), _plain(got[at]), message))
    return Verdict(len(frame), tuple(findings))


def _plain(value: Any) -> object:
    return value.item() if isinstance(value, np.generic) else value
