"""Old people who stay themselves from year to year: who is present, since when, and where they live."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.province.citizen import number, write_citizen
from sandbox.province.counts import Bools, Floats, Ints, list_members, list_spans, number_off, share_out, take
from sandbox.province.days import day
from sandbox.province.demography import YEARS, estimate, survival
from sandbox.province.draw import Keys, generator, mix, pair, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit

OLDEST = 1918  # birth year that holds everybody older as well
COHORTS = YEARS[-1] - 59 - OLDEST + 1  # birth years that turn 60 by the last year, and one more
INSTITUTION = 0.02
BLOCK = 10_000  # persons written at a time
PRESENT, GONE, EARLY = range(3)  # ways of being on a year's register
MOVING = 0.002  # share of persons who move to an institution in a year


class Windows(NamedTuple):
    """Serial numbers of each unit's birth years: those in [low, high) are present at the year end."""

    low: Ints  # (8 years, 107 units, COHORTS)
    high: Ints
    early: Ints  # (107, COHORTS) the first serials are registered a year before they turn 60


class People(NamedTuple):
    """Persons of some units on the register in one year; days count from 1900-01-01."""

    unit: Ints
    birth_year: Ints
    serial: Ints
    keys: Keys
    since: Ints  # registered
    until: Ints  # left the register, 0 while on it
    moved: Ints  # moved from home to an institution, 0 if not (yet)
    institution: Bools  # in an institution for the whole of the spell

    def at_home(self, year: int) -> Bools:
        """Aged 60 and at home on any day of the year."""
        return ~self.institution & (self.birth_year <= year - 60)


@cache
def read_windows(scale: float, seed: int) -> Windows:
    """Who is present at each year end, from 2018 on.

    Each year those who turn 60 come in at the upper end of a new window and the dead leave at the lower ends, shared
    over the birth years by mortality, so that every unit has the persons of 60 and over that 常住人口 gives it.
    """
    units, cohort = len(read_frame().codes), np.arange(COHORTS)
    low, high = (np.zeros((len(YEARS), units, COHORTS), np.int64) for _ in range(2))
    people = estimate("census_2020")
    for i, year in enumerate(YEARS):
        older = by_unit(year, scale, slice(60, 101))
        ages = year - OLDEST - cohort
        known = np.clip(ages, 0, 100)
        weights = np.where((ages >= 60) & (ages <= 100), people[year].sum(axis=1)[:, known], 0.0)
        dying = np.where(ages > 60, (1 - survival().mean(axis=0))[known], 0.0)
        if i:
            low[i], high[i] = low[i - 1], high[i - 1]
            entering = np.minimum(np.rint(scale * weights[:, ages == 60][:, 0]).astype(np.int64), older)
            high[i][:, ages == 60] = entering[:, None]
        for u in range(units):
            present = high[i, u] - low[i, u]
            change = int(older[u] - present.sum())
            if change >= 0:
                high[i, u] += share_out(change, weights[u])
            else:
                low[i, u] += share_out(-change, dying * present, np.where(ages > 60, present, 0))
    turning = [people[min(max(OLDEST + b + 59, YEARS[0]), YEARS[-1])][:, :, 59].sum(axis=1) for b in range(COHORTS)]
    luck = generator(seed, "elders", "early").random((units, COHORTS))
    return Windows(low, high, np.floor(0.02 * scale * np.stack(turning, axis=1) + luck).astype(np.int64))


def count_people(year: int, scale: float, seed: int) -> Ints:
    """How many find_people finds in each unit, (107,)."""
    return np.asarray(_spell_out(year, scale, seed)[0].sum(axis=(1, 2)))


@cache
def count_at_home(year: int, scale: float, seed: int) -> Ints:
    """Persons of 60 and over at home on any day of the year, by unit (107,)."""
    counts = count_people(year, scale, seed)
    at_home = np.zeros_like(counts)
    for first, last in list_spans(counts, BLOCK):
        people = find_people(year, first, last, scale, seed)
        at_home += np.bincount(people.unit[people.at_home(year)], minlength=len(at_home))
    return at_home


def find_people(year: int, first: int, last: int, scale: float, seed: int) -> People:
    """Everybody of the units first..last-1 on the register on some day of the year, by unit."""
    windows, (counts, starts) = read_windows(scale, seed), _spell_out(year, scale, seed)
    place, way, cohort = list_members(counts[first:last])
    u, birth_year = first + place, OLDEST + cohort
    serial = starts[u, way, cohort] + number_off(counts[first:last].ravel())
    keys = mix(pair(u * 10_000 + birth_year, serial), seed)
    since = _registered(windows, u, birth_year, serial, keys)
    until = np.where(way == GONE, day(year, 1, 15) + pick(keys, "left", 350), 0)
    luck = unit(keys, "institution")
    moved = _moved(keys, (luck - INSTITUTION) / MOVING, since, until, year)
    institution = (luck < INSTITUTION) | ((moved > 0) & (moved < day(year)))
    return People(u, birth_year, serial, keys, since, until, moved, institution)


def write_numbers(people: People, seed: int) -> tuple[Ints, pl.Series]:
    """(birthdays, citizen numbers) of the persons."""
    shift = pick(mix(pair(people.unit * 10_000 + people.birth_year, 0), seed), "cohort", 2_000_000)
    birthday, seventeen = number(people.unit, people.birth_year, people.serial, shift)
    return birthday, write_citizen(seventeen)


def parts(people: People) -> Iterator[People]:
    """The same persons a block at a time, one block at least: a county of any size needs no more memory."""
    for start in range(0, max(len(people.keys), 1), BLOCK):
        yield take(people, np.arange(start, min(start + BLOCK, len(people.keys))))


@lru_cache(maxsize=1)
def _spell_out(year: int, scale: float, seed: int) -> tuple[Ints, Ints]:
    """(persons, first serial) by unit, way of being on the year's register, and birth year: (107, 3, COHORTS)."""
    windows, i = read_windows(scale, seed), YEARS.index(year)
    low, before, high = windows.low[i], windows.low[i - 1], windows.high[i]
    early = np.where(OLDEST + np.arange(COHORTS) == year - 59, windows.early, 0)
    persons = np.stack([high - low, low - before, early], axis=1)
    return persons, np.stack([low, before, np.zeros_like(early)], axis=1)


def _registered(windows: Windows, u: Ints, birth_year: Ints, serial: Ints, keys: Keys) -> Ints:
    """First day on the register: in the year of turning 60, or of coming to the county, or a year early."""
    cohort = birth_year - OLDEST
    absent = np.sum([high[u, cohort] <= serial for high in windows.high], axis=0)
    came = absent + YEARS[0]  # first year end at which present
    early = serial < windows.early[u, cohort]
    year = np.where(early, birth_year + 59, np.maximum(came, birth_year + 60))
    stock = np.minimum(np.maximum(birth_year + 60, 2006) + pick(keys, "stock", 6), YEARS[0])
    return day(np.where(came <= YEARS[0], stock, year)) + 30 + pick(keys, "registered", 330)


def _moved(keys: Keys, years: Floats, since: Ints, until: Ints, year: int) -> Ints:
    """Day of moving to an institution, 0 if not by the year's end; years after 2019, negative for those in one anyway.

    Nobody moves before being registered, nor in the year of leaving.
    """
    in_year = YEARS[1] + np.floor(years).astype(np.int64)
    day_of = day(np.clip(in_year, YEARS[0], YEARS[-1]), 2, 1) + pick(keys, "moved", 300)
    moves = (years >= 0) & (in_year <= year) & (day_of > since + 1) & ((until == 0) | (in_year < year))
    return np.where(moves, day_of, 0)
