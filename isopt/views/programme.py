"""The benefits of a plan in the lines in which symbiosis programmes report: in a year, as they persist, attributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from isopt.views import means
from isopt.views.numbers import plain, share, with_unit
from isopt.views.report_cells import Cell, Row, Table, cited, heads
from isopt.views.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from isopt.scenario import Scenario
    from isopt.solution import Solution

Names = NDArray[np.object_]

KPI_LINES = {
    "nisp_landfill": "diverted",
    "nisp_co2": "co2_avoided",
    "nisp_virgin": "virgin_saved",
    "nisp_hazardous": "hazardous_diverted",
    "nisp_water": "water_saved",
    "nisp_cost": "cost_saved",
}
"""NISP's lines that are differences to the baseline, in NISP's order, and the KPI that each is."""
SOURCES = ("isl_nisp", "edie", "scott_wilson_2009")
"""Keys of `isopt.knowledge.citation`: the lines, the persistence of about five years, the attribution."""


@dataclass(frozen=True)
class Line:
    """
    One line of a programme's report.

    Attributes
    ----------
    name
        Key of its text, without ``report.``.
    in_year
        Benefit of a year, the mean of the years of the horizon.
    persisting
        The same over the years for which it persists, as much of it as is left in each.
    attributed
        What of the latter is put down to the programme.
    unit
        Of all three.
    once
        Whether it happens once and does not persist: investment.
    """

    name: str
    in_year: float
    persisting: float
    attributed: float
    unit: str
    once: bool = False


def persistence(years: int, decay: float) -> float:
    r"""
    How many times the benefit of a year counts as it persists.

    .. math:: \sum_{k=0}^{n-1} (1 - d)^k

    NISP's audits found 6.04 Mt of CO2 in the year and 30 Mt over the life of the synergies, 4.97 times as much: five
    years without decay.

    Parameters
    ----------
    years
        For how many years a benefit counts, the first one included.
    decay
        Share of it that is lost from year to year.

    Examples
    --------
    >>> persistence(5, 0.0), persistence(3, 0.5)
    (5.0, 1.75)
    """
    return float(sum((1.0 - decay) ** year for year in range(years)))


def lines(solution: Solution) -> list[Line]:
    """
    Benefits of a plan as NISP reported them, as far as the tables know them.

    Money is that of the price year, not discounted. Additional sales are what suppliers are paid by other organisations
    for what they give, known where a stream has a price; private investment is the capital spent less grants.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    lines
        What is not known is left out: jobs always, and all differences where there is no baseline.
    """
    settings = solution.scenario.settings.programme
    times = persistence(settings.persistence_years, settings.yearly_decay)
    yearly = solution.kpis[solution.kpis["year"].astype(str) != "total"]
    mean = yearly.groupby("kpi")["value"].mean()
    units = dict(zip(yearly["kpi"], yearly["unit"], strict=True))
    found = [(name, float(mean[kpi]), str(units[kpi]), False) for name, kpi in KPI_LINES.items() if kpi in mean]
    sales = additional_sales(solution)
    if sales is not None:
        found.append(("nisp_sales", sales, "EUR", False))
    if "capex" in mean:
        spent = float(yearly.loc[yearly["kpi"] == "capex", "value"].sum())
        granted = solution.scenario.settings.policy.capex_grant_share
        found.append(("nisp_investment", spent * (1.0 - granted), "EUR", True))
    part = settings.attribution_share
    return [
        Line(name, value, value * (1.0 if once else times), value * (1.0 if once else times) * part, unit, once)
        for name, value, unit, once in found
    ]


def additional_sales(solution: Solution) -> float | None:
    """
    What suppliers are paid a year by other organisations for what they give; None where no stream has a price.

    Parameters
    ----------
    solution
        One with a plan. What suppliers pay to be rid of a stream, a price below zero, is no sale.
    """
    scenario = solution.scenario
    price = np.nan_to_num(scenario.at("streams", "price_eur_per_unit"))
    if not (price > 0).any() or solution.flows.empty:
        return None
    row = {stream: place for place, stream in enumerate(scenario.tables["streams"]["stream"])}
    period = {name: place for place, name in enumerate(scenario.periods["period"])}
    table = solution.flows
    sold = table[(table["kind"] == "exchange") & (table["origin_kind"] == "stream")]
    sold = sold[sold["origin"].map(row).notna()]
    one_price = price.shape[1] == 1
    at = [0] * len(sold) if one_price else [period[name] for name in sold["period"]]
    paid = sold["arrived"].to_numpy(float) * np.maximum(price[[row[name] for name in sold["origin"]], at], 0.0)
    giver, taker = ends(scenario, sold)
    return float(paid[giver != taker].sum() / len(means.years(scenario)))


def ends(scenario: Scenario, flows: pd.DataFrame) -> tuple[Names, Names]:
    """
    Organisations at both ends of flows: a plant's is its owner, everything else's that of its facility.

    Parameters
    ----------
    scenario
        Supplies the owners.
    flows
        Rows of `Solution.flows` or of their yearly means.

    Returns
    -------
    giver, taker
        Shape (flows,), of text.
    """
    facilities, plants = scenario.tables["facilities"], scenario.tables["plants"]
    owner_of_place = dict(zip(facilities["facility"], facilities["organisation"], strict=True))
    owner_of_plant = dict(zip(plants["plant"], plants["owner"], strict=True))

    def side(kind: str, place: str, thing: str) -> Names:
        rows = zip(flows[kind], flows[place], flows[thing], strict=True)
        return np.array(
            [owner_of_plant[what] if which == "plant" else owner_of_place[where] for which, where, what in rows],
            dtype=object,
        )

    return side("origin_kind", "from_facility", "origin"), side("receiver_kind", "to_facility", "receiver")


def table(solution: Solution) -> Table | None:
    """The lines as a table of the report, with what they assume and where the method is from."""
    found = lines(solution)
    if not found:
        return None
    settings = solution.scenario.settings.programme
    times = persistence(settings.persistence_years, settings.yearly_decay)
    rows = []
    for told in found:
        once = text("report.once")
        rows.append(
            Row(
                [
                    Cell(text(f"report.{told.name}")),
                    Cell(told.unit),
                    Cell(plain(told.in_year), small=once if told.once else ""),
                    Cell(text("number.none") if told.once else plain(told.persisting)),
                    Cell(plain(told.attributed)),
                ]
            )
        )
    numbers = ("in_year", "persisting", "attributed")
    note = text(
        "report.nisp_note",
        years=settings.persistence_years,
        decay=share(settings.yearly_decay),
        times=plain(times),
        attribution=share(settings.attribution_share),
    )
    missing = [text("report.nisp_jobs")]
    if not any(told.name == "nisp_sales" for told in found):
        missing.insert(0, text("report.nisp_sales"))
    more = text("report.nisp_missing", lines=", ".join(missing))
    more = f"{more} {text('report.method', sources='; '.join(cited(source) for source in SOURCES))}"
    return Table(text("report.nisp_title"), heads("kpi", "unit", *numbers, numbers=numbers), rows, note, more)


def sentence(solution: Solution) -> list[str]:
    """The benefits that persist, in a sentence; nothing where there is no baseline to compare with."""
    found = {told.name: told for told in lines(solution)}
    co2 = found.get("nisp_co2")
    years = solution.scenario.settings.programme.persistence_years
    if co2 is None or co2.in_year <= 0 or years < 2:
        return []
    return [text("report.persists", years=years, co2=with_unit(co2.persisting, co2.unit))]
