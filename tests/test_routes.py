"""Where ways run: lines along a network, on the map and kept beside a solution."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from test_distances import coast

import isopt
from isopt.geo import Network
from isopt.geo.network_router import NetworkRouter
from isopt.studies import routes as drawing
from isopt.studies.routes import route_lines, stored_route_lines
from isopt.views.map import draw_map
from isopt.views.report import report_page


def bay(north: float = 0.5) -> NetworkRouter:
    """A road from A round a bay in the north to B and on to C."""
    lat, lon = np.array([0.0, north, 0.0, 0.0]), np.array([0.0, 0.5, 1.0, 2.0])
    tail, head = np.array([0, 1, 1, 2, 2, 3]), np.array([1, 0, 2, 1, 3, 2])
    km = np.array([90.0, 90, 90, 90, 1200, 1200])
    return NetworkRouter(
        Network.of_arcs(lat, lon, tail, head, km, name="bay", version=f"{north:g}", attribution="© <b>Bay</b>"),
        max_access_km=30,
    )


def solved():
    return isopt.solve(coast(), routers={"truck": bay(), "train": bay()})


def test_a_line_runs_along_the_network_from_start_to_end():
    """From A by the head of the bay to B; the modes on straight lines have none."""
    lines = route_lines(solved(), routers={"train": bay()})

    assert lines[["from_facility", "to_facility", "mode"]].to_numpy().tolist() == [["A", "B", "train"]]
    assert list(lines.geometry.iloc[0].coords) == [(0, 0), (0.5, 0.5), (1, 0)]
    assert lines.crs.to_epsg() == 4326
    assert route_lines(solved()).empty


def test_the_map_draws_the_line_and_names_its_source():
    """The page holds the points in whole steps, and the credit as text."""
    lines = route_lines(solved(), routers={"train": bay()})

    page = draw_map(solved(), routes=lines).get_root().render()

    data = json.loads(re.search(r'\{"title".*?,"language":', page)[0].rsplit(',"language"', 1)[0] + "}")
    plan = data["plan"]
    assert plan["routes"] == [[0, 0, 5000, 5000, -5000, 5000]]
    assert [flow[9] for flow in plan["flows"]] == [0] * len(plan["flows"])
    assert data["credits"][0] == "© <b>Bay</b>"
    assert "<b>Bay" not in page


def test_lines_are_drawn_once_and_kept(tmp_path: Path, monkeypatch):
    """The second map takes them from the file; another plan has them drawn anew; a damaged file is no obstacle."""
    calls = []

    def counted(*arguments, **options):
        calls.append(1)
        return route_lines(*arguments, **options, routers={"train": bay()})

    monkeypatch.setattr(drawing, "route_lines", counted)
    kept = tmp_path / "routes.gpkg"

    first = stored_route_lines(solved(), kept)
    again = stored_route_lines(solved(), kept)
    assert len(calls) == 1
    assert again.geometry.iloc[0].equals(first.geometry.iloc[0])
    assert list(again.columns) == list(first.columns)

    kept.write_bytes(b"no such thing")
    assert len(stored_route_lines(solved(), kept)) == 1
    assert len(calls) == 2
    moved = isopt.solve(coast().with_(facilities={"B": {"lon": 1.05}}), routers={"truck": bay(), "train": bay()})
    stored_route_lines(moved, kept)
    assert len(calls) == 3


def test_report_and_map_name_what_distances_and_places_come_from():
    """Measured over OpenStreetMap's roads, found in GeoNames: both stand in the footer and on the map."""
    scenario = coast(
        facilities=[
            {"facility": "A", "postcode": "4400", "city": "Kalundborg", "country": "DK"},
            {"facility": "B", "lat": 55.64, "lon": 12.08},
            {"facility": "C", "lat": 55.4, "lon": 10.4},
        ]
    )
    located = scenario.with_(geocodes=isopt.geocode(scenario).table, routing={"truck": "road"})
    solution = isopt.solve(located)

    for page in (report_page(solution), draw_map(solution).get_root().render()):
        assert "OpenStreetMap contributors, ODbL 1.0" in page
        assert "GeoNames (geonames.org), CC BY 4.0" in page
    assert "OpenStreetMap contributors, ODbL" not in report_page(isopt.solve(coast()))
