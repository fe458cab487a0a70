"""Blocks: columns that have much to do with each other and little with the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import numpy.typing as npt

    from isopt.formulation.rows import Array, Flags, Matrix
    from isopt.solver.compile import StandardForm

    Indices = npt.NDArray[np.int64]

__all__ = ["partition"]

#: Rows with more entries than this share of a block do not tie what they count together.
_WIDE_SHARE = 0.5
#: Rows with so few entries always tie.
_NARROW = 60
#: How far a tie's weight is moved at random for another cut.
_SHAKEN = 0.6
#: Share of a block below which one is joined to a neighbour even if that makes it larger than asked for.
_SMALL, _LARGEST = 0.25, 1.3
#: What groups may hold grows by this factor, as soon as so large a share of them finds no partner.
_GROWTH, _ENOUGH = 2.0, 0.9


def partition(form: StandardForm, size: int, shift: int = 0) -> list[Indices]:
    """
    Cut a model into blocks of columns with few rows between them.

    Rows are places, columns tie the places that they stand in; neighbours are joined, strongest tie for their size
    first, until a block is full: pairs that are each other's best, and with them those whose best is one of the two.
    Groups grow together: what they may hold doubles when few find a partner. A whole number stays with the flows that
    it allows, and a column in a single row (a purchase, own disposal) with that row's place. Rows that count a great
    many columns (limits of the region) tie nothing, nor do columns that are fixed. Takes about a second per 400,000
    columns.

    Parameters
    ----------
    form
        Any model.
    size
        Columns that a block has at most, about; things that can't be cut may make it larger.
    shift
        Another number gives other borders.

    Returns
    -------
    blocks
        Ascending column numbers of each block, disjoint, all columns together; in the order of their first columns.

    Raises
    ------
    ValueError
        If the size is not positive.
    """
    if size < 1:
        raise ValueError(f"a block has at least one column, not {size}")
    columns = form.shape[1]
    if columns <= size:
        return [np.arange(columns, dtype=np.int64)] if columns else []
    atom, incidence = _atoms(form, size)
    size_of_atom = np.asarray(np.bincount(atom, weights=form.col_lower < form.col_upper), dtype=np.float64)
    node = _nodes(incidence, size_of_atom > 0)
    weight, sizes = _ties(incidence, node, size_of_atom)
    rng = np.random.default_rng(shift)
    if shift and weight.nnz:
        half = sp.coo_array(sp.triu(weight, 1))
        moved = half.data * rng.uniform(1 - _SHAKEN, 1 + _SHAKEN, half.nnz)
        half = sp.coo_array((moved, half.coords), shape=weight.shape)
        weight = sp.csr_array(half + half.T)
    block = _packed(_joined(weight, sizes, size), sizes, size)
    mine = _home(incidence, node, block)[atom]
    order = np.argsort(mine, kind="stable").astype(np.int64)
    parts = np.split(order, np.flatnonzero(np.diff(mine[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0]))


def _atoms(form: StandardForm, size: int) -> tuple[Indices, Matrix]:
    """Columns that can't be cut apart, shape (columns,), and how often each stands in each row that ties."""
    rows, columns = form.shape
    counts = np.bincount(form.matrix.indices, minlength=rows)
    table = sp.csr_array(form.matrix)
    table.data = np.ones_like(table.data)
    pairs = np.flatnonzero(counts == 2)
    ends = table[pairs, :].indices.reshape(-1, 2)
    glue = form.integer[ends[:, 0]] != form.integer[ends[:, 1]]
    one, other = ends[glue].T
    graph = sp.coo_array((np.ones(len(one)), (one, other)), shape=(columns, columns))
    found, atom = connected_components(graph, directed=False)
    ties = (counts <= max(_NARROW, _WIDE_SHARE * size)) & (counts > 1)
    ties[pairs[glue]] = False
    of_atom = sp.csr_array((np.ones(columns), (np.arange(columns), atom)), shape=(columns, found))
    return atom.astype(np.int64), sp.csr_array(table[np.flatnonzero(ties), :] @ of_atom)


def _nodes(incidence: Matrix, free: Flags) -> Indices:
    """Node of each atom: its own where it stands in no row, or is free and in three and more, else -1: it is a tie."""
    rows = incidence.shape[0]
    stands = np.bincount(incidence.indices, minlength=incidence.shape[1])
    own = (stands == 0) | ((stands > 2) & free)
    node = np.full(incidence.shape[1], -1, dtype=np.int64)
    node[own] = rows + np.arange(int(own.sum()))
    return node


def _ties(incidence: Matrix, node: Indices, size_of_atom: Array) -> tuple[Matrix, Array]:
    """How strongly nodes (rows first) are tied by atoms that have a size, symmetric, and how many columns each has."""
    rows = incidence.shape[0]
    count = max(rows, int(node.max(initial=-1)) + 1)
    sizes = np.zeros(count)
    own = np.flatnonzero(node >= 0)
    sizes[node[own]] = size_of_atom[own]
    by_atom = sp.csc_array(incidence)
    by_atom.sort_indices()
    stands = np.diff(by_atom.indptr)
    first = by_atom.indptr[:-1]
    free = size_of_atom > 0
    single, double = np.flatnonzero((stands == 1) & free), np.flatnonzero((stands == 2) & free)
    np.add.at(sizes, by_atom.indices[first[single]], size_of_atom[single])
    one, other = by_atom.indices[first[double]], by_atom.indices[first[double] + 1]
    np.add.at(sizes, one, size_of_atom[double] / 2)
    np.add.at(sizes, other, size_of_atom[double] / 2)
    apart = np.repeat((stands > 2) & free, stands)
    star_row = by_atom.indices[apart]
    star_node = np.repeat(node, stands)[apart]
    star = by_atom.data[apart]
    edges = (
        np.concatenate([np.ones(len(double)), star]),
        (np.concatenate([one, star_row]), np.concatenate([other, star_node])),
    )
    half = sp.coo_array(edges, shape=(count, count))
    return sp.csr_array(half + half.T), sizes


def _joined(weight: Matrix, sizes: Array, size: int) -> Indices:
    """Join nodes until blocks are full; block of each node, shape (nodes,)."""
    block = np.arange(len(sizes), dtype=np.int64)
    rest, room = weight, np.maximum(sizes, 1.0)
    full, low, most = float(size), np.inf, 1.0
    while True:
        most = min(full, most * _GROWTH)
        while True:
            found, label = _grouped(rest, room, most, low)
            if found == len(room):
                break
            block = label[block]
            room = np.bincount(label, weights=room)
            one, other = label[np.repeat(np.arange(len(label)), np.diff(rest.indptr))], label[rest.indices]
            apart = one != other
            ties = (rest.data[apart], (one[apart], other[apart]))
            few = found > _ENOUGH * len(label)
            rest = sp.coo_array(ties, shape=(found, found)).tocsr()
            if few and most < full:
                break
        if most < full:
            continue
        if np.isfinite(low):
            return block
        most = full = _LARGEST * size
        low = _SMALL * size


def _grouped(weight: Matrix, sizes: Array, most: float, low: float) -> tuple[int, Indices]:
    """Group neighbours, of which one is below a size, within a joint size; number of groups and group of each."""
    count = len(sizes)
    one, other = np.repeat(np.arange(count), np.diff(weight.indptr)), weight.indices
    fits = np.flatnonzero((sizes[one] + sizes[other] <= most) & (np.minimum(sizes[one], sizes[other]) < low))
    one, other = one[fits], other[fits]
    leader = np.arange(count, dtype=np.int64)
    if not len(one):
        return count, leader
    score = weight.data[fits] / np.sqrt(sizes[one] * sizes[other])
    start = np.flatnonzero(np.diff(one, prepend=-1))
    strongest = np.flatnonzero(score == np.repeat(np.maximum.reduceat(score, start), np.diff(start, append=len(one))))
    strongest = strongest[np.flatnonzero(np.diff(one[strongest], prepend=-1))]
    best, tie = np.full(count, -1, dtype=np.int64), np.zeros(count)
    best[one[strongest]], tie[one[strongest]] = other[strongest], score[strongest]
    asks = np.flatnonzero(best >= 0)
    paired = asks[best[best[asks]] == asks]
    leader[paired] = np.minimum(paired, best[paired])
    held = np.bincount(leader, weights=sizes, minlength=count)
    in_pair = np.zeros(count, dtype=bool)
    in_pair[paired] = True
    joins = asks[~in_pair[asks] & in_pair[best[asks]]]
    into = leader[best[joins]]
    order = np.lexsort((joins, -tie[joins], into))
    joins, into = joins[order], into[order]
    running = np.cumsum(sizes[joins])
    first = np.flatnonzero(np.diff(into, prepend=-1))
    running -= np.repeat(running[first] - sizes[joins[first]], np.diff(first, append=len(into)))
    fit = held[into] + running <= most
    leader[joins[fit]] = into[fit]
    is_leader = leader == np.arange(count)
    label = np.cumsum(is_leader) - 1
    return int(is_leader.sum()), label[leader]


def _packed(block: Indices, sizes: Array, size: int) -> Indices:
    """Put small blocks together, in their order, as long as they fit: what nothing ties may stand anywhere."""
    held = np.bincount(block, weights=sizes)
    small = np.flatnonzero(held < _SMALL * size)
    label = np.arange(len(held))
    filled, into = np.inf, 0
    for one in small.tolist():
        if filled + held[one] > size:
            filled, into = 0.0, one
        filled += held[one]
        label[one] = into
    packed: Indices = label[block]
    return packed


def _home(incidence: Matrix, node: Indices, block: Indices) -> Indices:
    """Block of each atom: that of its node, or of the first of its rows, the narrower one first."""
    by_atom = sp.csc_array(incidence)
    entries = np.bincount(incidence.indices, minlength=incidence.shape[1])
    width = np.diff(sp.csr_array(incidence).indptr)
    home = np.full(len(entries), -1, dtype=np.int64)
    own = node >= 0
    home[own] = block[node[own]]
    atom = np.repeat(np.arange(len(entries)), np.diff(by_atom.indptr))
    order = np.lexsort((by_atom.indices, width[by_atom.indices], atom))
    first = order[np.flatnonzero(np.diff(atom[order], prepend=-1))]
    tied = first[~own[atom[first]]]
    home[atom[tied]] = block[by_atom.indices[tied]]
    return home
