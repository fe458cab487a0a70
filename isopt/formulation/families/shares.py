"""Shares: how much of a need by-products may or must cover, and the quality of what arrives."""

from __future__ import annotations

import numpy as np

from isopt.formulation.entries import Entries
from isopt.formulation.indexing import each_period, positions
from isopt.formulation.names import Labels, Names
from isopt.formulation.rows import NO_ROWS, Array, Rows
from isopt.network import Instance, Kind


def share_limits(inst: Instance) -> Rows:
    r"""
    By-products cover at least and at most their share of a need, and each substitute at most its own.

    .. math::
        \underline{\beta}_d D_{d,t} \le \sum_{l \in L^-(d)} \rho_l a_l x_{l,t} &\le \overline{\beta}_d D_{d,t} \qquad
        \forall d, t \\
        \sum_{l \in L^-(d) \cap L(b)} \rho_l a_l x_{l,t} &\le \beta_b D_{d,t} \qquad \forall d, t, \text{substitution
        } b

    ==============  =====================================================  ====
    symbol          meaning                                                unit
    ==============  =====================================================  ====
    :math:`\beta`   least and most share of the need                       1
    :math:`D`       need in the period                                     unit
    ==============  =====================================================  ====
    """
    links, need, periods, names = inst.links, inst.need, inst.periods, Names(inst)
    from_material = inst.scenario.substitutions["from_material"]
    nodes = inst.parties.receivers
    into = np.flatnonzero(nodes.kind[links.receiver] == Kind.DEMAND)
    demand = nodes.row[links.receiver[into]]
    bounded = np.flatnonzero((inst.min_share > 0).any(axis=1) | (inst.max_share < 1).any(axis=1))
    position = positions(len(need), bounded)
    here = position[demand] >= 0
    least = np.where(inst.min_share[bounded] > 0, inst.min_share[bounded] * need[bounded], -np.inf)
    most = np.where(inst.max_share[bounded] < 1, inst.max_share[bounded] * need[bounded], np.inf)
    of_demand = Rows(
        flow=each_period(
            position[demand[here]], into[here], links.factor[into[here]], (len(bounded), links.count), periods
        ),
        between=(least.ravel(), most.ravel()),
        labels=names.by_period(lambda: [names.demands()[d] for d in bounded]),
    )
    share = np.nan_to_num(inst.scenario.at("substitutions", "max_share"), nan=1.0)
    some = into[links.substitution[into] >= 0]
    limited = np.any(share < 1, axis=1)
    some = some[limited[links.substitution[some]]]
    key = nodes.row[links.receiver[some]] * np.int64(len(share) + 1) + links.substitution[some]
    keys, row = np.unique(key, return_inverse=True)
    of_demand_too, substitution = keys // (len(share) + 1), keys % (len(share) + 1)
    limit = share[substitution] * need[of_demand_too]
    of_substitute = Rows(
        flow=each_period(row, some, links.factor[some], (len(keys), links.count), periods),
        at_most=limit.ravel(),
        labels=names.by_period(
            lambda: [
                f"{names.demands()[d]}:{from_material.iloc[b]}"
                for d, b in zip(of_demand_too, substitution, strict=True)
            ]
        ),
    )
    return Rows.stack([of_demand, of_substitute])


def quality(inst: Instance) -> Rows:
    r"""
    The blend that a receiver takes in keeps every limited property between its bounds.

    .. math::
        \sum_{l \in B} a_l (\pi_l - \overline{\pi}_B) \, x_{l,t} \le 0 \le \sum_{l \in B} a_l (\pi_l -
        \underline{\pi}_B) \, x_{l,t} \qquad \forall B, t

    ==============  =======================================================  ==========
    symbol          meaning                                                  unit
    ==============  =======================================================  ==========
    :math:`B`       links that are blended under one limit at one receiver
    :math:`\pi`     property of what the link brings, and its bounds         as given
    ==============  =======================================================  ==========
    """
    blends, links, periods, names = inst.blends, inst.links, inst.periods, Names(inst)
    if not blends.count:
        return NO_ROWS
    prop = inst.scenario.quality_limits["property"]

    def side(bound: Array, word: str) -> tuple[Entries, Labels]:
        limited = np.flatnonzero(~np.isnan(bound).any(axis=1))
        position = positions(blends.count, limited)
        here = np.flatnonzero(position[blends.blend] >= 0)
        off = blends.value[here, None] - bound[blends.blend[here]]
        block = each_period(
            position[blends.blend[here]],
            blends.link[here],
            off * links.arrives[blends.link[here]],
            (len(limited), links.count),
            periods,
        )
        words = [f"{blends.place[b]}:{prop.iloc[blends.limit[b]]}:{word}" for b in limited]
        return block, names.by_period(lambda: words)

    above, above_labels = side(blends.highest, "most")
    below, below_labels = side(blends.lowest, "least")
    return Rows.stack(
        [
            Rows(flow=above, at_most=0.0, labels=above_labels),
            Rows(flow=below, at_least=0.0, labels=below_labels),
        ]
    )
