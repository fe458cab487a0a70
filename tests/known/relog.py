"""
Reverse logistics cases of RELOG (s1, storage, boat, simple) in the contract's words.

*Money.* RELOG sums nominal yearly costs and pays for opening a plant once, in the year of opening; the contract pays
capital as an annuity in every year in which the plant stands. Both are the same amount where nothing is discounted,
plants can be built in the first year only (RELOG's default building period; `build_from = build_until` = first year)
and `life_yr` is the number of years: capex / years, paid in each of them. An expansion after the first year, which
RELOG forbids then, would be paid in part only; none of the cases has a reason for one, which the published totals
confirm. Other building periods are refused here rather than told wrongly.

*Places.* Every centre and plant is a facility of its own, even where several share one place, and every pair that
RELOG knows is a `links` row with its distance (straight chords on WGS84, rounded as the program did), which is the
whole network (`only_listed`).

*Products* move by a mode of their own, so that rates stay rates: EUR and CO2 per tkm of the product, with what a
centre pays for collecting (on what it sends only) as `eur_per_t`.

*Centres.* A fixed output is a stream that must be placed. A centre with an input is an existing plant: its revenue is
a negative `opex`, its operating cost the fixed cost, and an output that comes back over the years is a recipe row per
lag. A centre that only sends but costs something is an existing plant that could process what nobody has.

*Plants.* Two sizes are a capacity and a largest one, with the difference in opening and fixed cost spread over the
added tonnes. A fixed input mix is a share that is least and most at once.

*Disposal* is a facility per product and source with the source's price and limit; where a product has a limit for all
sources together it is one facility with that capacity, and the source's price and limit stand in the cells of its
`links` row.

Emissions other than CO2 have no place in the contract and are left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from known import Case, Row, settings

S1_TOTAL = 1871178.9616626198
S1_CO2_TRANSPORT = (1352394.507, 1300379.333)
STORAGE_TOTAL = 775.0
BOAT_TOTAL = 4454165.935936
FIRST_YEAR = 2001
ON_SITE = "on site"


def s1(shared: Path) -> Case:
    """Ten centres, four products, six plants, two years."""
    return tell("s1", upgrade(_load(shared, "s1.json")), decimals=2)


def storage(shared: Path) -> Case:
    """One plant with a stock, three years."""
    return tell("storage", upgrade(_load(shared, "storage.json")), decimals=2)


def boat(shared: Path) -> Case:
    """Boats are made, used and taken apart over five years."""
    return tell("boat", _load(shared, "boat_example.json"), decimals=3)


def simple(shared: Path) -> Case:
    """A case that can't be solved: a fixed output above the limit of its disposal, and nobody takes it."""
    return tell("simple", _load(shared, "simple_infeasible.json"), decimals=3)


def _load(shared: Path, name: str) -> dict[str, Any]:
    return json.loads((shared / "cases" / "relog" / name).read_text(encoding="utf-8"))


def upgrade(old: dict[str, Any]) -> dict[str, Any]:
    """A file of RELOG's first format in its second, which has centres and one plant per place."""
    centers, plants = {}, {}
    for product, told in old["products"].items():
        for name, amount in told.get("initial amounts", {}).items():
            centers[name] = {
                "input": None,
                "fixed output (tonne)": {product: amount["amount (tonne)"]},
                "variable output (tonne/tonne)": {},
                "collection cost ($/tonne)": {},
                "operating cost ($)": 0,
                "disposal limit (tonne)": {product: 0},
                "disposal cost ($/tonne)": {product: 0},
            } | {key: amount[key] for key in ("latitude (deg)", "longitude (deg)")}
    for told in old["plants"].values():
        outputs = told.get("outputs (tonne/tonne)", {})
        for name, place in told["locations"].items():
            # A plant and a centre may share a name, as they may share a place.
            label = f"{name} plant" if name in centers else name
            disposal, stock = place.get("disposal", {}), place.get("storage")
            plants[label] = {
                "input mix (%)": {told["input"]: 100},
                "output (tonne)": outputs,
                "processing emissions (tonne)": told.get("emissions (tonne/tonne)", {}),
                "storage cost ($/tonne)": {told["input"]: stock["cost ($/tonne)"]} if stock else {},
                "storage limit (tonne)": {told["input"]: stock["limit (tonne)"] if stock else 0},
                "disposal cost ($/tonne)": {p: disposal[p]["cost ($/tonne)"] for p in disposal},
                "disposal limit (tonne)": {
                    p: disposal[p].get("limit (tonne)") if p in disposal else 0 for p in outputs
                },
                "capacities": [
                    {"size (tonne)": float(size)} | cost for size, cost in place["capacities (tonne)"].items()
                ],
                "initial capacity (tonne)": 0,
            } | {key: place[key] for key in ("latitude (deg)", "longitude (deg)")}
    return {"parameters": old["parameters"], "products": old["products"], "centers": centers, "plants": plants}


class Telling:
    """The tables of one case while they are being written."""

    def __init__(self, years: int) -> None:
        self.years = years
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, **cells: Any) -> None:
        """A row; a cell with a figure per year becomes the first year's, and a change for each other one."""
        key = {
            "links": ("from_facility", "to_facility", "material", "mode"),
            "stocks": ("plant", "material"),
            "recipes": ("technology", "input", "output"),
        }.get(table)
        name = "|".join(cells.get(k) or "" for k in key) if key else next(iter(cells.values()))
        row: Row = {}
        for column, value in cells.items():
            if isinstance(value, (list, tuple)):
                row[column] = value[0]
                self.change(table, name, column, value)
            elif value is not None:
                row[column] = value
        self.tables.setdefault(table, []).append(row)

    def change(self, table: str, name: str, column: str, figures: Iterable[float | None]) -> None:
        """Changes to the figures of later years, where they differ from the first."""
        figures = list(figures)
        for year, figure in enumerate(figures[1:], start=2):
            if figure != figures[0]:
                self.tables.setdefault("changes", []).append(
                    {"table": table, "id": name, "column": column, "period": str(year), "value": figure}
                )

    def yearly(self, figure: Any, times: float = 1.0) -> list[float] | None:
        """A figure of RELOG by year: one number stands for all years, null for no limit."""
        if figure is None:
            return None
        figures = figure if isinstance(figure, list) else [figure] * self.years
        return None if figures[0] is None else [times * x for x in figures]


def tell(name: str, data: dict[str, Any], *, decimals: int) -> Case:
    """A case of RELOG's second format as tables of the contract."""
    parameters = data["parameters"]
    if parameters.get("building period (years)", [1]) != [1]:
        raise ValueError("plants built after the first year would be paid for in part only")
    years = int(parameters["time horizon (years)"])
    t = Telling(years)
    for year in range(years):
        t.add("periods", period=str(year + 1), year=FIRST_YEAR + year)
    for product in data["products"]:
        t.add("materials", material=product, state="solid", disposal_class="none")
    for place, told in {**data["centers"], **data["plants"]}.items():
        where = {"lat": told["latitude (deg)"], "lon": told["longitude (deg)"]}
        t.add("facilities", facility=place, **(where if abs(where["lat"]) <= 90 else {}))
    for centre, told in data["centers"].items():
        _centre(t, centre, told)
    for plant, told in data["plants"].items():
        _plant(t, plant, told)
    _carry(t, data, decimals)
    _dispose(t, data)
    told = settings(name, reach={"only_listed": True})
    co2 = data.get("emissions", {}).get("CO2", {})
    limit, penalty = t.yearly(co2.get("limit (tonne)")), t.yearly(co2.get("penalty ($/tonne)"))
    if limit:
        told["limits"] = {"co2_t_per_yr": limit[0]}
        t.change("limits", "co2_t_per_yr", "", limit)
    if penalty:
        told["policy"] = {"carbon_price_eur_per_t": penalty[0]}
        t.change("policy", "carbon_price_eur_per_t", "", penalty)
    return Case(f"relog {name}", t.tables, told)


def _centre(t: Telling, name: str, told: dict[str, Any]) -> None:
    """A centre's fixed outputs as streams, and what it does with an input as an existing plant."""
    for product, amount in told.get("fixed output (tonne)", {}).items():
        if any(figures := t.yearly(amount) or []):
            t.add("streams", stream=f"{name} {product}", facility=name, material=product, supply_per_yr=figures)
    cost, revenue = t.yearly(told["operating cost ($)"]), t.yearly(told.get("revenue ($/tonne)") or 0, -1.0)
    takes = told["input"]
    if takes is None and not any(cost or []):
        return
    if takes is None:
        takes = "nothing to process"
        if not any(row["material"] == takes for row in t.tables["materials"]):
            t.add("materials", material=takes)
    t.add("technologies", technology=name, opex_eur_per_unit=revenue)
    made = 0
    for product, share in told["variable output (tonne/tonne)"].items() if told["input"] else ():
        for lag, part in enumerate(share if isinstance(share, list) else [share]):
            if part:
                made += 1
                t.add("recipes", technology=name, input=takes, output=product, **{"yield": part}, lag_yr=lag)
    if not made:
        t.add("recipes", technology=name, input=takes)
    t.add("plants", plant=name, facility=name, technology=name, status="existing", fixed_eur_per_yr=cost)


def _plant(t: Telling, name: str, told: dict[str, Any]) -> None:
    """A plant with its sizes, recipe, mix and stocks."""
    first, last = told["capacities"][0], told["capacities"][-1]
    opex = t.yearly(first["variable operating cost ($/tonne)"])
    if opex != t.yearly(last["variable operating cost ($/tonne)"]):
        raise ValueError(f"{name}: the contract knows one price per tonne whatever the size")
    co2 = t.yearly(told["processing emissions (tonne)"].get("CO2", 0), 1000.0)
    t.add("technologies", technology=name, opex_eur_per_unit=opex, kgco2_per_unit=co2)
    for takes, share in told["input mix (%)"].items():
        makes = {product: amount for product, amount in told["output (tonne)"].items() if amount}
        for product, amount in makes.items():
            t.add("recipes", technology=name, input=takes, output=product, **{"yield": t.yearly(amount)})
        if not makes:
            t.add("recipes", technology=name, input=takes)
        if share != 100:
            t.add("mixes", technology=name, input=takes, min_share=share / 100, max_share=share / 100)
        limit = told["storage limit (tonne)"].get(takes, 0)
        if limit != 0:
            cost = t.yearly(told["storage cost ($/tonne)"][takes])
            t.add("stocks", plant=name, material=takes, capacity=limit, eur_per_unit_yr=cost)
    size = _sizes(t, first, last)
    initial = told["initial capacity (tonne)"]
    if initial:
        slope = (size["fixed_eur_per_unit"] or 0.0) * (initial - first["size (tonne)"])
        size |= {"capacity_per_yr": initial, "capex_eur": None, "fixed_eur_per_yr": size["fixed_eur_per_yr"] + slope}
        when = {"status": "existing"}
    else:
        when = {"status": "candidate", "build_from": FIRST_YEAR, "build_until": FIRST_YEAR}
    t.add("plants", plant=name, facility=name, technology=name, life_yr=t.years, **when, **size)


def _sizes(t: Telling, first: dict[str, Any], last: dict[str, Any]) -> dict[str, float | None]:
    """Capacity and cost of the smallest size, and per tonne added up to the largest."""

    def cost(size: dict[str, Any], what: str) -> float:
        return t.yearly(size[what])[0]

    opening, fixed = "opening cost ($)", "fixed operating cost ($)"
    more = last["size (tonne)"] - first["size (tonne)"]
    return {
        "capacity_per_yr": first["size (tonne)"],
        "capex_eur": cost(first, opening),
        "fixed_eur_per_yr": cost(first, fixed),
        "max_capacity_per_yr": last["size (tonne)"] if more else None,
        "capex_eur_per_unit": (cost(last, opening) - cost(first, opening)) / more if more else None,
        "fixed_eur_per_unit": (cost(last, fixed) - cost(first, fixed)) / more if more else None,
    }


def _carry(t: Telling, data: dict[str, Any], decimals: int) -> None:
    """A mode per product and collection cost, and a row per pair that it can join."""
    everything = {**data["centers"], **data["plants"]}
    takers: dict[str, list[str]] = {}
    for name, told in everything.items():
        for product in told["input mix (%)"] if "input mix (%)" in told else [told["input"]]:
            takers.setdefault(product, []).append(name)
    modes: dict[Any, str] = {}
    for name, told in everything.items():
        for product in _outputs(told):
            collected = t.yearly(told.get("collection cost ($/tonne)", {}).get(product) or 0)
            key = (product, tuple(collected))
            if key not in modes:
                modes[key] = f"{product} collected at {collected[0]:g}" if any(collected) else product
                carried = data["products"][product]
                t.add(
                    "modes",
                    mode=modes[key],
                    network="straight",
                    eur_per_tkm=t.yearly(carried["transportation cost ($/km/tonne)"]),
                    kgco2_per_tkm=t.yearly(
                        carried.get("transportation emissions (tonne/km/tonne)", {}).get("CO2", 0), 1000.0
                    ),
                    eur_per_t=collected,
                )
            for taker in takers.get(product, ()):
                km = round(chord_km(told, everything[taker]), decimals)
                t.add("links", from_facility=name, to_facility=taker, material=product, mode=modes[key], distance_km=km)


def _outputs(told: dict[str, Any]) -> list[str]:
    """Products that leave a plant or centre."""
    if "output (tonne)" in told:
        return [product for product, amount in told["output (tonne)"].items() if amount]
    return list(dict.fromkeys([*told.get("fixed output (tonne)", {}), *told["variable output (tonne/tonne)"]]))


def _dispose(t: Telling, data: dict[str, Any]) -> None:
    """A disposal per product and source, or one for all sources of a product that has a limit for all."""
    t.add("modes", mode=ON_SITE, network="straight")
    for name, told in {**data["centers"], **data["plants"]}.items():
        for product in _outputs(told):
            limit, cost = (
                told["disposal limit (tonne)"].get(product, 0),
                told["disposal cost ($/tonne)"].get(product, 0),
            )
            limit, cost = t.yearly(limit), t.yearly(cost)
            if limit is not None and not any(limit):
                continue
            common = t.yearly(data["products"][product].get("disposal limit (tonne)"))
            outlet = f"disposal of {product}" if common else f"disposal of {product} at {name}"
            here: Row = {
                "from_facility": name,
                "to_facility": outlet,
                "material": product,
                "mode": ON_SITE,
                "distance_km": 0.0,
            }
            if all(row["facility"] != outlet for row in t.tables["facilities"]):
                t.add("facilities", facility=outlet)
                price, size = (None, common) if common else (cost, limit)
                t.add(
                    "disposals",
                    disposal=outlet,
                    facility=outlet,
                    route="other",
                    accepts=product,
                    gate_fee_eur_per_unit=price,
                    capacity_per_yr=size,
                )
            t.add("links", **here, **({"eur_per_unit": cost, "max_per_yr": limit} if common else {}))


def chord_km(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Straight line through the Earth between two places on WGS84, km; its formula takes latitude 100 too."""
    half_axis, flattening = 6378.137, 1 / 298.257223563
    e2 = flattening * (2 - flattening)

    def xyz(place: dict[str, Any]) -> tuple[float, float, float]:
        lat, lon = math.radians(place["latitude (deg)"]), math.radians(place["longitude (deg)"])
        n = half_axis / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        return n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)

    return math.dist(xyz(a), xyz(b))
