"""The horizon: what is opened or built stays, and is built in its years."""

from __future__ import annotations

from typing import Any

import numpy as np

from isopt.formulation.entries import Entries
from isopt.formulation.indexing import Indices, where
from isopt.formulation.names import Labels, Names
from isopt.formulation.rows import NO_ROWS, Rows
from isopt.network import Instance


def keep(inst: Instance) -> Rows:
    r"""
    What is opened or built does not go away again, and a candidate is built only in the years given for it.

    .. math::
        o_{e,y} \ge o_{e,y-1}, \qquad z_{p,y} &\ge z_{p,y-1}, \qquad k_{p,y} \ge k_{p,y-1} \qquad \forall e, p, y \\
        z_{p,y} &= z_{p,y-1} \qquad \forall p, y : y \notin [\text{build\_from}, \text{build\_until}]

    Exchanges that exist already are paid in the years in which they are used and need not stay.
    """
    years, names = len(inst.periods.years), Names(inst)
    if years < 2:
        return NO_ROWS
    plants, stays = inst.plants, where(inst.openings.stays)
    rising: dict[str, tuple[Indices, int, Labels]] = {
        "opened": (stays, inst.openings.count, lambda: [names.openings()[k] for k in stays]),
        "built": (np.arange(len(plants.candidates)), len(plants.candidates), names.plants(plants.candidates)),
        "added": (
            np.arange(len(plants.expandable)),
            len(plants.expandable),
            names.plants(plants.expandable, ":added"),
        ),
    }
    parts = []
    for name, (which, size, words) in rising.items():
        block: dict[str, Any] = {name: _steps(which, size, years)}
        parts.append(Rows(at_least=0.0, labels=_since(inst, words), **block))
    closed = ~plants.can_build[plants.candidates][:, 1:].ravel()
    steps = _steps(np.arange(len(plants.candidates)), len(plants.candidates), years)
    shut = where(closed)
    ids = _since(inst, names.plants(plants.candidates))
    parts.append(Rows(built=steps.take(shut), at_most=0.0, labels=lambda: [f"{ids()[row]}:shut" for row in shut]))
    return Rows.stack(parts)


def _since(inst: Instance, words: Labels) -> Labels:
    """Name things year by year, from the second year on."""
    return lambda: [f"{word},{year}" for word in words() for year in inst.periods.years[1:]]


def _steps(which: Indices, size: int, years: int) -> Entries:
    """Difference from each year to the next, a row per thing and year after the first."""
    column = (which[:, None] * years + np.arange(1, years)).ravel()
    row = np.arange(len(column))
    difference = np.repeat([1.0, -1.0], len(column))
    shape = (len(column), size * years)
    return Entries(np.tile(row, 2), np.concatenate([column, column - 1]), difference, shape)
