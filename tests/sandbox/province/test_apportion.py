"""Largest remainders: whole numbers that add up, none far from its share."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.province.counts import apportion, apportion_groups, nearest_numerator, share_out

WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=40).filter(any)


@given(st.integers(0, 10**7), WEIGHTS)
def test_shares_add_up_and_stay_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    shares = apportion(np.array([total]), np.array([weights], float))[0]
    assert shares.sum() == total
    for share, weight in zip(shares.tolist(), weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1 + Fraction(1, 10**6)


@given(st.integers(0, 500), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30)), min_size=1, max_size=30))
def test_no_cell_passes_its_cap(total: int, cells: list[tuple[int, int]]) -> None:
    weights, caps = (np.array(part) for part in zip(*cells, strict=True))
    if total > caps.sum():
        with pytest.raises(ValueError):
            share_out(total, weights.astype(float), caps)
        return
    shares = share_out(total, weights.astype(float), caps)
    assert shares.sum() == total
    assert (shares <= caps).all() and (shares >= 0).all()


def test_seven_seats_go_to_the_largest_remainders() -> None:
    """Shares of 7 over 47, 16, 15, 12, 10: 3.29, 1.12, 1.05, 0.84, 0.70."""
    assert apportion(np.array([7]), np.array([[47.0, 16, 15, 12, 10]])).tolist() == [[3, 1, 1, 1, 1]]


def test_ties_go_to_the_earlier_cell() -> None:
    assert apportion(np.array([2]), np.array([[1.0, 1, 1, 1]])).tolist() == [[1, 1, 0, 0]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**5), WEIGHTS), min_size=1, max_size=6), st.randoms())
def test_groups_in_any_order_get_what_each_would_get_alone(parts: list[tuple[int, list[int]]], luck: Random) -> None:
    alone = [apportion(np.array([total]), np.array([weights], float))[0].tolist() for total, weights in parts]
    turns = [group for group, (_, weights) in enumerate(parts) for _ in weights]
    luck.shuffle(turns)
    heaps = [iter(weights) for _, weights in parts]
    cells = np.array([next(heaps[group]) for group in turns], float)
    shares = apportion_groups(np.array([total for total, _ in parts]), cells, np.array(turns))
    assert [shares[np.array(turns) == group].tolist() for group in range(len(parts))] == alone


def test_a_total_without_weights_is_an_error() -> None:
    with pytest.raises(ValueError):
        apportion(np.array([1]), np.array([[0.0, 0.0]]))
    with pytest.raises(ValueError):
        apportion_groups(np.array([2, 1]), np.array([1.0, 0.0]), np.array([0, 1]))


def test_the_nearest_numerator_prints_the_value() -> None:
    """965 / 1000 is 96.5 %, and 2616 / 2711 = 96.496 %."""
    assert nearest_numerator(96.5, 1000) == 965
    assert nearest_numerator(96.5, 2711) == 2616
