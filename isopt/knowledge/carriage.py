"""Rates of carriage and the cost of pipes."""

from __future__ import annotations

from isopt.errors import InputError
from isopt.knowledge.factor import Factor, factor
from isopt.knowledge.money import to_eur
from isopt.knowledge.tables import rows

__all__ = ["pipe_cost", "transport_factor"]


def transport_factor(mode: str, what: str = "eur_per_tkm", *, country: str = "") -> Factor:
    """
    Return a rate of carriage.

    Parameters
    ----------
    mode
        As in the table ``transport_cost``.
    what
        ``eur_per_tkm``, ``eur_per_t`` (both ends together) or ``kgco2_per_tkm`` (well-to-wheel).
    country
        For road and eur_per_tkm: the national rate of the table ``transport_cost_road``.

    Returns
    -------
    rate
        EUR/t-km, EUR/t or kg CO2e/t-km.

    Raises
    ------
    InputError
        The mode, the quantity or the country is unknown, or the mode has no emission factor.

    Examples
    --------
    >>> transport_factor("road_truck_40t", "kgco2_per_tkm").value
    0.09502
    >>> transport_factor("road_truck_40t", country="DK").value
    0.1998
    """
    row = rows("transport_cost", mode=mode).iloc[0]
    if what == "kgco2_per_tkm":
        if not row["emission"]:
            raise InputError(f"transport_emission has no factor for {mode}; price its energy instead")
        emission = rows("transport_emission", vehicle=row["emission"]).iloc[0]
        return factor(emission, emission["wtw"] / 1000, "kg CO2e/t-km", str(emission["vehicle"]))
    if what not in {"eur_per_tkm", "eur_per_t"}:
        raise InputError(f'"{what}" is not one of eur_per_tkm, eur_per_t, kgco2_per_tkm')
    if country and what == "eur_per_tkm":
        if row["network"] != "road":
            raise InputError(f"rates by country are known for roads only, not for {mode}")
        national = rows("transport_cost_road", country=country).iloc[0]
        return factor(national, national["eur_per_tkm"], "EUR/t-km", year=int(national["price_year"]))
    return factor(row, row[what], "EUR/t-km" if what == "eur_per_tkm" else "EUR/t")


def pipe_cost(pipe: str, *, price_year: int = 2025) -> Factor:
    """
    Return the investment in a kilometre of pipe.

    Parameters
    ----------
    pipe
        As in the table ``pipe_cost``.
    price_year
        Price level wanted.

    Returns
    -------
    cost
        EUR/km (for CO2: per t/h besides).

    Raises
    ------
    InputError
        The pipe is unknown.

    Examples
    --------
    >>> pipe_cost("steam").value
    2000000.0
    """
    row = rows("pipe_cost", pipe=pipe).iloc[0]
    eur = to_eur(float(row["per_km"]), str(row["currency"]), int(row["year"]), price_year=price_year)
    unit = str(row["unit"]).replace(str(row["currency"]), "EUR", 1)
    return factor(row, eur, unit, f"life {row['life_yr']:g} years", price_year)
