"""From ids to indices."""

from __future__ import annotations

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
