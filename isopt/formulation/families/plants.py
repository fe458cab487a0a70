"""Plants: how much they process, when they stand and what they are fed with."""

from __future__ import annotations

import numpy as np

from isopt.formulation.entries import Entries, place
from isopt.formulation.indexing import Indices, each_period, each_year, of_year, positions, where
from isopt.formulation.names import Labels, Names
from isopt.formulation.rows import NO_ROWS, Array, Rows
from isopt.network import Instance


def plant_capacity(inst: Instance) -> Rows:
    r"""
    A plant processes at most its capacity, what was added included; a candidate only while it stands.

    .. math::
        \sum_{i \in p} g_{i,t} &\le \alpha_t \left( C_{p,t} \, z_{p,y(t)} + k_{p,y(t)} \right) \qquad \forall p, t \\
        k_{p,y} &\le H_{p,y} \, z_{p,y} \qquad \forall p, y

    with :math:`z = 1` for existing plants, and the most that can ever arrive where a capacity is unlimited (or larger
    than that).

    ==============  =========================================  =======
    symbol          meaning                                    unit
    ==============  =========================================  =======
    :math:`C`       capacity                                   unit/yr
    :math:`H`       capacity that can be added                 unit/yr
    :math:`\alpha`  share of the year that the period is       1
    ==============  =========================================  =======
    """
    plants, periods, names = inst.plants, inst.periods, Names(inst)
    if not plants.count:
        return NO_ROWS
    size = _size(inst)
    fixed = plants.existing & np.isfinite(size).all(axis=1)
    which = where(fixed | ~plants.existing)
    position = positions(plants.count, which)
    inputs = where(position[plants.input_plant] >= 0)
    rows = np.arange(len(which))
    candidate = where(~plants.existing[which])
    grows, column = _columns(which, plants.expandable)
    capacity = Rows(
        throughput=each_period(position[plants.input_plant[inputs]], inputs, 1.0, (len(which), plants.inputs), periods),
        built=of_year(
            rows[candidate],
            positions(plants.count, plants.candidates)[which[candidate]],
            -size[which[candidate]],
            (len(which), len(plants.candidates)),
            periods,
        ),
        added=of_year(rows[grows], column, -periods.share, (len(which), len(plants.expandable)), periods),
        at_most=np.where(plants.existing[which, None], size[which], 0.0).ravel(),
        labels=names.by_period(names.plants(which)),
    )
    return Rows.stack([capacity, _expansion(inst)])


def _expansion(inst: Instance) -> Rows:
    """Capacity is added only to candidates that stand (the variable's own bound serves existing plants)."""
    plants, years, names = inst.plants, len(inst.periods.years), Names(inst)
    which = plants.expandable[~plants.existing[plants.expandable]]
    if not which.size:
        return NO_ROWS
    rows = np.arange(len(which))
    room = np.full((plants.count, years), np.inf)
    np.minimum.at(room.T, inst.periods.year_of, plants.headroom.T)
    return Rows(
        added=each_year(
            rows,
            positions(plants.count, plants.expandable)[which],
            1.0,
            (len(which), len(plants.expandable)),
            inst.periods,
        ),
        built=each_year(
            rows,
            positions(plants.count, plants.candidates)[which],
            -room[which],
            (len(which), len(plants.candidates)),
            inst.periods,
        ),
        at_most=0.0,
        labels=names.by_year(names.plants(which, ":added")),
    )


def plant_opening(inst: Instance) -> Rows:
    r"""
    Nothing is sent to a candidate that does not stand; a row per link is tighter than the capacity alone.

    .. math:: x_{l,t} \le u_{l,t} \, z_{p(l),y(t)} \qquad \forall l \in L^-(p), p \text{ candidate}, t

    =========  ==================================================  ====
    symbol     meaning                                             unit
    =========  ==================================================  ====
    :math:`u`  tightest provable bound of what the link sends      unit
    =========  ==================================================  ====
    """
    plants, links, names = inst.plants, inst.links, Names(inst)
    if not plants.candidates.size:
        return NO_ROWS
    position = positions(plants.count, plants.candidates)
    into = where(links.receiver >= len(inst.need))
    plant = inst.parties.receivers.row[links.receiver[into]]
    upper = inst.link_upper.take(into, axis=0)
    fits = (position[plant] >= 0) & np.isfinite(upper).all(axis=1)
    into, plant, upper = into[fits], plant[fits], upper[fits]
    rows = np.arange(len(into))
    return Rows(
        flow=each_period(rows, into, 1.0, (len(into), links.count), inst.periods),
        built=of_year(rows, position[plant], -upper, (len(into), len(plants.candidates)), inst.periods),
        at_most=0.0,
        labels=names.by_period(names.some_links(into)),
    )


def plant_load(inst: Instance) -> Rows:
    r"""
    A plant with a least load meets it: a candidate whenever it stands, an existing one whenever it runs.

    .. math::
        \sum_{i \in p} g_{i,t} &\ge \mu_{p,t} \alpha_t \left( C_{p,t} z_{p,y(t)} + k_{p,y(t)} \right) \qquad \forall p
        \text{ candidate}, t \\
        \sum_{i \in p} g_{i,t} &\ge \mu_{p,t} \alpha_t \left( C_{p,t} r_{p,t} + k_{p,y(t)} - H_{p,t} (1 - r_{p,t})
        \right), \quad
        \sum_{i \in p} g_{i,t} \le \alpha_t (C_{p,t} + H_{p,t}) \, r_{p,t} \qquad \forall p \text{ existing}, t

    ============  ================================  ====
    symbol        meaning                           unit
    ============  ================================  ====
    :math:`\mu`   least share of the capacity       1
    ============  ================================  ====
    """
    plants, periods, names = inst.plants, inst.periods, Names(inst)
    loaded = (plants.min_load > 0).any(axis=1)
    if not loaded.any():
        return NO_ROWS
    stands, runs = where(loaded & ~plants.existing), inst.running
    least = plants.min_load * periods.share
    parts = []
    for which, decided, columns in (
        (stands, "built", positions(plants.count, plants.candidates)),
        (runs, "running", positions(plants.count, inst.running)),
    ):
        position = positions(plants.count, which)
        inputs = where(position[plants.input_plant] >= 0)
        rows, labels = np.arange(len(which)), names.by_period(names.plants(which))
        grows, column = _columns(which, plants.expandable)
        processed = each_period(position[plants.input_plant[inputs]], inputs, 1.0, (len(which), plants.inputs), periods)
        grown = of_year(rows[grows], column, -least[which[grows]], (len(which), len(plants.expandable)), periods)
        capacity = np.where(np.isfinite(plants.capacity[which]), plants.capacity[which], 0.0)
        if decided == "built":
            block = of_year(
                rows, columns[which], -least[which] * capacity, (len(which), len(plants.candidates)), periods
            )
            parts.append(Rows(throughput=processed, added=grown, built=block, at_least=0.0, labels=labels))
            continue
        slack = least[which] * plants.headroom[which]
        shape = (len(which), len(runs))
        on = each_period(rows, columns[which], -(least[which] * capacity + slack), shape, periods)
        off = each_period(rows, columns[which], -(capacity + plants.headroom[which]) * periods.share, shape, periods)
        parts.append(Rows(throughput=processed, added=grown, running=on, at_least=-slack.ravel(), labels=labels))
        idle = names.by_period(names.plants(which, ":off"))
        parts.append(Rows(throughput=processed, running=off, at_most=0.0, labels=idle))
    return Rows.stack(parts)


def mix(inst: Instance) -> Rows:
    r"""
    An input's share of what its plant processes stays between its bounds; equal bounds fix a recipe.

    .. math::
        \underline{m}_i \sum_{j \in p(i)} g_{j,t} \le g_{i,t} \le \overline{m}_i \sum_{j \in p(i)} g_{j,t} \qquad
        \forall i, t

    =========  ==========================================  ====
    symbol     meaning                                     unit
    =========  ==========================================  ====
    :math:`m`  least and most share of the throughput      1
    =========  ==========================================  ====
    """
    plants, periods, names = inst.plants, inst.periods, Names(inst)
    if not plants.mix_input.size:
        return NO_ROWS

    def side(share: Array, which: Indices) -> Entries:
        row, column = _inputs_of(inst, plants.input_plant[plants.mix_input[which]])
        own = column == plants.mix_input[which][row]
        return each_period(
            row, column, own[:, None] - share.take(which[row], axis=0), (len(which), plants.inputs), periods
        )

    def labels(which: Indices, word: str) -> Labels:
        return names.by_period(lambda: [f"{names.inputs()[plants.mix_input[k]]}:{word}" for k in which])

    low = where((plants.mix_min > 0).any(axis=1))
    high = where((plants.mix_max < 1).any(axis=1))
    return Rows.stack(
        [
            Rows(throughput=side(plants.mix_min, low), at_least=0.0, labels=labels(low, "least")),
            Rows(throughput=side(plants.mix_max, high), at_most=0.0, labels=labels(high, "most")),
        ]
    )


def _inputs_of(inst: Instance, plant: Indices) -> tuple[Indices, Indices]:
    """All inputs of some plants, one of which may come twice: pairs of its place in the list and an input."""
    of_plant = inst.plants.input_plant
    order = np.argsort(of_plant, kind="stable")
    first, end = (np.searchsorted(of_plant[order], plant, side) for side in ("left", "right"))
    row = np.repeat(np.arange(len(plant)), end - first)
    before = np.cumsum(end - first) - (end - first)
    return row, order[np.arange(len(row)) - before[row] + first[row]]


def choose_one(inst: Instance) -> Rows:
    r"""
    Of the candidates under one label at most one is built.

    .. math:: \sum_{p \in P(\ell)} z_{p,Y} \le 1 \qquad \forall \ell

    ==========  ====================================  ====
    symbol      meaning                               unit
    ==========  ====================================  ====
    :math:`Y`   last year: what is built stays
    ==========  ====================================  ====
    """
    candidates, years = inst.plants.candidates, len(inst.periods.years)
    choice = inst.plants.choice[candidates]
    labelled = where(choice >= 0)
    if not labelled.size:
        return NO_ROWS
    choices, row = np.unique(choice[labelled], return_inverse=True)
    return Rows(
        built=place(row, labelled * years + years - 1, 1.0, (len(choices), len(candidates) * years)),
        at_most=1.0,
        labels=[inst.plants.choices[k] for k in choices],
    )


def _size(inst: Instance) -> Array:
    """Most that a plant can process in a period before anything is added, shape (plants, periods)."""
    plants = inst.plants
    arriving = np.zeros((plants.count, inst.periods.count))
    np.add.at(arriving, plants.input_plant, inst.bounds.throughput)
    size = plants.capacity * inst.periods.share
    rigid = (plants.headroom <= 0) & ~plants.existing[:, None]
    return np.where(rigid | (np.isinf(size) & ~plants.existing[:, None]), np.minimum(size, arriving), size)


def _columns(which: Indices, expandable: Indices) -> tuple[Indices, Indices]:
    """Rows of a selection that can grow, and the columns of what is added to them."""
    if not expandable.size:
        return expandable, expandable
    position = positions(int(max(which.max(initial=-1), expandable.max(initial=-1))) + 1, expandable)
    grows = where(position[which] >= 0)
    return grows, position[which[grows]]
