"""
What may flow where: one statement of the contract per function.

Each takes ways with what the scenario says of them (columns as `flows_with_facts` makes them) and says of which the
statement is true, shape (ways,). The same functions judge the flows of a plan and count the neighbours for `nearest`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas as pd

from isopt.solution.audit import carriage
from isopt.solution.audit.inputs import Inputs, Texts
from isopt.solution.audit.judge import Bools, Floats
from isopt.solution.audit.rulebook import facilities_meant, plain_code, rules_that_match

Statement: TypeAlias = Callable[[Inputs, pd.DataFrame], Bools]
CLASSES = ("inert", "non_hazardous", "hazardous", "none")
ROUNDING = 1e-9  # of a distance or a time: two ways to write the haversine differ by less


def an_origin_sends_what_it_has(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """A stream sends its material; a plant the outputs of its technology's recipes."""
    of_stream = inputs.text("streams", "material", ways["stream"]) == ways["material"]
    technology = inputs.text("plants", "technology", ways["source_plant"])
    of_plant = _in_recipe(inputs, "output", technology, ways["material"].to_numpy(dtype=object))
    return np.asarray(np.where(ways["stream"] >= 0, of_stream, of_plant), dtype=np.bool_)


def a_receiver_takes_its_own_material_or_a_substitute(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    A demand takes its own material, or one of a substitutions row; a plant takes the inputs of its recipes.

    "A material always replaces itself 1:1"; "a substitution row of a material with itself replaces the 1:1 rule".
    """
    to_demand = ((ways["material"] == ways["takes"]) | (ways["substitution"] >= 0)).to_numpy()
    to_plant = _in_recipe(inputs, "input", *(ways[name].to_numpy(dtype=object) for name in ("technology", "material")))
    good = np.select([ways["demand"] >= 0, ways["sink_plant"] >= 0], [to_demand, to_plant], default=True)
    return np.asarray(good, dtype=np.bool_)


def a_substitution_is_for_its_sectors(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    A substitution serves receivers of its sectors.

    "sectors (NACE prefixes of receivers)"; empty is every receiver.
    """
    table = inputs.table("substitutions")
    good = np.ones(len(ways), dtype=bool)
    place = inputs.row("facilities", ways["end"])
    for row, sectors in table["sectors"].items():
        if len(sectors):
            meant = np.logical_or.reduce([facilities_meant(inputs, sector) for sector in sectors])
            good &= (ways["substitution"] != row).to_numpy() | meant[place]
    return good


def a_disposal_accepts_the_material(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    A disposal takes what it accepts.

    "accepts (materials, EWC prefixes or classes; empty: everything)".
    """
    materials, table = inputs.table("materials"), inputs.table("disposals")
    material, disposal = inputs.row("materials", ways["material"]), ways["disposal"].to_numpy()
    ids, classes = materials["material"], materials["disposal_class"]
    codes = materials["ewc"].map(plain_code)
    good = np.ones(len(ways), dtype=bool)
    for row in np.unique(disposal[disposal >= 0]):
        accepts = table["accepts"].iloc[row]
        if len(accepts):
            named = ids.isin(accepts) | classes.isin([entry for entry in accepts if entry in CLASSES])
            prefixes = tuple(plain_code(entry) for entry in accepts if entry not in CLASSES and entry not in set(ids))
            taken = (named | codes.str.startswith(prefixes)).to_numpy() if prefixes else named.to_numpy()
            here = disposal == row
            good[here] = taken[material[here]]
    return good


def own_disposal_exists_where_its_price_is_filled(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    Own disposal has a price.

    "Own disposal exists where its price is filled (0 counts)."
    """
    price = inputs.number("streams", "own_disposal_eur_per_unit", ways["stream"], ways["t"])
    return np.asarray(~ways["is_own"].to_numpy() | ~np.isnan(price), dtype=np.bool_)


def the_mode_carries_the_state(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    A mode carries its states.

    "states (it can carry ...)" of modes; a material's "state (... empty: goes anywhere)".
    """
    modes, state = inputs.table("modes"), inputs.text("materials", "state", inputs.row("materials", ways["material"]))
    mode = inputs.row("modes", ways["mode"])
    good = (state == "") | ways["is_own"].to_numpy()
    for row, states in modes["states"].items():
        good |= (mode == row) & np.isin(state, list(states))
    return np.asarray(good, dtype=np.bool_)


def no_rule_forbids_it(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    The winning rule, if any speaks of the way, allows it.

    "Rules: all filled cells match; the row with more filled cells wins, forbidden wins ties; permits add up;
    exchanges only."
    """
    matches = rules_that_match(inputs, ways)
    winner = matches.sort_values(["way", "filled", "allowed"], ascending=[True, False, True]).drop_duplicates("way")
    good = np.ones(len(ways), dtype=bool)
    good[winner["way"].to_numpy()] = winner["allowed"].to_numpy()
    return np.asarray(good | ~ways["is_exchange"].to_numpy(), dtype=np.bool_)


def no_links_row_forbids_it(inputs: Inputs, ways: pd.DataFrame) -> Bools:  # noqa: ARG001
    """
    The links row that speaks of the way does not forbid it.

    "status (default allowed; forbidden, existing, required)".
    """
    return np.asarray(ways["status"] != "forbidden", dtype=np.bool_)


def only_listed_pairs_are_links(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    Where only listed pairs count, the way is listed.

    "only_listed ... true: links.csv is the whole network, disposals included"; own disposal is no link.
    """
    free = not inputs.scenario.settings.reach.only_listed
    return np.asarray(free | ways["is_own"] | ways["listed"], dtype=np.bool_)


def a_facility_exchanges_with_itself_only_if_it_may(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    A facility exchanges with itself if the settings or a links row let it.

    "within_facility ... false: a facility does not exchange with itself"; it does not bind ways to disposal.
    """
    may = inputs.scenario.settings.reach.within_facility
    return np.asarray(may | ~ways["is_exchange"] | (ways["start"] != ways["end"]) | ways["listed"], dtype=np.bool_)


def it_is_within_reach(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    The way is no longer than max_km.

    "modes.max_km replaces it for that mode"; "links rows beat reach"; "`max_km` and `max_haul_h` bind ways to
    disposal too".
    """
    everywhere = inputs.scenario.settings.reach.max_km
    limit = inputs.number("modes", "max_km", inputs.row("modes", ways["mode"]), ways["t"])
    limit = np.where(np.isnan(limit), np.inf if everywhere is None else everywhere, limit)
    return _within(ways, ways["km"].to_numpy(), limit)


def it_arrives_within_the_hours_the_material_keeps(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    The way takes no longer than the material keeps.

    "max_haul_h" of the material, by the router's hours or else at the mode's "speed_kmh"; "links rows beat reach".
    """
    speed = inputs.number("modes", "speed_kmh", inputs.row("modes", ways["mode"]), ways["t"], empty=np.inf)
    hours = inputs.number("materials", "max_haul_h", inputs.row("materials", ways["material"]), ways["t"], empty=np.inf)
    km = ways["km"].to_numpy(dtype=float)
    by_speed = np.divide(km, speed, out=np.zeros(len(ways)), where=(km > 0) & (speed > 0))
    pair = ways[["mode"]].assign(from_facility=ways["start"], to_facility=ways["end"])
    measured = carriage.measured(inputs, pair)["hours"].to_numpy(dtype=float)
    return _within(ways, np.where(np.isnan(measured), by_speed, measured), hours)


def something_arrives(inputs: Inputs, ways: pd.DataFrame) -> Bools:  # noqa: ARG001
    """
    Something arrives of what is sent, over a known distance.

    "A link on which nothing would arrive is no candidate."
    """
    return np.asarray(~np.isnan(ways["km"]) & ((ways["arriving"] > 0) | (ways["sent"] <= 0)), dtype=np.bool_)


def a_banned_class_is_not_landfilled(inputs: Inputs, ways: pd.DataFrame) -> Bools:
    """
    What is landfilled is of no banned class.

    "Landfill tax and ban fall on tonnes whose route is `landfill` (own disposal too), by `tax_class`, else the
    material's class."
    """
    banned = list(inputs.scenario.settings.policy.landfill_ban)
    return np.asarray((route(inputs, ways) != "landfill") | ~np.isin(tax_class(inputs, ways), banned), dtype=np.bool_)


def route(inputs: Inputs, ways: pd.DataFrame) -> Texts:
    """Where each way's tonnes end: the disposal's route, or that of own disposal; "" of an exchange, shape (ways,)."""
    own = ways["is_own"].to_numpy()
    at = inputs.text("disposals", "route", ways["disposal"])
    return np.where(own, inputs.text("streams", "own_disposal_route", ways["stream"]), at)


def tax_class(inputs: Inputs, ways: pd.DataFrame) -> Texts:
    """The class by which tax and ban fall: the disposal's tax_class, else the material's, shape (ways,)."""
    at = inputs.text("disposals", "tax_class", ways["disposal"])
    return np.where(at == "", inputs.text("materials", "disposal_class", inputs.row("materials", ways["material"])), at)


def _within(ways: pd.DataFrame, value: Floats, limit: Floats) -> Bools:
    free = (ways["is_own"] | ways["listed"]).to_numpy()
    return np.asarray(free | (value <= limit * (1 + ROUNDING)), dtype=np.bool_)


def _in_recipe(inputs: Inputs, column: str, technology: Texts, material: Texts) -> Bools:
    recipes = inputs.table("recipes")
    rows = pd.MultiIndex.from_arrays([recipes["technology"], recipes[column]])
    named = pd.MultiIndex.from_arrays([technology, material]).isin(rows)
    return np.asarray(named & (material != ""), dtype=np.bool_)


STATEMENTS: Mapping[Statement, str] = MappingProxyType(
    {
        an_origin_sends_what_it_has: "the origin has this material",
        a_receiver_takes_its_own_material_or_a_substitute: "the receiver takes this material",
        a_substitution_is_for_its_sectors: "the substitution is for the receiver's sector",
        a_disposal_accepts_the_material: "the disposal accepts this material",
        own_disposal_exists_where_its_price_is_filled: "own disposal has a price",
        the_mode_carries_the_state: "the mode carries this state",
        no_rule_forbids_it: "no rule forbids it",
        no_links_row_forbids_it: "no links row forbids it",
        only_listed_pairs_are_links: "the pair is listed in links",
        a_facility_exchanges_with_itself_only_if_it_may: "a facility may exchange with itself",
        it_is_within_reach: "it is within reach",
        it_arrives_within_the_hours_the_material_keeps: "it arrives while the material keeps",
        something_arrives: "something of it arrives",
        a_banned_class_is_not_landfilled: "the class is not banned from landfill",
    }
)
