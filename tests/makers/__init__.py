"""Tables of small random scenarios, feature by feature."""

from makers.desk import Row, Settings, Tables
from makers.policy import Maker

__all__ = ["Maker", "Row", "Settings", "Tables"]
