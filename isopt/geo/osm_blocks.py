"""
Whether an OpenStreetMap file is whole, and whether its nodes are in order.

GDAL stops at damage, and at nodes out of order where it counts on order, without a word: half a network. So both are
looked at first.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from isopt.errors import InputError

__all__ = ["check_whole"]

_LONGEST_HEADER = 64 * 1024
_LONGEST_BLOB = 32 * 1024 * 1024
"""Limits of the format. https://wiki.openstreetmap.org/wiki/PBF_Format"""
_TOLD_EVERY = 64_000_000


def check_whole(path: Path, tell: Callable[[str], object]) -> bool:
    """
    Refuse a file that is cut off or damaged, and tell whether its nodes are in order.

    Parameters
    ----------
    path
        ``.pbf``: every block is unpacked, which its checksum guards; ``.osm``: the last element has to be closed.
    tell
        Told how much of a large file has been checked.

    Returns
    -------
    in_order
        Whether nodes come first and their numbers rise, so that GDAL may use its quick index. Headers say so too, but
        not all of them are right. False for ``.osm``, which editors write with numbers below zero.

    Raises
    ------
    InputError
        Saying where it breaks off.
    """
    size = path.stat().st_size
    if path.suffix.lower() == ".osm":
        with path.open("rb") as file:
            file.seek(max(0, size - 1024))
            if not file.read().rstrip(b"\0 \t\r\n").endswith(b"</osm>"):
                raise InputError(f"{path} is damaged or cut off: it doesn't end with </osm>")
        return False
    said = 0
    order = _Order()
    with path.open("rb") as file:
        while (place := file.tell()) < size:
            try:
                order.look(_block(file))
            except (ValueError, zlib.error, IndexError) as error:
                raise InputError(
                    f"{path} is no OpenStreetMap data, or damaged or cut off at byte {place:,}: {error}"
                ) from error
            if place - said > _TOLD_EVERY:
                said = place
                tell(f"{place / size:.0%} of {path.name} checked")
    return order.holds


@dataclass
class _Order:
    """Watches the numbers of nodes go by."""

    holds: bool = True
    last: int = 0
    past_nodes: bool = False

    def look(self, block: bytes) -> None:
        """Look at the groups of a block: dense nodes, or ways or relations."""
        for field, group in _each(block) if self.holds else ():
            if field != 2 or not isinstance(group, bytes):
                continue
            kind, content = next(_each(group), (0, b""))
            if kind == 2 and isinstance(content, bytes):
                self._nodes(next((ids for at, ids in _each(content) if at == 1 and isinstance(ids, bytes)), b""))
            elif kind == 1:
                self.holds = False  # nodes one by one, which hardly anybody writes: better slow than wrong
            else:
                self.past_nodes = True

    def _nodes(self, ids: bytes) -> None:
        """Numbers are differences, the sign in their lowest bit, in bytes of seven bits and one that says go on."""
        if not ids:
            return
        raw = np.frombuffer(ids, np.uint8)
        stop = np.flatnonzero(raw < 0x80)
        start = np.append(0, stop[:-1] + 1)
        place = np.arange(len(raw)) - np.repeat(start, stop - start + 1)
        step = np.add.reduceat((raw & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64), start)
        signed = (step >> np.uint64(1)).astype(np.int64)
        signed[(step & np.uint64(1)).astype(bool)] = 0
        rises = signed[0] > self.last and (signed[1:] > 0).all()
        self.holds = bool(rises) and not self.past_nodes
        self.last = int(signed.sum())


def _block(file: BinaryIO) -> bytes:
    """Read one block, length, header and a blob whose checksum holds; return what it holds of the map."""
    length = int.from_bytes(_exactly(file, 4), "big")
    if not 0 < length <= _LONGEST_HEADER:
        raise ValueError("a block begins with no length")
    header = dict(_each(_exactly(file, length)))
    kind, datasize = header.get(1), header.get(3)
    if not isinstance(kind, bytes) or not isinstance(datasize, int) or datasize > _LONGEST_BLOB:
        raise ValueError("a block has no header")
    blob = dict(_each(_exactly(file, datasize)))
    packed, plain = blob.get(3), blob.get(1)
    if isinstance(packed, bytes):
        opened = zlib.decompressobj()
        plain = opened.decompress(packed, _LONGEST_BLOB)
        if len(plain) != blob.get(2) or not opened.eof:
            raise ValueError("a block is shorter than it says")
    if not isinstance(plain, bytes):
        raise ValueError("its blocks are packed in a way that GDAL can't read; repack it with osmium cat")  # noqa: TRY004
    return plain if kind == b"OSMData" else b""


def _exactly(file: BinaryIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) < count:
        raise ValueError("the file ends in the middle of a block")
    return content


def _each(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the fields of a protocol buffer of numbers and bytes, with their numbers."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2 and at + value <= len(message):
            yield key >> 3, message[at : at + value]
            at += value
        else:
            raise ValueError("a block holds what is no field")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while message[at] & 0x80:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | message[at] << shift, at + 1
