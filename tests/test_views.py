"""What maps show of a solution, and that pages need no network, without a browser."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import folium.plugins
import numpy as np
import pytest
import shapely
from made_solutions import region, town, without_plan

from isopt.errors import InputError
from isopt.network import link_report
from isopt.views import basemap, draw_map, unused, write_map, write_report
from isopt.views.layers import Layers, layers
from isopt.views.map_data import plan_part
from isopt.views.offline import ExternalAddressError, as_json, external_addresses, write_page
from isopt.views.palette import CLEAR, COLOURS, material_colours, mode_dashes
from isopt.views.report import report_page

VIEWS = Path(__file__).resolve().parents[1] / "isopt" / "views"
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'`&\u2028 \U0001f3ed"


@pytest.fixture(scope="module")
def solution():
    return town()


@pytest.fixture(scope="module")
def drawn(solution) -> Layers:
    return layers(solution, most_flows=10_000)


def node(content: Layers, name: str) -> dict:
    return next(row for row in content.nodes if row["id"] == name)


def flows_of(content: Layers) -> dict[tuple[str, str, str], float]:
    """Amounts by ids of the ends and name of the material."""
    return {
        (content.nodes[start]["id"], content.nodes[end]["id"], content.materials[material]["name"]): amount
        for start, end, material, _, _, amount, *_ in content.flows
    }


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_a_facility_is_drawn_by_what_it_does(drawn):
    """Giving and receiving are told apart; who only sends to disposal or to itself exchanges nothing."""
    states = {name: node(drawn, name)["state"] for name in ("yeast", "board", "power", "workshop")}

    assert states == {"yeast": "gives", "board": "receives", "power": "both", "workshop": "idle"}


def test_plants_and_disposals_tell_whether_they_stand_and_serve(drawn):
    """A built candidate, an existing plant, a candidate that isn't built, a landfill in use and a kiln that isn't."""
    states = {row["id"]: row["state"] for row in drawn.nodes if row["kind"] in ("plant", "disposal")}

    assert states == {
        "digester": "built",
        "dryer": "not_built",
        "old digester": "existing",
        "county cell": "used",
        "old kiln": "unused",
    }


def test_a_facility_that_only_holds_a_plant_or_disposal_has_no_symbol_of_its_own(drawn):
    """The landfill is drawn once, as a disposal; the yeast works twice, for it has streams and a plant."""
    facilities = {row["id"] for row in drawn.nodes if row["kind"] == "facility"}

    assert {"landfill", "biogas", "dryer"}.isdisjoint(facilities)
    assert "yeast" in facilities


def test_flows_join_the_symbols_of_streams_plants_and_demands(drawn):
    """Slurry goes to the digester's symbol, digestate comes from there; ship and truck both reach the cement works."""
    amounts = flows_of(drawn)

    assert amounts["yeast", "digester", "Yeast slurry"] == 170_000
    assert amounts["digester", "farms", "Digestate"] == 200_000
    assert amounts["power", "county cell", "Fly ash"] == 15_000
    ash = [row[5] for row in drawn.flows if drawn.materials[row[2]]["name"] == "Fly ash"]
    assert sum(ash) == 100_000 + 5_000 + 15_000


def test_what_goes_to_own_disposal_is_bought_or_left_is_kept_for_the_balance(drawn):
    """95 kt of gypsum less 80 kt are landfilled by the firm; 120 kt of rock less 80 kt are bought; heat is left."""

    def told(rows):
        return {(drawn.nodes[place]["id"], drawn.materials[material]["name"]): rest for place, material, *rest in rows}

    assert told(drawn.own) == {("power", "FGD gypsum"): [15_000, "landfill"]}
    assert told(drawn.bought)["board", "Gypsum rock"] == [40_000, 0]
    assert told(drawn.bought)["farms", "Digestate"] == [0, 100_000]
    assert told(drawn.left) == {
        ("power", "Hot water heat"): [400_000 - 225_000],
        ("refinery", "Cooling water"): [900_000 - 700_000],
    }


def test_amounts_are_means_over_the_years():
    """What flows in one of two years only is half as much a year."""
    periods = [{"period": str(year), "year": year, "share_of_year": 1} for year in (2025, 2030)]

    assert flows_of(layers(town(periods=periods), 100))["yeast", "digester", "Yeast slurry"] == 170_000 / 2


def test_only_the_largest_flows_are_drawn_and_the_map_says_so(solution, drawn):
    """With room for three flows the three heaviest are kept."""
    few = layers(solution, most_flows=3)

    heaviest = sorted((row[7] for row in drawn.flows), reverse=True)[:3]
    assert [row[7] for row in few.flows] == heaviest
    assert few.flows_in_all == len(drawn.flows)
    page = draw_map(solution, most_flows=3).get_root().render()
    assert f"Only the 3 largest of {len(drawn.flows)} flows are drawn." in page


def test_candidates_that_carry_nothing_are_listed_largest_first(solution):
    """Every candidate link is used or listed; with room for three, the three largest are kept, and the number stays."""
    every = link_report(solution.scenario).table
    key = ["from_facility", "to_facility", "material", "mode"]
    carried = set(solution.flows[key].itertuples(index=False, name=None))
    idle = [row for row in every.itertuples() if tuple(getattr(row, name) for name in key) not in carried]

    found = layers(solution, 100, most_unused=1000).unused
    assert found["all"] == sum(row.from_facility != row.to_facility for row in idle) > 3
    amounts = [row[6] for row in found["rows"]]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == pytest.approx(max(row.most for row in idle))
    few = layers(solution, 100, most_unused=3).unused
    assert few["rows"] == found["rows"][:3]
    assert few["all"] == found["all"]


def test_too_many_candidates_are_not_searched_in_passing(solution, monkeypatch):
    """Where the search would take long it is left out, and the page says so instead of showing none."""
    monkeypatch.setattr(unused, "MOST_PAIRS", 1)

    assert layers(solution, 100, most_unused=10).unused == {"rows": [], "all": 0, "sought": False}


def test_what_python_says_is_in_the_page_in_every_language(solution, drawn):
    """Status, proof, notes and figures come in English, French and German, with the numbers of each."""
    said = plan_part(solution, drawn)["said"]

    assert list(said) == ["en", "fr", "de"]
    assert [said[language]["status"] for language in said] == ["Optimal plan", "Plan optimal", "Optimaler Plan"]
    values = {language: [value for _, value in said[language]["figures"]] for language in said}
    assert "57,000 t" in values["en"]
    assert "57\u202f000 t" in values["fr"]
    assert "57.000 t" in values["de"]
    assert {len(told["notes"]) for told in said.values()} == {1}


def test_nobody_is_promised_a_language_that_no_view_speaks(solution):
    """Klingon is refused with what there is."""
    with pytest.raises(InputError, match="en, fr, de"):
        draw_map(solution, language="tlh")


def test_what_has_no_coordinates_is_named(solution, drawn):
    """The mobile crusher can't be drawn; the map says so instead of dropping it in silence."""
    assert drawn.without_position == ["Mobile crusher"]
    assert "Not on the map, without coordinates: Mobile crusher." in draw_map(solution).get_root().render()


def test_without_any_coordinates_the_map_is_a_diagram(solution):
    """All symbols stand on a circle without ground, scale or a word about distance."""
    facilities = solution.scenario.tables["facilities"]
    nowhere = {name: {"lat": np.nan, "lon": np.nan} for name in facilities["facility"]}
    everywhere = [
        {"from_facility": a, "to_facility": b, "distance_km": 1}
        for a, b in itertools.permutations(facilities["facility"], 2)
    ]
    lost = replace(solution, scenario=solution.scenario.with_(facilities=nowhere, links=everywhere))

    content = layers(lost, 100)
    assert content.diagram
    assert len(content.flows) == len(layers(solution, 100).flows)
    assert np.hypot(*content.positions.T) == pytest.approx(0.02)
    assert '"base":null' in draw_map(lost).get_root().render()


def test_a_map_without_a_plan_shows_the_places_and_the_reason():
    """An infeasible wish leaves facilities without exchanges, and says why."""
    nothing = without_plan("infeasible", "The landfill is full.")

    content = layers(nothing, 100)
    assert content.flows == []
    assert {row["state"] for row in content.nodes if row["kind"] == "facility"} == {"idle"}
    page = draw_map(nothing).get_root().render()
    assert "No plan is possible" in page
    assert "The landfill is full." in page


def test_a_notebook_gets_a_folium_map(solution):
    """The map shows itself in a notebook, with nothing to fetch."""
    shown = draw_map(solution)

    assert isinstance(shown, folium.Map)
    assert external_addresses(shown.get_root().render()) == []
    assert "<iframe" in shown._repr_html_()


# --- colours and dashes -----------------------------------------------------------------------------------------------


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    """CIELAB of a colour as somebody with that sight sees it."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(sight @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / [0.9505, 1, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHTS = {  # Machado, Oliveira and Fernandes 2009, severity 1
    "normal": np.eye(3),
    "green-blind": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "red-blind": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


def cie94(one: np.ndarray, other: np.ndarray) -> float:
    """Difference of two colours in CIE94, which weighs chroma as eyes do; symmetric, with the mean chroma."""
    chroma = np.hypot(one[1], one[2]), np.hypot(other[1], other[2])
    mean, change = np.sqrt(chroma[0] * chroma[1]), chroma[0] - chroma[1]
    hue = max(0.0, (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2 - change**2)
    light = (one[0] - other[0]) ** 2
    return float(np.sqrt(light + (change / (1 + 0.045 * mean)) ** 2 + hue / (1 + 0.015 * mean) ** 2))


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_stay_apart_for_every_sight(sight):
    """Any two colours differ by 8 in CIE94, the first ten by 16 in CIELAB, for normal, green- and red-blind people."""
    seen = [lab(colour, SIGHTS[sight]) for colour in COLOURS]

    assert min(cie94(a, b) for a, b in itertools.combinations(seen, 2)) >= 8
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen[:CLEAR], 2)) >= 16


def test_a_material_keeps_its_colour():
    """The order of the materials changes no colour, and each of up to twenty has one of its own."""
    materials = [f"material {number}" for number in range(20)]

    colours = material_colours(materials)
    assert material_colours(reversed(materials)) == colours
    assert set(colours.values()) == set(COLOURS)


def test_materials_that_come_or_go_leave_others_their_colour():
    """A ninth material recolours half of one of eight on average: only where two ask for the same colour."""
    moved = []
    for number in range(200):
        materials = [f"{number} {place}" for place in range(8)]
        before, after = material_colours(materials), material_colours([*materials, f"{number} new"])
        moved.append(sum(before[name] != after[name] for name in materials))

    assert np.mean(moved) < 0.65
    assert np.mean(np.array(moved) == 0) > 0.5


def test_more_materials_than_colours_get_shades():
    """Sixty materials have sixty colours."""
    assert len(set(material_colours(f"m{number}" for number in range(60)).values())) == 60


def test_modes_have_dashes_of_their_own():
    """Road is solid wherever it is in the table; a second road mode gets another pattern."""
    dashes = mode_dashes([("ship", "sea"), ("truck", "road"), ("tanker", "road"), ("pipe", "pipe")])

    assert dashes["truck"] == ()
    assert len(set(dashes.values())) == 4


# --- pages that need no network ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script src="//cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="http://cdn.example/a.css">',
        '<img src="picture.png">',
        '<img srcset="picture.png 2x">',
        "<style>@import 'https://cdn.example/a.css';</style>",
        "<style>p { background: url(https://cdn.example/a.png) }</style>",
        "<p style=\"background: url('https://cdn.example/a.png')\">",
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_a_page_that_fetches_is_refused(page, tmp_path):
    """Whatever is fetched on opening is an error, and the file that was there stays as it was."""
    target = tmp_path / "page.html"
    target.write_text("old")

    with pytest.raises(ExternalAddressError, match="would fetch"):
        write_page(page, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_to_follow_is_not_fetched():
    """A reader may click an address; opening the page asks for nothing."""
    assert external_addresses('<a href="https://example.org">source</a><img src="data:image/png;base64,x">') == []


def test_what_someone_adds_to_the_map_must_be_offline_too(solution, tmp_path):
    """A folium plug-in from a content network makes the file fail instead of making it need a network."""
    shown = draw_map(solution)
    folium.plugins.Fullscreen().add_to(shown)

    with pytest.raises(ExternalAddressError, match="FullScreen"):
        write_page(shown.get_root().render(), tmp_path / "map.html")


def test_data_can_not_leave_its_script():
    """Whatever a name says, it stays a string of the script."""
    written = as_json({"name": HOSTILE})

    assert "<" not in written
    assert "\u2028" not in written
    assert json.loads(written)["name"] == HOSTILE


def hostile_town():
    """The town in which every name that a user can choose is an attack."""
    names = {"name": HOSTILE, "note": HOSTILE, "source": HOSTILE}
    solution = town(
        facilities={name: names | {"organisation": HOSTILE} for name in ("power", "refinery", "landfill")},
        materials={name: {"name": HOSTILE} for name in ("ash", "slurry")},
        technologies={"digestion": {"name": HOSTILE}},
        title=HOSTILE,
    )
    exchanges = solution.exchanges.assign(note=HOSTILE, source=HOSTILE)
    return replace(
        solution, tables={**solution.tables, "exchanges": exchanges}, warnings=(HOSTILE,), baseline_reason=HOSTILE
    )


@pytest.mark.parametrize("page", [lambda s: draw_map(s).get_root().render(), report_page])
def test_hostile_names_are_text(page, solution):
    """Names made of HTML add no element to any page."""

    def tags(html: str) -> list[str]:
        return re.findall(r"<(script|img|iframe|svg|style|link)\b", html)

    made = page(hostile_town())
    assert tags(made) == tags(page(solution))
    assert "onerror=alert(1)>" in made.replace("&gt;", ">")  # it is there, as text


@pytest.mark.parametrize("write", [write_map, write_report])
def test_files_open_offline_and_are_written_at_once(write, solution, tmp_path):
    """One file, nothing beside it, nothing to fetch, the same bytes again."""
    target = tmp_path / "deep" / "page.html"

    assert write(solution, target) == target
    first = target.read_bytes()
    write(solution, target)
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]
    assert external_addresses(first.decode()) == []
    assert re.sub(rb"map_[0-9a-f]{32}", b"map", first) == re.sub(rb"map_[0-9a-f]{32}", b"map", target.read_bytes())


def test_street_tiles_only_on_request(solution, tmp_path):
    """The address of the tiles is in the page only if asked for."""
    write_map(solution, tmp_path / "offline.html")
    write_map(solution, tmp_path / "online.html", online=True)

    assert "tile.openstreetmap.org" not in (tmp_path / "offline.html").read_text()
    assert "tile.openstreetmap.org" in (tmp_path / "online.html").read_text()


def test_a_region_of_800_sites_stays_small(tmp_path):
    """800 facilities and 2,000 flows take less than 2 MB, base map and Leaflet included."""
    assert write_map(region(800, 2_000), tmp_path / "map.html").stat().st_size < 2e6


# --- the ground -------------------------------------------------------------------------------------------------------


def land_at(ground: basemap.BaseMap, lat: float, lon: float) -> bool:
    """Whether a point is on the drawn land."""
    rings = [np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 1000 for flat in ground.land]
    return any(shapely.Polygon(ring).contains(shapely.Point(lat, lon)) for ring in rings)


def test_the_coast_is_where_it_is():
    """Kalundborg, Edinburgh and Glasgow are on land; the Great Belt and the Firth of Forth are not."""
    kalundborg = basemap.around(np.array([55.65, 55.69]), np.array([11.07, 11.13]))
    belt = basemap.around(np.array([55.6, 56.2]), np.array([-4.8, -2.8]))

    assert land_at(kalundborg, 55.675, 11.12)
    assert not land_at(kalundborg, 55.60, 10.90)
    assert land_at(belt, 55.95, -3.19)
    assert land_at(belt, 55.86, -4.25)
    assert not land_at(belt, 56.09, -3.05)


def test_the_ground_fills_a_wide_screen_and_stays_small():
    """Scotland is 650 km high: a wide screen's view of it is drawn finely too, with at most 30,000 points."""
    ground = basemap.around(np.array([54.8, 60.8]), np.array([-7.5, -1.0]))

    west, south, east, north = ground.box
    assert (east - west) * np.cos(np.radians(57.8)) > 2.2 * (north - south) * 0.9
    assert sum(len(flat) for layer in (ground.land, ground.lakes, ground.borders) for flat in layer) <= 2 * 31_000


def test_places_come_largest_first():
    """Names are placed in order of size, so that Glasgow is not hidden by a village."""
    names = [name for name, _, _ in basemap.around(np.array([55.8, 56.0]), np.array([-4.5, -3.2])).places]

    assert names[:2] == ["Glasgow", "Edinburgh"]
