"""Where the tests find what is shared between projects: read in place, never copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from known import SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the published cases and data; tests that need it are skipped without it."""
    if not (SHARED / "cases").is_dir():
        pytest.skip(f"no folder {SHARED} with the published cases: set ISOPT_SHARED to where it is")
    return SHARED
