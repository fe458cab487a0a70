"""The instance: everything the model needs, as arrays; made once from a scenario and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isopt.network.bounds import Bounds, Ways, bounds_of
from isopt.network.candidates import Candidates
from isopt.network.carriage import carriage_of, require_mass, tonnes_per_unit
from isopt.network.groups import Groups, group_candidates, require_possible
from isopt.network.links import Links, Outlets, links_of, outlets_of
from isopt.network.nodes import Kind, Parties
from isopt.network.openings import Openings, openings_of
from isopt.network.periods import Periods, periods_of
from isopt.network.plants import Plants, Stocks, plants_of, stocks_of
from isopt.network.quality import Blends, blends_of
from isopt.scenario import Scenario

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """
    What the user bounds, NaN or None where nothing.

    Attributes
    ----------
    co2_t, landfilled_t
        Most per year, shape (years,); `landfilled_t` includes what `diversion_share` leaves.
    capex_eur, plants, plants_max, exchanges_max
        Most (exactly, for `plants`) that stands in the last year.
    """

    co2_t: Array
    landfilled_t: Array
    capex_eur: float | None = None
    plants: int | None = None
    plants_max: int | None = None
    exchanges_max: int | None = None


@dataclass(frozen=True)
class Instance:
    """
    A scenario as arrays.

    Attributes
    ----------
    scenario
        Where it comes from.
    baseline
        Whether this is the region without exchange between organisations.
    supply, need
        Units per period, shapes (streams, periods) and (demands, periods).
    min_share, max_share
        Least and most that by-products may cover of the need, shape (demands, periods).
    link_upper, outlet_upper
        Provable bounds of what is sent, shapes (links, periods) and (outlets, periods).
    buyable
        Demands that can be bought, shape (purchases,).
    counts
        Candidates tried and dropped, by reason.
    """

    scenario: Scenario
    parties: Parties
    periods: Periods
    candidates: Candidates
    groups: Groups
    links: Links
    outlets: Outlets
    plants: Plants
    stocks: Stocks
    openings: Openings
    blends: Blends
    bounds: Bounds
    supply: Array
    need: Array
    min_share: Array
    max_share: Array
    link_upper: Array
    outlet_upper: Array
    limits: Limits
    counts: Mapping[str, int]
    baseline: bool

    @property
    def minimise(self) -> Mapping[str, float]:
        """Weights of the objective: EUR, t, t and t-km."""
        chosen = self.scenario.settings.minimise
        if self.baseline:
            return {"cost": 1.0}
        if chosen.weights is not None:
            return dict(chosen.weights)
        return {chosen.what: 1.0}

    @property
    def tally(self) -> dict[str, int]:
        """Candidates tried and dropped by reason, and what is left."""
        own = int((self.outlets.disposal < 0).sum())
        return {
            **self.counts,
            "links": self.links.count,
            "exchanges": int((~self.groups.way).sum()),
            "ways_to_disposal": self.outlets.count - own,
            "own_disposal": own,
        }

    @cached_property
    def buyable(self) -> Indices:
        """Demands that can be bought in some period, shape (purchases,)."""
        return np.flatnonzero(~np.isnan(self.virgin_price).all(axis=1))

    @cached_property
    def virgin_price(self) -> Array:
        """Price of a purchase, NaN in the periods in which it is not there, shape (demands, periods)."""
        return self.scenario.at("demands", "virgin_eur_per_unit")

    @cached_property
    def grant_share(self) -> Array:
        """Share of a year's payment for capital that is granted, shape (years,)."""
        return self.scenario.policy_at("capex_grant_share")[self.periods.first_of_year]

    @cached_property
    def must_place(self) -> Flags:
        """Streams that go out in full, shape (streams,)."""
        return self.scenario.streams["must_place"].to_numpy(dtype=bool)

    @cached_property
    def must_meet(self) -> Flags:
        """Demands that are met in full, shape (demands,)."""
        return self.scenario.demands["must_meet"].to_numpy(dtype=bool)

    @cached_property
    def running(self) -> Indices:
        """Existing plants with a least load: whether they run in a period is a decision."""
        return np.flatnonzero(self.plants.existing & (self.plants.min_load > 0).any(axis=1))

    @cached_property
    def single(self) -> tuple[Indices, Indices, Indices]:
        """
        Choices of one receiver.

        Returns
        -------
        origin, facility
            The pairs to choose from, shape (choices,).
        choice_of_link
            Choice that each link belongs to, -1 for none, shape (links,).
        """
        flagged = np.zeros(self.parties.origins.count, dtype=bool)
        streams, outputs = self.parties.origins.of(Kind.STREAM), self.parties.origins.of(Kind.OUTPUT)
        flagged[streams] = self.scenario.streams["single_receiver"].to_numpy(dtype=bool)
        flagged[outputs] = self.scenario.plants["single_receiver"].to_numpy(dtype=bool)[
            self.parties.origins.row[outputs]
        ]
        chosen = np.flatnonzero(flagged[self.links.origin])
        n = np.int64(len(self.parties.facilities))
        keys, index = np.unique(self.links.origin[chosen] * n + self.links.to_facility[chosen], return_inverse=True)
        of_link = np.full(self.links.count, -1, dtype=np.int64)
        of_link[chosen] = index
        return keys // n, keys % n, of_link

    @cached_property
    def trip_groups(self) -> Indices:
        """Groups whose trips are priced, shape (trip groups,)."""
        return np.flatnonzero((self.groups.eur_per_trip != 0).any(axis=1))


def assemble(scenario: Scenario, found: Candidates, *, baseline: bool) -> Instance:
    """
    Build all arrays from candidates.

    Raises
    ------
    ScenarioError
        Where a mass is missing or a required link is impossible.
    """
    periods, parties = periods_of(scenario), found.parties
    cells = found.cells()
    carriage = carriage_of(scenario, found, cells)
    groups = group_candidates(scenario, found, cells, periods)
    if not baseline:
        require_possible(scenario, found, groups)
    else:
        groups = replace(groups, status=np.where(groups.status == "required", "allowed", groups.status))
    links, outlets = links_of(scenario, found, carriage, groups), outlets_of(scenario, found, carriage, groups)
    plants = plants_of(scenario, parties, periods)
    stocks = stocks_of(scenario, parties, plants)
    candidate_link = np.where(found.to_disposal, -1, np.cumsum(~found.to_disposal) - 1)
    openings = openings_of(scenario, groups, links, outlets, candidate_link, baseline=baseline)

    supply = np.nan_to_num(scenario.at("streams", "supply_per_yr")) * periods.share
    need = np.nan_to_num(scenario.at("demands", "need_per_yr")) * periods.share
    most = np.nan_to_num(scenario.at("demands", "max_byproduct_share"), nan=1.0)
    least = np.nan_to_num(scenario.at("demands", "min_byproduct_share"))
    factor = np.broadcast_to(links.factor * links.available, (links.count, periods.count))
    bounds = bounds_of(
        parties,
        periods,
        plants,
        stocks,
        Ways(links.origin, links.receiver, factor),
        supply,
        need * np.minimum(most, 1.0),
    )
    return Instance(
        scenario=scenario,
        parties=parties,
        periods=periods,
        candidates=found,
        groups=groups,
        links=links,
        outlets=outlets,
        plants=plants,
        stocks=stocks,
        openings=openings,
        blends=blends_of(scenario, parties, links),
        bounds=bounds,
        supply=supply,
        need=need,
        min_share=np.zeros_like(least) if baseline else least,
        max_share=most,
        link_upper=_link_upper(scenario, links, groups, bounds, need, periods, factor),
        outlet_upper=bounds.origin[outlets.origin] * outlets.available,
        limits=_limits(scenario, periods, supply, parties, baseline=baseline),
        counts=found.counts,
        baseline=baseline,
    )


def _link_upper(
    scenario: Scenario, links: Links, groups: Groups, bounds: Bounds, need: Array, periods: Periods, factor: Array
) -> Array:
    """Most that each link can send: what is there, what is taken, what it may carry. Shape (links, periods)."""
    taken = bounds.receiver[links.receiver]
    replaced = np.flatnonzero(links.substitution >= 0)
    if replaced.size:
        share = scenario.at("substitutions", "max_share")[links.substitution[replaced]]
        most = np.where(np.isnan(share), np.inf, np.nan_to_num(share) * need[links.receiver[replaced]])
        taken[replaced] = np.minimum(
            taken[replaced], most
        )  # without a share, a stock at the demand may take more than its need
    with np.errstate(divide="ignore", invalid="ignore"):
        by_receiver = np.where(factor > 0, taken / factor, 0.0)
    maximum = groups.maximum[links.group][:, periods.year_of]
    upper = np.minimum(np.minimum(bounds.origin[links.origin], by_receiver), maximum)
    return np.where(factor > 0, upper, 0.0)


def _limits(scenario: Scenario, periods: Periods, supply: Array, parties: Parties, *, baseline: bool) -> Limits:
    """Read the limits; the diversion share becomes tonnes that may be landfilled."""
    nothing = np.full(len(periods.years), np.nan)
    if baseline:
        return Limits(nothing, nothing)
    first, said = periods.first_of_year, scenario.settings.limits
    landfilled = scenario.limit_at("landfilled_t_per_yr")[first]
    share = scenario.limit_at("diversion_share")[first]
    if not np.isnan(share).all():
        must = scenario.streams["must_place"].to_numpy(dtype=bool)
        material = parties.origins.material[: len(must)]
        mass = tonnes_per_unit(scenario)
        require_mass(scenario, mass, np.unique(material[must]))
        tonnes = (supply * np.nan_to_num(mass[material]))[must].sum(axis=0)
        per_year = np.bincount(periods.year_of, weights=tonnes, minlength=len(periods.years))
        landfilled = np.fmin(landfilled, (1.0 - share) * per_year)
    return Limits(
        scenario.limit_at("co2_t_per_yr")[first],
        landfilled,
        said.capex_eur,
        said.plants,
        said.plants_max,
        said.exchanges_max,
    )
