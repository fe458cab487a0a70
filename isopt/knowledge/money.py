"""Exchange rates and the price level."""

from __future__ import annotations

from isopt.knowledge.factor import year_row

__all__ = ["to_eur"]


def to_eur(amount: float, currency: str, year: int, *, price_year: int | None = None) -> float:
    """
    Convert money to EUR at the yearly average rate, and on request to the price level of another year.

    Parameters
    ----------
    amount
        Money in ``currency`` at the prices of ``year``.
    currency
        Three letters, as in the table ``currencies``, or EUR.
    year
        Year of the price, for the exchange rate and the price level.
    price_year
        Year whose price level is wanted (euro-area HICP); None keeps that of ``year``.

    Returns
    -------
    eur
        EUR.

    Raises
    ------
    InputError
        The rate or the index of that year is not in the tables.

    Examples
    --------
    >>> round(to_eur(90, "GBP", 2013), 2)
    106.01
    >>> round(to_eur(100, "EUR", 2024, price_year=2025), 2)
    102.1
    """
    rate = 1.0 if currency.upper() == "EUR" else float(year_row("currencies", year, currency=currency)["per_eur"])
    eur = amount / rate
    if price_year is None or price_year == year:
        return eur
    return eur * float(year_row("price_index", price_year)["index"]) / float(year_row("price_index", year)["index"])
