"""The cited tables: what there is, and each as a frame."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted

__all__ = ["EVIDENCE", "citation", "contents", "names", "rows", "table"]

EVIDENCE = ("read", "second_hand", "derived", "recalled", "assumed")
"""
How a number is known: read in its source, read in somebody's report of it, derived from read numbers, recalled by the
compilers without reading the source again, or a planning value without one. The last two are shown as assumed.
"""

_FOLDER = "data"


def _read(name: str) -> pd.DataFrame:
    path = resources.files("isopt.knowledge").joinpath(_FOLDER, f"{name}.csv")
    with path.open(encoding="utf-8") as lines:
        frame = pd.read_csv(lines, dtype=str, keep_default_na=False)
    return frame.astype(object)


@cache
def _contents() -> pd.DataFrame:
    return _read("contents").set_index("table", drop=False)


@cache
def _sources() -> pd.DataFrame:
    return _read("sources").set_index("source", drop=False)


@cache
def _load(name: str) -> pd.DataFrame:
    frame = _read(name)
    known = _contents().loc[name]
    for column in str(known["numbers"]).split(";"):
        if column:
            frame[column] = pd.to_numeric(frame[column].where(frame[column] != "")).astype(float)
    for column in str(known["flags"]).split(";"):
        if column:
            frame[column] = frame[column] == "true"
    frame["year"] = frame["year"].astype(int)
    return frame


def names() -> tuple[str, ...]:
    """
    Return the names of the tables.

    Examples
    --------
    >>> names()[:3]
    ('landfill_tax', 'gate_fees', 'carbon_price')
    """
    return tuple(str(name) for name in _contents()["table"])


def contents() -> pd.DataFrame:
    """
    Return what each table holds and in which units: columns table, holds, units, numbers, flags.

    Examples
    --------
    >>> contents().query("table == 'price_index'")["units"].item()
    '2025 = 100; change in percent a year'
    """
    return _contents().reset_index(drop=True)


def table(name: str) -> pd.DataFrame:
    """
    Return one cited table.

    Parameters
    ----------
    name
        One of :func:`names`.

    Returns
    -------
    frame
        A fresh copy. Text is "" where empty, numbers are NaN; every row has ``year``, ``source`` (a key of
        :func:`citation`), ``evidence`` (one of :data:`EVIDENCE`) and ``confidence`` (high, medium or low).

    Raises
    ------
    InputError
        There is no such table.

    Examples
    --------
    >>> table("carbon_price").set_index("year").loc[2025, "eur_per_t_co2"].item()
    75.0
    """
    if name not in _contents().index:
        raise InputError(f"{quoted(name)} is no table of isopt.knowledge{did_you_mean(name, names())}")
    return _load(name).copy()


def citation(source: str) -> str:
    """
    Return the full reference of a source key, with its licence.

    Parameters
    ----------
    source
        As in the column ``source`` of the tables.

    Raises
    ------
    InputError
        The key is unknown.

    Examples
    --------
    >>> citation("stoichiometry")
    'Stoichiometry from molar masses [facts only, cited]'
    """
    if source not in _sources().index:
        raise InputError(f"{quoted(source)} is no source{did_you_mean(source, map(str, _sources().index))}")
    row = _sources().loc[source]
    return " ".join(part for part in (str(row["citation"]), str(row["url"]), f"[{row['licence']}]") if part)


def rows(name: str, **where: Any) -> pd.DataFrame:
    """
    Return the rows of a table in which all the given columns have the given values.

    Parameters
    ----------
    name
        One of :func:`names`.
    where
        Column and value; text is compared without regard to case.

    Raises
    ------
    InputError
        Nothing fits; the message names the nearest value of the first column that has none.

    Examples
    --------
    >>> rows("pipe_cost", pipe="steam")["unit"].item()
    'EUR/km'
    """
    found = table(name)
    for column, value in where.items():
        words = [_plain(cell) for cell in found[column]]
        kept = found[[word == _plain(value) for word in words]]
        if kept.empty:
            values = {str(cell) for cell in found[column]}
            raise InputError(f"{name} has no {column} {quoted(str(value))}{did_you_mean(str(value), sorted(values))}")
        found = kept
    return found


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
