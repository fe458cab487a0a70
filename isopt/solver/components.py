"""What a Pyomo model's components say, as arrays: quickly for array components, patiently for all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core.base.block import Block
from pyomo.core.base.constraint import Constraint
from pyomo.core.base.expression import Expression
from pyomo.core.base.objective import Objective
from pyomo.core.base.param import Param
from pyomo.core.base.set import RangeSet, Set
from pyomo.core.base.suffix import Suffix
from pyomo.core.base.var import Var
from pyomo.core.expr.numvalue import value
from pyomo.repn.standard_repn import generate_standard_repn
from pyomo.repn.util import categorize_valid_components

from isopt.errors import InputError
from isopt.formulation.arrays import ArrayConstraint, ArrayObjective, ArrayVar
from isopt.formulation.entries import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    from pyomo.environ import ConcreteModel

    from isopt.formulation.entries import Entries
    from isopt.formulation.rows import Array, Flags, Labels


@dataclass(frozen=True)
class Columns:
    """
    The model's variables side by side.

    Parameters
    ----------
    lower, upper, integer
        Bounds and integrality, shape (columns,); a fixed variable has equal bounds and is not whole.
    fixed
        Columns of the fixed variables.
    places
        Where each component's elements stand, by its name.
    labels
        Functions giving readable names, by component name, where there are any.
    arrays
        First column of each array variable, by ``id``.
    elements
        Column of each ordinary variable's element, by ``id``.
    """

    lower: Array
    upper: Array
    integer: Flags
    fixed: npt.NDArray[np.int64]
    places: Mapping[str, slice]
    labels: Mapping[str, Labels]
    arrays: Mapping[int, int] = field(repr=False)
    elements: Mapping[int, int] = field(repr=False)

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.lower)

    def column(self, data: Any, where: str) -> int:
        """Find the column of one variable's element; ``where`` says who asks."""
        first = self.arrays.get(id(data.parent_component()))
        if first is not None:
            return first + int(data.index())
        place = self.elements.get(id(data))
        if place is None:
            raise InputError(f"{where} speaks of {data.name}, which is no variable of this model")
        return place


@dataclass(frozen=True)
class RowBlock:
    """
    One constraint component's rows.

    Parameters
    ----------
    name
        The component's name.
    pieces
        Pairs of a first column and coefficients from there on.
    lower, upper
        Bounds, shape (rows,).
    labels
        Gives readable names, if the component has them.
    """

    name: str
    pieces: tuple[tuple[int, Entries], ...]
    lower: Array
    upper: Array
    labels: Labels | None

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.lower)


@dataclass(frozen=True)
class _Keys:
    """Labels of an ordinary component: its own indices."""

    keys: tuple[Any, ...]

    def __call__(self) -> list[str]:
        return [",".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in self.keys]


def columns_of(model: ConcreteModel) -> Columns:
    """
    Lay out every variable of the model, in the order of declaration.

    Raises
    ------
    InputError
        If the model has a component that a linear solver can't take, a variable fixed without a value, or one whose
        domain is neither continuous nor the whole numbers.
    """
    _require_linear(model)
    lowers: list[Array] = [np.zeros(0)]
    uppers: list[Array] = [np.zeros(0)]
    wholes: list[Flags] = [np.zeros(0, dtype=bool)]
    places: dict[str, slice] = {}
    labels: dict[str, Labels] = {}
    arrays: dict[int, int] = {}
    elements: dict[int, int] = {}
    fixed: list[int] = []
    first = 0
    for component in _components(model, Var):
        if component.is_reference():
            continue
        name = _name(component, model)
        if isinstance(component, ArrayVar):
            arrays[id(component)] = first
            lower, upper, whole = _array_var(component)
            if component.touched:
                fixed += [first + i for i, data in component.touched.items() if data.fixed]
            if component.labels is not None:
                labels[name] = component.labels
        else:
            datas = list(component.values())
            elements.update((id(data), first + i) for i, data in enumerate(datas))
            fixed += [first + i for i, data in enumerate(datas) if data.fixed]
            bounds = np.array([_var_data(data) for data in datas], dtype=float).reshape(-1, 3)
            lower, upper, whole = bounds[:, 0], bounds[:, 1], bounds[:, 2].astype(bool)
            if component.is_indexed():
                labels[name] = _Keys(tuple(component.keys()))
        lowers.append(lower)
        uppers.append(upper)
        wholes.append(whole)
        places[name] = slice(first, first + len(lower))
        first += len(lower)
    return Columns(
        lower=np.concatenate(lowers),
        upper=np.concatenate(uppers),
        integer=np.concatenate(wholes),
        fixed=np.array(sorted(fixed), dtype=np.int64),
        places=places,
        labels=labels,
        arrays=arrays,
        elements=elements,
    )


def _active(objective: Any) -> list[Any]:
    """Active elements of an objective."""
    return [data for data in objective.values() if data.active]


_LINEAR = frozenset({Block, Constraint, Objective, Var, Param, Expression, Set, RangeSet, Suffix})


def _require_linear(model: ConcreteModel) -> None:
    """Name the components that a linear solver can't take."""
    if model.collect_ctypes() <= _LINEAR:
        return
    _, unknown = categorize_valid_components(model, active=True, valid=_LINEAR, targets=set())
    if unknown:
        found = ", ".join(component.name for components in unknown.values() for component in components)
        raise InputError(f"a linear model can't have {found}: only variables, linear constraints and an objective")


def _array_var(component: ArrayVar) -> tuple[Array, Array, Flags]:
    """Bounds and integrality of an array variable, with what was done to touched elements."""
    lower, upper, whole = component.lower_values, component.upper_values, component.whole
    if component.touched:
        lower, upper, whole = lower.copy(), upper.copy(), whole.copy()
        for i, data in component.touched.items():
            lower[i], upper[i], whole[i] = _var_data(data)
    return lower, upper, whole


def _var_data(data: Any) -> tuple[float, float, bool]:
    """Bounds and integrality of one element; a fixed one is a constant, whatever its domain."""
    if data.fixed:
        if data.value is None:
            raise InputError(f"{data.name} is fixed, but has no value")
        return float(data.value), float(data.value), False
    if not data.is_continuous() and not data.is_integer():
        raise InputError(f"{data.name} is neither continuous nor a whole number")
    lower, upper = data.bounds
    return -np.inf if lower is None else lower, np.inf if upper is None else upper, data.is_integer()


def rows_of(model: ConcreteModel, columns: Columns) -> list[RowBlock]:
    """
    Collect every active constraint of the model, in the order of declaration.

    Raises
    ------
    InputError
        If a constraint is not linear or speaks of another model's variable.
    """
    blocks = []
    for component in _components(model, Constraint, active=True):
        if component.is_reference():
            continue
        name = _name(component, model)
        rows = _array_rows if isinstance(component, ArrayConstraint) else _rows
        block = rows(component, name, columns)
        if block.size:
            blocks.append(block)
    return blocks


def _components(model: ConcreteModel, kind: Any, active: bool | None = None) -> Iterator[Any]:
    """Components of a kind, in order; a model without blocks within it is asked without the search for them."""
    if not model.active or Block in model.collect_ctypes(descend_into=False):
        return iter(model.component_objects(kind, active=active))
    return iter(model.component_map(kind, active=active).values())


def _name(component: Any, model: ConcreteModel) -> str:
    """Full name of a component; a plain word right on the model is one already, which spares Pyomo's search."""
    own: str = component._name  # noqa: SLF001
    return own if own.isidentifier() and component.parent_block() is model else str(component.name)


def _array_rows(component: ArrayConstraint, name: str, columns: Columns) -> RowBlock:
    """Rows of an array constraint, with what was done to touched ones."""
    pieces = [(columns.arrays[id(variable)], entries) for variable, entries in component.blocks]
    lower, upper = component.lower_values, component.upper_values
    if not component.touched and component.rows_active:
        return RowBlock(name, tuple(pieces), lower, upper, component.labels)
    active = np.full(len(component), component.rows_active)
    for i, data in component.touched.items():
        active[i] = data.active
    changed = [i for i in component.changed() if active[i]]
    if changed or not active.all():
        lower, upper = lower.copy(), upper.copy()
        lower[~active], upper[~active] = -np.inf, np.inf
        kept = active.copy()
        kept[changed] = False
        pieces = [(first, entries.only(kept)) for first, entries in pieces]
        pieces.append((0, _written({i: component[i] for i in changed}, lower, upper, columns)))
    return RowBlock(name, tuple(pieces), lower, upper, component.labels)


def _rows(component: Any, name: str, columns: Columns) -> RowBlock:
    """Rows of an ordinary constraint."""
    datas = list(component.values())
    lower, upper = np.full(len(datas), -np.inf), np.full(len(datas), np.inf)
    entries = _written({i: data for i, data in enumerate(datas) if data.active}, lower, upper, columns)
    labels = _Keys(tuple(component.keys())) if component.is_indexed() else None
    return RowBlock(name, ((0, entries),), lower, upper, labels)


def _written(datas: Mapping[int, Any], lower: Array, upper: Array, columns: Columns) -> Entries:
    """Coefficients of rows that are Pyomo expressions, by their number; their bounds are put into the arrays."""
    rows: list[int] = []
    places: list[int] = []
    values: list[float] = []
    for i, data in datas.items():
        found, coefficients, lower[i], upper[i] = _linear_row(data, columns)
        rows += [i] * len(found)
        places += found
        values += coefficients
    return place(np.array(rows, int), np.array(places, int), np.array(values, float), (len(lower), columns.size))


def _linear_row(data: Any, columns: Columns) -> tuple[list[int], list[float], float, float]:
    """Columns, coefficients and bounds of one constraint; fixed variables and constants move to the bounds."""
    lower, body, upper = data.to_bounded_expression()
    found, coefficients, constant = _linear(body, data.name, columns)
    low = -np.inf if lower is None else float(value(lower)) - constant
    high = np.inf if upper is None else float(value(upper)) - constant
    return found, coefficients, low, high


def _linear(expression: Any, where: str, columns: Columns) -> tuple[list[int], list[float], float]:
    """Columns, coefficients and constant of an expression."""
    terms = generate_standard_repn(expression, quadratic=False)
    if not terms.is_linear():
        raise InputError(f"{where} is not linear, and isopt solves linear models only")
    found = [columns.column(data, where) for data in terms.linear_vars]
    return found, [float(value(c)) for c in terms.linear_coefs], float(value(terms.constant))


def objective_of(model: ConcreteModel, columns: Columns) -> tuple[Array, float, int]:
    """
    Give cost per column, constant and sense (1 to minimise, -1 to maximise) of the active objective.

    Raises
    ------
    InputError
        If there is more than one, or it is not linear.
    """
    objectives = [data for found in _components(model, Objective, active=True) for data in _active(found)]
    if len(objectives) > 1:
        raise InputError(f"{len(objectives)} objectives are active ({', '.join(o.name for o in objectives)}); keep one")
    cost = np.zeros(columns.size)
    if not objectives:
        return cost, 0.0, 1
    objective = objectives[0]
    sense = 1 if objective.is_minimizing() else -1
    if isinstance(objective, ArrayObjective) and not objective.changed:
        for variable, terms in objective.terms:
            first = columns.arrays[id(variable)]
            cost[first : first + len(variable)] += terms
        return cost, objective.constant, sense
    found, coefficients, constant = _linear(objective.expr, objective.name, columns)
    np.add.at(cost, found, coefficients)
    return cost, constant, sense
