"""
The independent audit of a plan: its tables are held against the scenario with arithmetic of their own.

Nothing here knows the model, the network or the solver. Each rule is a function named after the sentence of the
contract that it holds, with that sentence in its docstring; the flows, the years in which things open and what is
bought are taken as given, all else is worked out again from the scenario's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from isopt.solution.audit import (
    balances,
    conversion,
    exchanges,
    firms,
    kpis,
    ledgers,
    limits,
    may,
    names,
    nearest,
    outcome,
    plants,
    quality,
    stocks,
)
from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.inputs import Inputs
from isopt.solution.audit.judge import Verdict, holds
from isopt.solution.audit.report import AuditReport, Finding
from isopt.solution.audit.solution import KEYS, Audited, every_table_is_there_with_its_columns

__all__ = ["AuditReport", "Audited", "Finding", "audit"]

Rule = Callable[[Evidence], Verdict]
BASELINE = "baseline/"  # before the names of its rules and tables
_no_foreign = outcome.the_baseline_has_no_exchange_between_organisations

# The rules of a plan on its own, in the order in which a reader would check them.
RULES: tuple[Rule, ...] = (
    balances.no_amount_is_negative,
    ledgers.a_flow_says_where_it_goes,
    ledgers.a_flow_s_figures_follow_from_what_is_sent,
    nearest.a_flow_goes_to_one_of_the_nearest,
    exchanges.a_single_receiver_is_one_facility,
    balances.a_stream_that_must_be_placed_goes_out_in_full,
    balances.a_demand_is_met_by_exchange_or_purchase,
    balances.shares_hold_in_each_period,
    quality.a_blend_keeps_its_limits,
    conversion.a_plant_processes_what_arrives,
    conversion.a_plant_sends_out_its_yields,
    conversion.a_mix_keeps_its_shares,
    plants.what_is_built_stays,
    plants.capacity_is_added_up_to_its_largest,
    plants.throughput_fits_the_capacity,
    plants.one_plant_of_a_choice_is_built,
    stocks.a_stock_ends_at_its_initial,
    stocks.a_stock_costs_by_what_lies_at_the_end,
    exchanges.an_exchange_is_open_when_it_is_used,
    exchanges.a_required_exchange_is_open_from_the_first_year,
    exchanges.an_exchange_carries_its_lot_and_no_more,
    exchanges.exchanges_csv_names_the_exchange,
    exchanges.exchanges_csv_says_what_they_carry_and_cost,
    plants.plants_csv_says_what_they_do_and_cost,
    ledgers.a_disposal_takes_no_more_than_its_capacity,
    ledgers.disposal_csv_says_what_comes_out,
    ledgers.virgin_csv_says_what_is_bought,
    limits.limits_hold_in_each_year,
    limits.limits_hold_for_what_stands_at_the_end,
    firms.firms_csv_adds_up,
    firms.firms_csv_is_the_journal_by_organisation,
    firms.payments_move_between_firms,
)


def audit(solution: Audited, tolerance: float = 1e-6) -> AuditReport:
    """
    Whether a solution's tables are right: every row and number that is not, by name.

    The stored baseline is audited too, with the scenario of the solution itself. Where a table is not readable, or
    names what the scenario does not have, nothing further is looked at.

    Parameters
    ----------
    solution
        A solution from memory or read back from its files.
    tolerance
        Relative; see `isopt.solution.audit.judge` for what it is relative to.

    Returns
    -------
    report
        The rules, how many rows each was held against, and each row that breaks one.
    """
    problems: list[Finding] = []
    checks: dict[str, int] = {}
    # Each new column and each heading would be packed for Arrow, which takes a quarter of a small plan's time and more
    # than it saves with twenty thousand flows.
    with pd.option_context("mode.string_storage", "python"):
        for rule, verdict in _verdicts(solution, tolerance):
            checks[rule] = checks.get(rule, 0) + verdict.rows
            problems += verdict.findings
    return AuditReport(tuple(problems), checks)


def _verdicts(solution: Audited, tolerance: float) -> Iterator[tuple[str, Verdict]]:
    """Each rule's name and verdict."""
    known = outcome.the_status_is_one_of_four(solution)
    yield _named(outcome.the_status_is_one_of_four, known)
    if solution.status not in outcome.SOLVED:
        if not known.findings:
            yield _named(
                outcome.without_a_plan_no_numbers_are_claimed, outcome.without_a_plan_no_numbers_are_claimed(solution)
            )
        return
    inputs, told = Inputs(solution.scenario), solution.baseline
    yield _named(outcome.a_missing_baseline_says_why, outcome.a_missing_baseline_says_why(solution))
    baseline, comparable = None, True
    if told is not None and told.status in outcome.SOLVED:
        baseline, verdicts = _read(inputs, told, tolerance, BASELINE)
        comparable = baseline is not None
        yield from verdicts
        if baseline is not None:
            yield from _plan(told, baseline, BASELINE)
            yield _named(_no_foreign, _no_foreign(baseline), BASELINE)
    evidence, verdicts = _read(inputs, solution, tolerance, "")
    yield from verdicts
    if evidence is not None:
        yield from _plan(solution, evidence, "")
        if comparable:
            yield from _comparison(solution, evidence, baseline)


def _read(
    inputs: Inputs, solution: Audited, tolerance: float, prefix: str
) -> tuple[Evidence | None, list[tuple[str, Verdict]]]:
    """The evidence, if the tables can be read, and what was said of them."""
    whole = every_table_is_there_with_its_columns(solution)
    verdicts = [_named(every_table_is_there_with_its_columns, whole, prefix)]
    if whole.findings:
        return None, verdicts
    evidence = Evidence.of(inputs, solution, tolerance, is_baseline=bool(prefix))
    verdicts += [_named(rule, rule(evidence), prefix) for rule in names.RULES]
    return (None if any(verdict.findings for _, verdict in verdicts) else evidence), verdicts


def _plan(solution: Audited, evidence: Evidence, prefix: str) -> Iterator[tuple[str, Verdict]]:
    """The rules of a plan, and what it claims as a whole."""
    for statement, message in may.STATEMENTS.items():
        true = statement(evidence.inputs, evidence.flows)
        yield _named(statement, holds("flows", evidence.flows, KEYS["flows"], true, message), prefix)
    for rule in RULES:
        yield _named(rule, rule(evidence), prefix)
    for claim in (outcome.the_objective_is_what_is_minimised, outcome.the_bound_is_no_more_than_the_objective):
        yield _named(claim, claim(solution, evidence), prefix)
    if prefix:
        yield _named(kpis.kpis_csv_says_what_the_flows_add_up_to, kpis.kpis_of_the_baseline(evidence), prefix)


def _comparison(solution: Audited, evidence: Evidence, baseline: Evidence | None) -> Iterator[tuple[str, Verdict]]:
    """What is reported against the baseline."""
    for claim in (kpis.kpis_csv_says_what_the_flows_add_up_to, firms.firms_csv_begins_at_the_baseline):
        yield _named(claim, claim(evidence, baseline))
    savings = outcome.the_gap_on_savings_is_that_of_cost
    yield _named(savings, savings(solution, evidence, baseline))


def _named(rule: Callable[..., object], verdict: Verdict, prefix: str = "") -> tuple[str, Verdict]:
    name = prefix + rule.__name__
    return name, verdict.named(name, prefix)
