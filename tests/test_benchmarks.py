"""The benchmarks measure the same work several ways, and say so in one file that grows."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks import __main__ as command
from benchmarks import inputs, worker
from benchmarks.full.facts import FullFacts, full_facts_of
from benchmarks.full.floor import assemble_full
from benchmarks.full.labelled import linopy_full
from benchmarks.full.region import full_region
from benchmarks.inputs import firms_for, provide
from benchmarks.measure import measure
from benchmarks.phases import parallel, study, ways
from benchmarks.plain import Facts, assemble, facts_of, pass_on
from benchmarks.plot import draw
from benchmarks.regions import region, sources_for
from benchmarks.registry import PHASES, Bench, chain, contenders
from benchmarks.store import TOGETHER, Store, ratios, slopes
from benchmarks.table import text
from isopt.formulation import FAMILIES, build, rows_of
from isopt.network import instance_of
from isopt.solver.compile import standard_form

SIZE = 60


@pytest.fixture(scope="module")
def instance():
    """A region of forty sources and two candidate plants."""
    return instance_of(region(40, seed=1))


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Sixty links with all inputs; the parks are two."""
    made = Bench(SIZE, 0, 0.5, 10.0, tmp_path_factory.mktemp("bench"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "PARK", SIZE // 2)
        provide(made, set(inputs.INPUTS))
        yield made


def test_parks_have_nothing_in_common(bench):
    """Two parks side by side exchange nothing with each other, and each is the region of its seed."""
    made = inputs.parks(bench)
    alone = [region(inputs.PARK_SOURCES, seed).tables["streams"]["supply_per_yr"].tolist() for seed in (0, 1)]
    supply = made.tables["streams"].groupby(made.tables["streams"]["stream"].str.rsplit("_", n=1).str[1])
    found = instance_of(made)
    names = made.tables["facilities"]["facility"].to_numpy()
    park = np.array([name.rsplit("_", 1)[1] for name in names])
    matrix = assemble(Facts.load(bench.folder / "parks.npz"))

    assert [table["supply_per_yr"].tolist() for _, table in supply] == alone
    assert alone[0] != alone[1]
    assert (park[found.links.from_facility] == park[found.links.to_facility]).all()
    assert found.links.count > 0
    assert len(matrix.cost) == standard_form(build(found)).shape[1]


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


@pytest.fixture(scope="module", params=[(40, 0), (110, 1)], ids=str)
def full(request):
    """The smallest region with every family, and one with plants of all kinds."""
    return instance_of(full_region(*request.param))


def test_the_full_floor_is_the_same_matrix_entry_by_entry(full):
    """NumPy alone makes the model of all families from the facts: rows, columns, bounds, cost and whole numbers."""
    ours, floor = standard_form(build(full)), assemble_full(full_facts_of(full))
    matrix = sp.csc_array((floor.value, floor.index, floor.start), shape=ours.shape)
    both = (ours.matrix != 0) + (matrix != 0)

    np.testing.assert_allclose(matrix[both], ours.matrix[both], rtol=1e-12)
    np.testing.assert_array_equal(floor.integer, ours.integer)
    np.testing.assert_allclose(floor.cost, ours.cost, rtol=1e-12)
    assert floor.offset == pytest.approx(ours.offset, rel=1e-12)
    for mine, theirs in (
        (ours.col_lower, floor.lower),
        (ours.col_upper, floor.upper),
        (ours.row_lower, floor.row_lower),
        (ours.row_upper, floor.row_upper),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def test_linopy_and_the_full_floor_have_the_same_optimum():
    """Written a third time, with labels, the relaxation of all families costs the same; linopy holds no constant."""
    to_highspy = pytest.importorskip("linopy.io").to_highspy
    facts = full_facts_of(instance_of(full_region(40, 3)))
    matrix = assemble_full(facts)
    ours, theirs = pass_on(matrix), to_highspy(linopy_full(facts))
    for solver in (ours, theirs):
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("solve_relaxation", True)
        solver.run()

    assert matrix.offset >= 0
    assert theirs.getObjectiveValue() + matrix.offset == pytest.approx(ours.getObjectiveValue(), rel=1e-9)
    assert ours.getObjectiveValue() > 1e6


def test_the_full_region_has_rows_of_every_family(full):
    """No family is left out, and what is particular about each is there: shared exchanges, loads, mixes, limits."""
    rows = rows_of(full)
    plants = full.plants

    assert list(rows) == list(FAMILIES)
    assert all(block.value.size for family in rows.values() for block in family.blocks.values())
    assert full.groups.shared.any()
    assert np.bincount(full.links.group).max() > 1
    assert len(set(full.links.mode)) == 2
    assert (np.bincount(plants.input_plant) == 2).all()
    assert len(full.periods.years) == 2 < full.periods.count
    assert len(rows["limits"].blocks) > 4


def test_full_facts_survive_the_file(full, tmp_path):
    """They are read again as they were, and HiGHS takes what they make, constant included."""
    facts = full_facts_of(full)
    facts.save(tmp_path / "full.npz")
    matrix = assemble_full(FullFacts.load(tmp_path / "full.npz"))

    np.testing.assert_array_equal(matrix.value, assemble_full(facts).value)
    assert pass_on(matrix).getLp().offset_ == matrix.offset
    assert matrix.offset > 0


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


def test_a_seed_gives_the_same_region_again_and_severity_scales_it():
    """Two regions of one seed are equal, those of two seeds are not; twice the severity is twice the set-up cost."""
    first, again, other = (region(12, seed).tables["streams"] for seed in (3, 3, 4))
    setup = [region(12, 3, severity).tables["modes"]["setup_eur_per_yr"].item() for severity in (0.25, 0.5)]

    assert first.equals(again)
    assert not first.equals(other)
    assert setup == [2700, 5400]


def test_facts_survive_the_file(instance, tmp_path):
    """Contenders that know no scenario read the facts from a file."""
    facts = facts_of(instance)
    facts.save(tmp_path / "facts.npz")
    again = Facts.load(tmp_path / "facts.npz")

    for name in vars(facts):
        np.testing.assert_array_equal(getattr(facts, name), getattr(again, name))


def test_size_means_links():
    """A thousand links asked for are a thousand found, give or take a tenth; 15,000 firms have half a million."""
    found = instance_of(region(sources_for(1000))).links.count

    assert 900 <= found <= 1100
    assert firms_for(524_000) == 15_000
    assert firms_for(1_000) < firms_for(10_000) < firms_for(1_000_000)


def test_a_measurement_counts_the_work_and_its_memory():
    """Twenty megabytes held are twenty megabytes seen; work that took long is not done again."""
    done = []

    def work():
        done.append(1)
        return np.ones(20 * 2**20 // 8)

    held, cost = measure(work, most=3, enough_s=0.0)

    assert len(held) == 20 * 2**20 // 8
    assert len(done) == 1
    assert cost.peak_mb >= 19
    assert 0 <= cost.cpu_s <= cost.wall_s + 1


def test_every_phase_builds_upon_what_comes_before():
    """Needs and inputs exist; isopt takes part in every phase; a chain brings what a phase needs, in order."""
    names = list(PHASES)
    for name, phase in PHASES.items():
        assert next(iter(phase.entries)) == "isopt", name
        assert all(names.index(need) < names.index(name) for need in phase.needs)
    assert chain("isopt", ["plan"], SIZE) == ["build", "hand_over", "plan"]
    assert chain("pyomo", ["build"], 10**6) == []
    assert contenders()[0] == "isopt"


@pytest.mark.parametrize("contender", [name for name in contenders() if name != "dask"])
def test_every_contender_does_all_its_phases(bench, contender, monkeypatch, capsys):
    """At sixty links everybody comes to the end of every phase, and those that find something find the same."""
    if contender == "linopy" and not find_spec("linopy"):
        pytest.skip("linopy is not installed")
    monkeypatch.setenv("RUNS", "2")
    monkeypatch.setattr(worker, "REPEAT", 1)
    monkeypatch.setattr(study, "LEVELS", 3)
    monkeypatch.setattr(study, "SAMPLE", (0, 1, 2))
    monkeypatch.setattr(parallel, "PROCESSES", 1)  # tests/test_executors.py has several
    monkeypatch.setattr(ways, "SAMPLE", 1)
    monkeypatch.setattr(ways, "EUROPE", (55.0, 57.0, 9.0, 13.0))
    mine = Bench(SIZE, 0, 0.5, 60.0, bench.folder)
    wanted = [name for name in PHASES if PHASES[name].takes(contender, SIZE)]
    rows = worker.run(contender, wanted, mine)

    assert mine.failed == [], capsys.readouterr().err
    assert [row["phase"] for row in rows] == wanted
    assert all(row["seconds"] >= 0 for row in rows)
    known = bench.made.setdefault("objectives", {})
    for row in rows:
        if row["phase"] in {"bound", "plan", "prove", "study"} and row.get("objective") is not None:
            first = known.setdefault(row["phase"], row["objective"])
            assert row["objective"] == pytest.approx(first, rel=1e-7 if row["phase"] == "bound" else 0.02)
        assert row.get("same", True), row["phase"]


def test_the_file_only_grows_and_sets_isopt_against_the_others(tmp_path):
    """Building and handing over together: 3 + 1 seconds against 1 + 1 are twice as much; a second run adds its rows."""
    seconds = {("isopt", "build"): 3, ("isopt", "hand_over"): 1, ("numpy", "build"): 1, ("numpy", "hand_over"): 1}
    same = {"size": 5, "links": 5, "seed": 0, "severity": 0.5, "peak_mb": 2, "run": "first"}
    rows = [{**same, "contender": c, "phase": p, "seconds": s} for (c, p), s in seconds.items()]
    path = tmp_path / "some" / "results.json"
    for row in rows:
        Store(path).add(row)
    Store(path).add({**rows[0], "seed": 1, "run": "second"})
    written = json.loads(path.read_text(encoding="utf-8"))
    together = [one for one in written["results"] if one["phase"] == TOGETHER["build"]]

    assert len(written["rows"]) == 5
    assert [(one["baseline"], one["ratio"], one["memory_ratio"]) for one in together] == [("numpy", 2.0, 1.0)]
    assert set(together[0]) >= {"phase", "size", "seed", "seconds", "peak_mb", "baseline", "ratio"}
    assert "| 5 | build | isopt | 3.000 | 2.0 |" in text(rows)
    assert len(Store(path, fresh=True).rows) == 0


def test_runs_of_different_days_are_not_compared():
    """Two machines' seconds make no ratio: rows of two runs are not set against each other."""
    same = {"size": 5, "links": 5, "seed": 0, "severity": 0.5, "phase": "read", "seconds": 1, "peak_mb": 1}
    rows = [{**same, "contender": "isopt", "run": "monday"}, {**same, "contender": "pandas", "run": "tuesday"}]

    assert [one["ratio"] for one in ratios(rows)] == [None]


@pytest.mark.parametrize("cut_short", [{"objective": 9.0, "done": None}, {"objective": None}])
def test_what_the_clock_cut_short_is_not_compared(cut_short):
    """A plan that missed its gap and a relaxation without an answer give no ratio; two finished plans do."""
    row = {"size": 5, "links": 5, "seed": 0, "severity": 0.5, "run": "a", "phase": "plan", "seconds": 2, "peak_mb": 1}
    pair = [{**row, "contender": "isopt"}, {**row, "contender": "numpy"}]

    assert ratios([{**one, **cut_short} for one in pair])[0]["ratio"] is None
    assert ratios([{**one, "objective": 9.0, "done": True} for one in pair])[0]["ratio"] == 1.0


def test_growth_is_the_exponent_of_a_power(tmp_path):
    """Seconds that grow a hundredfold over a hundredfold links have the slope 1, and it stands in the picture."""
    rows = [
        {"phase": "build", "contender": "isopt", "size": n, "links": n, "seconds": n / 1e4, "peak_mb": n / 10}
        for n in (1_000, 10_000, 100_000)
    ]
    picture = draw(rows, tmp_path / "growth.svg")

    assert slopes(rows) == {"build": 1.0}
    assert slopes(rows[:1]) == {}
    assert picture is not None
    assert "build (1.00)" in Path(picture).read_text(encoding="utf-8")


def test_a_run_measures_writes_and_draws(tmp_path, capsys):
    """The command measures two sizes in processes of their own, prints one table and leaves one file and one picture."""
    path = tmp_path / "results.json"
    command.main(["--sizes", "40,250", "--phases", "nearness", "--contenders", "isopt,scipy", "-o", str(path)])
    results = json.loads(path.read_text(encoding="utf-8"))

    assert {(row["contender"], row["size"]) for row in results["rows"]} == {
        (contender, size) for contender in ("isopt", "scipy") for size in (40, 250)
    }
    assert results["versions"]["highspy"]
    assert path.with_suffix(".svg").exists()
    assert "| nearness | scipy |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--phases", "bild"], "no phase bild; there are read, geocode"),
        (["--contenders", "gurobi"], "no contender gurobi; there are isopt"),
        (["--severity", "0"], "severity is above 0"),
    ],
)
def test_a_word_that_is_unknown_is_named(arguments, said):
    """A misspelt phase or contender ends in a sentence that lists those there are."""
    with pytest.raises(SystemExit, match=said):
        command.main(arguments)
