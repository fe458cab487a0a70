"""
Pyomo components whose numbers live in arrays.

They are real ``Var``, ``Constraint`` and ``Objective`` components of a ``ConcreteModel``: any Pyomo writer, solver or
user constraint works on them. A data object appears only when somebody touches an element; what nobody touches stays a
number in an array, which is what makes 100,000 links cost what NumPy costs.

How: a component keeps the plain ``_data`` dictionary that Pyomo gave it, holding the touched elements only, and
answers for the rest through ``_getitem_when_not_present``, the hook that Pyomo has for sparse components. Expressions
are slots (``_expr``, ``_args_``) that a property of the same name fills on first reading. These names are private to
Pyomo, so its range is pinned and ``tests/test_arrays.py`` is the contract.
"""
# ruff: noqa: SLF001  (see above)

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pyomo.environ as pyo
from pyomo.common.collections import ComponentSet
from pyomo.core.base.component import ActiveComponent
from pyomo.core.base.constraint import ConstraintData, IndexedConstraint
from pyomo.core.base.indexed_component import IndexedComponent
from pyomo.core.base.objective import ObjectiveData, ScalarObjective
from pyomo.core.base.var import IndexedVar, VarData
from pyomo.core.expr import LinearExpression, MonomialTermExpression

from isopt.formulation.entries import Entries, spread
from isopt.formulation.rows import Array, Flags, Labels, Names, Objective, Rows, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: The objective's name on every model.
OBJECTIVE = "objective"


def pickled_labels(encode: bool, labels: Any) -> Any:
    """Write labels out for clone and pickle, as Pyomo's state mappers do; a lambda could not be pickled."""
    if labels is None:
        return None
    return tuple(labels()) if encode else Names(labels)


class Variables(Protocol):
    """What an expression needs of a variable component: an element by its number."""

    def __getitem__(self, index: int) -> Any: ...


def domain(integer: bool, lower: float, upper: float) -> Any:
    """Set a variable belongs to; whole numbers between 0 and 1 are binary, so that LP text says so."""
    if not integer:
        return pyo.Reals
    return pyo.Binary if lower >= 0 and upper <= 1 else pyo.Integers


def bound(value: float) -> float | None:
    """Turn a bound into Pyomo's way of writing it, where none is none."""
    return None if np.isinf(value) else float(value)


def row_expression(blocks: Sequence[tuple[Variables, Entries]], lower: float, upper: float, row: int) -> Any:
    """Write one row as a Pyomo relation."""
    terms = []
    for variable, entries in blocks:
        matrix = entries.csr
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        pairs = zip(matrix.indices[start:end].tolist(), matrix.data[start:end].tolist(), strict=True)
        terms += [MonomialTermExpression((coefficient, variable[column])) for column, coefficient in pairs]
    body = LinearExpression(terms)
    if lower == upper:
        return body == float(lower)
    return (bound(lower), body, bound(upper))


def sum_expression(terms: Sequence[tuple[Variables, Array]], constant: float) -> Any:
    """Write an objective as a Pyomo sum; elements that cost nothing are left out."""
    summands: list[Any] = [float(constant)]
    for variable, cost in terms:
        chosen = np.flatnonzero(cost)
        pairs = zip(chosen.tolist(), cost[chosen].tolist(), strict=True)
        summands += [MonomialTermExpression((coefficient, variable[column])) for column, coefficient in pairs]
    return LinearExpression(summands)


class _Numbered(IndexedComponent):  # type: ignore[misc]
    """
    A component over 0, 1, ... that costs little to make, for a small model has as many components as a large one.

    It begins as a copy of what Pyomo's own constructor made once, and its index set is made when somebody asks for it:
    a constructor and a set per component would take longer than all the numbers of a thousand links.
    """

    _size: int

    def _begin(self, made: Mapping[str, Any], size: int, doc: str | None) -> None:
        self.__dict__.update(made, _data={}, _anonymous_sets=None, _size=size, doc=doc)

    @property
    def _index_set(self) -> Any:
        made = self.__dict__.get("_numbers")
        if made is None:
            made = self.__dict__["_numbers"] = pyo.RangeSet(0, self._size - 1)
            made._parent = self._parent
            self._anonymous_sets = ComponentSet((made,))
        return made

    def is_indexed(self) -> bool:
        """Whether elements have numbers: always."""
        return True

    def construct(self, data: Any = None) -> None:  # noqa: ARG002  (Pyomo's signature)
        """Become part of a model; there is nothing to make, for the arrays are there."""
        self._constructed = True

    def attach(self, model: Any, name: str) -> None:
        """Become part of a model as by ``add_component``, which first asks in many ways whether it may."""
        if name in vars(model) or name in model._Block_reserved_words:
            model.add_component(name, self)  # it says what is wrong with the name
        self._parent, self._name, self._constructed = weakref.ref(model), name, True
        place = len(model._decl_order)
        model._decl[name] = place
        model._decl_order.append((self, None))
        object.__setattr__(model, name, self)
        if self.ctype in model._ctypes:
            chain = model._ctypes[self.ctype]  # first, last and number of the kind, each pointing to the next
            model._decl_order[chain[1]] = (model._decl_order[chain[1]][0], place)
            chain[1:] = place, chain[2] + 1
        else:
            model._ctypes[self.ctype] = [place, place, 1]

    def __len__(self) -> int:
        return self._size

    def __contains__(self, index: object) -> bool:
        return index in self._index_set


def _made(component: Any) -> Mapping[str, Any]:
    """What Pyomo's constructor gave to a component, but what belongs to that one alone."""
    return {name: part for name, part in vars(component).items() if name not in {"_index_set", "_anonymous_sets"}}


_MADE_VAR = _made(pyo.Var([0], domain=pyo.Reals, dense=False))
_MADE_CONSTRAINT = _made(pyo.Constraint([0]))


class ArrayVar(_Numbered, IndexedVar):  # type: ignore[misc]
    """
    A ``Var`` over 0, 1, ... whose bounds, domains and values are arrays.

    Parameters
    ----------
    variable
        Name, bounds, integrality and labels.
    """

    __autoslot_mappers__: ClassVar = {"labels": pickled_labels}

    def __init__(self, variable: Variable) -> None:
        self._begin(_MADE_VAR, variable.size, variable.meaning or None)
        self.lower_values: Array = variable.lower
        self.upper_values: Array = variable.upper
        self.whole: Flags = variable.whole
        self.labels: Labels | None = variable.labels
        self.solved: Array | None = None

    @property
    def touched(self) -> Mapping[int, Any]:
        """The elements that somebody asked for, by number."""
        data: Mapping[int, Any] = self._data
        return data

    def _getitem_when_not_present(self, index: int) -> Any:
        element = int(index)
        lower, upper = float(self.lower_values[element]), float(self.upper_values[element])
        data = VarData(self)
        data._index = element
        data._domain = domain(bool(self.whole[element]), lower, upper)
        data._lb, data._ub = bound(lower), bound(upper)
        if self.solved is not None:
            data.set_value(float(self.solved[element]), skip_validation=True)
        self._data[element] = data
        return data

    def put(self, values: Array) -> None:
        """Set every element's value, without making data objects for those that nobody touched."""
        self.solved = np.array(values, dtype=float)
        for element, data in self._data.items():
            data.set_value(float(self.solved[element]), skip_validation=True)

    def get_values(self, include_fixed_values: bool = True) -> dict[int, float | None]:
        """Values by number, as Pyomo's own variables give them."""
        return {i: data.value for i, data in self.items() if include_fixed_values or not data.fixed}

    extract_values = get_values

    def __delitem__(self, index: Any) -> None:
        raise TypeError(f"{self.name}[{index}] can't be deleted from an array; fix it instead")


_UNWRITTEN = object()


class _RowData(ConstraintData):  # type: ignore[misc]
    """One row of an array constraint; its expression is written when somebody first reads it."""

    __slots__ = ()

    def __init__(self, component: ArrayConstraint, index: int, active: bool) -> None:
        super().__init__(component=component)
        self._index = index  # type: ignore[misc]  # a slot of the base, which mypy can't see
        self._active = active  # type: ignore[misc]

    @property
    def _expr(self) -> Any:
        expression = ConstraintData._expr.__get__(self)
        if expression is None:
            expression = self.parent_component().write(self._index)
            ConstraintData._expr.__set__(self, expression)
        return expression

    @_expr.setter
    def _expr(self, expression: Any) -> None:
        ConstraintData._expr.__set__(self, expression)

    def __getstate__(self) -> list[Any]:
        """State for clone and pickle; an expression that nobody has read is not written for it."""
        if ConstraintData._expr.__get__(self) is not None:
            written: list[Any] = super().__getstate__()
            return written
        self._expr = _UNWRITTEN
        try:
            return [None if part is _UNWRITTEN else part for part in super().__getstate__()]
        finally:
            self._expr = None


class ArrayConstraint(_Numbered, IndexedConstraint):  # type: ignore[misc]
    """
    A ``Constraint`` over 0, 1, ... whose coefficients and bounds are arrays.

    Parameters
    ----------
    blocks
        Pairs of a variable and its coefficients.
    rows
        Bounds and labels; its own blocks are not looked at.
    """

    __autoslot_mappers__: ClassVar = {"labels": pickled_labels}

    def __init__(self, blocks: Sequence[tuple[ArrayVar, Entries]], rows: Rows) -> None:
        self._begin(_MADE_CONSTRAINT, rows.size, None)
        self.blocks = tuple(blocks)
        self.lower_values: Array = rows.lower
        self.upper_values: Array = rows.upper
        self.labels: Labels | None = rows.labels
        self.rows_active = True
        self._written: dict[int, Any] = {}

    @property
    def touched(self) -> Mapping[int, Any]:
        """The rows that somebody asked for, by number."""
        data: Mapping[int, Any] = self._data
        return data

    def changed(self) -> Iterator[int]:
        """Rows whose expression is no longer the one in the arrays."""
        for index, data in self._data.items():
            expression = ConstraintData._expr.__get__(data)
            ours = self._written.get(index) if isinstance(data, _RowData) else data
            if expression is not ours:
                yield index

    def write(self, row: int) -> Any:
        """Write one row as a Pyomo expression and remember it, to know later whether somebody changed it."""
        expression = ConstraintData(row_expression(self.blocks, self.lower_values[row], self.upper_values[row], row))
        self._written[row] = ConstraintData._expr.__get__(expression)
        return self._written[row]

    def _getitem_when_not_present(self, idx: int) -> Any:
        row = int(idx)
        self._data[row] = data = _RowData(self, row, self.rows_active)
        return data

    def activate(self) -> None:
        """Take part in the model again, all rows."""
        self._switch(active=True)

    def deactivate(self) -> None:
        """Leave the model, all rows."""
        self._switch(active=False)

    def _switch(self, *, active: bool) -> None:
        self.rows_active = active
        for data in self._data.values():
            data._active = active
        (ActiveComponent.activate if active else ActiveComponent.deactivate)(self)

    def display(self, prefix: str = "", ostream: Any = None) -> None:
        """Print the rows with their values."""
        list(self.values())  # Pyomo prints what is in _data
        super().display(prefix, ostream)

    def clear(self) -> None:
        """Refuse: what an array says can't be deleted."""
        raise TypeError(f"the rows of {self.name} are an array; deactivate them instead of deleting")

    def __delitem__(self, index: Any) -> None:
        raise TypeError(f"{self.name}[{index}] can't be deleted from an array; deactivate it instead")


class ArrayObjective(ScalarObjective):  # type: ignore[misc]
    """
    A minimised ``Objective`` whose coefficients are arrays.

    Parameters
    ----------
    terms
        Pairs of a variable and its coefficients, shape (variable's size,).
    constant
        Added whatever the plan.
    """

    def __init__(self, terms: Sequence[tuple[ArrayVar, Array]], constant: float = 0.0, **kwargs: Any) -> None:
        self.terms = tuple(terms)
        self.constant = float(constant)
        self._lazy = True
        self._written: Any = None
        super().__init__(expr=0.0, **kwargs)

    def construct(self, data: Any = None) -> None:
        """Become part of a model; the expression still waits for its first reader."""
        super().construct(data)
        self._lazy = True

    @property
    def changed(self) -> bool:
        """Whether somebody gave the objective another expression."""
        return not self._lazy and ObjectiveData._args_.__get__(self)[0] is not self._written

    @property
    def _args_(self) -> tuple[Any, ...]:
        if self._lazy and self._constructed:
            self._lazy = False
            self._written = sum_expression(self.terms, self.constant)
            ObjectiveData._args_.__set__(self, (self._written,))
        arguments: tuple[Any, ...] = ObjectiveData._args_.__get__(self)
        return arguments

    @_args_.setter
    def _args_(self, arguments: tuple[Any, ...]) -> None:
        self._lazy = False
        ObjectiveData._args_.__set__(self, arguments)

    def __getstate__(self) -> list[Any]:
        """State for clone and pickle; an expression that nobody has read is not written for it."""
        lazy, self._lazy = self._lazy, False
        try:
            state: list[Any] = super().__getstate__()
        finally:
            self._lazy = lazy
        state[-1] = {**state[-1], "_lazy": lazy}
        return state


def check_shapes(variables: Sequence[Variable], families: Mapping[str, Rows], objective: Objective) -> None:
    """
    Check that rows and objective speak of the variables there are, in their sizes.

    Raises
    ------
    ValueError
        Naming the family and the variable that do not fit.
    """
    sizes = {variable.name: variable.size for variable in variables}
    if len(sizes) < len(variables):
        raise ValueError("two variables have the same name")
    for family, rows in families.items():
        for name, block in rows.blocks.items():
            if rows.size and name not in sizes:
                raise ValueError(f"{family} speaks of {name}, which is no variable")
            if rows.size and block.shape[1] != sizes[name]:
                raise ValueError(f"{family} has {block.shape[1]} columns for {name}, which has {sizes[name]} elements")
    for name, cost in objective.linear.items():
        if name not in sizes:
            raise ValueError(f"the objective speaks of {name}, which is no variable")
        if np.ndim(cost) and np.shape(cost) != (sizes[name],):
            raise ValueError(f"the objective has shape {np.shape(cost)} for {name}, which has {sizes[name]} elements")


def assemble(
    name: str, variables: Sequence[Variable], families: Mapping[str, Rows], objective: Objective
) -> pyo.ConcreteModel:
    """
    Put variables, constraint families and objective on a Pyomo model, as arrays.

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

    Examples
    --------
    >>> flow = Variable("flow", 2, upper=np.array([5.0, 2.0]))
    >>> model = assemble("tiny", [flow], {"need": Rows(flow=[[1, 1]], at_least=4)}, Objective({"flow": np.ones(2)}))
    >>> print(model.need[0].expr)
    4.0  <=  flow[0] + flow[1]
    """
    check_shapes(variables, families, objective)
    model = pyo.ConcreteModel(name)
    made: dict[str, ArrayVar] = {}
    for variable in variables:
        made[variable.name] = ArrayVar(variable)
        made[variable.name].attach(model, variable.name)
    costs = [(made[name], spread(cost, len(made[name]))) for name, cost in objective.linear.items()]
    model.add_component(OBJECTIVE, ArrayObjective(costs, objective.constant))
    for family, rows in families.items():
        if rows.size:
            blocks = [(made[name], block) for name, block in rows.blocks.items() if block.value.size]
            ArrayConstraint(blocks, rows).attach(model, family)
    return model
