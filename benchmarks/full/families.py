"""The rows of every constraint family with NumPy alone, in isopt's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.full.layout import Layout, Sheet, position

if TYPE_CHECKING:
    from benchmarks.full.facts import FullFacts
    from benchmarks.full.layout import Array, Indices

INF = np.inf


def balances(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write streams, demands and shares of them down."""
    leave, out = np.flatnonzero(f.link_from < at.streams), np.flatnonzero(f.outlet_from < at.streams)
    stock = np.flatnonzero(f.stock_stream >= 0)
    sheet.put(at.at(f.link_from[leave]), at.flow + at.at(leave), 1)
    sheet.put(at.at(f.outlet_from[out]), at.disposed + at.at(out), 1)
    sheet.put(at.at(f.stock_stream[stock]), at.drawn + at.at(stock), -1)
    supply = f.supply.ravel()
    sheet.end(len(supply), np.where(np.repeat(f.must_place, at.periods), supply, -INF), supply)

    met, stock = np.flatnonzero(f.link_to < at.demands), np.flatnonzero(f.stock_demand >= 0)
    factor = f.link_ratio * f.link_arrives
    every = np.arange(at.demands * at.periods, dtype=np.int32)
    sheet.put(at.at(f.link_to[met]), at.flow + at.at(met), at.each(factor, met))
    sheet.put(every, at.virgin + every, 1)
    sheet.put(at.at(f.stock_demand[stock]), at.drawn + at.at(stock), 1)
    need = f.need.ravel()
    sheet.end(len(need), np.where(np.repeat(f.must_meet, at.periods), need, -INF), need)

    bounded = np.flatnonzero((f.min_share > 0).any(axis=1) | (f.max_share < 1).any(axis=1))
    place = position(at.demands, bounded)
    here = met[place[f.link_to[met]] >= 0]
    low, high, need = f.min_share[bounded], f.max_share[bounded], f.need[bounded]
    sheet.put(at.at(place[f.link_to[here]]), at.flow + at.at(here), at.each(factor, here))
    sheet.end(
        need.size, np.where(low > 0, low * need, -INF).ravel(), np.where(high < 1, high * need, INF).ravel()
    )  # fmt: skip
    limited = (f.most_of_need < 1).any(axis=1)
    some = met[f.link_substitution[met] >= 0]
    some = some[limited[f.link_substitution[some]]]
    pairs, row = np.unique(f.link_to[some] * len(limited) + f.link_substitution[some], return_inverse=True)
    most = f.most_of_need[pairs % len(limited)] * f.need[pairs // len(limited)]
    sheet.put(at.at(row), at.flow + at.at(some), at.each(factor, some))
    sheet.end(most.size, -INF, most.ravel())


def qualities(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write the blends down: none above, then none below."""
    for bound, lower, upper in ((f.blend_max, -INF, 0.0), (f.blend_min, 0.0, INF)):
        limited = np.flatnonzero(~np.isnan(bound).any(axis=1))
        place = position(len(bound), limited)
        here = np.flatnonzero(place[f.blend_of] >= 0)
        off = (f.blend_value[here, None] - bound[f.blend_of[here]]) * f.link_arrives[f.blend_link[here]]
        sheet.put(at.at(place[f.blend_of[here]]), at.flow + at.at(f.blend_link[here]), at.each(off))
        sheet.end(len(limited) * at.periods, lower, upper)


def processing(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write down what plants take in and make, and how much of it."""
    into = np.flatnonzero(f.link_to >= at.demands)
    fed, stock, every = f.link_to[into] - at.demands, np.flatnonzero(f.stock_input >= 0), np.arange(at.inputs)
    sheet.put(at.at(fed), at.flow + at.at(into), at.each(f.link_arrives, into))
    sheet.put(at.at(f.stock_input[stock]), at.drawn + at.at(stock), 1)
    sheet.put(at.at(every), at.throughput + at.at(every), -1)
    sheet.end(at.inputs * at.periods, 0.0, 0.0)
    leave, out = np.flatnonzero(f.link_from >= at.streams), np.flatnonzero(f.outlet_from >= at.streams)
    sheet.put(at.at(f.yield_output), at.throughput + at.at(f.yield_input), f.yield_factor.ravel())
    sheet.put(at.at(f.link_from[leave] - at.streams), at.flow + at.at(leave), -1)
    sheet.put(at.at(f.outlet_from[out] - at.streams), at.disposed + at.at(out), -1)
    sheet.end(at.outputs * at.periods, 0.0, 0.0)

    standing, growing = position(at.plants, at.candidates), position(at.plants, at.expandable)
    size, candidate = size_of(f, at), at.candidates
    sheet.put(at.at(f.input_plant), at.throughput + at.at(every), 1)
    sheet.put(at.at(candidate), at.built + at.in_year_of(standing[candidate]), -size[candidate].ravel())
    sheet.put(
        at.at(at.expandable), at.added + at.in_year_of(growing[at.expandable]), np.tile(-f.share, len(at.expandable))
    )
    sheet.end(at.plants * at.periods, -INF, np.where(f.plant_existing[:, None], size, 0.0).ravel())
    new = at.expandable[~f.plant_existing[at.expandable]]
    row = at.yearly(np.arange(len(new)))
    sheet.put(row, at.added + at.yearly(growing[new]), 1)
    sheet.put(row, at.built + at.yearly(standing[new]), -room_of(f, at, new).ravel())
    sheet.end(len(row), -INF, 0.0)

    upper, plant = f.link_upper[into], f.input_plant[fed]
    fits = (standing[plant] >= 0) & np.isfinite(upper).all(axis=1)
    into, plant, upper = into[fits], plant[fits], upper[fits]
    row = np.arange(upper.size, dtype=np.int32)
    sheet.put(row, at.flow + at.at(into), 1)
    sheet.put(row, at.built + at.in_year_of(standing[plant]), -upper.ravel())
    sheet.end(len(row), -INF, 0.0)


def loads(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write least loads of new plants and of those that stand down, then mixes and choices."""
    standing, growing = position(at.plants, at.candidates), position(at.plants, at.expandable)
    least = f.plant_min_load * f.share
    new = np.flatnonzero((f.plant_min_load > 0).any(axis=1) & ~f.plant_existing)
    capacity = np.where(np.isfinite(f.plant_capacity), f.plant_capacity, 0.0)
    for which in (new, at.runs):
        place, row = position(at.plants, which), at.at(np.arange(len(which)))
        inputs = np.flatnonzero(place[f.input_plant] >= 0)
        grows = np.flatnonzero(growing[which] >= 0)
        processed = at.at(place[f.input_plant[inputs]]), at.throughput + at.at(inputs)
        sheet.put(*processed, 1)
        sheet.put(at.at(grows), at.added + at.in_year_of(growing[which[grows]]), -least[which[grows]].ravel())
        need = (least * capacity)[which]
        if which is new:
            sheet.put(row, at.built + at.in_year_of(standing[which]), -need.ravel())
            sheet.end(len(row), 0.0, INF)
            continue
        slack = least[which] * f.plant_headroom[which]
        sheet.put(row, at.running + row, -(need + slack).ravel())
        sheet.end(len(row), -slack.ravel(), INF)
        sheet.put(*processed, 1)
        sheet.put(row, at.running + row, (-(capacity + f.plant_headroom)[which] * f.share).ravel())
        sheet.end(len(row), -INF, 0.0)

    first = np.searchsorted(f.input_plant, np.arange(at.plants + 1))
    for share, some, lower, upper in ((f.mix_min, f.mix_min > 0, 0.0, INF), (f.mix_max, f.mix_max < 1, -INF, 0.0)):
        which = np.flatnonzero(some.any(axis=1))
        plant = f.input_plant[f.mix_input[which]]
        row, column = runs_of(first[plant], first[plant + 1])
        own = column == f.mix_input[which][row]
        sheet.put(at.at(row), at.throughput + at.at(column), (own[:, None] - share[which][row]).ravel())
        sheet.end(len(which) * at.periods, lower, upper)

    choice = f.plant_choice[at.candidates]
    labelled = np.flatnonzero(choice >= 0)
    labels, row = np.unique(choice[labelled], return_inverse=True)
    sheet.put(row, at.built + labelled * at.years + at.years - 1, 1)
    sheet.end(len(labels), -INF, 1.0)


def exchanges(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write openings, lots, capacities and whole loads down."""
    opening = f.group_opening[f.link_group]
    whole = np.flatnonzero(opening >= 0)
    member = np.concatenate([whole, f.part_link])
    opening = np.concatenate([opening[whole], f.part_opening])
    row = np.arange(len(member) * at.periods, dtype=np.int32)
    sheet.put(row, at.flow + at.at(member), 1)
    sheet.put(row, at.opened + at.in_year_of(opening), -f.link_upper[member].ravel())
    sheet.end(len(row), -INF, 0.0)
    grouped = np.flatnonzero(f.outlet_group >= 0)
    opening = f.group_opening[f.outlet_group[grouped]]
    member, opening = grouped[opening >= 0], opening[opening >= 0]
    row = np.arange(len(member) * at.periods, dtype=np.int32)
    sheet.put(row, at.disposed + at.at(member), 1)
    sheet.put(row, at.opened + at.in_year_of(opening), -f.outlet_upper[member].ravel())
    sheet.end(len(row), -INF, 0.0)

    lots = np.flatnonzero((f.group_min > 0).any(axis=1))
    _sent(f, at, sheet, lots, grouped)
    row = at.yearly(np.arange(len(lots)))
    sheet.put(row, at.opened + at.yearly(f.group_opening[lots]), -f.group_min[lots].ravel())
    sheet.end(len(row), 0.0, INF)

    full = np.flatnonzero(np.isfinite(f.group_max).any(axis=1))
    _sent(f, at, sheet, full, grouped)
    opening, most = f.group_opening[full], f.group_max[full]
    decided, ends = opening >= 0, np.isfinite(most)
    bounded = np.where(ends[decided], most[decided], 0.0)
    sheet.put(at.yearly(np.flatnonzero(decided)), at.opened + at.yearly(opening[decided]), -bounded.ravel())
    sheet.end(most.size, -INF, np.where(decided[:, None] & ends, 0.0, most).ravel())

    place = position(len(f.group_min), at.with_trips)
    carried, hauled = np.flatnonzero(place[f.link_group] >= 0), grouped[place[f.outlet_group[grouped]] >= 0]
    sheet.put(at.at(place[f.link_group[carried]]), at.flow + at.at(carried), at.each(f.link_t, carried))
    sheet.put(at.at(place[f.outlet_group[hauled]]), at.disposed + at.at(hauled), at.each(f.outlet_t, hauled))
    row = np.arange(len(at.with_trips) * at.periods, dtype=np.int32)
    sheet.put(row, at.trips + row, -f.group_vehicle_t[at.with_trips].ravel())
    sheet.end(len(row), -INF, 0.0)


def receivers(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write single receivers and the capacities of disposals down."""
    member = np.flatnonzero(f.link_choice >= 0)
    row = np.arange(len(member) * at.periods, dtype=np.int32)
    sheet.put(row, at.flow + at.at(member), 1)
    sheet.put(row, at.chosen + np.repeat(f.link_choice[member], at.periods), -f.link_upper[member].ravel())
    sheet.end(len(row), -INF, 0.0)
    origins, row = np.unique(f.choice_origin, return_inverse=True)
    sheet.put(row, at.chosen + np.arange(at.choices), 1)
    sheet.end(len(origins), -INF, 1.0)
    which = np.flatnonzero(~np.isnan(f.disposal_capacity).all(axis=1))
    place = position(len(f.disposal_capacity) + 1, which)  # own disposal, -1, has the last place
    into = np.flatnonzero(place[f.outlet_disposal] >= 0)
    row = at.in_year_of(place[f.outlet_disposal[into]])
    sheet.put(row, at.disposed + at.at(into), at.each(f.outlet_arrives, into))
    most = f.disposal_capacity[which]
    sheet.end(most.size, -INF, np.where(np.isnan(most), INF, most).ravel())


def horizon(f: FullFacts, at: Layout, sheet: Sheet) -> None:
    """Write down what stocks hold and what stays from year to year."""
    every = np.arange(at.stocks * at.periods)
    later = every[every % at.periods > 0]
    sheet.put(every, at.stock + every, 1)
    sheet.put(later, at.stock + later - 1, -1)
    sheet.put(every, at.drawn + every, 1)
    start = np.zeros((at.stocks, at.periods))
    start[:, 0] = f.stock_initial
    sheet.end(len(every), start.ravel(), start.ravel())
    which = np.flatnonzero(f.stock_plant >= 0)
    which = which[~f.plant_existing[f.stock_plant[which]]]
    standing = position(at.plants, at.candidates)
    most = np.minimum(f.stock_capacity[which], f.input_upper.sum(axis=1)[f.stock_input[which], None])
    row = np.arange(most.size)
    sheet.put(row, at.stock + at.at(which), 1)
    sheet.put(row, at.built + at.in_year_of(standing[f.stock_plant[which]]), -most.ravel())
    sheet.end(len(row), -INF, 0.0)

    stays, new = np.flatnonzero(f.opening_stays), np.arange(len(at.candidates))
    for first, things in ((at.opened, stays), (at.built, new), (at.added, np.arange(len(at.expandable)))):
        column = first + _later(things, at)
        row = np.arange(len(column))
        sheet.put(row, column, 1)
        sheet.put(row, column - 1, -1)
        sheet.end(len(row), 0.0, INF)
    column = at.built + _later(new, at)[~f.plant_can_build[at.candidates][:, 1:].ravel()]
    row = np.arange(len(column))
    sheet.put(row, column, 1)
    sheet.put(row, column - 1, -1)
    sheet.end(len(row), -INF, 0.0)


def room_of(f: FullFacts, at: Layout, plants: Indices) -> Array:
    """Capacity that can be added in all periods of a year, shape (plants, years)."""
    room = np.full((len(plants), at.years), INF)
    for t, year in enumerate(f.year_of):
        room[:, year] = np.minimum(room[:, year], f.plant_headroom[plants, t])
    return room


def _later(things: Indices, at: Layout) -> Indices:
    """Places of things by year, the first year left out."""
    return (things[:, None] * at.years + at.year[1:]).ravel()


def _sent(f: FullFacts, at: Layout, sheet: Sheet, which: Indices, grouped: Indices) -> None:
    """What some groups send in each year."""
    place = position(len(f.group_min), which)
    carried, hauled = np.flatnonzero(place[f.link_group] >= 0), grouped[place[f.outlet_group[grouped]] >= 0]
    sheet.put(at.in_year_of(place[f.link_group[carried]]), at.flow + at.at(carried), 1)
    sheet.put(at.in_year_of(place[f.outlet_group[hauled]]), at.disposed + at.at(hauled), 1)


def size_of(f: FullFacts, at: Layout) -> Array:
    """Most that a plant can process in a period before anything is added."""
    arriving = np.zeros((at.plants, at.periods))
    np.add.at(arriving, f.input_plant, f.input_upper)
    size, new = f.plant_capacity * f.share, ~f.plant_existing[:, None]
    return np.where(new & ((f.plant_headroom <= 0) | np.isinf(size)), np.minimum(size, arriving), size)


def runs_of(start: Indices, stop: Indices) -> tuple[Indices, Indices]:
    """All numbers of some ranges, each with the range that it belongs to."""
    length = stop - start
    row = np.repeat(np.arange(len(length)), length)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length) + start[row]
