"""The full model as a user of linopy would write it: labelled variables, sums by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.full.families import room_of, runs_of, size_of
from benchmarks.full.floor import costs_of
from benchmarks.full.layout import Layout, position

if TYPE_CHECKING:
    from benchmarks.full.facts import FullFacts
    from benchmarks.full.layout import Array, Indices

KG_PER_T = 1000.0


def linopy_full(facts: FullFacts) -> Any:
    """
    Write the model of a full region with linopy.

    Parameters
    ----------
    facts
        The region's.

    Returns
    -------
    model
        A ``linopy.Model``; rows between two bounds are two of its rows.
    """
    made = Labelled(facts)
    made.balances()
    made.processing()
    made.loads()
    made.exchanges()
    made.horizon()
    made.limits()
    made.objective()
    return made.model


class Labelled:
    """
    A model in the making.

    Parameters
    ----------
    facts
        The region's.
    """

    def __init__(self, facts: FullFacts) -> None:
        import linopy
        import pandas as pd
        import xarray as xr

        self.f, self.at, self.xr, self.pd = facts, Layout(facts), xr, pd
        at, f = self.at, facts
        sizes = {
            "link": at.links, "outlet": at.outlets, "stream": at.streams, "demand": at.demands, "input": at.inputs,
            "output": at.outputs, "plant": at.plants, "opening": at.openings, "new": len(at.candidates),
            "grown": len(at.expandable), "run": len(at.runs), "loaded": len(at.with_trips), "choice": at.choices,
            "kept": at.stocks, "period": at.periods, "year": at.years, "group": len(f.group_min),
        }  # fmt: skip
        self.index = {name: pd.RangeIndex(size, name=name) for name, size in sizes.items()}
        self.year_of = xr.DataArray(f.year_of, coords={"period": self.index["period"]})
        self.model = model = linopy.Model()
        held = f.stock_capacity.copy()
        held[:, -1] = f.stock_initial
        least = np.zeros_like(held)
        least[:, -1] = f.stock_initial
        stands = np.logical_or.accumulate(f.plant_can_build[at.candidates], axis=1).astype(float)
        whole: dict[str, Any] = {"lower": 0, "integer": True}
        self.flow = self._new("flow", "link", lower=0, upper=f.link_upper)
        self.disposed = self._new("disposed", "outlet", lower=0, upper=f.outlet_upper)
        self.virgin = self._new("virgin", "demand", lower=0)
        self.throughput = self._new("throughput", "input", lower=0, upper=f.input_upper)
        required = np.repeat(f.opening_required.astype(float)[:, None], at.years, axis=1)
        one = np.ones((at.openings, at.years))
        self.opened = self._new("opened", "opening", "year", lower=required, upper=one, integer=True)
        self.built = self._new("built", "new", "year", **whole, upper=stands)
        self.added = self._new("added", "grown", "year", lower=0, upper=room_of(f, at, at.expandable))
        self.running = self._new("running", "run", **whole, upper=np.ones((len(at.runs), at.periods)))
        self.trips = self._new("trips", "loaded", **whole)
        chosen = self.index["choice"]
        self.chosen = model.add_variables(lower=0, upper=1, coords=[chosen], integer=True, name="chosen")
        self.stock = self._new("stock", "kept", lower=least, upper=held)
        self.drawn = self._new("drawn", "kept")

    def _new(self, name: str, thing: str, moment: str = "period", **more: Any) -> Any:
        """Make variables by thing and moment."""
        bounds = {k: self.by(v, thing, moment) if isinstance(v, np.ndarray) else v for k, v in more.items()}
        return self.model.add_variables(coords=[self.index[thing], self.index[moment]], name=name, **bounds)

    def by(self, values: Array, *dims: str) -> Any:
        """Label values; a single column stands for all periods."""
        if values.ndim == 2 and values.shape[1] == 1 < len(self.index[dims[1]]):
            values, dims = values[:, 0], dims[:1]
        return self.xr.DataArray(
            values, coords={name: self._of(name, size) for name, size in zip(dims, values.shape, strict=True)}
        )

    def _of(self, dim: str, size: int) -> Any:
        return self.index[dim] if dim in self.index else self.pd.RangeIndex(size, name=dim)

    def sum(self, terms: Any, dim: str, members: Indices, groups: Indices, to: str, size: int | None = None) -> Any:
        """Add up some of the terms by group."""
        target = self._of(to, 0 if size is None else size)
        key = self.xr.DataArray(groups, coords={dim: self.index[dim][members]}, name=to)
        return terms.isel({dim: members}).groupby(key).sum().reindex({to: target}).fillna(0)

    def some(self, terms: Any, dim: str, places: Indices, to: str) -> Any:
        """Pick one of the terms for each row."""
        return terms.isel({dim: self.xr.DataArray(places, coords={to: self._of(to, len(places))})})

    def in_year(self, terms: Any) -> Any:
        """Give a year's decision in each of its periods."""
        return terms.isel(year=self.year_of)

    def add(self, name: str, terms: Any, sign: Any, right: Any = 0) -> None:
        """Add constraints."""
        self.model.add_constraints(terms, sign, right, name=name)

    def balances(self) -> None:
        """Streams, demands, shares and qualities."""
        f, at = self.f, self.at
        leave, out = np.flatnonzero(f.link_from < at.streams), np.flatnonzero(f.outlet_from < at.streams)
        stock = np.flatnonzero(f.stock_stream >= 0)
        sent = self.sum(1 * self.flow, "link", leave, f.link_from[leave], "stream")
        gone = self.sum(1 * self.disposed, "outlet", out, f.outlet_from[out], "stream")
        drawn = self.sum(1 * self.drawn, "kept", stock, f.stock_stream[stock], "stream")
        sign = self.by(np.where(f.must_place, "=", "<="), "stream")
        self.add("stream_balance", sent + gone - drawn, sign, self.by(f.supply, "stream", "period"))
        met, stock = np.flatnonzero(f.link_to < at.demands), np.flatnonzero(f.stock_demand >= 0)
        arrived = self.by(f.link_ratio * f.link_arrives, "link", "period") * self.flow
        got = self.sum(arrived, "link", met, f.link_to[met], "demand")
        drawn = self.sum(1 * self.drawn, "kept", stock, f.stock_demand[stock], "demand")
        sign = self.by(np.where(f.must_meet, "=", "<="), "demand")
        self.add("demand_balance", got + self.virgin + drawn, sign, self.by(f.need, "demand", "period"))
        for word, bound, some, way in (
            ("least", f.min_share, f.min_share > 0, ">="), ("most", f.max_share, f.max_share < 1, "<="),
        ):  # fmt: skip
            which = np.flatnonzero(some.any(axis=1))
            right = (bound * f.need)[which]
            self.add(f"share_{word}", self.some(got, "demand", which, "row"), way, self.by(right, "row", "period"))
        limited = (f.most_of_need < 1).any(axis=1)
        some = met[f.link_substitution[met] >= 0]
        some = some[limited[f.link_substitution[some]]]
        pairs, row = np.unique(f.link_to[some] * len(limited) + f.link_substitution[some], return_inverse=True)
        most = f.most_of_need[pairs % len(limited)] * f.need[pairs // len(limited)]
        left = self.sum(arrived, "link", some, row, "pair", len(pairs))
        self.add("share_of_substitutes", left, "<=", self.by(most, "pair", "period"))
        for word, bound, way in (("most", f.blend_max, "<="), ("least", f.blend_min, ">=")):
            limited = np.flatnonzero(~np.isnan(bound).any(axis=1))
            place = position(len(bound), limited)
            here = np.flatnonzero(place[f.blend_of] >= 0)
            off = (f.blend_value[here, None] - bound[f.blend_of[here]]) * f.link_arrives[f.blend_link[here]]
            brought = self.by(off, "entry", "period") * self.some(1 * self.flow, "link", f.blend_link[here], "entry")
            self.index["entry"] = self.pd.RangeIndex(len(here), name="entry")
            every = np.arange(len(here))
            blend = self.sum(brought, "entry", every, place[f.blend_of[here]], "blend", len(limited))
            self.add(f"quality_{word}", blend, way)
            del self.index["entry"]

    def processing(self) -> None:
        """What plants take in, make and hold, and what is sent to those that may be built."""
        f, at = self.f, self.at
        into, stock = np.flatnonzero(f.link_to >= at.demands), np.flatnonzero(f.stock_input >= 0)
        fed = f.link_to[into] - at.demands
        arrived = self.sum(self.by(f.link_arrives, "link", "period") * self.flow, "link", into, fed, "input")
        drawn = self.sum(1 * self.drawn, "kept", stock, f.stock_input[stock], "input")
        self.add("plant_input", arrived + drawn - self.throughput, "=")
        leave, out = np.flatnonzero(f.link_from >= at.streams), np.flatnonzero(f.outlet_from >= at.streams)
        self.index["made"] = self.pd.RangeIndex(len(f.yield_input), name="made")
        yields = self.by(f.yield_factor, "made", "period") * self.some(
            1 * self.throughput, "input", f.yield_input, "made"
        )
        made = self.sum(yields, "made", np.arange(len(f.yield_input)), f.yield_output, "output")
        sent = self.sum(1 * self.flow, "link", leave, f.link_from[leave] - at.streams, "output")
        gone = self.sum(1 * self.disposed, "outlet", out, f.outlet_from[out] - at.streams, "output")
        self.add("plant_output", made - sent - gone, "=")
        self.processed = self.sum(1 * self.throughput, "input", np.arange(at.inputs), f.input_plant, "plant")
        size, new, grown = size_of(f, at), np.arange(len(at.candidates)), np.arange(len(at.expandable))
        stands = self.sum(1 * self.built, "new", new, at.candidates, "plant")
        self.more = self.sum(1 * self.added, "grown", grown, at.expandable, "plant")
        room = self.in_year(stands) * self.by(np.where(f.plant_existing[:, None], 0.0, size), "plant", "period")
        room = room + self.in_year(self.more) * self.by(f.share, "period")
        right = self.by(np.where(f.plant_existing[:, None], size, 0.0), "plant", "period")
        self.add("plant_capacity", self.processed - room, "<=", right)
        standing, growing = position(at.plants, at.candidates), position(at.plants, at.expandable)
        some = at.expandable[~f.plant_existing[at.expandable]]
        self.add(
            "expansion",
            self.some(1 * self.added, "grown", growing[some], "row")
            - self.by(room_of(f, at, some), "row", "year") * self.some(1 * self.built, "new", standing[some], "row"),
            "<=",
        )
        plant = f.input_plant[fed]
        fits = (standing[plant] >= 0) & np.isfinite(f.link_upper[into]).all(axis=1)
        into, plant = into[fits], plant[fits]
        left = self.some(1 * self.flow, "link", into, "row")
        guard = self.in_year(self.some(1 * self.built, "new", standing[plant], "row"))
        self.add("plant_opening", left - self.by(f.link_upper[into], "row", "period") * guard, "<=")

    def loads(self) -> None:
        """Least loads, mixes and choices."""
        f, at = self.f, self.at
        standing = position(at.plants, at.candidates)
        least = f.plant_min_load * f.share
        capacity = np.where(np.isfinite(f.plant_capacity), f.plant_capacity, 0.0)
        new = np.flatnonzero((f.plant_min_load > 0).any(axis=1) & ~f.plant_existing)
        for name, which in (("new", new), ("standing", at.runs)):
            if not len(which):
                continue
            done = self.some(self.processed, "plant", which, "row")
            grown = self.in_year(self.some(self.more, "plant", which, "row"))
            over = done - self.by(least[which], "row", "period") * grown
            need = (least * capacity)[which]
            if name == "new":
                stands = self.in_year(self.some(1 * self.built, "new", standing[which], "row"))
                self.add("load_new", over - self.by(need, "row", "period") * stands, ">=")
                continue
            slack = least[which] * f.plant_headroom[which]
            on = self.some(1 * self.running, "run", np.arange(len(which)), "row")
            self.add(
                "load", over - self.by(need + slack, "row", "period") * on, ">=", self.by(-slack, "row", "period")
            )  # fmt: skip
            most = (capacity + f.plant_headroom)[which] * f.share
            self.add("idle", done - self.by(most, "row", "period") * on, "<=")
        first = np.searchsorted(f.input_plant, np.arange(at.plants + 1))
        for word, share, some, way in (
            ("least", f.mix_min, f.mix_min > 0, ">="), ("most", f.mix_max, f.mix_max < 1, "<="),
        ):  # fmt: skip
            which = np.flatnonzero(some.any(axis=1))
            plant = f.input_plant[f.mix_input[which]]
            row, column = runs_of(first[plant], first[plant + 1])
            own = (column == f.mix_input[which][row])[:, None] - share[which][row]
            self.index["part"] = self.pd.RangeIndex(len(row), name="part")
            parts = self.by(own, "part", "period") * self.some(1 * self.throughput, "input", column, "part")
            self.add(f"mix_{word}", self.sum(parts, "part", np.arange(len(row)), row, "mixed", len(which)), way)
        choice = f.plant_choice[at.candidates]
        labelled = np.flatnonzero(choice >= 0)
        labels, row = np.unique(choice[labelled], return_inverse=True)
        last = (1 * self.built).isel(year=-1, drop=True)
        self.add("choose_one", self.sum(last, "new", labelled, row, "label", len(labels)), "<=", 1)

    def exchanges(self) -> None:
        """Openings, lots, capacities, loads, single receivers and capacities of disposals."""
        f, at = self.f, self.at
        opening = f.group_opening[f.link_group]
        whole = np.flatnonzero(opening >= 0)
        member, opening = np.concatenate([whole, f.part_link]), np.concatenate([opening[whole], f.part_opening])
        held = self.in_year(self.some(1 * self.opened, "opening", opening, "row"))
        left = self.some(1 * self.flow, "link", member, "row")
        self.add("exchange_opening", left - self.by(f.link_upper[member], "row", "period") * held, "<=")
        grouped = np.flatnonzero(f.outlet_group >= 0)
        opening = f.group_opening[f.outlet_group[grouped]]
        member, opening = grouped[opening >= 0], opening[opening >= 0]
        held = self.in_year(self.some(1 * self.opened, "opening", opening, "row"))
        left = self.some(1 * self.disposed, "outlet", member, "row")
        self.add("way_opening", left - self.by(f.outlet_upper[member], "row", "period") * held, "<=")

        sent = self.sum(1 * self.flow, "link", np.arange(at.links), f.link_group, "group")
        hauled = self.sum(1 * self.disposed, "outlet", grouped, f.outlet_group[grouped], "group")
        key = self.xr.DataArray(f.year_of, coords={"period": self.index["period"]}, name="year")
        yearly = (sent + hauled).groupby(key).sum().reindex({"year": self.index["year"]}).fillna(0)
        for name, bound, way in (("lot", f.group_min, ">="), ("capacity", f.group_max, "<=")):
            some = (bound > 0) if name == "lot" else np.isfinite(bound)
            which = np.flatnonzero(some.any(axis=1))
            opening, amount = f.group_opening[which], np.where(some, bound, 0.0)[which]
            decided = np.flatnonzero(opening >= 0)
            moved = self.some(yearly, "group", which, "row")
            rest = np.where((opening >= 0)[:, None] & some[which], 0.0, bound[which])
            self.index["decided"] = self.pd.RangeIndex(len(decided), name="decided")
            held = self.by(amount[decided], "decided", "year") * self.some(
                1 * self.opened, "opening", opening[decided], "decided"
            )
            held = self.sum(held, "decided", np.arange(len(decided)), decided, "row", len(which))
            self.add(name, moved - held, way, self.by(rest, "row", "year") if name == "capacity" else 0)

        place = position(len(f.group_min), at.with_trips)
        carried, taken = np.flatnonzero(place[f.link_group] >= 0), grouped[place[f.outlet_group[grouped]] >= 0]
        tonnes = self.by(f.link_t, "link", "period") * self.flow
        away = self.by(f.outlet_t, "outlet", "period") * self.disposed
        load = self.sum(tonnes, "link", carried, place[f.link_group[carried]], "loaded")
        load = load + self.sum(away, "outlet", taken, place[f.outlet_group[taken]], "loaded")
        vehicle = self.by(f.group_vehicle_t[at.with_trips], "loaded", "period")
        self.add("whole_trips", load - vehicle * self.trips, "<=")

        member = np.flatnonzero(f.link_choice >= 0)
        right = self.by(f.link_upper[member], "row", "period")
        chosen = self.some(1 * self.chosen, "choice", f.link_choice[member], "row")
        self.add("single_receiver", self.some(1 * self.flow, "link", member, "row") - right * chosen, "<=")
        origins, row = np.unique(f.choice_origin, return_inverse=True)
        every = np.arange(at.choices)
        self.add("one_receiver", self.sum(1 * self.chosen, "choice", every, row, "origin", len(origins)), "<=", 1)
        into = np.flatnonzero(f.outlet_disposal >= 0)
        arrived = self.by(f.outlet_arrives, "outlet", "period") * self.disposed
        taken = self.sum(arrived, "outlet", into, f.outlet_disposal[into], "place", len(f.disposal_capacity))
        taken = taken.groupby(key).sum().reindex({"year": self.index["year"]}).fillna(0)
        self.add("disposal_capacity", taken, "<=", self.by(f.disposal_capacity, "place", "year"))

    def horizon(self) -> None:
        """What stocks hold, and what stays."""
        f, at = self.f, self.at
        before = (1 * self.stock).shift(period=1).fillna(0)
        start = np.zeros((at.stocks, at.periods))
        start[:, 0] = f.stock_initial
        self.add("stock_balance", self.stock - before + self.drawn, "=", self.by(start, "kept", "period"))
        which = np.flatnonzero(f.stock_plant >= 0)
        which = which[~f.plant_existing[f.stock_plant[which]]]
        standing = position(at.plants, at.candidates)[f.stock_plant[which]]
        most = np.minimum(f.stock_capacity[which], f.input_upper.sum(axis=1)[f.stock_input[which], None])
        held = self.some(1 * self.stock, "kept", which, "row")
        guard = self.in_year(self.some(1 * self.built, "new", standing, "row"))
        self.add("stock_capacity", held - self.by(most, "row", "period") * guard, "<=")
        stays = np.flatnonzero(f.opening_stays)
        opened = self.some(1 * self.opened, "opening", stays, "row")
        for name, terms in (("opened", opened), ("built", 1 * self.built), ("added", 1 * self.added)):
            self.add(f"keep_{name}", _steps(terms), ">=")
        closed = ~f.plant_can_build[at.candidates][:, 1:]
        mask = self.xr.DataArray(closed, coords={"new": self.index["new"], "year": self.index["year"][1:]})
        self.model.add_constraints(_steps(1 * self.built), "<=", 0, name="shut", mask=mask)

    def limits(self) -> None:
        """CO2 and landfill per year, investment and plants in the last year, exchanges per year."""
        f, at = self.f, self.at
        links = (f.link_kgco2 + f.link_use_kgco2 * f.link_arrives) / KG_PER_T
        outlets = (f.outlet_kgco2 + f.outlet_gate_kgco2 * f.outlet_arrives) / KG_PER_T
        inputs = (f.plant_kgco2 / KG_PER_T)[f.input_plant]
        emitted = (
            (self.by(links, "link", "period") * self.flow).sum("link")
            + (self.by(outlets, "outlet", "period") * self.disposed).sum("outlet")
            + (self.by(f.virgin_kgco2 / KG_PER_T, "demand", "period") * self.virgin).sum("demand")
            + (self.by(inputs, "input", "period") * self.throughput).sum("input")
        )
        tonnes = f.outlet_t * f.outlet_arrives * f.outlet_landfill[:, None]
        landfilled = (self.by(tonnes, "outlet", "period") * self.disposed).sum("outlet")
        for name, terms, most in (("co2", emitted, f.limit_co2_t), ("landfilled", landfilled, f.limit_landfilled_t)):
            for year in range(at.years):
                of_year = terms.isel(period=np.flatnonzero(f.year_of == year)).sum()
                self.add(f"{name}_{year}", of_year, "<=", float(most[year]))
        opened, built, added = ((1 * one).isel(year=-1, drop=True) for one in (self.opened, self.built, self.added))
        invested = (
            (self.by(f.opening_capex_eur, "opening") * opened).sum()
            + (self.by(f.plant_capex_eur[at.candidates], "new") * built).sum()
            + (self.by(f.plant_capex_eur_per_unit[at.expandable], "grown") * added).sum()
        )
        self.add("capex", invested, "<=", float(f.limit_capex_eur[0]))
        self.add("plants_max", built.sum(), "<=", float(f.limit_plants[0]))
        counted = np.flatnonzero(f.opening_counted)
        self.add("exchanges_max", self.opened.isel(opening=counted).sum("opening"), "<=", float(f.limit_exchanges[0]))

    def objective(self) -> None:
        """Discounted cost; linopy takes no constant."""
        f, at = self.f, self.at
        cost = costs_of(f, at)
        pairs = (
            ("flow", "link", "period"), ("disposed", "outlet", "period"), ("virgin", "demand", "period"),
            ("throughput", "input", "period"), ("opened", "opening", "year"), ("built", "new", "year"),
            ("added", "grown", "year"), ("trips", "loaded", "period"), ("stock", "kept", "period"),
        )  # fmt: skip
        self.model.add_objective(sum((self.by(cost[n], *dims) * getattr(self, n)).sum() for n, *dims in pairs))


def _steps(terms: Any) -> Any:
    """Difference from each year to the next."""
    later = slice(1, None)
    return terms.isel(year=later) - terms.shift(year=1).isel(year=later)
