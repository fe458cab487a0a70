"""The ledger: one column of coefficients per line of account and variable, used by the objective and the KPIs alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from isopt.network.instance import Instance
from isopt.network.nodes import Kind
from isopt.network.periods import slim

Array = NDArray[np.float64]

#: Lines of the yearly cost of all firms together, and the sign with which they add up.
COST_LINES: Mapping[str, float] = {
    "cost_haulage": 1.0,
    "cost_setup": 1.0,
    "cost_treatment": 1.0,
    "cost_plants": 1.0,
    "cost_gate_fees": 1.0,
    "cost_virgin": 1.0,
    "landfill_tax": 1.0,
    "carbon_payment": 1.0,
    "subsidies": -1.0,
}
#: Sources of CO2: line of account by name in ``policy.carbon_scope``, in tonnes.
CO2_LINES: Mapping[str, str] = {
    "transport": "co2_transport",
    "disposal": "co2_disposal",
    "virgin": "co2_virgin",
    "treatment": "co2_treatment",
}
#: Purchases by unit of the demand's material.
PURCHASE_LINES: Mapping[str, str] = {"t": "purchased_t", "m3": "purchased_m3", "MWh": "purchased_mwh"}
#: Variables with a value a year; all others have one a period.
YEARLY_VARIABLES = frozenset({"opened", "built", "added"})
#: What one unit of each objective adds up.
OBJECTIVE_LINES: Mapping[str, tuple[str, ...]] = {
    "co2": tuple(CO2_LINES.values()),
    "landfilled": ("landfilled",),
    "tonne_km": ("tonne_km",),
}

KG_PER_T = 1000.0


def annuity_factor(rate: float, life_yr: Array) -> Array:
    r"""
    Yearly payment per euro invested.

    .. math:: a = \frac{r}{1 - (1 + r)^{-n}}, \qquad a = 1 / n \text{ at } r = 0

    Parameters
    ----------
    rate
        Discount rate, a share per year.
    life_yr
        Life of the thing in years, any shape.

    Examples
    --------
    >>> annuity_factor(0.06, np.array([10.0])).round(6)
    array([0.135868])
    """
    if rate == 0:
        return 1.0 / life_yr
    return np.asarray(rate / (1.0 - (1.0 + rate) ** -life_yr), dtype=np.float64)


@dataclass(frozen=True)
class Ledger:
    """
    Coefficients of all lines of account.

    Attributes
    ----------
    lines
        Line -> variable -> coefficients, shape (rows of the variable, 1 or periods or years).
    constants
        Line -> what is there whatever is decided, shape (years,).
    """

    instance: Instance
    lines: Mapping[str, Mapping[str, Array]]
    constants: Mapping[str, Array]

    def cost(self) -> dict[str, Array]:
        """Undiscounted yearly cost of each variable, by variable."""
        return self._sum(COST_LINES)

    def objective(self, weights: Mapping[str, float]) -> tuple[dict[str, Array], float]:
        r"""
        Coefficients of an objective: cost discounted, everything else as plain sums.

        .. math::
            \min \; \omega_{\text{cost}} \sum_y \delta_y \sum_{c \in C} \sigma_c \sum_v \kappa^c_v \, v_y
            + \sum_{m \ne \text{cost}} \omega_m \sum_{c \in C_m} \sum_v \kappa^c_v \, v,
            \qquad \delta_y = (1 + r)^{y_0 - y}

        ================  ==========================================================  ==============
        symbol            meaning                                                     unit
        ================  ==========================================================  ==============
        :math:`\omega`    weight of cost, CO2, landfilled tonnes and tonne-km         1
        :math:`C`         lines of account that make up the cost (KPI names)
        :math:`\sigma`    1, and -1 for subsidies                                     1
        :math:`\kappa^c`  what one unit of the variable v books on line c             EUR, t or t km
        :math:`\delta`    discount factor of the year, 1 where years are nominal      1
        ================  ==========================================================  ==============

        Returns
        -------
        linear, constant
            Flat coefficients by variable in the model's order, and what can't be changed.
        """
        periods = self.instance.periods
        total: dict[str, Array] = {}
        constant = 0.0
        for name, weight in weights.items():
            if name == "cost":
                part = {v: self._full(v, c) * self._discount(v) for v, c in self.cost().items()}
                fixed = sum(
                    (COST_LINES[line] * value for line, value in self.constants.items() if line in COST_LINES),
                    np.zeros(len(periods.years)),
                )
                constant += weight * float(periods.discount @ fixed)
            else:
                part = {v: self._full(v, c) for v, c in self._sum(dict.fromkeys(OBJECTIVE_LINES[name], 1.0)).items()}
            for variable, coefficients in part.items():
                flat = weight * coefficients.ravel()
                total[variable] = total[variable] + flat if variable in total else flat
        return total, constant

    def yearly(self, line: str, values: Mapping[str, Array]) -> Array:
        """Sum of a line over a plan, shape (years,)."""
        years = len(self.instance.periods.years)
        result = np.array(self.constants.get(line, np.zeros(years)), dtype=np.float64)
        for variable, coefficients in self.lines.get(line, {}).items():
            amount = (coefficients * values[variable]).sum(axis=0)
            if variable in YEARLY_VARIABLES:
                result += amount
            else:
                result += np.bincount(self.instance.periods.year_of, weights=amount, minlength=years)
        return result

    def rows(self, lines: Mapping[str, float]) -> dict[str, Array]:
        """Weighted sum of some lines as flat coefficients by variable, in the model's order."""
        return {v: self._full(v, c).ravel() for v, c in self._sum(lines).items()}

    def _sum(self, lines: Mapping[str, float]) -> dict[str, Array]:
        total: dict[str, Array] = {}
        for line, sign in lines.items():
            for variable, coefficients in self.lines.get(line, {}).items():
                part = sign * coefficients
                total[variable] = total[variable] + part if variable in total else part
        return total

    def _full(self, variable: str, coefficients: Array) -> Array:
        return np.broadcast_to(coefficients, (len(coefficients), self._width(variable)))

    def _width(self, variable: str) -> int:
        periods = self.instance.periods
        return len(periods.years) if variable in YEARLY_VARIABLES else periods.count

    def _discount(self, variable: str) -> Array:
        periods = self.instance.periods
        return periods.discount if variable in YEARLY_VARIABLES else periods.discount[periods.year_of]


def ledger_of(instance: Instance) -> Ledger:
    """Write down what every decision costs, emits and moves, once."""
    lines: dict[str, dict[str, Array]] = {}

    def book(line: str, variable: str, coefficients: Array) -> None:
        if coefficients.size and coefficients.any():
            account = lines.setdefault(line, {})
            account[variable] = account[variable] + coefficients if variable in account else coefficients

    _book_links(instance, book)
    _book_outlets(instance, book)
    _book_purchases(instance, book)
    constants = _book_plants(instance, book)
    _book_openings(instance, book)
    _book_policy(instance, lines, book)
    return Ledger(instance, lines, constants)


class _Book(Protocol):
    """Adds coefficients to a line."""

    def __call__(self, line: str, variable: str, coefficients: Array) -> None: ...


def _book_links(instance: Instance, book: _Book) -> None:
    links = instance.links
    from_stream = instance.parties.origins.kind[links.origin] == Kind.STREAM
    book("cost_haulage", "flow", links.eur_per_unit)
    book("co2_transport", "flow", links.kgco2_per_unit / KG_PER_T)
    book("cost_treatment", "flow", links.use_eur_per_unit * links.arrives)
    book("co2_treatment", "flow", links.use_kgco2_per_unit * links.arrives / KG_PER_T)
    book("tonne_km", "flow", links.tonnes_per_unit * links.distance_km)
    book("exchanged", "flow", links.tonnes_per_unit * links.arrives * from_stream[:, None])


def _book_outlets(instance: Instance, book: _Book) -> None:
    outlets, scenario = instance.outlets, instance.scenario
    from_plant = instance.parties.origins.kind[outlets.origin] == Kind.OUTPUT
    hazardous = scenario.materials["hazardous"].to_numpy(dtype=bool)[outlets.material]
    landfilled = outlets.tonnes_per_unit * outlets.arrives * outlets.landfill[:, None]
    book("cost_haulage", "disposed", outlets.eur_per_unit)
    book("co2_transport", "disposed", outlets.kgco2_per_unit / KG_PER_T)
    book("cost_gate_fees", "disposed", outlets.gate_eur_per_unit * outlets.arrives)
    book("co2_disposal", "disposed", outlets.gate_kgco2_per_unit * outlets.arrives / KG_PER_T)
    book("tonne_km", "disposed", outlets.tonnes_per_unit * outlets.distance_km)
    book("landfilled", "disposed", landfilled)
    book("landfilled_hazardous", "disposed", landfilled * hazardous[:, None])
    book("landfill_tax", "disposed", landfilled * tax_rate(instance))
    book("exchanged", "disposed", -outlets.tonnes_per_unit * from_plant[:, None])


def tax_rate(instance: Instance) -> Array:
    """Landfill tax of a tonne at each outlet by its class, shape (outlets, 1 or periods); nothing for no class."""
    outlets, scenario = instance.outlets, instance.scenario
    rate = np.zeros((outlets.count, instance.periods.count))
    for name in set(outlets.tax_class) - {"", "none"}:
        rate[outlets.tax_class == name] = scenario.policy_at("landfill_tax_eur_per_t", name)
    return slim(rate)


def _book_purchases(instance: Instance, book: _Book) -> None:
    scenario, bought = instance.scenario, instance.buyable
    unit = scenario.materials["unit"].to_numpy()[instance.parties.receivers.material[bought]]
    book("cost_virgin", "virgin", np.nan_to_num(slim(instance.virgin_price))[bought])
    book("co2_virgin", "virgin", slim(scenario.at("demands", "virgin_kgco2_per_unit"))[bought] / KG_PER_T)
    for name, line in PURCHASE_LINES.items():
        book(line, "virgin", (unit == name).astype(np.float64)[:, None])


def _book_plants(instance: Instance, book: _Book) -> dict[str, Array]:
    plants, periods = instance.plants, instance.periods
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, plants.life_yr)
    candidates, expandable = plants.candidates, plants.expandable
    whole = (annuity * plants.capex_eur)[candidates, None]
    per_unit = (annuity * plants.capex_eur_per_unit)[expandable, None]
    book("cost_treatment", "throughput", slim(plants.opex_eur_per_unit)[plants.input_plant])
    book("co2_treatment", "throughput", slim(plants.kgco2_per_unit)[plants.input_plant] / KG_PER_T)
    book("cost_plants", "built", plants.fixed_eur_per_yr[candidates] + whole)
    book("subsidies", "built", instance.grant_share * whole)
    book("cost_plants", "added", plants.fixed_eur_per_unit[expandable] + per_unit)
    book("subsidies", "added", instance.grant_share * per_unit)
    book("cost_treatment", "stock", instance.stocks.eur_per_unit_yr * periods.share)
    return {"cost_plants": plants.fixed_eur_per_yr[plants.existing].sum(axis=0)}


def _book_openings(instance: Instance, book: _Book) -> None:
    openings, groups = instance.openings, instance.groups
    annuity = annuity_factor(instance.scenario.settings.economics.discount_rate, openings.life_yr)
    capital = (annuity * openings.capex_eur)[:, None]
    book("cost_setup", "opened", openings.fixed_eur_per_yr + capital)
    book("subsidies", "opened", instance.grant_share * capital)
    book("cost_haulage", "trips", slim(groups.eur_per_trip)[instance.trip_groups])


def _book_policy(instance: Instance, lines: dict[str, dict[str, Array]], book: _Book) -> None:
    """Carbon payment and subsidy: prices times the lines written before."""
    scenario = instance.scenario
    carbon = slim(scenario.policy_at("carbon_price_eur_per_t")[None, :])
    subsidy = slim(scenario.policy_at("subsidy_eur_per_t_exchanged")[None, :])
    for source in scenario.settings.policy.carbon_scope:
        for variable, coefficients in lines.get(CO2_LINES[source], {}).items():
            book("carbon_payment", variable, coefficients * carbon)
    for variable, coefficients in lines.get("exchanged", {}).items():
        book("subsidies", variable, coefficients * subsidy)
