"""Units taken together: small ones at once, a large one alone, everybody counted once."""

from __future__ import annotations

import numpy as np

from sandbox.province.counts import list_members, list_spans, number_off, rank_within


def test_units_are_taken_together_while_there_is_room() -> None:
    """3 + 4 are 7, with 3 more 10; 12 are too many for anything else; nobody's unit goes with the next."""
    sizes = np.array([3, 4, 3, 12, 0, 9, 2])
    assert list_spans(sizes, 10) == [(0, 3), (3, 4), (4, 6), (6, 7)]
    assert list_spans(sizes, 1000) == [(0, 7)]


def test_everybody_counted_in_a_table_is_listed_by_cell_and_numbered_off() -> None:
    counts = np.array([[2, 0], [1, 3]])
    row, column = list_members(counts)
    assert row.tolist() == [0, 0, 1, 1, 1, 1]
    assert column.tolist() == [0, 0, 0, 1, 1, 1]
    assert number_off(counts.ravel()).tolist() == [0, 1, 0, 0, 1, 2]


def test_ranks_begin_anew_in_each_group_and_ties_keep_their_order() -> None:
    groups, values = np.array([4, 0, 4, 0, 4]), np.array([0.5, 0.9, 0.1, 0.2, 0.5])
    assert rank_within(groups, values).tolist() == [1, 1, 0, 0, 2]
