"""Ids of everything in a plan, as arrays to put into tables."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.network import Instance, Kind

Names = NDArray[np.object_]


#: Columns that hold the same few words over and over, those side by side that speak of the same things.
REPEATED = (
    ("from_facility", "to_facility"), ("from_name", "to_name"), ("from_organisation", "to_organisation"),
    ("material", "received_as"), ("period",), ("kind",), ("origin_kind",), ("receiver_kind",), ("mode",), ("unit",),
    ("status",), ("note",), ("source",), ("facility",), ("name",), ("route",), ("tax_class",),
)  # fmt: skip
#: Tables that grow with the links.
LONG = frozenset(["exchanges", "disposal", "flows"])


def categorical(table: pd.DataFrame) -> pd.DataFrame:
    """
    Hold each word of the columns with repeated words once, and a number per row; values and order are what they were.

    Parameters
    ----------
    table
        A table of a solution; columns that are not `REPEATED` stay as they are.

    Returns
    -------
    table
        The same, with categories in alphabetical order, so that sorting and grouping give what words would give, and
        the same categories in columns that may be compared.

    Examples
    --------
    >>> compact = categorical(pd.DataFrame({"mode": ["ship", "rail", "ship"], "sent": [1.0, 2.0, 3.0]}))
    >>> compact["mode"].cat.categories.tolist(), compact["mode"].tolist()
    (['rail', 'ship'], ['ship', 'rail', 'ship'])
    """
    columns: dict[str, pd.Categorical] = {}
    for alike in REPEATED:
        there = [name for name in alike if name in table.columns]
        if there:
            words = sorted(set().union(*(pd.unique(table[name]) for name in there)))
            kind = pd.CategoricalDtype(pd.Index(words, dtype="str"))
            columns |= {name: pd.Categorical(table[name], dtype=kind) for name in there}
    return table.assign(**columns)


def spelled(table: pd.DataFrame) -> pd.DataFrame:
    """
    Give text in place of categories, for who puts words together or fills what is missing.

    Parameters
    ----------
    table
        Any table; columns without categories stay as they are.

    Examples
    --------
    >>> table = spelled(categorical(pd.DataFrame({"mode": ["ship", "rail"]})))
    >>> ("by " + table["mode"]).tolist()
    ['by ship', 'by rail']
    """
    return table.assign(**{name: table[name].astype("str") for name in table.select_dtypes("category").columns})


class Ids:
    """
    Ids behind the indices of an instance.

    Parameters
    ----------
    instance
        The instance.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        parties = instance.parties
        self.facilities: Names = np.array(parties.facilities, dtype=object)
        self.materials: Names = np.array([*parties.materials, ""], dtype=object)  # index -1: none
        self.modes: Names = np.array([*parties.modes, ""], dtype=object)
        self.organisations: Names = np.array(parties.organisations, dtype=object)
        self.units: Names = instance.scenario.materials["unit"].to_numpy(dtype=object)

    @cached_property
    def origins(self) -> Names:
        """Stream or plant of each origin."""
        return self._of(self.instance.parties.origins.kind, self.instance.parties.origins.row)

    @cached_property
    def receivers(self) -> Names:
        """Demand, plant or disposal of each receiver."""
        return self._of(self.instance.parties.receivers.kind, self.instance.parties.receivers.row)

    def _of(self, kind: NDArray[np.int64], row: NDArray[np.int64]) -> Names:
        scenario = self.instance.scenario
        tables = {
            Kind.STREAM: scenario.streams["stream"],
            Kind.OUTPUT: scenario.plants["plant"],
            Kind.DEMAND: scenario.demands["demand"],
            Kind.INPUT: scenario.plants["plant"],
            Kind.DISPOSAL: scenario.disposals["disposal"],
        }
        names = np.full(len(kind), "", dtype=object)
        for which, column in tables.items():
            here = kind == which
            names[here] = column.to_numpy(dtype=object)[row[here]]
        return names

    @cached_property
    def groups(self) -> Names:
        """Id of each exchange: FROM>TO|MODE|MATERIAL."""
        return self.group_names(np.arange(self.instance.groups.count))

    def group_names(self, which: NDArray[np.int64]) -> Names:
        """Ids of some exchanges; only theirs are written, of half a million that are possible."""
        groups = self.instance.groups
        ends = (
            self.facilities[groups.from_facility[which]],
            self.facilities[groups.to_facility[which]],
            self.modes[groups.mode[which]],
            self.materials[groups.material[which]],
        )
        words = [f"{a}>{b}|{mode}|{material}" for a, b, mode, material in zip(*ends, strict=True)]
        names = np.empty(len(words), dtype=object)
        names[:] = words
        return names
