"""A network of the user's own: an OpenStreetMap extract, a graph of osmnx, or any lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from isopt.errors import InputError, did_you_mean, quoted
from isopt.geo.network import Network
from isopt.geo.osm_network import ATTRIBUTION, OSM_IDS, USES, TaggedWays, kinds, of_kind, read_lines, ways_of
from isopt.geo.vehicle import Barred, Vehicle
from isopt.geo.ways import KEEP_ALL, drop_fragments, network_of

__all__ = ["NetworkFile", "network_from_file", "read_network"]

Listener = Callable[[str], object]

_EXTRACTS = (".pbf", ".osm")
_GRAPHS = (".graphml",)
_LINES = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
_OF_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_FORMAT = "n1"
"""Part of every version: changes when the same file gives other arcs than before."""
_MEMORY_PER_BYTE = {".pbf": 10, ".osm": 1, ".graphml": 12}
"""
Bytes of memory per byte of file, roughly: 0.8 kB a node of the network were measured; an extract of a country is taken
to hold some 80 bytes per such node, for most of it is buildings.
"""
_MUCH_BYTES = 2_000_000_000


@dataclass(frozen=True)
class NetworkFile:
    """
    A network and what there is to say of how it was read.

    Attributes
    ----------
    network
        The network.
    notes
        Sentences: what was left out, which limits could not be read.
    """

    network: Network
    notes: tuple[str, ...]


def network_from_file(
    path: str | Path,
    *,
    vehicle: Vehicle | None = None,
    layer: str | None = None,
    uses: str = "road",
    on_progress: Listener | None = None,
) -> Network:
    """
    Read a network from a file of the user's.

    Parameters
    ----------
    path
        An OpenStreetMap extract (``.osm.pbf``, ``.osm``); a graph of osmnx or networkx (``.graphml``, with x, y and
        length in metres; or the GeoPackage of osmnx); or lines in any coordinate system (GeoPackage, GeoJSON,
        FlatGeobuf, Shapefile), joined at shared vertices and where an end comes within 1 m of another line, with the
        columns ``oneway``, ``maxspeed`` or ``speed_kmh``, ``length_km`` if they have them.
    vehicle
        What has to fit; ways that bar it by height, weight, width, length, axle load, danger or sign are left out.
        None: any motor vehicle.
    layer
        Of a GeoPackage with several layers of lines.
    uses
        road, rail, water or pipe: which ways of an extract are taken, and of other files that have OpenStreetMap's
        column for it (``highway``, ``railway``, ``waterway``, ``man_made``); ``any``: all lines, not of an extract.
    on_progress
        Told in a sentence what has been read and what was left out.

    Returns
    -------
    network
        Every vertex is a node as long as there are at most a million; of more, those between junctions are thinned out
        to one in 100 m, which leaves all lengths as they are. Of an extract, fragments in which one can't get about are
        left out (not of pipes). ``version`` is the digest of the file with the vehicle and the kind of way.

    Raises
    ------
    InputError
        It is not there, can't be read, or holds no lines of that kind.

    Notes
    -----
    Turn restrictions, barriers at single points and limits with conditions (hours, loads) aren't known.

    Examples
    --------
    A canal of one line, 0.1 degree long:

    >>> import json, tempfile
    >>> canal = {"type": "LineString", "coordinates": [[8.0, 53.0], [8.1, 53.0]]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "canal.geojson"
    ...     _ = path.write_text(json.dumps(canal))
    ...     network = network_from_file(path, uses="water")
    >>> network.nodes, network.km.round(2).tolist()
    (2, [6.69, 6.69])
    """
    return read_network(path, vehicle=vehicle, layer=layer, uses=uses, on_progress=on_progress).network


def read_network(
    path: str | Path,
    *,
    vehicle: Vehicle | None = None,
    layer: str | None = None,
    uses: str = "road",
    on_progress: Listener | None = None,
) -> NetworkFile:
    """
    Read a network as :func:`network_from_file` does, with what there is to say of it.

    Parameters
    ----------
    path, vehicle, layer, uses, on_progress
        As there.

    Returns
    -------
    file
        The network and the notes.

    Raises
    ------
    InputError
        As there.
    """
    file = Path(path)
    suffix = _checked(file, layer, uses)
    notes: list[str] = []

    def tell(text: str) -> None:
        if on_progress is not None:
            on_progress(text)

    def note(text: str) -> None:
        notes.append(text)
        tell(text)

    _warn_of_size(file, suffix, note)
    tell(f"reading {file.name}")
    lines = _lines(file, suffix, layer, uses, tell, note)
    if not of_kind(lines.tags, uses).any():
        looked = "; ".join(f"{row.key} = {row.value}" for row in kinds()[kinds()["uses"] == uses].itertuples())
        raise InputError(f'{file} holds no way of the kind {uses} ({looked}); with uses="any" all lines are taken')
    ways, barred = ways_of(lines, uses, vehicle)
    _tell_barred(barred, vehicle, note)
    if not ways.count:
        raise InputError(f"{file} holds no way that is open to the vehicle")
    osm = suffix in _EXTRACTS
    tell(f"joining {ways.count:,} ways")
    attribution = ATTRIBUTION if _of_osm(lines, osm) else ""
    network = network_of(
        ways, name=file.name, version=_version(file, vehicle, uses), attribution=attribution, keep_all=KEEP_ALL
    )
    if osm and uses != "pipe":  # a short pipe is no less a pipe
        network, dropped = drop_fragments(network)
        if dropped:
            note(f"left out, on fragments in which one can't get about: {dropped:,} nodes")
    if not network.arcs:
        raise InputError(f"{file}: its lines have no length")
    tell(f"{network.nodes:,} nodes and {network.arcs:,} arcs")
    return NetworkFile(network, tuple(notes))


def _checked(file: Path, layer: str | None, uses: str) -> str:
    """Return the suffix of a file that can be read, or say why it can't."""
    if uses not in {*USES, "any"}:
        raise InputError(f"{quoted(uses)} is no kind of way{did_you_mean(uses, USES)} ({', '.join(USES)} or any)")
    if not file.exists():
        siblings = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
        raise InputError(f"{file} is not there{did_you_mean(file.name, siblings)}")
    if not file.is_file():
        raise InputError(f"{file} is a folder; give a file")
    if not file.stat().st_size:
        raise InputError(f"{file} is empty")
    suffix = file.suffix.lower()
    known = _EXTRACTS + _GRAPHS + _LINES
    if suffix not in known:
        packed = "; unpack it first" if suffix in {".gz", ".bz2", ".xz", ".zip", ".zst"} else ""
        raise InputError(f"{file} is no network that can be read ({', '.join(known)}){packed}")
    if suffix in _EXTRACTS and uses == "any":
        raise InputError(
            "an OpenStreetMap extract holds roads, railways and waters, which cross without meeting; "
            "say which: road, rail, water or pipe"
        )
    if layer is not None and suffix not in _LINES:
        raise InputError(f"{file} has no layers to choose from")
    return suffix


def _lines(file: Path, suffix: str, layer: str | None, uses: str, tell: Listener, note: Listener) -> TaggedWays:
    if suffix in _EXTRACTS:
        return read_lines(file, uses, tell)
    if suffix in _GRAPHS:
        from isopt.geo.graph_files import read_graph

        return read_graph(file, tell)
    from isopt.geo.line_files import read_own_lines

    return read_own_lines(file, layer, tell, note)


def _tell_barred(barred: Barred, vehicle: Vehicle | None, note: Listener) -> None:
    total = f"{len(barred.shut):,}"
    if barred.shut.any():
        note(f"shut to the vehicle: {int(barred.shut.sum()):,} of {total} ways")
    for key, (count, example) in barred.unreadable.items():
        note(f"{key} can't be read on {count:,} of {total} ways, such as {quoted(example)}: taken as open")
    if vehicle is not None and not barred.known:
        note("the file says nothing of heights, weights or bans, so the vehicle shuts no way")


def _version(file: Path, vehicle: Vehicle | None, uses: str) -> str:
    """Return the digest of the file, of all parts of a Shapefile, with what else decides on the arcs."""
    parts = [file.with_suffix(suffix) for suffix in _OF_SHAPEFILE] if file.suffix.lower() == ".shp" else [file]
    digest = hashlib.sha256()
    for part in parts:
        if part.exists():
            with part.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
    words = [digest.hexdigest()[:12], uses, _FORMAT, *([] if vehicle is None else [vehicle.version])]
    return "-".join(words)


def _of_osm(lines: TaggedWays, osm: bool) -> bool:
    """Whether the data is OpenStreetMap's: an extract, or columns that only its exports have."""
    return osm or any(name in lines.tags.codes for name in OSM_IDS)


def _warn_of_size(file: Path, suffix: str, note: Listener) -> None:
    need = file.stat().st_size * _MEMORY_PER_BYTE.get(suffix, 10)
    if need > _MUCH_BYTES:
        note(
            f"{file.name} has {file.stat().st_size / 1e6:,.0f} MB and needs about {need / 1e9:,.0f} GB of memory; "
            "a smaller extract (osmium extract, or one of a region) is quicker"
        )
