"""
Five firms with waste heat and plastic scrap (SIMBioptimize's example).

Waste heat replaces electricity (0.9 MWh per MWh) and scrap replaces polymer (0.8 t per t): two rows of
`substitutions`. Heat goes by pipe at 0.5 EUR per MWh-km, scrap by truck at 10 EUR per t-km; activating a link is the
mode's set-up per year. A firm does not exchange with itself (`within_facility = false`). Distances are the file's, as
a `links` row per pair; the middle column of its needs is unused there and left out.
"""

from __future__ import annotations

import json
from pathlib import Path

from known import Case, Row, settings

ANSWERS = {1.0: 4390.393903481, 0.1: 3276.170746640, 0.0: 3016.163176507}
BASELINE = 4573.0


def case(shared: Path, activation: float = 1.0) -> Case:
    """The five firms, with the cost of activating a link times `activation`."""
    data = json.loads((shared / "cases" / "simbioptimize" / "five_firms.json").read_text(encoding="utf-8"))
    firms = [f"F{i + 1}" for i in range(len(data["S"]))]
    streams: list[Row] = []
    demands: list[Row] = []
    for firm, (heat, scrap), (electricity, _, polymer) in zip(firms, data["S"], data["D"], strict=True):
        for material, amount, fee in (("heat", heat, 5.0), ("scrap", scrap, 50.0)):
            if amount:
                streams.append(
                    {
                        "stream": f"{firm} {material}",
                        "facility": firm,
                        "material": material,
                        "supply_per_yr": amount,
                        "own_disposal_eur_per_unit": fee,
                    }
                )
        for material, amount, price in (("electricity", electricity, 80.0), ("polymer", polymer, 1200.0)):
            if amount:
                demands.append(
                    {
                        "demand": f"{firm} {material}",
                        "facility": firm,
                        "material": material,
                        "need_per_yr": amount,
                        "virgin_eur_per_unit": price,
                    }
                )
    tables = {
        "facilities": [{"facility": firm} for firm in firms],
        "materials": [
            {"material": "heat", "unit": "MWh", "state": "heat"},
            {"material": "electricity", "unit": "MWh", "state": "power"},
            {"material": "scrap", "unit": "t", "state": "solid", "disposal_class": "non_hazardous"},
            {"material": "polymer", "unit": "t", "state": "solid", "disposal_class": "non_hazardous"},
        ],
        "streams": streams,
        "demands": demands,
        "substitutions": [
            {"from_material": "heat", "to_material": "electricity", "ratio": 0.9, "cost_eur_per_unit": 2.0},
            {"from_material": "scrap", "to_material": "polymer", "ratio": 0.8, "cost_eur_per_unit": 20.0},
        ],
        "modes": [
            {"mode": "pipe", "network": "pipe", "eur_per_unit_km": 0.5, "setup_eur_per_yr": 500.0 * activation},
            {"mode": "truck", "network": "road", "eur_per_tkm": 10.0, "setup_eur_per_yr": 800.0 * activation},
        ],
        "links": [
            {"from_facility": a, "to_facility": b, "distance_km": data["dist_km"][i][j]}
            for i, a in enumerate(firms)
            for j, b in enumerate(firms)
            if i != j
        ],
    }
    return Case("five firms", tables, settings("five firms", reach={"within_facility": False}))
