"""
Every text that maps and reports show, in one catalogue.

A text is found by its name; words in braces are filled in. Names that begin alike belong together: `group("map")` gives
the page's script all texts of the map.
"""

from __future__ import annotations

from collections.abc import Mapping

from isopt.views.difference_texts import DIFFERENCE
from isopt.views.report_texts import REPORT

MAP = {
    "map.layers": "Show",
    "map.layer_exchanges": "Exchanges",
    "map.layer_disposal": "Ways to disposal",
    "map.layer_facilities": "Facilities",
    "map.layer_idle": "Facilities without exchange",
    "map.layer_plants": "Plants",
    "map.layer_disposals": "Disposals",
    "map.layer_routes": "Roads and lanes",
    "map.layer_names": "Names",
    "map.layer_places": "Towns",
    "map.streets": "Street map (online)",
    "map.streets_credit": "© OpenStreetMap contributors",
    "map.ground_credit": "Natural Earth · places: GeoNames (CC BY 4.0)",
    "map.find": "Find a facility …",
    "map.find_label": "Find a facility by name",
    "map.everything": "Show everything",
    "map.centre": "Zoom to where most exchanges are",
    "map.hide_panel": "Hide the legend",
    "map.show_panel": "Show the legend",
    "map.materials": "Materials",
    "map.materials_per_year": "exchanged per year",
    "map.all_materials": "all",
    "map.no_materials": "none",
    "map.modes": "Modes",
    "map.width": "Line width: amount per year",
    "map.facilities": "Facilities, plants, disposals",
    "map.size": "Larger symbols handle more.",
    "map.facility_gives": "gives",
    "map.facility_receives": "receives",
    "map.facility_both": "gives and receives",
    "map.facility_idle": "no exchange",
    "map.own_disposal": "still disposes at its own cost",
    "map.plant_built": "plant, to be built",
    "map.plant_existing": "plant, existing",
    "map.plant_not_built": "plant, possible but not built",
    "map.disposal_used": "disposal, in use",
    "map.disposal_unused": "disposal, not used",
    "map.way_to_disposal": "way to disposal",
    "map.gives": "Gives",
    "map.receives": "Receives",
    "map.disposes": "Sends to disposal",
    "map.disposes_itself": "at its own cost ({route})",
    "map.landfill": "landfill",
    "map.incineration": "incineration",
    "map.sewer": "sewer",
    "map.other": "other route",
    "map.buys": "Buys new",
    "map.lacks": "Goes without",
    "map.left": "Leaves unused",
    "map.to": "to {name}",
    "map.from": "from {name}",
    "map.itself": "itself",
    "map.and_more": "and {count} more",
    "map.nothing": "Nothing is exchanged, disposed of or bought here.",
    "map.per_year": "{amount} {unit}/yr",
    "map.received_as": "Replaces",
    "map.amount": "Amount",
    "map.arrives": "Arrives",
    "map.tonnes": "Weight",
    "map.whole_exchange": "The exchange as a whole",
    "map.distance": "Distance",
    "map.mode": "Mode",
    "map.trips": "Trips",
    "map.haulage": "Haulage",
    "map.setup": "Set-up and permits",
    "map.treatment": "Treatment before use",
    "map.co2": "CO2 of the exchange",
    "map.capex": "Capital",
    "map.saving": "Saves",
    "map.saving_negative": "Costs more than without",
    "map.status": "Status",
    "map.opened": "Opened",
    "map.allowed": "new",
    "map.existing": "existing",
    "map.required": "required",
    "map.note": "Note",
    "map.source": "Source",
    "map.organisation": "Organisation",
    "map.sector": "Sector",
    "map.place": "Place",
    "map.drawn_short": "Only the {drawn} largest of {all} flows are drawn.",
    "map.no_position": "Not on the map, without coordinates: {names}.",
    "map.schematic": "No facility has coordinates: the map is a diagram, distances mean nothing.",
    "map.mean_of_years": "Amounts are yearly means over {first}–{last}.",
    "map.interrupted": "Stopped early: the best plan found so far.",
}

SHARED = {
    "status.optimal": "Optimal plan",
    "status.feasible": "Best plan found",
    "status.infeasible": "No plan is possible",
    "status.no_solution": "No plan found in the time given",
    "caption.gap": "Gap {gap}: a better plan could be better by that share of the total at most.",
    "caption.gap_both": "Gap {gap}, on the savings {savings}: a better plan could save that much more at most.",
    "caption.gap_none": "Gap {gap}: no plan is better.",
    "caption.cost": "Cost {objective}",
    "caption.goal": "Goal {objective}",
    "caption.bound": "{objective}; no plan can go below {bound}.",
    "caption.sentence": "{words}.",
    "number.million": "{number} million",
    "number.billion": "{number} billion",
    "number.none": "–",
    "number.tiny": "below {number}",
    "list.and": "{first} and {last}",
    "list.more": "{shown} and {count} more",
    "plant.technology": "Technology",
    "plant.status": "Status",
    "plant.built": "built in {year}",
    "plant.existing": "existing",
    "plant.not_built": "candidate, not built",
    "plant.capacity": "Capacity",
    "plant.unlimited": "unlimited",
    "plant.throughput": "Throughput",
    "plant.load": "Load",
    "plant.cost": "Cost (annuity, fixed, treatment)",
    "plant.capex": "Capital",
    "plant.co2": "CO2",
    "disposal.route": "Route",
    "disposal.tax_class": "Tax class",
    "disposal.receives": "Takes in",
    "disposal.gate_fees": "Gate fees",
    "disposal.tax": "Landfill tax",
    "unit.per_year": "{unit}/yr",
    "kpi.cost_total": "Total cost",
    "kpi.cost_haulage": "Haulage",
    "kpi.cost_setup": "Set-up and permits",
    "kpi.cost_treatment": "Treatment",
    "kpi.cost_plants": "Plants (annuity and fixed)",
    "kpi.cost_gate_fees": "Disposal fees",
    "kpi.cost_virgin": "Virgin purchases",
    "kpi.landfill_tax": "Landfill tax",
    "kpi.carbon_payment": "Carbon payment",
    "kpi.subsidies": "Subsidies received",
    "kpi.co2_total": "CO2, total",
    "kpi.co2_transport": "CO2 of transport",
    "kpi.co2_treatment": "CO2 of treatment",
    "kpi.co2_disposal": "CO2 of disposal",
    "kpi.co2_virgin": "CO2 of virgin materials",
    "kpi.landfilled": "Landfilled",
    "kpi.diverted": "Diverted from landfill",
    "kpi.exchanged": "Exchanged",
    "kpi.virgin_saved": "Virgin material saved",
    "kpi.hazardous_diverted": "Hazardous waste diverted",
    "kpi.water_saved": "Water saved",
    "kpi.heat_recovered": "Heat recovered",
    "kpi.exchanges": "Exchanges between organisations",
    "kpi.plants_built": "Plants built",
    "kpi.capex": "Capital spent",
    "kpi.tonne_km": "Transport",
    "kpi.cost_saved": "Cost saved",
    "kpi.co2_avoided": "CO2 avoided",
}

ENGLISH: Mapping[str, str] = MAP | SHARED | REPORT | DIFFERENCE


def text(name: str, /, **words: object) -> str:
    """
    The text of that name with its words filled in.

    Parameters
    ----------
    name
        Key of the catalogue.
    words
        What stands for the names in braces.

    Examples
    --------
    >>> text("map.to", name="Cement works")
    'to Cement works'
    """
    return ENGLISH[name].format(**words)


def counted(number: int, noun: str) -> str:
    """
    A number with its noun in the right form.

    Parameters
    ----------
    number
        How many.
    noun
        The noun's name in the catalogue, without `one` or `many`.

    Examples
    --------
    >>> counted(1, "exchange"), counted(1200, "exchange")
    ('1 exchange', '1,200 exchanges')
    """
    return text(f"count.{noun}.{'one' if number == 1 else 'many'}", number=f"{number:,}")


def known(name: str, otherwise: str) -> str:
    """
    The text of that name, or something else where the catalogue has none.

    Parameters
    ----------
    name
        Key of the catalogue.
    otherwise
        What to say where there is no such key, such as the identifier itself.
    """
    return ENGLISH.get(name, otherwise)


def group(prefix: str) -> dict[str, str]:
    """
    All texts whose name begins with a word and a dot, without that beginning and with their braces unfilled.

    Parameters
    ----------
    prefix
        First word of the names.

    Examples
    --------
    >>> group("list")["and"]
    '{first} and {last}'
    """
    start = f"{prefix}."
    return {name.removeprefix(start): words for name, words in ENGLISH.items() if name.startswith(start)}
