"""A scenario that is written and read is the same scenario, whatever it holds."""

from __future__ import annotations

import pickle
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_files import FILES, lay
from strategies import FEATURES, scenario_of

from isopt.scenario import Scenario, read, tables, write

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=12)
NAMES = TEXT.map(str.strip).filter(bool)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def again(scenario: Scenario) -> Scenario:
    """Write a scenario and read it."""
    with tempfile.TemporaryDirectory() as folder:
        return read(write(scenario, folder))


def assert_same(found: Scenario, expected: Scenario) -> None:
    """Fail with the table that differs."""
    assert found.settings == expected.settings
    for name, frame in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], frame, obj=name, check_exact=True)
        pd.testing.assert_frame_equal(found.given[name].frame, expected.given[name].frame, obj=name, check_exact=True)
    assert found == expected
    assert found.fingerprint == expected.fingerprint
    assert hash(found) == hash(expected)


def test_a_folder_comes_back_as_it_was(tmp_path: Path):
    """Tables, settings, changes and factors; no base, no column that says nothing."""
    base = lay(
        tmp_path / "quay",
        changes_csv="table,id,column,period,factor\nstreams,s1,supply_per_yr,winter,0.5\n",
        scenario_toml='title = "Köge \\"Süd\\""\n[scale]\n"demands.need_per_yr" = 1.1\n[limits]\nplants = 1\n',
    )
    child = tmp_path / "child"
    child.mkdir()
    (child / "scenario.toml").write_text('base = "../quay"\n[limits]\nplants = "none"\n')
    scenario = read(child)

    folder = write(scenario, tmp_path / "new" / "place")

    assert_same(read(folder), scenario)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "changes.csv"])
    document = tomllib.loads((folder / "scenario.toml").read_text("utf-8"))
    assert document == {"title": 'Köge "Süd"', "scale": {"demands.need_per_yr": 1.1}}
    assert (folder / "streams.csv").read_text("utf-8") == FILES["streams.csv"]
    assert base.exists()


def test_what_was_given_is_written_and_not_what_was_filled_in(tmp_path: Path):
    """Projected coordinates, empty organisations and spellings of units stay the user's."""
    scenario = Scenario.of(
        {
            "facilities": [{"facility": "A", "lat": 180380.25, "lon": 530040.5, "crs": "EPSG:27700"}],
            "materials": [{"material": "ash", "unit": "tonnes"}],
            "streams": [{"stream": "s", "facility": "A", "material": "ash", "supply_per_yr": 1}],
        }
    )

    folder = write(scenario, tmp_path)

    assert (folder / "facilities.csv").read_text() == "facility,lat,lon,crs\nA,180380.25,530040.5,EPSG:27700\n"
    assert_same(read(folder), scenario)


def test_writing_over_an_older_scenario_leaves_nothing_of_it(tmp_path: Path):
    """Tables that the new scenario does not have are removed; files of others stay."""
    scenario = read(lay(tmp_path / "quay"))
    smaller = scenario.with_(substitutions=[], plants=[], recipes=[], technologies=[])
    (tmp_path / "quay" / "README.md").write_text("mine")

    write(smaller, tmp_path / "quay")

    assert_same(read(tmp_path / "quay"), smaller)
    assert not (tmp_path / "quay" / "plants.csv").exists()
    assert (tmp_path / "quay" / "README.md").read_text() == "mine"


def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Files are written under another name and moved: nobody sees half of one, and no rest stays behind."""
    scenario = read(lay(tmp_path / "quay"))
    before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "quay").iterdir())

    def broken(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="no space left"):
        write(scenario.with_(streams={"s1": {"supply_per_yr": 5}}), tmp_path / "quay")

    assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "quay").iterdir()) == before


@given(seed=st.integers(0, 10_000), features=st.sets(st.sampled_from(FEATURES), max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rich_scenarios_come_back_as_they_were(seed: int, features: set[str]):
    """Plants, links, rules, stocks, seasons, changes, policy: writing and reading changes nothing."""
    scenario = scenario_of(seed, sorted(features))

    assert_same(again(scenario), scenario)
    assert scenario.with_() == scenario


@given(
    ids=st.lists(NAMES, min_size=1, max_size=4, unique=True),
    texts=st.lists(TEXT, min_size=4, max_size=4),
    numbers=st.lists(NUMBERS, min_size=4, max_size=4),
    title=TEXT,
)
@settings(max_examples=25, deadline=None)
def test_any_text_and_any_number_come_back(ids: list[str], texts: list[str], numbers: list[float], title: str):
    """Quotes, separators, line breaks, other scripts and the last bit of a number survive."""
    rows: list[dict[str, Any]] = [
        {"material": name, "note": texts[place % 4], "name": texts[(place + 1) % 4]} for place, name in enumerate(ids)
    ]
    scenario = Scenario.of(
        {
            "facilities": [{"facility": name, "city": texts[place % 4]} for place, name in enumerate(ids)],
            "materials": rows,
            "streams": [
                {
                    "stream": name, "facility": name, "material": name, "supply_per_yr": abs(numbers[place % 4]),
                    "own_disposal_eur_per_unit": numbers[(place + 1) % 4],
                }
                for place, name in enumerate(ids)
            ],
        },
        {"title": title},
    )  # fmt: skip

    assert_same(again(scenario), scenario)


def test_a_scenario_travels_between_processes(tmp_path: Path):
    """It can be pickled, with all it knows."""
    scenario = read(lay(tmp_path / "quay"))

    copy = pickle.loads(pickle.dumps(scenario))

    assert_same(copy, scenario)
    assert copy.at("streams", "supply_per_yr").tolist() == scenario.at("streams", "supply_per_yr").tolist()


def test_scenarios_are_equal_by_what_they_say(tmp_path: Path):
    """Name and folder do not matter, any cell does, and nothing else equals a scenario."""
    scenario = read(lay(tmp_path / "quay"))

    assert read(lay(tmp_path / "other")) == scenario
    assert scenario.with_(name="x") == scenario
    assert scenario.with_(streams={"s1": {"note": "seen"}}) != scenario
    assert scenario.with_(solver={"gap": 0.01}) != scenario
    assert scenario != "quay"
    assert repr(scenario).startswith("Scenario('quay': 3 facilities, 4 materials, 2 streams")


def test_every_published_contract_case_is_in_order(shared: Path):
    """Each folder of the contract's examples is read without a problem, and survives writing."""
    folders = sorted(path for path in (shared / "cases" / "contract").iterdir() if path.is_dir())
    assert len(folders) >= 46

    for folder in folders:
        scenario = read(folder)
        assert_same(again(scenario), scenario)
        assert set(scenario.tables) == set(tables())
