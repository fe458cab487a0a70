"""The network: candidate links with cost and CO2 columns, pruning with proof, and the `Instance` of the model."""

from isopt.network.build import instance_of
from isopt.network.candidates import REASONS, Candidates
from isopt.network.instance import Instance
from isopt.network.ledger import (
    CO2_LINES,
    COST_LINES,
    PURCHASE_LINES,
    YEARLY_VARIABLES,
    Ledger,
    annuity_factor,
    ledger_of,
)
from isopt.network.nodes import Kind
from isopt.network.periods import Periods
from isopt.network.report import LinkReport, link_report

__all__ = [
    "CO2_LINES",
    "COST_LINES",
    "PURCHASE_LINES",
    "REASONS",
    "YEARLY_VARIABLES",
    "Candidates",
    "Instance",
    "Kind",
    "Ledger",
    "LinkReport",
    "Periods",
    "annuity_factor",
    "instance_of",
    "ledger_of",
    "link_report",
]
