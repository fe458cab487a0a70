"""Studies: questions asked of a scenario, each answered by one or more solves."""

from isopt.studies.comparison import Comparison, compare
from isopt.studies.measuring import Measurement, distances, moved_distances, pin_distances
from isopt.studies.solving import solve

__all__ = ["Comparison", "Measurement", "compare", "distances", "moved_distances", "pin_distances", "solve"]
