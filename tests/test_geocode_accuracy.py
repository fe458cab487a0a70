"""How far off the positions are that the tables give for real industrial sites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from isopt.geo.borders import borders, same_country
from isopt.geo.countries import country_code
from isopt.geo.distance import haversine_km
from isopt.geo.geocode import geocode

TABLE = Path(__file__).with_name("geocode_addresses.csv")


@pytest.fixture(scope="module")
def sites():
    """Addresses of works with the position that operators reported, and what the tables make of the address."""
    true = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    found = geocode(true.drop(columns=["lat", "lon"])).table
    km = haversine_km(true["lat"].astype(float), true["lon"].astype(float), found["lat"], found["lon"])
    return found.assign(km=km, exact_km=true["exact_km"].astype(float), country=true["country"])


def test_the_table_is_worth_something(sites):
    """At least 60 sites in 15 countries, each with a source, no two the same."""
    true = pd.read_csv(TABLE, dtype=str, keep_default_na=False)

    assert len(true) >= 60
    assert sites["matched"].str[-2:].nunique() >= 15
    assert (true["source"] != "").all()
    assert not true.duplicated(["lat", "lon"]).any()


def test_half_the_sites_are_found_within_4_km_and_nine_in_ten_within_10(sites):
    """A position from postcode or town is good enough to say who is near whom in a region."""
    assert sites["km"].notna().all()
    assert sites["km"].median() <= 4
    assert sites["km"].quantile(0.9) <= 10
    assert sites["km"].max() <= 25


def test_no_site_is_found_in_another_country(sites):
    """Neither by what was matched nor by the borders on the map, and where no country was given it was read off."""
    on_map = borders().country_of(sites["lat"].to_numpy(), sites["lon"].to_numpy())
    given = sites["country"].map(country_code)
    matched = sites["matched"].str[-2:]

    assert (matched == given)[given != ""].all()
    assert all(not there or same_country(there, country) for there, country in zip(on_map, matched, strict=True))


def test_the_radius_holds_what_it_promises(sites):
    """About four in five sites lie within the radius; a table that promised everything would be worth nothing."""
    within = (sites["km"] <= sites["geocode_radius_km"] + sites["exact_km"]).mean()

    assert 0.7 <= within <= 0.97
    assert sites["geocode_radius_km"].median() <= 6


def test_addresses_as_firms_write_them_need_no_doubts(sites):
    """Three in four of them are looked up without a word."""
    assert (sites["doubt"] == "").mean() >= 0.75
    assert np.isin(sites["geocode_level"], ["postcode", "postcode_area", "town"]).all()
