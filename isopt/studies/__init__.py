"""Studies: questions asked of a scenario, each answered by one or more solves."""

from isopt.solution.comparison import Comparison, compare
from isopt.studies.measuring import Measurement, distances, moved_distances, pin_distances
from isopt.studies.places import Located, geocode, pin_geocodes, place_doubts
from isopt.studies.routes import route_lines
from isopt.studies.solving import solve
from isopt.studies.transport import TransportChange, transport_scenario
from isopt.studies.transport_comparison import TransportComparison, compare_transport, write_transport
from isopt.studies.transport_file import read_transport_scenarios

__all__ = [
    "Comparison",
    "Located",
    "Measurement",
    "TransportChange",
    "TransportComparison",
    "compare",
    "compare_transport",
    "distances",
    "geocode",
    "moved_distances",
    "pin_distances",
    "pin_geocodes",
    "place_doubts",
    "read_transport_scenarios",
    "route_lines",
    "solve",
    "transport_scenario",
    "write_transport",
]
