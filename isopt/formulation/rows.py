"""Variables, rows and objective as plain arrays: what a constraint family returns before Pyomo sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Array: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Matrix: TypeAlias = Any  # a SciPy sparse array: SciPy's stubs want a shape type that nobody can write for (m, n)
Labels: TypeAlias = Callable[[], Sequence[str]]


@dataclass(frozen=True, init=False)
class Variable:
    """
    One named array of decision variables.

    Parameters
    ----------
    name
        The symbol's name on the maths page, in the code and in the LP text.
    size
        How many there are.
    lower, upper
        Bounds, a number or shape (size,), in the variable's unit.
    integer
        Whether they are whole numbers, for all or shape (size,).
    unit, meaning
        For the maths page: what is counted, and what one element says.
    labels
        Gives a name per element when somebody reads the model; not called otherwise.

    Examples
    --------
    >>> flow = Variable("flow", 3, upper=np.array([5.0, 2.0, 9.0]), unit="t")
    >>> flow.lower
    array([0., 0., 0.])
    """

    name: str
    size: int
    lower: Array
    upper: Array
    integer: bool | Flags
    unit: str
    meaning: str
    labels: Labels | None

    def __init__(
        self,
        name: str,
        size: int,
        lower: npt.ArrayLike = 0.0,
        upper: npt.ArrayLike = np.inf,
        integer: bool | Flags = False,
        unit: str = "",
        meaning: str = "",
        labels: Labels | None = None,
    ) -> None:
        given = {
            "name": name,
            "size": size,
            "lower": np.broadcast_to(np.asarray(lower, dtype=float), (size,)),
            "upper": np.broadcast_to(np.asarray(upper, dtype=float), (size,)),
            "integer": integer if isinstance(integer, bool) else np.broadcast_to(np.asarray(integer, bool), (size,)),
            "unit": unit,
            "meaning": meaning,
            "labels": labels,
        }
        for field, value in given.items():
            object.__setattr__(self, field, value)

    @property
    def whole(self) -> Flags:
        """Which elements are whole numbers, shape (size,)."""
        return np.broadcast_to(np.asarray(self.integer, dtype=bool), (self.size,))


def as_csr(block: Any) -> Matrix:
    """Turn any matrix into CSR with sorted columns, duplicates summed and no stored zeros; the input stays as it is."""
    if not sp.issparse(block):
        dense: Any = np.asarray(block, dtype=float)
        return sp.csr_array(np.atleast_2d(dense) if dense.size or dense.ndim > 1 else np.zeros((0, 0)))
    sparse: Matrix = block
    matrix: Matrix = sp.csr_array(sparse)
    if matrix.dtype != np.float64:
        matrix = matrix.astype(np.float64)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    if matrix.nnz and not matrix.data.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return matrix


class Rows:
    """
    The rows of one constraint family: sparse blocks over named variables between two bounds.

    Parameters
    ----------
    equals, at_most, at_least
        Right-hand sides, a number or shape (rows,). ``at_least`` and ``at_most`` may be given together.
    between
        The pair (lower, upper), each a number or shape (rows,).
    labels
        A name per row, or a function that gives them.
    **blocks
        A matrix (rows, variable's size) per variable name; ``None`` is left out.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or no right-hand side is given.

    Examples
    --------
    >>> rows = Rows(flow=[[1, 1, 0], [0, 0, 1]], disposed=np.eye(2), equals=[10, 4])
    >>> rows.size, rows.upper
    (2, array([10., 4.]))
    """

    __slots__ = ("blocks", "labels", "lower", "size", "upper")

    blocks: Mapping[str, Matrix]
    lower: Array
    upper: Array
    size: int
    labels: Labels | None

    def __init__(
        self,
        *,
        equals: npt.ArrayLike | None = None,
        at_most: npt.ArrayLike | None = None,
        at_least: npt.ArrayLike | None = None,
        between: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        labels: Labels | Sequence[str] | None = None,
        **blocks: Any,
    ) -> None:
        given = [equals is not None, between is not None, at_most is not None or at_least is not None]
        if sum(given) != 1:
            raise ValueError("rows need one of equals, between, or at_most with at_least")
        if equals is not None:
            low, high = equals, equals
        elif between is not None:
            low, high = between
        else:
            low = -np.inf if at_least is None else at_least
            high = np.inf if at_most is None else at_most
        lower, upper = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        matrices = {name: as_csr(block) for name, block in blocks.items() if block is not None}
        lengths = {name: int(matrix.shape[0]) for name, matrix in matrices.items()}
        lengths |= {side: bound.size for side, bound in (("lower", lower), ("upper", upper)) if bound.ndim}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"rows of one family have different lengths: {lengths}")
        self.size = next(iter(lengths.values()), 0)
        self.blocks = MappingProxyType(matrices)
        self.lower = np.broadcast_to(lower, (self.size,))
        self.upper = np.broadcast_to(upper, (self.size,))
        self.labels = labels if labels is None or callable(labels) else Names(tuple(labels))

    def __repr__(self) -> str:
        return f"Rows({self.size} rows over {', '.join(self.blocks) or 'nothing'})"

    @staticmethod
    def stack(parts: Sequence[Rows]) -> Rows:
        """
        Put rows below each other, as one family.

        A variable that a part does not speak of has no coefficients there.

        Parameters
        ----------
        parts
            The rows, in the order wanted; at least one.

        Examples
        --------
        >>> Rows.stack([Rows(x=[[1, 2]], at_most=3), Rows(y=[[4]], at_least=5)]).lower
        array([-inf,   5.])
        """
        widths = {name: int(matrix.shape[1]) for part in parts for name, matrix in part.blocks.items()}
        blocks: dict[str, Any] = {
            name: sp.vstack(
                [
                    part.blocks[name] if name in part.blocks else sp.csr_array((part.size, width), dtype=float)
                    for part in parts
                ],
                format="csr",
            )
            for name, width in widths.items()
        }
        return Rows(
            between=(np.concatenate([part.lower for part in parts]), np.concatenate([part.upper for part in parts])),
            labels=_Stacked(tuple(parts)) if any(part.labels for part in parts) else None,
            **blocks,
        )


@dataclass(frozen=True)
class Names:
    """Labels that are known already; a class and no lambda, so that a model can be pickled."""

    names: tuple[str, ...]

    def __call__(self) -> Sequence[str]:
        """Give the names."""
        return self.names


@dataclass(frozen=True)
class _Stacked:
    """The labels of stacked rows, asked of each part when somebody reads them."""

    parts: tuple[Rows, ...]

    def __call__(self) -> Sequence[str]:
        names: list[str] = []
        for part in self.parts:
            names += part.labels() if part.labels else [str(len(names) + row) for row in range(part.size)]
        return names


@dataclass(frozen=True)
class Objective:
    """
    What is minimised: a coefficient per element of each variable, and a constant.

    Parameters
    ----------
    linear
        Coefficients per variable name, a number or shape (size,); a variable left out costs nothing.
    constant
        What is paid whatever the plan.
    """

    linear: Mapping[str, Array]
    constant: float = 0.0
