"""
Make borders.xz from Natural Earth, as the npm package world-atlas carries it.

    python build_borders.py PACKAGE

PACKAGE is the unpacked world-atlas 2.0.2, of which ``countries-10m.json`` is read: Natural Earth 4.1 at 1:10 million,
public domain. The same package makes the same bytes. What was done to it stands in BORDERS.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from isopt.geo.borders import joined
from isopt.geo.countries import codes_by_number
from isopt.geo.packing import pack

HERE = Path(__file__).parent
DEGREE = 1000
"""Steps of a degree in which vertices are kept: 0.06 km off at most."""
TOLERANCE_DEG = 0.004
"""How far a simplified line may lie from the true one: 0.4 km. Lines are simplified once for both sides."""
NUMBERLESS = {
    "Kosovo": "XK", "N. Cyprus": "CY", "Cyprus U.N. Buffer Zone": "CY", "Akrotiri": "CY", "Dhekelia": "CY",
    "Somaliland": "SO", "Baikonur": "KZ", "Siachen Glacier": "IN", "USNB Guantanamo Bay": "CU",
    "Indian Ocean Ter.": "AU", "Coral Sea Is.": "AU", "Clipperton I.": "FR",
}  # fmt: skip
"""Areas to which Natural Earth gives no number of ISO 3166, counted to the country around them; reefs have none."""


def lines(topology: dict[str, Any], exact: set[int]) -> list[NDArray[np.int64]]:
    """Return the arcs in steps of a degree, simplified except for those that have to stay exact."""
    (scale_x, scale_y), (move_x, move_y) = (topology["transform"][name] for name in ("scale", "translate"))
    made = []
    for i, arc in enumerate(topology["arcs"]):
        points = np.cumsum(np.array(arc, dtype=np.float64), axis=0) * [scale_x, scale_y] + [move_x, move_y]
        points[:, 0] = np.unwrap(points[:, 0], period=360.0)
        if i not in exact:
            points = shapely.get_coordinates(shapely.LineString(points).simplify(TOLERANCE_DEG))
        steps = np.round(points * DEGREE).astype(np.int64)
        kept = np.ones(len(steps), dtype=bool)
        kept[1:-1] = (np.diff(steps, axis=0)[:-1] != 0).any(axis=1)
        made.append(steps[kept])
    return made


def faults(arcs: list[NDArray[np.int64]], found: list[tuple[str, int, list[int]]]) -> tuple[set[int], set[int]]:
    """Return the rings that cross or touch themselves, and those without an area."""
    crossed, empty = set(), set()
    for i, (_, _, members) in enumerate(found):
        ring = joined(arcs, members, 360 * DEGREE)
        if len(np.unique(ring, axis=0)) < 3 or not shapely.Polygon(ring).area:
            empty.add(i)
        elif not shapely.LinearRing(ring).is_simple:
            crossed.add(i)
    return crossed, empty


def rings(topology: dict[str, Any]) -> list[tuple[str, int, list[int]]]:
    """Return country, number of the polygon and arcs of each ring; a polygon's first ring is its shell."""
    numbers = codes_by_number()
    found, polygon = [], 0
    for country in topology["objects"]["countries"]["geometries"]:
        code = numbers[country["id"]] if "id" in country else NUMBERLESS.get(country["properties"]["name"], "")
        parts = country.get("arcs", [])
        for part in [parts] if country["type"] == "Polygon" else parts:
            found += [(code, polygon, ring) for ring in part]
            polygon += 1
    return found


def main(package: Path) -> None:
    """Write the file and say how large it is."""
    topology = json.loads((package / "countries-10m.json").read_text(encoding="utf-8"))
    found = rings(topology)
    crossed, empty = faults(lines(topology, set()), found)
    arcs = lines(topology, {arc if arc >= 0 else ~arc for i in crossed | empty for arc in found[i][2]})
    touching, lost = faults(arcs, found)  # rounding lets some touch themselves: points are still told in from out
    gone = {found[i][1] for i in lost if i == 0 or found[i - 1][1] != found[i][1]}
    found = [one for i, one in enumerate(found) if i not in lost and one[1] not in gone]
    points = np.concatenate(arcs)
    packed = pack(
        {
            "lon": points[:, 0],
            "lat": points[:, 1],
            "length": np.array([len(arc) for arc in arcs]),
            "country": [code for code, _, _ in found],
            "polygon": np.array([polygon for _, polygon, _ in found]),
            "arcs": np.array([len(ring) for _, _, ring in found]),
            "arc": np.array([arc for _, _, ring in found for arc in ring]),
        }
    )
    whole = HERE / "borders.xz.part"
    whole.write_bytes(packed)
    whole.replace(HERE / "borders.xz")
    sys.stdout.write(
        f"borders.xz  {len(packed) // 1024} KiB, {len(points)} vertices, {len(found)} rings, {len(lost)} too small, "
        f"{len(touching)} touch themselves\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
