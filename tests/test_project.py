"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import os
import re
import stat
import subprocess
import sys
import tomllib
import zlib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_version_is_said_once() -> None:
    """What is installed, what the package says of itself and the newest entry of the changelog are one number."""
    import isopt

    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert isopt.__version__ == version("isopt") == PROJECT["project"]["version"] == newest[1]


def test_licence_is_the_one_that_the_package_names() -> None:
    """The file begins with the name in the metadata."""
    assert PROJECT["project"]["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_everything_that_is_imported_is_declared() -> None:
    """A fresh environment holds every outside package that isopt imports."""
    names = {
        "django-js-lib-leaflet": "js_lib_leaflet",
        "python-calamine": "python_calamine",
        "resvg-py": "resvg_py",
        "tomli-w": "tomli_w",
    }
    declared = {re.split(r"[<>=~!;\[ ]", entry)[0] for entry in PROJECT["project"]["dependencies"]}
    imported: set[str] = set()
    for path in (ROOT / "isopt").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    assert imported - set(sys.stdlib_module_names) - {"isopt"} <= {names.get(name, name) for name in declared}


def test_every_data_file_travels_in_the_wheel() -> None:
    """No file of the package is ignored by git, because the wheel leaves out what git ignores."""
    files = [str(p) for p in (ROOT / "isopt").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    ignored = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        input="\n".join(files),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ignored.returncode == 128:
        pytest.skip("not a git checkout")
    assert ignored.stdout == ""


def test_ci_script_can_be_run() -> None:
    """It is executable and fails when a step fails."""
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert "exit 1" in script.read_text(encoding="utf-8")


def test_make_without_a_target_explains_itself() -> None:
    """`make` alone lists the targets and installs nothing."""
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert all(target in shown for target in ("demo", "test", "lint", "types", "docs", "bench", "clean"))


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    """`make demo` with an interpreter that isopt does not support names the ones it does."""
    old = tmp_path / "python2.7"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (2, 7); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    run = subprocess.run(
        ["make", f"PYTHON={old}", f"VENV={tmp_path}/env", f"{tmp_path}/env/bin/python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    assert run.returncode != 0
    assert "isopt needs Python 3.11, 3.12 or 3.13" in run.stderr
    assert "2.7" in run.stderr


def test_the_package_with_its_tables_stays_small() -> None:
    """Everything in the wheel, packed as a wheel packs it, has at most 30 MB; each table has its licence beside it."""
    files = [p for p in (ROOT / "isopt").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    packed = sum(len(zlib.compress(path.read_bytes(), 6)) for path in files)

    assert 3e6 < packed <= 30e6
    data = ROOT / "isopt" / "geo" / "data"
    assert {"LICENSE-ODbL-1.0.txt", "LICENSE-CC-BY-4.0.md"} <= {path.name for path in data.iterdir()}


def test_importing_isopt_loads_nothing_heavy() -> None:
    """The package is there at once: tables, routers, solver and maps are loaded by what needs them."""
    heavy = "{'numpy', 'pandas', 'numba', 'geopandas', 'osmnx', 'pyomo', 'highspy', 'folium', 'pyarrow', 'scipy'}"
    code = f"import sys, isopt; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"


def test_reading_and_straight_distances_load_no_router() -> None:
    """A scenario on straight lines needs neither numba nor a network, a road network is read once it is asked for."""
    code = (
        "import sys, isopt; s = isopt.read('scenarios/two_firms'); isopt.links(s);"
        "print(sorted({'numba', 'osmnx', 'networkx', 'pyarrow.parquet'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert said == "[]\n"
