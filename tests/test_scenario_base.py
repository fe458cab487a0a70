"""What a scenario does not say comes from its base; what a variant does not say from the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scenario_files import FILES, lay

from isopt.errors import InputError, Problem, ScenarioError
from isopt.scenario import Scenario, read
from isopt.scenario.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def child(folder: Path, toml: str, **tables: str) -> Path:
    """A scenario that has a base and only these tables of its own."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(toml)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_a_child_without_tables_is_its_base_with_other_settings(tmp_path: Path):
    """Tables, title and price year come from the base; what is said here is added."""
    base = read(lay(tmp_path / "quay"))
    higher = read(child(tmp_path / "higher", 'base = "../quay"\n[policy]\ncarbon_price_eur_per_t = 75\n'))

    assert higher == base.with_(policy={"carbon_price_eur_per_t": 75})
    assert (higher.name, higher.title, higher.settings.price_year) == ("higher", "Quay", 2025)
    assert set(higher.inputs) == {"scenario.toml"} | {f"../quay/{name}" for name in FILES}


def test_a_table_of_the_child_replaces_the_whole_table(tmp_path: Path):
    """Rows are not merged; a table with a header alone means none."""
    lay(tmp_path / "quay")
    streams = "stream,facility,material,supply_per_yr\nnew,B,ash,7\n"
    scenario = read(
        child(
            tmp_path / "less",
            'base = "../quay"\n',
            streams=streams,
            substitutions="from_material\n".replace("from_material", "from_material,to_material,ratio"),
            plants="",
        )
    )

    assert scenario.streams["stream"].tolist() == ["new"]
    assert len(scenario.substitutions) == len(scenario.plants) == 0
    assert scenario.demands["demand"].tolist() == ["d1", "d2"]


def test_settings_merge_along_the_chain_key_by_key(tmp_path: Path):
    """The nearest one that says something wins; landfill tax merges class by class."""
    tax = "landfill_tax_eur_per_t"
    lay(
        tmp_path / "quay",
        scenario_toml=f"[policy]\n{tax} = {{ inert = 5, non_hazardous = 80 }}\n[reach]\nmax_km = 100\n",
    )
    child(tmp_path / "mid", f'base = "../quay"\n[policy]\n{tax} = {{ non_hazardous = 95 }}\n[reach]\nnearest = 3\n')
    leaf = read(child(tmp_path / "leaf", 'title = "Leaf"\nbase = "../mid"\n[reach]\nmax_km = 50\n')).settings

    assert leaf.policy.landfill_tax_eur_per_t == {"inert": 5, "non_hazardous": 95}
    assert (leaf.reach.max_km, leaf.reach.nearest) == (50, 3)
    assert leaf.title == "Leaf"


def test_none_lifts_a_limit_of_the_base(tmp_path: Path):
    """The other limits stay."""
    lay(tmp_path / "quay", scenario_toml="[limits]\nlandfilled_t_per_yr = 0\nplants_max = 2\n")
    limits = read(
        child(tmp_path / "lifted", 'base = "../quay"\n[limits]\nlandfilled_t_per_yr = "none"\n')
    ).settings.limits

    assert limits.landfilled_t_per_yr is None
    assert limits.plants_max == 2


@pytest.mark.parametrize(
    ("own", "weights"),
    [
        ('[minimise]\nwhat = "cost"\n', None),
        ("", {"co2": 1.0}),
        ("[minimise]\nweights = { cost = 1 }\n", {"cost": 1.0}),
        ('[minimise]\nwhat = "cost"\nweights = { cost = 2 }\n', {"cost": 2.0}),
    ],
)
def test_an_aim_in_the_child_drops_the_weights_of_the_base(tmp_path: Path, own: str, weights: dict[str, float] | None):
    """Saying what is minimised means it; weights are replaced as a whole."""
    lay(tmp_path / "quay", scenario_toml="[minimise]\nweights = { co2 = 1 }\n")

    assert read(child(tmp_path / "own", f'base = "../quay"\n{own}')).settings.minimise.weights == weights


def test_factors_of_base_and_child_are_kept_side_by_side(tmp_path: Path):
    """[scale] merges key by key; factors do not multiply each other."""
    lay(tmp_path / "quay", scenario_toml='[scale]\n"streams.supply_per_yr" = 2\n"demands.need_per_yr" = 3\n')
    scenario = read(child(tmp_path / "own", 'base = "../quay"\n[scale]\n"streams.supply_per_yr" = 5\n'))

    assert scenario.at("streams", "supply_per_yr")[:, 0].tolist() == [100 * 5, 50 * 5]
    assert scenario.at("demands", "need_per_yr")[:, 0].tolist() == [80 * 3, 40 * 3]


def test_a_problem_in_the_base_is_named_by_its_path(tmp_path: Path):
    """Seen from the scenario that was read."""
    lay(tmp_path / "quay", streams_csv="stream,facility,material,supply_per_yr\ns1,A,ash,forty\n")

    with pytest.raises(ScenarioError) as caught:
        read(child(tmp_path / "own", 'base = "../quay"\n'))

    assert caught.value.problems == (Problem("../quay/streams.csv", 2, "supply_per_yr", '"forty" is not a number'),)


def test_a_ring_of_bases_is_named(tmp_path: Path):
    """A scenario that is the base of its base never ends."""
    child(tmp_path / "one", 'base = "../two"\n')
    child(tmp_path / "two", 'base = "../one"\n')

    with pytest.raises(ScenarioError) as caught:
        read(tmp_path / "one")

    assert caught.value.problems == (
        Problem("../two/scenario.toml", None, "base", '"../one" leads back to this scenario'),
    )


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("7", "7 is not a folder; write its path in quotes"),
        ('"../quai"', '"../quai" is not there (a base is a path from the scenario\'s folder); did you mean "../quay"?'),
        ('"../empty"', "holds no scenario: neither scenario.toml nor a table such as facilities.csv"),
    ],
)
def test_a_base_that_cannot_be_followed_is_one_problem(tmp_path: Path, base: str, message: str):
    """Nothing else is said of tables that would have come from it."""
    lay(tmp_path / "quay")
    (tmp_path / "empty").mkdir()

    with pytest.raises(ScenarioError) as caught:
        read(child(tmp_path / "own", f"base = {base}\n"))

    (problem,) = caught.value.problems
    assert (problem.file, problem.column) == ("scenario.toml", "base")
    assert problem.message.endswith(message)


def test_a_workbook_can_be_a_base(tmp_path: Path):
    """A base is a folder, a workbook or a GeoPackage."""
    import pandas as pd

    folder = lay(tmp_path / "quay")
    with pd.ExcelWriter(tmp_path / "plan.xlsx", engine="xlsxwriter") as book:
        for name in FILES:
            if name.endswith(".csv"):
                pd.read_csv(folder / name).to_excel(book, sheet_name=name.removesuffix(".csv"), index=False)

    scenario = read(child(tmp_path / "own", 'title = "Quay"\nprice_year = 2025\nbase = "../plan.xlsx"\n'))

    assert scenario == read(folder)


@pytest.fixture
def quay(tmp_path: Path) -> Scenario:
    """The scenario of the files."""
    return read(lay(tmp_path / "fixture"))


def test_a_variant_changes_cells_and_leaves_the_scenario_alone(quay: Scenario):
    """A cell by the id of its row; the rest is the same."""
    dear = quay.with_(modes={"truck": {"eur_per_tkm": 0.2}})

    assert dear.modes["eur_per_tkm"].tolist() == [0.2, 0]
    assert quay.modes["eur_per_tkm"].tolist() == [0.1, 0]
    assert dear != quay
    assert dear.with_(modes={"truck": {"eur_per_tkm": 0.1}}) == quay


def test_a_variant_of_the_free_mode_has_a_table_of_modes():
    """The mode that stands for an absent table can be changed like any other."""
    scenario = Scenario.of(
        {
            "facilities": [{"facility": "A"}],
            "materials": [{"material": "ash"}],
            "streams": [{"stream": "s", "facility": "A", "material": "ash", "supply_per_yr": 1}],
        }
    )

    variant = scenario.with_(modes={"free": {"eur_per_t": 3}})

    assert variant.modes[["mode", "eur_per_t"]].values.tolist() == [["free", 3]]


def test_a_variant_names_rows_by_all_their_keys(quay: Scenario):
    """As in changes: keys joined by a bar."""
    variant = quay.with_(recipes={"mill|ash|dust": {"yield": 0.5}}, substitutions={"dust|stone": {"ratio": 0.7}})

    assert variant.recipes["yield"].tolist() == [0.5]
    assert variant.substitutions["ratio"].tolist() == [0.7]


def test_a_variant_replaces_tables_and_merges_settings(quay: Scenario):
    """A list or frame replaces a table, a mapping goes into a section, None lifts a limit and empties a cell."""
    variant = quay.with_(
        streams=[{"stream": "only", "facility": "A", "material": "ash", "supply_per_yr": 1}],
        demands=quay.demands.iloc[:1],
        disposals={"tip": {"accepts": ("ash", "dust")}},
        policy={"carbon_price_eur_per_t": 90, "landfill_tax_eur_per_t": {"inert": 3}},
        limits={"plants_max": 1},
        scale={"streams.supply_per_yr": 2},
        title="Other",
        name="other",
        price_year=2026,
    )

    assert variant.streams["stream"].tolist() == ["only"]
    assert variant.demands["demand"].tolist() == ["d1"]
    assert variant.disposals["accepts"].tolist() == [("ash", "dust")]
    assert variant.at("streams", "supply_per_yr")[0, 0] == 2
    assert (variant.name, variant.title, variant.settings.price_year) == ("other", "Other", 2026)
    again = variant.with_(
        policy={"landfill_tax_eur_per_t": {"hazardous": 9}},
        limits={"plants_max": None},
        demands={"d1": {"virgin_eur_per_unit": None}},
        scale={"streams.supply_per_yr": None},
    )
    assert again.settings.policy.landfill_tax_eur_per_t == {"inert": 3, "hazardous": 9}
    assert again.settings.policy.carbon_price_eur_per_t == 90
    assert again.settings.limits.plants_max is None
    assert again.settings.scale == {}
    assert again.demands["virgin_eur_per_unit"].isna().all()


def test_a_variant_is_checked_like_any_scenario(quay: Scenario):
    """A wrong value is a problem of its file and row."""
    with pytest.raises(ScenarioError) as caught:
        quay.with_(streams={"s2": {"supply_per_yr": -1}}, policy={"carbon_price": 3})

    meant = 'did you mean "carbon_price_eur_per_t"?'
    assert [str(problem) for problem in caught.value.problems] == [
        f'scenario.toml policy.carbon_price "carbon_price" is no key of [policy]; {meant}',
        "streams.csv row 3 supply_per_yr -1 must be at least 0",
    ]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"mode": {}}, '"mode" is no table or section of a scenario; did you mean "modes"?'),
        ({"modes": {"truk": {"eur_per_tkm": 1}}}, '"truk" is not in modes; did you mean "truck"?'),
        ({"modes": {"truck": {"eur_per_km": 1}}}, '"eur_per_km" is no column of modes; did you mean "eur_per_tkm"?'),
        ({"rules": {"1": {"allowed": True}}}, "rows of rules have no id: give the whole table"),
        ({"policy": 75}, "policy is a section of the settings: give a mapping of its keys"),
    ],
)
def test_a_variant_of_what_is_not_there_is_refused(quay: Scenario, parts: dict[str, object], message: str):
    """The nearest name is given."""
    with pytest.raises(InputError) as caught:
        quay.with_(**parts)

    assert str(caught.value) == message


def test_a_scenario_in_memory_has_no_base():
    """There is no folder that its path could start from; unknown tables are named."""
    with pytest.raises(ScenarioError) as caught:
        Scenario.of({"facility": []}, {"base": "../x"}, name="memory")

    assert [str(problem) for problem in caught.value.problems] == [
        'facility "facility" is no table; did you mean "facilities"?',
        "scenario.toml base can't be followed, as a scenario in memory has no folder; read the base and use with_",
        "facilities is missing or has no rows; every scenario needs it",
        "materials is missing or has no rows; every scenario needs it",
        "streams is missing or has no rows, and so are demands and plants; a scenario needs one of them",
    ]


def test_settings_have_the_defaults_of_the_contract():
    """Everything 0, empty or unlimited, except the rate, the scope, cost, gap and time."""
    settings = Settings()

    assert settings.economics.discount_rate == 0.06
    assert settings.policy.carbon_scope == ("transport", "disposal", "virgin", "treatment")
    assert (settings.minimise.what, settings.minimise.weights) == ("cost", None)
    assert (settings.solver.gap, settings.solver.time_limit_s, settings.solver.threads) == (1e-4, 300, None)
    assert (settings.reach.max_km, settings.reach.nearest, settings.reach.within_facility) == (None, 0, True)
    assert set(vars(settings.limits).values()) == {None}
