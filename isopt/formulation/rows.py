"""Variables, rows and objective as plain arrays: what a constraint family returns before Pyomo sees it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from isopt.formulation.entries import Entries, spread

Array: TypeAlias = npt.NDArray[np.float64]
Matrix: TypeAlias = Any  # a SciPy sparse array: SciPy's stubs want a shape type that nobody can write for (m, n)
Flags: TypeAlias = npt.NDArray[np.bool_]
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
        self.__dict__.update(  # a frozen dataclass can be filled, once, in no other way
            name=name,
            size=size,
            lower=spread(lower, size),
            upper=spread(upper, size),
            integer=integer if isinstance(integer, bool) else np.broadcast_to(np.asarray(integer, bool), (size,)),
            unit=unit,
            meaning=meaning,
            labels=labels,
        )

    @property
    def whole(self) -> Flags:
        """Which elements are whole numbers, shape (size,)."""
        if isinstance(self.integer, bool):
            return np.ones(self.size, dtype=bool) if self.integer else np.zeros(self.size, dtype=bool)
        return self.integer


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
        Entries or a matrix (rows, variable's size) per variable name; ``None`` is left out.

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

    blocks: Mapping[str, Entries]
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
        given = (equals is not None) + (between is not None) + (at_most is not None or at_least is not None)
        if given != 1:
            raise ValueError("rows need one of equals, between, or at_most with at_least")
        low, high = between if between is not None else (equals, equals) if equals is not None else (at_least, at_most)
        lower = np.asarray(-np.inf if low is None else low, dtype=np.float64)
        upper = lower if high is low else np.asarray(np.inf if high is None else high, dtype=np.float64)
        entries = {name: Entries.of(block) for name, block in blocks.items() if block is not None}
        heights = [block.shape[0] for block in entries.values()]
        heights += [side.size for side in (lower, upper) if side.ndim]
        self.size = heights[0] if heights else 0
        if heights.count(self.size) < len(heights):
            raise ValueError(f"rows of one family have different lengths: {sorted(set(heights))}")
        self.blocks = MappingProxyType(entries)
        self.lower = spread(lower, self.size)
        self.upper = self.lower if upper is lower else spread(upper, self.size)
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
        some = [part for part in parts if part.size]
        if len(some) < 2:
            return some[0] if some else parts[0]
        firsts = [0, *itertools.accumulate(part.size for part in some)]
        blocks: dict[str, Any] = {}
        for name in {name: None for part in some for name in part.blocks}:
            placed = [
                (first, part.blocks[name]) for first, part in zip(firsts, some, strict=False) if name in part.blocks
            ]
            blocks[name] = Entries.stack(placed, firsts[-1])
        return Rows(
            between=(np.concatenate([part.lower for part in some]), np.concatenate([part.upper for part in some])),
            labels=_stacked(some),
            **blocks,
        )


@dataclass(frozen=True)
class Names:
    """Labels that are known already; a class and no lambda, so that a model can be pickled."""

    names: tuple[str, ...]

    def __call__(self) -> Sequence[str]:
        """Give the names."""
        return self.names


def _stacked(parts: Sequence[Rows]) -> Labels | None:
    labels = tuple((part.labels, part.size) for part in parts)
    return _Stacked(labels) if any(given for given, _ in labels) else None


@dataclass(frozen=True)
class _Stacked:
    """The labels of stacked rows, asked of each part when somebody reads them, and how many rows each part has."""

    parts: tuple[tuple[Labels | None, int], ...]

    def __call__(self) -> Sequence[str]:
        names: list[str] = []
        for labels, size in self.parts:
            names += labels() if labels else [str(len(names) + row) for row in range(size)]
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


NO_ROWS = Rows(at_most=0.0)
"""What a family returns that has nothing to say about an instance."""
