"""
The journal: every EUR and every tonne of CO2 of a plan as a posting, with its period, its account and who bears it.

Costs and KPIs are sums of postings by year, the firms' ledger sums by organisation. Costs are before grants; what
grants give back is posted to `subsidies`, which is taken off at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from isopt.solution.audit import may
from isopt.solution.audit.balances import demand_rows
from isopt.solution.audit.evidence import Evidence, once
from isopt.solution.audit.exchanges import substitution
from isopt.solution.audit.plants import plant_years
from isopt.solution.audit.stocks import stock_rows

# Accounts of `cost_total`, in its order; subsidies are subtracted.
ACCOUNTS = ("haulage", "setup", "treatment", "plants", "gate_fees", "virgin", "landfill_tax", "carbon", "subsidies")
SOURCES = ("transport", "treatment", "disposal", "virgin")
POSTING = ["t", "account", "organisation", "amount"]


@once
def emissions(evidence: Evidence) -> pd.DataFrame:
    """
    Every tonne of CO2: columns t (period), account (transport, treatment, disposal, virgin), organisation, amount.

    Carriage on what is sent; substitution and disposal on what arrives; technologies per unit of throughput; virgin
    per unit bought.
    """
    return pd.concat(_emissions(evidence), ignore_index=True)


@once
def costs(evidence: Evidence) -> pd.DataFrame:
    """
    Every EUR: columns t, account (see `ACCOUNTS`), organisation ("" where the contract names no bearer), amount.

    "The yearly cost of all firms together: haulage, handling, link set-up and permits, treatment, plants (annuity and
    fixed), gate fees, virgin purchase, landfill tax, carbon price times the CO2 in scope, less subsidies."
    """
    parts = [
        *_of_carriage(evidence),
        *_of_treatment(evidence),
        *_of_ends(evidence),
        _carbon(evidence),
        *_subsidies(evidence),
    ]
    return pd.concat(parts, ignore_index=True)


@once
def ends(evidence: Evidence) -> pd.DataFrame:
    """
    The flows that end at a disposal or in own disposal.

    Columns besides theirs: `route`, `tax_class`, `fee` and `tax` (EUR), `gas` (t of CO2), `landfilled` (t).
    """
    inputs, flows = evidence.inputs, evidence.flows
    rows = flows[~flows["is_exchange"]].reset_index(drop=True)
    own = rows["is_own"].to_numpy()
    rows = rows.assign(route=may.route(inputs, rows), tax_class=may.tax_class(inputs, rows))

    def cell(of_own: str, of_disposal: str) -> pd.Series:
        said = inputs.number("streams", of_own, rows["stream"], rows["t"], empty=0.0)
        return pd.Series(
            np.where(own, said, inputs.number("disposals", of_disposal, rows["disposal"], rows["t"], empty=0.0))
        )

    rows["fee"] = rows["arriving"] * cell("own_disposal_eur_per_unit", "gate_fee_eur_per_unit")
    rows["gas"] = rows["arriving"] * cell("own_disposal_kgco2_per_unit", "kgco2_per_unit") / 1000
    rows["landfilled"] = rows["t_arriving"].where(rows["route"] == "landfill", 0.0)
    rate = np.zeros(len(rows))
    for cls in set(rows["tax_class"]) - {"", "none"}:
        here = (rows["tax_class"] == cls).to_numpy()
        rate[here] = inputs.policy("landfill_tax_eur_per_t", cls)[rows.loc[here, "t"]]
    return rows.assign(tax=rows["landfilled"] * rate)


@once
def exchanged(evidence: Evidence) -> pd.DataFrame:
    """
    Tonnes exchanged by each flow: columns t, amount.

    "Stream tonnes that reach a demand or a plant, less the tonnes that leave plants for disposals".
    """
    flows = evidence.flows
    to_firm = flows["is_exchange"] & (flows["stream"] >= 0)
    residue = flows["is_disposal"] & (flows["source_plant"] >= 0)
    amount = flows["t_arriving"].where(to_firm, 0.0) - flows["t_sent"].where(residue, 0.0)
    return pd.DataFrame({"t": flows["t"], "amount": amount})


def _posted(frame: pd.DataFrame, account: str, amount: str, organisation: str = "") -> pd.DataFrame:
    who = frame[organisation] if organisation else ""
    return pd.DataFrame(
        {"t": frame["t"], "account": account, "organisation": who, "amount": frame[amount].astype(float)}
    )


def _of_carriage(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """Haulage with its trips, which each sender of a load bears by its tonnes; set-up, permits and capital."""
    flows, lines = evidence.flows, evidence.line_years
    yield _posted(flows, "haulage", "haulage", "supplier")
    loads = evidence.trips[["line", "t", "tonnes", "eur"]]
    shares = flows[["line", "t", "t_sent", "supplier"]].merge(loads[loads["eur"] != 0], on=["line", "t"])
    yield _posted(
        shares.assign(part=shares["eur"] * shares["t_sent"] / shares["tonnes"]), "haulage", "part", "supplier"
    )
    yield _posted(lines.assign(fixed=lines["setup"] + lines["permit"] + lines["annuity"]), "setup", "fixed")


def _of_treatment(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """Substitution and opex, what lies in stock, plants' annuity and fixed cost."""
    inputs = evidence.inputs
    yield _posted(evidence.flows.assign(cost=substitution(evidence)[0]), "treatment", "cost")
    if len(inputs.table("stocks")):
        yield _posted(stock_rows(evidence), "treatment", "cost")
    if len(inputs.table("plants")):
        yield _posted(_per_throughput(evidence, "opex_eur_per_unit"), "treatment", "posted")
        plants = plant_years(evidence)
        yield _posted(
            plants.assign(cost=plants["own_annuity_eur"] + plants["own_fixed_eur"]), "plants", "cost", "owner"
        )


def _of_ends(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """Gate fees and tax, borne by who sends it there; purchases, borne by who buys."""
    out, bill = ends(evidence), bought(evidence)
    yield _posted(out, "gate_fees", "fee", "supplier")
    yield _posted(out, "landfill_tax", "tax", "supplier")
    yield _posted(bill.assign(cost=bill["bought"] * bill["price"].fillna(0.0)), "virgin", "cost", "buyer")


def _carbon(evidence: Evidence) -> pd.DataFrame:
    """The carbon payment: "carbon price times the CO2 in scope"."""
    rows = emissions(evidence)
    rows = rows[rows["account"].isin(evidence.inputs.scenario.settings.policy.carbon_scope)]
    price = evidence.inputs.policy("carbon_price_eur_per_t")[rows["t"]]
    return rows.assign(account="carbon", organisation="", amount=rows["amount"] * price)


def _subsidies(evidence: Evidence) -> Iterator[pd.DataFrame]:
    """The subsidy per tonne exchanged, and "grants lower what is paid and are booked in `subsidies`"."""
    inputs, rows = evidence.inputs, exchanged(evidence)
    paid = rows["amount"] * inputs.policy("subsidy_eur_per_t_exchanged")[rows["t"]]
    yield _posted(rows.assign(paid=paid), "subsidies", "paid")
    annuities = [evidence.line_years[["t", "annuity"]]]
    if len(inputs.table("plants")):
        annuities.append(plant_years(evidence)[["t", "own_annuity_eur"]].rename(columns={"own_annuity_eur": "annuity"}))
    for frame in annuities:
        share = inputs.policy("capex_grant_share")[frame["t"]]
        yield _posted(frame.assign(grant=frame["annuity"] * share), "subsidies", "grant")


def _emissions(evidence: Evidence) -> Iterator[pd.DataFrame]:
    flows, bill = evidence.flows, bought(evidence)
    yield _posted(flows, "transport", "tco2", "supplier")
    yield _posted(flows.assign(gas=substitution(evidence)[1]), "treatment", "gas")
    if len(evidence.inputs.table("plants")):
        made = _per_throughput(evidence, "kgco2_per_unit")
        yield _posted(made.assign(gas=made["posted"] / 1000), "treatment", "gas")
    yield _posted(ends(evidence), "disposal", "gas", "supplier")
    yield _posted(bill.assign(gas=bill["bought"] * bill["kgco2"].fillna(0.0) / 1000), "virgin", "gas", "buyer")


def _per_throughput(evidence: Evidence, column: str) -> pd.DataFrame:
    """The throughput table with `posted`: its amount times a column of its plant's technology."""
    inputs, done = evidence.inputs, evidence.throughput
    technology = inputs.row("technologies", inputs.text("plants", "technology", done["row"]))
    return done.assign(posted=done["amount"] * inputs.number("technologies", column, technology, done["t"], empty=0.0))


@once
def bought(evidence: Evidence) -> pd.DataFrame:
    """A row per demand and period with what is bought, its `buyer`, `unit` and `t_per_unit`."""
    inputs, rows = evidence.inputs, demand_rows(evidence)
    place = inputs.row("facilities", rows["facility"])
    material = inputs.row("materials", rows["material"])
    return rows.assign(
        buyer=inputs.text("facilities", "organisation", place),
        unit=inputs.text("materials", "unit", material),
        t_per_unit=inputs.t_per_unit[material, rows["t"]],
    )
