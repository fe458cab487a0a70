"""Where the tests find what is shared between projects: read in place, never copied."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from known import SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the published cases and data; tests that need it are skipped without it."""
    if not (SHARED / "cases").is_dir():
        pytest.skip(f"no folder {SHARED} with the published cases: set ISOPT_SHARED to where it is")
    return SHARED


def pytest_collection() -> None:
    """Leave the garbage collector off while thousands of tests and all of their modules are gathered."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes longest first, on one worker: at the end, when workers take tests from one another, all are short."""
    items.sort(key=lambda item: item.path.name != "test_notebooks.py")


def pytest_collection_finish() -> None:
    """
    Take what was gathered for good: the collector looks at what the tests make, less often, and at no million of old objects.

    Going through those again and again took a third of the time of gathering them, and a twentieth of that of the tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)
    gc.enable()
