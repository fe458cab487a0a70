"""From a plan to tables, layers, a map and a report."""

from __future__ import annotations

from typing import Any

from benchmarks.registry import Bench, phase

tables = phase("write", "plan to tables on disk", inputs=("solution",))
layers = phase("layers", "plan to layers for QGIS", inputs=("solution",))
map_ = phase("map", "plan to a map for the browser", inputs=("solution",))
report = phase("report", "plan to a report", inputs=("solution",))
audit = phase("audit", "plan recomputed by other arithmetic", inputs=("solution",))


def _solution(bench: Bench) -> None:
    from isopt.solution.store import read_solution

    bench.made["solution"] = read_solution(bench.folder / "out")
    (bench.folder / "again").mkdir(exist_ok=True)


@tables.does("isopt", ready=_solution)
def _write(bench: Bench) -> Any:
    from isopt.solution.store import write_solution

    return write_solution(bench.made["solution"], bench.folder / "again")


@tables.does("pandas", ready=_solution)
def _to_csv(bench: Bench) -> Any:
    """Write the frames as they are: no rounding, no summary, no scenario beside them."""
    solution, out = bench.made["solution"], bench.folder / "again"
    for name in ("exchanges", "flows", "firms", "disposal", "virgin", "plants", "kpis"):
        getattr(solution, name).to_csv(out / f"plain-{name}.csv", index=False)


@layers.does("isopt", ready=_solution)
def _layers(bench: Bench) -> Any:
    from isopt.views.geopackage import write_geopackage

    return write_geopackage(bench.made["solution"], bench.folder / "again" / "solution.gpkg")


@layers.does("geopandas", ready=_solution)
def _geopandas(bench: Bench) -> Any:
    """Write the exchanges as lines and nothing else."""
    import geopandas
    import shapely

    ends = _ends(bench)
    lines = [shapely.LineString([(a[1], a[0]), (b[1], b[0])]) for a, b in zip(*ends, strict=True)]
    frame = geopandas.GeoDataFrame(bench.made["solution"].exchanges, geometry=lines, crs="EPSG:4326")
    frame.to_file(bench.folder / "again" / "plain.gpkg", layer="exchanges", driver="GPKG")


@map_.does("isopt", ready=_solution)
def _map(bench: Bench) -> Any:
    from isopt.views.map import write_map

    return write_map(bench.made["solution"], bench.folder / "again" / "map.html")


@map_.does("folium", ready=_solution, upto=200_000)
def _folium(bench: Bench) -> Any:
    """A marker per place and a line per exchange, as the tutorials do; it needs the network to open."""
    import folium

    scenario = bench.made["solution"].scenario
    drawn = folium.Map(location=[scenario.facilities["lat"].mean(), scenario.facilities["lon"].mean()])
    for place in scenario.facilities.itertuples():
        folium.CircleMarker([place.lat, place.lon], radius=3, popup=str(place.name)).add_to(drawn)
    for a, b in zip(*_ends(bench), strict=True):
        folium.PolyLine([a, b]).add_to(drawn)
    drawn.save(str(bench.folder / "again" / "plain.html"))


@report.does("isopt", ready=_solution)
def _report(bench: Bench) -> Any:
    from isopt.views.report import write_report

    return write_report(bench.made["solution"], bench.folder / "again" / "report.html")


@report.does("pandas", ready=_solution)
def _to_html(bench: Bench) -> Any:
    """Tables of exchanges and firms as they are."""
    solution = bench.made["solution"]
    text = solution.exchanges.to_html() + solution.firms.to_html()
    (bench.folder / "again" / "plain-report.html").write_text(text, encoding="utf-8")


@audit.does("isopt", ready=_solution)
def _audit(bench: Bench) -> Any:
    from isopt.solution.audit import audit as judge

    found = judge(bench.made["solution"])
    assert found.passed, str(found)
    return found


def _ends(bench: Bench) -> tuple[list[list[float]], list[list[float]]]:
    """Latitude and longitude of both ends of each exchange."""
    solution = bench.made["solution"]
    at = solution.scenario.facilities.set_index("facility")[["lat", "lon"]]
    sides = (solution.exchanges[name] for name in ("from_facility", "to_facility"))
    first, second = (at.loc[side].to_numpy(float).tolist() for side in sides)
    return first, second
