"""A ledger: every euro, tonne of CO2 and tonne landfilled booked on the variable that causes it, by year."""

from __future__ import annotations

from collections import defaultdict

from oracle.milp import Programme, add
from oracle.reading import Book

COSTS = (
    "cost_haulage",
    "cost_setup",
    "cost_treatment",
    "cost_plants",
    "cost_gate_fees",
    "cost_virgin",
    "landfill_tax",
    "carbon_payment",
)
PHYSICAL = (
    "co2_total",
    "co2_transport",
    "co2_treatment",
    "co2_disposal",
    "co2_virgin",
    "landfilled",
    "hazardous_landfilled",
    "exchanged",
    "tonne_km",
    "bought_t",
    "bought_m3",
    "bought_MWh",
)


class Ledger:
    """Accounts as linear expressions; `one` is a variable fixed at 1 for what is paid in any case."""

    money = (*COSTS, "subsidies", "capex")
    physical = PHYSICAL

    def __init__(self, programme: Programme, book: Book) -> None:
        self._book = book
        self.one = programme.variable("one", 1.0, 1.0)
        self._accounts: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)

    def book(self, account: str, t: int, variable: int, per_unit: float) -> None:
        """Book something in the year of period t."""
        self.book_year(account, self._book.year[t], variable, per_unit)

    def book_year(self, account: str, year: int, variable: int, per_unit: float) -> None:
        """Book something in a year."""
        if account not in (*self.money, *self.physical):
            raise KeyError(account)
        if per_unit:
            add(self._accounts[account, year], (variable, per_unit))

    def co2(self, source: str, t: int, variable: int, kg_per_unit: float) -> None:
        """Emissions of one of the four sources, and what is paid for them where the source is in scope."""
        self.book(f"co2_{source}", t, variable, kg_per_unit / 1000)
        self.book("co2_total", t, variable, kg_per_unit / 1000)
        if source in self._book.settings.policy.carbon_scope:
            price = self._book.policy("carbon_price_eur_per_t", t)
            self.book("carbon_payment", t, variable, price * kg_per_unit / 1000)

    def sum(self, account: str, year: int) -> dict[int, float]:
        """An account of one year."""
        return dict(self._accounts[account, year])

    def total(self, account: str) -> dict[int, float]:
        """An account summed over the years."""
        terms: dict[int, float] = {}
        for year in self._book.years:
            add(terms, *self._accounts[account, year].items())
        return terms

    def factor(self, year: int) -> float:
        """What a euro of that year counts."""
        economics = self._book.settings.economics
        return 1.0 if economics.nominal else (1 + economics.discount_rate) ** -(year - self._book.years[0])

    def discounted(self, account: str) -> dict[int, float]:
        """A money account over the horizon."""
        terms: dict[int, float] = {}
        for year in self._book.years:
            add(terms, *((k, v * self.factor(year)) for k, v in self._accounts[account, year].items()))
        return terms

    def discounted_cost(self) -> dict[int, float]:
        """Cost of all firms together over the horizon, less subsidies."""
        terms: dict[int, float] = {}
        for account in COSTS:
            add(terms, *self.discounted(account).items())
        return add(terms, *((k, -v) for k, v in self.discounted("subsidies").items()))

    def capital(self, account: str, year: int, variable: int, capex: float, life: float) -> None:
        """Annuity of a thing standing in a year, with the grant for it among the subsidies."""
        paid = capex * annuity(self._book.settings.economics.discount_rate, life)
        grant = self._book.policy("capex_grant_share", self._book.first_of(year))
        self.book_year(account, year, variable, paid)
        self.book_year("subsidies", year, variable, grant * paid)


def annuity(rate: float, life: float) -> float:
    """Share of the capital paid in each year."""
    return 1 / life if rate == 0 else rate / (1 - (1 + rate) ** -life)
