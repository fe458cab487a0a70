"""Shortest ways over networks, held against networkx, and what the router makes of them."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopt.errors import InputError
from isopt.geo import Network, PathRouter, Points, RouteFlag, haversine_km
from isopt.geo.labels import nearest_labels
from isopt.geo.nearness import k_nearest
from isopt.geo.network_router import NetworkRouter
from isopt.geo.shortest import pair_paths, pair_ways, within_labels
from isopt.geo.snapping import Ends


@st.composite
def graphs(draw):
    """Up to a dozen nodes in several pieces, one-way, parallel and zero-length arcs, loops; flags on the arcs."""
    nodes = draw(st.integers(1, 12))
    ends = st.integers(0, nodes - 1)
    length = st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.25])
    arcs = draw(st.lists(st.tuples(ends, ends, length, st.integers(0, 7)), max_size=40))
    points = st.lists(ends, min_size=1, max_size=6)
    return nodes, arcs, np.array(draw(points)), np.array(draw(points))


def network_of(nodes, arcs):
    tail, head, km, flags = (np.array(part) for part in zip(*arcs, strict=True)) if arcs else np.zeros((4, 0))
    lon = np.arange(nodes) / 100
    return Network.of_arcs(
        np.zeros(nodes), lon, tail, head, km, hours=np.asarray(km) / 50, flags=flags, name="drawn", version="1"
    )


def distances_by_networkx(nodes, arcs):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from([arc[:3] for arc in arcs])
    km = np.full((nodes, nodes), np.inf)
    for node, reached in nx.all_pairs_dijkstra_path_length(graph):
        for other, length in reached.items():
            km[node, other] = length
    return km


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_pairs_agree_with_networkx(drawn):
    """Every pair, reachable or not, is as far apart as networkx says; hours grow with kilometres; paths add up."""
    nodes, arcs, sources, sinks = drawn
    network, km = network_of(nodes, arcs), distances_by_networkx(nodes, arcs)
    a, b = (part.ravel() for part in np.indices((len(sources), len(sinks))))

    ways = pair_ways(network, Ends.at(sources), Ends.at(sinks), a, b)
    paths = pair_paths(network, Ends.at(sources), Ends.at(sinks), a, b)

    expected = km[sources[a], sinks[b]]
    assert ways.km == pytest.approx(expected, abs=1e-6)
    reached = np.isfinite(expected)
    assert ways.hours[reached] == pytest.approx(expected[reached] / 50)
    for start, end, length, path in zip(sources[a], sinks[b], expected, paths, strict=True):
        if np.isinf(length):
            assert len(path) == 0
            continue
        assert (path[0], path[-1]) == (start, end)
        assert sum(km[u, v] for u, v in pairwise(path)) == pytest.approx(length)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(1, 7), st.sampled_from([1.0, 3.0, np.inf]))
def test_nearest_sinks_are_those_of_networkx(drawn, k, radius):
    """The k nearest within a radius, ties by index, sinks on one node each for itself; all within a radius likewise."""
    nodes, arcs, sources, sinks = drawn
    network, km = network_of(nodes, arcs), distances_by_networkx(nodes, arcs)

    labels = nearest_labels(network, Ends.at(sources), Ends.at(sinks), k, radius_km=radius)
    within = within_labels(network, Ends.at(sources), Ends.at(sinks), np.full(len(sources), radius))

    for source, node in enumerate(sources):
        away = km[node, sinks]
        order = [i for i in np.lexsort((np.arange(len(sinks)), away)) if away[i] <= radius and np.isfinite(away[i])]
        mine = labels.source == source
        assert labels.sink[mine].tolist() == order[:k]
        assert labels.km[mine] == pytest.approx(away[order[:k]], abs=1e-6)
        assert sorted(within.sink[within.source == source]) == sorted(order)


def test_a_limit_leaves_out_what_is_longer():
    """Three places in a row, 1 km and 2 km apart: within 2.5 km the third is out of reach of the first."""
    network = network_of(3, [(0, 1, 1.0, 0), (1, 2, 2.0, 0)])
    ends = Ends.at(np.arange(3))

    ways = pair_ways(network, ends, ends, np.array([0, 0]), np.array([1, 2]), limit_km=2.5)

    assert ways.km.tolist() == [1.0, np.inf]


def test_progress_is_told_and_an_interruption_comes_through():
    """The callback hears of the whole work, and what it raises (Ctrl-C does) ends the search."""
    network = network_of(3, [(0, 1, 1.0, 0), (1, 2, 2.0, 0)])
    ends, heard = Ends.at(np.arange(3)), []
    pair_ways(network, ends, ends, np.array([0, 1]), np.array([2, 2]), progress=heard.append)
    assert heard[-1] == 1.0

    def stop(_share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pair_ways(network, ends, ends, np.array([0, 1]), np.array([2, 2]), progress=stop)


def countryside(seed, *, one_way, near_km, blend_km):
    """150 villages, each with roads to its neighbours that are up to 1.6 times as long as the straight line."""
    rng = np.random.default_rng(seed)
    lat, lon = 50 + rng.uniform(0, 2, 150), rng.uniform(0, 3, 150)
    near = np.argsort((lat[:, None] - lat) ** 2 + ((lon[:, None] - lon) * 0.64) ** 2, axis=1)[:, 1:4]
    tail, head = np.repeat(np.arange(150), 3), near.ravel()
    km = haversine_km(lat[tail], lon[tail], lat[head], lon[head]) * rng.uniform(1, 1.6, 450)
    if not one_way:
        tail, head, km = np.append(tail, head), np.append(head, tail), np.tile(km, 2)
    network = Network.of_arcs(lat, lon, tail, head, km, hours=km / 60, name="country", version="1")
    router = NetworkRouter(network, near_km=near_km, blend_km=blend_km, max_access_km=20)
    sources = Points.of(50 + rng.uniform(0, 2.2, 40), rng.uniform(0, 3.2, 40))
    sinks = Points.of(
        np.concatenate([50 + rng.uniform(0, 2.2, 30), sources.lat[:3], [np.nan]]),
        np.concatenate([rng.uniform(0, 3.2, 30), sources.lon[:3], [1.0]]),
    )
    return router, sources, sinks


@pytest.mark.parametrize("one_way", [False, True])
@pytest.mark.parametrize(("near_km", "blend_km"), [(0, 0), (25, 30), (25, 25)])
@pytest.mark.parametrize(("k", "radius"), [(1, None), (5, None), (5, 40.0), (None, 60.0), (40, None)])
def test_nearest_and_routes_say_the_same(one_way, near_km, blend_km, k, radius):
    """The nearest sinks are the first of a full table of routes, with the same kilometres, hours and flags."""
    router, sources, sinks = countryside(7, one_way=one_way, near_km=near_km, blend_km=blend_km)
    a, b = (part.ravel() for part in np.indices((sources.count, sinks.count)))
    routes = router.routes(sources.take(a), sinks.take(b))
    km, hours, flags = (part.reshape(sources.count, -1) for part in (routes.distance_km, routes.hours, routes.flags))

    found = router.nearest(sources, sinks, k=k, radius_km=radius)

    for source in range(sources.count):
        away = np.where(np.isnan(km[source]), np.inf, km[source])
        order = np.lexsort((np.arange(len(away)), away))
        order = order[np.isfinite(away[order]) & (away[order] <= (radius or np.inf))][:k]
        mine = found.source == source
        assert found.routes.distance_km[mine] == pytest.approx(away[order], rel=1e-9)
        assert found.routes.distance_km[mine] == pytest.approx(km[source][found.sink[mine]], rel=1e-9)
        assert found.routes.hours[mine] == pytest.approx(hours[source][found.sink[mine]], rel=1e-9, nan_ok=True)
        assert found.routes.flags[mine].tolist() == flags[source][found.sink[mine]].tolist()


def test_no_way_is_shorter_than_the_circle_and_one_place_is_no_way_at_all():
    """Identical coordinates are 0 km apart, unknown ones NaN, and drawn ways exist where distances do."""
    router, sources, sinks = countryside(3, one_way=False, near_km=25, blend_km=30)
    a, b = (part.ravel() for part in np.indices((sources.count, sinks.count)))
    start, end = sources.take(a), sinks.take(b)

    routes = router.routes(start, end)

    circle = haversine_km(start.lat, start.lon, end.lat, end.lon)
    assert not (routes.distance_km < circle).any()
    assert (routes.distance_km[circle == 0] == 0).all()
    assert (circle == 0).sum() == 3
    assert (np.isnan(routes.distance_km) == np.isnan(circle)).all()
    paths = router.paths(start, end)
    assert [len(path) > 0 for path in paths] == np.isfinite(routes.distance_km).tolist()
    assert router.paths(start.take(np.array([5])), end.take(np.array([5])))[0] is paths[5]


def line(**parameters):
    """A road of 300 km along the equator, a node each 10 km, winding so much that it measures 1.2 km per km."""
    lon = np.arange(31) * 10 / 111.195
    tail = np.append(np.arange(30), np.arange(1, 31))
    head = np.append(np.arange(1, 31), np.arange(30))
    network = Network.of_arcs(np.zeros(31), lon, tail, head, np.full(60, 12.0), name="line", version="7")
    return NetworkRouter(network, **parameters)


def test_near_and_far_distance_meet_without_a_jump():
    """From 24 to 31 km apart, in steps of 10 m, no step adds more than 100 m: 25 km x 1.35 passes into the road's."""
    router = line(near_km=25, blend_km=30)
    away = np.arange(24, 31, 0.01)
    start = Points.of(np.zeros(len(away)), np.full(len(away), 20 / 111.195))
    end = Points.of(np.zeros(len(away)), (20 + away) / 111.195)

    routes = router.routes(start, end)

    assert np.abs(np.diff(routes.distance_km)).max() < 0.1
    assert routes.distance_km[0] == pytest.approx(24 * 1.35, rel=1e-3)
    assert ((routes.flags & RouteFlag.NEAR) > 0).tolist() == (away < 30).tolist()


def test_access_is_straight_times_detour_and_flagged_when_far():
    """15 km north of the first node to the one 100 km on: 15 x 1.35 + 120; 60 km north there is no way."""
    router = line(entries=1)
    start = Points.of([15 / 111.195, 60 / 111.195], [0.0, 0.0])
    end = Points.of([0.0, 0.0], [100 / 111.195] * 2)

    routes = router.routes(start, end)

    assert routes.distance_km == pytest.approx([15 * 1.35 + 120, np.inf], rel=1e-3)
    assert routes.flags.tolist() == [RouteFlag.FAR, RouteFlag.NO_WAY]
    index, away = router.unreached(start)
    assert index.tolist() == [1]
    assert away == pytest.approx([60], rel=1e-3)


def test_versions_differ_where_answers_may():
    """Equal parameters give equal versions, another detour another one; the network's version is part of it."""
    assert line().version == line().version
    assert line().version != line(detour=1.2).version
    assert line().version.startswith("7 ")
    assert isinstance(line(), PathRouter)


@pytest.mark.parametrize(
    "wrong",
    [{"detour": 0.9}, {"near_km": 30, "blend_km": 25}, {"max_access_km": -1}, {"entries": 0}, {"detour": np.nan}],
)
def test_a_router_refuses_what_makes_no_sense(wrong):
    """The message names the parameter."""
    with pytest.raises(InputError, match=next(iter(wrong)) if len(wrong) == 1 else "blend_km"):
        line(**wrong)


def test_ties_in_nearness_go_by_index_and_brute_force_agrees():
    """The k nearest by great circle are those of a full table, in blocks or not, points without coordinates left out."""
    rng = np.random.default_rng(5)
    a = Points.of(rng.uniform(-90, 90, 300), rng.uniform(-180, 180, 300))
    b = Points.of(np.append(rng.uniform(-90, 90, 80), np.nan), np.append(rng.uniform(-180, 180, 80), 0.0))
    table = haversine_km(a.lat[:, None], a.lon[:, None], b.lat[None, :80], b.lon[None, :80])

    first, second, km = k_nearest(a, b, 7)

    assert first.tolist() == np.repeat(np.arange(300), 7).tolist()
    assert km == pytest.approx(np.sort(table, axis=1)[:, :7].ravel(), rel=1e-6)
    assert km == pytest.approx(table[first, second])
    within = k_nearest(a, b, 80, radius_km=2000.0)
    assert len(within[0]) == (table <= 2000.0).sum()


@pytest.mark.parametrize("nodes", [0, 2])
def test_nothing_asked_or_nothing_there_is_no_error(nodes):
    """No points, points without coordinates, a network without arcs or nodes: empty answers, NaN, no way, 0 to itself."""
    none = np.zeros(0, np.int64)
    bare = Network.of_arcs(np.zeros(nodes), np.arange(nodes) / 1.0, none, none, np.zeros(0), name="bare", version="0")
    router = NetworkRouter(bare)
    empty, lost, here = Points.of([], []), Points.of([np.nan], [np.nan]), Points.of([55.9], [-4.3])

    assert router.routes(empty, empty).distance_km.size == 0
    assert np.isnan(router.routes(lost, here).distance_km).all()
    assert router.routes(here, Points.of([55.9], [-4.2])).flags.tolist() == [RouteFlag.NO_WAY]
    assert router.routes(here, here).distance_km.tolist() == [0]
    assert router.nearest(here, here, k=2).routes.distance_km.tolist() == [0]
    assert router.nearest(here, here, radius_km=0.0).sink.tolist() == [0]
    for sources, sinks in ((empty, here), (here, empty), (lost, here), (here, lost)):
        assert router.nearest(sources, sinks, k=3).source.size == 0
        assert router.nearest(sources, sinks, radius_km=9.0).source.size == 0
    assert router.paths(empty, empty) == []
    assert [len(path) for path in router.paths(lost, here)] == [0]
