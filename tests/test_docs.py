"""What README and documentation tell the reader to type works, in the order in which they tell it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(
    r"^(?:`(?P<path>[^`\n]+\.(?:csv|toml))`\n\n)?```(?P<language>[a-z]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block: what language it is in and, for the content of a file, that file's name."""

    language: str
    path: str | None
    text: str


def blocks(page: Path) -> list[Block]:
    """Find the fenced blocks of a page."""
    return [Block(m["language"], m["path"], m["text"]) for m in FENCE.finditer(page.read_text(encoding="utf-8"))]


def commands(text: str) -> list[list[str]]:
    """Split the lines of a shell block that call isopt into arguments; lines that end in a backslash go on."""
    lines = text.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("isopt ")]


EXECUTABLE = [page for page in PAGES if any(b.path or b.language == "python" or commands(b.text) for b in blocks(page))]


@pytest.mark.parametrize("page", EXECUTABLE, ids=lambda page: page.name)
def test_page_does_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files are written, commands run and Python executed top to bottom in one folder and print what the page shows."""
    from isopt.cli import main

    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed = ""
    for block in blocks(page):
        if block.path:
            target = tmp_path / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            exec(compile(block.text, f"{page.name}: {block.text.splitlines()[0]}", "exec"), names)
            printed = capsys.readouterr().out
        elif block.language == "sh":
            for arguments in commands(block.text):
                assert main([*arguments, "--debug"]) == 0, f"isopt {shlex.join(arguments)}"
            printed = capsys.readouterr().out
        elif block.language == "text":  # what the block before it prints
            assert [line for line in block.text.splitlines() if line not in printed] == []


def test_first_scenario_page_is_executed() -> None:
    """The pages that matter most do hold blocks that the test above runs."""
    assert {"README.md", "first-scenario.md"} <= {page.name for page in EXECUTABLE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link or picture points at a file that is there."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    """`make demo` and its like stand in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


# what is written from the code


@pytest.fixture(scope="module")
def generated() -> ModuleType:
    """The module that writes pages from the code, as Sphinx loads it."""
    spec = spec_from_file_location("from_code", ROOT / "docs" / "_ext" / "from_code.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_maths_page_holds_every_equation_and_variable(generated: ModuleType) -> None:
    """Each family has its sentence, its LaTeX and its table of units; each variable its symbol."""
    from isopt.formulation import FAMILIES, SYMBOLS

    page = generated.maths()
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^###? |\Z)", page, re.MULTILINE | re.DOTALL))
    assert set(FAMILIES) <= set(sections)
    assert [name for name in FAMILIES if ".. math::" not in sections[name]] == []
    assert [name for name in FAMILIES if "unit\n" not in sections[name] and name not in NOTHING_NEW] == []
    assert [name for name, symbol in SYMBOLS.items() if f"`{name}` | ${symbol.latex}" not in page] == []


def test_format_page_holds_every_table_column_and_key(generated: ModuleType) -> None:
    """What may be written in a scenario is on the page."""
    from isopt.scenario import settings_keys, tables

    page = generated.scenario_format()
    columns = {column for table in tables().values() for column in table.names} - set(EXTRA)
    keys = {key for section in settings_keys().values() for key in section}
    assert [name for name in tables() if name not in page] == []
    assert [column for column in columns if f"`{column}`" not in page] == []
    assert [key for key in keys if f"`{key}`" not in page] == []


EXTRA = ("note", "source")
NOTHING_NEW = ("keep",)  # it speaks of variables only


def test_command_line_page_holds_every_command(generated: ModuleType) -> None:
    """Each command has its help with an example."""
    page = generated.command_line()
    commands_ = [
        "new", "check", "geocode", "distances", "terminals", "links", "solve", "audit", "map", "report", "compare",
        "export", "transport", "thresholds", "plane", "explore", "pareto", "alternatives", "sweep",
        "foresight", "account", "import", "import osm", "import sepa",
    ]  # fmt: skip
    for command in commands_:
        assert f"## isopt {command}\n" in page
    assert page.count("examples\n") == len(commands_)


# results


def documented_columns() -> dict[str, set[str]]:
    """Read table and column names off the results page."""
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\.csv\n(.*?)(?=^###? |\Z)", page, re.MULTILINE | re.DOTALL))
    rows = {name: re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name, text in sections.items()}
    return {name: set(re.findall(r"`(\w+)`", " ".join(cells))) for name, cells in rows.items()}


@pytest.mark.parametrize(
    "table", ["flows", "exchanges", "plants", "throughput", "disposal", "virgin", "stocks", "firms"]
)
def test_results_page_holds_every_column(table: str) -> None:
    """The columns of a written table, less those of the scenario's own rows, are exactly those on the page."""
    from isopt import read, solve
    from isopt.scenario import tables

    solution = solve(read(ROOT / "scenarios" / "two_firms"))
    own = {"virgin": "demands"}.get(table, table)
    ours = set(tables()[own].names) if own in tables() else set()
    assert set(solution.tables[table].columns) - ours == documented_columns()[table] - ours


def test_results_page_holds_every_figure() -> None:
    """Each KPI is explained."""
    from isopt.solution.kpis import UNITS

    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    figures = page[page.index("## Figures") :]
    assert [kpi for kpi in UNITS if f"`{kpi}`" not in figures] == []
