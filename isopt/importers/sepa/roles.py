"""What a site does with what comes in: use it, burn it, landfill it, or pass it on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["balance", "capacities", "first_activity"]

PASSED_ON = "passed on: as much of the same material left the site"
UNTREATED = (
    "not treated: a transfer station, as a rule, that sends on most of it or reports less as treated or recovered"
)


def balance(flows: pd.DataFrame) -> pd.DataFrame:
    """
    Set off what left each site against what came in, material by material.

    Parameters
    ----------
    flows
        ``permit, direction (in, out), material, tonnes``, one row per key.

    Returns
    -------
    balance
        ``permit, material, in, out, net``: what ends at the site is what came in less what left as the same material,
        at least 0.

    Examples
    --------
    >>> depot = {"permit": "P", "material": "Glass wastes"}
    >>> came, left = {"direction": "in", "tonnes": 100.0}, {"direction": "out", "tonnes": 90.0}
    >>> balance(pd.DataFrame([{**depot, **came}, {**depot, **left}]))[["in", "out", "net"]].values.tolist()
    [[100.0, 90.0, 10.0]]
    """
    wide = flows.pivot_table(
        index=["permit", "material"], columns="direction", values="tonnes", aggfunc="sum", sort=False
    )
    wide = wide.reindex(columns=["in", "out"]).fillna(0.0)
    wide["net"] = (wide["in"] - wide["out"]).clip(lower=0.0)
    return wide.reset_index().rename_axis(columns=None)


def capacities(balanced: pd.DataFrame, sites: pd.DataFrame, activities: pd.DataFrame) -> pd.DataFrame:
    """
    Say in which role a site takes each material, and how much of it.

    The first activity of the table that the site has and that takes the material's category decides. Sites that as a
    rule only hold and sort waste (role ``treated``) receive what ends there of materials of which more stays than
    leaves, but all materials together no more than they report as treated or recovered, less what their other receiving
    activities take.

    Parameters
    ----------
    balanced
        From :func:`balance`, with ``category`` of each material.
    sites
        ``permit, activities`` (separated by " / ") and ``treated`` (tonnes).
    activities
        ``activity, role, takes`` in order of precedence.

    Returns
    -------
    capacities
        The rows of `balanced` with ``role`` (receiver, incineration, landfill or "") and ``capacity`` (tonnes).
    """
    table = balanced.merge(sites[["permit", "activities", "treated"]], on="permit", how="left", validate="many_to_one")
    role = pd.Series("treated", index=table.index)
    undecided = pd.Series(True, index=table.index)
    does = _split(table["activities"])
    for activity in activities.itertuples():
        takes = str(activity.takes)
        fits = table["category"].isin(takes.split(";")) if takes else pd.Series(True, index=table.index)
        mine = undecided & fits & does.map(lambda words, a=activity.activity: a in words)
        role[mine] = str(activity.role)
        undecided &= ~mine
    receiving = (role == "receiver").to_numpy()
    uncertain = (role == "treated").to_numpy()
    stays = table["net"].where(table["net"] >= table["out"], 0.0)
    used = table["net"].where(receiving, 0.0).groupby(table["permit"]).transform("sum")
    wanted = stays.where(uncertain, 0.0).groupby(table["permit"]).transform("sum")
    allowed = (table["treated"] - used).clip(lower=0.0)
    share = np.where(wanted > 0, np.minimum(1.0, allowed / wanted.where(wanted > 0, 1.0)), 0.0)
    table["capacity"] = np.where(uncertain, stays * share, table["net"])
    table["role"] = np.where(uncertain, "receiver", role)
    return table.drop(columns=["treated"])


def first_activity(sites: pd.DataFrame, activities: pd.DataFrame) -> pd.Series[str]:
    """
    Return the activity of each site that comes first in the table of activities, "" where none is known.

    Parameters
    ----------
    sites
        With ``activities``, separated by " / ".
    activities
        With ``activity``, in order of precedence.

    Returns
    -------
    activity
        One per site.
    """
    rank = {name: place for place, name in enumerate(activities["activity"])}
    return _split(sites["activities"]).map(
        lambda words: min((w for w in words if w in rank), key=rank.__getitem__, default="")
    )


def _split(activities: pd.Series[str]) -> pd.Series[Any]:
    return activities.map(lambda text: tuple(word.strip() for word in str(text).split("/") if word.strip()))
