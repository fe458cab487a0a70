"""One machine-readable contract drives reading, defaults, templates and documentation."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import pytest

from isopt.errors import InputError
from isopt.scenario import new, read, schema_markdown, settings_keys, tables
from isopt.scenario.document import parse_settings
from isopt.scenario.settings import SECTIONS, RouterChoice, Settings

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = {
    "facilities": "facility* name organisation sector lat lon crs address postcode city country group",
    "materials": "material* name unit t_per_unit ewc hazardous state disposal_class max_haul_h",
    "streams": "stream* facility* material* supply_per_yr* must_place single_receiver own_disposal_eur_per_unit own_disposal_kgco2_per_unit own_disposal_route price_eur_per_unit",
    "demands": "demand* facility* material* need_per_yr* must_meet virgin_eur_per_unit virgin_kgco2_per_unit min_byproduct_share max_byproduct_share",
    "substitutions": "from_material* to_material* ratio* max_share cost_eur_per_unit kgco2_per_unit sectors",
    "technologies": "technology* name opex_eur_per_unit kgco2_per_unit life_yr maturity",
    "recipes": "technology* input output yield lag_yr",
    "mixes": "technology* input* min_share max_share",
    "plants": "plant* facility* technology* status* capacity_per_yr max_capacity_per_yr capex_eur capex_eur_per_unit fixed_eur_per_unit fixed_eur_per_yr min_load_share life_yr build_from build_until choose_one single_receiver owner",
    "disposals": "disposal* facility* route accepts gate_fee_eur_per_unit kgco2_per_unit capacity_per_yr tax_class",
    "modes": "mode* network eur_per_tkm eur_per_t kgco2_per_tkm kgco2_per_t eur_per_unit_km states loss_share_per_km max_km speed_kmh vehicle_t eur_per_trip setup_eur_per_yr min_per_yr max_per_yr capex_eur_per_km life_yr detour",
    "links": "from_facility* to_facility* material mode distance_km eur_per_unit kgco2_per_unit eur_per_trip setup_eur_per_yr capex_eur min_per_yr max_per_yr shared status",
    "rules": "material from_sector to_sector technology mode allowed* permit_eur_per_yr reason",
    "qualities": "stream plant material property* value*",
    "quality_limits": "demand technology input property* min max",
    "stocks": "plant facility material* capacity initial eur_per_unit_yr",
    "periods": "period* year* share_of_year",
    "changes": "table* id* column period* value factor onward",
}
PINNED = {
    "geocodes": "facility* lat lon geocode_level geocode_radius_km geocode_source query matched doubt alternatives"
}
"""What commands find out and write down, beyond the design."""
BESIDES = {"streams": {"unit"}, "demands": {"unit"}}
"""Columns that isopt allows besides: a unit beside an amount, which must be that of the material."""


@pytest.mark.parametrize("name", [*CONTRACT, *PINNED])
def test_a_table_has_the_columns_of_the_design(name: str):
    """The design's list, in its order, with its required ones."""
    columns = [c for c in tables()[name].columns if c.name not in {"note", "source"} | BESIDES.get(name, set())]

    assert " ".join(column.name + "*" * column.required for column in columns) == (CONTRACT | PINNED)[name]


def test_there_are_no_other_tables():
    """Eighteen to fill in, and one that a command writes."""
    assert list(tables()) == [*CONTRACT, *PINNED]
    assert [name for name, contract in tables().items() if contract.holds == "pinned"] == list(PINNED)


def test_every_column_and_key_says_what_it_is():
    """A description each, a target for each reference, choices for each choice."""
    for contract in tables().values():
        for column in contract.columns:
            assert column.description
            assert (column.kind == "ref") == bool(column.target)
            assert column.target in {"", *tables()}
            assert bool(column.choices) or column.kind != "choice"
            assert column.unit or column.kind != "number" or contract.name in {"qualities", "quality_limits", "changes"}
    assert all(key.column.description for keys in settings_keys().values() for key in keys.values())


def test_settings_and_their_contract_agree():
    """Names and defaults of the dataclasses are those of the contract."""
    usual = Settings()
    for section, keys in settings_keys().items():
        part = RouterChoice() if section == "routing" else getattr(usual, section) if section else usual
        names = {field.name for field in fields(part)}
        if not section:
            names -= set(SECTIONS)
        assert set(keys) == names
        for name, key in keys.items():
            value = getattr(part, name)
            shown = ";".join(value) if isinstance(value, tuple) else "" if value is None or value == {} else value
            if isinstance(shown, bool):
                shown = str(shown).lower()
            wanted: object = key.column.default
            if isinstance(shown, (int, float)):
                wanted = float(key.column.default)
            assert shown == wanted, name
    assert all(is_dataclass(getattr(usual, section)) for section in SECTIONS if section not in {"routing", "scale"})


def test_the_documentation_names_every_column_and_key():
    """One heading per table and section, one line per column and key, no broken table."""
    text = schema_markdown(level=2)

    for name, contract in tables().items():
        section = text.split(f"### {name}\n")[1].split("\n#")[0]
        lines = [line for line in section.splitlines() if line.startswith("| `")]
        assert [line.split("`")[1] for line in lines] == [n for n in contract.names if n not in {"note", "source"}]
        assert {line.count(" | ") for line in lines} == {5}
    for section, keys in settings_keys().items():
        title = {"": "Top of the file", "routing": "[routing.MODE]"}.get(section, f"[{section}]")
        assert f"\n### {title}" in text
        assert all(f"| `{name}` |" in text for name in keys)


def test_a_new_scenario_solves_as_it_is(tmp_path: Path):
    """It reads without a problem or warning, has every table with every column, and a small example to overwrite."""
    folder = new(tmp_path / "humber")

    scenario = read(folder)
    assert scenario.warnings == ()
    assert len(scenario.streams) == len(scenario.demands) == 2
    assert scenario.modes["detour"].tolist() == [1.3]
    for name in CONTRACT:
        contract = tables()[name]
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert tuple(next(csv.reader(file))) == contract.names
    assert "isopt check humber" in (folder / "README.md").read_text("utf-8")


def test_every_commented_key_of_a_template_is_valid(tmp_path: Path):
    """Taking the mark away from all of them gives settings without a problem."""
    text = (new(tmp_path / "humber") / "scenario.toml").read_text("utf-8")

    document = tomllib.loads(re.sub(r"^# ", "", text, flags=re.MULTILINE))

    assert parse_settings(document)[1] == []
    assert set(document) == {"title", "base", "price_year", *SECTIONS}
    document["routing"] = document["routing"]["truck"]
    assert {
        name: set(section) for name, section in document.items() if isinstance(section, dict) and name != "scale"
    } == {section: set(keys) for section, keys in settings_keys().items() if section}


def test_an_empty_new_scenario_has_headers_only(tmp_path: Path):
    """Tables to fill in, and nothing invented."""
    folder = new(tmp_path / "empty", example=False)

    assert all(len((folder / f"{name}.csv").read_text().splitlines()) == 1 for name in CONTRACT)
    assert not (folder / "geocodes.csv").exists()
    assert tomllib.loads((folder / "scenario.toml").read_text()).keys() >= {"title"}


def test_nothing_is_overwritten(tmp_path: Path):
    """A folder that holds a scenario, and a file in the way, are refused; other files do not matter."""
    (tmp_path / "notes.txt").write_text("mine")
    folder = new(tmp_path)

    with pytest.raises(InputError, match="already, and nothing is overwritten"):
        new(folder)
    with pytest.raises(InputError, match="is a file; give the name"):
        new(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"
