"""Whole numbers: totals shared out by largest remainders, and the members of units that they count."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Table = TypeVar("Table", bound=tuple[Any, ...])  # a named tuple of columns of one length: arrays, or series


def apportion(totals: Ints, weights: Floats) -> Ints:
    """Share each row's total over its weights.

    totals: (n,) >= 0; weights: (n, m) >= 0, with a positive one wherever the total is positive.
    Returns (n, m): rows add up to totals, and each cell is within 1 of its exact share. Ties go to the earlier cell.
    """
    totals, weights = np.asarray(totals, np.int64), np.asarray(weights, np.float64)
    sums = weights.sum(axis=1)
    if np.any((sums <= 0) & (totals > 0)) or np.any(totals < 0) or np.any(weights < 0):
        raise ValueError("totals need weights: 没有权重可分摊")
    exact = totals[:, None] * (weights / np.where(sums > 0, sums, 1.0)[:, None])
    shares = np.minimum(np.floor(exact), totals[:, None]).astype(np.int64)
    order = np.argsort(shares - exact, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(weights.shape[1])[None, :], axis=1)
    found: Ints = shares + (rank < (totals - shares.sum(axis=1))[:, None])
    return found


def apportion_groups(totals: Ints, weights: Floats, groups: Ints) -> Ints:
    """Share each group's total (g,) over the weights (n,) of its members, groups (n,) being 0..g-1; as apportion."""
    sums = np.bincount(groups, weights, len(totals))
    if np.any((sums <= 0) & (totals > 0)) or np.any(totals < 0) or np.any(weights < 0):
        raise ValueError("totals need weights: 没有权重可分摊")
    exact = totals[groups] * (weights / np.where(sums > 0, sums, 1.0)[groups])
    shares = np.minimum(np.floor(exact), totals[groups]).astype(np.int64)
    left = totals - np.bincount(groups, shares, len(totals)).astype(np.int64)
    order = np.lexsort((shares - exact, groups))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order)) - np.searchsorted(groups[order], groups[order])
    found: Ints = shares + (rank < left[groups])
    return found


def share_out(total: int, weights: Floats, caps: Ints | None = None) -> Ints:
    """Share one total over weights, no cell above its cap; what a full cell cannot take goes to the others.

    Raises ValueError when the caps together hold less than the total.
    """
    weights = np.asarray(weights, np.float64)
    if caps is None:
        return np.asarray(apportion(np.array([total]), weights[None, :])[0])
    if total > caps.sum():
        raise ValueError(f"{total} > {caps.sum()}: 分摊总数超过上限之和")
    full = caps <= 0
    while True:
        rest = int(total - caps[full].sum())
        if rest and not weights[~full].any():
            weights = np.where(full, 0.0, caps)
        shares = np.where(full, caps, 0)
        shares[~full] = apportion(np.array([rest]), weights[None, ~full])[0]
        over = shares > caps
        if not over.any():
            return shares
        full |= over


def nearest_numerator(value: float, denominator: int, factor: float = 100.0) -> int:
    """The whole numerator whose factor x numerator / denominator is nearest to the value."""
    return round(value * denominator / factor)


def list_spans(sizes: Ints, most: int) -> list[tuple[int, int]]:
    """(first, last + 1) of units with at most so many rows together; a unit that has more is alone."""
    ends, spans, first = np.cumsum(sizes), [], 0
    while first < len(sizes):
        room = ends[first] - sizes[first] + most
        last = max(first + 1, int(np.searchsorted(ends, room, side="right")))
        spans.append((first, last))
        first = last
    return spans


def list_members(counts: Ints) -> tuple[Ints, ...]:
    """The indices of everyone counted in a table, axis by axis, in the order of its cells."""
    return tuple(np.repeat(index, counts.ravel()) for index in np.indices(counts.shape).reshape(counts.ndim, -1))


def number_off(counts: Ints) -> Ints:
    """0, 1, ... up to each count, one count's numbers behind the other's."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def rank_within(groups: Ints, values: Ints | Floats) -> Ints:
    """Each one's place in its group, from 0 on, by value."""
    rank = np.empty_like(groups)
    rank[np.lexsort((values, groups))] = number_off(np.bincount(groups))
    return rank


def take(table: Table, rows: Ints | Bools) -> Table:
    """Some rows of each column."""
    new: Any = type(table)
    taken: Table = new(*(column[rows] for column in table))
    return taken


def join(*tables: Table) -> Table:
    """The rows of one table behind those of the other."""
    new: Any = type(tables[0])
    columns = zip(*tables, strict=True)
    joined: Table = new(*(pl.concat(c) if isinstance(c[0], pl.Series) else np.concatenate(c) for c in columns))
    return joined
