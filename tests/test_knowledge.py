"""The cited tables: every number has a source, and the known traps are fenced."""

from __future__ import annotations

import math
from importlib import resources

import pandas as pd
import pytest

from isopt import knowledge
from isopt.errors import InputError
from isopt.units import UNITS

approx = pytest.approx
TABLES = knowledge.names()
FOLDER = resources.files("isopt.knowledge")


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_it_comes_from(name):
    """A row without source, year, evidence or confidence could not be defended in front of a planner."""
    frame = knowledge.table(name)

    assert len(frame) > 0
    assert set(frame["confidence"]) <= {"high", "medium", "low"}
    assert set(frame["evidence"]) <= set(knowledge.EVIDENCE)
    assert frame["year"].between(1990, 2030).all()
    for source in set(frame["source"]):
        assert knowledge.citation(source)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_states_its_units(name):
    """A table of numbers says in which units they are, as a whole or row by row."""
    entry = knowledge.contents().set_index("table").loc[name]
    frame = knowledge.table(name)

    assert entry["units"] != ""
    for unit in ("unit", "value_unit", "to_unit", "from_unit"):
        if unit in frame and "in the row" in entry["units"]:
            assert (frame[unit] != "").all(), name


@pytest.mark.parametrize("name", TABLES)
def test_numbers_are_numbers(name):
    """The columns that the contents call numbers are floats and hold at least one value."""
    frame = knowledge.table(name)

    for column in filter(None, knowledge.contents().set_index("table").loc[name, "numbers"].split(";")):
        assert frame[column].dtype == float, (name, column)
        assert frame[column].notna().any(), (name, column)


def test_what_nobody_read_is_shown_as_assumed():
    """A number recalled or planned without a source calls itself assumed, whatever its confidence."""
    planned = knowledge.gate_fee("EU", "landfill_planning_range")
    read = knowledge.carbon_price(2025)

    assert planned.assumed
    assert "assumed" in str(planned)
    assert not read.assumed
    frame = knowledge.table("landfill_tax")
    assert set(frame.loc[frame["source"] == "national_law", "evidence"]) == {"recalled"}


def test_sources_file_prints_every_source_and_attribution():
    """Licences that ask for attribution get it: the text of each stands in SOURCES.md."""
    text = FOLDER.joinpath("SOURCES.md").read_text(encoding="utf-8")
    sources = pd.read_csv(str(FOLDER.joinpath("data", "sources.csv")), dtype=str, keep_default_na=False)

    for row in sources.itertuples():
        assert f"`{row.source}`" in text
        assert row.attribution in text
        if row.licence.startswith(("OGL", "CC BY")):
            assert row.attribution != "", row.source
    for name in TABLES:
        assert f"| {name} | {len(knowledge.table(name))} |" in text


def test_no_source_is_listed_that_nothing_uses():
    """A reference that no row points to is a claim without a number."""
    sources = pd.read_csv(str(FOLDER.joinpath("data", "sources.csv")), dtype=str)
    used = set().union(*(set(knowledge.table(name)["source"]) for name in TABLES))

    assert set(sources["source"]) == used


def test_tables_are_copies():
    """Changing a table that was handed out changes nothing for the next reader."""
    frame = knowledge.table("carbon_price")
    frame["eur_per_t_co2"] = 0.0

    assert knowledge.carbon_price(2025).value == 75.0


@pytest.mark.parametrize(
    ("country", "cls", "year", "eur"),
    [
        ("GB", "non_hazardous", 2025, 147.0),  # 126.15 GBP from April 2025
        ("GB", "non_hazardous", 2024, 122.0),  # 103.70 GBP from April 2024
        ("GB", "inert", 2025, 4.7),
        ("GB", "inert", 2026, 10.1),
        ("DK", "inert", 2025, 63.7),  # 475 DKK, every class
        ("DK", "hazardous", 2025, 63.7),
        ("DE", "non_hazardous", 2030, 0.0),  # no tax
        ("LV", "hazardous", 2024, 115.0),
        ("SE", "non_hazardous", 2025, 63.0),
    ],
)
def test_landfill_tax_in_force_in_the_middle_of_the_year(country, cls, year, eur):
    """The rate of a calendar year is the one of 30 June: a British year's rate counts from April."""
    assert knowledge.landfill_tax(country, cls, year).value == eur


@pytest.mark.parametrize(
    ("country", "cls", "year", "words"),
    [
        ("CY", "inert", 2025, "0 EUR/t ... to 2021-12-31"),
        ("SK", "hazardous", 2025, "known: none"),
        ("GB", "inert", 1990, "no landfill tax of GB for inert waste is known for 1990"),
        ("XX", "inert", 2025, "landfill_tax has no country"),
    ],
)
def test_an_unknown_tax_is_no_zero(country, cls, year, words):
    """Where no rate is known the answer is an error that says what is known, never 0."""
    with pytest.raises(InputError, match=words.replace("...", r"\.\.\.")):
        knowledge.landfill_tax(country, cls, year)


def test_desnz_recycling_factors_are_no_benefits():
    """DESNZ's rows beside landfill hold the transport to the plant only, so they can't be taken as emission factors."""
    frame = knowledge.table("disposal_emission")
    desnz = frame[frame["source"] == "desnz_2025"]

    assert set(desnz.loc[desnz["treatment"] != "landfill", "covers"]) == {"transport only"}
    assert set(desnz.loc[desnz["treatment"] == "landfill", "covers"]) == {"gas and transport"}
    assert set(desnz.loc[desnz["covers"] == "transport only", "kg_co2e_per_t"]) == {1.00835, 4.68568, 8.98311}
    for treatment in ("anaerobic_digestion", "composting", "incineration"):
        with pytest.raises(InputError, match="transport to the plant only"):
            knowledge.disposal_emission("Organic: food and drink waste", treatment)


def test_landfill_emissions_read_as_printed():
    """Spot checks against the printed tables, kg CO2e per tonne."""
    assert knowledge.disposal_emission("Organic: food and drink waste").value == 700.30886
    assert knowledge.disposal_emission("Wood").value == 925.34348
    assert knowledge.disposal_emission("fly ash", source="epa_hub_2022").value == 22.05
    assert knowledge.disposal_emission("food waste non meat", "composting", source="epa_hub_2022").value == 165.35


def test_carriage_is_well_to_wheel():
    """Tank-to-wheel and well-to-tank add up to the well-to-wheel rate the modes are given."""
    frame = knowledge.table("transport_emission").dropna(subset=["ttw", "wtt", "wtw"])

    assert (frame["ttw"] + frame["wtt"]).to_numpy() == approx(frame["wtw"].to_numpy(), abs=0.011)
    assert knowledge.transport_factor("road_truck_40t", "kgco2_per_tkm").value == approx(0.09502)
    assert knowledge.transport_factor("rail_bulk", "kgco2_per_tkm").value == approx(0.0347)
    assert knowledge.transport_factor("short_sea_bulk", "kgco2_per_tkm").value == approx(0.03626)
    with pytest.raises(InputError, match="no factor for pipeline"):
        knowledge.transport_factor("pipeline_liquid_gas", "kgco2_per_tkm")


def test_road_rate_by_country_is_the_derivation_it_claims():
    """EUR per t-km = EUR per km x 2 / 25 t in 2015, x 1.35 to 2024: 1.85 x 2 / 25 x 1.35 = 0.1998 in Denmark."""
    frame = knowledge.table("transport_cost_road")

    assert (frame["eur_per_km_2015"] * 2 / 25).to_numpy() == approx(frame["eur_per_tkm_2015"].to_numpy(), abs=1e-4)
    assert (frame["eur_per_tkm_2015"] * 1.35).to_numpy() == approx(frame["eur_per_tkm"].to_numpy(), abs=1e-4)
    assert knowledge.transport_factor("road_truck_40t", country="DK").value == 0.1998
    with pytest.raises(InputError, match="roads only"):
        knowledge.transport_factor("rail_bulk", country="DK")
    with pytest.raises(InputError, match="is not one of"):
        knowledge.transport_factor("rail_bulk", "price")


def test_money_is_converted_at_the_stated_rate_and_price_level():
    """90 GBP of 2012 are 90 / 0.811 EUR of 2012, and at the prices of 2025 that times the index ratio."""
    index = knowledge.table("price_index").set_index("year")["index"]

    assert knowledge.to_eur(90, "GBP", 2012) == approx(90 / 0.811)
    assert knowledge.gate_fee("GB", "efw_post2000").value == approx(90 / 0.811)
    assert knowledge.gate_fee("GB", "efw_post2000", price_year=2025).value == approx(90 / 0.811 * 100 / index[2012])
    assert knowledge.to_eur(5, "eur", 2020) == 5
    with pytest.raises(InputError, match="no year 1999"):
        knowledge.to_eur(1, "GBP", 1999)


def test_price_index_is_its_own_yearly_changes():
    """Each year's index is the one before times one plus the change."""
    frame = knowledge.table("price_index").sort_values("year")
    step = frame["index"].to_numpy()[1:] / frame["index"].to_numpy()[:-1]

    assert step == approx(1 + frame["change_pct"].to_numpy()[1:] / 100, abs=2e-4)
    assert frame["index"].iloc[-1] == 100


def test_gate_fee_takes_the_newest_survey_unless_told():
    """British digestion paid 41 GBP in 2012, 29 in 2016, 13 in 2022."""
    assert "13 GBP" in knowledge.gate_fee("GB", "anaerobic_digestion").note
    assert "29 GBP" in knowledge.gate_fee("GB", "anaerobic_digestion", year=2016).note
    with pytest.raises(InputError, match="in 1999"):
        knowledge.gate_fee("GB", "anaerobic_digestion", year=1999)


def test_materials_and_technologies_read_as_printed():
    """Spot checks of prices, footprints, yields and parameters."""
    assert knowledge.virgin_price("natural gas").unit == "EUR/MWh"
    assert knowledge.virgin_price("construction sand and gravel").value == approx(9.9 / 1.183)
    assert knowledge.virgin_footprint("clinker").value == 830
    assert knowledge.material_footprint("Glass", "closed_loop").value == 823.18954
    assert knowledge.technology("coal CHP, extraction", "c_v").value == 0.15
    assert knowledge.biogas_methane("fish processing sludge / trimmings").value == approx(115 * 9.97 / 1000)
    assert knowledge.constant("steam_10bar").value == approx((2778 - 440) / 3600, abs=5e-4)
    assert knowledge.pipe_cost("heat_dh").value == approx(
        800_000 / 0.858 * 100 / knowledge.table("price_index").set_index("year")["index"][2010]
    )
    with pytest.raises(InputError, match='did you mean "yeast slurry"'):
        knowledge.biogas_methane("yeast slury")


def test_nace_codes_have_names():
    """The classification is whole: 21 sections, 88 divisions, 272 groups, 615 classes."""
    assert list(knowledge.table("nace").groupby("level").size()) == [21, 88, 272, 615]
    assert knowledge.nace_name("35.21") == "Manufacture of gas"
    with pytest.raises(InputError):
        knowledge.nace_name("99.99")


def test_unknown_table_names_the_nearest():
    """A misspelt table is answered with the one that was meant."""
    with pytest.raises(InputError, match='did you mean "gate_fees"'):
        knowledge.table("gate_fee")
    with pytest.raises(InputError, match="is no source"):
        knowledge.citation("wikipedia")


def materials(*lines: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["material", "name", "unit", "ewc"])


def test_suggestions_name_rule_match_and_confidence():
    """Fly ash with its code is proposed for clinker 1:1 by rule R05, surely; gypsum by its name only, less surely."""
    found = knowledge.suggest_substitutions(
        materials(
            ("ash", "Fly ash", "t", "10 01 02"),
            ("fgd", "FGD gypsum", "t", ""),
            ("clinker", "Portland clinker", "t", ""),
            ("rock", "Natural gypsum", "t", ""),
        )
    )
    by_rule = found.set_index(["from_material", "to_material", "rule"])

    assert by_rule.loc[("ash", "clinker", "R05"), "ratio"] == 1.0
    assert by_rule.loc[("ash", "clinker", "R05"), "confidence"] == "high"
    assert by_rule.loc[("ash", "clinker", "R05"), "matched_by"] == "ewc and name"
    assert by_rule.loc[("ash", "clinker", "R05"), "sectors"] == "23.51"
    assert by_rule.loc[("fgd", "rock", "R06"), "confidence"] == "medium"
    assert by_rule.loc[("fgd", "rock", "R06"), "source"] != ""
    assert not [key for key in by_rule.index if key[0] == "clinker"]


def test_suggestions_keep_no_ratio_whose_units_do_not_fit():
    """A digestion rule speaks of MWh per tonne: against a gas counted in cubic metres its ratio is left open."""
    in_mwh = knowledge.suggest_substitutions(
        materials(("whey", "Whey", "t", "02 05 99"), ("gas", "Natural gas", "MWh", ""))
    ).set_index("rule")
    in_m3 = knowledge.suggest_substitutions(
        materials(("whey", "Whey", "t", "02 05 99"), ("gas", "Natural gas", "m3", ""))
    ).set_index("rule")

    assert in_mwh.loc["R10", "ratio"] == approx(18 * 9.97 / 1000, abs=1e-4)
    assert in_mwh.loc["R10", "confidence"] == "low"  # the rule itself is a planning value
    assert math.isnan(in_m3.loc["R10", "ratio"])
    assert in_m3.loc["R10", "confidence"] == "low"


def test_an_aside_is_no_match():
    """A rule's word in brackets, or a material's, makes two things no alike: refinery gas is no sulphur (refinery)."""
    found = knowledge.suggest_substitutions(
        materials(
            ("fuel_gas", "Refinery fuel gas", "MWh", ""),
            ("sulphur", "Elemental sulphur", "t", "05 01 16"),
            ("ash", "Fly ash", "t", "10 01 02"),
            ("coarse", "Bottom ash (clinker)", "t", "10 01 01"),
        )
    )

    assert found.empty


def test_nothing_known_gives_no_suggestion():
    """Materials without a known use give an empty table with all its columns."""
    found = knowledge.suggest_substitutions(materials(("moon", "Moon dust", "t", "")))

    assert found.empty
    assert "ratio" in found.columns


def test_rules_are_in_canonical_units():
    """Ratios of the rules are between tonnes, cubic metres and megawatt-hours, as scenarios count."""
    rules = knowledge.table("substitution_rules")

    assert set(rules["from_unit"]) | set(rules["to_unit"]) <= set(UNITS)
    assert (rules["ratio"] > 0).all()
    assert rules["max_share"].between(0, 1).all()
