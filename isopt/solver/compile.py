"""From a Pyomo model to one sparse matrix, and back with a solution."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from isopt.errors import InputError
from isopt.formulation.entries import Entries, by_column
from isopt.solver.components import RowBlock, columns_of, objective_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from pyomo.environ import ConcreteModel

    from isopt.formulation.rows import Array, Flags, Labels, Matrix


@dataclass(frozen=True)
class StandardForm:
    """
    A linear model as arrays: optimise cost x + offset where row_lower <= matrix x <= row_upper.

    Parameters
    ----------
    matrix
        Coefficients, CSC of shape (rows, columns).
    cost, offset
        Objective in the user's sense, shape (columns,), and its constant.
    col_lower, col_upper, row_lower, row_upper
        Bounds, infinite where there is none.
    integer
        Which columns are whole numbers, shape (columns,).
    columns, rows
        Where each variable and each family stands, by the component's name, in the model's order.
    sense
        1 to minimise, -1 to maximise.
    column_labels, row_labels
        Functions giving a readable name per element, where the model has them.
    """

    matrix: Matrix
    cost: Array
    offset: float
    col_lower: Array
    col_upper: Array
    row_lower: Array
    row_upper: Array
    integer: Flags
    columns: Mapping[str, slice]
    rows: Mapping[str, slice]
    sense: int = 1
    column_labels: Mapping[str, Labels] = field(default_factory=dict, repr=False)
    row_labels: Mapping[str, Labels] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """What travels to another process: the arrays; labels stay behind, for they may hold on to a whole scenario."""
        return {**vars(self), "column_labels": {}, "row_labels": {}}

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.row_lower), len(self.cost)

    def value(self, values: Array) -> float:
        """Objective of a plan, shape (columns,)."""
        return float(self.cost @ values) + self.offset

    def column_names(self) -> list[str]:
        """Name every column: the variable's name and the element's in brackets."""
        return _names(self.columns, self.column_labels)

    def row_names(self) -> list[str]:
        """Name every row: the family's name and the row's in brackets."""
        return _names(self.rows, self.row_labels)


def _names(parts: Mapping[str, slice], labels: Mapping[str, Labels]) -> list[str]:
    names: list[str] = []
    for part, where in parts.items():
        given = labels[part]() if part in labels else [str(i) for i in range(where.stop - where.start)]
        names += [f"{part}[{label}]" for label in given]
    return names


def standard_form(model: ConcreteModel) -> StandardForm:
    """
    Compile a model to one sparse matrix.

    What nobody touched is copied as arrays. Touched elements count: a fixed variable stays as a column with equal
    bounds, while its share of rows and objective moves to their constants; deactivated rows become empty rows without
    bounds, so that a family keeps its numbering; deactivated components are left out. Ordinary Pyomo variables and
    linear constraints stand beside the arrays.

    Parameters
    ----------
    model
        Made by ``assemble`` or ``assemble_eager``, with whatever the user added.

    Returns
    -------
    form
        Columns and rows in the order in which the components were added.

    Raises
    ------
    InputError
        If a constraint or the objective is not linear, a number is missing or not finite (named by family and row), or
        the model has a kind of component that a linear solver can't take.
    """
    columns = columns_of(model)
    blocks = rows_of(model, columns)
    cost, offset, sense = objective_of(model, columns)
    matrix = _matrix(blocks, columns.size)
    row_lower, row_upper = _joined([block.lower for block in blocks]), _joined([block.upper for block in blocks])
    if len(columns.fixed):
        at = np.zeros(columns.size)
        at[columns.fixed] = columns.lower[columns.fixed]
        constant, offset = matrix @ at, offset + float(cost @ at)
        row_lower, row_upper = row_lower - constant, row_upper - constant
        cost[columns.fixed] = 0.0
        matrix = _emptied(matrix, columns.fixed)
    form = StandardForm(
        matrix=matrix,
        cost=cost,
        offset=offset,
        col_lower=columns.lower,
        col_upper=columns.upper,
        row_lower=row_lower,
        row_upper=row_upper,
        integer=columns.integer,
        columns=columns.places,
        rows=dict(zip([block.name for block in blocks], _slices(blocks), strict=True)),
        sense=sense,
        column_labels=columns.labels,
        row_labels={block.name: block.labels for block in blocks if block.labels is not None},
    )
    check(form)
    return form


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0)


def _slices(blocks: Sequence[RowBlock]) -> list[slice]:
    ends = itertools.accumulate((block.size for block in blocks), initial=0)
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


def _matrix(blocks: Sequence[RowBlock], columns: int) -> Matrix:
    """Join the blocks' pieces."""
    none = np.zeros(0, np.int32)
    pieces = [Entries(none, none, np.zeros(0), (0, columns)), *(piece for block in blocks for _, piece in block.pieces)]
    rows, places = np.concatenate([piece.row for piece in pieces]), np.concatenate([piece.column for piece in pieces])
    first = start = 0
    for block in blocks:
        begin = start
        for offset, piece in block.pieces:
            end = start + len(piece.value)
            places[start:end] += np.int32(offset)
            start = end
        rows[begin:start] += np.int32(first)
        first += block.size
    return by_column(rows, places, np.concatenate([piece.value for piece in pieces]), (first, columns))


def _emptied(matrix: Matrix, columns: npt.NDArray[np.int64]) -> Matrix:
    """Drop the coefficients of some columns."""
    kept = np.ones(matrix.shape[1])
    kept[columns] = 0.0
    emptied = sp.csc_array(matrix * kept[np.newaxis, :])
    emptied.eliminate_zeros()
    return emptied


def check(form: StandardForm) -> None:
    """
    Check that every number is one that a solver can take.

    Raises
    ------
    InputError
        Naming the family and the row, or the variable and the element, of the first number that is none.
    """
    finite = np.isfinite(form.matrix.data)
    if not finite.all():
        row = int(form.matrix.indices[~finite].min())
        raise InputError(f"{form.row_names()[row]} has a coefficient that is not a finite number")
    if not np.isfinite(form.offset):
        raise InputError("the objective's constant is not a finite number")
    for what, right, names in (
        ("lower bound", form.row_lower < np.inf, form.row_names),
        ("upper bound", form.row_upper > -np.inf, form.row_names),
        ("lower bound", form.col_lower < np.inf, form.column_names),
        ("upper bound", form.col_upper > -np.inf, form.column_names),
        ("cost", np.isfinite(form.cost), form.column_names),
    ):
        if not right.all():
            raise InputError(f"{names()[int(np.argmin(right))]} has no usable {what}")


def scatter(model: ConcreteModel, form: StandardForm, values: Array) -> None:
    """
    Put a solution into the model's variables, so that ``value(model.flow[3])`` and ``model.display()`` show it.

    Parameters
    ----------
    model
        The model that ``form`` was compiled from.
    form
        Its standard form.
    values
        The solution, shape (columns,).
    """
    for name, where in form.columns.items():
        component = model.find_component(name)
        part = values[where]
        if hasattr(component, "put"):
            component.put(part)
        else:
            for data, number in zip(component.values(), part.tolist(), strict=True):
                data.set_value(number, skip_validation=True)
