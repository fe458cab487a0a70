"""Fixed-charge transport as a standard form, from trivial to hopeless by size: what solver tests solve."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from isopt.formulation.arrays import assemble
from isopt.formulation.rows import Objective, Rows, Variable
from isopt.solver.compile import StandardForm, standard_form


def fixed_charge(sources: int, sinks: int, seed: int = 0) -> StandardForm:
    """
    Every source may serve every sink, for a price per tonne and a price to set the link up; unmet need is bought.

    With 40 x 40 links HiGHS has a plan at once and can't prove it in minutes; with 4 x 4 it is done in milliseconds.
    """
    rng = np.random.default_rng(seed)
    links = sources * sinks
    supply, need = rng.integers(20, 60, sources).astype(float), rng.integers(20, 60, sinks).astype(float)
    source, sink = np.divmod(np.arange(links), sinks)
    most = np.minimum(supply[source], need[sink])
    every = np.ones(links)
    numbers = np.arange(links)
    variables = [
        Variable("flow", links, upper=most),
        Variable("opened", links, upper=1, integer=True),
        Variable("bought", sinks, upper=need),
    ]
    families = {
        "supply": Rows(flow=sp.csr_array((every, (source, numbers)), shape=(sources, links)), at_most=supply),
        "need": Rows(
            flow=sp.csr_array((every, (sink, numbers)), shape=(sinks, links)), bought=sp.eye_array(sinks), equals=need
        ),
        "opening": Rows(flow=sp.eye_array(links), opened=sp.diags_array(-most), at_most=0),
    }
    objective = Objective(
        {"flow": rng.uniform(1, 9, links), "opened": rng.uniform(50, 150, links), "bought": np.full(sinks, 40.0)}
    )
    return standard_form(assemble("transport", variables, families, objective))
