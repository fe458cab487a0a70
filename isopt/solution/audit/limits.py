"""The limits of the settings."""

from __future__ import annotations

import numpy as np

from isopt.solution.audit.evidence import Evidence
from isopt.solution.audit.judge import Floats, Verdict, at_least, at_most, row_slack, single
from isopt.solution.audit.kpis import of, tonnes_to_place
from isopt.solution.audit.plants import plant_years

YEARLY = ("co2_t_per_yr", "landfilled_t_per_yr", "diversion_share")


def limits_hold_in_each_year(evidence: Evidence) -> Verdict:
    """
    Hold the yearly limits on CO2, on tonnes landfilled and on the share diverted.

    "co2_t_per_yr ... all four sources, whatever the carbon scope"; "`diversion_share` = 1 - landfilled / tonnes of
    streams that must be placed"; "all limits hold for the sum over the year". The baseline is without limits. The
    size of the row is the tonnes to place, or the CO2 of all sources, each taken positive.
    """
    inputs, tolerance = evidence.inputs, evidence.tolerance
    first, keys = [inputs.first_period[year] for year in inputs.years], ("kpi", "year")

    def limit(name: str) -> Floats:
        return np.asarray(inputs.scenario.limit_at(name), dtype=np.float64)[first]

    if evidence.is_baseline or all(np.isnan(limit(name)).all() for name in YEARLY):
        return Verdict()
    co2, landfilled, tonnes = (
        of(evidence, "co2_total"),
        of(evidence, "landfilled"),
        tonnes_to_place(evidence).to_numpy(),
    )
    rows, most = co2.assign(kpi="co2_total"), limit("co2_t_per_yr")
    slack = row_slack(tolerance, most, co2["gross"])
    verdict = at_most("kpis", rows, keys, most, co2["amount"], slack, "limits.co2_t_per_yr")
    rows, most = landfilled.assign(kpi="landfilled"), limit("landfilled_t_per_yr")
    slack = row_slack(tolerance, most, tonnes, landfilled["gross"])
    verdict += at_most("kpis", rows, keys, most, landfilled["amount"], slack, "limits.landfilled_t_per_yr")
    least, diverted = tonnes * limit("diversion_share"), tonnes - landfilled["amount"].to_numpy()
    return verdict + at_least("kpis", rows, keys, least, diverted, slack, "limits.diversion_share, in tonnes")


def limits_hold_for_what_stands_at_the_end(evidence: Evidence) -> Verdict:
    """
    Hold the limits on capital and counts, which speak of what stands in the last year.

    "capex_eur ... before grants; plants ... exactly (plants_max: at most); exchanges_max"; "`plants` ... speak of
    candidates".
    """
    limits, last = evidence.inputs.scenario.settings.limits, evidence.inputs.years[-1]
    asked = (limits.capex_eur, limits.plants_max, limits.exchanges_max, limits.plants)
    if evidence.is_baseline or all(limit is None for limit in asked):
        return Verdict()
    plants, lines = plant_years(evidence), evidence.line_years
    plants, lines = plants[plants["year"] == last], lines[(lines["year"] == last) & lines["in_place"]]
    built = float(((plants["status"] == "candidate") & plants["stands"]).sum())
    exchanges = float((lines["is_exchange"] & lines["foreign"]).sum())
    capex = float(plants["standing_capex"].sum() + lines["capex"].sum())
    room = evidence.tolerance * max(abs(limits.capex_eur or 0.0), abs(capex))
    row, verdict = f"year {last}", Verdict()
    for name, limit, found, slack in (
        ("capex_eur", limits.capex_eur, capex, room),
        ("plants_max", limits.plants_max, built, 0.0),
        ("exchanges_max", limits.exchanges_max, exchanges, 0.0),
    ):
        if limit is not None:
            verdict += single(
                "plants" if name != "exchanges_max" else "exchanges",
                row,
                found <= limit + slack,
                limit,
                found,
                f"limits.{name}",
            )
    if limits.plants is not None:
        verdict += single("plants", row, built == limits.plants, limits.plants, built, "limits.plants")
    return verdict
