"""Whether the tables can be read at all: every name is the scenario's, no row comes twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.judge import Bools, Verdict, holds
from isopt.solution.audit.solution import KEYS


def flows_name_what_the_scenario_has(evidence: Evidence) -> Verdict:
    """Hold that each flow names a period, an origin, a receiver, a material and a mode of the scenario."""
    inputs, flows = evidence.inputs, evidence.tables["flows"]
    kind, own = flows["receiver_kind"], (flows["receiver_kind"] == "own").to_numpy()
    stream, plant = (flows["origin_kind"] == "stream").to_numpy(), (flows["origin_kind"] == "plant").to_numpy()
    receivers = {"demand": "demands", "plant": "plants", "disposal": "disposals"}
    receiver = own & (flows["receiver"] == "").to_numpy() & stream
    for name, table in receivers.items():
        receiver |= (kind == name).to_numpy() & _in(evidence, table, flows["receiver"])
    known = {
        "period": flows["period"].isin(inputs.periods["period"]).to_numpy(),
        "origin": (stream & _in(evidence, "streams", flows["origin"]))
        | (plant & _in(evidence, "plants", flows["origin"])),
        "receiver": receiver,
        "material": _in(evidence, "materials", flows["material"]),
        "mode": np.where(own, flows["mode"] == "", _in(evidence, "modes", flows["mode"])),
    }
    return _all(evidence, "flows", known)


def exchanges_name_what_the_scenario_has(evidence: Evidence) -> Verdict:
    """Hold that each exchange joins two facilities by a mode of the scenario."""
    told = evidence.tables["exchanges"]
    known = {f"{end}_facility": _in(evidence, "facilities", told[f"{end}_facility"]) for end in ("from", "to")}
    return _all(evidence, "exchanges", known | {"mode": _in(evidence, "modes", told["mode"])})


def other_tables_name_what_the_scenario_has(evidence: Evidence) -> Verdict:
    """Hold that plants, demands, stocks, firms, periods and years are the scenario's."""
    inputs, tables = evidence.inputs, evidence.tables
    verdict = Verdict()
    for table, (name, of) in {
        "plants": ("plant", "plants"),
        "throughput": ("plant", "plants"),
        "virgin": ("demand", "demands"),
    }.items():
        verdict += _all(evidence, table, {name: _in(evidence, of, tables[table][name])})
    stocks = tables["stocks"]
    verdict += _all(
        evidence,
        "stocks",
        {"stock": inputs.row("stocks", stocks["plant"], stocks["facility"], stocks["material"]) >= 0},
    )
    for table in ("throughput", "virgin", "stocks"):
        year = tables[table]["period"].map(dict(zip(inputs.periods["period"], inputs.periods["year"], strict=True)))
        verdict += _all(
            evidence, table, {"period": year.notna().to_numpy(), "year": (year == tables[table]["year"]).to_numpy()}
        )
    for table in ("plants", "disposal"):
        verdict += _all(evidence, table, {"year": tables[table]["year"].isin(inputs.years).to_numpy()})
    return verdict


def no_row_comes_twice(evidence: Evidence) -> Verdict:
    """Hold that no two rows of a table have the same name."""
    verdict = Verdict()
    for table, keys in KEYS.items():
        frame = evidence.tables[table]
        verdict += holds(table, frame, keys, ~frame.duplicated(list(keys)), "no row comes twice")
    return verdict


RULES: tuple[Callable[[Evidence], Verdict], ...] = (
    flows_name_what_the_scenario_has,
    exchanges_name_what_the_scenario_has,
    other_tables_name_what_the_scenario_has,
    no_row_comes_twice,
)


def _in(evidence: Evidence, table: str, ids: pd.Series) -> Bools:
    return np.asarray(evidence.inputs.row(table, ids) >= 0, dtype=np.bool_)


def _all(evidence: Evidence, table: str, known: dict[str, Bools]) -> Verdict:
    frame = evidence.tables[table]
    parts = (holds(table, frame, KEYS[table], yes, f"its {what} is in the scenario") for what, yes in known.items())
    return sum(parts, Verdict())
