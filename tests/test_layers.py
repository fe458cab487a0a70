"""Data goes one way: a module imports only from the rows above its own, and each outside tool is known in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "isopt"

WORDS = {"errors", "units", "waste"}
INPUT = WORDS | {"scenario"}
PLACES = INPUT | {"knowledge", "geo"}
ARRAYS = PLACES | {"network"}
ENGINE = ARRAYS | {"formulation", "solver", "solution"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "units": {"errors"},
    "waste": {"errors"},
    "scenario": WORDS,
    "knowledge": INPUT,
    "geo": INPUT | {"knowledge"},
    "synthetic": PLACES,
    "network": PLACES,
    "formulation": ARRAYS,
    "solver": ARRAYS | {"formulation"},
    "solution": ARRAYS,  # tables and their audit know neither the model nor the solver
    "studies": ENGINE,
    "views": ARRAYS | {"solution"},  # drawing only
    "importers": PLACES,
    "cli": ENGINE | {"studies", "views", "importers", "synthetic", "isopt"},
    "__init__": ENGINE | {"studies", "views", "importers", "synthetic"},
    "__main__": {"cli"},
}

ONLY_IN: dict[str, set[str]] = {
    "pyomo": {"formulation", "solver"},
    "highspy": {"solver"},
    "folium": {"views"},
    "branca": {"views"},
    "osmnx": {"geo", "importers"},
    "matplotlib": {"views"},
    "numba": {"geo"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def row_of(path: Path) -> str:
    """Name the row a module belongs to: its first part below isopt/."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of everything that a module inside ``package`` imports, also late."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def trespasses(source: str, row: str, package: tuple[str, ...] = ("isopt",)) -> list[str]:
    """List the imports of a module in ``row`` that the layer list does not allow."""
    found = []
    for line, name in imports(source, package):
        top, _, rest = name.partition(".")
        if top == "isopt":
            target = rest.partition(".")[0] or "isopt"
            target = target if target in MAY_IMPORT else "isopt"
            if target != row and target not in MAY_IMPORT[row]:
                found.append(f"line {line}: {row} imports {name}")
        elif row not in ONLY_IN.get(top, {row}):
            found.append(f"line {line}: {row} imports {name}, which only {', '.join(sorted(ONLY_IN[top]))} may know")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_imports_only_from_the_rows_above_its_own(path: Path) -> None:
    """Nothing flows back: the list in the architecture is what the imports say."""
    package = path.relative_to(ROOT).parent.parts
    assert trespasses(path.read_text(encoding="utf-8"), row_of(path), package) == []


def test_every_module_stands_in_the_layer_list() -> None:
    """A package that nobody placed in the list would be checked against nothing."""
    assert {row_of(path) for path in MODULES} <= set(MAY_IMPORT)


def test_packages_stay_below_450_lines_a_module() -> None:
    """A page per idea: a module that outgrows 450 lines hides a second noun."""
    long = {
        str(path.relative_to(ROOT)): n for path in MODULES if (n := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert long == {}


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ("scenario", "from isopt.network import Instance"),
        ("scenario", "from ..network import Instance"),
        ("scenario", "import isopt"),
        ("solution", "def late():\n    import isopt.solver.highs"),
        ("views", "import highspy"),
        ("network", "from pyomo.environ import Var"),
        ("network", "from isopt import solve"),
        ("solution", "import folium.plugins as plugins"),
    ],
)
def test_a_trespass_is_seen(row: str, source: str) -> None:
    """The check itself is worth something: upward, relative, late and outside imports are all found."""
    assert len(trespasses(source, row, ("isopt", row))) == 1


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ("scenario", "from ..errors import Problem"),
        ("scenario", "from . import schema"),
        ("network", "from isopt import scenario"),
        ("solver", "import highspy\nfrom pyomo.environ import Var"),
        ("cli", "import isopt"),
    ],
)
def test_what_the_list_allows_passes(row: str, source: str) -> None:
    """A module may use its own package and the rows above it."""
    assert trespasses(source, row, ("isopt", row)) == []
