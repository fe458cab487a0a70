"""The tables behind geocoding: small, sound, the same for the same rows, and damaged files are told."""

from __future__ import annotations

import io
import zipfile
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopt.errors import InputError
from isopt.geo.countries import country_code, country_name, country_problem
from isopt.geo.folding import fold, plain
from isopt.geo.gazetteer import postcodes, towns
from isopt.geo.packing import pack, read_member, unpack, write_members

DATA = resources.files("isopt.geo").joinpath("data")


def members(file):
    """Names of the packs of a file."""
    with DATA.joinpath(file).open("rb") as source, zipfile.ZipFile(source) as archive:
        return archive.namelist()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-(2**30), 2**30), max_size=30),
    st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=8), max_size=30),
)
def test_what_is_packed_comes_out_again(numbers, texts):
    """Integers of either sign and any text, also none at all."""
    columns = unpack(pack({"n": np.array(numbers, dtype=np.int64), "t": texts}))

    assert columns["n"].tolist() == numbers
    assert columns["t"] == texts


def test_the_same_rows_make_the_same_file(tmp_path):
    """No clock and no order of a dictionary gets in."""
    one, other = pack({"n": np.arange(5)}), pack({"t": ["a"]})
    write_members(tmp_path / "a.zip", {"x": one, "y": other})
    write_members(tmp_path / "b.zip", {"y": other, "x": one})

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_a_damaged_table_is_told_and_an_absent_one_is_none(tmp_path):
    """Half a file, a pack that is none, and a country that is not there."""
    write_members(tmp_path / "a.zip", {"x": b"no pack", "y": pack({"n": np.arange(3)})})
    whole = (tmp_path / "a.zip").read_bytes()

    assert read_member(io.BytesIO(whole), "z") is None
    assert read_member(io.BytesIO(whole), "y")["n"].tolist() == [0, 1, 2]
    for bad, name in ((whole, "x"), (whole[: len(whole) // 2], "y"), (b"", "y")):
        with pytest.raises(InputError, match=f'the table of "{name}" is damaged'):
            read_member(io.BytesIO(bad), name)


def test_the_tables_stay_small():
    """All of them together are below 9 MB, the borders below 1.5."""
    size = {name: len(DATA.joinpath(name).read_bytes()) for name in ("postcodes.zip", "towns.zip", "borders.xz")}

    assert sum(size.values()) < 9e6
    assert size["borders.xz"] < 1.5e6


def test_every_postcode_is_on_the_globe_sorted_and_once():
    """What bisection and the map rely on, in all countries."""
    names = members("postcodes.zip")
    for country in names:
        table = postcodes(country)
        codes = table.codes.tolist()
        assert codes == sorted(set(codes)), country
        assert (np.abs(table.lat) <= 90).all()
        assert (np.abs(table.lon) <= 180).all()
        assert (table.radius_km >= 1).all()
        assert len(table.places) > table.place.max()
        assert table.find(codes[-1].decode()).country == country
    assert len(names) >= 120
    assert {"DE", "GB", "FR", "US", "IN", "JP", "BR", "AU", "ZA"} <= set(names)


def test_every_town_is_on_the_globe_and_found_under_its_name():
    """The largest and the last of each country answer to the name that the table gives them."""
    for country in ("DE", "FR", "GB", "GR", "CN", "BR", "IS"):
        table = towns(country)
        assert (np.abs(table.lat) <= 90).all()
        for row in (int(table.people.argmax()), len(table.names) - 1):
            name = table.names[row].split("\t")[0]
            assert any(abs(spot.lat - table.lat[row]) < 1e-9 for spot in table.find(name)), name


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("GB", "GB UK U.K. Great+Britain United+Kingdom England Scotland Wales Northern+Ireland Großbritannien GBR uk"),
        ("DE", "DE Deutschland Germany Allemagne Tyskland DEU D germany"),
        ("DK", "DK Danmark Denmark DNK Dänemark"),
        ("NL", "NL Netherlands The+Netherlands Nederland Holland Pays-Bas NLD"),
        ("CZ", "CZ Czechia Czech+Republic Česko Tschechien CZE"),
        ("US", "US USA U.S.A. United+States United+States+of+America"),
        ("GR", "GR EL Greece Hellas Ελλάδα GRC"),
        ("IE", "IE Ireland Éire IRL"), ("AT", "AT Österreich Oesterreich Austria AUT A"), ("CH", "CH Schweiz Suisse Svizzera CHE"),
        ("KR", "KR South+Korea Korea KOR"), ("TR", "TR Turkey Türkiye"), ("XK", "XK Kosovo"),
    ],
)  # fmt: skip
def test_a_country_is_known_in_many_spellings(code, spellings):
    """Codes of two and three letters, names in several languages, parts of the United Kingdom."""
    texts = [text.replace("+", " ") for text in spellings.split()]

    assert [text for text in texts if country_code(text) != code] == []
    assert country_code(country_name(code)) == code


def test_what_is_no_country_is_told_with_a_likely_one():
    """Empty text is no country either."""
    assert country_code("") == ""
    assert country_problem("Germny") == '"Germny" is not a country that isopt knows; did you mean "Germany"?'
    assert country_problem("Atlantis") == '"Atlantis" is not a country that isopt knows'
    assert country_problem("DK") == ""


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    """A key is its own key, for any text; lines stay lines."""
    key = fold(text.replace("\n", " "))

    assert fold(key) == key
    assert plain(key).count("\n") == 0
    assert fold(f"{key}\n{key}") == f"{key}\n{key}"
