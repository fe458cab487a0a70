"""Firms, what they give off and what they need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.synthetic.catalogue import Catalogue, fee_of, landfill_kgco2, price_of
from isopt.synthetic.dials import Dials
from isopt.synthetic.ground import Ground

__all__ = ["Firms", "demands_of", "places_of", "streams_of"]

Array = NDArray[np.float64]

_GROUPED, _PER_GROUP = 0.06, 4
"""Share of firms that belong to a group, and how many of one sector a group holds."""
_SIZE_SIGMA = 0.6
"""Of the lognormal size that all amounts of a firm share."""
_LEAST = 1.0
_LARGEST = 60.0
"""Times the median beyond which an amount is cut: a works of that size would be known by name."""
_SINGLE = 0.02
"""Share of streams that go to one receiver at most."""
_OWN_HAUL_KM = 40.0
"""Way to the disposal that a firm has by itself, in its price."""


@dataclass(frozen=True)
class Firms:
    """
    Firms in the order of their sectors.

    Parameters
    ----------
    table
        Rows of ``facilities``.
    sector
        Sector of each, shape (firms,).
    size
        Factor on the amounts of each, shape (firms,).
    town
        Index of the town of each, shape (firms,).
    """

    table: pd.DataFrame
    sector: NDArray[np.object_]
    size: Array
    town: NDArray[np.int64]


def places_of(dials: Dials, known: Catalogue, ground: Ground, rng: np.random.Generator) -> Firms:
    """
    Found the firms.

    Parameters
    ----------
    dials
        Size and country.
    known
        Sectors.
    ground
        Towns.
    rng
        Source of chance.
    """
    sectors = known.sectors
    counts = _apportioned(sectors["firms_per_1000"].to_numpy(np.float64), dials.firms, rng)
    sites = [ground.settle(n, c) for n, c in zip(counts.tolist(), sectors["clustering"].tolist(), strict=True)]
    sector, label = (np.repeat(sectors[name].to_numpy(object), counts) for name in ("sector", "name"))
    town = np.concatenate([site.town for site in sites])
    width = len(str(dials.firms))
    table = pd.DataFrame(
        {
            "facility": [f"F{i + 1:0{width}d}" for i in range(dials.firms)],
            "name": [f"{what}, {where}" for what, where in zip(label, ground.name[town], strict=True)],
            "organisation": _groups(sector, rng),
            "sector": sector,
            "lat": np.concatenate([site.lat for site in sites]),
            "lon": np.concatenate([site.lon for site in sites]),
            "city": ground.name[town],
            "country": dials.code,
            "group": label,
        }
    )
    size = np.exp(_SIZE_SIGMA * rng.standard_normal(dials.firms))
    return Firms(table, sector, size, town)


def _apportioned(share: Array, total: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whole numbers in proportion to shares that add up to a total: one random start, equal steps along the shares."""
    ends = np.cumsum(share) / share.sum() * total
    marks = np.floor(ends + rng.random()).astype(np.int64)
    marks[-1] = total
    return np.asarray(np.diff(marks.clip(0, total), prepend=0), dtype=np.int64)


def _groups(sector: NDArray[np.object_], rng: np.random.Generator) -> list[str]:
    """Name the organisation of the firms that belong to a group of their sector; empty for the others."""
    names = [""] * len(sector)
    open_: dict[str, list[int]] = {}
    count = 0
    for i in np.flatnonzero(rng.random(len(sector)) < _GROUPED).tolist():
        waiting = open_.setdefault(str(sector[i]), [])
        waiting.append(i)
        if len(waiting) == _PER_GROUP:
            count += 1
            for member in waiting:
                names[member] = f"Group {count}"
            waiting.clear()
    return names


def _drawn(
    firms: Firms, rows: pd.DataFrame, must: NDArray[np.bool_], factor: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw which firm has which row of its sector, and how much; a firm that must have one has the first at least."""
    found = []
    for sector, mine in rows.groupby("sector", sort=False):
        members = np.flatnonzero(firms.sector == sector)
        has = rng.random((len(mine), len(members))) < mine["share"].to_numpy(np.float64)[:, None]
        has[0] |= ~has.any(axis=0) & must[members]
        for (_, row), chosen in zip(mine.iterrows(), has, strict=True):
            which = members[chosen]
            amount = np.exp(float(row["sigma"]) * rng.standard_normal(len(which))) * firms.size[which]
            median = float(row["median_per_yr"]) * factor
            amounts = (median * amount.clip(None, _LARGEST)).clip(_LEAST, None)
            found.append(pd.DataFrame({"firm": which, "material": row["material"], "amount": amounts.round(1)}))
    return pd.concat(found, ignore_index=True).sort_values(["firm", "material"], kind="stable", ignore_index=True)


def streams_of(
    firms: Firms, known: Catalogue, dials: Dials, haul: dict[str, float], rng: np.random.Generator
) -> pd.DataFrame:
    """
    Draw the streams of the firms.

    Parameters
    ----------
    firms
        From :func:`places_of`.
    known
        What each sector gives off.
    dials
        Regime and country.
    haul
        From :func:`isopt.synthetic.catalogue.rates`.
    rng
        Source of chance.

    Returns
    -------
    streams
        Rows of the table, and ``firm``: the row of the firm.
    """
    drawn = _drawn(
        firms,
        known.supplies,
        ~pd.Series(firms.sector).isin(known.needs["sector"]).to_numpy(),
        dials.economy.amounts,
        rng,
    )
    facts = known.materials.set_index("material")
    kinds = [material for material in facts.index if facts.loc[material, "fee"]]
    carried = haul["truck.eur_per_t"] + haul["truck.eur_per_tkm"] * _OWN_HAUL_KM
    fee = {kind: fee_of(str(facts.loc[kind, "fee"]), dials) + carried for kind in kinds}
    emitted = {kind: landfill_kgco2(str(facts.loc[kind, "landfill"])) for kind in kinds}
    material = drawn["material"]
    wasted = (material.map(facts["fee"]) != "none").to_numpy()
    price = (material.map(fee) * rng.uniform(0.9, 1.15, len(drawn))).round(2)
    facility = firms.table["facility"].to_numpy(object)[drawn["firm"]]
    return pd.DataFrame(
        {
            "stream": facility + "-" + material.to_numpy(object),
            "facility": facility,
            "material": material,
            "supply_per_yr": drawn["amount"],
            "must_place": np.where(wasted, "true", "false"),
            "single_receiver": np.where(rng.random(len(drawn)) < _SINGLE, "true", "false"),
            "own_disposal_eur_per_unit": price.where(wasted),
            "own_disposal_kgco2_per_unit": material.map(emitted).where(wasted, 0.0),
            "own_disposal_route": material.map(facts["route"]).where(wasted, ""),
            "firm": drawn["firm"],
        }
    )


def demands_of(
    firms: Firms, known: Catalogue, dials: Dials, streams: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """
    Draw the needs of the firms, as rows of ``demands`` and ``firm``; a firm without a stream has one need at least.

    Parameters
    ----------
    firms, known, dials, rng
        As for :func:`streams_of`.
    streams
        What that returned.
    """
    idle = ~np.isin(np.arange(dials.firms), streams["firm"].to_numpy())
    drawn = _drawn(firms, known.needs, idle, dials.economy.amounts, rng)
    facts = known.materials.set_index("material")
    price = {one: price_of(str(facts.loc[one, "price"]), dials.economy.quantile) for one in set(drawn["material"])}
    facility = firms.table["facility"].to_numpy(object)[drawn["firm"]]
    eur = drawn["material"].map({one: found.eur for one, found in price.items()})
    return pd.DataFrame(
        {
            "demand": facility + "-" + drawn["material"].to_numpy(object),
            "facility": facility,
            "material": drawn["material"],
            "need_per_yr": drawn["amount"],
            "virgin_eur_per_unit": (eur * rng.uniform(0.92, 1.08, len(drawn))).round(2),
            "virgin_kgco2_per_unit": drawn["material"].map({one: found.kgco2 for one, found in price.items()}),
            "firm": drawn["firm"],
        }
    )
