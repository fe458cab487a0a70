"""GDAL's driver for OpenStreetMap files, so that it reads all of a file or none of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from isopt.errors import InputError
from isopt.geo.osm_blocks import check_whole

__all__ = ["Opened", "opened"]

_ROOM = 3
"""Bytes of the temporary index per byte of file for which there has to be room on the disk; assumed, to be safe."""
_MUCH_BYTES = 100_000_000
"""An index below this stays in memory (OSM_MAX_TMPFILE_SIZE)."""
_SORT = "; its nodes are not in order: sort it first (osmium sort IN.osm.pbf -o OUT.osm.pbf)"


@dataclass(frozen=True)
class Opened:
    """
    A file that is whole.

    Attributes
    ----------
    path
        Where it is.
    in_order
        Whether its nodes are in order; else what GDAL says of an error counts, which pyogrio asks for only when it
        reads without Arrow.
    options
        For pyogrio: ``CONFIG_FILE`` and ``USE_CUSTOM_INDEXING``.
    """

    path: Path
    in_order: bool
    options: dict[str, Any]


@contextmanager
def opened(path: Path, configuration: str, tell: Callable[[str], object]) -> Iterator[Opened]:
    """
    Check a file and prepare to read it.

    Parameters
    ----------
    path
        ``.pbf`` or ``.osm``.
    configuration
        Content of an ``osmconf.ini``: which keys are columns, which closed ways are areas.
    tell
        Told how much of a large file has been checked.

    Raises
    ------
    InputError
        The file is damaged, or there is no room for GDAL's index; errors of reading it within the context, too.
    """
    import pyogrio

    in_order = check_whole(path, tell)
    before = pyogrio.get_gdal_config_option("CPL_TMPDIR")
    with TemporaryDirectory() as folder:
        _check_room(path, Path(folder))
        file = Path(folder) / "osmconf.ini"
        file.write_text(configuration, encoding="utf-8")
        pyogrio.set_gdal_config_options({"CPL_TMPDIR": folder})  # else its index lies in the working directory
        try:
            yield Opened(path, in_order, {"CONFIG_FILE": str(file), "USE_CUSTOM_INDEXING": "YES" if in_order else "NO"})
        except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, OSError, ValueError) as error:
            advice = (
                ""
                if in_order
                else "; its nodes are not in order: sort it first (osmium sort IN.osm.pbf -o OUT.osm.pbf)"
            )
            raise InputError(
                f"{path} can't be read as OpenStreetMap data: {' '.join(str(error).split())}{advice}"
            ) from error
        finally:
            pyogrio.set_gdal_config_options({"CPL_TMPDIR": before})


def _check_room(path: Path, folder: Path) -> None:
    """Refuse to start on a disk that the index would fill, for GDAL then stops without a word."""
    need, free = _ROOM * path.stat().st_size, shutil.disk_usage(folder).free
    if need > _MUCH_BYTES and free < need:
        raise InputError(
            f"{path} needs about {need / 1e9:,.1f} GB of room in {folder.parent}, which has {free / 1e9:,.1f} GB; set "
            "TMPDIR to a larger disk, or cut out a smaller extract"
        )
