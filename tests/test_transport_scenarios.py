"""Transport scenarios: each change worked out on paper, read from a file, compared without inventing numbers."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import isopt
from isopt import knowledge
from isopt.errors import InputError, ScenarioError
from isopt.knowledge.trucking import Truck, handling, haul_rates, truck, truck_parts
from isopt.scenario import Scenario
from isopt.studies.transport import TransportChange, change_of, transport_scenario
from isopt.studies.transport_comparison import compare_transport, write_transport
from isopt.studies.transport_file import read_transport_scenarios

ROOT = Path(__file__).resolve().parents[1]
KM_PER_DEGREE = 6371.0088 * 3.141592653589793 / 180
LORRY = truck()  # 25 t, back empty
ELECTRIC = truck("electric")
Q = 25.0


def approx(figure: Any) -> Any:
    return pytest.approx(figure, rel=1e-9, abs=1e-9)


def place(facility: str, km: float) -> dict[str, Any]:
    return {"facility": facility, "lat": 0.0, "lon": km / KM_PER_DEGREE}


def region(settings: dict[str, Any] | None = None, **tables: Any) -> Scenario:
    """A gives off 100 t, for which it pays 60 EUR/t; B at 200 km and C at 40 km take 50 t each instead of 10 EUR/t."""
    need = {"material": "w", "need_per_yr": 50, "virgin_eur_per_unit": 10}
    base: dict[str, Any] = {
        "facilities": [place("A", 0), place("B", 200), place("C", 40)],
        "materials": [{"material": "w", "state": "solid", "disposal_class": "none"}],
        "streams": [
            {"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100, "own_disposal_eur_per_unit": 60}
        ],
        "demands": [{"demand": "b", "facility": "B"} | need, {"demand": "c", "facility": "C"} | need],
        "modes": [
            {
                "mode": "truck",
                "network": "road",
                "eur_per_tkm": 0.2,
                "eur_per_t": 4,
                "kgco2_per_tkm": 0.1,
                "speed_kmh": 66,
            },
            {"mode": "barge", "network": "water", "eur_per_tkm": 0.05, "max_km": 0},
        ],
    }
    return Scenario.of(base | tables, {"economics": {"discount_rate": 0}} | (settings or {}), "region")


def rates(scenario: Scenario, mode: str = "truck") -> tuple[float, float, float]:
    row = scenario.modes.set_index("mode").loc[mode]
    return row["eur_per_tkm"], row["eur_per_t"], row["kgco2_per_tkm"]


def test_the_build_up_reproduces_the_planning_rates_and_the_measured_emission():
    """0.11 EUR/t-km and 3 EUR/t of the cited rates; fuel of a lorry from empty to full within the official factors."""
    found = haul_rates(LORRY)
    official = knowledge.table("transport_emission").set_index("vehicle")["wtw"] / 1000

    assert found.eur_per_tkm == pytest.approx(knowledge.transport_factor("road_truck_40t").value, rel=1e-3)
    assert found.eur_per_t == approx(knowledge.transport_factor("road_truck_40t", "eur_per_t").value)
    assert official["road_articulated_over_33t_100_laden"] < found.kgco2_per_tkm
    assert found.kgco2_per_tkm < official["road_articulated_over_33t_average_laden"]


def test_every_part_of_a_lorry_has_its_unit_and_source():
    """Each number says where it comes from; those nobody read call themselves assumed."""
    for name in ("diesel", "electric"):
        parts = truck_parts(name)
        assert set(parts) == {field for field in Truck.__dataclass_fields__ if field != "toll_eur_per_km"}
        assert all(part.unit and part.year > 2000 for part in parts.values())
    assert truck_parts()["driver_eur_per_h"].assumed
    with pytest.raises(InputError, match='did you mean "diesel"'):
        truck("diesl")


def test_a_haul_on_paper():
    """20 t, half the way back empty: every part of the formula by itself."""
    lorry = Truck(20, 0.5, 0.25, 0.005, 2.0, 3.0, 33, 66, 0.5, 2, toll_eur_per_km=0.1)
    found = haul_rates(lorry)

    per_km = 33 / 66 + 0.5 + 0.1
    assert found.eur_per_tkm == approx(2.0 * (1.5 * 0.25 / 20 + 0.005) + 1.5 * per_km / 20)
    assert found.eur_per_t == approx(33 * 2 / 20)
    assert found.kgco2_per_tkm == approx(3.0 * (1.5 * 0.25 / 20 + 0.005))


@pytest.mark.parametrize("part", ["payload_t", "speed_kmh", "empty_share", "stop_h"])
def test_a_lorry_without_sense_is_refused(part):
    """No payload, standing still or less than nothing driven empty is no lorry."""
    with pytest.raises(InputError, match=part):
        haul_rates(Truck(**(LORRY.__dict__ | {part: -1.0})))


def test_handling_is_cited_by_network():
    """A bulk train is lifted for 2.36 EUR/t; roads have no terminal."""
    assert handling("rail").value == 2.36
    assert handling("rail", "general").value > handling("rail").value
    with pytest.raises(InputError):
        handling("road")


LITRES = 2 * LORRY.energy_per_km / Q + LORRY.energy_per_tkm  # per t-km, back empty


@pytest.mark.parametrize(
    ("change", "tkm", "t", "co2"),
    [
        ({"diesel_eur_per_l": 2.0}, LITRES * (2.0 - 1.3), 0, 0),
        ({"diesel_eur_per_l": 2.0, "base_diesel_eur_per_l": 1.5}, LITRES * 0.5, 0, 0),
        ({"toll_eur_per_km": 0.25}, 2 * 0.25 / Q, 0, 0),
        ({"driver_eur_per_h": 40}, 2 * 10 / 66 / Q, 10 * LORRY.stop_h / Q, 0),
        ({"speed_kmh": 50}, 2 * 30 * (1 / 50 - 1 / 66) / Q, 0, 0),
        (
            {"empty_share": 0.4},
            -0.6 / Q * (1.3 * LORRY.energy_per_km + 30 / 66 + LORRY.vehicle_eur_per_km),
            0,
            -0.6 / Q * LORRY.energy_per_km * LORRY.kgco2_per_energy,
        ),
        (
            {"payload_t": 20},
            2 * (1 / 20 - 1 / Q) * (1.3 * LORRY.energy_per_km + 30 / 66 + LORRY.vehicle_eur_per_km),
            30 * LORRY.stop_h * (1 / 20 - 1 / Q),
            2 * (1 / 20 - 1 / Q) * LORRY.energy_per_km * LORRY.kgco2_per_energy,
        ),
    ],
)
def test_a_change_moves_the_rates_by_its_difference(change, tkm, t, co2):
    """Whatever the region's own rates are, they move by what the build-up says the change costs and emits."""
    before = region()
    after = transport_scenario(before, **change)

    assert rates(after) == approx((0.2 + tkm, 4 + t, 0.1 + co2))
    assert rates(after, "barge") == rates(before, "barge")


def test_electric_lorries_by_their_share():
    """A third electric: a third of the difference between the two build-ups, with the grid and price given."""
    kwh = 2 * ELECTRIC.energy_per_km / Q + ELECTRIC.energy_per_tkm
    dearer = 2 * (ELECTRIC.vehicle_eur_per_km - LORRY.vehicle_eur_per_km) / Q
    whole = kwh * 0.3 - LITRES * 1.3 + dearer
    after = transport_scenario(
        region(), electric_share=1 / 3, electricity_eur_per_kwh=0.3, grid_kgco2_per_kwh=0.05
    )  # fmt: skip

    assert rates(after) == approx((0.2 + whole / 3, 4, 0.1 + (kwh * 0.05 - LITRES * LORRY.kgco2_per_energy) / 3))


def test_consumption_of_electric_lorries_is_the_mean_of_both_ways():
    """1.21 kWh/km is what the table holds: (0.92 + 1.50) / 2; twice of it doubles what the electricity costs."""
    own = transport_scenario(region(), electric_share=1)
    same = transport_scenario(region(), electric_share=1, kwh_per_km=(0.92 + 1.50) / 2)
    twice = transport_scenario(region(), electric_share=1, kwh_per_km=0.92 + 1.50)

    assert rates(same) == approx(rates(own))
    kwh = 2 * ELECTRIC.energy_per_km / Q + ELECTRIC.energy_per_tkm
    assert rates(twice)[0] - rates(own)[0] == approx(kwh * ELECTRIC.eur_per_energy)


def test_load_and_speed_of_the_mode_are_those_of_today():
    """A mode of 20 t at 50 km/h is the starting point, and both columns follow where they are filled."""
    modes = [
        {"mode": "truck", "network": "road", "eur_per_tkm": 0.3, "vehicle_t": 20, "speed_kmh": 50, "eur_per_trip": 9}
    ]
    after = transport_scenario(region(modes=modes), payload_t=25, speed_kmh=60).modes.iloc[0]

    before, then = Truck(**(LORRY.__dict__ | {"payload_t": 20, "speed_kmh": 50})), Truck(**(LORRY.__dict__ | {"speed_kmh": 60}))  # fmt: skip
    assert after["eur_per_tkm"] == approx(0.3 + haul_rates(then).eur_per_tkm - haul_rates(before).eur_per_tkm)
    assert (after["vehicle_t"], after["speed_kmh"], after["eur_per_trip"]) == (25, 60, 9)
    assert transport_scenario(region(), payload_t=20).modes["vehicle_t"].isna().all()


def test_what_a_scenario_does_not_count_stays_uncounted():
    """Emissions and handling that are 0 are not counted: an electric lorry does not make them negative."""
    modes = [{"mode": "truck", "network": "road", "eur_per_tkm": 0.2}]
    after = transport_scenario(region(modes=modes), electric_share=1, driver_eur_per_h=50)

    assert rates(after)[1:] == (0, 0)


def test_rates_of_later_years_move_along_and_scale_does_not_enlarge_the_difference():
    """A toll of 0.02 EUR/t-km adds 0.02 in every year, under [scale] too."""
    scenario = region(
        {"scale": {"modes.eur_per_tkm": 1.5}},
        periods=[{"period": "2030", "year": 2030}, {"period": "2031", "year": 2031}],
        changes=[{"table": "modes", "id": "truck", "column": "eur_per_tkm", "period": "2031", "value": 0.4}],
    )
    after = transport_scenario(scenario, toll_eur_per_km=0.25)

    assert scenario.at("modes", "eur_per_tkm")[0].tolist() == approx([0.3, 0.6])
    assert after.at("modes", "eur_per_tkm")[0].tolist() == approx([0.32, 0.62])


def test_a_closed_mode_takes_its_rows_along():
    """Links, rules and changes of the mode go with it; the only mode can't be closed."""
    scenario = region(
        links=[
            {"from_facility": "A", "to_facility": "B", "mode": "barge"},
            {"from_facility": "A", "to_facility": "C", "distance_km": 41},
        ],
        rules=[{"mode": "barge", "allowed": True}, {"mode": "truck", "to_sector": "10", "allowed": False}],
        changes=[
            {"table": "modes", "id": "barge", "column": "eur_per_tkm", "period": "year", "factor": 2},
            {"table": "links", "id": "A|B||barge", "column": "eur_per_unit", "period": "year", "value": 2},
        ],
    )
    after = transport_scenario(scenario, close_modes=["barge"])

    assert list(after.modes["mode"]) == ["truck"]
    assert list(after.links["to_facility"]) == ["C"]
    assert list(after.rules["mode"]) == ["truck"]
    assert len(after.changes) == 0
    with pytest.raises(InputError, match="only mode"):
        transport_scenario(after, close_modes=["truck"])
    with pytest.raises(InputError, match='did you mean "barge"'):
        transport_scenario(scenario, close_modes=["barg"])


def terminals() -> list[dict[str, Any]]:
    return [place("T1", 5), place("T2", 195)]


def test_terminals_open_and_close():
    """A waterway of 190 km between quays at 1 EUR/t takes what goes to B off the road; closing one brings it back."""
    opened = transport_scenario(
        region(), open_terminals=terminals(), terminal_mode="barge", handling_eur_per_t=1.0
    )  # fmt: skip
    closed = transport_scenario(opened, close_terminals=["T1"])

    by_barge = 10 * 0.2 + 2 * 4 + 190 * 0.05 + 2 * 1
    to_c = 50 * (40 * 0.2 + 4)
    assert isopt.solve(opened).kpi("cost_total") == approx(to_c + 50 * by_barge)
    assert isopt.solve(closed).kpi("cost_total") == approx(to_c + 50 * (200 * 0.2 + 4))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"diesel_eur_per_litre": 2}, 'did you mean "diesel_eur_per_l"'),
        ({"diesel_eur_per_l": "high"}, 'diesel_eur_per_l is a number, not "high"'),
        ({"diesel_eur_per_l": True}, "is a number"),
        ({"toll_eur_per_km": -1}, "below 0"),
        ({"toll_eur_per_km": float("nan")}, "is a number"),
        ({"electric_share": 30}, "share from 0 to 1"),
        ({"close_modes": "truck"}, "list of texts"),
        ({"open_terminals": ["T1"]}, "list of tables"),
        ({"title": 7}, "is a text"),
        ({"payload_t": 0}, "payload_t must be above 0"),
        ({"road_modes": ["lorry"], "diesel_eur_per_l": 2}, '"lorry" is not in modes'),
        ({"empty_share": 0, "road_modes": ["barge"]}, "takes .* off"),
    ],
)
def test_wrong_changes_are_named(parts, words):
    """A sentence for each mistake, with the nearest name."""
    with pytest.raises(InputError, match=words):
        transport_scenario(region(), **parts)


def test_a_region_without_roads_or_rates_says_so():
    """Nothing is changed silently where there is nothing to change."""
    with pytest.raises(InputError, match=r"road_modes \(there are free\)"):
        transport_scenario(region(modes=[]), diesel_eur_per_l=2)
    with pytest.raises(InputError, match="give it one first"):
        transport_scenario(region(modes=[{"mode": "truck", "network": "road"}]), diesel_eur_per_l=2)
    with pytest.raises(InputError, match="not both"):
        transport_scenario(region(), TransportChange(), diesel_eur_per_l=2)


def test_scenarios_are_read_from_a_file(tmp_path):
    """A table per scenario, in order; an empty one is the region as it is."""
    path = tmp_path / "transport.toml"
    path.write_text(
        '\ufeff[today]\n[dear]\ntitle = "Diesel"\ndiesel_eur_per_l = 2\n'
        '[rail]\nhandling_eur_per_t = 1.5\n[[rail.open_terminals]]\nfacility = "T1"\nlat = 0\nlon = 1\n',
        encoding="utf-8",
    )
    found = read_transport_scenarios(path)

    assert list(found) == ["today", "dear", "rail"]
    assert found["today"] == TransportChange()
    assert found["dear"] == TransportChange(title="Diesel", diesel_eur_per_l=2)
    assert found["rail"].open_terminals == ({"facility": "T1", "lat": 0, "lon": 1},)


def test_everything_wrong_in_a_file_is_told_at_once(tmp_path):
    """Unknown names with the nearest one, wrong values, loose keys: three problems in one error."""
    path = tmp_path / "transport.toml"
    path.write_text('loose = 1\n[a]\ndisel_eur_per_l = 2\n[b]\nelectric_share = "all"\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_transport_scenarios(path)

    assert [(p.file, p.column) for p in error.value.problems] == [
        ("transport.toml", "loose"), ("transport.toml", "a.disel_eur_per_l"), ("transport.toml", "b.electric_share"),
    ]  # fmt: skip
    assert 'did you mean "diesel_eur_per_l"' in str(error.value)


@pytest.mark.parametrize(("text", "words"), [(b"", "holds no scenario"), (b"[a", "not valid TOML"), (b"\xff\xfe\xff", "UTF-8|TOML")])  # fmt: skip
def test_a_file_that_is_none_is_refused(tmp_path, text, words):
    """Empty, broken or binary: one sentence, no traceback; a missing one too."""
    (tmp_path / "t.toml").write_bytes(text)
    with pytest.raises(ScenarioError, match=words):
        read_transport_scenarios(tmp_path / "t.toml")
    with pytest.raises(InputError, match="can't be read"):
        read_transport_scenarios(tmp_path / "none.toml")


CHANGES: dict[str, Any] = {
    "dear": {"toll_eur_per_km": 4.0},  # 0.32 EUR/t-km: B costs 52 x 2 + 4 = 108 EUR/t, more than the 70 it saves
    "impossible": {"close_modes": ["tram"]},
    "quays": TransportChange(
        title="Quays", open_terminals=tuple(terminals()), terminal_mode="barge", handling_eur_per_t=1.0
    ),
}


def test_a_comparison_on_paper():
    """As it is both exchanges stand; the toll closes the far one; quays take it off the road; a wrong one has no number."""
    found = compare_transport(region(), CHANGES)
    table = found.table.set_index("scenario")

    assert list(table.index) == ["as_it_is", "dear", "impossible", "quays"]
    near, far = 50 * (40 * 0.2 + 4), 50 * (200 * 0.2 + 4)
    assert table.loc["as_it_is", "cost_total"] == approx(near + far)
    assert table.loc["dear", "cost_total"] == approx(50 * (40 * 0.52 + 4) + 50 * 60 + 50 * 10)
    assert table.loc["dear", ["opened", "closed", "exchanges"]].tolist() == [0, 1, 1]
    assert table.loc["dear", "cost_difference"] == approx(table.loc["dear", "cost_total"] - near - far)
    assert table.loc["quays", ["opened", "closed"]].tolist() == [3, 1]
    assert table.loc["as_it_is", "co2_transport"] == approx(50 * 240 * 0.1 / 1000)
    assert table.loc["quays", ["tonne_km_truck", "tonne_km_barge"]].tolist() == approx([50 * 50, 50 * 190])
    assert table.loc["quays", "share_barge"] == approx(190 / 240)
    assert table.loc["quays", "title"] == "Quays"


def test_what_has_no_plan_is_named_and_never_a_zero():
    """A scenario that can't be made or solved says why; all of its figures are empty."""
    must = [{"stream": "s", "facility": "A", "material": "w", "supply_per_yr": 100}]
    reach = transport_scenario(region(streams=must)).with_(modes={"truck": {"max_km": 1}})
    failed = compare_transport(region(), CHANGES).table.set_index("scenario").loc["impossible"]
    infeasible = compare_transport(reach, {}).table.iloc[0]

    assert failed["status"] == "failed"
    assert '"tram" is not in modes' in failed["reason"]
    assert infeasible["status"] == "infeasible"
    assert infeasible["reason"] != ""
    for row in (failed, infeasible):
        numbers = row.drop(["scenario", "title", "status", "reason"], errors="ignore")
        assert numbers.isna().all()
    assert "infeasible: " in str(compare_transport(reach, {}))


def test_the_split_adds_up_to_all_transport():
    """Tonne-kilometres by mode sum up to the KPI, shares to one."""
    found = compare_transport(region(), CHANGES)
    sums = found.modes.groupby("scenario")[["tonne_km", "share"]].sum()
    kpi = found.table.set_index("scenario")["tonne_km"]

    assert sums["tonne_km"].to_dict() == approx(kpi.dropna().to_dict())
    assert sums["share"].tolist() == approx([1, 1, 1])


def test_stopping_keeps_what_is_done():
    """Ctrl-C in the second solve leaves the first, names the rest as not solved, and says that it was stopped."""
    kept = []

    def stop(name: str, progress: Any) -> None:
        if name == "dear":
            raise KeyboardInterrupt

    found = compare_transport(region(), CHANGES, on_progress=stop, on_solution=lambda name, _: kept.append(name))

    assert found.interrupted
    assert kept == ["as_it_is"] == list(found.solutions)
    assert found.table["status"].tolist() == ["optimal", "not_solved", "not_solved", "not_solved"]
    assert "stopped before all were solved" in str(found)


def test_the_first_may_be_the_users_own_base():
    """An empty first table of the file is the region as it is; it is not solved twice."""
    found = compare_transport(region(), {"today": {}, "dear": CHANGES["dear"]})

    assert found.table["scenario"].tolist() == ["today", "dear"]
    assert found.table["opened"].tolist() == [0, 0]


def test_everything_is_written_whatever_the_names_say(tmp_path):
    """A folder for each solution inside the one asked for, a table that reads back, a drawing against the first."""
    hostile = {"../../up": {"toll_eur_per_km": 4.0}, "=cmd|'x'": {}, "Up": {"toll_eur_per_km": 0.1}}
    found = compare_transport(region(), hostile)
    drawn = []

    def draw(one: Any, other: Any, path: Any) -> Any:
        drawn.append((one.scenario.title, other.scenario.title, path.parent.name))
        return path

    write_transport(found, tmp_path / "out", draw=draw)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "Up_2", "as_it_is", "cmd_x", "modal_split.csv", "transport.csv", "up",
    ]  # fmt: skip
    assert (tmp_path / "out" / "up" / "summary.json").exists()
    table = pd.read_csv(tmp_path / "out" / "transport.csv")
    assert table["cost_total"].tolist() == approx(found.table["cost_total"].tolist())
    assert [folder for _, _, folder in drawn] == ["up", "cmd_x", "Up_2"]
    assert not (tmp_path.parent / "up").exists()


def test_a_change_takes_lists_and_integers_as_toml_gives_them():
    """Lists become tuples, so that a change is a value that can't be altered."""
    assert change_of({"road_modes": ["truck"], "payload_t": 24}).road_modes == ("truck",)


def test_slag_train_readme_runs(monkeypatch):
    """Every number of the README of the scenario with two terminals is computed by the engine as printed."""
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(
        str(ROOT / "scenarios" / "slag_train" / "README.md"),
        module_relative=False,
        optionflags=doctest.NORMALIZE_WHITESPACE,
    )

    assert result.attempted >= 10
    assert result.failed == 0


def test_slag_train_is_what_with_hubs_would_write():
    """Closing both terminals and opening them again at the same places gives the same plan."""
    scenario = isopt.read(ROOT / "scenarios" / "slag_train")
    places = scenario.facilities.set_index("facility").loc[["east", "west"], ["lat", "lon"]]
    bare = transport_scenario(scenario, close_modes=["rail"], close_terminals=["east", "west"])
    hubs = [
        {"facility": "rail_" + name, "lat": row.lat, "lon": row.lon, "capacity_t_per_yr": room}
        for (name, row), room in zip(places.iterrows(), (70_000, 200_000), strict=True)
    ]
    opened = transport_scenario(bare, open_terminals=hubs)

    assert isopt.solve(opened).kpi("cost_total") == approx(isopt.solve(scenario).kpi("cost_total"))
    assert opened.plants["capacity_per_yr"].tolist() == [70_000, 200_000]
