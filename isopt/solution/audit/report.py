"""What an audit says: which rules were checked on how many rows, and each row that breaks one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SHOWN = 40  # findings printed; `AuditReport.problems` has them all


@dataclass(frozen=True)
class Finding:
    """
    One row of the results that breaks one rule.

    Parameters
    ----------
    table
        The results' table, "baseline/..." for the stored baseline.
    row
        What names the row in it: its keys, as "stream s1, period summer".
    rule
        Name of the function that holds the rule; its docstring has the contract's sentence.
    expected
        What the audit worked out from the scenario and the other tables.
    found
        What the row says.
    message
        The rule in the reader's words.
    """

    table: str
    row: str
    rule: str
    expected: object
    found: object
    message: str

    def __str__(self) -> str:
        return f"{self.table}: {self.row}: {self.message}: expected {_shown(self.expected)}, found {_shown(self.found)}"


@dataclass(frozen=True)
class AuditReport:
    """
    The outcome of an audit.

    Parameters
    ----------
    problems
        Every row that breaks a rule, rule by rule.
    checks
        How many rows each rule was held against.

    Examples
    --------
    >>> print(AuditReport((), {"a_flow_is_sent": 12}))
    audit passed: 1 rules held on 12 rows
    """

    problems: tuple[Finding, ...]
    checks: Mapping[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no row breaks a rule."""
        return not self.problems

    def __str__(self) -> str:
        rows = sum(self.checks.values())
        if self.passed:
            return f"audit passed: {len(self.checks)} rules held on {rows} rows"
        some = [str(problem) for problem in self.problems[:SHOWN]]
        more = len(self.problems) - len(some)
        tail = [f"... and {more} more"] if more else []
        title = f"audit failed: {len(self.problems)} of {rows} checks"
        return "\n  ".join([title, *some, *tail])


def _shown(value: object) -> str:
    """A number with enough digits to see the difference, anything else as it is."""
    return f"{value:.10g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)
