"""Whether an OpenStreetMap file is whole: GDAL stops at damage without a word and would hand over half a network."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from isopt.errors import InputError

__all__ = ["check_whole"]

_LONGEST_HEADER = 64 * 1024
_LONGEST_BLOB = 32 * 1024 * 1024
"""Limits of the format. https://wiki.openstreetmap.org/wiki/PBF_Format"""
_TOLD_EVERY = 64_000_000


def check_whole(path: Path, tell: Callable[[str], object]) -> None:
    """
    Refuse a file that is cut off or damaged.

    Parameters
    ----------
    path
        ``.pbf``: every block is unpacked, which its checksum guards; ``.osm``: the last element has to be closed.
    tell
        Told how much of a large file has been checked.

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
        return
    said = 0
    with path.open("rb") as file:
        while (place := file.tell()) < size:
            try:
                _check_block(file)
            except (ValueError, zlib.error, IndexError) as error:
                raise InputError(
                    f"{path} is no OpenStreetMap data, or damaged or cut off at byte {place:,}: {error}"
                ) from error
            if place - said > _TOLD_EVERY:
                said = place
                tell(f"{place / size:.0%} of {path.name} checked")


def _check_block(file: BinaryIO) -> None:
    """Read one block: length, header, and a blob whose checksum holds."""
    length = int.from_bytes(_exactly(file, 4), "big")
    if not 0 < length <= _LONGEST_HEADER:
        raise ValueError("a block begins with no length")
    header = _fields(_exactly(file, length))
    kind, datasize = header.get(1), header.get(3)
    if not isinstance(kind, bytes) or not isinstance(datasize, int) or datasize > _LONGEST_BLOB:
        raise ValueError("a block has no header")
    blob = _fields(_exactly(file, datasize))
    packed = blob.get(3)
    if isinstance(packed, bytes):
        opened = zlib.decompressobj()
        if len(opened.decompress(packed, _LONGEST_BLOB)) != blob.get(2) or not opened.eof:
            raise ValueError("a block is shorter than it says")
    elif 1 not in blob:
        raise ValueError("its blocks are packed in a way that GDAL can't read; repack it with osmium cat")


def _exactly(file: BinaryIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) < count:
        raise ValueError("the file ends in the middle of a block")
    return content


def _fields(message: bytes) -> dict[int, bytes | int]:
    """Read the fields of a protocol buffer of numbers and bytes, by their number."""
    fields: dict[int, bytes | int] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            fields[key >> 3] = value
        elif key & 7 == 2 and at + value <= len(message):
            fields[key >> 3] = message[at : at + value]
            at += value
        else:
            raise ValueError("a block holds what is no field")
    return fields


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while message[at] & 0x80:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | message[at] << shift, at + 1
