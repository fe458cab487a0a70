"""Independent parts of a model whose costs move in straight lines: what is not connected can be decided apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from isopt.solver.compile import StandardForm
from isopt.solver.large.thin import places
from isopt.solver.session import FEASIBILITY

__all__ = ["Component", "independent_parts"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Component:
    """
    A part of the model that shares neither a row nor a variable with the rest.

    Parameters
    ----------
    form
        Its rows and columns, with the costs at the levers' lower ends and no constant.
    columns
        Its columns in the whole model, shape (columns,).
    slopes
        What one unit of each lever adds to the costs, shape (levers, columns).
    settled
        Whether its rows leave one plan only, so that its cost is one straight line.
    """

    form: StandardForm
    columns: Indices
    slopes: Array
    settled: bool = False

    @property
    def moved(self) -> bool:
        """Whether a lever can change its plan."""
        return not self.settled and bool(self.slopes.any())


def independent_parts(form: StandardForm, slopes: Array) -> list[Component]:
    """
    Cut a model into independent parts, largest first.

    Rows and columns are the two sides of a graph, coefficients its edges: what is not connected can be decided apart. A
    limit on the whole region connects everything that it counts. What has one way to go only (waste that no exchange
    takes up and one disposal takes) makes one part together, the last one.

    Parameters
    ----------
    form
        The whole model.
    slopes
        What one unit of each lever adds to its costs, shape (levers, columns).
    """
    rows, columns = form.shape
    if not columns:
        return []
    matrix = form.matrix
    edges = sp.block_array([[None, matrix], [matrix.T, None]], format="csr") if rows else sp.csr_array((columns,) * 2)
    label: Indices = connected_components(edges, directed=False)[1].astype(np.int64)
    settled = _settled(form, label)
    label[np.concatenate([settled[label[:rows]], settled[label[rows:]]])] = len(settled)
    of_column = label[rows:]
    order = np.argsort(of_column, kind="stable").astype(np.int64)
    starts = np.flatnonzero(np.diff(of_column[order], prepend=-1))
    parts = np.split(order, starts[1:])
    by_row = np.argsort(label[:rows], kind="stable")
    row_label = label[:rows][by_row]
    found = []
    for part in sorted(parts, key=lambda part: (of_column[part[0]] == len(settled), -len(part))):
        mine = of_column[part[0]]
        here = by_row[np.searchsorted(row_label, mine) : np.searchsorted(row_label, mine, side="right")]
        found.append(Component(part_of(form, here, part), part, slopes[:, part], settled=bool(mine == len(settled))))
    return found


def _settled(form: StandardForm, label: Indices) -> Flags:
    """Whether a part has one column, and its rows and bounds leave it one value; shape (parts,)."""
    rows = form.shape[0]
    matrix = sp.coo_array(form.matrix)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([form.row_lower[matrix.row] / matrix.data, form.row_upper[matrix.row] / matrix.data])
    ends.sort(axis=0)  # a negative coefficient turns a row's bounds around; what is no number comes last
    low, high = form.col_lower.astype(np.float64), form.col_upper.astype(np.float64)
    np.maximum.at(low, matrix.col, ends[0])
    np.minimum.at(high, matrix.col, ends[1])
    size = np.maximum(1.0, np.abs(low))
    one = np.isfinite(low) & (np.abs(high - low) <= FEASIBILITY * size) & (~form.integer | (np.abs(low % 1) == 0))
    alone = np.bincount(label[rows:], minlength=int(label.max()) + 1) == 1
    settled: Flags = np.zeros(len(alone), dtype=bool)
    settled[label[rows:][one]] = True
    settled &= alone
    return settled


def part_of(form: StandardForm, rows: Indices, columns: Indices) -> StandardForm:
    """
    Cut some rows and columns out of a model, without its constant.

    Parameters
    ----------
    form
        The whole.
    rows, columns
        Which, in ascending order.
    """
    return replace(
        form,
        matrix=sp.csc_array(form.matrix[:, columns][rows, :]),
        cost=form.cost[columns],
        offset=0.0,
        col_lower=form.col_lower[columns],
        col_upper=form.col_upper[columns],
        row_lower=form.row_lower[rows],
        row_upper=form.row_upper[rows],
        integer=form.integer[columns],
        columns=places(form.columns, columns),
        rows=places(form.rows, rows),
        column_labels={},
        row_labels={},
    )
