"""Styles that QGIS applies by itself when it opens the GeoPackage of a solution."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np

from isopt.views.colours import colours_of
from isopt.views.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from isopt.solution import Solution

__all__ = ["add_styles", "layer_styles"]

#: Widths of lines and sizes of symbols in millimetres: of nothing, and of the largest amount.
THIN, WIDE = 0.26, 3.0
SMALL, LARGE = 1.6, 7.0
#: Colours of what is no material.
GREY, GROUND, GREEN, ORANGE, VIOLET = "#777777", "#ffffff", "#009e73", "#e69f00", "#882255"
#: QGIS looks styles up in this table (its data provider "ogr"; QGIS user guide, "Saving styles in a GeoPackage").
TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
#: The styles are the same in every run, and so is the time that stands beside them.
WRITTEN = "2000-01-01T00:00:00.000Z"


def add_styles(path: Path, styles: Mapping[str, str], geometry: str = "geom") -> None:
    """
    Put styles into a GeoPackage.

    Parameters
    ----------
    path
        The GeoPackage.
    styles
        QML by layer.
    geometry
        Name of the layers' geometry column.
    """
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            [WRITTEN],
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, 'isopt', '', NULL, ?)",
            [(layer, geometry, layer, qml, WRITTEN) for layer, qml in styles.items()],
        )


def layer_styles(solution: Solution, layers: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """
    Write the styles of a solution's layers, in the colours of its map and the language that is spoken.

    Parameters
    ----------
    solution
        Supplies the materials, whose colours depend on nothing else.
    layers
        Tables by layer, as they are written.

    Returns
    -------
    dict
        QML by layer; layers without rows and tables without a geometry have none.
    """
    makers = {
        "exchanges": lambda table: _exchanges(solution, table),
        "ways_to_disposal": lambda table: _renderer(
            [_Category("", "", _line(GREY, _width(table, "sent"), "dash"))], ""
        ),
        "facilities": _facilities,
        "plants": _plants,
        "disposal": lambda table: _renderer([_Category("", "", _marker("triangle", GREY, _size(table, "tonnes")))], ""),
        "virgin": _virgin,
    }
    return {
        name: make(layers[name])
        for name, make in makers.items()
        if len(layers.get(name, ())) and "geometry" in layers[name]
    }


class _Category:
    """A value of the attribute, what the legend calls it, and its symbol."""

    def __init__(self, value: str, label: str, symbol: str) -> None:
        self.value, self.label, self.symbol = value, label, symbol


def _exchanges(solution: Solution, table: pd.DataFrame) -> str:
    """Lines in the colour of their material, as wide as the amount is large among those of the same unit."""
    names = solution.scenario.tables["materials"].set_index("material")["name"]
    colours = colours_of(solution.scenario)
    categories = []
    for material in dict.fromkeys(table["material"].astype(str)):
        unit = table.loc[table["material"].astype(str) == material, "unit"].iloc[0]
        width = _width(table[table["unit"] == unit], "amount_per_yr")
        label = f"{names.get(material) or material} ({text('unit.per_year', unit=unit)})"
        categories.append(_Category(material, label, _line(colours.get(material, GREY), width, "solid")))
    return _renderer(categories, "material")


def _facilities(table: pd.DataFrame) -> str:
    """Circles, as large as what the facility gives, receives and disposes of."""
    columns = ["gives_t_per_yr", "receives_t_per_yr", "disposes_t_per_yr"]
    most = float(table[columns].sum(axis=1).max())
    handled = " + ".join(f'coalesce("{column}", 0)' for column in columns)
    return _renderer([_Category("", "", _marker("circle", "#3b6ea5", _scaled(handled, most, SMALL, LARGE)))], "")


def _plants(table: pd.DataFrame) -> str:
    """Diamonds by what becomes of the plant."""
    del table
    size = _scaled("0", 0.0, 4.0, LARGE)
    state = """CASE WHEN "status" = 'existing' THEN 'existing' WHEN "stands" THEN 'built' ELSE 'not built' END"""
    looks = {"existing": VIOLET, "built": GREEN, "not built": GROUND}
    texts = {"existing": "plant.existing", "built": "map.plant_built", "not built": "plant.not_built"}
    return _renderer(
        [_Category(name, text(texts[name]), _marker("diamond", colour, size)) for name, colour in looks.items()], state
    )


def _virgin(table: pd.DataFrame) -> str:
    """Squares as large as the bill: amounts have several units; what buys nothing has none."""
    size = f'CASE WHEN coalesce("bought", 0) > 0 THEN {_size(table, "cost_eur")} ELSE 0 END'
    return _renderer([_Category("", "", _marker("square", ORANGE, size))], "")


def _width(table: pd.DataFrame, column: str) -> str:
    return _scaled(f'coalesce("{column}", 0)', float(table[column].max()), THIN, WIDE)


def _size(table: pd.DataFrame, column: str) -> str:
    return _scaled(f'coalesce("{column}", 0)', float(table[column].max()), SMALL, LARGE)


def _scaled(amount: str, most: float, least: float, largest: float) -> str:
    """An expression of QGIS: an area (or a width) in proportion to the amount, between two sizes."""
    if not np.isfinite(most) or most <= 0:
        return f"{least:g}"
    return f"{least:g} + {largest - least:g} * sqrt(min(1, ({amount}) / {most!r}))"


def _line(colour: str, width: str, style: str) -> str:
    """A line with an arrow in its middle, which points where things go."""
    looks = {"line_color": _rgba(colour), "line_style": style, "line_width": "0.6", "capstyle": "round"}
    head = {"name": "filled_arrowhead", "color": _rgba(colour), "outline_style": "no", "size": "3"}
    # both names of the option: QGIS writes "placements" since 3.24
    where = {"placement": "centralpoint", "placements": "CentralPoint", "rotate": "1"}
    arrow = _symbol("marker", _layer("SimpleMarker", head, {"size": f"2 + 1.6 * ({width})"}), name="@{number}@1")
    return _symbol(
        "line", _layer("SimpleLine", looks, {"outlineWidth": width}) + _layer("MarkerLine", where, {}, arrow)
    )


def _marker(shape: str, colour: str, size: str) -> str:
    looks = {
        "name": shape, "color": _rgba(colour), "outline_color": _rgba("#333333"), "outline_width": "0.2", "size": "3",
    }  # fmt: skip
    return _symbol("marker", _layer("SimpleMarker", looks, {"size": size}))


def _rgba(colour: str) -> str:
    return ",".join([*(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5)), "255"])


def _symbol(kind: str, layers: str, name: str = "{number}") -> str:
    """A symbol of some layers; its number is filled in where it is listed."""
    return f'<symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">{layers}</symbol>'


def _layer(kind: str, looks: Mapping[str, str], driven: Mapping[str, str], inside: str = "") -> str:
    """A layer of a symbol; ``driven`` are expressions by property."""
    units = {f"{name}_unit": "MM" for name in ("line_width", "outline_width", "size") if name in looks}
    said = "".join(
        f'<Option name="{name}" type="QString" value={quoteattr(value)}/>'
        for name, value in (dict(looks) | units).items()
    )
    expressions = "".join(
        f'<Option name="{name}" type="Map"><Option name="active" type="bool" value="true"/>'
        f'<Option name="expression" type="QString" value={quoteattr(value)}/>'
        '<Option name="type" type="int" value="3"/></Option>'
        for name, value in driven.items()
    )
    return (
        f'<layer class="{kind}" enabled="1" pass="0" locked="0"><Option type="Map">{said}</Option>'
        '<data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/>'
        f'<Option name="properties" type="Map">{expressions}</Option>'
        f'<Option name="type" type="QString" value="collection"/></Option></data_defined_properties>{inside}</layer>'
    )


def _attribute(name: str) -> str:
    """A name in quotation marks, without the characters that XML can't hold."""
    return quoteattr("".join(sign for sign in name if sign.isprintable()))


def _renderer(categories: list[_Category], attribute: str) -> str:
    """A style with one symbol, or one per category of an attribute."""
    symbols = "".join(category.symbol.replace("{number}", str(i)) for i, category in enumerate(categories))
    if not attribute:
        inside = f'<renderer-v2 type="singleSymbol" enableorderby="0"><symbols>{symbols}</symbols></renderer-v2>'
    else:
        listed = "".join(
            f'<category render="true" symbol="{i}" value={_attribute(one.value)} label={_attribute(one.label)}/>'
            for i, one in enumerate(categories)
        )
        inside = (
            f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(attribute)} enableorderby="0">'
            f"<categories>{listed}</categories><symbols>{symbols}</symbols></renderer-v2>"
        )
    # the numbers of versions say what format it is; QGIS reads styles of older versions
    kind = '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">'
    return f'{kind}<qgis version="3.22.0" styleCategories="Symbology">{inside}</qgis>'
