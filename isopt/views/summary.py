"""A solution in plain words: sentences made of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from isopt.views import means
from isopt.views.caption import known_number, kpi_totals
from isopt.views.language import digits
from isopt.views.numbers import share, with_unit
from isopt.views.texts import counted, text

if TYPE_CHECKING:
    from isopt.solution import Solution

NAMES_SHOWN = 4
SAME = 1e-9  # relative: a difference that rounding made


def sentences(solution: Solution) -> list[str]:
    """
    What a reader should remember of a plan.

    Parameters
    ----------
    solution
        One with a plan.

    Returns
    -------
    list of str
        Use of the streams, money, landfill, CO2, exchanges, plants, winners and losers; only what there is to say.
    """
    lines = [
        *_horizon(solution),
        *_streams(solution),
        *_money(solution),
        *_landfill(solution),
        *_co2(solution),
        *_exchanges(solution),
        *_plants(solution),
        *_firms(solution),
    ]
    if solution.baseline is None:
        reason = solution.baseline_reason
        lines.append(text("report.no_baseline", reason=reason) if reason else text("report.no_baseline_unknown"))
    return lines


def names(list_of_names: list[str]) -> str:
    """A few names as a sentence has them."""
    if len(list_of_names) > NAMES_SHOWN:
        shown = ", ".join(list_of_names[:NAMES_SHOWN])
        return text("list.more", shown=shown, count=len(list_of_names) - NAMES_SHOWN)
    if len(list_of_names) < 2:
        return "".join(list_of_names)
    return text("list.and", first=", ".join(list_of_names[:-1]), last=list_of_names[-1])


def _amount(totals: dict[str, tuple[float, str]], name: str) -> str:
    value, unit = totals[name]
    return with_unit(abs(value), unit)


def _before(solution: Solution, name: str) -> float | None:
    return None if solution.baseline is None else kpi_totals(solution.baseline).get(name, (None, ""))[0]


def _horizon(solution: Solution) -> list[str]:
    horizon = means.years(solution.scenario)
    if len(horizon) < 2:
        return []
    economics = solution.scenario.settings.economics
    kind = "report.horizon_nominal" if economics.nominal else "report.horizon"
    length = counted(len(horizon), "year")
    return [text(kind, years=length, first=horizon[0], last=horizon[-1], rate=share(economics.discount_rate))]


def _streams(solution: Solution) -> list[str]:
    some = means.unused(solution).query("supply > 0")
    if some.empty:
        return []
    flows = means.flows(solution)
    used = set(flows.loc[(flows["kind"] == "exchange") & (flows["origin_kind"] == "stream"), "origin"])
    number = int(some["stream"].isin(used).sum())
    everything = counted(len(some), "stream")
    if number == len(some) > 1:
        return [text("report.used_all", all=everything)]
    return [text("report.used", used=digits(number), all=everything)]


def _money(solution: Solution) -> list[str]:
    totals = kpi_totals(solution)
    after = with_unit(*totals["cost_total"])
    before = _before(solution, "cost_total")
    if before is None or not known_number(before):
        return [text("report.cost_only", after=after)]
    saved = before - totals["cost_total"][0]
    part = share(abs(saved) / abs(before)) if before else share(None)
    if abs(saved) <= SAME * abs(before):
        return [text("report.no_saving", after=after)]
    kind = "report.saved" if saved > 0 else "report.dearer"
    return [text(kind, after=after, before=with_unit(before, "EUR"), saved=with_unit(abs(saved), "EUR"), share=part)]


def _landfill(solution: Solution) -> list[str]:
    totals = kpi_totals(solution)
    now = totals["landfilled"][0]
    before = _before(solution, "landfilled")
    landfilled = _amount(totals, "landfilled")
    if before is None or not known_number(before):
        return [text("report.landfilled", landfilled=landfilled)] if now > 0 else []
    less = before - now
    if before <= 0 and now <= 0:
        return []
    if abs(less) <= SAME * max(before, now):
        return [text("report.not_diverted", landfilled=landfilled)]
    gone = with_unit(abs(less), "t")
    if less < 0:
        return [text("report.more_landfilled", landfilled=landfilled, diverted=gone)]
    if now <= SAME * before:
        return [text("report.diverted_all", diverted=gone)]
    return [text("report.diverted", diverted=gone, share=share(less / before), landfilled=landfilled)]


def _co2(solution: Solution) -> list[str]:
    totals = kpi_totals(solution)
    before = _before(solution, "co2_total")
    if before is None or not known_number(before) or not before:
        return []
    less = before - totals["co2_total"][0]
    if abs(less) <= SAME * abs(before):
        return []
    kind = "report.co2_less" if less > 0 else "report.co2_more"
    part = share(abs(less) / abs(before))
    return [text(kind, amount=with_unit(abs(less), "t"), share=part, total=with_unit(*totals["co2_total"]))]


def _exchanges(solution: Solution) -> list[str]:
    exchanges = solution.exchanges
    foreign = exchanges[exchanges["between_organisations"].astype(bool)] if len(exchanges) else exchanges
    if foreign.empty:
        return [text("report.no_exchanges")]
    parties = {*foreign["from_organisation"], *foreign["to_organisation"]}
    lines = [
        text(
            "report.exchanges",
            exchanges=counted(len(foreign), "exchange"),
            organisations=counted(len(parties), "organisation"),
        )
    ]
    best = foreign.sort_values("saving_eur_per_yr", ascending=False, kind="stable").iloc[0]
    if best["saving_eur_per_yr"] > 0:
        material = material_names(solution, best["material"])
        saving = with_unit(float(best["saving_eur_per_yr"]), text("unit.per_year", unit="EUR"))
        giver, taker = best["from_name"] or best["from_facility"], best["to_name"] or best["to_facility"]
        lines.append(text("report.best", material=material, giver=giver, taker=taker, saving=saving))
    return lines


def material_names(solution: Solution, ids: str) -> str:
    """Names of the materials whose ids stand in a cell."""
    table = solution.scenario.tables["materials"]
    known = dict(zip(table["material"], table["name"], strict=True))
    return ", ".join(known.get(material) or material for material in str(ids).split(";"))


def _plants(solution: Solution) -> list[str]:
    plants = means.filled(solution.plants, ["plant", "status", "built", "capex_spent_eur", "technology", "facility"])
    candidates = plants[plants["status"] == "candidate"]
    every = candidates["plant"].nunique()
    if not every:
        return []
    built = candidates[candidates["built"].astype(bool)].drop_duplicates("plant")
    if built.empty:
        return [text("report.none_built" if every > 1 else "report.one_not_built", all=every)]
    technologies = solution.scenario.tables["technologies"].set_index("technology")["name"].to_dict()
    places = means.facility_names(solution.scenario)
    called = [
        f"{technologies.get(technology) or technology} ({places[facility]})"
        for technology, facility in zip(built["technology"].astype(str), built["facility"].astype(str), strict=True)
    ]
    capex = float(candidates["capex_spent_eur"].sum())
    kind = "report.one_built" if every == 1 else "report.built_one" if len(built) == 1 else "report.built"
    return [text(kind, built=len(built), all=every, names=names(called), capex=with_unit(capex, "EUR"))]


def _firms(solution: Solution) -> list[str]:
    firms = solution.firms
    if firms.empty or firms["saving_eur_per_yr"].isna().all():
        return []
    called = means.facility_names(solution.scenario)  # an organisation may go by the id of its only facility
    index = [called.get(organisation, organisation) for organisation in firms["organisation"]]
    saving = pd.Series(firms["saving_eur_per_yr"].to_numpy(float), index=index)
    noise = SAME * float(saving.abs().max())
    year = text("unit.per_year", unit="EUR")
    lines = []
    if saving.max() > noise:
        lines.append(text("report.winner", name=saving.idxmax(), saving=with_unit(float(saving.max()), year)))
    losers = saving[saving < -noise]
    if len(losers):
        amount = with_unit(float(-losers.min()), year)
        kind = "report.losers" if len(losers) > 1 else "report.loser"
        lines.append(text(kind, firms=counted(len(losers), "firm"), name=losers.idxmin(), amount=amount))
    return lines
