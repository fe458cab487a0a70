"""HiGHS gets what the model says, and what it answers is told as it is: proven, found, or neither."""

from __future__ import annotations

import pickle
import threading
import time
from dataclasses import replace

import numpy as np
import pyscipopt
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from transport import fixed_charge

from isopt.errors import InputError
from isopt.formulation.arrays import assemble
from isopt.formulation.rows import Objective, Rows, Variable
from isopt.solver import engine, session
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.highs import Progress, Session, conflict, holds, lp_text, relaxed_duals, solve_form, write_lp

INF = np.inf


def form_of(
    matrix: object, lower: object, upper: object, cost: object, most: object, integer: object, *, sense: int = 1
) -> StandardForm:
    """Build a form by hand: lower <= matrix x <= upper, 0 <= x <= most."""
    coefficients = np.atleast_2d(np.array(matrix, dtype=float))
    rows, columns = coefficients.shape

    def spread(value: object, size: int) -> np.ndarray:
        return np.array(np.broadcast_to(np.asarray(value, dtype=float), (size,)))

    return StandardForm(
        matrix=sp.csc_array(coefficients),
        cost=spread(cost, columns),
        offset=0.0,
        col_lower=np.zeros(columns),
        col_upper=spread(most, columns),
        row_lower=spread(lower, rows),
        row_upper=spread(upper, rows),
        integer=spread(integer, columns).astype(bool),
        columns={"x": slice(0, columns)},
        rows={"r": slice(0, rows)},
        sense=sense,
    )


@pytest.fixture(scope="module")
def easy() -> StandardForm:
    return fixed_charge(4, 4)


@pytest.fixture(scope="module")
def hopeless() -> StandardForm:
    return fixed_charge(40, 40)


@pytest.mark.parametrize(
    ("form", "status", "objective"),
    [
        (form_of([[1, 1]], 3, INF, [2, 1], [5, 2], False), "optimal", 2 * 1 + 1 * 2),
        (form_of([[2, 2]], 3, INF, [2, 3], 5, True), "optimal", 2 * 2),
        (form_of([[2, 2]], 2, 5, [1, 2], 5, True, sense=-1), "optimal", 2 * 2),
        (form_of([[2, 2]], 2, 4, [1, 0], 5, True), "optimal", 0),
        (form_of(np.zeros((0, 2)), 0, 0, [1, -2], 5, True), "optimal", -2 * 5),
        (form_of(np.zeros((1, 0)), 0, 0, [], 5, True), "optimal", 0),
        (form_of(np.zeros((1, 0)), 1, 1, [], 5, True), "infeasible", None),
        (form_of([[1, 1]], 3, INF, [1, 1], 1, False), "infeasible", None),
        (form_of([[2, 2]], 3, 3, [1, 1], 1, True), "infeasible", None),
        (form_of([[1, 1]], 3, 2, [1, 1], 5, False), "infeasible", None),
        (form_of([[1, 1]], 0, 9, [1, 1], [5, -1], False), "infeasible", None),
        (form_of([[1, -1]], -INF, 1, [-1, -1], INF, False), "unbounded", None),
        (form_of([[1, -1]], -INF, 1, [-1, -1], INF, True), "unbounded", None),
        (form_of([[1, 1, 0]], 3, INF, [1, 1, -1], [1, 1, INF], False), "infeasible", None),
        (form_of([[2, 2, 0]], 3, 3, [1, 1, -1], [1, 1, INF], [1, 1, 0]), "infeasible", None),
    ],
)
def test_status_and_objective_are_those_worked_out_on_paper(form, status, objective):
    """Optimal, infeasible and unbounded, for linear and integer models; unbounded costs never hide an infeasibility."""
    outcome = solve_form(form, gap=0)

    assert outcome.status == status
    assert (outcome.objective, outcome.bound) == (objective, objective)
    assert outcome.gap == (None if objective is None else 0)
    assert (outcome.values is None) == (objective is None)


def test_an_integer_plan_comes_back_whole_and_at_a_corner(easy):
    """Whole numbers are exactly whole, and flows fill their links, their sources or their sinks to the last digit."""
    outcome = solve_form(easy, gap=0)
    opened = outcome.values[easy.columns["opened"]]
    flow = outcome.values[easy.columns["flow"]]

    assert outcome.status == "optimal"
    assert set(opened.tolist()) <= {0.0, 1.0}
    assert np.all(flow[opened == 0] == 0)
    assert flow.tolist() == np.rint(flow).tolist()  # whole supplies and needs: corners of a transport problem are whole
    assert outcome.objective == pytest.approx(easy.value(outcome.values))
    assert holds(easy, outcome.values)


def test_scip_finds_the_same_optimum_in_the_lp_text(easy, tmp_path):
    """Two solvers that share no code agree to the cent."""
    write_lp(easy, tmp_path / "easy.lp")
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(tmp_path / "easy.lp"))
    scip.setParam("limits/gap", 0.0)
    scip.optimize()

    assert solve_form(easy, gap=0).objective == pytest.approx(scip.getObjVal(), abs=0.005)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 4))
def test_the_gap_says_how_far_the_plan_is_from_the_bound(seed, sources, sinks):
    """For any model: the plan holds, the gap is |objective - bound| / objective, and the true optimum lies between."""
    form = fixed_charge(sources, sinks, seed)
    rough, exact = solve_form(form, gap=0.1), solve_form(form, gap=0)

    assert rough.status == exact.status == "optimal"
    assert holds(form, rough.values)
    assert rough.gap == pytest.approx((rough.objective - rough.bound) / rough.objective)
    assert rough.gap <= 0.1
    assert exact.gap <= 1e-7
    assert rough.bound <= exact.objective * (1 + 1e-7)
    assert exact.objective <= rough.objective * (1 + 1e-7)


def test_nothing_is_printed(easy, capfd):
    """HiGHS keeps its log to itself."""
    solve_form(easy)
    solve_form(form_of([[1, 1]], 3, INF, [2, 1], [5, 2], False))

    assert capfd.readouterr() == ("", "")


def test_the_time_limit_is_kept_and_the_plan_so_far_comes_back(hopeless):
    """Three seconds are three seconds, with a plan, a bound and the gap between them, and not called optimal."""
    began = time.perf_counter()
    outcome = solve_form(hopeless, time_limit=3)
    seconds = time.perf_counter() - began

    assert seconds < 3 + max(0.3, 0.02 * 3) + 0.5 + 0.3  # grace to come back, the clean-up, and a busy machine
    assert outcome.status == "feasible"
    assert not outcome.interrupted
    assert holds(hopeless, outcome.values)
    assert outcome.bound < outcome.objective
    assert outcome.gap == pytest.approx(1 - outcome.bound / outcome.objective)


def test_without_time_there_is_no_solution_and_no_excuse(hopeless):
    """Nothing found is not called infeasible."""
    outcome = solve_form(hopeless, time_limit=0)

    assert outcome.status == "no_solution"
    assert outcome.values is None
    assert outcome.objective is None


def test_a_linear_model_out_of_time_claims_nothing():
    """A simplex that was cut off has proven neither a plan nor a bound."""
    form = fixed_charge(150, 150)
    outcome = solve_form(replace(form, integer=np.zeros_like(form.integer)), time_limit=0.05)

    assert (outcome.status, outcome.bound) == ("no_solution", None)


def test_a_start_comes_back_if_nothing_better_is_found_in_time(hopeless):
    """Buying everything is a plan: who hands it in does not leave without one."""
    start = np.zeros(hopeless.shape[1])
    start[hopeless.columns["bought"]] = hopeless.col_upper[hopeless.columns["bought"]]
    outcome = solve_form(hopeless, time_limit=0, start=start)

    assert outcome.status == "feasible"
    assert outcome.objective == pytest.approx(hopeless.value(start))
    assert outcome.bound is None
    assert outcome.gap is None


def test_a_start_that_holds_no_water_does_no_harm(easy):
    """An infeasible or misshapen start is passed over."""
    best = solve_form(easy, gap=0).objective

    assert solve_form(easy, gap=0, start=np.full(easy.shape[1], 1e3)).objective == pytest.approx(best)
    assert solve_form(easy, gap=0, start=np.zeros(3)).objective == pytest.approx(best)


def test_a_listener_hears_progress_and_can_stop(hopeless):
    """It is told about time, plan, bound and gap in its own thread; True stops, and the best plan is kept."""
    heard: list[Progress] = []
    threads = set()

    def listener(progress: Progress) -> bool:
        heard.append(progress)
        threads.add(threading.current_thread())
        return progress.incumbent is not None and progress.seconds > 1

    outcome = solve_form(hopeless, time_limit=60, on_progress=listener)

    assert outcome.interrupted
    assert outcome.status == "feasible"
    assert outcome.seconds < 10
    assert threads == {threading.main_thread()}
    assert [progress.seconds for progress in heard] == sorted(progress.seconds for progress in heard)
    assert heard[-1].stage == "done"
    assert heard[-1].incumbent == outcome.objective
    assert {"search"} <= {progress.stage for progress in heard}
    assert outcome.objective <= min(progress.incumbent for progress in heard if progress.incumbent is not None) + 1e-6


def test_an_error_in_a_listener_is_the_callers(hopeless):
    """It is raised where the solve was called, and the solver is left behind."""

    def listener(_: Progress) -> bool:
        raise ZeroDivisionError

    began = time.perf_counter()
    with pytest.raises(ZeroDivisionError):
        solve_form(hopeless, time_limit=60, on_progress=listener)
    assert time.perf_counter() - began < 5


class Deaf:
    """A HiGHS that does not hear of its time limit, as in a step during which it looks at no clock."""

    def __init__(self, solver: object) -> None:
        self._solver = solver

    def __getattr__(self, name: str) -> object:
        return getattr(self._solver, name)

    def setOptionValue(self, name: str, value: object) -> None:  # HiGHS's name
        if name != "time_limit":
            self._solver.setOptionValue(name, value)


@pytest.fixture
def without_grace(monkeypatch):
    monkeypatch.setattr(engine, "_GRACE_S", 0.0)
    monkeypatch.setattr(engine, "_GRACE_SHARE", 0.0)


@pytest.mark.usefixtures("without_grace")
def test_a_run_that_does_not_come_back_is_left_with_the_best_plan_seen(hopeless):
    """HiGHS looks at its clock only between steps: if a step is long, nobody waits for its end."""
    ending = engine.run(Deaf(engine.load(hopeless)), seconds=2.0)

    assert not ending.finished
    assert ending.incumbent == pytest.approx(hopeless.value(ending.values))
    assert ending.bound < ending.incumbent
    left, stop = engine._LEFT[-1]
    assert stop.is_set()
    left.join(20)
    assert not left.is_alive()  # told to stop, it does at its next step


@pytest.mark.usefixtures("without_grace")
def test_a_session_goes_on_after_its_solver_was_left_behind(hopeless, monkeypatch):
    """The next solve gets a fresh HiGHS, with the changes made meanwhile, and starts from the plan seen."""
    monkeypatch.setattr(session, "load", lambda form: Deaf(engine.load(form)))
    changing = Session(hopeless)
    first = changing.solve(time_limit=2)
    assert changing._solver is None
    changing.change_cost(2 * hopeless.cost)
    second = changing.solve(time_limit=0.5)

    assert first.status == second.status == "feasible"
    assert second.objective <= 2 * first.objective + 1e-6


def test_other_numbers_of_threads_one_after_the_other_and_side_by_side(easy):
    """HiGHS has one scheduler per thread and refuses another size; nobody here may notice."""
    best = solve_form(easy, gap=0).objective
    found: list[float | None] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(solve_form(easy, gap=0, threads=n).objective))
        for n in (1, 2, 1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += [solve_form(easy, gap=0, threads=n).objective for n in (2, 1, 2)]

    assert_allclose(found, best)


def test_a_session_answers_changes_as_a_fresh_model_would(easy):
    """Costs, row bounds and column bounds change; each time the answer is that of the changed model from scratch."""
    changing = Session(easy)
    changing.solve(gap=0)
    rng = np.random.default_rng(1)
    changing.change_cost(easy.cost * rng.uniform(0.5, 2, len(easy.cost)), offset=100.0)
    assert changing.solve(gap=0).objective == pytest.approx(solve_form(changing.form, gap=0).objective)
    changing.change_row_bounds(np.arange(5)[easy.rows["supply"]][:2], -INF, [10.0, 0.0])
    assert changing.solve(gap=0).objective == pytest.approx(solve_form(changing.form, gap=0).objective)
    changing.change_col_bounds(easy.columns["opened"].start, 1, 1)
    outcome = changing.solve(gap=0)

    assert outcome.objective == pytest.approx(solve_form(changing.form, gap=0).objective)
    assert outcome.values[easy.columns["opened"].start] == 1
    assert easy.offset == 0  # the form it was made of stays as it was
    assert easy.row_upper[0] > 10


def test_a_linear_session_starts_from_where_it_stood():
    """After a small change of costs a few pivots are enough."""
    form = fixed_charge(60, 60)
    form = replace(form, integer=np.zeros_like(form.integer))
    changing = Session(form)
    changing.solve()
    cold = changing._solver.getInfo().simplex_iteration_count
    changing.change_cost(form.cost * np.random.default_rng(0).uniform(0.999, 1.001, len(form.cost)))
    changing.solve()

    assert changing._solver.getInfo().simplex_iteration_count < cold / 5


def test_a_gap_proven_for_fractions_of_an_opening_is_not_called_proven(monkeypatch):
    """
    A link that is a millionth open lets a trickle pass for nothing; the plan returned has to pay for the opening.

    5 t saved at 1 each against 100 to open: best is to stay closed. Within HiGHS's tolerance of 1e-6, an opening of
    5 / 1e7 counts as closed and carries all 5, worth -4.99995. The clean-up finds that out, and asks again at 1e-9.
    """
    form = form_of([[1, -1e7], [1, 0]], -INF, [0, 5], [-1, 100], [INF, 1], [0, 1])
    tolerances = []
    original = Session._attempt

    def noted(self, task, start, options):
        tolerances.append(options["mip_feasibility_tolerance"])
        return original(self, task, start, options)

    monkeypatch.setattr(Session, "_attempt", noted)
    changing = Session(form)
    changing._solver = engine.load(form)
    changing._solver.setOptionValue("presolve", "off")  # which would see through it
    outcome = changing.solve(gap=0)

    assert tolerances == [1e-6, 1e-9]
    assert outcome.status == "optimal"
    assert outcome.objective == 0
    assert outcome.values.tolist() == [0, 0]


def test_a_plan_that_beats_the_bound_leaves_no_bound(easy, monkeypatch):
    """If a solver's bound is refuted by a plan, it was no bound: nothing is called proven."""
    original = session._read

    def wrong(solver, form, ending, status):
        original(solver, form, ending, status)
        ending.bound += 1000.0

    monkeypatch.setattr(session, "_read", wrong)
    outcome = solve_form(easy, gap=0)

    assert outcome.status == "feasible"
    assert outcome.bound is None
    assert "beats the bound" in outcome.message


def test_shadow_prices_are_what_one_more_tonne_saves():
    """A tonne more of supply replaces one bought at 40 by one carried at 3; a tonne more needed costs 40."""
    model = assemble(
        "one link",
        [Variable("flow", 1, upper=9), Variable("opened", 1, upper=1, integer=True), Variable("bought", 1)],
        {
            "supply": Rows(flow=[[1]], at_most=5),
            "need": Rows(flow=[[1]], bought=[[1]], equals=8),
            "opening": Rows(flow=[[1]], opened=[[-9]], at_most=0),
        },
        Objective({"flow": np.array([3.0]), "opened": np.array([20.0]), "bought": np.array([40.0])}),
    )
    form = standard_form(model)
    outcome = solve_form(form, gap=0)

    assert outcome.objective == 5 * 3 + 20 + 3 * 40
    assert relaxed_duals(form, outcome.values).tolist() == [3 - 40, 40, 0]
    assert np.isnan(relaxed_duals(replace(form, row_lower=np.array([99.0, 8, 0])), outcome.values)).all()


def test_a_conflict_is_the_few_rows_that_contradict_each_other(easy):
    """One sink must get more than all sources that may serve it have; nothing else is named."""
    upper = easy.col_upper.copy()
    upper[easy.columns["bought"]][2] = 0
    rows = easy.row_upper.copy()
    rows[easy.rows["supply"]] = 1.0
    form = replace(easy, col_upper=upper, row_upper=rows)
    names = [form.row_names()[row] for row in conflict(form)]

    assert solve_form(form).status == "infeasible"
    assert names == ["supply[0]", "supply[1]", "supply[2]", "supply[3]", "need[2]"]
    lower = form.row_lower.copy()
    for row in conflict(form)[:1]:
        lower[row], rows[row] = -INF, INF
    assert solve_form(replace(form, row_lower=lower, row_upper=rows)).status == "optimal"  # each of them counts


def test_no_conflict_where_the_relaxation_is_feasible(easy):
    """A feasible model has none, and one that only whole numbers break has no linear one to show."""
    assert conflict(easy) == []
    assert conflict(form_of([[2, 2]], 3, 3, [1, 1], 1, True)) == []
    assert conflict(form_of([[1, 1]], 3, 2, [1, 1], 5, False)) == [0]


def test_a_coefficient_out_of_all_proportion_is_refused_with_its_size():
    """HiGHS takes nothing above 1e15: that is a wrong unit, and the user is told."""
    with pytest.raises(InputError, match="1e\\+16"):
        solve_form(form_of([[1e16]], 0, 1, 1, 1, False))


def test_a_form_travels_to_another_process_without_its_labels():
    """Arrays are all that a worker needs; labels may hold on to a whole scenario."""
    labelled = assemble("m", [Variable("x", 1, labels=lambda: ["here"])], {}, Objective({"x": np.ones(1)}))
    form = standard_form(labelled)
    copy = pickle.loads(pickle.dumps(form))

    assert form.column_names() == ["x[here]"]
    assert copy.column_names() == ["x[0]"]
    assert solve_form(copy).objective == 0


GOLDEN = """\
maximize
 objective: + 1.5 flow(A~B,truck) - flow(C~D#2) + 7 one
subject to
\\ balance
 balance(tonnes_in): + flow(A~B,truck) + flow(C~D#2) = 4
\\ window
 window(0).low: + 2 flow(A~B,truck) >= 1
 window(0).high: + 2 flow(A~B,truck) <= 3
\\ slack
 slack(0): - flow(C~D#2) + opened(0) - trips(0) + loss(0) >= -0.25
 constant: one = 1
bounds
 flow(A~B,truck) <= 5
 flow(C~D#2) = 2
 opened(0) <= 1
 2 <= trips(0) <= 7
 loss(0) free
binary
 opened(0)
general
 trips(0)
end
"""


def test_lp_text_reads_like_the_model(tmp_path):
    """A heading per family, the user's labels in LP's alphabet, ranges as two rows; written whole or not at all."""
    model = assemble(
        "golden",
        [
            Variable("flow", 2, lower=[0, 2], upper=[5, 2], labels=lambda: ["A>B|truck", "C>D#2"]),
            Variable("opened", 1, upper=1, integer=True),
            Variable("trips", 1, lower=2, upper=7, integer=True),
            Variable("loss", 1, lower=-INF),
        ],
        {
            "balance": Rows(flow=[[1, 1]], equals=4, labels=["tonnes in"]),
            "window": Rows(flow=[[2, 0]], between=(1, 3)),
            "slack": Rows(flow=[[0, -1]], opened=[[1]], trips=[[-1]], loss=[[1]], at_least=-0.25),
        },
        Objective({"flow": np.array([1.5, -1.0])}, constant=7),
    )
    model.objective.sense = -1
    write_lp(model, tmp_path / "golden.lp")

    assert (tmp_path / "golden.lp").read_text() == GOLDEN
    assert [path.name for path in tmp_path.iterdir()] == ["golden.lp"]
    assert lp_text(standard_form(model)) == GOLDEN


@pytest.fixture(scope="module")
def middling() -> StandardForm:
    """Enough decisions for a search in two steps, few enough to be proven in a moment."""
    return fixed_charge(20, 14)


def in_steps(monkeypatch: pytest.MonkeyPatch, wanted: float = 0.02) -> list[float]:
    """Set the first step's gap so that it leaves something open; returns the effort of each step as it is taken."""
    monkeypatch.setattr(session, "_NEAR", wanted)
    monkeypatch.setattr(session, "_NEAR_FROM", 1)
    efforts: list[float] = []
    attempt = Session._attempt

    def spied(self, task, start, options):
        efforts.append(options["mip_heuristic_effort"])
        return attempt(self, task, start, options)

    monkeypatch.setattr(Session, "_attempt", spied)
    return efforts


def test_two_steps_prove_what_one_proves(middling, monkeypatch):
    """First a plan that is near, then its proof with little effort for others: the optimum is the same."""
    one = solve_form(middling, gap=0.0, near=False)
    efforts = in_steps(monkeypatch)
    two = solve_form(middling, gap=0.0)

    assert len(efforts) == 2
    assert efforts[0] > efforts[1]
    assert (one.status, two.status) == ("optimal", "optimal")
    assert_allclose(two.objective, one.objective, rtol=1e-7)


def test_what_is_proven_in_the_first_step_stays_proven(middling, monkeypatch):
    """The second step begins anew, but no bound that is told is worse than that of the first one."""
    in_steps(monkeypatch)
    told: list[float] = []
    outcome = solve_form(middling, gap=0.0, on_progress=lambda now: told.append(now.bound))
    bounds = [bound for bound in told if bound is not None and np.isfinite(bound)]

    assert outcome.status == "optimal"
    assert bounds
    assert (np.diff(bounds) >= -1e-7 * abs(outcome.objective)).all()


def test_a_plan_that_is_near_is_not_called_optimal(middling, monkeypatch):
    """Where the second step gives nothing, the first one's gap is what is proven, and that is not the gap asked for."""
    efforts = in_steps(monkeypatch)
    attempt = Session._attempt

    def second_fails(self, task, start, options):
        return (task.without_plan("no_solution"), False) if efforts else attempt(self, task, start, options)

    monkeypatch.setattr(Session, "_attempt", second_fails)
    outcome = solve_form(middling, gap=0.0)

    assert outcome.status == "feasible"
    assert 0 < outcome.gap <= 0.02


def test_a_plan_said_to_be_near_is_proven_at_once(middling, monkeypatch):
    """Who says that the plan is good gets one step, with little effort for other plans."""
    best = solve_form(middling, gap=0.0)
    efforts = in_steps(monkeypatch)
    again = solve_form(middling, gap=0.0, start=best.values, near=True)

    assert len(efforts) == 1
    assert again.status == "optimal"
    assert_allclose(again.objective, best.objective, rtol=1e-7)
