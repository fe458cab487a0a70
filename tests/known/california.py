"""
Where 54 Californian shops send what customers return.

A shop's returns are a stream that must be placed, a site is a candidate plant with its capacity and fixed cost, in
which the material ends. The number of sites is `[limits] plants`. A returned unit stands as one tonne. Distances are
the file's road miles, brought to km, so that 0.08 per unit-mile is 0.08 / 1.609344 per tkm and unit-miles are
tonne-kilometres / 1.609344.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from known import Case, settings

KM_PER_MILE = 1.609344
EUR_PER_UNIT_MILE = 0.08
COST = 1986880.1752  # FC02 and FC05
UNIT_MILES = 1528331.47  # FC01 and FC02


def case(shared: Path, *, sites: int = 2, what: str = "cost") -> Case:
    """The shops with exactly so many sites, at least cost or least tonne-kilometres."""
    folder = shared / "cases" / "california"

    def rows(name: str) -> list[dict[str, Any]]:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    shops, places = rows("stores_complete.csv"), rows("candidate_facilities.csv")
    tables = {
        "facilities": [
            {"facility": r["Store_ID"], "name": r["Store_Name"], "city": r["City"], "lat": r["Lat"], "lon": r["Lon"]}
            for r in shops
        ]
        + [
            {
                "facility": r["Facility_ID"],
                "name": r["Name"],
                "city": r["City"],
                "lat": r["Latitude"],
                "lon": r["Longitude"],
            }
            for r in places
        ],
        "materials": [{"material": "returns", "state": "solid", "disposal_class": "none"}],
        "streams": [
            {
                "stream": f"{r['Store_ID']} returns",
                "facility": r["Store_ID"],
                "material": "returns",
                "supply_per_yr": float(r["Annual_Returns"]),
            }
            for r in shops
        ],
        "technologies": [{"technology": "centre"}],
        "recipes": [{"technology": "centre", "input": "returns"}],
        "plants": [
            {
                "plant": f"{r['Facility_ID']} centre",
                "facility": r["Facility_ID"],
                "technology": "centre",
                "status": "candidate",
                "capacity_per_yr": float(r["Capacity_Units_Annual"]),
                "fixed_eur_per_yr": float(r["Annual_Fixed_Cost"]),
            }
            for r in places
        ],
        "modes": [{"mode": "truck", "network": "road", "eur_per_tkm": EUR_PER_UNIT_MILE / KM_PER_MILE}],
        "links": [
            {"from_facility": r[""], "to_facility": site, "distance_km": float(r[site]) * KM_PER_MILE}
            for r in rows("distance_matrix.csv")
            for site in (place["Facility_ID"] for place in places)
        ],
    }
    for row in tables["facilities"]:
        row["lat"], row["lon"] = float(row["lat"]), float(row["lon"])
    return Case("california", tables, settings("california", limits={"plants": sites}, minimise={"what": what}))
