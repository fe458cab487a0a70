"""A scenario along one or two levers: one set of possible plans, and a cost that moves in a straight line."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from isopt.errors import InputError
from isopt.formulation import build
from isopt.geo import Router
from isopt.network import Instance, Ledger, instance_of, ledger_of
from isopt.network.candidates import Candidates, find_candidates
from isopt.network.nodes import parties_of
from isopt.scenario import Scenario
from isopt.solution import Solution, plan_of
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.outcome import Outcome, Status, relative_gap
from isopt.solver.session import FEASIBILITY
from isopt.studies.levers import Lever
from isopt.studies.solving import Answer, Options, gap_on_savings, plain_solution, solve_baseline, without_tiny_flows

__all__ = ["Component", "Parametric", "parametric"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: What is said where no value of a lever leaves a plan.
NO_PLAN = "there is no plan that meets all requirements, whatever the lever: isopt solve says why"
#: Share by which two numbers that are the same may differ.
SAME = 1e-9
#: Where inside the box the straight line is tried: away from the middle, where a curve could meet it by symmetry.
INSIDE = (0.38, 0.27)
#: Most levers at once.
MOST_LEVERS = 2


@dataclass(frozen=True)
class Component:
    """
    A part of the model that shares neither a row nor a variable with the rest.

    Parameters
    ----------
    form
        Its rows and columns, with the costs at the box's lower corner and no constant.
    columns
        Its columns in the whole model, shape (columns,).
    slopes
        What one unit of each lever adds to the costs, shape (levers, columns).
    """

    form: StandardForm
    columns: Indices
    slopes: Array

    @property
    def moved(self) -> bool:
        """Whether a lever changes any of its costs."""
        return bool(self.slopes.any())


@dataclass(frozen=True)
class Parametric:
    """
    All that the levers leave as it is, and how they move the objective.

    Parameters
    ----------
    scenario
        As it was given.
    levers
        One or two.
    low, high
        Ends of each lever's range, shape (levers,).
    instance
        Of the lower corner.
    form
        The model at the lower corner.
    slopes
        What one unit of each lever adds to each cost, shape (levers, columns).
    constants
        What one unit of each lever adds to the constant, shape (levers,).
    routers
        Routers that were used.
    """

    scenario: Scenario
    levers: tuple[Lever, ...]
    low: Array
    high: Array
    instance: Instance
    form: StandardForm
    slopes: Array
    constants: Array
    routers: Mapping[str, Router] | None = None

    def instance_at(self, point: Sequence[float] | Array) -> Instance:
        """
        Return the instance with the levers at some values, its variables those of ``form``.

        Parameters
        ----------
        point
            A value for each lever.
        """
        return _instance(self.scenario, self.levers, point, self.routers)[0]

    def constant_at(self, point: Sequence[float] | Array) -> float:
        """What the objective has whatever is decided, at a value of each lever."""
        return self.form.offset + float(self.constants @ (np.asarray(point, dtype=np.float64) - self.low))

    def cost_at(self, point: Sequence[float] | Array) -> Array:
        """Cost of each column at a value of each lever, shape (columns,)."""
        cost: Array = self.form.cost + (np.asarray(point, dtype=np.float64) - self.low) @ self.slopes
        return cost

    def form_at(self, point: Sequence[float] | Array) -> StandardForm:
        """Return the model at a value of each lever."""
        return replace(self.form, cost=self.cost_at(point), offset=self.constant_at(point))

    @cached_property
    def ledgers(self) -> list[Ledger]:
        """Lines of account at the lower corner, and with one lever after the other at its upper end."""
        points = [np.where(np.arange(len(self.levers)) == k, self.high, self.low) for k in range(len(self.levers))]
        return [ledger_of(instance) for instance in (self.instance, *(self.instance_at(point) for point in points))]

    def solution_at(self, point: Sequence[float] | Array, values: Array, error: float) -> Solution:
        """
        Write a plan down as a solution, with the baseline beside it.

        Parameters
        ----------
        point
            A value for each lever.
        values
            The plan, shape (columns,).
        error
            How far its cost may be above the least possible there; infinite where nothing is proven.
        """
        instance, form = self.instance_at(point), self.form_at(point)
        objective = form.value(values)
        bound = objective - error if np.isfinite(error) else None
        status: Status = "optimal" if error == 0 else "feasible"
        outcome = Outcome(status, objective, bound, relative_gap(objective, bound), values, 0.0)
        outcome = without_tiny_flows(form, outcome)
        tidy = values if outcome.values is None else outcome.values
        plan = plan_of(instance, {name: tidy[where] for name, where in form.columns.items()})
        answer = Answer(instance, form, outcome, plan, {})
        solver = instance.scenario.settings.solver
        before, reason = solve_baseline(instance, Options(0.0, solver.time_limit_s, solver.threads, lambda _: None))
        baseline = None if before is None else plain_solution(before, None, solver.gap)
        found = plain_solution(answer, None if before is None else before.plan, 0.0)
        warnings = tuple(str(problem) for problem in instance.scenario.warnings) + instance.candidates.notes
        saved = gap_on_savings(instance, found, baseline)
        return replace(found, gap_on_savings=saved, baseline=baseline, baseline_reason=reason, warnings=warnings)

    @cached_property
    def components(self) -> list[Component]:
        """
        Independent parts of the model, largest first.

        Rows and columns are the two sides of a graph, coefficients its edges: what is not connected can be decided
        apart. A limit on the whole region connects everything that it counts.
        """
        rows, columns = self.form.shape
        if not columns:
            return []
        matrix = self.form.matrix
        edges = (
            sp.block_array([[None, matrix], [matrix.T, None]], format="csr") if rows else sp.csr_array((columns,) * 2)
        )
        _, label = connected_components(edges, directed=False)
        of_column = label[rows:]
        order = np.argsort(of_column, kind="stable").astype(np.int64)
        starts = np.flatnonzero(np.diff(of_column[order], prepend=-1))
        parts = np.split(order, starts[1:])
        by_row = np.argsort(label[:rows], kind="stable")
        row_label = label[:rows][by_row]
        found = []
        for part in sorted(parts, key=len, reverse=True):
            mine = of_column[part[0]]
            here = by_row[np.searchsorted(row_label, mine) : np.searchsorted(row_label, mine, side="right")]
            form = part_of(self.form, here, part)
            found.append(Component(form, part, self.slopes[:, part]))
        return found


def part_of(form: StandardForm, rows: Indices, columns: Indices) -> StandardForm:
    """
    Cut some rows and columns out of a model, without its constant.

    Parameters
    ----------
    form
        The whole.
    rows, columns
        Which, in ascending order.
    """
    return replace(
        form,
        matrix=sp.csc_array(form.matrix[:, columns][rows, :]),
        cost=form.cost[columns],
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
        integer=form.integer[columns],
        columns=_places(form.columns, columns),
        rows=_places(form.rows, rows),
        column_labels={},
        row_labels={},
    )


def _places(of: Mapping[str, slice], chosen: Indices) -> dict[str, slice]:
    """Where each variable (or family) stands among those chosen."""
    return {
        name: slice(*(int(place) for place in np.searchsorted(chosen, (where.start, where.stop))))
        for name, where in of.items()
    }


def parametric(
    scenario: Scenario,
    levers: Sequence[Lever | str],
    box: Sequence[tuple[float, float]],
    *,
    routers: Mapping[str, Router] | None = None,
) -> Parametric:
    r"""
    Make sure that levers move the objective in a straight line and nothing else, and return how.

    With :math:`\lambda` the levers, the plans :math:`X` stay the same and

    .. math:: v(\lambda) = \min_{x \in X} \; c^0 x + \sum_k \lambda_k \, g^k x

    which is concave, since it is the least of straight lines (planes). The model is compiled at every corner of the box
    and at a point inside it: rows, bounds and whole numbers must be the same at all of them, and each cost what the
    straight line says. Candidates are not pruned, since what is proven useless at both ends may be useful between them.

    Parameters
    ----------
    scenario
        Any scenario.
    levers
        One or two, or their names.
    box
        Lower and upper end for each.
    routers
        Routers by mode or network, before those of ``[routing]``.

    Raises
    ------
    InputError
        A lever is unknown, its range is empty, it changes what is possible, or it moves the objective in a curve.
    ScenarioError
        A value is not allowed there.

    Examples
    --------
    >>> import isopt
    >>> problem = parametric(isopt.read("scenarios/two_firms"), ["landfill_tax"], [(0, 250)])
    >>> float(problem.cost_at([100])[problem.form.columns["disposed"]][0])  # a gate fee of 45 and the tax
    145.0
    """
    chosen = tuple(lever if isinstance(lever, Lever) else Lever.parse(lever) for lever in levers)
    _check(chosen, box)
    low, high = np.array(box, dtype=np.float64).T
    corner, found = _instance(scenario, chosen, low, routers)
    scenario = replace(scenario, distances=found.scenario.distances)  # measured once
    form = standard_form(build(corner))
    _require_rows(form)
    tried: dict[tuple[float, ...], tuple[Array, float]] = {}
    names = " and ".join(lever.name for lever in chosen)
    points = [*itertools.product((0.0, 1.0), repeat=len(chosen)), INSIDE[: len(chosen)]][1:]
    for share in points:
        instance, others = _instance(scenario, chosen, low + np.array(share) * (high - low), routers)
        other = standard_form(build(instance))
        if not (_same_candidates(found, others) and _same_rows(form, other)):
            raise InputError(
                f"{_told(chosen, box)} changes what is possible, not only what it costs "
                "(links, rows or limits of the model are not the same at all its values; a price of exactly 0 may take "
                "a decision away, then begin above it): a sweep over its values answers that"
            )
        tried[share] = (other.cost, other.offset)
    span = high - low
    unit = np.eye(len(chosen))
    steps = [tried[tuple(float(one) for one in unit[k])] for k in range(len(chosen))]
    slopes = np.array([(cost - form.cost) / span[k] for k, (cost, _) in enumerate(steps)])
    constants = np.array([(offset - form.offset) / span[k] for k, (_, offset) in enumerate(steps)])
    problem = Parametric(scenario, chosen, low, high, corner, form, slopes, constants, routers)
    for share in points:
        point = low + np.array(share) * span
        cost, offset = tried[share]
        scale = np.maximum(np.abs(cost), np.abs(form.cost))
        size = max(abs(offset), abs(form.offset))
        straight = np.abs(problem.cost_at(point) - cost) <= SAME * np.maximum(scale, 1.0)
        if not straight.all() or abs(problem.constant_at(point) - offset) > SAME * max(size, 1.0):
            raise InputError(
                f"{names} moves the objective in a curve, so that no finite list of values is exact: a sweep over its "
                "values answers that"
            )
    if "cost" not in corner.minimise and not slopes.any() and not constants.any():
        raise InputError(f"the scenario does not minimise cost, and {names} moves nothing of what it minimises")
    return problem


def _require_rows(form: StandardForm) -> None:
    """Refuse a model with a row that nothing can fill: no part would notice it."""
    empty = np.bincount(form.matrix.indices, minlength=form.shape[0]) == 0
    if (empty & ((form.row_lower > FEASIBILITY) | (form.row_upper < -FEASIBILITY))).any():
        raise InputError(NO_PLAN)


def _check(levers: Sequence[Lever], box: Sequence[tuple[float, float]]) -> None:
    """Refuse ranges that are none."""
    if not 1 <= len(levers) <= MOST_LEVERS or len(box) != len(levers):
        raise InputError(f"give one or two levers with a range for each, not {len(levers)} with {len(box)}")
    if len({(lever.table, lever.row, lever.column, lever.classes) for lever in levers}) < len(levers):
        raise InputError("the two levers are the same one")
    for lever, (low, high) in zip(levers, box, strict=True):
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise InputError(f"{lever.name} needs a range from a lower to a higher value, not from {low} to {high}")


def _instance(
    scenario: Scenario, levers: Sequence[Lever], point: Sequence[float] | Array, routers: Mapping[str, Router] | None
) -> tuple[Instance, Candidates]:
    """Set the levers and make the instance; what is measured already stays measured."""
    for lever, value in zip(levers, point, strict=True):
        scenario = lever.at(scenario, float(value))
    found = find_candidates(scenario, parties_of(scenario), routers)
    return instance_of(scenario, prune=False, routers=routers, candidates=found), found


def _same_candidates(one: Candidates, other: Candidates) -> bool:
    """Whether the same links could carry something, and as much of it would arrive."""
    names = ("origin", "receiver", "mode", "substitution", "distance_km", "available", "arrives", "listed")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def _same_rows(one: StandardForm, other: StandardForm) -> bool:
    """Whether two models allow the same plans."""
    if one.shape != other.shape or dict(one.columns) != dict(other.columns) or dict(one.rows) != dict(other.rows):
        return False
    names = ("col_lower", "col_upper", "row_lower", "row_upper", "integer")
    same = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
    left, right = (sp.csc_array(form.matrix) for form in (one, other))
    for matrix in (left, right):
        matrix.sum_duplicates()
    return (
        same
        and one.sense == other.sense
        and np.array_equal(left.indptr, right.indptr)
        and np.array_equal(left.indices, right.indices)
        and np.array_equal(left.data, right.data)
    )


def _told(levers: Sequence[Lever], box: Sequence[tuple[float, float]]) -> str:
    return " and ".join(
        f"{lever.name} from {low:g} to {high:g}" for lever, (low, high) in zip(levers, box, strict=True)
    )
