"""Studies: questions asked of a scenario, each answered by one or more solves."""

from isopt.studies.comparison import Comparison, compare
from isopt.studies.measuring import Measurement, distances, moved_distances, pin_distances
from isopt.studies.places import Located, geocode, pin_geocodes, place_doubts
from isopt.studies.routes import route_lines
from isopt.studies.solving import solve

__all__ = [
    "Comparison",
    "Located",
    "Measurement",
    "compare",
    "distances",
    "geocode",
    "moved_distances",
    "pin_distances",
    "pin_geocodes",
    "place_doubts",
    "route_lines",
    "solve",
]
