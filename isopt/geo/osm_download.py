"""Street networks fetched from OpenStreetMap by osmnx, once and on request."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from isopt.errors import InputError, quoted
from isopt.geo.osm_network import ATTRIBUTION, kinds
from isopt.geo.vehicle import VEHICLE_KEYS

__all__ = ["Box", "download_network", "downloaded", "polite"]

Box = tuple[float, float, float, float]
"""South, west, north, east in degrees."""

FOLDER = "networks"
"""Downloaded networks lie in this folder beside the tables of a scenario."""
NETWORK_TYPES = ("drive", "drive_service", "all_public", "all")
_TIMEOUT_S = 300
_TAGS = ("junction", "maxspeed:hgv", "area", "route", "duration", *VEHICLE_KEYS)
_LICENCE = "Open Database License 1.0, https://opendatacommons.org/licenses/odbl/1-0/"


def download_network(
    where: str | Box,
    *,
    online: bool = False,
    folder: str | Path = ".",
    network_type: str = "drive",
    on_progress: Callable[[str], object] | None = None,
) -> Path:
    """
    Fetch the streets of a place from OpenStreetMap and keep them; what was fetched before is used again.

    Parameters
    ----------
    where
        Name of a place as Nominatim knows it (``Kalundborg, Denmark``), or south, west, north, east in degrees.
    online
        True allows the download.
    folder
        The network is kept in its folder ``networks``.
    network_type
        ``drive`` (streets and ferries), ``drive_service`` (with yards and driveways too), or osmnx's ``all_public`` or
        ``all`` (paths too, no ferries). Who may go where is decided when the file is read.
    on_progress
        Told what is being done.

    Returns
    -------
    path
        A GraphML for :func:`isopt.geo.network_file.network_from_file`, with every vertex and the tags that vehicles
        depend on, so that one download serves all vehicles. The JSON file beside it says what was asked, when, and
        the digest of the answer.

    Raises
    ------
    InputError
        It isn't there and ``online`` is False, or the place isn't known, or the service does not answer.
    """
    target = _path(where, Path(folder), network_type)
    if target.is_file():
        return target
    if not online:
        raise InputError(
            f"the streets of {_words(where)} are not in {target.parent}; allow the download with online=True "
            "(--online), or give an extract (.osm.pbf) as file"
        )
    tell = on_progress or (lambda _: None)
    tell(f"asking OpenStreetMap for the streets of {_words(where)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    cache = target.with_suffix(".answers")  # stays after an interruption, so that the next try goes on from there
    graph = _fetched(where, network_type, cache)
    _save(graph, target, where, network_type)
    shutil.rmtree(cache, ignore_errors=True)
    tell(f"{target.name}: {graph.number_of_nodes():,} nodes, {graph.number_of_edges():,} edges")
    return target


def downloaded(where: str | Box, folder: str | Path, network_type: str = "drive") -> Path:
    """
    Return the network of a place that was downloaded before.

    Parameters
    ----------
    where, folder, network_type
        As for :func:`download_network`.

    Raises
    ------
    InputError
        It isn't there; the message says how to get it.
    """
    return download_network(where, folder=folder, network_type=network_type)


@contextmanager
def polite(cache: Path) -> Iterator[Any]:
    """
    Hand out osmnx with our own name, the services' pace and a cache in a place of ours; its settings come back after.

    Parameters
    ----------
    cache
        Folder for the answers.
    """
    import osmnx

    ours = {
        "http_user_agent": f"isopt/{version('isopt')} (planning of industrial symbiosis)",
        "http_referer": f"isopt/{version('isopt')}",
        "overpass_rate_limit": True,  # waits for a free slot
        "requests_timeout": _TIMEOUT_S,
        "use_cache": True,
        "cache_folder": str(cache),
        "cache_only_mode": False,
        "log_file": False,
        "useful_tags_way": sorted({*osmnx.settings.useful_tags_way, *_TAGS}),
    }
    before = {name: getattr(osmnx.settings, name) for name in ours}
    try:
        for name, value in ours.items():
            setattr(osmnx.settings, name, value)
        yield osmnx
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _fetched(where: str | Box, network_type: str, cache: Path) -> Any:
    filters = _filters(service=network_type == "drive_service") if network_type.startswith("drive") else None
    options: dict[str, Any] = {"custom_filter": filters} if filters else {"network_type": network_type}
    with polite(cache) as osmnx:
        try:
            if isinstance(where, str):
                return osmnx.graph_from_place(where, simplify=False, **options)
            south, west, north, east = where
            return osmnx.graph_from_bbox((west, south, east, north), simplify=False, **options)
        except (ValueError, TypeError, OSError) as error:
            raise InputError(
                f"OpenStreetMap gives no streets of {_words(where)}: {' '.join(str(error).split())}"
            ) from error


def _filters(*, service: bool) -> list[str]:
    """Return what Overpass is asked for: the ways that an extract gives too (osmnx's own filters lack ferries)."""
    rows = kinds()[kinds()["uses"] == "road"]
    words = {str(key): "|".join(group) for key, group in rows.groupby("key", sort=False)["value"]}
    if not service:
        words["highway"] = "|".join(word for word in words["highway"].split("|") if word != "service")
    return [f'["{key}"~"^({group})$"]["area"!~"yes"]' for key, group in words.items()]


def _save(graph: Any, target: Path, where: str | Box, network_type: str) -> None:
    """Write the graph and what is known of it under temporary names, then move both."""
    import osmnx

    part = target.with_name(f".{os.getpid()}.{target.name}")
    said = target.with_suffix(".json")
    part_said = said.with_name(f".{os.getpid()}.{said.name}")
    try:
        osmnx.save_graphml(graph, part)
        provenance = {
            "query": where if isinstance(where, str) else list(where),
            "network_type": network_type,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "service": osmnx.settings.overpass_url,
            "osmnx": osmnx.__version__,
            "isopt": version("isopt"),
            "nodes": graph.number_of_nodes(),
            "edges": graph.number_of_edges(),
            "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
            "attribution": ATTRIBUTION,
            "licence": _LICENCE,
        }
        part_said.write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part_said.replace(said)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        part_said.unlink(missing_ok=True)


def _path(where: str | Box, folder: Path, network_type: str) -> Path:
    if network_type not in NETWORK_TYPES:
        raise InputError(f"{quoted(network_type)} is no kind of network ({', '.join(NETWORK_TYPES)})")
    if isinstance(where, str):
        if not where.strip():
            raise InputError("a place to download needs a name")
        asked = " ".join(where.split())
    else:
        _check_box(where)
        asked = ",".join(f"{value:.7g}" for value in where)
    slug = re.sub(r"[^a-z0-9]+", "-", asked.casefold()).strip("-")[:40] or "place"
    digest = hashlib.sha256(f"{asked}|{network_type}".encode()).hexdigest()[:8]
    return folder / FOLDER / f"osm-{slug}-{network_type}-{digest}.graphml"


def _check_box(box: Box) -> None:
    south, west, north, east = box
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        raise InputError("a box is south, west, north, east in degrees, with south below north and west below east")


def _words(where: str | Box) -> str:
    return quoted(where) if isinstance(where, str) else "the box " + ", ".join(f"{value:g}" for value in where)
