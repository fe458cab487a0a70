"""What holds at plants: what they make, when they stand, how big they are."""

from __future__ import annotations

from typing import Any

from oracle import candidates
from oracle.milp import add
from oracle.nodes import into_stock, stock_levels

YEARS_OF_LIFE = 20.0  # the contract's fallback


def plants(m: Any) -> None:
    """All plants, their choices between each other and their outputs."""
    b, p = m.book, m.p
    m.built, m.added, m.through = {}, {}, {}
    m.candidates = [x["plant"] for x in b.tables["plants"] if x["status"] == "candidate"]
    for plant in b.tables["plants"]:
        standing(m, plant)
        size(m, plant)
        inputs(m, plant)
    for origin in (o for o in candidates.origins(b) if o.kind == "plant"):
        for t in b.T:
            p.row(f"output {origin.name} {origin.material} {t}", add(m.sent(origin, t), *made(m, origin, t)), 0.0, 0.0)
    for label in {x["choose_one"] for x in b.tables["plants"] if x["choose_one"]}:
        ones = [x["plant"] for x in b.tables["plants"] if x["choose_one"] == label and x["plant"] in m.candidates]
        p.row(f"choose one {label}", {m.built[name, b.years[-1]]: 1.0 for name in ones}, high=1.0)


def standing(m: Any, plant: dict[str, Any]) -> None:
    """An existing plant stands; a candidate is built in a year of its window, or never, and stays."""
    b, p, name = m.book, m.p, plant["plant"]
    for i, y in enumerate(b.years):
        t = b.first_of(y)
        z = p.binary(f"stands {name} {y}") if name in m.candidates else m.ledger.one
        m.built[name, y] = z
        m.ledger.book_year("cost_plants", y, z, b.number(plant, "fixed_eur_per_yr", t))
        if name not in m.candidates:
            continue
        rise = {z: 1.0}
        if i:
            add(rise, (m.built[name, b.years[i - 1]], -1.0))
        early = plant["build_from"] is not None and y < plant["build_from"]
        late = plant["build_until"] is not None and y > plant["build_until"]
        p.row(f"built {name} {y}", rise, 0.0, 0.0 if early or late else 1.0)
        capex = b.number(plant, "capex_eur", 0)
        m.ledger.capital("cost_plants", y, z, capex, life(b, plant))
        for k, v in rise.items():
            m.ledger.book_year("capex", y, k, v * capex)


def life(b: Any, plant: dict[str, Any]) -> float:
    """Years a plant's capital is paid over."""
    return plant["life_yr"] or b.row("technologies", plant["technology"])["life_yr"] or YEARS_OF_LIFE


def capacity(b: Any, plant: dict[str, Any], t: int) -> float | None:
    """Capacity without additions; None is unlimited, and 0 where only the largest size is given."""
    own = b.at(plant, "capacity_per_yr", t)
    return 0.0 if own is None and plant["max_capacity_per_yr"] is not None else own


def size(m: Any, plant: dict[str, Any]) -> None:
    """Capacity may be added up to the largest size and stays."""
    b, p, name = m.book, m.p, plant["plant"]
    for i, y in enumerate(b.years):
        t = b.first_of(y)
        if plant["max_capacity_per_yr"] is None:
            continue
        k = m.added[name, y] = p.variable(f"added {name} {y}")
        room = b.number(plant, "max_capacity_per_yr", t) - (capacity(b, plant, t) or 0.0)
        p.row(f"largest {name} {y}", {k: 1.0, m.built[name, y]: -room}, high=0.0)
        rise = {k: 1.0}
        if i:
            add(rise, (m.added[name, b.years[i - 1]], -1.0))
            p.row(f"added stays {name} {y}", rise, low=0.0)
        per_unit = b.number(plant, "capex_eur_per_unit", 0)
        m.ledger.capital("cost_plants", y, k, per_unit, life(b, plant))
        m.ledger.book_year("cost_plants", y, k, b.number(plant, "fixed_eur_per_unit", t))
        for j, v in rise.items():
            m.ledger.book_year("capex", y, j, v * per_unit)


def inputs(m: Any, plant: dict[str, Any]) -> None:
    """What arrives is processed or stocked; throughput keeps to capacity, least load and mix."""
    b, p, name = m.book, m.p, plant["plant"]
    technology = b.row("technologies", plant["technology"])
    names = list(dict.fromkeys(r["input"] for r in candidates.recipes(b, plant["technology"])))
    for name_in in names:
        for t in b.T:
            g = m.through[name, name_in, t] = p.variable(f"through {name} {name_in} {t}")
            m.ledger.book("cost_treatment", t, g, b.number(technology, "opex_eur_per_unit", t))
            m.ledger.co2("treatment", t, g, b.number(technology, "kgco2_per_unit", t))
    for name_in in (n for n in names if n):
        stock = next(
            (s for s in b.tables["stocks"] if s["plant"] == name and s["material"] == name_in),
            None,
        )
        if stock and name in m.candidates:
            stock = stock | {"initial": 0.0}
        level = candidate_stock(m, plant, stock) if stock else None
        for t in b.T:
            terms = {
                m.x[link, t]: m.arrived(link)
                for link in m.links
                if link.receiver.kind == "plant" and link.receiver.name == name and link.receiver.material == name_in
            }
            add(terms, (m.through[name, name_in, t], -1.0))
            if level is not None:
                minus: dict[int, float] = {}
                into_stock(m, minus, level, stock, t)
                add(terms, *((k, -v) for k, v in minus.items()))
            p.row(f"input {name} {name_in} {t}", terms, 0.0, 0.0)
    for t in b.T:
        load(m, plant, {m.through[name, n, t]: 1.0 for n in names}, t)
        for mix in (x for x in b.tables["mixes"] if x["technology"] == plant["technology"]):
            for column, sign in (("min_share", -1.0), ("max_share", 1.0)):
                share = b.at(mix, column, t)
                if share is not None:
                    terms = {m.through[name, n, t]: -sign * share for n in names}
                    add(terms, (m.through[name, mix["input"], t], sign))
                    p.row(f"mix {name} {mix['input']} {t}", terms, high=0.0)


def candidate_stock(m: Any, plant: dict[str, Any], stock: dict[str, Any]) -> list[int]:
    """A stock at a plant exists while the plant stands; at a candidate it begins and ends empty."""
    b = m.book
    if plant["plant"] not in m.candidates:
        return stock_levels(m, stock)
    level = stock_levels(m, stock)
    for t in b.T:
        most = b.at(stock, "capacity", t)
        m.p.row(
            f"stock stands {t}",
            {level[t]: 1.0, m.built[plant["plant"], b.year[t]]: -(bound(m) if most is None else most)},
            high=0.0,
        )
    return level


def bound(m: Any) -> float:
    """More than can ever move: all that is supplied, needed or held, times every yield above one, twice."""
    b = m.book
    amount = sum(b.number(s, "supply_per_yr", t) * b.share[t] for s in b.tables["streams"] for t in b.T)
    least = min([1.0, *(s["ratio"] for s in b.tables["substitutions"] if s["ratio"])])
    least *= min([1.0, *(m.arrived(link) for link in m.links)])
    yields = [r["yield"] for r in b.tables["recipes"] if r["yield"]]
    amount += sum(b.number(d, "need_per_yr", t) * b.share[t] for d in b.tables["demands"] for t in b.T) / (
        least * min([1.0, *yields])
    )
    amount += sum(b.number(s, "initial", 0) for s in b.tables["stocks"])
    for y in yields:
        amount *= max(1.0, y)
    return 2.0 * amount + 1.0


def load(m: Any, plant: dict[str, Any], through: dict[int, float], t: int) -> None:
    """At most the capacity, at least its share of it while a candidate stands or an existing plant runs."""
    b, p, name, y = m.book, m.p, plant["plant"], m.book.year[t]
    z, base = m.built[name, y], capacity(b, plant, t)
    added = m.added.get((name, y))
    most = bound(m) if base is None else base * b.share[t]
    terms = add(dict(through), (z, -most))
    if added is not None:
        add(terms, (added, -b.share[t]))
    if base is not None or name in m.candidates:
        p.row(f"capacity {name} {t}", terms, high=0.0)
    least = b.number(plant, "min_load_share", t)
    if not least:
        return
    if base is None:
        raise ValueError(f"{name}: a least load needs a capacity")
    # through >= least x (base + added), asked of an existing plant only where `runs` is 1
    terms = add(dict(through), (z, -least * most))
    if added is not None:
        add(terms, (added, -least * b.share[t]))
    if name in m.candidates:
        p.row(f"load {name} {t}", terms, low=0.0)
        return
    runs = p.binary(f"runs {name} {t}")
    whole = b.number(plant, "max_capacity_per_yr", t) * b.share[t] if added is not None else most
    p.row(f"load {name} {t}", add(terms, (runs, -least * whole)), low=-least * whole)
    p.row(f"runs {name} {t}", add(dict(through), (runs, -whole)), high=0.0)


def made(m: Any, origin: Any, t: int) -> list[tuple[int, float]]:
    """Minus what a plant makes of a material that arises in period t."""
    b = m.book
    return [
        (m.through[origin.name, r["input"], earlier], -b.number(r, "yield", earlier))
        for r in candidates.recipes(b, origin.row["technology"])
        if r["output"] == origin.material
        for earlier in b.T
        if b.lag_lands(earlier, int(r["lag_yr"] or 0)) == t
    ]
