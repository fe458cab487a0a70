"""For every constraint family a region so small that its rows fit on a page, told in a sentence."""

from __future__ import annotations

from collections.abc import Callable

from small import demand, mill, plant, region, seasons, stream, two_years

from isopt.scenario import Scenario


def stream_balance() -> Scenario:
    """100 ash must go to D or be disposed of; 40 clay may, and may not; a heap keeps ash from winter for later."""
    return region(
        periods=seasons(),
        streams=[stream("ash", "A", 100), stream("clay", "B", 40, "clay", None, must_place=False)],
        demands=[demand("works", "D", 80), demand("bricks", "D", 30, "clay")],
        stocks=[{"facility": "A", "material": "ash", "capacity": 20}],
    )


def demand_balance() -> Scenario:
    """A works needs 80 sand, for which ash does at 0.8, 5 % of it lost; another would like 30 ash, and keeps a bin."""
    return region(
        periods=seasons(),
        modes=[{"mode": "truck", "loss_share_per_km": 0.01}],
        links=[{"from_facility": "A", "to_facility": "D", "distance_km": 5}],
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 80, "sand"), demand("wish", "C", 30, "ash", None, must_meet=False)],
        substitutions=[{"from_material": "ash", "to_material": "sand", "ratio": 0.8}],
        stocks=[{"facility": "C", "material": "ash", "capacity": 6}],
    )


def share_limits() -> Scenario:
    """Of 80 sand, by-products cover a tenth to three fifths; ash, at 0.5, at most a quarter."""
    return region(
        streams=[stream("ash", "A", 100), stream("sand", "B", 60, "sand")],
        demands=[demand("works", "D", 80, "sand", min_byproduct_share=0.1, max_byproduct_share=0.6)],
        substitutions=[{"from_material": "ash", "to_material": "sand", "ratio": 0.5, "max_share": 0.25}],
    )


def quality() -> Scenario:
    """Ash of 30 % and of 10 % moisture may be blended to between 15 % and 20 %."""
    return region(
        streams=[stream("wet", "A", 100), stream("dry", "B", 60)],
        demands=[demand("works", "D", 80)],
        qualities=[
            {"stream": "wet", "property": "moisture", "value": 30},
            {"stream": "dry", "property": "moisture", "value": 10},
        ],
        quality_limits=[{"demand": "works", "property": "moisture", "min": 15, "max": 20}],
    )


def plant_balance() -> Scenario:
    """A mill makes 0.7 sand and, a year later, 0.2 slag of a unit of ash; slag can only be dumped."""
    tables = mill(sand=0.7, slag=0.2)
    tables["recipes"][1]["lag_yr"] = 1
    return region(
        periods=two_years(),
        streams=[stream("ash", "A", 100)],
        plants=[plant("mill", "B", capacity_per_yr=90)],
        demands=[demand("works", "D", 80, "sand")],
        disposals=[
            {"disposal": "tip", "facility": "C", "route": "landfill", "accepts": "slag", "gate_fee_eur_per_unit": 3}
        ],
        **tables,
    )


def plant_capacity() -> Scenario:
    """An old mill of 90 a year, and a new one of 50 that may grow to 70, in a year of two seasons."""
    return region(
        periods=seasons(),
        streams=[stream("ash", "A", 100)],
        plants=[
            plant("old", "B", capacity_per_yr=90),
            plant("new", "C", "candidate", capacity_per_yr=50, max_capacity_per_yr=70, capex_eur_per_unit=5),
        ],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )


def plant_opening() -> Scenario:
    """Ash goes to a mill only where it stands: at most the 100 there are, or the 50 that it takes."""
    return region(
        streams=[stream("ash", "A", 100), stream("more", "D", 30)],
        plants=[plant("new", "C", "candidate", capacity_per_yr=50, capex_eur=1000)],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )


def plant_load() -> Scenario:
    """Half of 40 is the least that the old mill runs at, a quarter of 50 the least of the new one, grown or not."""
    return region(
        streams=[stream("ash", "A", 100)],
        plants=[
            plant("old", "B", capacity_per_yr=40, max_capacity_per_yr=60, min_load_share=0.5, capex_eur_per_unit=5),
            plant("new", "C", "candidate", capacity_per_yr=50, min_load_share=0.25, capex_eur=1000),
        ],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )


def mix() -> Scenario:
    """A kiln burns ash and clay, of ash at least a fifth and at most three fifths."""
    return region(
        streams=[stream("ash", "A", 100), stream("clay", "B", 60, "clay")],
        technologies=[{"technology": "kiln"}],
        recipes=[{"technology": "kiln", "input": one, "output": "slag", "yield": 0.9} for one in ("ash", "clay")],
        mixes=[{"technology": "kiln", "input": "ash", "min_share": 0.2, "max_share": 0.6}],
        plants=[plant("kiln", "C", technology="kiln", capacity_per_yr=120)],
        demands=[demand("road", "D", 80, "slag")],
    )


def choose_one() -> Scenario:
    """Of a small and a large mill at most one is built, in two years."""
    return region(
        periods=two_years(),
        streams=[stream("ash", "A", 100)],
        plants=[
            plant(size, place, "candidate", capacity_per_yr=room, capex_eur=10 * room, choose_one="site")
            for size, place, room in (("small", "B", 40), ("large", "C", 80))
        ],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )


def exchange_opening() -> Scenario:
    """Ash goes to D where the road is set up, at most the 80 that D needs; the way to the tip must be set up too."""
    return region(
        modes=[{"mode": "truck", "setup_eur_per_yr": 100}],
        links=[{"from_facility": "A", "to_facility": "C", "setup_eur_per_yr": 50}],
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 80)],
        disposals=[{"disposal": "tip", "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 3}],
    )


def lot() -> Scenario:
    """A road that is set up carries at least 25 a year, in whichever season."""
    return region(
        periods=seasons(),
        modes=[{"mode": "truck", "min_per_yr": 25}],
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 80)],
    )


def exchange_capacity() -> Scenario:
    """A shared road carries ash and clay, together at most 90 a year if it is set up; another at most 15."""
    return region(
        modes=[{"mode": "truck", "max_per_yr": 15}],
        links=[
            {
                "from_facility": "A", "to_facility": "D", "mode": "truck", "shared": True, "max_per_yr": 90,
                "setup_eur_per_yr": 70,
            }
        ],
        streams=[stream("ash", "A", 100), stream("clay", "A", 40, "clay")],
        demands=[demand("works", "D", 80), demand("bricks", "D", 30, "clay"), demand("wall", "C", 30, "clay")],
    )  # fmt: skip


def whole_trips() -> Scenario:
    """A truck takes 12 t at 30 EUR a trip; water weighs a tonne per m3, and goes to the drain by truck too."""
    return region(
        materials=[
            {"material": "ash", "state": "solid", "disposal_class": "none"},
            {"material": "water", "unit": "m3", "t_per_unit": 1, "state": "liquid", "disposal_class": "none"},
        ],
        modes=[{"mode": "truck", "eur_per_trip": 30, "vehicle_t": 12}],
        streams=[stream("ash", "A", 100), stream("rinse", "B", 40, "water", None)],
        demands=[demand("works", "D", 80), demand("wash", "D", 20, "water")],
        disposals=[{"disposal": "drain", "facility": "C", "route": "sewer", "accepts": "water"}],
    )


def single_receiver() -> Scenario:
    """Ash has one receiver: D, with two works, or C; never both."""
    return region(
        streams=[stream("ash", "A", 100, single_receiver=True)],
        demands=[demand("works", "D", 80), demand("second", "D", 30), demand("wall", "C", 50)],
    )


def disposal_capacity() -> Scenario:
    """A tip takes 60 a year of what two firms bring, in whichever season."""
    return region(
        periods=seasons(),
        streams=[stream("ash", "A", 100), stream("clay", "B", 40, "clay")],
        disposals=[
            {
                "disposal": "tip", "facility": "C", "route": "landfill", "gate_fee_eur_per_unit": 3,
                "capacity_per_yr": 60,
            }
        ],
    )  # fmt: skip


def stock_balance() -> Scenario:
    """A heap begins and ends with 5."""
    return region(
        periods=seasons(),
        streams=[stream("ash", "A", 100)],
        demands=[demand("works", "D", 80)],
        stocks=[{"facility": "A", "material": "ash", "capacity": 20, "initial": 5}],
    )


def stock_capacity() -> Scenario:
    """A bin of 20 exists where the new mill does."""
    return region(
        periods=seasons(),
        streams=[stream("ash", "A", 100)],
        plants=[plant("new", "C", "candidate", capacity_per_yr=50, capex_eur=1000)],
        demands=[demand("works", "D", 80, "sand")],
        stocks=[{"plant": "new", "material": "ash", "capacity": 20}],
        **mill(),
    )


def keep() -> Scenario:
    """In two years a road stays, a mill stays and is built in 2030 or not at all, and what was added to it stays."""
    return region(
        periods=two_years(),
        modes=[{"mode": "truck", "setup_eur_per_yr": 100}],
        links=[{"from_facility": "C", "to_facility": "D", "mode": "truck", "material": "sand", "setup_eur_per_yr": 0}],
        streams=[stream("ash", "A", 100)],
        plants=[
            plant(
                "new", "C", "candidate", capacity_per_yr=50, max_capacity_per_yr=70, capex_eur_per_unit=5,
                build_until=2030,
            )
        ],
        demands=[demand("works", "D", 80, "sand")],
        **mill(),
    )  # fmt: skip


def limits() -> Scenario:
    """Every limit that a region can set: CO2, landfill, diversion, investment, plants and exchanges."""
    return region(
        {
            "limits": {
                "co2_t_per_yr": 6, "landfilled_t_per_yr": 60, "diversion_share": 0.5, "capex_eur": 3000, "plants": 1,
                "plants_max": 2, "exchanges_max": 2,
            }
        },
        modes=[{"mode": "truck", "capex_eur_per_km": 0, "kgco2_per_t": 4}],
        links=[{"from_facility": "A", "to_facility": "D", "mode": "truck", "capex_eur": 300}],
        streams=[stream("ash", "A", 100, own_disposal_kgco2_per_unit=50, own_disposal_route="landfill")],
        plants=[
            plant("new", "C", "candidate", capacity_per_yr=50, max_capacity_per_yr=70, capex_eur=1000,
                  capex_eur_per_unit=5),
        ],
        demands=[demand("works", "D", 80, "sand", virgin_kgco2_per_unit=90), demand("fill", "D", 30)],
        **mill(),
    )  # fmt: skip


#: The region of each family, by the family's name.
CASES: dict[str, Callable[[], Scenario]] = {
    case.__name__: case
    for case in (
        stream_balance, demand_balance, share_limits, quality, plant_balance, plant_capacity, plant_opening,
        plant_load, mix, choose_one, exchange_opening, lot, exchange_capacity, whole_trips, single_receiver,
        disposal_capacity, stock_balance, stock_capacity, keep, limits,
    )
}  # fmt: skip
