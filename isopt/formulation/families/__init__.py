"""The constraint families, one function each: sparse rows over named variables, with the equation in the docstring."""

from collections.abc import Callable, Mapping

from isopt.formulation.families.balances import (
    demand_balance,
    plant_balance,
    stock_balance,
    stock_capacity,
    stream_balance,
)
from isopt.formulation.families.exchanges import (
    disposal_capacity,
    exchange_capacity,
    exchange_opening,
    lot,
    single_receiver,
    whole_trips,
)
from isopt.formulation.families.horizon import keep
from isopt.formulation.families.limits import limits
from isopt.formulation.families.plants import choose_one, mix, plant_capacity, plant_load, plant_opening
from isopt.formulation.families.shares import quality, share_limits
from isopt.formulation.rows import Rows
from isopt.network import Instance

#: Every constraint family by its name: on the maths page, in the code, in the LP text and in the tests.
FAMILIES: Mapping[str, Callable[[Instance], Rows]] = {
    family.__name__: family
    for family in (
        stream_balance,
        demand_balance,
        share_limits,
        quality,
        plant_balance,
        plant_capacity,
        plant_opening,
        plant_load,
        mix,
        choose_one,
        exchange_opening,
        lot,
        exchange_capacity,
        whole_trips,
        single_receiver,
        disposal_capacity,
        stock_balance,
        stock_capacity,
        keep,
        limits,
    )
}

__all__ = ["FAMILIES"]
