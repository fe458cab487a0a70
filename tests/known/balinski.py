"""
Transport with a fixed charge per link (Balinski 1961, as in GLPK's example fctp, bal8x12).

Supplies are streams that must be placed and have no disposal, needs are demands that can't be bought; supplies and
needs both sum to 210, so that everything moves. The charge of a pair is the set-up of its exchange, the unit cost its
`eur_per_unit`.
"""

from __future__ import annotations

import json
from pathlib import Path

from known import Case, settings

ANSWER = 471.55


def case(shared: Path) -> Case:
    """The 8 x 12 case."""
    data = json.loads((shared / "cases" / "fctp" / "bal8x12.json").read_text(encoding="utf-8"))
    supply, demand = data["supply"], data["demand"]
    tables = {
        "facilities": [{"facility": f"from{i}"} for i in range(len(supply))]
        + [{"facility": f"to{j}"} for j in range(len(demand))],
        "materials": [{"material": "goods"}],
        "streams": [
            {"stream": f"s{i}", "facility": f"from{i}", "material": "goods", "supply_per_yr": amount}
            for i, amount in enumerate(supply)
        ],
        "demands": [
            {"demand": f"d{j}", "facility": f"to{j}", "material": "goods", "need_per_yr": amount}
            for j, amount in enumerate(demand)
        ],
        "links": [
            {
                "from_facility": f"from{i}",
                "to_facility": f"to{j}",
                "distance_km": 0.0,
                "eur_per_unit": data["unit_cost"][i][j],
                "setup_eur_per_yr": data["fixed_cost"][i][j],
            }
            for i in range(len(supply))
            for j in range(len(demand))
        ],
    }
    return Case("bal8x12", tables, settings("bal8x12", reach={"only_listed": True}))
