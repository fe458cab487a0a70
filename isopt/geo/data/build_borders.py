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

from isopt.geo.countries import codes_by_number
from isopt.geo.packing import pack

HERE = Path(__file__).parent
DEGREE = 1000
"""Steps of a degree in which vertices are kept: 0.06 km off at most."""
TOLERANCE_DEG = 0.004
"""How far a simplified line may lie from the true one: 0.4 km. Lines are simplified once for both sides."""
NUMBERLESS = {
    "Kosovo": "XK",
    "N. Cyprus": "CY",
    "Somaliland": "SO",
    "Baikonur": "KZ",
    "Siachen Glacier": "IN",
    "Indian Ocean Ter.": "AU",
}
"""Areas to which Natural Earth gives no number of ISO 3166, as far as a facility could lie in them."""


def lines(topology: dict[str, Any], exact: set[int]) -> list[NDArray[np.int64]]:
    """Return the arcs in steps of a degree, simplified except for those that have to stay exact."""
    (scale_x, scale_y), (move_x, move_y) = (topology["transform"][name] for name in ("scale", "translate"))
    made = []
    for i, arc in enumerate(topology["arcs"]):
        points = np.cumsum(np.array(arc, dtype=np.float64), axis=0) * [scale_x, scale_y] + [move_x, move_y]
        if i not in exact:
            points = shapely.get_coordinates(shapely.LineString(points).simplify(TOLERANCE_DEG))
        steps = np.round(points * DEGREE).astype(np.int64)
        kept = np.ones(len(steps), dtype=bool)
        kept[1:-1] = (np.diff(steps, axis=0)[:-1] != 0).any(axis=1)
        made.append(steps[kept])
    return made


def broken(arcs: list[NDArray[np.int64]], found: list[tuple[str, int, list[int]]]) -> list[int]:
    """Return the rings that are no simple rings with an area."""
    bad = []
    for i, (_, _, members) in enumerate(found):
        parts = [arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in members]
        ring = np.concatenate([part[:-1] for part in parts] + [parts[0][:1]])
        if len(np.unique(ring, axis=0)) < 3 or not shapely.LinearRing(ring).is_simple or not shapely.Polygon(ring).area:
            bad.append(i)
    return bad


def rings(topology: dict[str, Any]) -> list[tuple[str, int, list[int]]]:
    """Return country, number of the polygon and arcs of each ring; a polygon's first ring is its shell."""
    numbers = codes_by_number()
    found, polygon = [], 0
    for country in topology["objects"]["countries"]["geometries"]:
        code = numbers.get(str(country.get("id", "")).zfill(3)) or NUMBERLESS.get(country["properties"]["name"], "")
        parts = country.get("arcs", [])
        for part in [parts] if country["type"] == "Polygon" else parts:
            found += [(code, polygon, ring) for ring in part]
            polygon += 1
    return found


def main(package: Path) -> None:
    """Write the file and say how large it is."""
    topology = json.loads((package / "countries-10m.json").read_text(encoding="utf-8"))
    found = rings(topology)
    bad = broken(lines(topology, set()), found)
    arcs = lines(topology, {arc if arc >= 0 else ~arc for i in bad for arc in found[i][2]})
    lost = set(broken(arcs, found))  # smaller than a step of a degree
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
        f"borders.xz  {len(packed) // 1024} KiB, {len(points)} vertices, {len(found)} rings, {len(lost)} too small\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
