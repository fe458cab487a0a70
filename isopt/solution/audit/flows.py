"""
The flows of a solution with, beside each, what the scenario says of it.

Of a row of `flows.csv` only the period, the two ends, the material, the mode and the amount sent are taken as given;
the rest is worked out again here, in columns of other names, and compared by the rules.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit import carriage
from isopt.solution.audit.cells import link_cells
from isopt.solution.audit.inputs import Inputs, Ints, Texts, joined
from isopt.solution.audit.judge import Bools

KINDS = {"demand": "exchange", "plant": "exchange", "disposal": "disposal", "own": "own_disposal"}


def flows_with_facts(inputs: Inputs, flows: pd.DataFrame) -> pd.DataFrame:
    """
    The flows with what the scenario says of each.

    Returns
    -------
    flows
        The given columns and: `t`, `year_of_period`; row numbers in the scenario's tables (`stream`, `source_plant`,
        `demand`, `sink_plant`, `disposal`, -1 for none); the facilities `start` and `end`; the organisations
        `supplier` and `taker`; `takes` (the material of the receiver) and `substitution` (row number); the links
        table's cells (`link_...`, `status`, `listed`, `shared`); `km`, `arriving` (units), `t_sent`, `t_arriving`,
        `haulage`, `tco2`; and `line`, the exchange or way to disposal.
    """
    frame = flows.assign(
        t=flows["period"].map(dict(zip(inputs.periods["period"], range(len(inputs.periods)), strict=True)))
    )
    frame["t"] = frame["t"].astype(int)
    frame["year_of_period"] = inputs.periods["year"].to_numpy()[frame["t"]]
    frame = frame.assign(**_ends(inputs, frame))
    frame = frame.assign(**_substitutions(inputs, frame))
    ways = frame[["material", "mode", "t"]].assign(from_facility=frame["start"], to_facility=frame["end"])
    own = frame["is_own"].to_numpy()
    cells = link_cells(inputs, ways.assign(to_facility=np.where(own, "", frame["end"])))
    km = np.where(own, 0.0, carriage.distance_km(inputs, ways, cells))
    sent, weight = frame["sent"].to_numpy(), carriage.t_per_unit(inputs, ways)
    arriving = sent * np.where(own, 1.0, carriage.share_that_arrives(inputs, ways, km))
    frame = frame.assign(**{f"link_{name}": cells[name] for name in cells}, km=km, arriving=arriving, t_per_unit=weight)
    frame = frame.rename(columns={"link_status": "status", "link_listed": "listed", "link_shared": "shared"})
    frame["t_sent"], frame["t_arriving"] = sent * weight, arriving * weight
    frame["haulage"] = sent * np.where(own, 0.0, carriage.eur_per_unit(inputs, ways, cells, km))
    frame["tco2"] = sent * np.where(own, 0.0, carriage.tco2_per_unit(inputs, ways, cells, km))
    frame["line"] = _line(frame)
    return frame


def _ends(inputs: Inputs, flows: pd.DataFrame) -> dict[str, Ints | Texts | Bools]:
    """Row numbers of both ends, their facilities and organisations."""
    origin = {kind: (flows["origin_kind"] == kind).to_numpy() for kind in ("stream", "plant")}
    receiver = {kind: (flows["receiver_kind"] == kind).to_numpy() for kind in KINDS}
    rows = {
        "stream": np.where(origin["stream"], inputs.row("streams", flows["origin"]), -1),
        "source_plant": np.where(origin["plant"], inputs.row("plants", flows["origin"]), -1),
        "demand": np.where(receiver["demand"], inputs.row("demands", flows["receiver"]), -1),
        "sink_plant": np.where(receiver["plant"], inputs.row("plants", flows["receiver"]), -1),
        "disposal": np.where(receiver["disposal"], inputs.row("disposals", flows["receiver"]), -1),
    }
    start = _first(
        inputs.text("streams", "facility", rows["stream"]), inputs.text("plants", "facility", rows["source_plant"])
    )
    end = _first(
        inputs.text("demands", "facility", rows["demand"]),
        inputs.text("plants", "facility", rows["sink_plant"]),
        inputs.text("disposals", "facility", rows["disposal"]),
        start,
    )
    owner = {end: inputs.text("plants", "owner", rows[end]) for end in ("source_plant", "sink_plant")}
    firm = {
        name: inputs.text("facilities", "organisation", inputs.row("facilities", at))
        for name, at in (("s", start), ("e", end))
    }
    return {
        **rows,
        "is_exchange": receiver["demand"] | receiver["plant"],
        "is_disposal": receiver["disposal"],
        "is_own": receiver["own"],
        "start": start,
        "end": end,
        "supplier": _first(owner["source_plant"], firm["s"]),
        "taker": _first(owner["sink_plant"], firm["e"]),
        "technology": inputs.text("plants", "technology", rows["sink_plant"]),
    }


def _substitutions(inputs: Inputs, flows: pd.DataFrame) -> dict[str, Ints | Texts]:
    """What the receiver takes it as, and by which row of the substitutions table (-1: 1:1 or none)."""
    to_demand = (flows["demand"] >= 0).to_numpy()
    takes = np.where(
        to_demand, inputs.text("demands", "material", flows["demand"]), flows["material"].to_numpy(dtype=object)
    )
    row = np.where(to_demand, inputs.row("substitutions", flows["material"], takes), -1)
    return {"takes": takes, "substitution": row}


def _line(flows: pd.DataFrame) -> Texts:
    """
    Name of each flow's exchange or way to disposal, "" for own disposal.

    An exchange is FROM>TO|MODE|MATERIAL, without the material where shared.
    """
    material = np.where(flows["shared"], "", flows["material"])
    pair = flows["start"].to_numpy(dtype=object) + ">" + flows["end"].to_numpy(dtype=object)
    names = joined(pair, flows["mode"], material)
    to_disposal = names + "|to " + flows["receiver"].to_numpy(dtype=object)
    return np.asarray(
        np.select([flows["is_exchange"], flows["is_disposal"]], [names, to_disposal], default=""), dtype=object
    )


def _first(*texts: Texts) -> Texts:
    """The first text that is not empty, row by row."""
    chosen = texts[0]
    for text in texts[1:]:
        chosen = np.asarray(np.where(chosen == "", text, chosen), dtype=object)
    return chosen
