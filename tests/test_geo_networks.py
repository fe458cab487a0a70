"""The embedded networks: how true their distances are, islands and passages, terminals."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from isopt.errors import InputError
from isopt.geo import PathRouter, Points, RouteFlag, haversine_km
from isopt.geo.embedded import KINDS, LENGTHENING, embedded_network, embedded_router
from isopt.geo.packing import unpack
from isopt.geo.sea import PASSAGES, SeaRouter, sea_ports
from isopt.geo.terminals import COLUMNS, nearest_terminals

KNOWN = Path(__file__).parent / "known"
DATA = Path(__file__).parents[1] / "isopt" / "geo" / "data"

GLASGOW = (55.861, -4.258)
ISLANDS = {
    "Kirkwall": (58.981, -2.960), "Lerwick": (60.155, -1.145), "Stornoway": (58.209, -6.386), "Brodick": (55.577, -5.15),
    "Craignure": (56.470, -5.71), "Bowmore": (55.757, -6.287),
}  # fmt: skip


def ways(kind, *pairs):
    start, end = (Points.of(*zip(*ends, strict=True)) for ends in zip(*pairs, strict=True))
    return embedded_router(kind).routes(start, end)


def published(kind, use):
    """Pairs of towns with their published distance, and what the embedded network makes of them."""
    with (KNOWN / f"{kind}_distances.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["use"] == use]
    ends = [tuple((float(row[f"{end}_lat"]), float(row[f"{end}_lon"])) for end in ("from", "to")) for row in rows]
    measured = ways(kind, *ends).distance_km
    circle = haversine_km(*np.array(ends).reshape(-1, 4).T)
    return np.array([float(row["km"]) for row in rows]), measured, circle


@pytest.mark.parametrize(("kind", "least", "most_wrong"), [("road", 30, 0.04), ("rail", 16, 0.03)])
def test_distances_between_towns_are_as_published(kind, least, most_wrong):
    """Of towns that calibrated nothing, the mean error is at most 4 % by road and 3 % by rail, a sixth at worst."""
    km, measured, circle = published(kind, "check")

    error = np.abs(measured / km - 1)
    assert len(km) >= least
    assert error.mean() <= most_wrong
    assert error.max() <= 1 / 6
    assert (measured >= circle).all()
    assert error.mean() < np.abs(1.3 * circle / km - 1).mean() / 2, "no better than a straight line times 1.3"


@pytest.mark.parametrize("kind", ["road", "rail"])
def test_the_lengthening_is_the_median_of_the_calibration_pairs(kind):
    """With it, the median of measured over published distance is 1 within one per cent."""
    km, measured, _ = published(kind, "calibration")

    assert LENGTHENING[kind] >= 1
    assert np.median(measured / km) == pytest.approx(1, abs=0.01)


def test_islands_are_reached_by_ferry():
    """From Glasgow to the Northern and Western Isles, Arran, Mull and Islay there are ways, every one with a ferry."""
    routes = ways("road", *[(GLASGOW, place) for place in ISLANDS.values()])

    assert np.isfinite(routes.distance_km).all()
    assert (routes.flags & RouteFlag.FERRY).all()
    km = dict(zip(ISLANDS, routes.distance_km, strict=True))
    assert km["Stornoway"] == pytest.approx(360 + 84, rel=0.08)  # the road to Ullapool and the ferry
    assert km["Brodick"] == pytest.approx(55 + 22, rel=0.08)  # the road to Ardrossan and the ferry


def test_the_channel_is_crossed_and_bridges_are_roads():
    """London to Paris is flagged as a ferry (the shuttle), London to Edinburgh and Lisbon to Porto are not."""
    channel, island, peninsula = ways(
        "road",
        ((51.507, -0.128), (48.857, 2.352)),
        ((51.507, -0.128), (55.953, -3.188)),
        ((38.722, -9.139), (41.158, -8.629)),
    ).flags

    assert channel & RouteFlag.FERRY
    assert not (island | peninsula) & RouteFlag.FERRY
    assert not ways("rail", ((51.507, -0.128), (48.857, 2.352))).flags[0] & RouteFlag.FERRY


def test_where_no_ferry_is_known_there_is_no_way():
    """Reykjavik is not reached from Glasgow, nor a spot in the Atlantic, which the network says is far away."""
    routes = ways("road", (GLASGOW, (64.147, -21.94)), (GLASGOW, (50.0, -30.0)))

    assert np.isinf(routes.distance_km).all()
    assert (routes.flags & RouteFlag.NO_WAY).all()
    index, away = embedded_router("road").unreached(Points.of([GLASGOW[0], 50.0], [GLASGOW[1], -30.0]))
    assert index.tolist() == [1]
    assert away[0] > 500


def test_ways_can_be_drawn():
    """The way from Glasgow to Aberdeen begins and ends there, and is about as long as the distance says."""
    router = embedded_router("road")
    assert isinstance(router, PathRouter)
    start, end = Points.of(*zip(GLASGOW)), Points.of([57.15], [-2.094])

    path = router.paths(start, end, 0.0)[0]

    assert path[0].tolist() == list(GLASGOW)
    length = haversine_km(path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1]).sum()
    assert length == pytest.approx(router.routes(start, end).distance_km[0], rel=0.15)
    assert 2 < len(router.paths(start, end, 2.0)[0]) < len(path)


def test_networks_say_where_they_come_from():
    """Attribution names OpenStreetMap, versions differ from kind to kind, both directions of every edge are there."""
    for kind in ("road", "rail"):
        network = embedded_network(kind)
        assert "OpenStreetMap" in network.attribution
        assert network.arcs == network.reversed.arcs
        assert (network.km > 0).mean() > 0.99
    assert len({embedded_router(kind).version for kind in KINDS}) == len(KINDS)
    assert embedded_router("road") is embedded_router("road")


ROTTERDAM, SHANGHAI = (51.95, 4.14), (31.36, 121.60)


@pytest.mark.parametrize(
    ("end", "km"),
    [(SHANGHAI, 19_500), ((40.68, -74.02), 6_150), ((-23.97, -46.30), 10_050), ((53.54, 9.93), 560), ((1.27, 103.8), 15_400)],
    ids=["Shanghai", "New York", "Santos", "Hamburg", "Singapore"],
)  # fmt: skip
def test_sea_distances_from_rotterdam_are_as_published(end, km):
    """Within 3 % of what distance tables say; Hamburg lies 100 km up the Elbe."""
    assert ways("sea", (ROTTERDAM, end)).distance_km[0] == pytest.approx(km, rel=0.03)


def test_ships_go_round_the_cape_when_suez_is_closed():
    """Rotterdam to Shanghai grows from 19,500 to some 25,500 km; over the Arctic it would be shorter than either."""
    start, end = Points.of([ROTTERDAM[0]], [ROTTERDAM[1]]), Points.of([SHANGHAI[0]], [SHANGHAI[1]])
    km = {
        name: router.routes(start, end).distance_km[0]
        for name, router in {
            "open": SeaRouter(), "closed": SeaRouter(closed=["suez"]), "arctic": SeaRouter(opened=["northwest"]),
        }.items()
    }  # fmt: skip

    assert km["closed"] == pytest.approx(25_500, rel=0.03)
    assert km["arctic"] < km["open"] < km["closed"]
    assert SeaRouter(closed=["suez"]).version != SeaRouter().version


def test_inland_works_have_no_way_by_sea():
    """Sheffield is farther than 25 km from every port; with 100 km allowed it has a way, flagged as far."""
    start, end = Points.of([53.38], [-1.47]), Points.of([ROTTERDAM[0]], [ROTTERDAM[1]])

    assert SeaRouter().routes(start, end).flags.tolist() == [RouteFlag.NO_WAY]
    far = SeaRouter(max_access_km=100).routes(start, end)
    assert np.isfinite(far.distance_km[0])
    assert far.flags.tolist() == [RouteFlag.FAR]


def test_ports_have_codes_and_lie_at_the_sea():
    """Leith, Rotterdam and Kirkwall are ports; Coventry and Sheffield, which the source lists too, are not."""
    codes = set(sea_ports().code)

    assert {"GBLEI", "NLRTM", "GBKWL", "CNSHA"} <= codes
    assert not {"GBCVT", "GBSHE"} & codes
    assert len(codes) == len(sea_ports().code) > 2500


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: embedded_router("raod"), 'no network "raod".*did you mean "road"'),
        (lambda: embedded_router("road", closed=["suez"]), 'the router of road knows no "closed"'),
        (lambda: embedded_router("sea", closed=["suezz"]), 'no passage "suezz".*did you mean "suez"'),
        (lambda: embedded_router("pipe", detour=0.5), "detour of pipe is 0.5"),
        (lambda: embedded_router("road", max_access_km=-1.0), "max_access_km = -1.0"),
        (lambda: nearest_terminals(Points.of([0.0], [0.0]), "prt"), 'no terminals of kind "prt"'),
        (lambda: nearest_terminals(Points.of([0.0], [0.0]), k=0), "at least one terminal"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(call, words):
    """The message repeats what was asked for, and says what there is."""
    with pytest.raises(InputError, match=words):
        call()


def test_every_passage_can_be_closed():
    """The file names the same passages in the same order; each name closes some arcs."""
    assert unpack((DATA / "sea.xz").read_bytes())["passages"] == list(PASSAGES)
    everything = SeaRouter(opened=PASSAGES).network.arcs
    for name in PASSAGES:
        assert SeaRouter(closed=[name], opened=set(PASSAGES) - {name}).network.arcs < everything


def test_terminals_near_a_works_are_proposed():
    """Near Grangemouth: its port first, and places on the railway within a few kilometres, nearest first."""
    works = Points.of([56.02, np.nan], [-3.70, 0.0], ["refinery", "nowhere"])

    ports, rails = nearest_terminals(works, "port", k=2), nearest_terminals(works, "rail", k=3)

    assert ports["terminal"].iloc[0] == "GBGRG"
    for table, kind in ((ports, "port"), (rails, "rail")):
        assert tuple(table.columns) == COLUMNS
        assert set(table["point"]) == {"refinery"}
        assert set(table["kind"]) == {kind}
        assert table["distance_km"].is_monotonic_increasing
    assert rails["distance_km"].iloc[0] < 10
    assert rails["terminal"].is_unique


def test_water_and_pipes_are_straight_lines_with_a_detour():
    """A degree along the equator, 111.2 km, is 158 km by river and 128 by pipe; the user may say otherwise."""
    pair = Points.of([0.0], [0.0]), Points.of([0.0], [1.0])

    km = [embedded_router(kind).routes(*pair).distance_km[0] for kind in ("water", "pipe")]

    assert km == pytest.approx([111.195 * 1.42, 111.195 * 1.15], rel=1e-4)
    assert embedded_router("pipe", detour=1.0).routes(*pair).distance_km[0] == pytest.approx(111.195, rel=1e-4)


def test_the_data_are_small_and_come_with_their_licences():
    """All networks together stay below 5 MB; the licences lie beside them, and the notes name every file."""
    files = [DATA / f"{name}.xz" for name in ("road", "rail", "sea")]

    assert sum(file.stat().st_size for file in files) < 5e6
    assert "Open Database License" in (DATA / "LICENSE-ODbL-1.0.txt").read_text(encoding="utf-8")
    assert "Apache License" in (DATA / "LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")
    notes = (DATA / "NETWORKS.md").read_text(encoding="utf-8")
    assert all(file.name in notes for file in files)
    assert "OpenStreetMap contributors" in notes


def test_every_crossing_says_where_from():
    """Ferries, bridges and roads of the table have a source, sound coordinates and sound lengths."""
    with (DATA / "crossings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) > 150
    for row in rows:
        circle = haversine_km(*(float(row[name]) for name in ("from_lat", "from_lon", "to_lat", "to_lon")))
        assert row["source"]
        assert row["network"] in {"road", "rail"}
        assert row["kind"] in {"ferry", "fixed", "road"}
        assert 0 < circle < 1200, row
        assert not row["km"] or 0.8 * circle <= float(row["km"]) < 4 * circle + 20, row
