"""The part of a solution that an audit reads, and its tables as they come from memory or from files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.scenario import Scenario
from isopt.solution.audit.judge import Verdict, single


class Audited(Protocol):
    """What an audit needs of a solution: its scenario, its claims and its tables."""

    @property
    def scenario(self) -> Scenario:
        """What was solved."""
        ...

    @property
    def status(self) -> str:
        """One of optimal, feasible, infeasible, no_solution."""
        ...

    @property
    def objective(self) -> float | None:
        """What was minimised; None without a plan."""
        ...

    @property
    def bound(self) -> float | None:
        """What no plan can go below, as far as is proven."""
        ...

    @property
    def gap(self) -> float | None:
        """(objective - bound) / |objective|."""
        ...

    @property
    def gap_on_savings(self) -> float | None:
        """(objective - bound) / what the plan saves."""
        ...

    @property
    def kpis(self) -> pd.DataFrame:
        """Columns kpi, year, value, unit."""
        ...

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The results' tables by name."""
        ...

    @property
    def baseline(self) -> Audited | None:
        """The plan without exchanges between organisations."""
        ...

    @property
    def baseline_reason(self) -> str | None:
        """Why there is no baseline."""
        ...


def _columns(texts: str, numbers: str = "", flags: str = "") -> Mapping[str, str]:
    kinds = {"text": texts, "number": numbers, "flag": flags}
    return MappingProxyType({name: kind for kind, names in kinds.items() for name in names.split()})


# What each table must have for the audit to read it. Columns not named here are carried along unread.
COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "flows": _columns(
            "period kind origin_kind origin receiver_kind receiver from_facility to_facility material received_as mode"
            " exchange unit",
            "year distance_km sent arrived tonnes haulage_eur co2_transport_t",
        ),
        "exchanges": _columns(
            "exchange from_facility to_facility from_name to_name from_organisation to_organisation mode material"
            " status unit",
            "opened_year distance_km amount_per_yr tonnes_per_yr trips_per_yr haulage_eur_per_yr setup_eur_per_yr"
            " treatment_eur_per_yr co2_t_per_yr capex_eur",
            "shared between_organisations",
        ),
        "plants": _columns(
            "plant",
            "year added_capacity capacity_now throughput load_share opex_eur fixed_eur annuity_eur capex_spent_eur"
            " co2_t",
            "stands built",
        ),
        "throughput": _columns("plant period input", "year amount"),
        "disposal": _columns(
            "outlet facility name route tax_class material unit",
            "year amount tonnes gate_fee_eur landfill_tax_eur co2_t",
        ),
        "virgin": _columns("demand period", "year need received bought unmet cost_eur co2_t"),
        "stocks": _columns("plant facility material period", "year level cost_eur"),
        "firms": _columns(
            "organisation",
            "cost_before_eur_per_yr cost_after_eur_per_yr saving_eur_per_yr payments_received_eur_per_yr"
            " payments_paid_eur_per_yr cost_after_payments_eur_per_yr haulage_eur_per_yr setup_eur_per_yr"
            " treatment_eur_per_yr plants_eur_per_yr gate_fees_eur_per_yr virgin_eur_per_yr landfill_tax_eur_per_yr"
            " carbon_eur_per_yr subsidies_eur_per_yr",
        ),
        "kpis": _columns("kpi year", "value"),
    }
)

YES = ("true", "1", "1.0", "yes")

# What names a row: no two rows of a table share these.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "flows": ("period", "origin_kind", "origin", "receiver_kind", "receiver", "material", "received_as", "mode"),
        "exchanges": ("exchange",),
        "plants": ("plant", "year"),
        "throughput": ("plant", "period", "input"),
        "disposal": ("outlet", "material", "year"),
        "virgin": ("demand", "period"),
        "stocks": ("plant", "facility", "material", "period"),
        "firms": ("organisation",),
        "kpis": ("kpi", "year"),
    }
)


def as_text(column: pd.Series) -> NDArray[np.object_]:
    """
    A column as plain text, "" where it is empty.

    Examples
    --------
    >>> as_text(pd.Series(["a", None, 2030]))
    array(['a', '', '2030'], dtype=object)
    """
    values = column.astype(object).to_numpy(copy=True)
    values[column.isna().to_numpy()] = ""
    if pd.api.types.infer_dtype(values) != "string":
        values = np.fromiter((str(value) for value in values), dtype=object, count=len(values))
    return values


def as_flag(column: pd.Series) -> NDArray[np.bool_]:
    """A column of yes and no, as written by Python or a spreadsheet; empty is no."""
    return np.array([value.lower() in YES for value in as_text(column)], dtype=np.bool_)


def as_number(column: pd.Series) -> NDArray[np.float64]:
    """A column of numbers, NaN where it is empty or says anything else."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def plain(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """What the audit reads of a results table, as text, numbers and flags, whatever it was stored as."""
    kinds = {"text": as_text, "number": as_number, "flag": as_flag}
    return pd.DataFrame({name: kinds[kind](frame[name]) for name, kind in COLUMNS[table].items()})


def every_table_is_there_with_its_columns(solution: Audited) -> Verdict:
    """Hold that each table of the results is there, with the columns that it promises."""
    verdict = Verdict()
    for table, columns in COLUMNS.items():
        frame = solution.kpis if table == "kpis" else solution.tables.get(table)
        missing = list(columns) if frame is None else [name for name in columns if name not in frame.columns]
        verdict += single(
            table, "header", not missing, "all columns", f"without {', '.join(missing)}", "columns are missing"
        )
    return verdict
