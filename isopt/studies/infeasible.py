"""Why there is no plan, in a planner's words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from isopt.network import Instance, Kind
from isopt.network.quality import origin_name
from isopt.solver.compile import StandardForm
from isopt.solver.conflict import conflict
from isopt.solver.highs import solve_form

#: Wishes that a user can take back, family by family, and what they are called.
WISHES = {
    "limits": "the limits of the scenario",
    "share_limits": "the least and most shares of by-products",
    "quality": "the quality limits",
    "lot": "the least amounts of exchanges (min_per_yr)",
    "exchange_capacity": "the capacities of exchanges (max_per_yr)",
    "plant_load": "the least loads of plants (min_load_share)",
    "mix": "the mixes of technologies",
    "choose_one": "the choice of one plant per label (choose_one)",
    "single_receiver": "the single receivers",
    "disposal_capacity": "the capacities of disposals",
    "plant_capacity": "the capacities of plants",
    "stream_balance": "that streams must be placed",
    "demand_balance": "that demands must be met",
}
#: Seconds for each question asked to find the reason.
QUESTION_S = 10.0
#: A limit is missed by more than this share of itself, or it is noise.
SLACK = 1e-7
#: Most conflicts that are told, and most parts of each.
MOST_CONFLICTS, MOST_PARTS = 5, 8


def explain(instance: Instance, form: StandardForm) -> str:
    """
    Say why a model is infeasible.

    For limits, the best value that can be reached; else a small set of requirements that contradict each other; where
    whole numbers are at fault, or the set is large, the wishes of which any one alone would have to be given up.

    Parameters
    ----------
    instance
        What was asked.
    form
        The infeasible model.

    Returns
    -------
    reason
        Sentences without a trailing line break.
    """
    parts = _attainable(instance, form) or _contradiction(instance, form)
    if not parts:
        parts = _given_up(form)
    return " ".join(parts) if parts else "no single requirement explains it: several of them contradict each other"


def _contradiction(instance: Instance, form: StandardForm) -> list[str]:
    """Name the requirements of small conflicts, each found once those before are taken back, the shortest first."""
    conflicts: list[list[str]] = []
    lower, upper = form.row_lower.copy(), form.row_upper.copy()
    began = time.perf_counter()
    while len(conflicts) < MOST_CONFLICTS and (left := QUESTION_S - (time.perf_counter() - began)) > 0:
        rows = conflict(replace(form, row_lower=lower, row_upper=upper), seconds=left)
        told = [sentence for row in rows if (sentence := _sentence(instance, form, row))]
        told = list(dict.fromkeys(told))
        if not told or len(told) > MOST_PARTS:
            break
        conflicts.append(told)
        lower[rows], upper[rows] = -np.inf, np.inf
    opening = ["These can't hold together: "] + ["Nor can these: "] * len(conflicts)
    return [start + "; ".join(told) + "." for start, told in zip(opening, sorted(conflicts, key=len), strict=False)]


def _sentence(instance: Instance, form: StandardForm, row: int) -> str:
    """Say what one row requires."""
    for family, where in form.rows.items():
        if where.start <= row < where.stop:
            if family == "limits":
                return _limit(instance, form, row - where.start)
            teller = _TELLERS.get(family)
            return WISHES.get(family, "") if teller is None else teller(instance, row - where.start)
    return ""


def _when(instance: Instance, index: int, *, yearly: bool = False) -> str:
    periods = instance.periods
    if periods.count == 1:
        return ""
    return f" in {periods.years[index]}" if yearly else f" in {periods.names[index]}"


def _stream(instance: Instance, row: int) -> str:
    s, t = divmod(row, instance.periods.count)
    if not instance.must_place[s]:
        return ""
    stream = instance.scenario.streams.iloc[s]
    amount = _amount(instance.supply[s, t], instance, int(instance.parties.origins.material[s]))
    ways = int((instance.links.origin == s).sum() + (instance.outlets.origin == s).sum())
    sentence = f'stream "{stream["stream"]}" must place {amount} of {stream["material"]}{_when(instance, t)}'
    return sentence + (" and has no way out: no exchange, plant, disposal or own disposal" if not ways else "")


def _demand(instance: Instance, row: int) -> str:
    d, t = divmod(row, instance.periods.count)
    if not instance.must_meet[d]:
        return ""
    demand = instance.scenario.demands.iloc[d]
    receivers = instance.parties.receivers
    node = int(receivers.of(Kind.DEMAND)[d])
    amount = _amount(instance.need[d, t], instance, int(receivers.material[node]))
    bought = "" if d in instance.buyable else ", and it can't be bought (virgin_eur_per_unit is empty)"
    none = "" if (instance.links.receiver == node).any() else ", nothing in reach replaces it"
    return f'demand "{demand["demand"]}" needs {amount} of {demand["material"]}{_when(instance, t)}{bought}{none}'


def _output(instance: Instance, row: int) -> str:
    fed = int((instance.plants.input_node >= 0).sum()) * instance.periods.count
    if row < fed:
        return ""
    made, t = divmod(row - fed, instance.periods.count)
    origin = len(instance.supply) + made
    plant, _, material = origin_name(instance.scenario, instance.parties, origin).partition(":")
    ways = int((instance.links.origin == origin).sum() + (instance.outlets.origin == origin).sum())
    return f'plant "{plant}" must place all its {material}{_when(instance, t)}' + (
        "" if ways else ", which has no way out"
    )


def _disposal(instance: Instance, row: int) -> str:
    years = len(instance.periods.years)
    capacity = instance.scenario.at("disposals", "capacity_per_yr")
    limited = np.flatnonzero(~np.isnan(capacity[:, instance.periods.first_of_year]).all(axis=1))
    f, y = divmod(row, years)
    place = instance.scenario.disposals["disposal"].iloc[limited[f]]
    most = capacity[limited[f], instance.periods.first_of_year[y]]
    return f'disposal "{place}" takes at most {most:,.6g} a year{_when(instance, y, yearly=True)}'


def _limit(instance: Instance, form: StandardForm, row: int) -> str:
    name, _, year = form.row_labels["limits"]()[row].partition(",") if "limits" in form.row_labels else ("", "", "")
    most = form.row_upper[form.rows["limits"].start + row]
    words = _LIMIT_WORDS.get(name, name + " {}").format(f"{most:,.6g}")
    return words + (f" in {year}" if year and len(instance.periods.years) > 1 else "")


_LIMIT_WORDS = {
    "co2": "at most {} t of CO2 a year",
    "landfilled": "at most {} t landfilled a year (diversion share included)",
    "capex": "at most {} EUR invested",
    "plants": "exactly {} candidate plants built",
    "plants_max": "at most {} candidate plants built",
    "exchanges_max": "at most {} exchanges between organisations",
}


_TELLERS: dict[str, Callable[[Instance, int], str]] = {
    "stream_balance": _stream,
    "demand_balance": _demand,
    "plant_balance": _output,
    "disposal_capacity": _disposal,
}


def _amount(amount: float, instance: Instance, material: int) -> str:
    return f"{amount:,.6g} {instance.scenario.materials['unit'].iloc[material]}"


def _attainable(instance: Instance, form: StandardForm) -> list[str]:
    """For each limit, the best value that a plan without limits reaches, where that is not enough."""
    where = form.rows.get("limits")
    if where is None:
        return []
    lower, upper = form.row_lower.copy(), form.row_upper.copy()
    lower[where], upper[where] = -np.inf, np.inf
    matrix = form.matrix.tocsr()
    told = []
    for row in range(where.start, where.stop):
        coefficients = matrix[[row]].toarray().ravel()
        sides = [(1.0, form.row_upper[row])] if np.isfinite(form.row_upper[row]) else []
        sides += [(-1.0, form.row_lower[row])] if np.isfinite(form.row_lower[row]) else []
        for sign, bound in sides:
            best = solve_form(
                replace(form, row_lower=lower, row_upper=upper, cost=sign * coefficients, offset=0.0),
                gap=0.0,
                time_limit=QUESTION_S,
            )
            if best.status != "optimal" or best.objective is None:
                continue
            reached = sign * best.objective  # the least (sign 1) or the most (sign -1) that the limited amount can be
            if sign * (reached - bound) > SLACK * max(1.0, abs(bound)):
                word = "least" if sign > 0 else "most"
                limit = _limit(instance, form, row - where.start)
                told.append(f"{limit}: the {word} that any plan reaches is {reached:,.6g}.")
    return told


def _given_up(form: StandardForm) -> list[str]:
    """Name the wishes of which any one alone, given up, would leave a plan."""
    enough = []
    for family, words in WISHES.items():
        where = form.rows.get(family)
        if where is None:
            continue
        lower, upper = form.row_lower.copy(), form.row_upper.copy()
        lower[where] = -np.inf
        if family not in {"stream_balance", "demand_balance"}:
            upper[where] = np.inf
        relaxed = replace(form, row_lower=lower, row_upper=upper, cost=np.zeros_like(form.cost), offset=0.0)
        if solve_form(relaxed, gap=1.0, time_limit=QUESTION_S).values is not None:
            enough.append(words)
    if not enough:
        return []
    return ["No plan meets all requirements; a plan exists without " + ", or without ".join(enough) + "."]
