"""Who is counted where: the members of units, numbered, ranked, taken and joined."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import polars as pl

from sandbox.province.apportion import Bools, Floats, Ints

Table = TypeVar("Table", bound=tuple[Any, ...])  # a named tuple of columns of one length: arrays, or series


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
