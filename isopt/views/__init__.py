"""Maps, reports and layers for QGIS: drawing only, from a solution's tables."""

from __future__ import annotations

from isopt.views.geopackage import write_geopackage
from isopt.views.map import draw_map, write_map
from isopt.views.report import write_report

__all__ = ["draw_map", "write_geopackage", "write_map", "write_report"]
