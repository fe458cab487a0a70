"""Large models: plans that hold, bounds that hold, and the way between them."""

from __future__ import annotations

import os

import pytest
from family_cases import CASES
from test_large_bound import form_of

from benchmarks.regions import region
from isopt.formulation import build
from isopt.network import instance_of
from isopt.solver.compile import standard_form
from isopt.solver.highs import solve_form
from isopt.solver.large.driver import solve_large
from isopt.solver.plan import holds

#: Random scenarios; a hundred of them with `ISOPT_EXAMPLES=100`.
EXAMPLES = int(os.environ.get("ISOPT_EXAMPLES", "12"))
#: What a plan may cost less than the optimum, or a bound be above it, as a share: tolerances of rows.
SAME = 1e-6


def optimum(form):
    """The exact optimum, straight from HiGHS."""
    return solve_form(form, gap=0.0, time_limit=60)


@pytest.mark.parametrize("name", [*CASES, *range(1000, 1000 + EXAMPLES)])
def test_plans_and_bounds_enclose_the_optimum(name):
    """With blocks of some ten columns, whatever the model holds: the plan holds, and the optimum is between it and the bound."""
    form = form_of(name)
    exact, found = optimum(form), solve_large(form, gap=1e-4, time_limit=20, size=12)

    assert found.status == exact.status
    if exact.values is None:
        assert found.values is None
        return
    small = SAME * max(1.0, abs(exact.objective))
    assert holds(form, found.values)
    assert form.value(found.values) == pytest.approx(found.objective, rel=1e-12)
    assert found.objective >= exact.objective - small
    assert found.bound <= exact.objective + small
    assert found.objective - exact.objective <= 1e-4 * abs(found.objective) + small
    assert found.method


@pytest.fixture(scope="module")
def middle():
    """A region of some 500 links."""
    return standard_form(build(instance_of(region(60, 0))))
