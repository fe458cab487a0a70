"""The contract's own examples: folders in the format, each with an `expected.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def folders(shared: Path) -> list[Path]:
    """Every case, by name."""
    return sorted(path.parent for path in (shared / "cases" / "contract").glob("*/expected.json"))


def expected(folder: Path) -> dict[str, Any]:
    """Status, objective, KPIs and the cost of the baseline that a case must give."""
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))
