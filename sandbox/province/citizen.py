"""Citizen numbers of people who cannot exist: area codes 3297xx to 3299xx were never assigned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from sandbox.province.counts import Ints
from sandbox.province.days import compact, day
from sandbox.province.draw import generator, mix, pick

UNASSIGNED = 329700  # the first of 300 such area codes; two for each of the 107 units, the last 80 for strangers
STRANGERS = 329920
CHECK = pl.Series(list("10X98765432"))


def number(units: Ints | int, birth_years: Ints, serial: Ints, shift: Ints) -> tuple[Ints, Ints]:
    """(birthday as days since 1900, first 17 digits) of person number `serial` of a unit and birth year.

    The serial, moved by the cohort's shift, is spread over 2 area codes x days of the year x 1000 by a step that is
    prime to their number: no two persons of a cohort get the same 17 digits.
    """
    first = day(birth_years)
    days = day(birth_years + 1) - first
    spread = (serial * 999_983 + shift) % (2000 * days)
    birthday = first + spread % days
    area = UNASSIGNED + 2 * np.asarray(units) + spread // (1000 * days)
    return birthday, area * 10**11 + compact(birthday) * 1000 + spread // days % 1000


def write_citizen(seventeen: Ints) -> pl.Series:
    """17 digits with the check character of GB 11643 behind them."""
    total = np.zeros(len(seventeen), np.int64)
    rest = seventeen
    for place in range(1, 18):  # from the last digit to the first; the check character stands at place 0
        total += rest % 10 * pow(2, place, 11)
        rest = rest // 10
    return pl.Series(seventeen).cast(pl.String) + CHECK[total % 11]


def write_young(u: Ints, birth_year: Ints, serial: Ints, seed: int) -> tuple[Ints, pl.Series]:
    """(birthdays, citizen numbers) of young persons, each of a unit of its own."""
    cohort = mix((u * 10_000 + birth_year).astype(np.uint64), seed)
    birthday, seventeen = number(u, birth_year, serial, pick(cohort, "young", 700_000))
    return birthday, write_citizen(seventeen)


def make_strangers(n: int, draw: np.random.Generator) -> pl.Series:
    """Citizen numbers of n persons who are on nobody's register."""
    serial, birth_year = draw.choice(20_000_000, n, replace=False), draw.integers(1935, 1959, n)
    area = (STRANGERS - UNASSIGNED) // 2 + draw.integers(0, 40, n)
    return write_citizen(number(area, birth_year, serial, np.zeros(n, np.int64))[1])


def stranger(*names: int) -> Callable[[int], str]:
    """By a running number, the citizen number of one such person, always the same for the same names."""
    return lambda n: str(make_strangers(1, generator(0, "stranger", n, *names))[0])


def wrong_check(good: str) -> str:
    return good[:-1] + ("7" if good[-1] != "7" else "5")


def never_born(good: str) -> str:
    """The same person born on 30 February, with a check character that fits."""
    return str(write_citizen(np.array([int(good[:10] + "0230" + good[14:17])]))[0])


def scientific(good: str) -> str:
    """The number as a spreadsheet shows it."""
    return f"{good[0]}.{good[1:6]}E+17"
