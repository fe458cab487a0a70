"""The model of the contract, sentence by sentence, and its solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oracle import candidates, exchanges, nodes, plants
from oracle.ledger import Ledger
from oracle.milp import Programme, add
from oracle.reading import Book

TOLERANCE = 1e-6
Flows = Mapping[tuple[str, str, str, str, str], float]


@dataclass(frozen=True)
class OracleResult:
    """Status, objective, KPIs over the whole horizon and the cost of the baseline (None where that is infeasible)."""

    status: str
    objective: float | None = None
    kpis: dict[str, float] = field(default_factory=dict)
    baseline_cost: float | None = None
    flows: dict[tuple[str, str, str, str, str], float] = field(default_factory=dict)


class Model:
    """One scenario, or its baseline, as a programme and a ledger."""

    def __init__(self, book: Book, *, baseline: bool = False, flows: Flows | None = None) -> None:
        self.book = book
        self.baseline = baseline
        self.slack = 0.0 if flows is None else 1e-4  # tonnes of a vehicle that rounding may overload
        self.p = Programme()
        self.ledger = Ledger(self.p, book)
        links = candidates.exchange_links(book)
        if baseline:
            keep = book.settings.baseline.keep_existing
            links = [x for x in links if not x.foreign or (keep and x.status == "existing")]
        self.links = links
        self.ways = candidates.disposal_links(book)
        self.x = {
            (link, t): self.p.variable(f"x {link.origin.name}>{link.receiver.name} {t}")
            for link in (*self.links, *self.ways)
            for t in book.T
        }
        if flows is not None:
            self.fix(flows)
        nodes.streams(self)
        nodes.demands(self)
        nodes.disposals(self)
        plants.plants(self)
        exchanges.carriage(self)
        exchanges.exchanges(self)
        exchanges.ways_with_links_cells(self)
        exchanges.single_receivers(self)
        nodes.qualities(self)
        self.exchanged()
        if not baseline:
            self.limits()

    def fix(self, flows: Flows) -> None:
        """Hold every flow at the amount of a plan, within a tolerance."""
        places = {self.key(link, t): k for (link, t), k in self.x.items()}
        if unknown := set(flows) - set(places):
            raise KeyError(f"no candidate here: {sorted(unknown)}")
        for key, k in places.items():
            amount = flows.get(key, 0.0)
            slack = TOLERANCE * max(1.0, amount) if amount else 0.0
            self.p.low[k], self.p.high[k] = max(0.0, amount - slack), amount + slack

    def key(self, link: Any, t: int) -> tuple[str, str, str, str, str]:
        """Names of a flow: origin, receiver, material, mode, period."""
        return (
            link.origin.name,
            link.receiver.name,
            link.origin.material,
            link.mode["mode"],
            self.book.periods[t]["period"],
        )

    def sent(self, origin: Any, t: int) -> dict[int, float]:
        """All that leaves an origin in a period by links and ways to disposal."""
        return {self.x[link, t]: 1.0 for link in (*self.links, *self.ways) if link.origin == origin}

    def arrived(self, link: Any) -> float:
        """Units that arrive per unit sent."""
        return max(0.0, 1.0 - self.book.number(link.mode, "loss_share_per_km", 0) * link.distance_km)

    def exchanged(self) -> None:
        """Stream tonnes that reach demands and plants less what leaves plants for disposals, and the subsidy."""
        for link in (*self.links, *self.ways):
            tonnes = self.book.t_per_unit(link.origin.material)
            for t in self.book.T:
                per_unit = 0.0
                if link.origin.kind == "stream" and not link.to_disposal:
                    per_unit = tonnes * self.arrived(link)
                elif link.origin.kind == "plant" and link.to_disposal:
                    per_unit = -tonnes
                self.ledger.book("exchanged", t, self.x[link, t], per_unit)
                subsidy = self.book.policy("subsidy_eur_per_t_exchanged", t)
                self.ledger.book("subsidies", t, self.x[link, t], subsidy * per_unit)

    def limits(self) -> None:
        """The caps of [limits]: per year for CO2, landfill and diversion, in the last year for budget and counts."""
        b, p = self.book, self.p
        for y in b.years:
            cap = b.limit("co2_t_per_yr", y)
            if cap is not None:
                p.row(f"co2 {y}", self.ledger.sum("co2_total", y), high=cap)
            cap = b.limit("landfilled_t_per_yr", y)
            if cap is not None:
                p.row(f"landfilled {y}", self.ledger.sum("landfilled", y), high=cap)
            share = b.limit("diversion_share", y)
            if share is not None:
                placed = sum(
                    b.number(s, "supply_per_yr", t) * b.share[t] * b.t_per_unit(s["material"])
                    for s in b.tables["streams"]
                    if s["must_place"]
                    for t in b.periods_of(y)
                )
                p.row(f"diversion {y}", self.ledger.sum("landfilled", y), high=(1.0 - share) * placed)
        last = b.years[-1]
        budget = b.limit("capex_eur", last)
        if budget is not None:
            terms: dict[int, float] = {}
            for y in b.years:
                add(terms, *self.ledger.sum("capex", y).items())
            p.row("budget", terms, high=budget)
        built = {self.built[name, last]: 1.0 for name in self.candidates}
        count = b.limit("plants", last)
        if count is not None:
            p.row("plants", built, count, count)
        count = b.limit("plants_max", last)
        if count is not None:
            p.row("plants_max", built, high=count)
        count = b.limit("exchanges_max", last)
        if count is not None:
            exchanges.count_at_most(self, count)

    def objective(self) -> dict[int, float]:
        """What is minimised."""
        weights = self.book.settings.minimise.weights
        if self.baseline:
            return self.ledger.discounted_cost()
        if weights is None:
            return self.measure(self.book.settings.minimise.what)
        terms: dict[int, float] = {}
        for what, weight in weights.items():
            add(terms, *((k, weight * v) for k, v in self.measure(what).items()))
        return terms

    def measure(self, what: str) -> dict[int, float]:
        """Cost (discounted), or a physical total."""
        if what == "cost":
            return self.ledger.discounted_cost()
        return self.ledger.total({"co2": "co2_total"}.get(what, what))

    def solve(self) -> tuple[str, np.ndarray | None]:
        """Solve, breaking ties by cost where something else is minimised."""
        goal = self.objective()
        status, values = self.p.solve(goal)
        if values is None or self.baseline or self.book.settings.minimise.what == "cost":
            return status, values
        best = sum(v * values[k] for k, v in goal.items())
        slack = (1e-9 if not self.slack else 1e-6) * max(1.0, abs(best))
        self.p.row("tie", goal, high=best + slack)
        status, tied = self.p.solve(self.ledger.discounted_cost())
        self.p.rows.pop()
        return "optimal", values if tied is None else tied

    def value(self, terms: dict[int, float], values: np.ndarray) -> float:
        """A linear expression at a solution."""
        return float(sum(v * values[k] for k, v in terms.items()))

    def kpis(self, values: np.ndarray) -> dict[str, float]:
        """Totals over the horizon that need no baseline."""
        b = self.book
        money = self.ledger.money
        kpis = {name: self.value(self.ledger.discounted(name), values) for name in money}
        kpis["cost_total"] = self.value(self.ledger.discounted_cost(), values)
        for name in self.ledger.physical:
            kpis[name] = self.value(self.ledger.total(name), values)
        kpis["plants_built"] = sum(round(values[self.built[name, b.years[-1]]]) for name in self.candidates)
        used = {link.exchange for (link, _), k in self.x.items() if link.foreign and values[k] > TOLERANCE}
        kpis["exchanges"] = len(used)
        return kpis


def solve_oracle(scenario: Any, *, baseline: bool = True, flows: Flows | None = None) -> OracleResult:
    """
    Solve a scenario the plain way.

    Parameters
    ----------
    scenario
        Anything with the `tables`, `settings` and `periods` of a scenario.
    baseline
        False leaves the baseline out, and the KPIs that need it.
    flows
        Amounts sent by (origin, receiver, material, mode, period) of a plan: the oracle then decides only what
        follows from them.
    """
    book = Book(scenario)
    model = Model(book, flows=flows)
    status, values = model.solve()
    before = Model(book, baseline=True) if baseline else None
    old = before.solve()[1] if before is not None else None
    cost = None if old is None or before is None else before.value(before.ledger.discounted_cost(), old)
    if values is None:
        return OracleResult(status, baseline_cost=cost)
    kpis = model.kpis(values)
    if old is not None and before is not None:
        was = before.kpis(old)
        kpis["diverted"] = was["landfilled"] - kpis["landfilled"]
        for name, source in (
            ("virgin_saved", "bought_t"),
            ("water_saved", "bought_m3"),
            ("heat_recovered", "bought_MWh"),
            ("hazardous_diverted", "hazardous_landfilled"),
            ("cost_saved", "cost_total"),
            ("co2_avoided", "co2_total"),
        ):
            kpis[name] = was[source] - kpis[source]
    flows = {model.key(link, t): float(values[k]) for (link, t), k in model.x.items() if values[k] > TOLERANCE}
    return OracleResult(status, model.value(model.objective(), values), kpis, cost, flows)
