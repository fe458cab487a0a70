"""The benchmarks measure the same model three times, and say so in one file."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.__main__ import main
from benchmarks.measure import measure
from benchmarks.phases import CONTENDERS, PHASES
from benchmarks.plain import Facts, assemble, facts_of
from benchmarks.regions import region, sources_for
from benchmarks.table import TOGETHER, ratios, text
from isopt.formulation import build
from isopt.network import instance_of
from isopt.solver.compile import standard_form


@pytest.fixture(scope="module")
def instance():
    """A region of forty sources and two candidate plants."""
    return instance_of(region(40, seed=1))


def test_the_floor_is_the_same_matrix_entry_by_entry(instance):
    """What NumPy assembles from the facts is isopt's standard form: rows, columns, bounds, cost and whole numbers."""
    ours, floor = standard_form(build(instance)), assemble(facts_of(instance))
    matrix = sp.csc_array((floor.value, floor.index, floor.start), shape=ours.shape)

    assert abs(matrix - ours.matrix).max() == 0
    assert ours.offset == 0
    np.testing.assert_array_equal(floor.integer, ours.integer)
    np.testing.assert_allclose(floor.cost, ours.cost, rtol=1e-12)
    for mine, theirs in (
        (ours.col_lower, floor.lower),
        (ours.col_upper, floor.upper),
        (ours.row_lower, floor.row_lower),
        (ours.row_upper, floor.row_upper),
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_the_region_holds_every_kind_of_decision(instance):
    """Direct links, links into and out of candidate plants, set-up, lots, own disposal and purchase."""
    facts = facts_of(instance)
    streams, demands = len(facts.supply), len(facts.need)

    assert ((facts.link_from < streams) & (facts.link_to < demands)).any()
    assert (facts.link_to >= demands).any()
    assert (facts.link_from >= streams).any()
    assert (facts.setup_eur == 5400).all()
    assert (facts.lot == 45).all()
    assert (facts.stream_eur > 40).all()  # the landfill tax is in it


def test_a_seed_gives_the_same_region_again():
    """Two regions of one seed are equal, those of two seeds are not."""
    first, again, other = (region(12, seed).tables["streams"] for seed in (3, 3, 4))

    assert first.equals(again)
    assert not first.equals(other)


def test_facts_survive_the_file(instance, tmp_path):
    """Contenders that know no scenario read the facts from a file."""
    facts = facts_of(instance)
    facts.save(tmp_path / "facts.npz")
    again = Facts.load(tmp_path / "facts.npz")

    for name in vars(facts):
        np.testing.assert_array_equal(getattr(facts, name), getattr(again, name))


def test_size_means_links_of_the_model():
    """A thousand links asked for are a thousand found, give or take a tenth."""
    found = instance_of(region(sources_for(1000))).links.count

    assert 900 <= found <= 1100


def test_a_measurement_counts_the_work_and_its_memory():
    """Twenty megabytes held are twenty megabytes seen; the quickest of the repetitions counts."""
    held, cost = measure(lambda: np.ones(20 * 2**20 // 8), repeat=2)

    assert len(held) == 20 * 2**20 // 8
    assert cost.peak_mb >= 19
    assert 0 <= cost.cpu_s <= cost.wall_s + 1


def test_the_table_sets_isopt_against_the_others():
    """Building and handing over together: 3 + 1 seconds against 1 + 1 are twice as much."""
    seconds = {("isopt", "build"): 3, ("isopt", "hand_over"): 1, ("numpy", "build"): 1, ("numpy", "hand_over"): 1}
    rows = [
        {"size": 5, "links": 5, "contender": c, "phase": p, "cpu_s": s, "peak_mb": 2} for (c, p), s in seconds.items()
    ]
    together = [one for one in ratios(rows) if one["phase"] == TOGETHER]

    assert together == [{"size": 5, "phase": TOGETHER, "against": "numpy", "cpu": (3 + 1) / (1 + 1), "memory": 1.0}]
    assert f"| {TOGETHER} | isopt | 4.000 | 2.0 |" in text(rows)


def test_what_the_clock_cut_short_is_not_compared():
    """A plan with a gap of 5 % and a relaxation without an answer give no ratio; two finished plans do."""
    row = {"size": 5, "links": 5, "cpu_s": 2, "peak_mb": 1}
    pair = [{**row, "contender": "isopt"}, {**row, "contender": "numpy"}]

    assert not ratios([{**one, "phase": "solve", "objective": 9, "gap": 0.05} for one in pair])
    assert not ratios([{**one, "phase": "relax", "objective": None} for one in pair])
    assert len(ratios([{**one, "phase": "solve", "objective": 9, "gap": 0.0005} for one in pair])) == 1


def test_a_run_writes_one_file_in_which_all_contenders_agree(tmp_path, capsys):
    """Every contender does all of its phases, finds the same relaxation, and a plan within the same gap."""
    contenders = [name for name in CONTENDERS if name != "linopy" or find_spec("linopy")]
    path = tmp_path / "results.json"
    arguments = ["--sizes", "60", "--seconds", "10", "--contenders", ",".join(contenders), "-o", str(path)]
    main([*arguments, "--phases", ",".join(PHASES)])
    results = json.loads(path.read_text(encoding="utf-8"))
    done = {(row["contender"], row["phase"]) for row in results["rows"]}
    objective = {(row["contender"], row["phase"]): row.get("objective") for row in results["rows"]}

    assert done == {(contender, phase) for contender in contenders for phase in CONTENDERS[contender]}
    for contender in contenders:
        assert objective[contender, "relax"] == pytest.approx(objective["isopt", "relax"], rel=1e-7)
        assert objective[contender, "solve"] == pytest.approx(objective["isopt", "solve"], rel=2e-3)
    built = [one for one in results["ratios"] if one["phase"] == TOGETHER]
    assert [one["against"] for one in built] == [name for name in contenders if name != "isopt"]
    assert results["versions"]["highspy"]
    assert "| build + hand_over | isopt |" in capsys.readouterr().out


def test_an_unknown_phase_is_named():
    """A misspelt phase ends in a sentence that lists the phases."""
    with pytest.raises(SystemExit, match="no phase bild; there are check, network, build"):
        main(["--phases", "bild"])
