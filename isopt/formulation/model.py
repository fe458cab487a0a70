"""From an instance to a Pyomo model: variables, constraint families and the objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyomo.environ import ConcreteModel

from isopt.formulation.arrays import assemble
from isopt.formulation.eager import assemble_eager
from isopt.formulation.families import FAMILIES
from isopt.formulation.rows import Objective, Rows
from isopt.formulation.variables import variables_of
from isopt.network import Instance, ledger_of

#: A function that adds something of the user's own to the model.
Extra = Callable[[ConcreteModel, Instance], None]


def build(
    instance: Instance,
    extra: Sequence[Extra] = (),
    *,
    weights: Mapping[str, float] | None = None,
    eager: bool = False,
) -> ConcreteModel:
    """
    Put an instance on a Pyomo model.

    Parameters
    ----------
    instance
        The scenario as arrays.
    extra
        Functions of the model and the instance, each of which may add variables and constraints of its own; called in
        order.
    weights
        What is minimised (EUR, t, t, t-km by name); the scenario's own choice where it is not given.
    eager
        Use Pyomo's stock components instead of the array-backed ones: slow, and the same standard form. For
        cross-checks.

    Returns
    -------
    model
        Any Pyomo writer or solver works on it.

    Examples
    --------
    >>> from isopt.network import instance_of
    >>> from isopt.scenario import read
    >>> model = build(instance_of(read("scenarios/two_firms")))
    >>> model.name
    'two_firms'
    """
    linear, constant = ledger_of(instance).objective(instance.minimise if weights is None else weights)
    assembler = assemble_eager if eager else assemble
    model = assembler(instance.scenario.name, variables_of(instance), rows_of(instance), Objective(linear, constant))
    for add in extra:
        add(model, instance)
    return model


def rows_of(instance: Instance) -> dict[str, Rows]:
    """Rows of every family that has any, by name."""
    families = {name: family(instance) for name, family in FAMILIES.items()}
    return {name: rows for name, rows in families.items() if rows.size}
