"""Addresses pinned into a folder, what is doubtful about places, and what the solve says of both."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from small import demand, region, stream

import isopt
from isopt.cli import main
from isopt.scenario import read, write


def danish(**more):
    """A power station and a works known by address, a landfill known by coordinates."""
    parts = {
        "facilities": [
            {"facility": "Station", "postcode": "4400", "city": "Kalundborg", "country": "DK"},
            {"facility": "Works", "postcode": "4450", "city": "Jyderup", "country": "DK"},
            {"facility": "Tip", "lat": 55.6, "lon": 11.3, "country": "DK"},
        ],
        "materials": [{"material": "ash", "state": "solid", "disposal_class": "none"}],
        "streams": [stream("ash", "Station", 10)],
        "demands": [demand("works", "Works", 10, material="ash")],
        "disposals": [{"disposal": "tip", "facility": "Tip", "gate_fee_eur_per_unit": 90}],
        "modes": [{"mode": "truck", "eur_per_tkm": 0.1}],
    }
    return region(**(parts | more))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(danish(), tmp_path / "danish")


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "geocodes.csv").open(encoding="utf-8", newline="") as file:
        return {row["facility"]: row for row in csv.DictReader(file)}


def test_addresses_are_pinned_beside_the_tables(folder: Path, capsys):
    """Coordinates, level, radius and source are written down; facilities.csv stays as it was, and the solve finds them."""
    before = (folder / "facilities.csv").read_bytes()

    assert main(["geocode", str(folder)]) == 0

    assert (folder / "facilities.csv").read_bytes() == before
    found = rows(folder)
    assert set(found) == {"Station", "Works"}
    assert found["Station"]["geocode_level"] == "town"  # 4400 is wider than the town of its name
    assert float(found["Station"]["geocode_radius_km"]) > 0
    assert "GeoNames" in found["Station"]["geocode_source"]
    assert float(found["Station"]["lat"]) == pytest.approx(55.68, abs=0.1)
    places = read(folder).facilities.set_index("facility")
    assert places.loc["Station", "lon"] == pytest.approx(11.09, abs=0.1)
    assert places.loc["Tip", "lat"] == 55.6
    assert "geocodes" in capsys.readouterr().out
    assert isopt.solve(read(folder)).has_plan


def test_own_coordinates_go_before_pinned_ones(folder: Path):
    """A planner who types coordinates in is right."""
    main(["geocode", str(folder)])

    places = read(folder).with_(facilities={"Station": {"lat": 55.0, "lon": 11.0}}).facilities.set_index("facility")

    assert places.loc["Station", ["lat", "lon"]].tolist() == [55.0, 11.0]


def test_what_is_pinned_is_not_looked_up_again(folder: Path, capsys):
    """A corrected row stays; --again looks it up."""
    main(["geocode", str(folder)])
    path = folder / "geocodes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(rows(folder)["Works"]["lat"], "55.9"), encoding="utf-8")

    assert main(["geocode", str(folder)]) == 0
    assert rows(folder)["Works"]["lat"] == "55.9"
    assert "2 pinned before" in capsys.readouterr().out
    assert main(["geocode", str(folder), "--again"]) == 0
    assert rows(folder)["Works"]["lat"] != "55.9"


def test_a_changed_address_is_noticed_and_looked_up(folder: Path, capsys):
    """The works move to Aarhus: check says so, the next geocode finds them there."""
    main(["geocode", str(folder)])
    path = folder / "facilities.csv"
    path.write_text(path.read_text("utf-8").replace("4450,Jyderup", "8000,Aarhus"), encoding="utf-8")
    capsys.readouterr()

    assert main(["check", str(folder)]) == 0
    assert 'is "8000 Aarhus, DK" now' in capsys.readouterr().err
    assert main(["geocode", str(folder)]) == 0
    assert float(rows(folder)["Works"]["lat"]) == pytest.approx(56.15, abs=0.2)


def test_the_country_may_be_given_for_all(tmp_path: Path, capsys):
    """Postcodes without a country are those of --country, and stay settled."""
    folder = write(
        danish(
            facilities=[
                {"facility": "Station", "postcode": "4400"},
                {"facility": "Works", "postcode": "4450"},
                {"facility": "Tip", "lat": 55.6, "lon": 11.3},
            ]
        ),
        tmp_path / "bare",
    )

    assert main(["geocode", str(folder), "--country", "DK"]) == 0
    assert float(rows(folder)["Station"]["lat"]) == pytest.approx(55.68, abs=0.1)
    capsys.readouterr()
    assert main(["check", str(folder)]) == 0
    assert "looked up as" not in capsys.readouterr().err


def test_a_dry_run_writes_nothing_and_a_review_lists_doubts(tmp_path: Path, capsys):
    """What can't be found is listed and never put at 0, 0."""
    nowhere = {"facility": "Works", "city": "Atlantis", "country": "DK"}
    folder = write(danish(facilities=[*danish().facilities.to_dict("records")[:1], nowhere,
                                      {"facility": "Tip", "lat": 55.6, "lon": 11.3}]), tmp_path / "lost")  # fmt: skip

    assert main(["geocode", str(folder), "--dry-run", "--review", str(tmp_path / "review.csv")]) == 0

    assert not (folder / "geocodes.csv").exists()
    assert "Atlantis" in capsys.readouterr().out
    with (tmp_path / "review.csv").open(encoding="utf-8", newline="") as file:
        review = {row["facility"]: row for row in csv.DictReader(file)}
    assert review["Works"]["lat"] == ""
    assert review["Works"]["doubt"]


def test_machines_read_what_was_found(folder: Path, capsys):
    """--json holds every row."""
    assert main(["geocode", str(folder), "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert [row["facility"] for row in said["geocodes"]] == ["Station", "Works"]
    assert said["asked"] == 0


def test_the_solve_warns_of_exchanges_shorter_than_the_radii(folder: Path):
    """Two addresses in one postcode are at the same point; the plan says that this is not known so well."""
    path = folder / "facilities.csv"
    path.write_text(path.read_text("utf-8").replace("4450,Jyderup", "4400,Kalundborg"), encoding="utf-8")
    main(["geocode", str(folder)])

    solution = isopt.solve(read(folder))

    assert any("Station > Works is 0 km long" in note for note in solution.warnings)
    exact = read(folder).with_(facilities={name: {"lat": 55.7, "lon": 11.1} for name in ("Station", "Works")})
    assert not any("Station > Works" in note for note in isopt.solve(exact).warnings)


def test_check_and_solve_name_exchanged_coordinates(tmp_path: Path, capsys):
    """Latitude 11, longitude 55 lie in the sea off Somalia; exchanged they are in Denmark."""
    wrong = {"facility": "Station", "lat": 11.09, "lon": 55.68, "country": "DK"}
    works = {"facility": "Works", "lat": 55.66, "lon": 11.4, "country": "DK"}
    tip = {"facility": "Tip", "lat": 55.6, "lon": 11.3, "country": "DK"}
    folder = write(danish(facilities=[wrong, works, tip]), tmp_path / "odd")

    assert main(["check", str(folder)]) == 0
    assert "exchanged" in capsys.readouterr().err
    assert main(["solve", str(folder), "-o", str(tmp_path / "out")]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert any("exchanged" in warning for warning in summary["warnings"])


def test_a_workbook_of_its_own_is_told_to_move_into_a_folder(tmp_path: Path, capsys):
    """Pins need a folder to lie in."""
    from isopt.scenario.contract import tables

    book = tmp_path / "plan.xlsx"
    import pandas as pd

    with pd.ExcelWriter(book, engine="xlsxwriter") as file:
        given = danish().given
        for name in tables():
            if len(given[name].frame):
                frame = given[name].frame
                frame.map(lambda cell: ";".join(cell) if isinstance(cell, tuple) else cell).to_excel(
                    file, sheet_name=name, index=False
                )

    assert main(["geocode", str(book)]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_coordinates_away_from_their_address_are_named(tmp_path: Path, capsys):
    """The station's address is in Kalundborg, its coordinates near Aarhus: one of both is wrong."""
    odd = {"facility": "Station", "lat": 56.1, "lon": 10.2, "postcode": "4400", "city": "Kalundborg", "country": "DK"}
    rest = [{"facility": f, "lat": 55.66, "lon": 11.4, "country": "DK"} for f in ("Works", "Tip")]
    folder = write(danish(facilities=[odd, *rest]), tmp_path / "away")

    assert main(["check", str(folder)]) == 0
    assert "km from its address (4400 Kalundborg, DK)" in capsys.readouterr().err
