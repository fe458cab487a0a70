"""Asking Nominatim: politely, once, and never in the way of what the tables know. A server of our own plays it."""

from __future__ import annotations

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from isopt.errors import InputError
from isopt.geo.geocode import geocode
from isopt.geo.nominatim import Nominatim, NominatimError, cache_folder

GATE = {
    "lat": "55.6542", "lon": "11.0970", "addresstype": "man_made", "category": "man_made", "type": "works",
    "boundingbox": ["55.650", "55.658", "11.085", "11.110"], "display_name": "Refinery, Melbyvej, Kalundborg, Denmark",
    "address": {"country_code": "dk"},
}  # fmt: skip
TOWN = GATE | {
    "lat": "55.68",
    "lon": "11.09",
    "addresstype": "town",
    "category": "boundary",
    "display_name": "Kalundborg",
}
TOWN |= {"boundingbox": ["55.5", "55.8", "10.9", "11.4"]}
FAR = GATE | {
    "lat": "57.05",
    "lon": "9.92",
    "boundingbox": ["57.04", "57.06", "9.91", "9.93"],
    "display_name": "Aalborg",
}

KALUNDBORG = pd.DataFrame(
    [{"facility": "refinery", "address": "Melbyvej 17", "postcode": "4400", "city": "Kalundborg", "country": "DK"}]
)


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self):
        self.now, self.waits = 100.0, []

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def server():
    """A server on this machine that answers with what the test puts into `answers` (by a word of the question)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            httpd.asked.append(asked | {"agent": self.headers["User-Agent"]})
            answer = next((body for word, body in httpd.answers.items() if word in asked["q"]), [])
            status, body = answer if isinstance(answer, tuple) else (200, answer)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.asked, httpd.answers = [], {}
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def client(server, tmp_path):
    """A client of that server with a clock of its own."""

    def make(cap=1000, folder="cache"):
        clock = Clock()
        endpoint = f"http://127.0.0.1:{server.server_port}/search"
        made = Nominatim(endpoint, cache=tmp_path / folder, cap=cap, clock=clock.time, sleep=clock.sleep)
        made.test_clock = clock
        return made

    return make


def test_an_address_is_placed_at_its_gate_with_the_extent_of_the_site(server, client):
    """The answer is better than the postcode's: level address, radius from the bounding box to its farthest corner."""
    server.answers = {"Melbyvej": [GATE]}
    row = geocode(KALUNDBORG, client=client()).table.iloc[0]

    assert (row["lat"], row["lon"], row["geocode_level"], row["geocode_source"]) == (
        55.6542,
        11.097,
        "address",
        "Nominatim",
    )
    assert row["geocode_radius_km"] == pytest.approx(0.94, abs=0.05)  # 0.42 km north, 0.82 km east
    assert row["matched"] == "Refinery, Melbyvej, Kalundborg, Denmark"
    assert row["doubt"] == ""
    assert row["query"] == geocode(KALUNDBORG).table.loc[0, "query"]


def test_the_question_says_who_asks_and_in_which_country(server, client):
    """The usage policy wants a name; the country narrows the search."""
    geocode(KALUNDBORG, client=client())

    assert server.asked[0]["agent"].startswith("isopt ")
    assert server.asked[0]["q"] == "Melbyvej 17, 4400 Kalundborg, DK"
    assert server.asked[0]["countrycodes"] == "dk"
    assert server.asked[0]["format"] == "jsonv2"


def test_nothing_is_asked_unless_somebody_says_so(server, monkeypatch):
    """Offline is the default: not a single connection is opened."""
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked the network"))

    assert geocode(KALUNDBORG).asked == 0
    assert server.asked == []


def test_requests_are_a_second_apart_and_the_same_question_is_never_sent_twice(server, client):
    """Four facilities, three different addresses: three requests, two waits of a second; a second client asks nothing."""
    server.answers = {"Melbyvej": [GATE]}
    cells = [("a", "Melbyvej 17"), ("b", "Asnæsvej 16"), ("c", "Melbyvej 17"), ("d", "Stejlhøj 1")]
    table = pd.DataFrame(
        [{"facility": name, "address": street, "city": "Kalundborg", "country": "DK"} for name, street in cells]
    )
    first, second = client(), client()
    found = geocode(table, client=first)

    assert len(server.asked) == first.asked == found.asked == 3
    assert first.test_clock.waits == [pytest.approx(1.0)] * 2
    assert geocode(table, client=second).asked == 0
    assert len(server.asked) == 3
    pd.testing.assert_frame_equal(found.table, geocode(table, client=second).table)


def test_the_cap_stops_asking_and_leaves_the_rest_to_the_tables(server, client):
    """One request allowed: the second facility is placed by its town and the doubt says why."""
    server.answers = {"Melbyvej": [GATE]}
    table = pd.concat([KALUNDBORG, KALUNDBORG.assign(facility="other", address="Stejlhøj 1")], ignore_index=True)
    rows = geocode(table, client=client(cap=1)).table

    assert len(server.asked) == 1
    assert rows["geocode_level"].tolist() == ["address", "town"]
    assert "the cap of 1 requests is reached" in rows.loc[1, "doubt"]


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        ((503, b"busy"), "127.0.0.1 answers 503"),
        ((200, b"<html>not json"), "the answer is no JSON"),
        ((200, {"error": "x"}), "the answer is no list of places"),
        ([], "Nominatim does not know it"),
        ([{"lat": "x"}], "Nominatim does not know it"),
        ([GATE | {"boundingbox": ["nan", "1", "2", "3"]}], "Nominatim does not know it"),
        ([GATE | {"lat": "1e9"}], "Nominatim does not know it"),
        ([GATE | {"addresstype": "country"}], "Nominatim does not know it"),
    ],
)
def test_a_server_that_fails_or_talks_nonsense_leaves_what_the_tables_know(server, client, answer, doubt):
    """The row is that of the tables, with one doubt more; broken answers are not kept."""
    server.answers = {"Melbyvej": answer}
    offline = geocode(KALUNDBORG).table.iloc[0]
    row = geocode(KALUNDBORG, client=client()).table.iloc[0]

    assert (
        row[["lat", "lon", "geocode_level", "matched"]].tolist()
        == offline[["lat", "lon", "geocode_level", "matched"]].tolist()
    )
    assert doubt in row["doubt"]


def test_a_server_that_fails_three_times_in_a_row_is_left_alone(server, client):
    """Five facilities, a busy server: three requests, then no more; one answer in between and counting begins anew."""
    streets = ["Melbyvej 1", "Melbyvej 2", "Stejlhøj 1", "Melbyvej 3", "Melbyvej 4", "Melbyvej 5", "Melbyvej 6"]
    table = pd.DataFrame([{"facility": s, "address": s, "city": "Kalundborg", "country": "DK"} for s in streets])
    server.answers = {"Melbyvej": (429, b"slow down")}
    rows = geocode(table, client=client()).table

    assert [asked["q"].split(",")[0] for asked in server.asked] == streets[:6]
    assert "127.0.0.1 failed 3 times in a row" in rows["doubt"].iloc[-1]
    assert "answers 429" in rows["doubt"].iloc[5]


def test_a_server_that_is_not_there_is_told_once_a_row(tmp_path):
    """No server at that port: the tables' answer, and the reason."""
    clock = Clock()
    nobody = Nominatim("http://127.0.0.1:9/search", cache=tmp_path, clock=clock.time, sleep=clock.sleep)
    row = geocode(KALUNDBORG, client=nobody).table.iloc[0]

    assert "127.0.0.1 does not answer" in row["doubt"]
    assert row["geocode_level"] == "town"


def test_an_answer_no_better_than_the_tables_changes_nothing(server, client):
    """Nominatim knows the town only, 30 km wide; the table's postcode and town are narrower."""
    server.answers = {"Melbyvej": [TOWN]}

    row = geocode(KALUNDBORG, client=client()).table.iloc[0]
    assert row["geocode_source"].startswith("GeoNames")
    assert row["doubt"] == ""


def test_an_answer_far_from_the_postcode_counts_with_a_doubt(server, client):
    """Aalborg is 1.37 degrees north and 1.17 west of Kalundborg: the root of 152 and 73 km squared is 168."""
    server.answers = {"Melbyvej": [FAR, GATE]}
    row = geocode(KALUNDBORG, client=client()).table.iloc[0]

    assert row["matched"] == "Aalborg"
    assert "Nominatim and the tables disagree by 168 km" in row["doubt"]
    assert "Refinery" in row["alternatives"]


def test_an_interruption_keeps_what_was_found(server, client):
    """Ctrl-C while waiting for the second: the first stays, and its answer is in the cache."""
    server.answers = {"Melbyvej": [GATE]}
    table = pd.concat([KALUNDBORG, KALUNDBORG.assign(facility="other", address="Stejlhøj 1")], ignore_index=True)
    asker = client()

    def interrupt(_):
        raise KeyboardInterrupt

    asker._sleep = interrupt
    found = geocode(table, client=asker)

    assert found.interrupted
    assert found.table["facility"].tolist() == ["refinery"]
    assert client().search("Melbyvej 17, 4400 Kalundborg, DK", "DK") == [GATE]
    assert len(server.asked) == 1


def test_a_damaged_file_in_the_cache_is_asked_again(server, client, tmp_path):
    """Half a file is no answer; it is replaced."""
    server.answers = {"Melbyvej": [GATE]}
    geocode(KALUNDBORG, client=client())
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text("[{", encoding="utf-8")

    assert geocode(KALUNDBORG, client=client()).table.loc[0, "geocode_level"] == "address"
    assert json.loads(kept.read_text("utf-8")) == [GATE]
    assert len(server.asked) == 2


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(server, client, tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    server.answers = {"Melbyvej": [GATE]}

    assert geocode(KALUNDBORG, client=client(folder="file")).table.loc[0, "geocode_level"] == "address"


@pytest.mark.parametrize("endpoint", ["file:///etc/passwd", "ftp://example.org", "nominatim", "https://"])
def test_only_addresses_on_the_web_are_asked(endpoint):
    """A file is no server."""
    with pytest.raises(InputError, match="is no address of a Nominatim server"):
        Nominatim(endpoint)


def test_a_cap_of_none_asks_nothing(server, client):
    """Zero requests are zero; below zero is refused."""
    with pytest.raises(NominatimError, match="cap of 0"):
        client(cap=0).search("x")
    assert server.asked == []
    with pytest.raises(InputError, match="can't be below 0"):
        client(cap=-1)


def test_the_cache_is_where_the_platform_keeps_such_things(monkeypatch, tmp_path):
    """On Linux the standard says XDG_CACHE_HOME, else .cache at home."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache_folder() == tmp_path / "isopt" / "nominatim"


def test_what_a_stranger_says_is_cut_and_kept_on_one_line(server, client):
    """A name of a million letters with line breaks does not reach a table as it is."""
    server.answers = {"Melbyvej": [GATE | {"display_name": "evil\n" * 100_000}]}
    row = geocode(KALUNDBORG, client=client()).table.iloc[0]

    assert len(row["matched"]) <= 200
    assert "\n" not in row["matched"]
