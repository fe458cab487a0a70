"""Ways of transport, rules, and pairs that are special: shared exchanges, existing and forbidden ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from isopt.geo.nearness import k_nearest
from isopt.geo.router import Points
from isopt.synthetic.dials import Dials

__all__ = ["links_of", "modes_of", "rules_of"]

_SETUP, _LOT = 2700.0, 45.0
"""
EUR/yr and t/yr of an exchange by lorry at severity 0.5 in the rich regime: about six working days a year of one who
costs 90,000 EUR (contract, duty-of-care papers, sampling), and two full lorries; assumed.
"""
_RAIL_SETUP, _TRAINS, _TRAIN_T = 40_000.0, 10, 800.0
"""Siding and slots, EUR/yr, assumed; trains a year, and the typical least lot of the table transport_cost."""
_TRUCK_KM, _RAIL_KM, _PIPE_KM, _GAS_KM = 150.0, 400.0, 8.0, 12.0
_DETOUR = 1.3
_TRIP_EUR, _LOAD_T = 75.0, 25.0
"""Of one load: 2.5 h of stop at 30 EUR/h (truck_cost); payload."""
_SHARED_KM = 40.0
_EXISTING, _FORBIDDEN = 1 / 150, 1 / 300
"""Pairs per stream that trade already, and that will not."""


def modes_of(dials: Dials, haul: dict[str, float]) -> pd.DataFrame:
    """
    Return the rows of ``modes``: truck, tanker and train, pipes for heat, water and gas.

    Parameters
    ----------
    dials
        Regime and severity set the set-up cost and the lots; the extra ``trips`` prices the tanker's trips.
    haul
        From :func:`isopt.synthetic.catalogue.rates`.
    """
    bite = 2 * dials.severity
    setup, lot = bite * dials.economy.setup * _SETUP, bite * dials.economy.lot * _LOT
    road = {"network": "road", "detour": _DETOUR, "max_km": _TRUCK_KM, "speed_kmh": 66.0}
    road |= {"setup_eur_per_yr": setup, "min_per_yr": lot}
    rail = {"network": "rail", "detour": 1.2, "max_km": _RAIL_KM, "speed_kmh": 50.0}
    rail |= {"setup_eur_per_yr": bite * _RAIL_SETUP, "min_per_yr": _TRAINS * _TRAIN_T * dials.economy.amounts}
    pipe = {"network": "pipe", "detour": _DETOUR}
    rows = [
        {"mode": "truck", "states": "solid", **road, **_rates("truck", haul)},
        {"mode": "tanker", "states": "liquid;sludge", **road, **_rates("tanker", haul)},
        {"mode": "train", "states": "solid", **rail, **_rates("rail", haul)},
        {"mode": "heat_pipe", "states": "heat", **pipe, "max_km": _PIPE_KM, "loss_share_per_km": 0.01, "life_yr": 30.0}
        | {"capex_eur_per_km": haul["heat_dh.capex_eur_per_km"]},
        {"mode": "water_pipe", "states": "liquid", **pipe, "max_km": _PIPE_KM, "life_yr": 50.0}
        | {"capex_eur_per_km": haul["water_da250.capex_eur_per_km"]},
        {"mode": "gas_pipe", "states": "gas", **pipe, "max_km": _GAS_KM, "life_yr": 50.0}
        | {"capex_eur_per_km": haul["gas_da200.capex_eur_per_km"]},
    ]
    if "trips" in dials.extras:
        rows[1] |= {"vehicle_t": _LOAD_T, "eur_per_trip": _TRIP_EUR, "eur_per_t": 0.0}
    return pd.DataFrame(rows)


def _rates(mode: str, haul: dict[str, float]) -> dict[str, float]:
    return {what: haul[f"{mode}.{what}"] for what in ("eur_per_tkm", "eur_per_t", "kgco2_per_tkm")}


def rules_of(dials: Dials) -> pd.DataFrame:
    """
    Return the rows of ``rules``: water goes by pipe only, spent acid needs a permit, sludge on fields does too.

    Parameters
    ----------
    dials
        The permits' cost grows with the severity.
    """
    permit = 2 * dials.severity
    rows = (
        ("cooling_water", "tanker", "false", 0.0, "by pipe"),
        ("spent_acid", "", "true", 4000 * permit, "hazardous waste"),
        ("digestate", "", "true", 500 * permit, "analysis of soils"),
    )
    return pd.DataFrame(rows, columns=["material", "mode", "allowed", "permit_eur_per_yr", "reason"])


def links_of(tables: dict[str, pd.DataFrame], dials: Dials, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the rows of ``links``: shared exchanges to plants, pairs that trade already, pairs that will not.

    Parameters
    ----------
    tables
        Facilities, streams, demands, plants, recipes, substitutions and materials.
    dials
        Severity.
    rng
        Source of chance.
    """
    return pd.concat([_shared(tables, dials), _settled(tables, rng)], ignore_index=True)


def _points(tables: dict[str, pd.DataFrame], facilities: pd.Series) -> Points:
    at = tables["facilities"].set_index("facility").loc[facilities]
    return Points(at["lat"].to_numpy(np.float64), at["lon"].to_numpy(np.float64))


def _shared(tables: dict[str, pd.DataFrame], dials: Dials) -> pd.DataFrame:
    """Give firms with several streams for one kind of plant a contract for all of them with the nearest one."""
    recipes = tables["recipes"]
    state = tables["materials"].set_index("material")["state"]
    mode = state.map({"solid": "truck", "liquid": "tanker", "sludge": "tanker"})
    rows = []
    for technology, plants in tables["plants"].groupby("technology", sort=False):
        taken = recipes.loc[recipes["technology"] == technology, "input"].unique()
        fed = tables["streams"][tables["streams"]["material"].isin(taken)]
        fed = fed.assign(mode=fed["material"].map(mode)).dropna(subset=["mode"])
        several = fed.groupby(["facility", "mode"], sort=True)["supply_per_yr"].agg(["size", "sum"])
        several = several[several["size"] > 1].reset_index()
        if several.empty:
            continue
        hosts = plants["facility"].drop_duplicates()
        ends = _points(tables, several["facility"]), _points(tables, hosts)
        firm, host, _ = k_nearest(*ends, 1, radius_km=_SHARED_KM)
        one = several.iloc[firm]
        rows.append(
            pd.DataFrame(
                {
                    "from_facility": one["facility"].to_numpy(object),
                    "to_facility": hosts.to_numpy(object)[host],
                    "material": "",
                    "mode": one["mode"].to_numpy(object),
                    "setup_eur_per_yr": round(3 * dials.severity * dials.economy.setup * _SETUP, 2),
                    "max_per_yr": (0.9 * one["sum"]).round(1).to_numpy(np.float64),
                    "shared": "true",
                    "status": "",
                }
            )
        )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def _settled(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Nearest pairs by lorry, drawn from all streams: the one trades already, the other never will."""
    streams, demands, uses = tables["streams"], tables["demands"], tables["substitutions"]
    sector = tables["facilities"].set_index("facility")["sector"]
    rows = []
    chance = rng.random(len(streams))
    for status, low, share in (("existing", 0.0, _EXISTING), ("forbidden", 0.5, _FORBIDDEN)):
        drawn = streams[(chance >= low) & (chance < low + share)]
        for _, stream in drawn.iterrows():
            use = uses[uses["from_material"] == stream["material"]]
            if use.empty or stream["own_disposal_route"] == "":
                continue
            goal = use.iloc[0]
            able = tuple(str(goal["sectors"]).split(";"))
            able_to = demands["facility"].map(sector).str.startswith(able)
            fits = demands[(demands["material"] == goal["to_material"]) & able_to]
            fits = fits[fits["facility"] != stream["facility"]]
            if fits.empty:
                continue
            ends = _points(tables, pd.Series([stream["facility"]])), _points(tables, fits["facility"])
            _, nearest, _ = k_nearest(*ends, 1, radius_km=_TRUCK_KM / _DETOUR)
            rows += [
                {
                    "from_facility": stream["facility"],
                    "to_facility": fits["facility"].iloc[int(i)],
                    "material": stream["material"],
                    "mode": "",
                    "status": status,
                }
                for i in nearest
            ]
    return pd.DataFrame(rows)
