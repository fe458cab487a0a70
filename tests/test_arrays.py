"""Array-backed components are Pyomo components: every stock tool must see what it sees in the model's eager twin."""

from __future__ import annotations

import io
import pickle
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo
import pyomo.environ as pyo
import pyscipopt
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from packaging.specifiers import SpecifierSet
from pyomo.contrib.solver.common.factory import SolverFactory as NewSolverFactory

from isopt.errors import InputError
from isopt.formulation.arrays import assemble
from isopt.formulation.eager import assemble_eager
from isopt.formulation.rows import Objective, Rows, Variable
from isopt.solver.compile import StandardForm, scatter, standard_form
from isopt.solver.highs import solve_form, write_lp

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]


def parts() -> tuple[str, list[Variable], dict[str, Rows], Objective]:
    """
    Three links out of two streams, two of them with a fixed cost, one with whole trips; what is left is disposed of.

    Cheapest: link 0 carries 5 (saves 9 each less 10 to set up), link 2 carries 4 in two trips of 2 t, 1 is disposed of.
    """
    variables = [
        Variable("flow", 3, upper=np.array([5.0, 2.0, 4.0]), unit="t", labels=lambda: ["A>X", "A>Y", "B>X"]),
        Variable("opened", 2, upper=1, integer=True),
        Variable("trips", 1, upper=7, integer=True),
        Variable("disposed", 2),
        Variable("balance", 2, lower=-np.inf, integer=np.array([False, True]), upper=[np.inf, 3]),
        Variable("nothing", 0),
    ]
    families = {
        "stream_balance": Rows(flow=[[1, 1, 0], [0, 0, 1]], disposed=np.eye(2), equals=[6, 4]),
        "exchange_opening": Rows(flow=[[1, 0, 0], [0, 1, 0]], opened=[[-5, 0], [0, -2]], at_most=0),
        "vehicles": Rows(flow=[[0, 0, 1]], trips=[[-2]], at_most=0, labels=["B>X"]),
        "quality": Rows(flow=[[1, 2, 3]], balance=[[1, 0]], between=(2, 30)),
        "whole_balance": Rows(balance=[[1, -1]], at_least=-4),
        "no_rows": Rows(flow=np.zeros((0, 3)), at_least=1),
    }
    objective = Objective(
        {
            "flow": np.array([1.0, 2.0, 3.0]),
            "opened": np.array([10.0, 9.0]),
            "trips": np.array([1.5]),
            "disposed": np.array([10.0, 8.0]),
            "balance": np.array([0.0, -0.5]),
        },
        constant=7,
    )
    return "tiny", variables, families, objective


OPTIMUM = 7 + (5 * 1 + 10 + 1 * 10) + (4 * 3 + 2 * 1.5) - 0.5 * 3


@pytest.fixture
def lazy() -> pyo.ConcreteModel:
    return assemble(*parts())


@pytest.fixture
def eager() -> pyo.ConcreteModel:
    return assemble_eager(*parts())


def printed(model: pyo.ConcreteModel) -> str:
    out = io.StringIO()
    model.pprint(ostream=out)
    return out.getvalue()


def lp_text(model: pyo.ConcreteModel, folder: Path) -> str:
    path = folder / f"{id(model)}.lp"
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    return path.read_text()


def touched(model: pyo.ConcreteModel) -> int:
    """Count data objects that exist."""
    components = model.component_objects((pyo.Var, pyo.Constraint))
    return sum(len(component.touched) for component in components)


def assert_same_form(one: StandardForm, other: StandardForm) -> None:
    for field in ("cost", "offset", "col_lower", "col_upper", "row_lower", "row_upper", "integer"):
        assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)
    for field in ("indptr", "indices", "data"):
        assert_array_equal(getattr(one.matrix, field), getattr(other.matrix, field), err_msg=field)
    assert (one.columns, one.rows, one.sense) == (other.columns, other.rows, other.sense)


def by_appsi(model: pyo.ConcreteModel) -> float:
    """Solve with Pyomo's first HiGHS interface."""
    solver = pyo.SolverFactory("appsi_highs")
    solver.options["mip_rel_gap"] = 0.0
    solver.solve(model)
    return float(pyo.value(model.component("objective")))


def by_new_interface(name: str) -> Callable[[pyo.ConcreteModel], float]:
    def solve(model: pyo.ConcreteModel) -> float:
        NewSolverFactory(name).solve(model, rel_gap=0.0)
        return float(pyo.value(model.component("objective")))

    return solve


def by_scip_from_text(model: pyo.ConcreteModel) -> float:
    """Write the model as MPS with Pyomo's writer and let SCIP read it."""
    path = Path(model.name + ".mps")
    model.write(str(path))
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(path))
    scip.optimize()
    return float(scip.getObjVal())


STOCK_SOLVERS: dict[str, Callable[[pyo.ConcreteModel], float]] = {
    "appsi_highs": by_appsi,
    "contrib highs": by_new_interface("highs"),
    "contrib scip_direct": by_new_interface("scip_direct"),
    "SCIP from MPS": by_scip_from_text,
}


def test_a_model_is_made_and_compiled_without_a_single_data_object(lazy):
    """Nobody touched an element, so none exists; that is the whole point."""
    form = standard_form(lazy)

    assert touched(lazy) == 0
    assert form.shape == (7, 10)
    assert form.columns["trips"] == slice(5, 6)
    assert form.rows["quality"] == slice(5, 6)
    assert "no_rows" not in form.rows


@pytest.mark.parametrize("size", [0, 2])
def test_rows_that_nothing_can_fill_are_still_rows(size):
    """Something must be placed and there is nowhere to go: two rows over no coefficients, and no plan."""
    need = {"need": Rows(flow=np.zeros((2, size)), equals=[100, 0])}
    for make in (assemble, assemble_eager):
        form = standard_form(make("stuck", [Variable("flow", size)], need, Objective({})))

        assert form.matrix.shape == form.shape == (2, size)
        assert form.matrix.indices.dtype == form.matrix.indptr.dtype == np.int32
        assert solve_form(form).status == "infeasible"


def test_the_eager_twin_has_the_identical_standard_form(lazy, eager):
    """Arrays and stock components say the same, number by number."""
    assert_same_form(standard_form(lazy), standard_form(eager))


def test_our_own_solve_finds_the_optimum_worked_out_on_paper(lazy):
    """5 t over link 0, 4 t in two trips over link 2, 1 t disposed of."""
    outcome = solve_form(standard_form(lazy), gap=0)

    assert outcome.status == "optimal"
    assert outcome.objective == pytest.approx(OPTIMUM)


@pytest.mark.parametrize("solver", STOCK_SOLVERS)
def test_every_stock_solver_finds_the_same_optimum(lazy, solver, tmp_path, monkeypatch):
    """Pyomo's interfaces take array components for what they are: components."""
    monkeypatch.chdir(tmp_path)

    assert STOCK_SOLVERS[solver](lazy) == pytest.approx(OPTIMUM)


def test_scip_reads_our_own_lp_text(lazy, tmp_path):
    """The readable LP text is valid, binaries, free variables and constant included."""
    write_lp(lazy, tmp_path / "model.lp")
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(tmp_path / "model.lp"))
    scip.optimize()

    assert scip.getObjVal() == pytest.approx(OPTIMUM)


def test_pyomo_writes_the_same_lp_text_for_both(lazy, eager, tmp_path):
    """The stock LP writer sees no difference."""
    assert lp_text(lazy, tmp_path) == lp_text(eager, tmp_path)


def test_pprint_and_display_show_the_same_for_both(lazy, eager, capsys):
    """Printing lists every element, touched or not."""
    assert printed(lazy) == printed(eager)
    values = solve_form(standard_form(lazy)).values
    for model in (lazy, eager):
        scatter(model, standard_form(model), values)
    lazy.display()
    ours = capsys.readouterr().out
    eager.display()

    assert ours == capsys.readouterr().out


@pytest.mark.parametrize(
    "copied", [lambda m: m.clone(), lambda m: pickle.loads(pickle.dumps(m))], ids=["clone", "pickle"]
)
def test_a_copy_stays_lazy_and_stands_on_its_own(lazy, eager, copied):
    """A copy keeps what was done to the model, makes no data objects, and no change to it reaches the original."""
    lazy.flow[1].fix(2)
    lazy.quality[0].deactivate()
    copy = copied(lazy)
    copy.flow[0].fix(0)

    assert copy.flow[1].fixed
    assert not copy.quality[0].active
    assert copy.objective.changed is False
    assert touched(copy) == 3  # flow[0], flow[1], quality[0]
    assert 0 not in lazy.flow.touched
    assert standard_form(copy).column_names()[:3] == ["flow[A>X]", "flow[A>Y]", "flow[B>X]"]
    eager.quality[0].deactivate()
    eager.flow[1].fix(2)
    eager.flow[0].fix(0)
    assert_same_form(standard_form(copy), standard_form(eager))


def test_components_hold_what_pyomos_own_constructors_give(lazy, eager):
    """An array component begins as a copy of a stock one: nothing that Pyomo puts there may be missing."""
    for ours, stock in (
        (lazy.flow, pyo.Var(pyo.RangeSet(0, 2), dense=False)),
        (lazy.quality, pyo.Constraint(pyo.RangeSet(0, 0))),
    ):
        made = {name for name in vars(stock) if name != "_index_set"}

        assert made <= vars(ours).keys()
        assert ours.ctype is stock.ctype
        assert ours.is_constructed()
        assert ours.is_indexed()
        theirs = eager.component(ours.local_name).index_set()
        assert (ours.index_set().name, list(ours.index_set())) == (theirs.name, list(theirs))
        assert ours.index_set().parent_block() is lazy
        assert ours.index_set() is ours.index_set()


def test_attached_components_are_declared_as_by_pyomo(lazy, eager):
    """Names, order and the chains of each kind are those of the twin, which Pyomo itself put together."""
    assert lazy._decl == eager._decl
    assert lazy._ctypes == eager._ctypes
    assert [follower for _, follower in lazy._decl_order] == [follower for _, follower in eager._decl_order]
    assert all(lazy.find_component(name) is component for name, component in lazy.component_map().items())
    for model in (lazy, eager):
        model.del_component("opened")
        model.del_component("exchange_opening")
        model.late = pyo.Var()
        assert list(model.component_map(pyo.Var)) == ["flow", "trips", "disposed", "balance", "nothing", "late"]
        assert [c.local_name for c in model.component_objects(pyo.Constraint)][:2] == ["stream_balance", "vehicles"]


def test_a_name_that_is_taken_is_refused_by_pyomo():
    """A family named after a variable would hide it; a name that a model needs for itself is no family's."""
    flow = Variable("flow", 1)
    for name, error in (("flow", RuntimeError), ("name", ValueError)):
        with pytest.raises(error, match=name):
            assemble("bad", [flow], {name: Rows(flow=[[1]], at_most=1)}, Objective({}))


def test_len_iteration_and_indexing_are_those_of_pyomo(lazy, eager):
    """Everything a user does with an indexed component works, and an index that is not there is a KeyError."""
    for model in (lazy, eager):
        assert len(model.flow) == 3
        assert list(model.flow) == [0, 1, 2]
        assert [data.ub for data in model.flow.values()] == [5, 2, 4]
        assert {i: data.lb for i, data in model.balance.items()} == {0: None, 1: None}
        assert model.flow[np.int64(2)] is model.flow[2]
        assert 2 in model.flow
        assert 3 not in model.flow
        assert "flow" not in model.flow
        assert len(model.nothing) == 0
        assert [row.equality for row in model.stream_balance.values()] == [True, True]
        assert (model.quality[0].lower, model.quality[0].upper) == (2, 30)
        with pytest.raises(KeyError):
            model.flow[3]
        with pytest.raises(KeyError):
            model.stream_balance[-1]


def test_values_reach_the_model_without_data_objects(lazy):
    """A solution goes onto the arrays; an element shows its value when it is looked at, and the objective adds up."""
    form = standard_form(lazy)
    lazy.flow[1].set_value(0.5)
    outcome = solve_form(form)
    scatter(lazy, form, outcome.values)

    assert touched(lazy) == 1
    assert lazy.flow[1].value == 0
    assert lazy.flow[0].value == 5
    assert lazy.trips[0]() == 2
    assert lazy.flow.get_values() == {0: 5, 1: 0, 2: 4}
    assert pyo.value(lazy.objective) == pytest.approx(OPTIMUM)
    assert pyo.value(lazy.stream_balance[0].body) == 6


def test_deleting_an_element_is_refused_with_what_to_do_instead(lazy):
    """An array has no holes: variables are fixed, rows deactivated."""
    with pytest.raises(TypeError, match="fix it instead"):
        del lazy.flow[0]
    with pytest.raises(TypeError, match="deactivate it instead"):
        del lazy.quality[0]
    with pytest.raises(TypeError, match="deactivate them instead"):
        lazy.quality.clear()


def add_user_rows(model: Any) -> None:
    model.mine = pyo.Constraint(expr=model.flow[0] + 2 * model.flow[1] <= 3 + model.disposed[0])
    model.spare = pyo.Var([("a", 1), ("b", 2)], bounds=(0, 2), domain=pyo.NonNegativeReals)
    model.more = pyo.ConstraintList()
    model.more.add(model.spare["a", 1] + model.flow[2] >= 3)
    model.more.add((1, model.spare["b", 2] - model.opened[0], 4))
    model.single = pyo.Var(domain=pyo.Integers, bounds=(-3, 3))
    model.link = pyo.Constraint(expr=model.single == model.opened[0] - 1)


def replace_row(model: Any) -> None:
    model.quality[0] = model.flow[0] + model.flow[2] <= 4
    model.stream_balance[1].set_value(model.flow[2] + model.disposed[1] == 3)


def replace_objective(model: Any) -> None:
    model.objective.set_value(3 * model.flow[0] + model.disposed[0] + 2 * model.disposed[1] + 5)


def maximise(model: Any) -> None:
    model.disposed.setub(8)
    model.balance.setlb(-10)
    model.objective.sense = pyo.maximize


def deactivate_and_reactivate(model: Any) -> None:
    model.stream_balance.deactivate()
    model.stream_balance[1].activate()


def add_block(model: Any) -> None:
    model.part = pyo.Block()
    model.part.extra = pyo.Var(bounds=(0, 1))
    model.part.row = pyo.Constraint(expr=model.part.extra + model.flow[0] <= 5.5)
    model.aside = pyo.Block()
    model.aside.row = pyo.Constraint(expr=model.flow[0] <= 1)
    model.aside.deactivate()


def refer(model: Any) -> None:
    model.view = pyo.Reference(model.flow[:])
    model.view[0].fix(1)


CHANGES: dict[str, Callable[[Any], object]] = {
    "fix a variable": lambda m: m.flow[0].fix(3),
    "fix all": lambda m: m.opened.fix(1),
    "fix and unfix": lambda m: (m.flow[0].fix(3), m.flow[0].unfix()),
    "change a bound": lambda m: (m.flow[0].setub(2), m.flow[2].setlb(1)),
    "change a domain": lambda m: setattr(m.trips[0], "domain", pyo.NonNegativeReals),
    "deactivate a row": lambda m: m.stream_balance[1].deactivate(),
    "deactivate a family": lambda m: m.quality.deactivate(),
    "deactivate all rows of a family": lambda m: [row.deactivate() for row in m.exchange_opening.values()],
    "deactivate and reactivate": deactivate_and_reactivate,
    "activate again": lambda m: (m.quality.deactivate(), m.quality.activate()),
    "relax whole numbers": lambda m: pyo.TransformationFactory("core.relax_integer_vars").apply_to(m),
    "user rows": add_user_rows,
    "replace a row": replace_row,
    "replace the objective": replace_objective,
    "maximise": maximise,
    "blocks": add_block,
    "references": refer,
}


def test_names_are_those_of_pyomo(lazy):
    """A component in a block or with a name that is no plain word is called what Pyomo calls it."""
    add_block(lazy)
    lazy.add_component("two words", pyo.Constraint(expr=lazy.flow[1] <= 1))
    form = standard_form(lazy)

    assert list(form.columns) == [v.name for v in lazy.component_objects(pyo.Var)]
    assert list(form.rows) == [c.name for c in lazy.component_objects(pyo.Constraint, active=True)]
    assert {"part.extra", "part.row", "two words"} <= {*form.columns, *form.rows}


def test_a_model_set_aside_has_columns_and_no_rows(lazy):
    """Pyomo shows no active part of a model that is not active itself."""
    lazy.deactivate()
    form = standard_form(lazy)

    assert form.shape == (0, len(form.col_lower))
    assert not form.cost.any()


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_done_to_touched_elements_counts(lazy, eager, change, tmp_path):
    """After any change the standard form is still the twin's, and Pyomo's own solver agrees on the optimum."""
    before = standard_form(lazy)
    for model in (lazy, eager):
        CHANGES[change](model)
    form = standard_form(lazy)

    assert_same_form(form, standard_form(eager))
    assert (form.shape == before.shape) or change in {"user rows", "blocks", "deactivate a family"}
    assert lp_text(lazy, tmp_path) == lp_text(eager, tmp_path)
    ours = solve_form(form, gap=0)
    assert ours.status == "optimal"
    assert ours.objective == pytest.approx(by_appsi(lazy))


def test_fixing_folds_into_user_rows_and_equal_bounds(lazy):
    """A product with a fixed variable is linear; the variable itself stays a column that can't move."""
    lazy.flow[0].fix(2)
    lazy.mine = pyo.Constraint(expr=lazy.flow[0] * lazy.flow[1] + lazy.flow[0] <= 5)
    form = standard_form(lazy)
    row = form.rows["mine"].start

    assert form.col_lower[0] == form.col_upper[0] == 2
    assert form.matrix[[row], :].toarray().tolist() == [[0, 2] + [0] * 8]
    assert form.row_upper[row] == 5 - 2


def test_a_binary_fixed_at_a_fraction_is_a_constant(lazy, eager, tmp_path, monkeypatch):
    """Fixing overrules the domain, as in the files that Pyomo writes; its appsi interface alone does not."""
    monkeypatch.chdir(tmp_path)
    for model in (lazy, eager):
        model.opened[0].fix(0.5, skip_validation=True)
    form = standard_form(lazy)

    assert not form.integer[3]
    assert_same_form(form, standard_form(eager))
    assert solve_form(form, gap=0).objective == pytest.approx(by_scip_from_text(lazy))


def other_models_variable(model: Any) -> None:
    stranger = pyo.ConcreteModel()
    stranger.x = pyo.Var()
    model.mine = pyo.Constraint(expr=model.flow[0] + stranger.x <= 1)


def two_objectives(model: Any) -> None:
    model.second = pyo.Objective(expr=model.flow[0])


def set_domain(model: Any) -> None:
    model.odd = pyo.Var(domain=[1, 3, 7])


def special_ordered_set(model: Any) -> None:
    model.sos = pyo.SOSConstraint(var=model.flow, sos=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: setattr(m, "mine", pyo.Constraint(expr=m.flow[0] * m.flow[1] <= 1)), "mine is not linear"),
        (lambda m: m.objective.set_value(m.flow[0] ** 2), "objective is not linear"),
        (lambda m: m.flow[0].fix(), r"flow\[0\] is fixed, but has no value"),
        (other_models_variable, "mine speaks of x, which is no variable of this model"),
        (two_objectives, "2 objectives are active"),
        (set_domain, "odd is neither continuous nor a whole number"),
        (special_ordered_set, "can't have sos"),
    ],
)
def test_what_a_linear_solver_cannot_take_is_named(lazy, change, message):
    """The error says which component is to blame."""
    change(lazy)

    with pytest.raises(InputError, match=message):
        standard_form(lazy)


@pytest.mark.parametrize(
    ("family", "objective", "message"),
    [
        (Rows(x=[[1, np.nan]], at_most=1, labels=["north"]), [0, 0], r"cap\[north\] has a coefficient"),
        (Rows(x=[[1, np.inf]], at_most=1), [0, 0], r"cap\[0\] has a coefficient"),
        (Rows(x=[[1, 2], [1, 0]], at_most=[1, np.nan]), [0, 0], r"cap\[1\] has no usable upper bound"),
        (Rows(x=[[1, 2]], at_least=np.inf), [0, 0], r"cap\[0\] has no usable lower bound"),
        (Rows(x=[[1, 2]], at_most=1), [0, np.nan], r"x\[west\] has no usable cost"),
    ],
)
def test_a_number_that_is_none_is_named_by_family_and_row(family, objective, message):
    """HiGHS would take a NaN without a word and answer nonsense."""
    x = Variable("x", 2, labels=lambda: ["east", "west"])
    model = assemble("bad", [x], {"cap": family}, Objective({"x": np.array(objective, dtype=float)}))

    with pytest.raises(InputError, match=message):
        standard_form(model)


def test_a_nan_bound_of_a_variable_is_named():
    """A missing capacity that nobody noticed must not become a plan."""
    model = assemble("bad", [Variable("x", 2, upper=[1, np.nan])], {}, Objective({}))

    with pytest.raises(InputError, match=r"x\[1\] has no usable upper bound"):
        standard_form(model)


@pytest.mark.parametrize("make", [assemble, assemble_eager])
@pytest.mark.parametrize(
    ("families", "linear", "message"),
    [
        ({"cap": Rows(y=[[1]], at_most=1)}, {}, "cap speaks of y"),
        ({"cap": Rows(x=[[1]], at_most=1)}, {}, "cap has 1 columns for x, which has 2"),
        ({}, {"y": np.ones(2)}, "objective speaks of y"),
        ({}, {"x": np.ones(3)}, r"shape \(3,\) for x"),
    ],
)
def test_rows_that_do_not_fit_the_variables_are_refused(make, families, linear, message):
    """A slip in a family's function shows where the model is put together."""
    with pytest.raises(ValueError, match=message):
        make("bad", [Variable("x", 2)], families, Objective(linear))


def test_rows_take_numbers_sequences_and_sparse_matrices_alike():
    """A scalar right-hand side counts for every row, zeros are dropped, and the caller's matrix stays as it was."""
    entries = (np.array([1.0, 2.0, 0.0]), (np.array([0, 0, 1]), np.array([1, 1, 0])))
    given_matrix = sp.csr_array(sp.coo_array(entries, shape=(2, 2)))
    given_matrix.data = given_matrix.data.copy()
    stored = given_matrix.nnz
    rows = Rows(x=given_matrix, y=None, at_least=1)

    assert rows.size == 2
    assert list(rows.blocks) == ["x"]
    assert rows.blocks["x"].csr.toarray().tolist() == [[0, 3], [0, 0]]
    assert rows.blocks["x"].csr.nnz == 1
    assert given_matrix.nnz == stored
    assert rows.lower.tolist() == [1, 1]
    assert rows.upper.tolist() == [np.inf, np.inf]


def test_rows_need_exactly_one_kind_of_right_hand_side():
    """Forgetting it, or giving two, is a mistake and not a default."""
    with pytest.raises(ValueError, match="one of equals"):
        Rows(x=[[1]])
    with pytest.raises(ValueError, match="one of equals"):
        Rows(x=[[1]], equals=1, at_most=2)
    with pytest.raises(ValueError, match="different lengths"):
        Rows(x=[[1]], y=[[1], [2]], equals=1)
    assert Rows(x=[[1]], at_least=1, at_most=2).upper.tolist() == [2]


def test_stacked_rows_stand_below_each_other_with_their_labels():
    """A family made of two kinds of rows keeps blocks, bounds and names in order."""
    stacked = Rows.stack([Rows(x=[[1, 2]], at_most=3, labels=["cap"]), Rows(y=[[4], [5]], equals=[6, 7])])

    assert stacked.blocks["x"].csr.toarray().tolist() == [[1, 2], [0, 0], [0, 0]]
    assert stacked.blocks["y"].csr.toarray().tolist() == [[0], [4], [5]]
    assert stacked.lower.tolist() == [-np.inf, 6, 7]
    assert stacked.upper.tolist() == [3, 6, 7]
    assert list(stacked.labels()) == ["cap", "1", "2"]


def test_the_pyomo_in_use_is_one_that_the_project_pins():
    """The components touch private names: a Pyomo outside the range has not passed these tests."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    pin = next(line.removeprefix("pyomo") for line in dependencies if line.startswith("pyomo"))

    assert pyomo.version.version in SpecifierSet(pin, prereleases=True)
    assert "6.11" not in SpecifierSet(pin)
    assert "6.9.5" not in SpecifierSet(pin)


COEFFICIENT = st.integers(-3, 3).map(float)


@st.composite
def models(draw: st.DrawFn) -> tuple[str, list[Variable], dict[str, Rows], Objective]:
    """Draw a small bounded model with every kind of row, bound and domain."""
    variables = []
    for name in ("x", "y", "z")[: draw(st.integers(1, 3))]:
        size = draw(st.integers(0, 4))
        lower = np.array(draw(st.lists(st.integers(-4, 2), min_size=size, max_size=size)), dtype=float)
        width = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, 2.5, 6.0]), min_size=size, max_size=size)))
        integer = draw(st.one_of(st.booleans(), st.lists(st.booleans(), min_size=size, max_size=size).map(np.array)))
        integer = integer if isinstance(integer, bool) else integer.astype(bool)
        variables.append(Variable(name, size, lower, lower + width, integer))
    families = {}
    for family in ("a", "b", "c")[: draw(st.integers(0, 3))]:
        height = draw(st.integers(0, 3))
        blocks: dict[str, Any] = {}
        for variable in variables:
            if draw(st.booleans()):
                count = height * variable.size
                numbers = draw(st.lists(COEFFICIENT, min_size=count, max_size=count))
                blocks[variable.name] = np.array(numbers, dtype=float).reshape(height, variable.size)
        level = np.array(draw(st.lists(st.integers(-6, 6), min_size=height, max_size=height)), dtype=float)
        kind = draw(st.sampled_from(["equals", "at_most", "at_least", "between"]))
        families[family] = Rows(**blocks, **{kind: (level - 2, level + 1) if kind == "between" else level})
    linear = {
        variable.name: np.array(
            draw(st.lists(COEFFICIENT, min_size=variable.size, max_size=variable.size)), dtype=float
        )
        for variable in variables
        if draw(st.booleans())
    }
    return "drawn", variables, families, Objective(linear, constant=draw(st.integers(-5, 5)))


@settings(max_examples=60, deadline=None)
@given(models())
def test_random_models_have_the_same_form_and_the_same_optimum_both_ways(drawn):
    """Arrays against stock components, and our hand-over against Pyomo's own: two roads to one answer."""
    lazy, eager = assemble(*drawn), assemble_eager(*drawn)
    form = standard_form(lazy)
    assert_same_form(form, standard_form(eager))

    ours = solve_form(form, gap=0)
    solver = pyo.SolverFactory("appsi_highs")
    solver.options["mip_rel_gap"] = 0.0
    if not form.matrix.nnz and not form.cost.any():
        return  # nothing to decide, for which Pyomo's interface has no answer
    theirs = solver.solve(eager, load_solutions=False)
    condition = theirs.solver.termination_condition
    assert (ours.status == "infeasible") == (condition == pyo.TerminationCondition.infeasible)
    if ours.status != "infeasible":
        solver.load_vars()
        assert ours.status == "optimal"
        assert_allclose(ours.objective, pyo.value(eager.objective), atol=1e-6)
