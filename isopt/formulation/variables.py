"""The variables: what is decided, with symbol, unit and meaning; the same names stand on the maths page and in the LP text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from isopt.formulation.rows import Variable
from isopt.network import Instance, Kind
from isopt.network.quality import origin_name


@dataclass(frozen=True)
class Symbol:
    """How a variable is written on the maths page."""

    latex: str
    domain: str
    unit: str
    meaning: str


SYMBOLS: Mapping[str, Symbol] = {
    "flow": Symbol(r"x_{l,t}", r"\ge 0", "unit", "sent along link l in period t"),
    "disposed": Symbol(r"w_{o,t}", r"\ge 0", "unit", "sent to outlet o (a way to disposal, or own disposal) in period t"),
    "virgin": Symbol(r"v_{d,t}", r"\ge 0", "unit", "bought for demand d in period t"),
    "throughput": Symbol(r"g_{i,t}", r"\ge 0", "unit", "of input i processed by its plant in period t"),
    "opened": Symbol(r"o_{e,y}", r"\in \{0, 1\}", "1", "exchange e is in place (or a permit is held) in year y"),
    "built": Symbol(r"z_{p,y}", r"\in \{0, 1\}", "1", "candidate plant p stands in year y"),
    "added": Symbol(r"k_{p,y}", r"\ge 0", "unit/yr", "capacity added to plant p by year y"),
    "running": Symbol(r"r_{p,t}", r"\in \{0, 1\}", "1", "existing plant p with a least load runs in period t"),
    "trips": Symbol(r"n_{e,t}", r"\in \mathbb{N}", "1", "whole vehicle loads of e in period t, where a trip is priced"),
    "chosen": Symbol(r"h_{s,f}", r"\in \{0, 1\}", "1", "facility f is the one receiver of s"),
    "stock": Symbol(r"q_{k,t}", r"\ge 0", "unit", "held in stock k at the end of period t"),
    "drawn": Symbol(r"r_{k,t}", r"\in \mathbb{R}", "unit", "taken out of stock k (put in, where negative) in period t"),
}


def variables_of(inst: Instance) -> list[Variable]:
    """
    Make the variables of an instance.

    A yes-or-no variable exists only where a fixed cost, a lot, an exclusivity or a count needs one.

    Parameters
    ----------
    inst
        The instance.

    Returns
    -------
    variables
        In the order of the columns; a variable by period (year) holds its periods (years) side by side, row after row.
    """
    periods, plants, stocks = inst.periods, inst.plants, inst.stocks
    years = len(periods.years)
    expandable, candidates = plants.expandable, plants.candidates
    headroom = np.full((plants.count, years), np.inf)
    np.minimum.at(headroom.T, periods.year_of, plants.headroom.T)
    buildable = np.maximum.accumulate(plants.can_build[candidates], axis=1)
    held = stocks.capacity.copy()
    lowest = np.zeros_like(held)
    if stocks.count:
        held[:, -1] = lowest[:, -1] = stocks.initial
    trips = inst.trip_groups
    choices = len(inst.single[0])
    names = _Names(inst)
    return [
        _variable("flow", inst.link_upper, names.flow),
        _variable("disposed", inst.outlet_upper, names.disposed),
        _variable("virgin", np.full((len(inst.buyable), periods.count), np.inf), names.virgin),
        _variable("throughput", inst.bounds.throughput, names.throughput),
        _variable(
            "opened",
            np.ones((inst.openings.count, years)),
            names.opened,
            lower=np.broadcast_to(inst.openings.required[:, None], (inst.openings.count, years)).astype(float),
            integer=True,
        ),
        _variable("built", buildable.astype(float), names.built, integer=True),
        _variable("added", headroom[expandable], names.added),
        _variable("running", np.ones((len(inst.running), periods.count)), names.running, integer=True),
        _variable("trips", np.full((len(trips), periods.count), np.inf), names.trips, integer=True),
        _variable("chosen", np.ones((choices, 1)), names.chosen, integer=True),
        _variable("stock", held, names.stock, lower=lowest),
        _variable("drawn", np.full_like(held, np.inf), names.drawn, lower=np.full_like(held, -np.inf)),
    ]


def _variable(
    name: str,
    upper: np.ndarray,
    labels: Callable[[], list[str]],
    *,
    lower: np.ndarray | float = 0.0,
    integer: bool = False,
) -> Variable:
    symbol = SYMBOLS[name]
    low = np.broadcast_to(lower, upper.shape).ravel()
    return Variable(
        name, upper.size, low, np.ravel(upper), integer=integer, unit=symbol.unit, meaning=symbol.meaning, labels=labels
    )


@dataclass(frozen=True)
class _Names:
    """Readable names of the elements, made only when somebody reads the model."""

    inst: Instance

    def _by(self, names: list[str], when: list[str]) -> list[str]:
        if len(when) == 1:
            return names
        return [f"{name},{moment}" for name in names for moment in when]

    def _periods(self, names: list[str]) -> list[str]:
        return self._by(names, list(self.inst.periods.names))

    def _years(self, names: list[str]) -> list[str]:
        return self._by(names, [str(year) for year in self.inst.periods.years])

    def _origin(self, index: int) -> str:
        return origin_name(self.inst.scenario, self.inst.parties, int(index))

    def _receiver(self, index: int) -> str:
        receivers, scenario = self.inst.parties.receivers, self.inst.scenario
        row = int(receivers.row[index])
        if receivers.kind[index] == Kind.DEMAND:
            return str(scenario.demands["demand"].iloc[row])
        return str(scenario.plants["plant"].iloc[row])

    def group(self, index: int) -> str:
        """Name an exchange."""
        groups, parties = self.inst.groups, self.inst.parties
        ends = f"{parties.facilities[groups.from_facility[index]]}>{parties.facilities[groups.to_facility[index]]}"
        material = groups.material[index]
        return f"{ends}|{parties.modes[groups.mode[index]]}|{parties.materials[material] if material >= 0 else ''}"

    def flow(self) -> list[str]:
        links, modes = self.inst.links, self.inst.parties.modes
        return self._periods(
            [
                f"{self._origin(o)}>{self._receiver(r)}|{modes[m]}"
                for o, r, m in zip(links.origin, links.receiver, links.mode, strict=True)
            ]
        )

    def disposed(self) -> list[str]:
        outlets, places = self.inst.outlets, self.inst.scenario.disposals["disposal"]
        modes = self.inst.parties.modes
        return self._periods(
            [
                f"{self._origin(o)}>{places.iloc[d]}|{modes[m]}" if d >= 0 else f"{self._origin(o)}>own"
                for o, d, m in zip(outlets.origin, outlets.disposal, outlets.mode, strict=True)
            ]
        )

    def virgin(self) -> list[str]:
        return self._periods(list(self.inst.scenario.demands["demand"].iloc[self.inst.buyable]))

    def _plants(self, rows: np.ndarray) -> list[str]:
        return list(self.inst.scenario.plants["plant"].iloc[rows])

    def throughput(self) -> list[str]:
        plants = self.inst.plants
        inputs = [self.inst.parties.materials[m] if m >= 0 else "" for m in plants.input_material]
        return self._periods(
            [f"{p}:{i}" for p, i in zip(self._plants(plants.input_plant), inputs, strict=True)]
        )

    def opened(self) -> list[str]:
        openings = self.inst.openings
        return self._years(
            [
                self.group(g) + ("" if whole else f"|part{k}")
                for k, (g, whole) in enumerate(zip(openings.group, openings.whole, strict=True))
            ]
        )

    def built(self) -> list[str]:
        return self._years(self._plants(self.inst.plants.candidates))

    def added(self) -> list[str]:
        return self._years(self._plants(self.inst.plants.expandable))

    def running(self) -> list[str]:
        return self._periods(self._plants(self.inst.running))

    def trips(self) -> list[str]:
        return self._periods([self.group(int(g)) for g in self.inst.trip_groups])

    def chosen(self) -> list[str]:
        origin, facility, _ = self.inst.single
        return [
            f"{self._origin(o)}@{self.inst.parties.facilities[f]}" for o, f in zip(origin, facility, strict=True)
        ]

    def stock(self) -> list[str]:
        table = self.inst.scenario.stocks
        places = np.where(table["plant"] != "", table["plant"], table["facility"])
        return self._periods([f"{p}:{m}" for p, m in zip(places, table["material"], strict=True)])

    def drawn(self) -> list[str]:
        return self.stock()
