"""Children of 0 to 6 who stay themselves from year to year: born when, and resident where, from when to when."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.province.citizen import write_young
from sandbox.province.counts import Floats, Ints, list_spans, number_off
from sandbox.province.demography import YEARS
from sandbox.province.draw import Keys, choose, mix, pair, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit, cells
from sandbox.province.towns import choose_towns, rural_shares

FIRST = 2012  # birth year of who is 6 in 2019
BIRTH_YEARS = range(FIRST, YEARS[-1] + 1)
BLOCK = 100_000  # children at a time
# Of those born in a unit's cohort: who moves within it, to another unit, out of the province, into it. Assumed.
FATES = (0.10, 0.06, 0.03, 0.04)
STAYS, WITHIN, BETWEEN, LEAVES, ARRIVES = range(5)
SEVEN_YEARS = 2555


class Children(NamedTuple):
    """Children by the unit of their cohort; days count from 1900-01-01."""

    home: Ints  # unit
    birth_year: Ints
    serial: Ints
    keys: Keys
    ids: pl.Series  # citizen numbers
    birthday: Ints
    fate: Ints
    moved: Ints  # day of the one move, 0 if none


class Spells(NamedTuple):
    """Where the children live: one spell each, two of who moves within the province."""

    child: Ints
    unit: Ints
    town: Ints  # place in read_towns(unit)
    since: Ints
    until: Ints  # 0 if open


@cache
def count_births(scale: float) -> Ints:
    """Children (107, birth years) as 常住人口 has them in 2019, and later births at the end of their year."""
    born = [(max(year, 2019), max(2019 - year, 0)) for year in BIRTH_YEARS]
    counts = [by_unit(year, scale, slice(age, age + 1)) for year, age in born]
    return np.maximum(np.stack(counts, axis=1), 1)


@cache
def list_blocks(scale: float) -> list[tuple[int, int]]:
    """Spans of units with so many children that a province of any size needs no more memory."""
    return list_spans(count_births(scale).sum(axis=1), BLOCK)


@lru_cache(maxsize=2)
def find_children(first: int, last: int, scale: float, seed: int) -> Children:
    """Everybody born from 2012 to 2025 in the cohorts of the units first..last-1."""
    births = count_births(scale)[first:last]
    sizes = births.ravel()
    home = np.repeat(np.arange(first, last), births.sum(axis=1))
    birth_year = np.repeat(np.tile(BIRTH_YEARS, last - first), sizes)
    serial = number_off(sizes)
    keys = mix(mix(pair(home * 10_000 + birth_year, serial), seed), "cohorts")
    # serials below 100,000: of these birth years no student has one, nor who leaves a school
    birthday, ids = write_young(home, birth_year, serial, seed)
    fate = np.searchsorted(np.cumsum(FATES), unit(keys, "fate"), side="right")
    fate = (fate + 1) % len((STAYS, *FATES))  # who is beyond them all stays
    moved = np.where(fate == STAYS, 0, birthday + 1 + pick(keys, "moved", SEVEN_YEARS))
    return Children(home, birth_year, serial, keys, ids, birthday, fate, moved)


@lru_cache(maxsize=2)
def find_spells(first: int, last: int, scale: float, seed: int) -> Spells:
    """The spells of find_children(first, last, ...), the first ones first."""
    children, rural = find_children(first, last, scale, seed), rural_shares(0, 6)
    again = np.flatnonzero((children.fate == WITHIN) | (children.fate == BETWEEN))
    to = choose(children.keys, "to", count_births(1.0).sum(axis=1))
    other = np.where(children.fate == BETWEEN, to, children.home)[again]
    unit_of = np.concatenate([children.home, other])
    keys = np.concatenate([children.keys, mix(children.keys[again], "second")])
    gone = (children.fate != STAYS) & (children.fate != ARRIVES)
    begun = np.where(children.fate == ARRIVES, children.moved, children.birthday)
    return Spells(
        np.concatenate([np.arange(len(children.keys)), again]),
        unit_of,
        choose_towns(unit_of, keys, rural),
        np.concatenate([begun, children.moved[again]]),
        np.concatenate([np.where(gone, children.moved, 0), np.zeros_like(again)]),
    )


@cache
def migrant_shares() -> Floats:
    """Share (107,) of residents of 0 to 6 whose hukou is elsewhere, at the end of 2020."""
    _, group = read_frame().groups(2020)
    persons = cells("census_2020", 2020, 2020)[:, :, :7].sum(axis=(1, 2, 3))
    return np.asarray(persons[:, 1] / persons.sum(axis=1))[group]
