"""Children in difficulty who stay themselves from year to year: who ought to be protected, and what protects them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.province.citizen import number, write_citizen
from sandbox.province.counts import Bools, Ints, nearest_numerator
from sandbox.province.days import day
from sandbox.province.demography import YEARS, estimate
from sandbox.province.draw import Keys, choose, mix, pair, pick, unit
from sandbox.province.frame import read_frame

PLACE = 108  # a pair of area codes behind those of the units and of the dead: nobody else has these children's numbers
CHILDREN = 250_000  # on the registers at a year end, at full scale: assumed
# Per cent of those who ought to be protected; 2020: the plan, 表2. The others are assumed: a few are overlooked.
PROTECTED = {2019: 99.8, 2020: 100.0, 2021: 99.7, 2022: 99.8, 2023: 99.8, 2024: 99.9, 2025: 99.9}
COHORTS = range(2000, YEARS[-1] + 1)  # birth years
LATEST = 16  # a child comes to the register at any age below, and stays to 18
LEAVING = 0.25  # so many leave it before, at any time
STAY = (18 - LATEST / 2) * (1 - LEAVING / 2)  # years that a child is on the register, on average
CONSTANT = range(2008, 2015)  # birth years of one child in each unit who is there at the end of every year
# Upper ends of the shares of the kinds of difficulty: orphans, unattended, disabled, ill, on the street, poor, others.
KINDS = (0.05, 0.17, 0.39, 0.49, 0.50, 0.93)  # assumed
NEED = {-1.0: 1.5, 0.0: 1.0, 1.0: 0.65}  # how frequent difficulty is by macro-region: assumed
MOVING = 100  # one in so many moves to another city in a year
WINDOW = (3, 1)  # files are made on this day of the year after, and show what is known by then
# What protects by the register, and by a household on assistance.
STATE, DIBAO, SUBSIDY, DESTITUTE, RELIEF = range(5)
NOTHING, BY_DIBAO, BY_DESTITUTE, BY_EDGE, ENDED = range(5)


class Minors(NamedTuple):
    """Children on a register on some day of a year, or registered in the weeks after it; days since 1900-01-01."""

    birth_year: Ints
    serial: Ints  # in the province's birth year
    keys: Keys
    unit: Ints
    before: Ints  # the unit that the child moved from in the year, -1 if none
    since: Ints  # on the register of any city
    here: Ints  # on the register of this unit
    until: Ints  # 0 if not known to have left
    category: Ints  # of difficulty, the main one
    should: Bools  # ought to be protected
    means: Ints  # what protects by the register, -1 if nothing
    household: Ints  # NOTHING to ENDED: what the child's household is on

    def counted(self, year: int) -> Bools:
        """Under 18 and on a register on 31 December, and to be protected."""
        end = day(year + 1)
        is_open = (self.since < end) & ((self.until == 0) | (self.until >= end))
        counted: Bools = is_open & (self.birth_year > year - 18) & self.should
        return counted


@lru_cache(maxsize=1)
def find_minors(year: int, scale: float, seed: int) -> Minors:
    """The year's children, as many of them protected as the year's printed value asks."""
    birth_year, serial, constant = _number_off(scale)
    keys = mix(pair(birth_year, serial), seed)
    birthday = _number(birth_year, serial)[0]
    age = unit(keys, "registered") * np.where(constant, 4, LATEST)
    since = birthday + (age * 365.25).astype(np.int64)
    late = np.where(unit(keys, "kept") < 0.3, 330, 0)  # some stay on it too long
    grown = birthday + day(birth_year + 18) - day(birth_year) + late
    left = since + 60 + (unit(keys, "stay") * (grown - since - 60)).astype(np.int64)
    until = np.where((unit(keys, "leaving") < LEAVING) & ~constant, left, grown)
    made = day(year + 1, *WINDOW)
    rows = np.flatnonzero((since < made) & (until >= day(year)))
    keys, since, until, constant = keys[rows], since[rows], np.where(until < made, until, 0)[rows], constant[rows]
    children = estimate("census_2020")[2020][:, :, :18].sum(axis=(1, 2))
    need = children * np.array([NEED[m] for m in read_frame().macro])
    home = np.where(constant, serial[rows] % 107, choose(keys, "home", need))
    place, moved_on = _move(home, keys, since, until, constant)
    now = (moved_on >= day(year)) & (moved_on < day(year + 1))
    moved = now | ((moved_on > 0) & (moved_on < day(year)))
    minors = Minors(
        birth_year[rows],
        serial[rows],
        keys,
        np.where(moved, place, home),
        np.where(now, home, -1),
        since,
        np.where(moved, moved_on, since),
        until,
        np.searchsorted(KINDS, unit(keys, "category"), side="right"),
        (unit(keys, "should") < 0.93) | constant,
        np.full(len(rows), -1),
        np.zeros(len(rows), np.int64),
    )
    return _protect(minors, year)


def write_numbers(minors: Minors) -> tuple[Ints, pl.Series]:
    """(birthdays, citizen numbers) of the children."""
    birthday, seventeen = _number(minors.birth_year, minors.serial)
    return birthday, write_citizen(seventeen)


def _number_off(scale: float) -> tuple[Ints, Ints, Bools]:
    """(birth year, serial, whether constant) of everybody who is ever on a register."""
    n = round((CHILDREN * scale - 107) / STAY)
    units = np.arange(107)
    birth_year = np.concatenate([np.repeat(COHORTS, n), CONSTANT[0] + units % len(CONSTANT)])
    serial = np.concatenate([np.tile(np.arange(n), len(COHORTS)), 107 * (n // 107 + 1) + units])
    return birth_year, serial, np.arange(len(serial)) >= n * len(COHORTS)


def _number(birth_year: Ints, serial: Ints) -> tuple[Ints, Ints]:
    return number(PLACE, birth_year, serial, np.zeros_like(serial))


def _move(home: Ints, keys: Keys, since: Ints, until: Ints, constant: Bools) -> tuple[Ints, Ints]:
    """(where to, on which day) children move to another city in these years; day 0 for who does not."""
    city = np.unique([code[:4] for code in read_frame().codes], return_inverse=True)[1]
    place = (home + 1 + pick(keys, "place", 106)) % 107
    on = day(YEARS[0] + 1 + pick(keys, "moving", MOVING), 2, 1) + pick(keys, "moved", 300)
    moves = (on > since + 60) & ((until == 0) | (on < until - 60)) & (city[home] != city[place]) & ~constant
    return place, np.where(moves, on, 0)


def _protect(minors: Minors, year: int) -> Minors:
    """Some are protected by their household only; of the others the value leaves a few, 苏北 first, overlooked."""
    keys, counted = minors.keys, minors.counted(year)
    through = unit(keys, "through") < 0.07
    luck, more = unit(keys, "overlooked") + 0.2 * read_frame().macro[minors.unit], unit(keys, "more")
    order = np.argsort(np.where(counted & ~through, luck, 9.0), kind="stable")
    overlooked = np.zeros(len(keys), bool)
    overlooked[order[: counted.sum() - nearest_numerator(PROTECTED[year], int(counted.sum()))]] = True
    bare = overlooked | through | (~minors.should & (unit(keys, "marked") < 0.4))
    way = np.searchsorted([0.35, 0.75, 0.9], unit(keys, "way"), side="right") + DIBAO
    means = np.where(bare, -1, np.where(minors.category < 2, STATE, way))
    support = np.where(more < 0.7, BY_DIBAO, BY_DESTITUTE)
    useless = np.select([more < 0.4, (more < 0.7) & (minors.birth_year < year)], [BY_EDGE, ENDED], NOTHING)
    known = [through, overlooked, means == DIBAO, means == DESTITUTE]
    household = np.select(known, [support, useless, BY_DIBAO, BY_DESTITUTE], NOTHING)
    return minors._replace(means=means, household=household)
