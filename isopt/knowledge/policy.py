"""Taxes, fees and prices that policy or a market of disposal sets."""

from __future__ import annotations

from isopt.errors import InputError
from isopt.knowledge.factor import Factor, factor, year_row
from isopt.knowledge.money import to_eur
from isopt.knowledge.tables import rows

__all__ = ["carbon_price", "gate_fee", "landfill_tax"]


def landfill_tax(country: str, cls: str, year: int) -> Factor:
    """
    Return the landfill tax in force in the middle of a year.

    Parameters
    ----------
    country
        ISO 3166 code of two letters.
    cls
        Disposal class: inert, non_hazardous or hazardous.
    year
        Calendar year; the rate in force on 30 June counts.

    Returns
    -------
    tax
        EUR/t. A country without the tax gives 0.

    Raises
    ------
    InputError
        No rate of that country and class is known for the year.

    Examples
    --------
    >>> landfill_tax("GB", "non_hazardous", 2025).value
    147.0
    >>> landfill_tax("DK", "inert", 2025).source
    'faolex_dk_14_2023'
    """
    known = rows("landfill_tax", country=country)
    fits = [cls in str(classes).split(";") for classes in known["disposal_class"]]
    known = known[fits]
    day = f"{year}-06-30"
    open_ended = known["valid_to"].replace("", "9999-12-31")
    valid = known[(known["valid_from"] <= day) & (open_ended >= day)]
    if valid.empty:
        spans = "; ".join(
            f"{row['eur_per_t']:g} EUR/t {row['valid_from'] or '...'} to {row['valid_to'] or '...'}"
            for _, row in known.iterrows()
        )
        raise InputError(f"no landfill tax of {country} for {cls} waste is known for {year} (known: {spans or 'none'})")
    row = valid.sort_values("valid_from").iloc[-1]
    return factor(row, row["eur_per_t"], "EUR/t", f"{row['rate']:g} {row['currency']}/t, {row['waste_class']}")


def gate_fee(country: str, treatment: str, *, year: int | None = None, price_year: int | None = None) -> Factor:
    """
    Return the median gate fee of a treatment.

    Parameters
    ----------
    country
        ISO 3166 code of two letters, or EU for the planning range.
    treatment
        As in the table ``gate_fees``.
    year
        Survey year; None takes the newest.
    price_year
        Price level wanted; None keeps that of the survey.

    Returns
    -------
    fee
        EUR/t; negative where the plant pays for the waste.

    Raises
    ------
    InputError
        There is no such row.

    Examples
    --------
    >>> gate_fee("EU", "landfill_planning_range").assumed
    True
    >>> round(gate_fee("GB", "efw_post2000", price_year=2025).value)
    146
    """
    known = rows("gate_fees", country=country, treatment=treatment)
    if year is not None:
        known = known[known["year"] == year]
        if known.empty:
            raise InputError(f"gate_fees has no {treatment} of {country} in {year}")
    row = known.sort_values("year").iloc[-1]
    eur = to_eur(float(row["median"]), str(row["currency"]), int(row["year"]), price_year=price_year)
    tax = "without" if row["excl_landfill_tax"] else "with"
    return factor(row, eur, "EUR/t", f"{row['median']:g} {row['currency']}/t, {tax} landfill tax", price_year)


def carbon_price(year: int, instrument: str = "eu_ets") -> Factor:
    """
    Return the yearly average price of an allowance.

    Parameters
    ----------
    year
        Calendar year.
    instrument
        As in the table ``carbon_price``.

    Returns
    -------
    price
        EUR per tonne of CO2.

    Raises
    ------
    InputError
        The year is not in the table.

    Examples
    --------
    >>> carbon_price(2025).value
    75.0
    """
    row = year_row("carbon_price", year, instrument=instrument)
    return factor(row, row["eur_per_t_co2"], "EUR/t CO2")
