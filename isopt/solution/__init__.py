"""Solutions: plans as tables, KPIs, the ledger of firms, the files, and an independent audit."""

from isopt.solution.plan import Plan, plan_of
from isopt.solution.solution import TABLES, Solution, plan_kpis, plan_objective, plan_tables

__all__ = ["TABLES", "Plan", "Solution", "plan_kpis", "plan_objective", "plan_of", "plan_tables"]
