"""The firms' ledger: who bears what."""

from __future__ import annotations

import pandas as pd

from isopt.solution.audit import journal
from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.judge import Verdict, equal, figure_slack, holds
from isopt.solution.audit.solution import KEYS

# Accounts of which the contract, or the nature of the thing, tells who bears them; of the others the total is held.
BORNE = ("haulage", "plants", "gate_fees", "virgin", "landfill_tax")


def firms_csv_adds_up(evidence: Evidence) -> Verdict:
    """Hold the arithmetic of each firm's row: its accounts make up its cost, savings and payments follow."""
    firms, tolerance = evidence.tables["firms"], evidence.tolerance
    sign = {account: -1.0 if account == "subsidies" else 1.0 for account in journal.ACCOUNTS}
    accounts = pd.DataFrame({account: firms[f"{account}_eur_per_yr"] * sign[account] for account in journal.ACCOUNTS})
    gross, after, before = accounts.abs().sum(axis=1), firms["cost_after_eur_per_yr"], firms["cost_before_eur_per_yr"]
    keys = KEYS["firms"]
    verdict = equal(
        "firms",
        firms,
        keys,
        accounts.sum(axis=1),
        after,
        figure_slack(tolerance, after, gross),
        "its accounts make up its cost",
    )
    known = before.notna()
    some, saving = firms[known], (before - after)[known]
    slack = figure_slack(tolerance, saving, gross[known] + before[known].abs())
    verdict += equal(
        "firms", some, keys, saving, some["saving_eur_per_yr"], slack, "its saving is cost before less cost after"
    )
    paid, received = firms["payments_paid_eur_per_yr"], firms["payments_received_eur_per_yr"]
    slack = figure_slack(tolerance, after, gross + paid.abs() + received.abs())
    return verdict + equal(
        "firms",
        firms,
        keys,
        after - received + paid,
        firms["cost_after_payments_eur_per_yr"],
        slack,
        "its cost after payments",
    )


def firms_csv_is_the_journal_by_organisation(evidence: Evidence) -> Verdict:
    """
    Hold the firms' ledger against the journal: means over the years, not discounted.

    Haulage is the supplier's, gate fees and tax are of who sends it there, purchases of who buys, plants of their
    owner. Of the other accounts, whose bearer the contract leaves open, the sum over the firms is held.
    """
    firms, years = evidence.tables["firms"], len(evidence.inputs.years)
    names = {f"{account}_eur_per_yr": account for account in journal.ACCOUNTS}
    told = (
        firms[["organisation", *names]]
        .rename(columns=names)
        .melt("organisation", var_name="account", value_name="told")
    )
    own = journal.costs(evidence).assign(size=lambda rows: rows["amount"].abs())
    by_firm = own.groupby(["account", "organisation"], as_index=False)[["amount", "size"]].sum()
    both = told.merge(by_firm, on=["account", "organisation"], how="outer").fillna(
        {"told": 0.0, "amount": 0.0, "size": 0.0}
    )
    both = both.assign(amount=both["amount"] / years, size=both["size"] / years)
    of_all = both.groupby("account", as_index=False)[["told", "amount", "size"]].sum().assign(organisation="all")
    verdict = Verdict()
    for rows in (both[both["account"].isin(BORNE)], of_all):
        slack = figure_slack(evidence.tolerance, rows["amount"], rows["size"])
        keys = ("organisation", "account")
        verdict += equal(
            "firms", rows, keys, rows["amount"], rows["told"], slack, "the ledger is the journal by organisation"
        )
    return verdict


def payments_move_between_firms(evidence: Evidence) -> Verdict:
    """
    Hold what firms pay each other, by what arrives.

    "price_eur_per_unit (receiver to supplier; moves money in `firms.csv` only)". Payments inside an organisation move
    nothing, so what is held is what each receives less what it pays.
    """
    inputs, flows, firms = evidence.inputs, evidence.flows, evidence.tables["firms"]
    price = inputs.number("streams", "price_eur_per_unit", flows["stream"], flows["t"], empty=0.0)
    paid = (price * flows["arriving"]).where(flows["is_exchange"], 0.0) / len(inputs.years)
    sides = [
        pd.DataFrame({"organisation": flows[who], "own": sign * paid, "size": paid.abs()})
        for who, sign in (("supplier", 1), ("taker", -1))
    ]
    net = pd.concat(sides, ignore_index=True).groupby("organisation", as_index=False).sum()
    told = firms[["organisation"]].assign(
        told=firms["payments_received_eur_per_yr"] - firms["payments_paid_eur_per_yr"]
    )
    both = told.merge(net, on="organisation", how="outer").fillna(0.0)
    slack = figure_slack(evidence.tolerance, both["own"], both["size"])
    keys = KEYS["firms"]
    verdict = equal("firms", both, keys, both["own"], both["told"], slack, "what it receives less what it pays")
    received, given = firms["payments_received_eur_per_yr"], firms["payments_paid_eur_per_yr"]
    total = pd.DataFrame({"organisation": ["all"]})
    slack = figure_slack(evidence.tolerance, received.sum(), received.abs().sum())
    return verdict + equal("firms", total, keys, received.sum(), given.sum(), slack, "what is received is what is paid")


def firms_csv_begins_at_the_baseline(evidence: Evidence, baseline: Evidence | None) -> Verdict:
    """Hold each firm's cost before: its cost in the baseline; empty without one."""
    firms, keys = evidence.tables["firms"], KEYS["firms"]
    if baseline is None:
        return holds(
            "firms", firms, keys, firms["cost_before_eur_per_yr"].isna(), "without a baseline there is no cost before"
        )
    then = baseline.tables["firms"][["organisation", "cost_after_eur_per_yr"]].rename(
        columns={"cost_after_eur_per_yr": "own"}
    )
    both = firms[["organisation", "cost_before_eur_per_yr"]].merge(then, on="organisation", how="outer").fillna(0.0)
    slack = figure_slack(evidence.tolerance, both["own"])
    return equal(
        "firms",
        both,
        keys,
        both["own"],
        both["cost_before_eur_per_yr"],
        slack,
        "its cost before is its cost in the baseline",
    )
