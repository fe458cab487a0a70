"""What belongs to carriage and to exchanges: rates, trips, opening, lots, capacity, permits, counts."""

from __future__ import annotations

import math
from typing import Any

from oracle import candidates
from oracle.candidates import link_rows, said
from oracle.milp import add
from oracle.plants import YEARS_OF_LIFE, bound


def cell(m: Any, link: Any, column: str, t: int, *, of_exchange: bool = False) -> float | None:
    """What `links` says of a link or of its exchange, else None."""
    return said(m.book, rows_of(m, link, of_exchange=of_exchange), column, t)


def rows_of(m: Any, link: Any, *, of_exchange: bool) -> list[dict[str, Any]]:
    """Rows of `links` on a link; of a shared exchange, which has no material, those that name none or say that they share."""
    rows = link_rows(m.book, link.origin.facility, link.receiver.facility, link.origin.material, link.mode["mode"])
    if of_exchange and link.shared:
        rows = [row for row in rows if row["material"] is None or row["shared"]]
    return rows


def either(m: Any, link: Any, column: str, t: int, *, of_exchange: bool = False) -> float | None:
    """What `links` says, else the mode."""
    here = cell(m, link, column, t, of_exchange=of_exchange)
    return m.book.at(link.mode, column, t) if here is None else here


def carriage(m: Any) -> None:
    """Rates, emissions and substitution of every link and way; trips are whole per group and period."""
    b = m.book
    loads: dict[Any, list[Any]] = {}
    for link in (*m.links, *m.ways):
        tonnes, km, mode = b.t_per_unit(link.origin.material), link.distance_km, link.mode
        for t in b.T:
            x = m.x[link, t]
            rate = cell(m, link, "eur_per_unit", t)
            if rate is None:
                rate = b.number(mode, "eur_per_tkm", t) * km * tonnes + b.number(mode, "eur_per_t", t) * tonnes
                rate += b.number(mode, "eur_per_unit_km", t) * km
            m.ledger.book("cost_haulage", t, x, rate)
            kg = cell(m, link, "kgco2_per_unit", t)
            if kg is None:
                kg = b.number(mode, "kgco2_per_tkm", t) * km * tonnes + b.number(mode, "kgco2_per_t", t) * tonnes
            m.ledger.co2("transport", t, x, kg)
            m.ledger.book("tonne_km", t, x, km * tonnes)
            if link.substitution is not None:
                sub, arrived = link.substitution, m.arrived(link)
                m.ledger.book("cost_treatment", t, x, arrived * b.number(sub, "cost_eur_per_unit", t))
                m.ledger.co2("treatment", t, x, arrived * b.number(sub, "kgco2_per_unit", t))
        loads.setdefault((link.to_disposal, link.exchange), []).append(link)
    for key, links in loads.items():
        for t in b.T:
            price = either(m, links[0], "eur_per_trip", t, of_exchange=True)
            if price:
                trips = m.p.variable(f"trips {key} {t}", whole=True)
                m.ledger.book("cost_haulage", t, trips, price)
                terms = {m.x[x, t]: b.t_per_unit(x.origin.material) for x in links}
                m.p.row(f"trips {key} {t}", add(terms, (trips, -b.number(links[0].mode, "vehicle_t", t))), high=m.slack)


def exchanges(m: Any) -> None:
    """What every exchange costs to have, what it carries in a year, and that it stays once opened."""
    groups: dict[Any, list[Any]] = {}
    for link in m.links:
        groups.setdefault(link.exchange, []).append(link)
    m.groups = groups
    for key, links in groups.items():
        status = status_of(m, links[0])
        group(m, key, links, "allowed" if m.baseline and status == "required" else status, mode_counts=True)


def status_of(m: Any, link: Any) -> str:
    """What `links` says an exchange is."""
    return said(m.book, rows_of(m, link, of_exchange=True), "status") or "allowed"


def ways_with_links_cells(m: Any) -> None:
    """A way to disposal has set-up, capital, least and most amounts only where a cell of `links` says so."""
    groups: dict[Any, list[Any]] = {}
    for way in m.ways:
        groups.setdefault(way.exchange, []).append(way)
    for key, ways in groups.items():
        status = status_of(m, ways[0])
        if status == "required" and (m.baseline or key in m.groups):
            status = "allowed"  # what the row requires is the exchange, where there is one
        group(m, ("way", *key), ways, status, mode_counts=False)


def group(m: Any, key: Any, links: list[Any], status: str, *, mode_counts: bool) -> None:
    """Opening, lots and capacity of links that are set up together."""
    b, p, one = m.book, m.p, links[0]

    def figure(column: str, t: int) -> float | None:
        return (either if mode_counts else cell)(m, one, column, t, of_exchange=True)

    capex = cell(m, one, "capex_eur", 0, of_exchange=True)
    if capex is None:
        capex = b.number(one.mode, "capex_eur_per_km", 0) * one.distance_km if mode_counts else 0.0
    if status == "existing":
        capex = 0.0
    setup = {y: figure("setup_eur_per_yr", b.first_of(y)) or 0.0 for y in b.years}
    least = {y: figure("min_per_yr", b.first_of(y)) or 0.0 for y in b.years}
    most = {y: figure("max_per_yr", b.first_of(y)) for y in b.years}
    if any(setup.values()) or any(least.values()) or capex or status == "required":
        opened = opening(m, key, links, status, lasts=status != "existing")
    else:
        opened = dict.fromkeys(b.years, m.ledger.one)
    for i, y in enumerate(b.years):
        sent = {m.x[link, t]: 1.0 for link in links for t in b.periods_of(y)}
        m.ledger.book_year("cost_setup", y, opened[y], setup[y])
        m.ledger.capital("cost_setup", y, opened[y], capex, one.mode["life_yr"] or YEARS_OF_LIFE)
        m.ledger.book_year("capex", y, opened[y], capex)
        if i:
            m.ledger.book_year("capex", y, opened[b.years[i - 1]], -capex)
        if least[y]:
            p.row(f"lot {key} {y}", add(dict(sent), (opened[y], -least[y])), low=0.0)
        if most[y] is not None:
            p.row(f"most {key} {y}", add(dict(sent), (opened[y], -most[y])), high=0.0)
    if mode_counts:
        permits(m, key, links, status)


def opening(m: Any, key: Any, links: list[Any], status: str, *, lasts: bool) -> dict[int, int]:
    """Whether links are open in each year: nothing moves without it, and (if it lasts) what is opened stays."""
    b, p = m.book, m.p
    opened = {y: p.binary(f"open {key} {y}") for y in b.years}
    for i, y in enumerate(b.years):
        for link in links:
            for t in b.periods_of(y):
                p.row(f"opening {key} {t}", {m.x[link, t]: 1.0, opened[y]: -largest(m, link, t)}, high=0.0)
        if lasts and i:
            p.row(f"keep {key} {y}", {opened[y]: 1.0, opened[b.years[i - 1]]: -1.0}, low=0.0)
        if status == "required":
            p.row(f"required {key} {y}", {opened[y]: 1.0}, 1.0, 1.0)
    return opened


def largest(m: Any, link: Any, t: int) -> float:
    """A bound on the flow of a link in a period."""
    b = m.book
    bounds = [bound(m)]
    if link.origin.kind == "stream" and not b.tables["stocks"]:
        bounds.append(b.number(link.origin.row, "supply_per_yr", t) * b.share[t])
    if link.receiver.kind == "demand" and not b.tables["stocks"]:
        ratio = 1.0 if link.substitution is None else b.number(link.substitution, "ratio", t)
        if ratio > 0:
            bounds.append(b.number(link.receiver.row, "need_per_yr", t) * b.share[t] / (ratio * m.arrived(link)))
    return max(0.0, min(x for x in bounds if math.isfinite(x)))


def permits(m: Any, key: Any, links: list[Any], status: str) -> None:
    """A permit is paid once per exchange and year if any of its flows matches the rule, from then on."""
    b = m.book
    for rule in b.tables["rules"]:
        fee = b.number(rule, "permit_eur_per_yr", 0)
        matching = [x for x in links if rule["allowed"] and any(r is rule for r in candidates.matching_rules(b, x))]
        if fee and matching:
            held = opening(m, ("permit", rule["_row"], key), matching, "", lasts=status != "existing")
            for y in b.years:
                m.ledger.book_year("cost_setup", y, held[y], fee)


def single_receivers(m: Any) -> None:
    """One receiving facility over the horizon; disposals do not count, and plants are counted output by output."""
    for origin in candidates.origins(m.book):
        if not origin.row["single_receiver"]:
            continue
        links = [x for x in m.links if x.origin == origin]
        places = sorted({x.receiver.facility for x in links})
        chosen = {place: m.p.binary(f"only {origin.name} {place}") for place in places}
        for link in links:
            for t in m.book.T:
                m.p.row(
                    f"only {origin.name} {t}",
                    {m.x[link, t]: 1.0, chosen[link.receiver.facility]: -largest(m, link, t)},
                    high=0.0,
                )
        m.p.row(f"only {origin.name}", dict.fromkeys(chosen.values(), 1.0), high=1.0)


def count_at_most(m: Any, count: float) -> None:
    """At most so many exchanges that join different organisations are in place."""
    used = []
    for key, links in m.groups.items():
        foreign = [link for link in links if link.foreign]
        if foreign:
            u = m.p.binary(f"counted {key}")
            used.append(u)
            for link in foreign:
                for t in m.book.T:
                    m.p.row(f"counted {key} {t}", {m.x[link, t]: 1.0, u: -largest(m, link, t)}, high=0.0)
    m.p.row("exchanges_max", dict.fromkeys(used, 1.0), high=count)
