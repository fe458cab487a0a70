"""Everything the rules look at, prepared once: the scenario's cells, the tables, the flows, the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps

import numpy as np
import pandas as pd

from isopt.solution.audit.flows import flows_with_facts
from isopt.solution.audit.inputs import Inputs, Ints
from isopt.solution.audit.judge import Bools, Verdict
from isopt.solution.audit.lines import line_years, trips
from isopt.solution.audit.solution import COLUMNS, Audited, plain


@dataclass(frozen=True)
class Evidence:
    """
    A plan as the audit reads it.

    Parameters
    ----------
    inputs
        The scenario's cells.
    tables
        The results' tables, by name, `kpis` among them, with plain types.
    tolerance
        Relative, see `judge`.
    is_baseline
        Whether this is the stored baseline, which has no limits, minimum shares and required links.
    prepared
        Frames that were made for a rule and are kept for the next, see `once`.
    """

    inputs: Inputs
    tables: Mapping[str, pd.DataFrame]
    tolerance: float
    is_baseline: bool = False
    prepared: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, inputs: Inputs, solution: Audited, tolerance: float, *, is_baseline: bool = False) -> Evidence:
        """The evidence that a solution's tables give, read with a scenario's cells."""
        frames = {name: solution.kpis if name == "kpis" else solution.tables[name] for name in COLUMNS}
        return cls(inputs, {name: plain(name, frame) for name, frame in frames.items()}, tolerance, is_baseline)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """The flows with what the scenario says of each, see `flows_with_facts`."""
        return flows_with_facts(self.inputs, self.tables["flows"])

    @cached_property
    def trips(self) -> pd.DataFrame:
        """Whole vehicle loads per line and period, see `lines.trips`."""
        return trips(self.inputs, self.flows, self.tolerance)

    @cached_property
    def line_years(self) -> pd.DataFrame:
        """A row per line (an exchange or a way to disposal) and year, see `lines.line_years`."""
        return line_years(self.inputs, self.flows, self.tables["exchanges"], is_baseline=self.is_baseline)

    @cached_property
    def throughput(self) -> pd.DataFrame:
        """The throughput table with the positions `t` of its periods and the row numbers `row` of its plants."""
        frame = self.tables["throughput"]
        t = pd.Index(self.inputs.periods["period"]).get_indexer(pd.Index(frame["period"], dtype=object))
        return frame.assign(t=t, row=self.inputs.row("plants", frame["plant"]))

    def stands(self, plant: Ints, year: pd.Series) -> Bools:
        """Whether each plant (row number) stands in a year: existing ones do, candidates where `plants.csv` says so."""
        told = self.tables["plants"]
        yes = pd.MultiIndex.from_frame(told.loc[told["stands"], ["plant", "year"]])
        asked = pd.MultiIndex.from_arrays([self.inputs.text("plants", "plant", plant), year.astype(float)])
        exists = self.inputs.text("plants", "status", plant) == "existing"
        return np.asarray(exists | asked.isin(yes), dtype=np.bool_)


def once(make: Callable[[Evidence], pd.DataFrame]) -> Callable[[Evidence], pd.DataFrame]:
    """Make a frame once per evidence, however many rules look at it."""

    @wraps(make)
    def kept(evidence: Evidence) -> pd.DataFrame:
        if make.__name__ not in evidence.prepared:
            evidence.prepared[make.__name__] = make(evidence)
        return evidence.prepared[make.__name__]

    return kept


def about(table: str) -> Callable[[Callable[[Evidence], Verdict]], Callable[[Evidence], Verdict]]:
    """Hold a rule only in scenarios in which the table it speaks of has rows; in others there is nothing to hold."""

    def spoken(rule: Callable[[Evidence], Verdict]) -> Callable[[Evidence], Verdict]:
        @wraps(rule)
        def held(evidence: Evidence) -> Verdict:
            return rule(evidence) if len(evidence.inputs.table(table)) else Verdict()

        return held

    return spoken
