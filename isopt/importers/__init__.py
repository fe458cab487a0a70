"""Public registers into scenarios."""

from __future__ import annotations

from isopt.importers.report import Imported
from isopt.importers.sepa import Assumptions, import_sepa, read_sepa

__all__ = ["Assumptions", "Imported", "import_sepa", "read_sepa"]
