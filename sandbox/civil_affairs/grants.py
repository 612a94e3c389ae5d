"""The two disability subsidies: who is paid in which month, and what is paid wrongly, left out or paid late."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.province.counts import Bools, Ints, join, nearest_numerator, take
from sandbox.province.days import month_of
from sandbox.province.disabled import KINDS, Disabled, find_disabled
from sandbox.province.draw import pick, unit
from sandbox.province.frame import read_frame

NAMES = ["困难残疾人生活补贴", "重度残疾人护理补贴"]  # of KINDS
# Per cent of the province by year. 2020: the plan, 表2; 2025 falls short of 100.
PRECISE = {2019: 99.84, 2020: 99.87, 2021: 99.89, 2022: 99.91, 2023: 99.93, 2024: 99.95, 2025: 99.96}
WRONG = 0.55  # of the errors; the others were omitted
UNNOTICED = 0.12  # errors that no audit confirms, for one that is confirmed
LATE = 0.08  # of the first months, paid with a later one
LEAD = 0.35  # how much fewer the errors are in 苏南, and how much more in 苏北
LONGEST = 6  # months that an error goes on


class Errors(NamedTuple):
    """Person-months of a year with an error; the confirmed ones are as many as the year's precision asks for."""

    who: Ints  # row in find_disabled of the year
    month: Ints  # 0..11
    kinds: Bools  # (m, 2)
    wrong: Bools  # paid and not entitled; the others are entitled and not paid
    confirmed: Bools


def pay(people: Disabled, errors: Errors, year: int) -> Bools:
    """(n, 2, 12): whether the kind is paid for the month of the year, sooner or later."""
    paid = people.is_entitled(year)
    for kind in range(len(KINDS)):
        rows = errors.kinds[:, kind]
        paid[errors.who[rows], kind, errors.month[rows]] = errors.wrong[rows]
    return paid


def delay(people: Disabled, year: int) -> Ints:
    """(n, 2): months after which the first month of the entitlement is paid, 0 for most; never to who left in it."""
    lucky = np.stack([unit(people.keys, f"{kind} late") < LATE for kind in KINDS], axis=1)
    months = np.stack([1 + pick(people.keys, f"{kind} delay", 3) for kind in KINDS], axis=1)
    stays = (people.until == 0)[:, None] | (people.first < year * 12)
    return np.asarray(np.where(lucky & stays & (people.first < people.last), months, 0))


@cache
def find_errors(year: int, scale: float, seed: int) -> Errors:
    """Errors of a year: the confirmed ones leave the whole numerator nearest to PRECISE, wrong ones before omitted."""
    people = find_disabled(year, scale, seed)
    entitled = people.is_entitled(year)
    counted = int(entitled.any(axis=1).sum())
    confirmed = counted - nearest_numerator(PRECISE[year], counted)
    wrong = round(WRONG * confirmed)
    parts = [
        _choose(people, _mispay(people, entitled, wrong, year), wrong, is_wrong=True),
        _choose(people, _omit(people, entitled, confirmed - wrong, year), confirmed - wrong, is_wrong=False),
    ]
    return join(*parts)


def _choose(people: Disabled, cells: tuple[Ints, Bools], confirmed: int, is_wrong: bool) -> Errors:
    """The first person-months of cells: (rows of people, (m, 2, 12) kinds and months that may be at fault)."""
    who, at_fault = cells
    n = confirmed + int(np.ceil(UNNOTICED * confirmed))
    place, month = np.nonzero(at_fault.any(axis=1))
    assert len(place) >= n, f"{len(place)} < {n}: 可能出错的人月不够"
    place, month = place[:n], month[:n]
    kinds = at_fault[place, :, month]
    return Errors(who[place], month, kinds, np.full(n, is_wrong), np.arange(n) < confirmed)


def _mispay(people: Disabled, entitled: Bools, n: int, year: int) -> tuple[Ints, Bools]:
    """Who left is paid on, sooner than who never was entitled to the kind."""
    left = people.until > 0
    who = _rank(people, f"wrong {year}", np.where(left, 0.04, 1.0), n)
    some, left = take(people, who), left[who]
    which = pick(some.keys, f"wrong kinds {year}", 6)
    kinds = np.where(left[:, None], some.first < some.last, np.stack([which != 1, which < 2], axis=1))
    start = np.where(left, month_of(some.until) + 1 - year * 12, _start(some, "wrong", year))
    registered = month_of(some.since)[:, None] < year * 12 + np.arange(12)
    return who, kinds[:, :, None] & ~entitled[who] & (_run(some, "wrong", start, year) & registered)[:, None, :]


def _omit(people: Disabled, entitled: Bools, n: int, year: int) -> tuple[Ints, Bools]:
    """One kind is left out or both; a month that is paid late was not left out."""
    who = _rank(people, f"omitted {year}", np.where(people.until > 0, 2.0, 1.0), n)
    some = take(people, who)
    which = pick(some.keys, f"omitted kinds {year}", 6)
    kinds = np.stack([which != 1, which < 2], axis=1)
    is_first = some.first[:, :, None] == year * 12 + np.arange(12)
    due = entitled[who] & ~(is_first & (delay(some, year) > 0)[:, :, None])
    return who, kinds[:, :, None] & due & _run(some, "omitted", _start(some, "omitted", year), year)[:, None, :]


def _rank(people: Disabled, salt: str, weight: np.ndarray, n: int) -> Ints:
    """Rows of the persons most likely to meet with an error, more than enough of them."""
    luck = unit(people.keys, salt) * weight * (1 + LEAD * read_frame().macro[people.unit])
    return np.argsort(luck, kind="stable")[: 4 * n + 100]


def _start(people: Disabled, salt: str, year: int) -> Ints:
    """The month in which an error begins, some in the year before: every month has as many."""
    return pick(people.keys, f"{salt} start {year}", 11 + LONGEST) - (LONGEST - 1)


def _run(people: Disabled, salt: str, start: Ints, year: int) -> Bools:
    """(n, 12): from the start on for some months."""
    end = start + 1 + pick(people.keys, f"{salt} months {year}", LONGEST)
    months = np.arange(12)
    return np.asarray((start[:, None] <= months) & (months < end[:, None]))
