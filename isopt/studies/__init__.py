"""Studies: questions asked of a scenario, each answered by one or more solves."""

from isopt.studies.compare import Comparison, compare
from isopt.studies.solve import solve

__all__ = ["Comparison", "compare", "solve"]
