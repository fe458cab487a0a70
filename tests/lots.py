"""Regions of all-or-nothing exchanges: a finite list of plans that a test can write down."""

from __future__ import annotations

from itertools import product

import numpy as np
from small import demand, region, stream


def lots(items, settings=None):
    """
    One exchange per item (set-up EUR, CO2 in t that it avoids, tonnes), all or nothing.

    Without it, its tonnes are landfilled for nothing and as much is bought for nothing, with the CO2.
    """
    names = [f"m{i}" for i in range(len(items))]
    return region(
        settings,
        materials=[{"material": name, "state": "solid", "disposal_class": "non_hazardous"} for name in names],
        modes=[{"mode": "truck"}],
        streams=[stream(f"s{i}", "A", t, f"m{i}", 0) for i, (_, _, t) in enumerate(items)],
        demands=[
            demand(f"d{i}", "D", t, f"m{i}", 0, virgin_kgco2_per_unit=1000 * co2 / t)
            for i, (_, co2, t) in enumerate(items)
        ],
        links=[
            {"from_facility": "A", "to_facility": "D", "material": f"m{i}", "setup_eur_per_yr": eur, "min_per_yr": t}
            for i, (eur, _, t) in enumerate(items)
        ],
    )


def plans_of(items):
    """Every plan of such a region: which exchanges it has, shape (plans, items), and its (cost, CO2, landfilled)."""
    chosen = np.array(list(product([0, 1], repeat=len(items))))
    eur, co2, t = np.array(items, dtype=float).T
    return chosen, np.column_stack([chosen @ eur, (1 - chosen) @ co2, (1 - chosen) @ t])
