"""
Capacitated plant siting from the OR-Library (cap41, cap131).

A customer's demand is a stream that must be placed and has no other way out; a site is a candidate plant that takes
the material in and lets it end, with the site's capacity and its fixed cost per year. The file gives the cost of
serving the whole of a customer from a site, and a part costs its share: a `links` row per pair with `eur_per_unit` =
cost / demand, which is the whole network (`only_listed`). One site per customer is `single_receiver` on the streams.

The same case can be told the other way round, `made_at_sites`: sites make the material of nothing and customers are
demands that must be met and can't buy. Both must give the published answer.
"""

from __future__ import annotations

from pathlib import Path

from known import Case, Row, settings

ANSWERS = {"cap41": 1040444.375, "cap131": 793439.563}


def read(path: Path) -> tuple[list[tuple[float, float]], list[tuple[float, list[float]]]]:
    """Sites as (capacity, fixed cost), and customers as (demand, cost of the whole of it from each site)."""
    numbers = [float(word) for word in path.read_text(encoding="utf-8").split()]
    m, n = int(numbers[0]), int(numbers[1])
    sites = [(numbers[2 + 2 * i], numbers[3 + 2 * i]) for i in range(m)]
    start = 2 + 2 * m
    customers = []
    for _ in range(n):
        customers.append((numbers[start], numbers[start + 1 : start + 1 + m]))
        start += 1 + m
    if start != len(numbers):
        raise ValueError(f"{path.name} holds {len(numbers)} numbers where {start} are due")
    return sites, customers


def case(shared: Path, name: str, *, one_site_each: bool = False, made_at_sites: bool = False) -> Case:
    """The case `name`, with each customer served from one site only where asked, or told the other way round."""
    sites, customers = read(shared / "cases" / "orlib" / f"{name}.txt")
    tables: dict[str, list[Row]] = {
        "facilities": [{"facility": f"site{i}"} for i in range(len(sites))]
        + [{"facility": f"customer{j}"} for j in range(len(customers))],
        "materials": [{"material": "goods"}],
        "technologies": [{"technology": "warehouse"}],
        "plants": [
            {
                "plant": f"warehouse{i}",
                "facility": f"site{i}",
                "technology": "warehouse",
                "status": "candidate",
                "capacity_per_yr": capacity,
                "fixed_eur_per_yr": fixed,
            }
            for i, (capacity, fixed) in enumerate(sites)
        ],
    }
    pairs = [
        (f"customer{j}", f"site{i}", cost / demand)
        for j, (demand, costs) in enumerate(customers)
        for i, cost in enumerate(costs)
    ]
    if made_at_sites:
        tables["recipes"] = [{"technology": "warehouse", "output": "goods", "yield": 1.0}]
        tables["demands"] = [
            {"demand": f"d{j}", "facility": f"customer{j}", "material": "goods", "need_per_yr": demand}
            for j, (demand, _) in enumerate(customers)
        ]
        pairs = [(site, customer, cost) for customer, site, cost in pairs]
    else:
        tables["recipes"] = [{"technology": "warehouse", "input": "goods"}]
        tables["streams"] = [
            {
                "stream": f"s{j}",
                "facility": f"customer{j}",
                "material": "goods",
                "supply_per_yr": demand,
                "single_receiver": one_site_each,
            }
            for j, (demand, _) in enumerate(customers)
        ]
    tables["links"] = [
        {"from_facility": start, "to_facility": end, "distance_km": 0.0, "eur_per_unit": cost}
        for start, end, cost in pairs
    ]
    return Case(name, tables, settings(name, reach={"only_listed": True}))
