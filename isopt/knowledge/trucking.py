"""What a haul by lorry costs and emits, part by part, and what a terminal asks for handling a tonne."""

from __future__ import annotations

from dataclasses import dataclass

from isopt.errors import InputError
from isopt.knowledge.factor import Factor, factor
from isopt.knowledge.tables import rows

__all__ = ["HaulRates", "Truck", "handling", "haul_rates", "truck", "truck_parts"]


@dataclass(frozen=True)
class Truck:
    """
    A lorry with its load, its energy and its driver.

    Parameters
    ----------
    payload_t
        Tonnes of a full load.
    empty_share
        Kilometres driven empty per loaded one: 1 goes back empty, 0 always finds a load.
    energy_per_km
        Energy units (l or kWh) per km of the empty lorry.
    energy_per_tkm
        Energy units more per km for each tonne loaded.
    eur_per_energy
        EUR per energy unit, without VAT.
    kgco2_per_energy
        kg CO2e per energy unit, well-to-wheel.
    driver_eur_per_h
        EUR/h with social charges.
    speed_kmh
        Average speed in km/h.
    vehicle_eur_per_km
        EUR/km for the vehicle itself: depreciation, maintenance, tyres, insurance, overheads.
    stop_h
        Hours of the driver for loading and unloading one load.
    toll_eur_per_km
        EUR/km, also on the empty kilometres.
    """

    payload_t: float
    empty_share: float
    energy_per_km: float
    energy_per_tkm: float
    eur_per_energy: float
    kgco2_per_energy: float
    driver_eur_per_h: float
    speed_kmh: float
    vehicle_eur_per_km: float
    stop_h: float
    toll_eur_per_km: float = 0.0


@dataclass(frozen=True)
class HaulRates:
    """
    What a haul costs and emits per tonne.

    Parameters
    ----------
    eur_per_tkm
        EUR per tonne and loaded kilometre, the empty way included.
    eur_per_t
        EUR per tonne for loading and unloading, both ends together.
    kgco2_per_tkm
        kg CO2e per tonne and loaded kilometre, the empty way included.
    """

    eur_per_tkm: float
    eur_per_t: float
    kgco2_per_tkm: float


def truck(name: str = "diesel") -> Truck:
    """
    Return a lorry of 40 t from the cited table ``truck_cost``.

    Parameters
    ----------
    name
        ``diesel`` or ``electric``.

    Raises
    ------
    InputError
        There is no such lorry.

    Examples
    --------
    >>> truck().payload_t, truck("electric").eur_per_energy
    (25.0, 0.2)
    """
    return Truck(**{item: part.value for item, part in truck_parts(name).items()})


def truck_parts(name: str = "diesel") -> dict[str, Factor]:
    """
    Return each number of a lorry with where it comes from.

    Parameters
    ----------
    name
        ``diesel`` or ``electric``.

    Raises
    ------
    InputError
        There is no such lorry.

    Examples
    --------
    >>> truck_parts()["eur_per_energy"].unit, truck_parts()["eur_per_energy"].assumed
    ('EUR/l', True)
    """
    found = rows("truck_cost", truck=name)
    return {str(row["item"]): factor(row, row["value"], str(row["unit"])) for _, row in found.iterrows()}


def haul_rates(lorry: Truck) -> HaulRates:
    r"""
    Build the rates of a haul up from its parts.

    .. math::

        c = \frac{1}{q}\left[(1 + e)\left(p f + \frac{w}{v} + m + \tau\right) + p s q\right] \qquad
        h = \frac{w t}{q} \qquad
        k = \frac{g}{q}\left[(1 + e) f + s q\right]

    with :math:`c` in EUR/t-km, :math:`h` in EUR/t and :math:`k` in kg CO2e/t-km; payload :math:`q`, empty kilometres
    per loaded one :math:`e`, energy per km of the empty lorry :math:`f` and per tonne and km :math:`s`, its price
    :math:`p` and emission :math:`g`, the driver's hour :math:`w`, speed :math:`v`, vehicle :math:`m` and toll
    :math:`\tau` per km, and hours of loading and unloading :math:`t`.

    Parameters
    ----------
    lorry
        Whose parts.

    Raises
    ------
    InputError
        A part is out of the range in which it means something.

    Examples
    --------
    >>> round(haul_rates(truck()).eur_per_tkm, 3), haul_rates(truck()).eur_per_t
    (0.11, 3.0)
    """
    for name in ("payload_t", "speed_kmh"):
        if not getattr(lorry, name) > 0:
            raise InputError(f"{name} must be above 0, not {getattr(lorry, name):g}")
    for name in ("empty_share", "energy_per_km", "energy_per_tkm", "kgco2_per_energy", "stop_h"):
        if not getattr(lorry, name) >= 0:
            raise InputError(f"{name} can't be below 0, as {getattr(lorry, name):g} is")
    ways = 1 + lorry.empty_share
    driven = ways * lorry.energy_per_km / lorry.payload_t + lorry.energy_per_tkm
    per_km = lorry.driver_eur_per_h / lorry.speed_kmh + lorry.vehicle_eur_per_km + lorry.toll_eur_per_km
    return HaulRates(
        eur_per_tkm=lorry.eur_per_energy * driven + ways * per_km / lorry.payload_t,
        eur_per_t=lorry.driver_eur_per_h * lorry.stop_h / lorry.payload_t,
        kgco2_per_tkm=lorry.kgco2_per_energy * driven,
    )


def handling(network: str, goods: str = "bulk") -> Factor:
    """
    Return what it costs to bring a tonne from the lorry onto train or ship, or back.

    Parameters
    ----------
    network
        ``rail``, ``water`` or ``sea``: what lies behind the quay.
    goods
        ``bulk`` or ``general``.

    Returns
    -------
    cost
        EUR per tonne and passage of a terminal; a chain with two terminals pays it twice.

    Raises
    ------
    InputError
        There is no figure for it.

    Examples
    --------
    >>> handling("rail").value
    2.36
    """
    row = rows("handling", network=network, goods=goods).iloc[0]
    return factor(row, row["eur_per_t"], "EUR/t", f"{goods} goods")
