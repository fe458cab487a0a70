"""Coordinates that can't be right are named, with the likely fix; those that can are left alone."""

from __future__ import annotations

import time
import zipfile
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from isopt.geo.borders import borders, same_country
from isopt.geo.gazetteer import towns
from isopt.geo.geocode import geocode
from isopt.geo.plausible import address_doubts, place_doubts


def said(*rows, **options):
    """Messages about facilities given as (lat, lon, country)."""
    table = pd.DataFrame(
        [{"facility": f"F{i}", "lat": lat, "lon": lon, "country": land} for i, (lat, lon, land) in enumerate(rows, 1)]
    )
    return place_doubts(table, **options)


ZEALAND = [(55.40 + i / 50, 11.60 + i / 60, "") for i in range(6)]


def test_facilities_where_they_should_be_raise_no_doubt():
    """Inland, at harbours on reclaimed land, on islands and overseas, in any spelling of the country."""
    fine = [
        (55.661, 11.079, "DK"), (51.955, 4.05, "NL"), (51.88, 4.33, "Netherlands"), (43.38, 5.04, "France"),
        (48.28, 14.34, "Österreich"), (53.64, -0.257, "England"), (-21.1, 55.5, "FR"), (-21.1, 55.5, "RE"),
        (1.27, 103.70, "SG"), (40.69, -74.15, "USA"), (36.14, -5.35, "GB"), (57.70, 11.88, "Sverige"), (65.85, 13.19, "NO"),
    ]  # fmt: skip
    for place in fine:
        assert said(place) == []


@pytest.mark.parametrize("place", [(0, 0), (0.0, 0.001), (0.02, -0.03)])
def test_null_island_is_a_missing_coordinate(place):
    """0, 0 is where missing coordinates lie, also a few kilometres beside it."""
    (doubt,) = said((*place, "DK"))

    assert (doubt.file, doubt.row, doubt.column) == ("facilities.csv", 2, "lat")
    assert "in the Gulf of Guinea, where nothing stands: leave lat and lon empty" in doubt.message


def test_exchanged_coordinates_are_told_with_the_right_ones():
    """11.09, 55.68 is in the Indian Ocean off Somalia; 55.68, 11.09 is in Denmark, which the row names."""
    (doubt,) = said((11.09, 55.68, "Denmark"))

    assert doubt.message == '"F1" lies at sea or in no country; lat and lon are exchanged: 55.68, 11.09 is in Denmark'


def test_exchanged_coordinates_are_seen_among_the_others_where_no_country_is_named():
    """Six facilities on Zealand, the seventh off Somalia; exchanged it is on Zealand too."""
    (doubt,) = said(*ZEALAND, (11.7, 55.5, ""))

    assert doubt.row == 8
    assert "lat and lon are exchanged: 55.5, 11.7 is among the others" in doubt.message


def test_coordinates_that_lie_well_both_ways_are_left_alone():
    """48, 48.1 exchanged is nearly itself."""
    assert said((47.95, 7.85, "DE"), (7.85, 47.95, "SO")) == []


@pytest.mark.parametrize(
    ("place", "fix"),
    [
        ((55.95, 3.3, "GB"), "the sign of lon is wrong: 55.95, -3.3 is in United Kingdom"),
        ((33.9, 18.6, "ZA"), "the sign of lat is wrong: -33.9, 18.6 is in South Africa"),
    ],
)
def test_a_lost_sign_is_told(place, fix):
    """Edinburgh is west of Greenwich, Cape Town south of the equator."""
    (doubt,) = said(place)

    assert fix in doubt.message


def test_a_facility_at_sea_is_told_how_far_out():
    """56.3, 4.4 is in the middle of the North Sea, some 230 km from Jutland; 5 km off the coast of the map may be a new quay."""
    (doubt,) = said((56.3, 4.4, ""))

    assert "lies at sea, 2" in doubt.message
    assert "km from the coast of Denmark; check lat and lon" in doubt.message
    assert said((56.3, 4.4, ""), sea_km=400) == []


def test_a_facility_in_another_country_is_told_which_and_how_far():
    """Berlin is no Danish town: about 250 km to Denmark."""
    (doubt,) = said((52.52, 13.41, "DK"))

    assert doubt.column == "country"
    assert '"F1" lies in Germany, 2' in doubt.message
    assert "km from Denmark, which country names" in doubt.message


def test_at_the_border_a_few_kilometres_are_forgiven():
    """Flensburg, three kilometres south of Denmark, passes as Danish; a village ten kilometres farther does not."""
    assert said((54.785, 9.41, "DK")) == []
    assert said((54.785, 9.41, "DK"), border_km=0.0) != []
    assert said((54.70, 9.45, "DK")) != []


def test_a_facility_a_continent_away_is_told():
    """Six on Zealand and one at Cape Town; two regions on two continents are a choice, not a mistake."""
    doubts = said(*ZEALAND, (-33.9, 18.6, ""))

    assert [(doubt.row, doubt.column) for doubt in doubts] == [(8, "lat")]
    assert "km from the middle of all facilities, of which half lie within" in doubts[0].message
    assert said(*ZEALAND, *((-33.9 + i / 50, 18.6, "") for i in range(6))) == []


def test_whole_degrees_are_told():
    """52, 10 could be 50 km away from what was meant."""
    (doubt,) = said((52.0, 10.0, "DE"))

    assert "whole degrees" in doubt.message
    assert said((52.0, 10.01, "DE")) == []


def test_what_has_no_coordinates_or_impossible_ones_is_nobodys_business_here():
    """Empty cells and a latitude of 95 are told elsewhere."""
    assert said((np.nan, 10.1, "DE"), (52.1, np.nan, "DE"), (95.0, 10.1, "DE")) == []
    assert place_doubts(pd.DataFrame({"facility": [], "lat": [], "lon": []})) == []


def test_rows_and_file_are_those_of_the_caller():
    """A filtered table keeps the rows of the spreadsheet."""
    (doubt,) = said((0.0, 0.0, ""), rows=[17], file="places.csv")

    assert (doubt.file, doubt.row) == ("places.csv", 17)


def test_a_country_that_nobody_knows_is_none():
    """The country column is text of others; what it can't mean does not matter here."""
    assert said((52.1, 10.1, "<script>"), (52.2, 10.2, None), (52.3, 10.3, float("nan"))) == []


def test_ten_thousand_facilities_are_judged_in_the_time_of_a_breath():
    """Vectorised: 15,000 points over half of Europe, wrong ones among them, as the same points one by one."""
    rng = np.random.default_rng(5)
    count = 15_000
    table = pd.DataFrame(
        {
            "facility": [f"F{i}" for i in range(count)],
            "lat": rng.uniform(44.0, 55.0, count), "lon": rng.uniform(0.0, 15.0, count), "country": rng.choice(["DE", "FR", ""], count),
        }
    )  # fmt: skip
    start = time.perf_counter()
    doubts = place_doubts(table)
    seconds = time.perf_counter() - start

    assert seconds < 20  # about a second; the bound is for machines that do other things too
    sample = {doubt.row for doubt in doubts if doubt.column == "country"}
    for line in range(60):
        alone = place_doubts(table.iloc[line : line + 1])
        assert any(doubt.column == "country" for doubt in alone) == (line + 2 in sample)


def test_coordinates_away_from_their_address_are_told_and_doubtful_addresses_are_not_believed():
    """Aarhus is 75 km from 4400 Kalundborg; Frankfurt without a postcode could be either and proves nothing."""
    table = pd.DataFrame(
        [
            {"facility": "a", "lat": 56.16, "lon": 10.21, "postcode": "4400", "city": "Kalundborg", "country": "DK"},
            {"facility": "b", "lat": 55.67, "lon": 11.12, "postcode": "4400", "city": "Kalundborg", "country": "DK"},
            {"facility": "c", "lat": 52.34, "lon": 14.55, "postcode": "", "city": "Frankfurt", "country": "DE"},
            {"facility": "d", "lat": None, "lon": None, "postcode": "", "city": "Linz", "country": "AT"},
        ]
    )
    doubts = address_doubts(table, geocode(table, everything=True).table)

    assert [doubt.row for doubt in doubts] == [2]
    assert '"a" lies 7' in doubts[0].message
    assert "km from its address (4400 Kalundborg, DK)" in doubts[0].message


def test_the_map_knows_towns_on_both_sides_of_borders():
    """Pairs of towns a few kilometres apart, and enclaves, each in its own country."""
    places = {
        "DE": (48.57, 7.84), "CH": (47.58, 9.10), "FR": (48.58, 7.74), "LU": (49.61, 6.13), "BE": (50.63, 5.57),
        "NL": (50.85, 5.69), "PL": (52.33, 14.60), "LI": (47.14, 9.52), "MC": (43.738, 7.424), "SM": (43.94, 12.45), "LS": (-29.31, 27.48),
    }  # fmt: skip
    lat, lon = np.array(list(places.values())).T

    assert borders().country_of(lat, lon).tolist() == list(places)


def test_the_largest_town_of_every_country_lies_in_it():
    """Two roads: towns of GeoNames, borders of Natural Earth. Islands too small for the map are the only exceptions."""
    with (
        resources.files("isopt.geo").joinpath("data", "towns.zip").open("rb") as file,
        zipfile.ZipFile(file) as members,
    ):
        countries = members.namelist()
    largest = {code: int(np.argmax(towns(code).people)) for code in countries}
    lat, lon = (np.array([getattr(towns(code), name)[row] for code, row in largest.items()]) for name in ("lat", "lon"))
    found = borders().country_of(lat, lon)
    off = [
        code
        for code, there, y, x in zip(countries, found, lat, lon, strict=True)
        if not same_country(code, there) and borders().km_to(np.array([y]), np.array([x]), code)[0] > 5
    ]

    assert len(countries) > 240
    assert off == ["TK", "VA"]  # Tokelau's atolls and the Vatican are smaller than the map


@pytest.mark.parametrize(
    ("lat", "lon", "country"),
    [
        (-17.8, 177.9, "FJ"),
        (-16.75, -179.95, "FJ"),
        (66.3, -172.0, "RU"),
        (66.0, 175.0, "RU"),
        (-85.0, 0.0, "AQ"),
        (-16.9, -46.0, "BR"),
    ],
)
def test_the_antimeridian_and_the_pole_cut_nothing_off(lat, lon, country):
    """Fiji and Chukotka lie on both sides of 180 degrees, Antarctica around a pole; no band of them crosses Brazil."""
    assert borders().country_of(np.array([lat]), np.array([lon])).tolist() == [country]


def test_distances_to_land_and_border_are_those_on_the_globe():
    """A degree of latitude north of Bornholm's tip; Geneva is 2 to 8 km from France."""
    land = borders()

    assert land.km_to(np.array([46.2]), np.array([6.15]), "FR")[0] == pytest.approx(4.5, abs=3)
    assert land.km_to(np.array([55.0]), np.array([3.0]))[0] > 200
    assert land.km_to(np.array([46.2]), np.array([6.15]), "XX")[0] == np.inf
    assert land.nearest_country(np.array([56.0]), np.array([8.0])) == ["DK"]


def test_parts_count_to_their_whole_and_neighbours_do_not():
    """Réunion is France, Hong Kong China, Denmark not Germany; where land is disputed the map does not judge."""
    assert same_country("RE", "FR")
    assert same_country("FR", "RE")
    assert same_country("HK", "CN")
    assert same_country("RU", "UA")
    assert not same_country("DK", "DE")
    assert not same_country("", "DE")
