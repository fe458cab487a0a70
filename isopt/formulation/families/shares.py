"""Shares: how much of a need by-products may or must cover, and the quality of what arrives."""

from __future__ import annotations

import numpy as np

from isopt.formulation.entries import Entries
from isopt.formulation.indexing import Indices, each_period, positions, where
from isopt.formulation.names import Labels, Names
from isopt.formulation.rows import NO_ROWS, Array, Rows
from isopt.network import Instance


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
    return Rows.stack([_of_demands(inst), _of_substitutes(inst)])


def _of_demands(inst: Instance) -> Rows:
    """What links to demands may and must bring to the demands that say so."""
    links, need, names = inst.links, inst.need, Names(inst)
    bounded = where(((inst.min_share > 0) | (inst.max_share < 1)).any(axis=1))
    if not bounded.size:
        return NO_ROWS
    position = positions(len(need), bounded)
    into = _into_demands(inst)
    here = into[position[links.receiver[into]] >= 0]
    least = np.where(inst.min_share[bounded] > 0, inst.min_share[bounded] * need[bounded], -np.inf)
    most = np.where(inst.max_share[bounded] < 1, inst.max_share[bounded] * need[bounded], np.inf)
    return Rows(
        flow=each_period(
            position[links.receiver[here]], here, links.factor[here], (len(bounded), links.count), inst.periods
        ),
        between=(least.ravel(), most.ravel()),
        labels=names.by_period(lambda: [names.demands()[d] for d in bounded]),
    )


def _into_demands(inst: Instance) -> Indices:
    return where(inst.links.receiver < len(inst.need))


def _of_substitutes(inst: Instance) -> Rows:
    """What links to demands may bring of substitutes that can't replace all of a need."""
    links, names = inst.links, Names(inst)
    share = inst.scenario.at("substitutions", "max_share")
    limited = np.any(share < 1, axis=1)  # a share that is not given is none
    if not limited.any():
        return NO_ROWS
    into = _into_demands(inst)
    some = into[links.substitution[into] >= 0]
    some = some[limited[links.substitution[some]]]
    key = links.receiver[some] * np.int64(len(share)) + links.substitution[some]
    keys, row = np.unique(key, return_inverse=True)
    demand, substitution = keys // len(share), keys % len(share)
    limit = np.nan_to_num(share[substitution], nan=1.0) * inst.need[demand]
    material = inst.scenario.substitutions["from_material"]
    return Rows(
        flow=each_period(row, some, links.factor[some], (len(keys), links.count), inst.periods),
        at_most=limit.ravel(),
        labels=names.by_period(
            lambda: [f"{names.demands()[d]}:{material.iloc[b]}" for d, b in zip(demand, substitution, strict=True)]
        ),
    )


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
        limited = where(~np.isnan(bound).any(axis=1))
        position = positions(blends.count, limited)
        here = where(position[blends.blend] >= 0)
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
