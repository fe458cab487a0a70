"""
Nominatim, the search of OpenStreetMap: asked only when somebody says so, politely, and never twice the same.

Neither osmnx nor geopy does this part: osmnx keeps rate, cache and address of the server in settings of the whole
process and gives outlines, not how exact an answer is; geopy has neither cache nor cap. What is left is one request.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from isopt.errors import InputError, quoted
from isopt.geo.addresses import Address
from isopt.geo.distance import haversine_km
from isopt.geo.gazetteer import Spot
from isopt.geo.lookup import LEVELS, Found

__all__ = ["ATTRIBUTION", "ENDPOINT", "Nominatim", "NominatimError", "cache_folder", "locate_online"]

#: What must be said where a place found by Nominatim is shown.
ATTRIBUTION = "Search: Nominatim, data © OpenStreetMap contributors, ODbL 1.0"

#: The public server. [1]_ One request a second, a name of one's own, answers kept.
#:
#: .. [1] OpenStreetMap Foundation, "Nominatim Usage Policy", https://operations.osmfoundation.org/policies/nominatim/
ENDPOINT = "https://nominatim.openstreetmap.org/search"

_AGENT = "isopt (industrial symbiosis; geocodes facilities)"
_SECONDS_BETWEEN = 1.0
_TIMEOUT_S = 20.0
_GIVE_UP = 3
"""Failures in a row after which a server is not asked any more: it is down, or wants to be left alone."""
_LARGEST_ANSWER = 1_000_000
"""Bytes of an answer that are read."""
_AGREE_KM = 20.0
"""How far beyond the radius of the tables an answer may lie without a doubt."""
_SOURCE = "Nominatim"
_STREETS = {"road", "highway", "street", "residential", "pedestrian"}
_TOWNS = {
    "city", "town", "village", "hamlet", "suburb", "municipality", "borough", "quarter", "neighbourhood", "locality",
    "city_district", "isolated_dwelling", "county", "state", "region", "administrative", "district",
}  # fmt: skip
_TOO_WIDE = {"country", "continent", "state", "region"}


class NominatimError(Exception):
    """The server did not answer, or not with what was asked for."""


def cache_folder() -> Path:
    """Return the folder of this platform for what may be fetched again, with a part of its own for isopt."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "isopt" / "nominatim"


class Nominatim:
    """
    A client of a Nominatim server.

    Parameters
    ----------
    endpoint
        Address of the search, http or https.
    cache
        Folder in which answers are kept, a file per question named by its digest; the platform's where None.
    cap
        Most requests that this client sends; what is in the cache costs none.
    clock, sleep
        Seconds that pass, and how to wait for them.

    Raises
    ------
    InputError
        The endpoint is no address on the web, or the cap is below 0.
    """

    def __init__(
        self,
        endpoint: str = ENDPOINT,
        *,
        cache: str | Path | None = None,
        cap: int = 1000,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"{quoted(endpoint)} is no address of a Nominatim server; it begins with https://")
        if cap < 0:
            raise InputError(f"the cap on requests is {cap}; it can't be below 0")
        self.endpoint = endpoint
        self.asked = 0
        self._folder = Path(cache) if cache is not None else cache_folder()
        self._cap, self._clock, self._sleep = cap, clock, sleep
        self._last = -math.inf
        self._failed = 0

    def search(self, query: str, country: str = "") -> list[dict[str, Any]]:
        """
        Return what the server finds for a text, the best first.

        Parameters
        ----------
        query
            An address on one line.
        country
            Two letters; empty searches the world.

        Raises
        ------
        NominatimError
            No answer in time, an answer that is none, or the cap is reached.
        """
        asked = {"q": query, "format": "jsonv2", "addressdetails": "1", "limit": "3", "accept-language": "en"}
        if country:
            asked["countrycodes"] = country.lower()
        url = f"{self.endpoint}?{urllib.parse.urlencode(sorted(asked.items()))}"
        kept = self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.json"
        try:
            return _answers(kept.read_bytes())
        except (OSError, NominatimError):  # not kept yet, or half written by somebody else
            pass
        body = self._fetch(url)
        found = _answers(body)
        self._keep(kept, body)
        return found

    def _fetch(self, url: str) -> bytes:
        if self.asked >= self._cap:
            raise NominatimError(f"the cap of {self._cap} requests is reached")
        if self._failed >= _GIVE_UP:
            raise NominatimError(f"{_host(url)} failed {_GIVE_UP} times in a row")
        wait = self._last + _SECONDS_BETWEEN - self._clock()
        if wait > 0:
            self._sleep(wait)
        self.asked += 1
        self._failed += 1
        try:
            request = urllib.request.Request(url, headers={"User-Agent": _AGENT, "Accept": "application/json"})  # noqa: S310
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 (http and https alone)
                body = bytes(answer.read(_LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            raise NominatimError(f"{_host(url)} answers {error.code}") from error
        except (OSError, ValueError) as error:
            raise NominatimError(f"{_host(url)} does not answer ({type(error).__name__})") from error
        finally:
            self._last = self._clock()
        self._failed = 0
        return body

    def _keep(self, path: Path, body: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(body)
            part.replace(path)
        except OSError:  # a cache that can't be written costs time, nothing else
            return


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).hostname or url


def _answers(body: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise NominatimError("the answer is no JSON") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise NominatimError("the answer is no list of places")
    return found


def locate_online(address: Address, offline: Found, client: Nominatim) -> Found:
    """
    Ask Nominatim for an address; what the tables know stays where the answer is no better, or none.

    Parameters
    ----------
    address
        The address.
    offline
        What the tables of postcodes and towns know.
    client
        Whom to ask.
    """
    if not address.text or (not address.street and not address.towns and address.postcode is None):
        return offline
    try:
        answers = client.search(address.text, address.country)
    except NominatimError as error:
        return _with(offline, f"not asked online: {error}")
    places = [place for one in answers if (place := _place(one)) is not None]
    if not places:
        return _with(offline, "Nominatim does not know it")
    spot, level = places[0]
    doubts = list(address.doubts)
    if offline.spot is not None:
        apart = spot.km_to(offline.spot)
        if apart > offline.spot.radius_km + spot.radius_km + _AGREE_KM:
            doubts.append(f"Nominatim and the tables disagree by {apart:.0f} km ({offline.matched})")
        elif LEVELS.index(level) >= LEVELS.index(offline.level) or spot.radius_km > offline.spot.radius_km:
            return offline
    others = tuple(one for one, _ in places[1:] if one.km_to(spot) > spot.radius_km + _AGREE_KM)
    if others:
        doubts.append("Nominatim knows several places; its first counts")
    return Found(spot, level, _SOURCE, spot.name, tuple(doubts), others)


def _with(found: Found, doubt: str) -> Found:
    return replace(found, doubts=(*found.doubts, doubt))


def _place(answer: Mapping[str, Any]) -> tuple[Spot, str] | None:
    """Return place and level of an answer; None where it is damaged or as wide as a country."""
    level = _level(answer)
    try:
        lat, lon = float(answer["lat"]), float(answer["lon"])
        south, north, west, east = (float(edge) for edge in answer["boundingbox"])
    except (KeyError, TypeError, ValueError):
        return None
    sound = (
        all(math.isfinite(one) for one in (lat, lon, south, north, west, east)) and abs(lat) <= 90 and abs(lon) <= 180
    )
    if not level or not sound:
        return None
    corners = haversine_km(lat, lon, [south, south, north, north], [west, east, west, east])
    details = answer.get("address")
    country = str(details.get("country_code", "")).upper()[:2] if isinstance(details, dict) else ""
    name = " ".join(str(answer.get("display_name", "")).split())[:200]
    return Spot(lat, lon, max(float(corners.max()), 0.05), name, country, source=_SOURCE), level


def _level(answer: Mapping[str, Any]) -> str:
    """Return how exact an answer is, from what kind of thing was found; a works is as good as a house number."""
    kind = str(answer.get("addresstype") or answer.get("type") or "")
    group = str(answer.get("category") or answer.get("class") or "")
    if kind in _TOO_WIDE:
        return ""
    if kind == "postcode" or answer.get("type") == "postcode":
        return "postcode"
    if kind in _TOWNS or group == "boundary":
        return "town"
    if kind in _STREETS or group == "highway":
        return "street"
    return "address"
