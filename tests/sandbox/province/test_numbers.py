"""Citizen numbers of persons who cannot exist: no two alike, and spoilt in one way each."""

from __future__ import annotations

import numpy as np
from clerk import has_valid_check

from sandbox.province.citizen import never_born, number, scientific, wrong_check


def test_no_two_persons_of_a_cohort_share_a_number() -> None:
    """As many as the largest county's largest birth year at full scale, twice over."""
    serial = np.arange(60_000)
    for birth_year in (1939, 1940):  # 365 days and 366
        _, seventeen = number(np.full(60_000, 3), np.full(60_000, birth_year), serial, np.full(60_000, 77))
        assert len(np.unique(seventeen)) == 60_000


def test_spoilt_numbers_are_spoilt_in_one_way() -> None:
    good = "329700194502086940"
    assert has_valid_check(good)
    assert not has_valid_check(wrong_check(good))
    assert has_valid_check(never_born(good)) and never_born(good)[10:14] == "0230"
    assert scientific(good) == "3.29700E+17"
