"""
Lines: the exchanges, and the ways to disposal, with what is fixed about them in each year.

An exchange is "(from facility, to facility, mode, material; without material where `shared`) that ends at a demand or
a plant". A way to disposal is the same with its disposal; it "pays carriage only, unless a cell of a links row for
that pair gives more".
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.solution.audit import carriage
from isopt.solution.audit.cells import link_cells
from isopt.solution.audit.inputs import Inputs, joined
from isopt.solution.audit.judge import Floats
from isopt.solution.audit.rulebook import rules_that_match

LIFE_YR = 20.0  # the contract's, where neither a plant, a technology nor a mode gives one
WAY = ["line", "is_exchange", "from_facility", "to_facility", "mode", "material"]


def line_years(inputs: Inputs, flows: pd.DataFrame, exchanges: pd.DataFrame, is_baseline: bool) -> pd.DataFrame:
    """
    What is fixed about each line in each year.

    Parameters
    ----------
    inputs
        The scenario's cells.
    flows
        With facts.
    exchanges
        The results' table: tells from which year on an exchange is in place.
    is_baseline
        Whether required links are not required.

    Returns
    -------
    line_years
        A row per line and year: `line`, `is_exchange`, the ends, `mode`, `material` ("" if shared), `shared`, `year`,
        `t` (the year's first period), `status`, `opened`, `sent`, `tonnes`, `used`, `carried` (some flow in some
        year), `foreign` (some flow joins two organisations), `in_place`, `setup`, `permit`, `capex`, `annuity`,
        `spent`, `minimum`, `maximum`, `km`.
    """
    named = _lines(flows, exchanges)
    long = named.merge(pd.DataFrame({"year": inputs.years}), how="cross")
    long["t"] = long["year"].map(inputs.first_period).astype(int)
    carried = (
        flows[flows["line"] != ""]
        .groupby(["line", "year_of_period"], as_index=False)
        .agg(sent=("sent", "sum"), tonnes=("t_sent", "sum"))
    )
    long = long.merge(carried, left_on=["line", "year"], right_on=["line", "year_of_period"], how="left")
    long = long.fillna({"sent": 0.0, "tonnes": 0.0}).assign(used=lambda rows: rows["sent"] > 0)
    foreign = flows.loc[(flows["supplier"] != flows["taker"]) & (flows["sent"] > 0), "line"]
    long["foreign"] = long["line"].isin(foreign)
    long["carried"] = long["line"].isin(flows.loc[flows["sent"] > 0, "line"])
    cells = link_cells(inputs, long)
    long["shared"] = cells["shared"]
    long["status"] = cells["status"].replace("", "allowed")
    if is_baseline:
        long["status"] = long["status"].replace("required", "allowed")
    first_use = long[long["used"]].groupby("line")["year"].min()
    opened = long["opened_year"].fillna(long["line"].map(first_use))
    long["opened"] = opened.where(long["is_exchange"].astype(bool), long["line"].map(first_use))
    long["in_place"] = np.where(long["status"] == "existing", long["used"], long["opened"] <= long["year"])
    return _with_fixed_costs(inputs, long, cells, flows)


def trips(inputs: Inputs, flows: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """
    Whole vehicle loads per line and period, and what they cost.

    "`eur_per_trip` x whole trips of `vehicle_t`"; "trips are whole per exchange (or way to disposal) and period: a
    shared exchange loads its materials together". A load over by less than `tolerance` of a vehicle, or of all that
    is carried, is no further trip.

    Returns
    -------
    trips
        Columns line, t, tonnes, trips (NaN where the mode has no vehicle), eur.
    """
    carried = flows[flows["line"] != ""]
    keys = ["line", "t", "start", "end", "mode"]
    loads = carried.assign(material=carried["material"].where(~carried["shared"], ""))
    loads = loads.groupby([*keys, "material"], as_index=False).agg(tonnes=("t_sent", "sum"))
    loads = loads.rename(columns={"start": "from_facility", "end": "to_facility"})
    cells, mode = link_cells(inputs, loads), inputs.row("modes", loads["mode"])
    size = inputs.number("modes", "vehicle_t", mode, loads["t"])
    loaded = np.divide(loads["tonnes"].to_numpy(), size, out=np.full(len(loads), np.nan), where=size > 0)
    loads["trips"] = np.ceil(loaded - tolerance * np.maximum(1.0, loaded))
    price = _cell_or(cells["eur_per_trip"], inputs.number("modes", "eur_per_trip", mode, loads["t"], empty=0.0))
    loads["trip_price"] = price
    return loads.assign(eur=(loads["trips"] * price).fillna(0.0))


def annuity_factor(inputs: Inputs, life_yr: Floats) -> Floats:
    """Yearly payment per EUR of capital: r / (1 - (1 + r)^-life), "(capex / life at r = 0)"."""
    rate = inputs.scenario.settings.economics.discount_rate
    if rate == 0:
        return np.asarray(1 / life_yr, dtype=np.float64)
    return np.asarray(rate / (1 - (1 + rate) ** -life_yr), dtype=np.float64)


def _lines(flows: pd.DataFrame, exchanges: pd.DataFrame) -> pd.DataFrame:
    """Each exchange of the table and each line of the flows, once."""
    carried = flows[flows["line"] != ""].drop_duplicates("line")
    material = np.where(carried["shared"], "", carried["material"])
    used = pd.DataFrame(
        {"line": carried["line"], "is_exchange": carried["is_exchange"], "from_facility": carried["start"]}
    )
    used = used.assign(to_facility=carried["end"], mode=carried["mode"], material=material)
    told = exchanges[["from_facility", "to_facility", "mode", "opened_year"]].copy()
    told["material"] = exchanges["material"].where(~exchanges["shared"], "")
    pair = told["from_facility"] + ">" + told["to_facility"]
    told = told.assign(line=joined(pair, told["mode"], told["material"]), is_exchange=True)
    lines = pd.concat([told, used], ignore_index=True).drop_duplicates("line").astype({"is_exchange": bool})
    return lines[[*WAY, "opened_year"]].reset_index(drop=True)


def _with_fixed_costs(inputs: Inputs, long: pd.DataFrame, cells: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Set-up, permits, capital, lots: the links row's cell, else the mode's if it is an exchange."""
    mode, t, is_exchange = inputs.row("modes", long["mode"]), long["t"], long["is_exchange"].to_numpy(dtype=bool)

    def fixed(cell: str, otherwise: Floats, empty: float) -> Floats:
        return _cell_or(cells[cell], np.where(is_exchange, otherwise, empty))

    km = carriage.distance_km(inputs, long, cells)
    per_km = inputs.number("modes", "capex_eur_per_km", mode, t, empty=0.0)
    capex = np.where(
        long["status"] == "existing", 0.0, fixed("capex_eur", np.where(per_km == 0, 0.0, per_km * km), 0.0)
    )
    permit = _permits(inputs, long, flows)
    factor = annuity_factor(inputs, inputs.number("modes", "life_yr", mode, t, empty=LIFE_YR))
    in_place = long["in_place"].to_numpy(dtype=bool)
    return long.assign(
        km=km,
        setup=np.where(
            in_place,
            fixed("setup_eur_per_yr", inputs.number("modes", "setup_eur_per_yr", mode, t, empty=0.0), 0.0),
            0.0,
        ),
        permit=np.where(in_place & is_exchange, permit, 0.0),
        capex=capex,
        annuity=np.where(in_place, capex * factor, 0.0),
        spent=np.where(in_place & (long["opened"] == long["year"]), capex, 0.0),
        minimum=fixed("min_per_yr", inputs.number("modes", "min_per_yr", mode, t), np.nan),
        maximum=fixed("max_per_yr", inputs.number("modes", "max_per_yr", mode, t), np.nan),
    )


def _permits(inputs: Inputs, long: pd.DataFrame, flows: pd.DataFrame) -> Floats:
    """Permits of each line and year: they "add up", each "paid once per exchange if any of its flows matches"."""
    matches = rules_that_match(inputs, flows)
    line = flows["line"].to_numpy(dtype=object)[matches["way"]]
    paid = matches.assign(line=line)[matches["allowed"].to_numpy(dtype=bool)].drop_duplicates(["line", "rule"])
    if paid.empty:
        return np.zeros(len(long))
    rows = long.reset_index(names="at")[["at", "line", "t"]].merge(paid[["line", "rule"]], on="line")
    price = inputs.number("rules", "permit_eur_per_yr", rows["rule"], rows["t"], empty=0.0)
    return np.asarray(np.bincount(rows["at"], weights=price, minlength=len(long)), dtype=np.float64)


def _cell_or(cell: pd.Series, otherwise: Floats) -> Floats:
    said = cell.to_numpy(dtype=float)
    return np.asarray(np.where(np.isnan(said), otherwise, said), dtype=np.float64)
