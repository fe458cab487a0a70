"""Columns of numbers and names in few bytes: what the tables beside this package are kept in."""

from __future__ import annotations

import json
import lzma
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from isopt.errors import InputError, quoted

__all__ = ["Column", "pack", "read_member", "unpack", "write_members"]

Column = NDArray[np.int64] | Sequence[str]

_NUMBERS, _TEXTS = "numbers", "texts"
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member, so that the same rows make the same file."""


def pack(columns: Mapping[str, Column]) -> bytes:
    """
    Put columns of equal or different lengths into compressed bytes.

    Whole numbers are kept as differences from row to row, their bytes plane by plane (sorted columns nearly vanish);
    texts are joined by line feeds.

    Parameters
    ----------
    columns
        Name of each column and its rows: integers below 2**31 in size, or texts without line feeds.

    Examples
    --------
    >>> columns = unpack(pack({"lat": np.array([49_495, 49_499]), "town": ["BASF SE", "Ludwigshafen"]}))
    >>> columns["lat"].tolist(), columns["town"]
    ([49495, 49499], ['BASF SE', 'Ludwigshafen'])
    """
    head, body = [], []
    for name, values in columns.items():
        if isinstance(values, np.ndarray):
            steps = np.asarray(np.diff(values.astype(np.int64), prepend=0), dtype=np.int64)
            zigzag = ((steps << 1) ^ (steps >> 63)).astype("<u4")
            data = np.ascontiguousarray(zigzag.view(np.uint8).reshape(-1, 4).T).tobytes()
            kind = _NUMBERS
        else:
            data, kind = "\n".join(values).encode("utf-8"), _TEXTS
        head.append([name, kind, len(values), len(data)])
        body.append(data)
    lead = json.dumps(head).encode("ascii") + b"\n"
    return lzma.compress(lead + b"".join(body), format=lzma.FORMAT_XZ, filters=_FILTERS)


def unpack(packed: bytes) -> dict[str, NDArray[np.int64] | list[str]]:
    """
    Take columns out of what `pack` made.

    Parameters
    ----------
    packed
        The bytes.
    """
    plain = lzma.decompress(packed)
    end = plain.index(b"\n")
    columns: dict[str, NDArray[np.int64] | list[str]] = {}
    at = end + 1
    for name, kind, rows, size in json.loads(plain[:end]):
        data = plain[at : at + size]
        at += size
        if kind == _NUMBERS:
            planes = np.frombuffer(data, dtype=np.uint8).reshape(4, rows)
            zigzag = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
            columns[name] = np.cumsum((zigzag >> 1) ^ -(zigzag & 1))
        else:
            columns[name] = data.decode("utf-8").split("\n") if rows else []
    return columns


def write_members(path: Path, members: Mapping[str, bytes]) -> None:
    """
    Write named packs into one file, always the same for the same packs.

    Parameters
    ----------
    path
        The file; it is written under another name first and then put in place.
    members
        Name of each pack and its bytes.
    """
    whole = path.with_name(path.name + ".part")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, _DATE), members[name])
    whole.replace(path)


def read_member(source: IO[bytes], name: str) -> dict[str, NDArray[np.int64] | list[str]] | None:
    """
    Read one named pack of a file, or None where there is none of that name.

    Parameters
    ----------
    source
        The open file.
    name
        Name of the pack.

    Raises
    ------
    InputError
        The file is damaged.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            if name not in archive.namelist():
                return None
            return unpack(archive.read(name))
    except (zipfile.BadZipFile, lzma.LZMAError, ValueError) as error:
        raise InputError(f"the table of {quoted(name)} is damaged: {error}; install isopt again") from error
