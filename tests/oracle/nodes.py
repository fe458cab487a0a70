"""What holds at streams, demands, disposals and blends."""

from __future__ import annotations

from typing import Any

from oracle import candidates
from oracle.milp import add


def streams(m: Any) -> None:
    """A stream that must be placed goes out in full; the rest of one that need not vanishes free."""
    b, p = m.book, m.p
    for origin in (o for o in candidates.origins(b) if o.kind == "stream"):
        s = origin.row
        stock = stock_at_facility(b, s["facility"], s["material"], "streams", s)
        level = stock_levels(m, stock) if stock else None
        own = own_disposal(m, s)
        for t in b.T:
            terms = m.sent(origin, t)
            if own is not None:
                add(terms, (own[t], 1.0))
            if level is not None:
                into_stock(m, terms, level, stock, t)
            supply = b.number(s, "supply_per_yr", t) * b.share[t]
            if s["must_place"]:
                p.row(f"stream {s['stream']} {t}", terms, supply, supply)
            else:
                gone = p.variable(f"gone {s['stream']} {t}")
                p.row(f"stream {s['stream']} {t}", add(terms, (gone, 1.0)), supply, supply)


def own_disposal(m: Any, s: dict[str, Any]) -> list[int] | None:
    """What a firm does with a by-product today, where its price is filled and the route not banned."""
    b = m.book
    if all(b.at(s, "own_disposal_eur_per_unit", t) is None for t in b.T):
        return None
    material = b.row("materials", s["material"])
    kind = material["disposal_class"] or ""
    route = s["own_disposal_route"] or ("landfill" if kind in ("inert", "non_hazardous", "hazardous") else "other")
    if route == "landfill" and kind in b.settings.policy.landfill_ban:
        return None
    own = []
    for t in b.T:
        w = m.p.variable(f"own {s['stream']} {t}")
        m.ledger.book("cost_gate_fees", t, w, b.number(s, "own_disposal_eur_per_unit", t))
        m.ledger.co2("disposal", t, w, b.number(s, "own_disposal_kgco2_per_unit", t))
        landfill(m, route, kind, material, t, w, 1.0)
        own.append(w)
    return own


def landfill(m: Any, route: str, kind: str, material: dict[str, Any], t: int, variable: int, arrived: float) -> None:
    """Book the tonnes whose route is landfill, and the tax of their class; none is never taxed."""
    if route != "landfill":
        return
    tonnes = m.book.t_per_unit(material["material"]) * arrived
    m.ledger.book("landfilled", t, variable, tonnes)
    if material["hazardous"]:
        m.ledger.book("hazardous_landfilled", t, variable, tonnes)
    if kind not in ("", "none"):
        m.ledger.book("landfill_tax", t, variable, tonnes * m.book.policy("landfill_tax_eur_per_t", t, kind))


def disposals(m: Any) -> None:
    """A disposal charges for what arrives and takes no more than its capacity in a year."""
    b = m.book
    for way in m.ways:
        d, material = way.receiver.row, b.row("materials", way.origin.material)
        arrived = m.arrived(way)
        for t in b.T:
            x = m.x[way, t]
            m.ledger.book("cost_gate_fees", t, x, arrived * b.number(d, "gate_fee_eur_per_unit", t))
            m.ledger.co2("disposal", t, x, arrived * b.number(d, "kgco2_per_unit", t))
            landfill(
                m, d["route"] or "other", candidates.tax_class(b, d, material["material"]), material, t, x, arrived
            )
    for d in b.tables["disposals"]:
        for y in b.years:
            capacity = b.at(d, "capacity_per_yr", b.first_of(y))
            if capacity is not None:
                terms = {
                    m.x[way, t]: m.arrived(way)
                    for way in m.ways
                    if way.receiver.name == d["disposal"]
                    for t in b.periods_of(y)
                }
                m.p.row(f"disposal {d['disposal']} {y}", terms, high=capacity)


def demands(m: Any) -> None:
    """A demand is met by what arrives, at the rate at which it replaces, and by purchase where it can be bought."""
    b, p = m.book, m.p
    for d in b.tables["demands"]:
        links = [x for x in m.links if x.receiver.kind == "demand" and x.receiver.name == d["demand"]]
        stock = stock_at_facility(b, d["facility"], d["material"], "demands", d)
        level = stock_levels(m, stock) if stock else None
        unit = b.row("materials", d["material"])["unit"] or "t"
        for t in b.T:
            need = b.number(d, "need_per_yr", t) * b.share[t]
            received = {m.x[link, t]: replaced(b, link, t) * m.arrived(link) for link in links}
            shares(m, d, links, received, need, t)
            terms = dict(received)
            if b.at(d, "virgin_eur_per_unit", t) is not None:
                v = p.variable(f"virgin {d['demand']} {t}", high=need)
                m.ledger.book("cost_virgin", t, v, b.number(d, "virgin_eur_per_unit", t))
                m.ledger.co2("virgin", t, v, b.number(d, "virgin_kgco2_per_unit", t))
                m.ledger.book(f"bought_{unit}", t, v, 1.0)
                add(terms, (v, 1.0))
            if not d["must_meet"]:
                add(terms, (p.variable(f"unmet {d['demand']} {t}", high=need), 1.0))
            if level is not None:
                minus: dict[int, float] = {}
                into_stock(m, minus, level, stock, t)
                add(terms, *((k, -v) for k, v in minus.items()))
            p.row(f"demand {d['demand']} {t}", terms, need, need)


def replaced(b: Any, link: Any, t: int) -> float:
    """Units of the demand that one arriving unit replaces."""
    return 1.0 if link.substitution is None else b.number(link.substitution, "ratio", t)


def shares(m: Any, d: dict[str, Any], links: list[Any], received: dict[int, float], need: float, t: int) -> None:
    """Shares are of the need, in each period: of each substitution, and of all by-products."""
    b, p = m.book, m.p
    for sub in b.tables["substitutions"]:
        most = b.at(sub, "max_share", t)
        terms = {m.x[x, t]: received[m.x[x, t]] for x in links if x.substitution is sub}
        if most is not None and terms:
            p.row(f"max_share {d['demand']} {t}", terms, high=most * need)
    least = 0.0 if m.baseline else b.number(d, "min_byproduct_share", t)
    most = b.at(d, "max_byproduct_share", t)
    if least > 0:
        p.row(f"min_byproduct {d['demand']} {t}", received, low=least * need)
    if most is not None and most < 1:
        p.row(f"max_byproduct {d['demand']} {t}", received, high=most * need)


def stock_at_facility(b: Any, facility: str, material: str, table: str, row: dict[str, Any]) -> dict[str, Any] | None:
    """The stock that serves a stream, or a demand where no stream of the material is at the facility."""
    for stock in b.tables["stocks"]:
        if stock["facility"] == facility and stock["material"] == material:
            here = [s for s in b.tables["streams"] if s["facility"] == facility and s["material"] == material]
            if (table == "streams") == bool(here):
                return stock
    return None


def stock_levels(m: Any, stock: dict[str, Any]) -> list[int]:
    """Level at the end of each period, with its yearly cost times the share of the year."""
    b = m.book
    level = []
    for t in b.T:
        most = b.at(stock, "capacity", t)
        q = m.p.variable(f"stock {b.identity(stock)} {t}", high=float("inf") if most is None else most)
        m.ledger.book("cost_treatment", t, q, b.number(stock, "eur_per_unit_yr", t) * b.share[t])
        level.append(q)
    start = b.number(stock, "initial", 0)
    m.p.row("stock ends as it began", {level[-1]: 1.0}, start, start)
    return level


def into_stock(m: Any, terms: dict[int, float], level: list[int], stock: dict[str, Any], t: int) -> None:
    """Add to a row what goes into a stock in a period, less what comes out."""
    add(terms, (level[t], 1.0))
    if t:
        add(terms, (level[t - 1], -1.0))
    else:
        add(terms, (m.ledger.one, -m.book.number(stock, "initial", 0)))


def qualities(m: Any) -> None:
    """The blend received stays within the limits of its receiver, property by property, in each period."""
    b = m.book
    for limit in b.tables["quality_limits"]:
        for receiver in candidates.receivers(b):
            if receiver.kind == "demand" and receiver.name != limit["demand"]:
                continue
            if receiver.kind == "plant" and receiver.row["technology"] != limit["technology"]:
                continue
            links = [x for x in m.links if x.receiver == receiver and limit["input"] in (None, x.origin.material)]
            for t in b.T:
                for bound, sign in (("max", 1.0), ("min", -1.0)):
                    if limit[bound] is None or not links:
                        continue
                    terms = {
                        m.x[x, t]: sign * m.arrived(x) * (value_of(b, x.origin, limit["property"]) - limit[bound])
                        for x in links
                    }
                    m.p.row(f"quality {receiver.name} {t}", terms, high=0.0)


def value_of(b: Any, origin: Any, name: str) -> float:
    """The value of a property of what an origin sends."""
    for row in b.tables["qualities"]:
        if row["property"] != name:
            continue
        if origin.kind == "stream" and row["stream"] == origin.name:
            return float(row["value"])
        if origin.kind == "plant" and row["plant"] == origin.name and row["material"] in (None, origin.material):
            return float(row["value"])
    raise LookupError(f"{origin.name} has no value for {name}")
