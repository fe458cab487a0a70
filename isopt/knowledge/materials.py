"""Prices, footprints, yields and technologies."""

from __future__ import annotations

from isopt.errors import InputError
from isopt.knowledge.factor import Factor, factor
from isopt.knowledge.money import to_eur
from isopt.knowledge.tables import rows, table

__all__ = [
    "biogas_methane",
    "constant",
    "disposal_emission",
    "material_footprint",
    "nace_name",
    "technology",
    "virgin_footprint",
    "virgin_price",
]


def disposal_emission(material: str, treatment: str = "landfill", *, source: str = "desnz_2025") -> Factor:
    """
    Return the emission of disposing of a tonne.

    The factors of DESNZ for recycling, composting, digestion and incineration hold **the transport to the plant only**:
    neither what the plant emits nor what its products save. They are no benefits, can't be compared with the landfill
    factors and can't be subtracted from them, so this function refuses them; the table ``disposal_emission`` still
    shows them, with ``covers`` = "transport only".

    Parameters
    ----------
    material
        As in the table ``disposal_emission``.
    treatment
        As in the table.
    source
        ``desnz_2025`` or ``epa_hub_2022``.

    Returns
    -------
    emission
        kg CO2e/t.

    Raises
    ------
    InputError
        There is no such row, or it holds transport only.

    Examples
    --------
    >>> disposal_emission("Plasterboard").value
    71.95
    >>> disposal_emission("fly ash", source="epa_hub_2022").value
    22.05
    """
    row = rows("disposal_emission", source=source, material=material, treatment=treatment).iloc[0]
    if row["covers"] == "transport only":
        raise InputError(
            f"the DESNZ factor of {material} for {treatment} ({row['kg_co2e_per_t']:g} kg/t) holds the transport to "
            "the plant only; it says nothing about the treatment and can't be set against landfill"
        )
    return factor(row, row["kg_co2e_per_t"], "kg CO2e/t", str(row["covers"]))


def material_footprint(material: str, origin: str = "primary") -> Factor:
    """
    Return the footprint of making a tonne of material.

    Parameters
    ----------
    material
        As in the table ``material_footprint``.
    origin
        primary, closed_loop or reused.

    Returns
    -------
    footprint
        kg CO2e/t.

    Raises
    ------
    InputError
        There is no such row.

    Examples
    --------
    >>> round(material_footprint("Aggregates").value, 2)
    7.79
    """
    row = rows("material_footprint", material=material, origin=origin).iloc[0]
    return factor(row, row["kg_co2e_per_t"], "kg CO2e/t")


def virgin_price(material: str, *, price_year: int | None = None) -> Factor:
    """
    Return the price of what a by-product replaces.

    Parameters
    ----------
    material
        As in the table ``virgin_material``.
    price_year
        Price level wanted; None keeps that of the source.

    Returns
    -------
    price
        EUR per unit of the material.

    Raises
    ------
    InputError
        The material has no price.

    Examples
    --------
    >>> virgin_price("natural gas").value
    42.9
    """
    row = rows("virgin_material", material=material, quantity="price").iloc[0]
    eur = to_eur(float(row["value"]), str(row["currency"]), int(row["year"]), price_year=price_year)
    return factor(row, eur, f"EUR/{row['unit']}", f"{row['value']:g} {row['value_unit']}", price_year)


def virgin_footprint(material: str) -> Factor:
    """
    Return the footprint of what a by-product replaces.

    Parameters
    ----------
    material
        As in the table ``virgin_material``.

    Returns
    -------
    footprint
        kg CO2e per unit of the material; fuels are direct (combustion only).

    Raises
    ------
    InputError
        The material has no footprint.

    Examples
    --------
    >>> virgin_footprint("clinker").value
    830.0
    """
    row = rows("virgin_material", material=material, quantity="footprint").iloc[0]
    return factor(row, row["value"], str(row["value_unit"]))


def technology(name: str, parameter: str) -> Factor:
    """
    Return one parameter of a treatment technology, at the price level of its year.

    Parameters
    ----------
    name, parameter
        As in the table ``technologies``.

    Raises
    ------
    InputError
        There is no such row.

    Examples
    --------
    >>> technology("gas steam boiler (displaced)", "efficiency").value
    0.925
    """
    row = rows("technologies", technology=name, parameter=parameter).iloc[0]
    return factor(row, row["value"], str(row["unit"]))


def biogas_methane(feedstock: str) -> Factor:
    """
    Return the methane of a tonne of feedstock as energy (lower heating value).

    Parameters
    ----------
    feedstock
        As in the table ``biogas_yields``.

    Returns
    -------
    methane
        MWh per tonne of fresh matter.

    Raises
    ------
    InputError
        The feedstock is unknown.

    Examples
    --------
    >>> round(biogas_methane("yeast slurry").value, 3)
    0.778
    """
    row = rows("biogas_yields", feedstock=feedstock).iloc[0]
    volume = float(row["ch4_nm3_per_t_fm"])
    return factor(row, volume * constant("methane_lhv").value / 1000, "MWh/t", f"{volume:g} Nm3 CH4/t")


def constant(quantity: str) -> Factor:
    """
    Return a physical constant of the table ``conversions``.

    Parameters
    ----------
    quantity
        As in the table.

    Raises
    ------
    InputError
        The quantity is unknown.

    Examples
    --------
    >>> constant("methane_lhv").unit
    'kWh/Nm3'
    """
    row = rows("conversions", quantity=quantity).iloc[0]
    return factor(row, row["value"], str(row["unit"]))


def nace_name(code: str) -> str:
    """
    Return the name of a NACE Rev. 2 section, division, group or class.

    Parameters
    ----------
    code
        Such as C, 23, 23.6 or 23.62.

    Raises
    ------
    InputError
        The code is unknown.

    Examples
    --------
    >>> nace_name("23.62")
    'Manufacture of plaster products for construction purposes'
    """
    known = table("nace").set_index("code")["name"]
    if code not in known.index:
        raise InputError(f'"{code}" is no NACE Rev. 2 code')
    return str(known[code])
