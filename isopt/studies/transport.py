"""
Transport scenarios: the same region with other diesel prices, tolls, wages, lorries or terminals.

A change is laid on whatever rates a scenario has as a difference of a cited build-up, so that an agreed rate stays
agreed and only what changes is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from isopt.errors import InputError, did_you_mean, quoted
from isopt.knowledge.trucking import HaulRates, Truck, haul_rates, truck
from isopt.network.hubs import with_hubs, without_hubs
from isopt.scenario import Scenario

__all__ = ["TransportChange", "change_of", "transport_scenario"]

#: Rates that a change of the lorry moves, with their unit for messages.
RATES = {"eur_per_tkm": "EUR/t-km", "eur_per_t": "EUR/t", "kgco2_per_tkm": "kg CO2/t-km"}
#: Changes that concern the lorry itself.
OF_LORRIES = (
    "diesel_eur_per_l", "toll_eur_per_km", "empty_share", "payload_t", "speed_kmh", "driver_eur_per_h",
    "electric_share", "electricity_eur_per_kwh", "kwh_per_km", "grid_kgco2_per_kwh",
)  # fmt: skip
#: Shares of one, and numbers that may be of any size but not below 0.
SHARES = ("electric_share",)


@dataclass(frozen=True)
class TransportChange:
    """
    What is different in a transport scenario; what is not given stays as it is.

    Parameters
    ----------
    title
        Of the variant; the scenario's own with the change's name where it is not given.
    road_modes
        Modes that the changes of lorries apply to; those of network road where none is named.
    diesel_eur_per_l
        New price of diesel, without VAT.
    base_diesel_eur_per_l
        Price that today's rates hold; that of the table ``truck_cost`` where it is not given.
    toll_eur_per_km
        Toll on top of what today's rates hold, per kilometre of the vehicle, empty ones included.
    empty_share
        Kilometres driven empty per loaded one; today's rates hold 1 (the whole way back).
    payload_t
        Tonnes of a full load; today's is the mode's ``vehicle_t``, else that of the table.
    speed_kmh
        Average speed; today's is the mode's, else that of the table.
    driver_eur_per_h
        Cost of the driver's hour.
    electric_share
        Share of the kilometres driven by electric lorries, 0 to 1.
    electricity_eur_per_kwh, kwh_per_km, grid_kgco2_per_kwh
        Price without VAT, consumption (mean of the full and the empty way) and emission of their electricity; those of
        the table where they are not given.
    close_modes
        Modes that run no longer.
    open_terminals
        Rows of terminals as `isopt.network.hubs.with_hubs` takes them, with ``terminal_mode``, ``terminal_network``,
        ``handling_eur_per_t`` and ``capacity_t_per_yr`` for all of them.
    close_terminals
        Facilities whose terminals are closed.

    Examples
    --------
    >>> TransportChange(diesel_eur_per_l=2.0).lorries
    True
    """

    title: str = ""
    road_modes: tuple[str, ...] = ()
    diesel_eur_per_l: float | None = None
    base_diesel_eur_per_l: float | None = None
    toll_eur_per_km: float | None = None
    empty_share: float | None = None
    payload_t: float | None = None
    speed_kmh: float | None = None
    driver_eur_per_h: float | None = None
    electric_share: float | None = None
    electricity_eur_per_kwh: float | None = None
    kwh_per_km: float | None = None
    grid_kgco2_per_kwh: float | None = None
    close_modes: tuple[str, ...] = ()
    open_terminals: tuple[Mapping[str, Any], ...] = ()
    terminal_mode: str = "rail"
    terminal_network: str = "rail"
    handling_eur_per_t: float | None = None
    capacity_t_per_yr: float | None = None
    close_terminals: tuple[str, ...] = ()

    @property
    def lorries(self) -> bool:
        """Whether the lorry itself changes."""
        return any(getattr(self, name) is not None for name in OF_LORRIES)


def change_of(parts: Mapping[str, Any]) -> TransportChange:
    """
    Make a change of names and values, such as a table of a TOML file.

    Parameters
    ----------
    parts
        Names of `TransportChange` and their values; lists stand for tuples.

    Raises
    ------
    InputError
        Naming every wrong name and value, one a line.

    Examples
    --------
    >>> change_of({"diesel_eur_per_l": 2, "close_modes": ["barge"]}).close_modes
    ('barge',)
    """
    problems = [f"{key} {message}" if key else message for key, message in change_problems(parts)]
    if problems:
        raise InputError("\n".join(problems))
    return TransportChange(**{name: _value(name, value) for name, value in parts.items()})


def change_problems(parts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what is wrong with names and values of a change: the key and what to say of it."""
    known = {field.name: str(field.type) for field in fields(TransportChange)}
    found = []
    for name, value in parts.items():
        kind = known.get(str(name))
        if kind is None:
            found.append((str(name), f"is no part of a transport scenario{did_you_mean(str(name), known)}"))
        elif wrong := _wrong(kind, value):
            found.append((str(name), wrong))
        elif name in SHARES and value is not None and not 0 <= value <= 1:
            found.append((str(name), f"is a share from 0 to 1, not {value:g}"))
    return found


def _wrong(kind: str, value: Any) -> str:
    """Say what is wrong with a value of a kind, or nothing."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if "float" in kind:
        if value is None:
            return ""
        if not number or not np.isfinite(value):
            return f"is a number, not {quoted(str(value))}"
        return "" if value >= 0 else f"can't be below 0, as {value:g} is"
    if kind == "str":
        return "" if isinstance(value, str) else f"is a text, not {quoted(str(value))}"
    item = Mapping if "Mapping" in kind else str
    what = "tables" if "Mapping" in kind else "texts"
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        return f"is a list of {what}, not {quoted(str(value))}"
    return "" if all(isinstance(one, item) for one in value) else f"is a list of {what}"


def _value(name: str, value: Any) -> Any:
    return tuple(value) if name in {"road_modes", "close_modes", "open_terminals", "close_terminals"} else value


def transport_scenario(scenario: Scenario, change: TransportChange | None = None, /, **parts: Any) -> Scenario:
    r"""
    Return the variant of a scenario under another transport.

    A rate :math:`r` of a road mode becomes

    .. math:: r' = r + \rho(\theta') - \rho(\theta)

    with :math:`\rho` the build-up of `isopt.knowledge.trucking.haul_rates` and :math:`\theta, \theta'` the lorry
    before and after; with a share :math:`\sigma` of electric lorries
    :math:`\rho(\theta') = (1 - \sigma)\,\rho_{diesel} + \sigma\,\rho_{electric}`. An emission or a cost per tonne that
    is 0 is one the scenario does not count, and stays 0. ``vehicle_t`` and ``speed_kmh`` follow where they are filled.
    Values of ``changes`` move along, a factor in ``[scale]`` does not enlarge the difference. Rates that single links
    have of their own, and costs per trip, stay.

    Parameters
    ----------
    scenario
        Any scenario.
    change
        What is different.
    **parts
        Or its parts by name, see `TransportChange`.

    Raises
    ------
    InputError
        A name or value is wrong, a mode is not there or is the only one, no mode runs on the road, or a rate would
        fall below 0.

    Examples
    --------
    >>> import isopt
    >>> scenario = isopt.read("scenarios/two_firms")
    >>> dearer = transport_scenario(scenario, toll_eur_per_km=0.25)
    >>> round(dearer.modes["eur_per_tkm"].item() - scenario.modes["eur_per_tkm"].item(), 9)  # 2 x 0.25 EUR / 25 t
    0.02
    """
    if change is not None and parts:
        raise InputError("give a change or its parts, not both")
    change = (
        change_of(parts) if change is None else change_of({f.name: getattr(change, f.name) for f in fields(change)})
    )
    changed = scenario
    if change.close_modes:
        changed = _without_modes(changed, change.close_modes)
    if change.lorries:
        changed = _other_lorries(changed, change)
    if change.close_terminals:
        changed = without_hubs(changed, change.close_terminals)
    if change.open_terminals:
        changed = with_hubs(
            changed,
            change.open_terminals,
            mode=change.terminal_mode,
            network=change.terminal_network,
            handling_eur_per_t=change.handling_eur_per_t,
            capacity_t_per_yr=change.capacity_t_per_yr,
        )
    return changed.with_(title=change.title) if change.title else changed


def _without_modes(scenario: Scenario, closed: tuple[str, ...]) -> Scenario:
    """Take modes out of every table that names them."""
    known = list(scenario.modes["mode"])
    for mode in closed:
        if mode not in known:
            raise InputError(f"{quoted(mode)} is not in modes{did_you_mean(mode, known)}")
    if set(known) <= set(closed):
        raise InputError(f"{quoted(known[0])} is the only mode left: without it nothing could be moved")
    parts: dict[str, pd.DataFrame] = {}
    for name in ("modes", "links", "rules"):
        frame = scenario.given[name].frame
        parts[name] = frame[~frame["mode"].isin(closed)].reset_index(drop=True)
    changes = scenario.given["changes"].frame
    of_mode = (changes["table"] == "modes") & changes["id"].isin(closed)
    of_link = (changes["table"] == "links") & changes["id"].map(lambda key: str(key).split("|")[-1] in closed)
    parts["changes"] = changes[~of_mode & ~of_link].reset_index(drop=True)
    return scenario.with_(**parts, routing=dict.fromkeys(closed))


def _other_lorries(scenario: Scenario, change: TransportChange) -> Scenario:
    """Move the rates of the road modes."""
    moved: dict[str, dict[str, float]] = {}
    steps: dict[str, dict[str, float]] = {}
    scale = scenario.settings.scale
    road = scenario.modes["mode"].isin(_road_modes(scenario, change))
    for _, row in scenario.modes[road].iterrows():
        before, after = lorries(change, row)
        other = {"vehicle_t": change.payload_t, "speed_kmh": change.speed_kmh}
        cells = {name: value for name, value in other.items() if value is not None and not np.isnan(row[name])}
        for rate, unit in RATES.items():
            step = getattr(after, rate) - getattr(before, rate)
            factor = scale.get(f"modes.{rate}", 1.0) or 1.0
            if step and (row[rate] != 0 or rate == "eur_per_tkm"):
                cells[rate] = _moved(row["mode"], rate, row[rate], step / factor, unit)
                steps.setdefault(row["mode"], {})[rate] = step / factor
        moved[row["mode"]] = cells
    return scenario.with_(modes=moved, changes=_moved_changes(scenario, steps))


def _road_modes(scenario: Scenario, change: TransportChange) -> list[str]:
    modes = scenario.modes
    for mode in change.road_modes:
        if mode not in set(modes["mode"]):
            raise InputError(f"{quoted(mode)} is not in modes{did_you_mean(mode, modes['mode'])}")
    found = list(change.road_modes) or list(modes.loc[modes["network"] == "road", "mode"])
    if not found:
        names = ", ".join(modes["mode"])
        raise InputError(f"no mode has network road: name those of lorries in road_modes (there are {names})")
    return found


def lorries(change: TransportChange, mode: Mapping[str, Any] | pd.Series[Any]) -> tuple[HaulRates, HaulRates]:
    """
    Rates of the build-up before and after a change.

    Parameters
    ----------
    change
        What is different.
    mode
        Row of the modes table, for the load and speed of today.
    """
    own = {"payload_t": mode["vehicle_t"], "speed_kmh": mode["speed_kmh"]}
    own = {name: float(value) for name, value in own.items() if not np.isnan(value)}
    if change.base_diesel_eur_per_l is not None:
        own["eur_per_energy"] = change.base_diesel_eur_per_l
    today = replace(truck("diesel"), **own)
    both = {
        name: getattr(change, name)
        for name in ("toll_eur_per_km", "empty_share", "payload_t", "speed_kmh", "driver_eur_per_h")
        if getattr(change, name) is not None
    }
    diesel = replace(today, **both)
    if change.diesel_eur_per_l is not None:
        diesel = replace(diesel, eur_per_energy=change.diesel_eur_per_l)
    share = change.electric_share or 0.0
    after = haul_rates(diesel)
    if share:
        electric = haul_rates(
            _electric(
                change, replace(truck("electric"), **{n: v for n, v in own.items() if n != "eur_per_energy"} | both)
            )
        )
        after = HaulRates(
            **{rate: (1 - share) * getattr(after, rate) + share * getattr(electric, rate) for rate in RATES}
        )
    return haul_rates(today), after


def _electric(change: TransportChange, lorry: Truck) -> Truck:
    """Lay what is known of the electricity on an electric lorry."""
    if change.kwh_per_km is not None:
        mean = lorry.energy_per_km + lorry.energy_per_tkm * lorry.payload_t / 2
        more = change.kwh_per_km / mean
        lorry = replace(lorry, energy_per_km=lorry.energy_per_km * more, energy_per_tkm=lorry.energy_per_tkm * more)
    if change.electricity_eur_per_kwh is not None:
        lorry = replace(lorry, eur_per_energy=change.electricity_eur_per_kwh)
    if change.grid_kgco2_per_kwh is not None:
        lorry = replace(lorry, kgco2_per_energy=change.grid_kgco2_per_kwh)
    return lorry


def _moved(mode: str, rate: str, value: float, step: float, unit: str) -> float:
    """Add a step to a rate; one that would fall below 0 was no rate of such a lorry."""
    if rate == "eur_per_tkm" and value == 0:
        raise InputError(f"{quoted(mode)} has no eur_per_tkm that a change of the lorry could move: give it one first")
    if value + step < 0:
        raise InputError(f"the change takes {-step:.4g} {unit} off {quoted(mode)}, which has {value:.4g} only ({rate})")
    return float(value + step)


def _moved_changes(scenario: Scenario, steps: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Values that the rates take in later periods move by the same steps."""
    changes = scenario.given["changes"].frame.copy()
    values = changes["value"].to_numpy(dtype=np.float64).copy()
    for row, (table, mode, column) in enumerate(zip(changes["table"], changes["id"], changes["column"], strict=True)):
        step = steps.get(mode, {}).get(column)
        if table == "modes" and step is not None and not np.isnan(values[row]):
            values[row] = _moved(mode, column, values[row], step, RATES[column])
    return changes.assign(value=values)
