"""
The phases of a run and who takes part in each.

A contender is a way to make and solve the same model; a phase is a function of what the one before it made. Each
contender runs in a process of its own: libraries bring different copies of the same solver, and memory is per process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain import Facts, assemble, linopy_model, pass_on

PHASES: Mapping[str, str] = {
    "check": "tables to a checked scenario",
    "network": "candidate links, proofs, arrays",
    "build": "arrays to a model",
    "hand_over": "model to the solver's memory",
    "relax": "linear relaxation solved",
    "solve": "integer plan, within the time limit",
}
"""Phases in the order in which they run, with what they do."""

GAP = 1e-3


@dataclass
class Bench:
    """
    What a contender has made so far.

    Parameters
    ----------
    sources
        Size of the synthetic region.
    seed
        Of the region.
    facts
        File with the region's facts, for contenders that know no scenario.
    seconds
        Time limit of the phase ``solve``.
    made
        Results of the phases done, by name.
    """

    sources: int
    seed: int
    facts: Path
    seconds: float
    made: dict[str, Any] = field(default_factory=dict)


Work = Callable[[Bench], Any]
CONTENDERS: dict[str, dict[str, Work]] = {"isopt": {}, "numpy": {}, "linopy": {}}
"""Who does what in each phase; a phase that a contender lacks is one it has no part in."""


def does(contender: str, phase: str) -> Callable[[Work], Work]:
    """Enter a function as a contender's part in a phase."""

    def enter(work: Work) -> Work:
        CONTENDERS[contender][phase] = work
        return work

    return enter


def prepare(contender: str, bench: Bench) -> None:
    """Import what the contender needs and load its data, so that no phase pays for it."""
    if contender == "isopt":
        import isopt.formulation
        import isopt.solver.highs  # noqa: F401
        from benchmarks.regions import tables_of

        bench.made["tables"] = tables_of(bench.sources, bench.seed)
        return
    import highspy  # noqa: F401
    import scipy.sparse  # noqa: F401

    if contender == "linopy":
        import linopy  # noqa: F401
    bench.made["facts"] = Facts.load(bench.facts)


@does("isopt", "check")
def _check(bench: Bench) -> Any:
    from isopt.scenario import Scenario

    tables, settings = bench.made["tables"]
    return Scenario.of(tables, settings=settings)


@does("isopt", "network")
def _network(bench: Bench) -> Any:
    from isopt.network import instance_of

    return instance_of(bench.made["check"])


@does("isopt", "build")
def _build(bench: Bench) -> Any:
    from isopt.formulation import build

    return build(bench.made["network"])


@does("isopt", "hand_over")
def _hand_over(bench: Bench) -> Any:
    from isopt.solver.compile import standard_form
    from isopt.solver.engine import load

    form = standard_form(bench.made["build"])
    return form, load(form)


@does("isopt", "relax")
def _relax(bench: Bench) -> dict[str, float | None]:
    from isopt.solver.engine import load

    return _linear(load(bench.made["hand_over"][0], relaxed=True), bench.seconds)


@does("isopt", "solve")
def _solve(bench: Bench) -> dict[str, float | None]:
    from isopt.solver.highs import solve_form

    outcome = solve_form(bench.made["hand_over"][0], gap=GAP, time_limit=bench.seconds, threads=1)
    return {"objective": outcome.objective, "bound": outcome.bound, "gap": outcome.gap}


@does("numpy", "build")
def _assemble(bench: Bench) -> Any:
    return assemble(bench.made["facts"])


@does("numpy", "hand_over")
def _pass(bench: Bench) -> Any:
    return pass_on(bench.made["build"])


@does("linopy", "build")
def _model(bench: Bench) -> Any:
    return linopy_model(bench.made["facts"])


@does("linopy", "hand_over")
def _to_highs(bench: Bench) -> Any:
    from linopy.io import to_highspy

    solver = to_highspy(bench.made["build"])
    solver.setOptionValue("output_flag", False)
    return solver


@does("numpy", "relax")
@does("linopy", "relax")
def _relaxed(bench: Bench) -> dict[str, float | None]:
    import highspy

    solver = bench.made["hand_over"]
    lp = solver.getLp()
    lp.integrality_ = []
    relaxed = highspy.Highs()
    relaxed.setOptionValue("output_flag", False)
    relaxed.passModel(lp)
    return _linear(relaxed, bench.seconds)


@does("numpy", "solve")
@does("linopy", "solve")
def _run(bench: Bench) -> dict[str, float | None]:
    solver = bench.made["hand_over"]
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("time_limit", bench.seconds)
    solver.setOptionValue("threads", 1)
    solver.run()
    info = solver.getInfo()
    objective, bound = info.objective_function_value, info.mip_dual_bound
    if not np.isfinite(objective) or info.primal_solution_status != 2:
        return {"objective": None, "bound": bound if np.isfinite(bound) else None, "gap": None}
    return {"objective": objective, "bound": bound, "gap": (objective - bound) / abs(objective)}


def _linear(solver: Any, seconds: float) -> dict[str, float | None]:
    import highspy

    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return {"objective": float(solver.getInfo().objective_function_value) if optimal else None}
