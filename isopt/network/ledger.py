"""The ledger: one column of coefficients per line of account and variable, used by the objective and the KPIs alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

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
    lines: Lines
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
                per_period = periods.discount[periods.year_of]
                part = {
                    v: self._full(v, c) * (periods.discount if v in YEARLY_VARIABLES else per_period)
                    for v, c in self.cost().items()
                }
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
            for variable, coefficients in self.lines.account(line).items():
                part = coefficients if sign == 1.0 else sign * coefficients
                total[variable] = total[variable] + part if variable in total else part
        return total

    def _full(self, variable: str, coefficients: Array) -> Array:
        """Coefficients for each of the variable's periods or years."""
        periods = self.instance.periods
        width = len(periods.years) if variable in YEARLY_VARIABLES else periods.count
        return (
            coefficients
            if coefficients.shape[1] == width
            else np.broadcast_to(coefficients, (len(coefficients), width))
        )


def ledger_of(instance: Instance) -> Ledger:
    """
    Write down what every decision costs, emits and moves.

    Parameters
    ----------
    instance
        The scenario as arrays. A line is worked out when somebody reads it.
    """
    plants = instance.plants
    return Ledger(instance, Lines(instance), {"cost_plants": plants.fixed_eur_per_yr[plants.existing].sum(axis=0)})


class Lines(Mapping[str, Mapping[str, Array]]):
    """
    Lines of account: variable -> coefficients, by the line's name.

    Each is worked out when somebody reads it, and kept; one on which nothing is booked is not there.

    Parameters
    ----------
    instance
        The scenario as arrays.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known: dict[str, dict[str, Array]] = {}
        self._capital: dict[str, Array] = {}

    @property
    def capital(self) -> Mapping[str, Array]:
        """Yearly payment for what is invested in one unit of a variable, shape (rows of the variable, 1)."""
        if not self._capital:
            plants, openings = self._instance.plants, self._instance.openings
            rate = self._instance.scenario.settings.economics.discount_rate
            self._capital = {
                "built": _payment(rate, plants.life_yr, plants.capex_eur)[plants.candidates, None],
                "added": _payment(rate, plants.life_yr, plants.capex_eur_per_unit)[plants.expandable, None],
                "opened": _payment(rate, openings.life_yr, openings.capex_eur)[:, None],
            }
        return self._capital

    def __getitem__(self, line: str) -> Mapping[str, Array]:
        account = self.account(line)
        if not account:
            raise KeyError(line)
        return account

    def __iter__(self) -> Iterator[str]:
        return (line for line in _BOOKS if self.account(line))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def account(self, line: str) -> Mapping[str, Array]:
        """What a line books, which may be nothing."""
        account = self._known.get(line)
        if account is None:
            account = self._known[line] = {}
            for variable, coefficients in _BOOKS[line](self._instance, self) if line in _BOOKS else ():
                if coefficients.size and (coefficients.item(0) or coefficients.any()):  # most often the first tells
                    account[variable] = account[variable] + coefficients if variable in account else coefficients
        return account


def _payment(rate: float, life_yr: Array, capex_eur: Array) -> Array:
    """Yearly payment for investments, most of which may be 0, shape (investments,)."""
    payment = np.zeros(len(capex_eur))
    some = np.flatnonzero(capex_eur)
    if some.size:
        payment[some] = annuity_factor(rate, life_yr[some]) * capex_eur[some]
    return payment


#: What a line books: pairs of a variable and coefficients, shape (rows of the variable, 1 or periods or years).
_Bookings: TypeAlias = Iterator[tuple[str, Array]]


def _haulage(instance: Instance, _: Lines) -> _Bookings:
    yield "flow", instance.links.eur_per_unit
    yield "disposed", instance.outlets.eur_per_unit
    if instance.trip_groups.size:
        yield "trips", slim(instance.groups.eur_per_trip)[instance.trip_groups]


def _treatment(instance: Instance, _: Lines) -> _Bookings:
    links, plants, stocks = instance.links, instance.plants, instance.stocks
    yield "flow", links.use_eur_per_unit * links.arrives
    yield "throughput", slim(plants.opex_eur_per_unit)[plants.input_plant]
    yield "stock", stocks.eur_per_unit_yr * instance.periods.share


def _plants(instance: Instance, lines: Lines) -> _Bookings:
    plants = instance.plants
    yield "built", plants.fixed_eur_per_yr[plants.candidates] + lines.capital["built"]
    yield "added", plants.fixed_eur_per_unit[plants.expandable] + lines.capital["added"]


def _setup(instance: Instance, lines: Lines) -> _Bookings:
    yield "opened", instance.openings.fixed_eur_per_yr + lines.capital["opened"]


def _subsidies(instance: Instance, lines: Lines) -> _Bookings:
    """Grants for what is invested, and what a tonne exchanged is paid."""
    if instance.grant_share.any():
        for variable, payment in lines.capital.items():
            yield variable, instance.grant_share * payment
    subsidy = slim(instance.scenario.policy_at("subsidy_eur_per_t_exchanged")[None, :])
    if subsidy.any():
        for variable, coefficients in lines.account("exchanged").items():
            yield variable, coefficients * subsidy


def _gate_fees(instance: Instance, _: Lines) -> _Bookings:
    yield "disposed", instance.outlets.gate_eur_per_unit * instance.outlets.arrives


def _landfill_tax(instance: Instance, _: Lines) -> _Bookings:
    yield "disposed", _landfilled_t(instance) * tax_rate(instance)


def tax_rate(instance: Instance) -> Array:
    """Landfill tax of a tonne at each outlet by its class, shape (outlets, 1 or periods); nothing for no class."""
    outlets, scenario = instance.outlets, instance.scenario
    rate = np.zeros((outlets.count, instance.periods.count))
    for name in set(outlets.tax_class) - {"", "none"}:
        rate[outlets.tax_class == name] = scenario.policy_at("landfill_tax_eur_per_t", name)
    return slim(rate)


def _carbon_payment(instance: Instance, lines: Lines) -> _Bookings:
    carbon = slim(instance.scenario.policy_at("carbon_price_eur_per_t")[None, :])
    if carbon.any():
        for source in instance.scenario.settings.policy.carbon_scope:
            for variable, coefficients in lines.account(CO2_LINES[source]).items():
                yield variable, coefficients * carbon


def _virgin(instance: Instance, _: Lines) -> _Bookings:
    price = slim(instance.virgin_price)[instance.buyable]
    yield "virgin", np.where(np.isnan(price), 0.0, price)


def _co2_transport(instance: Instance, _: Lines) -> _Bookings:
    yield "flow", instance.links.kgco2_per_unit / KG_PER_T
    yield "disposed", instance.outlets.kgco2_per_unit / KG_PER_T


def _co2_disposal(instance: Instance, _: Lines) -> _Bookings:
    yield "disposed", instance.outlets.gate_kgco2_per_unit * instance.outlets.arrives / KG_PER_T


def _co2_virgin(instance: Instance, _: Lines) -> _Bookings:
    yield "virgin", slim(instance.scenario.at("demands", "virgin_kgco2_per_unit"))[instance.buyable] / KG_PER_T


def _co2_treatment(instance: Instance, _: Lines) -> _Bookings:
    links, plants = instance.links, instance.plants
    yield "flow", links.use_kgco2_per_unit * links.arrives / KG_PER_T
    yield "throughput", slim(plants.kgco2_per_unit)[plants.input_plant] / KG_PER_T


def _tonne_km(instance: Instance, _: Lines) -> _Bookings:
    yield "flow", instance.links.tonnes_per_unit * instance.links.distance_km
    yield "disposed", instance.outlets.tonnes_per_unit * instance.outlets.distance_km


def _exchanged(instance: Instance, _: Lines) -> _Bookings:
    """Tonnes of streams that arrive, less what plants that made them into something dispose of."""
    links, outlets, kind = instance.links, instance.outlets, instance.parties.origins.kind
    yield "flow", links.tonnes_per_unit * links.arrives * (kind[links.origin] == Kind.STREAM)[:, None]
    yield "disposed", -outlets.tonnes_per_unit * (kind[outlets.origin] == Kind.OUTPUT)[:, None]


def _landfilled(instance: Instance, _: Lines) -> _Bookings:
    yield "disposed", _landfilled_t(instance)


def _landfilled_hazardous(instance: Instance, _: Lines) -> _Bookings:
    hazardous = instance.scenario.materials["hazardous"].to_numpy(dtype=bool)[instance.outlets.material]
    yield "disposed", _landfilled_t(instance) * hazardous[:, None]


def _landfilled_t(instance: Instance) -> Array:
    outlets = instance.outlets
    return outlets.tonnes_per_unit * outlets.arrives * outlets.landfill[:, None]


def _purchased(name: str) -> Callable[[Instance, Lines], _Bookings]:
    def book(instance: Instance, _: Lines) -> _Bookings:
        unit = instance.scenario.materials["unit"].to_numpy()[instance.parties.receivers.material[instance.buyable]]
        yield "virgin", (unit == name).astype(np.float64)[:, None]

    return book


_BOOKS: Mapping[str, Callable[[Instance, Lines], _Bookings]] = {
    "cost_haulage": _haulage,
    "co2_transport": _co2_transport,
    "cost_treatment": _treatment,
    "co2_treatment": _co2_treatment,
    "tonne_km": _tonne_km,
    "exchanged": _exchanged,
    "cost_gate_fees": _gate_fees,
    "co2_disposal": _co2_disposal,
    "landfilled": _landfilled,
    "landfilled_hazardous": _landfilled_hazardous,
    "landfill_tax": _landfill_tax,
    "cost_virgin": _virgin,
    "co2_virgin": _co2_virgin,
    **{line: _purchased(name) for name, line in PURCHASE_LINES.items()},
    "cost_plants": _plants,
    "subsidies": _subsidies,
    "cost_setup": _setup,
    "carbon_payment": _carbon_payment,
}
