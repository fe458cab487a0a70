"""Coordinates from addresses, offline: how people write them, what is ambiguous, what can't be found."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from isopt.errors import InputError
from isopt.geo.distance import haversine_km
from isopt.geo.gazetteer import postcodes, towns
from isopt.geo.geocode import COLUMNS, geocode, radii_warnings, stale


def one(address="", postcode="", city="", country="", **options):
    """What is found for one address."""
    row = {"facility": "works", "address": address, "postcode": postcode, "city": city, "country": country}
    return geocode(pd.DataFrame([row]), **options).table.iloc[0]


def near(row, lat, lon, km=12):
    """Whether a row lies near a point."""
    return float(haversine_km(row["lat"], row["lon"], lat, lon)) < km


DRESDEN, LIVINGSTON, KALUNDBORG, PARIS, BRUSSELS = (
    (51.05, 13.74),
    (55.88, -3.52),
    (55.68, 11.10),
    (48.86, 2.35),
    (50.85, 4.35),
)
AMSTERDAM, WARSAW, LISBON, STOCKHOLM, PRAGUE = (
    (52.37, 4.90),
    (52.23, 21.01),
    (38.72, -9.14),
    (59.33, 18.07),
    (50.09, 14.42),
)
COLOGNE, GOTHENBURG, AARHUS, LODZ, ATHENS_WEST = (
    (50.94, 6.96),
    (57.71, 11.97),
    (56.16, 10.21),
    (51.77, 19.46),
    (38.06, 23.59),
)


@pytest.mark.parametrize(
    ("postcode", "city", "country", "where", "matched"),
    [
        ("01067", "Dresden", "DE", DRESDEN, "01067 Dresden, DE"),  # text keeps its zero
        ("EH54 8AF", "Livingston", "GB", LIVINGSTON, "EH54 Livingston, GB"),  # a full postcode has its outward code
        ("eh548af", "", "Scotland", LIVINGSTON, "EH54 Livingston, GB"),
        ("EH54", "", "UK", LIVINGSTON, "EH54 Livingston, GB"),
        ("D-01067", "", "", DRESDEN, "01067 Dresden, DE"),  # the sign of cars, as on letters
        ("DK-4400", "Kalundborg", "", KALUNDBORG, "4400 Kalundborg, DK"),
        ("F-75001", "Paris", "", PARIS, "75001 Paris, FR"),
        ("B - 1000", "Bruxelles", "", BRUSSELS, "1000 Bruxelles, BE"),
        ("1012 AB", "Amsterdam", "NL", AMSTERDAM, "1012 Amsterdam, NL"),
        ("1012ab", "", "Nederland", AMSTERDAM, "1012 Amsterdam, NL"),
        ("02-685", "Warszawa", "PL", WARSAW, "02685 Warszawa, PL"),
        ("1000-001", "Lisboa", "PT", LISBON, "1000 Lisboa, PT"),
        ("111 22", "Stockholm", "SE", STOCKHOLM, "11122 Stockholm, SE"),
        ("11122", "", "SWE", STOCKHOLM, "11122 Stockholm, SE"),
        ("110 00", "Praha", "CZ", PRAGUE, "11000 Nové Město, CZ"),
        ("811 01", "Bratislava", "SK", (48.15, 17.11), "81101 Bratislava-Staré Mesto, SK"),
        ("190 03", "Aspropyrgos", "GR", ATHENS_WEST, "Asprópyrgos, GR"),  # Greece has no table of postcodes
        ("V94 T9PX", "Limerick", "IE", (52.66, -8.62), "V94 Limerick, IE"),  # an Eircode's routing key
        ("M5V 3L9", "", "CA", (43.64, -79.39), None),
        ("10001-1234", "New York", "USA", (40.75, -73.99), None),
        ("100-0001", "", "JP", (35.68, 139.75), None),
        ("L-4940", "Bascharage", "", (49.57, 5.91), "4940 Bascharage, LU"),
        ("67056.0", "Ludwigshafen", "DE", (49.49, 8.43), "67056 BASF SE, DE"),  # through a spreadsheet's number
    ],
)
def test_postcodes_are_read_as_each_country_writes_them(postcode, city, country, where, matched):
    """Spaces, hyphens, letters and a country before them lead to the same place."""
    row = one("", postcode, city, country)

    assert near(row, *where)
    assert matched is None or row["matched"] == matched
    assert row["geocode_radius_km"] > 0


def test_a_postcode_of_its_own_kind_says_how_much_of_it_counted():
    """The outward code of a British postcode is an area; a whole German one is a postcode."""
    assert one("", "SO45 1TX", "", "GB")["geocode_level"] == "postcode_area"
    assert one("", "67056", "", "DE")["geocode_level"] == "postcode"


@pytest.mark.parametrize(
    ("postcode", "city", "country", "where"),
    [
        ("1067", "Dresden", "DE", DRESDEN),
        ("6380", "Jerez de los Caballeros", "ES", (38.32, -6.77)),
        (1067.0, "", "DE", DRESDEN),
    ],
)
def test_a_lost_leading_zero_is_put_back_and_said(postcode, city, country, where):
    """1067 is no German postcode, 01067 is one."""
    row = one("", postcode, city, country)

    assert near(row, *where)
    assert "a leading zero got lost" in row["doubt"]


def test_a_postcode_overseas_lies_overseas_though_the_country_is_the_whole():
    """97420 Le Port is on Réunion, 9,000 km from the other ports of France; San Juan is in Puerto Rico."""
    assert near(one("", "97420", "Le Port", "FR"), -20.94, 55.30)
    assert near(one("", "00901", "San Juan", "US"), 18.46, -66.11)


def test_four_digits_stay_four_digits_where_a_country_has_four():
    """4400 in Denmark is not 04400."""
    assert one("", "4400", "Kalundborg", "DK")["doubt"] == ""


@pytest.mark.parametrize(
    ("postcode", "city", "where"),
    [
        ("59391 CEDEX", "Wattrelos", (50.70, 3.22)),
        ("59381", "Dunkerque Cedex 1", (51.04, 2.38)),
        ("13771", "FOS-SUR-MER CEDEX", (43.44, 4.94)),
        ("", "13009 Marseille CEDEX 9", (43.30, 5.38)),
        ("", "13776 Fos-sur-Mer Cedex", (43.44, 4.94)),
    ],
)
def test_cedex_leads_to_the_town_and_is_said(postcode, city, where):
    """The number of an office of delivery is not where the firm is; its town is near."""
    row = one("", postcode, city, "FR")

    assert near(row, *where)
    assert row["geocode_level"] == "town"
    assert "CEDEX names an office of delivery" in row["doubt"]


@pytest.mark.parametrize(
    ("names", "country", "where"),
    [
        (("Köln", "Koeln", "Koln", "KÖLN", "Cologne", "Colonia"), "DE", COLOGNE),
        (("København", "Kobenhavn", "Koebenhavn", "Copenhagen", "Kopenhagen"), "DK", (55.68, 12.57)),
        (("Göteborg", "Goeteborg", "Gothenburg", "Goteborg"), "SE", GOTHENBURG),
        (("Århus", "Aarhus", "Arhus", "AARHUS C"), "DK", AARHUS),
        (("Łódź", "Lodz", "ŁÓDŹ", "Lódz"), "PL", LODZ),
        (("Firenze", "Florence", "Florenz"), "IT", (43.77, 11.25)),
        (("Sankt Pölten", "St. Pölten", "St Polten", "St.Poelten"), "AT", (48.20, 15.63)),
        (("Saint-Étienne", "St Etienne", "St. Étienne", "SAINT ETIENNE"), "FR", (45.43, 4.39)),
        (("München", "Muenchen", "Munich"), "DE", (48.14, 11.58)),
        (("Praha", "Prague", "Prag", "Praha 4"), "CZ", PRAGUE),
        (("Ludwigshafen", "Ludwigshafen am Rhein", "Ludwigshafen/Rhein", "Ludwigshafen (Rhein)"), "DE", (49.48, 8.44)),
        (("Αθήνα", "Athens", "Athína"), "GR", (37.98, 23.73)),
        (("София", "Sofia"), "BG", (42.70, 23.32)),
        (("'s-Hertogenbosch", "s Hertogenbosch", "Den Bosch"), "NL", (51.70, 5.30)),
        (("Sevilla", "Seville"), "ES", (37.38, -5.98)),
    ],
)
def test_a_town_is_found_under_each_of_its_names(names, country, where):
    """Accents, transliterations, other languages, abbreviated saints and rivers behind the name."""
    rows = [one("", "", name, country) for name in names]

    assert [name for name, row in zip(names, rows, strict=True) if not near(row, *where)] == []
    assert {row["geocode_level"] for row in rows} == {"town"}


def test_a_town_of_a_common_name_is_resolved_by_its_postcode():
    """Frankfurt is on the Oder with 15230, Newport on the Isle of Wight with PO30, Washington in Tyne and Wear in GB."""
    assert near(one("", "15230", "Frankfurt", "DE"), 52.34, 14.55)
    assert near(one("", "60311", "Frankfurt", "DE"), 50.11, 8.68)
    assert near(one("", "PO30 5BT", "Newport", "GB"), 50.70, -1.29)
    assert one("", "", "Springfield, IL", "US")["matched"] == "Springfield, IL, US"
    assert near(one("", "", "Washington", "GB"), 54.90, -1.52)
    assert one("", "15230", "Frankfurt", "DE")["doubt"] == ""


def test_without_a_postcode_the_largest_counts_with_a_doubt_and_the_others_named():
    """Frankfurt alone is the one on the Main, most likely."""
    row = one("", "", "Frankfurt", "DE")

    assert near(row, 50.11, 8.68)
    assert '2 places are called "Frankfurt" in Germany; the largest counts' in row["doubt"]
    assert "Frankfurt (Oder), DE (52.35 14.55)" in row["alternatives"]
    assert "3 places are called" in one("", "", "Newport", "GB")["doubt"]
    assert one("", "", "Kalundborg", "DK")["doubt"] == ""


@pytest.mark.parametrize(
    ("address", "postcode", "city", "country"),
    [
        ("Carl-Bosch-Str. 38, 67056 Ludwigshafen, Germany", "", "", ""),
        ("Carl-Bosch-Str. 38, 67056 Ludwigshafen", "", "", "DE"),
        ("Carl-Bosch-Str. 38", "", "67056 Ludwigshafen", "DE"),
        ("Carl-Bosch-Str. 38", "", "Ludwigshafen 67056", "DE"),
        ("Carl-Bosch-Str. 38", "67056 Ludwigshafen", "", "DE"),
        ("Carl-Bosch-Str. 38", "D-67056", "Ludwigshafen am Rhein", ""),
        ("Carl-Bosch-Str. 38", "67056", "", "Deutschland"),
        ("Carl-Bosch-Str. 38, 67056 Ludwigshafen", "", "", ""),
        ("", "67056", "Ludwigshafen", ""),
    ],
)
def test_postcode_town_and_country_may_stand_in_each_others_cells(address, postcode, city, country):
    """However the parts are spread, it is the same works."""
    row = one(address, postcode, city, country)

    assert row["matched"] == "67056 BASF SE, DE"
    assert near(row, 49.495, 8.434, 1)


@pytest.mark.parametrize(
    ("address", "country", "matched"),
    [
        ("Boness Road, Grangemouth FK3 9XH", "GB", "FK3 Grangemouth, GB"),
        ("Dock Road, Limerick V94 T9PX", "IE", "V94 Limerick, IE"),
        ("ul. Chemików 7, 09-411 Płock", "", "09411 Płock, PL"),
        ("1200 Main St, Houston, TX 77002", "US", "77002 Houston, US"),
        ("1200 Main St, Houston, TX 77002", "", "77002 Houston, US"),
        ("12345 Main St, Houston, TX", "US", "Houston, TX, US"),
        ("Av. Paulista 1000, São Paulo 01310-100", "BR", "São Paulo, BR"),
        ("BP 12, 13776 Fos-sur-Mer Cedex", "FR", "Fos-sur-Mer, FR"),
        ("Industrieweg 10, 4541 HJ Sluiskil, Nederland", "", "4541 Terneuzen, NL"),
        ("Hauptstr. 5\n67056 Ludwigshafen", "DE", "67056 BASF SE, DE"),
        ("Jurong Island 627890", "SG", "627890 Sakra Road, SG"),
    ],
)
def test_a_whole_address_in_one_cell_is_taken_apart(address, country, matched):
    """Postcodes before or behind the town, house numbers that look like postcodes, countries behind a comma."""
    assert one(address, "", "", country)["matched"].endswith(matched)


def test_a_town_inside_the_street_is_found():
    """The city column is empty, the street ends with the town."""
    row = one("12 Main Street, Grangemouth", "", "", "GB")

    assert near(row, 56.01, -3.72)
    assert row["geocode_level"] == "town"


def test_postcode_and_town_that_disagree_are_told_with_the_distance():
    """4400 is Kalundborg, 75 km from Aarhus; the postcode counts and Aarhus is named."""
    row = one("", "4400", "Aarhus", "DK")

    assert near(row, *KALUNDBORG)
    assert "postcode and town disagree by 7" in row["doubt"]
    assert "4400 is Kalundborg" in row["doubt"]
    assert "Århus, DK" in row["alternatives"]


def test_an_unknown_postcode_leaves_the_town_and_an_unknown_town_the_postcode():
    """Each is told; a postcode alone that is not in the table gives the area of those that begin like it."""
    assert near(row := one("", "9999", "Linz", "AT"), 48.31, 14.29)
    assert 'postcode "9999" is not in the table; the town counts' in row["doubt"]
    assert near(row := one("", "4020", "Xyzzy", "AT"), 48.31, 14.29)
    assert 'town "Xyzzy" is not known; only the postcode counts' in row["doubt"]
    row = one("", "67057999", "", "DE")
    assert row["geocode_level"] in {"postcode_area", "none"}
    assert "is not in the table" in row["doubt"]


def test_a_missing_country_is_taken_where_postcode_and_town_fit_only_there():
    """4400 with Kalundborg is in Denmark, 1012 AB is Dutch by its shape, 12345 alone could be anywhere."""
    assert "Denmark is taken because postcode and town fit only there" in one("", "4400", "Kalundborg")["doubt"]
    assert near(one("", "1012 AB"), *AMSTERDAM)
    row = one("", "12345")
    assert np.isnan(row["lat"])
    assert "can't be placed without a country" in row["doubt"]
    assert "no country is given" in one("", "", "Newport")["doubt"]


def test_the_default_country_is_used_where_none_is_said_and_only_there():
    """Newport without a country is Welsh with GB as the default; a row that says US stays there."""
    assert one("", "", "Newport", default_country="GB")["matched"] == "Newport, GB"
    assert one("", "", "Newport", default_country="Great Britain")["matched"] == "Newport, GB"
    assert one("", "", "Newport", "US", default_country="GB")["matched"].endswith(", US")
    with pytest.raises(InputError, match='default_country: "Atlantis" is not a country'):
        one("", "", "Newport", default_country="Atlantis")


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        (("", "", "", ""), "nothing to look up"),
        (("", "", "", "DE"), "only the country (Germany) is known; fill city or postcode"),
        (("", "", "Xyzzyville", "DE"), '"Xyzzyville" not found in Germany'),
        (("", "", "Newport", "Atlantis"), '"Atlantis" is not a country that isopt knows'),
        ((None, float("nan"), None, None), "nothing to look up"),
    ],
)
def test_what_is_not_found_has_no_coordinates_and_a_reason(cells, doubt):
    """Never 0, 0: empty coordinates and a sentence."""
    row = one(*cells)

    assert doubt in row["doubt"]
    assert np.isnan(row["lat"]) or "Newport" in row["matched"]
    assert not (row["lat"] == 0 and row["lon"] == 0)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "../../etc/passwd", "😀🏭", "a;b;c", "1,5", "\ufeffKalundborg",
        "x" * 100_000, "((((", "[a-z]*", "\\1", "\x00\x01", "'; DROP TABLE facilities;--", "%s%n", "\u202egrubdnulaK", "-" * 5000,
        "1 " * 3000, ", " * 3000, "()" * 3000,
    ],
)  # fmt: skip
def test_hostile_text_ends_in_a_row_and_never_in_a_traceback(text):
    """In each cell at once and alone; the row repeats no more than a cell's worth and no line breaks."""
    rows = [one(*(text if i == j else "" for j in range(4))) for i in range(4)] + [one(text, text, text, text)]

    for row in rows:
        assert len(row["query"]) < 1300
        assert "\n" not in row["query"] + row["doubt"]
        assert np.isnan(row["lat"]) or abs(row["lat"]) <= 90


def test_a_mark_that_cant_be_seen_does_not_hide_a_town():
    """A byte order mark or a zero-width space inside a cell is no letter."""
    assert one("", "", "\ufeffKalund\u200bborg".replace("\u200b", ""), "DK")["matched"] == "Kalundborg, DK"


def test_the_table_has_the_columns_of_the_file_and_leaves_out_who_has_coordinates():
    """Only the facility without coordinates is looked up, unless everything is to be checked."""
    facilities = pd.DataFrame(
        [
            {"facility": "here", "lat": 55.7, "lon": 11.1, "city": "Kalundborg", "country": "DK"},
            {"facility": "there", "lat": None, "lon": None, "city": "Nakskov", "country": "DK"},
        ]
    )
    found = geocode(facilities)

    assert tuple(found.table.columns) == COLUMNS
    assert found.table["facility"].tolist() == ["there"]
    assert geocode(facilities, everything=True).table["facility"].tolist() == ["here", "there"]
    assert found.found == 1
    assert geocode(facilities.iloc[:0]).table.empty


def test_a_table_without_facilities_is_refused():
    """The column facility names the rows."""
    with pytest.raises(InputError, match="no column facility"):
        geocode(pd.DataFrame([{"city": "Linz"}]))


def test_the_same_table_gives_the_same_answer_in_any_order():
    """Deterministic, and no row depends on another."""
    facilities = pd.DataFrame(
        [
            {"facility": name, "postcode": code, "city": city, "country": land}
            for name, code, city, land in (
                ("a", "4400", "", "DK"),
                ("b", "", "Newport", ""),
                ("c", "59381", "Dunkerque", "FR"),
            )
        ]
    )
    once, again = geocode(facilities).table, geocode(facilities.iloc[::-1]).table

    pd.testing.assert_frame_equal(once, again.iloc[::-1].reset_index(drop=True))


def test_a_changed_address_is_noticed_and_an_unchanged_one_is_not():
    """The text that was looked up is kept; spaces don't count."""
    facilities = pd.DataFrame(
        [
            {"facility": "a", "address": "Havn 1", "postcode": "4400", "city": "Kalundborg", "country": "DK"},
            {"facility": "b", "address": "", "postcode": "", "city": "Linz", "country": "AT"},
        ]
    )
    pinned = geocode(facilities).table

    assert stale(facilities, pinned).empty
    assert stale(facilities.assign(city=["  Kalundborg ", "Linz"]), pinned).empty
    assert stale(facilities.assign(country=["DK", "DE"]), pinned).values.tolist() == [["b", "Linz, AT", "Linz, DE"]]
    assert stale(facilities.iloc[:1], pinned).empty
    assert stale(facilities.assign(country=["DK", "DE"], lat=[np.nan, 48.0], lon=[np.nan, 14.0]), pinned).empty


def test_the_review_lists_the_doubtful_and_counts_the_rest():
    """Who was not found comes first, then the widest radius; a name can't break the line."""
    facilities = pd.DataFrame(
        [
            {"facility": "fine", "city": "Kalundborg", "country": "DK"},
            {"facility": "oder?", "city": "Frankfurt", "country": "DE"},
            {"facility": "lost\nline", "city": "Xyzzyville", "country": "DE"},
        ]
    )
    lines = geocode(facilities).review().splitlines()

    assert lines[0] == "2 of 3 facilities placed (2 by town), 1 not found"
    assert lines[1].startswith("  lost line: Xyzzyville, DE")
    assert any(line.startswith("    or Frankfurt (Oder)") for line in lines)
    assert not any("fine" in line for line in lines)
    assert geocode(facilities).review(most=1).endswith("... and 1 more with a doubt")


def test_the_review_says_who_shares_a_point():
    """Three firms with one postcode lie at one point: between them no distance is known."""
    row = {"postcode": "67056", "city": "Ludwigshafen", "country": "DE"}
    table = pd.DataFrame(
        [{"facility": name} | row for name in "abc"] + [{"facility": "d", "city": "Linz", "country": "AT"}]
    )

    assert geocode(table).review().splitlines() == [
        "4 of 4 facilities placed (3 by postcode, 1 by town)",
        "  3 facilities lie at one point (67056 BASF SE, DE): how far apart they are is not known",
    ]


def test_links_shorter_than_what_is_known_of_their_ends_are_told():
    """3 km between places known to 2 and 1.5 km says little; 4 km, and a link within one facility, do."""
    links = pd.DataFrame(
        [("A", "B", 3.0), ("A", "B", 3.4), ("B", "A", 3.6), ("A", "C", 1.9), ("A", "A", 0.0), ("C", "D", 0.1)],
        columns=["from_facility", "to_facility", "distance_km"],
    )
    said = radii_warnings({"A": 2.0, "B": 1.5}, links)

    assert [line.split(" is ")[0] for line in said] == ["A > B", "A > C"]
    assert radii_warnings({}, links) == []


def test_the_progress_is_told_and_an_interruption_keeps_what_is_done():
    """The callback sees the last row; Ctrl-C inside it leaves the rows before."""
    facilities = pd.DataFrame({"facility": [f"f{i}" for i in range(450)], "city": "Linz", "country": "AT"})
    told: list[tuple[int, int]] = []
    geocode(facilities, on_progress=lambda done, of: told.append((done, of)))

    def stop(done, of):
        if done >= 400:
            raise KeyboardInterrupt

    part = geocode(facilities, on_progress=stop)

    assert told == [(200, 450), (400, 450), (450, 450)]
    assert part.interrupted
    assert len(part.table) == 400


def test_radii_are_kilometres_of_the_place_itself():
    """A door-to-door postcode of a city is narrow, a code of the far north wide; big towns reach farther than small."""
    assert postcodes("DE").find("67056").radius_km < 3
    assert postcodes("SE").find("98192").radius_km > 5  # Kiruna
    found = {name: towns("DE").find(name)[0].radius_km for name in ("Berlin", "Ludwigshafen", "Weiherhammer")}
    assert found["Berlin"] == 30
    assert 8 < found["Ludwigshafen"] < 15
    assert found["Weiherhammer"] == 4


def test_tables_of_a_country_are_read_quickly_and_importing_reads_none():
    """Nothing is loaded before somebody asks; no network module comes along."""
    code = (
        "import sys, isopt.geo.geocode as g; import isopt.geo.gazetteer as z;"
        "assert z.postcodes.cache_info().currsize == 0 and z.towns.cache_info().currsize == 0;"
        "assert 'urllib.request' not in sys.modules or 'isopt.geo.nominatim' not in sys.modules;"
        "z.postcodes('DK'); z.towns('DK'); print(z.postcodes.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1"
