"""
Every constraint family has its equation, its golden LP text and an eager twin that says the same.

`ISOPT_UPDATE_GOLDEN=1 pytest tests/test_families.py` writes `tests/golden/*.lp` anew, for somebody to read the
difference before it is committed.
"""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

import numpy as np
import pytest
from family_cases import CASES
from known import SHARED, contract

from isopt.formulation import FAMILIES, SYMBOLS, build, variables_of
from isopt.network import instance_of
from isopt.scenario import read
from isopt.solver.compile import standard_form
from isopt.solver.text import lp_text

GOLDEN = Path(__file__).parent / "golden"
FOLDERS = contract.folders(SHARED) or [None]


def section(text, family):
    """The part of an LP text that a family's heading opens."""
    found = re.search(rf"^\\ {family}\n(.*?)(?=^\\ |^ constant:|^bounds$)", text, re.DOTALL | re.MULTILINE)
    return found.group(1) if found else ""


def golden_text(family):
    """What a family says of its region: the region in a sentence, then its rows."""
    model = build(instance_of(CASES[family](), prune=False))
    rows = section(lp_text(standard_form(model)), family)
    return f"\\ {CASES[family].__doc__}\n{rows}"


def same_form(one, other):
    """Hold two standard forms against each other: every number, in the same order."""
    arrays = ("cost", "col_lower", "col_upper", "row_lower", "row_upper", "integer")
    assert dict(one.columns) == dict(other.columns)
    assert dict(one.rows) == dict(other.rows)
    assert (one.sense, one.offset) == (other.sense, other.offset)
    for name in arrays:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert (one.matrix != other.matrix).nnz == 0


def test_every_family_has_a_region_in_which_it_has_rows():
    """A family without a region would go untested; a region without a family is a leftover."""
    assert set(CASES) == set(FAMILIES)


def test_no_golden_text_is_left_over():
    """Each golden text is that of a family."""
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_rows_of_a_family_read_as_they_did(family):
    """The LP text of each family's rows is the golden one, line by line."""
    path, text = GOLDEN / f"{family}.lp", golden_text(family)
    if os.environ.get("ISOPT_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")

    assert text.count("\n") > 1
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_has_a_name_of_its_own(family):
    """A row is named after what it speaks of, no two rows alike, and nothing is a bare number."""
    instance = instance_of(CASES[family](), prune=False)
    labels = list(FAMILIES[family](instance).labels())

    assert len(labels) == FAMILIES[family](instance).size
    assert len(set(labels)) == len(labels)
    assert not any(label.isdigit() for label in labels)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_says_what_it_promises_and_its_equation(family):
    """A docstring opens with a sentence, and the equation in LaTeX follows, with every row of symbols explained."""
    lead, _, rest = inspect.getdoc(family).partition("\n\n")
    equation = re.search(r"^\.\. math::(.*?)(?=^\S|\Z)", rest, re.DOTALL | re.MULTILINE)

    assert lead[0].isupper()
    assert lead.endswith(".")
    assert equation
    assert "forall" in equation.group(1) or "text" in equation.group(1)


@pytest.mark.parametrize("family", CASES)
def test_every_variable_has_a_symbol_a_unit_and_a_meaning(family):
    """The maths page knows every variable of the model."""
    for variable in variables_of(instance_of(CASES[family](), prune=False)):
        symbol = SYMBOLS[variable.name]

        assert symbol.latex
        assert symbol.domain
        assert (variable.unit, variable.meaning) == (symbol.unit, symbol.meaning)
        names = variable.labels()
        assert len(set(names)) == len(names) == variable.size


@pytest.mark.parametrize("family", CASES)
def test_the_arrays_say_what_stock_components_of_pyomo_say(family):
    """Array-backed and stock components give the identical standard form on the region of each family."""
    instance = instance_of(CASES[family](), prune=False)

    same_form(standard_form(build(instance)), standard_form(build(instance, eager=True)))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name if folder else "none")
def test_the_arrays_say_what_stock_components_say_on_the_contracts_cases(shared, folder):
    """So they do on every case of the contract, and on its baseline."""
    scenario = read(folder)
    for baseline in (False, True):
        instance = instance_of(scenario, baseline=baseline)

        same_form(standard_form(build(instance)), standard_form(build(instance, eager=True)))
