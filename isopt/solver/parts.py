"""
Independent parts: a model that falls apart is solved part by part, and the sum is exact.

Links that share no plant, limit, capacity or budget never meet in a row of the matrix. Branching over all of them at
once costs a search tree that is
the product of the parts' trees; one after another it costs their sum.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from isopt.solver.highs import solve_form
from isopt.solver.outcome import Outcome, Progress, relative_gap
from isopt.solver.progress import interruptible
from isopt.solver.session import GAP, TIME_LIMIT_S

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from isopt.formulation.rows import Matrix
    from isopt.solver.compile import StandardForm
    from isopt.solver.outcome import Listener, Status

Indices: TypeAlias = "NDArray[np.integer]"
#: What is within its gap goes on to the exact optimum for this long: small models come out to the last digit.
POLISH_S = 1.0
#: Least time that a part is given, in seconds.
LEAST_S = 0.2
#: Time for any plan of what is left after somebody stopped the search.
HURRY_S = 5.0


@dataclass(frozen=True)
class Part:
    """
    A part of a model that shares no row with the rest.

    Parameters
    ----------
    form
        The part as a model of its own.
    columns
        Its columns in the whole, shape (part's columns,).
    """

    form: StandardForm
    columns: Indices

    @property
    def weight(self) -> float:
        """How hard it may be: the number of its whole numbers."""
        return float(self.form.integer.sum())


def split(form: StandardForm) -> list[Part]:
    """
    Split a model into independent parts, all that have no whole numbers together in the first one.

    Parameters
    ----------
    form
        The model.

    Returns
    -------
    parts
        From the easiest to the hardest; a single one where nothing comes apart.
    """
    rows, columns = form.shape
    matrix = sp.csr_array(form.matrix)
    entries = sp.coo_array(matrix)
    graph = sp.csr_array(
        (np.ones(entries.nnz), (entries.coords[0], entries.coords[1] + rows)), shape=(rows + columns, rows + columns)
    )
    count, label = connected_components(graph, directed=False)
    of_row, of_column = label[:rows], label[rows:]
    whole = np.bincount(of_column, weights=form.integer, minlength=count) > 0
    if whole.sum() + (~whole[of_column]).any() <= 1:
        return [Part(form, np.arange(columns))]
    group = np.where(whole, np.cumsum(whole), 0)
    part_of_row, part_of_column = group[of_row], group[of_column]
    row_order, column_order = np.argsort(part_of_row, kind="stable"), np.argsort(part_of_column, kind="stable")
    row_cut = np.searchsorted(part_of_row[row_order], np.arange(whole.sum() + 2))
    column_cut = np.searchsorted(part_of_column[column_order], np.arange(whole.sum() + 2))
    parts = []
    for k in range(int(whole.sum()) + 1):
        its_rows = row_order[row_cut[k] : row_cut[k + 1]]
        its_columns = column_order[column_cut[k] : column_cut[k + 1]]
        if its_columns.size or its_rows.size:
            parts.append(Part(_cut(form, matrix, its_rows, its_columns), its_columns))
    return sorted(parts, key=lambda part: part.weight)


def _cut(form: StandardForm, matrix: Matrix, rows: Indices, columns: Indices) -> StandardForm:
    """Take some rows and columns out of a model; the constant of the objective stays behind."""
    return replace(
        form,
        matrix=sp.csc_array(matrix[rows][:, columns]),
        cost=form.cost[columns],
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
        integer=form.integer[columns],
        columns={},
        rows={},
        column_labels={},
        row_labels={},
    )


def solve_parts(
    form: StandardForm,
    *,
    gap: float = GAP,
    time_limit: float = TIME_LIMIT_S,
    threads: int | None = None,
    on_progress: Listener | None = None,
) -> Outcome:
    """
    Solve a model part by part, to a gap over all and to the exact optimum where that takes no time.

    Parameters
    ----------
    form
        The model.
    gap
        Stop when the whole plan is proven within this share of the best possible.
    time_limit
        Wall-clock seconds for all parts.
    threads
        Threads that HiGHS may use.
    on_progress
        Told about the whole: the plan is known once every part has one, the bound from the relaxation on. Returning
        True stops the search and
        keeps the best plan, as Ctrl-C does.

    Returns
    -------
    outcome
        As of `solve_form`, for the whole model.
    """
    began = time.perf_counter()
    with interruptible() as pressed:
        return _Search(split(form), form, gap, time_limit, threads, on_progress, began, pressed).run()


class _Search:
    """One call of `solve_parts`: what is known of every part so far."""

    def __init__(
        self,
        parts: list[Part],
        form: StandardForm,
        gap: float,
        time_limit: float,
        threads: int | None,
        listener: Listener | None,
        began: float,
        pressed: threading.Event,
    ) -> None:
        self._parts, self._form, self._gap, self._threads = parts, form, gap, threads
        self._deadline, self._listener, self._began, self._pressed = began + time_limit, listener, began, pressed
        self._found: list[Outcome | None] = [None] * len(parts)
        self._bound: list[float | None] = [None] * len(parts)
        self._stopped = False
        self._messages: list[str] = []
        self._weight = sum(part.weight for part in parts) or 1.0

    def run(self) -> Outcome:
        """Relax, solve every part, and go on with the worst while there is time."""
        for k in range(len(self._parts)):
            failed = self._relax(k)
            if failed is not None:
                return self._without_plan(failed)
        for k in range(len(self._parts)):
            found = self._found[k]
            if found is None or found.status != "optimal":
                self._solve(k)
            status = self._outcome(k).status
            if status in {"infeasible", "unbounded"}:
                return self._without_plan(status)
        while not self._stopped and self._left > LEAST_S and not self._proven:
            open_parts = [k for k in range(len(self._parts)) if self._missing(k) > self._allowance(k)]
            if not open_parts:
                break
            worst = max(open_parts, key=self._missing)
            before = self._missing(worst)
            self._solve(worst, again=True)
            if self._missing(worst) >= before:
                break
        if self._listener is not None:
            self._listener(self._progress(None, "done"))
        return self._summed()

    @property
    def _left(self) -> float:
        return self._deadline - time.perf_counter()

    def _outcome(self, k: int) -> Outcome:
        found = self._found[k]
        assert found is not None
        return found

    def _relax(self, k: int) -> Status | None:
        """Bound a part by its linear relaxation (a part without whole numbers is solved by it); tell if it can't be."""
        part = self._parts[k]
        whole = bool(part.form.integer.any())
        if whole and len(self._parts) == 1:
            return None  # the search begins with the same relaxation
        relaxed = replace(part.form, integer=np.zeros_like(part.form.integer))
        outcome = solve_form(
            relaxed,
            gap=0.0,
            time_limit=max(self._left, LEAST_S),
            threads=self._threads,
            on_progress=self._hear(k, whole),
        )
        self._stopped |= outcome.interrupted or self._pressed.is_set()
        if outcome.status == "infeasible" or (outcome.status == "unbounded" and not whole):
            return outcome.status
        self._bound[k] = outcome.bound
        if not whole:
            self._found[k] = outcome
        return None

    def _solve(self, k: int, *, again: bool = False) -> None:
        """Search a part within its share of the time."""
        part, before = self._parts[k], self._found[k]
        rest = sum(other.weight for other in self._parts[k:]) or 1.0
        seconds = HURRY_S if self._stopped else max(self._left * (1.0 if again else part.weight / rest), LEAST_S)
        outcome = solve_form(
            part.form,
            gap=0.0,
            time_limit=seconds,
            threads=self._threads,
            start=None if before is None else before.values,
            on_progress=self._hear(k, False),
        )
        self._stopped |= self._pressed.is_set()
        bounds = [bound for bound in (self._bound[k], outcome.bound) if bound is not None]
        if bounds:
            self._bound[k] = max(bounds) if self._form.sense > 0 else min(bounds)
        if outcome.message:
            self._messages.append(outcome.message)
        worse = (
            before is not None
            and before.objective is not None
            and (outcome.objective is None or self._form.sense * (outcome.objective - before.objective) > 0)
        )
        if not worse:
            self._found[k] = outcome

    def _hear(self, k: int, relaxation: bool) -> Listener:
        """Listen to one part: tell the user about the whole, and stop it when it is good enough."""

        def listen(progress: Progress) -> bool:
            if progress.stage == "done":
                return False
            if self._pressed.is_set():
                self._stopped = True
            if self._listener is not None and self._listener(
                self._progress((k, progress), "relaxation" if relaxation else None)
            ):
                self._stopped = True
            if relaxation:
                return self._stopped and progress.seconds > HURRY_S
            has_plan = progress.incumbent is not None
            if self._stopped:
                return has_plan or len(self._parts) == 1
            if progress.incumbent is None or progress.bound is None:
                return False
            near = abs(progress.incumbent - progress.bound) <= self._allowance(k)
            return near and progress.seconds > POLISH_S * self._parts[k].weight / self._weight

        return listen

    def _allowance(self, k: int) -> float:
        """How far a plan of a part may be from its bound for the whole to keep to the gap, by the part's size."""
        known = [bound for bound in self._bound if bound is not None]
        if len(known) < len(self._parts):
            found = self._found[k]
            scale = abs(found.objective) if found is not None and found.objective is not None else 0.0
            return self._gap * scale if len(self._parts) == 1 else 0.0
        return self._gap * abs(sum(known) + self._form.offset) * self._parts[k].weight / self._weight

    def _missing(self, k: int) -> float:
        found, bound = self._outcome(k), self._bound[k]
        if found.objective is None or bound is None:
            return float("inf")
        return abs(found.objective - bound)

    @property
    def _proven(self) -> bool:
        gap = relative_gap(*self._sums())
        return gap is not None and gap <= self._gap

    def _sums(self) -> tuple[float | None, float | None]:
        """Objective and bound of the whole, None while a part is not known."""
        objectives = [None if found is None else found.objective for found in self._found]
        return _total(objectives, self._form.offset), _total(self._bound, self._form.offset)

    def _progress(self, now: tuple[int, Progress] | None, stage: str | None) -> Progress:
        """Progress of the whole, from the parts done and the one at work."""
        objectives = [None if found is None else found.objective for found in self._found]
        bounds = list(self._bound)
        nodes = sum(found.nodes for found in self._found if found is not None)
        name = stage or "search"
        if now is not None:
            k, progress = now
            nodes += progress.nodes
            name = stage or progress.stage
            if progress.incumbent is not None and stage is None:
                objectives[k] = progress.incumbent
            if progress.bound is not None and bounds[k] is None:
                bounds[k] = progress.bound
            elif progress.bound is not None and bounds[k] is not None:
                bounds[k] = self._form.sense * max(
                    self._form.sense * progress.bound, self._form.sense * float(bounds[k] or 0.0)
                )
            if len(self._parts) > 1 and stage is None:
                name = f"{progress.stage} {k + 1}/{len(self._parts)}"
        incumbent, bound = _total(objectives, self._form.offset), _total(bounds, self._form.offset)
        seconds = time.perf_counter() - self._began
        return Progress(seconds, incumbent, bound, relative_gap(incumbent, bound), nodes, name)

    def _without_plan(self, status: Status) -> Outcome:
        return Outcome(status, None, None, None, None, time.perf_counter() - self._began, self._stopped)

    def _summed(self) -> Outcome:
        """Put the parts together."""
        objective, bound = self._sums()
        nodes = sum(self._outcome(k).nodes for k in range(len(self._parts)))
        message = "; ".join(dict.fromkeys(self._messages))
        seconds = time.perf_counter() - self._began
        if objective is None:
            return Outcome("no_solution", None, bound, None, None, seconds, self._stopped, nodes, message)
        values = np.zeros(self._form.shape[1])
        for k, part in enumerate(self._parts):
            found = self._outcome(k).values
            assert found is not None
            values[part.columns] = found
        objective = self._form.value(values)
        if bound is not None and self._form.sense * (bound - objective) > 0:
            bound = objective  # equal within the tolerance of the parts
        found_gap = relative_gap(objective, bound)
        all_optimal = all(self._outcome(k).status == "optimal" for k in range(len(self._parts)))
        proven = all_optimal or (found_gap is not None and found_gap <= self._gap and not message)
        status: Status = "optimal" if proven else "feasible"
        return Outcome(
            status, objective, bound, found_gap, values, seconds, self._stopped and not proven, nodes, message
        )


def _total(values: list[float | None], offset: float) -> float | None:
    """Sum of what is known of all parts, None while one is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) + offset if len(known) == len(values) else None
