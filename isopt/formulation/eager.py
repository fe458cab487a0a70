"""The same model made of Pyomo's stock components: slow, and the witness that the arrays say what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo.environ as pyo

from isopt.formulation.arrays import OBJECTIVE, bound, check_shapes, domain, row_expression, sum_expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from isopt.formulation.rows import Objective, Rows, Variable


def assemble_eager(
    name: str, variables: Sequence[Variable], families: Mapping[str, Rows], objective: Objective
) -> pyo.ConcreteModel:
    """
    Put variables, constraint families and objective on a Pyomo model, one stock data object per element.

    It takes the arguments of :func:`isopt.formulation.arrays.assemble` and must give the identical standard form.

    Parameters
    ----------
    name
        The model's name.
    variables
        Become ``model.<variable's name>``, in this order.
    families
        Rows by name; become ``model.<family's name>``. A family without rows is left out.
    objective
        Becomes ``model.objective``, minimised.

    Raises
    ------
    ValueError
        If rows or objective do not fit the variables.
    """
    check_shapes(variables, families, objective)
    model = pyo.ConcreteModel(name)
    for variable in variables:
        model.add_component(variable.name, _var(variable))
    made = {variable.name: model.component(variable.name) for variable in variables}
    terms = [
        (made[name], np.broadcast_to(np.asarray(cost, dtype=float), len(made[name])))
        for name, cost in objective.linear.items()
    ]
    model.add_component(OBJECTIVE, pyo.Objective(expr=sum_expression(terms, objective.constant)))
    for family, rows in families.items():
        if rows.size:
            blocks = [(made[name], block) for name, block in rows.blocks.items() if block.value.size]
            expressions = {
                row: row_expression(blocks, rows.lower[row], rows.upper[row], row) for row in range(rows.size)
            }
            model.add_component(family, pyo.Constraint(pyo.RangeSet(0, rows.size - 1), rule=expressions))
    return model


def _var(variable: Variable) -> Any:
    lower, upper, whole = variable.lower.tolist(), variable.upper.tolist(), variable.whole.tolist()
    elements = range(variable.size)
    return pyo.Var(
        pyo.RangeSet(0, variable.size - 1),
        domain={i: domain(whole[i], lower[i], upper[i]) for i in elements} if any(whole) else pyo.Reals,
        bounds={i: (bound(lower[i]), bound(upper[i])) for i in elements} if variable.size else None,
        doc=variable.meaning or None,
    )
