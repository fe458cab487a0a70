"""From a scenario to links, from links to a model, from a model to the solver's memory."""

from __future__ import annotations

from typing import Any

from benchmarks.full.facts import FullFacts
from benchmarks.full.floor import assemble_full
from benchmarks.full.labelled import linopy_full
from benchmarks.inputs import sources_of
from benchmarks.plain import Facts, assemble, linopy_model, pass_on
from benchmarks.registry import Bench, phase

links = phase("links", "country to candidate links, proofs, arrays", inputs=("country",))
build = phase("build", "arrays to a model", inputs=("region",))
hand_over = phase("hand_over", "model to the solver's memory", needs=("build",), inputs=("region",))
build_full = phase("build_full", "arrays to a model with rows of every family", inputs=("full",))
hand_over_full = phase("hand_over_full", "that to the solver's memory", needs=("build_full",), inputs=("full",))

_PYOMO_UPTO = 20_000
"""Links up to which a model of Pyomo's stock components is made: it takes a minute at ten times as many."""


def _country(bench: Bench) -> None:
    from isopt.scenario import read

    bench.made["scenario"] = read(bench.folder / "country")


@links.does("isopt", ready=_country)
def _links(bench: Bench) -> Any:
    from isopt.network import instance_of

    return instance_of(bench.made["scenario"])


@links.does("scipy", ready=_country)
def _nearest(bench: Bench) -> Any:
    """Nearest receivers of each stream by a tree per use: no modes, rules, disposals, plants, prices or proofs."""
    import numpy as np
    from scipy.spatial import cKDTree

    from isopt.geo.nearness import unit_vectors

    scenario = bench.made["scenario"]
    at = scenario.facilities.set_index("facility")
    found = []
    for use in scenario.substitutions.itertuples():
        givers = scenario.streams[scenario.streams["material"] == use.from_material]["facility"]
        takers = scenario.demands[scenario.demands["material"] == use.to_material]["facility"]
        takers = takers[at.loc[takers, "sector"].str.startswith(tuple(use.sectors)).to_numpy()]
        if givers.empty or takers.empty:
            continue
        ends = [unit_vectors(*at.loc[one, ["lat", "lon"]].to_numpy(float).T) for one in (givers, takers)]
        k = min(22, len(takers))
        chord, which = cKDTree(ends[1]).query(ends[0], k=k)
        found.append((np.repeat(givers.to_numpy(), k), takers.to_numpy()[which.ravel()], 1.3 * 6371.0 * chord.ravel()))
    return [np.concatenate(column) for column in zip(*found, strict=True)]


def instance(bench: Bench) -> None:
    """Make the region's instance."""
    import isopt.formulation
    import isopt.solver.highs  # noqa: F401
    from benchmarks.regions import region
    from isopt.network import instance_of

    bench.made["instance"] = instance_of(region(sources_of(bench.folder), bench.seed, bench.severity))


def full_instance(bench: Bench) -> None:
    """Make the instance of the region with every family."""
    import isopt.formulation
    import isopt.solver.highs  # noqa: F401
    from benchmarks.full.region import full_region
    from isopt.network import instance_of

    made = full_region(sources_of(bench.folder, "full"), bench.seed, bench.severity)
    bench.made["full_instance"] = instance_of(made)


def facts(bench: Bench) -> None:
    """Load the region's facts."""
    import highspy  # noqa: F401
    import scipy.sparse  # noqa: F401

    bench.made["facts"] = Facts.load(bench.folder / "facts.npz")


def full_facts(bench: Bench) -> None:
    """Load the facts of the region with every family."""
    import highspy  # noqa: F401
    import scipy.sparse  # noqa: F401

    bench.made["full_facts"] = FullFacts.load(bench.folder / "full.npz")


def linopy_facts(bench: Bench) -> None:
    """Load them for linopy."""
    import linopy  # noqa: F401

    facts(bench)


@build.does("isopt", ready=instance)
def _build(bench: Bench) -> Any:
    from isopt.formulation import build as build_model

    return build_model(bench.made["instance"])


@build_full.does("isopt", ready=full_instance)
def _build_full(bench: Bench) -> Any:
    from isopt.formulation import build as build_model

    return build_model(bench.made["full_instance"])


@hand_over.does("isopt")
def _hand_over(bench: Bench) -> Any:
    return _loaded(bench.made["build"])


@hand_over_full.does("isopt")
def _hand_over_full(bench: Bench) -> Any:
    return _loaded(bench.made["build_full"])


def _loaded(model: Any) -> Any:
    from isopt.solver.compile import standard_form
    from isopt.solver.engine import load

    form = standard_form(model)
    return form, load(form)


@build.does("numpy", ready=facts)
def _assemble(bench: Bench) -> Any:
    return assemble(bench.made["facts"])


@hand_over.does("numpy")
def _pass(bench: Bench) -> Any:
    return pass_on(bench.made["build"])


def full_linopy_facts(bench: Bench) -> None:
    """Load them for linopy."""
    import linopy  # noqa: F401

    full_facts(bench)


@build_full.does("linopy", ready=full_linopy_facts)
def _linopy_full(bench: Bench) -> Any:
    return linopy_full(bench.made["full_facts"])


@hand_over_full.does("linopy")
def _full_to_highs(bench: Bench) -> Any:
    return _highs_of(bench.made["build_full"])


@build_full.does("numpy", ready=full_facts)
def _assemble_full(bench: Bench) -> Any:
    return assemble_full(bench.made["full_facts"])


@hand_over_full.does("numpy")
def _pass_full(bench: Bench) -> Any:
    return pass_on(bench.made["build_full"])


@build.does("linopy", ready=linopy_facts)
def _linopy(bench: Bench) -> Any:
    return linopy_model(bench.made["facts"])


@hand_over.does("linopy")
def _to_highs(bench: Bench) -> Any:
    return _highs_of(bench.made["build"])


def _highs_of(model: Any) -> Any:
    from linopy.io import to_highspy

    solver = to_highspy(model)
    solver.setOptionValue("output_flag", False)
    return solver


@build.does("pyomo", ready=instance, upto=_PYOMO_UPTO)
def _stock(bench: Bench) -> Any:
    """Build the same model of Pyomo's stock components."""
    from isopt.formulation import build as build_model

    return build_model(bench.made["instance"], eager=True)


@hand_over.does("pyomo", upto=_PYOMO_UPTO)
def _interface(bench: Bench) -> Any:
    """Hand it over through Pyomo's own HiGHS interface."""
    from pyomo.contrib.appsi.solvers import Highs

    solver = Highs()
    solver.set_instance(bench.made["build"])
    return solver
