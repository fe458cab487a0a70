"""The bundled scenarios: what their READMEs say is what the engine finds, and every plan passes the audit."""

from __future__ import annotations

import csv
import doctest
import json
import re
from functools import cache
from pathlib import Path

import pytest

import isopt
from isopt.geo.distance import haversine_km
from isopt.solution import Solution

approx = pytest.approx
ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = ROOT / "scenarios"
NAMES = sorted(path.parent.name for path in SCENARIOS.glob("*/scenario.toml"))
REAL = ("kalundborg", "kalundborg_2020", "sotenas")
LABELS = ("documented", "derived", "recalled", "assumed", "second hand")
EVIDENCED = (
    "facilities",
    "materials",
    "streams",
    "demands",
    "substitutions",
    "technologies",
    "recipes",
    "plants",
    "disposals",
    "modes",
    "links",
    "rules",
)


@cache
def solved(name: str) -> Solution:
    return isopt.solve(isopt.read(SCENARIOS / name))


def known_exchanges(name: str) -> list[dict[str, str]]:
    """Return the rows of the README's table that has a column "comes out"."""
    tables = re.findall(r"(?:^\|.*\|\n)+", (SCENARIOS / name / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    for text in tables:
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()]
        if "comes out" in lines[0]:
            return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]
    raise AssertionError(f"the README of {name} has no table of exchanges")


def sent(solution: Solution, origin: str, receiver: str, material: str) -> float:
    flows = solution.flows
    fits = (flows["kind"] == "exchange") & (flows["from_facility"] == origin) & (flows["to_facility"] == receiver)
    return float(flows.loc[fits & (flows["material"] == material), "sent"].sum())


@pytest.mark.parametrize("name", NAMES)
def test_bundled_scenario_is_clean(name):
    """A scenario that ships is read without a problem or a warning and explains itself in a README."""
    scenario = isopt.read(SCENARIOS / name)

    assert scenario.warnings == ()
    assert scenario.title
    assert (SCENARIOS / name / "README.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_bundled_scenario_is_solved_and_audited(name):
    """Every bundled scenario is solved to proven optimality, and an independent audit finds nothing."""
    solution = solved(name)
    report = isopt.audit(solution)

    assert solution.status == "optimal"
    assert solution.baseline is not None
    assert report.passed, str(report)


def test_two_firms_readme_runs():
    """Every number of the two-firm README is computed by the engine as printed."""
    result = doctest.testfile(
        str(SCENARIOS / "two_firms" / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )

    assert result.attempted >= 8
    assert result.failed == 0


def test_two_firms_on_paper():
    """Baseline 100 x 95 + 80 x 12; with the exchange 20 t landfilled and 80 t hauled over 60 km."""
    solution = solved("two_firms")

    assert solution.baseline.kpi("cost_total") == approx(100 * (45 + 50) + 80 * 12)
    assert solution.kpi("cost_total") == approx(20 * (45 + 50) + 80 * (60 * 0.11 + 3))
    assert solution.kpi("landfill_tax") == approx(20 * 50)
    assert solution.kpi("co2_total") == approx((20 * 1.26 + 80 * 60 * 0.095) / 1000)
    assert solution.kpi("co2_avoided") == approx((80 * 1.26 + 80 * 7.79 - 80 * 60 * 0.095) / 1000)


def test_two_firms_far_apart_landfill():
    """Past (95 + 12 - 3) / 60 EUR per t-km hauling costs more than it saves."""
    scenario = isopt.read(SCENARIOS / "two_firms")
    limit = (95 + 12 - 3) / 60

    below = isopt.solve(scenario.with_(modes={"truck": {"eur_per_tkm": limit - 0.001}}))
    above = isopt.solve(scenario.with_(modes={"truck": {"eur_per_tkm": limit + 0.001}}))

    assert below.kpi("exchanged") == approx(80)
    assert above.kpi("exchanged") == 0


@pytest.mark.parametrize(
    ("name", "case", "exchanges"),
    [
        ("five_firms", "default (Fixed 500/800)", 1),
        ("five_firms_cheap_activation", "fixed cost at 10%", 4),
        ("five_firms_no_activation", "no fixed cost", 5),
    ],
)
def test_five_firms_give_the_published_optimum(name, case, exchanges, shared):
    """The published park comes out to nine decimals, at full, tenth and no activation cost."""
    published = json.loads((shared / "cases/simbioptimize/five_firms.json").read_text())[case]
    solution = solved(name)

    assert solution.kpi("cost_total") == approx(published["optimum"], rel=1e-9)
    assert solution.baseline.kpi("cost_total") == approx(published["baseline"], rel=1e-9)
    assert solution.kpi("exchanges") == exchanges
    assert f"{published['optimum']:,.9f}"[:-1] in (SCENARIOS / "five_firms/README.md").read_text()
    moved = solution.flows[solution.flows["kind"] == "exchange"]
    found = {f"{row.material} {row.from_facility}->{row.to_facility}": row.sent for row in moved.itertuples()}
    assert found == approx(published["flows"], abs=1e-5)


def test_five_firms_layout_agrees_with_the_distances():
    """The coordinates are a layout of the published distances: straight lines differ by a few metres at most."""
    scenario = isopt.read(SCENARIOS / "five_firms")

    place = scenario.facilities.set_index("facility")[["lat", "lon"]]
    for link in scenario.links.itertuples():
        line = haversine_km(*place.loc[link.from_facility], *place.loc[link.to_facility])
        assert float(line) == approx(link.distance_km, abs=0.005)


@pytest.mark.parametrize("name", REAL)
def test_every_row_has_its_evidence_and_source(name):
    """In the scenarios of real places each row says how its numbers are known, and from where."""
    scenario = isopt.read(SCENARIOS / name)

    for table in EVIDENCED:
        for row in scenario.tables[table].itertuples():
            assert row.note.startswith(LABELS), (table, row.note)
            assert row.source != "", (table, row.note)


@pytest.mark.parametrize("name", REAL)
def test_known_exchanges_come_out_as_the_readme_says(name):
    """The README's table of known exchanges is what the engine finds, the misses included."""
    solution = solved(name)
    rows = known_exchanges(name)

    wrong = [
        (row["from"], row["to"], row["material"], amount)
        for row in rows
        if ((amount := sent(solution, row["from"], row["to"], row["material"])) > 0) != (row["comes out"] == "yes")
    ]
    assert wrong == []
    for row in rows:
        if "in the plan" in row:
            amount = sent(solution, row["from"], row["to"], row["material"])
            assert amount == approx(float(row["in the plan"]), abs=1)


@pytest.mark.parametrize("name", REAL)
def test_readme_lists_every_exchange_between_organisations(name):
    """No exchange comes out that the README does not list: new ones would have to be explained."""
    listed = {(row["from"], row["to"], row["material"]) for row in known_exchanges(name) if row["comes out"] == "yes"}
    found = solved(name).exchanges
    between = found[found["between_organisations"]]

    assert {(row.from_facility, row.to_facility, row.material) for row in between.itertuples()} == listed


def test_all_exchanges_of_the_research_list_are_answered(shared):
    """Each exchange of the historic list stands in the table of one of the two Kalundborg scenarios."""
    with (shared / "data/kalundborg/kalundborg_exchanges.csv").open(encoding="utf-8") as lines:
        historic = {(row["from"], row["to"]) for row in csv.DictReader(lines)}
    answered = {(row["from"], row["to"]) for name in REAL[:2] for row in known_exchanges(name)}

    assert historic <= answered


def test_classic_kalundborg_comes_out_for_the_most_part():
    """Twelve of the thirteen classic exchanges come out by themselves, and the candidate biogas plant is not built."""
    classic = [row for row in known_exchanges("kalundborg") if row["to"] != "bioenergi"]
    solution = solved("kalundborg")

    assert [row["comes out"] for row in classic].count("yes") == 13
    assert [(row["to"], row["material"]) for row in classic if row["comes out"] == "no"] == [("road", "fly_ash")]
    assert solution.kpi("plants_built") == 0
    assert not (isopt.read(SCENARIOS / "kalundborg").links["status"] == "required").any()


@pytest.mark.parametrize(
    ("carbon", "tax", "saved"),
    [(75, 63.7, 87.6e6), (0, 63.7, 72.5e6), (75, 0, 71.5e6), (0, 0, 56.4e6)],
)
def test_classic_kalundborg_does_not_hang_on_todays_policy(carbon, tax, saved):
    """Without landfill tax, carbon price or both the same thirteen exchanges come out, with a smaller saving."""
    scenario = isopt.read(SCENARIOS / "kalundborg").with_(
        policy={
            "carbon_price_eur_per_t": carbon,
            "landfill_tax_eur_per_t": dict.fromkeys(("inert", "non_hazardous", "hazardous"), tax),
        }
    )
    solution = isopt.solve(scenario)

    assert set(solution.exchanges["exchange"]) == set(solved("kalundborg").exchanges["exchange"])
    assert solution.kpi("cost_saved") == approx(saved, abs=0.06e6)


def twice_the_pipes(scenario):
    modes = scenario.modes.query("capex_eur_per_km > 0")
    return {
        "modes": {row.mode: {"capex_eur_per_km": 2 * row.capex_eur_per_km} for row in modes.itertuples()},
        "links": {"asnaes|town|hot_water|heat_pipe": {"capex_eur": 2 * 50.4e6}},
    }


def half_the_fuel(scenario):
    energy = scenario.materials.query("unit == 'MWh'")["material"]
    demands = scenario.demands[scenario.demands["material"].isin(energy)]
    return {
        "demands": {row.demand: {"virgin_eur_per_unit": row.virgin_eur_per_unit / 2} for row in demands.itertuples()}
    }


@pytest.mark.parametrize("change", [twice_the_pipes, half_the_fuel])
def test_classic_kalundborg_survives_other_prices(change):
    """Pipes at twice the price or gas and oil at half the price change no exchange."""
    scenario = isopt.read(SCENARIOS / "kalundborg")
    solution = isopt.solve(scenario.with_(**change(scenario)))

    assert set(solution.exchanges["exchange"]) == set(solved("kalundborg").exchanges["exchange"])


def test_free_disposal_leaves_what_only_disposal_drives():
    """With disposal free and no carbon price two exchanges leave: sludge that only avoids a fee."""
    scenario = isopt.read(SCENARIOS / "kalundborg").with_(
        policy={"carbon_price_eur_per_t": 0, "landfill_tax_eur_per_t": {"non_hazardous": 0}},
        disposals={"landfill": {"gate_fee_eur_per_unit": 0}, "incinerator": {"gate_fee_eur_per_unit": 0}},
        streams={
            "biosludge_novonordisk": {"own_disposal_eur_per_unit": 0},
            "yeast_slurry_novozymes": {"own_disposal_eur_per_unit": 0},
        },
    )
    left = set(solved("kalundborg").exchanges["exchange"]) - set(isopt.solve(scenario).exchanges["exchange"])

    assert left == {"novonordisk>farms|tanker|biosludge", "utility>soilrem|tanker|sewage_sludge"}


def test_danish_support_would_have_built_the_biogas_plant_early():
    """With 53.9 EUR/MWh on upgraded biogas the plant takes the organic residues of the classic years."""
    scenario = isopt.read(SCENARIOS / "kalundborg").with_(
        substitutions={"biomethane|grid_gas": {"cost_eur_per_unit": -53.9}}
    )
    solution = isopt.solve(scenario)

    assert solution.kpi("plants_built") == 1
    assert set(solution.throughput["input"]) == {"biosludge", "yeast_slurry", "sewage_sludge"}


@pytest.mark.parametrize(
    ("support", "carbon", "built"), [(-53.9, 75, 1), (-53.9, 0, 1), (0, 75, 1), (0, 45, 1), (0, 44, 0), (0, 0, 0)]
)
def test_what_carries_the_biogas_plant_of_2020(support, carbon, built):
    """Without the support the plant needs a carbon price of 45 EUR/t; with it, none."""
    scenario = isopt.read(SCENARIOS / "kalundborg_2020").with_(
        substitutions={"biomethane|grid_gas": {"cost_eur_per_unit": support}}, policy={"carbon_price_eur_per_t": carbon}
    )

    assert isopt.solve(scenario).kpi("plants_built") == built


def test_biogas_of_2020_makes_what_is_documented():
    """300,000 t of residues give 8 million m3 of gas (80,000 MWh), as announced."""
    solution = solved("kalundborg_2020")

    assert solution.throughput["amount"].sum() == approx(300_000)
    assert sent(solution, "bioenergi", "bioenergi", "biomethane") == approx(8e6 * 10 / 1000, rel=0.01)


def test_readme_of_kalundborg_prints_the_kpis():
    """Saving, CO2, water, energy and material of the README are those of the plan."""
    solution, text = solved("kalundborg"), (SCENARIOS / "kalundborg/README.md").read_text(encoding="utf-8")

    assert f"{solution.kpi('cost_saved') / 1e6:.1f} M EUR" in text
    assert f"{solution.kpi('co2_avoided') / 1e3:.0f},000 t" in text
    assert f"{solution.kpi('water_saved') / 1e6:.1f} million m3" in text
    assert f"{solution.kpi('heat_recovered') / 1e3:.0f} GWh" in text
    assert f"{solution.kpi('virgin_saved') / 1e3:.0f},000 t bought less" in text
    assert f"{solution.kpi('capex') / 1e6:.0f} M EUR of 2025" in text


def test_sotenas_permit_cap_builds_the_water_plant():
    """With all process water allowed into the sea the treatment is not built; the biogas plant stands at any cap."""
    scenario = isopt.read(SCENARIOS / "sotenas")
    at = {cap: isopt.solve(scenario.with_(disposals={"outfall": {"capacity_per_yr": cap}})) for cap in (1e5, 3e5)}
    at[2e5] = solved("sotenas")
    built = {cap: set(solution.plants.query("built")["plant"]) for cap, solution in at.items()}

    assert {cap: "water_plant" in plants for cap, plants in built.items()} == {1e5: True, 2e5: True, 3e5: False}
    assert all("biogas_plant" in plants for plants in built.values())
    assert [round(at[cap].kpi("cost_saved") / 1e6, 2) for cap in (3e5, 2e5, 1e5)] == [1.49, 2.98, 4.74]
    capped = at[2e5].disposal.query("outlet == 'outfall'")["amount"].sum()
    assert capped == approx(200_000)


def test_sotenas_balances_gas_and_digestate_by_the_yields():
    """Gas and digestate are the yields of what was digested; the engine makes 38 % power and 45 % heat."""
    solution = solved("sotenas")
    fed = solution.throughput.query("plant == 'biogas_plant'").groupby("input")["amount"].sum()
    burnt = solution.throughput.query("plant == 'engine_plant'")["amount"].sum()
    out = solution.flows[solution.flows["origin_kind"] == "plant"].groupby("material")["sent"].sum()

    assert out["biogas"] == approx(1.147 * fed["fish_trimmings"] + 0.678 * fed["fish_sludge"])
    assert out["digestate"] == approx(0.85 * fed["fish_trimmings"] + 0.9 * fed["fish_sludge"])
    assert out["electricity"] == approx(0.38 * burnt)
    assert out["hot_water"] == approx(0.45 * burnt)


@pytest.mark.parametrize(
    ("margin", "alone", "in_the_park"),
    [(1000, True, True), (980, False, True), (805, False, True), (795, False, False)],
)
def test_sotenas_salmon_needs_less_margin_in_the_park(margin, alone, in_the_park):
    """The farm needs 987 EUR/t alone and 801 EUR/t where its sludge and water have somewhere to go."""
    scenario = isopt.read(SCENARIOS / "sotenas").with_(technologies={"salmon": {"opex_eur_per_unit": -margin}})
    solution = isopt.solve(scenario)

    def farm(plan: Solution) -> bool:
        return bool(plan.plants.query("plant == 'salmon_farm'")["built"].item())

    assert farm(solution) is in_the_park
    assert farm(solution.baseline) is alone
