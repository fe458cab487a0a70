"""What treatment, landfilling, burning and haulage cost and emit: from the cited factor tables, at one price level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import numpy as np
import pandas as pd

from isopt.knowledge import disposal_emission, table, technology, to_eur, transport_factor

__all__ = ["Assumptions", "Lookups", "fees", "lookups", "modes", "outlets", "priced_materials"]

SETUP = (
    "set-up: assumed, five working days a year of one who costs 90,000 EUR (contract, duty-of-care papers, sampling)"
)


@dataclass(frozen=True)
class Assumptions:
    """
    Numbers that the register does not hold; all can be changed in the scenario afterwards.

    Parameters
    ----------
    price_year
        Year of the landfill tax and of the level of all prices: the tonnes of a past year at the prices of today.
    setup_eur_per_yr
        Fixed cost of an exchange, EUR/yr: contract, duty-of-care papers, sampling. The default is five days a year of
        somebody who costs 90,000 EUR a year of 220 days.
    max_km
        Reach of truck and tanker by road, km.
    elsewhere_km
        Road distance to a destination outside the selection, km. The default is about that from Glasgow to Liverpool or
        Manchester.
    """

    price_year: int = 2025
    setup_eur_per_yr: float = 2000.0
    max_km: float = 200.0
    elsewhere_km: float = 350.0


@dataclass(frozen=True)
class Lookups:
    """
    What is known of the register's words: one table per CSV file beside this module, as text.

    Parameters
    ----------
    materials
        Per name of the register: id, state, tax class, category, landfill cell, fee of treatment, way out elsewhere.
    activities
        Per activity, in order of precedence: role, categories it takes, sector.
    outlets
        Per landfill cell, and incineration: fee and emission.
    fees
        Per kind of treatment or disposal: where the cited tables hold its price.
    modes
        Ways of transport, with the name of their rates in the cited tables.
    """

    materials: pd.DataFrame
    activities: pd.DataFrame
    outlets: pd.DataFrame
    fees: pd.DataFrame
    modes: pd.DataFrame


@cache
def lookups() -> Lookups:
    """
    Read the tables beside this module.

    Returns
    -------
    lookups
        All five.

    Examples
    --------
    >>> lookups().materials.set_index("sepa_name").loc["Glass wastes", "material"]
    'glass'
    """
    return Lookups(**{name: _read(name) for name in ("materials", "activities", "outlets", "fees", "modes")})


@cache
def fees(price_year: int) -> pd.DataFrame:
    """
    Price every kind of treatment and disposal.

    Parameters
    ----------
    price_year
        Price level wanted.

    Returns
    -------
    fees
        ``eur`` (EUR/t, without landfill tax), ``source`` in words and ``cited`` (key of a reference, or "") by ``fee``.

    Examples
    --------
    >>> float(fees(2025).loc["incineration", "eur"])
    145.81
    """
    rows = lookups().fees
    priced = [
        _fee(*row, price_year=price_year)
        for row in zip(*(rows[name] for name in ("table", "key", "year", "column", "note")), strict=True)
    ]
    return pd.DataFrame(priced, columns=["eur", "source", "cited"], index=pd.Index(rows["fee"], name="fee"))


@cache
def outlets(price_year: int) -> pd.DataFrame:
    """
    Price every kind of landfilled waste, and incineration.

    Parameters
    ----------
    price_year
        Price level wanted.

    Returns
    -------
    outlets
        ``name, gate_fee`` (EUR/t), ``kgco2`` (kg/t), ``cited`` (key of the emission) and ``note`` by ``cell``.
    """
    rows, price = lookups().outlets, fees(price_year)
    emission = [
        disposal_emission(material, treatment, source=source)
        for material, treatment, source in zip(rows["emission"], rows["treatment"], rows["source"], strict=True)
    ]
    remark = rows["note"].map(lambda text: f" ({text})" if text else "")
    cited = [f"CO2: {name}, {factor.source}" for name, factor in zip(rows["emission"], emission, strict=True)]
    fee = price.loc[rows["fee"]]
    return pd.DataFrame(
        {
            "name": rows["name"].to_numpy(),
            "gate_fee": fee["eur"].to_numpy(),
            "kgco2": [factor.value for factor in emission],
            "cited": rows["source"].to_numpy(),
            "note": rows["name"].to_numpy()
            + "; gate fee: "
            + fee["source"].to_numpy()
            + "; "
            + cited
            + remark.to_numpy(),
        },
        index=pd.Index(rows["cell"], name="cell"),
    )


@cache
def modes(assumed: Assumptions) -> pd.DataFrame:
    """
    Make the scenario's table of modes.

    Parameters
    ----------
    assumed
        Reach and set-up cost.

    Returns
    -------
    modes
        Rates in EUR and kg CO2 per t-km and EUR/t, with their sources.
    """
    rows = lookups().modes
    distance = [transport_factor(name, "eur_per_tkm") for name in rows["rate"]]
    ends = [transport_factor(name, "eur_per_t") for name in rows["rate"]]
    emission = [transport_factor(name, "kgco2_per_tkm") for name in rows["rate"]]
    return pd.DataFrame(
        {
            "mode": rows["mode"],
            "network": "road",
            "states": rows["states"],
            "eur_per_tkm": [factor.value for factor in distance],
            "eur_per_t": [factor.value for factor in ends],
            "kgco2_per_tkm": [factor.value for factor in emission],
            "detour": pd.to_numeric(rows["detour"]),
            "max_km": assumed.max_km,
            "setup_eur_per_yr": assumed.setup_eur_per_yr,
            "note": SETUP,
            "source": [
                f"{rate}: {cost.source} ({cost.evidence}, level {cost.year}); CO2: {co2.source}"
                for rate, cost, co2 in zip(rows["rate"], distance, emission, strict=True)
            ],
        }
    )


@cache
def priced_materials(assumed: Assumptions) -> pd.DataFrame:
    """
    Price each material's treatment here and its way out elsewhere.

    Parameters
    ----------
    assumed
        Price level and distance.

    Returns
    -------
    materials
        The table of materials with ``treatment_eur, treatment_source, elsewhere_eur`` (EUR/t), ``elsewhere_kgco2``
        (kg/t), ``elsewhere_route`` and ``elsewhere_note``.
    """
    known, price, outlet = lookups().materials, fees(assumed.price_year), outlets(assumed.price_year)
    way = modes(assumed)
    of_state = {state: place for place, states in enumerate(way["states"]) for state in states.split(";")}
    haul = way.iloc[known["state"].map(of_state)]
    landfilled = (known["elsewhere"] == "landfill").to_numpy()
    treatment, landfill = price.loc[known["treatment_fee"]], outlet.loc[known["cell"]]
    carriage = (haul["eur_per_t"] + haul["eur_per_tkm"] * assumed.elsewhere_km).to_numpy()
    transport = (haul["kgco2_per_tkm"] * assumed.elsewhere_km).to_numpy()
    place = np.where(landfilled, "a landfill", "the same use or treatment")
    return known.assign(
        treatment_eur=treatment["eur"].to_numpy(),
        treatment_source=treatment["source"].to_numpy(),
        elsewhere_eur=(carriage + np.where(landfilled, landfill["gate_fee"], treatment["eur"])).round(2),
        elsewhere_kgco2=(transport + np.where(landfilled, landfill["kgco2"], 0.0)).round(3),
        elsewhere_route=np.where(landfilled, "landfill", "other"),
        elsewhere_note=[
            f"last resort: {where} outside the selection, {assumed.elsewhere_km:g} km away" for where in place
        ],
    )


def _fee(of: str, key: str, year: str, column: str, note: str, *, price_year: int) -> tuple[float, str, str]:
    """EUR per tonne at the price level, the words of its source, and the key of its reference."""
    if not of:
        return 0.0, note, ""
    words = f"{note}, level {price_year}"
    if of == "technologies":
        opex = technology(key, column)
        eur = to_eur(opex.value, "EUR", int(year), price_year=price_year)
        return round(eur, 2), f"{words}: {opex.source} ({opex.evidence})", opex.source
    known = table("gate_fees")
    row = known[(known["country"] == "GB") & (known["treatment"] == key) & (known["year"] == int(year))].iloc[0]
    amount, currency, source = float(row[column]), str(row["currency"]), str(row["source"])
    eur = to_eur(amount, currency, int(year), price_year=price_year)
    return round(eur, 2), f"{words}: {amount:g} {currency}/t in {year}, {source} ({row['evidence']})", source


def _read(name: str) -> pd.DataFrame:
    text = files("isopt.importers.sepa").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype=object, keep_default_na=False)
