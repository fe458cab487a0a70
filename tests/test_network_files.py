"""The user's own networks: graphs of osmnx, lines of any kind, and streets that are downloaded on request."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely
from osm_extract import Extract, at
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from isopt.errors import InputError
from isopt.geo import EARTH_RADIUS_KM, Network, Points, RouteFlag, haversine_km
from isopt.geo.network_file import network_from_file, read_network
from isopt.geo.network_router import NetworkRouter
from isopt.geo.osm_download import download_network, downloaded
from isopt.geo.vehicle import ARTICULATED

METRE = 180 / math.pi / EARTH_RADIUS_KM / 1000
"""Degrees of latitude."""


def km(network, start, end):
    """Shortest kilometres between the nodes nearest to two points (latitude, longitude)."""
    graph = csr_array((network.km, network.head, network.start), shape=(network.nodes,) * 2)
    a, b = (np.argmin(haversine_km(network.lat, network.lon, *point)) for point in (start, end))
    return dijkstra(graph, indices=a)[b]


def length(*points):
    """Kilometres along points (latitude, longitude)."""
    lat, lon = np.transpose(points)
    return haversine_km(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()


@pytest.fixture
def lines(tmp_path):
    """Write lines given as (latitude, longitude) points, with columns; return the path."""

    def make(*shapes, name="lines.gpkg", crs=None, **columns):
        drawn = [shapely.LineString([(lon, lat) for lat, lon in shape]) for shape in shapes]
        frame = gpd.GeoDataFrame(columns, geometry=drawn, crs="EPSG:4326")
        frame = frame.to_crs(crs) if crs else frame
        frame.to_file(tmp_path / name)
        return tmp_path / name

    return make


P, Q, R, S = (53.0, 8.0), (53.0, 8.1), (53.0, 8.2), (53.1, 8.1)


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("lines.gpkg", None),
        ("lines.gpkg", "EPSG:25832"),
        ("lines.geojson", None),
        ("lines.shp", "EPSG:3857"),
        ("lines.fgb", None),
    ],
)
def test_lines_meet_at_shared_vertices_in_any_format_and_system(lines, name, crs):
    """A canal and a branch that begins at one of its inner vertices."""
    network = network_from_file(lines([P, Q, R], [Q, S], name=name, crs=crs), uses="water")

    assert network.nodes == 4
    assert network.arcs == 6
    assert km(network, P, S) == km(network, S, P) == pytest.approx(length(P, Q, S), abs=2e-6)
    assert network.hours is None
    assert network.attribution == ""


@pytest.mark.parametrize(("gap_m", "joined"), [(0.0, True), (0.9, True), (1.2, False)])
def test_an_end_within_a_metre_of_a_vertex_touches_it(lines, gap_m, joined):
    """A branch drawn by hand stops short of the canal's vertex."""
    start = (Q[0] + gap_m * METRE, Q[1])
    network = network_from_file(lines([P, Q, R], [start, S]), uses="any")

    assert km(network, P, S) == pytest.approx(length(P, Q, S) if joined else math.inf, abs=0.002)


@pytest.mark.parametrize(("gap_m", "joined"), [(0.0, True), (0.9, True), (1.2, False)])
@pytest.mark.parametrize("latitude", [0.0, 53.0, 70.0])
def test_an_end_within_a_metre_of_a_line_touches_it_where_there_is_no_vertex(lines, gap_m, joined, latitude):
    """The main is one straight segment north; the branch ends beside its middle, east of it."""
    south, north = (latitude, 8.0), (latitude + 0.02, 8.0)
    beside = (latitude + 0.01, 8.0 + gap_m * METRE / math.cos(math.radians(latitude + 0.01)))
    far = (latitude + 0.01, 8.05)
    network = network_from_file(lines([south, north], [beside, far]), uses="pipe")
    middle = (latitude + 0.01, 8.0)

    assert np.isfinite(km(network, south, far)) == joined
    if joined:
        assert km(network, south, far) == pytest.approx(length(south, middle, far), abs=0.002)
        assert km(network, south, north) == pytest.approx(length(south, north), abs=0.002)


@pytest.mark.parametrize("seed", range(5))
def test_shortest_ways_over_random_lines_agree_with_networkx(tmp_path, seed):
    """Lines wander over a lattice, some one-way, in any order: all pairs, unreachable ones included."""
    rng = np.random.default_rng(seed)
    graph, shapes, oneway = nx.MultiDiGraph(), [], []
    for _ in range(30):
        at_now, walk = rng.integers(0, 6, 2), []
        for _ in range(rng.integers(2, 7)):
            walk.append((53 + round(0.01 * at_now[0], 2), 8 + round(0.01 * at_now[1], 2)))
            at_now = np.clip(at_now + rng.integers(-1, 2, 2), 0, 5)
        if len(set(walk)) < 2:
            continue
        shapes.append(shapely.LineString([(lon, lat) for lat, lon in walk]))
        oneway.append(str(rng.choice(["yes", "-1", "no", ""])))
        for a, b in pairwise(walk):
            if oneway[-1] != "-1":
                graph.add_edge(a, b, km=length(a, b))
            if oneway[-1] != "yes":
                graph.add_edge(b, a, km=length(a, b))
    gpd.GeoDataFrame({"oneway": oneway}, geometry=shapes, crs=4326).to_file(tmp_path / "net.gpkg")
    network = network_from_file(tmp_path / "net.gpkg", uses="any")
    ours = dijkstra(csr_array((network.km, network.head, network.start), shape=(network.nodes,) * 2))
    index = {(round(lat, 6), round(lon, 6)): i for i, (lat, lon) in enumerate(zip(network.lat, network.lon, strict=True))}  # fmt: skip
    theirs = np.full_like(ours, np.inf)
    for start, reached in nx.all_pairs_dijkstra_path_length(graph, weight="km"):
        for end, km_between in reached.items():
            theirs[index[start], index[end]] = km_between

    assert network.nodes == len(graph)
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_lines_that_cross_without_a_vertex_do_not_meet(lines):
    """One may be a bridge."""
    network = network_from_file(lines([(53.0, 8.0), (53.0, 8.2)], [(52.9, 8.1), (53.1, 8.1)]), uses="any")

    assert np.isinf(km(network, (53.0, 8.0), (53.1, 8.1)))


def test_a_line_of_close_vertices_keeps_its_length(lines):
    """A trace with a vertex every 30 cm is not eaten by the tolerance."""
    trace = [(53.0 + 0.3 * i * METRE, 8.0) for i in range(200)]
    network = network_from_file(lines(trace), uses="any")

    assert km(network, trace[0], trace[-1]) == pytest.approx(199 * 0.3e-3, abs=1e-6)


def test_columns_give_direction_length_and_speed(lines):
    """One-way against the line; 20 km at 40 km/h; a limit of 50 km/h of which nine tenths are driven."""
    path = lines(
        [P, Q], [Q, R], [Q, S],
        oneway=["-1", "no", ""], LENGTH_KM=[20.0, None, None], speed_kmh=[40.0, None, None], maxspeed=["", "50", ""],
    )  # fmt: skip
    network = network_from_file(path)

    assert km(network, Q, P) == pytest.approx(20)
    assert np.isinf(km(network, P, Q))
    assert np.nanmax(network.hours) == pytest.approx(20 / 40)
    assert np.nanmin(network.hours) == pytest.approx(length(Q, R) / (0.9 * 50))
    assert np.isnan(network.hours).sum() == 2  # there and back on the line of which nothing is said


def test_a_shapefile_of_roads_knows_from_to_and_both(lines):
    """Extracts as Shapefiles write oneway as F, T and B."""
    network = network_from_file(lines([P, Q], [R, Q], [Q, S], name="roads.shp", oneway=["F", "T", "B"]))

    assert np.isfinite([km(network, P, Q), km(network, Q, R), km(network, Q, S), km(network, S, Q)]).all()
    assert np.isinf([km(network, Q, P), km(network, R, Q)]).all()


def test_an_export_of_openstreetmap_keeps_its_rules(lines):
    """Columns and packed tags are read as in an extract: a footway is no road, a low bridge no way for a lorry."""
    path = lines(
        [P, Q], [Q, R], [Q, S],
        highway=["primary", "footway", "primary"], osm_id=["1", "2", "3"],
        other_tags=['"maxheight"=>"3.2","name"=>"=cmd|\' /C calc\'!A0"', None, '"oneway"=>"yes"'],
    )  # fmt: skip
    any_car, lorry = network_from_file(path), network_from_file(path, vehicle=ARTICULATED)

    assert any_car.arcs == 3
    assert lorry.arcs == 1
    assert "OpenStreetMap" in any_car.attribution
    assert network_from_file(path, uses="any").arcs == 5  # every line, one of them one-way


def test_lists_in_cells_are_stretches_of_one_way(tmp_path):
    """A merged line is as slow and as low as its worst stretch, and shut where one stretch is."""
    properties = [
        {"highway": ["primary", "service"], "maxspeed": ["50", "30"], "maxheight": ["4.5", "3.2"]},
        {"highway": ["primary"], "access": ["yes", "private"]},
    ]
    path = tmp_path / "merged.geojson"
    line = {"type": "LineString", "coordinates": [P[::-1], Q[::-1]]}
    features = [{"type": "Feature", "properties": words, "geometry": line} for words in properties]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    network = network_from_file(path)

    assert network.hours == pytest.approx([length(P, Q) / (0.9 * 30)] * 2)
    with pytest.raises(InputError, match="no way that is open to the vehicle"):
        network_from_file(path, vehicle=ARTICULATED)


def test_a_graph_of_all_paths_gives_its_roads(tmp_path):
    """A footway is an edge of the graph and no road."""
    graph, _ = street_graph()
    graph.add_edge(ord("R"), ord("S"), 0, length=20_000.0, highway="footway")
    path = tmp_path / "all.graphml"
    osmnx.save_graphml(graph, path)

    assert np.isinf(km(network_from_file(path), R, S))
    assert km(network_from_file(path, uses="any"), R, S) == pytest.approx(20)


def test_a_file_with_several_layers_asks_which(tmp_path, lines):
    """The layer is named, and a misspelt one gets a hint."""
    path = lines([P, Q])
    gpd.GeoDataFrame(geometry=[shapely.LineString([R[::-1], S[::-1]])], crs=4326).to_file(path, layer="mains")

    with pytest.raises(InputError, match='several layers with lines; say which: "lines", "mains"'):
        network_from_file(path)
    with pytest.raises(InputError, match='no layer "main"; did you mean "mains"'):
        network_from_file(path, layer="main")
    assert km(network_from_file(path, layer="mains"), R, S) == pytest.approx(length(R, S))


def test_what_is_no_line_is_left_out_and_counted(tmp_path):
    """A point among lines is noted; points alone are an error."""
    mixed = gpd.GeoDataFrame(geometry=[shapely.LineString([P[::-1], Q[::-1]]), shapely.Point(P[::-1])], crs=4326)
    mixed.to_file(tmp_path / "mixed.geojson")
    mixed.iloc[1:].to_file(tmp_path / "points.gpkg")

    assert read_network(tmp_path / "mixed.geojson").notes == (
        "left out, for they are no lines: 1 features of mixed.geojson",
    )
    with pytest.raises(InputError, match="holds no lines, but Point"):
        network_from_file(tmp_path / "points.gpkg")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"speed_kmh": ["fast"]}, 'speed_kmh "fast" is no number it can be'),
        ({"speed_kmh": [0.0]}, "speed_kmh"),
        ({"length_km": [-1.0]}, "length_km"),
        ({"highway": ["footway"]}, "holds no way of the kind road .*highway = motorway;"),
    ],
)
def test_a_column_that_makes_no_sense_is_refused(lines, columns, words):
    """The message names the column, the value and how many there are."""
    with pytest.raises(InputError, match=words):
        network_from_file(lines([P, Q], **columns))


def test_a_shapefile_without_its_system_is_refused(lines):
    """Without a .prj nobody knows where the numbers lie."""
    path = lines([P, Q], name="roads.shp", crs="EPSG:25832")
    path.with_suffix(".prj").unlink()

    with pytest.raises(InputError, match=r"no coordinate reference system.*roads\.prj"):
        network_from_file(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_geopackage_without_a_system_is_refused(tmp_path):
    """A plan of a site in metres of its own lies nowhere on the globe."""
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (100, 0)])])
    frame.to_file(tmp_path / "plan.gpkg")

    with pytest.raises(InputError, match="coordinate reference system"):
        network_from_file(tmp_path / "plan.gpkg")


def test_lines_without_points_are_no_lines(tmp_path):
    """Empty geometries alone."""
    gpd.GeoDataFrame(geometry=[shapely.LineString(), None], crs=4326).to_file(tmp_path / "empty.gpkg")

    with pytest.raises(InputError, match="holds no lines"):
        network_from_file(tmp_path / "empty.gpkg")


def test_a_line_across_the_antimeridian_touches_nobody_on_the_way(lines):
    """A cable from 179.9 E to 179.9 W passes no harbour in Europe on the same latitude."""
    network = network_from_file(lines([(53.0, 179.9), (53.0, -179.9)], [(53.0, 8.0), (53.1, 8.0)]), uses="any")

    assert km(network, (53.0, 179.9), (53.0, -179.9)) == pytest.approx(length((53.0, 0.0), (53.0, 0.2)))
    assert np.isinf(km(network, (53.0, 179.9), (53.1, 8.0)))


def test_a_system_that_was_set_wrongly_is_refused(tmp_path):
    """Metres that are declared to be degrees."""
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString([(450_000, 5_900_000), (451_000, 5_900_000)])], crs=4326)
    frame.to_file(tmp_path / "metres.gpkg")

    with pytest.raises(InputError, match="no degrees on the globe"):
        network_from_file(tmp_path / "metres.gpkg")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("roads.gpkg", b"no database", "can't be read"),
        ("roads.geojson", b"{", "can't be read"),
        ("roads.geojson", b"", "is empty"),
        ("roads.csv", b"a,b\n", "no network that can be read"),
        ("roads.osm.bz2", b"BZh9", "unpack it first"),
        ("roads.graphml", b"<graphml", "is no GraphML"),
        ("roads.graphml", b"<html></html>", "is no GraphML"),
        ("roads.graphml", b"\xff\xfe", "not UTF-8"),
        ("roads.graphml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><graphml/>', "entities"),
    ],
)
def test_a_file_that_is_no_network_is_refused_with_a_reason(tmp_path, name, content, words):
    """Damaged, empty, packed, dangerous or simply something else."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InputError, match=words):
        network_from_file(path)


def test_a_file_that_is_not_there_gets_a_hint(lines, tmp_path):
    """A misspelt name is answered with the one beside it; a folder is none."""
    lines([P, Q], name="roads.gpkg")

    with pytest.raises(InputError, match=r'is not there; did you mean "roads\.gpkg"'):
        network_from_file(tmp_path / "roadz.gpkg")
    with pytest.raises(InputError, match="is a folder"):
        network_from_file(tmp_path)


def street_graph():
    """What osmnx returns: P to Q both ways with a bend, Q to R one way, Q to S under a low bridge."""
    graph = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx")
    for name, (lat, lon) in zip("PQRS", (P, Q, R, S), strict=True):
        graph.add_node(ord(name), y=lat, x=lon, street_count=2)
    bend = (53.02, 8.05)
    there = shapely.LineString([P[::-1], bend[::-1], Q[::-1]])
    metres = 1000 * length(P, bend, Q)
    common = {"highway": "primary", "maxspeed": "50", "osmid": 1}
    graph.add_edge(ord("P"), ord("Q"), 0, length=metres, geometry=there, oneway=False, reversed=False, **common)
    graph.add_edge(
        ord("Q"), ord("P"), 0, length=metres, geometry=there.reverse(), oneway=False, reversed=True, **common
    )
    graph.add_edge(ord("Q"), ord("R"), 0, length=1000 * length(Q, R), oneway=True, highway="residential", osmid=2)
    for a, b in ("QS", "SQ"):
        graph.add_edge(
            ord(a), ord(b), 0, length=1000 * length(Q, S), oneway=False, highway=["primary", "service"],
            maxheight=["3.2", "4.5"], osmid=[3, 4],
        )  # fmt: skip
    return graph, bend


@pytest.mark.parametrize("ending", ["graphml", "gpkg"])
@pytest.mark.parametrize("directed", [True, False])
def test_a_graph_of_osmnx_is_read_from_both_of_its_formats(tmp_path, ending, directed):
    """Lengths, one-way streets, bends as nodes and limits of several stretches are as in the graph."""
    graph, bend = street_graph()
    path = tmp_path / f"streets.{ending}"
    if ending == "graphml":
        osmnx.save_graphml(graph, path)
    else:
        osmnx.save_graph_geopackage(graph, path, directed=directed)
    network, lorry = network_from_file(path), network_from_file(path, vehicle=ARTICULATED)

    assert network.nodes == 5
    assert km(network, P, R) == pytest.approx(length(P, bend, Q, R), abs=1e-6)
    assert km(network, bend, P) == pytest.approx(length(bend, P), abs=1e-6)
    assert np.isinf(km(network, R, Q))
    assert km(network, S, P) == pytest.approx(length(S, Q, bend, P), abs=1e-6)
    assert lorry.nodes == 4  # nobody gets to S
    assert np.nanmin(network.hours) == pytest.approx(min(length(P, bend), length(bend, Q)) / 45, rel=1e-6)
    assert "OpenStreetMap" in network.attribution


def test_a_ferry_in_pieces_takes_its_time_once(tmp_path):
    """40 minutes from P over Q to R, whose edges are pieces of one way; the street goes on at its own speed."""
    graph, _ = street_graph()
    graph.remove_edges_from(list(graph.edges(keys=True)))
    ferry = {"route": "ferry", "duration": "00:40", "osmid": 9, "oneway": False}
    for a, b, start, end in (("P", "Q", P, Q), ("Q", "R", Q, R)):
        for tail, head in ((a, b), (b, a)):
            graph.add_edge(ord(tail), ord(head), 0, length=1000 * length(start, end), **ferry)
    graph.add_edge(ord("R"), ord("S"), 0, length=1000 * length(R, S), highway="primary", osmid=10)
    path = tmp_path / "ferry.graphml"
    osmnx.save_graphml(graph, path)
    network = network_from_file(path)
    timed = dijkstra(csr_array((network.hours, network.head, network.start), shape=(network.nodes,) * 2))
    p, r, s = (np.argmin(haversine_km(network.lat, network.lon, *point)) for point in (P, R, S))

    assert timed[p, r] == timed[r, p] == pytest.approx(2 / 3)
    assert timed[r, s] == pytest.approx(length(R, S) / 65)
    assert (network.flags == RouteFlag.FERRY).sum() == 4


def test_a_projected_graph_comes_back_to_degrees(tmp_path):
    """Coordinates in metres of UTM, as after osmnx.project_graph."""
    graph, bend = street_graph()
    path = tmp_path / "utm.graphml"
    osmnx.save_graphml(osmnx.project_graph(graph, to_crs="EPSG:25832"), path)

    assert km(network_from_file(path), P, R) == pytest.approx(length(P, bend, Q, R), abs=1e-6)


def plain_graph(tmp_path, graph, name="plain.graphml"):
    """Write a graph of networkx."""
    nx.write_graphml(graph, tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize(("y", "x"), [("y", "x"), ("lat", "lon"), ("latitude", "longitude")])
def test_a_plain_graph_of_networkx_needs_coordinates_only(tmp_path, y, x):
    """Undirected edges go both ways; without a length it is the straight line, and names may be anything."""
    graph = nx.Graph()
    graph.add_node("<script>", **{y: P[0], x: P[1]})
    graph.add_node("../q", **{y: Q[0], x: Q[1]})
    graph.add_node("=cmd", **{y: R[0], x: R[1]})
    graph.add_edge("<script>", "../q", length=8000.0)
    graph.add_edge("../q", "=cmd")
    network = network_from_file(plain_graph(tmp_path, graph))

    assert km(network, P, R) == km(network, R, P) == pytest.approx(8 + length(Q, R))
    assert network.attribution == ""


@pytest.mark.parametrize(
    ("node", "edge", "words"),
    [
        ({}, {}, "nodes have no coordinates"),
        ({"x": 8.0}, {}, "has no coordinates"),
        ({"x": 8.0, "y": "north"}, {}, 'y "north" is not a number'),
        ({"x": 450_000.0, "y": 5_900_000.0}, {}, "no degrees on the globe"),
        ({"x": 8.0, "y": 53.0}, {"length": 1.0}, "length has to be in metres"),
        ({"x": 8.0, "y": 53.0}, {"length": -5.0}, "length below 0"),
        ({"x": 8.0, "y": 53.0}, {"geometry": "LINESTRING (8 53"}, "is no line as WKT"),
    ],
)
def test_a_graph_that_lacks_something_is_refused(tmp_path, node, edge, words):
    """Two nodes a degree apart and an edge."""
    graph = nx.Graph()
    graph.add_node("a", **node)
    graph.add_node("b", **({**node, "x": node["x"] + 1} if "x" in node else node))
    graph.add_edge("a", "b", **edge)

    with pytest.raises(InputError, match=words):
        network_from_file(plain_graph(tmp_path, graph))


def test_a_graph_without_edges_is_no_network(tmp_path):
    """Nodes alone lead nowhere."""
    graph = nx.Graph()
    graph.add_node("a", x=8.0, y=53.0)

    with pytest.raises(InputError, match="holds no edges"):
        network_from_file(plain_graph(tmp_path, graph))


def test_the_router_measures_over_an_own_network(tmp_path):
    """A lorry has to take the way round that a car needn't, from door to door."""
    extract = Extract()
    extract.way([(0, 0), (0, 8)], highway="primary", maxheight="3.2")
    extract.way([(0, 0), (8, 0), (8, 8), (0, 8)], highway="primary")
    path = extract.write(tmp_path / "town.osm.pbf")
    start, end = Points.of(*[[x] for x in at(0, 0)]), Points.of(*[[x] for x in at(0, 8)])
    car = NetworkRouter(network_from_file(path), entries=1).routes(start, end)
    lorry = NetworkRouter(network_from_file(path, vehicle=ARTICULATED), entries=1).routes(start, end)

    assert car.distance_km[0] == pytest.approx(length(at(0, 0), at(0, 8)), abs=1e-6)
    assert lorry.distance_km[0] == pytest.approx(length(at(0, 0), at(8, 0), at(8, 8), at(0, 8)), abs=1e-6)
    assert lorry.hours[0] == pytest.approx(lorry.distance_km[0] / (0.9 * 65))


def test_of_parallel_arcs_the_shortest_stays():
    """Against a plain search, on small graphs full of loops and parallel arcs; order and attributes go along."""
    rng = np.random.default_rng(7)
    for _ in range(100):
        nodes, arcs = rng.integers(1, 8), rng.integers(0, 60)
        tail, head = rng.integers(0, nodes, (2, arcs))
        km, flags, hours = rng.integers(0, 4, arcs).astype(float), rng.integers(0, 3, arcs), rng.random(arcs)
        best = {}
        for a, b, *rest in zip(tail, head, km, flags, hours, strict=True):
            if a != b:
                best[a, b] = min(best.get((a, b), (9, 9, 9)), tuple(rest), key=lambda arc: arc[:2])
        network = Network.of_arcs(
            np.zeros(nodes), np.zeros(nodes), tail, head, km, name="n", version="1", hours=hours, flags=flags
        )
        start = np.repeat(np.arange(nodes), np.diff(network.start))
        found = zip(start, network.head, network.km, network.flags, network.hours, strict=True)

        assert {(a, b): tuple(rest) for a, b, *rest in found} == best
        assert np.all(np.diff(start * nodes + network.head) > 0)


@pytest.fixture
def overpass(monkeypatch):
    """Answer for OpenStreetMap with the small street graph, and note what was asked."""
    asked = []

    def answer(where, **options):
        asked.append((where, options, osmnx.settings.http_user_agent, tuple(osmnx.settings.useful_tags_way)))
        return street_graph()[0]

    monkeypatch.setattr(osmnx, "graph_from_place", answer)
    monkeypatch.setattr(osmnx, "graph_from_bbox", answer)
    return asked


def test_streets_are_downloaded_once_and_only_when_allowed(tmp_path, overpass):
    """Without permission a sentence; with it a file and its provenance; the second time nobody is asked."""
    with pytest.raises(InputError, match=r'streets of "Kalundborg, Denmark" are not in .*online=True'):
        download_network("Kalundborg, Denmark", folder=tmp_path)
    assert overpass == []
    before = osmnx.settings.http_user_agent
    told = []
    path = download_network("Kalundborg, Denmark", online=True, folder=tmp_path, on_progress=told.append)
    again = download_network(" Kalundborg,  Denmark", online=True, folder=tmp_path)
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))

    assert path == again == downloaded("Kalundborg, Denmark", tmp_path)
    assert len(overpass) == 1
    where, options, agent, tags = overpass[0]
    assert (where, options["simplify"]) == ("Kalundborg, Denmark", False)
    assert agent.startswith("isopt/")
    assert {"maxheight", "hgv", "maxweight:hgv", "duration"} <= set(tags)
    streets, ferries = options["custom_filter"]
    assert streets.startswith('["highway"~"^(motorway|motorway_link|trunk|')
    assert "service" not in streets
    assert ferries == '["route"~"^(ferry|shuttle_train)$"]["area"!~"yes"]'
    assert osmnx.settings.http_user_agent == before
    assert said["query"] == "Kalundborg, Denmark"
    assert said["attribution"] == "© OpenStreetMap contributors, ODbL"
    assert (said["nodes"], said["edges"], said["osmnx"]) == (4, 5, osmnx.__version__)
    assert network_from_file(path).version.startswith(said["sha256"][:12])
    assert sorted(entry.name for entry in path.parent.iterdir()) == sorted([path.name, path.with_suffix(".json").name])
    assert len(told) == 2


def test_a_box_is_asked_for_in_the_order_that_osmnx_wants(tmp_path, overpass):
    """South, west, north, east here; west, south, east, north there."""
    download_network((52.9, 8.0, 53.1, 8.3), online=True, folder=tmp_path, network_type="drive_service")
    download_network((52.9, 8.0, 53.1, 8.3), online=True, folder=tmp_path, network_type="all")

    assert [where for where, _, _, _ in overpass] == [(8.0, 52.9, 8.3, 53.1)] * 2
    assert "|service|" in overpass[0][1]["custom_filter"][0]
    assert overpass[1][1]["network_type"] == "all"


@pytest.mark.parametrize(
    ("where", "options", "words"),
    [
        ("  ", {}, "needs a name"),
        ((53.1, 8.0, 52.9, 8.3), {}, "south, west, north, east"),
        ((0.0, 0.0, 500.0, 1.0), {}, "south, west, north, east"),
        ("Humber", {"network_type": "lorry"}, '"lorry" is no kind of network'),
    ],
)
def test_a_question_that_makes_no_sense_is_not_asked(tmp_path, overpass, where, options, words):
    """Nobody is bothered with it."""
    with pytest.raises(InputError, match=words):
        download_network(where, online=True, folder=tmp_path, **options)
    assert overpass == []


@pytest.mark.parametrize("error", [ValueError("no data"), TypeError("no polygon"), ConnectionError("no network")])
def test_a_service_that_does_not_answer_is_an_error_in_words(tmp_path, monkeypatch, error):
    """No half file is left, and hostile names go nowhere but the name of a file."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(osmnx, "graph_from_place", fail)
    with pytest.raises(InputError, match=r'OpenStreetMap gives no streets of "\.\./\.\./<b>": no'):
        download_network("../../<b>", online=True, folder=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
