"""What can be turned: size, country, regime, severity, seed, and what else is switched on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.countries import country_code, country_name
from isopt.geo.gazetteer import towns

__all__ = ["EXTRAS", "LARGEST", "REGIMES", "SMALLEST", "VERSION", "Dials", "Regime"]

VERSION = 1
"""Of the generator: the same dials give the same scenario as long as it stays."""
SMALLEST, LARGEST = 10, 60_000
EXTRAS = {
    "trips": "tankers are paid by the whole trip",
    "seasons": "a winter and a summer, with district heating in winter",
}


@dataclass(frozen=True)
class Regime:
    """
    An economy in which many or few exchanges pay.

    Parameters
    ----------
    amounts
        Factor on all yearly amounts.
    quantile
        Column of the cited prices and fees: value or low.
    taxed
        Whether landfill is taxed as in the country.
    setup, lot
        Factor on the yearly cost and on the least amount of an exchange.
    """

    amounts: float
    quantile: str
    taxed: bool
    setup: float
    lot: float


REGIMES = {
    "rich": Regime(amounts=1.0, quantile="value", taxed=True, setup=1.0, lot=1.0),
    "lean": Regime(amounts=0.1, quantile="low", taxed=False, setup=2.0, lot=2.0),
}
"""Rich: large streams, dear and taxed disposal. Lean: a tenth of the amounts, low prices, no landfill tax."""


@dataclass(frozen=True)
class Dials:
    """
    What a synthetic country is made of.

    Parameters
    ----------
    firms
        Facilities with streams or needs, 10 to 60,000; sites of plants and disposals come on top.
    country
        Two letters, or a name; its towns come from the embedded gazetteer.
    regime
        rich (many exchanges pay) or lean (few do: set-up and lots bite).
    seed
        Of the random numbers.
    severity
        0 to 1: how much of the difficulty is whole decisions. 0 has no set-up cost, lot or least load; from there
        set-up and lots grow in proportion, plants get dearer and fewer of them stand already.
    extras
        Of :data:`EXTRAS`.

    Raises
    ------
    InputError
        A dial is outside its range.

    Examples
    --------
    >>> Dials(100, country="Denmark").code
    'DK'
    """

    firms: int
    country: str = "GB"
    regime: str = "rich"
    seed: int = 1
    severity: float = 0.5
    extras: Collection[str] = ()

    def __post_init__(self) -> None:
        if not SMALLEST <= self.firms <= LARGEST:
            raise InputError(f"a synthetic country has {SMALLEST} to {LARGEST:,} firms, not {self.firms:,}")
        if self.regime not in REGIMES:
            raise InputError(f"{quoted(self.regime)} is no regime{did_you_mean(self.regime, REGIMES)}")
        if not 0 <= self.severity <= 1:
            raise InputError(f"severity is between 0 and 1, not {self.severity:g}")
        if self.seed < 0:
            raise InputError(f"a seed is 0 or more, not {self.seed}")
        for extra in self.extras:
            if extra not in EXTRAS:
                raise InputError(f"{quoted(extra)} is no extra{did_you_mean(extra, EXTRAS)}")
        found = towns(self.code) if self.code else None
        if found is None or not (found.people > 0).any():
            raise InputError(
                f"the gazetteer has no towns of {quoted(self.country)}; give two letters, such as GB or DE"
            )

    @property
    def code(self) -> str:
        """Two letters of the country."""
        return country_code(self.country)

    @property
    def title(self) -> str:
        """Return what the scenario is called."""
        return f"Synthetic {country_name(self.code)}: {self.firms:,} firms, {self.regime}, seed {self.seed}"

    @property
    def economy(self) -> Regime:
        """Return the regime's figures."""
        return REGIMES[self.regime]
