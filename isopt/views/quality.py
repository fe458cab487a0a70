"""What share of a result rests on numbers that somebody read, and what on numbers that were recalled or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from isopt.views import means
from isopt.views.evidence import GRADES, WEAK, grades, row_keys

if TYPE_CHECKING:
    from isopt.scenario import Scenario
    from isopt.solution import Solution

COST, CO2, TONNES = "cost", "co2", "tonnes"
OWN = "own:"  # begins the outlet's name where a stream goes to its firm's own disposal
KEYS: dict[str, str | tuple[str, ...]] = {
    "streams": "stream", "demands": "demand", "plants": "plant", "disposals": "disposal", "modes": "mode",
    "technologies": "technology", "stocks": ("plant", "facility", "material"),
}  # fmt: skip
INPUTS = ("first", "second")  # tables and keys of the two rows whose numbers make an amount: a price and a quantity


@dataclass(frozen=True)
class Quality:
    """
    What a result rests on.

    Attributes
    ----------
    shares
        Index `GRADES`, columns ``cost, co2, tonnes``: share of what differs between baseline and plan (of the plan
        where there is no baseline; tonnes: of those exchanged), by the weaker of the two numbers that make it.
    weightiest
        The inputs of grade recalled, assumed or unstated on which most of the cost rests, the weightiest first:
        ``table, key, grade, note, source, eur_per_yr, share``.
    against_baseline
        Whether cost and CO2 are those that differ from the baseline.
    """

    shares: pd.DataFrame
    weightiest: pd.DataFrame
    against_baseline: bool

    def weak(self, measure: str) -> float:
        """Share of a measure that rests on numbers that nobody has read in a source."""
        return float(self.shares.loc[list(WEAK), measure].sum())


def quality(solution: Solution) -> Quality:
    """
    Trace cost, CO2 and tonnes to the rows of the tables that they are computed from.

    Each amount is a rate times a quantity: haulage is the mode's rate times what the stream supplies; a fee the
    disposal's times the stream's; a purchase the demand's alone. It is as well known as the weaker of the two. What
    counts is what changes from the baseline to the plan, item by item, whichever its sign: what is the same in both
    bears on neither. Taxes and the carbon price are the question, not an estimate: they are as well known as the tonnes
    that they are laid on.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    Quality
        Yearly means; shares of nothing are zero.
    """
    now = items(solution)
    before = solution.baseline
    compared = before is not None and bool(before.tables)
    if before is not None and compared:
        then = items(before).assign(amount=lambda rows: -rows["amount"])
        changed = pd.concat([now[now["measure"] != TONNES], then[then["measure"] != TONNES]])
        now = pd.concat([changed, now[now["measure"] == TONNES]])
    names = ["measure", "line", *(f"{which}_{part}" for which in INPUTS for part in ("table", "key"))]
    sums = now.groupby(names, sort=False)["amount"].sum().abs().reset_index()
    sums = _graded(sums, solution.scenario)
    wide = sums.pivot_table(index="grade", columns="measure", values="amount", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(index=range(len(GRADES)), columns=[COST, CO2, TONNES], fill_value=0.0)
    shares = wide / wide.sum().where(wide.sum() > 0, 1.0)
    shares.index = pd.Index(GRADES)
    return Quality(shares, _weightiest(sums[sums["measure"] == COST], solution.scenario), compared)


def _graded(sums: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """With the grades of both inputs and the weaker of them, as places in `GRADES`."""
    found = {table: grades(scenario, table, key) for table, key in KEYS.items()}
    for which in INPUTS:
        places = pd.Series(0, index=sums.index)
        for table, known in found.items():
            here = sums[f"{which}_table"] == table
            places[here] = sums.loc[here, f"{which}_key"].map(known).fillna(len(GRADES) - 1).astype(int)
        sums[f"{which}_grade"] = places
    sums["grade"] = sums[[f"{which}_grade" for which in INPUTS]].max(axis=1)
    return sums


def _weightiest(cost: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Weak inputs by the cost that rests on them."""
    columns = ["table", "key", "grade", "amount"]
    parts = []
    for which in INPUTS:
        part = cost[[f"{which}_table", f"{which}_key", f"{which}_grade", "amount"]]
        parts.append(part.set_axis(columns, axis="columns"))
    some = pd.concat(parts)
    weak = some[(some["table"] != "") & (some["grade"] >= GRADES.index(WEAK[0])) & (some["amount"] > 0)]
    sums = weak.groupby(["table", "key", "grade"], sort=False)["amount"].sum().reset_index()
    sums = sums.sort_values("amount", ascending=False, kind="stable", ignore_index=True)
    whole = float(cost["amount"].sum()) or 1.0
    said = pd.DataFrame("", index=sums.index, columns=["note", "source"])
    for table, rows in sums.groupby("table", sort=False):
        listed = scenario.tables[str(table)]
        known = listed.set_index(row_keys(listed, KEYS[str(table)]))[["note", "source"]]
        known = known[~known.index.duplicated()]
        said.loc[rows.index] = known.loc[rows["key"]].to_numpy()
    return pd.DataFrame(
        {
            "table": sums["table"],
            "key": sums["key"],
            "grade": [GRADES[place] for place in sums["grade"]],
            "note": said["note"].astype(str),
            "source": said["source"].astype(str),
            "eur_per_yr": sums["amount"],
            "share": sums["amount"] / whole,
        }
    )


def items(solution: Solution) -> pd.DataFrame:
    """
    Every amount of cost, CO2 and exchanged tonnes with the two rows it is computed from.

    Parameters
    ----------
    solution
        One with tables.

    Returns
    -------
    items
        ``measure, line, amount, first_table, first_key, second_table, second_key``, yearly means; an empty table stands
        for none. Cost adds up to ``cost_total`` plus the subsidies received, undiscounted.
    """
    flows = means.flows(solution)
    found = [*_carriage(flows), *_exchanges(solution, flows), *_plants(solution)]
    found += [*_disposal(solution, flows), *_virgin(solution), *_stocks(solution)]
    table = pd.concat(found, ignore_index=True)
    return pd.concat([table, _carbon(table, solution)], ignore_index=True)


def _item(measure: str, line: str, amount: pd.Series[float], *inputs: tuple[object, object]) -> pd.DataFrame:
    """Rows of one kind of item; an input is the name of a table and the column of its keys."""
    columns: dict[str, object] = {"measure": measure, "line": line, "amount": amount.astype(float)}
    for which, (table, key) in zip(INPUTS, [*inputs, ("", ""), ("", "")][:2], strict=True):
        columns |= {f"{which}_table": table, f"{which}_key": key}
    return pd.DataFrame(columns)


def _origin(flows: pd.DataFrame) -> tuple[object, object]:
    return flows["origin_kind"].map({"stream": "streams", "plant": "plants"}), flows["origin"]


def _carriage(flows: pd.DataFrame) -> list[pd.DataFrame]:
    moved = flows[flows["kind"] == "exchange"]
    into = moved["receiver_kind"].map({"demand": "demands", "plant": "plants"})
    mode = flows["mode"].where(flows["mode"] != "", "")
    by_mode = (mode.map(lambda name: "modes" if name else ""), mode)
    return [
        _item(COST, "haulage", flows["haulage_eur"], by_mode, _origin(flows)),
        _item(CO2, "transport", flows["co2_transport_t"], by_mode, _origin(flows)),
        _item(TONNES, "exchanged", moved["tonnes"], _origin(moved), (into, moved["receiver"])),
    ]


def _exchanges(solution: Solution, flows: pd.DataFrame) -> list[pd.DataFrame]:
    table = solution.exchanges
    if table.empty:
        return []
    of_exchange = flows.groupby("exchange")[["haulage_eur", "co2_transport_t"]].sum().reindex(table["exchange"])
    trips = table["haulage_eur_per_yr"] - of_exchange["haulage_eur"].fillna(0.0).to_numpy(float)
    use = table["co2_t_per_yr"] - of_exchange["co2_transport_t"].fillna(0.0).to_numpy(float)
    by_mode = ("modes", table["mode"].astype("str"))
    largest = flows.drop_duplicates("exchange").set_index("exchange")  # flows come with the largest first
    kind = table["exchange"].map(largest["receiver_kind"]).map({"demand": "demands", "plant": "plants"}).fillna("")
    receiver = (kind, table["exchange"].map(largest["receiver"]).fillna(""))
    return [
        _item(COST, "trips", trips, by_mode),
        _item(COST, "setup", table["setup_eur_per_yr"], by_mode),
        _item(COST, "use", table["treatment_eur_per_yr"], receiver),
        _item(CO2, "treatment", use, receiver),
    ]


def _plants(solution: Solution) -> list[pd.DataFrame]:
    table = solution.plants
    if table.empty:
        return []
    years = len(means.years(solution.scenario))
    plant, technology = ("plants", table["plant"]), ("technologies", table["technology"])
    stands = (table["fixed_eur"] + table["annuity_eur"]) / years
    return [
        _item(COST, "plants", stands, plant),
        _item(COST, "treatment", table["opex_eur"] / years, technology, plant),
        _item(CO2, "treatment", table["co2_t"] / years, technology, plant),
    ]


def disposed(solution: Solution, flows: pd.DataFrame) -> pd.DataFrame:
    """
    Yearly means of all that goes to disposal, with what it costs: fees and taxes of an outlet by what each sends there.

    Parameters
    ----------
    solution
        One with a plan.
    flows
        Its yearly means, from `isopt.views.means.flows`.

    Returns
    -------
    rows
        The columns of `isopt.views.means.flows` with ``outlet, own, gate_fee_eur, landfill_tax_eur, co2_t``.
    """
    sums = ["gate_fee_eur", "landfill_tax_eur", "co2_t"]
    paid = means.per_year(solution.disposal, ["outlet", "material"], sums, solution.scenario)
    gone = flows[flows["kind"] != "exchange"]
    own = gone["kind"] == "own_disposal"
    gone = gone.assign(own=own, outlet=gone["receiver"].where(~own, OWN + gone["origin"]))
    whole = gone.groupby(["outlet", "material"])["arrived"].transform("sum")
    part = gone["arrived"] / whole.where(whole > 0, 1.0)
    rows = gone.assign(part=part).merge(paid, on=["outlet", "material"])
    return rows.assign(**{name: rows[name] * rows["part"] for name in sums}).drop(columns="part")


def _disposal(solution: Solution, flows: pd.DataFrame) -> list[pd.DataFrame]:
    if solution.disposal.empty:
        return []
    rows = disposed(solution, flows)
    who = _origin(rows)
    table = pd.Series("disposals", index=rows.index).where(~rows["own"], "streams")
    fee = (table, rows["receiver"].where(~rows["own"], rows["origin"]))
    return [
        _item(COST, "fees", rows["gate_fee_eur"], fee, who),
        _item(COST, "tax", rows["landfill_tax_eur"], who),
        _item(CO2, "disposal", rows["co2_t"], fee, who),
    ]


def _virgin(solution: Solution) -> list[pd.DataFrame]:
    table = means.purchases(solution)
    demand = ("demands", table["demand"])
    return [
        _item(COST, "virgin", table["cost_eur"], demand),
        _item(CO2, "virgin", table["co2_t"], demand),
    ]


def _stocks(solution: Solution) -> list[pd.DataFrame]:
    table = solution.stocks
    if table.empty:
        return []
    key = row_keys(table, KEYS["stocks"])
    return [_item(COST, "stocks", table["cost_eur"] / len(means.years(solution.scenario)), ("stocks", key))]


def _carbon(found: pd.DataFrame, solution: Solution) -> pd.DataFrame:
    """The carbon payment, laid on the CO2 in scope."""
    scope = solution.scenario.settings.policy.carbon_scope
    laid = found[(found["measure"] == CO2) & found["line"].isin(scope)]
    yearly = solution.kpis[(solution.kpis["kpi"] == "carbon_payment") & (solution.kpis["year"].astype(str) != "total")]
    paid, whole = float(yearly["value"].mean()) if len(yearly) else 0.0, float(laid["amount"].sum())
    rate = paid / whole if whole else 0.0
    return laid.assign(measure=COST, line="carbon", amount=laid["amount"] * rate)
