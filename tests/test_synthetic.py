"""Made-up countries: the same dials make the same folder, whole and clean, rich and lean."""

from __future__ import annotations

import numpy as np
import pytest

import isopt
from isopt.cli import main
from isopt.errors import InputError
from isopt.geo.borders import borders, same_country
from isopt.geo.plausible import place_doubts
from isopt.knowledge import nace_name, table
from isopt.synthetic import Dials, country_tables, new_synthetic, synthetic_country
from isopt.synthetic.catalogue import PRICE_YEAR, catalogue, taxes
from isopt.synthetic.ground import Ground


@pytest.fixture(scope="module")
def country():
    """Four hundred firms in Great Britain."""
    return synthetic_country(400)


def test_the_same_dials_make_the_same_folder_and_another_seed_does_not(tmp_path):
    """All files of two runs are equal byte by byte; with another seed other firms stand elsewhere."""
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        new_synthetic(tmp_path / name, Dials(60, country="DK", seed=seed))
    one, again, other = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())}
        for name in ("one", "again", "other")
    )

    assert one == again
    assert one["facilities.csv"] != other["facilities.csv"]


@pytest.mark.parametrize(
    "dials",
    [
        Dials(10),
        Dials(250, regime="lean", severity=1.0),
        Dials(300, country="Spain", seed=2),  # the Canary Islands are left out
        Dials(150, country="DE", severity=0.0, extras=("trips", "seasons")),
    ],
    ids=lambda dials: f"{dials.firms}-{dials.code}",
)
def test_a_folder_reads_without_a_warning_and_says_what_it_is(tmp_path, dials):
    """Nothing is odd about a written country: no warning, no place at sea or abroad; the README names seed and version."""
    folder = new_synthetic(tmp_path / "country", dials)
    scenario = isopt.read(folder)
    readme = (folder / "README.md").read_text(encoding="utf-8")

    assert scenario.warnings == ()
    assert place_doubts(scenario.tables["facilities"]) == []
    assert "Nothing here is real but the towns" in readme
    assert f"version 1, seed {dials.seed}" in readme
    assert len(isopt.links(scenario).table) > 0


def test_every_firm_stands_in_its_country_and_trades(country):
    """No firm without a stream or need; all on land of the country; a name says what and where."""
    facilities = country.tables["facilities"]
    busy = set(country.tables["streams"]["facility"]) | set(country.tables["demands"]["facility"])
    found = borders().country_of(facilities["lat"].to_numpy(float), facilities["lon"].to_numpy(float))
    inside = [same_country(code, "GB") for code in found]

    assert set(facilities["facility"].head(400)) <= busy
    assert np.mean(inside) > 0.99  # a harbour may lie off the coarse coast of the map
    assert facilities["name"].str.contains(", ").all()


def test_all_kinds_of_decisions_are_there(country):
    """Lots, several modes, pipes with capital, chains, mixes, shared exchanges, sizes, least loads, twins, permits."""
    tables = country.tables
    recipes, plants, modes = tables["recipes"], tables["plants"], tables["modes"]
    chained = set(recipes["output"]) & set(recipes["input"])

    assert (modes["min_per_yr"] > 0).any()
    assert (modes["capex_eur_per_km"] > 0).any()
    assert chained == {"biogas"}
    assert (tables["mixes"]["max_share"] < 1).all()
    assert tables["links"]["shared"].any()
    assert set(tables["links"]["status"]) >= {"existing", "forbidden"} or len(tables["links"]) < 8
    assert set(plants["status"]) == {"existing", "candidate"}
    assert (plants["min_load_share"] > 0).any()
    assert (tables["rules"]["permit_eur_per_yr"] > 0).any()
    assert tables["streams"]["single_receiver"].any()
    assert not tables["streams"]["must_place"].all()
    whole = country_tables(Dials(3000))[0]
    assert (whole["plants"]["choose_one"] != "").sum() >= 4
    assert whole["plants"]["max_capacity_per_yr"].notna().any()
    assert set(whole["links"]["status"]) == {"", "existing", "forbidden"}


def test_amounts_are_lognormal_and_firms_crowd_in_towns(country):
    """Skewed amounts: the mean of a material lies well above its median; what crowds stands in half the towns."""
    tables, _ = country_tables(Dials(5000))
    rubble = tables["streams"].query("material == 'rubble'")["supply_per_yr"]
    logs = np.log(rubble)
    ground = Ground("GB", np.random.default_rng(1))
    crowded, spread = (len(set(ground.settle(2000, clustering).town)) for clustering in (1.6, 0.2))

    assert rubble.mean() > 2 * rubble.median()
    assert abs(logs.skew()) < 0.3
    assert 2 * crowded < spread


def test_rich_pays_and_lean_hardly():
    """In the same country many more exchanges pay where disposal is dear and streams are large than where neither holds."""
    count = {}
    for regime in ("rich", "lean"):
        solution = isopt.solve(synthetic_country(100, regime=regime, seed=2), gap=0.01, time_limit=30, quiet=True)
        count[regime] = solution.kpi("exchanges")

        assert isopt.audit(solution).passed
    assert count["rich"] > 2 * count["lean"] > 0


def test_severity_scales_what_is_whole():
    """No set-up, lot or least load at 0; twice as much at 1 as at 0.5, and fewer plants that stand."""
    none, half, full = (country_tables(Dials(1000, severity=share))[0] for share in (0.0, 0.5, 1.0))
    lot = [tables["modes"].set_index("mode").loc["truck", "min_per_yr"] for tables in (none, half, full)]
    stand = [(tables["plants"]["status"] == "existing").mean() for tables in (none, half, full)]

    assert lot == [0, 45, 90]
    assert (none["modes"]["setup_eur_per_yr"].fillna(0) == 0).all()
    assert none["plants"]["min_load_share"].isna().all()
    assert stand[0] > stand[1] > stand[2]


def test_extras_add_trips_and_seasons():
    """Tankers are paid by the trip; district heating needs 1.6 times the mean in winter and 0.4 times in summer."""
    plain, _ = country_tables(Dials(200))
    tables, _ = country_tables(Dials(200, extras=("trips", "seasons")))
    tanker = tables["modes"].set_index("mode").loc["tanker"]
    factors = tables["changes"].groupby("period")["factor"].first()

    assert "periods" not in plain
    assert tanker["eur_per_trip"] == 2.5 * 30  # hours of a stop, EUR per hour of the driver
    assert tanker["vehicle_t"] == 25
    assert factors.to_dict() == {"winter": 1.6, "summer": 0.4}
    assert 0.5 * 1.6 + 0.5 * 0.4 == 1


@pytest.mark.parametrize(
    ("dials", "said"),
    [
        ({"firms": 9}, "10 to 60,000 firms, not 9"),
        ({"firms": 60_001}, "10 to 60,000 firms"),
        ({"firms": 50, "regime": "lena"}, 'did you mean "lean"'),
        ({"firms": 50, "severity": 1.1}, "between 0 and 1, not 1.1"),
        ({"firms": 50, "seed": -1}, "0 or more"),
        ({"firms": 50, "country": "Atlantis"}, "no towns"),
        ({"firms": 50, "extras": ("season",)}, 'did you mean "seasons"'),
    ],
)
def test_a_dial_outside_its_range_is_named(dials, said):
    """A dial that can't be turned so far is an error with the range or the likely word."""
    with pytest.raises(InputError, match=said):
        synthetic_country(**dials)


def test_the_catalogue_holds_together():
    """Shares of sectors add up, sectors are of NACE, every by-product has a use or plant, every need a price."""
    known = catalogue()
    made = set(known.recipes["output"])
    used = set(known.uses["from_material"]) | set(known.recipes["input"])
    facts = known.materials.set_index("material")

    assert known.sectors["firms_per_1000"].sum() == 1000
    assert all(nace_name(code) for code in known.sectors["sector"])
    assert set(known.supplies["material"]) <= used
    assert made - used == set()
    assert (facts.loc[list(set(known.needs["material"])), "price"] != "").all()
    assert set(known.uses["rule"]) <= set(table("substitution_rules")["rule"])
    assert taxes(Dials(100))["non_hazardous"] == 147  # EUR/t, GB 2025
    assert PRICE_YEAR == 2025


def test_the_command_writes_a_country_and_refuses_what_is_there(tmp_path, capsys):
    """isopt new --synthetic writes a folder that isopt check likes; a second time nothing is overwritten."""
    folder = tmp_path / "made-up"
    command = ["new", "--synthetic", "30", "--country", "DK", "--regime", "lean", "--seed", "4", str(folder)]

    assert main(command) == 0
    assert main(["check", str(folder)]) == 0
    assert "is in order" in capsys.readouterr().out
    assert main(command) == 2
    assert "nothing is overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--seed", "3"], ["--synthetic", "30", "--empty"]])
def test_options_that_make_no_sense_together_are_refused(tmp_path, capsys, options):
    """A dial without --synthetic, or --empty with it, is bad input and writes nothing."""
    assert main(["new", str(tmp_path / "x"), *options]) == 2
    assert "--synthetic" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
