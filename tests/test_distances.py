"""Distances measured once: routers by mode, pins that hold, pins that do not, and what the audit makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small import demand, region, stream

import isopt
from isopt.cli import main
from isopt.errors import InputError, ScenarioError
from isopt.geo import Points, RouteFlag, Routes, haversine_km
from isopt.network import measure
from isopt.scenario import Scenario, read, write
from isopt.scenario.distances import COLUMNS, Distances, distances_of, parse_distances

DEGREE = float(haversine_km(0, 0, 0, 1))


class Tripled:
    """A router on which every way is so many times the circle; it counts the pairs it is asked for."""

    name = "tripled"

    def __init__(self, factor: float = 3.0, version: str = "1", north: float = 90.0) -> None:
        self.factor, self.version, self.north, self.asked = factor, version, north, 0

    def routes(self, start: Points, end: Points) -> Routes:
        self.asked += start.count
        km = self.factor * haversine_km(start.lat, start.lon, end.lat, end.lon)
        flags = np.full(start.count, RouteFlag.FERRY, np.uint8)
        return Routes(np.where(np.maximum(start.lat, end.lat) > self.north, np.inf, km), km / 50, flags)


def coast(**more) -> Scenario:
    """Ash at A, wanted at B and C, one and two degrees east; by truck, and by train at half the rate."""
    parts = {
        "facilities": [{"facility": f, "lat": 0, "lon": x} for f, x in (("A", 0), ("B", 1), ("C", 2))],
        "materials": [{"material": "ash", "state": "solid", "disposal_class": "none"}],
        "modes": [
            {"mode": "truck", "network": "road", "eur_per_tkm": 0.1, "detour": 1.3},
            {"mode": "train", "network": "rail", "eur_per_tkm": 0.05},
        ],
        "streams": [stream("ash", "A", 10)],
        "demands": [demand("b", "B", 6, material="ash"), demand("c", "C", 6, material="ash")],
    }
    return region(**(parts | more))


def measured(scenario: Scenario, **routers) -> Distances:
    return isopt.distances(scenario, routers=routers).distances


def km_of(found: Distances, start: str, end: str, mode: str) -> float:
    table = found.table.set_index(["from_facility", "to_facility", "mode"])
    return float(table.loc[(start, end, mode), "distance_km"])


def test_what_is_measured_has_the_columns_of_the_contract():
    """A row per pair and mode that could exchange, with who measured it; straight lines carry their detour."""
    found = measured(coast(), train=Tripled())

    assert tuple(found.table.columns) == COLUMNS
    assert found.count == 4
    assert km_of(found, "A", "B", "truck") == pytest.approx(1.3 * DEGREE)
    assert km_of(found, "A", "C", "train") == pytest.approx(6 * DEGREE)
    by_mode = found.table.groupby("mode")[["router", "network_version", "flags"]].first()
    assert by_mode.loc["train"].tolist() == ["tripled", "1", "ferry"]
    assert by_mode.loc["truck"].tolist() == ["straight", "x1.3", ""]


def test_a_file_gives_back_what_was_pinned(tmp_path: Path):
    """Places, ways, infinite ones, hours and flags come back; equal distances give equal bytes."""
    found = measured(coast(), truck=Tripled(version="2", north=-1), train=Tripled())

    again, problems = parse_distances(found.to_bytes(), "distances.parquet")

    assert problems == []
    assert again is not None
    assert np.isinf(again.distance_km).sum() == 2
    assert again.table.equals(found.table.sort_values(["mode", "from_facility", "to_facility"], ignore_index=True))
    assert again.to_bytes() == found.to_bytes()
    assert dict(zip(again.facilities, zip(again.lat, again.lon, strict=True), strict=True)) == {
        "A": (0, 0), "B": (0, 1), "C": (0, 2),
    }  # fmt: skip


def test_pinned_distances_are_used_and_nothing_is_measured_again(tmp_path: Path):
    """The plan hauls the pinned kilometres, and the same router is not asked a second time."""
    folder = write(coast(), tmp_path / "coast")
    router = Tripled()
    isopt.pin_distances(measured(read(folder), truck=router, train=router), folder)
    asked = router.asked

    solution = isopt.solve(read(folder), routers={"truck": router, "train": router})

    assert router.asked == asked > 0
    assert solution.kpi("tonne_km") == pytest.approx(6 * 3 * DEGREE)  # C is too far to pay
    assert solution.warnings == ("1 way of the plan leads on a ferry: A > B (train)",)
    assert isopt.audit(solution).passed


def test_pinned_distances_hold_without_their_router(tmp_path: Path):
    """A mode that [routing] does not name takes what is pinned for it, whoever measured it."""
    folder = write(coast(), tmp_path / "coast")
    isopt.pin_distances(measured(read(folder), train=Tripled()), folder)

    links = isopt.links(read(folder)).table.set_index(["to_facility", "mode"])["distance_km"]

    assert links["B", "train"] == pytest.approx(3 * DEGREE)
    assert links["B", "truck"] == pytest.approx(1.3 * DEGREE)


def test_a_pin_does_not_survive_a_move_of_its_facility(tmp_path: Path):
    """B moves half a degree: its ways are measured anew and the plan says so; those to C stay."""
    folder = write(coast(), tmp_path / "coast")
    isopt.pin_distances(measured(read(folder), train=Tripled(), truck=Tripled()), folder)
    moved = read(folder).with_(facilities={"B": {"lon": 0.5}})
    router = Tripled(factor=4)

    solution = isopt.solve(moved, routers={"train": router, "truck": router})

    assert router.asked == 1  # one pair for both modes
    assert any("1 of 2 distances of mode train are not pinned" in note for note in solution.warnings)
    table = solution.scenario.distances.table.set_index(["to_facility", "mode"])["distance_km"]
    assert table["B", "train"] == pytest.approx(4 * DEGREE / 2)
    assert table["C", "train"] == pytest.approx(3 * 2 * DEGREE)
    assert isopt.audit(solution).passed


def test_a_pin_of_another_version_is_stale():
    """A router that says it is another one than measured is asked again."""
    scenario = isopt.distances(coast(), routers={"train": Tripled()}).scenario
    newer = Tripled(factor=5, version="2")

    links = isopt.links(scenario, routers={"train": newer}).table.set_index(["to_facility", "mode"])["distance_km"]

    assert newer.asked == 2
    assert links["B", "train"] == pytest.approx(5 * DEGREE)


def test_a_straight_pin_follows_the_detour_of_its_mode():
    """Pinned straight lines are no excuse for an old detour factor."""
    scenario = isopt.distances(coast()).scenario

    links = isopt.links(scenario.with_(modes={"truck": {"detour": 2}})).table.set_index(["to_facility", "mode"])

    assert links.loc[("B", "truck"), "distance_km"] == pytest.approx(2 * DEGREE)


def test_routing_chooses_by_mode():
    """[routing] names routers; what it says goes before the usual circle times detour."""
    scenario = coast().with_(routing={"train": {"router": "straight", "detour": 2}, "truck": "geodesic"})

    links = isopt.links(scenario).table.set_index(["to_facility", "mode"])["distance_km"]

    assert links["B", "train"] == pytest.approx(2 * DEGREE)
    assert links["B", "truck"] == pytest.approx(1.3 * 111.319491, rel=1e-8)  # a degree of the WGS84 equator


def test_a_facility_that_no_way_reaches_is_named():
    """C is north of where the ways end: its ways are infinite, no candidates, and it is named with its mode."""
    scenario = coast(facilities=[{"facility": f, "lat": y, "lon": 0} for f, y in (("A", 0), ("B", 1), ("C", 9))])
    solution = isopt.solve(scenario, routers={"train": Tripled(north=5), "truck": Tripled(north=5)})

    assert any('no way of mode train (router tripled) reaches "C"' in note for note in solution.warnings)
    assert solution.counts["no_way"] == 2
    assert set(solution.exchanges["to_facility"]) == {"B"}
    assert isopt.audit(solution).passed


def test_the_links_table_goes_before_what_is_measured():
    """Seven kilometres written down are seven, and that pair is not measured."""
    router = Tripled()
    scenario = coast(links=[{"from_facility": "A", "to_facility": "B", "distance_km": 7}])

    links = isopt.links(scenario, routers={"truck": router, "train": router}).table

    assert links.loc[links["to_facility"] == "B", "distance_km"].tolist() == [7, 7]
    assert router.asked == 1


def test_the_hours_of_a_router_are_pinned_and_audited():
    """What keeps six hours does not travel 333 km at 50 km/h; the audit reads the same hours."""
    fresh = [{"material": "ash", "state": "solid", "disposal_class": "none", "max_haul_h": 7.0}]
    scenario = isopt.distances(coast(materials=fresh), routers={"train": Tripled(), "truck": Tripled()}).scenario
    solution = isopt.solve(scenario)

    assert set(solution.exchanges["to_facility"]) == {"B"}  # 3 x 111.2 / 50 = 6.7 h; C takes 13.3 h
    assert isopt.audit(solution).passed


def test_a_wrong_pinned_distance_in_the_results_is_found_by_the_audit(tmp_path: Path):
    """Kilometres that are not those pinned make the audit fail."""
    solution = isopt.solve(coast(), routers={"train": Tripled(), "truck": Tripled()})
    isopt.write(solution, tmp_path / "out")
    pinned = tmp_path / "out" / "scenario" / "distances.parquet"
    found, _ = parse_distances(pinned.read_bytes(), "distances.parquet")
    table = found.table.assign(distance_km=lambda t: t["distance_km"] + (t["to_facility"] == "B"))
    where = dict(zip(found.facilities, zip(found.lat, found.lon, strict=True), strict=True))
    pinned.write_bytes(distances_of(table, where).to_bytes())

    assert main(["audit", str(tmp_path / "out")]) == 1


def test_nearest_counts_measured_kilometres():
    """By router B is farther than C: with the one nearest, C is served; the audit counts the same way."""

    class Bay(Tripled):
        def routes(self, start: Points, end: Points) -> Routes:
            km = haversine_km(start.lat, start.lon, end.lat, end.lon)
            return Routes(np.where(end.lon == 1, 9.0, 1.0) * km)

    scenario = coast().with_(reach={"nearest": 1})
    solution = isopt.solve(scenario, routers={"train": Bay(), "truck": Bay()})

    assert set(solution.exchanges["to_facility"]) == {"C"}
    assert isopt.audit(solution).passed


def test_ctrl_c_keeps_what_is_measured(monkeypatch):
    """Measuring stops between blocks and hands over the ways it has."""
    monkeypatch.setattr(measure, "BLOCK", 1)
    router = Tripled()

    def pressed(done: int, total: int) -> None:
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(measure.MeasuringStopped) as stop:
        isopt.distances(coast(), routers={"train": router}, on_progress=pressed)
    assert 2 <= stop.value.distances.count < 4


def test_check_says_what_has_moved(tmp_path: Path, capsys):
    """Nothing at first; after a detour of 1.5 the truck's ways are longer, and the exit code says so."""
    folder = write(coast(), tmp_path / "coast")

    assert main(["distances", str(folder)]) == 0
    assert "4 ways" not in capsys.readouterr().err
    assert main(["distances", str(folder), "--check"]) == 0
    assert "as they were" in capsys.readouterr().out
    assert main(["distances", str(folder), "--check", "--set", "modes.truck.detour=1.5"]) == 1
    said = capsys.readouterr().out
    assert "longer    2" in said
    assert f"{1.5 * DEGREE:.3f}" in said


def test_check_without_pins_says_how_to_pin(tmp_path: Path, capsys):
    """There is nothing to compare with."""
    folder = write(coast(), tmp_path / "coast")

    assert main(["distances", str(folder), "--check"]) == 2
    assert "isopt distances coast writes it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="hours"), "hours  is missing"),
        (lambda table: table.rename(columns={"mode": "modes"}), 'is missing; did you mean "modes"?'),
        (lambda table: table.assign(distance_km=-1.0), '"-1.0" is no length for it'),
        (lambda table: table.assign(router=""), "router"),
        (lambda table: table.iloc[[0, 0]], "stands twice"),
    ],
)
def test_a_damaged_file_of_distances_is_named(tmp_path: Path, change, message: str):
    """Each defect ends in a line with file, row and column."""
    folder = write(coast(), tmp_path / "coast")
    change(measured(coast()).table).to_parquet(folder / "distances.parquet")

    with pytest.raises(ScenarioError) as wrong:
        read(folder)
    assert message in str(wrong.value)
    assert "distances.parquet" in str(wrong.value)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path):
    """Text under that name is said to be no Parquet."""
    folder = write(coast(), tmp_path / "coast")
    (folder / "distances.parquet").write_text("from,to\n")

    with pytest.raises(ScenarioError, match="can't be read as Parquet"):
        read(folder)


def test_a_child_takes_the_pins_of_its_base(tmp_path: Path):
    """Distances are inherited like tables, until the child has its own."""
    base = write(coast(), tmp_path / "coast")
    isopt.pin_distances(measured(read(base), train=Tripled()), base)
    child = tmp_path / "taxed"
    child.mkdir()
    (child / "scenario.toml").write_text('base = "../coast"\n[policy]\ncarbon_price_eur_per_t = 90\n')

    assert km_of(read(child).distances, "A", "B", "train") == pytest.approx(3 * DEGREE)


def test_a_workbook_of_its_own_can_not_be_pinned(tmp_path: Path):
    """Pins go into a folder; a single file has none."""
    with pytest.raises(InputError, match="is no folder"):
        isopt.pin_distances(measured(coast()), tmp_path / "plan.xlsx")


def table_of(tmp_path: Path, text: str, routing: str = '[routing.truck]\nrouter = "table"\nfile = "ways.csv"\n'):
    """The coast in a folder, with a table of distances for the truck."""
    folder = write(coast(), tmp_path / "coast")
    (folder / "ways.csv").write_text(text, encoding="utf-8")
    (folder / "scenario.toml").write_text(routing)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "from_facility,to_facility,distance_km,hours\nA,B,12.5,1\nA,C,,\n",
        "from_facility;to_facility;distance_km;hours\nA;B;12,5;1\n",
        ";A;B;C\nA;0;12,5;\nB;12,5;0;3\nC;;3;0\n",
    ],
)
def test_a_table_of_distances_is_read_in_both_shapes(tmp_path: Path, text: str):
    """Rows or a square, with decimal commas; what is empty or not listed has no way."""
    links = isopt.links(read(table_of(tmp_path, text)))

    by_truck = links.table[links.table["mode"] == "truck"]
    assert by_truck[["to_facility", "distance_km"]].to_numpy().tolist() == [["B", 12.5]]
    assert links.counts["no_way"] == 1


@pytest.mark.parametrize(
    ("text", "routing", "message"),
    [
        ("from_facility,to_facility,distance_km\nA,B,far\n", None, '"far" is not a number'),
        ("from_facility,to_facility,distance_km\nA,B,1\nA,B,2\n", None, "A > B stands twice"),
        ("x\n", '[routing.truck]\nrouter = "table"\nfile = "way.csv"\n', 'did you mean "ways.csv"?'),
        ("x\n", '[routing.truck]\nrouter = "table"\n', "is missing; router"),
        ("x\n", '[routing.trucks]\nrouter = "road"\n', 'did you mean "truck"?'),
        ("x\n", '[routing]\ntruck = "roads"\n', 'did you mean "road"?'),
        ("x\n", "[routing]\ntruck = 3\n", "3 is no router"),
        ("x\n", '[routing.truck]\nrouters = "road"\n', 'did you mean "router"?'),
    ],
)
def test_a_wrong_choice_of_router_is_named(tmp_path: Path, text: str, routing: str | None, message: str):
    """Cells of the table, files, keys, routers and modes that are not there."""
    folder = table_of(tmp_path, text, *([routing] if routing else []))

    with pytest.raises(ScenarioError) as wrong:
        isopt.links(read(folder))
    assert message in str(wrong.value)


def test_a_closed_mode_takes_its_router_with_it():
    """A transport scenario without trains needs no router for them; a variant may take a choice back."""
    scenario = coast().with_(routing={"train": {"router": "straight", "detour": 2}})

    closed = isopt.transport_scenario(scenario, close_modes=("train",))

    assert dict(closed.settings.routing) == {}
    assert scenario.with_(routing={"train": None}).settings.routing == {}
    assert scenario.settings.routing["train"].detour == 2
