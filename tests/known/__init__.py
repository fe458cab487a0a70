"""
Published cases as scenarios in the contract's format.

One module per source. Each reads the case where it lies, in the folder given, and returns the tables and settings of
a scenario (a `Case`); how the case's own notions are said in the contract's is explained in the module's opening.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("ISOPT_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Tables and settings of one scenario."""

    name: str
    tables: dict[str, list[Row]]
    settings: dict[str, Any] = field(default_factory=dict)

    def scenario(self) -> Any:
        """The scenario, made in memory through the same checks as a folder."""
        from isopt.scenario import Scenario

        return Scenario.of(self.tables, self.settings, self.name)


def settings(title: str, **sections: Any) -> dict[str, Any]:
    """Settings without discounting: capital over a life equal to the horizon is paid once, in full."""
    return {"title": title, "price_year": 2025, "economics": {"discount_rate": 0.0, "nominal": True}} | sections
