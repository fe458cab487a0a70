"""A scenario along one or two levers: one set of possible plans, and a cost that moves in a straight line."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.formulation import build
from isopt.geo import Router
from isopt.network import Instance, Ledger, instance_of, ledger_of
from isopt.network.candidates import Candidates, find_candidates
from isopt.network.nodes import parties_of
from isopt.network.prune import Prices, improving_links, improving_ways
from isopt.scenario import Scenario
from isopt.solution import Solution, plan_of
from isopt.solver.compile import StandardForm, standard_form
from isopt.solver.outcome import Outcome, Status, relative_gap
from isopt.solver.session import FEASIBILITY
from isopt.studies.independent import Component, independent_parts
from isopt.studies.levers import Lever
from isopt.studies.part import NO_PLAN
from isopt.studies.solving import Answer, Options, gap_on_savings, plain_solution, solve_baseline, without_tiny_flows

__all__ = ["Parametric", "parametric"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Share by which two numbers that are the same may differ.
SAME = 1e-9
#: Where inside the box the straight line is tried: away from the middle, where a curve could meet it by symmetry.
INSIDE = (0.38, 0.27)
#: Most levers at once.
MOST_LEVERS = 2
#: Boxes that a range (a side of the plane) is cut into for the proofs of what is useless: what two ways out, of which
#: either is the cheaper one somewhere, leave undecided in one large box is decided in small ones.
CUTS = {1: 16, 2: 4}


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
    kept
        Candidates that may be of use somewhere in the box, shape (all candidates,).
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
    kept: Flags | None = None

    @cached_property
    def whole(self) -> Parametric:
        """The same with all candidates, also those that are of no use anywhere in the box."""
        if self.kept is None or self.kept.all():
            return self
        box = [(float(low), float(high)) for low, high in zip(self.low, self.high, strict=True)]
        return parametric(self.scenario, self.levers, box, routers=self.routers, prune=False)

    def instance_at(self, point: Sequence[float] | Array) -> Instance:
        """
        Return the instance with the levers at some values, its variables those of ``form``.

        Parameters
        ----------
        point
            A value for each lever.
        """
        scenario = _at(self.scenario, self.levers, point)
        found = find_candidates(scenario, parties_of(scenario), self.routers)
        return _instance(found, self.kept)

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
        """Independent parts of the model, largest first."""
        return independent_parts(self.form, self.slopes)


def parametric(
    scenario: Scenario,
    levers: Sequence[Lever | str],
    box: Sequence[tuple[float, float]],
    *,
    routers: Mapping[str, Router] | None = None,
    prune: bool = True,
) -> Parametric:
    r"""
    Make sure that levers move the objective in a straight line and nothing else, and return how.

    With :math:`\lambda` the levers, the plans :math:`X` stay the same and

    .. math:: v(\lambda) = \min_{x \in X} \; c^0 x + \sum_k \lambda_k \, g^k x

    which is concave, since it is the least of straight lines (planes). The model is compiled at every corner of the box
    and at a point inside it: rows, bounds and whole numbers must be the same at all of them, and each cost what the
    straight line says. A candidate leaves only where it is proven useless in the whole box: what is useless at both
    ends may be of use between them, see `isopt.network.prune.improving_links`.

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
    prune
        Drop candidates that are of no use anywhere in the box.

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
    span = high - low
    start = _at(scenario, chosen, low)
    found = find_candidates(start, parties_of(start), routers)
    scenario = replace(scenario, distances=found.scenario.distances)  # measured once
    points = [*itertools.product((0.0, 1.0), repeat=len(chosen)), INSIDE[: len(chosen)]][1:]
    others = {}
    for share in points:
        variant = _at(scenario, chosen, low + np.array(share) * span)
        others[share] = find_candidates(variant, parties_of(variant), routers)
        if not _same_candidates(found, others[share]):
            raise InputError(_possible(chosen, box))
    kept = _useful(found, others, len(chosen)) if prune else None
    corner = _instance(found, kept)
    form = standard_form(build(corner))
    _require_rows(form)
    tried: dict[tuple[float, ...], tuple[Array, float]] = {}
    for share in points:
        other = standard_form(build(_instance(others[share], kept)))
        if not _same_rows(form, other):
            raise InputError(_possible(chosen, box))
        tried[share] = (other.cost, other.offset)
    unit = np.eye(len(chosen))
    steps = [tried[tuple(float(one) for one in unit[k])] for k in range(len(chosen))]
    slopes = np.array([(cost - form.cost) / span[k] for k, (cost, _) in enumerate(steps)])
    constants = np.array([(offset - form.offset) / span[k] for k, (_, offset) in enumerate(steps)])
    problem = Parametric(scenario, chosen, low, high, corner, form, slopes, constants, routers, kept)
    _require_straight(problem, tried)
    if "cost" not in corner.minimise and not slopes.any() and not constants.any():
        names = " and ".join(lever.name for lever in chosen)
        raise InputError(f"the scenario does not minimise cost, and {names} moves nothing of what it minimises")
    return problem


def _require_straight(problem: Parametric, tried: Mapping[tuple[float, ...], tuple[Array, float]]) -> None:
    """Refuse costs that are not what the straight line says where they were tried."""
    form = problem.form
    for share, (cost, offset) in tried.items():
        point = problem.low + np.array(share) * (problem.high - problem.low)
        size = max(abs(offset), abs(form.offset))
        straight = _straight(problem.cost_at(point), cost, form.cost)
        if not straight or abs(problem.constant_at(point) - offset) > SAME * max(size, 1.0):
            names = " and ".join(lever.name for lever in problem.levers)
            raise InputError(
                f"{names} moves the objective in a curve, so that no finite list of values is exact: a sweep over its "
                "values answers that"
            )


def _straight(told: Array, cost: Array, other: Array) -> bool:
    """Whether costs are what a straight line says, up to a share of themselves or of those where it begins."""
    scale = np.maximum(np.abs(cost), np.abs(other))
    return bool((np.abs(told - cost) <= SAME * np.maximum(scale, 1.0)).all())


def _useful(found: Candidates, others: Mapping[tuple[float, ...], Candidates], levers: int) -> Flags | None:
    """
    Tell which candidates may be of use in the box; None where prices do not move in straight lines (told later).

    Returns
    -------
    kept
        Shape (candidates,).
    """
    instance = _instance(found, None)
    start = _prices(instance)
    at = {share: _prices(_instance(candidates, None)) for share, candidates in others.items()}
    unit = [tuple(float(one) for one in row) for row in np.eye(levers)]
    slopes = [{name: at[end].get(name, 0.0) - of for name, of in start.items()} for end in unit]

    def told(share: Sequence[float]) -> Prices:
        return {name: of + sum(s * slope[name] for s, slope in zip(share, slopes, strict=True))
                for name, of in start.items()}  # fmt: skip

    for share, prices in at.items():
        line = told(share)
        if prices.keys() != start.keys() or not all(_straight(line[n], of, start[n]) for n, of in prices.items()):
            return None
    edges = np.linspace(0.0, 1.0, CUTS[levers] + 1)
    boxes = itertools.product(itertools.pairwise(edges), repeat=levers)
    cells = [[told(corner) for corner in itertools.product(*box)] for box in boxes]
    kept: Flags = np.ones(found.count, dtype=bool)
    kept[:] = improving_ways(instance, cells) & improving_links(instance, cells)
    return kept


def _prices(instance: Instance) -> Prices:
    """What the objective counts of each variable."""
    return ledger_of(instance).objective(instance.minimise)[0]


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


def _at(scenario: Scenario, levers: Sequence[Lever], point: Sequence[float] | Array) -> Scenario:
    """Set the levers; what is measured already stays measured."""
    for lever, value in zip(levers, point, strict=True):
        scenario = lever.at(scenario, float(value))
    return scenario


def _instance(found: Candidates, kept: Flags | None) -> Instance:
    """Make the instance of some of the candidates."""
    if kept is not None:
        ways = found.to_disposal
        found = found.keep(kept | ~ways, "dominated_way").keep(kept[kept | ~ways], "dominated")
    return instance_of(found.scenario, prune=False, candidates=found)


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


def _possible(levers: Sequence[Lever], box: Sequence[tuple[float, float]]) -> str:
    """Say that levers change more than costs."""
    told = " and ".join(
        f"{lever.name} from {low:g} to {high:g}" for lever, (low, high) in zip(levers, box, strict=True)
    )
    return (
        f"{told} changes what is possible, not only what it costs (links, rows or limits of the model are not the same "
        "at all its values; a price of exactly 0 may take a decision away, then begin above it): a sweep over its "
        "values answers that"
    )
