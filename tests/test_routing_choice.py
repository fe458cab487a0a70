"""[routing] in a scenario's folder: embedded networks, own files, downloads, and where their paths begin."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from osm_extract import Extract, at
from test_distances import coast

import isopt
from isopt.errors import ScenarioError
from isopt.geo import choose, haversine_km
from isopt.scenario import read, write

SHORT, LONG = [(0, 0), (0, 1), (0, 2)], [(0, 0), (1.5, 1), (0, 2)]


def length(way: list[tuple[float, float]]) -> float:
    """Kilometres along a way."""
    return float(sum(haversine_km(*at(*a), *at(*b)) for a, b in pairwise(way)))


def town(tmp_path: Path, keys: str = "") -> Path:
    """A mill and a kiln; the short road between them bears 7.5 tonnes, the long one everything."""
    extract = Extract()
    extract.way(SHORT, highway="primary", maxweight="7.5")
    extract.way(LONG, highway="primary")
    extract.write(tmp_path / "roads.osm.pbf")
    ends = (("A", at(*SHORT[0])), ("B", at(*SHORT[-1])))
    places = [{"facility": name, "lat": lat, "lon": lon} for name, (lat, lon) in ends]
    scenario = coast(facilities=places, demands=[{"demand": "b", "facility": "B", "material": "ash", "need_per_yr": 6}])
    folder = write(scenario, tmp_path / "town")
    (folder / "scenario.toml").write_text(
        f'[routing.truck]\nrouter = "network"\nfile = "../roads.osm.pbf"\n{keys}', encoding="utf-8"
    )
    return folder


def by_truck(folder: Path) -> float:
    links = isopt.links(read(folder), prune=False).table
    return float(links.loc[links["mode"] == "truck", "distance_km"].iloc[0])


def test_an_extract_beside_the_folder_is_the_road_network(tmp_path: Path):
    """The lorry takes the short road."""
    assert by_truck(town(tmp_path)) == pytest.approx(length(SHORT), rel=1e-6)


def test_a_heavy_lorry_takes_the_long_way(tmp_path: Path):
    """Forty tonnes may not use the short road."""
    assert by_truck(town(tmp_path, "weight_t = 40\n")) == pytest.approx(length(LONG), rel=1e-6)


def test_a_child_finds_the_file_of_its_base(tmp_path: Path):
    """Paths start where they were written, however deep the child lies."""
    base = town(tmp_path)
    child = tmp_path / "deep" / "er"
    child.mkdir(parents=True)
    (child / "scenario.toml").write_text('base = "../../town"\n', encoding="utf-8")

    assert read(child).settings.routing["truck"].file == "../../roads.osm.pbf"
    assert by_truck(child) == by_truck(base)


def test_a_scenario_written_elsewhere_keeps_its_network(tmp_path: Path):
    """The copy names the file as seen from its own folder."""
    copy = write(read(town(tmp_path)), tmp_path / "copies" / "of" / "town")

    assert by_truck(copy) == pytest.approx(length(SHORT), rel=1e-6)


def test_a_stored_plan_draws_its_ways_over_the_users_network(tmp_path: Path):
    """The solution's own copy of the scenario leads back to the extract."""
    isopt.write(isopt.solve(read(town(tmp_path, "weight_t = 40\n"))), tmp_path / "out")

    lines = isopt.route_lines(isopt.read_solution(tmp_path / "out"))
    used = isopt.read_solution(tmp_path / "out").exchanges["mode"].tolist()
    assert lines["mode"].tolist() == [mode for mode in used if mode == "truck"]
    assert all(len(line.coords) == 3 for line in lines.geometry)


def test_a_file_that_is_gone_is_named(tmp_path: Path):
    """Renamed networks are found by the nearest name."""
    folder = town(tmp_path)
    (tmp_path / "roads.osm.pbf").rename(tmp_path / "road.osm.pbf")

    with pytest.raises(ScenarioError, match=r'routing\.truck .*did you mean "road\.osm\.pbf"'):
        isopt.links(read(folder))


def test_streets_of_a_place_are_downloaded_on_request_only(tmp_path: Path, monkeypatch):
    """Without a download the message says the command; with --online the places are fetched once each."""
    folder = write(coast(), tmp_path / "coast")
    (folder / "scenario.toml").write_text('[routing.truck]\nrouter = "osm"\nplace = "Kalundborg, Denmark"\n')

    with pytest.raises(ScenarioError, match="allow the download"):
        isopt.links(read(folder))

    asked = []
    monkeypatch.setattr(
        "isopt.geo.osm_download.download_network",
        lambda place, **options: asked.append((place, options["online"])) or tmp_path / "streets.graphml",
    )
    scenario = read(folder).with_(routing={"train": {"router": "osm", "place": "Kalundborg, Denmark"}})
    assert choose.download_places(scenario) == [tmp_path / "streets.graphml"]
    assert asked == [("Kalundborg, Denmark", True)]


@pytest.mark.parametrize(
    ("routing", "name", "told"),
    [
        ("road", "road", "scgraph"),
        ("rail", "rail", "scgraph"),
        ({"router": "sea", "closed": ["suez"]}, "sea", "suez"),
        ({"router": "water"}, "straight", "x1."),
        ({"router": "pipe", "detour": 1.2}, "straight", "x1.2"),
        ({"router": "road", "max_access_km": 12}, "road", "/12/"),
    ],
)
def test_embedded_routers_take_what_the_settings_say(routing, name: str, told: str):
    """The version tells what was chosen, so that pins of other choices do not hold."""
    scenario = coast().with_(routing={"truck": routing})

    router = choose.router_of_mode(scenario, "truck", 1.3)

    assert router is not None
    assert router.name == name
    assert told in router.version


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        ({"router": "sea", "closed": ["suezz"]}, "suez"),
        ({"router": "water", "max_access_km": 3}, "max_access_km"),
        ({"router": "road", "closed": ["suez"]}, "closed"),
    ],
)
def test_a_key_that_a_router_does_not_know_is_named(routing, message: str):
    """Nothing in [routing] is passed over in silence."""
    with pytest.raises(ScenarioError, match=rf"routing\.truck .*{message}"):
        isopt.links(coast().with_(routing={"truck": routing}))
