"""Roads of an OpenStreetMap extract: who may go where, in which direction, how far and how fast."""

from __future__ import annotations

import math
import shutil
import tempfile
from itertools import pairwise

import networkx as nx
import numpy as np
import osmium
import osmnx
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osm_extract import Extract, at
from osmium.osm.mutable import Node, Way
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from isopt.errors import InputError
from isopt.geo import EARTH_RADIUS_KM, RouteFlag
from isopt.geo.network_file import network_from_file, read_network
from isopt.geo.osm_blocks import check_whole
from isopt.geo.osm_download import polite
from isopt.geo.osm_network import ATTRIBUTION
from isopt.geo.osm_tags import Tags, duration_h, hstore, length_m, plain_word, speed_kmh, weight_t
from isopt.geo.vehicle import ARTICULATED, Vehicle, denied
from isopt.geo.ways import drop_fragments

VAN = Vehicle(height_m=2.6, weight_t=3.5, hgv=False)
LORRY = ARTICULATED
TANKER = Vehicle(height_m=4.0, weight_t=40.0, hazmat=True)


def matrix(network, weight="km"):
    """Shortest kilometres or hours between all nodes, by SciPy."""
    graph = csr_array((getattr(network, weight), network.head, network.start), shape=(network.nodes,) * 2)
    return dijkstra(graph)


def node(network, place):
    """Number of the node at a point of the grid."""
    lat, lon = at(*place)
    found = np.flatnonzero((np.abs(network.lat - lat) < 1e-8) & (np.abs(network.lon - lon) < 1e-8))
    assert len(found) == 1
    return found[0]


def great_circle(a, b):
    """Kilometres between two points of the grid by the spherical law of cosines."""
    (lat_a, lon_a), (lat_b, lon_b) = (np.radians(at(*place)) for place in (a, b))
    cosine = math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_b - lon_a)
    return EARTH_RADIUS_KM * math.acos(cosine)


def along(*places):
    """Kilometres along points of the grid."""
    return sum(great_circle(a, b) for a, b in pairwise(places))


A, B = (0, 0), (0, 1)
ROUND = (A, (1, 0), (1, 1), B)
"""The way round, three times as long, that is always open."""


@pytest.fixture
def detour(tmp_path):
    """Write a short way from A to B with tags to try, and the way round; return the network."""

    def make(tags, vehicle=None, **options):
        extract = Extract()
        extract.way([A, B], {"highway": "primary", **tags})
        extract.way(ROUND, highway="primary")
        return network_from_file(extract.write(tmp_path / "detour.osm.pbf"), vehicle=vehicle, **options)

    return make


def km(network, start=A, end=B):
    """Shortest kilometres between two points of the grid."""
    return matrix(network)[node(network, start), node(network, end)]


@pytest.mark.parametrize(
    ("tags", "vehicle", "is_open"),
    [
        ({}, LORRY, True),
        ({"maxheight": "3.2"}, LORRY, False),
        ({"maxheight": "3.2"}, VAN, True),
        ({"maxheight": "3.2"}, None, True),
        ({"maxheight": "4"}, LORRY, True),  # the limit itself passes
        ({"maxheight": "3,9 m"}, LORRY, False),
        ({"maxheight": "12'6\""}, LORRY, False),  # 3.81 m
        ({"maxheight": "13'6\""}, LORRY, True),  # 4.11 m
        ({"maxheight": "12 ft"}, LORRY, False),
        ({"maxheight": "12'"}, LORRY, False),
        ({"maxheight": "default"}, LORRY, True),
        ({"maxheight": "none"}, LORRY, True),
        ({"maxheight": "low"}, LORRY, True),  # unreadable: kept, and counted
        ({"maxheight": "4.5;3.8"}, LORRY, False),  # lanes: the lowest
        ({"maxheight:physical": "3.9"}, LORRY, False),
        ({"maxweight": "7.5"}, LORRY, False),
        ({"maxweight": "7.5 t"}, VAN, True),
        ({"maxweight": "16500 lbs"}, LORRY, False),
        ({"maxweight": "44"}, LORRY, True),
        ({"maxweight:hgv": "12"}, LORRY, False),
        ({"maxweight:hgv": "3"}, VAN, True),  # speaks of lorries alone
        ({"maxweightrating:hgv": "7.5"}, LORRY, False),
        ({"maxwidth": "2.5"}, LORRY, False),
        ({"maxwidth": "8'6\""}, LORRY, True),  # 2.59 m
        ({"maxlength": "12"}, LORRY, False),
        ({"maxaxleload": "8"}, LORRY, False),
        ({"hgv": "no"}, LORRY, False),
        ({"hgv": "no"}, VAN, True),
        ({"hgv": "destination"}, LORRY, True),
        ({"access": "no"}, LORRY, False),
        ({"access": "private"}, None, False),
        ({"access": "destination"}, LORRY, True),
        ({"access": "no", "hgv": "designated"}, LORRY, True),  # the more special key decides
        ({"access": "no", "hgv": "designated"}, VAN, False),
        ({"access": "yes", "motor_vehicle": "no"}, None, False),
        ({"motor_vehicle": "agricultural;forestry"}, None, False),
        ({"motor_vehicle": "agricultural;destination"}, None, True),
        ({"tunnel": "yes", "hazmat": "no"}, TANKER, False),
        ({"tunnel": "yes", "hazmat": "no"}, LORRY, True),
        ({"tunnel": "yes", "tunnel:category": "D"}, TANKER, False),
        ({"tunnel": "yes", "tunnel:category": "A"}, TANKER, True),
        ({"hazmat:adr_tunnel_cat": "E"}, TANKER, False),
        ({"highway": "footway"}, None, False),
        ({"highway": "construction"}, None, False),
        ({"highway": "track"}, None, False),
        ({"area": "yes"}, None, False),
        ({"oneway": "reversible"}, None, False),
    ],
)
def test_a_vehicle_takes_the_short_way_only_where_it_may_and_fits(detour, tags, vehicle, is_open):
    """The short way is one step of the grid, the way round three."""
    assert km(detour(tags, vehicle)) == pytest.approx(along(A, B) if is_open else along(*ROUND), abs=1e-6)


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "true"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "reverse"}, False, True),
        ({"oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, True, True),
        ({"highway": "motorway_link"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
    ],
)
def test_a_one_way_street_is_open_in_one_direction(detour, tags, there, back):
    """Against it one goes round."""
    network = detour(tags)

    assert km(network, A, B) == pytest.approx(along(A, B) if there else along(*ROUND), abs=1e-6)
    assert km(network, B, A) == pytest.approx(along(A, B) if back else along(*ROUND), abs=1e-6)


@pytest.mark.parametrize(
    ("tags", "vehicle", "kmh"),
    [
        ({"maxspeed": "50"}, None, 0.9 * 50),
        ({"maxspeed": "50"}, LORRY, 0.9 * 0.9 * 50),
        ({"maxspeed": "30 mph"}, None, 0.9 * 30 * 1.609344),
        ({"maxspeed": "DE:urban"}, None, 0.9 * 50),
        ({"maxspeed": "DE:zone:30"}, None, 0.9 * 30),
        ({"maxspeed": "walk"}, None, 0.9 * 6),
        ({"maxspeed": "70;50"}, None, 0.9 * 50),
        ({"maxspeed": "none"}, None, 65),  # as if nothing were said: the class decides
        ({"maxspeed": "signals"}, None, 65),
        ({}, None, 65),
        ({}, LORRY, 0.9 * 65),
        ({"highway": "service"}, None, 20),
        ({"maxspeed": "130"}, LORRY, 90),  # the limiter
        ({"maxspeed": "100", "maxspeed:hgv": "60"}, LORRY, 0.9 * 0.9 * 60),
        ({"maxspeed": "100", "maxspeed:hgv": "60"}, None, 0.9 * 100),
    ],
)
def test_time_follows_the_limit_or_the_class_of_the_road(detour, tags, vehicle, kmh):
    """Nine tenths of the limit, a lorry nine tenths of that; without a limit the usual speed of the class."""
    network = detour({**tags, "oneway": "no"}, vehicle)
    start = node(network, A)
    arcs = slice(network.start[start], network.start[start + 1])
    hours = network.hours[arcs][network.head[arcs] == node(network, B)]

    assert hours == pytest.approx([along(A, B) / kmh], rel=1e-6)


def test_a_ferry_is_flagged_and_takes_its_time(tmp_path):
    """The crossing of the timetable lasts half an hour; one without a duration goes at 5 km/h."""
    extract = Extract()
    extract.way([(0, 0), (0, 1)], highway="primary")
    extract.way([(0, 1), (0, 4)], route="ferry", duration="00:30")
    extract.way([(0, 4), (0, 5)], highway="primary")
    extract.way([(0, 5), (0, 6)], route="ferry", motor_vehicle="no")
    extract.way([(0, 0), (2, 0)], route="ferry")
    network = network_from_file(extract.write(tmp_path / "ferry.osm.pbf"))
    ferry = network.flags == RouteFlag.FERRY

    assert ferry.sum() == 4  # two ferries, there and back
    assert sorted(network.hours[ferry]) == pytest.approx(sorted([0.5, 0.5] + [along((0, 0), (2, 0)) / 5] * 2))
    assert km(network, (0, 0), (0, 5)) == pytest.approx(along((0, 0), (0, 1), (0, 4), (0, 5)), abs=1e-6)


def test_limits_that_cannot_be_read_are_counted_and_shown(tmp_path):
    """The way stays open, and the notes say how many and give an example, quoted."""
    extract = Extract()
    extract.way([A, B], highway="primary", maxheight="low <script>alert(1)</script>")
    extract.way([B, (0, 2)], highway="primary", maxheight="3.2")
    extract.way(ROUND, highway="primary", maxweight="lorries")
    extract.way([(1, 1), (0, 2)], highway="primary")
    told = []
    file = read_network(extract.write(tmp_path / "odd.osm.pbf"), vehicle=LORRY, on_progress=told.append)

    assert file.notes == (
        "shut to the vehicle: 1 of 4 ways",
        'maxheight can\'t be read on 1 of 4 ways, such as "low <script>alert(1)</script>": taken as open',
        'maxweight can\'t be read on 1 of 4 ways, such as "lorries": taken as open',
    )
    assert set(file.notes) <= set(told)
    assert told[:2] == ["reading odd.osm.pbf", "4 ways read from odd.osm.pbf"]


def town():
    """
    A town on two sides of a water: ways with their meaning for a van and for a lorry, as one reads it off the map.

    Returns the extract and, by way, (directions of a van, directions of a lorry): "<>" both, ">" along, "<" against,
    "" shut.
    """
    extract, meaning = Extract(), {}

    def way(places, van, lorry=None, tags=None, **more):
        meaning[extract.way(places, tags, **more)] = (van, van if lorry is None else lorry)

    for north, (directions, tags) in enumerate(
        [
            ("<>", {"highway": "primary", "maxspeed": "50"}),
            ("<>", {"highway": "residential"}),
            (">", {"highway": "secondary", "oneway": "yes"}),
            ("<", {"highway": "secondary", "oneway": "-1"}),
            ("<>", {"highway": "tertiary", "name": '"Old, \\ <b>Road</b>"=>x'}),
        ]
    ):
        way([(north, east) for east in range(5)], directions, tags=tags)
    for east, tags in enumerate(
        [
            {"highway": "unclassified"},
            {"highway": "residential", "maxspeed": "30 mph"},
            {"highway": "living_street", "maxspeed": "walk"},
            {"highway": "service"},
            {"highway": "trunk", "maxspeed": "none"},
        ]
    ):
        way([(north, east) for north in range(5)], "<>", tags=tags)
    way([(4, 4), (4.5, 4.2), (5, 5)], "<>", highway="primary")
    way([(5, 5), (5, 6), (6, 6), (6, 5), (5, 5)], ">", highway="primary", junction="roundabout")
    way([(6, 6), (7, 6)], "<>", highway="primary_link")
    way([(7, 6), (7, 8), (7, 10)], ">", highway="motorway")
    way([(8, 10), (8, 8), (8, 6)], ">", highway="motorway")
    way([(7, 10), (8, 10)], "<>", highway="motorway_link")
    way([(8, 6), (7, 6)], "<>", highway="primary")
    way([(5, 6), (5, 10), (7, 10)], ">", highway="secondary", oneway="1")
    # Shortcuts out of the town to the east, and the way round
    way([(0, 4), (0, 8)], "<>", "", highway="primary", maxheight="3.2")
    way([(1, 4), (1, 8)], "<>", "", highway="secondary", maxweight="7.5 t")
    way([(2, 4), (2, 8)], "<>", "", highway="tertiary", hgv="no")
    way([(3, 4), (3, 8)], "", highway="service", access="private")
    way([(2.5, 4), (2.5, 8)], "", highway="residential", motor_vehicle="no")
    way([(0, 8), (1, 8), (2, 8), (3, 8)], "<>", highway="tertiary")
    way([(3, 8), (5, 6)], "<>", highway="unclassified", access="destination")
    way([(0, 8), (-2, 6), (0, 3)], "<>", highway="unclassified", maxheight="default", maxweight="none")
    way([(-2, 6), (-2, 9)], "<>", "", highway="residential", tags={"maxwidth": "7'6\""})
    way([(-2, 9), (0, 8)], "<>", "", highway="residential", tags={"maxlength": "12 m"})
    way([(1, 8), (0, 10), (-2, 9)], "<>", "", highway="residential", tags={"maxaxleload": "8"})
    way([(0, 8), (0, 10)], "<>", highway="residential", maxheight="low")
    way([(0, 10), (1, 10)], "", "<>", highway="service", access="no", hgv="yes")
    way([(1, 10), (1, 8)], "<>", highway="residential", maxspeed="DE:zone:30")
    # The island, reached by ferry, and another one, reached by nothing
    way([(4, 0), (5, -4), (4, -8)], "<>", route="ferry", duration="00:40")
    way([(4, -8), (5, -8), (5, -9), (4, -8)], "<>", highway="residential")
    way([(0, 0), (5, -9)], "", route="ferry", motor_vehicle="no")
    way([(20, 20), (20, 22), (21, 22)], "<>", highway="residential")
    way([(21, 22), (20, 20)], ">", highway="residential", oneway="yes")
    # No roads, and what crosses without meeting
    way([(0, 0), (1, 1), (2, 2)], "", highway="footway")
    way([(0, 0), (4, 4)], "", railway="rail")
    way([(4, 4), (0, 0)], "", waterway="river")
    way([(3.5, -1), (3.5, 9)], "<>", highway="primary", bridge="yes")  # meets nothing: above the town
    way([(3.5, 9), (3, 8)], "<>", highway="primary")
    return extract, meaning


def by_pyosmium(path, meaning, lorry):
    """The same roads as a graph of networkx: nodes and ways read by pyosmium, directions read off the map."""
    graph = nx.MultiDiGraph()
    places = {}
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            places[thing.id] = (thing.lat, thing.lon)
        elif thing.is_way():
            refs = [ref.ref for ref in thing.nodes]
            for a, b in pairwise(refs):
                (lat_a, lon_a), (lat_b, lon_b) = (np.radians(places[n]) for n in (a, b))
                half = math.sin((lat_b - lat_a) / 2) ** 2
                half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
                km = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
                if ">" in meaning[thing.id][lorry]:
                    graph.add_edge(a, b, km=km)
                if "<" in meaning[thing.id][lorry]:
                    graph.add_edge(b, a, km=km)
    return graph, places


@pytest.mark.parametrize("vehicle", [VAN, LORRY], ids=["van", "lorry"])
@pytest.mark.parametrize("ending", ["osm.pbf", "osm"])
def test_all_shortest_ways_of_a_town_agree_with_networkx(tmp_path, vehicle, ending):
    """Every pair of nodes, unreachable ones included, against Dijkstra on a graph that pyosmium read."""
    extract, meaning = town()
    path = extract.write(tmp_path / f"town.{ending}")
    graph, places = by_pyosmium(path, meaning, int(vehicle is LORRY))
    network = network_from_file(path, vehicle=vehicle)
    number = {(round(lat * 1e7), round(lon * 1e7)): i for i, (lat, lon) in enumerate(zip(network.lat, network.lon, strict=True))}  # fmt: skip
    ours = matrix(network)
    theirs = np.full_like(ours, np.inf)
    index = {n: number[round(places[n][0] * 1e7), round(places[n][1] * 1e7)] for n in graph}
    for start, reached in nx.all_pairs_dijkstra_path_length(graph, weight="km"):
        for end, length in reached.items():
            theirs[index[start], index[end]] = length

    assert network.nodes == len(graph)
    assert np.array_equal(np.isinf(ours), np.isinf(theirs))
    assert np.isinf(ours).any()
    finite = np.isfinite(ours)
    assert np.abs(ours[finite] - theirs[finite]).max() < 1e-6
    assert network.attribution == ATTRIBUTION


@pytest.mark.parametrize("vehicle", [VAN, LORRY], ids=["van", "lorry"])
def test_osmnx_and_the_extract_give_the_same_network(tmp_path, vehicle):
    """The town once read by osmnx, with the settings of a download, and once by GDAL: the same ways, as long and slow."""
    path = town()[0].write(tmp_path / "town.osm")
    with polite(tmp_path / "cache") as ox:
        graph = ox.graph_from_xml(path, simplify=False, retain_all=True)
    osmnx.save_graphml(graph, tmp_path / "town.graphml")
    ways = []
    for file in (path, tmp_path / "town.graphml"):
        network = network_from_file(file, vehicle=vehicle)
        place = np.round(np.column_stack([network.lat, network.lon]) * 1e6).astype(int)
        tail, flag = np.repeat(np.arange(network.nodes), np.diff(network.start)), network.flags
        ends = map(tuple, np.column_stack([place[tail], place[network.head], flag]).tolist())
        ways.append(dict(zip(ends, zip(network.km, network.hours, strict=True), strict=True)))

    assert ways[0].keys() == ways[1].keys()
    assert [ways[1][way] for way in ways[0]] == [pytest.approx(arc, abs=1e-6) for arc in ways[0].values()]


def test_the_version_names_file_kind_and_vehicle(tmp_path):
    """Another vehicle or another file is another version; the same file under another name is not."""
    extract, _ = town()
    path = extract.write(tmp_path / "town.osm.pbf")
    copy = tmp_path / "copy.osm.pbf"
    copy.write_bytes(path.read_bytes())
    plain, lorry, same = network_from_file(path), network_from_file(path, vehicle=LORRY), network_from_file(copy)
    rails = network_from_file(path, uses="rail")
    extract.way([(9, 9), (9, 11)], highway="primary")

    assert plain.version == same.version
    assert len({plain.version, lorry.version, rails.version}) == 3
    assert lorry.version.endswith("hgv-h4-w40-b2.55-l16.5-a11.5")
    assert network_from_file(extract.write(tmp_path / "new.osm.pbf")).version != plain.version


def test_rails_and_waters_of_the_same_extract(tmp_path):
    """A railway and a river cross the town corner to corner; both ways are open, and speeds are the mode's."""
    extract, _ = town()
    path = extract.write(tmp_path / "town.osm.pbf")
    rail, water = network_from_file(path, uses="rail"), network_from_file(path, uses="water")

    assert km(rail, (0, 0), (4, 4)) == km(rail, (4, 4), (0, 0)) == pytest.approx(along((0, 0), (4, 4)), abs=1e-6)
    assert rail.nodes == 2
    assert rail.hours is None
    assert km(water, (0, 0), (4, 4)) == pytest.approx(along((0, 0), (4, 4)), abs=1e-6)
    assert km(water, (4, -8), (4, 0)) == pytest.approx(along((4, -8), (5, -4), (4, 0)), abs=1e-6)
    assert not water.flags.any()  # on a waterway a ship is no ferry


def test_a_dead_end_of_a_one_way_street_is_no_place_to_snap_to(tmp_path):
    """The motorway leaves the extract: its far end leads nowhere, and nobody may be sent there."""
    extract = Extract()
    extract.way([A, B], highway="primary")
    extract.way([B, (0, 3), (0, 5)], highway="motorway")
    told = []
    network = network_from_file(extract.write(tmp_path / "cut.osm.pbf"), on_progress=told.append)

    assert network.nodes == 2
    assert "left out, on fragments in which one can't get about: 2 nodes" in told
    assert drop_fragments(network) == (network, 0)


def test_thinned_vertices_leave_all_lengths_as_they_are(tmp_path, monkeypatch):
    """A winding road of 300 vertices keeps its ends, its junction and some bends, and its length."""
    extract = Extract()
    bends = [(0.05 * math.sin(i / 3), i / 100) for i in range(301)]
    extract.way(bends, highway="primary")
    extract.way([bends[150], (3, 1.5)], highway="residential")
    path = extract.write(tmp_path / "winding.osm.pbf")
    full = network_from_file(path)
    monkeypatch.setattr("isopt.geo.network_file.KEEP_ALL", 100)
    thin = network_from_file(path)
    ends = bends[0], bends[-1], (3, 1.5), bends[150]

    assert thin.nodes < full.nodes / 2
    for start in ends:
        for end in ends:
            assert km(thin, start, end) == pytest.approx(km(full, start, end), abs=1e-9)
            assert matrix(thin, "hours")[node(thin, start), node(thin, end)] == pytest.approx(
                matrix(full, "hours")[node(full, start), node(full, end)], abs=1e-9
            )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"no protocol buffer " * 50, "damaged or cut off"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path, content, words):
    """A clear sentence and no traceback."""
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(content)

    with pytest.raises(InputError, match=words):
        network_from_file(path)


@pytest.mark.parametrize("order", ["nodes fall", "ways first", "two files in one", "below zero"])
@pytest.mark.parametrize("ending", ["osm.pbf", "osm"])
@pytest.mark.parametrize("count", [50, 9000])
def test_nodes_out_of_order_are_no_reason_to_lose_ways(tmp_path, order, ending, count):
    """Editors and joined files write so, under headers that deny it; GDAL would skip ways without a word."""
    sign, half = -1 if order == "below zero" else 1, count // 2
    nodes = [Node(id=sign * n, location=(8 + n / 100, 53.0), version=1) for n in range(1, count)]
    ways = [Way(id=sign * n, nodes=[sign * n, sign * (n + 1)], tags={"highway": "road"}) for n in range(1, count - 1)]
    parts = {
        "nodes fall": [*reversed(nodes), *ways],
        "ways first": [*ways, *nodes],
        "two files in one": [*nodes[half:], *ways[half:], *nodes[: half + 1], *ways[:half]],
        "below zero": [*nodes, *ways],
    }
    path = tmp_path / f"odd.{ending}"
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for thing in parts[order]:
            (writer.add_way if isinstance(thing, Way) else writer.add_node)(thing)

    told = []
    try:
        network = network_from_file(path)
    except InputError as error:  # GDAL gives up on some, and then says so
        told, network = [str(error)], None

    assert check_whole(path, print) is False
    assert network is None or (network.nodes, network.arcs) == (count - 1, 2 * (count - 2))
    assert network is not None or "sort it first (osmium sort" in told[0]
    assert network is not None or order == "two files in one" or (count > 1000 and ending == "osm.pbf")


def test_nodes_in_order_are_seen_to_be(tmp_path):
    """Over several blocks, with gaps, and numbers beyond 32 bits: the quick index may be used."""
    path = tmp_path / "large.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for n in range(1, 20_000):
            writer.add_node(Node(id=n**2 * 50, location=(8 + n / 1000, 53.0), version=1))
        for n in range(1, 19_999):
            writer.add_way(Way(id=n, nodes=[n**2 * 50, (n + 1) ** 2 * 50], tags={"highway": "road"}))

    assert check_whole(path, print) is True
    assert network_from_file(path).arcs == 2 * 19_998


@pytest.mark.parametrize("ending", ["osm.pbf", "osm"])
def test_an_extract_that_breaks_off_is_refused_and_not_half_read(tmp_path, ending):
    """The last bytes are missing: no network rather than half of one."""
    path = town()[0].write(tmp_path / f"town.{ending}")
    path.write_bytes(path.read_bytes()[:-50])

    with pytest.raises(InputError, match="damaged or cut off"):
        network_from_file(path)


def test_a_damaged_byte_is_noticed(tmp_path):
    """Any one bit that flips in the packed blocks gives an error; GDAL alone would stop without a word."""
    path = town()[0].write(tmp_path / "town.osm.pbf")
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 2, len(content), 97):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="damaged or cut off"):
            network_from_file(path)


def test_an_interrupted_reading_leaves_nothing_behind(tmp_path, monkeypatch):
    """Ctrl-C between two batches: no index on the disk, GDAL's settings as before, and the next try works."""
    path = town()[0].write(tmp_path / "town.osm.pbf")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    before = pyogrio.get_gdal_config_option("CPL_TMPDIR")

    def interrupt(text):
        if "ways read" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network_from_file(path, on_progress=interrupt)

    assert list((tmp_path / "scratch").iterdir()) == []
    assert pyogrio.get_gdal_config_option("CPL_TMPDIR") == before
    assert network_from_file(path).arcs > 0


def test_a_disk_without_room_for_the_index_is_noticed_before(tmp_path, monkeypatch):
    """GDAL would stop in the middle and say nothing."""
    path = town()[0].write(tmp_path / "town.osm.pbf")
    monkeypatch.setattr("isopt.geo.osm_driver._MUCH_BYTES", 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))

    with pytest.raises(InputError, match=r"GB of room in .*, which has 0\.0 GB; set TMPDIR to a larger disk"):
        network_from_file(path)


def test_a_large_file_is_announced(tmp_path, monkeypatch):
    """Before it fills the memory, a note says how much it will need."""
    path = town()[0].write(tmp_path / "town.osm.pbf")
    monkeypatch.setattr("isopt.geo.network_file._MUCH_BYTES", 100)

    assert "town.osm.pbf has 0 MB and needs about 0 GB of memory" in read_network(path).notes[0]


def test_an_extract_without_the_wanted_ways_says_which_it_looked_for(tmp_path, detour):
    """Roads alone hold no canal; and a mix of kinds is no network."""
    with pytest.raises(InputError, match=r"holds no way of the kind water .*canal"):
        detour({}, uses="water")
    with pytest.raises(InputError, match="cross without meeting"):
        detour({}, uses="any")
    with pytest.raises(InputError, match='"raod" is no kind of way; did you mean "road"'):
        detour({}, uses="raod")
    with pytest.raises(InputError, match="no layers"):
        detour({}, layer="lines")


@given(text=st.text(max_size=30) | st.from_regex(r"[0-9.,]{1,9} ?(t|m|'|ft|km/h|mph|:|;|h)?[0-9]{0,3}", fullmatch=True))
def test_whatever_mappers_write_is_a_number_above_nothing_or_none(text):
    """No text breaks the reading, and none gives a limit of zero or less."""
    for read in (speed_kmh, length_m, weight_t, duration_h):
        value = read(plain_word(text))
        assert math.isnan(value) or value > 0
    assert denied(Tags.of({"access": [text]}, 1), ("access",)).shape == (1,)


@given(pairs=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=4))
def test_packed_tags_come_back_as_they_were(pairs):
    """Quotes, backslashes, arrows and commas in keys and values are text."""

    def quoted(word):
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert hstore(",".join(f"{quoted(key)}=>{quoted(value)}" for key, value in pairs.items())) == pairs


def test_a_size_of_a_vehicle_is_a_number_above_nothing():
    """Zero metres of height is a mistake."""
    with pytest.raises(InputError, match="height_m of a vehicle is a number above 0, not 0"):
        Vehicle(height_m=0)
    with pytest.raises(InputError, match="weight_t"):
        Vehicle(weight_t=math.nan)
